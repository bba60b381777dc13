"""What keeps people safe: lines can be reported, players limit what they are shown, despair is answered, and one is told that a machine speaks."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from npcs import writers
from pixsim.models import AuditEntry, User
from sessions import dialogue, proofs, queries, reports, services
from sessions.engine import Interact, Say
from sessions.models import ConversationMemory, DialogueTurn, GameSession, LineReport
from sessions.services import Moved
from tests import documents
from tests.playing import account, published
from worlds.models import World

from .test_node_lines import tavern

MARA = "captain_mara"
pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    document = documents.harbor()
    document["world"]["meta"]["manifest"]["free_text"] = True
    return published(document, owner=account("author", author=True))


@pytest.fixture
def session(world: World) -> GameSession:
    return talked(tavern(world)).session


def talked(session: GameSession) -> Moved:
    return dialogue.answer(services.move(session=session, action=Interact(npc=MARA, interaction="talk")))


def logged_in(user: User | None) -> Client:
    client = Client()
    assert user is not None
    client.force_login(user)
    return client


def page_of(session: GameSession, client: Client) -> str:
    return client.get(f"/play/{session.pk}/").content.decode()


# -- one is told that a machine speaks --------------------------------------------------------------------------------


def test_before_the_first_line_one_is_told_that_a_machine_speaks(session: GameSession) -> None:
    page = page_of(session, logged_in(session.user))
    told, first = page.index("A machine writes the words"), page.index("line-npc")
    assert told < first
    assert "Scripted writer" in page, "and every line names its writer"


# -- reports ----------------------------------------------------------------------------------------------------------


def report_form(page: str) -> dict[str, str]:
    form = re.search(r'class="report-form".*?</form>', page, re.S)
    assert form
    return dict(re.findall(r'<input type="hidden" name="(npc|line)" value="([^"]+)"', form[0]))


def test_a_line_is_reported_from_the_page_and_stays_reported(session: GameSession) -> None:
    client = logged_in(session.user)
    fields = report_form(page_of(session, client))
    done = client.post(f"/play/{session.pk}/report/", {**fields, "reason": "hate", "note": "Not nice."}, follow=True)
    assert "Somebody will read this line" in done.content.decode()
    made = LineReport.objects.get()
    line = queries.state_of(session).talk[MARA].lines[-1]
    assert (made.text, made.writer, made.reason, made.note, made.status) == (line.text, "scripted", "hate", "Not nice.", "open")
    assert "Reported" in page_of(session, client)
    client.post(f"/play/{session.pk}/report/", {**fields, "reason": "other"})
    assert LineReport.objects.count() == 1


def test_only_lines_that_were_said_are_reported(session: GameSession) -> None:
    client = logged_in(session.user)
    refused = client.post(f"/play/{session.pk}/report/", {"npc": MARA, "line": "made up", "reason": "hate"}, headers={"X-Part": "1"})
    assert refused.status_code == 404
    assert "not in the conversation" in refused.content.decode()
    for fields in ({"npc": "nobody", "line": "x"}, {"npc": MARA, "line": "", "reason": "nonsense"}):
        assert client.post(f"/play/{session.pk}/report/", fields, headers={"X-Part": "1"}).status_code in (400, 404)
    assert not LineReport.objects.exists()


def reported(session: GameSession) -> LineReport:
    line = queries.state_of(session).talk[MARA].lines[-1]
    return reports.report(session=session, reporter=session.user, npc=MARA, line=line.text)


def test_the_queue_is_the_owner_s_and_the_staff_s(session: GameSession) -> None:
    reported(session)
    where = reverse("admin:game_sessions_linereport_changelist")
    seen = {
        user: logged_in(user).get(where).content.decode()
        for user in (account("staff", staff=True), session.world.owner, account("other", author=True))
    }
    assert [MARA in page for page in seen.values()] == [True, True, False]


def test_deciding_leaves_a_trace_and_is_done_once(session: GameSession) -> None:
    made = reported(session)
    staff = account("staff", staff=True)
    where = reverse("admin:game_sessions_linereport_changelist")
    done = logged_in(staff).post(where, {"action": "uphold", "_selected_action": [made.pk]}, follow=True)
    assert "1 report upheld" in done.content.decode()
    made.refresh_from_db()
    assert (made.status, made.resolved_by) == ("upheld", staff)
    assert AuditEntry.objects.get(action="report upheld").detail == {"report": made.pk}
    assert reports.resolve(report=made, actor=session.world.owner, status="dismissed") is False


# -- the player's own limit -------------------------------------------------------------------------------------------


def test_a_player_s_limit_holds_in_all_his_games(world: World, session: GameSession) -> None:
    other = tavern(world)
    client = logged_in(session.user)
    done = client.post(f"/play/{session.pk}/rating/", {"rating": "sfw"}, follow=True).content.decode()
    assert "safe for work" in done
    assert User.objects.get(pk=session.user_id).rating == "sfw"
    page_of(other, client)
    for one in (session, other):
        state = queries.state_of(queries.fresh(one.pk))
        assert state.rating == "sfw"
        assert proofs.verify(queries.fresh(one.pk)) == []
    assert client.post(f"/play/{session.pk}/rating/", {"rating": "anything"}, headers={"X-Part": "1"}).status_code == 400


def test_writers_are_told_the_lower_of_both_limits_and_with_a_minor_the_mildest(session: GameSession) -> None:
    from sessions.releases import spec_of
    from sessions.spec import WorldSpec

    spec, state = spec_of(session.release), queries.state_of(session)
    assert spec.rating(state, MARA) == "romantic"
    assert spec.rating(state._replace(rating="sfw"), MARA) == "sfw"
    young = WorldSpec({**spec.document, "npcs": [{**part, "is_minor": part["key"] == MARA} for part in spec.document["npcs"]]})
    assert young.rating(state, MARA) == "sfw"
    turn = services.move(session=session, action=Say(choice="adventure")).state.turn
    assert turn is not None
    request = dialogue.request_for(young, state, turn, seed=1)
    assert (request.rating, request.is_minor, "chemistry" in request.axes) == ("sfw", True, False)


# -- despair ----------------------------------------------------------------------------------------------------------


def test_despair_is_answered_with_help_and_the_game_goes_on(session: GameSession, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.CRISIS_TEXT = "Call somebody."
    monkeypatch.setattr(writers, "takes_time", lambda request: True)
    monkeypatch.setattr(writers, "write", lambda request, **_: pytest.fail("the words went to a model"))
    client = logged_in(session.user)
    shown = client.post(f"/play/{session.pk}/move/", {"type": "say", "text": "I want to die."}, follow=True).content.decode()
    assert "Call somebody." in shown
    after = queries.state_of(queries.fresh(session.pk))
    assert after.turn is not None
    assert not after.turn.waiting
    assert after.rel == queries.state_of(session).rel
    assert DialogueTurn.objects.latest("id").fallback == "The player's words are not passed on."
    assert "Call somebody." in page_of(session, client), "until it is closed"
    client.post(f"/play/{session.pk}/care/")
    assert "Call somebody." not in page_of(session, client)


def test_rest_tells_help_too(session: GameSession, settings: Any) -> None:
    settings.CRISIS_TEXT = "Call somebody."
    client = APIClient()
    client.force_authenticate(session.user)
    body = {"session_id": session.pk, "npc_id": session.release.ids["npcs"][MARA], "interaction_id": "talk"}
    assert (
        client.post("/api/v1/npc-interactions/execute", {**body, "user_choice_text": "I want to die"}, format="json").json()["care"]
        == "Call somebody."
    )
    assert client.post("/api/v1/npc-interactions/execute", {**body, "user_choice_text": "Who died?"}, format="json").json()["care"] == ""


# -- the memory browser -----------------------------------------------------------------------------------------------


@pytest.fixture
def remembered(world: World) -> GameSession:
    session = services.move(session=tavern(world), action=Interact(npc=MARA, interaction="talk", choice="coin")).session
    ConversationMemory.objects.create(session=session, npc_key="ren", memory_type="SHORT_TERM", importance=4, topic="debt", summary="Owes silver.",
                                      world_time=0, decays_at=0, witnessed=False, told_by=MARA)  # fmt: skip
    return session


def test_authors_browse_what_is_remembered(world: World, remembered: GameSession, django_assert_num_queries: Any) -> None:
    client = logged_in(world.owner)
    path = f"/author/worlds/{world.pk}/memories/"
    page = client.get(path).content.decode()
    for words in ("Work opportunity", "Captain Mara</b> told <b>Ren", "Owes silver.", "Told by Captain Mara", "Faded"):
        assert words in page
    assert "Owes silver." not in client.get(f"{path}?npc={MARA}").content.decode()
    assert "Owes silver." in client.get(f"{path}?q=SILVER&show=told").content.decode()
    assert "Owes silver." not in client.get(f"{path}?show=alive").content.decode()
    assert "Work opportunity" not in client.get(f"{path}?show=faded").content.decode()
    assert "Nothing fits" in client.get(f"{path}?session=99999999&page=7").content.decode()
    with django_assert_num_queries(12):  # login, account, rights | worlds to switch to | world | people, how many, a page, games, gossip
        client.get(path)


def test_memories_are_the_owner_s_and_staff_leave_a_trace(world: World, remembered: GameSession) -> None:
    path = f"/author/worlds/{world.pk}/memories/"
    assert logged_in(account("other", author=True)).get(path).status_code == 404
    assert logged_in(remembered.user).get(path).status_code == 404
    assert Client().get(path).status_code == 302
    assert logged_in(account("staff", staff=True)).get(path).status_code == 200
    assert AuditEntry.objects.filter(action="read memories", subject=f"world/{world.pk}").count() == 1


def test_the_projection_has_the_walkthrough_s_fields(remembered: GameSession) -> None:
    found = ConversationMemory.objects.get(npc_key=MARA)
    assert (found.memory_type, found.importance, found.topic, found.mood) == ("SHORT_TERM", 5, "work_opportunity", "friendly")
    assert found.summary
    assert found.decays_at == found.world_time + 24 * 3600
    assert found.session.user.username == "player"
