"""WebSocket paths, with and without their trailing slash."""

from __future__ import annotations

from django.urls import re_path

from .consumers import SessionConsumer

websocket_urlpatterns = [re_path(r"^ws/session/(?P<session_id>[1-9][0-9]{0,17})/?$", SessionConsumer.as_asgi())]
