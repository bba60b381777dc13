"""Brush strokes: a map that says, for every pixel, which dab of paint covers it and where that dab took its colour.

Painting through the map is one gather, so a whole layer turns into strokes in milliseconds (after Haeberli,
"Paint by Numbers", 1990: each stroke has one colour, taken from the picture at its centre).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from .noise import Field, blur, fbm, generator

SHORTEST = 6  # pixels; a shorter stroke is only noise
TILES = (192, 512)  # for strokes up to 12 pixels, and longer ones


@dataclass(frozen=True, slots=True)
class Strokes:
    """dx, dy: from a pixel to its dab's centre; tone: slight lightness of each dab and its bristles, around 0."""

    dx: npt.NDArray[np.int16]
    dy: npt.NDArray[np.int16]
    tone: Field


@lru_cache(maxsize=12)
def strokes(length: int, width: int, angle: float, spread: float) -> Strokes:
    """A tileable stroke map. length, width in pixels; angle and spread in degrees (0 is horizontal)."""
    rng = generator("strokes", length, width, angle, spread)
    tile = TILES[length > 12]
    count = int(3.2 * tile * tile / (length * width))
    centres = rng.integers(0, tile, (count, 2))
    turns = np.deg2rad(angle + rng.normal(0.0, spread, count))
    sizes = rng.uniform(0.7, 1.3, (count, 2)) * (length / 2, width / 2)
    canvas = Image.new("I", (tile, tile), 0)
    draw = ImageDraw.Draw(canvas)
    ring = np.linspace(0, 2 * np.pi, 9, endpoint=False)
    unit = np.stack([np.sign(np.cos(ring)) * np.abs(np.cos(ring)) ** 0.6, np.sin(ring)], axis=1)
    cos, sin = np.cos(turns)[:, None], np.sin(turns)[:, None]
    shapes = unit[None] * sizes[:, None]
    turned = np.stack([shapes[..., 0] * cos - shapes[..., 1] * sin, shapes[..., 0] * sin + shapes[..., 1] * cos], axis=2) + centres[:, None]
    outlines = turned.reshape(count, -1).tolist()
    for number, (x, y) in enumerate(centres.tolist()):
        for ox in _wraps(x, length, tile):
            for oy in _wraps(y, length, tile):
                outline = outlines[number]
                if ox or oy:
                    outline = [value + (oy if i % 2 else ox) for i, value in enumerate(outline)]
                draw.polygon(outline, fill=number + 1)
    painted = np.asarray(canvas, dtype=np.int64)
    index, bare = np.maximum(painted - 1, 0), painted == 0
    rows, columns = np.indices((tile, tile))
    dx = np.where(bare, 0, (centres[index, 0] - columns + tile // 2) % tile - tile // 2)
    dy = np.where(bare, 0, (centres[index, 1] - rows + tile // 2) % tile - tile // 2)
    body = np.where(bare, 0, rng.normal(0.0, 1.0, count).astype(np.float32)[index])
    bristle = fbm("bristle", length, width, size=(tile, tile), cell=(length, max(2, width / 3)), octaves=2, tile=True)
    edge = (index != np.roll(index, 1, 0)).astype(np.float32)
    tone = body * 0.55 + (bristle - 0.5) * 1.6 + blur(edge, 0.8) * 0.8 - 0.2
    return Strokes(dx.astype(np.int16), dy.astype(np.int16), tone.astype(np.float32))


def _wraps(at: int, margin: int, tile: int) -> tuple[int, ...]:
    if at < margin:
        return (0, tile)
    return (0, -tile) if at > tile - margin else (0,)


def paint(picture: Field, *, length: float, width: float, angle: float = 0.0, spread: float = 25.0, tone: float = 0.02) -> Field:
    """Repaint a (planes, height, width) picture in strokes. Sizes in pixels; tone: how much dabs differ in lightness.

    An alpha plane (the fourth) is moved with its colour, so silhouettes get brushed edges.
    """
    if length < SHORTEST:
        return picture
    field = strokes(round(length), max(2, round(width)), angle, spread)
    _, high, wide = picture.shape
    rows = np.arange(high)[:, None]
    columns = np.arange(wide)[None, :]
    tile = field.dx.shape[0]
    tile_rows, tile_columns = rows % tile, columns % tile
    source_x = np.clip(columns + field.dx[tile_rows, tile_columns], 0, wide - 1)
    source_y = np.clip(rows + field.dy[tile_rows, tile_columns], 0, high - 1)
    out = picture[:, source_y, source_x]
    out[:3] = np.clip(out[:3] * (1.0 + tone * field.tone[tile_rows, tile_columns]), 0.0, 1.0)
    return out
