from __future__ import annotations

from django.apps import AppConfig


class NpcsConfig(AppConfig):
    name = "npcs"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "People"

    def ready(self) -> None:
        from generation import subjects
        from pixsim.lib import authoring
        from worlds import history, picks, references
        from worlds.services import authored_changed

        from . import bundle, models, queries, writers
        from .prompts import cache
        from .subjects import People
        from .writers import routing

        history.register(models.Npc, bundle.npc_part)
        for inner in (models.NpcState, models.ScheduleSlot, models.Expression):
            history.register_inner(inner, lambda row: row.npc)
        references.register("npc", queries.npc_keys)
        picks.register(queries.picks)
        subjects.register(People())
        authored_changed.connect(cache.forget_changed, dispatch_uid="npcs.prompts")
        writers.route_by(write=routing.write, takes_time=routing.takes_time)
        authoring.link("world", "admin:npcs_npc_changelist", "People", order=30, query="of_world={id}", group="Write")
