"""Random small worlds and random players, for properties that must hold for every world an author could make."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from sessions.engine import (
    Answered,
    Interact,
    PlayState,
    Row,
    Say,
    Started,
    Undrawn,
    begin,
    diff,
    options,
    step,
)
from sessions.engine.actions import Action, Hotspot
from sessions.spec import WorldSpec
from tests.documents import document, edge, node, npc, place, scene

Json = dict[str, Any]
PLACES = ("harbor", "market", "tavern")
PEOPLE = ("mara", "ren", "jorin")
FLAGS = ("a", "b", "c")
MOODS = ("neutral", "friendly", "happy", "angry", "curious", "sad")


def condition(rnd: random.Random, depth: int = 0) -> Json:
    """A random condition over every key of the language."""
    makers = [
        lambda: {"flags": [rnd.choice(("", "!")) + rnd.choice(FLAGS)]},
        lambda: {"min_affinity": rnd.randint(-20, 30)},
        lambda: {"max_tension": rnd.randint(0, 60)},
        lambda: {"min_tier": rnd.choice(("wary", "stranger", "acquaintance"))},
        lambda: {"stats": {"coin": {"min": rnd.randint(0, 8)}}},
        lambda: {"inventory": {"rope": rnd.randint(0, 2)}},
        lambda: {"mood": rnd.sample(MOODS, 3)},
        lambda: {"location": rnd.sample(PLACES, 2)},
        lambda: {"time": {"from": f"{rnd.randint(0, 23):02d}:00", "to": f"{rnd.randint(0, 23):02d}:30"}},
        lambda: {"days": rnd.sample(range(1, 8), 4)},
        lambda: {"npc_present": rnd.random() < 0.7},
        lambda: {"seen": [rnd.choice(("", "!")) + f"n{rnd.randint(0, 4)}"]},
        lambda: {"features": [rnd.choice(("romance", "trading"))]},
        lambda: {"any": [condition(rnd, depth + 1), condition(rnd, depth + 1)]},
        lambda: {"not": condition(rnd, depth + 1)},
    ]
    return rnd.choice(makers if depth < 3 else makers[:13])()


def effects(rnd: random.Random) -> Json:
    """Random effects over every key of the language."""
    who = rnd.choice(("npc", *(f"npc:{key}" for key in PEOPLE)))
    makers: list[Json] = [
        {"flags": [rnd.choice(("", "!")) + rnd.choice(FLAGS)]},
        {"stats": {"coin": rnd.choice(("+3", "-2", 5))}},
        {"relationships": {who: {rnd.choice(("affinity", "trust", "tension", "chemistry")): rnd.choice(("+5", "-7", 40))}}},
        {"inventory": {"rope": rnd.choice(("+1", "-1"))}},
        {"time": {"advance_by_sec": rnd.choice((60, 3600, 28800))}},
        {"move_to": rnd.choice(PLACES)},
        {"place": {who: rnd.choice((*PLACES, None))}},
        {"emotion": {who: {"label": rnd.choice(MOODS), "intensity": 0.6, "minutes": 30}}},
        {"drives": {who: {"hunger": rnd.choice(("+20", 0))}}},
        {"memory": {who: {"topic": "t", "summary": f"s{rnd.randint(0, 60)}", "importance": rnd.randint(1, 10)}}},
    ]
    found: Json = {}
    for part in rnd.sample(makers, rnd.randint(0, 3)):
        found.update(part)
    return found


def maybe(rnd: random.Random, value: Json, chance: float = 0.4) -> Json:
    return value if rnd.random() < chance else {}


def _scene(rnd: random.Random, key: str, keys: list[str]) -> Json:
    nodes, edges = [], []
    count = rnd.randint(1, 5)
    for number in range(count):
        kind = rnd.choice(("video", "video", "choice", "dialogue", "scene", "end")) if number or key != "s0" else "video"
        meta: Json = {"free": True} if rnd.random() < 0.1 else {}
        if kind == "dialogue":
            meta["dialogueConfig"] = rnd.choice(({"npc": rnd.choice(PEOPLE)}, {"npc_role": rnd.choice(("merchant", "guard", "nobody"))}))
        if kind == "scene":
            meta["sceneConfig"] = {"scene": rnd.choice([*keys, "gone"][: len(keys) + (rnd.random() < 0.02)]), "returns": rnd.random() < 0.5}
        nodes.append(node(f"n{number}", kind, meta=meta))
        for out in range(rnd.randint(0, 3)):
            edges.append({
                **edge(f"e{number}_{out}", f"n{number}", f"n{rnd.randrange(count)}", rnd.choice(("", f"go {out}")), weight=rnd.choice((0, 1, 2.5))),
                **({"to": "", "to_scene": rnd.choice(keys)} if rnd.random() < 0.15 else {}),
                "conditions": maybe(rnd, condition(rnd)), "effects": maybe(rnd, effects(rnd)),
                "meta": maybe(rnd, rnd.choice(({"once": True}, {"cooldown_sec": 3600})), 0.1),
            })  # fmt: skip
    where = rnd.choice((*PLACES, ""))
    return scene(key, nodes, edges, **({"location": where} if where else {}), **({"npc": rnd.choice(PEOPLE)} if rnd.random() < 0.5 else {}))


def _interactions(rnd: random.Random) -> Json:
    found: Json = {}
    for key in ("talk", "flirt", "trade")[: rnd.randint(1, 3)]:
        found[key] = {
            "type": rnd.choice(("inline_dialogue", "scene_triggered")),
            "gating": maybe(rnd, condition(rnd)),
            "effects": maybe(rnd, effects(rnd)),
            "remote": rnd.random() < 0.1,
            "once": rnd.random() < 0.1,
            "cooldown_sec": rnd.choice((0, 0, 3600)),
            "choices": [
                {"id": f"c{i}", "label": f"say {i}", "effects": maybe(rnd, effects(rnd)), "conditions": maybe(rnd, condition(rnd)),
                 "closes": rnd.random() < 0.2}
                for i in range(rnd.randint(0, 3))
            ],
        }  # fmt: skip
        if rnd.random() < 0.2:
            found[key]["action"] = {"type": "play_scene", "scene": "s0"}
    return found


def _npc(rnd: random.Random, key: str) -> Json:
    slots = [
        {"key": f"s{i}", "days": rnd.sample(range(1, 8), rnd.randint(1, 7)), "start": f"{rnd.randint(0, 23):02d}:00",
         "end": f"{rnd.randint(0, 24):02d}:00", "rule": rnd.choice(("default", "hidden")), "location": rnd.choice(PLACES),
         "activity": rnd.choice(("eating", "sleeping", "working"))}
        for i in range(rnd.randint(0, 3))
    ]  # fmt: skip
    return npc(key, role=rnd.choice(("merchant", "guard")), home=rnd.choice((*PLACES, "")), schedule=slots, is_minor=rnd.random() < 0.1,
               initial={"relationships": {"affinity": rnd.randint(-30, 60)}})  # fmt: skip


def random_document(rnd: random.Random) -> Json:
    """A world with up to 4 scenes of up to 5 nodes, three people, three places, gates and effects of every kind."""
    keys = [f"s{i}" for i in range(rnd.randint(1, 4))]
    kinds = ({"type": "play_scene", "scene": rnd.choice(keys)}, {"type": "change_location", "location": rnd.choice(PLACES)},
             {"type": "npc_talk", "npc": rnd.choice(PEOPLE)})  # fmt: skip
    return document(
        manifest={
            "enabled_features": rnd.sample(("dialogue", "romance", "trading"), rnd.randint(0, 3)),
            "stats": {"coin": {"min": 0, "max": 10, "default": 3}},
            "items": {"rope": {"max": 3}},
            "wait": rnd.choice(("never", "places", "free")),
            "turn_presets": {"conversation": {"avg_turns": 2, "max_turns": 3}},
            "interactions": _interactions(rnd),
        },
        locations=[place(key, travel_conditions=maybe(rnd, condition(rnd), 0.2)) for key in PLACES],
        npcs=[_npc(rnd, key) for key in PEOPLE],
        scenes=[_scene(rnd, key, keys) for key in keys],
        hotspots=[
            {
                "key": "door",
                "scope": "location",
                "location": rnd.choice(PLACES),
                "action": rnd.choice(kinds),
                "conditions": maybe(rnd, condition(rnd)),
            },
            {"key": "bell", "scope": "world", "action": rnd.choice(kinds), "meta": {"once": True}},
        ],
    )


def worlds() -> st.SearchStrategy[WorldSpec]:
    """Hypothesis draws the seed: a world is too big to be drawn piece by piece, and a seed is enough to meet it again."""
    return st.integers(0, 2**63).map(lambda seed: WorldSpec(random_document(random.Random(seed))))


def drawn(world: WorldSpec, rnd: random.Random, state: PlayState, action: Action) -> tuple[Action, PlayState]:
    """The step with every weighted draw made: what a shell does."""
    while True:
        try:
            return action, step(world, state, action).state
        except Undrawn as need:
            keys = [key for key, _ in need.edges]
            weights = [weight for _, weight in need.edges]
            action = replace(action, via=(*action.via, rnd.choices(keys, weights if sum(weights) else None)[0]))


class Playthrough:
    """A random player's run and its log, kept as the services keep it."""

    def __init__(self, world: WorldSpec, rnd: random.Random) -> None:
        self.world, self.rnd = world, rnd
        start: Action = Started()
        while True:
            try:
                self.state = begin(world, start).state  # type: ignore[arg-type]
                break
            except Undrawn as need:
                start = Started(via=(*start.via, need.edges[0][0]))
        self.states = [self.state]
        self.rows = [Row(0, start.to_json(), world.sha, diff({}, self.state.to_json()), self.state.sha256())]

    def keep(self, action: Action, state: PlayState) -> None:
        patch = diff(self.state.to_json(), state.to_json())
        self.state = state
        self.states.append(state)
        self.rows.append(Row(len(self.rows), action.to_json(), self.world.sha, patch, state.sha256()))

    def move(self) -> bool:
        """One random open move, with the answer of a writer where one is owed. False where nothing is open."""
        found = options(self.world, self.state)
        if not found:
            return False
        action = self.rnd.choice(found).action
        if isinstance(action, Interact | Say | Hotspot):
            action = replace(action, turn=len(self.rows))
        self.keep(*drawn(self.world, self.rnd, self.state, action))
        turn = self.state.turn
        if turn is not None and turn.waiting:
            proposed = {"relationships": {"affinity": self.rnd.choice((3, -9, 50)), "nonsense": 1}, "flags": ["undeclared"]}
            self.keep(*drawn(self.world, self.rnd, self.state, Answered(turn=turn.id, text="A line.", writer="test", proposed=proposed)))
        return True
