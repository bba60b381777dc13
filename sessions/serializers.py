"""Shapes of what clients send about sessions, and of what they get."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from pixsim.lib.api.fields import Flag, Id, Json, Key, Number, Reference, Text, Whole
from pixsim.lib.api.serializers import Strict

from .models import LineReport

MAX_MINUTES = 7 * 24 * 60
FLAG_PATTERN = r"^!?[a-z0-9][a-z0-9_]*$"
MAX_TIME = 100_000 * 86_400


class FlagList(serializers.ListField):
    child = serializers.RegexField(FLAG_PATTERN, max_length=81)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": 500, "required": False, **kwargs})


class Numbers(serializers.DictField):
    """Declared key → absolute number."""

    child = Number()

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, **kwargs})


class Version(Whole):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"min_value": 0, "required": False, "help_text": "The version the move is based on; stale is 409.", **kwargs})


class StartInput(Strict):
    world_id = Id()
    user_id = Id(required=False)
    scene_id = Id(required=False, allow_null=True)
    current_node_id = Text(required=False, allow_null=True, max_length=80)
    location_id = Id(required=False, allow_null=True)
    flags = FlagList()
    stats = Numbers()
    world_time = Whole(required=False, min_value=0, max_value=MAX_TIME)
    draft = Flag(required=False, help_text="Owner and staff: run on the draft.")


class MoveInput(Strict):
    version = Version()


class ChooseInput(MoveInput):
    edge_id = Text(max_length=80)


class TravelInput(MoveInput):
    location_id = Reference()


class UseHotspotInput(MoveInput):
    hotspot_id = Text(max_length=80)


class WaitInput(MoveInput):
    advance_by_sec = Whole(min_value=60, max_value=7 * 86_400)


class PatchInput(Strict):
    version = Version()
    current_node_id = Text(required=False, max_length=80)
    scene_id = Id(required=False)
    location_id = Reference(required=False)
    flags = FlagList()
    stats = Numbers()
    inventory = Numbers()
    relationships = serializers.DictField(child=Numbers(required=True), required=False)
    world_time = Whole(required=False, min_value=0, max_value=MAX_TIME)


class NoteInput(Strict):
    action = Text(max_length=80)
    node_id = Text(required=False, allow_null=True, max_length=80)
    edge_id = Text(required=False, allow_null=True, max_length=80)
    diff = Json(required=False, allow_null=True)


class UndoInput(Strict):
    to_version = Version(help_text="The version to go back to; the last move without it.")


class SaveInput(Strict):
    name = Text(required=False, max_length=120, allow_blank=True)


class RenameInput(Strict):
    name = Text(max_length=120, allow_blank=True)


class EmotionInput(Strict):
    label = Text(max_length=40)
    intensity = Number(required=False, min_value=0, max_value=1)
    minutes = Whole(required=False, min_value=1, max_value=MAX_MINUTES)


class OverridesInput(Strict):
    """How an NPC is to stand, absolutely; what is left out stays."""

    relationships = Numbers()
    drives = Numbers()
    emotion = EmotionInput(required=False)
    location_id = Reference(required=False, allow_null=True, help_text="null: where the NPC usually is.")


class OverrideInput(Strict):
    session_id = Id()
    npc_id = Reference()
    overrides = OverridesInput()
    temporary = Flag(required=False, default=True, help_text="In a sandbox over the session, until reset; else a real, logged change.")
    version = Version()


class OverrideFilter(Strict):
    session_id = Id()
    npc_id = Reference(required=False)


class MismatchOutput(serializers.Serializer[Any]):
    version = serializers.IntegerField()
    wanted = serializers.CharField()
    found = serializers.CharField()


class VerifyOutput(serializers.Serializer[Any]):
    verified = serializers.BooleanField()
    versions = serializers.IntegerField()
    sha256 = serializers.CharField()
    releases = serializers.IntegerField()
    mismatches = MismatchOutput(many=True)


class BranchOutput(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    session_id = serializers.IntegerField()
    forked_from = serializers.IntegerField(allow_null=True)
    version = serializers.IntegerField()
    clock = serializers.CharField()
    place = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class SinceFilter(Strict):
    since = Whole(required=False, min_value=0)


class SessionFilter(Strict):
    world_id = Id(required=False)


class Situation(Strict):
    """How things stand: in a session, or for authors in a world as `state` says."""

    session_id = Id(required=False)
    world_id = Id(required=False, help_text="Authors: the draft of a world, instead of a session.")
    state = Json(schema="sessions/state", required=False, help_text="With world_id: how things stand; else as at the beginning of a session.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("session_id" in attrs) == ("world_id" in attrs):
            raise serializers.ValidationError({"session_id": "Say which session, or which world."}, code="required")
        if "session_id" in attrs and "state" in attrs:
            raise serializers.ValidationError({"state": "A session has its own state."}, code="not_allowed")
        return attrs


class ListInput(Situation):
    npc_id = Reference()


class SimulateInput(Situation):
    npc_id = Reference()
    interaction_id = Text(max_length=80)
    choice_id = Text(required=False, max_length=80, allow_null=True)
    user_choice_text = Text(required=False, max_length=1000, allow_null=True)
    version = Version()


class PlaytestInput(Strict):
    world_id = Id()
    scene_id = Reference(required=False, allow_null=True, help_text="Where to begin; without it one explores. A whole state goes on where it is.")
    node_id = Text(required=False, allow_null=True, max_length=80, help_text="The scene's first node without it.")
    state = Json(schema="sessions/state", required=False, help_text="How things stand at the beginning, or the state that was answered before.")
    actions = serializers.ListField(child=Json(schema="sessions/action"), required=False, max_length=200)
    graph = Json(required=False, allow_null=True, help_text="The graph of the scene as it would be put, not saved yet.")
    version = Version(help_text="As answered before; draws come from seed and version.")
    seed = Whole(required=False, min_value=0, max_value=2**63 - 1)
    writer = serializers.ChoiceField(
        choices=["scripted", "model"], required=False, help_text="Who says the lines: this machine, or the model a game would ask, within its caps."
    )


class StoryTestChange(Strict):
    name = Text(max_length=200)
    note = Text(required=False, allow_blank=True, max_length=2000)
    start = Json(schema="sessions/story_start", required=False, help_text="A scene and a node, by key; without a scene one explores.")
    state = Json(schema="npcs/mock_state", required=False, help_text="How things stand at the start.")
    actions = Json(schema="sessions/story_moves", kind=list, required=False)
    expect = Json(schema="sessions/story_expect", required=False, help_text="Recorded from how it goes now, where a new test gives none.")


class StoryTestInput(StoryTestChange):
    key = Key(required=False, help_text="Made from the name when absent.")


class RunTestsInput(Strict):
    keys = serializers.ListField(child=Key(), required=False, max_length=2000, help_text="All tests of the world without it.")


class ExecuteInput(Strict):
    session_id = Id()
    npc_id = Reference()
    interaction_id = Text(max_length=80)
    choice_id = Text(required=False, max_length=80, allow_null=True)
    user_choice_text = Text(required=False, max_length=1000, allow_null=True)
    version = Version()


class ReportInput(Strict):
    npc_id = Reference()
    line = Text(max_length=5000, help_text="The line as it was said.")
    reason = serializers.ChoiceField(choices=LineReport.Reason.choices, required=False)
    note = Text(required=False, max_length=1000, allow_blank=True)


class PresenceFilter(Strict):
    world_id = Id(required=False)
    session_id = Id(required=False)
    world_time = Whole(required=False, min_value=0, max_value=MAX_TIME)
    location_id = Id(required=False)


class PublishInput(Strict):
    force = Flag(required=False)
    renamed = serializers.DictField(
        child=Text(max_length=170), required=False, help_text="Old key to new key, nodes as scene/node: where running sessions find what is gone."
    )


# -- what clients get (for the OpenAPI document; the answers are plain dicts) ------------------------------------------


class ChangeOutput(serializers.Serializer[Any]):
    path = serializers.CharField()
    before = serializers.JSONField(allow_null=True)
    after = serializers.JSONField(allow_null=True)
    label = serializers.CharField(allow_blank=True)
    npc_id = serializers.IntegerField(required=False, allow_null=True)


class SessionOutput(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    session_id = serializers.IntegerField()
    world_id = serializers.IntegerField()
    user_id = serializers.IntegerField()
    scene_id = serializers.IntegerField(allow_null=True)
    current_node_id = serializers.CharField(allow_null=True)
    location = serializers.JSONField(allow_null=True)
    flags = serializers.ListField(child=serializers.CharField())
    stats = serializers.DictField(child=serializers.FloatField())
    inventory = serializers.DictField(child=serializers.FloatField())
    relationships = serializers.DictField(child=serializers.DictField(child=serializers.FloatField()))
    world_time = serializers.IntegerField()
    clock = serializers.JSONField()
    version = serializers.IntegerField()
    seq = serializers.IntegerField()
    hand_edited = serializers.BooleanField()
    on_draft = serializers.BooleanField()
    notice = serializers.CharField(allow_blank=True)
    dev_override = serializers.BooleanField(help_text="Overrides are active: this is a sandbox over the session.")
    dev_overrides = serializers.JSONField(help_text="What was set, under npc_<id>.")
    view = serializers.JSONField()


class MoveOutput(SessionOutput):
    changes = ChangeOutput(many=True)


class SessionBriefOutput(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    session_id = serializers.IntegerField()
    world_id = serializers.IntegerField()
    user_id = serializers.IntegerField()
    world_time = serializers.IntegerField()
    version = serializers.IntegerField()
    seq = serializers.IntegerField()
    on_draft = serializers.BooleanField()
    hand_edited = serializers.BooleanField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class EventOutput(serializers.Serializer[Any]):
    seq = serializers.IntegerField()
    version = serializers.IntegerField()
    action = serializers.JSONField()
    changes = ChangeOutput(many=True)
    world_time = serializers.IntegerField(allow_null=True)
    at = serializers.DateTimeField()


class SaveOutput(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    name = serializers.CharField(allow_blank=True)
    version = serializers.IntegerField()
    auto = serializers.BooleanField(help_text="Made by itself, before the scene changed or when a day began.")
    scene = serializers.CharField(allow_blank=True)
    place = serializers.CharField(allow_blank=True)
    clock = serializers.CharField(allow_blank=True)
    thumbnail = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField()


class InteractionOutput(serializers.Serializer[Any]):
    id = serializers.CharField()
    npc_id = serializers.IntegerField()
    label = serializers.CharField()
    type = serializers.CharField()
    available = serializers.BooleanField()
    disabled_reason = serializers.CharField(allow_blank=True)
    checks = serializers.JSONField(required=False)
    origin = serializers.JSONField(required=False)


class InteractionsOutput(serializers.Serializer[Any]):
    interactions = InteractionOutput(many=True)


class ExecuteOutput(MoveOutput):
    session = SessionOutput()
    dialogue = serializers.JSONField(allow_null=True)
    care = serializers.CharField(allow_blank=True, help_text="To be shown to a player whose words say that he wants to harm himself.")
    next_scene = serializers.JSONField(allow_null=True)
    interactions = InteractionOutput(many=True)


class SimulateOutput(serializers.Serializer[Any]):
    prompt = serializers.JSONField(allow_null=True)
    writer = serializers.CharField(allow_null=True)
    changes = ChangeOutput(many=True)
    next_scene = serializers.JSONField(allow_null=True)
    npc = serializers.JSONField()
    dialogue = serializers.JSONField(allow_null=True)
    interactions = InteractionOutput(many=True)
    view = serializers.JSONField()
    state = serializers.JSONField()
    version = serializers.IntegerField()


class ReportOutput(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    npc_id = serializers.IntegerField()
    line = serializers.CharField()
    reason = serializers.CharField()
    status = serializers.CharField()
    created_at = serializers.DateTimeField()


class TestedOutput(serializers.Serializer[Any]):
    action = serializers.JSONField()
    changes = ChangeOutput(many=True)
    node = serializers.CharField(allow_null=True, help_text="scene/node, null while exploring.")


class PlaytestOutput(serializers.Serializer[Any]):
    scene_id = serializers.IntegerField(allow_null=True)
    current_node_id = serializers.CharField(allow_null=True)
    location = serializers.JSONField(allow_null=True)
    flags = serializers.ListField(child=serializers.CharField())
    stats = serializers.DictField(child=serializers.FloatField())
    inventory = serializers.DictField(child=serializers.FloatField())
    relationships = serializers.DictField(child=serializers.DictField(child=serializers.FloatField()))
    world_time = serializers.IntegerField()
    clock = serializers.JSONField()
    version = serializers.IntegerField()
    view = serializers.JSONField()
    state = serializers.JSONField()
    seed = serializers.IntegerField()
    steps = TestedOutput(many=True)
    diff = ChangeOutput(many=True)


class DifferenceOutput(serializers.Serializer[Any]):
    pointer = serializers.CharField(help_text="Into the test.")
    words = serializers.CharField()


class StoryTestRunOutput(serializers.Serializer[Any]):
    is_green = serializers.BooleanField()
    differences = DifferenceOutput(many=True)
    world = serializers.CharField(help_text="SHA-256 of the document it ran on.")
    at = serializers.DateTimeField()


class StoryTestOutput(serializers.Serializer[Any]):
    key = serializers.CharField()
    name = serializers.CharField()
    note = serializers.CharField(allow_blank=True)
    start = serializers.JSONField()
    state = serializers.JSONField()
    actions = serializers.JSONField()
    expect = serializers.JSONField()
    version = serializers.IntegerField()
    last_run = StoryTestRunOutput(allow_null=True)


class RanOutput(serializers.Serializer[Any]):
    key = serializers.CharField()
    name = serializers.CharField()
    is_green = serializers.BooleanField()
    first_difference = serializers.CharField(allow_blank=True)
    differences = DifferenceOutput(many=True)


class RunTestsOutput(serializers.Serializer[Any]):
    total = serializers.IntegerField()
    red = serializers.IntegerField()
    results = RanOutput(many=True)


class PresenceOutput(serializers.Serializer[Any]):
    npc_id = serializers.IntegerField()
    key = serializers.CharField()
    name = serializers.CharField()
    location_id = serializers.IntegerField(allow_null=True)
    activity = serializers.CharField(allow_blank=True)
    state = serializers.JSONField()
    source = serializers.ChoiceField(choices=["session", "pinned", "schedule", "home", "none"])


class PublishOutput(serializers.Serializer[Any]):
    sha256 = serializers.CharField()
    number = serializers.IntegerField()
    changed = serializers.JSONField()
    renamed = serializers.JSONField()
    story_tests = RunTestsOutput(help_text="How the release does by its tests; results of the red ones.")
    warnings = serializers.ListField(child=serializers.CharField())


class AffectedOutput(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=["node", "place", "person", "flag", "item", "stat", "gate"])
    kind_title = serializers.CharField()
    key = serializers.CharField()
    title = serializers.CharField()
    sessions = serializers.IntegerField(help_text="Running sessions that would change.")
    saves = serializers.IntegerField()
    becomes = serializers.CharField(allow_blank=True, help_text="What happens where nothing is chosen.")
    suggestion = serializers.CharField(allow_blank=True)
    candidates = serializers.JSONField(help_text="What it may be mapped to: {key, title}.")


class PublishPreviewOutput(serializers.Serializer[Any]):
    changed = serializers.JSONField()
    problems = serializers.JSONField()
    sessions = serializers.IntegerField(help_text="Running sessions that were looked at.")
    saves = serializers.IntegerField()
    affected = AffectedOutput(many=True)
    story_tests = RunTestsOutput(help_text="Results of the red ones.")


class ProblemsOutput(serializers.Serializer[Any]):
    problems = serializers.JSONField()
