"""The schedule preview: for the author as the world stands, for a player as his session does."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from npcs.models import Npc
from pixsim.models import User
from scenes import bundle
from sessions.publishing import publish
from sessions.services import start
from tests.scenes.documents import harbor

pytestmark = pytest.mark.django_db


def client_of(user: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


@pytest.fixture
def played() -> tuple[APIClient, APIClient, str, int]:
    """Player, owner, path, session."""
    document = harbor()
    del document["npcs"][0]["pinned"]
    owner, player = User.objects.create_user("owner"), User.objects.create_user("player")
    world = bundle.save_document(document, owner=owner)
    publish(world=world, actor=owner)
    world.refresh_from_db()
    session = start(user=player, world=world).session
    return client_of(player), client_of(owner), f"/api/v1/game-npcs/{Npc.objects.get().pk}/schedule-preview", session.pk


def get(client: APIClient, path: str, **query: Any) -> Any:
    return client.get(path, query).json()


def test_a_player_sees_where_somebody_is_through_his_own_session_only(played: Any) -> None:
    player, owner, path, session = played
    assert player.get(path).status_code == 404
    assert client_of(User.objects.create_user("other")).get(path, {"session_id": session}).status_code == 404
    preview = get(player, path, session_id=session, time=21_600)
    assert (preview["location"]["key"], preview["source"], preview["activity"]) == ("harbor", "schedule", "working")
    assert preview["next"]["at"] == 43_200
    assert preview == {**get(owner, path, time=21_600), "week": preview["week"]}


def test_hidden_hours_are_the_authors_business(played: Any) -> None:
    player, owner, path, session = played
    saturday = 5 * 86_400
    for_player, for_owner = get(player, path, session_id=session, time=saturday), get(owner, path, time=saturday)
    assert (for_player["location"], for_player["slot"], for_player["source"]) == (None, None, "none")
    assert (for_owner["location"], for_owner["slot"], for_owner["source"]) == (None, "slot2", "schedule")
    assert {row["slot"] for row in for_player["week"]} == {"slot1"}
    assert {row["slot"] for row in for_owner["week"]} == {"slot1", "slot2"}
    friday_noon = get(player, path, session_id=session, time=4 * 86_400 + 40_000)
    assert friday_noon["next"]["slot"] is None


def test_a_preview_through_a_session_costs_one_query_when_warm(played: Any) -> None:
    player, _, path, session = played
    get(player, path, session_id=session)
    with CaptureQueriesContext(connection) as queries:
        get(player, path, session_id=session)
    assert len(queries) == 1
