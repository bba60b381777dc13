"""The renderer on this machine as a provider: no account, no cost, and its progress is true.

A job is the owner's asset of a recipe. The same order gives the same recipe and so the same asset: sending again is harmless by construction.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import timezone

from generation import queries, recipes, services
from generation.models import Asset
from generation.providers.base import (
    Account,
    Balance,
    Catalogue,
    Found,
    Hint,
    JobRef,
    JobState,
    Json,
    Lookup,
    MediaRequest,
    Operation,
    Refused,
    Source,
    Status,
    Submitted,
    Trouble,
    Unavailable,
)
from generation.providers.catalogues import load
from generation.providers.validation import general_problems, no_frames, pointer
from pixsim.lib.errors import Conflict, FieldError, Invalid
from pixsim.models import User

PREFIX = "asset/"
SHORT_SIDE = {"low": 360, "medium": 540, "high": 720, "ultra": 1080}
DEFAULT = ("16:9", "high")
LIFTED = ("character", "expression")
"""Style entries that a recipe keeps beside its style."""


class Animatic:
    id = "animatic"
    title = "Drawn on this machine"
    local = True
    cancellable = False
    idempotent = True

    @property
    def catalogue(self) -> Catalogue:
        return load("animatic")

    def problems(self, request: MediaRequest) -> list[FieldError]:
        model, found = general_problems(self.catalogue, request, also=("size",))
        if model is None:
            return found
        found += no_frames(request, self.title)
        if not found:
            found += [FieldError(_pointer(error.pointer), error.code, error.message) for error in recipes.problems(self.body(request))]
        return found

    def price(self, request: MediaRequest) -> int:
        return 0

    def upload(self, account: Account, source: Source) -> str:
        return ""

    def body(self, request: MediaRequest) -> Json:
        """The recipe. Values that are the renderer's own are left out, so that a clip asked for in a few words and one asked for in full are one."""
        still = request.operation is Operation.TEXT_TO_IMAGE
        style = {name: value for name, value in request.style.items() if name not in LIFTED and value is not None}
        recipe: Json = {
            "renderer": "still" if still else "animatic",
            "prompt": request.prompt,
            "style": style,
            "seed": request.params.get("seed") or 0,
        }
        recipe |= {name: request.style[name] for name in LIFTED if request.style.get(name)}
        if request.duration_sec is not None and not still:
            recipe["duration_sec"] = request.duration_sec
        if request.params.get("fps") and not still:
            recipe["fps"] = request.params["fps"]
        size = request.params.get("size") or _size(request)
        return recipe | ({"size": size} if size else {})

    def submit(self, account: Account, body: Mapping[str, Any], trace_id: uuid.UUID) -> Submitted:
        owner = User.objects.filter(pk=_owner(account) or 0).first()
        recipe = dict(body)
        try:
            asset = services.ensure_asset(
                owner=owner, media_type=recipes.media_type_of(recipe), recipe=recipe, label=str(recipe.get("prompt", ""))[:80]
            )
            if asset.status == Asset.Status.FAILED:
                asset = services.retry(asset=asset)
        except Conflict:  # somebody else let it be tried again at this moment
            asset.refresh_from_db()
        except Invalid as error:
            raise Refused(error.detail, trouble=Trouble.BAD_REQUEST) from error
        return Submitted(provider_job_id=f"{PREFIX}{asset.pk}", charged=0)

    def poll(self, account: Account, job: JobRef) -> Status:
        asset = Asset.objects.filter(pk=_asset_id(job.provider_job_id)).first()
        if asset is None:
            raise Refused("The picture was deleted before it was finished.", trouble=Trouble.GONE)
        if asset.status == Asset.Status.READY:
            return Status(state=JobState.COMPLETED, progress=1.0, result=asset.pk, charged=0)
        if asset.status == Asset.Status.FAILED:
            return Status(state=JobState.FAILED, trouble=Trouble.FAILED, error=asset.error or "It could not be drawn.", refunded=True)
        if asset.status == Asset.Status.RENDERING:
            return Status(state=JobState.GENERATING, progress=asset.progress)
        return Status(state=JobState.QUEUED, queue_position=_position(asset))

    def find(self, account: Account, body: Mapping[str, Any], trace_id: uuid.UUID, since: datetime.datetime) -> Found:
        asset = Asset.objects.filter(owner=_owner(account), recipe_sha256=recipes.recipe_hash(body)).first()
        return Found(lookup=Lookup.FOUND, provider_job_id=f"{PREFIX}{asset.pk}") if asset else Found(lookup=Lookup.NOT_FOUND)

    def cancel(self, account: Account, job: JobRef) -> bool:
        return False

    def balance(self, account: Account) -> Balance | None:
        return None

    def verify_webhook(self, accounts: Sequence[Account], headers: Mapping[str, str], body: bytes, now: datetime.datetime) -> Hint | None:
        return None

    def allowed_hosts(self, account: Account) -> frozenset[str]:
        return frozenset()


def _size(request: MediaRequest) -> list[int] | None:
    """Width and height of a quality (its shorter side) and an aspect ratio, even, at most 2048; None for the renderer's own 1280×720."""
    ratio, quality = request.params.get("aspect_ratio") or DEFAULT[0], request.params.get("quality") or DEFAULT[1]
    if (ratio, quality) == DEFAULT:
        return None
    wide, high = (int(part) for part in str(ratio).split(":"))
    scale = min(SHORT_SIDE[quality] / min(wide, high), 2048 / max(wide, high))
    return [int(wide * scale) // 2 * 2, int(high * scale) // 2 * 2]


def _pointer(found: str) -> str:
    """Where a part of a recipe stands in the POST."""
    if found.startswith(("/seed", "/size", "/fps")):
        return pointer(found[1:])
    return f"/inputs{found}"


def _owner(account: Account) -> int | None:
    """Whose asset it becomes: the access of a local provider only says for whom."""
    found: int | None = account.options.get("owner_id")
    return found


def _asset_id(job_id: str) -> int:
    number = job_id.removeprefix(PREFIX)
    if not number.isdigit():
        raise Unavailable(f"{job_id!r} is no job of this renderer.")
    return int(number)


def _position(asset: Asset) -> int | None:
    """Its place among what waits. One query."""
    waiting = list(queries.due_renders(timezone.now()).values_list("pk", flat=True)[:200])
    return waiting.index(asset.pk) + 1 if asset.pk in waiting else None
