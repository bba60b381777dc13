"""The dialogue turn: what a writer is told, its line, and the turn closed with it. No transaction is open while a writer thinks."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.core.cache import cache
from django.utils import timezone
from django.utils.crypto import salted_hmac

from npcs import writers
from npcs.memory import known_to
from npcs.snapshot import part_of_day, resolve_npc_snapshot
from pixsim.lib import live
from pixsim.lib.connections import let_go
from pixsim.lib.errors import StaleSession
from worlds.rules.conditions import ROMANTIC_AXES, Context, compile_gate
from worlds.rules.mood import sources as mood_sources

from . import care, output, queries, services, thinking, turns
from .engine import Answered, PlayState, StaleTurn, Turn, judge
from .engine.talking import choice_open
from .events import DialoguePart
from .models import GameSession
from .releases import spec_of
from .services import TURN_SEC, Moved
from .spec import WorldSpec

PART_SEC = 0.1
"""A growing line is told this often."""
log = logging.getLogger(__name__)


# -- the turn ---------------------------------------------------------------------------------------------------------


def answer(moved: Moved, *, patient: bool = True) -> Moved:
    """Writes the line a move asked for, where it asked for one, and keeps it. A turn that is over meanwhile stays as it is.

    Who is not `patient` does not wait for a writer that takes its time: the line is written meanwhile, and told by the session's socket.
    """
    turn = moved.state.turn
    if turn is None or not turn.waiting or moved.replayed:
        return moved
    request = request_of(moved, turn)
    if not patient and takes_time(moved.world, request):
        thinking.later(go_on, moved.session.pk, turn.id, moved.session.over.pk if moved.session.over else None)
        return moved
    return _close(moved, turn, request, write(moved, turn, request))


def go_on(session_id: int, turn_id: int, sandbox_id: int | None = None) -> None:
    """Writes the line of a turn that still waits for it."""
    session = queries.tried(session_id, sandbox_id)
    if session is None:
        return
    state = queries.state_of(session)
    if state.turn is not None and state.turn.id == turn_id:
        answer(Moved(session, spec_of(session.release), state))


def finish_overdue(session: GameSession) -> GameSession:
    """Closes an open turn nobody answered in time, with the writer of this machine. No query where there is none."""
    if session.turn_due_at is None or session.turn_due_at > timezone.now():
        return session
    moved = Moved(session, spec_of(session.release), queries.state_of(session))
    turn = moved.state.turn
    if turn is None or not turn.waiting:
        return session
    request = request_of(moved, turn)
    return _close(moved, turn, request, local_line(moved.world, request, "The writer did not answer in time.")).session


def _close(moved: Moved, turn: Turn, request: writers.WriterRequest, written: writers.Written) -> Moved:
    """Closes the turn with its line; a line that comes too late is kept with its cost, and nothing else of it happens."""
    facts: dict[str, Any] = {"session": moved.session, "world": moved.world, "state": moved.state, "turn": turn}
    try:
        answered = services.move(session=moved.session, action=closing(turn, written))
    except (StaleTurn, StaleSession):
        log.info("A line for turn %s of session %s came too late.", turn.id, moved.session.pk)
        turns.keep(**facts, request=request, written=written, version=None)
        return moved
    turns.keep(**facts, request=request, written=written, version=answered.session.version, result=_result(moved, turn, written, answered))
    return Moved(answered.session, answered.world, answered.state, (*moved.changes, *answered.changes), (*moved.touched, *answered.touched))


def _result(moved: Moved, turn: Turn, written: writers.Written, answered: Moved) -> dict[str, Any]:
    """What became of a proposal: what changed, what was offered, and what was cut down and why."""
    cut = [*judge(moved.world, moved.state, turn.npc, written.proposed).clamped]
    for number, choice in enumerate(written.choices, 1):
        wishes = choice.get("effects") if isinstance(choice, Mapping) else None
        found = judge(moved.world, moved.state, turn.npc, wishes).clamped if wishes else ()
        cut += [one._replace(path=f"choices.{number}.{one.path}") for one in found]
    now = answered.state.turn
    return {
        "changes": output.changes_json(answered.session.release.ids, answered.changes),
        "clamped": [one.as_json() for one in cut],
        **({"offered": [offer.as_json() for offer in now.offered]} if now is not None and now.offered else {}),
    }


def closing(turn: Turn, written: writers.Written) -> Answered:
    """What closes a turn with its line."""
    return Answered(
        turn=turn.id, text=written.text, writer=written.writer, emotion=(written.emotion or "")[:40], memory=written.memory or {},
        proposed=written.proposed, offered=written.choices,
    )  # fmt: skip


# -- writing ----------------------------------------------------------------------------------------------------------


def takes_time(world: WorldSpec, request: writers.WriterRequest) -> bool:
    """Whether the line comes from a model somewhere: then nobody should be kept waiting who need not."""
    return "dialogue" in world.features and not care.in_despair(request.player_text) and writers.takes_time(request)


def write(moved: Moved, turn: Turn, request: writers.WriterRequest) -> writers.Written:
    """The line for a turn. Without the feature `dialogue` only what the author wrote is said. One line at a time is thought of for a session."""
    if not takes_time(moved.world, request):
        why = "The player's words are not passed on." if care.in_despair(request.player_text) else ""
        return local_line(moved.world, request, why)
    busy = f"thinking:{moved.session.pk}"
    if not cache.add(busy, turn.id, timeout=TURN_SEC):
        return local_line(moved.world, request, "An earlier line of this game is still being written.")
    growing = Growing(moved.session, turn)
    let_go()
    try:
        return writers.write(request, on_part=growing)
    finally:
        cache.delete(busy)


def tried_out(world: WorldSpec, request: writers.WriterRequest) -> writers.Written:
    """A line nobody keeps, by whoever would write it in a game, within the same caps."""
    if not takes_time(world, request):
        return local_line(world, request)
    let_go()
    return writers.write(request)


def local_line(world: WorldSpec, request: writers.WriterRequest, why: str = "") -> writers.Written:
    """The line of the writer of this machine, or, without the feature `dialogue`, only what the author wrote; `why` says in whose place, if it is."""
    if "dialogue" not in world.features and not request.lines:
        return writers.Written(text="…", writer="authored")
    written = writers.get().write(request)
    return replace(written, fallback=why) if why else written


class Growing:
    """Hears a line grow and tells the session's sockets, not too often. What is told here is kept nowhere: the whole line comes by the log."""

    def __init__(self, session: GameSession, turn: Turn) -> None:
        self.stream = f"session/{session.pk}"
        self.turn = turn.id
        self.npc_id = session.release.ids.get("npcs", {}).get(turn.npc)
        self.told_at = 0.0

    def __call__(self, text: str) -> None:
        now = time.monotonic()
        if now - self.told_at < PART_SEC:
            return
        self.told_at = now
        live.ring(self.stream, passing=DialoguePart(turn=self.turn, npc_id=self.npc_id, text=text).as_json(), key=f"line/{self.turn}")


# -- what a writer is told --------------------------------------------------------------------------------------------


def request_of(moved: Moved, turn: Turn) -> writers.WriterRequest:
    """`request_for` in a session, with whose game it is: for caps and usage."""
    return played_by(moved.session, request_for(moved.world, moved.state, turn, seed=moved.session.seed))


def played_by(session: GameSession, request: writers.WriterRequest) -> writers.WriterRequest:
    """The request with whose game it is."""
    return paid_by(session.world_id, session.user_id, request)


def paid_by(world_id: int, user_id: int, request: writers.WriterRequest) -> writers.WriterRequest:
    """The request with whom its caps and its usage count for."""
    return replace(request, world=world_id, player=user_id, safety_id=safety_id(user_id))


def safety_id(user_id: int) -> str:
    """Stands for a player towards a model's server, which may have to tell players apart, and says nothing about him."""
    return salted_hmac("pixsim.player", str(user_id), algorithm="sha256").hexdigest()[:32]


def request_for(world: WorldSpec, state: PlayState, turn: Turn, *, seed: int) -> writers.WriterRequest:
    """All a writer may know about this turn: what its NPC knows, and nothing of other games, other people or the author's notes."""
    npc, interaction = world.npc(turn.npc), world.interactions(turn.npc)[turn.interaction]
    choice = interaction.choices.get(turn.choice)
    talk = state.talk.get(turn.npc)
    said = tuple(writers.Spoken(line.by, line.text) for line in talk.lines) if talk else ()
    count, preset = talk.turns if talk else 0, world.preset(interaction.preset)
    authored = choice.replies if choice is not None else () if turn.said else interaction.lines
    open_choices = (each for each in interaction.choices.values() if choice_open(world, state, turn.npc, interaction.id, each))
    return writers.WriterRequest(
        **about(world, state, turn.npc, tags=(interaction.id, interaction.label, turn.said)),
        seed=seed * 1_000_003 + turn.id,
        interaction=interaction.id,
        label=interaction.label,
        intent=interaction.intent,
        purpose="reply" if turn.said else "greet",
        lines=tuple(writers.AuthoredLine.parse(line) for line in authored if holds(world, state, turn.npc, line)),
        player_text=turn.said,
        tone=choice.tone if choice else "",
        choice=turn.choice,
        last_lines=tuple(line.text for line in said if line.by == "npc"),
        conversation=said,
        wind_down=count + 1 >= preset.avg_turns,
        turns=count,
        max_turns=preset.max_turns,
        prompt_template=interaction.prompt_template,
        free_text=world.free_text,
        open_choices=tuple(writers.OpenChoice(each.id, each.label, each.tone) for each in open_choices),
        is_minor=npc.is_minor,
        role=npc.role,
    )


def about(world: WorldSpec, state: PlayState, npc: str, *, tags: tuple[str, ...] = ()) -> dict[str, Any]:
    """The part of every request that is about the NPC, the moment and the world's limits."""
    place = world.places.get(state.location)
    node = world.find_node(state.at)
    scene = (world.scene(node.scene).title, node.label, str(node.meta.get("text") or "")) if node is not None else ()
    romantic = world.romantic(state, npc)
    return {
        "snapshot": snapshot_of(world, state, npc, tags=tags),
        "npc": npc,
        "npc_name": world.npc(npc).name,
        "place": place.name if place else "",
        "part_of_day": part_of_day(world.clock.at(state.world_time).hour),
        "scene": ". ".join(words for words in scene if words)[:600],
        "rating": world.rating(state, npc),
        "axes": tuple(sorted(axis for axis in world.influenced_axes if romantic or axis not in ROMANTIC_AXES)),
        "flags": tuple(sorted(world.influenced_flags)),
        "limits": writers.Limits(world.limits["per_turn"], world.limits["per_day"]),
        "emotions": world.emotion_labels,
        "providers": world.manifest.get("providers") or {},
        "budget": world.manifest.get("budget") or {},
    }


def holds(world: WorldSpec, state: PlayState, npc: str, line: Any) -> bool:
    """Whether the conditions of an authored line let it be said."""
    conditions = line.get("conditions")
    return not conditions or compile_gate(conditions, Context(axes=world.axes)).holds(world, state, npc)


def snapshot_of(world: WorldSpec, state: PlayState, npc: str, *, tags: tuple[str, ...] = ()) -> dict[str, Any]:
    """The walkthrough's snapshot of an NPC in this state."""
    spec, mood = world.npc(npc), world.mood(state, npc)
    relationship = world.relationship(state, npc)
    where = world.where(state, npc)
    place = world.places.get(where.location)
    moment = world.clock.at(state.world_time)
    affinity = world.tiers.get("affinity")
    return resolve_npc_snapshot(
        name=spec.name,
        role=spec.role,
        personality=spec.personality,
        mood={**mood.as_json(), "sources": mood_sources(world.packages["mood"], mood) if "mood" in world.packages else {}},
        relationship=relationship,
        tier=affinity.of(relationship["affinity"]).title if affinity else "",
        world_time=state.world_time,
        memories=known_to(npc, state.memories),
        names=world.names.people,
        tags=tags,
        drives={axis: world.drive(state, npc, axis) for axis in world.drive_axes},
        place=place.name if place else "",
        hour=moment.hour,
        time_label=moment.label,
        activity=where.activity,
        description=str(spec.meta.get("description") or ""),
        relationship_words={axis: world.tiers[axis].of(value).title for axis, value in relationship.items() if axis in world.tiers},
    )
