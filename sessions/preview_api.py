"""`/api/v1/game-npcs/{id}/schedule-preview`: for authors as the world stands, for players as their session does."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from npcs.queries import authored_npcs, preview_json, schedule_preview
from npcs.serializers import PreviewFilter, PreviewOutput
from pixsim.lib.api.describing import describe
from pixsim.lib.api.endpoints import Endpoint, get

from . import queries
from .api import is_author_of
from .references import npc_key
from .releases import spec_of


class SchedulePreviewView(Endpoint):
    @describe("Where an NPC is, what comes next, the week", answer=PreviewOutput, query=PreviewFilter, errors=[404], tags=["npcs"])
    def get(self, request: Request, npc_id: int) -> Response:
        data = self.query(PreviewFilter)
        shown = self._of_session(request, npc_id, data) if data.get("session_id") else self._of_world(request, npc_id, data)
        return Response(shown)

    def _of_world(self, request: Request, npc_id: int, data: dict[str, Any]) -> dict[str, Any]:
        """For owner and staff."""
        npc = get(authored_npcs(request.user), pk=npc_id)
        clock = getattr(npc.world, "state", None)
        return schedule_preview(npc, data.get("time", clock.world_time if clock else 0))

    def _of_session(self, request: Request, npc_id: int, data: dict[str, Any]) -> dict[str, Any]:
        """Where the session says now, what it foresees at another time; a player does not learn of hidden hours. One query."""
        session = queries.readable(request.user, data["session_id"])
        spec, state = spec_of(session.release), queries.state_of(session)
        key, time = npc_key(session, npc_id), data.get("time", state.world_time)
        where = spec.foreseen(state, key, time)
        ids = session.release.ids.get("locations", {})
        places = {place.key: {"id": ids.get(place.key), "key": place.key, "name": place.name} for place in spec.places.values()}
        npc = spec.npc(key)
        return preview_json(
            npc_id,
            npc.schedule,
            spec.clock,
            time,
            places=places,
            where=where.location,
            source=where.source,
            home=npc.home,
            hidden=is_author_of(request.user, session),
        )
