"""A still for a scene that has no picture yet: its title on a sky of its own colours. Deterministic, a few milliseconds."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

SIZE = (480, 270)
VERSION = 1


class Drawn:
    """`drawn(title, description)` is a PNG; `drawn.name(…)` names its content."""

    def name(self, title: str, description: str) -> str:
        return hashlib.sha256(f"{VERSION}\0{title}\0{description}".encode()).hexdigest()[:32]

    def __call__(self, title: str, description: str) -> bytes:
        return _png(title, description, self.name(title, description))


drawn = Drawn()


@lru_cache(maxsize=128)
def _png(title: str, description: str, name: str) -> bytes:
    seed = bytes.fromhex(name)
    top, bottom = _colour(seed[0], 0.24), _colour(seed[0] + 24, 0.62)
    image = Image.new("RGB", SIZE)
    draw = ImageDraw.Draw(image)
    wide, high = SIZE
    for y in range(high):
        share = y / high
        draw.line([(0, y), (wide, y)], fill=tuple(round(a + (b - a) * share) for a, b in zip(top, bottom, strict=True)))
    for layer in range(3):
        points = [(x, high * (0.62 + 0.12 * layer) + ((seed[(x // 40 + 7 * layer) % 16] % 48) - 24)) for x in range(0, wide + 41, 40)]
        draw.polygon([*points, (wide, high), (0, high)], fill=tuple(round(c * (0.55 - 0.13 * layer)) for c in bottom))
    font, small = ImageFont.load_default(30), ImageFont.load_default(15)
    for offset, colour in ((2, (0, 0, 0)), (0, (255, 255, 255))):
        draw.text((24 + offset, 28 + offset), _fitting(title, font, wide - 48), font=font, fill=colour)
        draw.text((24 + offset, 70 + offset), _fitting(description, small, wide - 48), font=small, fill=colour)
    file = BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def _colour(hue: int, light: float) -> tuple[int, ...]:
    """A muted colour by hue (0–255) and lightness (0–1)."""
    image = Image.new("HSV", (1, 1), (hue % 256, 110, round(255 * light))).convert("RGB")
    pixel = image.getpixel((0, 0))
    return pixel if isinstance(pixel, tuple) else (0, 0, 0)


def _fitting(text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width: int) -> str:
    line = " ".join(text.split())[:200]
    while line and font.getlength(line) > width:
        line = line[:-2].rstrip("…") + "…" if len(line) > 2 else ""
    return line
