"""Going back to an earlier version of a part: whole, as an authored change, and back again."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from npcs import services as people
from npcs.models import Npc, ScheduleSlot
from pixsim.lib.errors import Invalid
from scenes import bundle
from scenes.models import Hotspot, Scene, SceneEdge
from tests.documents import harbor
from tests.playing import account, published
from worlds import services
from worlds.models import Location, World, WorldHistory

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return published(harbor(), owner=account("anna", author=True))


def document(world: World) -> Any:
    return bundle.document(World.objects.get(pk=world.pk))[0]


def newest(world: World, part: str) -> WorldHistory:
    return WorldHistory.objects.filter(world=world, part=part).latest("pk")


def test_every_part_comes_back_as_it_was_and_can_be_taken_back_the_same_way(world: World) -> None:
    before = document(world)
    owner = world.owner
    services.change_world(world=world, actor=owner, patch=lambda data: {**data, "name": "Elsewhere", "meta": {}})
    services.change_location(location=Location.objects.get(world=world, key="harbor"), actor=owner, patch=lambda data: {**data, "name": "Mole"})
    npc = Npc.objects.get(world=world, key="captain_mara")
    people.replace_slots(npc=npc, actor=owner, entries=[])
    with services.authored(world, owner, scene := Scene.objects.get(world=world, key="harbor_intro")) as change:
        change.delete(*scene.nodes.all()[1:])
    after = document(world)
    assert after != before
    changed = list(WorldHistory.objects.filter(world=world, version__gt=1))
    assert {row.part for row in changed} >= {"world", "location/harbor", "npc/captain_mara", "scene/harbor_intro"}
    for row in reversed(changed):
        bundle.restore_part(world=world, actor=owner, part=row.part, entry=row.before)
    assert document(world) == before
    for row in changed:
        back = newest(world, row.part)
        assert (back.actor, back.after) == (owner, row.before)
        bundle.restore_part(world=world, actor=owner, part=row.part, entry=back.before)
    assert document(world) == after


def test_what_was_deleted_is_brought_back(world: World) -> None:
    npc = Npc.objects.get(world=world, key="captain_mara")
    slots = ScheduleSlot.objects.filter(npc=npc).count()
    people.delete_npc(npc=npc, actor=world.owner)
    bundle.restore_part(world=world, actor=world.owner, part="npc/captain_mara", entry=newest(world, "npc/captain_mara").before)
    assert ScheduleSlot.objects.filter(npc__key="captain_mara").count() == slots


def test_a_version_that_names_what_is_gone_is_refused_and_changes_nothing(world: World) -> None:
    hotspot = Hotspot.objects.filter(world=world, location__isnull=False).get()
    place = hotspot.location
    services.delete_location(location=place, actor=world.owner)
    before = document(world)
    gone = WorldHistory.objects.filter(world=world, part__startswith="hotspot/").latest("pk")
    with pytest.raises(Invalid):
        bundle.restore_part(world=world, actor=world.owner, part=gone.part, entry=gone.before)
    assert document(world) == before


def test_a_restored_entry_scene_takes_the_place_of_the_present_one(world: World) -> None:
    entry = Scene.objects.get(world=world, is_entry=True)
    other = Scene.objects.filter(world=world, is_entry=False).first()
    assert other is not None
    was = bundle.document(world)[0]["scenes"]
    with services.authored(world, world.owner, entry, other):
        Scene.objects.filter(pk=entry.pk).update(is_entry=False)
        Scene.objects.filter(pk=other.pk).update(is_entry=True)
    bundle.restore_part(world=world, actor=world.owner, part=f"scene/{entry.key}", entry=next(one for one in was if one["key"] == entry.key))
    assert [scene.key for scene in Scene.objects.filter(world=world, is_entry=True)] == [entry.key]


def test_the_history_page_shows_what_changed_and_goes_back(world: World, client: Client) -> None:
    client.force_login(world.owner)
    place = Location.objects.get(world=world, key="harbor")
    services.change_location(location=place, actor=world.owner, patch=lambda data: {**data, "name": "Mole"})
    page = client.get(f"/admin/worlds/location/{place.pk}/history/").content.decode()
    assert "<del>" in page and "<ins>Mole</ins>" in page
    row = newest(world, "location/harbor")
    answer = client.post(f"/author/history/{row.pk}/restore/", {"to": "before", "next": f"/admin/worlds/location/{place.pk}/history/"})
    assert answer.headers["Location"] == f"/admin/worlds/location/{place.pk}/history/"
    place.refresh_from_db()
    assert place.name != "Mole"
    assert client.post(f"/author/history/{row.pk}/restore/", {"next": "//elsewhere.example/"}).headers["Location"] == "/admin/"
    client.force_login(account("otto", author=True))
    assert client.post(f"/author/history/{row.pk}/restore/").status_code == 404


def test_an_inner_row_has_the_history_of_its_part(world: World, client: Client) -> None:
    client.force_login(world.owner)
    edge = SceneEdge.objects.filter(scene__world=world).first()
    assert edge is not None
    with services.authored(world, world.owner, edge):
        edge.label = "Out"
        edge.save()
    assert "<ins>Out</ins>" in client.get(f"/admin/scenes/sceneedge/{edge.pk}/history/").content.decode()
