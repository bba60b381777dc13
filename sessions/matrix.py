"""When interactions are open: over a relationship axis and the hours of a day, by the same `holds` as play. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final, Literal

from worlds.rules.clock import WEEK
from worlds.rules.conditions import AllOf, AnyOf, AxisBound, Clause, MinTier, MoodIs, NotThis

from .engine import PlayState
from .engine.talking import interaction_unlocked, is_here, may_address
from .spec import WorldSpec

QUARTERS: Final = (0, 15, 30, 45)
"""Minutes at which an hour is looked at: what opens within it counts as partly open."""
HOURS: Final = 24

Cell = Literal["open", "part", "shut"]
Status = Literal["always", "sometimes", "never"]


@dataclass(frozen=True, slots=True)
class Band:
    """A range of the axis, ends included, in which the whole day looks the same: one cell an hour."""

    low: int
    high: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """An interaction over the whole axis, lowest band first."""

    interaction: str
    label: str
    bands: tuple[Band, ...]

    @property
    def status(self) -> Status:
        cells = {cell for band in self.bands for cell in band.cells}
        return "always" if cells == {"open"} else "never" if cells == {"shut"} else "sometimes"


def availability(world: WorldSpec, state: PlayState, npc: str, *, axis: str = "affinity", along: bool = False) -> tuple[Row, ...]:
    """Every interaction with an NPC on the weekday of `state`, all else as it is there. With `along` the player is wherever the NPC is.

    Exact in the axis: only values at which a clause can turn are tried, all of them where one asks for a mood. An emotion is as strong at every
    hour as it is in `state`; drives are as hungry and tired as the hour makes them.
    """
    interactions = world.interactions(npc)
    starts = _starts(world, axis, [clause for each in interactions.values() for clause in each.gate.clauses])
    moments = [at_time(world, state, npc, hour * 60 + minute, along=along) for hour in range(HOURS) for minute in QUARTERS]
    addressed = may_address(world, state, npc)
    here = [is_here(world, moment, npc) for moment in moments]
    found: dict[str, list[list[bool]]] = {key: [] for key in interactions}
    for value in starts:
        grown = {npc: {**state.rel.get(npc, {}), axis: value}}
        for rows in found.values():
            rows.append([])
        for moment, present in zip(moments, here, strict=True):
            then = moment._replace(rel={**moment.rel, **grown})
            for key, each in interactions.items():
                reached = addressed and (present or each.remote)
                found[key][-1].append(reached and interaction_unlocked(world, then, npc, each))
    ends = [*(start - 1 for start in starts[1:]), int(world.axes[axis].maximum)]
    return tuple(Row(key, each.label, _bands(starts, ends, found[key])) for key, each in interactions.items())


def at_time(world: WorldSpec, state: PlayState, npc: str, minute: int, *, along: bool = False) -> PlayState:
    """The state at a minute of its own weekday; where that was before the world began, a week later."""
    clock = world.clock
    moment = state.world_time - clock.second(state.world_time) + minute * 60
    moment += WEEK if moment < 0 else 0
    felt = {who: tuple(e._replace(at=e.at + moment - state.world_time) for e in emotions) for who, emotions in state.emotions.items()}
    then = state._replace(world_time=moment, emotions=felt)
    return then._replace(location=world.location_of(then, npc)) if along else then


def _bands(starts: list[int], ends: list[int], rows: list[list[bool]]) -> tuple[Band, ...]:
    lines = [(_cells(row), start, end) for row, start, end in zip(rows, starts, ends, strict=True)]
    found = []
    for cells, same in groupby(lines, key=lambda line: line[0]):
        together = list(same)
        found.append(Band(together[0][1], together[-1][2], cells))
    return tuple(found)


def _cells(row: list[bool]) -> tuple[Cell, ...]:
    hours = [row[start : start + len(QUARTERS)] for start in range(0, len(row), len(QUARTERS))]
    return tuple("open" if all(hour) else "part" if any(hour) else "shut" for hour in hours)


def _starts(world: WorldSpec, axis: str, clauses: Iterable[Clause]) -> list[int]:
    """The lowest value of every range in which no clause can turn."""
    scale = world.axes[axis]
    low, high = int(scale.minimum), int(scale.maximum)
    turns = {turn for clause in clauses for turn in _turns(world, axis, clause)}
    if math.nan in turns:
        return list(range(low, high + 1))
    return sorted({low, *(int(turn) for turn in turns if low < turn <= high)})


def _turns(world: WorldSpec, axis: str, clause: Clause) -> Iterator[float]:
    """Values at which a clause may turn; NaN for any."""
    if isinstance(clause, AxisBound) and clause.axis == axis:
        yield math.ceil(clause.bound) if clause.least else math.floor(clause.bound) + 1
    elif isinstance(clause, MinTier) and axis == "affinity" and axis in world.tiers:
        yield from (math.ceil(tier.start) for tier in world.tiers[axis].tiers if math.isfinite(tier.start))
    elif isinstance(clause, MoodIs):
        yield math.nan
    elif isinstance(clause, AllOf | AnyOf | NotThis):
        gates = (clause.gate,) if isinstance(clause, NotThis) else clause.gates
        yield from (turn for gate in gates for inner in gate.clauses for turn in _turns(world, axis, inner))
