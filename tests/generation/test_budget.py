"""A limit holds, whoever asks at the same moment; money moves once; the ledger says where it went."""

from __future__ import annotations

import datetime
import uuid
from typing import Any

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from generation import budget, orders
from generation.models import BudgetDay, BudgetLimit, Generation, LedgerEntry, ProviderAccount, ProviderSubmission
from pixsim.lib.errors import PaymentRequired
from pixsim.models import User

from .conftest import books_balance, order, run
from .double import T0, Clock, Double
from .threads import at_once

DAY = T0.date()


def held(author: User, amount: int, count: int = 1) -> list[ProviderSubmission]:
    """Submissions that hold nothing yet."""
    about = {"owner": author, "world_id": 7, "provider_id": "double", "operation_type": "text_to_video", "scope": "world/7", "reusable": False}
    jobs = Generation.objects.bulk_create(Generation(**about, reproducible_hash=str(n), created_at=T0, updated_at=T0) for n in range(count))
    return ProviderSubmission.objects.bulk_create(
        ProviderSubmission(generation=job, trace_id=uuid.uuid4(), reserved=amount, day=DAY, created_at=T0) for job in jobs
    )


def hold(submission: ProviderSubmission, limit: int = 100_000) -> bool:
    with transaction.atomic():
        budget.hold(submission=submission, scope="world/7", limit=limit, now=T0)
    return True


@pytest.mark.django_db(transaction=True)
def test_of_2000_simultaneous_reservations_of_5_credits_exactly_20_fit_in_100(author: User) -> None:
    found = at_once(8, hold, held(author, 5000, 2000))
    assert len(found) == 2000
    assert sum(one is True for one in found) == 20
    assert all(one is True or isinstance(one, PaymentRequired) for one in found)
    day = BudgetDay.objects.get()
    assert (day.reserved, day.spent, LedgerEntry.objects.count()) == (100_000, 0, 20)


@pytest.mark.django_db
def test_what_is_spent_up_says_what_remains(author: User) -> None:
    first, second = held(author, 60_000, 2)
    hold(first)
    with pytest.raises(PaymentRequired, match="This world has 40 of 100 credits left today") as refused:
        hold(second)
    assert refused.value.extra == {"remaining": 40, "needed": 60, "day_limit": 100, "reserved": 60, "spent": 0}
    assert ProviderSubmission.objects.get(pk=second.pk).scopes == []


@pytest.mark.django_db
def test_money_moves_once(author: User) -> None:
    (submission,) = held(author, 5000)
    hold(submission)
    assert budget.charge(submission_id=submission.pk, amount=None, now=T0) == 5000
    assert budget.charge(submission_id=submission.pk, amount=None, now=T0) is None
    assert budget.release(submission_id=submission.pk, now=T0) is False
    day = BudgetDay.objects.get()
    assert (day.reserved, day.spent) == (0, 5000)


@pytest.mark.django_db(transaction=True)
def test_of_many_that_settle_at_once_one_does(author: User) -> None:
    (submission,) = held(author, 5000)
    hold(submission)

    def settle(number: int) -> Any:
        if number % 2:
            return budget.release(submission_id=submission.pk, now=T0)
        return budget.charge(submission_id=submission.pk, amount=3000, now=T0) is not None

    assert at_once(8, settle, range(64)).count(True) == 1
    day = BudgetDay.objects.get()
    assert day.reserved == 0
    assert day.spent in (0, 3000)
    books_balance()


@pytest.mark.django_db
@given(st.lists(st.tuples(st.integers(0, 9000), st.one_of(st.none(), st.integers(0, 12_000)), st.booleans()), max_size=8))
def test_the_ledger_adds_up_to_the_budget(moves: list[tuple[int, int | None, bool]]) -> None:
    with transaction.atomic():
        author = User.objects.create(username=uuid.uuid4().hex)
        for amount, cost, charged in moves:
            (submission,) = held(author, amount)
            Generation.objects.filter(pk=submission.generation_id).update(reproducible_hash=uuid.uuid4().hex)
            hold(submission, limit=10**9)
            if charged:
                budget.charge(submission_id=submission.pk, amount=cost, now=T0)
            elif cost is not None:
                budget.release(submission_id=submission.pk, now=T0)
        books_balance()
        transaction.set_rollback(True)


@pytest.mark.django_db
def test_the_ledger_is_only_added_to(author: User) -> None:
    (submission,) = held(author, 5000)
    hold(submission)
    with pytest.raises(TypeError):
        LedgerEntry.objects.update(amount=1)
    with pytest.raises(TypeError):
        LedgerEntry.objects.all().delete()


@pytest.mark.django_db
def test_a_day_ends_at_midnight_utc(author: User, account: ProviderAccount, clock: Clock, double: Double) -> None:
    double.credits = 60
    clock.now = datetime.datetime(2026, 1, 5, 23, 59, 50, tzinfo=datetime.UTC)
    first = orders.create(owner=author, order=order("first"), clock=clock).generation
    with pytest.raises(PaymentRequired):
        orders.create(owner=author, order=order("second"), clock=clock)
    clock.pass_(seconds=15)
    orders.create(owner=author, order=order("second"), clock=clock)
    run(clock, seconds=60)
    assert [(str(day.day), day.reserved, day.spent) for day in BudgetDay.objects.order_by("day")] == [
        ("2026-01-05", 0, 60_000),
        ("2026-01-06", 0, 60_000),
    ]
    assert Generation.objects.get(pk=first.pk).status == "completed"
    books_balance()


@pytest.mark.django_db
def test_what_is_refused_for_money_leaves_nothing(author: User, account: ProviderAccount, clock: Clock, double: Double) -> None:
    budget.set_limit(world_id=7, day_limit=4999)
    with pytest.raises(PaymentRequired, match="This world has 4.999 of 4.999 credits left today .UTC.; this needs 5"):
        orders.create(owner=author, order=order(), clock=clock)
    assert not Generation.objects.exists()
    assert not LedgerEntry.objects.exists()
    budget.set_limit(world_id=7, day_limit=5000)
    orders.create(owner=author, order=order(), clock=clock)
    assert BudgetLimit.objects.get().day_limit == 5000
    assert budget.day_of_world(7, clock()).remaining == 0
    assert budget.day_of_world(8, clock()).remaining == 100_000
