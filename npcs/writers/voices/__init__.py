"""Voices of the scripted writer: one JSON file of phrases each, chosen by an NPC's voice style, else by its personality."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

NAMES: Final = ("gruff", "quick", "clipped", "playful", "warm", "plain")
HERE: Final = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Voice:
    """The phrases of one manner of speaking, by occasion; `rules` are the symbols of its grammar (`npcs.writers.grammar`)."""

    name: str
    keywords: tuple[str, ...]
    phrases: Mapping[str, Any]
    rules: Mapping[str, Any] = field(default_factory=dict)

    def of(self, occasion: str, kind: str = "") -> tuple[str, ...]:
        """The phrases for an occasion; `kind` where they differ by mood, closeness, tone, need or part of the day. Unknown ones have none."""
        found = self.phrases.get(occasion, ())
        return tuple(found.get(kind, ())) if isinstance(found, Mapping) else tuple(found)


@cache
def load(name: str) -> Voice:
    """The voice of this name. Raises FileNotFoundError for one that is not there."""
    data = json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))
    keywords = tuple(data.pop("keywords"))
    rules = data.pop("rules", {})
    return Voice(name=name, keywords=keywords, phrases=data, rules=rules)


def voice_for(voice_style: str, traits: Mapping[str, Any]) -> Voice:
    """The voice that fits: most words of `voice_style` known to it, the earlier word winning ties; without any, by the five numbers (0–1)."""
    style = voice_style.lower()
    scored = []
    for name in NAMES:
        places = [style.find(keyword) for keyword in load(name).keywords if keyword in style]
        if places:
            scored.append((-len(places), min(places), name))
    return load(min(scored)[2] if scored else _by_personality(traits))


def _by_personality(traits: Mapping[str, Any]) -> str:
    def trait(name: str) -> float:
        value = traits.get(name, 0.5)
        return float(value) if isinstance(value, int | float) else 0.5

    if trait("agreeableness") >= 0.65:
        return "playful" if trait("extraversion") >= 0.75 and trait("openness") >= 0.6 else "warm"
    if trait("conscientiousness") >= 0.75 and trait("extraversion") <= 0.45:
        return "clipped"
    if trait("agreeableness") <= 0.35:
        return "quick" if trait("openness") >= 0.6 else "gruff"
    if trait("extraversion") >= 0.75:
        return "playful"
    return "plain"
