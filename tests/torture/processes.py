"""The processes that are killed: workers that do what is due, and a web server."""

from __future__ import annotations

import datetime
import os
import random
import signal
import socket
import threading
import time
import traceback
from collections.abc import Callable
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from typing import Any

DOWNLOAD_SEC = 4  # of ours; their lease of 15 minutes is 15 seconds of ours


class VirtualTime:
    """Real time and an offset that all processes share."""

    def __init__(self, offset: Synchronized[float]) -> None:
        self.offset = offset

    def now(self) -> datetime.datetime:
        return datetime.datetime.fromtimestamp(time.time() + self.offset.value, datetime.UTC)


def fork(work: Callable[[], None], errors: Path) -> int:
    """A child of its own that ends with its work; what it raises goes to a file."""
    child = os.fork()
    if child:
        return child
    code = 0
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        work()
    except BaseException:
        code = 1
        with errors.open("a") as out:
            out.write(traceback.format_exc())
    finally:
        os._exit(code)


def in_time(clock: VirtualTime) -> None:
    """This process lives in virtual time, has little patience with downloads, and sends no hints: the sweep must do."""
    from django.utils import timezone

    from generation import delivery, downloads, hints

    timezone.now = clock.now  # type: ignore[assignment]
    hints.advance_soon = lambda *_, **__: None
    delivery.fetch = lambda *given: downloads.fetch(*given, seconds=DOWNLOAD_SEC)


def worker(clock: VirtualTime, number: int) -> None:
    """What a Celery worker does with the hints of a sweep; its own errors end one step, as there."""
    from django.db import Error, close_old_connections

    from generation import sweep

    in_time(clock)
    draws = random.Random(number)
    while True:
        try:
            found = sweep.due(clock.now())
            draws.shuffle(found)
            for generation_id in found:
                sweep.advance(generation_id)
            if not found:
                time.sleep(0.01)
        except Error:  # a killed connection, or SQLite's lock
            close_old_connections()
            time.sleep(0.01)


def web(clock: VirtualTime, listener: socket.socket) -> None:
    """The site on one thread per request, at a listener that outlives it."""
    from socketserver import ThreadingMixIn
    from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

    from django.core.wsgi import get_wsgi_application

    in_time(clock)

    class Server(ThreadingMixIn, WSGIServer):
        daemon_threads = True

        def server_bind(self) -> None: ...

        def server_activate(self) -> None: ...

    class Quiet(WSGIRequestHandler):
        def log_message(self, *_: Any) -> None: ...

    server = Server(listener.getsockname(), Quiet, bind_and_activate=False)
    server.socket.close()
    server.socket = listener
    server.server_name, server.server_port = "localhost", listener.getsockname()[1]
    server.setup_environ()
    server.set_app(get_wsgi_application())
    threading.Thread(target=server.serve_forever, daemon=True).start()
    while True:
        time.sleep(60)
