"""What is told about jobs. The frames carry everything a card shows; whoever missed some asks for the job itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from pixsim.lib.live import LiveEvent

from .models import Generation
from .queries import asset_url, poster_url


@dataclass(frozen=True, kw_only=True, slots=True)
class GenerationProgress(LiveEvent):
    """`progress` 0 to 1 and the place in the provider's queue, where they are known."""

    type: ClassVar[str] = "generation_progress"
    generation_id: int
    status: str
    progress: float | None
    queue_position: int | None
    needs_attention: bool
    scene_id: int | None
    node_id: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class GenerationCompleted(LiveEvent):
    type: ClassVar[str] = "generation_completed"
    generation_id: int
    asset_id: int | None
    url: str | None
    poster: str | None
    scene_id: int | None
    node_id: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class GenerationFailed(LiveEvent):
    """`status` is failed, moderated or cancelled; `error` in words."""

    type: ClassVar[str] = "generation_failed"
    generation_id: int
    status: str
    error: str
    scene_id: int | None
    node_id: str | None


def event_of(generation: Generation) -> LiveEvent:
    """How a job stands, as the frame that tells it. The row comes with its asset."""
    head: dict[str, Any] = {
        "generation_id": generation.pk,
        "scene_id": generation.context.get("scene_id"),
        "node_id": generation.context.get("node_id"),
    }
    if generation.status == Generation.Status.COMPLETED:
        asset = generation.asset
        return GenerationCompleted(**head, asset_id=generation.asset_id, url=asset_url(asset), poster=poster_url(asset))
    if generation.status in Generation.ENDED:
        return GenerationFailed(**head, status=generation.status, error=generation.error)
    return GenerationProgress(
        **head,
        status=generation.status,
        progress=generation.progress,
        queue_position=generation.queue_position,
        needs_attention=generation.needs_attention,
    )
