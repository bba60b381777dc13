"""What the graph editor is told: a draft in words with its problems, what there is to choose from, who changed what."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from generation.models import Asset
from pixsim.lib import schema
from scenes.models import Scene, SceneNode
from tests.documents import harbor
from tests.playing import account, published
from worlds.models import WorldAsset
from worlds.rules.telling import outcomes, requirements
from worlds.rules.words import Names

pytestmark = pytest.mark.django_db


class Desk:
    def __init__(self) -> None:
        self.anna = account("anna", author=True)
        self.world = published(harbor(), owner=self.anna)
        self.scene = Scene.objects.get(world=self.world, key="harbor_intro")
        self.client = APIClient()
        self.client.force_authenticate(self.anna)

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        answer = getattr(self.client, method)(f"/api/v1/game-scenes/{self.scene.pk}/{path}", body, format="json")
        assert answer.status_code == 200, answer.json()
        return answer.json()

    def graph(self) -> dict[str, Any]:
        found = self.ask("get", "graph")
        return {name: found[name] for name in ("entry_node_id", "nodes", "edges")}


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_a_draft_is_told_in_words_and_nothing_is_written(desk: Desk) -> None:
    graph = desk.graph()
    picture = Asset.objects.create(owner=desk.anna, media_type="image", label="Quay", status="ready", file="quay.png", sha256="a" * 64)
    graph["nodes"][3] |= {"asset_id": picture.pk, "kind": "dialogue", "meta": {"dialogueConfig": {"npc": "captain_mara"}}}
    graph["edges"][0] |= {"conditions": {"flags": ["visited_tavern"], "min_affinity": 20}, "meta": {"once": True}}
    told = desk.ask("post", "graph/draft", graph)
    assert told["nodes"]["node4"] == {"picture": f"/media/{picture.pk}/file-{'a' * 16}.png", "clip": None, "who": "Captain Mara", "words": []}
    assert told["nodes"]["node3a"]["words"] == ["To “market”"]
    assert told["edges"]["edge1"] == {
        "conditions": ["“Tavern Regular” is set", "Affinity at least 20"],
        "effects": [],
        "words": ["Only once"],
        "scene": None,
    }
    assert told["edges"]["edge2b"]["scene"] == "tavern_npc_encounter"
    assert desk.ask("get", "graph")["version"] == 1
    assert not WorldAsset.objects.filter(asset=picture).exists()


def test_problems_of_a_draft_lead_to_its_nodes_and_edges(desk: Desk) -> None:
    graph = desk.graph()
    graph["nodes"].append({"id": "lost", "kind": "choice", "label": "Lost"})
    graph["edges"][0]["conditions"] = {"location": ["nowhere"]}
    found = {(one["code"], one["node"], one["edge"]): one for one in desk.ask("post", "graph/draft", graph)["problems"]}
    assert found["unknown_location", None, "edge1"]["pointer"] == "/edges/0/conditions/location/0"
    assert found["unreachable_node", "lost", None]["severity"] == "warning"
    assert found["no_choices", "lost", None]["pointer"] == "/nodes/4"
    assert [one for one in found.values() if "tavern" in one["message"]] == [], "other scenes' problems are told there"


def test_what_is_unfinished_is_told_as_a_problem_and_what_is_no_graph_is_refused(desk: Desk) -> None:
    graph = desk.graph()
    graph["edges"][1]["conditions"] = {"flags": []}
    told = desk.ask("post", "graph/draft", graph)
    assert [(one["edge"], one["pointer"], one["severity"]) for one in told["problems"]] == [("edge2a", "/edges/1/conditions/flags", "error")]
    assert told["nodes"] == {}
    assert desk.client.post(f"/api/v1/game-scenes/{desk.scene.pk}/graph/draft", {"nodes": 1, "edges": []}, format="json").status_code == 400


def test_a_draft_costs_the_same_however_large_it_is(desk: Desk) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            desk.ask("post", "graph/draft", desk.graph())
        return len(queries)

    before = cost()
    SceneNode.objects.bulk_create(SceneNode(scene=desk.scene, key=f"more{index}", position=9 + index) for index in range(50))
    assert cost() == before


def test_the_vocabulary_names_everything_of_the_world(desk: Desk) -> None:
    found = desk.ask("get", "vocabulary")
    picks = {name: {one["value"]: one["title"] for one in values} for name, values in found["picks"].items()}
    assert picks["flags"]["visited_tavern"] == "Tavern Regular"
    assert picks["people"]["npc:captain_mara"] == "Captain Mara"
    assert picks["nodes"]["tavern_npc_encounter/node2"] == "tavern_npc_encounter: node2"
    assert picks["days"][1] == "Monday"
    assert found["forms"]["conditions"]["properties"]["location"]["items"]["$ref"]
    assert {one["value"]: one["block"] for one in found["kinds"]}["dialogue"] == "dialogueConfig"
    named = {pick for name in found["forms"] for pick in picks_named(found["forms"][name])}
    assert named - set(found["picks"]) == set(), "a form asks for a list that is not there"


def picks_named(value: Any) -> set[str]:
    if isinstance(value, list):
        return {name for part in value for name in picks_named(part)}
    if not isinstance(value, dict):
        return set()
    own = {value["x-pick"]} if isinstance(value.get("x-pick"), str) else set()
    return own | {name for part in value.values() for name in picks_named(part)}


def test_who_changed_what_since_a_version_is_told_newest_first(desk: Desk) -> None:
    ren = account("ren", staff=True)
    client = APIClient()
    client.force_authenticate(ren)
    graph = desk.graph()
    graph["nodes"][3] |= {"label": "Ren", "meta": {"position": {"x": 5, "y": 5}}}
    assert desk.client.put(f"/api/v1/game-scenes/{desk.scene.pk}/graph", graph, format="json").status_code == 200
    graph["nodes"][3]["meta"]["position"] = {"x": 90, "y": 5}
    graph["edges"] = graph["edges"][:-1]
    assert client.put(f"/api/v1/game-scenes/{desk.scene.pk}/graph", graph, format="json").status_code == 200
    found = desk.ask("get", "changes?since=1")
    assert found["version"] == 3
    assert [(one["by"], one["words"]) for one in found["changes"]] == [
        ("ren", ["“Ren” was moved", "The way from “Ren” to “node2” was deleted"]),
        ("anna", ["“Ren” was moved and changed: its label"]),
    ]
    assert [one["by"] for one in desk.ask("get", "changes?since=2")["changes"]] == ["ren"]
    assert desk.ask("get", "changes?since=3")["changes"] == []


@pytest.mark.parametrize(("name", "tell"), [("worlds/conditions", requirements), ("worlds/effects", outcomes)])
def test_every_condition_and_every_effect_has_its_words(name: str, tell: Any) -> None:
    properties = schema.file(name)["properties"]
    for key, part in properties.items():
        if key in ("any", "all", "not"):
            continue
        example = part.get("examples", [{"any": ["tavern"], "string": "tavern", "boolean": True, "array": [1]}.get(part.get("type", "string"))])[0]
        words = tell({key: example}, Names())
        assert words, key
        assert not any(one.endswith("?") for one in words), key


def test_combinations_are_told_in_one_sentence() -> None:
    names = Names(flags={"met": "Met Mara"}, places={"quay": "Old Quay"})
    condition = {"any": [{"flags": ["met"], "location": ["quay"]}, {"not": {"min_trust": 10}}], "time": {"from": "18:00", "to": "02:00"}}
    assert requirements(condition, names) == ["(“Met Mara” is set and at Old Quay) or not: trust at least 10", "From 18:00 to 02:00"]
    assert outcomes({"relationships": {"npc": {"trust": "-3"}}, "flags": ["!met"], "stats": {"coin": 5}}, names) == [
        "Clears “Met Mara”",
        "Coin = 5",
        "The NPC: trust −3",
    ]
    for odd in ({"flags": 1}, {"stats": []}, {"time": None}, {"any": 3}, {"days": ["x", 9]}, None, []):
        assert requirements(odd, names) is not None
        assert outcomes(odd, names) is not None
