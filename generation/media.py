"""`/media/<id>/<name>`: files for those who may see them, with byte ranges so that clips can be sought."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

from django.core.files.storage import Storage
from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from pixsim.lib.api.endpoints import PublicEndpoint

from . import subjects
from .models import Asset

CHUNK = 256 * 1024
MIMES = {
    "jpg": "image/jpeg", "png": "image/png", "webp": "image/webp", "mp4": "video/mp4", "webm": "video/webm", "glb": "model/gltf-binary",
    "ogg": "audio/ogg", "mp3": "audio/mpeg", "wav": "audio/wav",
}  # fmt: skip


@extend_schema(exclude=True)
class MediaView(PublicEndpoint):
    """Sends an asset's file or poster. 404 for whoever may not see it."""

    http_method_names = ("get", "head", "options")

    def get(self, request: Request, asset_id: int, name: str) -> HttpResponseBase:
        asset = get_object_or_404(Asset, pk=asset_id)
        if not subjects.may_see(request.user, asset):
            raise Http404
        stored = asset.poster if name.startswith("poster") else asset.file
        if not stored.name or not stored.storage.exists(stored.name):
            raise Http404
        return send(request, stored.storage, stored.name, etag=f'"{asset.sha256[:32]}-{name.partition("-")[0]}"')


def send(request: Request, storage: Storage, name: str, *, etag: str) -> HttpResponseBase:
    """A stored file: whole (200), a part (206), nothing new (304) or no such part (416)."""
    size = storage.size(name)
    headers = {
        "Accept-Ranges": "bytes",
        "ETag": etag,
        # The name changes with the content, so it may be kept; privately, since not everybody may see it.
        "Cache-Control": "private, max-age=86400",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Content-Type": MIMES.get(name.rpartition(".")[2], "application/octet-stream"),
        "Content-Disposition": "inline",
    }
    if etag in [tag.strip().removeprefix("W/") for tag in request.headers.get("If-None-Match", "").split(",")]:
        return HttpResponse(status=304, headers={k: v for k, v in headers.items() if k != "Content-Type"})
    wanted = request.headers.get("Range", "")
    if request.headers.get("If-Range", etag) != etag:
        wanted = ""
    part = byte_range(wanted, size)
    if part is None:
        return HttpResponse(status=416, headers={**headers, "Content-Range": f"bytes */{size}"})
    first, last = part
    status = 206 if (first, last) != (0, size - 1) or wanted else 200
    if not re.fullmatch(r"bytes=\d*-\d*", wanted):
        status = 200
    headers["Content-Length"] = str(last - first + 1)
    if status == 206:
        headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    if request.method == "HEAD":
        return HttpResponse(status=status, headers=headers)
    source = request._request
    chunks: Any = _later(storage, name, first, last) if hasattr(source, "scope") else _now(storage, name, first, last)
    return StreamingHttpResponse(chunks, status=status, headers=headers)


def byte_range(header: str, size: int) -> tuple[int, int] | None:
    """First and last byte (inclusive) of a Range header; the whole file for none or one we do not serve (several
    parts, other units, first after last); None when it cannot be satisfied."""
    match = re.fullmatch(r"bytes=(\d*)-(\d*)", header.strip())
    whole = (0, max(0, size - 1))
    if not match or not any(match.groups()):
        return whole
    start, end = match.groups()
    if not start:  # the last n bytes
        length = int(end)
        return (max(0, size - length), size - 1) if length and size else None
    if end and int(end) < int(start):
        return whole
    if int(start) >= size:
        return None
    return int(start), min(int(end), size - 1) if end else size - 1


def _now(storage: Storage, name: str, first: int, last: int) -> Iterator[bytes]:
    with storage.open(name, "rb") as opened:
        opened.seek(first)
        left = last - first + 1
        while left > 0 and (chunk := opened.read(min(CHUNK, left))):
            left -= len(chunk)
            yield chunk


async def _later(storage: Storage, name: str, first: int, last: int) -> AsyncIterator[bytes]:
    """The same under ASGI: reading happens in a thread, so a slow disk does not stop the other players."""
    parts: Any = _now(storage, name, first, last)
    try:
        while (chunk := await asyncio.to_thread(next, parts, None)) is not None:
            yield chunk
    finally:
        await asyncio.to_thread(parts.close)
