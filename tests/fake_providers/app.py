"""The ASGI application: which path belongs to whom, and a background task that ends jobs and sends webhooks."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import Any

from tests.serving import web

from . import control, files
from .comfyui import ComfyUI
from .fal import Fal
from .pixverse import PREFIX, Pixverse
from .state import State
from .webhooks import announce, deliver

TICK_SEC = 0.05


class App:
    def __init__(self, ledger: Path) -> None:
        self.state = State(ledger)
        self.pixverse, self.fal, self.comfyui = Pixverse(self.state), Fal(self.state), ComfyUI(self.state)
        self.ticking: asyncio.Task[None] | None = None
        self.last: web.Request | None = None

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        request = await web.read(scope, receive)
        self.last = request
        if self.ticking is None:
            self.ticking = asyncio.create_task(self.tick())
        try:
            answer = await self.answer(request)
        except web.HangUp:
            web.hang_up(request)
            return
        except ValueError as wrong:  # a fault that does not exist
            answer = web.Answer(418, {"detail": str(wrong)})
        with contextlib.suppress(asyncio.CancelledError):
            await web.write(request, answer, send)

    async def answer(self, request: web.Request) -> web.Answer:
        path = request.path
        if path.startswith("/_control/"):
            return control.answer(self.state, request)
        if path.startswith("/files/"):
            return await files.serve(self.state, request, path.removeprefix("/files/"))
        if path == "/view":
            return await files.serve(self.state, request, request.query.get("filename", ""))
        trace = request.headers.get("ai-trace-id", "")
        self.state.requests.append({"method": request.method, "path": path, "trace_id": trace, "query": request.query})
        if path.startswith(PREFIX):
            return await self.pixverse.answer(request)
        if self.comfyui.takes(path):
            return await self.comfyui.answer(request)
        return await self.fal.answer(request)

    async def tick(self) -> None:
        """Refunds, news of finished jobs, and webhooks nobody took yet."""
        while True:
            await asyncio.sleep(TICK_SEC)
            state = self.state
            state.settle()
            for job in list(state.jobs.values()):
                ended = "status_seq" not in job.faults and state.phase(job) not in ("queued", "working", "cancelled")
                if ended and not job.told and self.last:
                    job.told = True
                    await announce(state, self.last, job)
            for order in list(state.webhooks):
                if order["due"] is not None and order["due"] <= state.now():
                    await deliver(state, order)
