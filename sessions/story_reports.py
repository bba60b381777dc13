"""Reports about a draft – its analysis, its random players – asked for by an author, made by a worker, kept by the hash of the draft."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from pixsim.lib.canonical import sha256
from pixsim.lib.errors import NotFound
from worlds.checks import Problem
from worlds.models import World

from . import clips, services
from .analysis.report import crowd_json, problems, story_json, way_of
from .analysis.story import BUDGET, analyse
from .analysis.walks import crowd
from .engine import Answered, Started
from .models import GameSession, StoryReport
from .publishing import draft_release, draft_spec
from .releases import spec_of_sha
from .spec import WorldSpec

LEASE = timedelta(minutes=10)
KEPT = 20  # reports of a world; older ones go when a new one is made
MOST_PLAYERS, MOST_MOVES = 5_000, 500


def analysis_of(world: World) -> StoryReport | None:
    """The finished analysis of the present draft, if there is one. One query beside the draft's own."""
    found = current_analysis(world)
    return found if found is not None and found.status == StoryReport.Status.DONE else None


def order_analysis(*, world: World, actor: Any) -> StoryReport:
    """The analysis of the present draft: the one there is, else one that a worker makes."""
    return _order(world=world, actor=actor, kind=StoryReport.Kind.ANALYSIS, question=f"steps={BUDGET}")


def order_players(*, world: World, actor: Any, players: int, moves: int, seed: int) -> StoryReport:
    """What so many random players see of the present draft. The same question has the same answer, so it is asked once."""
    question = f"players={min(players, MOST_PLAYERS)}&moves={min(moves, MOST_MOVES)}&seed={seed}"
    return _order(world=world, actor=actor, kind=StoryReport.Kind.PLAYERS, question=question)


def _order(*, world: World, actor: Any, kind: StoryReport.Kind, question: str) -> StoryReport:
    release = draft_release(world=world, actor=actor)
    with transaction.atomic():
        report, new = StoryReport.objects.get_or_create(world=world, kind=kind, sha256=release.sha256, question=question)
        if new:
            stale = _reports(world, kind).values_list("pk", flat=True)[KEPT:]
            StoryReport.objects.filter(pk__in=list(stale)).delete()
        if report.status == StoryReport.Status.WAITING:
            transaction.on_commit(lambda: clips.send("sessions.tasks.make_report", report.pk), robust=True)
    return report


def known_problems(world: World, document: Mapping[str, Any]) -> list[Problem]:
    """What the analysis of this very draft adds to its problems, where it has been made: listing problems stays quick. One query."""
    found = _reports(world, StoryReport.Kind.ANALYSIS).filter(sha256=sha256(document), status=StoryReport.Status.DONE).first()
    return problems(document, found.result) if found is not None else []


def analysed(world: World) -> StoryReport:
    """The finished analysis of the present draft. Raises NotFound where there is none."""
    found = analysis_of(world)
    if found is None:
        raise NotFound("This draft has not been analysed yet.")
    return found


def current_analysis(world: World) -> StoryReport | None:
    """The analysis of the present draft, finished or not."""
    spec, _ = draft_spec(world)
    return _reports(world, StoryReport.Kind.ANALYSIS).filter(sha256=spec.sha).first()


def newest_players(world: World) -> StoryReport | None:
    return _reports(world, StoryReport.Kind.PLAYERS).first()


def latest_players(world: World) -> StoryReport:
    """The newest report of random players, of whatever draft. Raises NotFound where there is none."""
    found = newest_players(world)
    if found is None:
        raise NotFound("No random players have been here yet.")
    return found


def _reports(world: World, kind: StoryReport.Kind) -> QuerySet[StoryReport]:
    return StoryReport.objects.filter(world=world, kind=kind)


def due(now: datetime) -> list[int]:
    """Reports nobody works on. One query."""
    lost = Q(status=StoryReport.Status.RUNNING, claimed_at__lt=now - LEASE)
    return list(StoryReport.objects.filter(Q(status=StoryReport.Status.WAITING) | lost).order_by("pk").values_list("pk", flat=True)[:10])


def make(report_id: int, *, now: datetime) -> bool:
    """Makes a report, if nobody else does. No transaction is open meanwhile."""
    lost = Q(status=StoryReport.Status.RUNNING, claimed_at__lt=now - LEASE)
    mine = StoryReport.objects.filter(Q(status=StoryReport.Status.WAITING) | lost, pk=report_id)
    if not mine.update(status=StoryReport.Status.RUNNING, claimed_at=now):
        return False
    report = StoryReport.objects.get(pk=report_id)
    try:
        spec = spec_of_sha(report.world_id, report.sha256)
        result = made(spec, report.kind, dict(parse_qsl(report.question)))
    except Exception as error:
        _finish(report, now, status=StoryReport.Status.FAILED, error=f"{type(error).__name__}: {error}"[:500])
        raise
    _finish(report, now, status=StoryReport.Status.DONE, result=result)
    return True


def _finish(report: StoryReport, claimed_at: datetime, **values: Any) -> None:
    StoryReport.objects.filter(pk=report.pk, claimed_at=claimed_at).update(finished_at=timezone.now(), **values)


def made(spec: WorldSpec, kind: str, asked: dict[str, str]) -> dict[str, Any]:
    """The report itself: pure but for the dice."""
    if kind == StoryReport.Kind.ANALYSIS:
        return story_json(spec, analyse(spec, budget=int(asked.get("steps", BUDGET))))
    dice = (random.Random(f"{asked['seed']}:{number}") for number in range(int(asked["players"])))
    return crowd_json(spec, crowd(spec, dice, moves=int(asked["moves"])))


def play_way(*, user: Any, report: StoryReport, way: int) -> GameSession:
    """A session on the draft that plays a way of an analysis from its beginning: one click to what it reaches. Raises NotFound where the draft
    has changed since, or the report has no such way."""
    moves = report.result.get("moves") or []
    if not 0 <= way < len(moves):
        raise NotFound("The report has no such way.")
    world = report.world
    if draft_release(world=world, actor=user).sha256 != report.sha256:
        raise NotFound("The world has changed since; analyse it again.")
    (start,), *steps = way_of(moves, way)
    if not isinstance(start, Started):
        raise NotFound("The report has no such way.")
    moved = services.start(user=user, world=world, draft=True, started=start)
    for actions in steps:
        for action in actions:
            if isinstance(action, Answered) and moved.state.turn is not None:
                action = Answered(turn=moved.state.turn.id, text=action.text, writer=action.writer, proposed=action.proposed)
            moved = services.move(session=moved.session, action=action)
    return moved.session
