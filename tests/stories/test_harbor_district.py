"""The Harbor District, played as in the walkthrough: read this first, it shows what PixSim does.

Everything goes over real HTTP and a real WebSocket to a real server.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.playing import Client, account, harbor_district

pytestmark = pytest.mark.django_db(transaction=True)


def labels(items: list[dict[str, Any]]) -> list[str]:
    return [item["label"] for item in items]


def of(items: list[dict[str, Any]], key: str, value: str) -> dict[str, Any]:
    return next(item for item in items if item[key] == value)


def test_a_day_in_the_harbor_district(live_asgi: str) -> None:
    author = account("author", author=True)
    account("player")
    harbor_district(owner=author)
    player = Client(live_asgi, "player")

    # -- The player finds the world and starts a session.
    world = of(player.get("/worlds/")["results"], "name", "The Harbor District")
    session = player.post("/game-sessions/", {"world_id": world["id"]})
    here = f"/game-sessions/{session['id']}"
    assert session["clock"]["label"] == "Day 1, 8:00 AM"
    assert session["location"]["name"] == "Harbor Docks"
    assert session["flags"] == []
    assert session["view"]["node"]["label"] == "Arrive at Harbor"
    assert session["view"]["node"]["skippable"] is True
    assert session["view"]["node"]["reveal_at_sec"] == 5
    assert labels(session["view"]["choices"])[:3] == ["Visit the Market", "Head to the Tavern", "Explore the Docks"]

    with player.listen(session["id"]) as live:
        assert live.read() == {"type": "hello", "seq": 1, "version": 0}

        # -- "Head to the Tavern": a flag, another scene, and the captain.
        tavern = of(session["view"]["choices"], "label", "Head to the Tavern")
        session = player.post(f"{here}/choose", {"edge_id": tavern["edge_id"], "version": 0})
        assert session["flags"] == ["visited_tavern"]
        assert "Discovered: Tavern Regular" in labels(session["changes"])
        frames = live.move()
        assert [frame["type"] for frame in frames] == ["session_mutation", "node_entered"]
        assert "Discovered: Tavern Regular" in labels(frames[0]["changes"])

        session = player.post(f"{here}/continue")
        live.move()
        mara = session["view"]["npc"]
        assert mara["name"] == "Captain Mara"
        assert mara["mood"]["current_emotion"] == "neutral"
        menu = session["view"]["interactions"]
        assert of(menu, "id", "talk")["available"]
        assert of(menu, "id", "ask_rumors")["disabled_reason"] == "Need affinity 35 – you have 30"
        assert of(menu, "id", "flirt")["disabled_reason"] == "Need affinity 40 – you have 30"

        # -- Talk: a line, and three choices among those she offers.
        talk = {"session_id": session["id"], "npc_id": mara["npc_id"], "interaction_id": "talk"}
        told = player.post("/npc-interactions/execute", talk)
        assert told["dialogue"]["text"] == "You're new around here. Looking for work, or just passing through?"
        offered = [choice["label"] for choice in told["dialogue"]["choices"]]
        assert offered[:3] == ["I'm looking for adventure.", "I heard there's good coin to be made.", "Just admiring the view."]
        live.move()
        assert [frame["type"] for frame in live.move()] == ["session_mutation", "dialogue_line"]

        # -- Good coin: +5 affinity floats up, she warms to you, the rumors open.
        told = player.post("/npc-interactions/execute", {**talk, "user_choice_text": "I heard there's good coin to be made."})
        assert told["dialogue"]["text"].startswith("Smart. The sea provides for those who respect it.")
        change = of(told["changes"], "label", "+5 Affinity")
        assert (change["path"], change["before"], change["after"]) == (f"relationships.npc_{mara['npc_id']}.affinity", 30, 35)
        assert of(told["interactions"], "id", "ask_rumors")["available"]
        frames = live.move()
        assert "+5 Affinity" in labels(frames[0]["changes"])
        assert [frame["type"] for frame in frames] == ["session_mutation", "mood_changed", "expression_changed"]
        assert (frames[1]["before"], frames[1]["after"]) == ("neutral", "friendly")
        assert live.move()[-1]["text"] == told["dialogue"]["text"]

        assert told["relationships"][f"npc_{mara['npc_id']}"] == {
            "affinity": 35, "trust": 20, "chemistry": 40, "tension": 10, "intimacy_level": 0,
        }  # fmt: skip
        places = {row["key"]: row["location_id"] for row in player.get(f"/game-npcs/presence?session_id={session['id']}")}
        at = {place["key"]: place_id for place, place_id in _places(player, session["id"], world)}
        assert places == {"captain_mara": at["tavern"], "ren": at["market"], "jorin": at["harbor"]}

        # -- "Leave tavern and rest": eight hours pass, and at four she is at the docks.
        rest = of(told["view"]["choices"], "label", "Leave tavern and rest")
        session = player.post(f"{here}/choose", {"edge_id": rest["edge_id"]})
        assert session["clock"]["label"] == "Day 1, 4:00 PM"
        assert session["location"]["name"] == "Harbor Docks"
        assert labels(live.move()[0]["changes"])[:1] == ["8 h later: Day 1, 4:00 PM"]
        places = {row["key"]: row["location_id"] for row in player.get(f"/game-npcs/presence?session_id={session['id']}")}
        assert places == {"captain_mara": at["harbor"], "ren": at["market"], "jorin": at["market"]}

        # -- She remembers.
        assert of(session["view"]["people"], "name", "Captain Mara")["mood"]["current_emotion"] == "friendly"
        again = player.post("/npc-interactions/execute", talk)
        assert again["dialogue"]["text"] not in ("", told["dialogue"]["text"], "You're new around here. Looking for work, or just passing through?")

    # -- The log tells the story; stepping back takes the last move back, and nothing is destroyed.
    log = player.get(f"{here}/events")
    assert [event["seq"] for event in log] == list(range(1, len(log) + 1))
    back = player.post(f"{here}/undo")
    assert back["view"]["dialogue"] is None
    assert back["version"] == again["version"] + 1


def _places(player: Client, session_id: int, world: dict[str, Any]) -> list[tuple[dict[str, Any], int]]:
    """The places with their ids, as an exploring player sees them: here, and the ways to go."""
    fork = player.post(f"/game-sessions/{session_id}/fork")
    while fork["view"]["mode"] != "explore":
        choices = [choice for choice in fork["view"]["choices"] if choice["available"]]
        move = f"/game-sessions/{fork['id']}"
        fork = player.post(f"{move}/choose", {"edge_id": choices[-1]["edge_id"]}) if choices else player.post(f"{move}/continue")
    here = fork["view"]["place"]
    return [(here, here["location_id"]), *((way, way["location_id"]) for way in fork["view"]["travel"])]
