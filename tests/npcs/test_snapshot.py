"""The snapshot has the shape the walkthrough prints, from plain values."""

from __future__ import annotations

import pytest

from npcs.snapshot import part_of_day, personality_of, resolve_npc_snapshot

MARA = {
    "openness": 0.6,
    "conscientiousness": 0.8,
    "extraversion": 0.7,
    "agreeableness": 0.5,
    "neuroticism": 0.3,
    "occupation": "ship captain",
    "voice_style": "gruff but fair",
}


def snapshot(**changed):
    values = {
        "name": "Captain Mara",
        "personality": MARA,
        "mood": {"current_emotion": "friendly", "intensity": 0.6, "tags": ["approachable"]},
        "relationship": {"affinity": 35, "trust": 20, "chemistry": 40, "tension": 10, "intimacy_level": 0},
        "tier": "acquaintance",
        "world_time": 0,
        "hour": 8,
        "place": "The Rusty Anchor Tavern",
    }
    return resolve_npc_snapshot(**{**values, **changed})


def test_it_has_the_printed_shape():
    found = snapshot()
    assert found["personality"] == MARA
    assert found["mood"] == {"current_emotion": "friendly", "intensity": 0.6, "tags": ["approachable"]}
    assert found["relationship"] == {
        "affinity": 35,
        "trust": 20,
        "chemistry": 40,
        "tension": 10,
        "intimacy_level": 0,
        "tier": "acquaintance",
    }
    assert found["memory"] == []
    assert found["voice_style"] == "gruff but fair"
    assert found["place"]["name"] == "The Rusty Anchor Tavern"
    assert found["time"]["part_of_day"] == "morning"


def test_a_role_fills_what_the_person_leaves_out_and_no_more():
    found = personality_of({"openness": 0.9}, {"openness": 0.1, "neuroticism": 0.8, "occupation": "thief"})
    assert found["openness"] == 0.9
    assert found["neuroticism"] == 0.8
    assert found["occupation"] == "thief"
    assert found["extraversion"] == 0.5


def test_memories_come_with_their_age_and_the_most_relevant_first():
    memories = [
        {"topic": "weather", "summary": "Rain.", "importance": 3, "at": 0},
        {"topic": "work_opportunity", "summary": "Wants work.", "importance": 5, "at": 0},
    ]
    found = snapshot(memories=memories, world_time=7200, tags=["rain", "weather"])["memory"]
    assert [memory["topic"] for memory in found] == ["weather", "work_opportunity"]
    assert found[0]["age_sec"] == 7200


def test_it_changes_nothing_it_was_given():
    memories = [{"topic": "a", "summary": "b"}]
    snapshot(memories=memories)
    assert memories == [{"topic": "a", "summary": "b"}]


@pytest.mark.parametrize(
    ("hour", "part"),
    [(0, "night"), (4, "night"), (5, "dawn"), (8, "morning"), (11, "midday"), (14, "afternoon"), (18, "evening"), (22, "night")],
)
def test_the_day_has_parts(hour, part):
    assert part_of_day(hour) == part
