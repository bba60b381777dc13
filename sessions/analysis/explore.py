"""Covering much of a big world in few steps: go on where something is new, keep what was reached, and set out again from there.

A state is worth going on from when it brought a new subject or a value no state had before; a little also where an old flag or hour is met at a new
place. The last fruitful state goes on first, so that ways get long enough to have done many things.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from heapq import heappop, heappush
from typing import Any

from sessions.engine import PlayState
from sessions.engine.actions import Action
from sessions.spec import WorldSpec

from .cone import Cone
from .moves import NOTHING_PROPOSED, Counter, Move, Proposals, moves
from .plans import Measure
from .search import COST_OF_MEASURING, Visited, guided
from .subjects import Subject, hits

PATIENCE = 2  # moves without anything new after which a way is given up
HOUR_CLASS = 7200
POOL = 8  # fruitful states, newest and spaced, that are measured before a guided search sets out
SEEDS = 4  # of them it sets out from


class Explorer:
    """A growing tree of visited states. `firsts` holds for every subject met the state it was met from and the move that did it."""

    def __init__(self, world: WorldSpec, around: Cone, wanted: Iterable[Subject], endings: frozenset[str]) -> None:
        self.world, self.around, self.endings = world, around, endings
        self.left = set(wanted)
        self.visited: list[Visited] = []
        self.firsts: dict[Subject, tuple[int, tuple[Action, ...]]] = {}
        self.stuck: list[int] = []
        self.steps = 0
        self._shown: set[Any] = set()
        self._keys: set[tuple[Any, ...]] = set()
        self._heap: list[tuple[int, int, int]] = []
        self._fruitful: list[int] = []

    def begin(self, starts: Iterable[Move]) -> None:
        for move in starts:
            self._reach(move, -1, 0)

    def _reach(self, move: Move, parent: int, idle: int) -> int:
        """Keeps what a move led to; its number, or −1 where it is nothing to go on from."""
        state = move.state
        new = self.left.intersection(hits(move, self.endings))
        for subject in new:
            self.left.discard(subject)
            self.firsts[subject] = (parent, move.actions)
        values = self._unshown(_values(state))
        meetings = self._unshown(self._meetings(state))
        idle = 0 if new else min(idle, 1) if values else max(1, idle) if meetings else idle + 1
        key = self.around.outline(state)
        if idle > PATIENCE or key in self._keys:
            return -1
        self._keys.add(key)
        index = self._keep(Visited(state, parent, move.actions, False))
        heappush(self._heap, (idle, -index, index))
        if new or values:
            self._fruitful.append(index)
        return index

    def _keep(self, visited: Visited) -> int:
        self.visited.append(visited)
        return len(self.visited) - 1

    def _unshown(self, facts: Iterable[Any]) -> bool:
        before = len(self._shown)
        self._shown.update(facts)
        return len(self._shown) > before

    def _meetings(self, state: PlayState) -> Iterator[Any]:
        here = state.at or state.location
        yield from ((flag, here) for flag in state.flags)
        yield self.world.clock.second(state.world_time) // HOUR_CLASS, here

    def sweep(self, budget: int) -> None:
        """Goes on where something is new, as long as something is left to be met."""
        counter = Counter()
        while self._heap and counter.steps <= budget and self.left:
            idle, _, index = heappop(self._heap)
            state = self.visited[index].state
            stuck = True
            for move in moves(self.world, state, waits=self.around.leaps(state), counter=counter):
                stuck = False
                self._reach(move, index, idle)
            if stuck and not self.around.leaps(state):
                self.stuck.append(index)
        self.steps += counter.steps

    def approach(
        self,
        subject: Subject,
        around: Cone,
        measure: Callable[[PlayState], Measure],
        *,
        budget: int,
        afresh: bool = False,
        proposals: Proposals = NOTHING_PROPOSED,
    ) -> bool:
        """A guided search for one subject from the states that seem nearest to it, or `afresh` from the beginning. What it meets on the way is kept,
        and what led there, to set out from again. Whether the subject was met."""
        pool = [0] if afresh else self._nearest(measure)
        seeds = [Move((), self.visited[index].state) for index in pool]
        met: dict[Subject, tuple[int, tuple[Action, ...]]] = {}

        def note(move: Move, parent: int) -> bool:
            if parent >= 0:
                for each in self.left.intersection(hits(move, self.endings)):
                    met.setdefault(each, (parent, move.actions))
            return subject in met

        found = guided(self.world, seeds, around, lambda move: subject in met, measure, budget=budget, on_move=note, proposals=proposals)
        self.steps += found.steps + COST_OF_MEASURING * 2 * POOL
        kept = dict(enumerate(pool))
        for each, (parent, actions) in met.items():
            self.firsts[each] = (self._adopt(found.visited, parent, kept), actions)
            self.left.discard(each)
        if found.met:
            self._adopt(found.visited, found.at, kept)
        return found.met

    def _nearest(self, measure: Callable[[PlayState], Measure]) -> list[int]:
        """The states to set out from: of the beginning, the newest fruitful ones and some between, those nearest by the estimate."""
        spaced = self._fruitful[:: max(1, len(self._fruitful) // POOL)][:POOL]
        pool = {0, *spaced, *self._fruitful[-POOL:]}
        return sorted(pool, key=lambda index: (measure(self.visited[index].state).cost, -index))[:SEEDS]

    def _adopt(self, visited: Sequence[Visited], at: int, kept: dict[int, int]) -> int:
        """Takes over a state of a search with the way to it; its number here. `kept` are the numbers of those taken over before."""
        chain = []
        while at not in kept:
            chain.append(at)
            at = visited[at].parent
        parent = kept[at]
        for index in reversed(chain):
            state, _, actions, _ = visited[index]
            parent = kept[index] = self._keep(Visited(state, parent, actions, False))
            heappush(self._heap, (0, -parent, parent))
            self._fruitful.append(parent)
        return parent


def _values(state: PlayState) -> Iterator[Any]:
    yield state.at
    yield state.location
    yield from state.flags
    yield from (("stat", *item) for item in state.stats.items())
    yield from (("item", *item) for item in state.inventory.items())
    yield from ((npc, *item) for npc, values in state.rel.items() for item in values.items())
