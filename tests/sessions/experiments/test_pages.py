"""The author's pages of experiments, funnels and sessions: what they show, what their forms do, and to whom they exist."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from pixsim.lib.api.preconditions import merge_patch
from pixsim.models import User
from sessions import services
from sessions.engine import Choose
from sessions.experiments import funnels
from sessions.experiments.fields import difference
from sessions.experiments.models import Experiment
from sessions.models import GameSession
from tests.playing import account, published
from worlds.models import World

from .test_variants import BARRED, player_of, running, story

pytestmark = pytest.mark.django_db

TYPED = {
    "title": "A gentle Mara", "hypothesis": "They stay longer.", "subject": "npcs/mara", "title_a": "Gruff", "title_b": "Gentle",
    "patch_a": "{}", "patch_b": '{"personality": {"agreeableness": 0.95, "voice_style": "soft and slow"}}', "share": "50", "planned": "20",
}  # fmt: skip


@pytest.fixture
def owner() -> User:
    return account("ada", author=True)


@pytest.fixture
def world(owner: User) -> World:
    return published(story(), owner=owner)


@pytest.fixture
def page(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


def text_of(response: Any) -> str:
    assert response.status_code == 200, response.content[:500]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_an_author_defines_previews_starts_ends_and_archives_an_experiment(page: Client, world: World) -> None:
    shown = page.post(f"/author/worlds/{world.pk}/experiments/", TYPED)
    experiment = Experiment.objects.get()
    address = f"/author/experiments/{experiment.pk}/"
    assert (shown.status_code, shown["Location"], experiment.key) == (302, address, "a_gentle_mara")
    told = text_of(page.get(address))
    assert "personality › voice_style gruff soft and slow" in told
    assert "Your voice: Gruff." in told and "Your voice: Soft and slow." in told

    previewed = page.post(address, {"preview": "b"})
    assert previewed["Location"] == f"/play/{GameSession.objects.get().pk}/"
    for action, status in (("start", "running"), ("stop", "ended"), ("archive", "archived")):
        assert page.post(address, {action: "1"}).status_code == 302
        experiment.refresh_from_db()
        assert experiment.status == status
        assert "What became of the players" in text_of(page.get(address))
    assert "This experiment is archived." in text_of(page.post(address, {"start": "1"}, follow=True))


def test_what_is_wrong_is_said_in_the_form_and_nothing_typed_is_lost(page: Client, world: World) -> None:
    for change, words in (
        ({"patch_b": "{oops"}, "Variant B"),
        ({"patch_b": '{"personality": {"openness": 7}}'}, "Variant B, personality/openness"),
        ({"subject": ""}, "What varies"),
        ({"share": "100"}, "Share"),
        ({"planned": "many"}, "Planned players"),
    ):
        shown = page.post(f"/author/worlds/{world.pk}/experiments/", {**TYPED, **change})
        assert shown.status_code == 422 and f"<b>{words}</b>" in shown.content.decode()
        assert "They stay longer." in shown.content.decode()
    assert not Experiment.objects.exists()


def played(world: World, owner: User) -> None:
    experiment = running(world, owner, key="barred", subject="scenes/s/edges/win", patch_b=BARRED)
    for letter, edge in (("a", "win"), ("b", "leave")):
        session = services.start(user=player_of(experiment, letter), world=world).session
        services.move(session=session, action=Choose(edge=edge))
    services.start(user=account("ben"), world=world)
    funnels.count(world.pk)


def test_the_funnel_tells_gates_from_choices(page: Client, world: World, owner: User) -> None:
    played(world, owner)
    told = text_of(page.get(f"/author/worlds/{world.pk}/funnel/?kind=edge&variant=barred/b"))
    assert re.search(r"Win s · Choice [12] [12] 0 0 [12] Not before: Has key [12]", told)
    assert page.get(f"/author/worlds/{world.pk}/funnel/?variant=none/b").status_code == 404
    assert page.get(f"/author/worlds/{world.pk}/funnel/?kind=x").status_code == 404


def test_sessions_are_found_by_player_variant_and_ending(page: Client, world: World, owner: User) -> None:
    played(world, owner)
    address = f"/author/worlds/{world.pk}/sessions/"

    def found(query: str) -> set[str]:
        rows = page.get(f"{address}?{query}").context["rows"]
        return {row["player"] for row in rows}

    players = found("")
    assert len(players) == 3 and "ben" in players
    assert found("player=BEN") == {"ben"} and "ben" not in found("finished=yes") and found("finished=no") == {"ben"}
    assert {row["variant"] for row in page.get(f"{address}?variant=barred/b").context["rows"]} == {"barred/b"}
    assert "won" in text_of(page.get(f"{address}?finished=yes&variant=barred/a"))
    assert found("variant=none") == set() and page.get(f"{address}?page=99&finished=maybe").status_code == 200


def test_a_list_of_sessions_costs_the_same_however_many_there_are(
    page: Client, world: World, owner: User, django_assert_max_num_queries: Any
) -> None:
    played(world, owner)
    address = f"/author/worlds/{world.pk}/sessions/"
    page.get(address)
    with django_assert_max_num_queries(12) as few:
        page.get(address)
    for number in range(5):
        services.start(user=account(f"more{number}"), world=world)
    with django_assert_max_num_queries(len(few)):
        page.get(address)


def test_to_another_author_and_to_players_none_of_it_exists(client: Client, world: World, owner: User) -> None:
    experiment = running(world, owner)
    addresses = [f"/author/worlds/{world.pk}/{name}/" for name in ("experiments", "funnel", "sessions")] + [f"/author/experiments/{experiment.pk}/"]
    for user in (account("eve", author=True), account("ben")):
        client.force_login(user)
        for address in addresses:
            assert client.get(address).status_code == 404
            assert client.post(address, {"stop": "1"}).status_code in (404, 405)
    experiment.refresh_from_db()
    assert experiment.status == "running"


def test_a_personality_and_a_branch_are_varied_by_fields_alone(page: Client, world: World) -> None:
    address = f"/author/worlds/{world.pk}/experiments/"
    chosen = page.post(address, {"title": "A gentle Mara", "subject": "npcs/mara", "choose": "1"})
    told = chosen.content.decode()
    assert (chosen.status_code, Experiment.objects.count()) == (200, 0)
    assert 'value="A gentle Mara"' in told, "nothing typed is lost"
    assert 'id="b-agreeableness" name="b.agreeableness" min="0" max="1" step="0.01" value="0.2"' in told
    as_it_is = {"a.agreeableness": "0.2", "a.openness": "0.5", "a.voice_style": "gruff", "a.background": ""}
    gentle = {"b.agreeableness": "0.95", "b.openness": "0.5", "b.voice_style": " soft and slow ", "b.background": ""}
    common = {**TYPED, "patch_b": "{}", "shown": "npcs/mara"}
    assert page.post(address, {**common, **as_it_is, **gentle}).status_code == 302
    made = Experiment.objects.get()
    assert (made.patch_a, made.patch_b) == ({}, {"personality": {"agreeableness": 0.95, "voice_style": "soft and slow"}})

    wrong = page.post(address, {**common, **as_it_is, **gentle, "b.openness": "7"})
    assert wrong.status_code == 422 and "<b>Variant B, personality/openness</b>" in wrong.content.decode()
    assert "soft and slow" in wrong.content.decode()
    other = page.post(address, {**common, **gentle, "subject": "scenes/s/edges/win"})
    assert (other.status_code, Experiment.objects.count()) == (200, 1), "the fields of one part are not taken for another"
    assert 'name="b.conditions"' in other.content.decode()

    branch = {**TYPED, "title": "Barred", "subject": "scenes/s/edges/win", "shown": "scenes/s/edges/win", "patch_b": '{"meta": {"once": true}}'}
    rules = {
        "a.label": "Win",
        "a.conditions": "{}",
        "a.effects": "",
        "b.label": "Take it",
        "b.conditions": '{"flags": ["has_key"]}',
        "b.effects": "{}",
    }
    assert page.post(address, {**branch, **rules}).status_code == 302
    made = Experiment.objects.get(key="barred")
    assert (made.patch_a, made.patch_b) == ({}, {"label": "Take it", "conditions": {"flags": ["has_key"]}, "meta": {"once": True}})
    bad = page.post(address, {**branch, **rules, "b.conditions": "{oops"})
    assert bad.status_code == 422 and "<b>Variant B, conditions</b>" in bad.content.decode()


VALUES = st.recursive(st.booleans() | st.integers(0, 3) | st.text("ab", max_size=2), lambda inner: st.lists(inner, max_size=2) | st.dictionaries(
    st.sampled_from("abc"), inner, max_size=3), max_leaves=6)  # fmt: skip
OBJECTS = st.dictionaries(st.sampled_from("abc"), VALUES, max_size=3)


@given(OBJECTS, OBJECTS)
def test_a_difference_merged_in_gives_what_was_wanted(old: dict[str, Any], new: dict[str, Any]) -> None:
    assert merge_patch(old, difference(old, new)) == new
