"""Things that live in a room: a fire on the hearth, weather behind a window."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from generation.paint.ink import curve
from generation.paint.noise import generator

from .air import Falling
from .light import Grade
from .stage import Planes, Shot, screen


class Fire:
    """Tongues of flame, drawn small in every frame and screened; (x, y) is the middle of their foot."""

    def __init__(self, grade: Grade, scale: float, *, x: float, y: float, width: float, height: float, depth: float, seed: int) -> None:
        self.x, self.y, self.width, self.height, self.depth = x, y, width, height, depth
        rng = generator("fire", seed)
        self.tongues = rng.random((9, 4))
        self.layers = [(grade.colour((0.95, 0.3, 0.05)), 1.0), (grade.colour((1.0, 0.58, 0.12)), 0.72), (grade.colour((1.0, 0.9, 0.55)), 0.42)]
        self.scale = scale

    def draw(self, shot: Shot) -> None:
        wide, high = round(self.width * 1.6 * self.scale), round(self.height * 1.3 * self.scale)
        if wide < 4 or high < 4:
            return
        light: Planes = np.zeros((3, high, wide), dtype=np.uint8)
        for colour, size in self.layers:
            image = Image.new("L", (wide * 2, high * 2), 0)
            draw = ImageDraw.Draw(image)
            for a, b, c, d in self.tongues:
                shape = self._tongue(shot.t, a, b, c, d, size)
                draw.polygon([((px + self.width * 0.8) * 2 * self.scale, high * 2 + py * 2 * self.scale) for px, py in shape], fill=210)
            mask = np.asarray(image.reduce(2).filter(ImageFilter.GaussianBlur(1.6 * self.scale)), dtype=np.float32) / 255
            for i in range(3):
                light[i] = np.maximum(light[i], (mask * colour[i] * 255).astype(np.uint8))
        x = round((self.x - self.width * 0.8 - shot.camera.x * self.depth) * shot.scale)
        y = round((self.y - shot.camera.y * self.depth) * shot.scale) - high
        screen(shot.planes, light, x, y)

    def _tongue(self, t: float, a: float, b: float, c: float, d: float, size: float) -> list[tuple[float, float]]:
        x = (a - 0.5) * self.width * 0.7 * (0.6 + 0.4 * size)
        lick = 0.72 + 0.28 * math.sin(t * (5 + 4 * b) + 9 * c) + 0.12 * math.sin(t * 13.1 + 20 * d)
        tall = self.height * (0.42 + 0.55 * c) * lick * size * (1 - 0.9 * abs(a - 0.5))
        half = self.width * (0.08 + 0.07 * d) * (0.55 + 0.45 * size)
        bend = 7 * math.sin(t * (3 + 2 * d) + 7 * a)
        return curve(
            [
                (x - half, 0),
                (x - half * 0.9, -tall * 0.3),
                (x + bend * 0.4 - half * 0.3, -tall * 0.7),
                (x + bend, -tall),
                (x + half * 0.7 + bend * 0.3, -tall * 0.55),
                (x + half, -tall * 0.2),
                (x + half * 0.8, 0),
            ],
            steps=4,
        )


class Behind:
    """Weather seen only inside a window (x0, y0, x1, y1)."""

    def __init__(self, falling: Falling, window: tuple[float, float, float, float]) -> None:
        self.falling, self.window = falling, window

    def draw(self, shot: Shot) -> None:
        x0, y0, x1, y1 = self.window
        dx, dy = shot.camera.x * 0.42, shot.camera.y * 0.42
        _, high, wide = shot.planes.shape
        left, right = max(0, round((x0 - dx - 8) * shot.scale)), min(wide, round((x1 - dx + 8) * shot.scale))
        top, bottom = max(0, round((y0 - dy - 8) * shot.scale)), min(high, round((y1 - dy + 8) * shot.scale))
        if right > left and bottom > top:
            part = Shot(shot.planes[:, top:bottom, left:right], shot.t, shot.camera, shot.scale)
            self.falling.draw(part)
