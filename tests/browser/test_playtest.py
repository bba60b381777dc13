"""A playtest over the graph editor, as an author uses it: from a node of a graph that is not saved, as things stand; what changed; a test case
made of it, red when the scene is broken and green when it is mended."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from celery.contrib.testing.worker import start_worker
from django.apps import apps
from playwright.sync_api import expect

from pixsim.celery import app
from scenes.models import Scene
from sessions.models import StoryTest
from sessions.storytest_services import AT_ONCE
from tests.sessions.test_storytests_by_worker import forget_messages, with_tests
from worlds.models import World

from .conftest import Visitor
from .graph_page import Editor, log_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def rows() -> dict[str, int]:
    """How many rows every table has."""
    return {model._meta.label: model._default_manager.count() for model in apps.get_models()}


@pytest.mark.parametrize(("width", "scheme"), [(1280, "dark"), (390, "light")])
def test_from_a_node_that_is_not_saved_to_a_test_case_and_back_to_green(
    visit: Callable[..., Visitor], district: World, width: int, scheme: str
) -> None:
    author = visit(width, scheme=scheme)
    log_in(author, "author")
    e = Editor(author, Scene.objects.get(world=district, key="tavern_npc_encounter"))
    page = e.page

    # The graph on the screen, with a label that nobody has saved.
    find(e, "Weather Eye")
    e.inspector.get_by_label("Label", exact=True).fill("Fair Weather")
    find(e, "How do you want to leave it?")
    before = rows()
    e.press("Playtest from here")
    dialog = page.get_by_role("dialog", name="Playtest")
    inside = page.frame_locator("iframe[name=ge-playtest]")
    inside.get_by_role("heading", name="Playtest", exact=True).wait_for()
    expect(inside.get_by_text("with the graph as you have it on the screen")).to_be_visible()
    expect(inside.get_by_label("Node")).to_have_value("node3")
    fine(author, "playtest-dialog")
    inside.get_by_role("button", name="Close to each other").click()
    expect(inside.get_by_role("button", name="Close to each other")).to_have_attribute("aria-pressed", "true")
    expect(inside.get_by_label("Chemistry of Captain Mara")).to_have_value("90")
    expect(inside.get_by_text("with the graph as you have it on the screen")).to_be_visible()
    inside.get_by_label("Trust of Captain Mara").fill("55")
    inside.get_by_label("Day", exact=True).fill("2")
    inside.get_by_label("Time of day").fill("20:00")
    fine(author, "playtest-stands")
    inside.get_by_role("button", name="Play from here").first.click()
    inside.get_by_text("How do you want to leave it?").wait_for()
    inside.get_by_text("Day 2, 8:00 PM").wait_for()
    fine(author, "playtest-game")
    inside.get_by_role("button", name="Flirt").first.click()
    inside.get_by_role("heading", name="Fair Weather").wait_for()
    inside.get_by_role("link", name="Begin again").click()
    expect(inside.get_by_label("Trust of Captain Mara")).to_have_value("55")
    expect(inside.get_by_text("with the graph as you have it on the screen")).to_be_visible()
    inside.get_by_role("button", name="Play from here").click()
    inside.get_by_role("button", name="Flirt").first.click()
    inside.get_by_role("heading", name="Fair Weather").wait_for()
    inside.get_by_role("link", name="What changed, save as test case").click()
    inside.get_by_role("heading", name="What changed").wait_for()
    expect(inside.get_by_text("“How do you want to leave it?” → “Fair Weather”")).to_be_visible()
    expect(inside.get_by_text("Captain Mara: +4 Chemistry 90 → 94")).to_be_visible()
    fine(author, "playtest-result")
    assert rows() == before, "nothing of it is stored"

    # Save as test case, run it, break the scene, and mend it.
    inside.get_by_label("Name").fill("Mara, and the weather")
    inside.get_by_role("button", name="Save as test case").click()
    inside.get_by_text("“Mara, and the weather” is a story test now.").wait_for()
    test = StoryTest.objects.get(name="Mara, and the weather")
    assert test.expect["path"] == ["tavern_npc_encounter/flirted"]
    page.get_by_role("button", name="Close", exact=True).click()
    expect(dialog).to_be_hidden()

    author.goto(f"/author/worlds/{district.pk}/tests/")
    run(author, test.name)
    author.sees("“Mara, and the weather” is green.")
    Editor(author, e.scene)
    find(e, "How do you want to leave it?")
    e.inspector.get_by_role("button", name="Flirt").first.click()
    e.inspector.get_by_label("Affinity at least", exact=True).fill("95")
    e.save()
    author.goto(f"/author/worlds/{district.pk}/tests/")
    run(author, test.name)
    told = "Need affinity 95"
    page.locator("tr", has_text=test.name).get_by_text(told).wait_for()
    author.fine("story-tests")
    page.get_by_role("link", name=test.name).click()
    page.get_by_text(told).first.wait_for()
    author.fine("story-test")
    Editor(author, e.scene)
    find(e, "How do you want to leave it?")
    e.inspector.get_by_role("button", name="Flirt").first.click()
    e.inspector.get_by_label("Affinity at least", exact=True).fill("35")
    e.save()
    author.goto(f"/author/worlds/{district.pk}/tests/")
    run(author, test.name)
    author.sees("“Mara, and the weather” is green.")


def fine(author: Visitor, shot: str) -> None:
    """The page with its dialog, and what the dialog shows: axe does not look into a frame by itself."""
    from axe_playwright_python.sync_playwright import Axe

    frame = author.page.frame(name="ge-playtest")
    frame.evaluate(
        "() => Promise.allSettled(document.getAnimations().filter((a) => a.effect.getTiming().iterations !== Infinity).map((a) => a.finished))"
    )
    assert frame.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{shot} scrolls sideways"
    author.fine(shot)
    author.listening = False  # as in `fine`
    found = Axe().run(frame).response["violations"]
    author.page.wait_for_timeout(50)
    author.listening = True
    assert [(one["id"], one["nodes"][0]["target"]) for one in found] == [], shot


def find(e: Editor, label: str) -> None:
    """Selects a node wherever it is, also where the window is small."""
    e.press("Search (/)")
    e.page.get_by_role("searchbox").fill(label)
    e.page.keyboard.press("Enter")
    expect(e.inspector.get_by_role("heading", name=label)).to_be_attached()


def run(author: Visitor, name: str) -> None:
    author.page.get_by_role("button", name=f"Run {name}").click()


def test_a_page_of_many_tests_shows_what_came_of_them_when_the_worker_is_done(visit: Callable[..., Visitor], transactional_db: None) -> None:
    world = with_tests(AT_ONCE + 1)
    author = visit(390, scheme="dark")
    log_in(author, "author")
    author.goto(f"/author/worlds/{world.pk}/tests/")
    forget_messages()
    author.press("Run all")
    author.page.locator("[data-running]").wait_for()
    author.fine("story-tests-running")
    with start_worker(app, pool="solo", perform_ping_check=False, shutdown_timeout=30):
        author.page.locator("[data-running]").wait_for(state="detached", timeout=60_000)
    author.sees("1 red")
    expect(author.page.locator(".tests .state", has_text="Green")).to_have_count(AT_ONCE)
