"""What estimates are made of: atoms that may be true, rules that make them so, and the measure that comes of it (`guide.py`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sessions.engine import NodeRef, PlayState

from .subjects import Subject

WAITING: Subject = ("wait", "")
Truth = Callable[[PlayState], bool]
Lack = Callable[[PlayState], float]
NEVER: Truth = lambda state: False  # noqa: E731 – a truth like the others


@dataclass(slots=True)
class Rule:
    """All of `needs` make `gives` possible at `cost`; `lack` tells how much is missing of a number of which one time brings `brings`."""

    needs: tuple[int, ...]
    gives: int
    cost: float = 1
    lack: Lack | None = None
    brings: float = 1
    once: bool = False


@dataclass(slots=True)
class Atoms:
    index: dict[Any, int] = field(default_factory=dict)
    truths: list[Truth] = field(default_factory=list)

    def get(self, key: Any, truth: Truth = NEVER) -> tuple[int, bool]:
        """The number of an atom, and whether it is new."""
        found = self.index.get(key)
        if found is not None:
            return found, False
        self.index[key] = number = len(self.truths)
        self.truths.append(truth)
        return number, True


class Measure(NamedTuple):
    """How far it is, what a shortest relaxed plan would begin with, and everything that plan does."""

    cost: float
    first: frozenset[Subject]
    plan: frozenset[Subject]


@dataclass(frozen=True, slots=True)
class Compiled:
    """The rules as parallel lists: an estimate is asked thousands of times."""

    by_need: list[list[int]]
    counts: list[int]
    gives: list[int]
    costs: list[int]
    free: list[int]
    asked: list[tuple[int, Truth]]
    at: dict[NodeRef, int]
    place: dict[str, int]
    subjects: dict[int, Subject]
