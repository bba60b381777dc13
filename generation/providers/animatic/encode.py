"""Frames to an H.264 MP4 through the ffmpeg that imageio-ffmpeg brings; one thread, so equal frames give equal bytes."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path

import imageio_ffmpeg

from .stage import Planes

MADE_BY = "PixSim animatic renderer: machine-made picture, drawn by a program from a prompt"


class EncoderFailed(RuntimeError):
    """ffmpeg refused the frames; the message carries the end of what it said."""


def encode(frames: Iterable[Planes], target: Path, *, size: tuple[int, int], fps: int, title: str) -> None:
    """Write frames (3, h, w) of RGB bytes to `target` as yuv420p MP4 with the index in front.

    Frames are taken one at a time. Raises EncoderFailed. The file appears only when it is complete.
    """
    part = target.with_name(f".{target.name}.part")
    command = [
        imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-nostdin", "-hide_banner", "-loglevel", "error",
        "-f", "rawvideo", "-pix_fmt", "gbrp", "-s", f"{size[0]}x{size[1]}", "-r", str(fps), "-i", "pipe:0",
        "-an", "-c:v", "libx264", "-preset", "superfast", "-crf", "23", "-threads", "1", "-pix_fmt", "yuv420p",
        "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv",
        "-vf", "scale=out_color_matrix=bt709:out_range=tv", "-g", str(fps * 2), "-fflags", "+bitexact", "-flags:v", "+bitexact",
        "-metadata", f"title={title[:120]}", "-metadata", f"comment={MADE_BY}", "-movflags", "+faststart", "-f", "mp4", str(part),
    ]  # fmt: skip
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=said)  # noqa: S603 – our own ffmpeg
        if process.stdin is None:
            raise EncoderFailed("ffmpeg has no input")
        try:
            for red_green_blue in frames:
                for plane in (1, 2, 0):  # gbrp: green, blue, red
                    process.stdin.write(red_green_blue[plane].tobytes())
            process.stdin.close()
            code = process.wait(timeout=120)
        except BrokenPipeError:
            code = process.wait(timeout=30)
        except BaseException:
            process.kill()
            process.wait()
            part.unlink(missing_ok=True)
            raise
        if code:
            said.seek(0)
            part.unlink(missing_ok=True)
            raise EncoderFailed(said.read().decode(errors="replace")[-800:] or f"ffmpeg ended with {code}")
    part.replace(target)
