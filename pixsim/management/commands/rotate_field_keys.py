"""Seal every secret with the first key of the ring."""

from __future__ import annotations

from typing import Any

from django.core.management import BaseCommand, CommandParser

from pixsim.lib import encryption


class Command(BaseCommand):
    help = "Seal every secret with the first key of APP_FIELD_KEYS (or DATA_DIR/field_keys). Safe to stop and to start again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--new-key", action="store_true", help="put a new key in front of DATA_DIR/field_keys first")

    def handle(self, *args: Any, new_key: bool, **options: Any) -> None:
        if new_key:
            encryption.add_key()
        self.stdout.write(f"{encryption.rotate()} secrets were sealed anew; older keys are no longer needed.")
