"""Numeric ids inside authored JSON become keys: an id means something on one installation only, a key wherever the world is played.

    {"type": "play_scene", "scene_id": 3}        ->  {"type": "play_scene", "scene": "tavern_encounter"}
    {"location": [3, "market"]}                  ->  {"location": ["tavern", "market"]}
    {"relationships": {"npc_10": {...}}}         ->  {"relationships": {"npc:captain_mara": {...}}}
    {"move_to": 3, "place": {"npc_10": 2}}       ->  {"move_to": "tavern", "place": {"npc:captain_mara": "market"}}

An id that is nobody's stays as it was; the schema says whether that is allowed there. Where it is somebody's by the time the world is
read as a document, it becomes his key there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from .models import Location, World

Lookup = Callable[[World, Iterable[int]], Mapping[int, str]]
KeyOf = Callable[[str, int], str | None]
KINDS = ("location", "npc", "scene", "asset")
FIELDS = {**{kind: kind for kind in KINDS}, **{f"{kind}_id": kind for kind in KINDS}, "move_to": "location"}
BY_PERSON = frozenset({"relationships", "place", "emotion", "drives", "memory", "gossip"})
"""Effects whose keys are people."""
FREE = frozenset({"stats", "inventory", "personality"})
"""What an author names as he likes: a stat may well be called `location`."""
UNTOUCHED = frozenset({"extensions"})
_NPC = re.compile(r"npc_([1-9][0-9]{0,17})")
_lookups: dict[str, Lookup] = {}


def register(kind: str, lookup: Lookup) -> None:
    """`lookup(world, ids)` gives the key of each id that is there. Every app registers its own in `ready()`."""
    _lookups[kind] = lookup


def locations(world: World, ids: Iterable[int]) -> Mapping[int, str]:
    return dict(Location.objects.filter(world=world, pk__in=ids).values_list("pk", "key"))


def keyed(world: World, value: Any) -> Any:
    """`value` with the ids in it as keys of `world`. One query for each kind that is mentioned."""
    wanted: dict[str, set[int]] = {}

    def note(kind: str, number: int) -> None:
        wanted.setdefault(kind, set()).add(number)

    _renamed(value, note)
    names = {kind: _lookups[kind](world, ids) for kind, ids in wanted.items() if kind in _lookups and world.pk is not None}
    return _renamed(value, lambda kind, number: names.get(kind, {}).get(number)) if any(names.values()) else value


def _renamed(value: Any, key_of: KeyOf, around: str = "") -> Any:
    """A copy of `value`, the entry of the name `around`, in which ids that have a key are it."""
    if isinstance(value, list):
        return [_renamed(entry, key_of) for entry in value]
    if not isinstance(value, dict):
        return value
    result: dict[str, Any] = {}
    for name, inner in value.items():
        kind = None if around in FREE else FIELDS.get(name)
        if name in UNTOUCHED:
            result[name] = inner
            continue
        if around in BY_PERSON:
            kind = "location" if around == "place" else None
            if (found := _NPC.fullmatch(name)) and (key := key_of("npc", int(found[1]))):
                name = f"npc:{key}"
        if kind:
            if name == kind and f"{kind}_id" in value and kind in result:
                continue  # both are given, the id came first: it counts
            inner = [_named(entry, kind, key_of) for entry in inner] if isinstance(inner, list) else _named(inner, kind, key_of)
            if name == f"{kind}_id" and isinstance(inner, str):
                name = kind
        result[name] = _renamed(inner, key_of, name)
    return result


def _named(value: Any, kind: str, key_of: KeyOf) -> Any:
    is_id = isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**63
    return (key_of(kind, value) or value) if is_id else value
