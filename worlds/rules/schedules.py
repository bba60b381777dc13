"""Where people are through the week.

A schedule is a list of weekly slots. Where two overlap, the one listed first wins. At parse time the week is cut once into pieces, so that asking
costs one bisection; the stops of a patrol are found by arithmetic and need no pieces of their own.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any, NamedTuple

from .clock import DAY, WEEK, Clock, hhmm, parse_hhmm

RULES = ("default", "patrol", "hidden")
EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)


class Stop(NamedTuple):
    """One place of a patrol and how long it takes there, in minutes (≥ 1)."""

    location: str
    minutes: int


@dataclass(frozen=True, slots=True)
class Slot:
    """A weekly slot. `start` and `end` are seconds of the day, end exclusive; an end at or before the start lies on the next day."""

    key: str
    days: tuple[int, ...]
    start: int
    end: int
    activity: str
    rule: str
    location: str | None
    stops: tuple[Stop, ...]
    ends_after: tuple[int, ...] = ()  # seconds into the round at which each stop is over

    @classmethod
    def parse(cls, data: Mapping[str, Any], number: int = 1) -> Slot:
        """From the document form. ValueError for times that are none; days outside 1–7 and stops without minutes are left out."""
        stops = tuple(Stop(str(stop["location"]), int(stop["minutes"])) for stop in data.get("stops") or () if int(stop.get("minutes") or 0) > 0)
        rule = str(data.get("rule") or "default")
        return cls(
            key=str(data.get("key") or f"slot{number}"),
            days=tuple(sorted({day for day in data.get("days") or EVERY_DAY if day in EVERY_DAY})),
            start=parse_hhmm(data["start"]),
            end=parse_hhmm(data["end"]),
            activity=str(data.get("activity") or ""),
            rule=rule,
            location=None if rule == "hidden" else data.get("location") or None,
            stops=stops if rule == "patrol" else (),
            ends_after=tuple(accumulate(stop.minutes * 60 for stop in stops)) if rule == "patrol" else (),
        )

    @property
    def seconds(self) -> int:
        """How long it lasts, 60–86,400."""
        return (self.end - self.start - 1) % DAY + 1


class Whereabouts(NamedTuple):
    """Where somebody is: `location` None is nowhere to be found; `until` the world_time at which slot or stop ends."""

    location: str | None
    activity: str
    slot: str
    until: int


class Piece(NamedTuple):
    """A stretch of the week one slot rules: week seconds; `begin` is where its slot began (before 0 if it began last Sunday)."""

    start: int
    end: int
    begin: int
    slot: Slot


class Problem(NamedTuple):
    """What an author should know about a schedule: `code` is overlap, gap, stops or unreached; `day` 1–7, seconds of that day, keys of the slots."""

    code: str
    day: int
    start: int
    end: int
    slots: tuple[str, ...]
    message: str


def _occurrences(slots: Sequence[Slot]) -> Iterator[tuple[int, int, int, Slot]]:
    """(start, end, begin, slot) in week seconds, cut at the end of the week."""
    for slot in slots:
        for day in slot.days:
            begin = (day - 1) * DAY + slot.start
            end = begin + slot.seconds
            if begin >= WEEK:  # Sunday 24:00 is Monday 00:00
                begin, end = begin - WEEK, end - WEEK
            yield begin, min(end, WEEK), begin, slot
            if end > WEEK:
                yield 0, end - WEEK, begin - WEEK, slot


def _cut(slots: Sequence[Slot]) -> list[Piece]:
    """The week's pieces in order, the first listed slot winning."""
    pieces: list[Piece] = []
    for start, end, begin, slot in _occurrences(slots):
        free = [(start, end)]
        for taken in pieces:
            free = [part for left, right in free for part in ((left, min(right, taken.start)), (max(left, taken.end), right)) if part[0] < part[1]]
        pieces.extend(Piece(left, right, begin, slot) for left, right in dict.fromkeys(free))
    return sorted(pieces)


def _joined(pieces: list[Piece]) -> list[Piece]:
    """A slot that runs over the end of the week does not change there: its first half ends when its second does."""
    if len(pieces) > 1 and pieces[-1].end == WEEK and pieces[0].start == 0:
        last, first = pieces[-1], pieces[0]
        if last.slot is first.slot and last.begin - WEEK == first.begin:
            pieces[-1] = last._replace(end=WEEK + first.end)
    return pieces


class Schedule:
    """The week of one person. Immutable."""

    __slots__ = ("_pieces", "_starts", "slots")

    def __init__(self, slots: Sequence[Slot] = ()) -> None:
        self.slots = tuple(slots)
        self._pieces = tuple(_joined(_cut(self.slots)))
        self._starts = tuple(piece.start for piece in self._pieces)

    @classmethod
    def parse(cls, slots: Sequence[Mapping[str, Any]]) -> Schedule:
        """From the document form; slots that cannot be read are left out (the schema tells the author)."""
        parsed: list[Slot] = []
        for number, data in enumerate(slots, 1):
            try:
                parsed.append(Slot.parse(data, number))
            except (ValueError, TypeError, KeyError, AttributeError):
                continue
        return cls(parsed)

    def __bool__(self) -> bool:
        return bool(self.slots)

    def _piece(self, week_second: int) -> Piece | None:
        found = bisect_right(self._starts, week_second) - 1
        if found >= 0:
            piece = self._pieces[found]
            return piece if week_second < piece.end else None
        return None

    def _wait(self, week_second: int) -> int:
        """Seconds until the next piece starts, later than now; a day where there is none."""
        if not self._starts:
            return DAY
        found = bisect_right(self._starts, week_second)
        if found < len(self._starts):
            return self._starts[found] - week_second
        first = self._pieces[0]
        if first.begin < 0 and len(self._starts) > 1 and self._pieces[-1].end > WEEK:  # the same slot goes on over the end of the week
            return WEEK + self._starts[1] - week_second
        return WEEK + first.start - week_second

    def at(self, clock: Clock, world_time: int) -> Whereabouts | None:
        """Where and doing what; None outside every slot."""
        week_second = clock.week_second(world_time)
        piece = self._piece(week_second)
        if piece is None:
            return None
        slot = piece.slot
        until = world_time + piece.end - week_second
        if not slot.ends_after:
            return Whereabouts(slot.location, slot.activity, slot.key, until)
        into = (week_second - piece.begin) % slot.ends_after[-1]
        stop = bisect_right(slot.ends_after, into)
        return Whereabouts(slot.stops[stop].location, slot.activity, slot.key, min(until, world_time + slot.ends_after[stop] - into))

    def next_change(self, clock: Clock, world_time: int) -> int:
        """The world_time at which the next slot starts, always later than `world_time`; a day later where there are no slots."""
        return world_time + self._wait(clock.week_second(world_time))

    def segments(self, clock: Clock, start: int, end: int) -> Iterator[tuple[int, int, Whereabouts | None]]:
        """[start, end) cut where the answer of `at` changes: (from, to, whereabouts), without gaps."""
        while start < end:
            found = self.at(clock, start)
            until = found.until if found is not None else start + self._wait(clock.week_second(start))
            until = min(until, end)
            yield start, until, found
            start = until

    def activities(self, clock: Clock, start: int, end: int) -> Iterator[tuple[int, str]]:
        """[start, end) as (seconds, activity), "" outside every slot: for drives, which do not care about the stops of a patrol."""
        while start < end:
            week_second = clock.week_second(start)
            piece = self._piece(week_second)
            lasts = min(piece.end - week_second if piece is not None else self._wait(week_second), end - start)
            yield lasts, piece.slot.activity if piece is not None else ""
            start += lasts

    def week(self, clock: Clock) -> list[dict[str, Any]]:
        """Monday to Sunday for a preview: `{day, start, end, location, activity, slot, rule}`, cut at midnight, patrols by stop, no gaps."""
        rules = {slot.key: slot.rule for slot in self.slots}
        offset = -clock.week_second(0)  # a world_time that is a Monday 00:00
        rows: list[dict[str, Any]] = []
        for day in EVERY_DAY:
            midnight = offset + (day - 1) * DAY
            for start, end, found in self.segments(clock, midnight, midnight + DAY):
                if found is not None:
                    rows.append(
                        {
                            "day": day,
                            "start": hhmm(start - midnight),
                            "end": hhmm(end - midnight),
                            "location": found.location,
                            "activity": found.activity,
                            "slot": found.slot,
                            "rule": rules[found.slot],
                        }
                    )
        return rows

    def problems(self) -> list[Problem]:
        """Overlaps, gaps in days that have slots, patrols without stops, and stops a patrol never comes to; an empty schedule has none."""
        return [*self._overlaps(), *self._gaps(), *self._stopless(), *self._unreached()]

    def _overlaps(self) -> Iterator[Problem]:
        seen: list[tuple[int, int, int, Slot]] = []
        for start, end, begin, slot in _occurrences(self.slots):
            for other_start, other_end, _, other in seen:
                left, right = max(start, other_start), min(end, other_end)
                if left < right:
                    day = left // DAY
                    keys = (other.key, slot.key)
                    text = f"“{keys[0]}” and “{keys[1]}” overlap from {hhmm(left % DAY)}; “{keys[0]}” comes first and wins."
                    yield Problem("overlap", day + 1, left % DAY, right - day * DAY, keys, text)
            seen.append((start, end, begin, slot))

    def _gaps(self) -> Iterator[Problem]:
        for day in EVERY_DAY:
            midnight = (day - 1) * DAY
            taken = [(max(p.start, midnight), min(p.end, midnight + DAY)) for p in self._pieces if p.start < midnight + DAY and p.end > midnight]
            if not taken:
                continue
            for (_, end), (start, _) in pairwise(taken):
                if end < start:
                    text = f"Nothing is planned from {hhmm(end - midnight)} to {hhmm(start - midnight)}; the NPC is at home then."
                    yield Problem("gap", day, end - midnight, start - midnight, (), text)

    def _stopless(self) -> Iterator[Problem]:
        for slot in self.slots:
            if slot.rule == "patrol" and not slot.stops:
                text = f"“{slot.key}” is a patrol without stops; it stays at one place."
                yield Problem("stops", slot.days[0] if slot.days else 1, slot.start, slot.end, (slot.key,), text)

    def _unreached(self) -> Iterator[Problem]:
        for slot in self.slots:
            for stop, left in zip(slot.stops[1:], slot.ends_after, strict=False):
                if left >= slot.seconds:
                    text = f"The patrol “{slot.key}” is over after {slot.seconds // 60} minutes and never comes to “{stop.location}”."
                    yield Problem("unreached", slot.days[0] if slot.days else 1, slot.start, slot.end, (slot.key,), text)
                    break
