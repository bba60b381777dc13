"""What an NPC remembers of the player: pure values in, pure values out. A memory gates nothing; it colours what is said.

Records live in the state of play as plain JSON: `topic, summary, importance, at, kind, mood, witnessed, witnesses, told_by`. `at` is world time
in seconds. Nobody knows more than what he saw himself, what happened before his eyes to somebody else, and what he was told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, Protocol

LIMIT: Final = 40
SHORT_TERM_SEC: Final = 24 * 3600
LASTING_IMPORTANCE: Final = 7
OVERHEARD: Final = 2
"""How much less a bystander cares than the one it happened to."""
RETOLD: Final = 1
"""What a story loses with every teller."""

Kind = Literal["short", "long"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """One thing an NPC knows. `importance` is 1–10; `short` ones fade over 24 h of world time; `witnessed` means seen, not told.

    `witnesses` are the others who were there, by key; `told_by` is who told it, for what was not seen. `of` is never stored: in what somebody
    saw happen to another it says to whom.
    """

    topic: str
    summary: str
    importance: int = 5
    at: int = 0
    kind: Kind = "short"
    mood: str = ""
    witnessed: bool = True
    witnesses: tuple[str, ...] = ()
    told_by: str = ""
    of: str = ""

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> Memory:
        """A memory from its JSON; importance is clamped to 1–10. Without a kind, importance ≥ 7 lasts."""
        importance = min(10, max(1, round(float(data.get("importance", 5)))))
        kind: Kind = "long" if data.get("kind", "long" if importance >= LASTING_IMPORTANCE else "short") == "long" else "short"
        return cls(
            topic=str(data.get("topic", "")),
            summary=str(data.get("summary", "")),
            importance=importance,
            at=int(data.get("at", 0)),
            kind=kind,
            mood=str(data.get("mood", "")),
            witnessed=bool(data.get("witnessed", True)),
            witnesses=tuple(map(str, data.get("witnesses") or ())),
            told_by=str(data.get("told_by", "")),
        )

    def as_json(self) -> dict[str, Any]:
        """The record as stored; defaults are left out."""
        data: dict[str, Any] = {"topic": self.topic, "summary": self.summary, "importance": self.importance, "at": self.at, "kind": self.kind}
        if self.mood:
            data["mood"] = self.mood
        if not self.witnessed:
            data["witnessed"] = False
        if self.witnesses:
            data["witnesses"] = list(self.witnesses)
        if self.told_by:
            data["told_by"] = self.told_by
        return data

    @property
    def fades_at(self) -> int | None:
        """The world time at which nothing of it is left; None for what stays."""
        return None if self.kind == "long" else self.at + SHORT_TERM_SEC

    @property
    def source(self) -> str:
        """How it came to be known: own, overheard or told."""
        return "overheard" if self.of else "own" if self.witnessed else "told"


def strength(memory: Memory, *, world_time: int) -> float:
    """How much of a memory is left, 0–1: long ones stay whole, short ones fade linearly over 24 h of world time."""
    if memory.kind == "long":
        return 1.0
    age = max(0, world_time - memory.at)
    return max(0.0, 1.0 - age / SHORT_TERM_SEC)


def alive(memories: Iterable[Memory], *, world_time: int) -> tuple[Memory, ...]:
    """Those that have not faded, in the order they were made."""
    return tuple(memory for memory in memories if strength(memory, world_time=world_time) > 0)


def remember(memories: Iterable[Memory], new: Memory, *, world_time: int, limit: int = LIMIT) -> tuple[Memory, ...]:
    """The memories with one more, oldest first, at most `limit`.

    The same thing told twice (topic and summary) is one memory: refreshed, with the higher importance. Faded ones go first; over the limit the
    weakest goes – least importance times strength, then the oldest, then by topic – so the same history always leaves the same memories.
    """
    kept = []
    for old in alive(memories, world_time=world_time):
        if (old.topic, old.summary) == (new.topic, new.summary):
            new = _merged(old, new)
        else:
            kept.append(old)
    kept.append(new)
    while len(kept) > limit:
        kept.remove(min(kept, key=lambda memory: _worth(memory, world_time)))
    return tuple(kept)


def known_to(npc: str, memories: Mapping[str, Iterable[Memory]]) -> tuple[Memory, ...]:
    """All that an NPC knows, of the memories of everybody: its own, and what happened to others before its eyes."""
    seen = (
        replace(memory, of=other, importance=max(1, memory.importance - OVERHEARD), witnesses=(), mood="")
        for other in sorted(memories)
        if other != npc
        for memory in memories[other]
        if npc in memory.witnesses
    )
    return (*memories.get(npc, ()), *seen)


def retold(memory: Memory, *, teller: str, at: int, mood: str = "") -> Memory:
    """What a listener keeps of a memory that somebody tells: a little less of it, only for a day, and from whom he has it."""
    importance = max(1, memory.importance - RETOLD)
    return Memory(topic=memory.topic, summary=memory.summary, importance=importance, at=at, mood=mood, witnessed=False, told_by=teller)


# -- recall -----------------------------------------------------------------------------------------------------------


class Recaller(Protocol):
    """One way of finding what matters now. A vector store fits behind it. The same question must always give the same answer, or the prompt of a
    state would not be the one that is previewed, and never a memory that is not among those given: they are all the NPC knows."""

    def recall(self, memories: Iterable[Memory], *, world_time: int, tags: Iterable[str], limit: int) -> tuple[Memory, ...]: ...


class ByWords:
    """By words shared with the tags, then by importance and recency."""

    def recall(self, memories: Iterable[Memory], *, world_time: int, tags: Iterable[str], limit: int) -> tuple[Memory, ...]:
        wanted = frozenset(word for tag in tags for word in words_of(tag))
        ranked = sorted(
            alive(memories, world_time=world_time),
            key=lambda memory: (-_relevance(memory, wanted, world_time), -memory.at, memory.topic, memory.summary, memory.of),
        )
        return tuple(ranked[:limit])


_recaller: Recaller = ByWords()


def recall_by(recaller: Recaller) -> Recaller:
    """From now on memories are found by `recaller`; gives the one before. For an app's `ready()`."""
    global _recaller
    before, _recaller = _recaller, recaller
    return before


def recall(memories: Iterable[Memory], *, world_time: int, tags: Iterable[str] = (), limit: int = 5) -> tuple[Memory, ...]:
    """The most relevant memories, best first: a word shared with `tags` (topics, places, an interaction) counts most, then importance and recency."""
    return _recaller.recall(memories, world_time=world_time, tags=tags, limit=limit)


def about(memories: Iterable[Memory], topic: str) -> tuple[Memory, ...]:
    """Those on a topic: all words of it are in theirs. Without a topic all."""
    wanted = words_of(topic)
    return tuple(memory for memory in memories if wanted <= words_of(memory.topic))


def _merged(old: Memory, new: Memory) -> Memory:
    lasting: Kind = "long" if "long" in (old.kind, new.kind) else "short"
    return Memory(
        topic=new.topic,
        summary=new.summary,
        importance=max(old.importance, new.importance),
        at=new.at,
        kind=lasting,
        mood=new.mood or old.mood,
        witnessed=old.witnessed or new.witnessed,
        witnesses=tuple(sorted({*old.witnesses, *new.witnesses})),
        told_by="" if old.witnessed or new.witnessed else new.told_by or old.told_by,
    )


def _worth(memory: Memory, world_time: int) -> tuple[float, int, str, str]:
    return (memory.importance * strength(memory, world_time=world_time), memory.at, memory.topic, memory.summary)


def _relevance(memory: Memory, wanted: frozenset[str], world_time: int) -> float:
    shared = len(wanted.intersection(words_of(memory.topic))) * 2 + len(wanted.intersection(words_of(memory.summary)))
    return shared * 10 + memory.importance * (0.5 + 0.5 * strength(memory, world_time=world_time))


def words_of(text: str) -> frozenset[str]:
    """The words of three letters and more, in lower case."""
    cleaned = "".join(letter if letter.isalnum() else " " for letter in text.lower())
    return frozenset(word for word in cleaned.split() if len(word) > 2)
