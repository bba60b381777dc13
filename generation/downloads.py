"""Results of providers, fetched as if they were somebody's trap: only from allowed hosts, from the address that was checked, without redirects,
up to a size and a time, and then read like any upload. What comes out says in its metadata that a machine made it."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import BinaryIO

import requests
import urllib3

from pixsim.lib.errors import Invalid

from . import intake
from .addresses import Forbidden, Trail
from .intake.clips import clean_clip
from .intake.glb import clean_glb
from .intake.pictures import clean_picture
from .providers.base import RemoteFile
from .providers.transport import opened

SECONDS = 300.0
"""For the whole of one download."""
SILENCE = 30.0
CHUNK = 256 * 1024
MADE_BY = "PixSim: machine-made by an AI provider"


class NotFetched(OSError):
    """The file could not be had now; it may be later, or at another address."""


def fetch(remote: RemoteFile, hosts: Collection[str], folder: Path, *, seconds: float = SECONDS) -> intake.Cleaned:
    """The file at `remote` as a clean copy in `folder`: a clip as H.264 MP4 with its poster and length, a picture or model written anew.

    `hosts`: whom it may be fetched from, a leading dot for subdomains. Raises NotFetched, Invalid for a file that is not usable.
    """
    source = folder / "fetched"
    head = _download(remote, hosts, source, seconds)
    kind = intake.sniff(head)
    if source.stat().st_size > intake.LIMITS[kind.media_type]:
        raise Invalid(f"A file of this kind may have {intake.LIMITS[kind.media_type] // intake.MEGABYTE} MB.")
    target = folder / "clean"
    target.mkdir()
    if kind.media_type == "image":
        return clean_picture(source, kind, target, head=head, made_by=MADE_BY)
    if kind.media_type == "gltf":
        return clean_glb(source, target, made_by=MADE_BY)
    return clean_clip(source, kind, target, made_by=MADE_BY)


def _download(remote: RemoteFile, hosts: Collection[str], target: Path, seconds: float) -> bytes:
    """Streamed to disk; its first bytes."""
    trail = Trail()
    try:
        with opened("GET", remote.url, trail, seconds=seconds, hosts=hosts, read_sec=SILENCE, headers=dict(remote.headers)) as answer:
            if answer.status_code != 200:
                raise NotFetched(f"its address answers {answer.status_code}")
            with target.open("wb") as out:
                head = _copy(answer, out, trail)
    except Forbidden as error:
        raise NotFetched(error.message) from error
    except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
        late = "it took too long" if trail.late else "the connection broke"
        raise NotFetched(late) from error
    return head


def _copy(answer: requests.Response, out: BinaryIO, trail: Trail) -> bytes:
    largest, size, head = max(intake.LIMITS.values()), 0, b""
    while chunk := answer.raw.read(CHUNK, decode_content=False):
        head = head or bytes(chunk[:64])
        size += len(chunk)
        if size > largest:
            raise Invalid(f"The file is larger than {largest // intake.MEGABYTE} MB.")
        out.write(chunk)
    if trail.late:
        raise NotFetched("it took too long")
    said = answer.headers.get("Content-Length", "")
    if said.isdigit() and int(said) != size:
        raise NotFetched("it broke off")
    return head
