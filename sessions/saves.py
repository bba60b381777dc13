"""Saved games: named by the player, or made by themselves before the scene changes and when a day begins. Written here for the services."""

from __future__ import annotations

from django.db import transaction

from generation.models import Asset
from pixsim.lib.errors import NotFound

from . import clips, queries
from .engine import PlayState
from .models import GameSession, SavedGame
from .releases import spec_of
from .spec import WorldSpec

KEPT_BY_ITSELF = 6
"""More than these are not kept; the oldest goes."""


def found(session: GameSession, number: int) -> SavedGame:
    """Raises NotFound where there is no such save."""
    save = SavedGame.objects.filter(session=session, number=number).first()
    if save is None:
        raise NotFound(f"There is no save {number}.")
    return save


def keep(*, session: GameSession, name: str = "") -> SavedGame:
    """Remembers the present version under the next free number, with what it looks like."""
    return _keep(session, spec_of(session.release), queries.state_of(session), session.version, name=name)


def rename(*, session: GameSession, number: int, name: str) -> SavedGame:
    """A save that was made by itself and gets a name is the player's from then on. Raises NotFound."""
    save = found(session, number)
    save.name = name
    save.is_auto = save.is_auto and not name
    save.save(update_fields=["name", "is_auto"])
    return save


def delete(*, session: GameSession, number: int) -> None:
    """The save is forgotten; the version it named stays in the log. Raises NotFound."""
    found(session, number).delete()


def before_on_commit(session: GameSession, world: WorldSpec, before: PlayState, after: PlayState) -> None:
    """For a move that changed the scene or began a day: once it is committed, the version before it is kept. Costs nothing elsewhere."""
    scene, now = (state.at.scene if state.at else "" for state in (before, after))
    if scene == now and world.clock.at(before.world_time).day == world.clock.at(after.world_time).day:
        return
    version = session.version
    transaction.on_commit(lambda: _by_itself(session, world, before, version), robust=True)


def _by_itself(session: GameSession, world: WorldSpec, state: PlayState, version: int) -> None:
    _keep(session, world, state, version, is_auto=True)
    kept = SavedGame.objects.filter(session=session, is_auto=True).order_by("-number").values_list("pk", flat=True)
    SavedGame.objects.filter(pk__in=list(kept[KEPT_BY_ITSELF : KEPT_BY_ITSELF + 50])).delete()


def _keep(session: GameSession, world: WorldSpec, state: PlayState, version: int, *, name: str = "", is_auto: bool = False) -> SavedGame:
    picture = picture_of(session, world, state)
    node, place = world.find_node(state.at), world.places.get(state.location)
    with transaction.atomic():
        GameSession.objects.select_for_update().only("pk").get(pk=session.pk)
        last = SavedGame.objects.filter(session=session).order_by("-number").values_list("number", flat=True).first() or 0
        return SavedGame.objects.create(
            session=session, number=last + 1, name=name, version=version, is_auto=is_auto, picture=picture,
            place=place.name[:120] if place else "", scene=(node.label or world.scene(node.scene).title)[:120] if node else "",
            clock=world.clock.at(state.world_time).label,
        )  # fmt: skip


def picture_of(session: GameSession, world: WorldSpec, state: PlayState) -> Asset | None:
    """What a moment looks like: the clip of its node, else the picture of its place. Two queries at most."""
    node, place = world.find_node(state.at), world.places.get(state.location)
    made = clips.made_for(session, world, state)
    if made is not None and made.asset is not None:
        return made.asset
    keys = [key for key in (node.asset if node else "", place.picture if place else "") if key]
    assets = queries.media_of(session.release.ids, keys)
    return next((assets[key] for key in keys if key in assets), None)
