"""The JSON Schemas of authored JSON: loaded, put together, and asked what is wrong with a value.

A schema is a file `<app>/schemas/<name>.json`, Draft 2020-12, and goes by `<app>/<name>`. `$ref` leads to other files by that name
(`worlds/common#/$defs/key`); nothing is ever fetched. Some keywords are ours: `x-nesting` (how deep any/all/not may nest), `x-patch-of` (the
value without its nulls is valid by that schema), `x-known` (names that are known, with those of `bring`), `x-enum`/`x-keys` (what a world
brings, see `build`), `x-ascending` (keys whose numbers rise in this order, as far as they are given) and `x-sums` (two keys and what their
numbers add up to at most). Pure.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend
from referencing import Registry

from pixsim.lib.errors import Invalid
from pixsim.lib.schema_words import SchemaError, errors_of, pointer_of

__all__ = ["Schema", "SchemaError", "bring", "build", "errors", "file", "load", "names", "pruned", "validate"]

ROOT = Path(__file__).resolve().parent.parent.parent
MAX_DEPTH = 64  # deeper values are not looked at: validation recurses
MAX_ERRORS = 200
_NAME = re.compile(r"[a-z_]+/[a-z0-9_]+")
_AXIS = re.compile(r"(min|max)_[a-z0-9][a-z0-9_]*")
_COMBINING = ("any", "all", "not")
_brought: set[str] = set()


@dataclass(frozen=True, eq=False)
class Schema:
    """A schema that stands alone: every file it refers to lies in its `$defs`."""

    name: str
    data: Mapping[str, Any]
    validator: Any

    def errors(self, value: Any, *, prefix: str = "") -> list[SchemaError]:
        """What is wrong with a value, in the order of the pointers; at most 200. Never raises, whatever the value is."""
        flaw = None if _fits(value) else _unfit(value)
        if flaw is not None:
            return [flaw._replace(pointer=prefix + flaw.pointer)]
        found: list[SchemaError] = []
        for error in self.validator.iter_errors(value):
            found.extend(errors_of(error, prefix))
            if len(found) >= MAX_ERRORS:
                break
        return sorted(_telling(found), key=_order)[:MAX_ERRORS]


def _telling(found: Iterable[SchemaError]) -> list[SchemaError]:
    """Each once; of a value of the wrong type only that, and of conditions nested too deep only the outermost."""
    found = dict.fromkeys(found)
    mistyped = {error.pointer for error in found if error.code == "type"}
    deep = tuple(error.pointer + "/" for error in found if error.code == "too_deep")
    return [
        error
        for error in found
        if (error.code == "type" or error.pointer not in mistyped) and not (error.code == "too_deep" and error.pointer.startswith(deep))
    ]


def errors(name: str, value: Any, *, prefix: str = "") -> list[SchemaError]:
    """What is wrong with a value by a schema: RFC 6901 pointers behind `prefix`, a code, words for a person. No name, no rules.

    Of a oneOf or anyOf only the branch that was most likely meant speaks. Raises LookupError for a name that is no schema.
    """
    return load(name).errors(value, prefix=prefix) if name else []


def validate(name: str, value: Any, *, prefix: str = "") -> None:
    """Raises `Invalid` with everything `errors` finds."""
    found = errors(name, value, prefix=prefix)
    if found:
        raise Invalid(found)


@cache
def load(name: str) -> Schema:
    """The schema of a file. Raises LookupError where there is none of that name."""
    data = assembled(name)
    return Schema(name, data, _Validator(_linked(data), registry=Registry()))


def build(
    name: str,
    *,
    axes: Iterable[str] | Mapping[str, Any] | None = None,
    places: Iterable[str] | None = None,
    moods: Iterable[str] | None = None,
) -> dict[str, Any]:
    """A schema that stands alone, for forms and clients, with what a world brings as enums: its axes (names, or axes with minimum and
    maximum), places and moods. Validation does not use it: a reference to something that comes later is no error."""
    brought: dict[str, Any] = {"axes": axes, "places": places, "moods": moods}
    known = {kind: values if isinstance(values, Mapping) else dict.fromkeys(values) for kind, values in brought.items() if values is not None}
    return dict(_with_world(assembled(name), known))


def bring(axes: Iterable[str]) -> None:
    """Makes the axes of a registered stat package known to conditions and effects."""
    _brought.update(axes)


def pruned(name: str, value: Any) -> Any:
    """A value as a form sends it, without the empty texts, nulls, lists and objects it writes for optional keys nobody filled in."""
    data = load(name).data
    return _pruned(value, data, data)


def names() -> list[str]:
    """Every schema there is."""
    return sorted(f"{path.parent.parent.name}/{path.stem}" for path in ROOT.glob("*/schemas/*.json"))


# -- putting files together -------------------------------------------------------------------------------------------


@cache
def file(name: str) -> Mapping[str, Any]:
    """What stands in the file. Raises LookupError where there is none of that name."""
    path = ROOT.joinpath(*name.split("/")[:1], "schemas", f"{name.partition('/')[2]}.json") if _NAME.fullmatch(name) else None
    if path is None or not path.is_file():
        raise LookupError(f"There is no schema “{name}”.")
    return dict(json.loads(path.read_text("utf-8")))


def assembled(name: str) -> dict[str, Any]:
    """The file with all files it refers to as `$defs`, named `worlds_conditions` and so on, and every `$ref` leading into them."""
    found: dict[str, Any] = {}
    waiting = [name]
    while waiting:
        other = waiting.pop()
        if other not in found:
            found[other] = _local(file(other), other, name, waiting)
    root: dict[str, Any] = {"$schema": Draft202012Validator.META_SCHEMA["$id"], **found.pop(name)}
    definitions = {_inner(other): data for other, data in sorted(found.items())}
    if definitions:
        root["$defs"] = {**root.get("$defs", {}), **definitions}
    return root


def _inner(name: str) -> str:
    return name.replace("/", "_")


def _local(node: Any, here: str, root: str, waiting: list[str]) -> Any:
    """A copy whose references lead into the assembled schema; the files it needs are put on the waiting list."""
    if isinstance(node, list):
        return [_local(part, here, root, waiting) for part in node]
    if not isinstance(node, dict):
        return node
    copy = {key: _local(value, here, root, waiting) for key, value in node.items() if key not in ("$id", "$schema")}
    if isinstance(target := node.get("$ref"), str):
        file, _, fragment = target.partition("#")
        file = file or here
        waiting.append(file)
        copy["$ref"] = f"#{fragment}" if file == root else f"#/$defs/{_inner(file)}{fragment}"
    return copy


# -- validating -------------------------------------------------------------------------------------------------------


def _linked(data: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of an assembled schema in which `x-ref` holds what `$ref` leads to, so that nothing is looked up while validating."""
    root: dict[str, Any] = json.loads(json.dumps(data))
    root.pop("$schema")  # at every reference to the root it would bring back the stock validator
    nodes = list(_nodes(root))
    for node in nodes:
        if isinstance(node.get("$ref"), str):
            target: Any = root
            for part in node.pop("$ref").removeprefix("#").split("/")[1:]:
                target = target[part]
            node["x-ref"] = target
    return root


def _nodes(part: Any) -> Iterator[dict[str, Any]]:
    if isinstance(part, dict):
        yield part
    for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from _nodes(inner)


def _descend(
    validator: Any, instance: Any, schema: Any, path: str | int | None = None, schema_path: str | int | None = None, resolver: Any = None
) -> Iterator[ValidationError]:
    """What jsonschema does at every value, without its new validator and resolver for each: of these it is half of the time."""
    for keyword, value in schema.items():
        check = validator.VALIDATORS.get(keyword)
        for error in (check and check(validator, value, instance, schema)) or ():
            error._set(type_checker=validator.TYPE_CHECKER, validator=keyword, validator_value=value, instance=instance, schema=schema)
            if keyword not in ("if", "x-ref"):
                error.schema_path.appendleft(keyword)
            if path is not None:
                error.path.appendleft(path)
            if schema_path is not None:
                error.schema_path.appendleft(schema_path)
            yield error


def _reference(validator: Any, target: Mapping[str, Any], instance: Any, schema: Any) -> Iterator[ValidationError]:
    yield from validator.descend(instance, target)


KINDS: Mapping[str, Callable[[Any], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "integer": lambda value: (isinstance(value, int) and not isinstance(value, bool)) or (isinstance(value, float) and value.is_integer()),
}


def _is_type(validator: Any, instance: Any, kind: str) -> bool:
    return KINDS[kind](instance)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """In Python `$` also matches before a last line break; in JSON Schema it does not."""
    return re.compile(pattern.replace("$", r"\Z"), re.ASCII)


def _pattern(validator: Any, pattern: str, instance: Any, schema: Any) -> Iterator[ValidationError]:
    if isinstance(instance, str) and not _compiled(pattern).search(instance):
        yield ValidationError("does not match")


def _pattern_properties(validator: Any, patterns: Mapping[str, Any], instance: Any, schema: Any) -> Iterator[ValidationError]:
    if isinstance(instance, dict):
        for pattern, inner in patterns.items():
            for key, value in instance.items():
                if key not in schema.get("properties", {}) and _compiled(pattern).search(key):
                    yield from validator.descend(value, inner, path=key, schema_path=pattern)


def _additional(validator: Any, allowed: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    if not isinstance(instance, dict):
        return
    patterns = [_compiled(pattern) for pattern in schema.get("patternProperties", ())]
    for key, value in instance.items():
        if key in schema.get("properties", {}) or any(pattern.search(key) for pattern in patterns):
            continue
        if allowed is False:
            yield ValidationError("unknown key", validator="additionalProperties", path=[key])
        elif isinstance(allowed, dict):
            yield from validator.descend(value, allowed, path=key)


def _nesting(validator: Any, most: int, instance: Any, schema: Any) -> Iterator[ValidationError]:
    """Points at the first combination that lies too deep."""
    level = [((), instance)]
    for _ in range(most + 1):
        level = [deeper for path, value in level if isinstance(value, dict) for deeper in _combined(path, value)]
    for path, _ in level[:1]:
        yield ValidationError("too deep", validator="x-nesting", path=path)


def _combined(path: tuple[str | int, ...], value: Mapping[str, Any]) -> Iterator[tuple[Any, Any]]:
    for key in _COMBINING:
        inner = value.get(key)
        if isinstance(inner, list):
            yield from (((*path, key, index), part) for index, part in enumerate(inner))
        elif isinstance(inner, dict):
            yield (*path, key), inner


def _patch_of(validator: Any, target: Mapping[str, Any], instance: Any, schema: Any) -> Iterator[ValidationError]:
    if isinstance(instance, dict):
        yield from validator.descend(_without_nulls(instance), target)


def _known(validator: Any, known: Iterable[str], instance: Any, schema: Any) -> Iterator[ValidationError]:
    if isinstance(instance, str) and instance not in known and instance not in _brought:
        yield ValidationError("unknown name", validator="x-known")


def _axis_keys(validator: Any, kind: str, instance: Any, schema: Any) -> Iterator[ValidationError]:
    """min_ and max_ of an axis nobody brought are as unknown as any other key."""
    for key in instance if isinstance(instance, dict) else ():
        if key.startswith(("min_", "max_")) and key not in schema["properties"] and key[4:] not in _brought and _AXIS.fullmatch(key):
            yield ValidationError("unknown key", validator="additionalProperties", path=[key])


def _ascending(validator: Any, keys: list[str], instance: Any, schema: Any) -> Iterator[ValidationError]:
    given = [(key, instance[key]) for key in keys if _is_number(instance, key)]
    for (low, lower), (high, higher) in pairwise(given):
        if lower > higher:
            yield ValidationError(f"“{low}” is at most “{high}”, which is {higher:g}.", validator="x-ascending", path=[low])


def _sums(validator: Any, sums: list[tuple[str, str, float]], instance: Any, schema: Any) -> Iterator[ValidationError]:
    for first, second, most in sums:
        # A millionth more is the editor's rounding.
        if _is_number(instance, first) and _is_number(instance, second) and instance[first] + instance[second] > most + 1e-6:
            yield ValidationError(f"“{first}” and “{second}” together are at most {most}.", validator="x-sums", path=[second])


def _is_number(instance: Any, key: str) -> bool:
    value = instance.get(key) if isinstance(instance, dict) else None
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(part) for key, part in value.items() if part is not None}
    return value


_Validator: Any = extend(  # type: ignore[no-untyped-call]
    Draft202012Validator,
    {
        "pattern": _pattern,
        "patternProperties": _pattern_properties,
        "additionalProperties": _additional,
        "x-ascending": _ascending,
        "x-sums": _sums,
        "x-keys": _axis_keys,
        "x-known": _known,
        "x-nesting": _nesting,
        "x-patch-of": _patch_of,
        "x-ref": _reference,
    },
)
_Validator.descend, _Validator.is_type = _descend, _is_type  # jsonschema warns of subclasses; this class is ours alone


class _Place(NamedTuple):
    path: tuple[str | int, ...]
    value: Any


def _fits(value: Any) -> bool:
    """Whether `_unfit` would surely find nothing; in a tenth of its time."""
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        deeper: list[Any] = []
        for part in level:
            if isinstance(part, dict):
                if not all(isinstance(key, str) for key in part):
                    return False
                deeper += part.values()
            elif isinstance(part, list):
                deeper += part
            elif isinstance(part, float):
                if part - part != 0:  # infinite, or no number
                    return False
            elif part is not None and not isinstance(part, str | int):
                return False
        if not deeper:
            return True
        level = deeper
    return False


def _unfit(value: Any) -> SchemaError | None:
    """What no schema could look at: values nested too deep, keys that are no text, numbers that are none, things JSON does not know."""
    waiting = [_Place((), value)]
    while waiting:
        path, part = waiting.pop()
        if len(path) > MAX_DEPTH:
            return SchemaError(pointer_of(path), "too_deep", f"JSON may be nested {MAX_DEPTH} deep.")
        if isinstance(part, dict):
            if not all(isinstance(key, str) for key in part):
                return SchemaError(pointer_of(path), "not_json", "The keys of an object are texts.")
            waiting.extend(_Place((*path, key), inner) for key, inner in part.items())
        elif isinstance(part, list):
            waiting.extend(_Place((*path, index), inner) for index, inner in enumerate(part))
        elif isinstance(part, float):
            if part != part or part in (float("inf"), float("-inf")):
                return SchemaError(pointer_of(path), "not_json", "JSON knows no infinite numbers and no NaN.")
        elif part is not None and not isinstance(part, str | int):
            return SchemaError(pointer_of(path), "not_json", "This is not JSON.")
    return None


def _order(error: SchemaError) -> tuple[Any, ...]:
    parts = tuple((0, int(part), "") if part.isascii() and part.isdigit() else (1, 0, part) for part in error.pointer.split("/"))
    return parts, error.code, error.message


# -- what a world brings ----------------------------------------------------------------------------------------------


def _with_world(node: Any, known: Mapping[str, Mapping[str, Any]]) -> Any:
    if isinstance(node, list):
        return [_with_world(part, known) for part in node]
    if not isinstance(node, dict):
        return node
    copy = {key: _with_world(value, known) for key, value in node.items()}
    values = known.get(node.get("x-enum", ""), {}) if isinstance(node.get("x-enum"), str) else {}
    if values:
        nullable = isinstance(node["type"], list) and "null" in node["type"]
        if node["type"] == "string" or (nullable and "object" not in node["type"]):
            copy["enum"] = [*values, None] if nullable else list(values)
    if node.get("x-keys") == "axes" and "axes" in known:
        copy = _with_bounds(copy, known["axes"])
    return copy


def _with_bounds(conditions: dict[str, Any], axes: Mapping[str, Any]) -> dict[str, Any]:
    """min_ and max_ of exactly these axes instead of those of the shipped package."""
    shipped = conditions["properties"]
    others = {key: value for key, value in shipped.items() if key == "min_tier" or not key.startswith(("min_", "max_"))}
    bounds = {f"{side}_{name}": _bound(shipped, side, name, axis) for name, axis in axes.items() for side in ("min", "max")}
    return {key: value for key, value in {**conditions, "properties": {**bounds, **others}}.items() if key != "patternProperties"}


def _bound(shipped: Mapping[str, Any], side: str, name: str, axis: Any) -> dict[str, Any]:
    word, title = name.replace("_", " "), "at least" if side == "min" else "at most"
    bound = dict(
        shipped.get(f"{side}_{name}")
        or {
            "type": "number",
            "title": f"{word.capitalize()} {title}",
            "description": f"The NPC's {word} towards the player is {title} this.",
            "minimum": -1_000_000,
            "maximum": 1_000_000,
        }
    )
    if hasattr(axis, "minimum"):
        bound |= {"minimum": axis.minimum, "maximum": axis.maximum}
    return bound


# -- what a form sends ------------------------------------------------------------------------------------------------


def _blank(value: Any, schema: Any, root: Mapping[str, Any]) -> bool:
    """Whether nothing was filled in; a free key is something, even with nothing behind it."""
    if isinstance(value, dict):
        declared = _followed(schema, root).get("properties", {})
        return all(key in declared and _blank(part, declared[key], root) for key, part in value.items())
    return value in ("", None, [])


def _followed(schema: Any, root: Mapping[str, Any]) -> Mapping[str, Any]:
    while isinstance(schema, Mapping) and ("$ref" in schema or "x-patch-of" in schema):
        if "$ref" not in schema:
            schema = schema["x-patch-of"]
            continue
        target: Any = root
        for part in schema["$ref"].removeprefix("#").strip("/").split("/"):
            target = target[part] if part else target
        schema = target
    return schema if isinstance(schema, Mapping) else {}


def _pruned(value: Any, schema: Any, root: Mapping[str, Any]) -> Any:
    schema = _followed(schema, root)
    if isinstance(value, list):
        return [_pruned(part, schema.get("items"), root) for part in value]
    if not isinstance(value, dict):
        return value
    properties, rest = schema.get("properties", {}), schema.get("additionalProperties")
    kept: dict[str, Any] = {}
    for key, part in value.items():
        inner = properties.get(key, rest if isinstance(rest, dict) else {})
        part = _pruned(part, inner, root)
        optional = key in properties and key not in schema.get("required", ())
        if not (optional and _blank(part, inner, root)):
            kept[key] = part
    return kept
