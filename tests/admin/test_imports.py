"""Other tools' files through the author's door."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from npcs.models import Npc
from scenes.models import Scene
from tests.documents import harbor
from tests.npcs.test_cards import V2, inside
from tests.playing import account, published
from tests.scenes.test_twee import FOG
from worlds.models import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return published(harbor(), owner=account("anna", author=True))


@pytest.fixture
def door(world: World) -> Client:
    client = Client()
    client.force_login(world.owner)
    return client


def sent(door: Client, page: str, world: World, content: bytes, **more: Any) -> Any:
    return door.post(reverse(f"admin:{page}"), {"world": world.pk, "file": SimpleUploadedFile("file", content)}, **more)


def test_a_card_comes_in_and_its_page_tells_what_had_no_place(door: Client, world: World) -> None:
    page = sent(door, "npcs_npc_import", world, inside(chara=V2), follow=True)
    npc = Npc.objects.get(world=world, name="Wren")
    assert page.redirect_chain[-1][0] == reverse("admin:npcs_npc_card", args=[npc.pk])
    text = page.content.decode()
    assert "Instructions to a model are kept, never followed." in text
    assert "?format=png" in text
    assert "Import a character card" in door.get(reverse("admin:npcs_npc_changelist")).content.decode()


def test_a_story_comes_in_and_its_report_stays(door: Client, world: World) -> None:
    page = sent(door, "scenes_scene_import", world, FOG.encode(), follow=True)
    scene = Scene.objects.get(world=world, title="Fog over the quay")
    assert page.redirect_chain[-1][0] == reverse("admin:scenes_scene_twee", args=[scene.pk])
    assert "Tavern, line 15" in page.content.decode()
    forms = {row: door.get(reverse("admin:scenes_scene_change", args=[row.pk])).content.decode() for row in world.scenes.all()}
    assert [row for row, html in forms.items() if page.redirect_chain[-1][0] in html] == [scene]


@pytest.mark.parametrize(("page", "words"), [("npcs_npc_import", "neither a PNG nor JSON"), ("scenes_scene_import", "no passage in this file")])
def test_what_is_wrong_with_a_file_stands_at_the_field(door: Client, world: World, page: str, words: str) -> None:
    answer = sent(door, page, world, b"hello")
    assert answer.status_code == 422
    assert words in answer.content.decode()


@pytest.mark.parametrize("page", ["npcs_npc_import", "scenes_scene_import"])
def test_nobody_imports_into_anothers_world(world: World, page: str) -> None:
    other = Client()
    other.force_login(account("otto", author=True))
    assert sent(other, page, world, FOG.encode()).status_code == 422
    for name, row in (("npcs_npc_card", world.npcs.first()), ("scenes_scene_twee", world.scenes.first())):
        assert other.get(reverse(f"admin:{name}", args=[row.pk])).status_code == 404
