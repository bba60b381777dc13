"""A node without a clip has one made while the story goes on: once in its room, from the world's budget, and never in the player's way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from channels.db import database_sync_to_async as in_database
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from generation import accounts, budget, delivery, hints, subjects, sweep
from generation import services as rendering
from generation.models import Asset, Generation
from generation.providers import registry
from pixsim.celery import app
from scenes.services import change_node
from sessions import clips, filming, services
from sessions.engine import Choose, Continue
from sessions.events import frames_since
from sessions.models import GameSession, MadeClip
from sessions.publishing import publish
from tests.documents import MARA, document, edge, node, place, scene
from tests.generation.double import Clock, Double, fetched
from tests.playing import account, harbor_district, published
from tests.sessions.watched import Socket
from worlds.models import World

pytestmark = pytest.mark.django_db
FOG = "Fog over the docks. made_of:0"


def story(config: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """Two nodes one can go to and fro between: `gate` has no clip and wants none, `docks` has one made."""
    wanted = {"strategy": "once", "type": "environment", "prompt": FOG} if config is None else config
    return document(
        manifest={"enabled_features": ["romance"], **more},
        locations=[place("harbor", name="Harbor Docks", meta={"time_of_day_lighting": True})],
        npcs=[{name: value for name, value in MARA.items() if name not in ("schedule", "interaction_overrides")}],
        scenes=[
            scene(
                "intro",
                [node("gate"), node("docks", label="Dock Exploration", meta={"generationConfig": wanted, "text": "You walk the quay."})],
                [edge("there", "gate", "docks", "To the docks"), edge("back", "docks", "gate", "Back")],
                is_entry=True, location="harbor", entry_node="gate", npc="captain_mara",
            )
        ],
    )  # fmt: skip


@pytest.fixture
def clock() -> Clock:
    return Clock(timezone.now())


@pytest.fixture
def animatic(clock: Clock, monkeypatch: Any) -> Iterator[Double]:
    """What makes clips on this machine, for nothing; no worker runs."""
    was = registry.get("animatic")
    made = Double(clock, id="animatic", title="Animatic", local=True)
    registry.register(made)
    monkeypatch.setattr(delivery, "fetch", fetched)
    monkeypatch.setattr(hints, "advance_soon", lambda *_, **__: None)
    yield made
    registry.unregister("animatic")
    if was is not None:
        registry.register(was)


@pytest.fixture
def owner() -> Any:
    return account("anna", author=True)


@pytest.fixture
def asked(monkeypatch: Any) -> list[tuple[int, str, int]]:
    """Hints that were given."""
    found: list[tuple[int, str, int]] = []
    monkeypatch.setattr(clips, "hint", lambda *hint: found.append(hint))
    return found


def begin(player: Any, world: World) -> GameSession:
    return services.start(user=player, world=World.objects.select_related("published", "draft").get(pk=world.pk)).session


def go(session: GameSession, *edges: str) -> GameSession:
    for key in edges:
        session = services.move(session=session, action=Choose(edge=key)).session
    return session


def film(session: GameSession) -> int:
    """What the worker does after a move."""
    at = session.state["at"]
    return filming.make_missing(session.pk, f"{at['scene']}/{at['node']}", session.version)


def finish(clock: Clock) -> None:
    for _ in range(10):
        sweep.run_due(clock)
        clock.pass_(seconds=5)


def media(session: GameSession) -> dict[str, Any]:
    client = APIClient()
    client.force_authenticate(session.user)
    answer = client.get(f"/api/v1/game-sessions/{session.pk}")
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()["view"]["media"]
    return found


# -- from the gap to the clip -----------------------------------------------------------------------------------------


def test_the_player_sees_what_there_is_meanwhile_and_then_the_clip(animatic: Double, clock: Clock, owner: Any) -> None:
    session = go(begin(account("paul"), published(story(), owner=owner)), "there")
    assert (media(session)["kind"], media(session)["pending"]) == ("none", False)
    assert film(session) == 1
    assert (media(session)["kind"], media(session)["pending"]) == ("none", True)
    seq = session.seq
    finish(clock)
    shown = media(session)
    assert (shown["kind"], shown["pending"], shown["generated"]) == ("video", False, True)
    assert shown["alt"] == "Dock Exploration"
    frames = frames_since(GameSession.objects.get(pk=session.pk), seq)
    assert len(frames) == 1
    job = Generation.objects.get()
    assert frames[0][0] == {
        "type": "generation_completed", "seq": seq + 1, "version": 1, "generation_id": job.pk, "asset_id": job.asset_id, "url": shown["url"],
        "poster": shown["poster"], "scene_id": session.release.ids["scenes"]["intro"], "node_id": "docks", "last": True,
    }  # fmt: skip
    assert job.owner == owner
    assert job.world_id == session.world_id
    assert film(session) == 0
    delivery.deliver(job.pk, clock)
    assert GameSession.objects.get(pk=session.pk).seq == seq + 1
    assert GameSession.objects.get(pk=session.pk).version == 1


def test_a_move_to_the_node_hints_after_its_commit_and_only_then(
    animatic: Double, owner: Any, asked: Any, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        session = begin(account("paul"), published(story(), owner=owner))
    assert asked == []
    with django_capture_on_commit_callbacks() as waiting:
        session = go(session, "there")
    assert asked == []
    for callback in waiting:
        callback()
    assert asked == [(session.pk, "intro/docks", 1)]
    assert Generation.objects.count() == 0
    with django_capture_on_commit_callbacks(execute=True):
        session = go(session, "back")
        session = services.undo(session=session).session
    assert len(asked) == 1  # going back is no new arrival


def test_the_node_that_follows_by_itself_is_made_ahead(animatic: Double, owner: Any, clock: Clock) -> None:
    told = story()
    told["scenes"][0]["edges"][0].pop("label")
    session = begin(account("paul"), published(told, owner=owner))
    assert film(session) == 1
    finish(clock)
    session = services.move(session=session, action=Continue()).session
    assert media(session)["kind"] == "video"


def test_a_lost_hint_is_made_good_by_the_next_look(animatic: Double, owner: Any, asked: Any) -> None:
    session = go(begin(account("paul"), published(story(), owner=owner)), "there")
    media(session)
    media(session)
    assert asked == [(session.pk, "intro/docks", 1)]


def test_a_broker_that_is_down_costs_the_player_nothing(owner: Any, monkeypatch: Any, django_capture_on_commit_callbacks: Any) -> None:
    def down(*_: Any, **__: Any) -> None:
        raise ConnectionError("refused")

    monkeypatch.setattr("sessions.clips.current_app.send_task", down)
    with django_capture_on_commit_callbacks(execute=True):
        session = go(begin(account("paul"), published(story(), owner=owner)), "there")
    assert media(session)["pending"] is False


# -- once in its room -------------------------------------------------------------------------------------------------


def jobs_after(strategy: str, owner: Any, clock: Clock) -> dict[str, int]:
    """How many jobs there are after each of: one player, the same player's second game, its fork, another player."""
    world = published(story({"strategy": strategy, "prompt": FOG}), owner=owner)
    paul, found = account("paul"), {}
    first = go(begin(paul, world), "there")
    second = go(begin(paul, world), "there")
    fork = services.fork(session=first, user=paul)
    other = go(begin(account("rita"), world), "there")
    for name, session in {"first": first, "again": first, "second": second, "fork": fork, "other": other}.items():
        film(session)
        found[name] = Generation.objects.count()
    finish(clock)
    for session in (first, second, fork, other):
        assert media(session)["kind"] == "video"
    return found


@pytest.mark.parametrize(
    ("strategy", "counts"),
    [
        ("once", {"first": 1, "again": 1, "second": 1, "fork": 1, "other": 1}),
        ("per_player", {"first": 1, "again": 1, "second": 1, "fork": 1, "other": 2}),
        ("per_playthrough", {"first": 1, "again": 1, "second": 2, "fork": 2, "other": 3}),
        ("always", {"first": 1, "again": 1, "second": 2, "fork": 2, "other": 3}),
    ],
)
def test_each_strategy_has_its_room(strategy: str, counts: dict[str, int], animatic: Double, owner: Any, clock: Clock) -> None:
    assert jobs_after(strategy, owner, clock) == counts
    assert len(animatic.ledger) == counts["other"]


def test_always_is_made_anew_with_every_arrival_and_the_last_one_stands_in(animatic: Double, owner: Any, clock: Clock) -> None:
    session = go(begin(account("paul"), published(story({"strategy": "always", "prompt": FOG}), owner=owner)), "there")
    film(session)
    finish(clock)
    first = media(session)["url"]
    session = go(session, "back", "there")
    assert media(session)["url"] == first
    assert film(session) == 1
    assert media(session)["url"] == first
    assert media(session)["pending"] is True
    finish(clock)
    assert media(session)["url"] not in ("", first)
    assert len(animatic.ledger) == 2


def test_an_authors_clip_counts_as_made_once_and_stands_in_for_the_others(animatic: Double, owner: Any, clock: Clock) -> None:
    for strategy, jobs in (("once", 0), ("per_player", 1)):
        world = published(story({"strategy": strategy, "prompt": FOG}), owner=owner)
        scene_row = world.scenes.get(key="intro")
        own = Asset.objects.create(owner=owner, media_type="video", status="ready", sha256="cd" * 32, file="assets/own.mp4")
        change_node(scene=scene_row, key="docks", actor=owner, patch=lambda was, own=own: {**was, "asset_id": own.pk})
        world.refresh_from_db()
        publish(world=world, actor=owner, force=True)
        session = go(begin(account(f"paul_{strategy}"), world), "there")
        assert film(session) == jobs
        assert media(session)["url"].startswith(f"/media/{own.pk}/")
        finish(clock)
        assert media(session)["url"].startswith(f"/media/{own.pk}/") is (strategy == "once")


def test_another_config_is_another_clip(animatic: Double, owner: Any, clock: Clock) -> None:
    first = clips.sha256({"strategy": "once", "prompt": FOG})
    world = published(story({"strategy": "once", "prompt": FOG}), owner=owner)
    session = go(begin(account("paul"), world), "there")
    film(session)
    assert MadeClip.objects.get().config_sha256 == first
    MadeClip.objects.update(config_sha256="0" * 64)
    assert media(session)["pending"] is False


def test_only_those_it_was_made_for_may_see_it(animatic: Double, owner: Any, clock: Clock) -> None:
    paul, rita = account("paul"), account("rita")
    world = published(story({"strategy": "per_player", "prompt": FOG}), owner=owner)
    session = go(begin(paul, world), "there")
    begin(rita, world)
    film(session)
    finish(clock)
    asset = Asset.objects.get()
    assert subjects.may_see(paul, asset)
    assert subjects.may_see(owner, asset)
    assert not subjects.may_see(rita, asset)
    assert not subjects.may_see(account("otto"), asset)


# -- money and mishaps ------------------------------------------------------------------------------------------------


@pytest.fixture
def paid(clock: Clock, animatic: Double) -> Iterator[Double]:
    made = Double(clock, id="double")
    registry.register(made)
    yield made
    registry.unregister("double")


def test_whoever_is_named_and_can_makes_it_else_this_machine(animatic: Double, paid: Double, owner: Any) -> None:
    paul = account("paul")
    for config, manifest in (
        ({"provider_id": "double"}, {}), ({}, {"providers": {"double": True}}), ({"provider_id": "nobody"}, {}),
        ({}, {"providers": {"double": {"purposes": ["dialogue"]}}}), ({}, {"providers": {"double": {"enabled": False}}}),
    ):  # fmt: skip
        film(go(begin(paul, published(story({"strategy": "once", "prompt": FOG, **config}, **manifest), owner=owner)), "there"))
    assert set(Generation.objects.values_list("provider_id", flat=True)) == {"animatic"}  # there is no account
    accounts.create_account(owner=owner, provider_id="double", key="sk-double-0001")
    Generation.objects.all().delete()
    for config, manifest in (({"provider_id": "double", "quality": "high"}, {}), ({}, {"providers": {"double": {"model": "one"}}})):
        film(go(begin(paul, published(story({"strategy": "once", "prompt": FOG, **config}, **manifest), owner=owner)), "there"))
    assert list(Generation.objects.order_by("id").values_list("provider_id", "canonical_params")) == [
        ("double", {"aspect_ratio": "16:9", "quality": "high"}), ("double", {"aspect_ratio": "16:9", "model": "one"}),
    ]  # fmt: skip
    film(go(begin(paul, published(story({"strategy": "once", "prompt": FOG, "provider_id": "double", "quality": "8k"}), owner=owner)), "there"))
    assert Generation.objects.order_by("id").last().provider_id == "animatic"


def test_a_spent_budget_never_breaks_play_and_is_asked_again_an_hour_later(paid: Double, owner: Any, clock: Clock, asked: Any) -> None:
    accounts.create_account(owner=owner, provider_id="double", key="sk-double-0001")
    world = published(story({"strategy": "once", "prompt": FOG, "provider_id": "double"}), owner=owner)
    budget.set_limit(world_id=world.pk, day_limit=4_000)
    session = go(begin(account("paul"), world), "there")
    assert film(session) == 0
    assert media(session)["pending"] is False
    assert (asked, film(session), paid.ledger) == ([], 0, [])
    session = go(session, "back", "there")
    budget.set_limit(world_id=world.pk, day_limit=5_000)
    assert film(session) == 0
    MadeClip.objects.update(retry_at=timezone.now() - timedelta(seconds=1))
    media(session)
    assert asked == [(session.pk, "intro/docks", 3)]
    assert film(session) == 1
    finish(clock)
    assert media(session)["kind"] == "video"
    assert budget.day_of_world(world.pk, timezone.now()).spent == 5_000


def test_a_job_that_fails_is_tried_again_a_few_times_and_then_left(animatic: Double, owner: Any, clock: Clock) -> None:
    session = go(begin(account("paul"), published(story({"strategy": "once", "prompt": "fails made_of:0"}), owner=owner)), "there")
    for tries in range(1, clips.MAX_TRIES + 1):
        assert film(session) == 1
        assert media(session)["pending"] is True
        finish(clock)
        assert media(session)["pending"] is False
        assert film(session) == 0  # not at once
        assert Generation.objects.count() == tries
        MadeClip.objects.update(retry_at=timezone.now() - timedelta(seconds=1))
    assert film(session) == 0
    go(session, "back")


def test_a_world_may_forbid_the_painter_of_this_machine(animatic: Double, owner: Any) -> None:
    for forbidden in (False, {"enabled": False}, {"purposes": ["image"]}):
        session = go(begin(account(f"paul_{forbidden}"), published(story(providers={"animatic": forbidden}), owner=owner)), "there")
        assert film(session) == 0
    assert animatic.ledger == []


def test_a_player_has_a_few_clips_under_way_and_no_more(animatic: Double, owner: Any, clock: Clock) -> None:
    paul, world = account("paul"), published(story({"strategy": "per_playthrough", "prompt": FOG}), owner=owner)
    games = [go(begin(paul, world), "there") for _ in range(filming.AT_ONCE + 1)]
    assert [film(game) for game in games] == [1] * filming.AT_ONCE + [0]
    assert film(go(begin(account("rita"), world), "there")) == 1
    finish(clock)
    assert film(games[-1]) == 1


def test_what_nobody_can_make_is_not_asked_for_again(animatic: Double, owner: Any, asked: Any) -> None:
    session = go(begin(account("paul"), published(story({"strategy": "once", "prompt": FOG, "operation_type": "sculpture"}), owner=owner)), "there")
    assert film(session) == 0
    assert media(session)["pending"] is False
    assert asked == []


# -- what is asked for ------------------------------------------------------------------------------------------------


def prompt_of(config: dict[str, Any], owner: Any, *edges: str, **changed: Any) -> str:
    session = go(begin(account(f"player_{owner.pk}_{GameSession.objects.count()}"), published(story(config), owner=owner)), "there")
    if changed:
        session = services.patch(session=session, values=changed).session
    assert film(session) == 1
    return str(Generation.objects.order_by("id").last().inputs["prompt"])


def test_without_a_prompt_the_place_is_filmed(animatic: Double, owner: Any) -> None:
    assert prompt_of({"strategy": "once", "type": "environment"}, owner) == "Dock Exploration. Harbor docks."


def test_a_character_is_filmed_as_things_stand_with_this_player(animatic: Double, owner: Any) -> None:
    close = {"relationships": {"captain_mara": {"affinity": 90, "tension": 0}}}
    config = {"type": "character", "action_block": {"pose": "leaning_on_crate", "mood": "curious"}}
    known = prompt_of({**config, "strategy": "per_player"}, owner)
    assert known.startswith("A gruff ship captain leans calmly on the crate, eyeing you with curiosity.")
    assert prompt_of({**config, "strategy": "per_playthrough"}, owner, **close).startswith("A gruff ship captain leans freely on the crate, ")
    assert prompt_of({**config, "strategy": "once"}, owner, **close).startswith("A gruff ship captain leans calmly on the crate, ")
    assert Generation.objects.first().npc_id is not None


def test_style_seed_and_length_go_along(animatic: Double, owner: Any) -> None:
    style = {"weather": "foggy", "duration_sec": 5}
    prompt_of({"strategy": "once", "prompt": FOG, "style": style, "seed": 42, "negative_prompt": "text"}, owner)
    job = Generation.objects.get()
    assert job.inputs == {"prompt": FOG, "style": {"weather": "foggy"}, "duration_sec": 5, "negative_prompt": "text"}
    assert job.canonical_params == {"seed": 42, "aspect_ratio": "16:9"}


def test_a_dialogue_nodes_line_is_no_clip(animatic: Double, owner: Any) -> None:
    told = story({"strategy": "once", "type": "dialogue"})
    told["scenes"][0]["nodes"][1]["kind"] = "dialogue"
    session = go(begin(account("paul"), published(told, owner=owner)), "there")
    assert film(session) == 0


# -- cost -------------------------------------------------------------------------------------------------------------


def test_a_look_costs_one_query_more_and_a_move_none(animatic: Double, owner: Any, clock: Clock) -> None:
    session = go(begin(account("paul"), published(story(), owner=owner)), "there")
    film(session)
    client = APIClient()
    client.force_authenticate(session.user)
    media(session)
    with CaptureQueriesContext(connection) as look:
        media(session)
    assert len(look) == 2, [query["sql"] for query in look.captured_queries]
    go(session, "back")
    with CaptureQueriesContext(connection) as move:
        client.post(f"/api/v1/game-sessions/{session.pk}/choose", {"edge_id": "there"}, format="json", HTTP_IDEMPOTENCY_KEY="k")
    statements = [query["sql"] for query in move.captured_queries if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    assert len(statements) == 5, statements  # session, key, swap, row of the log, clip


# -- told -------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
async def test_progress_is_told_without_a_seq_and_the_clip_with_one(animatic: Double, clock: Clock, settings: Any) -> None:
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    owner = await in_database(account)("anna", author=True)
    paul = await in_database(account)("paul")
    config = {"strategy": "once", "prompt": "Fog. made_of:20"}
    world = await in_database(lambda: published(story(config), owner=owner))()
    session = await in_database(lambda: go(begin(paul, world), "there"))()
    socket = Socket.of(paul, session.pk)
    hello = await socket.open()
    assert await in_database(film)(session) == 1
    await in_database(finish)(clock)
    frames = []
    while not frames or frames[-1]["type"] != "generation_completed":
        frames.append(await socket.next())
    assert {frame["type"] for frame in frames[:-1]} <= {"generation_progress"}
    assert all("seq" not in frame for frame in frames[:-1])
    assert frames[-1]["seq"] == hello["seq"] + 1
    assert frames[-1]["last"] is True
    await socket.disconnect()
    late = Socket.of(paul, session.pk, since=hello["seq"])
    await late.open()
    assert await late.next() == frames[-1]
    await late.disconnect()


@pytest.mark.django_db(transaction=True)
async def test_progress_says_how_it_stands_to_those_who_wait_and_no_one_else(animatic: Double, clock: Clock, settings: Any) -> None:
    from generation import subjects

    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    owner = await in_database(account)("anna", author=True)
    paul, rita = await in_database(account)("paul"), await in_database(account)("rita")
    world = await in_database(lambda: published(story(), owner=owner))()
    waiting = await in_database(lambda: go(begin(paul, world), "there"))()
    other = await in_database(lambda: begin(rita, world))()
    await in_database(film)(waiting)
    one, two = Socket.of(paul, waiting.pk), Socket.of(rita, other.pk)
    await one.open()
    await two.open()

    @in_database
    def further(**values: Any) -> Generation:
        Generation.objects.update(**values)
        job = Generation.objects.get()
        subjects.told(job)
        return job

    job = await further(status="generating", progress=0.45)
    assert await one.next() == {
        "type": "generation_progress", "generation_id": job.pk, "status": "generating", "progress": 0.45, "queue_position": None,
        "scene_id": waiting.release.ids["scenes"]["intro"], "node_id": "docks",
    }  # fmt: skip
    await further(status="failed", finished_at=timezone.now())
    assert (await one.next())["status"] == "failed"
    assert await two.receive_nothing()
    for socket in (one, two):
        await socket.disconnect()


# -- the painter of this machine --------------------------------------------------------------------------------------


def test_with_no_account_at_all_the_painter_of_this_machine_makes_it(owner: Any, clock: Clock, monkeypatch: Any) -> None:
    monkeypatch.setattr(rendering, "OTHER_PROCESS", False)
    monkeypatch.setattr(hints, "advance_soon", lambda *_, **__: None)
    world = harbor_district(owner=owner)
    scene_row = world.scenes.get(key="harbor_intro")
    config = {
        "strategy": "per_player", "type": "character", "npc": "captain_mara", "duration_sec": 1, "quality": "low",
        "action_block": {"pose": "leaning_on_crate", "mood": "curious", "camera_angle": "medium_closeup"},
    }  # fmt: skip
    change_node(scene=scene_row, key="node4", actor=owner, patch=lambda was: {**was, "meta": {**was["meta"], "generationConfig": config}})
    world.refresh_from_db()
    publish(world=world, actor=owner, force=True)
    session = go(begin(account("paul"), world), "edge2c")
    assert film(session) == 1
    job = Generation.objects.get()
    assert job.provider_id == "animatic"
    assert job.inputs["style"]["character"]["clothing"] == "naval_coat"
    assert job.inputs["style"]["expression"] == "curious"
    finish(clock)  # it is handed over, and waits for the painter
    made = Asset.objects.get(recipe__duration_sec=1)
    Asset.objects.exclude(pk=made.pk).filter(status="pending").update(status="failed")  # the district's own are not the matter here
    assert rendering.render_pending(limit=1) == 1
    finish(clock)
    shown = media(session)
    assert (shown["kind"], shown["duration_sec"], shown["generated"]) == ("video", 1.0, True)
    assert {"prompt", "npc", "expression"} <= set(made.lineage.values_list("kind", flat=True))


def test_the_hint_names_a_task_there_is() -> None:
    app.loader.import_default_modules()
    assert "sessions.tasks.make_clips" in app.tasks
