"""Words a move owes: the answer to what was said, and the line of the dialogue node one came to. Each is written once, by whoever has it in hand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils import timezone

from npcs import writers
from pixsim.lib import live
from pixsim.lib.canonical import sha256

from . import dialogue, lines, queries, services, thinking, turns
from .engine import PlayState, Turn
from .lines import Wanted
from .models import GameSession, MadeLine
from .releases import spec_of
from .services import TURN_SEC, Moved
from .spec import RATINGS, WorldSpec


def told(moved: Moved, *, patient: bool = True) -> Moved:
    """A move with the words it owes. Who is not `patient` does not wait for a writer that takes its time."""
    if not moved.replayed:
        arrive(moved, came=any(change.path == "current_node" for change in moved.changes), patient=patient)
    return dialogue.answer(moved, patient=patient)


def began(moved: Moved, *, patient: bool = True) -> Moved:
    """A new session with the line of the node it begins at."""
    arrive(moved, came=True, patient=patient)
    return moved


def arrive(moved: Moved, *, came: bool, patient: bool = True) -> None:
    """Has the line of the node written that a session is at, where it wants one and there is none. `came` says that it came there just now."""
    line = lines.wanted(moved.world, moved.state)
    if line is None:
        return
    row = _taken(moved.session, line, came=came)
    if row is None:
        return
    request = request_of(moved, line)
    if not patient and dialogue.takes_time(moved.world, request):
        thinking.later(speak, moved.session.pk, line.node.ref.path, row.pk, moved.session.over.pk if moved.session.over else None)
    else:
        _write(moved, line, row, request)
        moved.session.refresh_from_db(fields=["seq"])  # the log has told it


def speak(session_id: int, path: str, row_id: int | None = None, sandbox_id: int | None = None) -> bool:
    """Writes the line of the node `path` if the session is still there and the line is still missing; with `row_id` one that was taken in hand."""
    session = queries.tried(session_id, sandbox_id)
    if session is None:
        return False
    moved = Moved(session, spec_of(session.release), queries.state_of(session))
    line = lines.wanted(moved.world, moved.state)
    if line is None or line.node.ref.path != path:
        if row_id is not None:
            MadeLine.objects.filter(pk=row_id, text="").update(due_at=None)  # the next who comes there takes it in hand
        return False
    row = MadeLine.objects.filter(pk=row_id, text="").first() if row_id else _taken(session, line, came=False)
    if row is not None:
        _write(moved, line, row, request_of(moved, line))
    return row is not None


def _taken(session: GameSession, line: Wanted, *, came: bool) -> MadeLine | None:
    """The row of a line that is ours to write; None where it is there, or another has it in hand."""
    now = timezone.now()
    always = line.strategy == "always"
    last = lines.rows(session, line).first()
    if last is not None and not (always and came):
        row, made = last, False
    else:
        where = {"world_id": session.world_id, "scope": lines.scope_of(line, session), "scene": line.node.scene, "node": line.node.key}
        row, made = MadeLine.objects.get_or_create(
            **where, config_sha256=sha256(line.config), arrival=session.version if always else 0,
            defaults={"npc_key": line.npc, "due_at": now + timedelta(seconds=TURN_SEC)},
        )  # fmt: skip
    if row.text:
        return None
    if session.over is None:  # what is said under overrides is told by no log
        row.waiting.add(session)
    free = MadeLine.objects.filter(pk=row.pk, text="").exclude(due_at__gt=now)
    if made or free.update(due_at=now + timedelta(seconds=TURN_SEC)):
        return row
    if MadeLine.objects.filter(pk=row.pk).exclude(text="").exists():  # written while we looked
        _tell(row.pk)
    return None


def _write(moved: Moved, line: Wanted, row: MadeLine, request: writers.WriterRequest) -> None:
    turn = Turn(moved.session.version, line.npc, request.interaction, "", "", True, False, ())
    written = dialogue.write(moved, turn, request)
    facts = {"text": written.text, "emotion": (written.emotion or "")[:40], "writer": written.writer[:40], "npc_key": line.npc, "due_at": None}
    said = MadeLine.objects.filter(pk=row.pk, text="").update(**facts)
    turns.keep(
        session=moved.session, world=moved.world, state=moved.state, turn=turn, request=request, written=written,
        version=moved.session.version if said else None,
    )  # fmt: skip
    _tell(row.pk)
    if moved.session.over is not None:
        live.ring(f"session/{moved.session.pk}", tried=0)


def _tell(row_id: int) -> None:
    """Tells every session that waits."""
    row = MadeLine.objects.get(pk=row_id)
    for session_id in row.waiting.order_by("pk").values_list("pk", flat=True):
        services.tell_line(line=row, session_id=session_id)


def request_of(moved: Moved, line: Wanted) -> writers.WriterRequest:
    session = moved.session
    return dialogue.played_by(session, request_for(moved.world, moved.state, line, seed=session.seed + session.version))


def request_for(world: WorldSpec, state: PlayState, line: Wanted, *, seed: int) -> writers.WriterRequest:
    """All a writer may know about the line of a node. What all players of a world will read comes from no one's game."""
    if line.strategy == "once":
        state = as_at_the_beginning(world, state, line.npc)
    key = str(line.config.get("interaction") or (line.node.meta.get("dialogueConfig") or {}).get("interaction") or "talk")
    interaction = world.interactions(line.npc).get(key)
    talk = state.talk.get(line.npc)
    said = tuple(writers.Spoken(one.by, one.text) for one in talk.lines) if talk else ()
    authored: Any = interaction.lines if interaction is not None and line.config.get("interaction") else ()
    return writers.WriterRequest(
        **dialogue.about(world, state, line.npc, tags=(line.node.label, line.node.scene)),
        seed=seed,
        interaction=key,
        label=line.node.label or world.scene(line.node.scene).title,
        intent=interaction.intent if interaction is not None else "",
        purpose="node",
        lines=tuple(writers.AuthoredLine.parse(one) for one in authored if dialogue.holds(world, state, line.npc, one)),
        last_lines=tuple(one.text for one in said if one.by == "npc"),
        conversation=said,
        prompt_template=str(line.config.get("prompt") or ""),
        is_minor=world.npc(line.npc).is_minor,
        role=world.npc(line.npc).role,
    )


def as_at_the_beginning(world: WorldSpec, state: PlayState, npc: str) -> PlayState:
    """The place and hour of a game, and of what happened in it nothing: as every player may read it, the mildest included."""
    initial: Mapping[str, Any] = world.npc(npc).initial.get("relationships") or {}
    rel = {npc: {axis: int(value) for axis, value in initial.items() if axis in world.axes}}
    return PlayState(world=state.world, rating=RATINGS[0], at=state.at, location=state.location, world_time=state.world_time, rel=rel)
