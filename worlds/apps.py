from __future__ import annotations

from django.apps import AppConfig


class WorldsConfig(AppConfig):
    name = "worlds"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Worlds"

    def ready(self) -> None:
        from generation import subjects
        from pixsim.lib import authoring

        from . import bundle, events, history, models, picks, references, services, views
        from .subjects import Worlds

        history.register(models.World, bundle.world_part)
        history.register(models.Location, bundle.location_part)
        history.register_inner(models.WorldAsset, lambda row: None)
        references.register("location", references.locations)
        picks.register(picks.places)
        services.authored_changed.connect(events.tell_change, dispatch_uid="tell")
        subjects.register(Worlds())
        authoring.everywhere(views.every_page)
        authoring.link("world", "admin:worlds_location_changelist", "Places", order=20, query="of_world={id}", group="Write")
        authoring.link("world", "admin:worlds_location_map", "Map of places", order=21, group="Write")
        authoring.link("world", "admin:worlds_worldhistory_changelist", "All changes", order=90, query="of_world={id}", group="Versions")
