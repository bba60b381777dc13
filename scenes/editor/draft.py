"""A graph as it stands in the editor, saved or not: its conditions and effects in words, its pictures and people, and what is wrong with it.

Nothing is written. The draft takes its scene's place in the world document, and the document is checked as it is for publishing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from generation.models import Asset
from generation.queries import asset_url, poster_url
from pixsim.lib.canonical import plain
from pixsim.lib.errors import Invalid
from worlds.bundle import Entry, Names
from worlds.checks import ERROR, Known, Problem, obj
from worlds.rules import telling
from worlds.rules.words import Names as Words
from worlds.rules.words import number, span, title

from .. import bundle, checks, services
from ..models import Scene

Json = dict[str, Any]
FIELDS = {"key": "id", "asset": "asset_id", "from": "from_node_id", "to": "to_node_id", "to_scene": "to_scene_id", "label": "choice_label"}
"""What the document calls otherwise than the API; a node's label stays one."""
STRATEGIES = {"per_player": "A {} for each player", "per_playthrough": "A {} for each playthrough", "always": "A new {} every time"}


def told(*, scene: Scene, data: Mapping[str, Any]) -> Json:
    """The draft's nodes and edges by key, and its problems. Raises Invalid for what could not be saved. About fifteen queries, whatever its size."""
    draft = drafted(scene=scene, data=data)
    document, entry, index, by_name = draft.document, draft.entry, draft.number, draft.assets
    words = words_of(document, scene.key)
    people = {npc["key"]: npc for npc in document["npcs"]}
    return {
        "nodes": {node["key"]: _node(node, document["scenes"][index], by_name, people, words, document) for node in entry["nodes"]},
        "edges": {edge["key"]: _edge(edge, words, document) for edge in entry["edges"]},
        "problems": list(_problems(checks.problems(document), index, entry)),
    }


class Drafted(NamedTuple):
    """A world's document with a scene's draft in the scene's place (its `number`). `ids` of its things here, `assets` rows by name."""

    document: Entry
    ids: bundle.Ids
    entry: Entry
    number: int
    assets: Mapping[str, Asset]


def drafted(*, scene: Scene, data: Mapping[str, Any]) -> Drafted:
    """Writes nothing. Raises Invalid for what could not be saved."""
    document, ids, rows = bundle.assembled(scene.world)
    names = Names(scene.world)
    before = [pk for pk in scene.nodes.values_list("asset_id", flat=True) if pk]
    known = services.usable_assets(scene, data["nodes"], prefix="/nodes", present=before)
    called = {pk: str(names.key(Asset, pk)) for pk in known}
    entry = services.graph_entry(scene, data, names, called)
    index = _put(document, scene, entry, data.get("entry_node_id"), called.values())
    by_name = dict(zip((asset["key"] for asset in document["assets"]), rows, strict=False))
    by_name |= {called[pk]: asset for pk, asset in known.items()}
    ids = {**ids, "assets": {**ids["assets"], **{key: pk for pk, key in called.items()}}}
    return Drafted(plain(document), ids, plain(entry), index, by_name)


def unfinished(data: Any, refused: Invalid) -> Json:
    """The answer for a draft in which single nodes or edges are not fit to be saved. Raises `refused` again where it is about anything else."""
    problems = []
    for error in refused.errors:
        parts = error.pointer.strip("/").split("/")
        if len(parts) < 3 or parts[0] not in ("nodes", "edges") or not parts[1].isdigit():
            raise refused
        key = str(data[parts[0]][int(parts[1])].get("id") or "")
        about = {"node": key if parts[0] == "nodes" else None, "edge": key if parts[0] == "edges" else None}
        problems.append({**error._asdict(), **about, "severity": ERROR})
    return {"nodes": {}, "edges": {}, "problems": problems}


def words_of(document: Entry, scene_key: str = "") -> Words:
    """What the things of a document are called; the nodes of one scene also by their bare keys."""
    known = Known(document)
    affinity = known.packages["relationships"].tiers.get("affinity") if "relationships" in known.packages else None
    named = {name: obj(known.manifest.get(name)) for name in ("flags", "stats", "items")}
    titles = {name: {key: str(obj(value).get("title") or title(key)) for key, value in values.items()} for name, values in named.items()}
    nodes: dict[str, str] = {}
    for scene in document["scenes"]:
        for node in scene.get("nodes", ()):
            name = node.get("label") or title(node["key"])
            nodes[f"{scene['key']}/{node['key']}"] = name
            if scene["key"] == scene_key:
                nodes[node["key"]] = name
    return Words(
        flags=titles["flags"],
        stats=titles["stats"],
        items=titles["items"],
        places={place["key"]: place["name"] for place in document["locations"]},
        people={npc["key"]: npc["name"] for npc in document["npcs"]},
        tiers={tier.key: tier.title for tier in affinity.tiers} if affinity else {},
        nodes=nodes,
    )


def _put(document: Entry, scene: Scene, entry: Entry, start: Any, assets: Iterable[str]) -> int:
    """The draft in the place of its scene, which has a number in the document."""
    index = next(number for number, one in enumerate(document["scenes"]) if one["key"] == scene.key)
    first = entry["nodes"][0]["key"] if entry["nodes"] else None
    keys = {node["key"] for node in entry["nodes"]}
    document["scenes"][index] = {
        **document["scenes"][index],
        "nodes": entry["nodes"],
        "edges": entry["edges"],
        "entry_node": next((key for key in (start, scene.entry_node) if key in keys), first),
    }
    named = {asset["key"] for asset in document["assets"]}
    document["assets"] = [*document["assets"], *({"key": key} for key in assets if key not in named)]
    return index


# -- nodes ------------------------------------------------------------------------------------------------------------
def _node(node: Json, scene: Json, assets: Mapping[str, Asset], people: Mapping[str, Json], words: Words, document: Entry) -> Json:
    meta = obj(node.get("meta"))
    asset = assets.get(str(node.get("asset") or "")) or assets.get(str(meta.get("still") or ""))
    return {
        "picture": picture_of(asset),
        "clip": asset_url(asset) if asset is not None and asset.media_type == Asset.MediaType.VIDEO else None,
        "who": _who(node, scene, people),
        "words": list(_said(node, meta, document)),
    }


def picture_of(asset: Asset | None) -> str | None:
    """The poster of a clip, or the picture itself."""
    if asset is None:
        return None
    return poster_url(asset) or (asset_url(asset) if asset.media_type == Asset.MediaType.IMAGE else None)


def _who(node: Json, scene: Json, people: Mapping[str, Json]) -> str | None:
    """Whom the node is about: the one it names, anybody of a role, for a dialogue the scene's own."""
    meta = obj(node.get("meta"))
    talk, made = obj(meta.get("dialogueConfig")), obj(meta.get("generationConfig"))
    named = talk.get("npc") or made.get("npc")
    if named is None and talk.get("npc_role"):
        return f"Any {title(str(talk['npc_role'])).lower()}"
    if named is None and (node.get("kind") == "dialogue" or made.get("type") in ("character", "dialogue")):
        named = scene.get("npc")
    if not named:
        return None
    return str(people[str(named)]["name"]) if str(named) in people else title(str(named))


def _said(node: Json, meta: Mapping[str, Any], document: Entry) -> Iterator[str]:
    video, choice, made = obj(meta.get("videoConfig")), obj(meta.get("choiceConfig")), obj(meta.get("generationConfig"))
    kind = node.get("kind")
    if kind == "scene":
        jump = obj(meta.get("sceneConfig"))
        if jump.get("scene"):
            yield f"To “{scene_title(document, jump['scene'])}”{', and back' if jump.get('returns') else ''}"
    if kind == "end" and obj(meta.get("endConfig")).get("outcome"):
        yield f"Outcome: {obj(meta.get('endConfig'))['outcome']}"
    if choice.get("prompt"):
        yield str(choice["prompt"])
    if kind == "video" and node.get("loopable"):
        yield "Loops"
    if kind == "video" and node.get("skippable") is False:
        yield "Cannot be skipped"
    reveal = choice.get("reveal_at_sec", video.get("reveal_at_sec"))
    if isinstance(reveal, int | float):
        yield f"Choices after {number(reveal)} s"
    if meta.get("free"):
        yield "Free to move"
    if made.get("strategy") in STRATEGIES:
        yield STRATEGIES[made["strategy"]].format("line" if kind != "video" and made.get("type") == "dialogue" else "clip")
    if meta.get("text") and not choice.get("prompt"):
        yield str(meta["text"])[:160]


def scene_title(document: Entry, key: Any) -> str:
    return next((str(scene["title"]) for scene in document["scenes"] if scene["key"] == key), str(key))


# -- edges ------------------------------------------------------------------------------------------------------------
def _edge(edge: Json, words: Words, document: Entry) -> Json:
    meta = obj(edge.get("meta"))
    said = ["Only once"] if meta.get("once") else []
    if meta.get("cooldown_sec"):
        said.append(f"Again after {span(int(meta['cooldown_sec']))}")
    if meta.get("hide_locked"):
        said.append("Hidden while locked")
    return {
        "conditions": telling.requirements(edge.get("conditions"), words),
        "effects": telling.outcomes(edge.get("effects"), words),
        "words": said,
        "scene": scene_title(document, edge["to_scene"]) if edge.get("to_scene") else None,
    }


# -- problems ---------------------------------------------------------------------------------------------------------
def _problems(found: Iterable[Problem], index: int, entry: Entry) -> Iterator[Json]:
    """Those of the draft's own scene, each with the node or edge it is about and a pointer into the graph as the API has it."""
    head = f"/scenes/{index}"
    for problem in found:
        if problem.pointer != head and not problem.pointer.startswith(f"{head}/"):
            continue
        parts = problem.pointer.removeprefix(head).strip("/").split("/")
        things = {"nodes": "node", "edges": "edge"}
        about = entry[parts[0]][int(parts[1])]["key"] if parts[0] in things and len(parts) > 1 else None
        yield {
            "pointer": "".join(f"/{part}" for part in _renamed(parts) if part),
            "node": about if parts[0] == "nodes" else None,
            "edge": about if parts[0] == "edges" else None,
            "code": problem.code,
            "message": problem.message,
            "severity": problem.severity,
        }


def _renamed(parts: list[str]) -> list[str]:
    if len(parts) < 3 or (parts[0] == "nodes" and parts[2] == "label"):
        return ["entry_node_id"] if parts == ["entry_node"] else parts
    return [*parts[:2], FIELDS.get(parts[2], parts[2]), *parts[3:]]
