from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worlds.rules.clock import DAY, WEEK, Clock, hhmm
from worlds.rules.schedules import Schedule

CLOCK = Clock()
WORKDAYS = [1, 2, 3, 4, 5]
MARA = Schedule.parse(
    [
        {
            "key": "morning",
            "days": WORKDAYS,
            "start": "06:00",
            "end": "12:00",
            "location": "harbor",
            "activity": "working",
            "rule": "default",
        },
        {"key": "noon", "days": WORKDAYS, "start": "12:00", "end": "14:00", "location": "market", "activity": "eating", "rule": "default"},
        {
            "key": "afternoon",
            "days": WORKDAYS,
            "start": "14:00",
            "end": "22:00",
            "location": "harbor",
            "activity": "working",
            "rule": "default",
        },
        {
            "key": "weekend",
            "days": [6, 7],
            "start": "00:00",
            "end": "24:00",
            "location": "tavern",
            "activity": "company",
            "rule": "default",
        },
    ]
)
JORIN = Schedule.parse(
    [
        {
            "key": "round",
            "days": [1, 2, 3, 4, 5, 6, 7],
            "start": "08:00",
            "end": "22:00",
            "rule": "patrol",
            "stops": [{"location": place, "minutes": 120} for place in ("harbor", "market", "tavern")],
        }
    ]
)


def at(day: int, hour: float) -> int:
    return (day - 1) * DAY + int(hour * 3600)


def where(schedule: Schedule, world_time: int, clock: Clock = CLOCK) -> str | None:
    found = schedule.at(clock, world_time)
    return found.location if found else "home"


@pytest.mark.parametrize(
    ("day", "hour", "place"),
    [(1, 5.99, "home"), (1, 6, "harbor"), (1, 12, "market"), (1, 14, "harbor"), (1, 16, "harbor"), (1, 22, "home"), (6, 0, "tavern"), (7, 23.99, "tavern"),
     (8, 8, "harbor")],
)  # fmt: skip
def test_mara_keeps_her_week(day: int, hour: float, place: str) -> None:
    assert where(MARA, at(day, hour)) == place


def test_mara_is_at_the_docks_eight_hours_after_the_harbor_district_began() -> None:
    assert where(MARA, 28_800, Clock.parse({"start_time": "08:00"})) == "harbor"


@pytest.mark.parametrize(
    ("hour", "place"),
    [(8, "harbor"), (9.99, "harbor"), (10, "market"), (12, "tavern"), (14, "harbor"), (16, "market"), (20, "harbor"), (22, "home")],
)
def test_jorin_goes_round_from_the_start_of_his_slot_and_is_at_the_market_at_four(hour: float, place: str) -> None:
    for day in (1, 2, 7, 15):
        assert where(JORIN, at(day, hour)) == place


def test_until_is_the_next_stop_or_the_end_of_the_slot() -> None:
    found = JORIN.at(CLOCK, at(1, 16.5))
    assert found is not None
    assert found.until == at(1, 18)
    short = Schedule.parse([{"start": "08:00", "end": "09:00", "rule": "patrol", "stops": [{"location": "harbor", "minutes": 50}]}])
    assert [(start, end) for start, end, found in short.segments(CLOCK, at(1, 8), at(1, 9)) if found] == [
        (at(1, 8), at(1, 8) + 3000),
        (at(1, 8) + 3000, at(1, 9)),
    ]


def test_a_hidden_slot_is_nowhere_but_busy() -> None:
    ren = Schedule.parse([{"key": "hiding", "start": "22:00", "end": "06:00", "rule": "hidden", "location": "market", "activity": "sleeping"}])
    found = ren.at(CLOCK, at(2, 3))
    assert found is not None
    assert (found.location, found.activity, found.slot, found.until) == (None, "sleeping", "hiding", at(2, 6))


def test_an_overnight_slot_belongs_to_the_day_on_which_it_starts() -> None:
    watch = Schedule.parse([{"key": "watch", "days": [7], "start": "22:00", "end": "04:00", "location": "harbor"}])
    assert where(watch, at(7, 21.99)) == "home"
    assert where(watch, at(7, 22)) == "harbor"
    assert where(watch, at(8, 3.99)) == "harbor"
    assert where(watch, at(8, 4)) == "home"
    assert where(watch, at(7, 3)) == "home"
    found = watch.at(CLOCK, at(7, 23))
    assert found is not None
    assert found.until == at(8, 4)
    assert watch.next_change(CLOCK, at(7, 23)) == at(14, 22)
    assert watch.next_change(CLOCK, at(8, 1)) == at(14, 22)


def test_equal_start_and_end_are_a_whole_day() -> None:
    slot = Schedule.parse([{"days": [2], "start": "10:00", "end": "10:00", "location": "harbor"}])
    assert [where(slot, at(day, hour)) for day, hour in ((2, 9.9), (2, 10), (3, 9.9), (3, 10))] == ["home", "harbor", "harbor", "home"]


def test_where_slots_overlap_the_first_listed_wins() -> None:
    both = Schedule.parse(
        [
            {"key": "lunch", "days": [1], "start": "12:00", "end": "13:00", "location": "tavern"},
            {"key": "work", "days": [1], "start": "08:00", "end": "17:00", "location": "harbor"},
        ]
    )
    assert [where(both, at(1, hour)) for hour in (11, 12.5, 13)] == ["harbor", "tavern", "harbor"]
    found = both.at(CLOCK, at(1, 11))
    assert found is not None
    assert found.until == at(1, 12)
    assert [(p.code, hhmm(p.start), hhmm(p.end), p.slots) for p in both.problems()] == [("overlap", "12:00", "13:00", ("lunch", "work"))]


def test_the_next_change_is_the_start_of_the_next_slot() -> None:
    assert MARA.next_change(CLOCK, at(1, 8)) == at(1, 12)
    assert MARA.next_change(CLOCK, at(1, 12)) == at(1, 14)
    assert MARA.next_change(CLOCK, at(1, 23)) == at(2, 6)
    assert MARA.next_change(CLOCK, at(7, 12)) == at(8, 6)
    assert Schedule().next_change(CLOCK, 100) == 100 + DAY


def test_gaps_and_patrols_without_stops_are_told() -> None:
    half = Schedule.parse(
        [
            {"key": "a", "days": [3], "start": "08:00", "end": "09:00", "location": "harbor"},
            {"key": "b", "days": [3], "start": "10:00", "end": "11:00", "rule": "patrol", "location": "market"},
        ]
    )
    assert [(p.code, p.day, hhmm(p.start)) for p in half.problems()] == [("gap", 3, "09:00"), ("stops", 3, "10:00")]
    assert where(half, at(3, 10)) == "market"
    assert Schedule().problems() == []


def test_the_week_is_told_from_monday_whatever_the_clock_of_the_world() -> None:
    week = MARA.week(Clock.parse({"start_time": "08:00", "first_weekday": 4}))
    assert len(week) == 5 * 3 + 2
    assert week[0] == {
        "day": 1,
        "start": "06:00",
        "end": "12:00",
        "location": "harbor",
        "activity": "working",
        "slot": "morning",
        "rule": "default",
    }
    assert week[-1]["end"] == "24:00"


def test_a_slot_that_cannot_be_read_is_left_out() -> None:
    assert (
        where(
            Schedule.parse([{"start": "late", "end": "08:00"}, {"days": [1], "start": "06:00", "end": "08:00", "location": "harbor"}]),
            at(1, 7),
        )
        == "harbor"
    )


minutes = st.integers(0, 24 * 60).map(lambda m: hhmm(m * 60))
slots = st.lists(
    st.fixed_dictionaries(
        {
            "days": st.lists(st.integers(1, 7), min_size=1, max_size=7),
            "start": minutes.filter(lambda text: text != "24:00"),
            "end": minutes,
            "rule": st.sampled_from(["default", "patrol", "hidden"]),
            "location": st.sampled_from(["harbor", "market"]),
            "activity": st.sampled_from(["", "eating", "working"]),
            "stops": st.lists(st.fixed_dictionaries({"location": st.sampled_from("abc"), "minutes": st.integers(1, 400)}), max_size=3),
        }
    ),
    max_size=5,
).map(lambda rows: [{**row, "key": f"s{number}"} for number, row in enumerate(rows)])


@settings(deadline=None, max_examples=60)
@given(slots, st.integers(0, 2 * WEEK), st.integers(1, 2 * DAY), st.data())
def test_segments_cover_the_span_and_agree_with_at(rows: list[dict[str, Any]], start: int, length: int, data: st.DataObject) -> None:
    schedule = Schedule.parse(rows)
    pieces = list(schedule.segments(CLOCK, start, start + length))
    assert pieces[0][0] == start
    assert pieces[-1][1] == start + length
    assert all(left[1] == right[0] for left, right in pairwise(pieces))
    moment = data.draw(st.integers(start, start + length - 1))
    inside = next(found for left, right, found in pieces if left <= moment < right)
    assert schedule.at(CLOCK, moment) == inside
    assert sum(seconds for seconds, _ in schedule.activities(CLOCK, start, start + length)) == length


@settings(deadline=None, max_examples=60)
@given(slots, st.integers(0, WEEK))
def test_at_agrees_with_reading_the_list_slot_by_slot(rows: list[dict[str, Any]], world_time: int) -> None:
    schedule = Schedule.parse(rows)
    second = CLOCK.week_second(world_time)
    expected = None
    for slot in schedule.slots:
        if any((second - (day - 1) * DAY - slot.start) % WEEK < slot.seconds for day in slot.days):
            expected = slot.key
            break
    found = schedule.at(CLOCK, world_time)
    assert (found.slot if found else None) == expected
    assert found is None or found.until > world_time
    assert schedule.next_change(CLOCK, world_time) > world_time
