"""An interaction's `prompt_template`: the author's own words on how it opens, with placeholders for how things stand. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from npcs.prompts.dialogue_words import NATURE
from npcs.prompts.persona import is_note
from npcs.prompts.phrases import Phrase
from npcs.prompts.quoting import told
from npcs.writers.request import WriterRequest

LIMIT: Final = 2000
_PLACEHOLDER: Final = re.compile(r"\{([A-Za-z][A-Za-z0-9_]*)\}")
_NAMED: Final[Mapping[str, tuple[str, Callable[[WriterRequest], Any]]]] = {
    "npc": ("npc.name", lambda r: r.npc_name),
    "name": ("npc.name", lambda r: r.npc_name),
    "role": ("npc.role", lambda r: r.role or r.snapshot.get("role")),
    "player": ("", lambda r: "the player"),
    "interaction": ("interaction.label", lambda r: r.label),
    "mood": ("mood.current_emotion", lambda r: r.snapshot["mood"]["current_emotion"]),
    "tier": ("relationships.affinity", lambda r: r.snapshot["relationship"].get("tier")),
    "place": ("place.name", lambda r: r.place or r.snapshot["place"]["name"]),
    "activity": ("place.activity", lambda r: r.snapshot["place"].get("activity")),
    "time": ("time.label", lambda r: r.snapshot["time"]["label"]),
    "part_of_day": ("time.part_of_day", lambda r: r.part_of_day or r.snapshot["time"]["part_of_day"]),
    "weather": ("place.weather", lambda r: r.weather),
}


def filled(request: WriterRequest) -> tuple[Phrase, ...]:
    """The template with `{name}`, `{mood}`, `{tier}`, `{place}`, `{time}`, any axis of the relationship and any trait filled in.

    A placeholder nobody knows stays as it stands. Each filled one is a phrase of its own, with the template and its value as sources.
    """
    pieces: list[Phrase] = []
    end = 0
    text = told(request.prompt_template, limit=LIMIT)
    for match in _PLACEHOLDER.finditer(text):
        source, words = _value(request, match[1])
        pieces += [Phrase(text[end : match.start()], (_SOURCE,)), Phrase(match[0] if words is None else words, (_SOURCE, *source))]
        end = match.end()
    pieces.append(Phrase(text[end:], (_SOURCE,)))
    return tuple(piece for piece in pieces if piece.text)


_SOURCE: Final = "interaction.prompt_template"


def _value(request: WriterRequest, name: str) -> tuple[tuple[str, ...], str | None]:
    """What a placeholder stands for and where it comes from; None for what nobody knows."""
    if name in _NAMED:
        source, value = _NAMED[name]
        sources = (source, *mood_sources(request)) if source == "mood.current_emotion" else (source,) if source else ()
        return sources, told(value(request), limit=200)
    relationship, traits = request.snapshot["relationship"], request.snapshot["personality"]
    if name in relationship and name != "tier":
        return (f"relationships.{name}",), told(relationship[name])
    if name in traits and not is_note(name):
        return (f"personality.{name}",), told(traits[name], limit=200 if name not in NATURE else 20)
    return (f"personality.{name}",), None  # a trait the author may add


def mood_sources(request: WriterRequest) -> tuple[str, ...]:
    """What the mood's label was derived from."""
    found = request.snapshot["mood"].get("sources") or {}
    return tuple(found.get("current_emotion", ()))
