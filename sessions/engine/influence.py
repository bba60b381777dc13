"""What a model's wishes may do: effects on declared axes and flags, within the world's limits per turn and per day. The one place that says so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from sessions.spec import WorldSpec
from worlds.rules.conditions import ROMANTIC_AXES, Context, Gate, compile_gate

from .draft import StateDraft
from .state import DayTotal, Offered

MAX_OFFERED = 4
MAX_LABEL = 200
ROMANTIC_TONES = frozenset({"flirty", "romantic", "seductive", "intimate", "flirt"})
LASTING = 7
"""From this importance on a memory stays for ever; that is an author's to say."""


class Clamped(NamedTuple):
    """A wish that was not granted as it stood; `why` is unknown, not_declared, romance, per_turn, per_day, bounds or malformed."""

    path: str
    wanted: Any
    got: Any
    why: str

    def as_json(self) -> dict[str, Any]:
        return self._asdict()


@dataclass(frozen=True, slots=True)
class Allowed:
    """What of a proposal may happen: points by axis, flags with "!" for clearing, and what was cut."""

    points: Mapping[str, float]
    flags: tuple[str, ...]
    clamped: tuple[Clamped, ...]

    def as_effects(self) -> dict[str, Any]:
        data: dict[str, Any] = {}
        if self.points:
            data["relationships"] = dict(self.points)
        if self.flags:
            data["flags"] = list(self.flags)
        return data


def judge(world: WorldSpec, state: Any, npc: str, proposed: Any) -> Allowed:
    """What of `{"relationships": {axis: points}, "flags": [...]}` may happen now. Total: whatever a model says, it is cut down to this."""
    points: dict[str, float] = {}
    flags: list[str] = []
    cut: list[Clamped] = []
    wishes = proposed if isinstance(proposed, Mapping) else {}
    cut.extend(Clamped(str(name)[:80], "", None, "unknown") for name in wishes if name not in ("relationships", "flags"))
    axes = wishes.get("relationships")
    for axis, wanted in axes.items() if isinstance(axes, Mapping) else ():
        got, why = _points(world, state, npc, str(axis), wanted)
        if got:
            points[axis] = got
        if why:
            cut.append(Clamped(f"relationships.{axis}"[:80], _plain(wanted), got, why))
    names = wishes.get("flags")
    for flag in names if isinstance(names, list | tuple) else ():
        if isinstance(flag, str) and flag.removeprefix("!") in world.influenced_flags:
            flags.append(flag)
        else:
            cut.append(Clamped(f"flags.{_plain(flag)}"[:80], True, None, "not_declared"))
    return Allowed(points, tuple(dict.fromkeys(flags)), tuple(cut))


def _points(world: WorldSpec, state: Any, npc: str, axis: str, wanted: Any) -> tuple[float, str]:
    """How far an axis may move, and what held it back."""
    if axis not in world.influenced_axes:
        return 0, "not_declared" if axis in world.axes else "unknown"
    if axis in ROMANTIC_AXES and not world.romantic(state, npc):
        return 0, "romance"
    number = _number(wanted)
    if number is None:
        return 0, "malformed"
    per_turn, per_day = world.limits["per_turn"], world.limits["per_day"]
    before = state.influence.get(f"{npc}/{axis}")
    spent = before.total if before is not None and before.day == world.clock.at(state.world_time).day else 0
    turned = max(-per_turn, min(per_turn, number))
    allowed = max(-per_day - spent, min(per_day - spent, turned))
    why = "per_day" if allowed != turned else "per_turn" if turned != number else ""
    had = world.relationship(state, npc)[axis]
    really = world.axes[axis].change(had, f"{allowed:+g}") - had if allowed else 0
    return really, why or ("bounds" if really != allowed else "")


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except ValueError:
        return None
    return number if abs(number) <= 1e9 else None  # also refuses NaN


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, bool | int | float) else str(value)[:80]


def influence(world: WorldSpec, draft: StateDraft, npc: str, proposed: Any) -> None:
    """Lets happen what may, and counts it towards the day."""
    allowed = judge(world, draft, npc, proposed)
    day = world.clock.at(draft.world_time).day
    for axis, points in allowed.points.items():
        key = f"{npc}/{axis}"
        before = draft.influence.get(key)
        spent = before.total if before is not None and before.day == day else 0
        draft.change_rel(world, npc, axis, f"{points:+g}")
        draft.set_influence(key, DayTotal(day, spent + points))
    for flag in allowed.flags:
        draft.set_flag(flag.removeprefix("!"), not flag.startswith("!"))


# -- choices a model offers -------------------------------------------------------------------------------------------


def offers(world: WorldSpec, state: Any, npc: str, proposed: Iterable[Any], taken: Iterable[str] = ()) -> tuple[Offered, ...]:
    """The choices that are really offered: at most four, with words, gates that can be read, and effects as far as they may go now. `taken` are
    labels the author's own choices have already."""
    found: list[Offered] = []
    labels = {_same(label) for label in taken}
    for choice in proposed:
        offer = _offer(world, state, npc, choice, f"offer.{len(found) + 1}")
        if offer is not None and _same(offer.label) not in labels and len(found) < MAX_OFFERED:
            labels.add(_same(offer.label))
            found.append(offer)
    return tuple(found)


def _offer(world: WorldSpec, state: Any, npc: str, choice: Any, key: str) -> Offered | None:
    if not isinstance(choice, Mapping) or not isinstance(choice.get("label"), str) or not choice["label"].strip():
        return None
    tone = str(choice.get("tone") or "")[:40]
    conditions = _conditions(world, choice.get("conditions") or {})
    if tone.casefold() in ROMANTIC_TONES and not world.romantic(state, npc):
        return None
    if conditions is None:
        return None  # what cannot be read stays shut, so it is not offered at all
    effects = judge(world, state, npc, choice.get("effects")).as_effects()
    return Offered(key, " ".join(choice["label"].split())[:MAX_LABEL], tone, effects, conditions)


def _conditions(world: WorldSpec, wanted: Any) -> dict[str, int] | None:
    """Gates a model may give: bounds of relationship axes, in whole points. None for anything else."""
    known = {f"{bound}_{axis}" for bound in ("min", "max") for axis in world.axes}
    if not isinstance(wanted, Mapping) or not wanted.keys() <= known:
        return None
    numbers = {key: _number(value) for key, value in wanted.items()}
    return {key: round(value) for key, value in numbers.items() if value is not None} if None not in numbers.values() else None


def gate_of(world: WorldSpec, offer: Offered) -> Gate:
    return compile_gate(offer.conditions, Context(axes=world.axes))


def _same(text: str) -> str:
    return " ".join(text.casefold().split())


def kept_in_mind(memory: Mapping[str, Any]) -> dict[str, Any]:
    """A memory as a writer may make one: short words, never for ever."""
    importance = _number(memory.get("importance", 5))
    return {
        "topic": str(memory.get("topic") or "")[:80],
        "summary": str(memory.get("summary") or "")[:300],
        "importance": min(LASTING - 1, max(1, round(importance if importance is not None else 5))),
        "kind": "short",
    }
