"""What generation may ask of scenes: who may have things made for a node, what a card calls it, and to put the result there."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from django.urls import reverse

from generation.models import Asset, Generation
from generation.subjects import Client, Context
from npcs.models import Npc
from pixsim.lib.errors import Invalid, NotFound

from . import services
from .models import Scene

log = logging.getLogger(__name__)
SHOWN = (Asset.MediaType.IMAGE, Asset.MediaType.VIDEO)


class Nodes(Client):
    def may(self, user: Any, context: Context) -> int | None:
        """For a context that names a scene: its authors, for a node that is there. World and NPC, where they are named too, must be the scene's."""
        scene_id = context.get("scene_id")
        if not scene_id:
            return None
        if context.get("session_id"):
            raise Invalid([("/scene_context/session_id", "not_here", "What a session needs it orders by itself.")])
        scene = Scene.objects.authored_by(user).filter(pk=scene_id).first()
        if scene is None:
            raise NotFound.at("/scene_context/scene_id", f"There is no scene {scene_id}.")
        node = context.get("node_id")
        if node and not scene.nodes.filter(key=node).exists():
            raise NotFound.at("/scene_context/node_id", f"The scene has no node “{node}”.")
        if context.get("world_id") not in (None, scene.world_id):
            raise Invalid([("/world_id", "other_world", f"The scene belongs to world {scene.world_id}.")])
        if context.get("npc_id") and not Npc.objects.filter(pk=context["npc_id"], world=scene.world_id).exists():
            raise NotFound.at("/npc_id", f"The scene's world has no NPC {context['npc_id']}.")
        return scene.world_id

    def describe(self, context: Context) -> Mapping[str, str] | None:
        scene = Scene.objects.filter(pk=context.get("scene_id") or 0).select_related("world").first()
        if scene is None:
            return None
        node = scene.nodes.filter(key=context.get("node_id") or "").first()
        title = f"{scene.title}: {node.label or node.key}" if node else scene.title
        return {"title": title, "url": reverse("admin:scenes_scene_change", args=[scene.pk]), "world": scene.world.name}

    def attach(self, generation: Generation) -> bool:
        """Put the asset on the node of the context, as an authored change: scene version, history and `/ws/world/{id}` follow by themselves.

        The latest wish wins. A node whose author has put something else on it since the job was ordered keeps that; what an older job has put
        there meanwhile gives way, what a younger one has put there stays. With `chosen` in the context somebody asked for exactly this result
        now, and nothing is in its way. A node or scene that is gone wants nothing. Repeating changes nothing.
        """
        context, asset = generation.context, generation.asset
        if not context.get("scene_id") or not context.get("node_id") or context.get("session_id"):
            return False
        if asset is None or asset.media_type not in SHOWN:
            return False
        scene = Scene.objects.filter(pk=context["scene_id"], world=generation.world_id).select_related("world").first()
        if scene is None:
            return False
        try:
            return services.attach_result(scene=scene, key=str(context["node_id"]), generation=generation, chosen=bool(context.get("chosen")))
        except NotFound:
            log.info("Generation %s has no place any more: %s", generation.pk, context)
            return False
