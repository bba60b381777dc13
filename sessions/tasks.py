"""Sweeps. Losing a message is harmless: the next one finds what is due."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from . import dialogue, filming, queries, speaking, story_reports, storytest_services, turns
from .experiments import funnels
from .models import GameSession, SandboxState

BATCH = 200


@shared_task(ignore_result=True)
def finish_overdue_turns() -> int:
    """Closes dialogue turns whose deadline has passed; how many."""
    due = GameSession.objects.filter(turn_due_at__lt=timezone.now()).order_by("turn_due_at").values_list("pk", flat=True)[:BATCH]
    for pk in due:
        dialogue.finish_overdue(queries.fresh(pk))
    tried = SandboxState.objects.filter(turn_due_at__lt=timezone.now()).values_list("session", "pk")[:BATCH]
    for pk, sandbox_id in tried:
        if session := queries.tried(pk, sandbox_id):
            dialogue.finish_overdue(session)
    return len(due) + len(tried)


@shared_task(ignore_result=True)
def forget_raw_answers() -> int:
    """Lets go of what models answered word for word, once it is old; how many."""
    return turns.forget_raw(before=timezone.now() - timedelta(days=settings.DIALOGUE_RAW_DAYS))


@shared_task(ignore_result=True)
def make_clips(session_id: int, path: str, arrival: int) -> int:
    """Orders what a session lacks where it came to; how many clips. A lost message is made good by the next look at the session."""
    return filming.make_missing(session_id, path, arrival)


@shared_task(ignore_result=True)
def speak(session_id: int, path: str, sandbox_id: int | None = None) -> bool:
    """Writes the line of a node a session is at, where whoever had it in hand was lost."""
    return speaking.speak(session_id, path, sandbox_id=sandbox_id)


@shared_task(ignore_result=True)
def make_report(report_id: int) -> bool:
    """Makes one report about a draft."""
    return story_reports.make(report_id, now=timezone.now())


@shared_task(ignore_result=True)
def make_due_reports() -> int:
    """Makes the reports whose message got lost, or whose worker did; how many."""
    return sum(story_reports.make(report_id, now=timezone.now()) for report_id in story_reports.due(timezone.now() - timedelta(seconds=30)))


@shared_task(ignore_result=True)
def run_story_tests(world_id: int) -> int:
    """Runs all story tests of a world on its draft; how many are red."""
    return storytest_services.run_all(world_id)


@shared_task(ignore_result=True)
def count_funnels() -> int:
    """Counts what sessions have met since they were counted last; how many sessions."""
    return sum(funnels.count(world_id) for world_id in funnels.due_worlds())


@shared_task(ignore_result=True)
def recount_funnel(world_id: int) -> int:
    """Counts all sessions of a world from the beginning; how many."""
    return funnels.recount(world_id)
