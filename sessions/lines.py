"""Lines that are made for nodes: which dialogue node wants one, in which room it is shared, and what there is.

A dialogue node whose `generationConfig` has the type `dialogue` lets its NPC say a line when one comes there. Its `strategy` says how often the
line is written, as with clips: `once` for the world, `per_player`, `per_playthrough` (kept by undo, copied by fork), `always`. Writing it is done
elsewhere (`speaking`).
"""

from __future__ import annotations

from typing import NamedTuple

from django.db.models import QuerySet
from django.utils import timezone

from pixsim.lib.canonical import sha256
from worlds.rules.graph import Node

from . import clips, sandbox
from .clips import Config
from .engine import PlayState
from .models import GameSession, MadeLine
from .spec import WorldSpec


class Wanted(NamedTuple):
    """A node that wants a line, how, and who says it."""

    node: Node
    config: Config
    npc: str

    @property
    def strategy(self) -> str:
        return clips.strategy_of(self.config)


def wanted(world: WorldSpec, state: PlayState) -> Wanted | None:
    """The line the node wants that the session is at; None where it wants none, or nobody is there to say it."""
    node = world.find_node(state.at)
    config: Config | None = node.meta.get("generationConfig") if node is not None else None
    if node is None or not config or node.kind == "video" or config.get("type") != "dialogue" or "dialogue" not in world.features:
        return None
    named = str(config.get("npc") or config.get("npc_id") or "")
    npc = named if named in world.npc_keys else world.npc_of(state, node)
    return Wanted(node, config, npc) if npc else None


def scope_of(line: Wanted, session: GameSession) -> str:
    """The room in which the line is shared. Under overrides one of their own, that no game reads; what is the same for all players stays so."""
    if session.over is not None and line.strategy != "once":
        return sandbox.scope(session.over.pk)
    return clips.scope_of(line.config, session)


def rows(session: GameSession, line: Wanted) -> QuerySet[MadeLine]:
    """What was written for it in its room, the last arrival first."""
    where = {"world": session.world_id, "scope": scope_of(line, session), "scene": line.node.scene, "node": line.node.key}
    return MadeLine.objects.filter(**where, config_sha256=sha256(line.config)).order_by("-arrival")


def line_for(session: GameSession, world: WorldSpec, state: PlayState) -> MadeLine | None:
    """What the NPC of the node says, perhaps still being written; None where nothing is said. One query, none in that case. Where nobody has the
    line in hand, somebody is asked to."""
    line = wanted(world, state)
    if line is None or state.at is None:
        return None
    found = rows(session, line).first()
    missing = found is None or (not found.text and (found.due_at is None or found.due_at < timezone.now()))
    if missing and clips.not_lately(f"line:{session.pk}:{session.version}"):
        clips.send("sessions.tasks.speak", session.pk, state.at.path, *([session.over.pk] if session.over else ()))
    return found or MadeLine(npc_key=line.npc)
