"""Playtests and story tests as pages: by forms alone, for the world's author alone."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.test import Client

from sessions.models import GameSession, StoryTest
from tests.playing import account, harbor_district
from worlds.models import World


@pytest.fixture
def world(db: Any) -> World:
    return harbor_district(owner=account("author", author=True))


@pytest.fixture
def door(world: World) -> Client:
    client = Client()
    client.force_login(world.owner)
    return client


def setup_of(world: World, scene: str) -> str:
    return f"/author/scenes/{world.scenes.get(key=scene).pk}/playtest/"


def begin(door: Client, world: World, scene: str, node: str, **more: Any) -> str:
    form = {"node": node, "day": "1", "time": "08:00", "begin": "1", **more}
    answer = door.post(setup_of(world, scene), form)
    assert answer.status_code == 302, re.findall(r"message-error\">([^<]*)", answer.content.decode())
    return str(answer["Location"])


def test_play_see_the_difference_and_keep_a_test_by_forms_alone(world, door):
    page = door.get(setup_of(world, "tavern_npc_encounter") + "?node=node3")
    assert "Captain Mara towards the player" in page.content.decode()
    game = begin(door, world, "tavern_npc_encounter", "node3", **{"rel.captain_mara.affinity": "36", "rel.captain_mara.chemistry": "40"})
    shown = door.get(game).content.decode()
    assert "How do you want to leave it?" in shown and "nothing is kept" in shown
    assert re.findall(r'(?:href|action)="/play/[^"]*"', shown) == []  # nothing leads into a game
    moved = door.post(game + "move/", {"type": "choose", "edge": "edge3b"}, follow=True).content.decode()
    assert "Weather Eye" in moved
    told = door.get(game + "result/").content.decode()
    assert "Captain Mara: +4 Chemistry" in told and "40 → 44" in told
    assert "Choose “Flirt”" in told
    saved = door.post(game + "result/", {"name": "Mara flirts", "expect": ["path", "relationships"]}, follow=True)
    assert "is a story test now" in saved.content.decode()
    test = StoryTest.objects.get(key="mara_flirts")
    assert test.state == {"relationships": {"npc:captain_mara": {"affinity": 36}}}
    assert test.expect["path"] == ["tavern_npc_encounter/flirted"]
    assert test.expect["relationships"]["captain_mara"]["chemistry"] == {"min": 44, "max": 44}
    assert GameSession.objects.count() == 0


def test_a_move_can_be_taken_back_and_a_locked_one_says_why(world, door):
    game = begin(door, world, "tavern_npc_encounter", "node3")
    refused = door.post(game + "move/", {"type": "choose", "edge": "edge3b"}, headers={"X-Part": "1"})
    assert refused.status_code == 409
    assert "Need affinity 35 – you have 30" in refused.content.decode()
    door.post(game + "move/", {"type": "choose", "edge": "edge3a"})
    assert "Plain Dealing" in door.get(game).content.decode()
    assert "How do you want to leave it?" in door.post(game + "back/", follow=True).content.decode()


def test_the_graph_of_the_editor_is_played_as_it_is_on_the_screen(world, door):
    scene = world.scenes.get(key="market")
    whole = door.get(f"/api/v1/game-scenes/{scene.pk}/graph").json()
    graph = {
        "entry_node_id": whole["entry_node_id"],
        "nodes": [{k: node[k] for k in ("id", "kind", "label", "asset_id", "loopable", "skippable", "meta")} for node in whole["nodes"]],
        "edges": [{k: v for k, v in edge.items() if k not in ("scene_id", "to_scene")} for edge in whole["edges"]],
    }
    graph["nodes"].append(
        {"id": "fresh", "kind": "video", "label": "Not saved yet", "asset_id": None, "loopable": False, "skippable": True, "meta": {}}
    )
    page = door.post(setup_of(world, "market"), {"node": "fresh", "graph": json.dumps(graph)})
    assert page.status_code == 200
    assert "with the graph as you have it on the screen" in page.content.decode()
    game = begin(door, world, "market", "fresh", graph=json.dumps(graph))
    assert "Not saved yet" in door.get(game).content.decode()
    graph["edges"][0]["to_node_id"] = "nowhere"
    broken = door.post(setup_of(world, "market"), {"node": "fresh", "graph": json.dumps(graph)})
    assert broken.status_code == 400 and "message-error" in broken.content.decode()


def test_presets_fill_the_form(world, door):
    page = door.post(setup_of(world, "tavern_npc_encounter"), {"node": "node1", "preset": "quarrel"}).content.decode()
    assert 'name="rel.captain_mara.tension" min="0" max="100" step="1" value="80"' in page


def test_another_author_and_a_player_find_nothing(world, door):
    game = begin(door, world, "market", "node1")
    for other in (account("other", author=True), account("paul")):
        stranger = Client()
        stranger.force_login(other)
        for address in (setup_of(world, "market"), game, game + "result/", f"/author/worlds/{world.pk}/tests/"):
            assert stranger.get(address).status_code == 404, address


def test_nonsense_is_answered_with_a_page(world, door):
    for form in (
        {"graph": "{"},
        {"day": "x", "time": "y", "begin": "1", "node": "no_such"},
        {"day": "1", "time": "08:00", "flag": "a\0b", "begin": "1"},
    ):
        assert door.post(setup_of(world, "market"), form).status_code in (302, 400)
    assert door.get("/author/playtests/none/").status_code == 404


def test_tests_are_run_from_their_list_and_the_first_difference_is_shown(world, door):
    scene = world.scenes.get(key="market")
    door.patch(f"/api/v1/game-scenes/{scene.pk}/edges/catch", {"effects": None}, content_type="application/json")
    page = door.post(f"/author/worlds/{world.pk}/tests/run/", follow=True).content.decode()
    assert "1 of 7 red." in page
    assert "is not set." in page
    one = door.get(f"/author/worlds/{world.pk}/tests/ren_caught_in_the_market/").content.decode()
    assert "<b>red</b>" in one
    assert "Begin at" in one and "Choose “Catch the wrist” →" in one, "what it does can be read without JSON"
    publish = door.get(f"/author/worlds/{world.pk}/publish/").content.decode()
    assert "1 of 7 story tests is red." in publish
    assert "gone" in door.post(f"/author/worlds/{world.pk}/tests/rest_until_four/delete/", follow=True).content.decode()
    assert not StoryTest.objects.filter(key="rest_until_four").exists()
