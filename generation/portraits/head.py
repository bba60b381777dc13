"""Skull, neck, ear, nose, cheeks: the form of a head in light from the upper left, before eyes and mouth."""

from __future__ import annotations

import numpy as np

from generation.paint.colour import Colour, mix, screen, times
from generation.paint.ink import Point, curve
from generation.paint.noise import fbm

from .look import Face, Look
from .pen import Pen


def outline(look: Look) -> list[Point]:
    """The face's edge, from the far temple round the chin to the near temple and over the brow."""
    m = look.masculine
    wide = {"slim": -5.0, "broad": 7.0}.get(look.build, 0.0) + 3 * m
    chin = 5 * m
    return [
        (236, 136),
        (214, 160),
        (205, 192),
        (203, 220),
        (209, 245),
        (203 - wide * 0.4, 272),
        (209 - wide * 0.5, 303),
        (221 - wide * 0.6, 338 + chin * 0.5),
        (240 - chin, 372 + chin),
        (262 - chin, 393 + chin),
        (284, 399 + chin),
        (308 + chin, 392 + chin),
        (341 + wide * 0.8, 370 + chin * 0.8),
        (371 + wide, 338 + 4 * m),
        (387 + wide, 300),
        (395 + wide * 0.6, 262),
        (398, 220),
        (390, 172),
        (352, 130),
        (290, 118),
    ]


def paint_head(pen: Pen, look: Look, face: Face) -> None:
    """Neck, ear, face and nose on the pen's layer."""
    skin, shade = look.skin, look.shadow
    dark = mix(shade, (0.16, 0.08, 0.1), 0.45)
    _neck(pen, look)
    _ear(pen, look)
    edge = curve(outline(look))
    base = pen.mask(edge)
    # The cast shadow of the jaw lies on the neck before the face covers it.
    pen.shade([(236, 376), (284, 404), (340, 380), (386, 330), (400, 380), (392, 430), (330, 446), (262, 426)], look.veil, 0.8, blur=6)
    pen.c.lay(base, skin)
    high, wide = base.cover.shape
    blotch = fbm("skin", look.seed, size=(wide, high), cell=(46 * pen.c.scale, 46 * pen.c.scale), octaves=4)
    pen.c.inside(base.times(np.clip(blotch * 1.4 - 0.5, 0, 1).astype(np.float32)), mix(skin, (0.85, 0.42, 0.36), 0.3), 0.4)
    _form(pen, look)
    _warmth(pen, look, face)
    _nose(pen, look, dark)
    if look.lined > 0 or face.furrow or face.bags or face.smile:
        _lines(pen, look, face, dark)
    pen.stroke([(205, 284), (221, 338), (243, 374), (284, 399), (318, 390), (346, 368)], (0.3, 1.2, 2.2, 1.6, 0.3), dark, alpha=0.6, blur=0.4)
    if "freckles" in look.accessories:
        _freckles(pen, look)


def _neck(pen: Pen, look: Look) -> None:
    thick = 9 * look.masculine + {"broad": 8.0, "slim": -5.0}.get(look.build, 0.0)
    shape = [
        (268 - thick * 0.3, 372),
        (266 - thick, 430),
        (250 - thick, 480),
        (300, 530),
        (400, 520),
        (402 + thick, 470),
        (382 + thick, 420),
        (372 + thick * 0.5, 350),
        (350, 330),
    ]
    pen.smooth(shape, times(look.skin, 0.93))
    pen.shade([(330, 380), (400, 330), (424, 480), (350, 520), (344, 450)], look.veil, 0.6, blur=12)
    pen.crease([(300, 410), (296, 450), (310, 486)], (0.5, 3.2, 0.5), look.shadow, alpha=0.35, blur=2)
    pen.crease([(386, 380), (362, 440), (322, 488)], (1, 5, 1.5), look.shadow, alpha=0.4, blur=2.5)


def _ear(pen: Pen, look: Look) -> None:
    skin, shade = look.skin, look.shadow
    pen.smooth([(390, 236), (402, 222), (420, 226), (426, 248), (416, 276), (402, 300), (392, 296)], mix(skin, shade, 0.28))
    pen.crease([(398, 240), (410, 234), (418, 248), (410, 270)], (1.0, 3.0, 1.0), mix(shade, (0.3, 0.1, 0.1), 0.3), alpha=0.75, blur=0.8)
    pen.shade([(396, 250), (408, 250), (408, 274), (396, 288)], look.veil, 0.8, blur=2.5)
    pen.tint([(402, 284), (410, 280), (404, 298), (396, 298)], (0.8, 0.35, 0.3), 0.18, blur=3)


def _form(pen: Pen, look: Look) -> None:
    """Planes of the head: a soft turn away from the light, then a crisper edge of shadow as in a graphic novel."""
    factor = look.veil
    soft = [(356, 120), (420, 160), (430, 300), (372, 380), (300, 420), (316, 372), (346, 330), (340, 282), (362, 236), (356, 190)]
    pen.shade(soft, factor, 0.55, blur=18)
    crisp = [(384, 176), (420, 190), (420, 320), (352, 398), (296, 414), (322, 384), (352, 352), (366, 322), (360, 292), (378, 262), (374, 220)]
    pen.shade(crisp, factor, 0.62, blur=3.2)
    m = look.masculine
    cheek = [(330, 286), (364, 272), (370, 316), (346, 356), (322, 348), (336, 318)]
    pen.shade(cheek, factor, 0.22 + 0.2 * m, blur=10)
    pen.shade([(206, 286), (218, 296), (232, 350), (220, 356), (206, 310)], factor, 0.4, blur=5)  # far cheek turns away
    pen.shade([(236, 372), (284, 382), (330, 372), (310, 400), (262, 402)], factor, 0.42, blur=7)  # under the chin
    pen.shade([(206, 224), (236, 226), (248, 236), (246, 262), (226, 264), (208, 258)], factor, 0.42, blur=6)  # sockets
    pen.shade([(266, 232), (300, 222), (342, 232), (344, 256), (320, 268), (280, 264)], factor, 0.36, blur=7)
    pen.shade([(250, 226), (266, 226), (270, 246), (260, 258), (250, 250)], factor, 0.3, blur=5)
    glow = screen(mix(look.skin, (1.0, 0.88, 0.72), 0.5), (0.08, 0.06, 0.03))
    pen.light([(226, 154), (300, 136), (336, 160), (310, 196), (240, 204), (214, 190)], glow, 0.26, blur=14)
    pen.light([(214, 266), (236, 272), (240, 296), (222, 304), (211, 286)], glow, 0.26, blur=6)
    pen.light([(290, 276), (328, 268), (336, 288), (308, 306), (288, 298)], glow, 0.24, blur=9)
    pen.light([(256, 368), (284, 364), (296, 378), (272, 388)], glow, 0.2, blur=5)


def _warmth(pen: Pen, look: Look, face: Face) -> None:
    """Blood under the skin: cheeks, nose and ears redder, the jaw cooler."""
    rose: Colour = mix((0.86, 0.34, 0.3), look.skin, 0.25)
    power = (0.16 + 0.62 * face.blush) * (0.75 if max(look.skin) < 0.6 else 1.0)
    pen.tint([(204, 274), (226, 272), (234, 304), (216, 320), (205, 300)], rose, power, blur=9)
    pen.tint([(286, 276), (338, 266), (352, 296), (322, 326), (288, 312)], rose, power, blur=14)
    pen.tint([(228, 284), (250, 278), (262, 300), (244, 312), (228, 304)], rose, 0.22 + 0.2 * face.blush, blur=7)
    if look.masculine > 0.4:
        pen.tint([(224, 336), (300, 330), (360, 340), (330, 388), (270, 402), (236, 376)], (0.36, 0.38, 0.42), 0.1 * look.masculine, blur=12)


def _nose(pen: Pen, look: Look, dark: Colour) -> None:
    m = look.masculine
    factor = look.veil
    tip = 3 * m
    side = [(258, 234), (263, 262), (266, 284), (277, 296), (275, 308), (258, 311), (246, 306), (250, 290), (252, 262)]
    pen.shade(side, factor, 0.5, blur=3.4)
    pen.shade([(240 - tip, 304), (252, 300), (274, 304), (270, 318), (250, 320)], factor, 0.5, blur=3.5)  # cast below the tip
    glow = screen(look.skin, (0.3, 0.26, 0.2))
    pen.light([(247, 236), (252, 236), (250, 266), (243, 290), (238, 290), (243, 262)], glow, 0.32, blur=2.6)
    pen.light(pen.disc(238 - tip, 293, 6.5, 5.5), glow, 0.62, blur=2.6)
    pen.stroke(
        [(247, 246), (243, 266), (234 - tip, 288), (230 - tip, 297), (235 - tip, 305), (243, 307)],
        (0.2, 0.9, 1.7, 2.0, 0.5),
        dark,
        alpha=0.62,
        blur=0.5,
    )
    pen.crease([(246, 308), (252, 303), (260, 308)], (0.8, 4.4, 0.8), mix(dark, (0.1, 0.03, 0.04), 0.5), alpha=0.9, blur=0.9)
    pen.crease([(237 - tip, 306), (240 - tip, 304), (243 - tip, 307)], (0.5, 2.4, 0.5), mix(dark, (0.1, 0.03, 0.04), 0.5), alpha=0.7, blur=0.7)
    pen.crease([(270, 286), (279, 296), (277, 308), (268, 310)], (0.4, 2.2, 1.8, 0.4), dark, alpha=0.5, blur=0.8)


def _lines(pen: Pen, look: Look, face: Face, dark: Colour) -> None:
    """Age, effort and tiredness, as soft creases."""
    age = look.lined
    smile = max(0.0, face.smile)
    fold = min(1.0, 0.16 + 0.55 * age + 0.5 * smile)
    pen.crease([(281, 306), (297, 318), (306 + 4 * smile, 336)], (0.6, 3.4, 0.8), dark, alpha=0.5 * fold, blur=1.5)
    pen.crease([(232, 308), (224, 320), (221 - 2 * smile, 334)], (0.5, 2.2, 0.5), dark, alpha=0.42 * fold, blur=1.2)
    bags = min(1.0, 0.75 * age + face.bags * 0.9)
    if bags > 0.05:
        pen.crease([(282, 266), (300, 275), (326, 268)], (0.4, 2.6, 0.4), dark, alpha=0.42 * bags, blur=1.3)
        pen.crease([(212, 264), (224, 271), (239, 266)], (0.4, 2.0, 0.4), dark, alpha=0.4 * bags, blur=1.1)
        pen.tint([(280, 262), (304, 268), (328, 260), (316, 278), (294, 280)], (0.42, 0.26, 0.36), 0.24 * max(face.bags, 0.4 * age), blur=4)
        pen.tint([(212, 262), (226, 266), (240, 262), (230, 276), (216, 274)], (0.42, 0.26, 0.36), 0.24 * max(face.bags, 0.4 * age), blur=4)
    if age > 0.2:
        for k in range(3):
            pen.crease([(342, 244 + 6 * k), (352, 241 + 10 * k), (361, 240 + 13 * k)], (0.3, 1.3, 0.3), dark, alpha=0.42 * age, blur=0.8)
        for k, y in enumerate((168, 182, 196)):
            pen.crease([(228 + 3 * k, y + 2), (268, y - 3), (322 - 6 * k, y + 3)], (0.3, 1.8, 0.3), dark, alpha=0.26 * age, blur=1.1)
        pen.crease([(318, 352), (322, 364), (316, 378)], (0.3, 2.0, 0.3), dark, alpha=0.3 * age, blur=1.5)
    if face.furrow > 0:
        for x, lean in ((255, -2), (264, 2)):
            pen.crease([(x, 208), (x + lean, 218), (x + lean * 0.6, 230)], (0.4, 2.4, 0.6), dark, alpha=0.62 * face.furrow, blur=0.9)


def _freckles(pen: Pen, look: Look) -> None:
    rng = np.random.default_rng(look.seed + 5)
    tone = mix(look.skin, (0.5, 0.22, 0.12), 0.5)
    for _ in range(46):
        x, y = (rng.uniform(208, 244), rng.uniform(270, 304)) if rng.random() < 0.4 else (rng.uniform(262, 340), rng.uniform(268, 308))
        pen.tint(pen.disc(float(x), float(y), float(rng.uniform(0.8, 1.7))), tone, float(rng.uniform(0.3, 0.7)), blur=0.4)
