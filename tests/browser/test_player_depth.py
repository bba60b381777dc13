"""Map, settings and keys in a real browser, and the map without script."""

from __future__ import annotations

from typing import Any

import pytest

from pixsim.models import User
from sessions.models import GameSession

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(("width", "scheme"), [(1280, "dark"), (390, "light")])
def test_a_player_finds_mara_and_plays_by_keys(visit: Any, district: Any, width: int, scheme: str) -> None:
    player = visit(width, scheme=scheme)
    player.log_in("player")
    player.press("New game")
    player.live()
    before = GameSession.objects.values("state", "version", "seq").get()
    player.page.locator("#panel").focus()
    player.page.keyboard.press("m")
    player.page.locator(".map-card, .map-list").first.wait_for()
    player.page.locator(".map-list").get_by_role("link", name="Captain Mara").press("Enter")
    player.page.locator(".map-answer", has_text="Captain Mara is at Harbor Docks").wait_for()
    player.page.locator("input[type=range]").fill("1080")
    player.page.locator(".map-answer", has_text="On Monday at 6:00 PM, Captain Mara will be at Harbor Docks").wait_for()
    player.fine("map")
    player.page.get_by_role("combobox").select_option("6")
    player.page.locator(".map-answer", has_text="On Saturday at 6:00 PM, Captain Mara will be at The Rusty Anchor Tavern").wait_for()
    player.page.keyboard.press("Escape")
    assert GameSession.objects.values("state", "version", "seq").get() == before

    for key, name in (("i", "Things and traits"), ("l", "What was said"), ("?", "Keys")):
        player.page.locator("#panel").focus()
        player.page.keyboard.press(key)
        player.page.get_by_role("dialog", name=name).wait_for()
        player.page.locator("#sheet-body:not([aria-busy])").wait_for()
        player.fine(name.lower().replace(" ", "-"))
        player.page.keyboard.press("Escape")

    player.page.locator("#panel").focus()
    player.page.keyboard.press(",")
    player.page.get_by_label("Very large").check()
    player.page.locator("#sheet").get_by_role("button", name="Save").click()
    player.sees("Your settings are kept.")
    assert player.page.evaluate("document.documentElement.dataset.text") == "largest"
    assert User.objects.get(username="player").settings["text_size"] == "largest"
    player.fine("settings")
    player.page.keyboard.press("Escape")
    player.fine("very-large-text")

    player.page.locator("#panel").focus()
    player.page.keyboard.press("1")
    player.page.locator("#stage:not([data-version='0'])").wait_for()


def test_the_map_works_without_script(visit: Any, district: Any) -> None:
    player = visit(390, script=False)
    player.log_in("player")
    player.press("New game")
    player.page.get_by_role("link", name="Map").click()
    player.page.locator(".map-list").get_by_role("link", name="Captain Mara").click()
    player.page.get_by_role("combobox").select_option("6")
    player.press("Show")
    player.sees("Captain Mara will be at")
    player.page.get_by_role("link", name="Back to the game").click()
    player.sees("Arrive at Harbor")
