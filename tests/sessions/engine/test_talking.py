"""Interactions, dialogue turns, memories, and the limits of what a model may propose."""

from __future__ import annotations

from typing import Any

import pytest

from pixsim.lib.errors import NotAvailable
from sessions.engine import Answered, Choose, Continue, Interact, PlayState, Say, StaleTurn, Started, begin, open_turn, step
from sessions.engine.talking import interaction_verdicts
from sessions.spec import WorldSpec
from tests.documents import harbor

MARA = "captain_mara"


def tavern(**manifest: Any) -> tuple[WorldSpec, PlayState]:
    document = harbor()
    document["world"]["meta"]["manifest"].update(manifest)
    spec = WorldSpec(document)
    state = step(spec, begin(spec, Started()).state, Choose(edge="edge2b")).state
    return spec, step(spec, state, Continue()).state


def reasons(spec: WorldSpec, state: PlayState, interaction: str, npc: str = MARA) -> list[str]:
    return [verdict.code for verdict in interaction_verdicts(spec, state, npc, spec.interactions(npc)[interaction])]


def answer(spec: WorldSpec, state: PlayState, **more: Any) -> PlayState:
    assert state.turn is not None
    return step(spec, state, Answered(turn=state.turn.id, text="A line.", writer="test", **more)).state


def test_talk_opens_a_turn_with_its_request_and_one_answer_closes_it() -> None:
    spec, state = tavern()
    done = step(spec, state, Interact(npc=MARA, interaction="talk", turn=7))
    assert done.state.turn is not None
    assert (done.state.turn.id, done.state.turn.waiting, done.requests[0].turn) == (7, True, 7)
    assert open_turn(done.state) is None
    after = answer(spec, done.state)
    assert open_turn(after) is not None
    assert after.talk[MARA].lines[-1].text == "A line."
    with pytest.raises(StaleTurn):
        step(spec, after, Answered(turn=7, text="Again.", writer="test"))


def test_good_coin_gives_five_affinity_a_memory_and_opens_the_rumors() -> None:
    spec, state = tavern()
    assert reasons(spec, state, "ask_rumors") == ["min_axis"], "Mara asks for 35, the world for 20"
    state = answer(spec, step(spec, state, Interact(npc=MARA, interaction="talk", turn=1)).state)
    state = step(spec, state, Say(choice="coin", turn=2)).state
    assert state.rel[MARA]["affinity"] == 35
    assert [memory.topic for memory in state.memories[MARA]] == ["work_opportunity"]
    assert reasons(spec, answer(spec, state), "ask_rumors") == []
    assert spec.mood_label(state, MARA) == "friendly"


def test_a_choice_sent_with_no_open_turn_is_interaction_and_choice_in_one_move() -> None:
    spec, state = tavern()
    done = step(spec, state, Interact(npc=MARA, interaction="talk", choice="coin", turn=1)).state
    assert done.rel[MARA]["affinity"] == 35
    assert done.turn is not None
    assert done.turn.said == "I heard there's good coin to be made."


def test_the_flirty_choice_needs_chemistry_and_makes_her_curious() -> None:
    spec, state = tavern()
    done = step(spec, state, Interact(npc=MARA, interaction="talk", choice="view", turn=1)).state
    assert spec.mood_label(done, MARA) == "curious"
    later = done._replace(world_time=done.world_time + 31 * 60)
    assert spec.mood_label(later, MARA) == "neutral"
    cold = state._replace(rel={MARA: {**state.rel[MARA], "chemistry": 29}})
    with pytest.raises(NotAvailable):
        step(spec, cold, Interact(npc=MARA, interaction="talk", choice="view", turn=1))


def test_any_other_move_abandons_an_open_turn_and_the_late_answer_is_refused() -> None:
    spec, state = tavern()
    asked = step(spec, state, Interact(npc=MARA, interaction="talk", turn=1)).state
    left = step(spec, asked, Choose(edge="leave")).state
    assert left.turn is None
    with pytest.raises(StaleTurn):
        step(spec, left, Answered(turn=1, text="Late.", writer="test"))


def test_a_conversation_closes_at_max_turns() -> None:
    spec, state = tavern(turn_presets={"conversation": {"avg_turns": 1, "max_turns": 2}})
    state = answer(spec, step(spec, state, Interact(npc=MARA, interaction="talk", turn=1)).state)
    state = answer(spec, step(spec, state, Say(choice="adventure", turn=2)).state)
    assert state.turn is not None
    assert state.turn.closed
    with pytest.raises(NotAvailable):
        step(spec, state, Say(choice="adventure", turn=3))


def test_cooldown_counts_in_world_time() -> None:
    spec, state = tavern()
    state = state._replace(rel={MARA: {**state.rel[MARA], "affinity": 50}})
    state = step(spec, state, Interact(npc=MARA, interaction="ask_rumors", turn=1)).state
    assert reasons(spec, state, "ask_rumors") == ["cooldown"]
    assert reasons(spec, state._replace(world_time=3600), "ask_rumors") == []


def test_presence_is_required_unless_remote() -> None:
    spec, state = tavern()
    assert reasons(spec, state, "talk", "ren")[0] == "npc_present"


def test_talks_gate_locks_jorin_at_minus_ten() -> None:
    spec, state = tavern()
    wary = state._replace(rel={MARA: {"affinity": -10}})
    assert reasons(spec, wary, "talk") == ["min_axis"]


def test_without_romance_chemistry_gates_stay_locked_and_effects_do_nothing() -> None:
    spec, state = tavern(enabled_features=["dialogue"])
    warm = state._replace(rel={MARA: {"affinity": 90, "chemistry": 90, "trust": 70}})
    assert "romance" in reasons(spec, warm, "flirt")
    asked = step(spec, warm, Interact(npc=MARA, interaction="talk", turn=1)).state
    after = answer(spec, asked, proposed={"relationships": {"chemistry": 5}})
    assert after.rel[MARA]["chemistry"] == 90


def test_a_player_who_asks_for_safe_content_meets_no_romance() -> None:
    spec, state = tavern()
    warm = state._replace(rel={MARA: {"affinity": 90, "chemistry": 90, "trust": 70}}, rating="sfw")
    assert "romance" in reasons(spec, warm, "flirt")


def test_what_a_model_proposes_is_clamped_by_turn_and_day_and_undeclared_names_do_nothing() -> None:
    spec, state = tavern()
    proposed = {"relationships": {"affinity": 50, "intelligence": 9}, "flags": ["visited_tavern", "made_up"]}
    gained = []
    for turn in range(1, 6):
        before = state.rel[MARA]["affinity"]
        state = answer(spec, step(spec, state, Interact(npc=MARA, interaction="talk", turn=turn)).state, proposed=proposed)
        gained.append(state.rel[MARA]["affinity"] - before)
    assert gained == [5, 5, 5, 0, 0]
    assert "made_up" not in state.flags
    assert "intelligence" not in state.rel[MARA]
    tomorrow = state._replace(world_time=state.world_time + 86_400)
    again = answer(spec, step(spec, tomorrow, Interact(npc=MARA, interaction="talk", turn=9)).state, proposed=proposed)
    assert again.rel[MARA]["affinity"] == state.rel[MARA]["affinity"] + 5


def test_free_words_are_taken_only_where_the_world_takes_them() -> None:
    for allowed in (False, True):
        spec, state = tavern(free_text=allowed)
        state = answer(spec, step(spec, state, Interact(npc=MARA, interaction="talk", turn=1)).state)
        if allowed:
            said = step(spec, state, Say(text="Nice hat.", turn=2)).state
            assert said.turn is not None
            assert said.turn.said == "Nice hat."
        else:
            with pytest.raises(NotAvailable):
                step(spec, state, Say(text="Nice hat.", turn=2))
