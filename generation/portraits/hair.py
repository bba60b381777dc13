"""Hair: a mass with the light on it, then locks painted between two guide lines."""

from __future__ import annotations

import math

import numpy as np

from generation.paint.colour import Colour, mix, screen, times
from generation.paint.ink import Point, curve, ribbon
from generation.paint.noise import generator

from .look import Look
from .pen import Pen

HAIRLINE: list[Point] = [(388, 262), (386, 226), (376, 192), (350, 160), (312, 142), (270, 138), (236, 148), (214, 172), (204, 200)]
CROWN: list[Point] = [(197, 202), (200, 160), (218, 118), (258, 88), (316, 78), (374, 90), (420, 128), (442, 186), (440, 244), (424, 292)]


def tones(look: Look) -> tuple[Colour, Colour, Colour]:
    """Shadow, body and light of the hair."""
    shine = mix(look.hair, (1.0, 0.9, 0.75), 0.34)
    return mix(times(look.hair, 0.42), (0.1, 0.07, 0.12), 0.25), look.hair, screen(shine, (0.05, 0.04, 0.03))


def locks(
    pen: Pen, look: Look, start: list[Point], end: list[Point], *, count: int, width: float, name: str, light_at: float = 0.35, wave: float = 0.0,
    spread: float = 0.0,
) -> None:  # fmt: skip
    """Paint locks between two smooth guide lines; they are brightest where `light_at` (0 at start, 1 at end) says."""
    rng = generator("locks", look.seed, name)
    a, b = np.array(curve(start, closed=False, steps=10)), np.array(curve(end, closed=False, steps=10))
    along = np.linspace(0, 1, 24)
    a = np.stack([np.interp(along, np.linspace(0, 1, len(a)), a[:, i]) for i in (0, 1)], axis=1)
    b = np.stack([np.interp(along, np.linspace(0, 1, len(b)), b[:, i]) for i in (0, 1)], axis=1)
    dark, body, bright = tones(look)
    for number in range(count):
        t = (number + float(rng.random())) / count
        first, last = float(rng.uniform(0, 0.2)), float(rng.uniform(0.78, 1.0))
        sway = wave * math.sin(number * 1.7 + float(rng.uniform(0, 2)))
        points: list[Point] = []
        for step in range(9):
            s = first + (last - first) * step / 8
            i = min(23.0, s * 23)
            j, f = int(i), i % 1
            pa = a[j] + (a[min(23, j + 1)] - a[j]) * f
            pb = b[j] + (b[min(23, j + 1)] - b[j]) * f
            p = pa + (pb - pa) * (t + spread * (s - 0.5) * float(rng.uniform(-0.4, 0.4)))
            points.append((float(p[0]) + sway * math.sin(5 * s + number), float(p[1])))
        shine = math.exp(-(((t - light_at) / 0.24) ** 2))
        tone = mix(mix(dark, body, float(rng.uniform(0.25, 1.0))), bright, shine * float(rng.uniform(0.1, 0.85)))
        pen.fill(ribbon(points, (width * 0.25, width * float(rng.uniform(0.6, 1.3)), width * 0.9, width * 0.12)), tone, alpha=0.62, blur=0.25)


def paint_back(pen: Pen, look: Look) -> None:
    """What hangs behind the head."""
    dark, body, _ = tones(look)
    if look.hair_style == "long":
        shape = [
            (204, 180),
            (210, 300),
            (196, 420),
            (190, 520),
            (240, 540),
            (300, 470),
            (420, 480),
            (470, 548),
            (492, 470),
            (470, 360),
            (452, 250),
            (430, 140),
        ]
        pen.smooth(shape, mix(dark, body, 0.25))
        locks(
            pen,
            look,
            [(430, 150), (462, 300), (480, 470), (470, 560)],
            [(380, 200), (396, 340), (400, 460), (410, 540)],
            count=70,
            width=9,
            name="back",
            wave=3,
        )
        locks(
            pen,
            look,
            [(206, 180), (206, 300), (192, 430), (196, 530)],
            [(240, 300), (246, 380), (240, 460), (250, 540)],
            count=34,
            width=8,
            name="backfar",
            wave=2,
            light_at=0.1,
        )
    elif look.hair_style == "bob":
        shape = [(200, 190), (196, 300), (204, 380), (250, 396), (380, 400), (440, 392), (462, 330), (450, 220)]
        pen.smooth(shape, mix(dark, body, 0.2))
    elif look.hair_style == "tied":
        shape = [(420, 200), (462, 230), (476, 300), (468, 380), (480, 452), (450, 440), (434, 360), (420, 300)]
        pen.smooth(shape, mix(dark, body, 0.35))
        locks(
            pen,
            look,
            [(430, 214), (478, 290), (474, 380), (486, 452)],
            [(416, 246), (444, 310), (442, 390), (458, 440)],
            count=42,
            width=6,
            name="tail",
            wave=2,
        )
    elif look.hair_style == "bun":
        pen.smooth(pen.disc(448, 150, 44, 40), mix(dark, body, 0.5))
        for k in range(3):
            r = 40 - 11 * k
            locks(pen, look, pen.disc(448, 150, r, r * 0.9)[:20], pen.disc(448, 150, r - 12, (r - 12) * 0.9)[:20], count=12, width=5, name=f"bun{k}")
    elif look.hair_style == "curly":
        _curls(pen, look, "back", [(196, 200), (190, 300), (206, 390), (450, 410), (478, 320), (466, 200)], 90)


def _curls(pen: Pen, look: Look, name: str, area: list[Point], count: int) -> None:
    """A cloud of curls along and inside a line."""
    rng = generator("curls", look.seed, name)
    dark, body, bright = tones(look)
    outline = curve(area, steps=12)
    pen.fill(outline, mix(dark, body, 0.2))
    centre = (sum(x for x, _ in outline) / len(outline), sum(y for _, y in outline) / len(outline))
    for _ in range(count):
        x, y = outline[int(rng.integers(len(outline)))]
        k = float(rng.random()) ** 2 * 0.5
        x, y = x + (centre[0] - x) * k, y + (centre[1] - y) * k
        r = float(rng.uniform(9, 17))
        lit = min(1.0, max(0.0, (1.2 - (x - 190) / 260) * (1.1 - (y - 90) / 400)))
        pen.smooth(pen.disc(x, y, r), mix(dark, body, 0.3 + 0.5 * lit), alpha=0.9)
        turn = float(rng.uniform(0, 6.28))
        arc = [(x + r * 0.7 * math.cos(turn + a), y + r * 0.7 * math.sin(turn + a)) for a in (0, 0.8, 1.6, 2.4, 3.2)]
        pen.stroke(arc, (0.4, 3.2, 0.5), mix(body, bright, lit * float(rng.uniform(0.2, 0.9))), alpha=0.7)


def paint_front(pen: Pen, look: Look) -> None:
    """The hair on the skull."""
    style = look.hair_style
    if style == "bald":
        return
    dark, body, bright = tones(look)
    if style == "cropped":
        mass = curve(CROWN, closed=False) + curve(HAIRLINE, closed=False)
        pen.fill(mass, mix(look.skin, dark, 0.78), alpha=0.92, blur=1.6)
        locks(pen, look, CROWN[::-1], HAIRLINE, count=190, width=2.4, name="cropped", spread=0.5)
        return
    if style == "curly":
        _curls(
            pen,
            look,
            "front",
            [
                (200, 208),
                (192, 150),
                (230, 96),
                (310, 68),
                (392, 84),
                (446, 150),
                (452, 240),
                (420, 290),
                (398, 230),
                (372, 176),
                (310, 146),
                (240, 158),
            ],
            110,
        )
        return
    lift = {"messy": 10.0, "long": 4.0, "bob": 4.0}.get(style, 0.0)
    skull = [*CROWN[:-2], (434, 226), (410, 272)] if style in ("short", "messy") else CROWN
    crown = [(320 + (x - 320) * (1 + lift / 200), y - lift * (0.4 if 200 < x < 430 else 0.0)) for x, y in skull]
    mass = curve(crown, closed=False) + curve(HAIRLINE, closed=False)
    pen.fill(mass, mix(dark, body, 0.45), blur=0.6)
    pen.tint([(214, 150), (262, 98), (330, 88), (352, 112), (280, 132), (228, 166)], bright, 0.34, blur=13)
    if style in ("tied", "bun", "braid"):
        back = (436.0, 196.0)
        sides: tuple[tuple[str, list[Point], list[Point]], ...] = (
            ("top", [(206, 196), (262, 92), (380, 92), back], [(300, 142), (350, 132), (400, 150), back]),
            ("side", [(320, 142), (366, 150), (410, 172), back], [(388, 258), (404, 246), (424, 226), (436, 214)]),
        )
        for name, first, last in sides:
            locks(pen, look, first, last, count=86 if name == "top" else 64, width=4.6, name=name, light_at=0.28)
        _strays(pen, look)
        if style == "braid":
            _braid(pen, look)
    elif style == "short":
        part = (352.0, 104.0)
        locks(
            pen,
            look,
            [part, (290, 84), (222, 118), (196, 196)],
            [part, (300, 126), (250, 138), (212, 178)],
            count=90,
            width=5.4,
            name="left",
            light_at=0.3,
            spread=0.25,
        )
        locks(
            pen,
            look,
            [part, (400, 100), (440, 170), (430, 286)],
            [part, (372, 150), (386, 200), (388, 262)],
            count=84,
            width=5.4,
            name="right",
            light_at=0.2,
            spread=0.25,
        )
        locks(
            pen,
            look,
            [part, (300, 108), (244, 128), (222, 172)],
            [part, (310, 138), (268, 152), (248, 168)],
            count=40,
            width=5,
            name="fringe",
            light_at=0.4,
        )
    elif style == "messy":
        _messy(pen, look)
    else:  # long, bob: parted, falling beside the face
        part = (300.0, 96.0)
        low = 420.0 if style == "bob" else 560.0
        locks(
            pen,
            look,
            [part, (232, 96), (194, 180), (192, 300), (204, low - 60)],
            [part, (250, 132), (214, 190), (208, 280), (226, low - 80)],
            count=74,
            width=6.5,
            name="left",
            light_at=0.3,
            wave=1.5,
        )
        locks(
            pen,
            look,
            [part, (380, 84), (452, 170), (466, 330), (470, low)],
            [part, (352, 140), (392, 210), (402, 320), (416, low - 30)],
            count=128,
            width=7,
            name="right",
            light_at=0.22,
            wave=2,
        )
        locks(
            pen,
            look,
            [part, (340, 116), (376, 170), (390, 250), (388, 330)],
            [part, (350, 140), (386, 200), (398, 290), (402, 370)],
            count=40,
            width=5.5,
            name="near",
            light_at=0.35,
            wave=1,
        )


def _strays(pen: Pen, look: Look) -> None:
    """A few loose strands at temple and nape."""
    _, body, bright = tones(look)
    for line in (
        [(376, 186), (392, 220), (392, 262), (382, 304)],
        [(384, 206), (400, 250), (398, 296), (392, 330)],
        [(236, 146), (214, 176), (206, 214), (210, 246)],
        [(250, 140), (222, 168), (212, 196)],
        [(214, 150), (202, 180), (199, 214), (203, 244)],
    ):
        pen.stroke(line, (0.6, 3.6, 2.4, 0.3), mix(body, bright, 0.2), alpha=0.92)
        pen.stroke([(x + 2, y) for x, y in line], (0.3, 1.2, 0.3), bright, alpha=0.5)


def _messy(pen: Pen, look: Look) -> None:
    """Short hair that goes where it likes: wedges around the crown and over the brow."""
    rng = generator("messy", look.seed)
    dark, body, bright = tones(look)
    locks(
        pen,
        look,
        [(360, 110), (280, 76), (214, 116), (198, 190)],
        [(360, 110), (300, 130), (250, 146), (214, 186)],
        count=60,
        width=7,
        name="mess",
        spread=0.9,
    )
    locks(
        pen,
        look,
        [(340, 100), (410, 96), (448, 180), (436, 296)],
        [(350, 120), (376, 160), (388, 210), (392, 270)],
        count=70,
        width=7,
        name="mess2",
        spread=0.9,
    )
    for k in range(40):
        t = k / 39
        i = min(len(CROWN) - 2, int(t * (len(CROWN) - 1)))
        f = t * (len(CROWN) - 1) - i
        x, y = (CROWN[i][a] + (CROWN[i + 1][a] - CROWN[i][a]) * f for a in (0, 1))
        out = math.atan2(y - 220, x - 318) + float(rng.uniform(-0.7, 0.7))
        reach = float(rng.uniform(14, 34))
        root = (x - 26 * math.cos(out), y - 26 * math.sin(out))
        tip = (x + reach * 0.7 * math.cos(out + 0.3), y + reach * 0.6 * math.sin(out + 0.3))
        tone = mix(mix(dark, body, float(rng.uniform(0.3, 1))), bright, 0.5 * float(rng.random()) if t < 0.55 else 0.0)
        pen.stroke([root, (x, y), tip], (13, 9, 0.4), tone, alpha=0.95)
    for k in range(13):
        x = 224 + 11.5 * k
        tip = (x - 12 - float(rng.uniform(0, 14)), 182 + float(rng.uniform(-6, 34)) - abs(k - 5) * 1.6)
        tone = mix(mix(dark, body, float(rng.uniform(0.4, 1))), bright, 0.55 * float(rng.random()) if k < 8 else 0.1)
        pen.stroke([(x + 34, 112), (x + 14, 146), tip], (16, 11, 0.5), tone, alpha=0.97)
        pen.stroke([(x + 30, 116), (x + 10, 148), tip], (0.5, 2.4, 0.3), mix(tone, bright, 0.5), alpha=0.6)


def _braid(pen: Pen, look: Look) -> None:
    dark, body, bright = tones(look)
    x, y = 424.0, 286.0
    for k in range(13):
        side = 1 if k % 2 else -1
        size = 19 - 0.55 * k
        cx, cy = x + 3.0 * k + side * size * 0.42, y + 19.0 * k
        pen.fill(pen.disc(cx, cy, size, size * 0.72, turn=36.0 * side), mix(dark, body, 0.7))
        pen.stroke(
            [(cx - size * 0.7 * side, cy - size * 0.5), (cx, cy - size * 0.15), (cx + size * 0.6 * side, cy + size * 0.5)],
            (0.6, size * 0.3, 0.5),
            mix(body, bright, 0.5),
            alpha=0.7,
        )
