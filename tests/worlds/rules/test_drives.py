from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worlds.rules import packages
from worlds.rules.clock import DAY, Clock
from worlds.rules.drives import activity_relief, drive_at
from worlds.rules.schedules import Schedule
from worlds.rules.stats import Axis

DRIVES = packages.builtin()["drives"].axes
CLOCK = Clock()
NOTHING = Schedule()


def daily(start: str, end: str, activity: str) -> Schedule:
    return Schedule.parse([{"start": start, "end": end, "location": "tavern", "activity": activity}])


@pytest.mark.parametrize(("name", "points"), [("hunger", 96), ("fatigue", 48), ("social", 72)])
def test_a_day_without_food_sleep_or_company_adds_up(name: str, points: int) -> None:
    assert drive_at(DRIVES[name], 0, 0, NOTHING, CLOCK, DAY) == points


def test_a_drive_stops_at_its_top() -> None:
    assert drive_at(DRIVES["hunger"], 0, 0, NOTHING, CLOCK, 3 * DAY) == 100


@pytest.mark.parametrize(
    ("name", "activity"), [("hunger", "eating"), ("hunger", "Having lunch at the stalls"), ("fatigue", "sleeping"), ("social", "company")]
)
def test_the_slots_activity_lowers_its_drive(name: str, activity: str) -> None:
    axis = DRIVES[name]
    assert drive_at(axis, 60, 0, daily("00:00", "02:00", activity), CLOCK, 2 * 3600) < 60
    assert drive_at(axis, 60, 0, daily("00:00", "02:00", "working"), CLOCK, 2 * 3600) > 60


def test_an_hour_at_the_table_makes_good_for_fourteen() -> None:
    assert drive_at(DRIVES["hunger"], 56, 0, daily("00:00", "01:00", "eating"), CLOCK, 3600) == 0


def test_words_count_and_not_parts_of_words() -> None:
    assert activity_relief(DRIVES["hunger"], "sweating") == 0
    assert activity_relief(DRIVES["social"], "dining with friends") == 30


def test_it_looks_back_fourteen_days_and_no_further() -> None:
    slow = Axis("longing", 0, 100, 0, 1, drift=0.1)
    assert drive_at(slow, 10, 0, NOTHING, CLOCK, 14 * DAY) == 44
    assert drive_at(slow, 10, 0, NOTHING, CLOCK, 15 * DAY) == 44
    assert drive_at(slow, 10, 0, NOTHING, CLOCK, 13 * DAY) == 41


def test_reading_at_or_before_the_stored_time_gives_the_stored_value() -> None:
    assert drive_at(DRIVES["hunger"], 40, 1000, NOTHING, CLOCK, 1000) == 40
    assert drive_at(DRIVES["hunger"], 40, 1000, NOTHING, CLOCK, 0) == 40


@settings(deadline=None)
@given(st.integers(0, 100), st.integers(0, DAY), st.integers(0, 14 * DAY), st.sampled_from(list(DRIVES)))
def test_a_drive_never_leaves_its_range(value: int, at: int, later: int, name: str) -> None:
    week = daily("12:00", "13:00", "eating")
    assert 0 <= drive_at(DRIVES[name], value, at, week, CLOCK, at + later) <= 100


@settings(deadline=None)
@given(st.integers(0, 100), st.integers(0, 5 * DAY), st.integers(0, 5 * DAY))
def test_reading_on_the_way_changes_nothing_but_rounding(value: int, first: int, second: int) -> None:
    week = daily("12:00", "14:00", "dining")
    axis = DRIVES["hunger"]
    straight = drive_at(axis, value, 0, week, CLOCK, first + second)
    halfway = drive_at(axis, drive_at(axis, value, 0, week, CLOCK, first), first, week, CLOCK, first + second)
    assert abs(straight - halfway) <= 1
