from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worlds.rules import packages
from worlds.rules.clock import Clock
from worlds.rules.drives import drive_at
from worlds.rules.mood import _region, _rules, emotion_intensity, expression_for, labels, mood, mood_label
from worlds.rules.schedules import Schedule

WORLD = packages.enabled({})
CLOCK = Clock.parse({"start_time": "08:00"})
PERSONALITY = {
    "openness": 0.6,
    "conscientiousness": 0.8,
    "extraversion": 0.7,
    "agreeableness": 0.5,
    "neuroticism": 0.3,
    "occupation": "ship captain",
}
WORK = [{"days": [1, 2, 3, 4, 5], "start": "06:00", "end": "22:00", "location": "harbor", "activity": "working"}]


def drives(world_time: int, schedule: list[dict[str, Any]] | None = None) -> dict[str, int]:
    week = Schedule.parse(WORK if schedule is None else schedule)
    return {name: drive_at(axis, 0, 0, week, CLOCK, world_time) for name, axis in WORLD["drives"].axes.items()}


def mara(world_time: int = 0, emotions: Any = (), **relationship: int) -> dict[str, Any]:
    values = {"affinity": 30, "trust": 20, "chemistry": 40, "tension": 10, "intimacy_level": 0, **relationship}
    return {
        "package": WORLD["mood"],
        "relationship": values,
        "personality": PERSONALITY,
        "drives": drives(world_time),
        "emotions": emotions,
    }


@pytest.mark.parametrize("world_time", [0, 28_800])
@pytest.mark.parametrize(
    ("relationship", "label"),
    [
        ({"affinity": 30}, "neutral"),
        ({"affinity": 35}, "friendly"),
        ({"affinity": 80, "trust": 70, "chemistry": 90, "tension": 20}, "happy"),
        ({"tension": 80}, "angry"),
    ],
)
def test_maras_moods_hold_at_eight_and_at_four(world_time: int, relationship: dict[str, int], label: str) -> None:
    inputs = mara(world_time, **relationship)
    assert mood_label(**inputs) == label
    assert mood(**inputs).label == label


@pytest.mark.parametrize("world_time", [0, 28_800])
def test_a_stranger_with_all_zeros_is_neutral(world_time: int) -> None:
    assert mood_label(package=WORLD["mood"], relationship={}, personality={}, drives=drives(world_time)) == "neutral"


def test_maras_valence_and_arousal_are_those_of_the_formula() -> None:
    found = mood(**mara(affinity=35))
    assert found.valence == pytest.approx(41.4 + 14 + 2 + 4 - 5 + 1.6 + 2 + 0)
    assert found.arousal == pytest.approx(40 + 4 + 3.5 + 2 - 2)


def test_the_printed_mood_is_friendly_0_6_approachable_and_business_minded() -> None:
    assert mood(**mara(affinity=35)).as_json() == {
        "current_emotion": "friendly",
        "intensity": 0.6,
        "tags": ["approachable", "business-minded"],
    }


@pytest.mark.parametrize("affinity", [30, 35])
def test_unfed_for_a_day_her_mood_and_its_explanation_differ(affinity: int) -> None:
    fed, unfed = mood(**mara(0, affinity=affinity)), mood(**mara(86_400, affinity=affinity))
    assert drives(86_400) == {"hunger": 96, "fatigue": 48, "social": 72}
    assert fed.label != unfed.label == "tired"
    assert "hungry" in unfed.tags
    hunger = next(c for c in unfed.because if c.axis == "hunger" and c.towards == "arousal")
    assert (hunger.value, hunger.weight, hunger.points) == (96, -0.2, pytest.approx(-19.2))


@pytest.mark.parametrize(
    ("valence", "arousal", "label"),
    [(29.9, 55, "angry"), (30, 55, "anxious"), (34.9, 55, "anxious"), (49.9, 62, "anxious"), (50, 62, "neutral"), (74.9, 24.9, "tired"), (75, 24.9, "happy"),
     (34.9, 54.9, "sad"), (35, 54.9, "neutral"), (75, 75, "excited"), (75, 74.9, "happy"), (58.4, 58, "curious"), (58.4, 57.9, "friendly"),
     (58.3, 70, "neutral"), (20, 20, "tired")],
)  # fmt: skip
def test_the_regions_are_half_open_and_the_first_match_counts(valence: float, arousal: float, label: str) -> None:
    assert _region(_rules(WORLD["mood"]), valence, arousal).label == label


def test_an_emotion_of_at_least_half_strength_names_the_label() -> None:
    assert mood_label(**mara(emotions=[("curious", 0.5)])) == "curious"
    assert mood_label(**mara(affinity=0, emotions=[("curious", 0.49)])) == "neutral"
    assert mood(**mara(emotions=[("sad", 0.6), ("proud", 0.8)])).label == "proud"
    assert mood(**mara(emotions=[("proud", 0.8)])).intensity == 0.8


def test_a_weaker_emotion_still_counts_among_the_reasons() -> None:
    found = mood(**mara(emotions=[("happy", 0.4)]))
    assert [(c.value, c.weight, c.points) for c in found.because if c.axis == "happy" and c.towards == "valence"] == [(0.4, 20, 8.0)]
    assert found.label == "friendly"


def test_an_emotion_fades_linearly_to_nothing() -> None:
    assert [emotion_intensity(0.6, 30, 1000, 1000 + s) for s in (0, 900, 1799, 1800, 99_999)] == pytest.approx([0.6, 0.3, 0.6 / 1800, 0, 0])
    assert emotion_intensity(0.6, 0, 0, 0) == 0
    assert emotion_intensity(0.6, 30, 1000, 0) == 0.6


def test_a_world_without_drives_or_personality_has_no_such_reasons() -> None:
    alone = packages.enabled({"stat_packages": ["relationships", "mood"]})
    found = mood(package=alone["mood"], relationship={"affinity": 10}, personality=PERSONALITY, drives={})
    assert {c.source for c in found.because} == {"mood", "relationships"}
    assert found.valence == pytest.approx(45.4)


def test_a_default_the_world_overrides_counts_for_what_is_missing() -> None:
    warm = packages.enabled({"stat_packages": {"relationships": {"axes": {"affinity": {"default": 50}}}, "mood": True}})
    assert mood(package=warm["mood"], relationship={}, personality={}, drives={}).valence == pytest.approx(61.4)


def test_a_package_that_derives_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="derives no mood"):
        mood_label(package=WORLD["drives"], relationship={}, personality={}, drives={})


@pytest.mark.parametrize(
    ("label", "states", "shown"),
    [("happy", {"happy", "neutral"}, "happy"), ("friendly", {"happy", "neutral"}, "happy"), ("friendly", {"neutral"}, "neutral"), ("excited", {"curious"}, "curious"),
     ("tired", {"neutral", "sad"}, "sad"), ("angry", {"neutral"}, "neutral"), ("smug", {"neutral"}, "neutral"), ("smug", {"happy"}, None), ("sad", set(), None)],
)  # fmt: skip
def test_a_portrait_falls_back_towards_neutral(label: str, states: set[str], shown: str | None) -> None:
    assert expression_for(label, states) == shown


def test_every_label_can_be_shown_with_nothing_but_a_neutral_portrait() -> None:
    for label in labels():
        assert expression_for(label, {"neutral"}) == "neutral"
    assert {"neutral", "friendly", "happy", "curious", "excited", "sad", "angry", "anxious", "tired"} <= set(labels())


people = st.fixed_dictionaries({name: st.integers(int(a.minimum), int(a.maximum)) for name, a in WORLD["relationships"].axes.items()})
natures = st.fixed_dictionaries({name: st.integers(0, 100).map(lambda n: n / 100) for name in WORLD["personality"].axes})
needs = st.fixed_dictionaries({name: st.integers(0, 100) for name in WORLD["drives"].axes})
feelings = st.lists(st.tuples(st.sampled_from(["happy", "angry", "sad", "tired", "proud"]), st.floats(0.01, 1)), max_size=3)


@given(people, natures, needs, feelings)
def test_the_points_add_up_to_valence_and_arousal(person: Any, nature: Any, need: Any, felt: Any) -> None:
    inputs = {"package": WORLD["mood"], "relationship": person, "personality": nature, "drives": need, "emotions": felt}
    found = mood(**inputs)
    for name, value in (("valence", found.valence), ("arousal", found.arousal)):
        assert sum(c.points for c in found.because if c.towards == name) == pytest.approx(value, abs=1e-4)
        assert 0 <= value <= 100
    assert 0 <= found.intensity <= 1
    assert mood_label(**inputs) == found.label
