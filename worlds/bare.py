"""Whether a file holds its picture, clip or model and nothing beside: then a bundle may keep its very bytes.

Uploads are written anew, which changes the bytes of a JPEG or WebP every time. What we wrote ourselves is bare; keeping it makes
export, import and export again the same to the byte. Anything with comments, places, profiles or trailing data is written anew.
"""

from __future__ import annotations

import struct
from pathlib import Path

from generation.intake import JPEG, PNG, WEBP, Kind

PNG_CHUNKS = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"})
WEBP_CHUNKS = frozenset({b"VP8 ", b"VP8L", b"VP8X", b"ALPH"})

OF_THE_SCAN = frozenset({b"\x00", *(bytes([marker]) for marker in range(0xD0, 0xD8))})


def is_bare(path: Path, kind: Kind) -> bool:
    """For a file that was decoded whole before. Clips, sounds and models were checked by their readers and are kept as they are."""
    if kind.media_type != "image":
        return True
    data = path.read_bytes()
    if kind is PNG:
        return data.startswith(b"\x89PNG") and _bare_png(data)
    if kind is WEBP:
        return _bare_webp(data)
    return kind is JPEG and _bare_jpeg(data)


def _bare_png(data: bytes) -> bool:
    at = 8
    while at + 12 <= len(data):
        length = struct.unpack_from(">I", data, at)[0]
        name = data[at + 4 : at + 8]
        if name not in PNG_CHUNKS:
            return False
        at += 12 + length
        if name == b"IEND":
            return bool(at == len(data))
    return False


def _bare_webp(data: bytes) -> bool:
    if len(data) < 12 or struct.unpack_from("<I", data, 4)[0] + 8 != len(data):
        return False
    at = 12
    while at + 8 <= len(data):
        if data[at : at + 4] not in WEBP_CHUNKS:
            return False
        size = struct.unpack_from("<I", data, at + 4)[0]
        at += 8 + size + size % 2
    return bool(at == len(data))


def _bare_jpeg(data: bytes) -> bool:
    """SOI, the JFIF segment (APP0), tables and scans, EOI, and nothing after it."""
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker, length = data[at + 1], struct.unpack_from(">H", data, at + 2)[0]
        if marker == 0xFE or 0xE1 <= marker <= 0xEF or length < 2:
            return False
        if marker == 0xE0 and (data[at + 4 : at + 9] != b"JFIF\0" or length != 16):
            return False
        at += 2 + length
        if marker == 0xDA:  # the compressed data runs to the next marker that is none of its own
            while (at := data.find(b"\xff", at)) >= 0 and data[at + 1 : at + 2] in OF_THE_SCAN:
                at += 2
            if at < 0:
                return False
            if data[at : at + 2] == b"\xff\xd9":
                return bool(at + 2 == len(data))
    return False
