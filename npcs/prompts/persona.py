"""Sections on who somebody is: identity, personality, voice. They change only when the author changes the NPC. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, TypeGuard

from npcs.prompts.dialogue_words import FIFTHS, LENGTHS, MANNERS, NATURE, NOTES
from npcs.prompts.drafting import REQUIRED, Draft, Line, bullet, says
from npcs.prompts.phrases import Phrase
from npcs.prompts.quoting import told
from npcs.writers import english
from npcs.writers.request import WriterRequest

TOLD_ELSEWHERE: Final = frozenset({*NATURE, "occupation", "background", "voice_style", "quirks", "interests"})


def identity(request: WriterRequest) -> Draft:
    traits, snapshot = request.snapshot["personality"], request.snapshot
    occupation, role = told(traits.get("occupation"), limit=200), told(request.role or snapshot.get("role"), limit=80).replace("_", " ")
    opening = [Phrase("You are "), Phrase(told(request.npc_name, limit=120) or "a character", ("npc.name",))]
    if occupation:
        opening += [Phrase(", "), Phrase(english.with_article(english.lowered_start(occupation)), ("personality.occupation",))]
    if role and role.lower() != occupation.lower():
        opening += [Phrase(", in the role of "), Phrase(english.with_article(role), ("npc.role",))]
    lines = [Line((*opening, Phrase(", a character in an interactive story. You speak with its player.")))]
    if description := told(snapshot.get("description")):
        lines.append(says(english.sentence(description), "npc.description", worth=60, name="identity.description"))
    if background := told(traits.get("background")):
        lines.append(Line((Phrase("Your past: "), Phrase(english.sentence(background), ("personality.background",))), 55, "identity.background"))
    return Draft("identity", "Who you are", tuple(lines))


def personality(request: WriterRequest) -> Draft:
    traits: Mapping[str, Any] = request.snapshot["personality"]
    lines = [_nature(name, traits[name]) for name in NATURE if _is_number(traits.get(name))]
    for name, title, worth in (("quirks", "Your habit", 40), ("interests", "You like to talk of", 35)):
        for number, words in enumerate(_listed(traits.get(name))):
            lines.append(
                bullet(Phrase(f"{title}: "), Phrase(words, (f"personality.{name}",)), worth=worth - min(number, 9), name=f"personality.{name}")
            )
    for name in sorted(set(traits) - TOLD_ELSEWHERE):
        words = told(traits[name], limit=400)
        if words and not is_note(name):
            title = english.raised_start(name.replace("_", " "))
            lines.append(bullet(Phrase(f"{title}: {words}", (f"personality.{name}",)), worth=20, name=f"personality.{name}"))
    return Draft("personality", "Your nature, as numbers from 0 to 1 and in words", tuple(lines))


def voice(request: WriterRequest) -> Draft:
    traits: Mapping[str, Any] = request.snapshot["personality"]
    lines = []
    if style := told(traits.get("voice_style"), limit=500):
        lines.append(Line((Phrase("Your voice: "), Phrase(english.sentence(style), ("personality.voice_style",)))))
    if _is_number(extraversion := traits.get("extraversion")):
        lines.append(says(next(words for below, words in LENGTHS if below is None or extraversion < below), "personality.extraversion"))
    for name, (below, low, since, high) in MANNERS.items():
        value = traits.get(name)
        if _is_number(value) and not below <= value < since:
            words = low if value < below else high
            lines.append(says(words, f"personality.{name}", worth=50, name="voice.manner"))
    return Draft("voice", "How you speak", tuple(lines))


def is_note(trait: str) -> bool:
    """Whether a free trait is a note of the author to himself, by the last word of its name."""
    words = re.split(r"[\W_]+", trait.lower().strip(" _-"))
    return words[-1] in NOTES or words[0] in ("author", "private", "internal")


def _nature(name: str, value: float) -> Line:
    number = sum(value >= bound for bound in FIFTHS)
    return bullet(Phrase(f"{english.raised_start(name)} {value:g}: {NATURE[name][number]}.", (f"personality.{name}",)), worth=REQUIRED)


def _listed(value: Any) -> list[str]:
    found = value.split(",") if isinstance(value, str) else value if isinstance(value, list | tuple) else ()
    return [words for each in found if (words := told(each, limit=200))]


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)
