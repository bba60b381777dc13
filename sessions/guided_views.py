"""Starting a world: from nothing, from The Harbor District, from a file, or guided, step by step. Plain forms; what was typed stays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from pixsim.lib.errors import DomainError, Invalid
from pixsim.management.commands.load_demo import FOLDER
from scenes import bundle
from worlds.models import World

from . import guided
from .guided_forms import PersonStep, PlaceStep, SceneStep, WorldStep

STEPS = (("world", "World"), ("place", "Place"), ("person", "Person"), ("scene", "Scene"), ("play", "Play"))


def author_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @login_required
    @never_cache
    @require_http_methods(["GET", "HEAD", "POST"])
    def shown(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if not request.user.is_author:  # type: ignore[union-attr]
            raise Http404("There is no such page.")
        return view(request, **kwargs)

    return shown


# -- four ways to begin -----------------------------------------------------------------------------------------------
@author_page
def new_world(request: HttpRequest) -> HttpResponse:
    """`from`: harbor (a copy of The Harbor District) or file (a .pixsim.zip)."""
    error = ""
    if request.method == "POST":
        try:
            world = _loaded(request)
        except Invalid as refused:
            error = " ".join([refused.detail, *(f"{one.pointer}: {one.message}" for one in refused.errors[:5])]).strip()
        except DomainError as refused:
            error = refused.detail
        else:
            messages.success(request, f"“{world.name}” is yours: look around, change it, publish it.")
            return redirect("admin:worlds_world_change", world.pk)
    context = {**admin.site.each_context(request), "title": "New world", "error": error}
    return render(request, "sessions/new_world.html", context)


def _loaded(request: HttpRequest) -> World:
    if request.POST.get("from") == "harbor":
        return bundle.load_folder(FOLDER, owner=request.user)
    file = request.FILES.get("bundle")
    if file is None or isinstance(file, list):
        raise Invalid("Choose a file first: a world as .pixsim.zip, as “Export” makes it.")
    return bundle.import_zip(file.file, owner=request.user)  # type: ignore[arg-type]


# -- guided -----------------------------------------------------------------------------------------------------------
@author_page
def first_world(request: HttpRequest) -> HttpResponse:
    form = WorldStep(request.POST or None)
    if request.method == "POST" and form.is_valid():
        world = _tried(form, lambda: guided.make_world(owner=request.user, answers=form.cleaned_data))  # type: ignore[arg-type]
        if world is not None:
            return redirect("guided_step", world.pk, "place")
    return _page(request, "world", form, None)


@author_page
def guided_step(request: HttpRequest, world_id: int, step: str) -> HttpResponse:
    world = World.objects.authored_by(request.user).select_related("owner", "poster").filter(pk=world_id).first()
    if world is None or step not in dict(STEPS):
        raise Http404("There is no such world.")
    missing = _missing(world, step)
    if missing:
        return redirect("guided_step", world.pk, missing)
    if step == "play":
        return _play(request, world)
    form = _form(request, world, step)
    if request.method == "POST" and form.is_valid() and _tried(form, lambda: _do(request, world, step, form.cleaned_data)):
        return redirect("guided_step", world.pk, _after(step))
    return _page(request, step, form, world)


def _missing(world: World, step: str) -> str:
    """The step that has to come before this one."""
    order = [name for name, _ in STEPS]
    done = {"place": bool(guided.places_of(world)), "person": guided.person_of(world) is not None, "scene": guided.scene_of(world) is not None}
    return next((name for name in order[1 : order.index(step)] if not done.get(name, True)), "")


def _after(step: str) -> str:
    order = [name for name, _ in STEPS]
    return order[order.index(step) + 1]


def _form(request: HttpRequest, world: World, step: str) -> forms.Form:
    data = request.POST if request.method == "POST" else None
    if step == "world":
        manifest = world.manifest
        known = {"name": world.name, "start_time": manifest.get("clock", {}).get("start_time", "08:00")}
        return WorldStep(data, initial={**known, "theme": world.meta.get("theme", ""), "tone": world.meta.get("tone", "")})
    places = guided.places_of(world)
    if step == "place":
        first = {"name": places[0].name, "description": places[0].meta.get("description", "")} if places else {}
        return PlaceStep(data, initial={**first, **({"other": places[1].name} if len(places) > 1 else {})})
    if step == "person":
        npc = guided.person_of(world)
        last = {"evening": str(places[-1].pk)} if places else {}
        return PersonStep(data, places=places, initial={**last, **({"name": npc.name, "role": npc.role} if npc else {})})
    scene = guided.scene_of(world)
    return SceneStep(data, initial={"title": scene.title} if scene else {})


def _do(request: HttpRequest, world: World, step: str, answers: dict[str, Any]) -> bool:
    actor: Any = request.user
    if step == "world":
        guided.change_world(world=world, actor=actor, answers=answers)
    elif step == "place":
        guided.make_places(world=world, actor=actor, answers=answers)
    elif step == "person":
        guided.make_person(world=world, actor=actor, answers=answers)
    else:
        guided.make_scene(world=world, actor=actor, answers=answers)
    return True


def _tried(form: forms.Form, act: Callable[[], Any]) -> Any:
    """What a service refuses is told on the form, which keeps what was typed."""
    try:
        return act()
    except DomainError as error:
        reasons = [one.message for one in error.errors] if isinstance(error, Invalid) else []
        form.add_error(None, " ".join(reasons) or error.detail)
        return None


def _play(request: HttpRequest, world: World) -> HttpResponse:
    if request.method == "POST":
        try:
            guided.open_doors(world=world, actor=request.user)  # type: ignore[arg-type]
        except DomainError as error:
            messages.error(request, error.detail)
        else:
            messages.success(request, f"“{world.name}” is open to players.")
        return redirect("guided_step", world.pk, "play")
    return _page(request, "play", None, world)


def _page(request: HttpRequest, step: str, form: forms.Form | None, world: World | None) -> HttpResponse:
    names = [name for name, _ in STEPS]
    context = {
        **admin.site.each_context(request),
        "title": "Your first world",
        "steps": [
            {"key": key, "title": words, "number": number, "done": number <= names.index(step)} for number, (key, words) in enumerate(STEPS, 1)
        ],
        "step": step,
        "number": names.index(step) + 1,
        "back": names[names.index(step) - 1] if world is not None and step != "world" else "",
        "form": form,
        "world": world,
    }
    if world is not None and step == "play":
        context |= {"places": guided.places_of(world), "person": guided.person_of(world), "scene": guided.scene_of(world)}
    return render(request, "sessions/guided.html", context)
