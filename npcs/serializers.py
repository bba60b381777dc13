"""People: what comes in, what goes out."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from pixsim.lib.api.fields import Flag, Id, Json, Key, Reference, Text, Whole
from pixsim.lib.api.serializers import Strict
from worlds.services import MAX_WORLD_TIME

from .models import Expression, Npc, NpcState, ScheduleSlot


# -- people -----------------------------------------------------------------------------------------------------------
class NpcChange(Strict):
    key = Key(required=False, help_text="Made from the name when absent.")
    name = Text(max_length=200)
    role = Text(max_length=80, required=False, allow_null=True, allow_blank=True, help_text="A role of the manifest.")
    home_location_id = Reference(required=False, allow_null=True)
    current_location_id = Reference(required=False, allow_null=True, help_text="Pins the NPC here, whatever the schedule says.")
    personality = Json(schema="npcs/personality", required=False, allow_null=True, help_text="Five numbers from 0 to 1, free traits beside them.")
    stats = Json(schema="npcs/stats", required=False, allow_null=True)
    interaction_overrides = Json(schema="npcs/interaction_overrides", required=False, allow_null=True)
    is_minor = Flag(required=False)
    meta = Json(schema="npcs/npc_meta", required=False, allow_null=True)


class NpcInput(NpcChange):
    world_id = Id()


class NpcOutput(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    world_id = serializers.IntegerField()
    key = serializers.CharField()
    name = serializers.CharField()
    role = serializers.CharField(allow_blank=True)
    home_location_id = serializers.IntegerField(allow_null=True)
    current_location_id = serializers.IntegerField(allow_null=True)
    personality = Json(schema="npcs/personality")
    stats = Json(schema="npcs/stats")
    relationships = Json(schema="npcs/relationships", help_text="How the NPC starts towards the player; written at /stats.")
    interaction_overrides = Json(schema="npcs/interaction_overrides")
    is_minor = serializers.BooleanField()
    meta = Json(schema="npcs/npc_meta")
    version = serializers.IntegerField(help_text="The ETag.")


def npc_shape(npc: Npc) -> dict[str, Any]:
    state = state_of(npc)
    return {
        "id": npc.pk,
        "world_id": npc.world_id,
        "key": npc.key,
        "name": npc.name,
        "role": npc.role,
        "home_location_id": npc.home_location_id,
        "current_location_id": state.current_location_id,
        "personality": npc.personality,
        "stats": npc.stats,
        "relationships": state.relationships,
        "interaction_overrides": npc.interaction_overrides,
        "is_minor": npc.is_minor,
        "meta": npc.meta,
        "version": npc.version,
    }


def state_of(npc: Npc) -> NpcState:
    return getattr(npc, "state", None) or NpcState(npc=npc)


# -- schedules --------------------------------------------------------------------------------------------------------
class StopInput(Strict):
    location = Reference(required=False)
    location_id = Reference(required=False)
    minutes = Whole(min_value=1, max_value=10_080)


@extend_schema_field({"$ref": "#/components/schemas/Common/$defs/time_of_day"})
class TimeOfDay(Text):
    """HH:MM from 00:00 to 24:00; the service looks closer."""


class SlotInput(Strict):
    key = Key(required=False, help_text="Made when absent.")
    id = Key(required=False, help_text="The same.")
    day_of_week = Whole(min_value=1, max_value=7, required=False, allow_null=True, help_text="1 = Monday")
    days = serializers.ListField(
        child=Whole(min_value=1, max_value=7), required=False, min_length=1, max_length=7, help_text="Instead of day_of_week."
    )
    start_time = TimeOfDay(max_length=5, required=False, help_text="HH:MM")
    end_time = TimeOfDay(max_length=5, required=False, help_text="HH:MM, not included; 24:00 is allowed; before the start it means the next day.")
    start = TimeOfDay(max_length=5, required=False, help_text="The same as start_time.")
    end = TimeOfDay(max_length=5, required=False, help_text="The same as end_time.")
    location_id = Reference(required=False, allow_null=True)
    rule = serializers.ChoiceField(choices=ScheduleSlot.Rule.choices, required=False)
    activity = Text(max_length=60, required=False, allow_blank=True)
    stops = StopInput(many=True, required=False)


class SlotOutput(serializers.Serializer[Any]):
    id = serializers.CharField(help_text="The key.")
    key = serializers.CharField()
    day_of_week = serializers.IntegerField(allow_null=True, help_text="Where it is one day.")
    days = serializers.ListField(child=serializers.IntegerField())
    start_time = serializers.CharField()
    end_time = serializers.CharField()
    location_id = serializers.IntegerField(allow_null=True)
    rule = serializers.CharField()
    activity = serializers.CharField(allow_blank=True)
    stops = Json(schema="npcs/stops", kind=list)


def slot_shape(slot: ScheduleSlot) -> dict[str, Any]:
    return {
        "id": slot.key,
        "key": slot.key,
        "day_of_week": slot.days[0] if len(slot.days) == 1 else None,
        "days": slot.days,
        "start_time": slot.start,
        "end_time": slot.end,
        "location_id": slot.location_id,
        "rule": slot.rule,
        "activity": slot.activity,
        "stops": slot.stops,
    }


# -- expressions ------------------------------------------------------------------------------------------------------
class ExpressionInput(Strict):
    state = Text(max_length=40, help_text="The mood it shows, such as happy.")
    asset_id = Id()
    crop = Json(schema="npcs/crop", required=False, allow_null=True, help_text="In pixels of the picture.")
    meta = Json(schema="npcs/expression_meta", required=False, allow_null=True)


class ExpressionOutput(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    state = serializers.CharField()
    asset_id = serializers.IntegerField()
    crop = Json(schema="npcs/crop")
    meta = Json(schema="npcs/expression_meta")


def expression_shape(expression: Expression) -> dict[str, Any]:
    return {"id": expression.pk, "state": expression.state, "asset_id": expression.asset_id, "crop": expression.crop, "meta": expression.meta}


# -- stats ------------------------------------------------------------------------------------------------------------
class StatUpdate(Strict):
    axis = Key(max_length=40)
    value = serializers.JSONField(help_text='A number, or relative: "+5".')
    source = Text(  # type: ignore[assignment]
        max_length=40, required=False, help_text="The stat package; `relationship` means relationships, `stats` the NPC's own numbers (melee, …)."
    )


class StatsInput(Strict):
    stat_updates = StatUpdate(many=True, max_length=200)  # type: ignore[call-arg]


class StatsOutput(serializers.Serializer[Any]):
    npc_id = serializers.IntegerField()
    relationships = Json(schema="npcs/relationships")
    personality = Json(schema="npcs/personality")
    stats = Json(schema="npcs/stats")
    version = serializers.IntegerField(help_text="The ETag.")


def stats_shape(npc: Npc) -> dict[str, Any]:
    state = state_of(npc)
    return {
        "npc_id": npc.pk,
        "relationships": state.relationships,
        "personality": npc.personality,
        "stats": npc.stats,
        "version": npc.version,
    }


# -- where and when ---------------------------------------------------------------------------------------------------
class PreviewFilter(Strict):
    time = Whole(min_value=0, max_value=MAX_WORLD_TIME, required=False, help_text="World time in seconds; the present time when absent.")
    session_id = Id(required=False, help_text="As the session's player sees it.")


class ClockOutput(serializers.Serializer[Any]):
    day = serializers.IntegerField()
    time = serializers.CharField(help_text="HH:MM")
    weekday = serializers.IntegerField(help_text="1 = Monday")
    label = serializers.CharField(help_text="Day 1, 8:00 AM")  # type: ignore[assignment]


class PlaceOutput(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    key = serializers.CharField()
    name = serializers.CharField()


class NextOutput(serializers.Serializer[Any]):
    at = serializers.IntegerField()
    clock = ClockOutput()
    slot = serializers.CharField(allow_null=True)
    activity = serializers.CharField(allow_blank=True)
    location = PlaceOutput(allow_null=True)
    location_id = serializers.IntegerField(allow_null=True)


class WeekRowOutput(serializers.Serializer[Any]):
    day = serializers.IntegerField(help_text="1 = Monday")
    start = serializers.CharField()
    end = serializers.CharField()
    location = PlaceOutput(allow_null=True)
    activity = serializers.CharField(allow_blank=True)
    rule = serializers.CharField()
    slot = serializers.CharField()


class PreviewOutput(serializers.Serializer[Any]):
    npc_id = serializers.IntegerField()
    world_time = serializers.IntegerField()
    clock = ClockOutput()
    location = PlaceOutput(allow_null=True)
    location_id = serializers.IntegerField(allow_null=True)
    activity = serializers.CharField(allow_blank=True)
    slot = serializers.CharField(allow_null=True)
    until = serializers.IntegerField(allow_null=True, help_text="World time of the next change.")
    source = serializers.ChoiceField(choices=["session", "pinned", "schedule", "home", "none"])  # type: ignore[assignment]
    next = NextOutput(allow_null=True)
    week = WeekRowOutput(many=True)


class TimeInput(Strict):
    advance_by_sec = Whole(required=False, min_value=0, max_value=MAX_WORLD_TIME)
    set_to = Whole(required=False, min_value=0, max_value=MAX_WORLD_TIME)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if len(attrs) != 1:
            raise serializers.ValidationError("Give either advance_by_sec or set_to.", "one_of")
        return attrs


class MovedOutput(serializers.Serializer[Any]):
    npc_id = serializers.IntegerField()

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        fields["from"] = serializers.IntegerField(allow_null=True, help_text="Id of the place before; null for nowhere.")
        fields["to"] = serializers.IntegerField(allow_null=True)
        return fields


class TimeOutput(serializers.Serializer[Any]):
    world_time = serializers.IntegerField()
    day = serializers.IntegerField()
    time = serializers.CharField(help_text="HH:MM")
    weekday = serializers.IntegerField(help_text="1 = Monday")
    label = serializers.CharField()  # type: ignore[assignment]
    moved = MovedOutput(many=True)
