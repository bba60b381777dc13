"""Style fields as a part of the prompt, for vendors that take only words. The same order gives the same words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from .base import MediaRequest

PHRASES: dict[str, Callable[[str], str]] = {
    "time_of_day": lambda said: said if said in ("day", "daytime", "daylight") else f"at {said}",
    "weather": lambda said: f"{said} weather",
    "lighting": lambda said: said if "light" in said else f"{said} lighting",
    "mood": lambda said: f"{said} mood",
    "pose": lambda said: f"pose: {said}",
    "camera_angle": lambda said: f"{said} shot",
    "camera_movement": lambda said: "static camera" if said in ("static", "none", "still") else f"camera movement: {said}",
    "place": lambda said: f"place: {said}",
}
MAX_VALUE = 200  # characters of one field


def worded(request: MediaRequest) -> str:
    """The prompt with the style worked in: known fields in a fixed order, then the author's own by name, then how strong it all is.

    What the prompt says already in the same words is not said twice. Objects and lists are for our own renderer and are left out.
    """
    prompt = " ".join(request.prompt.split())
    said = []
    for name in [*PHRASES, *sorted(set(request.style) - set(PHRASES) - {"intensity"})]:
        value = _plain(request.style.get(name))
        if value and not _contains(prompt, value):
            phrase = PHRASES.get(name)
            said.append(phrase(value) if phrase else f"{name.replace('_', ' ')}: {value}")
    strength = request.style.get("intensity")
    if isinstance(strength, int | float) and not isinstance(strength, bool):
        said.append("subtle" if strength < 0.34 else "strong" if strength > 0.67 else "moderate intensity")
    if not said:
        return prompt
    end = "" if not prompt or prompt[-1] in ".!?…" else "."
    sentence = ", ".join(said)
    return f"{prompt}{end} {sentence[0].upper()}{sentence[1:]}.".strip()


def _plain(value: Any) -> str:
    """One field in words; nothing for what is no text, number or yes."""
    if isinstance(value, bool) or value is None or isinstance(value, Mapping | list | tuple):
        return ""
    return " ".join(str(value).replace("_", " ").split())[:MAX_VALUE]


def _contains(prompt: str, value: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(value.lower())}(?!\w)", prompt.lower()) is not None
