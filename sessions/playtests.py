"""Playtests on pages: a throw-away state with its moves, kept in the cache for as long as somebody plays, never in the database."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any, Final

from django.core.cache import cache
from django.http import QueryDict

from pixsim.lib import strict_json
from pixsim.lib.api.serializers import valid
from pixsim.lib.canonical import plain
from pixsim.lib.errors import Invalid, NotFound
from scenes.editor.draft import drafted
from scenes.models import Scene
from scenes.serializers import GraphInput
from worlds.models import World
from worlds.references import keyed
from worlds.rules.clock import DAY, hhmm, parse_hhmm
from worlds.rules.mood import labels
from worlds.rules.words import number, title

from . import engine, mock, output, playtest, queries, simulation, storytests
from .engine import Ids, PlayState
from .models import GameSession
from .publishing import draft_spec
from .releases import compiled
from .simulation import Stage
from .spec import WorldSpec
from .stage import dressed

Json = dict[str, Any]
KEPT_SEC: Final = 4 * 3600
GAMES: Final = 5
PRESETS: Final[Mapping[str, tuple[str, Mapping[str, int] | None]]] = {
    "begin": ("As a game begins", None),
    "stranger": ("A stranger", {"affinity": 0, "trust": 0, "chemistry": 0, "tension": 0, "intimacy_level": 0}),
    "friend": ("A friend", {"affinity": 65, "trust": 60, "chemistry": 20, "tension": 0, "intimacy_level": 1}),
    "close": ("Close to each other", {"affinity": 80, "trust": 70, "chemistry": 90, "tension": 20, "intimacy_level": 3}),
    "quarrel": ("In a quarrel", {"affinity": 10, "trust": 0, "chemistry": 20, "tension": 80, "intimacy_level": 0}),
}
PARTS: Final = {
    "path": "The way: where each move leads",
    "location": "The place",
    "flags": "Flags that were set or cleared",
    "relationships": "Relationships that changed",
    "stats": "Stats that changed",
    "inventory": "Things that came or went",
    "world_time": "The time",
    "choices": "Which choices are open at the end, and why not",
    "interactions": "Which interactions are open at the end, and why not",
}


@dataclass
class Trial:
    """One playtest of one author. `states` are the state before each move and now; `graph` is one that is not saved, as the editor sent it, and
    `drawn` the document with it."""

    world_id: int
    user_id: int
    scene_id: int
    scene: str
    node: str
    given: Json
    writer: str = ""
    graph: str = ""
    drawn: Json | None = None
    actions: list[Json] = field(default_factory=list)
    states: list[Json] = field(default_factory=list)
    versions: list[int] = field(default_factory=list)
    seed: int = 0
    seq: int = 1
    token: str = ""

    def spec(self, world: World) -> tuple[WorldSpec, Ids]:
        if self.drawn is not None:
            return compiled(self.drawn["document"]), Ids.of(self.drawn["ids"])
        return draft_spec(world)

    def stage(self, world: World, number: int = -1) -> Stage:
        """After so many moves; now. A draft that was changed meanwhile is met as by a running game."""
        spec, ids = self.spec(world)
        state = PlayState.from_json(self.states[number])
        if state.world != spec.sha:
            state = engine.reconcile(spec, state, ()).state
        return Stage(world=spec, state=state, ids=ids, seed=self.seed, version=self.versions[number])

    def test(self) -> Json:
        """The playthrough as a story test, without what to expect."""
        start = {"scene": self.scene, **({"node": self.node} if self.node else {})} if self.scene else {}
        return {"start": start, "state": self.given, "actions": self.actions}


# -- kept for a while -------------------------------------------------------------------------------------------------


def find(user: Any, token: str) -> Trial:
    """Raises NotFound, also for another's."""
    kept = cache.get(f"playtest:{token}")
    if kept is None or kept["user_id"] != user.pk:
        raise NotFound("This playtest is over. Begin another one.")
    return Trial(**kept)


def _keep(trial: Trial) -> None:
    cache.set(f"playtest:{trial.token}", asdict(trial), KEPT_SEC)


def open_trial(trial: Trial, world: World, given: Json) -> Trial:
    """Raises Invalid, NotFound, NotAvailable."""
    spec, ids = trial.spec(world)
    begun = playtest.opened(spec, ids, scene=trial.scene, node=trial.node, given=given)
    trial.token = secrets.token_urlsafe(12)
    trial.given = mock.as_given(spec, given, ids=ids)
    trial.states, trial.versions, trial.seed = [plain(begun.state.to_json())], [begun.version], begun.seed
    _keep(trial)
    return trial


def move(trial: Trial, world: World, action: engine.Action) -> tuple[engine.Change, ...]:
    """What changed. Raises NotAvailable, Invalid."""
    write = playtest.writer(trial.writer, world=world, user_id=trial.user_id)
    done = playtest.made(trial.stage(world), action, write=write)
    trial.actions.append(done.action)
    trial.states.append(plain(done.stage.state.to_json()))
    trial.versions.append(done.stage.version)
    trial.seq += 1
    _keep(trial)
    return done.changes


def back(trial: Trial) -> None:
    """One move back; at the beginning nothing."""
    if trial.actions:
        trial.actions.pop()
        trial.states.pop()
        trial.versions.pop()
        trial.seq += 1
        _keep(trial)


# -- the pages --------------------------------------------------------------------------------------------------------


def game(trial: Trial, world: World) -> Json:
    """The context of the game page for a playtest. One query."""
    stage = trial.stage(world)
    write = playtest.writer(trial.writer, world=world, user_id=trial.user_id)
    data = playtest.session_json(stage, write=write)
    session = {**data, "id": "", "seq": trial.seq, "version": len(trial.actions), "notice": "", "hand_edited": False, "on_draft": True}
    return {"session": session, "view": dressed(data["view"]), "world": world, "playtest": trial}


def result(trial: Trial, world: World) -> Json:
    """The moves in words, and what became different from the beginning to now."""
    stages = [trial.stage(world, number) for number in range(len(trial.states))]
    words = [storytests.move_words(stage.world, stage, given) for stage, given in zip(stages, trial.actions, strict=False)]
    named = {"npcs": dict(stages[0].ids.npcs)}
    steps = [
        {
            "words": f"{said[:1].upper()}{said[1:]}",
            "changes": [c["label"] for c in output.changes_json(named, _between(stages[n], stages[n + 1])) if c["label"]],
        }
        for n, said in enumerate(words)
    ]
    groups: dict[str, list[Json]] = {}
    for change in _between(stages[0], stages[-1]):
        group = GROUPS.get(change.path.partition(".")[0], "Else")
        told = {"label": f"{_place(stages[0])} → {_place(stages[-1])}", "was": ""} if group == "Story" else _told(stages[-1].world, change)
        groups.setdefault(group, []).append(told)
    return {"steps": steps, "groups": [(name, groups[name]) for name in (*dict.fromkeys(GROUPS.values()), "Else") if name in groups]}


GROUPS: Final = {
    "flags": "Flags", "relationships": "Relationships", "inventory": "Inventory", "stats": "Stats", "world_time": "Time", "location": "Place",
    "current_node": "Story", "placed": "People", "emotions": "People", "memories": "People",
}  # fmt: skip


def _place(stage: Stage) -> str:
    """Where the story stands, as its author calls it."""
    node = stage.world.find_node(stage.state.at)
    return f"“{node.label or title(node.key)}”" if node is not None else "exploring"


def _between(before: Stage, after: Stage) -> tuple[engine.Change, ...]:
    return simulation.changed(after.world, before.state, after.state)


def _told(world: WorldSpec, change: engine.Change) -> Json:
    """A change in words, with how it was and is."""
    parts = change.path.split(".")
    who = f"{world.names.people.get(change.npc, title(change.npc))}: " if change.npc and parts[0] == "relationships" else ""
    label = change.label or f"{title(parts[-1])}: {_shown(change.before)} → {_shown(change.after)}"
    values = parts[0] in ("relationships", "stats", "inventory") and change.label
    return {"label": f"{who}{label}", "was": f"{_shown(change.before)} → {_shown(change.after)}" if values else ""}


def _shown(value: Any) -> str:
    return "nothing" if value in (None, "") else number(value) if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


def record(trial: Trial, world: World, only: list[str]) -> Json:
    """The expectations of a test made of this playtest, of the parts that are asked for."""
    spec, _ = trial.spec(world)
    found = storytests.record(spec, trial.test(), only=[part for part in PARTS if part in only])
    return {name: value for name, value in found.items() if value not in ([], {})}


# -- the form ---------------------------------------------------------------------------------------------------------


def drawn_by(scene: Scene, text: str) -> Json | None:
    """The world with the unsaved graph of the editor, as a form sends it; None for none. Raises Invalid."""
    if not text:
        return None
    graph = valid(GraphInput, strict_json.loads(text.encode()), prepare=partial(keyed, scene.world))
    draft = drafted(scene=scene, data=graph)
    return {"document": draft.document, "ids": draft.ids}


def given_by(world: WorldSpec, data: QueryDict) -> Json:
    """The mock state the form says: only what differs from how a game begins, so that a test made of it says what matters."""
    state: Json = {}
    if flags := list(dict.fromkeys(data.getlist("flag"))):
        state["flags"] = flags
    if moment := _moment(world, data):
        state["world_time"] = moment
    if "place" in data and data["place"] != mock.beginning(world):
        state["location"] = data["place"] or None
    for kind, declared in (("stats", world.stats), ("inventory", world.items)):
        values = {key: value for key, thing in declared.items() if (value := _number(data.get(f"{kind}.{key}"))) not in (None, thing.axis.default)}
        if values:
            state[kind] = values
    begun = engine.blank(world)
    felt: Json = {}
    for npc in sorted(world.npc_keys):
        first = world.relationship(begun, npc)
        axes = {axis: value for axis in world.axes if (value := _number(data.get(f"rel.{npc}.{axis}"))) not in (None, first[axis])}
        if axes:
            felt[npc] = axes
    if felt:
        state["relationships"] = felt
    if moods := {npc: mood for npc in sorted(world.npc_keys) if (mood := data.get(f"mood.{npc}"))}:
        state["mood"] = moods
    return state


def _number(text: str | None) -> int | None:
    digits = (text or "").strip()
    return int(digits) if digits.isascii() and digits.removeprefix("-").isdigit() and len(digits) < 8 else None


def _moment(world: WorldSpec, data: QueryDict) -> int:
    day, first = _number(data.get("day")), world.clock.at(0)
    try:
        second = parse_hhmm(data.get("time", "")) % DAY
    except ValueError:
        return 0
    return max(0, ((day if day is not None else first.day) - first.day) * DAY + second - world.clock.second(0))


def presets(world: World, user: Any) -> list[Json]:
    """How things may stand: as usual, by how people feel, and as in the author's own games of this world. One query."""
    games = GameSession.objects.filter(world=world, user=user.pk).select_related("release").defer("release__document").order_by("-updated_at")[:GAMES]
    found = [{"value": key, "label": label} for key, (label, _) in PRESETS.items()]
    return [*found, *({"value": f"game-{game.pk}", "label": f"As in your game {game.pk}"} for game in games)]


def preset(world: World, spec: WorldSpec, user: Any, name: str, npcs: set[str]) -> Json:
    """The mock state of a preset; people of the scene feel as it says. Raises NotFound for a game that is not there."""
    if name.startswith("game-") and name.removeprefix("game-").isdigit() and len(name) < 24:
        game = queries.of_player(user, world.pk).filter(pk=int(name.removeprefix("game-"))).first()
        if game is None:
            raise NotFound("There is no such game.")
        state = queries.state_of(game)
        told = mock.as_json(spec, engine.reconcile(spec, state, ()).state, ids=mock.NO_IDS)
        return {key: value for key, value in told.items() if key not in ("seen", "placed")}
    feels = PRESETS.get(name, ("", None))[1]
    if feels is None:
        return {}
    axes = {axis: spec.axes[axis].clamp(value) for axis, value in feels.items() if axis in spec.axes}
    return {"relationships": dict.fromkeys(sorted(npcs), axes)}


def editor(spec: WorldSpec, ids: Ids, given: Json, npcs: set[str]) -> Json:
    """The controls of the form with how things stand in `given`. Raises Invalid."""
    state = mock.state(spec, given, ids=ids, npc=next(iter(sorted(npcs)), None))
    moment, usual = spec.clock.at(state.world_time), labels(spec.packages["mood"]) if "mood" in spec.packages else ()
    people = sorted(spec.npc_keys, key=lambda npc: (npc not in npcs, spec.npc(npc).name))
    return {
        "day": moment.day,
        "first_day": spec.clock.at(0).day,
        "time": hhmm(moment.second),
        "places": [{"value": key, "label": place.name, "chosen": key == state.location} for key, place in spec.places.items()],
        "flags": sorted(
            ({"value": key, "label": spec.names.flags.get(key, title(key)), "chosen": key in state.flags} for key in spec.flag_names),
            key=lambda flag: str(flag["label"]),
        ),
        "stats": [_count("stats", key, each, state.stats) for key, each in spec.stats.items()],
        "items": [_count("inventory", key, each, state.inventory) for key, each in spec.items.items()],
        "people": [_person(spec, state, npc, npc in npcs, usual) for npc in people],
    }


def _count(kind: str, key: str, each: Any, values: Mapping[str, float]) -> Json:
    axis = each.axis
    return {"name": f"{kind}.{key}", "label": each.title, "value": values.get(key, axis.default), "min": axis.minimum, "max": axis.maximum}


def _person(spec: WorldSpec, state: PlayState, npc: str, here: bool, usual: tuple[str, ...]) -> Json:
    feels, forced = spec.relationship(state, npc), mock.forced_mood(state, npc)
    return {
        "key": npc,
        "name": spec.npc(npc).name,
        "open": here,
        "sliders": [
            {
                "name": f"rel.{npc}.{axis}",
                "label": title(axis),
                "value": feels[axis],
                "shown": number(feels[axis]),
                "min": each.minimum,
                "max": each.maximum,
            }
            for axis, each in spec.axes.items()
        ],
        "moods": [{"value": label, "label": title(label), "chosen": label == forced} for label in usual],
    }


def cast_of(spec: WorldSpec, scene: str) -> set[str]:
    """Everybody who may stand in a scene: whose feelings matter first."""
    if not spec.has_scene(scene):
        return set()
    nodes = spec.scene(scene).nodes.values()
    return {npc for node in nodes for npc in spec.npc_candidates(node)}


def error_words(error: Exception) -> list[str]:
    return [each.message for each in error.errors] if isinstance(error, Invalid) else [str(error)]
