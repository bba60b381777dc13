"""How far a state is from a goal, estimated: every operation is taken to be possible as soon as each thing it needs has been possible once, and
nothing it undoes counts (the additive heuristic of planning). An estimate orders a search; it proves nothing."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from heapq import heappop, heappush
from math import ceil, inf
from typing import Any

from sessions.engine import NodeRef, PlayState
from sessions.engine.flow import locked_by
from sessions.engine.step import is_free
from sessions.engine.talking import open_turn
from sessions.spec import WorldSpec
from worlds.rules.conditions import (
    AllOf,
    AnyOf,
    AtPlace,
    AxisBound,
    Clause,
    DuringHours,
    Flag,
    Gate,
    HasItem,
    MinTier,
    MoodIs,
    NpcPresent,
    OnDays,
    Seen,
    StatBound,
)
from worlds.rules.effects import Advance, ChangeItem, ChangeRelationship, ChangeStat, Feel, MoveTo, Place, SetFlag
from worlds.rules.stats import relative

from .ops import Op, Ops, entry_of, ops_of, people_at
from .plans import NEVER, WAITING, Atoms, Compiled, Lack, Measure, Rule, Truth
from .subjects import Subject


class Guide:
    """The rules of a world as costs, with `writer` those of a writer who proposes what one could wish for too."""

    def __init__(self, world: WorldSpec, *, writer: bool = False) -> None:
        self.world = world
        self.ops: Ops = ops_of(world)
        self._atoms = Atoms()
        self._rules: list[Rule] = []
        self._compiled: Compiled | None = None
        self._numbers: dict[tuple[str, ...], list[tuple[Op, int, Any]]] = {}
        self._writers: dict[tuple[str, ...], list[int]] = {}
        self._done: dict[int, int] = {}
        self._wait = self._atom("wait", lambda state: False)
        if world.wait != "never":
            self._rule((self._out(),), self._wait)
        for op in self.ops.all:
            self._done[id(op)], _ = self._atoms.get(("done", op.path), NEVER)
        for op in self.ops.all:
            self._effects(op)
            if writer and (op.kind == "choice" or (op.kind == "interaction" and op.to is None)):
                self._wishes(op)
        for op in self.ops.all:
            self._op(op)
        self._nodes()

    def _atom(self, key: Any, truth: Truth = NEVER) -> int:
        return self._atoms.get(key, truth)[0]

    def _rule(self, needs: Iterable[int], gives: int, cost: float = 1, lack: Lack | None = None, brings: float = 1, once: bool = False) -> None:
        self._rules.append(Rule(tuple(needs), gives, cost, lack, brings, once))
        self._compiled = None

    # -- places in the story ------------------------------------------------------------------------------------------

    def _out(self) -> int:
        return self._atom("out", lambda state: is_free(self.world, state))

    def _at(self, ref: NodeRef) -> int:
        return self._atom(("at", ref), lambda state: state.at == ref)

    def _place(self, key: str) -> int:
        return self._atom(("place", key), lambda state: state.location == key)

    def _nodes(self) -> None:
        for ref, node in self.ops.nodes.items():
            here = self._at(ref)
            jump = entry_of(self.world, node.to_scene) if node.kind == "scene" else None
            if jump is not None:
                self._rule((here,), self._at(jump))
            if ref in self.ops.leaving:
                self._rule((here,), self._out())
            if node.free:
                self._rule((here,), self._out(), 0)
            if node.location:
                self._rule((here,), self._place(node.location), 0)

    def _op(self, op: Op) -> None:
        done = self._done[id(op)]
        who = op.people[0]
        needs = self._gate(op.gate, who)
        if op.lock:
            needs.append(self._unlocked(op))
        if op.kind == "edge" and op.node is not None:
            needs.append(self._at(op.node.ref))
        elif op.kind == "interaction":
            needs.append(self._addressable(str(who)))
            if not op.remote:
                needs.append(self._here(str(who)))
        elif op.kind == "choice" and op.needs is not None:
            needs.append(self._talking(op.needs.path, self._done[id(op.needs)]))
        elif op.kind == "hotspot":
            needs.append(self._out())
            spot = next(spot for spot in self.world.hotspots if spot.path == op.path)
            if spot.scope == "location":
                needs.append(self._place(spot.location))
            if op.needs is not None:
                self._rule((*needs, *self._gate(op.needs.gate, who), self._here(str(who))), self._done[id(op.needs)])
        else:
            needs.append(self._out())
        self._rule(needs, done)
        if op.to is not None:
            self._rule((done,), self._at(op.to), 0)
        if op.place:
            self._rule((done,), self._place(op.place), 0)

    def _unlocked(self, op: Op) -> int:
        lock, used = op.lock, op.used
        number, new = self._atoms.get(("unlocked", used), lambda state: not locked_by(lock, state.used.get(used), state.world_time))
        if new and lock is not None and not lock.once:
            self._rule((self._wait,), number, 0)
        return number

    def _addressable(self, npc: str) -> int:
        number, new = self._atoms.get(("addressable", npc))
        if new:
            self._rule((self._out(),), number, 0)
            for ref, node in self.ops.nodes.items():
                if node.kind == "dialogue" and npc in people_at(self.world, node):
                    self._rule((self._at(ref),), number, 0)
        return number

    def _here(self, npc: str) -> int:
        world = self.world
        number, new = self._atoms.get(("here", npc), lambda state: bool(state.location) and world.location_of(state, npc) == state.location)
        if new:
            for place, mask in world.usual_minutes.get(npc, {}).items():
                if place:
                    hour, fresh = self._atoms.get(("hour", npc, place), _in_mask(world, mask))
                    if fresh:
                        self._rule((self._wait,), hour, 0)
                        self._rule_by_clock(hour)
                    self._rule((self._place(place), hour), number, 0)
            for ref, node in self.ops.nodes.items():
                if npc in world.casting(node)[0]:
                    self._rule((self._at(ref),), number, 0)
            for op, to in self._writers_of(("placed", npc)):
                if to:
                    self._rule((self._done[id(op)], self._place(to)), number, 0)
        return number

    def _talking(self, path: str, done: int) -> int:
        def truth(state: PlayState) -> bool:
            turn = open_turn(state)
            return turn is not None and f"{turn.npc}/{turn.interaction}" == path

        number, new = self._atoms.get(("talking", path), truth)
        if new:
            self._rule((done,), number, 0)
        return number

    # -- what effects bring -------------------------------------------------------------------------------------------

    def _effects(self, op: Op) -> None:
        who = op.people[0]
        for effect in op.effects:
            match effect:
                case SetFlag():
                    self._note(("flag", effect.flag, str(effect.on)), op, effect.on)
                case ChangeStat():
                    self._note(("stat", effect.stat), op, effect.change)
                case ChangeItem():
                    self._note(("item", effect.item), op, effect.change)
                case ChangeRelationship():
                    self._note(("rel", effect.npc or str(who), effect.axis), op, effect.change)
                case Feel():
                    self._note(("felt", effect.npc or str(who)), op, effect.label)
                case Place():
                    self._note(("placed", effect.npc or str(who)), op, effect.location)
                case Advance():
                    self._note(("time",), op, effect.seconds)
                case MoveTo():
                    self._rule((self._done[id(op)],), self._place(effect.location), 0)

    def _wishes(self, op: Op) -> None:
        """What a writer may propose when it answers."""
        most = self.world.limits["per_turn"]
        for axis in sorted(self.world.influenced_axes):
            for by in (f"+{most}", f"-{most}"):
                self._note(("rel", str(op.people[0]), axis), op, by)
        for flag in sorted(self.world.influenced_flags):
            for on in (True, False):
                self._note(("flag", flag, str(on)), op, on)

    def _note(self, key: tuple[str, ...], op: Op, what: Any) -> None:
        self._numbers.setdefault(key, []).append((op, self._done[id(op)], what))

    def _writers_of(self, key: tuple[str, ...]) -> Iterable[tuple[Op, Any]]:
        return [(op, what) for op, _, what in self._numbers.get(key, ())]

    def _rule_by_clock(self, number: int) -> None:
        for _, done, _seconds in self._numbers.get(("time",), ()):
            self._rule((done,), number, 1)

    # -- clauses ------------------------------------------------------------------------------------------------------

    def _gate(self, gate: Gate, npc: str | None) -> list[int]:
        found: list[int] = []
        for clause in gate.clauses:
            if isinstance(clause, AllOf):
                for inner in clause.gates:
                    found += self._gate(inner, npc)
            else:
                found.append(self._clause(clause, npc))
        return found

    def _clause(self, clause: Clause, npc: str | None) -> int:
        world = self.world
        number, new = self._atoms.get((clause, npc), lambda state: clause.holds(world, state, npc))
        if not new:
            return number
        match clause:
            case AnyOf():
                for gate in clause.gates:
                    self._rule(self._gate(gate, npc), number, 0)
            case Flag():
                for _, done, _on in self._numbers.get(("flag", clause.flag, str(clause.wanted)), ()):
                    self._rule((done,), number, 0)
            case AxisBound() if npc is not None:
                self._bound(number, ("rel", npc, clause.axis), clause.bound if clause.least else -inf, inf if clause.least else clause.bound,
                            lambda state: state.rel.get(npc, {}).get(clause.axis, clause.default))  # fmt: skip
            case MinTier() if npc is not None and "affinity" in world.tiers:
                start = next((tier.start for tier in world.tiers["affinity"].tiers if tier.key == clause.tier), inf)
                default = world.axes["affinity"].default
                self._bound(number, ("rel", npc, "affinity"), start, inf, lambda state: state.rel.get(npc, {}).get("affinity", default))
            case StatBound() if clause.stat in world.stats:
                default = world.stats[clause.stat].axis.default
                low, high = -inf if clause.low is None else clause.low, inf if clause.high is None else clause.high
                self._bound(number, ("stat", clause.stat), low, high, lambda state: state.stats.get(clause.stat, default))
            case HasItem():
                default = world.items[clause.item].axis.default if clause.item in world.items else 0
                self._bound(number, ("item", clause.item), clause.count, inf, lambda state: state.inventory.get(clause.item, default))
            case AtPlace():
                for place in clause.places:
                    self._rule((self._place(place),), number, 0)
            case DuringHours() | OnDays():
                self._rule((self._wait,), number, 0)
                self._rule_by_clock(number)
            case NpcPresent() if npc is not None and clause.wanted:
                self._rule((self._here(npc),), number, 0)
            case Seen() if clause.wanted:
                for ref in self.ops.nodes:
                    if ref.path == clause.node or ref.path.endswith("/" + clause.node):
                        self._rule((self._at(ref),), number, 0)
            case MoodIs() if npc is not None:
                for _, done, label in self._numbers.get(("felt", npc), ()):
                    if label in clause.moods:
                        self._rule((done,), number, 0)
                for axis in world.axes:
                    for _, done, _change in self._numbers.get(("rel", npc, axis), ()):
                        self._rule((done,), number, 2)
            case _:
                self._rule((), number, 3)
        return number

    def _bound(self, number: int, key: tuple[str, ...], low: float, high: float, value: Lack) -> None:
        """Rules for a number that must get into [low, high]: each operation that moves it there, as often as it takes."""

        def lack(state: PlayState) -> float:
            had = value(state)
            return low - had if had < low else had - high if had > high else 0

        for op, done, change in self._numbers.get(key, ()):
            if isinstance(change, str):
                by = relative(change)
                if (by > 0 and low > -inf) or (by < 0 and high < inf):
                    self._rule((done,), number, 0, lack, abs(by), self.ops.once(op))
            elif low <= change <= high:
                self._rule((done,), number, 0)

    # -- estimating ---------------------------------------------------------------------------------------------------

    def at(self, ref: NodeRef) -> int:
        return self._at(ref)

    def done(self, op: Op) -> int:
        """The atom "this operation has happened"; for a goal, what it takes to do it."""
        return self._done[id(op)]

    def _compile(self) -> Compiled:
        if self._compiled is None:
            atoms = self._atoms
            by_need: list[list[int]] = [[] for _ in atoms.truths]
            for index, rule in enumerate(self._rules):
                for need in set(rule.needs):
                    by_need[need].append(index)
            located = ("at", "place")
            self._compiled = Compiled(
                by_need=by_need,
                counts=[len(set(rule.needs)) for rule in self._rules],
                gives=[rule.gives for rule in self._rules],
                costs=[int(rule.cost) for rule in self._rules],
                free=[index for index, rule in enumerate(self._rules) if not rule.needs],
                asked=[
                    (atoms.index[key], truth)
                    for key, truth in zip(atoms.index, atoms.truths, strict=True)
                    if truth is not NEVER and not (isinstance(key, tuple) and key[0] in located)
                ],
                at={key[1]: number for key, number in atoms.index.items() if isinstance(key, tuple) and key[0] == "at"},
                place={key[1]: number for key, number in atoms.index.items() if isinstance(key, tuple) and key[0] == "place"},
                subjects={self._done[id(op)]: (op.kind, op.path) for op in self.ops.all} | {self._wait: WAITING},
            )
        return self._compiled

    def measure(self, state: PlayState, goal: int) -> Measure:
        """How far the goal is from a state, and the plan behind the estimate."""
        made, rules = self._compile(), self._rules
        costs: list[float] = [inf] * len(made.by_need)
        by: dict[int, list[int]] = {}  # the rules that made an atom possible
        heap: list[int] = []  # cost and atom in one number: the heap compares nothing else
        counts, totals = made.counts[:], [0] * len(rules)
        lacks: dict[int, tuple[float, int]] = {}
        true = [number for number, truth in made.asked if truth(state)]
        for number in (made.at.get(state.at) if state.at is not None else None, made.place.get(state.location)):
            if number is not None:
                true.append(number)
        for number in true:
            costs[number] = 0
            heap.append(number)
        heap.sort()
        for index in made.free:
            if made.costs[index] < costs[made.gives[index]]:
                costs[made.gives[index]] = made.costs[index]
                by[made.gives[index]] = [index]
                heappush(heap, made.costs[index] << 20 | made.gives[index])
        settled = bytearray(len(costs))
        while heap:
            top = heappop(heap)
            cost, number = top >> 20, top & 0xFFFFF
            if settled[number]:
                continue
            settled[number] = 1
            if number == goal:
                break
            for index in made.by_need[number]:
                counts[index] -= 1
                totals[index] += cost
                if counts[index]:
                    continue
                gives = made.gives[index]
                if settled[gives]:
                    continue
                total = totals[index] + made.costs[index]
                rule = rules[index]
                helped: list[int] = []
                if rule.lack is not None:
                    left, spent = lacks.get(gives) or (rule.lack(state), 0)
                    total += spent
                    helped = by.get(gives, []) if spent else []
                    if not rule.once:
                        total += 2 * max(0, ceil(left / rule.brings) - 1)
                    else:
                        lacks[gives] = (left - rule.brings, total)
                        if left > rule.brings:
                            by[gives] = [*helped, index]
                            continue  # this alone is not enough: the next one adds to it
                if total < costs[gives]:
                    costs[gives] = total
                    by[gives] = [*helped, index]
                    heappush(heap, total << 20 | gives)
        return Measure(costs[goal], *(self._plan(goal, costs, by) if costs[goal] < inf else (frozenset(), frozenset())))

    def _plan(self, goal: int, costs: list[float], by: dict[int, list[int]]) -> tuple[frozenset[Subject], frozenset[Subject]]:
        """Of the plan behind a cost, what can be done at once, and everything."""
        subjects = self._compile().subjects
        found: set[Subject] = set()
        plan: set[Subject] = set()
        todo, seen = [goal], set()
        while todo:
            number = todo.pop()
            if number in seen or costs[number] == 0:
                continue
            seen.add(number)
            if number in subjects:
                plan.add(subjects[number])
            for index in by.get(number, ()):
                needs = self._rules[index].needs
                if number in subjects and all(costs[need] == 0 for need in needs):
                    found.add(subjects[number])
                todo.extend(needs)
        return frozenset(found), frozenset(plan)

    def estimate(self, state: PlayState, goal: int) -> float:
        return self.measure(state, goal).cost


def _in_mask(world: WorldSpec, mask: int) -> Truth:
    return lambda state: bool(mask >> (world.clock.week_second(state.world_time) // 60) & 1)


@lru_cache(maxsize=16)
def guide_of(world: WorldSpec, *, writer: bool = False) -> Guide:
    """The guide of a world, made once."""
    return Guide(world, writer=writer)
