"""What can happen to a state. `Player` actions come from clients, `Inner` ones from the shells. Everything by key; every action is JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar

Via = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """`via` holds the keys of automatic edges the shell drew, in order, wherever several were open."""

    type: ClassVar[str] = ""
    keeps_turn: ClassVar[bool] = False  # any other move abandons an open dialogue turn
    via: Via = ()

    def to_json(self) -> dict[str, Any]:
        return {"type": self.type, **{name: _plain(value) for name, value in asdict(self).items() if value not in (None, (), "", {})}}


def _plain(value: Any) -> Any:
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


@dataclass(frozen=True, slots=True, kw_only=True)
class Continue(Action):
    type: ClassVar[str] = "continue"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choose(Action):
    type: ClassVar[str] = "choose"
    edge: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Travel(Action):
    type: ClassVar[str] = "travel"
    location: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hotspot(Action):
    type: ClassVar[str] = "hotspot"
    hotspot: str
    turn: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Interact(Action):
    """Starts an interaction; with `choice`, says that authored choice in the same move. `turn` is the version the move makes."""

    type: ClassVar[str] = "interact"
    npc: str
    interaction: str
    choice: str = ""
    text: str = ""
    turn: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Say(Action):
    """Takes an open choice of the present conversation, or says something in one's own words."""

    type: ClassVar[str] = "say"
    keeps_turn: ClassVar[bool] = True
    choice: str = ""
    text: str = ""
    turn: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait(Action):
    type: ClassVar[str] = "wait"
    seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered(Action):
    """The line a writer made for the waiting turn. `proposed` are effects a model would like; they are clamped here."""

    type: ClassVar[str] = "answered"
    keeps_turn: ClassVar[bool] = True
    turn: int
    text: str
    writer: str
    emotion: str = ""
    memory: Mapping[str, Any] = field(default_factory=dict)
    proposed: Mapping[str, Any] = field(default_factory=dict)
    offered: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled(Action):
    """The world changed under the session; `world` is the SHA-256 it now runs on."""

    type: ClassVar[str] = "reconciled"
    keeps_turn: ClassVar[bool] = True
    world: str
    trail: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Patched(Action):
    """An owner's edit by hand: `flags`, `stats`, `inventory`, `world_time`, `location`, `scene`, `node`; and by NPC `relationships` and `drives`
    (absolute), `emotions`, `placed` (null: where he usually is)."""

    type: ClassVar[str] = "patched"
    keeps_turn: ClassVar[bool] = True
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored(Action):
    """Undo, redo or load: the state of an earlier version comes back."""

    type: ClassVar[str] = "restored"
    version: int
    why: str = "undo"


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingSet(Action):
    type: ClassVar[str] = "rating_set"
    keeps_turn: ClassVar[bool] = True
    rating: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Started(Action):
    """The first event: where and with what a session begins. Empty means the world's own start."""

    type: ClassVar[str] = "started"
    rating: str = ""
    variant: str = ""
    scene: str = ""
    node: str = ""
    location: str = ""
    world_time: int = 0
    flags: tuple[str, ...] = ()
    stats: Mapping[str, float] = field(default_factory=dict)


ACTIONS: dict[str, type[Action]] = {
    kind.type: kind for kind in (Continue, Choose, Travel, Hotspot, Interact, Say, Wait, Answered, Reconciled, Patched, Restored, RatingSet, Started)
}


def action_from_json(data: Mapping[str, Any]) -> Action:
    """The action a log row or a client names. Raises ValueError for an unknown type or field."""
    values = dict(data)
    kind = ACTIONS.get(values.pop("type", ""))
    if kind is None:
        raise ValueError(f"There is no action “{data.get('type')}”.")
    try:
        return kind(**{name: _frozen(value) for name, value in values.items()})
    except TypeError as error:
        raise ValueError(f"The action “{data['type']}” has other fields: {error}") from None


def _frozen(value: Any) -> Any:
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value
