"""Database connections of this thread, and when to be without."""

from __future__ import annotations

from django.db import connections


def let_go() -> None:
    """Gives them back before something slow; the next query takes one again. Inside a transaction a connection stays: there is none to give."""
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close()
