from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from pixsim.lib import schema
from pixsim.lib.schema_form import form_data, form_schema

NAMES = [
    "worlds/manifest", "worlds/conditions", "worlds/effects", "worlds/location_meta", "worlds/spawn", "npcs/personality", "npcs/stats", "npcs/days", "npcs/stops",
    "npcs/crop", "npcs/interaction_overrides", "npcs/relationships", "npcs/npc_meta", "scenes/node_meta", "scenes/edge_meta", "scenes/hotspot_action",
    "scenes/hotspot_target", "scenes/hotspot_meta", "scenes/region",
]  # fmt: skip


def form(name: str) -> dict[str, Any]:
    return form_schema(name, axes=["affinity", "trust"], places=["harbor", "tavern"], moods=["happy"])


def parts(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    inner = [*node.get("properties", {}).values(), *node.get("oneOf", ()), *node.get("anyOf", ()), *node.get("$defs", {}).values()]
    inner += [node[key] for key in ("items", "additionalProperties") if isinstance(node.get(key), dict)]
    for part in inner:
        yield from parts(part)


@pytest.mark.parametrize("name", NAMES)
def test_a_form_keeps_to_what_jsonform_can_draw(name: str) -> None:
    for node in parts(form(name)):
        assert {"type", "$ref", "oneOf", "anyOf"} & set(node)
        assert isinstance(node.get("type", ""), str)
        assert not {"patternProperties", "propertyNames", "minItems", "allOf", "if", "examples", "x-enum"} & set(node)
        if node.get("type") == "object" and "oneOf" not in node:
            assert "properties" in node


def test_conditions_inside_conditions_lie_in_lists_only() -> None:
    conditions = form("worlds/conditions")
    assert "not" not in conditions["properties"]
    assert conditions["properties"]["any"]["items"]["$ref"] == "#/$defs/root"
    assert "root" in conditions["$defs"]


def test_what_a_world_brings_can_be_picked() -> None:
    gating = form("worlds/manifest")["properties"]["interactions"]["additionalProperties"]["properties"]["gating"]["properties"]
    assert gating["location"]["items"] == {
        "type": "string",
        "title": "Place",
        "helpText": "The key of a location. It may be made later.",
        "enum": ["harbor", "tavern"],
        "choices": [{"title": "harbor", "value": "harbor"}, {"title": "tavern", "value": "tavern"}],
        "widget": "multiselect",
    }
    assert gating["min_affinity"]["widget"] == "range"
    assert {key for key in gating if key.startswith("max_")} == {"max_affinity", "max_trust"}


def test_an_untouched_checkbox_says_nothing() -> None:
    present = form("worlds/conditions")["properties"]["npc_present"]
    assert (present["default"], present["widget"]) == (None, "select")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("worlds/manifest", {}),
        (
            "worlds/manifest",
            {"interactions": {"talk": {"gating": {"min_affinity": 0, "any": [{"min_trust": 5}], "not": {"days": [7]}}}}, "items": {"rope": {}}},
        ),
        ("npcs/interaction_overrides", {"talk": {"choices": [{"label": "Aye."}]}}),
        ("npcs/personality", {"openness": 0.6, "quirks": ["whistles"], "scar": "left cheek"}),
        ("worlds/effects", {"relationships": {"npc": {"affinity": "+5", "trust": 4}}, "place": {"npc:ren": "market"}}),
        ("worlds/world_meta", {"extensions": {"mine": {"a": [1]}}}),
    ],
)
def test_blanks_for_the_form_are_pruned_again(name: str, value: dict[str, Any]) -> None:
    shown = form_data(form(name), value)
    assert schema.pruned(name, shown) == value
    assert schema.errors(name, schema.pruned(name, shown)) == []
