"""Two authors with the same form open: whoever saves later is told what changed meanwhile, keeps what he typed, and decides."""

from __future__ import annotations

import html
from typing import Any

import pytest
from django.contrib import admin

from generation.models import Asset
from npcs.models import Expression, Npc, NpcState, ScheduleSlot
from pixsim.lib.meanwhile import ANYWAY, OPENED, TellsMeanwhile
from scenes.models import Hotspot, Scene, SceneEdge, SceneNode
from sessions.models import StoryTest
from tests.documents import harbor
from tests.playing import account, published
from tests.rows import add_rows
from worlds.models import Location, World, WorldAsset

from .test_admin import A_STORY_TEST, filled, logged_in, url

pytestmark = pytest.mark.django_db
FIELDS: dict[Any, str] = {
    World: "name", Location: "name", WorldAsset: "key", Npc: "name", NpcState: "relationships", ScheduleSlot: "activity", Expression: "state",
    Scene: "title", SceneNode: "label", SceneEdge: "label", Hotspot: "meta", StoryTest: "name", Asset: "label",
}  # fmt: skip
"""Every change form of what authors make, and a field of it that both of them change."""


def text(model: Any, words: str) -> str:
    return {NpcState: f'{{"affinity": {len(words)}}}', Hotspot: f'{{"note": "{words}"}}', WorldAsset: words}.get(model, words)


@pytest.fixture
def world() -> World:
    return published(harbor(), owner=account("anna", author=True))


def row_of(model: Any, world: World) -> Any:
    if model is StoryTest:
        return StoryTest.objects.create(world=world, key="goes_on", **A_STORY_TEST)
    if not model.objects.exists():
        Asset.objects.create(owner=world.owner, media_type="image", label="A picture")
        add_rows(model, 1)
    return model.objects.order_by("pk").first()


def test_every_form_of_an_authored_thing_is_watched() -> None:
    assert {model for model, owner in admin.site._registry.items() if isinstance(owner, TellsMeanwhile)} == set(FIELDS)


@pytest.mark.parametrize("model", FIELDS, ids=lambda model: model.__name__)
def test_the_later_save_is_told_what_changed_and_nothing_is_overwritten(model: Any, world: World) -> None:
    row, field = row_of(model, world), FIELDS[model]
    address = url(model, "change", row.pk)
    anna, stella = logged_in(world.owner), logged_in(account("stella", staff=True))
    page = anna.get(address)
    opened = page.context["opened"]
    assert f'name="{OPENED}" value="{opened}"' in page.content.decode()
    data = {**filled(anna, address), OPENED: opened}
    assert stella.post(address, {**data, field: text(model, "hers")}).status_code == 302
    hers = getattr(model.objects.get(pk=row.pk), field)
    typed = text(model, "what_anna_typed")
    answer = anna.post(address, {**data, field: typed})
    assert answer.status_code == 200
    shown = html.unescape(answer.content.decode())
    assert "This was changed after you opened it" in shown
    assert typed in shown
    assert getattr(model.objects.get(pk=row.pk), field) == hers
    if model not in (Asset, WorldAsset):  # of these no history is kept
        assert [version.row.actor.username for version in answer.context["meanwhile"].changes] == ["stella"]
        assert "stella" in shown
    mark = answer.context["meanwhile"].mark
    assert f'name="{ANYWAY}" value="{mark}"' in shown
    assert anna.post(address, {**data, field: typed, ANYWAY: mark}).status_code == 302
    assert getattr(model.objects.get(pk=row.pk), field) not in (hers, getattr(row, field))


def test_saving_anyway_is_held_up_by_a_third_change(world: World) -> None:
    place = Location.objects.get(world=world, key="harbor")
    address, anna, stella = url(Location, "change", place.pk), logged_in(world.owner), logged_in(account("stella", staff=True))
    data = {**filled(anna, address), OPENED: anna.get(address).context["opened"]}
    stella.post(address, {**data, "name": "Her docks"})
    mark = anna.post(address, {**data, "name": "My docks"}).context["meanwhile"].mark
    stella.post(address, {**data, OPENED: mark, "name": "Her other docks"})
    answer = anna.post(address, {**data, "name": "My docks", ANYWAY: mark})
    assert [version.row.after["name"] for version in answer.context["meanwhile"].changes] == ["Her other docks"]
    assert Location.objects.get(pk=place.pk).name == "Her other docks"


def test_what_others_change_elsewhere_in_the_world_is_no_hindrance(world: World) -> None:
    node, other = SceneNode.objects.filter(scene__world=world, scene__key="harbor_intro")[:2]
    anna, stella = logged_in(world.owner), logged_in(account("stella", staff=True))
    address = url(SceneNode, "change", node.pk)
    data = {**filled(anna, address), OPENED: anna.get(address).context["opened"], "label": "Mine"}
    for model, row, field in ((SceneNode, other, "label"), (Location, Location.objects.first(), "name"), (World, world, "name")):
        theirs = url(model, "change", row.pk)
        assert stella.post(theirs, {**filled(stella, theirs), field: "Theirs"}).status_code == 302
    assert anna.post(address, data).status_code == 302
    assert SceneNode.objects.get(pk=node.pk).label == "Mine"


def test_a_part_that_somebody_added_inside_is_a_change_of_the_whole(world: World) -> None:
    """The form of a person holds the week: a slot that came meanwhile is not lost by saving the older form."""
    npc = Npc.objects.get(world=world, key="captain_mara")
    anna, stella = logged_in(world.owner), logged_in(account("stella", staff=True))
    address = url(Npc, "change", npc.pk)
    data = {**filled(anna, address), OPENED: anna.get(address).context["opened"], "name": "Mara"}
    theirs = url(ScheduleSlot, "change", npc.schedule.first().pk)
    assert stella.post(theirs, {**filled(stella, theirs), "activity": "sleeping late"}).status_code == 302
    answer = anna.post(address, data)
    assert "sleeping late" in answer.content.decode()
    assert Npc.objects.get(pk=npc.pk).name != "Mara"


def test_saving_what_somebody_deleted_is_told(world: World) -> None:
    place = Location.objects.get(world=world, key="market")
    address, anna = url(Location, "change", place.pk), logged_in(world.owner)
    data = {**filled(anna, address), OPENED: anna.get(address).context["opened"]}
    place.delete()
    assert "Perhaps it was deleted?" in anna.post(address, data, follow=True).content.decode()
