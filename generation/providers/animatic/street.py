"""A street between old houses running away from us, lamps along it; or the roofs of the town from above."""

from __future__ import annotations

import math

from generation.paint.colour import Colour, mix, times
from generation.paint.ink import Canvas, curve, ellipse, rect
from generation.paint.noise import generator

from .buildings import LAMP, House, Lit, paint_house, skyline
from .close import close_up
from .finish import finish
from .ground import Puddles, cobbles, ground_shadow, passers_by
from .harbor import lamp_post
from .light import Grade, Light
from .people import crowd_of, stand
from .sky import sky_pieces
from .stage import MARGIN_X, MARGIN_Y, Glow, Piece, Sprite, flame, full_canvas
from .style import Style

HORIZON = 438.0


def street(style: Style, light: Light, grade: Grade, size: tuple[int, int], scale: float) -> list[Piece]:
    """Every piece of a street; "rooftops" in the prompt lifts us above them."""
    del size
    if style.words & {"rooftop", "rooftops", "roofs", "roof"}:
        return _rooftops(style, light, grade, scale)
    pieces = sky_pieces(style, light, grade, scale, HORIZON)
    soft = 3.0 if style.close else 0.0
    far = full_canvas(scale)
    skyline(far, light, base=HORIZON + 4, height=92, seed=style.seed % 9, depth=0.78, left=380, right=900)
    finish(far, light, haze=0.35, base=HORIZON, rise=90, stroke=5)
    far.soften(soft)
    pieces.append(Sprite(far, grade, depth=0.2))
    floor = full_canvas(scale)
    puddles = cobbles(floor, light, style, HORIZON)
    finish(floor, light, haze=0.2, base=HORIZON, rise=-40, stroke=6)
    floor.soften(soft * 0.5)
    pieces.append(Sprite(floor, grade, depth=0.5))
    panes: list[Lit] = []
    for row, depth in ((0, 0.34), (1, 0.5), (2, 0.72)):
        houses, lit = _row(style, light, scale, row)
        houses.soften(soft)
        pieces.append(Sprite(houses, grade, depth=depth))
        panes += lit
        if row == 0 and style.wet:
            pieces.append(Puddles(puddles, HORIZON, scale, (MARGIN_X, MARGIN_Y), 0.5))
    if panes and light.lamps > 0.05:
        glow = full_canvas(scale)
        for pane in panes:
            glow.lay(glow.glow(pane.x, pane.y, pane.width * 2.2, pane.height * 1.9), LAMP, 0.3 * light.lamps)
        pieces.append(Glow(glow, grade, depth=0.5))
    empty = style.words & {"empty", "deserted", "alone"}
    crowd = style.words & {"crowd", "crowded", "people", "busy"}
    pieces += passers_by(style, light, grade, scale, count=0 if empty else 8 if crowd else 3, near=620, far=470)
    pieces += _lamps(light, grade, scale)
    if style.close:
        return pieces + close_up(style, light, grade, scale, rim=light.key)
    pieces.append(_named(style, light, grade, scale))
    return pieces


def _row(style: Style, light: Light, scale: float, row: int) -> tuple[Canvas, list[Lit]]:
    c = full_canvas(scale)
    rng = generator("street", style.seed % 6, row)
    snow = style.weather == "snowy"
    stone = style.words & {"courthouse", "court", "cathedral", "temple", "palace"}
    plans = {0: (((208, 78, 150), (140, 62, 118)), 0.45), 1: (((344, 128, 250),), 0.24), 2: (((590, 236, 470), (820, 220, 520)), 0.03)}
    houses, haze = plans[row]
    lit: list[Lit] = []
    for side in (-1, 1):
        for reach, wide, high in houses:
            x = 640 - reach if side < 0 else 640 + reach - wide
            base = HORIZON + 14 + 46 * row + (64 if row == 2 else 0)
            house = House(
                x,
                base,
                wide,
                high * float(rng.uniform(0.92, 1.08)),
                haze,
                int(rng.integers(1 << 30)),
                timber=bool(rng.random() < 0.6),
                shop=row == 1,
                snow=snow,
            )
            lit += paint_house(c, light, house)
    if row == 0 and stone:
        _courthouse(c, light, 640, HORIZON + 10)
    finish(c, light, haze=0.25 - 0.07 * row, base=HORIZON + 20 + 40 * row, rise=150, stroke=6, rim=0.25)
    return c, lit


def _courthouse(c: Canvas, light: Light, x: float, base: float) -> None:
    stone: Colour = (0.66, 0.62, 0.56)
    c.gradient(rect(x - 132, base - 120, x + 132, base), light.on(stone, 0.4, 0.5), light.on(times(stone, 0.7), 0.4, 0.1))
    c.fill([(x - 146, base - 120), (x, base - 184), (x + 146, base - 120)], light.on(times(stone, 1.1), 0.4, 0.7))
    c.fill([(x - 120, base - 124), (x, base - 172), (x + 120, base - 124)], light.on(times(stone, 0.8), 0.4, 0.2))
    for k in range(7):
        px = x - 114 + 38 * k
        c.gradient(rect(px - 8, base - 114, px + 8, base - 12), light.on(times(stone, 1.15), 0.4, 0.8), light.on(stone, 0.4, 0.3), across=True)
    c.fill(rect(x - 22, base - 74, x + 22, base), light.on((0.16, 0.12, 0.1), 0.4))
    for k in range(3):
        c.fill(rect(x - 150 - 12 * k, base - 12 + 7 * k, x + 150 + 12 * k, base - 4 + 7 * k), light.on(times(stone, 1.0 - 0.08 * k), 0.36, 0.6))


def _lamps(light: Light, grade: Grade, scale: float) -> list[Piece]:
    c, glow = full_canvas(scale), full_canvas(scale)
    for x, y, h in ((420, 520, 150), (878, 528, 158), (196, 640, 300), (1096, 648, 310)):
        for lx, ly, r in lamp_post(c, light, x, y, h):
            k = h / 236
            glow.lay(glow.glow(lx, ly, r * k), LAMP, 0.8 * light.lamps)
            glow.lay(glow.glow(lx, ly, r * 0.3 * k), (1.0, 0.93, 0.75), 0.8 * light.lamps)
            glow.lay(glow.glow(lx, y + 8, r * 1.2 * k, r * 0.3 * k), LAMP, 0.4 * light.lamps)
    finish(c, light, haze=0.05, base=600, rise=40, stroke=0, rim=0.3)
    pieces: list[Piece] = [Sprite(c, grade, depth=0.72)]
    if light.lamps > 0.05:
        pieces.append(Glow(glow, grade, depth=0.72, flicker=flame(0.4, 0.1)))
    return pieces


def _named(style: Style, light: Light, grade: Grade, scale: float) -> Sprite:
    c = full_canvas(scale)
    for n, role in enumerate(crowd_of(style)):
        stand(c, light, 560 + 120 * n, 664 + 8 * n, 226, role, lit=0.4, seed=style.seed + n)
    if "cart" in style.words:
        _cart(c, light, 860, 668)
    finish(c, light, haze=0.02, base=660, rise=20, stroke=5, rim=0.5)
    return Sprite(c, grade, depth=0.88)


def _cart(c: Canvas, light: Light, x: float, y: float) -> None:
    wood = light.on((0.42, 0.29, 0.19), 0.02, 0.5)
    ground_shadow(c, x, y, 110, light)
    c.gradient([(x - 110, y - 110), (x + 100, y - 104), (x + 84, y - 50), (x - 96, y - 50)], wood, light.on((0.2, 0.13, 0.1)))
    c.line([(x + 90, y - 66), (x + 210, y - 20)], 7, wood)
    ring = ellipse(x - 10, y - 44, 44, 44)
    c.line([*ring, ring[0]], 8, light.on((0.26, 0.18, 0.13), 0.02, 0.4))
    for k in range(8):
        a = math.pi * k / 4
        c.line([(x - 10, y - 44), (x - 10 + 42 * math.cos(a), y - 44 + 42 * math.sin(a))], 4, light.on((0.3, 0.2, 0.14), 0.02, 0.4))


def _rooftops(style: Style, light: Light, grade: Grade, scale: float) -> list[Piece]:
    horizon = 380.0
    pieces = sky_pieces(style, light, grade, scale, horizon)
    sea = full_canvas(scale)
    sea.gradient(rect(-400, horizon - 26, 1800, horizon + 90), mix(light.haze, light.sky[3][1], 0.5), light.on((0.2, 0.32, 0.4), 0.7, 0.2))
    skyline(sea, light, base=horizon + 20, height=88, seed=3, depth=0.75, left=-60, right=560)
    skyline(sea, light, base=horizon + 26, height=76, seed=6, depth=0.72, left=760, right=1380)
    finish(sea, light, haze=0.3, base=horizon + 30, rise=120, stroke=5)
    pieces.append(Sprite(sea, grade, depth=0.16))
    smoke: list[tuple[float, float, float]] = []
    for row, (base, size, haze, depth) in enumerate(((520, 96, 0.5, 0.3), (610, 138, 0.28, 0.5), (720, 196, 0.1, 0.78))):
        c = full_canvas(scale)
        rng = generator("roofs", row, style.seed % 6)
        x = -190.0
        glow = full_canvas(scale)
        while x < 1470:
            w = size * float(rng.uniform(0.85, 1.3))
            h = size * float(rng.uniform(0.5, 0.95))
            for pane in paint_house(
                c,
                light,
                House(
                    x,
                    base + 90,
                    w,
                    h + 90,
                    haze,
                    int(rng.integers(1 << 30)),
                    timber=bool(rng.random() < 0.5),
                    gable=bool(rng.random() < 0.65),
                    snow=style.weather == "snowy",
                ),
            ):
                glow.lay(glow.glow(pane.x, pane.y, pane.width * 2.2, pane.height * 1.9), LAMP, 0.3 * light.lamps)
            if rng.random() < 0.5:
                smoke.append((x + w * 0.24, base - h - size * 0.5, depth))
            x += w * float(rng.uniform(0.8, 1.1))
        finish(c, light, haze=0.3 - 0.08 * row, base=base + 40, rise=150, stroke=6, rim=0.45)
        pieces.append(Sprite(c, grade, depth=depth))
        if light.lamps > 0.05:
            pieces.append(Glow(glow, grade, depth=depth))
    pieces += [_smoke(light, grade, scale, *spot, seed=n) for n, spot in enumerate(smoke[:7])]
    near = full_canvas(scale)
    tile = light.on((0.34, 0.2, 0.16), 0.0, 0.35)
    near.gradient([(-190, 690), (420, 636), (760, 800), (-190, 800)], tile, light.on((0.16, 0.1, 0.09)))
    for k in range(16):
        near.line([(-190 + 56 * k, 692 - 4.6 * k), (-120 + 70 * k, 800)], 1.6, light.on((0.1, 0.07, 0.06)), alpha=0.6)
    if style.words & {"fire", "brazier", "pan"}:
        near.fill(curve([(250, 640), (256, 664), (310, 664), (318, 640)]), light.on((0.14, 0.13, 0.13)))
        near.lay(near.glow(284, 634, 130), (1.0, 0.55, 0.2), 0.5)
        near.fill(curve([(268, 640), (276, 606), (284, 622), (292, 598), (302, 640)]), (1.0, 0.72, 0.3))
    for n, role in enumerate(crowd_of(style)):
        stand(near, light, 330 + 90 * n, 676 + 10 * n, 170, role, lit=0.4, seed=style.seed + n)
    finish(near, light, haze=0, base=700, rise=10, stroke=6, rim=0.5)
    pieces.append(Sprite(near, grade, depth=1.05))
    return pieces


def _smoke(light: Light, grade: Grade, scale: float, x: float, y: float, depth: float, *, seed: int) -> Sprite:
    c = full_canvas(scale)
    rng = generator("smoke", seed)
    tint = mix(light.haze, light.sky[1][1], 0.3)
    px, py = x, y
    for k in range(16):
        px, py = px + 3 + float(rng.uniform(-2, 5)) + 0.5 * k, py - 9 - 0.3 * k
        c.lay(c.mask(ellipse(px, py, 5 + 1.7 * k, 4 + 1.2 * k), blur=3 + 0.9 * k), tint, 0.34 * (1 - k / 17))

    def drift(t: float) -> tuple[float, float]:
        return 4 * math.sin(0.6 * t + seed) + 1.2 * t, 1.5 * math.sin(0.9 * t + seed)

    return Sprite(c, grade, depth=depth, sway=drift)
