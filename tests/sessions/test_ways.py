"""How a lock could be opened: players learn as much as the author lets them."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from sessions import services, ways
from sessions.engine import PlayState
from sessions.models import GameSession
from sessions.spec import WorldSpec, compile_world
from tests.playing import HARBOR_DISTRICT, account, published
from worlds.archive import read_folder

MARA = "captain_mara"


def document(hints: str) -> dict[str, Any]:
    found = read_folder(HARBOR_DISTRICT).document
    found["world"]["meta"]["manifest"]["hints"] = hints
    return found


def at_lunch(world: WorldSpec) -> PlayState:
    return PlayState(
        world=world.sha, location="market", world_time=4 * 3600, rel={MARA: {"affinity": 30, "trust": 20, "chemistry": 40, "tension": 10}}
    )


def test_a_hint_says_where_to_begin_and_the_whole_way_says_all() -> None:
    told = {}
    for level in ("none", "hint", "full"):
        world = compile_world(document(level))
        told[level] = ways.hint_of(world, at_lunch(world), MARA, "ask_rumors")
    assert told["none"] is None
    assert told["hint"]["status"] == told["full"]["status"] == "way"
    steps = [step["text"] for step in told["full"]["steps"] for _ in range(step["times"])]
    assert [step["text"] for step in told["hint"]["steps"]] == steps[:1]
    assert told["hint"]["more"] == len(steps) - 1
    assert any("Affinity" in gain for step in told["full"]["steps"] for gain in step["gains"])
    assert not any(step["gains"] for step in told["hint"]["steps"]), "what it brings is for him to find out"


@pytest.mark.django_db
@pytest.mark.parametrize("level", ["none", "hint"])
def test_the_game_page_offers_the_hint_the_author_allows(level: str) -> None:
    world = published(document(level), owner=account("owner", author=True))
    player = account("player")
    session = services.start(user=player, world=world).session
    services.patch(session=GameSession.objects.get(pk=session.pk), values={"scene": None, "location": "market", "world_time": 4 * 3600})
    client, other = Client(), Client()
    client.force_login(player)
    other.force_login(account("other"))
    path = f"/play/{session.pk}/way/?npc={MARA}&interaction=ask_rumors"
    game = client.get(f"/play/{session.pk}/").content.decode()
    assert ("How could this open?" in game.split("<dialog")[0]) == (level == "hint")
    assert client.get(path).status_code == (200 if level == "hint" else 404)
    assert other.get(path).status_code == 404
    assert client.get(f"/play/{session.pk}/way/?npc=nobody&interaction=x").status_code == 404
    if level == "hint":
        assert "It could begin like this" in client.get(path).content.decode()
        assert "<html" not in client.get(path, headers={"X-Part": "1"}).content.decode()
