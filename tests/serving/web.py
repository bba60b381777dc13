"""Just enough of HTTP over plain ASGI: requests read whole, answers, streams, and hanging up at the wrong moment."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from uvicorn.protocols.http.h11_impl import H11Protocol


class Protocol(H11Protocol):
    """Hands the connection to the application, so that it can be reset."""

    def connection_made(self, transport: asyncio.Transport) -> None:
        self.app_state = {**self.app_state, "transport": transport}
        super().connection_made(transport)


class HangUp(Exception):
    """Reset the connection instead of answering."""


@dataclass
class Request:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    transport: asyncio.Transport

    @property
    def base(self) -> str:
        return f"http://{self.headers.get('host', '127.0.0.1')}"

    def json(self) -> Any:
        try:
            return json.loads(self.body or b"null")
        except ValueError:
            return None


@dataclass
class Answer:
    """`cut` sends that many bytes of the body and hangs up; `stream` is sent chunked."""

    status: int = 200
    body: Any = b""
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None
    stream: AsyncIterator[bytes] | None = None

    def bytes(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


async def read(scope: dict[str, Any], receive: Any) -> Request:
    parts = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            break
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
    return Request(scope["method"], scope["path"], query, headers, b"".join(parts), scope["state"]["transport"])


async def write(request: Request, answer: Answer, send: Any) -> None:
    headers = {"Content-Type": "application/octet-stream" if isinstance(answer.body, bytes) else "application/json", **answer.headers}
    body = answer.bytes()
    if answer.stream is None:
        headers.setdefault("Content-Length", str(len(body)))
    lines = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": lines})
    if answer.stream is not None:
        async for chunk in answer.stream:
            if request.transport.is_closing():
                return
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
    elif answer.cut is not None:
        await send({"type": "http.response.body", "body": body[: answer.cut], "more_body": True})
        await asyncio.sleep(0.01)
        hang_up(request)
    else:
        await send({"type": "http.response.body", "body": b"" if request.method == "HEAD" else body})


def hang_up(request: Request) -> None:
    """Reset, not close: linger 0 makes the kernel send RST."""
    raw = request.transport.get_extra_info("socket")
    if raw is not None and raw.fileno() >= 0:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    request.transport.abort()
