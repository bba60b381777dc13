"""The HTTP calls of the walkthrough, typed as printed, and the answers it prints: sections 1 to 3 build the district, section 5 plays it.

Read it as the reference of the calls: each stands here with its request and with what is printed of its answer; an answer may say more.
Even the numbers are the printed ones, for the database counts on from them. Where the walkthrough writes `...`, what it shows elsewhere
stands in full. Everything goes over real HTTP to a real server.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import pytest
from django.db import connection, models

from generation.models import Asset
from npcs.models import Npc
from pixsim.models import User
from scenes.bundle import document, save_document
from scenes.models import Hotspot, Scene
from sessions.models import ConversationMemory, GameSession
from tests.playing import HARBOR_DISTRICT, Client, account
from worlds.archive import read_folder
from worlds.models import Location, World, WorldHistory

pytestmark = pytest.mark.django_db(transaction=True)


class Call(NamedTuple):
    """A printed request – method and path, then the body – and its answer."""

    request: str
    status: int
    answer: str
    names_the_world: bool = True
    """Whether it names anything of the author's; what does not is nothing to hide from others."""

    @property
    def method(self) -> str:
        return self.request.split(maxsplit=1)[0]

    @property
    def path(self) -> str:
        return self.request.split(maxsplit=2)[1].removeprefix("/api/v1")

    @property
    def body(self) -> Any:
        _, _, text = self.request.strip().partition("\n")
        return json.loads(text) if text.strip() else None


# -- 1. World creation ------------------------------------------------------------------------------------------------

CREATE_WORLD = Call(
    """
    POST /api/v1/game-worlds/
    {
      "name": "The Harbor District",
      "meta": {
        "manifest": {
          "enabled_features": ["dialogue", "romance", "trading", "rumors"],
          "turn_presets": {
            "conversation": { "avg_turns": 5, "max_turns": 10 },
            "intimate": { "avg_turns": 8, "max_turns": 15 }
          },
          "interactions": {
            "talk": {
              "gating": { "min_affinity": 0 },
              "type": "inline_dialogue"
            },
            "ask_rumors": {
              "gating": { "min_affinity": 20, "location": ["tavern", "market"] },
              "type": "scene_triggered",
              "cooldown_sec": 3600
            },
            "flirt": {
              "gating": { "min_affinity": 40, "min_chemistry": 30, "mood": ["happy", "curious"] },
              "type": "scene_triggered",
              "branching_intent": "escalate"
            }
          },
          "npc_roles": {
            "merchant": { "default_personality": { "conscientiousness": 0.7, "agreeableness": 0.5 } },
            "thief": { "default_personality": { "openness": 0.6, "neuroticism": 0.8 } },
            "guard": { "default_personality": { "conscientiousness": 0.9, "extraversion": 0.3 } }
          }
        },
        "theme": "Maritime trade hub",
        "tone": "Gritty realism with intrigue"
      }
    }
    """,
    201,
    """
    {
      "id": 42,
      "name": "The Harbor District",
      "meta": { "theme": "Maritime trade hub", "tone": "Gritty realism with intrigue" },
      "world_time": 0,
      "owner_user_id": 123
    }
    """,
    names_the_world=False,
)

MANIFEST_SCHEMA = Call(
    "GET /api/v1/game-worlds/manifest-schema?world_id=42",
    200,
    '{ "$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object" }',
)

# -- 2. World structure -----------------------------------------------------------------------------------------------

CREATE_HARBOR = Call(
    """
    POST /api/v1/game-locations/
    {
      "world_id": 42,
      "name": "Harbor Docks",
      "x": 0, "y": 0,
      "asset_id": 200,
      "default_spawn": {"x": 0, "y": 0, "z": 5},
      "meta": { "ambient_sound": "waves" }
    }
    """,
    201,
    """
    {
      "id": 1,
      "world_id": 42,
      "key": "harbor_docks",
      "name": "Harbor Docks",
      "x": 0, "y": 0,
      "asset_id": 200,
      "default_spawn": {"x": 0, "y": 0, "z": 5},
      "meta": { "ambient_sound": "waves" }
    }
    """,
)

CREATE_MARKET = Call(
    """
    POST /api/v1/game-locations/
    {
      "world_id": 42,
      "name": "Central Market",
      "asset_id": 201,
      "default_spawn": {"x": 10, "y": 0, "z": 0},
      "meta": { "ambient_sound": "crowd", "interactive_stalls": ["fish", "cloth", "tools"] }
    }
    """,
    201,
    '{ "id": 2, "name": "Central Market", "meta": { "interactive_stalls": ["fish", "cloth", "tools"] } }',
)

CREATE_TAVERN = Call(
    """
    POST /api/v1/game-locations/
    {
      "world_id": 42,
      "name": "The Rusty Anchor Tavern",
      "asset_id": 202,
      "default_spawn": {"x": 5, "y": 0, "z": -5},
      "meta": { "ambient_sound": "tavern_chatter", "lighting": "dim" }
    }
    """,
    201,
    '{ "id": 3, "name": "The Rusty Anchor Tavern", "meta": { "lighting": "dim" } }',
)

# The scene is not there yet: that is stored, and a problem until it is.
CREATE_HOTSPOT = Call(
    """
    POST /api/v1/game/triggers
    {
      "scope": "location",
      "location_id": 1,
      "hotspot_id": "enter_tavern",
      "target": { "mesh": { "object_name": "tavern_door" } },
      "action": { "type": "play_scene", "scene_id": 3 },
      "meta": { "prompt_text": "Enter the tavern?" }
    }
    """,
    201,
    """
    {
      "id": 1,
      "world_id": 42,
      "scope": "location",
      "location_id": 1,
      "hotspot_id": "enter_tavern",
      "target": { "mesh": { "object_name": "tavern_door" } },
      "action": { "type": "play_scene", "scene_id": 3 },
      "meta": { "prompt_text": "Enter the tavern?" }
    }
    """,
)

CREATE_SCENE = Call(
    """
    POST /api/v1/game-scenes/
    {
      "title": "Harbor Intro",
      "description": "Player arrives at the harbor",
      "entry_node_id": null,
      "meta": {}
    }
    """,
    201,
    """
    {
      "id": 1,
      "title": "Harbor Intro",
      "description": "Player arrives at the harbor",
      "entry_node_id": null,
      "meta": {}
    }
    """,
    names_the_world=False,
)

CREATE_MARKET_SCENE = Call(
    'POST /api/v1/game-scenes/\n{ "world_id": 42, "title": "Market", "location_id": 2 }',
    201,
    '{ "id": 2, "title": "Market", "location_id": 2 }',
)

CREATE_TAVERN_SCENE = Call(
    'POST /api/v1/game-scenes/\n{ "world_id": 42, "title": "Tavern NPC Encounter", "location_id": 3 }',
    201,
    '{ "id": 3, "title": "Tavern NPC Encounter", "location_id": 3 }',
)

CREATE_NODES = Call(
    """
    POST /api/v1/game-scenes/1/nodes
    [
      {
        "id": "node1",
        "asset_id": 500,
        "label": "Arrive at Harbor",
        "loopable": false,
        "skippable": true,
        "meta": { "videoConfig": { "loopable": false, "skippable": true } }
      },
      {
        "id": "node2",
        "label": "Where to go?",
        "meta": { "choiceConfig": { "reveal_at_sec": 5 } }
      },
      {
        "id": "node4",
        "label": "Dock Exploration",
        "meta": { "generationConfig": { "strategy": "once", "type": "environment" } }
      }
    ]
    """,
    201,
    """
    [
      {
        "id": "node1",
        "kind": "video",
        "asset_id": 500,
        "label": "Arrive at Harbor",
        "loopable": false,
        "skippable": true,
        "meta": { "videoConfig": { "loopable": false, "skippable": true } }
      },
      { "id": "node2", "kind": "choice", "meta": { "choiceConfig": { "reveal_at_sec": 5 } } },
      { "id": "node4", "kind": "video", "asset_id": null, "meta": { "generationConfig": { "strategy": "once", "type": "environment" } } }
    ]
    """,
)

CREATE_EDGES = Call(
    """
    POST /api/v1/game-scenes/1/edges
    [
      {
        "from_node_id": "node1",
        "to_node_id": "node2",
        "choice_label": null,
        "weight": 1.0,
        "conditions": null,
        "effects": null
      },
      {
        "from_node_id": "node2",
        "to_scene_id": 2,
        "choice_label": "Visit the Market",
        "effects": { "flags": ["visited_market"], "stats": {} }
      },
      {
        "from_node_id": "node2",
        "to_scene_id": 3,
        "choice_label": "Head to the Tavern",
        "effects": { "flags": ["visited_tavern"] }
      },
      {
        "from_node_id": "node2",
        "to_node_id": "node4",
        "choice_label": "Explore the Docks",
        "conditions": { "flags": ["!visited_harbor"] }
      }
    ]
    """,
    201,
    """
    [
      {
        "id": "edge1",
        "from_node_id": "node1",
        "to_node_id": "node2",
        "choice_label": null,
        "weight": 1.0,
        "conditions": null,
        "effects": null
      },
      { "id": "edge2", "to_node_id": null, "to_scene_id": 2, "effects": { "flags": ["visited_market"], "stats": {} } },
      { "id": "edge3", "to_scene_id": 3, "choice_label": "Head to the Tavern" },
      { "id": "edge4", "to_node_id": "node4", "conditions": { "flags": ["!visited_harbor"] } }
    ]
    """,
)

# “Will be set after nodes created”: the first node posted is the entry.
READ_SCENE = Call("GET /api/v1/game-scenes/1", 200, '{ "id": 1, "title": "Harbor Intro", "entry_node_id": "node1" }')

THUMBNAIL = Call("GET /api/v1/game-scenes/1/thumbnail", 200, "")

# -- 3. NPC setup -----------------------------------------------------------------------------------------------------

CREATE_MARA = Call(
    """
    POST /api/v1/game-npcs/
    {
      "world_id": 42,
      "name": "Captain Mara",
      "personality": {
        "openness": 0.6,
        "conscientiousness": 0.8,
        "extraversion": 0.7,
        "agreeableness": 0.5,
        "neuroticism": 0.3,
        "occupation": "ship captain",
        "background": "Former navy officer turned trader",
        "quirks": ["always checks the weather", "distrusts landlubbers"],
        "voice_style": "gruff but fair",
        "interests": ["sailing", "profit", "local politics"]
      },
      "home_location_id": 1,
      "stats": {
        "melee": 60,
        "ranged": 40,
        "strength": 70,
        "intelligence": 65
      }
    }
    """,
    201,
    """
    {
      "id": 10,
      "world_id": 42,
      "name": "Captain Mara",
      "personality": { "openness": 0.6, "voice_style": "gruff but fair", "interests": ["sailing", "profit", "local politics"] },
      "home_location_id": 1,
      "current_location_id": null,
      "stats": { "melee": 60, "ranged": 40, "strength": 70, "intelligence": 65 }
    }
    """,
)

CREATE_SCHEDULE = Call(
    """
    POST /api/v1/game-npcs/10/schedules
    [
      {
        "day_of_week": 1,
        "start_time": "06:00",
        "end_time": "12:00",
        "location_id": 1,
        "rule": "default"
      },
      {
        "day_of_week": 1,
        "start_time": "12:00",
        "end_time": "14:00",
        "location_id": 2,
        "rule": "default"
      },
      {
        "day_of_week": 1,
        "start_time": "14:00",
        "end_time": "22:00",
        "location_id": 1,
        "rule": "default"
      }
    ]
    """,
    201,
    """
    [
      {
        "day_of_week": 1,
        "start_time": "06:00",
        "end_time": "12:00",
        "location_id": 1,
        "rule": "default"
      },
      { "start_time": "12:00", "end_time": "14:00", "location_id": 2 },
      { "start_time": "14:00", "end_time": "22:00", "location_id": 1 }
    ]
    """,
)

CREATE_EXPRESSIONS = Call(
    """
    POST /api/v1/game-npcs/10/expressions
    [
      { "state": "neutral", "asset_id": 700, "crop": {"x": 100, "y": 50, "width": 400, "height": 400}, "meta": {} },
      { "state": "happy", "asset_id": 701, "crop": {"x": 100, "y": 50, "width": 400, "height": 400}, "meta": {} },
      { "state": "angry", "asset_id": 702, "crop": {"x": 100, "y": 50, "width": 400, "height": 400}, "meta": {} },
      { "state": "curious", "asset_id": 703, "crop": {"x": 100, "y": 50, "width": 400, "height": 400}, "meta": {} },
      { "state": "sad", "asset_id": 704, "crop": {"x": 100, "y": 50, "width": 400, "height": 400}, "meta": {} }
    ]
    """,
    201,
    """
    [
      { "state": "neutral", "asset_id": 700, "crop": {"x": 100, "y": 50, "width": 400, "height": 400}, "meta": {} },
      { "state": "happy", "asset_id": 701 },
      { "state": "angry", "asset_id": 702 },
      { "state": "curious", "asset_id": 703 },
      { "state": "sad", "asset_id": 704 }
    ]
    """,
)

SET_RELATIONSHIP = Call(
    """
    POST /api/v1/game-npcs/10/stats
    {
      "stat_updates": [
        {"axis": "affinity", "value": 30, "source": "relationship"},
        {"axis": "trust", "value": 20, "source": "relationship"},
        {"axis": "chemistry", "value": 40, "source": "relationship"},
        {"axis": "tension", "value": 10, "source": "relationship"}
      ]
    }
    """,
    200,
    '{ "npc_id": 10, "relationships": { "affinity": 30, "trust": 20, "chemistry": 40, "tension": 10 } }',
)

# -- 5. Session and gameplay ------------------------------------------------------------------------------------------

CREATE_SESSION = Call(
    """
    POST /api/v1/game-sessions/
    {
      "world_id": 42,
      "user_id": 123,
      "scene_id": 1,
      "current_node_id": "node1",
      "flags": [],
      "stats": {},
      "world_time": 0
    }
    """,
    201,
    """
    {
      "session_id": 200,
      "world_id": 42,
      "user_id": 123,
      "scene_id": 1,
      "current_node_id": "node1",
      "flags": [],
      "stats": {},
      "world_time": 0
    }
    """,
)

NAVIGATE = Call(
    """
    PATCH /api/v1/game-sessions/200
    {
      "current_node_id": "node2",
      "flags": ["visited_tavern"],
      "relationships": {
        "npc_10": {
          "affinity": 35
        }
      }
    }
    """,
    200,
    """
    {
      "session_id": 200,
      "world_id": 42,
      "current_node_id": "node2",
      "flags": ["visited_tavern"],
      "stats": {},
      "world_time": 0,
      "relationships": {
        "npc_10": {
          "affinity": 35,
          "trust": 20,
          "chemistry": 40,
          "tension": 10,
          "intimacy_level": 0
        }
      },
      "version": 1
    }
    """,
)

NOTE = Call(
    """
    POST /api/v1/game-sessions/200/event
    {
      "node_id": "node2",
      "edge_id": "edge2b",
      "action": "choice_selected",
      "diff": {
        "flags": ["visited_tavern"]
      }
    }
    """,
    201,
    """
    {
      "seq": 2,
      "version": 0,
      "action": { "note": "choice_selected", "node_id": "node2", "edge_id": "edge2b", "diff": { "flags": ["visited_tavern"] } },
      "changes": []
    }
    """,
)

EXECUTE = Call(
    """
    POST /api/v1/npc-interactions/execute
    {
      "session_id": 200,
      "npc_id": 10,
      "interaction_id": "talk",
      "user_choice_text": "I heard there's good coin to be made."
    }
    """,
    200,
    """
    {
      "session": {
        "session_id": 200,
        "world_id": 42,
        "current_node_id": "node2",
        "flags": ["visited_tavern"],
        "stats": {},
        "world_time": 0,
        "relationships": {
          "npc_10": {
            "affinity": 35,
            "trust": 20,
            "chemistry": 40,
            "tension": 10,
            "intimacy_level": 0
          }
        }
      },
      "dialogue": {
        "text": "Smart. The sea provides for those who respect it. You seem like you've got a good head on your shoulders."
      }
    }
    """,
)

ADVANCE_TIME = Call(
    """
    POST /api/v1/game-worlds/42/time
    {
      "advance_by_sec": 28800
    }
    """,
    200,
    '{ "world_time": 28800, "day": 1, "time": "08:00", "weekday": 1 }',
)

# Monday, 4 PM.
PRESENCE = Call(
    "GET /api/v1/game-npcs/presence?world_id=42&world_time=57600",
    200,
    """
    [
      { "npc_id": 10, "key": "captain_mara", "location_id": 1, "state": {}, "source": "schedule" },
      { "npc_id": 11, "key": "jorin", "location_id": 2, "state": {}, "source": "schedule" },
      { "npc_id": 12, "key": "ren", "location_id": 2, "state": {}, "source": "schedule" }
    ]
    """,
)

SCHEDULE_PREVIEW = Call("GET /api/v1/game-npcs/10/schedule-preview?time=57600", 200, '{ "npc_id": 10, "location_id": 1 }')

# “Need affinity 20” is the world's; Mara's own is 35.
INTERACTIONS = Call(
    'POST /api/v1/npc-interactions/list\n{ "session_id": 200, "npc_id": 10 }',
    200,
    """
    {
      "interactions": [
        { "id": "talk", "label": "Talk", "available": true },
        { "id": "ask_rumors", "label": "Ask about rumors", "available": false, "disabled_reason": "Need affinity 35 – you have 30" },
        { "id": "flirt", "label": "Flirt", "available": false, "disabled_reason": "Need affinity 40 – you have 30" },
        { "id": "trade", "label": "Trade", "available": false }
      ]
    }
    """,
)

AUTHORED = [
    CREATE_WORLD,
    MANIFEST_SCHEMA,
    CREATE_HARBOR,
    CREATE_MARKET,
    CREATE_TAVERN,
    CREATE_HOTSPOT,
    CREATE_SCENE,
    CREATE_MARKET_SCENE,
    CREATE_TAVERN_SCENE,
    CREATE_NODES,
    CREATE_EDGES,
    READ_SCENE,
    THUMBNAIL,
    CREATE_MARA,
    CREATE_SCHEDULE,
    CREATE_EXPRESSIONS,
    SET_RELATIONSHIP,
]
PLAYED = [CREATE_SESSION, NAVIGATE, NOTE, EXECUTE, ADVANCE_TIME, PRESENCE, SCHEDULE_PREVIEW, INTERACTIONS]


# -- told -------------------------------------------------------------------------------------------------------------


def test_sections_1_to_3_the_author_builds_the_district(live_asgi: str) -> None:
    anna = the_author(live_asgi)
    sends(anna, AUTHORED)

    # “Initializes GameWorldState (world_time = 0)” and “NPCState (current_location_id = null, relies on schedule)”.
    world = World.objects.get(pk=42)
    assert world.meta["manifest"] == CREATE_WORLD.body["meta"]["manifest"]
    assert world.state.world_time == 0
    mara = Npc.objects.get(pk=10)
    assert mara.state.current_location is None
    assert mara.state.relationships == {"affinity": 30, "trust": 20, "chemistry": 40, "tension": 10}

    # The hotspot was made before its scene. Now that there is one, the world knows which it meant.
    hotspot = document(world)[0]["hotspots"][0]
    assert hotspot["action"] == {"type": "play_scene", "scene": "tavern_npc_encounter"}
    assert [problem["code"] for problem in anna.get("/game-worlds/42/problems")["problems"] if "hotspots" in problem["pointer"]] == []


def test_section_5_a_session_is_created(live_asgi: str) -> None:
    anna = the_author(live_asgi)
    the_harbor_district()
    sends(anna, [CREATE_SESSION])
    assert GameSession.objects.get(pk=200).version == 0


def test_section_5_the_author_edits_his_session(live_asgi: str) -> None:
    anna = the_author(live_asgi)
    the_harbor_district()
    sends(anna, [CREATE_SESSION, NAVIGATE])

    # “If version mismatch → Returns 409 Conflict (concurrent update detected)”
    late = anna.send("PATCH", NAVIGATE.path, {**NAVIGATE.body, "version": 0})
    assert late.status_code == 409
    assert matches(late.json()["current"], json.loads(NAVIGATE.answer))


def test_section_5_a_client_notes_what_was_chosen(live_asgi: str) -> None:
    anna = the_author(live_asgi)
    the_harbor_district()
    sends(anna, [CREATE_SESSION, NOTE])
    assert [event["seq"] for event in anna.get("/game-sessions/200/events")] == [1, 2]


def test_section_5_good_coin(live_asgi: str) -> None:
    anna = the_author(live_asgi)
    the_harbor_district()
    at_the_taverns_dialogue(anna)
    sends(anna, [INTERACTIONS])
    told = sends(anna, [EXECUTE])

    changes = {change["path"]: change for change in told["changes"]}
    assert changes["relationships.npc_10.affinity"] == {
        "path": "relationships.npc_10.affinity", "before": 30, "after": 35, "label": "+5 Affinity", "npc_id": 10,
    }  # fmt: skip
    assert told["view"]["npc"]["mood"]["current_emotion"] == "friendly"
    assert {entry["id"]: entry["available"] for entry in told["interactions"]}["ask_rumors"]
    memory = ConversationMemory.objects.get(session=200, npc_key="captain_mara")
    assert (memory.memory_type, memory.importance, memory.topic, memory.mood) == ("SHORT_TERM", 5, "work_opportunity", "friendly")


def test_section_5_eight_hours_pass(live_asgi: str) -> None:
    anna = the_author(live_asgi)
    the_harbor_district()
    told = sends(anna, [ADVANCE_TIME])
    assert {row["npc_id"] for row in told["moved"]} >= {10, 12}
    assert World.objects.get(pk=42).state.world_time == 28_800


def test_section_5_who_is_where_at_four(live_asgi: str) -> None:
    anna = the_author(live_asgi)
    the_harbor_district()
    sends(anna, [PRESENCE, SCHEDULE_PREVIEW])


def test_to_another_author_nothing_of_it_exists(live_asgi: str) -> None:
    anna = the_author(live_asgi)
    account("otto", author=True)
    otto = Client(live_asgi, "otto")
    sends(anna, AUTHORED)
    refused(otto, AUTHORED)


def test_to_another_author_no_session_of_it_exists(live_asgi: str) -> None:
    anna = the_author(live_asgi)
    the_harbor_district()
    account("otto", author=True)
    otto = Client(live_asgi, "otto")
    at_the_taverns_dialogue(anna)
    refused(otto, PLAYED)


def refused(other: Client, calls: list[Call]) -> None:
    """404 for each, and nothing was written. A call that names nothing of the author's is about the caller's own worlds."""
    before = stored()
    for call in calls:
        if call.names_the_world:
            answer = other.send(call.method, call.path, call.body)
            assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json"), (call.path, answer.text)
    assert stored() == before


def test_a_scene_without_a_world_never_falls_into_anothers(live_asgi: str) -> None:
    anna = the_author(live_asgi)
    account("otto", author=True)
    otto = Client(live_asgi, "otto")
    sends(anna, [CREATE_WORLD])

    before = stored()
    answer = otto.send(CREATE_SCENE.method, CREATE_SCENE.path, CREATE_SCENE.body)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/world_id")
    assert "42" not in answer.text
    assert otto.send(CREATE_SCENE.method, CREATE_SCENE.path, {**CREATE_SCENE.body, "world_id": 42}).status_code == 404
    assert stored() == before

    assert otto.post(CREATE_WORLD.path, CREATE_WORLD.body)["id"] == 43
    assert otto.post(CREATE_SCENE.path, CREATE_SCENE.body)["world_id"] == 43


# -- the ground it stands on ------------------------------------------------------------------------------------------


def the_author(site: str) -> Client:
    """User 123 with the printed assets; what is made next gets the printed numbers."""
    count_from(User, 123)
    anna = account("anna", author=True)
    for number, kind in [*((number, "gltf") for number in (200, 201, 202)), (500, "video"), *((number, "image") for number in range(700, 705))]:
        count_from(Asset, number)
        Asset.objects.create(owner=anna, media_type=kind, label=f"Asset {number}")
    for model, number in ((World, 42), (Location, 1), (Hotspot, 1), (Scene, 1), (Npc, 10), (GameSession, 200)):
        count_from(model, number)
    return Client(site, "anna")


def the_harbor_district() -> World:
    """The demo world as the author's draft, with the default clock: its day begins at 0:00. The printed things come first, so they get
    the printed numbers."""
    whole = read_folder(HARBOR_DISTRICT).document
    del whole["world"]["meta"]["manifest"]["clock"]
    printed = {"locations": ["harbor", "market", "tavern"], "scenes": ["harbor_intro", "market", "tavern_npc_encounter"], "npcs": ["captain_mara"]}
    for part, keys in printed.items():
        whole[part].sort(key=lambda entry: keys.index(entry["key"]) if entry["key"] in keys else len(keys))
    return save_document(whole, owner=User.objects.get(pk=123))


def at_the_taverns_dialogue(anna: Client) -> None:
    """Head to the Tavern, and the clip of it is over."""
    sends(anna, [CREATE_SESSION])
    anna.post("/game-sessions/200/choose", {"edge_id": "edge2b"})
    anna.post("/game-sessions/200/continue")


def count_from(model: type[models.Model], number: int) -> None:
    """The next row of `model` gets this id."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s, false)", [table, number])
        else:
            cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table])
            cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, number - 1])


def sends(client: Client, calls: list[Call]) -> Any:
    """The calls one after the other, each answered as printed; the last answer."""
    told: Any = None
    for call in calls:
        answer = client.send(call.method, call.path, call.body)
        assert answer.status_code == call.status, (call.path, answer.text[:2000])
        if call.answer:
            told = answer.json()
            assert matches(told, json.loads(call.answer)), (call.path, json.dumps(told, indent=1)[:6000])
    return told


def matches(told: Any, printed: Any) -> bool:
    """Whether an answer says what is printed; it may say more, but of a list it has exactly the printed entries."""
    if isinstance(printed, dict):
        return isinstance(told, dict) and all(name in told and matches(told[name], inner) for name, inner in printed.items())
    if isinstance(printed, list):
        return isinstance(told, list) and len(told) == len(printed) and all(map(matches, told, printed))
    return bool(told == printed)


def stored() -> list[int]:
    """How much there is of everything a call could write."""
    counted = [model.objects.count() for model in (World, WorldHistory, Location, Hotspot, Scene, Npc, GameSession)]
    return [*counted, *GameSession.objects.order_by("pk").values_list("seq", flat=True)]
