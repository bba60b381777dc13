"""Prompts that were built before, by their content. What an author changes is dropped at once; what another process still holds is never found
again, for the key is everything a prompt is made of.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import fields, replace
from typing import Any, Final

from npcs.prompts import tokens
from npcs.prompts.dialogue import BUDGET, Prompt, build
from npcs.prompts.tokens import TokenCounter
from npcs.writers.request import WriterRequest
from pixsim.lib.canonical import sha256

PEOPLE: Final = 512
PROMPTS: Final = 16
"""Kept for each of the people who were lately talked to."""
_NO_WORDS: Final = frozenset({"seed", "lines", "providers", "budget", "world", "player", "safety_id"})
"""Fields of a request that no section reads."""
_NAMES: Final = tuple(field.name for field in fields(WriterRequest) if field.name not in _NO_WORDS)

_people: OrderedDict[tuple[int, str], OrderedDict[str, Prompt]] = OrderedDict()
_lock = threading.Lock()


def prompt_of(request: WriterRequest, *, budget: int = BUDGET, count: TokenCounter | None = None) -> Prompt:
    """The prompt of a request, built or as it was built before; `cached` says which."""
    count = count or tokens.counter()
    person = (request.world, request.npc or request.npc_name)
    key = sha256([[getattr(request, name) for name in _NAMES], budget, count.name])
    with _lock:
        known = _people[person].get(key) if person in _people else None
    if known is not None:
        return replace(known, cached=True)
    made = build(request, budget=budget, count=count)
    with _lock:
        kept = _people.setdefault(person, OrderedDict())
        kept[key] = made
        _people.move_to_end(person)
        _shorten(kept, PROMPTS)
        _shorten(_people, PEOPLE)
    return made


def forget(world: int, npcs: Iterable[str] | None = None) -> None:
    """Drops what is kept of these people of a world, or of all its people."""
    with _lock:
        for person in [one for one in _people if one[0] == world and (npcs is None or one[1] in npcs)]:
            del _people[person]


def kept(world: int, npc: str) -> int:
    """How many prompts are kept of somebody."""
    with _lock:
        return len(_people.get((world, npc), ()))


def forget_changed(*, world_id: int, parts: Iterable[str], **more: Any) -> None:
    """An author changed a world: its people that changed, or all of them where their world did (a role fills in for many)."""
    parts = list(parts)
    whole = any("/" not in part for part in parts)
    forget(world_id, None if whole else {part.partition("/")[2] for part in parts if part.startswith("npc/")})


def _shorten(values: OrderedDict[Any, Any], size: int) -> None:
    while len(values) > size:
        values.popitem(last=False)
