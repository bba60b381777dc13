from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worlds.rules import packages
from worlds.rules.stats import Axis, Package, Tiers

AFFINITY = packages.builtin()["relationships"].axes["affinity"]


@pytest.mark.parametrize(
    ("name", "low", "high", "default"),
    [("affinity", -100, 100, 0), ("trust", -100, 100, 0), ("chemistry", 0, 100, 0), ("tension", 0, 100, 0), ("intimacy_level", 0, 5, 0)],
)
def test_relationship_axes_have_their_ranges(name: str, low: int, high: int, default: int) -> None:
    axis = packages.builtin()["relationships"].axes[name]
    assert (axis.minimum, axis.maximum, axis.default, axis.step) == (low, high, default, 1)


def test_the_five_factors_run_from_0_to_1_in_hundredths_and_are_a_half_by_default() -> None:
    axes = packages.builtin()["personality"].axes
    assert list(axes) == ["openness", "conscientiousness", "extraversion", "agreeableness", "neuroticism"]
    assert {(a.minimum, a.maximum, a.default, a.step) for a in axes.values()} == {(0, 1, 0.5, 0.01)}


def test_drives_drift_by_4_2_and_3_points_an_hour() -> None:
    assert {name: axis.drift for name, axis in packages.builtin()["drives"].axes.items()} == {"hunger": 4, "fatigue": 2, "social": 3}


@pytest.mark.parametrize(
    ("current", "change", "after"),
    [
        (30, "+5", 35),
        (99, "+5", 100),
        (-99, "-5", -100),
        (30, 80, 80),
        (30, 500, 100),
        (30, "-0", 30),
        (30, "+0.4", 30),
        (150, "-5", 95),
        (0, 2.5, 3),
    ],
)
def test_a_change_is_relative_or_absolute_and_clamped(current: int, change: Any, after: int) -> None:
    assert AFFINITY.change(current, change) == after


def test_99_plus_5_is_recorded_as_plus_1() -> None:
    assert AFFINITY.change(99, "+5") - 99 == 1


@pytest.mark.parametrize("change", ["5", "", "+", "++5", "+5 ", "+1e9", "five", "+∞", True, None, math.nan, math.inf, [5], "+" + "9" * 40])
def test_nonsense_is_no_change(change: Any) -> None:
    with pytest.raises(ValueError, match="not a"):
        AFFINITY.change(0, change)


def test_personality_snaps_to_hundredths() -> None:
    openness = packages.builtin()["personality"].axes["openness"]
    assert [openness.clamp(value) for value in (0.29, 0.294, 0.295, 0.1 + 0.2, 7, -1)] == [0.29, 0.29, 0.3, 0.3, 1.0, 0.0]


def test_the_ends_of_a_range_need_not_be_multiples_of_the_step() -> None:
    axis = Axis("odd", 4, 96, 10, 10)
    assert (axis.clamp(4), axis.clamp(96)) == (10, 90)


axes = st.builds(
    lambda low, span, step: Axis("any", low * step, (low + span) * step, low * step, step),
    st.integers(-50, 50),
    st.integers(0, 100),
    st.sampled_from([1, 2, 5, 10, 0.01, 0.1, 0.5]),
)
numbers = st.integers(-(10**6), 10**6) | st.floats(-1e6, 1e6)


@given(axes, numbers)
def test_a_clamped_value_lies_in_its_range_and_stays_what_it_is(axis: Axis, value: float) -> None:
    clamped = axis.clamp(value)
    assert axis.minimum - 1e-9 <= clamped <= axis.maximum + 1e-9
    assert axis.clamp(clamped) == clamped


@given(axes, numbers, st.integers(-999, 999))
def test_no_change_leaves_the_range(axis: Axis, value: float, by: int) -> None:
    assert axis.minimum - 1e-9 <= axis.change(value, f"{by:+d}") <= axis.maximum + 1e-9


@pytest.mark.parametrize(
    ("value", "title"),
    [(-100, "hostile"), (-51, "hostile"), (-50, "wary"), (-1, "wary"), (0, "stranger"), (19, "stranger"), (20, "acquaintance"), (35, "acquaintance"),
     (44, "acquaintance"), (45, "friendly acquaintance"), (50, "friendly acquaintance"), (59, "friendly acquaintance"), (60, "friend"), (79, "friend"),
     (80, "close friend"), (100, "close friend"), (-1000, "hostile")],
)  # fmt: skip
def test_affinity_tiers_are_half_open(value: int, title: str) -> None:
    tiers = packages.builtin()["relationships"].tiers["affinity"]
    assert tiers.of(value).title == title
    assert tiers.of(value).key == title.replace(" ", "_")


def test_tiers_have_an_order_and_an_unknown_one_is_out_of_reach() -> None:
    tiers = packages.builtin()["relationships"].tiers["affinity"]
    assert [tiers.rank(key) for key in ("hostile", "wary", "stranger", "acquaintance", "friendly_acquaintance", "friend", "close_friend")] == list(
        range(7)
    )
    assert tiers.rank("soul_mate") > tiers.rank("close_friend")


def test_chemistry_40_is_mild_attraction_and_every_relationship_axis_has_words() -> None:
    package = packages.builtin()["relationships"]
    assert package.words("chemistry", 40) == "mild attraction"
    assert package.words("trust", 20) == "cautious"
    assert package.words("tension", 10) == "low tension"
    assert set(package.tiers) == set(package.axes)
    assert package.words("nothing", 3) == ""


def test_tiers_without_a_tier_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Tiers(())


def test_a_world_that_says_nothing_has_all_four_packages() -> None:
    assert list(packages.enabled({})) == ["personality", "relationships", "drives", "mood"]


def test_a_list_or_an_object_names_the_enabled_ones() -> None:
    assert list(packages.enabled({"stat_packages": ["relationships", "nobody_has_this"]})) == ["relationships"]
    assert list(packages.enabled({"stat_packages": {"relationships": True, "drives": False, "mood": {"enabled": False}}})) == ["relationships"]


def test_a_world_may_override_defaults_ranges_and_tiers() -> None:
    world = packages.enabled(
        {
            "stat_packages": {
                "relationships": {
                    "axes": {"affinity": {"default": 10, "max": 50}, "trust": {"default": 400}},
                    "tiers": {"affinity": [{"title": "cold", "from": -100}, {"title": "rather warm", "from": 25}]},
                },
                "drives": {"axes": {"hunger": {"drift": 1}}},
            }
        }
    )
    axes = world["relationships"].axes
    assert (axes["affinity"].default, axes["affinity"].maximum, axes["trust"].default, axes["tension"].default) == (10, 50, 100, 0)
    assert world["relationships"].tiers["affinity"].of(24).key == "cold"
    assert world["relationships"].tiers["affinity"].of(25).key == "rather_warm"
    assert "chemistry" in world["relationships"].tiers
    assert world["drives"].axes["hunger"].drift == 1
    assert packages.builtin()["relationships"].axes["affinity"].default == 0


def test_a_range_only_becomes_narrower() -> None:
    world = packages.enabled({"stat_packages": {"relationships": {"axes": {"affinity": {"min": -20, "max": 500}}}}})
    assert (world["relationships"].axes["affinity"].minimum, world["relationships"].axes["affinity"].maximum) == (-20, 100)


def test_a_range_upside_down_is_not_taken_over() -> None:
    world = packages.enabled({"stat_packages": {"relationships": {"axes": {"affinity": {"min": 60, "max": 50}}}}})
    assert (world["relationships"].axes["affinity"].minimum, world["relationships"].axes["affinity"].maximum) == (-100, 100)


@pytest.fixture
def honour() -> Iterator[Package]:
    package = packages.from_json(
        {
            "key": "honour",
            "title": "Honour",
            "axes": {"renown": {"min": 0, "max": 10, "default": 1}},
            "tiers": {"renown": [{"title": "nobody", "from": 0}, {"title": "well known", "from": 5}]},
        }
    )
    packages.register(package)
    yield package
    packages.unregister("honour")


def test_an_app_of_somebody_else_can_add_a_package_for_worlds_to_enable(honour: Package) -> None:
    packages.register(honour)  # ready() may run twice
    assert list(packages.enabled({"stat_packages": ["relationships", "honour"]})) == ["relationships", "honour"]
    assert packages.enabled({"stat_packages": ["honour"]})["honour"].words("renown", 5) == "well known"
    assert "honour" not in packages.enabled({})
    json.dumps(honour.as_json())


@pytest.mark.usefixtures("honour")
@pytest.mark.parametrize("key", ["honour", "relationships"])
def test_two_packages_cannot_have_one_key(key: str) -> None:
    with pytest.raises(ValueError, match="already"):
        packages.register(packages.from_json({"key": key, "title": "Other", "axes": {}}))


@pytest.mark.usefixtures("honour")
def test_what_one_can_feel_are_the_relationship_axes_and_those_of_others() -> None:
    world = packages.enabled({"stat_packages": ["personality", "relationships", "drives", "mood", "honour"]})
    assert list(packages.felt_axes(world)) == ["affinity", "trust", "chemistry", "tension", "intimacy_level", "renown"]
    assert "renown" in packages.felt_tiers(world)
    assert packages.felt_axes(packages.enabled({"stat_packages": ["mood"]})) == {}
