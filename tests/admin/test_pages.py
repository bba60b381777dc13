"""The pages of the author's door, each of them: that we know them all, and that a long list asks the database no more than a short one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from generation.models import Asset, AssetLineage, Generation
from npcs.models import Expression, Npc, ScheduleSlot
from pixsim.models import User
from scenes.models import Hotspot, Scene, SceneEdge, SceneNode
from sessions import services
from sessions.experiments.models import Experiment, FunnelRow
from sessions.models import ConversationMemory, DialogueTurn, GameSession, StoryTest, StoryTestRun
from tests.author_pages import EXCLUDED, PAGES, Stage, addresses, names, of_models, stage_in
from tests.documents import harbor
from tests.playing import account, published
from tests.rows import add_rows
from worlds.models import Location, World, WorldHistory

pytestmark = pytest.mark.django_db

LISTS: dict[str, tuple[Any, ...]] = {
    "admin:index": (World, GameSession),
    "admin:worlds_location_map": (Location,),
    "admin:worlds_world_history": (WorldHistory,),
    "admin:npcs_npc_change": (ScheduleSlot, Expression),
    "admin:scenes_hotspot_place": (Hotspot, Scene),
    "admin:scenes_scene_change": (SceneNode, SceneEdge),
    "asset_page": (AssetLineage,),
    "control_center": (Generation, World),
    "fill_gaps": (SceneNode,),
    "gallery": (Asset,),
    "memories": (ConversationMemory, GameSession),
    "playtest_setup": (Npc, Location),
    "publish_world": (Npc, Location, Scene),
    "session_turns": (DialogueTurn,),
    "story_test_page": (StoryTestRun,),
    "story_tests": (StoryTest, StoryTestRun),
    "studio": (Npc, Location),
    "world_analysis": (Scene,),
    "world_experiments": (Experiment,),
    "world_funnel": (FunnelRow,),
    "world_problems": (Npc, Location, Scene),
    "world_sessions": (GameSession,),
    "world_turns": (DialogueTurn,),
}
"""What the pages beside the admin's own lists show many of."""


@pytest.fixture
def stella() -> User:
    return User.objects.create_superuser("stella")


@pytest.fixture
def stage(stella: User) -> Stage:
    return stage_in(published(harbor(), owner=account("author", author=True)), stella)


@pytest.fixture
def door(stella: User) -> Client:
    client = Client()
    client.force_login(stella)
    return client


def test_every_url_is_looked_at_or_says_why_not(stella: User) -> None:
    known = {*of_models(stella)[0], *PAGES, *EXCLUDED}
    there = set(names())
    assert (there - known, known - there) == (set(), set())


def test_a_list_of_thirty_costs_no_more_than_one_of_three(stage: Stage, door: Client) -> None:
    """Every list of the admin by its registry, and the pages named above."""
    found: dict[str, tuple[int, int]] = {}
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
        found[name] = grown(door, reverse(name), lambda number, model=model: add_rows(model, number))
    for name, models in LISTS.items():
        found[name] = grown(door, addresses(stage)[name], lambda number, models=models: [add_rows(model, number) for model in models])
    found["timeline"] = grown(
        door, PAGES["timeline"](stage), lambda number: [services.note(session=stage.session, data={"said": one}) for one in range(number)]
    )
    assert {name: counts for name, counts in found.items() if counts[1] > counts[0]} == {}


def grown(door: Client, address: str, add: Callable[[int], Any]) -> tuple[int, int]:
    """The queries of a page with a few more rows – the first time, so with what is only asked once – and with many more."""
    add(3)
    few = cost(door, address)
    add(27)
    return few, cost(door, address)


def cost(door: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert door.get(address).status_code == 200, address
    return len(queries)
