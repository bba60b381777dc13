"""A create, the same for all three: faults before and after it is taken, the ledger in between."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

from tests.serving.web import Answer, HangUp, Request

from . import faults as reading
from .faults import Faults, number
from .state import Job, State, digest
from .webhooks import announce

LOSING = ("drop_before", "drop_after_accept", "reset_mid_body", "http_500_after_accept", "errcode_after_accept", "webhook_before_answer")


class Create:
    """The faults of one POST, those that happen only once already left out when they happened."""

    def __init__(self, state: State, request: Request, provider: str, prompt: str, trace_id: str) -> None:
        self.state, self.request, self.provider, self.prompt = state, request, provider, prompt
        self.subject = digest(json.dumps(request.json(), sort_keys=True))
        self.faults: Faults = reading.read(prompt)
        for rule in list(state.extra):
            if rule.get("provider") in (None, provider):
                self.faults |= reading.read(rule["faults"])
                rule["times"] -= 1
                if rule["times"] <= 0:
                    state.extra.remove(rule)
        first = not trace_id or state.once("trace", f"{provider} {trace_id}")
        self.losing = {name: given for name, given in self.faults.items() if name in LOSING and first}

    async def before(self) -> Answer | None:
        """Wait, hang up, refuse. Nothing was accepted yet."""
        if "latency" in self.faults:
            await asyncio.sleep(number(self.faults, "latency", 1))
        if "drop_before" in self.losing:
            raise HangUp
        if "429" in self.faults and self.state.once("429", self.subject, int(number(self.faults, "429", 1, 1))):
            return Answer(429, {"detail": "Too many requests"}, {"Retry-After": (self.faults["429"] or ["1"])[0]})
        return None

    def refused(self) -> int | None:
        """The code to refuse with."""
        if "errcode" not in self.faults:
            return None
        code = int(number(self.faults, "errcode", 400017))
        return code if self.state.once("errcode", self.subject, int(number(self.faults, "errcode", 10**9, 1))) else None

    async def after(self, job: Job, answer: Answer, error: Callable[[int], Answer]) -> Answer:
        """The answer, lost or spoiled as asked."""
        if "webhook_before_answer" in self.losing:
            await announce(self.state, self.request, job)
        if "drop_after_accept" in self.losing:
            raise HangUp
        if "reset_mid_body" in self.losing:
            answer.cut = len(answer.bytes()) // 2
        if "http_500_after_accept" in self.losing:
            return Answer(500, b"<html><h1>500 Internal Server Error</h1></html>", {"Content-Type": "text/html"})
        if "errcode_after_accept" in self.losing:
            return error(int(number(self.losing, "errcode_after_accept", 500100)))
        return answer


def text_of(value: Any) -> str:
    """Every text inside a JSON value, one after another: where a graph's prompt is, only the graph knows."""
    if isinstance(value, str):
        return value + "\n"
    if isinstance(value, dict):
        return "".join(text_of(item) for item in value.values())
    if isinstance(value, list):
        return "".join(text_of(item) for item in value)
    return ""
