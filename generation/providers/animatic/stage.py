"""The stage: what stands at which depth, and how each piece draws itself into a frame.

Layers are painted once, large, and graded; a frame only shifts, blends and gathers. Planes lie one after another
(3, h, w) in bytes: NumPy is several times faster on them than on interleaved pixels.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
from PIL import Image

from generation.paint.ink import Canvas
from generation.paint.noise import Field

from .light import Grade

Bytes = npt.NDArray[np.uint8]  # one plane (h, w)
Planes = npt.NDArray[np.uint8]  # (3, h, w), or (4, h, w) with alpha, premultiplied
Path = Callable[[float], tuple[float, float]]

VIEW_W, VIEW_H = 1280.0, 720.0
MARGIN_X, MARGIN_Y = 190.0, 80.0  # what the camera may uncover beside the view


@dataclass(frozen=True, slots=True)
class Camera:
    """Where the camera is: x, y in design units at depth 1, zoom ≥ 1."""

    x: float = 0.0
    y: float = 0.0
    zoom: float = 1.0


@dataclass(slots=True)
class Shot:
    """One frame being made. `scale`: pixels per design unit; t in seconds; beat: 0–1 through the clip."""

    planes: Planes
    t: float
    camera: Camera
    scale: float


class Piece(Protocol):
    """Something on the stage, drawn in order, back to front."""

    def draw(self, shot: Shot) -> None: ...


def full_canvas(scale: float) -> Canvas:
    """A canvas over the whole stage with its margins."""
    return Canvas((VIEW_W + 2 * MARGIN_X, VIEW_H + 2 * MARGIN_Y), scale, (-MARGIN_X, -MARGIN_Y))


def blit(target: Planes, source: Planes, x: float, y: float, *, fine: bool = True) -> None:
    """Draw premultiplied (4, h, w) or opaque (3, h, w) planes at a fractional pixel position, clipped."""
    ix, iy = math.floor(x), math.floor(y)
    fx, fy = (round((x - ix) * 8), round((y - iy) * 8)) if fine else (0, 0)
    _, high, wide = target.shape
    _, rows, columns = source.shape
    # A fractional shift looks one pixel back, so the first row and column of the source are given up.
    left, top = max(0, ix + 1), max(0, iy + 1)
    right, bottom = min(wide, ix + columns), min(high, iy + rows)
    if right <= left or bottom <= top:
        return

    def part(plane: Bytes) -> Bytes:
        """The plane as it falls on the target's pixels: whole, or mixed with its neighbours by eighths."""

        def window(dx: int, dy: int) -> Bytes:
            return plane[top - iy - dy : bottom - iy - dy, left - ix - dx : right - ix - dx]

        here = _lerp(window(0, 0), window(1, 0), fx) if fx else window(0, 0)
        if not fy:
            return here
        return _lerp(here, _lerp(window(0, 1), window(1, 1), fx) if fx else window(0, 1), fy)

    # Plane by plane: what is computed in between then stays in the processor's cache.
    places = [plane[top:bottom, left:right] for plane in target]
    if source.shape[0] == 3:
        for place, plane in zip(places, source, strict=True):
            place[...] = part(plane)
        return
    keep = part(source[3]).astype(np.uint16)
    np.subtract(256, keep + (keep >> 7), out=keep)
    for place, plane in zip(places, source[:3], strict=True):
        mixed = place * keep
        mixed >>= 8
        mixed += part(plane)
        place[...] = mixed


def _lerp(a: Bytes, b: Bytes, eighths: int) -> Bytes:
    out = np.multiply(a, 8 - eighths, dtype=np.uint16)
    out += np.multiply(b, eighths, dtype=np.uint16)
    out += 4
    out >>= 3
    return out.astype(np.uint8)


def screen(target: Planes, source: Planes, x: int, y: int, gain: float = 1.0) -> None:
    """Add light (3, h, w) at a whole-pixel position; gain 0–1."""
    _, high, wide = target.shape
    _, rows, columns = source.shape
    left, top = max(0, x), max(0, y)
    right, bottom = min(wide, x + columns), min(high, y + rows)
    if right <= left or bottom <= top or gain <= 0:
        return
    strength = np.uint16(min(256, round(gain * 256)))
    for target_plane, source_plane in zip(target, source, strict=True):
        dim = source_plane[top - y : bottom - y, left - x : right - x].astype(np.uint16)
        if strength < 256:
            dim *= strength
            dim >>= 8
        np.subtract(256, dim, out=dim)
        place = target_plane[top:bottom, left:right]
        dim *= 255 - place
        dim >>= 8
        place[...] = 255 - np.minimum(dim, 255)


def to_planes(canvas: Canvas, grade: Grade, *, opaque: bool = False) -> tuple[Planes, float, float]:
    """Grade a canvas and pack it, cropped to what is painted: planes and design position of its top left pixel."""
    colour = grade.apply(np.clip(canvas.rgb, 0, 1))
    if opaque:
        return _bytes(colour), canvas.origin[0], canvas.origin[1]
    rows = np.flatnonzero(canvas.alpha.max(axis=1) > 0.004)
    columns = np.flatnonzero(canvas.alpha.max(axis=0) > 0.004)
    if not len(rows):
        return np.zeros((4, 1, 1), dtype=np.uint8), 0.0, 0.0
    box = (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
    alpha = np.clip(canvas.alpha[box], 0, 1)
    packed = np.concatenate([colour[(slice(None), *box)] * alpha, alpha[None]])
    packed = np.pad(packed, ((0, 0), (2, 2), (2, 2)))
    return (
        _bytes(packed),
        canvas.origin[0] + (columns[0] - 2) / canvas.scale,
        canvas.origin[1] + (rows[0] - 2) / canvas.scale,
    )


def _bytes(field: Field) -> Planes:
    return np.rint(np.clip(field, 0, 1) * 255).astype(np.uint8)


class Sprite:
    """A painted layer. depth 0 never moves, 1 moves with the camera; sway: an extra offset in design units."""

    def __init__(
        self, canvas: Canvas, grade: Grade, *, depth: float, sway: Path | None = None, opaque: bool = False,
        roll: Callable[[float], float] | None = None, pivot: tuple[float, float] = (0.0, 0.0), waterline: float = 0.0,
    ) -> None:  # fmt: skip
        self.planes, self.x, self.y = to_planes(canvas, grade, opaque=opaque)
        self.depth = depth
        self.sway = sway
        self.roll = roll
        self.waterline = waterline
        self.rolled = self._turned(pivot, canvas.scale) if roll else {}

    def _turned(self, pivot: tuple[float, float], scale: float) -> dict[int, Planes]:
        centre = ((pivot[0] - self.x) * scale, (pivot[1] - self.y) * scale)
        packed = np.ascontiguousarray(self.planes.transpose(1, 2, 0))
        image = Image.frombuffer("CMYK", packed.shape[1::-1], packed.tobytes(), "raw", "CMYK", 0, 1)
        turns = {}
        for step in range(-6, 7):  # 0.1 degrees apart: half a pixel at a mast top
            turned = image.rotate(step * 0.1, Image.Resampling.BICUBIC, center=centre)
            turns[step] = np.ascontiguousarray(np.asarray(turned).transpose(2, 0, 1))
        return turns

    def draw(self, shot: Shot) -> None:
        self.draw_at(shot.planes, shot, 0.0)

    def draw_at(self, planes: Planes, shot: Shot, lift: float) -> None:
        """Draw into any planes, raised by `lift` design units (the water's mirror image needs that)."""
        dx, dy = self.sway(shot.t) if self.sway else (0.0, 0.0)
        source = self.planes
        if self.roll:
            source = self.rolled[max(-6, min(6, round(self.roll(shot.t) * 10)))]
        zoom = (shot.camera.zoom - 1) * (self.depth - 0.6) * 0.8 if self.depth > 1.05 else 0.0
        centre = self.x + source.shape[2] / shot.scale / 2
        x = (self.x - shot.camera.x * self.depth + dx + (centre - VIEW_W / 2) * zoom) * shot.scale
        y = (self.y - shot.camera.y * self.depth + dy - lift + VIEW_H / 4 * max(0.0, zoom)) * shot.scale
        blit(planes, source, x, y, fine=source.shape[0] == 4 or self.depth > 0)


class Glow:
    """Light screened over what stands behind it; flicker gives its strength at a time."""

    def __init__(self, canvas: Canvas, grade: Grade, *, depth: float, flicker: Callable[[float], float] | None = None, gain: float = 1.0) -> None:
        packed, self.x, self.y = to_planes(canvas, grade)
        self.light: Planes = packed[:3]
        self.depth = depth
        self.flicker = flicker
        self.gain = gain

    def draw(self, shot: Shot) -> None:
        x = round((self.x - shot.camera.x * self.depth) * shot.scale)
        y = round((self.y - shot.camera.y * self.depth) * shot.scale)
        screen(shot.planes, self.light, x, y, self.gain * (self.flicker(shot.t) if self.flicker else 1.0))


def bob(amount: float, period: float, phase: float = 0.0, drift: float = 0.0) -> Path:
    """Rise and fall on water, with a slower second wave; amounts in design units, period in seconds."""

    def path(t: float) -> tuple[float, float]:
        a = 2 * math.pi * t / period + phase
        return drift * math.sin(a * 0.5), amount * (math.sin(a) + 0.35 * math.sin(1.7 * a + 1))

    return path


def rocking(degrees: float, period: float, phase: float = 0.0) -> Callable[[float], float]:
    """Roll of a hull in degrees."""
    return lambda t: degrees * math.sin(2 * math.pi * t / period + phase)


def flame(speed: float = 1.0, depth: float = 0.25, phase: float = 0.0) -> Callable[[float], float]:
    """The unsteady strength of a fire: incommensurable sines, 1 − depth … 1."""

    def strength(t: float) -> float:
        a = t * speed
        wave = math.sin(7.1 * a + phase) + 0.6 * math.sin(12.7 * a + 2 * phase) + 0.4 * math.sin(23.3 * a + phase)
        return 1 - depth * (0.5 - wave / 4)

    return strength
