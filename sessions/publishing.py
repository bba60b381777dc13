"""Releases of a world: the draft as it stands, and what players get."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from django.db import transaction

from pixsim.lib.errors import Conflict, Invalid, NotFound
from scenes import bundle, checks
from worlds import archive
from worlds.models import World, WorldRelease
from worlds.services import make_release, rename

from .engine import Ids
from .releases import compiled, spec_of
from .spec import WorldSpec

PARTS = ("locations", "hotspots", "scenes", "npcs", "assets")


class Published(NamedTuple):
    """`changed` lists parts as `scenes/tavern`, with how they differ from the release before."""

    release: WorldRelease
    changed: list[dict[str, str]]


def draft_release(*, world: World, actor: Any) -> WorldRelease:
    """The draft as a release: the one made since the last authored change, else a new one."""
    if world.draft is not None:
        return world.draft
    with transaction.atomic():
        document, ids = bundle.document(world)
        return make_release(world=world, document=document, ids=ids, actor=actor, publish=False)


def draft_spec(world: World) -> tuple[WorldSpec, Ids]:
    """The draft compiled for a try-out, and its ids. Writes nothing: eleven queries where nobody has made a release of it yet, else none or two."""
    if world.draft_id is not None:
        release = _light(world.draft_id)
        return spec_of(release), Ids.of(release.ids)
    document, ids = bundle.document(world)
    return compiled(document), Ids.of(ids)


def published_release(world: World) -> WorldRelease:
    """What players get, without its document. One query. Raises NotFound."""
    if world.published_id is None:
        raise NotFound("This world is not published yet.")
    return _light(world.published_id)


def _light(release_id: int) -> WorldRelease:
    return WorldRelease.objects.defer("document").get(pk=release_id)


def publish(*, world: World, actor: Any, force: bool = False, renamed: Mapping[str, str] | None = None) -> Published:
    """Makes the draft what players get. `renamed` says under which key running sessions find what is gone; it is recorded with the release.
    Raises Conflict with the problems where references are broken, unless forced, and Invalid for names that lead nowhere."""
    with transaction.atomic():
        if renamed:
            rename(world=world, actor=actor, renamed=_sound(world, renamed))
        document, ids = bundle.document(world)
        broken = [] if force else [problem for problem in checks.problems(document) if problem.severity == "error"]
        if broken:
            raise Conflict(
                f"The world has {len(broken)} broken reference{'s' if len(broken) > 1 else ''}; mend them, or publish with force.",
                problems=[problem.as_json() for problem in broken],
            )
        before = world.published.document if world.published else {}
        release = make_release(world=world, document=document, ids=ids, actor=actor, publish=True)
    return Published(release, difference(before, document))


def _sound(world: World, renamed: Mapping[str, str]) -> dict[str, str]:
    """The mappings, if each leads from what is gone to what is there. Raises Invalid, pointing at each that does not."""
    spec, _ = draft_spec(world)
    errors = []
    for old, new in renamed.items():
        pointer = f"/renamed/{old.replace('~', '~0').replace('/', '~1')}"
        if known(spec, old):
            errors.append((pointer, "still_there", f"“{old}” is still there: nothing has to lead elsewhere from it."))
        elif not known(spec, new):
            errors.append((pointer, "does_not_exist", f"There is no “{new}” in this draft."))
    if errors:
        raise Invalid(errors)
    return dict(renamed)


def known(spec: WorldSpec, name: str) -> bool:
    """Whether a key names anything of the world: a node by `scene/node`, a scene, place, person, flag, stat or item."""
    scene, slash, node = name.partition("/")
    if slash:
        return spec.find_node((scene, node)) is not None
    return spec.has_scene(name) or any(name in names for names in (spec.places, spec.npc_keys, spec.flag_names, spec.stats, spec.items))


def difference(before: dict[str, Any], after: dict[str, Any]) -> list[dict[str, str]]:
    """Which parts of a document were added, removed or changed."""
    found = []
    if before.get("world") != after.get("world"):
        found.append({"part": "world", "change": "changed" if before else "added"})
    for name in PARTS:
        old = {part["key"]: part for part in before.get(name, ())}
        new = {part["key"]: part for part in after.get(name, ())}
        for key in sorted(old.keys() | new.keys()):
            if old.get(key) != new.get(key):
                change = "added" if key not in old else "removed" if key not in new else "changed"
                found.append({"part": f"{name}/{key}", "change": change})
    return found


def load_and_publish(*, folder: Path, owner: Any) -> tuple[World, bool]:
    """The world of a folder, loaded and published once; whether it was made now. An owner's world of that name is kept as it is."""
    name = archive.read_folder(folder).document["world"]["name"]
    found = World.objects.filter(owner=owner, name=name).first()
    if found is not None and found.published_id is not None:
        return found, False
    world = found or bundle.load_folder(folder, owner=owner)
    publish(world=world, actor=owner)
    return world, True
