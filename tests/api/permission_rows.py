"""Who may do what: one row per endpoint. A new endpoint without a row fails `test_permissions`.

A row also says what a good request looks like, so the tests of bad input begin from there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

ROLES = ("anonymous", "player", "other_author", "owner", "staff")
OK, LOGIN, NO, GONE = 200, 401, 403, 404

Body = Callable[[Any], Any]


@dataclass(frozen=True)
class Row:
    """`expected` status by role for an object of the owner (200 stands for any success). `acts` is who sends good requests."""

    expected: Mapping[str, int]
    body: Body | None = None
    query: Callable[[Any], dict[str, Any]] | None = None
    kwargs: Callable[[Any], dict[str, Any]] | None = None
    acts: str = "owner"
    missing: int | None = GONE
    """Answer for an id that does not exist; None where there is no id to miss."""
    skip_keys: frozenset[str] = field(default_factory=frozenset)
    """Fields whose foreign ids are allowed, such as a reference that is stored as it is."""
    multipart: bool = False
    vendors: bool = False
    """The body is a vendor's: its fields are not ours to refuse."""
    before: Callable[[Any], object] | None = None
    """What must have happened first, such as the move that is undone."""


def everyone(body: Body | None = None, **more: Any) -> Row:
    return Row(dict.fromkeys(ROLES, OK), body, missing=None, **more)


def logged_in(body: Body | None = None, **more: Any) -> Row:
    """Anyone with an account; what is listed is one's own."""
    return Row({**dict.fromkeys(ROLES, OK), "anonymous": LOGIN}, body, **{"missing": None, **more})


def authors(body: Body | None = None, **more: Any) -> Row:
    return Row({**dict.fromkeys(ROLES, OK), "anonymous": LOGIN, "player": NO}, body, **{"missing": None, **more})


def authored(body: Body | None = None, **more: Any) -> Row:
    """The world's owner and staff; to others it does not exist."""
    return Row({"anonymous": LOGIN, "player": GONE, "other_author": GONE, "owner": OK, "staff": OK}, body, **more)


def played(body: Body | None = None, *, owner: int = GONE, **more: Any) -> Row:
    """The session's player and staff; `owner` is what the world's owner gets."""
    return Row({"anonymous": LOGIN, "player": OK, "other_author": GONE, "owner": owner, "staff": OK}, body, **{"acts": "player", **more})


def slot(s: Any) -> dict[str, Any]:
    return {"key": "evening", "days": [2], "start": "18:00", "end": "22:00", "activity": "resting", "rule": "default", "location_id": s.location.pk}


def expression(s: Any) -> dict[str, Any]:
    return {"state": "happy", "asset_id": s.asset.pk, "crop": {"x": 100, "y": 50, "width": 400, "height": 400}, "meta": {}}


def node(s: Any, key: str) -> dict[str, Any]:
    meta = {"videoConfig": {"loopable": False}}
    return {"id": key, "kind": "video", "label": "Arrive", "asset_id": s.asset.pk, "loopable": False, "skippable": True, "meta": meta}


def story_test(s: Any) -> dict[str, Any]:
    start = {"scene": s.published.scenes.get(pk=s.scene.pk).key, "node": "start"}
    return {"name": "Through the harbor", "start": start, "state": {"world_time": 3600}, "actions": [{"type": "continue"}]}


def edge(key: str, source: str, target: str) -> dict[str, Any]:
    gate, effects = {"flags": ["!visited"]}, {"flags": ["visited"]}
    return {
        "id": key,
        "from_node_id": source,
        "to_node_id": target,
        "choice_label": "Go",
        "weight": 1,
        "conditions": gate,
        "effects": effects,
        "meta": {},
    }


def an_order(s: Any) -> dict[str, Any]:
    return {
        "operation_type": "video_transition",
        "provider_id": "double",
        "workspace_id": 1,
        "world_id": s.world.pk,
        "npc_id": s.npc.pk,
        "inputs": {"prompt": "A foggy harbor at dawn", "style": {"mood": "mysterious"}, "duration_sec": 8},
        "canonical_params": {"seed": 42, "aspect_ratio": "16:9"},
        "strategy": "once",
        "scene_context": {"scene_id": s.scene.pk, "node_id": s.node.key},
        "action_block": {"pose": "leaning_on_bar", "intensity": 0.6},
    }


AN_EXPERIMENT = {"title": "A gentle Mara", "subject": "npcs/mara", "patch_b": {"personality": {"agreeableness": 0.9}}}


def an_account(s: Any) -> dict[str, Any]:
    return {"provider_id": "double", "label": "mine", "key": "sk-double-0002", "webhook_secret": "hush", "max_concurrent": 3, "day_limit": 50}


def an_edge(s: Any) -> dict[str, Any]:
    return {"key": s.edge.key}


def overriding(body: Body | None = None, **more: Any) -> Row:
    """A player's session: he is no author, its world's owner has only his own, staff every one."""
    return Row(
        {"anonymous": LOGIN, "player": NO, "other_author": GONE, "owner": GONE, "staff": OK}, body, **{"acts": "staff", "missing": None, **more}
    )


ROWS: dict[tuple[str, str], Row] = {
    ("post", "auth-token"): everyone(lambda s: {"username": s.owner.username, "password": "sail the harbor"}),
    ("post", "auth-logout"): logged_in(lambda s: {}),
    ("post", "auth-ws-ticket"): logged_in(lambda s: {"stream": "session/1"}),
    ("get", "published-worlds"): everyone(),
    ("get", "manifest-schema"): everyone(),
    ("get", "worlds"): logged_in(),
    ("post", "worlds"): authors(lambda s: {"name": "New", "meta": {"theme": "Fog"}}),
    ("get", "world"): authored(),
    ("patch", "world"): authored(lambda s: {"name": "Changed", "meta": {"tone": "bright"}}),
    ("delete", "world"): authored(),
    ("get", "locations"): logged_in(),
    ("post", "locations"): authored(
        lambda s: {
            "world_id": s.world.pk,
            "key": "quay",
            "name": "Quay",
            "x": 1,
            "y": 2,
            "asset_id": s.model.pk,
            "picture_asset_id": s.asset.pk,
            "default_spawn": {"x": 0, "y": 0, "z": 5},
            "travel_conditions": {"flags": ["open"]},
            "meta": {"ambient_sound": "waves"},
        }
    ),
    ("get", "location"): authored(),
    ("patch", "location"): authored(lambda s: {"name": "Changed", "x": 3, "meta": {"lighting": "dim"}}),
    ("delete", "location"): authored(),
    # -- people -------------------------------------------------------------------------------------------------------
    ("post", "world-time"): authored(lambda s: {"advance_by_sec": 3600}),
    ("get", "npcs"): logged_in(),
    ("post", "npcs"): authored(
        lambda s: {
            "world_id": s.world.pk,
            "key": "ren",
            "name": "Ren",
            "role": "thief",
            "home_location_id": s.location.pk,
            "current_location_id": s.location.pk,
            "personality": {"openness": 0.8, "occupation": "pickpocket"},
            "stats": {"melee": 20},
            "interaction_overrides": {"talk": {"gating": {"min_affinity": 5}}},
            "is_minor": False,
            "meta": {},
        }
    ),
    ("get", "npc"): authored(),
    ("patch", "npc"): authored(lambda s: {"name": "Changed", "home_location_id": s.location.pk, "personality": {"openness": 0.1}}),
    ("delete", "npc"): authored(),
    ("get", "npc-schedules"): authored(),
    ("post", "npc-schedules"): authored(lambda s: [slot(s)]),
    ("put", "npc-schedules"): authored(lambda s: [slot(s)]),
    ("get", "npc-expressions"): authored(),
    ("post", "npc-expressions"): authored(lambda s: [expression(s)]),
    ("put", "npc-expressions"): authored(lambda s: [expression(s)]),
    ("get", "npc-stats"): authored(),
    ("post", "npc-stats"): authored(lambda s: {"stat_updates": [{"axis": "affinity", "value": "+5", "source": "relationship"}]}),
    ("put", "npc-stats"): authored(lambda s: {"stat_updates": [{"axis": "affinity", "value": 30, "source": "relationship"}]}),
    ("get", "npc-schedule-preview"): authored(query=lambda s: {"time": 57_600}),
    ("post", "npc-import-card"): authored(lambda s: {"world_id": s.world.pk, "file": s.card()}, multipart=True),
    ("get", "npc-card"): authored(),
    # -- scenes -------------------------------------------------------------------------------------------------------
    ("get", "scenes"): logged_in(),
    ("post", "scenes"): authored(
        lambda s: {
            "world_id": s.world.pk,
            "key": "market",
            "title": "Market",
            "description": "Stalls",
            "entry_node_id": None,
            "location_id": s.location.pk,
            "npc_id": s.npc.pk,
            "is_entry": False,
            "meta": {},
        },
    ),
    ("post", "scene-import-twee"): authored(lambda s: {"world_id": s.world.pk, "file": s.twee(), "title": "Fog"}, multipart=True),
    ("get", "scene"): authored(),
    ("patch", "scene"): authored(lambda s: {"title": "Changed", "location_id": s.location.pk, "npc_id": s.npc.pk, "is_entry": True}),
    ("delete", "scene"): authored(),
    ("get", "scene-nodes"): authored(),
    ("post", "scene-nodes"): authored(lambda s: [node(s, "node9")]),
    ("get", "scene-node"): authored(),
    ("patch", "scene-node"): authored(lambda s: {"label": "Changed", "asset_id": s.asset.pk, "loopable": True}),
    ("delete", "scene-node"): authored(),
    ("get", "scene-edges"): authored(),
    ("post", "scene-edges"): authored(lambda s: [edge("edge9", "node1", "node2")]),
    ("get", "scene-edge"): authored(kwargs=an_edge),
    ("patch", "scene-edge"): authored(lambda s: {"choice_label": "Changed", "weight": 2, "effects": {"flags": ["went"]}}, kwargs=an_edge),
    ("delete", "scene-edge"): authored(kwargs=an_edge),
    ("get", "scene-graph"): authored(),
    ("put", "scene-graph"): authored(
        lambda s: {"entry_node_id": "node1", "nodes": [node(s, "node1"), node(s, "b")], "edges": [edge("e", "node1", "b")]}
    ),
    ("post", "scene-draft"): authored(
        lambda s: {"entry_node_id": "node1", "nodes": [node(s, "node1"), node(s, "b")], "edges": [edge("e", "node1", "b")]}
    ),
    ("get", "scene-vocabulary"): authored(),
    ("get", "scene-changes"): authored(query=lambda s: {"since": 1}),
    ("get", "scene-thumbnail"): authored(),
    ("get", "hotspots"): logged_in(),
    ("post", "hotspots"): authored(
        lambda s: {
            "world_id": s.world.pk,
            "scope": "location",
            "location_id": s.location.pk,
            "hotspot_id": "gate",
            "target": {"mesh": {"object_name": "gate"}},
            "region": {"x": 0.1, "y": 0.2, "width": 0.2, "height": 0.3},
            "action": {"type": "play_scene", "scene_id": s.scene.pk},
            "conditions": {"flags": ["open"]},
            "meta": {"prompt_text": "Enter?"},
        },
    ),
    ("get", "hotspot"): authored(),
    ("patch", "hotspot"): authored(
        lambda s: {"meta": {"prompt_text": "Changed?"}, "action": {"type": "change_location", "scene": None, "location": "harbor"}}
    ),
    ("delete", "hotspot"): authored(),
    ("get", "world-export"): authored(),
    ("post", "world-import"): authors(lambda s: {"file": s.bundle()}, multipart=True),
    ("post", "npc-prompt-preview"): authored(
        lambda s: {
            "npc_id": s.npc.pk,
            "personality": {"extraversion": 0.9},
            "state": {"relationships": {f"npc_{s.npc.pk}": {"affinity": 50}}, "world_time": 28_800},
            "scenarios": [{"name": "Calm", "interaction_id": "talk", "state": {"relationships": {f"npc_{s.npc.pk}": {"tension": 0}}}}],
        }
    ),
    ("post", "npc-prompt-visual"): authored(
        lambda s: {
            "npc_id": s.npc.pk,
            "scene_id": s.scene.pk,
            "action_block": {"pose": "leaning_on_bar", "intensity": 0.6, "mood": "curious", "camera_angle": "medium_closeup"},
            "style": {"mood": "curious"},
            "state": {"relationships": {f"npc_{s.npc.pk}": {"affinity": 50}}, "world_time": 28_800},
        }
    ),
    # -- playing ------------------------------------------------------------------------------------------------------
    ("get", "sessions"): logged_in(),
    ("post", "sessions"): logged_in(lambda s: {"world_id": s.published.pk}, acts="player"),
    ("get", "session"): played(owner=OK),
    ("patch", "session"): played(lambda s: {"current_node_id": "last"}, before=lambda s: s.moved()),
    ("post", "session-continue"): played(lambda s: {"version": 0}),
    ("post", "session-choose"): played(lambda s: {"edge_id": "onward", "version": 0}),
    ("post", "session-travel"): played(lambda s: {"location_id": s.market.pk, "version": 0}),
    ("post", "session-hotspot"): played(lambda s: {"hotspot_id": "door", "version": 0}),
    ("post", "session-time"): played(lambda s: {"advance_by_sec": 3600, "version": 0}),
    ("post", "session-event"): played(lambda s: {"action": "looked", "node_id": "start", "edge_id": "onward", "diff": {"a": 1}}),
    ("get", "session-events"): played(owner=OK, query=lambda s: {"since": 0}),
    ("get", "session-turns"): authored(),
    ("get", "session-turn"): authored(kwargs=lambda s: {"turn_id": s.turn.pk}),
    ("post", "session-reports"): played(
        lambda s: {"npc_id": s.npc.pk, "line": "Aye?", "reason": "broken", "note": "What?"}, before=lambda s: s.talked()
    ),
    ("post", "session-undo"): played(lambda s: {"to_version": 0}, before=lambda s: s.moved()),
    ("post", "session-redo"): played(lambda s: {}, before=lambda s: s.undone()),
    ("post", "session-fork"): played(lambda s: {}),
    ("get", "session-saves"): played(owner=OK),
    ("post", "session-saves"): played(lambda s: {"name": "Before the door"}),
    ("patch", "session-save"): played(lambda s: {"name": "By the door"}, before=lambda s: s.saved(), kwargs=lambda s: {"number": 1}),
    ("delete", "session-save"): played(before=lambda s: s.saved(), kwargs=lambda s: {"number": 1}),
    ("get", "session-branches"): played(owner=OK),
    ("get", "session-verify"): authored(),
    ("post", "override-npc-state"): overriding(
        lambda s: {"session_id": s.session.pk, "npc_id": s.npc.pk, "overrides": {"relationships": {"affinity": 80}}}
    ),
    ("delete", "override-npc-state"): overriding(query=lambda s: {"session_id": s.session.pk}),
    ("post", "session-load"): played(lambda s: {}, before=lambda s: s.saved(), kwargs=lambda s: {"number": 1}),
    ("post", "interactions-list"): played(lambda s: {"session_id": s.session.pk, "npc_id": s.npc.pk}, owner=OK),
    ("post", "interactions-execute"): played(
        lambda s: {"session_id": s.session.pk, "npc_id": s.npc.pk, "interaction_id": "talk", "choice_id": "ask", "version": 0}
    ),
    ("post", "interactions-simulate"): authored(
        lambda s: {
            "world_id": s.published.pk,
            "npc_id": s.npc.pk,
            "interaction_id": "talk",
            "choice_id": "ask",
            "state": {"relationships": {f"npc_{s.npc.pk}": {"affinity": 35}}, "location": s.location.pk},
        }
    ),
    ("post", "playtest"): authored(
        lambda s: {
            "world_id": s.published.pk,
            "scene_id": s.scene.pk,
            "node_id": "start",
            "state": {"flags": [], "world_time": 3600},
            "actions": [{"type": "continue"}],
        },
        missing=None,
    ),
    ("get", "presence"): played(owner=OK, missing=None, query=lambda s: {"session_id": s.session.pk, "world_time": 3600}),
    ("post", "world-publish"): authored(lambda s: {"force": True}),
    ("get", "world-publish-preview"): authored(),
    ("get", "world-problems"): authored(),
    ("get", "world-analysis"): authored(),
    ("post", "world-analysis-play"): authored(lambda s: {"way": 0}, before=lambda s: s.analysed()),
    ("post", "world-random-players"): authored(lambda s: {"players": 3, "moves": 10, "seed": 1}),
    ("get", "world-random-players"): authored(before=lambda s: s.walked_at_random()),
    ("get", "scene-coverage"): authored(),
    ("get", "story-tests"): authored(),
    ("post", "story-tests"): authored(lambda s: story_test(s)),
    ("get", "story-test"): authored(kwargs=lambda s: {"key": s.story_test.key}),
    ("patch", "story-test"): authored(lambda s: {"name": "Over the harbor"}, kwargs=lambda s: {"key": s.story_test.key}),
    ("delete", "story-test"): authored(kwargs=lambda s: {"key": s.story_test.key}),
    ("post", "story-tests-run"): authored(lambda s: {"keys": [s.story_test.key]}),
    ("get", "experiments"): authored(),
    ("post", "experiments"): authored(lambda s: {"key": "again", "share": 30, "planned": 20, "hypothesis": "They stay.", **AN_EXPERIMENT}),
    ("get", "experiment"): authored(),
    ("patch", "experiment"): authored(lambda s: {"share": 30}),
    ("delete", "experiment"): authored(),
    ("post", "experiment-start"): authored(lambda s: {}),
    ("post", "experiment-stop"): authored(lambda s: {}, before=lambda s: s.experimenting()),
    ("post", "experiment-archive"): authored(lambda s: {}),
    ("post", "experiment-preview"): authored(lambda s: {"variant": "b"}),
    ("get", "experiment-outcome"): authored(),
    ("get", "world-funnel"): authored(query=lambda s: {"kind": "edge"}),
    ("post", "world-funnel"): authored(lambda s: {}),
    ("get", "world-sessions"): authored(query=lambda s: {"finished": "false"}),
    # -- assets -------------------------------------------------------------------------------------------------------
    ("get", "assets"): logged_in(),
    ("post", "assets"): authors(lambda s: {"file": s.picture(), "label": "Quay"}, multipart=True),
    ("get", "asset"): authored(),
    ("patch", "asset"): authored(lambda s: {"label": "Changed"}),
    ("delete", "asset"): authored(),
    ("post", "asset-retry"): authored(lambda s: {}, before=lambda s: s.failed()),
    ("get", "asset-lineage"): authored(),
    # -- made ---------------------------------------------------------------------------------------------------------
    ("get", "generations"): logged_in(),
    ("post", "generations"): authored(an_order),
    ("post", "generation-estimate"): authored(an_order),
    ("get", "generation"): authored(),
    ("post", "generation-cancel"): authored(lambda s: {}),
    ("post", "generation-retry"): authored(lambda s: {}, before=lambda s: s.ended()),
    ("post", "generation-attach"): authored(lambda s: {"scene_id": s.scene.pk, "node_id": s.node.key}),
    ("post", "generation-settle"): authored(lambda s: {"outcome": "not_sent"}, before=lambda s: s.unknown()),
    ("get", "generation-providers"): authors(),
    ("get", "generation-budget"): authored(query=lambda s: {"world_id": s.world.pk}, missing=None),
    ("get", "generation-accounts"): logged_in(),
    ("post", "generation-accounts"): authors(an_account),
    ("get", "generation-account"): authored(),
    ("patch", "generation-account"): authored(lambda s: {"label": "Changed", "max_concurrent": 4, "day_limit": None, "paused": True}),
    ("delete", "generation-account"): authored(),
    ("post", "webhook"): Row(dict.fromkeys(ROLES, NO), lambda s: {"id": "1"}, kwargs=lambda s: {"provider_id": "double"}, missing=None, vendors=True),
}
