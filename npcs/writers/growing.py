"""The reply in an answer that is still on its way: of JSON that comes in pieces, only the words that will be said. Pure."""

from __future__ import annotations

import json
import re
from typing import Final

from npcs.prompts.answer import REPLY_LENGTH
from pixsim.lib.plain_text import one_line

LOOKED_AT: Final = 4 * REPLY_LENGTH  # characters of an answer; beyond them nothing is shown before it is whole
_START: Final = re.compile(r'"reply"\s*:\s*"')
_STRING: Final = re.compile(r'(?:[^"\\]|\\u[0-9a-fA-F]{4}|\\[^u])*')


class Growing:
    """Feed it the pieces; `line` is as much of the reply as is there. `prose`: the server answers in plain words."""

    def __init__(self, *, prose: bool = False) -> None:
        self.prose = prose
        self.line = ""
        self._text = ""

    def feed(self, piece: str) -> bool:
        """Whether the line has grown."""
        if len(self._text) > LOOKED_AT:
            return False
        self._text += piece
        before, self.line = self.line, one_line(self._said(), limit=REPLY_LENGTH)
        return bool(self.line) and self.line != before

    def _said(self) -> str:
        if start := _START.search(self._text):
            found = _STRING.match(self._text, start.end())
            part = found[0] if found is not None else ""
            return str(json.loads(f'"{part}"', strict=False)).encode("utf-16", "surrogatepass").decode("utf-16", "ignore")
        return self._text if self.prose and not re.match(r"\s*[{\[<`]", self._text) else ""
