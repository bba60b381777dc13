"""A set of states of play: ranges for numbers, sets for everything else. Clauses ask it by `may`, effects write to it by `spread`.

Whatever is said of it holds for every state it covers. Drives drift all the time, so their whole range counts as possible.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sessions.engine import NodeRef, PlayState
from sessions.spec import WorldSpec
from worlds.rules.conditions import ROMANTIC_AXES
from worlds.rules.effects import Change
from worlds.rules.mood import possible_labels
from worlds.rules.playing import WorldRules
from worlds.rules.possible import ANY_TIME, NO, YES, May, Span, either, later, may
from worlds.rules.stats import Axis

EVERYBODY_NEUTRAL = frozenset({"neutral"})


class PossibleState:
    """A set of states. Absent names are at their default. Also a draft: effects write to it, once for all states in it."""

    location, world_time = "", 0  # what a draft has; a set has `places` and `minutes` instead

    def __init__(self, rating: str = "") -> None:
        self.rating = rating
        self.flags: dict[str, May] = {}
        self.visited: dict[str, May] = {}
        self.stats: dict[str, Span] = {}
        self.inventory: dict[str, Span] = {}
        self.rel: dict[tuple[str, str], Span] = {}
        self.places: frozenset[str] = frozenset()
        self.minutes: int = 0
        self.at: frozenset[NodeRef | None] = frozenset()
        self.placed: dict[str, frozenset[str | None]] = {}
        self.felt: dict[str, dict[str, float]] = {}

    @classmethod
    def of(cls, world: WorldSpec, state: PlayState) -> PossibleState:
        """The set of this one state."""
        found = cls(state.rating)
        found.flags = dict.fromkeys(state.flags, YES)
        found.visited = dict.fromkeys(state.seen, YES)
        found.stats = {key: Span(value, value) for key, value in state.stats.items()}
        found.inventory = {key: Span(value, value) for key, value in state.inventory.items()}
        found.rel = {(npc, axis): Span(value, value) for npc, values in state.rel.items() for axis, value in values.items()}
        found.places = frozenset({state.location})
        found.minutes = 1 << (world.clock.week_second(state.world_time) // 60)
        found.at = frozenset({state.at})
        found.placed = {npc: frozenset({placement.location, None}) for npc, placement in state.placed.items()}
        found.felt = {npc: {e.label: e.intensity for e in emotions} for npc, emotions in state.emotions.items()}
        return found

    def copy(self) -> PossibleState:
        twin = type(self)(self.rating)
        for name in ("flags", "visited", "stats", "inventory", "rel", "placed"):
            setattr(twin, name, dict(getattr(self, name)))
        twin.places, twin.minutes, twin.at = self.places, self.minutes, self.at
        twin.felt = {npc: dict(labels) for npc, labels in self.felt.items()}
        return twin

    def joined(self, world: WorldSpec, other: PossibleState) -> PossibleState:
        """The smallest set of this kind that has both."""
        both = self.copy()
        for name in ("flags", "visited"):
            mine, theirs, joined = getattr(self, name), getattr(other, name), getattr(both, name)
            for key in mine.keys() | theirs.keys():
                joined[key] = May(mine.get(key, NO) | theirs.get(key, NO))
        for name, axes in (("stats", world.stats), ("inventory", world.items)):
            mine, theirs, joined = getattr(self, name), getattr(other, name), getattr(both, name)
            for key in mine.keys() | theirs.keys():
                default = axes[key].axis.default if key in axes else 0
                joined[key] = mine.get(key, Span(default, default)).joined(theirs.get(key, Span(default, default)))
        for npc, axis in self.rel.keys() | other.rel.keys():
            default = world.axes[axis].default if axis in world.axes else 0
            both.rel[npc, axis] = self.axis(npc, axis, default).joined(other.axis(npc, axis, default))
        both.places, both.minutes, both.at = self.places | other.places, self.minutes | other.minutes, self.at | other.at
        for npc in self.placed.keys() | other.placed.keys():
            both.placed[npc] = self.placed.get(npc, frozenset({None})) | other.placed.get(npc, frozenset({None}))
        for npc, labels in other.felt.items():
            for label, intensity in labels.items():
                both.feel(npc, label, intensity, 0)
        return both

    def covers(self, world: WorldSpec, state: PlayState) -> bool:
        """Whether a state is one of the set."""
        one = PossibleState.of(world, state)
        if state.at not in self.at or not one.places <= self.places or not one.minutes & self.minutes:
            return False
        for mine, theirs in ((self.flags, one.flags), (self.visited, one.visited)):
            if any(mine.get(key, NO) == NO for key in theirs) or any(answer == YES and key not in theirs for key, answer in mine.items()):
                return False
        numbers = self.joined(world, one)
        if any(numbers.axis(npc, axis, 0) != self.axis(npc, axis, world.axes[axis].default) for npc, axis in numbers.rel if axis in world.axes):
            return False
        if any(numbers.stat(world, key) != self.stat(world, key) for key in numbers.stats):
            return False
        if any(numbers.item(world, key) != self.item(world, key) for key in numbers.inventory):
            return False
        for npc, placement in state.placed.items():
            here = placement.location if placement.until is None or state.world_time < placement.until else None
            if here not in self.placed.get(npc, {None}):
                return False
        return all(intensity <= self.felt.get(npc, {}).get(label, -1) for npc, labels in one.felt.items() for label, intensity in labels.items())

    # -- what clauses ask ---------------------------------------------------------------------------------------------

    def flag(self, flag: str) -> May:
        return self.flags.get(flag, NO)

    def seen(self, node: str) -> May:
        if "/" in node:
            return self.visited.get(node, NO)
        tail = "/" + node
        return either(answer for path, answer in self.visited.items() if path.endswith(tail))

    def stat(self, world: Any, stat: str) -> Span | None:
        declared = world.stats.get(stat)
        return None if declared is None else self.stats.get(stat, Span(declared.axis.default, declared.axis.default))

    def item(self, world: Any, item: str) -> Span:
        declared = world.items.get(item)
        default = declared.axis.default if declared else 0
        return self.inventory.get(item, Span(default, default))

    def axis(self, npc: str, axis: str, default: float) -> Span:
        return self.rel.get((npc, axis), Span(default, default))

    def romantic(self, world: Any, npc: str) -> bool:
        return bool(world.romantic(self, npc))

    def moods(self, world: Any, npc: str) -> frozenset[str]:
        if "mood" not in world.packages or npc not in world.npc_keys:
            return EVERYBODY_NEUTRAL
        return possible_labels(
            package=world.packages["mood"],
            relationship={name: self.axis(npc, name, axis.default) for name, axis in world.axes.items()},
            personality=world.npc(npc).personality,
            drives={name: Span(axis.minimum, axis.maximum) for name, axis in world.drive_axes.items()},
            felt=self.felt.get(npc, {}),
        )

    def here(self, world: Any, npc: str) -> May:
        """Whether an NPC is where the player is: on stage, placed by the session, or as usual."""
        answers = [self._on_stage(world, npc, at) for at in self.at]
        off_stage = self._off_stage(world, npc) if any(answer != YES for answer in answers) else NO
        somewhere = self.places != {""}
        can = somewhere and (any(answer != NO for answer in answers) or off_stage != NO)
        cannot = "" in self.places or (any(answer != YES for answer in answers) and off_stage != YES)
        return may(can, cannot)

    def _on_stage(self, world: WorldSpec, npc: str, at: NodeRef | None) -> May:
        node = world.find_node(at)
        if node is None:
            return NO
        can, sure = world.casting(node)
        return may(npc in can, npc not in sure)

    def _off_stage(self, world: WorldSpec, npc: str) -> May:
        if npc not in world.npc_keys:
            return NO
        can = cannot = False
        for location in self.placed.get(npc, (None,)):
            if location is not None:
                can = can or location in self.places
                cannot = cannot or self.places != {location}
                continue
            usual = world.usual_minutes[npc]
            for place in self.places - {""}:
                there = usual.get(place, 0)
                can = can or bool(self.minutes & there)
                cannot = cannot or bool(self.minutes & ~there)
        return may(can, cannot)

    # -- what effects write -------------------------------------------------------------------------------------------

    def set_flag(self, flag: str, on: bool) -> None:
        self.flags[flag] = YES if on else NO

    def change_stat(self, world: WorldRules, stat: str, change: Change) -> None:
        axis = world.stats[stat].axis
        self.stats[stat] = _changed(axis, self.stats.get(stat), change)

    def change_item(self, world: WorldRules, item: str, change: Change) -> None:
        axis = world.items[item].axis
        self.inventory[item] = _changed(axis, self.inventory.get(item), change)

    def change_rel(self, world: WorldRules, npc: str, axis: str, change: Change) -> None:
        if npc in world.npc_keys and (axis not in ROMANTIC_AXES or world.romantic(self, npc)):
            self.rel[npc, axis] = _changed(world.axes[axis], self.rel.get((npc, axis)), change)

    def advance(self, seconds: int) -> None:
        self.minutes = later(self.minutes, seconds)

    def wait(self) -> None:
        """Any time may pass."""
        self.minutes = ANY_TIME

    def move_to(self, location: str) -> None:
        self.places = frozenset({location})

    def place(self, npc: str, location: str | None, until: int | None) -> None:
        self.placed[npc] = frozenset({location, None})  # and in time it is over

    def feel(self, npc: str, label: str, intensity: float, minutes: int) -> None:
        labels = self.felt.setdefault(npc, {})
        labels[label] = max(labels.get(label, 0.0), intensity)

    def change_drive(self, world: WorldRules, npc: str, axis: str, change: Change) -> None:
        """Nothing: the whole range is possible at any time."""

    def remember(self, world: WorldRules, npc: str, memory: Mapping[str, Any]) -> None:
        """Nothing: a memory gates nothing."""

    def gossip(self, world: WorldRules, teller: str, to: tuple[str, ...], topic: str, count: int) -> None:
        """Nothing, for the same reason."""

    def enter(self, at: NodeRef | None) -> None:
        self.at = frozenset({at})
        if at is not None:
            self.visited[at.path] = YES


def _changed(axis: Axis, span: Span | None, change: Change) -> Span:
    """Both ends changed: `Axis.change` never lets two values pass each other."""
    low, high = span or (axis.default, axis.default)
    return Span(axis.change(low, change), axis.change(high, change))
