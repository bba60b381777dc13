"""What the author's forms ask: the schema a form is drawn from, and what is wrong with what stands in it."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST

from pixsim.lib import strict_json
from pixsim.lib.errors import Invalid

from . import builder, queries
from .models import World

MAX_BYTES = 4 * 1024 * 1024
CHOSEN = "author_world"
"""Where the browser session keeps which world's lists are shown."""


@require_http_methods(["GET", "POST"])
def form(request: HttpRequest, app: str, name: str) -> HttpResponse:
    """GET: the schema with what the world offers. POST of a value: its problems. Both for `?world=`, one's own, or for none."""
    world = _own_world(request)
    try:
        found = builder.form(f"{app}/{name}", world)
    except LookupError:
        raise Http404("There is no such form.") from None
    if request.method == "GET":
        return JsonResponse(found)
    if len(request.body) > MAX_BYTES:
        return _told([{"pointer": "", "code": "too_large", "message": "This is more than 4 MB of JSON.", "severity": "error", "fix": None}])
    try:
        value = strict_json.loads(request.body)
    except Invalid as error:
        return _told([{"pointer": "", "code": "not_json", "message": error.detail, "severity": "error", "fix": None}])
    return _told(builder.problems(f"{app}/{name}", value, world))


def _told(problems: list[dict[str, Any]]) -> JsonResponse:
    return JsonResponse({"problems": problems})


def _own_world(request: HttpRequest) -> World | None:
    given = request.GET.get("world", "")
    if not given:
        return None
    world = World.objects.authored_by(request.user).filter(pk=given).first() if given.isascii() and given.isdigit() and len(given) < 19 else None
    if world is None:
        raise Http404("There is no such world.")
    return world


def choose(request: HttpRequest, world_id: int | None) -> None:
    """Lists and new things are of this world from now on; of all worlds with none."""
    request.session[CHOSEN] = world_id


@require_POST
def choose_world(request: HttpRequest) -> HttpResponse:
    given = request.POST.get("world", "")
    own = {str(pk) for pk, _ in queries.worlds_to_choose(request.user)}
    choose(request, int(given) if given in own else None)
    back = request.POST.get("next", "")
    return redirect(back if url_has_allowed_host_and_scheme(back, {request.get_host()}) else "admin:index")


def every_page(request: HttpRequest) -> dict[str, Any]:
    """The switcher. One query."""
    worlds = queries.worlds_to_choose(request.user)
    chosen = request.session.get(CHOSEN)
    return {"author_worlds": worlds, "author_world": chosen if any(pk == chosen for pk, _ in worlds) else None}
