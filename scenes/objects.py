"""Objects of a 3-D model and the hotspots that mean them: what a hotspot's object is in the model as it is now, and what it probably became. Pure.

An object is `{object_name, node_index, node_path}`, as a reader of the file found it; a hotspot keeps the same three of the object it means.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any, NamedTuple

Object = Mapping[str, Any]
MISSING, AMBIGUOUS = "missing_object", "ambiguous_object"
_CLOSE = 0.5


class Flaw(NamedTuple):
    """Why a hotspot does not find its object, and which it should take: `sure` where the object stands at the place the old one had."""

    code: str
    message: str
    suggestion: Object | None = None
    sure: bool = False


def found(mesh: Mapping[str, Any], objects: Sequence[Object]) -> Object | None:
    """The object a hotspot means: the one of its name, of several the one at its number or path. None where there is none or no telling."""
    named = [one for one in objects if one["object_name"] == mesh.get("object_name")]
    if len(named) <= 1:
        return named[0] if named else None
    return next((one for key in ("node_path", "node_index") for one in named if _alone(named, key, mesh.get(key)) and one[key] == mesh[key]), None)


def flaw(mesh: Mapping[str, Any], objects: Sequence[Object]) -> Flaw | None:
    name = mesh.get("object_name")
    if not name or found(mesh, objects) is not None:
        return None
    named = [one for one in objects if one["object_name"] == name]
    if named:
        return Flaw(AMBIGUOUS, f"The 3-D model has {len(named)} objects “{name}”; choose which of them is meant.", named[0])
    suggestion, sure = _became(mesh, objects)
    words = f" It may have become “{suggestion['object_name']}”." if suggestion else ""
    return Flaw(MISSING, f"The 3-D model has no object “{name}”.{words}", suggestion, sure)


def repeated(objects: Sequence[Object]) -> dict[str, int]:
    """Names that several objects have, with how many."""
    return {name: number for name, number in Counter(str(one["object_name"]) for one in objects).items() if number > 1}


def _became(mesh: Mapping[str, Any], objects: Sequence[Object]) -> tuple[Object | None, bool]:
    """The object now: the one with its number under the same parent, else the nearest name there, the nearest name at all, its number."""
    index, path = mesh.get("node_index"), mesh.get("node_path")
    parent = path.rpartition("/")[0] if isinstance(path, str) else None
    beside = [one for one in objects if parent is not None and str(one["node_path"]).rpartition("/")[0] == parent]
    numbered = [one for one in objects if index is not None and one["node_index"] == index]
    for one in numbered:
        if one in beside:
            return one, True
    nearest = _nearest(str(mesh["object_name"]), beside) or _nearest(str(mesh["object_name"]), objects)
    return nearest or next(iter(numbered), None), False


def _nearest(name: str, objects: Sequence[Object]) -> Object | None:
    close = get_close_matches(name, [str(one["object_name"]) for one in objects], 1, _CLOSE)
    return next((one for one in objects if close and one["object_name"] == close[0]), None)


def _alone(named: Sequence[Object], key: str, value: Any) -> bool:
    return value is not None and sum(one[key] == value for one in named) == 1
