"""How two versions of an authored part differ, in lines a person reads: where, what it was, what it is. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from .rules.words import title

MOST = 200
NAMES = ("key", "state", "id")
"""By which an entry of a list is found again in the other version."""


class Difference(NamedTuple):
    """`where` in words; `before` and `after` are texts, empty where there is nothing."""

    where: str
    before: str
    after: str


def differences(before: Any, after: Any) -> list[Difference]:
    """At most MOST lines."""
    found = []
    for difference in _walk(before, after, ()):
        found.append(difference)
        if len(found) == MOST:
            break
    return found


def _walk(before: Any, after: Any, path: tuple[str, ...]) -> Iterator[Difference]:
    if before == after:
        return
    old, new = _members(before), _members(after)
    if old is None or new is None or (not path and (before is None or after is None)):
        yield Difference(" › ".join(path) or "All of it", _shown(before), _shown(after))
        return
    for key in [*old, *(key for key in new if key not in old)]:
        yield from _walk(old.get(key), new.get(key), (*path, _title(key)))
    if list(old) != list(new) and set(old) == set(new) and isinstance(before, list):
        yield Difference(" › ".join((*path, "order")), ", ".join(old), ", ".join(new))


def _members(value: Any) -> Mapping[str, Any] | None:
    """An object by its keys, a list of named things by their names; None for what is one value."""
    if isinstance(value, Mapping):
        return value
    if isinstance(value, list) and value and all(isinstance(entry, Mapping) for entry in value):
        name = next((name for name in NAMES if all(isinstance(entry.get(name), str) for entry in value)), None)
        named = {str(entry[name]): entry for entry in value} if name else {str(index + 1): entry for index, entry in enumerate(value)}
        return named if len(named) == len(value) else None
    return None


def _title(key: str) -> str:
    return title(key) if key.isascii() and key.replace("_", "").isalnum() else key


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(entry, str | int | float) for entry in value):
        return ", ".join(map(str, value))
    return json.dumps(value, ensure_ascii=False, indent=1)
