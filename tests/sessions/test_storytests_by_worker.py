"""More story tests than a page waits for: a worker runs them, taken from the broker as in production."""

from __future__ import annotations

import time
from typing import Any

import pytest
from celery.contrib.testing.worker import start_worker
from django.core.cache import cache
from django.test import Client

from pixsim.celery import app
from sessions import storytest_services as tests
from sessions.models import StoryTest, StoryTestRun
from tests.documents import harbor
from tests.playing import account, published
from worlds.models import World

pytestmark = pytest.mark.django_db(transaction=True)
WALK: dict[str, Any] = {"actions": [{"type": "choose", "edge_id": "edge2c"}], "expect": {"path": ["harbor_intro/node4"]}}
RED: dict[str, Any] = {"actions": [], "expect": {"flags": ["visited_tavern"]}}
START = {"scene": "harbor_intro", "node": "node2"}


def with_tests(count: int) -> World:
    """A world with so many tests; one of them is red."""
    world = published(harbor(), owner=account("author", author=True))
    made = [StoryTest(world=world, key=f"t{n}", name=f"Test {n}", start=START, **(WALK if n else RED)) for n in range(count)]
    StoryTest.objects.bulk_create(made)
    return world


def forget_messages() -> None:
    """What other tests asked a worker for, and none took."""
    with app.connection_for_write() as connection:
        app.amqp.queues["celery"](connection.channel()).purge()


def test_a_hundred_tests_are_run_at_once_and_one_more_by_a_worker(client: Client) -> None:
    world = with_tests(tests.AT_ONCE)
    client.force_login(world.owner)
    run, page = f"/author/worlds/{world.pk}/tests/run/", f"/author/worlds/{world.pk}/tests/"
    assert "1 of 100 red." in client.post(run, follow=True).content.decode()
    assert StoryTestRun.objects.count() == 100
    assert not tests.is_running(world)

    StoryTest.objects.create(world=world, key="one_more", name="One more", start=START, **WALK)
    forget_messages()
    asked = client.post(run, follow=True).content.decode()
    assert "A worker runs the tests" in asked
    assert "data-running" in asked
    assert StoryTestRun.objects.count() == 100, "nobody waited for it"
    client.post(run)  # pressed twice: sent once
    with start_worker(app, pool="solo", perform_ping_check=False, shutdown_timeout=30):
        until = time.monotonic() + 60
        while tests.is_running(world) and time.monotonic() < until:
            time.sleep(0.1)
    assert StoryTestRun.objects.count() == 201
    shown = client.get(page).content.decode()
    assert "data-running" not in shown
    assert "101 tests, <b>1 red</b>" in shown


def test_a_message_nobody_took_and_a_worker_that_died_do_not_keep_the_tests_from_being_run(monkeypatch: pytest.MonkeyPatch) -> None:
    world = with_tests(tests.AT_ONCE + 1)
    sent: list[int] = []
    monkeypatch.setattr("sessions.clips.send", lambda task, pk: sent.append(pk))
    assert tests.run_soon(world) is None
    assert tests.run_soon(world) is None
    assert sent == [world.pk]
    cache.clear()  # as after HINT_EXPIRES_SEC
    assert tests.run_soon(world) is None
    assert sent == [world.pk, world.pk]
    World.objects.filter(pk=world.pk).delete()
    with pytest.raises(World.DoesNotExist):
        tests.run_all(world.pk)
    assert not tests.is_running(world)
