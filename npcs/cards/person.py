"""What a card says, as an NPC: its fields under the names of the API, and what an NPC has no place for.

A card is a character and its author's wishes to a model. The character becomes traits, description, notes and lines; wishes to a model are kept and
never followed, since a stranger's text is no instruction here. Nothing is lost: the card itself is kept beside (`meta.extensions.character_card`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from pixsim.lib import schema
from pixsim.lib.fields import KEY_LENGTH

from .reading import Card, Json

KEPT: Final = "character_card"
OURS: Final = "pixsim"
GREETING: Final = "talk"
LONG, LINE, NAME, TAG = 4000, 2000, 200, 40
MAX_TAGS, MAX_LINES, MAX_LORE = 50, 100, 100
TRAITS: Final = {"personality": "character", "scenario": "scenario", "mes_example": "example_dialogue", "nickname": "nickname"}
NOTES: Final = {"description": "description", "creator_notes": "note"}
GROUPS: Final = {
    "personality": "npcs/personality",
    "stats": "npcs/stats",
    "relationships": "npcs/relationships",
    "interaction_overrides": "npcs/interaction_overrides",
    "meta": "npcs/npc_meta",
}
NOT_FOLLOWED: Final = {
    "system_prompt": "Instructions to a model are kept, never followed.",
    "post_history_instructions": "Instructions to a model are kept, never followed.",
    "group_only_greetings": "Greetings for groups are kept; an NPC greets one player.",
    "creator": "Who made the card is kept, and shown nowhere.",
    "character_version": "The version of the card is kept, and shown nowhere.",
}
MACRO = re.compile(r"\{\{(char|user)\}\}|<(BOT|USER)>", re.IGNORECASE)


class Loss(NamedTuple):
    """Something that has no place, or not the whole of it: where in the card, a stable code, words."""

    pointer: str
    code: str
    message: str


@dataclass(slots=True)
class Person:
    """`fields` are an NPC's, with `relationships` beside them."""

    fields: Json
    losses: list[Loss] = field(default_factory=list)


def person_of(card: Card) -> Person:
    """The NPC a card describes: what its fields say, then what we wrote into its extensions ourselves."""
    person = said(card)
    ours = (card.data.get("extensions") or {}).get(OURS)
    if isinstance(ours, Mapping):
        _take_ours(person, ours, f"{card.prefix}/extensions/{OURS}")
    return person


def said(card: Card) -> Person:
    """What the fields of a card say, without our own extension."""
    data, losses = card.data, []  # type: ignore[var-annotated]
    cut = _Cutter(data["name"], card.prefix, losses)
    traits: Json = {trait: text for name, trait in TRAITS.items() if (text := cut.text(data, name, LONG))}
    if lore := list(_lore(data, cut)):
        traits["lore"] = lore
    meta: Json = {note: text for name, note in NOTES.items() if (text := cut.text(data, name, LONG))}
    if tags := cut.texts(data, "tags", TAG, MAX_TAGS):
        meta["tags"] = list(dict.fromkeys(tags))
    lines = [{"text": text} for text in (cut.text(data, "first_mes", LINE), *cut.texts(data, "alternate_greetings", LINE, MAX_LINES - 1)) if text]
    name = cut.text(data, "name", NAME)
    losses += [Loss(f"{card.prefix}/{name}", "not_used", words) for name, words in NOT_FOLLOWED.items() if data.get(name)]
    losses += list(_unknown(card))
    return Person(
        {
            "name": name,
            "role": "",
            "is_minor": False,
            "personality": traits,
            "stats": {},
            "relationships": {},
            "interaction_overrides": {GREETING: {"lines": lines}} if lines else {},
            "meta": meta,
        },
        losses,
    )


class _Cutter:
    """Texts with the names filled in, as long as they may be."""

    def __init__(self, name: str, prefix: str, losses: list[Loss]) -> None:
        self.names = {"char": name.strip()[:NAME], "bot": name.strip()[:NAME], "user": "you"}
        self.prefix, self.losses = prefix, losses

    def text(self, data: Mapping[str, Any], name: str, limit: int) -> str:
        return self.cut(data.get(name) or "", f"/{name}", limit)

    def texts(self, data: Mapping[str, Any], name: str, limit: int, most: int) -> list[str]:
        entries = data.get(name) or []
        if len(entries) > most:
            self.losses.append(Loss(f"{self.prefix}/{name}", "cut", f"Only the first {most} of {len(entries)} are used."))
        found = [self.cut(entry, f"/{name}/{index}", limit) for index, entry in enumerate(entries[:most])]
        return [text for text in found if text]

    def cut(self, text: str, pointer: str, limit: int) -> str:
        whole = MACRO.sub(lambda found: self.names[(found[1] or found[2]).lower()], text).strip()
        if len(whole) > limit:
            self.losses.append(Loss(self.prefix + pointer, "cut", f"Only the first {limit} of {len(whole)} characters are used."))
        return whole[:limit].strip()


def _lore(data: Mapping[str, Any], cut: _Cutter) -> Iterator[str]:
    """The entries of the character's book as sentences, with the words they are about in front."""
    entries = (data.get("character_book") or {}).get("entries") or []
    if len(entries) > MAX_LORE:
        cut.losses.append(Loss(f"{cut.prefix}/character_book/entries", "cut", f"Only the first {MAX_LORE} of {len(entries)} are used."))
    for index, entry in enumerate(entries[:MAX_LORE]):
        pointer = f"/character_book/entries/{index}"
        if entry.get("enabled") is False:
            cut.losses.append(Loss(cut.prefix + pointer, "not_used", "An entry that is switched off is kept, and not used."))
            continue
        keys = ", ".join(key for key in entry.get("keys") or [] if isinstance(key, str)) if isinstance(entry.get("keys"), list) else ""
        content = cut.cut(entry.get("content") or "", f"{pointer}/content", LONG - 300)
        if content:
            yield f"{keys[:280]}: {content}" if keys else content
    if entries:
        cut.losses.append(
            Loss(
                f"{cut.prefix}/character_book",
                "simplified",
                "The entries of the book are always known; their keywords only name them.",
            )
        )


KNOWN: Final = frozenset(
    {"extensions", "alternate_greetings", "first_mes", "tags", "character_book", "name", "assets", *TRAITS, *NOTES, *NOT_FOLLOWED}
)


def _unknown(card: Card) -> Iterator[Loss]:
    for name in card.data:
        if name not in KNOWN and not (card.version == 1 and name in ("spec", "spec_version", "data")):
            yield Loss(f"{card.prefix}/{name}", "kept", "This means nothing here. It is kept.")
    for name in card.data.get("extensions") or {}:
        if name != OURS:
            yield Loss(f"{card.prefix}/extensions/{name}", "kept", "An extension of another tool. It is kept.")


def _take_ours(person: Person, ours: Mapping[str, Any], pointer: str) -> None:
    """What was written by `writing.card_of`, as far as it is still valid."""
    felt = ours.get("relationships")
    if isinstance(felt, dict):  # axis by axis: another installation has other packages
        known = {axis: value for axis, value in felt.items() if _wrong("relationships", {axis: value}) is None}
        person.losses += [
            Loss(f"{pointer}/relationships/{axis}", "unknown_axis", f"There is no axis “{axis}” here.") for axis in felt if axis not in known
        ]
        ours = {**ours, "relationships": known}
    for name, value in ours.items():
        wrong = _wrong(name, value)
        if wrong:
            person.losses.append(Loss(f"{pointer}/{name}", *wrong))
        else:
            person.fields[name] = value


def _wrong(name: str, value: Any) -> tuple[str, str] | None:
    """Why a field of ours is not taken: code and words."""
    if name in GROUPS:
        found = schema.errors(GROUPS[name], value)
        return (found[0].code, found[0].message) if found else None
    if name == "is_minor":
        return None if isinstance(value, bool) else ("kind", "This is yes or no.")
    if name == "role":
        return None if isinstance(value, str) and len(value) <= KEY_LENGTH else ("kind", "This is a short text.")
    return "unknown", "This means nothing here. It is kept."
