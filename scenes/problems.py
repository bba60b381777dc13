"""What is wrong with a world as it is now: each problem with the page that mends it and, where the answer is sure or likely, a fix."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from django.db import transaction
from django.urls import reverse

from generation.models import Asset
from pixsim.lib.errors import NotFound
from pixsim.lib.schema_words import SchemaError
from worlds import fixes
from worlds.bundle import Entry
from worlds.checks import ERROR, Known, Problem
from worlds.fixes import Fix
from worlds.models import World
from worlds.rules.words import title
from worlds.services import free_key

from . import bundle, checks, parts
from .objects import flaw

Ids = Mapping[str, Mapping[str, int]]
Makes = Mapping[str, checks.Made]
Add = Callable[[World, Entry], Iterable[Problem]]


class Told(NamedTuple):
    """A problem with where it is mended; `fix` is a title and a patch of the document."""

    problem: Problem
    url: str
    fix: Fix | None

    def as_json(self) -> dict[str, Any]:
        return {**self.problem.as_json(), "url": self.url, "fix": self.fix["title"] if self.fix else None}


def told(world: World, *, also: Add | None = None) -> list[Told]:
    """Every problem of the draft, errors first. `also` adds what a higher app knows. The queries of the document."""
    document, ids, assets = _read(world)
    found = [*checks.problems(document), *checks.made(document, assets), *(also(world, document) if also else ())]
    picks = _picks(document)
    return [Told(one, address(one, world, ids), _fix(one, document, picks, assets)) for one in sorted(found, key=lambda one: one.severity != ERROR)]


def counts(world: World) -> dict[str, int]:
    document, _, assets = _read(world)
    severities = [one.severity for one in (*checks.problems(document), *checks.made(document, assets))]
    return {"errors": severities.count("error"), "warnings": severities.count("warning")}


@transaction.atomic
def mend(*, world: World, actor: Any, code: str, pointer: str) -> str:
    """Do what the fix of a problem says, as an authored change of the part it stands in; what was done, in words.

    Raises NotFound where the problem or its fix is gone, Invalid where the change does not fit the world.
    """
    World.objects.select_for_update().get(pk=world.pk)
    found = next((one for one in told(world) if one.problem.code == code and one.problem.pointer == pointer and one.fix), None)
    if found is None or found.fix is None:
        raise NotFound("This problem is gone already, or has changed.")
    document, _ = bundle.document(world)
    part, entry = _part(fixes.applied(document, found.fix["patch"]), found.fix["patch"][0]["path"])
    bundle.restore_part(world=world, actor=actor, part=part, entry=entry)
    return str(found.fix["title"])


def _read(world: World) -> tuple[Entry, Ids, Makes]:
    document, ids, rows = bundle.assembled(world)
    made = {row.pk: checks.Made(_lost(row), row.meta.get("objects") or ()) for row in rows}
    return document, ids, {key: made[pk] for key, pk in ids["assets"].items() if pk in made}


def _lost(asset: Asset) -> str:
    if asset.status == Asset.Status.FAILED:
        return f"“{asset}” could not be made. {asset.error}".strip()
    return f"“{asset}” has no file, and nothing makes one." if asset.recipe is None and not asset.file and asset.status == Asset.Status.READY else ""


def _part(document: Entry, pointer: str) -> tuple[str, Entry]:
    """The part of the history in which a pointer stands, and what it is in the document."""
    name, _, rest = pointer.removeprefix("/").partition("/")
    if name == "world":
        return "world", document["world"]
    entry: Entry = document[name][int(rest.partition("/")[0])]
    word = {"locations": "location", "npcs": "npc", "scenes": "scene", "hotspots": "hotspot"}[name]
    return f"{word}/{parts.hotspot_id(entry) if word == 'hotspot' else entry['key']}", entry


# -- where it is mended -----------------------------------------------------------------------------------------------
NPC_PARTS = {"schedule": "week", "expressions": "faces", "interaction_overrides": "interactions", "initial": "beginning", "home": "id_home_location",
             "pinned": "id_pinned", "role": "id_role"}  # fmt: skip
HOTSPOT_PARTS = {"conditions": "id_conditions", "action": "id_scene", "target": "hotspot-form"}


def address(problem: Problem, world: World, ids: Ids) -> str:
    """The page where a problem is mended, at its field where that page has one."""
    kind, _, key = problem.where.partition("/")
    inside = problem.pointer.split("/")[3:]
    first = inside[0] if inside else ""
    if kind == "location" and key in ids["locations"]:
        return _page("worlds_location_change", ids["locations"][key]) + _field(inside)
    if kind == "npc" and key in ids["npcs"]:
        return _page("npcs_npc_change", ids["npcs"][key]) + f"#{NPC_PARTS.get(first, 'who')}"
    if kind == "scene" and key.partition("/")[0] in ids["scenes"]:
        scene, _, node = key.partition("/")
        if node or first in ("nodes", "edges"):
            return _page("scenes_scene_graph", ids["scenes"][scene]) + (f"#node/{node}" if node else "")
        return _page("scenes_scene_change", ids["scenes"][scene]) + _field(inside)
    if kind == "hotspot" and key in ids["hotspots"]:
        place = ids["locations"].get(key.partition("/")[0])
        if place is None or key.startswith("world/"):
            return _page("scenes_hotspot_change", ids["hotspots"][key]) + _field(inside)
        return _page("scenes_hotspot_place", place) + f"?hotspot={ids['hotspots'][key]}#{HOTSPOT_PARTS.get(first, 'hotspot-form')}"
    if kind == "asset" and key in ids["assets"]:
        return reverse("asset_page", args=[ids["assets"][key]])
    if problem.code == "no_entry_scene":
        return f"{reverse('admin:scenes_scene_changelist')}?of_world={world.pk}"
    return _page("worlds_world_change", world.pk) + f"#id_meta{problem.pointer.removeprefix('/world/meta')}"


def _page(name: str, pk: int) -> str:
    return reverse(f"admin:{name}", args=[pk])


def _field(inside: list[str]) -> str:
    return f"#id_{'/'.join(inside)}" if inside else ""


# -- what one click would do ------------------------------------------------------------------------------------------
def _picks(document: Entry) -> dict[str, list[tuple[str, str]]]:
    known = Known(document)
    names = {
        "places": known.locations, "npcs": known.npcs, "scenes": known.scenes, "nodes": known.nodes, "tiers": known.tiers, "flags": known.set_flags,
        "stats": known.declarations.stats, "items": known.declarations.items, "turn_presets": known.presets,
    }  # fmt: skip
    return {kind: [(key, title(key)) for key in sorted(keys)] for kind, keys in names.items()}


def _fix(problem: Problem, document: Entry, picks: Any, assets: Makes) -> Fix | None:
    make = FIXES.get(problem.code)
    if make is not None:
        return make(problem, document, assets)
    if problem.pointer.endswith("/entry_node"):
        return {"title": "Start at its first node", "patch": [{"op": "remove", "path": problem.pointer}]}
    return fixes.fix(SchemaError(problem.pointer, problem.code, problem.message), document, picks)


def _declared(problem: Problem, document: Entry, assets: Makes) -> Fix:
    key = str(fixes.at(document, problem.pointer)).removeprefix("!")
    return {"title": f"Declare “{key}”", "patch": [{"op": "add", "path": f"/world/meta/manifest/flags/{key}", "value": {"title": title(key)}}]}


def _started(problem: Problem, document: Entry, assets: Makes) -> Fix:
    index, scene = min(enumerate(document["scenes"]), key=lambda pair: pair[1]["key"])
    return {"title": f"Start in “{scene.get('title') or scene['key']}”", "patch": [{"op": "add", "path": f"/scenes/{index}/is_entry", "value": True}]}


def _ended(problem: Problem, document: Entry, assets: Makes) -> Fix:
    _, _, scene, _, node, *_ = problem.pointer.split("/")
    entry = document["scenes"][int(scene)]
    end = free_key("end", {one["key"] for one in entry["nodes"]})
    edge = free_key("to_the_end", {one["key"] for one in entry.get("edges", ())})
    steps = [
        ("nodes", {"key": end, "kind": "end", "label": "The end"}),
        ("edges", {"key": edge, "from": entry["nodes"][int(node)]["key"], "to": end}),
    ]
    return {"title": "Put an end after it", "patch": [{"op": "add", "path": f"/scenes/{scene}/{name}/-", "value": value} for name, value in steps]}


def _bound(problem: Problem, document: Entry, assets: Makes) -> Fix | None:
    hotspot = document["hotspots"][int(problem.pointer.split("/")[2])]
    place: Entry = next((one for one in document["locations"] if one["key"] == hotspot.get("location")), {})
    model = assets.get(str(place.get("asset")))
    wrong = flaw(hotspot["target"]["mesh"], model.objects) if model else None
    if wrong is None or wrong.suggestion is None or wrong.code != "missing_object":
        return None
    name = wrong.suggestion["object_name"]
    return {"title": f"Use “{name}”", "patch": [{"op": "replace", "path": problem.pointer, "value": dict(wrong.suggestion)}]}


FIXES: dict[str, Callable[[Problem, Entry, Makes], Fix | None]] = {
    "undeclared_flag": _declared,
    "no_entry_scene": _started,
    "dead_end": _ended,
    "missing_object": _bound,
}
