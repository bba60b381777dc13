"""The hotspots of a place: an object is picked by a ray at the model or by its name, and what it does is made without leaving the page."""

from __future__ import annotations

import json
import struct
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from PIL import Image

from generation.gltf.makers import make_scene
from generation.services import upload_asset
from scenes.models import Hotspot, Scene
from tests.documents import harbor
from tests.playing import account, published
from worlds.models import Location, World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def model(folder: Path, renamed: dict[str, str] | None = None) -> bytes:
    """The harbor as a GLB, some of its objects under other names."""
    data = make_scene({"place": "harbor", "seed": 1}, folder, lambda share: None).path.read_bytes()
    size = struct.unpack_from("<I", data, 12)[0]
    document = json.loads(data[20 : 20 + size])
    for node in document["nodes"]:
        node["name"] = (renamed or {}).get(node.get("name"), node.get("name"))
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    rest = data[20 + size :]
    return struct.pack("<4sIIII", b"glTF", 2, 20 + len(text) + len(rest), len(text), 0x4E4F534A) + text + rest


@pytest.fixture
def world() -> World:
    return published(harbor(), owner=account("anna", author=True))


@pytest.fixture
def place(world: World, tmp_path: Path) -> Location:
    place = Location.objects.get(world=world, key="harbor")
    place.asset = upload_asset(owner=world.owner, file=ContentFile(model(tmp_path), "harbor.glb"))
    place.save()
    return place


def opened(visit: Any, place: Location, query: str = "", **how: Any) -> Any:
    author = visit(**how)
    author.page.set_default_timeout(10_000)
    author.log_in("anna")
    author.goto(f"/admin/scenes/hotspot/place/{place.pk}/{query}")
    return author


def test_a_click_on_the_model_binds_an_object_and_a_new_scene_comes_back_linked(visit: Any, place: Location) -> None:
    Hotspot.objects.all().delete()
    author = opened(visit, place)
    page = author.page
    page.locator("gltf-picker[data-state=ready]").wait_for(timeout=30_000)
    door = page.locator("input[data-name=tavern_door]").get_attribute("value")
    x, y = page.evaluate("index => document.querySelector('gltf-picker').project(Number(index))", door)
    page.mouse.click(x, y)
    page.get_by_text("Selected tavern_door.").wait_for()
    page.get_by_label("Prompt").fill("Enter the tavern?")
    page.get_by_label("Title of a new scene").fill("Behind the door")
    author.fine("hotspots-new")
    page.get_by_role("button", name="Create new scene").click()
    page.locator("iframe[title='Graph of Behind the door']").wait_for()
    page.frame_locator("#beside iframe").get_by_text("The end").first.wait_for()
    hotspot = Hotspot.objects.get()
    scene = Scene.objects.get(title="Behind the door")
    assert hotspot.target["mesh"] == {"object_name": "tavern_door", "node_index": int(door), "node_path": "harbor/tavern/tavern_door"}
    assert (hotspot.action, hotspot.meta, scene.location_id) == (
        {"type": "play_scene", "scene": scene.key},
        {"prompt_text": "Enter the tavern?"},
        place.pk,
    )
    assert page.locator(f"input[name=scene][value={scene.key}]").is_checked()
    page.locator("li.hs-spot").hover()
    page.locator("#scene-preview figcaption", has_text="Behind the door").wait_for()
    author.settle()


def test_a_hotspot_is_made_by_keyboard_alone(visit: Any, place: Location) -> None:
    author = opened(visit, place)
    page = author.page
    page.locator("input[name=object][value='']").focus()
    while page.evaluate("document.activeElement.dataset.name") != "crane":
        page.keyboard.press("ArrowDown")
    page.locator("input[name=action]:checked").focus()
    page.keyboard.press("ArrowDown")
    page.locator("#id_location").focus()
    page.keyboard.type("The Rusty")
    page.locator("#id_prompt_text").focus()
    page.keyboard.type("Climb the crane?")
    page.keyboard.press("Enter")
    page.locator(".messagelist .success").wait_for()
    hotspot = Hotspot.objects.get(key="crane")
    assert (hotspot.action, hotspot.meta["prompt_text"]) == ({"type": "change_location", "location": "tavern"}, "Climb the crane?")


def test_a_renamed_object_is_told_and_one_click_binds_it_again(visit: Any, place: Location, tmp_path: Path) -> None:
    hotspot = Hotspot.objects.get(key="enter_tavern")
    objects = place.asset.meta["objects"]  # type: ignore[union-attr]
    hotspot.target = {"mesh": next(one for one in objects if one["object_name"] == "tavern_door")}
    hotspot.save()
    renamed = {"tavern_door": "inn_entrance", "office_door": "tavern_doors", "warehouse_door": "crane"}
    place.asset = upload_asset(owner=place.world.owner, file=ContentFile(model(tmp_path, renamed), "again.glb"))
    place.save()
    author = opened(visit, place, f"?hotspot={hotspot.pk}", script=False)
    page = author.page
    page.get_by_text("It may have become “inn_entrance”.").wait_for()
    assert "crane" in page.locator("#repeated").inner_text()
    page.get_by_role("button", name="Use “inn_entrance”").click()
    page.locator(".messagelist .success").wait_for()
    hotspot.refresh_from_db()
    assert hotspot.target["mesh"]["object_name"] == "inn_entrance"
    assert page.get_by_text("not found in the model").count() == 0
    assert hotspot.world.history.filter(part="hotspot/harbor/enter_tavern").exists()


def test_a_place_without_a_model_has_rectangles(visit: Any, world: World) -> None:
    place = Location.objects.get(world=world, key="harbor")
    picture = BytesIO()
    Image.linear_gradient("L").resize((640, 360)).convert("RGB").save(picture, "PNG")
    place.picture = upload_asset(owner=world.owner, file=ContentFile(picture.getvalue(), "docks.png"))
    place.save()
    Hotspot.objects.all().delete()
    author = opened(visit, place, width=390, scheme="light")
    page = author.page
    frame = page.locator("#regions").bounding_box()
    left, top = frame["x"] + frame["width"] * 0.2, frame["y"] + frame["height"] * 0.25
    page.mouse.move(left, top)
    page.mouse.down()
    page.mouse.move(left + frame["width"] * 0.3, top + frame["height"] * 0.5, steps=4)
    page.mouse.up()
    page.locator("#id_x").fill("0.1")
    assert page.locator("#regions .own").get_attribute("x") == "0.1"
    page.locator("input[name=action][value=npc_talk]").check()
    page.locator("#id_npc").select_option(index=1)
    author.fine("hotspots-picture")
    page.get_by_role("button", name="Save hotspot").click()
    page.locator(".messagelist .success").wait_for()
    hotspot = Hotspot.objects.get()
    assert hotspot.region is not None
    assert hotspot.region == pytest.approx({"x": 0.1, "y": 0.25, "width": 0.3, "height": 0.5}, abs=0.02)
    assert hotspot.action["type"] == "npc_talk"
