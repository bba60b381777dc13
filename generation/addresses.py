"""Which addresses of the outside may be spoken to, and a connection that speaks to no other.

A result's URL, an account's base URL and a vendor's status URL are all written by somebody else. So: HTTPS on its usual port, a host on the
caller's list, names resolved once, every answer of the resolver public, and the connection made to exactly that address (the certificate is still
checked against the name). Hosts of one's own network only where `PROVIDER_LOCAL_HOSTS` names host and port.
"""

from __future__ import annotations

import contextlib
import ipaddress
import re
import socket
from collections.abc import Collection
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from requests import PreparedRequest
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError
from urllib3.util import connection as sockets

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
MAX_URL = 4096
TRIED = 3  # addresses of one name
LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
NUMBER = re.compile(r"0x[0-9a-f]*|[0-9]+")

# What `is_global` lets through and still leads inside: translations of IPv4 addresses, and what clouds put on public ones.
NEVER = tuple(
    map(
        ipaddress.ip_network,
        (
            "0.0.0.0/8", "100.64.0.0/10", "168.63.129.16/32", "192.88.99.0/24", "192.0.0.0/24", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4",
            "::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16",
            "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
        ),
    )
)  # fmt: skip


class Forbidden(Exception):
    """An address nobody may be sent to. `message` is for people."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True, slots=True)
class Place:
    """A checked URL's host. `local`: allowed by `PROVIDER_LOCAL_HOSTS`, whatever its address."""

    scheme: str
    host: str
    port: int
    local: bool


def check(url: str, allowed: Collection[str] | None = None) -> Place:
    """The place a URL leads to. `allowed`: host names, a leading dot for subdomains, host:port for local ones; None for any public host.

    Raises Forbidden. Nothing is resolved here.
    """
    if len(url) > MAX_URL or not url.isascii() or any(ord(letter) <= 32 or letter in '\\"<>^`{|}\x7f' for letter in url):
        raise Forbidden("This is no proper address.")
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError as error:
        raise Forbidden("This is no proper address.") from error
    if parts.scheme not in ("http", "https") or not host:
        raise Forbidden("An address begins with https:// and a host.")
    if parts.username is not None or parts.password is not None:
        raise Forbidden("An address may hold no user name.")
    port = port if port is not None else {"http": 80, "https": 443}[parts.scheme]
    name = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    local = name in settings.PROVIDER_LOCAL_HOSTS
    if allowed is not None and not _listed(host, name if local else "", allowed):
        raise Forbidden(f"{host} is not a host of this provider.")
    if local:
        return Place(parts.scheme, host, port, True)
    if parts.scheme != "https":
        raise Forbidden(f"{host} may only be asked over HTTPS; a host of your own network must be named in PROVIDER_LOCAL_HOSTS.")
    if port != 443:
        raise Forbidden(f"{host} may only be asked on port 443.")
    if not _is_name(host):
        raise Forbidden("An address names its host; a number is not enough.")
    return Place(parts.scheme, host, port, False)


def _listed(host: str, local: str, allowed: Collection[str]) -> bool:
    return any(host.endswith(entry) and host != entry[1:] if entry.startswith(".") else entry in (host, local) for entry in allowed)


def _is_name(host: str) -> bool:
    """A name with a dot, that no resolver reads as a number: 127.1, 0177.0.0.1, 0x7f000001 and 2130706433 are all this machine."""
    labels = host.split(".")
    return len(labels) > 1 and len(host) <= 253 and all(LABEL.fullmatch(label) for label in labels) and not NUMBER.fullmatch(labels[-1])


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public internet, and to nobody's inside."""
    try:
        ip: Address = ipaddress.ip_address(address)
    except ValueError:  # also with a zone
        return False
    if isinstance(ip, ipaddress.IPv6Address) and ip.scope_id:
        return False
    return ip.is_global and not ip.is_multicast and not any(ip.version == network.version and ip in network for network in NEVER)


def resolve(place: Place) -> list[str]:
    """Its addresses. One that is not public spoils them all: a name that answers with both is built to be chosen wrongly.

    Raises Forbidden, OSError.
    """
    found = list(dict.fromkeys(str(answer[4][0]) for answer in socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)))
    if not place.local and not all(is_public(address) for address in found):
        raise Forbidden(f"{place.host} leads into a private network.")
    return found


class Trail:
    """What became of one request: whether a connection stood, and the socket to cut when time is up."""

    def __init__(self) -> None:
        self.connected = False
        self.late = False
        self.socket: socket.socket | None = None

    def cut(self) -> None:
        """End it from another thread."""
        self.late = True
        if self.socket is not None:
            with contextlib.suppress(OSError):
                socket.socket.shutdown(self.socket, socket.SHUT_RDWR)  # the plain one: TLS has nothing to say at this point


class _Pinned:
    """Connects to an address that was checked a moment ago, and to no other answer of the resolver."""

    def __init__(self, *args: Any, place: Place, trail: Trail, **options: Any) -> None:
        super().__init__(*args, **options)
        self._place, self._trail = place, trail

    def _new_conn(self) -> socket.socket:
        options: Any = self
        last: OSError = OSError("the name has no address")
        try:
            addresses = resolve(self._place)[:TRIED]
        except OSError as error:
            raise NewConnectionError(options, "the name could not be resolved") from error
        for address in addresses:
            try:
                return sockets.create_connection((address, self._place.port), options.timeout, socket_options=options.socket_options)
            except TimeoutError as error:
                raise ConnectTimeoutError(options, "the connection took too long") from error
            except OSError as error:
                last = error
        raise NewConnectionError(options, str(last)) from last

    def connect(self) -> None:
        base: Any = super()
        base.connect()
        if self._trail.late:  # the resolver took all the time there was; nothing has been sent yet
            raise ConnectTimeoutError(self, "no time is left")
        self._trail.socket = getattr(self, "sock", None)
        self._trail.connected = True


class _PinnedHTTP(_Pinned, HTTPConnection):
    pass


class _PinnedHTTPS(_Pinned, HTTPSConnection):
    pass


class PinnedAdapter(HTTPAdapter):
    """For one request to one place. No retries, no proxy."""

    def __init__(self, place: Place, trail: Trail) -> None:
        super().__init__(max_retries=0)
        self._place, self._trail = place, trail

    def get_connection_with_tls_context(self, request: PreparedRequest, verify: Any, proxies: Any = None, cert: Any = None) -> Any:
        pool: Any = super().get_connection_with_tls_context(request, verify, {}, cert)
        kind = _PinnedHTTPS if self._place.scheme == "https" else _PinnedHTTP
        pool.ConnectionCls = partial(kind, place=self._place, trail=self._trail)
        return pool
