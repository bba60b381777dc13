"""What must hold in every world, for every player."""

from __future__ import annotations

import copy
import os
import random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pixsim.lib.canonical import canonical_json
from pixsim.lib.errors import NotAvailable
from sessions.engine import PlayState, Row, diff, fold, fold_rows, options, reconcile, verify
from sessions.engine.actions import Reconciled, action_from_json
from sessions.spec import WorldSpec
from tests.random_worlds import Playthrough, drawn, random_document, worlds

quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@settings(max_examples=int(os.environ.get("WORLDS", "60")), deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(worlds(), st.integers(0, 2**32))
def test_random_players_of_random_worlds_play_on_and_their_log_is_their_state(world: WorldSpec, seed: int) -> None:
    play = Playthrough(world, random.Random(seed))
    for _ in range(200):
        try:
            if not play.move():
                break
        except NotAvailable as error:  # an author's circle or a missing scene: said, and nothing has changed
            assert "story" in error.detail
    folded = fold_rows(play.rows)
    assert canonical_json(folded[len(play.rows) - 1]) == canonical_json(play.state.to_json())
    assert verify(play.rows, lambda sha: world) == []


@quick
@given(worlds(), st.integers(0, 2**32))
def test_values_stay_within_their_axes(world: WorldSpec, seed: int) -> None:
    play = _played(world, seed, 60)
    for state in play.states:
        for values in state.rel.values():
            for name, value in values.items():
                axis = world.axes[name]
                assert axis.minimum <= value <= axis.maximum
                assert value != axis.default
        assert 0 <= state.stats.get("coin", 3) <= 10
        assert 0 <= state.inventory.get("rope", 0) <= 3
        assert all(len(memories) <= 40 for memories in state.memories.values())


@quick
@given(worlds(), st.integers(0, 2**32))
def test_a_step_never_changes_its_input(world: WorldSpec, seed: int) -> None:
    rnd = random.Random(seed)
    play = _played(world, seed, 30)
    before = copy.deepcopy(play.state.to_json())
    for option in options(world, play.state):
        try:
            drawn(world, rnd, play.state, option.action)
        except NotAvailable:
            continue
    assert play.state.to_json() == before


@quick
@given(worlds(), st.integers(0, 2**32))
def test_every_option_is_accepted_by_step(world: WorldSpec, seed: int) -> None:
    rnd = random.Random(seed)
    play = _played(world, seed, 30)
    for option in options(world, play.state):
        try:
            drawn(world, rnd, play.state, option.action)
        except NotAvailable as error:
            assert "story" in error.detail, error.detail


@quick
@given(worlds(), st.integers(0, 2**32))
def test_undo_then_redo_is_identity(world: WorldSpec, seed: int) -> None:
    play = _played(world, seed, 40)
    texts = [state.to_json() for state in play.states]
    for earlier, later in zip(texts, texts[1:], strict=False):
        back, forth = diff(later, earlier), diff(earlier, later)
        assert fold(later, [back]) == earlier
        assert fold(later, [back, forth]) == later


@quick
@given(worlds(), st.integers(0, 2**32))
def test_a_state_survives_its_own_json(world: WorldSpec, seed: int) -> None:
    for state in _played(world, seed, 40).states:
        again = PlayState.from_json(state.to_json())
        assert again == state
        assert again.sha256() == state.sha256()


@quick
@given(worlds(), st.integers(0, 2**32))
def test_actions_survive_their_own_json(world: WorldSpec, seed: int) -> None:
    for row in _played(world, seed, 20).rows:
        assert action_from_json(row.action).to_json() == row.action


@quick
@given(worlds(), st.integers(0, 2**32), st.integers(0, 2**32))
def test_reconcile_is_total_on_mutilated_worlds(world: WorldSpec, seed: int, other_seed: int) -> None:
    """However the world was changed, the session stands somewhere real and can be played on."""
    play = _played(world, seed, 40)
    rnd = random.Random(other_seed)
    mutilated = WorldSpec(_mutilate(rnd, world.document))
    trail = [state.at for state in play.states if state.at is not None]
    mended = reconcile(mutilated, play.state, trail).state
    assert mended.world == mutilated.sha
    assert mended.turn is None
    assert mended.at is None or mutilated.find_node(mended.at) is not None
    assert not mended.location or mended.location in mutilated.places
    assert set(mended.rel) <= mutilated.npc_keys
    row = Row(
        1, Reconciled(world=mutilated.sha, trail=tuple(trail)).to_json(), mutilated.sha, diff(play.state.to_json(), mended.to_json()), mended.sha256()
    )
    assert verify([*play.rows, row], lambda sha: mutilated if sha == mutilated.sha else world) == []
    again = reconcile(mutilated, mended, trail).state
    assert again == mended, "mending twice changes nothing more"
    for option in options(mutilated, mended):
        try:
            drawn(mutilated, rnd, mended, option.action)
        except NotAvailable as error:
            assert "story" in error.detail


def _played(world: WorldSpec, seed: int, moves: int) -> Playthrough:
    play = Playthrough(world, random.Random(seed))
    for _ in range(moves):
        try:
            if not play.move():
                break
        except NotAvailable:
            continue
    return play


def _mutilate(rnd: random.Random, document: dict) -> dict:
    """Loses, renames and swaps parts at random."""
    broken = copy.deepcopy(dict(document))
    other = random_document(rnd)
    for part in ("locations", "scenes", "npcs", "hotspots"):
        broken[part] = [item for item in broken[part] if rnd.random() < 0.6]
    for scene in broken["scenes"]:
        scene["nodes"] = [node for node in scene["nodes"] if rnd.random() < 0.7]
        scene["edges"] = [edge for edge in scene["edges"] if rnd.random() < 0.7]
    if rnd.random() < 0.5:
        broken["world"]["meta"]["manifest"] = other["world"]["meta"]["manifest"]
    if rnd.random() < 0.5:
        broken["renamed"] = {"mara": "ren", "harbor": "market", "n0": "n1", "n1": "n0", "a": "b", "s0": "s1"}
    if rnd.random() < 0.3:
        broken["world"]["meta"]["manifest"]["stat_packages"] = rnd.sample(["relationships", "mood", "drives", "personality"], rnd.randint(0, 4))
    return broken


def test_flags_and_their_negations_are_complements() -> None:
    from worlds.rules.conditions import Flag

    for state in (PlayState(), PlayState(flags=frozenset({"a"}))):
        assert Flag("a", True).holds(None, state, None) is not Flag("a", False).holds(None, state, None)  # type: ignore[arg-type]
