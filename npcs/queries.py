"""Where people are: pinned, by their schedule, at home, nowhere. What a session changes about it is the business of `sessions`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

from worlds.checks import flags_set_in
from worlds.models import Location, World
from worlds.rules.clock import Clock
from worlds.rules.schedules import Schedule, Whereabouts
from worlds.rules.words import title

from .models import Npc, ScheduleSlot

SLOT = ("key", "days", "start", "end", "activity", "rule", "location", "stops")


class Presence(NamedTuple):
    """Where somebody is. `source`: session, pinned, schedule, home or none; `until` is the world time of the next change, if one comes."""

    npc_id: int
    key: str
    name: str
    location_id: int | None
    location: str | None
    activity: str
    slot: str
    until: int | None
    source: str

    def as_json(self) -> dict[str, Any]:
        return {
            "npc_id": self.npc_id,
            "key": self.key,
            "name": self.name,
            "location_id": self.location_id,
            "activity": self.activity,
            "state": {"slot": self.slot, "until": self.until} if self.slot else {},
            "source": self.source,
        }


def authored_npcs(user: Any) -> QuerySet[Npc]:
    """The people a user may change, with what the API tells of each. One query."""
    return Npc.objects.authored_by(user).select_related("world", "state")


def npc_keys(world: World, ids: Iterable[int]) -> Mapping[int, str]:
    return dict(Npc.objects.filter(world=world, pk__in=ids).values_list("pk", "key"))


def picks(world: World) -> dict[str, list[tuple[str, str]]]:
    """People and their roles, for forms of this world. One query."""
    rows = list(Npc.objects.filter(world=world).order_by("name", "pk").values_list("key", "name", "role", "interaction_overrides"))
    flags = {flag.removeprefix("!") for *_, overrides in rows for flag in flags_set_in(overrides)}
    return {
        "npcs": [(key, name) for key, name, *_ in rows],
        "people": [(f"npc:{key}", name) for key, name, *_ in rows],
        "roles": sorted({(role, title(role)) for _, _, role, _ in rows if role}),
        **dict.fromkeys(("flags", "set_flags"), sorted((flag, title(flag)) for flag in flags)),
    }


def clock_of(world: World) -> Clock:
    """The manifest's clock; the default one where it cannot be read (the problems list says so)."""
    try:
        return Clock.parse(world.manifest.get("clock"))
    except (ValueError, TypeError, AttributeError):
        return Clock()


def presence_rows(world: World, world_time: int) -> list[Presence]:
    """Everybody of a world, sorted by key, wherever they are (a filter by place comes last). Two queries for any number of people."""
    places = dict(Location.objects.filter(world=world).values_list("key", "pk"))
    keys = {pk: key for key, pk in places.items()}
    clock = clock_of(world)
    columns = ("pk", "key", "name", "home_location_id", "state__current_location_id", *_slot_columns("schedule__"))
    people = _with_texts(Npc.objects.filter(world=world), "schedule__").order_by("pk", "schedule__position", "schedule__pk").values_list(*columns)
    found = []
    for (pk, key, name, home, pinned), rows in groupby(people, key=itemgetter(slice(0, 5))):
        slots = tuple(row[5:] for row in rows if row[5] is not None)
        schedule = _schedule(slots) if slots else None
        at = schedule.at(clock, world_time) if schedule else None
        if pinned is not None:
            found.append(Presence(pk, key, name, pinned, keys.get(pinned), at.activity if at else "", "", None, "pinned"))
        elif at is not None:
            found.append(Presence(pk, key, name, places.get(at.location or ""), at.location, at.activity, at.slot, at.until, "schedule"))
        elif home is not None:
            found.append(Presence(pk, key, name, home, keys.get(home), "", "", None, "home"))
        else:
            found.append(Presence(pk, key, name, None, None, "", "", None, "none"))
    found.sort(key=lambda presence: presence.key)
    return found


def _slot_columns(to: str = "") -> tuple[str, ...]:
    """The columns of SLOT: JSON as its text, which is a key to look up and is read only when it is new (for 10,000 people reading it took
    longer than everything else together)."""
    names = ("key", "start", "end", "activity", "rule", "location__key")
    key, start, end, activity, rule, location = (f"{to}{name}" for name in names)
    return (key, "days_text", start, end, activity, rule, location, "stops_text")


def _with_texts(rows: QuerySet[Any], to: str = "") -> QuerySet[Any]:
    texts: QuerySet[Any] = rows.annotate(days_text=Cast(f"{to}days", TextField()), stops_text=Cast(f"{to}stops", TextField()))
    return texts


@lru_cache(maxsize=16_384)
def _schedule(slots: tuple[tuple[Any, ...], ...]) -> Schedule | None:
    """Compiled once for as long as the rows stay the same; None where they cannot be read."""
    try:
        rows = [dict(zip(SLOT, slot, strict=True)) for slot in slots]
        return Schedule.parse([{**row, "days": json.loads(row["days"]), "stops": json.loads(row["stops"])} for row in rows])
    except (ValueError, TypeError, KeyError):
        return None


def schedule_of(npc: Npc) -> Schedule:
    """One query."""
    rows = _with_texts(ScheduleSlot.objects.filter(npc=npc)).order_by("position", "pk")
    return _schedule(tuple(rows.values_list(*_slot_columns()))) or Schedule()


def schedule_preview(npc: Npc, world_time: int) -> dict[str, Any]:
    """Where an author's NPC is at a world time, why, what comes next, and the whole week. Four queries."""
    world, clock, schedule = npc.world, clock_of(npc.world), schedule_of(npc)
    rows = list(Location.objects.filter(world=world))
    keys = {row.pk: row.key for row in rows}
    state = getattr(npc, "state", None)
    pinned = keys.get(state.current_location_id) if state else None
    home, now = keys.get(npc.home_location_id or 0), schedule.at(clock, world_time)
    where: str | None
    if pinned is not None:
        where, source = pinned, "pinned"
    elif now is not None:
        where, source = now.location, "schedule"
    else:
        where, source = home, "home" if home else "none"
    places = {row.key: {"id": row.pk, "key": row.key, "name": row.name} for row in rows}
    return preview_json(npc.pk, schedule, clock, world_time, places=places, where=where, source=source, home=home)


def preview_json(
    npc_id: int | None,
    schedule: Schedule,
    clock: Clock,
    world_time: int,
    *,
    places: Mapping[str, dict[str, Any]],
    where: str | None,
    source: str,
    home: str | None,
    hidden: bool = True,
) -> dict[str, Any]:
    """The preview of one person. `hidden`: whether the reader may know of the hours somebody hides."""
    now = schedule.at(clock, world_time)
    changes = now.until if now else schedule.next_change(clock, world_time) if schedule.slots else None
    then = schedule.at(clock, changes) if changes is not None else None
    if then is not None and then.location is None and not hidden:
        then, home = None, None
    week = [{**row, "location": places.get(row["location"] or "")} for row in schedule.week(clock) if row["location"] or hidden]
    place = places.get(where or "")
    shown = now if now is not None and (now.location or hidden) else None
    return {
        "npc_id": npc_id,
        "world_time": world_time,
        "clock": clock_json(clock, world_time),
        "location": place,
        "location_id": place["id"] if place else None,
        "activity": shown.activity if shown else "",
        "slot": shown.slot if shown else None,
        "until": changes,
        "source": source if place or hidden else "none",
        "next": _next(then, clock, changes, places, home),
        "week": week,
    }


def _next(then: Whereabouts | None, clock: Clock, at: int | None, places: Mapping[str, dict[str, Any]], home: str | None) -> dict[str, Any] | None:
    if at is None:
        return None
    place = places.get((then.location if then else home) or "")
    return {
        "at": at,
        "clock": clock_json(clock, at),
        "slot": then.slot if then else None,
        "activity": then.activity if then else "",
        "location": place,
        "location_id": place["id"] if place else None,
    }


def clock_json(clock: Clock, world_time: int) -> dict[str, Any]:
    moment = clock.at(world_time)
    return {"day": moment.day, "time": moment.hhmm, "weekday": moment.weekday, "label": moment.label}


def moved(world: World, before: int, after: int) -> list[dict[str, Any]]:
    """Who is elsewhere at `after` than at `before`, with the ids of the places. Six queries."""
    was = {presence.npc_id: presence.location_id for presence in presence_rows(world, before)}
    return [
        {"npc_id": presence.npc_id, "from": was[presence.npc_id], "to": presence.location_id}
        for presence in presence_rows(world, after)
        if was[presence.npc_id] != presence.location_id
    ]
