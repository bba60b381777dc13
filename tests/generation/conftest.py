from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Group
from PIL import Image
from rest_framework.test import APIClient

from generation import accounts, delivery, hints, services, subjects, sweep
from generation.models import Asset, BudgetDay, LedgerEntry, ProviderAccount
from generation.orders import Order
from generation.providers import registry
from pixsim.models import AUTHORS, User

from .double import Clock, Double, Places, fetched

STILL = {"renderer": "still", "prompt": "a harbor", "style": {"time_of_day": "noon"}, "seed": 1, "size": [96, 54]}
SCENE = {"renderer": "gltf_scene", "place": "tavern", "seed": 1}


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch: Any) -> None:
    """Renders run inside the test: starting an interpreter for each would be most of the time."""
    monkeypatch.setattr(services, "OTHER_PROCESS", False)


def make_user(name: str, *, author: bool = False, staff: bool = False) -> User:
    user = User.objects.create_user(name, password="sail the harbor", is_staff=staff)
    if author:
        user.groups.add(Group.objects.get_or_create(name=AUTHORS)[0])
    return user


def client_of(user: User | None) -> APIClient:
    client = APIClient()
    if user is not None:
        client.force_authenticate(user)
    return client


@pytest.fixture
def author(db: Any) -> User:
    return make_user("anna", author=True)


@pytest.fixture
def stranger(db: Any) -> User:
    return make_user("otto", author=True)


@pytest.fixture
def staff(db: Any) -> User:
    return make_user("stella", staff=True)


@pytest.fixture
def api(author: User) -> APIClient:
    return client_of(author)


def picture_bytes(form: str = "PNG", size: tuple[int, int] = (40, 30), **save: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (200, 80, 40)).save(out, form, **save)
    return out.getvalue()


@pytest.fixture
def picture(author: User) -> Asset:
    return services.ensure_asset(owner=author, media_type="image", content=picture_bytes(), label="a red square")


# -- jobs ---------------------------------------------------------------------------------------------------------------
@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def places(monkeypatch: Any) -> Places:
    """The only app above."""
    made = Places()
    monkeypatch.setattr(subjects, "_clients", [made])
    return made


@pytest.fixture
def double(clock: Clock, places: Places, monkeypatch: Any) -> Iterator[Double]:
    """The provider `double`, its clock, and a download that needs no network. No hints: a test says when something is done."""
    made = Double(clock)
    registry.register(made)
    monkeypatch.setattr(delivery, "fetch", fetched)
    monkeypatch.setattr(hints, "advance_soon", lambda *_, **__: None)
    yield made
    registry.unregister(made.id)


@pytest.fixture
def account(author: User, double: Double) -> ProviderAccount:
    return accounts.create_account(owner=author, provider_id="double", key="sk-double-0001", webhook_secret="hush")


def order(prompt: str = "a harbor", **more: Any) -> Order:
    given = {"operation_type": "video_transition", "provider_id": "double", "world_id": 7, "inputs": {"prompt": prompt}, **more}
    return Order(**{"scene_context": {"scene_id": 1, "node_id": "node1"}, **given})


def run(clock: Clock, *, seconds: float = 60, step: float = 1) -> None:
    """Let time pass and do what is due."""
    passed = 0.0
    while passed <= seconds:
        while sweep.run_due(clock) and step == 0:
            pass
        clock.pass_(seconds=step or 1)
        passed += step or 1


def books_balance() -> None:
    """The ledger, the budgets and the slots say the same."""
    kinds: dict[tuple[str, Any], Counter[str]] = {}
    for entry in LedgerEntry.objects.all():
        kinds.setdefault((entry.scope, entry.day), Counter())[entry.kind] += entry.amount
    days = {(day.scope, day.day): day for day in BudgetDay.objects.all()}
    for where, sums in kinds.items():
        assert days[where].reserved == sums["reserve"] - sums["charge"] - sums["release"], where
        assert days[where].spent == sums["charge"] + sums["adjust"], where
    assert set(days) >= set(kinds)
    for held in ProviderAccount.objects.all():
        assert held.in_flight == held.submissions.filter(holds_slot=True).count()
        assert held.in_flight <= held.max_concurrent
