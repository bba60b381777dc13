"""Words with their sources, and the little grammar that puts them together. Pure; English only."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from npcs.prompts.words import OLD_FROM, ROUGH, UNCOUNTED, YOUNG_TO
from npcs.writers import english


class Phrase(NamedTuple):
    """Some words, and what they come from, such as `action_block.pose`; without sources it is glue."""

    text: str
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the prompt under its name, with the phrases in it."""

    name: str
    pieces: tuple[Phrase, ...]

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces).strip(" ,")

    @property
    def phrases(self) -> tuple[Phrase, ...]:
        return tuple(piece for piece in self.pieces if piece.sources)

    @property
    def sources(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(source for piece in self.pieces for source in piece.sources))


def said(value: object) -> str:
    """A value as words: text with its spaces put in order, a list joined, nothing for what cannot be said (numbers, colour codes, objects)."""
    if isinstance(value, list | tuple):
        return listed([word for word in map(said, value) if word])
    if not isinstance(value, str):
        return ""
    text = " ".join(re.sub(r"[\x00-\x1f\x7f]|[_\s]+", " ", value).split()).strip(" .,;:")
    return "" if re.fullmatch(r"#[0-9a-fA-F]{3,8}", text) else text


def first_of(*candidates: tuple[str, str]) -> tuple[str, tuple[str, ...]]:
    """The first words there are, and every source that had a say in their being the ones."""
    asked: list[str] = []
    for source, words in candidates:
        asked.append(source)
        if words:
            return words, tuple(asked)
    return "", tuple(asked)


def age_words(value: object) -> str:
    """An age as it shows: in years only the young and the old, in words as it is written."""
    years = number_of(value)
    return "young" if 0 < years <= YOUNG_TO else "old" if years >= OLD_FROM else said(value).lower()


def number_of(value: object) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0


def a_thing(words: str) -> str:
    """With its article, where one thing of its kind is meant."""
    words = " ".join(words.split())
    last = words.rpartition(" ")[2].lower()
    if not words or last in UNCOUNTED or (last.endswith("s") and not last.endswith("ss")):
        return words
    return english.with_article(words)


def unique(words: Iterable[str]) -> str:
    return " ".join(dict.fromkeys(word for word in words if word))


def listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else ""


def joined(phrases: Sequence[Phrase], between: str) -> tuple[Phrase, ...]:
    return tuple(piece for phrase in phrases for piece in (Phrase(between), phrase))[1:]


def enumerated(phrases: Sequence[Phrase]) -> tuple[Phrase, ...]:
    """ "a", "a and b", "a, b and c"."""
    if len(phrases) < 2:
        return tuple(phrases)
    return (*joined(phrases[:-1], ", "), Phrase(" and "), phrases[-1])


def contrasted(words: Sequence[Phrase]) -> tuple[Phrase, ...]:
    """Adjectives, with "but" where strength follows what speaks against it."""
    if len(words) == 2 and words[0].text in ROUGH and words[1].text == "strong":
        return (words[0], Phrase(" but "), words[1])
    return enumerated(words)
