"""A server that stops does not wait for its renders, and they are not held against the pictures."""

from __future__ import annotations

import threading
import time

import pytest

from generation import services
from generation.models import Asset

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_render_under_way_is_given_back_without_an_attempt_when_the_server_stops(django_user_model, monkeypatch):
    monkeypatch.setattr(services, "_ending", threading.Event())
    monkeypatch.setattr(services, "OTHER_PROCESS", True)
    owner = django_user_model.objects.create_user("author")
    asset = services.ensure_asset(owner=owner, media_type="video", recipe={"renderer": "animatic", "prompt": "A foggy harbor at dawn.", "seed": 42})
    worker = threading.Thread(target=services.render_pending)
    worker.start()
    deadline = time.monotonic() + 30
    while not services._rendering and time.monotonic() < deadline:
        time.sleep(0.01)

    services.hand_back()
    worker.join(10)

    asset.refresh_from_db()
    assert not worker.is_alive()
    assert (asset.status, asset.attempts, asset.lease_token) == (Asset.Status.PENDING, 0, None)
    assert services.render_pending() == 0, "nothing new is begun while the process ends"
