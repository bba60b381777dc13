"""Map, settings and keys in a real browser, and the map without script."""

from __future__ import annotations

from typing import Any

import pytest

from pixsim.models import User
from sessions.models import GameSession
from sessions.publishing import publish
from worlds.models import World
from worlds.services import authored

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


@pytest.mark.parametrize(
    ("name", "look"),
    [
        ("day", {"background": "#f4e9d8", "panel": "#ffffff", "accent": "#e08a6b", "text": "#9a9a9a"}),
        ("night", {"background": "#101a12", "panel": "#1c2b20", "accent": "#3d6b4a"}),
        ("accent", {"accent": "#f4ff61"}),
    ],
)
def test_a_world_in_colours_of_its_own_can_be_read_by_day_and_by_night(visit: Any, district: Any, name: str, look: dict[str, str]) -> None:
    with authored(district, district.owner, district):
        district.meta["manifest"]["look"] = look
        district.save(update_fields=["meta"])
    publish(world=World.objects.get(pk=district.pk), actor=district.owner, force=True)
    for width, scheme in ((1280, "light"), (390, "dark")):
        player = visit(width, scheme=scheme)
        player.log_in("player")
        player.press("New game")
        player.live()
        player.page.locator("link[href*='/theme.css']").wait_for(state="attached")
        player.fine(f"look-{name}-harbor")
        player.press("Head to the Tavern")
        player.page.locator("[data-continue] button").click()
        player.press("Talk")
        player.page.locator(".line-npc").first.wait_for()
        player.fine(f"look-{name}-talk")
        player.page.get_by_role("link", name="Journal").click()
        player.page.locator("#sheet[open] .journal").wait_for()
        player.fine(f"look-{name}-journal")
