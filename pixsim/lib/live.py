"""Live events: declared shapes, told after the commit. A message is only a doorbell: readers ask the database, so losing one is harmless."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction

ANSWER_SEC = 2.0
log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class LiveEvent:
    """Base of every frame. Subclasses declare their fields; an undeclared one raises TypeError."""

    type: ClassVar[str]

    def as_json(self) -> dict[str, Any]:
        return {"type": self.type, **asdict(self)}


class _Loop:
    """The server's event loop, told by the application: where one runs, doorbells are rung there and no move waits for them. The in-memory
    layer must be used from it anyway, since its queues belong to the loop their readers live in."""

    running: asyncio.AbstractEventLoop | None = None


def use_loop(loop: asyncio.AbstractEventLoop) -> None:
    _Loop.running = loop


def group_of(stream: str) -> str:
    """The channel group of a stream such as `session/200`."""
    return stream.replace("/", ".")


def ring_on_commit(stream: str, **hint: Any) -> None:
    """Rings the doorbell of a stream once the transaction is committed; never before, and never raising into the caller."""
    transaction.on_commit(lambda: ring(stream, **hint), robust=True)


def ring(stream: str, **hint: Any) -> None:
    """Tells the readers of a stream, in every process, that there is something new."""
    layer = get_channel_layer()
    if layer is None:
        return
    message = {"type": "doorbell", "stream": stream, **hint}
    loop = _Loop.running
    try:
        if loop is not None and loop.is_running():
            asyncio.run_coroutine_threadsafe(_tell(layer, stream, message), loop)
        else:
            async_to_sync(_tell)(layer, stream, message)
    except Exception as error:  # a broker that is down must not fail a move that is kept
        log.warning("The doorbell of %s was not heard: %r", stream, error)


async def _tell(layer: Any, stream: str, message: dict[str, Any]) -> None:
    for attempt in (1, 2):  # after a restart of Redis the first use of a pooled connection fails
        try:
            await asyncio.wait_for(layer.group_send(group_of(stream), message), ANSWER_SEC)
            return
        except Exception as error:
            if attempt == 2:
                log.warning("The doorbell of %s was not heard: %r", stream, error)
