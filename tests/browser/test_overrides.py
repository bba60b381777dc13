"""The walkthrough's third iteration in a real browser: an author sets how Mara stands, flirts, and has his game back – and the pages on its past."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pixsim.models import User
from sessions import proofs, queries, services
from sessions.engine import Choose, Continue
from sessions.models import GameSession, SavedGame, SessionEvent
from worlds.models import World

from .conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SET = {"affinity": "80", "trust": "70", "chemistry": "90", "tension": "20", "intimacy_level": "3"}


def at_the_bar(world: World, player: User) -> GameSession:
    session = services.start(user=player, world=queries.playable_world(player, world.pk)).session
    for action in (Choose(edge="edge2b"), Continue()):
        session = services.move(session=session, action=action).session
    return session


@pytest.mark.parametrize(("width", "scheme", "script"), [(1280, "dark", True), (390, "light", True), (1280, "light", False)])
def test_an_author_tries_a_relationship_without_playing_to_it(
    visit: Callable[..., Visitor], district: World, width: int, scheme: str, script: bool
) -> None:
    author = User.objects.get(username="author")
    author.rating = "romantic"
    author.save()
    session = at_the_bar(district, author)
    before = GameSession.objects.values("state", "version", "seq").get(pk=session.pk)
    dev = visit(width, scheme=scheme, script=script)
    dev.log_in("author")
    dev.goto(f"/play/{session.pk}/")
    panel: Any = dev.page.locator("#dev")
    dev.page.locator(".settings summary").click()
    dev.press("Developer panel")
    panel.wait_for()
    assert '"affinity": 30' in panel.locator(".dev-state").inner_text()
    dev.sees("put there by the story")
    if script:
        dev.page.keyboard.press("Escape")
        dev.page.locator(".settings[open] summary").click()
        dev.fine("developer-panel")
    for axis, value in SET.items():
        panel.locator(f"[name='relationships.{axis}']").fill(value)
    panel.get_by_role("button", name="Apply override").click()
    dev.page.locator(".override-bar").wait_for()
    assert '"chemistry": 90' in panel.locator(".dev-state").inner_text()
    dev.page.locator("[data-key=interactions] button", has_text="Flirt").click()
    dev.page.locator(".line-npc").first.wait_for()
    if script:
        dev.fine("overrides-active")
    dev.press("Reset overrides")
    dev.page.locator(".override-bar").wait_for(state="detached")
    assert '"chemistry": 40' in panel.locator(".dev-state").inner_text()
    assert GameSession.objects.values("state", "version", "seq").get(pk=session.pk) == before


@pytest.mark.parametrize(("width", "scheme"), [(1280, "dark"), (390, "light")])
def test_back_forward_saves_and_branches(visit: Callable[..., Visitor], district: World, width: int, scheme: str) -> None:
    session = at_the_bar(district, User.objects.get(username="player"))
    player = visit(width, scheme=scheme)
    player.log_in("player")
    player.goto(f"/play/{session.pk}/")
    player.live()
    player.press("Talk")
    player.page.locator(".line-npc").first.wait_for()
    player.page.locator("#panel").focus()
    player.page.keyboard.press("Control+z")
    player.page.locator("[data-redo]").wait_for()
    player.page.locator(".line-npc").first.wait_for(state="detached")
    player.page.keyboard.press("Control+Shift+z")
    player.page.locator(".line-npc").first.wait_for()
    player.goto(f"/play/{session.pk}/saves/")
    player.sees("Before the scene changed")
    player.page.get_by_label("Name of the save").fill("With Mara")
    player.press("Save now")
    player.page.get_by_role("heading", name="With Mara").wait_for()
    player.press("Begin a second game here")
    player.page.wait_for_url("**/play/*/")
    twin = GameSession.objects.latest("pk")
    player.goto(f"/play/{twin.pk}/saves/")
    player.sees(f"from game {session.pk}")
    player.goto(f"/play/{session.pk}/saves/")
    player.fine("saves")
    player.press("Load Before the scene changed")
    player.page.wait_for_url(f"**/play/{session.pk}/")
    player.sees("Arrive at Harbor")
    assert SavedGame.objects.filter(session=session, is_auto=True).count() == 1
    player.page.get_by_role("link", name="Journal").click()
    player.page.locator("#sheet[open] .journal").wait_for()
    player.fine("journal-with-a-way-back")
    player.page.locator("#sheet .journal li", has_text="You chose: Head to the Tavern").get_by_role("button", name="Back to here").click()
    player.page.locator(".where-place", has_text="Rusty Anchor").wait_for()
    assert proofs.verify(queries.fresh(session.pk)) == []


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_an_author_scrubs_through_a_session_and_proves_it(visit: Callable[..., Visitor], district: World, width: int, scheme: str) -> None:
    player = User.objects.get(username="player")
    session = at_the_bar(district, player)
    services.undo(session=session)
    author = visit(width, scheme=scheme)
    author.log_in("author")
    author.goto(f"/admin/game_sessions/gamesession/{session.pk}/change/")
    author.page.get_by_role("link", name="What happened").click()
    then = author.page.frame_locator("#then")
    then.locator(".stage").wait_for()
    author.page.locator(".event-title", has_text="Your story began").click()
    then.get_by_text("Arrive at Harbor").first.wait_for()
    author.page.locator("#scrub").focus()
    author.page.keyboard.press("ArrowRight")
    author.page.locator(".events [aria-current][data-version='1']").wait_for()
    author.page.wait_for_url("**version=1")
    then.locator(".stage[data-version='1']").wait_for()
    author.fine("timeline")
    author.page.get_by_role("link", name="Verify").click()
    author.sees("Verified.")
    SessionEvent.objects.filter(session=session, version=1).update(state_sha256="0" * 64)
    author.page.reload()
    author.sees("The log and the game differ.")
