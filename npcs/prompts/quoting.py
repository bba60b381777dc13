"""Words that are data in a prompt: what players say, and whatever may repeat it. They look like no role and no end of a quotation. Pure.

This is the lesser half of the defence. The greater is that a model holds no secret and no power: what it proposes is checked against what the
author declared, and clamped.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any, Final

from pixsim.lib.plain_text import one_line

SAID_LIMIT: Final = 1000
# Everything that marks up or fences becomes a sign no chat template reads.
_SIGNS: Final = str.maketrans({"<": "‹", ">": "›", "[": "(", "]": ")", "{": "(", "}": ")", "`": "'", "|": "/", "\\": "/"})
_RULES: Final = re.compile(r"([#=*_~-])\1{2,}")
_ROLES: Final = re.compile(
    r"\b(system|assistant|user|developer|tool|function|human|instructions?|im_start|im_end|endoftext|inst|sys)(\s*)(:|(?=[)›/]))", re.IGNORECASE
)


def quoted(text: str, *, limit: int = SAID_LIMIT) -> str:
    """One line of plain words: nothing unseen, no markup, no fence, no label of a speaker; at most `limit` characters."""
    line = one_line(unicodedata.normalize("NFKC", text)).translate(_SIGNS)
    return one_line(_ROLES.sub(r"\1 –", _RULES.sub(r"\1", line)), limit=limit)


def told(value: Any, *, limit: int = 1200) -> str:
    """What an author wrote, as words: text on one line, numbers, lists joined, objects as "name: value"; nothing for what says nothing."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return f"{value:g}"
    if isinstance(value, str):
        return one_line(value, limit=limit)
    if isinstance(value, Mapping):
        pairs = [(str(key).replace("_", " "), told(item, limit=limit)) for key, item in value.items()]
        return one_line("; ".join(f"{name}: {words}" for name, words in pairs if words), limit=limit)
    if isinstance(value, list | tuple):
        return one_line(", ".join(words for item in value if (words := told(item, limit=limit))), limit=limit)
    return ""
