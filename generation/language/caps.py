"""How much may be said in a day, in tokens and in money: held before a question is sent, settled when the answer is there.

A cap holds because holding is one conditional UPDATE per scope, all of them or none. Who dies between the two leaves what he held until the day is
over: rather too little is said than too much. Days are UTC; money is millionths of a US dollar.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F

from .models import LanguageDay


@dataclass(frozen=True, slots=True)
class Cap:
    """What a scope may have said in a day; None: as much as it likes."""

    scope: str
    tokens: int | None = None
    cost: int | None = None


@dataclass(frozen=True, slots=True)
class Held:
    scopes: tuple[str, ...]
    day: datetime.date
    tokens: int
    cost: int


class Capped(Exception):
    """A cap leaves no room. `scope` says whose."""

    def __init__(self, scope: str) -> None:
        super().__init__(scope)
        self.scope = scope


def hold(caps: Iterable[Cap], *, tokens: int, cost: int, now: datetime.datetime) -> Held:
    """Room for one line in every scope. Raises Capped for the first that has none; then nothing is held."""
    day = now.astimezone(datetime.UTC).date()
    wanted = sorted(caps, key=lambda cap: cap.scope)  # always in the same order, so that two never wait for each other
    with transaction.atomic():
        for cap in wanted:
            _take(cap, day, tokens, cost)
    return Held(tuple(cap.scope for cap in wanted), day, tokens, cost)


def _take(cap: Cap, day: datetime.date, tokens: int, cost: int) -> None:
    room = LanguageDay.objects.filter(scope=cap.scope, day=day)
    if cap.tokens is not None:
        room = room.filter(tokens_held__lte=cap.tokens - tokens - F("tokens"))
    if cap.cost is not None:
        room = room.filter(cost_held__lte=cap.cost - cost - F("cost"))
    taken = {"tokens_held": F("tokens_held") + tokens, "cost_held": F("cost_held") + cost}
    if not room.update(**taken):
        LanguageDay.objects.bulk_create([LanguageDay(scope=cap.scope, day=day)], ignore_conflicts=True)
        if not room.update(**taken):
            raise Capped(cap.scope)


def settle(held: Held, *, tokens: int, cost: int) -> None:
    """What is held becomes what was used. One statement."""
    LanguageDay.objects.filter(scope__in=held.scopes, day=held.day).update(
        tokens_held=F("tokens_held") - held.tokens, cost_held=F("cost_held") - held.cost, tokens=F("tokens") + tokens, cost=F("cost") + cost,
        lines=F("lines") + (1 if tokens else 0),
    )  # fmt: skip
