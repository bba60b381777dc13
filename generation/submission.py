"""From a waiting job to a job at its provider, so that none is paid twice and no paid one is lost.

T1   order       money is held and the submission exists, with the only trace id it will ever have      (orders.py)
T2   before      RESERVED → SUBMITTING is committed before any byte leaves
     POST        exactly one, with no transaction open
T3a  accepted    SUBMITTED with the provider's id
T3b  refused     REJECTED, the money goes back; what follows depends on the trouble
T3c  not sent    RESERVED again with the same trace id, a few times
T3d  ambiguous,  UNKNOWN: the money stays held, nothing is sent again; webhooks, the provider's lookup and at last a person decide
     or the worker died while SUBMITTING
"""

from __future__ import annotations

import contextlib
import datetime
import logging
import traceback
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError, InterfaceError, transaction
from django.db.models import Q, QuerySet

from pixsim.lib.canonical import sha256
from pixsim.lib.encryption import CannotOpen
from pixsim.lib.errors import PaymentRequired

from . import accounts, briefs, budget, hints, leases, subjects
from .leases import Clock, Status
from .models import Generation, ProviderAccount, ProviderSubmission, WebhookReceipt
from .providers import registry
from .providers.base import Account, Ambiguous, Found, Json, Lookup, NotSent, Provider, Refused, Submitted, Trouble, Unavailable

log = logging.getLogger(__name__)
State = ProviderSubmission.State
OPEN = (State.RESERVED, State.SUBMITTING, State.UNKNOWN)

LEASE_SEC = 180  # uploads, and the longest create: 5 s to connect, 60 s to read
NOT_SENT_MAX = 6
BUSY_MAX = 20
BUSY_ALONE_MAX = 5  # a provider that is busy with nothing else of ours does not like this prompt
BROKE_PAUSE = datetime.timedelta(minutes=5)  # an account over its day's limit is looked at again
UNKNOWN_PATIENCE = datetime.timedelta(minutes=10)  # webhooks and usage lists come late
UNKNOWN_ASKED = datetime.timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Claim:
    """A job taken for sending."""

    job: Generation
    submission: ProviderSubmission
    account: ProviderAccount | None
    provider: Provider
    token: uuid.UUID


class _Taken(Exception):
    """Somebody else was faster; the transaction is rolled back."""


def living(generation_id: int) -> ProviderSubmission | None:
    """The one submission of a job that was not rejected."""
    return ProviderSubmission.objects.filter(generation=generation_id).exclude(submission_state=State.REJECTED).first()


def backoff(tries: int, *, first: float, most: float) -> datetime.timedelta:
    """first, 2·first, 4·first … seconds."""
    return datetime.timedelta(seconds=min(most, first * 2 ** min(tries, 20)))


# -- claiming -----------------------------------------------------------------------------------------------------------
def start(job: Generation, clock: Clock) -> None:
    """Send a waiting job, or the one that has waited longest for the same account."""
    claim = _claim(job, clock())
    if claim is not None:
        _send(claim, clock)


def _claim(job: Generation, now: datetime.datetime) -> Claim | None:
    provider, submission = registry.get(job.provider_id), living(job.pk)
    if provider is None or submission is None:
        _end_waiting(job, now, "This provider is no longer installed here.", Trouble.BAD_REQUEST)
        return None
    if provider.local:
        return _take(job, None, provider, now)
    if submission.holds_slot:  # whoever took it died before sending
        return _take(job, submission.account, provider, now)
    usable = list(accounts.accounts_for(job.provider_id, job.owner_id))
    if submission.account_id and submission.account_id not in [account.pk for account in usable]:
        _other_account(job, submission, now)
    if not usable:
        _end_waiting(job, now, no_account(job.provider_id, job.owner_id), Trouble.AUTH)
        return None
    for account in usable:
        if account.in_flight >= account.max_concurrent:
            continue
        for first in waiting(account, now)[:3]:
            try:
                claim = _take(first, account, provider, now)
            except PaymentRequired as error:
                _postpone(first, now, BROKE_PAUSE, error.detail)
                break
            if claim is not None:
                return claim
    return None


def waiting(account: ProviderAccount, now: datetime.datetime) -> QuerySet[Generation]:
    """Jobs this account may send, first come, first served."""
    mine = Q(submissions__account=None) | Q(submissions__account=account)
    unsent = Q(submissions__submission_state=State.RESERVED, submissions__holds_slot=False)
    found = Generation.objects.filter(leases.free(now), mine & unsent, status=Status.PENDING, provider_id=account.provider_id)
    if account.owner_id is not None:
        found = found.filter(owner=account.owner_id)
    return found.order_by("id")


def no_account(provider_id: str, owner_id: int) -> str:
    """Why nothing can be sent, in words; empty where an account is ready."""
    usable = ProviderAccount.objects.usable_by(owner_id).filter(provider_id=provider_id)
    if usable.filter(paused_reason="").exists():
        return ""
    provider = registry.get(provider_id)
    title = provider.title if provider else provider_id
    paused = usable.values_list("paused_reason", flat=True).first()
    if paused:
        return f"Every account for {title} is paused: {paused}"
    return f"There is no account for {title}. Add one with its API key, or choose a provider that needs none."


def _take(job: Generation, account: ProviderAccount | None, provider: Provider, now: datetime.datetime) -> Claim | None:
    """Lease, slot and the account's own budget, together or not at all. Raises PaymentRequired for the account's."""
    try:
        with transaction.atomic():
            token = leases.take(job.pk, statuses=[Status.PENDING], now=now, seconds=LEASE_SEC)
            submission = living(job.pk) if token else None
            if token is None or submission is None or submission.submission_state != State.RESERVED:
                raise _Taken
            if account is not None:
                if not submission.holds_slot and not accounts.take_slot(submission=submission, account=account, now=now):
                    raise _Taken
                submission.account, submission.holds_slot = account, True
                scope = budget.account_scope(account)
                if account.day_limit is not None and scope not in submission.scopes:
                    budget.hold(submission=submission, scope=scope, limit=account.day_limit, now=now)
                Generation.objects.filter(pk=job.pk).update(account=account)
    except _Taken:
        return None
    return Claim(job, submission, account, provider, token)


def _other_account(job: Generation, submission: ProviderSubmission, now: datetime.datetime) -> None:
    """The account of a submission that was never sent is gone or paused: a new submission may go to any other."""
    with contextlib.suppress(PaymentRequired), transaction.atomic():
        if reject(submission.pk, now, "Its account is paused or gone.", Trouble.AUTH, states=(State.RESERVED,), holds_slot=False):
            reserve(job, attempt=submission.attempt + 1, now=now)


def _end_waiting(job: Generation, now: datetime.datetime, message: str, trouble: Trouble) -> None:
    if leases.take(job.pk, statuses=[Status.PENDING], now=now, seconds=LEASE_SEC):
        _refuse(job, living(job.pk), now, message, trouble)


def _postpone(job: Generation, now: datetime.datetime, pause: datetime.timedelta, message: str) -> None:
    Generation.objects.filter(leases.free(now), pk=job.pk, status=Status.PENDING).update(next_at=now + pause, error=message)


# -- sending ------------------------------------------------------------------------------------------------------------
def _send(claim: Claim, clock: Clock) -> None:
    """Everything from the upload to the record of the answer."""
    trouble: Refused | str
    try:
        access = accounts.opened(claim.account, claim.job.owner_id)
        body = _body(claim, access) if claim.submission.body is None else claim.submission.body
    except Refused as error:
        trouble = error
    except (Unavailable, OSError) as error:
        trouble = f"A picture could not be uploaded: {error}"
    except CannotOpen as error:
        log.error("%s", error)
        trouble = Refused("Its key cannot be decrypted; enter it again.", trouble=Trouble.AUTH)
    except (DatabaseError, InterfaceError):
        raise  # the lease runs out, and somebody goes on
    except Exception as error:
        trouble = Refused(module_failed(claim.job, error), trouble=Trouble.FAILED)
    else:
        if _submitting(claim, body, clock()):
            _post(claim, access, body, clock)
        return
    if leases.keep(claim.job.pk, claim.token, now=clock(), seconds=LEASE_SEC, was=[Status.PENDING]):  # else it is somebody else's by now
        _refused(claim, trouble, clock()) if isinstance(trouble, Refused) else _not_sent(claim, trouble, clock())


def _post(claim: Claim, access: Account, body: Json, clock: Clock) -> None:
    try:
        answer = claim.provider.submit(access, body, claim.submission.trace_id)
    except NotSent as error:
        _not_sent(claim, error.message, clock())
    except Refused as refusal:
        _refused(claim, refusal, clock())
    except Ambiguous as error:
        _ambiguous(claim, error.message, error.raw, clock())
    except Exception as error:  # a fault of the provider's module: what the vendor did is not known
        _ambiguous(claim, module_failed(claim.job, error), {}, clock())
    else:
        accepted(claim.submission.pk, answer, clock())


def _body(claim: Claim, access: Any) -> Json:
    frames = []
    for _, asset in briefs.frames_of(claim.job.sources):
        reference = ""
        if asset is not None:
            with briefs.local_file(asset) as path:
                source = briefs.as_source(asset, path)
                reference = claim.provider.upload(access, source) if source else ""
        frames.append(briefs.as_source(asset, reference=reference))
    return claim.provider.body(briefs.request_of(claim.job, (frames[0], frames[1])))


def _submitting(claim: Claim, body: Json, now: datetime.datetime) -> bool:
    """T2. False when the lease was lost or the job was cancelled meanwhile: then nothing is sent."""
    submission = claim.submission
    try:
        with transaction.atomic():
            if not leases.keep(claim.job.pk, claim.token, now=now, seconds=LEASE_SEC, was=[Status.PENDING], status=Status.SUBMITTING, tries=0):
                raise _Taken
            reserved = ProviderSubmission.objects.filter(pk=submission.pk, submission_state=State.RESERVED)
            if not reserved.update(
                submission_state=State.SUBMITTING, body=body, request_hash=sha256(body), posts=submission.posts + 1, submitting_at=now
            ):
                raise _Taken
    except _Taken:
        return False
    submission.posts += 1
    tell(claim.job.pk)
    return True


# -- what came of it ----------------------------------------------------------------------------------------------------
def accepted(submission_id: int, answer: Submitted, now: datetime.datetime) -> bool:
    """T3a, also for what reconciliation found. A fact, so it is kept whoever holds the lease."""
    unsettled = ProviderSubmission.objects.filter(pk=submission_id)
    facts = {"provider_job_id": answer.provider_job_id, "raw": answer.raw, "error": "", **({"charged": answer.charged} if answer.charged else {})}
    with transaction.atomic():
        job = Generation.objects.get(submissions=submission_id)
        sent = unsettled.filter(submission_state__in=[State.SUBMITTING, State.UNKNOWN])
        if not sent.update(submission_state=State.SUBMITTED, submitted_at=now, **facts):
            if unsettled.filter(provider_job_id="").update(**facts):  # a person settled it, and the provider has it after all
                reason = f"The provider has taken it after all, as job {answer.provider_job_id}; it may have been charged."
                Generation.objects.filter(pk=job.pk).update(needs_attention=True, attention_reason=reason, updated_at=now)
            return False
        leases.force(
            job.pk, now=now, was=[Status.SUBMITTING], status=Status.QUEUED, tries=0, needs_attention=False, attention_reason="", error="",
            queue_position=answer.queue_position, next_at=now + datetime.timedelta(seconds=2),
        )  # fmt: skip
    tell(job.pk)
    return True


def _not_sent(claim: Claim, message: str, now: datetime.datetime) -> None:
    """T3c: the same submission waits for another try, at most a few times. Also for an upload that failed before anything was sent."""
    job, submission = claim.job, claim.submission
    tries = max(Generation.objects.values_list("tries", flat=True).get(pk=job.pk), submission.posts - 1)
    if tries + 1 >= NOT_SENT_MAX:
        _refused(claim, Refused(f"{claim.provider.title} could not be reached: {message}", trouble=Trouble.FAILED), now)
        return
    with transaction.atomic():
        mine = ProviderSubmission.objects.filter(
            pk=submission.pk, posts=submission.posts, submission_state__in=[State.RESERVED, State.SUBMITTING, State.UNKNOWN]
        )
        if not mine.update(submission_state=State.RESERVED, error=message):
            return
        accounts.free_slot(submission.pk)
        leases.force(
            job.pk, now=now, was=[Status.PENDING, Status.SUBMITTING], status=Status.PENDING, tries=tries + 1, error=message,
            next_at=now + backoff(tries, first=5, most=300), needs_attention=False, attention_reason="",
        )  # fmt: skip
    tell(job.pk)


def _ambiguous(claim: Claim, message: str, raw: Json, now: datetime.datetime) -> None:
    """T3d."""
    with transaction.atomic():
        sent = ProviderSubmission.objects.filter(pk=claim.submission.pk, posts=claim.submission.posts, submission_state=State.SUBMITTING)
        if not sent.update(submission_state=State.UNKNOWN, error=message, raw=raw):
            return
        leases.force(claim.job.pk, now=now, was=[Status.SUBMITTING], tries=0, error="", next_at=now + datetime.timedelta(seconds=2))
    tell(claim.job.pk)


def _refused(claim: Claim, refusal: Refused, now: datetime.datetime) -> None:
    """T3b: nothing was charged. Some troubles pass, some belong to the account, the others end the job."""
    job, submission = claim.job, claim.submission
    if refusal.trouble in (Trouble.AUTH, Trouble.NO_FUNDS) and claim.account is not None:
        accounts.pause(claim.account.pk, refusal.message)
        if accounts.accounts_for(job.provider_id, job.owner_id).exists():
            _again(claim, refusal, now, datetime.timedelta(0))
            return
    if refusal.trouble is Trouble.BUSY and _worth_waiting(claim):
        busy = ProviderSubmission.objects.filter(generation=job, trouble=Trouble.BUSY).count()
        pause = backoff(busy, first=5, most=300)
        if refusal.retry_after_sec:
            pause = max(pause, datetime.timedelta(seconds=min(refusal.retry_after_sec, 3600)))
        _again(claim, refusal, now, pause)
        return
    words = refusal.message
    if refusal.trouble is Trouble.BUSY:
        words = f"{refusal.message} It said so every time; another prompt may help, or trying later."
    _refuse(job, submission, now, words, refusal.trouble, refusal.raw)


def _worth_waiting(claim: Claim) -> bool:
    busy = ProviderSubmission.objects.filter(generation=claim.job, trouble=Trouble.BUSY).count() + 1
    alone = claim.account is None or not claim.account.submissions.filter(holds_slot=True).exclude(pk=claim.submission.pk).exists()
    return busy < (BUSY_ALONE_MAX if alone else BUSY_MAX)


def _again(claim: Claim, refusal: Refused, now: datetime.datetime, pause: datetime.timedelta) -> None:
    """A new submission, with its own trace id and its own reservation."""
    job, old = claim.job, claim.submission
    try:
        with transaction.atomic():
            if not reject(old.pk, now, refusal.message, refusal.trouble, refusal.raw, posts=old.posts):
                return
            reserve(job, attempt=old.attempt + 1, now=now)
            leases.force(
                job.pk, now=now, was=[Status.PENDING, Status.SUBMITTING], status=Status.PENDING, account=None, error=refusal.message, tries=0,
                next_at=now + pause,
            )  # fmt: skip
    except PaymentRequired as error:
        _refuse(job, old, now, error.detail, Trouble.QUOTA, refusal.raw)
        return
    tell(job.pk)
    if not pause:
        hints.advance_soon(job.pk)


def reserve(job: Generation, *, attempt: int, now: datetime.datetime) -> ProviderSubmission:
    """T1, inside the caller's transaction. Raises PaymentRequired."""
    submission = ProviderSubmission.objects.create(
        generation=job, attempt=attempt, trace_id=uuid.uuid4(), reserved=job.estimated, day=now.astimezone(datetime.UTC).date(), created_at=now
    )
    scope = budget.world_scope(job.world_id)
    budget.hold(submission=submission, scope=scope, limit=budget.limit_of_world(job.world_id), now=now)
    return submission


def reject(
    submission_id: int, now: datetime.datetime, message: str, trouble: str, raw: Json | None = None, *, states: Collection[str] = OPEN, **only: Any
) -> bool:
    """End a submission that was not accepted: money and slot go back. False if it is in another state, or not as `only` says."""
    facts: dict[str, Any] = {"raw": raw} if raw else {}
    with transaction.atomic():
        if not budget.release(
            submission_id=submission_id, now=now, only={"submission_state__in": states, **only}, submission_state=State.REJECTED,
            error=message, trouble=trouble, **facts,
        ):  # fmt: skip
            return False
        accounts.free_slot(submission_id)
        return True


def _refuse(
    job: Generation, submission: ProviderSubmission | None, now: datetime.datetime, message: str, trouble: Trouble, raw: Json | None = None
) -> None:
    """The job is over, in clear words, and costs nothing."""
    status = Status.MODERATED if trouble is Trouble.FILTERED else Status.FAILED
    with transaction.atomic():
        if submission is not None and not reject(submission.pk, now, message, trouble, raw, posts=submission.posts):
            return
        leases.force(job.pk, now=now, was=[Status.PENDING, Status.SUBMITTING], **leases.ended(status, now, error=message, trouble=trouble))
    tell(job.pk)


# -- not known ----------------------------------------------------------------------------------------------------------
def reconcile(job: Generation, clock: Clock) -> None:
    """Find out what became of a create whose answer was lost. Nothing is sent again but where the provider certainly has not got it and would
    know it by its id."""
    now = clock()
    token = leases.take(job.pk, statuses=[Status.SUBMITTING], now=now, seconds=LEASE_SEC)
    submission, provider = living(job.pk), registry.get(job.provider_id)
    if token is None or submission is None:
        return
    if submission.submission_state == State.SUBMITTING:  # its worker died; only we hold the lease
        words = "The worker ended while it was being sent."
        ProviderSubmission.objects.filter(pk=submission.pk, submission_state=State.SUBMITTING).update(submission_state=State.UNKNOWN, error=words)
    receipt = WebhookReceipt.objects.filter(provider_id=job.provider_id, trace_id=submission.trace_id).exclude(provider_job_id="").first()
    if receipt is not None:
        accepted(submission.pk, Submitted(provider_job_id=receipt.provider_job_id, raw=submission.raw), now)
        return
    found = Found(lookup=Lookup.CANNOT_TELL, evidence="The account it was sent with is gone.")
    if provider is not None and (provider.local or submission.account is not None):
        since = submission.submitting_at or submission.created_at
        try:
            access = accounts.opened(submission.account, job.owner_id)
            found = provider.find(access, submission.body or {}, submission.trace_id, since)
        except (Unavailable, Refused, CannotOpen) as error:
            found = Found(lookup=Lookup.CANNOT_TELL, evidence=f"The provider could not be asked: {error}")
        except Exception as error:
            found = Found(lookup=Lookup.CANNOT_TELL, evidence=module_failed(job, error))
    now = clock()
    if found.lookup is Lookup.FOUND:
        accepted(submission.pk, Submitted(provider_job_id=found.provider_job_id, raw=found.raw), now)
    elif found.lookup is Lookup.NOT_FOUND and provider is not None:
        _not_there(Claim(job, submission, submission.account, provider, token), now)
    else:
        _ask_again(job, submission, token, found.evidence, now)


def _not_there(claim: Claim, now: datetime.datetime) -> None:
    """It certainly was not accepted. Where the provider knows it by our id, sending the very same again is safe; else a person may."""
    words = f"{claim.provider.title} has not received it; nothing was charged."
    if not claim.provider.idempotent or claim.submission.posts >= NOT_SENT_MAX:
        _refuse(claim.job, claim.submission, now, words, Trouble.FAILED)
        return
    with transaction.atomic():
        unknown = ProviderSubmission.objects.filter(pk=claim.submission.pk, submission_state=State.UNKNOWN)
        if unknown.update(submission_state=State.RESERVED, error=words):
            accounts.free_slot(claim.submission.pk)
            pause = backoff(claim.submission.posts, first=2, most=300)
            leases.move(claim.job.pk, claim.token, now=now, was=[Status.SUBMITTING], status=Status.PENDING, next_at=now + pause)
    tell(claim.job.pk)


def _ask_again(job: Generation, submission: ProviderSubmission, token: uuid.UUID, evidence: str, now: datetime.datetime) -> None:
    """Soon while it is young, hourly for a day, and after ten minutes a person is asked too."""
    age = now - (submission.submitting_at or submission.created_at)
    values: dict[str, Any] = {"tries": job.tries + 1, "next_at": now + backoff(job.tries, first=2, most=60)}
    if age >= UNKNOWN_PATIENCE:
        accounts.free_slot(submission.pk)
        reason = f"It is not known whether the provider has received this. {submission.error} {evidence}".strip()
        values |= {"needs_attention": True, "attention_reason": reason, "next_at": now + datetime.timedelta(hours=1)}
    if age >= UNKNOWN_ASKED:
        values["next_at"] = None
    leases.move(job.pk, token, now=now, was=[Status.SUBMITTING], **values)
    if values.get("needs_attention") and not job.needs_attention:
        tell(job.pk)


def mark_charged(submission_id: int) -> None:
    """A person said that the provider has charged it: it was accepted, under a name we do not know."""
    ProviderSubmission.objects.filter(pk=submission_id, submission_state__in=OPEN).update(submission_state=State.SUBMITTED)


def module_failed(job: Generation, error: Exception) -> str:
    """Words for a fault of a provider's module. Where it happened is logged, but not what it says, for that may hold a key."""
    frames = "".join(traceback.format_tb(error.__traceback__)[-3:])
    log.error("Generation %s: the module of %s failed with %s at\n%s", job.pk, job.provider_id, type(error).__name__, frames)
    return f"The provider's module failed ({type(error).__name__})."


def tell(generation_id: int) -> None:
    """After the commit: readers of the job are rung."""

    def ring() -> None:
        with contextlib.suppress(Generation.DoesNotExist):
            subjects.told(Generation.objects.get(pk=generation_id))

    transaction.on_commit(ring, robust=True)
