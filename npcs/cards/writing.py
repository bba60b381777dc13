"""From an NPC back to a card. A card that was imported and never touched comes out as it went in, unknown keys and all."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from copy import deepcopy
from typing import Any, Final

from npcs.snapshot import OCEAN

from .person import GREETING, GROUPS, KEPT, NOTES, OURS, TRAITS, Loss, said
from .reading import Card, Json

SKELETON: Final = {
    "name": "", "description": "", "personality": "", "scenario": "", "first_mes": "", "mes_example": "", "creator_notes": "", "system_prompt": "",
    "post_history_instructions": "", "alternate_greetings": [], "tags": [], "creator": "", "character_version": "", "extensions": {},
}  # fmt: skip


def kept_card(meta: Mapping[str, Any]) -> Json | None:
    """The card an NPC came from, as its meta keeps it."""
    kept = _kept(meta)
    found = kept.get("card")
    return found if isinstance(found, dict) and isinstance(kept.get("version"), int) else None


def _kept(meta: Mapping[str, Any]) -> Mapping[str, Any]:
    found = (meta.get("extensions") or {}).get(KEPT)
    return found if isinstance(found, Mapping) else {}


def card_of(fields: Mapping[str, Any]) -> Card:
    """The card of an NPC (`person.person_of` gives the fields back). What the NPC says differently from its card is written into it: into the
    card's own fields where there is one, all else into `extensions.pixsim`."""
    original = kept_card(fields["meta"])
    version = _kept(fields["meta"])["version"] if original else 2
    document = deepcopy(original) if original else {"spec": "chara_card_v2", "spec_version": "2.0", "data": deepcopy(SKELETON)}
    card = Card(document, version)
    wanted = {**fields, "meta": without_kept(fields["meta"])}
    if not original:
        card.data["name"] = fields["name"]
    _write_fields(card, wanted)
    if not original and not card.data["personality"]:
        card.data["personality"] = in_words(fields["personality"])
    before = said(card).fields
    ours = {name: wanted[name] for name in (*GROUPS, "role", "is_minor") if wanted.get(name) != before[name]}
    if not ours and OURS not in (card.data.get("extensions") or {}):
        return card
    if card.version == 1:
        card = _second_version(card)
    extensions = card.data.setdefault("extensions", {}) or {}
    extensions.pop(OURS, None)
    card.data["extensions"] = {**extensions, OURS: ours} if ours else extensions
    return card


def without_kept(meta: Mapping[str, Any]) -> Json:
    extensions = {name: value for name, value in (meta.get("extensions") or {}).items() if name != KEPT}
    rest = {name: value for name, value in meta.items() if name != "extensions"}
    return {**rest, "extensions": extensions} if extensions else rest


def _write_fields(card: Card, wanted: Mapping[str, Any]) -> None:
    """Into the fields of the card, where the NPC says something else than they do."""
    before, data = said(card).fields, card.data
    if wanted["name"] != before["name"]:
        data["name"] = wanted["name"]
        before = said(card).fields  # the name stands in other texts too
    for group, names in (("personality", TRAITS), ("meta", NOTES)):
        for name, trait in names.items():
            value = wanted[group].get(trait, "")
            if isinstance(value, str) and value != before[group].get(trait, "") and (value or trait in before[group]):
                data[name] = value
    tags = wanted["meta"].get("tags", [])
    if tags != before["meta"].get("tags", []):
        data["tags"] = list(tags)
    lines = _lines(wanted["interaction_overrides"])
    if lines is not None and lines != _lines(before["interaction_overrides"]):
        data["first_mes"], data["alternate_greetings"] = (lines[0] if lines else ""), lines[1:]
    lore = wanted["personality"].get("lore", [])
    if lore != before["personality"].get("lore", []) and isinstance(lore, list) and all(isinstance(entry, str) for entry in lore):
        book = data.get("character_book") or {"extensions": {}}
        data["character_book"] = {**book, "entries": [_entry(text, number) for number, text in enumerate(lore)]}


def _lines(overrides: Mapping[str, Any]) -> list[str] | None:
    """The plain lines of the greeting; None where they are not plain."""
    lines = (overrides.get(GREETING) or {}).get("lines", [])
    plain = all(isinstance(line, dict) and set(line) == {"text"} for line in lines) if isinstance(lines, list) else False
    return [line["text"] for line in lines] if plain else None


def _entry(text: str, number: int) -> Json:
    return {"keys": [], "content": text, "extensions": {}, "enabled": True, "insertion_order": number, "constant": True}


def in_words(traits: Mapping[str, Any]) -> str:
    """Traits as the one text other tools have for them."""
    numbers = ", ".join(f"{name} {traits[name]:g}" for name in OCEAN if isinstance(traits.get(name), int | float))
    texts = [numbers.capitalize()] if numbers else []
    for name, label in (("occupation", "Occupation"), ("background", "Background"), ("voice_style", "Voice")):
        texts += [f"{label}: {traits[name]}"] if isinstance(traits.get(name), str) and traits[name] else []
    for name, label in (("quirks", "Quirks"), ("interests", "Interests")):
        entries = [entry for entry in traits.get(name) or [] if isinstance(entry, str)] if isinstance(traits.get(name), list) else []
        texts += [f"{label}: {', '.join(entries)}"] if entries else []
    return ". ".join(text.rstrip(".") for text in texts) + ("." if texts else "")


def _second_version(card: Card) -> Card:
    """A card of the first version has no place for extensions."""
    return Card({"spec": "chara_card_v2", "spec_version": "2.0", "data": {**deepcopy(SKELETON), **card.data}}, 2)


def texts_of(card: Card) -> dict[str, bytes]:
    """What a PNG carries, by keyword: for every reader the second version, beside it the third where the card has it."""
    document = card.document if card.version == 2 else _second_version(Card(card.data, 1)).document
    texts = {"chara": _encoded(document)}
    return {**texts, "ccv3": _encoded(card.document)} if card.version == 3 else texts


def _encoded(document: Json) -> bytes:
    return base64.b64encode(json.dumps(document, ensure_ascii=False).encode())


def losses_of(fields: Mapping[str, Any], *, schedule: int, faces: int, placed: bool) -> list[Loss]:
    """What a card of this NPC does not carry."""
    found = []
    if schedule:
        found.append(Loss("/schedule", "not_carried", f"The week ({schedule} slots) belongs to this world's places; a card has none."))
    if placed:
        found.append(Loss("/home", "not_carried", "Home and pin belong to this world's places; a card has none."))
    if faces > 1:
        found.append(Loss("/expressions", "not_carried", f"A card carries one picture, the neutral one; there are {faces}."))
    if kept_card(fields["meta"]) is None and any(isinstance(fields["personality"].get(name), int | float) for name in OCEAN):
        found.append(Loss("/personality", "rewritten", "Traits are told in words for other tools; their numbers travel in extensions.pixsim."))
    return found
