"""A move tried out: the same step, the same draws, the same views, and nothing kept. What it would be asked of a model is told, no model is asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from npcs import writers
from npcs.prompts import dialogue as prompts
from pixsim.lib.canonical import plain

from . import dialogue, engine, mock, output, publishing, queries, turns
from .drawing import drawn
from .engine import Change, Ids, PlayState, actions
from .experiments import variants
from .models import GameSession
from .releases import spec_of
from .spec import WorldSpec

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What a move is tried out on: a world, a state, and what the draws come from."""

    world: WorldSpec
    state: PlayState
    ids: Ids
    seed: int = 0
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulated:
    """What would become of a move. `asked` is the prompt of the line it would need, `line` what the writer of this machine says to it,
    `touched` what it came by."""

    before: Stage
    after: Stage
    changes: tuple[Change, ...]
    touched: tuple[engine.Touch, ...] = ()
    asked: prompts.Prompt | None = None
    line: writers.Written | None = None


def of_session(session: GameSession) -> Stage:
    """A session as its next move would find it: on the world it should run on, mended where that has changed. Reads only."""
    world, ids = spec_of(session.release), Ids.of(session.release.ids)
    if session.on_draft:
        world, ids = publishing.draft_spec(session.world)
    elif session.world.published_id not in (None, session.release_id):
        release = publishing.published_release(session.world)
        world, ids = spec_of(release), Ids.of(release.ids)
    if session.variant and world is not spec_of(session.release):
        world = variants.spec_for(world, session.world_id, session.variant)
    state = queries.state_of(session)
    if world.sha != state.world:
        state = engine.reconcile(world, state, queries.trail(session)).state
    return Stage(world=world, state=state, ids=ids, seed=session.seed, version=session.version)


def of_mock(world: WorldSpec, given: Mapping[str, Any], *, ids: Ids, npc: str | None = None) -> Stage:
    """As a client says things stand. Raises Invalid with pointers."""
    state = mock.state(world, given, ids=ids, npc=npc)
    return Stage(world=world, state=state, ids=ids, seed=mock.seed(given), version=state.turn.id if state.turn else 0)


Write = Callable[[WorldSpec, writers.WriterRequest], writers.Written]


def simulate(stage: Stage, action: actions.Action, *, write: Write = dialogue.local_line) -> Simulated:
    """The move and, where it opens a turn, its line. Raises what `step` raises."""
    world = stage.world
    if hasattr(action, "turn"):
        action = replace(action, turn=stage.version + 1)  # type: ignore[call-arg]
    step, _ = drawn(stage.seed, stage.version, action, lambda a: engine.step(world, stage.state, a))
    changes = changed(world, stage.state, step.state)
    after = replace(stage, state=step.state, version=stage.version + 1)
    turn = step.state.turn
    if turn is None or not turn.waiting:
        return Simulated(before=stage, after=after, changes=changes, touched=step.touched)
    request = dialogue.request_for(world, step.state, turn, seed=stage.seed)
    line = write(world, request)
    closed = engine.step(world, step.state, dialogue.closing(turn, line))
    return Simulated(
        before=stage, after=replace(after, state=closed.state, version=after.version + 1),
        changes=(*changes, *changed(world, step.state, closed.state)), touched=(*step.touched, *closed.touched),
        asked=prompts.build(request), line=line,
    )  # fmt: skip


def changed(world: WorldSpec, before: PlayState, after: PlayState) -> tuple[Change, ...]:
    return engine.describe(world, engine.diff(plain(before.to_json()), plain(after.to_json())))


# -- as clients get it ------------------------------------------------------------------------------------------------


def as_json(done: Simulated, npc: str) -> Json:
    """For REST and the studio: what execute would answer, with the prompt, the NPC before and after, and the state to go on from. One query."""
    before, after = done.before, done.after
    world, ids = after.world, after.ids
    media = media_for(after, npc)
    view = engine.view(world, after.state, ids=ids, media=media, author=True)
    scene = after.state.at.scene if after.state.at else None
    was = before.state.at.scene if before.state.at else None
    return {
        "prompt": done.asked.as_json() if done.asked else None,
        "writer": done.line.writer if done.line else None,
        "changes": output.changes_json({"npcs": dict(ids.npcs)}, done.changes),
        "next_scene": {"scene_id": ids.scenes.get(scene), "key": scene, "title": world.scene(scene).title} if scene and scene != was else None,
        "npc": {"before": npc_json(before, npc, media), "after": npc_json(after, npc, media)},
        "dialogue": view["dialogue"],
        "interactions": engine.interaction_list(world, after.state, npc, ids=ids, author=True),
        "view": view,
        "state": plain(after.state.to_json()),
        "version": after.version,
    }


def media_for(stage: Stage, npc: str = "") -> engine.Media:
    """The files a view of the stage may show, and every face of an NPC. One query."""
    faces = {str(face.get("asset") or "") for face in stage.world.npc(npc).expressions.values()} - {""} if npc else set()
    found = queries.media_of({"assets": dict(stage.ids.assets)}, engine.assets_of(stage.world, stage.state) | faces)
    return {key: output.media_json(asset) for key, asset in found.items()}.get


def seen(stage: Stage, npc: str) -> Json:
    """How an NPC stands, with portraits. One query."""
    return npc_json(stage, npc, media_for(stage, npc))


def npc_json(stage: Stage, npc: str, media: engine.Media) -> Json:
    """How an NPC stands in a state: mood with its sum, relationship with words, expression."""
    world, state = stage.world, stage.state
    shown = engine.npc_view(world, state, npc, ids=stage.ids, media=media)
    where = world.places.get(world.location_of(state, npc))
    portrait: Mapping[str, Any] = shown["portrait"] or {}
    return {
        **{name: shown[name] for name in ("npc_id", "key", "name", "role", "tier", "activity", "portrait", "expressions", "meters")},
        "mood": turns.mood_json(world.mood(state, npc)),
        "expression": portrait.get("expression", ""),
        "relationship": world.relationship(state, npc),
        "location": where.name if where else "",
    }
