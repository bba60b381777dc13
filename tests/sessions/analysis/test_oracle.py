"""The oracle: random small worlds played through by brute force, with nothing but `options` and `step`. The analysis never contradicts it.

`ORACLE_WORLDS=3000` makes it thousands, `ORACLE_FIRST=3000` begins with another one; `-s` shows the figures. A world is small where the brute force
came to its end within `ORACLE_STATES`; of a bigger one it tells what can be met, and nothing of what cannot.
"""

from __future__ import annotations

import os
import random
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from pixsim.lib.errors import NotAvailable, StaleSession
from sessions.analysis.answers import Story
from sessions.analysis.moves import drawable, replayed
from sessions.analysis.story import analyse
from sessions.analysis.subjects import Subject, endings_of
from sessions.engine import PlayState, Step, Undrawn, begin, options, step
from sessions.engine.actions import Action, Answered, Interact, Say, Started, Travel, Wait
from sessions.spec import WorldSpec
from tests.random_worlds import random_document

WORLDS = int(os.environ.get("ORACLE_WORLDS", "30"))
FIRST = int(os.environ.get("ORACLE_FIRST", "0"))
STATES = int(os.environ.get("ORACLE_STATES", "150"))
BUDGET = int(os.environ.get("ORACLE_STEPS", "20000"))
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
    turns = [(npc, talk.turns) for npc, talk in sorted(state.talk.items())] if state.turn else ()
    return repr((state._replace(memories={}, talk={}, influence={}), turns))


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


def contradictions(world: WorldSpec, story: Story, met: set[Subject]) -> list[str]:
    """What the analysis says that is not so."""
    found = []
    for subject, answer in story.answers.items():
        if answer.status == "impossible" and subject in met:
            found.append(f"{subject} was met, the analysis says impossible")
        elif answer.status == "reachable":
            try:
                played(world, story, subject)
            except (NotAvailable, StaleSession, Undrawn, AssertionError) as error:
                found.append(f"the way to {subject} is none: {error!r}")
    return found


def test_the_analysis_never_contradicts_brute_force() -> None:
    wrong: list[str] = []
    count: Counter[str] = Counter()
    for seed in range(FIRST, FIRST + WORLDS):
        rnd = random.Random(seed)
        world = WorldSpec(random_document(rnd))
        met, small = brute_force(world, rnd)
        story = analyse(world, budget=BUDGET)
        wrong += [f"seed {seed}: {words}" for words in contradictions(world, story, met)]
        vague = sum(answer.status == "unknown" for answer in story.answers.values())
        count.update(
            worlds=1,
            small=small,
            whole=story.complete,
            answers=len(story.answers),
            vague=vague,
            unknown=bool(vague),
            small_unknown=small and bool(vague),
        )
        if count["worlds"] % 100 == 0 or count["worlds"] == WORLDS:
            print(dict(count), "wrong:", wrong, flush=True)
    assert not wrong, "\n".join(wrong)
    assert count["small_unknown"] <= 0.02 * count["small"]
    assert count["vague"] <= 0.02 * count["answers"]
