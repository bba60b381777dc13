"""Colours as three floats in 0–1 (sRGB values), mixed in place of light transport: a painter's arithmetic."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Colour = tuple[float, float, float]


def rgb(text: str) -> Colour:
    """'#a0b1c2' -> three floats. ValueError for anything else."""
    digits = text.lstrip("#")
    if len(digits) != 6:
        raise ValueError(f"not a colour: {text!r}")
    return (int(digits[0:2], 16) / 255, int(digits[2:4], 16) / 255, int(digits[4:6], 16) / 255)


def mix(a: Colour, b: Colour, t: float) -> Colour:
    """a at t = 0, b at t = 1."""
    return (a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t)


def times(a: Colour, b: Colour | float) -> Colour:
    """Multiply: a surface under a coloured light, clipped to 1."""
    other = (b, b, b) if isinstance(b, float | int) else b
    return (min(1.0, a[0] * other[0]), min(1.0, a[1] * other[1]), min(1.0, a[2] * other[2]))


def screen(a: Colour, b: Colour) -> Colour:
    """Light added to light without burning out."""
    return (1 - (1 - a[0]) * (1 - b[0]), 1 - (1 - a[1]) * (1 - b[1]), 1 - (1 - a[2]) * (1 - b[2]))


def luma(a: Colour) -> float:
    """Perceived brightness (Rec. 709 weights)."""
    return 0.2126 * a[0] + 0.7152 * a[1] + 0.0722 * a[2]


def saturate(a: Colour, amount: float) -> Colour:
    """1 leaves it, 0 is grey, above 1 is richer."""
    grey = luma(a)
    red, green, blue = (min(1.0, max(0.0, grey + (c - grey) * amount)) for c in a)
    return (red, green, blue)


def ramp(stops: Sequence[tuple[float, Colour]], where: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Colours along stops [(0–1, colour), …] for an array of positions; returns (3, *where.shape)."""
    at = [stop for stop, _ in stops]
    return np.stack([np.interp(where, at, [colour[i] for _, colour in stops]).astype(np.float32) for i in range(3)])
