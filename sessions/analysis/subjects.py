"""What a story is asked about, and how a move answers: nodes, edges, interactions, choices, hotspots, ways and endings by (kind, path)."""

from __future__ import annotations

from collections.abc import Iterator

from sessions.engine import PlayState
from sessions.engine.actions import Action, Choose, Hotspot, Interact, Say, Travel
from sessions.engine.flow import ahead
from sessions.engine.step import hotspots_here
from sessions.spec import WorldSpec

from .moves import Move
from .ops import ops_of

Subject = tuple[str, str]


def endings_of(world: WorldSpec) -> tuple[Subject, ...]:
    """What counts as an ending: end nodes with an outcome; else declared flags that begin with `ending`; else every end node."""
    ends = [node for node in ops_of(world).nodes.values() if node.kind == "end"]
    named = [node for node in ends if (node.meta.get("endConfig") or {}).get("outcome")]
    flags = [("ending", key) for key in sorted(world.flags) if key.startswith("ending")]
    if named:
        return tuple(("node", node.path) for node in named)
    return tuple(flags) or tuple(("node", node.path) for node in ends)


def subjects_of(world: WorldSpec) -> tuple[Subject, ...]:
    """Everything that is asked about."""
    ops = ops_of(world)
    nodes = [("node", node.path) for node in ops.nodes.values()]
    return tuple(dict.fromkeys([*nodes, *((op.kind, op.path) for op in ops.all), *endings_of(world)]))


def hits(move: Move, endings: frozenset[str] = frozenset()) -> Iterator[Subject]:
    """What a move brought about."""
    for touch in move.touched:
        if touch.kind in ("node", "edge", "interaction", "hotspot"):
            yield touch.kind, touch.subject
    for action in move.actions:
        if isinstance(action, Travel):
            yield "travel", f"place/{action.location}"
        elif isinstance(action, Say | Interact) and action.choice and move.state.turn is not None:
            yield "choice", f"{move.state.turn.npc}/{move.state.turn.interaction}/{action.choice}"
    for flag in endings & move.state.flags:
        yield "ending", flag


def about(world: WorldSpec, state: PlayState, action: Action) -> Subject | None:
    """What an open move is the doing of; None for going on and waiting."""
    match action:
        case Interact():
            return "interaction", f"{action.npc}/{action.interaction}"
        case Say() if state.turn is not None:
            return "choice", f"{state.turn.npc}/{state.turn.interaction}/{action.choice}"
        case Travel():
            return "travel", f"place/{action.location}"
        case Hotspot():
            return next((("hotspot", spot.path) for spot in hotspots_here(world, state) if spot.key == action.hotspot), None)
        case Choose():
            node = world.find_node(state.at)
            over = ahead(world, state, node) if node is not None else None
            asked = over[1] if over is not None else node
            return next((("edge", edge.path) for edge in asked.labelled if edge.key == action.edge), None) if asked is not None else None
    return None
