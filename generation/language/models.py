"""Endpoints of model servers, and what was said by them in a day. Part of `generation.models`."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from pixsim.lib.encryption import EncryptedField
from pixsim.lib.fields import KeyField

MAX_TIMEOUT_SEC = 20


def _price(name: str) -> Any:
    return models.DecimalField(
        f"price of {name}", max_digits=9, decimal_places=4, null=True, blank=True, validators=[MinValueValidator(0)],
        help_text="US dollars per million tokens. Empty: by the list that comes along; on a server of your own nothing.",
    )  # fmt: skip


class ModelEndpointQuerySet(models.QuerySet["ModelEndpoint"]):
    def in_use(self) -> ModelEndpointQuerySet:
        return self.filter(enabled=True, paused_reason="")


class ModelEndpoint(models.Model):
    """An OpenAI-compatible server. Its API key is sealed (`pixsim.lib.encryption`) and never shown again, but for its last four characters."""

    key = KeyField(unique=True, help_text="The name by which a world's manifest chooses it, under providers: openai, ollama, house_model.")
    label = models.CharField(max_length=100, blank=True)
    base_url = models.CharField(
        "base URL", max_length=300, blank=True,
        help_text="Such as http://127.0.0.1:11434/v1 for Ollama; empty: OpenAI's. Hosts of your own network must be named in PROVIDER_LOCAL_HOSTS.",
    )  # fmt: skip
    secret = EncryptedField()
    last4 = models.CharField("last four characters", max_length=4, blank=True)
    dialogue_model = models.CharField(max_length=120, help_text="The model that speaks in conversations.")
    node_model = models.CharField(max_length=120, blank=True, help_text="For the lines of dialogue nodes. Empty: the same.")
    summary_model = models.CharField(max_length=120, blank=True, help_text="For summaries. Empty: the same.")
    other_models = models.TextField(blank=True, help_text="Further models that a manifest may name, one a line.")
    enabled = models.BooleanField(default=True)
    is_default = models.BooleanField("site default", default=False, help_text="Speaks for worlds whose manifest chooses nothing.")
    everyone = models.BooleanField("for every author", default=True)
    authors = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        blank=True,
        related_name="+",
        help_text="Where it is not for every author: the owners of the worlds it may speak in.",
    )
    timeout_sec = models.FloatField(
        default=MAX_TIMEOUT_SEC, validators=[MinValueValidator(1), MaxValueValidator(MAX_TIMEOUT_SEC)],
        help_text="The time a line may take in all; after it the scripted writer speaks.",
    )  # fmt: skip
    max_output_tokens = models.PositiveIntegerField(default=500, validators=[MinValueValidator(50), MaxValueValidator(4000)])
    temperature = models.FloatField(
        null=True, blank=True, validators=[MinValueValidator(0), MaxValueValidator(2)], help_text="Empty: the model's own."
    )
    price_input, price_cached, price_output = _price("input"), _price("cached input"), _price("output")
    paused_reason = models.CharField(max_length=300, blank=True, help_text="Why nothing is sent to it; empty: in use.")
    abilities = models.JSONField(default=dict, blank=True, help_text="What its models were found to do, by model.")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ModelEndpointQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]
        verbose_name = "model endpoint"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["is_default"], condition=models.Q(is_default=True), name="one_default_endpoint"),
        ]

    def __str__(self) -> str:
        return self.label or self.key


class LanguageDay(models.Model):
    """What one scope had said in a day (UTC): tokens and millionths of a dollar, held before the question and settled after the answer."""

    scope = models.CharField(max_length=60, help_text="site, world/7, player/3, world/7/player/3.")
    day = models.DateField()
    tokens_held = models.PositiveBigIntegerField(default=0)
    tokens = models.PositiveBigIntegerField(default=0)
    cost_held = models.PositiveBigIntegerField(default=0, help_text="Millionths of a US dollar.")
    cost = models.PositiveBigIntegerField(default=0, help_text="Millionths of a US dollar.")
    lines = models.PositiveIntegerField(default=0)

    class Meta:
        ordering: ClassVar[list[str]] = ["-day", "scope"]
        verbose_name = "day of language"
        verbose_name_plural = "days of language"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["scope", "day"], name="language_day_once_per_scope"),
            models.CheckConstraint(
                condition=models.Q(tokens_held__gte=0, tokens__gte=0, cost_held__gte=0, cost__gte=0), name="language_day_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scope} {self.day}"
