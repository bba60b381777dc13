"""A playtest: the draft of a world – or a graph nobody has saved yet – played from any node on a throw-away state. `step` decides as ever, and
nothing is kept: a state goes out, and comes back with the next move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from npcs import writers
from pixsim.lib.canonical import plain
from pixsim.lib.errors import Invalid, NotAvailable, NotFound
from scenes.editor.draft import drafted
from scenes.models import Scene
from worlds.models import World

from . import dialogue, engine, lines, mock, output, simulation, speaking
from .drawing import drawn
from .engine import Change, Ids
from .publishing import draft_spec
from .releases import compiled
from .simulation import Stage, Write
from .spec import WorldSpec

Json = dict[str, Any]


class Tested(NamedTuple):
    """A move of a playtest: what was done, what it changed, where it led and what it came by."""

    action: Json
    changes: tuple[Change, ...]
    stage: Stage
    touched: tuple[engine.Touch, ...]


def world_of(world: World, *, scene: Scene | None = None, graph: Mapping[str, Any] | None = None) -> tuple[WorldSpec, Ids]:
    """The draft compiled, with `graph` in the place of the scene's own. Raises Invalid, pointing into `graph`."""
    if scene is None or graph is None:
        return draft_spec(world)
    try:
        start = graph.get("entry_node_id")
        draft = drafted(scene=scene, data=graph)
        if start and start not in {node["key"] for node in draft.entry["nodes"]}:
            raise Invalid([("/entry_node_id", "does_not_exist", f"There is no node “{start}” in this graph.")])
    except Invalid as error:
        raise Invalid([(f"/graph{each.pointer}", each.code, each.message) for each in error.errors]) from None
    return compiled(draft.document), Ids.of(draft.ids)


def opened(
    world: WorldSpec, ids: Ids, *, scene: str = "", node: str = "", given: Mapping[str, Any], version: int = 0, seed: int | None = None
) -> Stage:
    """Where a playtest begins, or goes on. A mock state lies over the beginning of a session, and the node is entered in it; without a scene one
    explores. A whole state goes on where it stands. Raises Invalid, NotFound, NotAvailable."""
    at = world.find_node((scene, node)) if scene and node else None
    if "v" in given:
        return Stage(world=world, state=mock.state(world, given, ids=ids), ids=ids, seed=seed or 0, version=version)
    if scene and not world.has_scene(scene):
        raise NotFound.at("/scene_id", "There is no such scene in this world.")
    if scene and node and at is None:
        raise NotFound.at("/node_id", f"There is no node “{node}” in this scene.")
    state = mock.state(world, given, ids=ids, npc=world.npc_of(engine.blank(world), at) or None if at else None)
    seed = mock.seed(given) if seed is None else seed
    if scene:
        enter = engine.Patched(values={"scene": scene, **({"node": node} if node else {})})
        state = drawn(seed, 0, enter, lambda action: engine.step(world, state, action))[0].state
    return Stage(world=world, state=state, ids=ids, seed=seed)


def play(stage: Stage, given: Mapping[str, Any], *, write: Write = dialogue.local_line, pointer: str = "/action") -> Tested:
    """One move. Raises Invalid, NotAvailable."""
    return made(stage, mock.action(stage.world, stage.state, given, ids=stage.ids, pointer=pointer), write=write)


def made(stage: Stage, action: engine.Action, *, write: Write = dialogue.local_line) -> Tested:
    """One move, read already. Raises NotAvailable."""
    done = simulation.simulate(stage, action, write=write)
    return Tested(mock.action_as_json(stage.world, action, ids=mock.NO_IDS) or action.to_json(), done.changes, done.after, done.touched)


def play_all(stage: Stage, actions: Sequence[Mapping[str, Any]], *, write: Write = dialogue.local_line) -> list[Tested]:
    """Moves in order. Raises Invalid, and NotAvailable saying which move is not open."""
    found: list[Tested] = []
    for number, given in enumerate(actions):
        try:
            found.append(play(found[-1].stage if found else stage, given, write=write, pointer=f"/actions/{number}"))
        except NotAvailable as error:
            raise NotAvailable(f"Move {number + 1} is not open. {error.detail}", reasons=error.reasons) from error
    return found


def writer(name: str, *, world: World, user_id: int) -> Write:
    """Who says the lines: the scripted writer, or the one a game would have, within the author's own caps."""
    if name != "model":
        return dialogue.local_line
    return partial(_as_in_a_game, world.pk, user_id)


def _as_in_a_game(world_id: int, user_id: int, world: WorldSpec, request: writers.WriterRequest) -> writers.Written:
    return dialogue.tried_out(world, dialogue.paid_by(world_id, user_id, request))


# -- as clients get it ------------------------------------------------------------------------------------------------


def difference(before: Stage, after: Stage) -> list[Json]:
    """What became different, as change records. The place of the story is among them, bookkeeping is not."""
    changes = simulation.changed(after.world, before.state, after.state)
    return output.changes_json({"npcs": dict(after.ids.npcs)}, changes)


def view_of(stage: Stage, *, author: bool = False, write: Write = dialogue.local_line) -> Json:
    """What the player would see. One query."""
    media = simulation.media_for(stage)
    return engine.view(stage.world, stage.state, ids=stage.ids, media=media, author=author, line=_node_line(stage, write))


def _node_line(stage: Stage, write: Write) -> Json | None:
    """What the NPC of a node says as one comes there, where the node asks for a line."""
    wanted = lines.wanted(stage.world, stage.state)
    if wanted is None:
        return None
    written = write(stage.world, speaking.request_for(stage.world, stage.state, wanted, seed=stage.seed))
    return {"npc": wanted.npc, "text": written.text, "emotion": written.emotion or "", "writer": written.writer}


def session_json(stage: Stage, *, author: bool = False, write: Write = dialogue.local_line) -> Json:
    """The stage in the shape of a session, for the pages of a player: what it has no row for is empty."""
    world, state, ids = stage.world, stage.state, stage.ids
    place = world.places.get(state.location)
    moment = world.clock.at(state.world_time)
    return {
        "scene_id": ids.scenes.get(state.at.scene) if state.at else None,
        "current_node_id": state.at.node if state.at else None,
        "location": {"id": ids.locations.get(place.key), "key": place.key, "name": place.name} if place else None,
        "flags": sorted(state.flags),
        "stats": dict(state.stats),
        "inventory": dict(state.inventory),
        "relationships": {mock.npc_name(world, ids, npc): world.relationship(state, npc) for npc in sorted(state.rel) if npc in world.npc_keys},
        "world_time": state.world_time,
        "clock": {"day": moment.day, "time": moment.time, "label": moment.label, "weekday": moment.weekday},
        "version": stage.version,
        "view": view_of(stage, author=author, write=write),
    }


def as_json(begun: Stage, tested: Sequence[Tested], *, write: Write = dialogue.local_line) -> Json:
    """What REST answers. One query."""
    now = tested[-1].stage if tested else begun
    named = {"npcs": dict(now.ids.npcs)}
    return {
        **session_json(now, author=True, write=write),
        "state": plain(now.state.to_json()),
        "seed": now.seed,
        "steps": [
            {"action": each.action, "changes": output.changes_json(named, each.changes), "node": at(each.stage)} for each in tested
        ],
        "diff": difference(begun, now),
    }  # fmt: skip


def at(stage: Stage) -> str | None:
    """Where the story stands: `scene/node`, None while exploring."""
    return stage.state.at.path if stage.state.at else None
