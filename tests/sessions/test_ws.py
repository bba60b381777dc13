"""`/ws/session/{id}`: who may listen, what is told, in which order, and that nothing is lost."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from pixsim.lib import consumers
from sessions import hub
from tests.documents import harbor
from tests.playing import Client, Socket, account, published

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def player(live_asgi: str) -> Client:
    owner = account("author", author=True)
    account("player")
    account("stranger")
    world = published(harbor(), owner=owner)
    client = Client(live_asgi, "player")
    client.session = client.post("/game-sessions/", {"world_id": world.pk})  # type: ignore[attr-defined]
    client.id = client.session["id"]  # type: ignore[attr-defined]
    return client


def url(player: Any, query: str = "") -> str:
    return f"{player.site.replace('http', 'ws', 1)}/ws/session/{player.id}{query}"


def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "POLL_SEC", 0.5)
    monkeypatch.setattr(hub, "HEARTBEAT_SEC", 1)


def wander(player: Any, moves: int) -> None:
    """Moves that always change something: to the docks and round again."""
    here = f"/game-sessions/{player.id}"
    session = player.get(here)
    for _ in range(moves):
        choices = [choice for choice in session["view"]["choices"] if choice["available"] and "Tavern" not in choice["label"]]
        if session["view"]["mode"] == "explore":
            session = player.post(f"{here}/time", {"advance_by_sec": 60})
        elif choices:
            session = player.post(f"{here}/choose", {"edge_id": choices[-1]["edge_id"]})
        else:
            session = player.post(f"{here}/continue")


def test_hello_then_every_move_in_order_with_no_gap(player: Any) -> None:
    with player.listen(player.id) as live:
        assert live.read() == {"type": "hello", "seq": 1, "version": 0}
        threading.Thread(target=wander, args=(player, 30)).start()
        moves = [live.move() for _ in range(30)]
    assert [frames[0]["seq"] for frames in moves] == list(range(2, 32))
    assert all({frame["seq"] for frame in frames} == {frames[0]["seq"]} for frames in moves)
    assert all([bool(frame.get("last")) for frame in frames] == [False] * (len(frames) - 1) + [True] for frames in moves)


def test_since_replays_exactly_what_was_told_live(player: Any) -> None:
    with player.listen(player.id) as live:
        live.read()
        wander(player, 5)
        told = [live.move() for _ in range(5)]
    with player.listen(player.id, since=1) as late:
        assert late.read()["seq"] == 6
        assert [late.move() for _ in range(5)] == told
    with player.listen(player.id, since=4) as later:
        later.read()
        assert [later.move() for _ in range(2)] == told[3:]


def test_without_since_only_what_is_new_is_told(player: Any) -> None:
    wander(player, 3)
    with player.listen(player.id) as live:
        assert live.read()["seq"] == 4
        wander(player, 1)
        assert live.move()[0]["seq"] == 5


def test_two_sockets_hear_the_same(player: Any) -> None:
    with player.listen(player.id) as one, player.listen(player.id) as two:
        one.read(), two.read()
        wander(player, 10)
        assert [one.move() for _ in range(10)] == [two.move() for _ in range(10)]


def test_a_lost_doorbell_costs_a_heartbeat_and_nothing_else(player: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    quick(monkeypatch)
    monkeypatch.setattr("pixsim.lib.live.ring", lambda *a, **k: None)
    with player.listen(player.id) as live:
        live.read()
        wander(player, 2)
        assert [live.move()[0]["seq"] for _ in range(2)] == [2, 3]
        assert live.read()["type"] == "heartbeat"


def test_the_heartbeat_carries_the_newest_seq(player: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    quick(monkeypatch)
    with player.listen(player.id) as live:
        live.read()
        assert live.read() == {"type": "heartbeat", "seq": 1, "version": 0}


def test_ping_is_answered_and_nothing_else_is_a_command(player: Any) -> None:
    with player.listen(player.id) as live:
        live.read()
        for text in ("choose", '{"type": "choose", "edge_id": "edge2a"}', "[[[[", "x" * 5000, '{"type": "ping"}'):
            live.send(text)
        assert live.read() == {"type": "pong"}
    assert player.get(f"/game-sessions/{player.id}")["version"] == 0


def closed_with(socket: Socket) -> int:
    with pytest.raises(ConnectionClosed) as caught:
        socket.read()
    assert caught.value.rcvd is not None
    return caught.value.rcvd.code


def test_a_ticket_opens_one_stream_once(player: Any) -> None:
    ticket = player.post("/auth/ws-ticket", {"stream": f"session/{player.id}"})["ticket"]
    with Socket(url(player, f"?ticket={ticket}")) as live:
        assert live.read()["type"] == "hello"
    with pytest.raises(InvalidStatus):
        Socket(url(player, f"?ticket={ticket}"))
    other = player.post("/auth/ws-ticket", {"stream": f"session/{player.id + 1}"})["ticket"]
    with pytest.raises(InvalidStatus):
        Socket(url(player, f"?ticket={other}"))


def test_without_login_it_is_closed_with_4401_and_for_a_stranger_with_4404(player: Any) -> None:
    with Socket(url(player), origin=player.site) as anonymous:
        assert closed_with(anonymous) == 4401
    stranger = Client(player.site, "stranger")
    with stranger.listen(player.id) as foreign:
        assert closed_with(foreign) == 4404
    with stranger.listen(player.id + 1000) as missing:
        assert closed_with(missing) == 4404


def test_a_wrong_origin_is_refused_and_a_missing_one_needs_a_ticket(player: Any) -> None:
    for options in ({"origin": "https://evil.example"}, {}):
        with pytest.raises(InvalidStatus):
            Socket(url(player), **options)
    cookie = _cookie(player)
    with Socket(url(player), origin=player.site, additional_headers={"Cookie": cookie}) as live:
        assert live.read()["type"] == "hello"
    with pytest.raises(InvalidStatus):
        Socket(url(player), origin="https://evil.example", additional_headers={"Cookie": cookie})


def test_a_wrong_origin_is_refused_even_with_a_ticket(player: Any) -> None:
    with pytest.raises(InvalidStatus):
        player.listen(player.id, origin="https://evil.example")


def _cookie(player: Any) -> str:
    from django.conf import settings
    from django.test import Client as Browser

    from pixsim.models import User

    browser = Browser()
    browser.force_login(User.objects.get(username="player"))
    return f"{settings.SESSION_COOKIE_NAME}={browser.cookies[settings.SESSION_COOKIE_NAME].value}"


def test_who_loses_the_right_is_closed_at_the_next_check(player: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from pixsim.models import User

    monkeypatch.setattr(consumers, "RECHECK_SEC", 1)
    with player.listen(player.id) as live:
        live.read()
        User.objects.filter(username="player").update(is_active=False)
        assert closed_with(live) == 4401


def test_under_overrides_frames_are_marked_and_have_no_seq_and_the_log_says_nothing(player: Any, live_asgi: str) -> None:
    author = Client(live_asgi, "author")
    session = author.post("/game-sessions/", {"world_id": player.session["world_id"]})
    here, npc = f"/game-sessions/{session['id']}", next(int(key[4:]) for key in session["relationships"])
    with author.listen(session["id"]) as live:
        assert live.read()["type"] == "hello"
        author.post("/dev/override-npc-state", {"session_id": session["id"], "npc_id": npc, "overrides": {"relationships": {"trust": 70}}})
        told = live.move()
        assert [frame["type"] for frame in told][:: len(told) - 1] == ["session_mutation", "dev_override"]
        author.post(f"{here}/choose", {"edge_id": "edge2b"})
        told += live.move()
        assert {"node_entered"} <= {frame["type"] for frame in told}
        assert all(frame["dev_override"] is True and "seq" not in frame for frame in told)
        author.http.delete(f"{author.site}/api/v1/dev/override-npc-state?session_id={session['id']}", timeout=20)
        ended = live.read()
        assert (ended["type"], ended["active"]) == ("dev_override", False)
    assert [event["seq"] for event in author.get(f"{here}/events")] == [1]
