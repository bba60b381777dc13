"""Files from strangers: what they really are, and a clean copy of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pixsim.lib.errors import FieldError, Invalid

MEGABYTE = 1024 * 1024
LIMITS = {"image": 20 * MEGABYTE, "video": 50 * MEGABYTE, "gltf": 50 * MEGABYTE, "audio": 20 * MEGABYTE}


@dataclass(frozen=True, slots=True)
class Kind:
    """A file type we accept: what browsers are told, and the demuxer ffmpeg is pinned to."""

    media_type: str
    mime: str
    extension: str
    demuxer: str = ""


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A checked, rewritten file."""

    path: Path
    kind: Kind
    width: int | None = None
    height: int | None = None
    duration_sec: float | None = None
    poster: Path | None = None
    meta: dict[str, Any] = field(default_factory=dict)


PNG = Kind("image", "image/png", "png")
JPEG = Kind("image", "image/jpeg", "jpg")
WEBP = Kind("image", "image/webp", "webp")
MP4 = Kind("video", "video/mp4", "mp4", "mp4")
WEBM = Kind("video", "video/webm", "webm", "matroska")
OGG = Kind("audio", "audio/ogg", "ogg", "ogg")
MP3 = Kind("audio", "audio/mpeg", "mp3", "mp3")
WAV = Kind("audio", "audio/wav", "wav", "wav")
GLB = Kind("gltf", "model/gltf-binary", "glb")
ACCEPTED = "PNG, JPEG, WebP, GIF, MP4, WebM, Ogg, MP3, WAV and binary glTF (.glb)"


def sniff(head: bytes) -> Kind:
    """What a file is by its first bytes (at least 32); its name and declared type are not asked. Raises Invalid."""
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WEBP
    if head[:6] in (b"GIF87a", b"GIF89a"):
        return PNG  # its first frame
    if head[4:8] == b"ftyp" and head[8:12] not in (b"avif", b"avis", b"heic", b"heix", b"mif1"):
        return MP4
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return WEBM
    if head.startswith(b"glTF"):
        return GLB
    if head.startswith(b"OggS"):
        return OGG
    if head.startswith(b"ID3") or (len(head) > 1 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2):
        return MP3
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return WAV
    raise refused(f"This is none of the accepted kinds: {ACCEPTED}.", "kind")


def refused(message: str, code: str = "file") -> Invalid:
    """The one way an upload is turned down."""
    return Invalid([FieldError("/file", code, message)])
