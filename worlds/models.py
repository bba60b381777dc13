"""A world, its places, its own names for assets, its releases and its history."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models

from pixsim.lib.fields import KeyField, SchemaField

POSTER, MODEL, PICTURE = ("image", "video"), ("gltf",), ("image",)
"""Kinds of assets, by what they are for."""


class WorldQuerySet(models.QuerySet["World"]):
    def authored_by(self, user: Any) -> WorldQuerySet:
        """The worlds this user may change: his own, for staff every one."""
        if user.is_staff:
            return self
        return self.filter(owner=user.pk)

    def played_by(self, user: Any) -> WorldQuerySet:
        """The worlds this user may play: published ones and his own."""
        return self.filter(models.Q(published__isnull=False) | models.Q(owner=user.pk))


class World(models.Model):
    name = models.CharField(max_length=200)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="worlds")
    meta = SchemaField(schema="worlds/world_meta", help_text="Theme, tone and the manifest.")
    poster = models.ForeignKey(
        "generation.Asset", models.SET_NULL, null=True, blank=True, related_name="+", limit_choices_to={"media_type__in": POSTER}
    )
    renamed = models.JSONField(default=dict, blank=True, help_text="Old key to new key, so that running sessions find their way.")
    draft_version = models.PositiveBigIntegerField(default=1, help_text="Counts authored changes.")
    draft = models.ForeignKey(
        "WorldRelease", models.SET_NULL, null=True, blank=True, related_name="+", help_text="The draft as a release, where one was made."
    )
    published = models.ForeignKey("WorldRelease", models.SET_NULL, null=True, blank=True, related_name="+")
    published_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = WorldQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]

    def __str__(self) -> str:
        return self.name

    @property
    def manifest(self) -> dict[str, Any]:
        return dict(self.meta.get("manifest") or {})


class WorldState(models.Model):
    """The world's own clock, the author's view. Sessions have their own."""

    world = models.OneToOneField(World, models.CASCADE, related_name="state")
    world_time = models.PositiveBigIntegerField(default=0, help_text="Seconds since the world began.")
    last_advanced_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.world_id} at {self.world_time}"


class WorldRelease(models.Model):
    """One immutable state of a world, named by the SHA-256 of its document. `ids` maps its keys to this installation's ids."""

    world = models.ForeignKey(World, models.CASCADE, related_name="releases")
    sha256 = models.CharField(max_length=64)
    document = models.JSONField()
    ids = models.JSONField(default=dict)
    ids_version = models.PositiveIntegerField(default=1, help_text="Counts changes of `ids`: the same document may find its things under other ids.")
    number = models.PositiveIntegerField(null=True, blank=True, help_text="Number of the published version; empty for a draft only played.")
    base = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="+", help_text="For a variant: the release it varies.")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["world", "sha256"], name="release_once_per_document"),
            models.UniqueConstraint(fields=["world", "number"], name="release_number_once_per_world"),
        ]

    def __str__(self) -> str:
        return f"{self.world_id}@{self.sha256[:12]}"


class WorldAsset(models.Model):
    """The name by which a world's document calls an asset."""

    world = models.ForeignKey(World, models.CASCADE, related_name="world_assets")
    key = KeyField()
    asset = models.ForeignKey("generation.Asset", models.CASCADE, related_name="world_assets")

    class Meta:
        ordering: ClassVar[list[str]] = ["world_id", "key"]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["world", "key"], name="asset_key_once_per_world"),
        ]

    def __str__(self) -> str:
        return self.key


class WorldHistory(models.Model):
    """One authored change of one part: what it was before and after."""

    world = models.ForeignKey(World, models.CASCADE, related_name="history")
    version = models.PositiveBigIntegerField(help_text="The draft version the change made.")
    part = models.CharField(max_length=200, help_text="world, location/<key>, npc/<key>, scene/<key>, hotspot/<key>")
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]
        indexes: ClassVar[list[Any]] = [models.Index(fields=["world", "part"], name="history_by_part")]
        verbose_name_plural = "world history"

    def __str__(self) -> str:
        return f"{self.part} at {self.version}"


class LocationQuerySet(models.QuerySet["Location"]):
    def authored_by(self, user: Any) -> LocationQuerySet:
        return self if user.is_staff else self.filter(world__owner=user.pk)


class Location(models.Model):
    world = models.ForeignKey(World, models.CASCADE, related_name="locations")
    key = KeyField(blank=True, help_text="Made from the name when left empty.")
    name = models.CharField(max_length=200)
    x = models.FloatField(default=0)
    y = models.FloatField(default=0)
    asset = models.ForeignKey(
        "generation.Asset",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="3-D model",
        limit_choices_to={"media_type__in": MODEL},
    )
    picture = models.ForeignKey(
        "generation.Asset", models.SET_NULL, null=True, blank=True, related_name="+", limit_choices_to={"media_type__in": PICTURE}
    )
    default_spawn = SchemaField(schema="worlds/spawn")
    travel_conditions = SchemaField(schema="worlds/conditions")
    meta = SchemaField(schema="worlds/location_meta")
    version = models.PositiveIntegerField(default=1)

    objects = LocationQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["world_id", "id"]
        constraints: ClassVar[list[Any]] = [models.UniqueConstraint(fields=["world", "key"], name="location_key_once_per_world")]

    def __str__(self) -> str:
        return self.name
