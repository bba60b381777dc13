"""What is wrong with a world document: names that lead nowhere in conditions, effects, interactions; and the world's own part.

Pure: works on the document alone, so the editor's unsaved draft, an import and a published release are checked alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from .rules.conditions import Context, compile_gate
from .rules.effects import Declarations, compile_effects
from .rules.packages import enabled

ERROR, WARNING = "error", "warning"
Json = Mapping[str, Any]


class Problem(NamedTuple):
    """`pointer` leads into the document; `where` is what to open: world, location/<key>, npc/<key>, scene/<key>[/<node>], hotspot/<parent>/<key>."""

    pointer: str
    code: str
    message: str
    severity: str
    where: str

    def as_json(self) -> dict[str, str]:
        return self._asdict()


class Place(NamedTuple):
    """Where in the document we are, and which part a person has to open to mend it."""

    pointer: str
    where: str

    def at(self, *parts: str | int) -> Place:
        escaped = (str(part).replace("~", "~0").replace("/", "~1") for part in parts)
        return Place("/".join((self.pointer, *escaped)), self.where)

    def error(self, code: str, message: str) -> Problem:
        return Problem(self.pointer, code, message, ERROR, self.where)

    def warning(self, code: str, message: str) -> Problem:
        return Problem(self.pointer, code, message, WARNING, self.where)


def obj(value: Any) -> Json:
    """A JSON object, or an empty one for anything else: a check never fails over what a schema has already refused."""
    return value if isinstance(value, Mapping) else {}


def entries(document: Json, name: str) -> list[Json]:
    found = document.get(name)
    return [entry for entry in found if isinstance(entry, Mapping)] if isinstance(found, list | tuple) else []


class Keys(frozenset[str]):
    """Names, in which anything may be looked for: a document from a stranger has lists where keys belong."""

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and super().__contains__(name)


@dataclass(frozen=True)
class Known:
    """Every name a world document declares."""

    document: Json

    @cached_property
    def manifest(self) -> Json:
        return obj(obj(obj(self.document.get("world")).get("meta")).get("manifest"))

    @cached_property
    def locations(self) -> Keys:
        return self._keys("locations")

    @cached_property
    def npcs(self) -> Keys:
        return self._keys("npcs")

    @cached_property
    def scenes(self) -> Keys:
        return self._keys("scenes")

    @cached_property
    def assets(self) -> Keys:
        return self._keys("assets")

    @cached_property
    def nodes(self) -> Keys:
        """`scene/node`."""
        return Keys(f"{scene.get('key')}/{node.get('key')}" for scene in entries(self.document, "scenes") for node in entries(scene, "nodes"))

    @cached_property
    def roles(self) -> Keys:
        """Roles somebody has."""
        return Keys(str(npc.get("role")) for npc in entries(self.document, "npcs") if npc.get("role"))

    @cached_property
    def features(self) -> Keys:
        found = self.manifest.get("enabled_features")
        return Keys(str(name) for name in found) if isinstance(found, list) else Keys()

    @cached_property
    def presets(self) -> Keys:
        return Keys({"conversation", *obj(self.manifest.get("turn_presets"))})

    @cached_property
    def packages(self) -> Mapping[str, Any]:
        try:
            return enabled(self.manifest)
        except (ValueError, TypeError, KeyError, AttributeError):
            return enabled({})

    @cached_property
    def axes(self) -> Mapping[str, Any]:
        return self.packages["relationships"].axes if "relationships" in self.packages else {}

    @cached_property
    def declarations(self) -> Declarations:
        drives = self.packages["drives"].axes if "drives" in self.packages else {}
        stats, items = obj(self.manifest.get("stats")), obj(self.manifest.get("items"))
        return Declarations(self.axes, drives, stats, items, "romance" in self.features)

    @cached_property
    def tiers(self) -> Keys:
        tiers = self.packages["relationships"].tiers if "relationships" in self.packages else {}
        return Keys(tier.key for tier in tiers["affinity"].tiers) if "affinity" in tiers else Keys()

    @cached_property
    def flags(self) -> Keys:
        """Declared ones and those some effect sets or clears."""
        return Keys([*self.declared_flags, *(flag.removeprefix("!") for flag in flags_set_in(self.document))])

    @cached_property
    def declared_flags(self) -> Keys:
        return Keys(obj(self.manifest.get("flags")))

    @cached_property
    def set_flags(self) -> Keys:
        """Those that come true some time: by an effect, or by a model that is allowed to."""
        allowed = _list(obj(self.manifest.get("dialogue_limits")).get("flags"))
        return Keys([*(flag for flag in flags_set_in(self.document) if not flag.startswith("!")), *map(str, allowed)])

    def _keys(self, name: str) -> Keys:
        return Keys(str(entry.get("key")) for entry in entries(self.document, name))


def flags_set_in(value: Any) -> Iterator[str]:
    """Flags in any `effects` of the document, as they are written: “!” clears."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if name == "effects":
                found = obj(inner).get("flags")
                yield from map(str, found) if isinstance(found, list) else ()
            else:
                yield from flags_set_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from flags_set_in(inner)


# -- conditions and effects -------------------------------------------------------------------------------------------
def check_conditions(value: Any, known: Known, place: Place, scene: str = "") -> Iterator[Problem]:
    """Names in a condition that nothing in the world has."""
    try:
        compile_gate(value or {}, Context(known.axes, scene))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        yield place.error("broken_condition", f"This condition can never be met: {error}")
    yield from _clauses(obj(value), known, place, scene)


def _clauses(value: Json, known: Known, place: Place, scene: str, depth: int = 0) -> Iterator[Problem]:
    if depth > 8:
        return
    for name in ("any", "all"):
        for index, inner in enumerate(_list(value.get(name))):
            yield from _clauses(obj(inner), known, place.at(name, index), scene, depth + 1)
    yield from _clauses(obj(value.get("not")), known, place.at("not"), scene, depth + 1) if value.get("not") else ()
    for index, flag in enumerate(_list(value.get("flags"))):
        if str(flag).removeprefix("!") not in known.flags:
            yield place.at("flags", index).warning("unknown_flag", f"No effect sets the flag “{str(flag).removeprefix('!')}”.")
        elif not str(flag).startswith("!") and str(flag) not in known.set_flags:
            yield place.at("flags", index).warning("never_set_flag", f"The flag “{flag}” is declared, but nothing sets it: this is never open.")
    yield from _unknown(_list(value.get("location")), known.locations, place.at("location"), "location", "There is no place")
    yield from _unknown(_list(value.get("features")), known.features, place.at("features"), "feature", "The manifest does not enable the feature")
    for name, declared in (("stats", known.declarations.stats), ("inventory", known.declarations.items)):
        for key in obj(value.get(name)):
            if key not in declared:
                kind = "stat" if name == "stats" else "item"
                yield place.at(name, key).error(f"unknown_{kind}", f"The manifest declares no {kind} “{key}”.")
    if "min_tier" in value and value["min_tier"] not in known.tiers:
        yield place.at("min_tier").error("unknown_tier", f"There is no tier “{value['min_tier']}”.")
    for index, text in enumerate(_list(value.get("seen"))):
        node = str(text).removeprefix("!").replace(".", "/")
        if (f"{scene}/{node}" if scene and "/" not in node else node) not in known.nodes:
            yield place.at("seen", index).error("unknown_node", f"There is no node “{node}”.")


def _unknown(names: Iterable[Any], known: Keys, place: Place, kind: str, words: str) -> Iterator[Problem]:
    for index, name in enumerate(names):
        if name not in known:
            yield place.at(index).error(f"unknown_{kind}", f"{words} “{name}”.")


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def check_effects(value: Any, known: Known, place: Place, *, npc: bool = True) -> Iterator[Problem]:
    """Names in effects that nothing in the world has. `npc`: whether the bare name "npc" means somebody here."""
    try:
        compile_effects(value or {}, known.declarations)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        yield Problem(place.pointer + str(getattr(error, "pointer", "")), "broken_effect", str(error), ERROR, place.where)
    effects = obj(value)
    for index, flag in enumerate(_list(effects.get("flags")) if known.declared_flags else ()):
        if (name := str(flag).removeprefix("!")) not in known.declared_flags:
            yield place.at("flags", index).warning("undeclared_flag", f"The manifest declares flags, but not “{name}”.")
    if effects.get("move_to") is not None and effects["move_to"] not in known.locations:
        yield place.at("move_to").error("unknown_location", f"There is no place “{effects['move_to']}”.")
    for name in ("relationships", "place", "emotion", "drives", "memory", "gossip"):
        for who, what in obj(effects.get(name)).items():
            spot = place.at(name, who)
            if who == "npc":
                if not npc:
                    yield spot.error("no_npc", "There is nobody here whom “npc” could mean.")
            elif who.removeprefix("npc:") not in known.npcs:
                yield spot.error("unknown_npc", f"There is no NPC “{who.removeprefix('npc:')}”.")
            for index, listener in enumerate(_list(obj(what).get("to")) if name == "gossip" else ()):
                if listener != "npc" and str(listener).removeprefix("npc:") not in known.npcs:
                    yield spot.at("to", index).error("unknown_npc", f"There is no NPC “{str(listener).removeprefix('npc:')}”.")
            where = obj(what).get("location") if isinstance(what, Mapping) else what
            if name == "place" and where is not None and where not in known.locations:
                yield spot.error("unknown_location", f"There is no place “{where}”.")


# -- interactions -----------------------------------------------------------------------------------------------------
def check_interactions(value: Any, known: Known, place: Place) -> Iterator[Problem]:
    """The interactions of the world, of a role or of an NPC, by id."""
    for key, interaction in obj(value).items():
        spot = place.at(key)
        if not isinstance(interaction, Mapping):
            continue
        yield from check_conditions(interaction.get("gating"), known, spot.at("gating"))
        yield from check_effects(interaction.get("effects"), known, spot.at("effects"))
        yield from check_action(interaction.get("action"), known, spot.at("action"))
        if interaction.get("preset") and interaction["preset"] not in known.presets:
            yield spot.at("preset").error("unknown_preset", f"The manifest has no turn preset “{interaction['preset']}”.")
        for index, line in enumerate(_list(interaction.get("lines"))):
            yield from check_conditions(obj(line).get("conditions"), known, spot.at("lines", index, "conditions"))
        for index, choice in enumerate(_list(interaction.get("choices"))):
            yield from check_conditions(obj(choice).get("conditions"), known, spot.at("choices", index, "conditions"))
            yield from check_effects(obj(choice).get("effects"), known, spot.at("choices", index, "effects"))


def check_action(value: Any, known: Known, place: Place) -> Iterator[Problem]:
    """Where a hotspot or an interaction leads."""
    action = obj(value)
    kinds = {"play_scene": ("scene", known.scenes), "change_location": ("location", known.locations), "npc_talk": ("npc", known.npcs)}
    if str(action.get("type")) not in kinds:
        return
    name, names = kinds[str(action["type"])]
    target = action.get(name, action.get(f"{name}_id"))
    if target is None:
        yield place.error(f"missing_{name}", f"It does not say which {name} it leads to.")
    elif target not in names:
        yield place.at(name if name in action else f"{name}_id").error(
            f"unknown_{name}", f"There is no {name} {f'“{target}”' if isinstance(target, str) else target}."
        )


# -- the world's own part ---------------------------------------------------------------------------------------------
def problems(document: Json, known: Known | None = None) -> list[Problem]:
    """What is wrong with the manifest and the places."""
    known = known or Known(document)
    return [*_manifest(known), *_locations(document, known)]


def _manifest(known: Known) -> Iterator[Problem]:
    place = Place("/world/meta/manifest", "world")
    yield from check_interactions(known.manifest.get("interactions"), known, place.at("interactions"))
    for role, value in obj(known.manifest.get("npc_roles")).items():
        yield from check_interactions(obj(value).get("interaction_overrides"), known, place.at("npc_roles", role, "interaction_overrides"))


def _locations(document: Json, known: Known) -> Iterator[Problem]:
    for index, entry in enumerate(entries(document, "locations")):
        place = Place(f"/locations/{index}", f"location/{entry.get('key')}")
        yield from check_conditions(entry.get("travel_conditions"), known, place.at("travel_conditions"))
        for name in ("asset", "picture"):
            yield from check_asset(entry.get(name), known, place.at(name))


def check_asset(key: Any, known: Known, place: Place) -> Iterator[Problem]:
    if key is not None and key not in known.assets:
        yield place.error("unknown_asset", f"There is no asset “{key}”.")
