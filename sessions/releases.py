"""Compiled worlds of this process, by the hash of their document. A warm request compiles nothing and reads no document."""

from __future__ import annotations

from typing import Any

from pixsim.lib.canonical import sha256
from worlds.models import WorldRelease

from .lru import Lru
from .spec import WorldSpec

_specs: Lru[WorldSpec] = Lru(64)


def spec_of(release: WorldRelease) -> WorldSpec:
    """The compiled world of a release; one query the first time, none later."""
    return _specs.get(release.sha256, lambda: WorldSpec(_document(release.pk), release.sha256))


def spec_of_sha(world_id: int, sha: str) -> WorldSpec:
    """The compiled world a log row ran on. Raises WorldRelease.DoesNotExist where the release is gone."""
    return _specs.get(sha, lambda: WorldSpec(WorldRelease.objects.values_list("document", flat=True).get(world=world_id, sha256=sha), sha))


def compiled(document: dict[str, Any]) -> WorldSpec:
    """A document that is no release (yet), compiled once."""
    sha = sha256(document)
    return _specs.get(sha, lambda: WorldSpec(document, sha))


def forget() -> None:
    _specs.clear()


def _document(release_id: int) -> dict[str, Any]:
    return dict(WorldRelease.objects.values_list("document", flat=True).get(pk=release_id))
