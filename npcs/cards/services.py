"""A card becomes an NPC in one authored change, and an NPC a card. Pictures are read and stored before that change begins."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, Final

from PIL import Image

from generation.models import Asset
from generation.services import upload_asset
from npcs.models import Expression, Npc, NpcState
from npcs.services import MAX_EXPRESSIONS, npc_fields
from pixsim.lib import schema
from pixsim.lib.canonical import canonical_json
from pixsim.lib.errors import Conflict, DomainError, FieldError, Invalid, TooLarge
from pixsim.models import User
from worlds.models import PICTURE, World
from worlds.rules.packages import enabled, felt_axes
from worlds.services import authored, free_key, world_asset_key

from . import png
from .person import GROUPS, KEPT, Loss, Person, person_of
from .reading import Card, Json, read
from .writing import card_of, losses_of, texts_of

MAX_KEPT: Final = 1024 * 1024  # bytes of JSON beside an NPC; it travels with every release of the world
DATA_URI = re.compile(r"data:image/(?:png|jpeg|webp|gif);base64,", re.IGNORECASE)
NEUTRAL: Final = "neutral"


@dataclass(frozen=True, slots=True)
class Imported:
    npc: Npc
    losses: list[Loss]


@dataclass(slots=True)
class Pictures:
    """Of a card: by the mood they show, and which of its assets each of them came from."""

    by_state: dict[str, Asset] = field(default_factory=dict)
    by_index: dict[int, Asset] = field(default_factory=dict)
    losses: list[Loss] = field(default_factory=list)


def import_card(*, world: World, actor: User, content: bytes) -> Imported:
    """Raises Invalid with pointers below /file, TooLarge. Nothing is written but whole."""
    card = read(content)
    person = person_of(card)
    _only_known_axes(world, person)
    document = deepcopy(card.document)
    pictures = _stored(world, Card(document, card.version, card.picture), person.fields["name"])
    if len(canonical_json(document)) > MAX_KEPT:
        raise TooLarge(f"The text of a card may have {MAX_KEPT >> 10} kB without its pictures.", limit=MAX_KEPT)
    kept: Json = {"version": card.version, "card": document}
    _sound(person)
    with authored(world, actor) as change:
        if pictures.by_index:
            kept["pictures"] = {str(index): world_asset_key(world, asset) for index, asset in pictures.by_index.items()}
        npc = _npc(world, person.fields, kept)
        npc.save()
        npc.state = NpcState.objects.create(npc=npc, relationships=person.fields["relationships"])
        for asset in pictures.by_state.values():
            world_asset_key(world, asset)
        Expression.objects.bulk_create([Expression(npc=npc, state=state, asset=asset) for state, asset in pictures.by_state.items()])
        change.touch(npc)
    return Imported(npc, person.losses + pictures.losses)


def _npc(world: World, fields: Json, kept: Json) -> Npc:
    taken = set(Npc.objects.filter(world=world).values_list("key", flat=True))
    meta = {**fields["meta"], "extensions": {**(fields["meta"].get("extensions") or {}), KEPT: kept}}
    names = ("name", "role", "is_minor", "personality", "stats", "interaction_overrides")
    return Npc(world=world, key=free_key(fields["name"], taken, default="person"), meta=meta, **{name: fields[name] for name in names})


def _only_known_axes(world: World, person: Person) -> None:
    axes = felt_axes(enabled(world.manifest))
    for axis in sorted(set(person.fields["relationships"]) - set(axes)):
        person.losses.append(Loss(f"/data/extensions/pixsim/relationships/{axis}", "unknown_axis", f"There is no axis “{axis}” here."))
    person.fields["relationships"] = {axis: value for axis, value in person.fields["relationships"].items() if axis in axes}


def _sound(person: Person) -> None:
    """What comes out of a stranger's file is held against the same schemas as everything else."""
    errors = [
        FieldError(f"/file{found.pointer}", found.code, found.message)
        for name in GROUPS
        for found in schema.errors(GROUPS[name], person.fields[name])
    ]
    if errors:
        raise Invalid(errors)


# -- pictures ---------------------------------------------------------------------------------------------------------
def _stored(world: World, card: Card, name: str) -> Pictures:
    """Stores the pictures; those inside the card's document are taken out of it. Raises Invalid for a damaged one around the card."""
    found = Pictures()
    for index, asset in enumerate(card.data.get("assets") or [] if card.version == 3 else []):
        _store_inner(found, world, card, index, asset, name)
    if card.picture is not None and NEUTRAL not in found.by_state:
        found.by_state[NEUTRAL] = upload_asset(owner=world.owner, file=BytesIO(card.picture), label=f"{name}, {NEUTRAL}")
    return found


def _store_inner(found: Pictures, world: World, card: Card, index: int, asset: Json, name: str) -> None:
    pointer, uri, kind = f"{card.prefix}/assets/{index}", asset.get("uri"), asset.get("type")
    if not isinstance(uri, str) or uri.startswith("ccdefault:"):
        return
    state = NEUTRAL if kind == "icon" else _state(asset.get("name")) if kind == "emotion" else ""
    head = DATA_URI.match(uri)
    if head is None:
        found.losses.append(Loss(f"{pointer}/uri", "not_fetched", "Pictures from elsewhere are not fetched."))
        return
    if not state or (state in found.by_state and not (kind == "icon" and asset.get("name") == "main")) or len(found.by_state) >= MAX_EXPRESSIONS:
        found.losses.append(Loss(pointer, "not_used", "This picture has no place here. It is kept."))
        return
    try:
        content = base64.b64decode(uri[head.end() :], validate=True)
        made = upload_asset(owner=world.owner, file=BytesIO(content), label=f"{name}, {state}")
    except (binascii.Error, ValueError):
        found.losses.append(Loss(f"{pointer}/uri", "bad_base64", "This picture is damaged: it is not base64."))
    except DomainError as error:
        found.losses.append(Loss(f"{pointer}/uri", error.code, error.detail))
    else:
        found.by_state[state] = found.by_index[index] = made
        asset["uri"] = ""
        found.losses.append(Loss(f"{pointer}/uri", "rewritten", "The picture is stored anew, without what else its file held."))


def _state(name: Any) -> str:
    return free_key(name, (), default="")[:40] if isinstance(name, str) else ""


# -- out --------------------------------------------------------------------------------------------------------------
def export_fields(npc: Npc) -> Json:
    state = NpcState.objects.filter(npc=npc).first()
    return {**npc_fields(npc), "relationships": state.relationships if state else {}}


def exported(npc: Npc) -> Card:
    """The card of an NPC, the pictures it came with inside again. Three queries and a file for each picture."""
    card = card_of(export_fields(npc))
    for index, asset in _inner_pictures(npc):
        entries = card.data.get("assets") or []
        if index < len(entries):
            entries[index]["uri"] = _data_uri(asset) if asset is not None else "ccdefault:"
    return card


def _inner_pictures(npc: Npc) -> Iterator[tuple[int, Asset | None]]:
    named = ((npc.meta.get("extensions") or {}).get(KEPT) or {}).get("pictures") or {}
    rows = npc.world.world_assets.filter(key__in=list(named.values())).select_related("asset")
    found = {row.key: row.asset for row in rows if row.asset.file}
    return ((int(index), found.get(key)) for index, key in named.items() if str(index).isdigit())


def _data_uri(asset: Asset) -> str:
    with asset.file.open("rb") as opened:
        return f"data:{asset.mime};base64,{base64.b64encode(opened.read()).decode()}"


def exported_png(npc: Npc) -> bytes:
    """The neutral portrait with the card inside. Raises Conflict where there is no portrait to put it into."""
    row = portrait_of(npc)
    if row is None:
        raise Conflict("There is no portrait to put the card into. Add a neutral expression, or take the JSON.")
    with row.asset.file.open("rb") as opened, Image.open(opened) as image:
        target = BytesIO()
        image.convert("RGBA" if "A" in image.getbands() else "RGB").save(target, "PNG")
    return png.with_cards(target.getvalue(), texts_of(exported(npc)))


def portrait_of(npc: Npc) -> Expression | None:
    """The neutral expression, else the first that is a picture with a file. One query."""
    rows = [row for row in npc.expressions.select_related("asset").order_by("pk") if row.asset.media_type in PICTURE and row.asset.file]
    return next((row for row in rows if row.state == NEUTRAL), rows[0] if rows else None)


def export_losses(npc: Npc) -> list[Loss]:
    """Three queries."""
    placed = npc.home_location_id is not None or NpcState.objects.filter(npc=npc, current_location__isnull=False).exists()
    return losses_of(export_fields(npc), schedule=npc.schedule.count(), faces=npc.expressions.count(), placed=placed)
