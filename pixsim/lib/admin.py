"""What every ModelAdmin here is made of: rows scoped to the reader, rights by code instead of permission rows, readable JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import BaseModelAdmin
from django.db import models
from django.forms.fields import InvalidJSONInput
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.html import format_html

from pixsim.lib import strict_json
from pixsim.lib.errors import DomainError, Invalid


def pretty(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


class JSONText(forms.JSONField):
    """JSON as text to read and write: indented, monospaced, read as strictly as the API reads it."""

    widget = forms.Textarea
    empty: Any = None  # what an empty text means

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {**super().widget_attrs(widget), "class": "vLargeTextField json", "rows": 8, "spellcheck": "false"}

    def to_python(self, value: Any) -> Any:
        if value in self.empty_values:
            return self.empty
        if isinstance(value, str):
            try:
                return strict_json.loads(value.encode("utf-8", "surrogatepass"))
            except Invalid as error:
                raise forms.ValidationError(error.detail, code="invalid") from None
        return value

    def bound_data(self, data: Any, initial: Any) -> Any:
        """What was typed comes back as it was typed, also when it is no JSON."""
        return InvalidJSONInput(data) if isinstance(data, str) else initial

    def prepare_value(self, value: Any) -> Any:
        return value if isinstance(value, InvalidJSONInput) else pretty(value)


def json_display(name: str, description: str = "") -> Callable[..., str]:
    """A read-only field that shows JSON indented: `json_display("state")`."""

    @admin.display(description=description or name.replace("_", " "))
    def show(owner: Any, row: Any) -> str:
        return format_html('<pre class="json" tabindex="0">{}</pre>', pretty(getattr(row, name)))

    return show


class JSONFormMixin(BaseModelAdmin):
    """For ModelAdmins and inlines."""

    formfield_overrides: ClassVar[Any] = {models.JSONField: {"form_class": JSONText}}

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if isinstance(field, JSONText):
            field.empty = None if db_field.null else db_field.get_default()
            field.required = False
        return field


class RightsByCode:
    """Who may come in at all; which rows he gets is decided by their scope, an inline's by its parent."""

    def may(self, request: HttpRequest) -> bool:
        return bool(getattr(request.user, "is_author", False))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request)


class ScopedAdmin(RightsByCode, JSONFormMixin, admin.ModelAdmin):
    """Authors see and change what is theirs, and nothing says that anything else exists."""

    show_full_result_count = False
    list_per_page = 50

    def scope(self, rows: Any, user: Any) -> Any:
        """The rows this user may see."""
        raise NotImplementedError

    def get_queryset(self, request: HttpRequest) -> Any:
        return self.scope(super().get_queryset(request), request.user)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Called by what it lists; “Select … to change” is Django's word for it."""
        title = str(self.opts.verbose_name_plural)
        return super().changelist_view(request, {"title": title[:1].upper() + title[1:], **(extra_context or {})})

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """What a service refuses is told, not thrown."""
        try:
            return super().delete_view(request, object_id, extra_context)
        except DomainError as error:
            messages.error(request, error.detail)
            return HttpResponseRedirect(request.path.removesuffix("delete/") + "change/")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.may(request)


class ReadOnlyAdmin(ScopedAdmin):
    """Played, made and kept things: to look at."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class StaffOnlyMixin:
    """What is no author's: accounts, keys, the audit trail."""

    def may(self, request: HttpRequest) -> bool:
        return bool(getattr(request.user, "is_staff", False))

    def scope(self, rows: Any, user: Any) -> Any:
        return rows if user.is_staff else rows.none()
