"""A world and a state of play small enough to see through: what clauses and effects ask, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from worlds.rules import packages
from worlds.rules.clock import Clock
from worlds.rules.stats import Axis

PACKAGES = packages.enabled({})


@dataclass(frozen=True)
class Declared:
    title: str
    axis: Axis


@dataclass
class World:
    clock: Clock = field(default_factory=lambda: Clock(start_second=8 * 3600))
    features: frozenset[str] = frozenset({"dialogue", "romance"})
    axes: Mapping[str, Axis] = field(default_factory=lambda: PACKAGES["relationships"].axes)
    drive_axes: Mapping[str, Axis] = field(default_factory=lambda: PACKAGES["drives"].axes)
    tiers: Mapping[str, Any] = field(default_factory=lambda: PACKAGES["relationships"].tiers)
    stats: Mapping[str, Declared] = field(default_factory=lambda: {"coin": Declared("Coins", Axis("coin", 0, 99, 3))})
    items: Mapping[str, Declared] = field(default_factory=lambda: {"rope": Declared("Rope", Axis("rope", 0, 2, 0))})
    moods: Mapping[str, str] = field(default_factory=lambda: {"mara": "neutral"})
    places: Mapping[str, str] = field(default_factory=lambda: {"mara": "harbor", "ren": ""})
    romance: bool = True

    def romantic(self, state: Any, npc: str) -> bool:
        return self.romance

    def mood_label(self, state: Any, npc: str) -> str:
        return self.moods.get(npc, "neutral")

    def location_of(self, state: Any, npc: str) -> str:
        return self.places.get(npc, "")

    def present(self, state: Any) -> tuple[str, ...]:
        return tuple(sorted(npc for npc, place in self.places.items() if place == state.location))

    def drive(self, state: Any, npc: str, axis: str) -> int:
        return 0

    def next_change(self, npc: str, world_time: int) -> int:
        return world_time + 3600


@dataclass
class State:
    flags: frozenset[str] = frozenset()
    stats: Mapping[str, int] = field(default_factory=dict)
    inventory: Mapping[str, int] = field(default_factory=dict)
    rel: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    location: str = "harbor"
    world_time: int = 0
    seen: frozenset[str] = frozenset()


@dataclass
class Notes:
    """A draft that notes what was asked of it, in order."""

    location: str = "harbor"
    world_time: int = 100
    done: list[tuple[Any, ...]] = field(default_factory=list)

    def set_flag(self, flag: str, on: bool) -> None:
        self.done.append(("flag", flag, on))

    def change_stat(self, world: Any, stat: str, change: Any) -> None:
        self.done.append(("stat", stat, change))

    def change_rel(self, world: Any, npc: str, axis: str, change: Any) -> None:
        self.done.append(("rel", npc, axis, change))

    def change_item(self, world: Any, item: str, change: Any) -> None:
        self.done.append(("item", item, change))

    def advance(self, seconds: int) -> None:
        self.done.append(("time", seconds))

    def move_to(self, location: str) -> None:
        self.done.append(("move", location))

    def place(self, npc: str, location: str | None, until: int | None) -> None:
        self.done.append(("place", npc, location, until))

    def feel(self, npc: str, label: str, intensity: float, minutes: int) -> None:
        self.done.append(("feel", npc, label, intensity, minutes))

    def change_drive(self, world: Any, npc: str, axis: str, change: Any) -> None:
        self.done.append(("drive", npc, axis, change))

    def remember(self, world: Any, npc: str, memory: Mapping[str, Any]) -> None:
        self.done.append(("memory", npc, dict(memory)))

    def gossip(self, world: Any, teller: str, to: tuple[str, ...], topic: str, count: int) -> None:
        self.done.append(("gossip", teller, to, topic, count))
