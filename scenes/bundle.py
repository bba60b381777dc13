"""The world document, put together from every app's part and stored again; the whole of it as a `.pixsim.zip` or a folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import IO, Any, NamedTuple

from django.db import transaction

from generation.models import Asset
from npcs import bundle as people
from npcs.models import Npc
from pixsim.lib.canonical import plain
from pixsim.lib.errors import FieldError, Invalid
from worlds import archive
from worlds import bundle as places
from worlds.bundle import Entry, Names, keys_of
from worlds.intake import Intake
from worlds.models import Location, World, WorldHistory, WorldState
from worlds.references import keyed
from worlds.services import authored_changed, bump

from . import parts
from .models import Scene

FORMAT, VERSION = archive.FORMAT, archive.VERSION
Ids = dict[str, dict[str, int]]


class Companion(NamedTuple):
    """What travels with a world and is no part of its document: a list under its own name (`worlds.archive.BESIDE`). Apps above register theirs."""

    word: str  # of its parts in the history: `word/<key>`
    entries: Callable[[World], list[Entry]]
    errors: Callable[[Any, str], list[FieldError]]
    save: Callable[[World, list[Entry]], None]


_companions: dict[str, Companion] = {}


def register(name: str, companion: Companion) -> None:
    _companions[name] = companion


def document(world: World) -> tuple[Entry, Ids]:
    """The world as canonical JSON, and which id each key has here. Eleven queries, whatever the world's size, and one for each kind of
    things that authors mentioned by id before they were there."""
    result, ids, _ = assembled(world)
    return result, ids


def assembled(world: World) -> tuple[Entry, Ids, list[Asset]]:
    """The same with the rows of the assets."""
    names = Names(world)
    head = places.world_entry(world, names)
    locations = places.location_entries(world, names)
    npcs = people.npc_entries(world, names)
    scenes = parts.scene_entries(world, names)
    hotspots, hotspot_ids = parts.hotspot_entries(world, names)
    assets, rows = places.asset_entries(world, names)
    result = {
        "format": FORMAT,
        "v": VERSION,
        "world": head,
        "locations": locations,
        "hotspots": hotspots,
        "scenes": scenes,
        "npcs": npcs,
        "assets": assets,
        "renamed": world.renamed,
    }
    ids = {name: names.ids(model) for name, model in (("locations", Location), ("npcs", Npc), ("scenes", Scene), ("assets", Asset))}
    return plain(keyed(world, result)), {**ids, "hotspots": hotspot_ids}, rows


def beside(world: World) -> Entry:
    """What travels with the world and is no part of its releases, by name. One query for each kind."""
    return {name: plain(found) for name, companion in _companions.items() if (found := companion.entries(world))}


def errors(candidate: Any) -> list[FieldError]:
    """Everything that keeps a document from being stored, with pointers. Unknown names inside conditions and the like are not among it:
    they are kept, and `scenes.checks` reports them."""
    found = places.shape_errors(candidate)
    if found:
        return found
    locations, assets = keys_of(candidate.get("locations", ())), places.media_types(candidate)
    npcs = candidate.get("npcs", ())
    found = places.errors(candidate)
    found += people.errors(npcs, locations=locations, assets=assets)
    found += parts.errors(
        candidate, locations=locations, assets=assets, npcs=frozenset(npc["key"] for npc in npcs if isinstance(npc.get("key"), str))
    )
    for name, companion in _companions.items():
        found += companion.errors(candidate.get(name) or [], f"/{name}")
    return found


def save_document(candidate: Any, *, owner: Any, media: Mapping[str, Path] | None = None, actor: Any = None, into: World | None = None) -> World:
    """Store a document as a new world of `owner`, or make `into` like it (things of the same key keep their ids).

    Everything is checked before BEGIN; then it is all or nothing, in statements of at most 500 rows.
    Raises Invalid with a pointer for every problem.
    """
    found = errors(candidate)
    if found:
        raise Invalid(found)
    intake = Intake(owner=owner, entries=candidate.get("assets", []), media=media or {})
    with intake, transaction.atomic():
        world, before = into or World(owner=owner), {}
        if into is not None:
            World.objects.select_for_update().get(pk=into.pk)
            into.refresh_from_db()
            before = _parts(document(into)[0] | beside(into))
        _save(world, candidate, intake)
        _keep_history(world, actor, before, _parts(document(world)[0] | beside(world)) if before else {"world": places.world_part(world)[1]})
    return world


def restore_part(*, world: World, actor: Any, part: str, entry: Entry | None) -> None:
    """Make one part (`npc/captain_mara`) what it was, as an authored change like any other: it has its row of history and can be taken back the
    same way. None takes the part away. Raises Invalid where it refers to what is not there any more."""
    with transaction.atomic():
        World.objects.select_for_update().get(pk=world.pk)
        world.refresh_from_db()
        now, ids = document(world)
        candidate = _with_part(now, part, entry)
        found = errors(candidate)
        if found:
            raise Invalid(found)
        names = Names(world)
        names.learn(Asset, ids["assets"].items())
        _save_parts(world, {**candidate, "renamed": world.renamed}, names)
        _keep_history(world, actor, _parts(now), _parts(document(world)[0]))


def _with_part(whole: Entry, part: str, entry: Entry | None) -> Entry:
    if part == "world":
        if entry is None:
            raise Invalid("A world itself is not taken away here.")
        return {**whole, "world": entry}
    name = {"location": "locations", "npc": "npcs", "scene": "scenes", "hotspot": "hotspots"}.get(part.partition("/")[0])
    if name is None:
        raise Invalid("This part has no versions to go back to.")
    same = parts.hotspot_id if name == "hotspots" else _key_of
    key = part.partition("/")[2]
    rest = [one for one in whole[name] if same(one) != key]
    if entry is not None and entry.get("is_entry"):
        rest = [{**one, "is_entry": False} if one.get("is_entry") else one for one in rest]
    return {**whole, name: [*rest, entry] if entry is not None else rest}


def _key_of(entry: Mapping[str, Any]) -> str:
    return str(entry["key"])


def _as_met(candidate: Entry) -> list[str]:
    """The names of its assets in the order in which a player meets them: poster, entry scene, places, people, other scenes."""
    scenes = sorted(candidate.get("scenes", []), key=lambda scene: not scene.get("is_entry"))
    parts_as_met = [scenes[:1], candidate.get("locations", []), candidate.get("npcs", []), scenes[1:]]
    return [candidate["world"].get("poster", ""), *_named(parts_as_met)]


def _named(part: Any) -> Iterator[str]:
    """Every name of an asset within a part of a document, in order."""
    if isinstance(part, list):
        for inner in part:
            yield from _named(inner)
    elif isinstance(part, dict):
        for key, inner in part.items():
            if key in {"asset", "picture", "still"} and isinstance(inner, str):
                yield inner
            else:
                yield from _named(inner)


def _save(world: World, candidate: Entry, intake: Intake) -> None:
    world.name, world.meta, world.renamed = candidate["world"]["name"], candidate["world"].get("meta", {}), candidate.get("renamed", {})
    if world.pk is None:
        world.save()
        WorldState.objects.create(world=world)
    names = Names(world, fresh=True)
    places.save_assets(world=world, assets=intake.rows(met=_as_met(candidate)), names=names)
    _save_parts(world, candidate, names)


def _save_parts(world: World, candidate: Entry, names: Names) -> None:
    world.name, world.meta = candidate["world"]["name"], candidate["world"].get("meta", {})
    world.poster_id = names.id(Asset, candidate["world"].get("poster"))
    world.save()
    found_places = places.save_locations(world=world, entries=candidate.get("locations", []), names=names)
    found_people = people.save_npcs(world=world, entries=candidate.get("npcs", []), names=names)
    scenes, hotspots = candidate.get("scenes", []), candidate.get("hotspots", [])
    found_scenes = parts.save_scenes(world=world, entries=scenes, hotspots=hotspots, names=names)
    parts.prune_scenes(found_scenes, scenes, hotspots)
    people.prune_npcs(found_people, candidate.get("npcs", []), names)
    for name, companion in _companions.items():
        if name in candidate:  # a release that comes back does not speak of them
            companion.save(world, candidate[name])
    places.prune(Location, found_places, [entry["key"] for entry in candidate.get("locations", [])])


def _parts(whole: Entry) -> dict[str, Entry]:
    """The parts of a document under the names the history has for them."""
    found = {"world": whole["world"], "assets": whole["assets"], **{f"hotspot/{parts.hotspot_id(entry)}": entry for entry in whole["hotspots"]}}
    for name, word in (("locations", "location"), ("npcs", "npc"), ("scenes", "scene")):
        found |= {f"{word}/{entry['key']}": entry for entry in whole[name]}
    for name, companion in _companions.items():
        found |= {f"{companion.word}/{entry['key']}": entry for entry in whole.get(name) or ()}
    return found


def _keep_history(world: World, actor: Any, before: Mapping[str, Entry], after: Mapping[str, Entry]) -> None:
    """What `worlds.services.authored` does for one part at a time, for all of them in few statements."""
    changed = sorted(part for part in before.keys() | after.keys() if before.get(part) != after.get(part))
    if changed and before:
        bump(world)
    version = world.draft_version
    rows = [WorldHistory(world=world, version=version, part=part, before=before.get(part), after=after.get(part), actor=actor) for part in changed]
    WorldHistory.objects.bulk_create(rows, batch_size=500)
    if changed:
        facts = {"world_id": world.pk, "version": version, "parts": changed, "actor_id": getattr(actor, "pk", None)}
        transaction.on_commit(lambda: authored_changed.send(sender=World, **facts))


# -- files ------------------------------------------------------------------------------------------------------------
def export(world: World, file: IO[bytes]) -> int:
    """Write the world's `.pixsim.zip`; how many of its assets have no file here yet. Assets with a recipe go without their file."""
    result, _, assets = assembled(world)
    media = {asset.sha256: (f"{asset.sha256}.{_suffix(asset)}", partial(asset.file.open, "rb")) for asset in assets if _bytes_travel(asset)}
    archive.write_zip(file, result | beside(world), media.values())
    return sum(not asset.file for asset in assets)


def _bytes_travel(asset: Asset) -> bool:
    return asset.recipe is None and bool(asset.file) and bool(asset.sha256)


SUFFIXES = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/webp": "webp",
    "video/mp4": "mp4",
    "video/webm": "webm",
    "model/gltf-binary": "glb",
    "model/gltf+json": "gltf",
    "audio/mpeg": "mp3",
    "audio/ogg": "ogg",
    "audio/wav": "wav",
}


def _suffix(asset: Asset) -> str:
    return SUFFIXES.get(asset.mime, "bin")


def import_zip(file: IO[bytes], *, owner: Any) -> World:
    """A new world from a stranger's archive. Raises Invalid, TooLarge."""
    with archive.read_zip(file) as bundle:
        return save_document(bundle.document, owner=owner, media=bundle.media, actor=owner)


def load_folder(path: Path, *, owner: Any, into: World | None = None) -> World:
    """A world from a folder of JSON, such as The Harbor District."""
    bundle = archive.read_folder(path)
    return save_document(bundle.document, owner=owner, media=bundle.media, actor=owner, into=into)
