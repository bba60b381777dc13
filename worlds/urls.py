"""REST of worlds and places, below /api/v1/."""

from __future__ import annotations

from pixsim.lib.api.routes import api_path

from .api import LocationListView, LocationView, ManifestSchemaView, PublishedWorldListView, WorldListView, WorldView

urlpatterns = [
    api_path("worlds/", PublishedWorldListView.as_view(), "published-worlds"),
    api_path("game-worlds/", WorldListView.as_view(), "worlds"),
    api_path("game-worlds/manifest-schema", ManifestSchemaView.as_view(), "manifest-schema"),
    api_path("game-worlds/<id:world_id>", WorldView.as_view(), "world"),
    api_path("game-locations/", LocationListView.as_view(), "locations"),
    api_path("game-locations/<id:location_id>", LocationView.as_view(), "location"),
]
