"""What the pages on a session's past and on its inside show: saves and branches, the developer's panel, the author's timeline. Pure shaping."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import QueryDict

from generation.queries import asset_url, poster_url
from pixsim.lib.admin import pretty
from pixsim.lib.errors import Invalid
from worlds.rules.words import number, title

from . import engine, output, pages, queries
from .models import DialogueTurn, GameSession, SavedGame, SessionEvent
from .releases import spec_of, spec_of_sha
from .spec import WorldSpec

Json = dict[str, Any]
EVENTS_SHOWN = 25
TIMELINE_ROWS = 2000
WHY = {
    "session": "put there by the story",
    "pinned": "pinned by the author",
    "schedule": "by schedule, {clock}",
    "home": "at home",
    "none": "nowhere just now",
}
LIVE = ("session_id", "world_id", "scene_id", "current_node_id", "flags", "stats", "inventory", "world_time", "relationships", "version")


# -- saves and branches -----------------------------------------------------------------------------------------------


def saves_page(session: GameSession, user: Any) -> Json:
    """Two queries."""
    return {
        "session": session,
        "world": session.world,
        "saves": [save_line(save) for save in queries.saves_of(session)],
        "now": pages.game_line(session),
        "branches": list(tree(queries.branches(session, user), session)),
    }


def save_line(save: SavedGame) -> Json:
    return {
        "number": save.number,
        "name": save.name or ("Before the scene changed" if save.is_auto else f"Save {save.number}"),
        "given": save.name,
        "is_auto": save.is_auto,
        "where": ", ".join(words for words in (save.scene, save.place) if words),
        "clock": save.clock,
        "version": save.version,
        "created_at": save.created_at,
        "picture": (poster_url(save.picture) or (asset_url(save.picture) if save.picture.media_type == "image" else "")) if save.picture else "",
    }


def tree(branches: list[GameSession], here: GameSession) -> Iterator[Json]:
    """The branches in the order of a tree, each with how deep it is; one whose origin is not shown stands at the root."""
    shown = {branch.pk for branch in branches}
    below: dict[int | None, list[GameSession]] = {}
    for branch in branches:
        below.setdefault(branch.forked_from_id if branch.forked_from_id in shown else None, []).append(branch)

    def walk(root: int | None, depth: int) -> Iterator[Json]:
        for branch in below.get(root, ()):
            yield {**pages.game_line(branch), "depth": min(depth, 6), "here": branch.pk == here.pk, "version": branch.version,
                   "forked_from": branch.forked_from_id}  # fmt: skip
            yield from walk(branch.pk, depth + 1)

    return walk(None, 0)


# -- the developer's panel --------------------------------------------------------------------------------------------


def dev_panel(session: GameSession, shown: Json, npc: str) -> Json:
    """The inside of a session for its author: state, who is where and why, overrides, the latest of the log. One query. `shown` is the session as
    REST tells it, `npc` the one whose form is open."""
    world, state = spec_of(session.release), queries.state_of(session)
    people = sorted(world.npc_keys, key=lambda key: world.npc(key).name)
    chosen = npc if npc in world.npc_keys else (shown["view"]["npc"] or {}).get("key") or (people[0] if people else "")
    over = session.over
    return {
        "state": pretty({name: shown[name] for name in LIVE}),
        "people": [(key, world.npc(key).name) for key in people],
        "context": [_whereabouts(world, state, key) for key in people[:100]],
        "npc": _npc_form(world, state, chosen) if chosen else None,
        "active": over is not None,
        "overrides": [(key, world.npc(key).name if key in world.npc_keys else title(key), _told(world, values)) for key, values in
                      sorted(over.overrides.items())] if over else [],
        "moves": [_tried(world, done) for done in reversed(over.moves[-EVENTS_SHOWN:])] if over else [],
        "events": [event_line(session, event) for event in reversed(queries.events_since(session, max(0, session.seq - EVENTS_SHOWN)))],
    }  # fmt: skip


def _whereabouts(world: WorldSpec, state: engine.PlayState, npc: str) -> Json:
    where = world.where(state, npc)
    place = world.places.get(where.location)
    why = WHY.get(where.source, where.source).format(clock=world.clock.at(state.world_time).label)
    return {"name": world.npc(npc).name, "place": place.name if place else "Nowhere", "why": why, "activity": title(where.activity),
            "mood": world.mood_label(state, npc)}  # fmt: skip


def _npc_form(world: WorldSpec, state: engine.PlayState, npc: str) -> Json:
    def field(group: str, key: str, axis: Any, value: float) -> Json:
        tiers = world.tiers.get(key)
        return {"name": f"{group}.{key}", "label": title(key), "min": axis.minimum, "max": axis.maximum, "step": axis.step, "value": number(value),
                "words": tiers.of(value).title if tiers else ""}  # fmt: skip

    relationship = world.relationship(state, npc)
    return {
        "key": npc,
        "name": world.npc(npc).name,
        "fields": [field("relationships", key, world.axes[key], value) for key, value in relationship.items() if key in world.axes]
        + [field("drives", key, axis, world.drive(state, npc, key)) for key, axis in world.drive_axes.items()],
        "emotions": [(label, title(label)) for label in world.emotion_labels],
        "mood": world.mood_label(state, npc),
        "places": [(place.key, place.name) for place in world.places.values()],
    }


def _told(world: WorldSpec, values: Json) -> str:
    """What was set, in words: “Affinity 80, Trust 70, feels curious, at the Market”."""
    words = [f"{title(axis)} {number(value)}" for group in ("relationships", "drives") for axis, value in (values.get(group) or {}).items()]
    if values.get("emotion"):
        words.append(f"feels {values['emotion']['label']}")
    if "location" in values:
        place = world.places.get(values["location"] or "")
        words.append(f"at {place.name}" if place else "where usual")
    return ", ".join(words)


def _tried(world: WorldSpec, done: Json) -> Json:
    labels = [change.label for change in engine.describe(world, done["patch"]) if change.label]
    return {"version": done["version"], "what": "override" if done["override"] else done["action"].get("type", ""), "changes": labels}


def event_line(session: GameSession, event: SessionEvent) -> Json:
    """A row of the log as an author reads it."""
    changes = engine.describe(spec_of_sha(session.world_id, event.world), event.patch or ()) if event.version else ()
    return {
        "seq": event.seq, "version": event.version, "what": str(event.action.get("type", "")), "at": event.at,
        "changes": [change.label for change in changes if change.label],
    }  # fmt: skip


def overrides_of(data: QueryDict, session: GameSession) -> tuple[str, Json]:
    """The NPC and what its form sets: only what differs from how it stands. Raises Invalid for what no form of ours sends."""
    world, state, npc = spec_of(session.release), queries.state_of(session), data.get("npc", "")
    if npc not in world.npc_keys:
        raise Invalid("There is nobody like that in this world.")
    given: Json = {}
    for field in _npc_form(world, state, npc)["fields"]:
        group, _, axis = field["name"].partition(".")
        text = data.get(field["name"], "").strip()
        if not text or text == field["value"]:
            continue
        try:
            given.setdefault(group, {})[axis] = float(text)
        except ValueError:
            raise Invalid(f"{field['label']} is not a number.") from None
    if data.get("emotion"):
        given["emotion"] = {"label": data["emotion"], "intensity": 1}
    if where := data.get("location", ""):
        if where != "usual" and where not in world.places:
            raise Invalid("There is no such place.")
        given["location"] = None if where == "usual" else where
    if not given:
        raise Invalid("Nothing was changed: set a value first.")
    return npc, given


# -- the author's timeline --------------------------------------------------------------------------------------------


def timeline(session: GameSession, version: int | None) -> Json:
    """Every event of a session in words, with the prompt of every line, and the version that is looked at. Three queries."""
    log = SessionEvent.objects.filter(session=session).defer("snapshot").order_by("-seq")[:TIMELINE_ROWS]
    turns = DialogueTurn.objects.filter(session=session, outcome=DialogueTurn.Outcome.APPLIED).order_by("pk")
    prompts = {(turn.purpose == "node", turn.version): turn.pk for turn in turns.only("pk", "version", "purpose")}
    rows = [_row(session, event, prompts) for event in reversed(log)]
    versions = [row["version"] for row in rows if row["is_state"]]
    first, last = (versions[0], versions[-1]) if versions else (0, 0)
    at = last if version is None else max(first, min(version, last))
    return {"rows": rows, "first": first, "last": last, "at": at, "earlier": max(at - 1, first), "later": min(at + 1, last),
            "here": next((row for row in rows if row["is_state"] and row["version"] == at), None)}  # fmt: skip


def _row(session: GameSession, event: SessionEvent, prompts: dict[tuple[bool, int | None], int]) -> Json:
    spec, action = spec_of_sha(session.world_id, event.world), event.action
    told = pages.JOURNAL.get(str(action.get("type")))
    line = event_line(session, event)
    return {
        **line,
        "is_state": event.patch is not None,
        "title": (told(spec, action, event) if told else "") or title(line["what"]),
        "prompt": prompts.get((line["what"] == "line", event.version)) if line["what"] in ("answered", "line") else None,
        "back_to": action.get("version") if line["what"] == "restored" else None,
    }


def view_at(session: GameSession, version: int) -> Json:
    """A session as its player saw it at a version, for the player's own templates. Raises NotFound. Up to five queries."""
    event = queries.event_of(session, version)
    state = engine.PlayState.from_json(queries.state_at(session, version))
    shown = GameSession(**{field.attname: getattr(session, field.attname) for field in GameSession._meta.concrete_fields})
    shown.world, shown.release, shown.over = session.world, queries.release_of(session, event.world), session.over
    shown.state, shown.version, shown.seq, shown.notice = state.to_json(), version, event.seq, ""
    return {**output.session_json(shown, spec_of_sha(session.world_id, event.world), state), "past": True}
