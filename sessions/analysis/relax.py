"""Everything that may ever happen, and more: each operation counts as possible as soon as its gate may hold in the set of all states so far, and what
it does is added to the set for good. What is not possible even so never happens, and the clauses that keep it shut say why.

Numbers are bounded by what can be added up: an operation that happens at most once counts once, any other one as often as the range allows. Where a
model may write, whatever the limits let it propose counts as possible.
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from math import ceil
from typing import Any

from sessions.engine import NodeRef, PlayState
from sessions.spec import WorldSpec
from worlds.rules.conditions import ROMANTIC_AXES, AtPlace, Clause, DuringHours, Gate, NpcPresent, OnDays, Verdict
from worlds.rules.effects import Change, MoveTo
from worlds.rules.playing import WorldRules
from worlds.rules.possible import ANY_TIME, MAYBE, MINUTES, NO, YES, May, Span, later
from worlds.rules.stats import Axis, relative

from .cone import clauses, time_masks
from .ops import PLACE, TIME, Op, entry_of, may_stand, ops_of, people_at
from .possible import PossibleState

MOST_CASES = 512  # of place and time that are told apart at one gate


def influenced(world: WorldSpec) -> bool:
    """Whether a writer may propose effects in this world at all."""
    return "dialogue" in world.features and bool(world.limits["per_turn"]) and bool(world.limits["per_day"])


class Ever(PossibleState):
    """The set of all states that may ever be: effects only add to it."""

    def __init__(self, rating: str = "") -> None:
        super().__init__(rating)
        self.once = False
        self.grown = True
        self._base: dict[Any, Span] = {}
        self._sets: dict[Any, set[float]] = {}
        self._adds: dict[Any, list[tuple[float, bool]]] = {}
        self._advances: set[int] = set()

    def _note(self, holder: dict[Any, Any], key: Any, value: Any) -> None:
        if holder.get(key) != value:
            holder[key] = value
            self.grown = True

    def set_flag(self, flag: str, on: bool) -> None:
        self._note(self.flags, flag, May(self.flags.get(flag, NO) | (YES if on else NO)))

    def any_flag(self, flag: str) -> None:
        self._note(self.flags, flag, MAYBE)

    def change_stat(self, world: WorldRules, stat: str, change: Change) -> None:
        self._change(self.stats, stat, world.stats[stat].axis, change)

    def change_item(self, world: WorldRules, item: str, change: Change) -> None:
        self._change(self.inventory, item, world.items[item].axis, change)

    def change_rel(self, world: WorldRules, npc: str, axis: str, change: Change) -> None:
        if npc in world.npc_keys and (axis not in ROMANTIC_AXES or world.romantic(self, npc)):
            self._change(self.rel, (npc, axis), world.axes[axis], change)

    def any_rel(self, npc: str, axis: Axis) -> None:
        self._note(self.rel, (npc, axis.name), Span(axis.minimum, axis.maximum))
        self._adds[(npc, axis.name)] = [(axis.maximum - axis.minimum, False), (axis.minimum - axis.maximum, False)]

    def _change(self, holder: dict[Any, Span], key: Any, axis: Axis, change: Change) -> None:
        base = self._base.setdefault((id(holder), key), holder.get(key, Span(axis.default, axis.default)))
        if isinstance(change, str):
            self._adds.setdefault(key, []).append((relative(change), self.once))
        else:
            self._sets.setdefault(key, set()).add(axis.clamp(change))
        starts = [base.low, base.high, *self._sets.get(key, ())]
        ends = [min(starts), max(starts)]
        for by, once in self._adds.get(key, ()):
            end = by > 0
            whole = ceil(abs(by) / axis.step) * axis.step  # halves go up, so a broken step may bring a whole one
            ends[end] = ends[end] + (whole if end else -whole) if once else (axis.maximum if end else axis.minimum)
        self._note(holder, key, Span(axis.clamp(ends[0]), axis.clamp(ends[1])))

    def advance(self, seconds: int) -> None:
        if seconds:
            self._advances.add(seconds)
        self._pass_time(self.minutes)

    def wait(self) -> None:
        self._pass_time(ANY_TIME)

    def _pass_time(self, minutes: int) -> None:
        more = 0
        while more != minutes:
            more = minutes
            for seconds in self._advances:
                for doubled in range(MINUTES.bit_length()):  # once, twice, four times … and so any number of times
                    minutes |= later(minutes, seconds << doubled)
        if minutes != self.minutes:
            self.minutes = minutes
            self.grown = True

    def move_to(self, location: str) -> None:
        if location not in self.places:
            self.places |= {location}
            self.grown = True

    def place(self, npc: str, location: str | None, until: int | None) -> None:
        self._note(self.placed, npc, self.placed.get(npc, frozenset({None})) | {location, None})

    def feel(self, npc: str, label: str, intensity: float, minutes: int) -> None:
        labels = self.felt.setdefault(npc, {})
        if labels.get(label, -1.0) < intensity:
            labels[label] = intensity
            self.grown = True

    def enter(self, at: NodeRef | None) -> None:
        if at not in self.at:
            self.at |= {at}
            self.grown = True
        if at is not None:
            self._note(self.visited, at.path, May(self.visited.get(at.path, NO) | YES))

    def case(self, *, at: NodeRef | None, places: frozenset[str] | None = None, minutes: int | None = None) -> PossibleState:
        """The same set, cut down to one place in the story, and to some on the map and in the week."""
        found = copy.copy(self)
        found.at = frozenset({at})
        if places is not None:
            found.places = places
        if minutes is not None:
            found.minutes = minutes
        return found


class Relaxation:
    """The fixpoint from these states: `possible` is everything that may be, `fired` the operations that may happen, `reached` the nodes. `never` is
    known not to happen."""

    def __init__(
        self, world: WorldSpec, starts: Sequence[PlayState], *, proposals: bool = True, never: Collection[tuple[str, str]] = frozenset()
    ) -> None:
        self.world = world
        self.ops = ops_of(world)
        self.proposals = proposals and influenced(world)
        self.never = never
        self.fired: dict[int, Op] = {}
        self.reached: set[NodeRef] = set()
        self.exploring = False
        self.possible = self._begin(starts)
        self._pending = [op for op in self.ops.all if op.kind != "edge"]
        self._waiting_edges: list[Op] = []
        self._used = [state.used for state in starts]
        self._bound: dict[str, frozenset[str] | None] = {}
        self._begun = {state.location for state in starts}
        for state in starts:
            self._stand(state)
        self._run()

    def _begin(self, starts: Sequence[PlayState]) -> Ever:
        joined = PossibleState.of(self.world, starts[0])
        for state in starts[1:]:
            joined = joined.joined(self.world, PossibleState.of(self.world, state))
        ever = Ever(joined.rating)
        for name in ("flags", "visited", "stats", "inventory", "rel", "placed", "felt", "places", "minutes", "at"):
            setattr(ever, name, getattr(joined, name))
        return ever

    def _stand(self, state: PlayState) -> None:
        for ref in (*state.stack, state.at):
            if ref is not None and ref in self.ops.nodes:
                self._reach(ref)
        if state.at is None:
            self._explore()
        turn = state.turn
        if turn is not None and not turn.closed:
            for op in self.ops.all:
                if op.kind == "interaction" and op.path == f"{turn.npc}/{turn.interaction}":
                    self._fire(op)

    def _explore(self) -> None:
        if not self.exploring:
            self.exploring = True
            self.possible.enter(None)
            self.possible.grown = True

    def _reach(self, first: NodeRef) -> None:
        todo = [first]
        while todo:
            ref = todo.pop()
            if ref in self.reached or ref not in self.ops.nodes or ("node", ref.path) in self.never:
                continue
            self.reached.add(ref)
            node = self.ops.nodes[ref]
            self.possible.enter(ref)
            if node.location:
                self.possible.move_to(node.location)
            if ref in self.ops.leaving:
                self._explore()
            self._waiting_edges.extend(self.ops.edges[ref])
            if node.kind == "scene" and node.to_scene:
                entry = entry_of(self.world, node.to_scene)
                if entry is not None:
                    todo.append(entry)

    def _run(self) -> None:
        while self.possible.grown or self._waiting_edges:
            self.possible.grown = False
            if self.world.wait != "never" and self._free():
                self.possible.wait()
            edges, self._waiting_edges = self._waiting_edges, []
            shut = [op for op in edges if not self._try(op)]
            self._pending = [op for op in self._pending if not self._try(op)]
            if not self._waiting_edges and not self.possible.grown:
                self._shut = shut
                return
            self._waiting_edges.extend(shut)

    def _free(self) -> bool:
        return self.exploring or any(True for _ in self._free_nodes())

    def _free_nodes(self) -> Iterator[NodeRef]:
        return (ref for ref in self.reached if self.ops.nodes[ref].free and may_stand(self.ops.nodes[ref]))

    def _try(self, op: Op) -> bool:
        if not self.may_happen(op):
            return False
        self._fire(op)
        return True

    def _fire(self, op: Op) -> None:
        if id(op) in self.fired:
            return
        self.fired[id(op)] = op
        self.possible.once = self.ops.once(op)
        for npc in op.people:
            for effect in op.effects:
                effect.spread(self.world, self.possible, npc)
        if op.place:
            self.possible.move_to(op.place)
            self._explore()
        if op.to is not None:
            self._reach(op.to)
        if op.leaves:
            self._explore()
        if op.kind == "interaction" and op.to is None and self.proposals:
            self._propose(str(op.people[0]))
        self.possible.grown = True

    def _propose(self, npc: str) -> None:
        """Whatever a writer may propose, within the limits and again and again."""
        for name in sorted(self.world.influenced_axes):
            if name not in ROMANTIC_AXES or self.world.romantic(self.possible, npc):
                self.possible.any_rel(npc, self.world.axes[name])
        for flag in sorted(self.world.influenced_flags):
            self.possible.any_flag(flag)

    # -- whether something may happen ---------------------------------------------------------------------------------

    def may_happen(self, op: Op) -> bool:
        if op.lock and op.lock.once and self._used and all(op.used in used for used in self._used):
            return False
        if op.needs is not None and id(op.needs) not in self.fired:
            return False
        if op.broken or (op.kind, op.path) in self.never or (op.to is not None and ("node", op.to.path) in self.never):
            return False
        return bool(self.where(op))

    def contexts(self, op: Op) -> Iterator[NodeRef | None]:
        """Where one may stand when it happens; None for exploring."""
        if op.node is not None:
            if op.node.ref in self.reached:
                yield op.node.ref
            return
        if op.kind == "hotspot" and not self._spot_here(op):
            return
        if self.exploring:
            yield None
        if op.kind in ("interaction", "choice"):
            npc = op.people[0]
            yield from (ref for ref in self.reached if self.ops.nodes[ref].kind == "dialogue" and npc in people_at(self.world, self.ops.nodes[ref]))
        yield from self._free_nodes()

    def where(self, op: Op) -> list[NodeRef | None]:
        """Of its contexts those in which it may be open."""
        return [at for at in self.contexts(op) if any(self._opens(op, npc, at) for npc in op.people)]

    def _spot_here(self, op: Op) -> bool:
        spot = next(spot for spot in self.world.hotspots if spot.path == op.path)
        if spot.scope == "location":
            return spot.location in self.possible.places
        return spot.scope == "world" or any(ref.scene == spot.scene for ref in self._free_nodes())

    def _opens(self, op: Op, npc: str | None, at: NodeRef | None) -> bool:
        return next(self._cases(op, npc, at), None) is not None

    def _cases(self, op: Op, npc: str | None, at: NodeRef | None) -> Iterator[PossibleState]:
        """The cases of place and time in which it may happen."""
        places = self._places(op, at)
        whole = self.possible.case(at=at, places=places)
        if not self._may(op, npc, whole):
            return
        if len(op.reads & {PLACE, TIME}) < 2:
            yield whole
            return
        for case in self._split(op, npc, at, places):
            if self._may(op, npc, case):
                yield case

    def _may(self, op: Op, npc: str | None, case: PossibleState) -> bool:
        if not op.remote and npc is not None and case.here(self.world, npc) == NO:
            return False
        if self._outdone(op, npc, case):
            return False
        return op.gate.may(self.world, case, npc) != NO and (op.needs is None or op.apart or op.needs.gate.may(self.world, case, npc) != NO)

    def _outdone(self, op: Op, npc: str | None, case: PossibleState) -> bool:
        """Whether something that goes first is open in every state of a case."""
        return any(not rival.lock and rival.gate.may(self.world, case, npc) == YES for rival in op.rivals)

    def _places(self, op: Op, at: NodeRef | None) -> frozenset[str]:
        """Where one may be on the map when an operation happens at a place of the story."""
        found = self.possible.places
        if op.only_at:
            found &= {op.only_at}
        bound = self._places_in(at.scene) if at is not None else None
        return found if bound is None else found & bound

    def _places_in(self, scene: str) -> frozenset[str] | None:
        """Whoever enters a scene with a place is moved there, and stays but for what moves the player inside of it; None where all is possible."""
        if scene not in self._bound:
            home = self.world.scene(scene).location
            inside = [ref for ref in self.ops.nodes if ref.scene == scene]
            talks = any(self.ops.nodes[ref].free or self.ops.nodes[ref].kind == "dialogue" for ref in inside)
            moving = [op for ref in inside for op in self.ops.edges[ref]] + [
                op for op in self.ops.all if talks and op.kind in ("interaction", "choice")
            ]
            moved = {effect.location for op in moving for effect in op.effects if isinstance(effect, MoveTo)}
            self._bound[scene] = frozenset({home, *moved, *self._begun}) if home else None
        return self._bound[scene]

    def _split(self, op: Op, npc: str | None, at: NodeRef | None, places: frozenset[str]) -> Iterator[PossibleState]:
        people = {var[1] for var in op.reads if var[0] == "here"} & self.world.npc_keys
        gates = (op.gate, *((op.needs.gate,) if op.needs is not None and not op.apart else ()), *(rival.gate for rival in op.rivals))
        count = 0
        for place in sorted(places):
            parts = [self.possible.minutes]
            masks = [mask for gate in gates for mask in time_masks(gate)] + [self.world.usual_minutes[who].get(place, 0) for who in sorted(people)]
            for mask in dict.fromkeys(masks):
                parts = [part for whole in parts for part in (whole & mask, whole & ~mask) if part]
                if len(parts) > MOST_CASES:
                    break
            for part in parts:
                count += 1
                yield self.possible.case(at=at, places=frozenset({place}), minutes=part)
                if count > MOST_CASES:  # too many to tell apart: the whole, which says MAYBE more often
                    yield self.possible.case(at=at, places=places)
                    return

    # -- why not ------------------------------------------------------------------------------------------------------

    def conflicts(self, op: Op, state: PlayState) -> tuple[Verdict, ...]:
        """The clauses that keep an operation shut: those that never hold, else those that never hold at the same place and time.

        `had` is what may be at most or at all, not what there is in one state. Empty where the way to it is what is missing.
        """
        gates = [op.gate, *([op.needs.gate] if op.needs is not None else [])]
        here = [NpcPresent()] if not op.remote or (op.needs is not None and not op.needs.remote) else []
        everything: list[Clause] = [*here, *(clause for gate in gates for clause in gate.clauses)]
        whole = copy.copy(self.possible)
        contexts = list(self.contexts(op)) or [op.node.ref if op.node is not None else None]
        never: dict[Clause, Verdict] = {}
        for npc in op.people:
            for clause in everything:
                cases = (self.possible.case(at=at) for at in contexts) if op.kind == "edge" else (whole,)
                if all(clause.may(self.world, case, npc) == NO for case in cases):
                    never[clause] = self._shut_by(clause, state, npc)
        if never:
            return tuple(never.values())
        if op.lock and op.lock.once and any(op.used in used for used in self._used):
            return (Verdict("once", False),)
        npc = op.people[0]
        if any(self._opens(op, npc, at) for at in contexts for npc in op.people):
            return ()
        joint = [clause for clause in everything if _about_place_or_time(clause)]
        return tuple(self._shut_by(clause, state, npc) for clause in joint)

    def _shut_by(self, clause: Clause, state: PlayState, npc: str | None) -> Verdict:
        verdict = clause.explain(self.world, state, npc)
        had = verdict.had
        if verdict.code in ("min_axis", "max_axis") and npc is not None:
            span = self.possible.axis(npc, verdict.subject, 0)
            had = span.high if verdict.code == "min_axis" else span.low
        elif verdict.code == "item":
            had = self.possible.item(self.world, verdict.subject).high
        elif verdict.code == "stat" and (span := self.possible.stat(self.world, verdict.subject) or Span(0, 0)):
            least = verdict.needed["min"]
            had = span.high if least is not None and span.high < least else span.low
        return replace(verdict, met=False, had=had)


def _about_place_or_time(clause: Clause) -> bool:
    return any(isinstance(each, AtPlace | DuringHours | OnDays | NpcPresent) for each in clauses(Gate((clause,))))
