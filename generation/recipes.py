"""Recipes: what to make, as plain JSON. The same recipe gives the same bytes.

Rendering is pure file work and needs no Django; `python -m generation.recipes` runs one in a process of its own.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from pixsim.lib.canonical import sha256
from pixsim.lib.errors import FieldError, Invalid

Progress = Callable[[float], None]
Recipe = Mapping[str, Any]

MAX_TEXT = 5_000
STYLE_TEXTS = ("time_of_day", "weather", "mood", "camera_movement", "camera_angle", "pose", "lighting", "place")


@dataclass(frozen=True, slots=True)
class Rendered:
    """Files made from a recipe, inside the target directory; meta: what a reader of the file finds in it."""

    path: Path
    poster: Path | None
    mime: str
    width: int | None
    height: int | None
    duration_sec: float | None
    meta: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Renderer:
    """A maker of one kind of medium. `maker` is 'module:function', loaded when first used: web processes check
    recipes but never paint."""

    media_type: str
    maker: str
    keys: frozenset[str]
    needs: tuple[str, ...]

    def load(self) -> Callable[[Recipe, Path, Progress], Rendered]:
        module, _, name = self.maker.partition(":")
        made: Callable[[Recipe, Path, Progress], Rendered] = getattr(import_module(module), name)
        return made


PAINTED = frozenset({"renderer", "prompt", "style", "seed", "size", "character", "expression"})
RENDERERS: dict[str, Renderer] = {
    "animatic": Renderer("video", "generation.providers.animatic.makers:make_clip", PAINTED | {"fps", "duration_sec"}, ("prompt",)),
    "still": Renderer("image", "generation.providers.animatic.makers:make_still", PAINTED | {"at_sec"}, ("prompt",)),
    "portrait": Renderer(
        "image", "generation.portraits.makers:make_portrait", frozenset({"renderer", "character", "expression", "seed", "size", "style"}),
        ("character",),
    ),
    "gltf_scene": Renderer("gltf", "generation.gltf.makers:make_scene", frozenset({"renderer", "place", "objects", "seed"}), ("place",)),
}  # fmt: skip


def recipe_hash(recipe: Recipe) -> str:
    """Hex SHA-256 of the recipe's canonical JSON."""
    return sha256(recipe)


def media_type_of(recipe: Recipe) -> str:
    """image, video or gltf. Raises Invalid for an unknown renderer."""
    return _renderer(recipe).media_type


def _renderer(recipe: Recipe) -> Renderer:
    if not isinstance(recipe, Mapping):
        raise Invalid([FieldError("", "type", "A recipe is an object.")])
    name = recipe.get("renderer")
    if not isinstance(name, str) or name not in RENDERERS:
        raise Invalid([FieldError("/renderer", "unknown", f"There is no renderer {name!r}; there are {', '.join(sorted(RENDERERS))}.")])
    return RENDERERS[name]


def problems(recipe: Recipe) -> list[FieldError]:
    """Everything wrong with a recipe, each with its pointer; empty when it can be rendered."""
    try:
        renderer = _renderer(recipe)
    except Invalid as error:
        return list(error.errors)
    found = [
        FieldError(f"/{key}", "unknown", f"A {recipe['renderer']} recipe has no {key!r}; allowed are {', '.join(sorted(renderer.keys))}.")
        for key in sorted(set(recipe) - renderer.keys)
    ]
    found += [FieldError(f"/{key}", "required", f"{key!r} is needed.") for key in renderer.needs if not recipe.get(key)]
    found += _texts(recipe) + _numbers(recipe) + _style(recipe.get("style"))
    for key in ("character", "style"):
        if key in recipe and not isinstance(recipe[key], Mapping):
            found.append(FieldError(f"/{key}", "type", f"{key!r} is an object."))
    objects = recipe.get("objects", [])
    if not isinstance(objects, list) or not all(isinstance(item, str) and 0 < len(item) <= 80 for item in objects) or len(objects) > 200:
        found.append(FieldError("/objects", "type", "'objects' is a list of at most 200 names."))
    return found


def validate(recipe: Recipe) -> None:
    """Raises Invalid naming every problem."""
    found = problems(recipe)
    if found:
        raise Invalid(found)


def _texts(recipe: Recipe) -> list[FieldError]:
    found = []
    for key in ("prompt", "expression", "place"):
        value = recipe.get(key)
        if value is not None and not isinstance(value, str):
            found.append(FieldError(f"/{key}", "type", f"{key!r} is a text."))
        elif isinstance(value, str) and len(value) > MAX_TEXT:
            found.append(FieldError(f"/{key}", "too_long", f"{key!r} has more than {MAX_TEXT} characters."))
    return found


def _numbers(recipe: Recipe) -> list[FieldError]:
    found = []
    limits = {"seed": (0, 2**53), "fps": (1, 60), "duration_sec": (0.1, 30), "at_sec": (0, 30)}
    for key, (low, high) in limits.items():
        value = recipe.get(key)
        if value is not None and not _number(value, low, high):
            found.append(FieldError(f"/{key}", "range", f"{key!r} is a number from {low} to {high}."))
    size = recipe.get("size")
    if size is not None and not (
        isinstance(size, Sequence) and len(size) == 2 and all(_number(v, 32, 2048) and v == int(v) and v % 2 == 0 for v in size)
    ):
        found.append(FieldError("/size", "range", "'size' is [width, height], even numbers from 32 to 2048."))
    return found


def _style(style: Any) -> list[FieldError]:
    if not isinstance(style, Mapping):
        return []
    found = [
        FieldError(f"/style/{key}", "type", f"{key!r} is a short text.")
        for key in STYLE_TEXTS
        if key in style and (not isinstance(style[key], str) or len(style[key]) > 200)
    ]
    if "duration_sec" in style and not _number(style["duration_sec"], 0.1, 30):
        found.append(FieldError("/style/duration_sec", "range", "'duration_sec' is a number of seconds from 0.1 to 30."))
    if "intensity" in style and not _number(style["intensity"], 0, 1):
        found.append(FieldError("/style/intensity", "range", "'intensity' is a number from 0 to 1."))
    return found


def _number(value: Any, low: float, high: float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high


def render(recipe: Recipe, target_dir: Path, progress: Progress) -> Rendered:
    """Make the files of a recipe in `target_dir`; progress is told 0–1. Raises Invalid, or what the maker raises."""
    validate(recipe)
    target_dir.mkdir(parents=True, exist_ok=True)
    progress(0.0)
    made = _renderer(recipe).load()(recipe, target_dir, progress)
    progress(1.0)
    return made


def main(recipe_file: str, target_dir: str) -> None:
    """Render the recipe in a file, one JSON line of progress at a time, the last one with the result."""
    parent = os.getppid()

    def say(line: dict[str, Any]) -> None:
        sys.stdout.write(json.dumps(line, default=str) + "\n")
        sys.stdout.flush()

    def tell(share: float) -> None:
        if os.getppid() != parent:  # Whoever wanted this is gone; its lease runs out and somebody else starts anew.
            raise SystemExit(3)
        say({"progress": round(share, 4)})

    os.nice(10)  # Players are served first.
    made = render(json.loads(Path(recipe_file).read_text()), Path(target_dir), tell)
    say({"made": asdict(made)})


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
