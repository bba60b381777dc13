"""Pure steps per second of CPU, on one core: no database, no prose.

One step is what a random player needs for a move: the list of everything open, the move itself, and what it touched. A line that answers a
dialogue turn is a step too; nobody lists before it. `choices_per_sec` stands at
the world's first choice and takes it again and again; `walk_per_sec` goes through the whole world, which is the figure to trust: it lists people,
hotspots, places and gates of every kind, draws edges, answers dialogue turns with a ready line, and begins anew where a story ends.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from dataclasses import replace

from pixsim.lib.errors import NotAvailable
from sessions.engine import Answered, Choose, Hotspot, Interact, PlayState, Say, Started, Undrawn, begin, options, step
from sessions.engine.actions import Action
from sessions.spec import WorldSpec

TALKS = (Interact, Say, Hotspot)  # their `turn` is the version the move makes, as the shell fills it in


def choices_per_sec(world: WorldSpec, seconds: float) -> float:
    """At the first place with choices: list what is open, choose each in turn, name what it touched."""
    state = next(state for state in _walk(world, random.Random(1)) if any(isinstance(option.action, Choose) for option in options(world, state)))
    done, until, began = 0, time.process_time() + seconds, time.process_time()
    while time.process_time() < until:
        for _ in range(50):
            for option in options(world, state):
                if isinstance(option.action, Choose):
                    assert step(world, state, option.action).touched is not None
                    done += 1
                    break
    return done / (time.process_time() - began)


def walk_per_sec(world: WorldSpec, seconds: float) -> float:
    """Random players through the whole world: list, any open move with its draws and a writer's answer, what it touched."""
    walk = _walk(world, random.Random(1))
    done, until, began = 0, time.process_time() + seconds, time.process_time()
    while time.process_time() < until:
        for _ in range(50):
            next(walk)
            done += 1
    return done / (time.process_time() - began)


def _walk(world: WorldSpec, dice: random.Random, length: int = 200) -> Iterator[PlayState]:
    while True:
        state = begin(world, Started()).state
        for number in range(length):
            yield state
            open_moves = options(world, state)
            if not open_moves:
                break
            action = open_moves[int(dice.random() * len(open_moves))].action
            if isinstance(action, TALKS):
                action = replace(action, turn=number + 1)
            try:
                state = _drawn(world, dice, state, action)
            except NotAvailable:  # an author's circle or a stack of scenes too deep: told to a player, an end to a random one
                break
            if state.turn is not None and state.turn.waiting:
                yield state
                state = _drawn(world, dice, state, Answered(turn=state.turn.id, text="A line.", writer="bench"))


def _drawn(world: WorldSpec, dice: random.Random, state: PlayState, action: Action) -> PlayState:
    while True:
        try:
            found = step(world, state, action)
        except Undrawn as need:
            action = replace(action, via=(*action.via, dice.choice(need.edges)[0]))
        else:
            assert found.touched is not None
            return found.state
