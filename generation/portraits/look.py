"""How a person looks and what moves in a face: plain data read from a recipe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from generation.paint.colour import Colour, mix, rgb, times
from generation.paint.noise import generator
from pixsim.lib.errors import FieldError, Invalid

SKINS: dict[str, str] = {
    "pale": "#f1d2be", "fair": "#e9bd9f", "light": "#e9bd9f", "tan": "#cf9a74", "weathered": "#c98f6b", "olive": "#bf9168", "bronze": "#a8714c",
    "brown": "#8d5a3c", "dark": "#6a412c", "deep": "#4f2f22",
}  # fmt: skip
HAIRS: dict[str, str] = {
    "black": "#221e22", "dark": "#32251f", "brown": "#573723", "chestnut": "#6e3d22", "auburn": "#7c3620", "red": "#a04a22", "copper": "#a95a2a",
    "blond": "#c99b58", "blonde": "#c99b58", "straw": "#d4b06c", "grey": "#8f8d8b", "gray": "#8f8d8b", "silver": "#b9bcc0", "white": "#d9d8d4",
}  # fmt: skip
EYES: dict[str, str] = {
    "brown": "#6d4526", "dark": "#3a2a20", "hazel": "#8a6a34", "amber": "#b07a2c", "green": "#4e7a4c", "blue": "#4a7ca6", "grey": "#72808a",
    "gray": "#72808a", "sea": "#3f8a8a", "violet": "#6a5490",
}  # fmt: skip
CLOTHS: dict[str, str] = {
    "navy": "#22304f", "blue": "#34507c", "red": "#7c2a26", "crimson": "#8a2430", "green": "#3c5238", "forest": "#2c4234", "brown": "#5a3f2b",
    "black": "#26242a", "grey": "#565a60", "gray": "#565a60", "cream": "#cfc0a0", "white": "#d8d2c4", "ochre": "#a8792e", "purple": "#523560",
    "teal": "#2a5a5c", "rust": "#8a4a28", "leather": "#6a452c", "plum": "#5a2c40",
}  # fmt: skip
BACKDROPS = ("harbor", "tavern", "market", "night", "plain")
HAIR_STYLES = ("tied", "short", "messy", "long", "bob", "bun", "braid", "curly", "cropped", "bald")
BEARDS = ("none", "stubble", "short", "full", "moustache", "goatee")
HEADGEAR = ("none", "captain_hat", "hood", "helmet", "bandana", "cap", "wide_hat")
CLOTHING = ("shirt", "naval_coat", "cloak", "guard_armor", "apron", "dress", "vest")
ACCESSORIES = ("earring", "scar", "eyepatch", "necklace", "scarf", "freckles", "epaulettes")
PRESENTATIONS = ("feminine", "masculine", "androgynous")
BUILDS = ("slim", "average", "broad")


@dataclass(frozen=True, slots=True)
class Look:
    """A person. age in years; facing −1 looks to the left of the picture, 1 to the right."""

    skin: Colour
    hair: Colour
    eyes: Colour
    cloth: Colour
    trim: Colour
    hair_style: str
    beard: str
    headgear: str
    clothing: str
    presentation: str
    build: str
    backdrop: str
    accessories: frozenset[str]
    age: int
    facing: int
    seed: int

    @property
    def masculine(self) -> float:
        return {"masculine": 1.0, "androgynous": 0.45}.get(self.presentation, 0.0)

    @property
    def lined(self) -> float:
        """How much age shows, 0 at 28 … 1 at 65."""
        return min(1.0, max(0.0, (self.age - 28) / 37))

    @property
    def veil(self) -> Colour:
        """What a shadow multiplies skin by."""
        return times(self.shadow, (1 / max(self.skin[0], 0.01), 1 / max(self.skin[1], 0.01), 1 / max(self.skin[2], 0.01)))

    @property
    def shadow(self) -> Colour:
        """Skin in shade: darker, richer, towards red and then blue."""
        return mix(times(self.skin, (0.64, 0.51, 0.5)), (0.2, 0.15, 0.24), 0.2)


def read_look(character: Mapping[str, Any], seed: int = 0) -> Look:
    """Read a recipe's character; what it leaves out is drawn by seed. Unknown words raise Invalid with what is known."""
    known = {
        "skin", "hair_style", "hair_color", "hair", "eyes", "age", "beard", "headgear", "clothing", "clothing_color", "trim_color", "accessories",
        "presentation", "gender", "build", "backdrop", "facing", "name", "expression",
    }  # fmt: skip
    errors = [
        FieldError(f"/character/{key}", "unknown", f"A character has no {key!r}; allowed are {', '.join(sorted(known))}.")
        for key in sorted(set(character) - known)
    ]
    rng = generator("look", seed, character.get("name", ""))

    def colour(key: str, table: Mapping[str, str], default: str) -> Colour:
        value = str(character.get(key) or default).lower()
        if value in table:
            return rgb(table[value])
        try:
            return rgb(value)
        except ValueError:
            errors.append(FieldError(f"/character/{key}", "unknown", f"{value!r} is no colour known here: a #rrggbb or one of {', '.join(table)}."))
            return rgb(table[default])

    def word(key: str, choices: tuple[str, ...], default: str) -> str:
        value = str(character.get(key) or default).lower().replace(" ", "_").replace("-", "_")
        if value not in choices:
            errors.append(FieldError(f"/character/{key}", "unknown", f"{value!r} is not one of {', '.join(choices)}."))
            return default
        return value

    presentation = str(character.get("presentation") or character.get("gender") or "androgynous").lower()
    presentation = {"female": "feminine", "woman": "feminine", "male": "masculine", "man": "masculine"}.get(presentation, presentation)
    clothing = word("clothing", CLOTHING, "shirt")
    cloth_default = {"naval_coat": "navy", "cloak": "forest", "guard_armor": "red", "apron": "cream", "dress": "plum", "vest": "ochre"}.get(
        clothing, "cream"
    )
    accessories = character.get("accessories") or []
    accessories = [accessories] if isinstance(accessories, str) else list(accessories)
    for number, name in enumerate(accessories):
        if name not in ACCESSORIES:
            errors.append(FieldError(f"/character/accessories/{number}", "unknown", f"{name!r} is not one of {', '.join(ACCESSORIES)}."))
    hair = str(character.get("hair") or "")
    look = Look(
        skin=colour("skin", SKINS, ("fair", "tan", "olive", "brown")[int(rng.integers(4))]),
        hair=colour("hair_color", HAIRS, hair if hair in HAIRS else ("black", "brown", "chestnut", "blond")[int(rng.integers(4))]),
        eyes=colour("eyes", EYES, ("brown", "hazel", "green", "blue")[int(rng.integers(4))]),
        cloth=colour("clothing_color", CLOTHS, cloth_default),
        trim=colour("trim_color", {**CLOTHS, "gold": "#c79a45", "silver": "#a9b0b8"}, "gold"),
        hair_style=word("hair_style", HAIR_STYLES, hair if hair in HAIR_STYLES else "short"),
        beard=word("beard", BEARDS, "none"),
        headgear=word("headgear", HEADGEAR, "none"),
        clothing=clothing,
        presentation=presentation if presentation in PRESENTATIONS else "androgynous",
        build=word("build", BUILDS, "average"),
        backdrop=word("backdrop", BACKDROPS, "plain"),
        accessories=frozenset(accessories),
        age=int(character.get("age") or 30) if isinstance(character.get("age") or 30, int | float) else 30,
        facing=1 if str(character.get("facing", "left")).lower() in ("right", "1") else -1,
        seed=int(seed),
    )
    if errors:
        raise Invalid(errors)
    return look


@dataclass(frozen=True, slots=True)
class Face:
    """What moves. Lengths in design units (the head is 310 high), shares 0–1; smile −1…1; roll in degrees.

    inner, outer: how far the ends of the brows are raised; near: extra for the brow nearer to us; pinch: brows drawn
    together; lid: how open the eyes are; squint: lower lids pushed up; gaze: where the irises go.
    """

    inner: float = 0.0
    outer: float = 0.0
    near: float = 0.0
    pinch: float = 0.0
    lid: float = 0.88
    squint: float = 0.0
    gaze_x: float = 0.0
    gaze_y: float = 0.0
    smile: float = 0.0
    skew: float = 0.0
    open: float = 0.0
    teeth: float = 0.0
    wide: float = 0.0
    press: float = 0.0
    blush: float = 0.12
    furrow: float = 0.0
    bags: float = 0.0
    roll: float = 0.0
    sink: float = 0.0

    def blend(self, other: Face, t: float) -> Face:
        """Between this face (0) and another (1)."""
        return replace(self, **{f.name: getattr(self, f.name) + (getattr(other, f.name) - getattr(self, f.name)) * t for f in fields(self)})


FACES: dict[str, Face] = {
    "neutral": Face(smile=0.04),
    "happy": Face(inner=4, outer=4, lid=0.8, squint=0.62, smile=0.92, open=0.34, teeth=0.9, wide=0.5, blush=0.5, roll=-1.5),
    "friendly": Face(inner=3, outer=2, lid=0.86, squint=0.3, smile=0.58, wide=0.26, blush=0.3, roll=-1.0),
    "angry": Face(inner=-11, outer=6, pinch=7, lid=0.7, squint=0.4, smile=-0.55, wide=0.12, press=0.8, blush=0.28, furrow=1.0, roll=1.0, sink=3),
    "curious": Face(inner=3, outer=3, near=11, lid=1.04, gaze_x=0.18, gaze_y=-0.1, smile=0.24, skew=0.6, blush=0.16, roll=-5.5),
    "sad": Face(
        inner=11, outer=-6, pinch=3, lid=0.62, gaze_x=-0.15, gaze_y=0.5, smile=-0.7, press=0.2, blush=0.2, furrow=0.3, bags=0.5, roll=3.5, sink=9
    ),
    "anxious": Face(
        inner=9, outer=-2, pinch=5, lid=1.14, gaze_x=0.5, gaze_y=0.05, smile=-0.36, open=0.14, wide=0.1, blush=0.1, furrow=0.7, roll=2.0, sink=2
    ),
    "excited": Face(inner=10, outer=9, lid=1.16, squint=0.25, smile=1.0, open=0.75, teeth=1.0, wide=0.42, blush=0.55, roll=-2.5, sink=-3),
    "tired": Face(inner=2, outer=-4, lid=0.42, gaze_y=0.25, smile=-0.2, blush=0.06, bags=1.0, roll=3.0, sink=7),
}
SYNONYMS = {
    "joyful": "happy",
    "cheerful": "happy",
    "furious": "angry",
    "hostile": "angry",
    "tense": "angry",
    "interested": "curious",
    "worried": "anxious",
    "afraid": "anxious",
    "scared": "anxious",
    "melancholic": "sad",
    "melancholy": "sad",
    "warm": "friendly",
    "romantic": "friendly",
    "flirty": "curious",
    "calm": "neutral",
    "sleepy": "tired",
    "surprised": "excited",
    "mysterious": "curious",
}


def face_of(expression: str) -> Face:
    """The face of an expression. Raises Invalid for a word nobody can draw."""
    name = expression.lower().strip()
    name = SYNONYMS.get(name, name)
    if name not in FACES:
        raise Invalid([FieldError("/expression", "unknown", f"{expression!r} is not one of {', '.join(sorted(FACES))}.")])
    return FACES[name]
