"""What a young world still needs, on its own page: places, people, a scene; then it is published, and played."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.http import HttpRequest
from django.urls import reverse

from npcs.models import Npc
from scenes.models import Scene
from worlds.models import Location, World

from .models import GameSession


class Step(NamedTuple):
    title: str
    words: str
    act: str
    url: str
    done: bool
    told: str = ""
    """What there is of it already."""


def panel(_: HttpRequest, world: World) -> dict[str, Any]:
    return steps_of(world)


def steps_of(world: World) -> dict[str, Any]:
    """Steps, and the first that is not done; none once somebody has played what is published. Four queries."""
    played = GameSession.objects.filter(world=world).exists()
    if world.published_id is not None and played:
        return {"steps": []}
    of_world = f"?world={world.pk}"
    places, people, scenes = (model.objects.filter(world=world).count() for model in (Location, Npc, Scene))
    steps = [
        Step("Places", "Where it happens: a picture, or a 3-D model with hotspots.", "Add a place",
             reverse("admin:worlds_location_add") + of_world, places > 0, _number(places, "place")),
        Step("People", "Whom one meets: a character, a week, faces.", "Add a person",
             reverse("admin:npcs_npc_add") + of_world, people > 0, _number(people, "person", "people")),
        Step("Scenes", "What happens: clips, choices, and what they change.", "Add a scene",
             reverse("admin:scenes_scene_add") + of_world, scenes > 0, _number(scenes, "scene")),
        Step("Publish", "Give it to the players.", "Publish", reverse("publish_world", args=[world.pk]), world.published_id is not None),
        Step("Play", "Walk through it as a player does.", "Play", reverse("play") + f"{of_world}#world-{world.pk}", played),
    ]  # fmt: skip
    return {"steps": steps, "next": next((step.title for step in steps if not step.done), "")}


def _number(count: int, one: str, many: str = "") -> str:
    return f"{count} {one if count == 1 else many or one + 's'}" if count else ""
