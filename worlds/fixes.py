"""One-click fixes: for a problem that has one sure or likely answer, a title for a button and a JSON Patch (RFC 6902). Pure."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from pixsim.lib.schema_words import SchemaError

from .rules.words import title

Fix = dict[str, Any]
Picks = Mapping[str, Sequence[tuple[Any, str]]]
_NOTHING = object()
_MEANT = re.compile(r"Did you mean “([^”]+)”")
_LAST_NUMBER = re.compile(r"(-?\d+(?:\.\d+)?)\.?$")
EXTENDABLE = re.compile(r"(/manifest)?(/interactions/[^/]+(/choices/\d+)?|/npc_roles/[^/]+|/providers/[^/]+)?")
"""Where an author's own keys may live, under `extensions`."""


def fix(problem: SchemaError, value: Any, picks: Picks) -> Fix | None:
    """What one click would do about a problem of `value`; None where only a person knows."""
    make = FIXES.get(problem.code)
    return make(problem, value, picks) if make else None


def at(value: Any, pointer: str) -> Any:
    """What stands there; `_NOTHING` where nothing does."""
    for part in _parts(pointer):
        if isinstance(value, dict) and part in value:
            value = value[part]
        elif isinstance(value, list) and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        else:
            return _NOTHING
    return value


def applied(value: Any, patch: Iterable[Mapping[str, Any]]) -> Any:
    """The value after a patch of a fix: add, replace, remove. Raises LookupError where it does not fit."""
    done = copy.deepcopy(value)
    for step in patch:
        *parents, last = _parts(step["path"])
        target = done
        for part in parents:
            target = target[int(part)] if isinstance(target, list) else target[part] if step["op"] != "add" else target.setdefault(part, {})
        if isinstance(target, list) and step["op"] == "add":
            target.insert(len(target) if last == "-" else int(last), step["value"])
        elif step["op"] == "remove":
            del target[int(last) if isinstance(target, list) else last]
        else:
            target[int(last) if isinstance(target, list) else last] = step["value"]
    return done


def _parts(pointer: str) -> list[str]:
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]


def _replace(pointer: str, value: Any, words: str) -> Fix:
    return {"title": words, "patch": [{"op": "replace", "path": pointer, "value": value}]}


def _shown(value: Any) -> str:
    return f"“{value}”" if isinstance(value, str) else f"{value:g}" if isinstance(value, float) else str(value)


# -- by the schema ----------------------------------------------------------------------------------------------------
def _unknown_key(problem: SchemaError, value: Any, picks: Picks) -> Fix | None:
    owner, _, key = problem.pointer.rpartition("/")
    if (meant := _MEANT.search(problem.message)) and at(value, f"{owner}/{meant[1]}") is _NOTHING:
        return {"title": f"Call it “{meant[1]}”", "patch": [{"op": "move", "from": problem.pointer, "path": f"{owner}/{meant[1]}"}]}
    if EXTENDABLE.fullmatch(owner) and at(value, f"{owner}/extensions/{key}") is _NOTHING:
        return {"title": "Keep it under extensions", "patch": [{"op": "move", "from": problem.pointer, "path": f"{owner}/extensions/{key}"}]}
    return {"title": "Remove it", "patch": [{"op": "remove", "path": problem.pointer}]}


def _bound(problem: SchemaError, value: Any, picks: Picks) -> Fix | None:
    found = _LAST_NUMBER.search(problem.message)
    if found is None or at(value, problem.pointer) is _NOTHING:
        return None
    number = float(found[1])
    return _replace(problem.pointer, int(number) if number.is_integer() else number, f"Make it {found[1]}")


def _type(problem: SchemaError, value: Any, picks: Picks) -> Fix | None:
    given, wanted = at(value, problem.pointer), problem.message
    if isinstance(given, str):
        if "number" in wanted and re.fullmatch(r"\s*-?\d+(\.\d+)?\s*", given):
            number = float(given)
            return _replace(problem.pointer, int(number) if number.is_integer() else number, f"Make it the number {given.strip()}")
        if "true or false" in wanted and given.strip().lower() in ("true", "false", "yes", "no"):
            return _replace(problem.pointer, given.strip().lower() in ("true", "yes"), "Make it true or false")
    if "a list" in wanted and isinstance(given, str | int | float) and not isinstance(given, bool):
        return _replace(problem.pointer, [given], "Make it a list")
    if given is None:
        return {"title": "Remove it", "patch": [{"op": "remove", "path": problem.pointer}]}
    return None


def _enum(problem: SchemaError, value: Any, picks: Picks) -> Fix | None:
    allowed = [word.strip() for word in problem.message.partition(": ")[2].rstrip(".").split(",")]
    return _closest(problem, value, allowed)


def _pattern(problem: SchemaError, value: Any, picks: Picks) -> Fix | None:
    given = at(value, problem.pointer)
    if not isinstance(given, str):
        return None
    if "HH:MM" in problem.message:
        found = re.fullmatch(r"\s*(\d{1,2})(?:[:.h ](\d{2}))?\s*(am|pm)?\s*", given.lower())
        if found and int(found[1]) <= 23 and int(found[2] or 0) <= 59:
            hour = int(found[1]) % 12 + (12 if found[3] == "pm" else 0) if found[3] else int(found[1])
            time = f"{hour:02d}:{found[2] or '00'}"
            return _replace(problem.pointer, time, f"Make it {time}")
        return None
    slug = _slug(given)
    return _replace(problem.pointer, slug, f"Make it “{slug}”") if slug and slug != given else None


def _key(problem: SchemaError, value: Any, picks: Picks) -> Fix | None:
    owner, _, key = problem.pointer.rpartition("/")
    slug = _slug(_parts(f"/{key}")[0])
    if not slug or at(value, f"{owner}/{slug}") is not _NOTHING:
        return None
    return {"title": f"Call it “{slug}”", "patch": [{"op": "move", "from": problem.pointer, "path": f"{owner}/{slug}"}]}


def _slug(text: str) -> str:
    negated = "!" if text.startswith("!") else ""
    slug = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
    return negated + slug if slug else ""


def _unique(problem: SchemaError, value: Any, picks: Picks) -> Fix | None:
    given = at(value, problem.pointer)
    once = [one for index, one in enumerate(given) if one not in given[:index]] if isinstance(given, list) else None
    return _replace(problem.pointer, once, "Keep each once") if once is not None else None


# -- by the world -----------------------------------------------------------------------------------------------------
def _declare(name: str, entry: Callable[[str], Any]) -> Callable[[SchemaError, Any, Picks], Fix | None]:
    """A name the manifest does not know: declare it there, if the manifest is at hand; else the closest that it knows."""

    def make(problem: SchemaError, value: Any, picks: Picks) -> Fix | None:
        given = at(value, problem.pointer)
        key = given.removeprefix("!") if isinstance(given, str) else _parts(problem.pointer)[-1]
        if not problem.pointer.startswith("/manifest/"):
            return _closest(problem, value, [one for one, _ in picks.get(name, ())])
        return {"title": f"Declare “{key}”", "patch": [{"op": "add", "path": f"/manifest/{name}/{key}", "value": entry(key)}]}

    return make


def _feature(problem: SchemaError, value: Any, picks: Picks) -> Fix | None:
    key, manifest = at(value, problem.pointer), at(value, "/manifest")
    if not problem.pointer.startswith("/manifest/") or not isinstance(manifest, dict):
        return None
    return {
        "title": f"Enable “{key}”",
        "patch": [{"op": "add", "path": "/manifest/enabled_features", "value": [*manifest.get("enabled_features", ()), key]}],
    }


def _named(kind: str) -> Callable[[SchemaError, Any, Picks], Fix | None]:
    return lambda problem, value, picks: _closest(problem, value, [one for one, _ in picks.get(kind, ())])


def _closest(problem: SchemaError, value: Any, known: Iterable[str]) -> Fix | None:
    given = at(value, problem.pointer)
    close = get_close_matches(given.lower().replace(" ", "_"), [str(one) for one in known], 1, 0.55) if isinstance(given, str) else []
    return _replace(problem.pointer, close[0], f"Make it “{close[0]}”") if close else None


FIXES: Mapping[str, Callable[[SchemaError, Any, Picks], Fix | None]] = {
    "unknown_key": _unknown_key,
    "minimum": _bound,
    "maximum": _bound,
    "out_of_order": _bound,
    "type": _type,
    "enum": _enum,
    "pattern": _pattern,
    "key": _key,
    "unique": _unique,
    "unknown_name": _enum,
    "unknown_flag": _declare("flags", lambda key: {"title": title(key)}),
    "unknown_stat": _declare("stats", lambda key: {"title": title(key), "min": 0, "max": 100, "default": 0}),
    "unknown_item": _declare("items", lambda key: {"title": title(key)}),
    "unknown_preset": _declare("turn_presets", lambda key: {"avg_turns": 5, "max_turns": 10}),
    "unknown_feature": _feature,
    "unknown_location": _named("places"),
    "unknown_scene": _named("scenes"),
    "unknown_npc": _named("npcs"),
    "unknown_tier": _named("tiers"),
    "unknown_node": _named("nodes"),
}
