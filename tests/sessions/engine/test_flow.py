"""Moving through the story: every node kind, edge and limit of the scene rules."""

from __future__ import annotations

from typing import Any

import pytest

from pixsim.lib.errors import Invalid, NotAvailable
from sessions.engine import Choose, Continue, Hotspot, NodeRef, PlayState, Started, Travel, Undrawn, Wait, begin, options, step
from sessions.spec import WorldSpec
from tests.documents import document, edge, harbor, node, place, scene


def world(nodes: list[Any], edges: list[Any], *more: Any, **parts: Any) -> WorldSpec:
    parts.setdefault("locations", [place("harbor"), place("market")])
    return WorldSpec(document(scenes=[scene("s", nodes, edges, is_entry=True, location="harbor"), *more], **parts))


def start(spec: WorldSpec) -> PlayState:
    return begin(spec, Started()).state


def at(state: PlayState) -> str:
    return state.at.path if state.at else "exploring"


def test_a_session_starts_in_the_entry_scene_at_its_place() -> None:
    spec = WorldSpec(harbor())
    state = start(spec)
    assert (at(state), state.location, state.world_time) == ("harbor_intro/node1", "harbor", 0)
    assert state.rel == {"captain_mara": {"affinity": 30, "trust": 20, "chemistry": 40, "tension": 10}}


def test_without_an_entry_the_first_scene_by_key_and_without_scenes_the_first_place() -> None:
    two = WorldSpec(document(scenes=[scene("b", [node("n")], []), scene("a", [node("n")], [])], locations=[place("market"), place("harbor")]))
    assert (at(start(two)), start(two).location) == ("a/n", "harbor")
    assert at(start(WorldSpec(document(locations=[place("market"), place("harbor")])))) == "exploring"
    assert start(WorldSpec(document())).location == ""


def test_video_and_dialogue_wait_and_continue_takes_the_automatic_edge() -> None:
    spec = world([node("a"), node("b", "dialogue"), node("c")], [edge("e1", "a", "b"), edge("e2", "b", "c")])
    state = step(spec, start(spec), Continue()).state
    assert at(state) == "s/b"
    assert at(step(spec, state, Continue()).state) == "s/c"


def test_a_choice_node_waits_while_a_labelled_edge_is_open_else_goes_on() -> None:
    nodes = [node("a"), node("q", "choice"), node("b"), node("c")]
    gated = [edge("e1", "a", "q"), edge("yes", "q", "b", "Yes", conditions={"flags": ["key"]}), edge("auto", "q", "c")]
    spec = world(nodes, gated)
    assert at(step(spec, start(spec), Continue()).state) == "s/c"
    keyed = start(spec)._replace(flags=frozenset({"key"}))
    assert at(step(spec, keyed, Continue()).state) == "s/q"


def test_choices_show_over_the_clip_and_choosing_takes_both_edges_in_one_move() -> None:
    spec = WorldSpec(harbor())
    done = step(spec, start(spec), Choose(edge="edge2b"))
    assert at(done.state) == "tavern_npc_encounter/node1"
    assert {"harbor_intro/node1", "harbor_intro/node2", "tavern_npc_encounter/node1"} <= done.state.seen
    assert done.state.flags == {"visited_tavern"}
    assert done.state.location == "tavern", "entering a scene bound to a place moves the player there"


def test_a_locked_choice_is_refused_with_its_reasons() -> None:
    spec = WorldSpec(harbor())
    been = start(spec)._replace(flags=frozenset({"visited_harbor"}))
    with pytest.raises(NotAvailable) as caught:
        step(spec, been, Choose(edge="edge2c"))
    assert [(v.code, v.subject) for v in caught.value.reasons] == [("not_flag", "visited_harbor")]


def test_explore_the_docks_leads_back_to_the_choice_without_itself() -> None:
    spec = WorldSpec(harbor())
    state = step(spec, start(spec), Choose(edge="edge2c")).state
    assert at(state) == "harbor_intro/node4"
    offered = {option.action.edge for option in options(spec, state) if isinstance(option.action, Choose)}
    assert offered == {"edge2a", "edge2b"}


def test_weighted_edges_must_be_drawn_by_the_shell_and_a_closed_one_is_refused() -> None:
    edges = [edge("x", "a", "b", weight=1), edge("y", "a", "c", weight=3), edge("z", "a", "c", conditions={"flags": ["no"]})]
    spec = world([node("a"), node("b"), node("c")], edges)
    with pytest.raises(Undrawn) as caught:
        step(spec, start(spec), Continue())
    assert caught.value.edges == (("x", 1.0), ("y", 3.0))
    assert at(step(spec, start(spec), Continue(via=("y",))).state) == "s/c"
    for via in (("z",), ("y", "x"), ("nonsense",)):
        with pytest.raises(NotAvailable):
            step(spec, start(spec), Continue(via=via))


def test_scene_nodes_go_on_at_once_and_come_back_where_they_should() -> None:
    caller = [node("a"), node("call", "scene", meta={"sceneConfig": {"scene": "t", "returns": True}}), node("after")]
    inner = scene("t", [node("in"), node("out", "end")], [edge("e", "in", "out")], location="market")
    spec = world(caller, [edge("e1", "a", "call"), edge("e2", "call", "after")], inner)
    state = step(spec, start(spec), Continue()).state
    assert (at(state), state.stack, state.location) == ("t/in", (NodeRef("s", "call"),), "market")
    back = step(spec, state, Continue()).state
    assert (at(back), back.stack, back.location) == ("s/after", (), "harbor")


def test_leaving_through_end_or_out_of_the_last_node_is_exploring() -> None:
    spec = world([node("a"), node("z", "end")], [edge("e", "a", "z")])
    state = step(spec, start(spec), Continue()).state
    assert (at(state), state.location) == ("exploring", "harbor")
    alone = world([node("a")], [])
    assert at(step(alone, start(alone), Continue()).state) == "exploring"


def test_a_choice_with_everything_locked_does_not_trap_the_player() -> None:
    spec = world([node("a"), node("q", "choice")], [edge("e", "a", "q"), edge("no", "q", "a", "No", conditions={"flags": ["never"]})])
    state = step(spec, start(spec), Continue()).state
    assert at(state) == "s/q"
    assert at(step(spec, state, Continue()).state) == "exploring"


def test_at_most_64_nodes_in_a_row_may_wait_for_nobody() -> None:
    spec = world([node("a"), node("x", "choice"), node("y", "choice")], [edge("e", "a", "x"), edge("f", "x", "y"), edge("g", "y", "x")])
    state = start(spec)
    with pytest.raises(NotAvailable, match="circle"):
        step(spec, state, Continue())


def test_scenes_call_scenes_at_most_16_deep() -> None:
    again = node("call", "scene", meta={"sceneConfig": {"scene": "s", "returns": True}})
    spec = world([node("a"), again], [edge("e", "a", "call")])
    state = start(spec)
    for _ in range(16):
        state = step(spec, state, Continue()).state
    assert len(state.stack) == 16
    with pytest.raises(NotAvailable, match="16"):
        step(spec, state, Continue())


def test_an_edge_may_lead_to_another_scene() -> None:
    out = {"key": "e", "from": "a", "to_scene": "t"}
    spec = world([node("a")], [out], scene("t", [node("first"), node("second")], [], entry_node="second"))
    assert at(step(spec, start(spec), Continue()).state) == "t/second"


def test_an_edge_may_be_taken_once_or_only_after_a_while() -> None:
    edges = [
        edge("once", "q", "q", "Once", meta={"once": True}),
        edge("slow", "q", "q", "Slow", meta={"cooldown_sec": 3600}),
        edge("out", "q", "", "Out"),
    ]
    spec = world([node("q", "choice")], edges, manifest={"wait": "free"})
    state = step(spec, step(spec, start(spec), Choose(edge="once")).state, Choose(edge="slow")).state
    assert {option.action.edge for option in options(spec, state) if isinstance(option.action, Choose)} == {"out"}
    later = state._replace(world_time=3600)
    assert {option.action.edge for option in options(spec, later) if isinstance(option.action, Choose)} == {"slow", "out"}


def test_travel_and_hotspots_need_exploring_or_a_free_node() -> None:
    door = {"key": "door", "scope": "location", "location": "harbor", "action": {"type": "change_location", "location": "market"}}
    spec = world([node("a"), node("f", meta={"free": True})], [edge("e", "a", "f")], hotspots=[door])
    busy = start(spec)
    for action in (Travel(location="market"), Hotspot(hotspot="door"), Wait(seconds=60)):
        with pytest.raises(NotAvailable, match="present scene"):
            step(spec, busy, action)
    free = step(spec, busy, Continue()).state
    travelled = step(spec, free, Travel(location="market")).state
    assert (at(travelled), travelled.location) == ("exploring", "market")
    assert step(spec, free, Hotspot(hotspot="door")).state.location == "market"


def test_a_way_may_be_locked() -> None:
    spec = WorldSpec(document(locations=[place("a"), place("b", travel_conditions={"time": {"from": "18:00", "to": "02:00"}})]))
    noon = start(spec)._replace(world_time=12 * 3600)
    with pytest.raises(NotAvailable) as caught:
        step(spec, noon, Travel(location="b"))
    assert caught.value.reasons[0].code == "time"
    assert step(spec, start(spec)._replace(world_time=19 * 3600), Travel(location="b")).state.location == "b"


@pytest.mark.parametrize(("wait", "exploring", "free"), [("never", False, False), ("places", True, False), ("free", True, True)])
def test_waiting_is_allowed_where_the_manifest_says(wait: str, exploring: bool, free: bool) -> None:
    spec = world([node("f", meta={"free": True}), node("z", "end")], [edge("e", "f", "z")], manifest={"wait": wait})
    at_node = start(spec)
    out = step(spec, at_node, Continue()).state
    for state, allowed in ((at_node, free), (out, exploring)):
        if allowed:
            assert step(spec, state, Wait(seconds=3600)).state.world_time == 3600
        else:
            with pytest.raises(NotAvailable):
                step(spec, state, Wait(seconds=3600))


@pytest.mark.parametrize("seconds", [0, -60, 59, 61, 8 * 86_400])
def test_one_waits_whole_minutes_up_to_a_week(seconds: int) -> None:
    spec = WorldSpec(document(locations=[place("a")]))
    with pytest.raises(Invalid):
        step(spec, start(spec), Wait(seconds=seconds))


def test_leave_tavern_and_rest_takes_eight_hours_and_leads_to_the_docks() -> None:
    spec = WorldSpec(harbor())
    state = step(spec, start(spec), Choose(edge="edge2b")).state
    state = step(spec, state, Continue()).state
    assert spec.present(state) == ("captain_mara",), "the scene places its NPC"
    state = step(spec, state, Choose(edge="leave")).state
    assert (at(state), state.location, spec.clock.at(state.world_time).label) == ("exploring", "harbor", "Day 1, 4:00 PM")
    assert spec.present(state) == ("captain_mara",), "and at four she is at the docks by her schedule"
    assert spec.mood_label(state, "captain_mara") == "neutral"


def test_a_missing_part_of_the_story_is_said_and_changes_nothing() -> None:
    spec = world([node("a")], [edge("e", "a", "gone")])
    state = start(spec)
    with pytest.raises(NotAvailable, match="missing"):
        step(spec, state, Continue())
    assert state == start(spec)
