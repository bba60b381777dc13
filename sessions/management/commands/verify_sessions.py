"""Plays the logs of sessions again and says where a hash differs."""

from __future__ import annotations

from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from sessions import proofs, queries
from sessions.models import GameSession


class Command(BaseCommand):
    help = "Plays the whole log of sessions again, move by move, and compares every hash. Fails where one differs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("session", nargs="*", type=int, help="Ids; all sessions without any.")
        parser.add_argument("--world", type=int, help="Only sessions of this world.")

    def handle(self, *args: Any, **options: Any) -> None:
        wanted, bad = GameSession.objects.order_by("pk"), 0
        if options["session"]:
            wanted = wanted.filter(pk__in=options["session"])
        if options["world"]:
            wanted = wanted.filter(world=options["world"])
        found = list(wanted.values_list("pk", flat=True))
        if missing := set(options["session"]) - set(found):
            raise CommandError(f"There is no session {', '.join(map(str, sorted(missing)))}.")
        for pk in found:
            proof = proofs.proof(queries.fresh(pk))
            bad += bool(proof.mismatches)
            self.stdout.write(f"session {pk}: {proof.versions} versions, {'verified' if not proof.mismatches else 'DIFFERS'}, {proof.sha256}")
            for one in proof.mismatches:
                self.stdout.write(f"  version {one.version}: wanted {one.wanted}, found {one.found}")
        if bad:
            raise CommandError(f"{bad} of {len(found)} sessions differ from their log.")
