"""What can be reached in a world, and what cannot: for every node, edge, interaction, choice, hotspot, way and ending one answer with its proof.

Stages, each for what the one before left open. **Exact**: everything, breadth first, where the world is small enough – then the answers are
complete and the ways shortest. **Relaxation**: what not even the set of everything possible allows is impossible. **Sweep** and **guided search**:
ways in big worlds, played by `step`, not always the shortest. **Slice**: an exact search of the cone of influence of one question. Where the effort
is spent, the answer is "unknown"; it is never guessed.

"Impossible" counts whatever a writer may propose within the limits as possible. A way does without it where it can, and says so where it cannot.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

from sessions.engine import NodeRef, PlayState, Started
from sessions.engine.actions import Action
from sessions.engine.step import wait_refused
from sessions.spec import WorldSpec
from worlds.rules.possible import NO, YES

from .answers import Answer, Story, Trap, Way
from .cone import Cone, Goal, cone
from .explore import Explorer
from .guide import guide_of
from .moves import Move, Proposals, started
from .ops import Op, Ops, Var, ops_of, ops_within
from .plans import Measure
from .relax import Relaxation, influenced
from .search import Found, Visited, exact, joined
from .subjects import Subject, endings_of, hits, subjects_of
from .wild import met_at_all

BUDGET = 120_000
MANY, PER_SUBJECT = 500, 50  # a world with more things to ask about gets so many more steps for each
LEAST_SHARE = 1_000  # steps for one question
AT_LEAST = 2  # times a question is asked: from what was reached, and from the beginning
FRUITFUL = 10  # subjects that so many steps of a sweep must meet for it to go on before any question is asked
SMALL = 24  # variables up to which a slice is tried before a guided search


def whole(world: WorldSpec, ops: Ops) -> Cone:
    """The cone of everything: whatever any gate reads matters, and which endings were met."""
    ends: set[Var] = {("flag" if kind == "ending" else "seen", path) for kind, path in endings_of(world)}
    variables: frozenset[Var] = frozenset(ends).union(*(op.reads for op in ops.all))
    return Cone(world, variables, frozenset(ops.nodes), frozenset(), ops.all)


def analyse(world: WorldSpec, *, budget: int = BUDGET, start: Started | None = None) -> Story:
    """The analysis of a world from its beginning. `budget` is in engine steps for a world of up to 500 things to ask about; bigger ones get 50
    more for each. A second is some 20,000 steps."""
    return _Analysis(world, budget, start or Started()).run()


@dataclass
class _Analysis:
    world: WorldSpec
    budget: int
    start: Started
    answers: dict[Subject, Answer] = field(default_factory=dict)
    steps: int = 0
    states: int = 0
    _reached: set[Subject] = field(default_factory=set)

    @cached_property
    def ops(self) -> Ops:
        return ops_of(self.world)

    @cached_property
    def starts(self) -> list[Move]:
        return list(started(self.world, self.start))

    @cached_property
    def endings(self) -> tuple[Subject, ...]:
        return endings_of(self.world)

    @cached_property
    def _ending_flags(self) -> frozenset[str]:
        return frozenset(key for kind, key in self.endings if kind == "ending")

    @cached_property
    def writer(self) -> bool:
        return influenced(self.world)

    @cached_property
    def relaxation(self) -> Relaxation:
        return Relaxation(self.world, [move.state for move in self.starts])

    @cached_property
    def possible(self) -> Ops:
        """The operations that may happen at all."""
        return ops_within(self.world, self.relaxation.reached, self.relaxation.fired.values())

    def run(self) -> Story:
        wanted = subjects_of(self.world)
        self.budget += PER_SUBJECT * max(0, len(wanted) - MANY)
        if not self.starts:
            return self._story({each: Answer(each, "impossible") for each in wanted}, (), complete=True)
        everything = whole(self.world, self.possible)
        found, traps = self._exact(everything, self.budget // 20)
        complete = found.complete
        if complete:
            traps = [*traps, *self._locked(found)]
        influenced = self._influences(everything)
        self._impossible(wanted, self.relaxation, proved=complete and not influenced)
        if influenced and self._left(wanted):
            self._with_any_writer(wanted, everything, self.budget // 24)
        if not complete:
            traps += self._search(everything, wanted, self.budget * 2 // 3)
        if influenced and self._left(wanted):
            self._with_any_writer(wanted, everything, self.budget // 4)
        if self.writer:
            self._with_writer(wanted)
        self._by_themselves(wanted)
        answers = {each: self.answers.get(each) or Answer(each, "unknown") for each in wanted}
        return self._story(self._explained(answers), tuple(self._first_of(traps)), complete=complete)

    def _story(self, answers: Mapping[Subject, Answer], traps: tuple[Trap, ...], *, complete: bool) -> Story:
        unread, unset = self._flags()
        always = self._always() if self.starts else ()
        return Story(answers, self.endings, traps, always, unread, unset, complete, self.writer, self.steps, self.states)

    # -- exact --------------------------------------------------------------------------------------------------------

    def _exact(self, around: Cone, budget: int) -> tuple[Found, list[Trap]]:
        firsts: dict[Subject, tuple[int, tuple[Action, ...]]] = {}
        self._ends_at: set[int] = set()

        def note(move: Move, parent: int) -> bool:
            for hit in hits(move, self._ending_flags):
                if hit not in firsts:
                    firsts[hit] = (parent, move.actions)
                if hit in self._ending_set:
                    self._ends_at.add(parent)
            return False

        found = exact(self.world, self.starts, around, budget=budget, on_move=note, linked=True, wary=True)
        self.steps += found.steps
        self.states += len(found.visited)
        if found.complete:
            for subject, (parent, actions) in firsts.items():
                self._reach(subject, way_to(found.visited, parent, actions), shortest=True)
            return found, [self._trap("dead_end", found, index) for index in found.stuck if self._is_dead_end(found.visited[index].state)]
        for subject, (parent, actions) in firsts.items():  # breadth first: what was seen before the end of the budget was seen by the shortest way
            self._reach(subject, way_to(found.visited, parent, actions), shortest=True)
        return found, []

    @cached_property
    def _ending_set(self) -> frozenset[Subject]:
        return frozenset(self.endings)

    def _reach(self, subject: Subject, way: Way, *, shortest: bool = False, with_writer: bool = False) -> None:
        if subject not in self.answers or self.answers[subject].status != "reachable":
            self.answers[subject] = Answer(subject, "reachable", way, shortest, with_writer)

    def _is_dead_end(self, state: PlayState) -> bool:
        """Of a state without moves: whether not even waiting is left, and the story has not ended."""
        return bool(wait_refused(self.world, state)) and not self._ended(state)

    def _trap(self, kind: Literal["dead_end", "soft_lock"], found: Found, index: int) -> Trap:
        state = found.visited[index].state
        return Trap(kind, state.at.path if state.at else "", state.location, way_to(found.visited, index))

    def _locked(self, found: Found) -> Iterator[Trap]:
        """States that no ending can be reached from. Every state and every move was seen, so this is exact."""
        if not self._ends_at:
            return
        before: dict[int, list[int]] = {}
        for source, target in found.links:
            before.setdefault(target, []).append(source)
        good: set[int] = set()
        todo = [index for index in self._ends_at if index >= 0]
        if -1 in self._ends_at:
            todo += [index for index, entry in enumerate(found.visited) if entry.parent < 0]
        while todo:
            index = todo.pop()
            if index not in good:
                good.add(index)
                todo += before.get(index, ())
        numbers = {target for _, target in found.links} | {index for index, entry in enumerate(found.visited) if entry.parent < 0}
        for index in sorted(numbers - good):
            if not self._ended(found.visited[index].state):
                yield self._trap("soft_lock", found, index)

    def _ended(self, state: PlayState) -> bool:
        """Whether an ending was met on the way here: after it nothing need be left."""
        return any(path in state.flags if kind == "ending" else path in state.seen for kind, path in self.endings)

    def _first_of(self, traps: Iterable[Trap]) -> Iterator[Trap]:
        """One trap of a kind for each node; where one stands while exploring, for each place."""
        seen = set()
        for trap in traps:
            key = (trap.kind, trap.node, trap.location if not trap.node else "")
            if key not in seen:
                seen.add(key)
                yield trap

    # -- impossible ---------------------------------------------------------------------------------------------------

    def _left(self, wanted: Iterable[Subject]) -> bool:
        return any(each not in self.answers for each in wanted)

    def _with_any_writer(self, wanted: Sequence[Subject], around: Cone, budget: int) -> None:
        """What is not met although everything a writer can touch counts as anything, is impossible."""
        met, complete, steps = met_at_all(self.world, self.starts, around, self._ending_flags, budget=budget)
        self.steps += steps
        if complete:
            for subject in wanted:
                if subject not in met and subject not in self.answers:
                    self.answers[subject] = Answer(subject, "impossible")

    def _following(self, wanted: Sequence[Subject]) -> None:
        """What depends on something that was found to be impossible."""
        never = {each for each, answer in self.answers.items() if answer.status == "impossible"}
        self._impossible(wanted, Relaxation(self.world, [move.state for move in self.starts], never=never))

    def _impossible(self, wanted: Sequence[Subject], relaxed: Relaxation, *, proved: bool = False) -> None:
        paths = {ref.path for ref in relaxed.reached}
        fired = {(op.kind, op.path) for op in relaxed.fired.values()}
        for subject in wanted:
            if subject in self.answers:
                continue
            kind, path = subject
            possible = path in paths if kind == "node" else relaxed.possible.flag(path) != NO if kind == "ending" else subject in fired
            if not possible or proved:
                self.answers[subject] = Answer(subject, "impossible")

    def _explained(self, answers: Mapping[Subject, Answer]) -> dict[Subject, Answer]:
        """Impossible answers with the clauses that conflict, or with what is missing before them."""
        state = self.starts[0].state
        into: dict[str, list[Subject]] = {}
        for each in self.ops.all:
            if each.to is not None:
                into.setdefault(each.to.path, []).append((each.kind, each.path))
        explained = {}
        for subject, answer in answers.items():
            op = self._by_subject.get(subject)
            if answer.status != "impossible":
                explained[subject] = answer
                continue
            conflicts = self.relaxation.conflicts(op, state) if op is not None else ()
            needs: list[Subject] = []
            if op is not None and not conflicts:
                needs = [("node", op.node.path)] if op.node is not None else [(op.needs.kind, op.needs.path)] if op.needs is not None else []
            elif subject[0] == "node":
                needs = into.get(subject[1], [])
            elif subject[0] == "ending":
                needs = [(setter.kind, setter.path) for setter in self.ops.all if ("flag", subject[1]) in setter.writes]
            lacking = tuple(need for need in needs if need in answers and answers[need].status == "impossible")
            never_met = any(verdict.code == "npc_present" for verdict in conflicts)
            explained[subject] = replace(answer, conflicts=conflicts, needs=lacking, met=not never_met)
        return explained

    # -- sweep and single questions -----------------------------------------------------------------------------------

    def _search(self, around: Cone, wanted: Sequence[Subject], budget: int) -> list[Trap]:
        """Sweeps, then in turn: a question by itself, and a sweep from where its answer led."""
        possible = (each for each in wanted if each not in self.answers or self.answers[each].status == "reachable")
        explorer = Explorer(self.world, around, possible, self._ending_flags)
        explorer.begin(self.starts)
        left = len(explorer.left) + FRUITFUL
        while left - len(explorer.left) >= FRUITFUL and explorer.steps < budget:
            left = len(explorer.left)
            explorer.sweep(min(LEAST_SHARE, budget))
        tried: dict[Subject, int] = {}  # what was left when it was asked last: only then more can be hoped for when less is
        times: Counter[Subject] = Counter()
        while questions := [each for each in self._questions(explorer.left) if times[each] < AT_LEAST or tried[each] != len(explorer.left)]:
            spent = self.steps + explorer.steps
            if spent > budget:
                break
            subject = min(questions, key=lambda each: times[each])
            tried[subject] = len(explorer.left)
            times[subject] += 1
            left = budget - spent
            share = min(left, max(LEAST_SHARE, left // ((2 if times[subject] > AT_LEAST else 8) * len(questions))))
            goal, op = self._goal(subject)
            slice_ = cone(self.world, goal, self.starts[0].state, self.possible)
            if len(slice_.variables) <= SMALL and self._slice(subject, slice_, share):
                explorer.left.discard(subject)
            elif explorer.approach(subject, slice_, self._measure(subject, goal, op), budget=share, afresh=times[subject] % 2 == 0):
                explorer.sweep(min(LEAST_SHARE, left) // 3)
        self.steps += explorer.steps
        self.states += len(explorer.visited)
        for subject, (parent, actions) in explorer.firsts.items():
            self._reach(subject, way_to(explorer.visited, parent, actions))
        return [
            Trap("dead_end", state.at.path if state.at else "", state.location, way_to(explorer.visited, index))
            for index in explorer.stuck
            if self._is_dead_end(state := explorer.visited[index].state)
        ]

    def _in_order(self, left: Iterable[Subject]) -> list[Subject]:
        order = {subject: number for number, subject in enumerate((op.kind, op.path) for op in self.relaxation.fired.values())}
        return sorted((each for each in left if each not in self.answers), key=lambda each: (order.get(each, len(order)), each))

    def _questions(self, left: set[Subject]) -> list[Subject]:
        """Endings first, for on the way to them most is met; then what could be next: operations whose node or conversation was reached, in the order
        in which the relaxation met them, so that what comes first opens what comes later. Nodes last: most are met by what leads to them."""
        found = [each for each in self.endings if each in left and each not in self.answers]
        for subject in self._in_order(left):
            op = self._by_subject.get(subject)
            if (
                op is None
                or (op.node is not None and ("node", op.node.path) in left)
                or (op.needs is not None and ("interaction", op.needs.path) in left)
            ):
                continue
            found.append(subject)
        return [*found, *(each for each in self._in_order(left) if each[0] == "node")]

    @cached_property
    def _by_subject(self) -> dict[Subject, Op]:
        return {(op.kind, op.path): op for op in self.ops.all}

    def _measure(self, subject: Subject, goal: Goal, op: Op | None, *, writer: bool = False) -> Callable[[PlayState], Measure]:
        guide = guide_of(self.world, writer=writer)
        ops = [op] if op is not None else list(goal.ops)
        atoms = [guide.done(each) for each in ops] or [guide.at(NodeRef(*subject[1].split("/", 1)))]
        return lambda state: min((guide.measure(state, atom) for atom in atoms), key=lambda found: found.cost)

    def _with_writer(self, wanted: Sequence[Subject]) -> None:
        """What is left, with the help of a writer who proposes what one could wish for."""
        left = self._in_order(wanted)
        for number, subject in enumerate(left):
            if self.steps > self.budget:
                return
            goal, op = self._goal(subject)
            around = cone(self.world, goal, self.starts[0].state, self.possible)
            explorer = Explorer(self.world, around, [subject], self._ending_flags)
            explorer.begin(self.starts)
            share = max(400, (self.budget - self.steps) // (len(left) - number))
            measure, proposals = self._measure(subject, goal, op, writer=True), proposals_for(self.world, around)
            if explorer.left and explorer.approach(subject, around, measure, budget=share, proposals=proposals):
                self._reach(subject, way_to(explorer.visited, *explorer.firsts[subject]), with_writer=True)
            self.steps += explorer.steps

    def _by_themselves(self, wanted: Sequence[Subject]) -> None:
        """What is left, each in a slice of its own, with the effort that is left."""
        if self._left(wanted):
            self._following(wanted)
        for subject in self._in_order(wanted):
            if self.steps < self.budget and subject not in self.answers:
                around = cone(self.world, self._goal(subject)[0], self.starts[0].state, self.possible)
                if self._slice(subject, around, (self.budget - self.steps) * 2 // 3):
                    self._following(wanted)

    def _goal(self, subject: Subject) -> tuple[Goal, Op | None]:
        kind, path = subject
        if kind == "node":
            return Goal(never, (), frozenset({NodeRef(*path.split("/", 1))})), None
        if kind == "ending":
            setters = tuple(op for op in self.ops.all if ("flag", path) in op.writes)
            nodes = frozenset(op.node.ref for op in setters if op.node is not None)
            return Goal(never, setters, nodes, exploring=any(op.node is None for op in setters)), None
        op = self._by_subject[subject]
        if op.node is not None:
            return Goal(never, (op,), frozenset({op.node.ref})), op
        where = self.relaxation.where(op)
        parts = (op,) if op.needs is None else (op, op.needs)
        return Goal(never, parts, frozenset(at for at in where if at is not None), exploring=None in where), op

    def _slice(self, subject: Subject, around: Cone, budget: int) -> bool:
        result: list[tuple[int, tuple[Action, ...]]] = []

        def note(move: Move, parent: int) -> bool:
            if subject in hits(move, self._ending_flags):
                result.append((parent, move.actions))
            return bool(result)

        found = exact(self.world, self.starts, around, budget=budget, on_move=note)
        self.steps += found.steps
        self.states += len(found.visited)
        if result:
            self._reach(subject, way_to(found.visited, *result[0]), shortest=True)
            return True
        if not found.complete:
            return False
        if self._influences(around):
            met, complete, steps = met_at_all(self.world, self.starts, around, self._ending_flags, budget=budget, wanted=subject)
            self.steps += steps
            if subject in met or not complete:
                return False
        self.answers[subject] = Answer(subject, "impossible")
        return True

    def _influences(self, around: Cone) -> bool:
        """Whether a writer could change anything the question depends on."""
        if not self.writer:
            return False
        axes, flags = self.world.influenced_axes, self.world.influenced_flags
        return any((var[0] == "rel" and var[2] in axes) or (var[0] == "flag" and var[1] in flags) for var in around.variables)

    # -- gates and flags ----------------------------------------------------------------------------------------------

    def _always(self) -> tuple[Subject, ...]:
        """Things with conditions that hold in every case: the conditions do nothing."""
        relaxed = self.relaxation
        found = []
        for each in relaxed.fired.values():
            cases = [relaxed.possible.case(at=at) for at in relaxed.contexts(each)]
            if each.gate.clauses and cases and all(each.gate.may(self.world, case, npc) == YES for case in cases for npc in each.people):
                found.append((each.kind, each.path))
        return tuple(sorted(found))

    def _flags(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Flags that are set and never read, and flags that are read and never set. A declared flag is shown to players, which is a use."""
        read = {var[1] for op in self.ops.all for var in op.reads if var[0] == "flag"} | set(_read_in(self.world.document))
        written = {var[1] for op in self.ops.all for var in op.writes if var[0] == "flag"}
        return tuple(sorted(written - read - self.world.flags.keys())), tuple(sorted(read - written))


def never(state: PlayState) -> bool:
    return False


def _read_in(value: Any, inside: bool = False) -> Iterator[str]:
    """Flags in conditions anywhere in a document, those of lines included."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if name == "flags" and inside and isinstance(inner, list):
                yield from (str(flag).removeprefix("!") for flag in inner)
            else:
                yield from _read_in(inner, inside=(inside and name != "effects") or name in ("conditions", "gating", "travel_conditions"))
    elif isinstance(value, list):
        for inner in value:
            yield from _read_in(inner, inside=inside)


def way_to(visited: Sequence[Visited], index: int, actions: tuple[Action, ...] = ()) -> Way:
    """How the session begins and every move from there to a state, and one more."""
    moves: list[tuple[Action, ...]] = [actions] if actions else []
    while index >= 0:
        entry = visited[index]
        moves.append(entry.actions)
        index = entry.parent
    return tuple(joined(reversed(moves)))


def proposals_for(world: WorldSpec, around: Cone) -> Proposals:
    """What a writer may propose that matters: nothing, or as much as one turn allows of one axis or flag."""
    most = world.limits["per_turn"]
    axes = sorted({var[2] for var in around.variables if var[0] == "rel" and var[2] in world.influenced_axes})
    found: list[Mapping[str, Any]] = [{}]
    found += [{"relationships": {axis: by}} for axis in axes for by in (most, -most)]
    found += [
        {"flags": [sign + var[1]]} for var in sorted(around.variables) if var[0] == "flag" and var[1] in world.influenced_flags for sign in ("", "!")
    ]
    return found
