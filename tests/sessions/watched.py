"""A published world, a session in it, and a client of its WebSocket, for tests of what is told live."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from asgiref.testing import ApplicationCommunicator
from channels.db import database_sync_to_async as in_database
from channels.testing import WebsocketCommunicator
from django.test import Client

from pixsim.asgi import application
from pixsim.lib import tickets
from pixsim.models import User
from sessions import dialogue, queries, services
from sessions.engine import actions as act
from sessions.models import GameSession
from tests import documents
from tests.playing import published
from worlds.models import World

Json = dict[str, Any]
ORIGIN = (b"origin", b"http://testserver")
HOST = (b"host", b"testserver")


def published_harbor(owner: User) -> World:
    return published(documents.harbor(), owner=owner)


def session_of(player: User, world: World) -> GameSession:
    return services.start(user=player, world=queries.playable_world(player, world.pk)).session


def play(session_id: int, *actions: act.Action) -> GameSession:
    """Moves through the same services as REST, with the answers of those talked to."""
    session = queries.fresh(session_id)
    for action in actions:
        session = dialogue.answer(services.move(session=session, action=action)).session
    return session


def wander(session_id: int, moves: int) -> None:
    """Any number of moves that each change something."""
    session = queries.fresh(session_id)
    for _ in range(moves):
        values = {"world_time": session.state["world_time"] + 60}
        session = services.patch(session=session, values=values).session


play_live = in_database(play)
wander_live = in_database(wander)


def cookie_of(user: User) -> tuple[bytes, bytes]:
    client = Client()
    client.force_login(user)
    return b"cookie", f"sessionid={client.cookies['sessionid'].value}".encode()


class Socket(WebsocketCommunicator):
    """One client. `user` comes with a ticket unless headers are given."""

    def __init__(self, path: str, *headers: tuple[bytes, bytes]) -> None:
        super().__init__(application, path, headers=[HOST, *headers])

    # Channels' own client keeps every connection open, for tests inside one transaction; ours closes them as the server does.
    async def send_input(self, message: Any) -> None:
        await ApplicationCommunicator.send_input(self, message)

    async def receive_output(self, timeout: float = 1) -> Any:
        return await ApplicationCommunicator.receive_output(self, timeout)

    @classmethod
    def of(cls, user: User, session_id: int, *, since: int | None = None) -> Socket:
        ticket = tickets.issue(user.pk, f"session/{session_id}")
        return cls(f"/ws/session/{session_id}?ticket={ticket}" + ("" if since is None else f"&since={since}"))

    async def open(self) -> Json:
        """Connects and answers the `hello`."""
        accepted, _ = await self.connect(timeout=10)
        assert accepted, "the handshake was refused"
        hello = await self.next()
        assert hello["type"] == "hello"
        return hello

    async def next(self, timeout: float = 10) -> Json:
        return json.loads(await self.receive_from(timeout=timeout))

    async def frames(self, upto: int, *, beats: bool = False) -> list[Json]:
        """Every frame up to the last one of row `upto`; heartbeats only where they are asked for."""
        found: list[Json] = []
        while not (found and found[-1].get("seq") == upto and found[-1].get("last")):
            frame = await self.next()
            if beats or frame["type"] != "heartbeat":
                found.append(frame)
        return found

    async def closed(self, timeout: float = 10) -> int:
        """The code the server closes with, whatever it says before. Heartbeats come for ever, so the time is for all of it."""
        async with asyncio.timeout(timeout):
            while True:
                message = await self.receive_output(timeout)
                if message["type"] == "websocket.close":
                    return int(message["code"])


def seqs(frames: list[Json]) -> list[int]:
    """The `seq` of each row, in the order of their last frames."""
    return [frame["seq"] for frame in frames if frame.get("last")]
