"""A conversation on the game page: a line that grows while a model writes it, choices it offers, own words, a report, one's own limits, help."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from npcs.writers import Written
from pixsim.models import User
from sessions import services
from sessions.engine import Choose, Continue
from sessions.models import GameSession, LineReport
from sessions.publishing import publish
from tests.sessions.slow import Slow, slow_writer
from worlds.models import World
from worlds.services import authored

from .conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[Slow]:
    with slow_writer(monkeypatch) as made:
        made.parts = ("You’re new", "You’re new around here. Looking for work,")
        made.answer = lambda request: Written(
            text="You’re new around here. <b>Looking</b> for work, or just passing through?", writer="openai", emotion="curious",
            choices=(
                {"label": "I go where the wind goes.", "tone": "playful", "effects": {"relationships": {"affinity": 3}}},
                {"label": "Tell me a secret.", "tone": "bold", "conditions": {"min_trust": 90}},
            ),
        )  # fmt: skip
        yield made


@pytest.fixture
def game(district: World) -> GameSession:
    """At the bar with Mara, in a world that takes free words."""
    with authored(district, district.owner, district):
        district.meta["manifest"]["free_text"] = True
        district.save(update_fields=["meta"])
    publish(world=district, actor=district.owner, force=True)
    session = services.start(user=User.objects.get(username="player"), world=World.objects.get(pk=district.pk)).session
    session = services.move(session=session, action=Choose(edge="edge2b")).session
    return services.move(session=session, action=Continue()).session


@pytest.mark.parametrize("width", [1280, 390])
def test_a_line_grows_and_its_choices_are_offered(visit: Callable[..., Visitor], game: GameSession, slow: Slow, width: int) -> None:
    player = visit(width)
    player.log_in("player")
    player.goto(f"/play/{game.pk}/")
    player.live()
    player.press("Talk")
    player.page.locator(".growing").wait_for()
    player.page.locator(".growing[data-on]").wait_for(timeout=10_000)
    player.fine("talk-growing")
    slow.go.set()
    player.sees("or just passing through?")
    assert player.page.locator(".line b", has_text="Looking").count() == 0, "a model's words are text"
    player.sees("A machine writes the words")
    player.sees("I go where the wind goes.")
    player.sees("Need trust 90")
    player.fine("talk-offered")
    player.page.get_by_label("In your own words").fill("I want to die")
    player.page.get_by_role("button", name="Say", exact=True).click()
    player.page.locator(".care").wait_for()
    player.fine("talk-care")
    player.page.get_by_role("button", name="Close this message").click()
    player.page.locator(".care").wait_for(state="detached")
    player.page.locator(".report summary").last.click()
    player.page.get_by_role("button", name="Send the report").last.wait_for()
    player.fine("talk-report")
    player.page.get_by_role("button", name="Send the report").click()
    player.sees("Somebody will read this line")
    player.sees("Reported")
    assert LineReport.objects.count() == 1
    player.page.locator(".settings summary").click()
    player.fine("talk-settings")
    player.page.get_by_label("Show me at most").select_option("sfw")
    player.page.get_by_role("button", name="Save").click()
    player.sees("your games show at most: safe for work")
