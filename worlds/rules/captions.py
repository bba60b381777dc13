"""Captions of a clip as WebVTT."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

WORDS_PER_SEC = 2.6  # at which people read captions
LONGEST_SEC = 7.0


def of_speech(speaker: str, text: str, start: float = 0.5) -> list[dict[str, Any]]:
    """A spoken line as captions of at most a dozen words, each as long as it takes to read."""
    words, found = text.split(), []
    for first in range(0, len(words), 12):
        part = words[first : first + 12]
        seconds = min(LONGEST_SEC, max(1.5, len(part) / WORDS_PER_SEC))
        told = " ".join(part)
        found.append({"start": round(start, 2), "end": round(start + seconds, 2), "text": told if first else f"{speaker}: {told}"})
        start += seconds
    return found


def webvtt(cues: Iterable[Mapping[str, Any]]) -> str:
    """The file. What could be read as markup or as a new cue is told as text; cues without a length are left out."""
    found = ["WEBVTT"]
    for cue in cues:
        start, end = float(cue.get("start") or 0), float(cue.get("end") or 0)
        text = " ".join(str(cue.get("text") or "").split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        if end > start >= 0 and text:
            found.append(f"{_stamp(start)} --> {_stamp(end)}\n{text}")
    return "\n\n".join(found) + "\n"


def _stamp(seconds: float) -> str:
    whole = round(seconds * 1000)
    return f"{whole // 3_600_000:02d}:{whole // 60_000 % 60:02d}:{whole // 1000 % 60:02d}.{whole % 1000:03d}"
