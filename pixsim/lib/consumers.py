"""What every WebSocket of ours shares: who may open it, that the right is looked at again, and that it takes no commands but `ping`."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from importlib import import_module
from typing import Any
from urllib.parse import parse_qs, urlsplit

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.contrib.auth import get_user, get_user_model
from django.db.models import Q
from django.http import HttpRequest
from django.http.request import split_domain_port, validate_host
from django.utils import timezone
from django.utils.http import is_same_domain
from knox.models import AuthToken

from pixsim.lib import tickets

RECHECK_SEC = 60.0
MAX_MESSAGE = 1024
REFUSED, NOT_LOGGED_IN, NOT_THERE = 4403, 4401, 4404
OWN, MISSING, FOREIGN = "own", "missing", "foreign"
log = logging.getLogger(__name__)

# The default of Channels is one thread for all sockets of a process: one long replay would hold up everybody's heartbeat.
_threads = ThreadPoolExecutor(4, thread_name_prefix="sockets")


def in_thread(read: Callable[..., Any]) -> Callable[..., Coroutine[Any, Any, Any]]:
    """A function of the ORM for an event loop."""
    reading: Callable[..., Coroutine[Any, Any, Any]] = database_sync_to_async(read, thread_sensitive=False, executor=_threads)
    return reading


def encoded(frame: dict[str, Any]) -> str:
    return json.dumps(frame, ensure_ascii=False, separators=(",", ":"))


_running: set[asyncio.Task[None]] = set()


def detached(work: Coroutine[Any, Any, None]) -> None:
    """Runs to its end though nobody waits for it."""
    task = asyncio.ensure_future(work)
    _running.add(task)
    task.add_done_callback(_done)


def _done(task: asyncio.Task[None]) -> None:
    _running.discard(task)
    if not task.cancelled() and (error := task.exception()) is not None:
        log.info("Leaving a stream failed: %r", error)


class GuardedConsumer(AsyncWebsocketConsumer):
    """One socket on one stream, such as `session/200`. Subclasses say which stream it is, who may read it, and what is told."""

    channel_layer_alias = ""  # a socket needs no channel of its own: what is told comes through a hub or a task

    subject_id = 0
    user: Any = None
    holder: tickets.Holder | None = None
    """Whose ticket opened it; None where it was a cookie."""

    kind = ""
    """The first half of the stream's name; the URL names the second as `<kind>_id`."""

    def may_read(self, *, first: bool) -> bool:
        """Whether `self.user` may read the stream now; `first` when it is opened. Runs in a thread with the ORM."""
        raise NotImplementedError

    async def begin(self, query: dict[str, list[str]]) -> None:
        """After the socket was accepted and checked: the hello, and the tasks that tell, added to `self.tasks`."""
        raise NotImplementedError

    def leave(self) -> None:
        """The socket is closed; its tasks are cancelled already."""

    # -- inside -------------------------------------------------------------------------------------------------------

    @property
    def stream_name(self) -> str:
        return f"{self.kind}/{self.subject_id}"

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        self.tasks: list[asyncio.Task[None]] = []
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._end()

    async def connect(self) -> None:
        self.subject_id = int(self.scope["url_route"]["kwargs"][f"{self.kind}_id"])
        query = parse_qs(self.scope.get("query_string", b"").decode("latin-1"))
        origin = origin_of(self.scope)
        if origin != FOREIGN:
            self.user = await self._who(query.get("ticket", [""])[0], origin)
        if origin != OWN and self.user is None:
            await self.close(code=REFUSED)  # before accepting: the handshake is answered with 403
            return
        await self.accept()
        if refused := await self._refused(first=True):
            await self.close(code=refused)
            return
        await self.begin(query)
        self.tasks.append(asyncio.ensure_future(self._guard()))

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """`ping`, as a word or as `{"type": "ping"}`, is answered; anything else is ignored: moves go over HTTP."""
        if text_data is None or len(text_data) > MAX_MESSAGE:
            return
        found: Any = text_data
        with suppress(ValueError, RecursionError):
            found = json.loads(text_data)
        if found == "ping" or (isinstance(found, dict) and found.get("type") == "ping"):
            await self.send(text_data='{"type":"pong"}')

    async def _guard(self) -> None:
        """Closes the socket of somebody who may not read on."""
        while True:
            await asyncio.sleep(RECHECK_SEC)
            try:
                refused = await self._refused()
            except Exception as error:
                log.warning("Nobody could say whether a socket on %s may stay: %r", self.stream_name, error)
                continue
            if refused:
                self._end(but=asyncio.current_task())
                await self.close(code=refused)
                return

    def _end(self, but: asyncio.Task[Any] | None = None) -> None:
        for task in self.tasks:
            if task is not but:
                task.cancel()
        self.leave()

    async def _who(self, ticket: str, origin: str) -> Any:
        """The user of the ticket; without one that of the cookie, which counts only from our own pages."""
        if ticket:
            self.holder = await in_thread(tickets.redeem)(ticket, self.stream_name)
            return await in_thread(_of_ticket)(self.holder) if self.holder else None
        user = self.scope.get("user")
        return user if origin == OWN and getattr(user, "is_authenticated", False) else None

    async def _refused(self, *, first: bool = False) -> int | None:
        """The code to close with, None for whoever may read."""
        if self.user is None:
            return NOT_LOGGED_IN
        code: int | None = await in_thread(self._checked)(first)
        return code

    def _checked(self, first: bool) -> int | None:
        if not first:
            self.user = _of_ticket(self.holder) if self.holder else self._of_cookie()
            if self.user is None:
                return NOT_LOGGED_IN
        return None if self.may_read(first=first) else NOT_THERE

    def _of_cookie(self) -> Any:
        """Who the cookie stands for now: nobody after a logout, a new password or the end of the account."""
        request = HttpRequest()
        request.session = import_module(settings.SESSION_ENGINE).SessionStore(self.scope["session"].session_key)
        user = get_user(request)
        return user if user.is_authenticated else None


def _of_ticket(holder: tickets.Holder) -> Any:
    """Whom a ticket stands for now: nobody after a logout, the end of its token or of the account. One query."""
    users = get_user_model().objects.filter(pk=holder.user_id, is_active=True)
    if holder.token:
        users = users.filter(auth_token_set__in=AuthToken.objects.filter(Q(expiry=None) | Q(expiry__gt=timezone.now()), pk=holder.token))
    return users.first()


def origin_of(scope: dict[str, Any]) -> str:
    """Whether the page that asks is ours: of the host it asks, if that is one of ours, or trusted by the site's settings."""
    headers = dict(scope.get("headers", ()))
    origin = headers.get(b"origin", b"").decode("latin-1")
    host = headers.get(b"host", b"").decode("latin-1").lower()
    if not origin:
        return MISSING
    try:
        parts = urlsplit(origin.lower())
    except ValueError:
        return FOREIGN
    if parts.scheme in ("http", "https") and parts.netloc == host and validate_host(split_domain_port(host)[0], settings.ALLOWED_HOSTS):
        return OWN
    return OWN if any(_trusted(trusted, parts.scheme, parts.netloc) for trusted in settings.CSRF_TRUSTED_ORIGINS) else FOREIGN


def _trusted(pattern: str, scheme: str, netloc: str) -> bool:
    """`https://play.example.org`, or `https://*.example.org` for every host below it."""
    wanted = urlsplit(pattern)
    return bool(netloc) and wanted.scheme == scheme and is_same_domain(netloc, wanted.netloc.removeprefix("*"))
