"""The player's pages as a browser without JavaScript sees them: forms, redirects, words."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.test import Client, override_settings
from django.urls import reverse

from pixsim.models import User
from sessions.models import GameSession
from sessions.stage import box, meter
from tests.documents import document, harbor, node, place, scene
from tests.playing import PASSWORD, account, published

pytestmark = pytest.mark.django_db


@pytest.fixture
def player() -> User:
    return account("paul")


@pytest.fixture
def page(player: User) -> Client:
    client = Client()
    client.force_login(player)
    return client


@pytest.fixture
def world() -> Any:
    return published(harbor(), owner=account("anna", author=True))


def text_of(response: Any) -> str:
    return response.content.decode()


def begin(page: Client, world: Any) -> int:
    page.post(f"/play/worlds/{world.pk}/start/")
    return GameSession.objects.latest("pk").pk


def act(page: Client, session: int, **fields: Any) -> Any:
    return page.post(f"/play/{session}/move/", fields, follow=True)


def test_the_front_page_needs_no_account_and_shows_the_published_worlds(client, world, django_assert_num_queries):
    with django_assert_num_queries(1):
        answer = client.get("/")
    assert "A test world" in text_of(answer)
    assert 'href="/play/"' in text_of(answer)


def test_an_empty_site_says_so(client):
    assert "No world has been published yet" in text_of(client.get("/"))


def test_a_player_signs_up_and_is_logged_in(client):
    answer = client.post("/signup/", {"username": "ida", "password1": PASSWORD, "password2": PASSWORD, "next": "/play/"})
    assert answer.headers["Location"] == "/play/"
    assert not User.objects.get(username="ida").is_author
    assert client.get("/play/").wsgi_request.user.username == "ida"


@override_settings(PIXSIM_SIGNUP_AUTHORS=True)
def test_where_the_site_lets_people_author_they_may_choose_to(client):
    client.post("/signup/", {"username": "ida", "password1": PASSWORD, "password2": PASSWORD, "author": "on"})
    assert User.objects.get(username="ida").is_author


def test_where_it_does_not_nobody_becomes_an_author_by_a_forged_field(client):
    client.post("/signup/", {"username": "ida", "password1": PASSWORD, "password2": PASSWORD, "author": "on"})
    assert not User.objects.get(username="ida").is_author


def test_nobody_is_sent_to_another_site_after_logging_in(client):
    account("paul")
    answer = client.post("/login/", {"username": "paul", "password": PASSWORD, "next": "https://elsewhere.example/"})
    assert answer.headers["Location"] == "/play/"


def test_a_wrong_password_is_told_in_words_and_the_name_stays(client):
    answer = client.post("/login/", {"username": "paul", "password": "no"})
    assert "do not belong together" in text_of(answer)
    assert 'value="paul"' in text_of(answer)


def test_the_shelf_offers_new_game_then_continue(page, world):
    assert "New game" in text_of(page.get("/play/"))
    session = begin(page, world)
    assert f'href="/play/{session}/"' in text_of(page.get("/play/"))


def test_the_shelf_costs_the_same_however_many_games_there_are(page, world, django_assert_num_queries):
    for _ in range(3):
        begin(page, world)
    page.get("/play/")
    # login: session, user | worlds | own drafts | games | author?
    with django_assert_num_queries(6):
        page.get("/play/")


def test_the_walkthrough_without_javascript(page, world):
    session = begin(page, world)
    first = text_of(page.get(f"/play/{session}/"))
    assert "Day 1, 8:00 AM" in first
    assert "Head to the Tavern" in first
    tavern = act(page, session, type="choose", edge="edge2b")
    assert tavern.redirect_chain == [(f"/play/{session}/", 302)]
    assert "Discovered: Tavern Regular" in text_of(tavern)
    bar = text_of(act(page, session, type="continue"))
    assert "Captain Mara" in bar
    assert "Need affinity 35 – you have 30" in bar
    talk = text_of(act(page, session, type="interact", npc="captain_mara", interaction="talk"))
    assert "Looking for work, or just passing through?" in talk
    assert "Scripted writer" in talk
    coin = text_of(act(page, session, type="say", choice="coin"))
    assert "+5 Affinity" in coin
    assert 'aria-valuenow="35"' in coin
    rest = text_of(act(page, session, type="choose", edge="leave"))
    assert "Day 1, 4:00 PM" in rest
    assert "Here now" in rest and "Captain Mara" in rest
    market = text_of(act(page, session, type="travel", location="market"))
    assert "Central Market" in market
    assert "Day 1, 5:00 PM" in text_of(act(page, session, type="wait", seconds="3600"))
    journal = text_of(page.get(f"/play/{session}/journal/"))
    assert "You chose: Head to the Tavern" in journal
    assert "I heard there&#x27;s good coin to be made." in journal


def test_step_back_returns_to_before_the_last_move(page, world):
    session = begin(page, world)
    act(page, session, type="choose", edge="edge2b")
    page.post(f"/play/{session}/undo/")
    assert "Head to the Tavern" in text_of(page.get(f"/play/{session}/"))
    page.post(f"/play/{session}/undo/")
    refused = page.post(f"/play/{session}/undo/")
    assert refused.status_code == 409
    assert "nothing to take back" in text_of(refused)


def test_a_hotspot_is_asked_first(page, world):
    session = begin(page, world)
    for fields in ({"type": "choose", "edge": "edge2b"}, {"type": "continue"}, {"type": "choose", "edge": "leave"}):
        act(page, session, **fields)
    asked = text_of(page.get(f"/play/{session}/?ask=enter_tavern"))
    assert "Enter the tavern?" in asked
    act(page, session, type="hotspot", hotspot="enter_tavern")
    assert "The Rusty Anchor Tavern" in text_of(page.get(f"/play/{session}/"))


def test_a_stale_move_answers_with_the_present_state_and_says_why(page, world):
    session = begin(page, world)
    page.post(f"/play/{session}/move/", {"type": "choose", "edge": "edge2b", "version": "0"})
    stale = page.post(f"/play/{session}/move/", {"type": "choose", "edge": "edge2a", "version": "0"})
    assert stale.status_code == 409
    assert "moved on in another window" in text_of(stale)
    assert 'data-version="1"' in text_of(stale)


def test_a_locked_choice_is_refused_with_its_reason(page, world):
    session = begin(page, world)
    act(page, session, type="choose", edge="edge2b")
    act(page, session, type="continue")
    refused = act(page, session, type="interact", npc="captain_mara", interaction="ask_rumors")
    assert refused.status_code == 409
    assert "Need affinity 35" in text_of(refused)


def test_words_of_a_refused_move_are_kept(page, world):
    session = begin(page, world)
    spoken = page.post(f"/play/{session}/move/", {"type": "say", "text": "Good <b>evening</b>", "version": "9"})
    assert spoken.status_code == 409
    assert "<b>evening" not in text_of(spoken)


@pytest.mark.parametrize("fields", [{}, {"type": "fly"}, {"type": "wait", "seconds": "soon"}, {"type": "continue", "version": "x"}, {"type": "say"},
                                    {"type": "choose", "edge": "\0"}, {"type": "wait", "seconds": "9999999"}])  # fmt: skip
def test_nonsense_is_answered_with_a_page_and_changes_nothing(page, world, fields):
    session = begin(page, world)
    answer = page.post(f"/play/{session}/move/", fields)
    assert answer.status_code in (400, 409)
    assert "notice-error" in text_of(answer)
    assert GameSession.objects.get(pk=session).version == 0


@pytest.mark.parametrize("path", ["", "journal/", "move/", "undo/"])
def test_to_a_stranger_a_session_does_not_exist(client, page, world, path):
    session = begin(page, world)
    send = client.post if path in ("move/", "undo/") else client.get
    assert send(f"/play/{session}/{path}").headers["Location"].startswith("/login/")
    client.force_login(account("eve"))
    assert send(f"/play/{session}/{path}").status_code == 404


def test_an_unpublished_world_is_nobodys_but_its_owners(page, client):
    anna = account("anna", author=True)
    from tests.playing import save_document

    draft = save_document(document(locations=[place("quay")], scenes=[scene("s", [node("n")], [], is_entry=True)]), owner=anna)
    assert page.post(f"/play/worlds/{draft.pk}/start/").status_code == 404
    client.force_login(anna)
    assert "Draft" in text_of(client.get("/play/"))
    assert client.post(f"/play/worlds/{draft.pk}/start/").status_code == 302


def test_the_script_gets_the_stage_alone_with_what_changed(page, world):
    session = begin(page, world)
    answer = page.post(f"/play/{session}/move/", {"type": "choose", "edge": "edge2b", "version": "0"}, headers={"X-Part": "1"})
    assert text_of(answer).lstrip().startswith('<div id="stage"')
    changes = json.loads(re.search(r'data-changes="([^"]*)"', text_of(answer))[1].replace("&quot;", '"'))
    assert "Discovered: Tavern Regular" in [change["label"] for change in changes]


def test_reading_the_game_page_costs_three_queries(page, world, django_assert_num_queries):
    session = begin(page, world)
    page.get(f"/play/{session}/")
    # login: session, user | session+world+release; a fourth for the media of a world that has any
    with django_assert_num_queries(3):
        page.get(f"/play/{session}/")
    act(page, session, type="choose", edge="edge2b")
    with django_assert_num_queries(4):  # and once one has moved: whether one may step forward again
        page.get(f"/play/{session}/")


def test_no_page_has_inline_script_or_style(page, client, world):
    session = begin(page, world)
    for path in ("/", "/login/", "/signup/", "/play/", f"/play/{session}/", f"/play/{session}/saves/", "/nowhere/"):
        html = text_of((client if path in ("/login/", "/signup/") else page).get(path))
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", html), path


def test_pages_answer_with_and_without_their_slash(page, world):
    session = begin(page, world)
    assert page.get(f"/play/{session}").status_code == 200
    assert page.get("/play").status_code == 200
    assert reverse("game", args=[session]) == f"/play/{session}/"


def test_an_error_page_says_what_to_do(client):
    answer = client.get("/nowhere/")
    assert answer.status_code == 404
    assert "There is no such place" in text_of(answer)


@pytest.mark.parametrize(("low", "high", "value", "bar"), [
    (-100, 100, 0, {"x": 50, "width": 0, "zero": 49.6}),
    (-100, 100, 35, {"x": 50, "width": 17.5, "zero": 49.6}),
    (-100, 100, -100, {"x": 0, "width": 50, "zero": 49.6}),
    (0, 5, 5, {"x": 0, "width": 100, "zero": -0.4}),
])  # fmt: skip
def test_a_meter_is_drawn_from_its_zero(low, high, value, bar):
    assert meter({"min": low, "max": high, "value": value})["bar"] == bar


def test_a_hotspots_box_is_in_units_of_the_picture():
    found = box({"x": 0.5, "y": 0.5, "width": 0.1, "height": 0.2}, {"width": 1000, "height": 500})
    assert (found["x"], found["y"], found["width"], found["height"], found["cx"]) == (500, 250, 100, 100, 550)
    assert box(None, {"width": 1, "height": 1}) is None
