"""The map of a session: who is where at any time, the week of a person, the way to a place. Only reads; nothing of the session changes."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.http import QueryDict

from generation.queries import asset_url, poster_url
from npcs.queries import preview_json
from worlds.rules.clock import DAY, WEEKDAYS, Clock, Moment, parse_hhmm
from worlds.rules.words import first_reason, title

from . import chart, engine, output, pages, queries
from .engine import PlayState
from .models import GameSession
from .releases import spec_of
from .spec import Where, WorldSpec

Json = dict[str, Any]
DAYS_AHEAD = 7
STEP_MINUTES = 15
MAX_DAY = 10**6
SHORT_DAYS = tuple(name[:3] for name in WEEKDAYS)
SOURCES = {
    "session": "the story has placed them there",
    "pinned": "they stay there whatever the hour",
    "schedule": "as on every week",
    "home": "nothing is planned, so they are at home",
    "none": "nothing is planned, and they have no home",
}


def presence(session: GameSession, *, world_time: int | None = None, everybody: bool = False) -> list[Json]:
    """Where everybody is in a session at a world time, by key; without those who are nowhere, unless `everybody`. No query."""
    spec, state, ids = spec_of(session.release), queries.state_of(session), session.release.ids
    rows = []
    for npc, where in whereabouts(spec, state, state.world_time if world_time is None else world_time).items():
        if where.location or everybody:
            rows.append({
                "npc_id": ids.get("npcs", {}).get(npc), "key": npc, "name": spec.npc(npc).name,
                "location_id": ids.get("locations", {}).get(where.location), "activity": where.activity, "state": {}, "source": where.source,
            })  # fmt: skip
    return rows


def whereabouts(spec: WorldSpec, state: PlayState, world_time: int) -> dict[str, Where]:
    return {npc: spec.foreseen(state, npc, world_time) for npc in sorted(spec.npc_keys)}


# -- what is asked ----------------------------------------------------------------------------------------------------


class Asked(NamedTuple):
    """What a map shows: a world time, and perhaps a person or a place chosen on it."""

    world_time: int
    is_now: bool
    person: str
    place: str

    def link(self, **other: str) -> str:
        """The same map with something else chosen."""
        chosen = {"time": "" if self.is_now else str(self.world_time), "person": self.person, "place": self.place, **other}
        return "?" + urlencode({name: value for name, value in chosen.items() if value})


def asked(data: QueryDict, clock: Clock, now: int) -> Asked:
    """From the address: `time` in seconds of the world, or `day` and `minute` from the form. What cannot be read is the present."""
    time = _whole(data.get("time"))
    day, minute = _whole(data.get("day"), MAX_DAY), _whole(data.get("minute"), DAY // 60 - 1)
    if day is not None and minute is not None:
        time = max(0, clock.time_of(day, minute * 60))
    elif time is None:
        time = now
    return Asked(time, time == now, data.get("person", ""), data.get("place", ""))


def _whole(text: str | None, most: int = DAY * MAX_DAY) -> int | None:
    return min(int(text), most) if text and text.isascii() and text.isdigit() and len(text) < 18 else None


# -- the page ---------------------------------------------------------------------------------------------------------


def map_page(session: GameSession, data: QueryDict, *, author: bool = False) -> Json:
    """The context of the map. One query for its pictures; for an author those of the draft's problems too."""
    spec, state = spec_of(session.release), queries.state_of(session)
    want = asked(data, spec.clock, state.world_time)
    found = {npc: where for npc, where in whereabouts(spec, state, want.world_time).items() if where.location or author}
    media = _media(session, spec, state, found)
    people = {npc: _person(spec, state, npc, where, want, media) for npc, where in found.items()}
    places = [_place(session, spec, state, key, [p for p in people.values() if p["at"] == key], want, media) for key in spec.places]
    return {
        "when": _when(spec.clock, want, state.world_time),
        "days": _days(spec.clock, state.world_time, want.world_time),
        "step": STEP_MINUTES,
        "last": DAY // 60 - STEP_MINUTES,
        "want": want,
        "places": places,
        "nowhere": [person for person in people.values() if not person["at"]],
        "sheets": [_drawn(sheet, spec, places) for sheet in (chart.WIDE, chart.TALL)],
        "ground": poster_url(session.world.poster) or asset_url(session.world.poster) or "",
        "person": _week(session, spec, people.get(want.person), want, author=author),
        "place": next((place for place in places if place["key"] == want.place), None),
        "now_link": want.link(time=""),
        "lint": _lint(session) if author else [],
    }


def _media(session: GameSession, spec: WorldSpec, state: PlayState, found: Mapping[str, Where]) -> Mapping[str, Json]:
    keys = {place.picture for place in spec.places.values()} | {
        str(face.get("asset") or "") for npc in found for face in spec.npc(npc).expressions.values()
    }
    return {key: output.media_json(asset) for key, asset in queries.media_of(session.release.ids, keys - {""}).items()}


def _when(clock: Clock, want: Asked, now: int) -> Json:
    moment = clock.at(want.world_time)
    return {
        "is_now": want.is_now,
        "label": moment.label,
        "weekday": moment.weekday_name,
        "time": moment.time,
        "minute": moment.second // 60 // STEP_MINUTES * STEP_MINUTES,
        "past": want.world_time < now,
    }


def _days(clock: Clock, now: int, then: int) -> list[Json]:
    """The week that begins today, and the day asked for where that is another."""
    today, chosen = clock.at(now).day, clock.at(then).day
    return [
        {"day": day, "chosen": day == chosen, "label": f"{'Today' if day == today else clock.at(clock.time_of(day, 0)).weekday_name}, day {day}"}
        for day in sorted({*range(today, today + DAYS_AHEAD), chosen})
    ]


def _person(spec: WorldSpec, state: PlayState, npc: str, where: Where, want: Asked, media: Mapping[str, Json]) -> Json:
    return {
        "key": npc,
        "name": spec.npc(npc).name,
        "role": spec.npc(npc).role,
        "at": where.location if where.location in spec.places else "",
        "where": spec.places[where.location].name if where.location in spec.places else "",
        "activity": title(where.activity),
        "why": SOURCES[where.source],
        "portrait": _boxed(engine.portrait(spec, state, npc, media=media.get)),
        "link": want.link(person=npc, place=""),
        "close": want.link(person=""),
        "chosen": npc == want.person,
    }


def _boxed(picture: Json | None) -> Json | None:
    return {**picture, "box": chart.view_box(picture)} if picture and picture["url"] else None


def _place(session: GameSession, spec: WorldSpec, state: PlayState, key: str, people: list[Json], want: Asked, media: Mapping[str, Json]) -> Json:
    place, here = spec.places[key], state.location == key
    free = engine.is_free(spec, state)
    unmet = engine.travel_verdicts(spec, state, key)
    reason = "" if here else "First finish the present scene." if not free else first_reason(unmet, spec.names)
    return {
        "key": key,
        "location_id": session.release.ids.get("locations", {}).get(key),
        "name": place.name,
        "here": here,
        "open": not here and free and not unmet,
        "reason": reason,
        "people": people,
        "picture": _boxed(media.get(place.picture)),
        "link": want.link(place=key, person=""),
        "close": want.link(place=""),
        "chosen": key == want.place,
    }


def _drawn(sheet: chart.Sheet, spec: WorldSpec, places: list[Json]) -> Json:
    """The places on a sheet with the faces around them, and the ways that lead from here."""
    spots = chart.spread({key: (place.x, place.y) for key, place in spec.places.items()}, sheet)
    radius = chart.radius(sheet, len(spots))
    face = min(sheet.face, round(radius * 0.62))
    drawn: list[Json] = []
    faces: list[Json] = []
    for place in places:
        x, y = spots[place["key"]]
        shown = place["people"][: chart.SHOWN_FACES]
        faces += [{**person, **square} for person, square in zip(shown, chart.around(x, y, len(shown), radius, face), strict=True)]
        drawn.append({
            **place, "x": x, "y": y, "r": radius, "left": x - radius, "top": y - radius, "size": 2 * radius, "below": y + radius + sheet.place * 0.42,
            "more_y": y + radius + sheet.place * 0.82, "more": len(place["people"]) - len(shown),
        })  # fmt: skip
    here = next((one for one in drawn if one["here"]), None)
    ways = [{"x1": here["x"], "y1": here["y"], "x2": one["x"], "y2": one["y"], "open": one["open"]} for one in drawn if here and one is not here]
    faces.sort(key=lambda one: one["key"])  # whoever moves stays the same element, so that the move can be seen
    return {"name": sheet.name, "width": sheet.width, "height": sheet.height, "places": drawn, "ways": ways, "faces": faces}


# -- a person's week --------------------------------------------------------------------------------------------------


def _week(session: GameSession, spec: WorldSpec, person: Json | None, want: Asked, *, author: bool) -> Json | None:
    if person is None:
        return None
    npc = spec.npc(person["key"])
    places = {key: {"id": 0, "key": key, "name": place.name} for key, place in spec.places.items()}
    shown = preview_json(None, npc.schedule, spec.clock, want.world_time, places=places, where=person["at"], source="", home=npc.home, hidden=author)
    then = shown["next"]
    known = then is not None and (then["location"] or author)
    return {
        **person,
        "next": f"{_later(spec.clock, want.world_time, then['at'])}: {_at(then['location'], then['activity'])}" if known else "",
        "week": _days_alike(shown["week"], spec.clock.at(want.world_time)),
    }


def _later(clock: Clock, world_time: int, at: int) -> str:
    now, then = clock.at(world_time), clock.at(at)
    return then.time if then.day == now.day else f"{then.weekday_name}, {then.time}"


def _at(place: Json | None, activity: str) -> str:
    words = title(activity)
    return f"{place['name']}{f' – {words.lower()}' if words else ''}" if place else f"out of sight{f' – {words.lower()}' if words else ''}"


def _days_alike(rows: list[Json], moment: Moment) -> list[Json]:
    """The week with days that are the same told once: “Mon to Fri”."""
    by_day = {day: [_slot(row) for row in day_rows] for day, day_rows in groupby(rows, key=lambda row: row["day"])}
    told = []
    for _, run in groupby(range(1, 8), key=lambda day: by_day.get(day, [])):
        days = list(run)
        name = SHORT_DAYS[days[0] - 1] if len(days) == 1 else f"{SHORT_DAYS[days[0] - 1]} to {SHORT_DAYS[days[-1] - 1]}"
        today = moment.weekday in days
        slots = [{**slot, "now": today and slot["from"] <= moment.second < slot["to"]} for slot in by_day.get(days[0], [])]
        told.append({"days": name, "today": today, "slots": slots})
    return told


def _slot(row: Json) -> Json:
    start, end = parse_hhmm(row["start"]), parse_hhmm(row["end"])
    return {"from": start, "to": end, "hours": f"{_time(start)} – {_time(end)}", "what": _at(row["location"], row["activity"])}


def _time(second: int) -> str:
    return Moment(1, 1, second % DAY).time


# -- for authors ------------------------------------------------------------------------------------------------------


def _lint(session: GameSession) -> list[Json]:
    """What is wrong with the schedules of the draft, and whose."""
    names = dict(session.world.npcs.values_list("key", "name"))
    return [
        {**problem, "who": names.get(problem["where"].removeprefix("npc/"), "")}
        for problem in (one.as_json() for one in pages.problems_of(session.world))
        if "/schedule" in problem["pointer"]
    ]
