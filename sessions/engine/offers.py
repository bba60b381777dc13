"""What a player stands before, open or locked, and by what: the edges out of where he is and the interactions with those he may turn to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sessions.spec import WorldSpec
from worlds.rules.conditions import Verdict

from .flow import ahead, edge_verdicts
from .state import PlayState
from .talking import interaction_verdicts, may_address


class Offer(NamedTuple):
    """`unmet` is empty where it is open. The subject is named as in `Touch`."""

    kind: str
    path: str
    unmet: tuple[Verdict, ...]


def offers(world: WorldSpec, state: PlayState) -> Iterator[Offer]:
    """Every edge and interaction that is offered now, in the order of `options`, with what keeps it shut."""
    node = world.find_node(state.at)
    if node is not None:
        over = ahead(world, state, node)
        asked = node if over is None else over[1]
        found = {edge.path: (asked, edge) for edge in asked.labelled}
        found |= {edge.path: (node, edge) for edge in node.automatic}
        for path, (source, edge) in found.items():
            yield Offer("edge", path, () if edge.plain else edge_verdicts(world, state, source, edge))
        if not node.free and node.kind != "dialogue":
            return
    people = world.present(state)
    for npc in people:
        if may_address(world, state, npc):
            for interaction in world.interactions(npc).values():
                yield Offer("interaction", f"{npc}/{interaction.id}", interaction_verdicts(world, state, npc, interaction))
    if world.has_remote:
        for npc in sorted(world.npc_keys.difference(people)):
            for interaction in world.interactions(npc).values():
                if interaction.remote and may_address(world, state, npc):
                    yield Offer("interaction", f"{npc}/{interaction.id}", interaction_verdicts(world, state, npc, interaction))
