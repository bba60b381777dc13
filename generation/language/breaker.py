"""A server that fails again and again is left alone for a while, so that players do not wait for it each time.

The count is in the cache: one process by itself, or all of them together where there is Redis. After three failures in a row nothing is sent for half
a minute, then questions are let through again; each further failure doubles the rest, up to five minutes.
"""

from __future__ import annotations

from typing import Final

from django.core.cache import cache

FAILURES: Final = 3
REST_SEC: Final = 30.0
LONGEST_SEC: Final = 300.0


def rests(name: str) -> bool:
    """Whether it is left alone just now."""
    return cache.get(f"language-rest/{name}") is not None


def failed(name: str, *, rest_sec: float | None = None) -> None:
    """One more failure; `rest_sec`: how long the server asked to be left alone."""
    count = cache.get(f"language-failures/{name}", 0) + 1
    cache.set(f"language-failures/{name}", count, 3600)
    if rest_sec is not None:
        cache.set(f"language-rest/{name}", True, min(LONGEST_SEC, max(1.0, rest_sec)))
    elif count >= FAILURES:
        cache.set(f"language-rest/{name}", True, min(LONGEST_SEC, REST_SEC * 2 ** min(8, count - FAILURES)))


def answered(name: str) -> None:
    """It works: forget what was."""
    if cache.get(f"language-failures/{name}") is not None:
        cache.delete_many([f"language-failures/{name}", f"language-rest/{name}"])
