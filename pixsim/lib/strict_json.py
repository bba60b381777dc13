"""JSON from strangers: what `json.loads` lets through and a database or a canonical form does not is an Invalid here. Pure."""

from __future__ import annotations

import json
import math
import re
from typing import Any

from pixsim.lib.errors import Invalid

MAX_DEPTH = 32
MAX_INTEGER = 2**63 - 1
_STRUCTURE = re.compile(rb'"(?:[^"\\]|\\.)*+"|[\[{]|[\]}]', re.DOTALL)


def loads(data: bytes, *, max_depth: int = MAX_DEPTH) -> Any:
    """The value of UTF-8 JSON text. Raises Invalid for bad UTF-8 or syntax, depth over `max_depth`, duplicate keys, NUL, lone
    surrogates, NaN, infinities and integers beyond 64 bits."""
    check_depth(data, max_depth=max_depth)
    try:
        value = json.loads(data.decode("utf-8"), object_pairs_hook=_object, parse_constant=_constant, parse_float=_float, parse_int=_integer)
    except UnicodeDecodeError as error:
        raise _invalid("encoding", f"The text is not UTF-8 (byte {error.start}).") from None
    except json.JSONDecodeError as error:
        raise _invalid("not_json", f"This is not JSON: {error.msg} at line {error.lineno}, column {error.colno}.") from None
    _check_value(value)
    return value


def check_depth(data: bytes, *, max_depth: int = MAX_DEPTH) -> None:
    """Counts brackets outside strings before anything recurses into them."""
    depth = 0
    for match in _STRUCTURE.finditer(data):
        first = match[0][0]
        if first in b"[{":
            depth += 1
            if depth > max_depth:
                raise _invalid("too_deep", f"JSON may be nested {max_depth} deep.")
        elif first in b"]}":
            depth -= 1


def check_text(text: str) -> None:
    if "\0" in text:
        raise _invalid("nul", "Text must not contain NUL.")
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise _invalid("lone_surrogate", "Text must not contain half of a surrogate pair.")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key, value in pairs:
        check_text(key)
        if key in result:
            raise _invalid("duplicate_key", f"The key “{key[:80]}” is there twice.")
        result[key] = value
        _check_value(value)
    return result


def _check_value(value: Any) -> None:
    if isinstance(value, str):
        check_text(value)
    elif isinstance(value, list):
        for entry in value:
            _check_value(entry)


def _constant(name: str) -> Any:
    raise _invalid("not_a_number", f"JSON has no {name}.")


def _float(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise _invalid("number_too_large", "A number is too large.")
    return number


def _integer(text: str) -> int:
    if len(text) > 20 or abs(int(text)) > MAX_INTEGER:
        raise _invalid("number_too_large", "A number is too large.")
    return int(text)


def _invalid(code: str, message: str) -> Invalid:
    return Invalid([("", code, message)])
