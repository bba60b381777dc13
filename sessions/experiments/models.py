"""Experiments of a world, and what each session and each world counts up to. Part of `sessions.models`."""

from __future__ import annotations

import secrets
from typing import Any, ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from pixsim.lib.fields import KeyField

VARIANTS = ("a", "b")
VARIANT_LENGTH = 90


def new_salt() -> str:
    return secrets.token_hex(16)


class Experiment(models.Model):
    """Two variants of one part of a world's document, each as a merge patch (RFC 7396). Players are drawn once and stay where they were drawn."""

    class Status(models.TextChoices):
        DRAFT = "draft", "Not started"
        RUNNING = "running", "Running"
        ENDED = "ended", "Ended"
        ARCHIVED = "archived", "Archived"

    world = models.ForeignKey("worlds.World", models.CASCADE, related_name="experiments")
    key = KeyField()
    title = models.CharField(max_length=120)
    hypothesis = models.CharField(max_length=500, blank=True, help_text="What is expected, written down before anything is seen.")
    subject = models.CharField(max_length=260, help_text="npcs/<key>, scenes/<key>, scenes/<key>/nodes/<key> or scenes/<key>/edges/<key>.")
    title_a = models.CharField(max_length=80, default="As it is")
    title_b = models.CharField(max_length=80, default="Changed")
    patch_a = models.JSONField(default=dict, blank=True)
    patch_b = models.JSONField(default=dict)
    share = models.PositiveSmallIntegerField(
        default=50, validators=[MinValueValidator(1), MaxValueValidator(99)], help_text="How many of a hundred players get variant b."
    )
    planned = models.PositiveIntegerField(default=100, help_text="Players of each variant to wait for, decided before the start.")
    salt = models.CharField(max_length=32, default=new_salt, editable=False, help_text="The key by which players are drawn.")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.DRAFT)
    looks = models.PositiveIntegerField(default=0, help_text="How often somebody looked before the planned number of players was there.")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["world", "key"], name="experiment_key_once_per_world"),
            models.UniqueConstraint(fields=["world"], condition=models.Q(status="running"), name="one_running_experiment_per_world"),
            models.CheckConstraint(condition=models.Q(share__gte=1, share__lte=99), name="experiment_share_is_a_share"),
        ]

    def __str__(self) -> str:
        return self.title

    def patch_of(self, letter: str) -> dict[str, Any]:
        found: dict[str, Any] = self.patch_b if letter == "b" else self.patch_a
        return found

    def title_of(self, letter: str) -> str:
        return self.title_b if letter == "b" else self.title_a

    def variant(self, letter: str) -> str:
        """How a session and its states name it."""
        return f"{self.key}/{letter}"


class SessionTally(models.Model):
    """What one session met, up to a version: a projection of its log that grows with it and can be made again at any time."""

    session = models.OneToOneField("game_sessions.GameSession", models.CASCADE, related_name="tally")
    version = models.PositiveBigIntegerField(help_text="The last version that was counted.")
    facts = models.JSONField(default=dict, help_text="By subject: whether it was reached, locked, open, taken, and by what it was locked last.")
    ending = models.CharField(max_length=170, blank=True, help_text="The first ending that was met, as kind:path.")

    def __str__(self) -> str:
        return f"tally of session {self.session_id}"


class FunnelRow(models.Model):
    """How many sessions of a world met one edge or interaction, in one variant (empty: in none). The sum of the tallies, kept up with them."""

    world = models.ForeignKey("worlds.World", models.CASCADE, related_name="funnel_rows")
    variant = models.CharField(max_length=VARIANT_LENGTH, blank=True)
    kind = models.CharField(max_length=12, help_text="edge or interaction")
    path = models.CharField(max_length=260)
    reached = models.IntegerField(default=0, help_text="Sessions that came where it is offered.")
    locked = models.IntegerField(default=0, help_text="… that saw it locked at least once.")
    open = models.IntegerField(default=0, help_text="… that could have taken it.")
    taken = models.IntegerField(default=0, help_text="… that took it.")
    gate_lost = models.IntegerField(default=0, help_text="… that never saw it open.")
    choice_lost = models.IntegerField(default=0, help_text="… that could have and did not.")
    clauses = models.JSONField(default=dict, help_text="Of those that never saw it open: how many each clause kept out when it was seen last.")

    class Meta:
        ordering: ClassVar[list[str]] = ["world_id", "kind", "path", "variant"]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["world", "variant", "kind", "path"], name="funnel_row_once_per_variant"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.path}"
