"""Played things as clients get them: keys become ids, states become the walkthrough's shape. Plain dicts: this is the hot path."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from generation.models import Asset
from generation.queries import asset_url, poster_url

from . import clips, lines, queries
from .engine import NO_MEDIA, Change, Ids, PlayState, assets_of, describe, view
from .models import GameSession, MadeLine, SessionEvent
from .releases import spec_of, spec_of_sha
from .services import Moved
from .spec import WorldSpec

Json = dict[str, Any]


def media_json(asset: Asset) -> Json:
    """The file behind a key as a view shows it. A clip that is still being made has no url yet."""
    kind = {"video": "video", "image": "image", "gltf": "model", "audio": "audio"}.get(asset.media_type, "none")
    return {
        "kind": kind,
        "url": asset_url(asset) or "",
        "poster": poster_url(asset) or "",
        "mime": asset.mime,
        "width": asset.width,
        "height": asset.height,
        "duration_sec": asset.duration_sec,
        "pending": asset.status in (Asset.Status.PENDING, Asset.Status.RENDERING),
        "generated": asset.is_generated,
        "alt": asset.label,
    }


def session_view(session: GameSession, world: WorldSpec, state: PlayState, *, author: bool = False) -> Json:
    """The view with its media. One query; at a node that may have a clip or a line made in play one more each."""
    ids = session.release.ids
    found = queries.media_of(ids, assets_of(world, state))
    made = clips.made_for(session, world, state)
    line = lines.line_for(session, world, state)
    return view(
        world, state, ids=Ids.of(ids), media=lambda key: media_json(found[key]) if key in found else None, author=author,
        made=_made_json(made) if made else None, line=_line_json(line) if line else None,
    )  # fmt: skip


def _made_json(made: clips.Made) -> Json:
    return {**(media_json(made.asset) if made.asset else NO_MEDIA), "pending": made.pending}


def _line_json(line: MadeLine) -> Json:
    return {"npc": line.npc_key, "text": line.text, "emotion": line.emotion, "writer": line.writer}


def session_json(session: GameSession, world: WorldSpec | None = None, state: PlayState | None = None, *, author: bool = False) -> Json:
    """A session as printed in the walkthrough, with what it adds. One query, for the media."""
    world = world or spec_of(session.release)
    state = state or queries.state_of(session)
    ids = session.release.ids
    place = world.places.get(state.location)
    moment = world.clock.at(state.world_time)
    return {
        "id": session.pk,
        "session_id": session.pk,
        "world_id": session.world_id,
        "user_id": session.user_id,
        "scene_id": ids.get("scenes", {}).get(state.at.scene) if state.at else None,
        "current_node_id": state.at.node if state.at else None,
        "location": {"id": ids.get("locations", {}).get(place.key), "key": place.key, "name": place.name} if place else None,
        "flags": sorted(state.flags),
        "stats": dict(state.stats),
        "inventory": dict(state.inventory),
        "relationships": {npc_name(ids, npc): world.relationship(state, npc) for npc in sorted(state.rel) if npc in world.npc_keys},
        "world_time": state.world_time,
        "clock": {"day": moment.day, "time": moment.time, "label": moment.label, "weekday": moment.weekday},
        "version": session.version,
        "seq": session.seq,
        "hand_edited": session.hand_edited,
        "on_draft": session.on_draft,
        "notice": session.notice,
        "dev_override": session.over is not None,
        "dev_overrides": overrides_json(session),
        "view": session_view(session, world, state, author=author),
    }


def overrides_json(session: GameSession) -> Json:
    """What a developer has set by hand for the time being, under `npc_10`."""
    if session.over is None:
        return {}
    return {npc_name(session.release.ids, npc): dict(values) for npc, values in sorted(session.over.overrides.items())}


def brief_json(session: GameSession) -> Json:
    """A session in a list: no view, no query."""
    state = session.state
    return {
        "id": session.pk,
        "session_id": session.pk,
        "world_id": session.world_id,
        "user_id": session.user_id,
        "world_time": state["world_time"],
        "version": session.version,
        "seq": session.seq,
        "on_draft": session.on_draft,
        "hand_edited": session.hand_edited,
        "created_at": session.created_at,
        "updated_at": session.updated_at,
    }


def moved_json(moved: Moved, *, author: bool = False) -> Json:
    """Session + `changes`, what every move answers."""
    return {
        **session_json(moved.session, moved.world, moved.state, author=author),
        "changes": changes_json(moved.session.release.ids, moved.changes),
    }


def npc_name(ids: Mapping[str, Any], npc: str) -> str:
    """`npc_10`; the key where the NPC is gone."""
    found = ids.get("npcs", {}).get(npc)
    return f"npc_{found}" if found is not None else npc


def change_json(ids: Mapping[str, Any], change: Change) -> Json:
    data: Json = {"path": change.path, "before": change.before, "after": change.after, "label": change.label}
    if change.npc:
        head, _, rest = change.path.partition(".")
        _, dot, tail = rest.partition(".")
        data["path"] = f"{head}.{npc_name(ids, change.npc)}{dot}{tail}"
        data["npc_id"] = ids.get("npcs", {}).get(change.npc)
    return data


def changes_json(ids: Mapping[str, Any], changes: Iterable[Change]) -> list[Json]:
    return [change_json(ids, change) for change in changes]


def event_json(session: GameSession, event: SessionEvent, *, author: bool = False) -> Json:
    """A row of the log: what was done, what it changed. Authors also see the raw action; players' notes are theirs."""
    spec = spec_of_sha(session.world_id, event.world)
    changes = describe(spec, event.patch or ()) if event.version else ()
    state_time = next((entry.get("a") for entry in event.patch or () if entry["p"] == ["world_time"]), None)
    return {
        "seq": event.seq,
        "version": event.version,
        "action": event.action if author or event.action.get("type") == "note" else event.action.get("type"),
        "changes": changes_json(session.release.ids, changes),
        "world_time": state_time,
        "at": event.at,
    }
