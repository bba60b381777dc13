"""Text of strangers – players, models, imported files – without what a reader cannot see. Pure."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

# Terminal sequences first, so that their printable rest goes with them.
_ANSI: Final = re.compile(r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[@-Z\\-_]|[\x1b\x9b]\[?[0-?]*[ -/]*[@-~]?")
# Variation selectors and fillers are no format characters (Cf), and hide text all the same.
_UNSEEN: Final = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]")
# Accents stacked on one letter run over the lines above and below; no language needs more than three.
_MARKS: Final = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_STACKED: Final = re.compile(f"({_MARKS}{{3}}){_MARKS}+")
_KEPT: Final = frozenset("\n\t")


def visible(text: str) -> str:
    """The text without control, format (zero-width, bidi, tag block), private and surrogate characters, terminal sequences and fillers.

    Line breaks and tabs stay, each line break as one "\\n". What is left is what a reader sees, so nothing can be said behind his back.
    """
    if text.isascii() and text.isprintable():  # most texts, and many times faster
        return text
    text = re.sub(r"\r\n?|[\u2028\u2029\x85\x0b\x0c]", "\n", _ANSI.sub("", text))
    text = _STACKED.sub(r"\1", _UNSEEN.sub("", text))
    return "".join(letter for letter in text if letter in _KEPT or unicodedata.category(letter)[0] != "C")


def one_line(text: str, *, limit: int = 0) -> str:
    """`visible` on one line with single spaces; with `limit`, cut to so many characters with "…"."""
    line = " ".join(visible(text).split())
    return line if not limit or len(line) <= limit else line[: limit - 1].rstrip() + "…"
