"""The interaction studio as a page: everything by a request of the address, nothing written, nothing that breaks it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from npcs.models import Npc
from pixsim.models import User
from tests.playing import account, harbor_district
from worlds.models import World

pytestmark = pytest.mark.django_db
NOON_AT_THE_MARKET = {"npc": "captain_mara", "day": "1", "time": "12:00", "place": "market"}


@pytest.fixture
def author(db: None) -> User:
    return account("owner", author=True)


@pytest.fixture
def world(author: User) -> World:
    return harbor_district(owner=author)


@pytest.fixture
def page(author: User, world: World) -> Any:
    client = Client()
    client.force_login(author)

    def ask(**query: Any) -> Any:
        answer = client.get("/author/studio/", {"world": world.pk, **query})
        assert answer.status_code == 200, answer.content[:500]
        return answer

    return ask


def act(answer: Any, key: str) -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in answer.context["interactions"] if each["id"] == key)
    return found


REASONS: list[tuple[dict[str, str], str, str]] = [
    ({"rel.affinity": "30"}, "ask_rumors", "Need affinity 35 – you have 30"),
    ({"rel.affinity": "35"}, "ask_rumors", ""),
    ({"rel.affinity": "40", "rel.chemistry": "30", "mood": "happy"}, "flirt", ""),
    ({"rel.affinity": "40", "rel.chemistry": "30"}, "flirt", "Only when happy or curious – now friendly"),
    ({"place": "harbor", "rel.affinity": "90"}, "trade", "Captain Mara is not here"),
    ({"time": "23:30", "rel.affinity": "90"}, "ask_rumors", "Captain Mara is not here"),
    ({"time": "23:30", "here": "1", "place": "tavern", "rel.affinity": "90"}, "ask_rumors", ""),
]


def test_the_page_says_what_is_open_and_why_not(page: Any) -> None:
    for query, key, reason in REASONS:
        found = act(page(**{**NOON_AT_THE_MARKET, **query}), key)
        assert (found["disabled_reason"], found["available"]) == (reason, not reason), query


def test_the_clauses_stand_on_the_page_with_their_level(page: Any) -> None:
    html = page(**NOON_AT_THE_MARKET).content.decode()
    assert "Affinity at least 35" in html
    assert '<span class="level level-npc">Captain Mara</span>' in html
    assert '<span class="level level-role">Merchant</span>' in html


def test_moves_are_tried_one_after_the_other_and_taken_back(page: Any) -> None:
    begun = page(**NOON_AT_THE_MARKET, do=["talk"]).context["tried"]
    choice = next(each["choice_id"] for each in begun["done"]["dialogue"]["choices"] if each["available"])
    assert begun["done"]["dialogue"]["text"]
    on = page(**NOON_AT_THE_MARKET, do=["talk", f"talk/{choice}"]).context["tried"]
    assert [len(on["steps"]), on["refused"]] == [2, ""]
    assert on["done"]["prompt"]["sections"]
    assert page(**NOON_AT_THE_MARKET, do=["talk", f"talk/{choice}"], back="1").context["tried"]["kept"] == ["talk"]
    assert page(**NOON_AT_THE_MARKET, do=["talk"], back="all").context["tried"] is None
    assert page(**NOON_AT_THE_MARKET, do=["talk"], again="trade").context["tried"]["kept"] == ["trade"]
    assert "Need affinity" in page(**NOON_AT_THE_MARKET, do=["ask_rumors"], **{"rel.affinity": "10"}).context["tried"]["refused"]


def test_a_locked_interaction_tells_how_it_could_open(page: Any) -> None:
    found = act(page(**NOON_AT_THE_MARKET, way="ask_rumors", **{"rel.affinity": "30"}), "ask_rumors")["way"]
    assert found["status"] == "way"
    assert found["steps"]


def test_only_the_part_that_changes_is_answered_to_the_script(author: User, world: World) -> None:
    client = Client()
    client.force_login(author)
    part = client.get("/author/studio/", {"world": world.pk, "npc": "captain_mara"}, headers={"X-Part": "1"}).content.decode()
    assert part.lstrip().startswith("<form")
    assert "<html" not in part


def test_a_page_costs_seven_queries(author: User, world: World, django_assert_num_queries: Any) -> None:
    client = Client()
    client.force_login(author)
    query = {"world": world.pk, **NOON_AT_THE_MARKET, "do": "talk"}
    client.get("/author/studio/", query)
    # session, user, author's group | worlds | release | portraits | portraits and pictures of what was tried out
    with django_assert_num_queries(7):
        client.get("/author/studio/", query)


STRANGE: list[dict[str, Any]] = [
    {"time": "99:99", "day": "9", "place": "moon"},
    {"time": "12:00", "rel.affinity": "lots", "rel.love": "3", "stats.gold": "1", "inventory.rope": "-5"},
    {"time": "12:00", "flag": "no_such", "seen": "a/b/c", "mood": "hangry"},
    {"do": ["", "~", "/", "talk/", "talk~", "talk~" + "x" * 5000, "nobody/nothing", "\0"] * 9, "say": "\0"},
    {"axis": "love", "where": "moon", "way": "nothing", "back": "x", "again": "/"},
    {"npc": "captain_mara", "time": "12:00", "here": "1", "place": ""},
]


def test_no_address_breaks_the_page(page: Any) -> None:
    for query in STRANGE:
        page(**query)


def test_it_is_there_for_the_author_alone(world: World, author: User) -> None:
    for name in ("player", "stranger"):
        client = Client()
        client.force_login(account(name, author=name == "stranger"))
        assert client.get("/author/studio/", {"world": world.pk}).status_code == 404
    assert Client().get("/author/studio/").status_code == 302
    client = Client()
    client.force_login(author)
    assert client.get("/author/studio/", {"world": world.pk, "npc": "nobody"}).status_code == 404
    npc = Npc.objects.get(world=world, key="captain_mara")
    assert client.get("/author/studio/", {"world": world.pk, "npc": npc.pk}).context["form"].npc == "captain_mara"
