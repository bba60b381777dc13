"""The sessions of a world, for its author: who plays what, how far, and to which end."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from worlds.models import World

from ..models import GameSession, GameSessionQuerySet

FINISHED = Q(tally__isnull=False) & ~Q(tally__ending="")


def sessions_of(world: World, *, player: str = "", variant: str = "", finished: bool | None = None) -> GameSessionQuerySet:
    """Newest first, with player and tally; one query a page. `variant` is experiment/a or /b, or `none` for those in no experiment."""
    found = GameSession.objects.filter(world=world).select_related("user", "tally")
    if player:
        found = found.filter(user__username__icontains=player)
    if variant:
        found = found.filter(variant="" if variant == "none" else variant)
    if finished is not None:
        found = found.filter(FINISHED) if finished else found.exclude(FINISHED)
    return found.order_by("-updated_at", "-pk")


def variants_of(world: World) -> list[str]:
    return sorted(set(GameSession.objects.filter(world=world).order_by().values_list("variant", flat=True).distinct()) - {""})


def session_shape(session: GameSession) -> dict[str, Any]:
    tally = getattr(session, "tally", None)
    ending = tally.ending if tally is not None else ""
    at = session.state.get("at")
    return {
        "id": session.pk,
        "player": session.user.get_username(),
        "variant": session.variant,
        "finished": bool(ending),
        "ending": ending,
        "place": f"{at['scene']}/{at['node']}" if at else session.state.get("location", ""),
        "moves": session.version,
        "on_draft": session.on_draft,
        "hand_edited": session.hand_edited,
        "created_at": session.created_at,
        "updated_at": session.updated_at,
    }
