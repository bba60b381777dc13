"""The embedded default: one process with the web server, a Celery worker thread and beat. No service, no key, no configuration."""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import threading
import time
import warnings
from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management import BaseCommand, CommandParser, call_command
from django.db import connection, models
from django.utils.module_loading import import_string

WORKER_THREADS = 4
log = logging.getLogger("pixsim.serve")


class Command(BaseCommand):
    help = "Serve PixSim on this machine (PORT, HOST, DATA_DIR)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=int(os.environ.get("PORT") or 8000))
        parser.add_argument("--host", default=os.environ.get("HOST") or "127.0.0.1")
        parser.add_argument("--no-worker", action="store_true", help="background work is done by other processes")

    def handle(self, *args: Any, port: int, host: str, no_worker: bool, **options: Any) -> None:
        # uvicorn raises SIGTERM again after its own shutdown; as SystemExit it lets `finally` run and the exit code be 0.
        signal.signal(signal.SIGTERM, _leave)
        listener = self._listen(host, port)
        background = None if no_worker else Background()
        try:
            self._prepare()
            if background:
                background.start()
            self._serve(listener, host)
        except KeyboardInterrupt:
            pass
        finally:
            if background:
                background.stop()
            listener.close()
            self._say("Stopped.")

    def _prepare(self) -> None:
        settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # whitenoise warns about a folder that is not there
        warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume")  # static files under ASGI: small and from disk
        self._say("Preparing the database …")
        call_command("migrate", verbosity=0, interactive=False)
        if settings.PIXSIM_DEMO:
            self._say("Loading The Harbor District …")
            call_command("load_demo", stdout=self.stdout)

    def _serve(self, listener: socket.socket, host: str) -> None:
        import uvicorn

        ready = threading.Event()

        class Server(uvicorn.Server):
            async def startup(self, sockets: list[socket.socket] | None = None) -> None:
                await super().startup(sockets)
                ready.set()

        def announce() -> None:
            ready.wait()
            self._welcome(host, listener.getsockname()[1])
            Pictures(self._say).watch()

        threading.Thread(target=announce, name="announce", daemon=True).start()
        config = uvicorn.Config("pixsim.asgi:application", log_level="warning", ws="websockets-sansio", lifespan="off", timeout_graceful_shutdown=3)
        Server(config).run(sockets=[listener])

    def _say(self, text: str) -> None:
        self.stdout.write(f"• {text}")
        self.stdout.flush()

    def _listen(self, host: str, port: int) -> socket.socket:
        """First of all, so that a taken port is said before any work is done; who comes early waits instead of being refused."""
        listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
            listener.listen(2048)
        except OSError as error:
            listener.close()
            self.stderr.write(f"PixSim cannot listen on {host}:{port}: {error.strerror}. Choose another port: PORT={port + 1} make run")
            sys.exit(1)
        return listener

    def _welcome(self, host: str, port: int) -> None:
        shown = "localhost" if host in ("127.0.0.1", "0.0.0.0", "::") else host  # noqa: S104 – compared, not bound
        lines = [f"PixSim is ready:  http://{shown}:{port}/"]
        if settings.PIXSIM_DEMO:
            lines += ["Demo accounts:    author / harbor   (writes, at /admin/)", "                  player / harbor   (plays, at /play/)"]
        lines += ["Ctrl-C stops it."]
        self.stdout.write("\n" + "\n".join(f"  {line}" for line in lines) + "\n")
        self.stdout.flush()


def _leave(*_: Any) -> None:
    raise SystemExit(0)


class Pictures:
    """Tells how far the pictures and clips are that the worker makes, until none is left. The world plays meanwhile, as stills and text."""

    def __init__(self, say: Callable[[str], None], every_sec: float = 2) -> None:
        self._say = say
        self._every_sec = every_sec

    def watch(self) -> None:
        told = (0, 0)
        while True:
            made, waiting, failed = self._count()
            if (made, waiting) != told and (waiting or told[1]):
                self._say(self._words(made, waiting, failed))
                told = (made, waiting)
            if not waiting:
                return
            time.sleep(self._every_sec)

    def _words(self, made: int, waiting: int, failed: int) -> str:
        if waiting:
            return f"Making pictures and clips: {made} of {made + waiting} …"
        return f"All {made} pictures and clips are made." if not failed else f"{made} pictures and clips are made, {failed} failed (see /admin/)."

    def _count(self) -> tuple[int, int, int]:
        model = apps.get_model("generation", "Asset")
        try:
            rows = dict(model.objects.exclude(recipe=None).values_list("status").annotate(models.Count("pk")))
        finally:
            connection.close()
        return rows.get("ready", 0), rows.get("pending", 0) + rows.get("rendering", 0), rows.get("failed", 0)


class Background:
    """The Celery worker and beat as threads on the in-memory broker. A thread that ended by an error is started again."""

    def __init__(self) -> None:
        self._worker: Any = None
        self._beat: Any = None
        self._stopping = threading.Event()

    def start(self) -> None:
        from celery.beat import EmbeddedService

        from pixsim.celery import app

        app.loader.init_worker()
        app.finalize()
        threading.Thread(target=self._work, args=(app,), name="celery-worker", daemon=True).start()
        # The in-memory scheduler keeps no file: every task is a sweep over rows and may run at any time.
        self._beat = EmbeddedService(app, thread=True, max_interval=1, scheduler_cls="celery.beat.Scheduler")
        self._beat.daemon = True
        self._beat.start()

    def _work(self, app: Any) -> None:
        from celery.worker import WorkController

        while not self._stopping.is_set():
            try:
                self._worker = WorkController(
                    app=app, pool="threads", concurrency=WORKER_THREADS, loglevel="WARNING",
                    without_heartbeat=True, without_mingle=True, without_gossip=True, quiet=True,
                )  # fmt: skip
                self._worker.start()
            except Exception:
                log.exception("The worker thread ended; it starts again.")
            self._stopping.wait(1)

    def stop(self, within_sec: float = 8) -> None:
        """Ends the threads. Renders under way are handed back first, or the worker would wait for minutes until they are done."""
        self._stopping.set()
        if self._beat:
            self._beat.stop()
        import_string("generation.services.hand_back")()
        if self._worker:
            ending = threading.Thread(target=self._worker.stop, kwargs={"in_sighandler": False}, daemon=True)
            ending.start()
            ending.join(within_sec)
