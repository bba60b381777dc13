"""Writing hotspots: always inside `worlds.services.authored`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from pixsim.lib.api.fields import find
from pixsim.lib.errors import Invalid
from pixsim.models import User
from worlds.models import Location, World
from worlds.services import Patch, authored, free_key

from .models import Hotspot, Scene

Data = Mapping[str, Any]


def create_hotspot(*, world: World, actor: User, data: Data) -> Hotspot:
    """Raises Invalid for a taken key, a parent that is not of this world, or a scope without its parent."""
    with authored(world, actor) as change:
        hotspot = Hotspot(world=world)
        hotspot.location = find(Location.objects.filter(world=world), data.get("location_id"), "/location_id")
        hotspot.scene = find(Scene.objects.filter(world=world), data.get("scene_id"), "/scene_id")
        hotspot.scope = _scope(hotspot, data.get("scope"))
        _fill_hotspot(hotspot, data)
        hotspot.save()
        change.touch(hotspot)
    return hotspot


def change_hotspot(*, hotspot: Hotspot, actor: User, patch: Patch, expected: Collection[int] | None = None) -> Hotspot:
    with authored(hotspot.world, actor, hotspot, expected=expected):
        _fill_hotspot(hotspot, patch(hotspot_fields(hotspot)))
        hotspot.save()
    return hotspot


def delete_hotspot(*, hotspot: Hotspot, actor: User, expected: Collection[int] | None = None) -> None:
    with authored(hotspot.world, actor, hotspot, expected=expected) as change:
        change.delete(hotspot)


def hotspot_fields(hotspot: Hotspot) -> dict[str, Any]:
    return {
        "hotspot_id": hotspot.key,
        "target": hotspot.target,
        "region": hotspot.region,
        "action": hotspot.action,
        "conditions": hotspot.conditions,
        "meta": hotspot.meta,
    }


def _scope(hotspot: Hotspot, scope: str | None) -> str:
    found = scope or ("scene" if hotspot.scene else "location" if hotspot.location else "world")
    wanted = {"location": (True, False), "scene": (False, True), "world": (False, False)}[found]
    if (hotspot.location is not None, hotspot.scene is not None) != wanted:
        name = found if found != "world" else "location" if hotspot.location else "scene"
        words = "A hotspot of the whole world has no parent." if found == "world" else f"A hotspot of scope {found} names exactly its {found}."
        raise Invalid([(f"/{name}_id", "wrong_parent", words)])
    return found


def _fill_hotspot(hotspot: Hotspot, data: Data) -> None:
    siblings = Hotspot.objects.filter(world=hotspot.world, scope=hotspot.scope, location=hotspot.location, scene=hotspot.scene)
    taken = set(siblings.exclude(pk=hotspot.pk).values_list("key", flat=True))
    for name in ("target", "action", "conditions", "meta"):
        setattr(hotspot, name, data.get(name) or {})
    hotspot.region = data.get("region") or None
    wanted = ((hotspot.target.get("mesh") or {}).get("object_name")) or hotspot.action.get("type") or "hotspot"
    key = data.get("hotspot_id") or hotspot.key or free_key(str(wanted), taken, default="hotspot")
    if key in taken:
        raise Invalid([("/hotspot_id", "taken", f"There is a hotspot “{key}” already.")])
    hotspot.key = key
    hotspot.target = _located(hotspot)


def _located(hotspot: Hotspot) -> dict[str, Any]:
    """The target with node index and path, which tell objects of the same name apart, where the model knows exactly one of the name."""
    target: dict[str, Any] = hotspot.target
    mesh = target.get("mesh") or {}
    model = hotspot.location.asset if hotspot.location else None
    if not isinstance(mesh, dict) or model is None or "node_index" in mesh or "node_path" in mesh:
        return target
    named = [found for found in model.meta.get("objects") or () if found.get("object_name") == mesh.get("object_name")]
    return {**target, "mesh": {**mesh, **named[0]}} if len(named) == 1 else target
