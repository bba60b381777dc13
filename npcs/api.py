"""`/api/v1/game-npcs/` and the author's clock of a world. Presence reads sessions too and lives there."""

from __future__ import annotations

from functools import partial
from typing import Any

from drf_spectacular.utils import OpenApiResponse
from rest_framework.request import Request
from rest_framework.response import Response

from pixsim.lib.api.describing import describe
from pixsim.lib.api.endpoints import AuthorEndpoint, get
from pixsim.lib.api.idempotency import idempotent
from pixsim.lib.api.preconditions import if_match
from worlds.queries import authored_world, authored_worlds, named_world
from worlds.references import keyed
from worlds.serializers import WorldFilter

from . import queries, services
from .models import Npc
from .serializers import (
    ExpressionInput,
    ExpressionOutput,
    NpcChange,
    NpcInput,
    NpcOutput,
    SlotInput,
    SlotOutput,
    StatsInput,
    StatsOutput,
    TimeInput,
    TimeOutput,
    expression_shape,
    npc_shape,
    slot_shape,
    stats_shape,
)

DELETED = OpenApiResponse(description="Deleted.")


class NpcListView(AuthorEndpoint):
    @describe("People of your worlds", answer=NpcOutput, query=WorldFilter, paged=True, tags=["npcs"])
    def get(self, request: Request) -> Response:
        return self.page(queries.authored_npcs(request.user).filter(**self.query(WorldFilter)), npc_shape)

    @describe("Create an NPC", body=NpcInput, answer=NpcOutput, status=201, errors=[403, 404], idempotent=True, tags=["npcs"])
    @idempotent
    def post(self, request: Request) -> Response:
        world = named_world(request.user, request.data)
        data = self.body(NpcInput, prepare=partial(keyed, world) if world else None)
        npc = services.create_npc(world=world or authored_world(request.user, data["world_id"]), actor=self.actor, data=data)
        return self.tagged(npc_shape(npc), npc.version, status=201, Location=f"/api/v1/game-npcs/{npc.pk}")


class NpcView(AuthorEndpoint):
    @describe("One NPC", answer=NpcOutput, errors=[404], tags=["npcs"])
    def get(self, request: Request, npc_id: int) -> Response:
        npc = own_npc(request, npc_id)
        return self.tagged(npc_shape(npc), npc.version)

    @describe("Change an NPC", body=NpcChange, answer=NpcOutput, errors=[403, 404], if_match=True, tags=["npcs"])
    def patch(self, request: Request, npc_id: int) -> Response:
        npc = own_npc(request, npc_id)
        patch = partial(self.patched, NpcChange, prepare=partial(keyed, npc.world))
        services.change_npc(npc=npc, actor=self.actor, patch=patch, expected=if_match(request))
        return self.tagged(npc_shape(npc), npc.version)

    @describe("Delete an NPC", status=204, answer=DELETED, errors=[403, 404], if_match=True, tags=["npcs"])
    def delete(self, request: Request, npc_id: int) -> Response:
        services.delete_npc(npc=own_npc(request, npc_id), actor=self.actor, expected=if_match(request))
        return Response(status=204)


class ScheduleView(AuthorEndpoint):
    @describe("The week of an NPC", answer=SlotOutput(many=True), errors=[404], tags=["npcs"])
    def get(self, request: Request, npc_id: int) -> Response:
        npc = own_npc(request, npc_id)
        return self.tagged([slot_shape(slot) for slot in npc.schedule.order_by("position", "pk")], npc.version)

    @describe(
        "Add slots",
        body=SlotInput(many=True),
        answer=SlotOutput(many=True),
        status=201,
        errors=[403, 404, 409],
        idempotent=True,
        if_match=True,
        tags=["npcs"],
    )
    @idempotent
    def post(self, request: Request, npc_id: int) -> Response:
        npc = own_npc(request, npc_id)
        slots = services.add_slots(npc=npc, actor=self.actor, entries=self.bodies(SlotInput), expected=if_match(request))
        return self.tagged([slot_shape(slot) for slot in slots], npc.version, status=201)

    @describe("Replace the week", body=SlotInput(many=True), answer=SlotOutput(many=True), errors=[403, 404], if_match=True, tags=["npcs"])
    def put(self, request: Request, npc_id: int) -> Response:
        npc = own_npc(request, npc_id)
        slots = services.replace_slots(npc=npc, actor=self.actor, entries=self.bodies(SlotInput), expected=if_match(request))
        return self.tagged([slot_shape(slot) for slot in slots], npc.version)


class ExpressionsView(AuthorEndpoint):
    @describe("Portraits of an NPC", answer=ExpressionOutput(many=True), errors=[404], tags=["npcs"])
    def get(self, request: Request, npc_id: int) -> Response:
        npc = own_npc(request, npc_id)
        return self.tagged([expression_shape(row) for row in npc.expressions.order_by("pk")], npc.version)

    @describe(
        "Add portraits",
        body=ExpressionInput(many=True),
        answer=ExpressionOutput(many=True),
        status=201,
        errors=[403, 404, 409],
        idempotent=True,
        if_match=True,
        tags=["npcs"],
    )
    @idempotent
    def post(self, request: Request, npc_id: int) -> Response:
        npc = own_npc(request, npc_id)
        rows = services.add_expressions(npc=npc, actor=self.actor, entries=self.bodies(ExpressionInput), expected=if_match(request))
        return self.tagged([expression_shape(row) for row in rows], npc.version, status=201)

    @describe(
        "Replace the portraits", body=ExpressionInput(many=True), answer=ExpressionOutput(many=True), errors=[403, 404], if_match=True, tags=["npcs"]
    )
    def put(self, request: Request, npc_id: int) -> Response:
        npc = own_npc(request, npc_id)
        rows = services.replace_expressions(npc=npc, actor=self.actor, entries=self.bodies(ExpressionInput), expected=if_match(request))
        return self.tagged([expression_shape(row) for row in rows], npc.version)


class StatsView(AuthorEndpoint):
    @describe("The numbers an NPC starts with", answer=StatsOutput, errors=[404], tags=["npcs"])
    def get(self, request: Request, npc_id: int) -> Response:
        npc = own_npc(request, npc_id)
        return self.tagged(stats_shape(npc), npc.version)

    @describe("Change some of them", body=StatsInput, answer=StatsOutput, errors=[403, 404], idempotent=True, if_match=True, tags=["npcs"])
    @idempotent
    def post(self, request: Request, npc_id: int) -> Response:
        return self._write(request, npc_id, replace=False)

    @describe("Replace relationships and base stats", body=StatsInput, answer=StatsOutput, errors=[403, 404], if_match=True, tags=["npcs"])
    def put(self, request: Request, npc_id: int) -> Response:
        return self._write(request, npc_id, replace=True)

    def _write(self, request: Request, npc_id: int, *, replace: bool) -> Response:
        npc = own_npc(request, npc_id)
        updates = self.body(StatsInput)["stat_updates"]
        services.update_stats(npc=npc, actor=self.actor, updates=updates, replace=replace, expected=if_match(request))
        return self.tagged(stats_shape(npc), npc.version)


class WorldTimeView(AuthorEndpoint):
    @describe("Move the author's clock", body=TimeInput, answer=TimeOutput, errors=[403, 404], idempotent=True, tags=["worlds"])
    @idempotent
    def post(self, request: Request, world_id: int) -> Response:
        world = get(authored_worlds(request.user), pk=world_id)
        return Response(services.move_time(world=world, data=self.body(TimeInput)))


def own_npc(request: Request, npc_id: int) -> Any:
    found: Npc = get(queries.authored_npcs(request.user), pk=npc_id)
    return found
