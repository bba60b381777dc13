"""The printed calls of the walkthrough's sections 2 and 6, and what must never happen."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image
from rest_framework.test import APIClient

from generation.models import Asset
from npcs.models import Npc
from pixsim.models import AUTHORS, User
from scenes import bundle
from scenes.models import Hotspot, Scene, SceneEdge, SceneNode
from tests.scenes.documents import harbor
from worlds.models import Location, World, WorldHistory, WorldState

pytestmark = pytest.mark.django_db
API = "/api/v1"


def author(name: str) -> tuple[User, APIClient]:
    user = User.objects.create_user(name)
    user.groups.add(Group.objects.get_or_create(name=AUTHORS)[0])
    client = APIClient()
    client.force_authenticate(user)
    return user, client


class Stage:
    def __init__(self) -> None:
        self.user, self.client = author("anna")
        self.world = World.objects.create(name="The Harbor District", owner=self.user, meta={"manifest": {"enabled_features": ["romance"]}})
        WorldState.objects.create(world=self.world)
        self.harbor = Location.objects.create(world=self.world, key="harbor", name="Harbor Docks")
        self.mara = Npc.objects.create(world=self.world, key="captain_mara", name="Captain Mara")
        self.clip = Asset.objects.create(owner=self.user, media_type="video", label="Harbor overview")

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        return getattr(self.client, method)(API + path, body, format="json", headers=headers)

    def scene(self, title: str, **fields: Any) -> int:
        answer = self.call("post", "/game-scenes/", {"title": title, "description": "", "entry_node_id": None, "meta": {}, **fields})
        assert answer.status_code == 201, answer.json()
        return int(answer.json()["id"])

    def intro(self) -> int:
        scene = self.scene("Harbor Intro")
        assert self.call("post", f"/game-scenes/{scene}/nodes", self.nodes()).status_code == 201
        return scene

    def nodes(self) -> list[dict[str, Any]]:
        return [
            {
                "id": "node1",
                "asset_id": self.clip.pk,
                "label": "Arrive at Harbor",
                "loopable": False,
                "skippable": True,
                "meta": {"videoConfig": {"loopable": False, "skippable": True}},
            },
            {"id": "node2", "label": "Where to go?", "meta": {"choiceConfig": {"reveal_at_sec": 5}}},
            {"id": "node4", "label": "Dock Exploration", "meta": {"generationConfig": {"strategy": "once", "type": "environment"}}},
        ]


@pytest.fixture
def stage() -> Stage:
    return Stage()


EDGE = {"from_node_id": "node1", "to_node_id": "node2", "choice_label": None, "weight": 1.0, "conditions": None, "effects": None}


def test_the_harbor_intro_is_created_as_printed(stage: Stage) -> None:
    body = {"title": "Harbor Intro", "description": "Player arrives at the harbor", "entry_node_id": None, "meta": {}}
    answer = stage.call("post", "/game-scenes/", body)
    assert answer.status_code == 201, answer.json()
    scene = answer.json()["id"]
    assert answer.json() == {
        "id": scene, "world_id": stage.world.pk, "key": "harbor_intro", **body, "location_id": None, "npc_id": None, "is_entry": False, "version": 1
    }  # fmt: skip
    nodes = stage.call("post", f"/game-scenes/{scene}/nodes", stage.nodes())
    assert nodes.status_code == 201, nodes.json()
    assert [(node["id"], node["kind"], node["loopable"], node["skippable"]) for node in nodes.json()] == [
        ("node1", "video", False, True), ("node2", "choice", False, True), ("node4", "video", False, True)
    ]  # fmt: skip
    assert nodes.json()[0]["meta"] == stage.nodes()[0]["meta"]
    assert stage.call("get", f"/game-scenes/{scene}").json()["entry_node_id"] == "node1"
    market, tavern = stage.scene("Market"), stage.scene("Tavern NPC Encounter")
    edges = stage.call(
        "post",
        f"/game-scenes/{scene}/edges",
        [
            EDGE,
            {
                "from_node_id": "node2",
                "to_scene_id": market,
                "choice_label": "Visit the Market",
                "effects": {"flags": ["visited_market"], "stats": {}},
            },
            {
                "id": "edge2b",
                "from_node_id": "node2",
                "to_scene_id": tavern,
                "choice_label": "Head to the Tavern",
                "effects": {"flags": ["visited_tavern"]},
            },
            {"from_node_id": "node2", "to_node_id": "node4", "choice_label": "Explore the Docks", "conditions": {"flags": ["!visited_harbor"]}},
        ],
    )
    assert edges.status_code == 201, edges.json()
    assert edges.json()[0] == {"id": "edge1", "to_scene_id": None, **EDGE, "meta": {}}
    assert edges.json()[2]["id"] == "edge2b"
    assert edges.json()[2]["to_scene_id"] == tavern
    assert stage.call("get", f"/game-scenes/{scene}/edges").json() == edges.json()
    assert stage.call("get", f"/game-scenes/{scene}").json()["version"] == 3
    document = bundle.document(World.objects.get())[0]
    assert document["scenes"][0]["edges"][2]["to_scene"] == "tavern_npc_encounter"


def test_a_branch_is_added_as_printed_and_ids_become_keys(stage: Stage) -> None:
    scene = stage.intro()
    node = stage.call(
        "post",
        f"/game-scenes/{scene}/nodes",
        {"id": "node5", "label": "Offer to help", "meta": {"generationConfig": {"type": "dialogue", "strategy": "per_playthrough"}}},
    )
    assert (node.status_code, node.json()["kind"]) == (201, "dialogue")
    edge = stage.call(
        "post",
        f"/game-scenes/{scene}/edges",
        {
            "from_node_id": "node2",
            "to_node_id": "node5",
            "choice_label": "Offer to help",
            "effects": {"flags": ["mara_quest_started"], "relationships": {f"npc_{stage.mara.pk}": {"affinity": "+10", "trust": "+15"}}},
        },
    )
    assert edge.status_code == 201, edge.json()
    assert edge.json()["effects"]["relationships"] == {"npc:captain_mara": {"affinity": "+10", "trust": "+15"}}


def test_a_dialogue_node_may_name_a_role_as_printed(stage: Stage) -> None:
    scene = stage.scene("Tavern NPC Encounter")
    answer = stage.call("post", f"/game-scenes/{scene}/nodes", {"meta": {"dialogueConfig": {"npc_id": None, "npc_role": "merchant"}}})
    assert (answer.status_code, answer.json()["kind"], answer.json()["id"]) == (201, "dialogue", "node1")
    named = stage.call("post", f"/game-scenes/{scene}/nodes", {"meta": {"dialogueConfig": {"npc_id": stage.mara.pk}}})
    assert named.json()["meta"]["dialogueConfig"] == {"npc": "captain_mara"}


def test_the_top_level_wins_over_the_video_config(stage: Stage) -> None:
    scene = stage.scene("S")
    config = {"videoConfig": {"loopable": True, "skippable": False}}
    nodes = stage.call("post", f"/game-scenes/{scene}/nodes", [{"meta": config}, {"meta": config, "loopable": False, "skippable": True}]).json()
    assert [(node["loopable"], node["skippable"]) for node in nodes] == [(True, False), (False, True)]


def test_an_existing_key_is_a_conflict_and_nothing_of_the_list_is_kept(stage: Stage) -> None:
    scene = stage.intro()
    assert stage.call("post", f"/game-scenes/{scene}/nodes", [{"label": "new"}, {"id": "node1"}]).status_code == 409
    assert SceneNode.objects.count() == 3
    stage.call("post", f"/game-scenes/{scene}/edges", [EDGE])
    assert stage.call("post", f"/game-scenes/{scene}/edges", [{**EDGE, "id": "x"}, {**EDGE, "id": "edge1"}]).status_code == 409
    assert SceneEdge.objects.count() == 1
    twice = stage.call("post", f"/game-scenes/{scene}/nodes", [{"id": "a"}, {"id": "a"}])
    assert (twice.status_code, twice.json()["errors"][0]["pointer"]) == (400, "/1/id")


@pytest.mark.parametrize(
    ("edge", "pointer"),
    [
        ({"from_node_id": "node9", "to_node_id": "node2"}, "/0/from_node_id"),
        ({"from_node_id": "node1", "to_node_id": "node9"}, "/0/to_node_id"),
        ({"from_node_id": "node1", "to_scene_id": 999_999}, "/0/to_scene_id"),
        ({"from_node_id": "node1", "to_scene_id": "nowhere"}, "/0/to_scene_id"),
        ({"to_node_id": "node1"}, "/0/from_node_id"),
        ({"from_node_id": "node1", "weight": -1}, "/0/weight"),
        ({"from_node_id": "node1", "weight": "1"}, "/0/weight"),
        ({"from_node_id": "node1", "label": "x"}, "/0/label"),
        ({"from_node_id": "node1", "id": "Bad Key"}, "/0/id"),
    ],
)
def test_a_broken_edge_is_told_with_its_place_and_nothing_is_stored(edge: dict[str, Any], pointer: str, stage: Stage) -> None:
    scene = stage.intro()
    answer = stage.call("post", f"/game-scenes/{scene}/edges", [edge, EDGE])
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, pointer)
    assert not SceneEdge.objects.exists()


def test_nodes_and_edges_are_changed_renamed_and_deleted_by_key(stage: Stage) -> None:
    scene = stage.intro()
    stage.call("post", f"/game-scenes/{scene}/edges", [EDGE, {"from_node_id": "node2", "to_node_id": "node4", "choice_label": "Explore"}])
    patched = stage.call(
        "patch", f"/game-scenes/{scene}/nodes/node2", {"label": "Where now?", "meta": {"choiceConfig": {"reveal_at_sec": 7}, "text": "Hm."}}
    )
    assert patched.status_code == 200, patched.json()
    assert patched.json()["meta"] == {"choiceConfig": {"reveal_at_sec": 7}, "text": "Hm."}
    edge = stage.call("patch", f"/game-scenes/{scene}/edges/edge2", {"choice_label": None, "conditions": {"flags": ["a"]}})
    assert (edge.status_code, edge.json()["choice_label"], edge.json()["conditions"]) == (200, None, {"flags": ["a"]})
    renamed = stage.call("patch", f"/game-scenes/{scene}/nodes/node4", {"id": "docks"})
    assert renamed.json()["id"] == "docks"
    assert World.objects.get().renamed == {"harbor_intro/node4": "harbor_intro/docks"}
    assert stage.call("get", f"/game-scenes/{scene}/edges/edge2").json()["to_node_id"] == "docks"
    assert stage.call("patch", f"/game-scenes/{scene}/nodes/docks", {"id": "node1"}).status_code == 409
    assert stage.call("delete", f"/game-scenes/{scene}/nodes/docks").status_code == 204
    assert [edge["id"] for edge in stage.call("get", f"/game-scenes/{scene}/edges").json()] == ["edge1"]
    assert stage.call("delete", f"/game-scenes/{scene}/edges/edge1").status_code == 204
    assert stage.call("delete", f"/game-scenes/{scene}/edges/edge1").status_code == 404
    assert Scene.objects.get().version == WorldHistory.objects.filter(part="scene/harbor_intro").count()


def test_the_whole_graph_is_replaced_in_one_write_and_what_stays_keeps_its_id(stage: Stage) -> None:
    scene = stage.intro()
    stage.call("post", f"/game-scenes/{scene}/edges", [EDGE])
    graph = stage.call("get", f"/game-scenes/{scene}/graph")
    ids = dict(SceneNode.objects.values_list("key", "pk"))
    nodes, edges = graph.json()["nodes"], graph.json()["edges"]
    nodes[1]["label"] = "Now what?"
    del nodes[2]
    nodes.append({"label": "The end", "kind": "end"})
    edges.append({"from_node_id": "node2", "to_node_id": "node3", "choice_label": "Stop"})
    put = stage.call("put", f"/game-scenes/{scene}/graph", {"nodes": nodes, "edges": edges}, **{"If-Match": graph["ETag"]})
    assert put.status_code == 200, put.json()
    assert [node["id"] for node in put.json()["nodes"]] == ["node1", "node2", "node3"]
    assert put.json()["nodes"][0]["asset_id"] == stage.clip.pk
    assert {node.key: node.pk for node in SceneNode.objects.filter(key__in=["node1", "node2"])} == {key: ids[key] for key in ("node1", "node2")}
    assert [edge["id"] for edge in put.json()["edges"]] == ["edge1", "edge2"]
    assert put.json()["version"] == graph.json()["version"] + 1
    assert stage.call("put", f"/game-scenes/{scene}/graph", {"nodes": [], "edges": []}, **{"If-Match": graph["ETag"]}).status_code == 412
    same = stage.call("put", f"/game-scenes/{scene}/graph", {"nodes": put.json()["nodes"], "edges": put.json()["edges"]})
    assert same["ETag"] == put["ETag"]
    broken = stage.call("put", f"/game-scenes/{scene}/graph", {"nodes": nodes, "edges": [], "entry_node_id": "nowhere"})
    assert (broken.status_code, broken.json()["errors"][0]["pointer"]) == (400, "/entry_node_id")
    broken = stage.call("put", f"/game-scenes/{scene}/graph", {"nodes": [], "edges": edges})
    assert (broken.status_code, broken.json()["errors"][0]["pointer"]) == (400, "/edges/0/from_node_id")


def test_a_scene_without_a_world_goes_to_the_only_one_or_its_parents(stage: Stage) -> None:
    second = World.objects.create(name="Second", owner=stage.user)
    answer = stage.call("post", "/game-scenes/", {"title": "Where?"})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "/world_id"
    assert "The Harbor District" in answer.json()["detail"]
    assert answer.json()["choices"][1] == {"id": second.pk, "name": "Second"}
    assert stage.call("post", "/game-scenes/", {"title": "A", "location_id": stage.harbor.pk}).json()["world_id"] == stage.world.pk
    assert stage.call("post", "/game-scenes/", {"title": "B", "npc_id": stage.mara.pk}).json()["world_id"] == stage.world.pk
    assert stage.call("post", "/game-scenes/", {"title": "C", "world_id": second.pk}).json()["world_id"] == second.pk
    foreign = stage.call("post", "/game-scenes/", {"title": "D", "world_id": second.pk, "location_id": stage.harbor.pk})
    assert (foreign.status_code, foreign.json()["errors"][0]["pointer"]) == (400, "/location_id")


def test_one_scene_is_the_entry(stage: Stage) -> None:
    first, second = stage.scene("First", is_entry=True), stage.scene("Second", is_entry=True)
    assert [stage.call("get", f"/game-scenes/{scene}").json()["is_entry"] for scene in (first, second)] == [False, True]
    assert stage.call("patch", f"/game-scenes/{first}", {"is_entry": True}).status_code == 200
    assert Scene.objects.get(is_entry=True).pk == first


def test_a_hotspot_is_created_as_printed_and_its_scene_becomes_a_key(stage: Stage) -> None:
    tavern = stage.scene("Tavern NPC Encounter")
    body = {
        "scope": "location",
        "location_id": stage.harbor.pk,
        "hotspot_id": "enter_tavern",
        "target": {"mesh": {"object_name": "tavern_door"}},
        "action": {"type": "play_scene", "scene_id": tavern},
        "meta": {"prompt_text": "Enter the tavern?"},
    }
    answer = stage.call("post", "/game/triggers", body)
    assert answer.status_code == 201, answer.json()
    hotspot = answer.json()
    assert hotspot["action"] == {"type": "play_scene", "scene": "tavern_npc_encounter"}
    assert {key: hotspot[key] for key in ("scope", "location_id", "hotspot_id", "target", "meta", "world_id")} == {
        **{key: body[key] for key in ("scope", "location_id", "hotspot_id", "target", "meta")}, "world_id": stage.world.pk
    }  # fmt: skip
    taken = stage.call("post", "/game/triggers", body)
    assert (taken.status_code, taken.json()["errors"][0]["pointer"]) == (400, "/hotspot_id")
    path = f"/game/triggers/{hotspot['id']}"
    changed = stage.call(
        "patch", path, {"region": {"x": 0.1, "y": 0.2, "width": 0.2, "height": 0.3}, "conditions": {"flags": ["a"]}}, **{"If-Match": '"v1"'}
    )
    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    assert stage.call("patch", path, {"meta": {"prompt_text": "x"}}, **{"If-Match": '"v1"'}).status_code == 412
    assert stage.call("get", f"/game/triggers?location_id={stage.harbor.pk}").json()["count"] == 1
    assert stage.call("delete", path).status_code == 204
    assert not Hotspot.objects.exists()


def test_a_scene_that_does_not_exist_yet_is_kept_and_reported(stage: Stage) -> None:
    answer = stage.call(
        "post",
        "/game/triggers",
        {"location_id": stage.harbor.pk, "action": {"type": "play_scene", "scene": "not_yet"}, "target": {"mesh": {"object_name": "door"}}},
    )
    assert (answer.status_code, answer.json()["hotspot_id"]) == (201, "door")


def test_a_hotspot_learns_which_object_is_meant(stage: Stage) -> None:
    objects = [
        {"object_name": "tavern_door", "node_index": 3, "node_path": "root/tavern_door"},
        *({"object_name": "crate", "node_index": n} for n in (1, 2)),
    ]
    stage.harbor.asset = Asset.objects.create(owner=stage.user, media_type="gltf", meta={"objects": objects})
    stage.harbor.save()
    for name, found in (("tavern_door", objects[0]), ("crate", {"object_name": "crate"})):
        answer = stage.call("post", "/game/triggers", {"location_id": stage.harbor.pk, "target": {"mesh": {"object_name": name}}})
        assert answer.json()["target"]["mesh"] == found


@pytest.mark.parametrize("fields", [{"scope": "location"}, {"scope": "scene", "location_id": 0}, {"scope": "world", "location_id": 0}])
def test_a_hotspot_names_the_parent_its_scope_needs(fields: dict[str, Any], stage: Stage) -> None:
    fields = {key: stage.harbor.pk if value == 0 else value for key, value in fields.items()}
    assert stage.call("post", "/game/triggers", fields).status_code == 400
    assert not Hotspot.objects.exists()


def png(size: tuple[int, int] = (4, 4)) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, (200, 30, 30)).save(file, "PNG")
    return file.getvalue()


def test_a_region_ends_where_the_picture_does(stage: Stage) -> None:
    body = {"location_id": stage.harbor.pk, "hotspot_id": "quay", "region": {"x": 0.9, "y": 0.5, "width": 0.2, "height": 0.5}}
    answer = stage.call("post", "/game/triggers", body)
    assert (answer.status_code, [error["pointer"] for error in answer.json()["errors"]]) == (400, ["/region/width"])
    assert not Hotspot.objects.exists()
    assert stage.call("post", "/game/triggers", {**body, "region": {**body["region"], "width": 0.1}}).status_code == 201


def test_a_player_is_told_no_world_exists_and_without_one_that_he_is_no_author(stage: Stage) -> None:
    player = APIClient()
    player.force_authenticate(User.objects.create_user("paul"))
    for path, body in (("/game-scenes/", {"title": "Mine"}), ("/game/triggers", {"hotspot_id": "mine"})):
        named = [{"world_id": stage.world.pk}, {"location_id": stage.harbor.pk}, {"world_id": 999_999}]
        assert [player.post(API + path, {**body, **name}, format="json").status_code for name in named] == [404, 404, 404]
        assert player.post(API + path, body, format="json").status_code == 403


def test_the_thumbnail_is_the_clips_poster_else_a_drawn_still(stage: Stage) -> None:
    scene = stage.intro()
    drawn = stage.client.get(f"{API}/game-scenes/{scene}/thumbnail")
    assert (drawn.status_code, drawn["Content-Type"]) == (200, "image/png")
    assert Image.open(io.BytesIO(drawn.content)).size == (480, 270)
    stage.clip.sha256 = "a" * 64
    stage.clip.poster.save("poster.png", ContentFile(png()))
    answer = stage.client.get(f"{API}/game-scenes/{scene}/thumbnail")
    assert b"".join(answer.streaming_content) == png()
    again = stage.client.get(f"{API}/game-scenes/{scene}/thumbnail", headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == 304
    assert stage.client.get(f"{API}/game-scenes/{stage.scene('Empty')}/thumbnail").status_code == 200


def test_a_world_travels_over_rest_byte_identically(stage: Stage) -> None:
    world = bundle.save_document(harbor(), owner=stage.user)
    first = stage.client.get(f"{API}/game-worlds/{world.pk}/export")
    data = b"".join(first.streaming_content)
    assert (first.status_code, first["Content-Type"], first["X-PixSim-Pending"]) == (200, "application/zip", "3")
    assert 'filename="harbor.pixsim.zip"' in first["Content-Disposition"]
    _, other = author("otto")
    copy = other.post(f"{API}/game-worlds/import", {"file": SimpleUploadedFile("w.pixsim.zip", data)})
    assert copy.status_code == 201, copy.json()
    assert (copy.json()["name"], copy.json()["pending"], copy.json()["world_time"]) == ("Harbor", 3, 0)
    assert b"".join(other.get(f"{API}/game-worlds/{copy.json()['id']}/export").streaming_content) == data


def test_a_broken_bundle_is_refused_whole(stage: Stage) -> None:
    for content in (b"", b"not a zip", b"PK\x05\x06" + b"\0" * 18):
        answer = stage.client.post(f"{API}/game-worlds/import", {"file": SimpleUploadedFile("w.zip", content)})
        assert answer.status_code == 400
    assert stage.client.post(f"{API}/game-worlds/import", {}).status_code == 400
    assert stage.client.post(f"{API}/game-worlds/import", {"file": "x"}, format="json").status_code == 415
    assert World.objects.count() == 1
    player = APIClient()
    player.force_authenticate(User.objects.create_user("paul"))
    assert player.post(f"{API}/game-worlds/import", {"file": SimpleUploadedFile("w.zip", b"")}).status_code == 403


def test_a_second_author_finds_nothing(stage: Stage) -> None:
    scene = stage.intro()
    stage.call("post", f"/game-scenes/{scene}/edges", [EDGE])
    hotspot = stage.call("post", "/game/triggers", {"location_id": stage.harbor.pk}).json()["id"]
    _, other = author("otto")
    before = bundle.document(World.objects.get())
    calls = [(method, f"/game-scenes/{scene}{path}", body) for method, path, body in (
        ("get", "", None), ("patch", "", {"title": "x"}), ("delete", "", None), ("get", "/nodes", None), ("post", "/nodes", [{}]),
        ("get", "/nodes/node1", None), ("patch", "/nodes/node1", {"label": "x"}), ("delete", "/nodes/node1", None), ("get", "/edges", None),
        ("post", "/edges", [EDGE]), ("get", "/edges/edge1", None), ("patch", "/edges/edge1", {"weight": 2}), ("delete", "/edges/edge1", None),
        ("get", "/graph", None), ("put", "/graph", {"nodes": [], "edges": []}), ("get", "/thumbnail", None),
    )]  # fmt: skip
    calls += [
        ("get", f"/game/triggers/{hotspot}", None),
        ("patch", f"/game/triggers/{hotspot}", {"meta": {}}),
        ("delete", f"/game/triggers/{hotspot}", None),
    ]
    calls += [("get", f"/game-worlds/{stage.world.pk}/export", None), ("post", "/game-scenes/", {"title": "x", "world_id": stage.world.pk})]
    calls += [("post", "/game-scenes/", {"title": "x", "location_id": stage.harbor.pk}), ("post", "/game/triggers", {"location_id": stage.harbor.pk})]
    for method, path, body in calls:
        answer = getattr(other, method)(API + path, body, format="json")
        assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json"), (method, path)
    for path in ("/game-scenes/", "/game/triggers"):
        assert other.get(API + path).json()["count"] == 0
    assert bundle.document(World.objects.get()) == before


def test_lists_take_as_many_queries_for_many_rows(stage: Stage) -> None:
    scene = stage.intro()
    stage.call("post", f"/game-scenes/{scene}/edges", [EDGE])

    def cost() -> list[int]:
        found = []
        for path in ("/game-scenes/?page_size=200", "/game/triggers?page_size=200", f"/game-scenes/{scene}/graph", f"/game-scenes/{scene}/edges"):
            with CaptureQueriesContext(connection) as queries:
                assert stage.call("get", path).status_code == 200
            found.append(len(queries))
        return found

    few = cost()
    stage.call("post", f"/game-scenes/{scene}/nodes", [{} for _ in range(30)])
    stage.call("post", f"/game-scenes/{scene}/edges", [EDGE] * 30)
    for number in range(20):
        Scene.objects.create(world=stage.world, key=f"s{number}", title="S")
        Hotspot.objects.create(world=stage.world, key=f"h{number}", scope="world")
    # an empty page of hotspots is not fetched
    assert [after - before for before, after in zip(few, cost(), strict=True)] == [0, 1, 0, 0]


@pytest.mark.parametrize(
    "body", [[], "x", 1, {"title": 1}, {}, {"title": "x", "nodes": []}, {"title": "x", "location_id": "Ha!"}, {"title": "x", "world_id": True}]
)
def test_bad_input_is_a_problem_and_stores_nothing(body: Any, stage: Stage) -> None:
    answer = stage.call("post", "/game-scenes/", body)
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert not Scene.objects.exists()


def test_a_creation_with_an_idempotency_key_happens_once(stage: Stage) -> None:
    first, second = (stage.call("post", "/game-scenes/", {"title": "Once"}, **{"Idempotency-Key": "k"}) for _ in range(2))
    assert first.json() == second.json()
    assert Scene.objects.count() == 1


def test_an_action_of_another_type_replaces_the_old_one(stage: Stage) -> None:
    action = {"type": "play_scene", "scene": "intro"}
    hotspot = stage.call("post", "/game/triggers", {"location_id": stage.harbor.pk, "action": action}).json()["id"]
    moved = stage.call("patch", f"/game/triggers/{hotspot}", {"action": {"type": "change_location", "location": "harbor"}})
    assert (moved.status_code, moved.json()["action"]) == (200, {"type": "change_location", "location": "harbor"})
    same = stage.call("patch", f"/game/triggers/{hotspot}", {"action": {"location": "tavern"}})
    assert same.json()["action"] == {"type": "change_location", "location": "tavern"}
