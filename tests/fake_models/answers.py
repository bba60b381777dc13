"""Something well-formed to say: an instance of a JSON schema, the same for the same seed."""

from __future__ import annotations

import json
import random
from typing import Any

LINES = (
    "The tide turns before noon, so say what you came to say.",
    "I've heard that one before, and I'll hear it again.",
    "Sit down. The fog isn't going anywhere.",
    "You ask a lot for somebody who just walked in.",
    "That's worth remembering, and I don't say it often.",
    "Coin is coin, but a friend at the quay is better.",
    "Ask me again when the lamps are lit.",
    "There's an honest answer and a short one. Here's the short one.",
)
LABELS = ("What do you mean by that?", "Then tell me more.", "I could help you.", "I should go.")
TONES = ("friendly", "curious", "business", "playful")


def said(schema: dict[str, Any] | None, seed: str) -> str:
    """JSON by the schema; without one, a line."""
    chance = random.Random(seed)
    return json.dumps(instance(schema, chance)) if schema else chance.choice(LINES)


def instance(schema: Any, chance: random.Random, name: str = "") -> Any:
    if not isinstance(schema, dict):
        return None
    if "enum" in schema:
        return chance.choice([value for value in schema["enum"] if value is not None] or schema["enum"])
    if "const" in schema:
        return schema["const"]
    for union in ("anyOf", "oneOf"):
        if union in schema:
            return instance(next((one for one in schema[union] if one.get("type") != "null"), None), chance, name)
    kind = schema.get("type", "object")
    kinds = kind if isinstance(kind, list) else [kind]
    return value(next((one for one in kinds if one != "null"), "null"), schema, chance, name)


def value(kind: str, schema: dict[str, Any], chance: random.Random, name: str) -> Any:
    if kind == "object":
        return {key: instance(part, chance, key) for key, part in schema.get("properties", {}).items()}
    if kind == "array":
        if "enum" in schema.get("items", {}) or name in ("flags", "set_flags"):
            return []
        return [instance(schema.get("items"), chance, name) for _ in range(min(schema.get("maxItems", 2), 2))]
    if kind in ("integer", "number"):
        return max(schema.get("minimum", 1), min(schema.get("maximum", 1), 1))
    if kind == "boolean":
        return False
    if kind == "null":
        return None
    words = {"label": LABELS, "tone": TONES, "topic": ("talk",), "summary": ("They spoke for a while.",)}
    return chance.choice(words.get(name, LINES))
