"""The recipe `portrait`."""

from __future__ import annotations

from pathlib import Path

from generation.providers.animatic.makers import save_jpeg
from generation.recipes import Progress, Recipe, Rendered

from .look import face_of, read_look
from .painter import portrait

SIZE = (600, 800)


def make_portrait(recipe: Recipe, target_dir: Path, progress: Progress) -> Rendered:
    """A bust as JPEG, 600×800 unless the recipe says otherwise; the face lies in the square (100, 50, 400, 400)."""
    look = read_look(recipe["character"], int(recipe.get("seed", 0)))
    face = face_of(str(recipe.get("expression") or "neutral"))
    wide, high = recipe.get("size") or SIZE
    progress(0.1)
    path = target_dir / "portrait.jpg"
    save_jpeg(portrait(look, face, (int(wide), int(high))), path)
    return Rendered(path, None, "image/jpeg", int(wide), int(high), None, meta={"expression": str(recipe.get("expression") or "neutral")})
