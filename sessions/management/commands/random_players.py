"""Random players in a terminal: what a crowd of them sees of a world, and how it ends for them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandParser

from sessions.models import StoryReport
from sessions.story_reports import made

from .analyse_world import Command as AnalyseWorld


class Command(BaseCommand):
    help = "Sends random players into a world: which endings they see, what nobody sees, affinity of every NPC at the end. Seeded: repeatable."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("world", nargs="?", type=int, help="id of a world; its draft is played")
        parser.add_argument("--folder", type=Path, help="a world as a folder of JSON instead")
        parser.add_argument("--players", type=int, default=1_000)
        parser.add_argument("--moves", type=int, default=200)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--json", action="store_true", help="the whole report as JSON")

    def handle(self, *args: Any, world: int | None, folder: Path | None, players: int, moves: int, seed: int, **options: Any) -> None:
        spec = AnalyseWorld().spec(world, folder)
        report = made(spec, StoryReport.Kind.PLAYERS, {"players": str(players), "moves": str(moves), "seed": str(seed)})
        if options["json"]:
            self.stdout.write(json.dumps(report, ensure_ascii=False, indent=2))
            return
        length = report["length"]
        self.stdout.write(f"{report['players']} players, {length.get('median', 0)} moves each in the middle.")
        for ending in report["endings"]:
            self.stdout.write(f"  {ending['share']:>7.1%}  {ending['label']}")
        self.stdout.write(f"  {report['no_ending'] / max(report['players'], 1):>7.1%}  no ending")
        for npc, row in report["affinity"].items():
            self.stdout.write(f"  {row.get('name', npc)}: affinity {row['min']:g} … {row['median']:g} … {row['max']:g}")
        unseen = [row["label"] for row in report["coverage"] if not row["players"]]
        self.stdout.write(f"Nobody met {len(unseen)} of {len(report['coverage'])}:")
        for label in unseen:
            self.stdout.write(f"  – {label}")
