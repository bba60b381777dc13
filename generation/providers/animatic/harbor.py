"""The harbour: town and headland in the haze, ships at anchor, a quay with crates, barrels and lamps, gulls."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image, ImageDraw

from generation.paint.colour import Colour, mix, times
from generation.paint.ink import Canvas, curve, ellipse, rect
from generation.paint.noise import fbm, generator

from .buildings import LAMP, House, Lit, headland, paint_house, skyline
from .close import close_up
from .finish import finish
from .light import Grade, Light
from .people import crowd_of, stand
from .ships import DARK_WOOD, WOOD, Ship, far_sail, gull_wings, rowing_boat
from .sky import sky_pieces
from .stage import Glow, Piece, Planes, Shot, Sprite, blit, bob, flame, full_canvas, rocking
from .style import Style
from .water import Water

HORIZON = 418.0
SNOW: Colour = (0.9, 0.93, 0.98)


def harbor(style: Style, light: Light, grade: Grade, size: tuple[int, int], scale: float) -> list[Piece]:
    """Every piece of the harbour, back to front."""
    pieces = sky_pieces(style, light, grade, scale, HORIZON)
    pieces.append(_far_shore(style, light, grade, scale))
    town, lit = _town(style, light, scale)
    pieces.append(Sprite(town, grade, depth=0.3))
    if lit and light.lamps > 0.05:
        pieces.append(Glow(_window_light(lit, light, scale), grade, depth=0.3, gain=0.8))
    boats = _ships(style, light, grade, scale)
    water_tint = mix(light.on((0.1, 0.2, 0.25), 0.0, 0.2), light.haze, 0.16)
    chop = {"stormy": 2.6, "windy": 1.9, "rainy": 1.3, "foggy": 0.65}.get(style.weather, 1.0)
    pieces.append(
        Water(
            grade, size, scale, horizon=HORIZON, tint=water_tint, clear=0.9, chop=chop, boats=boats, glint=mix(light.key, light.disc, 0.5),
            sun_x=light.sun[0], seed=style.seed % 997, sparkle=0.25 + 0.75 * (1 - light.air),
        )
    )  # fmt: skip
    pieces += boats
    pieces.append(Gulls(style, light, grade, scale))
    if style.close:
        return pieces + close_up(style, light, grade, scale, rim=mix(light.key, light.disc, 0.4))
    return pieces + _quay(style, light, grade, scale)


def _far_shore(style: Style, light: Light, grade: Grade, scale: float) -> Sprite:
    c = full_canvas(scale)
    headland(c, light, [(-240, 440), (-240, 338), (-90, 312), (70, 344), (190, 372), (310, 402), (400, 424), (300, 445)], 0.86, 1)
    headland(c, light, [(1020, 440), (1120, 396), (1250, 352), (1400, 330), (1520, 340), (1520, 450)], 0.9, 2)
    skyline(c, light, base=HORIZON + 2, height=64, seed=5, depth=0.82, left=430, right=1120)
    lx = 262.0  # the lighthouse on its rock
    c.gradient(
        [(lx - 9, 392), (lx - 6, 306), (lx + 6, 306), (lx + 9, 392)], light.on((0.9, 0.86, 0.8), 0.6, 0.8), light.on((0.6, 0.55, 0.52), 0.7, 0.2)
    )
    c.fill(rect(lx - 8, 298, lx + 8, 306), light.on((0.5, 0.2, 0.17), 0.6, 0.5))
    c.fill(rect(lx - 5, 286, lx + 5, 298), mix(light.on((0.3, 0.34, 0.4), 0.6), LAMP, max(0.25, light.lamps)))
    c.fill([(lx - 8, 286), (lx, 276), (lx + 8, 286)], light.on((0.4, 0.17, 0.15), 0.6, 0.6))
    for x, y, s in ((700, 424, 40), (560, 421, 24), (860, 422, 30)):
        far_sail(c, light, x, y, s)
    finish(c, light, haze=0.35, base=HORIZON + 4, rise=70, stroke=9)
    c.clip(c.mask(rect(-400, -400, 2000, HORIZON + 3)))
    return Sprite(c, grade, depth=0.14)


def _town(style: Style, light: Light, scale: float) -> tuple[Canvas, list[Lit]]:
    c = full_canvas(scale)
    rng = generator("town", style.seed % 5)
    lit: list[Lit] = []
    snow = style.weather == "snowy"
    for start, stop, grow in ((-190.0, 205.0, -1.0), (1010.0, 1480.0, 1.0)):
        for row, depth in ((1, 0.55), (0, 0.36)):
            x = start - (30 if row else 0)
            while x < stop - 20:
                wide = float(rng.uniform(58, 96))
                along = (x - start) / (stop - start)
                near = along if grow > 0 else 1 - along
                high = (74 + 84 * near + 34 * float(rng.random())) * (1.25 if row else 1.0)
                lit += paint_house(
                    c, light,
                    House(x, HORIZON + 8 - 6 * row, wide, high, depth - 0.12 * near, int(rng.integers(1 << 30)),
                          timber=bool(rng.random() < 0.45), gable=bool(rng.random() < 0.7), snow=snow),
                )  # fmt: skip
                x += wide * float(rng.uniform(0.98, 1.06))
    quay = light.on((0.36, 0.33, 0.31), 0.4, 0.2)
    for left, right in ((-220.0, 236.0), (984.0, 1520.0)):
        c.gradient(rect(left, HORIZON + 3, right, HORIZON + 19), light.on((0.5, 0.46, 0.42), 0.36, 0.5), quay)
        for x in np.arange(left + 12, right, 22):
            c.fill(rect(float(x), HORIZON + 10, float(x) + 4, HORIZON + 23), light.on(DARK_WOOD, 0.35))
    _crane(c, light, 168, HORIZON + 4, 1.0)
    _crane(c, light, 1050, HORIZON + 4, -1.15)
    finish(c, light, haze=0.3, base=HORIZON + 10, rise=120, stroke=6)
    return c, lit


def _crane(c: Canvas, light: Light, x: float, y: float, face: float) -> None:
    """A treadwheel crane on the quay."""
    wood = light.on(DARK_WOOD, 0.38, 0.15)
    c.line([(x, y), (x, y - 96)], 5.5, wood)
    c.line([(x - 8 * face, y - 60), (x + 66 * face, y - 128)], 4.2, wood)
    c.line([(x, y - 92), (x + 40 * face, y - 104)], 2.6, wood)
    c.line([(x, y - 40), (x + 18 * face, y - 84)], 2.4, wood)
    c.line([(x + 64 * face, y - 126), (x + 64 * face, y - 62)], 1.0, wood)
    c.fill(rect(x + 64 * face - 7, y - 62, x + 64 * face + 7, y - 50), light.on(WOOD, 0.35, 0.4))
    c.fill(rect(x - 16, y - 34, x + 16, y), light.on(WOOD, 0.4, 0.2))
    c.fill([(x - 20, y - 34), (x, y - 48), (x + 20, y - 34)], light.on((0.3, 0.2, 0.17), 0.4, 0.4))


def _window_light(lit: list[Lit], light: Light, scale: float) -> Canvas:
    c = full_canvas(scale)
    for pane in lit:
        c.lay(c.glow(pane.x, pane.y, pane.width * 2.6, pane.height * 2.2), LAMP, 0.34 * light.lamps)
    return c


def _ships(style: Style, light: Light, grade: Grade, scale: float) -> list[Sprite]:
    wild = {"stormy": 2.2, "windy": 1.6}.get(style.weather, 1.0)
    setsail = "sails" in style.words or "sailing" in style.words
    plan = (
        (1010.0, 455.0, 190.0, 0.5, -1, 2, 11, 0.26, (0.3, 0.28, 0.3)),
        (300.0, 470.0, 250.0, 0.42, 1, 3, 7, 0.36, (0.26, 0.3, 0.28)),
        (835.0, 536.0, 480.0, 0.14, -1, 3, 3, 0.6, WOOD),
    )
    sprites = []
    for x, y, length, haze, face, masts, seed, depth, hull in plan:
        c = full_canvas(scale)
        ship = Ship(
            c, light, x=x, waterline=y, length=length, depth=haze, face=face, masts=masts, seed=seed,
            sails=setsail and seed != 3, hull=hull,
        )  # fmt: skip
        ship.draw()
        if light.lamps > 0.05:
            lx, ly = ship.lantern()
            c.fill(ellipse(lx, ly, 0.012 * length, 0.016 * length), LAMP)
            c.lay(c.glow(lx, ly, 0.17 * length), LAMP, 0.75 * light.lamps)
        finish(c, light, haze=haze * 0.5, base=y, rise=60, stroke=4, rim=0.5)
        period = 3.4 + length / 160
        sprites.append(
            Sprite(
                c, grade, depth=depth, sway=bob(0.006 * length * wild, period, seed, drift=0.8), pivot=(x, y), waterline=y,
                roll=rocking(min(0.6, 0.34 * wild), period * 1.4, seed),
            )
        )  # fmt: skip
    c = full_canvas(scale)
    rowing_boat(c, light, 470, 566, 96, 0.1)
    finish(c, light, haze=0.05, base=566, rise=30, stroke=4, rim=0.4)
    sprites.append(Sprite(c, grade, depth=0.72, sway=bob(2.4 * wild, 2.9, 2.0, drift=2.0), waterline=566, pivot=(470, 560), roll=rocking(0.6, 3.1)))
    return sprites


def _quay(style: Style, light: Light, grade: Grade, scale: float) -> list[Piece]:
    """The near quay, in two depths: planks with people and cargo, then dark posts close to the eye."""
    c = full_canvas(scale)
    edge, left = 628.0, -190.0
    stone, wood = light.on((0.4, 0.36, 0.33), 0.02, 0.1), light.on((0.4, 0.3, 0.22), 0.02, 0.55)
    deck = [(left, edge - 16), (520, edge - 2), (700, edge + 44), (760, edge + 92), (820, 810), (left, 810)]
    c.gradient(deck, wood, light.on((0.2, 0.15, 0.12), 0.0, 0.1))
    patch = c.mask(deck)
    high, wide = patch.cover.shape
    grain = fbm("planks", 3, size=(wide, high), cell=(300 * scale, 5 * scale), octaves=3)
    c.inside(patch.times(np.clip(grain * 2.2 - 1.0, 0, 1).astype(np.float32)), light.on((0.16, 0.11, 0.09)), 0.5)
    for i in range(9):
        y = edge - 4 + 9 * i + 2.3 * i * i
        c.line([(left, y - 10), (480 + 24 * i, y + 3), (700 + 16 * i, y + 46)], 1.0 + 0.25 * i, light.on((0.08, 0.06, 0.06)), alpha=0.75)
    c.line([(left, edge - 14), (520, edge), (700, edge + 46), (764, edge + 94), (830, 815)], 7, mix(stone, wood, 0.5))
    c.line([(left, edge - 17), (520, edge - 3), (700, edge + 43)], 2, light.on((0.7, 0.58, 0.42), 0.0, 0.9), alpha=0.7)
    if style.weather == "snowy":
        c.inside(
            patch.times(np.clip(fbm("drift", 4, size=(wide, high), cell=(160 * scale, 40 * scale)) * 2 - 0.7, 0, 1).astype(np.float32)),
            light.on(SNOW, 0.0, 0.6),
            0.85,
        )
    lit = lamp_post(c, light, 392, edge - 4, 236)
    for at, low in ((500, 2), (640, 30)):
        _bollard(c, light, at, edge + low)
    _cargo(c, light, style)
    for n, who in enumerate(crowd_of(style)):
        stand(c, light, 318 + 74 * n, edge + 20 + 8 * n, 128, who, lit=0.3, seed=style.seed + n)
    finish(c, light, haze=0.04, base=edge, rise=20, stroke=5, rim=0.55)
    pieces: list[Piece] = [Sprite(c, grade, depth=0.95)]
    if style.wet:
        pieces.append(_wet(light, grade, scale, deck))
    if light.lamps > 0.05:
        glow = full_canvas(scale)
        for x, y, r in lit:
            glow.lay(glow.glow(x, y, r), LAMP, 0.85 * light.lamps)
            glow.lay(glow.glow(x, y, r * 0.28), (1.0, 0.93, 0.75), 0.8 * light.lamps)
            glow.lay(glow.glow(x, edge + 26, r * 1.3, r * 0.34), LAMP, 0.4 * light.lamps)
        pieces.append(Glow(glow, grade, depth=0.95, flicker=flame(0.5, 0.12)))
    near = full_canvas(scale)
    dark = light.on((0.14, 0.11, 0.1), 0.0, 0.0)
    for x, top in ((-30.0, 470.0), (1330.0, 430.0)):
        near.gradient(rect(x - 28, top, x + 28, 830), times(dark, 1.25), dark)
        near.fill(ellipse(x, top, 28, 9), light.on((0.3, 0.24, 0.2), 0.0, 0.3))
        for i in range(4):
            near.line(
                curve([(x - 30, top + 60 + 9 * i), (x, top + 68 + 9 * i), (x + 30, top + 60 + 9 * i)], closed=False),
                8,
                light.on((0.42, 0.34, 0.24), 0.0, 0.2),
            )
    near.soften(2.2)
    pieces.append(Sprite(near, grade, depth=1.4))
    return pieces


def _wet(light: Light, grade: Grade, scale: float, deck: list[tuple[float, float]]) -> Glow:
    """The shine of rain on planks."""
    c = full_canvas(scale)
    patch = c.mask(deck)
    high, wide = patch.cover.shape
    pools = fbm("pools", 8, size=(wide, high), cell=(130 * scale, 16 * scale), octaves=3)
    c.lay(patch.times(np.clip(pools * 3 - 1.5, 0, 1).astype(np.float32)), light.sky[2][1], 0.4)
    return Glow(c, grade, depth=0.95)


def lamp_post(c: Canvas, light: Light, x: float, y: float, height: float) -> list[tuple[float, float, float]]:
    iron = light.on((0.12, 0.13, 0.15), 0.02, 0.3)
    top = y - height
    c.fill(curve([(x - 9, y), (x - 5, y - 26), (x - 3, y - 30), (x + 3, y - 30), (x + 5, y - 26), (x + 9, y)], steps=4), iron)
    c.line([(x, y - 20), (x, top + 30)], 5, iron)
    c.line([(x - 13, top + 46), (x + 13, top + 46)], 2.6, iron)
    glass = mix(light.on((0.5, 0.56, 0.6), 0.0, 0.5), (1.0, 0.86, 0.55), light.lamps)
    c.fill([(x - 8, top + 30), (x - 12, top + 4), (x + 12, top + 4), (x + 8, top + 30)], glass)
    for dx in (-10, 0, 10):
        c.line([(x + dx * 0.8, top + 30), (x + dx * 1.2, top + 4)], 1.6, iron)
    c.fill([(x - 15, top + 5), (x, top - 14), (x + 15, top + 5)], iron)
    c.line([(x, top - 12), (x, top - 20)], 2, iron)
    return [(x, top + 17, 210.0)]


def _bollard(c: Canvas, light: Light, x: float, y: float) -> None:
    iron, shine = light.on((0.15, 0.15, 0.17), 0.02, 0.3), light.on((0.5, 0.5, 0.52), 0.02, 0.9)
    c.fill(curve([(x - 9, y), (x - 7, y - 22), (x - 12, y - 28), (x, y - 33), (x + 12, y - 28), (x + 7, y - 22), (x + 9, y)], steps=5), iron)
    c.fill(ellipse(x + 4 * light.side, y - 27, 4, 2), shine, alpha=0.6)
    for i in range(3):
        c.line([(x - 9, y - 5 - 5 * i), (x + 9, y - 7 - 5 * i)], 4, light.on((0.62, 0.5, 0.34), 0.02, 0.4))


def crate(c: Canvas, light: Light, x: float, y: float, s: float, tone: float = 1.0) -> None:
    """A crate; (x, y) is the middle of its foot."""
    wood = times((0.5, 0.35, 0.22), tone)
    front = rect(x - s / 2, y - s, x + s / 2, y)
    c.gradient(front, light.on(wood, 0.02, 0.5), light.on(times(wood, 0.6), 0.02, 0.1))
    c.fill(
        [(x - s / 2, y - s), (x - s / 2 + s * 0.14, y - s * 1.12), (x + s / 2 + s * 0.14, y - s * 1.12), (x + s / 2, y - s)],
        light.on(wood, 0.02, 0.95),
    )
    c.fill(
        [(x + s / 2, y - s), (x + s / 2 + s * 0.14, y - s * 1.12), (x + s / 2 + s * 0.14, y - s * 0.12), (x + s / 2, y)],
        light.on(times(wood, 0.45), 0.02, 0.1),
    )
    dark, bright = light.on((0.12, 0.08, 0.06)), light.on((0.7, 0.54, 0.36), 0.02, 0.6)
    for i in range(1, 4):
        c.line([(x - s / 2, y - s * i / 4), (x + s / 2, y - s * i / 4)], s * 0.015, dark, alpha=0.8)
    for a, b in (((-0.44, -0.06), (0.44, -0.94)),):
        c.line([(x + a[0] * s, y + a[1] * s), (x + b[0] * s, y + b[1] * s)], s * 0.09, bright)
    for edge_x in (-0.44, 0.44):
        c.line([(x + edge_x * s, y), (x + edge_x * s, y - s)], s * 0.1, bright)
    for edge_y in (-0.06, -0.94):
        c.line([(x - s / 2, y + edge_y * s), (x + s / 2, y + edge_y * s)], s * 0.1, bright)


def barrel(c: Canvas, light: Light, x: float, y: float, s: float) -> None:
    """A barrel of height s on its foot (x, y)."""
    w = s * 0.36
    body = curve(
        [(x - w * 0.8, y), (x - w, y - s * 0.5), (x - w * 0.8, y - s), (x + w * 0.8, y - s), (x + w, y - s * 0.5), (x + w * 0.8, y)], steps=6
    )
    left, right = light.on((0.46, 0.3, 0.19), 0.02, 0.75), light.on((0.2, 0.13, 0.1), 0.02, 0.05)
    if light.side > 0:
        left, right = right, left
    c.gradient(body, left, right, across=True)
    for dx in (-0.5, -0.17, 0.17, 0.5):
        c.line(
            curve([(x + dx * w * 1.3, y), (x + dx * w * 1.7, y - s / 2), (x + dx * w * 1.3, y - s)], closed=False, steps=5),
            s * 0.012,
            light.on((0.08, 0.06, 0.05)),
            alpha=0.6,
        )
    for at in (0.1, 0.3, 0.7, 0.9):
        reach = w * (0.84 + 0.16 * math.sin(math.pi * at))
        c.line([(x - reach, y - s * at), (x, y - s * at + 1.5), (x + reach, y - s * at)], s * 0.045, light.on((0.2, 0.2, 0.22), 0.02, 0.4))
    c.fill(ellipse(x, y - s, w * 0.8, s * 0.07), light.on((0.36, 0.25, 0.17), 0.02, 0.7))


def _cargo(c: Canvas, light: Light, style: Style) -> None:
    for x, y, s, tone in ((66, 640, 82, 0.9), (150, 650, 74, 1.05), (104, 566, 66, 1.0), (18, 712, 120, 0.8)):
        crate(c, light, x, y, s, tone)
    for x, y, s in ((214, 668, 74), (262, 690, 82), (588, 700, 64)):
        barrel(c, light, x, y, s)
    for i in range(4):
        r = 26 - i * 2.2
        c.line([*ellipse(690, 716 - 6 * i, r, r * 0.36, count=28), (690 + r, 716 - 6.0 * i)], 6, light.on((0.6, 0.49, 0.33), 0.02, 0.55 - 0.08 * i))
    sack = light.on((0.46, 0.38, 0.28), 0.02, 0.4)
    c.fill(curve([(300, 700), (296, 668), (318, 650), (344, 664), (348, 700)]), sack)
    c.fill(curve([(322, 652), (314, 642), (330, 640), (328, 652)], steps=5), sack)


class Gulls:
    """A handful of gulls on curved paths, wings beating; drawn small in every frame."""

    def __init__(self, style: Style, light: Light, grade: Grade, scale: float) -> None:
        rng = generator("gulls", style.seed)
        busy = any("gull" in word or "bird" in word for word in style.words)
        self.birds = rng.random((9 if busy else 5, 6)) if style.weather != "stormy" else rng.random((2, 6))
        self.scale = scale
        dark = grade.colour(mix(light.on((0.25, 0.26, 0.3), 0.35, 0.1), light.haze, 0.25))
        white = grade.colour(mix(light.on((0.95, 0.95, 0.95), 0.2, 0.8), light.haze, 0.2))
        self.colours = (white, dark) if not light.moon else (dark, dark)

    def draw(self, shot: Shot) -> None:
        for a, b, c, d, e, f in self.birds:
            size = (9 + 17 * c) * self.scale
            speed = (26 + 34 * c) * (1 if d < 0.55 else -1)
            x = (a * 1500 + speed * shot.t) % 1560 - 140
            y = 90 + 250 * b + 16 * math.sin(0.7 * shot.t + 6 * e)
            glide = math.sin(0.9 * shot.t + 9 * f) > 0.35
            beat = 0.08 * math.sin(shot.t + e) if glide else (shot.t * (1.5 + 0.5 * e) + f)
            sprite = self._sprite(size, beat, d < 0.55, self.colours[0 if c > 0.3 else 1])
            px = (x - shot.camera.x * (0.2 + 0.5 * c)) * shot.scale - sprite.shape[2] / 2
            py = (y - shot.camera.y * (0.2 + 0.5 * c)) * shot.scale - sprite.shape[1] / 2
            blit(shot.planes, sprite, px, py)

    def _sprite(self, size: float, beat: float, right: bool, colour: Colour) -> Planes:
        side = max(6, math.ceil(size * 2.3))
        image = Image.new("L", (side * 3, side * 3), 0)
        draw = ImageDraw.Draw(image)
        flip = 1 if right else -1
        for shape in gull_wings(beat):
            draw.polygon([((side / 2 + flip * x * size) * 3, (side / 2 + y * size) * 3) for x, y in shape], fill=255)
        alpha = np.asarray(image.reduce(3), dtype=np.float32) / 255
        return np.rint(np.stack([alpha * c for c in colour] + [alpha]) * 255).astype(np.uint8)
