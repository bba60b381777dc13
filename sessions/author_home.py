"""The front page of the author's door: each world with what an author wants to know of it first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.cache import cache
from django.db.models import Count, OuterRef, QuerySet, Subquery, Window
from django.db.models.functions import Coalesce, RowNumber
from django.http import HttpRequest
from django.utils import timezone

from generation import budget
from generation.queries import asset_url, poster_url
from npcs.models import Npc
from pixsim.lib import authoring
from scenes import problems
from scenes.models import Scene
from worlds.models import Location, World

from . import next_steps, problem_views
from .models import GameSession

Json = dict[str, Any]
WORLDS_SHOWN, GAMES_SHOWN, COUNTED = 12, 3, 2
KEPT_SEC = 15 * 60  # a file may come or fail without a new version


LINKS = (
    ("", "play", "Play", 1, "world={id}#world-{id}"),
    ("", "publish_world", "Publish", 2, ""),
    ("Write", "studio", "Interaction studio", 50, "world={id}"),
    ("Test", "world_problems", "Problems", 1, ""),
    ("Test", "world_analysis", "Story analysis", 3, ""),
    ("Test", "story_tests", "Story tests", 4, ""),
    ("Players", "world_sessions", "Sessions", 1, ""),
    ("Players", "world_funnel", "Where players are lost", 3, ""),
    ("Players", "world_experiments", "Experiments", 4, ""),
    ("Players", "world_turns", "Prompts and lines", 5, ""),
    ("Players", "memories", "Memories", 6, ""),
    ("Players", "admin:game_sessions_linereport_changelist", "Reported lines", 7, "of_world={id}"),
)
"""Pages of this app about one world."""


def register() -> None:
    authoring.front(front)
    authoring.panel("world", "sessions/_parts/next_steps.html", next_steps.panel)
    authoring.panel("world", "sessions/_parts/problems_panel.html", problem_views.panel)
    for group, url_name, title, order, query in LINKS:
        authoring.link("world", url_name, title, order=order, query=query, group=group)
    authoring.link("index", "first_world", "Guided first world", order=1)
    authoring.link("index", "new_world", "New world …", order=2)
    authoring.link("add_world", "first_world", "guided, step by step", order=1)
    authoring.link("add_world", "new_world", "from The Harbor District or from a file", order=2)


def front(request: HttpRequest) -> Json:
    """The worlds last worked on, at most twelve."""
    worlds = list(_worlds(request.user))
    ids = [world.pk for world in worlds]
    games, days, problems_of = _last_games(ids), budget.days_of_worlds(ids, timezone.now()), problem_counts(worlds)
    cards = [_card(world, request.user, games.get(world.pk, []), days[world.pk], problems_of.get(world.pk)) for world in worlds]
    return {"home_cards": cards, "home_more": len(worlds) == WORLDS_SHOWN}


def _worlds(user: Any) -> QuerySet[World]:
    def number(model: Any) -> Coalesce:
        rows = model.objects.filter(world=OuterRef("pk")).order_by().values("world").annotate(n=Count("pk")).values("n")
        return Coalesce(Subquery(rows), 0)

    found = World.objects.authored_by(user).select_related("poster", "owner", "published").defer("published__document", "published__ids")
    counted = found.annotate(places=number(Location), people=number(Npc), scenes_number=number(Scene), games=number(GameSession))
    return counted.order_by("-updated_at", "-pk")[:WORLDS_SHOWN]


def _last_games(worlds: Iterable[int]) -> dict[int, list[GameSession]]:
    """The last few games of each world. One query."""
    place = Window(RowNumber(), partition_by="world", order_by=("-updated_at", "-pk"))
    found: dict[int, list[GameSession]] = {}
    for game in (
        GameSession.objects.filter(world__in=worlds).annotate(place=place).filter(place__lte=GAMES_SHOWN).select_related("user").defer("state")
    ):
        found.setdefault(game.world_id, []).append(game)
    return {world: sorted(games, key=lambda game: game.place) for world, games in found.items()}  # type: ignore[attr-defined]


def _card(world: World, user: Any, games: list[GameSession], today: budget.Day, problem_counts: Json | None) -> Json:
    return {
        "world": world,
        "poster": poster_url(world.poster) or asset_url(world.poster) or "",
        "theme": str(world.meta.get("theme") or ""),
        "problems": problem_counts,
        "sessions": [{"id": game.pk, "who": game.user.get_username(), "at": game.updated_at, "mine": game.user_id == user.pk} for game in games],
        "spent": budget.credits_of(today.spent),
        "limit": budget.credits_of(today.limit),
        "links": authoring.links("world", world.pk),
        "is_new": world.published_id is None,
        "is_ahead": world.published_id is not None and world.draft_id != world.published_id,
    }


def problem_counts(worlds: Iterable[World]) -> dict[int, Json]:
    """Errors and warnings of drafts, by world; counted once for each version of a draft, and for no more than `COUNTED` of them in one visit: to
    count is to read the whole world. The first of `worlds` come first; those that have to wait for the next visit are left out."""
    keys = {f"problems:{world.pk}:{world.draft_version}": world for world in worlds}
    known: dict[str, Json] = cache.get_many(keys)
    for key in [key for key in keys if key not in known][:COUNTED]:
        known[key] = problems.counts(keys[key])
        cache.set(key, known[key], KEPT_SEC)
    return {keys[key].pk: counts for key, counts in known.items()}
