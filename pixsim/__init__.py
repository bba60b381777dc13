"""PixSim: interactive story worlds, authored in Django's admin, played in the browser."""

from __future__ import annotations

from .celery import app as celery_app

__all__ = ["celery_app"]
__version__ = "0.1.0"
