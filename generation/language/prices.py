"""What tokens cost, as dated data: a new price is no new code.

`prices.json` says `read_on`, its `source` and US dollars per million tokens, which are also millionths of a dollar per token. A model it does not
list costs what the dearest one does (`unknown`, an upper bound, so that no budget is overrun); one on a server of one's own costs nothing.
"""

from __future__ import annotations

import json
import math
import re
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

MICRO_PER_CREDIT: Final = 10_000  # 100 credits are one US dollar
_DATED: Final = re.compile(r"-\d{4}-?\d{2}-?\d{2}$")


class Prices(NamedTuple):
    """US dollars per million tokens."""

    input: float
    cached: float
    output: float

    def cost(self, *, prompt: int, cached: int, completion: int) -> int:
        """Millionths of a dollar, rounded up. `prompt` includes `cached`."""
        cached = min(prompt, cached)
        return math.ceil((prompt - cached) * self.input + cached * self.cached + completion * self.output)


FREE: Final = Prices(0, 0, 0)


@cache
def _list() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Path(__file__).with_name("prices.json").read_text(encoding="utf-8"))
    return found


def listed(model: str) -> Prices:
    """By the list; "gpt-4.1-mini-2026-04-14" costs what "gpt-4.1-mini" does."""
    models = _list()["models"]
    row = models.get(model) or models.get(_DATED.sub("", model)) or _list()["unknown"]
    return Prices(row["input"], row["cached"], row["output"])
