"""`manage.py run_story_tests`: the story tests of worlds, for people and for build servers."""

from __future__ import annotations

import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree

from django.core.management.base import BaseCommand, CommandError

from pixsim.lib.errors import Invalid
from pixsim.lib.plain_text import one_line
from scenes import bundle
from sessions import publishing, storytest_services, storytests
from sessions.models import StoryTest
from sessions.releases import spec_of
from sessions.spec import WorldSpec, compile_world
from sessions.storytests import Outcome
from worlds import archive
from worlds.models import World

Json = dict[str, Any]


class Suite(NamedTuple):
    name: str
    world: WorldSpec
    tests: list[Json]


class Case(NamedTuple):
    test: Json
    outcome: Outcome
    seconds: float


class Command(BaseCommand):
    help = "Runs story tests and says how each first differs. Ends with 1 when one is red, with 2 when there is none to run."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("worlds", nargs="*", type=int, help="Ids of worlds; all that have tests without them.")
        parser.add_argument("--folder", type=Path, action="append", default=[], help="A world as a folder of JSON; no database is asked.")
        parser.add_argument("--published", action="store_true", help="On what players get, instead of the draft.")
        parser.add_argument("--test", action="append", default=[], help="Only tests of this key.")
        parser.add_argument("--junit", type=Path, help="Write the results as JUnit XML to this file.")

    def handle(self, *args: Any, **options: Any) -> None:
        suites = [*map(_of_folder, options["folder"])]
        if options["worlds"] or not suites:
            suites += _of_database(options["worlds"], published=options["published"])
        done: list[tuple[Suite, list[Case]]] = []
        for suite in suites:
            cases = [_timed(suite, test) for test in suite.tests if not options["test"] or test["key"] in options["test"]]
            done.append((suite, cases))
            self._tell(suite, cases)
        if options["junit"]:
            options["junit"].write_bytes(junit(done))
        outcomes = [case.outcome for _, cases in done for case in cases]
        red = sum(not outcome.is_green for outcome in outcomes)
        self.stdout.write(f"{len(outcomes)} tests, {red} red." if outcomes else "There are no story tests to run.")
        if red or not outcomes:
            sys.exit(1 if red else 2)

    def _tell(self, suite: Suite, cases: list[Case]) -> None:
        self.stdout.write(self.style.MIGRATE_HEADING(suite.name))
        for test, outcome, _ in cases:
            if outcome.is_green:
                self.stdout.write(f"  {self.style.SUCCESS('green')} {test['name']}")
            else:
                self.stdout.write(f"  {self.style.ERROR('red')}   {test['name']}: {outcome.differences[0].words}")


def _of_folder(folder: Path) -> Suite:
    if not (folder / "world.json").is_file():
        raise CommandError(f"{folder} is no folder of a world: it has no world.json.")
    try:
        document = archive.read_folder(folder).document
        errors = bundle.errors(document)
    except Invalid as error:
        errors = error.errors
    if errors:
        raise CommandError("\n".join(f"{error.pointer}: {error.message}" for error in errors))
    tests = document.pop("story_tests", [])
    return Suite(document["world"]["name"], compile_world(document), tests)


def _of_database(ids: list[int], *, published: bool) -> Iterator[Suite]:
    worlds = World.objects.filter(pk__in=ids or list(StoryTest.objects.values_list("world", flat=True).distinct())).order_by("pk")
    missing = set(ids) - {world.pk for world in worlds}
    if missing:
        raise CommandError(f"There is no world {min(missing)}.")
    for world in worlds:
        if published and world.published_id is None:
            raise CommandError(f"{world.name} ({world.pk}) is not published.")
        spec = spec_of(publishing.published_release(world)) if published else publishing.draft_spec(world)[0]
        yield Suite(world.name, spec, storytest_services.entries(world))


def _timed(suite: Suite, test: Json) -> Case:
    begun = time.monotonic()
    outcome = storytests.run(suite.world, test)
    return Case(test, outcome, time.monotonic() - begun)


def junit(done: list[tuple[Suite, list[Case]]]) -> bytes:
    """The results in the form that build servers read: a suite for each world, a case for each test, a failure with its first difference."""
    root = ElementTree.Element("testsuites")
    for suite, cases in done:
        red = sum(not case.outcome.is_green for case in cases)
        seconds = sum(case.seconds for case in cases)
        about = {"name": one_line(suite.name), "tests": str(len(cases)), "failures": str(red), "errors": "0", "time": f"{seconds:.3f}"}
        element = ElementTree.SubElement(root, "testsuite", about)
        for test, outcome, took in cases:
            named = {"classname": f"story.{one_line(suite.name)}", "name": one_line(test["name"]), "time": f"{took:.3f}"}
            case = ElementTree.SubElement(element, "testcase", named)
            if not outcome.is_green:
                words = [one_line(each.words) for each in outcome.differences]
                failure = ElementTree.SubElement(case, "failure", {"message": words[0], "type": "difference"})
                failure.text = "\n".join(words)
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))
