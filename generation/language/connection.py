"""A client of the openai SDK that speaks to one checked address, and never longer or more than it was given.

Timeouts of HTTP clients are per read: a server that sends a byte now and then is waited for without end. Here every read, write and connect gets what
is left of the whole time, and an answer has a greatest size. Names are resolved and checked at each connect (`generation.addresses`), redirects and
proxies are off, and nothing is unpacked.
"""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import httpcore2
import httpx2
import openai

from generation.addresses import Forbidden, Place, check, resolve

MAX_ANSWER: Final = 256 * 1024
CONNECT_SEC: Final = 5.0
KEPT_CLIENTS: Final = 32
_resolver = ThreadPoolExecutor(max_workers=4, thread_name_prefix="resolve")


@dataclass
class Allowance:
    """What is left of one question's time (a monotonic clock) and size."""

    until: float
    left: int = MAX_ANSWER
    sent: bool = False

    def seconds(self) -> float:
        """Raises httpcore2.ReadTimeout when there are none left."""
        found = self.until - time.monotonic()
        if found <= 0:
            raise httpcore2.ReadTimeout("the time is over")
        return found


_current = threading.local()


@contextmanager
def allowed(allowance: Allowance) -> Iterator[Allowance]:
    """All that this thread asks inside is measured by this allowance."""
    _current.allowance = allowance
    try:
        yield allowance
    finally:
        _current.allowance = None


def _allowance() -> Allowance:
    found: Allowance | None = getattr(_current, "allowance", None)
    return found or Allowance(time.monotonic() + CONNECT_SEC)


class _Stream(httpcore2.NetworkStream):
    def __init__(self, inner: httpcore2.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        allowance = _allowance()
        found = self._inner.read(max_bytes, allowance.seconds())
        allowance.left -= len(found)
        if allowance.left < 0:
            raise httpcore2.ReadError("the answer is too large")
        return found

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        allowance = _allowance()
        allowance.sent = True
        self._inner.write(buffer, allowance.seconds())

    def close(self) -> None:
        self._inner.close()

    def start_tls(self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None) -> httpcore2.NetworkStream:
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, min(CONNECT_SEC, _allowance().seconds())))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _Backend(httpcore2.NetworkBackend):
    """Connects to the checked addresses of one place, whatever host it is asked for."""

    def __init__(self, place: Place) -> None:
        self._place, self._sockets = place, httpcore2.SyncBackend()

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, local_address: str | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore2.NetworkStream:
        allowance = _allowance()
        try:
            addresses = _resolver.submit(resolve, self._place).result(min(CONNECT_SEC, allowance.seconds()))
        except (Forbidden, OSError, TimeoutError) as error:
            raise httpcore2.ConnectError(f"{self._place.host} cannot be reached.") from error
        for number, address in enumerate(addresses[:2], start=1):
            try:
                return _Stream(self._sockets.connect_tcp(address, self._place.port, min(CONNECT_SEC, allowance.seconds())))
            except httpcore2.ConnectError:
                if number == len(addresses[:2]):
                    raise
        raise httpcore2.ConnectError(f"{self._place.host} has no address.")


class _Transport(httpx2.BaseTransport):
    def __init__(self, place: Place) -> None:
        self._pool = httpcore2.ConnectionPool(
            ssl_context=ssl.create_default_context() if place.scheme == "https" else None, max_connections=None, max_keepalive_connections=20,
            keepalive_expiry=20, network_backend=_Backend(place),
        )  # fmt: skip

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        target = httpcore2.URL(scheme=request.url.raw_scheme, host=request.url.raw_host, port=request.url.port, target=request.url.raw_path)
        asked = httpcore2.Request(
            method=request.method, url=target, headers=request.headers.raw, content=request.stream, extensions=request.extensions
        )
        with _told_as_httpx():
            answer = self._pool.handle_request(asked)
        packed = any(name.lower() == b"content-encoding" and value.lower() not in (b"", b"identity") for name, value in answer.headers)
        if packed:
            answer.close()
            raise httpx2.ReadError("the answer is packed, though nobody asked for that")
        return httpx2.Response(status_code=answer.status, headers=answer.headers, stream=_Body(answer.stream), extensions=answer.extensions)

    def close(self) -> None:
        self._pool.close()


class _Body(httpx2.SyncByteStream):
    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __iter__(self) -> Iterator[bytes]:
        with _told_as_httpx():
            yield from self._inner

    def close(self) -> None:
        self._inner.close()


@contextmanager
def _told_as_httpx() -> Iterator[None]:
    """The SDK knows the errors of httpx."""
    try:
        yield
    except httpcore2.ConnectTimeout as error:
        raise httpx2.ConnectTimeout(str(error)) from error
    except httpcore2.TimeoutException as error:
        raise httpx2.ReadTimeout(str(error)) from error
    except httpcore2.ConnectError as error:
        raise httpx2.ConnectError(str(error)) from error
    except (httpcore2.NetworkError, httpcore2.ProtocolError, httpcore2.UnsupportedProtocol) as error:
        raise httpx2.ReadError(str(error)) from error


def client(base_url: str, secret: str, *, trusted: bool = False) -> openai.OpenAI:
    """A client for this address, kept with its open connections. `trusted`: named by who runs the site, so it may be anywhere.

    Raises Forbidden for an address nobody may be sent to.
    """
    if not trusted:
        check(base_url)
    return _client(base_url, secret, trusted)


@lru_cache(maxsize=KEPT_CLIENTS)
def _client(base_url: str, secret: str, trusted: bool) -> openai.OpenAI:
    place = _anywhere(base_url) if trusted else check(base_url)
    http = httpx2.Client(transport=_Transport(place), trust_env=False, follow_redirects=False, headers={"Accept-Encoding": "identity"})
    # Servers of one's own need no key, but the SDK insists on one. Retries are ours: the SDK waits as long as a server asks it to.
    made = openai.OpenAI(api_key=secret or "none", base_url=base_url, max_retries=0, http_client=http)
    made.organization = made.project = None  # what the environment says of another server is nobody's business here
    return made


def _anywhere(base_url: str) -> Place:
    url = httpx2.URL(base_url)
    port = url.port or {"http": 80, "https": 443}.get(url.scheme, 0)
    if not url.host or not port:
        raise Forbidden("An address begins with http:// or https:// and a host.")
    return Place(url.scheme, url.host, port, True)
