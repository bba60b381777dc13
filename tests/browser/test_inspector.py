"""The prompt inspector: a list of lines, one of them with all it came from, two beside each other – on a desk and on a phone, by day and by night."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from npcs.writers import Usage
from sessions import queries, services
from tests.lines import keep_line
from tests.playing import account
from worlds.models import World

from .conftest import Visitor

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("width", "scheme"), [(1280, "dark"), (390, "light")])
def test_an_author_reads_why_mara_said_that(district: World, visit: Callable[..., Visitor], width: int, scheme: str) -> None:
    session = queries.fresh(services.start(user=account("ada"), world=district).session.pk)
    keep_line(
        session, text="<b>Smart.</b> The sea provides for those who respect it.", said="I heard there's good coin to be made.", writer="openai",
        model="llama3.2:3b", usage=Usage(prompt_tokens=1183, completion_tokens=71, cached_tokens=640, cost=412), latency_ms=1240, emotion="friendly",
        ladder=("json_schema", "json_object"), raw='{"reply": "<b>Smart.</b> The sea …", "emotion": "friendly"}',
        proposed={"relationships": {"affinity": 40, "trust": 2}}, choices=({"label": "Count me in.", "tone": "friendly"},),
        result={"changes": [{"path": "relationships.npc_1.affinity", "before": 30, "after": 35, "label": "+5 Affinity"}],
                "clamped": [{"path": "relationships.affinity", "wanted": 40, "got": 5, "why": "per_turn"}], "offered": [{"label": "Count me in."}]},
    )  # fmt: skip
    services.patch(session=session, values={"relationships": {"captain_mara": {"affinity": 85, "tension": 35}}})
    session = queries.fresh(session.pk)
    keep_line(session, text="There you are. I'd begun to count the tides.", fallback="The model did not answer in 20 seconds.")
    author = visit(width, scheme=scheme)
    author.log_in("author")
    author.goto(f"/admin/game_sessions/gamesession/{session.pk}/change/")
    author.page.get_by_role("link", name="Prompts and lines").click()
    author.sees("There you are. I'd begun to count the tides.")
    author.fine("turns")
    author.page.get_by_role("link", name="Captain Mara: “<b>Smart.</b>").click()
    author.sees("Why this line")
    assert author.page.locator("mark.from-trait").count() > 5
    assert author.page.locator("b", has_text="Smart.").count() == 0  # text stays text
    author.fine("turn")
    author.page.get_by_role("link", name="Later line").click()
    author.sees("The model did not answer in 20 seconds.")
    author.page.get_by_role("link", name="Beside the earlier one").click()
    author.sees("Two turns side by side")
    author.sees("Affinity 85: close friend")
    author.fine("turns-compare")
    author.goto(f"/author/worlds/{district.pk}/turns/")
    author.page.get_by_role("button", name="Put two side by side").click()
    author.sees("Two turns side by side")
