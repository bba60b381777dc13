"""The page of a scene's graph, as tests use it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import expect
from rest_framework.test import APIClient

from pixsim.models import User
from scenes.models import Scene
from tests.browser.conftest import Visitor
from tests.documents import harbor
from tests.playing import account, published
from worlds.models import World


@pytest.fixture
def quay(transactional_db: None) -> World:
    return published(harbor(), owner=account("author", author=True))


class Editor:
    """One author at one scene's graph."""

    def __init__(self, author: Visitor, scene: Scene) -> None:
        self.author, self.page, self.scene = author, author.page, scene
        self.page.set_default_timeout(10_000)
        self.open()

    def open(self) -> None:
        self.author.goto(f"/admin/scenes/scene/{self.scene.pk}/graph/")
        self.page.locator("#graph-editor[data-ready]").wait_for(timeout=20_000)

    def card(self, key: str) -> Any:
        return self.page.locator(f'.react-flow__node[data-id="{key}"]')

    @property
    def inspector(self) -> Any:
        return self.page.get_by_role("complementary", name="Inspector")

    def press(self, name: str, **more: Any) -> None:
        self.page.get_by_role("button", name=name, **more).first.click()

    def add(self, what: str, title: str) -> None:
        """One more clause, effect or setting."""
        self.inspector.get_by_label(f"What to add to {what}", exact=True).select_option(label=title)
        self.inspector.get_by_role("button", name=f"Add to {what}", exact=True).click()

    def save(self) -> None:
        self.press("Save", exact=True)
        self.saved()

    def saved(self) -> None:
        expect(self.page.locator(".ge-state")).to_have_text("Saved", timeout=10_000)


def middle(box: Any) -> tuple[float, float]:
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(page: Any, start: tuple[float, float], end: tuple[float, float]) -> None:
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move((start[0] + end[0]) / 2, (start[1] + end[1]) / 2, steps=4)
    page.mouse.move(*end, steps=4)
    page.mouse.up()


def rest(username: str = "author") -> APIClient:
    client = APIClient()
    client.force_authenticate(User.objects.get(username=username))
    return client


def graph_of(scene: Scene) -> dict[str, Any]:
    found: dict[str, Any] = rest().get(f"/api/v1/game-scenes/{scene.pk}/graph").json()
    return {**found, "nodes": {one["id"]: one for one in found["nodes"]}, "edges": {one["id"]: one for one in found["edges"]}}


def log_in(visitor: Visitor, username: str) -> None:
    """With a cookie: the login page has tests of its own."""
    client = Client()
    client.force_login(User.objects.get(username=username))
    visitor.page.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": visitor.site}])


@pytest.fixture
def editor(visit: Callable[..., Visitor], quay: World) -> Callable[..., Editor]:
    def open_editor(key: str = "harbor_intro", author: str = "author", **window: Any) -> Editor:
        visitor = visit(**window)
        log_in(visitor, author)
        return Editor(visitor, Scene.objects.get(world=quay, key=key))

    return open_editor
