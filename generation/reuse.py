"""The same request is made once in its scope: its hash, its scope, and the job that answers it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from pixsim.lib.canonical import sha256

from .models import Asset, Generation


def reproducible_hash(
    *, provider_id: str, operation_type: str, inputs: Mapping[str, Any], action_block: Mapping[str, Any], params: Mapping[str, Any],
    sources: Sequence[Mapping[str, Any]], scope: str,
) -> str:  # fmt: skip
    """SHA-256 of canonical JSON of everything the result depends on. Pictures count by content, so the same upload twice is the same request."""
    pictures = [[source["kind"], source["sha256"]] for source in sources if source.get("sha256")]
    return sha256(
        {
            "provider": provider_id,
            "operation": operation_type,
            "inputs": {name: value for name, value in inputs.items() if not name.endswith("_asset_id")},
            "action_block": action_block,
            "params": params,
            "sources": sorted(pictures),
            "scope": scope,
        }
    )


def scope_of(strategy: str, scope: str, world_id: int) -> str:
    """Where the request is the same one. `always` is a scope of its own each time, whatever was asked for."""
    if strategy == Generation.Strategy.ALWAYS:
        return f"once/{uuid.uuid4()}"
    return scope or f"world/{world_id}"


def same(owner_id: int, scope: str, request_hash: str) -> Generation | None:
    """The living or completed job of the same request; never another owner's. One whose file was deleted makes room for a new one."""
    found = Generation.objects.filter(owner=owner_id, scope=scope, reproducible_hash=request_hash, reusable=True)
    job = found.exclude(status__in=Generation.ENDED).select_related("asset").first()
    if job is not None and job.status == Generation.Status.COMPLETED and (job.asset is None or job.asset.status == Asset.Status.FAILED):
        Generation.objects.filter(pk=job.pk).update(reusable=False)
        return None
    return job
