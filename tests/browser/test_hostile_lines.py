"""What a model says is text on the page, whatever it says; and what staff see of its server."""

from __future__ import annotations

from typing import Any

import pytest

from generation.language import endpoints
from pixsim.lib.encryption import new_key
from tests.fake_models.modes import EVIL
from tests.playing import account

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
UNSEEN = "\x1b\u202e\u200b\U000e0041"


def hostile(number: int) -> dict[str, Any]:
    some = [EVIL[(number + step) % len(EVIL)] for step in range(4)]
    return {
        "reply": f"Look {number}: {' '.join(some)}{UNSEEN}",
        "emotion": some[0],
        "effects": {"relationships": [{"axis": "affinity", "change": 100}], "flags": ["<b>flag</b>"]},
        "choices": [{"label": f"Answer {number} {evil}", "tone": evil, "effects": {}} for evil in some],
        "memory": {"topic": some[1], "summary": some[2], "importance": 5},
    }


def test_no_markup_of_a_model_is_ever_rendered(visit: Any, district: Any, fake_models: Any, settings: Any) -> None:
    settings.APP_FIELD_KEYS = new_key()
    endpoints.create_endpoint(key="house", base_url=fake_models.base_url, dialogue_model="fake", is_default=True, timeout_sec=15)
    player = visit()
    player.log_in("player")
    player.press("New game")
    player.live()
    player.press("Head to the Tavern")
    player.page.locator("[data-continue] button").click()
    player.page.locator(".npc", has_text="Captain Mara").wait_for()
    fake_models.answers(*(hostile(number) for number in range(3)))
    player.press("Talk")
    player.sees("Look 0: <script>")
    for number in (1, 2):
        player.page.get_by_role("button", name=f"Answer {number - 1} ").first.click()
        player.sees(f"Look {number}:")
    body = player.page.locator("body")
    text = body.inner_text()
    assert "</p></li></main><h1>gone</h1>" in text
    assert not any(letter in text for letter in UNSEEN)
    assert player.page.evaluate("window.hacked") is None
    strange = "img[src='x'], svg[onload], a[href^='javascript:'], [onerror], [onload], body style, h1:text-is('gone'), iframe"
    assert player.page.locator(strange).count() == 0
    assert player.page.evaluate("[...document.scripts].filter((one) => !one.src && one.type !== 'application/json').length") == 0
    player.page.reload()
    player.sees("Look 2:")
    assert player.page.evaluate("window.hacked") is None
    assert player.page.locator(strange).count() == 0


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_staff_test_a_server_and_see_each_step_down(
    visit: Any, transactional_db: None, fake_models: Any, settings: Any, width: int, scheme: str
) -> None:
    settings.APP_FIELD_KEYS = new_key()
    account("boss", author=True, staff=True)
    row = endpoints.create_endpoint(key="house", base_url=fake_models.base_url, dialogue_model="fake-json", node_model="fake", secret="sk-0123456789")
    boss = visit(width, scheme=scheme)
    boss.log_in("boss")
    boss.goto(f"/admin/generation/modelendpoint/{row.pk}/change/")
    boss.press("Test connection")
    boss.sees("fake-json answers as json_object")
    boss.sees("fake answers in our schema")
    boss.page.locator(".rung.bad", has_text="json_schema").wait_for()
    boss.page.locator(".rung.good", has_text="json_object").wait_for()
    boss.fine("model-endpoint")
