"""A canvas that moves with the head: points are turned about the neck and mirrored with the sitter."""

from __future__ import annotations

import math
from collections.abc import Sequence

from generation.paint.colour import Colour
from generation.paint.ink import Canvas, Patch, Point, Points, curve, ellipse, ribbon

WIDTH, HEIGHT = 600.0, 800.0
PIVOT: Point = (336.0, 430.0)


class Pen:
    """Draws on one layer. roll in degrees about the neck, sink in units; flip mirrors left and right."""

    def __init__(self, canvas: Canvas, *, roll: float = 0.0, sink: float = 0.0, flip: bool = False) -> None:
        self.c = canvas
        self.cos, self.sin = math.cos(math.radians(roll)), math.sin(math.radians(roll))
        self.sink, self.flip = sink, flip

    def to(self, canvas: Canvas) -> Pen:
        """The same movement on another layer."""
        twin = Pen(canvas, sink=self.sink, flip=self.flip)
        twin.cos, twin.sin = self.cos, self.sin
        return twin

    def point(self, x: float, y: float) -> Point:
        dx, dy = x - PIVOT[0], y - PIVOT[1]
        px = PIVOT[0] + dx * self.cos - dy * self.sin
        py = PIVOT[1] + dx * self.sin + dy * self.cos + self.sink
        return (WIDTH - px if self.flip else px, py)

    def points(self, shape: Points) -> list[Point]:
        return [self.point(x, y) for x, y in shape]

    def mask(self, *shapes: Points, blur: float = 0.0) -> Patch:
        return self.c.mask(*(self.points(shape) for shape in shapes), blur=blur)

    def fill(self, shape: Points, colour: Colour, *, alpha: float = 1.0, blur: float = 0.0) -> None:
        self.c.lay(self.mask(shape, blur=blur), colour, alpha)

    def smooth(self, shape: Points, colour: Colour, *, alpha: float = 1.0, blur: float = 0.0) -> None:
        self.fill(curve(shape), colour, alpha=alpha, blur=blur)

    def shade(self, shape: Points, factor: Colour, alpha: float = 1.0, *, blur: float = 6.0) -> None:
        """Multiply what is painted inside a smooth shape."""
        self.c.shade(self.mask(curve(shape), blur=blur), factor, alpha)

    def tint(self, shape: Points, colour: Colour, alpha: float = 1.0, *, blur: float = 6.0) -> None:
        """Colour what is painted inside a smooth shape."""
        self.c.inside(self.mask(curve(shape), blur=blur), colour, alpha)

    def light(self, shape: Points, colour: Colour, alpha: float = 1.0, *, blur: float = 6.0) -> None:
        self.c.light(self.mask(curve(shape), blur=blur), colour, alpha)

    def stroke(self, line: Points, widths: Sequence[float], colour: Colour, *, alpha: float = 1.0, blur: float = 0.0, steps: int = 8) -> None:
        """A smooth tapered line over what is painted or not."""
        self.fill(ribbon(curve(line, closed=False, steps=steps), widths), colour, alpha=alpha, blur=blur)

    def crease(self, line: Points, widths: Sequence[float], colour: Colour, *, alpha: float = 1.0, blur: float = 0.8) -> None:
        """A smooth tapered line on what is painted only."""
        self.c.inside(self.mask(ribbon(curve(line, closed=False), widths), blur=blur), colour, alpha)

    def disc(self, x: float, y: float, rx: float, ry: float | None = None, turn: float = 0.0) -> list[Point]:
        return ellipse(x, y, rx, rx if ry is None else ry, turn=turn)
