"""Ids that clients send, as the keys of the release a session runs on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pixsim.lib.errors import Invalid, NotFound

from .engine import Ids
from .models import GameSession


def npc_key(session: GameSession, reference: int | str) -> str:
    """The key of an NPC. Raises NotFound: it is looked up, not typed by an author."""
    return _key(session.release.ids.get("npcs", {}), reference, "npc_id", "NPC")


def npc_of(ids: Ids, reference: int | str) -> str:
    """The key of an NPC of a try-out. Raises NotFound."""
    return _key(ids.npcs, reference, "npc_id", "NPC")


def location_key(session: GameSession, reference: int | str) -> str:
    return _key(session.release.ids.get("locations", {}), reference, "location_id", "place")


def scene_key(session: GameSession, reference: int | str) -> str:
    return _key(session.release.ids.get("scenes", {}), reference, "scene_id", "scene")


def _key(ids: Mapping[str, int], reference: int | str, field: str, noun: str) -> str:
    if isinstance(reference, str):
        if reference in ids:
            return reference
        named = reference.removeprefix("npc_")
        reference = int(named) if named.isascii() and named.isdigit() and len(named) < 19 else 0
    for key, number in ids.items():
        if number == reference:
            return key
    raise NotFound.at(f"/{field}", f"There is no such {noun} in this world.")


def relationships(session: GameSession, values: Mapping[str, Any]) -> dict[str, Any]:
    """`npc_10` → key. Raises Invalid with pointers for people who are not there."""
    found, errors = {}, []
    for name, axes in values.items():
        try:
            found[npc_key(session, name)] = axes
        except NotFound as error:
            errors.append((f"/relationships/{name.replace('~', '~0').replace('/', '~1')}", "does_not_exist", error.detail))
    if errors:
        raise Invalid(errors)
    return found
