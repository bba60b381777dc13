"""Many states at once: what clauses may answer about a whole set of states of play, and the ranges such a set is described by.

The analysis of stories asks `Clause.may` where playing asks `Clause.holds`. The answer covers every state of the set: YES and NO are promises,
MAYBE is none.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from functools import lru_cache
from typing import Any, NamedTuple, Protocol

from .clock import DAY, WEEK, within

MINUTES = WEEK // 60
ANY_TIME = (1 << MINUTES) - 1


class May(IntEnum):
    """Bit 1: it holds in some state of the set. Bit 2: it fails in some."""

    YES = 1
    NO = 2
    MAYBE = 3


YES, NO, MAYBE = May.YES, May.NO, May.MAYBE
_OF = {(True, False): YES, (False, True): NO, (True, True): MAYBE, (False, False): NO}


def may(can_hold: bool, can_fail: bool) -> May:
    return _OF[can_hold, can_fail]


def surely(holds: bool) -> May:
    """The answer where every state of the set agrees."""
    return YES if holds else NO


def opposite(answer: May) -> May:
    return _OF[answer != YES, answer != NO]


def both(answers: Iterable[May]) -> May:
    """Whether all hold: NO as soon as one never does. Clauses are taken as independent, which errs towards MAYBE."""
    found = YES
    for answer in answers:
        if answer == NO:
            return NO
        if answer == MAYBE:
            found = MAYBE
    return found


def either(answers: Iterable[May]) -> May:
    """Whether one holds."""
    return opposite(both(opposite(answer) for answer in answers))


class Span(NamedTuple):
    """A number lies in [low, high], ends included."""

    low: float
    high: float

    def at_least(self, bound: float) -> May:
        return may(self.high >= bound, self.low < bound)

    def at_most(self, bound: float) -> May:
        return may(self.low <= bound, self.high > bound)

    def joined(self, other: Span) -> Span:
        return Span(min(self.low, other.low), max(self.high, other.high))


# -- minutes of the week as bits: bit 0 is Monday 00:00 ---------------------------------------------------------------


@lru_cache(maxsize=4096)
def hours_mask(start: int, end: int) -> int:
    """The minutes of the week whose second of the day lies in [start, end); bounds are whole minutes."""
    day = 0
    for minute in range(DAY // 60):
        if within(minute * 60, start, end):
            day |= 1 << minute
    return sum(day << (weekday * DAY // 60) for weekday in range(7))


@lru_cache(maxsize=256)
def days_mask(days: tuple[int, ...]) -> int:
    """The minutes of these days, 1 = Monday."""
    day = (1 << (DAY // 60)) - 1
    return sum(day << ((weekday - 1) * DAY // 60) for weekday in set(days) if 1 <= weekday <= 7)


def span_mask(start: int, end: int) -> int:
    """The minutes [start, end) of the week, in minutes since Monday 00:00."""
    return (1 << end) - (1 << start)


def later(minutes: int, seconds: int) -> int:
    """Where the minutes are after so many seconds; a broken minute may end in either of two."""
    whole, rest = divmod(seconds, 60)
    moved = _rotated(minutes, whole % MINUTES)
    return moved | _rotated(minutes, (whole + 1) % MINUTES) if rest else moved


def _rotated(minutes: int, by: int) -> int:
    moved = minutes << by
    return (moved & ANY_TIME) | (moved >> MINUTES)


def among(minutes: int, wanted: int) -> May:
    """Whether the time is one of the wanted minutes."""
    return may(bool(minutes & wanted), bool(minutes & ~wanted))


class Possible(Protocol):
    """A set of states of play, as clauses ask it."""

    @property
    def minutes(self) -> int: ...
    @property
    def places(self) -> frozenset[str]: ...
    def flag(self, flag: str) -> May: ...
    def seen(self, node: str) -> May: ...
    def stat(self, world: Any, stat: str) -> Span | None: ...
    def item(self, world: Any, item: str) -> Span: ...
    def axis(self, npc: str, axis: str, default: float) -> Span: ...
    def romantic(self, world: Any, npc: str) -> bool: ...
    def moods(self, world: Any, npc: str) -> frozenset[str]: ...
    def here(self, world: Any, npc: str) -> May: ...
