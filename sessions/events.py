"""The frames of `/ws/session/{id}`. One log row gives one `seq` and its frames in order, always the same ones – live or replayed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from generation.models import Generation
from pixsim.lib.live import LiveEvent
from worlds.rules.mood import expression_for

from . import output, queries, sandbox
from .engine import PlayState, describe
from .models import GameSession, MadeClip, SessionEvent
from .releases import spec_of_sha
from .spec import WorldSpec


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionMutation(LiveEvent):
    type: ClassVar[str] = "session_mutation"
    seq: int
    version: int
    action: str
    changes: list[dict[str, Any]]
    world_time: int


@dataclass(frozen=True, kw_only=True, slots=True)
class NodeEntered(LiveEvent):
    type: ClassVar[str] = "node_entered"
    seq: int
    version: int
    scene_id: int | None
    node_id: str | None
    label: str


@dataclass(frozen=True, kw_only=True, slots=True)
class MoodChanged(LiveEvent):
    type: ClassVar[str] = "mood_changed"
    seq: int
    version: int
    npc_id: int | None
    before: str
    after: str
    intensity: float


@dataclass(frozen=True, kw_only=True, slots=True)
class ExpressionChanged(LiveEvent):
    type: ClassVar[str] = "expression_changed"
    seq: int
    version: int
    npc_id: int | None
    before: str | None
    after: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class DialogueLine(LiveEvent):
    type: ClassVar[str] = "dialogue_line"
    seq: int
    version: int
    npc_id: int | None
    speaker: str
    text: str
    emotion: str
    writer: str
    said: str


@dataclass(frozen=True, kw_only=True, slots=True)
class DialoguePart(LiveEvent):
    """A line as far as it is written; of no `seq`, since it is not kept. The whole line comes as `dialogue_line`, and may be another one."""

    type: ClassVar[str] = "dialogue_part"
    turn: int
    npc_id: int | None
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice(LiveEvent):
    type: ClassVar[str] = "notice"
    seq: int
    version: int
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class GenerationCompleted(LiveEvent):
    """A clip the session waited for is there; `url` may be shown at once if it stands at that node."""

    type: ClassVar[str] = "generation_completed"
    seq: int
    version: int
    generation_id: int
    asset_id: int
    url: str | None
    poster: str | None
    scene_id: int | None
    node_id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class GenerationProgress(LiveEvent):
    """How far a clip is that the session waits for; of no `seq`, since it is not kept. `status` as of the job; `progress` 0 to 1 where known."""

    type: ClassVar[str] = "generation_progress"
    generation_id: int
    status: str
    progress: float | None
    queue_position: int | None
    scene_id: int | None
    node_id: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class DevOverride(LiveEvent):
    """A developer's overrides were set or reset, or something under them is now there; of no `seq`, since nothing under them is kept."""

    type: ClassVar[str] = "dev_override"
    active: bool
    version: int
    dev_override: bool = True


NOTICES = {"reconciled": "The world has changed; your story goes on.", "restored": "You are back at an earlier moment."}


def frames_since(session: GameSession, seq: int, limit: int = 200) -> list[list[dict[str, Any]]]:
    """The frames of every row after `seq`, row by row; the last frame of a row has `"last": true`. Up to six queries."""
    rows = queries.events_since(session, seq, limit)
    if not rows:
        return []
    moves = [row for row in rows if row.patch is not None]
    states: dict[int, PlayState] = {}
    if moves:
        found = queries.states_between(session, moves[0].version - 1, moves[-1].version)
        states = {version: PlayState.from_json(state) for version, state in found.items()}
    ids = queries.release_ids(session, {row.world for row in rows})
    return [_finished(frames_of(session, row, states, ids.get(row.world, {}))) for row in rows]


def _finished(frames: Iterable[LiveEvent]) -> list[dict[str, Any]]:
    made = [frame.as_json() for frame in frames]
    made[-1]["last"] = True
    return made


def frames_of(session: GameSession, row: SessionEvent, states: Mapping[int, PlayState], ids: Mapping[str, Any]) -> list[LiveEvent]:
    """What one row tells; `ids` are those of the release it ran on, so that a later replay tells the same. Notes and keyed no-ops tell only
    that they are there, so that no `seq` is missing."""
    world = spec_of_sha(session.world_id, row.world)
    after = states.get(row.version)
    head = {"seq": row.seq, "version": row.version}
    action = str(row.action.get("type", ""))
    if action == "clip":
        return [_clip(row.action, ids, head)]
    if action == "line":
        return [_node_line(world, row.action, ids, head)]
    if row.patch is None or after is None:
        return [SessionMutation(**head, action=action, changes=[], world_time=after.world_time if after else 0)]
    before = states.get(row.version - 1) if row.version else None
    changes = output.changes_json(ids, describe(world, row.patch)) if row.version else []
    frames: list[LiveEvent] = [SessionMutation(**head, action=action, changes=changes, world_time=after.world_time)]
    if after.at is not None and (before is None or before.at != after.at):
        node = world.find_node(after.at)
        frames.append(
            NodeEntered(**head, scene_id=ids.get("scenes", {}).get(after.at.scene), node_id=after.at.node, label=node.label if node else "")
        )
    if before is not None:
        frames.extend(_moods(world, ids, before, after, head))
    if action == "answered":
        frames.extend(_line(world, ids, after, head))
    if action in NOTICES:
        frames.append(Notice(**head, text=NOTICES[action]))
    return frames


def tried_frames(session: GameSession, version: int) -> list[dict[str, Any]]:
    """What a move under overrides tells: the frames it would have in the log, marked, and of no `seq`. Up to one query."""
    over = session.over
    if over is None or not version:
        return [DevOverride(active=over is not None, version=session.version).as_json()]
    done = next((move for move in over.moves if move["version"] == version), None)
    if done is None:
        return []
    known = sandbox.states(over)
    states = {number: PlayState.from_json(known[number]) for number in (version - 1, version) if number in known}
    row = SessionEvent(seq=0, version=version, action=done["action"], world=done["world"], patch=done["patch"])
    ids = queries.release_ids(session, {row.world}).get(row.world, {})
    frames = [frame.as_json() for frame in frames_of(session, row, states, ids)]
    if done["override"]:
        frames.append(DevOverride(active=True, version=version).as_json())
    marked = [{name: value for name, value in {**frame, "dev_override": True}.items() if name != "seq"} for frame in frames]
    marked[-1]["last"] = True
    return marked


def _clip(action: Mapping[str, Any], ids: Mapping[str, Any], head: dict[str, int]) -> LiveEvent:
    return GenerationCompleted(
        **head, generation_id=action["generation"], asset_id=action["asset"], url=action["url"], poster=action["poster"],
        scene_id=ids.get("scenes", {}).get(action["scene"]), node_id=action["node"],
    )  # fmt: skip


def _node_line(world: WorldSpec, action: Mapping[str, Any], ids: Mapping[str, Any], head: dict[str, int]) -> LiveEvent:
    npc = str(action["npc"])
    return DialogueLine(
        **head, npc_id=ids.get("npcs", {}).get(npc), speaker=world.npc(npc).name if npc in world.npc_keys else "", text=action["text"],
        emotion=action["emotion"], writer=action["writer"], said="",
    )  # fmt: skip


def passing_frame(session_id: int, generation_id: int) -> dict[str, Any] | None:
    """How a job stands that the session waits for; None once nobody waits for it here. Three queries."""
    clip = MadeClip.objects.filter(generation=generation_id, waiting=session_id).select_related("generation").first()
    if clip is None or clip.generation is None or clip.generation.status == Generation.Status.COMPLETED:
        return None  # that it is completed is told by the log
    ids, job = queries.fresh(session_id).release.ids, clip.generation
    return GenerationProgress(
        generation_id=job.pk, status=job.status, progress=job.progress, queue_position=job.queue_position,
        scene_id=ids.get("scenes", {}).get(clip.scene), node_id=clip.node,
    ).as_json()  # fmt: skip


def _moods(world: WorldSpec, ids: Mapping[str, Any], before: PlayState, after: PlayState, head: dict[str, int]) -> list[LiveEvent]:
    """Moods and faces of those the move touched, and of those who are there."""
    touched = {npc for npc in {*before.rel, *after.rel} if before.rel.get(npc) != after.rel.get(npc)}
    touched |= {npc for npc in {*before.emotions, *after.emotions} if before.emotions.get(npc) != after.emotions.get(npc)}
    if before.world_time != after.world_time:
        touched |= {*world.present(after)}
    found: list[LiveEvent] = []
    for npc in sorted(touched & world.npc_keys):
        was, now = world.mood(before, npc), world.mood(after, npc)
        if was.label == now.label:
            continue
        npc_id = ids.get("npcs", {}).get(npc)
        found.append(MoodChanged(**head, npc_id=npc_id, before=was.label, after=now.label, intensity=now.intensity))
        faces = world.npc(npc).expressions
        if expression_for(was.label, faces) != expression_for(now.label, faces):
            found.append(ExpressionChanged(**head, npc_id=npc_id, before=expression_for(was.label, faces), after=expression_for(now.label, faces)))
    return found


def _line(world: WorldSpec, ids: Mapping[str, Any], after: PlayState, head: dict[str, int]) -> list[LiveEvent]:
    turn = after.turn
    talk = after.talk.get(turn.npc) if turn else None
    if turn is None or talk is None or turn.npc not in world.npc_keys:
        return []
    line = talk.lines[-1]
    return [
        DialogueLine(
            **head, npc_id=ids.get("npcs", {}).get(turn.npc), speaker=world.npc(turn.npc).name, text=line.text, emotion=line.emotion,
            writer=line.writer, said=turn.said,
        )
    ]  # fmt: skip
