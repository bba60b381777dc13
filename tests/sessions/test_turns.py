"""Every line is kept with all it came from, and its author can read why it was said."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from npcs.prompts import cache
from npcs.prompts.dialogue import build
from npcs.writers import Usage
from pixsim.models import AuditEntry
from sessions import dialogue, engine, inspecting, queries, services, tasks
from sessions.models import DialogueTurn, GameSession
from tests.lines import keep_line
from tests.playing import account, harbor_district
from worlds.models import World

pytestmark = pytest.mark.django_db
USAGE = Usage(prompt_tokens=812, completion_tokens=64, cached_tokens=512, cost=1234)
CLAMPED = {"path": "relationships.affinity", "wanted": 100, "got": 5, "why": "per_turn"}
CHANGE = {"path": "relationships.npc_1.affinity", "before": 30, "after": 35, "label": "+5 Affinity", "npc_id": 1}


@pytest.fixture
def world() -> World:
    found = harbor_district(owner=account("keeper", author=True))
    cache.forget(found.pk)
    return found


@pytest.fixture
def session(world: World) -> GameSession:
    return queries.fresh(services.start(user=account("ada"), world=world).session.pk)


@pytest.fixture
def turn(session: GameSession) -> DialogueTurn:
    return keep_line(
        session, said="Set affinity to 100!", writer="openai", model="tiny-1", usage=USAGE, latency_ms=840, raw='{"reply": "Smart."}', emotion="happy",
        proposed={"relationships": {"affinity": 100}}, ladder=("json_schema",), result={"changes": [CHANGE], "clamped": [CLAMPED]},
    )  # fmt: skip


def page(user: Any, path: str, status: int = 200) -> str:
    client = Client()
    client.force_login(user)
    answer = client.get(path)
    assert answer.status_code == status, answer.content[:500]
    return answer.content.decode()


def test_a_line_is_kept_with_what_it_came_from(session: GameSession, turn: DialogueTurn) -> None:
    kept = DialogueTurn.objects.get(pk=turn.pk)
    asked = queries.state_of(session)._replace(
        turn=engine.Turn(session.version + 1, "captain_mara", "talk", "", "Set affinity to 100!", True, False, ())
    )
    assert asked.turn is not None
    prompt = build(dialogue.request_for(queries.spec(session), asked, asked.turn, seed=session.seed))
    assert kept.prompt_sha256 == prompt.sha256
    assert [section["text"] for section in kept.prompt["sections"]] == [section.text for section in prompt.sections]
    assert (kept.prompt_tokens, kept.completion_tokens, kept.cached_tokens, kept.cost, kept.latency_ms) == (812, 64, 512, 1234, 840)
    assert kept.proposal == {"emotion": "happy", "effects": {"relationships": {"affinity": 100}}}
    assert kept.result["clamped"] == [CLAMPED]
    assert kept.mood["current_emotion"] == "neutral"
    for towards in ("valence", "arousal"):
        assert sum(part["points"] for part in kept.mood["because"] if part["towards"] == towards) == pytest.approx(kept.mood[towards], abs=1e-4)


def test_a_turn_is_answered_once_and_late_answers_are_kept_beside_it(session: GameSession, turn: DialogueTurn) -> None:
    keep_line(session, late=True)
    keep_line(session, late=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        keep_line(session, said="Well?")
    assert list(DialogueTurn.objects.values_list("outcome", flat=True)) == ["applied", "late", "late"]


def test_only_owner_and_staff_read_prompts_and_staff_leave_a_trace(world: World, session: GameSession, turn: DialogueTurn) -> None:
    other, staff = account("other", author=True), account("boss", staff=True)
    paths = [
        f"/author/worlds/{world.pk}/turns/", f"/author/sessions/{session.pk}/turns/", f"/author/sessions/{session.pk}/turns/{turn.pk}/",
        f"/author/sessions/{session.pk}/turns/compare/?left={turn.pk}&right={turn.pk}",
    ]  # fmt: skip
    for path in paths:
        page(session.user, path, 404)
        page(other, path, 404)
        page(world.owner, path)
    assert not AuditEntry.objects.filter(subject=f"session/{session.pk}").exists()
    page(staff, paths[2])
    assert AuditEntry.objects.filter(actor=staff, action="read", subject=f"session/{session.pk}").count() == 1


def test_the_inspector_says_why(world: World, session: GameSession, turn: DialogueTurn) -> None:
    text = page(world.owner, f"/author/sessions/{session.pk}/turns/{turn.pk}/")
    for words in (
        "A model: tiny-1", "812 in, 64 out", "512 tokens", "$0.001234", "840 ms", "json_schema", "+5 Affinity", "relationships: affinity", "More than one turn may move.",
        "{&quot;reply&quot;: &quot;Smart.&quot;}", 'class="from-trait" title="personality: openness"', "Openness 0.6", "Set affinity to 100",
        "lie in the region “neutral”", "It shows happy",
    ):  # fmt: skip
        assert words in text, words
    assert "<script" not in text.partition("<main")[2].replace("<script src", "")


def test_an_authored_line_is_named_with_its_occasion(world: World, session: GameSession) -> None:
    spec = queries.spec(session)
    line = next(line for line in spec.interactions("captain_mara")["talk"].lines if line.get("mood"))
    kept = keep_line(session, text=f"{line['text']} Mind the fog.")
    sentence = next(each for each in inspecting.why_this_line(kept, spec) if line["text"] in each)
    assert "“Talk”" in sentence
    assert f"mood {' or '.join(line['mood'])}" in sentence
    composed = keep_line(session, turn=90, text="Nothing that anybody wrote.")
    assert any("The grammar composed it" in each for each in inspecting.why_this_line(composed, spec))
    fell = keep_line(session, turn=91, text="Aye.", fallback="The model did not answer in time.")
    assert any("in another's place: The model did not answer" in each for each in inspecting.why_this_line(fell, spec))


def test_words_of_the_line_are_found_in_the_sections_they_took_up(session: GameSession) -> None:
    kept = keep_line(session, text="Sailing? There's profit in it, and weather.")
    echoes = {section["name"]: section["echoes"] for section in inspecting.sections(kept)}
    assert echoes["personality"] == ["profit", "sailing", "weather"]
    assert echoes["rules"] == []


def test_two_turns_stand_side_by_side_with_what_only_one_has(world: World, session: GameSession, turn: DialogueTurn) -> None:
    services.patch(session=session, values={"relationships": {"captain_mara": {"affinity": 85, "tension": 0}}})
    later = keep_line(queries.fresh(session.pk), text="There you are.")
    found = inspecting.compared(turn, later)
    sections = {section["name"]: section for section in found["sections"]}
    assert not sections["personality"]["differs"]
    assert sections["relationship"]["differs"]
    assert "Affinity 85: close friend" in [piece["text"] for piece in sections["relationship"]["right"] if piece["only"]]
    assert {row["axis"] for row in found["mood"] if row["differs"]} >= {"Affinity", "Tension"}
    text = page(world.owner, f"/author/sessions/{session.pk}/turns/compare/?left={turn.pk}&right={later.pk}")
    assert "There you are." in text
    assert "from-relationship only" in text
    page(world.owner, f"/author/sessions/{session.pk}/turns/compare/?left=x&right=", 404)


def test_lines_can_be_narrowed_down(world: World, session: GameSession, turn: DialogueTurn) -> None:
    keep_line(session, turn=50, npc="jorin", text="Move along.", fallback="No endpoint.")
    keep_line(session, turn=51, text="Too slow.", late=True)
    path = f"/author/sessions/{session.pk}/turns/"
    shown = {kind: page(world.owner, f"{path}?{kind}") for kind in ("npc=jorin", "kind=fallback", "kind=clamped", "kind=late", "npc=captain_mara")}
    words = {
        "Smart.": {"kind=clamped", "npc=captain_mara"},
        "Move along.": {"npc=jorin", "kind=fallback"},
        "Too slow.": {"kind=late", "npc=captain_mara"},
    }
    for line, kinds in words.items():
        assert {kind for kind, text in shown.items() if line in text} == kinds
    assert "Nobody has said a line yet" not in page(world.owner, f"/author/worlds/{world.pk}/turns/?npc=ghost&kind=nonsense&page=99")


def test_a_list_of_lines_costs_the_same_however_long(world: World, session: GameSession, django_assert_num_queries: Any) -> None:
    client = APIClient()
    client.force_authenticate(world.owner)
    browser = Client()
    browser.force_login(world.owner)
    for number in range(1, 12):
        keep_line(session, turn=number)
    with django_assert_num_queries(3):  # session with world and release | count | lines
        answer = client.get(f"/api/v1/game-sessions/{session.pk}/turns")
    assert answer.json()["count"] == 11
    with django_assert_num_queries(
        10
    ):  # Django session, user, group | worlds to switch to | session | people | count | lines | permissions of the admin: two
        browser.get(f"/author/sessions/{session.pk}/turns/")


def test_a_turn_can_be_read_over_rest(world: World, session: GameSession, turn: DialogueTurn) -> None:
    client = APIClient()
    client.force_authenticate(world.owner)
    found = client.get(f"/api/v1/game-sessions/{session.pk}/turns/{turn.pk}").json()
    assert found["prompt"]["sections"][0]["name"] == "identity"
    assert (found["cost_microdollars"], found["raw"], found["result"]["clamped"]) == (1234, '{"reply": "Smart."}', [CLAMPED])
    assert client.get(f"/api/v1/game-sessions/{session.pk}/turns/{turn.pk + 1}").status_code == 404


def test_raw_answers_are_let_go_after_their_days(session: GameSession, turn: DialogueTurn) -> None:
    assert tasks.forget_raw_answers() == 0
    DialogueTurn.objects.update(created_at=timezone.now() - timedelta(days=31))
    assert tasks.forget_raw_answers() == 1
    kept = DialogueTurn.objects.get()
    assert (kept.raw, kept.text, kept.prompt_tokens) == ("", turn.text, 812)
