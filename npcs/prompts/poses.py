"""A pose of an action block as the predicate of a sentence: `leaning_on_bar` → "leans … on the bar". English only; pure."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from npcs.prompts.words import BARE, BODY, DOUBLED, INTRANSITIVE, PREPOSITIONS, VERBS
from npcs.writers import english


class Predicate(NamedTuple):
    """ "leans" + an adverb + "on the bar"; `adverb_first` where it must stand before the verb ("calmly holds a lantern")."""

    verb: str
    rest: str
    adverb_first: bool = False


def predicate(pose: str) -> Predicate:
    """What somebody in this pose does; standing for an empty one. Never raises: words nobody knows become "holds a … pose"."""
    words = re.findall(r"[^\W_]+(?:['’-][^\W_]+)*", pose.lower())
    if not words:
        return Predicate("stands", "before you")
    first, rest = words[0], words[1:]
    if base := _GERUNDS.get(first):
        transitive = base not in INTRANSITIVE and _has_object(rest)
        return Predicate(_third(base), _after(rest, noun_first=transitive), adverb_first=transitive)
    if first.endswith("ing"):
        return Predicate("is", f"{first} {_after(rest, noun_first=_has_object(rest))}".strip())
    if first in PREPOSITIONS:
        return Predicate("stands", _after(words))
    if first in BODY and rest:
        return Predicate("stands", f"with {' '.join(words)}")
    if first.endswith("ed"):
        return Predicate("is", f"{first} {_after(rest)}".strip())
    if first in BARE:
        return Predicate("stands", " ".join(words))
    return Predicate("holds", f"{english.with_article(' '.join(words))} pose", adverb_first=True)


def _has_object(words: list[str]) -> bool:
    return bool(words) and words[0] not in PREPOSITIONS | BARE


def _third(base: str) -> str:
    if base == "lie":
        return "lies"
    if base.endswith(("s", "sh", "ch", "x", "z")):
        return f"{base}es"
    return f"{base[:-1]}ies" if base.endswith("y") and base[-2] not in "aeiou" else f"{base}s"


def _gerund(base: str) -> str:
    if base in DOUBLED:
        return f"{base}{base[-1]}ing"
    return f"{base[:-1]}ing" if base.endswith("e") else f"{base}ing"


_GERUNDS: Final = {**{_gerund(base): base for base in VERBS}, "lying": "lie", "carrying": "carry"}


def _after(words: list[str], *, noun_first: bool = False) -> str:
    """The words after a verb, with the articles that an identifier leaves out: "on bar" → "on the bar", "lantern" → "a lantern"."""
    found: list[str] = []
    for index, word in enumerate(words):
        before = words[index - 1] if index else ""
        plural = word.endswith("s") and not word.endswith("ss")
        if index == 0 and noun_first and not plural:
            word = english.with_article(word)
        elif before in PREPOSITIONS and word not in BARE | PREPOSITIONS | BODY and not _named(words, index):
            word = f"the {word}"
        found.append(word)
    return " ".join(found)


def _named(words: list[str], index: int) -> bool:
    """Whether the word opens a phrase that says itself whose it is: "by mara's table"."""
    return words[index].endswith(("'s", "’s"))
