"""A process that dies before any one of its database statements – so at every commit point of submitting, polling, fetching and delivering –
leaves nothing lost and nothing paid twice, whatever a provider makes of a trace id it has seen."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models.functions import Coalesce, Greatest

from generation import orders, sweep
from generation.models import Asset, BudgetDay, Generation, ProviderSubmission
from pixsim.models import User

from .conftest import books_balance, order
from .double import T0, Clock, Double, Places

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("account")]
ROLLED_BACK = ("SAVEPOINT", "ROLLBACK", "RELEASE")  # what the database does by itself when a connection is gone


class Killed(BaseException):
    """kill -9: no handler runs, nothing is written any more."""


@contextmanager
def killed_before(number: int) -> Iterator[list[int]]:
    """The process dies before its statement of that number; yields a list that is empty while it lives."""
    died: list[int] = []
    count = 0

    def statement(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal count
        if sql.startswith(ROLLED_BACK):
            return execute(sql, params, many, context)
        count += 1
        if died or count == number:
            died.append(number)
            raise Killed
        return execute(sql, params, many, context)

    with connection.execute_wrapper(statement), suppress(Killed):
        yield died


@pytest.fixture(autouse=True)
def impatient(monkeypatch: Any, caplog: Any) -> None:
    """A person is asked after twenty seconds: what happens in the other ten minutes is the same again."""
    caplog.set_level("ERROR")
    monkeypatch.setattr("generation.submission.UNKNOWN_PATIENCE", datetime.timedelta(seconds=20))


def live(clock: Clock) -> None:
    """Jump from one due moment to the next until nothing is due any more, or a person is asked."""
    for _ in range(300):
        sweep.run_due(clock)
        due = (
            Generation.objects.exclude(next_at=None)
            .exclude(needs_attention=True)
            .annotate(at=Greatest("next_at", Coalesce("lease_until", "next_at")))
        )
        moments = list(due.values_list("at", flat=True))
        if not moments:
            return
        clock.now = max(min(moments), clock.now)
        clock.pass_(seconds=0.001)
    raise AssertionError("it never ends")


def settled_as_it_was(author: User, clock: Clock, double: Double) -> None:
    """A person looks into the provider's console, and says what is there."""
    for job in Generation.objects.filter(needs_attention=True):
        traces = set(job.submissions.values_list("trace_id", flat=True))
        kept = any(entry.trace_id in traces and not entry.refunded for entry in double.ledger)
        orders.settle(generation=job, actor=author, outcome="charged" if kept else "not_sent", clock=clock)


def nothing_lost_and_nothing_paid_twice(double: Double, places: Places) -> None:
    traces = [entry.trace_id for entry in double.ledger]
    assert len(traces) == len(set(traces)), "a create was accepted twice"
    assert sum(not entry.refunded for entry in double.ledger) <= 1, "paid twice"
    assert not ProviderSubmission.objects.filter(money="held").exists(), "a reservation is left"
    assert sum(day.reserved for day in BudgetDay.objects.all()) == 0
    assert sum(day.spent for day in BudgetDay.objects.all()) == double.paid
    job = Generation.objects.get()
    assert job.status in Generation.FINAL
    if job.status == "completed":
        assert Asset.objects.count() == 1
        assert {context["node_id"] for _, _, context in places.attached} == {"node1"}
        assert job.delivered_at is not None
    else:
        assert Asset.objects.count() == 0
    books_balance()


ENDS = {
    "a harbor": {"completed", "failed"},
    "not_sent:1": {"completed", "failed"},
    "busy:1": {"completed", "failed"},
    "drop_before": {"failed"},
    "drop_after_accept": {"failed"},
    "fails": {"failed"},
    "moderated": {"moderated", "failed"},
}
RESENT = ("a harbor", "not_sent:1", "drop_after_accept")  # where a trace id could be seen twice, in every mode


@pytest.mark.parametrize(("prompt", "replay"), [(prompt, mode) for prompt in ENDS for mode in ("ABC" if prompt in RESENT else "A")])
def test_a_crash_before_any_statement_loses_nothing(author: User, clock: Clock, double: Double, places: Places, prompt: str, replay: str) -> None:
    double.replay = replay
    for number in range(1, 500):
        with transaction.atomic():
            clock.now, double.ledger, double.posts, double.counts, places.attached = T0, [], [], {}, []
            orders.create(owner=author, order=order(f"{prompt} made_of:3"), clock=clock)
            with killed_before(number) as died:
                live(clock)
            live(clock)
            settled_as_it_was(author, clock, double)
            nothing_lost_and_nothing_paid_twice(double, places)
            assert Generation.objects.get().status in ENDS[prompt]
            transaction.set_rollback(True)
        if not died:
            break
    assert 30 < number < 499


@pytest.mark.parametrize(
    ("prompt", "idempotent"),
    [("a harbor", False), ("drop_before", False), ("drop_after_accept", False), ("a harbor", True), ("drop_after_accept", True)],
)
def test_with_a_lookup_no_person_is_needed(author: User, clock: Clock, double: Double, places: Places, prompt: str, idempotent: bool) -> None:
    double.lookup, double.idempotent = True, idempotent
    for number in range(1, 500):
        with transaction.atomic():
            clock.now, double.ledger, double.posts, double.counts, places.attached = T0, [], [], {}, []
            orders.create(owner=author, order=order(f"{prompt} made_of:3"), clock=clock)
            with killed_before(number) as died:
                live(clock)
            live(clock)
            assert not Generation.objects.filter(needs_attention=True).exists()
            nothing_lost_and_nothing_paid_twice(double, places)
            transaction.set_rollback(True)
        if not died:
            break
    assert 20 < number < 499


@pytest.mark.django_db(transaction=True)
def test_a_crash_while_ordering_leaves_all_or_nothing(author: User, clock: Clock, double: Double) -> None:
    for number in range(1, 100):
        with killed_before(number) as died:
            orders.create(owner=author, order=order(f"number {number}"), clock=clock)
        jobs, held = Generation.objects.count(), sum(day.reserved for day in BudgetDay.objects.all())
        assert held == 5000 * jobs == 5000 * ProviderSubmission.objects.count()
        books_balance()
        if not died:
            break
    assert number > 5
    assert Generation.objects.count() >= 1
