"""Who advances a job: a lease in its row, taken by one conditional UPDATE and proved by its token with every write.

A worker that died lets its lease run out, and somebody else goes on. One that was only slow finds its token gone and writes nothing.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Callable, Collection
from typing import Any

from django.db.models import Q
from django.utils import timezone

from .models import Generation

Clock = Callable[[], datetime.datetime]
Status = Generation.Status


def wall_clock() -> datetime.datetime:
    return timezone.now()


def free(now: datetime.datetime) -> Q:
    """Jobs that are due and that nobody holds."""
    return Q(next_at__lte=now) & (Q(lease_until=None) | Q(lease_until__lt=now))


def take(generation_id: int, *, statuses: Collection[str], now: datetime.datetime, seconds: float) -> uuid.UUID | None:
    """Lease a due job in one of these states; None if it is not due, in another state, or somebody else's."""
    token = uuid.uuid4()
    taken = Generation.objects.filter(free(now), pk=generation_id, status__in=statuses).update(
        lease_token=token, lease_until=now + datetime.timedelta(seconds=seconds)
    )
    return token if taken else None


def keep(generation_id: int, token: uuid.UUID, *, now: datetime.datetime, seconds: float, was: Collection[str], **values: Any) -> bool:
    """Write under the lease and go on holding it for `seconds` more; False if it is lost or the job is in another state."""
    mine = Generation.objects.filter(pk=generation_id, lease_token=token, status__in=was)
    return bool(mine.update(updated_at=now, lease_until=now + datetime.timedelta(seconds=seconds), **values))


def move(generation_id: int, token: uuid.UUID, *, now: datetime.datetime, was: Collection[str], **values: Any) -> bool:
    """Write under the lease and give it back; False if it is lost or the job is in another state."""
    mine = Generation.objects.filter(pk=generation_id, lease_token=token, status__in=was)
    return bool(mine.update(updated_at=now, lease_until=None, lease_token=None, **values))


def force(generation_id: int, *, now: datetime.datetime, was: Collection[str], **values: Any) -> bool:
    """Write what is a fact whoever holds the lease (an answer that came late, a person's decision), and end the lease."""
    found = Generation.objects.filter(pk=generation_id, status__in=was)
    return bool(found.update(updated_at=now, lease_until=None, lease_token=None, **values))


def ended(status: str, now: datetime.datetime, **values: Any) -> dict[str, Any]:
    """The values of a final state: nothing is left to do but, for a completed one, its delivery."""
    return {
        "status": status, "finished_at": now, "needs_attention": False, "attention_reason": "", "tries": 0, "queue_position": None,
        "next_at": now if status == Status.COMPLETED else None, **values,
    }  # fmt: skip
