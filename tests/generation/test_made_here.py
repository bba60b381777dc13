"""The renderer on this machine goes through the same pipeline: no account, no cost, true progress, an asset of the owner's."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from generation import hints, orders, services, sweep
from generation.models import Asset, BudgetDay, Generation, LedgerEntry
from pixsim.models import User

from .conftest import order
from .double import Clock, Places

pytestmark = pytest.mark.django_db
SMALL = {"seed": 1, "size": [96, 54]}


@pytest.fixture(autouse=True)
def quiet(monkeypatch: Any) -> None:
    monkeypatch.setattr(hints, "advance_soon", lambda *_, **__: None)


@pytest.fixture
def now() -> Clock:
    return Clock(timezone.now())


def make(owner: User, now: Clock, prompt: str = "a foggy harbor at dawn", **more: Any) -> Generation:
    given = {"provider_id": "animatic", "operation_type": "text_to_image", "canonical_params": SMALL, **more}
    return orders.create(owner=owner, order=order(prompt, **given), clock=now).generation


def fresh(job: Generation) -> Generation:
    return Generation.objects.select_related("asset").get(pk=job.pk)


def step(now: Clock, seconds: float = 3) -> None:
    sweep.run_due(now)
    now.pass_(seconds=seconds)


def test_an_order_becomes_an_asset_of_its_owner_and_reaches_its_node(author: User, now: Clock, places: Places) -> None:
    job = make(author, now)
    assert job.estimated == 0
    step(now)
    step(now)
    waiting = Asset.objects.get()
    assert (fresh(job).status, waiting.status, waiting.owner) == ("queued", "pending", author)
    token = services.claim(asset_id=waiting.pk, now=timezone.now())
    Asset.objects.update(progress=0.45)
    step(now)
    assert (fresh(job).status, fresh(job).progress) == ("generating", 0.45)
    assert token is not None
    services._render_claimed(Asset.objects.get(), token, None)
    step(now)
    done = fresh(job)
    assert (done.status, done.charged, done.asset_id, done.progress) == ("completed", 0, waiting.pk, 1)
    assert places.attached == [(job.pk, waiting.pk, {"scene_id": 1, "node_id": "node1"})]
    assert [row.kind for row in waiting.lineage.all()] == ["prompt"]
    assert not BudgetDay.objects.exists()
    assert not LedgerEntry.objects.exists()


def test_two_orders_of_the_same_picture_share_its_asset(author: User, now: Clock, places: Places) -> None:
    first = make(author, now)
    second = make(author, now, scope="world/7/player/3", strategy="per_player")
    assert first.pk != second.pk
    step(now)
    services.render_pending()
    step(now)
    assert {fresh(first).status, fresh(second).status} == {"completed"}
    assert Asset.objects.get().lineage.count() == 1
    assert len(places.attached) == 2


def test_a_render_that_fails_is_said_and_can_be_tried_again(author: User, now: Clock, places: Places, monkeypatch: Any) -> None:
    def broken(*_: Any) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(services, "_render", broken)
    job = make(author, now)
    step(now)
    for _ in range(3):
        services.render_pending()
    step(now)
    assert (fresh(job).status, fresh(job).error) == ("failed", "no space left")
    monkeypatch.undo()
    monkeypatch.setattr(hints, "advance_soon", lambda *_, **__: None)
    monkeypatch.setattr(services, "OTHER_PROCESS", False)
    again = orders.retry(generation=fresh(job), actor=author, clock=now)
    step(now)
    services.render_pending()
    step(now)
    assert fresh(again).status == "completed"


def test_cancelling_costs_nothing_and_says_nothing_of_credits(author: User, now: Clock, places: Places) -> None:
    job = make(author, now)
    step(now)
    done = orders.cancel(generation=job, actor=author, clock=now)
    assert (done.status, done.error) == ("cancelled", "Cancelled by anna.")
    services.render_pending()
    step(now)
    assert fresh(job).status == "cancelled"


def test_a_worker_that_died_in_the_middle_makes_nothing_twice(author: User, now: Clock, places: Places, monkeypatch: Any) -> None:
    job = make(author, now)

    class Killed(BaseException):
        pass

    def killed(*_: Any, **__: Any) -> None:
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr("generation.submission.accepted", killed)
        with pytest.raises(Killed):
            sweep.run_due(now)
    assert (fresh(job).status, Asset.objects.count()) == ("submitting", 1)
    step(now, seconds=200)
    step(now)
    services.render_pending()
    step(now)
    step(now)
    assert (fresh(job).status, Asset.objects.count()) == ("completed", 1)
