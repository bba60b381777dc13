"""Beside the game: what was said and by whom, the story to read, things in words, settings that hold without script."""

from __future__ import annotations

import html
from typing import Any

import pytest
from django.test import Client

from pixsim.models import User
from sessions.models import GameSession
from sessions.pages import in_words
from tests.documents import harbor
from tests.playing import account, published

pytestmark = pytest.mark.django_db
COIN = "I heard there's good coin to be made."


@pytest.fixture
def player() -> User:
    return account("paul")


@pytest.fixture
def page(player: User) -> Client:
    client = Client()
    client.force_login(player)
    return client


@pytest.fixture
def game(page: Client) -> GameSession:
    document = harbor()
    document["scenes"][0]["nodes"][0]["meta"] = {"text": "Fog lies on the water.", "captions": [{"start": 0, "end": 1, "text": "[Seagulls]"}]}
    document["world"]["meta"]["manifest"]["items"]["rope"]["description"] = "Old, but it holds."
    document["world"]["meta"]["manifest"]["items"]["rope"]["default"] = 2
    world = published(document, owner=account("anna", author=True))
    page.post(f"/play/worlds/{world.pk}/start/")
    found = GameSession.objects.get()
    for fields in ({"type": "choose", "edge": "edge2b"}, {"type": "continue"}, {"type": "interact", "npc": "captain_mara", "interaction": "talk"},
                   {"type": "say", "choice": "coin"}):  # fmt: skip
        page.post(f"/play/{found.pk}/move/", fields)
    return found


def read(page: Client, game: GameSession, name: str, **query: Any) -> str:
    answer = page.get(f"/play/{game.pk}/{name}/", query)
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


def test_the_backlog_has_every_line_with_speaker_and_writer(page: Client, game: GameSession) -> None:
    text = read(page, game, "lines")
    assert text.index(COIN) < text.index("Smart. The sea provides for those who respect it.")
    assert "Captain Mara" in text and "Scripted writer" in text


def test_the_backlog_can_be_searched(page: Client, game: GameSession) -> None:
    text = read(page, game, "lines", q="SEA PROVIDES")
    assert "Smart." in text and COIN not in text
    assert "Nobody said that." in read(page, game, "lines", q="dragons")


def test_the_transcript_tells_the_whole_story_in_its_order(page: Client, game: GameSession) -> None:
    text = read(page, game, "transcript").partition("<article")[2]
    told = [
        "Day 1",
        "Fog lies on the water.",
        "[Seagulls]",
        "You chose: Head to the Tavern",
        "Tavern Regular",
        COIN,
        "+5 Affinity",
        "Smart. The sea provides",
    ]
    places = [text.find(words) for words in told]
    assert -1 not in places and places == sorted(places), dict(zip(told, places, strict=True))


def test_what_was_undone_is_not_told(page: Client, game: GameSession) -> None:
    for _ in range(2):
        page.post(f"/play/{game.pk}/undo/")
    assert COIN not in read(page, game, "transcript")
    assert COIN not in read(page, game, "lines")


def test_the_journal_has_chapters_by_day_and_can_be_searched(page: Client, game: GameSession) -> None:
    for _ in range(3):
        page.post(f"/play/{game.pk}/move/", {"type": "choose", "edge": "leave"})
        page.post(f"/play/{game.pk}/move/", {"type": "wait", "seconds": "28800"})
    text = read(page, game, "journal")
    assert text.index("<h3>Day 2</h3>") < text.index("<h3>Day 1</h3>")
    assert text.index("<h3>Day 1</h3>") < text.index("You chose: Head to the Tavern")
    found = read(page, game, "journal", q="tavern regular")
    assert "You chose: Head to the Tavern" in found and "You said" not in found
    assert "Nothing of that kind has happened." in read(page, game, "journal", q="dragons")


def test_things_are_told_in_words(page: Client, game: GameSession) -> None:
    text = read(page, game, "things")
    assert "Rope" in text and "× 2" in text and "Old, but it holds." in text
    assert "Tavern Regular" in text and "little" in text


@pytest.mark.parametrize(("value", "word"), [(0, "none"), (1, "little"), (50, "some"), (99, "plenty"), (100, "as much as can be")])
def test_a_number_has_a_word(value: int, word: str) -> None:
    assert in_words(value, 0, 100) == word


@pytest.mark.parametrize("name", ["lines", "things", "transcript", "keys", "map"])
def test_what_lies_beside_a_game_is_its_players_alone(page: Client, game: GameSession, name: str) -> None:
    page.force_login(account("eve"))
    assert page.get(f"/play/{game.pk}/{name}/").status_code == 404


# -- settings ---------------------------------------------------------------------------------------------------------


def test_settings_are_kept_with_the_account_and_hold_on_every_page(page: Client, player: User, game: GameSession) -> None:
    chosen = {"text_size": "largest", "captions": "off", "motion": "less", "volume": "15", "rating": "sfw", "next": f"/play/{game.pk}/"}
    answer = page.post("/settings/", chosen)
    assert answer.headers["Location"] == f"/play/{game.pk}/"
    player.refresh_from_db()
    assert (player.settings, player.rating) == ({"text_size": "largest", "captions": "off", "motion": "less", "volume": 15}, "sfw")
    for path in ("/play/", f"/play/{game.pk}/", "/settings/"):
        assert 'data-text="largest" data-motion="less"' in page.get(path).content.decode()


def test_one_setting_alone_leaves_the_others(page: Client, player: User) -> None:
    page.post("/settings/", {"volume": "5"}, headers={"X-Part": "1"})
    page.post("/settings/", {"captions": "off"}, headers={"X-Part": "1"})
    player.refresh_from_db()
    assert player.settings == {"text_size": "normal", "captions": "off", "motion": "system", "volume": 5}


@pytest.mark.parametrize("wrong", [{"volume": "101"}, {"text_size": "giant"}, {"rating": "anything"}, {"captions": "\0"}])
def test_a_wrong_setting_is_said_at_its_field_and_changes_nothing(page: Client, player: User, wrong: dict[str, str]) -> None:
    answer = page.post("/settings/", wrong)
    assert answer.status_code == 400
    player.refresh_from_db()
    assert player.settings == {}


def test_settings_lead_nowhere_else(page: Client) -> None:
    assert page.post("/settings/", {"volume": "5", "next": "https://evil.example/"}).headers["Location"] == "/settings/"


def test_settings_need_an_account(client: Client) -> None:
    assert client.get("/settings/").status_code == 302


# -- colours, captions, what comes next -------------------------------------------------------------------------------


def test_a_world_brings_its_own_colours_and_captions(page: Client) -> None:
    document = harbor()
    document["world"]["meta"]["manifest"]["look"] = {"accent": "#ffb347", "background": "#0b1020"}
    document["scenes"][0]["nodes"][0]["meta"] = {"captions": [{"start": 0, "end": 1, "text": "[Seagulls]"}]}
    world = published(document, owner=account("olga", author=True))
    page.post(f"/play/worlds/{world.pk}/start/")
    game = GameSession.objects.get()
    assert f"/play/{game.pk}/theme.css" in page.get(f"/play/{game.pk}/").content.decode()
    theme = page.get(f"/play/{game.pk}/theme.css")
    assert theme.headers["Content-Type"].startswith("text/css") and b"--lamp-fill: #ffb347;" in theme.content
    captions = page.get(f"/play/{game.pk}/captions.vtt")
    assert captions.headers["Content-Type"].startswith("text/vtt") and b"[Seagulls]" in captions.content


def test_who_saves_data_is_given_no_clips_to_load_beforehand(page: Client, game: GameSession) -> None:
    assert 'data-ahead="[]"' in page.get(f"/play/{game.pk}/", headers={"Save-Data": "on"}).content.decode()
