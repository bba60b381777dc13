"""Assets: look, name, upload. What a recipe makes is made by the workers. Jobs and money: look."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils.html import format_html

from pixsim.lib.admin import ReadOnlyAdmin, ScopedAdmin, StaffOnlyMixin, json_display
from pixsim.lib.errors import DomainError
from pixsim.lib.meanwhile import TellsMeanwhile

from . import accounts, queries, services
from .language import admin as language_admin  # noqa: F401 – it registers its own pages
from .models import (
    Asset,
    AssetLineage,
    BudgetDay,
    BudgetLimit,
    Delivery,
    Generation,
    LedgerEntry,
    ProviderAccount,
    ProviderSubmission,
    WebhookReceipt,
)
from .providers import registry


class UploadForm(forms.ModelForm):
    """A picture, clip, sound or 3-D model. It is read, cleaned and kept before anything else is said, so an error stands at the file."""

    upload = forms.FileField(label="File", help_text="A picture, a clip, a sound or a .glb model.")

    class Meta:
        model = Asset
        fields = ("label",)

    owner: Any = None

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("upload") and not self.errors:
            try:
                self.instance = services.upload_asset(owner=self.owner, file=data["upload"], label=data.get("label") or "")
            except DomainError as error:
                self.add_error("upload", error.detail)
        return data


@admin.register(Asset)
class AssetAdmin(TellsMeanwhile, ScopedAdmin):
    list_display = ("name", "thumbnail", "media_type", "status", "is_generated", "created_at")
    list_filter = ("media_type", "status", "is_generated")
    search_fields = ("label", "prompt")
    show_recipe, show_meta = json_display("recipe"), json_display("meta", "what the file holds")
    fields = ("label", "preview", "media_type", "status", "progress", "error", "mime", "width", "height", "duration_sec", "is_generated", "prompt",
              "show_recipe", "show_meta", "created_at")  # fmt: skip

    def scope(self, rows: Any, user: Any) -> Any:
        return rows.owned_by(user)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return tuple(name for name in self.fields or () if name != "label") if obj else ()

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return super().get_fields(request, obj) if obj else ("upload", "label")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is not None:
            return super().get_form(request, obj, change, **kwargs)
        return type("OwnUploadForm", (UploadForm,), {"owner": request.user})

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            services.rename_asset(asset=obj, label=obj.label)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        services.delete_asset(asset=obj)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for asset in queryset:
            try:
                services.delete_asset(asset=asset)
            except DomainError as error:
                messages.error(request, f"{asset}: {error.detail}")

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        deleted, counts, _, protected = super().get_deleted_objects(objs, request)
        return deleted, counts, set(), protected

    @admin.display(description="name", ordering="label")
    def name(self, asset: Asset) -> str:
        return str(asset)

    @admin.display(description="picture")
    def thumbnail(self, asset: Asset) -> str:
        url = queries.poster_url(asset) or (queries.asset_url(asset) if asset.media_type == Asset.MediaType.IMAGE else None)
        return format_html('<img class="thumb" src="{}" alt="" loading="lazy">', url) if url else "–"

    @admin.display(description="preview")
    def preview(self, asset: Asset) -> str:
        url = queries.asset_url(asset)
        if not url:
            return "not made yet"
        if asset.media_type == Asset.MediaType.VIDEO:
            return format_html('<video class="preview" src="{}" poster="{}" controls preload="none"></video>', url, queries.poster_url(asset) or "")
        if asset.media_type == Asset.MediaType.IMAGE:
            return format_html('<img class="preview" src="{}" alt="{}">', url, str(asset))
        return format_html('<a href="{}">Open the file</a>', url)


# -- jobs and money: to look at; what changes them are services ---------------------------------------------------------
class SubmissionInline(admin.StackedInline):
    model = ProviderSubmission
    extra = 0
    can_delete = False
    fields = readonly_fields = ("attempt", "submission_state", "provider_job_id", "trace_id", "money", "reserved", "charged", "error", "submitted_at")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True


@admin.register(Generation)
class GenerationAdmin(ReadOnlyAdmin):
    list_display = ("id", "operation_type", "provider_id", "status", "needs_attention", "world_id", "estimated", "charged", "created_at")
    list_filter = ("status", "needs_attention", "provider_id", "operation_type")
    inlines = (SubmissionInline,)
    show_inputs, show_params, show_context = json_display("inputs"), json_display("canonical_params"), json_display("context")
    fields = ("owner", "world_id", "provider_id", "account", "operation_type", "show_inputs", "show_params", "strategy", "scope", "show_context",
              "status", "needs_attention", "attention_reason", "progress", "estimated", "charged", "error", "asset", "retry_of", "created_at",
              "finished_at", "delivered_at")  # fmt: skip
    readonly_fields = fields

    def scope(self, rows: Any, user: Any) -> Any:
        return rows.owned_by(user)


@admin.register(AssetLineage)
class AssetLineageAdmin(ReadOnlyAdmin):
    list_display = ("asset", "kind", "source_asset", "npc_key", "note")
    list_select_related = ("asset", "source_asset")

    def scope(self, rows: Any, user: Any) -> Any:
        return rows if user.is_staff else rows.filter(asset__owner=user.pk)


def account_providers() -> list[tuple[str, str]]:
    """Those that need an account."""
    return [(one.id, one.title) for one in registry.known() if not one.local]


class AccountForm(forms.ModelForm):
    """Secrets are typed in and never shown again; an empty field leaves what there is."""

    provider_id = forms.ChoiceField(label="Provider", choices=account_providers)
    new_key = forms.CharField(label="API key", required=False, widget=forms.PasswordInput(attrs={"autocomplete": "off"}), help_text="Empty: stays.")
    new_secret = forms.CharField(
        label="Webhook secret", required=False, widget=forms.PasswordInput(attrs={"autocomplete": "off"}), help_text="Empty: stays."
    )

    class Meta:
        model = ProviderAccount
        fields = ("provider_id", "label", "max_concurrent", "day_limit", "paused_reason", "base_url", "options")

    def clean_new_key(self) -> str:
        key = str(self.cleaned_data["new_key"])
        if not accounts.is_key(key):
            raise forms.ValidationError("A key has printable ASCII characters and no spaces.")
        return key


@admin.register(ProviderAccount)
class ProviderAccountAdmin(ScopedAdmin):
    form = AccountForm
    list_display = ("__str__", "provider_id", "owner", "last4", "max_concurrent", "in_flight", "paused_reason")
    list_select_related = ("owner",)
    staff_fields = ("base_url", "options")
    fields = ("provider_id", "label", "new_key", "new_secret", "max_concurrent", "day_limit", "paused_reason", *staff_fields)

    def scope(self, rows: Any, user: Any) -> Any:
        return rows.managed_by(user)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [name for name in self.fields or () if getattr(request.user, "is_staff", False) or name not in self.staff_fields]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        shown = [name for name in self.get_fields(request, obj) if not name.startswith("new_")]
        return super().get_form(request, obj, change, **{**kwargs, "fields": shown})

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        data = dict(form.cleaned_data)
        key, secret = data.pop("new_key") or None, data.pop("new_secret") or None
        if change:
            accounts.change_account(account=obj, key=key, webhook_secret=secret, **data)
        else:
            made = accounts.create_account(owner=request.user, key=key or "", webhook_secret=secret or "", **data)
            obj.pk = made.pk

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        accounts.delete_account(account=obj)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for account in queryset:
            try:
                accounts.delete_account(account=account)
            except DomainError as error:
                messages.error(request, f"{account}: {error.detail}")


@admin.register(ProviderSubmission)
class ProviderSubmissionAdmin(StaffOnlyMixin, ReadOnlyAdmin):
    list_display = ("generation_id", "attempt", "submission_state", "provider_job_id", "money", "reserved", "charged", "submitted_at")
    list_filter = ("submission_state", "money")
    search_fields = ("provider_job_id", "trace_id")


@admin.register(Delivery)
class DeliveryAdmin(StaffOnlyMixin, ReadOnlyAdmin):
    list_display = ("generation_id", "context", "delivered_at")


@admin.register(WebhookReceipt)
class WebhookReceiptAdmin(StaffOnlyMixin, ReadOnlyAdmin):
    list_display = ("received_at", "provider_id", "provider_job_id", "trace_id")


@admin.register(BudgetDay)
class BudgetDayAdmin(StaffOnlyMixin, ReadOnlyAdmin):
    list_display = ("scope", "day", "reserved", "spent")
    list_filter = ("scope",)


@admin.register(BudgetLimit)
class BudgetLimitAdmin(StaffOnlyMixin, ScopedAdmin):
    list_display = ("scope", "day_limit")


@admin.register(LedgerEntry)
class LedgerEntryAdmin(StaffOnlyMixin, ReadOnlyAdmin):
    list_display = ("at", "scope", "day", "kind", "amount", "generation_id")
    list_filter = ("kind", "scope")
