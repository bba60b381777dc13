"""Random players whose games stand in the database, with their logs, as `services` would have kept them. Written in bulk: hundreds in seconds."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from pixsim.lib.canonical import plain, sha256
from pixsim.models import User
from sessions import engine
from sessions.analysis.moves import LINE
from sessions.analysis.walks import drawn
from sessions.engine import ENGINE, Action, PlayState, Step, actions
from sessions.experiments import variants
from sessions.models import GameSession, SessionEvent
from sessions.releases import spec_of
from sessions.spec import WorldSpec
from worlds.models import World

Played = tuple[GameSession, WorldSpec, list[tuple[Action, Step]]]


def players(number: int) -> list[User]:
    return User.objects.bulk_create(User(username=f"walker{n}", password="!") for n in range(number))  # noqa: S106


def walked(world: WorldSpec, dice: random.Random, moves: int, variant: str = "") -> Iterator[tuple[Action, Step]]:
    """A player who takes any open move; every action as the log has it, with its step."""

    def go(action: Action, decide: Any) -> tuple[Action, Step] | None:
        tried: list[Action] = []
        found = drawn(dice, action, lambda a: (tried.append(a), decide(a))[1])
        return (tried[-1], found) if found is not None else None

    done = go(actions.Started(variant=variant), partial(engine.begin, world))
    version = 0
    while done is not None:
        yield done
        version += 1
        state = done[1].state
        if version > moves:
            return
        if state.turn is not None and state.turn.waiting:
            answer = actions.Answered(turn=state.turn.id, text=LINE, writer="scripted")
            done = (answer, engine.step(world, state, answer))
            continue
        action = dice.choice(engine.options(world, state)).action
        if isinstance(action, actions.Interact | actions.Say | actions.Hotspot):
            action = replace(action, turn=version)
        done = go(action, partial(engine.step, world, state))


def play(world: World, users: list[User], *, moves: int, seed: int = 1) -> list[Played]:
    """One game of each user on the published release, in the variant he is drawn to."""
    assert world.published is not None
    games, rows, played = [], [], []
    for number, user in enumerate(users):
        variant = variants.assigned(world, user)
        release = variants.release_for(world.published, variant) if variant else world.published
        spec = spec_of(release)
        steps = list(walked(spec, random.Random(f"{seed}:{number}"), moves, variant))  # noqa: S311
        last = plain(steps[-1][1].state.to_json())
        game = GameSession(
            user=user, world=world, release=release, variant=variant, state=last, version=len(steps) - 1, seq=len(steps), seed=number
        )  # fmt: skip
        games.append(game)
        state: Any = {}
        for version, (action, step) in enumerate(steps):
            after = plain(step.state.to_json())
            rows.append(
                SessionEvent(
                    session=game, seq=version + 1, version=version, parent=version - 1 if version else None, action=action.to_json(),
                    world=spec.sha, engine=ENGINE, patch=engine.diff(state, after), state_sha256=sha256(after),
                    snapshot=after if version % 32 == 0 else None,
                )
            )  # fmt: skip
            state = after
        played.append((game, spec, steps))
    GameSession.objects.bulk_create(games)
    for row in rows:
        row.session_id = row.session.pk
    SessionEvent.objects.bulk_create(rows, batch_size=500)
    return played


def states(steps: list[tuple[Action, Step]]) -> list[PlayState]:
    return [step.state for _, step in steps]
