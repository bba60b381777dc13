"""What the app above knows of lines: it registers its preview in `ready()`, since a line is asked in a state of play."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from npcs.models import Npc

Json = dict[str, Any]


class Preview(Protocol):
    def __call__(self, *, npc: Npc, personality: Mapping[str, Any] | None, state: Mapping[str, Any] | None) -> Sequence[Json]:
        """The answer of `POST /npc-prompts/preview`, scenario by scenario. Raises Invalid."""


_registered: list[Preview] = []


def register(preview: Preview) -> None:
    _registered[:] = [preview]


def compared(npc: Npc, personality: Mapping[str, Any], relationships: Mapping[str, Any]) -> list[Json]:
    """Each usual scenario as the NPC is saved and as the form has it: `{was, now, changed}`. Raises Invalid."""
    if not _registered:
        return []
    state = {"relationships": {f"npc:{npc.key}": dict(relationships)}} if relationships else None
    was = _registered[0](npc=npc, personality=None, state=state)
    patch = {**dict.fromkeys(set(npc.personality) - set(personality)), **personality}
    now = _registered[0](npc=npc, personality=patch, state=state) if personality != npc.personality else was
    return [_pair(before, after) for before, after in zip(was, now, strict=True)]


def _pair(was: Json, now: Json) -> Json:
    return {
        "was": was,
        "now": {**now, "mood": _summed(now["mood"]), "sections": [_marked(section) for section in now["sections"]]},
        "changed": was["sample"]["text"] != now["sample"]["text"],
        "mood_changed": was["mood"]["current_emotion"] != now["mood"]["current_emotion"],
    }


def _marked(section: Json) -> Json:
    """Each phrase with the trait it comes from, if it comes from one; other sources are told beside."""
    phrases = []
    for phrase in section["phrases"]:
        traits = [source.removeprefix("personality.") for source in phrase["sources"] if source.startswith("personality.")]
        phrases.append({"text": phrase["text"], "traits": " ".join(traits), "sources": ", ".join(phrase["sources"]).replace("_", " ")})
    return {**section, "phrases": phrases}


def _summed(mood: Json) -> Json:
    """What a mood is made of, valence and arousal each with its summands, the largest first; what adds nothing is left out."""
    sums = []
    for axis in ("valence", "arousal"):
        parts = [one for one in mood["because"] if one["towards"] == axis and abs(one["points"]) >= 0.05]
        sums.append({"axis": axis, "total": mood[axis], "parts": sorted(parts, key=lambda one: -abs(one["points"]))})
    return {**mood, "sums": sums}
