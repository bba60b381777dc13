"""A developer's overrides: a sandbox over the session, where moves land until it is dropped. Nothing of it is ever in the log."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from npcs.models import Npc
from pixsim.lib.canonical import sha256
from pixsim.lib.errors import Invalid, NotAvailable, NotFound, StaleSession
from pixsim.models import User
from sessions import events, output, proofs, queries, services, speaking
from sessions.engine import Choose, Continue, Interact, Say
from sessions.models import ConversationMemory, DialogueTurn, GameSession, MadeLine, SandboxState, SavedGame, SessionEvent
from sessions.publishing import publish
from sessions.releases import spec_of
from sessions.services import Idempotency
from tests import documents
from tests.playing import account, published
from worlds.models import World

pytestmark = pytest.mark.django_db
SMITTEN = {"relationships": {"affinity": 80, "trust": 70, "chemistry": 90, "tension": 20, "intimacy_level": 3}}


@pytest.fixture
def owner() -> User:
    user = account("owner", author=True)
    user.rating = "mature_implied"
    user.save()
    return user


@pytest.fixture
def world(owner: User) -> World:
    document = documents.harbor()
    manifest = document["world"]["meta"]["manifest"]
    manifest["wait"] = "free"
    manifest["content_rating"] = "romantic"
    return published(document, owner=owner)


@pytest.fixture
def session(owner: User, world: World) -> GameSession:
    """At the bar, with Mara."""
    session = services.start(user=owner, world=queries.playable_world(owner, world.pk)).session
    for action in (Choose(edge="edge2b"), Continue()):
        session = services.move(session=session, action=action).session
    return queries.own(owner, session.pk)


def smitten(session: GameSession, owner: User, **given: Any) -> GameSession:
    return services.override(session=session, actor=owner, npc="captain_mara", given=given or SMITTEN).session


def mara(session: GameSession) -> dict[str, float]:
    shown = output.session_json(session)["relationships"]
    return next(values for values in shown.values())


def kept(session: GameSession) -> Any:
    """Everything of a session that must not change."""
    row = GameSession.objects.get(pk=session.pk)
    events_ = SessionEvent.objects.filter(session=session)
    return sha256(row.state), row.version, row.seq, row.hand_edited, [(e.seq, e.state_sha256) for e in events_], ConversationMemory.objects.count()


def test_under_overrides_moves_change_the_sandbox_alone_and_reset_drops_all_of_it(session: GameSession, owner: User) -> None:
    before = kept(session)
    under = smitten(session, owner)
    assert mara(under)["chemistry"] == 90
    assert under.version > session.version
    moved = speaking.told(services.move(session=under, action=Interact(npc="captain_mara", interaction="talk")))
    again = queries.own(owner, session.pk)
    assert again.version == moved.session.version
    assert output.session_json(again)["view"]["dialogue"]["lines"], "Mara has answered, in the sandbox"
    speaking.told(services.move(session=again, action=Say(choice="coin")))
    assert kept(session) == before
    assert SavedGame.objects.count() == 0
    real = services.reset(session=queries.own(owner, session.pk))
    assert (real.over, real.version) == (None, session.version)
    assert mara(real)["chemistry"] == 40
    assert kept(session) == before
    assert proofs.verify(real) == []
    assert not SandboxState.objects.exists()


def test_a_line_said_under_overrides_is_kept_for_the_inspector_as_tried_out(session: GameSession, owner: User) -> None:
    under = smitten(session, owner)
    speaking.told(services.move(session=under, action=Interact(npc="captain_mara", interaction="talk")))
    turn = DialogueTurn.objects.get()
    assert turn.outcome == DialogueTurn.Outcome.TRIED
    assert "90" in str(turn.prompt), "the prompt reads what was set"


def test_what_was_locked_opens_and_locks_again(session: GameSession, owner: User) -> None:
    def flirt(now: GameSession) -> bool:
        acts = output.session_json(now)["view"]["interactions"]
        return next(act["available"] for act in acts if act["id"] == "flirt")

    services.patch(session=queries.fresh(session.pk), values={"relationships": {"captain_mara": {"chemistry": 0, "affinity": 0}}})
    session = queries.own(owner, session.pk)
    assert not flirt(session)
    assert flirt(smitten(session, owner))
    assert not flirt(services.reset(session=queries.own(owner, session.pk)))


def test_two_people_are_overridden_and_one_is_set_back(session: GameSession, owner: User) -> None:
    under = smitten(session, owner)
    under = services.override(session=under, actor=owner, npc="ren", given={"location": "tavern", "relationships": {"trust": -40}}).session
    assert output.overrides_json(under).keys() == {f"npc_{n.pk}" for n in Npc.objects.filter(key__in=("captain_mara", "ren"))}
    under = services.reset(session=under, npc="captain_mara")
    spec = spec_of(under.release)
    state = queries.state_of(under)
    assert spec.relationship(state, "captain_mara")["chemistry"] == 40
    assert spec.relationship(state, "ren")["trust"] == -40
    assert spec.location_of(state, "ren") == "tavern"
    assert services.reset(session=queries.own(owner, session.pk), npc="ren").over is None


def test_stepping_back_works_under_overrides_but_not_past_them(session: GameSession, owner: User) -> None:
    under = smitten(session, owner)
    first = under.version
    moved = speaking.told(services.move(session=under, action=Interact(npc="captain_mara", interaction="talk")))
    back = services.undo(session=moved.session)
    assert back.state.turn is None
    assert mara(back.session)["chemistry"] == 90
    assert services.redo(session=back.session).state.turn is not None
    with pytest.raises(NotFound):
        services.undo(session=queries.own(owner, session.pk), to_version=first - 1)
    fresh = services.undo(session=queries.own(owner, session.pk), to_version=first)
    with pytest.raises(NotAvailable):
        services.undo(session=fresh.session)


def test_two_at_once_are_one_and_a_keyed_move_is_made_once(session: GameSession, owner: User) -> None:
    under = smitten(session, owner)
    twin = queries.own(owner, session.pk)
    key = Idempotency("k", "1" * 64)
    talk = Interact(npc="captain_mara", interaction="talk")
    done = services.move(session=under, action=talk, idempotency=key)
    with pytest.raises(StaleSession):
        services.move(session=twin, action=talk)
    assert services.move(session=queries.own(owner, session.pk), action=talk, idempotency=key).session.version == done.session.version
    with pytest.raises(StaleSession):
        services.move(session=queries.own(owner, session.pk), action=talk, version=session.version)


@pytest.mark.parametrize("call", ["fork", "save", "note", "really", "load"])
def test_what_would_leave_a_trace_is_refused_under_overrides(session: GameSession, owner: User, call: str) -> None:
    services.save(session=session)
    under = smitten(session, owner)
    calls = {
        "fork": lambda: services.fork(session=under, user=owner),
        "save": lambda: services.save(session=under),
        "note": lambda: services.note(session=under, data={"note": "x"}),
        "load": lambda: services.load_save(session=under, number=1),
        "really": lambda: services.override(session=under, actor=owner, npc="captain_mara", given=SMITTEN, temporary=False),
    }
    with pytest.raises(NotAvailable, match="Reset them first"):
        calls[call]()


def test_one_that_is_not_temporary_is_a_real_logged_change(session: GameSession, owner: User) -> None:
    moved = services.override(
        session=session, actor=owner, npc="captain_mara", temporary=False,
        given={**SMITTEN, "emotion": {"label": "curious"}, "drives": {"hunger": 70}, "location": "market"},
    )  # fmt: skip
    assert moved.session.over is None
    assert moved.session.hand_edited
    assert SessionEvent.objects.filter(session=session).latest("seq").action["type"] == "patched"
    assert mara(moved.session)["chemistry"] == 90
    assert proofs.verify(queries.fresh(session.pk)) == []


def test_what_the_world_does_not_have_is_pointed_at(session: GameSession, owner: User, world: World) -> None:
    wrong = {"relationships": {"charm": 1}, "drives": {"thirst": 1}, "emotion": {"label": "elated"}}
    with pytest.raises(Invalid) as told:
        smitten(session, owner, **wrong)
    pointers = {error.pointer for error in told.value.errors}
    assert pointers == {"/overrides/relationships/charm", "/overrides/drives/thirst", "/overrides/emotion/label"}
    assert not SandboxState.objects.exists()


def test_romance_is_not_overridden_where_it_may_not_be(session: GameSession, owner: User) -> None:
    owner.rating = "sfw"
    owner.save()
    session = services.rated(session=session, user=owner)
    with pytest.raises(Invalid) as told:
        smitten(session, owner)
    assert "/overrides/relationships/chemistry" in {error.pointer for error in told.value.errors}
    assert not SandboxState.objects.exists()


def test_the_world_may_change_meanwhile_and_both_are_mended(session: GameSession, owner: User, world: World) -> None:
    under = smitten(session, owner)
    version = under.version
    Npc.objects.filter(world=world, key="captain_mara").update(name="Mara the Bold")
    publish(world=world, actor=owner, force=True)
    now = services.current(queries.own(owner, session.pk))
    assert now.release_id == queries.fresh(session.pk).world.published_id
    assert now.version == version + 1
    assert GameSession.objects.get(pk=session.pk).version == session.version, "the session itself is mended when it is played again"
    real = services.reset(session=now)
    assert real.release_id == real.world.published_id
    assert proofs.verify(real) == []


def test_frames_under_overrides_are_marked_and_have_no_seq(session: GameSession, owner: User) -> None:
    under = smitten(session, owner)
    frames = events.tried_frames(under, under.version)
    assert [frame["type"] for frame in frames][0] == "session_mutation"
    assert frames[-1]["type"] == "dev_override"
    assert all(frame["dev_override"] is True and "seq" not in frame for frame in frames)
    assert {"path", "before", "after", "label", "npc_id"} <= frames[0]["changes"][0].keys()
    services.reset(session=under)
    assert events.tried_frames(queries.shown(session.pk), 0) == [
        {"type": "dev_override", "active": False, "version": session.version, "dev_override": True}
    ]


def test_a_line_of_a_node_is_written_in_a_room_of_its_own(session: GameSession, owner: User) -> None:
    under = smitten(session, owner)
    assert under.over is not None
    MadeLine.objects.create(
        world=session.world, scope=f"sandbox/{under.over.pk}", scene="s", node="n", config_sha256="0" * 64, npc_key="captain_mara", text="Aye."
    )
    services.reset(session=under)
    assert not MadeLine.objects.exists()


# -- REST -------------------------------------------------------------------------------------------------------------


def client(user: User) -> APIClient:
    found = APIClient()
    found.force_authenticate(user)
    return found


def test_the_call_of_the_walkthrough(session: GameSession, owner: User) -> None:
    npc, here = Npc.objects.get(key="captain_mara"), f"/api/v1/game-sessions/{session.pk}"
    before = kept(session)
    body = {"session_id": session.pk, "npc_id": npc.pk, "overrides": SMITTEN, "temporary": True}
    answer = client(owner).post("/api/v1/dev/override-npc-state", body, format="json")
    assert answer.status_code == 200, answer.content
    assert answer.json()["dev_override"] is True
    assert answer.json()["dev_overrides"] == {f"npc_{npc.pk}": SMITTEN}
    assert answer.json()["relationships"][f"npc_{npc.pk}"]["chemistry"] == 90
    said = client(owner).post(
        "/api/v1/npc-interactions/execute", {"session_id": session.pk, "npc_id": npc.pk, "interaction_id": "flirt"}, format="json"
    )
    assert said.status_code == 200, said.content
    assert client(owner).post(f"{here}/fork", {}, format="json").status_code == 409
    assert kept(session) == before
    gone = client(owner).delete(f"/api/v1/dev/override-npc-state?session_id={session.pk}")
    assert gone.json()["relationships"][f"npc_{npc.pk}"]["chemistry"] == 40
    assert gone.json()["dev_override"] is False
    assert kept(session) == before


def test_a_player_of_anothers_world_has_no_such_panel(world: World, session: GameSession) -> None:
    player = account("player")
    other = account("other", author=True)
    theirs = services.start(user=other, world=world).session
    npc = Npc.objects.get(key="captain_mara")
    body = {"session_id": theirs.pk, "npc_id": npc.pk, "overrides": SMITTEN}
    assert client(player).post("/api/v1/dev/override-npc-state", body, format="json").status_code == 404
    assert client(other).post("/api/v1/dev/override-npc-state", body, format="json").status_code == 403
    assert not SandboxState.objects.exists()
