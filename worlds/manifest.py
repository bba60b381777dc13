"""The JSON Schema of a manifest, in general and for one world."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pixsim.lib import schema

from .models import World
from .rules import packages
from .rules.mood import labels
from .rules.stats import Package

BEGINNING: Final[Mapping[str, Any]] = {
    "clock": {"start_time": "08:00"},
    "enabled_features": ["dialogue"],
    "interactions": {"talk": {"label": "Talk", "type": "inline_dialogue"}},
    "turn_presets": {"conversation": {"avg_turns": 5, "max_turns": 10}},
}
"""What the forms propose for a new world."""


def manifest_schema(world: World | None = None) -> dict[str, Any]:
    """Draft 2020-12. With a world: its axes, places and moods as enums. One query."""
    if world is None:
        return schema.build("worlds/manifest")
    enabled = packages.enabled(world.manifest)
    places = sorted(world.locations.values_list("key", flat=True))
    return schema.build("worlds/manifest", axes=packages.felt_axes(enabled), places=places, moods=moods(enabled))


def moods(enabled: Mapping[str, Package]) -> list[str]:
    package = enabled.get("mood")
    return list(labels(package)) if package is not None else []
