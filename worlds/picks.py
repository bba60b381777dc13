"""What the forms of a world offer to pick, by kind: `places`, `flags`, `people`, … A schema asks for a kind with `x-pick`, for its keys
with the one in `propertyNames`. Every app registers its own kinds in `ready()`, so a form knows people and scenes that this app does not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from generation.providers import registry

from .models import Location, World
from .rules import packages
from .rules.mood import labels
from .rules.words import WEEKDAYS, title

Pairs = list[tuple[Any, str]]
Offered = dict[str, Pairs]
Offer = Callable[[World], Mapping[str, Iterable[tuple[Any, str]]]]
_offers: list[Offer] = []

FEATURES = ("dialogue", "romance", "trading", "rumors")
PRESETS = ("conversation", "intimate")
TIMES = [f"{minutes // 60:02d}:{minutes % 60:02d}" for minutes in range(0, 24 * 60 + 1, 30)]


def register(offer: Offer) -> None:
    """`offer(world)` gives (value, title) pairs by kind; kinds that several offer are joined."""
    _offers.append(offer)


def of(world: World | None) -> Offered:
    """Everything there is to pick. Without a world what comes with the system; a constant number of queries."""
    found: dict[str, dict[Any, str]] = {}
    for offer in (_everywhere, *(_offers if world is not None and world.pk else ())):
        for kind, pairs in offer(world or World()).items():
            found.setdefault(kind, {}).update((value, words) for value, words in pairs if value not in found.get(kind, {}))
    return {kind: list(pairs.items()) for kind, pairs in found.items()}


def _everywhere(world: World) -> Offered:
    manifest = world.manifest
    enabled = packages.enabled(manifest)
    relationships, drives, mood = enabled.get("relationships"), enabled.get("drives"), enabled.get("mood")
    tiers = relationships.tiers.get("affinity") if relationships else None
    presets = {key: title(key) for key in (*PRESETS[:1], *_object(manifest, "turn_presets"))}
    return {
        "axes": [(key, title(key)) for key in packages.felt_axes(enabled)],
        "drives": [(key, title(key)) for key in (drives.axes if drives else ())],
        "features": [(key, title(key)) for key in dict.fromkeys((*FEATURES, *manifest.get("enabled_features", ())))],
        "flags": _titled(manifest, "flags"),
        "interactions": [(key, str(each.get("label") or title(key))) for key, each in _object(manifest, "interactions").items()],
        "items": _titled(manifest, "items"),
        "models": [(model.id, f"{model.title} ({provider.title})") for provider in registry.known() for model in provider.catalogue.models],
        "moods": [(label, title(label)) for label in (labels(mood) if mood else ())],
        "packages": [(key, title(key)) for key in packages.available()],
        "people": [("npc", "The person in question")],
        "presets": list(presets.items()),
        "providers": [*((provider.id, provider.title) for provider in registry.known()), ("openai", "OpenAI or a compatible server (dialogue)")],
        "stats": _titled(manifest, "stats"),
        "tiers": [(tier.key, title(tier.title)) for tier in (tiers.tiers if tiers else ())],
        "times": [(time, time) for time in TIMES],
        "usual_presets": [(key, title(key)) for key in PRESETS],
        "days": list(enumerate(WEEKDAYS, 1)),
    }


def places(world: World) -> Offered:
    """One query."""
    return {"places": list(Location.objects.filter(world=world).order_by("name", "pk").values_list("key", "name"))}


def _object(manifest: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = manifest.get(name)
    return {key: each if isinstance(each, Mapping) else {} for key, each in found.items()} if isinstance(found, Mapping) else {}


def _titled(manifest: Mapping[str, Any], name: str) -> Pairs:
    return [(key, str(each.get("title") or title(key))) for key, each in _object(manifest, name).items()]
