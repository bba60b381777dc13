"""Endpoints that read from every app: interactions, presence, publishing, problems."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from rest_framework.request import Request
from rest_framework.response import Response

from npcs.queries import presence_rows
from pixsim.lib.api.describing import describe
from pixsim.lib.api.endpoints import AuthorEndpoint, Endpoint
from pixsim.lib.api.idempotency import idempotent
from pixsim.lib.errors import Invalid, NotFound, StaleSession, pointing
from scenes import problems
from worlds.models import World
from worlds.queries import authored_world

from . import atlas, audits, care, migrating, mock, output, queries, services, simulation, speaking, story_reports
from .api import SessionEndpoint, idempotency_of, is_author_of
from .engine import Ids, interaction_list
from .moves import said
from .publishing import draft_spec, publish
from .references import npc_key, npc_of
from .releases import spec_of
from .serializers import (
    ExecuteInput,
    ExecuteOutput,
    InteractionsOutput,
    ListInput,
    PresenceFilter,
    PresenceOutput,
    ProblemsOutput,
    PublishInput,
    PublishOutput,
    PublishPreviewOutput,
    SimulateInput,
    SimulateOutput,
)
from .simulation import Stage

TAGS = ["interactions"]


class InteractionListView(SessionEndpoint):
    @describe("What one can do with an NPC now", body=ListInput, answer=InteractionsOutput, errors=[404], tags=TAGS)
    def post(self, request: Request) -> Response:
        data = self.body(ListInput)
        if "world_id" in data:
            world, ids = draft_spec(authored_world(request.user, data["world_id"]))
            npc = npc_of(ids, data["npc_id"])
            state = mock.state(world, data.get("state") or {}, ids=ids, npc=npc)
            return Response({"interactions": interaction_list(world, state, npc, ids=ids, author=True)})
        with pointing("/session_id"):
            session = self.readable(request, data["session_id"])
        npc = npc_key(session, data["npc_id"])
        found = interaction_list(
            spec_of(session.release), queries.state_of(session), npc, ids=Ids.of(session.release.ids), author=is_author_of(request.user, session)
        )
        return Response({"interactions": found})


class InteractionSimulateView(AuthorEndpoint, SessionEndpoint):
    @describe("Try out an interaction: nothing is kept", body=SimulateInput, answer=SimulateOutput, errors=[404, 409], tags=TAGS)
    def post(self, request: Request) -> Response:
        data = self.body(SimulateInput)
        stage, npc = self._in_world(request, data) if "world_id" in data else self._in_session(request, data)
        self.names = stage.world.names
        words = {"choice": data.get("choice_id") or "", "text": data.get("user_choice_text") or ""}
        action = said(stage.world, stage.state, npc, data["interaction_id"], **words)
        return Response(simulation.as_json(simulation.simulate(stage, action), npc))

    def _in_world(self, request: Request, data: dict[str, Any]) -> tuple[Stage, str]:
        world, ids = draft_spec(authored_world(request.user, data["world_id"]))
        npc, given = npc_of(ids, data["npc_id"]), data.get("state") or {}
        return simulation.of_mock(world, given, ids=ids, npc=npc), npc

    def _in_session(self, request: Request, data: dict[str, Any]) -> tuple[Stage, str]:
        """A session of a world one writes; a player tries nothing out."""
        with pointing("/session_id"):
            session = queries.readable(request.user, data["session_id"])
            if not is_author_of(request.user, session):
                raise NotFound("There is no such session.")
        audits.audit_session(actor=request.user, action="read", session=session)
        if data.get("version") not in (None, session.version):
            raise StaleSession(current=session)
        stage = simulation.of_session(session)
        return stage, npc_of(stage.ids, data["npc_id"])


class InteractionExecuteView(SessionEndpoint):
    @describe("Do something with an NPC", body=ExecuteInput, answer=ExecuteOutput, errors=[404, 409], idempotent=True, tags=TAGS)
    def post(self, request: Request) -> Response:
        data = self.body(ExecuteInput)
        with pointing("/session_id"):
            session = self.changeable(request, data["session_id"])
        npc = npc_key(session, data["npc_id"])
        spec, state = spec_of(session.release), queries.state_of(session)
        action = said(spec, state, npc, data["interaction_id"], choice=data.get("choice_id") or "", text=data.get("user_choice_text") or "")
        before = state.at.scene if state.at else None
        moved = speaking.told(services.move(session=session, action=action, version=data.get("version"), idempotency=idempotency_of(request)))
        shown = output.moved_json(moved)
        author = is_author_of(request.user, session)
        ids = Ids.of(moved.session.release.ids)
        scene = moved.state.at.scene if moved.state.at else None
        return Response(
            {
                **shown,
                "session": {key: value for key, value in shown.items() if key != "changes"},
                "dialogue": shown["view"]["dialogue"],
                "care": settings.CRISIS_TEXT if care.in_despair(data.get("user_choice_text") or "") else "",
                "next_scene": {"scene_id": ids.scenes.get(scene), "key": scene} if scene and scene != before else None,
                "interactions": interaction_list(moved.world, moved.state, npc, ids=ids, author=author),
            }
        )


class PresenceView(Endpoint):
    @describe("Who is where", answer=PresenceOutput(many=True), query=PresenceFilter, errors=[404], tags=["npcs"])
    def get(self, request: Request) -> Response:
        data = self.query(PresenceFilter)
        found = self._of_session(request, data) if data.get("session_id") else self._of_world(request, data)
        place = data.get("location_id")
        return Response([row for row in found if place is None or row["location_id"] == place])

    def _of_world(self, request: Request, data: dict[str, Any]) -> list[dict[str, Any]]:
        """For owner and staff: as no session has a say. Three queries with the world's own."""
        if "world_id" not in data:
            raise Invalid([("/world_id", "required", "Say which world, or which session_id.")])
        world = authored_world(request.user, data["world_id"])
        return [row.as_json() for row in presence_rows(world, data.get("world_time", 0))]

    def _of_session(self, request: Request, data: dict[str, Any]) -> list[dict[str, Any]]:
        """As it is in a session; players do not see who hides. One query."""
        with pointing("/session_id"):
            session = queries.readable(request.user, data["session_id"])
        return atlas.presence(session, world_time=data.get("world_time"), everybody=is_author_of(request.user, session))


class PublishView(AuthorEndpoint):
    @describe("Publish the draft", body=PublishInput, answer=PublishOutput, errors=[403, 404, 409], idempotent=True, tags=["worlds"])
    @idempotent
    def post(self, request: Request, world_id: int) -> Response:
        world = _world(request, world_id)
        data = self.body(PublishInput)
        done = publish(world=world, actor=self.actor, force=data.get("force", False), renamed=data.get("renamed"))
        return Response({
            "sha256": done.release.sha256, "number": done.release.number, "changed": done.changed, "renamed": world.renamed,
            **migrating.warned(world, done),
        })  # fmt: skip


class PublishPreviewView(AuthorEndpoint):
    @describe(
        "What publishing the draft would do: to running sessions and saves, and by the story tests", answer=PublishPreviewOutput, errors=[404],
        tags=["worlds"],
    )  # fmt: skip
    def get(self, request: Request, world_id: int) -> Response:
        return Response(migrating.preview(_world(request, world_id)))


class ProblemsView(AuthorEndpoint):
    @describe("What is wrong or unreachable", answer=ProblemsOutput, errors=[404], tags=["worlds"])
    def get(self, request: Request, world_id: int) -> Response:
        world = _world(request, world_id)
        found = problems.told(world, also=story_reports.known_problems)
        return Response({"problems": [problem.as_json() for problem in found]})


def _world(request: Request, world_id: int) -> World:
    return authored_world(request.user, world_id)
