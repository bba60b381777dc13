"""The prompt inspector: the turns of a world or a session, one of them with all it came from, two beside each other. For its owner and staff."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from pixsim.lib.admin import pretty
from scenes.views import author_page
from worlds.models import World

from . import audits, inspecting, queries
from .models import DialogueTurn, GameSession
from .spec import WorldSpec

PER_PAGE = 40
OUTCOMES = {"fallback": "In another's place", "clamped": "Cut down", "late": "Too late", "tried": "Tried out under overrides"}


@require_safe
@author_page
def world_turns(request: HttpRequest, world_id: int) -> HttpResponse:
    """The latest lines said in a world, in whatever game."""
    world = World.objects.authored_by(request.user).filter(pk=world_id).first()
    if world is None:
        raise Http404("There is no such world.")
    return _list(request, DialogueTurn.objects.filter(session__world=world), world=world, session=None)


@require_safe
@author_page
def session_turns(request: HttpRequest, session_id: int) -> HttpResponse:
    session = inspected_session(request, session_id)
    return _list(request, DialogueTurn.objects.filter(session=session), world=session.world, session=session)


@require_safe
@author_page
def turn(request: HttpRequest, session_id: int, turn_id: int) -> HttpResponse:
    session = inspected_session(request, session_id)
    found = _turn(request, turn_id, session=session.pk)
    world = queries.spec_of_turn(found)
    nearby = DialogueTurn.objects.filter(session=session)
    context = {
        **_page(request, session.world, session),
        "title": f"{_name(world, found)}, turn {found.turn}",
        "turn": found,
        "shown": _shown(found, world),
        "facts": inspecting.facts(found),
        "sections": inspecting.sections(found),
        "why": inspecting.why_this_line(found, world),
        "mood": inspecting.mood_sum(found.mood),
        "mood_words": inspecting.mood_words(found.mood),
        "kinds": list(dict.fromkeys(inspecting.KINDS.values())),
        "cuts": inspecting.cuts(found),
        "proposal": pretty(found.proposal),
        "schema": pretty(found.prompt["schema"]) if found.prompt.get("schema") else "",
        "changes": [change.get("label") or change.get("path", "") for change in found.result.get("changes", ())],
        "earlier": nearby.filter(pk__lt=found.pk).order_by("-pk").values_list("pk", flat=True).first(),
        "later": nearby.filter(pk__gt=found.pk).order_by("pk").values_list("pk", flat=True).first(),
    }
    return render(request, "sessions/turn.html", context)


@require_safe
@author_page
def compare(request: HttpRequest, session_id: int) -> HttpResponse:
    """Two turns side by side: `left` and `right` of the query; the right one may be of another session."""
    session = inspected_session(request, session_id)
    left, right = (_turn(request, _number(request.GET.get(side, ""))) for side in ("left", "right"))
    context = {
        **_page(request, session.world, session),
        "title": "Two turns side by side",
        "sides": [_shown(one, queries.spec_of_turn(one)) for one in (left, right)],
        "compared": inspecting.compared(left, right),
        "kinds": list(dict.fromkeys(inspecting.KINDS.values())),
    }
    return render(request, "sessions/turns_compare.html", context)


def inspected_session(request: HttpRequest, session_id: int) -> GameSession:
    """A session whose prompts this author may read: of a world of his; staff any, with a trace. Raises Http404."""
    session = queries.inspected(request.user).filter(pk=session_id).first()
    if session is None:
        raise Http404("There is no such session.")
    audits.audit_session(actor=request.user, action="read", session=session)
    return session


# -- shapes for pages -------------------------------------------------------------------------------------------------


def _list(request: HttpRequest, turns: Any, *, world: World, session: GameSession | None) -> HttpResponse:
    people = list(turns.order_by("npc_key").values_list("npc_key", flat=True).distinct())
    npc, kind = request.GET.get("npc", ""), request.GET.get("kind", "")
    if npc in people:
        turns = turns.filter(npc_key=npc)
    if kind == "fallback":
        turns = turns.exclude(fallback="")
    elif kind in DialogueTurn.Outcome.values:
        turns = turns.filter(outcome=kind)
    elif kind == "clamped":
        turns = turns.filter(result__clamped__0__isnull=False)
    rows = turns.brief().select_related("session__release").defer("prompt", "raw", "mood", "proposal", "session__state", "session__release__document")
    page = Paginator(rows.order_by("-pk"), PER_PAGE).get_page(request.GET.get("page"))
    shown = [_shown(row, queries.spec_of_turn(row)) for row in page]
    context = {
        **_page(request, world, session),
        "title": f"Lines said in session {session.pk}" if session else f"Lines said in {world.name}",
        "page": page, "rows": shown, "people": [(key, key.replace("_", " ").capitalize()) for key in people], "npc": npc, "kind": kind,
        "kinds": OUTCOMES.items(),
        "compare_in": session.pk if session else next((row["turn"].session_id for row in shown), None),
    }  # fmt: skip
    return render(request, "sessions/turns.html", context)


def _page(request: HttpRequest, world: World, session: GameSession | None) -> dict[str, Any]:
    return {**admin.site.each_context(request), "world": world, "session": session}


def _turn(request: HttpRequest, turn_id: int, **more: Any) -> DialogueTurn:
    rows = DialogueTurn.objects.inspected_by(request.user).select_related("session__release", "session__world")
    found = rows.defer("session__release__document", "session__state").filter(pk=turn_id, **more).first()
    if found is None:
        raise Http404("There is no such turn.")
    return found


def _shown(turn: DialogueTurn, world: WorldSpec) -> dict[str, Any]:
    interaction = world.interactions(turn.npc_key).get(turn.interaction) if turn.npc_key in world.npc_keys else None
    return {
        "turn": turn,
        "name": _name(world, turn),
        "when": world.clock.at(turn.world_time).label,
        "interaction": interaction.label if interaction else turn.interaction,
        "writer": inspecting.writer_words(turn),
        "cost": inspecting.money(turn.cost),
        "clamped": len(turn.result.get("clamped", ())),
    }


def _name(world: WorldSpec, turn: DialogueTurn) -> str:
    return world.npc(turn.npc_key).name if turn.npc_key in world.npc_keys else turn.npc_key


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0
