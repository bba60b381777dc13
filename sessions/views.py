"""The player's pages. Every move is a form: without JavaScript it answers with a redirect, with it with the new stage alone."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from pixsim.lib.errors import DomainError, Invalid, NotAvailable, NotFound, StaleSession
from pixsim.models import Rating
from worlds.models import World
from worlds.rules.words import first_reason

from . import audits, care, dialogue, migrating, minds, output, pages, publishing, queries, reports, rewind_pages, services, speaking, story_reports
from .api import is_author_of
from .models import GameSession
from .releases import spec_of
from .reports import digest
from .stage import as_attribute

DEV = "dev"
"""In the browser's session: the developer's panel is open, at the form of this NPC."""
CARE = "care"
"""In the browser's session: the game in which the player said that he is in despair. Nothing else of it is kept."""
MOVED_ON = "The story has moved on in another window. This is where it is now."


@require_safe
def front(request: HttpRequest) -> HttpResponse:
    worlds = pages.worlds_on_the_shelf()
    return render(request, "sessions/front.html", {"worlds": worlds, "hero": next((world for world in worlds if world["poster"]), None)})


@require_safe
@never_cache
def shelf(request: HttpRequest) -> HttpResponse:
    return render(request, "sessions/worlds.html", {"worlds": pages.worlds_on_the_shelf(request.user)})


@require_POST
@login_required
def start(request: HttpRequest, world_id: int) -> HttpResponse:
    try:
        world = queries.playable_world(request.user, world_id)
        moved = speaking.began(services.start(user=request.user, world=world, draft=world.published_id is None), patient=False)
    except NotFound as error:
        raise Http404(error.detail) from error
    except DomainError as error:
        messages.error(request, error.detail)
        return redirect("play")
    return redirect("game", moved.session.pk)


def own_session(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A session belongs to its player: to anyone else its pages do not exist. Brought up to date before it is shown."""

    @wraps(view)
    @login_required
    @never_cache
    def found(request: HttpRequest, session_id: int, **more: Any) -> HttpResponse:
        try:
            session = queries.own(request.user, session_id)
        except NotFound as error:
            raise Http404(error.detail) from error
        return view(request, services.rated(session=services.current(dialogue.finish_overdue(session)), user=request.user), **more)

    return found


@require_safe
@own_session
def game(request: HttpRequest, session: GameSession) -> HttpResponse:
    return stage(request, session)


@require_POST
@own_session
def move(request: HttpRequest, session: GameSession) -> HttpResponse:
    def act() -> services.Moved:
        return speaking.told(services.move(session=session, action=pages.action_of(request.POST), version=version_of(request)), patient=False)

    return attempt(request, session, act)


@require_POST
@own_session
def step_back(request: HttpRequest, session: GameSession) -> HttpResponse:
    return attempt(request, session, lambda: services.undo(session=session))


@require_POST
@own_session
def report(request: HttpRequest, session: GameSession) -> HttpResponse:
    given = {name: request.POST.get(name, "").replace("\0", "") for name in ("npc", "line", "reason", "note")}
    try:
        reports.report(session=session, reporter=request.user, **given)
    except DomainError as error:
        return refused(request, session, error)
    return noticed(request, session, "Thank you. Somebody will read this line and decide.")


@require_POST
@own_session
def rate(request: HttpRequest, session: GameSession) -> HttpResponse:
    rating = request.POST.get("rating", "")
    try:
        services.choose_rating(user=request.user, rating=rating)
        moved = services.rated(session=session, user=request.user)
    except DomainError as error:
        return refused(request, session, error)
    return noticed(request, moved, f"From now on your games show at most: {Rating(rating).label.lower()}.")


@require_POST
@own_session
def close_care(request: HttpRequest, session: GameSession) -> HttpResponse:
    request.session.pop(CARE, None)
    return stage(request, session) if wants_part(request) else redirect("game", session.pk)


# -- authors ----------------------------------------------------------------------------------------------------------


@login_required
@never_cache
def publish_world(request: HttpRequest, world_id: int) -> HttpResponse:
    """What is wrong with a draft, and the button that gives it to the players."""
    world = World.objects.authored_by(request.user).filter(pk=world_id).first()
    if world is None:
        raise Http404("There is no such world.")
    if request.method == "POST":
        try:
            renamed = {name.removeprefix("to."): str(new) for name, new in request.POST.items() if name.startswith("to.") and new}
            done = publishing.publish(world=world, actor=request.user, force=request.POST.get("force") == "1", renamed=renamed)
        except DomainError as error:
            messages.error(request, error.detail)
        else:
            changed = len(done.changed)
            messages.success(
                request, f"Published. {changed} part{'s' if changed != 1 else ''} changed." if changed else "Published: nothing had changed."
            )
            return redirect("admin:worlds_world_change", world.pk)
    problems = pages.problems_of(world)
    context = {
        **admin.site.each_context(request), "title": "Problems and publish", "world": world, "problems": problems,
        "broken": any(one.problem.severity == "error" for one in problems), "preview": migrating.preview(world),
        "analysis": story_reports.current_analysis(world),
    }  # fmt: skip
    return render(request, "sessions/publish.html", context)


@require_safe
@login_required
@never_cache
def memories(request: HttpRequest, world_id: int) -> HttpResponse:
    """What the people of a world remember in the games that are played in it: its owner reads them, and staff."""
    world = World.objects.authored_by(request.user).filter(pk=world_id).first()
    if world is None:
        raise Http404("There is no such world.")
    audits.audit_world(actor=request.user, action="read memories", world=world)
    context = {**admin.site.each_context(request), "title": "Memories", **minds.browser(world, request.GET.dict())}
    return render(request, "sessions/memories.html", context)


# -- the stage --------------------------------------------------------------------------------------------------------


def attempt(request: HttpRequest, session: GameSession, act: Callable[[], services.Moved]) -> HttpResponse:
    """Make a move and show what came of it; a refused one is told above the stage, and what was typed stays."""
    if care.in_despair(request.POST.get("text", "")):
        request.session[CARE] = session.pk
    try:
        moved = act()
    except DomainError as error:
        return refused(request, session, error)
    changes = output.changes_json(moved.session.release.ids, moved.changes)
    if wants_part(request):
        return stage(request, moved.session, changes=changes)
    for change in changes:
        if change["label"]:
            messages.info(request, change["label"])
    return redirect("game", session.pk)


def refused(request: HttpRequest, session: GameSession, error: DomainError) -> HttpResponse:
    now = queries.again(session)
    notice = {"kind": "info", "text": now.notice or MOVED_ON} if isinstance(error, StaleSession) else {"kind": "error", "text": words_of(error, now)}
    return stage(request, now, notice=notice, typed=request.POST.get("text", ""), status=error.status)


def noticed(request: HttpRequest, session: GameSession, text: str) -> HttpResponse:
    """The stage as it is, with a word on what was done."""
    if wants_part(request):
        return stage(request, session, notice={"kind": "info", "text": text})
    messages.info(request, text)
    return redirect("game", session.pk)


def words_of(error: DomainError, session: GameSession) -> str:
    reasons = error.reasons if isinstance(error, NotAvailable) else ()
    return f"{error.detail} {first_reason(reasons, spec_of(session.release).names)}".strip()


def stage(
    request: HttpRequest,
    session: GameSession,
    *,
    notice: dict[str, str] | None = None,
    typed: str = "",
    changes: list[dict[str, Any]] | None = None,
    status: int = 200,
) -> HttpResponse:
    page = pages.game_page(session, request.user)
    told = {"kind": "info", "text": session.notice} if session.notice else None
    author = is_author_of(request.user, session)
    context = {
        **page,
        "urls": urls_of(session),
        "notice": notice or told,
        "typed": typed,
        "care": settings.CRISIS_TEXT if request.session.get(CARE) == session.pk else "",
        "ask": next((spot for spot in page["view"]["hotspots"] if spot["hotspot_id"] == request.GET.get("ask")), None),
        "captions_name": digest(as_attribute(page["view"]["media"]["captions"])) if page["view"]["media"]["captions"] else "",
        "ahead_json": as_attribute([] if request.headers.get("Save-Data") == "on" else page["view"]["ahead"]),
        "can_redo": bool(queries.taken_back(session)),
        "author": author,
        "dev": rewind_pages.dev_panel(session, page["session"], request.session[DEV]) if author and DEV in request.session else None,
        "changes_json": as_attribute(changes or []),
    }
    template = "sessions/_parts/stage.html" if wants_part(request) else "sessions/play.html"
    answer = render(request, template, context, status=status)
    answer["Vary"] = "X-Part, Cookie"
    return answer


def urls_of(session: GameSession) -> dict[str, str]:
    """Where the forms and links of the stage lead. A playtest has its own; what it has none for is not offered there."""
    named = {"move": "move", "game": "game", "report": "report", "rate": "rate", "journal": "journal", "back": "step_back"}
    return {name: reverse(view, args=[session.pk]) for name, view in named.items()} | {"leave": reverse("play")}


def wants_part(request: HttpRequest) -> bool:
    """Our own script asks for the part that changes; it says so in a header that no other site may send."""
    return request.headers.get("X-Part") == "1"


def version_of(request: HttpRequest) -> int | None:
    given = request.POST.get("version", "")
    if given and not (given.isascii() and given.isdigit() and len(given) < 18):
        raise Invalid("The version is not a number. Reload the page and try again.")
    return int(given) if given else None
