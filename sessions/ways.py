"""How a locked interaction could be opened, told to authors and, as far as the author lets, to players."""

from __future__ import annotations

from itertools import groupby
from typing import Any, Final, Literal

from django.core.cache import cache

from worlds.rules.words import reason

from .analysis.unlock import BUDGET, shortest_way
from .engine import PlayState
from .spec import WorldSpec

Json = dict[str, Any]
Level = Literal["none", "hint", "full"]
PLAYERS_BUDGET: Final = 12_000
"""Steps of the engine a player's question may cost: below a second."""
KEPT_SEC: Final = 600
"""An answer is true for its state for ever; asked again soon, it costs nothing."""


def level_of(world: WorldSpec) -> Level:
    """How much players are told: nothing, where to begin, or the whole way. The author says so in the manifest's `hints`."""
    found: Level = world.manifest.get("hints", "none")
    return found


def way_of(world: WorldSpec, state: PlayState, npc: str, interaction: str, *, budget: int = BUDGET) -> Json | None:
    """All there is to say, the same step many times told once. None where there is no such interaction."""
    way = shortest_way(world, state, npc, interaction, budget=budget)
    if way is None:
        return None
    told = groupby(way.steps, key=lambda step: (step.text, step.gains))
    return {
        "id": interaction,
        "label": world.interactions(npc)[interaction].label,
        "status": way.status,
        "shortest": way.shortest,
        "steps": [{"text": text, "gains": list(gains), "times": len(list(same))} for (text, gains), same in told],
        "more": 0,
        "hours": list(way.hours),
        "conflicts": [reason(verdict, world.names) for verdict in way.conflicts],
    }


def hint_of(world: WorldSpec, state: PlayState, npc: str, interaction: str) -> Json | None:
    """For players, by the world's level. None where they are told nothing, or there is no such interaction in their menu."""
    level = level_of(world)
    found = world.interactions(npc).get(interaction) if npc in world.npc_keys else None
    if level == "none" or found is None or found.hide_locked:
        return None
    key = f"way:{state.sha256()}:{npc}:{interaction}"
    whole: Json | None = cache.get_or_set(key, lambda: way_of(world, state, npc, interaction, budget=PLAYERS_BUDGET), KEPT_SEC)
    return begun(whole) if whole is not None and level == "hint" else whole


def begun(whole: Json) -> Json:
    """Where to begin, and no more: neither what it brings nor what stands in the way."""
    steps = sum(step["times"] for step in whole["steps"])
    first = [{**step, "gains": [], "times": 1} for step in whole["steps"][:1]]
    return {**whole, "steps": first, "more": max(0, steps - 1), "conflicts": []}
