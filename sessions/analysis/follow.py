"""Following a plan: what the relaxed plan of `guide.py` wants done is done as far as the rules let it, move by move.

A plan forgets what its steps undo, so it is not always right; but the end of following it is most of the way, and costs one step a move.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sessions.engine import PlayState, options
from sessions.engine.actions import Action, Continue, Travel, Wait
from sessions.engine.step import is_free
from sessions.spec import WorldSpec

from .cone import Cone
from .moves import NOTHING_PROPOSED, Counter, Move, Proposals, outcomes
from .subjects import Subject, about, hits


def followed(
    world: WorldSpec, state: PlayState, plan: Iterable[Subject], around: Cone, *, counter: Counter, proposals: Proposals = NOTHING_PROPOSED
) -> Iterator[Move]:
    """The moves that do what the plan wants, each thing once, until nothing of it is open."""
    left = set(plan)
    onward = len(left) + MOST_ONWARD
    while left and onward:
        onward -= 1
        move = _next(world, state, left, around, counter, proposals)
        if move is None:
            return
        left.difference_update(hits(move))
        state = move.state
        yield move


MOST_ONWARD = 8  # moves on the way out of a scene that no plan names


def _next(world: WorldSpec, state: PlayState, left: set[Subject], around: Cone, counter: Counter, proposals: Proposals) -> Move | None:
    """What is here goes before waiting for something to open here, and that before going elsewhere."""
    travel: Action | None = None
    onward = waiting = False
    for action in (option.action for option in options(world, state)):
        if isinstance(action, Continue):
            onward = True
        elif isinstance(action, Wait):
            waiting = True
        elif about(world, state, action) in left:
            if isinstance(action, Travel):
                travel = travel or action
                continue
            found = _best(world, state, action, left, counter, proposals)
            if found is not None:
                return found
    if onward:
        found = _best(world, state, Continue(), left, counter, proposals)
        if found is not None and (not is_free(world, state) or not left.isdisjoint(hits(found))):
            return found
    if waiting:
        found = _waited(world, state, left, around, counter)
        if found is not None:
            return found
    return _best(world, state, travel, left, counter, proposals) if travel is not None else None


def _best(world: WorldSpec, state: PlayState, action: Action, left: set[Subject], counter: Counter, proposals: Proposals) -> Move | None:
    """Of the outcomes of a move the one that does most of the plan."""
    found = outcomes(world, state, action, proposals=proposals, counter=counter)
    return max(found, key=lambda move: len(left.intersection(hits(move))), default=None)


def _waited(world: WorldSpec, state: PlayState, left: set[Subject], around: Cone, counter: Counter) -> Move | None:
    """The shortest wait after which something of the plan is open here."""
    for seconds in around.leaps(state):
        for move in outcomes(world, state, Wait(seconds=seconds), counter=counter):
            wanted = (option.action for option in options(world, move.state))
            if any(about(world, move.state, action) in left for action in wanted if not isinstance(action, Travel)):
                return move
    return None
