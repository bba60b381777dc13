"""The drawing of a map: places of any coordinates onto a sheet, faces around them, crops as view boxes. Pure geometry, in units of the sheet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import cos, hypot, pi, sin, sqrt
from typing import Any, NamedTuple

Json = dict[str, Any]
ROUNDS, PUSHES = 300, 40_000  # of pushing places apart; many places get fewer rounds, so that a map never takes long
SHOWN_FACES = 5


class Sheet(NamedTuple):
    """A sheet to draw on: its size, the radius of a place and of a face, and what stays free at the edge (label and faces stand there)."""

    name: str
    width: int
    height: int
    place: int
    face: int
    margin: int


WIDE = Sheet("wide", 1000, 640, 58, 26, 130)
TALL = Sheet("tall", 390, 470, 36, 19, 76)


def spread(points: Mapping[str, tuple[float, float]], sheet: Sheet) -> dict[str, tuple[float, float]]:
    """Where each place stands on the sheet. Its own proportions are kept as far as they fit; places too near each other are pushed apart."""
    if not points:
        return {}
    xs, ys = [x for x, _ in points.values()], [y for _, y in points.values()]
    room = (sheet.width - 2 * sheet.margin, sheet.height - 2 * sheet.margin)
    found = {key: [sheet.margin + _share(x, xs) * room[0], sheet.margin + _share(y, ys) * room[1]] for key, (x, y) in points.items()}
    return _apart(found, sheet)


def _share(value: float, values: Sequence[float]) -> float:
    low, high = min(values), max(values)
    return (value - low) / (high - low) if high > low else 0.5


def radius(sheet: Sheet, count: int) -> int:
    """Of a place: smaller where there are many."""
    return max(14, round(sheet.place * min(1.0, sqrt(9 / max(count, 1)))))


def _apart(found: dict[str, list[float]], sheet: Sheet) -> dict[str, tuple[float, float]]:
    need = radius(sheet, len(found)) * 2.5
    names = sorted(found)
    for number, name in enumerate(names):  # places on one spot part in directions of their own
        found[name][0] += cos(2.4 * number) * sqrt(number + 1)
        found[name][1] += sin(2.4 * number) * sqrt(number + 1)
    for _ in range(max(10, min(ROUNDS, PUSHES // (len(names) ** 2)))):
        moved = False
        for number, one in enumerate(names):
            for other in names[number + 1 :]:
                a, b = found[one], found[other]
                dx, dy = b[0] - a[0], b[1] - a[1]
                far = hypot(dx, dy)
                if far >= need:
                    continue
                moved = True
                far = far or 1e-9
                push = (need - far) / 2
                for point, sign in ((a, -1), (b, 1)):
                    point[0] = _within(point[0] + sign * dx / far * push, sheet.margin, sheet.width - sheet.margin)
                    point[1] = _within(point[1] + sign * dy / far * push, sheet.margin, sheet.height - sheet.margin)
        if not moved:
            break
    for point in found.values():
        point[:] = _within(point[0], sheet.margin, sheet.width - sheet.margin), _within(point[1], sheet.margin, sheet.height - sheet.margin)
    return {key: (round(x, 1), round(y, 1)) for key, (x, y) in found.items()}


def _within(value: float, low: float, high: float) -> float:
    return max(low, min(value, high))


def around(x: float, y: float, count: int, place: int, face: int) -> list[Json]:
    """The squares of `count` faces, standing on the upper edge of a place."""
    step = min(2 * face * 1.04 / (place + 2), pi / max(count, 1))
    middle = -pi / 4 if count == 1 else -pi / 2
    angles = [middle + (number - (count - 1) / 2) * step for number in range(count)]
    return [
        {"x": round(x + (place + 2) * cos(angle) - face, 1), "y": round(y + (place + 2) * sin(angle) - face, 1), "size": 2 * face} for angle in angles
    ]


def view_box(picture: Mapping[str, Any]) -> str:
    """The part of a picture that is shown, as the viewBox of an SVG: its crop, else all of it."""
    crop = picture.get("crop") or {"x": 0, "y": 0, "width": picture.get("width") or 1, "height": picture.get("height") or 1}
    return f"{crop['x']} {crop['y']} {crop['width']} {crop['height']}"
