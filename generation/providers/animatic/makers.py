"""Recipes of the animatic painter: a clip with its poster, or a single picture."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PIL import Image

from generation.intake.label import BY_PROGRAM, xmp
from generation.recipes import Progress, Recipe, Rendered

from .encode import MADE_BY, encode
from .film import Film
from .style import Style, parse

SIZE = (1280, 720)
FPS = 24
SECONDS = 8.0


def style_of(recipe: Recipe) -> Style:
    """The recipe's words, understood."""
    style: Mapping[str, Any] = recipe.get("style") or {}
    character = recipe.get("character")
    if isinstance(character, Mapping) and recipe.get("expression"):
        character = {**character, "expression": recipe["expression"]}
    return parse(recipe.get("prompt", ""), style, recipe.get("seed", 0), character)


def _size(recipe: Recipe) -> tuple[int, int]:
    wide, high = recipe.get("size") or SIZE
    return int(wide), int(high)


def make_clip(recipe: Recipe, target_dir: Path, progress: Progress) -> Rendered:
    """An H.264 MP4 and its poster; 8 s, 1280×720, 24 fps unless the recipe says otherwise."""
    style, size = style_of(recipe), _size(recipe)
    seconds = float(recipe.get("duration_sec") or (recipe.get("style") or {}).get("duration_sec") or SECONDS)
    fps = int(recipe.get("fps") or FPS)
    film = Film(style, size, seconds)
    progress(0.08)
    clip, poster = target_dir / "clip.mp4", target_dir / "poster.jpg"
    save_jpeg(film.image(seconds * 0.4), poster)
    frames = film.frames(fps, lambda share: progress(0.1 + 0.88 * share))
    encode(frames, clip, size=size, fps=fps, title=str(recipe.get("prompt", "")))
    count = max(1, round(seconds * fps))
    return Rendered(clip, poster, "video/mp4", *size, duration_sec=count / fps, meta={"made_by": MADE_BY})


def make_still(recipe: Recipe, target_dir: Path, progress: Progress) -> Rendered:
    """One frame as JPEG; 1280×720 unless the recipe says otherwise."""
    style, size = style_of(recipe), _size(recipe)
    picture = target_dir / "picture.jpg"
    film = Film(style, size, SECONDS)
    progress(0.8)
    save_jpeg(film.image(float(recipe.get("at_sec", 0.4 * SECONDS))), picture)
    return Rendered(picture, None, "image/jpeg", *size, duration_sec=None, meta={"made_by": MADE_BY})


def save_jpeg(image: Image.Image, path: Path) -> None:
    """Write a JPEG that says who made it; nothing in it depends on the clock."""
    exif = Image.Exif()
    exif[0x010E] = MADE_BY  # ImageDescription
    exif[0x0131] = "PixSim"  # Software
    image.save(path, "JPEG", quality=90, optimize=True, progressive=True, subsampling=0, exif=exif.tobytes(), xmp=xmp(BY_PROGRAM))
