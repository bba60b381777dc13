from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Group
from rest_framework.test import APIClient

from generation.providers import registry
from pixsim.models import AUTHORS, User
from tests.generation.double import Clock, Double


@pytest.fixture(autouse=True)
def a_provider() -> Iterator[None]:
    """One that needs an account and no network."""
    registry.register(Double(Clock()))
    yield
    registry.unregister("double")


def make_user(name: str, *, author: bool = False, staff: bool = False) -> User:
    user = User.objects.create_user(name, password="sail the harbor", is_staff=staff)
    if author:
        user.groups.add(Group.objects.get_or_create(name=AUTHORS)[0])
    return user


def client_of(user: User | None) -> APIClient:
    """A client that logs in without a cookie, as an integrator does."""
    client = APIClient()
    if user is not None:
        client.force_authenticate(user)
    return client


@pytest.fixture
def author(db: Any) -> User:
    return make_user("anna", author=True)


@pytest.fixture
def other_author(db: Any) -> User:
    return make_user("otto", author=True)


@pytest.fixture
def player(db: Any) -> User:
    return make_user("paul")


@pytest.fixture
def staff(db: Any) -> User:
    return make_user("stella", staff=True)


@pytest.fixture
def api(author: User) -> APIClient:
    """Logged in as the author."""
    return client_of(author)


@pytest.fixture
def as_user() -> Callable[[User | None], APIClient]:
    return client_of
