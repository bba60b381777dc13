"""What every writer takes and gives. A writer puts words in an NPC's mouth; it never changes a state – what it proposes is checked elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal, NamedTuple, Protocol

if TYPE_CHECKING:
    from npcs.prompts.dialogue import Prompt

Purpose = Literal["greet", "reply", "node"]
OnPart = Callable[[str], None]
"""Hears all of a line so far, each time it has grown. The line in `Written` is the one that counts: another writer may have had to step in."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What a line cost. Tokens as the server counted them, else `estimated`; `cost` in millionths of a US dollar."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    estimated: bool = False
    cost: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A line: its text, the emotion it shows (None: as the mood is), something to remember, and effects the writer would like (checked elsewhere).

    `choices` are answers a model proposes, each `{label, tone, effects}`, at most four. `ladder` are the rungs of the model's server that were
    tried, the one that answered last. `fallback` says why the scripted writer speaks in another's place; it is empty where it does not.
    `problems` say what of a model's answer was left out. `prompt` is what was sent, or would have been.
    """

    text: str
    emotion: str | None = None
    memory: Mapping[str, Any] | None = None
    writer: str = "scripted"
    proposed: dict[str, Any] = field(default_factory=dict)
    choices: tuple[Mapping[str, Any], ...] = ()
    model: str = ""
    usage: Usage | None = None
    latency_ms: int = 0
    raw: str = ""
    ladder: tuple[str, ...] = ()
    fallback: str = ""
    problems: tuple[str, ...] = ()
    prompt: Prompt | None = None


class Writer(Protocol):
    """One way of writing. `key` names it wherever its text appears; `on_part` hears a line grow, where the writer can."""

    key: ClassVar[str]
    title: ClassVar[str]

    def write(self, request: WriterRequest, *, on_part: OnPart | None = None) -> Written: ...


def _listed(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    if isinstance(value, str):
        return (value,)
    return tuple(str(each) for each in value)


def _plain(tier: str) -> str:
    return tier.replace("_", " ").strip().lower()
