"""Moving through the story: entering nodes, following edges, leaving scenes. Writes to a draft; the caller keeps or drops it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from pixsim.lib.errors import NotAvailable
from sessions.spec import WorldSpec
from worlds.rules.conditions import Verdict
from worlds.rules.graph import Edge, Lock, Node, NodeRef

from .draft import StateDraft, touch

MAX_HOPS = 64
MAX_STACK = 16


class Undrawn(Exception):
    """Several automatic edges are open: the shell draws one of `edges` (key, weight) and adds its key to the action's `via`."""

    def __init__(self, edges: Sequence[tuple[str, float]]) -> None:
        super().__init__("draw one of " + ", ".join(key for key, _ in edges))
        self.edges = tuple(edges)


def locked_by(lock: Lock | None, used_at: int | None, world_time: int) -> Verdict | None:
    """Why a thing used before is still locked: used up, or seconds of world time left."""
    if used_at is None or lock is None:
        return None
    if lock.once:
        return Verdict("once", False, had=True)
    left = used_at + lock.cooldown_sec - world_time
    return Verdict("cooldown", False, needed=lock.cooldown_sec, had=left) if left > 0 else None


def edge_open(world: WorldSpec, state: Any, node: Node, edge: Edge) -> bool:
    """Whether an edge out of `node` can be taken now."""
    if edge.plain:
        return True
    if edge.lock and locked_by(edge.lock, state.used.get(edge.path), state.world_time):
        return False
    return edge.gate.holds(world, state, world.npc_of(state, node) or None)


def open_edges(world: WorldSpec, state: Any, node: Node, edges: Iterable[Edge]) -> list[Edge]:
    return [edge for edge in edges if edge.plain or edge_open(world, state, node, edge)]


def any_open(world: WorldSpec, state: Any, node: Node, edges: Iterable[Edge]) -> bool:
    for edge in edges:
        if edge.plain or edge_open(world, state, node, edge):
            return True
    return False


def edge_verdicts(world: WorldSpec, state: Any, node: Node, edge: Edge) -> tuple[Verdict, ...]:
    """What is unmet about an edge, its own lock last."""
    unmet = edge.gate.unmet(world, state, world.npc_of(state, node) or None)
    lock = locked_by(edge.lock, state.used.get(edge.path), state.world_time)
    return (*unmet, lock) if lock else unmet


def draw(world: WorldSpec, draft: StateDraft, node: Node) -> Edge | None:
    """The automatic edge to take: the only open one, or the one the shell drew. None where none is open."""
    found = open_edges(world, draft, node, node.automatic)
    if len(found) < 2:
        return found[0] if found else None
    if not draft.via:
        raise Undrawn([(edge.key, edge.weight) for edge in found])
    drawn = draft.via.pop(0)
    for edge in found:
        if edge.key == drawn:
            return edge
    raise NotAvailable(f"The drawn edge “{drawn}” is not open.")


def take(world: WorldSpec, draft: StateDraft, node: Node, edge: Edge) -> NodeRef | None:
    """Applies an edge out of `node` and says where it leads; None leads out of the scene."""
    if edge.effects:
        draft.apply(world, edge.effects, world.npc_of(draft, node) or None)
    if edge.lock:
        draft.use(edge.path)
    draft.touched.append(touch("edge", edge.path, edge.label))
    if edge.target is not None:
        return edge.target
    return entry(world, edge.to_scene) if edge.to_scene else None


def entry(world: WorldSpec, scene: str) -> NodeRef:
    """The first node of a scene. Raises NotAvailable where the author left it out."""
    if not world.has_scene(scene) or not world.scene(scene).entry:
        raise NotAvailable(f"This part of the story is missing: the scene “{scene}” does not exist or is empty.")
    return NodeRef(scene, world.scene(scene).entry)


def go(world: WorldSpec, draft: StateDraft, ref: NodeRef | None) -> None:
    """Enters a node (None: leaves the scene) and goes on by itself until something waits for the player."""
    for _ in range(MAX_HOPS):
        if ref is None:
            ref, waiting = _leave(world, draft)
            if waiting:
                return
            continue
        node = world.find_node(ref)
        if node is None:
            raise NotAvailable(f"This part of the story is missing: the node “{ref.path}” does not exist.")
        _enter(draft, node)
        if _waits(world, draft, node):
            return
        ref = _next(world, draft, node, ref)
    raise NotAvailable(f"The story runs in a circle: more than {MAX_HOPS} nodes in a row wait for nobody.")


def _enter(draft: StateDraft, node: Node) -> None:
    if node.location and (draft.at is None or draft.at.scene != node.scene):
        draft.move_to(node.location)
    draft.enter(node)


def _waits(world: WorldSpec, draft: StateDraft, node: Node) -> bool:
    if node.kind in ("video", "dialogue"):
        return True
    if node.kind != "choice":
        return False
    # Nothing to choose and nothing automatic: wait too, so that the player can see where he is; `continue` leaves.
    return any_open(world, draft, node, node.labelled) or not any_open(world, draft, node, node.automatic)


def _next(world: WorldSpec, draft: StateDraft, node: Node, ref: NodeRef) -> NodeRef | None:
    if node.kind == "end":
        return None
    if node.kind == "scene" and node.to_scene:
        if node.returns:
            push(draft, ref)
        return entry(world, node.to_scene)
    edge = draw(world, draft, node)
    return take(world, draft, node, edge) if edge else None


def push(draft: StateDraft, ref: NodeRef) -> None:
    """Remembers where to come back to. Raises NotAvailable beyond 16 levels."""
    if len(draft.stack) >= MAX_STACK:
        raise NotAvailable(f"The story calls scenes from scenes more than {MAX_STACK} deep.")
    draft.stack = (*draft.stack, ref)


def _leave(world: WorldSpec, draft: StateDraft) -> tuple[NodeRef | None, bool]:
    """Out of the scene: back to who called it, else exploring. Returns where to go on and whether the player is waited for."""
    while draft.stack:
        ref, draft.stack = draft.stack[-1], draft.stack[:-1]
        node = world.find_node(ref)
        if node is None:
            continue
        if node.kind != "scene":
            _enter(draft, node)
            return None, True
        if node.location:
            draft.move_to(node.location)
        draft.at = ref
        edge = draw(world, draft, node)
        return (take(world, draft, node, edge), False) if edge else (None, False)
    explore(draft)
    return None, True


def explore(draft: StateDraft) -> None:
    draft.at, draft.stack = None, ()
    draft.touched.append(touch("explore", draft.location))


def ahead(world: WorldSpec, state: Any, node: Node) -> tuple[Edge, Node] | None:
    """For a clip that leads straight to a choice: the edge and the choice node whose labels show over the clip."""
    if node.kind != "video" or node.labelled or not node.automatic:
        return None
    found = open_edges(world, state, node, node.automatic)
    target = world.find_node(found[0].target) if len(found) == 1 else None
    return (found[0], target) if target is not None and target.kind == "choice" else None
