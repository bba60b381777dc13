"""The graph editor with a scene of a thousand nodes, and under fingers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from scenes.models import Scene, SceneEdge, SceneNode
from tests.browser.graph_page import Editor, editor, graph_of, quay
from worlds.models import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
__all__ = ["editor", "quay"]  # fixtures
CARD = (224, 164)
DRAWN = "document.querySelectorAll('.react-flow__node').length"
VIEW = "() => { const { a, e, f } = new DOMMatrix(getComputedStyle(document.querySelector('.react-flow__viewport')).transform); return [a, e, f]; }"


@pytest.fixture
def thousand(quay: World) -> Scene:
    """Forty strands of twenty-five nodes from one beginning, lying in rows."""
    scene = Scene.objects.get(world=quay, key="market")
    made = SceneNode.objects.bulk_create(
        SceneNode(scene=scene, key=f"n{number}", position=number + 1, label=f"Node {number}", meta={"position": spot(number)})
        for number in range(1000)
    )
    SceneEdge.objects.bulk_create(
        SceneEdge(
            scene=scene, key=f"e{number}", position=number, source=made[0 if number % 25 == 1 else number - 1], target=made[number], label="Go on"
        )
        for number in range(1, 1000)
    )
    Scene.objects.filter(pk=scene.pk).update(entry_node="n0")
    return scene


def spot(number: int) -> dict[str, int]:
    return {"x": 460 * (number % 32), "y": 240 * (number // 32)}


def save(e: Editor) -> None:
    """A thousand nodes take their time."""
    e.press("Save", exact=True)
    expect(e.page.locator(".ge-state")).to_have_text("Saved", timeout=60_000)


def places(scene: Scene) -> dict[str, dict[str, int]]:
    return {key: node["meta"]["position"] for key, node in graph_of(scene)["nodes"].items() if key.startswith("n") and key[1:].isdigit()}


def test_of_a_thousand_nodes_only_those_in_view_are_drawn(editor: Callable[..., Editor], thousand: Scene) -> None:
    e = editor("market")
    assert 0 < e.page.evaluate(DRAWN) < 60
    e.press("Search (/)")
    e.page.get_by_role("searchbox").fill("Node 777")
    e.page.keyboard.press("Enter")
    expect(e.card("n777")).to_be_focused()
    assert e.page.evaluate(DRAWN) < 60
    box = e.card("n777").bounding_box()
    e.page.mouse.move(box["x"] + 20, box["y"] + box["height"] + 25)  # between the rows
    e.page.mouse.down()
    e.page.mouse.move(box["x"] - 200, box["y"] - 80, steps=5)
    e.page.mouse.up()
    e.page.mouse.wheel(0, -100)
    expect(e.card("n777")).to_be_attached()
    assert 0 < e.page.evaluate(DRAWN) < 60
    e.card("n777").focus()
    e.page.keyboard.press("Alt+ArrowRight")
    save(e)
    assert graph_of(thousand)["nodes"]["n777"]["meta"]["position"] == {"x": spot(777)["x"] + 20, "y": spot(777)["y"]}


def test_a_thousand_nodes_are_tidied_in_a_worker_without_overlap_and_back_again(editor: Callable[..., Editor], thousand: Scene) -> None:
    e = editor("market")
    before = places(thousand)
    with e.page.expect_event("worker") as worker:
        e.press("Tidy")
    assert worker.value.url.endswith("tidy-worker.js")
    expect(e.page.locator(".ge-said")).to_have_text("Tidied.", timeout=60_000)
    save(e)
    after = places(thousand)
    assert set(after) == set(before)
    assert after != before
    boxes = sorted((place["x"], place["y"], key) for key, place in after.items())
    for index, (x, y, key) in enumerate(boxes):
        for right, below, other in boxes[index + 1 :]:
            if right >= x + CARD[0]:
                break
            assert abs(below - y) >= CARD[1], f"{key} and {other} lie on each other"
    e.press("Undo")
    save(e)
    assert places(thousand) == before


class Fingers:
    """Touches by the browser's own protocol: Playwright only taps."""

    def __init__(self, page: Any) -> None:
        self.cdp = page.context.new_cdp_session(page)

    def _send(self, kind: str, *points: tuple[float, float]) -> None:
        touches = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
        self.cdp.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

    def move(self, *ways: tuple[tuple[float, float], tuple[float, float]], steps: int = 8) -> None:
        """Each finger from one point to another, all at once."""
        self._send("touchStart", *(start for start, _ in ways))
        for step in range(1, steps + 1):
            share = step / steps
            self._send("touchMove", *((a + (c - a) * share, b + (d - b) * share) for (a, b), (c, d) in ways))
        self._send("touchEnd")


@pytest.mark.parametrize("width", [1280, 390])
def test_fingers_drag_a_card_pan_and_pinch(editor: Callable[..., Editor], thousand: Scene, width: int) -> None:
    e = editor("market", width=width, touch=True)
    fingers = Fingers(e.page)
    card = e.card("n0")
    card.wait_for()
    box = card.bounding_box()
    zoom, left, top = e.page.evaluate(VIEW)
    free = box["x"] + box["width"] / 2, box["y"] + box["height"] + 25  # below the card, between the rows
    fingers.move((free, (free[0] + 40, free[1] + 60)))
    e.page.wait_for_function(
        f"([x, y]) => {{ const [, e, f] = ({VIEW})(); return Math.abs(e - x) < 12 && Math.abs(f - y) < 12; }}", arg=[left + 40, top + 60]
    )
    assert e.page.evaluate(VIEW)[0] == zoom

    box = card.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + 20
    fingers.move(((x, y), (x + 60, y + 50)))
    save(e)
    moved = graph_of(thousand)["nodes"]["n0"]["meta"]["position"]
    assert abs(moved["x"] - spot(0)["x"] - 60 / zoom) < 20
    assert abs(moved["y"] - spot(0)["y"] - 50 / zoom) < 20
    assert places(thousand)["n1"] == spot(1)

    pane = e.page.locator(".react-flow__pane").bounding_box()
    middle = pane["x"] + pane["width"] / 2, pane["y"] + 90
    before = e.page.evaluate(VIEW)[0]
    fingers.move(((middle[0] - 30, middle[1]), (middle[0] - 100, middle[1])), ((middle[0] + 30, middle[1]), (middle[0] + 100, middle[1])))
    e.page.wait_for_function(f"(zoom) => ({VIEW})()[0] > zoom * 1.3", arg=before)
