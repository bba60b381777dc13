"""Requests for lines, and an endpoint that leads to the fake models."""

from __future__ import annotations

from typing import Any

from generation.language import endpoints
from generation.language.models import ModelEndpoint
from npcs.snapshot import resolve_npc_snapshot
from npcs.writers import Limits, OpenChoice, Spoken, WriterRequest

KEY = "sk-canary-8842-house"


def endpoint(server: Any, model: str = "fake", **changed: Any) -> ModelEndpoint:
    """The site's default."""
    fields = {"key": "house", "base_url": server.base_url, "dialogue_model": model, "is_default": True, "timeout_sec": 5.0, **changed}
    return endpoints.create_endpoint(secret=KEY, **fields)


def request(**changed: Any) -> WriterRequest:
    snapshot = resolve_npc_snapshot(
        name="Captain Mara",
        personality={"voice_style": "gruff but fair", "occupation": "ship captain"},
        mood={"current_emotion": "neutral", "intensity": 0.3, "tags": []},
        relationship={"affinity": 35, "trust": 20},
        tier="acquaintance",
        world_time=7200,
        memories=[{"topic": "work_opportunity", "summary": "Player expressed interest in making money.", "importance": 5, "at": 0}],
        hour=10,
        place="The Rusty Anchor Tavern",
    )
    fields: dict[str, Any] = {
        "snapshot": snapshot,
        "npc": "captain_mara",
        "npc_name": "Captain Mara",
        "seed": 1,
        "purpose": "reply",
        "player_text": "I heard there's good coin to be made.",
        "axes": ("affinity", "trust"),
        "flags": ("heard_rumor",),
        "limits": Limits(5, 15),
        "emotions": ("neutral", "friendly", "happy", "curious"),
        "open_choices": (OpenChoice("coin", "I heard there's good coin to be made."),),
        "conversation": (Spoken("npc", "You're new around here."),),
        "safety_id": "a1b2c3",
        **changed,
    }
    return WriterRequest(**fields)
