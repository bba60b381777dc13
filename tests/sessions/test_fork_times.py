"""A fork has the same past: what happened when it happened."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import F

from sessions import services
from sessions.engine import Continue
from sessions.models import SessionEvent
from tests.documents import harbor
from tests.playing import account, published

pytestmark = pytest.mark.django_db


def test_a_fork_keeps_the_times_of_its_events() -> None:
    player = account("paul")
    session = services.start(user=player, world=published(harbor(), owner=account("anna", author=True))).session
    services.move(session=session, action=Continue())
    SessionEvent.objects.filter(session=session).update(at=F("at") - timedelta(days=3))
    twin = services.fork(session=session, user=player)
    times = {run.pk: list(SessionEvent.objects.filter(session=run).order_by("seq").values_list("seq", "at")) for run in (session, twin)}
    assert len(times[twin.pk]) == 2
    assert times[twin.pk] == times[session.pk]
