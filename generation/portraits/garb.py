"""Clothes: the bust from the collar down, in cloth, leather and steel."""

from __future__ import annotations

import math

import numpy as np

from generation.paint.colour import Colour, mix, screen, times
from generation.paint.ink import Point, curve, ellipse
from generation.paint.noise import fbm

from .look import Look
from .pen import Pen

BRASS: Colour = (0.8, 0.62, 0.3)
STEEL: Colour = (0.55, 0.58, 0.62)
LEATHER: Colour = (0.38, 0.25, 0.17)
LINEN: Colour = (0.86, 0.81, 0.71)


def torso(look: Look) -> list[Point]:
    wide = {"slim": -18.0, "broad": 26.0}.get(look.build, 0.0) + 22 * look.masculine
    drop = 6 * (1 - look.masculine)
    return [
        (262, 446), (222, 476), (160 - wide * 0.6, 504 + drop), (104 - wide, 552 + drop), (76 - wide, 640), (62 - wide, 830), (590 + wide * 0.5, 830),
        (572 + wide, 640), (540 + wide, 556 + drop), (478 + wide * 0.6, 500 + drop), (420, 470), (396, 444),
    ]  # fmt: skip


def paint_body(pen: Pen, look: Look) -> None:
    """Shoulders and clothes on the pen's layer (which does not move with the head)."""
    shape = curve(torso(look))
    base = pen.mask(shape)
    cloth = look.cloth if look.clothing != "guard_armor" else mix(STEEL, (0.3, 0.32, 0.36), 0.35)
    pen.c.lay(base, cloth)
    high, wide = base.cover.shape
    weave = fbm("weave", look.clothing, size=(wide, high), cell=(90 * pen.c.scale, 60 * pen.c.scale), octaves=5)
    pen.c.shade(base.times(np.clip(1.3 * weave - 0.3, 0, 1).astype(np.float32)), (0.72, 0.7, 0.74), 0.5)
    dark: Colour = (0.5, 0.46, 0.54)
    pen.shade([(420, 470), (560, 540), (620, 700), (620, 840), (400, 840), (440, 700), (400, 560)], dark, 0.75, blur=26)
    pen.shade([(60, 700), (200, 760), (420, 780), (600, 720), (620, 840), (40, 840)], dark, 0.45, blur=30)
    pen.light([(150, 508), (224, 482), (232, 540), (150, 610), (96, 640), (104, 560)], screen(cloth, (0.3, 0.26, 0.2)), 0.3, blur=20)
    pen.shade([(236, 470), (300, 520), (400, 500), (430, 470), (440, 540), (340, 580), (250, 530)], (0.36, 0.32, 0.38), 0.6, blur=14)
    {
        "naval_coat": _naval_coat, "cloak": _cloak, "guard_armor": _armor, "apron": _apron, "dress": _dress, "vest": _vest,
    }.get(look.clothing, _shirt)(pen, look)  # fmt: skip
    if "necklace" in look.accessories:
        line = [(258, 470), (276, 548), (322, 572), (372, 540), (398, 470)]
        pen.stroke(line, (2.4, 2.4), BRASS, alpha=0.95)
        pen.fill(ellipse(318, 580, 9, 11), mix(BRASS, (0.2, 0.5, 0.5), 0.5))
    if "scarf" in look.accessories:
        _scarf(pen, look)


def folds(pen: Pen, lines: list[list[Point]], colour: Colour, light: Colour, width: float = 9) -> None:
    """Folds in cloth: a soft dark valley with a light ridge beside it."""
    for line in lines:
        pen.crease(line, (1.0, width, 1.0), times(colour, 0.48), alpha=0.6, blur=3)
        pen.crease([(x - width * 0.8, y - 2) for x, y in line], (0.6, width * 0.7, 0.6), light, alpha=0.3, blur=2.5)


def _shirt(pen: Pen, look: Look) -> None:
    light = screen(look.cloth, (0.2, 0.18, 0.15))
    pen.smooth([(264, 452), (300, 560), (330, 600), (360, 550), (392, 452), (330, 470)], times(look.skin, 0.84))
    pen.shade([(264, 452), (392, 452), (380, 520), (320, 540), (280, 500)], look.veil, 0.6, blur=8)
    for side in (
        [(258, 444), (230, 478), (250, 560), (322, 610), (300, 560), (268, 490)],
        [(398, 444), (424, 478), (400, 560), (332, 612), (362, 552), (390, 490)],
    ):
        pen.smooth(side, light)
        pen.shade(side, (0.7, 0.66, 0.68), 0.35, blur=4)
    folds(pen, [[(180, 520), (210, 620), (200, 780)], [(470, 520), (450, 620), (480, 780)], [(320, 620), (316, 700), (330, 800)]], look.cloth, light)


def _naval_coat(pen: Pen, look: Look) -> None:
    cloth, light = look.cloth, screen(look.cloth, (0.16, 0.17, 0.22))
    pen.smooth([(258, 446), (300, 470), (390, 462), (402, 520), (372, 660), (330, 820), (300, 820), (276, 640), (250, 520)], LINEN)
    pen.shade([(262, 470), (330, 500), (400, 470), (398, 560), (340, 600), (280, 560)], (0.55, 0.5, 0.55), 0.7, blur=12)
    for k in range(6):  # the ruffled stock
        y = 486 + 22 * k
        pen.smooth(
            [(290 - 2 * k, y), (322, y - 10), (360 + 2 * k, y - 2), (352, y + 20), (322, y + 27), (296, y + 21)], times(LINEN, 1.04 - 0.05 * (k % 2))
        )
        pen.crease([(298, y + 22), (322, y + 28), (350, y + 21)], (0.6, 4, 0.6), (0.42, 0.38, 0.38), alpha=0.55, blur=2)
    waist = [(286, 600), (310, 640), (352, 634), (370, 600), (376, 700), (362, 830), (270, 830), (272, 700)]
    pen.smooth(waist, mix(cloth, (0.76, 0.7, 0.58), 0.72))
    for k in range(4):
        pen.fill(ellipse(318, 650 + 42 * k, 6, 6), BRASS)
        pen.fill(ellipse(316, 648 + 42 * k, 2.2, 2.2), (1.0, 0.93, 0.7))
    left = [(254, 440), (214, 470), (196, 520), (252, 600), (276, 720), (262, 830), (180, 830), (150, 640), (168, 540), (222, 474)]
    right = [(402, 438), (436, 466), (470, 520), (416, 612), (388, 720), (396, 830), (500, 830), (510, 660), (500, 560), (440, 470)]
    for lapel, x in ((left, 236), (right, 428)):
        pen.smooth(lapel, mix(cloth, light, 0.28 if x < 300 else 0.05))
        pen.shade([(px + 10, py + 12) for px, py in lapel], (0.7, 0.68, 0.74), 0.25, blur=10)
    for edge in (
        [(254, 442), (216, 478), (204, 522), (254, 600), (276, 716), (264, 830)],
        [(402, 440), (438, 472), (464, 522), (416, 610), (388, 716), (396, 830)],
    ):
        pen.stroke(edge, (7, 7.5), times(look.trim, 0.72))
        pen.stroke([(x - 1, y - 1) for x, y in edge], (2.6, 3.2), screen(look.trim, (0.24, 0.2, 0.12)), alpha=0.85)
    collar = (
        [(246, 408), (232, 418), (214, 462), (222, 500), (262, 520), (296, 548), (284, 500), (262, 452)],
        [(412, 398), (428, 410), (452, 456), (448, 496), (404, 520), (366, 552), (380, 500), (404, 446)],
    )  # fmt: skip
    for part, tone in zip(collar, (mix(cloth, light, 0.3), times(cloth, 0.8)), strict=True):
        pen.smooth(part, tone)
        edge = [part[0], part[7], part[6], part[5]]
        pen.stroke(edge, (3.5, 5, 5, 3), times(look.trim, 0.8))
        pen.stroke([(x - 1, y - 1) for x, y in edge], (1, 2, 2, 1), screen(look.trim, (0.3, 0.25, 0.15)), alpha=0.8)
    for x, step in ((196, -4), (452, 6)):
        for k in range(4):
            bx, by = x + step * k * (1 if x < 300 else 0.6), 588 + 58 * k
            pen.fill(ellipse(bx, by, 9.5, 9.5), times(look.trim, 0.62))
            pen.fill(ellipse(bx - 0.8, by - 0.8, 8, 8), look.trim)
            pen.fill(ellipse(bx - 3, by - 3, 3, 2.4), (1.0, 0.95, 0.78))
    if "epaulettes" in look.accessories or look.clothing == "naval_coat":
        _epaulette(pen, look, 130, 520, -14)
        _epaulette(pen, look, 512, 512, 13)
    folds(pen, [[(120, 600), (150, 690), (130, 810)], [(540, 600), (520, 700), (550, 810)]], cloth, light)


def _epaulette(pen: Pen, look: Look, x: float, y: float, turn: float) -> None:
    gold, bright = look.trim, screen(look.trim, (0.3, 0.26, 0.14))
    side = 1 if turn > 0 else -1
    for k in range(17):
        a = -50 + 100 * k / 16
        px, py = x + a * 0.92 + side * 6, y + 14 + 0.22 * a * side + 7 * math.cos(a / 36)
        pen.stroke([(px, py - 6), (px + side * 3, py + 12), (px + side * 2, py + 34)], (5.4, 6, 3.4), times(gold, 0.55 + 0.45 * ((k * 5) % 4) / 3))
        pen.stroke([(px - 1, py), (px + side * 2, py + 24)], (1.0, 1.6), bright, alpha=0.6)
    pen.fill(ellipse(x, y, 58, 19, turn=turn), times(gold, 0.7))
    pen.fill(ellipse(x - 1, y - 3, 53, 15, turn=turn), gold)
    pen.fill(ellipse(x - 12, y - 7, 26, 5, turn=turn), bright, alpha=0.75, blur=2)
    pen.stroke([(x - 40, y + 2 - side * 8), (x, y + 1), (x + 40, y + 2 + side * 8)], (1.5, 2.4), times(gold, 0.5), alpha=0.7)


def _cloak(pen: Pen, look: Look) -> None:
    cloth, light = look.cloth, screen(look.cloth, (0.16, 0.16, 0.14))
    pen.smooth([(260, 452), (290, 540), (320, 590), (356, 540), (394, 452), (330, 470)], times(look.skin, 0.78))
    pen.smooth([(250, 470), (300, 560), (322, 620), (352, 560), (402, 468), (412, 560), (380, 830), (256, 830), (240, 560)], LEATHER)
    pen.shade([(250, 470), (322, 590), (402, 468), (410, 560), (330, 640), (244, 560)], (0.5, 0.45, 0.45), 0.6, blur=10)
    for k in range(5):
        y = 632 + 36 * k
        pen.stroke([(300, y), (342, y + 22)], (3.4, 3.4), times(LEATHER, 1.9))
        pen.stroke([(342, y), (300, y + 22)], (3.4, 3.4), times(LEATHER, 1.6))
    strap = [(196, 500), (270, 640), (372, 830), (410, 830), (300, 630), (226, 488)]
    pen.smooth(strap, times(LEATHER, 0.62))
    pen.stroke([(212, 496), (288, 638), (392, 826)], (1.2, 2), times(LEATHER, 1.5), alpha=0.6)
    wings = (
        [(256, 440), (206, 470), (130, 500), (60, 580), (40, 830), (226, 830), (246, 700), (226, 560), (246, 486)],
        [(398, 440), (450, 470), (520, 500), (580, 580), (600, 830), (420, 830), (410, 700), (434, 560), (404, 486)],
    )
    for wing, tone in zip(wings, (mix(cloth, light, 0.2), times(cloth, 0.74)), strict=True):
        pen.smooth(wing, tone)
    folds(
        pen,
        [
            [(150, 520), (136, 640), (150, 810)],
            [(200, 520), (206, 640), (190, 810)],
            [(100, 590), (90, 700), (100, 820)],
            [(470, 510), (474, 640), (456, 810)],
            [(528, 540), (540, 660), (530, 810)],
        ],
        cloth,
        light,
        12,
    )
    pen.smooth([(246, 448), (280, 486), (330, 500), (386, 482), (410, 446), (420, 490), (350, 540), (290, 536), (236, 492)], times(cloth, 0.9))
    folds(pen, [[(252, 470), (300, 512), (352, 514), (406, 474)]], cloth, light, 8)
    pen.fill(ellipse(322, 524, 17, 17), times(BRASS, 0.6))
    pen.fill(ellipse(321, 522, 14, 14), BRASS)
    pen.fill(ellipse(321, 522, 7, 7), times(BRASS, 0.55))


def _armor(pen: Pen, look: Look) -> None:
    steel, light = STEEL, (0.86, 0.9, 0.95)
    plate = [(250, 500), (180, 540), (170, 640), (200, 830), (470, 830), (500, 640), (480, 536), (410, 496), (330, 530)]
    pen.smooth(plate, steel)
    pen.shade([(360, 540), (480, 536), (510, 640), (480, 840), (380, 840), (400, 680)], (0.4, 0.4, 0.48), 0.8, blur=22)
    pen.light([(206, 560), (270, 548), (280, 640), (250, 760), (214, 700)], light, 0.5, blur=16)
    pen.stroke([(318, 530), (322, 660), (318, 830)], (2, 5, 3), (0.25, 0.26, 0.3), alpha=0.7)
    pen.stroke([(313, 530), (316, 660), (312, 830)], (1, 3, 2), light, alpha=0.7)
    tabard = [(262, 588), (322, 612), (392, 588), (408, 830), (250, 830)]
    pen.smooth(tabard, look.cloth)
    folds(pen, [[(290, 630), (286, 720), (294, 820)], [(356, 630), (362, 720), (352, 820)]], look.cloth, screen(look.cloth, (0.2, 0.15, 0.12)))
    _anchor(pen, 324, 716, 1.25, look.trim)
    for cx, cy, tone, lit in ((122, 570, 0.95, 1.0), (540, 566, 0.62, 0.4)):
        for k in range(3):
            pen.smooth(ellipse(cx, cy + 34 * k, 84 - 7 * k, 56 - 4 * k, turn=-12 if cx < 300 else 12), times(steel, tone * (1 - 0.12 * k)))
            rim = [(cx - 80 + 6 * k, cy + 20 + 34 * k), (cx, cy + 56 + 30 * k), (cx + 78 - 6 * k, cy + 22 + 34 * k)]
            pen.stroke(rim, (1, 4.5, 1), (0.2, 0.2, 0.24), alpha=0.7)
            pen.stroke([(x, y - 4) for x, y in rim], (0.5, 2, 0.5), light, alpha=0.55 * lit)
        pen.light(ellipse(cx - 26, cy - 16, 34, 20, turn=-20), light, 0.6 * lit, blur=9)
    gorget = [(250, 440), (236, 486), (262, 528), (330, 548), (398, 524), (424, 482), (406, 436), (330, 470)]
    pen.smooth(gorget, times(steel, 0.9))
    pen.shade([(330, 470), (406, 436), (424, 482), (398, 530), (340, 548)], (0.45, 0.45, 0.52), 0.7, blur=9)
    for y in (476, 502):
        pen.stroke([(242, y), (276, y + 22), (330, y + 32), (390, y + 18), (418, y - 6)], (1, 3.4, 1), (0.24, 0.25, 0.28), alpha=0.7)
        pen.stroke([(244, y + 4), (276, y + 26), (330, y + 36), (390, y + 22), (416, y - 2)], (0.5, 1.6, 0.5), light, alpha=0.6)


def _anchor(pen: Pen, x: float, y: float, s: float, colour: Colour) -> None:
    pen.stroke([(x, y - 34 * s), (x, y + 30 * s)], (5 * s, 5 * s), colour)
    pen.stroke(
        [(x - 26 * s, y + 8 * s), (x - 20 * s, y + 26 * s), (x, y + 34 * s), (x + 20 * s, y + 26 * s), (x + 26 * s, y + 8 * s)],
        (2 * s, 6 * s, 2 * s),
        colour,
    )
    pen.stroke([(x - 15 * s, y - 22 * s), (x + 15 * s, y - 22 * s)], (5 * s, 5 * s), colour)
    ring = ellipse(x, y - 40 * s, 7 * s, 7 * s)
    pen.stroke([*ring, ring[0]], (2.6 * s, 2.6 * s), colour, steps=2)


def _apron(pen: Pen, look: Look) -> None:
    shirt: Colour = (0.56, 0.34, 0.26)
    pen.smooth([(262, 450), (296, 540), (326, 570), (360, 536), (394, 450), (330, 470)], times(look.skin, 0.84))
    pen.c.inside(pen.mask(curve(torso(look))), shirt, 0.82)
    _shirt_collar(pen, shirt)
    bib = [(214, 600), (322, 620), (432, 596), (450, 830), (196, 830)]
    pen.smooth(bib, look.cloth)
    for strap in ([(226, 610), (216, 540), (226, 480)], [(422, 606), (436, 540), (426, 476)]):
        pen.stroke(strap, (15, 14, 10), times(look.cloth, 0.92))
    folds(pen, [[(270, 640), (262, 720), (270, 820)], [(380, 640), (386, 730), (376, 820)]], look.cloth, screen(look.cloth, (0.15, 0.14, 0.12)))


def _shirt_collar(pen: Pen, cloth: Colour) -> None:
    pen.smooth([(264, 452), (298, 530), (326, 566), (358, 526), (392, 452), (330, 470)], times((0.72, 0.52, 0.42), 0.9), alpha=0.0)
    for side, tone in (
        ([(256, 440), (232, 476), (256, 540), (318, 580), (296, 530), (268, 486)], 1.15),
        ([(400, 440), (424, 474), (398, 540), (334, 580), (360, 526), (390, 486)], 0.8),
    ):
        pen.smooth(side, times(cloth, tone))


def _dress(pen: Pen, look: Look) -> None:
    light = screen(look.cloth, (0.2, 0.16, 0.2))
    neck = [(252, 446), (190, 490), (196, 560), (264, 622), (330, 640), (404, 616), (464, 552), (462, 486), (404, 444), (330, 466)]
    pen.smooth(neck, look.skin)
    pen.shade([(330, 470), (404, 444), (462, 490), (464, 552), (400, 616), (350, 560)], look.veil, 0.6, blur=16)
    pen.shade([(258, 450), (330, 480), (400, 450), (390, 510), (320, 530), (270, 500)], look.veil, 0.55, blur=10)
    pen.crease([(262, 540), (300, 552), (322, 566)], (0.6, 5, 0.6), look.shadow, alpha=0.4, blur=3)
    pen.crease([(402, 534), (362, 550), (334, 566)], (0.6, 5, 0.6), look.shadow, alpha=0.4, blur=3)
    hem = [(188, 494), (198, 560), (264, 624), (330, 642), (404, 618), (464, 554), (466, 490)]
    pen.stroke(hem, (12, 16, 12), light)
    pen.stroke([(x, y + 5) for x, y in hem], (2, 4, 2), look.trim)
    folds(pen, [[(240, 660), (250, 740), (240, 820)], [(330, 670), (326, 750), (336, 820)], [(420, 650), (410, 740), (424, 820)]], look.cloth, light)


def _vest(pen: Pen, look: Look) -> None:
    pen.c.inside(pen.mask(curve(torso(look))), LINEN, 0.85)
    _shirt_collar(pen, LINEN)
    for part, tone in (
        ([(232, 480), (190, 540), (186, 830), (318, 830), (316, 640), (270, 560)], 1.05),
        ([(424, 478), (468, 540), (470, 830), (324, 830), (326, 640), (380, 560)], 0.78),
    ):
        pen.smooth(part, times(look.cloth, tone))
    for k in range(5):
        pen.fill(ellipse(322, 650 + 38 * k, 6, 6), look.trim)
    folds(pen, [[(228, 600), (224, 700), (236, 820)], [(420, 600), (428, 700), (416, 820)]], look.cloth, screen(look.cloth, (0.18, 0.16, 0.12)))


def _scarf(pen: Pen, look: Look) -> None:
    red = mix(look.trim, (0.6, 0.16, 0.14), 0.7)
    pen.smooth([(244, 430), (236, 476), (280, 524), (340, 532), (404, 510), (420, 462), (402, 424), (330, 456)], red)
    folds(pen, [[(246, 462), (300, 502), (360, 502), (412, 462)], [(250, 446), (310, 480), (400, 442)]], red, screen(red, (0.25, 0.15, 0.12)), 7)
    pen.smooth([(292, 516), (330, 512), (344, 600), (320, 640), (296, 600)], times(red, 0.85))
