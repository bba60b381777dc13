"""A world document compiled for playing: immutable, lazy by part, parts shared between releases through a bounded cache.

The document (canonical JSON) is the whole input; the database is never read here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from pixsim.lib.canonical import canonical_json, sha256
from worlds.rules.clock import WEEK, Clock
from worlds.rules.drives import drive_at
from worlds.rules.graph import DeclaredStat, FlagDef, HotspotSpec, Interaction, Node, NpcSpec, Place, Preset, SceneSpec
from worlds.rules.mood import Mood, emotion_intensity, mood, mood_label
from worlds.rules.packages import enabled, felt_axes, felt_tiers
from worlds.rules.possible import span_mask
from worlds.rules.schedules import Schedule
from worlds.rules.stats import Axis, Package, Tiers
from worlds.rules.words import Names

from . import parts
from .lru import Lru

RATINGS = ("sfw", "romantic", "mature_implied", "restricted")  # mildest first
ROMANTIC = frozenset(RATINGS[1:])
MINUTE = 60
MONDAY = Clock()  # where world time 0 is Monday 00:00
KEPT_WHERES = 2**18  # people × moments that are remembered of a world

_parts: Lru[Any] = Lru(4096)


class Where(NamedTuple):
    """Where an NPC is: `source` is session, pinned, schedule, home or none; an empty location is nowhere."""

    location: str
    activity: str
    source: str


class Week(NamedTuple):
    """What decides where somebody usually is. People who live the same week are worked out together."""

    pinned: str
    home: str
    schedule: Schedule

    @classmethod
    def parse(cls, pinned: str, home: str, slots: Sequence[Mapping[str, Any]]) -> Week:
        return cls(pinned, home, Schedule.parse(slots))

    def at(self, minute: int) -> Where:
        """Pinned, else by schedule, else at home, else nowhere, so many minutes after Monday 00:00."""
        if self.pinned:
            return Where(self.pinned, "", "pinned")
        slot = self.schedule.at(MONDAY, minute * MINUTE)
        if slot is not None:
            return Where(slot.location or "", slot.activity, "schedule")
        return Where(self.home, "", "home") if self.home else Where("", "", "none")


class _Nowhere(NamedTuple):
    location: str = ""


_NOWHERE = _Nowhere()


def _minutes_at(week: Week) -> dict[str, int]:
    found: dict[str, int] = {}
    for start, end, _ in week.schedule.segments(MONDAY, 0, WEEK):
        place = week.at(start // MINUTE).location
        found[place] = found.get(place, 0) | span_mask(start // MINUTE, end // MINUTE)
    return found


class WorldSpec:
    """One release of a world, ready to be played. Never changed after it was made."""

    def __init__(self, document: Mapping[str, Any], sha: str = "") -> None:
        # In canonical order, for a database may keep another one (PostgreSQL sorts keys by length): equal hash, equal behaviour.
        document = json.loads(canonical_json(document))
        self.document = document
        self.sha = sha or sha256(document)
        self.manifest: Mapping[str, Any] = document["world"].get("meta", {}).get("manifest") or {}
        self._npc_parts = {part["key"]: part for part in document.get("npcs", ())}
        self._scene_parts = {part["key"]: part for part in document.get("scenes", ())}
        self._scenes: dict[str, SceneSpec] = {}
        self._nodes: dict[tuple[str, str] | None, Node] = {}
        self._npcs: dict[str, NpcSpec] = {}
        self._interactions: dict[str, Mapping[str, Interaction]] = {}
        self._candidates: dict[str, tuple[str, ...]] = {}
        moments = max(16, KEPT_WHERES // (len(self._npc_parts) or 1))
        self.hotspots_of = lru_cache(maxsize=256)(self._hotspots_in)
        self._weeks_at = lru_cache(maxsize=moments)(self._weeks_in)
        self._crowd_at = lru_cache(maxsize=moments)(self._crowd_in)
        self._drive_at = lru_cache(maxsize=4096)(self._drive_value)

    # -- manifest -----------------------------------------------------------------------------------------------------

    @cached_property
    def clock(self) -> Clock:
        return Clock.parse(self.manifest.get("clock"))

    @cached_property
    def features(self) -> frozenset[str]:
        return frozenset(self.manifest.get("enabled_features", ()))

    @cached_property
    def packages(self) -> Mapping[str, Package]:
        return enabled(self.manifest)

    @cached_property
    def axes(self) -> Mapping[str, Axis]:
        """Relationship axes by name."""
        return felt_axes(self.packages)

    @cached_property
    def drive_axes(self) -> Mapping[str, Axis]:
        return self.packages["drives"].axes if "drives" in self.packages else {}

    @cached_property
    def tiers(self) -> Mapping[str, Tiers]:
        return felt_tiers(self.packages)

    @cached_property
    def stats(self) -> Mapping[str, DeclaredStat]:
        return {key: parts.declared(key, value, least=None) for key, value in self.manifest.get("stats", {}).items()}

    @cached_property
    def items(self) -> Mapping[str, DeclaredStat]:
        return {key: parts.declared(key, value, least=0) for key, value in self.manifest.get("items", {}).items()}

    @cached_property
    def flags(self) -> Mapping[str, FlagDef]:
        return {
            key: FlagDef(value.get("title") or parts.title(key), bool(value.get("spoiler"))) for key, value in self.manifest.get("flags", {}).items()
        }

    @cached_property
    def flag_names(self) -> frozenset[str]:
        """Every flag the world speaks of: declared, set by an effect or asked for by a condition."""
        return frozenset([*self.flags, *parts.named_flags(self.document)])

    @cached_property
    def wait(self) -> str:
        return str(self.manifest.get("wait", "places"))

    @cached_property
    def limits(self) -> Mapping[str, Any]:
        """How far model-proposed effects may move things: ± per turn and per day."""
        return {"per_turn": 5, "per_day": 15, **self.manifest.get("dialogue_limits", {})}

    @cached_property
    def influenced_axes(self) -> frozenset[str]:
        """What a model may move: the axes the author names, all where he names none."""
        return frozenset(self.limits.get("axes") or self.axes) & self.axes.keys()

    @cached_property
    def influenced_flags(self) -> frozenset[str]:
        """What a model may set: the declared flags the author names. None unless named, for a story hangs on its flags."""
        return frozenset(self.limits.get("flags") or ()) & self.flags.keys()

    @cached_property
    def free_text(self) -> bool:
        return bool(self.manifest.get("free_text", False))

    @cached_property
    def emotion_labels(self) -> tuple[str, ...]:
        """What a line may show: the labels of moods and of short emotions."""
        rules = self.packages["mood"].mood if "mood" in self.packages else None
        if rules is None:
            return ("neutral",)
        return tuple(sorted({region.label for region in rules.regions} | {label for one in rules.derivations.values() for label in one.emotions}))

    @cached_property
    def content_rating(self) -> str:
        return str(self.manifest.get("content_rating") or ("romantic" if "romance" in self.features else "sfw"))

    def preset(self, name: str) -> Preset:
        value = self.manifest.get("turn_presets", {}).get(name or "conversation", {})
        return Preset(int(value.get("avg_turns", 5)), int(value.get("max_turns", 10)))

    @cached_property
    def renamed(self) -> Mapping[str, str]:
        return dict(self.document.get("renamed", {}))

    @cached_property
    def _context(self) -> parts.PartContext:
        return parts.PartContext(
            sha=sha256(self.manifest),
            axes=self.axes,
            drive_axes=self.drive_axes,
            stats=self.stats,
            items=self.items,
            romance="romance" in self.features,
        )

    @cached_property
    def names(self) -> Names:
        """Titles for sentences."""
        affinity = self.tiers.get("affinity")
        return Names(
            flags={key: flag.title for key, flag in self.flags.items()},
            stats={key: stat.title for key, stat in self.stats.items()},
            items={key: item.title for key, item in self.items.items()},
            places={key: place.name for key, place in self.places.items()},
            people={key: part.get("name") or parts.title(key) for key, part in self._npc_parts.items()},
            tiers={tier.key: tier.title for tier in affinity.tiers} if affinity else {},
        )

    # -- parts --------------------------------------------------------------------------------------------------------

    @cached_property
    def npc_keys(self) -> frozenset[str]:
        return frozenset(self._npc_parts)

    @cached_property
    def scene_keys(self) -> tuple[str, ...]:
        return tuple(sorted(self._scene_parts))

    @cached_property
    def places(self) -> Mapping[str, Place]:
        return {part["key"]: parts.place(part, self._context) for part in self.document.get("locations", ())}

    @cached_property
    def hotspots(self) -> tuple[HotspotSpec, ...]:
        return tuple(parts.hotspot(part, self._context) for part in self.document.get("hotspots", ()))

    def _hotspots_in(self, location: str, scene: str) -> tuple[HotspotSpec, ...]:
        """Those of a place, of a scene (empty for none) and of the whole world, in that order."""
        found = self._hotspots
        return (*found.get(("location", location), ()), *found.get(("scene", scene), ()), *found.get(("world", "world"), ()))

    @cached_property
    def _hotspots(self) -> Mapping[tuple[str, str], list[HotspotSpec]]:
        found: dict[tuple[str, str], list[HotspotSpec]] = {}
        for hotspot in self.hotspots:
            owner = {"location": hotspot.location, "scene": hotspot.scene, "world": "world"}.get(hotspot.scope)
            if owner:
                found.setdefault((hotspot.scope, owner), []).append(hotspot)
        return found

    @cached_property
    def dead_ends(self) -> frozenset[str]:
        """Paths of hotspots that lead to what the world does not have."""
        return frozenset(hotspot.path for hotspot in self.hotspots if not self._leads_somewhere(hotspot))

    def _leads_somewhere(self, hotspot: HotspotSpec) -> bool:
        if hotspot.kind == "play_scene":
            return self.has_scene(hotspot.to)
        if hotspot.kind == "change_location":
            return hotspot.to in self.places
        return hotspot.to in self.npc_keys and hotspot.interaction in self.interactions(hotspot.to)

    @cached_property
    def entry_scene(self) -> str:
        """Where a session starts: the entry scene, else the first by key, else nowhere."""
        marked = [part["key"] for part in self.document.get("scenes", ()) if part.get("is_entry")]
        return str((marked or list(self.scene_keys) or [""])[0])

    def has_scene(self, key: str) -> bool:
        return key in self._scene_parts

    def scene(self, key: str) -> SceneSpec:
        """The compiled scene. Raises KeyError where the world has none of that key."""
        found = self._scenes.get(key)
        if found is None:
            part = self._scene_parts[key]
            found = self._scenes[key] = _parts.get(("scene", self._context.sha, sha256(part)), lambda: parts.scene(part, self._context))
        return found

    def npc(self, key: str) -> NpcSpec:
        """The compiled NPC. Raises KeyError where the world has none of that key."""
        found = self._npcs.get(key)
        if found is None:
            part = self._npc_parts[key]
            role = self.manifest.get("npc_roles", {}).get(part.get("role", ""), {})
            found = self._npcs[key] = _parts.get(("npc", self._context.sha, sha256(part)), lambda: parts.npc(part, role))
        return found

    def interactions(self, npc: str) -> Mapping[str, Interaction]:
        """What one can do with this NPC: the world's, its role's and its own, merged and compiled."""
        found = self._interactions.get(npc)
        if found is None:
            spec = self.npc(npc)
            role = self.manifest.get("npc_roles", {}).get(spec.role, {}).get("interaction_overrides")
            key = ("interactions", self._context.sha, spec.role, sha256(spec.overrides))
            found = self._interactions[npc] = _parts.get(
                key, lambda: parts.interactions(self.manifest.get("interactions", {}), role, spec.overrides, self._context)
            )
        return found

    @cached_property
    def has_remote(self) -> bool:
        """Whether anybody can be addressed from elsewhere."""
        roles = self.manifest.get("npc_roles", {}).values()
        sources = [self.manifest.get("interactions", {}), *(role.get("interaction_overrides") or {} for role in roles)]
        sources += [part.get("interaction_overrides") or {} for part in self._npc_parts.values()]
        return any(value.get("remote") for source in sources for value in source.values() if value)

    def find_node(self, ref: tuple[str, str] | None) -> Node | None:
        """The node at (scene, node); None where the world has none. The hottest look-up of all, so one dict answers it."""
        found = self._nodes.get(ref)
        if found is None and ref is not None and ref[0] in self._scene_parts:
            for key, node in self.scene(ref[0]).nodes.items():
                self._nodes[(ref[0], key)] = node
            found = self._nodes.get(ref)
        return found

    # -- people in time -----------------------------------------------------------------------------------------------

    @cached_property
    def _weeks(self) -> tuple[tuple[Week, tuple[str, ...]], ...]:
        """Every different week, with those who live it."""
        people: dict[str, list[str]] = {}
        for key, part in self._npc_parts.items():
            people.setdefault(json.dumps([part.get("pinned") or "", part.get("home") or "", part.get("schedule") or ()]), []).append(key)
        return tuple((Week.parse(*json.loads(week)), tuple(keys)) for week, keys in people.items())

    @cached_property
    def _week_of(self) -> Mapping[str, int]:
        return {key: number for number, (_, keys) in enumerate(self._weeks) for key in keys}

    def _weeks_in(self, minute: int) -> tuple[Where, ...]:
        """Where each week's people are in a minute of the world's week. Slots and stops of patrols change at whole minutes."""
        return tuple(week.at(minute) for week, _ in self._weeks)

    def _crowd_in(self, minute: int) -> Mapping[str, tuple[str, ...]]:
        """Who is usually where in a minute of the week, by key."""
        crowd: dict[str, list[str]] = {}
        for (_, keys), where in zip(self._weeks, self._weeks_at(minute), strict=True):
            crowd.setdefault(where.location, []).extend(keys)
        return {place: tuple(sorted(keys)) for place, keys in crowd.items()}

    def usual(self, npc: str, world_time: int) -> Where:
        """Where an NPC is when no session has a say: pinned, else schedule, else home, else nowhere. Raises KeyError for nobody."""
        return self._weeks_at(self.clock.week_second(world_time) // MINUTE)[self._week_of[npc]]

    def where(self, state: Any, npc: str) -> Where:
        """Where an NPC is in this session: placed by the scene or an effect, else as usual."""
        if state.at is not None and npc in self.cast(state):
            return Where(state.location, "", "session")
        return self._off_stage(state, npc)

    def foreseen(self, state: Any, npc: str, world_time: int) -> Where:
        """Where an NPC will be at another time, as far as the session can say now: a scene puts its people on stage for the present only."""
        if world_time == state.world_time:
            return self.where(state, npc)
        return self._off_stage(state._replace(world_time=world_time), npc)

    def location_of(self, state: Any, npc: str) -> str:
        return self.where(state, npc).location

    def _off_stage(self, state: Any, npc: str) -> Where:
        placed = state.placed.get(npc)
        if placed is not None and (placed.until is None or state.world_time < placed.until):
            return Where(placed.location, "", "session")
        return self.usual(npc, state.world_time)

    def cast(self, state: Any) -> tuple[str, ...]:
        """The people the present scene puts on stage: the node's, and the scene's."""
        node = self.find_node(state.at)
        if node is None:
            return ()
        at_node, own = self.npc_of(state, node), node.scene_npc
        if at_node == own or not own or own not in self._npc_parts:
            return (at_node,) if at_node else ()
        return (at_node, own) if at_node else (own,)

    def npc_of(self, state: Any, node: Node) -> str:
        """The NPC of a node: named, else of its role (present first, then by key), else the scene's; empty if none."""
        found = self._candidates.get(node.path)
        if found is None:
            found = self._candidates[node.path] = self._candidates_of(node)
        if len(found) > 1 and state.location:
            return next((key for key in found if self._off_stage(state, key).location == state.location), found[0])
        return found[0] if found else ""

    def _candidates_of(self, node: Node) -> tuple[str, ...]:
        """Who may be the NPC of a node: almost always one, and only for a role a matter of who is there."""
        own = (node.scene_npc,) if node.scene_npc in self._npc_parts else ()
        if node.npc in self._npc_parts:
            return (node.npc,)
        found = sorted(key for key, part in self._npc_parts.items() if node.npc_role and part.get("role") == node.npc_role)
        return own if not found or node.scene_npc in found else tuple(found)

    def npc_candidates(self, node: Node) -> tuple[str, ...]:
        """Whoever may be the answer of `npc_of` in some state."""
        self.npc_of(_NOWHERE, node)
        return self._candidates[node.path]

    def casting(self, node: Node) -> tuple[frozenset[str], frozenset[str]]:
        """Whom `cast` may put on stage at a node, and whom it puts there in any state."""
        found = self.npc_candidates(node)
        own = {node.scene_npc} & self._npc_parts.keys()
        return frozenset({*found, *own}), frozenset({*own, *(found if len(found) == 1 else ())})

    @cached_property
    def usual_minutes(self) -> Mapping[str, Mapping[str, int]]:
        """For every NPC the minutes of the week, as bits, that it usually spends at a place; the empty place is nowhere."""
        by_week = [_minutes_at(week) for week, _ in self._weeks]
        return {key: by_week[number] for key, number in self._week_of.items()}

    def present(self, state: Any) -> tuple[str, ...]:
        """Everybody who is where the player is, by key."""
        cast = self.cast(state) if state.at is not None else ()
        if not state.location:
            return cast
        usual = self._crowd_at(self.clock.week_second(state.world_time) // MINUTE).get(state.location, ())
        if not state.placed:
            return usual if set(cast) <= set(usual) else tuple(sorted({*usual, *cast}))
        asked = {*usual, *(key for key in state.placed if key in self._npc_parts)}
        return tuple(sorted({*cast, *(key for key in asked if self._off_stage(state, key).location == state.location)}))

    def next_change(self, npc: str, world_time: int) -> int:
        if npc not in self._npc_parts:
            return world_time + 86_400
        return self.npc(npc).schedule.next_change(self.clock, world_time)

    def rating(self, state: Any, npc: str = "") -> str:
        """The content rating in force: the world's, lowered by the player's own; with a minor always the mildest."""
        if npc in self._minors:
            return RATINGS[0]
        return min((rating for rating in (self.content_rating, state.rating) if rating in RATINGS), key=RATINGS.index)

    def romantic(self, state: Any, npc: str) -> bool:
        """Whether romance may happen: the world enables it, both ratings allow it, and nobody is a minor."""
        return self._has_romance and npc not in self._minors and (not state.rating or state.rating in ROMANTIC)

    @cached_property
    def _has_romance(self) -> bool:
        return "romance" in self.features and self.content_rating in ROMANTIC

    @cached_property
    def _minors(self) -> frozenset[str]:
        return frozenset(key for key, part in self._npc_parts.items() if part.get("is_minor"))

    # -- relationship, drives, mood -----------------------------------------------------------------------------------

    def relationship(self, state: Any, npc: str) -> dict[str, int]:
        """All axes with their values."""
        values = state.rel.get(npc, {})
        return {name: values.get(name, default) for name, default in self._neutral.items()} if values else dict(self._neutral)

    @cached_property
    def _neutral(self) -> Mapping[str, int]:
        return {name: int(axis.default) for name, axis in self.axes.items()}

    def drive(self, state: Any, npc: str, axis: str) -> int:
        anchored = state.drives.get(npc, {}).get(axis)
        value, at = anchored if anchored is not None else (self.drive_axes[axis].default, 0)
        return self._drive_at(npc, axis, value, at, state.world_time)

    def _drive_value(self, npc: str, axis: str, value: float, at: int, world_time: int) -> int:
        return drive_at(self.drive_axes[axis], value, at, self.npc(npc).schedule, self.clock, world_time)

    def _mood_inputs(self, state: Any, npc: str) -> dict[str, Any]:
        now = state.world_time
        felt = ((e.label, emotion_intensity(e.intensity, e.minutes, e.at, now)) for e in state.emotions.get(npc, ()))
        return {
            "package": self.packages["mood"],
            "relationship": self.relationship(state, npc),
            "personality": self.npc(npc).personality,
            "drives": {axis: self.drive(state, npc, axis) for axis in self.drive_axes},
            "emotions": [(label, intensity) for label, intensity in felt if intensity > 0],
        }

    def mood_label(self, state: Any, npc: str) -> str:
        if "mood" not in self.packages or npc not in self._npc_parts:
            return "neutral"
        return mood_label(**self._mood_inputs(state, npc))

    def mood(self, state: Any, npc: str) -> Mood:
        """The derived mood with every contribution; neutral where the package is off."""
        if "mood" not in self.packages:
            return Mood("neutral", 0.0, (), 50.0, 40.0, ())
        return mood(**self._mood_inputs(state, npc))


def compile_world(document: Mapping[str, Any], sha: str = "") -> WorldSpec:
    return WorldSpec(document, sha)
