"""Sections of a prompt while they are written: lines that know what they are worth, and the budget that cuts the cheapest. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from npcs.prompts.phrases import Phrase

Role = Literal["system", "user"]
REQUIRED: Final = 100


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a section. What is worth less goes first when the budget is short; `REQUIRED` never goes. `name` is told when it went."""

    pieces: tuple[Phrase, ...]
    worth: int = REQUIRED
    name: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A section under its title. Without lines it is left out."""

    name: str
    title: str
    lines: tuple[Line, ...]
    role: Role = "system"

    @property
    def pieces(self) -> tuple[Phrase, ...]:
        if not self.lines:
            return ()
        ended = [piece for line in self.lines for piece in (Phrase("\n"), *line.pieces)]
        return (Phrase(f"# {self.title}"), *ended) if self.title else tuple(ended[1:])

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces)

    @property
    def worth(self) -> int:
        return max((line.worth for line in self.lines), default=0)

    def without(self, line: Line) -> Draft:
        return Draft(self.name, self.title, tuple(each for each in self.lines if each is not line), self.role)


def bullet(*pieces: Phrase, worth: int = REQUIRED, name: str = "") -> Line:
    return Line((Phrase("- "), *pieces), worth, name)


def says(text: str, *sources: str, worth: int = REQUIRED, name: str = "") -> Line:
    return Line((Phrase(text, sources),), worth, name)


def fit(drafts: Iterable[Draft], *, budget: int, count: Callable[[str], int]) -> tuple[list[Draft], dict[str, int], tuple[str, ...]]:
    """The drafts within the budget, tokens by section, and the names of what was cut.

    The line worth least goes first, of equals the later one. What is required stays even beyond the budget: half a rule is none.
    """
    found = {draft.name: draft for draft in drafts}
    tokens = {name: count(draft.text) for name, draft in found.items()}
    trimmed: list[str] = []
    for draft, line in _cheapest_first(found):
        if sum(tokens.values()) <= budget:
            break
        found[draft.name] = found[draft.name].without(line)
        tokens[draft.name] = count(found[draft.name].text)
        trimmed.append(line.name or draft.name)
    kept = [draft for draft in found.values() if draft.lines]
    return kept, {draft.name: tokens[draft.name] for draft in kept}, tuple(trimmed)


def _cheapest_first(drafts: Mapping[str, Draft]) -> list[tuple[Draft, Line]]:
    latest_first = [(draft, line) for draft in drafts.values() for line in draft.lines if line.worth < REQUIRED][::-1]
    return sorted(latest_first, key=lambda pair: pair[1].worth)
