from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from pixsim.lib import schema
from pixsim.lib.errors import FieldError, Invalid
from worlds.rules import packages

ROOT = Path(schema.ROOT)
NAMES = sorted(f"{path.parent.parent.name}/{path.stem}" for app in ("worlds", "npcs", "scenes") for path in (ROOT / app / "schemas").glob("*.json"))
OURS = [name for name in NAMES if "bundle" not in name]

MANIFEST: dict[str, Any] = {
    "enabled_features": ["dialogue", "romance", "trading", "rumors"],
    "turn_presets": {"conversation": {"avg_turns": 5, "max_turns": 10}, "intimate": {"avg_turns": 8, "max_turns": 15}},
    "interactions": {
        "talk": {"gating": {"min_affinity": 0}, "type": "inline_dialogue"},
        "ask_rumors": {"gating": {"min_affinity": 20, "location": ["tavern", "market"]}, "type": "scene_triggered", "cooldown_sec": 3600},
        "flirt": {
            "gating": {"min_affinity": 40, "min_chemistry": 30, "mood": ["happy", "curious"]},
            "type": "scene_triggered",
            "branching_intent": "escalate",
        },
    },
    "npc_roles": {
        "merchant": {"default_personality": {"conscientiousness": 0.7, "agreeableness": 0.5}},
        "thief": {"default_personality": {"openness": 0.6, "neuroticism": 0.8}},
        "guard": {"default_personality": {"conscientiousness": 0.9, "extraversion": 0.3}},
    },
}

PRINTED: list[tuple[str, Any]] = [
    ("worlds/manifest", MANIFEST),
    ("worlds/manifest", {}),
    ("worlds/world_meta", {"manifest": MANIFEST, "theme": "Maritime trade hub", "tone": "Gritty realism with intrigue"}),
    ("worlds/location_meta", {"ambient_sound": "waves", "time_of_day_lighting": True}),
    ("worlds/location_meta", {"ambient_sound": "crowd", "interactive_stalls": ["fish", "cloth", "tools"]}),
    ("worlds/location_meta", {"ambient_sound": "tavern_chatter", "lighting": "dim"}),
    ("worlds/spawn", {"x": 5, "y": 0, "z": -5}),
    ("scenes/hotspot_meta", {"prompt_text": "Enter the tavern?"}),
    ("scenes/node_meta", {"videoConfig": {"loopable": False, "skippable": True}}),
    ("scenes/node_meta", {"choiceConfig": {"reveal_at_sec": 5}}),
    ("scenes/node_meta", {"generationConfig": {"strategy": "once", "type": "environment"}}),
    ("scenes/node_meta", {"generationConfig": {"type": "dialogue", "strategy": "per_playthrough"}}),
    ("scenes/node_meta", {"dialogueConfig": {"npc_id": None, "npc_role": "merchant"}}),
    ("scenes/node_meta", {"dialogueConfig": {"npc_id": 10}}),
    ("scenes/node_meta", {"dialogueConfig": {"npc": "captain_mara"}}),
    ("worlds/effects", {"flags": ["visited_market"], "stats": {}}),
    ("worlds/effects", {"flags": ["mara_quest_started"], "relationships": {"npc_10": {"affinity": "+10", "trust": "+15"}}}),
    ("worlds/conditions", {"flags": ["!visited_harbor"]}),
    ("npcs/interaction_overrides", {"trade": {
        "gating": {"min_affinity": 10, "location": ["market"]}, "type": "scene_triggered", "action": {"type": "play_scene", "scene_id": 5},
        "prompt_template": "The merchant eyes you warily. 'Looking to trade?'"}}),
    ("scenes/hotspot", {"scope": "location", "location_id": 1, "hotspot_id": "enter_tavern", "target": {"mesh": {"object_name": "tavern_door"}},
                        "action": {"type": "play_scene", "scene_id": 3}, "meta": {"prompt_text": "Enter the tavern?"}}),
    ("scenes/edge", {"from_node_id": "node1", "to_node_id": "node2", "choice_label": None, "weight": 1.0, "conditions": None, "effects": None}),
    ("npcs/personality", {
        "openness": 0.6, "conscientiousness": 0.8, "extraversion": 0.7, "agreeableness": 0.5, "neuroticism": 0.3, "occupation": "ship captain",
        "background": "Former navy officer turned trader", "quirks": ["always checks the weather", "distrusts landlubbers"],
        "voice_style": "gruff but fair", "interests": ["sailing", "profit", "local politics"]}),
    ("npcs/stats", {"melee": 60, "ranged": 40, "strength": 70, "intelligence": 65}),
    ("npcs/slot", {"day_of_week": 1, "start_time": "06:00", "end_time": "12:00", "location_id": 1, "rule": "default"}),
    ("npcs/crop", {"x": 100, "y": 50, "width": 400, "height": 400}),
    ("npcs/expression_meta", {}),
    ("npcs/relationships", {"affinity": -10, "trust": 50}),
]  # fmt: skip

DOMAIN: list[tuple[str, Any]] = [
    ("worlds/effects", {
        "flags": ["visited_tavern", "!left"], "stats": {"coin": "+3"}, "relationships": {"npc:captain_mara": {"affinity": "+5"}, "npc": {"trust": 4}},
        "inventory": {"rope": "+1"}, "time": {"advance_by_sec": 28800}, "move_to": "tavern", "place": {"npc:ren": "market", "npc": None},
        "emotion": {"npc:captain_mara": {"label": "curious", "intensity": 0.6, "minutes": 30}}, "drives": {"npc": {"hunger": "-40"}},
        "memory": {"npc:captain_mara": {"topic": "work", "summary": "…", "importance": 5}}}),
    ("worlds/conditions", {
        "flags": ["a", "!b"], "min_affinity": 20, "max_tension": 60, "min_tier": "friend", "stats": {"coin": {"min": 3}}, "inventory": {"rope": 1},
        "mood": ["happy"], "location": ["tavern"], "time": {"from": "18:00", "to": "02:00"}, "days": [1, 5], "npc_present": True,
        "seen": ["node", "!tavern/node"], "features": ["trading"], "any": [{"min_trust": 5}], "all": [{}], "not": {"days": [7]}}),
    ("worlds/manifest", {
        "clock": {"start_day": 1, "start_time": "08:00", "first_weekday": 1}, "wait": "places", "budget": {"credits_per_day": 100},
        "providers": {"pixverse": {"enabled": True}, "openai": {"model": "gpt-4"}}, "stat_packages": ["personality", "mood", "relationships", "drives"],
        "stats": {"coin": {"min": 0, "max": 99, "default": 3}}, "items": {"rope": {}}, "flags": {"visited_tavern": {"title": "Tavern Regular", "spoiler": False}},
        "dialogue_limits": {"per_turn": 5, "per_day": 15}, "free_text": True, "content_rating": "romantic", "look": {"accent": "#ffb347"},
        "extensions": {"mine": {"anything": [1, {"deep": None}]}}}),
    ("worlds/manifest", {"stat_packages": {"relationships": {"axes": {"affinity": {"default": 5}}, "tiers": {"affinity": [{"title": "cold", "from": -100}]}}, "mood": True}}),
    ("worlds/interaction", {
        "label": "Talk", "once": True, "remote": False, "effects": {"flags": ["met"]}, "lines": [{"text": "Ahoy.", "mood": ["neutral"], "tier": ["stranger"]}],
        "choices": [{"id": "coin", "label": "I heard there's good coin to be made.", "tone": "business-focused", "conditions": {"min_affinity": 0},
                     "effects": {"relationships": {"npc": {"affinity": "+5"}}}, "replies": [{"text": "Smart."}],
                     "memory": {"topic": "work", "summary": "Wants work.", "importance": 5}, "closes": False}]}),
    ("npcs/slot", {"days": [6, 7], "start": "22:00", "end": "24:00", "rule": "patrol", "stops": [{"location": "harbor", "minutes": 120}]}),
    ("scenes/hotspot_action", {"type": "change_location", "location": "market"}),
    ("scenes/hotspot_action", {"type": "npc_talk", "npc": "captain_mara", "interaction": "talk"}),
    ("scenes/hotspot_action", {}),
    ("scenes/region", None),
    ("npcs/crop", {}),
    ("npcs/interaction_overrides", {"ask_rumors": {"gating": {"min_affinity": None, "min_trust": 3}, "action": None}, "talk": None, "flirt": {"disabled": True}}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), PRINTED)
def test_what_the_walkthrough_prints_is_valid(name: str, value: Any) -> None:
    assert schema.errors(name, value) == []


@pytest.mark.parametrize(("name", "value"), DOMAIN)
def test_what_the_specification_names_is_valid(name: str, value: Any) -> None:
    assert schema.errors(name, value) == []


WRONG: list[tuple[str, Any, list[tuple[str, str]]]] = [
    ("worlds/manifest", {"interactions": {"talk": {"gating": {"min_affinity": "much"}}}}, [("/interactions/talk/gating/min_affinity", "type")]),
    ("worlds/manifest", {"interactions": {"talk": {"gating": {"min_afinity": 3}}}}, [("/interactions/talk/gating/min_afinity", "unknown_key")]),
    ("worlds/manifest", {"clock": {"start_time": "8:00"}, "colour": "red"}, [("/clock/start_time", "pattern"), ("/colour", "unknown_key")]),
    ("worlds/manifest", {"content_rating": "adult", "wait": 3}, [("/content_rating", "enum"), ("/wait", "type")]),
    ("worlds/manifest", {"npc_roles": {"guard": {"default_personality": {"openness": 2}}}}, [("/npc_roles/guard/default_personality/openness", "maximum")]),
    ("worlds/manifest", {"enabled_features": ["a", "a"]}, [("/enabled_features", "unique")]),
    ("worlds/manifest", {"turn_presets": {"a": {"avg_turns": 9, "max_turns": 8}, "b": {"avg_turns": 8, "max_turns": 8}, "c": {"avg_turns": 99}}},
     [("/turn_presets/a/avg_turns", "out_of_order")]),
    ("worlds/manifest", {"stats": {"coin": {"min": 5, "default": 3, "max": 2}}, "items": {"rope": {"min": 3, "max": 2}}},
     [("/items/rope/min", "out_of_order"), ("/stats/coin/default", "out_of_order"), ("/stats/coin/min", "out_of_order")]),
    ("scenes/region", {"x": 0.8, "y": 0.7, "width": 0.3, "height": 0.3}, [("/width", "maximum")]),
    ("scenes/region", {"x": "0", "y": 10**400, "width": 1e308, "height": True}, [
        ("/height", "type"), ("/width", "maximum"), ("/x", "type"), ("/y", "maximum")]),
    ("worlds/conditions", {"any": [{"all": [{"not": {"foo": 1}}]}]}, [("/any/0/all/0/not/foo", "unknown_key")]),
    ("worlds/conditions", {"not": {"min_glory": 1}}, [("/not/min_glory", "unknown_key")]),
    ("worlds/conditions", {"time": {"from": "18:00"}, "days": [0, 8]}, [("/days/0", "minimum"), ("/days/1", "maximum"), ("/time/to", "required")]),
    ("worlds/conditions", {"flags": ["Not A Key", "ok\n"]}, [("/flags/0", "pattern"), ("/flags/1", "pattern")]),
    ("worlds/conditions", {"min_affinity": True}, [("/min_affinity", "type")]),
    ("worlds/effects", {"relationships": {"mara": {"affinity": "+5"}}}, [("/relationships/mara", "key")]),
    ("worlds/effects", {"relationships": {"npc": {"affinity": "5", "trust": "+5 "}}}, [("/relationships/npc/affinity", "pattern"), ("/relationships/npc/trust", "pattern")]),
    ("worlds/effects", {"relationships": {"npc": {"glory": "+5"}}}, [("/relationships/npc/glory", "unknown_key")]),
    ("worlds/effects", {"drives": {"npc": {"affinity": "+5"}}}, [("/drives/npc/affinity", "unknown_key")]),
    ("worlds/effects", {"emotion": {"npc": {"label": "curious", "intensity": 1.5}}}, [("/emotion/npc/intensity", "maximum")]),
    ("scenes/hotspot_action", {"type": "play_scene", "scen": 1}, [("/scen", "unknown_key")]),
    ("scenes/hotspot_action", {"type": "dance"}, [("/type", "enum")]),
    ("scenes/hotspot_action", {"scene": "tavern"}, [("/type", "required")]),
    ("scenes/hotspot_action", 3, [("", "type")]),
    ("npcs/slot", {"start": "25:00"}, [("/end", "required"), ("/start", "pattern")]),
    ("npcs/crop", {"x": 1, "y": 1, "width": 0}, [("/height", "required"), ("/width", "minimum")]),
    ("npcs/interaction_overrides", {"talk": {"gating": {"min_affinity": None, "foo": 1}}}, [("/talk/gating/foo", "unknown_key")]),
    ("scenes/edge", {"from": "a", "conditions": {"foo": 1}}, [("/conditions/foo", "unknown_key")]),
    ("scenes/edge", {}, [("/from_node_id", "required")]),
    ("worlds/location_meta", {"a/b~c": 1}, [("/a~1b~0c", "unknown_key")]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value", "expected"), WRONG)
def test_errors_point_at_their_place_with_a_stable_code(name: str, value: Any, expected: list[tuple[str, str]]) -> None:
    assert [(error.pointer, error.code) for error in schema.errors(name, value)] == expected


def test_an_unknown_key_names_what_is_allowed_and_what_was_meant() -> None:
    message = schema.errors("worlds/location_meta", {"ambient_sounds": "waves"})[0].message
    assert "Did you mean “ambient_sound”?" in message
    assert "interactive_stalls" in message


def test_errors_come_in_the_order_of_their_pointers_and_indexes_count_as_numbers() -> None:
    found = schema.errors("worlds/conditions", {"flags": ["B"] * 12, "any": [{"x": 1}]})
    assert [error.pointer for error in found] == ["/any/0/x", *(f"/flags/{n}" for n in range(12))]


def test_conditions_nest_eight_deep_and_no_deeper() -> None:
    def nested(depth: int) -> dict[str, Any]:
        value: dict[str, Any] = {"min_affinity": 1}
        for number in range(depth):
            value = {"not": value} if number % 2 else {"any": [value]}
        return value

    assert schema.errors("worlds/conditions", nested(8)) == []
    assert [error.code for error in schema.errors("worlds/conditions", nested(9))] == ["too_deep"]
    assert [error.code for error in schema.errors("worlds/conditions", nested(14))] == ["too_deep"]
    assert schema.errors("worlds/interaction", {"gating": nested(9)})[0].pointer.startswith("/gating/any/0/not")


def test_a_prefix_stands_before_every_pointer() -> None:
    assert schema.errors("worlds/manifest", {"x": 1}, prefix="/meta/manifest")[0].pointer == "/meta/manifest/x"


def test_validate_raises_invalid_with_field_errors() -> None:
    schema.validate("worlds/manifest", MANIFEST)
    with pytest.raises(Invalid) as caught:
        schema.validate("worlds/manifest", {"x": 1}, prefix="/meta")
    assert [error.pointer for error in caught.value.errors] == ["/meta/x"]
    assert isinstance(caught.value.errors[0], FieldError)


def test_the_number_of_errors_is_bounded() -> None:
    assert len(schema.errors("worlds/manifest", {f"key{n}": n for n in range(5000)})) == schema.MAX_ERRORS


@pytest.mark.parametrize("name", ["worlds/nothing", "../../etc/passwd", "worlds/../worlds/manifest", "manifest", "https://example.org/schema"])
def test_a_name_that_is_no_schema_is_a_lookup_error(name: str) -> None:
    with pytest.raises(LookupError):
        schema.errors(name, {})


def test_no_name_means_no_rules() -> None:
    assert schema.errors("", {"anything": 1}) == []


# -- the files --------------------------------------------------------------------------------------------------------


def parts(node: Any, pointer: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every subschema of a schema."""
    if not isinstance(node, dict):
        return
    yield pointer, node
    for keyword in ("properties", "$defs", "patternProperties"):
        for key, inner in node.get(keyword, {}).items():
            yield from parts(inner, f"{pointer}/{keyword}/{key}")
    for keyword in ("items", "additionalProperties", "not", "then", "x-patch-of"):
        yield from parts(node.get(keyword), f"{pointer}/{keyword}")
    for keyword in ("oneOf", "allOf", "anyOf"):
        for number, inner in enumerate(node.get(keyword, ())):
            yield from parts(inner, f"{pointer}/{keyword}/{number}")


@pytest.mark.parametrize("name", NAMES)
def test_every_file_is_a_schema_of_draft_2020_12_and_stands_alone_when_built(name: str) -> None:
    built = schema.build(name)
    Draft202012Validator.check_schema(built)
    refs = [node["$ref"] for _, node in parts(built) if "$ref" in node]
    assert all(ref.startswith("#") for ref in refs)
    for ref in refs:
        target: Any = built
        for part in ref.removeprefix("#").split("/")[1:]:
            target = target[part]
        assert isinstance(target, dict)


@pytest.mark.parametrize("name", OURS)
def test_everything_in_a_schema_has_a_title_a_description_and_an_example(name: str) -> None:
    data = json.loads((ROOT / name.replace("/", "/schemas/")).with_suffix(".json").read_text("utf-8"))
    for pointer, node in parts(data):
        bare = set(node) <= {"$ref"} or "/anyOf/" in pointer or "/allOf/" in pointer
        if bare or node.get("additionalProperties") is True:
            continue
        assert {"title", "description"} <= set(node), pointer
        assert {"examples", "enum", "const", "$ref", "$defs", "default"} & set(node) or node.get("type") == "boolean", pointer


@pytest.mark.parametrize("name", [name for name in OURS if name != "worlds/common"])
def test_the_examples_of_a_schema_are_valid(name: str) -> None:
    loaded = schema.load(name)
    for pointer, node in parts(loaded.data):
        for example in node.get("examples", ()) if "x-patch-of" not in pointer else ():
            alone = loaded.validator.evolve(schema={"$defs": loaded.data.get("$defs", {}), **{k: v for k, v in node.items() if k != "$schema"}})
            if '"$ref": "#"' not in json.dumps(node):
                assert list(alone.iter_errors(example)) == [], (pointer, example)


@pytest.mark.parametrize("name", OURS)
def test_numbers_and_texts_are_bounded_and_patterns_cannot_backtrack(name: str) -> None:
    for pointer, node in parts(schema.load(name).data):
        kinds = node.get("type", [])
        kinds = [kinds] if isinstance(kinds, str) else kinds
        if {"number", "integer"} & set(kinds):
            assert {"minimum", "maximum"} <= set(node), pointer
        if "string" in kinds:
            assert "maxLength" in node or "enum" in node, pointer
        if "array" in kinds:
            assert "maxItems" in node, pointer
        if "pattern" in node:
            assert not re.search(r"[+*]\)[+*{]", node["pattern"]), pointer


def test_with_a_world_its_axes_places_and_moods_become_enums() -> None:
    built = schema.build("worlds/manifest", axes=["affinity", "renown"], places=["harbor", "tavern"], moods=["happy"])
    conditions = built["$defs"]["worlds_conditions"]
    bounds = {key for key in conditions["properties"] if key.startswith(("min_", "max_")) and key != "min_tier"}
    assert bounds == {"min_affinity", "max_affinity", "min_renown", "max_renown"}
    assert "patternProperties" not in conditions
    assert built["$defs"]["worlds_common"]["$defs"]["place"]["enum"] == ["harbor", "tavern"]
    assert built["$defs"]["worlds_common"]["$defs"]["mood"]["enum"] == ["happy"]
    stock = Draft202012Validator(built)
    assert stock.is_valid({"interactions": {"talk": {"gating": {"min_renown": 3, "location": ["harbor"]}}}})
    assert not stock.is_valid({"interactions": {"talk": {"gating": {"location": ["moon"]}}}})
    assert "enum" not in schema.build("worlds/manifest", places=[])["$defs"]["worlds_common"]["$defs"]["place"]


def test_axes_bring_their_range_into_the_form() -> None:
    axes = packages.enabled({"stat_packages": {"relationships": {"axes": {"affinity": {"max": 50}}}}})["relationships"].axes
    bound = schema.build("worlds/conditions", axes=axes)["properties"]["min_affinity"]
    assert (bound["minimum"], bound["maximum"]) == (-100, 50)


def test_building_changes_nothing_for_the_next() -> None:
    before = json.dumps(schema.build("worlds/manifest"), sort_keys=True)
    schema.build("worlds/manifest", axes=["renown"], places=["moon"], moods=["odd"])
    assert json.dumps(schema.build("worlds/manifest"), sort_keys=True) == before


def test_the_axes_of_a_registered_package_are_known_to_conditions_and_effects() -> None:
    assert [e.pointer for e in schema.errors("worlds/conditions", {"min_standing": 3})] == ["/min_standing"]
    packages.register(packages.from_json({"key": "guild", "title": "Guild", "axes": {"standing": {"min": 0, "max": 10}}}))
    try:
        assert schema.errors("worlds/conditions", {"min_standing": 3}) == []
        assert schema.errors("worlds/effects", {"relationships": {"npc": {"standing": "+1"}}}) == []
    finally:
        packages.unregister("guild")
        schema._brought.discard("standing")


def test_the_axes_the_files_know_are_those_of_the_packages() -> None:
    shared = schema.load("worlds/effects").data["$defs"]["worlds_common"]["$defs"]
    assert shared["axis"]["x-known"] == list(packages.builtin()["relationships"].axes)
    assert shared["drive"]["x-known"] == list(packages.builtin()["drives"].axes)
    properties = schema.load("worlds/conditions").data["properties"]
    for name, axis in packages.builtin()["relationships"].axes.items():
        assert (properties[f"min_{name}"]["minimum"], properties[f"min_{name}"]["maximum"]) == (axis.minimum, axis.maximum)


def test_what_a_form_leaves_empty_is_pruned_and_what_is_filled_stays() -> None:
    sent = {
        "flags": [],
        "min_affinity": None,
        "min_tier": "",
        "time": {"from": "", "to": ""},
        "npc_present": False,
        "mood": ["happy"],
        "odd": "",
    }
    assert schema.pruned("worlds/conditions", sent) == {"npc_present": False, "mood": ["happy"], "odd": ""}
    deep = {"interactions": {"talk": {"gating": {"min_tier": "", "min_affinity": 0}, "label": ""}}, "npc_roles": {}}
    assert schema.pruned("worlds/manifest", deep) == {"interactions": {"talk": {"gating": {"min_affinity": 0}}}}
    assert schema.pruned("worlds/manifest", {"items": {"rope": {}}, "stat_packages": [], "interactions": {"talk": {}}}) == {
        "items": {"rope": {}},
        "interactions": {"talk": {}},
    }


# -- anything at all --------------------------------------------------------------------------------------------------

keys = st.sampled_from(
    ["flags", "min_affinity", "min_", "any", "not", "type", "relationships", "npc", "interactions", "talk", "gating", "", "$ref"]
) | st.text(max_size=4)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=20,
)


strange = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3) | st.binary(max_size=1) | st.just(10**400),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3) | st.integers(), inner, max_size=3) | st.tuples(inner),
    max_leaves=20,
)


@given(strange, st.sampled_from([0, schema.MAX_DEPTH - 1, schema.MAX_DEPTH, schema.MAX_DEPTH + 1]))
def test_the_quick_look_and_the_thorough_one_agree_on_what_is_json(value: Any, depth: int) -> None:
    for _ in range(depth):
        value = [value]
    assert schema._fits(value) == (schema._unfit(value) is None)


@settings(deadline=None, max_examples=150)
@given(st.sampled_from(NAMES), anything)
def test_no_value_makes_validation_fail(name: str, value: Any) -> None:
    for error in schema.errors(name, value):
        assert error.pointer == "" or error.pointer.startswith("/")
        assert error.code
        assert error.message
    schema.pruned(name, value)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {1: 2}, {"a": {3}}, b"x", object()])
def test_what_json_does_not_know_is_an_error_and_no_exception(value: Any) -> None:
    assert [error.code for error in schema.errors("worlds/manifest", {"extensions": {"x": value}})] == ["not_json"]


def test_a_value_of_any_depth_is_an_error_and_no_exception() -> None:
    value: Any = 1
    for _ in range(5000):
        value = {"not": value}
    assert [error.code for error in schema.errors("worlds/conditions", value)] == ["too_deep"]
