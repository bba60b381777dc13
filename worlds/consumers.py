"""`/ws/world/{id}`, for its authors: jobs and authored changes as they happen. Best effort: nothing is replayed. Every hello (there is one
more after a gap) and every heartbeat carries the draft's version, so whoever has an older one reads again."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from channels.layers import get_channel_layer

from generation.events import event_of
from generation.models import Generation
from pixsim.lib import live
from pixsim.lib.consumers import NOT_THERE, GuardedConsumer, detached, encoded, in_thread

from .events import WorldChanged
from .models import World

HEARTBEAT_SEC = 15.0
RETRY_SEC = 1.0
LINE_SEC = 3.0
"""How long the channel layer may take to answer before we try again."""
TOLD_KEPT = 256
log = logging.getLogger(__name__)


class WorldConsumer(GuardedConsumer):
    kind = "world"

    def may_read(self, *, first: bool) -> bool:
        return World.objects.authored_by(self.user).filter(pk=self.subject_id).exists()

    async def begin(self, query: dict[str, list[str]]) -> None:
        live.use_loop(asyncio.get_running_loop())
        self.told: dict[int, str] = {}
        self.layer = get_channel_layer()
        self.channel: str | None = None
        try:
            await self._open()
        except Exception as error:  # the task below tries again
            log.warning("No line for %s: %r", self.stream_name, error)
        if await self._hello():
            self.tasks += [asyncio.ensure_future(self._listen()), asyncio.ensure_future(self._beat())]
        else:
            await self.close(code=NOT_THERE)

    def leave(self) -> None:
        channel, self.channel = getattr(self, "channel", None), None
        if channel is not None:
            detached(self.layer.group_discard(self.group, channel))

    # -- inside -------------------------------------------------------------------------------------------------------

    @property
    def group(self) -> str:
        return live.group_of(self.stream_name)

    async def _open(self) -> None:
        channel = await asyncio.wait_for(self.layer.new_channel(), LINE_SEC)
        await asyncio.wait_for(self.layer.group_add(self.group, channel), LINE_SEC)
        self.channel = channel

    async def _hello(self) -> bool:
        version = await read_version(self.subject_id)
        if version is not None:
            await self.send(text_data=encoded({"type": "hello", "seq": version, "version": version}))
        return version is not None

    async def _listen(self) -> None:
        while True:
            try:
                if self.channel is None:
                    await self._open()
                    await self._hello()  # what was told meanwhile is lost: read again
                message = await self.layer.receive(self.channel)
                frame = await read_frame(self.subject_id, message)
            except Exception as error:
                log.warning("The line of %s is broken: %r", self.stream_name, error)
                self.channel = None
                await asyncio.sleep(RETRY_SEC)
                continue
            if frame is not None and self._is_news(frame):
                await self.send(text_data=encoded(frame))

    def _is_news(self, frame: dict[str, Any]) -> bool:
        """Jobs ring whenever they are looked at; a card is told only what differs."""
        job = frame.get("generation_id")
        if job is None:
            return True
        text = encoded(frame)
        if self.told.get(job) == text:
            return False
        self.told.pop(job, None)
        self.told[job] = text
        while len(self.told) > TOLD_KEPT:
            del self.told[next(iter(self.told))]
        return True

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_SEC)
            try:
                version = await read_version(self.subject_id)
            except Exception as error:  # a database that is away for a moment must not end the socket
                log.warning("No heartbeat on %s: %r", self.stream_name, error)
                continue
            if version is not None:
                await self.send(text_data=encoded({"type": "heartbeat", "seq": version, "version": version}))


@in_thread
def read_version(world_id: int) -> int | None:
    """How often the draft was changed; None where the world is gone. One query."""
    return World.objects.filter(pk=world_id).values_list("draft_version", flat=True).first()


@in_thread
def read_frame(world_id: int, message: dict[str, Any]) -> dict[str, Any] | None:
    """What a doorbell is about: an authored change as it says, a job as it now stands. At most one query."""
    if "version" in message:
        return WorldChanged(version=message["version"], parts=message["parts"], actor_id=message["actor_id"]).as_json()
    found = Generation.objects.filter(pk=message.get("generation"), world_id=world_id).select_related("asset").first()
    return event_of(found).as_json() if found is not None else None
