"""The view of a state, dressed for the templates: bars of meters, boxes of hotspots, words instead of keys. Pure shaping; decides nothing."""

from __future__ import annotations

import json
from collections.abc import Container, Mapping
from typing import Any

from npcs import writers
from worlds.rules.words import number, title

from .reports import digest

Json = dict[str, Any]
SPOT_LABEL_BELOW = 36  # picture units under the centre of a hotspot
EDGE = 0.12  # of the picture's width


def dressed(view: Json, reported: Container[str] = frozenset()) -> Json:
    """The View of CONTRACT with what a template cannot compute. The input is not changed. `reported` are digests of lines."""
    picture = (view.get("place") or {}).get("picture")
    found = {**view, "picture_url": view["media"]["url"] or (picture or {}).get("url", "")}
    found["machine_made"] = bool(view["media"]["generated"] if view["media"]["url"] else (picture or {}).get("generated"))
    found["leads_on"] = bool(view["node"]) and view["node"]["kind"] == "video" and any(choice["available"] for choice in view["choices"])
    found["hotspots"] = [{**spot, "box": box(spot.get("region"), picture)} for spot in view["hotspots"]]
    found["people"] = [person(one) for one in view["people"]]
    if view["npc"]:
        found["npc"] = {**person(view["npc"]), "meters": [meter(one) for one in view["npc"]["meters"]]}
    if view["dialogue"]:
        found["dialogue"] = {**view["dialogue"], "lines": [line(one, reported) for one in view["dialogue"]["lines"]]}
    if view["node"] and view["node"]["line"]:
        found["node"] = {**view["node"], "line": line(view["node"]["line"], reported)}
    return found


def line(one: Json, reported: Container[str]) -> Json:
    """A line with who wrote it in words, and its name for a report."""
    name = digest(one["text"])
    return {**one, "writer_title": writer_title(one.get("writer", "")), "digest": name, "reported": name in reported}


def person(one: Json) -> Json:
    portrait = one.get("portrait")
    return {**one, "faces": one.get("expressions") or ([portrait] if portrait else []), "activity_title": title(one.get("activity") or "")}


def meter(one: Json) -> Json:
    """With `bar`: where the value's bar starts and how wide it is, in percent of the scale, measured from zero."""
    low, high, value = one["min"], one["max"], one["value"]
    share = 100 / ((high - low) or 1)
    zero = (max(low, min(high, 0)) - low) * share
    at = (value - low) * share
    bar = {"x": round(min(zero, at), 2), "width": round(abs(at - zero), 2), "zero": round(zero - 0.4, 2)}
    return {**one, "shown": number(value), "bar": bar}


def box(region: Mapping[str, float] | None, picture: Mapping[str, Any] | None) -> Json | None:
    """A region of 0–1 in units of the picture, so that an SVG over it crops as the picture does."""
    if not region or not picture:
        return None
    width, height = picture.get("width") or 1280, picture.get("height") or 720
    x, y = region["x"] * width, region["y"] * height
    w, h = region["width"] * width, region["height"] * height
    cx, cy = x + w / 2, y + h / 2
    places = {"x": x, "y": y, "width": w, "height": h, "cx": cx, "cy": cy, "below": cy + SPOT_LABEL_BELOW}
    # On a screen narrower than the picture its sides are cut off; words at the edge therefore run inwards.
    anchor = "start" if cx < width * EDGE else "end" if cx > width * (1 - EDGE) else "middle"
    return {**{name: round(value, 1) for name, value in places.items()}, "anchor": anchor}


def writer_title(key: str) -> str:
    """Who wrote a line, in words: a machine's text is always named as such."""
    try:
        return f"{writers.get(key).title} writer"
    except LookupError:
        return title(key)


def as_attribute(value: Any) -> str:
    """JSON for a data attribute; the template escapes it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
