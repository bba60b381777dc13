"""A writer that takes its time, as long as a test wants."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection

from npcs import writers


class Slow:
    """Stands in for a model. Every line waits until `go` is set; `seen` are the requests, `held` the threads that kept a connection meanwhile."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.seen: list[writers.WriterRequest] = []
        self.held: list[str] = []
        self.lock = threading.Lock()
        self.answer: Callable[[writers.WriterRequest], writers.Written] = lambda request: writers.Written(
            text=f"Slowly: {request.label}", writer="slow"
        )
        self.parts: tuple[str, ...] = ()

    def write(self, request: writers.WriterRequest, *, on_part: writers.OnPart | None = None) -> writers.Written:
        with self.lock:
            self.seen.append(request)
            if connection.connection is not None and not connection.in_atomic_block:
                self.held.append(threading.current_thread().name)
        for part in self.parts:
            if on_part is not None:
                on_part(part)
        assert self.go.wait(30), "nobody let the slow writer go on"
        return self.answer(request)

    def asked(self, count: int) -> bool:
        return len(self.seen) >= count


@contextmanager
def slow_writer(patch: pytest.MonkeyPatch) -> Iterator[Slow]:
    slow = Slow()
    patch.setattr(writers, "write", slow.write)
    patch.setattr(writers, "takes_time", lambda request: True)
    try:
        yield slow
    finally:
        slow.go.set()


def until(condition: Callable[[], Any], seconds: float = 20) -> None:
    """Waits for something to become true."""
    import time

    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)
