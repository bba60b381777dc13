"""Mock states and actions: what a client may write, what it becomes, what is refused."""

from __future__ import annotations

import random
from dataclasses import fields
from typing import Any

import pytest

from npcs.memory import Memory
from pixsim.lib import schema
from pixsim.lib.errors import Invalid, NotAvailable
from sessions import engine, mock
from sessions.drawing import drawn
from sessions.engine import Choose, Continue, Ids, Interact, PlayState, Say, Started, Travel, Wait
from sessions.engine.state import Line, Offered, Talk, Turn
from sessions.spec import WorldSpec, compile_world
from tests.playing import HARBOR_DISTRICT
from tests.random_worlds import Playthrough, random_document
from worlds.archive import read_folder

MARA, JORIN = "captain_mara", "jorin"
IDS = Ids(npcs={MARA: 10, JORIN: 11, "ren": 12}, locations={"tavern": 3, "harbor": 1, "market": 2}, scenes={"harbor_intro": 5})


@pytest.fixture(scope="module")
def world() -> WorldSpec:
    return compile_world(read_folder(HARBOR_DISTRICT).document)


def state(world: WorldSpec, npc: str | None = MARA, **given: Any) -> PlayState:
    return mock.state(world, given, ids=IDS, npc=npc)


def refused(world: WorldSpec, **given: Any) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as caught:
        state(world, None, **given)
    return [(error.pointer, error.code) for error in caught.value.errors]


def test_nothing_given_is_the_beginning_of_a_session(world: WorldSpec) -> None:
    begun = engine.begin(world, Started()).state
    told = state(world)
    assert (told.rel, told.location, told.world_time, told.world, told.at) == (begun.rel, begun.location, 0, world.sha, None)


def test_people_and_places_go_by_key_id_or_both_spellings(world: WorldSpec) -> None:
    wanted = state(world, relationships={MARA: {"affinity": 40}}, location="tavern")
    for name in ("10", "npc_10", "npc:captain_mara"):
        assert state(world, relationships={name: {"affinity": 40}}, location=3) == wanted
    assert wanted.rel[MARA] == {"affinity": 40, "trust": 20, "chemistry": 40, "tension": 10}, "axes left out are as she begins"


def test_numbers_are_kept_in_their_range_and_defaults_are_not_stored(world: WorldSpec) -> None:
    told = state(world, relationships={MARA: {"affinity": 1000, "trust": 0}}, stats={"coin": 10**9}, inventory={})
    assert told.rel[MARA]["affinity"] == 100
    assert "trust" not in told.rel[MARA]
    assert told.stats["coin"] == world.stats["coin"].axis.maximum


def test_a_mood_is_the_mood_whatever_the_rest_says(world: WorldSpec) -> None:
    for label in ("happy", "angry", "neutral", "flirty"):
        told = state(world, mood=label, world_time=28_800)
        assert world.mood_label(told, MARA) == world.mood(told, MARA).label == label
    told = state(world, None, mood={"npc_11": "sad"})
    assert (world.mood_label(told, JORIN), world.mood_label(told, MARA)) == ("sad", "neutral")


def test_names_the_world_does_not_have_are_refused_at_their_place(world: WorldSpec) -> None:
    assert refused(world, flags=["visited_tavern", "visited_moon"]) == [("/state/flags/1", "does_not_exist")]
    assert refused(world, stats={"gold": 1}, inventory={"ropes": 1}) == [
        ("/state/stats/gold", "does_not_exist"),
        ("/state/inventory/ropes", "does_not_exist"),
    ]
    assert refused(world, relationships={"npc_99": {"affinity": 1}}) == [("/state/relationships/npc_99", "does_not_exist")]
    assert refused(world, relationships={MARA: {"love": 1}}) == [(f"/state/relationships/{MARA}/love", "unknown_key")]
    assert refused(world, location="moon") == refused(world, location=99) == [("/state/location", "does_not_exist")]
    assert refused(world, seen=["harbor_intro/node1", "harbor_intro/node99"]) == [("/state/seen/1", "does_not_exist")]
    assert refused(world, mood="happy") == [("/state/mood", "required")]
    assert refused(world, mood={MARA: "hangry"}) == [(f"/state/mood/{MARA}", "does_not_exist")]
    assert refused(world, flag=["x"]) == [("/state/flag", "unknown_key")]
    assert refused(world, world_time=-1) == [("/state/world_time", "minimum")]
    with pytest.raises(Invalid, match=r"no flag “visited_moon”. There is: “visited_"):
        state(world, flags=["visited_moon"])


def test_a_node_alone_is_enough_where_only_one_scene_has_it(world: WorldSpec) -> None:
    homes: dict[str, list[str]] = {}
    for key in world.scene_keys:
        for node in world.scene(key).nodes:
            homes.setdefault(node, []).append(f"{key}/{node}")
    alone = next(node for node, paths in homes.items() if len(paths) == 1)
    several = next((node for node, paths in homes.items() if len(paths) > 1), "")
    assert state(world, seen=[alone]).seen == {homes[alone][0]}
    assert not several or refused(world, seen=[several]) == [("/state/seen/0", "ambiguous")]


def test_written_down_and_read_again_it_is_the_same(world: WorldSpec) -> None:
    told = state(
        world, flags=["visited_tavern"], stats={"coin": 3}, relationships={MARA: {"affinity": 0, "trust": 0}, JORIN: {"tension": 50}},
        mood={MARA: "happy"}, placed={"npc_10": 3, JORIN: None}, seen=["harbor_intro/node1"], location=None, world_time=3600,
    )  # fmt: skip
    written = mock.as_json(world, told, ids=IDS)
    assert mock.state(world, written, ids=IDS) == told
    assert written["relationships"]["npc_10"]["affinity"] == 0
    assert written["placed"] == {"npc_10": "tavern", "npc_11": None}
    assert schema.errors("npcs/mock_state", written) == []


@pytest.mark.parametrize("seed", range(20))
def test_of_any_world_any_state_that_was_played_goes_in_whole_and_its_mock_again(seed: int) -> None:
    rnd = random.Random(seed)
    world = compile_world(random_document(rnd))
    ids = Ids(npcs={}, locations={}, scenes={})
    played = Playthrough(world, rnd)
    for _ in range(25):
        try:
            played.move()
        except NotAvailable:  # the story runs in a circle
            break
        told = played.state
        assert mock.state(world, told.to_json(), ids=ids) == told
        mocked = mock.state(world, mock.as_json(world, told, ids=ids), ids=ids)
        assert (mocked.flags, mocked.location, mocked.world_time, mocked.seen) == (told.flags, told.location, told.world_time, told.seen)
        assert mock.state(world, mock.as_json(world, mocked, ids=ids), ids=ids) == mocked
    for row in played.rows:
        written = mock.action_as_json(world, engine.action_from_json(row.action), ids=ids)
        assert written is None or schema.errors("sessions/action", written) == []


def test_a_whole_state_is_mended_never_trusted(world: WorldSpec) -> None:
    whole = state(world).to_json()
    assert "moon" not in mock.state(world, {**whole, "location": "moon"}, ids=IDS).location
    assert mock.state(world, {**whole, "rel": {MARA: {"affinity": 10**6, "love": 3}, "nobody": {}}}, ids=IDS).rel == {MARA: {"affinity": 100}}
    turn = Turn(1, MARA, "talk", "", "", False, False, ())._asdict() | {"offered": []}
    talking = {**whole, "turn": turn}
    assert mock.state(world, talking, ids=IDS).turn is not None
    assert mock.state(world, {**talking, "turn": {**turn, "interaction": "juggle"}}, ids=IDS).turn is None
    for bad in ({"rel": {MARA: {"affinity": "5"}}}, {"turn": {"id": 1}}, {"v": 2}, {"at": {"scene": "x"}}, {"seen": ["a/b"]}, {"drives": {MARA: {"hunger": [1]}}},
                {"emotions": {MARA: [{"label": "x"}]}}, {"turn": {**turn, "offered": [{"id": "a", "label": "b", "tone": "", "effects": {"relationships": {"affinity": []}}}]}}):  # fmt: skip
        with pytest.raises(Invalid):
            mock.state(world, {**whole, **bad}, ids=IDS)


def test_the_schema_of_states_knows_every_field_of_the_engine(world: WorldSpec) -> None:
    known = schema.load("sessions/play_state").data["properties"]
    assert set(known) == set(PlayState._fields)
    assert set(known["turn"]["properties"]) == set(Turn._fields)
    memory = known["memories"]["additionalProperties"]["items"]["properties"]
    assert set(memory) == {field.name for field in fields(Memory)} - {"of"}
    talk = known["talk"]["additionalProperties"]["properties"]
    assert set(talk) == set(Talk._fields)
    assert set(talk["lines"]["items"]["properties"]) == set(Line._fields)
    assert set(known["turn"]["properties"]["offered"]["items"]["properties"]) == set(Offered._fields)


def test_actions_are_the_bodies_of_the_endpoints(world: WorldSpec) -> None:
    here = state(world, location="tavern")

    def read(told: PlayState = here, **given: Any) -> engine.Action:
        return mock.action(world, told, given, ids=IDS)

    assert read(type="continue") == Continue()
    assert read(type="choose", edge_id="edge2b") == Choose(edge="edge2b")
    assert read(type="travel", location_id=3) == read(type="travel", location_id="tavern") == Travel(location="tavern")
    assert read(type="wait", advance_by_sec=3600) == Wait(seconds=3600)
    assert read(type="interact", npc_id="npc_10", interaction_id="talk") == Interact(npc=MARA, interaction="talk")
    choice = next(iter(world.interactions(MARA)["talk"].choices.values()))
    begun = read(type="interact", npc_id=10, interaction_id="talk", user_choice_text=f"  {choice.label.upper()} ")
    assert begun == Interact(npc=MARA, interaction="talk", choice=choice.id)
    talking = here._replace(turn=Turn(1, MARA, "talk", "", "", False, False, ()))
    assert read(talking, type="say", choice_id=choice.id) == read(talking, type="say", user_choice_text=choice.label) == Say(choice=choice.id)
    assert read(talking, type="interact", npc_id=10, interaction_id="talk", choice_id=choice.id) == Say(choice=choice.id)
    for action in (begun, read(type="choose", edge_id="e"), read(type="wait", advance_by_sec=60)):
        assert mock.action(world, here, mock.action_as_json(world, action, ids=IDS) or {}, ids=IDS) == action


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"type": "fly"}, "/action/type"),
        ({"type": "travel", "location_id": "moon"}, "/action/location_id"),
        ({"type": "interact", "npc_id": 99, "interaction_id": "talk"}, "/action/npc_id"),
        ({"type": "interact", "npc_id": 10}, "/action/interaction_id"),
        ({"type": "wait", "advance_by_sec": 61}, "/action/advance_by_sec"),
        ({"type": "interact", "npc_id": 10, "interaction_id": "talk", "user_choice_text": "Set affinity to 100"}, "/action/user_choice_text"),
    ],
)
def test_a_bad_action_points_at_its_place(world: WorldSpec, given: dict[str, Any], pointer: str) -> None:
    with pytest.raises(Invalid) as caught:
        mock.action(world, state(world), given, ids=IDS)
    assert caught.value.errors[0].pointer == pointer


def test_a_try_out_draws_like_a_session(world: WorldSpec) -> None:
    told = state(world)
    step, done = drawn(7, 0, Wait(seconds=3600), lambda action: engine.step(world, told, action))
    assert done == Wait(seconds=3600)
    assert step.state.world_time == 3600
