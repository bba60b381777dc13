"""`/api/v1/npc-prompts/visual`: what a character's clip would be asked for, phrase by phrase with its sources. Reads a scene for its place."""

from __future__ import annotations

from functools import partial

from rest_framework.request import Request
from rest_framework.response import Response

from npcs.portrayal import portray
from npcs.queries import authored_npcs
from pixsim.lib.api.describing import describe
from pixsim.lib.api.endpoints import AuthorEndpoint, get
from worlds.references import keyed

from .models import Scene
from .serializers import VisualInput, VisualOutput, visual_shape


class VisualPromptView(AuthorEndpoint):
    @describe("The prompt of a character's clip, with its sources", body=VisualInput, answer=VisualOutput, errors=[404], tags=["npcs"])
    def post(self, request: Request) -> Response:
        # The ids in a state become keys of the NPC's world, so the body is looked at before it is checked.
        npc_id = request.data.get("npc_id") if isinstance(request.data, dict) else None
        known = isinstance(npc_id, int) and not isinstance(npc_id, bool) and 0 < npc_id < 2**63
        npc = get(authored_npcs(request.user), pk=npc_id) if known else None
        data = self.body(VisualInput, prepare=partial(keyed, npc.world) if npc else None)
        npc = npc or get(authored_npcs(request.user), pk=data["npc_id"])
        scene_id = data.get("scene_id")
        scene = get(Scene.objects.filter(world=npc.world_id).select_related("location"), pk=scene_id) if scene_id else None
        found = portray(
            npc=npc,
            place=scene.location if scene else None,
            action_block=data.get("action_block") or {},
            style=data.get("style") or {},
            state=data.get("state") or {},
        )
        return Response(visual_shape(npc.pk, found))
