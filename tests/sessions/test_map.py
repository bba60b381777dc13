"""The map: where is Mara at six, why is a way shut; and nothing of the session changes by asking."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from sessions.models import GameSession, SessionEvent
from sessions.releases import spec_of
from tests.documents import document, npc, place
from tests.playing import account, harbor_district, published
from worlds.rules.clock import parse_hhmm

pytestmark = pytest.mark.django_db
HOUR, WEEK_HOURS = 3600, 7 * 24


@pytest.fixture
def district() -> Any:
    return harbor_district(owner=account("anna", author=True))


@pytest.fixture
def player() -> Client:
    client = Client()
    client.force_login(account("paul"))
    return client


@pytest.fixture
def game(player: Client, district: Any) -> GameSession:
    player.post(f"/play/worlds/{district.pk}/start/")
    return GameSession.objects.get()


def planned(world: Any, key: str, weekday: int, second: int) -> str | None:
    """Straight from the authored rows, without any of the product's arithmetic: the place, "" for hidden, None where nothing is planned."""
    person = world.npcs.get(key=key)
    for slot in person.schedule.order_by("position", "pk"):
        start, end = parse_hhmm(slot.start), parse_hhmm(slot.end)
        after_midnight = end <= start and (weekday - 2) % 7 + 1 in slot.days and second < end
        same_day = weekday in slot.days and start <= second and (second < end or end <= start)
        if not (same_day or after_midnight):
            continue
        if slot.rule == "patrol":
            into = (second - start) % 86_400
            minutes = into // 60 % sum(stop["minutes"] for stop in slot.stops)
            for stop in slot.stops:
                if minutes < stop["minutes"]:
                    return str(stop["location"])
                minutes -= stop["minutes"]
        return slot.location.key if slot.location else ""
    return person.home_location.key if person.home_location else None


def act(player: Client, game: GameSession, **fields: Any) -> None:
    player.post(f"/play/{game.pk}/move/", fields)


def everything(game: GameSession) -> Any:
    game.refresh_from_db()
    return game.state, game.version, game.seq, game.updated_at, SessionEvent.objects.count()


def test_where_everybody_will_be_is_right_for_every_hour_of_a_week_and_nothing_changes(player: Client, district: Any, game: GameSession) -> None:
    before, spec = everything(game), spec_of(game.release)
    places = {pk: key for key, pk in game.release.ids["locations"].items()}
    seen = set()
    for hour in range(1, WEEK_HOURS + 1):
        time = hour * HOUR
        rows = player.get("/api/v1/game-npcs/presence", {"session_id": game.pk, "world_time": time}).json()
        found = {row["key"]: places[row["location_id"]] for row in rows}
        moment = spec.clock.at(time)
        for key in ("captain_mara", "ren", "jorin"):
            assert found.get(key, "") == (planned(district, key, moment.weekday, moment.second) or ""), (key, moment)
            seen.add((key, found.get(key, "")))
    assert {where for key, where in seen if key == "captain_mara"} == {"harbor", "market", "tavern", ""}
    assert everything(game) == before


def test_the_page_answers_where_mara_is_at_six_without_script(player: Client, game: GameSession) -> None:
    before = everything(game)
    page = player.get(f"/play/{game.pk}/map/", {"day": 1, "minute": 18 * 60, "person": "captain_mara"}).content.decode()
    assert "On Monday at 6:00 PM, Captain Mara will be at <b>Harbor Docks</b>: trading." in page
    assert "Next, 7:00 PM: Harbor Docks – eating." in page
    assert 'aria-current="time"' in page
    same = player.get(f"/play/{game.pk}/map/", {"time": 10 * HOUR, "person": "captain_mara"}).content.decode()
    assert "On Monday at 6:00 PM, Captain Mara will be at <b>Harbor Docks</b>" in same
    assert everything(game) == before


def test_a_scene_holds_its_people_for_the_present_only(player: Client, game: GameSession) -> None:
    act(player, game, type="choose", edge="edge2b")
    act(player, game, type="continue")
    now = player.get("/api/v1/game-npcs/presence", {"session_id": game.pk}).json()
    later = player.get("/api/v1/game-npcs/presence", {"session_id": game.pk, "world_time": 10 * HOUR}).json()
    ids = game.release.ids["locations"]
    assert [row["location_id"] for row in now if row["key"] == "captain_mara"] == [ids["tavern"]]
    assert [row["location_id"] for row in later if row["key"] == "captain_mara"] == [ids["harbor"]]


def small() -> dict[str, Any]:
    return document(
        locations=[place("quay"), {**place("vault"), "travel_conditions": {"flags": ["has_key"]}}],
        npcs=[
            {
                **npc("ada"),
                "home": "quay",
                "schedule": [{"key": "out", "days": [1], "start": "09:00", "end": "10:00", "rule": "hidden", "activity": "spying"}],
            },
        ],
    )


def game_in(document: dict[str, Any], client: Client) -> tuple[Any, GameSession]:
    world = published(document, owner=account("olga", author=True))
    client.post(f"/play/worlds/{world.pk}/start/")
    return world, GameSession.objects.get()


def test_who_hides_is_on_no_players_map_but_on_the_authors(player: Client) -> None:
    world, game = game_in(small(), player)
    hidden = {"time": 9 * HOUR + 60, "person": "ada"}
    assert "Ada" not in player.get(f"/play/{game.pk}/map/", hidden).content.decode()
    assert "spying" not in player.get(f"/play/{game.pk}/map/", {"time": 0, "person": "ada"}).content.decode().lower()
    player.force_login(world.owner)
    player.post(f"/play/worlds/{world.pk}/start/")
    own = GameSession.objects.get(user=world.owner)
    page = player.get(f"/play/{own.pk}/map/", hidden).content.decode()
    assert "Out of sight" in page and "spying" in page


def test_authors_see_on_the_map_what_is_wrong_with_a_schedule(player: Client) -> None:
    round_trip = [{"location": "quay", "minutes": 60}, {"location": "vault", "minutes": 30}]
    slots = [{"key": "rounds", "days": [1], "start": "09:00", "end": "10:00", "rule": "patrol", "stops": round_trip},
             {"key": "late", "days": [1], "start": "20:00", "end": "21:00", "location": "quay"}]  # fmt: skip
    world, game = game_in({**small(), "npcs": [{**npc("ada"), "schedule": slots}]}, player)
    assert "Schedules to look at" not in player.get(f"/play/{game.pk}/map/").content.decode()
    player.force_login(world.owner)
    player.post(f"/play/worlds/{world.pk}/start/")
    own = GameSession.objects.get(user=world.owner)
    page = player.get(f"/play/{own.pk}/map/").content.decode()
    assert "is over after 60 minutes and never comes to “vault”" in page
    assert "From 10:00 to 20:00 nothing is planned and there is no home" in page


def test_a_shut_way_says_why_and_an_open_one_can_be_taken(player: Client) -> None:
    _, game = game_in(small(), player)
    shut = player.get(f"/play/{game.pk}/map/", {"place": "vault"}).content.decode()
    assert "The way is shut." in shut and "Go there now" not in shut and "Has Key" in shut.title()
    here = player.get(f"/play/{game.pk}/map/", {"place": "quay"}).content.decode()
    assert "You are here." in here


@pytest.mark.parametrize(
    "query",
    [
        "time=soon",
        "time=" + "9" * 17,
        "day=0&minute=5",
        "day=99999999999&minute=1439",
        "minute=7",
        "person=nobody&place=nowhere",
        "time=-5",
        "day=1&minute=9999",
    ],
)
def test_any_question_gets_a_map(player: Client, district: Any, game: GameSession, query: str) -> None:
    assert player.get(f"/play/{game.pk}/map/?{query}").status_code == 200


def test_a_map_costs_the_same_for_any_number_of_people(player: Client, district: Any, game: GameSession, django_assert_num_queries: Any) -> None:
    player.get(f"/play/{game.pk}/map/")
    # login, user | game with world and release | pictures, poster | whether the page's head offers the author's door
    with django_assert_num_queries(6):
        player.get(f"/play/{game.pk}/map/")


def test_a_world_without_places_has_an_empty_map(player: Client) -> None:
    _, game = game_in(document(npcs=[npc("ada")]), player)
    assert "This world has no places yet." in player.get(f"/play/{game.pk}/map/").content.decode()


def test_another_players_map_does_not_exist(player: Client, game: GameSession) -> None:
    player.force_login(account("eve"))
    assert player.get(f"/play/{game.pk}/map/").status_code == 404
