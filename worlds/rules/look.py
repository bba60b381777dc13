"""A world's own few colours as tokens of the pages. What could not be read is moved towards black or white until it can (WCAG 2: 4.5 to 1)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

Color = tuple[int, int, int]
READABLE = 4.5
GLASS = 0.9  # how much of a panel's own colour is left where it lies over a picture, which may be anything from black to white
BLACK, WHITE = (0, 0, 0), (255, 255, 255)
DARK_GROUND, LIGHT_GROUND = (22, 28, 46), (250, 248, 243)  # the pages' own panels, night and day
_HEX = re.compile(r"#([0-9a-fA-F]{2})([0-9a-fA-F]{2})([0-9a-fA-F]{2})")


def color(text: Any) -> Color | None:
    found = _HEX.fullmatch(text) if isinstance(text, str) else None
    return (int(found[1], 16), int(found[2], 16), int(found[3], 16)) if found else None


def luminance(of: Color) -> float:
    """Relative luminance, 0–1 (WCAG 2.2)."""
    parts = [value / 255 for value in of]
    red, green, blue = (value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Color, other: Color) -> float:
    """1–21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def readable(wanted: Color, *grounds: Color) -> Color:
    """The colour itself where it can be read on every ground, else the nearest one towards the better of black and white that can."""
    goal = max((BLACK, WHITE), key=lambda end: min(contrast(end, ground) for ground in grounds))
    for step in range(21):
        found = mix(wanted, goal, step / 20)
        if all(contrast(found, ground) >= READABLE for ground in grounds):
            return found
    return goal


def mix(one: Color, other: Color, share: float) -> Color:
    return (
        round(one[0] + (other[0] - one[0]) * share),
        round(one[1] + (other[1] - one[1]) * share),
        round(one[2] + (other[2] - one[2]) * share),
    )


def stylesheet(look: Mapping[str, Any]) -> str:
    """The manifest's `look` as CSS; empty where it says nothing that can be read."""
    tokens = _tokens({name: found for name in ("accent", "background", "panel", "text") if (found := color(look.get(name)))})
    if not tokens:
        return ""
    return "@layer tokens {\n  :root {\n" + "".join(f"    {name}: {value};\n" for name, value in tokens.items()) + "  }\n}\n"


def _tokens(look: Mapping[str, Color]) -> dict[str, str]:
    found: dict[str, str] = {}
    accent, ground, panel = look.get("accent"), look.get("background"), look.get("panel")
    ground, panel = ground or panel, panel or ground
    if ground and panel:
        panel = panel if _same_side(panel, ground) else ground
        text = _on(ground, panel, look.get("text") or max((BLACK, WHITE), key=lambda end: contrast(end, ground)))
        found |= {
            "color-scheme": "dark" if luminance(ground) < 0.18 else "light",
            "--ground": _css(ground),
            "--ground-2": _css(mix(ground, panel, 0.5)),
            "--veil": _css(ground),
            "--raised": _css(panel),
            "--glass-solid": _css(panel),
            "--glass": f"rgb({panel[0]} {panel[1]} {panel[2]} / {GLASS})",
            "--ink": _css(text),
            "--ink-2": _css(_on(ground, panel, mix(text, panel, 0.25))),
        }
    if accent:
        lamp = _css(_on(ground, panel, accent)) if ground and panel else ""
        found |= {
            "--lamp": lamp or f"light-dark({_css(readable(accent, LIGHT_GROUND))}, {_css(readable(accent, DARK_GROUND))})",
            "--lamp-fill": _css(accent),
            "--meter": "var(--lamp)",
            "--hover": f"rgb({accent[0]} {accent[1]} {accent[2]} / 0.15)",
            "--lamp-ink": _css(max((BLACK, WHITE), key=lambda end: contrast(end, accent))),
        }
    return found


def _on(ground: Color, panel: Color, wanted: Color) -> Color:
    """Readable also where the panel lies over a picture; where no colour is, for the panel is neither dark nor light, on ground and panel alone."""
    grounds = (ground, *over_pictures(panel))
    found = readable(wanted, *grounds)
    return found if all(contrast(found, one) >= READABLE for one in grounds) else readable(wanted, ground, panel)


def over_pictures(panel: Color) -> tuple[Color, Color, Color]:
    """A panel by itself, over black and over white."""
    return panel, mix(BLACK, panel, GLASS), mix(WHITE, panel, GLASS)


def _same_side(one: Color, other: Color) -> bool:
    """Whether there is one colour of text that can be read on both."""
    return any(min(contrast(end, one), contrast(end, other)) >= READABLE for end in (BLACK, WHITE))


def _css(of: Color) -> str:
    return f"#{of[0]:02x}{of[1]:02x}{of[2]:02x}"
