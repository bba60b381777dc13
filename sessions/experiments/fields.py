"""What authors vary most, as plain fields: who somebody is, and a choice with what it asks for and does. Read into the merge patch that is kept;
whatever else may vary stays a matter of JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.urls import reverse

from npcs.lab.person import ends_of
from npcs.snapshot import OCEAN
from pixsim.lib import strict_json
from pixsim.lib.admin import pretty
from pixsim.lib.errors import Invalid
from worlds.models import World

from ..spec import WorldSpec
from . import variants
from .variants import Subject

Json = dict[str, Any]
TEXTS: Final = {"voice_style": "Voice", "background": "Background"}
RULES: Final = {"conditions": ("worlds/conditions", "When it is open"), "effects": ("worlds/effects", "What it does")}
NEAR: Final = 0.0051
"""A slider moves in hundredths: a trait this near to what it was has not been moved."""


def shown(world: World, spec: WorldSpec, subject: Subject, letter: str, typed: Mapping[str, str]) -> Json:
    """The fields of one variant, with what was typed, else with the part as it is; empty for parts that have none."""

    def field(name: str, label: str, now: Any, **more: Any) -> Json:
        return {"name": f"{letter}.{name}", "id": f"{letter}-{name}", "label": label, "value": typed.get(f"{letter}.{name}", str(now)), **more}

    if subject.list == "npcs":
        traits = spec.npc(subject.key).personality
        return {
            "sliders": [field(name, name.capitalize(), traits.get(name, 0.5), ends=ends_of(name)) for name in OCEAN],
            "texts": [field(name, label, traits.get(name, "")) for name, label in TEXTS.items()],
        }
    part = variants.part_of(spec.document, subject) or {}
    if subject.inner == "edges":
        rules = [field(name, label, pretty(part.get(name) or {}), form=_form(schema, world)) for name, (schema, label) in RULES.items()]
        return {"texts": [field("label", "What the player reads", part.get("label") or "")], "rules": rules}
    return {}


def _form(schema: str, world: World) -> str:
    return f"{reverse('admin:worlds_form', args=schema.split('/'))}?world={world.pk}"


def patch(spec: WorldSpec, subject: Subject, letter: str, typed: Mapping[str, str]) -> Json:
    """The merge patch (RFC 7396) of what was changed in the fields. Raises Invalid with pointers below `/patch_<letter>`."""
    given = {name.partition(".")[2]: text.strip() for name, text in typed.items() if name.startswith(f"{letter}.")}
    if subject.list == "npcs":
        changed = _traits(spec.npc(subject.key).personality, given, f"/patch_{letter}/personality")
        return {"personality": changed} if changed else {}
    if subject.inner != "edges":
        return {}
    part = variants.part_of(spec.document, subject) or {}
    found: Json = {}
    if "label" in given and given["label"] != (part.get("label") or ""):
        found["label"] = given["label"] or None
    for name in RULES.keys() & given.keys():
        try:
            new = strict_json.loads((given[name] or "{}").encode())
        except Invalid as error:
            raise Invalid([(f"/patch_{letter}/{name}", "invalid_json", error.detail)]) from None
        if new != (part.get(name) or {}):
            found[name] = difference(part.get(name) or {}, new) if new else None
    return found


def _traits(now: Mapping[str, Any], given: Mapping[str, str], pointer: str) -> Json:
    found: Json = {}
    for name in OCEAN:
        if name in given:
            try:
                value = float(given[name])
            except ValueError:
                raise Invalid([(f"{pointer}/{name}", "invalid", "A trait is a number from 0 to 1.")]) from None
            if not abs(value - float(now.get(name, 0.5))) < NEAR:
                found[name] = round(value, 2)
    for name in TEXTS:
        if name in given and given[name] != str(now.get(name, "")).strip():
            found[name] = given[name] or None
    return found


def difference(old: Any, new: Any) -> Any:
    """The merge patch that makes `new` of `old`. Neither is changed."""
    if not isinstance(old, Mapping) or not isinstance(new, Mapping):
        return new
    gone = dict.fromkeys(key for key in old if key not in new)
    return gone | {key: difference(old.get(key), value) for key, value in new.items() if key not in old or old[key] != value}


def joined(one: Any, other: Any) -> Any:
    """Two merge patches as one; where both speak, the other counts."""
    if not isinstance(one, Mapping) or not isinstance(other, Mapping):
        return other
    return {**one, **{key: joined(one[key], value) if key in one else value for key, value in other.items()}}
