from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from npcs.interactions import merge_interactions, merge_patch

WORLD: dict[str, Any] = {
    "talk": {"gating": {"min_affinity": 0}, "type": "inline_dialogue"},
    "ask_rumors": {"gating": {"min_affinity": 20, "location": ["tavern", "market"]}, "type": "scene_triggered", "cooldown_sec": 3600},
}
MERCHANT: dict[str, Any] = {"trade": {"gating": {"min_affinity": 10, "location": ["market"]}, "type": "scene_triggered"}}
MARA: dict[str, Any] = {"ask_rumors": {"gating": {"min_affinity": 35}}}


def test_mara_wants_35_for_rumors_and_keeps_the_places() -> None:
    rumors = merge_interactions(WORLD, MERCHANT, MARA)["ask_rumors"]
    assert rumors.value["gating"] == {"min_affinity": 35, "location": ["tavern", "market"]}
    assert rumors.value["cooldown_sec"] == 3600
    assert WORLD["ask_rumors"]["gating"]["min_affinity"] == 20


def test_every_field_knows_its_origin() -> None:
    merged = merge_interactions(WORLD, MERCHANT, MARA)
    assert merged["ask_rumors"].origin == {
        "/gating/min_affinity": "npc",
        "/gating/location": "world",
        "/type": "world",
        "/cooldown_sec": "world",
    }
    assert set(merged["trade"].origin.values()) == {"role"}
    assert list(merged) == ["talk", "ask_rumors", "trade"]


def test_origins_are_pointers_with_escapes() -> None:
    merged = merge_interactions({"x": {"extensions": {"a/b": {"c~d": 1}}}}, None, None)
    assert merged["x"].origin == {"/extensions/a~1b/c~0d": "world"}


def test_disabled_removes_and_a_level_below_may_bring_it_back() -> None:
    thief = {"talk": {"disabled": True}}
    assert "talk" not in merge_interactions(WORLD, thief, None)
    assert merge_interactions(WORLD, thief, {"talk": {"disabled": False}})["talk"].value["type"] == "inline_dialogue"
    assert "talk" not in merge_interactions(WORLD, None, {"talk": None})


def test_null_takes_a_key_away_and_a_list_is_replaced_whole() -> None:
    own = {"ask_rumors": {"gating": {"min_affinity": None, "location": ["harbor"]}}}
    rumors = merge_interactions(WORLD, None, own)["ask_rumors"]
    assert rumors.value["gating"] == {"location": ["harbor"]}
    assert rumors.origin["/gating/location"] == "npc"
    assert "/gating/min_affinity" not in rumors.origin


def test_an_emptied_object_is_a_leaf_of_its_own_level() -> None:
    assert merge_interactions({"talk": {"gating": {}}}, None, None)["talk"].origin == {"/gating": "world"}
    emptied = merge_interactions({"talk": {"gating": {"min_trust": 3}}}, {"talk": {"gating": {"min_trust": None}}}, None)["talk"]
    assert emptied.value == {"gating": {}}
    assert emptied.origin == {"/gating": "role"}


@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"a": "b"}, ["c"], ["c"]),
        ({"a": "foo"}, None, None),
        ({"a": "foo"}, "bar", "bar"),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_the_examples_of_rfc_7396_hold(target: Any, patch: Any, result: Any) -> None:
    assert merge_patch(target, patch) == result


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=8,
)
levels = st.none() | st.dictionaries(st.sampled_from(["talk", "trade"]), st.dictionaries(st.text(max_size=2), json, max_size=3))


@given(levels.map(lambda level: level or {}), levels, levels)
def test_merging_is_merging_level_by_level_and_every_leaf_has_an_origin(world: Any, role: Any, npc: Any) -> None:
    merged = merge_interactions(world, role, npc)
    for name, found in merged.items():
        expected: Any = None
        for level in (world, role or {}, npc or {}):
            if name in level:
                expected = merge_patch(expected, level[name])
        assert found.value == expected
        assert set(found.origin.values()) <= {"world", "role", "npc"}
        assert bool(found.origin)
