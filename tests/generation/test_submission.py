"""No job is paid twice and no paid one is lost, whatever the provider, the network and the workers do."""

from __future__ import annotations

import datetime
import uuid
from typing import Any

import pytest
from django.db import connection

from generation import accounts, leases, orders, polling, services, sweep
from generation.models import Asset, Generation, ProviderAccount, ProviderSubmission, WebhookReceipt
from generation.providers.base import Trouble
from pixsim.lib.errors import Conflict
from pixsim.models import AuditEntry, User

from .conftest import books_balance, order, picture_bytes, run
from .double import Clock, Double, Places

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("account")]
Status = Generation.Status


def make(author: User, clock: Clock, prompt: str = "a harbor", **more: Any) -> Generation:
    return orders.create(owner=author, order=order(prompt, **more), clock=clock).generation


def fresh(job: Generation) -> Generation:
    return Generation.objects.get(pk=job.pk)


def only(job: Generation) -> ProviderSubmission:
    return ProviderSubmission.objects.get(generation=job)


@pytest.mark.django_db(transaction=True)
def test_a_job_goes_through_its_states_and_is_attached(author: User, clock: Clock, double: Double, places: Places) -> None:
    job = make(author, clock)
    assert (job.status, job.estimated, only(job).submission_state) == ("pending", 5000, "reserved")
    run(clock, seconds=40)
    done = fresh(job)
    assert (done.status, done.charged, done.needs_attention, done.next_at) == ("completed", 5000, False, None)
    assert done.delivered_at is not None
    assert places.attached == [(job.pk, done.asset_id, {"scene_id": 1, "node_id": "node1"})]
    assert list(dict.fromkeys(status for _, status in places.heard)) == ["pending", "submitting", "queued", "generating", "downloading", "completed"]
    asset = Asset.objects.get(pk=done.asset_id)
    assert (asset.owner_id, asset.status, asset.is_generated, asset.provider_asset_id, asset.prompt) == (
        author.pk,
        "ready",
        True,
        "job_1",
        "a harbor",
    )
    assert [(row.kind, row.note) for row in asset.lineage.all()] == [("prompt", "a harbor")]
    assert double.paid == 5000
    books_balance()


def test_nothing_is_sent_before_submitting_is_committed(author: User, clock: Clock, double: Double, monkeypatch: Any) -> None:
    job = make(author, clock)
    seen: list[tuple[str, bool]] = []
    submit = double.submit

    def watched(*args: Any) -> Any:
        seen.append((only(job).submission_state, connection.in_atomic_block and len(connection.savepoint_ids) > 0))
        return submit(*args)

    monkeypatch.setattr(double, "submit", watched)
    sweep.run_due(clock)
    assert seen == [("submitting", False)]
    assert (only(job).submission_state, only(job).posts, only(job).body) == ("submitted", 1, {"prompt": "a harbor", "frames": [None, None]})


def test_what_was_never_sent_is_sent_again_with_the_same_trace_id(author: User, clock: Clock, double: Double) -> None:
    job = make(author, clock, "not_sent:2")
    run(clock, seconds=60)
    assert fresh(job).status == "completed"
    assert len(set(double.posts)) == 1
    assert len(double.posts) == 3
    assert only(job).posts == 3
    books_balance()


def test_a_provider_that_cannot_be_reached_is_given_up_in_words(author: User, clock: Clock, double: Double) -> None:
    job = make(author, clock, "not_sent:100")
    run(clock, seconds=1200, step=5)
    done = fresh(job)
    assert (done.status, len(double.posts)) == ("failed", 6)
    assert "could not be reached" in done.error
    assert only(job).money == "released"
    books_balance()


@pytest.mark.parametrize(("prompt", "status"), [("filtered", "moderated"), ("bad_request", "failed")])
def test_a_refused_create_costs_nothing(author: User, clock: Clock, prompt: str, status: str) -> None:
    job = make(author, clock, prompt)
    run(clock, seconds=5)
    assert (fresh(job).status, only(job).submission_state, only(job).money) == (status, "rejected", "released")
    books_balance()


def test_a_busy_provider_gets_a_new_submission_later(author: User, clock: Clock, double: Double) -> None:
    job = make(author, clock, "busy:3")
    run(clock, seconds=200)
    assert fresh(job).status == "completed"
    sent = list(ProviderSubmission.objects.filter(generation=job))
    assert [one.submission_state for one in sent] == ["rejected", "rejected", "rejected", "submitted"]
    assert len({one.trace_id for one in sent}) == 4
    books_balance()


def test_a_prompt_a_provider_is_always_busy_for_is_given_up(author: User, clock: Clock, double: Double) -> None:
    job = make(author, clock, "busy:100")
    run(clock, seconds=900, step=5)
    assert (fresh(job).status, len(double.posts)) == ("failed", 5)
    assert "another prompt may help" in fresh(job).error
    books_balance()


@pytest.mark.parametrize("trouble", [Trouble.AUTH, Trouble.NO_FUNDS])
def test_a_bad_key_pauses_its_account_and_another_is_used(
    author: User, account: ProviderAccount, clock: Clock, double: Double, trouble: Trouble
) -> None:
    other = accounts.create_account(owner=None, provider_id="double", key="sk-site-0002")
    double.keys["sk-double-0001"] = trouble
    job = make(author, clock)
    run(clock, seconds=40)
    account.refresh_from_db()
    assert account.paused_reason == "This key is not good."
    assert (fresh(job).status, double.ledger[0].account_id) == ("completed", other.pk)
    books_balance()


def test_without_another_account_a_bad_key_is_said_in_words(author: User, clock: Clock, double: Double) -> None:
    double.keys["sk-double-0001"] = Trouble.AUTH
    first, second = make(author, clock), make(author, clock, "another")
    run(clock, seconds=5)
    assert (fresh(first).status, fresh(first).error) == ("failed", "This key is not good.")
    assert fresh(second).status == "failed"
    assert "is paused: This key is not good." in fresh(second).error
    assert len(double.posts) == 1
    books_balance()


# -- not known ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("prompt", ["drop_before", "drop_after_accept", "crash"])
def test_what_may_have_been_accepted_is_never_sent_again(author: User, clock: Clock, double: Double, prompt: str) -> None:
    job = make(author, clock, prompt)
    run(clock, seconds=3600, step=30)
    found = fresh(job)
    assert (found.status, found.needs_attention, only(job).submission_state, only(job).money) == ("submitting", True, "unknown", "held")
    assert "not known whether the provider has received this" in found.attention_reason
    assert len(double.posts) == 1
    run(clock, seconds=30 * 3600, step=600)
    assert fresh(job).next_at is None
    assert fresh(job).needs_attention
    assert len(double.posts) == 1
    books_balance()


def test_a_provider_that_knows_the_trace_id_resolves_it(author: User, clock: Clock, double: Double) -> None:
    double.lookup = True
    job = make(author, clock, "drop_after_accept")
    run(clock, seconds=60)
    assert (fresh(job).status, len(double.posts), double.paid) == ("completed", 1, 5000)
    books_balance()


def test_what_a_provider_certainly_has_not_is_not_sent_again_without_its_own_ids(author: User, clock: Clock, double: Double) -> None:
    double.lookup = True
    job = make(author, clock, "drop_before")
    run(clock, seconds=60)
    assert (fresh(job).status, fresh(job).charged, len(double.posts)) == ("failed", None, 1)
    assert "has not received it; nothing was charged" in fresh(job).error
    books_balance()


def test_a_provider_that_takes_our_id_may_get_the_very_same_again(author: User, clock: Clock, double: Double, monkeypatch: Any) -> None:
    double.lookup = double.idempotent = True
    job = make(author, clock, "drop_before")
    run(clock, seconds=4)
    monkeypatch.setattr("tests.generation.double.tokens", lambda prompt: {})
    run(clock, seconds=60)
    assert (fresh(job).status, len(set(double.posts)), len(double.ledger)) == ("completed", 1, 1)
    books_balance()


def test_a_webhook_with_our_trace_id_resolves_it(author: User, clock: Clock, double: Double) -> None:
    job = make(author, clock, "drop_after_accept")
    run(clock, seconds=5)
    assert only(job).submission_state == "unknown"
    trace = only(job).trace_id
    WebhookReceipt.objects.create(provider_id="double", nonce="1", provider_job_id="job_1", trace_id=trace, received_at=clock())
    run(clock, seconds=90)
    assert (fresh(job).status, len(double.posts)) == ("completed", 1)
    books_balance()


def test_a_worker_that_died_while_submitting_leaves_it_unknown(author: User, clock: Clock, double: Double, monkeypatch: Any) -> None:
    job = make(author, clock)

    class Killed(BaseException):
        pass

    def killed(*_: Any) -> None:
        raise Killed

    monkeypatch.setattr(double, "submit", killed)
    with pytest.raises(Killed):
        sweep.run_due(clock)
    assert (fresh(job).status, only(job).submission_state) == ("submitting", "submitting")
    monkeypatch.undo()
    sweep.run_due(clock)
    assert only(job).submission_state == "submitting", "its lease still runs"
    run(clock, seconds=240, step=10)
    assert (only(job).submission_state, only(job).money, double.posts) == ("unknown", "held", [])
    books_balance()


@pytest.mark.parametrize(("outcome", "money", "spent"), [("not_sent", "released", 0), ("charged", "charged", 5000)])
def test_a_person_settles_what_nobody_knows(author: User, clock: Clock, outcome: Any, money: str, spent: int) -> None:
    job = make(author, clock, "drop_before")
    with pytest.raises(Conflict):
        orders.settle(generation=job, actor=author, outcome=outcome)
    run(clock, seconds=1200, step=10)
    assert fresh(job).needs_attention
    done = orders.settle(generation=job, actor=author, outcome=outcome, clock=clock)
    assert (done.status, done.needs_attention, done.charged or 0, only(job).money) == ("failed", False, spent, money)
    assert AuditEntry.objects.get().action == f"generation.settle.{outcome}"
    with pytest.raises(Conflict):
        orders.settle(generation=job, actor=author, outcome=outcome, clock=clock)
    assert orders.retry(generation=job, actor=author, clock=clock).retry_of_id == job.pk
    books_balance()


def test_an_answer_that_comes_after_a_person_decided_is_told(author: User, clock: Clock, double: Double, monkeypatch: Any) -> None:
    from generation import submission

    job = make(author, clock, "drop_before")
    run(clock, seconds=1200, step=10)
    orders.settle(generation=job, actor=author, outcome="not_sent", clock=clock)
    submission.accepted(only(job).pk, submission.Submitted(provider_job_id="job_9"), clock())
    assert (fresh(job).status, fresh(job).needs_attention) == ("failed", True)
    assert "job_9" in fresh(job).attention_reason


# -- polling --------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("seconds", "expected"), [(0, 2), (20, 2), (100, 10), (300, 30), (7000, 30), (7200, 3600), (80_000, 3600)])
def test_young_jobs_are_asked_often_and_old_ones_hourly(seconds: int, expected: int) -> None:
    assert polling.interval(datetime.timedelta(seconds=seconds)).total_seconds() == expected


def test_a_job_that_never_ends_is_shown_to_a_person_after_a_day(author: User, account: ProviderAccount, clock: Clock, double: Double) -> None:
    job = make(author, clock, "stuck")
    run(clock, seconds=900, step=1)
    submitted = only(job).submitted_at
    assert polling.lateness(fresh(job), submitted, clock()) == "slow"
    run(clock, seconds=7000, step=10)
    assert polling.lateness(fresh(job), submitted, clock()) == "late"
    account.refresh_from_db()
    assert account.in_flight == 0, "a late job gives its slot to others"
    run(clock, seconds=24 * 3600, step=600)
    found = fresh(job)
    assert (found.status, found.needs_attention, found.next_at, only(job).money) == ("generating", True, None, "held")
    assert "was it charged?" in found.attention_reason
    orders.retry(generation=job, actor=author, clock=clock)
    assert fresh(job).next_at == clock()
    books_balance()


@pytest.mark.parametrize(
    ("prompt", "status", "spent"), [("fails", "failed", 0), ("moderated", "moderated", 0), ("fails kept", "failed", 5000), ("gone", "failed", 5000)]
)
def test_what_a_provider_could_not_make_is_paid_only_if_it_says_so(author: User, clock: Clock, prompt: str, status: str, spent: int) -> None:
    job = make(author, clock, prompt)
    run(clock, seconds=60)
    assert (fresh(job).status, fresh(job).charged or 0) == (status, spent)
    books_balance()


def test_a_provider_that_is_silent_for_a_while_loses_nothing(author: User, clock: Clock, double: Double) -> None:
    job = make(author, clock, "silent:20")
    run(clock, seconds=300)
    assert fresh(job).status == "completed"


def test_a_provider_that_forgot_the_job_is_shown_to_a_person(author: User, clock: Clock) -> None:
    job = make(author, clock, "lost")
    run(clock, seconds=900, step=5)
    assert fresh(job).needs_attention
    assert "no longer knows this job" in fresh(job).attention_reason


def test_what_costs_more_than_estimated_is_counted_in_full(author: User, clock: Clock) -> None:
    job = make(author, clock, "costs:9")
    run(clock, seconds=40)
    assert fresh(job).charged == 9000
    books_balance()


# -- slots and order --------------------------------------------------------------------------------------------------------
def test_two_at_once_and_the_rest_in_order(author: User, clock: Clock, double: Double) -> None:
    made = [make(author, clock, f"number {number}") for number in range(7)]
    for _ in range(300):
        sweep.run_due(clock)
        assert sum(1 for job in made if fresh(job).status in ("submitting", "queued", "generating")) <= 2
        clock.pass_(seconds=1)
    assert [entry.body["prompt"] for entry in double.ledger] == [f"number {number}" for number in range(7)]
    assert {fresh(job).status for job in made} == {"completed"}
    books_balance()


def test_jobs_are_spread_over_accounts(author: User, account: ProviderAccount, clock: Clock, double: Double) -> None:
    other = accounts.create_account(owner=author, provider_id="double", key="sk-double-0002")
    for number in range(4):
        make(author, clock, f"number {number}")
    sweep.run_due(clock)
    assert sorted(entry.account_id or 0 for entry in double.ledger) == [account.pk, account.pk, other.pk, other.pk]


def test_an_account_over_its_own_limit_waits_and_another_is_used(author: User, account: ProviderAccount, clock: Clock, double: Double) -> None:
    accounts.change_account(account=account, day_limit=5000)
    first, second = make(author, clock), make(author, clock, "another")
    run(clock, seconds=60)
    assert (fresh(first).status, fresh(second).status) == ("completed", "pending")
    assert "This account has 0 of 5 credits left today" in fresh(second).error
    accounts.create_account(owner=author, provider_id="double", key="sk-double-0002")
    run(clock, seconds=400, step=5)
    assert fresh(second).status == "completed"
    books_balance()


# -- results --------------------------------------------------------------------------------------------------------------
def test_a_download_that_fails_is_tried_again_and_then_shown(author: User, clock: Clock, double: Double, monkeypatch: Any) -> None:
    def unreachable(*_: Any) -> None:
        raise OSError("no route to host")

    monkeypatch.setattr("generation.delivery.fetch", unreachable)
    job = make(author, clock)
    run(clock, seconds=8 * 3600, step=60)
    found = fresh(job)
    assert (found.status, found.needs_attention, found.charged) == ("downloading", True, 5000)
    assert "could not be fetched: no route to host" in found.attention_reason
    monkeypatch.undo()
    monkeypatch.setattr("generation.delivery.fetch", __import__("tests.generation.double", fromlist=["fetched"]).fetched)
    orders.retry(generation=job, actor=author, clock=clock)
    run(clock, seconds=5)
    assert (fresh(job).status, double.paid, Asset.objects.count()) == ("completed", 5000, 1)
    books_balance()


def test_attaching_is_repeated_until_it_worked(author: User, clock: Clock, places: Places) -> None:
    places.broken = 3
    job = make(author, clock)
    run(clock, seconds=30)
    assert (fresh(job).status, fresh(job).delivered_at) == ("completed", None)
    run(clock, seconds=120)
    assert fresh(job).delivered_at is not None
    assert len(places.attached) == 1


def test_cancelling_what_waits_gives_the_money_back(author: User, clock: Clock, double: Double) -> None:
    job = orders.cancel(generation=make(author, clock), actor=author, clock=clock)
    assert (job.status, only(job).money, job.error) == ("cancelled", "released", "Cancelled by anna.")
    run(clock, seconds=5)
    assert double.posts == []
    with pytest.raises(Conflict):
        orders.cancel(generation=job, actor=author, clock=clock)
    books_balance()


@pytest.mark.parametrize(("prompt", "money"), [("a harbor", "released"), ("stuck", "charged")])
def test_cancelling_what_was_sent_gives_back_what_the_provider_stopped(author: User, clock: Clock, prompt: str, money: str) -> None:
    job = make(author, clock, prompt)
    run(clock, seconds=3)
    done = orders.cancel(generation=job, actor=author, clock=clock)
    assert (done.status, only(job).money) == ("cancelled", money)
    assert ("stay spent" in done.error) == (money == "charged")
    run(clock, seconds=60)
    assert fresh(job).status == "cancelled"
    books_balance()


@pytest.mark.parametrize("final", Generation.FINAL)
def test_a_final_state_never_moves(author: User, clock: Clock, double: Double, final: str) -> None:
    job = make(author, clock)
    Generation.objects.filter(pk=job.pk).update(status=final, finished_at=clock(), next_at=clock())
    run(clock, seconds=60)
    with pytest.raises(Conflict):
        orders.cancel(generation=job, actor=author, clock=clock)
    with pytest.raises(Conflict):
        orders.settle(generation=job, actor=author, outcome="charged", clock=clock)
    assert (fresh(job).status, double.posts) == (final, [])


def test_whoever_lost_the_lease_writes_nothing(author: User, clock: Clock) -> None:
    job = make(author, clock)
    old = leases.take(job.pk, statuses=["pending"], now=clock(), seconds=10)
    assert old is not None
    assert leases.take(job.pk, statuses=["pending"], now=clock(), seconds=10) is None
    clock.pass_(seconds=11)
    new = leases.take(job.pk, statuses=["pending"], now=clock(), seconds=10)
    assert not leases.move(job.pk, old, now=clock(), was=["pending"], status="failed")
    assert isinstance(new, uuid.UUID)
    assert leases.move(job.pk, new, now=clock(), was=["pending"], error="mine")


@pytest.mark.parametrize("method", ["body", "upload", "poll", "find", "allowed_hosts"])
def test_a_fault_in_a_providers_module_is_said_and_never_goes_round_in_silence(
    author: User, clock: Clock, double: Double, monkeypatch: Any, method: str
) -> None:
    def faulty(*_: Any) -> None:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr(double, method, faulty)
    face = services.ensure_asset(owner=author, media_type="image", content=picture_bytes())
    prompt = "drop_before" if method == "find" else "a harbor"
    job = make(author, clock, prompt, inputs={"prompt": prompt, "first_frame_asset_id": face.pk})
    run(clock, seconds=26 * 3600, step=300)
    found = fresh(job)
    assert found.status == "failed" or found.needs_attention
    assert len(double.posts) == (method not in ("body", "upload"))
    books_balance()
