"""The prompt of a line: what a model is told, in sections whose phrases name their sources, and the schema it must answer in. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from npcs.prompts import answer, guidance, moment, persona, tokens
from npcs.prompts.drafting import Draft, Role, fit
from npcs.prompts.phrases import Section
from npcs.prompts.tokens import TokenCounter
from npcs.writers.request import WriterRequest
from pixsim.lib.canonical import sha256

BUDGET: Final = 2000
"""Tokens of all sections together; what is required stays beyond it."""
SECTIONS: Final = (
    persona.identity, persona.personality, moment.mood, moment.relationship, moment.memory, moment.place_and_time, moment.scene, persona.voice,
    guidance.rules, guidance.rating, guidance.output, moment.conversation, moment.player,
)  # fmt: skip
"""One function each, in the order they are told. The last two go into the user's message."""


@dataclass(frozen=True, slots=True)
class PromptSection(Section):
    """A part of the prompt. The lower its `priority`, the sooner the budget cuts it; `role` is the message it is sent in."""

    priority: int = 0
    tokens: int = 0
    role: Role = "system"

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "text": self.text,
            "phrases": [{"text": piece.text, "sources": list(piece.sources)} for piece in self.pieces],
            "sources": list(self.sources),
            "tokens": self.tokens,
            "priority": self.priority,
            "role": self.role,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """What is sent, and where every word of it comes from.

    `schema` is the JSON schema of the answer. `tokens` are those of all sections together, `schema_tokens` those of the schema, as `counted_by`
    says and `estimated` where no vocabulary is at hand; `trimmed` names what the `budget` cut. `sha256` is of the messages and the schema: equal
    prompts have equal ones. `cached`: it was not built anew.
    """

    sections: tuple[PromptSection, ...]
    schema: Mapping[str, Any]
    tokens: int
    schema_tokens: int
    counted_by: str
    estimated: bool
    budget: int
    trimmed: tuple[str, ...]
    sha256: str
    cached: bool = False

    @property
    def messages(self) -> tuple[dict[str, str], ...]:
        """As chat completions take them: the system's message, then the user's."""
        return messages(self.sections)

    def as_json(self) -> dict[str, Any]:
        return {
            "sections": [section.as_json() for section in self.sections],
            "schema": self.schema,
            "tokens": self.tokens,
            "schema_tokens": self.schema_tokens,
            "counted_by": self.counted_by,
            "estimated": self.estimated,
            "budget": self.budget,
            "trimmed": list(self.trimmed),
            "sha256": self.sha256,
            "cached": self.cached,
        }


def build(request: WriterRequest, *, budget: int = BUDGET, count: TokenCounter | None = None) -> Prompt:
    """The prompt of a request: equal requests give equal prompts, whoever asks and wherever.

    `budget` is in tokens of all sections together; beyond it what is worth least is cut. The schema's own tokens are told beside them.
    """
    count = count or tokens.counter()
    drafts, used, trimmed = fit([make(request) for make in SECTIONS], budget=budget, count=count)
    sections = tuple(_finished(draft, used[draft.name]) for draft in drafts)
    schema = answer.schema(request)
    return Prompt(
        sections=sections,
        schema=schema,
        tokens=sum(used.values()),
        schema_tokens=tokens.of_json(count, schema),
        counted_by=count.name,
        estimated=count.estimated,
        budget=budget,
        trimmed=trimmed,
        sha256=sha256({"messages": messages(sections), "schema": schema}),
    )


def _finished(draft: Draft, used: int) -> PromptSection:
    return PromptSection(draft.name, draft.pieces, priority=draft.worth, tokens=used, role=draft.role)


def messages(sections: Iterable[PromptSection]) -> tuple[dict[str, str], ...]:
    sections = tuple(sections)
    roles: tuple[Role, Role] = ("system", "user")
    told = {role: "\n\n".join(section.text for section in sections if section.role == role and section.text) for role in roles}
    return tuple({"role": role, "content": text} for role, text in told.items())
