"""Bare views to compare with: the same server, middleware, token and database, and nothing decided in between."""

from __future__ import annotations

import time
from typing import Any

from django.db import transaction
from django.db.models import F
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from pixsim.urls import urlpatterns as site
from sessions.engine import ENGINE
from sessions.models import GameSession, SessionEvent


class Read(APIView):
    """Token and one SELECT."""

    def get(self, request: Request, session_id: int) -> Response:
        session = GameSession.objects.values("id", "version", "seq", "world_id").get(pk=session_id, user=request.user.pk)
        return Response(session)


class Write(APIView):
    """Token, one SELECT, and the UPDATE and INSERT that a move makes."""

    def post(self, request: Request, session_id: int) -> Response:
        session = GameSession.objects.only("version", "seq", "state").get(pk=session_id, user=request.user.pk)
        state: dict[str, Any] = {**session.state, "world_time": session.version + 1}
        with transaction.atomic():
            GameSession.objects.filter(pk=session_id, version=session.version).update(
                version=F("version") + 1, seq=F("seq") + 1, state=state, updated_at=timezone.now()
            )
            SessionEvent.objects.create(
                session_id=session_id, seq=session.seq + 1, version=session.version + 1, parent=session.version, action={"type": "choose"},
                world="0" * 64, engine=ENGINE, patch={"world_time": session.version + 1}, state_sha256="0" * 64,
                idem_key=request.headers.get("Idempotency-Key"), idem_sha256="0" * 64,
            )  # fmt: skip
        return Response({"id": session_id, "version": session.version + 1})


def cpu(request: HttpRequest) -> JsonResponse:
    """Seconds of CPU this server has used, all threads together."""
    return JsonResponse({"cpu": time.process_time()})


urlpatterns = [
    path("bench/cpu", cpu),
    path("bench/read/<int:session_id>", Read.as_view()),
    path("bench/write/<int:session_id>", Write.as_view()),
    *site,
]
