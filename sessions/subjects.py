"""What generation may ask of play: who meets an asset – players of the worlds that use it, strangers the poster of a published world –, and to
bring sessions the clips they wait for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Q

from generation import subjects
from generation.models import Asset, Generation
from pixsim.lib import live
from worlds.models import World

from . import filming
from .models import GameSession, MadeClip


class Worlds(subjects.Client):
    """The client of `generation.subjects` for everything worlds are made of."""

    def may_see(self, user: Any, asset: Asset) -> bool:
        """Posters of published worlds for everybody; whatever a published or played world uses for whoever may play it; what play has made for
        those it was made for. One query, up to three for a clip of play."""
        open_worlds = Q(published__isnull=False)
        if not getattr(user, "is_authenticated", False):
            return World.objects.filter(open_worlds, poster=asset).exists()
        mine = Q(owner=user.pk) | Q(game_sessions__user=user.pk)
        used = World.objects.filter(open_worlds | mine, world_assets__asset=asset).exists()
        return used or _was_made_for(user, asset)

    def uses(self, asset: Asset) -> Sequence[str]:
        return [f"the world “{name}”" for name in World.objects.filter(world_assets__asset=asset).values_list("name", flat=True)]

    def attach(self, generation: Generation) -> bool:
        return filming.deliver(generation)

    def told(self, generation: Generation) -> None:
        for session_id in filming.waiting_for(generation):
            live.ring(f"session/{session_id}", generation=generation.pk)


def _was_made_for(user: Any, asset: Asset) -> bool:
    clips = list(MadeClip.objects.filter(asset=asset).values_list("world_id", "scope"))
    if not clips:
        return False
    played = set(GameSession.objects.filter(user=user.pk, world__in={world for world, _ in clips}).values_list("world_id", "playthrough_id"))
    rooms = {f"world/{world}" for world, _ in played} | {f"world/{world}/player/{user.pk}" for world, _ in played}
    rooms |= {f"playthrough/{playthrough}" for _, playthrough in played}
    return any(scope in rooms for _, scope in clips)
