"""A person close to the camera: the portrait painter's bust, breathing and blinking, in front of a place."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from generation.paint.colour import Colour
from generation.paint.ink import Canvas
from generation.paint.noise import Field
from generation.portraits.look import Face, Look, face_of, read_look
from generation.portraits.painter import paint_bust

from .light import Grade, Light
from .stage import Piece, Planes, Shot, blit, to_planes
from .style import Style

MOODS = {
    "mysterious": "curious", "cheerful": "happy", "tense": "angry", "romantic": "friendly", "melancholic": "sad", "curious": "curious",
    "calm": "friendly", "neutral": "neutral",
}  # fmt: skip
SIZE = 1.02  # design units of the stage per design unit of the portrait


def look_of(style: Style) -> Look:
    """The recipe's character, else one read from the words of the prompt."""
    if style.character:
        given = {key: value for key, value in style.character.items() if key != "expression"}
        return read_look(given, style.seed % 1000)
    words = style.words
    look: dict[str, Any] = {"backdrop": "tavern" if style.indoors else "harbor"}
    if words & {"woman", "she", "girl", "her", "mara", "she's", "lady"}:
        look["presentation"] = "feminine"
    elif words & {"man", "he", "boy", "his", "jorin"}:
        look["presentation"] = "masculine"
    if words & {"captain", "naval", "navy", "officer"}:
        look |= {"clothing": "naval_coat", "hair_style": "tied", "hair_color": "auburn", "skin": "weathered", "age": 44}
        look.setdefault("presentation", "feminine")
    elif words & {"guard", "soldier", "watchman", "jorin"}:
        look |= {"clothing": "guard_armor", "headgear": "helmet", "beard": "short"}
    elif words & {"thief", "hooded", "stranger", "smuggler", "pickpocket", "ren"}:
        look |= {"clothing": "cloak", "headgear": "hood", "hair_style": "messy"}
    elif words & {"bartender", "barkeep", "innkeeper", "apron"}:
        look |= {"clothing": "apron", "hair_style": "bun" if look.get("presentation") == "feminine" else "short"}
    elif words & {"merchant", "trader", "vendor"}:
        look |= {"clothing": "vest"}
    if words & {"old", "elderly", "grey"}:
        look |= {"age": 66, "hair_color": "grey"}
    if "weathered" in words:
        look |= {"skin": "weathered", "age": max(44, int(look.get("age", 44)))}
    return read_look(look, style.seed % 1000)


def face_for(style: Style) -> Face:
    """The expression of the recipe, else of the mood, as strong as the style's intensity."""
    character: Mapping[str, Any] = style.character or {}
    face = face_of(str(character.get("expression") or MOODS[style.mood]))
    return face_of("neutral").blend(face, min(1.0, 0.35 + style.intensity))


class Sitter:
    """The bust as a layer: eyes open, half shut and shut, a slow breath, a shift of weight."""

    def __init__(self, style: Style, light: Light, grade: Grade, scale: float, rim: Colour, x: float) -> None:
        look, face = look_of(style), face_for(style)
        leaning = bool(style.words & {"leaning", "leans", "lean"})
        if leaning:
            face = replace(face, roll=face.roll - 2.5)
        self.frames: list[Planes] = []
        self.x = self.y = 0.0
        for lid in (1.0, 0.4, 0.0):
            canvas = paint_bust(look, replace(face, lid=face.lid * lid), scale * SIZE)
            _into_the_room(canvas, light, rim)
            canvas.origin, canvas.scale = (x, 720 - 742 * SIZE), scale
            planes, self.x, self.y = to_planes(canvas, grade)
            self.frames.append(planes)
        self.blinks = (1.3 + (style.seed % 7) * 0.12, 4.4 + (style.seed % 5) * 0.15, 4.75, 6.9)
        self.phase = (style.seed % 100) / 16

    def draw(self, shot: Shot) -> None:
        number = 0
        for at in self.blinks:
            since = shot.t - at
            if 0 <= since < 0.2:
                number = 2 if 0.05 <= since < 0.14 else 1
        breath = math.sin(2 * math.pi * shot.t / 3.6 + self.phase)
        weight = math.sin(2 * math.pi * shot.t / 7.4 + self.phase)
        zoom = (shot.camera.zoom - 1) * 0.25
        x = (self.x + 3.2 * weight - shot.camera.x * 1.05 + (self.x - 300) * zoom) * shot.scale
        y = (self.y + 2.6 * breath - shot.camera.y * 1.05 + 40 * zoom) * shot.scale
        blit(shot.planes, self.frames[number], x, y)


def _into_the_room(canvas: Canvas, light: Light, rim: Colour) -> None:
    """Bring the bust into the scene's light: its ambient over the picture, the fire along one side."""
    tone = np.array(light.ambient, dtype=np.float32)
    tone = tone / max(float(tone.max()), 0.05) * min(1.0, 0.62 + 0.42 * float(tone.max()))
    canvas.rgb *= (0.3 + 0.7 * tone)[:, None, None]
    canvas.light(canvas.edge(-5, -1.5, soft=2.4), rim, 0.62)
    y: Field = np.linspace(0, 1, canvas.height, dtype=np.float32)[:, None]
    canvas.shade(canvas.whole(np.broadcast_to(np.clip(y * 1.5 - 0.75, 0, 1), canvas.alpha.shape)), (0.4, 0.34, 0.36), 0.75)


def close_up(style: Style, light: Light, grade: Grade, scale: float, *, rim: Colour, x: float = 430.0) -> list[Piece]:
    """The pieces of a person close to the camera."""
    return [Sitter(style, light, grade, scale, rim, x)]
