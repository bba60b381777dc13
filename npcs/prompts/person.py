"""How somebody looks, in words: what the author wrote, else what a drawn portrait shows at a glance. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from npcs.prompts.phrases import Phrase, a_thing, age_words, contrasted, enumerated, first_of, joined, said, unique
from npcs.prompts.words import BEARING, BUILDS, GARMENTS, MANNERS, PLACED, PRONOUNS, SKIN_CONDITIONS, STRONG_FROM, USUAL_COLOURS
from npcs.writers import english

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Person:
    snapshot: Values
    look: Values
    portrait: Values
    stats: Values
    is_minor: bool

    def identity(self) -> tuple[Phrase, ...]:
        """ "A gruff ship captain"."""
        traits = self.snapshot["personality"]
        voice = re.findall(r"[a-z]+(?:-[a-z]+)*", said(traits.get("voice_style")).lower())
        manner = next((word for word in voice if word in MANNERS), "")
        young = "young" if self.is_minor else ""
        kind, kind_sources = first_of(
            ("personality.occupation", english.lowered_start(said(traits.get("occupation")))),
            ("npc.role", said(self.snapshot.get("role")).lower()),
            *((f"{source}.{name}", _KINDS.get(_pronoun(value), "")) for source, name, value in self._presentations()),
        )
        kind = re.sub(r"^(a|an|the|my|our|one)\s+", "", kind, flags=re.IGNORECASE)
        words = [Phrase(manner, ("personality.voice_style",)), Phrase(young, ("npc.is_minor",)), Phrase(kind or "person", kind_sources)]
        found = [phrase for phrase in words if phrase.text]
        article = english.with_article(found[0].text).removesuffix(found[0].text)
        return (Phrase(article), *joined(found, " "))

    def appearance(self) -> tuple[Phrase, ...]:
        """ "She's weathered but strong, wearing a naval coat", as far as it is known."""
        words, worn, features = self._adjectives(), self._worn(), self._features()
        if not (words or worn or features):
            return ()
        presented = tuple(dict.fromkeys(f"{source}.{name}" for source, name, _ in self._presentations()))
        pronoun = next((found for _, _, value in self._presentations() if (found := _pronoun(value))), "they")
        parts: list[Phrase] = [Phrase(pronoun.capitalize(), presented)]
        be, have = ("'re", " have ") if pronoun == "they" else ("'s", " has ")
        if words:
            parts += [Phrase(f"{be} "), *contrasted(words)]
        if worn:
            parts += [Phrase(", wearing " if words else f"{be} wearing "), *enumerated(worn)]
        if features:
            parts += [Phrase(", with " if words or worn else have), *enumerated(features)]
        return tuple(parts)

    def _adjectives(self) -> list[Phrase]:
        age, age_sources = first_of(("look.age", age_words(self.look.get("age"))), ("portrait.age", age_words(self.portrait.get("age"))))
        height, height_sources = self._own("height")
        skin, skin_sources = self._own("skin")
        build, build_sources = self._own("build")
        strength = self.stats.get("strength")
        is_strong = isinstance(strength, int | float) and not isinstance(strength, bool) and strength >= STRONG_FROM
        words = [
            Phrase("" if self.is_minor else age, (*age_sources, "npc.is_minor")),
            Phrase(height, height_sources),
            Phrase(skin if skin in SKIN_CONDITIONS or not skin else f"{skin}-skinned", skin_sources),
            Phrase("" if build == "average" else BUILDS.get(build, build), build_sources),
            Phrase("strong" if is_strong else "", ("stats.strength",)),
        ]
        for trait, (low_to, low, high_from, high) in BEARING.items():
            value = self.snapshot["personality"].get(trait)
            if isinstance(value, int | float) and not isinstance(value, bool):
                words.append(Phrase(low if value < low_to else high if value >= high_from else "", (f"personality.{trait}",)))
        return [word for word in words if word.text]

    def _worn(self) -> list[Phrase]:
        clothing, sources = self._own("clothing")
        colour, colour_sources = self._own("clothing_color")
        plain = clothing.lower().replace(" ", "_")
        worn = []
        if clothing:
            said_colour = "" if USUAL_COLOURS.get(plain) == colour or colour in clothing.split() else colour
            worn.append(Phrase(a_thing(f"{said_colour} {clothing}"), (*sources, *colour_sources)))
        headgear, headgear_sources = self._own("headgear")
        if headgear not in ("", "none"):
            worn.append(Phrase(a_thing(headgear.replace("captain hat", "captain's hat")), headgear_sources))
        for key in sorted(set(self.look) & GARMENTS):
            worn.append(Phrase(self._thing_called(key), (f"look.{key}",)))
        return [phrase for phrase in worn if phrase.text]

    def _features(self) -> list[Phrase]:
        beard, beard_sources = self._own("beard")
        if beard and beard not in ("stubble", "moustache", "goatee") and not beard.endswith("beard"):
            beard = "" if beard == "none" else f"{beard} beard"
        hair = unique(said(self.look.get(name)) for name in ("hair_style", "hair_color", "hair"))
        found = [
            Phrase(beard if beard == "stubble" else a_thing(beard), beard_sources),
            Phrase("no hair" if hair in ("bald", "none") else f"{hair.removesuffix('hair').strip()} hair" if hair else "",
                   ("look.hair_style", "look.hair_color", "look.hair")),
        ]  # fmt: skip
        accessories = self.look.get("accessories")
        for word in map(said, accessories if isinstance(accessories, list) else [accessories]):
            found.append(Phrase(a_thing(word), ("look.accessories",)))
        for key in sorted(set(self.look) - PLACED - GARMENTS):
            found.append(Phrase(self._thing_called(key), (f"look.{key}",)))
        return [phrase for phrase in found if phrase.text]

    def _thing_called(self, key: str) -> str:
        """{"face": "weathered"} → "a weathered face"; {"tattoo": true} → "a tattoo"; {"coat": "navy coat"} → "a navy coat"."""
        value, name = self.look[key], said(key)
        words = name if value is True else said(value)
        if not words:
            return ""
        return a_thing(words if name.lower() in words.lower().split() else f"{words} {name}")

    def _own(self, name: str) -> tuple[str, tuple[str, ...]]:
        """What the author wrote, else what the portrait shows."""
        return first_of((f"look.{name}", said(self.look.get(name)).lower()), (f"portrait.{name}", said(self.portrait.get(name)).lower()))

    def _presentations(self) -> list[tuple[str, str, object]]:
        names = ("pronouns", "presentation", "gender")
        return [("look", name, self.look.get(name)) for name in names] + [("portrait", name, self.portrait.get(name)) for name in names[1:]]


_KINDS: Final = {"she": "woman", "he": "man"}


def _pronoun(value: object) -> str:
    return next((PRONOUNS[word] for word in re.split(r"\W+", said(value).lower()) if word in PRONOUNS), "")
