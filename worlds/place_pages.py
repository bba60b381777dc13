"""Places in the admin beside their form: the map they stand on, and pictures and models chosen by looking at them."""

from __future__ import annotations

import math
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods

from generation.models import Asset
from generation.queries import asset_url, poster_url, wrong_kind
from generation.services import upload_asset
from pixsim.lib.errors import DomainError, Invalid

from . import services
from .models import MODEL, PICTURE, Location, World, WorldAsset

UPLOADS = {"upload_picture": ("picture", PICTURE), "upload_asset": ("asset", MODEL)}
REACH = 1e9


class PlaceUploads(forms.Form):
    """Files that come with the form of a place, beside its own fields."""

    upload_picture = forms.FileField(label="Upload a picture", required=False)
    upload_asset = forms.FileField(label="Upload a 3-D model", required=False, help_text="Binary glTF (.glb), with everything inside.")


class PlacePages(admin.ModelAdmin):
    change_form_template = "admin/worlds/location/change_form.html"
    change_list_template = "admin/worlds/location/change_list.html"

    def get_urls(self) -> list[Any]:
        plan = self.admin_site.admin_view(require_http_methods(["GET", "HEAD", "POST"])(self.map_view))
        return [path("map/<int:world_id>/", plan, name="worlds_location_map"), *super().get_urls()]

    @admin.display(description="picture")
    def shown(self, place: Location) -> str:
        url = _thumbnail(place.picture) or _thumbnail(place.asset)
        return format_html('<img class="thumb" src="{}" alt="" loading="lazy">', url) if url else ""

    # -- the form -----------------------------------------------------------------------------------------------------
    def changeform_view(self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None) -> Any:
        if request.method == "POST" and request.FILES:
            self._take_uploads(request, object_id)
        return super().changeform_view(request, object_id, form_url, extra_context)

    def _take_uploads(self, request: HttpRequest, object_id: str | None) -> None:
        """Files are read and kept before the form's transaction begins, so an error elsewhere does not lose them."""
        place = self.get_object(request, object_id) if object_id else None
        named = request.POST.get("world", "")
        is_id = named.isascii() and named.isdigit() and len(named) < 19
        world = place.world if isinstance(place, Location) else World.objects.authored_by(request.user).filter(pk=named).first() if is_id else None
        if world is None:
            return
        data = request.POST.copy()
        for name, (field, kinds) in UPLOADS.items():
            if name not in request.FILES:
                continue
            try:
                asset = upload_asset(owner=world.owner, file=request.FILES[name])  # type: ignore[arg-type]
                if words := wrong_kind(asset.media_type, kinds):
                    raise Invalid(words)
                data[field] = str(asset.pk)
            except DomainError as error:
                messages.error(request, f"{PlaceUploads.base_fields[name].label}: {error.detail}")
        request.POST = data  # type: ignore[assignment]

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        offered = {asset.pk: asset for name in ("picture", "asset") for asset in _offered(context["adminform"].form, name)}
        place = kwargs.get("obj")
        here = set(WorldAsset.objects.filter(world=place.world_id).values_list("asset_id", flat=True)) if place is not None else set()
        context["assets"] = {pk: {"name": str(asset), "thumbnail": _thumbnail(asset), "here": pk in here} for pk, asset in offered.items()}
        context["uploads"] = PlaceUploads(auto_id="id_%s")
        return super().render_change_form(request, context, *args, **kwargs)

    # -- the map ------------------------------------------------------------------------------------------------------
    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        worlds = World.objects.authored_by(request.user).order_by("name", "pk").values_list("pk", "name")[:50]
        return super().changelist_view(request, {"map_worlds": list(worlds), **(extra_context or {})})

    def map_view(self, request: HttpRequest, world_id: int) -> HttpResponse:
        """The places of a world on its plan. POST `x_<id>`, `y_<id>`."""
        world = World.objects.authored_by(request.user).select_related("poster").filter(pk=world_id).first()
        if world is None:
            raise Http404("There is no such world.")
        places = list(Location.objects.filter(world=world).order_by("name", "pk"))
        if request.method == "POST":
            try:
                moved = services.move_locations(world=world, actor=request.user, to=_spots(request, places))  # type: ignore[arg-type]
            except DomainError as error:
                messages.error(request, error.detail)
            else:
                messages.success(request, f"{moved} place{'s' if moved != 1 else ''} moved." if moved else "Nothing was moved.")
            return redirect(request.path)
        context = {
            **self.admin_site.each_context(request),
            "title": f"Map of {world.name}",
            "opts": self.opts,
            "world": world,
            "places": places,
            "view": _view(places),
            "backdrop": _thumbnail(world.poster),
        }
        return render(request, "admin/worlds/location/map.html", context)


def _offered(form: Any, name: str) -> Any:
    field = form.fields.get(name)
    return field.queryset.exclude(file="") if field is not None else ()


def _thumbnail(asset: Asset | None) -> str | None:
    return poster_url(asset) or (asset_url(asset) if asset is not None and asset.media_type == Asset.MediaType.IMAGE else None)


def _spots(request: HttpRequest, places: list[Location]) -> dict[int, tuple[float, float]]:
    """Where the form puts each place. Raises Invalid for what is no number."""
    found = {}
    for place in places:
        try:
            x, y = (float(request.POST.get(f"{name}_{place.pk}", getattr(place, name))) for name in ("x", "y"))
        except ValueError:
            raise Invalid(f"Where “{place}” stands has to be two numbers.") from None
        if not (math.isfinite(x) and math.isfinite(y) and abs(x) <= REACH and abs(y) <= REACH):
            raise Invalid(f"“{place}” stands too far away.")
        found[place.pk] = (x, y)
    return found


def _view(places: list[Location]) -> dict[str, Any]:
    """A box around all places with room to move them, 16 to 9, and sizes that fit it."""
    xs, ys = [place.x for place in places] or [0.0], [place.y for place in places] or [0.0]
    width = max((max(xs) - min(xs)) * 1.6, (max(ys) - min(ys)) * 1.8 * 16 / 9, 10.0)
    height = width * 9 / 16
    x, y = (max(xs) + min(xs) - width) / 2, (max(ys) + min(ys) - height) / 2
    return {
        "box": f"{x} {y} {width} {height}", "x": x, "y": y, "width": width, "height": height, "step": 10 ** math.floor(math.log10(width / 50)),
        "dot": width / 60, "font": width / 42, "below": width / 22,
    }  # fmt: skip
