"""The author's page of what is wrong with a world, and the panel of it on the world's own page."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

from pixsim.lib.errors import DomainError, Invalid
from scenes import problems
from scenes.views import author_page
from worlds.models import World

from . import pages

ON_PANEL = 5


@author_page
@require_http_methods(["GET", "HEAD", "POST"])
def world_problems(request: HttpRequest, world_id: int) -> HttpResponse:
    """POST `code`, `pointer`: do what the fix of that problem says."""
    world = World.objects.authored_by(request.user).filter(pk=world_id).first()
    if world is None:
        raise Http404("There is no such world.")
    if request.method == "POST":
        try:
            done = problems.mend(world=world, actor=request.user, code=request.POST.get("code", ""), pointer=request.POST.get("pointer", ""))
        except DomainError as error:
            reasons = error.errors if isinstance(error, Invalid) else ()
            messages.error(request, " ".join(one.message for one in reasons) or error.detail)
        else:
            messages.success(request, f"Done: {done}. The history of what was changed takes it back.")
        back = request.POST.get("next", "")
        return redirect(back if url_has_allowed_host_and_scheme(back, {request.get_host()}) else request.path)
    context = {**admin.site.each_context(request), "title": "Problems", "world": world, "problems": pages.problems_of(world)}
    return render(request, "sessions/problems.html", context)


def panel(request: HttpRequest, world: Any) -> dict[str, Any]:
    """The worst of them, for the world's page."""
    found = pages.problems_of(world)
    return {"world": world, "problems": found[:ON_PANEL], "number": len(found), "more": max(len(found) - ON_PANEL, 0)}
