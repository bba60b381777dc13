"""What is wrong with the people of a world document. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from worlds.checks import Json, Known, Place, Problem, check_asset, check_interactions, entries, obj
from worlds.rules.clock import hhmm
from worlds.rules.mood import expression_for
from worlds.rules.schedules import Schedule


def problems(document: Json, known: Known | None = None) -> list[Problem]:
    known = known or Known(document)
    found: list[Problem] = []
    felt = set(_felt_in(document))
    for index, npc in enumerate(entries(document, "npcs")):
        place = Place(f"/npcs/{index}", f"npc/{npc.get('key')}")
        found += _person(npc, known, place)
        found += _schedule(npc, known, place)
        found += _expressions(npc, known, place)
        found += _feelings(npc, felt, known, place)
    return found


def _person(npc: Json, known: Known, place: Place) -> Iterator[Problem]:
    roles = obj(known.manifest.get("npc_roles"))
    if npc.get("role") and roles and str(npc["role"]) not in roles:
        yield place.at("role").warning("unknown_role", f"The manifest does not describe the role “{npc['role']}”.")
    for name in ("home", "pinned"):
        if npc.get(name) is not None and npc[name] not in known.locations:
            yield place.at(name).error("unknown_location", f"There is no place “{npc[name]}”.")
    for axis in obj(obj(npc.get("initial")).get("relationships")):
        if axis not in known.axes:
            yield place.at("initial", "relationships", axis).error("unknown_axis", f"No enabled stat package has the axis “{axis}”.")
    yield from check_interactions(npc.get("interaction_overrides"), known, place.at("interaction_overrides"))


def _schedule(npc: Json, known: Known, place: Place) -> Iterator[Problem]:
    slots = entries(npc, "schedule")
    for index, slot in enumerate(slots):
        spot = place.at("schedule", index)
        rule = slot.get("rule", "default")
        if rule == "default" and not slot.get("location"):
            yield spot.at("location").error("missing_location", "The slot does not say where; use the rule hidden for nowhere.")
        if slot.get("location") is not None and slot["location"] not in known.locations:
            yield spot.at("location").error("unknown_location", f"There is no place “{slot['location']}”.")
        if rule == "patrol" and not slot.get("stops"):
            yield spot.at("stops").error("missing_stops", "A patrol needs stops.")
        for number, stop in enumerate(entries(slot, "stops")):
            if stop.get("location") not in known.locations:
                yield spot.at("stops", number, "location").error("unknown_location", f"There is no place “{stop.get('location')}”.")
    try:
        found = Schedule.parse(slots).problems()
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        yield place.at("schedule").error("broken_schedule", str(error))
        return
    # A gap is none where there is a home: the NPC is there then. One word for two slots, however many days they share.
    overlaps = {problem.slots: problem.message for problem in found if problem.code == "overlap"}
    for message in overlaps.values():
        yield place.at("schedule").warning("overlapping_slots", message)
    for problem in found:
        if problem.code == "unreached":
            yield place.at("schedule").warning("unreached_stop", problem.message)
    gap = next((problem for problem in found if problem.code == "gap"), None)
    if gap is not None and not npc.get("home") and not npc.get("pinned"):
        hours = f"{hhmm(gap.start)} to {hhmm(gap.end)}"
        yield place.at("schedule").warning("nobody_home", f"From {hours} nothing is planned and there is no home: nobody can be met then.")


def _expressions(npc: Json, known: Known, place: Place) -> Iterator[Problem]:
    expressions = entries(npc, "expressions")
    if not any(expression.get("state") == "neutral" for expression in expressions):
        yield place.at("expressions").warning("missing_expression", "There is no neutral portrait to fall back on.")
    for index, expression in enumerate(expressions):
        yield from check_asset(expression.get("asset"), known, place.at("expressions", index, "asset"))


def _felt_in(value: Any) -> Iterator[tuple[str, str]]:
    """Who is made to feel what, by name, in any `effects` of the document."""
    if isinstance(value, Mapping):
        for who, felt in obj(obj(value.get("effects")).get("emotion")).items():
            if str(who).startswith("npc:"):
                yield str(who).removeprefix("npc:"), str(obj(felt).get("label") or "neutral")
        for inner in value.values():
            yield from _felt_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _felt_in(inner)


def _feelings(npc: Json, felt: set[tuple[str, str]], known: Known, place: Place) -> Iterator[Problem]:
    """Emotions that the story gives a person and no portrait shows, not even one that stands for it."""
    faces = {str(expression.get("state")) for expression in entries(npc, "expressions")}
    for label in sorted(label for who, label in felt if who == npc.get("key") and label != "neutral"):
        if faces and expression_for(label, faces) in (None, "", "neutral"):
            yield place.at("expressions").warning(
                "missing_expression", f"An effect makes {npc.get('name') or npc.get('key')} “{label}”, and no portrait shows it."
            )
