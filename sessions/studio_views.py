"""The interaction studio, and what players may ask about a lock."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from scenes.views import author_page, chosen_world, own_worlds

from . import publishing, queries, ways
from . import studio as made_up
from .models import GameSession
from .releases import spec_of
from .views import own_session, wants_part


@require_safe
@author_page
def studio(request: HttpRequest) -> HttpResponse:
    """What can be done with somebody as things stand in a state that is made up; nothing is kept."""
    worlds = own_worlds(request)
    world = chosen_world(request, worlds)
    context: dict[str, Any] = {"worlds": worlds, "world": world}
    if world is not None:
        spec, ids = publishing.draft_spec(world)
        people = sorted(((key, spec.npc(key).name) for key in spec.npc_keys), key=lambda one: one[1])
        npc = request.GET.get("npc") or (people[0][0] if people else "")
        if npc.isascii() and npc.isdigit():
            npc = next((key for key, number in ids.npcs.items() if str(number) == npc), npc)
        if people and npc not in spec.npc_keys:
            raise Http404("There is nobody of that name in this world.")
        context |= {"people": people, **(made_up.page(world, spec, ids, npc, request.GET) if npc else {})}
    answer = render(request, "sessions/_parts/studio.html" if wants_part(request) and context.get("npc") else "sessions/studio.html", context)
    answer["Vary"] = "X-Part, Cookie"
    return answer


@require_safe
@own_session
def way(request: HttpRequest, session: GameSession) -> HttpResponse:
    """How a locked interaction could be opened, as far as the world's author lets players know."""
    spec, key = spec_of(session.release), request.GET.get("interaction", "")
    found = ways.hint_of(spec, queries.state_of(session), request.GET.get("npc", ""), key)
    if found is None:
        raise Http404("There is no hint for this.")
    template = "sessions/_parts/way.html" if wants_part(request) else "sessions/way.html"
    return render(request, template, {"session": session, "world": session.world, "way": found, "label": found["label"]})
