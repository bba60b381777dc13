"""An analysis and a crowd as JSON and as problems: what an author is told, with words and pointers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sessions.engine.actions import Action, action_from_json
from sessions.spec import WorldSpec
from worlds.checks import Place, Problem, entries
from worlds.rules.conditions import Verdict
from worlds.rules.words import number, reason, title

from .answers import Answer, Story, Trap, Way
from .ops import ops_of
from .subjects import Subject, endings_of, subjects_of
from .walks import Crowd, spread_of

Json = dict[str, Any]


def label_of(world: WorldSpec, subject: Subject) -> str:
    """A subject in words."""
    kind, path = subject
    match kind:
        case "node":
            node = next(node for ref, node in ops_of(world).nodes.items() if ref.path == path)
            return f"{world.scene(node.scene).title}: {node.label or title(node.key)}"
        case "edge":
            _, scene, key = path.split("/", 2)
            edge = world.scene(scene).edges[key]
            return f"{world.scene(scene).title}: {f'“{edge.label}”' if edge.label else f'from {title(edge.source)}'}"
        case "interaction":
            npc, key = path.split("/", 1)
            return f"{world.interactions(npc)[key].label} with {world.npc(npc).name}"
        case "choice":
            npc, key, choice = path.split("/", 2)
            found = world.interactions(npc)[key]
            return f"“{found.choices[choice].label or title(choice)}” in {found.label} with {world.npc(npc).name}"
        case "hotspot":
            return f"Hotspot {title(path.rsplit('/', 1)[1]).lower()}"
        case "travel":
            return f"Go to {world.places[path.split('/', 1)[1]].name}"
        case _:
            return world.flags[path].title if path in world.flags else title(path)


def conflict_words(world: WorldSpec, verdict: Verdict) -> str:
    """Why a clause never holds: "needs affinity 40, and no more than 35 is possible"."""
    had = number(verdict.had) if isinstance(verdict.had, int | float) and not isinstance(verdict.had, bool) else ""
    if verdict.code == "min_axis" and had:
        return f"needs {title(verdict.subject).lower()} {number(verdict.needed)}, and no more than {had} is possible"
    if verdict.code == "max_axis" and had:
        return f"needs {title(verdict.subject).lower()} at most {number(verdict.needed)}, and no less than {had} is possible"
    if verdict.code == "item" and had:
        return f"needs {number(verdict.needed)} × {world.names.items.get(verdict.subject, verdict.subject)}, and no more than {had} is possible"
    if verdict.code == "flag":
        return f"the flag “{verdict.subject}” is never set where it is needed"
    if verdict.code == "npc_present":
        return f"{world.names.people.get(verdict.subject, title(verdict.subject))} is never there"
    text = reason(verdict, world.names)
    return text[:1].lower() + text[1:]


class _Moves:
    """The moves of many ways as one tree: ways that begin alike share their beginning. A move is [number of the one before or −1, actions]."""

    def __init__(self) -> None:
        self.rows: list[list[Any]] = []
        self._known: dict[tuple[int, str], int] = {}

    def add(self, way: Way) -> int:
        at = -1
        for actions in way:
            data = [action.to_json() for action in actions]
            key = (at, repr(data))
            if key not in self._known:
                self._known[key] = len(self.rows)
                self.rows.append([at, data])
            at = self._known[key]
        return at


def way_of(moves: list[list[Any]], at: int) -> tuple[tuple[Action, ...], ...]:
    """The way that ends at a move of the tree."""
    found = []
    while at >= 0:
        before, data = moves[at]
        found.append(tuple(action_from_json(action) for action in data))
        at = before
    return tuple(reversed(found))


def story_json(world: WorldSpec, story: Story) -> Json:
    """The whole report. A `way` is the number of its last move in `moves`; null where there is none."""
    moves = _Moves()
    answers = [_answer_json(world, answer, moves) for answer in story.answers.values()]
    counts: dict[str, dict[str, int]] = {}
    for answer in story.answers.values():
        row = counts.setdefault(answer.subject[0], {"reachable": 0, "impossible": 0, "unknown": 0})
        row[answer.status] += 1
    return {
        "world": world.sha,
        "complete": story.complete,
        "writer": story.writer,
        "steps": story.steps,
        "states": story.states,
        "counts": counts,
        "endings": [{"kind": kind, "path": path, "label": label_of(world, (kind, path))} for kind, path in story.endings],
        "answers": answers,
        "traps": [_trap_json(world, trap, moves) for trap in story.traps],
        "always": [{"kind": kind, "path": path, "label": label_of(world, (kind, path))} for kind, path in story.always],
        "flags": {"never_read": list(story.unread), "never_set": list(story.unset)},
        "moves": moves.rows,
    }


def _answer_json(world: WorldSpec, answer: Answer, moves: _Moves) -> Json:
    kind, path = answer.subject
    return {
        "kind": kind,
        "path": path,
        "label": label_of(world, answer.subject),
        "status": answer.status,
        "shortest": answer.shortest,
        "with_writer": answer.with_writer,
        "length": max(len(answer.way) - 1, 0) if answer.status == "reachable" else None,
        "way": moves.add(answer.way) if answer.way else None,
        "conflicts": [{**verdict.as_json(), "words": conflict_words(world, verdict)} for verdict in answer.conflicts],
        "needs": [{"kind": need[0], "path": need[1], "label": label_of(world, need)} for need in answer.needs],
        "never_met": not answer.met,
    }


def _trap_json(world: WorldSpec, trap: Trap, moves: _Moves) -> Json:
    place = world.places.get(trap.location)
    where = label_of(world, ("node", trap.node)) if trap.node else f"exploring {place.name if place else 'nowhere'}"
    return {"kind": trap.kind, "node": trap.node, "location": trap.location, "label": where, "length": len(trap.way) - 1, "way": moves.add(trap.way)}


# -- problems ---------------------------------------------------------------------------------------------------------


def problems(document: Mapping[str, Any], report: Json) -> list[Problem]:
    """What the analysis adds to the list of problems: only where the cause is, not all that follows from it."""
    places = _places(document)
    found = list(_shut(report, places))
    for trap in report["traps"]:
        words = {"dead_end": "From here no move is left", "soft_lock": "From here no ending can be reached any more"}[trap["kind"]]
        place = places.get(("node", trap["node"])) or Place("", "world")
        found.append(place.warning(trap["kind"], f"{words} (after {trap['length']} moves)."))
    for subject in report["always"]:
        place = places.get((subject["kind"], subject["path"])) or Place("", "world")
        found.append(place.warning("always_open", f"The conditions of {subject['label']} hold in every case: they change nothing."))
    manifest = Place("/world/meta/manifest", "world")
    for flag in report["flags"]["never_read"]:
        found.append(manifest.warning("flag_never_read", f"The flag “{flag}” is set, but nothing asks for it and players are not told of it."))
    return found


def _shut(report: Json, places: Mapping[Subject, Place]) -> Iterator[Problem]:
    endings = {(each["kind"], each["path"]) for each in report["endings"]}
    for answer in report["answers"]:
        subject = (answer["kind"], answer["path"])
        if answer["status"] != "impossible" or not (answer["conflicts"] or subject in endings):
            continue
        place = places.get(subject) or Place("", "world")
        why = "; ".join(conflict["words"] for conflict in answer["conflicts"]) or "nothing leads to it"
        if subject in endings:
            yield place.warning("impossible_ending", f"The ending “{answer['label']}” can never be reached: {why}.")
        elif answer["never_met"]:
            yield place.warning("never_met", f"{answer['label']} can never happen: {why}.")
        else:
            yield place.warning("never_open", f"{answer['label']} can never happen: {why}.")


def _places(document: Mapping[str, Any]) -> dict[Subject, Place]:
    """Where in the document each subject stands. Interactions are pointed at through their NPC."""
    found: dict[Subject, Place] = {}
    for index, scene in enumerate(entries(document, "scenes")):
        key = scene.get("key")
        for number_, node in enumerate(entries(scene, "nodes")):
            found["node", f"{key}/{node.get('key')}"] = Place(f"/scenes/{index}/nodes/{number_}", f"scene/{key}/{node.get('key')}")
        for number_, edge in enumerate(entries(scene, "edges")):
            found["edge", f"edge/{key}/{edge.get('key')}"] = Place(f"/scenes/{index}/edges/{number_}", f"scene/{key}/{edge.get('from')}")
    for index, hotspot in enumerate(entries(document, "hotspots")):
        parent = hotspot.get("location") or hotspot.get("scene") or "world"
        path = f"hotspot/{parent}/{hotspot.get('key')}"
        found["hotspot", path] = Place(f"/hotspots/{index}", path)
    for index, location in enumerate(entries(document, "locations")):
        found["travel", f"place/{location.get('key')}"] = Place(f"/locations/{index}", f"location/{location.get('key')}")
    for index, npc in enumerate(entries(document, "npcs")):
        found.update(_of_npc(npc, index, document))
    return found


def _of_npc(npc: Mapping[str, Any], index: int, document: Mapping[str, Any]) -> Iterable[tuple[Subject, Place]]:
    world = WorldSpec(document)
    where = Place(f"/npcs/{index}", f"npc/{npc.get('key')}")
    for key, interaction in world.interactions(str(npc.get("key"))).items():
        yield ("interaction", f"{npc.get('key')}/{key}"), where
        for choice in interaction.choices:
            yield ("choice", f"{npc.get('key')}/{key}/{choice}"), where


# -- random players ---------------------------------------------------------------------------------------------------


def crowd_json(world: WorldSpec, crowd: Crowd) -> Json:
    """What the crowd saw, for a table and a plot."""
    share = max(crowd.players, 1)
    everything = subjects_of(world)
    return {
        "world": world.sha,
        "players": crowd.players,
        "endings": [
            {"kind": kind, "path": path, "label": label_of(world, (kind, path)), "players": crowd.endings[kind, path],
             "share": round(crowd.endings[kind, path] / share, 4), "seen": crowd.seen[kind, path]}
            for kind, path in endings_of(world)
        ],
        "no_ending": crowd.endings[None],
        "stuck": dict(sorted(crowd.stuck.items())),
        "length": spread_of(crowd.lengths),
        "coverage": [
            {"kind": each[0], "path": each[1], "label": label_of(world, each), "players": crowd.seen[each], "visits": crowd.visits[each]}
            for each in everything
            if each[0] != "ending"
        ],
        "never_seen": sum(1 for each in everything if not crowd.seen[each]),
        "affinity": {
            npc: {"name": world.npc(npc).name, **spread_of(values), "histogram": _histogram(world, values)}
            for npc, values in sorted(crowd.affinity.items())
        },
    }  # fmt: skip


BINS = 20


def _histogram(world: WorldSpec, values: Iterable[float]) -> list[list[float]]:
    """[from, players] for each of twenty equal parts of the axis."""
    axis = world.axes["affinity"]
    wide = (axis.maximum - axis.minimum) / BINS or 1
    counts = [0] * BINS
    for value in values:
        counts[min(int((value - axis.minimum) / wide), BINS - 1)] += 1
    return [[axis.minimum + index * wide, count] for index, count in enumerate(counts)]
