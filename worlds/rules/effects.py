"""What a choice, an edge or an interaction does to the state of play.

Effects are JSON (`worlds/schemas/effects.json`); `compile_effects` makes a tuple of effect objects in the order in which they act: flags, stats,
relationships, inventory, time, move_to, place, emotion, drives, memory, gossip. `apply` writes to a draft; the caller keeps the draft or throws
it away, so effects are all or nothing. `spread` writes to a draft that stands for many states at once, for the analysis.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from .conditions import ROMANTIC_AXES
from .playing import WorldRules

Change = int | float | str


class Draft(Protocol):
    """A state of play being changed. Setters leave defaults out, so equal states stay equal."""

    location: str
    world_time: int

    def set_flag(self, flag: str, on: bool) -> None: ...
    def change_stat(self, world: WorldRules, stat: str, change: Change) -> None: ...
    def change_rel(self, world: WorldRules, npc: str, axis: str, change: Change) -> None: ...
    def change_item(self, world: WorldRules, item: str, change: Change) -> None: ...
    def advance(self, seconds: int) -> None: ...
    def move_to(self, location: str) -> None: ...
    def place(self, npc: str, location: str | None, until: int | None) -> None: ...
    def feel(self, npc: str, label: str, intensity: float, minutes: int) -> None: ...
    def change_drive(self, world: WorldRules, npc: str, axis: str, change: Change) -> None: ...
    def remember(self, world: WorldRules, npc: str, memory: Mapping[str, Any]) -> None: ...
    def gossip(self, world: WorldRules, teller: str, to: tuple[str, ...], topic: str, count: int) -> None: ...


class Effect:
    """One change. Subclasses are frozen dataclasses; `npc` empty means the NPC of the interaction or scene."""

    __slots__ = ()

    def apply(self, world: WorldRules, draft: Draft, npc: str | None) -> None:
        raise NotImplementedError

    def spread(self, world: WorldRules, draft: Draft, npc: str | None) -> None:
        """What `apply` makes of every state of a set. Such a draft holds ranges and sets, and each setter gives at least what it gives for any
        state in them, so the text of `apply` serves wherever it reads nothing of the draft."""
        self.apply(world, draft, npc)


@dataclass(frozen=True, slots=True)
class SetFlag(Effect):
    flag: str
    on: bool

    def apply(self, world: WorldRules, draft: Draft, npc: str | None) -> None:
        draft.set_flag(self.flag, self.on)


@dataclass(frozen=True, slots=True)
class ChangeStat(Effect):
    stat: str
    change: Change

    def apply(self, world: WorldRules, draft: Draft, npc: str | None) -> None:
        draft.change_stat(world, self.stat, self.change)


@dataclass(frozen=True, slots=True)
class ChangeRelationship(Effect):
    npc: str
    axis: str
    change: Change

    def apply(self, world: WorldRules, draft: Draft, npc: str | None) -> None:
        who = self.npc or npc
        if who:
            draft.change_rel(world, who, self.axis, self.change)


@dataclass(frozen=True, slots=True)
class ChangeItem(Effect):
    item: str
    change: Change

    def apply(self, world: WorldRules, draft: Draft, npc: str | None) -> None:
        draft.change_item(world, self.item, self.change)


@dataclass(frozen=True, slots=True)
class Advance(Effect):
    """The clock goes on by so many seconds."""

    seconds: int

    def apply(self, world: WorldRules, draft: Draft, npc: str | None) -> None:
        draft.advance(self.seconds)


@dataclass(frozen=True, slots=True)
class MoveTo(Effect):
    location: str

    def apply(self, world: WorldRules, draft: Draft, npc: str | None) -> None:
        draft.move_to(self.location)


@dataclass(frozen=True, slots=True)
class Place(Effect):
    """Puts an NPC somewhere until a world time (by default its next slot); `location=None` releases it."""

    npc: str
    location: str | None
    until: int | None

    def apply(self, world: WorldRules, draft: Draft, npc: str | None) -> None:
        who = self.npc or npc
        if who:
            until = self.until if self.until is not None or self.location is None else world.next_change(who, draft.world_time)
            draft.place(who, self.location, until)

    def spread(self, world: WorldRules, draft: Draft, npc: str | None) -> None:
        who = self.npc or npc
        if who:
            draft.place(who, self.location, self.until)  # a set of states has many times: when it ends stays open


@dataclass(frozen=True, slots=True)
class Feel(Effect):
    """A short emotion: intensity 0–1, fading over so many minutes of world time."""

    npc: str
    label: str
    intensity: float
    minutes: int

    def apply(self, world: WorldRules, draft: Draft, npc: str | None) -> None:
        who = self.npc or npc
        if who:
            draft.feel(who, self.label, self.intensity, self.minutes)


@dataclass(frozen=True, slots=True)
class ChangeDrive(Effect):
    npc: str
    axis: str
    change: Change

    def apply(self, world: WorldRules, draft: Draft, npc: str | None) -> None:
        who = self.npc or npc
        if who:
            draft.change_drive(world, who, self.axis, self.change)


@dataclass(frozen=True, slots=True)
class Remember(Effect):
    npc: str
    memory: Mapping[str, Any]

    def apply(self, world: WorldRules, draft: Draft, npc: str | None) -> None:
        who = self.npc or npc
        if who:
            draft.remember(world, who, self.memory)


@dataclass(frozen=True, slots=True)
class Gossip(Effect):
    """An NPC passes on what it knows of a topic (of anything, without one), at most `count` things; `to` empty means to all who are with it."""

    npc: str
    to: tuple[str, ...]
    topic: str
    count: int

    def apply(self, world: WorldRules, draft: Draft, npc: str | None) -> None:
        teller = self.npc or npc
        if teller:
            draft.gossip(world, teller, tuple(key or npc or "" for key in self.to), self.topic, self.count)


@dataclass(frozen=True, slots=True)
class Declarations:
    """What a world declares; an effect on anything else is an error."""

    axes: Mapping[str, Any] = field(default_factory=dict)
    drive_axes: Mapping[str, Any] = field(default_factory=dict)
    stats: Mapping[str, Any] = field(default_factory=dict)
    items: Mapping[str, Any] = field(default_factory=dict)
    romance: bool = True


class UnknownName(ValueError):
    """An effect names something the world does not declare. `pointer` leads to it inside the effects."""

    def __init__(self, pointer: str, message: str) -> None:
        super().__init__(message)
        self.pointer = pointer


def who_of(name: str) -> str:
    """The NPC key in `npc:captain_mara`; empty for the bare `npc`, the NPC of the interaction or scene."""
    if name == "npc":
        return ""
    return name.removeprefix("npc:")


def _flags(value: Any, known: Declarations) -> Iterable[Effect]:
    return (SetFlag(text.removeprefix("!"), not text.startswith("!")) for text in value)


def _stats(value: Any, known: Declarations) -> Iterable[Effect]:
    for stat, change in value.items():
        if stat not in known.stats:
            raise UnknownName(f"/stats/{stat}", f"The manifest declares no stat “{stat}”.")
        yield ChangeStat(stat, change)


def _relationships(value: Any, known: Declarations) -> Iterable[Effect]:
    for name, changes in value.items():
        for axis, change in changes.items():
            if axis not in known.axes:
                raise UnknownName(f"/relationships/{name}/{axis}", f"No enabled stat package has the axis “{axis}”.")
            if axis in ROMANTIC_AXES and not known.romance:
                raise UnknownName(f"/relationships/{name}/{axis}", f"“{axis}” needs the feature romance, which this world has not enabled.")
            yield ChangeRelationship(who_of(name), axis, change)


def _inventory(value: Any, known: Declarations) -> Iterable[Effect]:
    for item, change in value.items():
        if item not in known.items:
            raise UnknownName(f"/inventory/{item}", f"The manifest declares no item “{item}”.")
        yield ChangeItem(item, change)


def _place(value: Any, known: Declarations) -> Iterable[Effect]:
    for name, where in value.items():
        if isinstance(where, Mapping):
            yield Place(who_of(name), where.get("location"), where.get("until"))
        else:
            yield Place(who_of(name), where, None)


def _emotion(value: Any, known: Declarations) -> Iterable[Effect]:
    for name, felt in value.items():
        yield Feel(who_of(name), felt["label"], float(felt.get("intensity", 0.6)), int(felt.get("minutes", 30)))


def _drives(value: Any, known: Declarations) -> Iterable[Effect]:
    for name, changes in value.items():
        for axis, change in changes.items():
            if axis not in known.drive_axes:
                raise UnknownName(f"/drives/{name}/{axis}", f"There is no drive “{axis}”.")
            yield ChangeDrive(who_of(name), axis, change)


def _gossip(value: Any, known: Declarations) -> Iterable[Effect]:
    for name, told in value.items():
        yield Gossip(who_of(name), tuple(map(who_of, told.get("to") or ())), str(told.get("topic") or ""), int(told.get("count", 1)))


BUILDERS: dict[str, Callable[[Any, Declarations], Iterable[Effect]]] = {
    "flags": _flags,
    "stats": _stats,
    "relationships": _relationships,
    "inventory": _inventory,
    "time": lambda value, known: (Advance(int(value["advance_by_sec"])),),
    "move_to": lambda value, known: (MoveTo(value),),
    "place": _place,
    "emotion": _emotion,
    "drives": _drives,
    "memory": lambda value, known: (Remember(who_of(name), dict(memory)) for name, memory in value.items()),
    "gossip": _gossip,
}


def compile_effects(effects: Mapping[str, Any] | None, known: Declarations) -> tuple[Effect, ...]:
    """Effect objects in acting order. Raises `UnknownName` (a ValueError) for keys, axes, stats or items nobody declared."""
    if not effects:
        return ()
    for key in effects:
        if key not in BUILDERS:
            raise UnknownName(f"/{key}", f"There is no effect “{key}”.")
    return tuple(effect for key, builder in BUILDERS.items() if key in effects for effect in builder(effects[key], known))
