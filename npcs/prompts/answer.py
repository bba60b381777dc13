"""The shape a model must answer in: a strict JSON schema, closed over what this world declares. Pure.

Strict servers take only a subset: every field required (null for what may be missing), no further ones, no lengths or ranges, at most five levels.
Lengths and ranges are therefore said in words, and checked again when the answer is there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from npcs.writers.request import WriterRequest

NAME: Final = "npc_line"
MAX_CHOICES: Final = 4
REPLY_LENGTH: Final = 600
LABEL_LENGTH: Final = 120
TONES: Final = ("neutral", "friendly", "flirty", "curious", "business", "hostile", "apologetic", "playful")


def schema(request: WriterRequest) -> dict[str, Any]:
    """`{reply, emotion, effects, choices, memory}`; `effects` only where the request lets a model propose on something."""
    effects = _effects(request)
    choice: dict[str, Any] = {
        "label": {"type": "string", "description": f"What the player would say, at most {LABEL_LENGTH} characters."},
        "tone": {"type": "string", "enum": list(TONES)},
    }
    answer: dict[str, Any] = {
        "reply": {"type": "string", "description": f"What you say, at most {REPLY_LENGTH} characters, as plain text."},
        "emotion": {"type": "string", "enum": list(request.emotions) or ["neutral"]},
    }
    if effects:
        answer["effects"] = {**effects, "description": "How this exchange changes you; mostly nothing."}
        choice["effects"] = {**effects, "description": "How it would change you, were the player to say so."}
    answer["choices"] = {
        "type": "array",
        "description": f"At most {MAX_CHOICES} things the player could say next; none where the talk is over.",
        "items": _object(choice),
    }
    answer["memory"] = {
        "anyOf": [
            _object({
                "topic": {"type": "string", "description": "Two or three words."},
                "summary": {"type": "string", "description": "One sentence on what happened, as you would remember it."},
                "importance": {"type": "integer", "description": "From 1 to 10."},
            }),
            {"type": "null"},
        ],
        "description": "What you will remember of this exchange; null for small talk.",
    }  # fmt: skip
    return _object(answer)


def effects_of(proposed: Mapping[str, Any] | None) -> dict[str, Any]:
    """Proposed effects of an answer that keeps to the schema, in the game's own form: `{relationships: {axis: change}, flags: [key]}`."""
    found: dict[str, Any] = {}
    for entry in (proposed or {}).get("relationships", ()):
        changes = found.setdefault("relationships", {})
        changes[entry["axis"]] = changes.get(entry["axis"], 0) + entry["change"]
    if flags := list(dict.fromkeys((proposed or {}).get("flags", ()))):
        found["flags"] = flags
    return found


def _effects(request: WriterRequest) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    if request.axes:
        most = f"{request.limits.per_turn:g}"
        entry = {
            "axis": {"type": "string", "enum": list(request.axes)},
            "change": {"type": "integer", "description": f"From −{most} to +{most}."},
        }
        properties["relationships"] = {"type": "array", "items": _object(entry)}
    if request.flags:
        properties["flags"] = {"type": "array", "items": {"type": "string", "enum": list(request.flags)}}
    return _object(properties) if properties else {}


def _object(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": dict(properties), "required": list(properties), "additionalProperties": False}
