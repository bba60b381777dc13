"""People in the distance: small painted figures in coats, hoods and hats."""

from __future__ import annotations

from generation.paint.colour import Colour, mix, times
from generation.paint.ink import Canvas, Point, curve, ellipse
from generation.paint.noise import generator

from .light import Light
from .style import Style

COATS: tuple[Colour, ...] = (
    (0.2, 0.26, 0.38), (0.42, 0.2, 0.18), (0.3, 0.32, 0.26), (0.46, 0.36, 0.26), (0.28, 0.22, 0.3), (0.36, 0.34, 0.34),
    (0.5, 0.42, 0.3), (0.24, 0.34, 0.34),
)  # fmt: skip
SKINS: tuple[Colour, ...] = ((0.87, 0.68, 0.55), (0.72, 0.5, 0.37), (0.5, 0.33, 0.24), (0.93, 0.76, 0.63))
ROLES = {
    "captain": "captain", "mara": "captain", "guard": "guard", "jorin": "guard", "thief": "hood", "ren": "hood", "pickpocket": "hood",
    "smuggler": "hood", "stranger": "hood", "merchant": "hat", "trader": "hat", "sailor": "cap", "woman": "dress", "girl": "dress",
    "she": "dress", "bartender": "apron",
}  # fmt: skip


def crowd_of(style: Style) -> list[str]:
    """Which figures a prompt names, at most three, each once."""
    roles: list[str] = []
    for word in style.people:
        role = ROLES.get(word, "plain")
        if role == "plain" and roles:
            continue
        if role not in roles and not (role == "dress" and roles):
            roles.append(role)
    return roles[:3]


def stand(
    c: Canvas, light: Light, x: float, y: float, height: float, role: str, *, lit: float, seed: int, depth: float = 0.02, stride: float = 0.0
) -> None:
    """A standing or walking figure, feet at (x, y). stride −1…1 moves the legs."""
    rng = generator("figure", seed, role)
    u = height / 8  # eight heads high; heads a little large reads better when small
    coat = COATS[int(rng.integers(len(COATS)))]
    if role == "captain":
        coat = (0.16, 0.22, 0.36)
    elif role == "guard":
        coat = (0.45, 0.16, 0.15)
    elif role == "hood":
        coat = (0.22, 0.24, 0.22)
    skin = SKINS[int(rng.integers(len(SKINS)))]
    face = 1 if rng.random() < 0.5 else -1
    front, back = light.on(coat, depth, lit + 0.25), light.on(times(coat, 0.5), depth, lit * 0.3)
    legs = light.on((0.16, 0.14, 0.14), depth, lit * 0.4)
    c.lay(c.mask(ellipse(x + 0.4 * u, y, 1.5 * u, 0.28 * u), blur=0.2 * u), light.on((0.05, 0.05, 0.06)), 0.5)
    for side in (-1, 1):
        foot = x + side * (0.42 + 0.55 * stride) * u
        c.fill(_limb((x + side * 0.3 * u, y - 3.6 * u), (foot, y - 0.1 * u), 0.72 * u, 0.46 * u), legs)
        c.fill(ellipse(foot + 0.14 * u * face, y - 0.1 * u, 0.4 * u, 0.16 * u, count=14), legs)
    hem = 1.9 if role in ("dress",) else 3.0 if role in ("captain", "hood") else 3.6
    flare = 1.35 if role == "dress" else 1.05
    body = [
        (x - 0.55 * u, y - 6.7 * u), (x - 1.0 * u, y - 6.2 * u), (x - 0.78 * u, y - 4.6 * u), (x - flare * u, y - hem * u),
        (x + flare * u, y - hem * u), (x + 0.78 * u, y - 4.6 * u), (x + 1.0 * u, y - 6.2 * u), (x + 0.55 * u, y - 6.7 * u),
    ]  # fmt: skip
    first, second = (front, back) if light.side < 0 else (back, front)
    c.gradient(curve(body, steps=5), first, second, across=True)
    for side in (-1, 1):
        hand = (x + side * (1.05 + 0.3 * abs(stride)) * u, y - 3.9 * u)
        c.fill(_limb((x + side * 0.85 * u, y - 6.3 * u), hand, 0.55 * u, 0.4 * u), mix(front, back, 0.6 if side == light.side else 0.3))
        c.fill(ellipse(hand[0], hand[1] + 0.1 * u, 0.2 * u, 0.24 * u, count=12), light.on(skin, depth, lit))
    c.line([(x - 0.8 * u, y - 4.5 * u), (x + 0.8 * u, y - 4.5 * u)], 0.22 * u, light.on((0.14, 0.09, 0.07), depth))
    _head(c, light, x, y - 7.25 * u, u, role, skin, face, lit, depth, coat)


def _limb(a: Point, b: Point, wa: float, wb: float) -> list[Point]:
    return [(a[0] - wa / 2, a[1]), (a[0] + wa / 2, a[1]), (b[0] + wb / 2, b[1]), (b[0] - wb / 2, b[1])]


def _head(c: Canvas, light: Light, x: float, y: float, u: float, role: str, skin: Colour, face: int, lit: float, depth: float, coat: Colour) -> None:
    hair = light.on((0.2, 0.13, 0.1), depth, lit * 0.5)
    c.fill(ellipse(x, y + 0.45 * u, 0.22 * u, 0.4 * u, count=12), light.on(times(skin, 0.7), depth, lit))
    if role == "hood":
        cloth = light.on(times(coat, 0.9), depth, lit)
        c.fill(
            curve(
                [
                    (x - 0.7 * u, y + 0.65 * u),
                    (x - 0.58 * u, y - 0.3 * u),
                    (x, y - 0.75 * u),
                    (x + 0.58 * u, y - 0.3 * u),
                    (x + 0.7 * u, y + 0.65 * u),
                ]
            ),
            cloth,
        )
        c.fill(ellipse(x + 0.14 * u * face, y + 0.05 * u, 0.3 * u, 0.4 * u, count=16), light.on((0.05, 0.05, 0.06), depth))
        c.fill(ellipse(x + 0.2 * u * face, y + 0.16 * u, 0.2 * u, 0.22 * u, count=14), light.on(times(skin, 0.75), depth, lit))
        return
    c.fill(ellipse(x - 0.1 * u * face, y - 0.06 * u, 0.45 * u, 0.52 * u, count=20), hair)
    c.fill(ellipse(x + 0.08 * u * face, y + 0.06 * u, 0.37 * u, 0.45 * u, count=20), light.on(skin, depth, lit + 0.2))
    shade = light.on(times(skin, 0.62), depth, lit)
    c.fill(ellipse(x - light.side * 0.24 * u + 0.08 * u * face, y + 0.14 * u, 0.16 * u, 0.34 * u, count=16), shade, alpha=0.5, blur=0.06 * u)
    if u > 7:
        ink = light.on((0.1, 0.07, 0.07), depth, lit * 0.5)
        for at in (-0.1, 0.2):
            c.fill(ellipse(x + (0.06 + at) * u * face, y + 0.04 * u, 0.045 * u, 0.05 * u, count=10), ink)
            c.line([(x + (at - 0.02) * u * face, y - 0.07 * u), (x + (at + 0.13) * u * face, y - 0.06 * u)], 0.045 * u, hair)
        c.line([(x + 0.2 * u * face, y + 0.06 * u), (x + 0.25 * u * face, y + 0.18 * u)], 0.04 * u, shade)
        c.line([(x + 0.02 * u * face, y + 0.3 * u), (x + 0.2 * u * face, y + 0.29 * u)], 0.04 * u, shade)
    top = [
        (x - 0.5 * u * face, y + 0.2 * u),
        (x - 0.48 * u * face, y - 0.34 * u),
        (x, y - 0.6 * u),
        (x + 0.4 * u * face, y - 0.3 * u),
        (x + 0.36 * u * face, y - 0.14 * u),
        (x - 0.12 * u * face, y - 0.22 * u),
        (x - 0.26 * u * face, y + 0.16 * u),
    ]
    c.fill(curve(top, steps=4), hair)
    if role == "dress":
        c.fill(ellipse(x - 0.42 * u * face, y + 0.1 * u, 0.2 * u, 0.5 * u, count=16), hair)
    if role == "captain":
        navy = light.on((0.1, 0.14, 0.24), depth, lit)
        c.fill(
            curve(
                [
                    (x - 1.0 * u, y - 0.18 * u),
                    (x - 0.45 * u, y - 0.72 * u),
                    (x + 0.45 * u, y - 0.72 * u),
                    (x + 1.0 * u, y - 0.18 * u),
                    (x, y - 0.34 * u),
                ],
                steps=6,
            ),
            navy,
        )
        c.line([(x - 0.95 * u, y - 0.2 * u), (x, y - 0.36 * u), (x + 0.95 * u, y - 0.2 * u)], 0.1 * u, light.on((0.85, 0.66, 0.3), depth, 0.9))
        for side in (-1, 1):
            c.fill(ellipse(x + side * 0.85 * u, y + 1.05 * u, 0.34 * u, 0.14 * u, count=12), light.on((0.85, 0.66, 0.3), depth, 0.8))
    elif role == "guard":
        steel = light.on((0.56, 0.58, 0.62), depth, lit + 0.3)
        c.fill(
            curve([(x - 0.5 * u, y), (x - 0.46 * u, y - 0.45 * u), (x, y - 0.72 * u), (x + 0.46 * u, y - 0.45 * u), (x + 0.5 * u, y)], steps=6), steel
        )
        c.line([(x - 0.75 * u, y - 0.02 * u), (x + 0.75 * u, y - 0.02 * u)], 0.16 * u, steel)
        c.line([(x + 1.35 * u, y - 1.6 * u), (x + 1.25 * u, y + 7.0 * u)], 0.14 * u, light.on((0.3, 0.22, 0.15), depth, lit))
        c.fill([(x + 1.22 * u, y - 1.5 * u), (x + 1.36 * u, y - 2.5 * u), (x + 1.5 * u, y - 1.5 * u)], steel)
    elif role in ("hat", "cap"):
        felt = light.on((0.26, 0.2, 0.16), depth, lit)
        c.fill(ellipse(x, y - 0.3 * u, (0.85 if role == "hat" else 0.5) * u, 0.14 * u, count=20), felt)
        c.fill(
            curve([(x - 0.42 * u, y - 0.3 * u), (x - 0.36 * u, y - 0.78 * u), (x + 0.36 * u, y - 0.78 * u), (x + 0.42 * u, y - 0.3 * u)], steps=5),
            felt,
        )
