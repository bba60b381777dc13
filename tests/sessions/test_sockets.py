"""`/ws/session/{id}`: who may listen, what is told, in which order, and that nothing is missed – on every channel layer."""

from __future__ import annotations

import asyncio
import logging
import os
import uuid
from typing import Any

import pytest
from channels.db import database_sync_to_async as in_database
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.utils import timezone
from knox.models import AuthToken
from rest_framework.test import APIClient

from pixsim.lib import consumers as lib_consumers
from pixsim.lib import tickets
from sessions import consumers, hub, queries, services
from sessions.engine import actions as act
from sessions.events import frames_since
from sessions.models import GameSession
from tests.playing import account as user
from tests.sessions import redis_servers
from tests.sessions.watched import ORIGIN, Socket, cookie_of, play, play_live, published_harbor, seqs, session_of, wander_live

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
def quick(monkeypatch: Any) -> None:
    """Seconds become tenths."""
    monkeypatch.setattr(hub, "POLL_SEC", 0.1)
    monkeypatch.setattr(hub, "HEARTBEAT_SEC", 0.2)
    monkeypatch.setattr(hub, "RETRY_SEC", 0.1)
    monkeypatch.setattr(lib_consumers, "RECHECK_SEC", 0.2)
    monkeypatch.setattr(consumers, "RETRY_SEC", 0.1)


@pytest.fixture
def slow(monkeypatch: Any) -> None:
    """No safety net within the test: what arrives came by doorbell."""
    monkeypatch.setattr(hub, "POLL_SEC", 3600)


@pytest.fixture
def owner() -> Any:
    return user("anna", author=True)


@pytest.fixture
def player() -> Any:
    return user("paul")


@pytest.fixture
def session(owner: Any, player: Any) -> GameSession:
    return session_of(player, published_harbor(owner))


def refused(accepted: bool, code: Any) -> bool:
    return not accepted and code == consumers.REFUSED


# -- who may listen ---------------------------------------------------------------------------------------------------


async def test_a_ticket_opens_the_socket_without_an_origin(session, player):
    socket = Socket.of(player, session.pk)
    assert await socket.open() == {"type": "hello", "seq": 1, "version": 0}
    await socket.disconnect()


async def test_a_ticket_opens_one_socket_only(session, player):
    ticket = tickets.issue(player.pk, f"session/{session.pk}")
    first, second, third = (Socket(f"/ws/session/{session.pk}?ticket={ticket}", *headers) for headers in ([], [], [ORIGIN]))
    await first.open()
    assert refused(*await second.connect())
    accepted, _ = await third.connect()
    assert accepted
    assert await third.closed() == consumers.NOT_LOGGED_IN
    for socket in (first, third):
        await socket.disconnect()


async def test_a_ticket_for_another_stream_or_a_forged_one_opens_nothing(session, player):
    for ticket in (tickets.issue(player.pk, f"session/{session.pk + 1}"), tickets.issue(player.pk, f"world/{session.pk}"), "forged", "%00"):
        assert refused(*await Socket(f"/ws/session/{session.pk}?ticket={ticket}").connect())


async def test_a_ticket_is_void_after_a_minute(session, player, monkeypatch):
    ticket = tickets.issue(player.pk, f"session/{session.pk}")
    monkeypatch.setattr(tickets, "LIFETIME_SEC", -1)
    assert refused(*await Socket(f"/ws/session/{session.pk}?ticket={ticket}").connect())


async def test_a_cookie_counts_from_our_own_pages_only(session, player):
    cookie = await in_database(cookie_of)(player)
    path = f"/ws/session/{session.pk}/"
    own = Socket(path, ORIGIN, cookie)
    assert (await own.open())["seq"] == 1
    await own.disconnect()
    assert refused(*await Socket(path, cookie).connect())  # no origin
    for foreign in (b"http://evil.example", b"http://testserver.evil.example", b"http://testserver:81", b"null", b"http://[", b"//testserver"):
        assert refused(*await Socket(path, (b"origin", foreign), cookie).connect()), foreign


async def test_a_wrong_origin_is_refused_even_with_a_ticket_and_does_not_use_it_up(session, player):
    ticket = tickets.issue(player.pk, f"session/{session.pk}")
    path = f"/ws/session/{session.pk}?ticket={ticket}"
    assert refused(*await Socket(path, (b"origin", b"http://evil.example")).connect())
    socket = Socket(path, ORIGIN)
    await socket.open()
    await socket.disconnect()


async def test_a_page_of_a_host_that_is_not_ours_is_foreign(session, player, settings):
    settings.ALLOWED_HOSTS = ["play.example.org"]
    cookie = await in_database(cookie_of)(player)
    assert refused(*await Socket(f"/ws/session/{session.pk}", ORIGIN, cookie).connect())  # a name somebody else points at us


async def test_trusted_origins_of_the_site_are_ours(session, player, settings):
    settings.CSRF_TRUSTED_ORIGINS = ["https://play.example.org", "https://*.example.com"]
    cookie = await in_database(cookie_of)(player)
    for origin in (b"https://play.example.org", b"https://harbor.example.com"):
        socket = Socket(f"/ws/session/{session.pk}", (b"origin", origin), cookie)
        await socket.open()
        await socket.disconnect()
    for origin in (b"http://play.example.org", b"https://example.com.evil.example"):
        assert refused(*await Socket(f"/ws/session/{session.pk}", (b"origin", origin), cookie).connect())


async def test_without_a_login_the_socket_is_accepted_and_closed_with_4401(session):
    socket = Socket(f"/ws/session/{session.pk}", ORIGIN)
    accepted, _ = await socket.connect()
    assert accepted
    assert await socket.closed() == 4401
    await socket.disconnect()


async def test_a_foreign_or_missing_session_is_accepted_and_closed_with_4404(session):
    stranger = await in_database(user)("otto", author=True)
    for session_id in (session.pk, 999_999):
        socket = Socket.of(stranger, session_id)
        accepted, _ = await socket.connect()
        assert accepted
        assert await socket.closed() == 4404
        await socket.disconnect()


async def test_the_worlds_owner_listens_too_and_staff_leaves_a_trace(session, owner):
    from pixsim.models import AuditEntry

    staff = await in_database(user)("stella", staff=True)
    for reader in (owner, staff):
        socket = Socket.of(reader, session.pk)
        await socket.open()
        await socket.disconnect()
    entries = await in_database(list)(AuditEntry.objects.values_list("actor__username", "action", "subject"))
    assert entries == [("stella", "watch", f"session/{session.pk}")]


# -- login and right are checked again --------------------------------------------------------------------------------


async def test_a_logout_closes_the_socket(session, player, quick):
    cookie = await in_database(cookie_of)(player)
    socket = Socket(f"/ws/session/{session.pk}", ORIGIN, cookie)
    await socket.open()
    await in_database(Session.objects.all().delete)()
    assert await socket.closed() == 4401
    await socket.disconnect()


async def test_a_new_password_closes_the_sockets_of_the_old_one(session, player, quick):
    cookie = await in_database(cookie_of)(player)
    socket = Socket(f"/ws/session/{session.pk}", ORIGIN, cookie)
    await socket.open()

    def renew() -> None:
        player.set_password("another one")
        player.save()

    await in_database(renew)()
    assert await socket.closed() == 4401
    await socket.disconnect()


async def test_an_account_switched_off_loses_its_socket(session, player, quick):
    socket = Socket.of(player, session.pk)
    await socket.open()
    await in_database(get_user_model().objects.filter(pk=player.pk).update)(is_active=False)
    assert await socket.closed() == 4401
    await socket.disconnect()


async def test_a_socket_ends_with_the_token_that_asked_for_its_ticket(session, player, quick):
    def asked() -> tuple[Any, str]:
        token, plain = AuthToken.objects.create(user=player)
        client = APIClient(headers={"Authorization": f"Token {plain}"})
        return token, client.post("/api/v1/auth/ws-ticket", {"stream": f"session/{session.pk}"}, format="json").json()["ticket"]

    for end in (lambda token: token.delete(), lambda token: AuthToken.objects.filter(pk=token.pk).update(expiry=timezone.now())):
        token, ticket = await in_database(asked)()
        socket = Socket(f"/ws/session/{session.pk}?ticket={ticket}")
        await socket.open()
        await in_database(end)(token)
        assert await socket.closed() == 4401
        await socket.disconnect()

    token, ticket = await in_database(asked)()
    await in_database(token.delete)()
    assert refused(*await Socket(f"/ws/session/{session.pk}?ticket={ticket}").connect())


async def test_who_lost_the_right_loses_the_socket_and_the_others_stay(session, player, owner, quick):
    reader, mine = Socket.of(owner, session.pk), Socket.of(player, session.pk)
    await reader.open()
    await mine.open()
    other = await in_database(user)("otto", author=True)
    await in_database(type(session.world).objects.filter(pk=session.world_id).update)(owner=other)
    assert await reader.closed() == 4404
    await play_live(session.pk, act.Continue())
    assert seqs(await mine.frames(2)) == [2]
    for socket in (reader, mine):
        await socket.disconnect()


async def test_a_deleted_session_closes_its_sockets(session, player, quick):
    socket = Socket.of(player, session.pk)
    await socket.open()
    await in_database(lambda: queries.fresh(session.pk).delete())()
    assert await socket.closed() == 4404
    await socket.disconnect()


# -- what is told -----------------------------------------------------------------------------------------------------


async def test_a_move_is_told_at_once_and_its_last_frame_says_so(session, player, slow, layer):
    socket = Socket.of(player, session.pk)
    await socket.open()
    await play_live(session.pk, act.Choose(edge="edge2b"))
    frames = await socket.frames(2)
    assert [frame["type"] for frame in frames] == ["session_mutation", "node_entered"]
    first = frames[0]
    assert (first["seq"], first["version"], first["action"]) == (2, 1, "choose")
    assert [change["label"] for change in first["changes"] if change["path"].startswith("flags")] == ["Discovered: Tavern Regular"]
    assert [frame.get("last", False) for frame in frames] == [False, True]
    await socket.disconnect()


async def test_talking_tells_the_line_and_what_it_changed(session, player, slow):
    socket = Socket.of(player, session.pk)
    await socket.open()
    await play_live(session.pk, act.Choose(edge="edge2b"), act.Continue(), act.Interact(npc="captain_mara", interaction="talk", choice="coin"))
    frames = await socket.frames(5)
    assert seqs(frames) == [2, 3, 4, 5]
    mara = session.release.ids["npcs"]["captain_mara"]
    changes = [change for frame in frames for change in frame.get("changes", ())]
    assert {"path": f"relationships.npc_{mara}.affinity", "before": 30, "after": 35, "label": "+5 Affinity", "npc_id": mara} in changes
    line = next(frame for frame in frames if frame["type"] == "dialogue_line")
    assert (line["npc_id"], line["text"], line["writer"]) == (mara, "Smart. The sea provides for those who respect it.", "scripted")
    mood = next(frame for frame in frames if frame["type"] == "mood_changed")
    assert (mood["npc_id"], mood["before"], mood["after"]) == (mara, "neutral", "friendly")
    await socket.disconnect()


async def test_a_note_and_a_keyed_no_op_are_told_so_that_no_number_is_missing(session, player, slow):
    socket = Socket.of(player, session.pk)
    await socket.open()

    def notes() -> None:
        fresh = queries.fresh(session.pk)
        services.note(session=fresh, data={"note": "clip_ended"})
        services.move(session=fresh, action=act.Patched(values={}), idempotency=services.Idempotency("k", "h"))

    await in_database(notes)()
    frames = await socket.frames(3)
    assert [(frame["seq"], frame["version"], frame["changes"]) for frame in frames] == [(2, 0, []), (3, 0, [])]
    await socket.disconnect()


async def test_nothing_is_told_of_a_move_that_was_rolled_back(session, player, slow):
    from django.db import transaction

    socket = Socket.of(player, session.pk)
    await socket.open()

    def taken_back() -> None:
        with transaction.atomic():
            play(session.pk, act.Choose(edge="edge2b"))
            transaction.set_rollback(True)

    await in_database(taken_back)()
    assert await socket.receive_nothing(0.3)
    await play_live(session.pk, act.Choose(edge="edge2a"))
    assert (await socket.frames(2))[0]["seq"] == 2
    await socket.disconnect()


async def test_the_socket_takes_no_commands_but_ping(session, player, slow):
    socket = Socket.of(player, session.pk)
    await socket.open()
    for text in ("ping", '{"type": "ping"}'):
        await socket.send_to(text_data=text)
        assert await socket.next() == {"type": "pong"}
    for text in ('{"type": "choose", "edge_id": "edge2b"}', "nonsense", "[" * 1000, "1e999", "null", "x" * 5000):
        await socket.send_to(text_data=text)
    await socket.send_to(bytes_data=b"\x00\xff")
    assert await socket.receive_nothing(0.2)
    assert (await in_database(queries.fresh)(session.pk)).seq == 1
    await socket.disconnect()


# -- replay -----------------------------------------------------------------------------------------------------------


async def test_since_replays_in_order_what_came_after_and_then_goes_live(session, player, slow, layer):
    await play_live(session.pk, act.Choose(edge="edge2c"), act.Continue(), act.Choose(edge="edge2b"))
    socket = Socket.of(player, session.pk, since=2)
    assert (await socket.open())["seq"] == 4
    assert seqs(await socket.frames(4)) == [3, 4]
    await play_live(session.pk, act.Continue())
    assert seqs(await socket.frames(5)) == [5]
    await socket.disconnect()


async def test_since_may_be_nonsense(session, player):
    for since in ("-1", "x", "9" * 30, "999", "%F0", "1&since=2"):
        ticket = tickets.issue(player.pk, f"session/{session.pk}")
        socket = Socket(f"/ws/session/{session.pk}?ticket={ticket}&since={since}")
        assert (await socket.open())["seq"] == 1
        assert await socket.receive_nothing(0.05)
        await socket.disconnect()


async def test_a_replay_tells_exactly_what_was_told_live(session, player, owner, slow):
    live = Socket.of(player, session.pk)
    await live.open()
    await play_live(
        session.pk, act.Choose(edge="edge2b"), act.Continue(), act.Interact(npc="captain_mara", interaction="talk"), act.Say(choice="view"),
        act.Choose(edge="leave"), act.Travel(location="market"), act.Wait(seconds=3600),
    )  # fmt: skip
    await in_database(services.undo)(session=await in_database(queries.fresh)(session.pk))
    seq = (await in_database(queries.fresh)(session.pk)).seq
    told = await live.frames(seq)
    await in_database(_lose_mara)(session, owner)
    again = Socket.of(player, session.pk, since=1)
    await again.open()
    assert await again.frames(seq) == told
    for socket in (live, again):
        await socket.disconnect()


def _lose_mara(session: GameSession, owner: Any) -> None:
    """The world goes on without her, and the session with it: what was told of her stays what it was."""
    from npcs.models import Npc
    from sessions.publishing import publish
    from worlds.services import authored

    world = session.world
    world.refresh_from_db()
    with authored(world, owner) as change:
        change.delete(Npc.objects.get(world=world, key="captain_mara"))
    world.refresh_from_db()
    publish(world=world, actor=owner, force=True)
    services.current(queries.fresh(session.pk))


async def test_a_long_replay_comes_whole_while_new_moves_arrive(session, player, slow):
    await wander_live(session.pk, 450)
    socket = Socket.of(player, session.pk, since=0)
    hello = await socket.open()
    moving = asyncio.ensure_future(move_by_move(session.pk, 30))
    frames = await socket.frames(481)
    await moving
    assert hello["seq"] == 451
    assert seqs(frames) == list(range(1, 482))
    await socket.disconnect()


async def move_by_move(session_id: int, moves: int) -> None:
    for _ in range(moves):
        await wander_live(session_id, 1)


# -- nothing is missed ------------------------------------------------------------------------------------------------


async def test_moves_while_a_client_connects_are_neither_lost_nor_doubled(session, player, slow, layer):
    """Whenever a client comes, hello's number and what follows fit together."""
    moving = asyncio.ensure_future(move_by_move(session.pk, 60))
    sockets = []
    while not moving.done():
        socket = Socket.of(player, session.pk)
        sockets.append((socket, (await socket.open())["seq"]))
        await asyncio.sleep(0.03)
    await moving
    for socket, seq in sockets:
        if seq < 61:
            assert seqs(await socket.frames(61)) == list(range(seq + 1, 62))
        assert await socket.receive_nothing(0.01)
        await socket.disconnect()
    assert len(sockets) > 2


async def test_two_clients_are_told_the_same_and_the_log_is_read_once(session, player, owner, slow, layer, monkeypatch):
    reads = []
    read = hub.read_rows
    monkeypatch.setattr(hub, "read_rows", lambda *args: reads.append(args) or read(*args))
    sockets = [Socket.of(player, session.pk), Socket.of(player, session.pk), Socket.of(owner, session.pk)]
    for socket in sockets:
        await socket.open()
    await play_live(session.pk, act.Choose(edge="edge2b"))
    told = [await socket.frames(2) for socket in sockets]
    assert told[0] == told[1] == told[2]
    assert reads == [(session.pk, 1)]
    for socket in sockets:
        await socket.disconnect()


async def test_a_client_that_stops_reading_holds_up_nobody(session, player, slow):
    stuck, quick = Socket.of(player, session.pk), Socket.of(player, session.pk)
    await stuck.open()
    await quick.open()
    held = asyncio.Event()
    put = stuck.output_queue.put

    async def wait_and_put(message: Any) -> None:
        await held.wait()
        await put(message)

    stuck.output_queue.put = wait_and_put
    await wander_live(session.pk, 150)
    assert seqs(await quick.frames(151)) == list(range(2, 152))
    held.set()
    assert seqs(await stuck.frames(151)) == list(range(2, 152))
    for socket in (stuck, quick):
        await socket.disconnect()


async def test_streams_of_other_sessions_stay_apart(session, player, slow, layer):
    other = await in_database(session_of)(player, session.world)
    first, second = Socket.of(player, session.pk), Socket.of(player, other.pk)
    await first.open()
    await second.open()
    await play_live(other.pk, act.Choose(edge="edge2a"))
    assert seqs(await second.frames(2)) == [2]
    assert await first.receive_nothing(0.2)
    for socket in (first, second):
        await socket.disconnect()


async def test_a_lost_doorbell_costs_a_moment_only(session, player, quick, monkeypatch):
    socket = Socket.of(player, session.pk)
    await socket.open()
    monkeypatch.setattr("pixsim.lib.live.ring", lambda *args, **hint: None)
    await play_live(session.pk, act.Choose(edge="edge2b"))
    assert seqs(await socket.frames(2)) == [2]
    await socket.disconnect()


async def test_a_heartbeat_carries_the_newest_number_and_comes_after_what_it_counts(session, player, quick):
    socket = Socket.of(player, session.pk)
    await socket.open()
    moving = asyncio.ensure_future(move_by_move(session.pk, 100))
    cursor, beats = 1, []
    while cursor < 101 or len(beats) < 3 or beats[-1] < 101:
        frame = await socket.next()
        if frame["type"] == "heartbeat":
            beats.append(frame["seq"])
            assert frame["seq"] == cursor
        elif frame.get("last"):
            cursor = frame["seq"]
    await moving
    assert beats == sorted(beats)
    assert beats[-1] == 101
    await socket.disconnect()


async def test_a_database_that_is_away_for_a_moment_ends_no_socket(session, player, quick, monkeypatch):
    socket = Socket.of(player, session.pk)
    await socket.open()
    read_rows, read_heads, away = hub.read_rows, hub.read_heads, True

    def or_away(read: Any) -> Any:
        async def reading(*args: Any) -> Any:
            if away:
                raise OSError("the database is away")
            return await read(*args)

        return reading

    monkeypatch.setattr(hub, "read_rows", or_away(read_rows))
    monkeypatch.setattr(hub, "read_heads", or_away(read_heads))
    await play_live(session.pk, act.Choose(edge="edge2b"))
    await asyncio.sleep(0.5)
    away = False
    assert seqs(await socket.frames(2)) == [2]
    await socket.disconnect()


async def test_the_hub_goes_with_its_last_socket(session, player, layer):
    first, second = Socket.of(player, session.pk), Socket.of(player, session.pk)
    await first.open()
    await second.open()
    assert len(hub.here().streams) == 1
    loop = asyncio.get_running_loop()
    await first.disconnect()
    assert len(hub._hubs[loop].streams) == 1
    await second.disconnect()
    async with asyncio.timeout(10):
        while loop in hub._hubs:
            await asyncio.sleep(0.02)


async def test_frames_of_the_log_are_what_sockets_tell(session, player, slow):
    socket = Socket.of(player, session.pk)
    await socket.open()
    await play_live(session.pk, act.Choose(edge="edge2b"))
    told = await socket.frames(2)
    assert [told] == await in_database(lambda: frames_since(queries.fresh(session.pk), 1))()
    await socket.disconnect()


# -- Redis ------------------------------------------------------------------------------------------------------------


async def test_an_idle_socket_stays_open_on_redis(session, player, settings, slow):
    """Redis' own time-outs are five seconds: a line nobody speaks on must outlive them."""
    if not redis_servers.answers(REDIS_URL):
        pytest.skip("no Redis answers here")
    settings.CHANNEL_LAYERS = {"default": pubsub(REDIS_URL)}
    socket = Socket.of(player, session.pk)
    await socket.open()
    assert await socket.receive_nothing(11)
    await play_live(session.pk, act.Choose(edge="edge2b"))
    assert seqs(await socket.frames(2)) == [2]
    await socket.disconnect()


async def test_sockets_outlive_a_restart_of_redis(session, player, settings, monkeypatch, tmp_path):
    """While it is away moves are kept and clients may come; nothing is lost, and doorbells ring again when it is back."""
    if not redis_servers.OwnRedis.is_installed():
        pytest.skip("there is no redis-server on this machine")
    monkeypatch.setattr(hub, "POLL_SEC", 0.5)
    redis = redis_servers.OwnRedis(tmp_path)
    await asyncio.to_thread(redis.start)
    try:
        settings.CHANNEL_LAYERS = {"default": pubsub(redis.url)}
        early = Socket.of(player, session.pk)
        await early.open()
        redis.stop()
        await play_live(session.pk, act.Choose(edge="edge2c"))
        assert seqs(await early.frames(2)) == [2]
        between = Socket.of(player, session.pk, since=1)
        await between.open()
        assert seqs(await between.frames(2)) == [2]
        await asyncio.to_thread(redis.start)
        await asyncio.sleep(2.5)
        monkeypatch.setattr(hub, "POLL_SEC", 3600)
        await asyncio.sleep(0.6)
        late = Socket.of(player, session.pk)
        assert (await late.open())["seq"] == 2
        await play_live(session.pk, act.Continue())
        for socket in (early, between, late):
            assert seqs(await socket.frames(3)) == [3]
            await socket.disconnect()
    finally:
        redis.stop()


# -- logs -------------------------------------------------------------------------------------------------------------


def test_tickets_stay_out_of_the_servers_logs(caplog):
    logger = logging.getLogger("uvicorn.error")
    with caplog.at_level(logging.INFO, "uvicorn.error"):
        logger.propagate = True
        logger.info('%s - "WebSocket %s" [accepted]', "127.0.0.1:5", "/ws/session/200?ticket=WzEs-very_secret:1x:y&since=5")
    assert caplog.messages == ['127.0.0.1:5 - "WebSocket /ws/session/200?ticket=…&since=5" [accepted]']
