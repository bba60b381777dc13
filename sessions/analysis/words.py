"""Moves in words, for authors and players."""

from __future__ import annotations

from sessions.engine import PlayState
from sessions.engine.actions import Action, Choose, Continue, Hotspot, Interact, Say, Started, Travel, Wait
from sessions.engine.flow import ahead
from sessions.spec import WorldSpec
from worlds.rules.words import span, title


def action_words(world: WorldSpec, state: PlayState, action: Action) -> str:
    """What a player does, before it is done: "go to The Tavern", "say “Good coin” in Talk with Captain Mara"."""
    match action:
        case Started():
            return "begin"
        case Continue():
            return "go on"
        case Choose():
            return f"choose “{_label(world, state, action.edge)}”"
        case Travel():
            return f"go to {world.places[action.location].name}"
        case Hotspot():
            return f"use “{_hotspot(world, state, action.hotspot)}”"
        case Interact():
            where = f"{world.interactions(action.npc)[action.interaction].label} with {world.npc(action.npc).name}"
            return f"say “{_choice(world, action.npc, action.interaction, action.choice)}” in {where}" if action.choice else where
        case Say():
            turn = state.turn
            if turn is None:
                return f"say “{title(action.choice)}”"
            where = f"{world.interactions(turn.npc)[turn.interaction].label} with {world.npc(turn.npc).name}"
            return f"say “{_choice(world, turn.npc, turn.interaction, action.choice)}” in {where}"
        case Wait():
            return f"wait {span(action.seconds)}, until {world.clock.at(state.world_time + action.seconds).label}"
        case _:
            return title(action.type).lower()


def _label(world: WorldSpec, state: PlayState, key: str) -> str:
    node = world.find_node(state.at)
    if node is None:
        return title(key)
    over = ahead(world, state, node)
    asked = node if over is None else over[1]
    return next((edge.label for edge in asked.labelled if edge.key == key), title(key))


def _hotspot(world: WorldSpec, state: PlayState, key: str) -> str:
    scene = state.at.scene if state.at is not None else ""
    spot = next((spot for spot in world.hotspots_of(state.location, scene) if spot.key == key), None)
    return str((spot.meta.get("label") if spot else "") or title(key))


def _choice(world: WorldSpec, npc: str, interaction: str, key: str) -> str:
    choice = world.interactions(npc)[interaction].choices.get(key)
    return choice.label if choice is not None and choice.label else title(key)
