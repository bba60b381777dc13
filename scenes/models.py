"""The story graph: scenes, their nodes and edges, and the hotspots that lead into them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from pixsim.lib.fields import KEY_LENGTH, KeyField, SchemaField


class SceneQuerySet(models.QuerySet["Scene"]):
    def authored_by(self, user: Any) -> SceneQuerySet:
        return self if user.is_staff else self.filter(world__owner=user.pk)


class Scene(models.Model):
    world = models.ForeignKey("worlds.World", models.CASCADE, related_name="scenes")
    key = KeyField(blank=True, help_text="Made from the title when left empty.")
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    location = models.ForeignKey("worlds.Location", models.SET_NULL, null=True, blank=True, related_name="scenes")
    npc = models.ForeignKey("npcs.Npc", models.SET_NULL, null=True, blank=True, related_name="scenes")
    is_entry = models.BooleanField(default=False, help_text="A new session starts here.")
    entry_node = models.CharField(max_length=KEY_LENGTH, blank=True, help_text="Key of the first node; empty means the first one made.")
    meta = SchemaField(schema="scenes/scene_meta")
    version = models.PositiveIntegerField(default=1)

    objects = SceneQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["world_id", "id"]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["world", "key"], name="scene_key_once_per_world"),
            models.UniqueConstraint(fields=["world"], condition=models.Q(is_entry=True), name="entry_scene_once_per_world"),
        ]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        other = Scene.objects.filter(world=self.world_id, is_entry=True).exclude(pk=self.pk).first() if self.is_entry else None
        if other is not None:
            raise ValidationError({"is_entry": f"A new session starts in “{other}” already. Take the tick away there first."})


class SceneNode(models.Model):
    class Kind(models.TextChoices):
        VIDEO = "video", "Clip"
        CHOICE = "choice", "Choice"
        DIALOGUE = "dialogue", "Dialogue"
        SCENE = "scene", "Go to a scene"
        END = "end", "End"

    scene = models.ForeignKey(Scene, models.CASCADE, related_name="nodes")
    key = KeyField()
    position = models.PositiveIntegerField(default=0)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.VIDEO)
    label = models.CharField(max_length=200, blank=True)
    asset = models.ForeignKey("generation.Asset", models.SET_NULL, null=True, blank=True, related_name="+")
    loopable = models.BooleanField(default=False)
    skippable = models.BooleanField(default=True)
    meta = SchemaField(schema="scenes/node_meta")

    class Meta:
        ordering: ClassVar[list[str]] = ["scene_id", "position", "id"]
        constraints: ClassVar[list[Any]] = [models.UniqueConstraint(fields=["scene", "key"], name="node_key_once_per_scene")]

    def __str__(self) -> str:
        return self.label or self.key


class SceneEdge(models.Model):
    scene = models.ForeignKey(Scene, models.CASCADE, related_name="edges")
    key = KeyField()
    position = models.PositiveIntegerField(default=0)
    source = models.ForeignKey(SceneNode, models.CASCADE, related_name="out_edges")
    target = models.ForeignKey(SceneNode, models.CASCADE, null=True, blank=True, related_name="in_edges")
    to_scene = models.ForeignKey(Scene, models.CASCADE, null=True, blank=True, related_name="in_edges")
    label = models.CharField(max_length=300, blank=True, help_text="The choice as the player reads it; empty for an automatic edge.")
    weight = models.FloatField(default=1, validators=[MinValueValidator(0.0), MaxValueValidator(1e6)])
    conditions = SchemaField(schema="worlds/conditions")
    effects = SchemaField(schema="worlds/effects")
    meta = SchemaField(schema="scenes/edge_meta")

    class Meta:
        ordering: ClassVar[list[str]] = ["scene_id", "position", "id"]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["scene", "key"], name="edge_key_once_per_scene"),
            models.CheckConstraint(condition=models.Q(target__isnull=True) | models.Q(to_scene__isnull=True), name="edge_leads_to_a_node_or_a_scene"),
            models.CheckConstraint(condition=models.Q(weight__gte=0), name="edge_weight_not_negative"),
        ]

    def __str__(self) -> str:
        return self.label or self.key


class HotspotQuerySet(models.QuerySet["Hotspot"]):
    def authored_by(self, user: Any) -> HotspotQuerySet:
        return self if user.is_staff else self.filter(world__owner=user.pk)


class Hotspot(models.Model):
    class Scope(models.TextChoices):
        LOCATION = "location", "Place"
        SCENE = "scene", "Scene"
        WORLD = "world", "World"

    world = models.ForeignKey("worlds.World", models.CASCADE, related_name="hotspots")
    key = KeyField(help_text="The hotspot_id.")
    scope = models.CharField(max_length=10, choices=Scope.choices, default=Scope.LOCATION)
    location = models.ForeignKey("worlds.Location", models.CASCADE, null=True, blank=True, related_name="hotspots")
    scene = models.ForeignKey(Scene, models.CASCADE, null=True, blank=True, related_name="hotspots")
    target = SchemaField(schema="scenes/hotspot_target")
    region = SchemaField(schema="scenes/region", null=True, default=None, help_text="A rectangle on the picture, 0 to 1.")
    action = SchemaField(schema="scenes/hotspot_action")
    conditions = SchemaField(schema="worlds/conditions")
    meta = SchemaField(schema="scenes/hotspot_meta")
    version = models.PositiveIntegerField(default=1)

    objects = HotspotQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["world_id", "id"]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["location", "key"], name="hotspot_key_once_per_location"),
            models.UniqueConstraint(fields=["scene", "key"], name="hotspot_key_once_per_scene"),
            models.UniqueConstraint(fields=["world", "key"], condition=models.Q(scope="world"), name="hotspot_key_once_per_world"),
            models.CheckConstraint(
                condition=models.Q(scope="location", location__isnull=False, scene__isnull=True)
                | models.Q(scope="scene", scene__isnull=False, location__isnull=True)
                | models.Q(scope="world", scene__isnull=True, location__isnull=True),
                name="hotspot_parent_fits_its_scope",
            ),
        ]

    def __str__(self) -> str:
        return self.key
