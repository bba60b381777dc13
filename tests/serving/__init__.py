"""A server of ours in a thread of this process, and a hold on one wherever it runs."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from typing import Any, Self
from urllib.parse import urlsplit

import uvicorn

from .web import Protocol


def configuration(app: Any, **more: Any) -> uvicorn.Config:
    return uvicorn.Config(app, http=Protocol, log_level="warning", lifespan="off", access_log=False, ws="none", **more)


class Served:
    """A hold on a running server: its `url`, and what its `/_control/` offers."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.host = urlsplit(url).netloc

    @classmethod
    def serve(cls, app: Any) -> Self:
        """On a free port, in a thread; `stop` ends it."""
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(configuration(app))
        found = cls(f"http://127.0.0.1:{listener.getsockname()[1]}")
        found.app, found._server, found._listener = app, server, listener
        found._thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        found._thread.start()
        until = time.monotonic() + 10
        while not server.started and time.monotonic() < until:
            time.sleep(0.01)
        return found

    def stop(self) -> None:
        self._server.should_exit = self._server.force_exit = True
        self._thread.join(5)
        self._listener.close()

    def control(self, path: str, given: Any = None) -> Any:
        """GET without a body, POST with one."""
        connection = http.client.HTTPConnection(self.host, timeout=10)
        try:
            connection.request("GET" if given is None else "POST", f"/_control/{path}", None if given is None else json.dumps(given))
            answer = connection.getresponse()
            found = json.loads(answer.read())
            if answer.status != 200:
                raise RuntimeError(found)
            return found
        finally:
            connection.close()

    def reset(self, **settings: Any) -> None:
        self.control("reset", settings)
