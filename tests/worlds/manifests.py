"""The manifest as the walkthrough prints it."""

from __future__ import annotations

from typing import Any

WALKTHROUGH: dict[str, Any] = {
    "enabled_features": ["dialogue", "romance", "trading", "rumors"],
    "turn_presets": {"conversation": {"avg_turns": 5, "max_turns": 10}, "intimate": {"avg_turns": 8, "max_turns": 15}},
    "interactions": {
        "talk": {"gating": {"min_affinity": 0}, "type": "inline_dialogue"},
        "ask_rumors": {"gating": {"min_affinity": 20, "location": ["tavern", "market"]}, "type": "scene_triggered", "cooldown_sec": 3600},
        "flirt": {
            "gating": {"min_affinity": 40, "min_chemistry": 30, "mood": ["happy", "curious"]},
            "type": "scene_triggered",
            "branching_intent": "escalate",
        },
    },
    "npc_roles": {
        "merchant": {"default_personality": {"conscientiousness": 0.7, "agreeableness": 0.5}},
        "thief": {"default_personality": {"openness": 0.6, "neuroticism": 0.8}},
        "guard": {"default_personality": {"conscientiousness": 0.9, "extraversion": 0.3}},
    },
}
