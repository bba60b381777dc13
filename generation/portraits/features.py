"""Eyes, brows and mouth: what an expression moves."""

from __future__ import annotations

import math
from dataclasses import dataclass

from generation.paint.colour import Colour, mix, screen, times
from generation.paint.ink import Patch, Point, curve, ribbon
from generation.paint.noise import generator

from .look import Face, Look
from .pen import Pen

INK: Colour = (0.13, 0.08, 0.09)


def within(patch: Patch, body: Patch) -> Patch:
    """The part of a patch that lies on a body."""
    left, top = max(patch.left, body.left), max(patch.top, body.top)
    right = min(patch.left + patch.cover.shape[1], body.left + body.cover.shape[1])
    bottom = min(patch.top + patch.cover.shape[0], body.top + body.cover.shape[0])
    if right <= left or bottom <= top:
        return Patch(0, 0, patch.cover[:0, :0])
    a = patch.cover[top - patch.top : bottom - patch.top, left - patch.left : right - patch.left]
    b = body.cover[top - body.top : bottom - body.top, left - body.left : right - body.left]
    return Patch(left, top, a * b)


@dataclass(frozen=True, slots=True)
class Eye:
    """x, y: middle; half: half its width; inner: −1 when the inner corner is on the left."""

    x: float
    y: float
    half: float
    inner: int
    far: bool


EYES = (Eye(228.5, 248.5, 16.5, 1, True), Eye(304, 249, 27.0, -1, False))


def paint_eyes(pen: Pen, look: Look, face: Face) -> None:
    for eye in EYES:
        _eye(pen, look, face, eye)


def _lids(look: Look, face: Face, eye: Eye) -> tuple[list[Point], list[Point]]:
    """Upper and lower edge from the left to the right corner."""
    big = 1.0 + 0.1 * (1 - look.masculine)
    up = eye.half * (0.62 if eye.far else 0.5) * big * max(0.0, face.lid) * (1.12 if eye.far else 1.0)
    low = eye.half * (0.34 if eye.far else 0.26) * (1 - 0.85 * face.squint) * min(1.0, 0.3 + max(0.0, face.lid))
    inner, outer = (eye.x + eye.inner * eye.half, eye.y + 2.2), (eye.x - eye.inner * eye.half, eye.y - 2.0 - 0.12 * eye.half + 2 * look.lined)
    peak = eye.x + eye.inner * eye.half * 0.14
    top = [
        inner,
        (eye.x + eye.inner * eye.half * 0.62, eye.y - up * 0.72 + 1.0),
        (peak, eye.y - up),
        (eye.x - eye.inner * eye.half * 0.55, eye.y - up * 0.8 - 0.8),
        outer,
    ]
    bottom = [
        inner,
        (eye.x + eye.inner * eye.half * 0.5, eye.y + low * 0.8),
        (eye.x - eye.inner * eye.half * 0.12, eye.y + low),
        (eye.x - eye.inner * eye.half * 0.64, eye.y + low * 0.62 - 1.0),
        outer,
    ]
    if face.lid < 0.12:  # shut: one line along the lower lid
        top = [(x, max(y, yb - 0.6)) for (x, y), (_, yb) in zip(top, bottom, strict=True)]
        top = [(x, yb - 1.2) for (x, _), (_, yb) in zip(top, bottom, strict=True)]
    return top, bottom


def _eye(pen: Pen, look: Look, face: Face, eye: Eye) -> None:
    top, bottom = _lids(look, face, eye)
    upper, lower = curve(top, closed=False), curve(bottom, closed=False)
    hole = upper + lower[::-1]
    body = pen.mask(hole)
    dark = mix(look.shadow, INK, 0.55)
    pen.c.lay(body, (0.9, 0.87, 0.84))
    if face.lid >= 0.12:
        _iris(pen, look, face, eye, body)
        shadow = pen.mask(ribbon([(x, y + 1.6) for x, y in upper], (5.0, 8.0, 8.0, 5.0)), blur=1.8)
        pen.c.shade(within(shadow, body), (0.5, 0.44, 0.5), 0.75)
        side = pen.mask(pen.disc(eye.x + eye.half * 0.95, eye.y, eye.half * 0.45, eye.half), blur=3)
        pen.c.shade(within(side, body), (0.62, 0.56, 0.6), 0.6)
        corner = (eye.x + eye.inner * (eye.half - 2.5), eye.y + 1.8)
        pen.c.inside(within(pen.mask(pen.disc(*corner, 3.0, 2.2), blur=0.8), body), (0.78, 0.42, 0.4), 0.7)
    # the lid above, its crease, the lash line, the rim below
    heavy = 0.8 + 0.5 * (1 - look.masculine)
    crease_lift = 6.5 if eye.far else 8.0
    fold = [(x + 0.5, y - crease_lift * (0.55 + 0.45 * math.sin(math.pi * i / 4)) * (0.6 + 0.4 * min(1.0, face.lid))) for i, (x, y) in enumerate(top)]
    pen.crease(fold, (0.4, 1.8, 2.0, 0.6), dark, alpha=0.62, blur=0.7)
    pen.c.shade(pen.mask(upper + [(x, y) for x, y in reversed(curve(fold, closed=False))], blur=1.2), look.veil, 0.34)
    widths = (1.4, 3.4 * heavy, 4.0 * heavy, 3.0 * heavy) if eye.inner < 0 else (1.2, 3.0 * heavy, 3.2 * heavy, 1.6)
    lash = curve(top, closed=False)
    outer = lash[-1]
    reach = (1.6 if eye.far else 4.5) * (1 - 0.6 * look.masculine)
    tail = (outer[0] - eye.inner * reach, outer[1] - 2.2 * (1 - look.masculine))
    pen.fill(ribbon([*lash, tail], (*widths, 0.4)), INK, alpha=0.95)
    if look.masculine < 0.7 and face.lid > 0.3 and not eye.far:
        for k in range(3):
            start = lash[-1 - 4 * k]
            pen.stroke([start, (start[0] - eye.inner * (4.5 - k), start[1] - 4.5 + 0.4 * k)], (1.7, 0.3), INK, alpha=0.85, steps=3)
    pen.crease([(x, y + 0.6) for x, y in bottom[1:]], (0.3, 1.3, 1.2), dark, alpha=0.72, blur=0.5)
    pen.light([(x, y + 3.2) for x, y in bottom] + [(x, y + 5) for x, y in bottom[::-1]], screen(look.skin, (0.1, 0.08, 0.07)), 0.18, blur=1.0)


def _iris(pen: Pen, look: Look, face: Face, eye: Eye, body: Patch) -> None:
    r = eye.half * (0.58 if eye.far else 0.435) * (1.06 - 0.08 * look.masculine)
    rx = r * (0.8 if eye.far else 0.95)
    x = eye.x - eye.half * 0.1 + face.gaze_x * eye.half * 0.5
    y = eye.y - r * 0.34 + face.gaze_y * r * 0.75

    def lay(shape: list[Point], colour: Colour, alpha: float = 1.0, blur: float = 0.0) -> None:
        pen.c.lay(within(pen.mask(shape, blur=blur), body), colour, alpha)

    iris = look.eyes
    lay(pen.disc(x, y, rx, r), times(iris, 0.42), blur=0.4)
    lay(pen.disc(x, y, rx * 0.84, r * 0.84), iris, blur=0.8)
    lay(pen.disc(x + rx * 0.1, y + r * 0.42, rx * 0.62, r * 0.4), screen(iris, (0.32, 0.28, 0.2)), 0.75, blur=1.2)
    for k in range(14):
        a = 2 * math.pi * k / 14
        spoke = [(x + rx * 0.36 * math.cos(a), y + r * 0.36 * math.sin(a)), (x + rx * 0.8 * math.cos(a), y + r * 0.8 * math.sin(a))]
        lay(ribbon(spoke, (0.3, 0.9)), times(iris, 0.55 if k % 2 else 1.5), 0.35)
    lay(pen.disc(x, y, rx * 0.42, r * 0.42), (0.04, 0.03, 0.04), blur=0.4)
    lay(pen.disc(x - rx * 0.34, y - r * 0.36, rx * 0.25, r * 0.25), (1.0, 0.99, 0.96), blur=0.2)
    lay(pen.disc(x + rx * 0.36, y + r * 0.4, rx * 0.12, r * 0.12), (0.92, 0.95, 1.0), 0.7)


def paint_brows(pen: Pen, look: Look, face: Face) -> None:
    """Brows of many short hairs over a soft base."""
    colour = mix(look.hair, INK, 0.45) if look.hair[0] < 0.62 else mix(look.hair, (0.4, 0.34, 0.3), 0.5)
    thick = 5.0 + 3.2 * look.masculine
    rng = generator("brow", look.seed)
    drop = 4 * look.masculine
    lift = (0.88 - face.lid) * -4
    spans: tuple[tuple[list[Point], float, float], ...] = (
        (
            [(243 + face.pinch * 0.6, 227 - face.inner + drop), (227, 217 - (face.inner + face.outer) / 2 + drop), (206, 226 - face.outer + drop)],
            0.8,
            0.0,
        ),
        (
            [
                (271 - face.pinch, 227 - face.inner + drop - face.near * 0.4),
                (302, 214 - (face.inner + face.outer) / 2 + drop - face.near),
                (342, 226 - face.outer + drop - face.near * 0.8),
            ],
            1.0,
            face.near,
        ),
    )
    for points, size, _ in spans:
        line = [(x, y - lift) for x, y in curve(points, closed=False, steps=14)]
        pen.fill(ribbon(line, (thick * 0.8 * size, thick * size, thick * 0.8 * size, 0.8)), colour, alpha=0.72, blur=0.9)
        count = len(line)
        for i in range(count - 2):
            t = i / count
            x, y = line[i]
            dx, dy = line[i + 2][0] - x, line[i + 2][1] - y
            for _ in range(2):
                jitter = float(rng.uniform(-1, 1)) * thick * 0.38 * size * (1 - 0.7 * t)
                start = (x, y + jitter + 1.2)
                end = (x + dx * 1.7, y + dy * 1.7 + jitter - 2.6 * (1 - t))
                pen.stroke([start, end], (1.5, 0.3), times(colour, float(rng.uniform(0.7, 1.25))), alpha=0.8, steps=2)


def paint_mouth(pen: Pen, look: Look, face: Face) -> None:
    """Lips, what is between them, and the corners."""
    m = look.masculine
    s, gap = face.smile, face.open
    wide = 1 + 0.16 * face.wide + 0.05 * max(0.0, s)
    far = (257 - 27 * wide, 340 - 8.5 * s + 2 * face.skew)
    near = (257 + 41 * wide, 340 - 9.5 * s - 5 * face.skew)
    mid_y = 340 + 2.5 * s - (2 if s < 0 else 0) + 0.5
    full = (1.22 - 0.5 * m) * (1 - 0.55 * face.press) * (1 - 0.22 * max(0.0, s))
    top_line = [far, (241, mid_y - 0.6 - 2.6 * s * 0.4), (252, mid_y + 1.2), (268, mid_y - 0.6), (284, mid_y - 1 - 3.4 * s * 0.5), near]
    drop = 21 * gap
    low_line = [far, (240, mid_y + drop * 0.82), (254, mid_y + 1.2 + drop), (270, mid_y + drop * 0.95), (286, mid_y - 1.5 * s + drop * 0.6), near]
    lip = mix(look.skin, (0.66, 0.2, 0.22), 0.46 - 0.16 * m)
    dark = mix(look.shadow, (0.22, 0.05, 0.07), 0.55)
    top_edge = [
        far,
        (238, mid_y - 5.5 * full - 2 * s),
        (247, mid_y - 8.6 * full),
        (253, mid_y - 6.8 * full),
        (262, mid_y - 8.2 * full),
        (282, mid_y - 4.8 * full - 3 * s),
        near,
    ]
    low_edge = [
        near,
        (286, mid_y + drop + 6.5 * full - 2.5 * s),
        (266, mid_y + drop + 12.5 * full),
        (252, mid_y + drop + 12.2 * full),
        (238, mid_y + drop + 6.5 * full - 1.5 * s),
        far,
    ]
    pen.shade(
        [
            (236, mid_y + drop + 10),
            (258, mid_y + drop + 12 * full + 3),
            (284, mid_y + drop + 9),
            (268, mid_y + drop + 12 * full + 11),
            (250, mid_y + drop + 12 * full + 10),
        ],
        look.veil,
        0.5,
        blur=3.5,
    )
    upper, lower = curve(top_line, closed=False), curve(low_line, closed=False)
    if gap > 0.04:
        _inside(pen, face, upper, lower, mid_y, drop)
    pen.c.lay(pen.mask(curve(top_edge, closed=False) + upper[::-1], blur=0.5), times(lip, 0.78), 0.9)
    pen.c.lay(pen.mask(lower + curve(low_edge, closed=False), blur=0.6), lip, 0.88)
    pen.light(
        [(246, mid_y + drop + 5 * full), (266, mid_y + drop + 5 * full), (262, mid_y + drop + 8.5 * full), (250, mid_y + drop + 8.5 * full)],
        (1.0, 0.86, 0.8),
        0.3 * (1 - 0.5 * m),
        blur=1.6,
    )
    pen.fill(ribbon(upper, (1.0, 2.2, 2.9, 2.4, 1.2)), dark, alpha=0.92, blur=0.3)
    if gap > 0.04:
        pen.fill(ribbon(lower, (0.6, 1.3, 1.5, 1.2, 0.6)), dark, alpha=0.6, blur=0.4)
    for (x, y), side in ((far, -1), (near, 1)):
        pull = [(x - 1.5 * side, y + 1.4), (x + 2.6 * side, y - 2.4 * s), (x + 4.6 * side, y - 5.0 * s + 1.0)]
        pen.crease(pull, (1.8, 2.2, 0.4), dark, alpha=0.55 + 0.3 * abs(s), blur=0.8)
    if s > 0.3:
        pen.crease(
            [(near[0] + 7, near[1] - 10), (near[0] + 11, near[1]), (near[0] + 8, near[1] + 9)], (0.4, 2.4, 0.4), look.shadow, alpha=0.55 * s, blur=1.5
        )
        pen.light([(290, 286), (326, 276), (336, 296), (306, 314)], screen(look.skin, (0.2, 0.12, 0.08)), 0.16 * s, blur=8)
    if s < -0.2:
        pen.crease([(246, mid_y + 20), (258, mid_y + 17), (272, mid_y + 20)], (0.4, 2.6, 0.4), look.shadow, alpha=-0.6 * s, blur=1.6)


def _inside(pen: Pen, face: Face, upper: list[Point], lower: list[Point], mid_y: float, drop: float) -> None:
    hole = pen.mask(upper + lower[::-1])
    pen.c.lay(hole, (0.22, 0.06, 0.07))
    tongue = pen.mask(pen.disc(262, mid_y + drop + 3, 22, 8), blur=2)
    pen.c.lay(within(tongue, hole), (0.66, 0.28, 0.28), 0.8)
    if face.teeth > 0:
        band = [(x, y + 1) for x, y in upper] + [(x, y + 2 + min(8.5, 0.62 * drop + 2.5) * (1 - abs(x - 258) / 60)) for x, y in upper[::-1]]
        pen.c.lay(within(pen.mask(band, blur=0.5), hole), (0.93, 0.9, 0.85), face.teeth)
        side = pen.mask(pen.disc(292, mid_y + 4, 14, 16), blur=4)
        pen.c.shade(within(side, hole), (0.5, 0.4, 0.4), 0.7)


def paint_beard(pen: Pen, look: Look, face: Face) -> None:
    """Beard and moustache of fine strokes following the jaw."""
    if look.beard == "none":
        return
    rng = generator("beard", look.seed)
    colour = mix(look.hair, INK, 0.25)
    drop = 14 * face.open
    jaw: list[Point] = [(216, 320), (228, 352), (248, 384 + drop), (284, 402 + drop), (318, 394 + drop), (350, 370), (378, 332), (388, 292)]
    inner: list[Point] = [(226, 326), (238, 350), (250, 362 + drop), (280, 366 + drop), (310, 358 + drop * 0.7), (336, 338), (366, 316), (384, 286)]
    if look.beard == "stubble":
        pen.tint(jaw + inner[::-1], mix(look.shadow, colour, 0.5), 0.5, blur=6)
        pen.tint([(232, 324), (256, 318), (292, 326), (280, 334), (240, 332)], mix(look.shadow, colour, 0.5), 0.42, blur=3)
        for _ in range(420):
            t = float(rng.random()) * (len(jaw) - 1)
            i, f, k = int(t), t % 1, float(rng.random())
            ax, ay = (jaw[i][a] + (jaw[min(i + 1, 7)][a] - jaw[i][a]) * f for a in (0, 1))
            bx, by = (inner[i][a] + (inner[min(i + 1, 7)][a] - inner[i][a]) * f for a in (0, 1))
            x, y = ax + (bx - ax) * k, ay + (by - ay) * k
            pen.tint(pen.disc(x, y, 0.7), colour, 0.5, blur=0)
        return
    parts: list[tuple[list[Point], list[Point], float, int]] = []
    if look.beard in ("short", "full"):
        long = 26.0 if look.beard == "full" else 8.0
        outer: list[Point] = [(x - (3 if x < 260 else -2), y + long * math.sin(math.pi * (i + 0.6) / 8.2)) for i, (x, y) in enumerate(jaw)]
        parts.append((inner, outer, 1.0, 380))
    if look.beard == "goatee":
        parts.append(
            (
                [(246.0, 360 + drop), (262.0, 362 + drop), (290.0, 360 + drop)],
                [(252.0, 404 + drop), (270.0, 416 + drop), (290.0, 404 + drop)],
                1.0,
                110,
            )
        )
    for start, end, alpha, count in parts:
        mass = curve(start, closed=False) + curve(end, closed=False)[::-1]
        pen.fill(mass, times(colour, 0.8), alpha=0.9 * alpha, blur=2.2)
        _hairs(pen, curve(start, closed=False), curve(end, closed=False), colour, count, lean=5)
    _moustache(pen, face, colour)


def _moustache(pen: Pen, face: Face, colour: Colour) -> None:
    s = face.smile
    for tip, count in (((226, 338 - 6 * s), 26), ((302, 338 - 8 * s), 40)):
        start, sag = (252, 318), (240 if tip[0] < 250 else 280, 322 - 2 * s)
        for k in range(count):
            t = k / count
            line = [(start[0], start[1] + 9 * t), (sag[0], sag[1] + 9 * t), (tip[0], tip[1] + 5 * t)]
            tone = times(colour, 0.75 + 0.55 * ((k * 7) % 5) / 5)
            pen.stroke(line, (1.2, 2.4, 0.4), tone, alpha=0.8, steps=5)


def _hairs(pen: Pen, start: list[Point], end: list[Point], colour: Colour, count: int, lean: float) -> None:
    rng = generator("hairs", count, len(start))
    for _ in range(count):
        t = float(rng.random())
        a = start[min(len(start) - 1, int(t * len(start)))]
        b = end[min(len(end) - 1, int(t * len(end)))]
        k, reach = float(rng.random()) * 0.55, 0.3 + 0.35 * float(rng.random())
        p = (a[0] + (b[0] - a[0]) * k, a[1] + (b[1] - a[1]) * k)
        q = (a[0] + (b[0] - a[0]) * min(1.08, k + reach) + float(rng.normal(0, lean)), a[1] + (b[1] - a[1]) * min(1.1, k + reach))
        bend = ((p[0] + q[0]) / 2 + float(rng.normal(0, 2)), (p[1] + q[1]) / 2)
        pen.stroke([p, bend, q], (0.8, 1.9, 0.3), times(colour, float(rng.uniform(0.65, 1.5))), alpha=0.7, steps=4)
