"""A whole portrait: layers from the back of the hair to the brim of the hat, one light over all of them."""

from __future__ import annotations

import numpy as np
from PIL import Image

from generation.paint import brush
from generation.paint.colour import Colour, mix, rgb, screen
from generation.paint.ink import Canvas, ellipse, vignette
from generation.paint.noise import fbm, generator

from . import garb, headgear
from .features import paint_beard, paint_brows, paint_eyes, paint_mouth
from .hair import paint_back, paint_front
from .head import paint_head
from .look import Face, Look
from .pen import HEIGHT, WIDTH, Pen

RIM: dict[str, Colour] = {
    "harbor": (0.62, 0.78, 0.95), "tavern": (1.0, 0.62, 0.28), "market": (1.0, 0.85, 0.6), "night": (0.5, 0.62, 1.0), "plain": (0.8, 0.82, 0.9),
}  # fmt: skip
GROUND: dict[str, tuple[str, str, str]] = {
    "harbor": ("#47607a", "#8fa3ad", "#d9b58f"), "tavern": ("#2a1a14", "#5a3520", "#b06a2c"), "market": ("#6a5a4a", "#a98a62", "#d9bc86"),
    "night": ("#10182e", "#223354", "#4a5f86"), "plain": ("#3c4148", "#646a70", "#a39a8c"),
}  # fmt: skip


def paint_bust(look: Look, face: Face, scale: float) -> Canvas:
    """The person alone on a transparent ground, 600×800 design units."""
    empty = Canvas((WIDTH, HEIGHT), scale)
    flip = look.facing > 0
    head_pen = Pen(empty, roll=face.roll, sink=face.sink, flip=flip)
    still = Pen(empty, flip=flip)
    back, body, head, front = empty.like(), empty.like(), empty.like(), empty.like()
    headgear.paint_headgear_back(head_pen.to(back), look)
    paint_back(head_pen.to(back), look)
    garb.paint_body(still.to(body), look)
    pen = head_pen.to(head)
    paint_head(pen, look, face)
    _cast(pen, look)
    paint_eyes(pen, look, face)
    paint_brows(pen, look, face)
    paint_mouth(pen, look, face)
    paint_beard(pen, look, face)
    if "scar" in look.accessories:
        headgear.scar(pen, look)
    if "eyepatch" in look.accessories:
        headgear.eyepatch(pen)
    if "earring" in look.accessories:
        headgear.earring(pen)
    paint_front(head_pen.to(front), look)
    headgear.paint_headgear(head_pen.to(front), look)
    whole = empty.like()
    rim = RIM[look.backdrop]
    side = -1.0 if flip else 1.0
    for layer, strength in ((back, 0.35), (body, 0.5), (head, 0.5), (front, 0.55)):
        layer.light(layer.edge(4.5 * side, -1.2, soft=1.6), rim, strength)
    for layer in (back, head, body, _above_collar(head, head_pen), front):
        whole.over(layer)
    return whole


def _above_collar(head: Canvas, pen: Pen) -> Canvas:
    """The neck goes under the collar, but the face over it: the head once more, without its neck."""
    keep = pen.to(head).mask([(150, 40), (470, 40), (470, 330), (396, 350), (352, 386), (300, 416), (240, 410), (150, 330)], blur=1.0)
    upper = head.like()
    upper.rgb, upper.alpha = head.rgb.copy(), head.alpha.copy()
    upper.clip(keep)
    return upper


def _cast(pen: Pen, look: Look) -> None:
    """Shadows on the face from hair and headgear."""
    factor = look.veil
    if look.hair_style not in ("bald", "cropped") or look.headgear != "none":
        pen.shade(
            [(196, 190), (214, 158), (262, 142), (330, 148), (380, 190), (398, 262), (384, 250), (362, 202), (318, 168), (256, 164), (214, 196)],
            factor,
            0.7,
            blur=5,
        )
    if look.headgear in ("captain_hat", "helmet", "wide_hat"):
        pen.shade([(190, 150), (320, 130), (410, 170), (404, 220), (320, 202), (250, 204), (200, 222)], factor, 0.85, blur=6)
    elif look.headgear == "hood":
        pen.shade([(180, 120), (420, 120), (420, 330), (384, 380), (372, 250), (320, 186), (240, 184), (206, 236), (190, 300)], factor, 0.8, blur=14)


def backdrop(look: Look, scale: float) -> Canvas:
    """A painted ground: glow behind the head, strokes, and out-of-focus hints of the place."""
    canvas = Canvas((WIDTH, HEIGHT), scale)
    deep, middle, bright = (rgb(text) for text in GROUND[look.backdrop])
    x, y = canvas.xs()[None, :], canvas.ys()[:, None]
    glow_x = 190.0 if look.facing < 0 else 410.0
    distance = np.sqrt((x - glow_x) ** 2 + ((y - 300) * 0.85) ** 2) / 520
    cloud = (fbm("ground", look.seed % 7, size=(canvas.width, canvas.height), cell=(240 * scale, 200 * scale), octaves=4) - 0.5) * 0.5
    t = np.clip(distance + cloud, 0, 1)
    stops = ((0.0, bright), (0.45, middle), (1.0, deep))
    canvas.rgb = np.stack([np.interp(t, [s for s, _ in stops], [c[i] for _, c in stops]) for i in range(3)]).astype(np.float32)
    canvas.alpha[:] = 1
    canvas.rgb = brush.paint(canvas.rgb, length=46 * scale, width=15 * scale, angle=-32, spread=26, tone=0.03)
    _hints(canvas, look)
    canvas.rgb *= vignette(canvas.width, canvas.height, 0.45)
    return canvas


def _hints(canvas: Canvas, look: Look) -> None:
    rng = generator("hints", look.backdrop)
    if look.backdrop == "harbor":
        canvas.lay(canvas.mask([(0, 520), (600, 520), (600, 800), (0, 800)], blur=16), (0.3, 0.42, 0.5), 0.75)
        for x, high in ((70, 360), (150, 300), (520, 380), (440, 250)):
            canvas.lay(canvas.mask([(x - 4, 530 - high), (x + 4, 530 - high), (x + 7, 530), (x - 7, 530)], blur=5), (0.22, 0.26, 0.32), 0.55)
            canvas.lay(
                canvas.mask(
                    [(x - 46, 530 - high * 0.7), (x + 46, 530 - high * 0.7 - 4), (x + 46, 530 - high * 0.7 + 6), (x - 46, 530 - high * 0.7 + 10)],
                    blur=5,
                ),
                (0.3, 0.33, 0.38),
                0.5,
            )
    elif look.backdrop in ("tavern", "night", "market"):
        warm = {"tavern": (1.0, 0.66, 0.28), "night": (1.0, 0.78, 0.45), "market": (1.0, 0.9, 0.7)}[look.backdrop]
        for _ in range(22):
            bx, by, r = float(rng.uniform(0, 600)), float(rng.uniform(20, 620)), float(rng.uniform(10, 34))
            tint = mix(warm, (0.9, 0.3, 0.2), float(rng.random()) * 0.3)
            canvas.light(canvas.mask(ellipse(bx, by, r, r), blur=3.5), tint, float(rng.uniform(0.06, 0.3)))


def finish(canvas: Canvas, look: Look) -> Canvas:
    """Brush and light over the finished picture."""
    scale = canvas.scale
    painted = brush.paint(canvas.rgb, length=8 * scale, width=3 * scale, angle=35, spread=40, tone=0.05)
    canvas.rgb += (painted - canvas.rgb) * np.float32(0.16)
    x = canvas.xs()[None, :]
    warm = np.clip(1 - (x if look.facing < 0 else WIDTH - x) / 480, 0, 1) * 0.16
    tint = np.array(screen((1.0, 0.8, 0.55), (0.0, 0.0, 0.0)), dtype=np.float32)[:, None, None]
    canvas.rgb = (1 - (1 - canvas.rgb) * (1 - tint * warm * canvas.rgb)).astype(np.float32)
    return canvas


def portrait(look: Look, face: Face, size: tuple[int, int] = (600, 800)) -> Image.Image:
    """The finished picture: painted at twice its size (masks six times) and reduced."""
    scale = size[0] / WIDTH * 2
    ground = backdrop(look, scale)
    bust = paint_bust(look, face, scale)
    side = -1 if look.facing < 0 else 1
    shadow = ground.like()
    shadow.alpha = np.roll(bust.alpha, round(-14 * scale * side), axis=1)
    shadow.soften(16)
    ground.shade(ground.whole(shadow.alpha), (0.45, 0.42, 0.48), 0.6)
    ground.over(bust)
    done = finish(ground, look)
    pixels = np.rint(np.clip(done.rgb, 0, 1) * 255).astype(np.uint8)
    return Image.fromarray(np.ascontiguousarray(pixels.transpose(1, 2, 0))).resize(size, Image.Resampling.LANCZOS)
