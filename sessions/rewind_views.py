"""Pages on a session's past: forward again, back to an event, saves, branches; the developer's panel; the author's timeline with its proof."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from pixsim.lib.errors import DomainError, Invalid, NotFound
from scenes.views import author_page

from . import proofs, queries, rewind_pages, saves, services
from .api import is_author_of
from .models import GameSession
from .releases import spec_of
from .stage import dressed
from .turn_views import inspected_session
from .views import DEV, attempt, noticed, own_session, refused, urls_of

# -- back and forth ---------------------------------------------------------------------------------------------------


@require_POST
@own_session
def step_forward(request: HttpRequest, session: GameSession) -> HttpResponse:
    return attempt(request, session, lambda: services.redo(session=session))


@require_POST
@own_session
def rewind(request: HttpRequest, session: GameSession) -> HttpResponse:
    """Back to any event of the journal."""
    version = _number(request.POST.get("version", ""))
    return attempt(request, session, lambda: services.undo(session=session, to_version=version))


@require_POST
@own_session
def fork(request: HttpRequest, session: GameSession) -> HttpResponse:
    """A second game with the same past; with `version` from that moment on."""
    try:
        twin = services.fork(session=session, user=session.user)
        if text := request.POST.get("version", ""):
            services.restore(session=queries.fresh(twin.pk), version=_number(text), why="load")
    except DomainError as error:
        messages.error(request, error.detail)
        return redirect("saves", session.pk)
    messages.success(request, "This is a second game with the same past. The first one stays as it is.")
    return redirect("game", twin.pk)


# -- saves ------------------------------------------------------------------------------------------------------------


@require_safe
@own_session
def saves_page(request: HttpRequest, session: GameSession) -> HttpResponse:
    return render(request, "sessions/saves.html", rewind_pages.saves_page(session, request.user))


@require_POST
@own_session
def save_new(request: HttpRequest, session: GameSession) -> HttpResponse:
    return _about_saves(request, session, lambda: services.save(session=session, name=_name(request)), "Saved.")


@require_POST
@own_session
def save_rename(request: HttpRequest, session: GameSession, number: int) -> HttpResponse:
    return _about_saves(request, session, lambda: saves.rename(session=session, number=number, name=_name(request)), "Renamed.")


@require_POST
@own_session
def save_delete(request: HttpRequest, session: GameSession, number: int) -> HttpResponse:
    return _about_saves(request, session, lambda: saves.delete(session=session, number=number), "The save is gone. What was played stays.")


@require_POST
@own_session
def save_load(request: HttpRequest, session: GameSession, number: int) -> HttpResponse:
    return attempt(request, session, lambda: services.load_save(session=session, number=number))


def _about_saves(request: HttpRequest, session: GameSession, act: Callable[[], object], done: str) -> HttpResponse:
    try:
        act()
    except DomainError as error:
        messages.error(request, error.detail)
    else:
        messages.success(request, done)
    return redirect("saves", session.pk)


def _name(request: HttpRequest) -> str:
    return request.POST.get("name", "").replace("\0", "").strip()[:120]


# -- the developer's panel --------------------------------------------------------------------------------------------


def developed_session(view: Callable[[HttpRequest, GameSession], HttpResponse]) -> Callable[..., HttpResponse]:
    """One's own session of a world one writes; staff any of their own."""

    @own_session
    def found(request: HttpRequest, session: GameSession) -> HttpResponse:
        if not is_author_of(request.user, session):
            raise Http404("There is no such page.")
        return view(request, session)

    return found


@require_POST
@developed_session
def dev_panel(request: HttpRequest, session: GameSession) -> HttpResponse:
    """Opens or closes the panel, or shows the form of another NPC. Which one is open is kept in the browser's session."""
    if request.POST.get("open") == "0":
        request.session.pop(DEV, None)
    else:
        request.session[DEV] = request.POST.get("npc", "")[:80]
    return attempt(request, session, lambda: services.Moved(session, spec_of(session.release), queries.state_of(session)))


@require_POST
@developed_session
def dev_override(request: HttpRequest, session: GameSession) -> HttpResponse:
    try:
        npc, given = rewind_pages.overrides_of(request.POST, session)
        lasting = request.POST.get("lasting") == "1"
        moved = services.override(session=session, actor=request.user, npc=npc, given=given, temporary=not lasting)
    except Invalid as error:
        return refused(request, session, Invalid(" ".join([error.detail] if not error.errors else [one.message for one in error.errors])))
    except DomainError as error:
        return refused(request, session, error)
    return attempt(request, moved.session, lambda: moved)


@require_POST
@own_session
def dev_reset(request: HttpRequest, session: GameSession) -> HttpResponse:
    """Whoever plays a session may have it back as it really is."""
    real = services.reset(session=session, npc=request.POST.get("npc") or None)
    return noticed(request, real, "Some overrides remain." if real.over else "The overrides are gone. This is the game as it really is.")


# -- the author's timeline --------------------------------------------------------------------------------------------


@require_safe
@author_page
def timeline(request: HttpRequest, session_id: int) -> HttpResponse:
    """What happened in a session, and how it looked then. With `?verify=1` the whole log is played again."""
    session = inspected_session(request, session_id)
    version = request.GET.get("version", "")
    proof = proofs.proof(session) if request.GET.get("verify") else None
    context = {
        **admin.site.each_context(request), "world": session.world, "session": session, "title": f"What happened in session {session.pk}",
        **rewind_pages.timeline(session, _number(version) if version else None), "proof": proof,
        "branches": list(rewind_pages.tree(queries.branches(session, request.user), session)),
    }  # fmt: skip
    return render(request, "sessions/timeline.html", context)


@require_safe
@author_page
def view_at(request: HttpRequest, session_id: int, version: int) -> HttpResponse:
    """The player's page at a version, to look at: nothing on it can be pressed."""
    session = inspected_session(request, session_id)
    try:
        shown = rewind_pages.view_at(session, version)
    except NotFound as error:
        raise Http404(error.detail) from error
    context: dict[str, Any] = {
        "session": shown, "view": dressed(shown["view"]), "world": session.world, "urls": urls_of(session),
        "captions_name": "", "ahead_json": "[]", "changes_json": "[]",
    }  # fmt: skip
    return render(request, "sessions/then.html", context)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0
