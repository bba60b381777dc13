"""Simulate and list with a mock state: what execute then does, and nothing kept."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from rest_framework.test import APIClient

from npcs.models import Npc
from pixsim.models import User
from sessions import services
from sessions.models import GameSession
from tests.playing import account, harbor_district
from worlds.models import World

pytestmark = pytest.mark.django_db
Json = dict[str, Any]


@pytest.fixture
def author(db: None) -> User:
    return account("owner", author=True)


@pytest.fixture
def world(author: User) -> World:
    return harbor_district(owner=author)


@pytest.fixture
def mara(world: World) -> Npc:
    return Npc.objects.get(world=world, key="captain_mara")


class Rest:
    def __init__(self, user: User) -> None:
        self.client = APIClient()
        self.client.force_authenticate(user)

    def post(self, path: str, body: Json, status: int = 200) -> Json:
        answer = self.client.post(f"/api/v1{path}", body, format="json")
        assert answer.status_code == status, answer.content
        found: Json = answer.json()
        return found

    def interactions(self, world: World, npc: Npc, **state: Any) -> dict[str, Json]:
        found = self.post("/npc-interactions/list", {"world_id": world.pk, "npc_id": npc.pk, "state": state})
        return {each["id"]: each for each in found["interactions"]}


@pytest.fixture
def rest(author: User) -> Rest:
    return Rest(author)


def rows() -> dict[str, str]:
    """A hash of every row of every table."""
    found = {}
    for model in apps.get_models(include_auto_created=True):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(model._meta.db_table)}")
            found[model._meta.db_table] = hashlib.sha256(repr(sorted(map(repr, cursor.fetchall()))).encode()).hexdigest()
    return found


NOON = 4 * 3600  # the Harbor District begins at 08:00
NIGHT = 15 * 3600
AT_HER_SIDE = {"location": "market", "world_time": NOON}  # she is there for lunch
IN_THE_SCENE = {"location": "tavern", "placed": {"captain_mara": "tavern"}, "world_time": NIGHT}


def unmet(interaction: Json) -> list[str]:
    return [check["words"] for check in interaction["checks"] if not check["met"]]


REASONS: list[tuple[Json, Json, str, str]] = [
        (AT_HER_SIDE, {"affinity": 30}, "ask_rumors", "Need affinity 35 – you have 30"),
        (AT_HER_SIDE, {"affinity": 35}, "ask_rumors", ""),
        (AT_HER_SIDE, {"affinity": 35}, "flirt", "Need affinity 40 – you have 35"),
        (AT_HER_SIDE, {"affinity": 40, "chemistry": 29}, "flirt", "Need chemistry 30 – you have 29"),
        (AT_HER_SIDE, {"affinity": 40, "chemistry": 30}, "flirt", "Only when happy or curious – now friendly"),
        ({**AT_HER_SIDE, "mood": "happy"}, {"affinity": 40, "chemistry": 30}, "flirt", ""),
        ({**AT_HER_SIDE, "location": "tavern"}, {"affinity": 60}, "ask_rumors", "Captain Mara is not here"),
        ({**AT_HER_SIDE, "world_time": NIGHT}, {"affinity": 60}, "ask_rumors", "Captain Mara is not here"),
        (IN_THE_SCENE, {"affinity": 60}, "ask_rumors", ""),
        ({**IN_THE_SCENE, "location": "harbor", "placed": {"captain_mara": "harbor"}}, {"affinity": 60}, "ask_rumors",
         "Only at The Rusty Anchor Tavern or Central Market"),
        (AT_HER_SIDE, {"affinity": -1}, "talk", "Need affinity 0 – you have −1"),
]  # fmt: skip


def test_every_reason_is_right(rest: Rest, world: World, mara: Npc) -> None:
    for state, towards, interaction, reason in REASONS:
        found = rest.interactions(world, mara, **state, relationships={f"npc_{mara.pk}": towards})[interaction]
        assert (found["disabled_reason"], found["available"]) == (reason, not reason), (state, towards)
        assert found["available"] == (unmet(found) == [])


def test_every_clause_says_what_it_asks_how_it_stands_and_who_wrote_it(rest: Rest, world: World, mara: Npc) -> None:
    found = rest.interactions(world, mara, **AT_HER_SIDE)["ask_rumors"]
    affinity = next(check for check in found["checks"] if check["code"] == "min_axis")
    assert affinity == {
        "code": "min_axis", "met": False, "subject": "affinity", "needed": 35, "had": 30,
        "words": "Affinity at least 35", "now": "30", "pointer": "/gating/min_affinity", "level": "npc",
    }  # fmt: skip
    presence = found["checks"][0]
    assert (presence["code"], presence["level"], presence["met"]) == ("npc_present", "game", True)
    assert found["origin"]["/gating/min_affinity"] == "npc"
    assert found["origin"]["/label"] == "world"


def test_a_session_and_a_mock_of_its_state_show_the_same(rest: Rest, author: User, world: World, mara: Npc) -> None:
    session = rest.post("/game-sessions/", {"world_id": world.pk}, 201)
    state = GameSession.objects.get(pk=session["id"]).state
    of_session = rest.post("/npc-interactions/list", {"session_id": session["id"], "npc_id": mara.pk})
    of_state = rest.post("/npc-interactions/list", {"world_id": world.pk, "npc_id": mara.pk, "state": state})
    assert of_session == of_state


def as_players_see(value: Any) -> Any:
    """Without the clauses that only authors get."""
    if isinstance(value, dict):
        return {name: as_players_see(inner) for name, inner in value.items() if name not in ("checks", "origin")}
    return [as_players_see(inner) for inner in value] if isinstance(value, list) else value


def test_nothing_is_written_and_execute_then_does_the_same(rest: Rest, world: World, mara: Npc) -> None:
    session = rest.post("/game-sessions/", {"world_id": world.pk}, 201)["id"]
    services.patch(session=GameSession.objects.get(pk=session), values={"scene": None, "location": "market", "world_time": NOON})
    talking = {"session_id": session, "npc_id": mara.pk, "interaction_id": "talk"}
    bodies: list[Json] = [talking]
    for body in bodies:
        before = rows()
        simulated = rest.post("/npc-interactions/simulate", body)
        assert rows() == before, "simulate wrote something"
        done = rest.post("/npc-interactions/execute", body)
        for name in ("changes", "next_scene", "dialogue", "interactions", "version"):
            assert as_players_see(simulated[name]) == as_players_see(done[name]), name
        assert simulated["state"] == GameSession.objects.get(pk=session).state
        assert simulated["npc"]["after"]["relationship"] == done["relationships"][f"npc_{mara.pk}"]
        if len(bodies) < 4 and done["dialogue"] and (choices := [c for c in done["dialogue"]["choices"] if c["available"]]):
            bodies.append(
                {**talking, "choice_id": choices[0]["choice_id"]} if len(bodies) % 2 else {**talking, "user_choice_text": choices[0]["label"]}
            )
    assert len(bodies) > 2


def test_a_mock_state_goes_on_with_the_state_that_was_answered(rest: Rest, world: World, mara: Npc) -> None:
    body = {"world_id": world.pk, "npc_id": mara.pk, "interaction_id": "talk", "state": {**AT_HER_SIDE, "seed": 7}}
    before = rows()
    first = rest.post("/npc-interactions/simulate", body)
    choice = next(c for c in first["dialogue"]["choices"] if c["available"])
    second = rest.post("/npc-interactions/simulate", {**body, "state": first["state"], "user_choice_text": choice["label"].upper()})
    assert rows() == before
    assert second["version"] > first["version"]
    assert second["dialogue"]["said"] == choice["label"]
    assert second["prompt"]["sections"], "the prompt that would be sent"
    assert second["npc"]["before"]["relationship"] == first["npc"]["after"]["relationship"]


def test_what_is_locked_is_refused_with_its_reasons(rest: Rest, world: World, mara: Npc) -> None:
    body = {"world_id": world.pk, "npc_id": mara.pk, "interaction_id": "ask_rumors", "state": AT_HER_SIDE}
    refused = rest.post("/npc-interactions/simulate", body, 409)
    assert refused["reasons"][0]["needed"] == 35
    assert "Need affinity 35 – you have 30" in refused["detail"]


def test_players_try_nothing_out(world: World, mara: Npc) -> None:
    player = Rest(account("player"))
    session = player.post("/game-sessions/", {"world_id": world.pk}, 201)["id"]
    talk = {"npc_id": mara.pk, "interaction_id": "talk"}
    player.post("/npc-interactions/simulate", {"session_id": session, **talk}, 404)
    player.post("/npc-interactions/simulate", {"world_id": world.pk, **talk}, 404)
    player.post("/npc-interactions/list", {"world_id": world.pk, "npc_id": mara.pk}, 404)
    player.post("/npc-interactions/list", {"npc_id": mara.pk}, 400)
    other = Rest(account("other", author=True))
    other_session = other.post("/game-sessions/", {"world_id": world.pk}, 201)["id"]
    other.post("/npc-interactions/simulate", {"session_id": other_session, **talk}, 404)


def test_a_session_and_a_world_are_not_both_the_situation(rest: Rest, world: World, mara: Npc) -> None:
    session = rest.post("/game-sessions/", {"world_id": world.pk}, 201)["id"]
    rest.post("/npc-interactions/list", {"session_id": session, "world_id": world.pk, "npc_id": mara.pk}, 400)
    rest.post("/npc-interactions/list", {"session_id": session, "npc_id": mara.pk, "state": {}}, 400)
    wrong = rest.post("/npc-interactions/list", {"world_id": world.pk, "npc_id": mara.pk, "state": {"flags": ["no_such_flag"]}}, 400)
    assert wrong["errors"][0]["pointer"] == "/state/flags/0"
    assert json.dumps(wrong)
