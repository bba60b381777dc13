"""Writing scenes, nodes and edges: always inside `worlds.services.authored`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from generation.models import Asset, Delivery, Generation
from npcs.models import Npc
from npcs.services import numbered, own_assets
from pixsim.lib.api.fields import find
from pixsim.lib.errors import Conflict, FieldError, Invalid, NotFound
from pixsim.models import User
from worlds.bundle import Entry, Names
from worlds.models import Location, World, WorldAsset, WorldHistory
from worlds.services import Change, Patch, authored, free_key, name_assets

from . import parts
from .models import Scene, SceneEdge, SceneNode

Data = Mapping[str, Any]
MAX_NODES, MAX_EDGES = 2_000, 10_000
CONFIGS = (("choiceConfig", "choice"), ("dialogueConfig", "dialogue"), ("sceneConfig", "scene"), ("endConfig", "end"), ("videoConfig", "video"))


# -- scenes -----------------------------------------------------------------------------------------------------------
def create_scene(*, world: World, actor: User, data: Data) -> Scene:
    """Raises Invalid for a taken key or an unknown place or NPC."""
    with authored(world, actor) as change:
        scene = Scene(world=world)
        _fill_scene(scene, data, change)
        scene.save()
        change.touch(scene)
    return scene


def change_scene(*, scene: Scene, actor: User, patch: Patch, expected: Collection[int] | None = None) -> Scene:
    """Raises Invalid, NotFound, PreconditionFailed."""
    with authored(scene.world, actor, scene, expected=expected) as change:
        _fill_scene(scene, patch(scene_fields(scene)), change)
        scene.save()
    return scene


def delete_scene(*, scene: Scene, actor: User, expected: Collection[int] | None = None) -> None:
    with authored(scene.world, actor, scene, expected=expected) as change:
        change.delete(scene)


def scene_fields(scene: Scene) -> dict[str, Any]:
    """What an author wrote, under the names of the API."""
    return {
        "key": scene.key,
        "title": scene.title,
        "description": scene.description,
        "entry_node_id": scene.entry_node or None,
        "location_id": scene.location_id,
        "npc_id": scene.npc_id,
        "is_entry": scene.is_entry,
        "meta": scene.meta,
    }


def _fill_scene(scene: Scene, data: Data, change: Change) -> None:
    world = scene.world
    taken = set(Scene.objects.filter(world=world).exclude(pk=scene.pk).values_list("key", flat=True))
    key = data.get("key") or scene.key or free_key(data["title"], taken, default="scene")
    if key in taken:
        raise Invalid([("/key", "taken", f"There is a scene “{key}” in this world already.")])
    scene.key, scene.title, scene.description = key, data["title"], data.get("description") or ""
    scene.entry_node = data.get("entry_node_id") or ""
    scene.location = find(Location.objects.filter(world=world), data.get("location_id"), "/location_id")
    scene.npc = find(Npc.objects.filter(world=world), data.get("npc_id"), "/npc_id")
    scene.meta = data.get("meta") or {}
    scene.is_entry = data.get("is_entry", False)
    if scene.is_entry:
        _only_entry(scene, change)


def _only_entry(scene: Scene, change: Change) -> None:
    """One entry scene per world is a constraint: the old one steps back first."""
    for other in Scene.objects.filter(world=scene.world, is_entry=True).exclude(pk=scene.pk):
        change.watch(other)
        other.is_entry = False
        other.save(update_fields=["is_entry"])


# -- nodes ------------------------------------------------------------------------------------------------------------
def add_nodes(*, scene: Scene, actor: User, entries: Sequence[Data], expected: Collection[int] | None = None) -> list[SceneNode]:
    """All or nothing. Raises Conflict for a key that is there, Invalid with a pointer into the list."""
    with authored(scene.world, actor, scene, expected=expected):
        present = list(scene.nodes.order_by("position", "pk"))
        _not_too_many(len(present) + len(entries), MAX_NODES, "nodes")
        keys = made_keys("node", entries, {node.key for node in present})
        assets = _assets(scene, entries)
        start = max((node.position for node in present), default=-1) + 1
        nodes = [SceneNode(scene=scene, key=key, position=start + index) for index, key in enumerate(keys)]
        for node, entry in zip(nodes, entries, strict=True):
            _fill_node(node, entry, assets)
        return SceneNode.objects.bulk_create(nodes, batch_size=500)


def change_node(*, scene: Scene, key: str, actor: User, patch: Patch, expected: Collection[int] | None = None) -> SceneNode:
    """A new `id` renames the node; running sessions find it under the new name."""
    with authored(scene.world, actor, scene, expected=expected) as change:
        node: SceneNode = _inner(scene.nodes, key)
        data = patch(node_fields(node))
        _rename(change.world, scene, node, data.get("id") or key)
        _fill_node(node, data, _assets(scene, [data], pointer=False, present=[node.asset_id] if node.asset_id else []))
        node.save()
    return node


def delete_node(*, scene: Scene, key: str, actor: User, expected: Collection[int] | None = None) -> None:
    """Its edges go with it."""
    with authored(scene.world, actor, scene, expected=expected) as change:
        node = _inner(scene.nodes, key)
        if scene.entry_node == key:
            scene.entry_node = ""
            scene.save(update_fields=["entry_node"])
        change.delete(node)


def attach_result(*, scene: Scene, key: str, generation: Generation, chosen: bool) -> bool:
    """The asset of a completed job on a node; whether it was put there now. `chosen` overrides what came there since the order.
    Raises NotFound where scene or node are gone."""
    with authored(scene.world, generation.owner, scene) as change:
        renamed = str(change.world.renamed.get(f"{scene.key}/{key}", "")).rpartition("/")[2]
        node = scene.nodes.filter(key=key).first() or (scene.nodes.filter(key=renamed).first() if renamed else None)
        if node is None:
            raise NotFound(f"There is no “{key}” here.")
        if node.asset_id == generation.asset_id or not (chosen or _still_wanted(scene, node, generation)):
            return False
        node.asset = generation.asset
        node.save(update_fields=["asset"])
        name_assets(scene.world, generation.asset)
    return True


def _still_wanted(scene: Scene, node: SceneNode, generation: Generation) -> bool:
    """Whether nobody put another asset on the node after the job was ordered, but for jobs ordered before it. At most four queries."""
    if node.asset_id is None:
        return True
    changes = WorldHistory.objects.filter(world=scene.world_id, part=f"scene/{scene.key}", at__gt=generation.created_at)
    first = changes.order_by("id").first()
    if first is None:
        return True
    was = next((entry.get("asset") for entry in (first.before or {}).get("nodes", ()) if entry.get("key") == node.key), None)
    names = WorldAsset.objects.filter(world=scene.world_id, asset=node.asset_id).values_list("key", flat=True)
    if was in set(names):
        return True
    brought = Delivery.objects.filter(generation__asset=node.asset_id, context__scene_id=scene.pk, context__node_id=node.key)
    by_older = brought.filter(generation__created_at__lte=generation.created_at).exists()
    return by_older and not brought.filter(context__chosen=True).exists()


def node_fields(node: SceneNode) -> dict[str, Any]:
    return {
        "id": node.key,
        "kind": node.kind,
        "label": node.label,
        "asset_id": node.asset_id,
        "loopable": node.loopable,
        "skippable": node.skippable,
        "meta": node.meta,
    }


def _fill_node(node: SceneNode, data: Data, assets: Mapping[int, Asset]) -> None:
    node.meta = data.get("meta") or {}
    node.kind, node.label = data.get("kind") or kind_of(node.meta), data.get("label") or ""
    node.asset = assets[data["asset_id"]] if data.get("asset_id") else None
    node.loopable, node.skippable = playing(data, "loopable", False), playing(data, "skippable", True)


def kind_of(meta: Data) -> str:
    """From the block that configures the kind, else from what is to be generated, else a clip."""
    for block, kind in CONFIGS:
        if block in meta:
            return kind
    wanted = (meta.get("generationConfig") or {}).get("type")
    return str(wanted) if wanted in ("choice", "dialogue") else "video"


def playing(data: Data, name: str, default: bool) -> bool:
    """`loopable` or `skippable`: the top level wins over `videoConfig`."""
    if data.get(name) is not None:
        return bool(data[name])
    return bool(((data.get("meta") or {}).get("videoConfig") or {}).get(name, default))


def _rename(world: World, scene: Scene, node: SceneNode, key: str) -> None:
    if key == node.key:
        return
    if scene.nodes.filter(key=key).exists():
        raise Conflict(f"There is a node “{key}” already.")
    world.renamed = {**world.renamed, f"{scene.key}/{node.key}": f"{scene.key}/{key}"}
    if scene.entry_node == node.key:
        scene.entry_node = key
        scene.save(update_fields=["entry_node"])
    node.key = key


# -- edges ------------------------------------------------------------------------------------------------------------
def add_edges(*, scene: Scene, actor: User, entries: Sequence[Data], expected: Collection[int] | None = None) -> list[SceneEdge]:
    """All or nothing. Raises Conflict for a key that is there, Invalid with a pointer into the list."""
    with authored(scene.world, actor, scene, expected=expected):
        present = list(scene.edges.order_by("position", "pk"))
        _not_too_many(len(present) + len(entries), MAX_EDGES, "edges")
        keys = made_keys("edge", entries, {edge.key for edge in present})
        start = max((edge.position for edge in present), default=-1) + 1
        edges = [SceneEdge(scene=scene, key=key, position=start + index) for index, key in enumerate(keys)]
        _fill_edges(scene, edges, entries)
        return SceneEdge.objects.bulk_create(edges, batch_size=500)


def change_edge(*, scene: Scene, key: str, actor: User, patch: Patch, expected: Collection[int] | None = None) -> SceneEdge:
    with authored(scene.world, actor, scene, expected=expected):
        edge: SceneEdge = _inner(scene.edges, key)
        data = patch(edge_fields(edge))
        renamed = data.get("id") or key
        if renamed != key and scene.edges.filter(key=renamed).exists():
            raise Conflict(f"There is an edge “{renamed}” already.")
        edge.key = renamed
        _fill_edges(scene, [edge], [data], pointer=False)
        edge.save()
    return edge


def delete_edge(*, scene: Scene, key: str, actor: User, expected: Collection[int] | None = None) -> None:
    with authored(scene.world, actor, scene, expected=expected) as change:
        change.delete(_inner(scene.edges, key))


def edge_fields(edge: SceneEdge) -> dict[str, Any]:
    return {
        "id": edge.key,
        "from_node_id": edge.source.key,
        "to_node_id": edge.target.key if edge.target else None,
        "to_scene_id": edge.to_scene_id,
        "choice_label": edge.label,
        "weight": edge.weight,
        "conditions": edge.conditions,
        "effects": edge.effects,
        "meta": edge.meta,
    }


def _fill_edges(scene: Scene, edges: Sequence[SceneEdge], entries: Sequence[Data], *, pointer: bool = True) -> None:
    nodes = {node.key: node for node in scene.nodes.all()}
    scenes = _scenes(scene.world, entries)
    errors: list[FieldError] = []
    for index, (edge, entry) in enumerate(zip(edges, entries, strict=True)):
        place = f"/{index}" if pointer else ""
        errors += _ends(entry, nodes, scenes, place)
        edge.source = nodes.get(entry["from_node_id"])  # type: ignore[assignment]
        edge.target = nodes.get(entry.get("to_node_id") or "")
        edge.to_scene = scenes.get(entry.get("to_scene_id"))
        edge.label = entry.get("choice_label") or ""
        edge.weight = entry["weight"] if entry.get("weight") is not None else 1.0
        for name in ("conditions", "effects", "meta"):
            setattr(edge, name, entry.get(name) or {})
    if errors:
        raise Invalid(errors)


def _ends(entry: Data, nodes: Collection[str], scenes: Mapping[Any, Scene], place: str) -> list[FieldError]:
    """What is wrong with where an edge comes from and leads to."""
    errors = [
        FieldError(f"{place}/{name}", "does_not_exist", f"There is no node “{entry[name]}” in this scene.")
        for name in ("from_node_id", "to_node_id")
        if entry.get(name) and entry[name] not in nodes
    ]
    if entry.get("to_scene_id") and entry["to_scene_id"] not in scenes:
        errors.append(FieldError(f"{place}/to_scene_id", "does_not_exist", f"There is no scene {entry['to_scene_id']} in this world."))
    if entry.get("to_scene_id") and entry.get("to_node_id"):
        errors.append(FieldError(f"{place}/to_scene_id", "two_targets", "An edge leads to a node or to a scene, not to both."))
    return errors


def _scenes(world: World, entries: Sequence[Data]) -> dict[Any, Scene]:
    """The scenes some edges lead to, by id and by key. At most one query."""
    if not any(entry.get("to_scene_id") for entry in entries):
        return {}
    rows = list(Scene.objects.filter(world=world))
    return {**{row.pk: row for row in rows}, **{row.key: row for row in rows}}


# -- the whole graph --------------------------------------------------------------------------------------------------
def replace_graph(*, scene: Scene, actor: User, data: Data, expected: Collection[int] | None = None) -> Scene:
    """Nodes and edges are matched by key, so those that stay keep their ids. Raises Invalid, PreconditionFailed."""
    with authored(scene.world, actor, scene, expected=expected):
        store_graph(scene, data)
    return scene


def store_graph(scene: Scene, data: Data) -> None:
    """Call it inside `authored`. Raises Invalid."""
    before = [node.asset_id for node in scene.nodes.all() if node.asset_id]
    assets = _assets(scene, data["nodes"], prefix="/nodes", present=before)
    names = Names(scene.world)
    entry = graph_entry(scene, data, names, {pk: str(names.key(Asset, pk)) for pk in assets})
    found = parts.Found(
        {},
        {(scene.pk, node.key): node for node in scene.nodes.all()},
        {(scene.pk, edge.key): edge for edge in scene.edges.all()},
        {},
    )
    parts.save_graphs({scene.pk: entry}, found, names)
    if "entry_node_id" in data:
        scene.entry_node = data["entry_node_id"] or ""
    if scene.entry_node not in {node["key"] for node in entry["nodes"]}:
        if data.get("entry_node_id"):
            raise Invalid([("/entry_node_id", "does_not_exist", f"There is no node “{scene.entry_node}” in this graph.")])
        scene.entry_node = ""
    scene.save(update_fields=["entry_node"])


def graph_entry(scene: Scene, data: Data, names: Names, assets: Mapping[int, str]) -> Entry:
    """The graph in the form of the world document."""
    scenes = _scenes(scene.world, data["edges"])
    nodes = [
        {
            "key": key,
            "kind": node.get("kind") or kind_of(node.get("meta") or {}),
            "label": node.get("label") or "",
            "asset": assets.get(node.get("asset_id") or 0),
            "loopable": playing(node, "loopable", False),
            "skippable": playing(node, "skippable", True),
            "meta": node.get("meta") or {},
        }
        for key, node in zip(made_keys("node", data["nodes"], set(), "/nodes"), data["nodes"], strict=True)
    ]
    known = {str(node["key"]) for node in nodes}
    errors = [error for index, edge in enumerate(data["edges"]) for error in _ends(edge, known, scenes, f"/edges/{index}")]
    if errors:
        raise Invalid(errors)
    names.learn(Scene, ((row.key, row.pk) for row in scenes.values()))
    edges = [
        {
            "key": key,
            "from": edge["from_node_id"],
            "to": edge.get("to_node_id"),
            "to_scene": scenes[edge["to_scene_id"]].key if edge.get("to_scene_id") else None,
            "label": edge.get("choice_label") or "",
            "weight": edge["weight"] if edge.get("weight") is not None else 1.0,
            "conditions": edge.get("conditions") or {},
            "effects": edge.get("effects") or {},
            "meta": edge.get("meta") or {},
        }
        for key, edge in zip(made_keys("edge", data["edges"], set(), "/edges"), data["edges"], strict=True)
    ]
    return {"nodes": nodes, "edges": edges}


# -- keys, assets -----------------------------------------------------------------------------------------------------
def made_keys(name: str, entries: Sequence[Data], present: Collection[str], prefix: str = "") -> list[str]:
    """The keys of some entries: their `id`, else the next free number. Raises Conflict for one that is there, Invalid for a repeat."""
    given = [entry["id"] for entry in entries if entry.get("id")]
    taken = {*present, *given}
    keys: list[str] = []
    for index, entry in enumerate(entries):
        key = entry.get("id") or numbered(name, taken)
        if key in present:
            error = FieldError(f"{prefix}/{index}/id", "taken", f"There is a {name} “{key}” already.")
            raise Conflict(error.message, errors=[error._asdict()])
        if key in keys:
            raise Invalid([(f"{prefix}/{index}/id", "duplicate_key", f"“{key}” is there twice.")])
        taken.add(key)
        keys.append(key)
    return keys


def _assets(scene: Scene, entries: Sequence[Data], *, prefix: str = "", pointer: bool = True, present: Collection[int] = ()) -> dict[int, Asset]:
    """The assets of some nodes, named in the world. Raises Invalid for another's."""
    found = usable_assets(scene, entries, prefix=prefix, pointer=pointer, present=present)
    name_assets(scene.world, *found.values())
    return found


def usable_assets(
    scene: Scene, entries: Sequence[Data], *, prefix: str = "", pointer: bool = True, present: Collection[int] = ()
) -> dict[int, Asset]:
    """The assets of some nodes. Raises Invalid for another's. At most one query."""
    wanted = {entry["asset_id"] for entry in entries if entry.get("asset_id")}
    found = own_assets(scene.world, wanted, present=present) if wanted else {}
    errors = [
        FieldError(f"{prefix}/{index}/asset_id" if pointer else "/asset_id", "does_not_exist", f"There is no asset {entry['asset_id']}.")
        for index, entry in enumerate(entries)
        if entry.get("asset_id") and entry["asset_id"] not in found
    ]
    if errors:
        raise Invalid(errors)
    return found


def _inner(rows: Any, key: str) -> Any:
    found = rows.filter(key=key).first()
    if found is None:
        raise NotFound()
    return found


def _not_too_many(count: int, limit: int, things: str) -> None:
    if count > limit:
        raise Invalid([("", "too_many", f"A scene may have {limit} {things}.")])
