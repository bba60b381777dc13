"""Mood: derived, never stored. Valence and arousal are sums of weighted values (package data); their region names the label.

The weights and regions are those of the specification's section 3; a short emotion of at least half strength names the label itself.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from .packages import available, builtin
from .possible import Span
from .stats import Derivation, MoodRules, Package, Region

Emotions = Sequence[tuple[str, float]]
ROUNDING = 1e-6  # sums are rounded to six places before they are compared


@dataclass(frozen=True, slots=True)
class Contribution:
    """A summand of `towards` (valence or arousal): points = weight × value, where value is what the axis is beyond its centre."""

    axis: str
    value: float
    weight: float
    points: float
    source: str = ""
    towards: str = ""


@dataclass(frozen=True, slots=True)
class Mood:
    """`intensity` 0–1; valence and arousal 0–100. The points of `because` add up to them, the base and a cut at the range included."""

    label: str
    intensity: float
    tags: tuple[str, ...]
    valence: float
    arousal: float
    because: tuple[Contribution, ...]

    def as_json(self) -> dict[str, Any]:
        """`{current_emotion, intensity, tags}`, as it is shown everywhere."""
        return {"current_emotion": self.label, "intensity": self.intensity, "tags": list(self.tags)}


NEUTRAL = Mood("neutral", 0.3, (), 50.0, 40.0, ())


def _rules(package: Package) -> MoodRules:
    if package.mood is None:
        raise ValueError(f"The stat package “{package.key}” derives no mood.")
    return package.mood


def _total(derivation: Derivation, values: Mapping[str, Mapping[str, Any]], emotions: Emotions) -> float:
    total = derivation.base
    for term in derivation.terms:
        total += term.weight * (values[term.source].get(term.axis, term.default) - term.centre)
    for label, intensity in emotions:
        total += derivation.emotions.get(label, 0) * intensity
    return total


def _summands(derivation: Derivation, values: Mapping[str, Mapping[str, Any]], emotions: Emotions) -> Iterator[Contribution]:
    towards = derivation.axis
    yield Contribution("base", derivation.base, 1, derivation.base, "mood", towards)
    for term in derivation.terms:
        value = values[term.source].get(term.axis, term.default) - term.centre
        yield Contribution(term.axis, round(value, 6), term.weight, round(term.weight * value, 6), term.source, towards)
    for label, intensity in emotions:
        weight = derivation.emotions.get(label, 0)
        if weight:
            yield Contribution(label, round(intensity, 6), weight, round(weight * intensity, 6), "emotion", towards)


def _cut(package: Package, derivation: Derivation, total: float) -> float:
    """Within the axis, and to six places: the borders of regions must not depend on the order of a sum."""
    axis = package.axes[derivation.axis]
    return min(max(round(total, 6), float(axis.minimum)), float(axis.maximum))


def _region(rules: MoodRules, valence: float, arousal: float) -> Region:
    for region in rules.regions:
        if region.valence_from <= valence < region.valence_below and region.arousal_from <= arousal < region.arousal_below:
            return region
    return rules.regions[-1]


def _loudest(rules: MoodRules, emotions: Emotions) -> tuple[str, float] | None:
    """The strongest emotion that may name the label; among equals the later one."""
    loudest: tuple[str, float] | None = None
    for felt in emotions:
        if felt[1] >= rules.emotion_names_label_from and (loudest is None or felt[1] >= loudest[1]):
            loudest = felt
    return loudest


def mood_label(
    *,
    package: Package,
    relationship: Mapping[str, float],
    personality: Mapping[str, Any],
    drives: Mapping[str, float],
    emotions: Emotions = (),
) -> str:
    """Only the label of `mood`, for gates: no explanation is built."""
    rules = _rules(package)
    if emotions and (felt := _loudest(rules, emotions)):
        return felt[0]
    valence, arousal = rules.bases
    for source, values in (("relationships", relationship), ("personality", personality), ("drives", drives)):
        for axis, default, for_valence, for_arousal in rules.flat.get(source, ()):
            value = values.get(axis, default)
            valence += for_valence * value
            arousal += for_arousal * value
    for label, intensity in emotions:
        valence += rules.derivations["valence"].emotions.get(label, 0) * intensity
        arousal += rules.derivations["arousal"].emotions.get(label, 0) * intensity
    return _region(rules, round(valence, 6), round(arousal, 6)).label  # a cut at 0 or 100 crosses no border of a region


def possible_labels(
    *,
    package: Package,
    relationship: Mapping[str, Span],
    personality: Mapping[str, Any],
    drives: Mapping[str, Span],
    felt: Mapping[str, float],
) -> frozenset[str]:
    """Every label `mood_label` may give while the values lie in these ranges and any of the emotions `felt` (with its greatest intensity) may
    be there or have faded. A region counts as soon as its box and that of valence and arousal touch."""
    rules = _rules(package)
    low, high = [*rules.bases], [*rules.bases]

    def add(weights: Sequence[float], span: Span) -> None:
        for number, weight in enumerate(weights):
            ends = (weight * span.low, weight * span.high)
            low[number] += min(ends)
            high[number] += max(ends)

    fixed = {axis: Span(value, value) for axis, value in personality.items() if isinstance(value, int | float)}
    for source, values in (("relationships", relationship), ("personality", fixed), ("drives", drives)):
        for axis, default, *weights in rules.flat.get(source, ()):
            add(weights, values.get(axis, Span(default, default)))
    for label, intensity in felt.items():
        add([rules.derivations[name].emotions.get(label, 0) for name in ("valence", "arousal")], Span(0, intensity))
    labels = {label for label, intensity in felt.items() if intensity >= rules.emotion_names_label_from}
    for region in rules.regions:
        sides = ((region.valence_from, region.valence_below), (region.arousal_from, region.arousal_below))
        if all(start <= high[n] + ROUNDING and low[n] - ROUNDING < end for n, (start, end) in enumerate(sides)):
            labels.add(region.label)
        if all(start <= low[n] - ROUNDING and high[n] + ROUNDING < end for n, (start, end) in enumerate(sides)):
            return frozenset(labels)  # the first region that has all of it is the last that can match
    return frozenset({*labels, rules.regions[-1].label})


def mood(
    *,
    package: Package,
    relationship: Mapping[str, float],
    personality: Mapping[str, Any],
    drives: Mapping[str, float],
    emotions: Emotions = (),
) -> Mood:
    """The mood with every contribution. Values that are missing count as their axis's default; `emotions` are (label, intensity now 0–1)."""
    rules = _rules(package)
    values = {"relationships": relationship, "personality": personality, "drives": drives}
    because: list[Contribution] = []
    derived: dict[str, float] = {}
    for name in ("valence", "arousal"):
        derivation = rules.derivations[name]
        total = _total(derivation, values, emotions)
        derived[name] = _cut(package, derivation, total)
        because.extend(_summands(derivation, values, emotions))
        if abs(beyond := derived[name] - total) > 1e-5:
            because.append(Contribution("limit", round(beyond, 6), 1, round(beyond, 6), "mood", name))
    region = _region(rules, derived["valence"], derived["arousal"])
    felt = _loudest(rules, emotions)
    base, by_valence, by_arousal = region.intensity
    strength = felt[1] if felt else base + by_valence * derived["valence"] + by_arousal * derived["arousal"]
    label = felt[0] if felt else region.label
    return Mood(
        label=label,
        intensity=round(min(max(strength, 0.0), 1.0), 2),
        tags=_tags(rules, label, values),
        valence=derived["valence"],
        arousal=derived["arousal"],
        because=tuple(because),
    )


def _tags(rules: MoodRules, label: str, values: Mapping[str, Mapping[str, Any]]) -> tuple[str, ...]:
    tags = list(rules.label_tags.get(label, ()))
    for rule in rules.tags:
        value = values[rule.source].get(rule.axis)
        if value is not None and rule.at_least <= value <= rule.at_most and (not rule.labels or label in rule.labels):
            tags.append(rule.tag)
    return tuple(dict.fromkeys(tags))


def sources(package: Package, found: Mood) -> dict[str, Any]:
    """What a mood comes from: `{"current_emotion": ["relationships.affinity", …], "tags": {tag: […]}}`.

    A label and its intensity come from all their summands, unless an emotion is strong enough to name the label by itself.
    """
    rules = _rules(package)
    felt = [one for one in found.because if one.source == "emotion"]
    naming = [one for one in felt if one.value >= rules.emotion_names_label_from]
    derived = [one for one in found.because if one.source != "mood"]
    label = list(dict.fromkeys(f"{one.source}.{one.axis}" for one in (naming or derived)))
    tags = {tag: list(label) for tag in rules.label_tags.get(found.label, ())}
    for rule in rules.tags:
        if rule.tag in found.tags and rule.tag not in tags:
            tags[rule.tag] = [f"{rule.source}.{rule.axis}", *(label if rule.labels else ())]
    return {"current_emotion": label, "tags": tags}


def emotion_intensity(intensity: float, minutes: float, at: int, world_time: int) -> float:
    """What is left of an emotion: it fades linearly to 0 over `minutes` of world time since `at`."""
    if minutes <= 0 or world_time >= at + minutes * 60:
        return 0.0
    return intensity * min(1.0, 1 - (world_time - at) / (minutes * 60))


@cache
def _shipped_expressions() -> Mapping[str, tuple[str, ...]]:
    return _rules(builtin()["mood"]).expressions


def labels(package: Package | None = None) -> tuple[str, ...]:
    """Every label a mood can have by itself or by a known emotion, in order."""
    rules = _rules(package or builtin()["mood"])
    return tuple(dict.fromkeys([*(r.label for r in rules.regions), *rules.derivations["valence"].emotions]))


def expression_for(label: str, available_states: Container[str]) -> str | None:
    """The portrait to show: the label's own, else what stands in for it, else neutral; None where there is not even that."""
    chain = _shipped_expressions().get(label, ())
    if not chain:  # a label of a registered package may bring its own stand-ins
        chain = next((p.mood.expressions[label] for p in available().values() if p.mood and label in p.mood.expressions), ())
    return next((state for state in (label, *chain, "neutral") if state in available_states), None)
