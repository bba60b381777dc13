"""The sky: gradient, sun or moon with its glow, stars, and two sheets of drifting clouds."""

from __future__ import annotations

import numpy as np

from generation.paint import brush
from generation.paint.colour import Colour, mix, ramp, screen
from generation.paint.ink import Canvas, Patch, ellipse
from generation.paint.noise import Field, blur, fbm, generator, smoothstep

from .light import Grade, Light
from .stage import Piece, Sprite, full_canvas
from .style import Style


def paint_sky(style: Style, light: Light, scale: float, horizon: float) -> Canvas:
    """The still part of the sky, opaque, filling the stage down to a little below the horizon."""
    canvas = full_canvas(scale)
    x, y = canvas.xs()[None, :], canvas.ys()[:, None]
    wobble = (fbm("sky", style.seed, size=(canvas.width, canvas.height), cell=(500 * scale, 120 * scale)) - 0.5) * 0.13
    where = np.clip((y + 80) / (horizon + 80) + wobble, 0, 1)
    canvas.rgb = ramp(light.sky, where.astype(np.float32))
    canvas.alpha[:] = 1
    if light.stars > 0.02:
        _stars(canvas, style, light, horizon)
    sx, sy = light.sun
    veil = 1 - 0.75 * min(1.0, max(0.0, light.air - 0.35) * 1.6) - 0.35 * max(0.0, light.clouds - 0.6)
    distance = np.sqrt(((x - sx) / 1.25) ** 2 + (y - sy) ** 2)
    warm = mix(light.key, light.disc, 0.35)
    for radius, strength in ((620, 0.42), (260, 0.42), (90, 0.5)):
        ring = (np.clip(1 - distance / radius, 0, 1) ** 2).astype(np.float32)
        canvas.light(canvas.whole(ring), warm, strength * (0.55 if light.moon else 1.0) * (0.45 + 0.55 * veil))
    canvas.rgb = brush.paint(canvas.rgb, length=70 * scale, width=13 * scale, angle=4, spread=14, tone=0.012 if light.moon else 0.016)
    if veil > 0.2:
        _disc(canvas, light, max(0.0, veil))
    return canvas


def _stars(canvas: Canvas, style: Style, light: Light, horizon: float) -> None:
    rng = generator("stars", style.seed)
    band = smoothstep(0.45, 1.0, fbm("milky", style.seed, size=(canvas.width, canvas.height), cell=(420 * canvas.scale, 160 * canvas.scale)))
    canvas.light(canvas.whole((band * 0.16 * light.stars).astype(np.float32)), (0.55, 0.62, 0.9))
    for _ in range(240):
        x, y = rng.uniform(-180, 1460), horizon * rng.random() ** 1.5
        size = 0.5 + 1.3 * rng.random() ** 4
        bright = light.stars * rng.uniform(0.35, 1.0) * (1 - 0.7 * max(0.0, y / horizon))
        tint = mix((0.75, 0.84, 1.0), (1.0, 0.9, 0.75), rng.random())
        canvas.lay(canvas.mask(ellipse(x, y, size, size, count=10)), tint, bright)
        if size > 1.35:
            canvas.light(canvas.glow(x, y, 9), tint, 0.5 * bright)


def _disc(canvas: Canvas, light: Light, veil: float) -> None:
    sx, sy = light.sun
    if light.moon:
        veil *= max(0.0, 1 - 1.6 * max(0.0, light.clouds - 0.5))
        canvas.lay(canvas.mask(ellipse(sx, sy, 31, 31), blur=0.6), light.disc, 0.95 * veil)
        for dx, dy, r in ((-9, -6, 8), (8, 3, 6), (-3, 11, 7), (12, -12, 4), (3, -15, 5)):
            canvas.lay(canvas.mask(ellipse(sx + dx, sy + dy, r, r * 0.85), blur=1.8), (0.72, 0.78, 0.88), 0.45 * veil)
        canvas.light(canvas.glow(sx, sy, 120), (0.55, 0.65, 0.9), 0.5 * veil)
    else:
        size = 27 if sy > 300 else 22
        canvas.lay(canvas.mask(ellipse(sx, sy, size, size), blur=1.4), light.disc, 0.9 * veil)


def paint_clouds(style: Style, light: Light, scale: float, horizon: float, *, sheet: int, cover: float, wide: float = 1.0) -> Canvas:
    """One sheet of clouds; cover 0–1. Lit from the sun's side, darker and flatter towards the horizon."""
    canvas = full_canvas(scale)
    x, y = canvas.xs()[None, :], canvas.ys()[:, None]
    height = np.clip((y + 80) / (horizon + 80), 0, 1)
    size = (canvas.width, canvas.height)
    cell = (620 * scale * wide, 150 * scale)
    dense = fbm("cloud", sheet, style.seed, size=size, cell=cell, octaves=5, gain=0.52)
    wisps = fbm("wisp", sheet, style.seed, size=size, cell=(200 * scale, 34 * scale), octaves=3)
    dense = (dense * 0.82 + wisps * 0.18).astype(np.float32)
    level = float(np.quantile(dense, 1 - 0.12 - 0.68 * cover))
    body = smoothstep(level, level + 0.2, dense)
    body *= smoothstep(0.02, 0.16, (1.06 - height).astype(np.float32))
    towards = (np.sign(light.sun[0] - x) * 10 * scale).astype(np.float32)
    thick = blur(dense, 5 * scale)
    dy = round(11 * scale) * (1 if light.sun[1] > horizon * 0.75 else -1)
    lit = np.clip((thick - np.roll(np.roll(thick, dy, 0), round(float(-towards.mean())), 1)) * 7 + 0.42, 0, 1)
    near = np.clip(1 - np.sqrt(((x - light.sun[0]) / 1.6) ** 2 + (y - light.sun[1]) ** 2) / 640, 0, 1) ** 1.4
    low, top = light.sky[2][1], light.sky[1][1]
    dark = mix(mix(top, light.haze, 0.35), (0.08, 0.09, 0.13), 0.34 if style.weather in ("stormy", "rainy") else 0.08)
    if light.moon:
        dark = mix(dark, (0.02, 0.03, 0.07), 0.35)
    bright: Colour = screen(mix(low, light.key, 0.55), (0.12, 0.1, 0.08)) if not light.moon else mix(light.haze, light.key, 0.4)
    glow = np.clip(lit * (0.45 + 0.75 * near), 0, 1)[None]
    dark_a, bright_a = (np.array(c, dtype=np.float32)[:, None, None] for c in (dark, bright))
    canvas.rgb = np.clip(dark_a + (bright_a - dark_a) * glow, 0, 1).astype(np.float32)
    canvas.alpha = (body * (0.5 + 0.42 * cover)).astype(np.float32)
    planes = brush.paint(np.concatenate([canvas.rgb, canvas.alpha[None]]), length=34 * scale, width=9 * scale, angle=-4, spread=24, tone=0.02)
    canvas.rgb, canvas.alpha = planes[:3], _soft(planes[3], scale)
    return canvas


def _soft(alpha: Field, scale: float) -> Field:
    return blur(alpha, 1.6 * scale)


def sky_pieces(style: Style, light: Light, grade: Grade, scale: float, horizon: float) -> list[Piece]:
    """Sky, then two sheets of clouds that drift at their own speed (faster in wind and storm)."""
    pieces: list[Piece] = [Sprite(paint_sky(style, light, scale, horizon), grade, depth=0.05, opaque=True)]
    speed = {"stormy": 11.0, "windy": 9.0, "rainy": 5.0}.get(style.weather, 2.6)
    for sheet, factor in ((0, 0.7), (1, 1.0)):
        cover = light.clouds * factor
        if cover < 0.08:
            continue
        canvas = paint_clouds(style, light, scale, horizon, sheet=sheet, cover=cover, wide=1.2 - 0.4 * sheet)
        rate = speed * (0.6 + 0.7 * sheet)

        def drift(t: float, rate: float = rate) -> tuple[float, float]:
            return rate * (t - 4.0), 0.0

        pieces.append(Sprite(canvas, grade, depth=0.07 + 0.05 * sheet, sway=drift))
    return pieces


def god_rays(light: Light, scale: float, seed: int) -> Canvas:
    """Shafts of light falling from the sun through haze, as a layer of light to screen."""
    canvas = full_canvas(scale)
    x, y = canvas.xs()[None, :], canvas.ys()[:, None]
    sx, sy = light.sun
    angle = np.arctan2(y - sy + 20, x - sx)
    ring = fbm("rays", seed, size=(512, 1), cell=(26, 1), octaves=3, tile=True)[0]
    at = ((angle + np.pi) / (2 * np.pi) * 511).astype(np.int32) % 512
    shafts = smoothstep(0.5, 0.95, ring[at])
    fade = np.clip(1 - np.sqrt((x - sx) ** 2 + (y - sy) ** 2) / 900, 0, 1) ** 1.2
    cover = (shafts * fade).astype(np.float32)
    canvas.lay(Patch(0, 0, blur(cover, 5 * scale)), mix(light.key, light.disc, 0.3))
    return canvas
