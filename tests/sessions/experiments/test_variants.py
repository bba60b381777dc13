"""Two variants of a person or a branch: who plays which, that they differ, and that a session stays whole on its own."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from django.utils import timezone

from npcs.prompts import cache
from pixsim.lib.errors import Conflict, Invalid
from pixsim.models import User
from scenes.models import SceneEdge
from sessions import dialogue, proofs, queries, services
from sessions.engine import Choose, Continue, Interact, Say, options
from sessions.experiments import services as experiments
from sessions.experiments import variants
from sessions.experiments.models import Experiment
from sessions.models import GameSession
from sessions.publishing import publish
from sessions.releases import spec_of
from tests.documents import document, edge, node, npc, place, scene
from tests.playing import account, published
from worlds.models import World, WorldRelease
from worlds.services import authored

pytestmark = pytest.mark.django_db

GENTLE = {"personality": {"agreeableness": 0.95, "voice_style": "soft and slow"}}
BARRED = {"conditions": {"flags": ["has_key"]}}


def story() -> dict[str, Any]:
    nodes = [node("start", free=True, meta={"free": True}), node("hall", "choice"), node("won", "end"), node("out", "end")]
    edges = [edge("on", "start", "hall"), edge("win", "hall", "won", "Win"), edge("leave", "hall", "out", "Leave")]
    for one in nodes:
        one.pop("free", None)
    talk = {"type": "inline_dialogue", "label": "Talk", "lines": [{"text": "Aye?"}], "choices": [{"id": "ask", "label": "Ask"}]}
    return document(
        manifest={"wait": "never", "enabled_features": ["dialogue"], "interactions": {"talk": talk}},
        locations=[place("harbor")],
        scenes=[scene("s", nodes, edges, is_entry=True, location="harbor")],
        npcs=[npc("mara", home="harbor", personality={"agreeableness": 0.2, "voice_style": "gruff"})],
    )


@pytest.fixture
def owner() -> User:
    return account("ada", author=True)


@pytest.fixture
def world(owner: User) -> World:
    return published(story(), owner=owner)


def define(world: World, owner: User, **values: Any) -> Experiment:
    given = {"key": "gentle", "title": "A gentle Mara", "subject": "npcs/mara", "patch_b": GENTLE, **values}
    return experiments.create(world=world, actor=owner, values=given)


def running(world: World, owner: User, **values: Any) -> Experiment:
    return experiments.start(experiment=define(world, owner, **values), now=timezone.now())


def player_of(experiment: Experiment, letter: str) -> User:
    """A player who is drawn to a variant."""
    for number in range(100):
        user = account(f"{letter}{number}")
        if variants.drawn(experiment, user.pk) == letter:
            return user
    raise AssertionError("Nobody was drawn there.")


def test_a_player_is_drawn_once_and_the_shares_come_out(world: World, owner: User) -> None:
    experiment = define(world, owner, share=30)
    drawn = Counter(variants.drawn(experiment, user) for user in range(4_000))
    assert drawn == Counter(variants.drawn(experiment, user) for user in range(4_000))
    assert 0.27 < drawn["b"] / 4_000 < 0.33
    again = Experiment(pk=experiment.pk, share=31, salt=experiment.salt)
    assert not [user for user in range(500) if variants.drawn(experiment, user) == "b" and variants.drawn(again, user) == "a"]


def test_the_variant_stands_in_the_session_its_state_and_its_log_and_every_new_game_gets_the_same(world: World, owner: User) -> None:
    experiment = running(world, owner)
    user = player_of(experiment, "b")
    for _ in range(2):
        session = services.start(user=user, world=world).session
        assert session.variant == session.state["variant"] == session.events.get().action["variant"] == "gentle/b"
    assert services.start(user=owner, world=world).session.variant == ""


def test_two_personalities_give_two_prompts_and_nothing_else_differs(world: World, owner: User) -> None:
    experiment = running(world, owner)
    prompts = {}
    for letter in "ab":
        moved = services.start(user=player_of(experiment, letter), world=world)
        moved = services.move(session=moved.session, action=Interact(npc="mara", interaction="talk"))
        assert moved.state.turn is not None
        request = dialogue.request_for(moved.world, moved.state, moved.state.turn, seed=1)
        prompts[letter] = "\n".join(str(message) for message in cache.prompt_of(request).as_json().items()).lower()
    assert "gruff" in prompts["a"] and "soft and slow" not in prompts["a"]
    assert "soft and slow" in prompts["b"] and "gruff" not in prompts["b"]


def test_two_branches_give_two_sets_of_choices(world: World, owner: User) -> None:
    experiment = running(world, owner, key="barred", subject="scenes/s/edges/win", patch_b=BARRED)
    reachable = {}
    for letter in "ab":
        moved = services.start(user=player_of(experiment, letter), world=world)
        reachable[letter] = {option.action.edge for option in options(moved.world, moved.state) if isinstance(option.action, Choose)}
    assert reachable == {"a": {"win", "leave"}, "b": {"leave"}}


def test_what_does_not_differ_is_compiled_once(world: World, owner: User) -> None:
    experiment = running(world, owner)
    base = spec_of(world.published)
    varied = variants.spec_in(base, experiment, "b")
    assert varied.sha != base.sha and varied.npc("mara") is not base.npc("mara")
    assert varied.scene("s") is base.scene("s")


def played(user: User, world: World) -> GameSession:
    moved = services.start(user=user, world=world)
    moved = services.move(session=moved.session, action=Interact(npc="mara", interaction="talk"))
    assert moved.state.turn is not None
    moved = services.move(session=moved.session, action=dialogue.closing(moved.state.turn, dialogue.local_line(moved.world, dialogue.request_for(
        moved.world, moved.state, moved.state.turn, seed=moved.session.seed))))  # fmt: skip
    return services.move(session=moved.session, action=Say(choice="ask")).session


def test_a_session_on_a_variant_verifies_forks_undoes_and_follows_a_new_release(world: World, owner: User) -> None:
    experiment = running(world, owner)
    session = played(player_of(experiment, "b"), world)
    assert proofs.verify(session) == []
    twin = services.fork(session=session, user=session.user)
    assert twin.variant == "gentle/b" and proofs.verify(twin) == []

    with authored(world, owner):
        SceneEdge.objects.filter(key="leave").update(label="Go away")
    publish(world=World.objects.get(pk=world.pk), actor=owner, force=True)
    later = services.current(queries.fresh(session.pk))
    spec = spec_of(later.release)
    assert later.release.base_id == World.objects.get(pk=world.pk).published_id
    assert spec.npc("mara").personality["agreeableness"] == 0.95
    assert next(one.label for one in spec.scene("s").nodes["hall"].labelled if one.key == "leave") == "Go away"
    assert later.state["variant"] == "gentle/b"
    moved = services.move(session=later, action=Continue())
    assert proofs.verify(services.undo(session=moved.session).session) == []
    assert proofs.verify(queries.fresh(twin.pk)) == []


def test_a_session_that_is_up_to_date_asks_nothing(world: World, owner: User, django_assert_num_queries: Any) -> None:
    experiment = running(world, owner)
    for letter in "ab":
        session = queries.fresh(services.start(user=player_of(experiment, letter), world=world).session.pk)
        with django_assert_num_queries(0):
            services.current(session)


def test_after_the_end_its_sessions_stay_and_new_ones_are_as_ever(world: World, owner: User) -> None:
    experiment = running(world, owner)
    user = player_of(experiment, "b")
    session = services.start(user=user, world=world).session
    experiments.archive(experiment=experiments.stop(experiment=experiment, now=timezone.now()))
    publish(world=world, actor=owner, force=True)
    kept = services.current(queries.fresh(session.pk))
    assert spec_of(kept.release).npc("mara").personality["agreeableness"] == 0.95
    assert services.start(user=user, world=world).session.variant == ""


def test_a_person_who_is_gone_takes_the_variant_along_and_play_goes_on(world: World, owner: User) -> None:
    experiment = running(world, owner)
    session = services.start(user=player_of(experiment, "b"), world=world).session
    with authored(world, owner):
        world.npcs.all().delete()
    publish(world=World.objects.get(pk=world.pk), actor=owner, force=True)
    moved = services.move(session=queries.fresh(session.pk), action=Choose(edge="leave"))
    assert moved.session.variant == "gentle/b" and proofs.verify(moved.session) == []
    assert moved.session.release_id == World.objects.get(pk=world.pk).published_id


def test_its_author_previews_either_before_it_runs(world: World, owner: User) -> None:
    experiment = define(world, owner)
    seen = {letter: experiments.preview(experiment=experiment, user=owner, letter=letter) for letter in "ab"}
    assert {letter: spec_of(one.release).npc("mara").personality["agreeableness"] for letter, one in seen.items()} == {"a": 0.2, "b": 0.95}
    assert all(one.on_draft for one in seen.values())


def test_a_variant_is_no_version_of_the_world(world: World, owner: User) -> None:
    experiment = running(world, owner)
    services.start(user=player_of(experiment, "b"), world=world)
    fresh = World.objects.get(pk=world.pk)
    assert (fresh.published_id, fresh.draft_id) == (world.published_id, world.draft_id)
    assert WorldRelease.objects.filter(world=world, number=None, base=world.published_id).count() == 1


@pytest.mark.parametrize(
    ("values", "pointer"),
    [
        ({"subject": "npcs/nobody"}, "/subject"),
        ({"subject": "mara"}, "/subject"),
        ({"subject": "npcs/mara/edges/win"}, "/subject"),
        ({"subject": "scenes/s/edges/none"}, "/subject"),
        ({"patch_b": {"personality": {"openness": 4}}}, "/patch_b/personality/openness"),
        ({"patch_b": {"key": "ren"}}, "/patch_b/key"),
        ({"patch_b": {}}, "/patch_b"),
        ({"patch_b": {"home": "nowhere"}}, "/patch_b/home"),
        ({"subject": "scenes/s/edges/win", "patch_b": {"to": "nowhere"}}, "/patch_b/to"),
    ],
)
def test_what_would_not_play_is_refused_where_it_stands(world: World, owner: User, values: dict[str, Any], pointer: str) -> None:
    with pytest.raises(Invalid) as refused:
        define(world, owner, **values)
    assert refused.value.errors[0].pointer == pointer


def test_one_runs_at_a_time_and_what_runs_is_not_changed(world: World, owner: User) -> None:
    first, second = define(world, owner), define(world, owner, key="barred", subject="scenes/s/edges/win", patch_b=BARRED)
    experiments.start(experiment=first, now=timezone.now())
    for refused in (
        lambda: experiments.start(experiment=second, now=timezone.now()),
        lambda: experiments.start(experiment=first, now=timezone.now()),
        lambda: experiments.change(experiment=first, values={"share": 90}),
        lambda: experiments.remove(experiment=first),
        lambda: experiments.archive(experiment=first),
    ):
        with pytest.raises(Conflict):
            refused()
    experiments.stop(experiment=first, now=timezone.now())
    assert experiments.start(experiment=second, now=timezone.now()).status == "running"
