"""Stories of Twine: `/api/v1/game-scenes/import-twee`."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from pixsim.lib.api.describing import describe
from pixsim.lib.api.endpoints import AuthorEndpoint
from pixsim.lib.api.fields import Id, Text
from pixsim.lib.api.idempotency import idempotent
from pixsim.lib.api.parsers import LimitedMultiPart
from pixsim.lib.api.serializers import Strict
from worlds.queries import authored_world

from .api import own_scene
from .serializers import SceneOutput, scene_shape
from .twee import services
from .twee.reading import MAX_BYTES


class TweeParser(LimitedMultiPart):
    thing, max_bytes = "A Twee file", MAX_BYTES


class TweeInput(Strict):
    world_id = Id()
    file = serializers.FileField(help_text="A story in Twee 3 notation (.twee, .tw).")
    title = Text(max_length=200, required=False, allow_blank=True, help_text="Of the scene; else the story's own.")


class TweeLossOutput(serializers.Serializer[Any]):
    passage = serializers.CharField(allow_blank=True)
    line = serializers.IntegerField(help_text="In the file, from 1; 0 where there is none.")
    code = serializers.CharField()
    message = serializers.CharField()


class TweeImportOutput(SceneOutput):
    losses = TweeLossOutput(many=True, help_text="What has no place in a scene, passage by passage.")


class ImportTweeView(AuthorEndpoint):
    parser_classes = [TweeParser]

    @describe(
        "A scene from a Twee 3 file, all or nothing: passages become nodes at their places, links become choices",
        body={"multipart/form-data": TweeInput},
        answer=TweeImportOutput,
        status=201,
        errors=[403, 404, 413],
        idempotent=True,
        tags=["scenes"],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        data = self.body(TweeInput)
        world = authored_world(request.user, data["world_id"])
        made = services.import_twee(world=world, actor=self.actor, content=TweeParser.read(data["file"]), title=data.get("title", ""))
        scene = own_scene(request, made.scene.pk)
        answer = {**scene_shape(scene), "losses": [loss._asdict() for loss in made.losses]}
        return self.tagged(answer, scene.version, status=201, Location=f"/api/v1/game-scenes/{scene.pk}")
