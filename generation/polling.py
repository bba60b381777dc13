"""What became of a job at its provider: asked often while it is young, never given up in silence.

Every 2 s at first, up to every 30 s; after 10 minutes it is called slow, after 2 hours late and asked hourly; after 24 hours a person is asked.
"""

from __future__ import annotations

import datetime
import logging
import uuid
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from pixsim.lib.encryption import CannotOpen

from . import accounts, budget, delivery, leases
from .leases import Clock, Status
from .models import Generation, ProviderSubmission
from .providers import registry
from .providers.base import JobRef, JobState, Refused, Trouble, Unavailable
from .providers.base import Status as Found
from .submission import living, module_failed, tell

log = logging.getLogger(__name__)

LEASE_SEC = 90
YOUNGEST_SEC, OLDEST_SEC = 2.0, 30.0
SLOW = datetime.timedelta(minutes=10)
LATE = datetime.timedelta(hours=2)
HOURLY = datetime.timedelta(hours=1)
GIVEN_UP = datetime.timedelta(hours=24)
MISSING_PATIENCE = datetime.timedelta(minutes=10)  # a provider that does not know its own job may be behind
AT_PROVIDER = (Status.QUEUED, Status.GENERATING, Status.DOWNLOADING)


def interval(age: datetime.timedelta) -> datetime.timedelta:
    """How long until the next question to a provider about a job of this age."""
    if age >= LATE:
        return HOURLY
    return datetime.timedelta(seconds=min(OLDEST_SEC, max(YOUNGEST_SEC, age.total_seconds() / 10)))


def lateness(job: Generation, submitted_at: datetime.datetime | None, now: datetime.datetime | None = None) -> str:
    """`slow` after ten minutes at the provider, `late` after two hours; empty before, and when it is over."""
    if submitted_at is None or job.status in Generation.FINAL:
        return ""
    age = (now or timezone.now()) - submitted_at
    return "late" if age >= LATE else "slow" if age >= SLOW else ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A job at its provider that we hold."""

    job: Generation
    submission: ProviderSubmission
    token: uuid.UUID

    def age(self, now: datetime.datetime) -> datetime.timedelta:
        return now - (self.submission.submitted_at or self.submission.created_at)


def look(job: Generation, clock: Clock) -> None:
    """Ask once and keep what was answered; a result is fetched at once."""
    now = clock()
    token = leases.take(job.pk, statuses=AT_PROVIDER, now=now, seconds=LEASE_SEC)
    submission, provider = living(job.pk), registry.get(job.provider_id)
    if token is None or submission is None:
        return
    asked = Asked(job, submission, token)
    if provider is None or (submission.account is None and not provider.local):
        _attention(asked, "The provider or the account it was sent with is gone.", now)
        return
    ref = JobRef(
        provider_job_id=submission.provider_job_id, trace_id=submission.trace_id, submitted_at=submission.submitted_at or now, raw=submission.raw
    )
    try:
        access = accounts.opened(submission.account, job.owner_id)
        found, hosts = provider.poll(access, ref), provider.allowed_hosts(access)
    except Refused as refusal:
        _refused(asked, refusal, clock())
        return
    except (Unavailable, CannotOpen) as error:
        _not_answered(asked, str(error), clock())
        return
    except Exception as error:
        _not_answered(asked, module_failed(job, error), clock())
        return
    match found.state:
        case JobState.COMPLETED if found.result is not None:
            if _charged(asked, found, clock()):
                delivery.bring(job, submission, token, found.result, hosts, clock)
        case JobState.FAILED | JobState.MODERATED:
            _failed(asked, found, clock())
        case _:
            _goes_on(asked, found, clock())


def _goes_on(asked: Asked, found: Found, now: datetime.datetime) -> None:
    """Still waiting there, or being made; what was being made does not wait again."""
    job = asked.job
    generating = found.state is JobState.GENERATING or job.status != Status.QUEUED
    values: dict[str, Any] = {"status": Status.GENERATING if generating else Status.QUEUED, "progress": found.progress, "error": ""}
    values["queue_position"] = None if generating else found.queue_position
    changed = any(getattr(job, name) != value for name, value in values.items())
    if _later(asked, now, was=[Status.QUEUED, Status.GENERATING], tries=0, **values) and changed:
        tell(job.pk)


def _later(asked: Asked, now: datetime.datetime, **values: Any) -> bool:
    """Look again when it is time. After two hours its slot goes to others, after a day a person is asked."""
    job, age = asked.job, asked.age(now)
    if SLOW <= age < SLOW + datetime.timedelta(seconds=OLDEST_SEC):
        log.warning("Generation %s takes longer than ten minutes at %s.", job.pk, job.provider_id)
    if age >= LATE:
        accounts.free_slot(asked.submission.pk)
    values["next_at"] = now + interval(age)
    if age >= GIVEN_UP:
        words = "The provider has not finished this in a day. Look into its own console: was it made, and was it charged?"
        values |= {"needs_attention": True, "attention_reason": words, "next_at": None}
    return leases.move(job.pk, asked.token, now=now, **{"was": AT_PROVIDER, **values})


def _not_answered(asked: Asked, message: str, now: datetime.datetime) -> None:
    _later(asked, now, tries=min(asked.job.tries + 1, 1000), error=f"The provider does not answer: {message}")


def _refused(asked: Asked, refusal: Refused, now: datetime.datetime) -> None:
    """To a question. The job was accepted once, so no money comes back by itself."""
    if refusal.trouble is Trouble.GONE:
        _failed(asked, Found(state=JobState.FAILED, refunded=False, trouble=Trouble.GONE, error=refusal.message), now)
    elif refusal.trouble is Trouble.NOT_FOUND and asked.age(now) >= MISSING_PATIENCE:
        _attention(asked, f"The provider no longer knows this job: {refusal.message}", now)
    else:
        if refusal.trouble is Trouble.AUTH and asked.submission.account_id is not None:
            accounts.pause(asked.submission.account_id, refusal.message)
        _not_answered(asked, refusal.message, now)


def _attention(asked: Asked, words: str, now: datetime.datetime) -> None:
    accounts.free_slot(asked.submission.pk)
    leases.move(asked.job.pk, asked.token, now=now, was=AT_PROVIDER, needs_attention=True, attention_reason=words, next_at=None)
    tell(asked.job.pk)


def _failed(asked: Asked, found: Found, now: datetime.datetime) -> None:
    """Failures and moderation give the credits back, unless the provider says that they do not."""
    job, submission = asked.job, asked.submission
    status = Status.MODERATED if found.state is JobState.MODERATED else Status.FAILED
    values = leases.ended(status, now, error=found.error or "The provider could not make it.", trouble=found.trouble or Trouble.FAILED)
    with transaction.atomic():
        if not leases.move(job.pk, asked.token, now=now, was=AT_PROVIDER, **values):
            return
        if found.refunded is False:
            cost = budget.charge(submission_id=submission.pk, amount=found.charged if found.charged is not None else submission.charged, now=now)
            if cost is not None:
                Generation.objects.filter(pk=job.pk).update(charged=cost)
        else:
            budget.release(submission_id=submission.pk, now=now)
        accounts.free_slot(submission.pk)
    tell(job.pk)


def _charged(asked: Asked, found: Found, now: datetime.datetime) -> bool:
    """It is made, so it is paid; and it has to be fetched. False if the lease is lost."""
    job, submission = asked.job, asked.submission
    values = {"status": Status.DOWNLOADING, "progress": None, "queue_position": None, "needs_attention": False, "attention_reason": ""}
    with transaction.atomic():
        if not leases.keep(job.pk, asked.token, now=now, seconds=delivery.LEASE_SEC, was=AT_PROVIDER, **values):
            return False
        cost = budget.charge(submission_id=submission.pk, amount=found.charged if found.charged is not None else submission.charged, now=now)
        if cost is not None:
            Generation.objects.filter(pk=job.pk).update(charged=cost)
        accounts.free_slot(submission.pk)
    if job.status != Status.DOWNLOADING:
        tell(job.pk)
    return True
