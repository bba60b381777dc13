"""The Celery application. Messages are doorbells; the rows in the database are the truth."""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pixsim.settings")

app = Celery("pixsim")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
