"""Two hands that do the same things: one has a mouse, the other only keys.

A story told with a hand is told once. Both find things as a person does, by role and name; the keyboard's hand then has to get there, with Tab,
arrow keys and what the page says of its keys, and fails where it cannot.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Locator, expect

from tests.browser.conftest import Visitor
from tests.browser.graph_page import drag, middle

FAR: Final = 150
"""Tabs until a thing counts as out of reach."""
FIELDS: Final[tuple[Any, ...]] = ("textbox", "combobox", "spinbutton")
WHERE = """(target) => {
  const now = document.activeElement;
  if (!target.isConnected) return 'gone';
  if (now === target || target.contains(now)) return 'there';
  if (!now || now === document.body) return 'nowhere';
  return now.compareDocumentPosition(target) & Node.DOCUMENT_POSITION_PRECEDING ? 'behind' : 'ahead';
}"""


class Hand:
    """What both do alike: looking."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor, self.page = visitor, visitor.page
        self.page.set_default_timeout(10_000)

    def named(self, name: str, role: Any = "button", inside: Any = None) -> Locator:
        found: Locator = (inside or self.page).get_by_role(role, name=name, exact=True).locator("visible=true").first
        return found

    def field(self, label: str, inside: Any = None) -> Locator:
        """What is typed into or chosen from."""
        where = inside or self.page
        text, *others = (where.get_by_role(role, name=label, exact=True) for role in FIELDS)
        for other in others:
            text = text.or_(other)
        found: Locator = text.locator("visible=true").first
        return found

    def sees(self, text: str) -> None:
        expect(self.page.get_by_text(text).locator("visible=true").first).to_be_visible(timeout=20_000)

    def arrives(self, heading: str) -> None:
        expect(self.page.get_by_role("heading", name=heading, exact=True).locator("visible=true").first).to_be_visible(timeout=20_000)

    # -- by name ------------------------------------------------------------------------------------------------------
    def press(self, name: str, role: Any = "button", inside: Any = None) -> None:
        self.act(self.named(name, role, inside))

    def follow(self, name: str, inside: Any = None) -> None:
        self.press(name, "link", inside)

    def write(self, label: str, text: str, inside: Any = None, *, becomes: str | None = None) -> None:
        """Put `text` in place of what a field holds; `becomes` is what the field makes of it."""
        field = self.field(label, inside)
        self.go_to(field)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(text)
        expect(field).to_have_value(text if becomes is None else becomes)

    def choose(self, label: str, option: str, inside: Any = None) -> None:
        select = self.field(label, inside)
        self.take(select, option)
        expect(select.locator("option:checked")).to_have_text(option)

    def attach(self, label: str, file: Path) -> None:
        with self.page.expect_file_chooser() as asked:
            self.act(self.named(label))
        asked.value.set_files(file)

    # -- as the hand can ----------------------------------------------------------------------------------------------
    def act(self, target: Locator) -> None:
        """Press a button, follow a link, open a summary."""
        raise NotImplementedError

    def go_to(self, target: Locator) -> None:
        """Give it the focus."""
        raise NotImplementedError

    def take(self, select: Locator, option: str) -> None:
        raise NotImplementedError

    def pick(self, name: str, inside: Any = None) -> None:
        """One of some radio buttons."""
        raise NotImplementedError

    def item(self, name: str) -> None:
        """One of an open menu."""
        raise NotImplementedError

    def card(self, title: str) -> None:
        """Select a card of the graph."""
        raise NotImplementedError

    def connect(self, source: str, target: str) -> None:
        """A way that goes on by itself between two cards, by their titles."""
        raise NotImplementedError

    def draw_slot(self, day: int, start: int, end: int) -> None:
        """A slot of a week: day 1 = Monday, whole hours."""
        raise NotImplementedError

    def object(self, name: str) -> None:
        """Choose an object of a place's 3-D model."""
        raise NotImplementedError


class Mouse(Hand):
    def act(self, target: Locator) -> None:
        target.click()

    def go_to(self, target: Locator) -> None:
        target.click()

    def take(self, select: Locator, option: str) -> None:
        select.select_option(label=option)  # the list that a browser opens lies outside of its page

    def pick(self, name: str, inside: Any = None) -> None:
        self.named(name, "radio", inside).click()

    def item(self, name: str) -> None:
        self.press(name, "menuitem")

    def _card(self, title: str) -> Locator:
        found: Locator = self.page.locator(".react-flow__node", has=self.page.get_by_text(title, exact=True))
        return found

    def card(self, title: str) -> None:
        self._card(title).click(position={"x": 100, "y": 90})

    def connect(self, source: str, target: str) -> None:
        ports = (self._card(source).locator(".react-flow__handle-right"), self._card(target).locator(".react-flow__handle-left"))
        for port in ports:
            port.hover()  # waits until the canvas has come to rest
        start, end = (middle(port.bounding_box()) for port in ports)
        drag(self.page, start, end)

    def draw_slot(self, day: int, start: int, end: int) -> None:
        column = self.page.locator(f".week-day[data-day='{day}']")
        column.scroll_into_view_if_needed()
        box = column.bounding_box() or {}
        hour, x = box["height"] / 24, box["x"] + box["width"] / 2
        drag(self.page, (x, box["y"] + (start + 0.02) * hour), (x, box["y"] + (end + 0.02) * hour))

    def object(self, name: str) -> None:
        self.page.locator("gltf-picker[data-state=ready]").wait_for(timeout=30_000)
        index = self.page.locator(f"input[data-name={name}]").get_attribute("value")
        x, y = self.page.evaluate("index => document.querySelector('gltf-picker').project(Number(index))", index)
        self.page.mouse.click(x, y)


class Keys(Hand):
    """Nothing here clicks: focus moves by Tab, Shift and Tab, arrows and the shortcuts that pages tell of."""

    def act(self, target: Locator) -> None:
        self.go_to(target)
        self.page.keyboard.press("Enter")

    def go_to(self, target: Locator) -> None:
        expect(target).to_be_enabled(timeout=20_000)
        self.page.wait_for_load_state()  # a page that is still coming may move the focus
        there = target.element_handle()
        keyboard = self.page.keyboard
        if there.evaluate(WHERE) == "nowhere":
            keyboard.press("Tab")
            if self.page.evaluate("document.activeElement.matches('.skip-to-content-link, .skip-link')"):
                keyboard.press("Enter")
        elif there.evaluate("one => Boolean(one.closest('.ge-inspector')) && document.activeElement.matches('.react-flow__node')"):
            keyboard.press("Enter")  # from a card into its form; Tab would first pass every other card
            expect(self.page.locator(".ge-inspector :focus")).to_have_count(1)
        for _ in range(FAR):
            where = there.evaluate(WHERE)
            if where == "there":
                return
            if where == "gone":  # drawn anew meanwhile
                there = target.element_handle()
            else:
                keyboard.press("Shift+Tab" if where == "behind" else "Tab")
        raise AssertionError(f"Tab never reached {target}")

    def take(self, select: Locator, option: str) -> None:
        self.go_to(select)
        self.page.keyboard.type(option)

    def pick(self, name: str, inside: Any = None) -> None:
        wanted = self.named(name, "radio", inside)
        wanted.wait_for()
        group = wanted.get_attribute("name")
        self.go_to(self.page.locator(f"input[name={group}]:checked"))
        down = wanted.evaluate(WHERE) != "behind"
        for _ in range(FAR):
            if wanted.evaluate(WHERE) == "there":
                return
            self.page.keyboard.press("ArrowDown" if down else "ArrowUp")
        raise AssertionError(f"Arrows never reached {name}")

    def item(self, name: str) -> None:
        wanted = self.named(name, "menuitem")
        wanted.wait_for()
        for _ in range(20):
            if wanted.evaluate(WHERE) == "there":
                self.page.keyboard.press("Enter")
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"There is no way to {name} in this menu")

    def card(self, title: str) -> None:
        self.press("Search (/)")
        self.page.keyboard.type(title)
        self.page.keyboard.press("Enter")
        expect(self.page.locator(".react-flow__node:focus", has_text=title)).to_be_visible()

    def connect(self, source: str, target: str) -> None:
        self.card(source)
        self.page.keyboard.press("c")
        dialog = self.page.get_by_role("dialog")
        self.choose("Leads to", target, dialog)
        self.press("Connect", inside=dialog)

    def draw_slot(self, day: int, start: int, end: int) -> None:
        self.press("Add a slot")
        block = self.page.locator(".block:focus")
        block.wait_for()
        keyboard = self.page.keyboard
        for _ in range(day - 1):
            keyboard.press("ArrowRight")
        for _ in range(2 * abs(start - 9)):  # a new slot lies from 9 to 10; an arrow moves it by half an hour
            keyboard.press("ArrowDown" if start > 9 else "ArrowUp")
        for _ in range(2 * (end - start - 1)):
            keyboard.press("Shift+ArrowDown")

    def object(self, name: str) -> None:
        self.pick(name)
