"""From a style to frames: set the stage, then draw it at every moment, with vignette and grain over it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from generation.paint.colour import mix
from generation.paint.ink import vignette
from generation.paint.noise import grain

from .air import Falling, FogBank, Lightning, Motes, gusts, rain, snow
from .camera import camera_at
from .harbor import harbor
from .light import Grade, Light, grade_of, light_of
from .market import market
from .sky import god_rays
from .stage import VIEW_W, Camera, Glow, Piece, Planes, Shot
from .street import street
from .style import Style
from .tavern import tavern
from .wilds import forest, hills, sea

Builder = Callable[[Style, Light, Grade, tuple[int, int], float], list[Piece]]


PLACES: dict[str, Builder] = {"harbor": harbor, "tavern": tavern, "market": market, "street": street, "sea": sea, "forest": forest, "hills": hills}


@dataclass
class Film:
    """A set stage. `frame(t)` gives (3, h, w) RGB bytes at t seconds."""

    style: Style
    size: tuple[int, int]
    duration: float

    def __post_init__(self) -> None:
        wide, high = self.size
        self.scale = wide / VIEW_W
        light, grade = light_of(self.style), grade_of(self.style)
        self.pieces = PLACES[self.style.place](self.style, light, grade, self.size, self.scale)
        if not self.style.indoors:
            self.pieces += weather_pieces(self.style, light, grade, self.scale, self.duration)
        shade = vignette(wide, high, grade.vignette)
        self.shade = np.rint(shade * 256).astype(np.uint16)
        self.grain = grain(wide, high, 1.6)

    def camera(self, t: float) -> Camera:
        """Where the camera is; close to a face it moves half as far in."""
        at = camera_at(self.style.camera, t, self.duration)
        return replace(at, zoom=1 + (at.zoom - 1) * 0.5) if self.style.close else at

    def frame(self, t: float) -> Planes:
        wide, high = self.size
        planes = np.zeros((3, high, wide), dtype=np.uint8)
        shot = Shot(planes, t, self.camera(t), self.scale)
        for piece in self.pieces:
            piece.draw(shot)
        if shot.camera.zoom > 1.001:
            planes = _zoomed(planes, shot.camera.zoom)
        grain_tile = self.grain[int(t * 12) % len(self.grain)]
        for plane in planes:
            shaded = plane * self.shade
            shaded >>= 8
            level = shaded.view(np.int16)
            level += grain_tile
            np.clip(level, 0, 255, out=level)
            plane[...] = level
        return planes

    def frames(self, fps: int, progress: Callable[[float], None] | None = None) -> Iterator[Planes]:
        count = max(1, round(self.duration * fps))
        for number in range(count):
            yield self.frame(number / fps)
            if progress:
                progress((number + 1) / count)

    def image(self, t: float) -> Image.Image:
        """One frame as a Pillow picture."""
        return Image.fromarray(np.ascontiguousarray(self.frame(t).transpose(1, 2, 0)))


def _zoomed(planes: Planes, zoom: float) -> Planes:
    _, high, wide = planes.shape
    dx, dy = wide * (1 - 1 / zoom) / 2, high * (1 - 1 / zoom) / 2
    packed = Image.merge("RGB", [Image.fromarray(plane) for plane in planes])
    larger = packed.resize((wide, high), Image.Resampling.BILINEAR, box=(dx, dy, wide - dx, high - dy))
    return np.ascontiguousarray(np.asarray(larger).transpose(2, 0, 1))


def weather_pieces(style: Style, light: Light, grade: Grade, scale: float, duration: float) -> list[Piece]:
    """What the weather puts before the scene."""
    pieces: list[Piece] = []
    power = 0.55 + 0.75 * style.intensity
    if style.weather in ("foggy", "snowy", "rainy", "stormy") or style.time in ("dawn", "dusk"):
        veil = {"foggy": 0.78, "snowy": 0.3, "rainy": 0.24, "stormy": 0.2}.get(style.weather, 0.2) * min(1.2, power)
        for number, (top, bottom, strength, speed, depth) in enumerate(
            ((330, 500, 0.9, 7.0, 0.25), (410, 600, 0.75, 14.0, 0.6), (470, 760, 0.5, 24.0, 1.1))
        ):
            pieces.append(
                FogBank(
                    grade, mix(light.haze, light.sky[3][1], 0.25), scale, top=top, bottom=bottom, strength=min(0.97, veil * strength),
                    speed=speed, depth=depth, seed=style.seed % 1009 + number,
                )
            )  # fmt: skip
        if style.weather == "foggy":
            pieces.append(FogBank(grade, light.haze, scale, top=60, bottom=760, strength=0.34 * power, speed=10.0, depth=0.8, seed=77, patchy=0.9))
    if style.weather in ("clear", "foggy", "windy") and not light.moon and style.mood in ("mysterious", "romantic", "calm", "cheerful", "curious"):
        pieces.append(Glow(god_rays(light, scale, style.seed % 31), grade, depth=0.06, gain=0.26 + 0.14 * (style.weather == "foggy")))
    rain_tint, snow_tint = grade.colour(mix(light.haze, (0.9, 0.94, 1.0), 0.5)), grade.colour(mix((1.0, 1.0, 1.0), light.haze, 0.12))
    if style.weather == "rainy":
        pieces.append(rain(scale, style.seed, rain_tint, heavy=0.35 + 0.5 * style.intensity, slant=0.12))
    elif style.weather == "stormy":
        pieces.append(Lightning(grade, scale, style.seed, horizon=418, duration=duration))
        pieces.append(rain(scale, style.seed, rain_tint, heavy=1.0, slant=0.42))
    elif style.weather == "snowy":
        pieces.append(snow(scale, style.seed, snow_tint))
    elif style.weather == "windy":
        leaf: Falling = gusts(scale, style.seed, grade.colour(light.on((0.42, 0.3, 0.16), 0.05, 0.3)))
        pieces.append(leaf)
    if style.mood in ("romantic", "mysterious", "cheerful"):
        tint = grade.colour(mix(light.key, (1.0, 0.9, 0.7), 0.5))
        pieces.append(Motes(scale, style.seed, tint, count=34, box=(0, 180, 1280, 700), rise=9.0, strength=0.5, size=2.0))
    return pieces
