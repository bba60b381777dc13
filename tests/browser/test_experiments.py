"""The pages of experiments, of the funnel and of sessions in a real browser, after a crowd has played: readable, narrow and wide, light and dark."""

from __future__ import annotations

from typing import Any

import pytest

from sessions.experiments import funnels
from sessions.experiments.models import Experiment
from tests.playing import account, published
from tests.sessions.experiments.crowd import play, players
from tests.sessions.experiments.test_variants import BARRED, running, story
from worlds.models import World

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


def test_an_author_reads_what_became_of_a_crowd_and_defines_the_next_experiment(visit: Any) -> None:
    owner = account("ada", author=True)
    world: World = published(story(), owner=owner)
    trial = running(
        world, owner, key="barred", title="A key for the vault", subject="scenes/s/edges/win", patch_b=BARRED, planned=30, hypothesis="Fewer win."
    )
    play(world, players(80), moves=6)
    funnels.count(world.pk)
    visitor = visit(scheme="light")
    visitor.log_in("ada")
    narrow = visit(390)
    narrow.page.context.add_cookies(visitor.page.context.cookies())
    for path, name, words in (
        (f"/author/experiments/{trial.pk}/", "experiment", "Reached an ending"),
        (f"/author/worlds/{world.pk}/funnel/", "funnel", "Not before: Has key"),
        (f"/author/worlds/{world.pk}/sessions/", "sessions", "Last played"),
        (f"/author/worlds/{world.pk}/experiments/", "experiments", "A key for the vault"),
    ):
        for window in (visitor, narrow):
            window.goto(path)
            window.sees(words)
            window.fine(name)
    page = visitor.page
    page.get_by_label("Title", exact=True).fill("A gentle Mara")
    page.get_by_label("What varies").select_option("npcs/mara")
    page.get_by_label("Changes (JSON)").last.fill('{"personality": {"agreeableness": 0.95, "voice_style": "soft and slow"}}')
    visitor.press("Define it")
    visitor.sees("What their writers are told")
    visitor.fine("experiment-new")
    assert Experiment.objects.get(key="a_gentle_mara").status == "draft"
