"""A world from nothing: every step leads to the next, and what is added belongs to the world at hand."""

from __future__ import annotations

import pytest
from django.test import Client

from npcs.models import Npc
from scenes.models import Scene
from sessions import services
from sessions.next_steps import steps_of
from tests.documents import harbor
from tests.playing import account, published
from worlds.models import Location, World

pytestmark = pytest.mark.django_db
NO_ROWS = {f"{prefix}-{count}_FORMS": "0" for prefix in ("nodes", "edges") for count in ("TOTAL", "INITIAL")}


@pytest.fixture
def author() -> Client:
    client = Client()
    client.force_login(account("anna", author=True))
    return client


def initial(author: Client, url: str) -> dict[str, object]:
    return dict(author.get(url).context["adminform"].form.initial)


def started(author: Client) -> World:
    answer = author.post("/admin/worlds/world/add/", {"name": "Lamp Island", "meta": "{}"})
    world = World.objects.get()
    assert answer["Location"] == f"/admin/worlds/world/{world.pk}/change/"
    return world


def test_who_has_no_world_is_shown_how_to_begin_one(author: Client) -> None:
    page = author.get("/admin/").content.decode()
    assert "Begin the guided way" in page
    assert "Start empty" in page


def test_a_new_world_leads_to_its_page_and_what_is_added_then_is_its_own(author: Client) -> None:
    world = started(author)
    page = author.get(f"/admin/worlds/world/{world.pk}/change/").content.decode()
    assert "What comes next" in page
    assert initial(author, "/admin/npcs/npc/add/")["world"] == world.pk


def test_a_list_of_one_world_adds_to_that_world(author: Client) -> None:
    first, _ = started(author), author.post("/admin/worlds/world/add/", {"name": "Another", "meta": "{}"})
    page = f"/admin/worlds/location/add/?_changelist_filters=of_world%3D{first.pk}"
    assert initial(author, page)["world"] == str(first.pk)


def test_a_new_place_hides_no_other_on_the_map(author: Client) -> None:
    world = started(author)
    assert initial(author, "/admin/worlds/location/add/")["x"] == 0
    Location.objects.create(world=world, key="quay", name="Quay", x=40)
    assert initial(author, "/admin/worlds/location/add/")["x"] == 220
    stranger = Client()
    stranger.force_login(account("ben", author=True))
    assert initial(stranger, f"/admin/worlds/location/add/?world={world.pk}")["x"] == 0, "nothing is said of a foreign world"


def test_a_new_scene_leads_to_its_graph_and_the_first_begins_the_world(author: Client) -> None:
    world = started(author)
    assert initial(author, "/admin/scenes/scene/add/")["is_entry"] is True
    answer = author.post(
        "/admin/scenes/scene/add/", {"world": world.pk, "title": "Arrival", "is_entry": "on", "meta": "{}", "_save": "Save", **NO_ROWS}
    )
    assert answer["Location"] == f"/admin/scenes/scene/{Scene.objects.get().pk}/graph/"
    assert initial(author, "/admin/scenes/scene/add/")["is_entry"] is False


def test_the_next_step_is_the_first_that_is_not_done(author: Client) -> None:
    world = started(author)
    assert steps_of(world)["next"] == "Places"
    Location.objects.create(world=world, key="quay", name="Quay")
    assert steps_of(world)["next"] == "People"
    Npc.objects.create(world=world, key="wren", name="Wren")
    assert steps_of(world)["next"] == "Scenes"


def test_the_steps_are_gone_once_it_is_played() -> None:
    world = published(harbor(), owner=account("anna", author=True))
    assert steps_of(world)["next"] == "Play"
    services.start(user=world.owner, world=world)
    assert steps_of(world)["steps"] == []
