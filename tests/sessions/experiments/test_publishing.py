"""Experiments under a world that is published anew: what is renamed is followed, what would be lost is counted, and nobody is stopped."""

from __future__ import annotations

from typing import Any

import pytest

from pixsim.models import User
from scenes.models import SceneEdge, SceneNode
from sessions import migrating, proofs, queries, services
from sessions.engine import Choose, Continue, options
from sessions.experiments import variants
from sessions.models import GameSession
from sessions.publishing import publish
from sessions.releases import spec_of
from tests.playing import published
from tests.sessions.experiments.test_variants import BARRED, owner, player_of, running, story
from worlds.models import World
from worlds.services import authored

pytestmark = pytest.mark.django_db
__all__ = ["owner"]  # a fixture
QUIET = {"meta": {"text": "It is quiet here."}}


@pytest.fixture
def world(owner: User) -> World:
    return published(story(), owner=owner)


def again(world: World) -> World:
    return World.objects.get(pk=world.pk)


def in_the_hall(experiment: Any, letter: str, world: World) -> GameSession:
    session = services.start(user=player_of(experiment, letter), world=world).session
    session = services.move(session=session, action=Continue()).session
    assert session.state["at"]["node"] == "hall"
    return session


def test_a_variant_records_all_that_its_release_does(world: World, owner: User) -> None:
    experiment = running(world, owner)
    with authored(again(world), owner, world.scenes.get()):
        SceneNode.objects.filter(scene__world=world, key="hall").update(key="lobby")
    base = publish(world=again(world), actor=owner, renamed={"s/hall": "s/lobby"}).release
    made = variants.release_for(base, experiment.variant("b"))
    assert made.pk != base.pk
    assert (made.ids, made.base_id, made.number) == (base.ids, base.pk, None)
    whole, varied = spec_of(base).document, spec_of(made).document
    assert varied["renamed"] == whole["renamed"] == {"s/hall": "s/lobby"}
    assert [name for name in whole if whole[name] != varied[name]] == ["npcs"]


@pytest.mark.parametrize("subject", ["npcs/mara", "scenes/s/nodes/hall", "scenes/s/edges/win"])
def test_sessions_on_a_variant_survive_a_publish_that_renames_the_node_they_stand_on(world: World, owner: User, subject: str) -> None:
    patch = {"npcs/mara": {"personality": {"agreeableness": 0.95}}, "scenes/s/nodes/hall": QUIET, "scenes/s/edges/win": BARRED}[subject]
    experiment = running(world, owner, subject=subject, patch_b=patch)
    sessions = {letter: in_the_hall(experiment, letter, world) for letter in "ab"}
    with authored(again(world), owner, world.scenes.get()):
        SceneNode.objects.filter(scene__world=world, key="hall").update(key="lobby")
    told = migrating.preview(again(world))
    gone = next(one for one in told["affected"] if one["kind"] == "node")
    assert (told["sessions"], gone["key"], gone["sessions"]) == (2, "s/hall", 2)
    publish(world=again(world), actor=owner, renamed={"s/hall": "s/lobby"})
    for letter, session in sessions.items():
        now = services.current(queries.fresh(session.pk))
        spec = spec_of(now.release)
        assert now.state["at"] == {"scene": "s", "node": "lobby"}
        assert now.variant == experiment.variant(letter)
        if subject == "scenes/s/nodes/hall":
            assert ("It is quiet here." in str(spec.scene("s").nodes["lobby"].meta)) == (letter == "b"), "what varies is followed under its new name"
        open_now = {option.action.edge for option in options(spec, queries.state_of(now)) if isinstance(option.action, Choose)}
        assert open_now == ({"leave"} if (subject, letter) == ("scenes/s/edges/win", "b") else {"win", "leave"})
        moved = services.move(session=now, action=Choose(edge="leave"))
        assert proofs.verify(moved.session) == []


def test_before_publishing_a_player_is_measured_by_what_his_own_variant_becomes(world: World, owner: User) -> None:
    experiment = running(world, owner, subject="scenes/s/edges/win", patch_b=BARRED)
    for letter in "ab":
        in_the_hall(experiment, letter, world)
    assert migrating.preview(again(world))["affected"] == [], "nothing has changed"
    with authored(again(world), owner, world.scenes.get()):
        SceneEdge.objects.filter(scene__world=world, key="win").update(conditions={"flags": ["invited"]})
    (gate,) = migrating.preview(again(world))["affected"]
    assert (gate["key"], gate["sessions"]) == ("edge/s/win", 1), "for B it was shut before"
    with authored(again(world), owner, world.scenes.get()):
        SceneEdge.objects.filter(scene__world=world, key="win").update(conditions={})
        SceneEdge.objects.filter(scene__world=world, key="leave").update(label="Go away")
    assert migrating.preview(again(world))["affected"] == []


def test_a_variant_that_opens_what_is_shut_is_no_loss_on_the_next_publish(world: World, owner: User) -> None:
    with authored(again(world), owner, world.scenes.get()):
        SceneEdge.objects.filter(scene__world=world, key="win").update(conditions=BARRED["conditions"])
    publish(world=again(world), actor=owner)
    experiment = running(again(world), owner, subject="scenes/s/edges/win", patch_b={"conditions": None})
    in_the_hall(experiment, "b", again(world))
    with authored(again(world), owner, world.scenes.get()):
        SceneEdge.objects.filter(scene__world=world, key="leave").update(label="Go away")
    assert migrating.preview(again(world))["affected"] == [], "he keeps the open way: his variant has it"
