"""Form fields for traits: numbers that slide, lists of words, pairs of a name and a number. Each is text that a script may dress up."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from pixsim.lib import strict_json
from pixsim.lib.errors import Invalid
from pixsim.lib.fields import KEY_PATTERN
from worlds.rules.stats import Axis, Tiers

Json = dict[str, Any]


class Slider(forms.NumberInput):
    """A number with words: at its ends, or for every value of it. Empty means what is inherited."""

    def __init__(self, *, low: float, high: float, step: float, ends: tuple[str, str] | None = None, words: Sequence[str] = (), **attrs: Any) -> None:
        told = {"data-ends": json.dumps(ends)} if ends else {}
        told |= {"data-words": json.dumps(words)} if words else {}
        super().__init__({"min": low, "max": high, "step": step, "class": "slider-number", "data-slider": "", **told, **attrs})

    def inherit(self, value: float, origin: str) -> None:
        self.attrs |= {"placeholder": f"{value:g}", "data-inherited": f"{value:g}", "data-origin": origin}


def axis_slider(axis: Axis, tiers: Tiers | None) -> Slider:
    """A slider over an axis. The words of its tiers come from the server, one for each step, so that no page knows where a tier begins."""
    steps = round((axis.maximum - axis.minimum) / axis.step) + 1 if axis.step else 0
    words = [tiers.of(axis.minimum + number * axis.step).title for number in range(steps)] if tiers and 1 < steps <= 401 else []
    slider = Slider(low=axis.minimum, high=axis.maximum, step=axis.step or 1, words=words)
    slider.inherit(axis.default, "the world")
    return slider


class Prose(forms.CharField):
    """Several lines, with the line ends of the document and not of the browser."""

    def __init__(self, *, rows: int = 3, **kwargs: Any) -> None:
        super().__init__(**{"required": False, "strip": False, "widget": forms.Textarea(attrs={"rows": rows}), **kwargs})

    def to_python(self, value: Any) -> str:
        return (super().to_python(value) or "").replace("\r\n", "\n")


class Words(forms.CharField):
    """A list of short texts, one on each line."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, "widget": forms.Textarea(attrs={"rows": 3, "data-words-list": ""}), **kwargs})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(map(str, value)) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        return [line.strip() for line in super().clean(value).splitlines() if line.strip()]


class Pairs(forms.CharField):
    """Names and numbers, `name: 60` on each line. `names` are offered, each with its title."""

    def __init__(self, *, whole: bool = False, **kwargs: Any) -> None:
        self.whole = whole
        super().__init__(**{"required": False, "widget": forms.Textarea(attrs={"rows": 3, "data-pairs": "", "spellcheck": "false"}), **kwargs})

    def offer(self, names: Mapping[str, str], *, first: str, second: str, only: bool = False) -> None:
        self.widget.attrs |= {"data-names": json.dumps(names), "data-first": first, "data-second": second, "data-only": "1" if only else ""}

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(f"{name}: {json.dumps(number)}" for name, number in value) if isinstance(value, list | tuple) else value

    def clean(self, value: Any) -> list[tuple[str, int | float]]:  # type: ignore[override]
        found: list[tuple[str, int | float]] = []
        for line in super().clean(value).splitlines():
            if not line.strip():
                continue
            name, _, number = (part.strip() for part in line.rpartition(":"))
            if not KEY_PATTERN.fullmatch(name):
                raise forms.ValidationError(f"“{line.strip()[:60]}”: write a name (small letters, digits and _), a colon and a number.", code="name")
            found.append((name, self._number(line, number)))
        return found

    def _number(self, line: str, text: str) -> int | float:
        try:
            value = strict_json.loads(text.encode())
        except Invalid:
            value = None
        if isinstance(value, bool) or not isinstance(value, int | float) or (self.whole and value != int(value)):
            raise forms.ValidationError(f"“{line.strip()[:60]}”: “{text[:20]}” is no {'whole ' if self.whole else ''}number.", code="number")
        return int(value) if self.whole else value
