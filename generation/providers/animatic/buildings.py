"""Old houses: plaster, brick and timber, gables, chimneys, lit windows; and the skyline of a far town."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from generation.paint.colour import Colour, mix, times
from generation.paint.ink import Canvas, Point, Points, curve, ellipse, rect
from generation.paint.noise import fbm, generator

from .light import Light

PLASTERS: tuple[Colour, ...] = (
    (0.78, 0.68, 0.53), (0.68, 0.5, 0.38), (0.6, 0.62, 0.6), (0.74, 0.6, 0.46), (0.52, 0.44, 0.42), (0.8, 0.74, 0.64),
    (0.55, 0.36, 0.3), (0.48, 0.54, 0.58), (0.66, 0.42, 0.32),
)  # fmt: skip
ROOFS: tuple[Colour, ...] = ((0.42, 0.22, 0.17), (0.3, 0.26, 0.28), (0.36, 0.28, 0.22), (0.5, 0.27, 0.19), (0.25, 0.29, 0.33))
TIMBER: Colour = (0.22, 0.15, 0.11)
LAMP: Colour = (1.0, 0.76, 0.38)


@dataclass(frozen=True, slots=True)
class Lit:
    """A window that glows: where, and how large, for the layer of light."""

    x: float
    y: float
    width: float
    height: float


@dataclass(slots=True)
class House:
    """Where a house stands and how it looks; x is its left side, base its foot, in design units."""

    x: float
    base: float
    width: float
    height: float
    depth: float
    seed: int
    timber: bool = False
    gable: bool = True
    shop: bool = False
    snow: bool = False


def paint_house(c: Canvas, light: Light, house: House) -> list[Lit]:
    """Paint one house front; returns its lit windows."""
    rng = generator("house", house.seed)
    wall = PLASTERS[int(rng.integers(len(PLASTERS)))]
    roof = ROOFS[int(rng.integers(len(ROOFS)))]
    x0, x1, top, base = house.x, house.x + house.width, house.base - house.height, house.base
    _chimney(c, light, house, rng, top)
    facade = rect(x0, top, x1, base)
    wall_lit, wall_dark = light.on(wall, house.depth, 0.45), light.on(times(wall, 0.62), house.depth, 0.1)
    c.gradient(facade, wall_lit, wall_dark)
    _plaster(c, facade, light.on(times(wall, 0.5), house.depth), house.seed)
    _roof(c, light, house, rng, roof, wall)
    if house.timber:
        _timbers(c, light, house, rng)
    lit = _windows(c, light, house, rng)
    shade_x = x1 - house.width * 0.16 if light.side < 0 else x0
    c.inside(c.mask(rect(shade_x, top, shade_x + house.width * 0.16, base), blur=house.width * 0.05), light.on(times(wall, 0.35), house.depth), 0.5)
    return lit


def _plaster(c: Canvas, shape: Points, dark: Colour, seed: int) -> None:
    patch = c.mask(shape)
    if patch.cover.size:
        high, wide = patch.cover.shape
        stains = fbm("plaster", seed, size=(wide, high), cell=(28 * c.scale, 60 * c.scale), octaves=4)
        c.inside(patch.times(np.clip(stains * 1.5 - 0.55, 0, 1).astype(np.float32)), dark, 0.55)


def _roof(c: Canvas, light: Light, house: House, rng: np.random.Generator, roof: Colour, wall: Colour) -> None:
    x0, x1, top = house.x, house.x + house.width, house.base - house.height
    over, mid = house.width * 0.07, (x0 + x1) / 2
    rise = house.width * (0.62 if house.gable else 0.34) * float(rng.uniform(0.85, 1.15))
    lit, dark = light.on(roof, house.depth, 0.7), light.on(times(roof, 0.6), house.depth, 0.05)
    if house.gable:
        peak = (mid, top - rise)
        c.fill([(x0, top), peak, (x1, top)], light.on(wall, house.depth, 0.35))
        eave = house.width * 0.075
        left = [(x0 - over, top + over * 0.9), (mid, top - rise - eave), (mid, top - rise + eave * 1.4), (x0 + over, top + over * 0.9)]
        right = [(x1 + over, top + over * 0.9), (mid, top - rise - eave), (mid, top - rise + eave * 1.4), (x1 - over, top + over * 0.9)]
        c.fill(left, lit if light.side < 0 else dark)
        c.fill(right, dark if light.side < 0 else lit)
        edge = [left[0], left[1], right[0]]
    else:
        shape = [(x0 - over, top + 2), (x0 + over * 1.6, top - rise), (x1 - over * 1.6, top - rise), (x1 + over, top + 2)]
        c.gradient(shape, lit, dark)
        for i in range(1, 5):
            y = top - rise + (rise + 2) * i / 5
            c.line([(x0 - over, y), (x1 + over, y)], 0.8, light.on(times(roof, 0.4), house.depth), alpha=0.4)
        edge = [shape[1], shape[2]]
    if house.snow:
        c.line(edge, house.width * 0.06, light.on((0.92, 0.94, 0.98), house.depth, 0.8), alpha=0.95)


def _chimney(c: Canvas, light: Light, house: House, rng: np.random.Generator, top: float) -> None:
    x = house.x + house.width * float(rng.choice([0.2, 0.72]))
    wide, high = house.width * 0.11, house.width * float(rng.uniform(0.45, 0.7))
    c.gradient(rect(x, top - high, x + wide, top + 10), light.on((0.42, 0.28, 0.24), house.depth, 0.5), light.on((0.25, 0.17, 0.15), house.depth))
    c.fill(rect(x - wide * 0.18, top - high - wide * 0.25, x + wide * 1.18, top - high), light.on((0.3, 0.22, 0.2), house.depth, 0.4))


def _timbers(c: Canvas, light: Light, house: House, rng: np.random.Generator) -> None:
    wood = light.on(TIMBER, house.depth, 0.2)
    x0, x1, top = house.x, house.x + house.width, house.base - house.height
    thick = max(1.6, house.width * 0.035)
    floors = max(2, round(house.height / (house.width * 0.62)))
    step = house.height / floors
    for floor in range(floors + 1):
        y = top + floor * step
        if floor < floors or not house.shop:
            c.line([(x0, y), (x1, y)], thick, wood)
        if floor < floors - (1 if house.shop else 0):
            for at in (0.0, 0.34, 0.66, 1.0):
                c.line([(x0 + at * house.width, y), (x0 + at * house.width, y + step)], thick, wood)
            side = 0.0 if rng.random() < 0.5 else 0.66
            a, b = x0 + side * house.width, x0 + (side + 0.34) * house.width
            c.line([(a, y + step), (b, y)] if rng.random() < 0.5 else [(a, y), (b, y + step)], thick * 0.85, wood)


def _windows(c: Canvas, light: Light, house: House, rng: np.random.Generator) -> list[Lit]:
    floors = max(2, round(house.height / (house.width * 0.62)))
    columns = max(2, round(house.width / 34))
    step_y, step_x = house.height / floors, house.width / columns
    wide, high = step_x * 0.42, step_y * 0.48
    lit: list[Lit] = []
    top = house.base - house.height
    for floor in range(floors):
        if floor == floors - 1:
            lit += _ground_floor(c, light, house, rng, step_y)
            continue
        for column in range(columns):
            x, y = house.x + (column + 0.5) * step_x, top + (floor + 0.52) * step_y
            lit += window(c, light, x, y, wide, high, house.depth, glow=bool(rng.random() < 0.5), shutters=bool(rng.random() < 0.4), rng=rng)
    if house.gable and house.width > 50:
        lit += window(
            c,
            light,
            house.x + house.width / 2,
            top - house.width * 0.17,
            wide * 0.8,
            high * 0.75,
            house.depth,
            glow=bool(rng.random() < 0.35),
            shutters=False,
            rng=rng,
        )
    return lit


def window(
    c: Canvas, light: Light, x: float, y: float, wide: float, high: float, depth: float, *, glow: bool, shutters: bool,
    rng: np.random.Generator,
) -> list[Lit]:  # fmt: skip
    """A window with frame and bars; returns it when it glows."""
    frame = light.on((0.5, 0.42, 0.34), depth, 0.5)
    left, right, top, low = x - wide / 2, x + wide / 2, y - high / 2, y + high / 2
    edge = max(0.8, wide * 0.09)
    c.fill(rect(left - edge, top - edge, right + edge, low + edge * 1.8), frame)
    glass = light.on(mix((0.16, 0.2, 0.26), (0.5, 0.58, 0.66), 0.3), depth, 0.4)
    shine = light.lamps > 0.05 and glow
    if shine:
        warm = mix(LAMP, (1.0, 0.9, 0.66), float(rng.random()) * 0.5)
        power = (0.35 + 0.65 * light.lamps) * (1 - 0.45 * depth * light.air)
        c.gradient(rect(left, top, right, low), mix(glass, warm, power), mix(glass, times(warm, (0.95, 0.66, 0.45)), power))
    else:
        c.gradient(rect(left, top, right, low), mix(glass, light.on(light.sky[1][1], depth, 0.3), 0.4), glass)
    bar = light.on((0.3, 0.24, 0.2), depth, 0.2)
    c.line([(x, top), (x, low)], edge * 0.7, bar)
    c.line([(left, y - high * 0.08), (right, y - high * 0.08)], edge * 0.7, bar)
    if shutters:
        tint = ((0.24, 0.36, 0.34), (0.4, 0.2, 0.17), (0.25, 0.3, 0.42))[int(rng.integers(3))]
        for a, b in ((left - edge - wide * 0.42, left - edge), (right + edge, right + edge + wide * 0.42)):
            c.gradient(rect(a, top, b, low), light.on(tint, depth, 0.6), light.on(tint, depth, 0.1))
    return [Lit(x, y, wide, high)] if shine else []


def _ground_floor(c: Canvas, light: Light, house: House, rng: np.random.Generator, step: float) -> list[Lit]:
    base = house.base
    door_x = house.x + house.width * float(rng.uniform(0.22, 0.4))
    wide, high = min(house.width * 0.26, step * 0.5), step * 0.8
    wood = ((0.3, 0.18, 0.12), (0.2, 0.28, 0.26), (0.36, 0.16, 0.13))[int(rng.integers(3))]
    arch: list[Point] = [
        (door_x - wide / 2, base),
        (door_x - wide / 2, base - high * 0.8),
        (door_x, base - high),
        (door_x + wide / 2, base - high * 0.8),
        (door_x + wide / 2, base),
    ]
    c.fill([(x + (x - door_x) * 0.22, y - 2) for x, y in arch], light.on((0.45, 0.4, 0.36), house.depth, 0.4))
    c.gradient(arch, light.on(times(wood, 0.6), house.depth, 0.2), light.on(wood, house.depth, 0.3))
    c.fill(ellipse(door_x + wide * 0.28, base - high * 0.4, 1.2, 1.2, count=8), light.on((0.8, 0.65, 0.3), house.depth, 0.9))
    lit = []
    at = house.x + house.width * 0.72
    lit += window(
        c, light, at, base - step * 0.5, house.width * 0.3, step * 0.46, house.depth, glow=bool(rng.random() < 0.75), shutters=False, rng=rng
    )
    if house.shop:
        awning(c, light, house.x + house.width * 0.5, base - step * 0.86, house.width * 0.92, step * 0.28, house.depth, int(rng.integers(6)))
    return lit


AWNINGS: tuple[tuple[Colour, Colour], ...] = (
    ((0.68, 0.2, 0.16), (0.88, 0.82, 0.7)), ((0.16, 0.36, 0.42), (0.86, 0.82, 0.72)), ((0.78, 0.55, 0.2), (0.9, 0.84, 0.7)),
    ((0.34, 0.42, 0.22), (0.86, 0.8, 0.64)), ((0.42, 0.22, 0.38), (0.86, 0.76, 0.66)), ((0.2, 0.26, 0.44), (0.84, 0.8, 0.76)),
)  # fmt: skip


def awning(c: Canvas, light: Light, x: float, y: float, wide: float, high: float, depth: float, kind: int, out: float = 0.12) -> None:
    """A striped cloth roof with a scalloped hem; (x, y) is the middle of its upper edge."""
    one, two = AWNINGS[kind % len(AWNINGS)]
    count = max(5, round(wide / (16 if depth > 0.2 else 26)) | 1)
    for i in range(count):
        a0, a1 = i / count - 0.5, (i + 1) / count - 0.5
        top0, top1 = x + a0 * wide * (1 - out), x + a1 * wide * (1 - out)
        low0, low1 = x + a0 * wide * (1 + out), x + a1 * wide * (1 + out)
        tint = one if i % 2 == 0 else two
        c.gradient([(top0, y), (top1, y), (low1, y + high), (low0, y + high)], light.on(tint, depth, 0.85), light.on(tint, depth, 0.35))
        hem = [(low0, y + high), (low1, y + high), (low1, y + high * 1.12), ((low0 + low1) / 2, y + high * 1.32), (low0, y + high * 1.12)]
        c.fill(hem, light.on(times(tint, 0.72), depth, 0.15))


def skyline(c: Canvas, light: Light, *, base: float, height: float, seed: int, depth: float, left: float, right: float, lamps: bool = True) -> None:
    """A far town in silhouette: roofs, towers, a dome, a lighthouse; small lights when lamps are on."""
    rng = generator("skyline", seed)
    tone = light.on((0.34, 0.32, 0.36), depth, 0.12)
    soft = light.on((0.42, 0.4, 0.42), depth, 0.4)
    x = left
    while x < right:
        wide = float(rng.uniform(16, 46))
        fall = min(1.0, (x - left) / 150, (right - x) / 150) * 0.65 + 0.35
        high = height * float(rng.uniform(0.35, 0.75)) * max(0.3, fall)
        c.fill(rect(x, base - high, x + wide + 1, base + 6), tone)
        kind = float(rng.random())
        if kind < 0.55:
            c.fill([(x - 2, base - high), (x + wide / 2, base - high - wide * 0.5), (x + wide + 2, base - high)], mix(tone, soft, 0.3))
        elif kind < 0.75:
            c.fill(rect(x + wide * 0.2, base - high - 5, x + wide * 0.4, base - high), tone)
        if lamps and light.lamps > 0.05:
            for _ in range(int(rng.integers(1, 4))):
                wx, wy = x + float(rng.uniform(3, wide - 3)), base - high * float(rng.uniform(0.15, 0.85))
                c.fill(rect(wx, wy, wx + 2.2, wy + 3), mix(tone, LAMP, light.lamps * (1 - 0.5 * light.air)))
        x += wide * float(rng.uniform(0.8, 1.05))
    for at in (0.22, 0.55, 0.8):  # towers
        tx, high = left + (right - left) * (at + float(rng.uniform(-0.05, 0.05))), height * float(rng.uniform(1.05, 1.5))
        wide = height * 0.16
        c.fill(rect(tx - wide / 2, base - high, tx + wide / 2, base + 6), tone)
        c.fill([(tx - wide * 0.65, base - high), (tx, base - high - height * 0.55), (tx + wide * 0.65, base - high)], tone)
        c.line([(tx, base - high - height * 0.5), (tx, base - high - height * 0.68)], 1.0, tone)
        c.inside(
            c.mask(rect(tx - wide / 2, base - high, tx - wide * 0.2, base))
            if light.side < 0
            else c.mask(rect(tx + wide * 0.2, base - high, tx + wide / 2, base)),
            soft,
            0.8,
        )


def headland(c: Canvas, light: Light, points: Points, depth: float, seed: int, colour: Colour = (0.3, 0.33, 0.27)) -> None:
    """A hill or cliff with lit and shaded flanks."""
    shape = curve(points)
    patch = c.mask(shape)
    if not patch.cover.size:
        return
    c.lay(patch, light.on(colour, depth, 0.15))
    high, wide = patch.cover.shape
    folds = fbm("fold", seed, size=(wide, high), cell=(120 * c.scale, 40 * c.scale), octaves=4)
    c.inside(patch.times(np.clip(folds * 2 - 0.8, 0, 1).astype(np.float32)), light.on(colour, depth, 0.8), 0.6)
