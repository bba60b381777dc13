from __future__ import annotations

from typing import Any

import pytest

from pixsim.models import User
from worlds import references
from worlds.models import World
from worlds.services import create_location

pytestmark = pytest.mark.django_db


@pytest.fixture
def names(world: World, author: User, monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    monkeypatch.setitem(references._lookups, "npc", lambda world, ids: {10: "captain_mara"} if 10 in ids else {})
    monkeypatch.setitem(references._lookups, "scene", lambda world, ids: {3: "encounter"} if 3 in ids else {})
    return {"tavern": create_location(world=world, actor=author, data={"name": "Tavern"}).pk}


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ({"type": "play_scene", "scene_id": 3}, {"type": "play_scene", "scene": "encounter"}),
        ({"type": "play_scene", "scene_id": 99}, {"type": "play_scene", "scene_id": 99}),
        ({"gating": {"location": ["TAVERN", "market", 9999]}}, {"gating": {"location": ["tavern", "market", 9999]}}),
        (
            {"move_to": "tavern", "relationships": {"npc_10": {"affinity": "+5"}}},
            {"move_to": "tavern", "relationships": {"npc:captain_mara": {"affinity": "+5"}}},
        ),
        (
            {"move_to": "TAVERN", "place": {"npc_10": "TAVERN", "npc": {"location": "TAVERN", "until": 3}, "npc:ren": None}},
            {"move_to": "tavern", "place": {"npc:captain_mara": "tavern", "npc": {"location": "tavern", "until": 3}, "npc:ren": None}},
        ),
        ({"move_to": 9999, "place": {"npc_99": 9999}}, {"move_to": 9999, "place": {"npc_99": 9999}}),
        ({"stats": {"npc_10": 3, "scene": 3}, "interactions": {"npc_10": {}}}, {"stats": {"npc_10": 3, "scene": 3}, "interactions": {"npc_10": {}}}),
        ({"npc": "npc_10"}, {"npc": "npc_10"}),
        ({"npc_id": 10, "npc": "ren"}, {"npc": "captain_mara"}),
        ({"npc": "ren", "npc_id": 10}, {"npc": "captain_mara"}),
        ({"dialogueConfig": {"npc_id": None, "npc_role": "merchant"}}, {"dialogueConfig": {"npc_id": None, "npc_role": "merchant"}}),
        ({"dialogueConfig": {"npc_id": 10}}, {"dialogueConfig": {"npc": "captain_mara"}}),
        ({"extensions": {"scene_id": 3}}, {"extensions": {"scene_id": 3}}),
        ({"location_id": True}, {"location_id": True}),
        ([1, "a", None], [1, "a", None]),
    ],
)
def test_ids_become_keys_and_nothing_else_changes(world: World, names: dict[str, int], given: Any, stored: Any) -> None:
    assert references.keyed(world, with_id(given, names["tavern"])) == stored


def with_id(value: Any, tavern: int) -> Any:
    """The id of the tavern, known only now, wherever TAVERN stands."""
    if isinstance(value, dict):
        return {name: with_id(inner, tavern) for name, inner in value.items()}
    return [with_id(inner, tavern) for inner in value] if isinstance(value, list) else tavern if value == "TAVERN" else value
