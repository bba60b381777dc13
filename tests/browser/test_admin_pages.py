"""Every page of the author's door in Chromium: nothing for axe, the console or the CSP to say, nothing wider than the window."""

from __future__ import annotations

import os
from typing import Any

import pytest

from tests.author_pages import Stage, addresses, stage_in
from tests.playing import account
from worlds.models import World

from .conftest import SHOTS, SIZES

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LOOKS = (("light", 1280, False), ("dark", 1280, True), ("dark", 390, False), ("light", 390, True))
"""Scheme, width, and whether it differs from the look before in nothing but its colours."""
AXE = """async (onlyColours) => (await axe.run(document, {
  resultTypes: ['violations'], preload: false, iframes: false, ...(onlyColours ? { runOnly: { type: 'rule', values: ['color-contrast'] } } : {}),
})).violations.map((one) => [one.id, one.nodes[0].target.join(' ')])"""
DRAWN = """() => !document.querySelector('.ge-loading') && [...document.querySelectorAll('textarea[data-form]')].every(
  (one) => one.name.includes('__prefix__') || one.closest('.builder'))"""
PICTURES = "PAGE_SHOTS" in os.environ
"""Pictures of all of them, for people: some hundreds, so only where they are asked for."""


@pytest.fixture
def stage(district: World) -> Stage:
    return stage_in(district, account("stella", staff=True, superuser=True))


@pytest.mark.parametrize("part", [0, 1])
def test_no_page_has_anything_wrong_in_light_and_dark_wide_and_narrow(visit: Any, stage: Stage, part: int) -> None:
    """Half of the pages each time, because there are many. A page is opened once; its looks change as a reader's window and lamp would."""
    from axe_playwright_python.sync_playwright import Axe

    author = visit(scheme="light")
    page = author.page
    author.log_in("stella")
    wrong: list[str] = []
    for name, address in list(addresses(stage).items())[part::2]:
        answer = author.goto(address)
        assert answer.status == 200, address
        page.wait_for_function(DRAWN)
        author.listening = False  # axe brings its own inline styles
        page.evaluate(Axe().axe_script)
        for scheme, width, only_colours in LOOKS:
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size({"width": width, "height": SIZES[width]})
            author.settle()
            if PICTURES:
                page.screenshot(path=SHOTS / "all" / f"{name.replace(':', '_')}-{width}-{scheme}.png", full_page=True)
            if not page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
                wrong.append(f"{name} is wider than {width}")
            wrong += [f"{name} {scheme} {width}: {rule} at {where}" for rule, where in page.evaluate(AXE, only_colours)]
        page.emulate_media(color_scheme="light")
        page.set_viewport_size({"width": 1280, "height": SIZES[1280]})
        author.listening = True
    assert not wrong, "\n".join(wrong)
