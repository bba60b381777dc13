"""The registry of stat packages. A package is a JSON file; a Django app of somebody else adds its own in `ready()`:

packages.register(packages.from_json(json.loads(path.read_text())))
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pixsim.lib import schema

from .stats import Axis, Derivation, MoodRules, Package, Region, TagRule, Term, Tier, Tiers

BUILTIN = ("personality", "relationships", "drives", "mood")
SOURCES = ("personality", "relationships", "drives")  # whose values a mood can be derived from
FOLDER = Path(__file__).resolve().parent.parent / "packages"

_registered: dict[str, Package] = {}


@cache
def builtin() -> Mapping[str, Package]:
    """The four packages that come with the system."""
    found = (from_json(json.loads((FOLDER / f"{key}.json").read_text("utf-8"))) for key in BUILTIN)
    return MappingProxyType({package.key: package for package in found})


def register(package: Package) -> None:
    """Adds a package for all worlds to enable. ValueError when another one already has its key; the same one again is fine."""
    known = available().get(package.key)
    if known is not None and known != package:
        raise ValueError(f"There is a stat package “{package.key}” already.")
    _registered[package.key] = package
    schema.bring(package.axes)


def unregister(key: str) -> None:
    """Takes a registered package away again, for tests; the four that come with the system stay."""
    _registered.pop(key, None)


def available() -> Mapping[str, Package]:
    """Every package a world could enable, by key."""
    return {**builtin(), **_registered}


def choices(manifest: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    """Enabled package keys with the world's overrides. A list or an object in `stat_packages` names all; without it the four are on."""
    wanted = manifest.get("stat_packages")
    if wanted is None:
        return {key: {} for key in BUILTIN}
    if isinstance(wanted, Mapping):
        return {
            key: value if isinstance(value, Mapping) else {}
            for key, value in wanted.items()
            if value is not False and not (isinstance(value, Mapping) and value.get("enabled") is False)
        }
    return {str(key): {} for key in wanted}


def enabled(manifest: Mapping[str, Any]) -> Mapping[str, Package]:
    """The packages of a world with its own (narrower) ranges, defaults, drift and tiers. Total: names nobody registered are left out."""
    known = available()
    packages = {key: _overridden(known[key], override) for key, override in choices(manifest).items() if key in known}
    return MappingProxyType({key: _bound(package, packages) for key, package in packages.items()})


def felt_axes(packages: Mapping[str, Package]) -> dict[str, Axis]:
    """What an NPC can feel towards the player: the relationship axes, and those of packages somebody else registered; the first of a name wins."""
    found: dict[str, Axis] = {}
    for package in _felt(packages):
        found.update({name: axis for name, axis in package.axes.items() if name not in found})
    return found


def felt_tiers(packages: Mapping[str, Package]) -> dict[str, Tiers]:
    """The tiers of `felt_axes`."""
    return {name: package.tiers[name] for package in reversed(_felt(packages)) for name in package.axes if name in package.tiers}


def _felt(packages: Mapping[str, Package]) -> list[Package]:
    others = [package for key, package in packages.items() if key not in BUILTIN]
    return [packages["relationships"], *others] if "relationships" in packages else others


# -- from data --------------------------------------------------------------------------------------------------------


def from_json(data: Mapping[str, Any]) -> Package:
    """A package from its file (docs in worlds/packages/*.json). KeyError or ValueError where it is not one."""
    return Package(
        key=data["key"],
        title=data["title"],
        description=data.get("description", ""),
        axes=MappingProxyType({name: _axis(name, value) for name, value in data["axes"].items()}),
        tiers=MappingProxyType({name: tiers(rows) for name, rows in data.get("tiers", {}).items()}),
        mood=_mood(data["mood"]) if "mood" in data else None,
    )


def tiers(rows: Iterable[Mapping[str, Any]]) -> Tiers:
    """From `[{key?, title, from}]`; the key is made of the title when not given."""
    return Tiers(tuple(Tier(row.get("key") or row["title"].lower().replace(" ", "_").replace("-", "_"), row["title"], row["from"]) for row in rows))


def _axis(name: str, data: Mapping[str, Any]) -> Axis:
    if not data["min"] <= data.get("default", 0) <= data["max"]:
        raise ValueError(f"The default of “{name}” lies outside its range.")
    return Axis(
        name=name,
        minimum=data["min"],
        maximum=data["max"],
        default=data.get("default", 0),
        step=data.get("step", 1),
        drift=data.get("drift", 0),
        title=data.get("title") or name.replace("_", " ").capitalize(),
        relief=tuple(data.get("relief", {}).items()),
    )


def _mood(data: Mapping[str, Any]) -> MoodRules:
    return MoodRules(
        derivations=MappingProxyType(
            {
                axis: Derivation(axis, value["base"], tuple(Term(**term) for term in value["terms"]), MappingProxyType(value.get("emotions", {})))
                for axis, value in data["derivations"].items()
            }
        ),
        regions=tuple(Region(**{**region, "intensity": tuple(region["intensity"])}) for region in data["regions"]),
        label_tags=MappingProxyType({label: tuple(tags) for label, tags in data.get("label_tags", {}).items()}),
        tags=tuple(TagRule(**{**rule, "labels": tuple(rule.get("labels", ()))}) for rule in data.get("tags", ())),
        emotion_names_label_from=data.get("emotion_names_label_from", 0.5),
        expressions=MappingProxyType({label: tuple(chain) for label, chain in data.get("expressions", {}).items()}),
    )


# -- a world's own ----------------------------------------------------------------------------------------------------


def _overridden(package: Package, override: Mapping[str, Any]) -> Package:
    own_axes, own_tiers = override.get("axes") or {}, override.get("tiers") or {}
    if not own_axes and not own_tiers:
        return package
    changed = {name: _narrowed(axis, own_axes.get(name) or {}) for name, axis in package.axes.items()}
    worded = {name: tiers(rows) for name, rows in own_tiers.items() if name in package.axes and rows}
    return replace(package, axes=MappingProxyType(changed), tiers=MappingProxyType({**package.tiers, **worded}))


def _narrowed(axis: Axis, own: Mapping[str, Any]) -> Axis:
    low, high = max(own.get("min", axis.minimum), axis.minimum), min(own.get("max", axis.maximum), axis.maximum)
    if low > high:
        low, high = axis.minimum, axis.maximum
    axis = replace(axis, minimum=low, maximum=high, drift=own.get("drift", axis.drift), title=own.get("title") or axis.title)
    return replace(axis, default=axis.clamp(own.get("default", axis.default)))


def _bound(package: Package, packages: Mapping[str, Package]) -> Package:
    """Derivations count the defaults of this world for missing values and know nothing of packages that are off."""
    if package.mood is None:
        return package

    def term(found: Term) -> Term | None:
        axis = packages[found.source].axes.get(found.axis) if found.source in packages and found.source in SOURCES else None
        return replace(found, default=axis.default) if axis is not None else None

    derivations = {
        name: replace(derivation, terms=tuple(bound for bound in map(term, derivation.terms) if bound is not None))
        for name, derivation in package.mood.derivations.items()
    }
    return replace(package, mood=replace(package.mood, derivations=MappingProxyType(derivations)))
