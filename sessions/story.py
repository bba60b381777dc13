"""A playthrough as a text: what was told, said and chosen, from the log, along the path that leads to the present (what was undone is not told)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Any

from pixsim.lib.canonical import sha256
from worlds.rules.words import title

from . import clips, engine, pages
from .models import GameSession, MadeLine, SessionEvent
from .releases import spec_of_sha
from .spec import WorldSpec
from .stage import writer_title

Json = dict[str, Any]
SPOKEN = ("you", "line")


def path(session: GameSession) -> list[SessionEvent]:
    """The events that lead to the present, oldest first. One query."""
    log = SessionEvent.objects.filter(session=session, patch__isnull=False).defer("snapshot", "state_sha256")
    by_version = {event.version: event for event in log}
    found, version = [], session.version
    while (event := by_version.get(version)) is not None:
        found.append(event)
        if event.parent is None or event.parent >= version:
            break
        version = event.parent
    return found[::-1]


def told(session: GameSession) -> list[Json]:
    """The whole story, oldest first: `kind` is narration, captions, place, choice, you, line or note; with `day`, `clock`, `speaker`, `text`,
    `writer`. Two queries."""
    found: list[Json] = []
    made = _made_lines(session)
    time = 0
    for event in path(session):
        spec = spec_of_sha(session.world_id, event.world)
        passed = _new(event, ["world_time"])
        time = time if passed is None else passed
        moment = spec.clock.at(time)
        base: Json = {"day": f"Day {moment.day}", "clock": moment.time, "changes": (), "speaker": "", "text": "", "writer": ""}
        found += [{**base, **part} for part in _parts(spec, session, event, made)]
        changes = engine.describe(spec, event.patch or ()) if event.version else ()
        labels = [change.label for change in changes if change.label and change.path not in ("location", "world_time")]
        if labels:
            found.append({**base, "kind": "note", "changes": labels})
    return found


def lines_of(session: GameSession, wanted: str = "") -> list[Json]:
    """Everything that was said, newest last, perhaps only what holds some words."""
    needle = wanted.casefold()
    return [part for part in told(session) if part["kind"] in SPOKEN and needle in f"{part['speaker']} {part['text']}".casefold()]


def chapters(parts: list[Json]) -> list[Json]:
    """The same by days."""
    return [{"day": day, "parts": list(rows)} for day, rows in groupby(parts, key=lambda part: part["day"])]


# -- what an event tells ----------------------------------------------------------------------------------------------


def _parts(spec: WorldSpec, session: GameSession, event: SessionEvent, made: dict[tuple[str, str], list[MadeLine]]) -> Iterator[Json]:
    action = event.action
    kind = str(action.get("type"))
    if kind in CHOSEN:
        yield {"kind": "choice", "text": CHOSEN[kind](spec, action, event)}
    said = _new(event, ["turn", "said"]) or (_new(event, ["turn"]) or {}).get("said") if kind in ("say", "interact") else ""
    if said:
        yield {"kind": "you", "speaker": "You", "text": said}
    place = spec.places.get(_new(event, ["location"]) or "")
    if place is not None and kind != "started":
        yield {"kind": "place", "text": place.name}
    at = _new(event, ["at"])
    node = spec.find_node(engine.NodeRef(at["scene"], at["node"])) if isinstance(at, dict) and "node" in at else None
    if node is not None:
        text = str(node.meta.get("text") or "")
        if text or node.label:
            yield {"kind": "narration", "heading": node.label, "text": text}
        captions = [str(cue.get("text") or "") for cue in node.meta.get("captions") or ()]
        if captions:
            yield {"kind": "captions", "text": "\n".join(captions)}
        line = _line_at(session, node, event.version, made)
        if line is not None:
            yield {"kind": "line", "speaker": _name(spec, line.npc_key), "text": line.text, "writer": writer_title(line.writer)}
    if kind == "answered":
        npc = next((str(entry["p"][1]) for entry in event.patch or () if len(entry["p"]) > 1 and entry["p"][0] == "talk"), "")
        npc = npc or next(iter(_new(event, ["talk"]) or {}), "")
        yield {"kind": "line", "speaker": _name(spec, npc), "text": str(action["text"]), "writer": writer_title(str(action.get("writer") or ""))}


CHOSEN: dict[str, Callable[[WorldSpec, Json, SessionEvent], str]] = {
    name: pages.JOURNAL[name] for name in ("choose", "travel", "hotspot", "interact", "wait", "reconciled")
}


def _new(event: SessionEvent, where: list[str]) -> Any:
    """What a path became; also where the patch is a whole state, as that of the beginning."""
    for entry in event.patch or ():
        if entry["p"] == where:
            return entry.get("a")
        if not entry["p"] and len(where) == 1:
            return (entry.get("a") or {}).get(where[0])
    return None


def _name(spec: WorldSpec, npc: str) -> str:
    return spec.npc(npc).name if npc in spec.npc_keys else title(npc)


def _made_lines(session: GameSession) -> dict[tuple[str, str], list[MadeLine]]:
    """What the people of dialogue nodes said on arrival, in every room of this session. One query."""
    world = f"world/{session.world_id}"
    scopes = [world, f"{world}/player/{session.user_id}", f"playthrough/{session.playthrough_id}"]
    found: dict[tuple[str, str], list[MadeLine]] = {}
    for line in MadeLine.objects.filter(world=session.world_id, scope__in=scopes).exclude(text="").order_by("arrival", "pk"):
        found.setdefault((line.scene, line.node), []).append(line)
    return found


def _line_at(session: GameSession, node: Any, version: int, made: dict[tuple[str, str], list[MadeLine]]) -> MadeLine | None:
    config = node.meta.get("generationConfig")
    if not config or node.kind == "video" or config.get("type") != "dialogue":
        return None
    scope, sha = clips.scope_of(config, session), sha256(config)
    fitting = [line for line in made.get((node.scene, node.key), ()) if line.scope == scope and line.config_sha256 == sha]
    if clips.strategy_of(config) == "always":
        fitting = [line for line in fitting if line.arrival <= version]
    return fitting[-1] if fitting else None
