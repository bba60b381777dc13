"""What the control center and the gallery show: jobs as cards, the day's budget, the gaps of a world and what filling them would cost."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from generation import budget, orders, submission
from generation.models import Asset, AssetLineage, Generation
from generation.orders import Estimate, Order
from generation.providers import registry
from generation.providers.base import Operation
from generation.queries import asset_url, generations_of_all, places_using, poster_url
from pixsim.lib.errors import DomainError
from worlds.models import World

from .models import SceneNode

Json = dict[str, Any]
Status = Generation.Status
SHOWN = 60
MAX_GAPS = 100
FILTERS = {
    "all": ("All", Q()),
    "active": ("Under way", ~Q(status__in=Generation.FINAL)),
    "attention": ("Need attention", Q(needs_attention=True) & ~Q(status__in=Generation.FINAL)),
    "done": ("Completed", Q(status=Status.COMPLETED)),
    "ended": ("Failed or cancelled", Q(status__in=Generation.ENDED)),
}


# -- choices ----------------------------------------------------------------------------------------------------------


def providers_for(user: Any) -> list[Json]:
    """Every provider with why it cannot be used now. Up to two queries each."""
    found = []
    for provider in registry.known():
        why = "" if provider.local else submission.no_account(provider.id, user.pk)
        words = "free" if provider.local else "ready" if not why else "needs an account"
        found.append(
            {
                "id": provider.id,
                "title": provider.title,
                "local": provider.local,
                "usable": not why,
                "why": why,
                "choice": f"{provider.title} – {words}",
            }
        )
    return sorted(found, key=lambda one: (not one["local"], one["title"]))


def nodes_with_clips(world: World) -> list[SceneNode]:
    """The nodes of a world that may show a clip, in the order of its scenes. One query."""
    kinds = (SceneNode.Kind.VIDEO, SceneNode.Kind.DIALOGUE)
    found = SceneNode.objects.filter(scene__world=world, kind__in=kinds).select_related("scene", "scene__location")
    return list(found.order_by("-scene__is_entry", "scene__title", "scene_id", "position", "pk"))


# -- cards ------------------------------------------------------------------------------------------------------------


def jobs_of(world: World, *, wanted: str = "all", provider: str = "") -> list[Json]:
    """The newest jobs of a world as cards. Four queries."""
    rows = generations_of_all().filter(FILTERS.get(wanted, FILTERS["all"])[1], world_id=world.pk)
    if provider:
        rows = rows.filter(provider_id=provider)
    return cards(rows.order_by("-needs_attention", "-id")[:SHOWN])


def cards(rows: Iterable[Generation]) -> list[Json]:
    """Jobs as their cards show them; a job that waits says how many come first."""
    jobs = list(rows)
    nodes = _nodes(jobs)
    waiting = sorted(job.pk for job in jobs if job.status == Status.PENDING)
    return [_card(job, nodes, waiting) for job in jobs]


def _nodes(jobs: Sequence[Generation]) -> dict[tuple[int, str], SceneNode]:
    scenes = {job.context["scene_id"] for job in jobs if job.context.get("scene_id")}
    rows = SceneNode.objects.filter(scene__in=scenes).select_related("scene") if scenes else ()
    return {(node.scene_id, node.key): node for node in rows}


def _card(job: Generation, nodes: dict[tuple[int, str], SceneNode], waiting: list[int]) -> Json:
    sent = max(job.submissions.all(), key=lambda one: one.attempt, default=None)
    node = nodes.get((job.context.get("scene_id") or 0, job.context.get("node_id") or ""))
    provider = registry.get(job.provider_id)
    over = job.status in Generation.FINAL
    return {
        "id": job.pk,
        "job": job,
        "title": f"{node.scene.title}: {node.label or node.key}" if node else "A clip for later",
        "scene_url": reverse("admin:scenes_scene_change", args=[node.scene_id]) if node else "",
        "attached": bool(node and job.asset_id and node.asset_id == job.asset_id),
        "provider": provider.title if provider else job.provider_id,
        "provider_job_id": sent.provider_job_id if sent and not (provider and provider.local) else "",
        "status": job.status,
        "words": words_of(job, waiting.index(job.pk) if job.pk in waiting else None),
        "percent": round(job.progress * 100) if job.progress is not None and not over else None,
        "over": over,
        "attention": job.needs_attention and not over,
        "estimated": budget.credits_of(job.estimated),
        "charged": None if job.charged is None else budget.credits_of(job.charged),
        "seconds": round(((job.finished_at or timezone.now()) - job.created_at).total_seconds()),
        "prompt": job.inputs.get("prompt", ""),
        "url": asset_url(job.asset),
        "poster": poster_url(job.asset) or (asset_url(job.asset) if job.asset and job.asset.media_type == Asset.MediaType.IMAGE else None),
        "media_type": job.asset.media_type if job.asset else "",
        "can_cancel": not over and job.status != Status.SUBMITTING,
        "can_retry": job.status in Generation.ENDED,
    }


def words_of(job: Generation, place: int | None = None) -> str:
    """A job's status as people say it. `place`: how many of those shown come first, while it waits."""
    if job.status == Status.PENDING:
        return f"Waiting – {place} before it" if place else "Waiting for its turn"
    if job.status == Status.QUEUED:
        return "Queued" if job.queue_position is None else f"Queued – position {job.queue_position + 1}"
    if job.status == Status.GENERATING:
        return "Generating" if job.progress is None else f"Generating – {round(job.progress * 100)} %"
    return {Status.SUBMITTING: "Submitting …", Status.DOWNLOADING: "Downloading …"}.get(Status(job.status), job.get_status_display())


def meter(world: World) -> Json:
    """The world's budget of the day (UTC), in credits and as shares of its limit. Two queries."""
    today = budget.day_of_world(world.pk, timezone.now())
    limit = today.limit or 1
    return {
        "limit": budget.credits_of(today.limit),
        "reserved": budget.credits_of(today.reserved),
        "spent": budget.credits_of(today.spent),
        "remaining": budget.credits_of(today.remaining),
        "spent_share": round(min(100, today.spent * 100 / limit), 1),
        "reserved_share": round(min(100, today.reserved * 100 / limit), 1),
    }


def priced(estimate: Estimate, world: World) -> Json:
    """What an order would cost, in words for the form."""
    remaining = budget.day_of_world(world.pk, timezone.now()).remaining
    return {
        "credits": budget.credits_of(estimate.milli),
        "remaining": budget.credits_of(remaining),
        "too_much": estimate.milli > remaining,
        "reuse": estimate.reuse,
        "why": estimate.why,
        "problems": estimate.problems,
        "free": estimate.milli == 0,
    }


# -- gaps -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Gap:
    """A node without its clip, the order that would fill it, and what that costs; `why` it cannot be ordered."""

    node: SceneNode
    order: Order
    milli: int
    why: str

    @property
    def cost(self) -> float:
        return budget.credits_of(self.milli)


def gaps_of(world: World, provider_id: str) -> list[Gap]:
    """What is missing in a world and can be made once for everybody, at most 100. A few queries for each."""
    found = []
    for node in nodes_with_clips(world):
        config = node.meta.get("generationConfig") or {}
        if node.asset_id or config.get("strategy", "once") != "once" or (node.kind != SceneNode.Kind.VIDEO and not config):
            continue
        found.append(_gap(world, node, config, provider_id))
    return found[:MAX_GAPS]


def _gap(world: World, node: SceneNode, config: Json, provider_id: str) -> Gap:
    style = dict(config.get("style") or {})
    duration = config.get("duration_sec") or style.pop("duration_sec", None) or 8
    place = node.scene.location.name if node.scene.location else ""
    prompt = config.get("prompt") or ". ".join(part for part in (node.label, node.scene.title, place) if part)
    order = Order(
        operation_type=str(Operation.TEXT_TO_IMAGE if config.get("type") == "image" else Operation.TEXT_TO_VIDEO),
        provider_id=provider_id,
        world_id=world.pk,
        inputs={"prompt": prompt, "style": style, "duration_sec": duration},
        canonical_params={"seed": 42, "aspect_ratio": "16:9"},
        scene_context={"scene_id": node.scene_id, "node_id": node.key},
    )
    try:
        estimate = orders.estimate(owner=world.owner, order=order)
    except DomainError as error:
        return Gap(node, order, 0, error.detail)
    return Gap(node, order, estimate.milli, estimate.why or "; ".join(problem.message for problem in estimate.problems))


def total_of(gaps: Iterable[Gap]) -> float:
    """Credits for all that can be ordered."""
    return budget.credits_of(sum(gap.milli for gap in gaps if not gap.why))


def fill(world: World, provider_id: str) -> tuple[int, str]:
    """Order everything that can be ordered, until the budget is spent. How many, and why the rest was not."""
    made, why = 0, ""
    for gap in gaps_of(world, provider_id):
        if gap.why:
            why = why or gap.why
            continue
        try:
            made += not orders.create(owner=world.owner, order=gap.order).reused
        except DomainError as error:
            why = error.detail
            break
    return made, why


# -- assets -----------------------------------------------------------------------------------------------------------


def gallery(user: Any, *, media_type: str = "", search: str = "") -> QuerySet[Asset]:
    """The user's assets, newest first. One query a page."""
    rows = Asset.objects.owned_by(user).order_by("-id")
    if media_type in Asset.MediaType.values:
        rows = rows.filter(media_type=media_type)
    for word in search.split()[:8]:
        rows = rows.filter(Q(label__icontains=word) | Q(prompt__icontains=word) | Q(provider_id__iexact=word))
    return rows


def tile(asset: Asset) -> Json:
    return {
        "id": asset.pk,
        "asset": asset,
        "url": asset_url(asset),
        "poster": poster_url(asset) or (asset_url(asset) if asset.media_type == Asset.MediaType.IMAGE else None),
        "percent": round(asset.progress * 100),
    }


def origin(asset: Asset, depth: int = 3) -> list[Json]:
    """What an asset was made from, and what that was made from, down to `depth`. One query for each level."""
    levels: dict[int, list[AssetLineage]] = {}
    ids = {asset.pk}
    for _ in range(depth):
        rows = list(AssetLineage.objects.filter(asset__in=ids - levels.keys()).select_related("source_asset").order_by("pk")) if ids else []
        for row in rows:
            levels.setdefault(row.asset_id, []).append(row)
        ids = {row.source_asset_id for row in rows if row.source_asset_id} - levels.keys()

    def below(asset_id: int | None, left: int) -> list[Json]:
        return [
            {"row": row, "tile": tile(row.source_asset) if row.source_asset else None, "from": below(row.source_asset_id, left - 1)}
            for row in levels.get(asset_id or 0, ())
            if left
        ]

    return below(asset.pk, depth)


def uses_of(asset: Asset) -> list[str]:
    return places_using(asset)
