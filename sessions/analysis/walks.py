"""Random players: walks of open moves drawn one after the other, and what a crowd of them saw. Pure – the dice come from outside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, NamedTuple, Protocol, TypeVar

from pixsim.lib.errors import NotAvailable
from sessions.engine import PlayState, Started, Step, Undrawn, begin, options, step
from sessions.engine.actions import Action, Answered, Hotspot, Interact, Say
from sessions.spec import WorldSpec

from .moves import LINE, TURN, Move, drawable
from .subjects import Subject, endings_of, hits

T = TypeVar("T")


class Dice(Protocol):
    """What `random.Random` can do that a walk needs."""

    def choice(self, among: Sequence[T], /) -> T: ...
    def choices(self, among: Sequence[T], weights: Sequence[float] | None = None, /) -> list[T]: ...


class Walk(NamedTuple):
    """One random player's way: what was met how often, the first ending, and where it stopped. `stuck` where no move was open any more."""

    met: Mapping[Subject, int]
    ending: Subject | None
    moves: int
    state: PlayState
    stuck: bool


def drawn(dice: Dice, action: Action, decide: Callable[[Any], Step]) -> Step | None:
    """The outcome of an action with every automatic edge drawn by weight; None where the story goes on into nothing."""
    for _ in range(64):
        try:
            return decide(action)
        except Undrawn as need:
            weights = dict(need.edges)
            keys = drawable(need.edges)
            wanted = [weights[key] for key in keys]
            action = replace(action, via=(*action.via, dice.choices(keys, wanted if sum(wanted) > 0 else None)[0]))
        except NotAvailable:
            return None
    return None


def walk(world: WorldSpec, dice: Dice, *, moves: int, to_end: bool = True) -> Walk | None:
    """A player who takes any open move, each as likely as the other, up to so many moves; with `to_end` only up to the first ending. Writers
    propose nothing. None where the story cannot begin."""
    endings = endings_of(world)
    flags = frozenset(key for kind, key in endings if kind == "ending")
    done = drawn(dice, Started(), lambda action: begin(world, action))
    if done is None:
        return None
    met: Counter[Subject] = Counter(hits(Move((Started(),), done.state, done.touched), flags))
    state, made, stuck = done.state, 0, False
    ending = next((each for each in endings if met[each]), None)
    while made < moves and not (to_end and ending):
        open_moves = list(options(world, state))
        taken = None
        while open_moves and taken is None:
            action = open_moves.pop(open_moves.index(dice.choice(open_moves))).action
            if isinstance(action, Interact | Say | Hotspot):
                action = replace(action, turn=TURN)
            taken = drawn(dice, action, partial(step, world, state))
        if taken is None:
            stuck = True
            break
        made += 1
        had, state = state.flags, taken.state
        if state.turn is not None and state.turn.waiting:
            state = step(world, state, Answered(turn=state.turn.id, text=LINE, writer="random player")).state
        for hit in hits(Move((action,), state, taken.touched), flags):
            if hit[0] != "ending" or hit[1] not in had:
                met[hit] += 1
        ending = ending or next((each for each in endings if met[each]), None)
    return Walk(met, ending, made, state, stuck)


@dataclass
class Crowd:
    """What many random players saw. `seen` counts players, `visits` times; `affinity` and `lengths` have one number for each player."""

    players: int = 0
    seen: Counter[Subject] = field(default_factory=Counter)
    visits: Counter[Subject] = field(default_factory=Counter)
    endings: Counter[Subject | None] = field(default_factory=Counter)
    stuck: Counter[str] = field(default_factory=Counter)
    lengths: list[int] = field(default_factory=list)
    affinity: dict[str, list[float]] = field(default_factory=dict)

    def add(self, world: WorldSpec, walked: Walk) -> None:
        self.players += 1
        self.seen.update(walked.met.keys())
        self.visits.update(walked.met)
        self.endings[walked.ending] += 1
        if walked.stuck:
            state = walked.state
            self.stuck[state.at.path if state.at else state.location] += 1
        self.lengths.append(walked.moves)
        if "affinity" in world.axes:
            for npc in world.npc_keys:
                self.affinity.setdefault(npc, []).append(world.relationship(walked.state, npc)["affinity"])


def crowd(world: WorldSpec, dice: Iterable[Dice], *, moves: int) -> Crowd:
    """One walk for each of the dice."""
    found = Crowd()
    for each in dice:
        walked = walk(world, each, moves=moves)
        if walked is not None:
            found.add(world, walked)
    return found


def spread_of(values: Sequence[float]) -> dict[str, float]:
    """Least, quarters and most, for a table."""
    if not values:
        return {}
    ordered = sorted(values)
    at = [ordered[round(part * (len(ordered) - 1))] for part in (0, 0.25, 0.5, 0.75, 1)]
    return dict(zip(("min", "q1", "median", "q3", "max"), at, strict=True))
