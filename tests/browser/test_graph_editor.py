"""The graph editor in a real browser: by mouse and by keyboard alone; what was drawn is read again over REST."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from scenes.models import Scene
from tests.browser.conftest import SIZES, Visitor
from tests.browser.graph_page import Editor, drag, editor, graph_of, log_in, middle, quay
from worlds.models import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
__all__ = ["editor", "quay"]  # fixtures


def test_conditions_and_effects_are_built_by_mouse_and_told_in_words(editor: Callable[..., Editor]) -> None:
    e = editor("tavern_npc_encounter")
    e.card("node2").click()
    e.inspector.get_by_role("button", name="Leave tavern and rest →").click()

    e.add("the conditions", "Affinity at least")
    e.inspector.get_by_label("Affinity at least", exact=True).fill("35")
    e.add("the conditions", "Flags")
    e.press("Add flag to Flags")
    e.inspector.get_by_label("Flag: wanted or not").select_option(label="not set")
    e.inspector.get_by_label("Flag: which").fill("left_early")
    e.add("the conditions", "Time of day")
    e.add("the conditions", "Any of")
    e.add("Conditions 1", "Place")
    e.inspector.get_by_label("Central Market").check()
    e.press("Add conditions to Any of")
    e.add("Conditions 2", "Not")
    e.add("Not", "At least this tier")
    e.inspector.get_by_label("At least this tier", exact=True).select_option("friend")

    e.add("the effects", "Relationships")
    e.add("Relationships", "Captain Mara")
    e.add("Captain Mara", "Trust")
    e.inspector.get_by_label("Trust: how much").fill("-4")
    e.add("the effects", "Flags")
    e.page.get_by_role("button", name="Add flag to Flags").last.click()
    e.inspector.get_by_label("Flag: which").last.fill("rested")
    expect(e.inspector.locator(".ge-told").first).to_contain_text(
        "Affinity at least 35; “Left early” is not set; From 18:00 to 02:00", timeout=10_000
    )
    expect(e.inspector.locator(".ge-told").first).to_contain_text("Central Market or not: at least friend")
    expect(e.inspector.locator(".ge-told").last).to_contain_text("Captain Mara: trust −4")
    e.save()
    leave = graph_of(e.scene)["edges"]["leave"]
    assert leave["conditions"] == {
        "min_affinity": 35,
        "flags": ["!left_early"],
        "time": {"from": "18:00", "to": "02:00"},
        "any": [{"location": ["market"]}, {"not": {"min_tier": "friend"}}],
    }
    assert leave["effects"] == {
        "time": {"advance_by_sec": 28800},
        "move_to": "harbor",
        "relationships": {"npc:captain_mara": {"trust": "-4"}},
        "flags": ["rested"],
    }
    e.author.fine("graph-edge")


def test_by_keyboard_alone_a_node_is_added_connected_edited_and_saved(editor: Callable[..., Editor]) -> None:
    e = editor("market")
    keys, page = e.page.keyboard, e.page
    for _ in range(60):  # Tab from the top of the page into the graph
        keys.press("Tab")
        if page.evaluate("document.activeElement.matches('.react-flow')"):
            break
    keys.press("ArrowRight")  # to the first card
    expect(e.card("stalls")).to_be_focused()
    keys.press("n")
    expect(page.get_by_role("menuitem", name="Clip")).to_be_focused()
    keys.press("ArrowDown")
    keys.press("Enter")
    expect(e.card("node1")).to_be_focused()
    keys.press("Enter")  # into the inspector
    expect(e.inspector.get_by_label("Label", exact=True)).to_be_focused()
    keys.press("Control+a")
    keys.type("What will it be?")
    keys.press("Escape")
    expect(e.card("node1")).to_be_focused()
    keys.press("Alt+ArrowDown")
    keys.press("ArrowLeft")
    expect(e.card("stalls")).to_be_focused()
    keys.press("c")
    expect(page.get_by_role("dialog", name="Connect")).to_be_visible()
    expect(page.get_by_label("Leads to")).to_be_focused()
    keys.press("Tab")
    keys.type("Look closer")
    keys.press("Enter")
    expect(e.inspector.get_by_role("heading", name="Look closer")).to_be_visible()
    keys.press("Control+s")
    e.saved()
    graph = graph_of(e.scene)
    assert (graph["nodes"]["node1"]["kind"], graph["nodes"]["node1"]["label"]) == ("choice", "What will it be?")
    assert [(one["from_node_id"], one["to_node_id"], one["choice_label"]) for one in graph["edges"].values()] == [("stalls", "node1", "Look closer")]
    keys.press("Escape")
    keys.press("ArrowRight")
    keys.press("Delete")
    keys.press("Control+s")
    e.saved()
    assert list(graph_of(e.scene)["nodes"]) == ["stalls"]
    assert graph_of(e.scene)["edges"] == {}


def test_by_mouse_a_node_is_dragged_and_connected_and_a_way_leads_to_another_scene(editor: Callable[..., Editor]) -> None:
    e = editor("market")
    e.press("Add", exact=True)
    e.page.get_by_role("menuitem", name="Clip").click()
    e.inspector.get_by_label("Label", exact=True).fill("Fountain")
    source = e.card("stalls").locator(".react-flow__handle-right").bounding_box()
    target = e.card("node1").locator(".react-flow__handle-left").bounding_box()
    drag(e.page, middle(source), middle(target))
    expect(e.page.get_by_role("group", name="By itself from stalls to Fountain")).to_be_attached()

    e.card("node1").click()
    e.press("Connect …")
    e.page.get_by_role("dialog").get_by_label("Leads to").select_option(label="tavern_npc_encounter")
    e.page.get_by_role("dialog").get_by_label("What the player reads").fill("To the tavern")
    e.page.get_by_role("dialog").get_by_role("button", name="Connect").click()
    expect(e.page.locator(".ge-exit")).to_contain_text("tavern_npc_encounter")

    before = e.card("node1").bounding_box()
    x, y = middle(before)
    drag(e.page, (x, y - 40), (x + 60, y + 90))
    e.save()
    graph = graph_of(e.scene)
    tavern = Scene.objects.get(world=e.scene.world_id, key="tavern_npc_encounter")
    assert [(one["from_node_id"], one["to_node_id"], one["to_scene_id"], one["choice_label"]) for one in graph["edges"].values()] == [
        ("stalls", "node1", None, None),
        ("node1", None, tavern.pk, "To the tavern"),
    ]
    first, second = (graph["nodes"][key]["meta"].get("position") for key in ("stalls", "node1"))
    assert first is None, "a card nobody moved keeps its place to itself"
    assert second["y"] > 0

    # Several at once: chosen with the box, copied into another scene.
    e.page.locator(".react-flow__pane").click(position={"x": 20, "y": 20})
    e.page.keyboard.press("Control+a")
    e.press("Copy (Ctrl+C)")
    other = Editor(e.author, Scene.objects.get(world=e.scene.world_id, key="harbor_intro"))
    other.press("Paste (Ctrl+V)")
    expect(other.inspector.get_by_role("heading", name="2 nodes selected")).to_be_visible()
    other.save()
    pasted = graph_of(other.scene)
    assert {"stalls", "node3"} <= pasted["nodes"].keys(), "a key that is taken is numbered anew"
    assert pasted["nodes"]["node3"]["label"] == "Fountain"
    assert ("stalls", "node3") in {(one["from_node_id"], one["to_node_id"]) for one in pasted["edges"].values()}
    assert tavern.pk in {one["to_scene_id"] for one in pasted["edges"].values() if one["from_node_id"] == "node3"}


def test_unsaved_work_and_its_undo_survive_a_reload(editor: Callable[..., Editor]) -> None:
    e = editor("market")
    e.card("stalls").click()
    e.inspector.get_by_label("Label", exact=True).fill("Fish stalls")
    e.inspector.get_by_label("Kind").select_option("dialogue")
    expect(e.page.locator(".ge-state")).to_contain_text("Not saved yet")
    e.open()
    expect(e.card("stalls")).to_contain_text("Fish stalls")
    expect(e.card("stalls")).to_contain_text("Dialogue")
    e.press("Undo: Changing the kind (Ctrl+Z)")
    expect(e.card("stalls")).to_contain_text("Clip")
    e.press("Undo: Renaming (Ctrl+Z)")
    expect(e.card("stalls").locator("b")).to_have_text("stalls")
    expect(e.page.locator(".ge-state")).to_have_text("Saved")
    e.press("Redo: Renaming (Ctrl+Y)")
    e.save()
    assert graph_of(e.scene)["nodes"]["stalls"]["label"] == "Fish stalls"
    e.open()
    expect(e.page.locator(".ge-state")).to_have_text("Saved")

    # The JSON beside the form: a slip is told and changes nothing, and it brings what no form shows.
    e.card("stalls").click()
    text = e.inspector.get_by_label("The node as JSON")
    text.fill('{"kind": "video", ')
    expect(e.inspector.get_by_text("Back to what it was")).to_be_visible()
    text.fill('{"kind": "video", "label": "Typed", "asset_id": null, "loopable": true, "skippable": true, "meta": {"extensions": {"mine": []}}}')
    e.save()
    assert graph_of(e.scene)["nodes"]["stalls"]["meta"] == {"extensions": {"mine": []}}


def test_the_editor_is_fit_to_be_seen(editor: Callable[..., Editor]) -> None:
    e = editor()
    for width, high in SIZES.items():
        for scheme in ("dark", "light"):
            e.author.name = f"{width}-{scheme}"
            e.page.set_viewport_size({"width": width, "height": high})
            e.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            e.open()
            e.author.fine("graph")
            e.press("Show everything (F)")
            e.card("node2").click()
            expect(e.inspector.get_by_role("heading", name="Ways out")).to_be_visible()
            e.author.fine("graph-node")
    e.press("Close the inspector")
    e.press("Keys (?)")
    e.author.fine("graph-keys")


def test_without_script_the_page_leads_to_the_forms(visit: Callable[..., Visitor], quay: World) -> None:
    author = visit(script=False)
    log_in(author, "author")
    scene = Scene.objects.get(world=quay, key="market")
    author.goto(f"/admin/scenes/scene/{scene.pk}/graph/")
    author.page.get_by_role("link", name="forms").click()
    assert author.page.url.endswith(f"/scene/{scene.pk}/change/")
    assert author.page.get_by_role("link", name="Graph", exact=True).get_attribute("href").endswith("/graph/")
