"""Shapes of experiments, funnels and an author's list of sessions."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from pixsim.lib.api.fields import Flag, Json, Key, Text, Whole
from pixsim.lib.api.serializers import Strict

from .models import VARIANT_LENGTH, VARIANTS, Experiment

MOST_PLANNED = 1_000_000


class ExperimentFields(Strict):
    title = Text(max_length=120)
    hypothesis = Text(max_length=500, required=False, allow_blank=True, help_text="What is expected, written down before anything is seen.")
    subject = Text(max_length=260, help_text="npcs/<key>, scenes/<key>, scenes/<key>/nodes/<key> or scenes/<key>/edges/<key>.")
    title_a = Text(max_length=80, required=False)
    title_b = Text(max_length=80, required=False)
    patch_a = Json(required=False, help_text="Merged into the part by RFC 7396; empty for the part as it is.")
    patch_b = Json(help_text="Merged into the part by RFC 7396.")
    share = Whole(min_value=1, max_value=99, required=False, help_text="How many of a hundred players get b; 50 unless said.")
    planned = Whole(min_value=1, max_value=MOST_PLANNED, required=False, help_text="Players of each variant to wait for; 100 unless said.")


class ExperimentInput(ExperimentFields):
    key = Key()


class ExperimentOutput(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    world_id = serializers.IntegerField()
    key = serializers.CharField()
    title = serializers.CharField()
    hypothesis = serializers.CharField(allow_blank=True)
    subject = serializers.CharField()
    title_a = serializers.CharField()
    title_b = serializers.CharField()
    patch_a = serializers.JSONField()
    patch_b = serializers.JSONField()
    share = serializers.IntegerField()
    planned = serializers.IntegerField()
    status = serializers.CharField(help_text="draft, running, ended or archived")
    looks = serializers.IntegerField(help_text="Looks at the outcome before the planned number of players was there.")
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)


FIELDS = ("title", "hypothesis", "subject", "title_a", "title_b", "patch_a", "patch_b", "share", "planned")


def experiment_shape(experiment: Experiment) -> dict[str, Any]:
    names = ("world_id", "key", *FIELDS, "status", "looks", "created_at", "started_at", "ended_at")
    return {"id": experiment.pk, **{name: getattr(experiment, name) for name in names}}


class PreviewInput(Strict):
    variant = serializers.ChoiceField(choices=VARIANTS, help_text="a or b")


class OutcomeOutput(serializers.Serializer[Any]):
    players = serializers.JSONField(help_text="By variant: players drawn to it, each with his first session.")
    uncounted = serializers.IntegerField(help_text="Of those, whose logs have not been read yet: they lack in completion and choices.")
    planned = serializers.IntegerField()
    early = serializers.BooleanField(help_text="Fewer players than were planned: the intervals do not hold for a look now and another later.")
    looks = serializers.IntegerField()
    comparisons = serializers.IntegerField()
    by_chance = serializers.FloatField(help_text="How many of the comparisons would tell a difference by chance alone.")
    notes = serializers.ListField(child=serializers.CharField())
    rows = serializers.JSONField(
        help_text="{group, key, name, kind: share or mean, a, b, difference (b − a), tells}; each of the three is {value, low, high} at 95 % or null."
    )


class FunnelFilter(Strict):
    variant = Text(required=False, max_length=VARIANT_LENGTH, help_text="experiment/a or experiment/b; all sessions unless said.")
    kind = serializers.ChoiceField(choices=["edge", "interaction"], required=False)
    scene = Text(required=False, max_length=80, help_text="The edges of one scene, by its key.")


class FunnelOutput(serializers.Serializer[Any]):
    sessions = serializers.IntegerField(help_text="Sessions that were counted.")
    due = serializers.IntegerField(help_text="Sessions that have moved since.")
    variants = serializers.ListField(child=serializers.CharField())
    rows = serializers.JSONField(
        help_text="{kind, path, label, where, automatic, gone, reached, locked, open, taken, gate_lost, choice_lost, "
        "clauses: [{code, words, count}]}, sessions each, most lost first; reached = taken + gate_lost + choice_lost."
    )


class WorldSessionFilter(Strict):
    player = Text(required=False, allow_blank=True, max_length=150, help_text="Part of a player's name.")
    variant = Text(required=False, allow_blank=True, max_length=VARIANT_LENGTH, help_text="experiment/a, experiment/b, or none.")
    finished = Flag(required=False, allow_null=True, help_text="Whether an ending was met.")


class WorldSessionOutput(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    player = serializers.CharField()
    variant = serializers.CharField(allow_blank=True)
    finished = serializers.BooleanField()
    ending = serializers.CharField(allow_blank=True, help_text="kind:path of the first ending that was met.")
    place = serializers.CharField(allow_blank=True, help_text="scene/node, or the place where the player explores.")
    moves = serializers.IntegerField()
    on_draft = serializers.BooleanField()
    hand_edited = serializers.BooleanField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
