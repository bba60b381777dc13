"""One-use tickets that open a WebSocket: 60 s, for one user and one stream.

A ticket is signed, so nothing is stored until it is used; used ones are remembered in the cache, which every process shares
(Redis where there are several).
"""

from __future__ import annotations

import logging
import re
import secrets
from typing import Any, NamedTuple

from django.core import signing
from django.core.cache import cache

LIFETIME_SEC = 60
_SALT = "pixsim.tickets"
_TICKET = re.compile(r"(\bticket=)[^&\s\"]+")


class Holder(NamedTuple):
    """Who asked for a ticket, and by which token (its digest; empty where it was no token): the socket ends with it."""

    user_id: int
    token: str = ""


def issue(user_id: int, stream: str, *, token: str = "") -> str:
    """A ticket for `stream`, such as `session/200`."""
    return signing.dumps([user_id, token, stream, secrets.token_urlsafe(12)], salt=_SALT)


def redeem(ticket: str, stream: str) -> Holder | None:
    """Whom the ticket was given to; None when it is forged, too old, for another stream or used already."""
    try:
        user_id, token, meant, nonce = signing.loads(ticket, salt=_SALT, max_age=LIFETIME_SEC)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    if meant != stream or not cache.add(f"ticket:{nonce}", 1, timeout=LIFETIME_SEC + 5):
        return None
    return Holder(int(user_id), str(token))


def keep_out_of_logs() -> None:
    """Web servers log the paths they are asked for: there a ticket is shown as `ticket=…`."""
    for name in ("uvicorn.access", "uvicorn.error", "daphne.server", "hypercorn.access", "_granian.access"):
        logger = logging.getLogger(name)
        if _without_tickets not in logger.filters:
            logger.addFilter(_without_tickets)


def _without_tickets(record: logging.LogRecord) -> bool:
    record.msg = _hidden(record.msg)
    if isinstance(record.args, tuple):
        record.args = tuple(_hidden(arg) for arg in record.args)
    return True


def _hidden(value: Any) -> Any:
    return _TICKET.sub(r"\1…", value) if isinstance(value, str) and "ticket=" in value else value
