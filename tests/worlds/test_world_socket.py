"""`/ws/world/{id}`: for authors only; jobs and authored changes as they happen, on every channel layer."""

from __future__ import annotations

import asyncio
import os
import uuid
from typing import Any

import pytest
from channels.db import database_sync_to_async as in_database
from django.db import transaction
from django.utils import timezone

from generation import subjects
from generation.models import Asset, Generation
from pixsim.lib import consumers as lib_consumers
from pixsim.lib import tickets
from tests.playing import account as user
from tests.sessions import redis_servers
from tests.sessions.watched import ORIGIN, Socket, cookie_of
from worlds import consumers
from worlds.models import World
from worlds.services import authored, change_world, create_location, create_world

pytestmark = pytest.mark.django_db(transaction=True)
REDIS_URL = os.environ.get("REDIS_URL") or "redis://127.0.0.1:6379/0"
MEMORY = {"BACKEND": "channels.layers.InMemoryChannelLayer"}


def pubsub(address: str) -> dict[str, Any]:
    return {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": {"hosts": [address], "prefix": f"test-{uuid.uuid4().hex}"}}


@pytest.fixture(params=["memory", "redis"])
def layer(request: Any, settings: Any) -> str:
    if request.param == "redis":
        if not redis_servers.answers(REDIS_URL):
            pytest.skip("no Redis answers here")
        settings.CHANNEL_LAYERS = {"default": pubsub(REDIS_URL)}
    else:
        settings.CHANNEL_LAYERS = {"default": MEMORY}
    return request.param


@pytest.fixture
def memory(settings: Any) -> None:
    settings.CHANNEL_LAYERS = {"default": MEMORY}


@pytest.fixture
def owner() -> Any:
    return user("anna", author=True)


@pytest.fixture
def world(owner: Any) -> World:
    return create_world(owner=owner, name="Harbor", meta={})


def socket_of(who: Any, world: World) -> Socket:
    return Socket(f"/ws/world/{world.pk}?ticket={tickets.issue(who.pk, f'world/{world.pk}')}")


def job_of(world: World, **values: Any) -> Generation:
    now = timezone.now()
    defaults = {
        "owner": world.owner, "world_id": world.pk, "provider_id": "animatic", "operation_type": "text_to_video", "scope": f"world/{world.pk}",
        "reproducible_hash": uuid.uuid4().hex, "context": {"scene_id": 3, "node_id": "node4"}, "created_at": now, "updated_at": now,
    }  # fmt: skip
    return Generation.objects.create(**{**defaults, **values})


def tell(job: Generation, **values: Any) -> None:
    Generation.objects.filter(pk=job.pk).update(**values)
    job.refresh_from_db()
    subjects.told(job)


@in_database
def add_place(world: World, key: str = "quay") -> None:
    create_location(world=World.objects.get(pk=world.pk), actor=world.owner, data={"key": key, "name": key.title()})


# -- who may listen ---------------------------------------------------------------------------------------------------


async def test_owner_and_staff_may_listen_and_the_ticket_is_bound_to_the_world(world, owner, memory):
    staff = await in_database(user)("stella", staff=True)
    for who in (owner, staff):
        socket = socket_of(who, world)
        assert await socket.open() == {"type": "hello", "seq": 1, "version": 1}
        await socket.disconnect()
    for stream in (f"world/{world.pk + 1}", f"session/{world.pk}"):
        accepted, code = await Socket(f"/ws/world/{world.pk}?ticket={tickets.issue(owner.pk, stream)}").connect()
        assert (accepted, code) == (False, lib_consumers.REFUSED)


async def test_a_cookie_counts_from_our_own_pages_only(world, owner, memory):
    cookie = await in_database(cookie_of)(owner)
    own = Socket(f"/ws/world/{world.pk}/", ORIGIN, cookie)
    await own.open()
    await own.disconnect()
    for headers in ([cookie], [(b"origin", b"http://evil.example"), cookie]):
        accepted, code = await Socket(f"/ws/world/{world.pk}", *headers).connect()
        assert (accepted, code) == (False, lib_consumers.REFUSED)


async def test_without_a_login_4401_and_for_others_4404(world, owner, memory):
    anonymous = Socket(f"/ws/world/{world.pk}", ORIGIN)
    assert (await anonymous.connect())[0]
    assert await anonymous.closed() == 4401
    await anonymous.disconnect()
    missing = World(pk=world.pk + 1000)
    author, player = await in_database(user)("otto", author=True), await in_database(user)("paul")
    for who, which in ((author, world), (player, world), (owner, missing)):
        socket = socket_of(who, which)
        assert (await socket.connect())[0]
        assert await socket.closed() == 4404
        await socket.disconnect()


async def test_who_loses_the_world_is_closed_at_the_next_check(world, owner, memory, monkeypatch):
    monkeypatch.setattr(lib_consumers, "RECHECK_SEC", 0.1)
    socket = socket_of(owner, world)
    await socket.open()
    other = await in_database(user)("otto", author=True)
    await in_database(World.objects.filter(pk=world.pk).update)(owner=other)
    assert await socket.closed() == 4404
    await socket.disconnect()
    again = socket_of(other, world)
    await again.open()
    await in_database(type(other).objects.filter(pk=other.pk).update)(is_active=False)
    assert await again.closed() == 4401
    await again.disconnect()


# -- what is told -----------------------------------------------------------------------------------------------------


async def test_an_authored_change_is_told_after_its_commit(world, owner, layer):
    socket = socket_of(owner, world)
    await socket.open()
    await add_place(world)
    assert await socket.next() == {"type": "world_changed", "version": 2, "parts": ["location/quay"], "actor_id": owner.pk}
    await socket.disconnect()


async def test_nothing_is_told_of_a_change_that_was_rolled_back(world, owner, memory):
    socket = socket_of(owner, world)
    await socket.open()

    @in_database
    def undone() -> None:
        with transaction.atomic():
            change_world(world=World.objects.get(pk=world.pk), actor=owner, patch=lambda was: {**was, "name": "Never"})
            transaction.set_rollback(True)

    @in_database
    def nothing() -> None:
        with authored(World.objects.get(pk=world.pk), owner):
            pass

    await undone()
    await nothing()
    await add_place(world)
    assert (await socket.next())["parts"] == ["location/quay"]
    await socket.disconnect()


async def test_a_job_is_told_through_its_states_as_it_then_stands(world, owner, layer):
    job = await in_database(job_of)(world)
    elsewhere = await in_database(lambda: create_world(owner=owner, name="Elsewhere", meta={}))()
    other = await in_database(job_of)(elsewhere)
    socket = socket_of(owner, world)
    await socket.open()
    await in_database(tell)(other, status="queued")
    head = {"generation_id": job.pk, "scene_id": 3, "node_id": "node4"}
    await in_database(tell)(job, status="queued", queue_position=3)
    progress = {**head, "type": "generation_progress", "needs_attention": False}
    assert await socket.next() == {**progress, "status": "queued", "progress": None, "queue_position": 3}
    await in_database(tell)(job, status="queued", queue_position=3)  # nothing new
    await in_database(tell)(job, status="generating", queue_position=None, progress=0.45)
    assert await socket.next() == {**progress, "status": "generating", "progress": 0.45, "queue_position": None}
    asset = await in_database(Asset.objects.create)(
        owner=owner, media_type="video", status="ready", sha256="ab" * 32, file="assets/x.mp4", poster="assets/x.jpg"
    )
    await in_database(tell)(job, status="completed", asset=asset, finished_at=timezone.now())
    name = f"/media/{asset.pk}"
    done = {
        **head,
        "type": "generation_completed",
        "asset_id": asset.pk,
        "url": f"{name}/file-{'ab' * 8}.mp4",
        "poster": f"{name}/poster-{'ab' * 8}.jpg",
    }
    assert await socket.next() == done
    await in_database(tell)(job, status="completed")  # delivered
    await add_place(world)
    assert (await socket.next())["type"] == "world_changed"
    await socket.disconnect()


async def test_a_failed_job_says_why(world, owner, memory):
    job = await in_database(job_of)(world, context={})
    socket = socket_of(owner, world)
    await socket.open()
    await in_database(tell)(job, status="moderated", error="The prompt was filtered.", finished_at=timezone.now())
    assert await socket.next() == {
        "type": "generation_failed", "generation_id": job.pk, "status": "moderated", "error": "The prompt was filtered.", "scene_id": None,
        "node_id": None,
    }  # fmt: skip
    await socket.disconnect()


async def test_the_heartbeat_carries_the_draft_s_version(world, owner, memory, monkeypatch):
    monkeypatch.setattr(consumers, "HEARTBEAT_SEC", 0.1)
    monkeypatch.setattr("worlds.events.live.ring", lambda *a, **k: None)
    socket = socket_of(owner, world)
    await socket.open()
    assert (await socket.next())["version"] == 1
    await add_place(world)
    while (beat := await socket.next())["version"] == 1:
        pass
    assert beat == {"type": "heartbeat", "seq": 2, "version": 2}
    await socket.disconnect()


async def test_it_takes_no_commands_but_ping(world, owner, memory):
    socket = socket_of(owner, world)
    await socket.open()
    for text in ("publish", '{"type": "publish"}', '{"type": "ping"}'):
        await socket.send_to(text_data=text)
    assert await socket.next() == {"type": "pong"}
    await socket.disconnect()


async def test_it_outlives_a_restart_of_redis(world, owner, settings, tmp_path, monkeypatch):
    if not redis_servers.OwnRedis.is_installed():
        pytest.skip("no redis-server on this machine")
    monkeypatch.setattr(consumers, "RETRY_SEC", 0.1)
    monkeypatch.setattr(consumers, "HEARTBEAT_SEC", 0.1)
    redis = redis_servers.OwnRedis(tmp_path)
    await asyncio.to_thread(redis.start)
    settings.CHANNEL_LAYERS = {"default": pubsub(redis.url)}
    socket = socket_of(owner, world)
    try:
        await socket.open()
        await asyncio.to_thread(redis.stop)
        await asyncio.to_thread(redis.start)
        for number in range(100):  # some are told before the line is back; then its heartbeats go on
            await add_place(world, f"quay_{number}")
            if (await socket.next())["type"] == "world_changed":
                break
        else:
            pytest.fail("it never came back")
    finally:
        await socket.disconnect()
        await asyncio.to_thread(redis.stop)
