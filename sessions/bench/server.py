"""The site as it is served, with the bare views beside it."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pixsim.settings")

from django.conf import settings

settings.ROOT_URLCONF = "sessions.bench.bare"

from django.core.asgi import get_asgi_application  # noqa: E402

application = get_asgi_application()
