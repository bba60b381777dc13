"""The ASGI application: chat completions as models answer them, and `/_control/`."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import hashlib
import json
from collections.abc import AsyncIterator
from typing import Any

from tests.serving import web

from . import answers, modes
from .modes import Mode

MODELS = ("fake", "fake-json", "fake-text", "fake-deaf", "fake-old")
RUNGS = {
    "fake": ("json_schema", "json_object"),
    "fake-json": ("json_object",),
    "fake-old": ("json_object",),
    "fake-deaf": ("json_schema", "json_object"),
}
METADATA = "http://169.254.169.254/latest/meta-data/"


class Refused(Exception):
    def __init__(self, status: int, message: str, **more: Any) -> None:
        super().__init__(message)
        self.status, self.body = status, {"error": {"message": message, "type": "invalid_request_error", **more}}


class App:
    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        self.queue: list[dict[str, Any]] = []
        self.answers: list[Any] = []
        self.asked = 0
        self.word_sec = 0.0

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        request = await web.read(scope, receive)
        try:
            answer = await self.answer(request)
        except web.HangUp:
            web.hang_up(request)
            return
        except Refused as refused:
            answer = web.Answer(refused.status, refused.body)
        except ValueError as wrong:  # a mode that does not exist
            answer = web.Answer(418, {"error": {"message": str(wrong)}})
        with contextlib.suppress(asyncio.CancelledError):
            await web.write(request, answer, send)

    async def answer(self, request: web.Request) -> web.Answer:
        if request.path.startswith("/_control/"):
            return self.control(request.path.removeprefix("/_control/"), request.json())
        if request.path == "/v1/models":
            return web.Answer(200, {"object": "list", "data": [{"id": name, "object": "model"} for name in MODELS]})
        if request.path != "/v1/chat/completions" or request.method != "POST":
            return web.Answer(404, {"error": {"message": "there is nothing here"}})
        key = request.headers.get("authorization", "").removeprefix("Bearer ")
        body = request.json()
        self.requests.append({"key": key, "body": body})
        return await self.chat(request, body, key)

    def control(self, what: str, given: Any) -> web.Answer:
        if what == "reset":
            self.__init__()  # type: ignore[misc]
        elif what == "modes":
            modes.read(given["mode"])
            self.queue.append({"mode": given["mode"], "times": int(given.get("times", 1))})
        elif what == "answers":
            self.answers += given
        elif what != "requests":
            return web.Answer(404, {"detail": "there is no such control"})
        return web.Answer(200, self.requests if what == "requests" else {})

    def modes_of(self, model: str, body: dict[str, Any]) -> list[Mode]:
        found = [model.partition(":")[2]] if ":" in model else []
        said = next((one["content"] for one in reversed(body["messages"]) if one["role"] == "user"), "")
        found += modes.TOKEN.findall(str(said))
        if self.queue:
            found.append(self.queue[0]["mode"])
            self.queue[0]["times"] -= 1
            if self.queue[0]["times"] <= 0:
                self.queue.pop(0)
        return [modes.read(one) for one in found]

    async def chat(self, request: web.Request, body: dict[str, Any], key: str) -> web.Answer:
        self.asked += 1
        model = body["model"].partition(":")[0]
        if model not in MODELS:
            raise Refused(404, f"The model {model!r} does not exist.", code="model_not_found")
        schema = self.checked(model, body)
        wrong = {mode.name: mode for mode in self.modes_of(body["model"], body)}
        if "latency" in wrong:
            await asyncio.sleep(wrong["latency"].number(1))
        if "slow_head" in wrong:
            await drip(request, b"HTTP/1.1 200 OK\r\nX-Wait: " + b"." * 2000)
        if early := self.instead(wrong, key):
            return early
        text = self.text(wrong, schema, body)
        message: dict[str, Any] = {"role": "assistant", "content": text}
        finish = next((name for name in ("content_filter", "length") if name in wrong), "stop")
        if finish != "stop":
            message["content"] = text[: len(text) // 2]
        if "refusal" in wrong:
            message = {"role": "assistant", "content": None, "refusal": "I'm sorry, I can't help with that."}
        if "tool_calls" in wrong:
            call = {"id": "call_1", "type": "function", "function": {"name": "set_affinity", "arguments": '{"value": 100}'}, "index": 0}
            message, finish = {"role": "assistant", "content": None, "tool_calls": [call]}, "tool_calls"
        counted = "no_usage" not in wrong and model != "fake-old"
        usage = self.usage(body, message) if counted else None
        if not body.get("stream"):
            return self.whole(body, message, finish, usage, wrong)
        head = {"Content-Type": "text/event-stream"}
        with_usage = usage if (body.get("stream_options") or {}).get("include_usage") else None
        return web.Answer(200, b"", head, stream=self.streamed(request, body, message, finish, with_usage, wrong))

    def checked(self, model: str, body: dict[str, Any]) -> dict[str, Any] | None:
        """The schema to answer in; refuses what this model does not know."""
        if model == "fake-old":
            for name in ("max_completion_tokens", "stream_options", "safety_identifier", "prompt_cache_key"):
                if name in body:
                    raise Refused(400, f"Unrecognized request argument supplied: {name}", param=name, code="unknown_parameter")
        wanted = body.get("response_format") or {"type": "text"}
        if wanted["type"] != "text" and wanted["type"] not in RUNGS.get(model, ()):
            raise Refused(400, f"'response_format.type' {wanted['type']!r} is not supported by this model.", param="response_format")
        if model == "fake-deaf":
            return None
        if wanted["type"] == "json_schema":
            found: dict[str, Any] = wanted["json_schema"]["schema"]
            return found
        return (
            {"type": "object", "properties": {"reply": {"type": "string"}, "emotion": {"enum": ["neutral"]}}}
            if wanted["type"] == "json_object"
            else None
        )

    def text(self, wrong: dict[str, Mode], schema: dict[str, Any] | None, body: dict[str, Any]) -> str:
        bad = next((name for name in wrong if name in modes.CONTENT or name == "hostile"), "")
        if bad:
            return modes.content(bad, f"{bad} {self.asked}")
        if self.answers:
            said = self.answers.pop(0)
            return said if isinstance(said, str) else json.dumps(said)
        return answers.said(schema, hashlib.sha256(json.dumps(body["messages"]).encode()).hexdigest())

    def instead(self, wrong: dict[str, Mode], key: str) -> web.Answer | None:
        """An answer that holds no completion."""
        for status in ("401", "404", "429", "500", "503"):
            if status in wrong:
                after = {"Retry-After": wrong[status].argument} if wrong[status].argument else {}
                return web.Answer(int(status), {"error": {"message": f"It is {status} today."}}, after)
        if "drop" in wrong:
            raise web.HangUp
        if "redirect" in wrong:
            return web.Answer(302, {}, {"Location": METADATA})
        if "packed" in wrong:
            return web.Answer(200, gzip.compress(b" " * (8 << 20)), {"Content-Type": "application/json", "Content-Encoding": "gzip"})
        if "key_echo" in wrong:
            raise Refused(400, f"Incorrect API key provided: {key}.", code="invalid_api_key")
        if "no_choices" in wrong:
            return web.Answer(200, {"id": "x", "object": "chat.completion", "choices": []})
        if "odd" in wrong:
            return web.Answer(200, {"choices": "a string", "usage": [1, 2], "model": {"a": None}})
        return None

    def usage(self, body: dict[str, Any], message: dict[str, Any]) -> dict[str, Any]:
        asked = sum(len(one["content"]) for one in body["messages"]) // 4
        told = len(message.get("content") or "") // 4
        return {
            "prompt_tokens": asked,
            "completion_tokens": told,
            "total_tokens": asked + told,
            "prompt_tokens_details": {"cached_tokens": asked // 2 if self.asked > 1 else 0},
        }

    def whole(self, body: dict[str, Any], message: dict[str, Any], finish: str, usage: Any, wrong: dict[str, Mode]) -> web.Answer:
        found = {
            "id": f"chatcmpl-{self.asked}",
            "object": "chat.completion",
            "created": 0,
            "model": body["model"],
            "choices": [{"index": 0, "message": message, "finish_reason": finish, "logprobs": None}],
            **({"usage": usage} if usage else {}),
        }
        if "drop_mid" in wrong:
            return web.Answer(200, found, cut=40)
        if "slow_loris" in wrong or "endless" in wrong:
            return web.Answer(200, b"", {"Content-Type": "application/json"}, stream=slowly(json.dumps(found).encode()))
        return web.Answer(200, found)

    async def streamed(
        self, request: web.Request, body: dict[str, Any], message: dict[str, Any], finish: str, usage: Any, wrong: dict[str, Mode]
    ) -> AsyncIterator[bytes]:
        def event(delta: dict[str, Any], ended: str | None = None, **more: Any) -> bytes:
            chunk = {"id": f"chatcmpl-{self.asked}", "object": "chat.completion.chunk", "created": 0, "model": body["model"],
                     "choices": [{"index": 0, "delta": delta, "finish_reason": ended}], **more}  # fmt: skip
            return b"data: " + json.dumps(chunk).encode() + b"\n\n"

        if "slow_loris" in wrong:
            async for byte in slowly(event({"content": message.get("content") or ""})):
                yield byte
        yield event({"role": "assistant", "content": ""})
        if "endless" in wrong:
            while not request.transport.is_closing():
                yield event({"content": "and on "})
                await asyncio.sleep(0)
        text = message.get("content") or ""
        parts = pieces(text)
        for number, part in enumerate(parts):
            if number == 1 and "drop_mid" in wrong:
                request.transport.close()  # not reset: what was said so far must arrive
                return
            if number == 1 and "error_in_stream" in wrong:
                yield b'data: {"error": {"message": "The server had an error.", "type": "server_error"}}\n\n'
                return
            yield event({"content": part})
            if self.word_sec:
                await asyncio.sleep(self.word_sec)
        rest = {name: message[name] for name in ("refusal", "tool_calls") if name in message}
        yield event(rest, finish)
        if usage:
            yield (
                b"data: "
                + json.dumps({"id": "u", "object": "chat.completion.chunk", "created": 0, "model": "", "choices": [], "usage": usage}).encode()
                + b"\n\n"
            )
        yield b"data: [DONE]\n\n"


def pieces(text: str) -> list[str]:
    """A few words at a time; of a long text the rest in large pieces."""
    start = [text[at : at + 24] for at in range(0, min(len(text), 24 * 12), 24)]
    rest = text[24 * 12 :]
    size = max(240, len(rest) // 6 + 1)
    return start + [rest[at : at + size] for at in range(0, len(rest), size)]


async def drip(request: web.Request, head: bytes) -> None:
    """A head that never ends, past the server that would write it at once."""
    async for byte in slowly(head):
        if request.transport.is_closing():
            break
        request.transport.write(byte)
    raise web.HangUp


async def slowly(text: bytes) -> AsyncIterator[bytes]:
    for byte in text:
        yield bytes([byte])
        await asyncio.sleep(0.05)
