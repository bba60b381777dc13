"""Rows of any model, as many as a list page is to be tried with: like the one that is there, or made from the model's fields alone."""

from __future__ import annotations

import copy
import datetime
import uuid
from typing import Any

from django.db import models
from django.utils import timezone

SPECIAL: dict[str, dict[str, Any]] = {
    "generation.Generation": {"reusable": False, "retry_of": None},
    "generation.ModelEndpoint": {"is_default": False},
    "npcs.ScheduleSlot": {"start": "08:00", "end": "09:00"},
    "scenes.Hotspot": {"scope": "location", "scene": None},
    "scenes.Scene": {"is_entry": False},
    "scenes.SceneEdge": {"to_scene": None},
    "game_sessions.Experiment": {"status": "draft", "subject": "npcs/captain_mara", "patch_b": {"personality": {"voice_style": "soft"}}},
    "game_sessions.GameSession": {"forked_from": None},
    "game_sessions.SandboxState": {"made_by": None},
    "worlds.World": {"draft": None, "published": None},
}
"""What a constraint or a page asks of a row and no field says."""


def add_rows(model: Any, number: int) -> list[Any]:
    """`number` more rows, each with a parent wherever it can have one."""
    taken = model._default_manager.count()
    rows = [_row(model, taken + each) for each in range(1, number + 1)]
    for row in rows:
        models.Model.save_base(row, raw=True, force_insert=True)
    return rows


def _row(model: Any, number: int) -> Any:
    pattern = model._default_manager.order_by("pk").first()
    row = copy.copy(pattern) if pattern is not None else model()
    row._state = copy.copy(row._state)
    row.pk, row._state.adding = None, True
    special = SPECIAL.get(model._meta.label, {})
    told = _told_apart(model) - set(special)
    for field in model._meta.concrete_fields:
        if isinstance(field, models.AutoField):
            continue
        if field.name in special:
            setattr(row, field.name, special[field.name])
        elif isinstance(field, models.ForeignKey):
            if field.name in told:
                setattr(row, field.name, add_rows(field.related_model, 1)[0])
            elif getattr(row, field.attname) is None:
                setattr(row, field.name, _parent(field))
        elif field.name in told or pattern is None:
            setattr(row, field.attname, _value(field, row, number, field.name in told))
    return row


def _parent(field: Any) -> Any:
    found = field.related_model._default_manager.complex_filter(field.get_limit_choices_to()).order_by("pk").first()
    return found if found is not None or field.null else add_rows(field.related_model, 1)[0]


def _told_apart(model: Any) -> set[str]:
    """The fields that have to differ from row to row: for each unique group the easiest to vary."""
    groups = [[field] for field in model._meta.concrete_fields if field.unique and not isinstance(field, models.AutoField)]
    groups += [[model._meta.get_field(name) for name in one.fields] for one in model._meta.constraints if isinstance(one, models.UniqueConstraint)]
    return {min(group, key=_hardship).name for group in groups}


def _hardship(field: Any) -> int:
    easy = (models.UUIDField, models.IntegerField, models.DateField, models.CharField)
    return next((rank for rank, kind in enumerate(easy) if isinstance(field, kind) and not field.choices), len(easy))


def _value(field: Any, row: Any, number: int, apart: bool) -> Any:
    if isinstance(field, models.UUIDField):
        return uuid.uuid4()
    if isinstance(field, models.DateTimeField):
        return None if field.null else timezone.now()
    if isinstance(field, models.DateField):
        return timezone.now().date() - datetime.timedelta(days=number)
    if isinstance(field, models.IntegerField) and apart:
        return 1_000 + number
    if apart and isinstance(field, models.CharField):
        return f"{field.name}_{number}"
    if field.has_default() or field.null or field.blank:
        return getattr(row, field.attname)
    if field.choices:
        return field.flatchoices[0][0]
    if isinstance(field, models.BooleanField):
        return False
    if isinstance(field, models.JSONField):
        return {}
    return 1 if isinstance(field, models.IntegerField) else f"A {field.verbose_name}"[: field.max_length]
