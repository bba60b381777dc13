"""The world's own part of its document: the head, the names of its assets, its places. Ids become keys here, and keys ids."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from django.db import models

from generation import recipes
from generation.models import Asset
from generation.queries import wrong_kind
from pixsim.lib import schema
from pixsim.lib.errors import FieldError
from pixsim.lib.fields import SchemaField

from .models import MODEL, PICTURE, POSTER, Location, World, WorldAsset

BATCH = 500
Entry = dict[str, Any]
Row = TypeVar("Row", bound=models.Model)
Key = TypeVar("Key", bound=Hashable)


class Names:
    """Which id stands for which key in one world. Each table is read once, when its first name is asked for; never if `fresh`."""

    def __init__(self, world: World, *, fresh: bool = False) -> None:
        self.world = None if fresh else world
        self._keys: dict[type[models.Model], dict[int, str]] = {}
        self._ids: dict[type[models.Model], dict[str, int]] = {}
        self.unnamed: set[int] = set()

    def key(self, model: type[models.Model], pk: int | None) -> str | None:
        """The key of a row; an asset nobody named yet is called `asset_<id>`."""
        if pk is None:
            return None
        self._load(model)
        found = self._keys[model].get(pk)
        if found is None and model is Asset:
            found = f"asset_{pk}"
            while found in self._ids[Asset]:
                found += "_"
            self.learn(Asset, [(found, pk)])
            self.unnamed.add(pk)
        return found

    def id(self, model: type[models.Model], key: Any) -> int | None:
        if key is None or not isinstance(key, str):
            return None
        self._load(model)
        return self._ids[model].get(key)

    def ids(self, model: type[models.Model]) -> dict[str, int]:
        self._load(model)
        return dict(sorted(self._ids[model].items()))

    def learn(self, model: type[models.Model], pairs: Iterable[tuple[str, int]]) -> None:
        ids, keys = self._ids.setdefault(model, {}), self._keys.setdefault(model, {})
        for key, pk in pairs:
            ids[key] = pk
            keys.setdefault(pk, key)

    def _load(self, model: type[models.Model]) -> None:
        if model in self._ids:
            return
        if self.world is None or self.world.pk is None:
            self.learn(model, [])
        elif model is Asset:
            self.learn_assets(WorldAsset.objects.filter(world=self.world).select_related("asset"))
        else:
            self.learn(model, model._default_manager.filter(world=self.world).values_list("key", "pk"))

    def learn_assets(self, rows: Iterable[WorldAsset]) -> None:
        """Assets with the same content share their first name, so that a world reads the same wherever it is imported."""
        first: dict[Hashable, str] = {}
        ids, keys = self._ids.setdefault(Asset, {}), self._keys.setdefault(Asset, {})
        for row in sorted(rows, key=lambda row: row.key):  # not the database's order: collations differ
            ids[row.key] = row.asset_id
            keys.setdefault(row.asset_id, first.setdefault(_content(row.asset), row.key))


def _content(asset: Asset) -> Hashable:
    return (asset.media_type, asset.recipe_sha256 or asset.sha256 or asset.pk)


def tidy(**fields: Any) -> Entry:
    """An entry of the document without what is empty; numbers and booleans are never empty."""
    return {key: value for key, value in fields.items() if value is not None and value != "" and value != {} and value != []}


# -- from rows --------------------------------------------------------------------------------------------------------
def world_entry(world: World, names: Names) -> Entry:
    meta = {key: value for key, value in world.meta.items() if key != "manifest" or value}
    return {"name": world.name, "meta": meta, **tidy(poster=names.key(Asset, world.poster_id))}


def location_entry(location: Location, names: Names) -> Entry:
    return tidy(
        key=location.key,
        name=location.name,
        x=location.x,
        y=location.y,
        asset=names.key(Asset, location.asset_id),
        picture=names.key(Asset, location.picture_id),
        default_spawn=location.default_spawn,
        travel_conditions=location.travel_conditions,
        meta=location.meta,
    )


def location_entries(world: World, names: Names) -> list[Entry]:
    """One query."""
    rows = sorted(Location.objects.filter(world=world), key=lambda row: row.key)
    names.learn(Location, ((row.key, row.pk) for row in rows))
    return [location_entry(row, names) for row in rows]


def asset_entries(world: World, names: Names) -> tuple[list[Entry], list[Asset]]:
    """Every named asset and every one the other parts used without a name (so call it last), as entries and as rows. At most two queries."""
    rows = [(row.key, row.asset) for row in WorldAsset.objects.filter(world=world).select_related("asset")]
    if names.unnamed:
        rows += [(str(names.key(Asset, asset.pk)), asset) for asset in Asset.objects.filter(pk__in=names.unnamed)]
    rows.sort(key=lambda row: row[0])
    return [asset_entry(key, asset) for key, asset in rows], [asset for _, asset in rows]


def asset_entry(key: str, asset: Asset) -> Entry:
    """By recipe where there is one: whether it was rendered already is not part of the world."""
    entry: Entry = {"key": key, "media_type": asset.media_type}
    if asset.recipe is not None:
        return {**entry, "recipe": asset.recipe}
    return {
        **entry,
        **tidy(sha256=asset.sha256, prompt=asset.prompt, provider=asset.provider_id),
        **({"generated": True} if asset.is_generated else {}),
    }


def location_part(location: Location) -> tuple[str, Entry]:
    return f"location/{location.key}", location_entry(location, Names(location.world))


def world_part(world: World) -> tuple[str, Entry]:
    return "world", world_entry(world, Names(world))


# -- to rows ----------------------------------------------------------------------------------------------------------
class Upserted(NamedTuple):
    ids: dict[Any, int]
    changed: set[Any]


def upsert(model: type[Row], found: Mapping[Key, Row], wanted: Mapping[Key, Mapping[str, Any]]) -> Upserted:
    """Make the rows of `wanted` so: changed ones updated (their `version` counts up), missing ones created, in statements of at most
    `BATCH` rows. What is no longer wanted stays until `prune`."""
    new: dict[Key, Row] = {}
    changed: dict[Key, Row] = {}
    for key, values in wanted.items():
        row = found.get(key)
        if row is None:
            new[key] = model(**values)
        elif any(getattr(row, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(row, name, value)
            changed[key] = row
    model._default_manager.bulk_create(new.values(), batch_size=BATCH)
    if changed:
        fields = set(next(iter(wanted.values())))
        if any(field.name == "version" for field in model._meta.fields):
            fields.add("version")
            for row in changed.values():
                row.version += 1  # type: ignore[attr-defined]
        model._default_manager.bulk_update(changed.values(), sorted(fields), batch_size=BATCH)
    rows = {**{key: found[key] for key in wanted if key in found}, **new}
    return Upserted({key: row.pk for key, row in rows.items()}, set(new) | set(changed))


def prune(model: type[Row], found: Mapping[Key, Row], wanted: Iterable[Key]) -> set[Key]:
    """Delete what is no longer wanted; the keys that went."""
    kept = set(wanted)
    gone = [key for key in found if key not in kept]
    for start in range(0, len(gone), BATCH):
        model._default_manager.filter(pk__in=[found[key].pk for key in gone[start : start + BATCH]]).delete()
    return set(gone)


def save_assets(*, world: World, assets: Mapping[str, Asset], names: Names) -> None:
    """The world's names for `assets`. A name that now means another asset is made anew."""
    found = {row.key: row for row in WorldAsset.objects.filter(world=world)}
    stale = [row.pk for key, row in found.items() if key not in assets or assets[key].pk != row.asset_id]
    for start in range(0, len(stale), BATCH):
        WorldAsset.objects.filter(pk__in=stale[start : start + BATCH]).delete()
    fresh = [WorldAsset(world=world, key=key, asset=asset) for key, asset in assets.items() if key not in found or found[key].pk in set(stale)]
    WorldAsset.objects.bulk_create(fresh, batch_size=BATCH)
    names.learn_assets(WorldAsset(world=world, key=key, asset=asset) for key, asset in assets.items())


def save_locations(*, world: World, entries: Sequence[Entry], names: Names) -> dict[str, Location]:
    """Create and update the places; the rows there were before, for `prune`."""
    found = {row.key: row for row in Location.objects.filter(world=world)} if world.pk else {}
    wanted = {entry["key"]: location_values(world, entry, names) for entry in entries}
    names.learn(Location, upsert(Location, found, wanted).ids.items())
    return found


def location_values(world: World, entry: Entry, names: Names) -> dict[str, Any]:
    return {
        "world": world,
        "key": entry["key"],
        "name": entry["name"],
        "x": entry.get("x", 0),
        "y": entry.get("y", 0),
        "asset_id": names.id(Asset, entry.get("asset")),
        "picture_id": names.id(Asset, entry.get("picture")),
        "default_spawn": entry.get("default_spawn", {}),
        "travel_conditions": entry.get("travel_conditions", {}),
        "meta": entry.get("meta", {}),
    }


# -- what is wrong with a document ------------------------------------------------------------------------------------
def shape_errors(candidate: Any) -> list[FieldError]:
    """Whether it is a document at all: the head, the lists, assets and places of the right shape."""
    return [FieldError(*error) for error in schema.errors("worlds/bundle", candidate)]


def errors(document: Mapping[str, Any]) -> list[FieldError]:
    """Everything else that keeps the world's own part from being stored, with pointers."""
    found = schema_errors(World, document["world"], "/world")
    assets = media_types(document)
    found += asset_reference(document["world"], "poster", assets, "/world", POSTER)
    found += duplicates(document.get("assets", ()), "/assets")
    for index, entry in enumerate(document.get("assets", ())):
        found += _recipe_errors(entry, f"/assets/{index}")
    found += duplicates(document.get("locations", ()), "/locations")
    for index, entry in enumerate(document.get("locations", ())):
        pointer = f"/locations/{index}"
        found += schema_errors(Location, entry, pointer)
        found += asset_reference(entry, "asset", assets, pointer, MODEL) + asset_reference(entry, "picture", assets, pointer, PICTURE)
    return found


def _recipe_errors(entry: Entry, pointer: str) -> list[FieldError]:
    if "recipe" not in entry:
        return []
    found = [FieldError(f"{pointer}/recipe{error.pointer}", error.code, error.message) for error in recipes.problems(entry["recipe"])]
    if not found and recipes.media_type_of(entry["recipe"]) != entry["media_type"]:
        found.append(FieldError(f"{pointer}/media_type", "wrong_kind", f"This recipe makes {recipes.media_type_of(entry['recipe'])}."))
    return found


def schema_errors(model: type[models.Model], entry: Mapping[str, Any], pointer: str) -> list[FieldError]:
    """The JSON of an entry against the schemas of the model's fields of the same names."""
    fields = [field for field in model._meta.fields if isinstance(field, SchemaField) and entry.get(field.name) is not None]
    return [FieldError(*error) for field in fields for error in schema.errors(field.schema, entry[field.name], prefix=f"{pointer}/{field.name}")]


def keys_of(entries: Iterable[Mapping[str, Any]], name: str = "key") -> frozenset[str]:
    return frozenset(entry[name] for entry in entries)


def media_types(document: Mapping[str, Any]) -> dict[str, str]:
    """The kind of every asset of a document, by its key."""
    return {entry["key"]: entry["media_type"] for entry in document.get("assets", ())}


def duplicates(entries: Iterable[Mapping[str, Any]], pointer: str, name: str = "key") -> list[FieldError]:
    seen: set[str] = set()
    found = []
    for index, entry in enumerate(entries):
        if entry[name] in seen:
            found.append(FieldError(f"{pointer}/{index}/{name}", "duplicate_key", f"“{entry[name]}” is there twice."))
        seen.add(entry[name])
    return found


def reference(entry: Mapping[str, Any], name: str, known: Iterable[str], pointer: str, thing: str) -> list[FieldError]:
    """An error where `entry[name]` names a thing that is not in the document."""
    key = entry.get(name)
    if key is None or key in known:
        return []
    return [FieldError(f"{pointer}/{name}", f"unknown_{thing}", f"There is no {thing} “{key}” in this world.")]


def asset_reference(entry: Mapping[str, Any], name: str, assets: Mapping[str, str], pointer: str, kinds: Collection[str]) -> list[FieldError]:
    """The same for an asset, which is of one of these kinds (`assets`: kinds by key)."""
    words = wrong_kind(assets[entry[name]], kinds) if entry.get(name) in assets else ""
    return [FieldError(f"{pointer}/{name}", "wrong_kind", words)] if words else reference(entry, name, assets, pointer, "asset")
