"""Ships and boats, drawn from the side in design units, their waterline where they are put."""

from __future__ import annotations

import math

from generation.paint.colour import Colour, mix, times
from generation.paint.ink import Canvas, Patch, Point, curve, ellipse, rect, ribbon
from generation.paint.noise import generator

from .light import Light

WOOD: Colour = (0.36, 0.24, 0.17)
DARK_WOOD: Colour = (0.2, 0.13, 0.1)
SAIL: Colour = (0.86, 0.8, 0.68)
BRASS: Colour = (0.85, 0.65, 0.3)


def _bezier(a: Point, b: Point, c: Point, count: int = 14) -> list[Point]:
    return [
        (
            (1 - t) ** 2 * a[0] + 2 * (1 - t) * t * b[0] + t * t * c[0],
            (1 - t) ** 2 * a[1] + 2 * (1 - t) * t * b[1] + t * t * c[1],
        )
        for t in (i / (count - 1) for i in range(count))
    ]


class Ship:
    """A square-rigged trader. `length` of the hull in design units; `face` 1 has the bow to the right, −1 to the left."""

    def __init__(
        self, canvas: Canvas, light: Light, *, x: float, waterline: float, length: float, depth: float, face: int = 1,
        masts: int = 3, seed: int = 0, sails: bool = False, hull: Colour = WOOD, stripe: Colour = (0.62, 0.5, 0.3),
    ) -> None:  # fmt: skip
        self.c, self.light, self.depth, self.face = canvas, light, depth, face
        self.x, self.y, self.u = x, waterline, length / 100.0
        self.masts, self.sails, self.hull_colour, self.stripe = masts, sails, hull, stripe
        self.rng = generator("ship", seed)
        self.lit_side = 0.65 if light.side == face else 0.35

    def p(self, x: float, y: float) -> Point:
        """Hull units: x −50 stern … 50 bow, y up from the water; 100 units are the hull's length."""
        return (self.x + self.face * x * self.u, self.y - y * self.u)

    def on(self, colour: Colour, lit: float = 0.3) -> Colour:
        return self.light.on(colour, self.depth, lit)

    def draw(self) -> None:
        spots = {3: (-27.0, 0.0, 27.0), 2: (-16.0, 20.0), 1: (4.0,)}[self.masts]
        heights = {3: (62.0, 76.0, 66.0), 2: (66.0, 60.0), 1: (62.0,)}[self.masts]
        self._rigging(spots, heights)
        for at, height in zip(spots, heights, strict=True):
            self._mast(at, height)
        self._hull()

    def _rigging(self, spots: tuple[float, ...], heights: tuple[float, ...]) -> None:
        rope = self.on(mix(DARK_WOOD, (0.1, 0.09, 0.1), 0.5))
        width = max(0.55, 0.32 * self.u)
        ends: list[tuple[Point, Point]] = []
        for i, (at, height) in enumerate(zip(spots, heights, strict=True)):
            ends += [(self.p(at, height), self.p(at + dx, 13)) for dx in (-9, -7, -5, 5, 7, 9)]
            nxt = self.p(spots[i + 1], heights[i + 1] * 0.55) if i + 1 < len(spots) else self.p(66, 22)
            ends += [(self.p(at, height * 0.97), nxt), (self.p(at, height * 0.62), nxt)]
        ends += [(self.p(spots[0], heights[0]), self.p(-50, 19)), (self.p(52, 14), self.p(66, 22))]
        for a, b in ends:
            self.c.line([a, b], width, rope, alpha=0.8)
        for at, height in zip(spots, heights, strict=True):  # ratlines
            for step in range(1, 9):
                t = step / 10
                left = self.p(at - 9 * (1 - t), 13 + (height - 13) * t)
                right = self.p(at + 9 * (1 - t), 13 + (height - 13) * t)
                self.c.line([left, right], width * 0.7, rope, alpha=0.45)

    def _mast(self, at: float, height: float) -> None:
        wood, bright = self.on(WOOD, 0.25), self.on(WOOD, 0.9)
        self.c.fill(ribbon([self.p(at, 8), self.p(at, height + 5)], (1.9 * self.u, 0.7 * self.u)), wood)
        self.c.fill(ribbon([self.p(at, 8), self.p(at, height + 4)], (0.5 * self.u, 0.2 * self.u)), bright, alpha=0.55)
        for level, reach in ((0.42, 15.5), (0.68, 12.0), (0.88, 8.0)):
            y = height * level
            self.c.fill(ribbon([self.p(at - reach, y), self.p(at + reach, y)], (0.5 * self.u, 1.1 * self.u, 0.5 * self.u)), wood)
            if self.sails:
                self._set_sail(at, y, reach, height)
            else:
                self._furled(at, y, reach)
        tip = self.p(at, height + 5)
        self._pennant(tip)
        nest = self.p(at, height * 0.55)
        self.c.fill(rect(nest[0] - 1.9 * self.u, nest[1] - 1.8 * self.u, nest[0] + 1.9 * self.u, nest[1]), self.on(DARK_WOOD, 0.2))

    def _pennant(self, tip: Point) -> None:
        """A swallow-tailed pennant blown towards the lee side."""
        top, low = [], []
        for i in range(9):
            t = i / 8
            wave = math.sin(4.6 * t + self.x) * 0.9 * t
            x = tip[0] + 13 * t * self.u
            top.append((x, tip[1] + (wave - 0.2) * self.u))
            low.append((x, tip[1] + (wave + 2.5 - 1.1 * t) * self.u))
        notch = (tip[0] + 10.4 * self.u, (top[-1][1] + low[-1][1]) / 2)
        self.c.fill([*top, notch, *low[::-1]], self.on((0.58, 0.17, 0.14), 0.5))

    def _furled(self, at: float, y: float, reach: float) -> None:
        """A sail bundled under its yard: a soft roll, thick in the middle, tied with cords."""
        count = max(5, int(reach / 1.9)) | 1
        bumps = [2.0 + 0.55 * float(self.rng.random()) for _ in range(count)]
        line, widths = [], []
        for i in range(count * 3):
            t = i / (count * 3 - 1)
            swell = abs(math.sin(math.pi * count * t)) * 0.4 + 0.75
            widths.append(bumps[min(count - 1, int(t * count))] * swell * (0.45 + 0.55 * math.sin(math.pi * t) ** 0.5) * self.u)
            line.append(self.p(at - reach * 0.93 + 1.86 * reach * t, y - 0.7 - 0.25 * math.sin(math.pi * t)))
        roll = ribbon(line, widths)
        self.c.gradient(roll, self.on(SAIL, 0.85), self.on(times(SAIL, 0.62), 0.1))
        for i in range(1, count):
            x = at - reach * 0.93 + 1.86 * reach * i / count
            self.c.line([self.p(x - 0.2, y + 0.5), self.p(x + 0.2, y - 1.9)], 0.3 * self.u, self.on(DARK_WOOD), alpha=0.8)

    def _set_sail(self, at: float, y: float, reach: float, height: float) -> None:
        drop = height * 0.21
        top_l, top_r = self.p(at - reach * 0.92, y), self.p(at + reach * 0.92, y)
        low_l, low_r = self.p(at - reach * 0.98 + 2, y - drop), self.p(at + reach * 0.98 + 2, y - drop)
        outline = (
            _bezier(top_l, self.p(at, y - 0.6), top_r) + _bezier(top_r, self.p(at + reach + 3.2, y - drop / 2), low_r)
            + _bezier(low_r, self.p(at + 3, y - drop * 0.84), low_l) + _bezier(low_l, self.p(at - reach + 3.0, y - drop / 2), top_l)
        )  # fmt: skip
        self.c.gradient(outline, self.on(SAIL, 0.85), self.on(SAIL, 0.3))
        patch = self.c.mask(outline)
        for i in range(1, 5):
            x = at - reach + 2 * reach * i / 5
            seam = _bezier(self.p(x, y), self.p(x + 2.2, y - drop / 2), self.p(x + 1.6, y - drop))
            self.c.inside(_within(self.c.mask(ribbon(seam, (0.5 * self.u, 0.5 * self.u))), patch), self.on(SAIL, 0.0), 0.4)

    def _hull(self) -> None:
        deck = _bezier(self.p(-50, 21), self.p(-30, 8.5), self.p(0, 9)) + _bezier(self.p(0, 9), self.p(32, 9.5), self.p(52, 15.5))
        keel = [self.p(49, 6), self.p(43, -1.5), self.p(-44, -1.5), self.p(-49, 7)]
        outline = deck + curve(keel, closed=False)
        top, low = self.on(self.hull_colour, self.lit_side), self.on(mix(self.hull_colour, DARK_WOOD, 0.7), 0.05)
        self.c.gradient(outline, top, low)
        body = self.c.mask(outline)
        for lift, colour, width in ((8.4, self.stripe, 1.5), (5.9, DARK_WOOD, 0.35), (3.6, DARK_WOOD, 0.35), (1.6, DARK_WOOD, 0.35)):
            line = _bezier(self.p(-51, lift + 4.2), self.p(-26, lift - 2.0), self.p(0, lift - 1.5)) + _bezier(
                self.p(0, lift - 1.5), self.p(32, lift - 1.2), self.p(53, lift + 3.4)
            )
            self.c.inside(_within(self.c.mask(ribbon(line, (width * self.u, width * self.u))), body), self.on(colour, self.lit_side), 0.8)
        rail = [(x, y - 1.1 * self.u) for x, y in deck]
        self.c.fill(ribbon(rail, (0.9 * self.u, 0.9 * self.u)), self.on(mix(WOOD, BRASS, 0.25), 0.8))
        for i in range(24):
            at = deck[min(len(deck) - 1, int(i * len(deck) / 24))]
            self.c.line([at, (at[0], at[1] - 1.3 * self.u)], 0.4 * self.u, self.on(DARK_WOOD))
        for x in (-20, -12, -4, 4, 12, 20, 28):  # gun ports
            a = self.p(x, 6.1)
            self.c.fill(rect(a[0] - 1.1 * self.u, a[1] - 1.0 * self.u, a[0] + 1.1 * self.u, a[1] + 1.0 * self.u), self.on((0.06, 0.05, 0.06)))
        self._stern()
        self.c.fill(ribbon([self.p(47, 14), self.p(70, 23.5)], (1.5 * self.u, 0.5 * self.u)), self.on(WOOD, 0.5))
        water = self.c.mask(
            rect(*self.p(-60, 2.2), *self.p(60, -3)) if self.face > 0 else rect(*self.p(60, 2.2), *self.p(-60, -3)), blur=1.2 * self.u
        )
        self.c.shade(water, (0.35, 0.36, 0.42), 0.7)
        self.c.clip(self.c.mask(rect(self.c.origin[0], self.c.origin[1], self.c.origin[0] + 4000, self.y)))

    def _stern(self) -> None:
        """The after castle with its gallery of windows, lit when lamps are."""
        castle = [self.p(-50.5, 22), self.p(-33, 16), self.p(-33, 9), self.p(-49, 8)]
        self.c.gradient(castle, self.on(mix(self.hull_colour, BRASS, 0.15), self.lit_side), self.on(self.hull_colour, 0.1))
        glow: Colour = (1.0, 0.78, 0.4)
        for i in range(4):
            a, b = self.p(-48 + 3.7 * i, 15.3 - i * 1.0), self.p(-45.8 + 3.7 * i, 11.7 - i * 0.4)
            x0, x1 = sorted((a[0], b[0]))
            dark = self.on((0.12, 0.14, 0.18), 0.3)
            self.c.fill(rect(x0, a[1], x1, b[1]), mix(dark, glow, self.light.lamps * (1 - 0.5 * self.depth)))
        for lift in (17.4, 9.6):
            line = [self.p(-51, lift + 2), self.p(-33, lift - 2.5)]
            self.c.line(line, 0.7 * self.u, self.on(BRASS, 0.7))

    def lantern(self) -> Point:
        """Where the stern lantern hangs."""
        return self.p(-50, 25.5)


def _within(patch: Patch, body: Patch) -> Patch:
    """The part of a patch that lies on a body: both in canvas pixels."""
    left, top = max(patch.left, body.left), max(patch.top, body.top)
    right = min(patch.left + patch.cover.shape[1], body.left + body.cover.shape[1])
    bottom = min(patch.top + patch.cover.shape[0], body.top + body.cover.shape[0])
    if right <= left or bottom <= top:
        return Patch(0, 0, patch.cover[:0, :0])
    a = patch.cover[top - patch.top : bottom - patch.top, left - patch.left : right - patch.left]
    b = body.cover[top - body.top : bottom - body.top, left - body.left : right - body.left]
    return Patch(left, top, a * b)


def rowing_boat(canvas: Canvas, light: Light, x: float, y: float, length: float, depth: float) -> None:
    """A moored rowing boat."""
    u = length / 10
    hull = curve(
        [(x - 5 * u, y - 1.7 * u), (x - 2.4 * u, y - 1.15 * u), (x + 2.4 * u, y - 1.15 * u), (x + 5.2 * u, y - 2.0 * u),
         (x + 4.1 * u, y + 0.2 * u), (x, y + 0.45 * u), (x - 4.2 * u, y + 0.2 * u)], steps=6,
    )  # fmt: skip
    canvas.gradient(hull, light.on((0.42, 0.27, 0.18), depth, 0.6), light.on((0.16, 0.1, 0.09), depth))
    canvas.line(
        [(x - 4.8 * u, y - 1.6 * u), (x - 2.4 * u, y - 1.1 * u), (x + 2.4 * u, y - 1.1 * u), (x + 5.0 * u, y - 1.9 * u)],
        0.26 * u,
        light.on((0.8, 0.7, 0.55), depth, 0.8),
    )
    canvas.line([(x - 1 * u, y - 1.2 * u), (x + 3.4 * u, y - 2.6 * u)], 0.16 * u, light.on((0.5, 0.36, 0.22), depth, 0.6))
    canvas.clip(canvas.mask(rect(canvas.origin[0], canvas.origin[1], canvas.origin[0] + 4000, y + 0.2 * u)))


def far_sail(canvas: Canvas, light: Light, x: float, y: float, size: float) -> None:
    """A ship under sail on the horizon."""
    sail, hull = light.on(SAIL, 0.72, 0.6), light.on(DARK_WOOD, 0.7)
    canvas.fill(curve([(x - size * 0.5, y - size * 0.14), (x + size * 0.55, y - size * 0.18), (x + size * 0.4, y), (x - size * 0.42, y)]), hull)
    for at, height in ((-0.26, 0.8), (0.02, 1.0), (0.28, 0.76)):
        top, wide = y - size * height, size * 0.14
        canvas.fill(
            curve(
                [
                    (x + at * size - wide, top),
                    (x + at * size + wide, top + 2),
                    (x + at * size + wide * 1.3, y - size * 0.2),
                    (x + at * size - wide, y - size * 0.2),
                ],
                steps=4,
            ),
            sail,
            alpha=0.92,
        )
    canvas.line([(x + size * 0.5, y - size * 0.17), (x + size * 0.75, y - size * 0.3)], max(0.6, size * 0.02), hull)


def gull_wings(beat: float) -> list[list[Point]]:
    """Outline of a gull at a phase of its wing beat (0–1), about two units wide, facing right."""
    lift = math.sin(2 * math.pi * beat)
    tip, mid = -0.55 * lift - 0.1, -0.32 - 0.3 * lift
    wings = []
    for side in (-1, 1):
        spine = _bezier((0, 0), (side * 0.45, mid), (side * 1.0, tip), 9)
        wings.append(ribbon(spine, (0.2, 0.17, 0.03)))
    body = ellipse(0.03, 0.03, 0.24, 0.085, turn=-6, count=14)
    return [*wings, body]
