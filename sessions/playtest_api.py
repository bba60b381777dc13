"""`/api/v1/game-sessions/playtest`: a draft played from any node, and nothing kept."""

from __future__ import annotations

from functools import partial
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from pixsim.lib.api.describing import describe
from pixsim.lib.api.endpoints import AuthorEndpoint
from pixsim.lib.api.serializers import valid
from pixsim.lib.errors import NotFound
from scenes.models import Scene
from scenes.serializers import GraphInput
from worlds.models import World
from worlds.queries import authored_world
from worlds.references import keyed

from . import playtest
from .api import SessionEndpoint
from .serializers import PlaytestInput, PlaytestOutput


class PlaytestView(AuthorEndpoint, SessionEndpoint):
    @describe("Play a draft from any node on a throw-away state", body=PlaytestInput, answer=PlaytestOutput, errors=[404, 409], tags=["story tests"])
    def post(self, request: Request) -> Response:
        data = self.body(PlaytestInput)
        world = authored_world(request.user, data["world_id"])
        scene = scene_of(world, data.get("scene_id"))
        graph = valid(GraphInput, data["graph"], prefix="/graph", prepare=partial(keyed, world)) if data.get("graph") else None
        spec, ids = playtest.world_of(world, scene=scene, graph=graph)
        self.names = spec.names
        write = playtest.writer(data.get("writer", ""), world=world, user_id=self.actor.pk)
        begun = playtest.opened(
            spec, ids, scene=scene.key if scene else "", node=data.get("node_id") or "", given=data.get("state") or {},
            version=data.get("version", 0), seed=data.get("seed"),
        )  # fmt: skip
        return Response(playtest.as_json(begun, playtest.play_all(begun, data.get("actions", ()), write=write), write=write))


def scene_of(world: World, reference: Any) -> Scene | None:
    """The scene a client means by key or id; None for none. Raises NotFound."""
    if reference is None:
        return None
    named = str(reference)
    by_id = {"pk": int(named)} if named.isascii() and named.isdigit() and len(named) < 19 else None
    found = Scene.objects.filter(world=world, key=named).first() or (by_id and Scene.objects.filter(world=world, **by_id).first())
    if not found:
        raise NotFound.at("/scene_id", "There is no such scene in this world.")
    return found
