"""What a prompt and its style ask for, in the painter's own words.

Words outside the vocabulary are not lost: they are looked up for places and people like the prompt, and the whole
style seeds the noise, so no field is without effect on the picture.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from generation.paint.noise import seed_of

TIMES: dict[str, tuple[str, ...]] = {
    "dawn": ("dawn", "sunrise", "daybreak", "first light"),
    "morning": ("morning",),
    "noon": ("noon", "midday", "day", "daytime", "daylight"),
    "afternoon": ("afternoon",),
    "sunset": ("sunset", "golden hour", "sundown"),
    "dusk": ("dusk", "evening", "twilight", "blue hour"),
    "night": ("night", "midnight", "moonlit", "moonlight"),
}
WEATHERS: dict[str, tuple[str, ...]] = {
    "foggy": ("fog", "foggy", "mist", "misty", "haze", "hazy"),
    "stormy": ("storm", "stormy", "thunder", "thunderstorm", "lightning", "tempest"),
    "rainy": ("rain", "rainy", "drizzle", "raining", "wet"),
    "snowy": ("snow", "snowy", "snowing", "blizzard", "frost"),
    "cloudy": ("cloudy", "overcast", "clouds", "grey sky"),
    "windy": ("wind", "windy", "breeze", "gale"),
    "clear": ("clear", "sunny", "cloudless", "fair"),
}
MOODS: dict[str, tuple[str, ...]] = {
    "mysterious": ("mysterious", "mystery", "eerie", "secretive", "enigmatic", "mystic", "suspicious"),
    "cheerful": ("cheerful", "happy", "joyful", "festive", "bright", "lively", "excited", "bustling", "playful"),
    "tense": ("tense", "angry", "dangerous", "threatening", "hostile", "dramatic", "grim", "anxious", "gritty"),
    "romantic": ("romantic", "tender", "intimate", "warm", "flirty", "loving", "dreamy"),
    "melancholic": ("melancholic", "melancholy", "sad", "lonely", "bleak", "wistful", "sombre", "somber", "tired"),
    "curious": ("curious", "intrigued", "adventurous", "wonder", "hopeful"),
    "calm": ("calm", "peaceful", "serene", "quiet", "cosy", "cozy", "friendly", "relaxed"),
    "neutral": ("neutral", "plain"),
}
CAMERAS: dict[str, tuple[str, ...]] = {
    "static": ("static", "still", "locked", "fixed", "none"),
    "pan left": ("pan left", "slow pan left", "pan to the left"),
    "pan": ("pan", "slow pan", "pan right", "slow pan right", "tracking", "track", "dolly right"),
    "push in": ("push in", "slow push in", "zoom in", "slow zoom", "dolly in", "push", "zoom", "push-in"),
    "pull out": ("pull out", "pull back", "zoom out", "dolly out", "pull", "reveal"),
    "tilt down": ("tilt down", "crane down"),
    "tilt": ("tilt", "tilt up", "crane", "crane up"),
    "handheld": ("handheld", "hand-held", "shaky", "shake"),
}
PLACES: dict[str, tuple[str, ...]] = {
    "tavern": (
        "tavern", "inn", "bar", "pub", "taproom", "bartender", "hearth", "interior", "cabin", "cellar",
        "room", "indoors", "counter", "fireplace",
    ),
    "market": ("market", "marketplace", "stall", "stalls", "bazaar", "square", "vendor", "vendors", "traders", "fountain"),
    "harbor": (
        "harbor", "harbour", "dock", "docks", "pier", "port", "quay", "wharf", "ship", "ships", "seagull",
        "seagulls", "mast", "masts", "sail", "sails", "warehouse",
    ),
    "street": ("street", "alley", "alleys", "lane", "rooftop", "rooftops", "town", "city", "houses", "road"),
    "forest": ("forest", "woods", "trees", "grove", "jungle"),
    "sea": ("sea", "ocean", "waves", "open water", "horizon", "island", "voyage"),
    "hills": ("hills", "mountain", "mountains", "valley", "field", "fields", "meadow", "plain", "landscape"),
}  # fmt: skip
PEOPLE = (
    "captain", "person", "woman", "man", "guard", "thief", "merchant", "bartender", "girl", "boy", "sailor", "figure",
    "figures",
    "stranger", "someone", "smuggler", "she", "he", "mara", "ren", "jorin", "character", "pickpocket", "trader", "crowd",
    "people",
)  # fmt: skip
CLOSE = ("closeup", "close-up", "close up", "medium_closeup", "medium closeup", "portrait", "bust", "vignette")


@dataclass(frozen=True, slots=True)
class Style:
    """A recipe understood. `intensity` 0–1 strengthens mood and weather; `seed` already contains every input."""

    place: str
    time: str
    weather: str
    mood: str
    camera: str
    intensity: float
    dim: bool
    close: bool
    people: tuple[str, ...]
    words: frozenset[str]
    text: str
    seed: int
    character: Mapping[str, Any] | None = field(default=None)

    @property
    def indoors(self) -> bool:
        return self.place == "tavern"

    @property
    def wet(self) -> bool:
        return self.weather in ("rainy", "stormy")


def words_of(text: str) -> list[str]:
    """Lower-case words, underscores read as spaces."""
    return re.findall(r"[a-zà-ÿ'-]+", text.lower().replace("_", " "))


def _pick(vocabulary: Mapping[str, Sequence[str]], text: str) -> str | None:
    """The entry whose words occur most often in the text; the earlier mention wins a tie."""
    best: tuple[float, str] | None = None
    for name, synonyms in vocabulary.items():
        hits = [m.start() for word in synonyms for m in re.finditer(rf"(?<![a-z]){re.escape(word)}(?![a-z])", text)]
        if hits:
            longest = max(len(word) for word in synonyms if word in text)
            score = (len(hits) + longest / 100) - min(hits) / 10_000
            best = max(best or (0.0, ""), (score, name))
    return best[1] if best else None


def _choose(vocabulary: Mapping[str, Sequence[str]], said: object, prompt: str, default: str) -> str:
    text = " ".join(words_of(str(said))) if said else ""
    return (_pick(vocabulary, text) if text else None) or _pick(vocabulary, prompt) or default


def parse(prompt: str, style: Mapping[str, Any] | None = None, seed: int = 0, character: Any = None) -> Style:
    """Read a prompt and its style fields; never fails on words, only shapes are checked by the recipe."""
    style = dict(style or {})
    extra = " ".join(str(v) for k, v in sorted(style.items()) if isinstance(v, str) and k not in _KNOWN)
    text = " ".join(words_of(f"{prompt} {extra}"))
    angle = f"{style.get('camera_angle', '')} {style.get('shot', '')}".lower()
    people = tuple(word for word in PEOPLE if re.search(rf"(?<![a-z]){word}(?![a-z])", text))
    close = any(word in angle for word in CLOSE) or (not angle.strip() and any(word in text for word in CLOSE))
    return Style(
        place=_pick(PLACES, str(style.get("place", "")).lower()) or _pick(PLACES, text) or "hills",
        time=_choose(TIMES, style.get("time_of_day"), text, "noon"),
        weather=_choose(WEATHERS, style.get("weather"), text, "clear"),
        mood=_choose(MOODS, style.get("mood"), text, "neutral"),
        camera=_choose(CAMERAS, style.get("camera_movement"), "", "static"),
        intensity=_number(style.get("intensity"), 0.6),
        dim=any(word in text for word in ("dim", "dark", "candlelit", "shadowy", "gloomy")),
        close=bool(close and (people or character)),
        people=people,
        words=frozenset(text.split()),
        text=text,
        seed=seed_of(prompt, json.dumps(style, sort_keys=True, default=str), seed),
        character=character if isinstance(character, Mapping) else None,
    )


_KNOWN = frozenset({"time_of_day", "weather", "mood", "camera_movement", "duration_sec", "camera_angle", "intensity", "place", "shot"})


def _number(value: object, default: float) -> float:
    return min(1.0, max(0.0, float(value))) if isinstance(value, int | float) else default
