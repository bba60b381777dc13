"""What moves in the air: fog banks, rain, snow, blown leaves, motes, lightning."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image, ImageDraw

from generation.paint.colour import Colour
from generation.paint.ink import Canvas, ribbon
from generation.paint.noise import Field, fbm, generator, smoothstep

from .light import Grade
from .stage import VIEW_H, VIEW_W, Planes, Shot, screen


class FogBank:
    """A veil of fog between two heights, drifting sideways. Strength 0–1."""

    def __init__(
        self, grade: Grade, colour: Colour, scale: float, *, top: float, bottom: float, strength: float, speed: float,
        depth: float, seed: int, patchy: float = 0.75, fade_bottom: float = 0.35,
    ) -> None:  # fmt: skip
        self.colour = [round(255 * c) for c in grade.colour(colour)]
        high, wide = max(2, round((bottom - top) * scale)), round(2048 * scale)
        wisps = fbm("fog", seed, size=(wide, high), cell=(wide / 4, high * 0.8), octaves=4, gain=0.5, tile=True)
        y = np.linspace(0, 1, high, dtype=np.float32)[:, None]
        profile = smoothstep(0.0, 0.5, y) * (1 - smoothstep(1 - fade_bottom, 1.0, y))
        cover = profile * (1 - patchy + patchy * smoothstep(0.2, 0.8, wisps)) * strength
        # Twice side by side, so that a frame takes one slice; colour and what it leaves are multiplied in advance.
        tile = np.rint(np.clip(cover, 0, 1) * 256).astype(np.uint16)
        self.period = wide
        tile = np.concatenate([tile, tile[:, : round(VIEW_W * scale) + 2]], axis=1)
        self.keep = 256 - tile
        self.veil = [tile * np.uint16(value) for value in self.colour]
        self.top, self.speed, self.depth = top, speed, depth

    def draw(self, shot: Shot) -> None:
        _, high, wide = shot.planes.shape
        top = round((self.top - shot.camera.y * self.depth) * shot.scale)
        first, last = max(0, top), min(high, top + self.keep.shape[0])
        if last <= first:
            return
        offset = round((shot.camera.x * self.depth - self.speed * shot.t) * shot.scale) % self.period
        window = (slice(first - top, last - top), slice(offset, offset + wide))
        for plane, veil in zip(shot.planes, self.veil, strict=True):
            mixed = plane[first:last] * self.keep[window]
            mixed += veil[window]
            mixed >>= 8
            plane[first:last] = mixed


class Falling:
    """Rain or snow: sheets of painted drops scrolling through the view, light added to what is behind."""

    def __init__(self, sheets: list[tuple[Planes, float, float, float]], colour: Colour, sway: float = 0.0) -> None:
        # (tile, speed x, speed y in design units per second, depth); doubled both ways, so a frame takes one slice
        self.sheets = [(np.tile(tile, (2, 2)), vx, vy, depth) for tile, vx, vy, depth in sheets]
        self.colour = [round(255 * c) for c in colour]
        self.sway = sway

    def draw(self, shot: Shot) -> None:
        _, high, wide = shot.planes.shape
        for number, (tile, vx, vy, depth) in enumerate(self.sheets):
            th, tw = tile.shape[0] // 2, tile.shape[1] // 2
            dx = self.sway * math.sin(0.8 * shot.t + number * 2.1)
            ox = round((shot.camera.x * depth - vx * shot.t - dx) * shot.scale) % tw
            oy = round((shot.camera.y * depth - vy * shot.t) * shot.scale) % th
            cover = tile[oy : oy + high, ox : ox + wide].astype(np.uint16)
            keep = 256 - cover
            for plane, value in zip(shot.planes, self.colour, strict=True):
                mixed = plane * keep
                mixed += cover * np.uint16(value)
                mixed >>= 8
                plane[...] = mixed


def _tile(scale: float) -> tuple[int, int]:
    return round(VIEW_W * scale), round(VIEW_H * 1.1 * scale)


def rain(scale: float, seed: int, colour: Colour, *, heavy: float, slant: float) -> Falling:
    """Three sheets of streaks; heavy 0–1; slant: design units sideways per unit down."""
    wide, high = _tile(scale)
    sheets = []
    for number, (count, length, strength, speed) in enumerate(((900, 22, 0.16, 900), (480, 40, 0.2, 1300), (110, 80, 0.24, 1900))):
        rng = generator("rain", seed, number)
        image = Image.new("L", (wide * 2, high * 2), 0)
        draw = ImageDraw.Draw(image)
        for _ in range(int(count * (0.4 + 0.9 * heavy))):
            x, y = rng.uniform(0, wide * 2), rng.uniform(0, high * 2)
            span = length * rng.uniform(0.6, 1.3) * scale * 2
            value = int(255 * strength * rng.uniform(0.5, 1.3))
            width = max(1, round((1.1 + number * 0.7) * scale * 2))
            for ox in (0, -wide * 2 if slant > 0 else wide * 2):
                for oy in (0, -high * 2):
                    draw.line((x + ox, y + oy, x + ox + slant * span, y + oy + span), fill=value, width=width)
        sheets.append((np.asarray(image.reduce(2)), slant * speed, float(speed), 0.8 + 0.3 * number))
    return Falling(sheets, colour)


def snow(scale: float, seed: int, colour: Colour, *, wind: float = 14.0) -> Falling:
    """Flakes at four distances; the nearest are few, large and soft."""
    wide, high = _tile(scale)
    sheets = []
    for number, (count, size, strength, speed) in enumerate(((620, 1.2, 0.55, 42), (300, 2.0, 0.75, 66), (110, 3.4, 0.8, 98), (26, 8.0, 0.4, 150))):
        rng = generator("snow", seed, number)
        tile: Field = np.zeros((high, wide), dtype=np.float32)
        for _ in range(count):
            r = size * rng.uniform(0.7, 1.4) * scale
            reach = max(1, math.ceil(r * 1.7))
            x, y = rng.uniform(0, wide), rng.uniform(0, high)
            columns, rows = np.arange(int(x) - reach, int(x) + reach + 1), np.arange(int(y) - reach, int(y) + reach + 1)
            distance = np.sqrt((columns[None, :] - x) ** 2 + (rows[:, None] - y) ** 2)
            flake = np.clip(1.5 - distance / max(r, 0.6), 0, 1) * strength * rng.uniform(0.6, 1.0)
            window = np.ix_(rows % high, columns % wide)
            tile[window] = np.maximum(tile[window], flake)
        bytes_ = np.rint(np.clip(tile, 0, 1) * 255).astype(np.uint8)
        sheets.append((bytes_, wind * (1 + 0.4 * number), float(speed), 0.6 + 0.3 * number))
    return Falling(sheets, colour, sway=16.0)


class Motes:
    """Dust or sparks floating in light: single soft dots on slow paths."""

    def __init__(
        self, scale: float, seed: int, colour: Colour, *, count: int, box: tuple[float, float, float, float],
        rise: float = 6.0, strength: float = 0.5, size: float = 2.0,
    ) -> None:  # fmt: skip
        rng = generator("motes", seed)
        self.spots = rng.random((count, 5))
        self.box, self.rise, self.strength = box, rise, strength
        r = max(1, round(size * 2 * scale))
        axis = np.arange(-r, r + 1) / r
        dot = np.clip(1 - np.sqrt(axis[None, :] ** 2 + axis[:, None] ** 2), 0, 1) ** 1.5
        self.dot = [np.rint(dot * 255 * c).astype(np.uint16) for c in colour]

    def draw(self, shot: Shot) -> None:
        x0, y0, x1, y1 = self.box
        _, high, wide = shot.planes.shape
        r = self.dot[0].shape[0]
        for a, b, c, d, e in self.spots:
            x = x0 + (x1 - x0) * ((a + 0.02 * math.sin(shot.t * (0.4 + c) + 6 * d)) % 1)
            y = y0 + (y1 - y0) * ((b - self.rise * (0.4 + c) * shot.t / (y1 - y0)) % 1)
            depth = 0.5 + e
            px = round((x - shot.camera.x * depth) * shot.scale) - r // 2
            py = round((y - shot.camera.y * depth) * shot.scale) - r // 2
            if px < 0 or py < 0 or px + r > wide or py + r > high:
                continue
            edge = math.sin(math.pi * ((b - self.rise * (0.4 + c) * shot.t / (y1 - y0)) % 1))
            gain = round(256 * self.strength * max(0.0, edge) * (0.6 + 0.4 * math.sin(2 * shot.t * (0.5 + d) + 9 * a)))
            for plane, dot in zip(shot.planes, self.dot, strict=True):
                part = plane[py : py + r, px : px + r]
                part[...] = np.minimum(255, part + ((dot * np.uint16(max(0, gain))) >> 8)).astype(np.uint8)


class Lightning:
    """Two strikes in eight seconds: the sky flashes, a bolt stands for a moment."""

    def __init__(self, grade: Grade, scale: float, seed: int, *, horizon: float, duration: float) -> None:
        rng = generator("lightning", seed)
        self.times = (0.27 * duration, 0.7 * duration)
        self.bolts = []
        for _ in self.times:
            canvas = Canvas((420, horizon + 40), scale)
            self._bolt(canvas, rng, 210, -20, horizon, 5.0)
            soft = canvas.like()
            soft.rgb, soft.alpha = canvas.rgb.copy(), canvas.alpha.copy()
            soft.soften(7)
            soft.over(canvas)
            light = np.clip(soft.rgb * soft.alpha, 0, 1)
            self.bolts.append((np.rint(light * 255).astype(np.uint8), rng.uniform(80, 860)))
        self.horizon = horizon

    def _bolt(self, canvas: Canvas, rng: np.random.Generator, x: float, y: float, end: float, width: float) -> None:
        points = [(x, y)]
        while y < end:
            x, y = x + rng.normal(0, 19), y + rng.uniform(14, 32)
            points.append((x, y))
            if rng.random() < 0.16 and width > 2:
                self._bolt(canvas, rng, x, y, min(end, y + rng.uniform(50, 150)), width * 0.4)
        canvas.fill(ribbon(points, (width, width * 0.4)), (0.93, 0.95, 1.0))

    def draw(self, shot: Shot) -> None:

        for at, (bolt, x) in zip(self.times, self.bolts, strict=True):
            since = shot.t - at
            if not 0 <= since < 0.6:
                continue
            strength = math.exp(-7 * since) * (1 if since < 0.06 or since > 0.12 else 0.35)
            lift = np.uint16(round(95 * strength))
            for plane, tint in zip(shot.planes, (0.85, 0.9, 1.0), strict=True):
                plane[...] = np.minimum(255, plane + (plane // 3 * lift // 90) + np.uint16(lift * tint // 3)).astype(np.uint8)
            if since < 0.3:
                screen(shot.planes, bolt, round((x - shot.camera.x * 0.06) * shot.scale), 0, strength)


def gusts(scale: float, seed: int, colour: Colour) -> Falling:
    """Leaves and spray blown through the view."""
    wide, high = _tile(scale)
    sheets = []
    for number, (count, size, speed) in enumerate(((26, 4.0, 420), (12, 7.0, 640))):
        rng = generator("gusts", seed, number)
        image = Image.new("L", (wide * 2, high * 2), 0)
        draw = ImageDraw.Draw(image)
        for _ in range(count):
            x, y = rng.uniform(0, wide * 2), rng.uniform(0, high * 2)
            a, r = rng.uniform(0, math.pi), size * rng.uniform(0.6, 1.2) * scale * 2
            dx, dy = math.cos(a) * r, math.sin(a) * r
            draw.polygon([(x - dx, y - dy), (x - dy * 0.4, y + dx * 0.4), (x + dx, y + dy), (x + dy * 0.4, y - dx * 0.4)], fill=190)
        sheets.append((np.asarray(image.reduce(2)), float(speed), 60.0 + 50 * number, 1.0 + 0.3 * number))
    return Falling(sheets, colour, sway=30.0)
