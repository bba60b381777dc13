"""The Brain Lab in a real browser: sliders that change what a writer is told, a week drawn by hand and by keyboard, a face cut from its picture,
and nothing saved before it is confirmed."""

from __future__ import annotations

import re
from typing import Any

import pytest

from npcs import services
from npcs.models import Npc
from worlds.models import World, WorldHistory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SCENARIOS = "#prompt-preview:not([aria-busy=true]) .scenario"


def lab(visit: Any, world: World, npc: Npc | None = None, **how: Any) -> tuple[Any, Any, Npc]:
    mara = npc or world.npcs.get(key="captain_mara")
    author = visit(**how)
    author.log_in("author")
    author.goto(f"/admin/npcs/npc/{mara.pk}/change/")
    author.page.locator("#week-grid[data-checked]").wait_for()
    author.page.locator(SCENARIOS).first.wait_for()
    return author, author.page, mara


def with_a_morning(world: World) -> Npc:
    """Somebody whose week is nearly empty."""
    place = world.locations.order_by("pk").first()
    wren = services.create_npc(world=world, actor=world.owner, data={"name": "Wren", "home_location_id": place.pk})
    slots = [{"days": [1, 3], "start": "06:00", "end": "12:00"}, {"days": [6], "start": "10:00", "end": "12:00"}]
    services.add_slots(npc=wren, actor=world.owner, entries=[{**slot, "location_id": place.pk} for slot in slots])
    return wren


def save(page: Any) -> None:
    page.get_by_role("button", name="Save and continue editing").click()
    page.locator(".messagelist .success").wait_for()


def marks(page: Any, trait: str) -> list[str]:
    return list(page.locator(f"#prompt-preview mark[data-trait={trait}]").all_text_contents())


def test_a_slider_changes_the_phrases_of_its_trait_and_save_and_test_shows_both_lines(visit: Any, district: World) -> None:
    author, page, mara = lab(visit, district)
    author.fine("brain-lab")
    before = marks(page, "extraversion"), marks(page, "conscientiousness")
    slider = page.get_by_label("Extraversion, slider")
    slider.focus()
    slider.press("End")
    page.locator("#prompt-preview mark[data-trait=extraversion][data-fresh]").first.wait_for()
    assert page.get_by_label("Extraversion", exact=True).input_value() == "1"
    assert marks(page, "extraversion") != before[0]
    assert marks(page, "conscientiousness") == before[1]
    page.get_by_label("Voice").fill("playful and teasing")
    page.locator("#id_quirks_new").fill("hums while she counts")
    page.locator("#id_quirks_new").press("Enter")
    page.get_by_label("Affinity, slider").press("ArrowRight")
    assert page.locator("[data-field=felt_affinity] .slider-word").text_content() == "acquaintance"
    page.locator(".line-was").first.wait_for()
    page.get_by_role("button", name="Save and test").click()
    page.locator("#tested").wait_for()
    assert Npc.objects.get(pk=mara.pk).personality == mara.personality, "nothing is saved yet"
    pair = page.locator(".tested-pair").first
    assert pair.locator(".line-was").text_content() != pair.locator(".line-now").text_content()
    page.locator("#week-grid[data-checked]").wait_for()
    page.locator(SCENARIOS).first.wait_for()
    author.fine("brain-lab-tested")
    count = WorldHistory.objects.filter(world=district).count()
    page.get_by_role("button", name="Save it").click()
    page.locator(".messagelist .success").wait_for()
    saved = Npc.objects.get(pk=mara.pk)
    assert (saved.personality["extraversion"], saved.personality["voice_style"]) == (1, "playful and teasing")
    assert saved.personality["quirks"][-1] == "hums while she counts"
    assert saved.state.relationships["affinity"] == 31
    assert WorldHistory.objects.filter(world=district).count() == count + 1
    page.get_by_label("Extraversion: inherit from").click()
    save(page)
    assert "extraversion" not in Npc.objects.get(pk=mara.pk).personality


def test_a_week_is_drawn_with_the_mouse(visit: Any, district: World) -> None:
    author, page, wren = lab(visit, district, with_a_morning(district))
    page.locator("#week-grid").scroll_into_view_if_needed()
    column = page.locator(".week-day[data-day='3']")
    box = column.bounding_box()
    hour = box["height"] / 24
    x = box["x"] + box["width"] / 2
    page.mouse.move(x, box["y"] + 1.02 * hour)
    page.mouse.down()
    page.mouse.move(x, box["y"] + 2 * hour, steps=3)
    page.mouse.move(x, box["y"] + 3.02 * hour, steps=3)
    page.mouse.up()
    made = column.get_by_role("button", name=re.compile("Wednesday 01:00 to 03:00"))
    made.wait_for()
    box = made.bounding_box()
    page.mouse.move(x, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(x, box["y"] + box["height"] / 2 + hour, steps=4)
    page.mouse.up()
    made = column.get_by_role("button", name=re.compile("Wednesday 02:00 to 04:00"))
    made.wait_for()
    box = made.bounding_box()
    page.mouse.move(x, box["y"] + box["height"] - 2)
    page.mouse.down()
    page.mouse.move(x, box["y"] + box["height"] - 2 + 3 * hour, steps=4)
    page.mouse.up()
    column.get_by_role("button", name=re.compile("Wednesday 02:00 to 07:00")).wait_for()
    page.locator(".problem-overlap", has_text="Wed").wait_for()
    page.locator(".mark-overlap").first.wait_for()
    page.locator(".slot.is-chosen").get_by_label("Rule").select_option("hidden")
    author.fine("brain-week")
    save(page)
    slot = wren.schedule.order_by("-pk").first()
    assert slot is not None
    assert (slot.days, slot.start, slot.end, slot.rule, slot.location) == ([3], "02:00", "07:00", "hidden", None)


def test_a_week_is_made_by_keyboard_alone(visit: Any, district: World) -> None:
    _, page, wren = lab(visit, district, with_a_morning(district))
    page.get_by_role("button", name="Add a slot").focus()
    page.keyboard.press("Enter")
    page.locator(".block:focus").wait_for()
    for key in ("ArrowDown", "ArrowDown", "Shift+ArrowDown", "ArrowRight"):
        page.keyboard.press(key)
    assert page.locator(".block:focus").get_attribute("aria-label").startswith("Tuesday 10:00 to 11:30")
    page.keyboard.press("Enter")
    page.keyboard.press("Control+A")
    page.keyboard.type("23:30")
    page.keyboard.press("Tab")
    page.keyboard.press("Control+A")
    page.keyboard.type("02:00")
    assert page.locator(".week-day[data-day='3'] .block.goes-on").count() >= 1
    page.get_by_role("button", name="Copy Monday to Friday").focus()
    page.keyboard.press("Enter")
    block = page.locator(".week-day[data-day='6'] .block").first
    block.focus()
    page.keyboard.press("Delete")
    save(page)
    week = {(tuple(slot.days), slot.start, slot.end) for slot in wren.schedule.all()}
    assert week == {((1, 2, 3, 4, 5), "06:00", "12:00")}, "Tuesday night was no part of Monday, Saturday was taken away"


def test_a_face_is_cut_from_its_picture_and_another_is_uploaded(visit: Any, district: World, tmp_path: Any) -> None:
    from PIL import Image

    author, page, mara = lab(visit, district)
    row = page.locator(".face-row").first
    state = row.get_by_label("Shows").input_value()
    row.get_by_role("button", name="Crop").click()
    dialog = page.get_by_role("dialog")
    dialog.locator("cropper-selection").wait_for()
    author.fine("brain-crop")
    was = dialog.get_by_label("Left").input_value()
    box = dialog.locator("cropper-selection").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2 + 30, box["y"] + box["height"] / 2 + 20, steps=4)
    page.mouse.up()
    assert dialog.get_by_label("Left").input_value() != was
    dialog.get_by_label("Width").fill("240")
    dialog.get_by_label("Width").press("Tab")
    dialog.get_by_role("button", name="Use this part").click()
    assert row.get_by_label("Width").input_value() == "240"
    page.get_by_role("button", name="Add a face").click()
    new = page.locator(".face-row").last
    new.get_by_label("Shows").fill("sleepy")
    Image.new("RGB", (300, 400), "teal").save(tmp_path / "sleepy.png")
    new.get_by_label("Or upload one").set_input_files(tmp_path / "sleepy.png")
    new.locator("svg").wait_for()
    save(page)
    assert mara.expressions.get(state=state).crop["width"] == 240
    assert mara.expressions.get(state="sleepy").asset.width == 300


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1280, "light")])
def test_it_is_good_to_look_at(visit: Any, district: World, width: int, scheme: str) -> None:
    author, page, _ = lab(visit, district, width=width, scheme=scheme)
    page.locator(".lab-interaction summary").first.click()
    page.locator("#faces").scroll_into_view_if_needed()
    author.fine("brain-lab")
