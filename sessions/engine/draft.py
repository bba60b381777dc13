"""A state being changed: copies a part before the first write to it, leaves defaults out, and gives the next state."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from npcs.memory import Memory, about, alive, known_to, recall, remember, retold
from sessions.spec import WorldSpec
from worlds.rules.conditions import ROMANTIC_AXES
from worlds.rules.effects import Change, Effect
from worlds.rules.graph import Node
from worlds.rules.playing import WorldRules

from .state import Anchored, DayTotal, Emotion, Placement, PlayState, Talk, Turn

MAX_WORLD_TIME = 100_000 * 86_400  # the end of all clocks: 100,000 days; keeps every sum far inside 64 bits


class Touch(NamedTuple):
    """Something that happened on the way and that a comparison of states cannot tell, such as a node passed through."""

    kind: str
    subject: str
    detail: str = ""


@lru_cache(maxsize=8192)
def touch(kind: str, subject: str, detail: str = "") -> Touch:
    """A touch of the graph: there are few different ones, and they are made on the hottest path."""
    return Touch(kind, subject, detail)


class Request(NamedTuple):
    """What the shell owes the state: a line for this turn."""

    kind: str
    turn: int
    npc: str


class Step(NamedTuple):
    state: PlayState
    touched: tuple[Touch, ...] = ()
    requests: tuple[Request, ...] = ()


class StateDraft:
    """Write here, then `done()`. The state it began with is never changed."""

    __slots__ = (
        "at", "base", "drives", "emotions", "flags", "influence", "inventory", "location", "memories", "placed", "rating", "rel",
        "requests", "seen", "stack", "stats", "talk", "touched", "turn", "used", "variant", "via", "world", "world_time",
    )  # fmt: skip

    def __init__(self, state: PlayState, via: tuple[str, ...] = ()) -> None:
        self.base = state
        (
            _, self.world, self.variant, self.rating, self.at, self.stack, self.location, self.world_time, self.flags, self.stats,
            self.inventory, self.rel, self.drives, self.emotions, self.placed, self.seen, self.talk, self.used, self.memories,
            self.influence, self.turn,
        ) = state  # fmt: skip
        self.via = list(via)
        self.touched: list[Touch] = []
        self.requests: list[Request] = []

    def state(self) -> PlayState:
        """The state as it stands now."""
        return PlayState._make((
            self.base.v, self.world, self.variant, self.rating, self.at, self.stack, self.location, self.world_time, self.flags, self.stats,
            self.inventory, self.rel, self.drives, self.emotions, self.placed, self.seen, self.talk, self.used, self.memories,
            self.influence, self.turn,
        ))  # fmt: skip

    def done(self) -> Step:
        return Step(self.state(), tuple(self.touched), tuple(self.requests))

    def apply(self, world: WorldSpec, effects: tuple[Effect, ...], npc: str | None) -> None:
        for effect in effects:
            effect.apply(world, self, npc)

    # -- what effects write -------------------------------------------------------------------------------------------

    def set_flag(self, flag: str, on: bool) -> None:
        self.flags = self.flags | {flag} if on else self.flags - {flag}

    def change_stat(self, world: WorldRules, stat: str, change: Change) -> None:
        axis = world.stats[stat].axis
        self.stats = _with(self.stats, stat, axis.change(self.stats.get(stat, axis.default), change), axis.default)

    def change_item(self, world: WorldRules, item: str, change: Change) -> None:
        axis = world.items[item].axis
        self.inventory = _with(self.inventory, item, axis.change(self.inventory.get(item, axis.default), change), axis.default)

    def change_rel(self, world: WorldRules, npc: str, axis: str, change: Change) -> None:
        if npc not in world.npc_keys or (axis in ROMANTIC_AXES and not world.romantic(self, npc)):
            return
        found = world.axes[axis]
        values = self.rel.get(npc, {})
        changed = _with(values, axis, found.change(values.get(axis, found.default), change), found.default)
        if changed is not values:
            self.rel = _with(self.rel, npc, changed, {})

    def advance(self, seconds: int) -> None:
        self.world_time = max(0, min(self.world_time + seconds, MAX_WORLD_TIME))

    def move_to(self, location: str) -> None:
        self.location = location

    def place(self, npc: str, location: str | None, until: int | None) -> None:
        self.placed = _with(self.placed, npc, None if location is None else Placement(location, until), None)

    def feel(self, npc: str, label: str, intensity: float, minutes: int) -> None:
        """A new emotion replaces an old one of that name; faded ones are dropped on the way."""
        now = self.world_time
        kept = tuple(e for e in self.emotions.get(npc, ()) if e.label != label and e.at + e.minutes * 60 > now)
        self.emotions = _with(self.emotions, npc, (*kept, Emotion(label, intensity, minutes, now))[-8:], ())

    def change_drive(self, world: WorldRules, npc: str, axis: str, change: Change) -> None:
        if npc not in world.npc_keys:
            return
        value = world.drive_axes[axis].change(world.drive(self, npc, axis), change)
        self.drives = _with(self.drives, npc, {**self.drives.get(npc, {}), axis: Anchored(int(value), self.world_time)}, {})

    def remember(self, world: WorldRules, npc: str, memory: Mapping[str, Any]) -> None:
        """An NPC keeps something in mind; whoever else is there saw it too, unless it is private."""
        seen = memory.get("witnessed", True) and not memory.get("private")
        here = world.present(self) if seen else ()
        witnesses = [key for key in here if key != npc] if npc in here else []
        self._keep_in_mind(world, npc, Memory.parse({**memory, "at": self.world_time, "mood": self._felt(world, npc), "witnesses": witnesses}))

    def gossip(self, world: WorldRules, teller: str, to: tuple[str, ...], topic: str, count: int) -> None:
        """An NPC tells others what it knows: who hears it knows it from now on, and from whom."""
        where = world.location_of(self, teller) if teller in world.npc_keys else ""
        near = (key for key in sorted(world.npc_keys) if where and world.location_of(self, key) == where)
        known = about(alive(known_to(teller, self.memories), world_time=self.world_time), topic)
        told = recall(known, world_time=self.world_time, tags=(topic,), limit=count)
        for listener in dict.fromkeys(to or near):
            if listener == teller or listener not in world.npc_keys:
                continue
            for memory in told:
                if memory.of != listener and memory.told_by != listener:  # nobody is told what he told, or what happened to him
                    heard = retold(memory, teller=teller, at=self.world_time, mood=self._felt(world, listener))
                    self._keep_in_mind(world, listener, heard)

    def _felt(self, world: WorldRules, npc: str) -> str:
        return world.mood_label(self, npc) if npc in world.npc_keys else ""

    def _keep_in_mind(self, world: WorldRules, npc: str, memory: Memory) -> None:
        kept = remember(self.memories.get(npc, ()), memory, world_time=self.world_time)
        self.memories = _with(self.memories, npc, kept, ())

    # -- what moves write ---------------------------------------------------------------------------------------------

    def enter(self, node: Node) -> None:
        self.at = node.ref
        if node.path not in self.seen:
            self.seen = self.seen | {node.path}
        self.touched.append(touch("node", node.path))

    def use(self, key: str) -> None:
        self.used = {**self.used, key: self.world_time}

    def set_talk(self, npc: str, talk: Talk) -> None:
        self.talk = {**self.talk, npc: talk}

    def set_turn(self, turn: Turn | None) -> None:
        self.turn = turn

    def set_influence(self, key: str, total: DayTotal) -> None:
        self.influence = {**self.influence, key: total}


def _with(values: Mapping[str, Any], key: str, value: Any, default: Any) -> Mapping[str, Any]:
    """A copy with the value set, or left out where it is the default; the same object where nothing changes."""
    if value == default:
        return {k: v for k, v in values.items() if k != key} if key in values else values
    if values.get(key) == value:
        return values
    return {**values, key: value}
