"""The trace that staff leave where they read or change what is not theirs."""

from __future__ import annotations

from typing import Any

from pixsim.models import AuditEntry
from worlds.models import World

from .models import GameSession


def audit_session(*, actor: Any, action: str, session: GameSession) -> None:
    """A session of somebody else's was read or changed."""
    if actor.is_staff and session.user_id != actor.pk:
        AuditEntry.objects.create(actor=actor, action=action, subject=f"session/{session.pk}")


def audit_world(*, actor: Any, action: str, world: World) -> None:
    """Likewise for what is read of all games of a world at once."""
    if actor.is_staff and world.owner_id != actor.pk:
        AuditEntry.objects.create(actor=actor, action=action, subject=f"world/{world.pk}")
