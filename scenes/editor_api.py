"""`/api/v1/game-scenes/{id}/…`: what the graph editor asks beside the graph itself."""

from __future__ import annotations

from functools import partial
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from pixsim.lib.api.describing import describe
from pixsim.lib.api.endpoints import AuthorEndpoint
from pixsim.lib.api.fields import Whole
from pixsim.lib.api.serializers import Strict
from pixsim.lib.errors import Invalid
from worlds.references import keyed

from .api import own_scene
from .editor.differences import changes_since
from .editor.draft import told, unfinished
from .editor.vocabulary import vocabulary
from .serializers import GraphInput


class DraftProblemOutput(serializers.Serializer[Any]):
    pointer = serializers.CharField(allow_blank=True, help_text="Into the graph as it was sent.")
    node = serializers.CharField(allow_null=True)
    edge = serializers.CharField(allow_null=True)
    code = serializers.CharField()
    message = serializers.CharField()
    severity = serializers.ChoiceField(choices=["error", "warning"])


class NodeTold(serializers.Serializer[Any]):
    picture = serializers.CharField(allow_null=True)
    clip = serializers.CharField(allow_null=True)
    who = serializers.CharField(allow_null=True, help_text="Whom the node is about.")
    words = serializers.ListField(child=serializers.CharField())


class EdgeTold(serializers.Serializer[Any]):
    conditions = serializers.ListField(child=serializers.CharField())
    effects = serializers.ListField(child=serializers.CharField())
    words = serializers.ListField(child=serializers.CharField())
    scene = serializers.CharField(allow_null=True, help_text="The title of the scene it leads to.")


class DraftOutput(serializers.Serializer[Any]):
    nodes = serializers.DictField(child=NodeTold())
    edges = serializers.DictField(child=EdgeTold())
    problems = DraftProblemOutput(many=True)


class VocabularyOutput(serializers.Serializer[Any]):
    scene = serializers.DictField()
    world = serializers.DictField()
    limits = serializers.DictField()
    kinds = serializers.ListField(child=serializers.DictField())
    forms = serializers.DictField(
        help_text="JSON Schemas with the world's axes, places and moods; `x-pick` names the list of `picks` a value comes from."
    )
    picks = serializers.DictField(help_text="Lists of {value, title}.")
    suggestions = serializers.DictField()
    leads_here = serializers.ListField(child=serializers.CharField())


class ChangesFilter(Strict):
    since = Whole(min_value=0, help_text="A version of the scene.")


class SceneChangeTold(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    by = serializers.CharField(allow_null=True)
    by_id = serializers.IntegerField(allow_null=True)
    words = serializers.ListField(child=serializers.CharField())


class ChangesOutput(serializers.Serializer[Any]):
    version = serializers.IntegerField()
    changes = SceneChangeTold(many=True)


class DraftView(AuthorEndpoint):
    @describe(
        "A graph in plain words, with its problems, as it would be if it were saved. Nothing is written. What keeps a node or an edge from being "
        "saved is told among the problems, and then nothing else.",
        body=GraphInput, answer=DraftOutput, errors=[404], tags=["scenes"],
    )  # fmt: skip
    def post(self, request: Request, scene_id: int) -> Response:
        scene = own_scene(request, scene_id)
        try:
            return Response(told(scene=scene, data=self.body(GraphInput, prepare=partial(keyed, scene.world))))
        except Invalid as error:
            return Response(unfinished(request.data, error))


class VocabularyView(AuthorEndpoint):
    @describe(
        "What there is to choose from while editing a scene, and the schemas of the forms", answer=VocabularyOutput, errors=[404], tags=["scenes"]
    )
    def get(self, request: Request, scene_id: int) -> Response:
        return Response(vocabulary(scene=own_scene(request, scene_id), user=request.user))


class ChangesView(AuthorEndpoint):
    @describe("Who changed what in a scene since a version, newest first", answer=ChangesOutput, query=ChangesFilter, errors=[404], tags=["scenes"])
    def get(self, request: Request, scene_id: int) -> Response:
        scene = own_scene(request, scene_id)
        since = self.query(ChangesFilter)["since"]
        return Response(ChangesOutput({"version": scene.version, "changes": changes_since(scene=scene, version=since)}).data)
