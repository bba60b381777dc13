from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from hypothesis import given
from hypothesis import strategies as st

from pixsim.models import User
from scenes import bundle, checks
from tests.scenes.documents import documents, harbor
from worlds import archive

FOLDER = Path(django_settings.BASE_DIR) / "scenes/worlds/harbor_district"


def test_the_harbor_district_has_no_problems() -> None:
    assert checks.problems(archive.read_folder(FOLDER).document) == []


@pytest.mark.django_db
def test_the_harbor_district_is_loaded_whole_and_still_has_none() -> None:
    world = bundle.load_folder(FOLDER, owner=User.objects.create_user("owner"))
    document, _ = bundle.document(world)
    assert checks.problems(document) == []
    read = archive.read_folder(FOLDER).document
    for name in ("locations", "hotspots", "scenes", "npcs", "assets"):
        assert [entry["key"] for entry in document[name]] == [entry["key"] for entry in read[name]]


def changed(path: str, value: Any) -> dict[str, Any]:
    document = copy.deepcopy(harbor())
    *parents, last = path.strip("/").split("/")
    target: Any = document
    for part in parents:
        target = target[int(part)] if isinstance(target, list) else target.setdefault(part, {})
    if isinstance(target, list):
        target.insert(int(last), value)
    else:
        target[last] = value
    return document


TALK = "/world/meta/manifest/interactions/talk"
CASES = [
    ("/scenes/0/edges/1/conditions", {"flags": ["unheard_of"]}, "/scenes/0/edges/1/conditions/flags/0", "unknown_flag"),
    ("/scenes/0/edges/1/conditions", {"any": [{"location": ["moon"]}]}, "/scenes/0/edges/1/conditions/any/0/location/0", "unknown_location"),
    ("/scenes/0/edges/1/conditions", {"not": {"features": ["magic"]}}, "/scenes/0/edges/1/conditions/not/features/0", "unknown_feature"),
    ("/scenes/0/edges/1/conditions", {"stats": {"coin": {"min": 3}}}, "/scenes/0/edges/1/conditions/stats/coin", "unknown_stat"),
    ("/scenes/0/edges/1/conditions", {"inventory": {"rope": 1}}, "/scenes/0/edges/1/conditions/inventory/rope", "unknown_item"),
    ("/scenes/0/edges/1/conditions", {"min_tier": "soulmate"}, "/scenes/0/edges/1/conditions/min_tier", "unknown_tier"),
    ("/scenes/0/edges/1/conditions", {"min_charm": 3}, "/scenes/0/edges/1/conditions", "broken_condition"),
    ("/scenes/0/edges/1/conditions", {"seen": ["node9"]}, "/scenes/0/edges/1/conditions/seen/0", "unknown_node"),
    (
        "/scenes/0/edges/1/effects",
        {"relationships": {"npc:nobody": {"affinity": 1}}},
        "/scenes/0/edges/1/effects/relationships/npc:nobody",
        "unknown_npc",
    ),
    ("/scenes/0/edges/1/effects", {"relationships": {"npc": {"affinity": 1}}}, "/scenes/0/edges/1/effects/relationships/npc", "no_npc"),
    ("/scenes/0/edges/1/effects", {"stats": {"coin": 1}}, "/scenes/0/edges/1/effects/stats/coin", "broken_effect"),
    ("/scenes/0/edges/1/effects", {"move_to": "moon"}, "/scenes/0/edges/1/effects/move_to", "unknown_location"),
    ("/scenes/0/edges/1/effects", {"place": {"npc:captain_mara": "moon"}}, "/scenes/0/edges/1/effects/place/npc:captain_mara", "unknown_location"),
    ("/scenes/0/edges/1/to_scene", "nowhere", "/scenes/0/edges/1/to_scene", "unknown_scene"),
    ("/scenes/0/edges/0/to", "node9", "/scenes/0/edges/0/to", "unknown_node"),
    ("/scenes/0/edges/0/to", None, "/scenes/0/edges/0", "edge_leads_nowhere"),
    ("/scenes/0/nodes/0/asset", "nothing", "/scenes/0/nodes/0/asset", "unknown_asset"),
    ("/scenes/0/nodes/0/meta", {"still": "nothing"}, "/scenes/0/nodes/0/meta/still", "unknown_asset"),
    ("/scenes/0/nodes/2", {"key": "lonely", "kind": "end"}, "/scenes/0/nodes/2", "unreachable_node"),
    ("/scenes/0/edges/1/label", "", "/scenes/0/nodes/1", "no_choices"),
    ("/scenes/0/entry_node", "node9", "/scenes/0/entry_node", "unknown_node"),
    ("/scenes/0/is_entry", False, "/scenes", "no_entry_scene"),
    ("/scenes/2", {"key": "z", "title": "Z", "nodes": [{"key": "n", "kind": "end"}]}, "/scenes/2", "unreachable_scene"),
    ("/scenes/2", {"key": "z", "title": "Z"}, "/scenes/2/nodes", "empty_scene"),
    ("/scenes/1/nodes/0/meta", {"dialogueConfig": {"npc": "nobody"}}, "/scenes/1/nodes/0/meta/dialogueConfig/npc", "unknown_npc"),
    ("/scenes/1/nodes/0/meta", {"dialogueConfig": {"npc_role": "king"}}, "/scenes/1/nodes/0/meta/dialogueConfig/npc_role", "unknown_role"),
    ("/hotspots/0/action", {"type": "play_scene", "scene": "not_yet"}, "/hotspots/0/action/scene", "unknown_scene"),
    ("/hotspots/0/action", {"type": "play_scene", "scene_id": 3}, "/hotspots/0/action/scene_id", "unknown_scene"),
    ("/hotspots/0/action", {"type": "npc_talk"}, "/hotspots/0/action", "missing_npc"),
    ("/hotspots/0/action", {}, "/hotspots/0/action", "no_action"),
    ("/locations/0/travel_conditions", {"location": ["moon"]}, "/locations/0/travel_conditions/location/0", "unknown_location"),
    ("/npcs/0/schedule/0/location", "moon", "/npcs/0/schedule/0/location", "unknown_location"),
    ("/npcs/0/schedule/1/rule", "patrol", "/npcs/0/schedule/1/stops", "missing_stops"),
    ("/npcs/0/schedule/2", {"key": "s3", "days": [1], "start": "07:00", "end": "08:00", "rule": "hidden"}, "/npcs/0/schedule", "overlapping_slots"),
    ("/npcs/0/expressions", [], "/npcs/0/expressions", "missing_expression"),
    ("/npcs/0/initial/relationships", {"charm": 3}, "/npcs/0/initial/relationships/charm", "unknown_axis"),
    (
        "/npcs/0/interaction_overrides",
        {"talk": {"gating": {"location": ["moon"]}}},
        "/npcs/0/interaction_overrides/talk/gating/location/0",
        "unknown_location",
    ),
    (f"{TALK}/gating", {"location": ["moon"]}, f"{TALK}/gating/location/0", "unknown_location"),
    (f"{TALK}/action", {"type": "play_scene", "scene": "trade"}, f"{TALK}/action/scene", "unknown_scene"),
    (f"{TALK}/preset", "intimate", f"{TALK}/preset", "unknown_preset"),
    (f"{TALK}/choices", [{"id": "a", "effects": {"inventory": {"rope": 1}}}], f"{TALK}/choices/0/effects/inventory/rope", "broken_effect"),
]


@pytest.mark.parametrize(("path", "value", "pointer", "code"), CASES, ids=[f"{case[3]}-{index}" for index, case in enumerate(CASES)])
def test_what_leads_nowhere_is_named_with_its_place(path: str, value: Any, pointer: str, code: str) -> None:
    found = checks.problems(changed(path, value))
    assert (pointer, code) in [(problem.pointer, problem.code) for problem in found]
    assert all(problem.message and problem.where for problem in found)


def test_the_sample_world_itself_is_sound() -> None:
    assert [problem.code for problem in checks.problems(harbor())] == []


def test_scenes_that_call_each_other_without_waiting_are_a_circle() -> None:
    document = harbor()
    jump = {"key": "go", "kind": "scene", "meta": {"sceneConfig": {"scene": "b"}}}
    document["scenes"] += [
        {"key": "a", "title": "A", "nodes": [jump]},
        {"key": "b", "title": "B", "nodes": [{**jump, "meta": {"sceneConfig": {"scene": "a"}}}]},
    ]
    circles = [problem.where for problem in checks.problems(document) if problem.code == "endless_circle"]
    assert circles == ["scene/a/go", "scene/b/go"]
    document["scenes"][-1]["nodes"].insert(0, {"key": "clip", "kind": "video"})
    assert not [problem for problem in checks.problems(document) if problem.code == "endless_circle"]


@given(documents())
def test_valid_documents_never_break_the_checks(document: dict[str, Any]) -> None:
    for problem in checks.problems(document):
        target: Any = document
        for part in problem.pointer.split("/")[1:-1]:
            target = target[int(part)] if isinstance(target, list) else target[part]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from([case[0] for case in CASES]), json_values)
def test_nonsense_never_breaks_the_checks(path: str, value: Any) -> None:
    checks.problems(changed(path, value))
