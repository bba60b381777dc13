"""Noise for texture: value noise in octaves, tileable where something scrolls over it. Same seed, same array."""

from __future__ import annotations

import hashlib
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PIL import Image

Field = npt.NDArray[np.float32]


def seed_of(*parts: object) -> int:
    """A 63-bit seed from any printable parts; Python's own hash() differs from process to process."""
    digest = hashlib.sha256("\x1f".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def generator(*parts: object) -> np.random.Generator:
    """A random generator named by its parts, so that adding one drawing does not shift another's numbers."""
    return np.random.Generator(np.random.PCG64(seed_of(*parts)))


def _octave(rng: np.random.Generator, height: int, width: int, rows: int, columns: int, tile: bool) -> Field:
    grid = rng.random((rows, columns), dtype=np.float32)
    if tile:  # Bicubic resampling looks two cells beyond the edge.
        grid = np.pad(grid, 2, mode="wrap")
        box = (2.0, 2.0, 2.0 + columns, 2.0 + rows)
    else:
        box = (0.0, 0.0, float(columns), float(rows))
    image = Image.fromarray(grid).resize((width, height), Image.Resampling.BICUBIC, box=box)
    return np.asarray(image, dtype=np.float32)


def fbm(
    *name: object,
    size: tuple[int, int],
    cell: tuple[float, float],
    octaves: int = 4,
    gain: float = 0.5,
    tile: bool = False,
) -> Field:
    """Fractal value noise.

    size: (width, height) in pixels; cell: (width, height) of the largest cell in pixels; gain: weight of each
    next octave. Returns (height, width) in 0–1, stretched to the full range. Tileable when `tile`.
    """
    width, height = size
    rng = generator("fbm", *name)
    total = np.zeros((height, width), dtype=np.float32)
    weight = 1.0
    for octave in range(octaves):
        scale = 2.0**octave
        columns = min(width, max(2, round(width * scale / cell[0])))
        rows = min(height, max(2, round(height * scale / cell[1])))
        total += np.float32(weight) * _octave(rng, height, width, rows, columns, tile)
        weight *= gain
    low, high = float(total.min()), float(total.max())
    out: Field = ((total - low) / max(high - low, 1e-6)).astype(np.float32)
    return out


def blur(field: Field, radius: float) -> Field:
    """Gaussian-like blur of a (height, width) field; radius in pixels. Three box passes are a good Gaussian."""
    if radius < 0.3:
        return field
    out = field
    box = max(1, round(radius * 0.97))
    for _ in range(3):
        out = _box(_box(out, box, 1), box, 0)
    return out


def _box(field: Field, radius: int, axis: int) -> Field:
    length = field.shape[axis]
    radius = min(radius, max(1, length - 1))
    pad = [(0, 0), (0, 0)]
    pad[axis] = (radius + 1, radius)
    total = np.cumsum(np.pad(field, pad, mode="edge"), axis=axis, dtype=np.float64)
    span = 2 * radius + 1
    upper = np.take(total, np.arange(span, span + length), axis=axis)
    lower = np.take(total, np.arange(0, length), axis=axis)
    return ((upper - lower) / span).astype(np.float32)


def smoothstep(low: float, high: float, value: Field) -> Field:
    """0 below low, 1 above high, a soft S between."""
    t = np.clip((value - low) / (high - low), 0.0, 1.0)
    out: Field = (t * t * (3.0 - 2.0 * t)).astype(np.float32)
    return out


@lru_cache(maxsize=8)
def grain(width: int, height: int, strength: float) -> tuple[npt.NDArray[np.int16], ...]:
    """Film grain: a few tiles to alternate between, slightly soft, in levels of 0–255 around zero."""
    tiles = []
    for number in range(4):
        raw = generator("grain", number).normal(0.0, 1.0, (height, width)).astype(np.float32)
        soft = (raw + np.roll(raw, 1, 0) + np.roll(raw, 1, 1)) / 1.7
        tiles.append(np.rint(soft * strength).astype(np.int16))
    return tuple(tiles)
