"""“Test connection”: what the models of a server can do, found out by asking, from the highest rung of the ladder down."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils import timezone

from . import breaker, chat, endpoints
from .chat import Unanswered
from .endpoints import RUNGS, Endpoint, Rung
from .models import ModelEndpoint
from .reasons import REASONS

WHOLE_SEC: Final = 45.0
# A question that nobody answers like this by chance: only a server that enforces the schema passes.
SCHEMA: Final[Mapping[str, Any]] = {
    "type": "object",
    "properties": {"colour": {"type": "string", "enum": ["teal", "ochre"]}, "fathoms": {"type": "integer"}},
    "required": ["colour", "fathoms"],
    "additionalProperties": False,
}
OF_THE_RUNG: Final = frozenset({"rejected", "empty", "nonsense", "server"})
"""What may be better one rung lower; anything else is not a matter of the format."""
QUESTIONS: Final[Mapping[Rung, str]] = {
    "json_schema": "Tell me about the sea.",
    "json_object": 'Answer with one JSON object that has the one key "reply", and nothing else.',
    "text": "Say hello in a few words.",
}


@dataclass(frozen=True, slots=True)
class Tried:
    """One rung of one model; `why` is empty where it holds."""

    rung: Rung
    ok: bool
    why: str
    latency_ms: int

    def as_json(self) -> dict[str, Any]:
        return {"rung": self.rung, "ok": self.ok, "why": self.why, "latency_ms": self.latency_ms}


def test(row: ModelEndpoint) -> dict[str, list[Tried]]:
    """Asks every model of the endpoint and keeps what each was found to do; a server that answers is in use again. By model, what was tried.

    Slow: up to 45 s. Never inside a transaction. Raises CannotOpen.
    """
    endpoint = endpoints.opened(row)
    until = time.monotonic() + WHOLE_SEC
    found = {model: _climb_down(endpoint, model, until) for model in dict.fromkeys(filter(None, endpoint.models.values()))}
    works = any(one.ok for tried, _ in found.values() for one in tried)
    if works:
        breaker.answered(endpoint.name)
    abilities = {model: _kept(tried, lacks) for model, (tried, lacks) in found.items()}
    ModelEndpoint.objects.filter(pk=row.pk).update(abilities={**row.abilities, **abilities}, **({"paused_reason": ""} if works else {}))
    endpoints.forget_whether()
    return {model: tried for model, (tried, _) in found.items()}


def _climb_down(endpoint: Endpoint, model: str, until: float) -> tuple[list[Tried], tuple[str, ...]]:
    tried: list[Tried] = []
    for rung in RUNGS:
        begun = time.monotonic()
        try:
            answer = chat.ask(
                endpoint, model=model, messages=[{"role": "user", "content": QUESTIONS[rung]}], schema=SCHEMA, schema_name="test",
                until=min(until, begun + endpoint.timeout_sec), only=rung,
            )  # fmt: skip
        except Unanswered as error:
            why = "It refuses this format." if error.reason == "rejected" else REASONS[error.reason]
            tried.append(Tried(rung, False, why, round((time.monotonic() - begun) * 1000)))
            if error.reason not in OF_THE_RUNG:
                break
            continue
        ok = _fits(rung, answer.text)
        tried.append(Tried(rung, ok, "" if ok else "It took the format and answered in another.", answer.latency_ms))
        if ok:
            return tried, answer.learned.lacks if answer.learned is not None else endpoint.ability(model).lacks
    return tried, ()


def _fits(rung: Rung, text: str) -> bool:
    if rung == "text":
        return bool(text.strip())
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return False
    if not isinstance(found, dict):
        return False
    return rung == "json_object" or (
        set(found) == {"colour", "fathoms"} and found["colour"] in ("teal", "ochre") and isinstance(found["fathoms"], int)
    )


def _kept(tried: list[Tried], lacks: tuple[str, ...]) -> dict[str, Any]:
    rung = next((one.rung for one in tried if one.ok), "")
    return {
        "rung": rung,
        "lacks": list(lacks),
        "tried": [one.as_json() for one in tried],
        "by": "a test",
        "at": timezone.now().isoformat(timespec="seconds"),
    }
