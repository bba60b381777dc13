"""Tokens are counted by a vocabulary that lies on this machine, else estimated; nothing is fetched."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import pytest
import requests
import tiktoken.registry

from npcs.prompts import tokens


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError("a vocabulary was fetched")

    monkeypatch.setattr(requests, "get", refuse)
    monkeypatch.setattr(tiktoken.registry, "ENCODINGS", {})
    tokens._counter.cache_clear()


def cached(folder: Path, data: bytes) -> Path:
    address, _ = tokens.VOCABULARIES["o200k_base"]
    path = folder / hashlib.sha1(address.encode(), usedforsecurity=False).hexdigest()
    path.write_bytes(data)
    return path


def test_without_a_vocabulary_it_estimates_and_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("TIKTOKEN_CACHE_DIR", raising=False)
    assert (tokens.counter().estimated, tokens.counter()("x" * 9), tokens.counter()("")) == (True, 3, 0)
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    assert tokens.counter("gpt-4o").estimated
    assert tokens.counter("llama3.2:3b").estimated


def test_a_broken_vocabulary_is_neither_used_nor_fetched_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    path = cached(tmp_path, b"broken")
    assert tokens.counter().estimated
    assert path.read_bytes() == b"broken"


def test_a_whole_vocabulary_counts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    data = b"\n".join(base64.b64encode(bytes([number])) + b" %d" % number for number in range(256))
    cached(tmp_path, data)
    address, _ = tokens.VOCABULARIES["o200k_base"]
    monkeypatch.setitem(tokens.VOCABULARIES, "o200k_base", (address, hashlib.sha256(data).hexdigest()))
    monkeypatch.setattr("tiktoken.load.check_hash", lambda *_: True)
    found = tokens.counter("gpt-4o")
    assert (found.name, found.estimated, found("abc")) == ("o200k_base", False, 3)
