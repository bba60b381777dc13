"""A picture of a model for galleries: every triangle lit once and drawn with a depth for each pixel."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from generation.paint.colour import Colour, mix

from .mesh import Model, Vec

Array = npt.NDArray[np.floating[Any]]
SUN = np.array((0.45, 0.75, 0.5)) / np.linalg.norm((0.45, 0.75, 0.5))


def _matrix(node: dict[str, Any]) -> Array:
    out = np.eye(4)
    turn = node.get("rotation")
    if isinstance(turn, list):
        angle = 2 * math.atan2(turn[1], turn[3])
        c, s = math.cos(angle), math.sin(angle)
        out[0, 0], out[0, 2], out[2, 0], out[2, 2] = c, s, -s, c
    at = node.get("translation")
    if isinstance(at, list):
        out[:3, 3] = at
    return out


class _Film:
    """Colour and depth of every pixel."""

    def __init__(self, size: tuple[int, int], sky: tuple[Colour, Colour]) -> None:
        wide, high = size
        rows = [mix(sky[0], sky[1], min(1.0, y / high * 1.6)) for y in range(high)]
        self.colour = np.repeat(np.array(rows, dtype=np.float32)[:, None, :], wide, axis=1)
        self.depth = np.full((high, wide), np.inf, dtype=np.float32)

    def triangle(self, flat: Array, depth: Array, colour: Colour) -> None:
        """Fill where it is nearer than what is there; flat (3, 2) in pixels, depth of the corners."""
        high, wide = self.depth.shape
        left, top = np.maximum(np.floor(flat.min(axis=0)).astype(int), 0)
        right, bottom = np.minimum(np.ceil(flat.max(axis=0)).astype(int) + 1, (wide, high))
        if right <= left or bottom <= top:
            return
        (ax, ay), (bx, by), (cx, cy) = flat
        area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
        if abs(area) < 1e-9:
            return
        x, y = np.arange(left, right)[None, :] + 0.5, np.arange(top, bottom)[:, None] + 0.5
        u = ((bx - x) * (cy - y) - (by - y) * (cx - x)) / area
        v = ((cx - x) * (ay - y) - (cy - y) * (ax - x)) / area
        w = 1 - u - v
        z = 1 / np.maximum(u / depth[0] + v / depth[1] + w / depth[2], 1e-9)
        window = (slice(top, bottom), slice(left, right))
        nearer = (u >= 0) & (v >= 0) & (w >= 0) & (z < self.depth[window])
        self.depth[window][nearer] = z[nearer]
        self.colour[window][nearer] = colour


def picture(model: Model, size: tuple[int, int], eye: Vec, look: Vec, sky: tuple[Colour, Colour], fov: float = 52.0) -> Image.Image:
    """Render with a pinhole camera at `eye` towards `look`; sky: colours of top and horizon. No textures, no shadows."""
    factor = 2
    film = _Film((size[0] * factor, size[1] * factor), sky)
    centre = np.array(size) * factor / 2
    forward = np.array(look) - np.array(eye)
    forward = forward / np.linalg.norm(forward)
    right = np.cross(forward, (0, 1, 0))
    right = right / np.linalg.norm(right)
    basis = np.stack([right, np.cross(right, forward), forward])
    focal = centre[1] / math.tan(math.radians(fov) / 2)

    def visit(index: int, above: Array) -> None:
        node = model.nodes[index]
        here = above @ _matrix(node)
        for material, shape in model.meshes[node["mesh"]][1] if "mesh" in node else []:
            seen = (np.array(shape.points) @ here[:3, :3].T + here[:3, 3] - np.array(eye)) @ basis.T
            normals = np.array(shape.normals) @ here[:3, :3].T
            for i in range(0, len(shape.indices), 3):
                corners = shape.indices[i : i + 3]
                part = seen[corners]
                if part[:, 2].min() < 0.15:
                    continue
                colour = np.mean([shape.colours[c][:3] for c in corners], axis=0) / 255
                tone = _lit(colour ** (1 / 2.2), normals[corners[0]], material, float(part[:, 2].mean()), sky[1])
                flat = centre + np.stack([part[:, 0], -part[:, 1]], axis=1) * focal / part[:, 2:]
                film.triangle(flat, part[:, 2], tone)
        for child in node["children"]:
            visit(child, here)

    visit(0, np.eye(4))
    pixels = np.rint(np.clip(film.colour, 0, 1) * 255).astype(np.uint8)
    return Image.fromarray(pixels).reduce(factor)


def _lit(colour: Array, normal: Array, material: str, depth: float, haze: Colour) -> Colour:
    base: Colour = (float(colour[0]), float(colour[1]), float(colour[2]))
    if material == "glowing":
        return mix(base, (1.0, 0.85, 0.5), 0.5)
    sun = max(0.0, abs(float(normal @ SUN)))
    light = 0.55 + 0.25 * (0.5 + 0.5 * float(normal[1])) + 0.42 * sun
    shaded: Colour = (min(1.0, base[0] * light), min(1.0, base[1] * light), min(1.0, base[2] * light))
    return mix(shaded, haze, min(0.75, max(0.0, (depth - 9) / 60)))
