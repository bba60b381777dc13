"""The sweep finds what is due at a constant price, and needs no message to have arrived."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.utils import timezone

from generation import hints, orders, sweep, tasks
from generation.models import Generation, ProviderAccount, ProviderSubmission
from pixsim.models import User

from .conftest import order
from .double import T0, Clock, Double

pytestmark = pytest.mark.django_db


def flight(author: User, count: int, **more: Any) -> list[Generation]:
    about = {"owner": author, "world_id": 7, "provider_id": "double", "operation_type": "text_to_video", "scope": "x", "reusable": False}
    about |= {"created_at": T0, "updated_at": T0, "next_at": T0, **more}
    return Generation.objects.bulk_create((Generation(**about, reproducible_hash=str(n)) for n in range(count)), batch_size=2000)


@pytest.mark.parametrize("count", [10, 10_000])
def test_a_sweep_costs_two_queries_for_any_number_of_jobs(
    author: User, double: Double, count: int, django_assert_num_queries: Any, monkeypatch: Any
) -> None:
    hinted: list[int] = []
    monkeypatch.setattr(hints, "advance_soon", lambda pk, expires=0: hinted.append(pk))
    flight(author, count // 2, status="generating")
    flight(author, count // 2, status="pending")
    with django_assert_num_queries(2):  # what is under way | the first that wait of each pool
        found = sweep.sweep(T0)
    assert found == len(hinted) == len(set(hinted)) == min(count // 2, sweep.WORKING) + min(count // 2, sweep.PER_POOL)


def test_jobs_of_one_provider_do_not_hide_those_of_another(author: User, stranger: User) -> None:
    flight(author, 500, status="pending")
    late = flight(author, 1, status="pending", provider_id="other") + flight(stranger, 1, status="pending")
    assert {job.pk for job in late} <= set(sweep.due(T0))


def test_what_is_leased_or_not_due_or_over_is_left_alone(author: User) -> None:
    later = T0.replace(hour=13)
    flight(author, 1, status="queued", next_at=later)
    flight(author, 1, status="queued", lease_until=later, lease_token=uuid.uuid4())
    flight(author, 1, status="failed", next_at=None, finished_at=T0)
    assert sweep.due(T0) == []
    assert len(sweep.due(later.replace(minute=1))) == 2


def test_a_job_whose_worker_died_with_a_slot_is_found_among_any_number_that_wait(author: User, account: ProviderAccount) -> None:
    jobs = flight(author, 300, status="pending")
    ProviderSubmission.objects.create(generation=jobs[-1], trace_id=uuid.uuid4(), day=T0.date(), created_at=T0, account=account, holds_slot=True)
    assert jobs[-1].pk in sweep.due(T0)


def test_a_lost_hint_costs_nothing_but_time(author: User, account: ProviderAccount, clock: Clock, double: Double) -> None:
    job = orders.create(owner=author, order=order(), clock=clock).generation
    assert sweep.due(clock()) == [job.pk]


def test_a_broker_that_is_down_stops_nobody(author: User, account: ProviderAccount, double: Double, monkeypatch: Any, caplog: Any) -> None:
    monkeypatch.undo()

    def down(*_: Any, **__: Any) -> None:
        raise ConnectionError("no broker")

    monkeypatch.setattr("celery.app.base.Celery.send_task", down)
    hints.advance_soon(1)
    assert "was not sent" in caplog.text


def test_the_tasks_make_one_step(author: User, account: ProviderAccount, double: Double) -> None:
    job = orders.create(owner=author, order=order()).generation
    assert tasks.sweep_generations() == 1
    tasks.advance(job.pk)
    job.refresh_from_db()
    assert (job.status, job.next_at > timezone.now()) == ("queued", True)
