"""What became of the players of an experiment, side by side. Only what they were drawn to counts: one session each, their first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Sum

from ..engine import PlayState
from ..models import DialogueTurn, GameSession
from ..releases import spec_of
from ..spec import WorldSpec
from . import funnels, numbers
from .models import VARIANTS, Experiment
from .numbers import Interval

Json = dict[str, Any]
MOST_CHOICES = 40
MICRO = 1_000_000  # cost is kept in millionths of a dollar


@dataclass
class Arm:
    """The players of one variant; a list has one value for each."""

    players: int = 0
    completed: int = 0
    counted: int = 0
    moves: list[float] = field(default_factory=list)
    lines: list[float] = field(default_factory=list)
    cost: list[float] = field(default_factory=list)
    affinity: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    taken: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))


def firsts(experiment: Experiment) -> list[GameSession]:
    """The first session of every player that was drawn. Two queries."""
    names = [experiment.variant(letter) for letter in VARIANTS]
    rows = GameSession.objects.filter(funnels.BY_PLAYERS, world=experiment.world_id, variant__in=names)
    rows = rows.exclude(user=experiment.world.owner_id).exclude(user__is_staff=True).order_by("pk")
    found: dict[int, int] = {}
    for pk, user in rows.values_list("pk", "user_id"):
        found.setdefault(user, pk)
    wanted = GameSession.objects.filter(pk__in=found.values()).select_related("release", "tally").defer("release__document", "release__ids")
    return list(wanted.order_by("pk"))


def arms(experiment: Experiment) -> dict[str, Arm]:
    """Three queries."""
    found = {letter: Arm() for letter in VARIANTS}
    sessions = firsts(experiment)
    spoken = DialogueTurn.objects.filter(session__in=[session.pk for session in sessions]).order_by()
    talk: dict[int, Json] = {row["session_id"]: dict(row) for row in spoken.values("session_id").annotate(lines=Count("pk"), cost=Sum("cost"))}
    for session in sessions:
        _add(found[session.variant.rpartition("/")[2]], session, talk.get(session.pk, {}))
    return found


def _add(arm: Arm, session: GameSession, talk: Json) -> None:
    world, state = spec_of(session.release), PlayState.from_json(session.state)
    arm.players += 1
    arm.moves.append(session.version)
    arm.lines.append(talk.get("lines", 0))
    arm.cost.append((talk.get("cost") or 0) / MICRO)
    if "affinity" in world.axes:
        for npc in world.npc_keys:
            arm.affinity[npc].append(world.relationship(state, npc)["affinity"])
    tally = getattr(session, "tally", None)
    if tally is None:
        return
    arm.counted += 1
    arm.completed += bool(tally.ending)
    for subject, fact in tally.facts.items():
        kind, _, path = subject.partition(":")
        if fact["taken"]:
            arm.taken[kind, path] += 1


def outcome(experiment: Experiment) -> Json:
    """The table, and what one must know to read it. Five queries while the release is compiled."""
    found = arms(experiment)
    spec = funnels.spec_shown(experiment.world)
    rows = list(_rows(spec, found["a"], found["b"]))
    least = min(arm.players for arm in found.values())
    early = least < experiment.planned
    return {
        "players": {letter: arm.players for letter, arm in found.items()},
        "uncounted": sum(arm.players - arm.counted for arm in found.values()),
        "planned": experiment.planned,
        "early": early,
        "looks": experiment.looks,
        "comparisons": len(rows),
        "by_chance": round(len(rows) * (1 - numbers.LEVEL), 1),
        "notes": list(_notes(experiment, least, len(rows))),
        "rows": rows,
    }


def _notes(experiment: Experiment, least: int, rows: int) -> Iterable[str]:
    if least < experiment.planned:
        yield (
            f"Too early to tell: {least} of the {experiment.planned} players of each variant that were decided on before the start. "
            "The intervals are those of a single look at the end."
        )
    if experiment.looks > 1:
        yield f"Looked at {experiment.looks} times before the planned number of players was there: every look is another chance to be fooled by luck."
    if experiment.status == Experiment.Status.ENDED and least < experiment.planned:
        yield "It was ended before its planned number of players. If that was because of what was seen, the difference shown is too large."
    if rows > 1:
        yield f"{rows} things are compared at 95 %: about {rows * (1 - numbers.LEVEL):.1f} of them would look different by chance alone."


def _rows(spec: WorldSpec, a: Arm, b: Arm) -> Iterable[Json]:
    yield _share("Story", "completion", "Reached an ending", (a.completed, a.counted), (b.completed, b.counted))
    yield _mean("Story", "moves", "Moves made", a.moves, b.moves)
    yield _mean("Story", "lines", "Lines spoken to the player", a.lines, b.lines)
    yield _mean("Cost", "cost", "Cost of models, US dollars a player", a.cost, b.cost)
    for npc in sorted({*a.affinity, *b.affinity}):
        name = spec.npc(npc).name if npc in spec.npc_keys else npc
        yield _mean("Affinity at the end", f"affinity:{npc}", name, a.affinity.get(npc, []), b.affinity.get(npc, []))
    choices = [
        _share(
            "Choices taken", f"{kind}:{path}", f"{funnels.where_of(spec, kind, path)}: {funnels.label_of(spec, kind, path)}",
            (a.taken.get((kind, path), 0), a.counted), (b.taken.get((kind, path), 0), b.counted),
        )
        for kind, path in sorted({*a.taken, *b.taken})
        if kind == "interaction" or _is_choice(spec, path)
    ]  # fmt: skip
    choices.sort(key=lambda row: -abs(row["difference"]["value"]) if row["difference"] else 0)
    yield from choices[:MOST_CHOICES]


def _is_choice(spec: WorldSpec, path: str) -> bool:
    edge = funnels.edges_of(spec).get(path)
    return edge is None or bool(edge.label)


def _share(group: str, key: str, name: str, a: tuple[int, int], b: tuple[int, int]) -> Json:
    return _row(group, key, name, "share", (numbers.share(*a), numbers.share(*b)), numbers.share_difference(a, b))


def _mean(group: str, key: str, name: str, a: list[float], b: list[float]) -> Json:
    return _row(group, key, name, "mean", (numbers.mean(a), numbers.mean(b)), numbers.mean_difference(a, b))


def _row(group: str, key: str, name: str, kind: str, sides: tuple[Interval | None, Interval | None], difference: Interval | None) -> Json:
    told: Callable[[Interval | None], Json | None] = lambda one: one._asdict() if one is not None else None  # noqa: E731
    return {
        "group": group, "key": key, "name": name, "kind": kind, "a": told(sides[0]), "b": told(sides[1]), "difference": told(difference),
        "tells": numbers.tells(difference),
    }  # fmt: skip
