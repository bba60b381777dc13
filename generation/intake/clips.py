"""Clips and sounds: read by ffmpeg with a pinned demuxer, local files only, and copied into a fresh container."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import imageio_ffmpeg

from . import MP4, Cleaned, Kind, refused

CODECS = {
    "mp4": ("h264", "av1", "vp9", "aac", "mp3", "opus"),
    "matroska": ("vp8", "vp9", "av1", "opus", "vorbis"),
    "ogg": ("vorbis", "opus", "flac"),
    "mp3": ("mp3", "mjpeg", "png"),
    "wav": ("pcm_s16le", "pcm_s24le", "pcm_u8", "pcm_f32le"),
}
EVERYWHERE = {"h264", "aac", "mp3"}
PLAIN_COLOUR = re.compile(r"Video: h264\b[^\n]*\byuvj?420p(?![0-9a-z])")  # ten bits, or full colour, plays in no phone and not in every browser
MAX_SECONDS = 600.0
MAX_SIDE = 4096
# A playlist inside a container could name other files or hosts; limits keep a crafted file from eating the machine.
GUARD = ["/bin/sh", "-c", 'ulimit -t 60 2>/dev/null; ulimit -v 4000000 2>/dev/null; exec "$@"', "sh"]


def _ffmpeg(*arguments: str, demuxer: str, source: Path) -> tuple[int, bytes, str]:
    command = [
        *GUARD, imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-nostdin", "-y", "-protocol_whitelist", "file,pipe",
        "-f", demuxer, "-i", f"file:{source}", *arguments,
    ]  # fmt: skip
    try:
        done = subprocess.run(command, capture_output=True, timeout=120, check=False)  # noqa: S603 – our own ffmpeg; the file's name is ours too
    except subprocess.TimeoutExpired as error:
        raise refused("The file takes too long to read.", "damaged") from error
    return done.returncode, done.stdout, done.stderr.decode(errors="replace")


def clean_clip(source: Path, kind: Kind, target_dir: Path, *, made_by: str = "") -> Cleaned:
    """Copy picture and sound of a clip into a new container without metadata, and take its first frame as poster. With `made_by` it is a
    machine's: the file says so, and a clip becomes H.264 MP4 whatever it was, since that plays everywhere.

    Raises Invalid for damaged files, foreign codecs, more than ten minutes or sides over 4096 pixels.
    """
    _, _, said = _ffmpeg(demuxer=kind.demuxer, source=source)
    streams = re.findall(r"Stream #0:\d+.*?: (Video|Audio): (\w+)", said)
    if not streams or (kind.media_type == "video" and not any(sort == "Video" for sort, _ in streams)):
        raise refused("There is no picture or sound in this file that can be read.", "damaged")
    codecs = {codec for _, codec in streams}
    foreign = sorted(codecs - set(CODECS[kind.demuxer]))
    anew = bool(made_by) and kind.media_type == "video" and not (kind is MP4 and codecs <= EVERYWHERE and PLAIN_COLOUR.search(said))
    if foreign and not anew:
        raise refused(f"Browsers do not play {', '.join(foreign)} in {kind.extension}; use {', '.join(CODECS[kind.demuxer])}.", "codec")
    seconds = _duration(said)
    if seconds is not None and seconds > MAX_SECONDS:
        raise refused("A clip may last ten minutes.", "too_long")
    wide, high = _size(said) if kind.media_type == "video" else (None, None)
    if (wide or 0) > MAX_SIDE or (high or 0) > MAX_SIDE:
        raise refused("A clip may have 4096 pixels a side.", "too_many_pixels")
    if anew:
        return _anew(source, kind, target_dir, made_by, seconds)
    path = target_dir / f"{'clip' if kind.media_type == 'video' else 'sound'}.{kind.extension}"
    maps = ["-map", "0:v:0", "-map", "0:a:0?"] if kind.media_type == "video" else ["-map", "0:a:0"]
    extra = ["-movflags", "+faststart"] if kind.demuxer == "mp4" else []
    code, _, said = _ffmpeg(
        *maps, "-c", "copy", "-map_metadata", "-1", *_label(made_by), "-dn", "-sn", *extra, str(path), demuxer=kind.demuxer, source=source
    )
    if code or not path.exists() or not path.stat().st_size:
        raise refused("The file is damaged: it cannot be copied.", "damaged")
    poster = _poster(path, kind, target_dir) if kind.media_type == "video" else None
    return Cleaned(path, kind, wide, high, seconds, poster)


def _label(made_by: str) -> list[str]:
    return ["-metadata", f"comment={made_by}"] if made_by else []


def _anew(source: Path, kind: Kind, target_dir: Path, made_by: str, seconds: float | None) -> Cleaned:
    """Encoded again as H.264 with AAC, even sides."""
    path = target_dir / "clip.mp4"
    picture = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-pix_fmt", "yuv420p", "-vf", "scale=trunc(iw/2)*2:trunc(ih/2)*2"]
    maps = ["-map", "0:v:0", "-map", "0:a:0?", "-map_metadata", "-1", *_label(made_by), "-dn", "-sn"]
    code, _, _ = _ffmpeg(*maps, *picture, "-c:a", "aac", "-movflags", "+faststart", str(path), demuxer=kind.demuxer, source=source)
    if code or not path.exists() or not path.stat().st_size:
        raise refused("The file is damaged: it cannot be read to its end.", "damaged")
    _, _, said = _ffmpeg(demuxer=MP4.demuxer, source=path)
    return Cleaned(path, MP4, *_size(said), _duration(said) or seconds, _poster(path, MP4, target_dir))


def _duration(said: str) -> float | None:
    match = re.search(r"Duration: (\d+):(\d\d):(\d\d(?:\.\d+)?)", said)
    return int(match[1]) * 3600 + int(match[2]) * 60 + float(match[3]) if match else None


def _size(said: str) -> tuple[int, int]:
    match = re.search(r"Video: .*?[ ,](\d{2,5})x(\d{2,5})[ ,\n]", said)
    if not match:
        raise refused("The clip does not say how large it is.", "damaged")
    return int(match[1]), int(match[2])


def _poster(path: Path, kind: Kind, target_dir: Path) -> Path:
    poster = target_dir / "poster.jpg"
    code, picture, _ = _ffmpeg("-frames:v", "1", "-an", "-c:v", "mjpeg", "-q:v", "4", "-f", "image2pipe", "pipe:1", demuxer=kind.demuxer, source=path)
    if code or not picture:
        raise refused("The clip is damaged: it has no first picture.", "damaged")
    poster.write_bytes(picture)
    return poster
