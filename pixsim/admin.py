"""Accounts and what the site keeps about requests: for staff."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.http import HttpRequest
from knox import admin as knox_admin  # noqa: F401 – what it registers is replaced below
from knox.models import AuthToken

from .lib.admin import ReadOnlyAdmin, StaffOnlyMixin, json_display
from .models import AuditEntry, IdempotencyKey, User


@admin.register(User)
class AccountAdmin(UserAdmin):
    """Staff may look; changing accounts takes the usual permissions, so that nobody makes himself more than he is."""

    list_display = ("username", "email", "rating", "is_staff", "is_active", "date_joined")
    readonly_fields = ("last_login", "date_joined")
    filter_horizontal = ()  # Django's two boxes and its split date say nothing to a screen reader
    fieldsets = (*(UserAdmin.fieldsets or ()), ("Player", {"fields": ("rating", "settings")}))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_staff)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_staff)


admin.site.unregister(Group)
admin.site.unregister(AuthToken)


@admin.register(Group)
class GroupAdmin(admin.ModelAdmin):
    """Names only: rights are given by code, to the group of authors and to staff."""

    fields = search_fields = ("name",)


@admin.register(AuthToken)
class TokenAdmin(StaffOnlyMixin, ReadOnlyAdmin):
    """Who may come in over REST. Deleting a token shuts it out; it is made by logging in."""

    list_display = ("token_key", "user", "created", "expiry")
    list_select_related = ("user",)
    search_fields = ("token_key", "user__username")
    fields = ("token_key", "user", "created", "expiry")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request)


@admin.register(IdempotencyKey)
class IdempotencyKeyAdmin(StaffOnlyMixin, ReadOnlyAdmin):
    list_display = ("route", "key", "user", "status", "created_at")
    list_select_related = ("user",)
    search_fields = ("route", "key")
    show_body = json_display("body")
    fields = ("user", "route", "key", "body_sha256", "status", "show_body", "created_at")


@admin.register(AuditEntry)
class AuditEntryAdmin(StaffOnlyMixin, ReadOnlyAdmin):
    list_display = ("at", "actor", "action", "subject")
    list_select_related = ("actor",)
    search_fields = ("action", "subject")
    show_detail = json_display("detail")
    fields = ("at", "actor", "action", "subject", "show_detail")
