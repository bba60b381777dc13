"""What is made: assets, the jobs that make them at providers, the access to these, and the money they cost.

Money is whole thousandths of a credit. Every transition of a job is one conditional UPDATE; final states never move.
"""

from __future__ import annotations

from typing import Any, ClassVar, NoReturn

from django.conf import settings
from django.db import models

from pixsim.lib.encryption import EncryptedField


class AssetQuerySet(models.QuerySet["Asset"]):
    def owned_by(self, user: Any) -> AssetQuerySet:
        """Staff see every asset, anyone else their own."""
        return self if user.is_staff else self.filter(owner=user.pk)

    def ready(self) -> AssetQuerySet:
        return self.filter(status=Asset.Status.READY)


def asset_path(asset: Asset, filename: str) -> str:
    """Content-addressed, two levels: a directory stays small and a name never repeats with other content."""
    digest = asset.sha256 or "unhashed"
    return f"assets/{digest[:2]}/{digest}/{filename}"


class Asset(models.Model):
    class MediaType(models.TextChoices):
        IMAGE = "image", "Picture"
        VIDEO = "video", "Clip"
        AUDIO = "audio", "Sound"
        GLTF = "gltf", "3-D model"

    class Status(models.TextChoices):
        PENDING = "pending", "Waiting"
        RENDERING = "rendering", "Being made"
        READY = "ready", "Ready"
        FAILED = "failed", "Failed"

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="assets")
    label = models.CharField(max_length=200, blank=True)
    media_type = models.CharField(max_length=10, choices=MediaType.choices)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PENDING, db_index=True)
    progress = models.FloatField(default=0, help_text="0 to 1, while it is being made.")
    recipe = models.JSONField(null=True, blank=True, help_text="How to make it again; empty for an upload.")
    recipe_sha256 = models.CharField(max_length=64, blank=True, db_index=True)
    sha256 = models.CharField("content hash", max_length=64, blank=True, db_index=True)
    file = models.FileField(upload_to=asset_path, blank=True, max_length=255)
    poster = models.FileField(upload_to=asset_path, blank=True, max_length=255)
    mime = models.CharField(max_length=100, blank=True)
    bytes = models.PositiveBigIntegerField(default=0)
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    duration_sec = models.FloatField(null=True, blank=True)
    provider_id = models.CharField(max_length=40, blank=True)
    provider_asset_id = models.CharField(max_length=200, blank=True, help_text="The provider's own name of it.")
    remote_url = models.URLField(max_length=2000, blank=True, help_text="Where the provider had it; such addresses end after hours or days.")
    prompt = models.TextField(blank=True)
    is_generated = models.BooleanField(default=False, help_text="Made by a machine; shown wherever it appears.")
    error = models.TextField(blank=True)
    meta = models.JSONField(default=dict, blank=True, help_text="What a reader of the file found, such as the objects of a 3-D model.")
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_token = models.UUIDField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = AssetQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["owner", "recipe_sha256"], condition=~models.Q(recipe_sha256=""), name="asset_recipe_once_per_owner"),
            models.CheckConstraint(condition=models.Q(progress__gte=0, progress__lte=1), name="asset_progress_between_0_and_1"),
        ]

    def __str__(self) -> str:
        return self.label or f"{self.get_media_type_display()} {self.pk}"


class AssetLineage(models.Model):
    """One thing an asset was made from: another asset, a person, a prompt."""

    class Kind(models.TextChoices):
        FIRST_FRAME = "first_frame", "First picture"
        LAST_FRAME = "last_frame", "Last picture"
        PROMPT = "prompt", "Prompt"
        NPC = "npc", "Person"
        EXPRESSION = "expression", "Expression"
        REFERENCE = "reference", "Reference"

    asset = models.ForeignKey(Asset, models.CASCADE, related_name="lineage")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    source_asset = models.ForeignKey(Asset, models.SET_NULL, null=True, blank=True, related_name="descendants")
    npc_id = models.PositiveBigIntegerField(null=True, blank=True)
    npc_key = models.CharField(max_length=80, blank=True)
    note = models.TextField(blank=True, help_text="The prompt, or what the expression shows.")

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]
        verbose_name_plural = "asset lineage"

    def __str__(self) -> str:
        return f"{self.asset_id} from {self.kind} {self.source_asset_id or self.npc_key or self.note[:40]}"


# -- access -----------------------------------------------------------------------------------------------------------
class ProviderAccountQuerySet(models.QuerySet["ProviderAccount"]):
    def managed_by(self, user: Any) -> ProviderAccountQuerySet:
        """Whose keys he may change: his own; staff anybody's and the site's."""
        return self if user.is_staff else self.filter(owner=user.pk)

    def usable_by(self, owner_id: int | None) -> ProviderAccountQuerySet:
        """Accounts that may pay for this owner's jobs: his own and the site's."""
        return self.filter(models.Q(owner=owner_id) | models.Q(owner=None))


class ProviderAccount(models.Model):
    """Access to a provider. Its secrets are sealed (`pixsim.lib.encryption`) and never shown again, but for the last four characters of the key."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="provider_accounts", help_text="Empty: the site's."
    )
    provider_id = models.CharField(max_length=40)
    label = models.CharField(max_length=100, blank=True)
    base_url = models.URLField(max_length=300, blank=True, help_text="Only where the provider is not at its usual address.")
    key = EncryptedField()
    webhook_secret = EncryptedField()
    last4 = models.CharField("last four characters", max_length=4, blank=True)
    max_concurrent = models.PositiveSmallIntegerField(default=2, help_text="Jobs at once.")
    in_flight = models.PositiveSmallIntegerField(default=0, editable=False, help_text="Submissions that hold one of its slots.")
    day_limit = models.PositiveBigIntegerField(null=True, blank=True, help_text="Thousandths of a credit a day; empty: the world's limit alone.")
    paused_reason = models.CharField(max_length=300, blank=True, help_text="Why nothing is sent with it; empty: in use.")
    options = models.JSONField(default=dict, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ProviderAccountQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=models.Q(max_concurrent__gte=1), name="account_has_a_slot"),
            models.CheckConstraint(condition=models.Q(in_flight__gte=0), name="account_slots_not_negative"),
        ]

    def __str__(self) -> str:
        return self.label or f"{self.provider_id} …{self.last4}"


# -- jobs -------------------------------------------------------------------------------------------------------------
class GenerationQuerySet(models.QuerySet["Generation"]):
    def owned_by(self, user: Any) -> GenerationQuerySet:
        """Staff see every job, anyone else their own."""
        return self if user.is_staff else self.filter(owner=user.pk)

    def living(self) -> GenerationQuerySet:
        return self.exclude(status__in=Generation.FINAL)


class Generation(models.Model):
    """One thing to be made, from the order to its delivery. Who advances it holds its lease and writes only while the token is still his."""

    class Status(models.TextChoices):
        PENDING = "pending", "Waiting"
        SUBMITTING = "submitting", "Submitting"
        QUEUED = "queued", "Queued"
        GENERATING = "generating", "Generating"
        DOWNLOADING = "downloading", "Downloading"
        COMPLETED = "completed", "Completed"
        FAILED = "failed", "Failed"
        MODERATED = "moderated", "Moderated"
        CANCELLED = "cancelled", "Cancelled"

    class Strategy(models.TextChoices):
        ONCE = "once", "Once for the world"
        PER_PLAYER = "per_player", "Once per player"
        PER_PLAYTHROUGH = "per_playthrough", "Once per playthrough"
        ALWAYS = "always", "Every time anew"

    ENDED = (Status.FAILED, Status.MODERATED, Status.CANCELLED)
    FINAL = (Status.COMPLETED, *ENDED)

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="generations")
    world_id = models.PositiveBigIntegerField(db_index=True, help_text="A number only: worlds are above this app.")
    provider_id = models.CharField(max_length=40)
    account = models.ForeignKey(ProviderAccount, models.SET_NULL, null=True, blank=True, related_name="generations")
    operation_type = models.CharField(max_length=40)
    inputs = models.JSONField(default=dict)
    canonical_params = models.JSONField(default=dict)
    sources = models.JSONField(default=list, help_text="What it is made from: kind, asset_id, sha256, npc_id, npc_key, note.")
    strategy = models.CharField(max_length=20, choices=Strategy.choices, default=Strategy.ONCE)
    scope = models.CharField(max_length=200, help_text="Within it the same request is made once: world/7, world/7/player/3, playthrough/9.")
    reproducible_hash = models.CharField(max_length=64)
    reusable = models.BooleanField(default=True, help_text="May answer the same request again.")
    workspace_id = models.PositiveBigIntegerField(null=True, blank=True)
    npc_id = models.PositiveBigIntegerField(null=True, blank=True)
    action_block = models.JSONField(default=dict)
    context = models.JSONField(default=dict, help_text="Where the result belongs, such as scene_id and node_id.")

    status = models.CharField(max_length=12, choices=Status.choices, default=Status.PENDING)
    needs_attention = models.BooleanField(default=False, db_index=True)
    attention_reason = models.TextField(blank=True)
    progress = models.FloatField(null=True, blank=True, help_text="0 to 1, where the provider tells.")
    queue_position = models.PositiveIntegerField(null=True, blank=True, help_text="At the provider; 0 is next.")
    estimated = models.PositiveBigIntegerField(default=0, help_text="Thousandths of a credit, an upper bound.")
    charged = models.PositiveBigIntegerField(null=True, blank=True)
    error = models.TextField(blank=True)
    trouble = models.CharField(max_length=20, blank=True)
    asset = models.ForeignKey(Asset, models.SET_NULL, null=True, blank=True, related_name="generations")
    retry_of = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="retries")

    tries = models.PositiveSmallIntegerField(default=0, help_text="Fruitless tries of the present step.")
    next_at = models.DateTimeField(null=True, blank=True, help_text="When it is looked at again; empty: nothing is left to do.")
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_token = models.UUIDField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True, help_text="When everybody who waits for it has been told.")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = GenerationQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["next_at"], condition=models.Q(next_at__isnull=False), name="generation_due"),
            models.Index(fields=["provider_id", "owner", "id"], condition=models.Q(status="pending"), name="generation_waiting"),
        ]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["owner", "scope", "reproducible_hash"],
                condition=models.Q(reusable=True) & ~models.Q(status__in=["failed", "moderated", "cancelled"]),
                name="generation_once_per_scope",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=["completed", "failed", "moderated", "cancelled"], finished_at__isnull=False)
                | (~models.Q(status__in=["completed", "failed", "moderated", "cancelled"]) & models.Q(finished_at__isnull=True)),
                name="generation_finished_with_its_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.operation_type} {self.status}"


class ProviderSubmission(models.Model):
    """One create at a provider: its trace id is made once with the row, and at most one POST is under way for it."""

    class State(models.TextChoices):
        RESERVED = "reserved", "Money reserved, not sent"
        SUBMITTING = "submitting", "Being sent"
        SUBMITTED = "submitted", "Accepted"
        UNKNOWN = "unknown", "Not known whether it was accepted"
        REJECTED = "rejected", "Not accepted"

    class Money(models.TextChoices):
        HELD = "held", "Reserved"
        CHARGED = "charged", "Charged"
        RELEASED = "released", "Given back"

    generation = models.ForeignKey(Generation, models.CASCADE, related_name="submissions")
    account = models.ForeignKey(ProviderAccount, models.SET_NULL, null=True, blank=True, related_name="submissions")
    attempt = models.PositiveSmallIntegerField(default=1, help_text="Which submission of its job this is.")
    posts = models.PositiveSmallIntegerField(default=0, help_text="How often a create was begun; more than once only after one that was never sent.")
    trace_id = models.UUIDField(unique=True)
    request_hash = models.CharField(max_length=64, blank=True)
    body = models.JSONField(null=True, blank=True, help_text="The very body that is sent; empty until the pictures it names are uploaded.")
    submission_state = models.CharField(max_length=12, choices=State.choices, default=State.RESERVED)
    provider_job_id = models.CharField(max_length=200, blank=True, db_index=True)
    raw = models.JSONField(default=dict, blank=True, help_text="What the create answered.")
    error = models.TextField(blank=True)
    trouble = models.CharField(max_length=20, blank=True)
    money = models.CharField(max_length=10, choices=Money.choices, default=Money.HELD)
    reserved = models.PositiveBigIntegerField(default=0)
    charged = models.PositiveBigIntegerField(null=True, blank=True)
    scopes = models.JSONField(default=list, help_text="Whose budgets hold the reservation.")
    day = models.DateField(help_text="Whose day it counts for (UTC).")
    holds_slot = models.BooleanField(default=False, help_text="Counted in its account's `in_flight`.")
    created_at = models.DateTimeField()
    submitting_at = models.DateTimeField(null=True, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["generation"], condition=~models.Q(submission_state="rejected"), name="submission_one_living_per_job"),
            models.UniqueConstraint(fields=["generation", "attempt"], name="submission_attempt_once"),
            models.CheckConstraint(condition=~models.Q(submission_state="rejected", money="held"), name="submission_rejected_holds_no_money"),
        ]

    def __str__(self) -> str:
        return f"{self.generation_id}.{self.attempt} {self.submission_state}"


class Delivery(models.Model):
    """A place that waits for a job's result; more than one where the same request was made for several nodes."""

    generation = models.ForeignKey(Generation, models.CASCADE, related_name="deliveries")
    context = models.JSONField(default=dict)
    context_sha256 = models.CharField(max_length=64)
    delivered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]
        verbose_name_plural = "deliveries"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["generation", "context_sha256"], name="delivery_once_per_place"),
        ]

    def __str__(self) -> str:
        return f"{self.generation_id} to {self.context}"


class WebhookReceipt(models.Model):
    """A verified webhook: the same nonce is heard once; a hint that overtook our own create is remembered for a day."""

    provider_id = models.CharField(max_length=40)
    nonce = models.CharField(max_length=200)
    provider_job_id = models.CharField(max_length=200, blank=True)
    trace_id = models.UUIDField(null=True, blank=True, db_index=True)
    received_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["provider_id", "nonce"], name="webhook_nonce_once"),
        ]

    def __str__(self) -> str:
        return f"{self.provider_id} {self.provider_job_id or self.trace_id}"


# -- money ------------------------------------------------------------------------------------------------------------
class BudgetLimit(models.Model):
    """What a scope may spend in a day; a world without a row has the default."""

    scope = models.CharField(max_length=60, unique=True, help_text="Such as world/7.")
    day_limit = models.PositiveBigIntegerField(help_text="Thousandths of a credit.")

    def __str__(self) -> str:
        return f"{self.scope} {self.day_limit}"


class BudgetDay(models.Model):
    """What a scope holds back and has spent on one day. Written by conditional UPDATE only (`budget.py`)."""

    scope = models.CharField(max_length=60)
    day = models.DateField()
    reserved = models.PositiveBigIntegerField(default=0)
    spent = models.PositiveBigIntegerField(default=0)

    class Meta:
        ordering: ClassVar[list[str]] = ["-day", "scope"]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["scope", "day"], name="budget_day_once_per_scope"),
            models.CheckConstraint(condition=models.Q(reserved__gte=0, spent__gte=0), name="budget_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.scope} {self.day}"


class LedgerQuerySet(models.QuerySet["LedgerEntry"]):
    """Append-only."""

    def update(self, **kwargs: Any) -> NoReturn:
        raise TypeError("The ledger is only ever added to.")

    def delete(self) -> NoReturn:
        raise TypeError("The ledger is only ever added to.")


class LedgerEntry(models.Model):
    """One movement of money: `reserve` holds back, `charge` turns what was held into spent, `release` gives it back, `adjust` is spent beyond
    the reservation. So in each scope and day: reserved = reserve − charge − release, spent = charge + adjust."""

    class Kind(models.TextChoices):
        RESERVE = "reserve", "Reserved"
        CHARGE = "charge", "Charged"
        RELEASE = "release", "Given back"
        ADJUST = "adjust", "Charged beyond the estimate"

    scope = models.CharField(max_length=60)
    day = models.DateField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    amount = models.PositiveBigIntegerField(help_text="Thousandths of a credit.")
    generation = models.ForeignKey(Generation, models.SET_NULL, null=True, related_name="+")
    submission = models.ForeignKey(ProviderSubmission, models.SET_NULL, null=True, related_name="+")
    account = models.ForeignKey(ProviderAccount, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    objects = LedgerQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]
        indexes: ClassVar[list[Any]] = [models.Index(fields=["scope", "day"], name="ledger_by_scope_and_day")]
        verbose_name_plural = "ledger entries"

    def __str__(self) -> str:
        return f"{self.kind} {self.amount} {self.scope}"


from generation.language.models import LanguageDay, ModelEndpoint  # noqa: E402, F401 – Django looks for models here
