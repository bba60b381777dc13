from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worlds.rules.clock import DAY, WEEK, Clock, hhmm, parse_hhmm, within

HARBOR = Clock.parse({"start_time": "08:00"})


@pytest.mark.parametrize(("world_time", "label"), [(0, "Day 1, 8:00 AM"), (28_800, "Day 1, 4:00 PM"), (57_600, "Day 2, 12:00 AM")])
def test_the_harbor_district_begins_on_day_1_at_8_in_the_morning(world_time: int, label: str) -> None:
    assert HARBOR.at(world_time).label == label


def test_the_printed_57600_is_monday_four_in_the_afternoon_of_a_default_world() -> None:
    moment = Clock.parse(None).at(57_600)
    assert (moment.day, moment.weekday, moment.weekday_name, moment.hhmm, moment.hour) == (1, 1, "Monday", "16:00", 16)


@pytest.mark.parametrize(("second", "time"), [(0, "12:00 AM"), (12 * 3600, "12:00 PM"), (12 * 3600 + 59, "12:00 PM"), (DAY - 1, "11:59 PM")])
def test_midnight_and_noon_are_twelve(second: int, time: str) -> None:
    assert Clock().at(second).time == time


def test_a_world_may_begin_on_any_day_and_weekday() -> None:
    clock = Clock.parse({"start_day": 3, "start_time": "22:30", "first_weekday": 7})
    assert (clock.at(0).label, clock.at(0).weekday) == ("Day 3, 10:30 PM", 7)
    assert (clock.at(2 * 3600).label, clock.at(2 * 3600).weekday) == ("Day 4, 12:30 AM", 1)


def test_a_start_at_24_00_is_the_next_day() -> None:
    assert Clock.parse({"start_time": "24:00"}).at(0) == Clock().at(DAY)


@pytest.mark.parametrize(("text", "second"), [("00:00", 0), ("06:00", 21_600), ("23:59", 86_340), ("24:00", 86_400)])
def test_hours_and_minutes_are_read(text: str, second: int) -> None:
    assert parse_hhmm(text) == second
    assert hhmm(second) == text


@pytest.mark.parametrize("text", ["", "24:01", "25:00", "6:00", "06:60", "06:00:00", " 06:00", "06:00\n", "٠٦:٠٠", None, 600])
def test_what_is_no_time_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="not a time of day"):
        parse_hhmm(text)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("second", "start", "end", "inside"),
    [
        ("18:00", "18:00", "02:00", True),
        ("01:59", "18:00", "02:00", True),
        ("02:00", "18:00", "02:00", False),
        ("17:59", "18:00", "02:00", False),
        ("06:00", "06:00", "12:00", True),
        ("12:00", "06:00", "12:00", False),
        ("23:59", "22:00", "24:00", True),
        ("00:00", "22:00", "24:00", False),
        ("13:00", "07:00", "07:00", True),
    ],
)
def test_a_span_is_half_open_and_wraps_over_midnight(second: str, start: str, end: str, inside: bool) -> None:
    assert within(parse_hhmm(second), parse_hhmm(start), parse_hhmm(end)) is inside


@given(st.integers(0, DAY - 1), st.integers(0, DAY), st.integers(0, DAY))
def test_a_span_and_the_span_from_its_end_to_its_start_are_complements(second: int, start: int, end: int) -> None:
    assert start == end or within(second, start, end) is not within(second, end, start)


@given(st.integers(-WEEK, 10**9), st.integers(0, DAY - 1), st.integers(1, 7))
def test_the_second_of_the_week_agrees_with_weekday_and_second(world_time: int, start: int, weekday: int) -> None:
    clock = Clock(start_second=start, first_weekday=weekday)
    moment = clock.at(world_time)
    assert clock.week_second(world_time) == (moment.weekday - 1) * DAY + moment.second
