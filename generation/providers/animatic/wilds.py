"""Places without people: the open sea, a forest, hills."""

from __future__ import annotations

import math

import numpy as np

from generation.paint.colour import Colour, mix, times
from generation.paint.ink import Canvas, Point, curve, ellipse, rect, ribbon
from generation.paint.noise import fbm, generator

from .buildings import headland
from .close import close_up
from .finish import finish
from .harbor import Gulls
from .light import Grade, Light
from .people import crowd_of, stand
from .ships import Ship, far_sail
from .sky import sky_pieces
from .stage import Piece, Sprite, bob, full_canvas, rocking
from .style import Style
from .water import Water


def sea(style: Style, light: Light, grade: Grade, size: tuple[int, int], scale: float) -> list[Piece]:
    """A ship under sail on open water, an island far off."""
    horizon = 432.0
    pieces = sky_pieces(style, light, grade, scale, horizon)
    far = full_canvas(scale)
    headland(far, light, [(960, 450), (1030, 418), (1120, 384), (1190, 396), (1290, 412), (1380, 450)], 0.86, 4)
    if style.words & {"island", "islands", "coast", "shore"}:
        headland(far, light, [(80, 450), (150, 400), (240, 352), (330, 380), (420, 408), (500, 450)], 0.76, 5)
    far_sail(far, light, 360, horizon + 6, 44)
    finish(far, light, haze=0.4, base=horizon + 4, rise=70, stroke=8)
    far.clip(far.mask(rect(-400, -400, 2000, horizon + 3)))
    pieces.append(Sprite(far, grade, depth=0.12))
    wild = {"stormy": 3.0, "windy": 1.8, "rainy": 1.4}.get(style.weather, 1.0)
    c = full_canvas(scale)
    ship = Ship(c, light, x=690, waterline=548, length=410, depth=0.16, face=1, masts=3, seed=9, sails=True)
    ship.draw()
    finish(c, light, haze=0.1, base=548, rise=50, stroke=4, rim=0.5)
    boat = Sprite(
        c, grade, depth=0.5, sway=bob(4.2 * wild, 5.4, 1.0, drift=3.0), pivot=(690, 548), waterline=548, roll=rocking(min(0.6, 0.4 * wild), 6.0)
    )
    tint = mix(light.on((0.08, 0.22, 0.28), 0.0, 0.2), light.haze, 0.1)
    pieces.append(
        Water(
            grade, size, scale, horizon=horizon, tint=tint, clear=0.74, chop=1.9 * wild, boats=[boat], glint=mix(light.key, light.disc, 0.5),
            sun_x=light.sun[0], seed=style.seed % 997, sparkle=0.3 + 0.7 * (1 - light.air),
        )
    )  # fmt: skip
    pieces += [boat, Gulls(style, light, grade, scale)]
    if style.close:
        pieces += close_up(style, light, grade, scale, rim=light.key)
    return pieces


def hills(style: Style, light: Light, grade: Grade, size: tuple[int, int], scale: float) -> list[Piece]:
    """Ridges behind ridges, a path, a tree; the general landscape."""
    del size
    horizon = 430.0
    pieces = sky_pieces(style, light, grade, scale, horizon)
    rng = generator("hills", style.seed)
    greens: tuple[Colour, ...] = ((0.36, 0.42, 0.44), (0.36, 0.44, 0.38), (0.34, 0.44, 0.28), (0.36, 0.44, 0.22))
    if style.weather == "snowy":
        greens = ((0.7, 0.74, 0.8), (0.78, 0.82, 0.87), (0.84, 0.88, 0.92), (0.9, 0.92, 0.96))
    for row, (base, rise, haze, depth) in enumerate(((400, 190, 0.85, 0.1), (450, 110, 0.6, 0.22), (520, 90, 0.36, 0.42), (610, 70, 0.12, 0.7))):
        c = full_canvas(scale)
        points: list[Point] = [(-260, 830), (-260, base)]
        steps = 12
        for i in range(steps):
            x = -230 + 1740 * i / (steps - 1)
            peak = float(rng.uniform(0.15, 1.0)) ** (1.0 if row else 0.7)
            points.append((x, base - rise * peak))
        points += [(1540, base), (1540, 830)]
        headland(c, light, points, haze, style.seed % 50 + row, greens[row])
        if row >= 1 and style.weather != "snowy":
            _trees(c, light, points[2:-2], haze, 26 + 26 * row, style.seed + row, size=10 + 15 * row)
        if row == 3:
            path = curve([(700, 830), (660, 740), (760, 680), (690, 630), (730, 590)], closed=False)
            c.inside(c.mask(ribbon(path, (150, 90, 60, 30, 12))), light.on((0.62, 0.52, 0.38), 0.1, 0.5), 0.8)
            for n, role in enumerate(crowd_of(style)):
                stand(c, light, 600 + 90 * n, 690 + 8 * n, 150, role, lit=0.4, seed=style.seed + n)
        finish(c, light, haze=0.3, base=base + 20, rise=150, stroke=9, rim=0.3)
        pieces.append(Sprite(c, grade, depth=depth))
    if style.close:
        pieces += close_up(style, light, grade, scale, rim=light.key)
    return pieces


def _trees(c: Canvas, light: Light, line: list[Point], haze: float, count: int, seed: int, *, size: float) -> None:
    rng = generator("trees", seed)
    smooth = curve(line, closed=False)
    for _ in range(count):
        x, y = smooth[int(rng.integers(len(smooth)))]
        y += float(rng.uniform(2, 60))
        s = size * float(rng.uniform(0.6, 1.4))
        green = mix((0.16, 0.27, 0.17), (0.3, 0.36, 0.14), float(rng.random()))
        if rng.random() < 0.5:
            for k in range(4):
                w = s * (0.55 - 0.1 * k)
                c.fill([(x - w, y - s * 0.5 * k), (x, y - s * (0.9 + 0.5 * k)), (x + w, y - s * 0.5 * k)], light.on(green, haze, 0.15 + 0.15 * k))
        else:
            c.line([(x, y), (x, y - s)], s * 0.12, light.on((0.24, 0.17, 0.12), haze, 0.2))
            for dx, dy, r in ((0, -1.3, 0.6), (-0.4, -1.0, 0.45), (0.4, -1.0, 0.45)):
                c.fill(ellipse(x + dx * s, y + dy * s, r * s, r * s * 0.85, count=16), light.on(green, haze, 0.3 + 0.25 * light.side * dx))


def forest(style: Style, light: Light, grade: Grade, size: tuple[int, int], scale: float) -> list[Piece]:
    """Trunks in the mist, one row before the other, light between them."""
    del size
    horizon = 500.0
    pieces = sky_pieces(style, light, grade, scale, horizon)
    for row, (haze, depth, base, count, width) in enumerate(
        ((0.82, 0.14, 500, 26, 16), (0.58, 0.3, 530, 18, 26), (0.32, 0.52, 580, 11, 44), (0.06, 0.95, 690, 6, 86))
    ):
        c = full_canvas(scale)
        rng = generator("forest", row, style.seed % 20)
        earth: Colour = (0.24, 0.24, 0.16) if style.weather != "snowy" else (0.84, 0.88, 0.93)
        edge: list[Point] = [
            (-260, 830),
            (-260, base),
            *((x, base + float(rng.uniform(-14, 14))) for x in range(-200, 1500, 90)),
            (1540, base),
            (1540, 830),
        ]
        headland(c, light, edge, haze, row, earth)
        for i in range(count):
            x = -200 + 1700 * (i + float(rng.uniform(0.1, 0.9))) / count
            if row == 3 and 330 < x < 950:
                continue
            _trunk(c, light, x, base + float(rng.uniform(0, 40)), width * float(rng.uniform(0.7, 1.3)), haze, rng)
        _canopy(c, light, haze, row, style.seed % 20)
        if row == 2:
            for n, role in enumerate(crowd_of(style)):
                stand(c, light, 600 + 90 * n, 640 + 8 * n, 170, role, lit=0.4, seed=style.seed + n)
        finish(c, light, haze=0.4, base=base + 20, rise=260, stroke=8, rim=0.35)
        pieces.append(Sprite(c, grade, depth=depth))
    if style.close:
        pieces += close_up(style, light, grade, scale, rim=light.key)
    return pieces


def _trunk(c: Canvas, light: Light, x: float, base: float, w: float, haze: float, rng: np.random.Generator) -> None:
    lean = float(rng.uniform(-24, 24))
    bark: Colour = mix((0.3, 0.22, 0.16), (0.36, 0.33, 0.28), float(rng.random()))
    line = curve([(x, base + 8), (x + lean * 0.3, base - 260), (x + lean, -120)], closed=False)
    c.fill(ribbon(line, (w * 1.5, w, w * 0.8)), light.on(bark, haze, 0.15))
    side = -light.side
    c.fill(
        ribbon([(px - side * w * 0.26, py) for px, py in line], (w * 0.4, w * 0.3, w * 0.2)),
        light.on(times(bark, 1.2), haze, 0.9),
        alpha=0.5,
        blur=w * 0.08,
    )
    for _ in range(3):
        y, reach = float(rng.uniform(60, base - 180)), float(rng.uniform(2.0, 4.5)) * w * (1 if rng.random() < 0.5 else -1)
        c.fill(
            ribbon(
                curve([(x + lean * 0.4, y), (x + reach * 0.6, y - abs(reach) * 0.3), (x + reach, y - abs(reach) * 0.75)], closed=False),
                (w * 0.34, w * 0.16, 1),
            ),
            light.on(times(bark, 0.85), haze, 0.2),
        )


def _canopy(c: Canvas, light: Light, haze: float, row: int, seed: int) -> None:
    high, wide = c.alpha.shape
    leaves = fbm("leaves", row, seed, size=(wide, high), cell=(90 * c.scale * (1 + 0.5 * row), 70 * c.scale * (1 + 0.5 * row)), octaves=5, gain=0.6)
    y = c.ys()[:, None]
    cover = np.clip((leaves - 0.42 - np.clip((y + 80) / (300 + 40 * math.sin(row)), 0, 1.5) * 0.42) * 9, 0, 1).astype(np.float32)
    green: Colour = mix((0.16, 0.26, 0.14), (0.36, 0.4, 0.16), 0.3 + 0.1 * row)
    c.lay(c.whole(cover), light.on(green, haze, 0.1 + 0.1 * row), 0.94)
    shine = np.clip((leaves - 0.66) * 6, 0, 1).astype(np.float32) * cover
    c.inside(c.whole(shine), light.on(times(green, 1.5), haze, 0.9), 0.55)
