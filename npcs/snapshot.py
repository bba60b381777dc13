"""Who an NPC is at this moment: the one shape that prompts, writers and the author's preview read. Pure; built from plain values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from npcs.memory import Memory, recall

TRAIT_DEFAULT: Final = 0.5
OCEAN: Final = ("openness", "conscientiousness", "extraversion", "agreeableness", "neuroticism")
# Part of the day by the hour it starts at, last first.
PARTS_OF_DAY: Final = ((22, "night"), (18, "evening"), (14, "afternoon"), (11, "midday"), (8, "morning"), (5, "dawn"), (0, "night"))


def part_of_day(hour: int) -> str:
    """dawn 5–8, morning 8–11, midday 11–14, afternoon 14–18, evening 18–22, else night; `hour` is 0–23."""
    return next(part for start, part in PARTS_OF_DAY if hour >= start)


def personality_of(own: Mapping[str, Any], role_default: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """An NPC's personality with what its role fills in; the five numbers are always there (0–1, default 0.5)."""
    merged: dict[str, Any] = dict.fromkeys(OCEAN, TRAIT_DEFAULT)
    merged.update(role_default or {})
    merged.update(own)
    return merged


def resolve_npc_snapshot(
    *,
    name: str,
    personality: Mapping[str, Any],
    mood: Mapping[str, Any],
    relationship: Mapping[str, int],
    tier: str,
    world_time: int,
    role: str = "",
    role_personality: Mapping[str, Any] | None = None,
    memories: Iterable[Memory | Mapping[str, Any]] = (),
    tags: Iterable[str] = (),
    drives: Mapping[str, int] | None = None,
    place: str = "",
    hour: int = 12,
    time_label: str = "",
    activity: str = "",
    memory_limit: int = 5,
    description: str = "",
    relationship_words: Mapping[str, str] | None = None,
    names: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The walkthrough's snapshot: `personality, mood, relationship (with tier), memory, voice_style`, and the place and time it was taken.

    `mood` is `{current_emotion, intensity 0–1, tags}`, with `sources` where it is known what it comes from; `relationship` holds every axis, and
    `relationship_words` its tiers; `tier` is the affinity tier in words; `memories` are all
    the NPC knows – the `memory_limit` most relevant to `tags` are taken, best first; `names` are those of other people by key; `hour` is 0–23 of
    the world's clock, `time_label` as the player reads it ("Day 1, 8:00 AM"). Nothing is computed here that a rule computes: mood and drives come
    in as they are.
    """
    traits = personality_of(personality, role_personality)
    known = [memory if isinstance(memory, Memory) else Memory.parse(memory) for memory in memories]
    recalled = recall(known, world_time=world_time, tags=(*tags, place), limit=memory_limit)
    return {
        "name": name,
        "role": role,
        "personality": traits,
        "mood": {
            "current_emotion": str(mood.get("current_emotion", "neutral")),
            "intensity": float(mood.get("intensity", 0.0)),
            "tags": list(mood.get("tags", ())),
            **({"sources": mood["sources"]} if mood.get("sources") else {}),
        },
        "relationship": {**relationship, "tier": tier},
        "memory": [_told(memory, world_time, names or {}) for memory in recalled],
        "voice_style": str(traits.get("voice_style", "")),
        "drives": dict(drives or {}),
        "place": {"name": place, "activity": activity},
        **({"description": description} if description else {}),
        **({"relationship_words": dict(relationship_words)} if relationship_words else {}),
        "time": {"world_time": world_time, "hour": hour, "part_of_day": part_of_day(hour), "label": time_label},
    }


def _told(memory: Memory, world_time: int, names: Mapping[str, str]) -> dict[str, Any]:
    """A memory with its age and how it came to be known: seen oneself, overheard from somebody, told by somebody. Who else was there is left out."""
    other = memory.of or memory.told_by
    source = {"source": memory.source, **({"from": names.get(other, other)} if other else {})}
    return {**replace(memory, witnesses=()).as_json(), "age_sec": max(0, world_time - memory.at), **source}
