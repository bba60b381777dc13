"""WebSocket paths, with and without their trailing slash."""

from __future__ import annotations

from django.urls import re_path

from .consumers import WorldConsumer

websocket_urlpatterns = [re_path(r"^ws/world/(?P<world_id>[1-9][0-9]{0,17})/?$", WorldConsumer.as_asgi())]
