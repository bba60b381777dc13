"""Hints to the workers that a job is due. One that is lost costs a sweep's interval, nothing else."""

from __future__ import annotations

import logging

from celery import current_app
from django.db import transaction

log = logging.getLogger(__name__)
EXPIRES_SEC = 30
SWEEP_EXPIRES_SEC = 4  # the next sweeps repeat it


def advance_on_commit(generation_id: int) -> None:
    """Hint once the present transaction is committed."""
    transaction.on_commit(lambda: advance_soon(generation_id), robust=True)


def advance_soon(generation_id: int, expires: float = EXPIRES_SEC) -> None:
    """Never raises and never waits for a broker that is down."""
    try:
        current_app.send_task("generation.tasks.advance", (generation_id,), retry=False, expires=expires, ignore_result=True)
    except Exception as error:
        log.warning("The hint for generation %s was not sent: %r", generation_id, error)
