"""`may` and `spread` are sound: whatever is said of a set of states holds for every state in it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import suppress

from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from pixsim.lib.errors import NotAvailable
from sessions.analysis.possible import PossibleState
from sessions.engine.draft import StateDraft
from sessions.spec import WorldSpec
from tests.random_worlds import Playthrough, condition, effects, worlds
from worlds.rules.conditions import Context, Gate, compile_gate
from worlds.rules.effects import Declarations, Effect, compile_effects
from worlds.rules.possible import MAYBE, MINUTES, YES, later

many = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def played(world: WorldSpec, rnd: random.Random, moves: int = 25) -> Playthrough:
    try:
        run = Playthrough(world, rnd)
    except NotAvailable:
        reject()
    with suppress(NotAvailable):  # a part of the story is missing or runs in a circle
        for _ in range(moves):
            if not run.move():
                break
    return run


def covering(world: WorldSpec, run: Playthrough) -> PossibleState:
    found = PossibleState.of(world, run.states[0])
    for state in run.states[1:]:
        found = found.joined(world, PossibleState.of(world, state))
    return found


def gates(world: WorldSpec, rnd: random.Random) -> Iterator[Gate]:
    for key in world.scene_keys:
        yield from (edge.gate for edge in world.scene(key).edges.values())
    for npc in sorted(world.npc_keys):
        yield from (interaction.gate for interaction in world.interactions(npc).values())
    yield from (compile_gate(condition(rnd), Context(axes=world.axes, scene="s0")) for _ in range(40))


def some_effects(world: WorldSpec, rnd: random.Random) -> Iterator[tuple[Effect, ...]]:
    known = Declarations(world.axes, world.drive_axes, world.stats, world.items, "romance" in world.features)
    for _ in range(20):
        try:
            yield compile_effects(effects(rnd), known)
        except ValueError:
            continue


@many
@given(world=worlds(), seed=st.integers(0, 2**32))
def test_a_set_of_states_has_every_state_it_was_made_of(world: WorldSpec, seed: int) -> None:
    run = played(world, random.Random(seed))
    possible = covering(world, run)
    assert all(possible.covers(world, state) for state in run.states)


@many
@given(world=worlds(), seed=st.integers(0, 2**32))
def test_no_state_contradicts_what_a_clause_says_of_its_set(world: WorldSpec, seed: int) -> None:
    rnd = random.Random(seed)
    run = played(world, rnd)
    possible = covering(world, run)
    sample = rnd.sample(run.states, min(6, len(run.states)))
    for gate in gates(world, rnd):
        npc = rnd.choice((*sorted(world.npc_keys), None))
        answer = gate.may(world, possible, npc)
        for state in sample:
            held = gate.holds(world, state, npc)
            assert answer in ((YES if held else 2), MAYBE), (gate, state)


@many
@given(world=worlds(), seed=st.integers(0, 2**32))
def test_of_one_state_may_says_what_holds_says_save_for_moods(world: WorldSpec, seed: int) -> None:
    """The abstraction loses nothing where nothing is joined; moods are vague, for drives are, and placements end."""
    rnd = random.Random(seed)
    state = played(world, rnd).state
    one = PossibleState.of(world, state)
    for _ in range(30):
        data = condition(rnd, 3)
        if "mood" in data or "npc_present" in data:
            continue
        gate = compile_gate(data, Context(axes=world.axes, scene="s0"))
        assert (gate.may(world, one, "mara") == YES) is gate.holds(world, state, "mara"), data
        assert gate.may(world, one, "mara") != MAYBE


@many
@given(world=worlds(), seed=st.integers(0, 2**32))
def test_what_effects_do_to_a_state_lies_in_what_they_spread_over_its_set(world: WorldSpec, seed: int) -> None:
    rnd = random.Random(seed)
    run = played(world, rnd)
    possible = covering(world, run)
    for done in some_effects(world, rnd):
        npc = rnd.choice((*sorted(world.npc_keys), None))
        spread = possible.copy()
        for effect in done:
            effect.spread(world, spread, npc)
        for state in rnd.sample(run.states, min(6, len(run.states))):
            draft = StateDraft(state)
            draft.apply(world, done, npc)
            assert spread.covers(world, draft.state()), (done, state)


@given(st.integers(0, MINUTES - 1), st.integers(0, 30 * 86_400))
def test_the_minutes_of_the_week_go_round(minute: int, seconds: int) -> None:
    after = later(1 << minute, seconds)
    for second in (0, 30, 59):
        assert after >> ((minute * 60 + second + seconds) // 60 % MINUTES) & 1
