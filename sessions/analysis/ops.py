"""Everything in a world that can change a state, in one list: edges, interactions, their choices, hotspots, travel – and what each reads and writes.

Reads and writes are not listed by hand: clauses are asked by `may` and effects told to `spread` with a recorder in place of a set of states.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from math import inf
from typing import Any

from sessions.engine import NodeRef
from sessions.engine.talking import choice_key
from sessions.spec import WorldSpec
from worlds.rules.conditions import OPEN, Gate
from worlds.rules.effects import Advance, Change, Effect, MoveTo, Place
from worlds.rules.graph import Edge, Lock, Node
from worlds.rules.possible import ANY_TIME, MAYBE, May, Span

Var = tuple[str, ...]
PLACE: Var = ("place",)
TIME: Var = ("time",)


class _Anything(frozenset[str]):
    """A set that may have anything and may lack anything."""

    def isdisjoint(self, other: Iterable[object]) -> bool:
        return False

    def issubset(self, other: Iterable[object]) -> bool:
        return False


class Recorder:
    """A set of states that knows nothing and notes what it is asked; a draft that keeps nothing and notes what is written."""

    location, world_time = "", 0
    rating = ""

    def __init__(self, rating: str = "") -> None:
        self.rating = rating
        self.noted: set[Var] = set()

    @property
    def minutes(self) -> int:
        self.noted.add(TIME)
        return ANY_TIME

    @property
    def places(self) -> frozenset[str]:
        self.noted.add(PLACE)
        return _Anything()

    def flag(self, flag: str) -> May:
        self.noted.add(("flag", flag))
        return MAYBE

    def seen(self, node: str) -> May:
        self.noted.add(("seen", node))
        return MAYBE

    def stat(self, world: Any, stat: str) -> Span | None:
        self.noted.add(("stat", stat))
        return Span(-inf, inf) if stat in world.stats else None

    def item(self, world: Any, item: str) -> Span:
        self.noted.add(("item", item))
        return Span(-inf, inf)

    def axis(self, npc: str, axis: str, default: float) -> Span:
        self.noted.add(("rel", npc, axis))
        return Span(-inf, inf)

    def romantic(self, world: Any, npc: str) -> bool:
        return bool(world.romantic(self, npc))

    def moods(self, world: Any, npc: str) -> frozenset[str]:
        self.noted.add(("mood", npc))
        return _Anything()

    def here(self, world: Any, npc: str) -> May:
        self.noted.add(("here", npc))
        return MAYBE

    def set_flag(self, flag: str, on: bool) -> None:
        self.noted.add(("flag", flag))

    def change_stat(self, world: Any, stat: str, change: Change) -> None:
        self.noted.add(("stat", stat))

    def change_item(self, world: Any, item: str, change: Change) -> None:
        self.noted.add(("item", item))

    def change_rel(self, world: Any, npc: str, axis: str, change: Change) -> None:
        self.noted.add(("rel", npc, axis))

    def advance(self, seconds: int) -> None:
        self.noted.add(TIME)

    def move_to(self, location: str) -> None:
        self.noted.add(PLACE)

    def place(self, npc: str, location: str | None, until: int | None) -> None:
        self.noted.add(("placed", npc))

    def feel(self, npc: str, label: str, intensity: float, minutes: int) -> None:
        self.noted.add(("felt", npc))

    def change_drive(self, world: Any, npc: str, axis: str, change: Change) -> None:
        self.noted.add(("drives", npc))

    def remember(self, world: Any, npc: str, memory: Mapping[str, Any]) -> None:
        """Nothing reads a memory."""

    def gossip(self, world: Any, teller: str, to: tuple[str, ...], topic: str, count: int) -> None:
        """Nothing, for the same reason."""


def widened(world: WorldSpec, found: Iterable[Var]) -> frozenset[Var]:
    """The variables with what they are made of: presence of place, clock and placement, mood of relationship, drives and emotions."""
    wide: set[Var] = set(found)
    for var in tuple(wide):
        if var[0] == "here":
            wide |= {PLACE, TIME, ("placed", var[1])}
        elif var[0] == "mood":
            wide |= {TIME, ("felt", var[1]), ("drives", var[1]), *(("rel", var[1], axis) for axis in world.axes)}
    return frozenset(wide)


def gate_reads(world: WorldSpec, gate: Gate, people: Iterable[str | None]) -> frozenset[Var]:
    recorder = Recorder()
    for npc in people:
        for clause in gate.clauses:
            clause.may(world, recorder, npc)
    return widened(world, recorder.noted)


def effects_write(world: WorldSpec, effects: Iterable[Effect], people: Iterable[str | None]) -> frozenset[Var]:
    recorder = Recorder()
    for npc in people:
        for effect in effects:
            effect.spread(world, recorder, npc)
    return frozenset(recorder.noted)


@dataclass(frozen=True, slots=True, eq=False)
class Op:
    """One thing that can happen. `people` are those its gate and effects may be about; `used` is its key in `state.used`; `node` is where it is
    open, None for what one does while exploring (or at a free node); `to` is the node it leads to."""

    kind: str
    path: str
    people: tuple[str | None, ...] = (None,)
    gate: Gate = OPEN
    lock: Lock | None = None
    used: str = ""
    effects: tuple[Effect, ...] = ()
    node: Node | None = None
    to: NodeRef | None = None
    leaves: bool = False
    broken: bool = False
    """It leads to a part of the story that is missing, or leaves a node that goes on by itself, so it is never done."""
    rivals: tuple[Edge, ...] = ()
    """Edges of the same node that go first: it is taken only while all of them are shut."""
    place: str = ""
    remote: bool = True
    only_at: str = ""
    """The only place where it is found; empty where that does not matter."""
    needs: Op | None = None
    """The interaction a choice belongs to, or the one a hotspot starts."""
    apart: bool = False
    """Of a choice: what is said before it may move people or the clock, so what its interaction needs may be over by then."""
    reads: frozenset[Var] = frozenset()
    writes: frozenset[Var] = frozenset()


@dataclass(frozen=True, slots=True, eq=False)
class Ops:
    """The operations of a world, and its nodes as a graph."""

    all: tuple[Op, ...]
    nodes: Mapping[NodeRef, Node]
    edges: Mapping[NodeRef, tuple[Op, ...]]
    onward: Mapping[NodeRef, frozenset[NodeRef]] = field(repr=False)
    """Where control may go from a node without the player exploring in between."""
    backward: Mapping[NodeRef, frozenset[NodeRef]] = field(repr=False)
    leaving: frozenset[NodeRef] = field(repr=False)
    """Nodes out of which the story may leave its scene."""
    recurring: frozenset[NodeRef] = field(repr=False)
    """Nodes to which one may come back, exploring included."""

    def once(self, op: Op) -> bool:
        """Whether it can happen at most once: locked for good after it, or at a node nobody comes back to."""
        return bool(op.lock and op.lock.once) or (op.node is not None and op.node.ref not in self.recurring)


def entry_of(world: WorldSpec, scene: str) -> NodeRef | None:
    """The first node of a scene; None where the author left it out."""
    if not scene or not world.has_scene(scene):
        return None
    first = world.scene(scene).entry
    return NodeRef(scene, first) if first else None


@lru_cache(maxsize=16)
def ops_of(world: WorldSpec) -> Ops:
    nodes = {node.ref: node for key in world.scene_keys for node in world.scene(key).nodes.values()}
    edges = {ref: tuple(_edge(world, node, edge) for edge in (*node.labelled, *node.automatic)) for ref, node in nodes.items()}
    interactions = list(_interactions(world))
    rest = [*_choices(world, interactions), *_hotspots(world, {op.path: op for op in interactions}), *_travel(world)]
    return _graph(world, nodes, edges, interactions, rest)


def ops_within(world: WorldSpec, reached: Collection[NodeRef], fired: Collection[Op]) -> Ops:
    """The operations without those that never happen and the nodes that are never reached. An edge stays that may be open and is yet never taken:
    it keeps others shut."""
    whole, some = ops_of(world), set(map(id, fired))
    nodes = {ref: node for ref, node in whole.nodes.items() if ref in reached}
    edges = {ref: tuple(op for op in whole.edges[ref] if id(op) in some or op.broken or op.rivals) for ref in nodes}
    others = [op for op in whole.all if op.kind != "edge" and id(op) in some]
    return _graph(world, nodes, edges, [op for op in others if op.kind == "interaction"], [op for op in others if op.kind != "interaction"])


def _graph(world: WorldSpec, nodes: Mapping[NodeRef, Node], edges: Mapping[NodeRef, tuple[Op, ...]], interactions: list[Op], rest: list[Op]) -> Ops:
    leaving = frozenset(ref for ref, node in nodes.items() if _may_leave(node, edges[ref]))
    onward = _onward(world, nodes, edges, interactions, [op for op in rest if op.kind == "hotspot"], leaving)
    backward: dict[NodeRef, set[NodeRef]] = {ref: set() for ref in nodes}
    for ref, targets in onward.items():
        for target in targets:
            backward[target].add(ref)
    return Ops(
        all=(*(op for found in edges.values() for op in found), *interactions, *rest),
        nodes=nodes,
        edges=edges,
        onward=onward,
        backward={ref: frozenset(sources) for ref, sources in backward.items()},
        leaving=leaving,
        recurring=_recurring(onward, leaving, {op.to or (op.needs.to if op.needs else None) for op in (*interactions, *rest)}),
    )


def _op(world: WorldSpec, **given: Any) -> Op:
    bare = Op(**given)
    reads = set(gate_reads(world, bare.gate, bare.people))
    for rival in bare.rivals:
        reads |= gate_reads(world, rival.gate, bare.people)
    if bare.lock:
        reads.add(("used", bare.used))
    if not bare.remote:
        reads |= widened(world, {("here", str(npc)) for npc in bare.people})
    if bare.only_at or bare.place:
        reads.add(PLACE)  # one goes only where one is not
    if bare.needs is not None:
        reads |= bare.needs.reads
    writes = set(effects_write(world, bare.effects, bare.people))
    if bare.lock:
        writes.add(("used", bare.used))
    if bare.place:
        writes.add(PLACE)
    return Op(**given, reads=frozenset(reads), writes=frozenset(writes))


def may_stand(node: Node) -> bool:
    """Whether the player is ever left at a node: a scene and an end go on by themselves."""
    return node.kind not in ("scene", "end")


def people_at(world: WorldSpec, node: Node) -> tuple[str | None, ...]:
    """Whom a gate or effect at this node may be about; None where nobody."""
    return world.npc_candidates(node) or (None,)


def _edge(world: WorldSpec, node: Node, edge: Edge) -> Op:
    to = edge.target if edge.target is not None else entry_of(world, edge.to_scene)
    people = people_at(world, node)
    # Which NPC of a role is meant depends on who is here.
    presence = {("here", str(npc)) for npc in people} if len(people) > 1 else set()
    op = _op(
        world, kind="edge", path=edge.path, people=people, gate=edge.gate, lock=edge.lock, used=edge.path, effects=edge.effects, node=node, to=to,
        leaves=edge.target is None and not edge.to_scene, rivals=_rivals(node, edge),
        broken=_passed_by(node, edge) or (world.find_node(to) is None if edge.target is not None or edge.to_scene else False),
    )  # fmt: skip
    return op if not presence else _replaced(op, reads=op.reads | widened(world, presence))


def _passed_by(node: Node, edge: Edge) -> bool:
    """Whether nobody ever stands where the edge could be taken: an end is over, a node that calls a scene goes on without asking."""
    return node.kind == "end" or (node.kind == "scene" and (bool(edge.label) or (bool(node.to_scene) and not node.returns)))


def _rivals(node: Node, edge: Edge) -> tuple[Edge, ...]:
    """What must be shut for an automatic edge to be taken: open choices of a choice node, and for one without weight those that have some."""
    if edge.label:
        return ()
    choices = node.labelled if node.kind == "choice" else ()
    weightier = [other for other in node.automatic if other.weight > 0] if edge.weight <= 0 else []
    return (*choices, *weightier)


def _replaced(op: Op, **changes: Any) -> Op:
    values = {name: getattr(op, name) for name in Op.__dataclass_fields__}
    return Op(**{**values, **changes})


def _may_leave(node: Node, edges: tuple[Op, ...]) -> bool:
    """An end, an edge out of the scene, or no edge that is open in every case."""
    if node.kind == "end" or any(op.leaves for op in edges):
        return True
    if node.kind == "scene" and node.to_scene and not node.returns:
        return False
    return all(op.gate.clauses or op.lock for op in edges)


def _interactions(world: WorldSpec) -> Iterator[Op]:
    for npc in sorted(world.npc_keys):
        for found in world.interactions(npc).values():
            path = f"{npc}/{found.id}"
            yield _op(
                world, kind="interaction", path=path, people=(npc,), gate=found.gate, lock=found.lock, used=path, effects=found.effects,
                to=entry_of(world, found.to_scene), remote=found.remote,
                broken=bool(found.to_scene) and entry_of(world, found.to_scene) is None,
            )  # fmt: skip


def _choices(world: WorldSpec, interactions: Iterable[Op]) -> Iterator[Op]:
    for op in interactions:
        npc, _, key = op.path.partition("/")
        found = world.interactions(npc)[key]
        if found.to_scene:
            continue
        movers = {each.id for each in found.choices.values() if any(map(_moves, each.effects))}
        for choice in found.choices.values():
            apart = any(map(_moves, found.effects)) or bool(movers - {choice.id})
            path = choice_key(npc, key, choice.id)
            yield _op(
                world, kind="choice", path=path, people=(npc,), gate=choice.gate, lock=choice.lock, used=path, effects=choice.effects, needs=op,
                apart=apart, remote=apart or op.remote,
            )  # fmt: skip


def _moves(effect: Effect) -> bool:
    """Whether an effect may change where anybody is, or the time."""
    return isinstance(effect, Advance | MoveTo | Place)


def _hotspots(world: WorldSpec, interactions: Mapping[str, Op]) -> Iterator[Op]:
    for spot in world.hotspots:
        if spot.path in world.dead_ends:
            continue
        talk = spot.kind == "npc_talk"
        needs = interactions.get(f"{spot.to}/{spot.interaction}") if talk else None
        yield _op(
            world, kind="hotspot", path=spot.path, people=(spot.to if talk else None,), gate=spot.gate, lock=spot.lock, used=spot.path,
            to=entry_of(world, spot.to) if spot.kind == "play_scene" else None, place=spot.to if spot.kind == "change_location" else "",
            needs=needs, remote=needs is None or needs.remote, only_at=spot.location if spot.scope == "location" else "",
            broken=spot.kind == "play_scene" and entry_of(world, spot.to) is None,
        )  # fmt: skip


def _travel(world: WorldSpec) -> Iterator[Op]:
    for key, place in world.places.items():
        yield _op(world, kind="travel", path=f"place/{key}", gate=place.gate, place=key)


def _onward(
    world: WorldSpec,
    nodes: Mapping[NodeRef, Node],
    edges: Mapping[NodeRef, tuple[Op, ...]],
    interactions: Iterable[Op],
    hotspots: Iterable[Op],
    leaving: frozenset[NodeRef],
) -> dict[NodeRef, frozenset[NodeRef]]:
    callers = {ref for ref, node in nodes.items() if node.kind == "scene" and node.returns}
    found: dict[NodeRef, set[NodeRef]] = {}
    for ref, node in nodes.items():
        targets = {op.to for op in edges[ref] if op.to is not None and op.to in nodes}
        jump = entry_of(world, node.to_scene) if node.kind == "scene" else None
        if jump is not None:
            targets.add(jump)
        for op in interactions:
            if op.to is not None and (node.free or (node.kind == "dialogue" and op.people[0] in people_at(world, node))):
                targets.add(op.to)
                callers.add(ref)
        if node.free:
            for op in hotspots:
                for to in (op.to, op.needs.to if op.needs else None):
                    if to is not None:
                        targets.add(to)
                        callers.add(ref)
        found[ref] = targets
    for ref in leaving:
        found[ref] |= callers
    return {ref: frozenset(targets) for ref, targets in found.items()}


def _recurring(onward: Mapping[NodeRef, frozenset[NodeRef]], leaving: frozenset[NodeRef], outside: Iterable[NodeRef | None]) -> frozenset[NodeRef]:
    """Nodes on a circle; exploring (None) is one more node, from which interactions and hotspots lead into scenes."""
    ways: dict[NodeRef | None, list[NodeRef | None]] = {ref: [*targets, *((None,) if ref in leaving else ())] for ref, targets in onward.items()}
    ways[None] = [to for to in outside if to in onward]
    found: set[NodeRef | None] = set()
    for group in strongly_connected(ways):
        if len(group) > 1 or group[0] in ways[group[0]]:
            found.update(group)
    return frozenset(ref for ref in found if ref is not None)


def strongly_connected(ways: Mapping[Any, Iterable[Any]]) -> Iterator[list[Any]]:
    """Groups of nodes that can all reach each other (Tarjan's algorithm, without recursion)."""
    order: dict[Any, int] = {}
    low: dict[Any, int] = {}
    stack: list[Any] = []
    held: set[Any] = set()
    for root in ways:
        if root in order:
            continue
        work = [(root, iter(ways[root]))]
        order[root] = low[root] = len(order)
        stack.append(root)
        held.add(root)
        while work:
            node, rest = work[-1]
            for target in rest:
                if target not in order:
                    order[target] = low[target] = len(order)
                    stack.append(target)
                    held.add(target)
                    work.append((target, iter(ways[target])))
                    break
                if target in held:
                    low[node] = min(low[node], order[target])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == order[node]:
                    group = []
                    while True:
                        one = stack.pop()
                        held.discard(one)
                        group.append(one)
                        if one == node:
                            break
                    yield group
