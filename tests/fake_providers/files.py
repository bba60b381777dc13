"""Finished files: ranges and ETags as a CDN does them, and every way a file can be wrong."""

from __future__ import annotations

import asyncio
import functools
import hashlib
import io
import re
import subprocess
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import imageio_ffmpeg
from PIL import Image

from tests.serving.web import Answer, Request

from .faults import number
from .state import Job, State


def pixels(quality: str, ratio: tuple[int, int]) -> tuple[int, int]:
    """Width and height of a quality: its number is the shorter side. Even."""
    short = int(quality.rstrip("p"))
    wide, high = ratio
    scale = short / min(wide, high)
    return round(wide * scale / 2) * 2, round(high * scale / 2) * 2


@functools.lru_cache(maxsize=64)
def clip(width: int, height: int, seconds: float, codec: str) -> bytes:
    """A test picture as MP4."""
    with tempfile.TemporaryDirectory(prefix="fake-providers-") as folder:
        path = Path(folder) / "clip.mp4"
        source = f"testsrc2=size={width}x{height}:rate=8:duration={seconds}"
        command = [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", "-f", "lavfi", "-i", source, "-c:v", codec, "-pix_fmt", "yuv420p"]
        subprocess.run([*command, "-movflags", "+faststart", str(path)], check=True)
        return path.read_bytes()


@functools.lru_cache(maxsize=16)
def picture(width: int, height: int) -> bytes:
    out = io.BytesIO()
    Image.linear_gradient("L").resize((width, height)).convert("RGB").save(out, "PNG")
    return out.getvalue()


def content(state: State, job: Job) -> bytes:
    small = state.config.tiny_files
    if job.kind == "image":
        return picture(64, 36) if small else picture(job.width, job.height)
    size = (64, 36, 1.0) if small else (job.width, job.height, float(job.seconds))
    return clip(*size, "mpeg4" if "odd_codec" in job.faults else "libx264")


async def serve(state: State, request: Request, name: str) -> Answer:
    job = next((job for job in state.jobs.values() if job.name == name), None)
    if job is None or state.phase(job) != "completed":
        return Answer(404, b"not found", {"Content-Type": "text/plain"})
    job.fetches += 1
    if job.fetches <= number(job.faults, "url_404_for", 1):
        return Answer(404, b"not yet", {"Content-Type": "text/plain"})
    if "redirect_metadata" in job.faults:
        return Answer(302, b"", {"Location": "http://169.254.169.254/latest/meta-data/iam/security-credentials/"})
    kind = "text/html" if "wrong_type" in job.faults else "image/png" if job.kind == "image" else "video/mp4"
    data = await asyncio.to_thread(content, state, job)
    if "endless" in job.faults:
        return Answer(200, b"", {"Content-Type": kind}, stream=_endless(data))
    if "slow_loris" in job.faults:
        return Answer(200, b"", {"Content-Type": kind}, stream=_slow(data))
    if "truncated_video" in job.faults and job.fetches <= number(job.faults, "truncated_video", 10**9):
        data = data[: len(data) // 2]
    return ranged(request, data, kind)


def ranged(request: Request, data: bytes, kind: str) -> Answer:
    """A whole file or one part of it (RFC 9110, 14)."""
    tag = f'"{hashlib.md5(data).hexdigest()}"'  # as S3 makes them
    headers = {"Content-Type": kind, "ETag": tag, "Accept-Ranges": "bytes", "Cache-Control": "max-age=3600"}
    if request.headers.get("if-none-match") == tag:
        return Answer(304, b"", headers)
    asked = re.fullmatch(r"bytes=(\d*)-(\d*)", request.headers.get("range", ""))
    if not asked or not (asked[1] or asked[2]):
        return Answer(200, data, headers)
    start = int(asked[1]) if asked[1] else max(0, len(data) - int(asked[2]))
    end = min(int(asked[2]) if asked[1] and asked[2] else len(data) - 1, len(data) - 1)
    if start > end:
        return Answer(416, b"", {**headers, "Content-Range": f"bytes */{len(data)}"})
    return Answer(206, data[start : end + 1], {**headers, "Content-Range": f"bytes {start}-{end}/{len(data)}"})


async def _endless(data: bytes) -> AsyncIterator[bytes]:
    yield data
    while True:
        yield bytes(256 * 1024)
        await asyncio.sleep(0)


async def _slow(data: bytes) -> AsyncIterator[bytes]:
    for byte in data:
        yield bytes([byte])
        await asyncio.sleep(1)
