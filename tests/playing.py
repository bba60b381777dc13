"""A player over HTTP and WebSocket, as an integrator writes one. Used by stories and by tests of the played things."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import requests
from django.contrib.auth.models import Group
from websockets.sync.client import ClientConnection, connect

from pixsim.models import AUTHORS, User
from scenes.bundle import save_document
from sessions.publishing import publish
from worlds.archive import read_folder
from worlds.models import World

HARBOR_DISTRICT = Path(__file__).resolve().parents[1] / "scenes" / "worlds" / "harbor_district"
PASSWORD = "sail the harbor"  # noqa: S105


def account(name: str, *, author: bool = False, staff: bool = False, superuser: bool = False) -> User:
    user = User.objects.create_user(name, password=PASSWORD, is_staff=staff, is_superuser=superuser)
    if author:
        user.groups.add(Group.objects.get_or_create(name=AUTHORS)[0])
    return user


def published(document: dict[str, Any], *, owner: User) -> World:
    """A world from a document, published as it is."""
    world = save_document(document, owner=owner)
    publish(world=world, actor=owner, force=True)
    return world


def harbor_district(*, owner: User, clock: dict[str, Any] | None = None) -> World:
    """The Harbor District from the repository; with `clock` on another clock."""
    document = read_folder(HARBOR_DISTRICT).document
    if clock is not None:
        document["world"]["meta"]["manifest"]["clock"] = clock
    return published(document, owner=owner)


class Client:
    """JSON over real HTTP with a token."""

    def __init__(self, site: str, username: str = "") -> None:
        self.site = site
        self.http = requests.Session()
        self.http.trust_env = False
        if username:
            token = self.post("/auth/token", {"username": username, "password": PASSWORD})["token"]
            self.http.headers["Authorization"] = f"Token {token}"

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> requests.Response:
        return self.http.request(method, f"{self.site}/api/v1{path}", json=body, headers=headers, timeout=20)

    def get(self, path: str) -> Any:
        return _good(self.send("GET", path))

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return _good(self.send("POST", path, {} if body is None else body, **headers))

    def patch(self, path: str, body: Any) -> Any:
        return _good(self.send("PATCH", path, body))

    def listen(self, session_id: int, *, since: int | None = None, **options: Any) -> Socket:
        """A socket on a session, opened with a one-use ticket."""
        stream = f"session/{session_id}"
        ticket = self.post("/auth/ws-ticket", {"stream": stream})["ticket"]
        query = f"?ticket={ticket}" + ("" if since is None else f"&since={since}")
        return Socket(f"{self.site.replace('http', 'ws', 1)}/ws/{stream}{query}", **options)


def _good(response: requests.Response) -> Any:
    assert response.status_code < 400, f"{response.status_code} {response.text[:2000]}"
    return response.json() if response.content else None


class Socket:
    """A WebSocket that reads frames as JSON."""

    def __init__(self, url: str, **options: Any) -> None:
        self.connection: ClientConnection = connect(url, legacy=True, open_timeout=10, close_timeout=2, proxy=None, **options)

    def __enter__(self) -> Socket:
        return self

    def __exit__(self, *_: Any) -> None:
        self.connection.close()

    def read(self, timeout: float = 10) -> dict[str, Any]:
        """The next frame. Raises TimeoutError, or ConnectionClosed with the server's code."""
        return dict(json.loads(self.connection.recv(timeout=timeout)))

    def move(self, timeout: float = 10) -> list[dict[str, Any]]:
        """The frames of one move: up to the last of its `seq`; heartbeats are left out."""
        frames: list[dict[str, Any]] = []
        while not frames or not frames[-1].get("last"):
            frame = self.read(timeout)
            if frame["type"] != "heartbeat":
                frames.append(frame)
        return frames

    def send(self, text: str) -> None:
        self.connection.send(text)
