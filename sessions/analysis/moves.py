"""What a player can do from a state, as real steps: each open move with every draw the shell could make and the answer of the writer it asks for."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from pixsim.lib.errors import NotAvailable
from sessions.engine import PlayState, Started, Touch, Undrawn, begin, options, step
from sessions.engine.actions import Action, Answered, Hotspot, Interact, Say, Wait
from sessions.spec import WorldSpec

MAX_DRAWS = 64  # different draws of one move that are followed
TURN = 1  # a search holds no log, so every turn may have the same number
LINE = "…"

Proposals = Sequence[Mapping[str, Any]]
NOTHING_PROPOSED: Proposals = ({},)


class Move(NamedTuple):
    """The player's action and what the shell adds to it: the drawn edges, and the answer where one was asked for."""

    actions: tuple[Action, ...]
    state: PlayState
    touched: tuple[Touch, ...] = ()


class Counter:
    """Engine steps done, and whether something was left out that could have happened."""

    __slots__ = ("cut", "steps")

    def __init__(self) -> None:
        self.steps = 0
        self.cut = False


def drawable(edges: Sequence[tuple[str, float]]) -> list[str]:
    """The edges a shell may draw: those without weight only where none has any."""
    weighty = [key for key, weight in edges if weight > 0]
    return weighty or [key for key, _ in edges]


def started(world: WorldSpec, start: Started | None = None, counter: Counter | None = None) -> Iterator[Move]:
    """Every way a session can begin."""
    yield from _drawn(world, None, start or Started(), counter or Counter())


def _drawn(world: WorldSpec, state: PlayState | None, action: Action, counter: Counter) -> Iterator[Move]:
    todo = deque([action])
    tried = 0
    while todo:
        action = todo.popleft()
        tried += 1
        if tried > MAX_DRAWS:
            counter.cut = True
            return
        counter.steps += 1
        try:
            done = step(world, state, action) if state is not None else begin(world, action)  # type: ignore[arg-type]
        except Undrawn as need:
            todo.extend(replace(action, via=(*action.via, key)) for key in drawable(need.edges))
        except NotAvailable:  # a missing part or a circle of the story: the move changes nothing
            continue
        else:
            yield Move((action,), done.state, done.touched)


def _answered(world: WorldSpec, move: Move, proposals: Proposals, counter: Counter) -> Iterator[Move]:
    turn = move.state.turn
    if turn is None or not turn.waiting:
        yield move
        return
    for proposed in proposals:
        counter.steps += 1
        answer = Answered(turn=turn.id, text=LINE, writer="analysis", proposed=proposed)
        yield Move((*move.actions, answer), step(world, move.state, answer).state, move.touched)


def moves(
    world: WorldSpec, state: PlayState, *, waits: Iterable[int] = (), proposals: Proposals = NOTHING_PROPOSED, counter: Counter | None = None
) -> Iterator[Move]:
    """Every move and its outcome. `waits` are the seconds to wait that are tried where waiting is open; `proposals` what a writer may propose."""
    counter = counter or Counter()
    for option in options(world, state):
        action = option.action
        if isinstance(action, Wait):
            for seconds in waits:
                yield from _drawn(world, state, Wait(seconds=seconds), counter)
            continue
        for each in (action, *_at_once(world, action)):
            yield from outcomes(world, state, each, proposals=proposals, counter=counter)


def outcomes(
    world: WorldSpec, state: PlayState, action: Action, *, proposals: Proposals = NOTHING_PROPOSED, counter: Counter | None = None
) -> Iterator[Move]:
    """What one move may lead to: every draw, and every proposal of the writer it asks."""
    counter = counter or Counter()
    if isinstance(action, Interact | Say | Hotspot):
        action = replace(action, turn=TURN)
    for move in _drawn(world, state, action, counter):
        yield from _answered(world, move, proposals, counter)


def _at_once(world: WorldSpec, action: Action) -> Iterator[Action]:
    """An interaction together with one of its choices, where that differs from saying it later: a conversation that cannot be opened again."""
    if isinstance(action, Interact):
        interaction = world.interactions(action.npc)[action.interaction]
        if not interaction.to_scene and (interaction.lock or world.preset(interaction.preset).max_turns < 2):
            for choice in interaction.choices:
                yield replace(action, choice=choice)


def replayed(world: WorldSpec, state: PlayState, actions: Iterable[Action]) -> PlayState:
    """The state after these actions. Raises NotAvailable (or one of its kind) where one is not open."""
    for action in actions:
        state = step(world, state, action).state
    return state
