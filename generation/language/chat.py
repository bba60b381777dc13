"""One question to a model server, over `chat.completions`: streamed, within its time, at most sent twice, on the best rung of the ladder it climbs.

The ladder: `json_schema` (the server enforces the schema), `json_object` (the prompt asks for it), `text` (whatever comes). A server that refuses a
rung or a parameter is asked again without it, and `Answer.learned` says so, to be kept for the next time.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import httpx2
import openai

from generation.addresses import Forbidden

from .connection import Allowance, allowed, client
from .endpoints import RUNGS, Ability, Endpoint, Rung

log = logging.getLogger(__name__)

CHARACTERS_PER_TOKEN: Final = 4
RETRIED: Final = frozenset({"busy", "server", "dropped", "unreachable"})
PAUSE_SEC: Final = 0.3
SCHEMA_WORDS: Final = ("response_format", "json_schema", "json_object", "schema", "grammar", "structured")
OPTIONAL: Final = ("stream_options", "safety_identifier", "temperature", "stream")
NEW_LIMIT: Final = "max_completion_tokens"


class Unanswered(Exception):
    """No answer that can be used: `reason` is a key of REASONS. `text` is what had come, `sent` whether the server may count it, `count` what it
    counted if it said so."""

    def __init__(self, reason: str, message: str = "", *, rest_sec: float | None = None) -> None:
        super().__init__(message or reason)
        self.reason, self.rest_sec = reason, rest_sec
        self.text = ""
        self.sent = False
        self.tried: tuple[str, ...] = ()
        self.count: Count | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """Tokens, as the server counted them, else `estimated` at four characters each."""

    prompt: int
    completion: int
    cached: int = 0
    estimated: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """`learned` is what is to be kept of the model's abilities, None where nothing is new."""

    text: str
    finish: str
    count: Count
    rung: Rung
    tried: tuple[str, ...]
    latency_ms: int
    learned: Ability | None


@dataclass(slots=True)
class _Heard:
    """What has come so far."""

    text: list[str] = field(default_factory=list)
    refusal: str = ""
    tools: bool = False
    finish: str = ""
    usage: Any = None


def ask(
    endpoint: Endpoint,
    *,
    model: str,
    messages: Sequence[Mapping[str, str]],
    schema: Mapping[str, Any] | None = None,
    schema_name: str = "answer",
    until: float,
    safety_id: str = "",
    on_text: Callable[[str], None] | None = None,
    only: Rung | None = None,
) -> Answer:
    """The answer, before `until` (a monotonic clock). `on_text` hears each piece of the text as it comes. `only`: this rung and no other.

    Raises Unanswered, and nothing else.
    """
    known = endpoint.ability(model)
    begun = time.monotonic()
    question = _Question(endpoint, model, messages, schema, schema_name, safety_id)
    allowance = Allowance(until)
    tried: list[str] = []
    ability, retried = known, False
    rungs = [only] if only else list(RUNGS[RUNGS.index(known.rung) if known.rung else 0 if schema else 2 :])
    heard = _Heard()
    try:
        with allowed(allowance):
            while True:
                rung = rungs[0]
                if rung not in tried:
                    tried.append(rung)
                heard = _Heard()
                try:
                    _hear(question.send(rung, ability), heard, on_text)
                    break
                except Unanswered as error:
                    if error.reason == "lacks" and str(error) not in ability.lacks:
                        ability = replace(ability, lacks=(*ability.lacks, str(error)))
                    elif error.reason == "rung" and len(rungs) > 1:
                        rungs.pop(0)
                    elif error.reason in RETRIED and not retried and not heard.text and _time_for(error, until):
                        retried = True
                        time.sleep(error.rest_sec or PAUSE_SEC)
                    else:
                        raise
        return _answer(question, heard, rungs[0], tried, begun, known, ability)
    except Unanswered as error:
        error.reason = "too_large" if allowance.left < 0 else {"lacks": "rejected", "rung": "rejected"}.get(error.reason, error.reason)
        error.text, error.sent, error.tried = "".join(heard.text), allowance.sent, tuple(tried)
        log.info("%s on %s gave no answer: %s after %.0f ms", model, endpoint.key, error.reason, (time.monotonic() - begun) * 1000)
        raise


def _time_for(error: Unanswered, until: float) -> bool:
    """Whether a second try is worth it: the pause may take a third of what is left."""
    return (error.rest_sec or PAUSE_SEC) * 3 < until - time.monotonic()


def _answer(question: _Question, heard: _Heard, rung: Rung, tried: list[str], begun: float, known: Ability, found: Ability) -> Answer:
    text = "".join(heard.text)
    if heard.refusal:
        raise Unanswered("refused")
    if heard.finish == "content_filter":
        raise Unanswered("filtered")
    if heard.tools and not text:
        raise Unanswered("nonsense")
    if not text.strip():
        raise Unanswered("empty")
    learned = replace(found, rung=rung)
    return Answer(
        text=text,
        finish=heard.finish,
        count=_count(heard.usage) or estimate(question.messages, text),
        rung=rung,
        tried=tuple(tried),
        latency_ms=round((time.monotonic() - begun) * 1000),
        learned=learned if learned != known else None,
    )


def estimate(messages: Sequence[Mapping[str, str]], text: str) -> Count:
    """Where nobody counted."""
    asked = sum(len(message["content"]) for message in messages)
    return Count(math.ceil(asked / CHARACTERS_PER_TOKEN), math.ceil(len(text) / CHARACTERS_PER_TOKEN), estimated=True)


def _count(usage: Any) -> Count | None:
    prompt, completion = getattr(usage, "prompt_tokens", None), getattr(usage, "completion_tokens", None)
    if not isinstance(prompt, int) or not isinstance(completion, int) or not 0 <= prompt < 10**8 or not 0 <= completion < 10**8 or not prompt:
        return None
    cached = getattr(getattr(usage, "prompt_tokens_details", None), "cached_tokens", None)
    return Count(prompt, completion, cached if isinstance(cached, int) and 0 <= cached <= prompt else 0)


class _Question:
    def __init__(
        self,
        endpoint: Endpoint,
        model: str,
        messages: Sequence[Mapping[str, str]],
        schema: Mapping[str, Any] | None,
        schema_name: str,
        safety_id: str,
    ) -> None:
        self.endpoint, self.model, self.messages = endpoint, model, messages
        self.schema, self.schema_name, self.safety_id = schema, schema_name, safety_id

    def send(self, rung: Rung, ability: Ability) -> Any:
        """A stream, or a whole answer where the server knows no streams. Raises Unanswered."""
        options: dict[str, Any] = {"stream": True, "stream_options": {"include_usage": True}, NEW_LIMIT: self.endpoint.max_output_tokens}
        if self.safety_id:
            options["safety_identifier"] = self.safety_id
        if self.endpoint.temperature is not None:
            options["temperature"] = self.endpoint.temperature
        if rung == "json_schema":
            options["response_format"] = {"type": rung, "json_schema": {"name": self.schema_name[:64], "strict": True, "schema": self.schema}}
        elif rung == "json_object":
            options["response_format"] = {"type": rung}
        for name in ability.lacks:
            value = options.pop(name, None)
            if name == NEW_LIMIT:
                options["max_tokens"] = value
            if name == "stream":
                options.pop("stream_options", None)
        try:
            server = client(self.endpoint.base_url, self.endpoint.secret, trusted=self.endpoint.id is None)
            create: Any = server.chat.completions.create
            return create(model=self.model, messages=list(self.messages), timeout=60, **options)
        except Exception as error:
            raise _understood(error, options) from error


def _hear(answer: Any, heard: _Heard, on_text: Callable[[str], None] | None) -> None:
    """Takes the answer in as it comes. Raises Unanswered."""
    try:
        for event in answer if isinstance(answer, openai.Stream) else _as_event(answer):
            if isinstance(getattr(event, "usage", None), object) and event.usage is not None:
                heard.usage = event.usage
            choices = event.choices or []
            if not isinstance(choices, list):
                raise Unanswered("nonsense")
            for choice in choices[:1]:
                piece = _take(choice.delta, heard)
                heard.finish = str(choice.finish_reason or heard.finish)
                if on_text is not None and piece:
                    on_text(piece)
    except Unanswered:
        raise
    except Exception as error:
        raise _understood(error, {}) from error
    finally:
        if isinstance(answer, openai.Stream):
            answer.close()


@dataclass(frozen=True, slots=True)
class _Choice:
    delta: Any
    finish_reason: Any


@dataclass(frozen=True, slots=True)
class _Event:
    choices: list[_Choice]
    usage: Any


def _as_event(answer: Any) -> Iterator[_Event]:
    """A whole answer as a stream of one event."""
    choices = answer.choices
    if not isinstance(choices, list) or not choices:
        raise Unanswered("nonsense")
    yield _Event([_Choice(choices[0].message, choices[0].finish_reason)], answer.usage)


def _take(delta: Any, heard: _Heard) -> str:
    """The words of one event."""
    piece = delta.content if isinstance(delta.content, str) else ""
    if piece:
        heard.text.append(piece)
    if isinstance(getattr(delta, "refusal", None), str):
        heard.refusal += delta.refusal
    heard.tools = heard.tools or bool(getattr(delta, "tool_calls", None))
    return piece


# -- what errors mean -------------------------------------------------------------------------------------------------
def _understood(error: Exception, options: Mapping[str, Any]) -> Unanswered:
    """The Unanswered for whatever was raised. Its message is ours: a server's words may repeat a key."""
    if isinstance(error, Unanswered):
        return error
    if isinstance(error, Forbidden):
        return Unanswered("address", error.message)
    if isinstance(error, openai.APITimeoutError | httpx2.TimeoutException):
        return Unanswered("timeout")
    if isinstance(error, openai.APIConnectionError):
        return Unanswered("unreachable" if isinstance(error.__cause__, httpx2.ConnectError) else "dropped")
    if isinstance(error, openai.APIStatusError):
        return _status(error, options)
    if isinstance(error, httpx2.HTTPError | openai.APIError):
        return Unanswered("dropped" if isinstance(error, httpx2.HTTPError) else "server")
    return Unanswered("nonsense", type(error).__name__)


def _status(error: openai.APIStatusError, options: Mapping[str, Any]) -> Unanswered:
    status = error.status_code
    if status in (401, 403):
        return Unanswered("auth", f"It answered {status}.")
    if status == 404:
        return Unanswered("not_found")
    if status == 429:
        return Unanswered("busy", rest_sec=_rest(error))
    if status in (408, 409) or status >= 500:
        return Unanswered("server", f"It answered {status}.", rest_sec=_rest(error))
    said = f"{getattr(error, 'param', '')} {getattr(error, 'code', '')} {error.message}".lower()
    if status in (400, 422):
        if "content_filter" in said or "content_policy" in said or "moderation" in said:
            return Unanswered("refused")
        if NEW_LIMIT in options and (NEW_LIMIT in said or "max_tokens" in said):
            return Unanswered("lacks", NEW_LIMIT)
        for name in OPTIONAL:
            if name in options and name in said:
                return Unanswered("lacks", name)
        if "response_format" in options and any(word in said for word in SCHEMA_WORDS):
            return Unanswered("rung")
    return Unanswered("rejected", f"It answered {status}.")


def _rest(error: openai.APIStatusError) -> float | None:
    said = error.response.headers.get("retry-after", "")
    try:
        found = float(said)
    except ValueError:
        return None
    return found if 0 <= found < 86_400 else None
