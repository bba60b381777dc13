"""Streets and squares: cobbles in perspective, puddles, snow, walkers who cross the view."""

from __future__ import annotations

import math

import numpy as np

from generation.paint.colour import Colour, mix, times
from generation.paint.ink import Canvas, rect
from generation.paint.noise import Field, fbm, generator, smoothstep

from .finish import finish
from .light import Grade, Light
from .people import stand
from .stage import Piece, Shot, Sprite
from .style import Style

STONE: Colour = (0.46, 0.42, 0.38)


def cobbles(c: Canvas, light: Light, style: Style, horizon: float, *, seed: int = 1, stone: Colour = STONE) -> Field:
    """Paint a cobbled ground from the horizon down; returns where puddles shine (for a wet street)."""
    area = c.mask(rect(-400, horizon, 1800, 820))
    rows, columns = area.window
    y, x = c.ys()[rows][:, None], c.xs()[columns][None, :]
    depth = np.maximum(y - horizon, 0.8)
    far = np.clip(1 - depth / 220, 0, 1)
    u, v = (x - 640) / depth * 7.0, 560.0 / (depth + 26)
    row = np.floor(v * 6.5)
    shift = u + 0.5 * (row % 2)
    cell = (np.floor(shift) * 57 + row * 131) % 997
    tone = ((np.sin(cell * 12.9898) * 43758.5453) % 1.0).astype(np.float32)
    edge_u, edge_v = np.abs((shift % 1) - 0.5) * 2, np.abs((v * 6.5) % 1 - 0.5) * 2
    joint = smoothstep(0.72, 0.98, np.maximum(edge_u, edge_v).astype(np.float32)) * (1 - 0.8 * far)
    lit = light.on(stone, 0.05, 0.45)
    dark = light.on(times(stone, 0.38), 0.05, 0.0)
    haze = light.haze
    picture = np.empty((3, *joint.shape), dtype=np.float32)
    for i in range(3):
        base = lit[i] * (0.72 + 0.4 * tone * (1 - far) + 0.2 * far)
        base = base + (dark[i] - base) * joint * 0.85
        picture[i] = base + (haze[i] - base) * (far**2 * (0.25 + 0.5 * light.air))
    c.lay(area, picture)
    worn = fbm("worn", seed, size=(c.width, area.cover.shape[0]), cell=(300 * c.scale, 60 * c.scale), octaves=4)[:, : area.cover.shape[1]]
    c.shade(area.times(np.clip(worn * 1.6 - 0.7, 0, 1).astype(np.float32)), (0.6, 0.58, 0.6), 0.6)
    if style.weather == "snowy":
        c.inside(area.times(smoothstep(0.25, 0.6, worn)), light.on((0.9, 0.93, 0.98), 0.0, 0.6), 0.9)
    puddles = np.zeros_like(c.alpha)
    if style.wet:
        puddles[rows, columns] = smoothstep(0.46, 0.6, worn)
        c.shade(area, (0.62, 0.64, 0.7), 0.8)
    return puddles


class Puddles:
    """Wet ground that mirrors what stands above it."""

    def __init__(self, where: Field, horizon: float, scale: float, margin: tuple[float, float], depth: float) -> None:
        self.where = np.rint(where * 150).astype(np.uint16)
        self.horizon, self.depth = horizon, depth
        self.origin = (-margin[0], -margin[1])
        self.scale = scale

    def draw(self, shot: Shot) -> None:
        _, high, wide = shot.planes.shape
        x = round((-self.origin[0] + shot.camera.x * self.depth) * shot.scale)
        y = round((-self.origin[1] + shot.camera.y * self.depth) * shot.scale)
        top = max(1, round((self.horizon - shot.camera.y * self.depth) * shot.scale))
        cover = self.where[y + top : y + high, x : x + wide]
        rows = cover.shape[0]
        if rows <= 0 or cover.shape[1] != wide:
            return
        ripple = np.rint(1.5 * np.sin(np.arange(rows) * 0.55 + 5 * shot.t) * self.scale).astype(np.int32)
        source = np.clip(top - 1 - (np.arange(rows) * 0.9).astype(np.int32) + ripple, 0, high - 1)
        keep = 256 - cover
        for plane in shot.planes:
            mixed = plane[top : top + rows] * keep
            mixed += plane[source] * cover
            mixed >>= 8
            plane[top : top + rows] = mixed


class Walker:
    """A figure that crosses the view on foot; four painted phases of a stride."""

    def __init__(
        self,
        light: Light,
        grade: Grade,
        scale: float,
        *,
        y: float,
        height: float,
        role: str,
        start: float,
        speed: float,
        depth: float,
        seed: int,
        haze: float,
    ) -> None:
        self.steps = []
        for stride in (0.0, 0.7, 0.0, -0.7):
            c = Canvas((height * 0.9, height * 1.25), scale, (-height * 0.45, -height * 1.2))
            stand(c, light, 0, 0, height, role, lit=0.35, seed=seed, depth=haze, stride=stride)
            finish(c, light, haze=0, base=0, rise=1, stroke=0, rim=0.4)
            self.steps.append(Sprite(c, grade, depth=depth))
        self.x0, self.y0 = self.steps[0].x, self.steps[0].y
        self.start, self.speed, self.y, self.height, self.depth = start, speed, y, height, depth

    def draw(self, shot: Shot) -> None:
        travelled = self.speed * shot.t
        phase = int(abs(travelled) / (self.height * 0.16)) % 4
        bounce = -abs(math.sin(math.pi * travelled / (self.height * 0.32))) * self.height * 0.014
        x = (self.start + travelled + 300) % 1880 - 300
        sprite = self.steps[phase]
        offset = (sprite.x, sprite.y)
        sprite.x, sprite.y = offset[0] + x, offset[1] + self.y + bounce
        sprite.draw(shot)
        sprite.x, sprite.y = offset


def passers_by(style: Style, light: Light, grade: Grade, scale: float, *, count: int, near: float, far: float, haze: float = 0.1) -> list[Piece]:
    """People walking at different distances, the farthest first."""
    rng = generator("walkers", style.seed)
    roles = ("plain", "hat", "dress", "cap", "plain", "apron", "hood")
    walkers: list[Piece] = []
    for n in range(count):
        t = (n + 0.5) / count
        y = far + (near - far) * t
        height = 62 + 92 * t
        speed = float(rng.uniform(20, 46)) * (0.6 + 0.6 * t) * (1 if rng.random() < 0.5 else -1)
        walkers.append(
            Walker(
                light, grade, scale, y=y, height=height, role=roles[int(rng.integers(len(roles)))], start=float(rng.uniform(-200, 1500)), speed=speed,
                depth=0.45 + 0.4 * t, seed=int(rng.integers(1 << 20)), haze=haze * (1 - t),
            )
        )  # fmt: skip
    return walkers


def ground_shadow(c: Canvas, x: float, y: float, w: float, light: Light) -> None:
    """A soft contact shadow."""
    c.shade(
        c.mask([(x - w, y - w * 0.12), (x + w, y - w * 0.12), (x + w, y + w * 0.14), (x - w, y + w * 0.14)], blur=w * 0.16),
        mix(light.ambient, (0.2, 0.2, 0.25), 0.6),
        0.7,
    )
