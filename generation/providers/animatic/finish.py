"""The last strokes on a layer: haze settling at its foot, light along its edges, then the brush over everything."""

from __future__ import annotations

import numpy as np

from generation.paint import brush
from generation.paint.colour import mix
from generation.paint.ink import Canvas

from .light import Light


def finish(c: Canvas, light: Light, *, haze: float, base: float, rise: float, stroke: float, rim: float = 0.0, angle: float = 0.0) -> None:
    """haze: strength of the veil at `base`, gone `rise` units above; stroke: length of the brush in design units."""
    if haze > 0:
        y = c.ys()
        veil = np.clip(1 - (base - y) / rise, 0, 1) ** 1.5 * haze * (0.4 + 0.6 * light.air)
        c.inside(c.whole(np.broadcast_to(veil[:, None], c.alpha.shape)), light.haze)
    if rim > 0:
        edge = c.edge(2.2 * light.side, -1.6, soft=0.7)
        strength = rim * (0.35 if light.moon else 1.0) * (1.15 - 0.75 * light.air)
        c.light(edge, mix(light.key, light.disc, 0.35), strength)
    if stroke * c.scale >= brush.SHORTEST:
        planes = np.concatenate([c.rgb * c.alpha, c.alpha[None]])
        planes = brush.paint(planes, length=stroke * c.scale, width=max(3.0, stroke * 0.4 * c.scale), angle=angle, spread=30, tone=0.05)
        # Strokes soften the inside of a shape; its outline and the lines on it stay crisp.
        straight = planes[:3] / np.maximum(planes[3], 1e-4)
        inner = (np.minimum(planes[3], c.alpha) > 0.97)[None]
        c.rgb = np.where(inner, c.rgb + (straight - c.rgb) * np.float32(0.42), c.rgb).astype(np.float32)
