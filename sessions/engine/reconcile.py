"""The world changed under a session: what is gone is mended, so that play goes on. Pure and total – any state, any world."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sessions.spec import WorldSpec
from worlds.rules.graph import NodeRef

from .actions import Action, Reconciled
from .draft import StateDraft, Step, Touch
from .state import Anchored, PlayState


def reconcile(world: WorldSpec, state: PlayState, trail: Sequence[NodeRef]) -> Step:
    """The state on this world. `trail` is where the session has been, oldest first; the nearest place that still exists is where it goes on.

    Renamed keys are followed, vanished people, places, axes, stats and items dropped, values clamped to their axes, an open turn closed.
    """
    draft = StateDraft(state)
    new = Renamed(world)
    draft.world = world.sha
    draft.flags = frozenset(new.flag(flag) for flag in state.flags)
    draft.stats = _clamped(new.counted(state.stats, world.stats), {k: d.axis for k, d in world.stats.items()})
    draft.inventory = _clamped(new.counted(state.inventory, world.items), {k: d.axis for k, d in world.items.items()})
    draft.rel = {npc: kept for npc, values in new.people(state.rel) if (kept := _clamped(values, world.axes))}
    draft.drives = {npc: kept for npc, values in new.people(state.drives) if (kept := _drives(values, world.drive_axes))}
    draft.emotions = dict(new.people(state.emotions))
    draft.memories = dict(new.people(state.memories))
    draft.talk = dict(new.people(state.talk))
    draft.placed = {
        npc: placement._replace(location=new.place(placement.location))
        for npc, placement in new.people(state.placed)
        if not placement.location or new.place(placement.location)
    }
    draft.influence = {
        f"{new.npc(npc)}/{axis}": total
        for key, total in state.influence.items()
        for npc, _, axis in [key.partition("/")]
        if new.npc(npc) and axis in world.axes
    }
    draft.used = {new.path(key): at for key, at in state.used.items()}
    draft.seen = frozenset(ref.path for ref in map(new.ref, map(_ref_of, state.seen)) if ref is not None)
    draft.turn = None
    _mend_place(world, draft, new)
    _mend_node(world, draft, new, state, trail)
    return draft.done()


def reconcile_action(world: WorldSpec, state: PlayState, action: Action) -> Step | None:
    """The step of a logged `Reconciled`; None for any other action."""
    if not isinstance(action, Reconciled):
        return None
    return reconcile(world, state, [NodeRef(*pair) for pair in action.trail])


def _ref_of(path: str) -> NodeRef:
    scene, _, node = path.partition("/")
    return NodeRef(scene, node)


def _clamped(values: Mapping[str, Any], axes: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: axes[name].clamp(value) for name, value in values.items() if name in axes}
    return {name: value for name, value in kept.items() if value != axes[name].default}


def _drives(values: Mapping[str, Anchored], axes: Mapping[str, Any]) -> dict[str, Anchored]:
    return {name: Anchored(int(axes[name].clamp(anchored.value)), anchored.at) for name, anchored in values.items() if name in axes}


class Renamed:
    """Old keys in a new world: renamed ones followed (at most as many steps as there are names), others empty where they are gone."""

    def __init__(self, world: WorldSpec) -> None:
        self.world = world

    def key(self, old: str) -> str:
        new = old
        for _ in range(len(self.world.renamed)):
            if new not in self.world.renamed:
                break
            new = self.world.renamed[new]
        return new

    def flag(self, old: str) -> str:
        return old if old in self.world.flag_names else self.key(old)

    def counted(self, values: Mapping[str, Any], declared: Mapping[str, Any]) -> dict[str, Any]:
        """What is called otherwise now is added to what is there under the new name: nobody loses what he carried."""
        found: dict[str, Any] = {}
        for old, value in sorted(values.items()):
            key = old if old in declared else self.key(old)
            found[key] = found.get(key, 0) + value
        return found

    def npc(self, old: str) -> str:
        found = old if old in self.world.npc_keys else self.key(old)
        return found if found in self.world.npc_keys else ""

    def place(self, old: str) -> str:
        found = old if old in self.world.places else self.key(old)
        return found if found in self.world.places else ""

    def people(self, values: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
        """Where two are one person now, what was felt towards the one who kept the name counts: it comes last."""
        found = [(self.npc(npc), npc, value) for npc, value in sorted(values.items()) if self.npc(npc)]
        return [(npc, value) for npc, old, value in sorted(found, key=lambda one: one[0] == one[1])]

    def path(self, path: str) -> str:
        """What was used: of a person, a place or a scene, whichever it is of."""
        head, *rest = path.split("/")
        if head in ("edge", "hotspot") and len(rest) == 2:
            home = rest[0] if self.world.has_scene(rest[0]) else self.place(rest[0]) or self.key(rest[0])
            return f"{head}/{home}/{rest[1]}"
        return "/".join([self.npc(head) or head, *rest])

    def ref(self, old: NodeRef) -> NodeRef | None:
        scene = old.scene if self.world.has_scene(old.scene) else self.key(old.scene)
        named, _, node = self.key(old.path).rpartition("/")
        for ref in (NodeRef(scene, old.node), NodeRef(scene, self.key(old.node)), NodeRef(named or scene, node), NodeRef(scene, node)):
            if self.world.find_node(ref) is not None:
                return ref
        return None


def _mend_place(world: WorldSpec, draft: StateDraft, new: Renamed) -> None:
    if draft.location:
        draft.location = new.place(draft.location) or min(world.places, default="")


def _mend_node(world: WorldSpec, draft: StateDraft, new: Renamed, state: PlayState, trail: Sequence[NodeRef]) -> None:
    draft.stack = tuple(ref for ref in map(new.ref, state.stack) if ref is not None)
    if state.at is None:
        return
    for ref in (state.at, *reversed(trail)):
        found = new.ref(ref)
        # A node that waits for nobody is no place to stand.
        node = world.find_node(found)
        if found is not None and node is not None and node.kind in ("video", "dialogue", "choice"):
            draft.at = found
            if found != state.at:
                draft.touched.append(Touch("node", found.path))
            draft.seen = draft.seen | {found.path}
            return
    draft.at, draft.stack = None, ()
    draft.touched.append(Touch("explore", draft.location))
