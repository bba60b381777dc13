"""What a writer is asked: all it may know about one line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, NamedTuple

Purpose = Literal["greet", "reply", "node"]


@dataclass(frozen=True, slots=True)
class AuthoredLine:
    """A line an author wrote. Empty `moods` or `tiers` mean any; tiers by key ("friendly_acquaintance") or in words.

    `conditional` says that the author bound it to conditions of its own. Whoever asks a writer has tested them: a writer knows no state.
    """

    text: str
    moods: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()
    conditional: bool = False

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> AuthoredLine:
        """From the manifest's `{text, mood?, tier?, conditions?}`; a single word counts as a list of one."""
        return cls(
            text=str(data.get("text", "")),
            moods=_listed(data.get("mood")),
            tiers=_listed(data.get("tier")),
            conditional=bool(data.get("conditions")),
        )

    def fits(self, *, mood: str, tier: str) -> bool:
        """Whether it may be said in this mood, to someone of this tier."""
        return (not self.moods or mood in self.moods) and (not self.tiers or _plain(tier) in {_plain(each) for each in self.tiers})

    @property
    def closeness(self) -> int:
        """How closely it names its occasion: 0 fits any, 3 names mood, tier and conditions."""
        return bool(self.moods) + bool(self.tiers) + self.conditional


class OpenChoice(NamedTuple):
    """An authored choice that is open now: a model may lead up to it, and never offers the same again."""

    id: str
    label: str
    tone: str = ""


class Spoken(NamedTuple):
    """One line of the conversation so far, by "npc" or "player"."""

    by: str
    text: str


class Limits(NamedTuple):
    """How far proposals may move an axis: points up or down, per turn and per day of world time."""

    per_turn: float = 5
    per_day: float = 15


NO_LIMITS_SAID: Final = Limits()


@dataclass(frozen=True, slots=True, kw_only=True)
class WriterRequest:
    """All a writer may know about one line.

    `snapshot` is what `npcs.snapshot.resolve_npc_snapshot` gives. `purpose` is greet (the NPC speaks first), reply (to `player_text`, said in
    `tone`; `choice` is the authored choice, empty for free text) or node (the line of a dialogue node). `lines` are the authored lines whose own
    conditions hold. `last_lines` are what this NPC said before, newest last; `conversation` is what both said, oldest first. `wind_down` asks to
    bring the conversation to its end, which is at `max_turns`. `rating` is the content rating in force.

    `axes` and `flags` are all a model may propose on, `emotions` all it may show. `world` and `player` are ids for caps and usage, 0 where
    nobody plays; `safety_id` stands for the player towards others and says nothing about him. `providers` and `budget` are the manifest's: they
    choose among the models of the site, and lower its caps.
    """

    snapshot: Mapping[str, Any]
    npc_name: str
    seed: int
    interaction: str = "talk"
    label: str = "Talk"
    intent: str = ""
    purpose: Purpose = "greet"
    lines: tuple[AuthoredLine, ...] = ()
    player_text: str = ""
    tone: str = ""
    choice: str = ""
    last_lines: tuple[str, ...] = ()
    place: str = ""
    part_of_day: str = ""
    weather: str = ""
    wind_down: bool = False
    rating: str = "sfw"
    npc: str = ""
    role: str = ""
    is_minor: bool = False
    scene: str = ""
    prompt_template: str = ""
    free_text: bool = False
    open_choices: tuple[OpenChoice, ...] = ()
    axes: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    limits: Limits = NO_LIMITS_SAID
    emotions: tuple[str, ...] = ()
    conversation: tuple[Spoken, ...] = ()
    turns: int = 0
    max_turns: int = 10
    providers: Mapping[str, Any] = field(default_factory=dict)
    budget: Mapping[str, Any] = field(default_factory=dict)
    world: int = 0
    player: int = 0
    safety_id: str = ""


def _listed(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    if isinstance(value, str):
        return (value,)
    return tuple(str(each) for each in value)


def _plain(tier: str) -> str:
    return tier.replace("_", " ").strip().lower()
