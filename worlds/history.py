"""Which part of the world document a row belongs to. Every app with authored rows registers its own in `ready()`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, cast

from django.db.models import Model
from django.db.models.deletion import Collector

Part = Callable[[Any], tuple[str, Any]]
_parts: dict[type[Model], Part] = {}
_owners: dict[type[Model], Callable[[Any], Model | None]] = {}


def register(model: type[Model], part: Part) -> None:
    """`part(row)` gives the part's name (`npc/captain_mara`) and its entry in the document, read afresh from the database."""
    _parts[model] = part


def register_inner(model: type[Model], owner: Callable[[Any], Model | None]) -> None:
    """Rows that stand inside another one's entry, such as the nodes of a scene; None where they stand in none."""
    _owners[model] = owner


def authored_models() -> frozenset[type[Model]]:
    """Every model whose rows may only be written inside `authored`."""
    return frozenset(_parts) | frozenset(_owners)


def owner_of(row: Model) -> Model | None:
    """The row that has the part `row` stands in: itself, or the one around it."""
    if type(row) in _parts:
        return row
    find = _owners.get(type(row))
    return find(row) if find else None


def part_of(row: Model) -> tuple[str, Any]:
    return _parts[type(row)](row)


def changed_by_deleting(rows: Iterable[Model]) -> Iterator[Model]:
    """The owners of every part that loses something when `rows` are deleted: what goes with them, and what pointed at them."""
    rows = list(rows)
    collector = Collector(using="default", origin=rows[0] if rows else None)
    collector.collect(rows)
    found: list[Iterable[Any]] = [*collector.data.values(), *collector.fast_deletes]
    found += [cast("Iterable[Any]", instances) for pairs in collector.field_updates.values() for instances in pairs]
    seen: set[tuple[type[Model], Any]] = set()
    for instances in found:
        for row in instances:
            owner = owner_of(row)
            if owner is not None and (type(owner), owner.pk) not in seen:
                seen.add((type(owner), owner.pk))
                yield owner
