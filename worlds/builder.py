"""The forms of authored JSON: which schema with which names of the world a form is drawn from, and what is wrong with what was filled in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from pixsim.lib import schema
from pixsim.lib.schema_words import SchemaError

from . import checks, picks
from .fixes import fix
from .models import World
from .rules import packages

Json = dict[str, Any]

WORLD_TABS: list[Json] = [
    {
        "id": "world", "title": "World", "intro": "What it is about, for players and for the writer of dialogue.",
        "members": ["/theme", "/tone", "/description", "/language", "/credits", "/note", "/manifest/clock"],
    },
    {
        "id": "providers", "title": "Providers", "intro": "Who makes the clips and lines of this world, and what they may cost a day.",
        "members": ["/manifest/budget", "/manifest/providers"],
    },
    {
        "id": "packages", "title": "Stat packages", "intro": "What people have in numbers. Left out, the four that come with the system are on.",
        "members": ["/manifest/stat_packages"],
    },
    {
        "id": "manifest", "title": "Manifest", "intro": "The rules of play.",
        "members": ["/manifest/content_rating", "/manifest/wait", "/manifest/free_text", "/manifest/enabled_features", "/manifest/interactions",
                    "/manifest/turn_presets", "/manifest/npc_roles", "/manifest/dialogue_limits"],
    },
    {
        "id": "things", "title": "Flags and things", "intro": "What a player can know, count and carry; conditions and effects refer to it.",
        "members": ["/manifest/stats", "/manifest/items", "/manifest/flags"],
    },
    {
        "id": "look", "title": "Look", "intro": "A few colours of your own for the game page, and keys of your own tools.",
        "members": ["/manifest/look", "/manifest/extensions", "/extensions"],
    },
]  # fmt: skip


def form(name: str, world: World | None) -> Json:
    """Everything the browser needs to draw a form. Raises LookupError for a name that is no schema."""
    axes = packages.felt_axes(packages.enabled(world.manifest if world else {}))
    return {"schema": schema.build(name, axes=axes), "names": picks.of(world), "layout": WORLD_TABS if name == "worlds/world_meta" else None}


def problems(name: str, value: Any, world: World | None) -> list[Json]:
    """What is wrong with a value: by its schema, and, where that has nothing to say, names that lead nowhere; each with its fix, if it has one."""
    known = picks.of(world)
    found = [(error, "error") for error in schema.errors(name, value)]
    if not found:
        found = [(SchemaError(one.pointer, one.code, one.message), one.severity) for one in _lost(name, value, world, known)]
    return [{**error._asdict(), "severity": severity, "fix": fix(error, value, known)} for error, severity in found]


def _lost(name: str, value: Any, world: World | None, offered: picks.Offered) -> Iterator[checks.Problem]:
    if name == "worlds/world_meta":
        for problem in checks.problems(_document(value, offered)):
            # What sets a flag may be written next, and elsewhere.
            if problem.code != "never_set_flag":
                yield problem._replace(pointer=problem.pointer.removeprefix("/world/meta"))
    elif name in CHECKS and world is not None:
        for problem in CHECKS[name](value, checks.Known(_document(world.meta, offered)), checks.Place("", "")):
            # A node without its scene is one of the scene at hand, which a form for conditions does not know.
            if problem.code != "never_set_flag" and (problem.code != "unknown_node" or "/" in problem.message):
                yield problem


def _document(meta: Any, offered: picks.Offered) -> Json:
    """As much of a world document as names need."""
    nodes: dict[str, list[Json]] = {key: [] for key, _ in offered.get("scenes", ())}
    for path, _ in offered.get("nodes", ()):
        scene, _, node = str(path).partition("/")
        nodes.setdefault(scene, []).append({"key": node})
    return {
        "world": {"meta": meta},
        "locations": [{"key": key} for key, _ in offered.get("places", ())],
        "npcs": [{"key": key} for key, _ in offered.get("npcs", ())],
        "scenes": [{"key": key, "nodes": inside} for key, inside in nodes.items()],
        "set": {"effects": {"flags": [key for key, _ in offered.get("set_flags", ())]}},
    }


CHECKS: dict[str, Callable[..., Iterator[checks.Problem]]] = {
    "worlds/conditions": checks.check_conditions,
    "worlds/effects": checks.check_effects,
    "npcs/interaction_overrides": checks.check_interactions,
    "scenes/hotspot_action": checks.check_action,
}
