"""Loads The Harbor District and the two demo accounts. Idempotent: a second run changes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand, CommandParser
from django.utils.module_loading import import_string

from pixsim.models import AUTHORS

FOLDER = Path(settings.BASE_DIR) / "scenes" / "worlds" / "harbor_district"


class Command(BaseCommand):
    help = "Load The Harbor District and the demo accounts author/harbor and player/harbor."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--folder", type=Path, default=FOLDER, help="a world folder to load instead")

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        author = self._account("author")
        author.groups.add(Group.objects.get_or_create(name=AUTHORS)[0])
        self._account("player")
        # By name, since this command assembles the apps and nothing on this floor may import them.
        load_once = import_string("sessions.publishing.load_and_publish")
        world, made = load_once(folder=folder, owner=author)
        self.stdout.write(f"{'Loaded' if made else 'Kept'} “{world.name}”.")

    def _account(self, name: str) -> Any:
        users = get_user_model().objects
        user, made = users.get_or_create(username=name)
        if made:
            user.set_password("harbor")
            user.save(update_fields=["password"])
        return user
