"""`POST /npc-prompts/visual`: the walkthrough's call on the walkthrough's person."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from npcs.models import Npc
from scenes.models import Scene
from tests.playing import account, harbor_district
from worlds.models import Location, World

pytestmark = pytest.mark.django_db
ACTION = {"pose": "leaning_on_bar", "intensity": 0.6, "mood": "curious", "camera_angle": "medium_closeup"}
PRINTED = (
    "A gruff ship captain leans casually on the bar, eyeing you with curiosity. She's weathered but strong, wearing a naval coat. "
    "Tavern interior, dim lighting."
)


@pytest.fixture
def world() -> World:
    return harbor_district(owner=account("keeper", author=True))


def ask(world: World, npc: str = "captain_mara", scene: str | None = "tavern_npc_encounter", **body: Any) -> Any:
    client = APIClient()
    client.force_authenticate(world.owner)
    who = Npc.objects.get(world=world, key=npc)
    if scene:
        body["scene_id"] = Scene.objects.get(world=world, key=scene).pk
    return client.post("/api/v1/npc-prompts/visual", {"npc_id": who.pk, **body}, format="json")


def mara_at(world: World, **values: Any) -> dict[str, Any]:
    return {"relationships": {f"npc_{Npc.objects.get(world=world, key='captain_mara').pk}": values}}


def test_the_printed_prompt(world: World) -> None:
    answer = ask(world, action_block=ACTION, style={"mood": "curious"}, state=mara_at(world, affinity=50, chemistry=40))
    assert answer.status_code == 200, answer.content
    found = answer.json()
    assert found["text"] == PRINTED
    assert found["relationship"]["affinity"] == {"value": 50, "words": "friendly acquaintance"}
    assert found["relationship"]["chemistry"] == {"value": 40, "words": "mild attraction"}
    assert found["snapshot"]["place"]["name"] == "The Rusty Anchor Tavern"
    assert found["snapshot"]["relationship"]["tier"] == "friendly acquaintance"
    assert {"text": "gruff", "sources": ["personality.voice_style"]} in found["sections"][0]["phrases"]


def test_everybody_of_the_district_can_be_filmed(world: World) -> None:
    texts = {npc: ask(world, npc, None).json()["text"] for npc in ("captain_mara", "ren", "jorin")}
    assert texts["captain_mara"].startswith("A gruff ship captain stands calmly before you, ")
    assert texts["jorin"].startswith("A formal harbor guard stands guardedly before you, ")
    assert "wearing a grey cloak and a hood" in texts["ren"]
    assert len(set(texts.values())) == 3


def test_a_mood_of_her_own_names_what_it_comes_from(world: World) -> None:
    calm, tense = ask(world), ask(world, state=mara_at(world, tension=80))
    assert "glaring at you with" in tense.json()["text"]
    gaze = next(section for section in tense.json()["sections"] if section["name"] == "expression")
    assert {"mood.current_emotion", "relationships.tension", "personality.neuroticism", "drives.hunger"} <= set(gaze["sources"])
    assert "glaring" not in calm.json()["text"]


def test_without_a_scene_it_is_where_the_state_or_the_schedule_says(world: World) -> None:
    assert "Harbor docks in the morning." in ask(world, scene=None).json()["text"]
    assert "Central market at midday." in ask(world, scene=None, state={"world_time": 5 * 3600}).json()["text"]
    tavern = Location.objects.get(world=world, key="tavern")
    assert "Tavern interior" in ask(world, scene=None, state={"location": tavern.pk}).json()["text"]
    refused = ask(world, scene=None, state={"location": "moon"})
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["pointer"] == "/state/location"


def test_what_is_wrong_is_pointed_at(world: World) -> None:
    answer = ask(world, action_block={"intensity": 2}, style={"time_of_day": 7}, state={"mood": "Very Odd"})
    assert answer.status_code == 400
    assert {error["pointer"] for error in answer.json()["errors"]} == {"/action_block/intensity", "/style/time_of_day", "/state/mood"}
    assert ask(world, state=mara_at(world, charm=5)).json()["errors"][0]["pointer"] == "/state/relationships/npc:captain_mara/charm"
    assert (
        ask(world, state={"flags": ["a"], "stats": {"coin": 3}, "inventory": {"rope": 1}, "seen": ["harbor_intro/node1"], "seed": 7}).status_code
        == 200
    )


def test_a_minor_is_never_shown_romantically(world: World) -> None:
    Npc.objects.filter(world=world, key="ren").update(is_minor=True)
    refused = ask(world, "ren", None, action_block={"mood": "flirty"})
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["pointer"] == "/action_block/mood"
    plain = ask(world, "ren", None, state={"relationships": {"npc:ren": {"chemistry": 100, "intimacy_level": 5}}})
    assert "attraction" not in plain.json()["text"]
    assert plain.json()["text"].startswith("A witty young pickpocket")
