"""`/api/v1/game-worlds/`, `/api/v1/game-locations/`, `/api/v1/worlds/`."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.utils.cache import get_conditional_response
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse
from rest_framework.request import Request
from rest_framework.response import Response

from pixsim.lib.api.describing import describe
from pixsim.lib.api.endpoints import AuthorEndpoint, PublicEndpoint, get, require_author
from pixsim.lib.api.idempotency import idempotent
from pixsim.lib.api.preconditions import if_match
from pixsim.lib.canonical import sha256

from . import queries, services
from .manifest import manifest_schema
from .references import keyed
from .serializers import (
    LocationChange,
    LocationInput,
    LocationOutput,
    PublishedWorldOutput,
    WorldFilter,
    WorldInput,
    WorldOutput,
    location_shape,
    world_shape,
)

DELETED = OpenApiResponse(description="Deleted.")


class WorldListView(AuthorEndpoint):
    @describe("Your worlds", answer=WorldOutput, paged=True, tags=["worlds"])
    def get(self, request: Request) -> Response:
        return self.page(queries.authored_worlds(request.user), world_shape)

    @describe("Create a world", body=WorldInput, answer=WorldOutput, status=201, errors=[403], idempotent=True, tags=["worlds"])
    @idempotent
    def post(self, request: Request) -> Response:
        require_author(request)
        data = self.body(WorldInput)
        world = services.create_world(owner=self.actor, name=data["name"], meta=data.get("meta") or {}, poster_id=data.get("poster_asset_id"))
        return self.tagged(world_shape(world), world.draft_version, status=201, Location=f"/api/v1/game-worlds/{world.pk}")


class WorldView(AuthorEndpoint):
    @describe("One of your worlds", answer=WorldOutput, errors=[404], tags=["worlds"])
    def get(self, request: Request, world_id: int) -> Response:
        world = get(queries.authored_worlds(request.user), pk=world_id)
        return self.tagged(world_shape(world), world.draft_version)

    @describe("Change a world", body=WorldInput, answer=WorldOutput, errors=[403, 404], if_match=True, tags=["worlds"])
    def patch(self, request: Request, world_id: int) -> Response:
        world = get(queries.authored_worlds(request.user), pk=world_id)
        patch = partial(self.patched, WorldInput, prepare=partial(keyed, world))
        services.change_world(world=world, actor=self.actor, patch=patch, expected=if_match(request))
        return self.tagged(world_shape(world), world.draft_version)

    @describe("Delete a world", status=204, answer=DELETED, errors=[403, 404, 409], if_match=True, tags=["worlds"])
    def delete(self, request: Request, world_id: int) -> Response:
        """Your own sessions go with it. While anybody else has played it, the answer is 409: change it instead, or ask the site's staff, who
        may delete it with the sessions of others."""
        world = get(queries.authored_worlds(request.user), pk=world_id)
        services.delete_world(world=world, actor=self.actor, expected=if_match(request))
        return Response(status=204)


class ManifestSchemaView(PublicEndpoint):
    @describe("JSON Schema of a manifest", answer=OpenApiTypes.OBJECT, query=WorldFilter, errors=[404], public=True, tags=["worlds"])
    def get(self, request: Request) -> Any:
        world_id = self.query(WorldFilter).get("world_id")
        world = queries.authored_world(request.user, world_id) if world_id else None
        schema = manifest_schema(world)
        tag = f'"{sha256(schema)[:32]}"'
        reach = "private, no-cache" if world else "public, max-age=300"
        return get_conditional_response(request._request, etag=tag) or Response(schema, headers={"ETag": tag, "Cache-Control": reach})


class PublishedWorldListView(PublicEndpoint):
    @describe("Worlds to play", answer=PublishedWorldOutput, paged=True, public=True, tags=["worlds"])
    def get(self, request: Request) -> Response:
        return self.page(queries.published_worlds(), queries.shown_to_players)


class LocationListView(AuthorEndpoint):
    @describe("Places of your worlds", answer=LocationOutput, query=WorldFilter, errors=[404], paged=True, tags=["worlds"])
    def get(self, request: Request) -> Response:
        return self.page(queries.authored_locations(request.user).filter(**self.query(WorldFilter)), location_shape)

    @describe("Create a place", body=LocationInput, answer=LocationOutput, status=201, errors=[403, 404], idempotent=True, tags=["worlds"])
    @idempotent
    def post(self, request: Request) -> Response:
        world = queries.named_world(request.user, request.data)
        data = self.body(LocationInput, prepare=partial(keyed, world) if world else None)
        location = services.create_location(world=world or queries.authored_world(request.user, data["world_id"]), actor=self.actor, data=data)
        return self.tagged(location_shape(location), location.version, status=201, Location=f"/api/v1/game-locations/{location.pk}")


class LocationView(AuthorEndpoint):
    @describe("One place", answer=LocationOutput, errors=[404], tags=["worlds"])
    def get(self, request: Request, location_id: int) -> Response:
        location = get(queries.authored_locations(request.user), pk=location_id)
        return self.tagged(location_shape(location), location.version)

    @describe("Change a place", body=LocationChange, answer=LocationOutput, errors=[403, 404], if_match=True, tags=["worlds"])
    def patch(self, request: Request, location_id: int) -> Response:
        location = get(queries.authored_locations(request.user), pk=location_id)
        patch = partial(self.patched, LocationChange, prepare=partial(keyed, location.world))
        services.change_location(location=location, actor=self.actor, patch=patch, expected=if_match(request))
        return self.tagged(location_shape(location), location.version)

    @describe("Delete a place", status=204, answer=DELETED, errors=[403, 404], if_match=True, tags=["worlds"])
    def delete(self, request: Request, location_id: int) -> Response:
        location = get(queries.authored_locations(request.user), pk=location_id)
        services.delete_location(location=location, actor=self.actor, expected=if_match(request))
        return Response(status=204)
