"""World documents for tests: small ones by hand, and random ones by hypothesis."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


def document(
    *,
    manifest: Json | None = None,
    locations: list[Json] | None = None,
    scenes: list[Json] | None = None,
    npcs: list[Json] | None = None,
    hotspots: list[Json] | None = None,
    assets: list[Json] | None = None,
    renamed: Json | None = None,
) -> Json:
    return {
        "format": "pixsim-world",
        "v": 1,
        "world": {"name": "A test world", "meta": {"manifest": manifest or {}}},
        "locations": locations or [],
        "hotspots": hotspots or [],
        "scenes": scenes or [],
        "npcs": npcs or [],
        "assets": assets or [],
        "renamed": renamed or {},
    }


def place(key: str, **more: Any) -> Json:
    return {"key": key, "name": key.title(), **more}


def node(key: str, kind: str = "video", **more: Any) -> Json:
    return {"key": key, "kind": kind, "label": key, **more}


def edge(key: str, source: str, to: str = "", label: str = "", **more: Any) -> Json:
    return {"key": key, "from": source, **({"to": to} if to else {}), **({"label": label} if label else {}), **more}


def scene(key: str, nodes: list[Json], edges: list[Json], **more: Any) -> Json:
    return {"key": key, "title": key, "nodes": nodes, "edges": edges, **more}


def npc(key: str, **more: Any) -> Json:
    return {"key": key, "name": key.title(), **more}


MARA: Json = {
    "key": "captain_mara",
    "name": "Captain Mara",
    "role": "merchant",
    "home": "harbor",
    "personality": {
        "openness": 0.6,
        "conscientiousness": 0.8,
        "extraversion": 0.7,
        "agreeableness": 0.5,
        "neuroticism": 0.3,
        "occupation": "ship captain",
        "voice_style": "gruff but fair",
    },
    "schedule": [
        {"key": "s1", "days": [1, 2, 3, 4, 5], "start": "06:00", "end": "12:00", "location": "harbor", "activity": "working"},
        {"key": "s2", "days": [1, 2, 3, 4, 5], "start": "12:00", "end": "14:00", "location": "market", "activity": "eating"},
        {"key": "s3", "days": [1, 2, 3, 4, 5], "start": "14:00", "end": "22:00", "location": "harbor", "activity": "working"},
        {"key": "s4", "days": [6, 7], "start": "06:00", "end": "22:00", "location": "tavern", "activity": "company"},
        {"key": "s5", "days": [1, 2, 3, 4, 5, 6, 7], "start": "22:00", "end": "06:00", "location": "harbor", "activity": "sleeping"},
    ],
    "interaction_overrides": {"ask_rumors": {"gating": {"min_affinity": 35}}},
    "initial": {"relationships": {"affinity": 30, "trust": 20, "chemistry": 40, "tension": 10}},
}


def harbor() -> Json:
    """The walkthrough's world in small: three places, Mara and Ren, the intro, the market and the tavern."""
    return document(
        manifest={
            "clock": {"start_time": "08:00"},
            "enabled_features": ["dialogue", "romance", "trading", "rumors"],
            "turn_presets": {"conversation": {"avg_turns": 5, "max_turns": 10}},
            "flags": {"visited_tavern": {"title": "Tavern Regular"}},
            "stats": {"coin": {"min": 0, "max": 100, "default": 10}},
            "items": {"rope": {"title": "Rope"}},
            "interactions": {
                "talk": {
                    "gating": {"min_affinity": 0},
                    "type": "inline_dialogue",
                    "lines": [{"text": "You're new around here. Looking for work, or just passing through?"}],
                    "choices": [
                        {"id": "adventure", "label": "I'm looking for adventure.", "tone": "neutral"},
                        {
                            "id": "coin",
                            "label": "I heard there's good coin to be made.",
                            "tone": "business",
                            "effects": {"relationships": {"npc": {"affinity": "+5"}}},
                            "replies": [{"text": "Smart. The sea provides for those who respect it."}],
                            "memory": {"topic": "work_opportunity", "summary": "The player wants to make money.", "importance": 5},
                        },
                        {"id": "view", "label": "Just admiring the view.", "tone": "flirty", "conditions": {"min_chemistry": 30},
                         "effects": {"emotion": {"npc": {"label": "curious", "intensity": 0.6, "minutes": 30}}}},
                    ],
                },
                "ask_rumors": {"gating": {"min_affinity": 20, "location": ["tavern", "market"]}, "type": "scene_triggered", "cooldown_sec": 3600},
                "flirt": {"gating": {"min_affinity": 40, "min_chemistry": 30, "mood": ["happy", "curious"]}, "type": "scene_triggered"},
            },
        },
        locations=[place("harbor", name="Harbor Docks"), place("market", name="Central Market"), place("tavern", name="The Rusty Anchor Tavern")],
        npcs=[MARA, npc("ren", role="thief", home="market")],
        scenes=[
            scene(
                "harbor_intro",
                [
                    node("node1"),
                    node("node2", "choice", meta={"choiceConfig": {"reveal_at_sec": 5}}),
                    node("node3a", "scene", meta={"sceneConfig": {"scene": "market"}}),
                    node("node4"),
                ],
                [
                    edge("edge1", "node1", "node2"),
                    edge("edge2a", "node2", "node3a", "Visit the Market", effects={"flags": ["visited_market"]}),
                    {"key": "edge2b", "from": "node2", "to_scene": "tavern_npc_encounter", "label": "Head to the Tavern",
                     "effects": {"flags": ["visited_tavern"]}},
                    edge("edge2c", "node2", "node4", "Explore the Docks", conditions={"flags": ["!visited_harbor"]},
                         effects={"flags": ["visited_harbor"]}),
                    edge("edge4", "node4", "node2"),
                ],
                is_entry=True, location="harbor", entry_node="node1",
            ),
            scene("market", [node("stalls")], [], location="market"),
            scene(
                "tavern_npc_encounter",
                [node("node1"), node("node2", "dialogue", meta={"dialogueConfig": {"npc_role": "merchant"}})],
                [
                    edge("edge1", "node1", "node2"),
                    edge("leave", "node2", "", "Leave tavern and rest", effects={"time": {"advance_by_sec": 28800}, "move_to": "harbor"}),
                ],
                location="tavern", npc="captain_mara",
            ),
        ],
        hotspots=[
            {"key": "enter_tavern", "scope": "location", "location": "harbor", "action": {"type": "play_scene", "scene": "tavern_npc_encounter"},
             "meta": {"prompt_text": "Enter the tavern?"}}
        ],
    )  # fmt: skip
