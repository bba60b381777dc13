"""A page beside a list that takes another tool's file into one of the author's worlds."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods

from pixsim.lib.errors import DomainError, Invalid

from .models import World


class ImportForm(forms.Form):
    world = forms.ModelChoiceField(queryset=World.objects.none(), empty_label=None)
    file = forms.FileField()


class ImportsFiles(admin.ModelAdmin):
    """For a ScopedAdmin. Children say what they take and do it in `take`; what is wrong with the file stands at the field."""

    change_list_template = "admin/import_list.html"
    import_title: ClassVar[str] = ""
    import_button: ClassVar[str] = ""
    import_help: ClassVar[str] = ""
    import_accept: ClassVar[str] = ""
    max_import: ClassVar[int] = 0
    import_page_after: ClassVar[str] = "change"

    def take(self, *, world: World, actor: Any, file: bytes) -> tuple[Any, int]:
        """The new row, and how much of the file has no place in it. Raises DomainError."""
        raise NotImplementedError

    def get_urls(self) -> list[Any]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_import"
        return [
            path("import/", self.admin_site.admin_view(require_http_methods(["GET", "HEAD", "POST"])(self.import_view)), name=name),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return super().changelist_view(request, {"import_button": self.import_button, **(extra_context or {})})

    def import_view(self, request: HttpRequest) -> HttpResponse:
        form = ImportForm(request.POST or None, request.FILES or None, initial={"world": request.GET.get("of_world")})
        field: Any = form.fields["world"]
        field.queryset = World.objects.authored_by(request.user).order_by("name", "pk")
        form.fields["file"].help_text = self.import_help
        form.fields["file"].widget.attrs["accept"] = self.import_accept
        if request.method == "POST" and form.is_valid() and (answer := self._taken(request, form)) is not None:
            return answer
        context = {**self.admin_site.each_context(request), "title": self.import_title, "opts": self.opts, "form": form}
        return render(request, "admin/import_file.html", context, status=422 if form.errors else 200)

    def _taken(self, request: HttpRequest, form: ImportForm) -> HttpResponse | None:
        file = form.cleaned_data["file"]
        try:
            if file.size > self.max_import:
                raise Invalid([("/file", "too_large", f"The file may have {self.max_import >> 20} MB.")])
            row, losses = self.take(world=form.cleaned_data["world"], actor=request.user, file=file.read())
        except Invalid as error:
            for one in error.errors:
                place = one.pointer.removeprefix("/file")
                form.add_error("file", f"{one.message} ({place})" if place else one.message)
        except DomainError as error:
            form.add_error("file", error.detail)
        else:
            found = f"{losses} things have no place here; this is what became of them." if losses else "Everything has its place."
            messages.success(request, f"“{row}” was imported. {found}")
            return HttpResponseRedirect(reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{self.import_page_after}", args=[row.pk]))
        return None
