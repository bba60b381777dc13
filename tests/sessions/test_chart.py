"""Places of any coordinates on a sheet, and faces around them."""

from __future__ import annotations

from itertools import combinations
from math import hypot

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.chart import TALL, WIDE, Sheet, around, radius, spread, view_box

coordinates = st.floats(-1e6, 1e6, allow_nan=False)


@given(
    points=st.dictionaries(st.text("abcdef", min_size=1, max_size=3), st.tuples(coordinates, coordinates), max_size=12),
    sheet=st.sampled_from([WIDE, TALL]),
)
def test_every_place_stands_on_the_sheet(points: dict[str, tuple[float, float]], sheet: Sheet) -> None:
    found = spread(points, sheet)
    assert found.keys() == points.keys()
    assert all(sheet.margin <= x <= sheet.width - sheet.margin and sheet.margin <= y <= sheet.height - sheet.margin for x, y in found.values())


def test_the_plan_keeps_what_is_left_of_what() -> None:
    found = spread({"harbor": (0, 0), "market": (60, -35), "tavern": (35, 25)}, WIDE)
    assert found["harbor"][0] < found["tavern"][0] < found["market"][0]
    assert found["market"][1] < found["harbor"][1] < found["tavern"][1]


@pytest.mark.parametrize("sheet", [WIDE, TALL])
@pytest.mark.parametrize("count", [2, 5])
def test_places_on_one_spot_are_pushed_apart(sheet: Sheet, count: int) -> None:
    found = spread({f"p{number}": (0.0, 0.0) for number in range(count)}, sheet)
    need = 2 * radius(sheet, count)
    assert all(hypot(a[0] - b[0], a[1] - b[1]) > need for a, b in combinations(found.values(), 2))


def test_faces_of_one_place_do_not_lie_on_each_other() -> None:
    faces = around(500, 300, 5, 58, 26)
    centres = [(face["x"] + face["size"] / 2, face["y"] + face["size"] / 2) for face in faces]
    assert all(hypot(a[0] - b[0], a[1] - b[1]) > 20 for a, b in combinations(centres, 2))
    assert all(y < 300 + 30 for _, y in centres)


def test_a_crop_becomes_a_view_box() -> None:
    assert view_box({"crop": {"x": 1, "y": 2, "width": 3, "height": 4}, "width": 9, "height": 9}) == "1 2 3 4"
    assert view_box({"width": 1280, "height": 720}) == "0 0 1280 720"
