"""Questions about assets, jobs and money."""

from __future__ import annotations

import datetime
from collections.abc import Collection
from typing import Any

from django.db.models import Case, ForeignObjectRel, IntegerField, Q, QuerySet, Value, When

from . import subjects
from .models import Asset, AssetLineage, BudgetDay, Generation, GenerationQuerySet

# Cheap things first: a world is playable with pictures long before its clips are made.
ORDER = Case(
    When(media_type=Asset.MediaType.IMAGE, then=Value(0)),
    When(media_type=Asset.MediaType.GLTF, then=Value(1)),
    default=Value(2),
    output_field=IntegerField(),
)
OWN = (Generation, AssetLineage)  # remember an asset without needing it


def assets_of(user: Any) -> QuerySet[Asset]:
    """The user's own assets, newest first; staff see all. One query."""
    return Asset.objects.owned_by(user)


def due_renders(now: datetime.datetime, kinds: tuple[str, ...] | None = None) -> QuerySet[Asset]:
    """Assets with a recipe that nobody is making: waiting ones, and those whose maker's lease ran out. One query."""
    waiting = Q(status=Asset.Status.PENDING)
    orphaned = Q(status=Asset.Status.RENDERING) & (Q(lease_until=None) | Q(lease_until__lt=now))
    found = Asset.objects.filter(waiting | orphaned).exclude(recipe_sha256="")
    if kinds:
        found = found.filter(media_type__in=kinds)
    return found.order_by(ORDER, "id")


def being_made(now: datetime.datetime) -> int:
    """How many renders hold a living lease. One query."""
    return Asset.objects.filter(status=Asset.Status.RENDERING, lease_until__gte=now).count()


CALLED = {"image": "a picture", "video": "a clip", "gltf": "a 3-D model (glTF)", "audio": "a sound"}


def wrong_kind(media_type: str, kinds: Collection[str]) -> str:
    """A sentence where an asset of this kind does not fit, empty where it does."""
    if media_type in kinds:
        return ""
    return f"This is {CALLED.get(media_type, media_type)}; give {' or '.join(CALLED[kind] for kind in kinds)}."


def asset_url(asset: Asset | None) -> str | None:
    """Where a browser gets the file; None while there is none. The name changes with the content."""
    if asset is None or not asset.file.name:
        return None
    return f"/media/{asset.pk}/{_name(asset, asset.file.name, 'file')}"


def poster_url(asset: Asset | None) -> str | None:
    """The still picture of a clip; None if it has none."""
    if asset is None or not asset.poster.name:
        return None
    return f"/media/{asset.pk}/{_name(asset, asset.poster.name, 'poster')}"


def _name(asset: Asset, stored: str, kind: str) -> str:
    extension = stored.rpartition(".")[2]
    return f"{kind}-{asset.sha256[:16]}.{extension}"


def places_using(asset: Asset) -> list[str]:
    """Where an asset is used: what the clients say, and any row that points at it. One query per relation."""
    found = subjects.uses(asset)
    if found:
        return found
    relations = [one for one in Asset._meta.get_fields(include_hidden=True) if isinstance(one, ForeignObjectRel) and one.related_model not in OWN]
    return [
        str(one.related_model._meta.verbose_name)
        for one in relations
        if one.related_model._default_manager.filter(**{one.field.name: asset}).exists()
    ]


# -- jobs ---------------------------------------------------------------------------------------------------------------
def generations_of(user: Any) -> QuerySet[Generation]:
    """The user's own jobs, newest first; staff see all. Two queries with what an answer shows."""
    return generations_of_all().owned_by(user)


def generations_of_all() -> GenerationQuerySet:
    """Any job with what an answer shows, for a caller who has asked for the right. Two queries."""
    return Generation.objects.select_related("asset").prefetch_related("submissions")


def waits_behind(job: Generation) -> int | None:
    """How many of the same owner's jobs come first at its provider; None once it is sent. One query."""
    if job.status != Generation.Status.PENDING:
        return None
    return Generation.objects.filter(status=job.status, provider_id=job.provider_id, owner=job.owner_id, pk__lt=job.pk).count()


def days_of(scope: str, today: datetime.date, count: int = 14) -> QuerySet[BudgetDay]:
    """The days before today on which something was held or spent, newest first. One query."""
    return BudgetDay.objects.filter(scope=scope, day__lt=today, day__gte=today - datetime.timedelta(days=count)).order_by("-day")
