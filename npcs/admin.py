"""People, and what stands inside a person: the week, the faces, the beginning."""

from __future__ import annotations

from typing import Any

from django.contrib import admin

from worlds.admin import AuthoredAdmin, ChoicesOfOnesOwn, PartAdmin, by_world

from .card_admin import CardPages
from .lab.pages import LabPages
from .lab.person import NpcForm
from .lab.rows import DAYS, FaceForm, SlotForm, WeekFormSet
from .models import Expression, Npc, NpcState, ScheduleSlot


class ScheduleInline(ChoicesOfOnesOwn, admin.StackedInline):
    model = ScheduleSlot
    form = SlotForm
    formset = WeekFormSet
    template = "admin/npcs/npc/_week.html"
    fields = ("position", "key", "days", "start", "end", "activity", "rule", "location", "stops")
    extra = 1

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).order_by("position", "pk")


class ExpressionInline(ChoicesOfOnesOwn, admin.StackedInline):
    model = Expression
    form = FaceForm
    template = "admin/npcs/npc/_faces.html"
    fields = ("state", "asset")
    extra = 1


@admin.register(Npc)
class NpcAdmin(LabPages, CardPages, AuthoredAdmin):
    form = NpcForm
    list_display = ("name", "key", "role", "world", "home_location")
    list_select_related = ("world", "home_location")
    list_filter = (by_world("world"), "is_minor")
    search_fields = ("name", "key", "role")
    fields = ("world", "name", "key", "role", "home_location", "is_minor")
    inlines = (ScheduleInline, ExpressionInline)

    def save_beside(self, row: Any, form: Any) -> None:
        form.save_state()


class NpcPartAdmin(PartAdmin):
    parent = "npc"
    list_filter = (by_world("npc__world"),)


@admin.register(NpcState)
class NpcStateAdmin(NpcPartAdmin):
    list_display = ("npc", "current_location")
    list_select_related = ("npc", "current_location")
    fields = ("npc", "current_location", "relationships")

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        return False


@admin.register(ScheduleSlot)
class ScheduleSlotAdmin(NpcPartAdmin):
    list_display = ("key", "npc", "weekdays", "start", "end", "activity", "rule", "location")
    list_select_related = ("npc", "location")
    fields = ("npc", "key", "position", "days", ("start", "end"), "activity", "rule", "location", "stops")
    key_from = "activity"

    @admin.display(description="days", ordering="days")
    def weekdays(self, slot: ScheduleSlot) -> str:
        return " ".join(name for number, name in DAYS if number in slot.days)


@admin.register(Expression)
class ExpressionAdmin(NpcPartAdmin):
    list_display = ("state", "npc", "asset")
    list_select_related = ("npc", "asset")
    fields = ("npc", "state", "asset", "crop", "meta")
