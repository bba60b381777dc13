"""Defining, starting and ending experiments. Sessions are written by `sessions.services` alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from pixsim.lib.errors import Conflict, FieldError, Invalid, NotFound
from scenes import bundle, checks
from worlds.models import World

from .. import publishing, services
from ..models import GameSession
from ..releases import spec_of
from ..spec import WorldSpec
from . import variants
from .models import VARIANTS, Experiment
from .outcome import outcome
from .variants import Subject

Status = Experiment.Status
LOCKED = "An experiment that has been started is not changed any more: what its players saw would differ. Make another one."


def of_author(user: Any, experiment_id: int) -> Experiment:
    """An experiment of a world of one's own. One query. Raises NotFound."""
    found = Experiment.objects.select_related("world__owner").filter(pk=experiment_id, world__in=World.objects.authored_by(user)).first()
    if found is None:
        raise NotFound("There is no such experiment.")
    return found


def create(*, world: World, actor: Any, values: Mapping[str, Any]) -> Experiment:
    """A new experiment on the draft. Raises Invalid with pointers."""
    experiment = Experiment(world=world, created_by=actor, **values)
    _check(experiment)
    return _saved(experiment)


def change(*, experiment: Experiment, values: Mapping[str, Any]) -> Experiment:
    """Raises Conflict once it has been started, Invalid with pointers."""
    if experiment.status != Status.DRAFT:
        raise Conflict(LOCKED)
    for name, value in values.items():
        setattr(experiment, name, value)
    _check(experiment)
    return _saved(experiment)


def _saved(experiment: Experiment) -> Experiment:
    try:
        with transaction.atomic():
            experiment.save()
    except IntegrityError:
        raise Invalid([("/key", "unique", f"This world has an experiment “{experiment.key}” already.")]) from None
    return experiment


def _check(experiment: Experiment) -> None:
    spec, _ = publishing.draft_spec(experiment.world)
    found = flaws(spec, experiment)
    if found:
        raise Invalid(found)


def flaws(spec: WorldSpec, experiment: Experiment) -> list[FieldError]:
    """What keeps an experiment from running on a world: no such part, a patch that makes no valid part of it, references into nothing."""
    subject = Subject.parse(experiment.subject)
    if subject is None:
        return [FieldError("/subject", "invalid", "Name a part: npcs/mara, scenes/tavern, scenes/tavern/nodes/hall or scenes/tavern/edges/leave.")]
    if variants.part_of(spec.document, subject) is None:
        return [FieldError("/subject", "does_not_exist", f"The world has no part “{experiment.subject}”.")]
    found: list[FieldError] = []
    before = {problem.message for problem in checks.problems(dict(spec.document)) if problem.severity == "error"}
    for letter in VARIANTS:
        found += _patch_flaws(spec, subject, letter, experiment.patch_of(letter), before)
    if not found and variants.spec_in(spec, experiment, "a").sha == variants.spec_in(spec, experiment, "b").sha:
        found.append(FieldError("/patch_b", "no_difference", "Both variants are the same: there would be nothing to find out."))
    return found


def _patch_flaws(spec: WorldSpec, subject: Subject, letter: str, patch: Any, before: set[str]) -> list[FieldError]:
    here = f"/patch_{letter}"
    if not isinstance(patch, dict):
        return [FieldError(here, "invalid", "A patch is an object of the fields to change.")]
    if "key" in patch:
        return [FieldError(f"{here}/key", "read_only", "A variant keeps the key of what it varies.")]
    document = variants.varied(spec.document, subject, patch)
    known, place = set(bundle.errors(dict(spec.document))), variants.pointer_of(document, subject)
    wrong = [
        FieldError(here + error.pointer.removeprefix(place) if error.pointer.startswith(place) else here, error.code, error.message)
        for error in bundle.errors(document)
        if error not in known
    ]
    if wrong:
        return wrong
    broken = [problem.message for problem in checks.problems(document) if problem.severity == "error" and problem.message not in before]
    return [FieldError(here, "broken", message) for message in broken]


def start(*, experiment: Experiment, now: datetime) -> Experiment:
    """From now on players' new sessions are drawn. Raises Conflict where nothing is published, the part is gone there, or another one runs."""
    if experiment.world.published_id is None:
        raise Conflict("Publish the world first: an experiment runs on what players get.")
    found = flaws(spec_of(publishing.published_release(experiment.world)), experiment)
    if found:
        raise Conflict(f"It does not fit the published world: {found[0].message}")
    try:
        with transaction.atomic():
            _turn(experiment, {Status.DRAFT}, status=Status.RUNNING, started_at=now)
    except IntegrityError:
        raise Conflict("Another experiment runs in this world. Two at once would blur each other: end that one first.") from None
    return experiment


def stop(*, experiment: Experiment, now: datetime) -> Experiment:
    """Nobody new is drawn; who plays a variant stays on it."""
    return _turn(experiment, {Status.RUNNING}, status=Status.ENDED, ended_at=now)


def archive(*, experiment: Experiment) -> Experiment:
    """Out of the way. Its sessions stay on their variant."""
    return _turn(experiment, {Status.DRAFT, Status.ENDED}, status=Status.ARCHIVED)


def remove(*, experiment: Experiment) -> None:
    """Raises Conflict once it has been started: sessions play its variants."""
    if not Experiment.objects.filter(pk=experiment.pk, status=Status.DRAFT).delete()[0]:
        raise Conflict("An experiment that has been started stays: sessions play its variants. Archive it.")


def _turn(experiment: Experiment, among: set[Status], **values: Any) -> Experiment:
    """From one of these states into another, once, whoever else asks. Raises Conflict."""
    if not Experiment.objects.filter(pk=experiment.pk, status__in=among).update(**values):
        now = Experiment.objects.values_list("status", flat=True).get(pk=experiment.pk)
        raise Conflict(f"This experiment is {Status(now).label.lower()}.")
    for name, value in values.items():
        setattr(experiment, name, value)
    return experiment


def preview(*, experiment: Experiment, user: Any, letter: str) -> GameSession:
    """A session of the author's own on the draft as a variant has it. It counts for nothing."""
    return services.start(user=user, world=experiment.world, draft=True, variant=experiment.variant(letter)).session


def look(experiment: Experiment) -> dict[str, Any]:
    """The outcome. Looking early is no sin, but it is counted: every look is another chance to be fooled."""
    found = outcome(experiment)
    if found["early"] and experiment.status == Status.RUNNING:
        Experiment.objects.filter(pk=experiment.pk).update(looks=F("looks") + 1)
    return found


def spec_shown(experiment: Experiment) -> WorldSpec:
    """What its variants are shown on: what players get once it has started, the draft before. Writes nothing."""
    world = experiment.world
    if experiment.status == Status.DRAFT or world.published_id is None:
        return publishing.draft_spec(world)[0]
    return spec_of(publishing.published_release(world))
