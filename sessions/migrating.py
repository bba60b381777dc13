"""Before publishing: which running sessions and saves the new release would change, what could stand for what is gone, and which tests are red.
Nothing is written. Sessions go on by `reconcile` whatever is chosen here; a mapping makes them go on where their author wants."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Final, NamedTuple

from pixsim.lib.canonical import canonical_json
from scenes import bundle, checks
from worlds.models import World, WorldRelease
from worlds.rules.words import first_reason, title

from . import engine, publishing, queries, storytest_services
from .engine import NodeRef, PlayState
from .engine.flow import edge_verdicts
from .engine.step import current
from .experiments import variants
from .models import GameSession, SavedGame
from .publishing import Published
from .releases import compiled, spec_of_sha
from .spec import WorldSpec

Json = dict[str, Any]
SESSIONS: Final = 20_000
"""So many running sessions are looked at, the latest first; and so many saves."""
SAVES: Final = 500
KINDS: Final = {
    "node": "Nodes", "place": "Places", "person": "People", "flag": "Flags", "item": "Items", "stat": "Stats", "gate": "Choices that close",
}  # fmt: skip
MAPPED: Final = ("node", "place", "person", "flag", "item", "stat")


class Loss(NamedTuple):
    """What a state would lose: a thing that is gone, or a choice that closes."""

    kind: str
    key: str


@dataclass
class Affected:
    """How many would lose it, and where they would go on."""

    sessions: int = 0
    saves: int = 0
    to: Counter[str] = field(default_factory=Counter)
    why: str = ""


def preview(world: World) -> Json:
    """What publishing the draft would do. The document's queries, two for the sessions, one for each
    variant they play, and a few for each session that has a save."""
    document, _ = bundle.document(world)
    new = compiled(document)
    before = WorldRelease.objects.get(pk=world.published_id).document if world.published_id else {}
    found, looked = _affected(world, new)
    ran = storytest_services.check(world, new)
    tests = storytest_services.report(ran)
    return {
        "changed": publishing.difference(before, document),
        "problems": [problem.as_json() for problem in checks.problems(document)],
        "sessions": looked["sessions"],
        "saves": looked["saves"],
        "affected": [_told(world, new, loss, found[loss]) for loss in sorted(found, key=lambda loss: (list(KINDS).index(loss.kind), loss.key))],
        "story_tests": {**tests, "results": [one for one in tests["results"] if not one["is_green"]]},
    }


def warned(world: World, done: Published) -> Json:
    """How a release that was just published does by the world's tests, with a word of warning where one is red."""
    tests = storytest_services.report(storytest_services.check(world, spec_of_sha(world.pk, done.release.sha256)))
    red = [one for one in tests["results"] if not one["is_green"]]
    return {"story_tests": {**tests, "results": red}, "warnings": [warning(tests["total"], red)] if red else []}


def warning(total: int, red: list[Json]) -> str:
    are = "is" if len(red) == 1 else "are"
    return f"{len(red)} of {total} story tests {are} red. “{red[0]['name']}”: {red[0]['first_difference']}"


# -- looking ----------------------------------------------------------------------------------------------------------


def _affected(world: World, new: WorldSpec) -> tuple[dict[Loss, Affected], Counter[str]]:
    found: dict[Loss, Affected] = defaultdict(Affected)
    looked: Counter[str] = Counter()
    seen: dict[str, tuple[Loss, ...]] = {}
    becomes = {"": new}
    for kind, state, trail in _states(world):
        looked[kind] += 1
        variant = str(state.get("variant", ""))
        if variant not in becomes:  # a player of an experiment gets the draft as his variant has it
            becomes[variant] = variants.spec_for(new, world.pk, variant)
        old, after = _world_of(world, state), becomes[variant]
        if old is None or old.sha == after.sha:
            continue
        alike = canonical_json({key: value for key, value in state.items() if key not in ("talk", "memories", "used", "seen", "influence")})
        if alike not in seen:
            seen[alike] = tuple(losses(old, after, PlayState.from_json(state)))
        for loss in seen[alike]:
            affected = found[loss]
            setattr(affected, kind, getattr(affected, kind) + 1)
            if loss.kind == "node":
                stands = engine.reconcile(after, PlayState.from_json(state), trail).state.at
                affected.to[stands.path if stands else ""] += 1
            elif loss.kind == "gate" and not affected.why:
                affected.why = _why(after, PlayState.from_json(state), loss.key)
    return dict(found), looked


def _states(world: World) -> Iterator[tuple[str, Json, list[NodeRef]]]:
    """States that players may go on from – `sessions`, then `saves` – each with the nodes it has seen, which stand for its trail."""
    games = GameSession.objects.filter(world=world, on_draft=False).order_by("-updated_at", "-id")
    for state in games.values_list("state", flat=True)[:SESSIONS].iterator(chunk_size=500):
        yield "sessions", state, _trail(state)
    wanted: dict[int, set[int]] = defaultdict(set)
    saves = SavedGame.objects.filter(session__world=world, session__on_draft=False).order_by("-id")
    for session_id, version in saves.values_list("session_id", "version")[:SAVES]:
        wanted[session_id].add(version)
    for session in games.filter(pk__in=list(wanted)).iterator(chunk_size=100):
        versions = wanted[session.pk]
        states = queries.states_between(session, min(versions), max(versions))
        yield from (("saves", states[version], _trail(states[version])) for version in sorted(versions) if version in states)


def _trail(state: Mapping[str, Any]) -> list[NodeRef]:
    return [NodeRef(scene, node) for path in state.get("seen", {}) for scene, _, node in [path.partition("/")]]


def _world_of(world: World, state: Mapping[str, Any]) -> WorldSpec | None:
    try:
        return spec_of_sha(world.pk, state.get("world", ""))
    except WorldRelease.DoesNotExist:
        return None


def losses(old: WorldSpec, new: WorldSpec, state: PlayState) -> Iterator[Loss]:
    """What a state has of the old world and would not find in the new one, by its names or renamed. Pure."""
    after = engine.reconcile(new, state, ()).state
    names = engine.Renamed(new)
    if state.at is not None and names.ref(state.at) is None:
        yield Loss("node", state.at.path)
    elif state.at is not None and after.at == state.at:
        yield from (Loss("gate", path) for path in _closing(old, new, state, after))
    if state.location and not names.place(state.location):
        yield Loss("place", state.location)
    for npc in sorted({*state.rel, *state.memories, *state.talk, *state.placed, *state.emotions}):
        if not names.npc(npc):
            yield Loss("person", npc)
    for flag in sorted(state.flags):
        if flag in old.flag_names and names.flag(flag) not in new.flag_names:
            yield Loss("flag", flag)
    for kind, values, declared in (("stat", state.stats, new.stats), ("item", state.inventory, new.items)):
        for key in sorted(values):
            if key not in declared and names.key(key) not in declared:
                yield Loss(kind, key)


def _closing(old: WorldSpec, new: WorldSpec, before: PlayState, after: PlayState) -> list[str]:
    """Choices of the present node that are open now and would no longer be."""
    was, becomes = current(old, before), current(new, after)
    if was is None or becomes is None:
        return []
    there = {edge.key: edge for edge in becomes.labelled}
    return [
        edge.path
        for edge in was.labelled
        if not edge_verdicts(old, before, was, edge) and edge.key in there and edge_verdicts(new, after, becomes, there[edge.key])
    ]


def _why(new: WorldSpec, state: PlayState, path: str) -> str:
    after = engine.reconcile(new, state, ()).state
    node = current(new, after)
    edge = next((edge for edge in node.labelled if edge.path == path), None) if node is not None else None
    return first_reason(edge_verdicts(new, after, node, edge), new.names) if node is not None and edge is not None else ""


# -- telling ----------------------------------------------------------------------------------------------------------


def _told(world: World, new: WorldSpec, loss: Loss, affected: Affected) -> Json:
    choices = list(_candidates(new, loss))
    near = get_close_matches(loss.key, [one["key"] for one in choices], 1, 0.75) if loss.kind != "node" else []
    return {
        "kind": loss.kind,
        "kind_title": KINDS[loss.kind],
        "key": loss.key,
        "title": _title(world, loss),
        "sessions": affected.sessions,
        "saves": affected.saves,
        "becomes": _becomes(new, loss, affected),
        "suggestion": near[0] if near else "",
        "candidates": choices,
    }


def _title(world: World, loss: Loss) -> str:
    """What it is called in the release that still has it."""
    spec = spec_of_sha(world.pk, world.published.sha256) if world.published else None
    if spec is None:
        return title(loss.key)
    names = spec.names
    if loss.kind == "node":
        scene, _, node = loss.key.partition("/")
        found = spec.find_node((scene, node))
        return f"{found.label or title(node)} ({spec.scene(scene).title})" if found is not None else loss.key
    if loss.kind == "gate":
        _, scene, key = loss.key.split("/", 2)
        edge = spec.scene(scene).edges.get(key) if spec.has_scene(scene) else None
        return edge.label if edge is not None else loss.key
    called = {"place": names.places, "person": names.people, "flag": names.flags, "item": names.items, "stat": names.stats}[loss.kind]
    return called.get(loss.key) or title(loss.key)


def _becomes(new: WorldSpec, loss: Loss, affected: Affected) -> str:
    """What happens where nothing is chosen."""
    if loss.kind == "node":
        return "; ".join(f"{count} go on at {_node_name(new, path)}" for path, count in affected.to.most_common(3))
    return {
        "place": f"They find themselves at {new.names.places.get(min(new.places, default=''), 'no place')}.",
        "person": "What was between them and the player is forgotten.",
        "flag": "Nothing asks for it any more.",
        "item": "It is gone from the bag.",
        "stat": "It is gone.",
        "gate": f"Locked: {affected.why}." if affected.why else "Locked.",
    }[loss.kind]


def _node_name(new: WorldSpec, path: str) -> str:
    scene, _, key = path.partition("/")
    node = new.find_node((scene, key))
    return f"“{node.label or title(key)}”" if node is not None else "their place, exploring"


def _candidates(new: WorldSpec, loss: Loss) -> Iterable[Json]:
    if loss.kind == "node":
        own = loss.key.partition("/")[0]
        for key in sorted(new.scene_keys, key=lambda key: (key != own, key)):
            scene = new.scene(key)
            waiting = (node for node in scene.nodes.values() if node.kind in ("video", "dialogue", "choice"))
            yield from ({"key": node.path, "title": f"{scene.title}: {node.label or title(node.key)}"} for node in waiting)
        return
    named: Mapping[str, Mapping[str, str]] = {
        "place": {key: place.name for key, place in new.places.items()},
        "person": {key: new.npc(key).name for key in new.npc_keys},
        "flag": {key: new.names.flags.get(key) or title(key) for key in new.flag_names},
        "item": {key: item.title for key, item in new.items.items()},
        "stat": {key: stat.title for key, stat in new.stats.items()},
    }
    yield from ({"key": key, "title": name} for key, name in sorted(named.get(loss.kind, {}).items(), key=lambda one: (one[1], one[0])))
