"""Numbers about people and players: axes, the words for their ranges, and packages of them."""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

Number = int | float
FlatTerm = tuple[str, float, float, float]  # axis, default, weight for valence, weight for arousal

_RELATIVE = re.compile(r"[+-][0-9]{1,9}(\.[0-9]{1,6})?")


@lru_cache(maxsize=1024)
def relative(change: str) -> Number:
    """The number in "+5" or "-0.25". ValueError for any other text."""
    if not _RELATIVE.fullmatch(change):
        raise ValueError(f"“{change}” is not a change: write “+5” or “-3” to add, a bare number to set.")
    return float(change) if "." in change else int(change)


@dataclass(frozen=True, slots=True)
class Axis:
    """One number with its range. It holds whole multiples of `step`; `drift` is added per hour of world time, and `relief`
    tells by how much per hour an activity takes away from that."""

    name: str
    minimum: Number
    maximum: Number
    default: Number = 0
    step: Number = 1
    drift: float = 0
    title: str = ""
    relief: tuple[tuple[str, float], ...] = ()

    def clamp(self, value: Number) -> Number:
        """The nearest multiple of the step inside the range; halves go up. ValueError for what is no finite number."""
        if type(value) is int and self.step == 1:
            return int(self.minimum) if value < self.minimum else int(self.maximum) if value > self.maximum else value
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise ValueError(f"{value!r} is not a number.")
        value = min(max(value, self.minimum), self.maximum)
        steps = math.floor(round(value / self.step, 9) + 0.5)
        if steps > self.maximum / self.step + 1e-9:  # the ends of a range need not be multiples of the step
            steps -= 1
        elif steps < self.minimum / self.step - 1e-9:
            steps += 1
        return steps * self.step if isinstance(self.step, int) else round(steps * self.step, 6)

    def change(self, current: Number, change: Number | str) -> Number:
        """The value after a change: "+5" and "-3" are relative, a number is absolute; clamped and snapped. ValueError for nonsense."""
        if isinstance(change, str):
            return self.clamp(self.clamp(current) + relative(change))
        return self.clamp(change)


@dataclass(frozen=True, slots=True)
class Tier:
    """A word for the range from `start` up to the start of the next tier."""

    key: str
    title: str
    start: float


@dataclass(frozen=True, slots=True)
class Tiers:
    """The tiers of an axis, half-open `[start, next start)`; below the first start the first one counts. ValueError when empty."""

    tiers: tuple[Tier, ...]
    starts: tuple[float, ...] = field(init=False, repr=False)
    ranks: Mapping[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        ordered = tuple(sorted(self.tiers, key=lambda tier: tier.start))
        if not ordered:
            raise ValueError("An axis with tiers needs at least one.")
        object.__setattr__(self, "tiers", ordered)
        object.__setattr__(self, "starts", tuple(tier.start for tier in ordered[1:]))
        object.__setattr__(self, "ranks", {tier.key: rank for rank, tier in enumerate(ordered)})

    def of(self, value: Number) -> Tier:
        return self.tiers[bisect_right(self.starts, value)]

    def rank(self, key: str) -> int:
        """0 for the lowest. A tier nobody declared ranks above all, so that nothing reaches it."""
        return self.ranks.get(key, len(self.tiers))


@dataclass(frozen=True, slots=True)
class Term:
    """One summand of a derived axis: `weight * (value - centre)` of an axis of another package (`source`)."""

    source: str
    axis: str
    weight: float
    centre: float = 0
    default: float = 0  # counts where the value is missing


@dataclass(frozen=True, slots=True)
class Derivation:
    """A derived axis: `base` plus its terms plus what active emotions add, clamped to the axis."""

    axis: str
    base: float
    terms: tuple[Term, ...]
    emotions: Mapping[str, float] = field(default_factory=dict)  # points of an emotion at full intensity


@dataclass(frozen=True, slots=True)
class Region:
    """A label for a part of the valence–arousal plane, `[from, below)` each; `intensity` is affine in both: (base, valence, arousal)."""

    label: str
    valence_from: float = -math.inf
    valence_below: float = math.inf
    arousal_from: float = -math.inf
    arousal_below: float = math.inf
    intensity: tuple[float, float, float] = (0, 0, 0)


@dataclass(frozen=True, slots=True)
class TagRule:
    """A tag that the mood carries while an axis is in `[at_least, at_most]`, under one of `labels` if any are named."""

    tag: str
    source: str
    axis: str
    at_least: float = -math.inf
    at_most: float = math.inf
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MoodRules:
    """How a mood is derived and shown: regions (first match), tags, and which portraits stand in for a missing one."""

    derivations: Mapping[str, Derivation]
    regions: tuple[Region, ...]
    label_tags: Mapping[str, tuple[str, ...]]
    tags: tuple[TagRule, ...]
    emotion_names_label_from: float
    expressions: Mapping[str, tuple[str, ...]]
    bases: tuple[float, float] = field(init=False, repr=False)  # of valence and arousal, the centres taken off
    flat: Mapping[str, tuple[FlatTerm, ...]] = field(init=False, repr=False)  # by source, for the fast path

    def __post_init__(self) -> None:
        weights: dict[tuple[str, str], list[float]] = {}
        bases = [0.0, 0.0]
        for number, name in enumerate(("valence", "arousal")):
            derivation = self.derivations[name]
            bases[number] = derivation.base - sum(term.weight * term.centre for term in derivation.terms)
            for term in derivation.terms:
                weights.setdefault((term.source, term.axis), [term.default, 0.0, 0.0])[number + 1] += term.weight
        flat: dict[str, list[FlatTerm]] = {}
        for (source, axis), (default, valence, arousal) in weights.items():
            flat.setdefault(source, []).append((axis, default, valence, arousal))
        object.__setattr__(self, "bases", tuple(bases))
        object.__setattr__(self, "flat", {source: tuple(terms) for source, terms in flat.items()})


@dataclass(frozen=True, slots=True)
class Package:
    """A stat package: data, from a JSON file. `derivations` are those of the mood rules, where the package has any."""

    key: str
    title: str
    axes: Mapping[str, Axis]
    tiers: Mapping[str, Tiers] = field(default_factory=dict)
    description: str = ""
    mood: MoodRules | None = None

    @property
    def derivations(self) -> Mapping[str, Derivation]:
        return self.mood.derivations if self.mood else {}

    def words(self, axis: str, value: Number) -> str:
        """The tier's title, or "" where the axis has no tiers: `affinity` 35 → "acquaintance"."""
        tiers = self.tiers.get(axis)
        return tiers.of(value).title if tiers else ""

    def as_json(self) -> dict[str, Any]:
        """For authors: axes with range, default, step, drift and tiers."""
        return {
            "key": self.key,
            "title": self.title,
            "description": self.description,
            "axes": {
                name: {
                    "title": axis.title,
                    "min": axis.minimum,
                    "max": axis.maximum,
                    "default": axis.default,
                    "step": axis.step,
                    "drift": axis.drift,
                    "tiers": [{"key": t.key, "title": t.title, "from": t.start} for t in self.tiers[name].tiers] if name in self.tiers else [],
                }
                for name, axis in self.axes.items()
            },
        }
