"""What lies beside the game: map, journal and the like. Each is a page of its own, and with script a sheet over the game."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from worlds.rules import captions, look

from . import atlas, pages, story
from .api import is_author_of
from .models import GameSession
from .releases import spec_of
from .views import own_session, wants_part


def sheet(request: HttpRequest, session: GameSession, name: str, title: str, context: dict[str, Any]) -> HttpResponse:
    template = f"sessions/_parts/{name}.html" if wants_part(request) else "sessions/sheet.html"
    found = {**context, "session": session, "world": session.world, "title": title, "part": f"sessions/_parts/{name}.html", "name": name}
    answer = render(request, template, found)
    answer["Vary"] = "X-Part, Cookie"
    return answer


@require_safe
@own_session
def map_sheet(request: HttpRequest, session: GameSession) -> HttpResponse:
    return sheet(request, session, "map", "Map", atlas.map_page(session, request.GET, author=is_author_of(request.user, session)))


@require_safe
@own_session
def journal(request: HttpRequest, session: GameSession) -> HttpResponse:
    q = words_asked(request)
    entries = pages.journal_of(session)
    if q:
        needle = q.casefold()
        entries = [entry for entry in entries if needle in " ".join((entry["title"], entry["clock"], *entry["changes"])).casefold()]
    return sheet(request, session, "journal", "Journal", {"entries": entries, "q": q})


@require_safe
@own_session
def backlog(request: HttpRequest, session: GameSession) -> HttpResponse:
    q = words_asked(request)
    return sheet(request, session, "backlog", "What was said", {"chapters": story.chapters(story.lines_of(session, q)), "q": q})


@require_safe
@own_session
def things(request: HttpRequest, session: GameSession) -> HttpResponse:
    return sheet(request, session, "things", "Things and traits", pages.things_of(session))


@require_safe
@own_session
def keys(request: HttpRequest, session: GameSession) -> HttpResponse:
    return sheet(request, session, "keys", "Keys", {})


@require_safe
@own_session
def transcript(request: HttpRequest, session: GameSession) -> HttpResponse:
    """The whole playthrough to read, or to print: nothing but text."""
    context = {"session": session, "world": session.world, "chapters": story.chapters(story.told(session))}
    return render(request, "sessions/transcript.html", context)


@require_safe
@own_session
def theme(request: HttpRequest, session: GameSession) -> HttpResponse:
    """The world's own colours. A stylesheet of its own, for the pages allow no inline style."""
    return HttpResponse(look.stylesheet(spec_of(session.release).manifest.get("look") or {}), content_type="text/css; charset=utf-8")


@require_safe
@own_session
def subtitles(request: HttpRequest, session: GameSession) -> HttpResponse:
    """The captions of the clip that is shown."""
    return HttpResponse(captions.webvtt(pages.captions_of(session)), content_type="text/vtt; charset=utf-8")


def words_asked(request: HttpRequest) -> str:
    return request.GET.get("q", "").replace("\0", "").strip()[:100]
