"""A picture of a model that somebody brought: its triangles from where the author's viewer stands, whatever else is in the file."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
import pytest

from generation.gltf import still as drawing
from generation.gltf.places import market
from generation.gltf.still import SIZE, still
from generation.intake.glb import read_glb
from generation.paint.noise import generator
from pixsim.models import User
from tests.generation.test_intake import glb, upload

Json = dict[str, Any]
WALL = struct.pack("<9f", -1, 0, 0, 1, 0, 0, 0, 2, 0)
VIEWS = [{"buffer": 0, "byteLength": len(WALL)}]
PLACES = {"bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3"}


@pytest.fixture(autouse=True)
def roughly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fewer points than for people: colours and places are as true."""
    monkeypatch.setattr(drawing, "PER_PIXEL", 1)


def model(colour: list[float], **node: Any) -> Json:
    material = {"pbrMetallicRoughness": {"baseColorFactor": [*colour, 1]}}
    return {
        "asset": {"version": "2.0"}, "nodes": [{"name": "wall", "mesh": 0, **node}], "materials": [material], "bufferViews": VIEWS,
        "accessors": [PLACES], "meshes": [{"primitives": [{"attributes": {"POSITION": 0}, "material": 0}]}], "buffers": [{"byteLength": len(WALL)}],
    }  # fmt: skip


def seen(document: Json) -> np.ndarray[Any, Any]:
    """The pixels that are no sky."""
    made = still(document, WALL)
    assert made is not None
    assert made.size == SIZE
    pixels = np.asarray(made).astype(int)
    return pixels[pixels[:, :, 0] > 100]


def test_a_triangle_is_seen_in_its_colour() -> None:
    wall = seen(model([1, 0, 0]))
    assert len(wall) > 0.1 * SIZE[0] * SIZE[1]
    assert wall[:, 1:].mean() < 40


@pytest.mark.parametrize("turn", [{"rotation": [0, 1, 0, 0]}, {"scale": [9, 9, 9]}, {"translation": [500, -20, 3]},
                                  {"matrix": [2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0, 7, 7, 7, 1]}])  # fmt: skip
def test_where_a_model_stands_and_how_large_it_is_makes_no_difference(turn: Json) -> None:
    assert len(seen(model([1, 0, 0], **turn))) == pytest.approx(len(seen(model([1, 0, 0]))), rel=0.1)


def test_our_own_places_have_all_their_colours() -> None:
    made = still(*read_glb(market(generator("x")).glb("test")))
    assert made is not None
    assert len(made.reduce(8).getcolors(10_000) or []) > 1000


def test_the_same_model_gives_the_same_picture() -> None:
    first, again = (still(model([0, 1, 0]), WALL) for _ in range(2))
    assert first is not None
    assert again is not None
    assert first.tobytes() == again.tobytes()


def broken(**change: Any) -> Json:
    return {**model([1, 0, 0]), **change}


@pytest.mark.parametrize(
    "document",
    [
        {"asset": {"version": "2.0"}},
        broken(meshes=[{"primitives": []}]),
        broken(meshes=[{"primitives": [{"attributes": {"POSITION": 0}, "mode": 1}]}]),
        broken(meshes=[{"primitives": [{"attributes": {"POSITION": 7}}]}]),
        broken(meshes="what"),
        broken(nodes=[{"mesh": 0, "scale": [0, 0, 0]}]),
        broken(nodes=[{"mesh": 0, "translation": [1e308, 1e308, "x"]}]),
        broken(accessors=[{**PLACES, "componentType": 5130}]),
        broken(accessors=[{key: value for key, value in PLACES.items() if key != "bufferView"}]),
    ],
)
def test_what_cannot_be_drawn_has_no_picture(document: Json) -> None:
    assert still(document, WALL) is None


def test_a_small_file_cannot_keep_us_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    visited: list[int] = []
    was = drawing._part
    monkeypatch.setattr(drawing, "_part", lambda *given: visited.append(1) or was(*given))
    nodes = [{"mesh": 0, "children": [0, 1] * 5000}, {"mesh": 0, "children": [0] * 10_000}]
    assert still(broken(nodes=nodes), WALL) is not None
    assert len(visited) <= drawing.MAX_VISITS


@pytest.mark.django_db
def test_an_uploaded_model_has_its_picture_as_a_poster(author: User) -> None:
    asset = upload(author, glb(model([1, 0, 0]), WALL))
    assert asset.poster.name.endswith(".jpg")
    assert not upload(author, glb({"asset": {"version": "2.0"}})).poster
