"""A small grammar in the manner of Tracery: phrases with symbols that stand for other phrases, drawn by a seed. Pure.

`#name#` is one of the phrases of that name, `#name.capital#` changed by a modifier, `[one|another]` one of what stands there. A phrase may be
`{"say": …, "mood": […], "closeness": […], "part": […], "tone": […]}`: then it is drawn only where all it names holds, and of a symbol's phrases
before those that fit anywhere.
`{value}` is left for the caller to fill. Same rules, seed and occasion: same words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from npcs.writers import english

DEPTH: Final = 8
MODIFIERS: Final[Mapping[str, Callable[[str], str]]] = {
    "a": english.with_article,
    "capital": english.raised_start,
    "lower": english.lowered_start,
    "the": english.the_place,
}
_SYMBOL: Final = re.compile(r"#(\w+)((?:\.\w+)*)#")
_EITHER: Final = re.compile(r"\[([^\[\]]*\|[^\[\]]*)\]")

Phrase = str | Mapping[str, Any]
Pick = Callable[[str, Sequence[str]], str]


def say(phrase: str, rules: Mapping[str, Sequence[Phrase]], *, pick: Pick, occasion: Mapping[str, str]) -> str:
    """The phrase with all its symbols spoken out. Unknown symbols, and what is deeper than eight, say nothing."""
    return _spoken(phrase, rules, pick, occasion, phrase, 0)


def fitting(phrases: Sequence[Phrase], occasion: Mapping[str, str], *, mixed: bool = False) -> list[str]:
    """Those that may be said on this occasion: of them the ones that name most of it, or, `mixed`, all of them."""
    held = [(_closeness(phrase, occasion), phrase if isinstance(phrase, str) else str(phrase.get("say", ""))) for phrase in phrases]
    best = max((closeness for closeness, _ in held), default=-1)
    return [words for closeness, words in held if closeness >= 0 and (mixed or closeness == best)]


def _closeness(phrase: Phrase, occasion: Mapping[str, str]) -> int:
    """How many conditions hold; −1 where one does not."""
    if isinstance(phrase, str):
        return 0
    conditions = [(name, wanted) for name, wanted in phrase.items() if name != "say"]
    return len(conditions) if all(occasion.get(name, "") in wanted for name, wanted in conditions) else -1


def _spoken(phrase: str, rules: Mapping[str, Sequence[Phrase]], pick: Pick, occasion: Mapping[str, str], path: str, depth: int) -> str:
    def either(match: re.Match[str]) -> str:
        return pick(f"{path} [{match.start()}", match[1].split("|"))

    def symbol(match: re.Match[str]) -> str:
        options = fitting(rules.get(match[1], ()), occasion) if depth < DEPTH else []
        place = f"{path} {match[1]}{match.start()}"
        words = _spoken(pick(place, options), rules, pick, occasion, place, depth + 1) if options else ""
        for modifier in filter(None, match[2].split(".")):
            words = MODIFIERS.get(modifier, str)(words)
        return words

    return _SYMBOL.sub(symbol, _EITHER.sub(either, phrase))
