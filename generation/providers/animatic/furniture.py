"""What stands in a tavern: hearth, shelves of bottles, tables, the bar's top seen from close by."""

from __future__ import annotations

import math

from generation.paint.colour import Colour, screen, times
from generation.paint.ink import Canvas, curve, ellipse, rect
from generation.paint.noise import generator

from .finish import finish
from .light import Light
from .stage import full_canvas

FLOOR = 560.0
STONE: Colour = (0.46, 0.42, 0.39)


def counter(light: Light, scale: float) -> Canvas:
    """The bar's top before someone who leans on it, with a mug and a candle."""
    c = full_canvas(scale)
    c.gradient(rect(-190, 640, 1470, 810), light.on((0.5, 0.33, 0.21), 0, 0.7), light.on((0.16, 0.1, 0.07), 0, 0.0))
    c.line([(-190, 641), (1470, 641)], 4, light.on((0.95, 0.72, 0.46), 0, 1.0), alpha=0.8)
    for y in (656.0, 672.0, 696.0):
        c.line([(-190, y), (1470, y + 3)], 1.3, light.on((0.14, 0.09, 0.06)), alpha=0.5)
    x, y = 392.0, 664.0
    c.lay(c.mask(ellipse(x + 14, y + 2, 62, 9), blur=6), (0.05, 0.03, 0.02), 0.6)
    c.gradient(
        curve([(x - 36, y - 92), (x - 38, y), (x + 38, y), (x + 36, y - 92)], steps=2),
        light.on((0.74, 0.73, 0.74), 0, 0.9),
        light.on((0.26, 0.25, 0.27), 0, 0.1),
        across=True,
    )
    c.line(curve([(x - 38, y - 74), (x - 68, y - 64), (x - 66, y - 22), (x - 38, y - 12)], closed=False), 9, light.on((0.5, 0.5, 0.52), 0, 0.5))
    for band in (y - 84, y - 8):
        c.line([(x - 37, band), (x + 37, band)], 4, light.on((0.36, 0.35, 0.37), 0, 0.4))
    c.fill(ellipse(x, y - 94, 37, 11), light.on((0.96, 0.9, 0.76), 0, 0.8))
    for k in range(7):
        c.fill(ellipse(x - 30 + 10 * k, y - 98 + 3 * (k % 2), 9, 7), light.on((0.98, 0.94, 0.84), 0, 0.95))
    c.line([(x - 20, y - 78), (x - 20, y - 16)], 5, (1.0, 0.9, 0.75), alpha=0.4)
    finish(c, light, haze=0, base=700, rise=10, stroke=6, rim=0.3)
    c.soften(0.8)
    return c


def hearth(c: Canvas, light: Light) -> None:
    rng = generator("hearth")
    body = [(40.0, FLOOR + 8), (40.0, 330.0), (84.0, 300.0), (92.0, -80.0), (252.0, -80.0), (260.0, 300.0), (306.0, 330.0), (306.0, FLOOR + 8)]
    c.fill(body, light.on(times(STONE, 0.8), 0, 0.3))
    for row in range(28):
        for k in range(9):
            x, y = 30.0 + k * 34 + (row % 2) * 17, -70.0 + row * 23
            if 92 < x < 240 if y < 310 else 44 < x < 290:
                w = 31 + float(rng.uniform(-3, 2))
                c.fill(
                    curve([(x, y), (x + w, y), (x + w, y + 20), (x, y + 20)], steps=3),
                    light.on(times(STONE, float(rng.uniform(0.7, 1.15))), 0, 0.35),
                    alpha=0.9,
                )
    mouth = curve([(104, FLOOR + 6), (104, 430), (122, 398), (172, 384), (222, 398), (240, 430), (240, FLOOR + 6)], steps=6)
    c.fill(mouth, (0.06, 0.035, 0.03))
    c.lay(c.glow(172, 520, 96, 130), (0.75, 0.26, 0.08), 0.75)
    for dx, turn in ((-24, 12), (20, -14), (-2, 4)):
        c.fill(ellipse(172 + dx, 540, 44, 10, turn=turn), (0.13, 0.07, 0.05))
    c.gradient(rect(26, 318, 320, 344), light.on((0.44, 0.29, 0.19), 0, 0.8), light.on((0.2, 0.13, 0.1), 0, 0.1))
    for x, h in ((66, 26), (96, 20), (262, 30), (286, 18)):
        c.fill(rect(x - 4, 318 - h, x + 4, 318), light.on((0.9, 0.86, 0.74), 0, 0.5))
        c.fill(ellipse(x, 318 - h - 6, 2.4, 6), (1.0, 0.86, 0.5))
    c.fill(ellipse(174, 276, 42, 30), light.on((0.5, 0.38, 0.2), 0, 0.5))  # a ship's wheel over the mantel
    c.fill(ellipse(174, 276, 34, 23), light.on(times(STONE, 0.7), 0, 0.2))
    for k in range(8):
        a = math.pi * k / 4
        c.line([(174, 276), (174 + 56 * math.cos(a), 276 + 40 * math.sin(a))], 5, light.on((0.5, 0.36, 0.2), 0, 0.6))


def shelves(c: Canvas, light: Light, seed: int) -> None:
    rng = generator("bottles", seed % 7)
    c.gradient(rect(420, 150, 900, 420), light.on((0.26, 0.17, 0.12), 0, 0.1), light.on((0.2, 0.13, 0.1), 0, 0.0))
    colours: tuple[Colour, ...] = ((0.2, 0.42, 0.26), (0.5, 0.26, 0.12), (0.72, 0.6, 0.32), (0.24, 0.34, 0.5), (0.55, 0.16, 0.16), (0.75, 0.75, 0.7))
    for y in (232, 312, 392):
        x = 436.0
        while x < 884:
            colour = colours[int(rng.integers(len(colours)))]
            h, w = float(rng.uniform(34, 58)), float(rng.uniform(8, 13))
            kind = float(rng.random())
            if kind < 0.2:
                c.fill(rect(x, y - h * 0.5, x + w * 1.5, y), light.on((0.6, 0.6, 0.62), 0, 0.4))  # a pewter mug
                c.line(
                    curve([(x + w * 1.5, y - h * 0.42), (x + w * 2.1, y - h * 0.25), (x + w * 1.5, y - h * 0.1)], closed=False),
                    2,
                    light.on((0.6, 0.6, 0.62), 0, 0.4),
                )
            else:
                neck = w * 0.32
                shape = [
                    (x, y),
                    (x, y - h * 0.6),
                    (x + w / 2 - neck, y - h * 0.74),
                    (x + w / 2 - neck, y - h),
                    (x + w / 2 + neck, y - h),
                    (x + w / 2 + neck, y - h * 0.74),
                    (x + w, y - h * 0.6),
                    (x + w, y),
                ]
                c.gradient(shape, light.on(screen(colour, (0.1, 0.1, 0.08)), 0, 0.7), light.on(times(colour, 0.5), 0, 0.2))
                c.line([(x + w * 0.22, y - h * 0.56), (x + w * 0.22, y - h * 0.1)], 1.6, (1.0, 0.86, 0.6), alpha=0.6)
                if kind > 0.7:
                    c.fill(rect(x, y - h * 0.42, x + w, y - h * 0.2), light.on((0.8, 0.72, 0.56), 0, 0.4))
            x += w * 1.6 + float(rng.uniform(3, 12))
        c.gradient(rect(412, y, 908, y + 10), light.on((0.46, 0.31, 0.2), 0, 0.8), light.on((0.2, 0.13, 0.09), 0, 0.1))
    for x in (412, 656, 900):
        c.fill(rect(x - 6, 146, x + 6, 424), light.on((0.34, 0.22, 0.15), 0, 0.3))


def tables(light: Light, scale: float) -> Canvas:
    c = full_canvas(scale)
    for x, y, w in ((250, 640, 190), (1060, 650, 210)):
        c.lay(c.mask(ellipse(x, y + 92, w * 0.5, 16), blur=10), (0.03, 0.02, 0.02), 0.6)
        c.line([(x, y), (x, y + 92)], 22, light.on((0.2, 0.13, 0.1), 0, 0.2))
        c.fill(ellipse(x, y + 6, w * 0.5, w * 0.13), light.on((0.26, 0.17, 0.12), 0, 0.2))
        c.fill(ellipse(x, y, w * 0.5, w * 0.13), light.on((0.52, 0.36, 0.23), 0, 0.55))
        c.fill(ellipse(x - w * 0.1, y - w * 0.02, w * 0.32, w * 0.06), light.on((0.7, 0.5, 0.32), 0, 0.9), alpha=0.5, blur=6)
        c.fill(rect(x - 5, y - 30, x + 5, y - 2), light.on((0.92, 0.88, 0.76), 0, 0.7))
        c.fill(ellipse(x, y - 38, 3.4, 9), (1.0, 0.88, 0.52))
        for dx in (-0.28, 0.3):
            c.gradient(rect(x + dx * w - 9, y - 27, x + dx * w + 9, y + 3), light.on((0.6, 0.58, 0.56), 0, 0.6), light.on((0.28, 0.26, 0.26), 0, 0.2))
            c.fill(ellipse(x + dx * w, y - 27, 9, 3.2), (0.9, 0.85, 0.72))
        for dx in (-0.72, 0.74):
            c.fill(ellipse(x + dx * w, y + 36, 34, 9), light.on((0.42, 0.28, 0.18), 0, 0.5))
            for k in (-20, 0, 20):
                c.line([(x + dx * w + k * 0.7, y + 40), (x + dx * w + k, y + 104)], 5, light.on((0.22, 0.15, 0.11), 0, 0.2))
    finish(c, light, haze=0, base=700, rise=10, stroke=6, rim=0.35)
    return c
