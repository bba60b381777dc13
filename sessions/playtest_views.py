"""Pages of playtests and story tests. Everything is a form; the graph editor shows the same pages in a dialog."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from pixsim.lib.errors import DomainError, NotAvailable, NotFound
from scenes.models import Scene
from scenes.queries import authored_scenes
from scenes.views import author_page
from worlds.models import World
from worlds.rules.words import first_reason

from . import output, pages, playtests, publishing, storytests
from . import storytest_services as tests
from .models import StoryTest
from .playtests import Trial
from .spec import WorldSpec
from .stage import as_attribute
from .views import wants_part


@require_http_methods(["GET", "HEAD", "POST"])
@author_page
def setup(request: HttpRequest, scene_id: int) -> HttpResponse:
    """Where a playtest begins and how things stand. The editor posts the graph it shows; a preset fills the form anew; else it begins. `again` is
    a playtest whose beginning the form shows."""
    scene = authored_scenes(request.user).filter(pk=scene_id).first()
    if scene is None:
        raise Http404("There is no such scene.")
    world, errors = scene.world, []
    again = _begun(request, scene)
    node = request.POST.get("node") or request.GET.get("node") or (again.node if again else "") or scene.entry_node or ""
    text = request.POST.get("graph", again.graph if again else "")
    said_by = request.POST.get("writer", again.writer if again else "")
    try:
        drawn = playtests.drawn_by(scene, text)
    except DomainError as error:
        drawn, text, errors = None, "", playtests.error_words(error)
    trial = Trial(world.pk, request.user.pk or 0, scene.pk, scene.key, node, {}, said_by, text, drawn)
    spec, ids = trial.spec(world)
    cast = playtests.cast_of(spec, scene.key)
    given = playtests.given_by(spec, request.POST) if "day" in request.POST else again.given if again else {}
    wanted = request.POST.get("preset", "")
    if wanted:
        try:
            given = playtests.preset(world, spec, request.user, wanted, cast)
        except NotFound as error:
            raise Http404(error.detail) from error
    elif request.POST.get("begin") and not errors:
        try:
            return redirect("playtest_game", playtests.open_trial(trial, world, given).token)
        except DomainError as error:
            errors = [_words(error, spec)]
    try:
        editor = playtests.editor(spec, ids, given, cast)
    except DomainError as error:
        errors, editor = [*errors, *playtests.error_words(error)], playtests.editor(spec, ids, {}, cast)
    context = {
        "scene": scene, "world": world, "node": node, "nodes": _nodes(spec, scene), "editor": editor, "errors": errors, "graph": text,
        "presets": playtests.presets(world, request.user), "chosen": wanted or ("" if given else "begin"), "writer": said_by,
    }  # fmt: skip
    return render(request, "sessions/playtest_setup.html", context, status=400 if errors else 200)


def _begun(request: HttpRequest, scene: Scene) -> Trial | None:
    """The playtest of this scene that is begun again, while it is still kept."""
    try:
        trial = playtests.find(request.user, request.GET.get("again", ""))
    except NotFound:
        return None
    return trial if trial.scene_id == scene.pk else None


def _nodes(spec: WorldSpec, scene: Scene) -> list[tuple[str, str]]:
    return [(node.key, node.label or node.key) for node in spec.scene(scene.key).nodes.values()] if spec.has_scene(scene.key) else []


def _words(error: DomainError, spec: WorldSpec) -> str:
    reasons = error.reasons if isinstance(error, NotAvailable) else ()
    return f"{error.detail} {first_reason(reasons, spec.names)}".strip()


# -- playing ----------------------------------------------------------------------------------------------------------


@require_safe
@author_page
def game(request: HttpRequest, token: str) -> HttpResponse:
    trial, world = _found(request, token)
    return _stage(request, trial, world)


@require_POST
@author_page
def move(request: HttpRequest, token: str) -> HttpResponse:
    trial, world = _found(request, token)
    try:
        changes = playtests.move(trial, world, pages.action_of(request.POST))
    except DomainError as error:
        notice = {"kind": "error", "text": _words(error, trial.spec(world)[0])}
        return _stage(request, trial, world, notice=notice, typed=request.POST.get("text", ""), status=error.status)
    if wants_part(request):
        return _stage(request, trial, world, changes=output.changes_json({"npcs": dict(trial.stage(world).ids.npcs)}, changes))
    return redirect("playtest_game", token)


@require_POST
@author_page
def step_back(request: HttpRequest, token: str) -> HttpResponse:
    trial, world = _found(request, token)
    playtests.back(trial)
    return _stage(request, trial, world) if wants_part(request) else redirect("playtest_game", token)


@require_http_methods(["GET", "HEAD", "POST"])
@author_page
def result(request: HttpRequest, token: str) -> HttpResponse:
    """What became different, and the playthrough as a test case."""
    trial, world = _found(request, token)
    errors: list[str] = []
    if request.method == "POST":
        only = request.POST.getlist("expect")
        try:
            expect = playtests.record(trial, world, only)
            note = request.POST.get("note", "").replace("\0", "")
            data = {**trial.test(), "name": request.POST.get("name", "").replace("\0", "").strip(), "note": note, "expect": expect}
            made = tests.create(world=world, actor=request.user, data=data)
        except DomainError as error:
            errors = playtests.error_words(error)
            if trial.drawn is not None:
                errors.append("This playtest plays a graph that is not saved. Save the graph first, if the test speaks of what is new in it.")
        else:
            messages.success(request, f"“{made.name}” is a story test now.")
            return redirect("story_tests", world.pk)
    context = {
        "playtest": trial, "world": world, "parts": list(playtests.PARTS.items()), "errors": errors, "name": request.POST.get("name", ""),
        "note": request.POST.get("note", ""), "only": request.POST.getlist("expect") if request.method == "POST" else list(playtests.PARTS),
        "scene": Scene.objects.filter(pk=trial.scene_id).first(), **playtests.result(trial, world),
    }  # fmt: skip
    return render(request, "sessions/playtest_result.html", context, status=400 if errors else 200)


def _found(request: HttpRequest, token: str) -> tuple[Trial, World]:
    try:
        trial = playtests.find(request.user, token)
    except NotFound as error:
        raise Http404(error.detail) from error
    world = World.objects.authored_by(request.user).filter(pk=trial.world_id).first()
    if world is None:
        raise Http404("There is no such world.")
    return trial, world


def _stage(
    request: HttpRequest, trial: Trial, world: World, *, notice: dict[str, str] | None = None, typed: str = "", changes: Any = None, status: int = 200
) -> HttpResponse:
    page = playtests.game(trial, world)
    named = {"move": "playtest_move", "game": "playtest_game", "back": "playtest_back", "result": "playtest_result"}
    urls = {name: reverse(view, args=[trial.token]) for name, view in named.items()}
    context = {
        **page,
        "urls": {**urls, "leave": f"{reverse('playtest_setup', args=[trial.scene_id])}?again={trial.token}"},
        "notice": notice,
        "typed": typed,
        "ask": next((spot for spot in page["view"]["hotspots"] if spot["hotspot_id"] == request.GET.get("ask")), None),
        "captions_json": as_attribute(page["view"]["media"]["captions"]),
        "changes_json": as_attribute(changes or []),
    }
    answer = render(request, "sessions/_parts/stage.html" if wants_part(request) else "sessions/play.html", context, status=status)
    answer["Vary"] = "X-Part, Cookie"
    return answer


# -- story tests ------------------------------------------------------------------------------------------------------


@require_safe
@author_page
def story_tests(request: HttpRequest, world_id: int) -> HttpResponse:
    """The tests of a world with their last run."""
    world = _world(request, world_id)
    rows: list[dict[str, Any]] = [{"test": test, "last": tests.newest(test)} for test in tests.of_world(world).order_by("name", "key")]
    red = sum(last is not None and not last.is_green for last in (tests.newest(row["test"]) for row in rows))
    context = {"world": world, "rows": rows, "red": red, "running": tests.is_running(world), "entry": _entry(world)}
    return render(request, "sessions/story_tests.html", context)


@require_safe
@author_page
def story_test(request: HttpRequest, world_id: int, key: str) -> HttpResponse:
    """One test: what it does and expects, and how its last runs ended."""
    world = _world(request, world_id)
    test = StoryTest.objects.filter(world=world, key=key).first()
    if test is None:
        raise Http404("There is no such test.")
    told = json.dumps({name: value for name, value in tests.entry(test).items() if name not in ("key", "name", "note")}, indent=2, ensure_ascii=False)
    steps = storytests.told(publishing.draft_spec(world)[0], tests.fields(test))
    context = {"world": world, "test": test, "runs": list(test.runs.all()[: tests.RUNS_KEPT]), "steps": steps, "told": told}
    return render(request, "sessions/story_test.html", context)


@require_POST
@author_page
def run_story_tests(request: HttpRequest, world_id: int) -> HttpResponse:
    world, key = _world(request, world_id), request.POST.get("key", "")
    try:
        ran = tests.run(world=world, keys=[key]) if key else tests.run_soon(world)
    except DomainError as error:
        messages.error(request, error.detail)
    else:
        red = [each for each in ran or () if not each.outcome.is_green]
        if ran is None:
            messages.info(
                request, "A worker runs the tests. The page shows what came of them when it is done; without JavaScript, reload it in a moment."
            )
        elif red:
            first = f"“{red[0].test.name}”: {red[0].outcome.differences[0].words}"
            messages.error(request, f"Red. {first}" if key else f"{len(red)} of {len(ran)} red. {first}")
        else:
            messages.success(request, f"{len(ran)} green." if len(ran) != 1 else f"“{ran[0].test.name}” is green.")
    return redirect("story_tests", world.pk)


@require_POST
@author_page
def delete_story_test(request: HttpRequest, world_id: int, key: str) -> HttpResponse:
    world = _world(request, world_id)
    test = StoryTest.objects.filter(world=world, key=key).first()
    if test is None:
        raise Http404("There is no such test.")
    tests.delete(test=test, actor=request.user)
    messages.success(request, f"“{test.name}” is gone.")
    return redirect("story_tests", world.pk)


def _world(request: HttpRequest, world_id: int) -> World:
    world = World.objects.authored_by(request.user).filter(pk=world_id).first()
    if world is None:
        raise Http404("There is no such world.")
    return world


def _entry(world: World) -> Scene | None:
    """Where a playtest of the world would begin."""
    return Scene.objects.filter(world=world).order_by("-is_entry", "key").first()
