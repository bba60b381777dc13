"""Who knows what: memories with their witnesses, gossip, need-to-know, and feelings that fade."""

from __future__ import annotations

from typing import Any

import pytest

from npcs.memory import SHORT_TERM_SEC, known_to
from sessions import parts
from sessions.dialogue import request_for
from sessions.engine import Interact, PlayState, describe, diff, step
from sessions.engine.draft import StateDraft
from sessions.spec import WorldSpec

from . import test_talking
from .test_talking import MARA, answer

REN, JORIN = "ren", "jorin"


def tavern() -> tuple[WorldSpec, PlayState]:
    """The tavern, in a world where a third person walks his round somewhere else."""
    spec, state = test_talking.tavern()
    document = {**spec.document, "npcs": [*spec.document["npcs"], {"key": JORIN, "name": "Jorin", "role": "guard", "home": "docks"}]}
    return WorldSpec(document), state


def told(spec: WorldSpec, state: PlayState, **effects: Any) -> PlayState:
    """The state after effects, as a choice of Mara's would have them."""
    draft = StateDraft(state)
    draft.apply(spec, parts.effects(effects, spec._context), MARA)
    return draft.done().state


def brought(spec: WorldSpec, state: PlayState, *people: str) -> PlayState:
    return told(spec, state, place={f"npc:{npc}": {"location": state.location, "until": 10**6} for npc in people})


def test_whoever_is_there_sees_what_happens_to_another() -> None:
    spec, state = tavern()
    state = brought(spec, state, REN)
    state = step(spec, state, Interact(npc=MARA, interaction="talk", choice="coin", turn=1)).state
    assert state.memories[MARA][0].witnesses == (REN,)
    assert REN not in state.memories, "it is kept once, with her to whom it happened"
    assert [memory.source for memory in known_to(REN, state.memories)] == ["overheard"]
    assert known_to(JORIN, state.memories) == ()


def test_what_is_private_has_no_witness() -> None:
    spec, state = tavern()
    state = told(spec, brought(spec, state, REN), memory={"npc": {"topic": "cellar", "summary": "Knows of the cellar.", "private": True}})
    assert state.memories[MARA][0].witnesses == ()
    assert known_to(REN, state.memories) == ()


def test_gossip_goes_to_those_named_or_to_all_who_are_with_the_teller() -> None:
    spec, state = tavern()
    state = told(spec, state, memory={"npc": {"topic": "work", "summary": "Wants work.", "importance": 6}})
    near = brought(spec, state, REN)
    heard = told(spec, near, gossip={"npc": {}})
    assert [(memory.topic, memory.told_by, memory.importance) for memory in heard.memories[REN]] == [("work", MARA, 5)]
    assert JORIN not in heard.memories
    far = told(spec, state, gossip={"npc": {"to": ["npc:jorin"], "topic": "work"}})
    assert far.memories[JORIN][0].told_by == MARA
    assert told(spec, state, gossip={"npc": {"to": ["npc:jorin"], "topic": "bread"}}).memories == state.memories


def test_a_story_wanders_on_and_never_comes_back_to_its_teller() -> None:
    spec, state = tavern()
    state = told(spec, state, memory={"npc": {"topic": "work", "summary": "Wants work.", "importance": 6}})
    state = told(spec, state, gossip={"npc": {"to": ["npc:ren"]}})
    state = told(spec, state, gossip={"npc:ren": {"to": ["npc:jorin", "npc:captain_mara"]}})
    assert (state.memories[JORIN][0].told_by, state.memories[JORIN][0].importance) == (REN, 4)
    assert len(state.memories[MARA]) == 1


def test_gossip_is_described_in_words() -> None:
    spec, state = tavern()
    state = told(spec, state, memory={"npc": {"topic": "work", "summary": "Wants work."}})
    after = told(spec, state, gossip={"npc": {"to": ["npc:ren"]}})
    labels = [change.label for change in describe(spec, diff(state.to_json(), after.to_json()))]
    assert labels == ["Captain Mara tells Ren about it"]


def test_a_writer_hears_only_what_its_npc_knows() -> None:
    spec, state = tavern()
    secrets = {"npc:ren": {"topic": "CANARY-REN", "summary": "CANARY-REN"}, "npc:jorin": {"topic": "CANARY-JORIN", "summary": "CANARY-JORIN"}}
    state = told(spec, state, memory={**secrets, "npc": {"topic": "work", "summary": "Wants work."}})
    asked = step(spec, state, Interact(npc=MARA, interaction="talk", turn=1)).state
    assert asked.turn is not None
    request = request_for(spec, asked, asked.turn, seed=1)
    assert "CANARY" not in repr(request)
    assert [memory["topic"] for memory in request.snapshot["memory"]] == ["work"]


def test_a_writer_is_told_from_whom_its_npc_has_it() -> None:
    spec, state = tavern()
    state = told(spec, state, memory={"npc:ren": {"topic": "debt", "summary": "Owes Ren silver."}})
    state = told(spec, state, gossip={"npc:ren": {"to": ["npc:captain_mara"]}})
    asked = step(spec, state, Interact(npc=MARA, interaction="talk", turn=1)).state
    assert asked.turn is not None
    (known,) = request_for(spec, asked, asked.turn, seed=1).snapshot["memory"]
    assert (known["source"], known["from"]) == ("told", "Ren")


def test_forty_things_are_kept_and_the_same_history_leaves_the_same_forty() -> None:
    spec, state = tavern()

    def lived() -> PlayState:
        now = state
        for number in range(60):
            now = told(spec, now, memory={"npc": {"topic": f"t{number}", "summary": "x", "importance": number % 10 + 1, "kind": "long"}})
        return now

    assert len(lived().memories[MARA]) == 40
    assert lived().memories == lived().memories


@pytest.mark.parametrize(("minutes", "mood"), [(0, "angry"), (29, "neutral"), (31, "neutral")])
def test_a_feeling_names_the_mood_while_it_is_strong_and_fades(minutes: int, mood: str) -> None:
    spec, state = tavern()
    state = told(spec, state, emotion={"npc": {"label": "angry", "intensity": 0.9, "minutes": 30}})
    later = state._replace(world_time=state.world_time + minutes * 60)
    assert spec.mood_label(later, MARA) == mood


def test_a_short_memory_is_gone_after_a_day_of_world_time() -> None:
    spec, state = tavern()
    state = told(spec, state, memory={"npc": {"topic": "work", "summary": "Wants work."}})
    later = state._replace(world_time=state.world_time + SHORT_TERM_SEC)
    asked = answer(spec, step(spec, later, Interact(npc=MARA, interaction="talk", turn=1)).state)
    assert asked.turn is not None
    assert request_for(spec, asked, asked.turn, seed=1).snapshot["memory"] == []
