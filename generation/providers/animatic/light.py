"""Light and colour of a scene: hour by weather gives the light, the mood gives the grade laid over everything."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from generation.paint.colour import Colour, luma, mix, rgb, saturate, times
from generation.paint.noise import Field

from .style import Style

Stops = tuple[tuple[float, Colour], ...]


@dataclass(frozen=True, slots=True)
class Light:
    """sky: colours from zenith (0) to horizon (1); ambient, key: light on surfaces; haze: colour of distance.

    air: how fast distance fades (0–1); lamps: how much windows and lanterns glow (0–1); sun: design x and y of the
    sun or moon, side: −1 when the light comes from the left.
    """

    sky: Stops
    ambient: Colour
    key: Colour
    haze: Colour
    disc: Colour
    sun: tuple[float, float]
    air: float
    lamps: float
    stars: float
    clouds: float
    moon: bool = False

    @property
    def side(self) -> float:
        return -1.0 if self.sun[0] < 640 else 1.0

    def on(self, albedo: Colour, depth: float = 0.0, lit: float = 0.0) -> Colour:
        """A surface seen at a distance: depth 0 near … 1 at the horizon; lit 0 in shade … 1 facing the light."""
        shaded = times(albedo, self.ambient)
        colour = mix(shaded, times(albedo, mix(self.ambient, self.key, 0.8)), lit)
        return mix(colour, self.haze, min(0.96, depth * (0.35 + 0.65 * self.air)))


def _stops(*colours: str) -> Stops:
    places = (0.0, 0.38, 0.75, 1.0)
    return tuple((at, rgb(colour)) for at, colour in zip(places, colours, strict=True))


HOURS: dict[str, Light] = {
    "dawn": Light(
        _stops("#33416b", "#84789f", "#eba68f", "#ffdcae"), (0.5, 0.46, 0.56), (1.0, 0.74, 0.54), rgb("#cfaaa4"),
        rgb("#fff0cf"), (430, 372), 0.5, 0.65, 0.12, 0.5,
    ),
    "morning": Light(
        _stops("#4a83c0", "#8ab8dc", "#d9e2dc", "#fbe9c8"), (0.72, 0.74, 0.8), (1.0, 0.94, 0.8), rgb("#cfdadd"),
        rgb("#fffbe6"), (330, 210), 0.35, 0.0, 0.0, 0.45,
    ),
    "noon": Light(
        _stops("#2674c2", "#5aa5de", "#a9d5ee", "#dcf0f4"), (0.86, 0.89, 0.93), (1.08, 1.04, 0.95), rgb("#b6d8e8"),
        rgb("#ffffff"), (760, 70), 0.25, 0.0, 0.0, 0.4,
    ),
    "afternoon": Light(
        _stops("#3a78b8", "#7fb2d6", "#d9d9c4", "#f7dfae"), (0.78, 0.75, 0.74), (1.06, 0.94, 0.74), rgb("#d3cdb9"),
        rgb("#fff6d8"), (980, 180), 0.32, 0.0, 0.0, 0.45,
    ),
    "sunset": Light(
        _stops("#2a2e62", "#a14e74", "#f57f4c", "#ffd374"), (0.5, 0.38, 0.46), (1.0, 0.62, 0.34), rgb("#d98a6c"),
        rgb("#fff0b0"), (880, 368), 0.42, 0.6, 0.05, 0.6,
    ),
    "dusk": Light(
        _stops("#141b3c", "#39427a", "#8d6494", "#e79a88"), (0.32, 0.32, 0.46), (0.75, 0.55, 0.62), rgb("#75698f"),
        rgb("#ffd9b8"), (940, 430), 0.45, 1.0, 0.5, 0.45,
    ),
    "night": Light(
        _stops("#050918", "#0b1836", "#1b3560", "#2c4f7c"), (0.2, 0.24, 0.37), (0.5, 0.6, 0.86), rgb("#28446d"),
        rgb("#eef4ff"), (905, 120), 0.4, 1.0, 1.0, 0.35, True,
    ),
}  # fmt: skip

# How weather bends the light: sky towards grey, brightness, saturation, air, clouds, lamps.
WEATHER: dict[str, tuple[float, float, float, float, float, float]] = {
    "clear": (0.0, 1.0, 1.0, 0.0, 0.0, 0.0),
    "windy": (0.05, 1.0, 1.0, 0.02, 0.3, 0.0),
    "cloudy": (0.55, 0.92, 0.75, 0.15, 0.9, 0.1),
    "foggy": (0.46, 0.99, 0.84, 0.58, 0.12, 0.35),
    "rainy": (0.72, 0.82, 0.72, 0.35, 0.95, 0.4),
    "stormy": (0.8, 0.58, 0.68, 0.3, 1.0, 0.6),
    "snowy": (0.6, 1.02, 0.6, 0.45, 0.8, 0.3),
}


def light_of(style: Style) -> Light:
    """The light of an hour under a weather."""
    base = HOURS[style.time]
    grey, bright, rich, air, clouds, lamps = WEATHER[style.weather]

    def bend(colour: Colour, veil: float) -> Colour:
        grey_of = luma(colour) * 0.55 + luma(base.haze) * 0.45
        veiled = mix(colour, mix((grey_of, grey_of, grey_of * 1.04), base.haze, 0.45), veil)
        return times(saturate(veiled, rich), bright)

    return replace(
        base,
        sky=tuple((at, bend(colour, grey * (0.75 + 0.25 * at))) for at, colour in base.sky),
        ambient=times(saturate(base.ambient, 1 - grey * 0.4), (1 + bright) / 2),
        key=mix(base.key, base.ambient, grey * 0.75),
        haze=bend(base.haze, grey * 0.5),
        air=min(1.0, base.air + air),
        clouds=min(1.0, base.clouds * 0.7 + clouds),
        lamps=min(1.0, base.lamps + lamps * (0.4 if base.lamps < 0.1 else 1.0)),
        stars=base.stars * (1 - min(1.0, grey * 1.5)),
    )


@dataclass(frozen=True, slots=True)
class Grade:
    """The look laid over everything: exposure, contrast around `pivot`, saturation, tints, vignette, bloom 0–1."""

    exposure: float = 1.0
    contrast: float = 1.04
    saturation: float = 1.0
    shadows: Colour = (0.0, 0.0, 0.0)
    highlights: Colour = (0.0, 0.0, 0.0)
    vignette: float = 0.3
    bloom: float = 0.25
    pivot: float = 0.42

    def apply(self, rgb_planes: Field) -> Field:
        """Grade a (3, …) array of straight colours."""
        planes = rgb_planes * np.float32(self.exposure)
        grey = (0.2126 * planes[0] + 0.7152 * planes[1] + 0.0722 * planes[2])[None]
        planes = grey + (planes - grey) * np.float32(self.saturation)
        planes = (planes - np.float32(self.pivot)) * np.float32(self.contrast) + np.float32(self.pivot)
        grey = np.clip(grey, 0, 1)
        for i in range(3):
            planes[i] += self.shadows[i] * (1 - grey[0]) ** 2 + self.highlights[i] * grey[0] ** 1.5
        out: Field = np.clip(planes, 0.0, 1.0).astype(np.float32)
        return out

    def colour(self, colour: Colour) -> Colour:
        """Grade one colour."""
        red, green, blue = (float(v) for v in self.apply(np.array(colour, dtype=np.float32).reshape(3, 1, 1)).ravel())
        return (red, green, blue)


GRADES: dict[str, Grade] = {
    "neutral": Grade(),
    "mysterious": Grade(0.93, 1.1, 0.84, (-0.01, 0.015, 0.035), (0.0, 0.012, 0.0), 0.52, 0.38),
    "cheerful": Grade(1.08, 1.05, 1.24, (0.02, 0.01, 0.0), (0.03, 0.02, -0.02), 0.14, 0.3),
    "tense": Grade(0.86, 1.26, 0.74, (0.02, -0.008, -0.005), (0.03, 0.0, -0.03), 0.62, 0.15),
    "romantic": Grade(1.02, 0.98, 1.12, (0.035, 0.005, 0.03), (0.05, 0.01, 0.015), 0.36, 0.55),
    "melancholic": Grade(0.9, 0.98, 0.6, (0.0, 0.012, 0.045), (-0.03, 0.0, 0.02), 0.42, 0.2),
    "curious": Grade(1.03, 1.06, 1.12, (0.01, 0.01, 0.015), (0.03, 0.018, -0.015), 0.3, 0.32),
    "calm": Grade(1.03, 0.96, 0.98, (0.012, 0.016, 0.02), (0.02, 0.012, 0.0), 0.22, 0.35),
}


def grade_of(style: Style) -> Grade:
    """The grade of a mood, between neutral and full by the style's intensity (0.6 is as designed)."""
    full, plain = GRADES[style.mood], GRADES["neutral"]
    t = 0.4 + style.intensity
    blend = {
        name: getattr(plain, name) + (getattr(full, name) - getattr(plain, name)) * t
        for name in ("exposure", "contrast", "saturation", "vignette", "bloom")
    }
    dark = style.time == "night" or style.weather == "stormy"
    if dark:  # what is dark already must not sink further
        blend["exposure"] = blend["exposure"] * 1.1 + 0.06
        blend["vignette"] *= 0.7
    pivot = 0.16 if dark else 0.24 if style.time == "dusk" or style.indoors else 0.42
    return Grade(shadows=times_signed(full.shadows, t), highlights=times_signed(full.highlights, t), pivot=pivot, **blend)


def times_signed(colour: Colour, factor: float) -> Colour:
    """Scale a tint, which may be negative."""
    return (colour[0] * factor, colour[1] * factor, colour[2] * factor)
