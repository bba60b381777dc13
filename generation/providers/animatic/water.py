"""Water that mirrors the frame: rows are gathered from above the horizon, displaced by moving waves."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from generation.paint.colour import Colour
from generation.paint.noise import fbm

from .light import Grade
from .stage import Shot, Sprite

TABLE = 1024
SINE = np.rint(np.sin(2 * np.pi * np.arange(TABLE) / TABLE) * 64).astype(np.int16)


class Water:
    """A sheet of water from the horizon to the bottom of the view.

    tint: its own colour; clear: how much it mirrors at the horizon (0–1); chop: wave height (1 is a calm harbour);
    boats: sprites with a waterline, mirrored about it; glint: colour of the sun's path at design x `sun_x`.
    """

    def __init__(
        self, grade: Grade, size: tuple[int, int], scale: float, *, horizon: float, tint: Colour, clear: float = 0.85,
        chop: float = 1.0, boats: Sequence[Sprite] = (), glint: Colour | None = None, sun_x: float = 640.0,
        seed: int = 0, sparkle: float = 1.0, bottom: float = 720.0,
    ) -> None:  # fmt: skip
        self.horizon, self.boats, self.scale = horizon, boats, scale
        self.wide, view_high = size
        self.top = round(horizon * scale)
        self.reach = round(60 * scale)  # the camera may lower the horizon
        self.rows = max(4, min(view_high, round(bottom * scale)) - self.top + self.reach)
        self.tint = [round(255 * c) for c in grade.colour(tint)]
        self.glint = None if glint is None else [round(255 * c) for c in grade.colour(glint)]
        self.sun_x, self.sparkle = sun_x, sparkle
        y = (np.arange(self.rows, dtype=np.float32) + 0.5) / scale  # design units below the horizon
        x = np.arange(self.wide, dtype=np.float32) / scale
        near = np.clip(y / 300, 0.0, 1.3)
        distance = 1.0 / (0.045 + near)  # perspective: waves shrink towards the horizon
        jitter = fbm("water", seed, size=(self.wide, self.rows), cell=(130 * scale, 16 * scale), octaves=4) * 2.2
        self.phases = []
        for kx, ky, speed in ((0.013, 9.5, 0.55), (-0.021, 15.0, 0.8), (0.037, 26.0, 1.25)):
            phase = kx * distance[:, None] * (x[None, :] - 640) * 0.32 + ky * np.log(0.045 + near)[:, None] + jitter
            self.phases.append((np.rint(phase / (2 * np.pi) * TABLE).astype(np.int64).astype(np.uint16), speed * TABLE / (2 * np.pi) * 2.2))
        self.height = (chop * (0.6 + 30 * near) * scale / 64 / 1.7).astype(np.float32)[:, None]
        self.mirror = np.clip(clear - 0.1 - 0.4 * near, 0.12, 1)[:, None]
        self.mirror16 = np.rint(self.mirror * 256).astype(np.uint16)
        self.slope = (0.05 + 0.13 * np.clip(near, 0, 1)).astype(np.float32)[:, None] * min(1.6, 0.6 + 0.4 * chop)
        self.path = np.exp(-(((x[None, :] - sun_x) / (26 + 190 * near[:, None])) ** 2)).astype(np.float32)
        self.threshold = (58 - 22 * np.clip(1 - near * 2.2, 0, 1)).astype(np.float32)[:, None]

    def draw(self, shot: Shot) -> None:
        planes = shot.planes
        _, high, wide = planes.shape
        lift = round(shot.camera.y * 0.18 * shot.scale)
        top = self.top - lift
        rows = min(self.rows, high - top)
        if rows <= 0:
            return
        waves = [np.take(SINE, (phase[:rows] + np.uint16(int(speed * shot.t) % 65536)) & np.uint16(TABLE - 1)) for phase, speed in self.phases]
        swell = waves[0] + waves[1]
        ripple = swell + waves[2]
        above = self._mirrored(shot, top)
        y = np.arange(rows, dtype=np.float32)[:, None]
        source = (ripple * self.height[:rows] + (top - 1 - y)).astype(np.int32)
        np.clip(source, 0, top - 1, out=source)
        columns = np.arange(wide, dtype=np.int32)[None, :] + (waves[2] >> 5)
        np.clip(columns, 0, wide - 1, out=columns)
        source *= wide
        source += columns
        source = source.astype(np.intp)
        mirror = self.mirror16[:rows]
        shade = (ripple * self.slope[:rows]).astype(np.int16)
        sparks = self._sparks(swell, waves[2], rows, shot) if self.glint else None
        for i, tint in enumerate(self.tint):
            seen = np.take(above[i].ravel(), source).astype(np.uint16)
            seen *= mirror
            seen += np.uint16(tint) * (256 - mirror)
            seen >>= 8
            level = seen.view(np.int16)
            level += shade
            if sparks is not None and self.glint:
                level += (sparks * self.glint[i]).astype(np.int16)
            np.clip(level, 0, 255, out=level)
            planes[i, top : top + rows] = level

    def _sparks(self, swell: np.ndarray, ripple: np.ndarray, rows: int, shot: Shot) -> np.ndarray:  # type: ignore[type-arg]
        shift = round(shot.camera.x * 0.06 * shot.scale)
        path = np.roll(self.path[:rows], -shift, axis=1) if shift else self.path[:rows]
        crest = swell * 0.55 + ripple * 0.55
        bright = np.clip((crest - self.threshold[:rows]) * np.float32(0.06), 0, 1)
        sheen = np.clip((crest + 90) * np.float32(0.0016), 0, 0.3)
        return (bright * np.float32(0.85 * self.sparkle) + sheen * np.float32(0.55)) * path

    def _mirrored(self, shot: Shot, top: int) -> np.ndarray:  # type: ignore[type-arg]
        above = shot.planes[:, :top].copy()
        mirror = Shot(above, shot.t, shot.camera, shot.scale)
        for boat in self.boats:
            boat.draw_at(above, mirror, 2 * (boat.waterline - self.horizon) + 2 * shot.camera.y * (0.18 - boat.depth))
        return above
