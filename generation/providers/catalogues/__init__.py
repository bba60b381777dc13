"""Models and prices as dated data: one JSON file for each provider, so that a new price is no new code.

A file says `read_on` and `source`, the `default` model, and per model what `base.Model` holds. Prices are in credits (100 are one US dollar); what
their keys mean is said by the provider that reads them. `"bound": true` marks a price that was not on the page read: an upper bound, so that no
budget is overrun.
"""

from __future__ import annotations

import datetime
import json
from functools import cache
from pathlib import Path
from typing import Any

from generation.providers.base import Catalogue, Model, Operation

HERE = Path(__file__).parent


@cache
def load(name: str) -> Catalogue:
    """The catalogue in `<name>.json`. Raises OSError, KeyError, ValueError: a broken file stops the start, not an order."""
    return read(json.loads((HERE / f"{name}.json").read_text(encoding="utf-8")))


def read(data: dict[str, Any]) -> Catalogue:
    """A catalogue from its JSON form."""
    models = tuple(
        Model(
            id=row["id"], title=row["title"], operations=tuple(Operation(name) for name in row["operations"]),
            durations_sec=tuple(row.get("durations_sec", ())), qualities=tuple(row.get("qualities", ())),
            aspect_ratios=tuple(row.get("aspect_ratios", ())), prompt_max=row.get("prompt_max", 2048),
            params=row.get("params", {}), price=row.get("price", {}),
        )
        for row in data["models"]
    )  # fmt: skip
    found = Catalogue(read_on=datetime.date.fromisoformat(data["read_on"]), source=data["source"], models=models, default=data["default"])
    if models and found.model(None) is None:
        raise ValueError(f"there is no model {found.default!r}")
    return found
