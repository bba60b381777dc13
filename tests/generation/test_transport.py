"""One request, one try, and the truth about what became of it."""

from __future__ import annotations

import json
import logging
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from generation import addresses
from generation.providers import transport
from generation.providers.base import Ambiguous, NotSent, Refused, Trouble, Unavailable

KEY = "sk-canary-0123456789"


class Wire:
    """A server below HTTP: says exactly these bytes to each connection, and remembers what it was told."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.host = f"127.0.0.1:{self.port}"
        self.url = f"http://{self.host}/create"
        self.told: list[bytes] = []
        self.say: bytes | Callable[[socket.socket], None] = b""
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(5)
                try:
                    self.told.append(self.whole(connection))
                    if callable(self.say):
                        self.say(connection)
                    else:
                        connection.sendall(self.say)
                except OSError:
                    pass

    def whole(self, connection: socket.socket) -> bytes:
        """A request with its body, if it is one."""
        told = b""
        while chunk := connection.recv(65536):
            told += chunk
            head, ended, body = told.partition(b"\r\n\r\n")
            length = re.search(rb"content-length: (\d+)", head.lower())
            if not told.startswith((b"GET", b"POST")) or (ended and len(body) >= int(length[1] if length else 0)):
                break
        return told

    def end(self) -> None:
        self.stop.set()
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(2)


@pytest.fixture
def wire(settings: Any) -> Iterator[Wire]:
    found = Wire()
    settings.PROVIDER_LOCAL_HOSTS = [found.host]
    yield found
    found.end()


def http(body: str, status: str = "200 OK", **headers: str) -> bytes:
    lines = {"Content-Length": str(len(body)), "Content-Type": "application/json", **headers}
    head = "\r\n".join([f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in lines.items())])
    return f"{head}\r\n\r\n{body}".encode()


def post(wire: Wire) -> transport.Answer:
    return transport.create(wire.url, body={"b": 1, "a": "ü"}, headers={"API-KEY": KEY})


def test_a_create_is_canonical_and_asks_for_nothing_packed(wire: Wire) -> None:
    wire.say = http('{"ok": 1}')
    assert post(wire).data == {"ok": 1}
    head, _, body = wire.told[0].partition(b"\r\n\r\n")
    assert body == '{"a":"ü","b":1}'.encode()
    assert b"Accept-Encoding: identity" in head
    assert b"Connection: close" in head


def test_nothing_listening_is_not_sent(settings: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    settings.PROVIDER_LOCAL_HOSTS = [f"127.0.0.1:{port}"]
    with pytest.raises(NotSent, match="cannot be reached"):
        transport.create(f"http://127.0.0.1:{port}/", body={})


def test_a_name_nobody_knows_is_not_sent(monkeypatch: Any) -> None:
    def unknown(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(NotSent, match="cannot be reached"):
        transport.create("https://api.example.com/", body={})


def test_a_server_without_tls_is_not_sent_to(wire: Wire, monkeypatch: Any) -> None:
    wire.say = b"HTTP/1.1 400 Bad Request\r\n\r\n"
    with pytest.raises(NotSent):
        transport.create(wire.url.replace("http:", "https:"), body={}, headers={"API-KEY": KEY})
    assert KEY.encode() not in b"".join(wire.told)


def test_a_connect_that_takes_too_long_is_not_sent(wire: Wire, monkeypatch: Any) -> None:
    def slow(*_: Any, **__: Any) -> Any:
        raise TimeoutError

    monkeypatch.setattr(addresses.sockets, "create_connection", slow)
    with pytest.raises(NotSent):
        post(wire)


def test_a_forbidden_address_is_a_refusal_and_nothing_is_sent(wire: Wire, settings: Any) -> None:
    settings.PROVIDER_LOCAL_HOSTS = []
    with pytest.raises(Refused) as refused:
        post(wire)
    assert (refused.value.trouble, refused.value.code) == (Trouble.BAD_REQUEST, "address")
    with pytest.raises(Unavailable):
        transport.ask("GET", wire.url)
    assert wire.told == []


@pytest.mark.parametrize(
    "said",
    [
        b"", b"HTTP/1.1 200", b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{}", http("<html>"), http("oops", "500 Internal Server Error"),
        http("{}", "502 Bad Gateway"), http("{}", "504 Gateway Timeout"), http("{}", "408 Request Timeout"), http("{}", "409 Conflict"),
        http("", "302 Found", Location="http://169.254.169.254/"), http("", "303 See Other", Location="/x"), b"\x00\x01garbage\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"ok", http("{}", "200 OK", **{"Content-Encoding": "gzip"}), http(""),
    ],
)  # fmt: skip
def test_whatever_breaks_after_sending_is_ambiguous_and_sent_once(wire: Wire, said: bytes) -> None:
    wire.say = said
    with pytest.raises(Ambiguous) as lost:
        post(wire)
    assert len(wire.told) == 1
    assert KEY not in str(lost.value) + json.dumps(lost.value.raw)


def test_a_time_out_after_sending_is_ambiguous(wire: Wire, monkeypatch: Any) -> None:
    monkeypatch.setattr(transport, "CREATE_SEC", 0.2)
    wire.say = lambda _: wire.stop.wait(3) and None
    with pytest.raises(Ambiguous, match="in time"):
        post(wire)


def test_an_answer_that_drips_is_cut_off_in_the_end(wire: Wire, monkeypatch: Any) -> None:
    """Each byte comes within the read time-out, all of them never would."""
    monkeypatch.setattr(transport, "CREATE_SEC", 0.3)
    monkeypatch.setattr(transport, "CONNECT_SEC", 0.2)

    def drip(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while not wire.stop.wait(0.05):
            connection.sendall(b" ")

    wire.say = drip
    with pytest.raises(Ambiguous, match="in time"):
        post(wire)


def test_an_endless_answer_is_cut_off(wire: Wire, monkeypatch: Any) -> None:
    monkeypatch.setattr(transport, "MAX_ANSWER", 10_000)

    def pour(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while not wire.stop.is_set():
            connection.sendall(bytes(4096))

    wire.say = pour
    with pytest.raises(Ambiguous, match="too large"):
        post(wire)


def test_a_read_that_fails_is_unavailable(wire: Wire) -> None:
    for said in (b"", http("{}", "503 Service Unavailable"), http("", "302 Found", Location="http://127.0.0.1/")):
        wire.say = said
        with pytest.raises(Unavailable):
            transport.ask("GET", wire.url)


def test_a_no_is_an_answer(wire: Wire) -> None:
    wire.say = http('{"detail": "slow down"}', "429 Too Many Requests", **{"Retry-After": "7"})
    answer = post(wire)
    refused = transport.refusal(answer, f"slow down, {KEY}", key=KEY)
    assert (refused.trouble, refused.retry_after_sec, refused.message) == (Trouble.BUSY, 7, "slow down, …")


@pytest.mark.parametrize(("said", "least", "most"), [("0", 0, 0), ("99999999", 86_400, 86_400), ("Wed, 21 Oct 2015 07:28:00 GMT", 0, 0)])
def test_retry_after_is_a_number_or_a_date(said: str, least: float, most: float) -> None:
    found = transport.Answer(429, {"retry-after": said}, None, "").retry_after_sec
    assert found is not None
    assert least <= found <= most


@pytest.mark.parametrize("said", ["", "soon", "GMT"])
def test_a_retry_after_that_means_nothing_is_none(said: str) -> None:
    assert transport.Answer(429, {"retry-after": said}, None, "").retry_after_sec is None


def test_no_proxy_and_no_password_file_of_the_environment_is_used(wire: Wire, monkeypatch: Any, tmp_path: Any) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login somebody password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    wire.say = http("{}")
    post(wire)
    assert b"Authorization" not in wire.told[0]


def test_a_key_is_never_logged(wire: Wire, caplog: Any) -> None:
    caplog.set_level(logging.DEBUG)
    wire.say = http("{}")
    post(wire)
    wire.say = b""
    with pytest.raises(Ambiguous) as lost:
        post(wire)
    assert KEY not in caplog.text + repr(lost.value)
    assert wire.host in caplog.text


def test_what_is_kept_of_an_answer_holds_no_secret() -> None:
    assert transport.kept({"said": f"bad key {KEY}"}, KEY) == {"said": "bad key …"}
    assert transport.kept([1], KEY) == {"answer": [1]}
    assert transport.kept(None) == {}


def test_the_connection_goes_to_the_address_that_was_checked(wire: Wire, monkeypatch: Any) -> None:
    """A name that answers with a public address first and with this machine afterwards is asked once."""
    asked: list[str] = []

    def rebinding(host: str, port: int, *_: Any, **__: Any) -> Any:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34" if len(asked) == 1 else "127.0.0.1", port))]

    reached: list[Any] = []

    def connect(address: Any, *_: Any, **__: Any) -> Any:
        reached.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    monkeypatch.setattr(addresses.sockets, "create_connection", connect)
    with pytest.raises(NotSent):
        transport.create("https://api.example.com/", body={})
    assert (asked, reached) == (["api.example.com"], [("93.184.216.34", 443)])


def test_the_certificate_is_checked_against_the_name_not_the_address(monkeypatch: Any) -> None:
    """The connection goes to an address; what TLS is told is the name."""
    told: list[str | None] = []

    def wrap(self: ssl.SSLContext, sock: socket.socket, *_: Any, server_hostname: str | None = None, **__: Any) -> Any:
        told.append(server_hostname)
        raise ssl.SSLError("enough seen")

    left, right = socket.socketpair()
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, port, *_, **__: [(2, 1, 6, "", ("93.184.216.34", port))])
    monkeypatch.setattr(addresses.sockets, "create_connection", lambda *_, **__: left)
    monkeypatch.setattr(ssl.SSLContext, "wrap_socket", wrap)
    with pytest.raises(NotSent, match="certificate"):
        transport.create("https://api.example.com/", body={})
    right.close()
    left.close()
    assert told == ["api.example.com"]
