"""What an analysis says: an answer for each thing that was asked about, the traps, and what gates and flags are good for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from sessions.engine.actions import Action
from worlds.rules.conditions import Verdict

from .subjects import Subject

Way = tuple[tuple[Action, ...], ...]
Status = Literal["reachable", "impossible", "unknown"]


@dataclass(frozen=True, slots=True)
class Answer:
    """`subject` is (kind, path). A reachable one has the moves of its witness, the first being how the session begins; an impossible one the clauses
    that never hold (`conflicts`, empty where only the way there is missing); `with_writer` where it takes effects that a model proposes."""

    subject: Subject
    status: Status
    way: Way = ()
    shortest: bool = False
    with_writer: bool = False
    conflicts: tuple[Verdict, ...] = ()
    needs: tuple[Subject, ...] = ()
    """For an impossible one without conflicts of its own: what is missing before it, impossible too."""
    met: bool = True
    """False where the NPC can never be met at the needed place and hour."""


@dataclass(frozen=True, slots=True)
class Trap:
    """A state that is reached by `way` and has no move left (`dead_end`), or no way to any ending (`soft_lock`)."""

    kind: Literal["dead_end", "soft_lock"]
    node: str
    location: str
    way: Way


@dataclass(frozen=True, slots=True)
class Story:
    """The whole analysis. `complete`: every state was seen. `writer`: a model may propose effects here."""

    answers: Mapping[Subject, Answer]
    endings: tuple[Subject, ...]
    traps: tuple[Trap, ...]
    always: tuple[Subject, ...]
    """Gates that are never shut: their conditions change nothing."""
    unread: tuple[str, ...]
    unset: tuple[str, ...]
    complete: bool
    writer: bool
    steps: int
    states: int
