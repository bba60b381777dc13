"""The cone of influence of a goal: the variables and nodes that can matter to it. Two states that agree on those have the same futures as far as
the goal goes, so a search keeps one of them (`Cone.key`) and follows nothing that leads elsewhere (`Cone.astray`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from math import gcd
from typing import Any

from sessions.engine import NodeRef, PlayState
from sessions.spec import WorldSpec
from worlds.rules.clock import DAY, WEEK
from worlds.rules.conditions import AllOf, AnyOf, DuringHours, Gate, NotThis, OnDays
from worlds.rules.drives import LOOK_BACK
from worlds.rules.effects import Advance, Place
from worlds.rules.possible import ANY_TIME, days_mask, hours_mask

from .moves import Counter
from .ops import PLACE, TIME, Op, Ops, Var, ops_of

MINUTE = 60
MAX_WAIT_SEC = 7 * DAY
MOST_LOOKED_AHEAD = 2 * 3600  # seconds in which a change of mood is looked for at once


@dataclass(frozen=True)
class Goal:
    """What is looked for: `met` says whether a state is there, `ops` whose gates that depends on, `nodes` where one has to stand for it;
    `exploring` whether it can be met while exploring."""

    met: Callable[[PlayState], bool]
    ops: tuple[Op, ...] = ()
    nodes: frozenset[NodeRef] = frozenset()
    exploring: bool = False


@dataclass(frozen=True)
class Cone:
    world: WorldSpec
    variables: frozenset[Var]
    useful: frozenset[NodeRef]
    """Nodes from which something that matters can be reached without exploring in between."""
    homeward: frozenset[NodeRef]
    """Nodes from which one gets to explore, where that can matter."""
    relevant: tuple[Op, ...]
    """The operations that write what matters or lead where it does."""
    outside: bool = True
    """Whether anything that is done while exploring can matter."""

    def astray(self, before: PlayState | None, after: PlayState) -> bool:
        """Whether a move leads where nothing matters to the goal. A way out from where one explores that can only lead back again is left out: on the
        way nothing changes that matters."""
        if after.at is None:
            return not self.outside
        if after.at in self.useful:
            return False
        return after.at not in self.homeward or (before is not None and before.at is None)

    # -- the key ------------------------------------------------------------------------------------------------------

    @cached_property
    def _named(self) -> dict[str, tuple[Any, ...]]:
        found: dict[str, list[Any]] = {}
        for kind, *rest in sorted(self.variables):
            found.setdefault(kind, []).append(rest[0] if len(rest) == 1 else tuple(rest))
        return {kind: tuple(names) for kind, names in found.items()}

    @cached_property
    def _seen(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        names = self._named.get("seen", ())
        return tuple(name for name in names if "/" in name), tuple("/" + name for name in names if "/" not in name)

    @cached_property
    def _locks(self) -> dict[str, tuple[bool, int]]:
        return {op.used: (op.lock.once, op.lock.cooldown_sec) for op in ops_of(self.world).all if op.lock and ("used", op.used) in self.variables}

    @cached_property
    def timed(self) -> bool:
        return TIME in self.variables or any(not once for once, _ in self._locks.values())

    @cached_property
    def _moody(self) -> tuple[str, ...]:
        return self._named.get("drives", ())

    def key(self, state: PlayState) -> tuple[Any, ...]:
        """Equal for states with the same futures towards the goal."""
        return (*self._plain(state), *self._timely(state))

    def outline(self, state: PlayState) -> tuple[Any, ...]:
        """Equal for states that look alike: of the clock it has only which hours that matter it is. For searches that prove nothing."""
        now = state.world_time
        minute = self.world.clock.week_second(now) // MINUTE if self._windows else 0
        return (
            *self._plain(state),
            tuple([window >> minute & 1 for window in self._windows]),
            frozenset([used for used, at in state.used.items() if (lock := self._locks.get(used)) and (lock[0] or at + lock[1] > now)]),
            tuple([npc for npc in self._named.get("placed", ()) if npc in state.placed and (state.placed[npc].until or now + 1) > now]),
            tuple([e.label for npc in self._moody for e in state.emotions.get(npc, ()) if e.at + e.minutes * MINUTE > now]),
            frozenset([(key, spent.total) for key, spent in state.influence.items() if spent.day == self.world.clock.at(now).day]),
        )

    def _plain(self, state: PlayState) -> list[Any]:
        """What of a state has nothing to do with the clock."""
        named = self._named
        flags, paths = state.flags, state.seen
        full, tails = self._seen
        found: list[Any] = [
            state.at,
            state.stack,
            state.location if PLACE in self.variables else "",
            tuple([flag for flag in named.get("flag", ()) if flag in flags]),
            tuple([state.stats.get(name) for name in named.get("stat", ())]),
            tuple([state.inventory.get(name) for name in named.get("item", ())]),
            tuple([state.rel[npc].get(axis) if npc in state.rel else None for npc, axis in named.get("rel", ())]),
        ]
        if full or tails:
            found.append(tuple([path for path in full if path in paths]))
            found.append(tuple([tail for tail in tails if any(path.endswith(tail) for path in paths)]))
        turn = state.turn
        if turn is not None and not turn.closed and self._matters(turn.npc, turn.interaction):
            talk = state.talk.get(turn.npc)
            found.append((turn.npc, turn.interaction, turn.waiting, talk.turns if talk else 0))
        return found

    def _timely(self, state: PlayState) -> list[Any]:
        """What of a state has to do with the clock, to the second."""
        named, now = self._named, state.world_time
        found: list[Any] = []
        if self._locks:
            found.append(tuple([self._left(state, used, lock) for used, lock in self._locks.items()]))
        if TIME in self.variables:
            found.append(self.world.clock.week_second(now))
        if state.placed:
            found.append(tuple([
                (npc, placed.location, placed.until and placed.until - now)
                for npc in named.get("placed", ())
                if (placed := state.placed.get(npc)) and (placed.until is None or placed.until > now)
            ]))  # fmt: skip
        if self._moody:
            found.append(min(now, LOOK_BACK))
            found.append(tuple([self._feelings(state, npc) for npc in self._moody]))
        return found

    def _left(self, state: PlayState, used: str, lock: tuple[bool, int]) -> int:
        at = state.used.get(used)
        if at is None:
            return 0
        once, cooldown = lock
        return 1 if once else max(0, at + cooldown - state.world_time)

    def _feelings(self, state: PlayState, npc: str) -> tuple[Any, ...]:
        now = state.world_time
        drives = {axis: (value, min(now - at, LOOK_BACK)) for axis, (value, at) in state.drives.get(npc, {}).items()}
        felt = [(e.label, e.intensity, e.minutes, now - e.at) for e in state.emotions.get(npc, ()) if e.at + e.minutes * 60 > now]
        return tuple(sorted(drives.items())), tuple(felt)

    @cached_property
    def _talks(self) -> frozenset[str]:
        return frozenset(op.needs.path for op in self.relevant if op.kind == "choice" and op.needs is not None)

    def _matters(self, npc: str, interaction: str) -> bool:
        return f"{npc}/{interaction}" in self._talks

    # -- time ---------------------------------------------------------------------------------------------------------

    @cached_property
    def _moments(self) -> tuple[int, ...]:
        """Seconds of the week at which something that matters opens or closes."""
        found: set[int] = set()
        for op in self.relevant:
            for clause in clauses(op.gate):
                if isinstance(clause, DuringHours):
                    found |= {day * DAY + bound % DAY for day in range(7) for bound in (clause.start, clause.end)}
                elif isinstance(clause, OnDays):
                    found |= {day * DAY for day in range(7)}
        for npc in {var[1] for var in self.variables if var[0] in ("here", "placed", "drives") and var[1] in self.world.npc_keys}:
            for mask in self.world.usual_minutes[npc].values():
                found |= {minute * MINUTE % WEEK for minute in _borders(mask)}
        return tuple(sorted(found))

    @cached_property
    def _windows(self) -> tuple[int, ...]:
        """The hours that matter, each as minutes of the week: of clauses, and of people at places; also the hours outside of them where something
        asks that they be over."""
        found: dict[int, None] = {}
        for op in self.relevant:
            over = [op.gate] if any(isinstance(clause, NotThis) for clause in op.gate.clauses) else []
            for gate, outside in ((op.gate, False), *((gate, True) for gate in (*over, *(rival.gate for rival in op.rivals)))):
                for window in time_masks(gate):
                    found[ANY_TIME & ~window if outside else window] = None
        for npc in sorted({var[1] for var in self.variables if var[0] == "here" and var[1] in self.world.npc_keys}):
            found.update(dict.fromkeys(self.world.usual_minutes[npc].values()))
        return tuple(found)

    def leaps(self, state: PlayState) -> tuple[int, ...]:
        """For a search that need not try everything: how long to wait until each window opens, or a cooldown is over."""
        if not self.timed and not state.influence:
            return ()
        at = self.world.clock.week_second(state.world_time)
        minute = at // MINUTE
        found: dict[int, None] = {}
        for window in self._windows:
            if window and not window >> minute & 1:
                ahead = window >> minute or window << (WEEK // MINUTE - minute)
                found[((ahead & -ahead).bit_length() - 1) * MINUTE] = None
        for used, lock in self._locks.items():
            if not lock[0] and (left := self._left(state, used, lock)) > 0:
                found[-(-left // MINUTE) * MINUTE] = None
        if state.influence:  # tomorrow a writer may propose more
            found[-(-(DAY - at % DAY) // MINUTE) * MINUTE] = None
        return tuple(sorted(seconds for seconds in found if MINUTE <= seconds <= MAX_WAIT_SEC))

    @cached_property
    def grid(self) -> int:
        """0 where it is enough to wait until something opens or closes; else the seconds of a raster outside of which nothing new can be met.

        Effects that move the clock carry every moment with them, so all multiples of what divides all of them count. Where a cooldown must still run
        for something to happen (edges: an open choice keeps the automatic one shut) the raster is finer; where moods are made to change or the clock
        is moved under them, only whole minutes are safe.
        """
        effects = [effect for op in self.relevant for effect in op.effects]
        advances = [effect.seconds for effect in effects if isinstance(effect, Advance)]
        running = sum(1 for op in self.relevant if op.kind == "edge" and op.lock and op.lock.cooldown_sec and not op.lock.once)
        stirred = any(var[0] in ("felt", "drives") and var[1] in self._moody for op in self.relevant for var in op.writes)
        if self._moody and (stirred or advances or running):
            return MINUTE
        if not advances and not running:
            return 0
        lasting = [effect.until for effect in effects if isinstance(effect, Place) and effect.until]
        start = self.world.clock.week_second(0)
        raster = gcd(*self._moments, *advances, *(cooldown for _, cooldown in self._locks.values()), *lasting, start, DAY)
        if raster % MINUTE:
            return MINUTE
        if not running:
            return raster
        # With so many clocks that must be seen running and run out, moments between two lines matter by their order only (the regions of a timed
        # automaton): one more part than there are clocks, the clock of the world among them, tells every order apart.
        return next((raster // parts for parts in range(running + 2, raster // MINUTE) if raster % (parts * MINUTE) == 0), MINUTE)

    def waits(self, state: PlayState, counter: Counter) -> tuple[int, ...]:
        """How long to wait for the next thing: whole minutes, at most a week. A mood that is looked up counts as a step."""
        if not self.timed:
            return ()
        now = state.world_time
        at = self.world.clock.week_second(now)
        if self.grid:
            return (-(-(self.grid - at % self.grid) // MINUTE) * MINUTE,)
        ahead = [(moment - at - 1) % WEEK + 1 for moment in self._moments]
        ahead += [left for used, lock in self._locks.items() if not lock[0] and (left := self._left(state, used, lock)) > 0]
        ahead += [
            placed.until - now for npc in self._named.get("placed", ()) if (placed := state.placed.get(npc)) and placed.until and placed.until > now
        ]
        soonest = min(-(-min(ahead, default=MAX_WAIT_SEC) // MINUTE) * MINUTE, MAX_WAIT_SEC)
        if self._moody:
            soonest = self._until_mood(state, min(soonest, MOST_LOOKED_AHEAD), counter)
        return (soonest,) if ahead or self._moody else ()

    @cached_property
    def _moods(self) -> dict[tuple[Any, ...], int]:
        return {}

    def _until_mood(self, state: PlayState, most: int, counter: Counter) -> int:
        """After how many seconds of waiting somebody's mood that matters is another one, or `most` where it stays so long."""
        key = (state.world_time, most, *((tuple(state.rel.get(npc, {}).items()), self._feelings(state, npc)) for npc in self._moody))
        if key not in self._moods:
            felt = self._felt(state, 0)
            later = (seconds for seconds in range(MINUTE, most + 1, MINUTE) if felt != self._felt(state, seconds))
            self._moods[key] = next(later, most)
            counter.steps += self._moods[key] // MINUTE * len(self._moody)
        return self._moods[key]

    def _felt(self, state: PlayState, seconds: int) -> list[str]:
        later = state._replace(world_time=state.world_time + seconds)
        return [self.world.mood_label(later, npc) for npc in self._moody]


def clauses(gate: Gate) -> Iterable[Any]:
    """Every clause of a gate, combinations opened."""
    for clause in gate.clauses:
        if isinstance(clause, AllOf | AnyOf):
            for inner in clause.gates:
                yield from clauses(inner)
        elif isinstance(clause, NotThis):
            yield from clauses(clause.gate)
        else:
            yield clause


def time_masks(gate: Gate) -> Iterable[int]:
    """The hours that clauses of a gate name, as minutes of the week."""
    for clause in clauses(gate):
        if isinstance(clause, DuringHours):
            yield hours_mask(clause.start, clause.end)
        elif isinstance(clause, OnDays):
            yield days_mask(clause.days)


def _borders(mask: int) -> Iterable[int]:
    """Minutes at which a run of bits begins or is over."""
    edges = mask ^ (mask << 1)
    while edges:
        low = edges & -edges
        yield low.bit_length() - 1
        edges ^= low


def cone(world: WorldSpec, goal: Goal, start: PlayState, ops: Ops | None = None) -> Cone:
    """The least cone closed under: whoever writes a variable of it, or leads to a node of it, brings in what it reads. `ops` are the operations that
    may happen, all of the world unless said."""
    ops = ops or ops_of(world)
    variables: set[Var] = set()
    while True:
        useful, homeward, relevant, outside = _control(world, ops, goal, start, frozenset(variables))
        wider = variables.union(*(op.reads for op in relevant))
        if wider == variables:
            return Cone(world, frozenset(variables), useful, homeward, relevant, outside)
        variables = wider


def _control(
    world: WorldSpec, ops: Ops, goal: Goal, start: PlayState, variables: frozenset[Var]
) -> tuple[frozenset[NodeRef], frozenset[NodeRef], tuple[Op, ...], bool]:
    tails = {var[1] for var in variables if var[0] == "seen" and "/" not in var[1]}
    targets = set(goal.nodes)
    for ref, node in ops.nodes.items():
        if ("seen", ref.path) in variables or ref.node in tails or (node.location and PLACE in variables):
            targets.add(ref)
    writers = [op for op in ops.all if op.writes & variables]
    targets |= {op.node.ref for op in writers if op.node is not None}
    away = [op for op in writers if op.node is None]
    exploring = goal.exploring
    useful: set[NodeRef] = set()
    while True:
        useful = _closed(targets, ops.backward)
        # What is done while exploring and writes what matters or leads on to it: then free nodes and the dialogue nodes of these people matter too.
        leading = [
            op for op in ops.all if op.node is None and op.kind != "choice" and (op.to in useful or (op.needs is not None and op.needs.to in useful))
        ]
        outside = [*away, *leading]
        more = {
            ref
            for ref, node in ops.nodes.items()
            if outside and (node.free or (node.kind == "dialogue" and any(set(op.people) & {*world.npc_candidates(node)} for op in outside)))
        }
        if more <= targets:
            break
        targets |= more
    exploring = exploring or bool(leading)  # whatever else is done there, nobody comes back
    begun = [ref for ref in (start.at, *start.stack) if ref is not None]
    ways_out = [*ops.leaving, *(ref for ref, node in ops.nodes.items() if node.free)]
    homeward = _closed(ways_out, ops.backward) & _closed([*begun, *useful], ops.onward) if exploring else set()
    relevant = {id(op): op for op in (*goal.ops, *outside)}
    for ref in useful | homeward:
        for op in ops.edges[ref]:
            relevant[id(op)] = op
    for op in list(relevant.values()):
        if op.needs is not None:
            relevant[id(op.needs)] = op.needs
    if any(op.kind == "interaction" and not op.remote for op in relevant.values()) or PLACE in variables:
        relevant.update({id(op): op for op in ops.all if op.kind == "travel"})
    return frozenset(useful), frozenset(homeward), tuple(relevant.values()), exploring


def _closed(start: Iterable[NodeRef], ways: Any) -> set[NodeRef]:
    found: set[NodeRef] = set()
    todo = [ref for ref in start if ref in ways]
    while todo:
        at = todo.pop()
        if at not in found:
            found.add(at)
            todo.extend(ways[at])
    return found
