"""Every clause of an interaction, met or unmet, in words and with the level that wrote it: what an author sees of a lock."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import zip_longest
from typing import Any, NamedTuple

from sessions.spec import WorldSpec
from worlds.rules.conditions import Context, Verdict, compile_gate
from worlds.rules.graph import Interaction
from worlds.rules.telling import requirements
from worlds.rules.words import standing, title

from .talking import interaction_verdicts

LEVELS = ("world", "role", "npc")
GAME = "game"
"""The level of what no author wrote: one speaks to whom one stands before, and not in the middle of a scene."""
BY_SUBJECT = frozenset({"stats", "inventory"})
Json = dict[str, Any]


class Asked(NamedTuple):
    """A clause as its author wrote it: where, in words, and what stands inside a combination."""

    pointer: str
    words: str
    parts: tuple[Asked, ...] = ()


def interaction_checks(world: WorldSpec, state: Any, npc: str, interaction: Interaction) -> list[Json]:
    """What `interaction_verdicts` finds, met or not, each with `words` (what is asked), `now` (how it stands), `pointer` and `level`."""
    verdicts = interaction_verdicts(world, state, npc, interaction, everything=True)
    clauses = iter(asked(interaction.raw.get("gating") or {}, world, "/gating", len(interaction.gate.clauses)))
    return [_check(world, state, npc, interaction, verdict, clauses, first=not number) for number, verdict in enumerate(verdicts)]


def _check(world: WorldSpec, state: Any, npc: str, interaction: Interaction, v: Verdict, clauses: Iterator[Asked], *, first: bool) -> Json:
    name = world.npc(npc).name
    if first and not interaction.remote:
        where = world.places.get(world.location_of(state, npc))
        said, now = Asked("/remote", f"{name} is where the player is"), f"{name}: {where.name if where else 'nowhere'}"
    elif v.code in LOCKS:
        said, now = Asked(*LOCKS[v.code]), standing(v, world.names)
    else:
        said, now = next(clauses, Asked("", title(v.code))), standing(v, world.names)
    return {**_told(v, said, world), "now": now, "pointer": said.pointer, "level": level_of(interaction, said.pointer)}


LOCKS = {
    "cooldown": ("/cooldown_sec", "Not used a short while ago"),
    "once": ("/once", "Not used before"),
    "busy": ("", "Not in the middle of a scene"),
}


def _told(verdict: Verdict, said: Asked, world: WorldSpec) -> Json:
    data = {**verdict.as_json(), "words": said.words}
    if verdict.parts:
        empty = Asked(said.pointer, "")
        data["parts"] = [
            {**_told(part, inner, world), "now": standing(part, world.names)}
            for part, inner in zip_longest(verdict.parts, said.parts[: len(verdict.parts)], fillvalue=empty)
            if isinstance(part, Verdict)
        ]
    return data


def asked(condition: Mapping[str, Any], world: WorldSpec, pointer: str, count: int) -> list[Asked]:
    """The clauses of a condition, one for each that `compile_gate` makes of it; fewer where it cannot be read."""
    found: list[Asked] = []
    for key, value in condition.items():
        try:
            clauses = len(compile_gate({key: value}, Context(world.axes)).clauses)
        except (ValueError, TypeError, KeyError, AttributeError):
            return []
        here = f"{pointer}/{key}"
        words = [*requirements({key: value}, world.names), *[""] * clauses][:clauses]
        subjects = [f"{here}/{name}" for name in value] if key in BY_SUBJECT else [here] * clauses
        found += [Asked(where, text, _inside(key, value, world, here)) for where, text in zip(subjects, words, strict=False)]
    return found if len(found) == count else []


def _inside(key: str, value: Any, world: WorldSpec, pointer: str) -> tuple[Asked, ...]:
    if key not in ("any", "all", "not"):
        return ()
    inner = []
    for part in [value] if key == "not" else value:
        clauses = asked(part, world, pointer, len(compile_gate(part, Context(world.axes)).clauses))
        words = " and ".join(one.words for one in clauses)
        inner.append(clauses[0] if len(clauses) == 1 else Asked(pointer, words, tuple(clauses)))
    return tuple(inner)


def level_of(interaction: Interaction, pointer: str) -> str:
    """world, role or npc: the lowest that wrote something at or below the pointer; `game` where none did."""
    wrote = {level for leaf, level in interaction.origin.items() if leaf == pointer or leaf.startswith(pointer + "/")} if pointer else set()
    return next((level for level in reversed(LEVELS) if level in wrote), GAME)
