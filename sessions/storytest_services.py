"""Story tests of a world: written as authored changes, carried along with the world, run on its draft, with what came of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from django.core.cache import cache
from django.db import transaction
from django.db.models import OuterRef, Prefetch, QuerySet, Subquery

from pixsim.lib import schema
from pixsim.lib.errors import FieldError, Invalid, NotAvailable
from worlds import bundle as places
from worlds.models import World
from worlds.rules.words import first_reason
from worlds.services import Patch, authored, free_key

from . import clips, mock, storytests
from .models import StoryTest, StoryTestRun
from .publishing import draft_spec
from .spec import WorldSpec
from .storytests import Outcome

Json = dict[str, Any]
FIELDS = ("name", "note", "start", "state", "actions", "expect")
MAX_TESTS = 2_000
AT_ONCE = 100
"""More tests than these are run by a worker, where somebody waits for a page."""
LONGEST_SEC = 600
"""So long after its beginning a run is taken for lost with its worker."""
RUNS_KEPT = 20


class Ran(NamedTuple):
    test: StoryTest
    outcome: Outcome


# -- authored ---------------------------------------------------------------------------------------------------------


def create(*, world: World, actor: Any, data: Mapping[str, Any]) -> StoryTest:
    """A new test of the draft; what to expect is recorded from how it goes now, where it is not given. Raises Invalid, NotAvailable."""
    values = _values(world, data)
    with authored(world, actor) as change:
        taken = set(StoryTest.objects.filter(world=world).values_list("key", flat=True))
        key = data.get("key") or free_key(values["name"], taken, default="test")
        if key in taken:
            raise Invalid([("/key", "taken", f"There is a test “{key}” in this world already.")])
        if len(taken) >= MAX_TESTS:
            raise Invalid(f"A world may have {MAX_TESTS} story tests.")
        test = StoryTest.objects.create(world=world, key=key, **values)
        change.touch(test)
    return test


def change(*, test: StoryTest, actor: Any, patch: Patch, expected: Collection[int] | None = None) -> StoryTest:
    """Raises Invalid, NotFound, PreconditionFailed."""
    world = test.world
    with authored(world, actor, test, expected=expected):
        for name, value in _values(world, patch({"key": test.key, **fields(test)})).items():
            setattr(test, name, value)
        test.save(update_fields=FIELDS)
    return test


def delete(*, test: StoryTest, actor: Any, expected: Collection[int] | None = None) -> None:
    with authored(test.world, actor, test, expected=expected) as change:
        change.delete(test)


def fields(test: StoryTest) -> Json:
    return {name: getattr(test, name) for name in FIELDS}


def _values(world: World, data: Mapping[str, Any]) -> Json:
    """What is kept of a test: valid, everything by key."""
    spec, ids = draft_spec(world)
    given = {name: data[name] for name in FIELDS if data.get(name) is not None}
    found = schema.errors("sessions/story_test", given)
    if found:
        raise Invalid([FieldError(*error) for error in found])
    values: Json = {"note": "", "start": {}, "actions": [], **given}
    values["state"] = mock.as_given(spec, given.get("state") or {}, ids=ids)
    values["actions"] = [_by_key(spec, ids, one, index) for index, one in enumerate(values["actions"])]
    if "expect" not in given:
        values["expect"] = _recorded(spec, values)
    return values


def _recorded(spec: WorldSpec, values: Json) -> Json:
    try:
        return storytests.record(spec, values)
    except NotAvailable as error:
        words = f"{error.detail} {first_reason(error.reasons, spec.names)}".strip()
        raise Invalid([("/actions", "not_available", words)]) from error


def _by_key(spec: WorldSpec, ids: Any, given: Mapping[str, Any], index: int) -> Json:
    """A move as it is kept. Ids become keys; a choice by its words stays what it is, for it is read where it is made."""
    named = dict(given)
    reader = mock.Names(spec, ids, f"/actions/{index}")
    if "npc_id" in named:
        named["npc_id"] = f"npc:{reader.key(named['npc_id'], mock.NPC, '/npc_id')}"
    if "location_id" in named:
        named["location_id"] = reader.key(named["location_id"], mock.PLACE, "/location_id")
    if reader.errors:
        raise Invalid(reader.errors)
    return named


# -- run --------------------------------------------------------------------------------------------------------------


def of_world(world: World) -> QuerySet[StoryTest]:
    """The tests of a world, each with its newest run. Two queries."""
    last = StoryTestRun.objects.filter(test=OuterRef("test")).order_by("-id").values("id")[:1]
    return StoryTest.objects.filter(world=world).prefetch_related(Prefetch("runs", StoryTestRun.objects.filter(id=Subquery(last)), to_attr="newest"))


def run(*, world: World, keys: Iterable[str] | None = None) -> list[Ran]:
    """Runs tests on the draft and keeps what came of it. Raises Invalid for a key that is no test's."""
    found = StoryTest.objects.filter(world=world)
    wanted = None if keys is None else list(dict.fromkeys(keys))
    tests = list(found if wanted is None else found.filter(key__in=wanted))
    missing = set(wanted or ()) - {test.key for test in tests}
    if missing:
        raise Invalid([("/keys", "does_not_exist", f"There is no test “{sorted(missing)[0]}” in this world.")])
    spec, _ = draft_spec(world)
    ran = [Ran(test, storytests.run(spec, fields(test))) for test in tests]
    with transaction.atomic():
        StoryTestRun.objects.bulk_create(
            [
                StoryTestRun(test=test, world=spec.sha, is_green=outcome.is_green, differences=[each.as_json() for each in outcome.differences])
                for test, outcome in ran
            ],
            batch_size=500,
        )
        _forget(tests)
    return ran


def _forget(tests: Sequence[StoryTest]) -> None:
    """Keeps the last runs of each test."""
    kept = StoryTestRun.objects.filter(test=OuterRef("test")).order_by("-id").values("id")[RUNS_KEPT : RUNS_KEPT + 1]
    StoryTestRun.objects.filter(test__in=tests, id__lte=Subquery(kept)).delete()


def run_soon(world: World) -> list[Ran] | None:
    """Runs all tests, or has a worker run them where there are many; then None."""
    if StoryTest.objects.filter(world=world).count() <= AT_ONCE:
        return run(world=world)
    if cache.add(_running(world.pk), True, timeout=clips.HINT_EXPIRES_SEC):  # a message nobody took by then is gone, and may be sent again
        clips.send("sessions.tasks.run_story_tests", world.pk)
    return None


def run_all(world_id: int) -> int:
    """All tests of a world; how many are red. For a worker."""
    cache.set(_running(world_id), True, timeout=LONGEST_SEC)
    try:
        return sum(not outcome.is_green for _, outcome in run(world=World.objects.get(pk=world_id)))
    finally:
        cache.delete(_running(world_id))


def is_running(world: World) -> bool:
    return bool(cache.get(_running(world.pk)))


def _running(world_id: int) -> str:
    return f"story-tests:{world_id}"


def check(world: World, spec: WorldSpec) -> list[Ran]:
    """How all tests of a world would end on `spec`. Nothing is kept. One query."""
    return [Ran(test, storytests.run(spec, fields(test))) for test in StoryTest.objects.filter(world=world)]


def met(world: World, limit: int) -> Iterator[frozenset[tuple[str, str]]]:
    """The nodes and edges the newest tests come by on the draft as it is. Nothing is kept. One query, and those of `draft_spec`."""
    tests = list(StoryTest.objects.filter(world=world).order_by("-id")[:limit])
    spec = draft_spec(world)[0] if tests else None
    yield from (storytests.run(spec, fields(test)).met for test in tests if spec is not None)


# -- as clients get it ------------------------------------------------------------------------------------------------


def newest(test: StoryTest) -> StoryTestRun | None:
    """The last run of a test of `of_world`."""
    return next(iter(getattr(test, "newest", ())), None)


def as_json(test: StoryTest) -> Json:
    last = newest(test)
    return {"key": test.key, **fields(test), "version": test.version, "last_run": run_json(last) if last else None}


def run_json(done: StoryTestRun) -> Json:
    return {"is_green": done.is_green, "differences": done.differences, "world": done.world, "at": done.at}


def ran_json(ran: Ran) -> Json:
    differences = [each.as_json() for each in ran.outcome.differences]
    first = differences[0]["words"] if differences else ""
    return {"key": ran.test.key, "name": ran.test.name, "is_green": ran.outcome.is_green, "first_difference": first, "differences": differences}


def report(ran: Sequence[Ran]) -> Json:
    return {"total": len(ran), "red": sum(not outcome.is_green for _, outcome in ran), "results": [ran_json(one) for one in ran]}


# -- carried along ----------------------------------------------------------------------------------------------------


def entry(test: StoryTest) -> Json:
    """The test as a bundle has it: what is empty is left out."""
    return {"key": test.key, **{name: value for name, value in fields(test).items() if value not in ("", {}, [])}}


def part(test: StoryTest) -> tuple[str, Json]:
    return f"story_test/{test.key}", entry(StoryTest.objects.get(pk=test.pk))


def entries(world: World) -> list[Json]:
    return [entry(test) for test in StoryTest.objects.filter(world=world).order_by("key")]


def errors(candidate: Any, pointer: str) -> list[FieldError]:
    """What keeps tests of a bundle from being stored. Keys of the world inside are the tests' own matter: where they are gone, a test is red."""
    found = [
        FieldError(*error) for index, one in enumerate(candidate) for error in schema.errors("sessions/story_test", one, prefix=f"{pointer}/{index}")
    ]
    nameless = [index for index, one in enumerate(candidate) if not one.get("key")]
    found += [FieldError(f"{pointer}/{index}/key", "required", "Say by which key it is called.") for index in nameless]
    return found or places.duplicates(candidate, pointer)


def save_entries(world: World, given: list[Json]) -> None:
    empty: Json = {"note": "", "start": {}, "state": {}, "actions": [], "expect": {}}
    wanted = {one["key"]: {"world": world, **empty, **one} for one in given}
    found = {test.key: test for test in StoryTest.objects.filter(world=world)}
    places.upsert(StoryTest, found, wanted)
    places.prune(StoryTest, found, wanted)
