"""Model endpoints and what was said in a day: for staff. Part of `generation.admin`."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from generation.accounts import is_key
from pixsim.lib.admin import ReadOnlyAdmin, ScopedAdmin, StaffOnlyMixin
from pixsim.lib.encryption import CannotOpen
from pixsim.lib.errors import Invalid
from pixsim.models import User

from . import endpoints, probe
from .models import LanguageDay, ModelEndpoint


class EndpointForm(forms.ModelForm):
    """The key is typed in and never shown again; an empty field leaves what there is."""

    new_secret = forms.CharField(
        label="API key", required=False, widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="Empty: stays, as long as the address does. Servers of your own mostly need none.",
    )  # fmt: skip

    class Meta:
        model = ModelEndpoint
        fields = (
            "key", "label", "base_url", "enabled", "is_default", "dialogue_model", "node_model", "summary_model", "other_models", "timeout_sec",
            "max_output_tokens", "temperature", "price_input", "price_cached", "price_output", "everyone", "authors",
        )  # fmt: skip

    def clean_new_secret(self) -> str:
        secret = str(self.cleaned_data["new_secret"])
        if not is_key(secret):
            raise forms.ValidationError("A key has printable ASCII characters and no spaces.")
        return secret

    def clean_base_url(self) -> str:
        base_url = str(self.cleaned_data["base_url"]).strip().rstrip("/")
        try:
            endpoints.checked(base_url)
        except Invalid as error:
            raise forms.ValidationError(error.errors[0][2]) from None
        return base_url

    def _get_validation_exclusions(self) -> set[str]:
        """Another default makes way (`endpoints.change_endpoint`), so that there is one already is no error."""
        return {*super()._get_validation_exclusions(), "is_default"}  # type: ignore[misc]


@admin.register(ModelEndpoint)
class ModelEndpointAdmin(StaffOnlyMixin, ScopedAdmin):
    form = EndpointForm
    change_form_template = "admin/generation/modelendpoint/change_form.html"
    list_display = ("__str__", "key", "address", "dialogue_model", "rung", "last4", "is_default", "enabled", "paused_reason")
    readonly_fields = ("paused_reason", "last4", "what_it_can")
    fieldsets = (
        (None, {"fields": ("key", "label", "base_url", ("new_secret", "last4"), ("enabled", "is_default"), "paused_reason", "what_it_can")}),
        ("Models", {"fields": ("dialogue_model", "node_model", "summary_model", "other_models")}),
        ("A line", {"fields": (("timeout_sec", "max_output_tokens", "temperature"), ("price_input", "price_cached", "price_output"))}),
        ("For whom", {"fields": ("everyone", "authors")}),
    )

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "authors":
            kwargs["queryset"] = User.objects.filter(groups__name="authors")
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """`new_secret` is no field of the row."""
        return super().get_form(request, obj, change, **{**kwargs, "fields": EndpointForm.Meta.fields})

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        data = {name: value for name, value in form.cleaned_data.items() if name != "authors"}
        secret = data.pop("new_secret") or None
        if change:
            endpoints.change_endpoint(endpoint=obj, secret=secret, **data)
        else:
            obj.pk = endpoints.create_endpoint(secret=secret or "", **data).pk

    # -- what it can -----------------------------------------------------------------------------------------------------
    def get_urls(self) -> list[URLPattern]:
        test = path("<int:pk>/test/", self.admin_site.admin_view(self.test_view), name="generation_modelendpoint_test")
        return [test, *super().get_urls()]

    def test_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Asks the server. No transaction is open: the admin's own forms have one, this page has none."""
        row = get_object_or_404(self.get_queryset(request), pk=pk)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        try:
            found = probe.test(row)
        except CannotOpen:
            messages.error(request, "Its key cannot be decrypted: enter it again.")
            found = {}
        for model, tried in found.items():
            best = tried[-1]
            if not best.ok:
                messages.error(request, f"The model {model} does not answer. {best.why}")
            elif best.rung == "json_schema":
                messages.success(request, f"The model {model} answers in our schema, in {best.latency_ms} ms.")
            else:
                why = "; ".join(f"{one.rung}: {one.why}" for one in tried if not one.ok)
                messages.warning(request, f"The model {model} answers as {best.rung}, in {best.latency_ms} ms. {why}")
        return HttpResponseRedirect(reverse("admin:generation_modelendpoint_change", args=[pk]))

    @admin.display(description="address")
    def address(self, row: ModelEndpoint) -> str:
        return row.base_url or endpoints.OPENAI_URL

    @admin.display(description="answers as")
    def rung(self, row: ModelEndpoint) -> str:
        return str((row.abilities.get(row.dialogue_model) or {}).get("rung") or "not tested")

    @admin.display(description="what its models can do")
    def what_it_can(self, row: ModelEndpoint) -> str | SafeString:
        """Each rung that was tried, the refused ones with why: a downgrade is seen."""
        if not row.abilities:
            return "Not tested yet: save, then “Test connection”."
        return format_html_join("", "<p><strong>{}</strong>: {}{}</p>", (self._told(model, found) for model, found in row.abilities.items()))

    def _told(self, model: str, found: dict[str, Any]) -> tuple[str, Any, str]:
        tried = [one if isinstance(one, dict) else {"rung": one, "ok": one == found.get("rung")} for one in found.get("tried") or ()]
        steps = format_html_join(
            " ", '<span class="rung {}">{}{}</span>', (("good" if one["ok"] else "bad", one["rung"], f" – {one['why']}" if one.get("why") else "")
            for one in tried),
        )  # fmt: skip
        lacks = f" Does not know {', '.join(found['lacks'])}." if found.get("lacks") else ""
        by = f" Found by {found.get('by', 'a test')}{' at ' + found['at'] if found.get('at') else ''}."
        return model, steps or format_html('<span class="rung bad">{}</span>', "no answer"), f"{lacks}{by}"


@admin.register(LanguageDay)
class LanguageDayAdmin(StaffOnlyMixin, ReadOnlyAdmin):
    list_display = ("day", "scope", "lines", "tokens", "dollars", "tokens_held")
    list_filter = ("day",)
    search_fields = ("scope",)

    @admin.display(description="US dollars", ordering="cost")
    def dollars(self, row: LanguageDay) -> str:
        return f"{row.cost / 1_000_000:.4f}"
