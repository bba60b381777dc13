"""Drives: needs that grow by the hour and are met by what the schedule has somebody do.

A drive is stored as (value, at) and worked out when read, never ticked.
"""

from __future__ import annotations

import re

from .clock import DAY, Clock
from .schedules import Schedule
from .stats import Axis

LOOK_BACK = 14 * DAY
HOUR = 3600


def activity_relief(axis: Axis, activity: str) -> float:
    """How much of the drive an activity takes away per hour: the axis's own data, matched by the words of the activity ("having lunch")."""
    words = set(re.split(r"[^a-z]+", activity.lower()))
    return max((amount for name, amount in axis.relief if name in words), default=0)


def drive_at(axis: Axis, value: float, at: int, schedule: Schedule, clock: Clock, world_time: int) -> int:
    """The drive at `world_time` if it was `value` at `at`, in whole points.

    Per hour it changes by the drift less the relief of the slot's activity and never leaves its range on the way. Looks back 14 days at
    most: what lies further back counts as `value` then.
    """
    start = max(at, world_time - LOOK_BACK)
    low, high = axis.minimum * HOUR, axis.maximum * HOUR
    total = min(max(value * HOUR, low), high)  # in points × seconds per hour: whole numbers stay exact
    if start < world_time:
        if axis.relief and schedule:
            rates = {"": axis.drift}
            for seconds, activity in schedule.activities(clock, start, world_time):
                rate = rates.get(activity)
                if rate is None:
                    rate = rates[activity] = axis.drift - activity_relief(axis, activity)
                total = min(max(total + rate * seconds, low), high)
        else:
            total = min(max(total + axis.drift * (world_time - start), low), high)
    return int(axis.clamp(total / HOUR))
