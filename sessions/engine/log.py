"""Patches and the log: `diff` of two canonical states, `fold` of patches, and `verify`, which plays a log again.

A patch is a list of `[path, before, after]` entries; `before` or `after` is missing (`{}`-wrapped as `null` never is) by leaving the key out:
`{"p": ["rel", "captain_mara", "affinity"], "b": 30, "a": 35}`. Lists are compared index by index, so appending costs one entry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from pixsim.lib.canonical import sha256
from pixsim.lib.errors import DomainError
from sessions.spec import WorldSpec

from .actions import Restored, Started, action_from_json
from .flow import Undrawn
from .reconcile import reconcile_action
from .state import PlayState
from .step import begin, step

Patch = list[dict[str, Any]]
_MISSING: Any = object()


def diff(before: Any, after: Any) -> Patch:
    """The patch that turns one JSON value into another. Generic: it knows nothing of what the values mean."""
    patch: Patch = []
    _diff((), before, after, patch)
    return patch


def _diff(path: tuple[str | int, ...], before: Any, after: Any, patch: Patch) -> None:
    if before is _MISSING or after is _MISSING or type(before) is not type(after) or not isinstance(before, dict | list):
        if before is not after and before != after:
            entry: dict[str, Any] = {"p": list(path)}
            if before is not _MISSING:
                entry["b"] = before
            if after is not _MISSING:
                entry["a"] = after
            patch.append(entry)
    elif isinstance(before, dict):
        if before == after:  # compared in C; only what differs is looked into
            return
        for key in sorted(before.keys() | after.keys()):
            _diff((*path, key), before.get(key, _MISSING), after.get(key, _MISSING), patch)
    elif before != after:
        for index in range(max(len(before), len(after))):
            _diff((*path, index), _at(before, index), _at(after, index), patch)


def _at(values: Sequence[Any], index: int) -> Any:
    return values[index] if index < len(values) else _MISSING


def fold(base: Any, patches: Iterable[Patch]) -> Any:
    """The JSON after the patches; `base` is left alone. Raises ValueError where a patch does not fit what it claims to change."""
    state = _copy(base)
    for patch in patches:
        for entry in patch:
            if not entry["p"]:
                state = _copy(entry.get("a"))
        # Deletions at the end of a list go from the back, so that indices stay true.
        for entry in sorted((e for e in patch if e["p"]), key=lambda e: "a" not in e):
            if "a" in entry:
                _set(state, entry)
        for entry in reversed([e for e in patch if e["p"] and "a" not in e]):
            _delete(state, entry)
    return state


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copy(item) for key, item in value.items()}
    return [_copy(item) for item in value] if isinstance(value, list) else value


def _parent(state: Any, path: Sequence[Any]) -> Any:
    for key in path[:-1]:
        state = state[key]
    return state


def _set(state: Any, entry: Mapping[str, Any]) -> None:
    parent, key = _parent(state, entry["p"]), entry["p"][-1]
    if isinstance(parent, list) and key == len(parent):
        parent.append(_copy(entry["a"]))
        return
    if "b" in entry and parent[key] != entry["b"]:
        raise ValueError(f"The patch does not fit at {entry['p']}.")
    parent[key] = _copy(entry["a"])


def _delete(state: Any, entry: Mapping[str, Any]) -> None:
    parent, key = _parent(state, entry["p"]), entry["p"][-1]
    if parent[key] != entry["b"]:
        raise ValueError(f"The patch does not fit at {entry['p']}.")
    del parent[key]


class Row(NamedTuple):
    """A state event of the log."""

    version: int
    action: Mapping[str, Any]
    world: str
    patch: Patch
    state_sha256: str


class Mismatch(NamedTuple):
    version: int
    wanted: str
    found: str


def fold_rows(rows: Iterable[Row]) -> dict[int, Mapping[str, Any]]:
    """Every version's canonical state, from the patches alone."""
    states: dict[int, Mapping[str, Any]] = {}
    current: Any = {}
    for row in rows:
        current = fold(current, [row.patch])
        states[row.version] = current
    return states


def verify(rows: Sequence[Row], world_of: Callable[[str], WorldSpec]) -> list[Mismatch]:
    """Plays the log again from its first event on the stored worlds and compares hashes, of what is played and of what the patches say. Empty
    when all is as it was. Total: what cannot be played is a mismatch that says why, and the next row is played on what the patches say."""
    states: dict[int, PlayState] = {}
    found: list[Mismatch] = []
    current = PlayState()
    folded: Any = {}
    for row in rows:
        try:
            folded = fold(folded, [row.patch])
        except (ValueError, KeyError, IndexError, TypeError) as error:
            found.append(Mismatch(row.version, row.state_sha256, f"The patch does not fit: {error}"))
        told = sha256(folded)
        try:
            current = replay(world_of(row.world), current, row.action, states)
            sha = current.sha256()
        except (DomainError, LookupError, ValueError, TypeError, Undrawn) as error:
            sha = f"The move cannot be made: {error}"
            with suppress(LookupError, ValueError, TypeError):
                current = PlayState.from_json(folded)
        states[row.version] = current
        found += [Mismatch(row.version, row.state_sha256, one) for one in dict.fromkeys((sha, told)) if one != row.state_sha256]
    return found


def replay(world: WorldSpec, state: PlayState, action_json: Mapping[str, Any], states: Mapping[int, PlayState]) -> PlayState:
    """One logged action again. `states` are the earlier versions, for undo and load."""
    action = action_from_json(action_json)
    if isinstance(action, Started):
        return begin(world, action).state
    if isinstance(action, Restored):
        return states[action.version]
    reconciled = reconcile_action(world, state, action)
    return (reconciled or step(world, state, action)).state
