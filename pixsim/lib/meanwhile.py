"""Two people at one form. The form says how the thing was when it was opened; what changed meanwhile is told before anything is overwritten."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import flatten, unquote
from django.db import transaction
from django.forms.models import model_to_dict
from django.http import HttpRequest, HttpResponse

from .canonical import sha256

OPENED: Final = "_opened"
"""The hidden input: the thing's mark when its form was opened."""
ANYWAY: Final = "_anyway"
"""The button “Save mine anyway”: the mark of what its presser was shown, so that a third change is told too."""
CHANGED: Final = "changed_meanwhile"


class Meanwhile(NamedTuple):
    """What is not what it was: `changes` as far as they are known, newest first, and the mark of how it is now."""

    changes: Sequence[Any]
    mark: str


class _Held(forms.ModelForm):
    """A form whose subject has changed: it keeps what was typed and is not valid."""

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        self.add_error(None, forms.ValidationError("This was changed after you opened it. What you typed is below and not saved yet.", code=CHANGED))
        return data


class TellsMeanwhile(admin.ModelAdmin):
    """Its change form is saved only on what it was opened on."""

    def mark(self, request: HttpRequest, row: Any) -> str:
        """How the row is now: equal while nothing of it has changed."""
        shown = {str(name) for name in flatten(self.get_fields(request, row))} - {str(name) for name in self.get_readonly_fields(request, row)}
        return sha256({name: _plain(value) for name, value in model_to_dict(row, fields=shown).items()})

    def is_same(self, opened: str, now: str) -> bool:
        return opened == now

    def changes_since(self, row: Any, mark: str) -> Sequence[Any]:
        """Who changed what since that mark, where it is known: rows for `worlds/_parts/version.html`."""
        return ()

    def locked(self, row: Any) -> Any:
        """The row as it is now; it stays so until the transaction ends. None where it is gone, which Django's own view tells."""
        return type(row)._default_manager.select_for_update().filter(pk=row.pk).first()

    def changeform_view(self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None) -> Any:
        if request.method != "POST" or object_id is None:
            return super().changeform_view(request, object_id, form_url, extra_context)
        with transaction.atomic():
            row = self.get_object(request, unquote(object_id))
            if row is not None:
                request.meanwhile = self._meanwhile(request, row)  # type: ignore[attr-defined]
            return super().changeform_view(request, object_id, form_url, extra_context)

    def _meanwhile(self, request: HttpRequest, row: Any) -> Meanwhile | None:
        opened, row = request.POST.get(ANYWAY) or request.POST.get(OPENED), self.locked(row)
        if opened is None or row is None or self.is_same(opened, now := self.mark(request, row)):
            return None
        return Meanwhile(self.changes_since(row, opened), now)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        return type(form.__name__, (_Held, form), {}) if getattr(request, "meanwhile", None) is not None else form

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        row = kwargs.get("obj")
        if row is not None and self.has_change_permission(request, row):
            context["opened"] = request.POST.get(ANYWAY) or request.POST.get(OPENED) or self.mark(request, row)
            context["meanwhile"] = getattr(request, "meanwhile", None)
        return super().render_change_form(request, context, *args, **kwargs)


def _plain(value: Any) -> Any:
    return value if isinstance(value, dict | list | str | int | float | None) else str(value)
