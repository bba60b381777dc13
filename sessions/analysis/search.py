"""Searching for a state. Exact: breadth first over real steps, states with the same key kept once; what it finds is the shortest way, and what
it does not find before it has seen everything does not exist. Guided: best first by an estimate, for worlds too big for that. Effort is counted in
engine steps, never in time, so that the same question has the same answer everywhere."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from math import inf
from typing import Any, NamedTuple

from pixsim.lib.errors import NotAvailable, StaleSession
from sessions.engine import PlayState, Undrawn
from sessions.engine.actions import Action, Wait
from sessions.spec import WorldSpec

from .cone import Cone, Goal
from .follow import followed
from .moves import NOTHING_PROPOSED, Counter, Move, Proposals, moves, replayed
from .plans import WAITING, Measure
from .subjects import Subject, hits

OnMove = Callable[[Move, int], bool]
"""Told of every move that was tried, with the number of the state it was tried in (−1 for a beginning), whether it leads anywhere new or not. True
ends the search."""


class Visited(NamedTuple):
    """A state that was reached: from which one, and by what."""

    state: PlayState
    parent: int
    actions: tuple[Action, ...]
    waited: bool


@dataclass
class Found:
    """What a search saw. `way` is filled where the goal was met; `complete` says that nothing is left that could be seen."""

    visited: list[Visited] = field(default_factory=list)
    at: int = -1
    complete: bool = False
    steps: int = 0
    stuck: list[int] = field(default_factory=list)
    """States in which no move was open."""
    links: list[tuple[int, int]] = field(default_factory=list)

    @property
    def met(self) -> bool:
        return self.at >= 0

    def way(self, at: int | None = None) -> tuple[tuple[Action, ...], ...]:
        """The moves that lead to a visited state; waits that follow each other are one."""
        index = self.at if at is None else at
        found: list[tuple[Action, ...]] = []
        while index > 0:
            entry = self.visited[index]
            if entry.actions:
                found.append(entry.actions)
            index = entry.parent
        return tuple(joined(reversed(found)))

    def start(self) -> tuple[Action, ...]:
        return self.visited[0].actions


def joined(found: Iterable[tuple[Action, ...]]) -> Iterable[tuple[Action, ...]]:
    """Waits that follow each other made one, as far as one may wait at once: a week."""
    waited = 0
    for actions in found:
        if len(actions) == 1 and isinstance(actions[0], Wait):
            if waited + actions[0].seconds > MAX_WAIT:
                yield (Wait(seconds=waited),)
                waited = 0
            waited += actions[0].seconds
            continue
        if waited:
            yield (Wait(seconds=waited),)
            waited = 0
        yield actions
    if waited:
        yield (Wait(seconds=waited),)


MAX_WAIT = 7 * 86_400


HOPEFUL = 4  # times the budget that a search may take that is nearly done
FEW, MOST = 1 / 8, 3 / 4  # of the states that were reached those that still wait: where it is nearly done, and where it is far from that


def exact(
    world: WorldSpec,
    starts: Iterable[Move],
    cone: Cone,
    *,
    budget: int,
    met: Callable[[PlayState], bool] | None = None,
    on_move: OnMove | None = None,
    proposals: Proposals = NOTHING_PROPOSED,
    linked: bool = False,
    wary: bool = False,
) -> Found:
    """Breadth first by moves; waiting on is free once one waits. Ends at the first state that is `met` or when `on_move` says so, else it goes
    through everything the cone has. Where little seems to be left at the end of the budget, it may take some times as much. `linked` keeps which
    state leads to which; `wary` gives up early where a third of the budget shows that there is far more than it can see."""
    counter = Counter()
    found = Found()
    queue: deque[int] = deque()
    numbers: dict[tuple[Any, ...], int] = {}
    opened: set[tuple[Any, ...]] = set()

    def reach(move: Move, parent: int, waited: bool, *, first: bool = False) -> bool:
        stop = on_move is not None and on_move(move, parent)
        if stop or cone.astray(found.visited[parent].state if parent >= 0 else None, move.state):
            return stop
        key = (waited, *cone.key(move.state))
        number = numbers.get(key)
        if number is None or (first and key not in opened):
            found.visited.append(Visited(move.state, parent, move.actions, waited))
            number = len(found.visited) - 1
            (queue.appendleft if first else queue.append)(number)
            numbers.setdefault(key, number)
        if linked and parent >= 0:
            found.links.append((parent, numbers[key]))
        return False

    if any(reach(move, -1, False) for move in starts):
        return found
    while queue:
        index = queue.popleft()
        entry = found.visited[index]
        key = (entry.waited, *cone.key(entry.state))
        if key in opened:
            continue
        opened.add(key)
        if met is not None and met(entry.state):
            found.at = index
            break
        waiting = len(queue) / len(found.visited)
        if counter.steps > budget and (counter.steps > HOPEFUL * budget or waiting > FEW):
            break
        if wary and counter.steps > budget // 3 and waiting > MOST:
            break
        stuck = True
        for move in moves(world, entry.state, waits=cone.waits(entry.state, counter), proposals=proposals, counter=counter):
            stuck = False
            waits = isinstance(move.actions[0], Wait)
            if reach(move, index, waits, first=waits and entry.waited):
                found.steps = counter.steps
                return found
        if stuck:
            found.stuck.append(index)
    else:
        found.complete = not counter.cut
    found.steps = counter.steps
    return found


def guided(
    world: WorldSpec,
    starts: Iterable[Move],
    cone: Cone,
    wanted: Callable[[Move], bool],
    measure: Callable[[PlayState], Measure],
    *,
    budget: int,
    on_move: OnMove | None = None,
    proposals: Proposals = NOTHING_PROPOSED,
) -> Found:
    """Best first by an estimate. Of a state first its plan is followed as far as that goes; only where this leads nowhere nearer, all its moves are
    tried. What it finds is a way, not always the shortest; it proves nothing impossible."""
    return _Guided(world, cone, wanted, measure, on_move, proposals).run(starts, budget)


class _Guided:
    def __init__(
        self,
        world: WorldSpec,
        cone: Cone,
        wanted: Callable[[Move], bool],
        measure: Callable[[PlayState], Measure],
        on_move: OnMove | None,
        proposals: Proposals,
    ) -> None:
        self.world, self.cone, self.wanted, self.measure, self.on_move, self.proposals = world, cone, wanted, measure, on_move, proposals
        self.counter = Counter()
        self.found = Found()
        self.known: set[tuple[Any, ...]] = set()
        self.depths: list[int] = []
        self.measured: dict[int, Measure] = {}
        self.opened: set[int] = set()
        self.shown: set[tuple[Any, ...]] = set()
        self.nearest: list[tuple[float, bool, int, int]] = []  # what seems to be nearest to the goal
        self.newest: list[tuple[bool, float, int, int]] = []  # what shows something not seen so near before: gets out where the estimate leads astray

    def run(self, starts: Iterable[Move], budget: int) -> Found:
        for move in starts:
            self._reach(move, -1, 0, following=True)  # so the first states are the starts, in their order
        turn = 0
        while self.nearest and self.newest and not self.found.met and self.counter.steps <= budget:
            turn += 1
            index = heappop(self.newest)[-1] if turn % 3 == 0 else heappop(self.nearest)[-1]
            if index in self.opened:
                continue
            if index in self.measured:
                self._open(index)
            else:
                self._follow(index)
        self.found.steps = self.counter.steps
        return self.found

    def _follow(self, index: int) -> None:
        """Measures a state and follows its plan; the state itself comes up again, for all its moves."""
        state = self.found.visited[index].state
        far, _, plan = self.measured[index] = self.measure(state)
        self.counter.steps += COST_OF_MEASURING
        if far == inf:
            self.opened.add(index)
            return
        heappush(self.nearest, (far, True, self.depths[index], index))
        heappush(self.newest, (True, far, self.depths[index], index))
        at, nearer = index, far
        for move in followed(self.world, state, plan, self.cone, counter=self.counter, proposals=self.proposals):
            nearer -= 1
            at = self._reach(move, at, nearer, following=True)
            if self.found.met or at < 0:
                return

    def _open(self, index: int) -> None:
        self.opened.add(index)
        state = self.found.visited[index].state
        far, first, _ = self.measured[index]
        for move in moves(self.world, state, waits=self.cone.leaps(state), proposals=self.proposals, counter=self.counter):
            self._reach(move, index, far - 1 if first and _begins(move, first) else far)
            if self.found.met:
                return

    def _reach(self, move: Move, parent: int, far: float, *, following: bool = False) -> int:
        """Keeps what a move led to, for further search only where nothing alike was seen; its number, or −1 where it is not kept."""
        found = self.found
        if self.on_move is not None:
            self.on_move(move, parent)
        met = self.wanted(move)
        if not met and self.cone.astray(found.visited[parent].state if parent >= 0 else None, move.state):
            return -1
        key = self.cone.outline(move.state)
        known = key in self.known
        if known and not met and not following:
            return -1
        self.known.add(key)
        found.visited.append(Visited(move.state, parent, move.actions, False))
        index = len(found.visited) - 1
        depth = self.depths[parent] + 1 if parent >= 0 else 0
        self.depths.append(depth)
        if met:
            found.at = index
        if met or known:
            return index
        old = not _news(self.shown, key, far)
        heappush(self.nearest, (far, old, depth, index))
        heappush(self.newest, (old, far, depth, index))
        return index


COST_OF_MEASURING = 10  # in engine steps


def _begins(move: Move, first: frozenset[Subject]) -> bool:
    if isinstance(move.actions[0], Wait):
        return WAITING in first
    return not first.isdisjoint(hits(move))


def _news(shown: set[tuple[Any, ...]], key: tuple[Any, ...], far: float) -> bool:
    """Whether a state shows a value that no state as near has shown; notes what it shows."""
    new = {(far, place, inner, value) for place, part in enumerate(key) for inner, value in _parts(part)}
    if new <= shown:
        return False
    shown |= new
    return True


def _parts(part: Any) -> Iterable[tuple[int, Any]]:
    if isinstance(part, frozenset):
        return [(0, value) for value in part]
    return enumerate(part) if isinstance(part, tuple) else ((0, part),)


MOST_LEANED = 60


def leaner(world: WorldSpec, state: PlayState, way: Sequence[tuple[Action, ...]], goal: Goal) -> tuple[tuple[Action, ...], ...]:
    """The way without moves it can do without. A way of a guided search has detours; those of more than 60 moves are left as they are."""
    kept = list(way)
    if len(kept) > MOST_LEANED:
        return tuple(kept)
    index = 0
    while index < len(kept):
        shorter = _without(world, state, kept, index, goal)
        if shorter is None:
            index += 1
        else:
            kept = shorter
    return tuple(joined(kept))


def _without(world: WorldSpec, state: PlayState, way: Sequence[tuple[Action, ...]], left_out: int, goal: Goal) -> list[tuple[Action, ...]] | None:
    """The way without one move and those that only it made possible; None where it no longer leads to the goal."""
    kept: list[tuple[Action, ...]] = []
    for index, actions in enumerate(way):
        if index == left_out:
            continue
        try:
            state = replayed(world, state, actions)
        except (NotAvailable, StaleSession, Undrawn):
            continue
        kept.append(actions)
        if goal.met(state):
            return kept
    return None
