"""The story analysis in a terminal or in CI: what can be reached, what cannot and why."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from sessions.analysis.report import problems, story_json
from sessions.analysis.story import BUDGET, analyse
from sessions.publishing import draft_spec
from sessions.spec import WorldSpec
from worlds.archive import read_folder
from worlds.models import World

SHOWN = 40


class Command(BaseCommand):
    help = (
        "Says of every node, edge, interaction and ending whether it can be reached. Exit code 0 where all can, 1 where something never can or a"
        " trap is found, 2 where something stays unknown."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("world", nargs="?", type=int, help="id of a world; its draft is analysed")
        parser.add_argument("--folder", type=Path, help="a world as a folder of JSON instead")
        parser.add_argument("--steps", type=int, default=BUDGET, help=f"effort in engine steps, {BUDGET} unless said")
        parser.add_argument("--json", action="store_true", help="the whole report as JSON")
        parser.add_argument("--allow-unknown", action="store_true", help="be content with what is unknown; without it that is exit code 2")

    def handle(self, *args: Any, world: int | None, folder: Path | None, steps: int, allow_unknown: bool, **options: Any) -> None:
        spec = self.spec(world, folder)
        story = analyse(spec, budget=steps)
        report = story_json(spec, story)
        found = problems(spec.document, report)
        if options["json"]:
            self.stdout.write(json.dumps({**report, "problems": [problem.as_json() for problem in found]}, ensure_ascii=False, indent=2))
        else:
            self._tell(report, [problem.message for problem in found])
        unknown = any(answer["status"] == "unknown" for answer in report["answers"])
        if found or any(answer["status"] == "impossible" for answer in report["answers"]):
            raise SystemExit(1)
        if unknown and not allow_unknown:
            raise SystemExit(2)

    def spec(self, world: int | None, folder: Path | None) -> WorldSpec:
        if folder is not None and world is None:
            return WorldSpec(read_folder(folder).document)
        if world is None or folder is not None:
            raise CommandError("Name a world by its id, or a folder by --folder.")
        found = World.objects.filter(pk=world).first()
        if found is None:
            raise CommandError(f"There is no world {world}.")
        return draft_spec(found)[0]

    def _tell(self, report: dict[str, Any], messages: list[str]) -> None:
        seen = "Every state was seen: the answers are complete." if report["complete"] else "The world is too big to see every state."
        self.stdout.write(f"{seen} {report['states']} states, {report['steps']} steps.")
        if report["writer"]:
            self.stdout.write("Models may propose effects here; whatever the limits allow counts as possible.")
        for kind, row in report["counts"].items():
            self.stdout.write(f"  {kind:<12} {row['reachable']:>5} reachable  {row['impossible']:>5} impossible  {row['unknown']:>5} unknown")
        for ending in report["endings"]:
            answer = next(each for each in report["answers"] if (each["kind"], each["path"]) == (ending["kind"], ending["path"]))
            moves = f" in {answer['length']} moves{'' if answer['shortest'] else ' or fewer'}" if answer["status"] == "reachable" else ""
            self.stdout.write(f"  Ending “{ending['label']}”: {answer['status']}{moves}")
        for message in messages:
            self.stdout.write(f"  ! {message}")
        unknown = [answer["label"] for answer in report["answers"] if answer["status"] == "unknown"]
        for label in unknown[:SHOWN]:
            self.stdout.write(f"  ? {label}")
        if len(unknown) > SHOWN:
            self.stdout.write(f"  ? and {len(unknown) - SHOWN} more")
