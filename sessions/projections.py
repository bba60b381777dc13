"""Tables that repeat a part of the state for questions across sessions; rebuildable at any time."""

from __future__ import annotations

from .engine import PlayState
from .models import ConversationMemory, GameSession


def remember(session: GameSession, before: PlayState, after: PlayState) -> None:
    """Brings the memories of those people up to date whose memories changed. No query where none did."""
    changed = [npc for npc in {*before.memories, *after.memories} if before.memories.get(npc) != after.memories.get(npc)]
    if changed:
        ConversationMemory.objects.filter(session=session, npc_key__in=changed).delete()
        _write(session, after, changed)


def rebuild(session: GameSession, state: PlayState) -> None:
    """All of a session's projections anew."""
    ConversationMemory.objects.filter(session=session).delete()
    _write(session, state, list(state.memories))


def _write(session: GameSession, state: PlayState, people: list[str]) -> None:
    ConversationMemory.objects.bulk_create(
        ConversationMemory(
            session=session, npc_key=npc, memory_type="LONG_TERM" if memory.kind == "long" else "SHORT_TERM", importance=memory.importance,
            topic=memory.topic[:80], summary=memory.summary, mood=memory.mood[:40], world_time=memory.at,
            decays_at=memory.fades_at, witnessed=memory.witnessed, witnesses=list(memory.witnesses), told_by=memory.told_by[:80],
        )
        for npc in sorted(people)
        for memory in state.memories.get(npc, ())
    )  # fmt: skip
