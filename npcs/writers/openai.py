"""The writer behind an OpenAI-compatible server: builds the prompt, asks, and reads what may be used of the answer."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import ClassVar

from generation.language import chat
from generation.language.chat import Answer, Count, Unanswered
from generation.language.endpoints import Endpoint
from npcs import proposals
from npcs.prompts import answer as answering
from npcs.prompts.dialogue import Prompt

from .base import OnPart, Usage, Written
from .growing import Growing
from .request import WriterRequest

log = logging.getLogger(__name__)

RAW_LENGTH = 8000


@dataclass(slots=True)
class OpenAI:
    """Speaks with one model of one endpoint, until `until` (a monotonic clock)."""

    key: ClassVar[str] = "openai"
    title: ClassVar[str] = "Language model"

    endpoint: Endpoint
    model: str
    prompt: Prompt
    until: float

    def write(self, request: WriterRequest, *, on_part: OnPart | None = None) -> tuple[Written, Answer]:
        """The line and what is to be known of the server. Raises Unanswered, with what had come so far."""
        answer = chat.ask(
            self.endpoint,
            model=self.model,
            messages=self.prompt.messages,
            schema=self.prompt.schema,
            schema_name=answering.NAME,
            until=self.until,
            safety_id=request.safety_id,
            on_text=_shown(on_part, prose=self.endpoint.ability(self.model).rung == "text"),
        )
        # A server nobody tested may take a schema and answer in prose all the same: then it is heard, and known from now on.
        tolerant = answer.rung != "json_schema" or not self.endpoint.ability(self.model).rung
        try:
            found = proposals.read(answer.text, request, tolerant=tolerant)
        except proposals.Nonsense as error:
            raise self.unusable("length" if answer.finish == "length" else "nonsense", answer) from error
        if answer.finish == "length" and found.prose:
            raise self.unusable("length", answer)
        written = Written(
            text=found.reply,
            emotion=found.emotion,
            memory=found.memory,
            writer=self.key,
            proposed=found.effects,
            choices=found.choices,
            model=self.model,
            usage=self.usage(answer.count),
            latency_ms=answer.latency_ms,
            raw=answer.text[:RAW_LENGTH],
            ladder=(*answer.tried, "text") if found.prose and answer.rung != "text" else answer.tried,
            problems=found.problems,
            prompt=self.prompt,
        )
        return written, answer

    def usage(self, count: Count) -> Usage:
        """With its price, in millionths of a US dollar."""
        cost = self.endpoint.prices_of(self.model).cost(prompt=count.prompt, cached=count.cached, completion=count.completion)
        return Usage(
            prompt_tokens=count.prompt, completion_tokens=count.completion, cached_tokens=count.cached, estimated=count.estimated, cost=cost
        )  # fmt: skip

    def unusable(self, reason: str, answer: Answer) -> Unanswered:
        error = Unanswered(reason)
        error.text, error.sent, error.tried = answer.text, True, answer.tried
        error.count = answer.count
        return error


def _shown(on_part: OnPart | None, *, prose: bool) -> OnPart | None:
    """Hears pieces of an answer and passes on the line, all of it, whenever it has grown."""
    if on_part is None:
        return None
    growing, deaf = Growing(prose=prose), False

    def hear(piece: str) -> None:
        nonlocal deaf
        if deaf or not growing.feed(piece):
            return
        try:
            on_part(growing.line)
        except Exception:  # whoever shows it may fail; the line is written all the same
            log.exception("A growing line could not be shown.")
            deaf = True

    return hear
