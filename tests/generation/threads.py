"""The same thing many times at once, each thread on a connection of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

from django.db import connection


def at_once(workers: int, work: Callable[[Any], Any], given: Sequence[Any]) -> list[Any]:
    """`work` for each of `given`, spread over threads that begin together; results or the exceptions raised, in no order."""
    queue, results, lock, gate = list(given), [], threading.Lock(), threading.Barrier(workers)

    def loop() -> None:
        try:
            gate.wait()
            while True:
                with lock:
                    if not queue:
                        return
                    item = queue.pop()
                try:
                    found = work(item)
                except Exception as error:
                    found = error
                with lock:
                    results.append(found)
        finally:
            connection.close()

    threads = [threading.Thread(target=loop) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
