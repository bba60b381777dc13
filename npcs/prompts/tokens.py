"""How long a text is for a model: counted where a vocabulary lies on this machine, else estimated. Nothing is ever downloaded.

tiktoken fetches vocabularies from the network when it lacks them, so it is asked only for one whose file is already in its cache
(`TIKTOKEN_CACHE_DIR`) and is whole: of a broken one it would fetch another copy.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Protocol

import tiktoken
from tiktoken.model import encoding_name_for_model

# Name: where tiktoken fetches it from (which names its file in the cache) and the hash of the file.
_HOST: Final = "https://openaipublic.blob.core.windows.net/encodings"
VOCABULARIES: Final = {
    "o200k_base": (f"{_HOST}/o200k_base.tiktoken", "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d"),
    "cl100k_base": (f"{_HOST}/cl100k_base.tiktoken", "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7"),
}
CHARACTERS_PER_TOKEN: Final = 4


class TokenCounter(Protocol):
    """`name` says how it counts; `estimated` that it only estimates."""

    name: str
    estimated: bool

    def __call__(self, text: str) -> int: ...


class Estimate:
    """Four characters a token, rounded up: near enough for English prose."""

    name = "estimate"
    estimated = True

    def __call__(self, text: str) -> int:
        return math.ceil(len(text) / CHARACTERS_PER_TOKEN)


class Counted:
    """By a vocabulary of tiktoken."""

    estimated = False

    def __init__(self, encoding: Any) -> None:
        self.name = str(encoding.name)
        self._encoding = encoding

    def __call__(self, text: str) -> int:
        return len(self._encoding.encode_ordinary(text))


def counter(model: str = "") -> TokenCounter:
    """The counter for a model, by its vocabulary where that is known and here; without a model by that of today's."""
    return _counter(vocabulary_of(model), os.environ.get("TIKTOKEN_CACHE_DIR", ""))


def vocabulary_of(model: str) -> str:
    """The name of a model's vocabulary; empty for a model that is none of tiktoken's."""
    if not model:
        return "o200k_base"
    try:
        return encoding_name_for_model(model)
    except KeyError:
        return ""


@lru_cache(maxsize=8)
def _counter(name: str, folder: str) -> TokenCounter:
    if not folder or name not in VOCABULARIES or not _is_whole(name, Path(folder)):
        return Estimate()
    return Counted(tiktoken.get_encoding(name))


def _is_whole(name: str, folder: Path) -> bool:
    address, expected = VOCABULARIES[name]
    path = folder / hashlib.sha1(address.encode(), usedforsecurity=False).hexdigest()
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest() == expected
    except OSError:
        return False


def of_json(count: TokenCounter, value: Any) -> int:
    return count(json.dumps(value, ensure_ascii=False, separators=(",", ":")))
