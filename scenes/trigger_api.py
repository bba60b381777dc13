"""`/api/v1/game/triggers`: hotspots."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from drf_spectacular.utils import OpenApiResponse
from rest_framework.request import Request
from rest_framework.response import Response

from pixsim.lib.api.describing import describe
from pixsim.lib.api.endpoints import AuthorEndpoint, get
from pixsim.lib.api.idempotency import idempotent
from pixsim.lib.api.preconditions import if_match
from worlds.models import Location
from worlds.references import keyed

from . import hotspots, queries
from .models import Hotspot, Scene
from .serializers import HotspotChange, HotspotFilter, HotspotInput, HotspotOutput, hotspot_shape

PARENTS: dict[str, Any] = {"location_id": Location, "scene_id": Scene}


class HotspotListView(AuthorEndpoint):
    @describe("Hotspots of your worlds", answer=HotspotOutput, query=HotspotFilter, paged=True, tags=["hotspots"])
    def get(self, request: Request) -> Response:
        return self.page(queries.authored_hotspots(request.user).filter(**self.query(HotspotFilter)), hotspot_shape)

    @describe("Create a hotspot", body=HotspotInput, answer=HotspotOutput, status=201, errors=[403, 404], idempotent=True, tags=["hotspots"])
    @idempotent
    def post(self, request: Request) -> Response:
        world = queries.world_meant(request.user, request.data, PARENTS)
        data = self.body(HotspotInput, prepare=partial(keyed, world))
        hotspot = hotspots.create_hotspot(world=world, actor=self.actor, data=data)
        return self.tagged(hotspot_shape(hotspot), hotspot.version, status=201, Location=f"/api/v1/game/triggers/{hotspot.pk}")


class HotspotView(AuthorEndpoint):
    @describe("One hotspot", answer=HotspotOutput, errors=[404], tags=["hotspots"])
    def get(self, request: Request, hotspot_pk: int) -> Response:
        hotspot = self._own(hotspot_pk)
        return self.tagged(hotspot_shape(hotspot), hotspot.version)

    @describe("Change a hotspot", body=HotspotChange, answer=HotspotOutput, errors=[403, 404], if_match=True, tags=["hotspots"])
    def patch(self, request: Request, hotspot_pk: int) -> Response:
        hotspot = self._own(hotspot_pk)
        merge = partial(self.patched, HotspotChange, prepare=partial(keyed, hotspot.world))

        def patch(present: Mapping[str, Any]) -> dict[str, Any]:
            return merge(present if self._same_action(present) else {**present, "action": None})

        hotspots.change_hotspot(hotspot=hotspot, actor=self.actor, patch=patch, expected=if_match(request))
        return self.tagged(hotspot_shape(hotspot), hotspot.version)

    @describe("Delete a hotspot", status=204, answer=OpenApiResponse(description="Deleted."), errors=[403, 404], if_match=True, tags=["hotspots"])
    def delete(self, request: Request, hotspot_pk: int) -> Response:
        hotspots.delete_hotspot(hotspot=self._own(hotspot_pk), actor=self.actor, expected=if_match(request))
        return Response(status=204)

    def _same_action(self, present: Mapping[str, Any]) -> bool:
        """An action of another type has nothing to merge with."""
        action = self.request.data.get("action") if isinstance(self.request.data, Mapping) else None
        return not isinstance(action, Mapping) or action.get("type") in (None, present["action"].get("type"))

    def _own(self, pk: int) -> Hotspot:
        return get(queries.authored_hotspots(self.request.user), pk=pk)
