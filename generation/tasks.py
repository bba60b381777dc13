"""Celery's part: the sweep finds what is due, a render takes one. A lost message costs two seconds, nothing else."""

from __future__ import annotations

import os

from celery import shared_task
from django.utils import timezone

from . import queries, services, sweep

RENDERERS = max(1, (os.cpu_count() or 2) // 2)  # renders at once; the other half of the machine serves players


@shared_task(ignore_result=True)
def render_due() -> None:
    """Beat calls this: start a render when one is due and there is room."""
    now = timezone.now()
    if queries.being_made(now) < RENDERERS and queries.due_renders(now).exists():
        render_one.apply_async(expires=10)


@shared_task(ignore_result=True)
def render_one() -> int:
    """Render the next asset that is due; whoever claims it in the database makes it."""
    if queries.being_made(timezone.now()) >= RENDERERS:
        return 0
    return services.render_pending(limit=1)


@shared_task(ignore_result=True)
def sweep_generations() -> int:
    """Beat calls this: hint at every job that is due."""
    return sweep.sweep(timezone.now())


@shared_task(ignore_result=True)
def advance(generation_id: int) -> None:
    """One step of one job; whoever gets its lease makes it."""
    sweep.advance(generation_id)
