"""Proof where models write: whatever a writer could have changed counts as being anything at any time from then on.

A state is searched together with the names that are wild in it. Its moves are those it has for every combination of values that some gate tells
apart, so what is not met even so is impossible with any writer. What is met need not be possible: it is looked for by other means.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import Any

from sessions.engine import PlayState
from sessions.engine.actions import Answered
from sessions.engine.state import Emotion
from sessions.spec import WorldSpec
from worlds.rules.conditions import ROMANTIC_AXES, AxisBound, MinTier, MoodIs

from .cone import Cone, clauses
from .moves import Counter, Move, moves
from .ops import TIME, Op, Var, ops_of
from .subjects import Subject, hits

MOST_CASES = 192  # combinations of values at one state
NO_MOOD = ""  # a label that no gate asks for
FOR_EVER = 10**7  # minutes

Wild = frozenset[Var]


def met_at_all(
    world: WorldSpec, starts: Iterable[Move], around: Cone, endings: frozenset[str], *, budget: int, wanted: Subject | None = None
) -> tuple[set[Subject], bool, int]:
    """Everything of a cone that may be met with any writer, whether that was all there is, and the steps it took. It ends early where the wanted
    subject is met."""
    values = _told_apart(world, around.relevant)
    counter = Counter()
    met: set[Subject] = set()
    seen: set[tuple[Any, ...]] = set()
    queue: deque[tuple[PlayState, Wild]] = deque()

    def reach(move: Move, before: PlayState | None, wild: Wild) -> None:
        met.update(hits(move, endings))
        if around.astray(before, move.state):
            return
        for action in move.actions:
            turn = move.state.turn
            if isinstance(action, Answered) and turn is not None:
                wild |= _at_writers_hand(world, move.state, turn.npc, around)
        state = next(_cases(move.state, wild, {var: values[var][:1] for var in wild if var in values}))
        key = (wild, *around.key(state))
        if key not in seen:
            seen.add(key)
            queue.append((state, wild))

    for move in starts:
        reach(move, None, frozenset())
    while queue:
        if counter.steps > budget or wanted in met:
            return met, False, counter.steps
        state, wild = queue.popleft()
        chosen = {var: values[var] for var in wild if var in values}
        count = 1
        for options in chosen.values():
            count *= len(options)
        if count > MOST_CASES or _rash(around, wild):
            return met, False, counter.steps
        for case in _cases(state, wild, chosen):
            for move in moves(world, case, waits=around.waits(case, counter), counter=counter):
                reach(move, case, wild)
    return met, not counter.cut, counter.steps


def _at_writers_hand(world: WorldSpec, state: PlayState, npc: str, around: Cone) -> Wild:
    axes = {("rel", npc, axis) for axis in world.influenced_axes if axis not in ROMANTIC_AXES or world.romantic(state, npc)}
    flags = {("flag", flag) for flag in world.influenced_flags}
    found = (axes | flags) & around.variables
    if "mood" in world.packages and any(var[0] == "rel" for var in found):
        found |= {("mood", npc)} & around.variables  # it changes with every point
    return frozenset(found)


def _rash(around: Cone, wild: Wild) -> bool:
    """Whether one step may change what is wild and ask for it afterwards: of that the combinations at its beginning do not tell."""
    moody = {var[1] for var in wild if var[0] == "mood"}
    nodes = ops_of(around.world).nodes
    for op in around.relevant:
        stirred = bool(moody) and any(var == TIME or (var[0] in ("rel", "felt", "drives") and var[1] in moody) for var in op.writes)
        if not stirred and not op.writes & wild:
            continue
        target = nodes.get(op.to) if op.to is not None else None
        asks_on = op.kind in ("interaction", "hotspot") if target is None else target.kind not in ("video", "dialogue")
        if asks_on or op.leaves:
            return True
    return False


def _told_apart(world: WorldSpec, ops: Iterable[Op]) -> dict[Var, tuple[Any, ...]]:
    """For every number with an NPC one value in each of the ranges that gates tell apart; of moods one of each kind that they do; of a flag both."""
    bounds: dict[Var, set[float]] = {}
    moods: dict[Var, set[tuple[str, ...]]] = {}
    flags: dict[Var, tuple[Any, ...]] = {("flag", flag): (False, True) for flag in world.influenced_flags}
    for op in ops:
        for clause in clauses(op.gate):
            for npc in op.people:
                if isinstance(clause, MoodIs):
                    moods.setdefault(("mood", str(npc)), set()).add(clause.moods)
                elif isinstance(clause, AxisBound):
                    bounds.setdefault(("rel", str(npc), clause.axis), set()).update({clause.bound} if clause.least else {clause.bound + 1})
                elif isinstance(clause, MinTier) and "affinity" in world.tiers:
                    starts = [tier.start for tier in world.tiers["affinity"].tiers if tier.key == clause.tier]
                    bounds.setdefault(("rel", str(npc), "affinity"), set()).update(starts)
    found: dict[Var, tuple[Any, ...]] = dict(flags)
    for var, wanted in moods.items():
        alike = {tuple(sorted(each for each in wanted if label in each)): label for label in sorted({NO_MOOD}.union(*wanted))}
        found[var] = tuple(sorted(alike.values()))
    for var, cuts in bounds.items():
        axis = world.axes[var[2]]
        inside = sorted({int(-(-cut // 1)) for cut in cuts if axis.minimum < cut <= axis.maximum})
        found[var] = (int(axis.minimum), *inside)
    return found


def _cases(state: PlayState, wild: Wild, values: Mapping[Var, tuple[Any, ...]]) -> Iterator[PlayState]:
    """The state with every combination of these values in place of the wild ones."""
    names = sorted(values)
    for combination in product(*(values[name] for name in names)):
        rel = {npc: dict(axes) for npc, axes in state.rel.items()}
        flags, emotions, drives = set(state.flags), dict(state.emotions), dict(state.drives)
        for name, value in zip(names, combination, strict=True):
            if name[0] == "flag":
                (flags.add if value else flags.discard)(name[1])
            elif name[0] == "mood":  # a strong emotion names the label by itself
                emotions[name[1]] = (Emotion(value, 1.0, FOR_EVER, state.world_time),)
                drives.pop(name[1], None)
            else:
                rel.setdefault(name[1], {})[name[2]] = value
        yield state._replace(rel=rel, flags=frozenset(flags), emotions=emotions, drives=drives)
