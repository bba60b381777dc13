"""The text chunks of a PNG in which cards travel. Nothing is decompressed here, so nothing can blow up."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from .refusing import refused

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
KEYWORDS: Final = ("ccv3", "chara")
"""The newer first: where a picture has both, it wins."""


class Chunk(NamedTuple):
    kind: bytes
    content: bytes
    whole: bytes
    sound: bool


def chunks(png: bytes) -> Iterator[Chunk]:
    """Up to and with IEND. Raises Invalid where the file ends in the middle of one."""
    at = len(SIGNATURE)
    while True:
        if at + 12 > len(png):
            raise refused("damaged", "The picture is damaged: it ends too early.")
        (length,) = struct.unpack_from(">I", png, at)
        end = at + 12 + length
        if end > len(png):
            raise refused("damaged", "The picture is damaged: a part of it is longer than the file.")
        kind, content = png[at + 4 : at + 8], png[at + 8 : end - 4]
        yield Chunk(kind, content, png[at:end], zlib.crc32(kind + content) == struct.unpack_from(">I", png, end - 4)[0])
        if kind == b"IEND":
            return
        at = end


def card_text(png: bytes) -> bytes:
    """The base64 text of the card. Raises Invalid where there is none, or where it is damaged."""
    found: dict[str, Chunk] = {}
    for chunk in chunks(png):
        keyword = _keyword(chunk)
        if keyword and chunk.kind != b"tEXt":
            raise refused("compressed", f"The card stands in a {chunk.kind.decode('latin-1')} part; cards stand in tEXt.")
        if keyword:
            found.setdefault(keyword, chunk)
    chosen = next((found[name] for name in KEYWORDS if name in found), None)
    if chosen is None:
        raise refused("no_card", "There is no card in this picture. Some sites take it out: download the original.")
    if not chosen.sound:
        raise refused("damaged", "The card in this picture is damaged: its checksum does not fit.")
    return chosen.content.partition(b"\0")[2]


def without_card(png: bytes) -> bytes:
    return SIGNATURE + b"".join(chunk.whole for chunk in chunks(png) if not _keyword(chunk))


def with_cards(png: bytes, texts: Mapping[str, bytes]) -> bytes:
    """The picture with these cards (keyword: base64 text) in place of those it had, right before its end."""
    added = b"".join(_chunk(b"tEXt", keyword.encode() + b"\0" + text) for keyword, text in texts.items())
    rest = [chunk.whole for chunk in chunks(png) if not _keyword(chunk)]
    return SIGNATURE + b"".join(rest[:-1]) + added + rest[-1]


def _keyword(chunk: Chunk) -> str:
    """`ccv3` or `chara` where the chunk is a card's, whatever kind of text it is; else nothing."""
    if chunk.kind not in (b"tEXt", b"zTXt", b"iTXt"):
        return ""
    word = chunk.content[:80].partition(b"\0")[0].decode("latin-1").lower()
    return word if word in KEYWORDS else ""


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
