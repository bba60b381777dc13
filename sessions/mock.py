"""States and moves of a try-out: a mock state (`npcs/mock_state`) or a whole one (`sessions/state`) read into a state of play and back, an action
(`sessions/action`) read into a move. One reading for list, simulate, preview, playtest, overrides and story tests. Nothing is kept here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, Final

from pixsim.lib import schema
from pixsim.lib.errors import FieldError, Invalid
from worlds.rules.mood import labels

from . import engine
from .engine import Ids, PlayState
from .engine.state import Emotion, Placement
from .moves import said
from .spec import WorldSpec

Json = dict[str, Any]
FORCED_MINUTES: Final = 14 * 24 * 60
"""A mood given by hand is an emotion at full strength; this long, so that simulated hours do not wash it away."""
SHOWN: Final = 12
NO_IDS: Final = Ids({}, {}, {})
"""With these, things are called by key: what is kept outlives the ids of one installation."""
NPC, PLACE, SCENE = "NPC", "place", "scene"


def state(world: WorldSpec, given: Mapping[str, Any], *, ids: Ids, npc: str | None = None, pointer: str = "/state") -> PlayState:
    """The state a client describes. Raises Invalid with pointers behind `pointer`.

    A mock state lies over the beginning of a session: exploring, at the beginning's place, everybody as they first feel. Things go by key, id
    or `npc_<id>`; names the world does not have are refused with those it has; numbers are kept in their range. `mood` alone is that of `npc`.
    A whole state (with `v`) is checked, not trusted: what this world does not have is mended as if the world had changed under the session.
    """
    found = [FieldError(*error) for error in schema.errors("sessions/state", dict(given), prefix=pointer)]
    if found:
        raise Invalid(found)
    if "v" in given:
        return _whole(world, given)
    reader = Names(world, ids, pointer)
    values: Json = {
        "flags": reader.known(given.get("flags", ()), flags_of(world), "flag", "/flags"),
        "stats": reader.counted(given.get("stats", {}), world.stats, "stat", "/stats"),
        "inventory": reader.counted(given.get("inventory", {}), world.items, "item", "/inventory"),
        "relationships": reader.relationships(given.get("relationships", {})),
        "world_time": given.get("world_time", 0),
        "location": reader.location(given["location"]) if "location" in given else beginning(world),
    }
    seen = reader.seen(given.get("seen", ()))
    moods = reader.moods(given.get("mood"), npc)
    placed = reader.placed(given.get("placed", {}))
    if reader.errors:
        raise Invalid(reader.errors)
    told = engine.step(world, engine.blank(world), engine.Patched(values=values)).state
    forced = {who: (Emotion(label, 1.0, FORCED_MINUTES, told.world_time),) for who, label in moods.items()}
    return told._replace(seen=frozenset(seen), emotions=forced, placed=placed)


def seed(given: Mapping[str, Any]) -> int:
    """The seed draws come from, 0 where none is given."""
    return int(given.get("seed", 0))


def as_json(world: WorldSpec, state: PlayState, *, ids: Ids) -> Json:
    """The mock state that `state` reads as this one; of a state that was played, what a mock state can tell of it."""
    people = sorted(npc for npc in world.npc_keys if npc in state.rel or world.npc(npc).initial.get("relationships"))
    data: Json = {
        "flags": sorted(state.flags),
        "stats": dict(sorted(state.stats.items())),
        "inventory": dict(sorted(state.inventory.items())),
        "relationships": {npc_name(world, ids, npc): world.relationship(state, npc) for npc in people},
        "seen": sorted(state.seen),
        "location": state.location or None,
        "world_time": state.world_time,
    }
    if placed := {npc: kept for npc, kept in state.placed.items() if kept.until is None or kept.until > state.world_time}:
        data["placed"] = {npc_name(world, ids, npc): placed[npc].location or None for npc in sorted(placed)}
    moods = {npc_name(world, ids, npc): forced for npc in sorted(state.emotions) if (forced := forced_mood(state, npc))}
    return {**data, "mood": moods} if moods else data


def as_given(world: WorldSpec, given: Mapping[str, Any], *, ids: Ids) -> Json:
    """A mock state as it is kept: only what it says, everything by key, numbers in their range. Raises Invalid with pointers."""
    whole, names = as_json(world, state(world, given, ids=ids), ids=NO_IDS), Names(world, ids, "")
    kept = {name: whole[name] for name in whole if name in given} | {name: given[name] for name in ("seed",) if name in given}
    if "relationships" in kept:
        said = {f"npc:{names.key(name, NPC, '')}": axes for name, axes in given["relationships"].items()}
        kept["relationships"] = {npc: {axis: whole["relationships"][npc][axis] for axis in axes} for npc, axes in said.items()}
    return kept


def forced_mood(state: PlayState, npc: str) -> str:
    """The mood that was given by hand; empty where it follows from the rest."""
    felt = state.emotions.get(npc, ())
    return next((e.label for e in felt if e.minutes == FORCED_MINUTES and e.intensity == 1 and e.at == state.world_time), "")


def npc_name(world: WorldSpec, ids: Ids, npc: str) -> str:
    """`npc_10`; by key where that would be somebody else, or the NPC has no id here."""
    number = ids.npcs.get(npc)
    return f"npc:{npc}" if number is None or f"npc_{number}" in world.npc_keys else f"npc_{number}"


def beginning(world: WorldSpec) -> str:
    """Where a session of this world begins: at the entry scene's place, else at the first by key, else nowhere."""
    entry = world.entry_scene
    place = world.scene(entry).location if entry and world.has_scene(entry) else ""
    return place if place in world.places else min(world.places, default="")


def flags_of(world: WorldSpec) -> frozenset[str]:
    """Every flag the world speaks of: declared, set by an effect or asked for by a condition."""
    return world.flag_names


def action(world: WorldSpec, state: PlayState, given: Mapping[str, Any], *, ids: Ids, pointer: str = "/action") -> engine.Action:
    """The move a client describes by the endpoint's body. Raises Invalid with pointers; whether it is open is for `step` to say."""
    found = [FieldError(*error) for error in schema.errors("sessions/action", dict(given), prefix=pointer)]
    if found:
        raise Invalid(found)
    reader = Names(world, ids, pointer)
    kind = given["type"]
    choice, text = given.get("choice_id") or "", given.get("user_choice_text") or ""
    made: engine.Action
    if kind == "choose":
        made = engine.Choose(edge=given["edge_id"])
    elif kind == "travel":
        made = engine.Travel(location=reader.key(given["location_id"], PLACE, "/location_id"))
    elif kind == "hotspot":
        made = engine.Hotspot(hotspot=given["hotspot_id"])
    elif kind == "wait":
        made = engine.Wait(seconds=int(given["advance_by_sec"]))
    elif kind == "continue":
        made = engine.Continue()
    else:
        turn = state.turn if kind == "say" else None
        npc = reader.key(given["npc_id"], NPC, "/npc_id") if kind == "interact" else turn.npc if turn else ""
        if reader.errors:
            raise Invalid(reader.errors)
        if not npc:
            return engine.Say(choice=choice, text=text)
        interaction = given["interaction_id"] if kind == "interact" else turn.interaction if turn else ""
        return said(world, state, npc, interaction, choice=choice, text=text, pointer=pointer)
    if reader.errors:
        raise Invalid(reader.errors)
    return made


def action_as_json(world: WorldSpec, action: engine.Action, *, ids: Ids) -> Json | None:
    """The action that `action` reads as this move of a player; None for what only a shell does."""
    match action:
        case engine.Choose():
            return {"type": "choose", "edge_id": action.edge}
        case engine.Travel():
            return {"type": "travel", "location_id": action.location}
        case engine.Hotspot():
            return {"type": "hotspot", "hotspot_id": action.hotspot}
        case engine.Wait():
            return {"type": "wait", "advance_by_sec": action.seconds}
        case engine.Continue():
            return {"type": "continue"}
        case engine.Interact():
            return {"type": "interact", "npc_id": npc_name(world, ids, action.npc), "interaction_id": action.interaction, **_spoken(action)}
        case engine.Say():
            return {"type": "say", **_spoken(action)}
    return None


def _spoken(action: engine.Interact | engine.Say) -> Json:
    return {name: value for name, value in (("choice_id", action.choice), ("user_choice_text", action.text)) if value}


# -- whole states -----------------------------------------------------------------------------------------------------


def _whole(world: WorldSpec, given: Mapping[str, Any]) -> PlayState:
    told = PlayState.from_json(given)
    mended = engine.reconcile(world, told, ()).state
    turn = told.turn
    if turn is not None and mended == told._replace(world=world.sha, turn=None) and _talkable(world, turn):
        return mended._replace(turn=turn)
    return mended


def _talkable(world: WorldSpec, turn: engine.Turn) -> bool:
    return turn.npc in world.npc_keys and turn.interaction in world.interactions(turn.npc)


# -- mock states ------------------------------------------------------------------------------------------------------


class Names:
    """Names of a client as keys of a world; what is wrong gathers in `errors`."""

    def __init__(self, world: WorldSpec, ids: Ids, pointer: str) -> None:
        self.world, self.pointer = world, pointer
        self.errors: list[FieldError] = []
        self.things: Mapping[str, tuple[frozenset[str], Mapping[int, str]]] = {
            NPC: (world.npc_keys, _by_id(ids.npcs)),
            PLACE: (frozenset(world.places), _by_id(ids.locations)),
            SCENE: (frozenset(world.scene_keys), _by_id(ids.scenes)),
        }

    def key(self, name: int | str, kind: str, at: str) -> str:
        """The key behind a key, an id, `npc_10` or `npc:captain_mara`; empty, with an error, for nobody."""
        keys, by_id = self.things[kind]
        if name in keys:
            return str(name)
        bare = str(name).removeprefix("npc:") if kind == NPC else str(name)
        if isinstance(name, str) and bare in keys:
            return bare
        number = bare.removeprefix("npc_") if kind == NPC else bare
        found = by_id.get(int(number)) if number.isascii() and number.isdigit() and len(number) < 20 else None
        return found if found in keys else self._refused(name, keys, kind, at)

    def _refused(self, name: int | str, known: Iterable[str], kind: str, at: str) -> str:
        self.errors.append(FieldError(self.pointer + at, "does_not_exist", _no_such(name, known, kind)))
        return ""

    def known(self, names: Iterable[str], known: frozenset[str], kind: str, at: str) -> list[str]:
        return [name if name in known else self._refused(name, known, kind, f"{at}/{number}") for number, name in enumerate(names)]

    def counted(self, values: Mapping[str, Any], declared: Mapping[str, Any], kind: str, at: str) -> Json:
        for name in values:
            if name not in declared:
                self._refused(name, declared, kind, f"{at}/{name}")
        return {name: value for name, value in values.items() if name in declared}

    def location(self, name: int | str | None, at: str = "/location") -> str:
        return "" if name is None else self.key(name, PLACE, at)

    def placed(self, values: Mapping[str, int | str | None]) -> dict[str, Placement]:
        return {
            npc: Placement(self.location(place, f"/placed/{name}"), None)
            for name, place in values.items()
            if (npc := self.key(name, NPC, f"/placed/{name}"))
        }

    def relationships(self, values: Mapping[str, Mapping[str, Any]]) -> Json:
        found: dict[str, Json] = {}
        for name, axes in values.items():
            at = f"/relationships/{name}"
            if npc := self.key(name, NPC, at):
                found.setdefault(npc, {}).update(self.counted(axes, self.world.axes, "axis", at))
        return found

    def moods(self, given: Any, npc: str | None) -> dict[str, str]:
        if given is None:
            return {}
        if isinstance(given, str):
            if npc is None:
                self.errors.append(FieldError(f"{self.pointer}/mood", "required", "Say whose mood, by NPC: {“captain_mara”: “happy”}."))
                return {}
            return {npc: self._mood(given, "/mood")}
        return {found: self._mood(label, f"/mood/{name}") for name, label in given.items() if (found := self.key(name, NPC, f"/mood/{name}"))}

    def _mood(self, label: str, at: str) -> str:
        known = labels(self.world.packages["mood"]) if "mood" in self.world.packages else ("neutral",)
        return label if label in known else self._refused(label, known, "mood", at)

    def seen(self, names: Iterable[str]) -> list[str]:
        found = []
        for number, name in enumerate(names):
            at = f"/seen/{number}"
            scene, slash, node = name.rpartition("/")
            if slash:
                key = self.key(scene, SCENE, at)
                nodes: Iterable[str] = self.world.scene(key).nodes if key else ()
                found.append(f"{key}/{node}")
                if key and node not in nodes:
                    self._refused(name, [f"{scene}/{each}" for each in nodes], "node", at)
            elif len(homes := [key for key in self.world.scene_keys if node in self.world.scene(key).nodes]) == 1:
                found.append(f"{homes[0]}/{node}")
            elif homes:
                meant = ", ".join(f"“{key}/{node}”" for key in homes[:SHOWN])
                self.errors.append(FieldError(self.pointer + at, "ambiguous", f"Several scenes have a node “{node}”: {meant}."))
            else:
                self._refused(name, [f"{key}/{each}" for key in self.world.scene_keys for each in self.world.scene(key).nodes], "node", at)
        return found


def _by_id(ids: Mapping[str, int]) -> dict[int, str]:
    return {number: key for key, number in ids.items()}


def _no_such(name: int | str, known: Iterable[str], kind: str) -> str:
    """What there is: those that look alike first, a dozen at most."""
    names = sorted(known)
    close = get_close_matches(str(name), names, SHOWN)
    shown = (close + [each for each in names if each not in close])[:SHOWN]
    more = ", …" if len(names) > len(shown) else ""
    there = f"There is: {', '.join(f'“{each}”' for each in shown)}{more}." if shown else "There is none."
    return f"This world has no {kind} “{str(name)[:80]}”. {there}"
