"""A playtest over REST: any node, any state, an unsaved graph; the answered state goes on; nothing is kept."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from sessions.models import DialogueTurn, GameSession, SessionEvent
from tests.api.conftest import client_of
from tests.playing import account, harbor_district
from worlds.models import World, WorldRelease


@pytest.fixture
def world(db: Any) -> World:
    return harbor_district(owner=account("author", author=True))


@pytest.fixture
def api(world: World) -> APIClient:
    return client_of(world.owner)


def play(api: APIClient, world: World, status: int = 200, **body: Any) -> Any:
    answer = api.post("/api/v1/game-sessions/playtest", {"world_id": world.pk, **body}, format="json")
    assert answer.status_code == status, answer.content[:2000]
    return answer.json()


def choose(edge: str) -> dict[str, str]:
    return {"type": "choose", "edge_id": edge}


def graph_of(api: APIClient, world: World, scene: str) -> dict[str, Any]:
    whole = api.get(f"/api/v1/game-scenes/{world.scenes.get(key=scene).pk}/graph").json()
    return {
        "entry_node_id": whole["entry_node_id"],
        "nodes": [{key: node[key] for key in ("id", "kind", "label", "asset_id", "loopable", "skippable", "meta")} for node in whole["nodes"]],
        "edges": [{key: value for key, value in edge.items() if key not in ("scene_id", "to_scene")} for edge in whole["edges"]],
    }


def test_from_any_node_with_any_state_to_the_difference(world, api):
    done = play(
        api, world, scene_id="tavern_npc_encounter", node_id="node3",
        state={"relationships": {"captain_mara": {"affinity": 35}}}, actions=[choose("edge3b")],
    )  # fmt: skip
    labels = [change["label"] for change in done["diff"]]
    assert "+4 Chemistry" in labels and "+1 Affinity" in labels
    assert done["steps"][0]["node"] == "tavern_npc_encounter/flirted"
    assert done["view"]["node"]["label"] == "Weather Eye"


def test_the_answered_state_goes_on_and_nothing_is_kept(world, api):
    releases = WorldRelease.objects.count()
    begun = play(api, world, scene_id="at_the_bar", node_id="node1", state={"stats": {"coin": 3}})
    on = play(api, world, state=begun["state"], version=begun["version"], seed=begun["seed"], actions=[choose("rum"), {"type": "continue"}])
    assert on["inventory"]["rum"] == 1
    assert on["stats"]["coin"] == 1
    locked = next(one for one in on["view"]["choices"] if one["edge_id"] == "rum")
    assert locked["disabled_reason"] == "Need coin 2 – you have 1"
    kept = (GameSession.objects.count(), SessionEvent.objects.count(), DialogueTurn.objects.count(), WorldRelease.objects.count())
    assert kept == (0, 0, 0, releases)


def test_a_talk_is_answered_by_the_scripted_writer_and_its_choices_are_open_in_the_next_call(world, api):
    talk = {"type": "interact", "npc_id": "captain_mara", "interaction_id": "talk"}
    begun = play(api, world, scene_id="tavern_npc_encounter", node_id="node2", actions=[talk])
    assert begun["view"]["dialogue"]["lines"][-1]["writer"] == "scripted"
    choice = next(one for one in begun["view"]["dialogue"]["choices"] if one["available"])
    on = play(api, world, state=begun["state"], version=begun["version"], actions=[{"type": "say", "choice_id": choice["choice_id"]}])
    assert len(on["view"]["dialogue"]["lines"]) > len(begun["view"]["dialogue"]["lines"])


def test_the_unsaved_graph_is_played_and_not_saved(world, api):
    graph = graph_of(api, world, "market")
    graph["nodes"].append({"id": "new", "kind": "video", "label": "A new turn", "asset_id": None, "loopable": False, "skippable": True, "meta": {}})
    next(edge for edge in graph["edges"] if edge["id"] == "catch")["to_node_id"] = "new"
    done = play(api, world, scene_id="market", node_id="node2", graph=graph, actions=[choose("catch")])
    assert done["view"]["node"]["label"] == "A new turn"
    assert not world.scenes.get(key="market").nodes.filter(key="new").exists()
    saved = play(api, world, scene_id="market", node_id="node2", actions=[choose("catch")])
    assert saved["current_node_id"] == "caught"


@pytest.mark.parametrize(
    "spoil, pointer",
    [
        (lambda g: g["edges"][0].update(to_node_id="nowhere"), "/graph/edges/0/to_node_id"),
        (lambda g: g["nodes"][0].update(asset_id=999_999), "/graph/nodes/0/asset_id"),
        (lambda g: g.update(entry_node_id="nowhere"), "/graph/entry_node_id"),
        (lambda g: g["edges"][0].update(conditions={"weather": 1}), "/graph/edges/0/conditions/weather"),
    ],
)
def test_a_graph_is_checked_as_for_saving(world, api, spoil, pointer):
    graph = graph_of(api, world, "market")
    spoil(graph)
    assert pointer in [error["pointer"] for error in play(api, world, 400, scene_id="market", graph=graph)["errors"]]


def test_a_move_that_is_not_open_is_named_with_its_reason(world, api):
    refused = play(api, world, 409, scene_id="tavern_npc_encounter", node_id="node3", actions=[choose("edge3b")])
    assert refused["detail"].startswith("Move 1 is not open.")
    assert "Need affinity 35 – you have 30" in refused["detail"]
    assert refused["reasons"][0]["needed"] == 35


def test_a_state_is_checked_and_not_trusted(world, api):
    begun = play(api, world, scene_id="market", node_id="node2")
    forged = {**begun["state"], "rel": {"ren": {"affinity": 5000}, "nobody": {"affinity": 3}}, "at": {"scene": "market", "node": "no_such"}}
    mended = play(api, world, state=forged)
    assert mended["state"]["rel"]["ren"]["affinity"] == 100
    assert "nobody" not in mended["state"]["rel"]
    assert mended["current_node_id"] is None
    assert play(api, world, 400, state={"v": 1, "flags": 7})["errors"][0]["pointer"].startswith("/state")


def test_without_a_scene_one_explores(world, api):
    done = play(api, world, state={"location": "market", "world_time": 7200}, actions=[{"type": "travel", "location_id": "tavern"}])
    assert done["location"]["key"] == "tavern"
    assert done["view"]["mode"] == "explore"


def test_what_is_not_there_is_not_found(world, api):
    assert play(api, world, 404, scene_id="market", node_id="no_such")["errors"][0]["pointer"] == "/node_id"
    assert play(api, world, 404, scene_id="no_such")["errors"][0]["pointer"] == "/scene_id"
