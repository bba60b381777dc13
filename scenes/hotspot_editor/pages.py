"""The page of a place's hotspots. Everything on it is a form; the scripts in static/src/hotspots let one point at the model and the picture."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from generation.models import Asset
from generation.queries import asset_url
from pixsim.lib.errors import DomainError, PreconditionFailed
from scenes import hotspots, objects, services
from scenes.models import Hotspot, Scene
from scenes.objects import Flaw, Object
from worlds.models import Location

from .form import KEPT, HotspotForm


class Spot(NamedTuple):
    """A hotspot as the list shows it."""

    row: Hotspot
    flaw: Flaw | None
    scene: Scene | None
    number: int | None
    does: str


class HotspotPages(admin.ModelAdmin):
    def get_urls(self) -> list[Any]:
        place = self.admin_site.admin_view(never_cache(require_http_methods(["GET", "HEAD", "POST"])(self.place_view)))
        return [path("place/<int:location_id>/", place, name="scenes_hotspot_place"), *super().get_urls()]

    def place_view(self, request: HttpRequest, location_id: int) -> HttpResponse:
        """`?hotspot=` one to change, `?beside=` a scene to show beside. POST `do`: save, create_scene, delete, repair."""
        place = Location.objects.authored_by(request.user).select_related("world", "asset", "picture").filter(pk=location_id).first()
        if place is None:
            raise Http404("There is no such place.")
        rows = list(Hotspot.objects.filter(location=place).select_related("world").order_by("key"))
        scenes = list(Scene.objects.filter(world=place.world_id).order_by("title", "pk"))
        named = request.POST.get("hotspot") or request.GET.get("hotspot")
        hotspot = next((row for row in rows if str(row.pk) == named), None)
        if named and hotspot is None:
            raise Http404("There is no such hotspot here.")
        form = HotspotForm(place=place, hotspot=hotspot or self._new(place), scenes=scenes)
        if request.method == "POST":
            act: Callable[..., HttpResponse | HotspotForm] = ACTS.get(request.POST.get("do", ""), save)
            try:
                done = act(request=request, place=place, hotspot=hotspot, scenes=scenes)
            except PreconditionFailed:
                messages.error(
                    request,
                    "This hotspot was changed meanwhile, in another window or by somebody else. This is how it is now; say again what you want.",
                )
                return redirect(request.get_full_path())
            except DomainError as error:
                messages.error(request, " ".join(one.message for one in getattr(error, "errors", ())) or error.detail)
                return redirect(request.get_full_path())
            if not isinstance(done, HotspotForm):
                return done
            form = done
        return render(
            request, "admin/scenes/hotspot/place.html", self._context(request, place, rows, scenes, hotspot, form), status=422 if form.errors else 200
        )

    def _new(self, place: Location) -> Hotspot:
        return Hotspot(world=place.world, location=place, scope=Hotspot.Scope.LOCATION)

    def _context(
        self, request: HttpRequest, place: Location, rows: list[Hotspot], scenes: list[Scene], hotspot: Any, form: HotspotForm
    ) -> dict[str, Any]:
        known = {scene.key: scene for scene in scenes} | {str(scene.pk): scene for scene in scenes}
        spots = [_spot(row, form.objects, known, form.names()) for row in rows]
        taken = {spot.number: spot for spot in spots if spot.number is not None}
        beside = next((scene for scene in scenes if str(scene.pk) == request.GET.get("beside")), None)
        model = place.asset if place.asset and place.asset.media_type == Asset.MediaType.GLTF else None
        return {
            **self.admin_site.each_context(request),
            "title": f"Hotspots of {place.name}",
            "opts": self.opts,
            "place": place,
            "form": form,
            "hotspot": hotspot,
            "spot": next((spot for spot in spots if hotspot is not None and spot.row.pk == hotspot.pk), None),
            "spots": spots,
            "scenes": scenes,
            "objects": [(one, taken.get(one["node_index"])) for one in form.objects],
            "repeated": objects.repeated(form.objects),
            "kept": KEPT,
            "chosen": {name: str(form[name].value() or "") for name in ("object", "scene", "action")},
            "model": model,
            "model_url": asset_url(model),
            "picture_url": asset_url(place.picture),
            "beside": beside,
        }


def _spot(row: Hotspot, known_objects: list[Object], scenes: dict[str, Scene], names: dict[str, str]) -> Spot:
    mesh, action = row.target.get("mesh") or {}, row.action
    there = objects.found(mesh, known_objects) if mesh else None
    kind = action.get("type")
    scene = scenes.get(str(action.get("scene") or action.get("scene_id") or "")) if kind == "play_scene" else None
    key = str(action.get("location") or action.get("npc") or action.get("location_id") or action.get("npc_id") or "")
    target = names.get(key, key)
    does = {
        "play_scene": f"plays “{scene.title}”" if scene else "plays a scene that is not there",
        "change_location": f"leads to {target}",
        "npc_talk": f"talks to {target}",
    }
    flaw = objects.flaw(mesh, known_objects) if mesh and known_objects else None
    return Spot(row, flaw, scene, there["node_index"] if there else None, does.get(str(kind), "does nothing yet"))


# -- what can be done -------------------------------------------------------------------------------------------------
def save(*, request: HttpRequest, place: Location, hotspot: Hotspot | None, scenes: list[Scene]) -> HttpResponse | HotspotForm:
    """With `do=create_scene` the hotspot is saved with a new scene that it plays: both, or neither."""
    creating = request.POST.get("do") == "create_scene"
    form = HotspotForm(request.POST, place=place, hotspot=hotspot or Hotspot(world=place.world, location=place), scenes=scenes, creating=creating)
    if not form.is_valid():
        return form
    actor: Any = request.user
    entry, scene = form.entry(), None
    try:
        with transaction.atomic():
            if creating:
                scene = _new_scene(place, actor, form.cleaned_data["new_scene"])
                entry["action"] = {"type": "play_scene", "scene": scene.key}
            if hotspot is None:
                hotspot = hotspots.create_hotspot(world=place.world, actor=actor, data={**entry, "location_id": place.pk})
            else:
                version = form.cleaned_data["version"]
                hotspots.change_hotspot(hotspot=hotspot, actor=actor, patch=lambda now: {**now, **entry}, expected=[version] if version else None)
    except DomainError as error:
        if isinstance(error, PreconditionFailed) or not getattr(error, "errors", ()):
            raise
        form.tell(error.errors)  # type: ignore[attr-defined]
        return form
    messages.success(
        request, f"The hotspot “{hotspot.key}” is saved{f' and plays the new scene “{scene.title}”, which is open beside' if scene else ''}."
    )
    return _to(place, hotspot, scene)


def _new_scene(place: Location, actor: Any, title: str) -> Scene:
    """A scene at this place that can be played at once: a first clip, then the end."""
    scene = services.create_scene(world=place.world, actor=actor, data={"title": title, "location_id": place.pk})
    services.add_nodes(
        scene=scene, actor=actor, entries=[{"id": "start", "kind": "video", "label": title}, {"id": "end", "kind": "end", "label": "The end"}]
    )
    services.add_edges(scene=scene, actor=actor, entries=[{"from_node_id": "start", "to_node_id": "end"}])
    return scene


def delete(*, request: HttpRequest, place: Location, hotspot: Hotspot | None, scenes: list[Scene]) -> HttpResponse:
    if hotspot is None:
        raise Http404("There is no such hotspot here.")
    hotspots.delete_hotspot(hotspot=hotspot, actor=request.user)  # type: ignore[arg-type]
    messages.success(request, f"The hotspot “{hotspot.key}” is deleted. “All changes” of the world brings it back.")
    return _to(place)


def repair(*, request: HttpRequest, place: Location, hotspot: Hotspot | None, scenes: list[Scene]) -> HttpResponse:
    """Bind a hotspot to another object of the model, named by its number."""
    known: list[Object] = list(place.asset.meta.get("objects", ())) if place.asset else []
    picked = next((one for one in known if str(one["node_index"]) == request.POST.get("object")), None)
    if hotspot is None or picked is None:
        raise Http404("There is no such hotspot or object here.")
    hotspots.change_hotspot(hotspot=hotspot, actor=request.user, patch=lambda now: {**now, "target": {**now["target"], "mesh": dict(picked)}})  # type: ignore[arg-type]
    messages.success(request, f"The hotspot “{hotspot.key}” now means the object “{picked['object_name']}”.")
    return _to(place, hotspot)


ACTS: dict[str, Callable[..., HttpResponse | HotspotForm]] = {"save": save, "create_scene": save, "delete": delete, "repair": repair}


def _to(place: Location, hotspot: Hotspot | None = None, scene: Scene | None = None) -> HttpResponse:
    query = {**({"hotspot": hotspot.pk} if hotspot else {}), **({"beside": scene.pk} if scene else {})}
    return redirect(reverse("admin:scenes_hotspot_place", args=[place.pk]) + (f"?{urlencode(query)}" if query else ""))
