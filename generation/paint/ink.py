"""A canvas in design units with anti-aliased shapes, soft edges and tapered lines.

Shapes become coverage masks (drawn three times too large by Pillow, then reduced) over their own bounding box
only; colour goes on in NumPy, so a fill may be a flat colour, a gradient or a whole picture.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from .colour import Colour
from .noise import Field, smoothstep

Point = tuple[float, float]
Points = Sequence[Point]
OVERSAMPLE = 3


@dataclass(frozen=True, slots=True)
class Patch:
    """Coverage 0–1 over a rectangle of the canvas, in pixels from (left, top)."""

    left: int
    top: int
    cover: Field

    @property
    def window(self) -> tuple[slice, slice]:
        high, wide = self.cover.shape
        return slice(self.top, self.top + high), slice(self.left, self.left + wide)

    def times(self, other: Field | float) -> Patch:
        return Patch(self.left, self.top, (self.cover * other).astype(np.float32))


def curve(points: Points, *, closed: bool = True, steps: int = 10) -> list[Point]:
    """A smooth line through the points (centripetal enough: Catmull-Rom), `steps` pieces between two of them."""
    count = len(points)
    if count < 3:
        return list(points)
    out: list[Point] = []
    spans = count if closed else count - 1
    for i in range(spans):
        if closed:
            p0, p1, p2, p3 = (points[(i + k - 1) % count] for k in range(4))
        else:
            p0, p1 = points[max(0, i - 1)], points[i]
            p2, p3 = points[i + 1], points[min(count - 1, i + 2)]
        for step in range(steps):
            t = step / steps
            out.append(tuple(_catmull(p0[a], p1[a], p2[a], p3[a], t) for a in (0, 1)))  # type: ignore[arg-type]
    if not closed:
        out.append(points[-1])
    return out


def _catmull(a: float, b: float, c: float, d: float, t: float) -> float:
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)


def ellipse(x: float, y: float, rx: float, ry: float, *, turn: float = 0.0, count: int = 40) -> list[Point]:
    """An ellipse as points; turn in degrees."""
    c, s = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    out = []
    for i in range(count):
        a = 2 * math.pi * i / count
        px, py = rx * math.cos(a), ry * math.sin(a)
        out.append((x + px * c - py * s, y + px * s + py * c))
    return out


def rect(x0: float, y0: float, x1: float, y1: float) -> list[Point]:
    return [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]


def ribbon(points: Points, widths: Sequence[float]) -> list[Point]:
    """The outline of a line whose width runs through `widths` along its length (a tapered stroke)."""
    count = len(points)
    left: list[Point] = []
    right: list[Point] = []
    for i, (x, y) in enumerate(points):
        ax, ay = points[max(0, i - 1)]
        bx, by = points[min(count - 1, i + 1)]
        length = math.hypot(bx - ax, by - ay) or 1.0
        at = i / max(1, count - 1) * (len(widths) - 1)
        j = min(int(at), len(widths) - 2) if len(widths) > 1 else 0
        half = (widths[j] + (widths[min(j + 1, len(widths) - 1)] - widths[j]) * (at - j)) / 2
        nx, ny = -(by - ay) / length * half, (bx - ax) / length * half
        left.append((x + nx, y + ny))
        right.append((x - nx, y - ny))
    return left + right[::-1]


class Canvas:
    """Colour (3, h, w) and alpha (h, w) as floats. `scale` pixels per design unit; `origin` is the top left corner."""

    def __init__(self, size: tuple[float, float], scale: float, origin: Point = (0.0, 0.0)) -> None:
        self.scale = scale
        self.origin = origin
        self.width = max(1, round(size[0] * scale))
        self.height = max(1, round(size[1] * scale))
        self.rgb: Field = np.zeros((3, self.height, self.width), dtype=np.float32)
        self.alpha: Field = np.zeros((self.height, self.width), dtype=np.float32)

    def like(self) -> Canvas:
        """An empty canvas of the same extent."""
        twin = Canvas.__new__(Canvas)
        twin.scale, twin.origin, twin.width, twin.height = self.scale, self.origin, self.width, self.height
        twin.rgb, twin.alpha = np.zeros_like(self.rgb), np.zeros_like(self.alpha)
        return twin

    # -- where things are

    def px(self, x: float) -> float:
        return (x - self.origin[0]) * self.scale

    def py(self, y: float) -> float:
        return (y - self.origin[1]) * self.scale

    def xs(self) -> Field:
        """Design x of every column."""
        return ((np.arange(self.width, dtype=np.float32) + 0.5) / self.scale + self.origin[0]).astype(np.float32)

    def ys(self) -> Field:
        """Design y of every row."""
        return ((np.arange(self.height, dtype=np.float32) + 0.5) / self.scale + self.origin[1]).astype(np.float32)

    # -- masks

    def mask(self, *shapes: Points, blur: float = 0.0, holes: Sequence[Points] = ()) -> Patch:
        """Coverage of the union of closed shapes, minus holes; blur in design units."""
        spread = blur * self.scale * 2.6 + 2
        xs = [self.px(x) for shape in shapes for x, _ in shape]
        ys = [self.py(y) for shape in shapes for _, y in shape]
        left = max(0, math.floor(min(xs) - spread))
        top = max(0, math.floor(min(ys) - spread))
        right = min(self.width, math.ceil(max(xs) + spread))
        bottom = min(self.height, math.ceil(max(ys) + spread))
        if right <= left or bottom <= top:
            return Patch(0, 0, np.zeros((0, 0), dtype=np.float32))
        factor = OVERSAMPLE if blur * self.scale < 4 else 1
        size = ((right - left) * factor, (bottom - top) * factor)
        image = Image.new("L", size, 0)
        draw = ImageDraw.Draw(image)
        for value, group in ((255, shapes), (0, holes)):
            for shape in group:
                draw.polygon([((self.px(x) - left) * factor, (self.py(y) - top) * factor) for x, y in shape], fill=value)
        if factor > 1:
            image = image.reduce(factor)
        if blur * self.scale >= 0.3:
            image = image.filter(ImageFilter.GaussianBlur(blur * self.scale))
        return Patch(left, top, np.asarray(image, dtype=np.float32) / 255.0)

    def glow(self, x: float, y: float, rx: float, ry: float | None = None, *, power: float = 2.0) -> Patch:
        """A round falloff from 1 at the centre to 0 at the radius."""
        ry = rx if ry is None else ry
        left, right = max(0, math.floor(self.px(x - rx))), min(self.width, math.ceil(self.px(x + rx)))
        top, bottom = max(0, math.floor(self.py(y - ry))), min(self.height, math.ceil(self.py(y + ry)))
        if right <= left or bottom <= top:
            return Patch(0, 0, np.zeros((0, 0), dtype=np.float32))
        dx = (self.xs()[left:right] - x) / rx
        dy = (self.ys()[top:bottom] - y) / ry
        distance = np.sqrt(dx[None, :] ** 2 + dy[:, None] ** 2)
        return Patch(left, top, (np.clip(1 - distance, 0, 1) ** power).astype(np.float32))

    # -- paint

    def lay(self, patch: Patch, colour: Colour | Field, alpha: float = 1.0) -> None:
        """Paint over: colour may be (3, h, w) of the patch."""
        if not patch.cover.size:
            return
        rows, columns = patch.window
        cover = patch.cover * alpha
        paint = np.asarray(colour, dtype=np.float32)
        paint = paint[:, None, None] if paint.ndim == 1 else paint
        below = self.alpha[rows, columns]
        out = cover + below * (1 - cover)
        share = np.where(out > 1e-5, cover / np.maximum(out, 1e-5), 0.0)
        self.rgb[:, rows, columns] += (paint - self.rgb[:, rows, columns]) * share
        self.alpha[rows, columns] = out

    def fill(self, shape: Points, colour: Colour, *, alpha: float = 1.0, blur: float = 0.0) -> None:
        self.lay(self.mask(shape, blur=blur), colour, alpha)

    def gradient(self, shape: Points, top: Colour, bottom: Colour, *, across: bool = False, blur: float = 0.0) -> None:
        """Fill from top to bottom (or left to right) of the shape's box."""
        patch = self.mask(shape, blur=blur)
        if not patch.cover.size:
            return
        high, wide = patch.cover.shape
        t = np.linspace(0, 1, wide if across else high, dtype=np.float32)
        where = np.broadcast_to(t[None, :] if across else t[:, None], (high, wide))
        a, b = np.array(top, np.float32)[:, None, None], np.array(bottom, np.float32)[:, None, None]
        self.lay(patch, (a + (b - a) * where).astype(np.float32))

    def inside(self, patch: Patch, colour: Colour, alpha: float = 1.0) -> None:
        """Tint only what is painted already; alpha stays."""
        if not patch.cover.size:
            return
        rows, columns = patch.window
        paint = np.array(colour, dtype=np.float32)[:, None, None]
        self.rgb[:, rows, columns] += (paint - self.rgb[:, rows, columns]) * (patch.cover * alpha)

    def shade(self, patch: Patch, factor: Colour, alpha: float = 1.0) -> None:
        """Multiply what is painted by a colour (shadow)."""
        if not patch.cover.size:
            return
        rows, columns = patch.window
        paint = np.array(factor, dtype=np.float32)[:, None, None] - 1
        self.rgb[:, rows, columns] *= 1 + paint * (patch.cover * alpha)

    def light(self, patch: Patch, colour: Colour, alpha: float = 1.0) -> None:
        """Screen light onto what is painted; alpha stays."""
        if not patch.cover.size:
            return
        rows, columns = patch.window
        paint = np.array(colour, dtype=np.float32)[:, None, None] * (patch.cover * alpha)
        self.rgb[:, rows, columns] = 1 - (1 - self.rgb[:, rows, columns]) * (1 - paint)

    def line(self, points: Points, width: float, colour: Colour, *, alpha: float = 1.0, taper: bool = False) -> None:
        widths = (0.15 * width, width, 0.15 * width) if taper else (width, width)
        self.fill(ribbon(points, widths), colour, alpha=alpha)

    def edge(self, dx: float, dy: float, *, soft: float = 0.0) -> Patch:
        """Where the painted shape ends towards (dx, dy), in design units: the place of a rim light."""
        shifted = _shift(self.alpha, -dx * self.scale, -dy * self.scale)
        rim = np.clip(self.alpha - shifted, 0, 1)
        if soft:
            image = Image.fromarray((rim * 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(soft * self.scale))
            rim = np.asarray(image, dtype=np.float32) / 255 * self.alpha
        return Patch(0, 0, rim.astype(np.float32))

    def whole(self, field: Field) -> Patch:
        return Patch(0, 0, field.astype(np.float32))

    def over(self, other: Canvas, alpha: float = 1.0) -> None:
        """Lay another canvas of the same extent over this one."""
        self.lay(Patch(0, 0, other.alpha), other.rgb, alpha)

    def clip(self, patch: Patch) -> None:
        """Keep only what the patch covers."""
        keep = np.zeros_like(self.alpha)
        rows, columns = patch.window
        keep[rows, columns] = patch.cover
        self.alpha *= keep

    def soften(self, radius: float) -> None:
        """Blur everything (out of focus); radius in design units."""
        radius *= self.scale
        if radius < 0.3:
            return
        blurred = [_gauss(plane, radius) for plane in (*(self.rgb * self.alpha), self.alpha)]
        self.alpha = blurred[3]
        self.rgb = (np.stack(blurred[:3]) / np.maximum(blurred[3], 1e-4)).astype(np.float32)


def _gauss(plane: Field, radius: float) -> Field:
    image = Image.fromarray(np.rint(np.clip(plane, 0, 1) * 255).astype(np.uint8))
    return (np.asarray(image.filter(ImageFilter.GaussianBlur(radius)), dtype=np.float32) / 255).astype(np.float32)


def _shift(field: Field, dx: float, dy: float) -> Field:
    """Move by whole pixels, zeros come in."""
    out = np.zeros_like(field)
    x, y = round(dx), round(dy)
    high, wide = field.shape
    if abs(x) >= wide or abs(y) >= high:
        return out
    out[max(0, y) : high + min(0, y), max(0, x) : wide + min(0, x)] = field[max(0, -y) : high + min(0, -y), max(0, -x) : wide + min(0, -x)]
    return out


def vignette(width: int, height: int, strength: float) -> Field:
    """1 in the middle, falling towards the corners by `strength` (0–1)."""
    x = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    return (1 - strength * smoothstep(0.55, 1.5, np.sqrt(x * x + y * y * 0.9))).astype(np.float32)
