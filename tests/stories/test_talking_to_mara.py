"""Section 4 and 6 of the walkthrough, as words: Talk, a choice, her reply, a second Talk that remembers, and Mara made playful – with the writer of
this machine and with a model."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from rest_framework.test import APIClient

from npcs.prompts.dialogue import build
from pixsim.lib.encryption import new_key
from sessions import dialogue, proofs, queries, services
from sessions.engine import Choose, Continue, Interact
from sessions.models import ConversationMemory, DialogueTurn, GameSession
from tests.npcs.writing import endpoint
from tests.playing import account, harbor_district

pytestmark = pytest.mark.django_db
MARA = "captain_mara"
COIN = "I heard there's good coin to be made."
NOTHING: dict[str, Any] = {"relationships": [], "flags": []}
LINES = (
    "You're new around here. Looking for work, or just passing through?",
    "Smart. The sea provides for those who respect it.",
    "Still after coin?",
)
PLAYFUL = {"extraversion": 0.9, "neuroticism": 0.1, "voice_style": "playful and teasing"}


@pytest.fixture(params=["scripted", "openai"])
def writer(request: Any, settings: Any, fake_models: Any) -> Iterator[str]:
    settings.APP_FIELD_KEYS = new_key()
    if request.param == "openai":
        endpoint(fake_models)
        fake_models.answers(*({"reply": line, "emotion": "friendly", "effects": NOTHING, "choices": [], "memory": None} for line in LINES))
    yield request.param


class Player:
    """The walkthrough's calls, at the tavern with Mara."""

    def __init__(self) -> None:
        self.world = harbor_district(owner=account("author", author=True))
        session = services.start(user=account("player"), world=self.world).session
        session = services.move(session=session, action=Choose(edge="edge2b")).session
        self.session = services.move(session=session, action=Continue()).session
        self.api, self.author = APIClient(), APIClient()
        self.api.force_authenticate(self.session.user)
        self.author.force_authenticate(self.world.owner)
        self.npc = self.session.release.ids["npcs"][MARA]

    def talk(self, **more: Any) -> dict[str, Any]:
        body = {"session_id": self.session.pk, "npc_id": self.npc, "interaction_id": "talk", **more}
        done = self.api.post("/api/v1/npc-interactions/execute", body, format="json")
        assert done.status_code == 200, done.content
        answer: dict[str, Any] = done.json()
        return answer

    def now(self) -> GameSession:
        return queries.fresh(self.session.pk)


@pytest.fixture
def player(writer: str) -> Player:
    return Player()


def test_talk_choice_reply_and_a_second_talk_that_remembers(player: Player, writer: str) -> None:
    first = player.talk()
    assert first["dialogue"]["writer"] == writer
    assert [choice["label"] for choice in first["dialogue"]["choices"]][:3] == ["I'm looking for adventure.", COIN, "Just admiring the view."]
    reply = player.talk(user_choice_text=COIN)
    assert reply["relationships"][f"npc_{player.npc}"]["affinity"] == 35
    assert "+5 Affinity" in [change["label"] for change in reply["changes"]]
    assert next(one for one in reply["interactions"] if one["id"] == "ask_rumors")["available"]
    kept = ConversationMemory.objects.get(session=player.session, topic="work_opportunity")
    assert (kept.memory_type, kept.importance, kept.mood) == ("SHORT_TERM", 5, "friendly")

    services.patch(session=player.now(), values={"world_time": 28_800})  # eight hours later
    again = player.talk()
    assert again["dialogue"]["text"] not in (first["dialogue"]["text"], reply["dialogue"]["text"])
    assert again["view"]["npc"]["mood"]["current_emotion"] == "friendly"
    turns = list(DialogueTurn.objects.filter(session=player.session).order_by("id"))
    assert [turn.purpose for turn in turns] == ["greet", "reply", "greet"]
    assert {turn.writer for turn in turns} == {writer}
    if writer == "openai":
        assert "money" in json.dumps(turns[-1].prompt) or "coin" in json.dumps(turns[-1].prompt), "she is told what she remembers"
    assert proofs.verify(player.now()) == []


def test_after_the_edit_of_her_personality_she_is_playful(player: Player, writer: str, fake_models: Any) -> None:
    before = player.talk()
    asked = request_now(player)
    assert "playful and teasing" not in json.dumps(build(asked).as_json()).lower()
    edit = player.author.patch(f"/api/v1/game-npcs/{player.npc}", {"personality": PLAYFUL}, format="json")
    assert edit.status_code == 200, edit.content
    assert player.author.post(f"/api/v1/game-worlds/{player.world.pk}/publish", {"force": True}, format="json").status_code == 200
    after = player.talk()
    assert after["dialogue"]["text"] != before["dialogue"]["text"]
    assert "playful and teasing" in json.dumps(build(request_now(player)).as_json()).lower()
    if writer == "openai":
        assert "playful and teasing" in json.dumps(fake_models.requests()[-1]).lower()


def request_now(player: Player) -> Any:
    """What a writer would be told now, were she talked to again."""
    session = services.current(player.now())
    moved = services.move(session=session, action=Interact(npc=MARA, interaction="talk"))
    assert moved.state.turn is not None
    request = dialogue.request_for(moved.world, moved.state, moved.state.turn, seed=1)
    services.undo(session=moved.session)
    return request
