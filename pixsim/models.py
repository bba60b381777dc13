"""Accounts, idempotency keys and the audit trail: what every app may point at."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models

AUTHORS = "authors"


class Rating(models.TextChoices):
    """Content ratings, mildest first."""

    SFW = "sfw", "Safe for work"
    ROMANTIC = "romantic", "Romantic"
    MATURE_IMPLIED = "mature_implied", "Mature, implied"
    RESTRICTED = "restricted", "Restricted"


class User(AbstractUser):
    """An account: player, author (member of the group `authors`) or staff."""

    rating = models.CharField(
        "content rating", max_length=20, choices=Rating.choices, default=Rating.RESTRICTED, help_text="The most a world may show this player."
    )
    settings = models.JSONField("player settings", default=dict, blank=True, help_text="Text size, captions, motion, volume.")

    @property
    def is_author(self) -> bool:
        """Whether this user may author worlds. Costs one query the first time."""
        if not self.is_active:
            return False
        if not hasattr(self, "_is_author"):
            self._is_author: bool = self.is_staff or self.is_superuser or self.groups.filter(name=AUTHORS).exists()
        return self._is_author


class IdempotencyKey(models.Model):
    """The first answer to a POST that creates or spends, given again for 24 h. Moves keep theirs in the event row."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    route = models.CharField(max_length=200)
    key = models.CharField(max_length=255)
    body_sha256 = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True, help_text="Empty while the first request is still running.")
    body = models.JSONField(null=True)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["user", "route", "key"], name="idempotency_key_once_per_route"),
        ]

    def __str__(self) -> str:
        return f"{self.route} {self.key}"


class AuditEntry(models.Model):
    """Who did what to whose thing: staff reading or changing what is not theirs. Append-only."""

    actor = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    action = models.CharField(max_length=80)
    subject = models.CharField(max_length=200, help_text="What it was done to, such as session/200.")
    detail = models.JSONField(default=dict, blank=True)
    at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]
        verbose_name_plural = "audit entries"

    def __str__(self) -> str:
        return f"{self.actor_id} {self.action} {self.subject}"
