"""What the player's pages show: the shelf of worlds, the stage of a session, its journal; and the moves their forms name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from django.http import QueryDict
from django.utils.text import Truncator

from generation.queries import asset_url, poster_url
from pixsim.lib.errors import Invalid
from pixsim.models import Rating
from scenes import problems
from worlds.models import World
from worlds.queries import published_worlds, shown_to_players
from worlds.rules import captions
from worlds.rules.words import number, title

from . import engine, output, queries, reports, story_reports, ways
from .models import GameSession, LineReport, SessionEvent
from .releases import spec_of, spec_of_sha
from .spec import WorldSpec
from .stage import dressed, meter

Json = dict[str, Any]
JOURNAL_ROWS = 200
GAMES_SHOWN = 100


# -- the shelf --------------------------------------------------------------------------------------------------------


def worlds_on_the_shelf(user: Any = None) -> list[Json]:
    """Worlds a player may choose from, with poster, rating and places; for someone logged in his games in each, newest first, and the
    drafts he owns. One query for a stranger, three for someone logged in."""
    cards = [card(world) for world in published_worlds()]
    if user is None or not user.is_authenticated:
        return cards
    cards += [draft_card(world) for world in World.objects.filter(owner=user.pk, published=None).select_related("poster")]
    games: dict[int, list[Json]] = defaultdict(list)
    for session in queries.of_player(user).order_by("-updated_at")[:GAMES_SHOWN]:
        games[session.world_id].append(game_line(session))
    return [{**one, "games": games.get(one["id"], [])} for one in cards]


def card(world: World) -> Json:
    shown = shown_to_players(world)
    head: Json = getattr(world, "head", None) or {}
    return {**_card(world, head.get("meta") or {}, shown["rating"]), "name": shown["name"], "places": len(shown["places"]), "published": True}


def draft_card(world: World) -> Json:
    return _card(world, world.meta, "")


def _card(world: World, meta: Json, rating: str) -> Json:
    return {
        "id": world.pk,
        "name": world.name,
        "theme": str(meta.get("theme") or ""),
        "tone": str(meta.get("tone") or ""),
        "rating": str(Rating(rating).label) if rating in Rating.values else "",
        "poster": poster_url(world.poster) or asset_url(world.poster) or "",
        "places": 0,
        "published": False,
        "games": [],
    }


def game_line(session: GameSession) -> Json:
    """A game in a list: when it is in its world, where, when it was last played. No query while its world is compiled."""
    spec, state = spec_of(session.release), queries.state_of(session)
    place = spec.places.get(state.location)
    return {
        "id": session.pk,
        "clock": spec.clock.at(state.world_time).label,
        "place": place.name if place else "",
        "updated_at": session.updated_at,
    }


# -- one session ------------------------------------------------------------------------------------------------------


def game_page(session: GameSession, user: Any) -> Json:
    """The context of the game page: the session as REST answers it, its view dressed for the templates. One query, in a conversation one more."""
    data = output.session_json(session)
    view = {**data["view"], "media": captioned(data["view"])}
    spoken = view["dialogue"] or (view["node"] or {}).get("line")
    reported = reports.reported(session, user.pk) if spoken else frozenset()
    spec = spec_of(session.release)
    return {
        "session": data,
        "has_look": bool(spec_of(session.release).manifest.get("look")),
        "view": dressed(view, reported),
        "world": session.world,
        "report_reasons": LineReport.Reason.choices,
        "ratings": [(value, label, value == user.rating) for value, label in Rating.choices],
        "world_rating": Rating(spec.content_rating).label,
        "hints": ways.level_of(spec) != "none",
    }


def journal_of(session: GameSession) -> list[Json]:
    """What happened, in words, newest first. One query while the releases are compiled."""
    log = SessionEvent.objects.filter(session=session, patch__isnull=False).defer("snapshot").order_by("-seq")[:JOURNAL_ROWS]
    found, time = [], int(session.state.get("world_time", 0))
    for event in log:
        if entry := journal_entry(session, event):
            found.append({**entry, "day": f"Day {spec_of_sha(session.world_id, event.world).clock.at(time).day}"})
        time = next((int(part.get("b") or 0) for part in event.patch or () if part["p"] == ["world_time"]), time)
    return found


def journal_entry(session: GameSession, event: SessionEvent) -> Json | None:
    """A row of the log as a player tells it; None for what he did not notice."""
    spec = spec_of_sha(session.world_id, event.world)
    action, touched = event.action, engine.describe(spec, event.patch or ()) if event.version else ()
    telling = JOURNAL.get(str(action.get("type")))
    if telling is None:
        return None
    clock = next((change.after for change in touched if change.path == "world_time"), None)
    words = telling(spec, action, event)
    labels = [change.label for change in touched if change.label and change.path != "location"]
    return (
        {
            "version": event.version,
            "can_return": event.version != session.version and action.get("type") != "restored",
            "title": words,
            "clock": spec.clock.at(clock).label if clock is not None else "",
            "changes": labels,
        }
        if words or labels
        else None
    )


def _arrived(spec: WorldSpec, action: Json, event: SessionEvent) -> str:
    at = next((entry.get("a") for entry in event.patch or () if entry["p"] == ["at"]), None)
    node = spec.find_node(engine.NodeRef(at["scene"], at["node"])) if isinstance(at, dict) and "node" in at else None
    return node.label if node else "The story goes on"


def _chose(spec: WorldSpec, action: Json, event: SessionEvent) -> str:
    labels = (edge.label for key in spec.scene_keys for edge in spec.scene(key).edges.values() if edge.key == action["edge"] and edge.label)
    return f"You chose: {next(labels, title(str(action['edge'])))}"


def _went(spec: WorldSpec, action: Json, event: SessionEvent) -> str:
    place = spec.places.get(action["location"])
    return f"You went to {place.name if place else title(str(action['location']))}"


def _met(spec: WorldSpec, action: Json, event: SessionEvent) -> str:
    npc, key = str(action["npc"]), str(action["interaction"])
    if npc not in spec.npc_keys:
        return title(key)
    interaction = spec.interactions(npc).get(key)
    return f"{spec.npc(npc).name}: {interaction.label if interaction else title(key)}"


def _said(spec: WorldSpec, action: Json, event: SessionEvent) -> str:
    said = next((entry.get("a") for entry in event.patch or () if entry["p"] == ["turn", "said"]), None) or action.get("text")
    return f"You said: “{said}”" if said else "You went on talking"


def _answered(spec: WorldSpec, action: Json, event: SessionEvent) -> str:
    return f"“{Truncator(action['text']).chars(200)}”"


RESTORED = {"undo": "You stepped back to an earlier moment", "redo": "You stepped forward again", "load": "You loaded a saved game"}
JOURNAL: dict[str, Callable[[WorldSpec, Json, SessionEvent], str]] = {
    "started": lambda spec, action, event: "Your story began",
    "continue": _arrived,
    "choose": _chose,
    "travel": _went,
    "hotspot": lambda spec, action, event: f"You looked closer: {title(str(action['hotspot']))}",
    "interact": _met,
    "say": _said,
    "answered": _answered,
    "wait": lambda spec, action, event: "You waited",
    "restored": lambda spec, action, event: RESTORED.get(str(action.get("why")), RESTORED["undo"]),
    "reconciled": lambda spec, action, event: "The world changed around you",
    "patched": lambda spec, action, event: "This game was edited by hand",
}


def captions_of(session: GameSession) -> list[Json]:
    """What the author wrote under the clip; where he wrote nothing, what is said at its node."""
    view = output.session_view(session, spec_of(session.release), queries.state_of(session))
    return list(captioned(view)["captions"])


def captioned(view: Json) -> Json:
    """The view's media with captions, from the spoken line where the author wrote none."""
    media, line = view["media"], (view["node"] or {}).get("line") or view["dialogue"]
    if media["kind"] != "video" or media["captions"] or not line or not line["text"]:
        return dict(media)
    return {**media, "captions": captions.of_speech(line["speaker"], line["text"])}


def things_of(session: GameSession) -> Json:
    """What the player carries, is and knows, in words. No query."""
    spec, state = spec_of(session.release), queries.state_of(session)
    declared = spec.manifest.get("items") or {}
    items = [
        {"title": item.title, "count": number(count), "text": str((declared.get(key) or {}).get("description") or "")}
        for key, item in spec.items.items()
        if (count := state.inventory.get(key, int(item.axis.default)))
    ]
    traits = spec.manifest.get("stats") or {}
    stats = [
        {
            **meter({"axis": key, "label": stat.title, "value": value, "min": stat.axis.minimum, "max": stat.axis.maximum}),
            "text": str((traits.get(key) or {}).get("description") or ""),
            "word": in_words(value, stat.axis.minimum, stat.axis.maximum),
        }
        for key, stat in spec.stats.items()
        for value in [state.stats.get(key, stat.axis.default)]
    ]
    found = [spec.flags[key].title for key in sorted(state.flags) if key in spec.flags and not spec.flags[key].spoiler]
    tiers = spec.tiers.get("affinity")
    known = [
        {"name": spec.npc(npc).name, "word": tiers.of(spec.relationship(state, npc)["affinity"]).title if tiers else ""}
        for npc in sorted(state.talk)  # whom one never talked to has no opinion one could know
        if npc in spec.npc_keys
    ]
    return {"items": items, "stats": stats, "found": found, "known": known}


def in_words(value: float, low: float, high: float) -> str:
    """How much of what is possible: five steps from none to all."""
    if high <= low:
        return ""
    share = (value - low) / (high - low)
    return "none" if share <= 0 else "little" if share < 0.25 else "some" if share < 0.6 else "plenty" if share < 1 else "as much as can be"


# -- authors ----------------------------------------------------------------------------------------------------------


def problems_of(world: World) -> list[problems.Told]:
    """What is wrong with the draft, worst first, with what an analysis that was made of it adds."""
    return problems.told(world, also=story_reports.known_problems)


# -- moves ------------------------------------------------------------------------------------------------------------


def action_of(data: QueryDict) -> engine.Action:
    """The move a form names. Raises Invalid for what no form of ours sends."""
    read = FORMS.get(data.get("type", ""))
    if read is None:
        raise Invalid("This form names no move. Reload the page and try again.")
    return read(data)


def _wait(data: QueryDict) -> engine.Action:
    seconds = data.get("seconds", "")
    if not (seconds.isascii() and seconds.isdigit() and len(seconds) < 8):
        raise Invalid("Say how long to wait.")
    return engine.Wait(seconds=int(seconds))


def _say(data: QueryDict) -> engine.Action:
    text, choice = data.get("text", "").replace("\0", "").strip(), data.get("choice", "")
    if not text and not choice:
        raise Invalid("Say something, or take one of the choices.")
    if len(text) > 500:
        raise Invalid("That is too long to say in one breath: 500 characters at most.")
    return engine.Say(choice=choice, text=text)


FORMS: dict[str, Callable[[QueryDict], engine.Action]] = {
    "continue": lambda data: engine.Continue(),
    "choose": lambda data: engine.Choose(edge=data.get("edge", "")),
    "travel": lambda data: engine.Travel(location=data.get("location", "")),
    "hotspot": lambda data: engine.Hotspot(hotspot=data.get("hotspot", "")),
    "interact": lambda data: engine.Interact(npc=data.get("npc", ""), interaction=data.get("interaction", "")),
    "say": _say,
    "wait": _wait,
}
