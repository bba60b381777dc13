"""The plot of a crowd of random players as an SVG file: endings as bars, affinity of every NPC as a histogram. Pure; no style, no script."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

WIDTH, ROW, LEFT, RIGHT = 760, 30, 230, 70
INK, QUIET, LAMP, GROUND = "#2b3244", "#7a8398", "#c98a2b", "#f6f3ec"
FONT = 'font-family="system-ui, sans-serif" font-size="13"'


def plot(result: Mapping[str, Any]) -> str:
    """Wide enough for a page, readable on light and dark ground because it brings its own. The same numbers stand in tables beside it."""
    endings = [(each["label"], each["players"]) for each in result["endings"]] + [("No ending", result["no_ending"])]
    players = max(result["players"], 1)
    rows = [_bar(number, label, count, players) for number, (label, count) in enumerate(endings)]
    top = 50 + len(endings) * ROW + 40
    people = list(result["affinity"].values())
    rows += [_histogram(top + 20 + number * (ROW + 18), person) for number, person in enumerate(people)]
    height = top + 40 + len(people) * (ROW + 18)
    heads = _text(20, 30, "How it ends", INK, bold=True) + (_text(20, top, "Affinity at the end", INK, bold=True) if people else "")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">'
        f"<title>Endings and affinity of {result['players']} random players</title>"
        f'<rect width="{WIDTH}" height="{height}" rx="10" fill="{GROUND}"/>{heads}{"".join(rows)}</svg>'
    )


def _text(x: float, y: float, text: str, fill: str, *, anchor: str = "start", bold: bool = False) -> str:
    weight = ' font-weight="600"' if bold else ""
    return f'<text x="{x:g}" y="{y:g}" fill="{fill}" text-anchor="{anchor}"{weight} {FONT}>{escape(text)}</text>'


def _bar(number: int, label: str, count: int, players: int) -> str:
    y = 50 + number * ROW
    wide = (WIDTH - LEFT - RIGHT) * count / players
    return (
        _text(LEFT - 12, y + 14, label if len(label) < 32 else label[:30] + "…", INK, anchor="end")
        + f'<rect x="{LEFT}" y="{y}" width="{max(wide, 1):.1f}" height="18" rx="3" fill="{LAMP}"/>'
        + _text(LEFT + wide + 8, y + 14, f"{count / players:.1%}", QUIET)
    )


def _histogram(y: float, person: Mapping[str, Any]) -> str:
    bins = person["histogram"]
    most = max((count for _, count in bins), default=0) or 1
    wide = (WIDTH - LEFT - RIGHT) / max(len(bins), 1)
    bars = "".join(_column(LEFT + index * wide, y + 26, wide - 1, 26 * count / most) for index, (_, count) in enumerate(bins) if count)
    line = f'<line x1="{LEFT}" y1="{y + 26:g}" x2="{WIDTH - RIGHT}" y2="{y + 26:g}" stroke="{QUIET}" stroke-width="1"/>'
    ends = _text(LEFT, y + 40, f"{bins[0][0]:g}", QUIET) + _text(WIDTH - RIGHT, y + 40, f"{-bins[0][0]:g}", QUIET, anchor="end") if bins else ""
    return _text(LEFT - 12, y + 20, person["name"], INK, anchor="end") + bars + line + ends


def _column(x: float, foot: float, wide: float, high: float) -> str:
    return f'<rect x="{x:.1f}" y="{foot - high:.1f}" width="{wide:.1f}" height="{high:.1f}" fill="{LAMP}"/>'
