"""Places on their map, their pictures chosen by looking at them, and the way from a problem to where it is mended."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from django.core.files.base import ContentFile
from PIL import Image

from generation.services import upload_asset
from scenes.bundle import save_document
from tests.playing import account
from tests.scenes.test_problems import broken
from worlds.models import Location, World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def png(shade: int) -> ContentFile:
    made = BytesIO()
    Image.new("RGB", (320, 180), (shade, 90, 120)).save(made, "PNG")
    return ContentFile(made.getvalue(), f"shade_{shade}.png")


@pytest.fixture
def world() -> World:
    return save_document(broken(), owner=account("anna", author=True))


def opened(visit: Any, path: str, **how: Any) -> Any:
    author = visit(**how)
    author.page.set_default_timeout(10_000)
    author.log_in("anna")
    author.goto(path)
    return author


def test_places_are_dragged_and_moved_by_keyboard_on_the_map(visit: Any, world: World) -> None:
    author = opened(visit, f"/admin/worlds/location/map/{world.pk}/")
    page = author.page
    harbor, tavern = (Location.objects.get(world=world, key=key) for key in ("harbor", "tavern"))
    box = page.locator(f".place[data-place='{harbor.pk}'] circle").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y + 30, steps=3)
    page.mouse.up()
    page.locator(f".place[data-place='{tavern.pk}']").focus()
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("ArrowUp")
    author.fine("map")
    page.get_by_role("button", name="Save the map").click()
    page.get_by_text("2 places moved.").wait_for()
    before = (harbor.x, harbor.y, tavern.x, tavern.y)
    for place in (harbor, tavern):
        place.refresh_from_db()
    assert harbor.x > before[0]
    assert harbor.y > before[1]
    assert tavern.x > before[2]
    assert tavern.y < before[3]


def test_a_picture_is_picked_by_looking_at_it_or_uploaded(visit: Any, world: World, tmp_path: Any) -> None:
    mine = upload_asset(owner=world.owner, file=png(40), label="Grey docks")
    place = Location.objects.get(world=world, key="tavern")
    author = opened(visit, f"/admin/worlds/location/{place.pk}/change/", width=390, scheme="light")
    page = author.page
    page.locator("[data-checked]").first.wait_for()
    page.get_by_role("button", name="Pick a picture …").click()
    page.get_by_role("dialog").get_by_role("button", name="Grey docks").click()
    assert page.locator("#id_picture").input_value() == str(mine.pk)
    author.fine("place-form")
    page.locator("#id_upload_picture").set_input_files({"name": "new.png", "mimeType": "image/png", "buffer": png(200).read()})
    page.locator(".asset-pick img[alt='new.png']").wait_for()
    page.get_by_role("button", name="Save and continue editing").click()
    page.locator(".messagelist .success").wait_for()
    place.refresh_from_db()
    assert place.picture is not None
    assert place.picture.label == "new.png"


def test_a_problem_leads_to_its_card_and_is_mended_by_one_click(visit: Any, world: World) -> None:
    author = opened(visit, f"/author/worlds/{world.pk}/problems/")
    page = author.page
    author.fine("problems")
    page.locator("li", has_text="After this clip nothing comes").get_by_role("link").click()
    page.locator(".react-flow__node.selected", has_text="Loose").wait_for()
    author.goto(f"/admin/worlds/world/{world.pk}/change/")
    page.locator("[data-checked]").first.wait_for()
    author.fine("world-problems")
    page.get_by_role("link", name="more, all").click()
    page.get_by_role("button", name="Put an end after it").click()
    page.get_by_text("Done: Put an end after it.").wait_for()
