from __future__ import annotations

from django.apps import AppConfig


class ScenesConfig(AppConfig):
    name = "scenes"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Scenes"

    def ready(self) -> None:
        from generation import subjects
        from pixsim.lib import authoring
        from worlds import history, picks, references

        from . import models, parts, queries
        from .subjects import Nodes

        history.register(models.Scene, parts.scene_part)
        history.register(models.Hotspot, parts.hotspot_part)
        for inner in (models.SceneNode, models.SceneEdge):
            history.register_inner(inner, lambda row: row.scene)
        references.register("scene", queries.scene_keys)
        picks.register(queries.picks)
        subjects.register(Nodes())
        authoring.link("world", "admin:scenes_scene_changelist", "Scenes", order=10, query="of_world={id}", group="Write")
        authoring.link("world", "admin:scenes_hotspot_changelist", "Hotspots", order=40, query="of_world={id}", group="Write")
        authoring.link("location", "admin:scenes_hotspot_place", "Hotspots", order=10)
        authoring.link("world", "control_center", "Control center", order=50, query="world={id}", group="Film")
        authoring.link("world", "gallery", "Assets", order=55, query="world={id}", group="Film")
        authoring.link("world", "world-export", "Export", order=80, group="Versions")
