"""Canonical JSON: one text and one hash for equal values. Sorted keys, no spaces, no NaN, no −0 (RFC 8785 in spirit)."""

from __future__ import annotations

import hashlib
import json
import math
from typing import Any

_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode


def canonical_json(value: Any) -> str:
    """The one text of a JSON value. Raises ValueError for NaN and infinities."""
    return _encode(plain(value))


def sha256(value: Any) -> str:
    """Hex SHA-256 of the canonical JSON of `value`."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()


def plain(value: Any) -> Any:
    """`value` with whole floats as integers, so that 1, 1.0 and −0.0 have one form each (databases differ in what they give back)."""
    kind = type(value)
    if kind is str or kind is int or kind is bool or value is None:
        return value
    if kind is dict:
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError("JSON has no NaN or infinity")
        return int(value) if value.is_integer() and abs(value) < 2**53 else value
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    return value
