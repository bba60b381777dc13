"""The shortest way to open a locked interaction: real moves with what each is good for, what makes it impossible, or that it is not known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Literal

from sessions.engine import Change, PlayState, describe, diff
from sessions.engine.actions import Action
from sessions.engine.talking import interaction_open, interaction_verdicts
from sessions.spec import WorldSpec
from worlds.rules.conditions import Verdict
from worlds.rules.words import reason

from .cone import Cone, Goal, cone
from .guide import guide_of
from .moves import Move, replayed
from .ops import Op, ops_of, people_at
from .search import exact, guided, leaner
from .words import action_words

BUDGET = 30_000
EXACT_SHARE = 5  # of the budget one part in so many goes to the exact search

Status = Literal["open", "way", "impossible", "unknown"]


@dataclass(frozen=True, slots=True)
class WayStep:
    """One move of the player. `text` names it, `gains` what it brings that matters here; `actions` are the move and what the shell adds."""

    text: str
    gains: tuple[str, ...]
    actions: tuple[Action, ...]

    @property
    def words(self) -> str:
        """ "+5 Affinity: say “Good coin” in Talk with Captain Mara" """
        return f"{', '.join(self.gains)}: {self.text}" if self.gains else self.text


@dataclass(frozen=True, slots=True)
class Way:
    """`open`: it is open now. `way`: these steps open it, and no shorter ones do where `shortest`. `impossible`: nothing ever opens it from here, for
    `conflicts` can never hold, or never all at once. `unknown`: the budget was not enough to tell. `hours` are clauses about time, in words."""

    status: Status
    steps: tuple[WayStep, ...] = ()
    shortest: bool = False
    conflicts: tuple[Verdict, ...] = ()
    hours: tuple[str, ...] = ()
    words: str = ""

    def as_json(self) -> dict[str, Any]:
        return {
            "status": self.status,
            "shortest": self.shortest,
            "steps": [{"text": s.text, "gains": list(s.gains), "words": s.words, "actions": [a.to_json() for a in s.actions]} for s in self.steps],
            "conflicts": [verdict.as_json() for verdict in self.conflicts],
            "hours": list(self.hours),
            "words": self.words,
        }


def interaction_op(world: WorldSpec, npc: str, interaction: str) -> Op:
    return next(op for op in ops_of(world).all if op.kind == "interaction" and op.path == f"{npc}/{interaction}")


def interaction_goal(world: WorldSpec, npc: str, interaction: str) -> Goal:
    """States in which the interaction is open."""
    found = world.interactions(npc)[interaction]
    ops = ops_of(world)
    nodes = frozenset(ref for ref, node in ops.nodes.items() if node.free or (node.kind == "dialogue" and npc in people_at(world, node)))
    op = interaction_op(world, npc, interaction)
    return Goal(lambda state: (found.remote or bool(state.location)) and interaction_open(world, state, npc, found), (op,), nodes, exploring=True)


def shortest_way(world: WorldSpec, state: PlayState, npc: str, interaction: str, *, budget: int = BUDGET) -> Way | None:
    """How to open an interaction from a state. `budget` is in engine steps (some 15,000 a second). None where the world has no such interaction.

    Writers are taken to propose nothing: with their help a way may be shorter, and "impossible" means by what authors wrote.
    """
    if npc not in world.npc_keys or interaction not in world.interactions(npc):
        return None
    goal = interaction_goal(world, npc, interaction)
    verdicts = interaction_verdicts(world, state, npc, world.interactions(npc)[interaction], everything=True)
    hours = tuple(reason(v, world.names) for v in verdicts if v.code in ("time", "days"))
    if goal.met(state):
        return Way("open", hours=hours, words="It is open now.")
    around, start = cone(world, goal, state), [Move((), state)]
    found = exact(world, start, around, met=goal.met, budget=budget // EXACT_SHARE)
    if found.complete:
        conflicts = never_together(world, [entry.state for entry in found.visited], npc, interaction)
        text = "Nothing opens this from here: " + "; ".join(reason(v, world.names) for v in conflicts)
        return Way("impossible", conflicts=conflicts, hours=hours, words=text)
    shortest, moves = found.met, found.way()
    if not shortest:
        guide = guide_of(world)
        atom = guide.done(interaction_op(world, npc, interaction))
        found = guided(world, start, around, lambda move: goal.met(move.state), lambda each: guide.measure(each, atom), budget=budget - found.steps)
        if not found.met:
            return Way("unknown", hours=hours, words="No way was found with this effort.")
        moves = leaner(world, state, found.way(), goal)
    steps = way_steps(world, state, moves, around)
    return Way("way", steps, shortest, hours=hours, words="; ".join((*_in_words(steps), *hours)))


def _in_words(steps: Sequence[WayStep]) -> list[str]:
    """The steps in words; one done many times is named once."""
    counted = [(words, len(list(same))) for words, same in groupby(step.words for step in steps)]
    return [words if times == 1 else f"{words} ({times} times)" for words, times in counted]


def never_together(world: WorldSpec, states: Sequence[PlayState], npc: str, interaction: str) -> tuple[Verdict, ...]:
    """The clauses that no state met, else those that no state met all at once: the fewest that were unmet anywhere."""
    found = world.interactions(npc)[interaction]
    unmet = [interaction_verdicts(world, state, npc, found) for state in states]
    always = set.intersection(*({(v.code, v.subject) for v in verdicts} for verdicts in unmet))
    fewest = min(unmet, key=len)
    return tuple(v for v in fewest if (v.code, v.subject) in always) or fewest


def way_steps(world: WorldSpec, state: PlayState, moves: Sequence[tuple[Action, ...]], around: Cone) -> tuple[WayStep, ...]:
    """The moves played again, each with what it changed that matters."""
    steps: list[WayStep] = []
    for actions in moves:
        text, before = action_words(world, state, actions[0]), state
        state = replayed(world, state, actions)
        changes = describe(world, diff(before.to_json(), state.to_json()))
        gains = tuple(change.label for change in changes if change.label and _matters(change, around))
        steps.append(WayStep(text, gains, actions))
    return tuple(steps)


def _matters(change: Change, around: Cone) -> bool:
    kind, *rest = change.path.split(".")
    var = {"flags": ("flag", *rest), "stats": ("stat", *rest), "inventory": ("item", *rest), "relationships": ("rel", *rest)}.get(kind)
    return var in around.variables
