"""The shell's part in a move: where several automatic edges are open, it draws one of them. Playing and every try-out draw here."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from pixsim.lib.errors import NotAvailable

from .engine import Action, Step, Undrawn

MAX_DRAWS = 256
A = TypeVar("A", bound=Action)


def drawn(seed: int, version: int, action: A, decide: Callable[[A], Step]) -> tuple[Step, A]:
    """Decides, drawing among open automatic edges by the session's seed and version: the same move always draws the same edges."""
    draws = random.Random(f"{seed}:{version}")
    for _ in range(MAX_DRAWS):
        try:
            return decide(action), action
        except Undrawn as need:
            keys, weights = [key for key, _ in need.edges], [weight for _, weight in need.edges]
            action = replace(action, via=(*action.via, draws.choices(keys, weights if sum(weights) > 0 else None)[0]))
    raise NotAvailable("The story runs in a circle.")
