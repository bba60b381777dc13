"""The walkthrough's Talk, choice, reply and second Talk, with a model in the place of the scripted writer: over real HTTP on both sides."""

from __future__ import annotations

from typing import Any

import pytest

from generation.language import endpoints
from generation.language.models import LanguageDay
from pixsim.lib.encryption import new_key
from sessions.models import DialogueTurn
from tests.playing import Client, account, harbor_district

pytestmark = pytest.mark.django_db(transaction=True)
COIN = "I heard there's good coin to be made."
SMART = "Smart. The sea provides for those who respect it. You seem like you've got a good head on your shoulders."
NONE: dict[str, Any] = {"relationships": [], "flags": []}


def answer(reply: str, points: int = 0, **more: Any) -> dict[str, Any]:
    effects = {"relationships": [{"axis": "affinity", "change": points}] if points else [], "flags": []}
    return {"reply": reply, "emotion": "neutral", "effects": effects, "choices": [], "memory": None, **more}


def test_mara_speaks_by_a_model_and_remembers(live_asgi: str, fake_models: Any, settings: Any) -> None:
    settings.APP_FIELD_KEYS = new_key()
    endpoints.create_endpoint(key="openai", base_url=fake_models.base_url, dialogue_model="fake", is_default=True)
    harbor_district(owner=account("author", author=True))
    account("player")
    player = Client(live_asgi, "player")
    world = next(one for one in player.get("/worlds/")["results"] if one["name"] == "The Harbor District")
    session = player.post("/game-sessions/", {"world_id": world["id"]})
    here = f"/game-sessions/{session['id']}"
    tavern = next(one for one in session["view"]["choices"] if one["label"] == "Head to the Tavern")
    player.post(f"{here}/choose", {"edge_id": tavern["edge_id"]})
    session = player.post(f"{here}/continue")
    talk = {"session_id": session["id"], "npc_id": session["view"]["npc"]["npc_id"], "interaction_id": "talk"}
    mine = f"relationships.npc_{talk['npc_id']}.affinity"

    # -- Talk: her line is the model's, and the author's choices stand beside those it offers.
    offered = {"label": "What would I have to carry?", "tone": "curious", "effects": NONE}
    fake_models.answers(answer("You're new around here. Looking for work?", choices=[offered]))
    told = player.post("/npc-interactions/execute", talk)
    assert told["dialogue"]["text"] == "You're new around here. Looking for work?"
    labels = [choice["label"] for choice in told["dialogue"]["choices"]]
    assert COIN in labels
    assert "What would I have to carry?" in labels

    # -- Good coin: +5 is the author's; of the model's +40 no more than a turn allows.
    fake_models.answers(answer(SMART, 40, memory={"topic": "coin", "summary": "They asked after honest coin.", "importance": 6}))
    told = player.post("/npc-interactions/execute", {**talk, "user_choice_text": COIN})
    assert told["dialogue"]["text"] == SMART
    moved = next(change for change in told["changes"] if change["path"] == mine)
    assert moved["before"] == 30
    assert told["relationships"][f"npc_{talk['npc_id']}"]["affinity"] == 40

    # -- A second Talk: what was said and what she remembers is in the prompt, and nobody's name is.
    fake_models.answers(answer("Still thinking about that coin?"))
    again = player.post("/npc-interactions/execute", talk)
    assert again["dialogue"]["text"] == "Still thinking about that coin?"
    prompt = fake_models.prompts()[-1]
    assert "They asked after honest coin." in prompt
    assert SMART[:40] in prompt
    sent = fake_models.requests()[-1]["body"]
    assert len(sent["safety_identifier"]) == 32
    assert "player" not in sent["safety_identifier"]

    # -- A server that fails: she speaks all the same, and the kept turn says why.
    fake_models.mode("500", times=2)
    told = player.post("/npc-interactions/execute", talk)
    assert told["dialogue"]["text"]
    last = DialogueTurn.objects.order_by("-id").first()
    assert last is not None
    assert (last.writer, last.fallback) == ("scripted", "The model's server failed.")

    kept = list(DialogueTurn.objects.order_by("id")[:3])
    assert [(row.writer, row.model) for row in kept] == [("openai", "fake")] * 3
    assert all(row.prompt_tokens > 0 for row in kept)
    assert any("cut to +5" in problem for problem in kept[1].proposal["left_out"])
    assert LanguageDay.objects.get(scope=f"world/{world['id']}").lines == 3
