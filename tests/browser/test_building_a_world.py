"""From nothing to a game: a person who has no world yet builds one and plays it, with the mouse and with the keyboard alone."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from generation.gltf.makers import make_scene
from generation.models import Generation
from scenes.models import Hotspot, Scene
from tests.browser.conftest import Visitor
from tests.browser.graph_page import graph_of, log_in
from tests.browser.hands import Hand, Keys, Mouse
from tests.browser.test_control_center import work
from tests.playing import PASSWORD, account
from worlds.models import World
from worlds.services import create_world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WEEKDAYS = [1, 2, 3, 4, 5]
COMPLAINTS = """addEventListener('DOMContentLoaded', () => {
  const found = document.querySelector('.errornote, .errorlist, .messagelist .error, .notice-error');
  if (found) sessionStorage.complaints = `${sessionStorage.complaints ?? ''}${location.pathname}: ${found.textContent}\\n`;
})"""


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A harbor as an artist hands it over: one binary glTF file."""
    return make_scene({"place": "harbor", "seed": 1}, tmp_path_factory.mktemp("model"), lambda share: None).path


@pytest.mark.parametrize("kind", [Mouse, Keys])
def test_a_world_is_built_from_nothing_and_played(kind: type[Hand], visit: Callable[..., Visitor], transactional_db: None, model: Path) -> None:
    account("author", author=True)
    hand = kind(visit())
    hand.page.context.add_init_script(COMPLAINTS)
    begin(hand)
    add_places(hand, model)
    add_people(hand)
    write_the_scene(hand)
    film_the_opening(hand)
    put_a_hotspot_on_the_door(hand)
    publish(hand)
    play(hand)
    assert hand.page.evaluate("sessionStorage.complaints ?? ''") == "", "no page was left with an error"
    reread()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "dark"), (390, "light")])
def test_the_pages_of_a_beginning_are_fit_to_be_seen(width: int, scheme: str, visit: Callable[..., Visitor], transactional_db: None) -> None:
    owner = account("author", author=True)
    author = visit(width, scheme=scheme)
    log_in(author, "author")
    author.goto("/admin/")
    author.fine("home-empty")
    world = create_world(owner=owner, name="Lamp Island", meta={})
    for shot, path in {"world-new": f"worlds/world/{world.pk}/change/", "place-new": f"worlds/location/add/?world={world.pk}"}.items():
        author.goto(f"/admin/{path}")
        author.page.locator("[data-checked]").first.wait_for()
        author.fine(shot)


# -- building ---------------------------------------------------------------------------------------------------------
def begin(hand: Hand) -> None:
    hand.visitor.goto("/admin/")
    hand.write("Username:", "author")
    hand.write("Password:", PASSWORD)
    hand.press("Log in")
    hand.follow("Start empty")
    hand.write("Name:", "Lamp Island")
    hand.write("Theme", "A lighthouse that went out")
    hand.press("Save")
    hand.arrives("What comes next")


def save(hand: Hand) -> None:
    """And back to the page of the world."""
    hand.press("Save")
    hand.sees("was added successfully")
    hand.follow("Its page")
    hand.arrives("What comes next")


def add_places(hand: Hand, model: Path) -> None:
    hand.follow("Add a place")
    hand.write("Name:", "The Quay")
    hand.attach("Upload a 3-D model:", model)
    expect(hand.page.get_by_role("img", name=model.name)).to_be_visible(timeout=20_000)
    save(hand)
    hand.follow("Add a place")
    hand.write("Name:", "The Lamp Room")
    save(hand)


def add_people(hand: Hand) -> None:
    for name, home, (start, end) in (("Wren", "The Quay", (8, 18)), ("Odo", "The Lamp Room", (7, 12))):
        hand.follow("Add a person")
        hand.write("Name", name)
        hand.choose("Home location", home)
        hand.draw_slot(1, start, end)
        hand.sees(f"{start:02}:00–{end:02}:00")
        hand.press("Copy Monday to Friday")
        save(hand)


def write_the_scene(hand: Hand) -> None:
    hand.follow("Add a scene")
    hand.write("Title:", "Arrival")
    hand.choose("Location:", "The Lamp Room")
    hand.press("Save")
    expect(hand.page.locator("#graph-editor[data-ready]")).to_be_attached(timeout=20_000)
    cards = (("Clip", "The boat comes in"), ("Choice", "At the foot of the tower"), ("Clip", "The keeper nods"), ("End", "The door is open"))
    for number, (kind, label) in enumerate(cards, 1):
        hand.press("Add")
        hand.item(kind)
        expect(hand.page.locator(f".react-flow__node[data-id=node{number}]")).to_be_focused(timeout=10_000)
        hand.write("Label", label, inspector(hand))
    hand.press("Show everything (F)")
    hand.connect("The boat comes in", "At the foot of the tower")
    lead(hand, "At the foot of the tower", "The keeper nods", "Ask after the lamp")
    add(hand, "the effects", "Flags")
    hand.press("Add flag to Flags")
    hand.write("Flag: which", "Asked after the lamp", inspector(hand), becomes="asked_after_the_lamp")
    add(hand, "the effects", "Relationships")
    add(hand, "Relationships", "Odo")
    add(hand, "Odo", "Affinity")
    hand.write("Affinity: how much", "5", inspector(hand))
    lead(hand, "The keeper nods", "At the foot of the tower")
    lead(hand, "At the foot of the tower", "The door is open", "Climb the tower")
    add(hand, "the conditions", "Flags")
    hand.press("Add flag to Flags")
    hand.write("Flag: which", "Asked after the lamp", inspector(hand), becomes="asked_after_the_lamp")
    hand.press("Tidy (T)")
    hand.press("Save")
    saved(hand)


def main(hand: Hand) -> Any:
    return hand.page.get_by_role("main")


def inspector(hand: Hand) -> Any:
    return hand.page.get_by_role("complementary", name="Inspector")


def lead(hand: Hand, source: str, target: str, words: str = "") -> None:
    """A way with what the player reads on it."""
    hand.card(source)
    hand.press("Connect …", inside=inspector(hand))
    dialog = hand.page.get_by_role("dialog")
    hand.choose("Leads to", target, dialog)
    hand.write("What the player reads", words, dialog)
    hand.press("Connect", inside=dialog)
    hand.arrives(words or "Goes on by itself")


def add(hand: Hand, to: str, what: str) -> None:
    hand.choose(f"What to add to {to}", what, inspector(hand))
    hand.press(f"Add to {to}", inside=inspector(hand))


def saved(hand: Hand) -> None:
    expect(hand.page.locator(".ge-state")).to_have_text("Saved", timeout=15_000)


def film_the_opening(hand: Hand) -> None:
    hand.card("The boat comes in")
    hand.press("Generate and attach …", inside=inspector(hand))
    hand.write("Prompt", "A small boat comes in through the fog", inspector(hand))
    hand.write("Seconds", "1", inspector(hand))
    hand.choose("Quality", "low", inspector(hand))
    hand.press("Generate", inside=inspector(hand))
    card = hand.page.locator(".react-flow__node", has_text="The boat comes in")
    expect(card.locator(".ge-job")).to_be_visible(timeout=15_000)
    worker = threading.Thread(target=work)
    worker.start()
    expect(card.locator("img")).to_be_visible(timeout=60_000)
    worker.join(60)
    hand.press("Save")
    saved(hand)


def put_a_hotspot_on_the_door(hand: Hand) -> None:
    hand.follow("Lamp Island")
    hand.follow("Places", main(hand))
    hand.follow("The Quay")
    hand.follow("Hotspots", main(hand))
    hand.object("tavern_door")
    hand.sees("Selected tavern_door.")
    hand.write("Prompt", "Back up to the lamp?")
    hand.pick("Go to a place")
    hand.choose("Place", "The Lamp Room")
    hand.press("Save hotspot")
    hand.sees("leads to The Lamp Room")


def publish(hand: Hand) -> None:
    hand.follow("Lamp Island")
    hand.follow("Publish")
    hand.press("Publish Lamp Island")
    hand.sees("Published.")


# -- playing ----------------------------------------------------------------------------------------------------------
def play(hand: Hand) -> None:
    hand.follow("Play")
    hand.press("New game in Lamp Island")
    hand.visitor.live()
    hand.arrives("The boat comes in")
    expect(hand.page.locator("video#clip")).to_be_visible(timeout=15_000)
    hand.sees("Day 1, 8:00 AM")
    hand.sees("Not before: Asked after the lamp")
    hand.press("Ask after the lamp")
    hand.sees("Discovered: Asked after the lamp")
    hand.sees("+5 Affinity")
    hand.arrives("The keeper nods")
    expect(hand.page.get_by_text("Not before: Asked after the lamp")).to_have_count(0)
    hand.press("Climb the tower")
    hand.sees("Odo")
    hand.press("The Quay")
    hand.sees("Wren")
    expect(hand.page.get_by_role("img", name="The Quay")).to_be_visible()  # its model, as a picture
    hand.follow("Tavern door")
    hand.sees("Back up to the lamp?")
    hand.press("Yes")
    hand.sees("Odo")
    expect(hand.page.locator(".where-place")).to_have_text("The Lamp Room")


# -- what came of it --------------------------------------------------------------------------------------------------
def reread() -> None:
    world = World.objects.get()
    assert world.published is not None
    assert {place.name: place.asset.media_type if place.asset else None for place in world.locations.all()} == {
        "The Quay": "gltf",
        "The Lamp Room": None,
    }
    weeks = {npc.name: [(slot.days, slot.start, slot.end, slot.location.name) for slot in npc.schedule.all()] for npc in world.npcs.all()}
    assert weeks == {"Wren": [(WEEKDAYS, "08:00", "18:00", "The Quay")], "Odo": [(WEEKDAYS, "07:00", "12:00", "The Lamp Room")]}
    hotspot = Hotspot.objects.get()
    assert (hotspot.target["mesh"]["object_name"], hotspot.action) == ("tavern_door", {"type": "change_location", "location": "the_lamp_room"})
    graph = graph_of(Scene.objects.get())
    ways = {edge["choice_label"] or node(graph, edge["from_node_id"])["label"]: edge for edge in graph["edges"].values()}
    assert ways["Climb the tower"]["conditions"] == {"flags": ["asked_after_the_lamp"]}
    assert ways["Ask after the lamp"]["effects"] == {"flags": ["asked_after_the_lamp"], "relationships": {"npc:odo": {"affinity": "+5"}}}
    assert node(graph, ways["The keeper nods"]["to_node_id"])["kind"] == "choice"
    job = Generation.objects.get()
    assert (job.provider_id, job.status) == ("animatic", Generation.Status.COMPLETED)
    assert node(graph, ways["The boat comes in"]["from_node_id"])["asset_id"] == job.asset_id


def node(graph: dict[str, Any], key: str) -> dict[str, Any]:
    found: dict[str, Any] = graph["nodes"][key]
    return found
