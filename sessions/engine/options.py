"""What is open: every move that `step` would accept now. Random players, analysis and views ask here; views add what is locked and why."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from sessions.spec import WorldSpec
from worlds.rules.graph import Node

from . import actions as act
from .flow import ahead, edge_open
from .influence import gate_of
from .state import PlayState
from .step import can_continue, hotspot_open, hotspots_here, is_free, wait_refused
from .talking import choice_open, interaction_open, interaction_unlocked, may_address, open_turn

WAIT_SEC = 3600


class Option(NamedTuple):
    action: act.Action
    weight: float | None = None


CONTINUE = Option(act.Continue())
WAIT = Option(act.Wait(seconds=WAIT_SEC))


@lru_cache(maxsize=8192)
def _choose(edge: str) -> Option:
    return Option(act.Choose(edge=edge))


@lru_cache(maxsize=8192)
def _interact(npc: str, interaction: str) -> Option:
    return Option(act.Interact(npc=npc, interaction=interaction))


@lru_cache(maxsize=8192)
def _say(choice: str) -> Option:
    return Option(act.Say(choice=choice))


@lru_cache(maxsize=8192)
def _hotspot(hotspot: str) -> Option:
    return Option(act.Hotspot(hotspot=hotspot))


@lru_cache(maxsize=8192)
def _travel(location: str) -> Option:
    return Option(act.Travel(location=location))


def options(world: WorldSpec, state: PlayState) -> tuple[Option, ...]:
    """All open moves, in the order a page shows them. `wait` stands for any wait, as one hour."""
    node = world.find_node(state.at)
    found = [] if state.turn is None else _talk(world, state)
    if node is not None:
        found += _node(world, state, node)
        if not node.free and node.kind != "dialogue":
            return tuple(found)  # a clip or a choice: nobody to turn to, nowhere to go
    people = world.present(state)
    for npc in people:
        if may_address(world, state, npc):
            for interaction in world.interactions(npc).values():
                if (state.location or interaction.remote) and interaction_unlocked(world, state, npc, interaction):
                    found.append(_interact(npc, interaction.id))
    if world.has_remote:
        found += _remote(world, state, people)
    if is_free(world, state):
        for hotspot in hotspots_here(world, state):
            if hotspot_open(world, state, hotspot):
                found.append(_hotspot(hotspot.key))
        for key, place in world.places.items():
            if key != state.location and (not place.gate.clauses or place.gate.holds(world, state, None)):
                found.append(_travel(key))
    if not wait_refused(world, state):
        found.append(WAIT)
    return tuple(found)


def _node(world: WorldSpec, state: PlayState, node: Node) -> list[Option]:
    found = []
    if can_continue(world, state, node):
        found.append(CONTINUE)
    over = ahead(world, state, node)
    asked = node if over is None else over[1]
    for edge in asked.labelled:
        if edge.plain or edge_open(world, state, asked, edge):
            found.append(_choose(edge.key))
    return found


def _talk(world: WorldSpec, state: PlayState) -> list[Option]:
    turn = open_turn(state)
    interaction = world.interactions(turn.npc).get(turn.interaction) if turn is not None and turn.npc in world.npc_keys else None
    if turn is None or interaction is None:
        return []
    authored = [choice.id for choice in interaction.choices.values() if choice_open(world, state, turn.npc, interaction.id, choice)]
    return [_say(key) for key in (*authored, *(offer.id for offer in turn.offered if gate_of(world, offer).holds(world, state, turn.npc)))]


def _remote(world: WorldSpec, state: PlayState, people: tuple[str, ...]) -> list[Option]:
    """Interactions over a distance: only manifests that have one pay for looking."""
    return [
        _interact(npc, interaction.id)
        for npc in sorted(world.npc_keys.difference(people))
        for interaction in world.interactions(npc).values()
        if interaction.remote and interaction_open(world, state, npc, interaction)
    ]
