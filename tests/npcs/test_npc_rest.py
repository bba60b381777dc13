"""The printed calls of the walkthrough's section 3, and what must never happen."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from generation.models import Asset
from npcs.models import Npc, NpcState
from npcs.queries import presence_rows
from pixsim.models import AUTHORS, User
from worlds.models import Location, World, WorldHistory, WorldState

pytestmark = pytest.mark.django_db
API = "/api/v1"
MARA = {
    "name": "Captain Mara",
    "personality": {
        "openness": 0.6,
        "conscientiousness": 0.8,
        "extraversion": 0.7,
        "agreeableness": 0.5,
        "neuroticism": 0.3,
        "occupation": "ship captain",
        "background": "Former navy officer turned trader",
        "quirks": ["always checks the weather", "distrusts landlubbers"],
        "voice_style": "gruff but fair",
        "interests": ["sailing", "profit", "local politics"],
    },
    "stats": {"melee": 60, "ranged": 40, "strength": 70, "intelligence": 65},
}


def author(name: str) -> tuple[User, APIClient]:
    user = User.objects.create_user(name)
    user.groups.add(Group.objects.get_or_create(name=AUTHORS)[0])
    client = APIClient()
    client.force_authenticate(user)
    return user, client


class Stage:
    def __init__(self) -> None:
        self.user, self.api = author("anna")
        self.world = World.objects.create(name="Harbor", owner=self.user)
        WorldState.objects.create(world=self.world)
        self.harbor, self.market, self.tavern = (
            Location.objects.create(world=self.world, key=key, name=key.title()) for key in ("harbor", "market", "tavern")
        )

    def mara(self) -> int:
        answer = self.post("/game-npcs/", {"world_id": self.world.pk, "home_location_id": self.harbor.pk, **MARA})
        assert answer.status_code == 201, answer.json()
        return int(answer.json()["id"])

    def post(self, path: str, body: Any, **headers: str) -> Any:
        return self.api.post(API + path, body, format="json", headers=headers)

    def patch(self, path: str, body: Any, **headers: str) -> Any:
        return self.api.patch(API + path, body, format="json", headers=headers)

    def put(self, path: str, body: Any, **headers: str) -> Any:
        return self.api.put(API + path, body, format="json", headers=headers)

    def get(self, path: str) -> Any:
        return self.api.get(API + path)


@pytest.fixture
def stage() -> Stage:
    return Stage()


def week(stage: Stage) -> list[dict[str, Any]]:
    workdays = [
        {"day_of_week": day, "start_time": start, "end_time": end, "location_id": place.pk, "rule": "default"}
        for day in range(1, 6)
        for start, end, place in (("06:00", "12:00", stage.harbor), ("12:00", "14:00", stage.market), ("14:00", "22:00", stage.harbor))
    ]
    return workdays + [{"days": [6, 7], "start_time": "00:00", "end_time": "24:00", "location_id": stage.tavern.pk}]


def test_an_npc_is_created_as_printed(stage: Stage) -> None:
    npc = stage.get(f"/game-npcs/{stage.mara()}").json()
    assert (npc["key"], npc["home_location_id"], npc["current_location_id"]) == ("captain_mara", stage.harbor.pk, None)
    assert npc["personality"] == MARA["personality"]
    assert npc["stats"] == MARA["stats"]
    assert NpcState.objects.get().current_location is None
    assert WorldHistory.objects.get(part="npc/captain_mara").after["name"] == "Captain Mara"


def test_a_patch_merges_the_personality_as_printed(stage: Stage) -> None:
    mara = stage.mara()
    changed = {
        "openness": 0.6,
        "conscientiousness": 0.8,
        "extraversion": 0.9,
        "agreeableness": 0.5,
        "neuroticism": 0.1,
        "voice_style": "playful and teasing",
    }
    answer = stage.patch(f"/game-npcs/{mara}", {"personality": changed})
    assert answer.status_code == 200
    assert answer.json()["personality"] == {**MARA["personality"], **changed}
    assert answer.json()["version"] == 2
    assert answer["ETag"] == '"v2"'
    draft = World.objects.get().draft_version
    stage.patch(f"/game-npcs/{mara}", {"personality": changed})
    assert World.objects.get().draft_version == draft, "what changes nothing bumps nothing"


def test_a_stale_if_match_is_refused(stage: Stage) -> None:
    mara = stage.mara()
    assert stage.patch(f"/game-npcs/{mara}", {"name": "Mara"}, **{"If-Match": '"v1"'}).status_code == 200
    for path, call, body in (
        (f"/game-npcs/{mara}", stage.patch, {"name": "M"}),
        (f"/game-npcs/{mara}/schedules", stage.put, []),
        (f"/game-npcs/{mara}/expressions", stage.put, []),
        (f"/game-npcs/{mara}/stats", stage.put, {"stat_updates": []}),
    ):
        assert call(path, body, **{"If-Match": '"v1"'}).status_code == 412
    assert Npc.objects.get().name == "Mara"


def test_the_week_is_posted_as_printed_and_puts_mara_at_the_docks_at_four(stage: Stage) -> None:
    mara = stage.mara()
    answer = stage.post(f"/game-npcs/{mara}/schedules", week(stage))
    assert answer.status_code == 201, answer.json()
    assert [slot["key"] for slot in answer.json()] == [f"slot{number}" for number in range(1, 17)]
    assert answer.json()[0] == {
        "id": "slot1",
        "key": "slot1",
        "day_of_week": 1,
        "days": [1],
        "start_time": "06:00",
        "end_time": "12:00",
        "location_id": stage.harbor.pk,
        "rule": "default",
        "activity": "",
        "stops": [],
    }
    assert stage.get(f"/game-npcs/{mara}/schedules").json() == answer.json()
    here = presence_rows(World.objects.get(), 57_600)[0]
    assert (here.location, here.source, here.until) == ("harbor", "schedule", 79_200)
    again = stage.post(
        f"/game-npcs/{mara}/schedules", {"key": "slot1", "day_of_week": 1, "start_time": "01:00", "end_time": "02:00", "rule": "hidden"}
    )
    assert again.status_code == 409
    assert stage.put(f"/game-npcs/{mara}/schedules", week(stage)[:2]).status_code == 200
    assert len(stage.get(f"/game-npcs/{mara}/schedules").json()) == 2


def test_a_patrol_names_its_stops_by_id_or_key_and_keeps_keys(stage: Stage) -> None:
    mara = stage.mara()
    stops = [{"location": stage.harbor.pk, "minutes": 120}, {"location": "market", "minutes": 120}, {"location": "lighthouse", "minutes": 5}]
    slot = {"start_time": "08:00", "end_time": "22:00", "rule": "patrol", "stops": stops, "activity": "patrolling"}
    answer = stage.post(f"/game-npcs/{mara}/schedules", slot)
    assert answer.status_code == 201, answer.json()
    assert [stop["location"] for stop in answer.json()[0]["stops"]] == ["harbor", "market", "lighthouse"]
    assert answer.json()[0]["days"] == [1, 2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize(
    ("slot", "pointer"),
    [
        ({"start_time": "25:00", "end_time": "26:00", "rule": "hidden"}, "/0/start_time"),
        ({"start_time": "1:00", "end_time": "02:00", "rule": "hidden"}, "/0/start_time"),
        ({"start_time": "01:00", "end_time": "02:00", "location_id": 999_999}, "/0/location_id"),
        ({"start_time": "01:00", "end_time": "02:00"}, "/0/location_id"),
        ({"start_time": "01:00", "end_time": "02:00", "rule": "patrol"}, "/0/stops"),
        ({"day_of_week": 8}, "/0/day_of_week"),
        ({"days": []}, "/0/days"),
        ({"weekday": 1}, "/0/weekday"),
        ({"rule": "teleport"}, "/0/rule"),
        ({"start": "1:00", "end": "02:00", "rule": "hidden"}, "/0/start"),
        ({"days": [2], "day_of_week": 1, "rule": "hidden"}, "/0/day_of_week"),
        ({"start": "01:00", "start_time": "02:00", "end": "03:00", "rule": "hidden"}, "/0/start_time"),
        ({"key": "a", "id": "b", "rule": "hidden"}, "/0/id"),
        ({"rule": "patrol", "stops": [{"location": "harbor", "location_id": 1, "minutes": 5}]}, "/0/stops/0/location_id"),
        ({"rule": "patrol", "stops": [{"location_id": 999_999, "minutes": 5}]}, "/0/stops/0/location_id"),
    ],
)
def test_a_slot_that_is_none_is_refused_and_nothing_is_stored(slot: dict[str, Any], pointer: str, stage: Stage) -> None:
    mara = stage.mara()
    answer = stage.post(f"/game-npcs/{mara}/schedules", [slot, {"rule": "hidden"}])
    assert answer.status_code == 400
    assert pointer in [error["pointer"] for error in answer.json()["errors"]]
    assert stage.get(f"/game-npcs/{mara}/schedules").json() == []


def test_a_week_may_be_sent_back_as_it_was_answered(stage: Stage) -> None:
    mara = stage.mara()
    slots = [
        {"day_of_week": 1, "start": "06:00", "end": "12:00", "rule": "hidden"},
        {"days": [2, 3], "start": "06:00", "end": "07:00", "rule": "hidden"},
    ]
    answer = stage.post(f"/game-npcs/{mara}/schedules", slots)
    assert stage.put(f"/game-npcs/{mara}/schedules", answer.json()).json() == answer.json()


def portraits(stage: Stage) -> list[dict[str, Any]]:
    crop = {"x": 100, "y": 50, "width": 400, "height": 400}
    return [
        {"state": state, "asset_id": Asset.objects.create(owner=stage.user, media_type="image", label=f"Mara {state}").pk, "crop": crop, "meta": {}}
        for state in ("neutral", "happy", "angry", "curious", "sad")
    ]


def test_expressions_are_posted_as_printed(stage: Stage) -> None:
    mara, rows = stage.mara(), portraits(stage)
    answer = stage.post(f"/game-npcs/{mara}/expressions", rows)
    assert answer.status_code == 201, answer.json()
    assert [{key: row[key] for key in ("state", "asset_id", "crop", "meta")} for row in answer.json()] == rows
    assert stage.world.world_assets.filter(key="mara_neutral").exists()
    assert stage.post(f"/game-npcs/{mara}/expressions", rows[0]).status_code == 409
    assert stage.put(f"/game-npcs/{mara}/expressions", rows[:1]).status_code == 200
    assert [row["state"] for row in stage.get(f"/game-npcs/{mara}/expressions").json()] == ["neutral"]


def test_another_authors_picture_is_no_portrait(stage: Stage) -> None:
    foreign = Asset.objects.create(owner=author("otto")[0], media_type="image")
    answer = stage.post(f"/game-npcs/{stage.mara()}/expressions", [{"state": "neutral", "asset_id": foreign.pk}])
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/0/asset_id")


PRINTED_STATS = {
    "stat_updates": [
        {"axis": "affinity", "value": 30, "source": "relationship"},
        {"axis": "trust", "value": 20, "source": "relationship"},
        {"axis": "chemistry", "value": 40, "source": "relationship"},
        {"axis": "tension", "value": 10, "source": "relationship"},
    ]
}


def test_initial_relationships_are_posted_as_printed(stage: Stage) -> None:
    mara = stage.mara()
    answer = stage.post(f"/game-npcs/{mara}/stats", PRINTED_STATS)
    assert answer.status_code == 200, answer.json()
    assert answer.json()["relationships"] == {"affinity": 30, "trust": 20, "chemistry": 40, "tension": 10}
    assert answer.json()["stats"] == MARA["stats"]
    assert NpcState.objects.get().version == 2
    more = stage.post(
        f"/game-npcs/{mara}/stats",
        {
            "stat_updates": [
                {"axis": "affinity", "value": "+5"},
                {"axis": "tension", "value": 500},
                {"axis": "melee", "value": "-10"},
                {"axis": "openness", "value": 0.9},
            ]
        },
    ).json()
    assert (more["relationships"]["affinity"], more["relationships"]["tension"]) == (35, 100)
    assert (more["stats"]["melee"], more["personality"]["openness"]) == (50, 0.9)
    replaced = stage.put(f"/game-npcs/{mara}/stats", {"stat_updates": [{"axis": "trust", "value": 1, "source": "relationship"}]}).json()
    assert (replaced["relationships"], replaced["stats"]) == ({"trust": 1}, {})


@pytest.mark.parametrize(
    ("update", "pointer"),
    [
        ({"axis": "charm", "value": 1, "source": "relationship"}, "/stat_updates/1/axis"),
        ({"axis": "affinity", "value": 1, "source": "weather"}, "/stat_updates/1/source"),
        ({"axis": "affinity", "value": "lots"}, "/stat_updates/1/value"),
        ({"axis": "affinity", "value": True}, "/stat_updates/1/value"),
        ({"axis": "affinity", "value": {}}, "/stat_updates/1/value"),
        ({"axis": "affinity", "value": "inf"}, "/stat_updates/1/value"),
        ({"axis": "affinity"}, "/stat_updates/1/value"),
    ],
)
def test_an_unknown_axis_is_refused_with_its_place(update: dict[str, Any], pointer: str, stage: Stage) -> None:
    answer = stage.post(f"/game-npcs/{stage.mara()}/stats", {"stat_updates": [{"axis": "affinity", "value": 3}, update]})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, pointer)
    assert NpcState.objects.get().relationships == {}


def test_the_schedule_preview_says_where_why_and_what_next(stage: Stage) -> None:
    mara = stage.mara()
    stage.post(f"/game-npcs/{mara}/schedules", week(stage))
    preview = stage.get(f"/game-npcs/{mara}/schedule-preview?time=57600").json()
    assert (preview["location"]["key"], preview["source"], preview["clock"]["label"]) == ("harbor", "schedule", "Day 1, 4:00 PM")
    assert preview["next"] == {
        "at": 79_200,
        "clock": {"day": 1, "time": "22:00", "weekday": 1, "label": "Day 1, 10:00 PM"},
        "slot": None,
        "activity": "",
        "location": preview["location"],
        "location_id": stage.harbor.pk,
    }
    assert preview["week"][0]["start"] == "06:00"
    stage.patch(f"/game-npcs/{mara}", {"current_location_id": "tavern"})
    pinned = stage.get(f"/game-npcs/{mara}/schedule-preview").json()
    assert (pinned["location"]["key"], pinned["source"], pinned["world_time"]) == ("tavern", "pinned", 0)
    for bad in ("x", "-1", "1.5", "9" * 30):
        assert stage.get(f"/game-npcs/{mara}/schedule-preview?time={bad}").status_code == 400


def test_moving_the_clock_tells_who_moved_and_writes_no_pin(stage: Stage) -> None:
    mara = stage.mara()
    stage.post(f"/game-npcs/{mara}/schedules", week(stage))
    answer = stage.post(f"/game-worlds/{stage.world.pk}/time", {"set_to": 45_000})
    assert answer.json() == {
        "world_time": 45_000,
        "day": 1,
        "time": "12:30",
        "weekday": 1,
        "label": "Day 1, 12:30 PM",
        "moved": [{"npc_id": mara, "from": stage.harbor.pk, "to": stage.market.pk}],
    }
    draft = World.objects.get().draft_version
    answer = stage.post(f"/game-worlds/{stage.world.pk}/time", {"advance_by_sec": 28_800})
    assert (answer.json()["world_time"], answer.json()["moved"][0]["to"]) == (73_800, stage.harbor.pk)
    assert NpcState.objects.get().current_location is None
    assert World.objects.get().draft_version == draft
    for body in ({}, {"set_to": 1, "advance_by_sec": 1}, {"set_to": -1}, {"advance_by_sec": "8"}, {"set_to": 10**15}):
        assert stage.post(f"/game-worlds/{stage.world.pk}/time", body).status_code == 400


def test_presence_takes_as_many_queries_for_a_crowd_as_for_one(stage: Stage) -> None:
    stage.post(f"/game-npcs/{stage.mara()}/schedules", week(stage))
    with CaptureQueriesContext(connection) as few:
        presence_rows(stage.world, 0)
    Npc.objects.bulk_create(Npc(world=stage.world, key=f"n{number}", name="N", home_location=stage.market) for number in range(300))
    with CaptureQueriesContext(connection) as many:
        rows = presence_rows(stage.world, 0)
    # places, people with their slots
    assert len(few) == len(many) == 2
    assert {row.source for row in rows} == {"home"}
    assert rows[1].as_json() == {
        "npc_id": rows[1].npc_id, "key": "n0", "name": "N", "location_id": stage.market.pk, "activity": "", "state": {}, "source": "home"
    }  # fmt: skip


def test_lists_take_as_many_queries_for_many_rows(stage: Stage) -> None:
    stage.mara()
    with CaptureQueriesContext(connection) as few:
        assert stage.get(f"/game-npcs/?world_id={stage.world.pk}").json()["count"] == 1
    Npc.objects.bulk_create(Npc(world=stage.world, key=f"n{number}", name="N") for number in range(30))
    NpcState.objects.bulk_create(NpcState(npc=npc) for npc in Npc.objects.filter(state=None))
    with CaptureQueriesContext(connection) as many:
        assert stage.get("/game-npcs/?page_size=200").json()["count"] == 31
    assert len(few) == len(many)


def test_deleting_an_npc_takes_its_week_with_it(stage: Stage) -> None:
    mara = stage.mara()
    assert stage.api.delete(f"{API}/game-npcs/{mara}").status_code == 204
    assert not Npc.objects.exists()
    assert (
        WorldHistory.objects.filter(part="npc/captain_mara", after=None).exists() or WorldHistory.objects.filter(part="npc/captain_mara").count() == 2
    )


def test_a_second_author_finds_nothing(stage: Stage) -> None:
    mara = stage.mara()
    _, other = author("otto")
    for method, path, body in (
        ("get", f"/game-npcs/{mara}", None),
        ("patch", f"/game-npcs/{mara}", {"name": "x"}),
        ("delete", f"/game-npcs/{mara}", None),
        ("get", f"/game-npcs/{mara}/schedules", None),
        ("post", f"/game-npcs/{mara}/schedules", week(stage)),
        ("put", f"/game-npcs/{mara}/schedules", []),
        ("post", f"/game-npcs/{mara}/expressions", []),
        ("put", f"/game-npcs/{mara}/expressions", []),
        ("get", f"/game-npcs/{mara}/expressions", None),
        ("post", f"/game-npcs/{mara}/stats", PRINTED_STATS),
        ("put", f"/game-npcs/{mara}/stats", PRINTED_STATS),
        ("get", f"/game-npcs/{mara}/schedule-preview", None),
        ("post", f"/game-worlds/{stage.world.pk}/time", {"set_to": 1}),
        ("post", "/game-npcs/", {"world_id": stage.world.pk, **MARA}),
    ):
        answer = getattr(other, method)(API + path, body, format="json")
        assert answer.status_code == 404, (method, path)
        assert answer["Content-Type"] == "application/problem+json"
    assert other.get(f"{API}/game-npcs/").json()["count"] == 0
    assert Npc.objects.get().version == 1


@pytest.mark.parametrize(
    "body", [[], "x", 1, None, {"name": "x"}, {"world_id": "1", "name": "x"}, {"world_id": 0, "name": 3}, {"name": "", "world_id": 1}]
)
def test_bad_input_is_told_with_pointers_and_stores_nothing(body: Any, stage: Stage) -> None:
    answer = stage.post("/game-npcs/", body)
    assert answer.status_code in (400, 404)
    assert not Npc.objects.exists()


def test_the_same_key_twice_is_refused(stage: Stage) -> None:
    stage.mara()
    answer = stage.post("/game-npcs/", {"world_id": stage.world.pk, "key": "captain_mara", "name": "Impostor"})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/key")
    assert stage.post("/game-npcs/", {"world_id": stage.world.pk, "name": "Captain Mara"}).json()["key"] == "captain_mara_2"
