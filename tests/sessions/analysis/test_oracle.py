"""The oracle: random small worlds played through by brute force, with nothing but `options` and `step`. The analysis never contradicts it.

`ORACLE_WORLDS=3000` makes it thousands; the figure is printed.
"""

from __future__ import annotations

import os
import random
from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from pixsim.lib.errors import NotAvailable
from sessions.analysis.moves import drawable, replayed
from sessions.analysis.story import Story, analyse
from sessions.analysis.subjects import Subject, endings_of
from sessions.engine import PlayState, Step, Undrawn, begin, options, step
from sessions.engine.actions import Action, Answered, Interact, Say, Started, Travel, Wait
from sessions.spec import WorldSpec
from tests.random_worlds import random_document

WORLDS = int(os.environ.get("ORACLE_WORLDS", "12"))
STATES = 1_500 if WORLDS < 100 else 20_000
WAITS = (60, 1800, 3600, 4 * 3600, 11 * 3600, 24 * 3600)


def outcomes(world: WorldSpec, state: PlayState | None, action: Action) -> Iterator[tuple[Action, Step]]:
    """Every outcome of an action, whatever the shell draws."""
    try:
        yield action, step(world, state, action) if state is not None else begin(world, action)  # type: ignore[arg-type]
    except Undrawn as need:
        if len(action.via) < 6:
            for key in drawable(need.edges):
                yield from outcomes(world, state, replace(action, via=(*action.via, key)))
    except NotAvailable:
        return


def tried(world: WorldSpec, state: PlayState) -> Iterator[Action]:
    for option in options(world, state):
        action = option.action
        if isinstance(action, Wait):
            yield from (Wait(seconds=seconds) for seconds in WAITS)
        elif isinstance(action, Interact):
            yield replace(action, turn=1)
            for choice in world.interactions(action.npc)[action.interaction].choices:
                yield replace(action, choice=choice, turn=1)
        else:
            yield replace(action, turn=1) if hasattr(action, "turn") else action


def answers(world: WorldSpec, state: PlayState, rnd: random.Random) -> Iterator[Answered]:
    """What a writer may say: nothing more than a line, or a few of the things it may wish for."""
    assert state.turn is not None
    yield Answered(turn=state.turn.id, text="…", writer="oracle")
    if "dialogue" in world.features:
        for axis in ("affinity", "trust", "tension"):
            yield Answered(turn=state.turn.id, text="…", writer="oracle", proposed={"relationships": {axis: rnd.choice((5, -5, 2))}})


def plain(state: PlayState) -> Any:
    """A state as a key: everything but what nobody can ask for – the words that were said and remembered."""
    data = state.to_json()
    for name in ("memories", "talk", "influence"):
        data.pop(name, None)
    return repr((data, [(npc, talk.turns) for npc, talk in sorted(state.talk.items())] if state.turn else ()))


def brute_force(world: WorldSpec, rnd: random.Random) -> tuple[set[Subject], bool]:
    """Everything that was met, and whether that was all there is."""
    met: set[Subject] = set()
    seen: set[str] = set()
    queue: deque[PlayState] = deque()
    flags = {key for kind, key in endings_of(world) if kind == "ending"}

    def keep(done: Step, action: Action) -> None:
        for touch in done.touched:
            if touch.kind in ("node", "edge", "interaction", "hotspot"):
                met.add((touch.kind, touch.subject))
        turn = done.state.turn
        if isinstance(action, Say | Interact) and action.choice and turn is not None:
            met.add(("choice", f"{turn.npc}/{turn.interaction}/{action.choice}"))
        if isinstance(action, Travel):
            met.add(("travel", f"place/{action.location}"))
        met.update(("ending", flag) for flag in flags & done.state.flags)
        if turn is not None and turn.waiting:
            for answer in answers(world, done.state, rnd):
                for _, after in outcomes(world, done.state, answer):
                    put(after.state)
        else:
            put(done.state)

    def put(state: PlayState) -> None:
        key = plain(state)
        if key not in seen and len(seen) < STATES:
            seen.add(key)
            queue.append(state)

    for action, done in outcomes(world, None, Started()):
        keep(done, action)
    while queue:
        state = queue.popleft()
        for action in tried(world, state):
            for taken, done in outcomes(world, state, action):
                keep(done, taken)
    return met, len(seen) < STATES


def played(world: WorldSpec, story: Story, subject: Subject) -> None:
    """A witness is played by the engine, from the very first step to the subject itself."""
    way = story.answers[subject].way
    start = way[0][0]
    assert isinstance(start, Started)
    done = begin(world, start)
    met = {(touch.kind, touch.subject) for touch in done.touched}
    state = done.state
    for actions in way[1:]:
        done = step(world, state, actions[0])
        met |= {(touch.kind, touch.subject) for touch in done.touched}
        if isinstance(actions[0], Say | Interact) and actions[0].choice and done.state.turn is not None:
            met.add(("choice", f"{done.state.turn.npc}/{done.state.turn.interaction}/{actions[0].choice}"))
        if isinstance(actions[0], Travel):
            met.add(("travel", f"place/{actions[0].location}"))
        state = replayed(world, done.state, actions[1:])
    met |= {("ending", flag) for flag in state.flags}
    assert subject in met, (subject, way)


def test_the_analysis_never_contradicts_brute_force() -> None:
    worlds = unknown = complete = subjects = vague = 0
    for seed in range(WORLDS):
        rnd = random.Random(seed)
        world = WorldSpec(random_document(rnd))
        met, small = brute_force(world, rnd)
        story = analyse(world, budget=6_000 if WORLDS < 100 else 60_000)
        worlds += small
        complete += story.complete
        for subject, answer in story.answers.items():
            subjects += 1
            if answer.status == "impossible":
                assert subject not in met, f"seed {seed}: {subject} was met, the analysis says impossible: {answer}"
            elif answer.status == "reachable":
                played(world, story, subject)
            elif small:
                vague += 1
        unknown += small and any(answer.status == "unknown" for answer in story.answers.values())
    print(f"{WORLDS} worlds, {worlds} small, {complete} seen whole; {vague} of {subjects} answers vague; unknown in {unknown} small worlds")
    assert unknown <= 0.02 * worlds
