"""People in the world document: personality, schedule, expressions, how they start towards the player."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from generation.models import Asset
from pixsim.lib import schema
from pixsim.lib.errors import FieldError
from worlds.bundle import Entry, Names, asset_reference, duplicates, prune, reference, schema_errors, tidy, upsert
from worlds.models import PICTURE, Location, World

from .models import Expression, Npc, NpcState, ScheduleSlot


# -- from rows --------------------------------------------------------------------------------------------------------
def slot_entry(slot: ScheduleSlot, names: Names) -> Entry:
    return tidy(
        key=slot.key,
        days=slot.days,
        start=slot.start,
        end=slot.end,
        activity=slot.activity,
        rule=slot.rule,
        location=names.key(Location, slot.location_id),
        stops=slot.stops,
    )


def expression_entry(expression: Expression, names: Names) -> Entry:
    return tidy(state=expression.state, asset=names.key(Asset, expression.asset_id), crop=expression.crop, meta=expression.meta)


def npc_entry(npc: Npc, *, state: NpcState | None, slots: Iterable[ScheduleSlot], expressions: Iterable[Expression], names: Names) -> Entry:
    return tidy(
        key=npc.key,
        name=npc.name,
        role=npc.role,
        home=names.key(Location, npc.home_location_id),
        personality=npc.personality,
        stats=npc.stats,
        interaction_overrides=npc.interaction_overrides,
        is_minor=npc.is_minor,
        meta=npc.meta,
        schedule=[slot_entry(slot, names) for slot in slots],
        expressions=[expression_entry(expression, names) for expression in expressions],
        initial=tidy(relationships=state.relationships) if state else None,
        pinned=names.key(Location, state.current_location_id) if state else None,
    )


def npc_entries(world: World, names: Names) -> list[Entry]:
    """Everybody. Four queries, whatever their number."""
    npcs = sorted(Npc.objects.filter(world=world), key=lambda row: row.key)
    names.learn(Npc, ((row.key, row.pk) for row in npcs))
    states = {row.npc_id: row for row in NpcState.objects.filter(npc__world=world)}
    slots, expressions = defaultdict(list), defaultdict(list)
    for slot in ScheduleSlot.objects.filter(npc__world=world).order_by("npc_id", "position", "pk"):
        slots[slot.npc_id].append(slot)
    for expression in Expression.objects.filter(npc__world=world):
        expressions[expression.npc_id].append(expression)
    return [
        npc_entry(
            npc,
            state=states.get(npc.pk),
            slots=slots[npc.pk],
            expressions=sorted(expressions[npc.pk], key=lambda row: row.state),
            names=names,
        )
        for npc in npcs
    ]


def npc_part(npc: Npc) -> tuple[str, Entry]:
    """One NPC for the world's history. At most six queries."""
    entry = npc_entry(
        npc,
        state=NpcState.objects.filter(npc=npc).first(),
        slots=npc.schedule.order_by("position", "pk"),
        expressions=sorted(npc.expressions.all(), key=lambda row: row.state),
        names=Names(npc.world),
    )
    return f"npc/{npc.key}", entry


# -- to rows ----------------------------------------------------------------------------------------------------------
class Found(NamedTuple):
    """The rows there were before."""

    npcs: dict[str, Npc]
    slots: dict[tuple[int, str], ScheduleSlot]
    expressions: dict[tuple[int, str], Expression]


def save_npcs(*, world: World, entries: Sequence[Entry], names: Names) -> Found:
    """Create and update everybody of a document; the rows there were before, for `prune_npcs`."""
    found = Found(
        {row.key: row for row in Npc.objects.filter(world=world)},
        {(row.npc_id, row.key): row for row in ScheduleSlot.objects.filter(npc__world=world)},
        {(row.npc_id, row.state): row for row in Expression.objects.filter(npc__world=world)},
    )
    states = {row.npc_id: row for row in NpcState.objects.filter(npc__world=world)}
    npcs = upsert(Npc, found.npcs, {entry["key"]: npc_values(world, entry, names) for entry in entries})
    names.learn(Npc, npcs.ids.items())
    by_id = {npcs.ids[entry["key"]]: entry for entry in entries}
    upsert(NpcState, states, {pk: state_values(pk, entry, names) for pk, entry in by_id.items()})
    save_slots({pk: entry.get("schedule", []) for pk, entry in by_id.items()}, found.slots, names)
    save_expressions({pk: entry.get("expressions", []) for pk, entry in by_id.items()}, found.expressions, names)
    return found


def prune_npcs(found: Found, entries: Sequence[Entry], names: Names) -> None:
    ids = names.ids(Npc)
    prune(ScheduleSlot, found.slots, slot_keys({ids[e["key"]]: e.get("schedule", []) for e in entries}))
    prune(Expression, found.expressions, expression_keys({ids[e["key"]]: e.get("expressions", []) for e in entries}))
    prune(Npc, found.npcs, [entry["key"] for entry in entries])


def slot_keys(slots: Mapping[int, Sequence[Entry]]) -> set[tuple[int, str]]:
    return {(pk, slot["key"]) for pk, entries in slots.items() for slot in entries}


def expression_keys(expressions: Mapping[int, Sequence[Entry]]) -> set[tuple[int, str]]:
    return {(pk, entry["state"]) for pk, entries in expressions.items() for entry in entries}


def save_slots(slots: Mapping[int, Sequence[Entry]], found: Mapping[tuple[int, str], ScheduleSlot], names: Names) -> None:
    """The slots of some NPCs (by id), in the order given."""
    wanted = {(pk, entry["key"]): slot_values(pk, position, entry, names) for pk, entries in slots.items() for position, entry in enumerate(entries)}
    upsert(ScheduleSlot, found, wanted)


def save_expressions(expressions: Mapping[int, Sequence[Entry]], found: Mapping[tuple[int, str], Expression], names: Names) -> None:
    wanted = {(pk, entry["state"]): expression_values(pk, entry, names) for pk, entries in expressions.items() for entry in entries}
    upsert(Expression, found, wanted)


def npc_values(world: World, entry: Entry, names: Names) -> dict[str, Any]:
    return {
        "world": world,
        "key": entry["key"],
        "name": entry["name"],
        "role": entry.get("role", ""),
        "home_location_id": names.id(Location, entry.get("home")),
        "personality": entry.get("personality", {}),
        "stats": entry.get("stats", {}),
        "interaction_overrides": entry.get("interaction_overrides", {}),
        "is_minor": entry.get("is_minor", False),
        "meta": entry.get("meta", {}),
    }


def state_values(npc_id: int, entry: Entry, names: Names) -> dict[str, Any]:
    return {
        "npc_id": npc_id,
        "current_location_id": names.id(Location, entry.get("pinned")),
        "relationships": entry.get("initial", {}).get("relationships", {}),
    }


def slot_values(npc_id: int, position: int, entry: Entry, names: Names) -> dict[str, Any]:
    return {
        "npc_id": npc_id,
        "key": entry["key"],
        "position": position,
        "days": entry["days"],
        "start": entry["start"],
        "end": entry["end"],
        "activity": entry.get("activity", ""),
        "rule": entry.get("rule", ScheduleSlot.Rule.DEFAULT),
        "location_id": names.id(Location, entry.get("location")),
        "stops": entry.get("stops", []),
    }


def expression_values(npc_id: int, entry: Entry, names: Names) -> dict[str, Any]:
    return {
        "npc_id": npc_id,
        "state": entry["state"],
        "asset_id": names.id(Asset, entry["asset"]),
        "crop": entry.get("crop", {}),
        "meta": entry.get("meta", {}),
    }


# -- what is wrong with a document ------------------------------------------------------------------------------------
def errors(entries: Sequence[Any], *, locations: frozenset[str], assets: Mapping[str, str]) -> list[FieldError]:
    """Everything that keeps the people of a document from being stored, with pointers. `assets` are the kinds of all assets by key."""
    found: list[FieldError] = []
    sound = []
    for index, entry in enumerate(entries):
        pointer = f"/npcs/{index}"
        shape = [FieldError(*error) for error in schema.errors("npcs/bundle", entry, prefix=pointer)]
        found += shape or _errors(entry, pointer, locations, assets)
        sound += [] if shape else [entry]
    return found if len(sound) < len(entries) else found + duplicates(entries, "/npcs")


def _errors(entry: Entry, pointer: str, locations: frozenset[str], assets: Mapping[str, str]) -> list[FieldError]:
    found = schema_errors(Npc, entry, pointer)
    found += schema_errors(NpcState, entry.get("initial", {}), f"{pointer}/initial")
    found += reference(entry, "home", locations, pointer, "location") + reference(entry, "pinned", locations, pointer, "location")
    found += duplicates(entry.get("schedule", ()), f"{pointer}/schedule")
    found += duplicates(entry.get("expressions", ()), f"{pointer}/expressions", "state")
    for index, slot in enumerate(entry.get("schedule", ())):
        place = f"{pointer}/schedule/{index}"
        found += schema_errors(ScheduleSlot, slot, place) + reference(slot, "location", locations, place, "location")
    for index, expression in enumerate(entry.get("expressions", ())):
        place = f"{pointer}/expressions/{index}"
        found += schema_errors(Expression, expression, place) + asset_reference(expression, "asset", assets, place, PICTURE)
    return found
