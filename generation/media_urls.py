"""Files of assets, for browsers."""

from __future__ import annotations

from django.urls import path

from .media import MediaView

urlpatterns = [path("media/<int:asset_id>/<str:name>", MediaView.as_view(), name="media")]
