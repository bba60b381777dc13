"""A small load generator: a few kept-alive connections to one address, each request once, in order."""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

CONNECTIONS = 4


class Call(NamedTuple):
    """One request, ready to be sent."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    def wire(self) -> bytes:
        own = {"Host": "127.0.0.1", "Content-Length": str(len(self.body)), "Content-Type": "application/json", **dict(self.headers)}
        lines = [f"{self.method} {self.path} HTTP/1.1", *(f"{name}: {value}" for name, value in own.items())]
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + self.body


class Round(NamedTuple):
    """`cpu_ms` of the server per request; `per_sec` as the client saw it."""

    cpu_ms: float
    per_sec: float


class WrongAnswer(RuntimeError):
    """A request was not answered with success: whatever was measured would be something else."""


def measure(port: int, calls: Sequence[Call]) -> Round:
    return asyncio.run(_measure(port, calls))


async def _measure(port: int, calls: Sequence[Call]) -> Round:
    waiting = deque(calls)
    before, began = await _cpu(port), time.perf_counter()
    await asyncio.gather(*(_connection(port, waiting) for _ in range(min(CONNECTIONS, len(calls)))))
    took, after = time.perf_counter() - began, await _cpu(port)
    return Round((after - before) / len(calls) * 1000, len(calls) / took)


async def _cpu(port: int) -> float:
    streams = await asyncio.open_connection("127.0.0.1", port)
    try:
        return float(json.loads(await _ask(*streams, Call("GET", "/bench/cpu")))["cpu"])
    finally:
        streams[1].close()


async def _connection(port: int, waiting: deque[Call]) -> None:
    streams = await asyncio.open_connection("127.0.0.1", port)
    try:
        while waiting:
            await _ask(*streams, waiting.popleft())
    finally:
        streams[1].close()


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, call: Call) -> bytes:
    writer.write(call.wire())
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 60)
    status = int(head.split(b" ", 2)[1])
    pairs = (line.lower().partition(b": ") for line in head.split(b"\r\n")[1:])
    fields = {name: value for name, _, value in pairs}
    body = await reader.readexactly(int(fields[b"content-length"]))
    if not 200 <= status < 300:
        raise WrongAnswer(f"{call.method} {call.path}: {status} {body[:300].decode(errors='replace')}")
    return body
