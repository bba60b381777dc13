"""Orders: what may be made and what it costs, said before the click; made once per scope; cancelled, tried again, attached, settled by a person."""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from django.db import IntegrityError, transaction

from pixsim.lib.canonical import sha256
from pixsim.lib.errors import Conflict, FieldError, Invalid
from pixsim.models import AuditEntry

from . import accounts, briefs, budget, delivery, hints, leases, polling, reuse, subjects, submission
from .leases import Clock, Status
from .models import Asset, Delivery, Generation, ProviderSubmission
from .providers import registry
from .providers.base import JobRef, Json, MediaRequest, Operation, Provider, Refused, Unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class From:
    """One thing the result is made from. `kind` is one of AssetLineage.Kind; a first_frame or last_frame goes into the request."""

    kind: str
    asset_id: int | None = None
    npc_id: int | None = None
    npc_key: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What somebody wants made. `inputs`: prompt, negative_prompt, style, duration_sec; `canonical_params`: seed, aspect_ratio, quality, model, …
    `scope` is the room in which the same request is made once (world/7, world/7/player/3, playthrough/9); empty: the world, and for the strategy
    `always` none. `scene_context` says where the result belongs: scene_id, node_id, session_id."""

    operation_type: str
    provider_id: str
    world_id: int
    inputs: Json
    canonical_params: Mapping[str, Any] = field(default_factory=dict)
    strategy: str = "once"
    scope: str = ""
    scene_context: Mapping[str, Any] = field(default_factory=dict)
    npc_id: int | None = None
    action_block: Mapping[str, Any] = field(default_factory=dict)
    workspace_id: int | None = None
    sources: tuple[From, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What an order would cost, in thousandths of a credit, and what stands against it. `reuse` is the asset it would answer with, for nothing;
    `why` says in words why it cannot be made now and what would work; empty when it can."""

    provider_id: str
    milli: int
    problems: tuple[FieldError, ...] = ()
    reuse: Asset | None = None
    account_needed: bool = False
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    generation: Generation
    reused: bool


Outcome = Literal["not_sent", "charged"]


@dataclass(frozen=True, slots=True)
class _Plan:
    """An order that has been read: what it would be kept as."""

    provider: Provider
    request: MediaRequest
    sources: list[dict[str, Any]]
    scope: str
    hash: str
    milli: int
    problems: tuple[FieldError, ...]


def estimate(*, owner: Any, order: Order) -> Estimate:
    """Pure questions and a few reads; sends nothing. Raises Invalid for what cannot be priced at all."""
    plan = _plan(owner, order)
    job = reuse.same(owner.pk, plan.scope, plan.hash)
    why = "" if plan.provider.local else submission.no_account(order.provider_id, owner.pk)
    return Estimate(
        provider_id=order.provider_id, milli=0 if job else plan.milli, problems=plan.problems, reuse=job.asset if job else None,
        account_needed=not plan.provider.local, why="" if job else why,
    )  # fmt: skip


def create(*, owner: Any, order: Order, clock: Clock = leases.wall_clock) -> Made:
    """The job of an order: a new one with its money held, or the living or completed one of the same request in its scope.

    Raises Invalid with pointers into the POST, PaymentRequired with what remains."""
    return _create(owner, order, clock(), None)


def _create(owner: Any, order: Order, now: datetime.datetime, retry_of: Generation | None) -> Made:
    plan = _plan(owner, order)
    context = dict(order.scene_context)
    with transaction.atomic():
        job = reuse.same(owner.pk, plan.scope, plan.hash)
        made = None if job else _insert(owner, order, plan, now, retry_of)
        if made is None:
            job = job or reuse.same(owner.pk, plan.scope, plan.hash)
            if job is None:  # it came to be and ended in this very moment
                raise Conflict("The same request has just ended; send it again.")
            delivery.expect(job, context, now)
        else:
            job = made
            submission.reserve(job, attempt=1, now=now)
            delivery.expect(job, context, now)
        hints.advance_on_commit(job.pk)
    if made:
        submission.tell(job.pk)
    return Made(generation=job, reused=made is None)


def _insert(owner: Any, order: Order, plan: _Plan, now: datetime.datetime, retry_of: Generation | None) -> Generation | None:
    """The new row; None where the same request was made at the same moment. Raises Invalid for what cannot be made."""
    if plan.problems:
        raise Invalid(plan.problems)
    if not plan.provider.local and (why := submission.no_account(order.provider_id, owner.pk)):
        raise Invalid([FieldError("/provider_id", "no_account", why)])
    always = order.strategy == Generation.Strategy.ALWAYS
    job = Generation(
        owner=owner, world_id=order.world_id, provider_id=order.provider_id, operation_type=order.operation_type, inputs=order.inputs,
        canonical_params=dict(order.canonical_params), sources=plan.sources, strategy=order.strategy, scope=plan.scope, reproducible_hash=plan.hash,
        reusable=not always, workspace_id=order.workspace_id, npc_id=order.npc_id, action_block=dict(order.action_block),
        context=dict(order.scene_context), estimated=plan.milli, retry_of=retry_of, next_at=now, created_at=now, updated_at=now,
    )  # fmt: skip
    try:
        with transaction.atomic():
            job.save(force_insert=True)
    except IntegrityError:
        return None
    return job


def _plan(owner: Any, order: Order) -> _Plan:
    provider = registry.get(order.provider_id)
    if provider is None:
        names = ", ".join(sorted(one.id for one in registry.known()))
        raise Invalid([FieldError("/provider_id", "unknown", f"There is no provider {order.provider_id!r}; there are {names or 'none'}.")])
    if order.operation_type not in [str(one) for one in Operation]:
        names = ", ".join(Operation)
        raise Invalid([FieldError("/operation_type", "unknown", f"There is no operation {order.operation_type!r}; there are {names}.")])
    if order.strategy not in Generation.Strategy.values:
        names = ", ".join(Generation.Strategy.values)
        raise Invalid([FieldError("/strategy", "unknown", f"There is no strategy {order.strategy!r}; there are {names}.")])
    wrong = briefs.problems(order.inputs, order.canonical_params, order.action_block)
    if wrong:
        raise Invalid(wrong)
    sources = briefs.source_rows(owner, order.inputs, order.sources)
    first, last = (briefs.as_source(asset) for _, asset in briefs.frames_of(sources))
    request = briefs.media_request(
        operation_type=order.operation_type, inputs=order.inputs, params=order.canonical_params, action_block=order.action_block,
        frames=(first, last),
    )  # fmt: skip
    problems = tuple(provider.problems(request))
    scope = reuse.scope_of(order.strategy, order.scope, order.world_id)
    digest = reuse.reproducible_hash(
        provider_id=order.provider_id, operation_type=order.operation_type, inputs=order.inputs, action_block=order.action_block,
        params=order.canonical_params, sources=sources, scope=scope,
    )  # fmt: skip
    return _Plan(provider, request, sources, scope, digest, 0 if problems else provider.price(request), problems)


def cancel(*, generation: Generation, actor: Any, clock: Clock = leases.wall_clock) -> Generation:
    """Stop waiting for it. What the provider cannot stop stays paid. Raises Conflict when it is over, or just being sent."""
    now = clock()
    job = Generation.objects.get(pk=generation.pk)
    if job.status == Status.PENDING:
        _cancel_waiting(job, actor, now)
    elif job.status in polling.AT_PROVIDER:
        _cancel_sent(job, actor, now)
    elif job.status == Status.SUBMITTING:
        raise Conflict("It is being sent just now, or it is not known whether it was; try again in a moment, or settle it.")
    else:
        raise Conflict("It is over already.")
    return _again(job)


def _cancel_waiting(job: Generation, actor: Any, now: datetime.datetime) -> None:
    with transaction.atomic():
        values = leases.ended(Status.CANCELLED, now, error=_by("Cancelled", actor))
        if not leases.force(job.pk, now=now, was=[Status.PENDING], **values):
            raise Conflict("It is being sent just now; try again in a moment.")
        held = submission.living(job.pk)
        if held is not None:
            submission.reject(held.pk, now, "Cancelled.", "", states=(submission.State.RESERVED,))
    submission.tell(job.pk)


def _cancel_sent(job: Generation, actor: Any, now: datetime.datetime) -> None:
    """The provider is asked to stop; only if it says that it did, the money comes back."""
    sent, provider = submission.living(job.pk), registry.get(job.provider_id)
    stopped = False
    if sent is not None and provider is not None and provider.cancellable and job.status != Status.DOWNLOADING:
        ref = JobRef(provider_job_id=sent.provider_job_id, trace_id=sent.trace_id, submitted_at=sent.submitted_at or now, raw=sent.raw)
        with contextlib.suppress(Unavailable, Refused):
            stopped = provider.cancel(accounts.opened(sent.account, job.owner_id), ref)
    words = _by("Cancelled", actor) + ("" if stopped or not job.estimated else " The provider could not stop it, so its credits stay spent.")
    with transaction.atomic():
        if not leases.force(job.pk, now=now, was=polling.AT_PROVIDER, **leases.ended(Status.CANCELLED, now, error=words)):
            raise Conflict("It is over already.")
        if sent is not None:
            _close(job, sent, charged=not stopped, now=now)
    submission.tell(job.pk)


def _close(job: Generation, sent: ProviderSubmission, *, charged: bool, now: datetime.datetime) -> None:
    if charged:
        cost = budget.charge(submission_id=sent.pk, amount=sent.charged, now=now)
        if cost is not None:
            Generation.objects.filter(pk=job.pk).update(charged=cost)
    else:
        budget.release(submission_id=sent.pk, now=now)
    accounts.free_slot(sent.pk)


def retry(*, generation: Generation, actor: Any, clock: Clock = leases.wall_clock) -> Generation:
    """A new job of the same order with its own reservation; one whose result waits at the provider is only looked at again.

    Raises Conflict unless it failed, was moderated or cancelled; Invalid, PaymentRequired."""
    now = clock()
    job = Generation.objects.select_related("owner").get(pk=generation.pk)
    if job.needs_attention and job.status in polling.AT_PROVIDER:
        leases.force(job.pk, now=now, was=polling.AT_PROVIDER, needs_attention=False, attention_reason="", tries=0, next_at=now)
        hints.advance_soon(job.pk)
        return _again(job)
    if job.status not in Generation.ENDED:
        raise Conflict("Only what failed, was moderated or cancelled can be tried again.")
    made = _create(job.owner, order_of(job), now, job)
    return made.generation


def order_of(job: Generation) -> Order:
    """The order a job was made for."""
    names = ("kind", "asset_id", "npc_id", "npc_key", "note")
    sources = tuple(From(**{name: source.get(name) for name in names}) for source in job.sources)
    return Order(
        operation_type=job.operation_type, provider_id=job.provider_id, world_id=job.world_id, inputs=job.inputs,
        canonical_params=job.canonical_params, strategy=job.strategy, scope=job.scope, scene_context=job.context, npc_id=job.npc_id,
        action_block=job.action_block, workspace_id=job.workspace_id, sources=sources,
    )  # fmt: skip


def attach(*, generation: Generation, actor: Any, scene_id: int, node_id: str, clock: Clock = leases.wall_clock) -> Generation:
    """Put the result on a node, now or when it is there. Raises NotFound, Invalid, Conflict when there will be none."""
    place = {"scene_id": scene_id, "node_id": node_id}
    subjects.may(actor, place)
    context = {**place, "chosen": True}  # whatever stands there now gives way
    now = clock()
    job = Generation.objects.get(pk=generation.pk)
    if job.status in Generation.ENDED or (job.status == Status.COMPLETED and job.asset_id is None):
        raise Conflict("There is no result to attach, and there will be none; try it again first.")
    with transaction.atomic():
        delivery.expect(job, context, now)
        Delivery.objects.filter(generation=job, context_sha256=sha256(context)).update(delivered_at=None)
        Generation.objects.filter(pk=job.pk, status=Status.COMPLETED).update(delivered_at=None, next_at=now)
    if job.status == Status.COMPLETED:
        delivery.deliver(job.pk, clock)
    return _again(job)


def settle(*, generation: Generation, actor: Any, outcome: Outcome, clock: Clock = leases.wall_clock) -> Generation:
    """A person decides what no provider tells: it was not sent (the money comes back), or it was charged. Raises Conflict unless it waits for it."""
    now = clock()
    with transaction.atomic():
        waits = Generation.objects.filter(pk=generation.pk, needs_attention=True).exclude(status__in=Generation.FINAL)
        job = waits.first()
        words = "It was not sent." if outcome == "not_sent" else "It was charged, and its result could not be had."
        values = leases.ended(Status.FAILED, now, error=f"{words} {_by('Settled', actor)}")
        if job is None or not leases.force(job.pk, now=now, was=[Status.SUBMITTING, *polling.AT_PROVIDER], **values):
            raise Conflict("It does not wait for your decision.")
        sent = submission.living(job.pk)
        if sent is not None and outcome == "charged":
            _close(job, sent, charged=True, now=now)
            submission.mark_charged(sent.pk)
        elif sent is not None and not submission.reject(sent.pk, now, "A person said that it was not sent.", ""):
            _close(job, sent, charged=False, now=now)
    AuditEntry.objects.create(actor=actor, action=f"generation.settle.{outcome}", subject=f"generation/{job.pk}")
    submission.tell(job.pk)
    return _again(job)


def _by(verb: str, actor: Any) -> str:
    return f"{verb} by {actor.get_username()}." if actor is not None else f"{verb}."


def _again(job: Generation) -> Generation:
    return Generation.objects.select_related("asset", "account", "owner").get(pk=job.pk)
