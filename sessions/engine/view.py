"""What a reader sees of a state: node, media with fallbacks, choices with reasons, people, place. Plain JSON, for REST and pages alike.

Pure: files come through `media`, numeric ids through `ids`; both are lookups the shell filled beforehand (`assets_of` names what it needs).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sessions.spec import WorldSpec
from worlds.rules.conditions import Verdict
from worlds.rules.graph import Edge, HotspotSpec, Interaction, Node, Place
from worlds.rules.mood import expression_for
from worlds.rules.words import first_reason, title

from .checks import interaction_checks
from .flow import ahead, edge_verdicts
from .state import Offered, PlayState
from .step import can_continue, current, hotspot_verdicts, hotspots_here, is_free, travel_verdicts, wait_refused
from .talking import choice_verdicts, interaction_verdicts, may_address, offer_verdicts, open_turn

DISCLOSURE = "You are talking to a machine. A machine writes the words of {name}, a character in a story."
Json = dict[str, Any]
AHEAD = 3  # clips to load beforehand; more would compete with the one that is shown
Media = Callable[[str], Json | None]
NO_MEDIA: Json = {"kind": "none", "url": "", "poster": "", "mime": "", "width": None, "height": None, "duration_sec": None,
                  "captions": [], "pending": False, "awaited": False, "generated": False, "alt": ""}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ids:
    """Key → id, of one release on this installation."""

    npcs: Mapping[str, int]
    locations: Mapping[str, int]
    scenes: Mapping[str, int]
    assets: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, ids: Mapping[str, Mapping[str, int]]) -> Ids:
        return cls(ids.get("npcs", {}), ids.get("locations", {}), ids.get("scenes", {}), ids.get("assets", {}))


def assets_of(world: WorldSpec, state: PlayState) -> set[str]:
    """Keys of every asset the view of this state may show."""
    keys: set[str] = set()
    node = current(world, state)
    if node is not None:
        keys |= {node.asset, str(node.meta.get("still") or "")}
    place = world.places.get(state.location)
    if place is not None:
        keys |= {place.picture, place.asset, str(place.meta.get("ambient_sound") or "")}
    for npc in {*world.present(state), *world.cast(state)}:
        keys |= {str(expression.get("asset") or "") for expression in world.npc(npc).expressions.values()}
    return (keys | set(assets_ahead(world, state))) - {""}


def assets_ahead(world: WorldSpec, state: PlayState) -> tuple[str, ...]:
    """The clips that may be next, in the order of the choices: what a client may load beforehand. Only through what is open now."""
    node = current(world, state)
    if node is None:
        return ()
    over = ahead(world, state, node)
    asked = node if over is None else over[1]
    edges = [edge for edge in asked.labelled if not any(not v.met for v in edge_verdicts(world, state, asked, edge))]
    found = (_leads_to(world, edge) for edge in (*node.automatic, *edges))
    return tuple(dict.fromkeys(target.asset for target in found if target is not None and target.asset))[:AHEAD]


def _leads_to(world: WorldSpec, edge: Edge) -> Node | None:
    """The node an edge leads to; through a node that is a door to another scene, the first one there."""
    target = world.find_node(edge.target) if edge.target is not None else None
    scene = target.to_scene if target is not None and target.kind == "scene" else edge.to_scene
    if scene and world.has_scene(scene) and world.scene(scene).entry:
        return world.find_node((scene, world.scene(scene).entry))
    return target


class _Viewer:
    def __init__(
        self, world: WorldSpec, state: PlayState, ids: Ids, media: Media, author: bool, made: Json | None = None, line: Json | None = None
    ) -> None:
        self.world, self.state, self.ids, self.media, self.author, self.made, self.line = world, state, ids, media, author, made, line
        self.node = current(world, state)

    def gated(self, verdicts: Iterable[Verdict]) -> Json:
        unmet = [v for v in verdicts if not v.met]
        data: Json = {"available": not unmet, "disabled_reason": first_reason(unmet, self.world.names)}
        if self.author:
            data["checks"] = [v.as_json() for v in unmet]
        return data

    # -- the node -----------------------------------------------------------------------------------------------------

    def node_json(self) -> Json | None:
        node = self.node
        if node is None:
            return None
        over = ahead(self.world, self.state, node)
        reveal = node.reveal_at_sec if node.reveal_at_sec is not None else over[1].reveal_at_sec if over else None
        scene = self.world.scene(node.scene)
        return {
            "id": node.key,
            "scene_id": self.ids.scenes.get(node.scene),
            "scene": scene.title,
            "kind": node.kind,
            "label": node.label,
            "text": str(node.meta.get("text") or ""),
            "loopable": node.loopable,
            "skippable": node.skippable,
            "reveal_at_sec": reveal,
            "can_continue": can_continue(self.world, self.state, node),
            "free": node.free,
            "line": self.node_line(),
        }

    def node_line(self) -> Json | None:
        """What the NPC of a node says as one comes there; its text is empty while it is being written."""
        if self.line is None or self.line["npc"] not in self.world.npc_keys:
            return None
        npc = self.line["npc"]
        said = {name: self.line[name] for name in ("text", "emotion", "writer")}
        name = self.world.npc(npc).name
        return {
            "npc_id": self.ids.npcs.get(npc), "key": npc, "speaker": name, "waiting": not said["text"],
            "disclosure": DISCLOSURE.format(name=name), **said,
        }  # fmt: skip

    def clip(self) -> Json:
        """Clip made in play, else the authored one, else still, else the picture of the place, else nothing but text."""
        node = self.node
        if node is None:
            return dict(NO_MEDIA)
        captions = list(node.meta.get("captions") or ())
        wanted = self.media(node.asset) if node.asset else None
        made = self.made
        awaited = made is not None or bool(wanted and wanted["pending"])
        pending = bool(made["pending"] if made else wanted and wanted["pending"])
        place = self.world.places.get(self.state.location)
        still = str(node.meta.get("still") or "")
        shown: Json = {"captions": captions, "pending": pending, "awaited": awaited}
        for found in (made, wanted, self.media(still) if still else self.sight(place)):
            if found and (found["url"] or found["poster"]):
                kind = found["kind"] if found["url"] else "image"
                return {**NO_MEDIA, **found, **shown, "kind": kind, "url": found["url"] or found["poster"], "alt": node.label or found.get("alt", "")}
        return {**NO_MEDIA, **shown, "alt": node.label}

    def choices(self) -> list[Json]:
        node = self.node
        if node is None:
            return []
        over = ahead(self.world, self.state, node)
        asked = node if over is None else over[1]
        return wished(
            ({"edge_id": edge.key, "label": edge.label, **self.gated(edge_verdicts(self.world, self.state, asked, edge))}, edge.hide_locked)
            for edge in asked.labelled
        )

    # -- people -------------------------------------------------------------------------------------------------------

    def portraits(self, npc: str) -> list[Json]:
        found = []
        for state, expression in sorted(self.world.npc(npc).expressions.items()):
            media = self.media(str(expression.get("asset") or ""))
            if media and media["url"]:
                found.append({"expression": state, "url": media["url"], "width": media["width"], "height": media["height"],
                              "crop": expression.get("crop") or None})  # fmt: skip
        return found

    def person(self, npc: str) -> Json:
        spec, state = self.world.npc(npc), self.state
        where = self.world.where(state, npc)
        mood = self.world.mood(state, npc)
        return {
            "npc_id": self.ids.npcs.get(npc),
            "key": npc,
            "name": spec.name,
            "role": spec.role,
            "activity": where.activity,
            "portrait": self._portrait(npc, mood.label),
            "mood": {"current_emotion": mood.label, "intensity": mood.intensity, "tags": list(mood.tags)},
            "interactions": self.interactions(npc),
        }

    def _portrait(self, npc: str, label: str) -> Json | None:
        found = self.portraits(npc)
        wanted = expression_for(label, {p["expression"] for p in found})
        return next((p for p in found if p["expression"] == wanted), None)

    def focus(self) -> str:
        """The person the panel shows: whom one talks to, else the node's, else nobody."""
        turn = self.state.turn
        if turn is not None and turn.npc in self.world.npc_keys:
            return turn.npc
        return self.world.npc_of(self.state, self.node) if self.node is not None else ""

    def npc_json(self) -> Json | None:
        npc = self.focus()
        return self.whole(npc) if npc else None

    def whole(self, npc: str) -> Json:
        """Somebody with everything the panel shows."""
        values = self.world.relationship(self.state, npc)
        tiers = self.world.tiers
        return {
            **self.person(npc),
            "tier": tiers["affinity"].of(values["affinity"]).title if "affinity" in tiers else "",
            "expressions": self.portraits(npc),
            "meters": [
                {"axis": name, "label": title(name), "value": values[name], "min": axis.minimum, "max": axis.maximum,
                 "word": tiers[name].of(values[name]).title if name in tiers else ""}
                for name, axis in self.world.axes.items()
                if name not in ("chemistry", "intimacy_level") or self.world.romantic(self.state, npc)
            ],
        }  # fmt: skip

    def interactions(self, npc: str) -> list[Json]:
        if not may_address(self.world, self.state, npc):
            return []
        return self.menu(npc)

    def menu(self, npc: str) -> list[Json]:
        """What to do with somebody, talk before scenes: keys of JSON come sorted, so the author's own order is lost."""
        found = sorted(self.world.interactions(npc).values(), key=lambda interaction: interaction.type == "scene_triggered")
        return wished((self.interaction(npc, each), each.hide_locked) for each in found)

    def interaction(self, npc: str, found: Interaction) -> Json:
        unmet = interaction_verdicts(self.world, self.state, npc, found)
        data: Json = {"id": found.id, "npc_id": self.ids.npcs.get(npc), "label": found.label, "type": found.type, **self.gated(unmet)}
        if self.author:
            data["checks"] = interaction_checks(self.world, self.state, npc, found)
            data["origin"] = dict(found.origin)
        return data

    # -- talk ---------------------------------------------------------------------------------------------------------

    def dialogue(self) -> Json | None:
        """The conversation with whom one talks to; at a dialogue node, the last lines of this visit's NPC once there are any."""
        turn = self.state.turn
        if turn is None or turn.npc not in self.world.npc_keys:
            return None
        talk = self.state.talk.get(turn.npc)
        lines = talk.lines if talk else ()
        last = next((line for line in reversed(lines) if line.by == "npc"), None)
        name = self.world.npc(turn.npc).name
        return {
            "npc_id": self.ids.npcs.get(turn.npc),
            "key": turn.npc,
            "speaker": name,
            "turn": turn.id,
            "disclosure": DISCLOSURE.format(name=name),
            "text": "" if turn.waiting or last is None else last.text,
            "emotion": last.emotion if last else "",
            "writer": last.writer if last else "",
            "waiting": turn.waiting,
            "said": turn.said,
            "lines": [{"speaker": name if line.by == "npc" else "You", "by": line.by, "text": line.text, "writer": line.writer} for line in lines],
            "choices": self.dialogue_choices(),
            "closed": turn.closed,
            "free_text": self.world.free_text and open_turn(self.state) is not None,
        }

    def dialogue_choices(self) -> list[Json]:
        turn = open_turn(self.state)
        interaction = self.world.interactions(turn.npc).get(turn.interaction) if turn else None
        if turn is None or interaction is None:
            return []
        authored = wished(
            ({"choice_id": c.id, "label": c.label, "tone": c.tone,
              **self.gated(choice_verdicts(self.world, self.state, turn.npc, interaction.id, c))}, c.hide_locked)
            for c in interaction.choices.values()
        )  # fmt: skip
        return authored + [self.offer(turn.npc, offer) for offer in turn.offered]

    def offer(self, npc: str, offer: Offered) -> Json:
        """A choice the model offered; authors also see what it would do."""
        data: Json = {"choice_id": offer.id, "label": offer.label, "tone": offer.tone}
        data.update(self.gated(offer_verdicts(self.world, self.state, npc, offer)))
        if self.author:
            data["effects"] = dict(offer.effects)
        return data

    # -- place --------------------------------------------------------------------------------------------------------

    def sight(self, place: Place | None) -> Json | None:
        """The picture of a place, else that of its model; None where there is neither."""
        if place is None:
            return None
        if place.picture:
            return self.media(place.picture)
        model = self.media(place.asset) if place.asset else None
        return {**model, "kind": "image", "mime": "image/jpeg", "url": model["poster"], "poster": ""} if model and model["poster"] else None

    def place_json(self) -> Json | None:
        place = self.world.places.get(self.state.location)
        if place is None:
            return None
        picture = self.sight(place)
        model = self.media(place.asset) if place.asset else None
        sound = self.media(str(place.meta.get("ambient_sound") or ""))
        lighting = bool(place.meta.get("time_of_day_lighting"))
        return {
            "location_id": self.ids.locations.get(place.key),
            "key": place.key,
            "name": place.name,
            "picture": {**NO_MEDIA, **picture, "kind": "image", "alt": place.name} if picture and picture["url"] else None,
            "model_url": model["url"] if model else "",
            "ambient_url": sound["url"] if sound and sound["kind"] == "audio" else "",
            "ambient_sound": str(place.meta.get("ambient_sound") or ""),
            "tint": {"time": part_of_day(self.world.clock.at(self.state.world_time).second) if lighting else "",
                     "lighting": str(place.meta.get("lighting") or "")},
        }  # fmt: skip

    def hotspots(self) -> list[Json]:
        return wished((self.hotspot(h), bool(h.meta.get("hide_locked"))) for h in hotspots_here(self.world, self.state))

    def hotspot(self, h: HotspotSpec) -> Json:
        return {
            "hotspot_id": h.key,
            "label": str(h.meta.get("label") or title(h.key)),
            "prompt_text": str(h.meta.get("prompt_text") or ""),
            "region": dict(h.region) if h.region else None,
            "object_name": str((h.target.get("mesh") or {}).get("object_name") or ""),
            **self.gated(hotspot_verdicts(self.world, self.state, h)),
        }

    def travel(self) -> list[Json]:
        if not is_free(self.world, self.state):
            return []
        return [
            {"location_id": self.ids.locations.get(key), "key": key, "name": place.name,
             **self.gated(travel_verdicts(self.world, self.state, key))}
            for key, place in self.world.places.items()
            if key != self.state.location
        ]  # fmt: skip

    def people(self) -> list[Json]:
        focus = self.focus()
        return [self.person(npc) for npc in self.world.present(self.state) if npc != focus or self.node is None]


def wished(rows: Iterable[tuple[Json, bool]]) -> list[Json]:
    """The rows without those that are locked and whose author wishes them hidden then."""
    return [row for row, hide_locked in rows if row["available"] or not hide_locked]


def part_of_day(second: int) -> str:
    """night before 05:00 and from 21:00, dawn until 08:00, dusk from 18:00, else day."""
    hour = second // 3600
    return "night" if hour < 5 or hour >= 21 else "dawn" if hour < 8 else "dusk" if hour >= 18 else "day"


def view(
    world: WorldSpec, state: PlayState, *, ids: Ids, media: Media, author: bool = False, made: Json | None = None, line: Json | None = None
) -> Json:
    """Everything a page or a client needs to show this state and to offer its moves. Authors also get every clause and its origin.
    `made` is what play has made for the node, in the shape of `media`; perhaps still pending. `line` is what its NPC says there: `npc, text,
    emotion, writer`; perhaps still without words."""
    viewer = _Viewer(world, state, ids, media, author, made, line)
    refused = wait_refused(world, state)
    node = viewer.node
    focus = viewer.focus()
    return {
        "mode": "explore" if node is None else "scene",
        "node": viewer.node_json(),
        "media": viewer.clip(),
        "choices": viewer.choices(),
        "npc": viewer.npc_json(),
        "dialogue": viewer.dialogue(),
        "interactions": viewer.interactions(focus) if focus else [],
        "people": viewer.people() if node is None or node.free else [],
        "place": viewer.place_json(),
        "hotspots": viewer.hotspots(),
        "travel": viewer.travel(),
        "ahead": [found["url"] for key in assets_ahead(world, state) if (found := media(key)) and found["url"]],
        "wait": {"allowed": not refused, "reason": refused},
        "discovered": [
            {"key": key, "title": world.flags[key].title} for key in sorted(state.flags) if key in world.flags and not world.flags[key].spoiler
        ],
        "inventory": [
            {"key": key, "title": item.title, "count": count}
            for key, item in world.items.items()
            if (count := state.inventory.get(key, int(item.axis.default)))
        ],
        "stats": [{"key": key, "title": stat.title, "value": state.stats.get(key, stat.axis.default)} for key, stat in world.stats.items()],
    }


def interaction_list(world: WorldSpec, state: PlayState, npc: str, *, ids: Ids, author: bool = False) -> list[Json]:
    """The interactions of one NPC with their reasons, wherever the NPC is."""
    viewer = _Viewer(world, state, ids, lambda key: None, author)
    return viewer.menu(npc)


def portrait(world: WorldSpec, state: PlayState, npc: str, *, media: Media) -> Json | None:
    """The face of an NPC in its present mood, with its crop; None where there is none."""
    return _Viewer(world, state, Ids({}, {}, {}), media, author=False)._portrait(npc, world.mood_label(state, npc))


def npc_view(world: WorldSpec, state: PlayState, npc: str, *, ids: Ids, media: Media) -> Json:
    """One NPC as the panel of a page shows it, wherever the NPC is."""
    return _Viewer(world, state, ids, media, author=False).whole(npc)
