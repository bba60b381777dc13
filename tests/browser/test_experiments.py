"""The pages of experiments, of the funnel and of sessions in a real browser, after a crowd has played: readable, narrow and wide, light and dark."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

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
    visitor.press("Next")
    gentle = page.get_by_role("group", name="Variant B")
    gentle.get_by_label("Agreeableness").fill("0.95")
    expect(gentle.get_by_label("Agreeableness")).to_have_value("0.95")
    expect(gentle.locator("output[for=b-agreeableness]")).to_have_text("0.95")
    gentle.get_by_label("Voice").fill("soft and slow")
    visitor.fine("experiment-person")
    visitor.press("Define it")
    visitor.sees("What their writers are told")
    visitor.fine("experiment-new")
    made = Experiment.objects.get(key="a_gentle_mara")
    assert (made.status, made.patch_b) == ("draft", {"personality": {"agreeableness": 0.95, "voice_style": "soft and slow"}})

    # A branch: its words, and what it asks for, picked and not written.
    page = narrow.page
    page.get_by_label("Title", exact=True).fill("A door with a price")
    page.get_by_label("What varies").select_option("scenes/s/edges/win")
    narrow.press("Next")
    priced = page.get_by_role("group", name="Variant B")
    priced.get_by_label("What the player reads").fill("Take it all")
    rules = priced.locator(".rule", has_text="When it is open").locator(".builder")
    rules.locator(".sf-adder select").first.select_option(label="Affinity at least")
    rules.locator(".sf-adder button").first.click()
    rules.locator("input[type=number]").first.fill("40")
    narrow.fine("experiment-branch")
    narrow.press("Define it")
    narrow.sees("A door with a price")
    made = Experiment.objects.get(key="a_door_with_a_price")
    assert (made.patch_a, made.patch_b) == ({}, {"label": "Take it all", "conditions": {"min_affinity": 40}})
