"""Scenes and hotspots as entries of the world document, and back to rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from generation.models import Asset
from npcs.models import Npc
from pixsim.lib import schema
from pixsim.lib.errors import FieldError
from worlds.bundle import Entry, Names, duplicates, keys_of, prune, reference, schema_errors, tidy, upsert
from worlds.models import Location, World

from .models import Hotspot, Scene, SceneEdge, SceneNode

HotspotPath = tuple[str, str, str]


# -- from rows --------------------------------------------------------------------------------------------------------
def node_entry(node: SceneNode, names: Names) -> Entry:
    return tidy(
        key=node.key,
        kind=node.kind,
        label=node.label,
        asset=names.key(Asset, node.asset_id),
        loopable=node.loopable,
        skippable=node.skippable,
        meta=node.meta,
    )


def edge_entry(edge: SceneEdge, nodes: Mapping[int, str], names: Names) -> Entry:
    return {
        "from": nodes[edge.source_id],
        **tidy(
            key=edge.key,
            to=nodes.get(edge.target_id) if edge.target_id else None,
            to_scene=names.key(Scene, edge.to_scene_id),
            label=edge.label,
            weight=edge.weight,
            conditions=edge.conditions,
            effects=edge.effects,
            meta=edge.meta,
        ),
    }


def scene_entry(scene: Scene, *, nodes: Sequence[SceneNode], edges: Iterable[SceneEdge], names: Names) -> Entry:
    keys = {node.pk: node.key for node in nodes}
    return tidy(
        key=scene.key,
        title=scene.title,
        description=scene.description,
        location=names.key(Location, scene.location_id),
        npc=names.key(Npc, scene.npc_id),
        is_entry=scene.is_entry,
        entry_node=entry_node(scene, nodes),
        meta=scene.meta,
        nodes=[node_entry(node, names) for node in nodes],
        edges=[edge_entry(edge, keys, names) for edge in edges],
    )


def entry_node(scene: Scene, nodes: Sequence[SceneNode]) -> str | None:
    """The named one, else the first."""
    return scene.entry_node or (nodes[0].key if nodes else None)


def scene_entries(world: World, names: Names) -> list[Entry]:
    """All scenes. Three queries."""
    scenes = sorted(Scene.objects.filter(world=world), key=lambda row: row.key)
    names.learn(Scene, ((row.key, row.pk) for row in scenes))
    nodes, edges = defaultdict(list), defaultdict(list)
    for node in SceneNode.objects.filter(scene__world=world).order_by("scene_id", "position", "pk"):
        nodes[node.scene_id].append(node)
    for edge in SceneEdge.objects.filter(scene__world=world).order_by("scene_id", "position", "pk"):
        edges[edge.scene_id].append(edge)
    return [scene_entry(scene, nodes=nodes[scene.pk], edges=edges[scene.pk], names=names) for scene in scenes]


def hotspot_entry(hotspot: Hotspot, names: Names) -> Entry:
    return tidy(
        key=hotspot.key,
        scope=hotspot.scope,
        location=names.key(Location, hotspot.location_id),
        scene=names.key(Scene, hotspot.scene_id),
        target=hotspot.target,
        region=hotspot.region,
        action=hotspot.action,
        conditions=hotspot.conditions,
        meta=hotspot.meta,
    )


def hotspot_entries(world: World, names: Names) -> tuple[list[Entry], dict[str, int]]:
    """All hotspots and their ids by `hotspot_id`. One query."""
    found = sorted(((hotspot_entry(row, names), row.pk) for row in Hotspot.objects.filter(world=world)), key=lambda item: hotspot_path(item[0]))
    return [entry for entry, _ in found], {hotspot_id(entry): pk for entry, pk in found}


def hotspot_path(entry: Mapping[str, Any]) -> HotspotPath:
    """What makes a hotspot unique in its world: its key, its scope, its parent."""
    return (entry["key"], entry["scope"], entry.get("location") or entry.get("scene") or "")


def hotspot_id(entry: Mapping[str, Any]) -> str:
    """`harbor/enter_tavern`, `world/map`: the name in a release's ids."""
    key, _, parent = hotspot_path(entry)
    return f"{parent or 'world'}/{key}"


def scene_part(scene: Scene) -> tuple[str, Entry]:
    """One scene for the world's history. At most seven queries."""
    nodes = list(scene.nodes.order_by("position", "pk"))
    edges = scene.edges.order_by("position", "pk")
    return f"scene/{scene.key}", scene_entry(scene, nodes=nodes, edges=edges, names=Names(scene.world))


def hotspot_part(hotspot: Hotspot) -> tuple[str, Entry]:
    entry = hotspot_entry(hotspot, Names(hotspot.world))
    return f"hotspot/{hotspot_id(entry)}", entry


# -- to rows ----------------------------------------------------------------------------------------------------------
class Found(NamedTuple):
    """The rows there were before."""

    scenes: dict[str, Scene]
    nodes: dict[tuple[int, str], SceneNode]
    edges: dict[tuple[int, str], SceneEdge]
    hotspots: dict[HotspotPath, Hotspot]


def save_scenes(*, world: World, entries: Sequence[Entry], hotspots: Sequence[Entry], names: Names) -> Found:
    """Create and update every scene and hotspot of a document; the rows there were before, for `prune_scenes`."""
    scenes = {row.key: row for row in Scene.objects.filter(world=world)}
    before = Names(world)
    found = Found(
        scenes,
        {(row.scene_id, row.key): row for row in SceneNode.objects.filter(scene__world=world)},
        {(row.scene_id, row.key): row for row in SceneEdge.objects.filter(scene__world=world)},
        {hotspot_path(hotspot_entry(row, before)): row for row in Hotspot.objects.filter(world=world)},
    )
    # One entry scene per world is a constraint: the old one must go before the new one comes.
    Scene.objects.filter(world=world, is_entry=True).exclude(key__in=[e["key"] for e in entries if e.get("is_entry")]).update(is_entry=False)
    for row in scenes.values():
        row.is_entry = row.is_entry and any(e["key"] == row.key and e.get("is_entry") for e in entries)
    ids = upsert(Scene, scenes, {entry["key"]: scene_values(world, entry, names) for entry in entries}).ids
    names.learn(Scene, ids.items())
    changed = save_graphs({ids[entry["key"]]: entry for entry in entries}, found, names)
    for row in scenes.values():
        if row.pk in changed:
            row.version += 1
    Scene.objects.bulk_update([row for row in scenes.values() if row.pk in changed], ["version"], batch_size=500)
    upsert(Hotspot, found.hotspots, {hotspot_path(entry): hotspot_values(world, entry, names) for entry in hotspots})
    return found


def save_graphs(graphs: Mapping[int, Entry], found: Found, names: Names) -> set[int]:
    """Nodes and edges of scenes (by id), and nothing else in them; the ids of the scenes where something changed."""
    wanted_nodes = {
        (pk, node["key"]): node_values(pk, position, node, names)
        for pk, entry in graphs.items()
        for position, node in enumerate(entry.get("nodes", ()))
    }
    nodes = upsert(SceneNode, found.nodes, wanted_nodes)
    wanted_edges = {
        (pk, edge["key"]): edge_values(pk, position, edge, nodes.ids, names)
        for pk, entry in graphs.items()
        for position, edge in enumerate(entry.get("edges", ()))
    }
    edges = upsert(SceneEdge, found.edges, wanted_edges)
    # Edges first: the nodes of one that stays are no longer the ones that go.
    gone = prune(SceneEdge, {key: row for key, row in found.edges.items() if key[0] in graphs}, wanted_edges)
    gone |= prune(SceneNode, {key: row for key, row in found.nodes.items() if key[0] in graphs}, wanted_nodes)
    return {pk for pk, _ in nodes.changed | edges.changed | gone}


def prune_scenes(found: Found, entries: Sequence[Entry], hotspots: Sequence[Entry]) -> None:
    prune(Hotspot, found.hotspots, [hotspot_path(entry) for entry in hotspots])
    prune(Scene, found.scenes, [entry["key"] for entry in entries])


def scene_values(world: World, entry: Entry, names: Names) -> dict[str, Any]:
    return {
        "world": world,
        "key": entry["key"],
        "title": entry["title"],
        "description": entry.get("description", ""),
        "location_id": names.id(Location, entry.get("location")),
        "npc_id": names.id(Npc, entry.get("npc")),
        "is_entry": entry.get("is_entry", False),
        "entry_node": entry.get("entry_node") or "",
        "meta": entry.get("meta", {}),
    }


def node_values(scene_id: int, position: int, entry: Entry, names: Names) -> dict[str, Any]:
    return {
        "scene_id": scene_id,
        "key": entry["key"],
        "position": position,
        "kind": entry.get("kind", SceneNode.Kind.VIDEO),
        "label": entry.get("label", ""),
        "asset_id": names.id(Asset, entry.get("asset")),
        "loopable": entry.get("loopable", False),
        "skippable": entry.get("skippable", True),
        "meta": entry.get("meta", {}),
    }


def edge_values(scene_id: int, position: int, entry: Entry, nodes: Mapping[tuple[int, str], int], names: Names) -> dict[str, Any]:
    return {
        "scene_id": scene_id,
        "key": entry["key"],
        "position": position,
        "source_id": nodes[scene_id, entry["from"]],
        "target_id": nodes[scene_id, entry["to"]] if entry.get("to") else None,
        "to_scene_id": names.id(Scene, entry.get("to_scene")),
        "label": entry.get("label", ""),
        "weight": entry.get("weight", 1),
        "conditions": entry.get("conditions") or {},
        "effects": entry.get("effects") or {},
        "meta": entry.get("meta", {}),
    }


def hotspot_values(world: World, entry: Entry, names: Names) -> dict[str, Any]:
    return {
        "world": world,
        "key": entry["key"],
        "scope": entry["scope"],
        "location_id": names.id(Location, entry.get("location")),
        "scene_id": names.id(Scene, entry.get("scene")),
        "target": entry.get("target", {}),
        "region": entry.get("region") or None,
        "action": entry.get("action", {}),
        "conditions": entry.get("conditions") or {},
        "meta": entry.get("meta", {}),
    }


# -- what is wrong with a document ------------------------------------------------------------------------------------
def errors(document: Mapping[str, Any], *, locations: frozenset[str], npcs: frozenset[str], assets: Iterable[str]) -> list[FieldError]:
    """Everything that keeps the scenes and hotspots of a document from being stored, with pointers."""
    scenes, hotspots = document.get("scenes", ()), document.get("hotspots", ())
    found = [FieldError(*e) for i, entry in enumerate(scenes) for e in schema.errors("scenes/bundle_scene", entry, prefix=f"/scenes/{i}")]
    found += [FieldError(*e) for i, entry in enumerate(hotspots) for e in schema.errors("scenes/bundle_hotspot", entry, prefix=f"/hotspots/{i}")]
    if found:
        return found
    known = keys_of(scenes)
    found = duplicates(scenes, "/scenes")
    found += [
        FieldError(f"/scenes/{index}/is_entry", "second_entry_scene", "A world has one entry scene.")
        for index in [i for i, entry in enumerate(scenes) if entry.get("is_entry")][1:]
    ]
    for index, entry in enumerate(scenes):
        pointer = f"/scenes/{index}"
        found += schema_errors(Scene, entry, pointer)
        found += reference(entry, "location", locations, pointer, "location") + reference(entry, "npc", npcs, pointer, "npc")
        found += graph_errors(entry, pointer, scenes=known, assets=assets)
    return found + _hotspot_errors(hotspots, locations, known)


def graph_errors(entry: Mapping[str, Any], pointer: str, *, scenes: Iterable[str], assets: Iterable[str]) -> list[FieldError]:
    """The same for the nodes and edges of one scene."""
    nodes, edges = entry.get("nodes", ()), entry.get("edges", ())
    known = keys_of(nodes)
    found = duplicates(nodes, f"{pointer}/nodes") + duplicates(edges, f"{pointer}/edges")
    for index, node in enumerate(nodes):
        place = f"{pointer}/nodes/{index}"
        found += schema_errors(SceneNode, node, place) + reference(node, "asset", assets, place, "asset")
    for index, edge in enumerate(edges):
        place = f"{pointer}/edges/{index}"
        found += schema_errors(SceneEdge, edge, place)
        found += reference(edge, "from", known, place, "node") + reference(edge, "to", known, place, "node")
        found += reference(edge, "to_scene", scenes, place, "scene")
        if edge.get("to") and edge.get("to_scene"):
            found.append(FieldError(f"{place}/to_scene", "two_targets", "An edge leads to a node or to a scene, not to both."))
    return found


def _hotspot_errors(hotspots: Sequence[Any], locations: frozenset[str], scenes: frozenset[str]) -> list[FieldError]:
    found: list[FieldError] = []
    seen: set[HotspotPath] = set()
    for index, entry in enumerate(hotspots):
        pointer = f"/hotspots/{index}"
        found += schema_errors(Hotspot, entry, pointer)
        found += reference(entry, "location", locations, pointer, "location") + reference(entry, "scene", scenes, pointer, "scene")
        parents = {name for name in ("location", "scene") if entry.get(name)}
        if parents != {entry["scope"]} - {"world"}:
            found.append(FieldError(f"{pointer}/scope", "wrong_parent", "A hotspot of scope location or scene names exactly that parent."))
        if hotspot_path(entry) in seen:
            found.append(FieldError(f"{pointer}/key", "duplicate_key", f"“{entry['key']}” is there twice."))
        seen.add(hotspot_path(entry))
    return found
