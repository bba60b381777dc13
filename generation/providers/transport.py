"""HTTP to a vendor: one request, one try, and a clear word about what became of it.

Libraries retry, follow redirects and pick up proxies by themselves; for a POST that costs money each of these can mean paying twice. Here a create is
sent exactly once, and its failure is NotSent (no connection ever stood), Ambiguous (it may have been taken), or an answer. Reads fail as Unavailable.
Keys travel in headers only, and are never part of a message or a log line.
"""

from __future__ import annotations

import email.utils
import json
import logging
import threading
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import requests
import urllib3

from generation.addresses import Forbidden, PinnedAdapter, Trail, check
from pixsim.lib.canonical import canonical_json

from .base import Ambiguous, Json, NotSent, Refused, Trouble, Unavailable

log = logging.getLogger(__name__)

CONNECT_SEC = 5.0
CREATE_SEC = 60.0
ASK_SEC = 30.0
UPLOAD_SEC = 120.0
MAX_ANSWER = 4 * 1024 * 1024
SHOWN = 300  # characters of a vendor's words that people see
AGENT = "PixSim"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whatever its status. `data` is None where the body is no JSON."""

    status: int
    headers: Mapping[str, str]
    data: Any
    text: str

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def retry_after_sec(self) -> float | None:
        """What `Retry-After` says, in seconds from now."""
        said = self.headers.get("retry-after", "").strip()
        if said.isdigit():
            return float(min(int(said), 86_400))
        try:
            return max(0.0, email.utils.parsedate_to_datetime(said).timestamp() - time.time())
        except ValueError:
            return None


class _Broken(Exception):
    """Something failed after the connection stood."""


def create(url: str, *, body: Mapping[str, Any], headers: Mapping[str, str] | None = None, hosts: Collection[str] | None = None) -> Answer:
    """Exactly one POST. Raises NotSent, Refused for an address nobody may be sent to, Ambiguous; every other status is returned.

    Also Ambiguous: 5xx, redirects that may follow a success, 408 and 409, and a success whose body is no JSON.
    """
    data = canonical_json(dict(body)).encode()
    sent = {**(headers or {}), "Content-Type": "application/json"}
    trail = Trail()
    try:
        answer = _send("POST", url, trail, data=data, headers=sent, seconds=CREATE_SEC, hosts=hosts)
    except Forbidden as error:
        raise Refused(error.message, trouble=Trouble.BAD_REQUEST, code="address") from error
    except (_Broken, requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
        if not trail.connected:
            raise NotSent(_words(url, error, trail)) from error
        raise Ambiguous(_words(url, error, trail)) from error
    if answer.status >= 500 or answer.status in (408, 409) or answer.status < 200 or answer.status in (300, 301, 302, 303):
        raise Ambiguous(f"{_host(url)} answered {answer.status}.", raw={"status": answer.status, "text": answer.text[:SHOWN]})
    if answer.ok and answer.data is None:
        raise Ambiguous(f"{_host(url)} answered with something that is no JSON.", raw={"status": answer.status, "text": answer.text[:SHOWN]})
    return answer


def ask(
    method: str, url: str, *, headers: Mapping[str, str] | None = None, body: Mapping[str, Any] | None = None, files: Mapping[str, Any] | None = None,
    form: Mapping[str, str] | None = None, seconds: float = ASK_SEC, hosts: Collection[str] | None = None,
) -> Answer:  # fmt: skip
    """A question, or an upload, that may be repeated. Raises Unavailable, also for 5xx and redirects; other statuses are returned."""
    sent = dict(headers or {})
    data: Any = form
    if body is not None:
        data, sent = canonical_json(dict(body)).encode(), {**sent, "Content-Type": "application/json"}
    trail = Trail()
    try:
        answer = _send(method, url, trail, data=data, files=files, headers=sent, seconds=seconds, hosts=hosts)
    except Forbidden as error:
        raise Unavailable(error.message) from error
    except (_Broken, requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
        raise Unavailable(_words(url, error, trail)) from error
    if answer.status >= 500 or not 200 <= answer.status < 600 or 300 <= answer.status < 400:
        raise Unavailable(f"{_host(url)} answered {answer.status}.", raw={"status": answer.status, "text": answer.text[:SHOWN]})
    return answer


@contextmanager
def opened(
    method: str, url: str, trail: Trail, *, seconds: float, hosts: Collection[str] | None = None, read_sec: float | None = None, **options: Any
) -> Iterator[requests.Response]:
    """An answer whose body is still to be read from `raw`. After `seconds` in all the connection is cut, and `trail.late` says so.

    No redirect is followed, no environment asked, nothing unpacked. Raises Forbidden and what requests raises.
    """
    place = check(url, hosts)
    headers = {"User-Agent": AGENT, "Accept-Encoding": "identity", "Connection": "close", **options.pop("headers", {})}
    watch = threading.Timer(seconds, trail.cut)
    watch.daemon = True
    with requests.Session() as session:
        session.trust_env = False
        session.mount(f"{place.scheme}://", PinnedAdapter(place, trail))
        request = requests.Request(method, url, headers=headers, **options).prepare()
        watch.start()
        try:
            answer = session.send(request, stream=True, timeout=(CONNECT_SEC, read_sec or seconds), allow_redirects=False, verify=True)
            try:
                yield answer
            finally:
                answer.close()
        finally:
            watch.cancel()


def _send(method: str, url: str, trail: Trail, *, seconds: float, hosts: Collection[str] | None, **options: Any) -> Answer:
    began = time.monotonic()
    status: int | str = "no answer"
    try:
        with opened(method, url, trail, seconds=seconds + CONNECT_SEC, read_sec=seconds, hosts=hosts, **options) as answer:
            body = _read(answer, trail)
            status = answer.status_code
            headers = {name.lower(): value for name, value in answer.headers.items()}
            return Answer(answer.status_code, headers, _json(body), body[:2000].decode(errors="replace"))
    finally:
        log.info("%s %s: %s in %.0f ms", method, _host(url), status, (time.monotonic() - began) * 1000)


def _read(answer: requests.Response, trail: Trail) -> bytes:
    """The whole body, if it is all there."""
    if answer.headers.get("Content-Encoding", "identity").lower() not in ("", "identity"):
        raise _Broken("the answer is packed, though nobody asked for that")
    body = answer.raw.read(MAX_ANSWER + 1, decode_content=False)
    if trail.late:
        raise TimeoutError("the answer took too long")
    if len(body) > MAX_ANSWER:
        raise _Broken("the answer is too large")
    said = answer.headers.get("Content-Length", "")
    if said.isdigit() and int(said) != len(body):
        raise _Broken("the answer broke off")
    return bytes(body)


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _host(url: str) -> str:
    """All of a URL that may be shown: paths hold ids, queries may hold more."""
    host = url.partition("://")[2].partition("/")[0].partition("?")[0]
    return host.rpartition("@")[2] or "the provider"


def _words(url: str, error: Exception, trail: Trail) -> str:
    host = _host(url)
    if trail.late or isinstance(error, requests.ReadTimeout | TimeoutError):
        return f"{host} did not answer in time."
    if isinstance(error, _Broken):
        return f"{host}: {error}."
    if not trail.connected:
        kind = "its certificate is not valid" if isinstance(error, requests.exceptions.SSLError) else "no connection"
        return f"{host} cannot be reached: {kind}."
    return f"The connection to {host} broke before the answer was complete."


# -- what statuses mean everywhere ----------------------------------------------------------------------------------------
STATUSES = {
    401: Trouble.AUTH, 402: Trouble.NO_FUNDS, 403: Trouble.AUTH, 404: Trouble.NOT_FOUND, 410: Trouble.GONE, 425: Trouble.BUSY, 429: Trouble.BUSY,
}  # fmt: skip


def refusal(answer: Answer, message: str, *, key: str = "", trouble: Trouble | None = None, code: str = "") -> Refused:
    """The Refused for an HTTP status that says no. `message` is the vendor's; a key repeated in it is blotted out."""
    kind = trouble or STATUSES.get(answer.status, Trouble.BAD_REQUEST)
    return Refused(
        without(message, key)[:SHOWN] or f"It answered {answer.status}.", trouble=kind, code=code or str(answer.status),
        retry_after_sec=answer.retry_after_sec, raw=kept(answer.data, key),
    )  # fmt: skip


def without(text: str, *secrets: str) -> str:
    """`text`, every secret in it blotted out."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, "…")
    return text


def kept(data: Any, *secrets: str) -> Json:
    """What may be stored of an answer: an object, without any secret of ours that it repeats."""
    found = data if isinstance(data, dict) else {"answer": data} if data is not None else {}
    text = canonical_json(found)
    if not any(secret and secret in text for secret in secrets):
        return found
    clean: Json = json.loads(without(text, *(json.dumps(secret)[1:-1] for secret in secrets if secret)))
    return clean


def own_host(base_url: str) -> frozenset[str]:
    """host:port of a base URL that `PROVIDER_LOCAL_HOSTS` allows: what runs in one's own network also serves its results from there."""
    try:
        place = check(base_url)
    except Forbidden:
        return frozenset()
    return frozenset({f"[{place.host}]:{place.port}" if ":" in place.host else f"{place.host}:{place.port}"}) if place.local else frozenset()
