"""Experiments and funnels dressed for their pages: words instead of keys, numbers as people write them, bars with their places."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from pixsim.lib.admin import pretty
from pixsim.lib.errors import DomainError
from worlds.rules.words import title

from .. import engine, simulation
from ..engine import Ids, Interact
from ..models import GameSession
from ..spec import WorldSpec
from . import funnels, variants
from .listing import session_shape
from .models import VARIANTS, Experiment

Json = dict[str, Any]
SCALE = 100  # width of a bar in units of its drawing
FIELDS = {"patch_a": "Variant A", "patch_b": "Variant B", "subject": "What varies", "title": "Title", "share": "Share", "planned": "Planned players",
          "hypothesis": "Expectation", "title_a": "Name of A", "title_b": "Name of B"}  # fmt: skip


# -- what varies ------------------------------------------------------------------------------------------------------


def subjects(spec: WorldSpec) -> list[tuple[str, list[tuple[str, str]]]]:
    """What can vary, in groups for a select: people, scenes, and the choices and ways of each scene."""
    people = [(f"npcs/{key}", spec.npc(key).name) for key in sorted(spec.npc_keys)]
    scenes = [(f"scenes/{key}", spec.scene(key).title or title(key)) for key in spec.scene_keys]
    found = [("People", people), ("Scenes, whole", scenes)]
    for key, name in scenes:
        scene = spec.scene(key.partition("/")[2])
        edges = [edge for node in scene.nodes.values() for edge in (*node.labelled, *node.automatic)]
        found.append((f"{name}: choices and ways", [(f"{key}/edges/{edge.key}", funnels.label_of(spec, "edge", edge.path)) for edge in edges]))
        found.append((f"{name}: nodes", [(f"{key}/nodes/{node}", scene.nodes[node].label or title(node)) for node in scene.nodes]))
    return [(group, options) for group, options in found if options]


def subject_words(spec: WorldSpec, text: str) -> str:
    return next((f"{group} – {name}" for group, options in subjects(spec) for key, name in options if key == text), text)


def field_words(pointer: str) -> str:
    """Where an error stands in the form."""
    field, _, rest = pointer.lstrip("/").partition("/")
    return f"{FIELDS.get(field, title(field))}{f', {rest}' if rest else ''}"


def differences(spec: WorldSpec, experiment: Experiment) -> list[Json]:
    """Every value in which the two variants of the part differ."""
    subject = variants.subject_in(spec, experiment)
    if subject is None:
        return []
    parts = [variants.part_of(variants.varied(spec.document, subject, experiment.patch_of(letter)), subject) or {} for letter in VARIANTS]
    return [{"path": " › ".join(str(step) for step in entry["p"]), "a": _value(entry, "b"), "b": _value(entry, "a")} for entry in engine.diff(*parts)]


def _value(entry: Mapping[str, Any], side: str) -> str:
    """In a patch `b` is before and `a` after."""
    if side not in entry:
        return "–"
    value = entry[side]
    return value if isinstance(value, str) else pretty(value)


def sides(spec: WorldSpec, experiment: Experiment) -> list[Json]:
    """Both variants; for a person each with what its writer would be told and a line of the scripted writer."""
    found: list[Json] = []
    for letter in VARIANTS:
        world = variants.spec_in(spec, experiment, letter)
        subject = variants.subject_in(spec, experiment)
        said = spoken(world, subject.key) if subject is not None and subject.list == "npcs" and subject.key in world.npc_keys else None
        found.append({"letter": letter, "title": experiment.title_of(letter), "said": said})
    if all(side["said"] for side in found):
        told = [{section["text"] for section in side["said"]["sections"]} for side in found]
        for side, other in zip(found, reversed(told), strict=True):
            side["said"]["sections"] = [section for section in side["said"]["sections"] if section["text"] not in other]
    return found


def spoken(world: WorldSpec, npc: str) -> Json | None:
    """The first talk with somebody that is open where he usually is: the prompt's sections and the scripted writer's line."""
    where = world.usual(npc, 0).location
    given = {"location": where} if where else {}
    try:
        stage = simulation.of_mock(world, given, ids=Ids({}, {}, {}), npc=npc)
    except DomainError:
        return None
    for key, interaction in world.interactions(npc).items():
        if interaction.to_scene:
            continue
        try:
            done = simulation.simulate(stage, Interact(npc=npc, interaction=key))
        except DomainError:
            continue
        if done.asked is not None and done.line is not None:
            return {"interaction": interaction.label, "sections": done.asked.as_json()["sections"], "line": done.line.text}
    return None


# -- outcomes ---------------------------------------------------------------------------------------------------------


def table(outcome: Json) -> Json:
    """The outcome with its rows in groups, as text, and a bar for each interval."""
    rows = [_outcome_row(row) for row in outcome["rows"]]
    return {**outcome, "groups": [(group, list(same)) for group, same in groupby(rows, key=lambda row: row["group"])]}


def _outcome_row(row: Json) -> Json:
    shown = {**row, **{name: {**row[name], "text": _text(row[name], row["kind"])} if row[name] else None for name in ("a", "b", "difference")}}
    low, high = (0.0, 1.0) if row["kind"] == "share" else _range([row["a"], row["b"]])
    for letter in VARIANTS:
        if shown[letter]:
            shown[letter]["bar"] = _bar(row[letter], low, high)
    return shown


def _range(sides: Iterable[Json | None]) -> tuple[float, float]:
    values = [value for side in sides if side for value in side.values() if value is not None]
    return (min(0.0, *values), max(0.0, *values)) if values else (0.0, 0.0)


def _bar(side: Json, low: float, high: float) -> Json:
    width = (high - low) or 1.0

    def place(value: float) -> float:
        return round((value - low) / width * SCALE, 2)

    ends = [side["low"] if side["low"] is not None else side["value"], side["high"] if side["high"] is not None else side["value"]]
    return {"x": place(ends[0]), "width": round(max(place(ends[1]) - place(ends[0]), 0.5), 2), "at": place(side["value"])}


def _text(side: Json, kind: str) -> Json:
    write = _percent if kind == "share" else _number
    value, bounds = write(side["value"]), ""
    if side["low"] is not None:
        bounds = f"{write(side['low'])} to {write(side['high'])}"
    return {"value": value.replace("-", "−"), "bounds": bounds.replace("-", "−")}


def _percent(value: float) -> str:
    return f"{value * 100:.1f} %"


def _number(value: float) -> str:
    return f"{value:.4f}" if 0 < abs(value) < 0.1 else f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}"


# -- funnels ----------------------------------------------------------------------------------------------------------


def barred(row: Json) -> Json:
    """With the places of its three pieces in a bar: taken, left by choice, kept out by a gate."""
    pieces, x = [], 0.0
    for name in ("taken", "choice_lost", "gate_lost"):
        width = row[name] / row["reached"] * SCALE
        pieces.append({"name": name.replace("_", "-"), "x": round(x, 2), "width": round(width, 2)})
        x += width
    return {**row, "pieces": pieces, "kind_title": "Way" if row["automatic"] else "Choice" if row["kind"] == "edge" else "Interaction"}


# -- sessions ---------------------------------------------------------------------------------------------------------


def session_row(spec: WorldSpec, session: GameSession) -> Json:
    return {**session_shape(session), "where": place_words(spec, session.state), "end": ending_words(spec, session)}


def place_words(spec: WorldSpec, state: Mapping[str, Any]) -> str:
    """Where a session is: scene and node, or the place that is explored."""
    at = state.get("at")
    if at is None:
        place = spec.places.get(state.get("location", ""))
        return f"Exploring {place.name}" if place else "Exploring"
    node = spec.find_node((at["scene"], at["node"]))
    scene = spec.scene(at["scene"]).title if spec.has_scene(at["scene"]) else at["scene"]
    return f"{scene}: {node.label or at['node'] if node else at['node']}"


def ending_words(spec: WorldSpec, session: GameSession) -> str:
    tally = getattr(session, "tally", None)
    kind, _, path = (tally.ending if tally is not None else "").partition(":")
    if not kind:
        return ""
    if kind == "ending":
        return spec.flags[path].title if path in spec.flags else title(path)
    scene, _, key = path.partition("/")
    node = spec.find_node((scene, key))
    return node.label or title(key) if node else title(key)


def query_of(**values: str) -> str:
    """The filters for the links to other pages."""
    return urlencode({name: value for name, value in values.items() if value})
