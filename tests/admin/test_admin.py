"""The author's door: who gets in, what each sees, and that everything written there is an authored change."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from generation.models import Asset
from npcs.models import Expression, Npc, ScheduleSlot
from pixsim.lib.admin import StaffOnlyMixin
from pixsim.models import AuditEntry, User
from scenes.models import Hotspot, Scene, SceneEdge, SceneNode
from sessions import services
from sessions.models import GameSession, StoryTest
from tests.documents import harbor
from tests.playing import PASSWORD, account, harbor_district, published
from worlds.history import authored_models
from worlds.models import Location, World, WorldHistory
from worlds.services import delete_world

pytestmark = pytest.mark.django_db
OURS = ("pixsim", "worlds", "npcs", "scenes", "game_sessions", "generation")
A_STORY_TEST = {"name": "Goes on", "start": {"scene": "harbor_intro"}, "actions": [{"type": "continue"}], "expect": {"path": [None]}}
MODELS = [model for label in OURS for model in apps.get_app_config(label).get_models()]


@pytest.fixture
def anna() -> User:
    return account("anna", author=True)


@pytest.fixture
def otto() -> User:
    return account("otto", author=True)


@pytest.fixture
def world(anna: User) -> World:
    return published(harbor(), owner=anna)


@pytest.fixture
def door(anna: User) -> Client:
    return logged_in(anna)


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def url(model: Any, page: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def filled(client: Client, address: str) -> dict[str, Any]:
    """The change form's own values, as a browser would send them back."""
    page = client.get(address)
    assert page.status_code == 200, page.status_code
    form, data = page.context["adminform"].form, {}
    formsets = [inline.formset for inline in page.context["inline_admin_formsets"]]
    for each in [form, *(f.management_form for f in formsets), *(one for f in formsets for one in f.forms)]:
        for bound in each:
            value = bound.value()
            if value is True:
                data[bound.html_name] = "on"
            elif value is not None and value is not False:
                data[bound.html_name] = value
    return data


def test_every_model_has_its_page():
    assert [model for model in MODELS if model not in admin.site._registry] == []


def test_an_author_comes_in_without_is_staff(client, anna):
    answer = client.post("/admin/login/?next=/admin/", {"username": "anna", "password": PASSWORD})
    assert answer.headers["Location"] == "/admin/"
    assert "Your worlds" in client.get("/admin/").content.decode()


def test_a_player_is_told_why_not(client):
    account("paul")
    answer = client.post("/admin/login/", {"username": "paul", "password": PASSWORD})
    assert "plays, but does not author" in answer.content.decode()


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_a_player_gets_no_page(model):
    assert logged_in(account("paul")).get(url(model, "changelist")).status_code == 302


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_another_author_sees_nothing_of_it(model, world, anna, otto):
    services.start(user=account("paul"), world=world)
    Asset.objects.create(owner=anna, media_type="image")
    other = logged_in(otto)
    page = other.get(url(model, "changelist"))
    if model._meta.app_label == "pixsim" or isinstance(admin.site._registry[model], StaffOnlyMixin):
        assert page.status_code == 403
        return
    assert page.status_code == 200
    assert page.context["cl"].result_count == 0
    assert "A test world" not in page.content.decode()
    row = model._default_manager.first()
    if row is not None:
        for kind in ("change", "delete", "history"):
            answer = other.get(url(model, kind, row.pk))
            assert answer.status_code in (302, 403), kind


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_lists_and_forms_open_for_staff(model, world):
    services.start(user=account("paul"), world=world)
    staff = logged_in(account("stella", staff=True))
    assert staff.get(url(model, "changelist")).status_code == 200
    row = model._default_manager.first()
    if row is not None:
        assert staff.get(url(model, "change", row.pk)).status_code == 200


@pytest.mark.parametrize("model", sorted(authored_models(), key=lambda model: model.__name__), ids=lambda model: model.__name__)
def test_every_authored_row_is_written_inside_authored(model, world, door, monkeypatch):
    """Saving a form unchanged goes through `authored`, and changes nothing."""
    from worlds import admin as worlds_admin

    row = model._default_manager.first()
    if row is None:
        asset = Asset.objects.create(owner=world.owner, media_type="image")
        made = {"npc": Npc.objects.first(), "state": "happy"} if model is Expression else {"world": world, "key": "picture"}
        row = model._default_manager.create(**made, **(A_STORY_TEST if model is StoryTest else {"asset": asset}))
    seen: list[World] = []
    real = worlds_admin.authored
    monkeypatch.setattr(worlds_admin, "authored", lambda w, *args, **kwargs: seen.append(w) or real(w, *args, **kwargs))
    before = World.objects.get(pk=world.pk).draft_version
    address = url(model, "change", row.pk)
    answer = door.post(address, filled(door, address))
    assert answer.status_code == 302, answer.context["errors"] if answer.context else answer
    assert seen == [world]
    assert World.objects.get(pk=world.pk).draft_version == before


def test_a_change_counts_up_the_draft_and_keeps_its_history(door, world, anna):
    place = Location.objects.get(world=world, key="harbor")
    address = url(Location, "change", place.pk)
    assert door.post(address, {**filled(door, address), "name": "The Old Docks"}).status_code == 302
    kept = WorldHistory.objects.latest("pk")
    assert (kept.part, kept.actor, kept.after["name"]) == ("location/harbor", anna, "The Old Docks")
    assert Location.objects.get(pk=place.pk).version == place.version + 1


def test_a_person_is_saved_with_the_week_as_one_change(door, world):
    npc = Npc.objects.get(world=world, key="captain_mara")
    address = url(Npc, "change", npc.pk)
    before = World.objects.get(pk=world.pk).draft_version
    data = {**filled(door, address), "name": "Mara", "schedule-0-start": "05:00"}
    assert door.post(address, data).status_code == 302
    assert World.objects.get(pk=world.pk).draft_version == before + 1
    assert ScheduleSlot.objects.filter(npc=npc).order_by("position", "id").first().start == "05:00"


def test_a_world_is_made_with_its_clock(door, anna):
    answer = door.post(url(World, "add"), {"name": "The Marsh", "meta": '{"theme": "fog"}', "poster": ""})
    assert answer.status_code == 302
    made = World.objects.get(name="The Marsh")
    assert (made.owner, made.state.world_time) == (anna, 0)


def test_a_world_is_changed_by_its_form(door, world):
    address = url(World, "change", world.pk)
    assert door.post(address, {**filled(door, address), "name": "The Marsh", "meta": '{"theme": "fog"}'}).status_code == 302
    changed = World.objects.get(pk=world.pk)
    assert (changed.name, changed.meta, changed.draft_version) == ("The Marsh", {"theme": "fog"}, world.draft_version + 1)
    assert WorldHistory.objects.latest("pk").after["meta"] == {"theme": "fog"}


def test_the_world_chosen_above_scopes_lists_and_new_things_until_all_are_asked_for(door, world, anna, otto):
    other = published(harbor(), owner=anna)
    door.post("/admin/worlds/world/choose/", {"world": other.pk, "next": "/admin/worlds/location/"})

    def shown(address: str) -> set[int]:
        return {row.world_id for row in door.get(address).context["cl"].result_list}

    assert shown(url(Location, "changelist")) == {other.pk}
    assert shown(url(Location, "changelist") + "?of_world=all") == {world.pk, other.pk}
    assert shown(url(Location, "changelist") + f"?of_world={world.pk}") == {world.pk}
    assert door.get(url(Location, "add")).context["adminform"].form.initial["world"] == other.pk
    delete_world(world=other, actor=anna)
    assert shown(url(Location, "changelist")) == {world.pk}
    door.post("/admin/worlds/world/choose/", {"world": published(harbor(), owner=otto).pk})
    assert shown(url(Location, "changelist")) == {world.pk}


def test_the_front_page_shows_ones_own_worlds_with_what_there_is_to_know(door, world, anna, otto):
    published(harbor(), owner=otto)
    services.start(user=account("paul"), world=world)
    page = door.get("/admin/")
    (card,) = page.context["home_cards"]
    assert (card["world"], [game["who"] for game in card["sessions"]], card["limit"]) == (world, ["paul"], 100)
    assert {"Scenes", "People", "Problems", "Publish", "Export"} <= {link["title"] for link in card["links"]}


def test_a_place_gets_its_key_from_its_name(door, world):
    data = {"world": world.pk, "name": "Old Mole", "key": "", "x": "0", "y": "0", "default_spawn": "", "travel_conditions": "", "meta": ""}
    assert door.post(url(Location, "add"), data).status_code == 302
    assert Location.objects.get(world=world, name="Old Mole").key == "old_mole"
    assert WorldHistory.objects.latest("pk").part == "location/old_mole"


def test_bad_json_is_told_at_its_field_and_stays_as_typed(door, world):
    edge = SceneEdge.objects.filter(scene__world=world).first()
    address = url(SceneEdge, "change", edge.pk)
    answer = door.post(address, {**filled(door, address), "effects": '{"flags": ["a"'})
    assert "This is not JSON" in str(answer.context["errors"])
    assert "{&quot;flags&quot;: [&quot;a&quot;" in answer.content.decode()


def test_json_of_the_wrong_shape_names_its_place(door, world):
    edge = SceneEdge.objects.filter(scene__world=world).first()
    address = url(SceneEdge, "change", edge.pk)
    answer = door.post(address, {**filled(door, address), "effects": '{"flag": ["a"]}'})
    assert "flag" in str(answer.context["errors"])
    assert SceneEdge.objects.get(pk=edge.pk).effects == edge.effects


def test_selects_name_only_what_is_ones_own(door, world, otto):
    theirs = published(harbor(), owner=otto)
    Location.objects.filter(world=theirs).update(name="Ottos secret cove")
    Asset.objects.create(owner=otto, media_type="image", label="Ottos picture")
    for model in (Location, Npc, Scene, Hotspot, SceneNode, SceneEdge):
        for address in (
            url(model, "add"),
            url(model, "change", model.objects.filter(**{"scene__world" if model in (SceneNode, SceneEdge) else "world": world}).first().pk),
        ):
            assert "Ottos" not in door.get(address).content.decode(), address
    hotspot = Hotspot.objects.get(world=world)
    address = url(Hotspot, "change", hotspot.pk)
    answer = door.post(address, {**filled(door, address), "location": Location.objects.filter(world=theirs).first().pk})
    assert "location" in answer.context["adminform"].form.errors


def test_a_row_does_not_point_into_another_world_of_the_same_author(door, world, anna):
    other = published(harbor(), owner=anna)
    data = {"world": world.pk, "name": "Ida", "key": "", "role": "", "home_location": Location.objects.filter(world=other).first().pk, "personality": "",
            "stats": "", "interaction_overrides": "", "meta": ""}  # fmt: skip
    for name in ("state", "schedule", "expressions"):
        data |= {f"{name}-TOTAL_FORMS": "0", f"{name}-INITIAL_FORMS": "0"}
    answer = door.post(url(Npc, "add"), data)
    assert "is in another world" in str(answer.context["errors"])


def test_deleting_a_place_keeps_the_history_of_all_it_took(door, world):
    place = Location.objects.get(world=world, key="harbor")
    assert door.post(url(Location, "delete", place.pk), {"post": "yes"}).status_code == 302
    parts = set(WorldHistory.objects.filter(world=world).values_list("part", flat=True))
    assert {"location/harbor", "hotspot/enter_tavern"} <= parts or "location/harbor" in parts


def test_a_world_that_others_play_is_not_deleted_and_says_what_to_do(door, world, anna):
    services.start(user=account("paul"), world=world)
    services.start(user=anna, world=world)
    answer = door.post(url(World, "delete", world.pk), {"post": "yes"}, follow=True)
    assert "Others have played this world (1 session). Change it instead, or ask the site&#x27;s staff to delete it." in answer.content.decode()
    assert World.objects.filter(pk=world.pk).exists()
    door.post(url(World, "changelist"), {"action": "delete_selected", "_selected_action": world.pk, "post": "yes"})
    assert GameSession.objects.filter(world=world).count() == 2


def test_ones_own_games_go_with_the_world(door, world, anna):
    services.start(user=anna, world=world)
    assert door.post(url(World, "delete", world.pk), {"post": "yes"}).status_code == 302
    assert not World.objects.filter(pk=world.pk).exists()
    assert not GameSession.objects.exists()


def test_staff_deletes_a_world_that_others_play_and_it_is_written_down(world):
    services.start(user=account("paul"), world=world)
    staff = logged_in(account("stella", staff=True))
    assert staff.post(url(World, "delete", world.pk), {"post": "yes"}).status_code == 302
    assert not World.objects.filter(pk=world.pk).exists()
    kept = AuditEntry.objects.get(action="delete")
    assert (kept.subject, kept.detail["sessions"]) == (f"world/{world.pk}", 1)


def test_a_second_entry_scene_is_told_at_its_field_with_what_to_do(door, world):
    scene = Scene.objects.filter(world=world, is_entry=False).first()
    address = url(Scene, "change", scene.pk)
    answer = door.post(address, {**filled(door, address), "is_entry": "on"})
    form = answer.context["adminform"].form
    assert dict(form.errors) == {"is_entry": ["A new session starts in “harbor_intro” already. Take the tick away there first."]}
    assert not Scene.objects.get(pk=scene.pk).is_entry


def test_a_place_takes_only_a_model_as_its_model(door, world, anna):
    picture = Asset.objects.create(owner=anna, media_type="image", label="Flat picture")
    model = Asset.objects.create(owner=anna, media_type="gltf", label="Round docks")
    address = url(Location, "change", Location.objects.get(world=world, key="harbor").pk)
    choices = [label for _, label in door.get(address).context["adminform"].form.fields["asset"].choices]
    assert (str(model) in choices, str(picture) in choices) == (True, False)
    answer = door.post(address, {**filled(door, address), "asset": picture.pk})
    assert set(answer.context["adminform"].form.errors) == {"asset"}
    assert door.post(address, {**filled(door, address), "asset": model.pk}).status_code == 302


def test_a_portrait_is_a_picture(door, world, anna):
    clip = Asset.objects.create(owner=anna, media_type="video")
    npc = Npc.objects.get(world=world, key="captain_mara")
    answer = door.post(url(Expression, "add"), {"npc": npc.pk, "state": "happy", "asset": clip.pk, "crop": "", "meta": ""})
    assert set(answer.context["adminform"].form.errors) == {"asset"}


def test_a_preset_or_region_out_of_bounds_is_told_with_its_place(door, world):
    address = url(World, "change", world.pk)
    meta = {"manifest": {"turn_presets": {"conversation": {"avg_turns": 11, "max_turns": 10}}}}
    answer = door.post(address, {**filled(door, address), "meta": json.dumps(meta)})
    assert "/manifest/turn_presets/conversation/avg_turns: “avg_turns” is at most “max_turns”" in str(answer.context["errors"])
    address = url(Hotspot, "change", Hotspot.objects.get(world=world).pk)
    answer = door.post(address, {**filled(door, address), "region": '{"x": 0.5, "y": 0.9, "width": 0.5, "height": 0.2}'})
    assert "/height: “y” and “height” together are at most 1" in str(answer.context["errors"])


def test_an_owner_reads_the_games_in_his_world_and_changes_none(door, world):
    session = services.start(user=account("paul"), world=world).session
    address = url(type(session), "change", session.pk)
    page = door.get(address)
    assert "paul" in page.content.decode()
    assert door.post(address, {"state": "{}"}).status_code == 403


def test_publishing_from_the_page_gives_the_draft_to_the_players(door, world):
    Location.objects.filter(world=world, key="harbor")
    address = reverse("publish_world", args=[world.pk])
    assert "Problems" in door.get(address).content.decode()
    answer = door.post(address, {"force": "1"}, follow=True)
    assert "Published" in answer.content.decode()


def test_another_authors_world_cannot_be_published(otto, world):
    assert logged_in(otto).post(reverse("publish_world", args=[world.pk])).status_code == 404


def test_the_harbor_district_opens_with_few_queries(anna, django_assert_max_num_queries):
    district = harbor_district(owner=anna)
    door = logged_in(anna)
    scene = Scene.objects.filter(world=district, key="harbor_intro").get()
    door.get(url(Scene, "change", scene.pk))
    with django_assert_max_num_queries(30):
        door.get(url(Scene, "change", scene.pk))


def test_no_page_of_the_admin_has_inline_script_or_style(door, world):
    import re

    for address in ("/admin/", url(World, "change", world.pk), url(Location, "changelist"), reverse("publish_world", args=[world.pk])):
        html = door.get(address).content.decode()
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)(?![^>]*application/json)", html), address


def test_an_empty_list_says_why_it_is_empty(door, world, anna):
    empty = World.objects.create(owner=anna, name="The Marsh")
    address = url(Location, "changelist")
    assert "Nothing is found for “gull”." in door.get(f"{address}?q=gull").content.decode()
    assert "Nothing here fits these filters." in door.get(f"{address}?of_world={empty.pk}").content.decode()
    door.post("/admin/worlds/world/choose/", {"world": empty.pk})
    assert "in the world chosen above" in door.get(address).content.decode()
    door.post("/admin/worlds/world/choose/", {"world": ""})
    Location.objects.all().delete()
    assert "Add the first one" in door.get(address).content.decode()
    assert "It comes by itself." in door.get(url(GameSession, "changelist")).content.decode()
