"""The state of play as immutable values, and its canonical JSON. Defaults are not stored, so equal states have equal texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from npcs.memory import Memory
from pixsim.lib.canonical import sha256
from worlds.rules.graph import NodeRef

STATE_VERSION = 1
ENGINE = "1"


class Anchored(NamedTuple):
    """A drifting value as it was at a world time."""

    value: int
    at: int


class Emotion(NamedTuple):
    label: str
    intensity: float
    minutes: int
    at: int


class Placement(NamedTuple):
    """The session keeps an NPC here until a world time (None: until released). An empty location is nowhere."""

    location: str
    until: int | None


class Line(NamedTuple):
    """One line of a conversation. `by` is "npc" or "player"; `writer` says who made an NPC's line."""

    by: str
    text: str
    writer: str
    emotion: str


class Talk(NamedTuple):
    """A conversation with one NPC: its interaction, turns so far in this sitting, when it last went on, its last lines."""

    interaction: str
    turns: int
    at: int
    lines: tuple[Line, ...]


class Offered(NamedTuple):
    """A choice a model proposed and the server let through: its effects as far as they may go, its gate as conditions."""

    id: str
    label: str
    tone: str
    effects: Mapping[str, Any]
    conditions: Mapping[str, Any] = {}

    def as_json(self) -> dict[str, Any]:
        data = self._asdict()
        if not self.conditions:
            del data["conditions"]
        return data


class Turn(NamedTuple):
    """A dialogue turn. While `waiting`, a line is being written; then its choices are open until the next move."""

    id: int
    npc: str
    interaction: str
    choice: str
    said: str
    waiting: bool
    closed: bool
    offered: tuple[Offered, ...]


class DayTotal(NamedTuple):
    """How much model-proposed effects have moved an axis on one day."""

    day: int
    total: float


class PlayState(NamedTuple):
    v: int = STATE_VERSION
    world: str = ""
    variant: str = ""
    rating: str = ""
    at: NodeRef | None = None
    stack: tuple[NodeRef, ...] = ()
    location: str = ""
    world_time: int = 0
    flags: frozenset[str] = frozenset()
    stats: Mapping[str, float] = {}
    inventory: Mapping[str, int] = {}
    rel: Mapping[str, Mapping[str, int]] = {}
    drives: Mapping[str, Mapping[str, Anchored]] = {}
    emotions: Mapping[str, tuple[Emotion, ...]] = {}
    placed: Mapping[str, Placement] = {}
    seen: frozenset[str] = frozenset()
    talk: Mapping[str, Talk] = {}
    used: Mapping[str, int] = {}
    memories: Mapping[str, tuple[Memory, ...]] = {}
    influence: Mapping[str, DayTotal] = {}
    turn: Turn | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain JSON without defaults. `PlayState.from_json` is its inverse."""
        data: dict[str, Any] = {"v": self.v, "world": self.world, "location": self.location, "world_time": self.world_time}
        for name in ("variant", "rating"):
            if value := getattr(self, name):
                data[name] = value
        if self.at is not None:
            data["at"] = self.at._asdict()
        if self.stack:
            data["stack"] = [ref._asdict() for ref in self.stack]
        if self.flags:
            data["flags"] = dict.fromkeys(sorted(self.flags), 1)
        if self.seen:
            data["seen"] = dict.fromkeys(sorted(self.seen), 1)
        for name in ("stats", "inventory", "used"):
            if values := getattr(self, name):
                data[name] = dict(values)
        if self.rel:
            data["rel"] = {npc: dict(values) for npc, values in self.rel.items()}
        if self.drives:
            data["drives"] = {npc: {axis: list(value) for axis, value in axes.items()} for npc, axes in self.drives.items()}
        if self.emotions:
            data["emotions"] = {npc: [item._asdict() for item in items] for npc, items in self.emotions.items()}
        if self.memories:
            data["memories"] = {npc: [item.as_json() for item in items] for npc, items in self.memories.items()}
        for name in ("placed", "influence"):
            if values := getattr(self, name):
                data[name] = {key: item._asdict() for key, item in values.items()}
        if self.talk:
            data["talk"] = {npc: {**talk._asdict(), "lines": [line._asdict() for line in talk.lines]} for npc, talk in self.talk.items()}
        if self.turn is not None:
            data["turn"] = {**self.turn._asdict(), "offered": [offer.as_json() for offer in self.turn.offered]}
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> PlayState:
        """The state a canonical JSON stands for. Raises KeyError or TypeError for what no engine wrote."""
        data = upcast(data)
        at, turn = data.get("at"), data.get("turn")
        return cls(
            v=data["v"],
            world=data["world"],
            variant=data.get("variant", ""),
            rating=data.get("rating", ""),
            at=NodeRef(**at) if at else None,
            stack=tuple(NodeRef(**ref) for ref in data.get("stack", ())),
            location=data["location"],
            world_time=data["world_time"],
            flags=frozenset(data.get("flags", ())),
            stats=data.get("stats", {}),
            inventory=data.get("inventory", {}),
            rel=data.get("rel", {}),
            drives={npc: {axis: Anchored(*value) for axis, value in axes.items()} for npc, axes in data.get("drives", {}).items()},
            emotions={npc: tuple(Emotion(**item) for item in items) for npc, items in data.get("emotions", {}).items()},
            placed={npc: Placement(**item) for npc, item in data.get("placed", {}).items()},
            seen=frozenset(data.get("seen", ())),
            talk={npc: Talk(**{**talk, "lines": tuple(Line(**line) for line in talk["lines"])}) for npc, talk in data.get("talk", {}).items()},
            used=data.get("used", {}),
            memories={npc: tuple(Memory.parse(item) for item in items) for npc, items in data.get("memories", {}).items()},
            influence={key: DayTotal(**item) for key, item in data.get("influence", {}).items()},
            turn=Turn(**{**turn, "offered": tuple(Offered(**offer) for offer in turn["offered"])}) if turn else None,
        )

    def sha256(self) -> str:
        return sha256(self.to_json())


def upcast(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """A state of an older engine in today's form; `tests/sessions/golden/` keeps one file per version."""
    if data.get("v") != STATE_VERSION:
        raise ValueError(f"This engine reads states of version {STATE_VERSION}, not {data.get('v')}.")
    return data
