"""What one can do with an NPC: the world's interactions, changed by its role, changed by itself.

Each level is merged into the one above like RFC 7396 (a JSON merge patch): objects merge, everything else replaces, null removes a key. So an
override of `gating.min_affinity` keeps `gating.location`. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class MergedInteraction:
    """`value` is the merged interaction; `origin` tells for the JSON pointer of every leaf whether world, role or npc wrote it."""

    id: str
    value: Mapping[str, Any]
    origin: Mapping[str, str]


def merge_patch(target: Any, patch: Any) -> Any:
    """RFC 7396: the target changed by the patch. Neither is written to."""
    if not isinstance(patch, Mapping):
        return patch
    merged = dict(target) if isinstance(target, Mapping) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = merge_patch(merged.get(key), value)
    return merged


def escaped(key: str) -> str:
    """A key as a part of a JSON pointer (RFC 6901)."""
    return str(key).replace("~", "~0").replace("/", "~1")


def leaves(value: Any, pointer: str = "") -> Iterator[str]:
    """Pointers of everything that is not a filled object; a list is one leaf, since a merge replaces it whole."""
    if isinstance(value, Mapping) and value:
        for key, part in value.items():
            yield from leaves(part, f"{pointer}/{escaped(key)}")
    else:
        yield pointer


def _origins(before: Mapping[str, str], patch: Any, merged: Any, level: str) -> dict[str, str]:
    """Leaves the patch wrote come from its level, the others from where they came before."""
    written = set(leaves(patch))
    origins: dict[str, str] = {}
    for pointer in leaves(merged):
        inherited = before.get(pointer)
        origins[pointer] = level if inherited is None or pointer in written else inherited
    return origins


def merge_interactions(world: Mapping[str, Any], role: Mapping[str, Any] | None, npc: Mapping[str, Any] | None) -> dict[str, MergedInteraction]:
    """The interactions of an NPC by id, in the order world, role, own. `null` or `"disabled": true` takes one away; a level below may
    bring it back with `"disabled": false`."""
    values: dict[str, Any] = {}
    origins: dict[str, dict[str, str]] = {}
    for level, patches in (("world", world), ("role", role), ("npc", npc)):
        for name, patch in (patches or {}).items():
            if not isinstance(patch, Mapping):
                values.pop(name, None)
                origins.pop(name, None)
                continue
            values[name] = merge_patch(values.get(name), patch)
            origins[name] = _origins(origins.get(name, {}), patch, values[name], level)
    return {name: MergedInteraction(name, value, origins[name]) for name, value in values.items() if not value.get("disabled")}
