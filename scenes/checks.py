"""What is wrong with a world document: every app's checks put together, and the story graph's own. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from npcs.checks import problems as npc_problems
from worlds.checks import ERROR, Json, Known, Place, Problem, check_action, check_asset, check_conditions, check_effects, entries, obj
from worlds.checks import problems as world_problems

from .objects import Object, flaw

Ref = tuple[str, str]


class Made(NamedTuple):
    """What became of an asset here: why it has no file, in words, and the objects of its 3-D model, where they are known."""

    lost: str
    objects: Sequence[Object]


def problems(document: Json) -> list[Problem]:
    """Everything wrong or unreachable in a document, errors first, each pointing at its place. Never raises."""
    known = Known(document)
    found = [*world_problems(document, known), *npc_problems(document, known)]
    for index, scene in enumerate(entries(document, "scenes")):
        found += _scene(scene, known, Place(f"/scenes/{index}", f"scene/{scene.get('key')}"))
    found += _hotspots(document, known)
    found += _story(document, known)
    return sorted(found, key=lambda problem: problem.severity != ERROR)


# -- one scene --------------------------------------------------------------------------------------------------------
def _scene(scene: Json, known: Known, place: Place) -> Iterator[Problem]:
    nodes, edges = entries(scene, "nodes"), entries(scene, "edges")
    keys = [str(node.get("key")) for node in nodes]
    if not nodes:
        yield place.at("nodes").error("empty_scene", "The scene has no nodes yet.")
    elif scene.get("entry_node") and scene["entry_node"] not in keys:
        yield place.at("entry_node").error("unknown_node", f"The scene starts at “{scene['entry_node']}”, which is not one of its nodes.")
    for name, names in (("location", known.locations), ("npc", known.npcs)):
        if scene.get(name) is not None and scene[name] not in names:
            yield place.at(name).error(f"unknown_{name}", f"There is no {name} “{scene[name]}”.")
    out: dict[str, list[Json]] = defaultdict(list)
    for edge in edges:
        out[str(edge.get("from"))].append(edge)
    for index, node in enumerate(nodes):
        spot = Place(f"{place.pointer}/nodes/{index}", f"{place.where}/{node.get('key')}")
        yield from _node(node, scene, out[str(node.get("key"))], known, spot)
    people = {str(node.get("key")): _has_npc(node, scene, known) for node in nodes}
    for index, edge in enumerate(edges):
        yield from _edge(edge, str(scene.get("key")), keys, known, place.at("edges", index), people)
    yield from _unreached(scene, nodes, edges, place)


def _node(node: Json, scene: Json, out: list[Json], known: Known, place: Place) -> Iterator[Problem]:
    meta, kind = obj(node.get("meta")), node.get("kind", "video")
    yield from check_asset(node.get("asset"), known, place.at("asset"))
    yield from check_asset(meta.get("still"), known, place.at("meta", "still"))
    dialogue, jump = obj(meta.get("dialogueConfig")), obj(meta.get("sceneConfig"))
    who = dialogue.get("npc", dialogue.get("npc_id"))
    if who is not None and who not in known.npcs:
        yield place.at("meta", "dialogueConfig", "npc").error("unknown_npc", f"There is no NPC “{who}”.")
    elif dialogue.get("npc_role") and dialogue["npc_role"] not in known.roles:
        yield place.at("meta", "dialogueConfig", "npc_role").error("unknown_role", f"Nobody has the role “{dialogue['npc_role']}”.")
    elif kind == "dialogue" and not _has_npc(node, scene, known):
        yield place.error("no_npc", "The dialogue says neither with whom, nor with which role, and the scene has no NPC.")
    if kind == "scene":
        target = jump.get("scene", jump.get("scene_id"))
        if target is None:
            yield place.at("meta", "sceneConfig").error("missing_scene", "The node does not say which scene it goes to.")
        elif target not in known.scenes:
            yield place.at("meta", "sceneConfig", "scene").error("unknown_scene", f"There is no scene “{target}”.")
    if kind == "choice" and not any(edge.get("label") for edge in out):
        yield place.error("no_choices", "The node has no labelled edge to choose.")
    if kind == "video" and out and not any(not edge.get("label") for edge in out) and all(edge.get("conditions") for edge in out):
        yield place.warning("no_automatic_edge", "When none of its choices is open, the clip has no way on; give it an edge without a label.")
    if kind == "video" and not out:
        yield place.warning("dead_end", "After this clip nothing comes; put an end node after it, if the scene ends here.")
    if kind == "end" and out:
        yield place.warning("edges_after_the_end", "Nothing comes after an end node; its edges are never taken.")


def _has_npc(node: Json, scene: Json, known: Known) -> bool:
    dialogue = obj(obj(node.get("meta")).get("dialogueConfig"))
    return bool(dialogue.get("npc") in known.npcs or dialogue.get("npc_role") in known.roles or scene.get("npc") in known.npcs)


def _edge(edge: Json, scene: str, nodes: list[str], known: Known, place: Place, people: Mapping[str, bool]) -> Iterator[Problem]:
    place = Place(place.pointer, f"scene/{scene}/{edge.get('from')}")
    for name in ("from", "to"):
        if edge.get(name) is not None and edge[name] not in nodes:
            yield place.at(name).error("unknown_node", f"There is no node “{edge[name]}” in this scene.")
    if edge.get("to_scene") is not None and edge["to_scene"] not in known.scenes:
        yield place.at("to_scene").error("unknown_scene", f"There is no scene “{edge['to_scene']}”.")
    if not edge.get("to") and not edge.get("to_scene"):
        yield place.warning("edge_leads_nowhere", "The edge leads out of the scene; use an end node if that is meant.")
    yield from check_conditions(edge.get("conditions"), known, place.at("conditions"), scene)
    yield from check_effects(edge.get("effects"), known, place.at("effects"), npc=people.get(str(edge.get("from")), False))


def _unreached(scene: Json, nodes: list[Json], edges: list[Json], place: Place) -> Iterator[Problem]:
    keys = [str(node.get("key")) for node in nodes]
    start = scene.get("entry_node") if scene.get("entry_node") in keys else next(iter(keys), None)
    if start is None:
        return
    ways: dict[str, set[str]] = defaultdict(set)
    for edge in edges:
        ways[str(edge.get("from"))].add(str(edge.get("to")))
    reached = closure([str(start)], ways)
    for index, key in enumerate(keys):
        if key not in reached:
            spot = Place(f"{place.pointer}/nodes/{index}", f"{place.where}/{key}")
            yield spot.warning("unreachable_node", "No way leads here from the scene's first node.")


def closure(start: Iterable[str], ways: Mapping[str, set[str]]) -> set[str]:
    reached: set[str] = set()
    todo = list(start)
    while todo:
        at = todo.pop()
        if at not in reached:
            reached.add(at)
            todo.extend(ways.get(at, ()))
    return reached


# -- hotspots ---------------------------------------------------------------------------------------------------------
def _hotspots(document: Json, known: Known) -> Iterator[Problem]:
    for index, hotspot in enumerate(entries(document, "hotspots")):
        parent = hotspot.get("location") or hotspot.get("scene")
        place = Place(f"/hotspots/{index}", f"hotspot/{parent or 'world'}/{hotspot.get('key')}")
        for name, names in (("location", known.locations), ("scene", known.scenes)):
            if hotspot.get(name) is not None and hotspot[name] not in names:
                yield place.at(name).error(f"unknown_{name}", f"There is no {name} “{hotspot[name]}”.")
        if not hotspot.get("target") and not hotspot.get("region"):
            yield place.warning("no_target", "There is nothing to click: name an object of the 3-D model or a region of the picture.")
        if not obj(hotspot.get("action")).get("type"):
            yield place.at("action").error("no_action", "The hotspot does nothing.")
        yield from check_action(hotspot.get("action"), known, place.at("action"))
        yield from check_conditions(hotspot.get("conditions"), known, place.at("conditions"), str(hotspot.get("scene") or ""))


def made(document: Json, assets: Mapping[str, Made]) -> list[Problem]:
    """What is wrong with the files a document names: those that are not there, and objects their 3-D models do not have."""
    found: list[Problem] = []
    for index, entry in enumerate(entries(document, "assets")):
        asset = assets.get(str(entry.get("key")))
        if asset is not None and asset.lost:
            found.append(Place(f"/assets/{index}", f"asset/{entry['key']}").warning("missing_asset", asset.lost))
    models = {str(place.get("key")): assets.get(str(place.get("asset"))) for place in entries(document, "locations")}
    for index, hotspot in enumerate(entries(document, "hotspots")):
        model = models.get(str(hotspot.get("location")))
        wrong = flaw(obj(obj(hotspot.get("target")).get("mesh")), model.objects) if model is not None and model.objects else None
        if wrong is not None:
            place = Place(f"/hotspots/{index}/target/mesh", f"hotspot/{hotspot.get('location')}/{hotspot.get('key')}")
            found.append(place.warning(wrong.code, wrong.message))
    return found


# -- the whole story --------------------------------------------------------------------------------------------------
def _story(document: Json, known: Known) -> Iterator[Problem]:
    scenes = {str(scene.get("key")): (index, scene) for index, scene in enumerate(entries(document, "scenes"))}
    if not scenes:
        return
    entry = [key for key, (_, scene) in scenes.items() if scene.get("is_entry")]
    if not entry:
        yield Place("/scenes", "world").warning("no_entry_scene", f"No scene is marked as the entry; a new session starts in “{min(scenes)}”.")
    ways = {key: _leads_to(scene) for key, (_, scene) in scenes.items()}
    reached = closure([*(entry or [min(scenes)]), *_from_outside(document, known)], ways)
    for key, (index, _) in scenes.items():
        if key not in reached:
            yield Place(f"/scenes/{index}", f"scene/{key}").warning("unreachable_scene", "Nothing leads into this scene.")
    yield from _circles(scenes)


def _leads_to(scene: Json) -> set[str]:
    jumps = (obj(obj(node.get("meta")).get("sceneConfig")).get("scene") for node in entries(scene, "nodes"))
    return {str(target) for target in (*jumps, *(edge.get("to_scene") for edge in entries(scene, "edges"))) if target}


def _from_outside(document: Json, known: Known) -> Iterator[str]:
    """Scenes that hotspots and interactions play."""
    sources = [known.manifest.get("interactions"), *(npc.get("interaction_overrides") for npc in entries(document, "npcs"))]
    sources += [obj(role).get("interaction_overrides") for role in obj(known.manifest.get("npc_roles")).values()]
    actions = [obj(interaction).get("action") for source in sources for interaction in obj(source).values()]
    for action in (*actions, *(hotspot.get("action") for hotspot in entries(document, "hotspots"))):
        if obj(action).get("scene"):
            yield str(obj(action)["scene"])


def _circles(scenes: Mapping[str, tuple[int, Json]]) -> Iterator[Problem]:
    """Circles of nodes that wait for nobody: a move would never end."""
    ways: dict[Ref, list[Ref]] = {}
    index: dict[Ref, str] = {}
    for key, (number, scene) in scenes.items():
        for position, node in enumerate(entries(scene, "nodes")):
            ref = (key, str(node.get("key")))
            index[ref] = f"/scenes/{number}/nodes/{position}"
            ways[ref] = list(_automatic(scene, node, scenes))
    for ref in _on_a_circle(ways):
        place = Place(index[ref], "scene/" + "/".join(ref))
        yield place.error("endless_circle", "From here the story runs in a circle that waits for nobody.")


def _automatic(scene: Json, node: Json, scenes: Mapping[str, tuple[int, Json]]) -> Iterator[Ref]:
    """Where a node that does not wait goes on by itself."""
    out = [edge for edge in entries(scene, "edges") if edge.get("from") == node.get("key")]
    targets: list[str] = []
    if node.get("kind") == "scene":
        targets = [str(obj(obj(node.get("meta")).get("sceneConfig")).get("scene"))]
    elif node.get("kind") == "choice" and not any(edge.get("label") for edge in out):
        yield from ((str(scene.get("key")), str(edge["to"])) for edge in out if edge.get("to"))
        targets = [str(edge["to_scene"]) for edge in out if edge.get("to_scene")]
    for target in targets:
        if target in scenes:
            nodes = [str(one.get("key")) for one in entries(scenes[target][1], "nodes")]
            first = scenes[target][1].get("entry_node") or next(iter(nodes), None)
            if first in nodes:
                yield (target, str(first))


def _on_a_circle(ways: Mapping[Ref, list[Ref]]) -> list[Ref]:
    """Nodes from which the ways lead back to themselves: what stays after taking away, what leads nowhere or is led to by nothing."""
    left = {ref: {target for target in targets if target in ways} for ref, targets in ways.items()}
    while True:
        led_to = {target for targets in left.values() for target in targets}
        kept = {ref: targets for ref, targets in left.items() if targets and ref in led_to}
        kept = {ref: {target for target in targets if target in kept} for ref, targets in kept.items()}
        if kept == left:
            return sorted(left)
        left = kept
