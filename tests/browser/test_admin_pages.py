"""Every page of the author's door in Chromium: nothing for axe, the console or the CSP to say, nothing wider than the window."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.test import RequestFactory
from django.urls import NoReverseMatch, reverse

from generation.models import Asset
from pixsim.models import User
from sessions import services
from tests.documents import harbor
from tests.playing import account, published
from worlds.models import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

CUSTOM: list[tuple[str, str]] = [
    ("admin:index", ""),
    ("new_world", ""),
    ("first_world", ""),
    ("publish_world", "worlds.World"),
    ("admin:scenes_scene_graph", "scenes.Scene"),
]
"""Pages by URL name, and the model whose first row they are of. A page not named here is not looked at: add yours."""
KINDS = ("changelist", "add", "change", "history", "delete")
LABELS = ("worlds", "scenes", "npcs", "generation", "game_sessions", "pixsim")
AXE = """async () => (await axe.run(document, { resultTypes: ['violations'], preload: false })).violations.map((one) => [one.id, one.nodes[0].target.join(' ')])"""


def addresses(user: User) -> list[str]:
    """Every list, form, history and question of deleting that staff may open, once for each model."""
    found: list[str] = []
    request = RequestFactory().get("/admin/")
    request.user = user
    for label in LABELS:
        for model in filter(admin.site.is_registered, apps.get_app_config(label).get_models()):
            row = model._default_manager.order_by("pk").first()
            name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
            owner = admin.site.get_model_admin(model)
            closed = {"add": not owner.has_add_permission(request), "delete": not owner.has_delete_permission(request)}
            for kind in KINDS:
                of_row = kind not in KINDS[:2]
                if not closed.get(kind) and (row is not None or not of_row):
                    found.append(reverse(f"{name}_{kind}", args=(row.pk,) if of_row else ()))
    for name, model_name in CUSTOM:
        try:
            found.append(reverse(name, args=(apps.get_model(model_name)._default_manager.order_by("pk").first().pk,) if model_name else ()))
        except NoReverseMatch:
            continue
    return found


@pytest.fixture
def staff() -> User:
    stella = account("stella", staff=True)
    stella.is_superuser = True
    stella.save()
    world: World = published(harbor(), owner=stella)
    Asset.objects.create(owner=stella, media_type="image", label="A picture")
    services.start(user=stella, world=world)
    return stella


def test_no_page_has_anything_wrong_in_light_and_dark_wide_and_narrow(visit: Any, staff: User) -> None:
    from axe_playwright_python.sync_playwright import Axe

    author = visit(scheme="light")
    page = author.page
    author.log_in("stella")
    wrong: list[str] = []
    for address in addresses(staff):
        answer = author.goto(address)
        assert answer.status == 200, address
        page.wait_for_function(
            "() => [...document.querySelectorAll('textarea[data-form]')].every((one) => one.name.includes('__prefix__') || one.closest('.builder'))"
        )
        author.listening = False  # axe brings its own inline styles
        page.evaluate(Axe().axe_script)
        for scheme, width in (("light", 1280), ("dark", 390)):
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size({"width": width, "height": 844})
            author.settle()
            if not page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
                wrong.append(f"{address} is wider than {width}")
            wrong += [f"{address} {scheme}: {rule} at {where}" for rule, where in page.evaluate(AXE)]
        page.emulate_media(color_scheme="light")
        page.set_viewport_size({"width": 1280, "height": 844})
        author.listening = True
    assert wrong == []
