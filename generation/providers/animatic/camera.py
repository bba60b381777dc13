"""Camera moves over a clip: from seconds to position and zoom."""

from __future__ import annotations

import math

from .stage import Camera

REACH_X, REACH_Y = 118.0, 44.0  # inside the stage's margins even for layers nearer than the stage (depth 1.45)


def _ease(beat: float) -> float:
    """A move that starts and ends gently but is never still: mostly linear."""
    return 0.65 * beat + 0.35 * beat * beat * (3 - 2 * beat)


def camera_at(move: str, t: float, duration: float) -> Camera:
    """Where the camera is `t` seconds into a clip. Unknown moves are static."""
    beat = _ease(min(1.0, max(0.0, t / duration)))
    if move == "pan":
        return Camera(x=REACH_X * (2 * beat - 1))
    if move == "pan left":
        return Camera(x=REACH_X * (1 - 2 * beat))
    if move == "push in":
        return Camera(y=-8 * beat, zoom=1.0 + 0.24 * beat)
    if move == "pull out":
        return Camera(y=-8 * (1 - beat), zoom=1.24 - 0.24 * beat)
    if move == "tilt":
        return Camera(y=REACH_Y * (1 - 2 * beat))
    if move == "tilt down":
        return Camera(y=REACH_Y * (2 * beat - 1))
    if move == "handheld":
        x = 9 * math.sin(1.9 * t) + 5 * math.sin(4.3 * t + 1) + 2.2 * math.sin(9.1 * t + 2)
        y = 6 * math.sin(2.3 * t + 0.5) + 3.5 * math.sin(5.2 * t + 2) + 1.6 * math.sin(10.3 * t)
        return Camera(x=x, y=y, zoom=1.0)
    return Camera()
