"""The shortest way to open what is locked: real moves, or what makes it impossible."""

from __future__ import annotations

from typing import Any

import pytest

from sessions.analysis.moves import started
from sessions.analysis.unlock import Way, shortest_way
from sessions.engine import PlayState, step
from sessions.engine.talking import interaction_open
from sessions.spec import WorldSpec
from tests.documents import document, npc, place
from tests.playing import HARBOR_DISTRICT
from worlds.archive import read_folder

Json = dict[str, Any]

TALK: Json = {
    "label": "Talk",
    "choices": [
        {"id": "coin", "label": "Good coin", "effects": {"relationships": {"npc": {"affinity": "+5"}}}, "once": True},
        {"id": "sky", "label": "The sky", "effects": {"relationships": {"npc": {"affinity": "+1"}}}},
    ],
}


def world(target: Json, *, schedule: list[Json] | None = None, talk: Json | None = None, **manifest: Any) -> tuple[WorldSpec, PlayState]:
    spec = WorldSpec(
        document(
            manifest={"wait": "places", "interactions": {"talk": talk or TALK, "secret": {"label": "Secret", **target}}, **manifest},
            locations=[place("harbor"), place("tavern")],
            npcs=[npc("mara", home="harbor", schedule=schedule or [], initial={"relationships": {"affinity": 30}})],
        )
    )
    return spec, next(started(spec)).state


def found(spec: WorldSpec, state: PlayState) -> Way:
    way = shortest_way(spec, state, "mara", "secret")
    assert way is not None
    for each in way.steps:
        for action in each.actions:
            state = step(spec, state, action).state
    if way.status == "way":
        assert interaction_open(spec, state, "mara", spec.interactions("mara")["secret"])
    return way


def test_a_few_points_of_affinity_are_earned_by_the_choice_that_gives_them() -> None:
    way = found(*world({"gating": {"min_affinity": 35}}))
    assert (way.status, way.shortest) == ("way", True)
    assert [step.words for step in way.steps] == ["Talk with Mara", "+5 Affinity: say “Good coin” in Talk with Mara"]


def test_of_two_ways_the_shorter_is_told() -> None:
    way = found(*world({"gating": {"min_affinity": 36}}))
    assert way.shortest
    assert sum("sky" in step.text for step in way.steps) == 1
    assert sum("coin" in step.text for step in way.steps) == 1


def test_the_hours_are_waited_for_and_told() -> None:
    way = found(*world({"gating": {"time": {"from": "18:00", "to": "23:00"}}}))
    assert [step.text for step in way.steps] == ["wait 18 h, until Day 1, 6:00 PM"]
    assert way.hours == ("Open 18:00–23:00",)


def test_somebody_elsewhere_is_gone_to_or_waited_for() -> None:
    noon = {"key": "noon", "days": [2], "start": "12:00", "end": "13:00", "location": "tavern"}
    way = found(*world({"gating": {"location": ["tavern"]}}, schedule=[noon]))
    assert {step.text for step in way.steps} == {"go to Tavern", "wait 36 h, until Day 2, 12:00 PM"}


def test_what_never_comes_together_is_impossible_and_the_clauses_are_named() -> None:
    noon = {"key": "noon", "days": [2], "start": "12:00", "end": "13:00", "location": "tavern"}
    way = found(*world({"gating": {"location": ["tavern"], "time": {"from": "18:00", "to": "23:00"}}}, schedule=[noon]))
    assert way.status == "impossible"
    assert way.conflicts
    once = {"label": "Talk", "choices": TALK["choices"][:1]}
    way = found(*world({"gating": {"min_affinity": 36, "flags": ["met"]}}, talk=once))
    assert {(v.code, v.subject) for v in way.conflicts} == {("min_axis", "affinity"), ("flag", "met")}
    assert "Need affinity 36" in way.words


def test_a_small_budget_says_unknown_and_never_guesses() -> None:
    way = shortest_way(*world({"gating": {"min_affinity": 99}}), "mara", "secret", budget=20)
    assert way is not None
    assert (way.status, way.steps) == ("unknown", ())


def test_what_is_open_needs_no_way_and_what_does_not_exist_has_none() -> None:
    spec, state = world({})
    assert found(spec, state).status == "open"
    assert shortest_way(spec, state, "mara", "nothing") is None
    assert shortest_way(spec, state, "nobody", "talk") is None


@pytest.mark.parametrize(("npc_key", "interaction"), [("captain_mara", "ask_rumors"), ("captain_mara", "flirt"), ("jorin", "talk"), ("ren", "talk")])
def test_in_the_harbor_district_locked_doors_have_ways(npc_key: str, interaction: str) -> None:
    spec = WorldSpec(read_folder(HARBOR_DISTRICT).document)
    state = next(started(spec)).state
    way = shortest_way(spec, state, npc_key, interaction)
    assert way is not None
    assert way.status == "way", way.words
    for each in way.steps:
        for action in each.actions:
            state = step(spec, state, action).state
    assert interaction_open(spec, state, npc_key, spec.interactions(npc_key)[interaction])
