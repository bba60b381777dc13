"""REST of people, below /api/v1/."""

from __future__ import annotations

from pixsim.lib.api.routes import api_path

from .api import ExpressionsView, NpcListView, NpcView, ScheduleView, StatsView, WorldTimeView
from .card_api import CardView, ImportCardView

urlpatterns = [
    api_path("game-npcs/", NpcListView.as_view(), "npcs"),
    api_path("game-npcs/<id:npc_id>", NpcView.as_view(), "npc"),
    api_path("game-npcs/<id:npc_id>/schedules", ScheduleView.as_view(), "npc-schedules"),
    api_path("game-npcs/<id:npc_id>/expressions", ExpressionsView.as_view(), "npc-expressions"),
    api_path("game-npcs/<id:npc_id>/stats", StatsView.as_view(), "npc-stats"),
    api_path("game-npcs/import-card", ImportCardView.as_view(), "npc-import-card"),
    api_path("game-npcs/<id:npc_id>/card", CardView.as_view(), "npc-card"),
    api_path("game-worlds/<id:world_id>/time", WorldTimeView.as_view(), "world-time"),
]
