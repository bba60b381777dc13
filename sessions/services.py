"""The only place that writes played things. A move is decided by the engine, kept by compare-and-swap with its log row in one transaction,
and told after the commit."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import OuterRef, Subquery
from django.utils import timezone

from pixsim.lib.canonical import plain, sha256
from pixsim.lib.errors import Conflict, IdempotencyMismatch, Invalid, NotAvailable, NotFound, StaleSession
from pixsim.lib.live import ring_on_commit
from pixsim.models import AuditEntry, Rating, User
from worlds.models import World, WorldRelease

from . import clips, engine, projections, queries, sandbox, saves
from .drawing import drawn
from .engine import ENGINE, Change, PlayState, actions
from .experiments import variants
from .models import GameSession, MadeClip, MadeLine, SandboxState, SavedGame, SessionEvent
from .publishing import draft_release, published_release
from .releases import spec_of, spec_of_sha
from .spec import WorldSpec

TURN_SEC = 30


@dataclass(frozen=True, slots=True)
class Idempotency:
    """A client's key and the hash of what it asked."""

    key: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Moved:
    """What became of a move: the session as it now is, its world and state, and what changed."""

    session: GameSession
    world: WorldSpec
    state: PlayState
    changes: tuple[Change, ...] = ()
    touched: tuple[engine.Touch, ...] = field(default=())
    replayed: bool = False


# -- begin ------------------------------------------------------------------------------------------------------------


def start(*, user: Any, world: World, draft: bool = False, started: actions.Started | None = None, variant: str = "") -> Moved:
    """A new session at the world's beginning, in the variant a running experiment draws for the player unless one is named. Raises NotFound where
    nothing is published, NotAvailable where the story cannot begin."""
    release = draft_release(world=world, actor=user) if draft else world.published
    if release is None:
        raise NotFound("This world is not published yet.")
    variant = variant or ("" if draft else variants.assigned(world, user))
    if variant:
        release = variants.release_for(release, variant)
    spec = spec_of(release)
    seed = secrets.randbits(62)
    action = replace(started or actions.Started(), rating=_rating(user), variant=variant)
    step, done = drawn(seed, 0, action, lambda a: engine.begin(spec, a))  # type: ignore[arg-type]
    state = plain(step.state.to_json())
    with transaction.atomic():
        session = GameSession.objects.create(
            user=user, world=world, release=release, on_draft=draft, state=state, seed=seed, seq=1, variant=variant
        )  # fmt: skip
        SessionEvent.objects.create(
            session=session, seq=1, version=0, parent=None, action=done.to_json(), world=spec.sha, engine=ENGINE,
            patch=engine.diff({}, state), state_sha256=sha256(state), snapshot=state,
        )  # fmt: skip
        clips.arrive_on_commit(session, spec, None, step.state, 0)
    return Moved(session, spec, step.state, (), step.touched)


def _rating(user: Any) -> str:
    return str(getattr(user, "rating", "") or "")


# -- move -------------------------------------------------------------------------------------------------------------


def move(*, session: GameSession, action: actions.Action, version: int | None = None, idempotency: Idempotency | None = None) -> Moved:
    """One move of the player or of a shell.

    Raises StaleSession (with nothing changed) where `version` is not current or another move won the race, NotAvailable where the move is not
    open, IdempotencyMismatch where the key was used for another body.
    """
    if idempotency is not None:
        before = _replayed(session, idempotency)
        if before is not None:
            return before
    session = _based_on(session, version)
    spec, state = spec_of(session.release), queries.state_of(session)
    if hasattr(action, "turn") and not isinstance(action, actions.Answered):
        action = replace(action, turn=session.version + 1)  # type: ignore[call-arg]
    step, action = drawn(session.seed, session.version, action, lambda a: engine.step(spec, state, a))
    return _keep(session, spec, state, step, action, idempotency=idempotency)


def _keep(
    session: GameSession,
    spec: WorldSpec,
    before: PlayState,
    step: engine.Step,
    action: actions.Action,
    *,
    idempotency: Idempotency | None = None,
    release: WorldRelease | None = None,
    parent: int | None = None,
    notice: str = "",
    hand_edited: bool = False,
    overrides: Mapping[str, Any] | None = None,
) -> Moved:
    """Keeps a step: the state by compare-and-swap on `version`, its row in the log, and the doorbell after the commit. Where the session is shown
    as its sandbox, the step lands there instead; `overrides` are what is then set by hand."""
    old, new = session.state, plain(step.state.to_json())
    patch = engine.diff(old, new)
    if not patch and release is None and overrides is None:
        if idempotency is not None and session.over is None:
            _keep_nothing(session, spec, action, idempotency)
        return Moved(session, spec, step.state, (), step.touched)
    version, came_from = session.version + 1, session.version if parent is None else parent
    waiting = step.state.turn is not None and step.state.turn.waiting
    due = timezone.now() + timedelta(seconds=TURN_SEC) if waiting else None
    try:
        with transaction.atomic():
            if session.over is not None:
                seq = session.seq
                sandbox.keep(
                    session.over, action=action, state=new, patch=patch, parent=came_from, world=spec.sha, release=release, notice=notice, due=due,
                    overrides=overrides, idempotency=(idempotency.key, idempotency.sha256) if idempotency else None,
                )  # fmt: skip
                ring_on_commit(f"session/{session.pk}", tried=version)
            else:
                seq = _swap(
                    session, new, due=due, notice=notice, release_id=(release or session.release).pk, hand_edited=hand_edited or session.hand_edited
                )
                SessionEvent.objects.create(
                    session=session, seq=seq, version=version, parent=came_from, action=action.to_json(),
                    world=spec.sha, engine=ENGINE, patch=patch, state_sha256=sha256(new),
                    snapshot=new if version % queries.SNAPSHOT_EVERY == 0 else None,
                    idem_key=idempotency.key if idempotency else None, idem_sha256=idempotency.sha256 if idempotency else "",
                )  # fmt: skip
                projections.remember(session, before, step.state)
                ring_on_commit(f"session/{session.pk}", seq=seq)
                if not isinstance(action, actions.Restored | actions.Reconciled):  # going back is no new arrival
                    clips.arrive_on_commit(session, spec, before, step.state, version)
                    saves.before_on_commit(session, spec, before, step.state)
    except (IntegrityError, StaleSession):
        session = queries.again(session)
        if idempotency is not None and (done := _replayed(session, idempotency)) is not None:
            return done  # the same request, sent twice at once: both get what the first one did
        raise StaleSession(current=session) from None
    session.state, session.version, session.seq, session.turn_due_at = new, version, seq, due
    session.notice, session.hand_edited = notice, (hand_edited and session.over is None) or session.hand_edited
    if release is not None:
        session.release = release
    return Moved(session, spec, step.state, engine.describe(spec, patch), step.touched)


def _swap(session: GameSession, state: Mapping[str, Any], *, due: Any, notice: str, release_id: int, hand_edited: bool) -> int:
    """The compare-and-swap: one UPDATE that succeeds for exactly one of many simultaneous moves. Returns the row's new seq."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE game_sessions_gamesession SET state = %s, version = version + 1, seq = seq + 1, turn_due_at = %s, notice = %s,"
            " release_id = %s, hand_edited = %s, updated_at = %s WHERE id = %s AND version = %s RETURNING seq",
            [json.dumps(state), _moment(due), notice, release_id, hand_edited, _moment(timezone.now()), session.pk, session.version],
        )
        row = cursor.fetchone()
    if row is None:
        raise StaleSession
    return int(row[0])


def _moment(value: Any) -> Any:
    return connection.ops.adapt_datetimefield_value(value) if value is not None else None


def _next_seq(session: GameSession) -> int:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE game_sessions_gamesession SET seq = seq + 1 WHERE id = %s RETURNING seq", [session.pk])
        return int(cursor.fetchone()[0])


def _keep_nothing(session: GameSession, spec: WorldSpec, action: actions.Action, idempotency: Idempotency | None) -> None:
    """A row without a new version: a keyed move that changed nothing, or a client's note."""
    with transaction.atomic():
        session.seq = _next_seq(session)
        SessionEvent.objects.create(
            session=session, seq=session.seq, version=session.version, parent=session.version, action=action.to_json(), world=spec.sha,
            engine=ENGINE, idem_key=idempotency.key if idempotency else None, idem_sha256=idempotency.sha256 if idempotency else "",
        )  # fmt: skip
        ring_on_commit(f"session/{session.pk}", seq=session.seq)


def _replayed(session: GameSession, idempotency: Idempotency) -> Moved | None:
    """The first result of a keyed move again: the state it made, whatever came later."""
    if session.over is not None:
        return _tried_before(session, session.over, idempotency)
    event = SessionEvent.objects.filter(session=session, idem_key=idempotency.key).defer("snapshot").first()
    if event is None or event.at < timezone.now() - timedelta(hours=24):
        return None
    if event.idem_sha256 != idempotency.sha256:
        raise IdempotencyMismatch
    if event.version > session.version:  # kept by a twin of this request after we looked
        session = queries.fresh(session.pk)
    spec = spec_of_sha(session.world_id, event.world)
    state = queries.state_at(session, event.version)
    shown = GameSession(**{f.attname: getattr(session, f.attname) for f in GameSession._meta.concrete_fields})
    shown.world, shown.release = session.world, session.release
    shown.state, shown.version, shown.seq = state, event.version, event.seq
    return Moved(shown, spec, PlayState.from_json(state), engine.describe(spec, event.patch or ()), (), replayed=True)


def _tried_before(session: GameSession, over: SandboxState, idempotency: Idempotency) -> Moved | None:
    """The same in a sandbox, which is shown as it now stands."""
    done = next((move for move in over.moves if move["key"] == idempotency.key), None)
    if done is None:
        return None
    if done["body"] != idempotency.sha256:
        raise IdempotencyMismatch
    spec = spec_of(session.release)
    return Moved(session, spec, queries.state_of(session), engine.describe(spec, done["patch"]), (), replayed=True)


# -- the world changed ------------------------------------------------------------------------------------------------


def current(session: GameSession) -> GameSession:
    """The session on the world it should run on: mended, and told, where its world changed meanwhile. No query where nothing did."""
    release = _wanted_release(session)
    if release is None or release.pk == session.release_id:
        return session
    spec, before = spec_of(release), queries.state_of(session)
    trail = queries.trail(session)
    step = engine.reconcile(spec, before, trail)
    moved_away = before.at is not None and step.state.at != before.at
    notice = (
        "The world has changed: your story goes on at the nearest place that is still there." if moved_away else "The world has changed a little."
    )
    action = actions.Reconciled(world=spec.sha, trail=tuple((ref.scene, ref.node) for ref in trail))
    try:
        return _keep(session, spec, before, step, action, release=release, notice=notice).session
    except StaleSession:
        return queries.again(session)


def _based_on(session: GameSession, version: int | None) -> GameSession:
    """The session on its newest world, where that is what a move was based on. That its world was changed meanwhile is no reason to refuse the
    move, unless it took the story elsewhere: its player must see that first. Raises StaleSession."""
    session = current(session)
    if version not in (None, session.version) and not queries.only_mended(session, version):
        raise StaleSession(current=session)
    return session


def _wanted_release(session: GameSession) -> WorldRelease | None:
    wanted = session.world.draft_id if session.on_draft else session.world.published_id
    if wanted is None and not session.on_draft:
        return None
    if wanted is not None and wanted in (session.release_id, session.release.base_id if session.variant else None):
        return None
    release = draft_release(world=session.world, actor=None) if session.on_draft else published_release(session.world)
    return variants.release_for(release, session.variant) if session.variant else release


# -- by hand ----------------------------------------------------------------------------------------------------------


def patch(*, session: GameSession, values: Mapping[str, Any], version: int | None = None) -> Moved:
    """An owner's edit of his own session; marks it `hand_edited`."""
    session = _based_on(session, version)
    spec, state = spec_of(session.release), queries.state_of(session)
    step, action = drawn(session.seed, session.version, actions.Patched(values=dict(values)), lambda a: engine.step(spec, state, a))
    return _keep(session, spec, state, step, action, hand_edited=True)


def note(*, session: GameSession, data: Mapping[str, Any]) -> SessionEvent:
    """Appends a client's note to the log; never changes the state. Raises NotAvailable under overrides, which leave no trace there."""
    _only_in_the_log(session)
    with transaction.atomic():
        session.seq = _next_seq(session)
        ring_on_commit(f"session/{session.pk}", seq=session.seq)
        return SessionEvent.objects.create(
            session=session, seq=session.seq, version=session.version, parent=session.version,
            action={"type": "note", **plain(data)}, world=session.release.sha256, engine=ENGINE,
        )  # fmt: skip


def tell_clip(*, clip: MadeClip, session_id: int, facts: Mapping[str, Any]) -> None:
    """A row of the log that says that a clip the session waited for is there."""
    _tell(clip, session_id, {"type": "clip", "scene": clip.scene, "node": clip.node, **facts})


def tell_line(*, line: MadeLine, session_id: int) -> None:
    """A row of the log that says what an NPC says at a node, now that it is written."""
    facts = {"npc": line.npc_key, "text": line.text, "emotion": line.emotion, "writer": line.writer}
    _tell(line, session_id, {"type": "line", "scene": line.scene, "node": line.node, **facts})


def _tell(made: MadeClip | MadeLine, session_id: int, action: Mapping[str, Any]) -> None:
    """Told once: the session waits no longer."""
    with transaction.atomic():
        session = queries.fresh(session_id)
        gone, _ = made.waiting.through.objects.filter(gamesession=session, **{f"{type(made).__name__.lower()}_id": made.pk}).delete()
        if not gone:
            return
        seq = _next_seq(session)
        SessionEvent.objects.create(
            session=session, seq=seq, version=session.version, parent=session.version, world=session.release.sha256, engine=ENGINE,
            action=dict(action),
        )  # fmt: skip
        ring_on_commit(f"session/{session.pk}", seq=seq)


def choose_rating(*, user: Any, rating: str) -> None:
    """The most a player wants to be shown, in all his games from now on. Raises Invalid."""
    if rating not in Rating.values:
        raise Invalid([("/rating", "invalid_choice", f"Choose one of: {', '.join(Rating.values)}.")])
    User.objects.filter(pk=user.pk).update(rating=rating)
    user.rating = rating


def rated(*, session: GameSession, user: Any) -> GameSession:
    """The session under the limit its player has chosen meanwhile. No query where it is."""
    if session.user_id != user.pk or session.state.get("rating", "") == _rating(user):
        return session
    try:
        return move(session=session, action=actions.RatingSet(rating=_rating(user))).session
    except StaleSession:
        return queries.again(session)


# -- overrides --------------------------------------------------------------------------------------------------------


def override(*, session: GameSession, actor: Any, npc: str, given: Mapping[str, Any], temporary: bool = True, version: int | None = None) -> Moved:
    """Sets how an NPC stands, by hand: `given` holds relationships and drives (absolute), emotion, location (null: as usual).

    The first one that is `temporary` opens a sandbox over the session: from then on moves change only it, until `reset`. One that is not is a
    real edit of the session. Raises Invalid for what the world does not have, NotAvailable for a real edit under overrides.
    """
    session = _based_on(session, version)
    if not temporary:
        _only_in_the_log(session)
        return patch(session=session, values=sandbox.values_of(spec_of(session.release), queries.state_of(session), npc, given))
    values = sandbox.values_of(spec_of(session.release), queries.state_of(session), npc, given)
    if session.over is None:
        sandbox.opened(session=session, actor=actor)
        session = queries.shown(session.pk)
    assert session.over is not None  # noqa: S101 – opened above
    spec, state = spec_of(session.release), queries.state_of(session)
    was = session.over.overrides.get(npc, {})
    told = {**was, **given, **{name: {**was.get(name, {}), **given[name]} for name in ("relationships", "drives") if name in given}}
    step, action = drawn(session.seed, session.version, actions.Patched(values=values), lambda a: engine.step(spec, state, a))
    return _keep(session, spec, state, step, action, overrides={**session.over.overrides, npc: told})


def reset(*, session: GameSession, npc: str | None = None) -> GameSession:
    """The session as it really is: the sandbox is dropped with all that was played in it. With `npc` only that one stands as in the session
    again, and the sandbox goes on while others are overridden."""
    over = session.over
    if over is not None and npc is not None and over.overrides.keys() - {npc}:
        if npc not in over.overrides:
            return session
        spec, state = spec_of(session.release), queries.state_of(session)
        real = PlayState.from_json(queries.fresh(session.pk).state)
        step = engine.Step(sandbox.as_it_was(spec, state, npc, real))
        left = {key: value for key, value in over.overrides.items() if key != npc}
        return _keep(session, spec, state, step, actions.Patched(values={"as_it_was": npc}), overrides=left).session
    if over is not None and npc is not None and npc not in over.overrides:
        return session
    with transaction.atomic():
        if sandbox.drop(session.pk):
            ring_on_commit(f"session/{session.pk}", tried=0)
    return current(queries.fresh(session.pk))


def _only_in_the_log(session: GameSession) -> None:
    if session.over is not None:
        raise NotAvailable("Overrides are active, and what happens under them is not kept. Reset them first.")


# -- back and forth ---------------------------------------------------------------------------------------------------


def restore(*, session: GameSession, version: int, why: str) -> Moved:
    """The state of an earlier version comes back as a new version. Nothing is destroyed, nothing refunded. Raises NotFound."""
    session = current(session)
    spec = spec_of(session.release)
    state = PlayState.from_json(queries.state_at(session, version))
    before = queries.state_of(session)
    if state.world != spec.sha:  # the version ran on another release: bring it home, then mend it
        session = _keep(session, spec, before, engine.Step(state), actions.Restored(version=version, why=why), parent=version).session
        step = engine.reconcile(spec, state, queries.trail(session))
        return _keep(session, spec, state, step, actions.Reconciled(world=spec.sha, trail=tuple(queries.trail(session))))
    return _keep(session, spec, before, engine.Step(state), actions.Restored(version=version, why=why), parent=version)


def undo(*, session: GameSession, to_version: int | None = None) -> Moved:
    """Back before the last move of the player (with the line it was answered by), or to a version. Raises NotAvailable at the beginning."""
    if to_version is not None:
        return restore(session=session, version=to_version, why="undo")
    by_version = {past.version: past for past in queries.history(session)}
    at = by_version[session.version]
    while at.parent is not None and at.action["type"] in ("restored", "answered", "reconciled"):
        at = by_version[at.parent]
    if at.parent is None:
        raise NotAvailable("There is nothing to take back.")
    return restore(session=session, version=at.parent, why="undo")


def redo(*, session: GameSession) -> Moved:
    """Takes the last undo back; any new move ends this. Raises NotAvailable."""
    taken_back = queries.taken_back(session)
    if not taken_back:
        raise NotAvailable("There is nothing to bring back.")
    return restore(session=session, version=taken_back[-1], why="redo")


def fork(*, session: GameSession, user: Any) -> GameSession:
    """A second session with the same past; from here on they never touch each other. Raises NotAvailable under overrides."""
    _only_in_the_log(session)
    with transaction.atomic():
        twin = GameSession.objects.create(
            user=user, world=session.world, release=session.release, on_draft=session.on_draft, state=session.state, version=session.version,
            seq=session.seq, seed=session.seed, playthrough_id=session.playthrough_id, hand_edited=session.hand_edited, forked_from=session,
            variant=session.variant,
        )  # fmt: skip
        copied = SessionEvent.objects.filter(session=session, seq__lte=session.seq).order_by("seq")
        for event in copied:
            event.pk, event.session, event.idem_key, event.idem_sha256 = None, twin, None, ""
        SessionEvent.objects.bulk_create(copied, batch_size=500)
        happened = SessionEvent.objects.filter(session=session, seq=OuterRef("seq")).values("at")
        SessionEvent.objects.filter(session=twin).update(at=Subquery(happened))  # creating a row says now
        projections.rebuild(twin, queries.state_of(twin))
    return twin


def load_save(*, session: GameSession, number: int) -> Moved:
    """Raises NotFound where there is no such save, NotAvailable under overrides."""
    _only_in_the_log(session)
    return restore(session=session, version=saves.found(session, number).version, why="load")


def save(*, session: GameSession, name: str = "") -> SavedGame:
    """Remembers the present version under the next free number. Raises NotAvailable under overrides."""
    _only_in_the_log(session)
    return saves.keep(session=session, name=name)


# -- the end of a world -----------------------------------------------------------------------------------------------


def leave_world(world: World, actor: Any) -> None:
    """Before a world is deleted: its owner's own sessions go with it. Raises Conflict while others have played it, save for staff."""
    played = GameSession.objects.filter(world=world)
    others = played.exclude(user=world.owner_id).count()
    if others and not actor.is_staff:
        count = f"{others} session{'s' if others > 1 else ''}"
        raise Conflict(f"Others have played this world ({count}). Change it instead, or ask the site's staff to delete it.")
    if others:
        AuditEntry.objects.create(actor=actor, action="delete", subject=f"world/{world.pk}", detail={"name": world.name, "sessions": others})
    played.delete()
