"""Where the graph editor meets others: a second author, and the machines that make clips."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from generation.models import Asset, Generation
from scenes.models import SceneNode
from tests.browser.graph_page import Editor, editor, graph_of, quay
from tests.browser.test_control_center import work
from tests.playing import account
from worlds.models import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
__all__ = ["editor", "quay"]  # fixtures
WATCH = """() => {
  window.said = [];
  const look = () => { const now = document.querySelector('.react-flow__node[data-id=node4] .ge-job')?.textContent; if (now && now !== window.said.at(-1)) window.said.push(now); };
  new MutationObserver(look).observe(document.querySelector('.ge-canvas'), { childList: true, subtree: true, characterData: true });
}"""


def test_of_two_authors_at_one_scene_neither_loses_anything_unasked(editor: Callable[..., Editor], quay: World) -> None:
    account("ren", staff=True)
    e, ren = editor(), editor(author="ren")
    for one in (e, ren):
        expect(one.card("node4")).to_be_visible()

    # Different things: what one saves appears at the other, whose own unsaved work stays.
    e.card("node1").click()
    e.inspector.get_by_label("Label", exact=True).fill("Arrival")
    ren.card("node4").click()
    ren.inspector.get_by_label("Label", exact=True).fill("Docks")
    ren.save()
    expect(e.card("node4")).to_contain_text("Docks", timeout=15_000)
    expect(e.page.get_by_text("“Docks” was changed: its label by ren").first).to_be_visible()
    expect(e.card("node1")).to_contain_text("Arrival")
    e.save()
    assert [graph_of(e.scene)["nodes"][key]["label"] for key in ("node1", "node4")] == ["Arrival", "Docks"]

    # The same thing: both versions are shown before anything is written.
    expect(ren.card("node1")).to_contain_text("Arrival", timeout=15_000)
    ren.card("node4").click()
    ren.page.keyboard.press("Alt+ArrowDown")
    ren.save()
    e.card("node4").click()
    e.inspector.get_by_label("Label", exact=True).fill("Old docks")
    ren.inspector.get_by_label("Label", exact=True).fill("New docks")
    ren.save()
    e.press("Save", exact=True)
    dialog = e.page.get_by_role("dialog", name="The scene was changed meanwhile")
    expect(dialog.get_by_text("“New docks” was changed: its label by ren")).to_be_visible()
    expect(dialog.get_by_text("“Old docks” was changed by you")).to_be_visible()
    expect(dialog.get_by_text("Both of you changed “Old docks”")).to_be_visible()
    e.author.fine("graph-conflict")
    dialog.get_by_role("button", name="Reload the other version").click()
    expect(e.card("node4")).to_contain_text("New docks")
    e.press("Undo: Taking the other version (Ctrl+Z)")
    expect(e.card("node4")).to_contain_text("Old docks")
    e.save()
    assert graph_of(e.scene)["nodes"]["node4"]["label"] == "Old docks"

    # And once more, overwriting on purpose; the history has what was there.
    expect(ren.card("node4")).to_contain_text("Old docks", timeout=15_000)
    ren.inspector.get_by_label("Label", exact=True).fill("Quiet docks")
    e.inspector.get_by_label("Label", exact=True).fill("Loud docks")
    e.save()
    ren.press("Save", exact=True)
    ren.page.get_by_role("dialog").get_by_role("button", name="Overwrite with mine").click()
    ren.saved()
    assert graph_of(e.scene)["nodes"]["node4"]["label"] == "Quiet docks"


def test_a_clip_is_generated_and_attached_without_leaving_the_graph(editor: Callable[..., Editor], quay: World) -> None:
    Asset.objects.all().delete()
    e = editor()
    e.page.keyboard.press("Escape")
    e.card("node4").click()
    e.page.keyboard.press("g")
    panel = e.page.get_by_role("region", name="Generate a clip for node4")
    prompt = panel.get_by_role("textbox", name="Prompt")
    expect(prompt).to_be_focused()
    prompt.fill("Fog over the quay, a lamp on a pole")
    assert "this machine" in panel.get_by_label("Provider").locator("option:checked").inner_text()
    panel.get_by_label("Seconds").fill("1")
    panel.get_by_label("Quality").select_option("low")
    expect(panel.get_by_text("– made on this machine.")).to_be_visible()
    e.author.fine("graph-generate")
    e.page.evaluate(WATCH)
    panel.get_by_role("button", name="Generate", exact=True).click()
    expect(e.card("node4").locator(".ge-job")).to_be_visible()
    worker = threading.Thread(target=work)
    worker.start()
    expect(e.card("node4").locator("img")).to_be_visible(timeout=90_000)
    worker.join(60)
    job = Generation.objects.get()
    node = SceneNode.objects.get(scene=e.scene, key="node4")
    assert node.asset_id == job.asset_id
    assert any(words.startswith("Generating") for words in e.page.evaluate("window.said")), e.page.evaluate("window.said")
    expect(e.page.locator(".ge-state")).to_contain_text("Not saved yet")  # the prompt, kept with the node
    e.save()
    node.refresh_from_db()
    assert node.asset_id == job.asset_id, "the machine's own change is no conflict"
    assert node.meta["generationConfig"]["prompt"] == "Fog over the quay, a lamp on a pole"
