"""Big generated worlds: the effort stays within what is given, and every way is played.

`GENERATED_SCENES=50` makes it 1,000 nodes, 200 interactions and 100 flags with the effort of the command; `-s` shows the figures.
"""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from typing import Any

from sessions.analysis.story import BUDGET, MANY, PER_SUBJECT, analyse
from sessions.spec import WorldSpec
from tests.documents import document, edge, node, npc, place, scene

from .test_oracle import contradictions

Json = dict[str, Any]

SCENES = int(os.environ.get("GENERATED_SCENES", "8"))
NODES = 20  # of a scene
PLACES = [f"p{number}" for number in range(10)]
STEPS = BUDGET if SCENES > 20 else 6_000


def generated(rnd: random.Random, scenes: int) -> Json:
    """Scenes entered at places, each a line with short cuts; two flags for each scene, four interactions."""
    flags = [f"f{number}" for number in range(2 * scenes)]
    return document(
        manifest={"wait": "places", "stats": {"coin": {"min": 0, "max": 10, "default": 3}}, "flags": {flag: {"title": flag} for flag in flags}},
        locations=[place(key) for key in PLACES],
        scenes=[_scene(rnd, number, flags) for number in range(scenes)],
        npcs=[_npc(rnd, number, flags) for number in range(scenes * 2 // 5)],
        hotspots=[_door(rnd, number, flags) for number in range(1, scenes)],
    )


def _scene(rnd: random.Random, number: int, flags: list[str]) -> Json:
    nodes = [node("n0"), *(node(f"n{each}", rnd.choice(("video", "video", "choice"))) for each in range(1, NODES - 1)), node(f"n{NODES - 1}", "end")]
    edges = [edge(f"on{each}", f"n{each}", f"n{each + 1}") for each in range(NODES - 1)]
    known, own = flags[: 2 * number + 2], flags[2 * number : 2 * number + 2]
    for each in range(NODES - 1):
        gates = ({}, {}, {"flags": [rnd.choice(("", "", "!")) + rnd.choice(known)]}, {"stats": {"coin": {"min": rnd.randint(1, 6)}}})
        effects = ({}, {"flags": [rnd.choice(own)]}, {"stats": {"coin": rnd.choice(("+1", "-1"))}})
        if rnd.random() < 0.6:
            to = f"n{rnd.randrange(each + 1, NODES)}"
            edges.append(edge(f"cut{each}", f"n{each}", to, f"go {each}", conditions=rnd.choice(gates), effects=rnd.choice(effects)))
    return scene(f"s{number}", nodes, edges, location=rnd.choice(PLACES), is_entry=number == 0)


def _door(rnd: random.Random, number: int, flags: list[str]) -> Json:
    gates = ({}, {"flags": [rnd.choice(flags[: 2 * number])]}, {"time": {"from": f"{rnd.randrange(24):02d}:00", "to": f"{rnd.randrange(24):02d}:30"}})
    return {
        "key": f"door{number}", "scope": "location", "location": rnd.choice(PLACES), "conditions": rnd.choice(gates),
        "action": {"type": "play_scene", "scene": f"s{number}"},
    }  # fmt: skip


def _npc(rnd: random.Random, number: int, flags: list[str]) -> Json:
    found = {}
    for key in (f"i{each}" for each in range(10)):
        gates = ({}, {"min_affinity": rnd.randint(0, 40)}, {"flags": [rnd.choice(flags)]}, {"location": rnd.sample(PLACES, 3)})
        nice = {"id": "nice", "label": "Nice", "once": True, "effects": {"relationships": {"npc": {"affinity": "+5"}}}}
        found[key] = {"label": key, "gating": rnd.choice(gates), "choices": rnd.choice(([], [nice]))}
    day = {"key": "day", "days": [1, 2, 3, 4, 5], "start": "08:00", "end": "18:00", "location": rnd.choice(PLACES)}
    return npc(f"m{number}", home=rnd.choice(PLACES), schedule=[day], interaction_overrides=found)


def test_of_a_big_world_most_is_answered_with_the_effort_that_is_given() -> None:
    world = WorldSpec(generated(random.Random(1), SCENES))
    began = time.process_time()
    story = analyse(world, budget=STEPS)
    status = Counter(answer.status for answer in story.answers.values())
    print(
        f"{SCENES * NODES} nodes, {len(story.answers)} answers: {dict(status)}; {story.steps} steps, {time.process_time() - began:.1f} s", flush=True
    )
    assert contradictions(world, story, set()) == []
    assert story.steps < 1.2 * (STEPS + PER_SUBJECT * max(0, len(story.answers) - MANY))
    assert status["unknown"] < 0.1 * len(story.answers)
