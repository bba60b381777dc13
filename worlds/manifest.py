"""The JSON Schema of a manifest, in general and for one world."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pixsim.lib import schema

from .models import World
from .rules import packages
from .rules.mood import labels
from .rules.stats import Package


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
