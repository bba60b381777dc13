"""Questions about sessions. What each costs stands in its docstring."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from django.db.models import QuerySet

from generation.models import Asset
from pixsim.lib.errors import NotFound
from worlds.models import World, WorldRelease

from . import sandbox
from .engine import NodeRef, PlayState, Row, fold
from .models import DialogueTurn, GameSession, GameSessionQuerySet, SavedGame, SessionEvent
from .releases import spec_of, spec_of_sha
from .spec import WorldSpec

SNAPSHOT_EVERY = 32
BRANCHES_SHOWN = 200
REDO_LOOKED_AT = 32
MENDINGS = 8  # a world published more often than this while a page stood open is looked at anew


def _light(sessions: GameSessionQuerySet) -> GameSessionQuerySet:
    return sessions.select_related("world", "release").defer("release__document", "world__renamed", "world__meta")


def _one(sessions: GameSessionQuerySet, session_id: int) -> GameSession:
    """A session as it is played: where a developer's overrides lie over it, as it is under them. One query. Raises NotFound."""
    found = _light(sessions).select_related("sandbox__release").defer("sandbox__release__document").filter(pk=session_id).first()
    if found is None:
        raise NotFound("There is no such session.")
    return in_sandbox(found)


def in_sandbox(session: GameSession) -> GameSession:
    """The session shown as its sandbox, if there is one: the same row, whose state, version and release are the sandbox's. No query where the
    sandbox was read with it."""
    over = getattr(session, "sandbox", None)
    if over is not None:
        session.over = over
        session.state, session.version, session.release = over.state, over.version, over.release
        session.notice, session.turn_due_at = over.notice, over.turn_due_at
    return session


def again(session: GameSession) -> GameSession:
    """What the session has become meanwhile: in its sandbox if it was shown as one and that is still there, else as it really is. One query."""
    if session.over is None:
        return fresh(session.pk)
    return shown(session.pk)


def shown(session_id: int) -> GameSession:
    """The session as it is played now, whoever asks. One query. Raises NotFound."""
    return _one(GameSession.objects.all(), session_id)


def tried(session_id: int, sandbox_id: int | None) -> GameSession | None:
    """A session as it is now; with `sandbox_id` in that sandbox, None where that was dropped. One query."""
    if sandbox_id is None:
        return fresh(session_id)
    found = shown(session_id)
    return found if found.over is not None and found.over.pk == sandbox_id else None


def own(user: Any, session_id: int) -> GameSession:
    """A session of this player, as it is played. One query. Raises NotFound."""
    return _one(GameSession.objects.filter(user=user.pk), session_id)


def readable(user: Any, session_id: int) -> GameSession:
    """A session the user may read, with world and release. One query. Raises NotFound, also for what is another's."""
    return _one(GameSession.objects.readable_by(user), session_id)


def changeable(user: Any, session_id: int) -> GameSession:
    """A session the user may play. One query. Raises NotFound, also for what is another's."""
    return _one(GameSession.objects.changeable_by(user), session_id)


def event_of(session: GameSession, version: int) -> SessionEvent:
    """The row of the log that made a version. One query. Raises NotFound."""
    found = SessionEvent.objects.filter(session=session, version=version, patch__isnull=False).defer("snapshot", "patch").first()
    if found is None:
        raise NotFound(f"This session has no version {version}.")
    return found


def release_of(session: GameSession, sha: str) -> WorldRelease:
    """The release a version ran on; where that is gone, the one its session runs on now. No query for the latter, else one."""
    if sha == session.release.sha256:
        return session.release
    return WorldRelease.objects.filter(world=session.world_id, sha256=sha).defer("document").first() or session.release


def inspected(user: Any) -> GameSessionQuerySet:
    """Sessions whose prompts a user may read: of his own worlds; staff all. A player's own are not among them, for prompts tell secrets."""
    found = _light(GameSession.objects.all())
    return found if user.is_staff else found.filter(world__owner=user.pk)


def spec_of_turn(turn: DialogueTurn) -> WorldSpec:
    """The world a turn ran on; where that release is gone, the one its session runs on now. No query for a world that is compiled."""
    try:
        return spec_of_sha(turn.session.world_id, turn.world)
    except WorldRelease.DoesNotExist:
        return spec_of(turn.session.release)


def of_player(user: Any, world_id: int | None = None) -> GameSessionQuerySet:
    """The player's own sessions, newest first."""
    found = _light(GameSession.objects.filter(user=user.pk))
    return found.filter(world=world_id) if world_id else found


def branches(session: GameSession, user: Any) -> list[GameSession]:
    """Every session of this playthrough that the user may read, oldest first: a fork keeps the playthrough it left. One query."""
    found = _light(GameSession.objects.readable_by(user)).filter(playthrough_id=session.playthrough_id, user=session.user_id)
    return list(found.order_by("pk")[:BRANCHES_SHOWN])


def saves_of(session: GameSession) -> QuerySet[SavedGame]:
    """The saves of a session with their pictures, latest first. One query."""
    return SavedGame.objects.filter(session=session).select_related("picture").order_by("-number")


def fresh(session_id: int) -> GameSession:
    """The session as it really is now, whatever lies over it. One query."""
    return _light(GameSession.objects.all()).get(pk=session_id)


def heads(session_ids: Iterable[int]) -> Iterator[tuple[int, int, int]]:
    """Id, `seq` and `version` of each session that is there. One query for every 500."""
    wanted = sorted(session_ids)
    for start in range(0, len(wanted), 500):
        yield from GameSession.objects.filter(pk__in=wanted[start : start + 500]).order_by().values_list("pk", "seq", "version")


def release_ids(session: GameSession, worlds: Iterable[str]) -> dict[str, dict[str, Any]]:
    """The ids of things by the hash of the release they are in. No query for the release the session runs on, else one."""
    found = {session.release.sha256: session.release.ids}
    others = set(worlds) - found.keys()
    if others:
        found.update(WorldRelease.objects.filter(world=session.world_id, sha256__in=others).values_list("sha256", "ids"))
    return found


def state_of(session: GameSession) -> PlayState:
    return PlayState.from_json(session.state)


def playable_world(user: Any, world_id: int) -> World:
    """A published world, or one's own. One query. Raises NotFound."""
    found = (
        World.objects.played_by(user).select_related("published", "draft").defer("published__document", "draft__document").filter(pk=world_id).first()
    )
    if found is None:
        raise NotFound.at("/world_id", "There is no such world to play.")
    return found


def media_of(release_ids: dict[str, Any], keys: Iterable[str]) -> dict[str, Asset]:
    """The assets behind document keys. One query, none for no key."""
    wanted = {release_ids.get("assets", {}).get(key): key for key in keys}
    wanted.pop(None, None)
    if not wanted:
        return {}
    return {wanted[asset.pk]: asset for asset in Asset.objects.filter(pk__in=wanted).defer("recipe", "prompt", "meta")}


def rows(session: GameSession) -> list[Row]:
    """The whole log of state events. One query."""
    found = SessionEvent.objects.filter(session=session, patch__isnull=False).order_by("seq")
    return [Row(e.version, e.action, e.world, e.patch or [], e.state_sha256) for e in found]


def state_at(session: GameSession, version: int) -> dict[str, Any]:
    """The canonical state of a version, from the nearest snapshot and the patches after it. Two queries. Raises NotFound."""
    if version == session.version:
        return dict(session.state)
    if session.over is not None:
        return sandbox.state_at(session.over, version)
    log = SessionEvent.objects.filter(session=session, patch__isnull=False, version__lte=version)
    base = log.filter(snapshot__isnull=False).order_by("-version").only("version", "snapshot").first()
    if base is None or version > session.version:
        raise NotFound(f"This session has no version {version}.")
    patches = log.filter(version__gt=base.version).order_by("version").values_list("patch", flat=True)
    return dict(fold(base.snapshot, [patch or [] for patch in patches]))


class Past(NamedTuple):
    """A version, where its state came from (None: from nowhere) and by what."""

    version: int
    parent: int | None
    action: Mapping[str, Any]


def history(session: GameSession, limit: int | None = None) -> Iterator[Past]:
    """Every version there is a way back to, latest first, at most `limit`. One query, in a sandbox none."""
    if session.over is None:
        log = SessionEvent.objects.filter(session=session, patch__isnull=False).order_by("-version")
        yield from map(Past._make, log.values_list("version", "parent", "action")[:limit])
        return
    for done in reversed(session.over.moves):
        yield Past(done["version"], None if done["override"] else done["parent"], done["action"])
    yield Past(session.over.base_version, None, {"type": "started"})


def taken_back(session: GameSession) -> list[int]:
    """The versions that redo would bring back, the next one last: what was undone since the last move; that the world changed meanwhile is no
    move. One query, after very many undos two, in a sandbox none."""
    found: list[int] = []
    trailing: list[Past] = []
    if not session.version:
        return found
    for limit in (REDO_LOOKED_AT, None):  # nearly always the first look is enough, and the page of the game asks with every move
        trailing = list(itertools.takewhile(lambda past: past.action["type"] in ("restored", "reconciled"), history(session, limit)))
        if len(trailing) != limit:
            break
    for past in reversed(trailing):
        if past.action.get("why") == "undo":
            found.append(past.version - 1)
        elif past.action.get("why") == "redo" and found:
            found.pop()
        elif past.action["type"] == "restored":
            found.clear()
    return found


def states_between(session: GameSession, first: int, last: int) -> dict[int, dict[str, Any]]:
    """Canonical states by version, first to last. Three queries."""
    first = max(first, 0)
    current = state_at(session, first)
    found = {first: current}
    later = SessionEvent.objects.filter(session=session, patch__isnull=False, version__gt=first, version__lte=last).order_by("version")
    for version, patch in later.values_list("version", "patch"):
        current = fold(current, [patch or []])
        found[version] = current
    return found


def trail(session: GameSession, length: int = 64) -> list[NodeRef]:
    """Where the session has been lately, oldest first: the nearest place that still exists is where it goes on when the world changed."""
    if session.over is not None:
        states = sandbox.states(session.over)
    else:
        states = states_between(session, session.version - length, session.version)
    found = [NodeRef(**state["at"]) for _, state in sorted(states.items()) if state.get("at")]
    return list(dict.fromkeys(reversed(found)))[::-1]


def only_mended(session: GameSession, since: int | None) -> bool:
    """Whether nothing has happened since a version but that the session met its changed world, and stands where it stood. Up to three queries."""
    if since is None or not 0 < session.version - since <= MENDINGS:
        return False
    if any(past.action["type"] != "reconciled" for past in history(session, session.version - since) if past.version > since):
        return False
    try:
        before = state_at(session, since)
    except NotFound:
        return False
    return all(before.get(name) == session.state.get(name) for name in ("at", "location"))


def events_since(session: GameSession, seq: int, limit: int = 500) -> list[SessionEvent]:
    """The log after `seq`, in order, at most `limit` rows. One query."""
    return list(SessionEvent.objects.filter(session=session, seq__gt=seq).order_by("seq").defer("snapshot")[:limit])


def spec(session: GameSession) -> Any:
    return spec_of(session.release)
