"""What is worn on the head and in the face."""

from __future__ import annotations

import math

from generation.paint.colour import Colour, mix, screen, times
from generation.paint.ink import curve

from .garb import BRASS, LEATHER, STEEL, folds
from .look import Look
from .pen import Pen


def paint_headgear_back(pen: Pen, look: Look) -> None:
    """What stands behind the face: the inside and back of a hood."""
    if look.headgear == "hood":
        pen.smooth(
            [(250, 470), (196, 420), (178, 300), (186, 170), (238, 84), (330, 58), (420, 84), (472, 180), (482, 320), (462, 430), (420, 480)],
            times(look.cloth, 0.34),
        )


def paint_headgear(pen: Pen, look: Look) -> None:
    """What is worn on the head, in front of the hair."""
    {"captain_hat": _captain_hat, "hood": _hood, "helmet": _helmet, "bandana": _bandana, "cap": _cap, "wide_hat": _wide_hat}.get(
        look.headgear, lambda _pen, _look: None
    )(pen, look)


def _captain_hat(pen: Pen, look: Look) -> None:
    felt: Colour = mix(look.cloth, (0.1, 0.1, 0.13), 0.62)
    light = screen(felt, (0.16, 0.17, 0.22))
    crown = [(212, 158), (216, 112), (262, 78), (330, 68), (398, 82), (436, 128), (440, 180), (330, 168)]
    pen.smooth(crown, times(felt, 0.8))
    pen.light([(228, 130), (262, 94), (320, 84), (300, 120), (240, 146)], light, 0.3, blur=10)
    brim = [
        (164, 176),
        (180, 140),
        (226, 108),
        (274, 114),
        (318, 134),
        (372, 118),
        (424, 110),
        (474, 146),
        (494, 196),
        (446, 196),
        (396, 178),
        (318, 166),
        (250, 172),
        (206, 184),
    ]
    pen.smooth(brim, felt)
    pen.light([(176, 166), (200, 136), (240, 122), (276, 126), (250, 156), (204, 172)], light, 0.5, blur=9)
    pen.shade([(330, 140), (420, 122), (480, 156), (490, 196), (420, 186), (340, 168)], (0.5, 0.5, 0.56), 0.6, blur=12)
    edge = [(164, 174), (181, 140), (226, 109), (274, 115), (318, 135), (372, 119), (424, 111), (474, 147), (493, 194)]
    pen.stroke(edge, (5, 7.5, 7, 7.5, 5), times(look.trim, 0.7))
    pen.stroke([(x, y - 1.4) for x, y in edge], (1.4, 3, 2.6, 3, 1.4), screen(look.trim, (0.28, 0.24, 0.14)), alpha=0.85)
    pen.fill(pen.disc(268, 140, 13, 13), times(look.trim, 0.62))
    pen.fill(pen.disc(267, 139, 10, 10), look.trim)
    pen.fill(pen.disc(267, 139, 5, 5), mix(look.cloth, (0.5, 0.1, 0.1), 0.6))
    for k in range(7):
        pen.stroke(
            [(272, 132), (300 + 9 * k, 92 + 2 * k), (352 + 13 * k, 70 + 7 * k)],
            (3, 9, 0.6),
            mix((0.82, 0.8, 0.76), (0.56, 0.2, 0.18), 0.85 - 0.03 * k),
            alpha=0.9,
        )


def _hood(pen: Pen, look: Look) -> None:
    cloth, light = look.cloth, screen(look.cloth, (0.18, 0.18, 0.15))
    outer = [
        (232, 470),
        (184, 420),
        (160, 320),
        (170, 190),
        (222, 84),
        (312, 54),
        (412, 66),
        (480, 150),
        (504, 290),
        (494, 420),
        (450, 490),
        (420, 500),
    ]
    inner = [(408, 470), (424, 420), (428, 330), (420, 220), (388, 144), (318, 112), (244, 128), (204, 190), (192, 290), (204, 380), (238, 440)]
    shape = curve(outer, closed=False) + curve(inner, closed=False)
    pen.fill(shape, cloth)
    pen.light([(196, 190), (240, 104), (312, 76), (300, 100), (232, 140), (206, 210)], light, 0.42, blur=10)
    pen.shade([(400, 80), (490, 170), (508, 300), (496, 430), (440, 490), (430, 340), (420, 200)], (0.42, 0.4, 0.46), 0.75, blur=18)
    folds(
        pen,
        [
            [(330, 66), (402, 120), (440, 220), (446, 340)],
            [(380, 70), (460, 160), (474, 300), (460, 430)],
            [(214, 128), (184, 220), (180, 330), (214, 440)],
        ],
        cloth,
        light,
        9,
    )
    pen.stroke(inner, (7, 10, 10, 7), mix(cloth, light, 0.3))
    pen.stroke([(x, y + 2) for x, y in inner], (1.2, 1.6, 1.2), times(cloth, 0.5), alpha=0.8)


def _helmet(pen: Pen, look: Look) -> None:
    steel, light = STEEL, (0.9, 0.93, 0.97)
    bowl = [(196, 190), (204, 124), (250, 78), (316, 62), (386, 80), (432, 130), (444, 196), (380, 184), (316, 178), (250, 182)]
    pen.smooth(bowl, steel)
    pen.shade([(340, 66), (420, 100), (448, 196), (372, 186), (384, 120)], (0.4, 0.4, 0.48), 0.8, blur=16)
    pen.light([(224, 150), (246, 106), (288, 84), (292, 120), (260, 166)], light, 0.6, blur=9)
    ridge = [(214, 172), (250, 102), (312, 62), (392, 84), (436, 150)]
    pen.stroke(ridge, (2, 9, 9, 2), times(steel, 0.72))
    pen.stroke([(x - 1, y - 3) for x, y in ridge], (0.6, 3, 3, 0.6), light, alpha=0.7)
    brim = [(150, 204), (200, 178), (316, 166), (430, 180), (496, 214), (440, 216), (320, 202), (206, 212)]
    pen.smooth(brim, times(steel, 0.9))
    pen.light([(160, 202), (204, 184), (290, 176), (284, 188), (206, 204)], light, 0.5, blur=4)
    pen.shade([(360, 176), (430, 182), (496, 214), (430, 216), (360, 204)], (0.42, 0.42, 0.5), 0.75, blur=8)
    for k in range(9):
        x = 214 + 27 * k
        y = 187 - 15 * math.sin(math.pi * k / 8)
        pen.fill(pen.disc(x, y, 3.6, 3.6), (0.3, 0.31, 0.34))
        pen.fill(pen.disc(x - 0.8, y - 1, 1.7, 1.7), light, alpha=0.8)
    for strap in ([(392, 214), (396, 300), (372, 356), (318, 396)], [(208, 212), (210, 300), (230, 356), (270, 396)]):
        pen.stroke(strap, (9, 8, 7), times(LEATHER, 0.7))
        pen.stroke([(x - 2, y) for x, y in strap], (1, 1.6, 1), times(LEATHER, 1.5), alpha=0.6)


def _bandana(pen: Pen, look: Look) -> None:
    cloth = mix(look.trim, (0.58, 0.16, 0.15), 0.75)
    shape = [(200, 196), (202, 140), (240, 92), (316, 74), (392, 92), (436, 150), (436, 214), (376, 178), (310, 158), (244, 164)]
    pen.smooth(shape, cloth)
    pen.shade([(340, 80), (420, 110), (440, 210), (380, 180), (372, 130)], (0.48, 0.44, 0.5), 0.7, blur=16)
    folds(
        pen,
        [[(206, 176), (270, 132), (360, 134), (430, 190)], [(208, 156), (280, 108), (370, 112), (432, 170)]],
        cloth,
        screen(cloth, (0.26, 0.18, 0.14)),
        6,
    )
    pen.smooth([(428, 196), (462, 206), (486, 262), (474, 270), (444, 236)], times(cloth, 0.8))
    pen.smooth([(430, 206), (452, 236), (456, 300), (444, 304), (430, 250)], times(cloth, 0.68))


def _cap(pen: Pen, look: Look) -> None:
    cloth = mix(look.cloth, (0.2, 0.22, 0.26), 0.55)
    pen.smooth([(196, 176), (200, 116), (262, 72), (350, 68), (424, 104), (444, 160), (440, 196), (330, 168)], cloth)
    pen.light([(212, 150), (250, 96), (320, 82), (290, 120)], screen(cloth, (0.2, 0.2, 0.2)), 0.4, blur=10)
    pen.smooth([(176, 196), (206, 166), (320, 154), (440, 178), (442, 200), (330, 178), (214, 194)], times(cloth, 0.7))


def _wide_hat(pen: Pen, look: Look) -> None:
    felt: Colour = (0.36, 0.26, 0.18)
    pen.smooth([(212, 170), (224, 110), (262, 70), (352, 62), (412, 96), (428, 176), (320, 164)], felt)
    pen.shade([(340, 66), (412, 96), (430, 176), (360, 170)], (0.5, 0.46, 0.5), 0.7, blur=14)
    pen.smooth([(212, 170), (320, 154), (428, 174), (426, 152), (320, 134), (214, 150)], look.trim)
    pen.smooth([(130, 208), (206, 172), (320, 160), (432, 174), (512, 216), (430, 204), (320, 186), (206, 200)], times(felt, 1.15))


def earring(pen: Pen) -> None:
    ring = pen.disc(408, 312, 7, 9)
    pen.stroke([*ring, ring[0]], (2.8, 2.8), BRASS, steps=2)
    pen.fill(pen.disc(405, 305, 1.8, 1.8), (1.0, 0.95, 0.75))


def eyepatch(pen: Pen) -> None:
    pen.stroke([(204, 178), (262, 206), (330, 246), (402, 262)], (5, 5.5, 5), (0.1, 0.08, 0.09))
    pen.smooth([(274, 232), (304, 224), (336, 238), (334, 266), (306, 282), (278, 264)], (0.12, 0.1, 0.11))
    pen.light([(282, 236), (304, 230), (300, 246), (286, 252)], (0.5, 0.46, 0.46), 0.35, blur=4)


def scar(pen: Pen, look: Look) -> None:
    line = [(330, 206), (326, 240), (334, 280), (326, 312)]
    pen.crease(line, (0.8, 4.6, 3.6, 0.8), mix(look.skin, (0.8, 0.42, 0.4), 0.55), alpha=0.85, blur=1.2)
    pen.crease([(x - 1.4, y) for x, y in line], (0.4, 1.6, 0.4), screen(look.skin, (0.25, 0.2, 0.2)), alpha=0.7, blur=0.6)
