"""What generation may ask of worlds: who may have things made for one, who owns them, and to tell its authors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.urls import reverse

from generation.models import Generation
from generation.subjects import Client, Context
from pixsim.lib import live
from pixsim.lib.errors import NotFound

from .models import World


class Worlds(Client):
    def may(self, user: Any, context: Context) -> int | None:
        """For a context that names a world and no more."""
        world_id = _only_world(context)
        if world_id is None:
            return None
        if not World.objects.authored_by(user).filter(pk=world_id).exists():
            raise NotFound(f"There is no world {world_id}.")
        return world_id

    def owner(self, world_id: int) -> Any:
        found = World.objects.filter(pk=world_id).select_related("owner").first()
        return found.owner if found else None

    def describe(self, context: Context) -> Mapping[str, str] | None:
        world_id = _only_world(context)
        found = World.objects.filter(pk=world_id).first() if world_id else None
        return {"title": found.name, "url": reverse("admin:worlds_world_change", args=[found.pk]), "world": found.name} if found else None

    def told(self, generation: Generation) -> None:
        live.ring(f"world/{generation.world_id}", generation=generation.pk)


def _only_world(context: Context) -> int | None:
    """The world of a context that names nothing in it: what is in it belongs to the apps above."""
    named = context.get("world_id")
    return int(named) if named and not any(context.get(name) for name in ("scene_id", "npc_id", "session_id")) else None
