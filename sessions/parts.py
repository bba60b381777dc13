"""Parts of a world document made into compiled values. Total: what cannot be read stays shut or does nothing, and the problems list says why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from npcs.interactions import MergedInteraction, merge_interactions
from worlds.rules.conditions import Broken, Context, Gate, compile_gate
from worlds.rules.effects import Declarations, Effect, compile_effects
from worlds.rules.graph import (
    ChoiceSpec,
    DeclaredStat,
    Edge,
    HotspotSpec,
    Interaction,
    Lock,
    Node,
    NodeRef,
    NpcSpec,
    Place,
    SceneSpec,
)
from worlds.rules.schedules import Schedule
from worlds.rules.stats import Axis


@dataclass(frozen=True, slots=True)
class PartContext:
    """What a part needs of its world; `sha` names it, so that equal parts of equal contexts are compiled once."""

    sha: str
    axes: Mapping[str, Axis]
    drive_axes: Mapping[str, Axis]
    stats: Mapping[str, DeclaredStat]
    items: Mapping[str, DeclaredStat]
    romance: bool


def title(key: str) -> str:
    """`visited_tavern` → "Visited tavern"."""
    return key.replace("_", " ").strip().capitalize()


def declared(key: str, value: Any, *, least: int | None) -> DeclaredStat:
    """A stat or item of the manifest. Items run from 0 to 99 unless said, stats from 0 to 1,000,000."""
    data = value if isinstance(value, Mapping) else {}
    low = data.get("min", 0)
    high = data.get("max", 99 if least is not None else 1_000_000)
    axis = Axis(name=key, minimum=low, maximum=high, default=min(max(data.get("default", 0), low), high), step=1)
    return DeclaredStat(data.get("title") or title(key), axis)


def gate(condition: Any, context: PartContext, scene: str = "") -> Gate:
    try:
        return compile_gate(condition, Context(axes=context.axes, scene=scene))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        return Gate((Broken(str(error)),))


def effects(data: Any, context: PartContext) -> tuple[Effect, ...]:
    known = Declarations(context.axes, context.drive_axes, context.stats, context.items, context.romance)
    try:
        return compile_effects(data, known)
    except (ValueError, TypeError, KeyError, AttributeError):
        return ()


def lock(data: Mapping[str, Any]) -> Lock | None:
    found = Lock(int(data.get("cooldown_sec") or 0), bool(data.get("once")))
    return found if found.once or found.cooldown_sec > 0 else None


def place(part: Mapping[str, Any], context: PartContext) -> Place:
    return Place(
        key=part["key"],
        name=part.get("name") or title(part["key"]),
        x=part.get("x", 0),
        y=part.get("y", 0),
        asset=part.get("asset") or "",
        picture=part.get("picture") or "",
        gate=gate(part.get("travel_conditions"), context),
        spawn=part.get("default_spawn") or {},
        meta=part.get("meta") or {},
    )


def hotspot(part: Mapping[str, Any], context: PartContext) -> HotspotSpec:
    action = part.get("action") or {}
    kind = action.get("type", "")
    to = {"play_scene": "scene", "change_location": "location", "npc_talk": "npc"}.get(kind, "")
    meta = part.get("meta") or {}
    location, scene_key = part.get("location") or "", part.get("scene") or ""
    opens, locks = gate(part.get("conditions"), context, scene_key), lock(meta)
    return HotspotSpec(
        key=part["key"],
        scope=part.get("scope", "location"),
        location=location,
        scene=scene_key,
        kind=kind,
        to=str(action.get(to) or ""),
        interaction=str(action.get("interaction") or "talk"),
        gate=opens,
        lock=locks,
        target=part.get("target") or {},
        region=part.get("region"),
        meta=meta,
        path=f"hotspot/{location or scene_key or 'world'}/{part['key']}",
        plain=not opens.clauses and not locks and kind != "npc_talk",
    )


def scene(part: Mapping[str, Any], context: PartContext) -> SceneSpec:
    key = part["key"]
    edges = {edge["key"]: _edge(edge, key, context) for edge in part.get("edges", ())}
    outgoing: dict[str, list[Edge]] = {}
    for edge in edges.values():
        outgoing.setdefault(edge.source, []).append(edge)
    nodes = {node["key"]: _node(node, part, outgoing.get(node["key"], [])) for node in part.get("nodes", ())}
    entry = part.get("entry_node") or ""
    return SceneSpec(
        key=key,
        title=part.get("title") or title(key),
        location=part.get("location") or "",
        npc=part.get("npc") or "",
        entry=entry if entry in nodes else next(iter(nodes), ""),
        nodes=nodes,
        edges=edges,
        meta=part.get("meta") or {},
    )


def _edge(part: Mapping[str, Any], scene_key: str, context: PartContext) -> Edge:
    opens, locks = gate(part.get("conditions"), context, scene_key), lock(part.get("meta") or {})
    return Edge(
        key=part["key"],
        path=f"edge/{scene_key}/{part['key']}",
        scene=scene_key,
        source=part.get("from") or "",
        target=NodeRef(scene_key, part["to"]) if part.get("to") else None,
        to_scene=part.get("to_scene") or "",
        label=part.get("label") or "",
        weight=float(part.get("weight", 1)),
        gate=opens,
        effects=effects(part.get("effects"), context),
        lock=locks,
        plain=not opens.clauses and not locks,
        hide_locked=bool((part.get("meta") or {}).get("hide_locked")),
    )


def _node(part: Mapping[str, Any], owner: Mapping[str, Any], out: list[Edge]) -> Node:
    meta = part.get("meta") or {}
    dialogue = meta.get("dialogueConfig") or {}
    jump = meta.get("sceneConfig") or {}
    reveal = (meta.get("choiceConfig") or {}).get("reveal_at_sec")
    kind = part.get("kind", "video")
    return Node(
        key=part["key"],
        ref=NodeRef(owner["key"], part["key"]),
        path=f"{owner['key']}/{part['key']}",
        scene=owner["key"],
        kind=kind,
        label=part.get("label") or "",
        asset=part.get("asset") or "",
        loopable=bool(part.get("loopable", False)),
        skippable=bool(part.get("skippable", True)),
        npc=str(dialogue.get("npc") or dialogue.get("npc_id") or ""),
        npc_role=str(dialogue.get("npc_role") or ""),
        free=bool(meta.get("free", False)),
        to_scene=str(jump.get("scene") or ""),
        returns=bool(jump.get("returns", False)),
        reveal_at_sec=float(reveal) if reveal is not None else None,
        labelled=tuple(edge for edge in out if edge.label),
        automatic=tuple(edge for edge in out if not edge.label),
        meta=meta,
        scene_npc=owner.get("npc") or "",
        location=owner.get("location") or "",
    )


def npc(part: Mapping[str, Any], role: Mapping[str, Any]) -> NpcSpec:
    return NpcSpec(
        key=part["key"],
        name=part.get("name") or title(part["key"]),
        role=part.get("role") or "",
        home=part.get("home") or "",
        pinned=part.get("pinned") or "",
        personality={**(role.get("default_personality") or {}), **(part.get("personality") or {})},
        stats=part.get("stats") or {},
        schedule=Schedule.parse(part.get("schedule") or ()),
        initial=part.get("initial") or {},
        is_minor=bool(part.get("is_minor")),
        expressions={expression["state"]: expression for expression in part.get("expressions", ())},
        meta=part.get("meta") or {},
        overrides=part.get("interaction_overrides") or {},
    )


def interactions(
    world: Mapping[str, Any], role: Mapping[str, Any] | None, own: Mapping[str, Any] | None, context: PartContext
) -> Mapping[str, Interaction]:
    merged = merge_interactions(world, role, own)
    return {key: _interaction(found, context) for key, found in merged.items()}


def _interaction(found: MergedInteraction, context: PartContext) -> Interaction:
    value = found.value
    action = value.get("action") or {}
    choices = [_choice(choice, number, context) for number, choice in enumerate(value.get("choices") or (), 1)]
    return Interaction(
        id=found.id,
        label=value.get("label") or title(found.id),
        type=value.get("type", "inline_dialogue"),
        gate=gate(value.get("gating"), context),
        lock=lock(value),
        remote=bool(value.get("remote")),
        to_scene=str(action.get("scene") or "") if action.get("type") == "play_scene" else "",
        effects=effects(value.get("effects"), context),
        lines=tuple(value.get("lines") or ()),
        choices={choice.id: choice for choice in choices},
        preset=value.get("preset") or "conversation",
        intent=value.get("branching_intent") or "maintain",
        prompt_template=value.get("prompt_template") or "",
        origin=found.origin,
        raw=value,
        hide_locked=bool(value.get("hide_locked")),
    )


def _choice(value: Mapping[str, Any], number: int, context: PartContext) -> ChoiceSpec:
    return ChoiceSpec(
        id=str(value.get("id") or f"choice{number}"),
        label=value.get("label") or "",
        tone=value.get("tone") or "",
        gate=gate(value.get("conditions"), context),
        lock=lock(value),
        effects=effects(value.get("effects"), context),
        replies=tuple(value.get("replies") or ()),
        memory=value.get("memory") or {},
        closes=bool(value.get("closes")),
        hide_locked=bool(value.get("hide_locked")),
    )


def named_flags(value: Any) -> Iterator[str]:
    """Every flag that a part of a document names, set or asked for."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if name == "flags" and isinstance(inner, list):
                yield from (str(flag).removeprefix("!") for flag in inner)
            elif name != "extensions":
                yield from named_flags(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from named_flags(inner)
