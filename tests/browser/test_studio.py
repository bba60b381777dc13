"""The interaction studio in a real browser: live while a slider moves, whole without script, fine on every screen."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
AT_LUNCH = "/author/studio/?npc=captain_mara&day=1&time=12:00&place=market&rel.affinity=30"


def state_of(page: Any, act: str) -> str:
    return str(page.locator(f"[data-key=act-{act}] .act-state").inner_text()).strip()


def test_a_slider_opens_a_lock_and_a_move_is_tried_without_leaving_the_page(visit: Any, district: Any) -> None:
    author = visit()
    author.log_in("author")
    author.goto(AT_LUNCH)
    page = author.page
    assert state_of(page, "ask_rumors") == "Need affinity 35 – you have 30"
    page.evaluate("window.stayed = true")
    slider = page.get_by_label("Affinity", exact=True).first
    slider.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    page.locator("[data-key=act-ask_rumors] .act-state", has_text="Open").wait_for()
    assert page.locator("output[for=s-affinity]").inner_text() == "35"
    assert "rel.affinity=35" in page.url
    assert page.evaluate("document.activeElement.name") == "rel.affinity", "the hand stays on the slider"
    page.get_by_label("Time of day").fill("23:30")
    page.locator("[data-key=act-ask_rumors] .act-state", has_text="Captain Mara is not here").wait_for()
    page.get_by_label("Time of day").fill("12:00")
    page.locator("[data-key=act-talk] .act-state", has_text="Open").wait_for()
    page.get_by_role("button", name="Simulate Talk").click()
    page.locator("#tried blockquote").wait_for()
    author.fine("studio-tried")
    page.locator(".tried-choices button:not([disabled])").first.click()
    page.locator(".tried-steps li").nth(1).wait_for()
    page.get_by_role("button", name="One move back").click()
    page.locator(".tried-steps li").nth(1).wait_for(state="detached")
    page.get_by_role("button", name="Close").click()
    page.locator("#tried").wait_for(state="detached")
    page.get_by_role("button", name="How could it open? Flirt").click()
    page.locator("#way-flirt").wait_for()
    assert page.evaluate("window.stayed"), "all on one page"


def test_it_is_fine_on_every_screen_and_without_script(visit: Any, district: Any) -> None:
    for width, scheme in ((1280, "light"), (390, "dark")):
        author = visit(width=width, scheme=scheme)
        author.log_in("author")
        author.goto(AT_LUNCH + "&mood=happy&do=talk&way=ask_rumors")
        author.page.get_by_text("Why happy?").click()
        author.fine("studio")
    without_script(visit(script=False))


def without_script(author: Visitor) -> None:
    """Every button is a request of the whole page."""
    author.log_in("author")
    author.goto(AT_LUNCH)
    page = author.page
    page.get_by_label("Mood", exact=True).select_option("happy")
    page.get_by_label("Time of day").fill("13:00")
    page.locator("#studio").get_by_role("button", name="Show").click()
    author.sees("Why happy?")
    page.get_by_role("button", name="Simulate Talk").click()
    author.sees("Nothing of this is kept.")
    assert page.get_by_label("Mood", exact=True).input_value() == "happy", "nothing said is lost"
    page.locator(".tried-choices button:not([disabled])").first.click()
    page.locator(".tried-steps li").nth(1).wait_for()
