"""Assets, jobs, accounts and money, in and out. Money is in credits here."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from pixsim.lib.api.fields import Flag, Id, Json, Key, Number, Text, Whole
from pixsim.lib.api.serializers import FieldErrorOutput, Strict

from . import briefs, budget, polling, queries
from .models import Asset, AssetLineage, Generation, ProviderAccount, ProviderSubmission


class AssetOutput(serializers.ModelSerializer[Asset]):
    """An asset as clients see it; `url` and `poster_url` are null until the file is there."""

    user_id = serializers.IntegerField(source="owner_id", allow_null=True, read_only=True)
    url = serializers.SerializerMethodField()
    poster_url = serializers.SerializerMethodField()
    sync_status = serializers.SerializerMethodField()
    remote_url = serializers.CharField(read_only=True)
    reproducible_hash = serializers.CharField(source="recipe_sha256", read_only=True)
    objects = serializers.SerializerMethodField(help_text="The named objects of a 3-D model.")

    class Meta:
        model = Asset
        fields = (
            "id", "user_id", "label", "media_type", "status", "progress", "url", "poster_url", "mime", "bytes", "width", "height",
            "duration_sec", "provider_id", "provider_asset_id", "remote_url", "sync_status", "prompt", "recipe", "reproducible_hash",
            "sha256", "is_generated", "objects", "error", "created_at",
        )  # fmt: skip
        read_only_fields = fields

    def get_url(self, asset: Asset) -> str | None:
        return queries.asset_url(asset)

    def get_poster_url(self, asset: Asset) -> str | None:
        return queries.poster_url(asset)

    def get_sync_status(self, asset: Asset) -> str:
        return "synced" if asset.status == Asset.Status.READY else asset.status

    def get_objects(self, asset: Asset) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = asset.meta.get("objects", [])
        return found


class AssetUpload(Strict):
    """A file to keep: multipart field `file`, and what to call it."""

    file = serializers.FileField(allow_empty_file=False)
    label = serializers.CharField(  # type: ignore[assignment]
        max_length=200, required=False, allow_blank=True, default=""
    )


class AssetChange(Strict):
    label = Text(max_length=200, allow_blank=True)  # type: ignore[assignment]


class AssetFilter(Strict):
    """Which assets to list."""

    media_type = serializers.ChoiceField(choices=Asset.MediaType.choices, required=False)
    status = serializers.ChoiceField(choices=Asset.Status.choices, required=False)


class LineageOutput(serializers.ModelSerializer[AssetLineage]):
    """One thing an asset was made from."""

    class Meta:
        model = AssetLineage
        fields = ("kind", "source_asset_id", "npc_id", "npc_key", "note")
        read_only_fields = fields


# -- jobs -----------------------------------------------------------------------------------------------------------------
class SceneContext(Strict):
    """Where the result belongs: it is put there by itself."""

    scene_id = Id()
    node_id = Key(required=False, allow_null=True)


class InputsInput(Strict):
    prompt = Text(max_length=briefs.MAX_TEXT)
    negative_prompt = Text(max_length=briefs.MAX_TEXT, required=False, allow_blank=True)
    style = Json(required=False, help_text="time_of_day, weather, mood, camera_movement, …: texts and numbers.")
    duration_sec = Number(min_value=0.1, max_value=briefs.MAX_SEC, required=False, allow_null=True)
    first_frame_asset_id = Id(required=False, allow_null=True)
    last_frame_asset_id = Id(required=False, allow_null=True)


class GenerationInput(Strict):
    """What to make. The world is named, or the one of the scene or person."""

    operation_type = Text(max_length=40)
    provider_id = Text(max_length=40)
    workspace_id = Id(required=False, allow_null=True, help_text="A number to group by.")
    world_id = Id(required=False, allow_null=True)
    inputs = InputsInput()
    canonical_params = Json(required=False, help_text="seed, aspect_ratio, quality, model, …")
    strategy = serializers.ChoiceField(choices=Generation.Strategy.choices, required=False, default="once")
    scene_context = SceneContext(required=False, allow_null=True)
    npc_id = Id(required=False, allow_null=True)
    action_block = Json(required=False)


class AttemptOutput(serializers.Serializer[Any]):
    attempt = serializers.IntegerField()
    submission_state = serializers.ChoiceField(choices=ProviderSubmission.State.choices)
    provider_job_id = serializers.CharField()
    error = serializers.CharField()
    submitted_at = serializers.DateTimeField(allow_null=True)


class GenerationOutput(serializers.ModelSerializer[Generation]):
    """A job as its owner sees it. `lateness` is slow after ten minutes at the provider and late after two hours."""

    estimated_credits = serializers.SerializerMethodField()
    charged_credits = serializers.SerializerMethodField()
    submission_state = serializers.SerializerMethodField()
    provider_job_id = serializers.SerializerMethodField()
    queue_position = serializers.SerializerMethodField()
    lateness = serializers.SerializerMethodField()
    scene_context = serializers.JSONField(source="context", read_only=True)
    asset_url = serializers.SerializerMethodField()
    poster_url = serializers.SerializerMethodField()
    attempts = serializers.SerializerMethodField()

    class Meta:
        model = Generation
        fields = (
            "id", "status", "submission_state", "progress", "queue_position", "lateness", "needs_attention", "attention_reason", "error", "trouble",
            "operation_type", "provider_id", "provider_job_id", "world_id", "workspace_id", "npc_id", "inputs", "canonical_params", "action_block",
            "strategy", "scene_context", "reproducible_hash", "estimated_credits", "charged_credits", "asset_id", "asset_url", "poster_url",
            "attempts", "retry_of_id", "created_at", "updated_at", "finished_at", "delivered_at",
        )  # fmt: skip
        read_only_fields = fields

    def get_estimated_credits(self, job: Generation) -> float:
        return budget.credits_of(job.estimated)

    def get_charged_credits(self, job: Generation) -> float | None:
        return None if job.charged is None else budget.credits_of(job.charged)

    def get_submission_state(self, job: Generation) -> str:
        return str(_last(job).submission_state) if _last(job) else ""

    def get_provider_job_id(self, job: Generation) -> str:
        return str(_last(job).provider_job_id) if _last(job) else ""

    def get_queue_position(self, job: Generation) -> int | None:
        return getattr(job, "waits_behind", None) if job.status == Generation.Status.PENDING else job.queue_position

    def get_lateness(self, job: Generation) -> str:
        return polling.lateness(job, _last(job).submitted_at if _last(job) else None)

    def get_asset_url(self, job: Generation) -> str | None:
        return queries.asset_url(job.asset)

    def get_poster_url(self, job: Generation) -> str | None:
        return queries.poster_url(job.asset)

    @extend_schema_field(AttemptOutput(many=True))
    def get_attempts(self, job: Generation) -> Any:
        return AttemptOutput(job.submissions.all(), many=True).data


def _last(job: Generation) -> Any:
    return next(iter(sorted(job.submissions.all(), key=lambda one: -one.attempt)), None)


class MadeOutput(GenerationOutput):
    """The answer to an order: also whether a job that was there already answers it."""

    reused = serializers.SerializerMethodField()

    class Meta(GenerationOutput.Meta):
        fields = (*GenerationOutput.Meta.fields, "reused")
        read_only_fields = fields

    def get_reused(self, job: Generation) -> bool:
        return bool(self.context.get("reused"))


class GenerationFilter(Strict):
    world_id = Id(required=False)
    workspace_id = Id(required=False)
    npc_id = Id(required=False)
    status = serializers.ChoiceField(choices=Generation.Status.choices, required=False)
    needs_attention = Flag(required=False)


class AttachInput(Strict):
    scene_id = Id()
    node_id = Key()


class SettleInput(Strict):
    """What a person found out at the provider."""

    outcome = serializers.ChoiceField(choices=["not_sent", "charged"])


class EstimateOutput(serializers.Serializer[Any]):
    provider_id = serializers.CharField()
    estimated_credits = serializers.FloatField()
    remaining_credits = serializers.FloatField(help_text="What the world may still spend today (UTC).")
    problems = FieldErrorOutput(many=True)
    reuse_asset_id = serializers.IntegerField(allow_null=True, help_text="What it would answer with, for nothing.")
    account_needed = serializers.BooleanField()
    why = serializers.CharField(help_text="Why it cannot be made now; empty when it can.")


# -- providers, money, accounts ---------------------------------------------------------------------------------------------
class ModelOutput(serializers.Serializer[Any]):
    id = serializers.CharField()
    title = serializers.CharField()
    operations = serializers.ListField(child=serializers.CharField())
    durations_sec = serializers.ListField(child=serializers.FloatField())
    qualities = serializers.ListField(child=serializers.CharField())
    aspect_ratios = serializers.ListField(child=serializers.CharField())
    prompt_max = serializers.IntegerField()
    params = serializers.DictField(help_text="Further canonical parameters: name to JSON Schema.")
    price = serializers.DictField(help_text="As the catalogue has it, in credits.")


class ProviderOutput(serializers.Serializer[Any]):
    """What a provider can do, and why it cannot be used now."""

    id = serializers.CharField()
    title = serializers.CharField()
    local = serializers.BooleanField(help_text="Made on this machine: no account and no cost.")
    cancellable = serializers.BooleanField()
    usable = serializers.BooleanField()
    why = serializers.CharField(help_text="Why not; empty when it is usable.")
    default_model = serializers.CharField()
    models = ModelOutput(many=True)
    read_on = serializers.DateField(help_text="When models and prices were true.")
    source = serializers.CharField()


class BudgetFilter(Strict):
    world_id = Id()


class BudgetDayOutput(serializers.Serializer[Any]):
    day = serializers.DateField()
    reserved = serializers.FloatField()
    spent = serializers.FloatField()


class BudgetOutput(BudgetDayOutput):
    """Credits of a world today (UTC), and on the days before."""

    world_id = serializers.IntegerField()
    limit = serializers.FloatField()
    remaining = serializers.FloatField()
    days = BudgetDayOutput(many=True)


class AccountInput(Strict):
    """Access to a provider. Secrets are write-only; what is not named stays as it is."""

    provider_id = Text(max_length=40)
    label = Text(max_length=100, required=False, allow_blank=True, default="")
    key = Text(max_length=500, required=False, allow_null=True, write_only=True, default=None)
    webhook_secret = Text(max_length=500, required=False, allow_blank=True, allow_null=True, write_only=True, default=None)
    max_concurrent = Whole(min_value=1, max_value=100, required=False, default=2)
    day_limit = Number(min_value=0, max_value=10**9, required=False, allow_null=True, default=None, help_text="Credits a day.")
    base_url = serializers.URLField(max_length=300, required=False, allow_blank=True, default="", help_text="Staff only.")
    options = Json(required=False, default=dict, help_text="Staff only.")
    shared = Flag(required=False, default=False, help_text="The site's, for every author. Staff only.")
    paused = Flag(required=False, default=False)


class AccountOutput(serializers.ModelSerializer[ProviderAccount]):
    """An access as its owner sees it; of the key, the last four characters."""

    base_url = serializers.CharField(read_only=True)
    day_limit = serializers.SerializerMethodField()
    shared = serializers.SerializerMethodField()
    paused = serializers.SerializerMethodField()
    has_webhook_secret = serializers.SerializerMethodField()

    class Meta:
        model = ProviderAccount
        fields = (
            "id", "provider_id", "label", "last4", "has_webhook_secret", "max_concurrent", "in_flight", "day_limit", "base_url", "options", "shared",
            "paused", "paused_reason", "last_used_at", "created_at",
        )  # fmt: skip
        read_only_fields = fields

    def get_day_limit(self, account: ProviderAccount) -> float | None:
        return None if account.day_limit is None else budget.credits_of(account.day_limit)

    def get_shared(self, account: ProviderAccount) -> bool:
        return account.owner_id is None

    def get_paused(self, account: ProviderAccount) -> bool:
        return bool(account.paused_reason)

    def get_has_webhook_secret(self, account: ProviderAccount) -> bool:
        return bool(account.webhook_secret)
