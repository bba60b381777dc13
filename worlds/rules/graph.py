"""The compiled parts of a world as plain values: places, hotspots, scenes with nodes and edges, people with their interactions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from .conditions import OPEN, Gate
from .effects import Effect
from .schedules import Schedule
from .stats import Axis


class NodeRef(NamedTuple):
    """Where a node is: the keys of its scene and its own."""

    scene: str
    node: str

    @property
    def path(self) -> str:
        return f"{self.scene}/{self.node}"


@dataclass(frozen=True, slots=True)
class DeclaredStat:
    """A stat or an item of the player, as the manifest declares it."""

    title: str
    axis: Axis


@dataclass(frozen=True, slots=True)
class FlagDef:
    title: str
    spoiler: bool = False


@dataclass(frozen=True, slots=True)
class Preset:
    """A conversation winds down at `avg_turns` and closes at `max_turns`."""

    avg_turns: int = 5
    max_turns: int = 10


@dataclass(frozen=True, slots=True)
class Lock:
    """What `used` keeps about the thing that is locked: seconds of world time to wait, or once only."""

    cooldown_sec: int = 0
    once: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    key: str
    name: str
    x: float = 0
    y: float = 0
    asset: str = ""
    picture: str = ""
    gate: Gate = OPEN
    spawn: Mapping[str, float] = field(default_factory=dict)
    meta: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HotspotSpec:
    """`kind` is play_scene, change_location or npc_talk; `to` the key of the scene, place or NPC."""

    key: str
    scope: str
    location: str
    scene: str
    kind: str
    to: str
    interaction: str
    gate: Gate
    lock: Lock | None
    target: Mapping[str, Any]
    region: Mapping[str, float] | None
    meta: Mapping[str, Any]
    path: str
    plain: bool
    """Nothing can shut it: neither gate nor lock, and nobody to talk to."""


@dataclass(frozen=True, slots=True)
class Edge:
    key: str
    path: str
    scene: str
    source: str
    target: NodeRef | None
    to_scene: str
    label: str
    weight: float
    gate: Gate
    effects: tuple[Effect, ...]
    lock: Lock | None
    plain: bool
    """Neither gated nor locked: always open. Most edges are, so flow asks this first."""
    hide_locked: bool
    """The author's wish for views: shown only while open, instead of with its reason. Likewise at choices and interactions."""


@dataclass(frozen=True, slots=True)
class Node:
    key: str
    ref: NodeRef
    path: str
    scene: str
    kind: str
    label: str
    asset: str
    loopable: bool
    skippable: bool
    npc: str
    npc_role: str
    free: bool
    to_scene: str
    returns: bool
    reveal_at_sec: float | None
    labelled: tuple[Edge, ...]
    automatic: tuple[Edge, ...]
    meta: Mapping[str, Any]
    scene_npc: str
    location: str


@dataclass(frozen=True, slots=True)
class SceneSpec:
    key: str
    title: str
    location: str
    npc: str
    entry: str
    nodes: Mapping[str, Node]
    edges: Mapping[str, Edge]
    meta: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ChoiceSpec:
    """An authored line the player may say in a conversation."""

    id: str
    label: str
    tone: str
    gate: Gate
    lock: Lock | None
    effects: tuple[Effect, ...]
    replies: tuple[Mapping[str, Any], ...]
    memory: Mapping[str, Any]
    closes: bool
    hide_locked: bool


@dataclass(frozen=True, slots=True)
class Interaction:
    id: str
    label: str
    type: str
    gate: Gate
    lock: Lock | None
    remote: bool
    to_scene: str
    effects: tuple[Effect, ...]
    lines: tuple[Mapping[str, Any], ...]
    choices: Mapping[str, ChoiceSpec]
    preset: str
    intent: str
    prompt_template: str
    origin: Mapping[str, str]
    raw: Mapping[str, Any]
    hide_locked: bool


@dataclass(frozen=True, slots=True)
class NpcSpec:
    key: str
    name: str
    role: str
    home: str
    pinned: str
    personality: Mapping[str, Any]
    stats: Mapping[str, float]
    schedule: Schedule
    initial: Mapping[str, Any]
    is_minor: bool
    expressions: Mapping[str, Mapping[str, Any]]
    meta: Mapping[str, Any]
    overrides: Mapping[str, Any]
