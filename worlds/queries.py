"""Questions about worlds."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db.models import F, Max, Model, QuerySet

from generation.models import Asset
from generation.queries import asset_url, poster_url
from pixsim.lib.errors import NotFound
from pixsim.models import Rating

from . import history
from .differences import Difference, differences
from .models import Location, World, WorldHistory

VERSIONS_SHOWN = 50
BESIDE = 180  # between two places on a map


def authored_worlds(user: Any) -> QuerySet[World]:
    """The worlds a user may change, with what the API tells of each. One query."""
    return World.objects.authored_by(user).select_related("state", "published").defer("published__document", "published__ids")


def authored_locations(user: Any) -> QuerySet[Location]:
    return Location.objects.authored_by(user).select_related("world")


def authored_world(user: Any, world_id: int, *, pointer: str = "/world_id") -> World:
    """The world a body speaks of. Raises NotFound for another's as for none, pointing at the field."""
    world = World.objects.authored_by(user).filter(pk=world_id).first()
    if world is None:
        raise NotFound.at(pointer, "There is no such world.")
    return world


def published_worlds() -> QuerySet[World]:
    """What players may choose from. The release is what they get, so names and places are read from there, not from the draft."""
    return (
        World.objects.filter(published__isnull=False)
        .select_related("poster")
        .annotate(head=F("published__document__world"), places=F("published__document__locations"))
        .defer("meta", "renamed")
    )


def shown_to_players(world: World) -> dict[str, Any]:
    """One row of `published_worlds`."""
    head: dict[str, Any] = getattr(world, "head", None) or {}
    meta: dict[str, Any] = head.get("meta") or {}
    places: Iterable[dict[str, Any]] = getattr(world, "places", None) or ()
    return {
        "id": world.pk,
        "name": head.get("name", world.name),
        "theme": str(meta.get("theme") or ""),
        "poster": _picture_url(world.poster),
        "rating": content_rating(meta.get("manifest") or {}),
        "places": [{"key": place["key"], "name": place["name"]} for place in places],
    }


def _picture_url(asset: Asset | None) -> str | None:
    """A picture itself, of a clip its first frame."""
    is_picture = asset is not None and asset.media_type == Asset.MediaType.IMAGE
    return poster_url(asset) or (asset_url(asset) if is_picture else None)


def content_rating(manifest: dict[str, Any]) -> str:
    """What the manifest says, else romantic where romance is a feature, else safe for work."""
    return str(manifest.get("content_rating") or (Rating.ROMANTIC if "romance" in manifest.get("enabled_features", ()) else Rating.SFW))


def named_world(user: Any, data: Any) -> World | None:
    """The world that an unchecked body names by `world_id`, needed before the body can be checked: its ids become keys of this world.
    None where the field is missing or no id, which the check will tell. Raises NotFound for another's."""
    world_id = data.get("world_id") if isinstance(data, dict) else None
    if isinstance(world_id, bool) or not isinstance(world_id, int) or not 0 < world_id < 2**63:
        return None
    return authored_world(user, world_id)


# -- history ----------------------------------------------------------------------------------------------------------
class Version(NamedTuple):
    """One authored change of a part, as its history shows it; `can_take` says to which of its two sides one can go back."""

    row: WorldHistory
    changes: list[Difference]
    can_take: tuple[str, ...]


class Versions(list[Version]):
    """Newest first."""

    part: str = ""


def versions_of(owner: Model, *, since: int = 0) -> Versions:
    """The history of the part a row has, under its earlier names too; with `since` only what came after that version of the world. Two queries."""
    part, _ = history.part_of(owner)
    world = owner if isinstance(owner, World) else owner.world  # type: ignore[attr-defined]
    kind, _, key = part.rpartition("/")
    former = [f"{kind}/{old}" for old, new in world.renamed.items() if new == key] if kind else []
    rows = WorldHistory.objects.filter(world=world, part__in=[part, *former], version__gt=since).select_related("actor")[:VERSIONS_SHOWN]
    found = Versions(version_shown(row) for row in rows)
    if found:
        found[0] = found[0]._replace(can_take=tuple(side for side in found[0].can_take if side == "before"))  # the other side is what it is now
    found.part = part
    return found


def version_shown(row: WorldHistory) -> Version:
    can_take = tuple(side for side in ("after", "before") if getattr(row, side) is not None and row.part != "assets")
    return Version(row, differences(row.before, row.after), can_take)


def free_x(user: Any, world_id: Any) -> int:
    """Where on the map of one's own world a new place hides no other: to the right of all. 0 where there is none. One query."""
    if not str(world_id or "").isdecimal():
        return 0
    last = Location.objects.authored_by(user).filter(world=world_id).aggregate(x=Max("x"))["x"]
    return 0 if last is None else math.ceil(last) + BESIDE


def worlds_to_choose(user: Any) -> list[tuple[int, str]]:
    """Names for the switcher above every page. One query."""
    return list(World.objects.authored_by(user).order_by("name", "pk").values_list("pk", "name")[:200])
