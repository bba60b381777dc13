"""Intervals around what was counted. Pure arithmetic; each formula names its source. All are two-sided at 95 %."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite, sqrt
from statistics import NormalDist, fmean, variance
from typing import NamedTuple

LEVEL = 0.95
Z = NormalDist().inv_cdf(0.5 + LEVEL / 2)
LEAST = 3
"""Fewer values say nothing about how much they scatter."""


class Interval(NamedTuple):
    """A value with its bounds; None where too little is known."""

    value: float
    low: float | None
    high: float | None


def share(hits: int, among: int) -> Interval | None:
    """A share of 0–1 with its score interval: E. B. Wilson, Probable inference, the law of succession, and statistical inference, JASA 22 (1927)
    209–212. None of nobody."""
    if not among:
        return None
    p, n = hits / among, among
    middle = (p + Z * Z / (2 * n)) / (1 + Z * Z / n)
    half = Z / (1 + Z * Z / n) * sqrt(p * (1 - p) / n + Z * Z / (4 * n * n))
    return Interval(p, max(0.0, middle - half), min(1.0, middle + half))


def share_difference(a: tuple[int, int], b: tuple[int, int]) -> Interval | None:
    """How much larger the second share is, from the two score intervals: R. G. Newcombe, Interval estimation for the difference between independent
    proportions, Statistics in Medicine 17 (1998) 873–890, method 10. Each is (hits, among)."""
    one, two = share(*a), share(*b)
    if one is None or two is None or one.low is None or one.high is None or two.low is None or two.high is None:
        return None
    d = two.value - one.value
    low = d - sqrt((two.value - two.low) ** 2 + (one.high - one.value) ** 2)
    high = d + sqrt((two.high - two.value) ** 2 + (one.value - one.low) ** 2)
    return Interval(d, low, high)


def mean(values: Sequence[float]) -> Interval | None:
    """A mean with Student's interval (Biometrika 6 (1908) 1–25), n − 1 degrees of freedom. None of nothing; no bounds below three values."""
    if not values:
        return None
    value = fmean(values)
    if len(values) < LEAST:
        return Interval(value, None, None)
    half = t_quantile(len(values) - 1) * sqrt(variance(values) / len(values))
    return Interval(value, value - half, value + half)


def mean_difference(a: Sequence[float], b: Sequence[float]) -> Interval | None:
    """How much larger the second mean is, without taking the scatter for equal: B. L. Welch, The generalization of “Student's” problem when several
    different population variances are involved, Biometrika 34 (1947) 28–35."""
    if not a or not b:
        return None
    d = fmean(b) - fmean(a)
    if min(len(a), len(b)) < LEAST:
        return Interval(d, None, None)
    one, two = variance(a) / len(a), variance(b) / len(b)
    if one + two == 0:
        return Interval(d, d, d)
    freedom = (one + two) ** 2 / (one**2 / (len(a) - 1) + two**2 / (len(b) - 1))
    half = t_quantile(freedom) * sqrt(one + two)
    return Interval(d, d - half, d + half)


def t_quantile(freedom: float) -> float:
    """The 97.5 % point of Student's t by its expansion around the normal one: M. Abramowitz, I. A. Stegun, Handbook of Mathematical Functions (1964),
    26.7.5. Within 1 % from two degrees of freedom on."""
    if not isfinite(freedom) or freedom < 1:
        raise ValueError("There are no fewer degrees of freedom than one.")
    z, n = Z, freedom
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return z + sum(term / n ** (power + 1) for power, term in enumerate(terms))


def tells(difference: Interval | None) -> bool:
    """Whether chance alone would seldom make this difference: nought is not within its bounds."""
    if difference is None or difference.low is None or difference.high is None:
        return False
    return difference.low > 0 or difference.high < 0
