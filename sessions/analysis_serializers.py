"""Shapes of the story analysis, of random players and of coverage."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from pixsim.lib.api.fields import Whole
from pixsim.lib.api.serializers import Strict


class PlayWayInput(Strict):
    way = Whole(min_value=0, help_text="The number of a way in the analysis: `way` of an answer or a trap.")


class PlayersInput(Strict):
    players = Whole(required=False, min_value=1, max_value=5_000, help_text="How many; 1,000 unless said.")
    moves = Whole(required=False, min_value=1, max_value=500, help_text="Moves of each at most; 200 unless said.")
    seed = Whole(required=False, min_value=0, max_value=2**31, help_text="The same seed draws the same moves.")


class StoryReportOutput(serializers.Serializer[Any]):
    status = serializers.ChoiceField(choices=["waiting", "running", "done", "failed"])
    sha256 = serializers.CharField(help_text="The draft it speaks of.")
    question = serializers.CharField()
    error = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)


class AnalysisOutput(StoryReportOutput):
    result = serializers.JSONField(
        help_text="Empty until done: counts, endings, answers {kind, path, label, status, shortest, with_writer, length, way, conflicts, needs, "
        "never_met}, traps, always, flags; moves is the tree of ways, each [number of the move before or -1, actions]."
    )


class PlayersOutput(StoryReportOutput):
    result = serializers.JSONField(help_text="Empty until done: players, endings with shares, coverage, length, affinity by NPC, stuck.")


class CoverageOutput(serializers.Serializer[Any]):
    sessions = serializers.IntegerField(help_text="How many sessions were read, the newest first.")
    nodes = serializers.JSONField(help_text="By key: {sessions, visits, tests}.")
    edges = serializers.JSONField(help_text="By key: {sessions, visits, tests}.")
