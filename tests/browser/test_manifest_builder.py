"""The manifest as a form: what was pasted comes back whole, every condition is a control, and what is wrong is told at its field and its line."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from tests.documents import harbor
from tests.playing import account, published
from tests.worlds.manifests import WALKTHROUGH
from worlds.models import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASTED: dict[str, Any] = {
    "theme": "Maritime trade hub",
    "manifest": {**WALKTHROUGH, "extensions": {"my_tool": {"colour": "blue", "deep": [1, {"a": None}]}}},
    "extensions": {"board": [1, 2, 3]},
}
NESTED = "/manifest/interactions/talk/gating"


@pytest.fixture
def world() -> World:
    return published(harbor(), owner=account("anna", author=True))


def opened(visit: Any, world: World, **how: Any) -> Any:
    author = visit(**how)
    author.page.set_default_timeout(10_000)
    author.log_in("anna")
    author.goto(f"/admin/worlds/world/{world.pk}/change/")
    author.page.locator("[data-checked]").wait_for()
    return author


def paste(author: Any, value: Any) -> None:
    page = author.page
    page.get_by_role("button", name="Edit as JSON").click()
    page.locator("#id_meta").fill(value if isinstance(value, str) else json.dumps(value, indent=2))


def save(author: Any) -> None:
    author.page.get_by_role("button", name="Save and continue editing").click()
    author.page.locator(".messagelist .success").wait_for()


def at(author: Any, pointer: str) -> Any:
    return author.page.locator(f'[data-pointer="{pointer}"]').last


def test_a_pasted_manifest_edited_by_form_gives_back_every_key(visit: Any, world: World) -> None:
    author = opened(visit, world)
    page = author.page
    paste(author, PASTED)
    page.get_by_role("button", name="Back to the form").click()
    page.get_by_role("tab", name="Manifest").click()
    page.locator('details[data-card="/manifest/interactions/ask_rumors"] > summary').click()
    at(author, "/manifest/interactions/ask_rumors/gating/min_affinity").locator("input[type=number]").fill("25")
    author.fine("manifest-builder")
    save(author)
    wanted = copy.deepcopy(PASTED)
    wanted["manifest"]["interactions"]["ask_rumors"]["gating"]["min_affinity"] = 25
    world.refresh_from_db()
    assert world.meta == wanted


def test_what_is_wrong_stands_at_its_field_and_its_line_and_one_click_mends_it(visit: Any, world: World) -> None:
    author = opened(visit, world)
    page = author.page
    paste(author, '{"theme": "Fog", "manifest": {\n"interactions": {"talk": {"gating": {\n"min_affinity": 400}}}}}')
    page.get_by_text("This must be at most 100.").first.wait_for()
    page.get_by_role("button", name="Line 3").wait_for()
    page.get_by_role("button", name="Back to the form").click()
    page.get_by_role("button", name="Line 7").click()
    field = at(author, f"{NESTED}/min_affinity")
    field.locator("[aria-invalid=true]").wait_for()
    assert "at most 100" in field.inner_text()
    assert "at most 100" in page.locator(".json-error").inner_text()
    page.get_by_role("button", name="Make it 100").click()
    page.locator(".json-error").wait_for(state="detached")
    save(author)
    world.refresh_from_db()
    assert world.manifest["interactions"]["talk"]["gating"] == {"min_affinity": 100}


def test_a_nested_condition_is_built_by_keyboard_alone(visit: Any, world: World) -> None:
    author = opened(visit, world)
    page = author.page
    paste(author, {"manifest": {"interactions": {"talk": {"gating": {}}}}})
    back = page.get_by_role("button", name="Back to the form")
    back.focus()
    page.keyboard.press("Enter")
    page.get_by_role("tab", name="World").focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.locator('details[data-card="/manifest/interactions/talk"] > summary').focus()
    page.keyboard.press("Enter")

    def add(pointer: str, words: str) -> None:
        adder = at(author, pointer).locator(".sf-adder").last
        adder.locator("select").focus()
        page.keyboard.type(words)
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")

    add(NESTED, "Any of")
    add(f"{NESTED}/any/0", "Not")
    add(f"{NESTED}/any/0/not", "Time of day")
    for end, time in (("from", "22:00"), ("to", "06:00")):
        at(author, f"{NESTED}/any/0/not/time/{end}").locator("select").focus()
        page.keyboard.type(time)
    add(NESTED, "Flags")
    at(author, f"{NESTED}/flags").locator("input[type=text], select").first.focus()
    if at(author, f"{NESTED}/flags").locator("select").count():
        page.keyboard.type("Another")
        page.keyboard.press("Tab")
    page.keyboard.type("owes_mara")
    page.keyboard.press("Enter")
    at(author, f"{NESTED}/flags").get_by_role("button", name="Not: Owes mara").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Save and continue editing").focus()
    page.keyboard.press("Enter")
    page.locator(".messagelist .success").wait_for()
    world.refresh_from_db()
    assert world.manifest["interactions"]["talk"]["gating"] == {"any": [{"not": {"time": {"from": "22:00", "to": "06:00"}}}], "flags": ["!owes_mara"]}


def test_the_wizard_makes_an_interaction(visit: Any, world: World) -> None:
    author = opened(visit, world)
    page = author.page
    page.get_by_role("tab", name="Manifest").click()
    page.get_by_role("button", name="Interaction wizard").click()
    page.get_by_role("radio", name="Flirt").check()
    page.get_by_label("Label").last.fill("Whisper something")
    author.fine("interaction-wizard")
    page.get_by_role("button", name="Next").click()
    page.locator('[data-pointer="/wizard/gating/min_affinity"] input[type=number]').fill("55")
    page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Add interaction", exact=True).last.click()
    save(author)
    world.refresh_from_db()
    made = world.manifest["interactions"]["whisper_something"]
    assert (made["label"], made["branching_intent"], made["gating"]) == (
        "Whisper something", "escalate", {"min_affinity": 55, "min_chemistry": 30, "mood": ["happy", "curious"]},
    )  # fmt: skip


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_every_tab_is_fit_to_be_seen(width: int, scheme: str, visit: Any, world: World) -> None:
    author = opened(visit, world, width=width, scheme=scheme)
    for tab in ("World", "Providers", "Stat packages", "Manifest", "Flags and things", "Look"):
        author.page.get_by_role("tab", name=tab).click()
        folded = author.page.locator("[role=tabpanel]:not([hidden]) details:not([open]) > summary")
        while folded.count():
            folded.first.click()
        author.fine(f"world-{tab.split()[0].lower()}")


def test_without_javascript_the_world_is_a_text(visit: Any, world: World) -> None:
    author = visit(script=False)
    author.log_in("anna")
    author.goto(f"/admin/worlds/world/{world.pk}/change/")
    author.page.get_by_label("Meta").fill(json.dumps({"theme": "Salt"}))
    save(author)
    world.refresh_from_db()
    assert world.meta == {"theme": "Salt"}
