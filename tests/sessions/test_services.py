"""What the services promise: one winner, no gap, all or nothing, and a log from which everything can be played again."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import DatabaseError, connection, connections
from django.utils import timezone
from rest_framework.test import APIClient

from pixsim.lib.errors import IdempotencyMismatch, NotAvailable, NotFound, StaleSession
from pixsim.models import AUTHORS, AuditEntry, User
from scenes import services as scene_services
from scenes.models import Scene
from sessions import dialogue, projections, proofs, queries, services
from sessions.engine import Choose, Continue, Interact, Wait
from sessions.engine.actions import Patched
from sessions.models import GameSession, SessionEvent
from sessions.publishing import publish
from sessions.services import Idempotency
from tests import documents
from tests.playing import published
from worlds.models import World

TAVERN, DOCKS = Choose(edge="edge2b"), Choose(edge="edge2c")


@pytest.fixture
def owner() -> User:
    return User.objects.create_user("owner")


@pytest.fixture
def player() -> User:
    return User.objects.create_user("player")


@pytest.fixture
def world(owner: User) -> World:
    document = documents.harbor()
    document["world"]["meta"]["manifest"]["wait"] = "free"
    return published(document, owner=owner)


@pytest.fixture
def session(player: User, world: World) -> GameSession:
    return services.start(user=player, world=queries.playable_world(player, world.pk)).session


def log(session: GameSession) -> list[SessionEvent]:
    return list(SessionEvent.objects.filter(session=session).order_by("seq"))


def exploring(session: GameSession) -> GameSession:
    """At the docks after the tavern, where one may wait."""
    for action in (TAVERN, Continue(), Choose(edge="leave")):
        session = services.move(session=session, action=action).session
    return session


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Every call in a thread and on a connection of its own, let go at the same moment; its result, or what it raised."""
    gate, results = threading.Barrier(len(calls)), [None] * len(calls)

    def run(index: int, call: Callable[[], Any]) -> None:
        try:
            gate.wait(10)
            results[index] = call()
        except Exception as error:
            results[index] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(index, call)) for index, call in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


# -- one winner -------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_of_many_simultaneous_moves_one_wins_and_the_others_hear_what_is(session: GameSession) -> None:
    results = at_once(
        *[lambda action=action: services.move(session=queries.fresh(session.pk), action=action, version=0) for action in (TAVERN, DOCKS) * 4]
    )

    lost = [result for result in results if isinstance(result, StaleSession)]
    assert len(lost) == 7, results
    (won,) = [result for result in results if not isinstance(result, Exception)]
    assert won.session.version == 1
    assert all(error.extra["current"].version == 1 for error in lost)
    assert [event.version for event in log(session)] == [0, 1]
    assert queries.fresh(session.pk).state == won.session.state


@pytest.mark.django_db(transaction=True)
def test_over_http_the_loser_gets_409_with_the_state_as_it_is(session: GameSession, player: User) -> None:
    def post(edge: str) -> Any:
        client = APIClient()
        client.force_authenticate(player)
        return client.post(f"/api/v1/game-sessions/{session.pk}/choose", {"edge_id": edge, "version": 0}, format="json")

    answers = sorted(at_once(lambda: post("edge2b"), lambda: post("edge2c")), key=lambda answer: answer.status_code)

    assert [answer.status_code for answer in answers] == [200, 409]
    problem = answers[1].json()
    assert problem["type"].endswith("stale")
    assert problem["current"]["version"] == 1
    assert problem["current"]["flags"] == answers[0].json()["flags"]


@pytest.mark.django_db(transaction=True)
def test_the_same_key_sent_many_times_at_once_moves_once(session: GameSession) -> None:
    key = Idempotency("tap-tap", "a" * 64)
    results = at_once(*[lambda: services.move(session=queries.fresh(session.pk), action=TAVERN, idempotency=key) for _ in range(6)])

    assert not [result for result in results if isinstance(result, Exception)], results
    assert sum(not result.replayed for result in results) == 1
    assert {result.session.version for result in results} == {1}
    assert len(log(session)) == 2


# -- no gap -----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_thousand_moves_leave_no_gap(session: GameSession) -> None:
    session = exploring(session)
    for number in range(1, 1001):
        if number % 50 == 0:
            session = services.undo(session=session).session
        elif number % 50 == 1 and number > 1:
            session = services.redo(session=session).session
        elif number % 77 == 0:
            services.note(session=session, data={"note": "still here"})
        else:
            session = services.move(session=session, action=Wait(seconds=60)).session

    rows = log(session)
    assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
    versions = [row.version for row in rows if row.patch is not None]
    assert versions == list(range(session.version + 1))
    assert (session.seq, session.version) == (len(rows), queries.fresh(session.pk).version)
    assert queries.state_at(session, 500) == dict(services.restore(session=session, version=500, why="undo").session.state)


# -- all or nothing ---------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("where", ["the row of the log", "the projection"])
def test_a_move_that_cannot_be_kept_whole_is_not_kept_and_not_told(where: str, session: GameSession, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise DatabaseError("disk full")

    rung: list[str] = []
    monkeypatch.setattr("pixsim.lib.live.ring", lambda stream, **_: rung.append(stream))
    with monkeypatch.context() as broken:
        broken.setattr(*((SessionEvent.objects, "create") if where == "the row of the log" else (projections, "remember")), fail)
        with pytest.raises(DatabaseError):
            services.move(session=session, action=TAVERN)

    now = queries.fresh(session.pk)
    assert (now.version, now.seq, now.state) == (0, 1, session.state)
    assert len(log(session)) == 1
    assert rung == []

    services.move(session=now, action=TAVERN)
    assert rung == [f"session/{session.pk}"]


# -- the same again ---------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_key_answers_the_same_again_before_anything_is_stale(session: GameSession) -> None:
    key = Idempotency("k1", "a" * 64)
    first = services.move(session=session, action=TAVERN, version=0, idempotency=key)
    services.move(session=queries.fresh(session.pk), action=Continue())

    again = services.move(session=queries.fresh(session.pk), action=TAVERN, version=0, idempotency=key)

    assert again.replayed
    assert (again.session.version, again.session.seq, again.state) == (1, first.session.seq, first.state)
    assert again.changes == first.changes
    assert queries.fresh(session.pk).version == 2


@pytest.mark.django_db
def test_a_key_with_another_body_is_refused(session: GameSession) -> None:
    services.move(session=session, action=TAVERN, idempotency=Idempotency("k1", "a" * 64))
    with pytest.raises(IdempotencyMismatch):
        services.move(session=queries.fresh(session.pk), action=DOCKS, idempotency=Idempotency("k1", "b" * 64))


@pytest.mark.django_db
def test_a_keyed_move_that_changes_nothing_is_remembered_without_a_version(session: GameSession) -> None:
    nothing, key = Patched(values={}), Idempotency("k1", "a" * 64)
    services.move(session=session, action=nothing)
    assert len(log(session)) == 1

    services.move(session=session, action=nothing, idempotency=key)
    again = services.move(session=queries.fresh(session.pk), action=nothing, idempotency=key)

    assert again.replayed
    assert [(row.seq, row.version, row.patch) for row in log(session)][1:] == [(2, 0, None)]
    with pytest.raises(IdempotencyMismatch):
        services.move(session=queries.fresh(session.pk), action=nothing, idempotency=Idempotency("k1", "b" * 64))


@pytest.mark.django_db
def test_a_key_is_forgotten_after_a_day(session: GameSession) -> None:
    key = Idempotency("k1", "a" * 64)
    services.move(session=session, action=TAVERN, idempotency=key)
    SessionEvent.objects.filter(idem_key="k1").update(at=timezone.now() - timedelta(hours=25))
    with pytest.raises((StaleSession, NotAvailable)):
        services.move(session=queries.fresh(session.pk), action=TAVERN, version=0, idempotency=key)


# -- back and forth ---------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_undo_and_redo_are_identity_and_destroy_nothing(session: GameSession) -> None:
    moved = services.move(session=services.move(session=session, action=TAVERN).session, action=Continue())
    states = {version: queries.state_at(moved.session, version) for version in range(3)}

    back = services.undo(session=moved.session)
    assert back.session.state == states[1]
    further = services.undo(session=back.session)
    assert further.session.state == states[0]
    with pytest.raises(NotAvailable):
        services.undo(session=further.session)
    forth = services.redo(session=services.redo(session=further.session).session)
    assert forth.session.state == states[2]
    with pytest.raises(NotAvailable):
        services.redo(session=forth.session)
    assert [row.version for row in log(session)] == list(range(7))

    branch = services.move(session=services.undo(session=services.undo(session=forth.session).session).session, action=DOCKS)
    with pytest.raises(NotAvailable):
        services.redo(session=branch.session)


@pytest.mark.django_db
def test_a_fork_shares_the_past_and_nothing_else(session: GameSession, player: User) -> None:
    session = services.move(session=session, action=TAVERN).session
    twin = services.fork(session=session, user=player)
    assert twin.forked_from_id == session.pk
    assert (twin.state, twin.version, twin.seq, twin.playthrough_id) == (session.state, 1, 2, session.playthrough_id)
    assert [row.patch for row in log(twin)] == [row.patch for row in log(session)]

    services.move(session=queries.fresh(twin.pk), action=Continue())
    assert queries.fresh(session.pk).version == 1
    assert services.undo(session=queries.fresh(twin.pk)).session.state == session.state
    assert proofs.verify(queries.fresh(twin.pk)) == []


@pytest.mark.django_db
def test_saves_are_numbered_and_load_what_was(session: GameSession) -> None:
    first = services.save(session=session, name="On the quay")
    session = services.move(session=session, action=TAVERN).session
    second = services.save(session=session)
    assert [(save.number, save.name, save.version) for save in session.saves.all()] == [(1, "On the quay", 0), (2, "", 1)]

    loaded = services.load_save(session=session, number=first.number)
    assert loaded.session.state == queries.state_at(loaded.session, 0)
    assert loaded.session.version == 2
    assert services.load_save(session=loaded.session, number=second.number).session.state == session.state
    with pytest.raises(NotFound):
        services.load_save(session=loaded.session, number=9)


# -- the world changes ------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_after_a_publish_the_story_goes_on_where_it_still_can(session: GameSession, owner: User, world: World) -> None:
    session = services.move(session=session, action=DOCKS).session
    assert session.state["at"] == {"scene": "harbor_intro", "node": "node4"}
    scene_services.delete_node(scene=Scene.objects.get(world=world, key="harbor_intro"), key="node4", actor=owner)
    publish(world=World.objects.get(pk=world.pk), actor=owner, force=True)

    mended = services.current(queries.fresh(session.pk))

    assert mended.release_id == World.objects.get(pk=world.pk).published_id != session.release_id
    assert mended.state["at"]["node"] in ("node1", "node2")
    assert "nearest place" in mended.notice
    assert log(mended)[-1].action["type"] == "reconciled"
    assert services.current(mended) is mended
    assert proofs.verify(mended) == []
    assert services.undo(session=mended).session.state["at"]["scene"] == "harbor_intro"


@pytest.mark.django_db
def test_the_author_plays_the_draft_as_it_changes(owner: User, world: World) -> None:
    session = services.start(user=owner, world=queries.playable_world(owner, world.pk), draft=True).session
    scene = Scene.objects.get(world=world, key="harbor_intro")
    scene_services.delete_node(scene=scene, key="node4", actor=owner)

    session = services.current(queries.fresh(session.pk))

    assert session.on_draft
    assert session.release.number is None or session.release_id != world.published_id
    with pytest.raises(NotAvailable):
        services.move(session=session, action=DOCKS)
    assert proofs.verify(session) == []


@pytest.mark.django_db
def test_verify_plays_everything_again_with_the_database_closed(session: GameSession, monkeypatch: pytest.MonkeyPatch) -> None:
    session = exploring(session)
    for action in (Wait(seconds=3600), Interact(npc="captain_mara", interaction="talk")):
        session = dialogue.answer(services.move(session=session, action=action)).session
    session = services.undo(session=session).session
    real = services.engine.verify

    def closed(*args: Any) -> Any:
        def refuse(execute: Any, sql: str, *_: Any) -> None:
            raise AssertionError(f"The engine asked the database: {sql}")

        with connection.execute_wrapper(refuse):
            return real(*args)

    monkeypatch.setattr(services.engine, "verify", closed)
    assert proofs.verify(session) == []

    tampered = log(session)[2]
    SessionEvent.objects.filter(pk=tampered.pk).update(state_sha256="0" * 64)
    assert [mismatch.version for mismatch in proofs.verify(session)] == [tampered.version]


# -- turns ------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_turn_nobody_answered_is_finished_when_somebody_looks(session: GameSession) -> None:
    session = services.move(session=exploring(session), action=Interact(npc="captain_mara", interaction="talk")).session
    assert session.turn_due_at is not None
    assert dialogue.finish_overdue(session) is session

    GameSession.objects.filter(pk=session.pk).update(turn_due_at=timezone.now() - timedelta(seconds=1))
    done = dialogue.finish_overdue(queries.fresh(session.pk))

    assert done.turn_due_at is None
    assert done.version == session.version + 1
    assert log(done)[-1].action["type"] == "answered"
    assert log(done)[-1].action["text"]


# -- by hand ----------------------------------------------------------------------------------------------------------


def api(user: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


@pytest.mark.django_db
def test_a_player_who_names_the_node_chooses(session: GameSession, player: User) -> None:
    answer = api(player).patch(f"/api/v1/game-sessions/{session.pk}", {"current_node_id": "node4"}, format="json")
    assert answer.status_code == 200, answer.content
    assert answer.json()["flags"] == ["visited_harbor"]
    last = log(session)[-1].action
    assert (last["type"], last["edge"]) == ("choose", "edge2c")
    assert not queries.fresh(session.pk).hand_edited

    refused = api(player).patch(f"/api/v1/game-sessions/{session.pk}", {"stats": {"coin": 99}}, format="json")
    assert refused.status_code == 403


@pytest.mark.django_db
def test_an_owners_edit_is_marked_as_done_by_hand(owner: User, world: World) -> None:
    owner.groups.add(Group.objects.get_or_create(name=AUTHORS)[0])
    session = services.start(user=owner, world=queries.playable_world(owner, world.pk)).session
    answer = api(owner).patch(f"/api/v1/game-sessions/{session.pk}", {"stats": {"coin": 42}, "flags": ["visited_tavern"]}, format="json")
    assert answer.status_code == 200, answer.content
    now = queries.fresh(session.pk)
    assert now.hand_edited
    assert now.state["stats"] == {"coin": 42}
    assert log(session)[-1].action["type"] == "patched"
    assert proofs.verify(now) == []


@pytest.mark.django_db
def test_staff_in_anothers_session_leaves_a_trace(session: GameSession, player: User) -> None:
    staff = User.objects.create_user("warden", is_staff=True)
    api(staff).get(f"/api/v1/game-sessions/{session.pk}")
    api(staff).post(f"/api/v1/game-sessions/{session.pk}/choose", {"edge_id": "edge2b"}, format="json")
    api(player).get(f"/api/v1/game-sessions/{session.pk}")
    traces = AuditEntry.objects.order_by("pk").values_list("actor__username", "action", "subject")
    assert list(traces) == [("warden", "read", f"session/{session.pk}"), ("warden", "change", f"session/{session.pk}")]
