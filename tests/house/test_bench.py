"""The benchmark's own parts: it sends what it says, refuses answers that are no success, and its players really play."""

from __future__ import annotations

import asyncio

import pytest

from sessions.bench import steps
from sessions.bench.load import Call, WrongAnswer, _ask
from sessions.bench.stage import harbor_spec


async def asked(answer: bytes, call: Call) -> tuple[bytes, bytes]:
    heard = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readuntil(b"\r\n\r\n") + await reader.readexactly(len(call.body)))
        writer.write(answer)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        streams = await asyncio.open_connection(*server.sockets[0].getsockname())
        try:
            return await _ask(*streams, call), heard[0]
        finally:
            streams[1].close()


async def test_a_call_is_sent_with_its_headers_and_body_and_its_answer_read_whole() -> None:
    body, heard = await asked(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", Call("POST", "/x", (("Authorization", "Token t"),), b"{}"))
    assert body == b"ok"
    assert heard.startswith(b"POST /x HTTP/1.1\r\n") and b"Authorization: Token t\r\n" in heard and heard.endswith(b"\r\n\r\n{}")


async def test_an_answer_that_is_no_success_ends_the_measurement() -> None:
    with pytest.raises(WrongAnswer, match="409"):
        await asked(b"HTTP/1.1 409 Conflict\r\nContent-Length: 0\r\n\r\n", Call("GET", "/x"))


def test_both_kinds_of_pure_steps_run_on_the_harbor_district() -> None:
    world = harbor_spec()
    assert steps.choices_per_sec(world, 0.01) > 0
    assert steps.walk_per_sec(world, 0.01) > 0
