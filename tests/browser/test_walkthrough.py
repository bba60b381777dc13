"""Section 5 of the walkthrough in a real browser, wide and narrow, with and without script."""

from __future__ import annotations

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(("width", "scheme"), [(1280, "dark"), (390, "dark"), (1280, "light"), (390, "light")])
def test_the_site_from_its_front_page_to_a_new_game(visit, district, width, scheme):
    guest = visit(width, scheme=scheme)
    guest.goto("/")
    guest.sees("The Harbor District")
    guest.fine("front")
    for path, shot in (("/login/", "login"), ("/signup/", "signup")):
        guest.goto(path)
        guest.fine(shot)
    guest.log_in("player")
    guest.fine("worlds")


@pytest.mark.parametrize(("width", "scheme"), [(1280, "dark"), (390, "dark"), (1280, "light"), (390, "light")])
def test_a_day_in_the_harbor_district(visit, district, width, scheme):
    player = visit(width, scheme=scheme)
    player.log_in("player")
    player.press("New game")
    player.live()
    player.sees("Arrive at Harbor")
    player.sees("Day 1, 8:00 AM")
    player.fine("harbor")

    player.press("Head to the Tavern")
    player.sees("Discovered: Tavern Regular")
    player.page.locator("[data-continue] button").click()
    player.page.locator(".npc", has_text="Captain Mara").wait_for()
    player.sees("Need affinity 35 – you have 30")
    player.fine("at-the-bar")

    player.press("Talk")
    player.sees("Looking for work, or just passing through?")
    player.sees("Scripted writer")
    player.press("I heard there's good coin to be made.")
    player.page.locator(".badge", has_text="+5 Affinity").wait_for()
    player.page.locator("[data-axis=affinity] [aria-valuenow='35']").wait_for()
    player.page.locator(".portrait[aria-label='Captain Mara, happy'], .portrait[aria-label^='Captain Mara']").first.wait_for()
    player.fine("good-coin")

    player.page.get_by_role("link", name="Journal").click()
    player.page.locator("#sheet[open]").wait_for()
    player.sees("You said: “I heard there's good coin to be made.”")
    player.fine("journal")
    player.page.keyboard.press("Escape")

    player.press("Leave tavern and rest")
    player.sees("Day 1, 4:00 PM")
    while player.page.locator(".stage-scene").count():
        player.page.locator("[data-continue] button").click()
        player.page.wait_for_timeout(300)
    player.page.locator(".person", has_text="Captain Mara").wait_for()
    player.fine("docks-at-four")

    player.page.locator(".person summary", has_text="Captain Mara").click()
    player.page.locator(".person[data-key=person-captain_mara] button", has_text="Talk").wait_for()
    player.fine("mara-at-the-docks")

    player.page.locator("a.chip", has_text="Tavern door").click()
    player.sees("Enter the tavern?")
    player.fine("tavern-door")
    player.page.get_by_role("link", name="Not now").click()
    player.page.locator("#ask").wait_for(state="detached")

    player.page.locator("[data-key=travel] button", has_text="Central Market").click()
    player.page.locator(".where-place", has_text="Central Market").wait_for()
    player.fine("market")
    player.press("Step back")
    player.page.locator(".where-place", has_text="Harbor Docks").wait_for()


@pytest.mark.parametrize("width", [1280, 390])
def test_the_same_day_without_script(visit, district, width):
    player = visit(width, script=False)
    player.log_in("player")
    player.press("New game")
    player.sees("Arrive at Harbor")
    player.press("Head to the Tavern")
    player.sees("Discovered: Tavern Regular")
    player.page.locator("[data-continue] button").click()
    player.press("Talk")
    player.sees("Looking for work, or just passing through?")
    player.press("I heard there's good coin to be made.")
    player.sees("+5 Affinity")
    player.page.get_by_role("link", name="Journal").click()
    player.sees("You chose: Head to the Tavern")
    player.page.get_by_role("link", name="Back to the game").click()
    player.press("Leave tavern and rest")
    player.sees("Day 1, 4:00 PM")


def test_the_whole_day_by_keyboard_alone(visit, district):
    player = visit()
    player.log_in("player")
    focus_on(player, "New game")
    player.page.keyboard.press("Enter")
    player.live()
    focus_on(player, "Head to the Tavern")
    player.page.keyboard.press("Enter")
    player.page.locator("#panel:focus").wait_for()  # what took the place of the pressed button
    focus_on(player, "Continue")
    player.page.keyboard.press("Enter")
    player.sees("Need affinity 35")
    focus_on(player, "Talk")
    player.page.keyboard.press("Enter")
    player.sees("just passing through?")
    player.page.keyboard.press("2")  # the second choice
    player.page.locator("[data-axis=affinity] [aria-valuenow='35']").wait_for()


def focus_on(visitor, name, most=80):
    """Tab until the control of that name has the focus."""
    for _ in range(most):
        visitor.page.keyboard.press("Tab")
        if visitor.page.evaluate(
            "(name) => document.activeElement.matches('a, button, summary') && document.activeElement.textContent.includes(name)", name
        ):
            return
    raise AssertionError(f"Tab never reached “{name}”")


def test_an_author_finds_everything_and_publishes(visit, district):
    author = visit()
    author.goto("/admin/")
    author.page.get_by_label("Username").fill("author")
    author.page.get_by_label("Password").fill("sail the harbor")
    author.page.get_by_role("button", name="Log in").click()
    author.sees("Your worlds and what they are made of")
    author.fine("admin")
    for app, row, shot in (("worlds/world", "The Harbor District", "admin-world"), ("npcs/npc", "Captain Mara", "admin-npc"),
                           ("scenes/scene", "Harbor Intro", "admin-scene"), ("generation/asset", "", "admin-assets")):  # fmt: skip
        author.goto(f"/admin/{app}/")
        if row:
            author.page.get_by_role("link", name=row, exact=True).click()
        author.page.wait_for_load_state()
        author.fine(shot)
    author.goto(f"/author/worlds/{district.pk}/publish/")
    author.fine("publish")
    author.page.get_by_role("button", name="Publish The Harbor District").click()
    author.sees("Published")
