"""Writing people: always inside `worlds.services.authored`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from generation.models import Asset
from generation.queries import wrong_kind
from pixsim.lib.api.fields import find
from pixsim.lib.errors import Conflict, FieldError, Invalid
from pixsim.models import User
from worlds.models import PICTURE, Location, World
from worlds.rules.clock import parse_hhmm
from worlds.rules.packages import enabled
from worlds.rules.stats import Axis
from worlds.services import Patch, advance_world_time, authored, free_key, name_assets, set_world_time

from .models import Expression, Npc, NpcState, ScheduleSlot
from .queries import clock_json, clock_of, moved

Data = Mapping[str, Any]
MAX_SLOTS, MAX_EXPRESSIONS = 500, 100


# -- people -----------------------------------------------------------------------------------------------------------
def create_npc(*, world: World, actor: User, data: Data) -> Npc:
    """Raises Invalid for a taken key or an unknown place."""
    with authored(world, actor) as change:
        npc = Npc(world=world)
        _fill(npc, data)
        npc.save()
        _pin(npc, data)
        change.touch(npc)
    return npc


def change_npc(*, npc: Npc, actor: User, patch: Patch, expected: Collection[int] | None = None) -> Npc:
    """Raises Invalid, NotFound, PreconditionFailed."""
    with authored(npc.world, actor, npc, expected=expected):
        data = patch(npc_fields(npc))
        _fill(npc, data)
        npc.save()
        _pin(npc, data)
    return npc


def delete_npc(*, npc: Npc, actor: User, expected: Collection[int] | None = None) -> None:
    with authored(npc.world, actor, npc, expected=expected) as change:
        change.delete(npc)


def npc_fields(npc: Npc) -> dict[str, Any]:
    """What an author wrote, under the names of the API."""
    return {
        "key": npc.key,
        "name": npc.name,
        "role": npc.role,
        "home_location_id": npc.home_location_id,
        "current_location_id": _state(npc).current_location_id,
        "personality": npc.personality,
        "stats": npc.stats,
        "interaction_overrides": npc.interaction_overrides,
        "is_minor": npc.is_minor,
        "meta": npc.meta,
    }


def _fill(npc: Npc, data: Data) -> None:
    taken = set(Npc.objects.filter(world=npc.world).exclude(pk=npc.pk).values_list("key", flat=True))
    key = data.get("key") or npc.key or free_key(data["name"], taken, default="person")
    if key in taken:
        raise Invalid([("/key", "taken", f"There is an NPC “{key}” in this world already.")])
    npc.key, npc.name, npc.role = key, data["name"], data.get("role") or ""
    npc.home_location = find(Location.objects.filter(world=npc.world), data.get("home_location_id"), "/home_location_id")
    npc.is_minor = data.get("is_minor", False)
    for name in ("personality", "stats", "interaction_overrides", "meta"):
        setattr(npc, name, data.get(name) or {})


def _state(npc: Npc) -> NpcState:
    """The row under the lock, or one to be made."""
    return NpcState.objects.filter(npc=npc).first() or NpcState(npc=npc)


def _pin(npc: Npc, data: Data) -> None:
    state = _state(npc)
    place = find(Location.objects.filter(world=npc.world), data.get("current_location_id"), "/current_location_id")
    if state.pk is None or state.current_location_id != (place.pk if place else None):
        state.current_location, state.version = place, state.version + bool(state.pk)
        state.save()
    npc.state = state


# -- schedules --------------------------------------------------------------------------------------------------------
def add_slots(*, npc: Npc, actor: User, entries: Sequence[Data], expected: Collection[int] | None = None) -> list[ScheduleSlot]:
    """After those that are there. Raises Invalid with a pointer into the list, Conflict for a key that is there."""
    with authored(npc.world, actor, npc, expected=expected):
        present = list(npc.schedule.order_by("position", "pk"))
        _not_too_many(len(present) + len(entries), MAX_SLOTS, "slots")
        return _add_slots(npc, entries, present)


def replace_slots(*, npc: Npc, actor: User, entries: Sequence[Data], expected: Collection[int] | None = None) -> list[ScheduleSlot]:
    """All of them; slots of the same key keep their row."""
    with authored(npc.world, actor, npc, expected=expected):
        _not_too_many(len(entries), MAX_SLOTS, "slots")
        npc.schedule.all().delete()
        return _add_slots(npc, entries, [])


def _add_slots(npc: Npc, entries: Sequence[Data], present: Sequence[ScheduleSlot]) -> list[ScheduleSlot]:
    places = list(Location.objects.filter(world=npc.world))
    taken = {slot.key for slot in present} | {str(entry.get("key") or entry.get("id")) for entry in entries}
    errors: list[FieldError] = []
    start = max((slot.position for slot in present), default=-1) + 1
    slots = []
    for index, entry in enumerate(entries):
        slot = ScheduleSlot(npc=npc, position=start + index)
        slot.key = entry.get("key") or entry.get("id") or numbered("slot", taken)
        taken.add(slot.key)
        errors += _fill_slot(slot, entry, places, f"/{index}")
        slots.append(slot)
    if errors:
        raise Invalid(errors)
    _no_repeats([slot.key for slot in slots], {slot.key for slot in present}, "slot", "key")
    return ScheduleSlot.objects.bulk_create(slots, batch_size=500)


def _fill_slot(slot: ScheduleSlot, entry: Data, places: Sequence[Location], pointer: str) -> list[FieldError]:
    errors = _contradictions(entry, pointer)
    slot.days = sorted(set(entry.get("days") or ([entry["day_of_week"]] if entry.get("day_of_week") else range(1, 8))))
    for name, default in (("start", "00:00"), ("end", "24:00")):
        given = name if entry.get(name) else f"{name}_time"
        text = entry.get(given) or default
        try:
            parse_hhmm(text)
        except ValueError as error:
            errors.append(FieldError(f"{pointer}/{given}", "not_a_time", str(error)))
        setattr(slot, name, text)
    slot.activity = entry.get("activity", "")
    stops = entry.get("stops") or []
    slot.rule = entry.get("rule") or (ScheduleSlot.Rule.PATROL if stops else ScheduleSlot.Rule.DEFAULT)
    place = _place(places, entry.get("location_id"))
    if place is None and (entry.get("location_id") is not None or slot.rule == ScheduleSlot.Rule.DEFAULT):
        errors.append(FieldError(f"{pointer}/location_id", "does_not_exist", "Name a place of this world; the rule hidden is for nowhere."))
    slot.location, slot.stops = place, []
    for number, stop in enumerate(stops):
        given = "location" if "location" in stop else "location_id"
        named = stop.get(given)
        at = _place(places, named)
        # A key that is nobody's yet is kept and reported among the world's problems; an id that is nobody's never will be one.
        if at is None and not isinstance(named, str):
            errors.append(FieldError(f"{pointer}/stops/{number}/{given}", "does_not_exist", "Name a place of this world."))
        slot.stops.append({"location": at.key if at else named, "minutes": stop["minutes"]})
    if slot.rule == ScheduleSlot.Rule.PATROL and not stops:
        errors.append(FieldError(f"{pointer}/stops", "required", "A patrol needs stops."))
    return errors


SAME = (("key", "id"), ("start", "start_time"), ("end", "end_time"))


def _contradictions(entry: Data, pointer: str) -> list[FieldError]:
    """What is said twice and differently; an answer of ours, which says things under both names, may be sent back."""
    said = [(first, second) for first, second in SAME if entry.get(first) and entry.get(second) and entry[first] != entry[second]]
    if entry.get("days") and entry.get("day_of_week") and set(entry["days"]) != {entry["day_of_week"]}:
        said.append(("days", "day_of_week"))
    errors = [FieldError(f"{pointer}/{second}", "contradiction", f"“{first}” says otherwise; give one of them.") for first, second in said]
    return errors + [
        FieldError(f"{pointer}/stops/{number}/location_id", "contradiction", "“location” says where already; give one of them.")
        for number, stop in enumerate(entry.get("stops") or ())
        if {"location", "location_id"} <= set(stop)
    ]


def _place(places: Sequence[Location], reference: int | str | None) -> Location | None:
    return next((place for place in places if reference in (place.pk, place.key)), None)


# -- expressions ------------------------------------------------------------------------------------------------------
def add_expressions(*, npc: Npc, actor: User, entries: Sequence[Data], expected: Collection[int] | None = None) -> list[Expression]:
    """Raises Conflict for a state that has one."""
    with authored(npc.world, actor, npc, expected=expected):
        present = set(npc.expressions.values_list("state", flat=True))
        return _add_expressions(npc, entries, present)


def replace_expressions(*, npc: Npc, actor: User, entries: Sequence[Data], expected: Collection[int] | None = None) -> list[Expression]:
    with authored(npc.world, actor, npc, expected=expected):
        kept = set(npc.expressions.values_list("asset_id", flat=True))
        npc.expressions.all().delete()
        return _add_expressions(npc, entries, set(), kept)


def _add_expressions(npc: Npc, entries: Sequence[Data], present: set[str], kept: Collection[int] = ()) -> list[Expression]:
    _not_too_many(len(present) + len(entries), MAX_EXPRESSIONS, "expressions")
    assets = own_assets(npc.world, {entry["asset_id"] for entry in entries}, present=kept)
    errors = [
        FieldError(f"/{index}/asset_id", "does_not_exist", f"There is no asset {entry['asset_id']}.")
        for index, entry in enumerate(entries)
        if entry["asset_id"] not in assets
    ]
    errors += [
        FieldError(f"/{index}/asset_id", "wrong_kind", words)
        for index, entry in enumerate(entries)
        if entry["asset_id"] in assets and (words := wrong_kind(assets[entry["asset_id"]].media_type, PICTURE))
    ]
    if errors:
        raise Invalid(errors)
    _no_repeats([entry["state"] for entry in entries], present, "expression", "state")
    name_assets(npc.world, *assets.values())
    rows = [
        Expression(npc=npc, state=entry["state"], asset=assets[entry["asset_id"]], crop=entry.get("crop") or {}, meta=entry.get("meta") or {})
        for entry in entries
    ]
    return Expression.objects.bulk_create(rows, batch_size=500)


def own_assets(world: World, ids: Collection[int], *, present: Collection[int] = ()) -> dict[int, Asset]:
    """Of these assets the ones this world may use: its owner's, everybody's, and those that are there already. One query."""
    found = Asset.objects.filter(pk__in=ids)
    return {asset.pk: asset for asset in found if asset.owner_id in (None, world.owner_id) or asset.pk in present}


# -- stats ------------------------------------------------------------------------------------------------------------
def update_stats(*, npc: Npc, actor: User, updates: Sequence[Data], replace: bool = False, expected: Collection[int] | None = None) -> Npc:
    """Change the numbers an NPC starts with, in the order given; `replace` forgets the relationships and base stats there were.

    Raises Invalid with a pointer for an axis no package of the world has, and for a value that is none.
    """
    with authored(npc.world, actor, npc, expected=expected):
        state = _state(npc)
        targets = {
            "relationships": {} if replace else dict(state.relationships),
            "stats": {} if replace else dict(npc.stats),
            "personality": dict(npc.personality),
        }
        axes = {key: package.axes for key, package in enabled(npc.world.manifest).items()}
        errors = [
            FieldError(f"/stat_updates/{index}/{name}", code, message)
            for index, update in enumerate(updates)
            for name, code, message in _apply(update, targets, axes)
        ]
        if errors:
            raise Invalid(errors)
        npc.personality, npc.stats = targets["personality"], targets["stats"]
        npc.save()
        state.version += state.relationships != targets["relationships"]
        state.relationships = targets["relationships"]
        state.save()
        npc.state = state
    return npc


SOURCES = {
    "relationship": "relationships",
    "relationships": "relationships",
    "personality": "personality",
    "stats": "stats",
    "stat": "stats",
    "base": "stats",
}


def _apply(update: Data, targets: dict[str, dict[str, Any]], axes: Mapping[str, Mapping[str, Axis]]) -> list[tuple[str, str, str]]:
    axis, source = update["axis"], update.get("source")
    if source is None:
        package = next((key for key in ("relationships", "personality") if axis in axes.get(key, {})), "stats")
    else:
        package = SOURCES.get(source, "")
    if not package:
        return [("source", "unknown", f"There is no “{source}” to set; there are relationship, personality and stats.")]
    known = axes.get(package)
    if package != "stats" and (known is None or axis not in known):
        words = ", ".join(known) if known else "none: the world does not enable this package"
        return [("axis", "unknown_axis", f"“{package}” has no axis “{axis}”; there are {words}.")]
    found = known[axis] if known else Axis(axis, -1_000_000, 1_000_000, 0, 0.01)
    value = update["value"]
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return [("value", "not_a_number", 'Give a number, or a change such as "+5".')]
    try:
        targets[package][axis] = found.change(targets[package].get(axis, found.default), value)
    except (ValueError, OverflowError):
        return [("value", "not_a_number", 'Give a number, or a change such as "+5".')]
    return []


# -- time -------------------------------------------------------------------------------------------------------------
def move_time(*, world: World, data: Data) -> dict[str, Any]:
    """The author's clock: `{"advance_by_sec"}` or `{"set_to"}`. Who is elsewhere now is worked out, nobody's pin is written."""
    if "set_to" in data:
        before, after = set_world_time(world=world, to=data["set_to"])
    else:
        before, after = advance_world_time(world=world, by=data["advance_by_sec"])
    return {"world_time": after, **clock_json(clock_of(world), after), "moved": moved(world, before, after)}


# -- keys -------------------------------------------------------------------------------------------------------------
def numbered(name: str, taken: Collection[str]) -> str:
    """`slot1`, `slot2`, … the first that is free."""
    number = 1
    while f"{name}{number}" in taken:
        number += 1
    return f"{name}{number}"


def _no_repeats(keys: Sequence[str], present: Collection[str], thing: str, field: str) -> None:
    there = [FieldError(f"/{index}/{field}", "taken", f"There is a {thing} “{key}” already.") for index, key in enumerate(keys) if key in present]
    if there:
        raise Conflict(there[0].message, errors=[error._asdict() for error in there])
    twice = [FieldError(f"/{index}/{field}", "duplicate_key", f"“{key}” is there twice.") for index, key in enumerate(keys) if key in keys[:index]]
    if twice:
        raise Invalid(twice)


def _not_too_many(count: int, limit: int, things: str) -> None:
    if count > limit:
        raise Invalid([("", "too_many", f"An NPC may have {limit} {things}.")])
