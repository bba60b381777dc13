"""Who plays which variant, and the release that a variant is.

A variant is a release of its own: the document of the release it varies with one part merged. So a session on a variant plays, replays, forks
and migrates like any other, and parts that do not differ are compiled once (they are cached by hash). See decision 21.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from pixsim.lib.api.preconditions import merge_patch
from worlds.models import World, WorldRelease

from ..engine import NodeRef, Renamed
from ..releases import compiled, spec_of
from ..spec import WorldSpec
from .models import Experiment

Json = dict[str, Any]
SUBJECT = re.compile(r"(?P<list>npcs|scenes)/(?P<key>[a-z0-9][a-z0-9_]{0,79})(?:/(?P<inner>nodes|edges)/(?P<inner_key>[a-z0-9][a-z0-9_]{0,79}))?")


class Subject(NamedTuple):
    """A part of a document: an NPC, a scene, or a node or an edge of a scene."""

    list: str
    key: str
    inner: str = ""
    inner_key: str = ""

    @classmethod
    def parse(cls, text: str) -> Subject | None:
        found = SUBJECT.fullmatch(text)
        if found is None or (found["inner"] and found["list"] != "scenes"):
            return None
        return cls(found["list"], found["key"], found["inner"] or "", found["inner_key"] or "")


def subject_in(spec: WorldSpec, experiment: Experiment) -> Subject | None:
    """What an experiment varies, under the names it has in a world: what was renamed since is followed as running sessions follow it."""
    subject = Subject.parse(experiment.subject)
    if subject is None or part_of(spec.document, subject) is not None:
        return subject
    names = Renamed(spec)
    if subject.list == "npcs":
        return subject._replace(key=names.npc(subject.key) or subject.key)
    if subject.inner == "nodes" and (ref := names.ref(NodeRef(subject.key, subject.inner_key))) is not None:
        return subject._replace(key=ref.scene, inner_key=ref.node)
    return subject._replace(key=names.key(subject.key))


def part_of(document: Mapping[str, Any], subject: Subject) -> Json | None:
    """The part as it stands; None where the document has none."""
    part = next((one for one in document.get(subject.list, ()) if one["key"] == subject.key), None)
    if part is None or not subject.inner:
        return part
    return next((one for one in part.get(subject.inner, ()) if one["key"] == subject.inner_key), None)


def pointer_of(document: Mapping[str, Any], subject: Subject) -> str:
    """Where the part stands in the document (RFC 6901)."""
    index = [one["key"] for one in document[subject.list]].index(subject.key)
    if not subject.inner:
        return f"/{subject.list}/{index}"
    inner = [one["key"] for one in document[subject.list][index][subject.inner]].index(subject.inner_key)
    return f"/{subject.list}/{index}/{subject.inner}/{inner}"


def varied(document: Mapping[str, Any], subject: Subject, patch: Mapping[str, Any]) -> Json:
    """The document with the patch merged into that part (RFC 7396); as it is where it has no such part. The input is not changed."""

    def merged(parts: Any, key: str, change: Any) -> list[Any]:
        return [change(part) if part["key"] == key else part for part in parts]

    def change(part: Any) -> Any:
        if not subject.inner:
            return merge_patch(part, patch)
        return {**part, subject.inner: merged(part.get(subject.inner, ()), subject.inner_key, lambda inner: merge_patch(inner, patch))}

    return {**document, subject.list: merged(document.get(subject.list, ()), subject.key, change)}


def drawn(experiment: Experiment, user_id: int) -> str:
    """a or b: always the same for a player, whatever else is asked. HMAC-SHA-256 of experiment and player under the experiment's own key, read as
    a number in [0, 1) and held against the share."""
    digest = hmac.digest(experiment.salt.encode(), f"{experiment.pk}:{user_id}".encode(), "sha256")
    return "b" if int.from_bytes(digest[:8], "big") / 2**64 < experiment.share / 100 else "a"


def assigned(world: World, user: Any) -> str:
    """The variant a player's new session gets; empty where nothing runs, and for the owner and staff, who would bias it. One query for players."""
    if user.is_staff or world.owner_id == user.pk:
        return ""
    experiment = Experiment.objects.filter(world=world, status=Experiment.Status.RUNNING).first()
    return experiment.variant(drawn(experiment, user.pk)) if experiment is not None else ""


def named(world_id: int, variant: str) -> tuple[Experiment | None, str]:
    """The experiment of a session's variant, whatever its status, and the letter. One query, none for no variant."""
    key, _, letter = variant.partition("/")
    return (Experiment.objects.filter(world=world_id, key=key).first() if key else None), letter


def spec_for(spec: WorldSpec, world_id: int, variant: str) -> WorldSpec:
    """A compiled world as a variant has it: itself where the experiment, or the part it varies, is gone. One query."""
    experiment, letter = named(world_id, variant)
    return spec_in(spec, experiment, letter) if experiment is not None else spec


def spec_in(spec: WorldSpec, experiment: Experiment, letter: str) -> WorldSpec:
    subject, patch = subject_in(spec, experiment), experiment.patch_of(letter)
    return compiled(varied(spec.document, subject, patch)) if subject is not None and patch else spec


def release_for(release: WorldRelease, variant: str) -> WorldRelease:
    """The release a session on this variant plays where others play `release`. Three queries, two more the first time."""
    base = spec_of(release)
    spec = spec_for(base, release.world_id, variant)
    if spec.sha == base.sha:
        return release
    found, _ = WorldRelease.objects.defer("document").get_or_create(
        world_id=release.world_id, sha256=spec.sha, defaults={"document": spec.document, "ids": release.ids, "base": release}
    )
    if (found.ids, found.base_id) != (release.ids, release.pk):
        if found.ids != release.ids:
            found.ids, found.ids_version = release.ids, found.ids_version + 1
        found.base = release
        found.save(update_fields=["ids", "ids_version", "base"])
    return found
