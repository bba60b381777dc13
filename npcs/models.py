"""People: who they are, where they are when, how they look, how they start towards the player."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from pixsim.lib.fields import KEY_LENGTH, KeyField, SchemaField
from worlds.models import PICTURE


class NpcQuerySet(models.QuerySet["Npc"]):
    def authored_by(self, user: Any) -> NpcQuerySet:
        return self if user.is_staff else self.filter(world__owner=user.pk)


class Npc(models.Model):
    world = models.ForeignKey("worlds.World", models.CASCADE, related_name="npcs")
    key = KeyField(blank=True, help_text="Made from the name when left empty.")
    name = models.CharField(max_length=200)
    role = models.CharField(max_length=KEY_LENGTH, blank=True, help_text="A role of the manifest, such as merchant.")
    home_location = models.ForeignKey("worlds.Location", models.SET_NULL, null=True, blank=True, related_name="+")
    personality = SchemaField(schema="npcs/personality", help_text="Five numbers from 0 to 1 and free traits.")
    stats = SchemaField(schema="npcs/stats")
    interaction_overrides = SchemaField(schema="npcs/interaction_overrides")
    is_minor = models.BooleanField(default=False, help_text="Never romantic.")
    meta = SchemaField(schema="npcs/npc_meta")
    version = models.PositiveIntegerField(default=1)

    objects = NpcQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["world_id", "id"]
        verbose_name = "NPC"
        constraints: ClassVar[list[Any]] = [models.UniqueConstraint(fields=["world", "key"], name="npc_key_once_per_world")]

    def __str__(self) -> str:
        return self.name


class NpcState(models.Model):
    """Where an author pinned this NPC, and how it starts towards the player."""

    npc = models.OneToOneField(Npc, models.CASCADE, related_name="state")
    current_location = models.ForeignKey(
        "worlds.Location", models.SET_NULL, null=True, blank=True, related_name="+", help_text="Pins the NPC here, whatever the schedule says."
    )
    relationships = SchemaField(schema="npcs/relationships", help_text="Initial values towards the player by axis.")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = "NPC state"

    def __str__(self) -> str:
        return f"state of {self.npc_id}"


class ScheduleSlot(models.Model):
    class Rule(models.TextChoices):
        DEFAULT = "default", "At one place"
        PATROL = "patrol", "Patrol"
        HIDDEN = "hidden", "Hidden"

    npc = models.ForeignKey(Npc, models.CASCADE, related_name="schedule")
    key = KeyField(blank=True)
    position = models.PositiveIntegerField(default=0)
    days = SchemaField(schema="npcs/days", default=list, help_text="1 = Monday … 7 = Sunday")
    start = models.CharField(max_length=5, help_text="HH:MM")
    end = models.CharField(max_length=5, help_text="HH:MM, not included; before the start it means the next day")
    activity = models.CharField(max_length=60, blank=True)
    rule = models.CharField(max_length=10, choices=Rule.choices, default=Rule.DEFAULT)
    location = models.ForeignKey("worlds.Location", models.CASCADE, null=True, blank=True, related_name="+")
    stops = SchemaField(schema="npcs/stops", default=list, help_text="The stops of a patrol: place and minutes.")

    class Meta:
        ordering: ClassVar[list[str]] = ["npc_id", "position", "id"]
        constraints: ClassVar[list[Any]] = [models.UniqueConstraint(fields=["npc", "key"], name="slot_key_once_per_npc")]

    def __str__(self) -> str:
        return f"{self.start}–{self.end}"


class Expression(models.Model):
    npc = models.ForeignKey(Npc, models.CASCADE, related_name="expressions")
    state = models.CharField(max_length=40, help_text="The mood it shows, such as happy.")
    asset = models.ForeignKey("generation.Asset", models.CASCADE, related_name="+", limit_choices_to={"media_type__in": PICTURE})
    crop = SchemaField(schema="npcs/crop", help_text="In pixels of the picture.")
    meta = SchemaField(schema="npcs/expression_meta")

    class Meta:
        ordering: ClassVar[list[str]] = ["npc_id", "id"]
        constraints: ClassVar[list[Any]] = [models.UniqueConstraint(fields=["npc", "state"], name="expression_once_per_state")]

    def __str__(self) -> str:
        return self.state
