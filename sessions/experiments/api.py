"""Endpoints of experiments, funnels and the sessions of a world. For the world's author and staff."""

from __future__ import annotations

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from pixsim.lib.api.describing import describe
from pixsim.lib.api.endpoints import AuthorEndpoint
from pixsim.lib.api.idempotency import idempotent
from pixsim.lib.api.serializers import Nothing
from worlds.queries import authored_world

from .. import audits, output
from ..serializers import SessionOutput
from . import funnels, listing, services
from .models import Experiment
from .serializers import (
    FIELDS,
    ExperimentFields,
    ExperimentInput,
    ExperimentOutput,
    FunnelFilter,
    FunnelOutput,
    OutcomeOutput,
    PreviewInput,
    WorldSessionFilter,
    WorldSessionOutput,
    experiment_shape,
)

TAGS = ["experiments"]


class ExperimentsView(AuthorEndpoint):
    @describe("Experiments of a world", answer=ExperimentOutput, paged=True, errors=[404], tags=TAGS)
    def get(self, request: Request, world_id: int) -> Response:
        return self.page(Experiment.objects.filter(world=authored_world(request.user, world_id)), experiment_shape)

    @describe("Define an experiment", body=ExperimentInput, answer=ExperimentOutput, status=201, errors=[404], idempotent=True, tags=TAGS)
    @idempotent
    def post(self, request: Request, world_id: int) -> Response:
        world = authored_world(request.user, world_id)
        experiment = services.create(world=world, actor=self.actor, values=self.body(ExperimentInput))
        return Response(experiment_shape(experiment), status=201, headers={"Location": f"/api/v1/game-experiments/{experiment.pk}"})


class ExperimentEndpoint(AuthorEndpoint):
    def found(self, experiment_id: int) -> Experiment:
        return services.of_author(self.request.user, experiment_id)


class ExperimentView(ExperimentEndpoint):
    @describe("One experiment", answer=ExperimentOutput, errors=[404], tags=TAGS)
    def get(self, request: Request, experiment_id: int) -> Response:
        return Response(experiment_shape(self.found(experiment_id)))

    @describe("Change an experiment that has not started", body=ExperimentFields, answer=ExperimentOutput, errors=[404, 409], tags=TAGS)
    def patch(self, request: Request, experiment_id: int) -> Response:
        experiment = self.found(experiment_id)
        values = self.patched(ExperimentFields, {name: getattr(experiment, name) for name in FIELDS})
        return Response(experiment_shape(services.change(experiment=experiment, values=values)))

    @describe("Delete an experiment that has not started", status=204, errors=[404, 409], tags=TAGS)
    def delete(self, request: Request, experiment_id: int) -> Response:
        services.remove(experiment=self.found(experiment_id))
        return Response(status=204)


class StartView(ExperimentEndpoint):
    @describe("Start: new sessions of players are drawn", body=Nothing, answer=ExperimentOutput, errors=[404, 409], tags=TAGS)
    def post(self, request: Request, experiment_id: int) -> Response:
        self.body(Nothing)
        return Response(experiment_shape(services.start(experiment=self.found(experiment_id), now=timezone.now())))


class StopView(ExperimentEndpoint):
    @describe("Stop: nobody new is drawn, sessions stay on their variant", body=Nothing, answer=ExperimentOutput, errors=[404, 409], tags=TAGS)
    def post(self, request: Request, experiment_id: int) -> Response:
        self.body(Nothing)
        return Response(experiment_shape(services.stop(experiment=self.found(experiment_id), now=timezone.now())))


class ArchiveView(ExperimentEndpoint):
    @describe("Archive an experiment that does not run", body=Nothing, answer=ExperimentOutput, errors=[404, 409], tags=TAGS)
    def post(self, request: Request, experiment_id: int) -> Response:
        self.body(Nothing)
        return Response(experiment_shape(services.archive(experiment=self.found(experiment_id))))


class PreviewView(ExperimentEndpoint):
    @describe("Play a variant on the draft", body=PreviewInput, answer=SessionOutput, status=201, errors=[404, 409], idempotent=True, tags=TAGS)
    @idempotent
    def post(self, request: Request, experiment_id: int) -> Response:
        session = services.preview(experiment=self.found(experiment_id), user=self.actor, letter=self.body(PreviewInput)["variant"])
        return Response(output.session_json(session, author=True), status=201)


class OutcomeView(ExperimentEndpoint):
    @describe("What became of its players, side by side", answer=OutcomeOutput, errors=[404], tags=TAGS)
    def get(self, request: Request, experiment_id: int) -> Response:
        """A look before the planned number of players is there is counted and told."""
        return Response(services.look(self.found(experiment_id)))


class FunnelView(AuthorEndpoint):
    @describe("Where players are lost", answer=FunnelOutput, query=FunnelFilter, errors=[404], tags=TAGS)
    def get(self, request: Request, world_id: int) -> Response:
        world = authored_world(request.user, world_id)
        return Response(funnels.funnel(world, **self.query(FunnelFilter)))

    @describe("Count all sessions anew", body=Nothing, status=202, errors=[404], tags=TAGS)
    def post(self, request: Request, world_id: int) -> Response:
        """A worker does it. New moves are counted by themselves; this is for sums that still hold deleted sessions."""
        self.body(Nothing)
        funnels.order_recount(authored_world(request.user, world_id))
        return Response(status=202)


class WorldSessionsView(AuthorEndpoint):
    @describe("Sessions played in a world", answer=WorldSessionOutput, query=WorldSessionFilter, paged=True, errors=[404], tags=TAGS)
    def get(self, request: Request, world_id: int) -> Response:
        world = authored_world(request.user, world_id)
        audits.audit_world(actor=request.user, action="read sessions", world=world)
        return self.page(listing.sessions_of(world, **self.query(WorldSessionFilter)), listing.session_shape)
