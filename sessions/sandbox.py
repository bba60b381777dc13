"""The row of a sandbox: a developer's overrides over a session, and its own short log. Written here for the services and by nobody else; what a
move does is decided by the same step as anywhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pixsim.lib.errors import FieldError, Invalid, NotFound, StaleSession
from worlds.models import WorldRelease
from worlds.rules.conditions import ROMANTIC_AXES

from .engine import PlayState, actions, fold
from .models import GameSession, MadeLine, SandboxState
from .spec import WorldSpec

Json = dict[str, Any]
MAX_MOVES = 200


def opened(*, session: GameSession, actor: Any) -> SandboxState:
    """The sandbox over a session, made where there is none. A line somebody is still thinking of belongs to the session, not to it."""
    state = dict(session.state)
    if (state.get("turn") or {}).get("waiting"):
        del state["turn"]
    found, _ = SandboxState.objects.get_or_create(
        session=session,
        defaults={"release": session.release, "base": state, "base_version": session.version, "state": state, "version": session.version,
                  "made_by": actor},
    )  # fmt: skip
    return found


def keep(
    sandbox: SandboxState,
    *,
    action: actions.Action,
    state: Json,
    patch: list[Json],
    parent: int,
    world: str,
    release: WorldRelease | None,
    notice: str,
    due: Any,
    overrides: Mapping[str, Any] | None,
    idempotency: tuple[str, str] | None,
) -> None:
    """A move lands here, by compare-and-swap on the sandbox's own version. Raises StaleSession."""
    key, body = idempotency or ("", "")
    done = {"version": sandbox.version + 1, "parent": parent, "action": action.to_json(), "world": world, "patch": patch, "key": key, "body": body,
            "override": overrides is not None}  # fmt: skip
    moves, base, base_version = [*sandbox.moves, done], sandbox.base, sandbox.base_version
    while len(moves) > MAX_MOVES:
        base, base_version = fold(base, [moves[0]["patch"]]), moves[0]["version"]
        moves = moves[1:]
    facts = {
        "state": state, "version": sandbox.version + 1, "moves": moves, "base": base, "base_version": base_version, "notice": notice,
        "turn_due_at": due, "release": release or sandbox.release, "overrides": sandbox.overrides if overrides is None else dict(overrides),
    }  # fmt: skip
    if not SandboxState.objects.filter(pk=sandbox.pk, version=sandbox.version).update(**facts):
        raise StaleSession
    for name, value in facts.items():
        setattr(sandbox, name, value)


def drop(session_id: int) -> bool:
    """All of it, with the lines its nodes said. Whether there was one."""
    found = SandboxState.objects.filter(session=session_id).values_list("pk", flat=True).first()
    if found is None:
        return False
    MadeLine.objects.filter(scope=scope(found)).delete()
    SandboxState.objects.filter(pk=found).delete()
    return True


def scope(pk: int) -> str:
    """The room of lines that are written for nodes in a sandbox: no player hears them."""
    return f"sandbox/{pk}"


# -- its short log ----------------------------------------------------------------------------------------------------


def states(sandbox: SandboxState) -> dict[int, Json]:
    """Every version it still knows."""
    found = {sandbox.base_version: sandbox.base}
    current = sandbox.base
    for done in sandbox.moves:
        current = found[done["version"]] = fold(current, [done["patch"]])
    return found


def state_at(sandbox: SandboxState, version: int) -> Json:
    """Raises NotFound: also for what was before the last override, for that is set back, not stepped back."""
    first = max((done["version"] for done in sandbox.moves if done["override"]), default=sandbox.base_version)
    found = states(sandbox).get(version)
    if found is None or version < first:
        raise NotFound(f"Under these overrides there is no version {version}.")
    return found


# -- overrides --------------------------------------------------------------------------------------------------------


def values_of(world: WorldSpec, state: PlayState, npc: str, given: Mapping[str, Any], *, pointer: str = "/overrides") -> Json:
    """What a client would like an NPC to be, as the values of `Patched`. Raises Invalid, pointing at what the world does not have."""
    errors: list[FieldError] = []
    relationships, drives = given.get("relationships") or {}, given.get("drives") or {}
    for axis in relationships:
        if axis not in world.axes:
            errors.append(FieldError(f"{pointer}/relationships/{axis}", "unknown", f"There is no axis “{axis}”."))
        elif axis in ROMANTIC_AXES and not world.romantic(state, npc):
            why = "Nothing romantic here: the world, its rating, the player's own or the character's age rules it out."
            errors.append(FieldError(f"{pointer}/relationships/{axis}", "not_allowed", why))
    errors += [FieldError(f"{pointer}/drives/{axis}", "unknown", f"There is no need “{axis}”.") for axis in drives if axis not in world.drive_axes]
    emotion = given.get("emotion")
    if emotion and emotion["label"] not in world.emotion_labels:
        known = ", ".join(world.emotion_labels)
        errors.append(FieldError(f"{pointer}/emotion/label", "unknown", f"There is no emotion “{emotion['label']}”. There are: {known}."))
    if errors:
        raise Invalid(errors)
    values: Json = {}
    if relationships:
        values["relationships"] = {npc: dict(relationships)}
    if drives:
        values["drives"] = {npc: dict(drives)}
    if emotion:
        values["emotions"] = {npc: {"label": emotion["label"], "intensity": emotion.get("intensity", 1), "minutes": emotion.get("minutes", 60)}}
    if "location" in given:
        values["placed"] = {npc: given["location"]}
    return values


def as_it_was(world: WorldSpec, state: PlayState, npc: str, real: PlayState) -> PlayState:
    """The state with one NPC as he is in the session: how he feels, what he needs, where he is put."""
    changed: Json = {}
    for name in ("rel", "drives", "emotions", "placed"):
        values, own = dict(getattr(state, name)), getattr(real, name)
        values.pop(npc, None)
        changed[name] = {**values, npc: own[npc]} if npc in own else values
    return state._replace(**changed)
