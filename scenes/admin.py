"""The story graph as forms. A key is what other things refer to, so it is chosen once."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.options import IS_POPUP_VAR
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.views.decorators.cache import never_cache

from worlds.admin import AuthoredAdmin, ChoicesOfOnesOwn, PartAdmin, by_world

from .hotspot_editor.pages import HotspotPages
from .models import Hotspot, Scene, SceneEdge, SceneNode
from .twee_admin import TweePages


class NodeInline(ChoicesOfOnesOwn, admin.StackedInline):
    model = SceneNode
    fields = (("position", "key", "kind"), ("label", "asset"), ("loopable", "skippable"))
    classes = ("collapse",)
    show_change_link = True
    extra = 0


class EdgeInline(ChoicesOfOnesOwn, admin.StackedInline):
    model = SceneEdge
    fk_name = "scene"
    fields = (("position", "key", "weight"), "label", ("source", "target", "to_scene"))
    classes = ("collapse",)
    show_change_link = True
    extra = 0

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        scene = request.resolver_match.kwargs.get("object_id")
        if db_field.name in ("source", "target"):
            field.queryset = field.queryset.filter(scene=scene) if scene else field.queryset.none()
            field.choices = [("", "–"), *((node.pk, str(node)) for node in field.queryset)]
        return field


@admin.register(Scene)
class SceneAdmin(TweePages, AuthoredAdmin):
    list_display = ("title", "key", "graph", "world", "location", "npc", "is_entry")
    list_select_related = ("world", "location", "npc")
    list_filter = (by_world("world"), "is_entry")
    search_fields = ("title", "key")
    fields = ("world", "title", "key", "description", "location", "npc", "is_entry", "entry_node", "meta")
    inlines = (NodeInline, EdgeInline)
    key_from = "title"
    change_form_template = "admin/scenes/scene/change_form.html"

    def get_changeform_initial_data(self, request: HttpRequest) -> Any:
        """The first scene of a world is the one it begins with."""
        given = super().get_changeform_initial_data(request)
        world = given.get("world")
        first = bool(world) and not Scene.objects.authored_by(request.user).filter(world=world, is_entry=True).exists()
        return {"is_entry": first, **given}

    def response_add(self, request: HttpRequest, obj: Scene, post_url_continue: str | None = None) -> HttpResponse:
        """To its graph, where it is written."""
        if "_save" in request.POST and IS_POPUP_VAR not in request.POST:
            return redirect("admin:scenes_scene_graph", obj.pk)
        return super().response_add(request, obj, post_url_continue)

    @admin.display(description="graph")
    def graph(self, scene: Scene) -> str:
        return format_html('<a href="{}" aria-label="Graph of {}">Open</a>', reverse("admin:scenes_scene_graph", args=[scene.pk]), scene.title)

    def get_urls(self) -> list[URLPattern]:
        graph = never_cache(self.admin_site.admin_view(self.graph_view))
        return [path("<int:scene_id>/graph/", graph, name="scenes_scene_graph"), *super().get_urls()]

    def graph_view(self, request: HttpRequest, scene_id: int) -> HttpResponse:
        """The graph as a canvas. What it shows and saves goes over REST; without JavaScript the page leads to the forms."""
        scene = self.get_queryset(request).select_related("world").filter(pk=scene_id).first()
        if scene is None:
            raise Http404("There is no such scene.")
        context = {**self.admin_site.each_context(request), "title": scene.title, "scene": scene, "opts": self.opts}
        return render(request, "admin/scenes/scene/graph.html", context)


class ScenePartAdmin(PartAdmin):
    parent = "scene"
    list_select_related: ClassVar[Any] = ("scene",)
    list_filter = (by_world("scene__world"),)
    search_fields = ("key", "label")
    key_from = "label"

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return (*super().get_readonly_fields(request, obj), *(("key",) if obj is not None else ()))


@admin.register(SceneNode)
class SceneNodeAdmin(ScenePartAdmin):
    list_display = ("label", "key", "scene", "kind")
    list_display_links = ("label", "key")
    fields = ("scene", "key", "position", "kind", "label", "asset", "loopable", "skippable", "meta")


@admin.register(SceneEdge)
class SceneEdgeAdmin(ScenePartAdmin):
    list_display = ("label", "key", "scene", "source", "target", "to_scene")
    list_display_links = ("label", "key")
    list_select_related = ("scene", "source", "target", "to_scene")
    fields = ("scene", "key", "position", "source", "target", "to_scene", "label", "weight", "conditions", "effects", "meta")

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        edge = request.resolver_match.kwargs.get("object_id", "")
        if db_field.name in ("source", "target") and str(edge).isdigit():
            field.queryset = field.queryset.filter(scene__edges=edge)
        return field


@admin.register(Hotspot)
class HotspotAdmin(HotspotPages, AuthoredAdmin):
    list_display = ("key", "world", "scope", "location", "scene")
    list_select_related = ("world", "location", "scene")
    list_filter = (by_world("world"), "scope")
    search_fields = ("key",)
    fields = ("world", "key", "scope", "location", "scene", "target", "region", "action", "conditions", "meta")
