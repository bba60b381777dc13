"""One language for everything that can be locked: interactions, edges, dialogue choices, hotspots, travel.

A condition is JSON (`worlds/schemas/conditions.json`); `compile_gate` makes a `Gate` of clauses. Each clause has `holds` (fast, for the flow)
and `explain` (codes and parameters for readers; `words.py` makes sentences of them). Both take the world, the state and the NPC in
question; a clause about an NPC where there is none never holds. `may` asks the same of many states at once (`possible.py`), for the analysis.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from .clock import parse_hhmm, within
from .playing import Playing, WorldRules
from .possible import NO, YES, May, Possible, among, both, days_mask, either, hours_mask, may, opposite, surely

MAX_DEPTH = 8
ROMANTIC_AXES = frozenset({"chemistry", "intimacy_level"})


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one clause stands: `code` names the sentence, `needed` and `had` are values, `parts` the clauses inside a combination."""

    code: str
    met: bool
    subject: str = ""
    needed: Any = None
    had: Any = None
    parts: tuple[Verdict, ...] = ()

    def as_json(self) -> dict[str, Any]:
        data: dict[str, Any] = {"code": self.code, "met": self.met, "subject": self.subject, "needed": self.needed, "had": self.had}
        if self.parts:
            data["parts"] = [part.as_json() for part in self.parts]
        return data


class Clause:
    """One requirement. Subclasses are frozen dataclasses."""

    __slots__ = ()
    key: ClassVar[str]

    def holds(self, world: WorldRules, state: Playing, npc: str | None) -> bool:
        raise NotImplementedError

    def explain(self, world: WorldRules, state: Playing, npc: str | None) -> Verdict:
        raise NotImplementedError

    def may(self, world: WorldRules, possible: Possible, npc: str | None) -> May:
        """What `holds` answers in the states of a set: YES and NO only where it answers so in every one of them."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Flag(Clause):
    """A flag is set, or with `wanted=False` not set: exact complements."""

    flag: str
    wanted: bool = True

    def holds(self, world: WorldRules, state: Playing, npc: str | None) -> bool:
        return (self.flag in state.flags) is self.wanted

    def explain(self, world: WorldRules, state: Playing, npc: str | None) -> Verdict:
        had = self.flag in state.flags
        return Verdict("flag" if self.wanted else "not_flag", had is self.wanted, self.flag, self.wanted, had)

    def may(self, world: WorldRules, possible: Possible, npc: str | None) -> May:
        had = possible.flag(self.flag)
        return had if self.wanted else opposite(had)


@dataclass(frozen=True, slots=True)
class AxisBound(Clause):
    """A relationship axis with the NPC in question is at least (`least`) or at most its bound. Absent values count as the axis default."""

    axis: str
    bound: float
    least: bool
    default: float
    romantic: bool

    def holds(self, world: WorldRules, state: Playing, npc: str | None) -> bool:
        if npc is None or (self.romantic and not world.romantic(state, npc)):
            return False
        values = state.rel.get(npc)
        had = self.default if values is None else values.get(self.axis, self.default)
        return had >= self.bound if self.least else had <= self.bound

    def explain(self, world: WorldRules, state: Playing, npc: str | None) -> Verdict:
        if self.romantic and npc is not None and not world.romantic(state, npc):
            return Verdict("romance", False, npc, True, False)
        had = state.rel.get(npc, {}).get(self.axis, self.default) if npc is not None else None
        return Verdict("min_axis" if self.least else "max_axis", self.holds(world, state, npc), self.axis, self.bound, had)

    def may(self, world: WorldRules, possible: Possible, npc: str | None) -> May:
        if npc is None or (self.romantic and not possible.romantic(world, npc)):
            return NO
        had = possible.axis(npc, self.axis, self.default)
        return had.at_least(self.bound) if self.least else had.at_most(self.bound)


@dataclass(frozen=True, slots=True)
class MinTier(Clause):
    """The relationship is at least of this affinity tier."""

    tier: str

    def holds(self, world: WorldRules, state: Playing, npc: str | None) -> bool:
        tiers = world.tiers.get("affinity")
        if npc is None or tiers is None:
            return False
        return tiers.rank(self._had(world, state, npc)) >= tiers.rank(self.tier)

    def _had(self, world: WorldRules, state: Playing, npc: str) -> str:
        return world.tiers["affinity"].of(state.rel.get(npc, {}).get("affinity", world.axes["affinity"].default)).key

    def explain(self, world: WorldRules, state: Playing, npc: str | None) -> Verdict:
        had = self._had(world, state, npc) if npc is not None and "affinity" in world.tiers else None
        return Verdict("min_tier", self.holds(world, state, npc), "affinity", self.tier, had)

    def may(self, world: WorldRules, possible: Possible, npc: str | None) -> May:
        tiers = world.tiers.get("affinity")
        if npc is None or tiers is None:
            return NO
        needed, had = tiers.rank(self.tier), possible.axis(npc, "affinity", world.axes["affinity"].default)
        return may(tiers.rank(tiers.of(had.high).key) >= needed, tiers.rank(tiers.of(had.low).key) < needed)  # ranks rise with the value


@dataclass(frozen=True, slots=True)
class StatBound(Clause):
    """A declared stat of the player lies within [low, high]. Unknown stats never pass."""

    stat: str
    low: float | None
    high: float | None

    def _had(self, world: WorldRules, state: Playing) -> float | None:
        declared = world.stats.get(self.stat)
        return None if declared is None else state.stats.get(self.stat, declared.axis.default)

    def holds(self, world: WorldRules, state: Playing, npc: str | None) -> bool:
        had = self._had(world, state)
        return had is not None and (self.low is None or had >= self.low) and (self.high is None or had <= self.high)

    def explain(self, world: WorldRules, state: Playing, npc: str | None) -> Verdict:
        return Verdict("stat", self.holds(world, state, npc), self.stat, {"min": self.low, "max": self.high}, self._had(world, state))

    def may(self, world: WorldRules, possible: Possible, npc: str | None) -> May:
        had = possible.stat(world, self.stat)
        if had is None:
            return NO
        return both((YES if self.low is None else had.at_least(self.low), YES if self.high is None else had.at_most(self.high)))


@dataclass(frozen=True, slots=True)
class HasItem(Clause):
    """The player carries at least so many."""

    item: str
    count: int

    def _had(self, world: WorldRules, state: Playing) -> float:
        declared = world.items.get(self.item)
        return state.inventory.get(self.item, declared.axis.default if declared else 0)

    def holds(self, world: WorldRules, state: Playing, npc: str | None) -> bool:
        return self._had(world, state) >= self.count

    def explain(self, world: WorldRules, state: Playing, npc: str | None) -> Verdict:
        return Verdict("item", self.holds(world, state, npc), self.item, self.count, self._had(world, state))

    def may(self, world: WorldRules, possible: Possible, npc: str | None) -> May:
        return possible.item(world, self.item).at_least(self.count)


@dataclass(frozen=True, slots=True)
class MoodIs(Clause):
    """The NPC's mood is one of these."""

    moods: tuple[str, ...]

    def holds(self, world: WorldRules, state: Playing, npc: str | None) -> bool:
        return npc is not None and world.mood_label(state, npc) in self.moods

    def explain(self, world: WorldRules, state: Playing, npc: str | None) -> Verdict:
        had = world.mood_label(state, npc) if npc is not None else None
        return Verdict("mood", had in self.moods, "", list(self.moods), had)

    def may(self, world: WorldRules, possible: Possible, npc: str | None) -> May:
        if npc is None:
            return NO
        moods = possible.moods(world, npc)
        return may(not moods.isdisjoint(self.moods), not moods.issubset(self.moods))


@dataclass(frozen=True, slots=True)
class AtPlace(Clause):
    """The player is at one of these places."""

    places: tuple[str, ...]

    def holds(self, world: WorldRules, state: Playing, npc: str | None) -> bool:
        return state.location in self.places

    def explain(self, world: WorldRules, state: Playing, npc: str | None) -> Verdict:
        return Verdict("location", state.location in self.places, "", list(self.places), state.location)

    def may(self, world: WorldRules, possible: Possible, npc: str | None) -> May:
        return may(not possible.places.isdisjoint(self.places), not possible.places.issubset(self.places))


@dataclass(frozen=True, slots=True)
class DuringHours(Clause):
    """The time of day is in [start, end), wrapping over midnight; seconds of the day."""

    start: int
    end: int

    def holds(self, world: WorldRules, state: Playing, npc: str | None) -> bool:
        return within(world.clock.second(state.world_time), self.start, self.end)

    def explain(self, world: WorldRules, state: Playing, npc: str | None) -> Verdict:
        had = world.clock.second(state.world_time)
        return Verdict("time", within(had, self.start, self.end), "", {"from": self.start, "to": self.end}, had)

    def may(self, world: WorldRules, possible: Possible, npc: str | None) -> May:
        return among(possible.minutes, hours_mask(self.start, self.end))


@dataclass(frozen=True, slots=True)
class OnDays(Clause):
    """The day of the week is one of these, 1 = Monday."""

    days: tuple[int, ...]

    def holds(self, world: WorldRules, state: Playing, npc: str | None) -> bool:
        return world.clock.weekday(state.world_time) in self.days

    def explain(self, world: WorldRules, state: Playing, npc: str | None) -> Verdict:
        had = world.clock.weekday(state.world_time)
        return Verdict("days", had in self.days, "", list(self.days), had)

    def may(self, world: WorldRules, possible: Possible, npc: str | None) -> May:
        return among(possible.minutes, days_mask(self.days))


@dataclass(frozen=True, slots=True)
class NpcPresent(Clause):
    """The NPC in question is (or is not) where the player is."""

    wanted: bool = True

    def holds(self, world: WorldRules, state: Playing, npc: str | None) -> bool:
        here = npc is not None and bool(state.location) and world.location_of(state, npc) == state.location
        return here is self.wanted

    def explain(self, world: WorldRules, state: Playing, npc: str | None) -> Verdict:
        met = self.holds(world, state, npc)
        return Verdict("npc_present" if self.wanted else "npc_absent", met, npc or "", self.wanted, met is self.wanted)

    def may(self, world: WorldRules, possible: Possible, npc: str | None) -> May:
        here = NO if npc is None else possible.here(world, npc)
        return here if self.wanted else opposite(here)


@dataclass(frozen=True, slots=True)
class Seen(Clause):
    """A node was visited in this playthrough: `scene/node`, or a bare node key of any scene."""

    node: str
    wanted: bool = True

    def _had(self, state: Playing) -> bool:
        if "/" in self.node:
            return self.node in state.seen
        tail = "/" + self.node
        return any(place.endswith(tail) for place in state.seen)

    def holds(self, world: WorldRules, state: Playing, npc: str | None) -> bool:
        return self._had(state) is self.wanted

    def explain(self, world: WorldRules, state: Playing, npc: str | None) -> Verdict:
        had = self._had(state)
        return Verdict("seen" if self.wanted else "not_seen", had is self.wanted, self.node, self.wanted, had)

    def may(self, world: WorldRules, possible: Possible, npc: str | None) -> May:
        had = possible.seen(self.node)
        return had if self.wanted else opposite(had)


@dataclass(frozen=True, slots=True)
class Feature(Clause):
    """A feature is enabled in the world."""

    feature: str

    def holds(self, world: WorldRules, state: Playing, npc: str | None) -> bool:
        return self.feature in world.features

    def explain(self, world: WorldRules, state: Playing, npc: str | None) -> Verdict:
        met = self.feature in world.features
        return Verdict("feature", met, self.feature, True, met)

    def may(self, world: WorldRules, possible: Possible, npc: str | None) -> May:
        return surely(self.feature in world.features)


@dataclass(frozen=True, slots=True)
class Broken(Clause):
    """A condition that could not be read never holds; the problems list tells the author why."""

    why: str

    def holds(self, world: WorldRules, state: Playing, npc: str | None) -> bool:
        return False

    def explain(self, world: WorldRules, state: Playing, npc: str | None) -> Verdict:
        return Verdict("broken", False, self.why)

    def may(self, world: WorldRules, possible: Possible, npc: str | None) -> May:
        return NO


@dataclass(frozen=True, slots=True)
class AllOf(Clause):
    gates: tuple[Gate, ...]

    def holds(self, world: WorldRules, state: Playing, npc: str | None) -> bool:
        return all(gate.holds(world, state, npc) for gate in self.gates)

    def explain(self, world: WorldRules, state: Playing, npc: str | None) -> Verdict:
        parts = _parts(self.gates, world, state, npc)
        return Verdict("all", all(part.met for part in parts), parts=parts)

    def may(self, world: WorldRules, possible: Possible, npc: str | None) -> May:
        return both(gate.may(world, possible, npc) for gate in self.gates)


@dataclass(frozen=True, slots=True)
class AnyOf(Clause):
    gates: tuple[Gate, ...]

    def holds(self, world: WorldRules, state: Playing, npc: str | None) -> bool:
        return any(gate.holds(world, state, npc) for gate in self.gates)

    def explain(self, world: WorldRules, state: Playing, npc: str | None) -> Verdict:
        parts = _parts(self.gates, world, state, npc)
        return Verdict("any", any(part.met for part in parts), parts=parts)

    def may(self, world: WorldRules, possible: Possible, npc: str | None) -> May:
        return either(gate.may(world, possible, npc) for gate in self.gates)


@dataclass(frozen=True, slots=True)
class NotThis(Clause):
    gate: Gate

    def holds(self, world: WorldRules, state: Playing, npc: str | None) -> bool:
        return not self.gate.holds(world, state, npc)

    def explain(self, world: WorldRules, state: Playing, npc: str | None) -> Verdict:
        part = _parts((self.gate,), world, state, npc)
        return Verdict("not", not part[0].met, parts=part)

    def may(self, world: WorldRules, possible: Possible, npc: str | None) -> May:
        return opposite(self.gate.may(world, possible, npc))


Holds = Callable[[WorldRules, Playing, str | None], bool]


@dataclass(frozen=True, slots=True)
class Gate:
    """All clauses must hold; no clause means open."""

    clauses: tuple[Clause, ...] = ()
    holds: Holds = field(init=False, repr=False, compare=False)
    """Whether all hold, as one function made with the gate: most gates are empty or one clause, and flow asks nothing else."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "holds", self.clauses[0].holds if len(self.clauses) == 1 else _all_of(self.clauses))

    def explain(self, world: WorldRules, state: Playing, npc: str | None = None) -> tuple[Verdict, ...]:
        """How every clause stands, met or not, in the author's order."""
        return tuple(clause.explain(world, state, npc) for clause in self.clauses)

    def may(self, world: WorldRules, possible: Possible, npc: str | None = None) -> May:
        """Whether all hold in the states of a set."""
        return both(clause.may(world, possible, npc) for clause in self.clauses)

    def unmet(self, world: WorldRules, state: Playing, npc: str | None = None) -> tuple[Verdict, ...]:
        """What keeps the gate shut. Only those clauses are explained."""
        if not self.clauses:
            return ()
        return tuple([clause.explain(world, state, npc) for clause in self.clauses if not clause.holds(world, state, npc)])


def _all_of(clauses: tuple[Clause, ...]) -> Holds:
    asked = [clause.holds for clause in clauses]

    def holds(world: WorldRules, state: Playing, npc: str | None) -> bool:
        for ask in asked:
            if not ask(world, state, npc):
                return False
        return True

    return holds


OPEN = Gate()


def _parts(gates: Iterable[Gate], world: WorldRules, state: Playing, npc: str | None) -> tuple[Verdict, ...]:
    inner = []
    for gate in gates:
        explained = gate.explain(world, state, npc)
        inner.append(explained[0] if len(explained) == 1 else Verdict("all", all(part.met for part in explained), parts=explained))
    return tuple(inner)


@dataclass(frozen=True, slots=True)
class Context:
    """Where a condition stands: the axes and stats of its world, and the scene for bare node keys."""

    axes: Mapping[str, Any] = field(default_factory=dict)
    scene: str = ""


def _negatable(text: str) -> tuple[str, bool]:
    return (text[1:], False) if text.startswith("!") else (text, True)


def _flags(value: Any, at: Context, depth: int) -> Iterable[Clause]:
    return (Flag(*_negatable(text)) for text in value)


def _seen(value: Any, at: Context, depth: int) -> Iterable[Clause]:
    for text in value:
        node, wanted = _negatable(text)
        node = node.replace(".", "/")
        yield Seen(f"{at.scene}/{node}" if at.scene and "/" not in node else node, wanted)


def _stats(value: Any, at: Context, depth: int) -> Iterable[Clause]:
    for stat, bounds in value.items():
        if isinstance(bounds, Mapping):
            yield StatBound(stat, bounds.get("min"), bounds.get("max"))
        else:
            yield StatBound(stat, bounds, None)


def _hours(value: Any, at: Context, depth: int) -> Iterable[Clause]:
    return (DuringHours(parse_hhmm(value.get("from", "00:00")), parse_hhmm(value.get("to", "24:00"))),)


def _gates(value: Any, at: Context, depth: int) -> tuple[Gate, ...]:
    return tuple(compile_gate(inner, at, depth + 1) for inner in value)


BUILDERS: dict[str, Callable[[Any, Context, int], Iterable[Clause]]] = {
    "flags": _flags,
    "min_tier": lambda value, at, depth: (MinTier(value),),
    "stats": _stats,
    "inventory": lambda value, at, depth: (HasItem(item, int(count)) for item, count in value.items()),
    "mood": lambda value, at, depth: (MoodIs(tuple(value)),),
    "location": lambda value, at, depth: (AtPlace(tuple(value)),),
    "time": _hours,
    "days": lambda value, at, depth: (OnDays(tuple(value)),),
    "npc_present": lambda value, at, depth: (NpcPresent(bool(value)),),
    "seen": _seen,
    "features": lambda value, at, depth: (Feature(name) for name in value),
    "any": lambda value, at, depth: (AnyOf(_gates(value, at, depth)),),
    "all": lambda value, at, depth: (AllOf(_gates(value, at, depth)),),
    "not": lambda value, at, depth: (NotThis(compile_gate(value, at, depth + 1)),),
}


def _axis_bound(key: str, value: Any, at: Context) -> AxisBound:
    name = key[4:]
    axis = at.axes.get(name)
    if axis is None:
        raise ValueError(f"No enabled stat package has the axis “{name}”.")
    return AxisBound(name, value, key.startswith("min_"), axis.default, name in ROMANTIC_AXES)


def compile_gate(condition: Mapping[str, Any] | None, at: Context, depth: int = 0) -> Gate:
    """A gate from condition JSON. Raises ValueError for unknown keys or axes and for nesting deeper than 8."""
    if not condition:
        return OPEN
    if depth > MAX_DEPTH:
        raise ValueError(f"Conditions nest at most {MAX_DEPTH} deep.")
    clauses: list[Clause] = []
    for key, value in condition.items():
        builder = BUILDERS.get(key)
        if builder is not None:
            clauses.extend(builder(value, at, depth))
        elif key.startswith(("min_", "max_")):
            clauses.append(_axis_bound(key, value, at))
        else:
            raise ValueError(f"There is no condition “{key}”.")
    return Gate(tuple(clauses))
