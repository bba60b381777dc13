"""Endpoints of the story analysis: what can be reached, a way played in one click, random players, and what was visited."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from pixsim.lib.api.describing import describe
from pixsim.lib.api.endpoints import AuthorEndpoint
from pixsim.lib.api.idempotency import idempotent
from scenes.api import own_scene
from worlds.queries import authored_world

from . import output, story_reports
from .analysis_serializers import AnalysisOutput, CoverageOutput, PlayersInput, PlayersOutput, PlayWayInput
from .coverage import coverage
from .models import StoryReport
from .serializers import SessionOutput

TAGS = ["worlds"]
PLAYERS = {"players": 1_000, "moves": 200, "seed": 1}


def report_json(report: StoryReport) -> dict[str, Any]:
    """A report as it stands; its result is empty until it is done."""
    return {
        "status": report.status,
        "sha256": report.sha256,
        "question": report.question,
        "error": report.error,
        "created_at": report.created_at,
        "finished_at": report.finished_at,
        "result": report.result,
    }


class AnalysisView(AuthorEndpoint):
    @describe("What can be reached, and what cannot", answer=AnalysisOutput, errors=[404], tags=TAGS)
    def get(self, request: Request, world_id: int) -> Response:
        """The analysis of the draft. Asked for the first time, a worker makes it: ask again until `status` is done."""
        world = authored_world(request.user, world_id)
        return Response(report_json(story_reports.order_analysis(world=world, actor=self.actor)))


class PlayWayView(AuthorEndpoint):
    @describe("Play a way of the analysis", body=PlayWayInput, answer=SessionOutput, status=201, errors=[404, 409], idempotent=True, tags=TAGS)
    @idempotent
    def post(self, request: Request, world_id: int) -> Response:
        world = authored_world(request.user, world_id)
        way = self.body(PlayWayInput)["way"]
        session = story_reports.play_way(user=request.user, report=story_reports.analysed(world), way=way)
        return Response(output.session_json(session, author=True), status=201)


class PlayersView(AuthorEndpoint):
    @describe("What random players saw last", answer=PlayersOutput, errors=[404], tags=TAGS)
    def get(self, request: Request, world_id: int) -> Response:
        return Response(report_json(story_reports.latest_players(authored_world(request.user, world_id))))

    @describe("Send random players in", body=PlayersInput, answer=PlayersOutput, status=202, errors=[404], tags=TAGS)
    def post(self, request: Request, world_id: int) -> Response:
        world = authored_world(request.user, world_id)
        return Response(report_json(story_reports.order_players(world=world, actor=self.actor, **{**PLAYERS, **self.body(PlayersInput)})), status=202)


class CoverageView(AuthorEndpoint):
    @describe("How often the nodes and edges of a scene were visited", answer=CoverageOutput, errors=[404], tags=["scenes"])
    def get(self, request: Request, scene_id: int) -> Response:
        return Response(coverage(own_scene(request, scene_id)))
