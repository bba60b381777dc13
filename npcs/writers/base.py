"""What every writer gives. A writer puts words in an NPC's mouth; it never changes a state – what it proposes is checked elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from .request import WriterRequest

if TYPE_CHECKING:
    from npcs.prompts.dialogue import Prompt

OnPart = Callable[[str], None]
"""Hears all of a line so far, each time it has grown. The line in `Written` is the one that counts: another writer may have had to step in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What a line cost. Tokens as the server counted them, else `estimated`; `cost` in millionths of a US dollar."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    estimated: bool = False
    cost: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A line: its text, the emotion it shows (None: as the mood is), something to remember, and effects the writer would like (checked elsewhere).

    `choices` are answers a model proposes, each `{label, tone, effects}`, at most four. `ladder` are the rungs of the model's server that were
    tried, the one that answered last. `fallback` says why the scripted writer speaks in another's place; it is empty where it does not.
    `problems` say what of a model's answer was left out. `prompt` is what was sent, or would have been.
    """

    text: str
    emotion: str | None = None
    memory: Mapping[str, Any] | None = None
    writer: str = "scripted"
    proposed: dict[str, Any] = field(default_factory=dict)
    choices: tuple[Mapping[str, Any], ...] = ()
    model: str = ""
    usage: Usage | None = None
    latency_ms: int = 0
    raw: str = ""
    ladder: tuple[str, ...] = ()
    fallback: str = ""
    problems: tuple[str, ...] = ()
    prompt: Prompt | None = None


class Writer(Protocol):
    """One way of writing. `key` names it wherever its text appears; `on_part` hears a line grow, where the writer can."""

    key: ClassVar[str]
    title: ClassVar[str]

    def write(self, request: WriterRequest, *, on_part: OnPart | None = None) -> Written: ...
