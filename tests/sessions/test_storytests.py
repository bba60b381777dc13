"""Story tests: recorded, run, red with the first difference when the story breaks, green again when it is mended; carried along with the world."""

from __future__ import annotations

import copy
import json
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree  # noqa: S405 – what we wrote ourselves

import pytest
from django.core.management import call_command
from rest_framework.test import APIClient

from scenes import bundle
from sessions import storytests
from sessions.models import StoryTest, StoryTestRun
from sessions.spec import WorldSpec, compile_world
from tests.api.conftest import client_of
from tests.playing import HARBOR_DISTRICT, account, harbor_district
from worlds.archive import read_folder, write_folder
from worlds.models import World, WorldHistory

DOCUMENT = read_folder(HARBOR_DISTRICT).document
TESTS = {test["key"]: test for test in DOCUMENT["story_tests"]}


def district(**scenes: Any) -> WorldSpec:
    """The Harbor District, with some scenes changed by `key=function of the scene`."""
    document = copy.deepcopy({name: part for name, part in DOCUMENT.items() if name != "story_tests"})
    for scene in document["scenes"]:
        if scene["key"] in scenes:
            scenes[scene["key"]](scene)
    return compile_world(document)


def edge(scene: dict[str, Any], key: str) -> dict[str, Any]:
    return next(one for one in scene["edges"] if one["key"] == key)


@pytest.mark.parametrize("key", TESTS)
def test_every_test_of_the_harbor_district_is_green(key):
    assert storytests.run(district(), TESTS[key]).differences == ()


def test_a_broken_gate_is_named_with_its_reason_and_a_mended_one_is_green():
    def harder(scene: dict[str, Any]) -> None:
        edge(scene, "edge3b")["conditions"]["min_affinity"] = 50

    broken = storytests.run(district(tavern_npc_encounter=harder), TESTS["mara_warms_up_and_flirts_back"])
    assert [each.words for each in broken.differences] == ["Move 1 (choose “Flirt”) is not open: Need affinity 50 – you have 35"]
    assert storytests.run(district(), TESTS["mara_warms_up_and_flirts_back"]).is_green


@pytest.mark.parametrize(
    "key, scene, breaks, pointer, words",
    [
        (
            "from_the_quay_to_the_tavern",
            "harbor_intro",
            lambda s: edge(s, "edge2b").update(to="node4"),
            "/expect/path/0",
            "Move 1 (choose “Head to the Tavern”) leads to “Dock Exploration” (harbor_intro/node4), not to “Captain Mara” (tavern_npc_encounter/node1).",
        ),
        (
            "from_the_quay_to_the_tavern",
            "harbor_intro",
            lambda s: edge(s, "edge2b").pop("effects"),
            "/expect/flags/0",
            "“Tavern Regular” is not set.",
        ),
        (
            "a_flask_of_rum_for_two_coins",
            "at_the_bar",
            lambda s: edge(s, "rum")["effects"]["stats"].update(coin="-1"),
            "/expect/stats/coin",
            "Coin is 2, not 1.",
        ),
        (
            "a_flask_of_rum_for_two_coins",
            "at_the_bar",
            lambda s: edge(s, "ask_pell").update(conditions={"flags": ["jorin_in"]}),
            "/expect/choices/2",
            None,
        ),
        (
            "mara_will_not_flirt_with_strangers",
            "tavern_npc_encounter",
            lambda s: edge(s, "edge3b")["conditions"].pop("min_affinity"),
            "/expect/choices/1",
            "“Flirt” is open, and should be locked.",
        ),
        (
            "rest_until_four",
            "tavern_npc_encounter",
            lambda s: edge(s, "edge_rest")["effects"]["time"].update(advance_by_sec=3600),
            "/expect/world_time",
            "It is Day 1, 9:00 AM; expected: Day 1, 4:00 PM.",
        ),
        (
            "ren_caught_in_the_market",
            "market",
            lambda s: edge(s, "catch")["effects"]["relationships"]["npc:ren"].update(affinity="+4"),
            "/expect/relationships/ren/affinity",
            None,
        ),
        (
            "ren_caught_in_the_market",
            "market",
            lambda s: s.update(nodes=[n for n in s["nodes"] if n["key"] != "node1"], entry_node="node2", edges=[]),
            "/start",
            "The test cannot begin: There is no node “node1” in this scene.",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and value.startswith("/") else "",
)
def test_the_first_difference_is_where_the_story_was_broken(key, scene, breaks, pointer, words):
    outcome = storytests.run(district(**{scene: breaks}), TESTS[key])
    assert outcome.differences[0].pointer == pointer, outcome.differences
    assert words is None or outcome.differences[0].words == words


def test_what_is_recorded_is_green_and_says_what_changed():
    test = {"name": "Ren", "start": {"scene": "market", "node": "node1"}, "actions": [{"type": "choose", "edge_id": "shout"}]}
    expect = storytests.record(district(), test)
    assert expect["flags"] == ["called_the_watch"]
    assert expect["relationships"]["ren"]["tension"] == {"min": 15, "max": 15}
    assert storytests.run(district(), {**test, "expect": expect}).is_green


def test_a_talk_goes_on_by_an_authored_choice():
    talk = {"type": "interact", "npc_id": "npc:captain_mara", "interaction_id": "talk"}
    test = {"name": "Talk", "start": {"scene": "tavern_npc_encounter", "node": "node2"}, "actions": [talk]}
    expect = storytests.record(district(), test)
    assert expect["path"] == ["tavern_npc_encounter/node2"]
    assert storytests.run(district(), {**test, "expect": expect}).is_green


# -- kept with a world ------------------------------------------------------------------------------------------------


@pytest.fixture
def world(db: Any) -> World:
    return harbor_district(owner=account("author", author=True))


@pytest.fixture
def api(world: World) -> APIClient:
    return client_of(world.owner)


def path_of(world: World, rest: str = "") -> str:
    return f"/api/v1/game-worlds/{world.pk}/story-tests/{rest}"


def test_the_demo_brings_its_tests_and_no_release_holds_them(world):
    assert set(StoryTest.objects.values_list("key", flat=True)) == set(TESTS)
    assert "story_tests" not in world.published.document


def test_export_import_export_is_byte_identical_with_tests(world):
    first, second = BytesIO(), BytesIO()
    bundle.export(world, first)
    first.seek(0)
    twin = bundle.import_zip(first, owner=account("other", author=True))
    bundle.export(twin, second)
    assert second.getvalue() == first.getvalue()
    assert twin.story_tests.count() == len(TESTS)


def test_a_bundle_with_a_broken_test_is_refused_with_its_pointer():
    document = {**DOCUMENT, "story_tests": [{"key": "a", "name": "A", "actions": [{"type": "fly"}]}]}
    assert [error.pointer for error in bundle.errors(document)] == ["/story_tests/0/actions/0/type"]


def test_break_the_scene_and_the_runner_names_the_first_difference_fix_it_and_all_is_green(world, api):
    body = {"name": "Ren gets away", "start": {"scene": "market", "node": "node2"}, "actions": [{"type": "choose", "edge_id": "catch"}]}
    made = api.post(path_of(world), body, format="json")
    assert made.status_code == 201, made.content
    assert made.json()["expect"]["node"] == "market/caught"
    scene = world.scenes.get(key="market").pk
    gate = f"/api/v1/game-scenes/{scene}/edges/catch"
    assert api.patch(gate, {"conditions": {"flags": ["jorin_in"]}}, format="json").status_code == 200
    red = api.post(path_of(world, "run"), {"keys": ["ren_gets_away"]}, format="json").json()
    assert red["red"] == 1
    assert red["results"][0]["first_difference"].startswith("Move 1 (choose “Catch the wrist”) is not open: ")
    assert api.get(path_of(world, "ren_gets_away")).json()["last_run"]["is_green"] is False
    assert api.patch(gate, {"conditions": None}, format="json").status_code == 200
    green = api.post(path_of(world, "run"), {}, format="json").json()
    assert (green["total"], green["red"]) == (len(TESTS) + 1, 0)
    assert StoryTestRun.objects.filter(test__key="ren_gets_away").count() == 2


def test_a_test_is_an_authored_change_and_keeps_things_by_key(world, api):
    mara = world.npcs.get(key="captain_mara").pk
    body = {
        "name": "Mara by id", "start": {"scene": "tavern_npc_encounter", "node": "node2"}, "state": {"relationships": {f"npc_{mara}": {"affinity": 40}}},
        "actions": [{"type": "interact", "npc_id": mara, "interaction_id": "talk"}],
    }  # fmt: skip
    made = api.post(path_of(world), body, format="json").json()
    assert made["actions"][0]["npc_id"] == "npc:captain_mara"
    assert "npc:captain_mara" in made["state"]["relationships"]
    kept = WorldHistory.objects.latest("pk")
    assert (kept.part, kept.before) == ("story_test/mara_by_id", None)
    refused = api.post(path_of(world), {**body, "actions": [{"type": "travel", "location_id": "atlantis"}]}, format="json")
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["pointer"] == "/actions/0/location_id"


def test_old_runs_are_let_go(world, monkeypatch):
    from sessions import storytest_services

    monkeypatch.setattr(storytest_services, "RUNS_KEPT", 2)
    for _ in range(4):
        storytest_services.run(world=world, keys=["rest_until_four"])
    assert StoryTestRun.objects.count() == 2


def test_a_list_of_tests_costs_four_queries(api, world, django_assert_num_queries):
    api.post(path_of(world, "run"), {}, format="json")
    with django_assert_num_queries(4):  # world | count | tests | newest runs
        assert api.get(path_of(world)).status_code == 200


# -- on the command line ----------------------------------------------------------------------------------------------


def command(*args: str) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("run_story_tests", *args, "--no-color", stdout=out)
    except SystemExit as ended:
        return int(ended.code or 0), out.getvalue()
    return 0, out.getvalue()


def test_the_command_runs_a_folder_without_a_database(tmp_path: Path):
    file = tmp_path / "results.xml"
    code, told = command("--folder", str(HARBOR_DISTRICT), "--junit", str(file))
    assert (code, told.splitlines()[-1]) == (0, f"{len(TESTS)} tests, 0 red.")
    suite = ElementTree.parse(file).getroot()[0]  # noqa: S314
    assert (suite.get("tests"), suite.get("failures")) == (str(len(TESTS)), "0")


def test_the_command_ends_with_1_and_writes_the_failure_when_a_test_is_red(tmp_path: Path):
    document = json.loads(json.dumps(DOCUMENT))
    edge(next(scene for scene in document["scenes"] if scene["key"] == "market"), "catch")["to"] = "shouted"
    write_folder(document, tmp_path / "world")
    file = tmp_path / "results.xml"
    code, told = command("--folder", str(tmp_path / "world"), "--junit", str(file), "--test", "ren_caught_in_the_market")
    assert code == 1
    words = "Move 1 (choose “Catch the wrist”) leads to “Stop, Thief” (market/shouted), not to “Caught” (market/caught)."
    assert words in told
    failure = ElementTree.parse(file).getroot().find(".//failure")  # noqa: S314
    assert failure is not None and failure.get("message") == words


def test_the_command_runs_worlds_of_the_database(world):
    assert command(str(world.pk))[0] == 0
    assert command(str(world.pk), "--published")[0] == 0
    assert command(str(world.pk), "--test", "nothing")[0] == 2
