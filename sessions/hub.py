"""One hub per process: it hears the doorbells of every session that is watched here, reads the log once for all sockets of a session
and wakes them. Doorbells may get lost – every few seconds one query for all sessions finds what nobody rang for.

A socket never gets frames pushed: it is woken and asks for what comes after its own cursor. So a slow client holds up nobody, nothing is
sent twice, and nothing is left out: rows are gapless, and the hub listens before it looks where the log ends.
"""

from __future__ import annotations

import asyncio
import logging
import weakref
from collections import deque
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, Protocol

from channels.layers import get_channel_layer

from pixsim.lib import live
from pixsim.lib.consumers import detached, encoded, in_thread

from . import queries
from .events import frames_since, passing_frame, tried_frames

POLL_SEC = 5.0
HEARTBEAT_SEC = 15.0
RETRY_SEC = 1.0
LINE_SEC = 3.0
"""How long the channel layer may take to answer before we go on without it."""
KEPT_ROWS = 64
log = logging.getLogger(__name__)


class Row(NamedTuple):
    """One row of the log as it goes out: its frames in order, encoded once for all sockets."""

    seq: int
    frames: tuple[str, ...]


class Head(NamedTuple):
    """Where a session is."""

    seq: int
    version: int


class Socket(Protocol):
    def wake(self, beat: Head | None = None) -> None:
        """There is something new; with `beat` a heartbeat is due once everything new is out."""

    def tell(self, key: str, text: str) -> None:
        """A frame that is in no log: of those with the same key only the newest need be sent."""


@in_thread
def read_rows(session_id: int, seq: int) -> list[Row]:
    """What came after `seq`, up to 200 rows. Up to five queries."""
    return [Row(frames[-1]["seq"], tuple(map(encoded, frames))) for frames in frames_since(queries.fresh(session_id), seq)]


@in_thread
def read_heads(session_ids: Iterable[int]) -> dict[int, Head]:
    """Where these sessions are. One query for every 500."""
    return {pk: Head(seq, version) for pk, seq, version in queries.heads(session_ids)}


@in_thread
def read_passing(session_id: int, generation_id: int) -> dict[str, Any] | None:
    """How a job stands for this session. Up to three queries."""
    return passing_frame(session_id, generation_id)


@in_thread
def read_tried(session_id: int, version: int) -> list[dict[str, Any]]:
    """What a move under overrides tells. Up to two queries."""
    return tried_frames(queries.shown(session_id), version)


class Stream:
    """The log of one session, as far as the sockets of this process have been told. `head` is the last row read; −1 until it is known."""

    def __init__(self, hub: Hub, session_id: int) -> None:
        self.session_id = session_id
        self.group = live.group_of(f"session/{session_id}")
        self.sockets: set[Socket] = set()
        self.head = self.wanted = -1
        self.recent: deque[Row] = deque(maxlen=KEPT_ROWS)
        self.reading: asyncio.Task[None] | None = None
        self.ready = asyncio.ensure_future(self._begin(hub))

    async def _begin(self, hub: Hub) -> None:
        await hub.subscribe(self)
        self.head = (await read_heads([self.session_id])).get(self.session_id, Head(0, 0)).seq
        self.rung(self.wanted)  # what was rung for while we looked

    def rung(self, seq: int) -> None:
        """Somebody says that the log goes up to `seq`."""
        self.wanted = max(self.wanted, seq)
        if 0 <= self.head < self.wanted and (self.reading is None or self.reading.done()):
            self.reading = asyncio.ensure_future(self._read())

    async def _read(self) -> None:
        try:
            while self.head < self.wanted:
                asked = self.wanted
                rows = await read_rows(self.session_id, self.head)
                if rows:
                    self.recent.extend(rows)
                    self.head = rows[-1].seq
                    for socket in self.sockets:
                        socket.wake()
                elif self.wanted == asked:
                    self.wanted = self.head
        except Exception as error:  # a database that is away for a moment; the next look finds the same rows
            log.warning("The log of session %s could not be read: %s", self.session_id, error)

    async def passing(self, generation_id: int) -> None:
        """Somebody says that a job has come further: read once, told to all."""
        frame = await read_passing(self.session_id, generation_id)
        if frame is not None:
            for socket in list(self.sockets):
                socket.tell(f"generation/{generation_id}", encoded(frame))

    async def tried(self, version: int) -> None:
        """Somebody says that something was done under overrides: read once, told to all, in order."""
        for number, frame in enumerate(await read_tried(self.session_id, version)):
            self.pass_on(f"tried/{version}/{number}", encoded(frame))

    def pass_on(self, key: str, text: str) -> None:
        """A frame that comes as it is and is in no log."""
        for socket in list(self.sockets):
            socket.tell(key, text)

    async def after(self, cursor: int) -> Sequence[Row]:
        """The rows after `cursor`: what was just read for everybody, for those far behind a read of their own. Empty when all is told."""
        if cursor >= self.head:
            return ()
        if self.recent and self.recent[0].seq <= cursor + 1:
            return [row for row in self.recent if row.seq > cursor]
        rows: list[Row] = await read_rows(self.session_id, cursor)
        return rows

    def end(self) -> None:
        for task in (self.ready, self.reading):
            if task is not None:
                task.cancel()


class Hub:
    """All streams that are watched in this process, on one channel of the layer."""

    def __init__(self) -> None:
        self.layer = get_channel_layer()
        self.streams: dict[int, Stream] = {}
        self.channel: str | None = None
        self.line = asyncio.Lock()
        self.tasks = [asyncio.ensure_future(self._listen()), asyncio.ensure_future(self._watch())]

    def join(self, session_id: int, socket: Socket) -> Stream:
        """The stream of a session with `socket` among those it wakes. Await its `ready` before reading where the session is."""
        stream = self.streams.get(session_id)
        if stream is None:
            stream = self.streams[session_id] = Stream(self, session_id)
        stream.sockets.add(socket)
        return stream

    def leave(self, stream: Stream, socket: Socket) -> None:
        stream.sockets.discard(socket)
        if not stream.sockets and self.streams.get(stream.session_id) is stream:
            del self.streams[stream.session_id]
            stream.end()
            detached(self._forget(stream))

    # -- the line to the layer ----------------------------------------------------------------------------------------

    async def subscribe(self, stream: Stream) -> None:
        """Listens for a stream. Where the layer is down the sockets still work: every few seconds the log is looked at anyway."""
        for attempt in (1, 2):  # after a restart of Redis the first use of a pooled connection fails
            try:
                async with self.line:
                    await asyncio.wait_for(self._add(stream), LINE_SEC)
                return
            except Exception as error:
                log.log(logging.INFO if attempt == 1 else logging.WARNING, "No doorbell for session %s: %r", stream.session_id, error)

    async def _add(self, stream: Stream) -> None:
        if self.layer is not None:
            if self.channel is None:
                self.channel = await self.layer.new_channel()
            await self.layer.group_add(stream.group, self.channel)

    async def _forget(self, stream: Stream) -> None:
        async with self.line:
            if self.layer is not None and self.channel is not None and stream.session_id not in self.streams:
                await asyncio.wait_for(self.layer.group_discard(stream.group, self.channel), LINE_SEC)
        if not self.streams:
            self.stop()

    def stop(self) -> None:
        for task in self.tasks:
            task.cancel()
        for loop, hub in list(_hubs.items()):
            if hub is self:
                del _hubs[loop]

    async def _listen(self) -> None:
        while self.layer is not None:
            try:
                if self.channel is None:
                    await self._open()
                assert self.channel is not None  # noqa: S101 – for the type checker
                message = await self.layer.receive(self.channel)
                stream = self.streams.get(int(message["stream"].rpartition("/")[2]))
                if stream is not None and "passing" in message:
                    stream.pass_on(str(message["key"]), encoded(message["passing"]))
                elif stream is not None and "tried" in message:
                    detached(stream.tried(int(message["tried"])))
                elif stream is not None and "generation" in message:
                    detached(stream.passing(int(message["generation"])))
                elif stream is not None:
                    stream.rung(int(message["seq"]))
            except Exception as error:
                log.warning("The line of the doorbells is broken: %r", error)
                self.channel = None
                await asyncio.sleep(RETRY_SEC)

    async def _open(self) -> None:
        async with self.line:
            if self.channel is None:
                self.channel = await asyncio.wait_for(self.layer.new_channel(), LINE_SEC)
        await self._renew()

    async def _renew(self) -> None:
        """Group memberships expire after a day, and get lost with the layer's memory."""
        async with self.line:
            added = (self._add(stream) for stream in list(self.streams.values()))
            for failed in await asyncio.wait_for(asyncio.gather(*added, return_exceptions=True), LINE_SEC):
                if isinstance(failed, Exception):
                    raise failed

    # -- the safety net -----------------------------------------------------------------------------------------------

    async def _watch(self) -> None:
        ticks = 0
        while True:
            await asyncio.sleep(POLL_SEC)
            ticks += 1
            beats = ticks % max(round(HEARTBEAT_SEC / POLL_SEC), 1) == 0
            try:
                await self._look(beats)
                if beats:
                    await self._renew()
            except Exception as error:
                log.warning("A look at the logs was missed: %r", error)

    async def _look(self, beats: bool) -> None:
        """Finds what no doorbell told. A heartbeat goes out after what it counts, so that a higher `seq` in it means a gap."""
        heads = await read_heads(list(self.streams))
        watched = [(stream, heads[pk]) for pk, stream in self.streams.items() if pk in heads]
        for stream, head in watched:
            stream.rung(head.seq)
        reading = [stream.reading for stream, _ in watched if stream.reading is not None]
        if reading:
            await asyncio.wait(reading, timeout=LINE_SEC)
        for stream, head in watched if beats else ():
            for socket in stream.sockets:
                socket.wake(head)


_hubs: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = weakref.WeakKeyDictionary()


def here() -> Hub:
    """The hub of the running event loop."""
    loop = asyncio.get_running_loop()
    live.use_loop(loop)
    hub = _hubs.get(loop)
    if hub is None or hub.layer is not get_channel_layer():
        hub = _hubs[loop] = Hub()
    return hub
