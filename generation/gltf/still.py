"""A picture of a model that somebody brought, from its file alone: points strewn over its triangles, each pixel the nearest of them.

No textures and no shadows; how long it takes depends on the picture and hardly on the model.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

Array = npt.NDArray[np.floating[Any]]
SIZE: Final = (800, 450)
PER_PIXEL: Final = 6
CLOSER: Final = 1.35  # at most so much nearer than what would show the whole model: edges of ground and water are no sight
MAX_TRIANGLES: Final = 600_000
MAX_VISITS: Final = 20_000  # a node may have many parents, a mesh many nodes
MAX_DEPTH: Final = 64
DTYPES: Final = {5120: "i1", 5121: "u1", 5122: "<i2", 5123: "<u2", 5125: "<u4", 5126: "<f4"}
PARTS: Final = {"SCALAR": 1, "VEC3": 3, "VEC4": 4}
SUN: Final = np.array((0.45, 0.75, 0.5)) / np.linalg.norm((0.45, 0.75, 0.5))
PLAIN: Final = 0.8  # how light something is that says no colour
FROM: Final = np.array((-0.12, 0.25, 0.6))
"""Where the camera stands, in lengths of the model's diagonal from its middle; as in the author's viewer."""
TOP, HORIZON = np.array((0.075, 0.11, 0.18)), np.array((0.2, 0.26, 0.38))


def still(document: dict[str, Any], binary: bytes) -> Image.Image | None:
    """A checked GLB as a picture of SIZE; None where it has nothing that can be drawn so."""
    try:
        with np.errstate(all="ignore"):
            corners, colours = _triangles(document, binary)
            return _drawn(corners, colours) if len(corners) else None
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError):
        return None


# -- the triangles ----------------------------------------------------------------------------------------------------
def _triangles(document: dict[str, Any], binary: bytes) -> tuple[Array, Array]:
    """Corners (n, 3, 3) in the world, colours (n, 3) in 0–1; at most MAX_TRIANGLES of at most MAX_VISITS nodes and parts."""
    nodes, meshes = document.get("nodes", []), document.get("meshes", [])
    scenes = document.get("scenes") or [{"nodes": list(range(len(nodes)))}]
    waiting = [(index, np.eye(4), 0) for index in scenes[document.get("scene", 0)].get("nodes", [])]
    found: list[tuple[Array, Array]] = [(np.empty((0, 3, 3)), np.empty((0, 3)))]
    left, visits = MAX_TRIANGLES, 0
    while waiting and left > 0 and visits < MAX_VISITS:
        index, above, depth = waiting.pop()
        node = nodes[index]
        here = above @ _matrix(node)
        children = node.get("children", []) if depth < MAX_DEPTH else []
        waiting += [(child, here, depth + 1) for child in children[: max(0, MAX_VISITS - len(waiting))]]
        parts = meshes[node["mesh"]].get("primitives", []) if "mesh" in node else []
        visits += 1 + len(parts)
        for part in parts[:MAX_VISITS]:
            if part.get("mode", 4) == 4 and left > 0:
                points, colours = _part(document, binary, part, left)
                left -= len(points)
                found.append((points @ here[:3, :3].T + here[:3, 3], colours))
    corners, colours = (np.concatenate(lists) for lists in zip(*found, strict=True))
    fine = np.isfinite(corners).all(axis=(1, 2))
    return corners[fine], colours[fine]


def _part(document: dict[str, Any], binary: bytes, part: dict[str, Any], most: int) -> tuple[Array, Array]:
    """Corners (n, 3, 3) of its first triangles, and a colour for each. What is not drawn is not copied: a list may be long and used often."""
    attributes = part["attributes"]
    places = _List(document, binary, attributes["POSITION"])
    if "indices" in part:
        order = _List(document, binary, part["indices"]).raw[: 3 * most, 0].astype(np.int64)
    else:
        order = np.arange(min(len(places.raw), 3 * most))
    faces = order[: len(order) // 3 * 3].reshape(-1, 3)
    materials = document.get("materials", [])
    surface = materials[part["material"]].get("pbrMetallicRoughness", {}) if "material" in part else {}
    base = np.array(surface.get("baseColorFactor", (1, 1, 1)), float)[:3]
    if "COLOR_0" not in attributes:
        return places.at(faces), np.broadcast_to(base * PLAIN, (len(faces), 3))
    return places.at(faces), _List(document, binary, attributes["COLOR_0"]).at(faces).mean(axis=1) * base


class _List:
    """An accessor, as it lies in the file."""

    def __init__(self, document: dict[str, Any], binary: bytes, index: int) -> None:
        accessor = document["accessors"][index]
        view = document["bufferViews"][accessor["bufferView"]]
        dtype, parts = np.dtype(DTYPES[accessor["componentType"]]), PARTS[accessor["type"]]
        strides = (view.get("byteStride", dtype.itemsize * parts), dtype.itemsize)
        start = view.get("byteOffset", 0) + accessor.get("byteOffset", 0)
        self.raw = np.ndarray((accessor["count"], parts), dtype, binary, start, strides)
        self.whole = float(np.iinfo(dtype).max) if accessor.get("normalized") and dtype.kind in "iu" else 1.0

    def at(self, rows: npt.NDArray[np.int64]) -> Array:
        """The first three numbers of these rows."""
        found: Array = self.raw[rows][..., :3].astype(np.float64) / self.whole
        return found


def _matrix(node: dict[str, Any]) -> Array:
    if "matrix" in node:
        return np.array(node["matrix"], float).reshape(4, 4).T
    out = np.eye(4)
    x, y, z, w = node.get("rotation", (0, 0, 0, 1))
    out[:3, :3] = np.array(
        (
            (1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)),
            (2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)),
            (2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)),
        )
    ) * np.array(node.get("scale", (1, 1, 1)), float)
    out[:3, 3] = node.get("translation", (0, 0, 0))
    return out


# -- the picture ------------------------------------------------------------------------------------------------------
def _drawn(corners: Array, colours: Array) -> Image.Image | None:
    wide, high = SIZE
    low, top = corners.min(axis=(0, 1)), corners.max(axis=(0, 1))
    size = float(np.linalg.norm(top - low))
    if not 0 < size < math.inf:
        return None
    seen = ((corners - ((low + top) / 2 + FROM * size)) @ _basis(-FROM).T).astype(np.float32)
    ahead = (seen[:, :, 2] > size / 500).all(axis=1)
    seen, tones = seen[ahead], _lit(corners[ahead], colours[ahead])
    if not len(seen):
        return None
    flat = seen[:, :, :2] / seen[:, :, 2:]
    left, right = flat.min(axis=(0, 1)), flat.max(axis=(0, 1))
    fits = np.sort(np.array(SIZE) / np.maximum(right - left, 1e-6))
    zoom = float(min(fits[1], CLOSER * fits[0]))
    which, spots = _strewn(seen, flat, wide * high * PER_PIXEL)
    x, y = (((spots[:, :2] / spots[:, 2:] - (left + right) / 2) * (zoom, -zoom)) + (wide / 2, high / 2)).astype(np.int32).T
    inside = np.flatnonzero((x >= 0) & (x < wide) & (y >= 0) & (y < high))
    behind = inside[np.argsort(-spots[inside, 2])]  # of those on one pixel the last one written stays: the nearest
    film = np.repeat(np.linspace(TOP, HORIZON, high)[:, None], wide, axis=1).reshape(-1, 3)
    film[(y * wide + x)[behind]] = tones[which[behind]]
    pixels = np.rint(film.clip(0, 1) * 255).astype(np.uint8).reshape(high, wide, 3)
    return Image.fromarray(pixels).filter(ImageFilter.MedianFilter(3))


def _strewn(seen: Array, flat: Array, number: int) -> tuple[npt.NDArray[np.intp], Array]:
    """Points on triangles, as many on each as it is large to the eye: the triangle of each, and where it lies."""
    one, two = flat[:, 1] - flat[:, 0], flat[:, 2] - flat[:, 0]
    reach = np.cumsum(np.abs(one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0]), dtype=np.float64)
    rng = np.random.default_rng(0)
    which = np.searchsorted(reach, (np.arange(number) + 0.5) / number * reach[-1]).clip(0, len(reach) - 1)
    u, v = rng.random((2, number), dtype=np.float32)
    over = u + v > 1
    u[over], v[over] = 1 - u[over], 1 - v[over]
    corner = seen[:, 0]
    return which, corner[which] + (seen[:, 1] - corner)[which] * u[:, None] + (seen[:, 2] - corner)[which] * v[:, None]


def _basis(forward: Array) -> Array:
    ahead = forward / np.linalg.norm(forward)
    right = np.cross(ahead, (0, 1, 0))
    right = right / np.linalg.norm(right)
    return np.stack([right, np.cross(right, ahead), ahead])


def _lit(corners: Array, colours: Array) -> Array:
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normal = normal / np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-12)
    light = 0.55 + 0.25 * (0.5 + 0.5 * np.abs(normal[:, 1])) + 0.42 * np.abs(normal @ SUN)
    lit: Array = colours.clip(0, 1) ** (1 / 2.2) * light[:, None]
    return lit
