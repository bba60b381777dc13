"""`/ws/session/{id}`: hello, what came after `since`, then everything new in order."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from pixsim.lib.consumers import NOT_LOGGED_IN, NOT_THERE, REFUSED, GuardedConsumer, encoded
from pixsim.lib.errors import NotFound

from . import audits, hub, queries
from .hub import Head
from .models import GameSession

__all__ = ["NOT_LOGGED_IN", "NOT_THERE", "REFUSED", "SessionConsumer"]

RETRY_SEC = 1.0
log = logging.getLogger(__name__)


class SessionConsumer(GuardedConsumer):
    """One socket on one session. `cursor` is the last `seq` whose frames all went out. The hub listens for all sockets of the process."""

    kind = "session"
    cursor = 0
    stream: hub.Stream | None = None

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        self.news = asyncio.Event()
        self.beat: Head | None = None
        self.passing: dict[str, str] = {}
        await super().__call__(scope, receive, send)

    def may_read(self, *, first: bool) -> bool:
        session = _readable(self.user, self.subject_id)
        if session is not None and first:
            audits.audit_session(actor=self.user, action="watch", session=session)
        return session is not None

    async def begin(self, query: dict[str, list[str]]) -> None:
        self.hub = hub.here()
        self.stream = self.hub.join(self.subject_id, self)
        await asyncio.shield(self.stream.ready)  # listening, before we look where the log ends: nothing can fall between
        head = (await hub.read_heads([self.subject_id])).get(self.subject_id)
        if head is None:
            await self.close(code=NOT_THERE)
            return
        self.cursor = since(query.get("since", [""])[0], head.seq)
        await self.send(text_data=encoded({"type": "hello", "seq": head.seq, "version": head.version}))
        self.tasks.append(asyncio.ensure_future(self._pump(self.stream)))

    def leave(self) -> None:
        if self.stream is not None:
            self.hub.leave(self.stream, self)
            self.stream = None

    def wake(self, beat: Head | None = None) -> None:
        self.beat = beat or self.beat
        self.news.set()

    def tell(self, key: str, text: str) -> None:
        self.passing[key] = text
        self.news.set()

    async def _pump(self, stream: hub.Stream) -> None:
        """Sends what comes after the cursor, in order, and the heartbeats that are due."""
        self.news.set()
        while True:
            await self.news.wait()
            self.news.clear()
            try:
                while rows := await stream.after(self.cursor):
                    for row in rows:
                        for frame in row.frames:
                            await self.send(text_data=frame)
                        self.cursor = row.seq
                passing, self.passing = self.passing, {}
                for text in passing.values():
                    await self.send(text_data=text)
                if self.beat is not None:
                    head, self.beat = self.beat, None
                    await self.send(text_data=encoded({"type": "heartbeat", "seq": max(head.seq, self.cursor), "version": head.version}))
            except Exception as error:  # a database that is away for a moment must not end the socket
                log.warning("A socket on session %s waits: %r", self.subject_id, error)
                await asyncio.sleep(RETRY_SEC)
                self.news.set()


def _readable(user: Any, session_id: int) -> GameSession | None:
    try:
        return queries.readable(user, session_id)
    except NotFound:
        return None


def since(text: str, seq: int) -> int:
    """From where to replay: `since`, at most what there is; without it only what is new."""
    return min(int(text), seq) if text.isascii() and text.isdigit() and len(text) < 19 else seq
