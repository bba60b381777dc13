from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from pixsim.models import User
from tests.api.conftest import api, as_user, author, other_author, player, staff  # noqa: F401
from worlds.models import World
from worlds.services import create_world


@pytest.fixture
def world(author: User) -> World:  # noqa: F811
    return create_world(owner=author, name="The Harbor District", meta={"theme": "Maritime trade hub"})


@pytest.fixture
def foreign_world(other_author: User) -> World:  # noqa: F811
    return create_world(owner=other_author, name="Elsewhere", meta={})


def send(client: APIClient, method: str, path: str, body: Any = None, **headers: str) -> Any:
    return getattr(client, method)(f"/api/v1/{path}", body, format="json", headers={k.replace("_", "-"): v for k, v in headers.items()})
