"""Twee in the admin: taking a story in as a scene, and the report of what had no place."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from worlds.import_admin import ImportsFiles
from worlds.models import World

from .models import Scene
from .twee import services
from .twee.reading import MAX_BYTES


class TweePages(ImportsFiles):
    import_title = "Import a Twine story"
    import_button = "Import a Twine story"
    import_help = "A story in Twee 3 notation. In Twine: Build, “Export As Twee”. Passages become nodes, links become choices."
    import_accept = ".twee,.tw,.txt,text/plain"
    import_page_after = "twee"
    max_import = MAX_BYTES

    def take(self, *, world: World, actor: Any, file: bytes) -> tuple[Scene, int]:
        made = services.import_twee(world=world, actor=actor, content=file)
        return made.scene, len(made.losses)

    def get_urls(self) -> list[Any]:
        return [
            path("<path:object_id>/twee/", self.admin_site.admin_view(require_safe(self.twee_view)), name="scenes_scene_twee"),
            *super().get_urls(),
        ]

    def twee_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        scene = self.get_object(request, object_id)
        kept = ((scene.meta if isinstance(scene, Scene) else {}).get("extensions") or {}).get("twee")
        if not isinstance(scene, Scene) or not isinstance(kept, dict):
            raise Http404("This scene did not come from a Twee file.")
        losses = [loss for loss in kept.get("losses") or [] if isinstance(loss, dict)]
        context = {
            **self.admin_site.each_context(request),
            "title": "From Twee",
            "opts": self.opts,
            "original": scene,
            "nodes": scene.nodes.count(),
            "edges": scene.edges.count(),
            "losses": [{"place": f"{loss.get('passage', '')}, line {loss.get('line', 0)}", "message": loss.get("message", "")} for loss in losses],
        }
        return render(request, "admin/scenes/scene/twee.html", context)
