"""From a finished job at a provider to an asset of its owner, and from there to the places that wait for it."""

from __future__ import annotations

import datetime
import logging
import tempfile
import uuid
from pathlib import Path
from textwrap import shorten
from typing import Any

from django.db import DatabaseError, InterfaceError, transaction

from pixsim.lib.canonical import sha256
from pixsim.lib.errors import DomainError

from . import leases, services, subjects
from .downloads import fetch
from .leases import Clock, Status
from .models import Asset, AssetLineage, Delivery, Generation, ProviderSubmission
from .providers.base import RemoteFile
from .submission import backoff, tell

log = logging.getLogger(__name__)

LEASE_SEC = 900  # the longest download, and reading the clip
FETCH_MAX = 12  # tries of a file that cannot be had, over some four hours
BAD_MAX = 3  # tries of a file that is no clip
DELIVERY_LEASE_SEC = 120


# -- fetched --------------------------------------------------------------------------------------------------------------
def bring(job: Generation, submission: ProviderSubmission, token: uuid.UUID, result: RemoteFile | int, hosts: frozenset[str], clock: Clock) -> None:
    """Fetch, check and keep a result. What fails is tried again, with an address asked for anew; it is paid, so it is never dropped in silence."""
    try:
        if isinstance(result, int):
            asset = Asset.objects.ready().get(pk=result)  # made on this machine
            _complete(job, submission, token, asset, clock)
            return
        with tempfile.TemporaryDirectory(prefix="pixsim-result-") as folder:
            cleaned = fetch(result, hosts, Path(folder))
            asset = services.unsaved_asset(job.owner_id, cleaned)
            asset.remote_url = result.url[:2000]
            _complete(job, submission, token, asset, clock)
    except (DatabaseError, InterfaceError):
        raise  # the lease runs out, and somebody goes on
    except Exception as error:
        _not_fetched(job, token, error, clock())


def _not_fetched(job: Generation, token: uuid.UUID, error: Exception, now: datetime.datetime) -> None:
    tries = job.tries + 1
    words = f"It was made, but its file could not be fetched: {error}"
    log.warning("Generation %s, try %s: %s", job.pk, tries, words)
    if isinstance(error, DomainError) and tries >= BAD_MAX:
        values = leases.ended(Status.FAILED, now, error=f"It was made, but its file is not usable: {error}", trouble="bad_result")
    else:
        values = {"tries": tries, "error": words, "next_at": now + backoff(tries, first=2, most=3600)}
        if tries >= FETCH_MAX:
            values |= {"needs_attention": True, "attention_reason": words, "next_at": None}
    leases.move(job.pk, token, now=now, was=[Status.DOWNLOADING], **values)
    tell(job.pk)


def _complete(job: Generation, submission: ProviderSubmission, token: uuid.UUID, asset: Asset, clock: Clock) -> None:
    """The asset, what it came from, and the end of the job are one transaction: a clip is never there twice, and never without its job."""
    now = clock()
    with transaction.atomic():
        if asset.pk is None:
            asset.provider_id, asset.provider_asset_id = job.provider_id, submission.provider_job_id
            asset.prompt, asset.is_generated = str(job.inputs.get("prompt", "")), True
            asset.label = shorten(asset.prompt, 80, placeholder=" …")
            asset.save(force_insert=True)
        _lineage(job, asset)
        values = leases.ended(Status.COMPLETED, now, asset=asset, progress=1, error="")
        if not leases.move(job.pk, token, now=now, was=[Status.DOWNLOADING], **values):
            transaction.set_rollback(True)
            return
    tell(job.pk)
    deliver(job.pk, clock)


def _lineage(job: Generation, asset: Asset) -> None:
    if AssetLineage.objects.filter(asset=asset).exists():  # made on this machine for an earlier order of the same recipe
        return
    rows = [AssetLineage(asset=asset, kind=AssetLineage.Kind.PROMPT, note=str(job.inputs.get("prompt", "")))]
    known = Asset.objects.in_bulk([source["asset_id"] for source in job.sources if source.get("asset_id")])
    for source in job.sources:
        rows.append(
            AssetLineage(
                asset=asset, kind=source["kind"], source_asset=known.get(source.get("asset_id")), npc_id=source.get("npc_id"),
                npc_key=source.get("npc_key", ""), note=source.get("note", ""),
            )
        )  # fmt: skip
    if job.npc_id is not None and not any(row.kind == AssetLineage.Kind.NPC for row in rows):
        rows.append(AssetLineage(asset=asset, kind=AssetLineage.Kind.NPC, npc_id=job.npc_id))
    AssetLineage.objects.bulk_create(rows)


# -- delivered --------------------------------------------------------------------------------------------------------------
def expect(job: Generation, context: dict[str, Any], now: datetime.datetime) -> None:
    """One more place waits for the result; inside the caller's transaction. The same place twice is one."""
    made = Delivery.objects.get_or_create(generation=job, context_sha256=sha256(context), defaults={"context": context})[1]
    if made:
        Generation.objects.filter(pk=job.pk, status=Status.COMPLETED).update(delivered_at=None, next_at=now, tries=0)


def deliver(generation_id: int, clock: Clock) -> None:
    """Tell every place that waits, at least once; what fails is repeated until it has succeeded."""
    token = leases.take(generation_id, statuses=[Status.COMPLETED], now=clock(), seconds=DELIVERY_LEASE_SEC)
    if token is None:
        return
    job = Generation.objects.select_related("asset", "owner").get(pk=generation_id)
    for place in job.deliveries.filter(delivered_at=None):
        job.context = place.context
        try:
            subjects.attach(job)
        except Exception:
            log.exception("Generation %s could not be attached to %s.", job.pk, place.context)
            later = clock() + backoff(job.tries, first=5, most=3600)
            leases.move(job.pk, token, now=clock(), was=[Status.COMPLETED], tries=min(job.tries + 1, 100), next_at=later)
            return
        Delivery.objects.filter(pk=place.pk).update(delivered_at=clock())
    _delivered(job, token, clock())


def _delivered(job: Generation, token: uuid.UUID, now: datetime.datetime) -> None:
    with transaction.atomic():
        Generation.objects.select_for_update().get(pk=job.pk)  # a place that is added just now is seen, or comes after us
        waiting = job.deliveries.filter(delivered_at=None).exists()
        values: dict[str, Any] = {"next_at": now} if waiting else {"next_at": None, "delivered_at": now, "tries": 0}
        leases.move(job.pk, token, now=now, was=[Status.COMPLETED], **values)
    tell(job.pk)
