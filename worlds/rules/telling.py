"""Conditions and effects in plain words, as an author reads them beside the things they lock and change. Pure.

They are told from the JSON as it was written, not from what it compiles to: also what is not finished yet, or names nobody, has its words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from .conditions import MAX_DEPTH
from .effects import BUILDERS, who_of
from .words import WEEKDAYS, Names, either, number, span, title

Told = Iterator[str]


def requirements(condition: Any, names: Names, depth: int = 0) -> list[str]:
    """What must hold, a phrase for each clause, in the author's order: “Affinity at least 35”, “From 18:00 to 02:00”."""
    if not isinstance(condition, Mapping) or depth > MAX_DEPTH:
        return []
    return [phrase for key, value in condition.items() for phrase in _clause(key, value, names, depth)]


def outcomes(effects: Any, names: Names) -> list[str]:
    """What happens, a phrase for each change, in the order in which effects act: “Sets “Visited tavern””, “Captain Mara: affinity +5”."""
    if not isinstance(effects, Mapping):
        return []
    order = [key for key in BUILDERS if key in effects]
    return [phrase for key in (*order, *(key for key in effects if key not in BUILDERS)) for phrase in _effect(key, effects[key], names)]


# -- conditions -------------------------------------------------------------------------------------------------------
def _clause(key: str, value: Any, names: Names, depth: int) -> Told:
    if key in ("any", "all", "not"):
        yield from _combined(key, value, names, depth)
    elif key in CLAUSES:
        yield from CLAUSES[key](value, names)
    elif key.startswith(("min_", "max_")):
        yield f"{title(key[4:])} at {'least' if key.startswith('min_') else 'most'} {number(value)}"
    else:
        yield f"{title(key)}?"


def _combined(key: str, value: Any, names: Names, depth: int) -> Told:
    if key == "not":
        inner = requirements(value, names, depth + 1)
        if inner:
            yield f"Not: {_lower(_joined(inner, ' and '))}"
        return
    parts = [_joined(phrases, " and ") for part in _list(value) if (phrases := requirements(part, names, depth + 1))]
    if parts:
        yield _joined(parts, " or " if key == "any" else " and ")


def _joined(phrases: list[str], word: str) -> str:
    """The first as it is, the others in the middle of a sentence; in brackets where they hold a joint of their own."""
    if len(phrases) == 1:
        return phrases[0]
    inner = [f"({phrase})" if " and " in phrase or " or " in phrase else phrase for phrase in phrases]
    return word.join([inner[0], *(_lower(phrase) for phrase in inner[1:])])


def _lower(phrase: str) -> str:
    first = phrase.partition(" ")[0]
    return phrase if first in WEEKDAYS or not first[1:].islower() else phrase[0].lower() + phrase[1:]


def _flags(value: Any, names: Names) -> Told:
    for text in _list(value):
        flag, wanted = str(text).removeprefix("!"), not str(text).startswith("!")
        yield f"“{names.flags.get(flag, title(flag))}” is {'set' if wanted else 'not set'}"


def _seen(value: Any, names: Names) -> Told:
    for text in _list(value):
        node, wanted = str(text).removeprefix("!").replace(".", "/"), not str(text).startswith("!")
        yield f"{'Has' if wanted else 'Has not'} seen “{names.nodes.get(node, title(node.rpartition('/')[2]))}”"


def _stats(value: Any, names: Names) -> Told:
    for stat, bounds in _items(value):
        name, low, high = names.stats.get(stat, title(stat)), _items_of(bounds).get("min"), _items_of(bounds).get("max")
        if low is not None and high is not None:
            yield f"{name} {number(low)} to {number(high)}"
        else:
            yield f"{name} at least {number(low)}" if low is not None else f"{name} at most {number(high)}" if high is not None else name


CLAUSES: dict[str, Callable[[Any, Names], Iterable[str]]] = {
    "flags": _flags,
    "min_tier": lambda value, names: (f"At least {names.tiers.get(str(value), str(value).replace('_', ' '))}",),
    "stats": _stats,
    "inventory": lambda value, names: (f"Carries {number(count)} × {names.items.get(item, title(item))}" for item, count in _items(value)),
    "mood": lambda value, names: (f"Mood is {either(str(mood) for mood in _list(value))}",),
    "location": lambda value, names: (f"At {either(names.places.get(str(key), title(str(key))) for key in _list(value))}",),
    "time": lambda value, names: (f"From {_items_of(value).get('from', '…')} to {_items_of(value).get('to', '…')}",),
    "days": lambda value, names: (f"On {either(_weekday(day) for day in _list(value))}",),
    "npc_present": lambda value, names: ("The NPC is here" if value else "The NPC is not here",),
    "seen": _seen,
    "features": lambda value, names: (f"The world has {title(str(feature)).lower()}" for feature in _list(value)),
}


# -- effects ----------------------------------------------------------------------------------------------------------
def _effect(key: str, value: Any, names: Names) -> Told:
    yield from EFFECTS[key](value, names) if key in EFFECTS else (f"{title(key)}?",)


def _change(value: Any) -> str:
    """ "+5", "−3", "= 40"."""
    return number(value) if isinstance(value, str) else f"= {number(value)}"


def _who(name: str, names: Names) -> str:
    key = who_of(name)
    return names.people.get(key, title(key)) if key else "The NPC"


def _set_flags(value: Any, names: Names) -> Told:
    for text in _list(value):
        flag = str(text).removeprefix("!")
        yield f"{'Clears' if str(text).startswith('!') else 'Sets'} “{names.flags.get(flag, title(flag))}”"


def _by_person(value: Any, names: Names) -> Told:
    for who, changes in _items(value):
        for axis, change in _items(changes):
            yield f"{_who(who, names)}: {title(axis).lower()} {_change(change)}"


def _time(value: Any, names: Names) -> Told:
    seconds = _items_of(value).get("advance_by_sec")
    if isinstance(seconds, int | float):
        yield f"{span(int(seconds))} {'passes' if span(int(seconds)).startswith('1 ') and int(seconds) <= 3600 else 'pass'}"


def _place(value: Any, names: Names) -> Told:
    for who, where in _items(value):
        place, until = (where.get("location"), where.get("until")) if isinstance(where, Mapping) else (where, None)
        if place is None:
            yield f"{_who(who, names)} goes their own way again"
        else:
            yield f"{_who(who, names)} goes to {names.places.get(str(place), title(str(place)))}{'' if until is None else ' for a while'}"


def _emotion(value: Any, names: Names) -> Told:
    for who, felt in _items(value):
        felt = _items_of(felt)
        yield f"{_who(who, names)} feels {felt.get('label', '…')} for {span(60 * int(felt.get('minutes', 30)))}"


def _memory(value: Any, names: Names) -> Told:
    for who, memory in _items(value):
        words = _items_of(memory)
        yield f"{_who(who, names)} remembers: {words.get('summary') or words.get('topic') or '…'}"


def _gossip(value: Any, names: Names) -> Iterable[str]:
    for who, told in _items(value):
        words = _items_of(told)
        to = [_who(str(listener), names) for listener in _list(words.get("to"))]
        what = f"what it knows of {words['topic']}" if words.get("topic") else "what it knows"
        yield f"{_who(who, names)} tells {', '.join(to) or 'all who are there'} {what}"


EFFECTS: dict[str, Callable[[Any, Names], Iterable[str]]] = {
    "flags": _set_flags,
    "stats": lambda value, names: (f"{names.stats.get(stat, title(stat))} {_change(change)}" for stat, change in _items(value)),
    "relationships": _by_person,
    "inventory": lambda value, names: (f"{names.items.get(item, title(item))} {_change(change)}" for item, change in _items(value)),
    "time": _time,
    "move_to": lambda value, names: (f"Goes to {names.places.get(str(value), title(str(value)))}",),
    "place": _place,
    "emotion": _emotion,
    "drives": _by_person,
    "memory": _memory,
    "gossip": _gossip,
}


# -- what may stand anywhere ------------------------------------------------------------------------------------------
def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _items_of(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _items(value: Any) -> Iterable[tuple[str, Any]]:
    return _items_of(value).items()


def _weekday(day: Any) -> str:
    return WEEKDAYS[day - 1] if isinstance(day, int) and 1 <= day <= 7 else "…"
