"""Questions about scenes and hotspots."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from generation.models import Asset
from npcs.models import Npc
from pixsim.lib.errors import FOR_AUTHORS, Invalid, NotAllowed, NotFound
from worlds.models import Location, World, WorldAsset
from worlds.rules.words import title

from .models import Hotspot, Scene, SceneEdge, SceneNode

CHOICES_NAMED = 20


def authored_scenes(user: Any) -> QuerySet[Scene]:
    """The scenes a user may change, each with the key of its first node. One query."""
    first = SceneNode.objects.filter(scene=OuterRef("pk")).order_by("position", "pk").values("key")[:1]
    return Scene.objects.authored_by(user).select_related("world").annotate(first_node=Subquery(first))


def authored_hotspots(user: Any) -> QuerySet[Hotspot]:
    return Hotspot.objects.authored_by(user).select_related("world")


def scene_keys(world: World, ids: Iterable[int]) -> Mapping[int, str]:
    return dict(Scene.objects.filter(world=world, pk__in=ids).values_list("pk", "key"))


def picks(world: World) -> dict[str, list[tuple[str, str]]]:
    """Scenes, nodes and the flags that edges set, for forms of this world. Three queries."""
    scenes = list(Scene.objects.filter(world=world).order_by("title", "pk").values_list("key", "title"))
    nodes = SceneNode.objects.filter(scene__world=world).order_by("scene__key", "position", "pk").values_list("scene__key", "key", "label")
    effects = SceneEdge.objects.filter(scene__world=world).values_list("effects", flat=True)
    flags = {str(flag).removeprefix("!") for each in effects for flag in each.get("flags", ())}
    return {
        "scenes": scenes,
        "nodes": [(f"{scene}/{key}", f"{title(scene)}: {label or key}") for scene, key, label in nodes],
        **dict.fromkeys(("flags", "set_flags"), sorted((flag, title(flag)) for flag in flags)),
    }


def node_keys(scene: Scene) -> dict[int, str]:
    return dict(scene.nodes.values_list("pk", "key"))


def world_meant(user: Any, data: Any, parents: Mapping[str, type[Location | Npc | Scene]]) -> World:
    """The world of a body that may leave it out: the one it names, else its parents' (`field name: model`), else the author's only one.

    Raises NotFound for another author's, NotAllowed for a player who names none, Invalid naming the choices where none is meant.
    """
    data = data if isinstance(data, Mapping) else {}
    mine = World.objects.authored_by(user)
    world_id = data.get("world_id")
    if _is_id(world_id):
        found = mine.filter(pk=world_id).first()
        if found is None:
            raise NotFound.at("/world_id", f"There is no world {world_id}.")
        return found
    for field, model in parents.items():
        if _is_id(data.get(field)):
            parent = model._default_manager.filter(pk=data[field], world__in=mine).select_related("world").first()
            if parent is None:
                raise NotFound.at(f"/{field}", f"There is no {model._meta.verbose_name} {data[field]}.")
            return parent.world
    if not user.is_author:
        raise NotAllowed(FOR_AUTHORS)
    worlds = list(mine.filter(owner=user).order_by("pk")[: CHOICES_NAMED + 1])
    if len(worlds) == 1:
        return worlds[0]
    names = ", ".join(f"{world.pk} ({world.name})" for world in worlds[:CHOICES_NAMED])
    words = f"Name the world: {names}{', …' if len(worlds) > CHOICES_NAMED else ''}." if worlds else "Create a world first."
    raise Invalid([("/world_id", "required", words)], choices=[{"id": world.pk, "name": world.name} for world in worlds[:CHOICES_NAMED]])


def _is_id(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**63


def entry_picture(scene: Scene) -> tuple[Asset, str] | None:
    """What shows a scene at a glance: the poster of the first node's clip, its picture, its still, the picture of the place.

    The asset and which of its files (`poster` or `file`). At most four queries.
    """
    node = scene.nodes.select_related("asset").order_by("position", "pk")
    first = (node.filter(key=scene.entry_node).first() if scene.entry_node else None) or node.first()
    candidates: list[Asset | None] = [first.asset if first else None]
    still = first.meta.get("still") if first else None
    if isinstance(still, str):
        named = WorldAsset.objects.filter(world=scene.world_id, key=still).select_related("asset").first()
        candidates.append(named.asset if named else None)
    place = Location.objects.filter(pk=scene.location_id).select_related("picture").first() if scene.location_id else None
    candidates.append(place.picture if place else None)
    for asset in candidates:
        if asset is not None and asset.poster:
            return asset, "poster"
        if asset is not None and asset.file and asset.media_type == Asset.MediaType.IMAGE:
            return asset, "file"
    return None
