"""From what a validator finds to what a person reads: pointers, codes and sentences. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any, NamedTuple


class SchemaError(NamedTuple):
    """One thing wrong: where (RFC 6901 pointer), a stable code, words for a person. Converts to a FieldError."""

    pointer: str
    code: str
    message: str


Finding = Any  # a jsonschema.ValidationError, whose attributes are typed as possibly unset
Path = Iterable[str | int]
TYPES = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "object": "an object",
    "array": "a list",
    "null": "null",
}


def pointer_of(path: Path) -> str:
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


def errors_of(error: Finding, prefix: str = "") -> Iterator[SchemaError]:
    """A finding of the validator as one or several errors for people; of alternatives the one most likely meant speaks."""
    if error.validator in ("anyOf", "oneOf") and error.context:
        yield from _meant(error, prefix)
        return
    where = prefix + pointer_of(error.absolute_path)
    if "propertyNames" in error.schema_path and isinstance(error.instance, str):
        yield SchemaError(where + pointer_of([error.instance]), "unknown_key" if error.validator == "x-known" else "key", _bad_key(error))
        return
    if error.validator == "required":
        missing = [key for key in error.validator_value if key not in error.instance]
        named = next((key for key in missing if error.message.startswith(repr(key))), missing[0])
        yield SchemaError(where + pointer_of([named]), "required", f"“{named}” is missing.")
        return
    if error.validator == "dependentRequired":
        missing = sorted({k for key in error.instance for k in error.validator_value.get(key, ()) if k not in error.instance})
        yield from (SchemaError(where + pointer_of([key]), "required", f"“{key}” is missing.") for key in missing)
        return
    code, words = SENTENCES.get(str(error.validator), ("invalid", lambda e: e.message[:200]))
    yield SchemaError(where, code, words(error))


# -- alternatives -----------------------------------------------------------------------------------------------------


def _meant(error: Finding, prefix: str) -> Iterator[SchemaError]:
    """The errors of the branch with the fewest contradictions to what was given: kind first, then the number of errors."""
    branches: dict[Any, list[Finding]] = {}
    for inner in error.context or ():
        branches.setdefault(inner.schema_path[0], []).append(inner)
    if all(all(one.validator == "required" for one in branch) for branch in branches.values()):
        keys: list[str] = list(dict.fromkeys(key for branch in branches.values() for one in branch for key in one.validator_value))
        where = prefix + pointer_of([*error.absolute_path, keys[0]])
        yield SchemaError(where, "required", f"{_listed(keys, ' or ')} is missing.")
        return
    given = error.instance.get("type") if isinstance(error.instance, Mapping) else None
    kinds = [
        c for branch in branches.values() for one in branch if one.validator == "const" and list(one.path) == ["type"] for c in [one.validator_value]
    ]
    if given is not None and kinds and all(any(_wrong_kind(one) for one in branch) for branch in branches.values()):
        yield SchemaError(prefix + pointer_of([*error.absolute_path, "type"]), "enum", f"Use one of: {', '.join(map(str, kinds))}.")
        return
    best = min(branches.values(), key=lambda branch: (sum(_wrong_kind(one) for one in branch), len(branch)))
    for one in best:
        yield from errors_of(one, prefix)


def _wrong_kind(error: Finding) -> bool:
    """Whether an error says that another branch was meant: a constant or a type, at the place of the alternatives or one below."""
    return error.validator in ("const", "maxProperties") or (error.validator == "type" and not error.path)


# -- sentences --------------------------------------------------------------------------------------------------------


def _listed(words: Iterable[Any], last: str = ", ") -> str:
    quoted: list[str] = [f"“{word}”" for word in words]
    return last.join(quoted) if len(quoted) < 3 else ", ".join(quoted[:-1]) + last + quoted[-1]


def _type(error: Finding) -> str:
    wanted = error.validator_value if isinstance(error.validator_value, list) else [error.validator_value]
    return f"Give {' or '.join(TYPES.get(str(name), str(name)) for name in wanted)}."


def _unknown(error: Finding) -> str:
    schema = error.schema if isinstance(error.schema, Mapping) else {}
    allowed = list(schema.get("properties", {}))
    key = str(error.path[-1])
    close = get_close_matches(key, allowed, 1)
    hint = f" Did you mean “{close[0]}”?" if close else ""
    return f"“{key[:80]}” is not known here.{hint} Allowed: {', '.join(allowed) or 'nothing'}."


def _described(error: Finding) -> str:
    schema = error.schema if isinstance(error.schema, Mapping) else {}
    example = next(iter(schema.get("examples", ())), None)
    text = str(schema.get("description") or "This does not have the right form.")
    return f"{text} For example: {example}" if isinstance(example, str) else text


def _bad_key(error: Finding) -> str:
    if error.validator == "x-known":
        return SENTENCES["x-known"][1](error)
    if error.validator == "maxLength":
        return f"The name is longer than {error.validator_value} characters."
    return f"“{error.instance[:80]}” is no valid name here. {_described(error)}"


def _counted(what: str) -> Callable[[Finding], str]:
    return lambda error: what.format(n=error.validator_value, s="" if error.validator_value == 1 else "s")


def _constant(error: Finding) -> str:
    return f"This must be {error.validator_value!r}."


def _choice(error: Finding) -> str:
    return f"Use one of: {', '.join('null' if value is None else str(value) for value in error.validator_value)}."


SENTENCES: Mapping[str, tuple[str, Callable[[Finding], str]]] = {
    "type": ("type", _type),
    "enum": ("enum", _choice),
    "const": ("const", _constant),
    "pattern": ("pattern", _described),
    "additionalProperties": ("unknown_key", _unknown),
    "minimum": ("minimum", _counted("This must be at least {n}.")),
    "maximum": ("maximum", _counted("This must be at most {n}.")),
    "minLength": ("min_length", _counted("Give at least {n} character{s}.")),
    "maxLength": ("max_length", _counted("Give at most {n} character{s}.")),
    "minItems": ("min_items", _counted("Give at least {n} item{s}.")),
    "maxItems": ("max_items", _counted("Give at most {n} item{s}.")),
    "minProperties": ("min_items", _counted("Give at least {n} key{s}.")),
    "maxProperties": ("max_items", _counted("Give at most {n} key{s}.")),
    "uniqueItems": ("unique", lambda error: "Something is there twice."),
    "not": ("not_allowed", lambda error: "This combination is not possible."),
    "x-known": ("unknown_name", lambda error: f"“{error.instance[:80]}” is not known. Use one of: {', '.join(error.schema['x-known'])}."),
    "x-ascending": ("out_of_order", lambda error: error.message),
    "x-sums": ("maximum", lambda error: error.message),
    "x-nesting": ("too_deep", _counted("any, all and not may be nested {n} deep.")),
}
