"""The sweep finds what is due, whatever was lost: messages, workers, the broker. One step of one job is `advance`."""

from __future__ import annotations

import datetime

from django.db.models import Exists, F, OuterRef, Q, Window
from django.db.models.functions import RowNumber

from . import delivery, hints, leases, polling, submission
from .leases import Clock, Status
from .models import Generation, ProviderSubmission

WORKING = 200  # hints in one sweep for jobs under way, the longest due first
WAITING = 200  # and for those that wait for a slot
PER_POOL = 8  # of the same owner and provider: more than may start at once need not be looked at


def due(now: datetime.datetime) -> list[int]:
    """Jobs to be looked at now, in two queries however many there are: whatever is under way or undelivered, and the first that wait for each
    provider and owner."""
    started = Exists(ProviderSubmission.objects.filter(generation=OuterRef("pk"), holds_slot=True))
    working = Generation.objects.filter(leases.free(now)).filter(~Q(status=Status.PENDING) | started)
    rank = Window(RowNumber(), partition_by=[F("provider_id"), F("owner_id")], order_by=F("id").asc())
    waiting = Generation.objects.filter(leases.free(now), status=Status.PENDING).annotate(rank=rank).filter(rank__lte=PER_POOL)
    found = [*working.order_by("next_at").values_list("pk", flat=True)[:WORKING]]
    return [*dict.fromkeys([*found, *waiting.order_by("rank", "id").values_list("pk", flat=True)[:WAITING]])]


def sweep(now: datetime.datetime) -> int:
    """Hint at everything that is due; how many. Losing a hint costs until the next sweep."""
    found = due(now)
    for generation_id in found:
        hints.advance_soon(generation_id, expires=hints.SWEEP_EXPIRES_SEC)
    return len(found)


def advance(generation_id: int, *, clock: Clock = leases.wall_clock) -> None:
    """One step of one job, if it is due and nobody else takes it. Providers are called here, so never inside a transaction."""
    job = Generation.objects.filter(leases.free(clock()), pk=generation_id).first()
    if job is None:
        return
    match job.status:
        case Status.PENDING:
            submission.start(job, clock)
        case Status.SUBMITTING:
            submission.reconcile(job, clock)
        case Status.QUEUED | Status.GENERATING | Status.DOWNLOADING:
            polling.look(job, clock)
        case Status.COMPLETED:
            delivery.deliver(job.pk, clock)
        case _:  # ended: nothing waits for it
            Generation.objects.filter(pk=job.pk).update(next_at=None)


def run_due(clock: Clock = leases.wall_clock) -> int:
    """Advance everything that is due, here and now; how many. For tests and commands."""
    found = due(clock())
    for generation_id in found:
        advance(generation_id, clock=clock)
    return len(found)
