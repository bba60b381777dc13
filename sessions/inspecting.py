"""A kept turn made readable: what was asked, phrase by phrase; why this line, why this mood; and two turns beside each other. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from worlds.rules.words import number

from .models import DialogueTurn
from .spec import WorldSpec

Json = dict[str, Any]
# First word of a source: what kind of thing it is, for a colour and a word.
KINDS: Final = {
    "personality": "trait", "npc": "person", "mood": "mood", "drives": "mood", "emotion": "mood", "relationships": "relationship",
    "memory": "memory", "place": "place", "time": "place", "scene": "scene", "interaction": "scene", "conversation": "said", "player": "said",
    "choice": "said", "rule": "rule",
}  # fmt: skip
WRITERS: Final = {"scripted": "Built-in scripted writer", "authored": "The author's own words", "openai": "A model"}
SOURCES: Final = {"relationships": "Relationship", "personality": "Personality", "drives": "Need", "emotion": "Emotion", "mood": "Mood"}
WHY: Final = {
    "per_turn": "More than one turn may move.",
    "per_day": "More than one day may move.",
    "bounds": "The axis ends there.",
    "unknown": "The world has no such thing.",
    "not_declared": "The author lets no model change it.",
    "romance": "No romance here.",
    "malformed": "It cannot be read.",
}
_COMMON: Final = frozenset(
    """
    about after again also always been before being cannot come could does doing done down each even every from give going good have here into
    just know like little long made make many more most much must never nothing only other over said same shall should some something such take
    talk than that their them then there these they thing things this those time under until upon very want well were what when where which while
    will with words would your yours yourself you're don't it's that's there's i've you've
    """.split()  # noqa: SIM905 – quoted one by one they would be harder to read
)


# -- figures ----------------------------------------------------------------------------------------------------------


def money(microdollars: int) -> str:
    """ "$0.0012"; a line that cost nothing is free."""
    return f"${microdollars / 1_000_000:.6f}".rstrip("0").rstrip(".") if microdollars else "free"


def writer_words(turn: DialogueTurn) -> str:
    name = WRITERS.get(turn.writer, turn.writer)
    return f"{name}: {turn.model}" if turn.model else name


def facts(turn: DialogueTurn) -> list[tuple[str, str]]:
    """What a turn was and cost, in words."""
    prompt = turn.prompt or {}
    used = f"{turn.prompt_tokens:,} in, {turn.completion_tokens:,} out" if turn.prompt_tokens or turn.completion_tokens else "none"
    rows = [
        ("Writer", writer_words(turn)),
        ("Instead of another", turn.fallback),
        ("Ways tried", " → ".join(map(str, turn.ladder))),
        ("Tokens", f"{used}{' (estimated)' if turn.is_estimated else ''}"),
        ("From the server's cache", f"{turn.cached_tokens:,} tokens" if turn.cached_tokens else ""),
        ("Cost", money(turn.cost)),
        ("Time", f"{turn.latency_ms:,} ms"),
        ("Prompt", _prompt_words(prompt)),
        ("Cut by the budget", ", ".join(dict.fromkeys(prompt.get("trimmed", ())))),
        ("Fingerprint", turn.prompt_sha256[:12]),
    ]
    return [(title, value) for title, value in rows if value]


def _prompt_words(prompt: Mapping[str, Any]) -> str:
    if not prompt.get("sections"):
        return ""
    counted = "estimated" if prompt.get("estimated") else f"counted by {prompt.get('counted_by', '')}"
    kept = "taken from the cache" if prompt.get("cached") else "built anew"
    return f"{prompt.get('tokens', 0):,} of {prompt.get('budget', 0):,} tokens and {prompt.get('schema_tokens', 0):,} of schema, {counted}; {kept}"


# -- the prompt -------------------------------------------------------------------------------------------------------


def sections(turn: DialogueTurn) -> list[Json]:
    """The sections as they were told, each phrase with its kind and sources, and the words the line shares with it."""
    told = (turn.prompt or {}).get("sections", ())
    total = sum(section["tokens"] for section in told) or 1
    spoken = _words(turn.text)
    return [
        {
            **section,
            "share": round(100 * section["tokens"] / total, 1),
            "pieces": [_piece(phrase) for phrase in section["phrases"]],
            "echoes": sorted(spoken & _words(section["text"])) if section["name"] not in _FORM else [],
        }
        for section in told
    ]


_FORM: Final = frozenset({"rules", "rating", "output schema"})
"""Sections whose words are about form: that the line shares a word with them says nothing."""


def _piece(phrase: Mapping[str, Any]) -> Json:
    sources = list(phrase["sources"])
    return {"text": phrase["text"], "sources": sources, "kind": KINDS.get(sources[0].partition(".")[0], "other") if sources else "",
            "told": ", ".join(map(source_words, sources))}  # fmt: skip


def source_words(source: str) -> str:
    """`personality.voice_style` → "personality: voice style"."""
    head, _, rest = source.partition(".")
    return f"{head}: {rest}".replace("_", " ") if rest else head


def _words(text: str) -> set[str]:
    return {word for word in re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)*", text.lower()) if len(word) > 3 and word not in _COMMON}


# -- why --------------------------------------------------------------------------------------------------------------


def why_this_line(turn: DialogueTurn, world: WorldSpec) -> list[str]:
    """Sentences: who wrote it and in whose place, which authored words are in it, and what of the prompt it takes up."""
    found = []
    if turn.outcome == DialogueTurn.Outcome.TRIED:
        found.append("It was tried out under a developer's overrides: the game itself knows nothing of it.")
    if turn.outcome == DialogueTurn.Outcome.LATE:
        found.append("It came too late: the turn was already over. It was paid for, and nothing of it happened.")
    lines = authored_in(turn, world)
    if turn.fallback:
        found.append(f"The scripted writer spoke in another's place: {turn.fallback}")
    if lines and turn.writer != "openai":
        found += [_authored_words(line) for line in lines]
    elif turn.writer == "scripted":
        style = str(_traits(turn, world).get("voice_style") or "")
        voice = f"in a voice for “{style}”" if style else "in a voice that fits the person's nature"
        found.append(f"No authored line fitted, or all that did had been said. The grammar composed it {voice}, from mood, tier, time and place.")
    elif turn.model:
        found.append(f"{turn.model} wrote it from the sections below.")
    echoed = [section for section in sections(turn) if section["echoes"]]
    if echoed:
        named = "; ".join(f"{section['name']} ({', '.join(section['echoes'][:4])})" for section in echoed[:5])
        found.append(f"It takes up words of: {named}.")
    if turn.emotion:
        found.append(f"It shows {turn.emotion}, as its writer proposed.")
    return found


def authored_in(turn: DialogueTurn, world: WorldSpec) -> list[Json]:
    """The authored lines or replies whose words are in the line, and from which level they come."""
    interaction = world.interactions(turn.npc_key).get(turn.interaction) if turn.npc_key in world.npc_keys else None
    if interaction is None:
        return []
    choice = interaction.choices.get(turn.choice)
    lines = choice.replies if choice is not None else interaction.lines
    part = "/choices" if choice is not None else "/lines"
    of = f"“{interaction.label}”, choice “{choice.label}”" if choice is not None else f"“{interaction.label}”"
    return [
        {"text": line["text"], "of": of, "level": interaction.origin.get(part, "world"), "mood": _listed(line.get("mood")),
         "tier": _listed(line.get("tier")), "conditional": bool(line.get("conditions"))}
        for line in lines
        if line.get("text") and line["text"] in turn.text
    ]  # fmt: skip


def _authored_words(line: Mapping[str, Any]) -> str:
    bound = [f"mood {' or '.join(line['mood'])}"] if line["mood"] else []
    bound += [f"tier {' or '.join(tier.replace('_', ' ') for tier in line['tier'])}"] if line["tier"] else []
    bound += ["conditions of its own"] if line["conditional"] else []
    level = {"npc": "this person", "role": "the role", "world": "the world"}.get(line["level"], line["level"])
    return f"The author wrote “{line['text']}” for {line['of']} of {level}, bound to {', '.join(bound) or 'nothing'}."


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else [str(each) for each in value or ()]


def _traits(turn: DialogueTurn, world: WorldSpec) -> Mapping[str, Any]:
    return world.npc(turn.npc_key).personality if turn.npc_key in world.npc_keys else {}


def mood_sum(mood: Mapping[str, Any]) -> list[Json]:
    """Every contribution with its points towards valence and arousal; they add up to the two totals. No −0."""
    rows: dict[tuple[str, str], Json] = {}
    for part in mood.get("because", ()):
        row = rows.setdefault(
            (part["source"], part["axis"]),
            {
                "source": SOURCES.get(part["source"], part["source"]),
                "axis": part["axis"].replace("_", " ").capitalize(),
                "value": number(part["value"] or 0),
            },
        )
        row[part["towards"]] = {"weight": number(part["weight"]), "points": number(part["points"] or 0)}
    return list(rows.values())


def cuts(turn: DialogueTurn) -> list[Json]:
    """What was cut down or refused of a proposal, in words."""
    return [
        {"what": source_words(str(cut.get("path", ""))), "wanted": _value(cut.get("wanted")), "got": _value(cut.get("got")) or "nothing",
         "why": WHY.get(str(cut.get("why")), str(cut.get("why", "")))}
        for cut in turn.result.get("clamped", ())
    ]  # fmt: skip


def _value(value: Any) -> str:
    if value is None or value == "":
        return ""
    return number(value) if isinstance(value, int | float) and not isinstance(value, bool) else "set" if value is True else str(value)


def mood_words(mood: Mapping[str, Any]) -> str:
    """Which of the ways the label was named."""
    label = mood.get("current_emotion", "neutral")
    felt = [part for part in mood.get("because", ()) if part["source"] == "emotion" and part["axis"] == label]
    if felt:
        return f"A fresh emotion names it: {label}, {felt[0]['value']:g} strong."
    return f"Valence {mood.get('valence', 0):g} and arousal {mood.get('arousal', 0):g} lie in the region “{label}”."


# -- two beside each other --------------------------------------------------------------------------------------------


def compared(left: DialogueTurn, right: DialogueTurn) -> Json:
    """Facts, sections and moods of two turns side by side; what only one of them has is marked."""
    ours, theirs = dict(facts(left)), dict(facts(right))
    titles = list(dict.fromkeys([*ours, *theirs]))
    mine, other = ({section["name"]: section for section in sections(turn)} for turn in (left, right))
    names = list(dict.fromkeys([*mine, *other]))
    sums = [{(row["source"], row["axis"]): row for row in mood_sum(turn.mood)} for turn in (left, right)]
    return {
        "facts": [{"title": title, "left": ours.get(title, ""), "right": theirs.get(title, ""), "differs": ours.get(title) != theirs.get(title)}
                  for title in titles],
        "sections": [_side_by_side(name, mine.get(name), other.get(name)) for name in names],
        "mood": [
            {"source": key[0], "axis": key[1], "left": sums[0].get(key), "right": sums[1].get(key), "differs": sums[0].get(key) != sums[1].get(key)}
            for key in dict.fromkeys([*sums[0], *sums[1]])
        ],
    }  # fmt: skip


def _side_by_side(name: str, left: Json | None, right: Json | None) -> Json:
    sides = [left["pieces"] if left else [], right["pieces"] if right else []]
    known = [{(piece["text"], tuple(piece["sources"])) for piece in side} for side in sides]
    marked = [_marked(side, known[1 - number]) for number, side in enumerate(sides)]
    return {
        "name": name, "left": marked[0], "right": marked[1], "left_tokens": left["tokens"] if left else 0,
        "right_tokens": right["tokens"] if right else 0, "differs": any(piece["only"] for side in marked for piece in side),
    }  # fmt: skip


def _marked(pieces: Iterable[Json], others: set[tuple[str, tuple[str, ...]]]) -> list[Json]:
    return [{**piece, "only": bool(piece["sources"]) and (piece["text"], tuple(piece["sources"])) not in others} for piece in pieces]
