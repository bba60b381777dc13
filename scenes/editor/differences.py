"""What changed between two states of a scene, in words: “Ren was moved”. Pure but for reading the history."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from worlds.models import WorldHistory
from worlds.rules.words import either, title

from ..models import Scene

Json = Mapping[str, Any]
MOST = 50
FIELDS = {
    "label": "its label", "asset": "its clip", "kind": "its kind", "meta": "its settings", "loopable": "how it plays", "skippable": "how it plays",
    "conditions": "its conditions", "effects": "its effects", "to": "where it leads", "to_scene": "where it leads", "from": "where it starts",
    "weight": "its weight", "title": "its title", "entry_node": "where it starts", "location": "its place", "npc": "its NPC",
}  # fmt: skip


def changes_since(*, scene: Scene, version: int) -> list[dict[str, Any]]:
    """Who did what to the scene since it had this version, newest first, at most 50 changes. One query.

    Every change of the scene counts its version up by one and leaves one row of history, so the last rows are those."""
    count = min(max(scene.version - version, 0), MOST)
    rows = WorldHistory.objects.filter(world=scene.world_id, part=f"scene/{scene.key}").select_related("actor").order_by("-id")[:count]
    return [
        {
            "at": row.at,
            "by": row.actor.get_username() if row.actor else None,
            "by_id": row.actor_id,
            "words": list(difference(row.before or {}, row.after or {})),
        }
        for row in rows
    ]


def difference(before: Json, after: Json) -> Iterator[str]:
    """A sentence for each thing that differs: the scene itself, its nodes, its ways."""
    head = [name for name in (*before, *(name for name in after if name not in before)) if name not in ("nodes", "edges")]
    changed = [FIELDS.get(name, title(name).lower()) for name in head if before.get(name) != after.get(name)]
    if changed:
        yield f"The scene: {_and(changed)} changed"
    yield from _things(before, after, "nodes")
    yield from _things(before, after, "edges")


def _things(before: Json, after: Json, name: str) -> Iterator[str]:
    old, new = ({thing["key"]: thing for thing in state.get(name, ())} for state in (before, after))
    titles = {thing["key"]: thing.get("label") or title(thing["key"]) for state in (before, after) for thing in state.get("nodes", ())}
    for key in (*old, *(key for key in new if key not in old)):
        called = f"“{titles[key]}”" if name == "nodes" else _way(new.get(key) or old[key], titles)
        if key not in new:
            yield f"{called} was deleted"
        elif key not in old:
            yield f"{called} was added"
        elif old[key] != new[key]:
            yield f"{called} {_how(old[key], new[key])}"


def _way(edge: Json, titles: Mapping[str, str]) -> str:
    if edge.get("label"):
        return f"The way “{edge['label']}”"
    to = titles.get(str(edge.get("to")), str(edge.get("to_scene") or "nowhere"))
    return f"The way from “{titles.get(str(edge.get('from')), edge.get('from'))}” to “{to}”"


def _how(old: Json, new: Json) -> str:
    """“was moved”, “was changed: its label and its clip”."""
    old, moved = _without_position(old), _position(old) != _position(new)
    new = _without_position(new)
    names = [name for name in (*old, *(name for name in new if name not in old)) if old.get(name) != new.get(name)]
    fields = list(dict.fromkeys(FIELDS.get(name, title(name).lower()) for name in names))
    if not fields:
        return "was moved"
    return f"was {'moved and ' if moved else ''}changed: {_and(fields)}"


def _position(thing: Json) -> Any:
    return (thing.get("meta") or {}).get("position")


def _without_position(thing: Json) -> Json:
    meta = {key: value for key, value in (thing.get("meta") or {}).items() if key != "position"}
    return {**{key: value for key, value in thing.items() if key != "meta"}, **({"meta": meta} if meta else {})}


def _and(words: list[str]) -> str:
    return either(words).replace(" or ", " and ")
