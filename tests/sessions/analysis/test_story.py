"""What the analysis says of whole worlds: ways that are played, what never happens and why, traps, and nothing where it does not know."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from sessions.analysis.answers import Answer, Story
from sessions.analysis.report import problems, story_json
from sessions.analysis.story import BUDGET, analyse
from sessions.engine import PlayState, begin, step
from sessions.engine.actions import Started
from sessions.spec import WorldSpec
from tests.documents import document, edge, node, npc, place, scene
from tests.playing import HARBOR_DISTRICT
from worlds.archive import read_folder, write_folder

Json = dict[str, Any]

HARBOR_STEPS = 40_000


def world(nodes: list[Json], edges: list[Json], *, manifest: Json | None = None, **more: Any) -> WorldSpec:
    return WorldSpec(document(manifest={"wait": "never", **(manifest or {})}, scenes=[scene("s", nodes, edges, is_entry=True)], **more))


def choices(*edges: Json) -> WorldSpec:
    """A choice, and an end for each edge that leads on."""
    return world([node("hall", "choice"), *(node(each["to"], "end") for each in edges if each["to"] != "hall")], list(edges))


def talk(gating: Json, *, schedule: list[Json], wait: str = "places", **manifest: Any) -> WorldSpec:
    """One may go where one likes and talk to Mara."""
    return WorldSpec(
        document(
            manifest={"wait": wait, "interactions": {"talk": {"label": "Talk", "gating": gating}}, **manifest},
            locations=[place("harbor"), place("tavern")],
            npcs=[npc("mara", home="harbor", schedule=schedule, initial={"relationships": {"affinity": 30}})],
        )
    )


def of(story: Story, kind: str, path: str) -> Answer:
    return story.answers[kind, path]


def arrived(spec: WorldSpec, answer: Answer) -> PlayState:
    """Where the way of an answer leads, played move by move."""
    (start,), *moves = answer.way
    assert isinstance(start, Started)
    state = begin(spec, start).state
    for actions in moves:
        for action in actions:
            state = step(spec, state, action).state
    return state


# -- what can be reached ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def harbor() -> tuple[WorldSpec, Story]:
    spec = WorldSpec(read_folder(HARBOR_DISTRICT).document)
    return spec, analyse(spec)


def test_in_the_harbor_district_every_ending_has_a_way_that_is_played(harbor: tuple[WorldSpec, Story]) -> None:
    spec, story = harbor
    assert {path for _, path in story.endings} == {"ending_ash", "ending_sold", "ending_tide", "ending_watch"}
    for kind, path in story.endings:
        assert path in arrived(spec, of(story, kind, path)).flags


def test_of_the_harbor_district_nothing_stays_unknown_and_it_does_not_take_long(harbor: tuple[WorldSpec, Story]) -> None:
    _, story = harbor
    assert [subject for subject, answer in story.answers.items() if answer.status != "reachable"] == []
    assert story.steps < HARBOR_STEPS


def test_the_way_to_a_node_is_the_shortest_where_every_state_was_seen() -> None:
    nodes = [node("hall", "choice"), node("short"), node("long"), node("longer"), node("d", "end")]
    edges = [edge("1", "hall", "short", "Short"), edge("2", "hall", "long", "Long"), edge("3", "long", "longer"), edge("4", "longer", "d")]
    answer = of(analyse(world(nodes, [*edges, edge("5", "short", "d")])), "node", "s/d")
    assert (answer.shortest, len(answer.way)) == (True, 3)  # how it begins, the choice, and on


def test_what_takes_a_writers_help_says_so() -> None:
    spec = talk({}, schedule=[], enabled_features=["dialogue"])
    spec.document["world"]["meta"]["manifest"]["interactions"]["secret"] = {"label": "Secret", "gating": {"min_affinity": 38}}
    story = analyse(WorldSpec(spec.document))
    assert story.writer
    assert not of(story, "interaction", "mara/talk").with_writer
    secret = of(story, "interaction", "mara/secret")
    assert (secret.status, secret.with_writer) == ("reachable", True)


# -- what cannot, and why ---------------------------------------------------------------------------------------------


def test_the_clauses_that_conflict_are_named() -> None:
    shut = edge("shut", "hall", "vault", "Shut", conditions={"flags": ["key"], "stats": {"coin": {"min": 9}}, "seen": ["hall"]})
    spec = world(
        [node("hall", "choice"), node("vault", "end"), node("out", "end")],
        [shut, edge("pay", "hall", "out", "Pay", effects={"stats": {"coin": "+2"}})],
        manifest={"stats": {"coin": {"min": 0, "max": 20, "default": 3}}},
    )
    answer = of(analyse(spec), "edge", "edge/s/shut")
    assert answer.status == "impossible"
    assert {(verdict.code, verdict.subject, verdict.had) for verdict in answer.conflicts} == {("flag", "key", False), ("stat", "coin", 5)}


def test_what_lies_behind_something_impossible_names_that_instead() -> None:
    shut = edge("shut", "hall", "vault", "Shut", conditions={"flags": ["key"]})
    nodes = [node("hall", "choice"), node("vault"), node("deep", "end"), node("out", "end")]
    story = analyse(world(nodes, [shut, edge("leave", "hall", "out", "Leave"), edge("down", "vault", "deep")]))
    behind = of(story, "edge", "edge/s/down")
    assert (behind.status, behind.conflicts, behind.needs) == ("impossible", (), (("node", "s/vault"),))


def test_an_open_choice_keeps_the_automatic_edge_of_its_node_shut() -> None:
    nodes = [node("hall", "choice"), node("left", "end"), node("right", "end")]
    story = analyse(world(nodes, [edge("left", "hall", "left", "Left"), edge("by_itself", "hall", "right")]), budget=0)
    assert of(story, "edge", "edge/s/by_itself").status == "impossible"
    assert of(story, "node", "s/right").status == "impossible"
    gated = edge("left", "hall", "left", "Left", conditions={"flags": ["key"]})
    assert of(analyse(world(nodes, [gated, edge("by_itself", "hall", "right")])), "node", "s/right").status == "reachable"


def test_a_choice_after_something_that_moves_people_is_not_held_to_where_it_began() -> None:
    spec = talk({"location": ["harbor"]}, schedule=[], wait="never")
    talking = spec.document["world"]["meta"]["manifest"]["interactions"]["talk"]
    talking |= {"effects": {"move_to": "tavern"}, "choices": [{"id": "there", "label": "There", "conditions": {"location": ["tavern"]}}]}
    spec = WorldSpec(spec.document)
    assert of(analyse(spec), "choice", "mara/talk/there").status == "reachable"
    assert of(analyse(spec, budget=0), "choice", "mara/talk/there").status != "impossible"


def test_from_a_free_node_one_travels_to_whom_one_meets_elsewhere() -> None:
    spec = talk({}, schedule=[], wait="never")
    inn = scene("s", [node("table", meta={"free": True})], [edge("again", "table", "table", "Again")], is_entry=True, location="tavern")
    spec.document["scenes"].append(inn)
    for budget in (0, BUDGET):
        assert of(analyse(WorldSpec(spec.document), budget=budget), "interaction", "mara/talk").status != "impossible"


def test_where_no_gate_asks_for_the_place_one_still_goes_back() -> None:
    spec = WorldSpec(document(manifest={"wait": "never"}, locations=[place("harbor"), place("tavern")]))
    story = analyse(spec)
    assert {of(story, "travel", f"place/{key}").status for key in ("harbor", "tavern")} == {"reachable"}


NIGHT = [{"key": "night", "days": [1, 2, 3, 4, 5, 6, 7], "start": "22:00", "end": "06:00", "location": "tavern"}]


@pytest.mark.parametrize(
    ("gating", "status"),
    [
        ({"location": ["tavern"], "time": {"from": "09:00", "to": "17:00"}}, "impossible"),
        ({"location": ["tavern"], "time": {"from": "17:00", "to": "23:00"}}, "reachable"),
        ({"location": ["harbor"], "time": {"from": "09:00", "to": "17:00"}}, "reachable"),
    ],
)
def test_who_can_never_be_met_at_the_needed_place_and_hour_is_said(gating: Json, status: str) -> None:
    answer = of(analyse(talk(gating, schedule=NIGHT)), "interaction", "mara/talk")
    assert (answer.status, answer.met) == (status, status == "reachable")
    assert ({verdict.code for verdict in answer.conflicts} == {"npc_present", "location", "time"}) is (status == "impossible")


# -- traps, gates and flags -------------------------------------------------------------------------------------------


def test_a_soft_lock_is_told_from_a_dead_end() -> None:
    """From the pit one only goes round; from the sea, where nobody is and no way leads, no move is left at all."""
    nodes = [node("hall", "choice"), node("won", "end", meta={"endConfig": {"outcome": "won"}}), node("pit", "choice"), node("sea", "end")]
    edges = [
        edge("win", "hall", "won", "Win"),
        edge("fall", "hall", "pit", "Fall"),
        edge("stay", "pit", "pit", "Stay"),
        edge("swim", "hall", "sea", "Swim"),
    ]
    found = {(trap.kind, trap.node) for trap in analyse(world(nodes, edges)).traps}
    assert found >= {("soft_lock", "s/pit"), ("dead_end", "")}
    assert ("dead_end", "s/pit") not in found


def test_a_way_leads_to_a_trap() -> None:
    nodes = [node("hall", "choice"), node("won", "end", meta={"endConfig": {"outcome": "won"}}), node("pit", "choice")]
    spec = world(nodes, [edge("win", "hall", "won", "Win"), edge("fall", "hall", "pit", "Fall"), edge("stay", "pit", "pit", "Stay")])
    (trap,) = (trap for trap in analyse(spec).traps if trap.kind == "soft_lock")
    state = begin(spec, trap.way[0][0]).state  # type: ignore[arg-type]
    for actions in trap.way[1:]:
        state = step(spec, state, actions[0]).state
    assert state.at is not None
    assert state.at.path == "s/pit"


def test_gates_that_are_never_shut_and_flags_nobody_reads_are_told() -> None:
    always = edge("always", "hall", "a", "Always", conditions={"stats": {"coin": {"min": 0}}}, effects={"flags": ["unread"]})
    sometimes = edge("sometimes", "hall", "b", "Sometimes", conditions={"stats": {"coin": {"min": 3}}, "flags": ["!unset"]})
    poorer = edge("poorer", "hall", "hall", "Pay", effects={"stats": {"coin": "-1"}})
    spec = world(
        [node("hall", "choice"), node("a", "end"), node("b", "end")],
        [always, sometimes, poorer],
        manifest={"stats": {"coin": {"min": 0, "max": 9, "default": 3}}},
    )
    story = analyse(spec)
    assert story.always == (("edge", "edge/s/always"),)
    assert (story.unread, story.unset) == (("unread",), ("unset",))
    assert {problem.code for problem in problems(spec.document, story_json(spec, story))} >= {"always_open", "flag_never_read"}


# -- what is not known ------------------------------------------------------------------------------------------------


def test_where_the_effort_is_spent_nothing_is_guessed() -> None:
    for budget, status in ((50, "unknown"), (20_000, "reachable")):
        assert of(analyse(far(), budget=budget), "node", "s/rich").status == status


def test_the_same_question_has_the_same_answer() -> None:
    spec = WorldSpec(read_folder(HARBOR_DISTRICT).document)
    assert analyse(spec, budget=3_000) == analyse(WorldSpec(spec.document), budget=3_000)


# -- the command ------------------------------------------------------------------------------------------------------


def far() -> WorldSpec:
    """An ending that takes 900 moves: little effort does not find it."""
    spec = choices(
        edge("more", "hall", "hall", "More", effects={"stats": {"coin": "+1"}}),
        edge("rich", "hall", "rich", "Rich", conditions={"stats": {"coin": {"min": 900}}}),
    )
    spec.document["world"]["meta"]["manifest"]["stats"] = {"coin": {"min": 0, "max": 999, "default": 0}}
    return WorldSpec(spec.document)


def test_the_command_leaves_with_2_where_something_stays_unknown_unless_that_is_allowed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_folder(far().document, tmp_path)
    with pytest.raises(SystemExit) as left:
        call_command("analyse_world", folder=tmp_path, steps=50)
    assert left.value.code == 2
    told = capsys.readouterr().out
    assert "too big to see every state" in told
    assert "“Hall”" not in told
    assert "Ending “s: rich”: unknown" in told
    call_command("analyse_world", folder=tmp_path, steps=50, allow_unknown=True)
    call_command("analyse_world", folder=tmp_path)
    assert "Ending “s: rich”: reachable in 901 moves" in capsys.readouterr().out


def test_the_command_gives_the_whole_report_as_json_and_leaves_with_1_for_what_never_happens(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shut = edge("shut", "hall", "vault", "Shut", conditions={"flags": ["key"]})
    write_folder(choices(shut, edge("leave", "hall", "out", "Leave")).document, tmp_path)
    with pytest.raises(SystemExit) as left:
        call_command("analyse_world", folder=tmp_path, json=True)
    assert left.value.code == 1
    report = json.loads(capsys.readouterr().out)
    (vault,) = (each for each in report["answers"] if each["path"] == "s/vault")
    assert vault["needs"] == [{"kind": "edge", "path": "edge/s/shut", "label": "s: “Shut”"}]
    assert "never set where it is needed" in " ".join(problem["message"] for problem in report["problems"])
