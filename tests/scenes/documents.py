"""World documents for tests: one small and complete, and a hypothesis strategy for many."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

SHA = "0" * 64


def harbor() -> dict[str, Any]:
    """A cut of The Harbor District with something of everything."""
    return {
        "format": "pixsim-world",
        "v": 1,
        "world": {
            "name": "Harbor",
            "poster": "harbor_picture",
            "meta": {"theme": "Maritime trade hub", "manifest": {"enabled_features": ["dialogue"]}},
        },
        "renamed": {},
        "assets": [
            {"key": "harbor_dawn", "media_type": "video", "recipe": {"renderer": "animatic", "prompt": "A foggy harbor", "seed": 42, "style": {}}},
            {"key": "harbor_picture", "media_type": "image", "recipe": {"renderer": "still", "prompt": "A harbor", "seed": 1, "style": {}}},
            {
                "key": "mara_neutral",
                "media_type": "image",
                "recipe": {"renderer": "portrait", "character": {"hair": "grey"}, "expression": "neutral", "seed": 1},
            },
        ],
        "locations": [
            {"key": "harbor", "name": "Harbor Docks", "x": 0, "y": 0, "picture": "harbor_picture", "default_spawn": {"x": 0, "y": 0, "z": 5}},
            {"key": "tavern", "name": "The Rusty Anchor Tavern", "x": 5.5, "y": -5},
        ],
        "hotspots": [
            {
                "key": "enter_tavern",
                "scope": "location",
                "location": "harbor",
                "target": {"mesh": {"object_name": "tavern_door"}},
                "action": {"type": "play_scene", "scene": "tavern_npc_encounter"},
                "meta": {"prompt_text": "Enter the tavern?"},
            }
        ],
        "scenes": [
            {
                "key": "harbor_intro",
                "title": "Harbor Intro",
                "location": "harbor",
                "is_entry": True,
                "entry_node": "node1",
                "nodes": [
                    {"key": "node1", "kind": "video", "label": "Arrive at Harbor", "asset": "harbor_dawn", "loopable": False, "skippable": True},
                    {
                        "key": "node2",
                        "kind": "choice",
                        "label": "Where to go?",
                        "loopable": False,
                        "skippable": True,
                        "meta": {"choiceConfig": {"reveal_at_sec": 5}},
                    },
                ],
                "edges": [
                    {"key": "edge1", "from": "node1", "to": "node2", "weight": 1},
                    {
                        "key": "edge2b",
                        "from": "node2",
                        "to_scene": "tavern_npc_encounter",
                        "label": "Head to the Tavern",
                        "weight": 1,
                        "effects": {"flags": ["visited_tavern"]},
                    },
                ],
            },
            {
                "key": "tavern_npc_encounter",
                "title": "Tavern NPC Encounter",
                "location": "tavern",
                "npc": "captain_mara",
                "is_entry": False,
                "entry_node": "node1",
                "nodes": [
                    {"key": "node1", "kind": "dialogue", "loopable": False, "skippable": True, "meta": {"dialogueConfig": {"npc": "captain_mara"}}}
                ],
            },
        ],
        "npcs": [
            {
                "key": "captain_mara",
                "name": "Captain Mara",
                "role": "merchant",
                "home": "harbor",
                "personality": {"openness": 0.6, "occupation": "ship captain"},
                "stats": {"melee": 60},
                "is_minor": False,
                "schedule": [
                    {
                        "key": "slot1",
                        "days": [1, 2, 3, 4, 5],
                        "start": "06:00",
                        "end": "12:00",
                        "activity": "working",
                        "rule": "default",
                        "location": "harbor",
                    },
                    {"key": "slot2", "days": [6, 7], "start": "00:00", "end": "24:00", "rule": "hidden"},
                ],
                "expressions": [{"state": "neutral", "asset": "mara_neutral", "crop": {"x": 100, "y": 50, "width": 400, "height": 400}}],
                "initial": {"relationships": {"affinity": 30, "trust": 20}},
                "pinned": "tavern",
            }
        ],
    }


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=12)
keys = st.from_regex(r"\A[a-z0-9][a-z0-9_]{0,6}\Z")
numbers = st.integers(-1000, 1000) | st.floats(-1000, 1000, allow_nan=False)


def some(strategy: st.SearchStrategy[Any], **optional: Any) -> st.SearchStrategy[Any]:
    return strategy


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """Valid documents in canonical form: what `document()` of the stored world gives again."""

    def names(most: int) -> list[str]:
        return sorted(draw(st.sets(keys, max_size=most)))

    def maybe(name: str, strategy: st.SearchStrategy[Any]) -> dict[str, Any]:
        return {name: draw(strategy)} if draw(st.booleans()) else {}

    def one_of(name: str, choices: list[str]) -> dict[str, Any]:
        return {name: draw(st.sampled_from(choices))} if choices and draw(st.booleans()) else {}

    asset_keys, place_keys, npc_keys, scene_keys = names(3), names(3), names(3), names(3)
    model_keys = [f"{key}_3d" for key in names(2)]
    assets = [
        {"key": key, "media_type": "image", "recipe": {"renderer": "still", "prompt": draw(texts), "seed": number, "style": {}}}
        for number, key in enumerate(asset_keys)
    ]
    assets += [
        {"key": key, "media_type": "gltf", "recipe": {"renderer": "gltf_scene", "place": "harbor", "seed": number}}
        for number, key in enumerate(model_keys)
    ]
    assets.sort(key=lambda asset: asset["key"])
    locations = [
        {"key": key, "name": draw(texts), "x": draw(numbers), "y": draw(numbers), **one_of("asset", model_keys), **one_of("picture", asset_keys)}
        for key in place_keys
    ]
    npcs = []
    for key in npc_keys:
        slots = [
            {
                "key": slot,
                "days": sorted(draw(st.sets(st.integers(1, 7), min_size=1))),
                "start": draw(st.sampled_from(["00:00", "06:00", "22:00"])),
                "end": draw(st.sampled_from(["04:00", "12:00", "24:00"])),
                **({"rule": "default", "location": draw(st.sampled_from(place_keys))} if place_keys else {"rule": "hidden"}),
                **maybe("activity", st.sampled_from(["eating", "working"])),
            }
            for slot in draw(st.permutations(names(3)))
        ]
        expressions = [{"state": state, "asset": draw(st.sampled_from(asset_keys))} for state in (["happy", "neutral"] if asset_keys else [])]
        npcs.append(
            {
                "key": key,
                "name": draw(texts),
                "is_minor": draw(st.booleans()),
                **maybe("personality", st.fixed_dictionaries({"openness": st.sampled_from([0, 0.25, 1]), "occupation": texts})),
                **one_of("home", place_keys),
                **one_of("pinned", place_keys),
                **({"schedule": slots} if slots else {}),
                **({"expressions": expressions} if expressions else {}),
            }
        )
    scenes = []
    for key in scene_keys:
        node_keys = draw(st.permutations(names(4)))
        nodes = [
            {
                "key": node,
                "kind": draw(st.sampled_from(["video", "choice", "end"])),
                "loopable": draw(st.booleans()),
                "skippable": draw(st.booleans()),
                **maybe("label", texts),
                **one_of("asset", asset_keys),
            }
            for node in node_keys
        ]
        edges = [
            {
                "key": edge,
                "from": draw(st.sampled_from(node_keys)),
                "weight": draw(st.integers(0, 9) | st.floats(0, 9)),
                **maybe("label", texts),
                **draw(st.sampled_from([{"to": draw(st.sampled_from(node_keys))}, {"to_scene": draw(st.sampled_from(scene_keys))}])),
            }
            for edge in (draw(st.permutations(names(4))) if node_keys else [])
        ]
        scenes.append(
            {
                "key": key,
                "title": draw(texts),
                "is_entry": key == scene_keys[0],
                **maybe("description", texts),
                **one_of("location", place_keys),
                **one_of("npc", npc_keys),
                **({"entry_node": draw(st.sampled_from(node_keys)), "nodes": nodes} if node_keys else {}),
                **({"edges": edges} if edges else {}),
            }
        )
    hotspots = [
        {"key": key, "scope": "location", "location": draw(st.sampled_from(place_keys)), "target": {"mesh": {"object_name": "door"}}}
        for key in (names(3) if place_keys else [])
    ]
    return {
        "format": "pixsim-world",
        "v": 1,
        "world": {
            "name": draw(texts),
            "meta": draw(st.sampled_from([{}, {"theme": "x"}, {"tone": "y", "manifest": {"free_text": True}}])),
            **one_of("poster", asset_keys),
        },
        "locations": locations,
        "hotspots": hotspots,
        "scenes": scenes,
        "npcs": npcs,
        "assets": assets,
        "renamed": {},
    }
