"""The availability matrix against brute force: every value of the axis, every quarter of an hour, by the engine's own question."""

from __future__ import annotations

import random

import pytest

from sessions import mock
from sessions.engine import Ids, PlayState
from sessions.engine.talking import interaction_open
from sessions.matrix import QUARTERS, at_time, availability
from sessions.spec import WorldSpec, compile_world
from tests.playing import HARBOR_DISTRICT
from tests.random_worlds import Playthrough, random_document
from worlds.archive import read_folder

IDS = Ids(npcs={}, locations={}, scenes={})
MARA = "captain_mara"


@pytest.fixture(scope="module")
def world() -> WorldSpec:
    return compile_world(read_folder(HARBOR_DISTRICT).document)


def brute(world: WorldSpec, state: PlayState, npc: str, axis: str, along: bool, values: range) -> dict[str, dict[int, list[str]]]:
    found: dict[str, dict[int, list[str]]] = {key: {} for key in world.interactions(npc)}
    for value in values:
        for hour in range(24):
            open_at: dict[str, list[bool]] = {key: [] for key in found}
            for minute in QUARTERS:
                then = at_time(world, state, npc, hour * 60 + minute, along=along)
                then = then._replace(rel={**then.rel, npc: {**then.rel.get(npc, {}), axis: value}})
                for key, each in world.interactions(npc).items():
                    open_at[key].append(interaction_open(world, then, npc, each))
            for key, told in open_at.items():
                found[key].setdefault(value, []).append("open" if all(told) else "part" if any(told) else "shut")
    return found


def agree(world: WorldSpec, state: PlayState, npc: str, *, axis: str, along: bool, values: range) -> None:
    wanted = brute(world, state, npc, axis, along, values)
    rows = availability(world, state, npc, axis=axis, along=along)
    assert {row.interaction for row in rows} == set(wanted)
    scale = world.axes[axis]
    for row in rows:
        assert (row.bands[0].low, row.bands[-1].high) == (scale.minimum, scale.maximum)
        assert all(low.high + 1 == high.low and low.cells != high.cells for low, high in zip(row.bands, row.bands[1:], strict=False))
        for value in values:
            band = next(band for band in row.bands if band.low <= value <= band.high)
            assert list(band.cells) == wanted[row.interaction][value], (row.interaction, value)


@pytest.mark.parametrize("along", [False, True])
@pytest.mark.parametrize("given", [{}, {"mood": "happy", "location": "market"}, {"location": "tavern", "placed": {MARA: "tavern"}}])
def test_in_the_harbor_district_it_agrees_with_brute_force(world: WorldSpec, given: dict[str, object], along: bool) -> None:
    state = mock.state(world, given, ids=IDS, npc=MARA)
    agree(world, state, MARA, axis="affinity", along=along, values=range(-100, 101, 5) if along else range(20, 50))


def test_it_agrees_on_other_axes_and_other_people(world: WorldSpec) -> None:
    state = mock.state(world, {"location": "market", "relationships": {MARA: {"affinity": 60}}}, ids=IDS)
    agree(world, state, MARA, axis="chemistry", along=True, values=range(0, 101, 7))
    agree(world, state, "ren", axis="trust", along=False, values=range(-100, 101, 20))


@pytest.mark.parametrize("seed", range(12))
def test_in_any_world_it_agrees_with_brute_force(seed: int) -> None:
    rnd = random.Random(seed)
    world = compile_world(random_document(rnd))
    played = Playthrough(world, rnd)
    state = played.state._replace(at=None, turn=None)
    npc = rnd.choice(sorted(world.npc_keys))
    agree(world, state, npc, axis="affinity", along=rnd.random() < 0.5, values=range(-100, 101, 25))


def test_it_says_what_is_always_never_and_sometimes_open(world: WorldSpec) -> None:
    here = mock.state(world, {"mood": "happy"}, ids=IDS, npc=MARA)
    found = {row.interaction: row for row in availability(world, here, MARA, along=True)}
    assert found["talk"].status == "sometimes"
    assert [band.low for band in found["talk"].bands] == [-100, 0]
    assert 35 in [band.low for band in found["ask_rumors"].bands]
    elsewhere = mock.state(world, {"location": "tavern"}, ids=IDS, npc=MARA)
    assert {row.status for row in availability(world, elsewhere, MARA)} == {"never"}
