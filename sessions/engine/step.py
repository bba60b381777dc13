"""The heart: `step(world, state, action)`, one pure function. Playing keeps its result; everything else calls it and throws it away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pixsim.lib.errors import Invalid, NotAvailable
from sessions.spec import WorldSpec
from worlds.rules.conditions import Verdict
from worlds.rules.graph import HotspotSpec, Node, NodeRef

from . import actions as act
from . import talking
from .draft import StateDraft, Step, touch
from .flow import ahead, any_open, draw, edge_open, edge_verdicts, entry, explore, go, locked_by, push, take
from .state import PlayState

MAX_WAIT_SEC = 7 * 86_400


def blank(world: WorldSpec) -> PlayState:
    """Before anything has happened and nowhere: only how everybody feels at first."""
    rel = {
        npc: {
            axis: int(value)
            for axis, value in world.npc(npc).initial.get("relationships", {}).items()
            if axis in world.axes and value != world.axes[axis].default
        }
        for npc in sorted(world.npc_keys)
    }
    return PlayState(world=world.sha, rel={npc: values for npc, values in rel.items() if values})


def begin(world: WorldSpec, start: act.Started) -> Step:
    """The first state of a session: the entry scene at its place, else the first place by key, else nowhere."""
    draft = StateDraft(blank(world)._replace(rating=start.rating, variant=start.variant), start.via)
    draft.advance(start.world_time)
    for flag in start.flags:
        draft.set_flag(flag.removeprefix("!"), not flag.startswith("!"))
    for stat, value in start.stats.items():
        if stat not in world.stats:
            raise Invalid([(f"/stats/{stat}", "unknown_stat", f"The manifest declares no stat “{stat}”.")])
        draft.change_stat(world, stat, value)
    draft.move_to(start.location or min(world.places, default=""))
    scene = start.scene or world.entry_scene
    if start.node:
        go(world, draft, NodeRef(scene, start.node))
    elif scene and world.has_scene(scene) and world.scene(scene).entry:
        go(world, draft, entry(world, scene))
    else:
        explore(draft)
    return draft.done()


def step(world: WorldSpec, state: PlayState, action: act.Action) -> Step:
    """The next state. Raises NotAvailable (with verdicts) for what is not open, StaleTurn for a late answer, Undrawn where a draw is missing."""
    move = MOVES.get(type(action))
    if move is None:
        raise NotAvailable(f"“{action.type}” is not a move.")
    draft = StateDraft(state, action.via)
    if not action.keeps_turn:
        draft.turn = None  # any other move abandons an open dialogue turn
    move(world, draft, action)
    if draft.via:
        raise NotAvailable(f"The drawn edge “{draft.via[0]}” is not open.")
    return draft.done()


# -- nodes ------------------------------------------------------------------------------------------------------------


def current(world: WorldSpec, state: Any) -> Node | None:
    """The node the player is at; None while exploring."""
    return world.find_node(state.at)


def can_continue(world: WorldSpec, state: Any, node: Node) -> bool:
    """Whether `continue` is open: an automatic edge is, or nothing is left to choose."""
    if node.kind == "choice":
        return not any_open(world, state, node, node.labelled)
    return any_open(world, state, node, node.automatic) or not any_open(world, state, node, node.labelled)


def _continue(world: WorldSpec, draft: StateDraft, action: act.Continue) -> None:
    node = current(world, draft)
    if node is None:
        raise NotAvailable("There is nothing to continue: you are exploring.")
    if not can_continue(world, draft, node):
        raise NotAvailable("Choose one of the open choices first.")
    edge = draw(world, draft, node)
    go(world, draft, take(world, draft, node, edge) if edge else None)


def _choose(world: WorldSpec, draft: StateDraft, action: act.Choose) -> None:
    node = current(world, draft)
    if node is None:
        raise NotAvailable("There is nothing to choose: you are exploring.")
    over = ahead(world, draft, node)
    if over is not None:
        first, target = over
        take(world, draft, node, first)
        node = target
        draft.enter(target)
    for edge in node.labelled:
        if edge.key == action.edge:
            break
    else:
        raise NotAvailable(f"There is no choice “{action.edge}” here.")
    if not edge_open(world, draft, node, edge):
        raise NotAvailable(f"“{edge.label}” is not open.", reasons=edge_verdicts(world, draft, node, edge))
    go(world, draft, take(world, draft, node, edge))


# -- exploring --------------------------------------------------------------------------------------------------------


def is_free(world: WorldSpec, state: Any) -> bool:
    """Whether one may travel, wait and use hotspots: while exploring, or at a node marked free."""
    if state.at is None:
        return True
    node = current(world, state)
    return node is None or node.free


def _need_freedom(world: WorldSpec, draft: StateDraft) -> None:
    if not is_free(world, draft):
        raise NotAvailable("First finish the present scene.")


def travel_verdicts(world: WorldSpec, state: Any, location: str) -> tuple[Verdict, ...]:
    return world.places[location].gate.unmet(world, state)


def _travel(world: WorldSpec, draft: StateDraft, action: act.Travel) -> None:
    _need_freedom(world, draft)
    if action.location not in world.places:
        raise NotAvailable(f"There is no place “{action.location}”.")
    if action.location == draft.location:
        raise NotAvailable("You are there already.")
    if not world.places[action.location].gate.holds(world, draft, None):
        raise NotAvailable("The way there is not open.", reasons=travel_verdicts(world, draft, action.location))
    draft.move_to(action.location)
    explore(draft)


def hotspots_here(world: WorldSpec, state: Any) -> tuple[HotspotSpec, ...]:
    """The hotspots of the place, of the scene and of the whole world, in that order."""
    if not is_free(world, state):
        return ()
    return world.hotspots_of(state.location, state.at.scene if state.at is not None else "")


def hotspot_verdicts(world: WorldSpec, state: Any, hotspot: HotspotSpec) -> tuple[Verdict, ...]:
    unmet = hotspot.gate.unmet(world, state, hotspot.to if hotspot.kind == "npc_talk" else None)
    lock = locked_by(hotspot.lock, state.used.get(hotspot.path), state.world_time)
    found = (*unmet, lock) if lock else unmet
    if hotspot.path in world.dead_ends:
        return (*found, Verdict("broken", False, hotspot.to))
    if hotspot.kind == "npc_talk":
        return (*found, *talking.interaction_verdicts(world, state, hotspot.to, world.interactions(hotspot.to)[hotspot.interaction]))
    return found


def hotspot_open(world: WorldSpec, state: Any, hotspot: HotspotSpec) -> bool:
    """Fast form of `not hotspot_verdicts(…)`."""
    if hotspot.path in world.dead_ends:
        return False
    if hotspot.plain:
        return True
    if hotspot.lock and locked_by(hotspot.lock, state.used.get(hotspot.path), state.world_time):
        return False
    if hotspot.kind != "npc_talk":
        return hotspot.gate.holds(world, state, None)
    interaction = world.interactions(hotspot.to)[hotspot.interaction]
    return hotspot.gate.holds(world, state, hotspot.to) and talking.interaction_open(world, state, hotspot.to, interaction)


def _hotspot(world: WorldSpec, draft: StateDraft, action: act.Hotspot) -> None:
    _need_freedom(world, draft)
    hotspot = next((h for h in hotspots_here(world, draft) if h.key == action.hotspot), None)
    if hotspot is None:
        raise NotAvailable(f"There is no hotspot “{action.hotspot}” here.")
    if not hotspot_open(world, draft, hotspot):
        raise NotAvailable("This is not open now.", reasons=hotspot_verdicts(world, draft, hotspot))
    if hotspot.lock:
        draft.use(hotspot.path)
    draft.touched.append(touch("hotspot", hotspot.path))
    if hotspot.kind == "play_scene":
        if draft.at is not None:
            push(draft, draft.at)
        go(world, draft, entry(world, hotspot.to))
    elif hotspot.kind == "change_location":
        draft.move_to(hotspot.to)
        explore(draft)
    else:
        talking.interact(world, draft, act.Interact(npc=hotspot.to, interaction=hotspot.interaction, turn=action.turn))


def wait_refused(world: WorldSpec, state: Any) -> str:
    """Why waiting is not possible; empty where it is."""
    if world.wait == "never":
        return "In this world time does not pass by waiting."
    if state.at is not None and (world.wait == "places" or not is_free(world, state)):
        return "First finish the present scene."
    return ""


def _wait(world: WorldSpec, draft: StateDraft, action: act.Wait) -> None:
    if refused := wait_refused(world, draft):
        raise NotAvailable(refused)
    if action.seconds < 60 or action.seconds % 60 or action.seconds > MAX_WAIT_SEC:
        raise Invalid([("/advance_by_sec", "out_of_range", "Wait whole minutes, from one minute up to a week.")])
    draft.advance(action.seconds)


# -- what the shells send ---------------------------------------------------------------------------------------------


def _rating_set(world: WorldSpec, draft: StateDraft, action: act.RatingSet) -> None:
    draft.rating = action.rating


def _patched(world: WorldSpec, draft: StateDraft, action: act.Patched) -> None:
    values = action.values
    for flag in values.get("flags", ()):
        draft.set_flag(flag.removeprefix("!"), not flag.startswith("!"))
    for stat, value in values.get("stats", {}).items():
        draft.change_stat(world, stat, value)
    for item, value in values.get("inventory", {}).items():
        draft.change_item(world, item, value)
    for npc, changes in values.get("relationships", {}).items():
        for axis, value in changes.items():
            draft.change_rel(world, npc, axis, value)
    for npc, felt in values.get("emotions", {}).items():
        draft.feel(npc, felt["label"], felt["intensity"], felt["minutes"])
    for npc, needs in values.get("drives", {}).items():
        for axis, value in needs.items():
            draft.change_drive(world, npc, axis, value)
    for npc, location in values.get("placed", {}).items():
        draft.place(npc, location, None)
    if "world_time" in values:
        draft.world_time = 0
        draft.advance(values["world_time"])
    if "location" in values:
        draft.move_to(values["location"])
    if "node" in values or "scene" in values:
        draft.turn, draft.stack = None, ()
        if values.get("scene") is None and values.get("node") is None:
            explore(draft)
        else:
            scene = values.get("scene") or (draft.at.scene if draft.at else world.entry_scene)
            go(world, draft, NodeRef(scene, values["node"]) if values.get("node") else entry(world, scene))


MOVES: dict[type[act.Action], Callable[[WorldSpec, StateDraft, Any], None]] = {
    act.Continue: _continue,
    act.Choose: _choose,
    act.Travel: _travel,
    act.Hotspot: _hotspot,
    act.Wait: _wait,
    act.Interact: talking.interact,
    act.Say: talking.say,
    act.Answered: talking.answered,
    act.RatingSet: _rating_set,
    act.Patched: _patched,
}
