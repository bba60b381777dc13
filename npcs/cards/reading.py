"""From a stranger's bytes to a card: what it says, whatever its version, and the picture it came in."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pixsim.lib import strict_json
from pixsim.lib.errors import FieldError, Invalid, TooLarge

from . import png
from .refusing import refused

Json = dict[str, Any]
MAX_FILE: Final = 20 * 1024 * 1024
MAX_JSON: Final = 8 * 1024 * 1024  # with pictures inside
TEXTS: Final = (
    "name", "description", "personality", "scenario", "first_mes", "mes_example", "creator_notes", "system_prompt", "post_history_instructions",
    "creator", "nickname",
)  # fmt: skip
TEXT_LISTS: Final = ("alternate_greetings", "group_only_greetings", "tags")
SPECS: Final = {"chara_card_v2": 2, "chara_card_v3": 3}
SAYS_SOMETHING: Final = ("description", "personality", "first_mes", "scenario", "mes_example")


@dataclass(frozen=True, slots=True)
class Card:
    """`document` is the JSON as it came; `version` 1, 2 or 3; `picture` the PNG around it, if there was one."""

    document: Json
    version: int
    picture: bytes | None = None

    @property
    def data(self) -> Json:
        """The fields: in the first version they are the document itself."""
        found: Json = self.document if self.version == 1 else self.document["data"]
        return found

    @property
    def prefix(self) -> str:
        """Where the fields stand in the document, as a JSON pointer."""
        return "" if self.version == 1 else "/data"


def read(content: bytes) -> Card:
    """A card from a file. Raises Invalid with pointers below /file, TooLarge."""
    if len(content) > MAX_FILE:
        raise TooLarge(f"A card may have {MAX_FILE >> 20} MB.", limit=MAX_FILE)
    if content.startswith(png.SIGNATURE):
        return parse(_decoded(png.card_text(content)), picture=png.without_card(content))
    if content.startswith(b"PK\x03\x04"):
        raise refused("kind", "This is an archive (.charx). Export the card as JSON or PNG instead.")
    if not content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        raise refused("kind", "This is neither a PNG nor JSON.")
    return parse(content.removeprefix(b"\xef\xbb\xbf"))


def parse(text: bytes, picture: bytes | None = None) -> Card:
    if len(text) > MAX_JSON:
        raise TooLarge(f"The text of a card may have {MAX_JSON >> 20} MB.", limit=MAX_JSON)
    try:
        document = strict_json.loads(text)
    except Invalid as error:
        raise refused(error.errors[0].code, f"The card cannot be read. {error.detail}") from None
    if not isinstance(document, dict):
        raise refused("not_a_card", "A card is a JSON object.")
    card = Card(document, _version(document), picture)
    errors = list(_wrong(card))
    if errors:
        raise Invalid(errors)
    return card


def _decoded(text: bytes) -> bytes:
    if len(text) > MAX_JSON * 4 // 3 + 4:
        raise TooLarge(f"The text of a card may have {MAX_JSON >> 20} MB.", limit=MAX_JSON)
    try:
        return base64.b64decode(b"".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise refused("bad_base64", "The card in this picture is damaged: it is not base64.") from None


def _version(document: Mapping[str, Any]) -> int:
    spec = document.get("spec")
    if spec is None:
        if isinstance(document.get("name"), str) and any(isinstance(document.get(name), str) for name in SAYS_SOMETHING):
            return 1
        raise refused("not_a_card", "This is no character card: it has neither a “spec” nor the fields of the first version.")
    if not isinstance(spec, str) or spec not in SPECS:
        raise refused("unknown_spec", f"“{str(spec)[:60]}” is no character card; there are {', '.join(SPECS)}.", "/spec")
    if not isinstance(document.get("data"), dict):
        raise refused("required", "The card has no data.", "/data")
    said = document.get("spec_version")
    major = re.match(r"\d+", said)[0] if isinstance(said, str) and re.match(r"\d+", said) else None  # type: ignore[index]
    if said is not None and (major is None or int(major[:4]) < SPECS[spec] or (spec == "chara_card_v2" and int(major[:4]) != 2)):
        raise refused("unknown_spec", f"{spec} cannot have the version “{str(said)[:20]}”.", "/spec_version")
    return SPECS[spec]


def _wrong(card: Card) -> Iterator[FieldError]:
    """Fields of the wrong kind; what is absent or null is not given. Unknown ones are not asked."""
    place, data = f"/file{card.prefix}", card.data
    for name in TEXTS:
        if not isinstance(data.get(name) or "", str):
            yield FieldError(f"{place}/{name}", "kind", "This is a text.")
    if not data.get("name") or (isinstance(data["name"], str) and not data["name"].strip()):
        yield FieldError(f"{place}/name", "required", "The card says no name.")
    for name in TEXT_LISTS:
        entries = data.get(name) or []
        if not isinstance(entries, list):
            yield FieldError(f"{place}/{name}", "kind", "This is a list of texts.")
            continue
        for index, entry in enumerate(entries):
            if not isinstance(entry, str):
                yield FieldError(f"{place}/{name}/{index}", "kind", "This is a text.")
    if not isinstance(data.get("extensions") or {}, dict):
        yield FieldError(f"{place}/extensions", "kind", "This is an object.")
    yield from _wrong_book(data.get("character_book"), f"{place}/character_book")
    assets = data.get("assets") or []
    if not isinstance(assets, list) or not all(isinstance(one, dict) for one in assets):
        yield FieldError(f"{place}/assets", "kind", "This is a list of objects.")


def _wrong_book(book: Any, place: str) -> Iterator[FieldError]:
    if not book:
        return
    if not isinstance(book, dict) or not isinstance(book.get("entries") or [], list):
        yield FieldError(place, "kind", "This is an object with a list of entries.")
        return
    for index, entry in enumerate(book.get("entries") or []):
        if not isinstance(entry, dict) or not isinstance(entry.get("content") or "", str):
            yield FieldError(f"{place}/entries/{index}", "kind", "This is an object whose content is a text.")
