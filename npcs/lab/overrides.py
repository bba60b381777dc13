"""What an NPC changes in the interactions of its world and role, field by field: what it inherits from where, and what it says itself. Pure.

A field left empty is inherited. The rows are made from the merge, so whatever an override may say has its row; what cannot be said in a row is JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from npcs.interactions import escaped, leaves, merge_interactions
from pixsim.lib import schema, strict_json
from pixsim.lib.errors import Invalid

Json = dict[str, Any]
MISSING: Final = object()
PREFIX: Final = "io"
KINDS: Final = {"number": "number", "integer": "number", "string": "text", "boolean": "yes_no"}


@dataclass(slots=True)
class Row:
    """One field of an interaction. `kind`: text, number, yes_no or json; `value` is the text of what the NPC says itself."""

    name: str
    pointer: str
    kind: str
    inherited: str
    origin: str
    value: str = ""
    removed: bool = False
    errors: list[str] = field(default_factory=list)

    @property
    def label(self) -> str:
        return " › ".join(_plain(part).replace("_", " ") for part in self.pointer.split("/")[1:])

    @property
    def own(self) -> bool:
        return bool(self.value) or self.removed


@dataclass(slots=True)
class Group:
    """One interaction with its rows. `origin` is where it is defined: world, role or npc; `off` whether the NPC takes it away."""

    id: str
    label: str
    origin: str
    off: bool
    rows: list[Row]
    more: list[tuple[str, str]]
    errors: list[str] = field(default_factory=list)

    @property
    def changed(self) -> int:
        return sum(row.own for row in self.rows) + self.off


def groups_of(world: Mapping[str, Any], role: Mapping[str, Any], own: Mapping[str, Any], data: Mapping[str, Any] | None = None) -> list[Group]:
    """Every interaction the NPC has, takes away or adds. `data` is what was sent, where a form comes back."""
    inherited = merge_interactions(world, role, None)
    found = []
    for name in dict.fromkeys([*inherited, *own]):
        patch = own.get(name)
        from_above = inherited.get(name)
        rows = list(
            _rows(name, from_above.value if from_above else {}, from_above.origin if from_above else {}, patch if isinstance(patch, dict) else {})
        )
        origin = ("role" if name in role and name not in world else "world") if from_above else "npc"
        label = str((patch or {}).get("label") or (from_above.value.get("label") if from_above else "") or name.replace("_", " ").capitalize())
        off = name in own and (patch is None or patch.get("disabled") is True)
        group = Group(name, label, origin, off, rows, [one for one in _addable() if one[0] not in {row.pointer for row in rows}])
        if data is not None:
            _fill(group, data)
        found.append(group)
    return found


def _rows(name: str, inherited: Mapping[str, Any], origin: Mapping[str, str], patch: Mapping[str, Any]) -> Iterator[Row]:
    above = {pointer: at(inherited, pointer) for pointer in leaves(inherited) if pointer}
    own = {pointer: at(patch, pointer) for pointer in leaves(patch) if pointer}
    covered = [pointer for pointer, value in own.items() if not isinstance(value, dict)]
    for pointer in dict.fromkeys([*above, *own]):
        if pointer == "/disabled" or any(pointer.startswith(f"{one}/") for one in covered):
            continue
        value = own.get(pointer, MISSING)
        told = above.get(pointer, MISSING)
        kind = _kind(told if value in (MISSING, None) else value)
        row = Row(f"{PREFIX}:{name}:{pointer}", pointer, kind, "" if told is MISSING else _text(told, _kind(told)), origin.get(pointer, ""))
        row.removed = value is None
        row.value = "" if value in (MISSING, None) else _text(value, kind)
        yield row


def _fill(group: Group, data: Mapping[str, Any]) -> None:
    if f"{PREFIX}-here:{group.id}" not in data:
        return  # the form that was sent did not show this interaction
    group.off = bool(data.get(f"{PREFIX}-off:{group.id}"))
    for row in group.rows:
        row.value = str(data.get(row.name) or "")
        row.removed = bool(data.get(f"{row.name}!"))
    pointer, value = str(data.get(f"{PREFIX}-new:{group.id}") or ""), str(data.get(f"{PREFIX}-value:{group.id}") or "")
    if pointer in dict(group.more) and value.strip():
        kind = _addable_kinds()[pointer]
        group.rows.append(Row(f"{PREFIX}:{group.id}:{pointer}", pointer, kind, "", "", value))


def patch_of(groups: list[Group], before: list[Group], own: Mapping[str, Any]) -> Json:
    """The override as the rows say it. What was sent as it was shown stays as it was, whatever that was. Errors go to their rows."""
    shown = {group.id: group for group in before}
    patch: Json = {}
    for group in groups:
        old = shown[group.id]
        if group.off == old.off and [(row.name, row.value.strip(), row.removed) for row in group.rows] == [
            (row.name, row.value.strip(), row.removed) for row in old.rows
        ]:
            if group.id in own:
                patch[group.id] = own[group.id]
            continue
        was = own.get(group.id)
        said: Json = {"disabled": True} if group.off else {"disabled": False} if isinstance(was, dict) and was.get("disabled") is False else {}
        for row in group.rows:
            if row.removed:
                put(said, row.pointer, None)
            elif row.value.strip():
                try:
                    put(said, row.pointer, _value(row.value, row.kind))
                except ValueError as error:
                    row.errors.append(str(error))
        if said or (group.id in own and group.origin == "npc"):
            patch[group.id] = said
    return patch


def tell(groups: list[Group], pointer: str, message: str) -> bool:
    """An error of the whole at its row, else at its interaction; False where neither is here."""
    _, name, *rest = pointer.split("/")
    group = next((one for one in groups if escaped(one.id) == name), None)
    if group is None:
        return False
    inside = "".join(f"/{part}" for part in rest)
    row = next((one for one in group.rows if inside and (inside == one.pointer or inside.startswith(f"{one.pointer}/"))), None)
    (row or group).errors.append(message)
    return True


# -- values -----------------------------------------------------------------------------------------------------------
def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "yes_no"
    if isinstance(value, int | float):
        return "number"
    return "text" if isinstance(value, str) and value and value == value.strip() else "json"


def _text(value: Any, kind: str) -> str:
    if kind == "text":
        return str(value)
    return {True: "yes", False: "no"}[value] if kind == "yes_no" else json.dumps(value, ensure_ascii=False)


def _value(text: str, kind: str) -> Any:
    text = text.strip()
    if kind == "text":
        return text
    if kind == "yes_no":
        return text == "yes"
    try:
        value = strict_json.loads(text.encode("utf-8", "surrogatepass"))
    except Invalid as error:
        raise ValueError("This is no number." if kind == "number" else error.detail) from None
    if kind == "number" and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise ValueError("This is no number.")
    return value


def at(value: Any, pointer: str) -> Any:
    for part in pointer.split("/")[1:]:
        value = value[_plain(part)]
    return value


def put(into: Json, pointer: str, value: Any) -> None:
    *parents, last = (_plain(part) for part in pointer.split("/")[1:])
    for part in parents:
        inner = into.get(part)
        into[part] = inner = inner if isinstance(inner, dict) else {}
        into = inner
    into[last] = value


def _plain(part: str) -> str:
    return part.replace("~1", "/").replace("~0", "~")


# -- what may be added ------------------------------------------------------------------------------------------------
@cache
def _addable_kinds() -> dict[str, str]:
    """Fields of an interaction and its gate that are one value, from their schemas."""
    found: dict[str, str] = {}
    for name, prefix in (("worlds/interaction", ""), ("worlds/conditions", "/gating")):
        for key, part in schema.build(name).get("properties", {}).items():
            kind = part.get("type")
            if isinstance(kind, str) and key != "disabled":
                found[f"{prefix}/{key}"] = KINDS.get(kind, "json")
    return {pointer: kind for pointer, kind in found.items() if pointer not in ("/gating", "/extensions", "/choices", "/lines")}


def _addable() -> list[tuple[str, str]]:
    return [(pointer, pointer[1:].replace("/", " › ").replace("_", " ")) for pointer in _addable_kinds()]
