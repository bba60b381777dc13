"""The author's page of the story analysis: what can be reached and how, what cannot and why, and what random players saw."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from pixsim.lib.errors import DomainError
from scenes.views import author_page
from worlds.models import World

from . import story_reports
from .analysis_plot import plot
from .analysis_serializers import PlayersInput
from .models import StoryReport

KINDS = {
    "node": "Nodes",
    "edge": "Edges",
    "interaction": "Interactions",
    "choice": "Choices in talk",
    "hotspot": "Hotspots",
    "travel": "Ways on the map",
    "ending": "Endings",
}
PLAYERS = {"players": 1_000, "moves": 200, "seed": 1}


@require_http_methods(["GET", "HEAD", "POST"])
@author_page
def world_analysis(request: HttpRequest, world_id: int) -> HttpResponse:
    """GET shows what is known of the present draft; POST asks for it, sends random players, or plays a way."""
    world = World.objects.authored_by(request.user).filter(pk=world_id).first()
    if world is None:
        raise Http404("There is no such world.")
    if request.method == "POST":
        return _ask(request, world)
    report = story_reports.current_analysis(world)
    players = story_reports.newest_players(world)
    context = {
        **admin.site.each_context(request),
        "title": "Story analysis",
        "world": world,
        "report": report,
        "found": _shown(report.result) if report is not None and report.result else None,
        "players": players,
        "unseen": [row for row in players.result["coverage"] if not row["players"]] if players is not None and players.result else [],
        "asked": PLAYERS,
    }
    return render(request, "sessions/analysis.html", context)


def _ask(request: HttpRequest, world: World) -> HttpResponse:
    try:
        if "way" in request.POST:
            session = story_reports.play_way(user=request.user, report=story_reports.analysed(world), way=_number(request.POST["way"]))
            return redirect("game", session.pk)
        if "players" in request.POST:
            given = PlayersInput(data={name: _number(request.POST.get(name) or str(usual)) for name, usual in PLAYERS.items()})
            if given.is_valid():
                story_reports.order_players(world=world, actor=request.user, **given.validated_data)
            else:
                messages.error(request, "Send 1 to 5,000 players for 1 to 500 moves.")
        else:
            story_reports.order_analysis(world=world, actor=request.user)
    except DomainError as error:
        messages.error(request, error.detail)
    return redirect("world_analysis", world.pk)


def _number(text: str) -> int:
    """A whole number as a form sends it; −1 for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 11 else -1


@require_safe
@author_page
def players_plot(request: HttpRequest, world_id: int, report_id: int) -> HttpResponse:
    reports = StoryReport.objects.filter(world__in=World.objects.authored_by(request.user), world=world_id, kind=StoryReport.Kind.PLAYERS)
    report = get_object_or_404(reports, pk=report_id, status=StoryReport.Status.DONE)
    return HttpResponse(plot(report.result), content_type="image/svg+xml")


def _shown(result: dict[str, Any]) -> dict[str, Any]:
    answers = result["answers"]
    endings = {(each["kind"], each["path"]) for each in result["endings"]}
    return {
        **{name: result[name] for name in ("complete", "writer", "states", "steps", "traps", "always", "flags")},
        "rows": [{"name": KINDS[kind], **row} for kind, row in result["counts"].items()],
        "endings": [each for each in answers if (each["kind"], each["path"]) in endings],
        "shut": [each for each in answers if each["status"] == "impossible"],
        "unknown": [each for each in answers if each["status"] == "unknown"],
        "open": [
            {"name": KINDS[kind], "answers": [each for each in answers if each["kind"] == kind and each["status"] == "reachable"]}
            for kind in KINDS
            if any(each["kind"] == kind and each["status"] == "reachable" for each in answers)
        ],
    }
