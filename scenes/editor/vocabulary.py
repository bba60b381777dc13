"""What an author may choose from while editing a scene: the names of the world, and the schemas of the forms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.urls import reverse

from generation.models import Asset
from generation.providers.base import Operation
from pixsim.lib import schema
from worlds import picks as offered
from worlds.checks import Known, obj
from worlds.manifest import moods
from worlds.models import WorldAsset
from worlds.rules import packages
from worlds.rules.words import title

from .. import bundle, making, services
from ..forms import SUGGESTIONS
from ..models import Scene, SceneNode
from .draft import picture_of, words_of

Json = dict[str, Any]
FORMS = {"node": "scenes/node_meta", "conditions": "worlds/conditions", "effects": "worlds/effects", "edge": "scenes/edge_meta"}
MAX_ASSETS = 1000
SHOWN = (Asset.MediaType.IMAGE, Asset.MediaType.VIDEO)


def vocabulary(*, scene: Scene, user: Any) -> Json:
    """Everything the editor's pickers and forms are made of. About twenty queries and two for each provider, whatever the world's size."""
    world = scene.world
    document, ids = bundle.document(world)
    known, words = Known(document), words_of(document, scene.key)
    enabled = packages.enabled(world.manifest)
    axes = packages.felt_axes(enabled)
    brought: dict[str, Any] = {"axes": axes, "places": sorted(words.places), "moods": moods(enabled)}
    scenes = {row.key: row for row in Scene.objects.filter(world=world).order_by("title", "pk")}
    assets = _assets(scene)
    people = [{"value": key, "title": words.people[key]} for key in sorted(words.people, key=lambda key: words.people[key])]
    return {
        "scene": {"id": scene.pk, "key": scene.key, "title": scene.title, "npc": scene.npc.key if scene.npc else None},
        "world": {"id": world.pk, "name": world.name},
        "limits": {"nodes": services.MAX_NODES, "edges": services.MAX_EDGES},
        "kinds": [{"value": value, "title": label, "block": _block(value)} for value, label in SceneNode.Kind.choices],
        "forms": {name: schema.build(file, **brought) for name, file in FORMS.items()},
        "picks": {
            **{kind: [{"value": value, "title": called} for value, called in pairs] for kind, pairs in offered.of(world).items()},
            "flags": _named({key: words.flags.get(key, title(key)) for key in known.flags}),
            "places": _named(words.places),
            "people": [{"value": "npc", "title": _here(scene)}, *({**one, "value": f"npc:{one['value']}"} for one in people)],
            "npcs": [{**one, "id": ids["npcs"].get(one["value"])} for one in people],
            "roles": _named({key: title(key) for key in {*known.roles, *obj(known.manifest.get("npc_roles"))}}),
            "scenes": [{"value": key, "title": row.title, "id": row.pk, "url": _graph_url(row)} for key, row in scenes.items()],
            "nodes": _nodes(document, scene),
            "interactions": _named(_interactions(document, known)),
            "pictures": [{"value": one["key"], "title": one["title"], "picture": one["picture"]} for one in assets if one["key"]],
            "assets": [{"value": one["id"], "title": one["title"], "picture": one["picture"], "media_type": one["media_type"]} for one in assets],
            "providers": [{"value": one["id"], "title": one["choice"], "usable": one["usable"]} for one in making.providers_for(user)],
            "operations": [{"value": str(one), "title": title(str(one))} for one in Operation],
        },
        "suggestions": {name: list(values) for name, values in SUGGESTIONS.items()},
        "leads_here": _leads_here(document, scene.key),
    }


def _graph_url(scene: Scene) -> str:
    return reverse("admin:scenes_scene_graph", args=[scene.pk])


def _block(kind: str) -> str | None:
    """Where a node of this kind keeps its settings."""
    return next((block for block, of in services.CONFIGS if of == kind), None)


def _named(names: Mapping[str, str]) -> list[Json]:
    return sorted(({"value": key, "title": name} for key, name in names.items()), key=lambda one: (one["title"].casefold(), one["value"]))


def _here(scene: Scene) -> str:
    return f"The NPC of this moment ({scene.npc.name})" if scene.npc else "The NPC of this moment"


def _assets(scene: Scene) -> list[Json]:
    """The pictures and clips of the world's owner and those the world uses, newest first. Two queries."""
    named = dict(WorldAsset.objects.filter(world=scene.world_id).order_by("-key").values_list("asset_id", "key"))
    rows = Asset.objects.filter(media_type__in=SHOWN)
    found = [*rows.filter(pk__in=named).order_by("-pk")[:MAX_ASSETS], *rows.filter(owner=scene.world.owner_id).order_by("-pk")[:MAX_ASSETS]]
    unique = sorted({row.pk: row for row in found}.values(), key=lambda row: -row.pk)
    return [
        {
            "id": row.pk,
            "key": named.get(row.pk),
            "title": row.label or named.get(row.pk) or f"Asset {row.pk}",
            "picture": picture_of(row),
            "media_type": row.media_type,
        }
        for row in unique
    ]


def _nodes(document: Json, scene: Scene) -> list[Json]:
    """Nodes of the other scenes as `scene/node`; those of this one the editor has itself."""
    return [
        {"value": f"{other['key']}/{node['key']}", "title": f"{other['title']}: {node.get('label') or title(node['key'])}"}
        for other in document["scenes"]
        if other["key"] != scene.key
        for node in other.get("nodes", ())
    ]


def _interactions(document: Json, known: Known) -> Mapping[str, str]:
    sources = [known.manifest.get("interactions"), *(npc.get("interaction_overrides") for npc in document["npcs"])]
    return {key: str(obj(value).get("label") or title(key)) for source in sources for key, value in obj(source).items()}


def _leads_here(document: Json, key: str) -> list[str]:
    """What of the rest of the world leads into the scene, in words."""
    return [*_from_scenes(document, key), *_from_hotspots(document, key), *_from_people(document, key)]


def _from_scenes(document: Json, key: str) -> Iterable[str]:
    for scene in document["scenes"]:
        jumps = any(obj(obj(node.get("meta")).get("sceneConfig")).get("scene") == key for node in scene.get("nodes", ()))
        if scene["key"] != key and (jumps or any(edge.get("to_scene") == key for edge in scene.get("edges", ()))):
            yield f"From “{scene['title']}”"


def _from_hotspots(document: Json, key: str) -> Iterable[str]:
    for hotspot in document["hotspots"]:
        if obj(hotspot.get("action")).get("scene") == key:
            yield f"By the hotspot “{title(hotspot['key'])}”"


def _from_people(document: Json, key: str) -> Iterable[str]:
    manifest = obj(obj(document["world"].get("meta")).get("manifest"))
    people = [(f"with {npc['name']}", npc.get("interaction_overrides")) for npc in document["npcs"]]
    for who, source in (("with anybody", manifest.get("interactions")), *people):
        for name, value in obj(source).items():
            if obj(obj(value).get("action")).get("scene") == key:
                yield f"By “{obj(value).get('label') or title(name)}” {who}"
