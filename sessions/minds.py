"""The memory browser of authors: what the people of a world remember in the games that are played in it, what has faded, who told whom."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import BigIntegerField, Count, F, Q, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from npcs.models import Npc
from worlds.models import World
from worlds.rules.clock import Clock
from worlds.rules.words import title

from .models import ConversationMemory, GameSession

PAGE = 60
SESSIONS_SHOWN = 200
SHOW = {"": "All", "alive": "Remembered now", "faded": "Faded", "long": "Lasting", "told": "Only told", "witnessed": "With witnesses"}


def browser(world: World, given: Mapping[str, str]) -> dict[str, Any]:
    """A page of memories, with what they can be filtered by. Six queries."""
    names = dict(Npc.objects.filter(world=world).order_by("name").values_list("key", "name"))
    found = _found(world, given)
    clock = Clock.parse((world.meta.get("manifest") or {}).get("clock"))
    page: Page[ConversationMemory] = Paginator(found.order_by("-session_id", "npc_key", "-world_time", "-id"), PAGE).get_page(given.get("page"))
    return {
        "world": world,
        "names": sorted(names.items(), key=lambda entry: entry[1]),
        "games": [(pk, f"Game {pk} of {player}") for pk, player in _games(world)],
        "shows": SHOW.items(),
        "given": {name: given.get(name, "") for name in ("npc", "session", "q", "show")},
        "page": page,
        "rows": [_row(memory, names, clock) for memory in page.object_list],
        "gossip": [
            {"teller": _name(names, one["told_by"]), "listener": _name(names, one["npc_key"]), "count": one["count"]}
            for one in found.exclude(told_by="")
            .values("told_by", "npc_key")
            .annotate(count=Count("pk"))
            .order_by("-count", "told_by", "npc_key")[:30]
        ],
    }


def _games(world: World) -> QuerySet[GameSession, tuple[int, str]]:
    return GameSession.objects.filter(world=world).order_by("-updated_at").values_list("pk", "user__username")[:SESSIONS_SHOWN]


def _found(world: World, given: Mapping[str, str]) -> QuerySet[ConversationMemory]:
    now = Cast(KeyTextTransform("world_time", "session__state"), BigIntegerField())
    found = ConversationMemory.objects.filter(session__world=world).select_related("session__user").annotate(now=now).defer("session__state")
    if given.get("npc"):
        found = found.filter(npc_key=given["npc"])
    if (session := given.get("session", "")) and session.isascii() and session.isdigit() and len(session) < 19:
        found = found.filter(session=int(session))
    for word in given.get("q", "").replace("\0", "").split()[:8]:
        found = found.filter(Q(topic__icontains=word) | Q(summary__icontains=word))
    match given.get("show"):
        case "alive":
            return found.filter(Q(decays_at=None) | Q(decays_at__gt=F("now")))
        case "faded":
            return found.filter(decays_at__lte=F("now"))
        case "long":
            return found.filter(decays_at=None)
        case "told":
            return found.filter(witnessed=False)
        case "witnessed":
            return found.exclude(witnesses=[])
    return found


def _row(memory: ConversationMemory, names: Mapping[str, str], clock: Clock) -> dict[str, Any]:
    now: int = memory.now  # type: ignore[attr-defined]
    lasts = memory.decays_at is None
    left = 1.0 if memory.decays_at is None else max(0.0, min(1.0, (memory.decays_at - now) / max(1, memory.decays_at - memory.world_time)))
    return {
        "session": memory.session_id,
        "player": memory.session.user.get_username(),
        "npc": _name(names, memory.npc_key),
        "topic": title(memory.topic),
        "summary": memory.summary,
        "importance": memory.importance,
        "when": clock.at(memory.world_time).label,
        "lasts": lasts,
        "left": round(left * 100),
        "faded": not lasts and left <= 0,
        "mood": memory.mood,
        "told_by": _name(names, memory.told_by) if memory.told_by else "",
        "witnessed": memory.witnessed,
        "witnesses": ", ".join(_name(names, key) for key in memory.witnesses),
    }


def _name(names: Mapping[str, str], key: str) -> str:
    return names.get(key) or title(key)
