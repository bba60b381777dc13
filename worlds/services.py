"""Writing a world: every authored change goes through `authored`, every release through `make_release`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import F, Max, Model
from django.dispatch import Signal
from django.utils import timezone
from django.utils.text import slugify

from generation.models import Asset
from generation.queries import wrong_kind
from pixsim.lib import canonical
from pixsim.lib.errors import Invalid, NotFound, PreconditionFailed
from pixsim.lib.fields import KEY_LENGTH
from pixsim.models import User

from . import history
from .models import MODEL, PICTURE, POSTER, Location, World, WorldAsset, WorldHistory, WorldRelease, WorldState

MAX_WORLD_TIME = 10**11
"""Seconds; some three thousand years. What is added to it stays exact in JavaScript and in every database."""

authored_changed = Signal()
"""After the commit: world_id, version, parts (names), actor_id."""


class Before(NamedTuple):
    owner: Model
    pk: Any
    part: str
    entry: Any


@dataclass(slots=True)
class Change:
    """One authored change while it is being made."""

    world: World
    actor: User | None
    _before: dict[tuple[type[Model], Any], Before] = field(default_factory=dict)

    def watch(self, *rows: Model) -> None:
        """Rows that are there and will change: call it before changing them. What stands inside another row counts for that one."""
        for row in rows:
            owner = history.owner_of(row)
            if owner is not None and (type(owner), owner.pk) not in self._before:
                self._before[type(owner), owner.pk] = Before(owner, owner.pk, *history.part_of(owner))

    def touch(self, *rows: Model) -> None:
        """Rows that were just made."""
        for row in rows:
            owner = history.owner_of(row)
            if owner is not None:
                self._before.setdefault((type(owner), owner.pk), Before(owner, owner.pk, "", None))

    def delete(self, *rows: Model) -> None:
        """Delete rows; what goes with them and what pointed at them is kept in the history too."""
        self.watch(*history.changed_by_deleting(rows))
        for row in rows:
            row.delete()

    def _rows(self) -> list[WorldHistory]:
        """The history of this change; counts up the versions of what changed."""
        found: list[WorldHistory] = []
        for before in self._before.values():
            owner = type(before.owner)._default_manager.filter(pk=before.pk).first()
            part, entry = history.part_of(owner) if owner is not None else (before.part, None)
            old, new = _same_form(before.entry), _same_form(entry)
            if part != before.part and before.part and new is not None:
                found += [self._row(before.part, old, None), self._row(part, None, new)]
                _rename(self.world, before.part, part)
            elif old != new:
                found.append(self._row(part, old, new))
            else:
                continue
            if old is not None and owner is not None and not isinstance(owner, World):
                type(owner)._default_manager.filter(pk=owner.pk).update(version=F("version") + 1)
                before.owner.version = owner.version + 1  # type: ignore[attr-defined]
        return found

    def _row(self, part: str, before: Any, after: Any) -> WorldHistory:
        return WorldHistory(world=self.world, version=self.world.draft_version + 1, part=part, before=before, after=after, actor=self.actor)


@contextmanager
def authored(world: World, actor: User | None, *rows: Model, expected: Collection[int] | None = None) -> Iterator[Change]:
    """The one way to change what an author made: one transaction under the world's lock.

    `rows` are the existing rows about to change (refreshed under the lock); register new ones with `change.touch`, delete with
    `change.delete`. `expected` are the versions the change may be based on (from If-Match): those of the first row, else of the world.
    At the end every part that differs gets a row of history, and only then the draft counts up. Raising rolls everything back.
    Raises NotFound when a row is gone, PreconditionFailed when `expected` does not hold.
    """
    with transaction.atomic():
        _lock(world)
        for row in rows:
            _refresh(row)
        change = Change(world, actor)
        change.watch(*rows)
        subject = rows[0] if rows else world
        if expected is not None and version_of(subject) not in expected:
            raise PreconditionFailed(current_version=version_of(subject))
        yield change
        found = change._rows()
        if found:
            WorldHistory.objects.bulk_create(found, batch_size=500)
            bump(world)
            _tell(world, [row.part for row in found], actor)


def bump(world: World) -> None:
    """A new draft version; what was compiled of the old one is no longer the draft."""
    now = timezone.now()
    world.draft_version, world.draft, world.updated_at = world.draft_version + 1, None, now
    World.objects.filter(pk=world.pk).update(draft_version=world.draft_version, draft=None, updated_at=now, renamed=world.renamed)


def version_of(row: Model) -> int:
    return row.draft_version if isinstance(row, World) else row.version  # type: ignore[attr-defined, no-any-return]


def _lock(world: World) -> None:
    if not World.objects.select_for_update().filter(pk=world.pk).exists():
        raise NotFound()
    world.refresh_from_db()


def _refresh(row: Model) -> None:
    try:
        row.refresh_from_db()
    except type(row).DoesNotExist:  # type: ignore[attr-defined]
        raise NotFound() from None


def _same_form(entry: Any) -> Any:
    return None if entry is None else canonical.plain(entry)


def _rename(world: World, old_part: str, new_part: str) -> None:
    """Running sessions find the thing under its new key. A name that comes back into use leads nowhere else any more."""
    old, new = old_part.rpartition("/")[2], new_part.rpartition("/")[2]
    world.renamed = {**{key: value for key, value in world.renamed.items() if key != new}, old: new}


def rename(*, world: World, actor: User, renamed: Mapping[str, str]) -> None:
    """Running sessions find things under these names from the next release on (old to new), as if their authors had renamed them."""
    with authored(world, actor):
        before = dict(world.renamed)
        taken = set(renamed.values())
        world.renamed = {**{old: new for old, new in before.items() if old not in taken}, **renamed}
        if world.renamed != before:
            WorldHistory.objects.create(
                world=world, version=world.draft_version + 1, part="renamed", before=before, after=world.renamed, actor=actor
            )  # fmt: skip
            bump(world)
            _tell(world, ["renamed"], actor)


def _tell(world: World, parts: list[str], actor: User | None) -> None:
    facts = {"world_id": world.pk, "version": world.draft_version, "parts": parts, "actor_id": actor.pk if actor else None}
    transaction.on_commit(lambda: authored_changed.send(sender=World, **facts))


# -- worlds -----------------------------------------------------------------------------------------------------------
Patch = Callable[[Mapping[str, Any]], dict[str, Any]]
"""Takes the authored fields as they are under the lock, gives the validated new ones."""


@transaction.atomic
def create_world(*, owner: User, name: str, meta: dict[str, Any], poster_id: int | None = None) -> World:
    """A world with its clock at 0 and the first row of its history. Raises Invalid when the poster is nobody's or another's."""
    world = World(owner=owner, name=name)
    world.poster = owned_asset(world, poster_id, "/poster_asset_id", kinds=POSTER)
    world.meta = meta
    world.save()
    WorldState.objects.create(world=world)
    name_assets(world, world.poster)
    part, entry = history.part_of(world)
    WorldHistory.objects.create(world=world, version=world.draft_version, part=part, before=None, after=_same_form(entry), actor=owner)
    return world


def change_world(*, world: World, actor: User, patch: Patch, expected: Collection[int] | None = None) -> World:
    """Raises Invalid, NotFound, PreconditionFailed."""
    with authored(world, actor, world, expected=expected):
        data = patch({"name": world.name, "meta": world.meta, "poster_asset_id": world.poster_id})
        world.name, world.meta = data["name"], data.get("meta") or {}
        world.poster = owned_asset(world, data.get("poster_asset_id"), "/poster_asset_id", kinds=POSTER, present=world.poster_id)
        world.save(update_fields=["name", "meta", "poster"])
        name_assets(world, world.poster)
    return world


Guard = Callable[[World, User], None]
_guards: list[Guard] = []


def before_deleting(guard: Guard) -> None:
    """`guard(world, actor)` runs in the transaction that deletes a world: it takes away what was the world's, or raises Conflict. Apps above
    register theirs in `ready()`."""
    _guards.append(guard)


def delete_world(*, world: World, actor: User, expected: Collection[int] | None = None) -> None:
    """Raises Conflict while somebody needs it (see `before_deleting`)."""
    with transaction.atomic():
        _lock(world)
        if expected is not None and world.draft_version not in expected:
            raise PreconditionFailed(current_version=world.draft_version)
        for guard in _guards:
            guard(world, actor)
        world.delete()


def set_world_time(*, world: World, to: int) -> tuple[int, int]:
    """The author's clock; before and after. Pins and sessions stay as they are. Raises Invalid outside 0…MAX_WORLD_TIME."""
    return _move_clock(world, lambda now: to, "/set_to")


def advance_world_time(*, world: World, by: int) -> tuple[int, int]:
    """The same, relative."""
    return _move_clock(world, lambda now: now + by, "/advance_by_sec")


@transaction.atomic
def _move_clock(world: World, move: Callable[[int], int], pointer: str) -> tuple[int, int]:
    state, _ = WorldState.objects.select_for_update().get_or_create(world=world)
    before, after = state.world_time, move(state.world_time)
    if not 0 <= after <= MAX_WORLD_TIME:
        raise Invalid([(pointer, "out_of_range", f"World time is from 0 to {MAX_WORLD_TIME} seconds.")])
    if after != before:
        state.world_time, state.last_advanced_at = after, timezone.now()
        state.save(update_fields=["world_time", "last_advanced_at"])
    return before, after


# -- names ------------------------------------------------------------------------------------------------------------
def owned_asset(world: World, asset_id: int | None, pointer: str, *, kinds: Collection[str], present: int | None = None) -> Asset | None:
    """The asset, if it is the world's owner's or everybody's and of one of these kinds, or the one that is there already. Raises Invalid."""
    if asset_id is None:
        return None
    asset = Asset.objects.filter(pk=asset_id).first()
    if asset is None or (asset.owner_id not in (None, world.owner_id) and asset_id != present):
        raise Invalid([(pointer, "does_not_exist", f"There is no asset {asset_id}.")])
    if asset_id != present and (words := wrong_kind(asset.media_type, kinds)):
        raise Invalid([(pointer, "wrong_kind", words)])
    return asset


def world_asset_key(world: World, asset: Asset) -> str:
    """The world's name for an asset, made from its label when it has none yet. Call it inside `authored`."""
    found = WorldAsset.objects.filter(world=world, asset=asset).order_by("key").first()
    if found is None:
        taken = set(WorldAsset.objects.filter(world=world).values_list("key", flat=True))
        found = WorldAsset.objects.create(world=world, asset=asset, key=free_key(asset.label or f"asset_{asset.pk}", taken))
    return found.key


def name_assets(world: World, *assets: Asset | None) -> None:
    for asset in assets:
        if asset is not None:
            world_asset_key(world, asset)


def free_key(name: str, taken: Collection[str], *, default: str = "thing") -> str:
    """A key made from a name: a slug with `_`, numbered from 2 where it is taken."""
    base = slugify(name).replace("-", "_").strip("_")[: KEY_LENGTH - 6] or default
    key, number = base, 1
    while key in taken:
        number += 1
        key = f"{base}_{number}"
    return key


# -- places -----------------------------------------------------------------------------------------------------------
def create_location(*, world: World, actor: User, data: Mapping[str, Any]) -> Location:
    """Raises Invalid when the key is taken or an asset is not the owner's."""
    with authored(world, actor) as change:
        location = Location(world=world)
        _fill_location(location, data)
        location.save()
        change.touch(location)
    return location


def change_location(*, location: Location, actor: User, patch: Patch, expected: Collection[int] | None = None) -> Location:
    """Raises Invalid, NotFound, PreconditionFailed."""
    with authored(location.world, actor, location, expected=expected):
        _fill_location(location, patch(location_fields(location)))
        location.save()
    return location


def move_locations(*, world: World, actor: User, to: Mapping[int, tuple[float, float]]) -> int:
    """Put places where the map has them, by id, as one change; how many stand elsewhere now."""
    rows = [row for row in Location.objects.filter(world=world, pk__in=to) if (row.x, row.y) != to[row.pk]]
    with authored(world, actor, *rows):
        for row in rows:
            row.x, row.y = to[row.pk]
            row.save(update_fields=["x", "y"])
    return len(rows)


def delete_location(*, location: Location, actor: User, expected: Collection[int] | None = None) -> None:
    with authored(location.world, actor, location, expected=expected) as change:
        change.delete(location)


def location_fields(location: Location) -> dict[str, Any]:
    """What an author wrote, under the names of the API."""
    return {
        "key": location.key,
        "name": location.name,
        "x": location.x,
        "y": location.y,
        "asset_id": location.asset_id,
        "picture_asset_id": location.picture_id,
        "default_spawn": location.default_spawn,
        "travel_conditions": location.travel_conditions,
        "meta": location.meta,
    }


def _fill_location(location: Location, data: Mapping[str, Any]) -> None:
    world = location.world
    taken = set(Location.objects.filter(world=world).exclude(pk=location.pk).values_list("key", flat=True))
    key = data.get("key") or free_key(data["name"], taken, default="place")
    if key in taken:
        raise Invalid([("/key", "taken", f"There is a place “{key}” in this world already.")])
    location.key, location.name = key, data["name"]
    location.x, location.y = data.get("x") or 0, data.get("y") or 0
    location.asset = owned_asset(world, data.get("asset_id"), "/asset_id", kinds=MODEL, present=location.asset_id)
    location.picture = owned_asset(world, data.get("picture_asset_id"), "/picture_asset_id", kinds=PICTURE, present=location.picture_id)
    for name in ("default_spawn", "travel_conditions", "meta"):
        setattr(location, name, data.get(name) or {})
    name_assets(world, location.asset, location.picture)


# -- releases ---------------------------------------------------------------------------------------------------------
@transaction.atomic
def make_release(*, world: World, document: dict[str, Any], ids: dict[str, Any], actor: User | None, publish: bool) -> WorldRelease:
    """Keep a document of the world (`scenes.bundle.document`) as a release; the same document is the same release.

    Call it in the transaction that read the document. `ids` are refreshed where the document's things have other ids by now. A release
    made of the present draft is remembered as the draft; with `publish` it becomes what players get, numbered from 1.
    """
    _lock(world)
    sha = canonical.sha256(document)
    release, made = WorldRelease.objects.get_or_create(
        world=world, sha256=sha, defaults={"document": canonical.plain(document), "ids": ids, "created_by": actor}
    )
    if not made and release.ids != ids:
        release.ids, release.ids_version = ids, release.ids_version + 1
        release.save(update_fields=["ids", "ids_version"])
    world.draft = release
    if publish:
        if release.number is None:
            newest: int | None = WorldRelease.objects.filter(world=world).aggregate(n=Max("number"))["n"]
            release.number = (newest or 0) + 1
            release.save(update_fields=["number"])
        world.published, world.published_at = release, timezone.now()
    world.save(update_fields=["draft", "published", "published_at"])
    return release
