"""Four ways to begin a world; the guided one ends in a world that is played."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from generation.models import Asset
from npcs.models import Npc
from pixsim.models import User
from scenes import bundle, checks
from sessions import engine, services
from sessions.queries import state_of
from tests.documents import harbor
from tests.playing import account, published
from worlds.models import Location, World, WorldHistory

pytestmark = pytest.mark.django_db

WORLD = {"name": "The Salt Road", "theme": "A village that owes the sea", "tone": "quiet", "start_time": "09:30"}
PLACE = {
    "name": "Low Quay",
    "look": "harbor",
    "description": "Nets and gulls.",
    "light": "dawn",
    "weather": "foggy",
    "other": "The Kettle",
    "other_look": "tavern",
}
PERSON = {
    "name": "Ida", "role": "Ferry-Woman", "presentation": "feminine", "age": "41", "clothing": "cloak", "hair_color": "grey", "skin": "tan",
    "background": "She knows the tide.", "extraversion": "30", "agreeableness": "70", "neuroticism": "20",
}  # fmt: skip
SCENE = {
    "title": "The first crossing", "opening": "The ferry comes out of the fog.", "mood": "mysterious", "says": "“You are late.”",
    "kind_choice": "“I am sorry.”", "kind_reply": "She nods.", "cold_choice": "“So is the ferry.”", "cold_reply": "She spits.",
    "secret_choice": "“Take me along.”",
}  # fmt: skip


@pytest.fixture
def anna() -> User:
    return account("anna", author=True)


@pytest.fixture
def door(client: Client, anna: User) -> Client:
    client.force_login(anna)
    return client


def guided(door: Client) -> World:
    assert door.post("/author/first-world/", WORLD).status_code == 302
    world = World.objects.get(name="The Salt Road")
    base = f"/author/first-world/{world.pk}"
    assert door.post(f"{base}/place/", PLACE).headers["Location"] == f"{base}/person/"
    here, there = Location.objects.filter(world=world).order_by("pk")
    assert door.post(f"{base}/person/", {**PERSON, "place": here.pk, "evening": there.pk}).headers["Location"] == f"{base}/scene/"
    assert door.post(f"{base}/scene/", SCENE).headers["Location"] == f"{base}/play/"
    assert door.post(f"{base}/play/").status_code == 302
    world.refresh_from_db()
    return world


def test_the_guided_world_has_no_problems_and_is_played_to_its_end(door: Client, anna: User) -> None:
    world = guided(door)
    assert world.published is not None
    assert checks.problems(bundle.document(world)[0]) == []
    session = services.start(user=account("paul"), world=world).session
    state = state_of(session)
    assert (state.location, state.at.scene if state.at else None) == ("low_quay", "the_first_crossing")
    session = services.move(session=session, action=engine.Continue()).session
    moved = services.move(session=session, action=engine.Choose(edge="answer_kind"))
    assert any(change.label == "+10 Affinity" for change in moved.changes)
    moved = services.move(session=moved.session, action=engine.Continue())
    while moved.state.at is not None:
        moved = services.move(session=moved.session, action=engine.Continue())
    assert moved.state.location == "low_quay"


def test_its_pictures_are_ordered_from_this_machine(door: Client) -> None:
    world = guided(door)
    kinds = sorted(asset.recipe["renderer"] for asset in Asset.objects.filter(owner=world.owner) if asset.recipe)
    assert kinds == ["animatic", *["portrait"] * 5, "still", "still"]
    assert world.poster is not None
    npc = Npc.objects.get(world=world)
    assert (npc.role, npc.personality["agreeableness"], npc.schedule.count(), npc.expressions.count()) == ("ferry_woman", 0.7, 2, 5)


def test_every_step_is_an_authored_change_and_may_be_done_again(door: Client) -> None:
    world = guided(door)
    base = f"/author/first-world/{world.pk}"
    assert door.post(f"{base}/place/", {**PLACE, "name": "High Quay"}).status_code == 302
    assert door.post(f"{base}/scene/", {**SCENE, "says": "“You came back.”"}).status_code == 302
    assert [place.name for place in Location.objects.filter(world=world).order_by("pk")] == ["High Quay", "The Kettle"]
    assert world.scenes.count() == 1
    assert set(WorldHistory.objects.filter(world=world).values_list("actor__username", flat=True)) == {"anna"}


def test_what_was_typed_stays_when_something_is_missing(door: Client) -> None:
    answer = door.post("/author/first-world/", {**WORLD, "name": ""})
    page = answer.content.decode()
    assert "A village that owes the sea" in page and "This field is required" in page
    assert not World.objects.exists()


def test_a_step_waits_for_the_one_before(door: Client) -> None:
    door.post("/author/first-world/", WORLD)
    base = f"/author/first-world/{World.objects.get().pk}"
    for step in ("person", "scene", "play"):
        assert door.get(f"{base}/{step}/").headers["Location"] == f"{base}/place/"


def test_a_copy_of_the_harbor_district_is_ones_own(door: Client, anna: User) -> None:
    answer = door.post("/author/new-world/", {"from": "harbor"})
    world = World.objects.get()
    assert answer.headers["Location"] == f"/admin/worlds/world/{world.pk}/change/"
    assert (world.owner, world.name, world.published) == (anna, "The Harbor District", None)


def test_a_world_comes_in_from_a_file_and_a_broken_one_says_why(door: Client, anna: User) -> None:
    file = BytesIO()
    bundle.export(published(harbor(), owner=anna), file)
    assert door.post("/author/new-world/", {"from": "file", "bundle": SimpleUploadedFile("a.pixsim.zip", file.getvalue())}).status_code == 302
    assert World.objects.count() == 2
    for broken in ({}, {"bundle": SimpleUploadedFile("a.zip", b"no zip at all")}):
        answer = door.post("/author/new-world/", {"from": "file", **broken})
        assert "errornote" in answer.content.decode()
    assert World.objects.count() == 2


def test_nobody_steps_into_another_ones_world(door: Client, client: Client) -> None:
    world = guided(door)
    addresses: list[Any] = [f"/author/first-world/{world.pk}/{step}/" for step in ("world", "place", "person", "scene", "play")]
    client.force_login(account("otto", author=True))
    assert {client.get(address).status_code for address in addresses} == {404}
    assert client.post(f"/author/first-world/{world.pk}/place/", PLACE).status_code == 404
    client.force_login(account("paul"))
    assert {client.get(address).status_code for address in ["/author/new-world/", "/author/first-world/", *addresses]} == {404}
