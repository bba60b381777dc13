"""Running story tests, and recording them: a test and a compiled world in, green or the differences out. No database is read or written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from pixsim.lib.errors import DomainError, Invalid, NotAvailable
from worlds.rules.words import first_reason, number, title

from . import engine, playtest
from .mock import NO_IDS
from .playtest import Tested, at
from .simulation import Stage
from .spec import WorldSpec

Json = dict[str, Any]
EXPLORING = "exploring"


class Difference(NamedTuple):
    """How a playthrough differs from its test. `pointer` leads into the test, `words` are for people."""

    pointer: str
    words: str

    def as_json(self) -> Json:
        return self._asdict()


class Outcome(NamedTuple):
    """Green without differences; else the first one is what to look at."""

    differences: tuple[Difference, ...]
    met: frozenset[tuple[str, str]] = frozenset()
    """Nodes and edges the playthrough came by, as the coverage counts them: what the test covers."""

    @property
    def is_green(self) -> bool:
        return not self.differences


def run(world: WorldSpec, test: Mapping[str, Any]) -> Outcome:
    """Plays a test through. Total: whatever the world has become, the answer says how it differs."""
    try:
        begun = _opened(world, test)
    except DomainError as error:
        where = error.errors[0].pointer if isinstance(error, Invalid) and error.errors else "/start"
        return Outcome((Difference(where, f"The test cannot begin: {error.detail}"),))
    tested: list[Tested] = []
    found: list[Difference] = []
    expect = test.get("expect") or {}
    path: Sequence[str | None] = expect.get("path") or ()
    actions = test.get("actions") or ()
    for index, given in enumerate(actions):
        stage = tested[-1].stage if tested else begun
        try:
            tested.append(playtest.play(stage, given, pointer=f"/actions/{index}"))
        except DomainError as error:
            reasons = error.reasons if isinstance(error, NotAvailable) else ()
            why = first_reason(reasons, world.names) or error.detail
            found.append(Difference(f"/actions/{index}", f"{_move(world, stage, index, given)} is not open: {why}"))
            break
        here = at(tested[-1].stage)
        if index < len(path) and here != path[index]:
            led = f"{_move(world, stage, index, given)} leads to {_node(world, here)}, not to {_node(world, path[index])}."
            found.append(Difference(f"/expect/path/{index}", led))
            break
    met = {(touch.kind, touch.subject) for each in tested for touch in each.touched if touch.kind in ("node", "edge")}
    if first := at(begun):
        met.add(("node", first))
    if not found:
        found = list(_differences(tested[-1].stage if tested else begun, expect))
    return Outcome(tuple(found), frozenset(met))


def told(world: WorldSpec, test: Mapping[str, Any]) -> list[str]:
    """What a test does, as people say it: where it begins, and each move with where it leads. Ends at a move that is not open. Empty where the test
    cannot begin."""
    try:
        stage = _opened(world, test)
    except DomainError:
        return []
    found = [f"Begin at {_node(world, at(stage))}"]
    for index, given in enumerate(test.get("actions") or ()):
        words = move_words(world, stage, given)
        words = f"{words[:1].upper()}{words[1:]}"
        before = at(stage)
        try:
            stage = playtest.play(stage, given, pointer=f"/actions/{index}").stage
        except DomainError:
            return [*found, f"{words} – not open now"]
        found.append(words if at(stage) == before else f"{words} → {_node(world, at(stage))}")
    return found


def record(world: WorldSpec, test: Mapping[str, Any], *, only: Sequence[str] = ()) -> Json:
    """What is so now, as what to expect. `only` names the parts; without it what the moves changed, the way, and what is open at the end.
    Raises Invalid, NotAvailable where the moves cannot be made."""
    begun = _opened(world, test)
    tested = playtest.play_all(begun, test.get("actions") or ())
    now = tested[-1].stage if tested else begun
    whole = {
        "path": [at(each.stage) for each in tested],
        "node": at(now),
        "location": now.state.location or None,
        **_changed(begun, now),
        **_open(now),
    }
    return {name: value for name, value in whole.items() if (name in only if only else value not in ([], {}))}


def _opened(world: WorldSpec, test: Mapping[str, Any]) -> Stage:
    start = test.get("start") or {}
    return playtest.opened(world, NO_IDS, scene=start.get("scene") or "", node=start.get("node") or "", given=test.get("state") or {})


# -- recording --------------------------------------------------------------------------------------------------------


def _changed(begun: Stage, now: Stage) -> Json:
    """Values that the moves changed, each as exactly what it became."""
    world, before, after = now.world, begun.state, now.state
    flags = [*sorted(after.flags - before.flags), *(f"!{flag}" for flag in sorted(before.flags - after.flags))]
    relationships = {}
    for npc in sorted(world.npc_keys):
        was, became = world.relationship(before, npc), world.relationship(after, npc)
        if axes := {axis: _exactly(value) for axis, value in became.items() if value != was[axis]}:
            relationships[npc] = axes
    found: Json = {"flags": flags, "relationships": relationships}
    for name, declared in (("stats", world.stats), ("inventory", world.items)):
        had, has = _counted(before, name, declared), _counted(after, name, declared)
        found[name] = {key: _exactly(value) for key, value in has.items() if value != had[key]}
    if after.world_time != before.world_time:
        found["world_time"] = _exactly(after.world_time)
    return found


def _exactly(value: float) -> Json:
    return {"min": value, "max": value}


def _counted(state: Any, name: str, declared: Mapping[str, Any]) -> dict[str, float]:
    values = getattr(state, name)
    return {key: values.get(key, thing.axis.default) for key, thing in declared.items()}


def _open(now: Stage) -> Json:
    """Choices and ways as they are offered at the end; interactions of whom one stands before."""
    view = _view(now)
    return {
        "choices": [_availability(one, edge_id=one["edge_id"]) for one in view["choices"]],
        "interactions": [_availability(one, npc_id=npc, interaction_id=one["id"]) for npc, one in _interactions(view)],
    }


def _availability(one: Mapping[str, Any], **names: str) -> Json:
    return {**names, "available": one["available"], **({"reason": one["disabled_reason"]} if not one["available"] else {})}


def _interactions(view: Json) -> Iterator[tuple[str, Json]]:
    if view["npc"]:
        yield from ((view["npc"]["key"], one) for one in view["interactions"])
    for person in view["people"]:
        yield from ((person["key"], one) for one in person["interactions"])


def _view(stage: Stage) -> Json:
    return engine.view(stage.world, stage.state, ids=stage.ids, media=lambda key: None)


# -- comparing --------------------------------------------------------------------------------------------------------


def _differences(now: Stage, expect: Mapping[str, Any]) -> Iterator[Difference]:
    """In the order in which an author would ask: where, what, how much, what is open."""
    world, state = now.world, now.state
    if "node" in expect and at(now) != expect["node"]:
        yield Difference("/expect/node", f"The story stands at {_node(world, at(now))}, not at {_node(world, expect['node'])}.")
    if "location" in expect and (state.location or None) != expect["location"]:
        yield Difference("/expect/location", f"The player is {_place(world, state.location)}, not {_place(world, expect['location'])}.")
    for index, flag in enumerate(expect.get("flags") or ()):
        wanted, name = not flag.startswith("!"), flag.removeprefix("!")
        if (name in state.flags) != wanted:
            yield Difference(f"/expect/flags/{index}", f"“{world.names.flags.get(name) or title(name)}” is {'not ' if wanted else ''}set.")
    yield from _values(now, expect)
    yield from _moods(now, expect.get("mood") or {})
    yield from _availabilities(now, expect)


def _values(now: Stage, expect: Mapping[str, Any]) -> Iterator[Difference]:
    world, state = now.world, now.state
    for name, declared in (("stats", world.stats), ("inventory", world.items)):
        had = _counted(state, name, declared)
        for key, span in (expect.get(name) or {}).items():
            called = declared[key].title if key in declared else title(key)
            yield from _within(f"/expect/{name}/{key}", called, had.get(key), span)
    for npc, axes in (expect.get("relationships") or {}).items():
        feels = world.relationship(state, npc) if npc in world.npc_keys else {}
        for axis, span in axes.items():
            yield from _within(f"/expect/relationships/{npc}/{axis}", f"{_person(world, npc)}’s {title(axis).lower()}", feels.get(axis), span)
    if span := expect.get("world_time"):
        low, high = span.get("min", state.world_time), span.get("max", state.world_time)
        if not low <= state.world_time <= high:
            clock = world.clock
            wanted = clock.at(int(low)).label if state.world_time < low else clock.at(int(high)).label
            bound = "at the earliest" if state.world_time < low else "at the latest"
            words = f"It is {clock.at(state.world_time).label}; expected: {wanted}{'' if low == high else ' ' + bound}."
            yield Difference("/expect/world_time", words)


def _within(pointer: str, name: str, had: float | None, span: Mapping[str, float]) -> Iterator[Difference]:
    low, high = span.get("min"), span.get("max")
    if had is None:
        yield Difference(pointer, f"{name}: there is no such thing in this world any more.")
    elif (low is not None and had < low) or (high is not None and had > high):
        if low == high and low is not None:
            wanted = f"not {number(low)}"
        elif low is None or (high is not None and had > high):
            wanted = f"more than {number(high)}"
        else:
            wanted = f"less than {number(low)}"
        yield Difference(pointer, f"{name} is {number(had)}, {wanted}.")


def _moods(now: Stage, wanted: Mapping[str, str]) -> Iterator[Difference]:
    for npc, label in wanted.items():
        if npc not in now.world.npc_keys:
            yield Difference(f"/expect/mood/{npc}", f"{title(npc)} is not in this world any more.")
        elif (felt := now.world.mood_label(now.state, npc)) != label:
            yield Difference(f"/expect/mood/{npc}", f"{_person(now.world, npc)} is {felt}, not {label}.")


def _availabilities(now: Stage, expect: Mapping[str, Any]) -> Iterator[Difference]:
    if not any(expect.get(name) for name in ("choices", "interactions", "travel", "hotspots")):
        return
    view = _view(now)
    for name, key in (("choices", "edge_id"), ("travel", "location_id"), ("hotspots", "hotspot_id")):
        there = {row["key" if name == "travel" else key]: row for row in view[name]}
        for index, one in enumerate(expect.get(name) or ()):
            row = there.get(one[key])
            called = row.get("label") or row.get("name") or one[key] if row else one[key]
            yield from _compared(f"/expect/{name}/{index}", str(called), row, one)
    for index, one in enumerate(expect.get("interactions") or ()):
        npc = one["npc_id"].removeprefix("npc:")
        rows = engine.interaction_list(now.world, now.state, npc, ids=now.ids) if npc in now.world.npc_keys else []
        row = next((row for row in rows if row["id"] == one["interaction_id"]), None)
        called = f"{_person(now.world, npc)}: {row['label'] if row else one['interaction_id']}"
        yield from _compared(f"/expect/interactions/{index}", called, row, one)


def _compared(pointer: str, called: str, row: Mapping[str, Any] | None, one: Mapping[str, Any]) -> Iterator[Difference]:
    """What is not offered at all is as good as locked, but has no reason."""
    open_now, why = (row["available"], row["disabled_reason"]) if row else (False, "")
    if open_now != one["available"]:
        locked = f"is locked ({why})" if why else "is not there" if row is None else "is locked"
        yield Difference(pointer, f"“{called}” is open, and should be locked." if open_now else f"“{called}” {locked}, and should be open.")
    elif not open_now and one.get("reason") and one["reason"] != why:
        yield Difference(pointer, f"“{called}” is locked by “{why or 'not being there'}”, not by “{one['reason']}”.")


# -- words ------------------------------------------------------------------------------------------------------------


def _node(world: WorldSpec, path: str | None) -> str:
    if not path:
        return EXPLORING
    scene, _, key = path.partition("/")
    node = world.find_node((scene, key))
    return f"“{node.label}” ({path})" if node is not None and node.label else f"“{path}”"


def _place(world: WorldSpec, key: str | None) -> str:
    return f"at {world.names.places.get(key) or title(key)}" if key else "nowhere"


def _person(world: WorldSpec, npc: str) -> str:
    return world.names.people.get(npc) or title(npc)


def _move(world: WorldSpec, stage: Stage, index: int, given: Mapping[str, Any]) -> str:
    return f"Move {index + 1} ({move_words(world, stage, given)})"


def move_words(world: WorldSpec, stage: Stage, given: Mapping[str, Any]) -> str:
    """A move as people say it: take “Talk”, go to Harbor, talk with Mara."""
    kind = given["type"]
    if kind == "choose":
        labels = {one["edge_id"]: one["label"] for one in _view(stage)["choices"]}
        return f"choose “{labels.get(given['edge_id'], given['edge_id'])}”"
    if kind == "travel":
        place = str(given["location_id"])
        return f"go to {world.names.places.get(place) or place}"
    if kind == "hotspot":
        return f"use “{title(str(given['hotspot_id']))}”"
    if kind == "wait":
        return f"wait {number(int(given['advance_by_sec']) // 60)} minutes"
    if kind == "interact":
        npc = str(given["npc_id"]).removeprefix("npc:")
        known = world.interactions(npc).get(given["interaction_id"]) if npc in world.npc_keys else None
        said = given.get("choice_id") or given.get("user_choice_text")
        return f"{_person(world, npc)}: {known.label if known else given['interaction_id']}{f', “{said}”' if said else ''}"
    if kind == "say":
        return f"say “{given.get('choice_id') or given.get('user_choice_text') or ''}”"
    return "go on"
