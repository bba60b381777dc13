"""HTTP to Django, WebSocket to Channels."""

from __future__ import annotations

import asyncio
import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pixsim.settings")

from django.core.asgi import get_asgi_application

http = get_asgi_application()  # loads the apps, so it must come before any import that needs them

from channels.auth import AuthMiddlewareStack  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402

from pixsim.lib import live, tickets  # noqa: E402
from sessions.routing import websocket_urlpatterns as played  # noqa: E402
from worlds.routing import websocket_urlpatterns as authored  # noqa: E402

routes = ProtocolTypeRouter({"http": http, "websocket": AuthMiddlewareStack(URLRouter([*played, *authored]))})
tickets.keep_out_of_logs()


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    live.use_loop(asyncio.get_running_loop())
    await routes(scope, receive, send)
