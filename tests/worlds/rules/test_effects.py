from __future__ import annotations

from typing import Any

import pytest

from pixsim.lib import schema
from worlds.rules.effects import BUILDERS, Declarations, Effect, UnknownName, compile_effects, who_of

from .playing import Notes, World

WORLD = World()
KNOWN = Declarations(axes=WORLD.axes, drive_axes=WORLD.drive_axes, stats=WORLD.stats, items=WORLD.items, romance=True)


def compiled(effects: dict[str, Any], known: Declarations = KNOWN) -> tuple[Effect, ...]:
    assert schema.errors("worlds/effects", effects) == []
    return compile_effects(effects, known)


def done(effects: dict[str, Any], npc: str | None = "mara") -> list[tuple[Any, ...]]:
    draft = Notes()
    for effect in compiled(effects):
        effect.apply(WORLD, draft, npc)
    return draft.done


ALL: dict[str, Any] = {
    "gossip": {"npc": {"topic": "work", "to": ["npc:ren"]}, "npc:ren": {}},
    "memory": {"npc:captain_mara": {"topic": "work", "summary": "…", "importance": 5}},
    "drives": {"npc": {"hunger": "-40"}},
    "emotion": {"npc:captain_mara": {"label": "curious", "intensity": 0.6, "minutes": 30}},
    "place": {"npc:ren": "market"},
    "move_to": "tavern",
    "time": {"advance_by_sec": 28_800},
    "inventory": {"rope": "+1"},
    "relationships": {"npc:captain_mara": {"affinity": "+5"}},
    "stats": {"coin": "+3"},
    "flags": ["visited_tavern", "!left"],
}


def test_every_effect_acts_and_in_the_order_of_the_specification() -> None:
    assert done(ALL) == [
        ("flag", "visited_tavern", True),
        ("flag", "left", False),
        ("stat", "coin", "+3"),
        ("rel", "captain_mara", "affinity", "+5"),
        ("item", "rope", "+1"),
        ("time", 28_800),
        ("move", "tavern"),
        ("place", "ren", "market", 3700),
        ("feel", "captain_mara", "curious", 0.6, 30),
        ("drive", "mara", "hunger", "-40"),
        ("memory", "captain_mara", {"topic": "work", "summary": "…", "importance": 5}),
        ("gossip", "mara", ("ren",), "work", 1),
        ("gossip", "ren", (), "", 1),
    ]


def test_npc_alone_is_the_npc_of_the_interaction_and_nobody_where_there_is_none() -> None:
    assert done({"relationships": {"npc": {"affinity": "+5"}}}, "ren") == [("rel", "ren", "affinity", "+5")]
    assert done({"relationships": {"npc": {"affinity": "+5"}}}, None) == []
    assert (who_of("npc"), who_of("npc:captain_mara")) == ("", "captain_mara")


def test_place_holds_until_the_next_slot_or_as_said_and_null_releases() -> None:
    assert done({"place": {"npc": "market"}}) == [("place", "mara", "market", 3700)]
    assert done({"place": {"npc": {"location": "market", "until": 900}}}) == [("place", "mara", "market", 900)]
    assert done({"place": {"npc": None}}) == [("place", "mara", None, None)]


def test_an_emotion_is_of_middling_strength_for_half_an_hour_unless_said() -> None:
    assert done({"emotion": {"npc": {"label": "sad"}}}) == [("feel", "mara", "sad", 0.6, 30)]


@pytest.mark.parametrize(
    ("effects", "pointer"),
    [
        ({"stats": {"fame": "+1"}}, "/stats/fame"),
        ({"inventory": {"anchor": "+1"}}, "/inventory/anchor"),
        ({"relationships": {"npc": {"glory": "+1"}}}, "/relationships/npc/glory"),
        ({"drives": {"npc": {"thirst": "+1"}}}, "/drives/npc/thirst"),
        ({"fireworks": True}, "/fireworks"),
    ],
)
def test_what_nobody_declared_is_an_error_that_points_at_itself(effects: dict[str, Any], pointer: str) -> None:
    with pytest.raises(UnknownName) as caught:
        compile_effects(effects, KNOWN)
    assert caught.value.pointer == pointer


@pytest.mark.parametrize("axis", ["chemistry", "intimacy_level"])
def test_romantic_effects_are_refused_without_the_feature(axis: str) -> None:
    sober = Declarations(axes=WORLD.axes, drive_axes=WORLD.drive_axes, romance=False)
    compiled({"relationships": {"npc": {axis: "+1"}}})
    with pytest.raises(UnknownName, match="romance"):
        compiled({"relationships": {"npc": {axis: "+1"}}}, sober)


def test_no_effects_are_no_effects() -> None:
    assert compile_effects(None, KNOWN) == compile_effects({}, KNOWN) == ()


def test_schema_and_compiler_know_the_same_effects_in_the_same_order() -> None:
    assert list(schema.load("worlds/effects").data["properties"]) == list(BUILDERS)
