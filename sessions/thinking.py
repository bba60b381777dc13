"""Where lines are written that take their time: threads of the web process, so that no request and no worker waits with them. A thread that is
lost with its process costs the player seconds: the turn's deadline finishes it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from django.db import connections

AT_ONCE = 128
"""Threads that wait for models cost little; beyond this many a line waits for its turn, and its deadline runs."""
log = logging.getLogger(__name__)
_pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="thinking")


def later(work: Callable[..., object], *args: Any) -> Future[None]:
    """Does it in a thread of its own and keeps no database connection afterwards. What goes wrong is logged."""
    return _pool.submit(_done, work, args)


def _done(work: Callable[..., object], args: tuple[Any, ...]) -> None:
    try:
        work(*args)
    except Exception:
        log.exception("A line could not be written.")
    finally:
        connections.close_all()
