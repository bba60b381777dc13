"""`/api/v1/game-scenes/`: scenes, their nodes and edges, the whole graph, the thumbnail."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import FileResponse, HttpResponse
from django.utils.cache import get_conditional_response
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse
from rest_framework.request import Request
from rest_framework.response import Response

from npcs.models import Npc
from pixsim.lib.api.describing import describe
from pixsim.lib.api.endpoints import AuthorEndpoint, get
from pixsim.lib.api.idempotency import idempotent
from pixsim.lib.api.preconditions import if_match
from worlds.models import Location
from worlds.references import keyed
from worlds.serializers import WorldFilter

from . import queries, services
from .models import Scene
from .serializers import (
    EdgeChange,
    EdgeOutput,
    GraphInput,
    GraphOutput,
    NodeChange,
    NodeOutput,
    SceneChange,
    SceneInput,
    SceneOutput,
    edge_shape,
    node_shape,
    scene_shape,
)
from .thumbnails import drawn

DELETED = OpenApiResponse(description="Deleted.")
PARENTS: dict[str, Any] = {"location_id": Location, "npc_id": Npc}


class SceneListView(AuthorEndpoint):
    @describe("Scenes of your worlds", answer=SceneOutput, query=WorldFilter, paged=True, tags=["scenes"])
    def get(self, request: Request) -> Response:
        return self.page(queries.authored_scenes(request.user).filter(**self.query(WorldFilter)), scene_shape)

    @describe("Create a scene", body=SceneInput, answer=SceneOutput, status=201, errors=[403, 404], idempotent=True, tags=["scenes"])
    @idempotent
    def post(self, request: Request) -> Response:
        world = queries.world_meant(request.user, request.data, PARENTS)
        scene = services.create_scene(world=world, actor=self.actor, data=self.body(SceneInput, prepare=partial(keyed, world)))
        return self.tagged(scene_shape(scene), scene.version, status=201, Location=f"/api/v1/game-scenes/{scene.pk}")


class SceneView(AuthorEndpoint):
    @describe("One scene", answer=SceneOutput, errors=[404], tags=["scenes"])
    def get(self, request: Request, scene_id: int) -> Response:
        scene = own_scene(request, scene_id)
        return self.tagged(scene_shape(scene), scene.version)

    @describe("Change a scene", body=SceneChange, answer=SceneOutput, errors=[403, 404], if_match=True, tags=["scenes"])
    def patch(self, request: Request, scene_id: int) -> Response:
        scene = own_scene(request, scene_id)
        patch = partial(self.patched, SceneChange, prepare=partial(keyed, scene.world))
        services.change_scene(scene=scene, actor=self.actor, patch=patch, expected=if_match(request))
        return self.tagged(scene_shape(scene), scene.version)

    @describe("Delete a scene", status=204, answer=DELETED, errors=[403, 404], if_match=True, tags=["scenes"])
    def delete(self, request: Request, scene_id: int) -> Response:
        services.delete_scene(scene=own_scene(request, scene_id), actor=self.actor, expected=if_match(request))
        return Response(status=204)


class NodeListView(AuthorEndpoint):
    @describe("The nodes of a scene", answer=NodeOutput(many=True), errors=[404], tags=["scenes"])
    def get(self, request: Request, scene_id: int) -> Response:
        scene = own_scene(request, scene_id)
        return self.tagged([node_shape(node) for node in scene.nodes.order_by("position", "pk")], scene.version)

    @describe(
        "Add nodes, one or a list, all or nothing",
        body=NodeChange(many=True),
        answer=NodeOutput(many=True),
        status=201,
        errors=[403, 404, 409],
        idempotent=True,
        if_match=True,
        tags=["scenes"],
    )
    @idempotent
    def post(self, request: Request, scene_id: int) -> Response:
        scene = own_scene(request, scene_id)
        entries = self.bodies(NodeChange, prepare=partial(keyed, scene.world), maximum=services.MAX_NODES)
        nodes = services.add_nodes(scene=scene, actor=self.actor, entries=entries, expected=if_match(request))
        shown = [node_shape(node) for node in nodes]
        return self.tagged(shown if isinstance(request.data, list) else shown[0], scene.version, status=201)


class NodeView(AuthorEndpoint):
    @describe("One node", answer=NodeOutput, errors=[404], tags=["scenes"])
    def get(self, request: Request, scene_id: int, key: str) -> Response:
        scene = own_scene(request, scene_id)
        return self.tagged(node_shape(get(scene.nodes.all(), key=key)), scene.version)

    @describe("Change a node", body=NodeChange, answer=NodeOutput, errors=[403, 404, 409], if_match=True, tags=["scenes"])
    def patch(self, request: Request, scene_id: int, key: str) -> Response:
        scene = own_scene(request, scene_id)
        patch = partial(self.patched, NodeChange, prepare=partial(keyed, scene.world))
        node = services.change_node(scene=scene, key=key, actor=self.actor, patch=patch, expected=if_match(request))
        return self.tagged(node_shape(node), scene.version)

    @describe("Delete a node and its edges", status=204, answer=DELETED, errors=[403, 404], if_match=True, tags=["scenes"])
    def delete(self, request: Request, scene_id: int, key: str) -> Response:
        services.delete_node(scene=own_scene(request, scene_id), key=key, actor=self.actor, expected=if_match(request))
        return Response(status=204)


class EdgeListView(AuthorEndpoint):
    @describe("The edges of a scene", answer=EdgeOutput(many=True), errors=[404], tags=["scenes"])
    def get(self, request: Request, scene_id: int) -> Response:
        scene = own_scene(request, scene_id)
        keys = queries.node_keys(scene)
        return self.tagged([edge_shape(edge, keys) for edge in scene.edges.order_by("position", "pk")], scene.version)

    @describe(
        "Add edges, one or a list, all or nothing",
        body=EdgeChange(many=True),
        answer=EdgeOutput(many=True),
        status=201,
        errors=[403, 404, 409],
        idempotent=True,
        if_match=True,
        tags=["scenes"],
    )
    @idempotent
    def post(self, request: Request, scene_id: int) -> Response:
        scene = own_scene(request, scene_id)
        entries = self.bodies(EdgeChange, prepare=partial(keyed, scene.world), maximum=services.MAX_EDGES)
        edges = services.add_edges(scene=scene, actor=self.actor, entries=entries, expected=if_match(request))
        keys = queries.node_keys(scene)
        shown = [edge_shape(edge, keys) for edge in edges]
        return self.tagged(shown if isinstance(request.data, list) else shown[0], scene.version, status=201)


class EdgeView(AuthorEndpoint):
    @describe("One edge", answer=EdgeOutput, errors=[404], tags=["scenes"])
    def get(self, request: Request, scene_id: int, key: str) -> Response:
        scene = own_scene(request, scene_id)
        return self.tagged(edge_shape(get(scene.edges.all(), key=key), queries.node_keys(scene)), scene.version)

    @describe("Change an edge", body=EdgeChange, answer=EdgeOutput, errors=[403, 404, 409], if_match=True, tags=["scenes"])
    def patch(self, request: Request, scene_id: int, key: str) -> Response:
        scene = own_scene(request, scene_id)
        patch = partial(self.patched, EdgeChange, prepare=partial(keyed, scene.world))
        edge = services.change_edge(scene=scene, key=key, actor=self.actor, patch=patch, expected=if_match(request))
        return self.tagged(edge_shape(edge, queries.node_keys(scene)), scene.version)

    @describe("Delete an edge", status=204, answer=DELETED, errors=[403, 404], if_match=True, tags=["scenes"])
    def delete(self, request: Request, scene_id: int, key: str) -> Response:
        services.delete_edge(scene=own_scene(request, scene_id), key=key, actor=self.actor, expected=if_match(request))
        return Response(status=204)


class GraphView(AuthorEndpoint):
    @describe("A scene with its nodes and edges", answer=GraphOutput, errors=[404], tags=["scenes"])
    def get(self, request: Request, scene_id: int) -> Response:
        return self._shown(own_scene(request, scene_id))

    @describe(
        "Replace the whole graph; what keeps its key keeps its id",
        body=GraphInput,
        answer=GraphOutput,
        errors=[403, 404, 409],
        if_match=True,
        tags=["scenes"],
    )
    def put(self, request: Request, scene_id: int) -> Response:
        scene = own_scene(request, scene_id)
        data = self.body(GraphInput, prepare=partial(keyed, scene.world))
        services.replace_graph(scene=scene, actor=self.actor, data=data, expected=if_match(request))
        return self._shown(own_scene(request, scene_id))

    def _shown(self, scene: Scene) -> Response:
        nodes = list(scene.nodes.order_by("position", "pk"))
        keys = {node.pk: node.key for node in nodes}
        edges = [edge_shape(edge, keys) for edge in scene.edges.order_by("position", "pk")]
        return self.tagged({**scene_shape(scene), "nodes": [node_shape(node) for node in nodes], "edges": edges}, scene.version)


class ThumbnailView(AuthorEndpoint):
    @describe(
        "A picture of the scene: the first frame of its entry clip, else a drawn still",
        also={(200, "image/jpeg"): OpenApiTypes.BINARY, (200, "image/png"): OpenApiTypes.BINARY},
        errors=[404],
        tags=["scenes"],
    )
    def get(self, request: Request, scene_id: int) -> Any:
        scene = own_scene(request, scene_id)
        found = queries.entry_picture(scene)
        tag = f'"{found[0].sha256}-{found[1]}"' if found else f'"{drawn.name(scene.title, scene.description)}"'
        answer: Any = get_conditional_response(request._request, etag=tag)
        if answer is None and found is not None:
            file = getattr(*found)
            kind = "image/jpeg" if file.name.endswith((".jpg", ".jpeg")) else "image/png" if file.name.endswith(".png") else "image/webp"
            answer = FileResponse(file.open("rb"), content_type=kind)
        elif answer is None:
            answer = HttpResponse(drawn(scene.title, scene.description), content_type="image/png")
        answer["ETag"], answer["Cache-Control"] = tag, "private, max-age=60"
        return answer


def own_scene(request: Request, scene_id: int) -> Scene:
    return get(queries.authored_scenes(request.user), pk=scene_id)
