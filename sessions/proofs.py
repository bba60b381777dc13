"""Proof that a session is what its log says: played again by the engine, on the releases it ran on."""

from __future__ import annotations

from contextlib import suppress
from typing import NamedTuple

from pixsim.lib.canonical import sha256
from worlds.models import WorldRelease

from . import engine, queries
from .models import GameSession
from .releases import spec_of_sha
from .spec import WorldSpec


class Proof(NamedTuple):
    """What playing a log again has shown. `sha256` names the state it ended in."""

    versions: int
    releases: int
    sha256: str
    mismatches: tuple[engine.Mismatch, ...]


def verify(session: GameSession) -> list[engine.Mismatch]:
    """Plays the whole log again on its stored releases and compares every hash. Empty when all is as it was."""
    return list(proof(session).mismatches)


def proof(session: GameSession) -> Proof:
    """`verify` with what it went through: every move by `step`, answers of models included as they were logged. Two queries and one a release."""
    log, real = queries.rows(session), queries.fresh(session.pk)
    worlds: dict[str, WorldSpec] = {}
    for sha in {row.world for row in log}:
        with suppress(WorldRelease.DoesNotExist):  # then its moves are mismatches
            worlds[sha] = spec_of_sha(session.world_id, sha)
            worlds[sha].document  # noqa: B018 – everything is read before the engine runs
    found = engine.verify(log, worlds.__getitem__)
    now, last = sha256(real.state), log[-1].state_sha256 if log else ""
    if now != last:
        found.append(engine.Mismatch(real.version, last, now))
    return Proof(len(log), len(worlds), now, tuple(found))
