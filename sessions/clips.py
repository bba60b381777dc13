"""Clips that play makes: which node may have one, in which room it is shared, what there is, and the hint to have it made.

A node says by `generationConfig` how its clip is made and by `strategy` how often: `once` for the world, `per_player`, `per_playthrough` (kept
by undo, copied by fork), `always` (anew with every arrival; until that one is there the last one is shown). A clip the author has put on a node
counts as made for `once`; for the others it stands in until theirs is there. Ordering is done elsewhere (`filming`): a view or a move never waits.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from celery import current_app
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone

from generation.models import Asset, Generation
from pixsim.lib.canonical import sha256
from worlds.rules.graph import Node

from .engine import PlayState
from .models import GameSession, MadeClip
from .spec import WorldSpec

MAX_TRIES = 5
ASK_AGAIN_SEC = 30
HINT_EXPIRES_SEC = 60
log = logging.getLogger(__name__)
Config = Mapping[str, Any]


class Made(NamedTuple):
    """What there is for a node: the clip, if one is ready, and whether a newer one is under way."""

    asset: Asset | None
    pending: bool


def config_of(node: Node | None) -> Config | None:
    """How play makes the clip of a node; None where it makes none. (A dialogue node's `dialogue` is a line, not a clip.)"""
    config: Config | None = node.meta.get("generationConfig") if node is not None else None
    if node is None or not config or node.kind in ("scene", "end"):
        return None
    if node.kind != "video" and config.get("type") == "dialogue":
        return None
    return None if strategy_of(config) == "once" and node.asset else config


def strategy_of(config: Config) -> str:
    return str(config.get("strategy") or "once")


def scope_of(config: Config, session: GameSession) -> str:
    """The room in which the clip is shared."""
    match strategy_of(config):
        case "per_player":
            return f"world/{session.world_id}/player/{session.user_id}"
        case "per_playthrough" | "always":
            return f"playthrough/{session.playthrough_id}"
        case _:
            return f"world/{session.world_id}"


def nodes_ahead(world: WorldSpec, state: PlayState) -> Iterator[tuple[Node, Config]]:
    """The node the player is at, and those that follow by themselves, as far as play makes their clips."""
    here = world.find_node(state.at)
    if here is None:
        return
    config = config_of(here)
    if config is not None:
        yield here, config
    for edge in here.automatic:
        node = world.find_node(edge.target) if edge.target is not None else None
        config = config_of(node)
        if node is not None and config is not None and strategy_of(config) != "always":
            yield node, config


def made_for(session: GameSession, world: WorldSpec, state: PlayState) -> Made | None:
    """What there is for the node the session is at; None where play makes nothing. One query, none in that case. Where something is missing
    that nobody has in hand, it is asked for."""
    node = world.find_node(state.at)
    config = config_of(node)
    if node is None or config is None:
        return None
    rows = MadeClip.objects.filter(world=session.world_id, scope=scope_of(config, session), scene=node.scene, node=node.key)
    found = list(rows.filter(config_sha256=sha256(config)).select_related("asset", "generation").order_by("-arrival")[:2])
    newest = found[0] if found else None
    if newest is None or is_due(newest, timezone.now()):
        _ask(session, state)
    asset = next((row.asset for row in found if row.asset is not None), None)
    return Made(asset, newest is not None and is_under_way(newest))


def is_under_way(row: MadeClip) -> bool:
    """Whether somebody has it in hand."""
    if row.asset_id is not None:
        return False
    if row.generation is None:
        return row.retry_at is None
    return row.generation.status not in Generation.ENDED


def is_due(row: MadeClip, now: datetime) -> bool:
    """Whether it should be ordered, perhaps again: nobody has it in hand, or whoever had it never said what came of it."""
    if row.asset_id is not None or row.tries >= MAX_TRIES or (row.retry_at is not None and row.retry_at > now):
        return False
    job = row.generation
    return job is None or job.status in Generation.ENDED or (job.status == Generation.Status.COMPLETED and job.asset_id is None)


# -- hints ------------------------------------------------------------------------------------------------------------


def arrive_on_commit(session: GameSession, world: WorldSpec, before: PlayState | None, after: PlayState, version: int) -> None:
    """For a move that came to another node: once it is committed, have made what is missing there and just after. Costs nothing elsewhere."""
    if after.at is None or (before is not None and before.at == after.at) or next(nodes_ahead(world, after), None) is None:
        return
    path = after.at.path
    transaction.on_commit(lambda: hint(session.pk, path, version), robust=True)


def _ask(session: GameSession, state: PlayState) -> None:
    """A hint was lost, or a try has failed: again, but not with every look. Under overrides nothing is ordered: the clip would be the player's."""
    if session.over is None and state.at is not None and not_lately(f"clip:{session.pk}:{session.version}"):
        hint(session.pk, state.at.path, session.version)


def not_lately(what: str) -> bool:
    """Whether nobody has asked for it within the last seconds; from now on somebody has."""
    return bool(cache.add(what, 1, timeout=ASK_AGAIN_SEC))


def hint(session_id: int, path: str, arrival: int) -> None:
    send("sessions.tasks.make_clips", session_id, path, arrival)


def send(task: str, session_id: int, *args: Any) -> None:
    """Asks a worker. Never raises, and never waits for a broker that is down."""
    try:
        current_app.send_task(task, (session_id, *args), retry=False, expires=HINT_EXPIRES_SEC, ignore_result=True)
    except Exception as error:
        log.warning("The hint %s for session %s was not sent: %r", task, session_id, error)
