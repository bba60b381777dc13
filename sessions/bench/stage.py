"""The data of a benchmark: The Harbor District with sessions at its first choice, and worlds of many people."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from knox.models import AuthToken

from scenes import bundle
from sessions import queries, services
from sessions.engine import options
from sessions.releases import spec_of
from sessions.spec import WorldSpec
from worlds.archive import read_folder
from worlds.models import World

FOLDER = Path(settings.BASE_DIR) / "scenes" / "worlds" / "harbor_district"


class Stage:
    """Rows in the present database, and how to reach them. `author` and `player` are headers with a token."""

    def __init__(self, sessions: int) -> None:
        call_command("migrate", verbosity=0, interactive=False)
        call_command("load_demo", stdout=StringIO())
        users = get_user_model().objects
        self._owner = users.get(username="author")
        player = users.get(username="player")
        self.author = (("Authorization", f"Token {AuthToken.objects.create(user=self._owner)[1]}"),)
        self.player = (("Authorization", f"Token {AuthToken.objects.create(user=player)[1]}"),)
        self.world = World.objects.select_related("published").get(owner=self._owner, name=harbor()["world"]["name"])
        self.sessions = [services.start(user=player, world=self.world).session.pk for _ in range(sessions)]
        first = queries.fresh(self.sessions[0])
        spec, state = spec_of(first.release), queries.state_of(first)
        self.edge = next(option.action.edge for option in options(spec, state) if hasattr(option.action, "edge"))
        assert first.release.ids
        self.npc = first.release.ids["npcs"]["captain_mara"]

    def crowd(self, people: int) -> int:
        """The id of a world with so many people, who live the weeks of The Harbor District's."""
        document = harbor()
        weeks = [npc["schedule"] for npc in document["npcs"]]
        document.update(scenes=[], hotspots=[], assets=[])
        document["world"] = {"name": f"{people} people", "meta": {"manifest": {}}}
        document["locations"] = [{"key": place["key"], "name": place["name"]} for place in document["locations"]]
        document["npcs"] = [{"key": f"person_{i:05}", "name": f"Person {i}", "schedule": weeks[i % len(weeks)]} for i in range(people)]
        return int(bundle.save_document(document, owner=self._owner).pk)


def harbor() -> dict[str, Any]:
    return dict(read_folder(FOLDER).document)


def harbor_spec() -> WorldSpec:
    return WorldSpec(harbor())
