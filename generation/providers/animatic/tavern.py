"""A tavern from inside: back wall with bar and shelves, hearth on the left, window on the right, tables in front."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from generation.paint.colour import Colour, mix, times
from generation.paint.ink import Canvas, Point, curve, ellipse, rect, ribbon
from generation.paint.noise import fbm

from .air import Falling, Motes, rain, snow
from .buildings import LAMP
from .close import close_up
from .finish import finish
from .furniture import FLOOR, counter, hearth, shelves, tables
from .harbor import barrel
from .light import Grade, Light
from .people import crowd_of, stand
from .room import Behind, Fire
from .stage import Glow, Piece, Sprite, flame, full_canvas
from .style import Style

WALL: Colour = (0.58, 0.44, 0.31)
BEAM: Colour = (0.26, 0.17, 0.12)
WINDOW = (1010.0, 176.0, 1178.0, 396.0)


def tavern(style: Style, light: Light, grade: Grade, size: tuple[int, int], scale: float) -> list[Piece]:
    """Every piece of the tavern, back to front."""
    inside = _indoors(style, light)
    pieces: list[Piece] = [Sprite(_outside(style, light, scale), grade, depth=0.1)]
    del size
    weather = _beyond(style, light, grade, scale)
    if weather:
        pieces.append(weather)
    soft = 3.2 if style.close else 0.0
    pieces.append(Sprite(_softened(_back_wall(style, inside, light, scale), soft), grade, depth=0.42))
    pieces.append(Fire(grade, scale, x=172, y=528, width=92, height=108, depth=0.5, seed=style.seed % 101))
    pieces.append(Sprite(_softened(_bar(style, inside, scale), soft), grade, depth=0.56))
    if not style.close:
        pieces += _guests(style, inside, grade, scale)
    pieces.append(Sprite(_softened(tables(inside, scale), soft * 0.7), grade, depth=0.8))
    pieces += _lights(style, light, grade, scale)
    if style.close:
        pieces += close_up(style, inside, grade, scale, rim=(1.0, 0.62, 0.3))
        pieces.append(Sprite(counter(inside, scale), grade, depth=1.12))
    else:
        pieces.append(Sprite(_near(style, inside, scale), grade, depth=1.35))
    pieces.append(Motes(scale, style.seed, grade.colour((1.0, 0.82, 0.5)), count=26, box=(80, 120, 1240, 660), rise=7.0, strength=0.4, size=1.8))
    return pieces


def _softened(c: Canvas, radius: float) -> Canvas:
    c.soften(radius)
    return c


def day_of(light: Light) -> float:
    """How much daylight comes through a window, 0 at night … 1 at noon."""
    return 0.0 if light.moon else min(1.0, max(0.0, sum(light.ambient) / 3 * 1.25 - 0.28))


def _indoors(style: Style, light: Light) -> Light:
    """Light in the room: fire and candles, plus what the window lets in; "dim" lets less in."""
    day = day_of(light) * (0.45 if style.dim else 1.0)
    warm: Colour = (0.5, 0.36, 0.25) if style.dim else (0.62, 0.46, 0.32)
    ambient = mix(warm, times(light.ambient, 1.0), 0.34 * day)
    ambient = times(ambient, 0.62 + 0.5 * day)
    return replace(
        light,
        ambient=ambient,
        key=(1.0, 0.72, 0.42),
        haze=mix((0.32, 0.2, 0.13), light.ambient, 0.25 * day),
        air=0.2,
        lamps=1.0,
        moon=False,
        sun=(220, 420),
        disc=(1.0, 0.85, 0.6),
    )


def _outside(style: Style, light: Light, scale: float) -> Canvas:
    """What one sees through the window."""
    c = full_canvas(scale)
    x0, y0, x1, y1 = WINDOW
    c.gradient(rect(x0 - 60, y0 - 40, x1 + 90, y1 + 40), light.sky[1][1], light.sky[3][1])
    base = y1 - 40
    for x, w, h in ((980, 60, 90), (1046, 46, 120), (1100, 70, 84), (1180, 60, 110)):
        c.fill(rect(x, base - h, x + w, y1 + 60), light.on((0.34, 0.32, 0.36), 0.55, 0.2))
        c.fill([(x - 4, base - h), (x + w / 2, base - h - w * 0.5), (x + w + 4, base - h)], light.on((0.4, 0.25, 0.22), 0.5, 0.3))
        if light.lamps > 0.2:
            c.fill(rect(x + w * 0.4, base - h * 0.7, x + w * 0.6, base - h * 0.5), mix(LAMP, light.haze, 0.2))
    if light.moon:
        c.fill(ellipse(1140, 216, 15, 15), light.disc)
        c.lay(c.glow(1140, 216, 60), light.disc, 0.3)
    del style
    c.soften(1.6)
    return c


def _beyond(style: Style, light: Light, grade: Grade, scale: float) -> Piece | None:
    """Weather behind the panes."""
    tint = grade.colour(mix(light.haze, (0.95, 0.97, 1.0), 0.5))
    falling: Falling | None = None
    if style.weather in ("rainy", "stormy"):
        falling = rain(scale, style.seed, tint, heavy=1.0 if style.weather == "stormy" else 0.6, slant=0.2)
    elif style.weather == "snowy":
        falling = snow(scale, style.seed, tint)
    return Behind(falling, WINDOW) if falling else None


def _back_wall(style: Style, light: Light, out: Light, scale: float) -> Canvas:
    c = full_canvas(scale)
    x0, y0, x1, y1 = WINDOW
    wall = [(-190.0, -80.0), (1470.0, -80.0), (1470.0, FLOOR), (-190.0, FLOOR)]
    patch = c.mask(wall)
    high, wide = patch.cover.shape
    c.gradient(wall, light.on(times(WALL, 0.62), 0, 0.1), light.on(WALL, 0, 0.35))
    stains = fbm("tavern-wall", 5, size=(wide, high), cell=(150 * scale, 120 * scale), octaves=5)
    c.inside(patch.times(np.clip(stains * 1.8 - 0.7, 0, 1).astype(np.float32)), light.on(times(WALL, 0.45), 0, 0.2), 0.6)
    for x in (-40, 330, 660, 960, 1230, 1420):
        _beam(c, light, (x, -80), (x, FLOOR), 30)
    for y in (96,):
        _beam(c, light, (-190, y), (1470, y), 34)
    _floor(c, light)
    hearth(c, light)
    shelves(c, light, style.seed)
    _window(c, light, out)
    _door(c, light)
    for x in (-110, 120, 360, 600, 840, 1080, 1320):  # ceiling beams towards us
        c.fill([(x, -80), (x + 40, -80), (640 + (x + 40 - 640) * 0.86, 84), (640 + (x - 640) * 0.86, 84)], light.on(times(BEAM, 0.7), 0, 0.1))
    c.fill(rect(-190, 78, 1470, 92), light.on(times(BEAM, 0.55)))
    finish(c, light, haze=0.0, base=FLOOR, rise=10, stroke=8)
    hole = c.mask(rect(x0, y0, x1, y1))
    rows, columns = hole.window
    c.alpha[rows, columns] *= 1 - hole.cover
    _panes(c, light, out)
    return c


def _beam(c: Canvas, light: Light, a: Point, b: Point, width: float) -> None:
    c.fill(ribbon([a, b], (width, width)), light.on(BEAM, 0, 0.25))
    dx, dy = (0.0, 1.0) if a[1] == b[1] else (1.0, 0.0)
    for k, tone in ((-0.38, 1.5), (0.4, 0.5)):
        c.line(
            [(a[0] + dx * width * k, a[1] + dy * width * k), (b[0] + dx * width * k, b[1] + dy * width * k)],
            width * 0.12,
            light.on(times(BEAM, tone), 0, 0.4),
            alpha=0.6,
        )


def _floor(c: Canvas, light: Light) -> None:
    floor = [(-190.0, FLOOR), (1470.0, FLOOR), (1470.0, 800.0), (-190.0, 800.0)]
    c.gradient(floor, light.on((0.3, 0.2, 0.14), 0, 0.2), light.on((0.2, 0.13, 0.1), 0, 0.05))
    for i in range(-26, 27):
        c.line([(640 + i * 46, FLOOR), (640 + i * 110, 800)], 1.6, light.on((0.1, 0.07, 0.05)), alpha=0.8)
    for y in (578, 606, 648, 706):
        for i in range(-14, 15, 2):
            c.line(
                [(640 + (i + (y % 3)) * 62 * (y / FLOOR), y), (640 + (i + 1 + (y % 3)) * 62 * (y / FLOOR), y)],
                1.2,
                light.on((0.1, 0.07, 0.05)),
                alpha=0.5,
            )
    c.light(c.glow(180, 620, 420, 150), (1.0, 0.5, 0.18), 0.4)


def _window(c: Canvas, light: Light, out: Light) -> None:
    x0, y0, x1, y1 = WINDOW
    c.gradient(rect(x0 - 20, y0 - 20, x1 + 20, y1 + 26), light.on((0.4, 0.27, 0.18), 0, 0.5), light.on((0.26, 0.17, 0.12), 0, 0.2))
    c.fill(rect(x0 - 30, y1 + 14, x1 + 30, y1 + 30), light.on((0.46, 0.32, 0.21), 0, 0.8))
    day = day_of(out)
    if day > 0.1:
        c.light(c.glow((x0 + x1) / 2, (y0 + y1) / 2, 300, 260), out.sky[2][1], 0.35 * day)


def _panes(c: Canvas, light: Light, out: Light) -> None:
    x0, y0, x1, y1 = WINDOW
    bar = light.on((0.24, 0.16, 0.11), 0, 0.3)
    c.lay(c.mask(rect(x0, y0, x1, y1)), mix(out.sky[2][1], (0.2, 0.2, 0.2), 0.2), 0.12)
    for i in range(1, 4):
        c.line([(x0 + (x1 - x0) * i / 4, y0), (x0 + (x1 - x0) * i / 4, y1)], 5 if i == 2 else 2.4, bar)
    for i in range(1, 5):
        c.line([(x0, y0 + (y1 - y0) * i / 5), (x1, y0 + (y1 - y0) * i / 5)], 2.4, bar)
    c.fill(rect(x0 - 44, y0 - 34, x1 + 44, y0 - 27), bar)
    for inner, outer in ((x0 + 10, x0 - 38), (x1 - 10, x1 + 38)):  # curtains, gathered at the sill
        for k in range(6):
            a, b = outer + (inner - outer) * k / 6, outer + (inner - outer) * (k + 1) / 6
            tie = outer + (inner - outer) * 0.12
            cloth = light.on((0.5, 0.17, 0.14), 0, 0.55 if k % 2 else 0.15)
            low = y1 + 12 - 3 * (k % 2)
            waist = [(tie + (x - tie) * 0.5, y1 - 64) for x in (a, b)]
            c.gradient([(a, y0 - 28), (b, y0 - 28), waist[1], (b, low), (a, low), waist[0]], cloth, times(cloth, 0.6))


def _door(c: Canvas, light: Light) -> None:
    x, top = 1330.0, 250.0
    c.fill(rect(x - 70, top - 16, x + 74, FLOOR + 4), light.on((0.28, 0.19, 0.13), 0, 0.3))
    for i in range(5):
        c.gradient(rect(x - 58 + 24 * i, top, x - 36 + 24 * i, FLOOR + 4), light.on((0.36, 0.23, 0.15), 0, 0.4), light.on((0.2, 0.13, 0.09), 0, 0.1))
    for y in (310, 480):
        c.fill(rect(x - 56, y, x + 40, y + 10), light.on((0.16, 0.16, 0.17), 0, 0.5))


def _bar(style: Style, light: Light, scale: float) -> Canvas:
    c = full_canvas(scale)
    top, low = 436.0, FLOOR + 34
    for i in range(13):
        x0, x1 = 372 + 44 * i, 372 + 44 * (i + 1)
        c.gradient(rect(x0, top + 16, x1 - 2, low), light.on((0.42, 0.27, 0.18), 0, 0.45), light.on((0.18, 0.11, 0.08), 0, 0.0))
    c.gradient(rect(352, top - 4, 964, top + 16), light.on((0.66, 0.46, 0.29), 0, 0.95), light.on((0.34, 0.22, 0.14), 0, 0.3))
    c.line([(352, top - 3), (964, top - 3)], 2.4, light.on((0.95, 0.75, 0.5), 0, 1.0), alpha=0.7)
    c.line([(380, low - 26), (944, low - 26)], 6, light.on((0.8, 0.6, 0.28), 0, 0.7))
    c.line([(380, low - 28), (944, low - 28)], 1.6, (1.0, 0.86, 0.55), alpha=0.6)
    for x in (470, 498, 640, 806, 880):
        c.gradient(rect(x - 8, top - 30, x + 8, top - 3), light.on((0.66, 0.66, 0.68), 0, 0.7), light.on((0.3, 0.3, 0.32), 0, 0.2))
        c.fill(ellipse(x, top - 30, 8, 3), (0.93, 0.88, 0.76))
    for x in (560, 740):
        c.fill(rect(x - 4, top - 24, x + 4, top - 3), light.on((0.92, 0.88, 0.76), 0, 0.6))
        c.fill(ellipse(x, top - 31, 2.8, 7), (1.0, 0.88, 0.52))
    barrel(c, light, 1010, FLOOR + 26, 104)
    barrel(c, light, 1076, FLOOR + 34, 92)
    for x in (440, 590, 760, 890):
        seat = FLOOR + 2
        c.fill(ellipse(x, seat - 40, 25, 7), light.on((0.5, 0.34, 0.22), 0, 0.7))
        for dx in (-16, 0, 16):
            c.line([(x + dx * 0.7, seat - 36), (x + dx, seat + 40)], 4.5, light.on((0.26, 0.17, 0.12), 0, 0.3))
    del style
    finish(c, light, haze=0, base=low, rise=10, stroke=6, rim=0.3)
    return c


def _guests(style: Style, light: Light, grade: Grade, scale: float) -> list[Piece]:
    """Whoever the prompt names stands at the bar; others are shapes at the tables."""
    c = full_canvas(scale)
    empty = any(word in style.words for word in ("empty", "closed", "deserted", "alone"))
    if "apron" in style.words or "bartender" in style.words or (not style.people and not empty):
        stand(c, light, 690, 566, 236, "apron", lit=0.35, seed=style.seed % 13)
        c.clip(c.mask(rect(-400, -400, 2000, 433)))
    named = [role for role in crowd_of(style) if role != "apron"]
    if not named and not empty:
        named = ["hat", "plain"]
    for n, role in enumerate(named):
        stand(c, light, 520 + 150 * n, 604 + 8 * n, 268, role, lit=0.4, seed=style.seed + n)
    finish(c, light, haze=0, base=600, rise=10, stroke=5, rim=0.5)

    def breathe(t: float) -> tuple[float, float]:
        return 0.8 * math.sin(1.1 * t), 0.9 * math.sin(1.9 * t)

    return [Sprite(c, grade, depth=0.6, sway=breathe)]


def _near(style: Style, light: Light, scale: float) -> Canvas:
    """Something dark and out of focus close to the eye: a post with a lantern hook, the edge of a table."""
    c = full_canvas(scale)
    dark = light.on((0.12, 0.08, 0.06))
    c.gradient(rect(-150, -80, -52, 800), times(dark, 1.4), dark)
    c.fill(curve([(1180, 800), (1190, 700), (1300, 676), (1480, 672), (1500, 800)]), dark)
    c.gradient(rect(1290, 590, 1336, 690), light.on((0.3, 0.28, 0.28), 0, 0.4), dark)
    c.soften(4)
    del style
    return c


def _lights(style: Style, light: Light, grade: Grade, scale: float) -> list[Piece]:
    pieces: list[Piece] = []
    fire, candles = full_canvas(scale), full_canvas(scale)
    fire.lay(fire.glow(172, 500, 430, 330, power=2.4), (1.0, 0.5, 0.18), 0.6)
    fire.lay(fire.glow(172, 520, 150), (1.0, 0.62, 0.26), 0.6)
    for x, y in ((560, 404), (740, 404), (250, 602), (1060, 612), (66, 286), (262, 282)):
        candles.lay(candles.glow(x, y, 118), (1.0, 0.66, 0.3), 0.42)
        candles.lay(candles.glow(x, y, 22), (1.0, 0.9, 0.6), 0.8)
    for x, y in ((402, 170), (930, 170)):
        candles.lay(candles.glow(x, y, 190), LAMP, 0.5)
        candles.lay(candles.glow(x, y, 26), (1.0, 0.93, 0.7), 0.95)
    pieces.append(Glow(fire, grade, depth=0.5, flicker=flame(1.0, 0.42), gain=0.95))
    pieces.append(Glow(candles, grade, depth=0.56, flicker=flame(0.8, 0.18, 2.0)))
    day = day_of(light) * (0.5 if style.dim else 1.0) * (0.45 if style.weather in ("rainy", "stormy", "foggy") else 1.0)
    if day > 0.05 or light.moon:
        shaft = full_canvas(scale)
        x0, y0, x1, y1 = WINDOW
        tint = mix(light.key, light.sky[2][1], 0.4) if not light.moon else (0.4, 0.5, 0.8)
        power = 0.5 * day if not light.moon else 0.16
        for k in range(3):
            a, b = y0 + (y1 - y0) * (k + 0.1) / 3, y0 + (y1 - y0) * (k + 0.85) / 3
            beam = [(x0 + 10, a), (x1 - 10, a), (x1 - 330 - 60 * k, a + 420), (x0 - 420 - 60 * k, b + 420)]
            shaft.lay(shaft.mask(beam, blur=14), tint, power * 0.62)
        shaft.lay(shaft.mask([(560, 640), (800, 640), (700, 720), (400, 720)], blur=22), tint, power)
        pieces.append(Glow(shaft, grade, depth=0.5))
    return pieces
