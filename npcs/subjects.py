"""What generation may ask of people: who may film one, and which portrait a clip goes back to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.urls import reverse

from generation.models import AssetLineage, Generation
from generation.subjects import Client, Context
from pixsim.lib.errors import NotFound
from worlds.rules.mood import expression_for

from .models import Npc


class People(Client):
    def may(self, user: Any, context: Context) -> int | None:
        """For a context that names a person, and no scene: what is said there about worlds must fit."""
        npc_id = _only_npc(context)
        if npc_id is None:
            return None
        found = Npc.objects.authored_by(user).filter(pk=npc_id)
        if context.get("world_id"):
            found = found.filter(world=context["world_id"])
        world_id = found.values_list("world_id", flat=True).first()
        if world_id is None:
            raise NotFound(
                f"There is no NPC {npc_id} here.", errors=[{"pointer": "/npc_id", "code": "does_not_exist", "message": "There is no such NPC."}]
            )
        return int(world_id)

    def describe(self, context: Context) -> Mapping[str, str] | None:
        npc_id = _only_npc(context)
        npc = Npc.objects.filter(pk=npc_id).select_related("world").first() if npc_id else None
        return {"title": npc.name, "url": reverse("admin:npcs_npc_change", args=[npc.pk]), "world": npc.world.name} if npc else None

    def attach(self, generation: Generation) -> bool:
        """The lineage of a clip of somebody: who it is, by key too, and the portrait of the mood that was asked for."""
        asset = generation.asset
        npc = Npc.objects.filter(pk=generation.npc_id, world=generation.world_id).first() if generation.npc_id else None
        if npc is None or asset is None:
            return False
        if not asset.lineage.filter(kind=AssetLineage.Kind.NPC, npc_id=npc.pk).update(npc_key=npc.key):
            AssetLineage.objects.create(asset=asset, kind=AssetLineage.Kind.NPC, npc_id=npc.pk, npc_key=npc.key)
        portraits = dict(npc.expressions.values_list("state", "asset_id"))
        shown = expression_for(_mood_of(generation), portraits)
        if shown is not None and not asset.lineage.filter(kind=AssetLineage.Kind.EXPRESSION, npc_id=npc.pk).exists():
            AssetLineage.objects.create(
                asset=asset, kind=AssetLineage.Kind.EXPRESSION, source_asset_id=portraits[shown], npc_id=npc.pk, npc_key=npc.key, note=shown
            )
        return True


def _only_npc(context: Context) -> int | None:
    named = context.get("npc_id")
    return int(named) if named and not any(context.get(name) for name in ("scene_id", "session_id")) else None


def _mood_of(generation: Generation) -> str:
    style = generation.inputs.get("style") or {}
    return str(generation.action_block.get("mood") or style.get("mood") or "neutral")
