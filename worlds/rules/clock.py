"""The clock of a world: whole seconds since it began, read as day, weekday and time of day.

A week has seven days of 86,400 seconds; weekdays are ISO numbers, 1 = Monday.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

DAY = 86_400
WEEK = 7 * DAY
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_HHMM = re.compile(r"([01][0-9]|2[0-4]):([0-5][0-9])")


def parse_hhmm(text: str) -> int:
    """Seconds since midnight of `HH:MM`, 0–86,400: `24:00` is the end of the day. ValueError for anything else."""
    found = _HHMM.fullmatch(text) if isinstance(text, str) else None
    seconds = int(found[1]) * 3600 + int(found[2]) * 60 if found else DAY + 1
    if seconds > DAY:
        raise ValueError(f"“{text}” is not a time of day: write HH:MM, from 00:00 to 24:00.")
    return seconds


def hhmm(second: int) -> str:
    """`HH:MM` of a second of the day, the inverse of `parse_hhmm` for whole minutes."""
    return f"{second // 3600:02d}:{second % 3600 // 60:02d}"


def within(second: int, start: int, end: int) -> bool:
    """Whether a second of the day lies in [start, end). Wraps over midnight; start == end is the whole day."""
    if start < end:
        return start <= second < end
    return start == end or second >= start or second < end


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in a world's time: the day counted as the world counts, the weekday 1–7, the second of the day 0–86,399."""

    day: int
    weekday: int
    second: int

    @property
    def hour(self) -> int:
        return self.second // 3600

    @property
    def hhmm(self) -> str:
        return hhmm(self.second)

    @property
    def time(self) -> str:
        """ "8:00 AM" """
        hour = self.second // 3600
        return f"{(hour - 1) % 12 + 1}:{self.second % 3600 // 60:02d} {'AM' if hour < 12 else 'PM'}"

    @property
    def label(self) -> str:
        """ "Day 1, 8:00 AM" """
        return f"Day {self.day}, {self.time}"

    @property
    def weekday_name(self) -> str:
        return WEEKDAYS[self.weekday - 1]


@dataclass(frozen=True, slots=True)
class Clock:
    """Where the world stands at `world_time` 0: which day it calls that, which second of that day, and which weekday that day is."""

    start_day: int = 1
    start_second: int = 0
    first_weekday: int = 1

    @classmethod
    def parse(cls, data: Mapping[str, Any] | None) -> Clock:
        """From the manifest's `clock`; what is left out is day 1, 00:00, Monday. ValueError for a start time that is none."""
        data = data or {}
        start = parse_hhmm(data.get("start_time", "00:00"))
        return cls(int(data.get("start_day", 1)) + start // DAY, start % DAY, (int(data.get("first_weekday", 1)) - 1 + start // DAY) % 7 + 1)

    def at(self, world_time: int) -> Moment:
        """The moment `world_time` seconds after the beginning."""
        days, second = divmod(self.start_second + world_time, DAY)
        return Moment(self.start_day + days, (self.first_weekday - 1 + days) % 7 + 1, second)

    def time_of(self, day: int, second: int) -> int:
        """The world_time of a second of a day as the world counts days: the inverse of `at`. Negative before the beginning."""
        return (day - self.start_day) * DAY + second - self.start_second

    def second(self, world_time: int) -> int:
        """The second of the day, 0–86,399: `at(…).second` without the rest."""
        return (self.start_second + world_time) % DAY

    def weekday(self, world_time: int) -> int:
        """1–7: `at(…).weekday` without the rest."""
        return (self.first_weekday - 1 + (self.start_second + world_time) // DAY) % 7 + 1

    def week_second(self, world_time: int) -> int:
        """Seconds since Monday 00:00, 0–604,799."""
        return ((self.first_weekday - 1) * DAY + self.start_second + world_time) % WEEK
