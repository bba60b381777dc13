"""What is told on `/ws/world/{id}` beside jobs: that the draft has changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from pixsim.lib import live


@dataclass(frozen=True, kw_only=True, slots=True)
class WorldChanged(live.LiveEvent):
    """`version` counts authored changes; `parts` are those of this change, such as `scenes/tavern`."""

    type: ClassVar[str] = "world_changed"
    version: int
    parts: list[str]
    actor_id: int | None


def tell_change(*, world_id: int, version: int, parts: list[str], actor_id: int | None, **_: Any) -> None:
    """Receiver of `worlds.services.authored_changed`, which comes after the commit."""
    live.ring(f"world/{world_id}", version=version, parts=parts[:200], actor_id=actor_id)
