"""The market: a square of old houses with an arch, a fountain, stalls under striped awnings, bunting and people."""

from __future__ import annotations

import math

from generation.paint.colour import Colour, mix, screen, times
from generation.paint.ink import Canvas, curve, ellipse, rect
from generation.paint.noise import generator

from .buildings import LAMP, House, Lit, awning, paint_house
from .close import close_up
from .finish import finish
from .ground import Puddles, cobbles, ground_shadow, passers_by
from .harbor import barrel, crate
from .light import Grade, Light
from .people import crowd_of, stand
from .sky import sky_pieces
from .stage import MARGIN_X, MARGIN_Y, Glow, Piece, Sprite, flame, full_canvas
from .style import Style

HORIZON = 452.0
WOOD: Colour = (0.4, 0.28, 0.19)
GOODS: dict[str, tuple[Colour, ...]] = {
    "fish": ((0.66, 0.72, 0.76), (0.56, 0.62, 0.68), (0.82, 0.52, 0.42)),
    "fruit": ((0.78, 0.24, 0.14), (0.88, 0.62, 0.18), (0.5, 0.62, 0.22), (0.62, 0.2, 0.3)),
    "cloth": ((0.66, 0.22, 0.2), (0.24, 0.36, 0.6), (0.82, 0.64, 0.26), (0.34, 0.5, 0.36), (0.5, 0.28, 0.48)),
    "bread": ((0.78, 0.56, 0.3), (0.66, 0.44, 0.22), (0.86, 0.68, 0.42)),
}  # fmt: skip


def market(style: Style, light: Light, grade: Grade, size: tuple[int, int], scale: float) -> list[Piece]:
    """Every piece of the market, back to front."""
    del size
    pieces = sky_pieces(style, light, grade, scale, HORIZON)
    soft = 3.0 if style.close else 0.0
    houses, lit = _houses(style, light, scale)
    houses.soften(soft)
    pieces.append(Sprite(houses, grade, depth=0.3))
    if lit and light.lamps > 0.05:
        glow = full_canvas(scale)
        for pane in lit:
            glow.lay(glow.glow(pane.x, pane.y, pane.width * 2.4, pane.height * 2.0), LAMP, 0.34 * light.lamps)
        pieces.append(Glow(glow, grade, depth=0.3))
    floor = full_canvas(scale)
    puddles = cobbles(floor, light, style, HORIZON)
    finish(floor, light, haze=0.3, base=HORIZON, rise=-40, stroke=6)
    pieces.append(Sprite(floor, grade, depth=0.5))
    if style.wet:
        pieces.append(Puddles(puddles, HORIZON, scale, (MARGIN_X, MARGIN_Y), 0.5))
    fountain = full_canvas(scale)
    _fountain(fountain, light, 640, 520, 1.0)
    finish(fountain, light, haze=0.12, base=530, rise=60, stroke=4, rim=0.4)
    fountain.soften(soft * 0.8)
    crowd = any(word in style.words for word in ("crowd", "crowded", "busy", "bustling", "lively")) or style.mood == "cheerful"
    empty = any(word in style.words for word in ("empty", "deserted", "closed"))
    walkers = passers_by(style, light, grade, scale, count=0 if empty else 14 if crowd else 6, near=640, far=492)
    pieces += walkers[: len(walkers) // 2]
    pieces.append(Sprite(fountain, grade, depth=0.52))
    for spot in ((316, 566, 250, "fruit", 2, 0.06), (964, 566, 250, "bread", 3, 0.06)):
        pieces.append(_stall_sprite(style, light, grade, scale, spot, 0.62, soft))
    pieces += walkers[len(walkers) // 2 :]
    for spot in ((92, 664, 350, "fish", 1, 0.02), (1190, 664, 350, "cloth", 0, 0.02)):
        pieces.append(_stall_sprite(style, light, grade, scale, spot, 0.85, soft * 0.6))
    if style.close:
        pieces += close_up(style, light, grade, scale, rim=light.key)
        return pieces
    pieces.append(_named(style, light, grade, scale))
    pieces += _bunting(style, light, grade, scale)
    pieces += _lanterns(light, grade, scale)
    return pieces


def _houses(style: Style, light: Light, scale: float) -> tuple[Canvas, list[Lit]]:
    c = full_canvas(scale)
    rng = generator("market", 4)
    lit: list[Lit] = []
    snow = style.weather == "snowy"
    for x, w, h, depth in ((452, 60, 110, 0.62), (515, 52, 124, 0.66), (702, 54, 118, 0.64), (758, 66, 112, 0.6)):
        lit += paint_house(c, light, House(x, HORIZON + 4, w, h, depth, int(rng.integers(1 << 30)), timber=True, snow=snow))
    _arch(c, light, 640, HORIZON + 8)
    for side in (-1, 1):
        for x, w, h, depth in ((250, 96, 176, 0.4), (336, 122, 232, 0.26), (450, 150, 300, 0.14), (590, 190, 372, 0.05)):
            at = 640 + side * x - (w if side < 0 else 0)
            lit += paint_house(
                c,
                light,
                House(
                    at,
                    HORIZON + 26 - 30 * depth,
                    w,
                    h,
                    depth,
                    int(rng.integers(1 << 30)),
                    timber=bool(rng.random() < 0.7),
                    gable=True,
                    shop=depth < 0.35,
                    snow=snow,
                ),
            )
    finish(c, light, haze=0.28, base=HORIZON + 10, rise=150, stroke=6)
    return c, lit


def _arch(c: Canvas, light: Light, x: float, base: float) -> None:
    stone: Colour = (0.6, 0.55, 0.49)
    c.gradient(rect(x - 64, base - 168, x + 64, base), light.on(stone, 0.5, 0.6), light.on(times(stone, 0.7), 0.5, 0.1))
    c.fill(rect(x - 72, base - 178, x + 72, base - 164), light.on(times(stone, 1.1), 0.5, 0.8))
    for k in range(7):
        c.fill(rect(x - 68 + 20.6 * k, base - 192, x - 56 + 20.6 * k, base - 177), light.on(stone, 0.5, 0.5))
    hole = curve(
        [(x - 38, base), (x - 38, base - 90), (x - 27, base - 122), (x, base - 136), (x + 27, base - 122), (x + 38, base - 90), (x + 38, base)],
        steps=5,
    )
    c.gradient(hole, mix(light.sky[2][1], light.haze, 0.5), mix(light.haze, light.sky[3][1], 0.5))
    for k in range(9):
        a = math.pi * k / 8
        c.fill(ellipse(x - 44 * math.cos(a), base - 90 - 50 * math.sin(a), 9, 7), light.on(times(stone, 0.85 + 0.1 * (k % 2)), 0.5, 0.5))
    c.fill(ellipse(x, base - 150, 10, 10), light.on((0.8, 0.66, 0.36), 0.45, 0.7))


def _fountain(c: Canvas, light: Light, x: float, y: float, s: float) -> None:
    stone: Colour = (0.58, 0.55, 0.51)
    ground_shadow(c, x, y + 8, 120 * s, light)
    c.gradient(
        curve(
            [
                (x - 108 * s, y - 40 * s),
                (x + 108 * s, y - 40 * s),
                (x + 100 * s, y),
                (x + 60 * s, y + 12 * s),
                (x - 60 * s, y + 12 * s),
                (x - 100 * s, y),
            ],
            steps=6,
        ),
        light.on(stone, 0.12, 0.6),
        light.on(times(stone, 0.5), 0.12, 0.05),
    )
    c.fill(ellipse(x, y - 40 * s, 112 * s, 20 * s), light.on(times(stone, 1.12), 0.12, 0.8))
    c.fill(ellipse(x, y - 39 * s, 98 * s, 15 * s), mix(light.on((0.3, 0.46, 0.52), 0.1, 0.3), light.sky[2][1], 0.45))
    c.gradient(
        curve([(x - 13 * s, y - 42 * s), (x - 8 * s, y - 100 * s), (x + 8 * s, y - 100 * s), (x + 13 * s, y - 42 * s)], steps=4),
        light.on(stone, 0.12, 0.7),
        light.on(times(stone, 0.6), 0.12, 0.1),
    )
    c.fill(ellipse(x, y - 100 * s, 46 * s, 10 * s), light.on(times(stone, 1.1), 0.12, 0.7))
    c.fill(curve([(x - 44 * s, y - 98 * s), (x, y - 78 * s), (x + 44 * s, y - 98 * s)]), light.on(times(stone, 0.7), 0.12, 0.2))
    c.line([(x, y - 104 * s), (x, y - 134 * s)], 9 * s, light.on(stone, 0.12, 0.6))
    c.fill(ellipse(x, y - 140 * s, 9 * s, 10 * s), light.on((0.78, 0.64, 0.34), 0.1, 0.8))
    spray = screen(light.sky[3][1], (0.2, 0.2, 0.2))
    for dx in (-40, -22, 22, 40):
        arc = curve([(x, y - 136 * s), (x + dx * 0.7 * s, y - 128 * s), (x + dx * 1.3 * s, y - 46 * s)], closed=False)
        c.line(arc, 2.2 * s, spray, alpha=0.55)


Spot = tuple[float, float, float, str, int, float]


def _stall_sprite(style: Style, light: Light, grade: Grade, scale: float, spot: Spot, depth: float, soft: float) -> Sprite:
    c = full_canvas(scale)
    _stall(c, light, style, *spot)
    finish(c, light, haze=0.05, base=spot[1], rise=50, stroke=5, rim=0.45)
    c.soften(soft)
    return Sprite(c, grade, depth=depth)


def _stall(c: Canvas, light: Light, style: Style, x: float, y: float, w: float, kind: str, cloth: int, depth: float) -> None:
    """A stall with its foot at (x, y), w wide."""
    h = w * 0.78
    ground_shadow(c, x, y, w * 0.56, light)
    c.fill(rect(x - w * 0.5, y - h * 0.86, x + w * 0.5, y - h * 0.3), light.on((0.13, 0.1, 0.09), depth))
    if not any(word in style.words for word in ("empty", "closed", "deserted")):
        stand(c, light, x + w * 0.12, y - h * 0.02, h * 0.86, ("apron", "hat", "dress")[cloth % 3], lit=0.25, seed=cloth + 3, depth=depth)
    for side in (-0.5, 0.5):
        c.line([(x + side * w, y - h * 0.98), (x + side * w, y + 2)], w * 0.025, light.on(times(WOOD, 0.8), depth, 0.4))
    top = y - h * 0.36
    c.gradient(rect(x - w * 0.53, top, x + w * 0.53, y), light.on(WOOD, depth, 0.5), light.on(times(WOOD, 0.45), depth, 0.0))
    for k in range(1, 9):
        c.line([(x - w * 0.53 + w * 1.06 * k / 9, top), (x - w * 0.53 + w * 1.06 * k / 9, y)], 1.3, light.on((0.1, 0.07, 0.06), depth), alpha=0.7)
    _goods(c, light, kind, x, top, w, depth)
    c.gradient(rect(x - w * 0.56, top, x + w * 0.56, top + w * 0.035), light.on(times(WOOD, 1.5), depth, 0.9), light.on(WOOD, depth, 0.3))
    awning(c, light, x, y - h * 1.02, w * 1.14, h * 0.24, depth, cloth)
    for k in range(5):
        px = x - w * 0.42 + w * 0.21 * k
        _hanging(c, light, kind, px, y - h * 0.72, w * 0.05, depth, k)


def _goods(c: Canvas, light: Light, kind: str, x: float, top: float, w: float, depth: float) -> None:
    colours = GOODS[kind]
    dice = generator("goods", kind)
    for row in range(3):
        for i in range(15 if kind != "cloth" else 8):
            count = 15 if kind != "cloth" else 8
            px = x - w * 0.48 + w * 0.96 * (i + 0.5 * (row % 2)) / count
            py = top - w * 0.028 * (2 - row) - w * 0.012
            colour = colours[(i // 4 + row) % len(colours)]
            tint = times(colour, float(dice.uniform(0.85, 1.12)))
            r = w * 0.03
            if kind == "fish":
                c.fill(ellipse(px, py, r * 1.5, r * 0.55, turn=-18), light.on(tint, depth, 0.7))
                c.fill([(px - r * 1.3, py), (px - r * 2.1, py - r * 0.6), (px - r * 2.0, py + r * 0.7)], light.on(times(tint, 0.8), depth, 0.5))
                c.line([(px - r, py - r * 0.2), (px + r, py - r * 0.35)], 1.0, light.on((0.95, 0.97, 1.0), depth, 1.0), alpha=0.7)
            elif kind == "cloth":
                c.gradient(
                    rect(px - r * 1.7, py - r * 1.4, px + r * 1.7, py + r * 0.9), light.on(tint, depth, 0.8), light.on(times(tint, 0.6), depth, 0.2)
                )
            elif kind == "bread":
                c.fill(ellipse(px, py, r * 1.25, r * 0.8), light.on(tint, depth, 0.7))
                for k in (-0.5, 0.1, 0.7):
                    c.line([(px + k * r, py - r * 0.6), (px + (k + 0.3) * r, py + r * 0.2)], 1.2, light.on(times(tint, 0.55), depth, 0.3), alpha=0.8)
            else:
                c.fill(ellipse(px, py, r * 0.85, r * 0.85), light.on(tint, depth, 0.55))
                c.fill(
                    ellipse(px + light.side * r * 0.25, py - r * 0.3, r * 0.3, r * 0.24),
                    light.on(screen(tint, (0.4, 0.36, 0.3)), depth, 0.9),
                    alpha=0.8,
                )


def _hanging(c: Canvas, light: Light, kind: str, x: float, y: float, r: float, depth: float, number: int) -> None:
    c.line([(x, y - r * 1.5), (x, y)], 1.2, light.on((0.2, 0.15, 0.1), depth))
    colour = GOODS[kind][number % len(GOODS[kind])]
    if kind == "cloth":
        c.gradient(
            [(x - r * 0.9, y), (x + r * 0.9, y), (x + r * 0.8, y + r * 3.4), (x - r * 0.8, y + r * 3.4)],
            light.on(colour, depth, 0.6),
            light.on(times(colour, 0.6), depth, 0.1),
        )
    elif kind == "fish":
        c.fill(ellipse(x, y + r * 1.2, r * 0.42, r * 1.2), light.on(colour, depth, 0.6))
        c.fill([(x, y + r * 2.2), (x - r * 0.5, y + r * 3.0), (x + r * 0.5, y + r * 3.0)], light.on(times(colour, 0.8), depth, 0.4))
    else:
        for k in range(4):
            c.fill(ellipse(x + r * 0.25 * (-1) ** k, y + r * (0.4 + 0.6 * k), r * 0.42, r * 0.42), light.on(colour, depth, 0.5))


def _named(style: Style, light: Light, grade: Grade, scale: float) -> Sprite:
    """Whom the prompt names, near to us; cargo beside the stalls."""
    c = full_canvas(scale)
    for n, role in enumerate(crowd_of(style)):
        stand(c, light, 500 + 120 * n, 690 + 6 * n, 236, role, lit=0.4, seed=style.seed + n)
    for x, y, s in ((332, 694, 58), (936, 700, 54)):
        ground_shadow(c, x, y, s, light)
        crate(c, light, x, y, s)
    ground_shadow(c, 996, 704, 40, light)
    barrel(c, light, 996, 704, 72)
    finish(c, light, haze=0.02, base=700, rise=20, stroke=5, rim=0.5)
    return Sprite(c, grade, depth=0.9)


def _bunting(style: Style, light: Light, grade: Grade, scale: float) -> list[Piece]:
    """Strings of small flags across the square, moving in the wind."""
    flags: tuple[Colour, ...] = ((0.7, 0.22, 0.18), (0.88, 0.7, 0.3), (0.2, 0.42, 0.5), (0.88, 0.84, 0.74))
    if style.mood in ("tense", "melancholic", "mysterious"):
        flags = ((0.5, 0.3, 0.28), (0.6, 0.54, 0.42), (0.3, 0.38, 0.42), (0.66, 0.64, 0.6))
    wild = 2.4 if style.weather in ("stormy", "windy") else 1.0
    pieces: list[Piece] = []
    for row, (y, sag, size, depth) in enumerate(((150, 90, 17, 0.34), (96, 120, 25, 0.6))):
        c = full_canvas(scale)
        for i in range(46):
            t = i / 45
            x, at = -120 + 1520 * t, y + sag * 4 * t * (1 - t)
            nxt = y + sag * 4 * (t + 1 / 45) * (1 - t - 1 / 45)
            c.line([(x, at), (x + 1520 / 45, nxt)], 1.3, light.on((0.2, 0.17, 0.14), 0.1))
            colour = flags[(i + row) % 4]
            if i % 2 == 0:
                c.gradient(
                    [(x - size * 0.5, at), (x + size * 0.5, at + 1), (x + size * 0.1, at + size)],
                    light.on(colour, 0.1, 0.7),
                    light.on(times(colour, 0.7), 0.1, 0.3),
                )
        finish(c, light, haze=0, base=0, rise=1, stroke=0)

        def flutter(t: float, row: int = row) -> tuple[float, float]:
            return 2.2 * wild * math.sin(1.7 * t + row), 1.6 * wild * math.sin(2.9 * t + 2 * row)

        pieces.append(Sprite(c, grade, depth=depth, sway=flutter))
    return pieces


def _lanterns(light: Light, grade: Grade, scale: float) -> list[Piece]:
    """Paper lanterns over the stalls, lit after dark."""
    c, glow = full_canvas(scale), full_canvas(scale)
    for x, y in ((250, 236), (382, 262), (510, 270), (768, 270), (900, 262), (1030, 236)):
        colour = mix((0.8, 0.42, 0.2), (1.0, 0.82, 0.46), light.lamps)
        c.line([(x, y - 70), (x, y - 14)], 1.2, light.on((0.2, 0.16, 0.12), 0.1))
        c.gradient(
            ellipse(x, y, 13, 15),
            mix(light.on(colour, 0.05, 0.6), (1.0, 0.84, 0.5), light.lamps),
            mix(light.on(times(colour, 0.7), 0.05, 0.2), (0.95, 0.5, 0.2), light.lamps),
        )
        for dy in (-15, 14):
            c.fill(rect(x - 6, y + dy, x + 6, y + dy + 3), light.on((0.25, 0.14, 0.1), 0.05))
        glow.lay(glow.glow(x, y, 110), LAMP, 0.62 * light.lamps)
        glow.lay(glow.glow(x, y + 320, 150, 40), LAMP, 0.25 * light.lamps)
    pieces: list[Piece] = [Sprite(c, grade, depth=0.5)]
    if light.lamps > 0.05:
        pieces.append(Glow(glow, grade, depth=0.5, flicker=flame(0.4, 0.1)))
    return pieces
