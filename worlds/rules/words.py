"""Sentences for verdicts and changes, made at the edge from codes and values, so that they can be translated."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .conditions import Verdict

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class Names:
    """What things are called: key → title, for each kind of thing a sentence names."""

    flags: Mapping[str, str] = field(default_factory=dict)
    stats: Mapping[str, str] = field(default_factory=dict)
    items: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)
    people: Mapping[str, str] = field(default_factory=dict)
    tiers: Mapping[str, str] = field(default_factory=dict)
    nodes: Mapping[str, str] = field(default_factory=dict)


def title(key: str) -> str:
    """`intimacy_level` → "Intimacy level"."""
    return key.replace("_", " ").strip().capitalize()


def number(value: Any) -> str:
    """A number as people write it: no ".0", a real minus sign."""
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return text.replace("-", "−")


def either(words: Iterable[str]) -> str:
    """ "a", "a or b", "a, b or c"."""
    found = list(words)
    return found[0] if len(found) == 1 else f"{', '.join(found[:-1])} or {found[-1]}" if found else "nothing"


def span(seconds: int) -> str:
    """A length of time: "51 min", "2 h 5 min", "3 days"."""
    minutes = -(-seconds // 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {rest} min" if rest else f"{hours} h"
    return f"{round(hours / 24)} days"


def hhmm(second: int) -> str:
    return f"{second // 3600:02d}:{second % 3600 // 60:02d}"


def reason(verdict: Verdict, names: Names) -> str:
    """One sentence for a player about one clause: what is needed, and what there is."""
    sentence = SENTENCES.get(verdict.code)
    return sentence(verdict, names) if sentence else title(verdict.code)


def first_reason(verdicts: Iterable[Verdict], names: Names) -> str:
    """The first unmet clause in words; empty when all are met."""
    return next((reason(v, names) for v in verdicts if not v.met), "")


def _axis(word: str) -> Callable[[Verdict, Names], str]:
    def sentence(v: Verdict, names: Names) -> str:
        had = "" if v.had is None else f" – you have {number(v.had)}"
        return f"Need {title(v.subject).lower()} {word}{number(v.needed)}{had}"

    return sentence


def _stat(v: Verdict, names: Names) -> str:
    bounds = v.needed
    name = names.stats.get(v.subject, title(v.subject)).lower()
    had = "" if v.had is None else f" – you have {number(v.had)}"
    if bounds["min"] is not None and (v.had is None or v.had < bounds["min"]):
        return f"Need {name} {number(bounds['min'])}{had}"
    return f"Need {name} at most {number(bounds['max'])}{had}"


def _parts(v: Verdict, names: Names, *, joined: str) -> str:
    return joined.join(reason(part, names) for part in v.parts if not part.met) or "Not now"


SENTENCES: dict[str, Callable[[Verdict, Names], str]] = {
    "min_axis": _axis(""),
    "max_axis": _axis("at most "),
    "min_tier": lambda v, n: f"Need to be {n.tiers.get(str(v.needed), str(v.needed).replace('_', ' '))}",
    "flag": lambda v, n: f"Not before: {n.flags.get(v.subject, title(v.subject))}",
    "not_flag": lambda v, n: f"No longer: {n.flags.get(v.subject, title(v.subject))}",
    "stat": _stat,
    "item": lambda v, n: f"Need {number(v.needed)} × {n.items.get(v.subject, title(v.subject))} – you have {number(v.had)}",
    "mood": lambda v, n: f"Only when {either(v.needed)}" + (f" – now {v.had}" if v.had else ""),
    "location": lambda v, n: f"Only at {either(n.places.get(p, title(p)) for p in v.needed)}",
    "time": lambda v, n: f"Open {hhmm(v.needed['from'])}–{hhmm(v.needed['to'])}",
    "days": lambda v, n: f"Only on {either(WEEKDAYS[int(day) - 1] for day in v.needed)}",
    "npc_present": lambda v, n: f"{n.people.get(v.subject, title(v.subject) or 'Nobody')} is not here",
    "npc_absent": lambda v, n: f"{n.people.get(v.subject, title(v.subject))} is here",
    "seen": lambda v, n: "You have not been there yet",
    "not_seen": lambda v, n: "You have been there already",
    "feature": lambda v, n: f"This world has no {title(v.subject).lower()}",
    "romance": lambda v, n: "No romance here",
    "cooldown": lambda v, n: f"Again in {span(v.had)}",
    "once": lambda v, n: "Only once",
    "busy": lambda v, n: "First finish the present scene",
    "broken": lambda v, n: "Not available",
    "any": lambda v, n: _parts(v, n, joined=", or "),
    "all": lambda v, n: _parts(v, n, joined="; "),
    "not": lambda v, n: "Not now",
}


def standing(verdict: Verdict, names: Names) -> str:
    """How it stands with what a clause asks for, in a word or two: "35", "acquaintance", "Harbor Docks", "16:00"; empty for combinations."""
    told = STANDING.get(verdict.code)
    return "" if told is None or verdict.had is None else told(verdict, names)


def _yes(v: Verdict, names: Names) -> str:
    return "yes" if v.had else "no"


STANDING: dict[str, Callable[[Verdict, Names], str]] = {
    "min_axis": lambda v, n: number(v.had),
    "max_axis": lambda v, n: number(v.had),
    "min_tier": lambda v, n: n.tiers.get(str(v.had), str(v.had).replace("_", " ")),
    "flag": lambda v, n: "set" if v.had else "not set",
    "not_flag": lambda v, n: "set" if v.had else "not set",
    "stat": lambda v, n: number(v.had),
    "item": lambda v, n: number(v.had),
    "mood": lambda v, n: str(v.had),
    "location": lambda v, n: n.places.get(str(v.had), title(str(v.had))) or "nowhere",
    "time": lambda v, n: hhmm(v.had),
    "days": lambda v, n: WEEKDAYS[int(v.had) - 1],
    "npc_present": _yes,
    "npc_absent": _yes,
    "seen": _yes,
    "not_seen": _yes,
    "feature": _yes,
    "romance": lambda v, n: "no romance here",
    "cooldown": lambda v, n: f"again in {span(v.had)}" if v.had else "free",
    "once": lambda v, n: "used" if v.had else "not used",
}
