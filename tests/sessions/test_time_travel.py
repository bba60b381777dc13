"""Two hundred moves with both writers, the world published twice meanwhile: the log proves them, every version comes back, forks are strangers."""

from __future__ import annotations

import random
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from npcs.models import Npc
from npcs.writers import Written
from pixsim.lib.canonical import sha256
from pixsim.lib.errors import NotAvailable, NotFound
from pixsim.models import User
from sessions import dialogue, proofs, queries, rewind_pages, saves, services, speaking
from sessions.engine import Choose, Continue, Interact, Say, Wait, options
from sessions.models import ConversationMemory, DialogueTurn, GameSession, SavedGame, SessionEvent
from sessions.publishing import publish
from sessions.releases import spec_of
from tests import documents
from tests.playing import account, published
from worlds.models import World

pytestmark = pytest.mark.django_db
MOVES = 200


@pytest.fixture
def owner() -> User:
    return account("owner", author=True)


@pytest.fixture
def player() -> User:
    return account("player")


@pytest.fixture
def world(owner: User) -> World:
    document = documents.harbor()
    document["world"]["meta"]["manifest"]["wait"] = "free"
    return published(document, owner=owner)


@pytest.fixture
def session(player: User, world: World) -> GameSession:
    return services.start(user=player, world=queries.playable_world(player, world.pk)).session


def lines() -> Iterator[Written]:
    """What a model answers: now and then it would like more than it may."""
    yield from (
        Written(
            text=f"Line {number}.", writer="openai", model="test", emotion=("happy", "angry", "")[number % 3], memory={},
            proposed={"relationships": {"affinity": number % 9 - 3, "trust": 40}},
        )
        for number in range(10_000)
    )  # fmt: skip


def played(session: GameSession, moves: int, draws: random.Random, said: Iterator[Written]) -> GameSession:
    """Moves at random; every other line is answered by a model, the rest by the scripted writer."""
    made = 0
    while made < moves:
        session = services.current(session)
        spec, state = spec_of(session.release), queries.state_of(session)
        turn = state.turn
        if turn is not None and turn.waiting:
            moved = services.Moved(session, spec, state)
            request = dialogue.request_of(moved, turn)
            written = next(said) if made % 2 else dialogue.local_line(spec, request)
            session = services.move(session=session, action=dialogue.closing(turn, written)).session
            made += 1
            continue
        open_ = [option.action for option in options(spec, state) if isinstance(option.action, Choose | Continue | Interact | Say)]
        open_ += [Wait(seconds=3600)] if state.at is None else []
        if not open_:
            session = services.patch(session=session, values={"scene": spec.entry_scene}).session
        else:
            session = services.move(session=session, action=draws.choice(open_)).session
        made += 1
    return session


def states(session: GameSession) -> dict[int, str]:
    return {version: sha256(state) for version, state in queries.states_between(session, 0, session.version).items()}


def test_two_hundred_moves_with_both_writers_while_the_world_is_published_twice(session: GameSession, owner: User, world: World) -> None:
    draws, said = random.Random(7), lines()
    for number in range(2):
        session = played(session, MOVES // 3, draws, said)
        Npc.objects.filter(world=world, key="captain_mara").update(name=f"Mara {number}", version=number + 10)
        publish(world=World.objects.get(pk=world.pk), actor=owner, force=True)
        session = queries.fresh(session.pk)
    session = played(session, MOVES - 2 * (MOVES // 3), draws, said)
    writers = {event.action.get("writer") for event in SessionEvent.objects.filter(session=session, action__type="answered")}
    assert {"openai", "scripted"} <= writers | {"scripted" if "authored" in writers else ""}
    proof = proofs.proof(session)
    assert proof.mismatches == ()
    assert proof.versions >= MOVES
    assert proof.releases == 3
    assert proof.sha256 == sha256(GameSession.objects.get(pk=session.pk).state)

    before = states(session)
    for version in [*draws.sample(sorted(before), 12), 0, session.version - 1]:
        here = sha256(session.state)
        back = services.undo(session=session, to_version=version).session
        restored = SessionEvent.objects.filter(session=session, action__type="restored").latest("version")
        assert restored.state_sha256 == before[version], version  # where the world has changed since, it is mended in a row of its own
        session = services.redo(session=back).session
        assert sha256(session.state) == here, version
    assert proofs.verify(queries.fresh(session.pk)) == []

    twin = services.fork(session=session, user=session.user)
    original = states(session)
    assert states(twin) == original
    twin = played(twin, 10, draws, said)
    services.undo(session=twin)
    assert states(queries.fresh(session.pk)) == original
    assert proofs.verify(queries.fresh(twin.pk)) == []
    session = played(queries.fresh(session.pk), 5, draws, said)
    assert {version: sha for version, sha in states(queries.fresh(twin.pk)).items() if version in original} == original
    assert proofs.verify(session) == []


def test_a_log_that_was_touched_is_found_out_and_says_why(session: GameSession, player: User) -> None:
    session = services.move(session=session, action=Choose(edge="edge2b")).session
    session = services.move(session=session, action=Continue()).session
    event = SessionEvent.objects.get(session=session, version=1)
    for touched, words in (
        ({"action": {"type": "choose", "edge": "nowhere"}}, "The move cannot be made"),
        ({"patch": [{"p": ["location"], "b": "moon", "a": "tavern"}]}, "The patch does not fit"),
        ({"world": "0" * 64}, "The move cannot be made"),
    ):
        SessionEvent.objects.filter(pk=event.pk).update(**touched)
        found = proofs.verify(queries.fresh(session.pk))
        assert any(words in mismatch.found for mismatch in found), (touched, found)
        SessionEvent.objects.filter(pk=event.pk).update(action=event.action, patch=event.patch, world=event.world)
    GameSession.objects.filter(pk=session.pk).update(state={**session.state, "world_time": 5})
    assert [mismatch.version for mismatch in proofs.verify(queries.fresh(session.pk))] == [2]


def test_the_command_says_what_it_proved_and_fails_on_what_differs(session: GameSession) -> None:
    out = StringIO()
    call_command("verify_sessions", str(session.pk), stdout=out)
    assert f"session {session.pk}: 1 versions, verified" in out.getvalue()
    SessionEvent.objects.filter(session=session).update(state_sha256="0" * 64)
    with pytest.raises(CommandError, match="1 of 1 sessions differ"):
        call_command("verify_sessions", stdout=out)
    with pytest.raises(CommandError, match="no session 999"):
        call_command("verify_sessions", "999", stdout=out)


# -- saves ------------------------------------------------------------------------------------------------------------


def test_the_game_saves_itself_before_the_scene_changes_and_when_a_day_begins(session: GameSession, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        session = services.move(session=session, action=Choose(edge="edge2b")).session
    save = SavedGame.objects.get()
    assert (save.is_auto, save.version, save.clock) == (True, 0, "Day 1, 8:00 AM")
    for action in (Continue(), Choose(edge="leave")):
        session = services.move(session=session, action=action).session
    with django_capture_on_commit_callbacks(execute=True):
        session = services.move(session=session, action=Wait(seconds=16 * 3600)).session
    assert SavedGame.objects.filter(is_auto=True).count() == 2
    for _ in range(saves.KEPT_BY_ITSELF + 2):
        with django_capture_on_commit_callbacks(execute=True):
            session = services.move(session=session, action=Wait(seconds=24 * 3600)).session
    named = services.save(session=session, name="Mine")
    assert SavedGame.objects.filter(is_auto=True).count() == saves.KEPT_BY_ITSELF
    assert SavedGame.objects.filter(pk=named.pk).exists()


def test_a_save_is_named_loaded_and_forgotten(session: GameSession) -> None:
    save = services.save(session=session, name="First")
    session = services.move(session=session, action=Choose(edge="edge2b")).session
    assert saves.rename(session=session, number=save.number, name="The quay").name == "The quay"
    assert services.load_save(session=session, number=save.number).state.at is not None
    assert queries.state_at(queries.fresh(session.pk), 2) == queries.state_at(session, 0)
    saves.delete(session=session, number=save.number)
    with pytest.raises(NotFound):
        saves.delete(session=session, number=save.number)
    assert SessionEvent.objects.filter(session=session).count() == 3, "what was played stays"


def test_the_page_of_saves_costs_the_same_however_many_there_are(session: GameSession, player: User, django_assert_num_queries: Any) -> None:
    client = Client()
    client.force_login(player)
    for number in range(3):
        services.save(session=session, name=f"Save {number}")
    client.get(f"/play/{session.pk}/saves/")
    # login: session, user | the game | saves with pictures | branches | author?
    with django_assert_num_queries(6):
        client.get(f"/play/{session.pk}/saves/")


def test_branches_are_a_tree(session: GameSession) -> None:
    first = services.fork(session=session, user=session.user)
    second = services.fork(session=first, user=session.user)
    other = services.fork(session=session, user=session.user)
    rows = list(rewind_pages.tree(queries.branches(session, session.user), first))
    assert [(row["id"], row["depth"]) for row in rows] == [(session.pk, 0), (first.pk, 1), (second.pk, 2), (other.pk, 1)]
    assert [row["here"] for row in rows] == [False, True, False, False]


# -- pages ------------------------------------------------------------------------------------------------------------


def test_back_forward_and_rewind_by_forms(session: GameSession, player: User) -> None:
    page = Client()
    page.force_login(player)
    here = f"/play/{session.pk}"
    page.post(f"{here}/move/", {"type": "choose", "edge": "edge2b"})
    page.post(f"{here}/undo/")
    assert "Forward" in page.get(f"{here}/").content.decode()
    page.post(f"{here}/redo/")
    assert "Forward" not in page.get(f"{here}/").content.decode()
    page.post(f"{here}/rewind/", {"version": "0"})
    assert "Head to the Tavern" in page.get(f"{here}/").content.decode()
    assert page.post(f"{here}/rewind/", {"version": "99"}).status_code == 404
    assert page.post(f"{here}/rewind/", {"version": "x"}).status_code == 302
    stranger = Client()
    stranger.force_login(account("stranger"))
    for path in ("redo/", "rewind/", "fork/", "saves/new/", "saves/1/load/", "developer/", "developer/override/", "developer/reset/"):
        assert stranger.post(f"{here}/{path}").status_code == 404, path
    assert page.post(f"{here}/developer/").status_code == 404, "the panel is for authors"
    assert stranger.get(f"{here}/saves/").status_code == 404


def test_the_timeline_is_for_the_worlds_owner_and_shows_any_version_by_the_players_own_templates(
    session: GameSession, owner: User, player: User
) -> None:
    session = services.move(session=session, action=Choose(edge="edge2b")).session
    services.note(session=session, data={"note": "looked away"})
    author, other = Client(), Client()
    author.force_login(owner)
    other.force_login(player)
    told = author.get(f"/author/sessions/{session.pk}/?version=0&verify=1").content.decode()
    assert "Your story began" in told
    assert "You chose: Head to the Tavern" in told
    assert "Verified." in told
    then = author.get(f"/author/sessions/{session.pk}/at/0/").content.decode()
    assert "Head to the Tavern" in then
    assert 'class="then-stage" inert' in then, "nothing can be pressed there"
    assert "Tavern Regular" not in then
    assert author.get(f"/author/sessions/{session.pk}/at/99/").status_code == 404
    assert author.get(f"/author/sessions/{session.pk}/?version=nonsense").status_code == 200
    assert other.get(f"/author/sessions/{session.pk}/").status_code == 404
    assert other.get(f"/author/sessions/{session.pk}/at/0/").status_code == 404
    assert GameSession.objects.get(pk=session.pk).version == 1


def test_every_line_of_the_timeline_leads_to_its_prompt(session: GameSession, owner: User) -> None:
    for action in (Choose(edge="edge2b"), Continue()):
        session = services.move(session=session, action=action).session
    session = speaking.told(services.move(session=session, action=Interact(npc="captain_mara", interaction="talk"))).session
    turn = DialogueTurn.objects.get(session=session)
    author = Client()
    author.force_login(owner)
    told = author.get(f"/author/sessions/{session.pk}/").content.decode()
    assert told.count(f'href="/author/sessions/{session.pk}/turns/{turn.pk}/"') == 1


def test_undo_and_fork_keep_the_memories_true(session: GameSession) -> None:
    for action in (Choose(edge="edge2b"), Continue()):
        session = services.move(session=session, action=action).session
    with pytest.raises(NotAvailable):
        services.redo(session=session)
    twin = services.fork(session=session, user=session.user)
    assert ConversationMemory.objects.filter(session=twin).count() == ConversationMemory.objects.filter(session=session).count()
