"""The story analysis: read, played to, and a crowd of random players looked at – on a desk and on a phone, by day and by night."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import timezone

from sessions import story_reports
from sessions.models import StoryReport
from sessions.publishing import draft_release
from sessions.releases import spec_of
from worlds.models import World

from .conftest import Visitor

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_an_author_reads_what_can_be_reached_and_goes_there(district: World, visit: Callable[..., Visitor], width: int, scheme: str) -> None:
    report = story_reports.order_analysis(world=district, actor=district.owner)
    spec = spec_of(draft_release(world=district, actor=district.owner))
    result = story_reports.made(spec, "analysis", {"steps": "1500"})
    StoryReport.objects.filter(pk=report.pk).update(status="done", result=result)
    crowd = story_reports.order_players(world=district, actor=district.owner, players=30, moves=30, seed=1)
    story_reports.make(crowd.pk, now=timezone.now())
    author = visit(width, scheme=scheme)
    author.log_in("author")
    author.goto(f"/author/worlds/{district.pk}/analysis/")
    author.sees("What can be reached")
    author.sees("30 players")
    assert author.page.locator("img.plot").evaluate("image => image.complete && image.naturalWidth > 0")
    author.fine("analysis")
    author.page.get_by_text("Nodes that can be reached").click()
    author.page.locator("details[open] button").first.click()
    author.page.wait_for_url("**/play/*/")
