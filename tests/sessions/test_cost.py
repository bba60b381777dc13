"""What a call costs in SQL: counted, and every statement named, so that a new one has to be named here to get in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from knox.models import AuthToken
from rest_framework.test import APIClient

from pixsim.models import User
from sessions.models import GameSession
from tests import documents
from tests.playing import published
from worlds.models import World

pytestmark = pytest.mark.django_db

NAMES = (
    (r"^SAVEPOINT|^RELEASE SAVEPOINT|^BEGIN|^COMMIT", "transaction"),
    (r'^SELECT .*FROM "knox_authtoken"', "whose token"),
    (r'^UPDATE "knox_authtoken"', "token used"),
    (r'^SELECT .*FROM "game_sessions_sessionevent" .*"idem_key" =', "was this key used"),
    (r'^SELECT .*FROM "game_sessions_gamesession"', "the session"),
    (r"^UPDATE game_sessions_gamesession", "compare and swap"),
    (r'^INSERT INTO "game_sessions_sessionevent"', "row of the log"),
    (r'^SELECT .*FROM "generation_asset"', "its pictures"),
    (r'^SELECT .*FROM "worlds_worldrelease"', "a release"),
    (r'^SELECT .*FROM "worlds_worldstate"', "the world's clock"),
    (r'^SELECT .*FROM "worlds_world"', "the world"),
    (r'^SELECT .*FROM "npcs_', "its people"),
    (r'^SELECT .*FROM "worlds_location"', "its places"),
)


def name_of(sql: str) -> str:
    return next((name for pattern, name in NAMES if re.search(pattern, sql, re.S)), sql)


@contextmanager
def told(found: list[str]) -> Iterator[None]:
    """The names of the statements made inside, in order, without those that only mark a transaction."""
    with CaptureQueriesContext(connection) as captured:
        yield
    found += [name for query in captured.captured_queries if (name := name_of(query["sql"])) != "transaction"]


@pytest.fixture
def owner() -> User:
    return User.objects.create_user("owner")


@pytest.fixture
def world(owner: User) -> World:
    return published(documents.harbor(), owner=owner)


@pytest.fixture
def player(world: World) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {AuthToken.objects.create(User.objects.create_user('player'))[1]}")
    return client


def begun(player: APIClient, world: World) -> str:
    made = player.post("/api/v1/game-sessions/", {"world_id": world.pk}, format="json")
    assert made.status_code == 201, made.content
    return f"/api/v1/game-sessions/{made.json()['id']}"


def test_reading_a_session(player: APIClient, world: World) -> None:
    here = begun(player, world)
    player.get(here)
    found: list[str] = []
    with told(found):
        assert player.get(here).status_code == 200
    assert found == ["whose token", "the session"] or found == ["whose token", "the session", "its pictures"], found


def test_a_choice_with_token_and_idempotency_key(player: APIClient, world: World) -> None:
    other = begun(player, world)
    player.post(f"{other}/choose", {"edge_id": "edge2b"}, format="json", HTTP_IDEMPOTENCY_KEY="warm")
    here = begun(player, world)
    found: list[str] = []
    with told(found):
        done = player.post(f"{here}/choose", {"edge_id": "edge2b", "version": 0}, format="json", HTTP_IDEMPOTENCY_KEY="first")
    assert done.status_code == 200, done.content
    assert done.json()["flags"] == ["visited_tavern"]
    assert found == ["whose token", "the session", "was this key used", "compare and swap", "row of the log"], found


def everybody(count: int) -> dict[str, Any]:
    """The harbor with that many more people, each with a week of their own."""
    document = documents.harbor()
    for index in range(count):
        slot = {
            "key": "s1",
            "days": [1, 2, 3, 4, 5, 6, 7],
            "start": f"{index % 12:02}:00",
            "end": "20:00",
            "location": "market",
            "activity": "working",
        }
        document["npcs"].append(documents.npc(f"person_{index}", home="harbor", schedule=[slot]))
    return document


@pytest.mark.parametrize("people", [3, 300])
def test_presence_costs_the_same_for_any_number_of_people(people: int, player: APIClient, owner: User) -> None:
    world = published(everybody(people), owner=owner)
    here = begun(player, world)
    path = f"/api/v1/game-npcs/presence?session_id={here.rsplit('/', 1)[1]}"
    player.get(path)
    found: list[str] = []
    with told(found):
        answer = player.get(path)
    assert answer.status_code == 200, answer.content
    assert len(answer.json()["results"] if isinstance(answer.json(), dict) else answer.json()) > people / 2
    assert found == ["whose token", "the session"], found


@pytest.mark.parametrize("people", [3, 300])
def test_presence_of_a_world_too(people: int, owner: User) -> None:
    world = published(everybody(people), owner=owner)
    author = APIClient()
    author.credentials(HTTP_AUTHORIZATION=f"Token {AuthToken.objects.create(owner)[1]}")
    path = f"/api/v1/game-npcs/presence?world_id={world.pk}&world_time=36000"
    author.get(path)
    found: list[str] = []
    with told(found):
        answer = author.get(path)
    assert answer.status_code == 200, answer.content
    assert found == ["whose token", "the world", "its places", "its people"], found


def test_the_list_of_interactions(player: APIClient, world: World) -> None:
    here = begun(player, world)
    session = GameSession.objects.get(pk=here.rsplit("/", 1)[1])
    mara = session.release.ids["npcs"]["captain_mara"]
    body = {"session_id": session.pk, "npc_id": mara}
    player.post("/api/v1/npc-interactions/list", body, format="json")
    found: list[str] = []
    with told(found):
        answer = player.post("/api/v1/npc-interactions/list", body, format="json")
    assert answer.status_code == 200, answer.content
    assert found == ["whose token", "the session"], found


def test_pages_of_lists_cost_the_same_for_any_number_of_rows(player: APIClient, world: World) -> None:
    def cost() -> list[str]:
        found: list[str] = []
        with told(found):
            assert player.get("/api/v1/game-sessions/").status_code == 200
        return found

    begun(player, world)
    one = cost()
    for _ in range(12):
        begun(player, world)
    assert cost() == one
