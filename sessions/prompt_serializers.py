"""Prompts, previewed and kept: what comes in, what goes out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from npcs.models import Npc
from pixsim.lib.api.fields import Id, Json, Text
from pixsim.lib.api.serializers import Strict
from scenes.serializers import PhraseOutput

from .models import DialogueTurn
from .prompt_preview import Previewed, preview, relationship_json
from .turns import mood_json

MAX_SCENARIOS = 8


class ScenarioInput(Strict):
    name = Text(required=False, max_length=120, help_text="What to call it.")
    interaction_id = Text(required=False, max_length=80, help_text="What the player does; talk unless said.")
    choice_id = Text(required=False, max_length=80, help_text="The authored choice the player takes in the same move.")
    user_choice_text = Text(required=False, max_length=1000, help_text="Or the player's own words.")
    state = Json(schema="npcs/mock_state", required=False, help_text="Merged into the state beside it.")


class PreviewPromptInput(Strict):
    npc_id = Id()
    personality = Json(required=False, help_text="Merged into the NPC's own (RFC 7396: null removes a trait). Not saved.")
    state = Json(schema="sessions/state", required=False, help_text="How things stand; else as at the beginning of a session.")
    scenarios = ScenarioInput(
        many=True, required=False, help_text="Else the usual three: talk at affinity 30, flirt at affinity 60, an argument at tension 80."
    )

    def validate_scenarios(self, value: list[Any]) -> list[Any]:
        if len(value) > MAX_SCENARIOS:
            raise serializers.ValidationError(f"At most {MAX_SCENARIOS} scenarios.", code="max_length")
        return value


@extend_schema_serializer(component_name="PromptSection")
class SectionOutput(serializers.Serializer[Any]):
    name = serializers.CharField()
    text = serializers.CharField()
    phrases = PhraseOutput(many=True, help_text="All of the text, in order; without sources where words only join others.")
    sources = serializers.ListField(child=serializers.CharField())
    tokens = serializers.IntegerField()
    priority = serializers.IntegerField(help_text="What is worth less is cut first where the budget is short; 100 is never cut.")
    role = serializers.ChoiceField(choices=["system", "user"], help_text="The message it is sent in.")


class ContributionOutput(serializers.Serializer[Any]):
    source = serializers.CharField(help_text="mood, relationships, personality, drives or emotion.")  # type: ignore[assignment]
    axis = serializers.CharField()
    value = serializers.FloatField(help_text="What the axis is beyond its centre.")
    weight = serializers.FloatField()
    points = serializers.FloatField(help_text="value × weight.")
    towards = serializers.CharField(help_text="valence or arousal: the points add up to it.")


class MoodOutput(serializers.Serializer[Any]):
    current_emotion = serializers.CharField()
    intensity = serializers.FloatField()
    tags = serializers.ListField(child=serializers.CharField())
    valence = serializers.FloatField()
    arousal = serializers.FloatField()
    because = ContributionOutput(many=True)


class SampleOutput(serializers.Serializer[Any]):
    text = serializers.CharField()
    emotion = serializers.CharField(allow_blank=True)
    writer = serializers.CharField()


class PromptFields(serializers.Serializer[Any]):
    sections = SectionOutput(many=True)
    tokens = serializers.IntegerField(help_text="Of all sections together.")
    schema_tokens = serializers.IntegerField(help_text="Of the schema of the answer, beside them.")
    counted_by = serializers.CharField(help_text="The vocabulary, or “estimate”.")
    estimated = serializers.BooleanField()
    budget = serializers.IntegerField()
    trimmed = serializers.ListField(child=serializers.CharField(), help_text="What the budget cut.")
    schema = serializers.DictField(help_text="The JSON schema of the answer.")
    sha256 = serializers.CharField()
    cached = serializers.BooleanField(help_text="It was built before, for the same content.")


class ScenarioOutput(PromptFields):
    id = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    interaction_id = serializers.CharField()
    available = serializers.BooleanField(help_text="Whether the player could do this in this state.")
    disabled_reason = serializers.CharField(allow_blank=True)
    mood = MoodOutput()
    relationship = serializers.DictField(help_text="By axis: value, words, min and max.")
    sample = SampleOutput(help_text="What the scripted writer says.")
    messages = serializers.ListField(child=serializers.DictField(), help_text="What a model would be sent.")


class PreviewPromptOutput(serializers.Serializer[Any]):
    npc_id = serializers.IntegerField()
    scenarios = ScenarioOutput(many=True)


def preview_shape(npc_id: int, npc: str, found: list[Previewed]) -> dict[str, Any]:
    return {"npc_id": npc_id, "scenarios": [_scenario_shape(npc, one) for one in found]}


def scenarios_json(*, npc: Npc, personality: Mapping[str, Any] | None, state: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """The same for a page below: see `npcs.lab.previewing`."""
    return [_scenario_shape(npc.key, one) for one in preview(npc=npc, personality=personality, state=state)]


def _scenario_shape(npc: str, one: Previewed) -> dict[str, Any]:
    return {
        "id": one.scenario.id,
        "label": one.scenario.label,
        "interaction_id": one.scenario.interaction,
        "available": not one.reason,
        "disabled_reason": one.reason,
        "mood": mood_json(one.mood),
        "relationship": relationship_json(one.world, one.state, npc),
        **one.prompt.as_json(),
        "messages": list(one.prompt.messages),
        "sample": {"text": one.sample.text, "emotion": one.sample.emotion or "", "writer": one.sample.writer},
    }


# -- turns that were kept ---------------------------------------------------------------------------------------------


class TurnBriefOutput(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    session_id = serializers.IntegerField()
    turn = serializers.IntegerField(help_text="The version whose move asked for the line.")
    version = serializers.IntegerField(allow_null=True, help_text="The version the line made; null where it came too late.")
    outcome = serializers.CharField(help_text="applied, or late: paid for, and nothing of it happened.")
    purpose = serializers.CharField()
    npc = serializers.CharField(help_text="Key of the NPC.")
    interaction_id = serializers.CharField(allow_blank=True)
    choice_id = serializers.CharField(allow_blank=True)
    said = serializers.CharField(allow_blank=True, help_text="What the player said.")
    text = serializers.CharField(allow_blank=True)
    emotion = serializers.CharField(allow_blank=True)
    writer = serializers.CharField()
    model = serializers.CharField(allow_blank=True)
    prompt_tokens = serializers.IntegerField()
    completion_tokens = serializers.IntegerField()
    cached_tokens = serializers.IntegerField()
    estimated = serializers.BooleanField()
    cost_microdollars = serializers.IntegerField(help_text="Millionths of a US dollar.")
    latency_ms = serializers.IntegerField()
    ladder = serializers.ListField(child=serializers.CharField(), help_text="Ways of answering that were tried, the one that answered last.")
    fallback = serializers.CharField(allow_blank=True, help_text="Why the scripted writer spoke in another's place.")
    world_time = serializers.IntegerField()
    at = serializers.DateTimeField()


class KeptPromptOutput(PromptFields):
    """Empty where no prompt was kept."""


class TurnOutput(TurnBriefOutput):
    mood = MoodOutput()
    prompt = KeptPromptOutput()
    raw = serializers.CharField(allow_blank=True, help_text="The answer as it came.")
    proposal = serializers.DictField(help_text="What the writer would like: emotion, memory, effects, choices.")
    result = serializers.DictField(help_text="What became of it: changes, what was clamped or refused and why, what was offered.")


def turn_brief(turn: DialogueTurn) -> dict[str, Any]:
    return {
        "id": turn.pk,
        "session_id": turn.session_id,
        "turn": turn.turn,
        "version": turn.version,
        "outcome": turn.outcome,
        "purpose": turn.purpose,
        "npc": turn.npc_key,
        "interaction_id": turn.interaction,
        "choice_id": turn.choice,
        "said": turn.said,
        "text": turn.text,
        "emotion": turn.emotion,
        "writer": turn.writer,
        "model": turn.model,
        "prompt_tokens": turn.prompt_tokens,
        "completion_tokens": turn.completion_tokens,
        "cached_tokens": turn.cached_tokens,
        "estimated": turn.is_estimated,
        "cost_microdollars": turn.cost,
        "latency_ms": turn.latency_ms,
        "ladder": turn.ladder,
        "fallback": turn.fallback,
        "world_time": turn.world_time,
        "at": turn.created_at,
    }


def turn_shape(turn: DialogueTurn) -> dict[str, Any]:
    facts = {"mood": turn.mood, "prompt": turn.prompt, "raw": turn.raw, "proposal": turn.proposal, "result": turn.result}
    return {**turn_brief(turn), **facts}
