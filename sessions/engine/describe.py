"""What a patch means to people: change records, one vocabulary for log, WebSocket, playtest diff, simulate and the undo list."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sessions.spec import WorldSpec
from worlds.rules.stats import Axis
from worlds.rules.words import number, span, title


class Change(NamedTuple):
    """`path` is dotted, people by key under `relationships.<npc>`; `label` is for people and empty where nothing should be announced."""

    path: str
    before: Any
    after: Any
    label: str
    npc: str = ""


def describe(world: WorldSpec, patch: Iterable[Mapping[str, Any]]) -> tuple[Change, ...]:
    """The change records of a patch, in the order in which effects act. Bookkeeping (seen, used, talk, turn) is not among them."""
    found: dict[str, list[Change]] = {}
    for entry in patch:
        path: Sequence[Any] = entry["p"]
        if not path:
            whole = entry.get("a") or {}
            found_in = [({"p": [key, *rest], "a": value}) for key, part in whole.items() for rest, value in _leaves(key, part)]
            return describe(world, found_in)
        if path[0] in SENTENCES:
            deeper = _expand(entry)
            for item in deeper:
                found.setdefault(path[0], []).extend(SENTENCES[path[0]](world, item["p"], item.get("b"), item.get("a")))
    merged: dict[str, Change] = {}
    for kind in SENTENCES:
        for change in found.get(kind, ()):
            merged.setdefault(change.path, change)
    return tuple(merged.values())


_DEPTH = {"flags": 2, "stats": 2, "inventory": 2, "rel": 3, "placed": 2, "emotions": 2, "memories": 3, "drives": 3}


def _leaves(key: str, value: Any) -> list[tuple[list[Any], Any]]:
    depth = _DEPTH.get(key, 1) - 1
    rows: list[tuple[list[Any], Any]] = [([], value)]
    for _ in range(depth):
        rows = [([*path, k], v) for path, part in rows for k, v in _items(part)]
    return rows


def _items(value: Any) -> Iterable[tuple[Any, Any]]:
    if isinstance(value, Mapping):
        return value.items()
    return enumerate(value) if isinstance(value, list) else ()


def _expand(entry: Mapping[str, Any]) -> list[dict[str, Any]]:
    """An entry for a whole part (such as the first flag) as entries for its leaves."""
    path = list(entry["p"])
    wanted = _DEPTH.get(path[0], 1)
    rows = [dict(entry, p=path)]
    while rows and len(rows[0]["p"]) < wanted:
        deeper: list[dict[str, Any]] = []
        for row in rows:
            before, after = dict(_items(row.get("b"))), dict(_items(row.get("a")))
            for key in [*before, *(k for k in after if k not in before)]:
                deeper.append({"p": [*row["p"], key], **({"b": before[key]} if key in before else {}), **({"a": after[key]} if key in after else {})})
        rows = deeper
    return rows


def signed(axis: Axis, before: float, after: float, name: str) -> str:
    """ "+5 Affinity" """
    moved = round(after - before, 6)
    moved = int(moved) if float(moved).is_integer() else moved
    return f"{'+' if moved > 0 else ''}{number(moved)} {name}" if moved else ""


def _flag(world: WorldSpec, path: Sequence[Any], before: Any, after: Any) -> list[Change]:
    known = world.flags.get(path[1])
    name = known.title if known else title(path[1])
    label = "" if known and known.spoiler else f"Discovered: {name}" if after else f"No longer: {name}"
    return [Change(f"flags.{path[1]}", bool(before), bool(after), label)]


def _counted(declared: str, place: str) -> Callable[[WorldSpec, Sequence[Any], Any, Any], list[Change]]:
    def sentence(world: WorldSpec, path: Sequence[Any], before: Any, after: Any) -> list[Change]:
        known = getattr(world, declared).get(path[1])
        if known is None:
            return [Change(f"{place}.{path[1]}", before, after, "")]
        before, after = (known.axis.default if value is None else value for value in (before, after))
        return [Change(f"{place}.{path[1]}", before, after, signed(known.axis, before, after, known.title))]

    return sentence


def _relationship(world: WorldSpec, path: Sequence[Any], before: Any, after: Any) -> list[Change]:
    npc, name = path[1], path[2]
    axis = world.axes.get(name)
    if axis is None:
        return [Change(f"relationships.{npc}.{name}", before, after, "", npc)]
    before, after = (axis.default if value is None else value for value in (before, after))
    return [Change(f"relationships.{npc}.{name}", before, after, signed(axis, before, after, title(name)), npc)]


def _world_time(world: WorldSpec, path: Sequence[Any], before: Any, after: Any) -> list[Change]:
    passed = f"{span(after - before)} later: " if before is not None and after > before else ""
    return [Change("world_time", before or 0, after, f"{passed}{world.clock.at(after).label}" if before is not None else "")]


def _location(world: WorldSpec, path: Sequence[Any], before: Any, after: Any) -> list[Change]:
    place = world.places.get(after)
    return [Change("location", before or "", after, f"At {place.name}" if place else "")]


def _node(world: WorldSpec, path: Sequence[Any], before: Any, after: Any) -> list[Change]:
    if len(path) > 1:
        return [Change(f"current_{path[1]}", before, after, "")]
    return [Change("current_node", _path_of(before), _path_of(after), "")]


def _path_of(ref: Any) -> str | None:
    return f"{ref['scene']}/{ref['node']}" if ref else None


def _placed(world: WorldSpec, path: Sequence[Any], before: Any, after: Any) -> list[Change]:
    where = after.get("location") if isinstance(after, Mapping) else None
    return [Change(f"placed.{path[1]}", before, after, "", path[1])] if where is None else [
        Change(f"placed.{path[1]}", before, after, f"{_name(world, path[1])} goes to {_place(world, where)}", path[1])
    ]  # fmt: skip


def _emotion(world: WorldSpec, path: Sequence[Any], before: Any, after: Any) -> list[Change]:
    felt = after[-1] if isinstance(after, list) and after else after if isinstance(after, Mapping) and "label" in after else None
    return [Change(f"emotions.{path[1]}", None, felt["label"], f"{_name(world, path[1])} is {felt['label']}", path[1])] if felt else []


def _memory(world: WorldSpec, path: Sequence[Any], before: Any, after: Any) -> list[Change]:
    if not isinstance(after, Mapping):
        return []
    told = after.get("told_by")
    label = f"{_name(world, told)} tells {_name(world, path[1])} about it" if told else f"{_name(world, path[1])} will remember this"
    return [Change(f"memories.{path[1]}", None, after.get("topic"), label, path[1])]


def _drive(world: WorldSpec, path: Sequence[Any], before: Any, after: Any) -> list[Change]:
    values = [value[0] if isinstance(value, list) else None for value in (before, after)]
    return [Change(f"drives.{path[1]}.{path[2]}", values[0], values[1], "", path[1])]


def _name(world: WorldSpec, npc: str) -> str:
    return world.npc(npc).name if npc in world.npc_keys else title(npc)


def _place(world: WorldSpec, key: str) -> str:
    place = world.places.get(key)
    return place.name if place else title(key) or "nowhere"


SENTENCES: dict[str, Callable[[WorldSpec, Sequence[Any], Any, Any], list[Change]]] = {
    "flags": _flag,
    "stats": _counted("stats", "stats"),
    "rel": _relationship,
    "inventory": _counted("items", "inventory"),
    "world_time": _world_time,
    "location": _location,
    "at": _node,
    "placed": _placed,
    "emotions": _emotion,
    "drives": _drive,
    "memories": _memory,
}
