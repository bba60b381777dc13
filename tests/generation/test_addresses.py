"""Nobody is sent to an address inside, however it is written, and a name that changes its mind changes nothing."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from generation.addresses import Forbidden, Place, check, is_public, resolve

HOSTS = frozenset({"media.example.com", ".cdn.example.com"})

BAD_URLS = [
    "http://media.example.com/x.mp4", "ftp://media.example.com/x", "file:///etc/passwd", "gopher://media.example.com/", "//media.example.com/x",
    "https:///x", "https://", "", "media.example.com/x", "javascript:alert(1)", "data:video/mp4;base64,AAAA", "https://media.example.com:8443/x",
    "https://media.example.com:80/", "https://media.example.com:99999/", "https://media.example.com:-1/", "https://user@media.example.com/x",
    "https://user:pw@media.example.com/", "https://media.example.com@127.0.0.1/", "https://media.example.com\\@127.0.0.1/", "https://media.example.com /x",
    "https://media.example.com/\r\nHost: x", "https://media.example.com\t.evil.test/", "https://evil.test/media.example.com",
    "https://media.example.com.evil.test/", "https://xmedia.example.com/", "https://cdn.example.com.evil.test/", "https://xcdn.example.com/",
    "https://cdn.example.com/", "https://evil.test#.cdn.example.com", "https://evil.test?.cdn.example.com/", "https://média.example.com/",
    "https://media.example.com。/", "https://" + "a" * 5000 + ".cdn.example.com/", "https://[::1]/", "https://[fe80::1%25eth0]/", "https://[bad/",
]  # fmt: skip

NUMBERS = [
    "127.0.0.1", "127.1", "0177.0.0.1", "0x7f.0.0.1", "0x7f000001", "2130706433", "017700000001", "127.0.0.01", "0", "0.0.0.0", "1.2.3.4", "[::1]",
    "[::ffff:127.0.0.1]", "[::]", "[2606:4700::1111]", "localhost", "intranet", "metadata", "8.8.8.8", "256.256.256.256", "1.2.3.0x4",
]  # fmt: skip

PRIVATE = [
    "127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.0.1", "169.254.169.254",
    "169.254.0.1", "169.254.170.2", "100.64.0.1", "100.100.100.200", "100.127.255.255", "168.63.129.16", "192.0.0.1", "192.0.0.192", "192.0.2.1",
    "198.18.0.1", "198.51.100.1", "203.0.113.1", "192.88.99.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "::", "::1", "::127.0.0.1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:8.8.8.8", "::ffff:169.254.169.254", "::ffff:0:7f00:1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::7f00:1", "2002:7f00:1::", "2002:a9fe:a9fe::1", "2001::1", "2001:0:7f00:1::", "2001:db8::1", "100::1", "fc00::1", "fd00:ec2::254",
    "fdff::1", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "ff0e::1", "2606:4700::1111%1", "3fff::1", "5f00::1", "", "localhost", "1.2.3", "01.2.3.4",
]  # fmt: skip

PUBLIC = [
    "8.8.8.8",
    "1.1.1.1",
    "93.184.216.34",
    "100.63.255.255",
    "100.128.0.1",
    "172.32.0.1",
    "168.63.129.15",
    "2606:4700::1111",
    "2a00:1450:4001::1",
]


def test_the_tables_are_long_enough() -> None:
    assert len({*BAD_URLS, *NUMBERS, *PRIVATE}) >= 100


@pytest.mark.parametrize("url", BAD_URLS)
def test_an_address_that_is_not_on_the_list_is_refused(url: str) -> None:
    with pytest.raises(Forbidden):
        check(url, HOSTS)


@pytest.mark.parametrize("host", NUMBERS)
def test_a_number_is_no_host_even_where_every_host_may_be_asked(host: str) -> None:
    with pytest.raises(Forbidden):
        check(f"https://{host}/x")


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_inside_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_an_address_outside_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://media.example.com/x.mp4?sig=1", "media.example.com"),
        ("https://MEDIA.Example.com/x", "media.example.com"),
        ("https://media.example.com./x", "media.example.com"),
        ("https://a.b.cdn.example.com:443/x", "a.b.cdn.example.com"),
    ],
)
def test_an_address_on_the_list_is_taken(url: str, host: str) -> None:
    assert check(url, HOSTS) == Place("https", host, 443, False)


def test_a_local_host_needs_its_port_named(settings: Any) -> None:
    settings.PROVIDER_LOCAL_HOSTS = ["127.0.0.1:8188", "[::1]:8188"]
    assert check("http://127.0.0.1:8188/prompt").local
    assert check("http://[::1]:8188/prompt").local
    for url in ("http://127.0.0.1:8189/", "http://127.0.0.1/", "http://127.0.0.2:8188/", "http://localhost:8188/"):
        with pytest.raises(Forbidden):
            check(url)


def test_a_local_host_is_no_result_host_of_another_provider(settings: Any) -> None:
    settings.PROVIDER_LOCAL_HOSTS = ["127.0.0.1:8188"]
    with pytest.raises(Forbidden):
        check("http://127.0.0.1:8188/view", HOSTS)
    assert check("http://127.0.0.1:8188/view", {"127.0.0.1:8188"}).local


def answers(monkeypatch: Any, *addresses: str) -> None:
    found = [(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)


@pytest.mark.parametrize("address", [entry for entry in PRIVATE if entry.count(".") == 3 or ":" in entry])
def test_a_name_that_leads_inside_is_refused(address: str, monkeypatch: Any) -> None:
    answers(monkeypatch, address)
    with pytest.raises(Forbidden, match="private"):
        resolve(check("https://media.example.com/x"))


def test_one_answer_inside_spoils_the_others(monkeypatch: Any) -> None:
    answers(monkeypatch, "93.184.216.34", "10.0.0.5")
    with pytest.raises(Forbidden, match="private"):
        resolve(check("https://media.example.com/x"))
