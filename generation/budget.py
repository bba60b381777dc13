"""Money: what a world, and an account, may spend in a day. Held before anything is sent, charged when it is made, given back when it is not.

A limit holds because holding is one conditional UPDATE. A submission's money moves once: `money` goes from held to charged or released by a
conditional UPDATE in the same transaction as the budget and the ledger. Amounts are whole thousandths of a credit, days are UTC.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F

from pixsim.lib.errors import PaymentRequired

from .models import BudgetDay, BudgetLimit, LedgerEntry, ProviderAccount, ProviderSubmission
from .providers.base import MILLI

DEFAULT_DAY_LIMIT = 100 * MILLI
Kind = LedgerEntry.Kind


def world_scope(world_id: int) -> str:
    return f"world/{world_id}"


def account_scope(account: ProviderAccount) -> str:
    return f"account/{account.pk}"


def credits_of(milli: int) -> int | float:
    """Thousandths as credits: 5 for 5000, 0.5 for 500."""
    return milli // MILLI if milli % MILLI == 0 else milli / MILLI


@dataclass(frozen=True, slots=True)
class Day:
    """One scope's day, in thousandths of a credit."""

    scope: str
    day: datetime.date
    limit: int
    reserved: int
    spent: int

    @property
    def remaining(self) -> int:
        return max(0, self.limit - self.reserved - self.spent)


def limit_of_world(world_id: int) -> int:
    """One query."""
    found = BudgetLimit.objects.filter(scope=world_scope(world_id)).values_list("day_limit", flat=True).first()
    return DEFAULT_DAY_LIMIT if found is None else found


def set_limit(*, world_id: int, day_limit: int) -> None:
    """What a world may spend in a day, from now on; what is held or spent already stays."""
    BudgetLimit.objects.update_or_create(scope=world_scope(world_id), defaults={"day_limit": day_limit})


def day_of_world(world_id: int, now: datetime.datetime) -> Day:
    """Two queries."""
    return days_of_worlds([world_id], now)[world_id]


def days_of_worlds(world_ids: Iterable[int], now: datetime.datetime) -> dict[int, Day]:
    """Two queries, however many worlds."""
    day, scopes = now.astimezone(datetime.UTC).date(), {pk: world_scope(pk) for pk in world_ids}
    limits = dict(BudgetLimit.objects.filter(scope__in=scopes.values()).values_list("scope", "day_limit"))
    rows = {row.scope: row for row in BudgetDay.objects.filter(scope__in=scopes.values(), day=day)}
    return {pk: _day(scope, limits.get(scope, DEFAULT_DAY_LIMIT), day, rows.get(scope)) for pk, scope in scopes.items()}


def _day(scope: str, limit: int, day: datetime.date, row: BudgetDay | None) -> Day:
    return Day(scope, day, limit, row.reserved if row else 0, row.spent if row else 0)


# -- movements, always inside the caller's transaction ------------------------------------------------------------------
def hold(*, submission: ProviderSubmission, scope: str, limit: int, now: datetime.datetime) -> None:
    """Hold the submission's amount in one more scope. Raises PaymentRequired with what remains; then nothing was written."""
    amount, day = submission.reserved, submission.day
    if not amount:
        return
    room = BudgetDay.objects.filter(scope=scope, day=day, reserved__lte=limit - amount - F("spent"))
    if not room.update(reserved=F("reserved") + amount):
        BudgetDay.objects.bulk_create([BudgetDay(scope=scope, day=day)], ignore_conflicts=True)
        if not room.update(reserved=F("reserved") + amount):
            raise spent_up(_day(scope, limit, day, BudgetDay.objects.filter(scope=scope, day=day).first()), amount)
    submission.scopes = [*submission.scopes, scope]
    ProviderSubmission.objects.filter(pk=submission.pk).update(scopes=submission.scopes)
    _write(submission, [(scope, Kind.RESERVE, amount)], now)


def spent_up(day: Day, amount: int) -> PaymentRequired:
    """The refusal, with what remains."""
    what = "This world" if day.scope.startswith("world/") else "This account"
    detail = f"{what} has {credits_of(day.remaining)} of {credits_of(day.limit)} credits left today (UTC); this needs {credits_of(amount)}."
    return PaymentRequired(
        detail, remaining=credits_of(day.remaining), needed=credits_of(amount), day_limit=credits_of(day.limit), reserved=credits_of(day.reserved),
        spent=credits_of(day.spent),
    )  # fmt: skip


def charge(*, submission_id: int, amount: int | None, now: datetime.datetime) -> int | None:
    """Turn what is held into spent: `amount`, or None for all of it. What was charged; None if the money had moved already."""
    with transaction.atomic():
        submission = _settle(submission_id, ProviderSubmission.Money.CHARGED)
        if submission is None:
            return None
        held = submission.reserved
        cost = held if amount is None else amount
        ProviderSubmission.objects.filter(pk=submission_id).update(charged=cost)
        for scope in submission.scopes:
            BudgetDay.objects.filter(scope=scope, day=submission.day).update(reserved=F("reserved") - held, spent=F("spent") + cost)
            parts = [(scope, Kind.CHARGE, min(cost, held)), (scope, Kind.RELEASE, max(0, held - cost)), (scope, Kind.ADJUST, max(0, cost - held))]
            _write(submission, [part for part in parts if part[2]], now)
        return cost


def release(*, submission_id: int, now: datetime.datetime, only: Mapping[str, Any] | None = None, **values: Any) -> bool:
    """Give back what is held, writing `values` into the submission in the same UPDATE; False if its money had moved already or it is not as
    `only` says."""
    with transaction.atomic():
        submission = _settle(submission_id, ProviderSubmission.Money.RELEASED, only, values)
        if submission is None:
            return False
        for scope in submission.scopes:
            BudgetDay.objects.filter(scope=scope, day=submission.day).update(reserved=F("reserved") - submission.reserved)
        _write(submission, [(scope, Kind.RELEASE, submission.reserved) for scope in submission.scopes], now)
        return True


def _settle(
    submission_id: int, to: ProviderSubmission.Money, only: Mapping[str, Any] | None = None, values: Mapping[str, Any] | None = None
) -> ProviderSubmission | None:
    """The submission, read again under its lock; None if its money had moved already."""
    held = ProviderSubmission.objects.filter(pk=submission_id, money=ProviderSubmission.Money.HELD, **(only or {}))
    return ProviderSubmission.objects.get(pk=submission_id) if held.update(money=to, **(values or {})) else None


def _write(submission: ProviderSubmission, movements: Iterable[tuple[str, Kind, int]], now: datetime.datetime) -> None:
    about = {"day": submission.day, "generation_id": submission.generation_id, "submission": submission, "account_id": submission.account_id}
    LedgerEntry.objects.bulk_create(LedgerEntry(scope=scope, kind=kind, amount=amount, at=now, **about) for scope, kind, amount in movements)
