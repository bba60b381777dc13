"""Things that stand about in more than one place."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np

from generation.paint.colour import Colour, mix, times

from .mesh import Model, Shape

Part = tuple[str, Shape]
WOOD: Colour = (0.45, 0.31, 0.2)
DARK: Colour = (0.24, 0.16, 0.12)
IRON: Colour = (0.22, 0.23, 0.25)
STONE: Colour = (0.5, 0.48, 0.46)
GOLD: Colour = (0.85, 0.66, 0.32)
LAMP: Colour = (1.0, 0.84, 0.5)


def varied(rng: np.random.Generator, colour: Colour, amount: float = 0.09) -> Colour:
    """The colour, a little lighter or darker."""
    return times(colour, 1 + amount * float(rng.uniform(-1, 1)))


def crate(size: float, rng: np.random.Generator) -> list[Part]:
    """A planked crate standing on its origin."""
    shape = Shape()
    boards = 4
    for i in range(boards):
        shape.box(0, size * i / boards, 0, size * 0.96, size / boards * 0.94, size * 0.96, varied(rng, WOOD, 0.12))
    edge = times(WOOD, 1.3)
    for x in (-1, 1):
        for z in (-1, 1):
            shape.box(x * size * 0.47, 0, z * size * 0.47, size * 0.1, size, size * 0.1, edge)
    for y in (0.0, 0.9):
        for turn, dx, dz in ((0, 0, 1), (0, 0, -1), (90, 1, 0), (90, -1, 0)):
            shape.box(dx * size * 0.48, size * y, dz * size * 0.48, size, size * 0.1, size * 0.06, edge, turn)
    return [("painted", shape)]


def barrel(size: float, rng: np.random.Generator) -> list[Part]:
    """A barrel standing on its origin, `size` high."""
    r, shape, hoops = size * 0.3, Shape(), Shape()
    tone = varied(rng, WOOD, 0.15)
    for y, low, high in ((0, 0.85, 0.97), (0.25, 0.97, 1.05), (0.5, 1.05, 0.97), (0.75, 0.97, 0.85)):
        shape.tube(0, size * y, 0, r * low, size * 0.25, tone, r * high, 12)
    shape.tube(0, size * 0.99, 0, r * 0.75, size * 0.015, times(WOOD, 0.7), sides=12)
    for y, k in ((0.08, 0.92), (0.32, 1.02), (0.62, 1.02), (0.86, 0.93)):
        hoops.tube(0, size * y, 0, r * k, size * 0.06, IRON, sides=12)
    return [("painted", shape), ("metal", hoops)]


def lamp_post(height: float) -> list[Part]:
    iron, glass = Shape(), Shape()
    iron.tube(0, 0, 0, 0.16, 0.35, IRON, 0.09, 8).tube(0, 0.35, 0, 0.06, height - 0.9, IRON, 0.05, 8)
    iron.box(0, height - 0.75, 0, 0.7, 0.05, 0.05, IRON).tube(0, height - 0.08, 0, 0.3, 0.3, IRON, 0.02, 4)
    glass.tube(0, height - 0.55, 0, 0.16, 0.48, LAMP, 0.24, 4)
    return [("metal", iron), ("glowing", glass)]


def house(rng: np.random.Generator, w: float, h: float, d: float, *, wall: Colour, roof: Colour, lit: float = 0.4, timber: bool = True) -> list[Part]:
    """A house with its front to +z, standing on its origin."""
    body, glow = Shape(), Shape()
    body.box(0, 0, 0, w, h, d, wall)
    body.box(0, 0, 0, w * 1.02, 0.45, d * 1.02, times(STONE, 0.8))
    body.gable(0, h, 0, w, w * 0.45, d, roof, wall)
    body.box(w * 0.28, h + w * 0.1, -d * 0.15, 0.5, w * 0.55, 0.5, (0.42, 0.27, 0.23))
    front = d / 2 + 0.02
    floors = max(1, round(h / 2.6))
    for floor in range(floors):
        y = h * floor / floors
        if timber:
            body.box(0, y + h / floors - 0.09, front, w, 0.18, 0.1, DARK)
        for i in range(max(2, round(w / 1.7))):
            x = -w / 2 + w * (i + 0.5) / max(2, round(w / 1.7))
            if timber:
                body.box(x - w * 0.5 / max(2, round(w / 1.7)), y, front, 0.14, h / floors, 0.1, DARK)
            if floor == 0 and abs(x) < 0.7:
                continue
            body.box(x, y + 0.95, front, 0.86, 1.16, 0.12, times(DARK, 1.5))
            if rng.random() < lit:
                glow.box(x, y + 1.02, front + 0.04, 0.66, 1.0, 0.1, LAMP)
            else:
                body.box(x, y + 1.02, front + 0.04, 0.66, 1.0, 0.1, (0.33, 0.42, 0.5))
    return [("painted", body), ("glowing", glow)]


def door(w: float, h: float, colour: Colour) -> list[Part]:
    """A planked door with frame, handle and hinges, facing +z, on its origin."""
    leaf, metal = Shape(), Shape()
    leaf.box(0, 0, -0.04, w * 1.3, h * 1.1, 0.16, times(STONE, 0.9))
    for i in range(5):
        leaf.box(-w / 2 + w * (i + 0.5) / 5, 0, 0.06, w / 5 * 0.94, h, 0.1, times(colour, 0.88 + 0.07 * (i % 3)))
    for y in (0.18, 0.75):
        metal.box(-w * 0.05, h * y, 0.13, w * 0.86, 0.09, 0.03, IRON)
    metal.tube(w * 0.36, h * 0.46, 0.15, 0.06, 0.12, GOLD, sides=8)
    return [("painted", leaf), ("metal", metal)]


def stall(w: float, stripes: tuple[Colour, Colour], goods: list[Colour], rng: np.random.Generator, kind: str) -> list[Part]:
    """A market stall facing +z on its origin: counter, posts, striped cloth, goods."""
    shape = Shape()
    d, h = 1.6, 2.5
    shape.box(0, 0, 0, w, 0.85, d * 0.8, times(WOOD, 0.8)).box(0, 0.85, 0.05, w * 1.06, 0.09, d, times(WOOD, 1.25))
    for side in (-1, 1):
        for z, high in ((-1, h), (1, h * 0.86)):
            shape.box(side * w * 0.5, 0, z * d * 0.55, 0.1, high, 0.1, DARK)
    count = max(5, round(w / 0.42) | 1)
    for i in range(count):
        a, b = -w * 0.56 + w * 1.12 * i / count, -w * 0.56 + w * 1.12 * (i + 1) / count
        cloth = stripes[i % 2]
        shape.face([(a, h * 0.82, d * 0.75), (b, h * 0.82, d * 0.75), (b, h * 1.04, -d * 0.62), (a, h * 1.04, -d * 0.62)], cloth)
        shape.face([(a, h * 0.72, d * 0.76), (b, h * 0.72, d * 0.76), (b, h * 0.82, d * 0.75), (a, h * 0.82, d * 0.75)], times(cloth, 0.85))
    if kind == "cloth":
        for i, colour in enumerate(goods * 2):
            shape.box(-w * 0.4 + 0.32 * i, 0.94, 0.05, 0.26, 0.22 + 0.08 * (i % 3), 0.9, varied(rng, colour))
        for i, colour in enumerate(goods):
            x = -w * 0.38 + w * 0.76 * i / max(1, len(goods) - 1)
            shape.face([(x - 0.2, 1.25, -0.5), (x + 0.2, 1.25, -0.5), (x + 0.2, 2.2, -0.5), (x - 0.2, 2.2, -0.5)], colour)
    elif kind == "tools":
        for i in range(7):
            x = -w * 0.42 + w * 0.84 * i / 6
            shape.box(x, 0.94, 0.1, 0.07, 0.05, 0.75, varied(rng, WOOD), 12.0 * (i % 3 - 1))
            shape.box(x, 0.95, 0.42, 0.24, 0.08, 0.12, (0.52, 0.54, 0.57), 12.0 * (i % 3 - 1))
            shape.beam((x, 1.3, -0.5), (x, 2.1, -0.5), 0.03, varied(rng, WOOD)).box(x, 2.0, -0.5, 0.22, 0.12, 0.06, (0.5, 0.52, 0.55))
    else:
        for row in range(3):
            for i in range(9):
                x, deep = -w * 0.43 + w * 0.86 * i / 8, -0.25 + 0.32 * row
                colour = varied(rng, goods[(row + i // 3) % len(goods)], 0.12)
                if kind == "fish":
                    shape.box(x, 0.94, deep, 0.12, 0.06, 0.3, colour, 18.0 * (i % 2))
                else:
                    shape.tube(x, 0.94, deep, 0.11, 0.13, colour, 0.06, 6)
    return [("painted", shape)]


def ground(
    w: float, d: float, colour: Colour, rng: np.random.Generator, *, step: float = 1.0, y: float = 0.0, z: float = 0.0, plank: bool = False
) -> list[Part]:
    """A floor of stones or planks, each a little different."""
    shape = Shape(shade=0.0)
    columns = 1 if plank else math.ceil(w / step)
    rows = math.ceil(d / step)
    for i in range(columns):
        for j in range(rows):
            x0, x1 = -w / 2 + w * i / columns, -w / 2 + w * (i + 1) / columns
            z0, z1 = z - d / 2 + d * j / rows, z - d / 2 + d * (j + 1) / rows
            lift = y + 0.015 * float(rng.random())
            gap = 0.02 if plank else 0.03
            shape.face(
                [(x0 + gap, lift, z1 - gap), (x1 - gap, lift, z1 - gap), (x1 - gap, lift, z0 + gap), (x0 + gap, lift, z0 + gap)],
                varied(rng, colour, 0.13),
            )
    shape.face(
        [(-w / 2, y - 0.03, z + d / 2), (w / 2, y - 0.03, z + d / 2), (w / 2, y - 0.03, z - d / 2), (-w / 2, y - 0.03, z - d / 2)],
        times(colour, 0.45),
    )
    return [("painted", shape)]


def ship_hull(length: float, rng: np.random.Generator) -> list[Part]:
    """A hull along x (bow at +x), its waterline at y = 0."""
    shape, glow = Shape(shade=0.12), Shape()
    count = 14
    ribs = []
    for i in range(count + 1):
        t = i / count
        x = (t - 0.5) * length
        beam = length * 0.15 * (1 - max(0.0, (t - 0.62) / 0.38) ** 2.2) * (0.82 + 0.18 * min(1.0, t * 4))
        deck = length * (0.1 + 0.11 * max(0.0, 0.3 - t) / 0.3 + 0.06 * max(0.0, t - 0.7) / 0.3)
        ribs.append((x, max(0.02, beam), deck))
    bands: list[tuple[float, float, float, float, Colour]] = [
        (-0.35, 0.72, 0.25, 0.9, (0.2, 0.17, 0.16)),
        (0.25, 0.9, 0.6, 1.0, WOOD),
        (0.6, 1.0, 0.72, 1.02, GOLD),
        (0.72, 1.02, 1.0, 1.04, times(WOOD, 1.15)),
    ]
    for (x0, b0, d0), (x1, b1, d1) in pairwise(ribs):
        for side in (-1, 1):
            for low, wl, high, wh, colour in bands:
                corners = [
                    (x0, low * d0 if low > 0 else low, side * b0 * wl), (x1, low * d1 if low > 0 else low, side * b1 * wl),
                    (x1, high * d1, side * b1 * wh), (x0, high * d0, side * b0 * wh),
                ]  # fmt: skip
                shape.face(corners if side > 0 else corners[::-1], varied(rng, colour, 0.06))
        shape.face([(x0, d0 * 0.86, b0), (x1, d1 * 0.86, b1), (x1, d1 * 0.86, -b1), (x0, d0 * 0.86, -b0)], varied(rng, times(WOOD, 1.3), 0.05))
    x, b, d = ribs[0]
    shape.face([(x, -0.35, -b * 0.72), (x, -0.35, b * 0.72), (x, d, b), (x, d, -b)], times(WOOD, 0.8))
    for i in range(4):
        glow.box(x - 0.02, d * 0.62, -b * 0.6 + b * 0.4 * i, 0.06, d * 0.2, b * 0.22, LAMP)
    shape.beam((length * 0.48, length * 0.13, 0), (length * 0.66, length * 0.22, 0), length * 0.009, DARK)
    return [("painted", shape), ("glowing", glow)]


def mast(height: float, width: float, *, furled: bool = True) -> list[Part]:
    """A mast with yards across z and sails; on its origin."""
    shape = Shape()
    shape.tube(0, 0, 0, height * 0.016, height, DARK, height * 0.006, 8)
    for y, reach in ((0.42, 1.0), (0.66, 0.78), (0.86, 0.52)):
        w = width * reach
        shape.beam((0, height * y, -w), (0, height * y, w), height * 0.007, DARK)
        if furled:
            shape.beam((0.05, height * (y - 0.018), -w * 0.92), (0.05, height * (y - 0.018), w * 0.92), height * 0.017, (0.86, 0.8, 0.68), 7)
        else:
            shape.face(
                [(0.1, height * (y - 0.19), -w), (0.1, height * (y - 0.19), w), (0, height * y, w * 0.9), (0, height * y, -w * 0.9)],
                (0.88, 0.83, 0.72),
            )
    shape.tube(0, height * 0.55, 0, height * 0.035, height * 0.04, times(DARK, 1.4), height * 0.04, 8)
    for side in (-1, 1):
        for dx in (-0.05, 0, 0.05):
            shape.beam((dx * height, 0, side * width * 0.62), (0, height * 0.9, 0), height * 0.0022, (0.2, 0.17, 0.15), 3)
    shape.face([(0, height * 0.99, 0), (height * 0.14, height * 0.975, 0.02), (0, height * 0.95, 0)], (0.65, 0.2, 0.16))
    return [("painted", shape)]


def hill(points: list[tuple[float, float]], z: float, colour: Colour, haze: Colour, t: float) -> list[Part]:
    """A far silhouette as an upright sheet from (x, height) points."""
    shape = Shape(shade=-0.1)
    tone = mix(colour, haze, t)
    for (x0, y0), (x1, y1) in pairwise(points):
        shape.face([(x0, -1.2, z), (x1, -1.2, z), (x1, y1, z), (x0, y0, z)], tone)
    return [("painted", shape)]


def table(model: Model, name: str, x: float, z: float, parent: int, rng: np.random.Generator) -> None:
    """A round table with a candle and stools."""
    shape, glow = Shape(), Shape()
    shape.tube(0, 0.72, 0, 0.75, 0.08, varied(rng, WOOD), sides=14).tube(0, 0, 0, 0.13, 0.72, DARK, sides=8).tube(0, 0, 0, 0.42, 0.07, DARK, 0.2, 8)
    shape.tube(0.2, 0.8, -0.1, 0.09, 0.2, (0.6, 0.6, 0.62), 0.1, 8).tube(-0.3, 0.8, 0.2, 0.09, 0.2, (0.55, 0.4, 0.25), 0.1, 8)
    shape.tube(0, 0.8, 0.1, 0.05, 0.16, (0.9, 0.87, 0.78), sides=6)
    glow.tube(0, 0.96, 0.1, 0.03, 0.11, LAMP, 0.0, 5)
    for i in range(3):
        a = 2 * math.pi * i / 3 + 0.5 + x
        sx, sz = 1.15 * math.cos(a), 1.15 * math.sin(a)
        shape.tube(sx, 0.42, sz, 0.24, 0.07, varied(rng, WOOD, 0.15), sides=10)
        for k in range(3):
            b = 2 * math.pi * k / 3
            shape.beam((sx + 0.2 * math.cos(b), 0, sz + 0.2 * math.sin(b)), (sx + 0.12 * math.cos(b), 0.42, sz + 0.12 * math.sin(b)), 0.03, DARK, 4)
    model.add(name, ("painted", shape), ("glowing", glow), at=(x, 0, z), parent=parent)
