"""Worlds and places; and how every authored row is written from the admin: inside `authored`, like everywhere else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import IS_POPUP_VAR
from django.db import models
from django.db.models import ForeignKey
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse

from generation.models import Asset
from pixsim.lib.admin import JSONFormMixin, ReadOnlyAdmin, RightsByCode, ScopedAdmin, json_display
from pixsim.lib.errors import DomainError
from pixsim.lib.fields import SchemaField
from pixsim.lib.meanwhile import TellsMeanwhile

from . import history, queries, services, views
from .manifest import BEGINNING
from .models import Location, World, WorldAsset, WorldHistory, WorldRelease, WorldState
from .place_pages import PlacePages
from .services import authored, free_key, name_assets
from .views import CHOSEN


def world_of(row: Any) -> World | None:
    """The world a row stands in, through its NPC or scene where it has none of its own; None while a form has not said it."""
    if isinstance(row, World):
        return row
    for name in ("world", "npc", "scene"):
        if getattr(row, f"{name}_id", None) is not None:
            return world_of(getattr(row, name))
    return None


def assets_on(row: models.Model) -> Iterator[Asset | None]:
    for field in row._meta.fields:
        if isinstance(field, ForeignKey) and field.related_model is Asset:
            yield getattr(row, field.name)


class AuthoredForm(forms.ModelForm):
    """Everything a row points at belongs to its own world (and an edge's ends to its own scene)."""

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        home = data.get("world") or data.get("scene") or data.get("npc") or self.instance
        world = world_of(home)
        for name, value in list(data.items()):
            if not isinstance(value, models.Model) or name == "world" or world is None:
                continue
            if isinstance(value, Asset):
                if value.owner_id not in (None, world.owner_id) and getattr(self.instance, f"{name}_id", None) != value.pk:
                    self.add_error(name, "This asset belongs to someone else.")
            elif (other := world_of(value)) is not None and world.pk is not None and other.pk != world.pk:
                self.add_error(name, f"“{value}” is in another world: {other}.")
        return data


class ChoicesOfOnesOwn(RightsByCode, JSONFormMixin):
    """Selects offer what the author may use: of the world at hand where it is known, else of all his worlds. One query per select and form
    class, however many rows an inline shows."""

    form: Any = AuthoredForm

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """JSON with a schema says where its form is; a script draws it, without one it is a text."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if isinstance(db_field, SchemaField) and db_field.schema and field is not None:
            world = world_at_hand(self, request)
            address = reverse("admin:worlds_form", args=db_field.schema.split("/"))
            field.widget.attrs["data-form"] = f"{address}?world={world.pk}" if world is not None else address
        return field

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        rows = own_choices(db_field.related_model, request.user)
        world = world_at_hand(self, request)
        if rows is not None:
            rows = rows.complex_filter(db_field.get_limit_choices_to())
            kwargs["queryset"] = within(rows, world) if world is not None else rows
        field: Any = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if rows is not None and isinstance(self, admin.options.InlineModelAdmin):
            blank = [] if field.required and not self.extra else [("", "–")]
            field.choices = [*blank, *((row.pk, str(row)) for row in field.queryset)]
        return field


def own_choices(model: Any, user: Any) -> Any:
    """What of a model an author may point at; None where anything goes."""
    manager = model._default_manager
    if model is Asset:
        return Asset.objects.filter(models.Q(owner=None) | models.Q(owner=user.pk)) if not user.is_staff else Asset.objects.all()
    if hasattr(manager, "authored_by"):
        return manager.authored_by(user)
    parent = next((name for name in ("scene", "npc") if hasattr(model, name)), None)
    return manager.filter(**{f"{parent}__world__in": World.objects.authored_by(user)}) if parent else None


def within(rows: Any, world: World) -> Any:
    names = {field.name for field in rows.model._meta.fields}
    if rows.model is World:
        return rows.filter(pk=world.pk)
    path = "world" if "world" in names else "scene__world" if "scene" in names else "npc__world" if "npc" in names else ""
    return rows.filter(**{path: world}) if path else rows


def world_at_hand(owner: Any, request: HttpRequest) -> World | None:
    """The world of the object whose page this is; asked once per request."""
    match = request.resolver_match
    object_id = match.kwargs.get("object_id") if match else None
    if object_id is None:
        return None
    if not hasattr(request, "_world_at_hand"):
        model = owner.parent_model if isinstance(owner, admin.options.InlineModelAdmin) else owner.model
        row = model._default_manager.filter(pk=object_id).first() if str(object_id).isdigit() else None
        request._world_at_hand = world_of(row) if row is not None else None  # type: ignore[attr-defined]
    found: World | None = request._world_at_hand  # type: ignore[attr-defined]
    return found


class AuthoredAdmin(TellsMeanwhile, ChoicesOfOnesOwn, ScopedAdmin):
    """An authored row: scoped to the author's own worlds, written with its parts as one authored change."""

    key_from = "name"
    object_history_template = "admin/authored_history.html"

    class Media:
        js: ClassVar[Any] = [forms.Script("src/forms/enhance.js", type="module")]

    def scope(self, rows: Any, user: Any) -> Any:
        return rows.authored_by(user)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may_with(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may_with(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may_with(request, obj)

    def may_with(self, request: HttpRequest, obj: Any) -> bool:
        """Rights by object: its world's owner, and staff."""
        world = world_of(obj) if obj is not None else None
        return self.may(request) and (world is None or world.owner_id == request.user.pk or bool(getattr(request.user, "is_staff", False)))

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """The versions of the part this row stands in, with what changed and the way back."""
        row = self.get_object(request, object_id)
        owner = history.owner_of(row) if row is not None else None
        if row is None or owner is None:
            return super().history_view(request, object_id, extra_context)
        versions = queries.versions_of(owner)
        context = {"versions": versions, "part": versions.part, "title": f"History of {row}", **(extra_context or {})}
        return super().history_view(request, object_id, context)

    # -- two authors at one form: a mark is the world's version and what of the row is at stake -------------------------
    def mark(self, request: HttpRequest, row: Any) -> str:
        world = world_of(row)
        has_part = history.owner_of(row) is row and hasattr(row, "version")
        return f"{world.draft_version if world else 0}:{row.version if has_part else super().mark(request, row)}"

    def is_same(self, opened: str, now: str) -> bool:
        """Whatever else of the world has changed."""
        return opened.partition(":")[2] == now.partition(":")[2]

    def changes_since(self, row: Any, mark: str) -> Any:
        owner, since = history.owner_of(row), mark.partition(":")[0]
        return queries.versions_of(owner, since=int(since) if since.isdecimal() and len(since) < 19 else 0) if owner is not None else ()

    def locked(self, row: Any) -> Any:
        list(World.objects.select_for_update().filter(pk=getattr(world_of(row), "pk", None)).values_list("pk"))
        return type(row)._default_manager.filter(pk=row.pk).first()

    def get_changeform_initial_data(self, request: HttpRequest) -> Any:
        """A new thing belongs to the world of the list it is added to, else to the one chosen above, until the author says otherwise."""
        listed = QueryDict(request.GET.get("_changelist_filters", "")).get(ByWorld.parameter_name, "")
        meant = listed if listed.isdigit() else request.session.get(CHOSEN)
        given = super().get_changeform_initial_data(request)
        return {**({"world": meant} if meant else {}), **given}

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fixed = ("world",) if obj is not None and hasattr(obj, "world_id") else ()
        return (*super().get_readonly_fields(request, obj), *fixed)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Saved in `save_related`, together with its parts."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Iterable[Any], change: bool) -> None:
        row = form.instance
        world = world_of(row)
        known = [type(row)._default_manager.get(pk=row.pk)] if change else []
        with authored(world, request.user, *known) as done:  # type: ignore[arg-type]
            self.give_key(row)
            row.save()
            if not change:
                done.touch(row)
            self.save_beside(row, form)
            super().save_related(request, form, formsets, change)
            name_assets(world, *assets_on(row))  # type: ignore[arg-type]

    def save_beside(self, row: Any, form: Any) -> None:
        """What a form says beside its row, in the same authored change."""

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        rows = formset.save(commit=False)
        for gone in formset.deleted_objects:
            gone.delete()
        for row in rows:
            self.give_key(row)
            row.save()
            name_assets(world_of(row), *assets_on(row))  # type: ignore[arg-type]
        formset.save_m2m()

    def give_key(self, row: Any) -> None:
        """A key made from the name where the author gave none."""
        if getattr(row, "key", None) == "":
            parent = next(name for name in ("npc", "scene", "world") if hasattr(row, f"{name}_id"))
            taken = set(type(row)._default_manager.filter(**{parent: getattr(row, parent)}).values_list("key", flat=True))
            row.key = free_key(str(getattr(row, self.key_from, "") or row._meta.verbose_name), taken)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        world = world_of(obj)
        with authored(world, request.user, obj) as change:  # type: ignore[arg-type]
            change.delete(obj)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for row in queryset:
            try:
                self.delete_model(request, row)
            except DomainError as error:
                messages.error(request, f"{row}: {error.detail}")

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Rights are by world: who may delete a row may delete what hangs on it."""
        deleted, counts, _, protected = super().get_deleted_objects(objs, request)
        return deleted, counts, set(), protected


class PartAdmin(AuthoredAdmin):
    """A row inside another's part: a node, a slot, an expression."""

    parent = ""

    def scope(self, rows: Any, user: Any) -> Any:
        return rows.filter(**{f"{self.parent}__world__in": World.objects.authored_by(user)})

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return (*super().get_readonly_fields(request, obj), *((self.parent,) if obj is not None else ()))


class ByWorld(admin.SimpleListFilter):
    """Only one's own worlds are named; Django's filter by foreign key would name everybody's."""

    title, parameter_name = "world", "of_world"
    path = "world"

    def __init__(self, request: Any, params: Any, model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        chosen = str(request.session.get(CHOSEN) or "")
        if self.parameter_name not in self.used_parameters and any(chosen == pk for pk, _ in self.lookup_choices):
            self.used_parameters[self.parameter_name] = chosen

    def choices(self, changelist: Any) -> Any:
        """“All” says so: without a word the list shows the world chosen above."""
        everything, *worlds = super().choices(changelist)
        yield {
            **everything,
            "selected": not (self.value() or "").isdigit(),
            "query_string": changelist.get_query_string({self.parameter_name: "all"}),
        }
        yield from worlds

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(pk), name) for pk, name in World.objects.authored_by(request.user).values_list("pk", "name")]

    def queryset(self, request: Any, queryset: Any) -> Any:
        value = self.value() or ""
        return queryset.filter(**{self.path: value}) if value.isdigit() else queryset


def by_world(path: str) -> type[ByWorld]:
    return type("ByWorld", (ByWorld,), {"path": path})


# -- worlds -----------------------------------------------------------------------------------------------------------


@admin.register(World)
class WorldAdmin(AuthoredAdmin):
    list_display = ("name", "owner", "draft_version", "published_at")
    list_select_related = ("owner",)
    search_fields = ("name",)
    show_renamed = json_display("renamed", "keys that were renamed")

    def get_urls(self) -> list[URLPattern]:
        form, choose = self.admin_site.admin_view(views.form), self.admin_site.admin_view(views.choose_world)
        return [
            path("form/<slug:app>/<slug:name>/", form, name="worlds_form"),
            path("choose/", choose, name="worlds_choose"),
            *super().get_urls(),
        ]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("name", "poster", "meta", "owner", "draft_version", "published_at", "show_renamed") if obj else ("name", "poster", "meta")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("owner", "draft_version", "published_at", "show_renamed")

    def save_related(self, request: HttpRequest, form: Any, formsets: Iterable[Any], change: bool) -> None:
        given = form.instance
        if change:
            # Not the form's own instance: `authored` reads afresh what it locks.
            world = World.objects.get(pk=given.pk)
            with authored(world, request.user, world):  # type: ignore[arg-type]
                for name, value in form.cleaned_data.items():
                    setattr(world, name, value)
                world.save(update_fields=[*form.cleaned_data])
                name_assets(world, world.poster)
            return
        made = services.create_world(owner=request.user, name=given.name, meta=given.meta, poster_id=given.poster_id)  # type: ignore[arg-type]
        given.pk, given.owner = made.pk, made.owner

    def get_changeform_initial_data(self, request: HttpRequest) -> Any:
        """It begins in the morning, and people can be talked to: said in the form, where it can be changed."""
        return {"meta": {"manifest": BEGINNING}, **super().get_changeform_initial_data(request)}

    def response_add(self, request: HttpRequest, obj: World, post_url_continue: str | None = None) -> HttpResponse:
        """To the page of the new world, which says what comes next; whatever is added now is of this world."""
        views.choose(request, obj.pk)
        if IS_POPUP_VAR in request.POST or "_addanother" in request.POST:
            return super().response_add(request, obj, post_url_continue)
        messages.success(request, f"“{obj}” is made. What you add now belongs to it, until you choose another world above.")
        return redirect("admin:worlds_world_change", obj.pk)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Sessions protect their release; whether they may go with the world is the service's question."""
        deleted, counts, forbidden, _ = super().get_deleted_objects(objs, request)
        return deleted, counts, forbidden, []

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        services.delete_world(world=obj, actor=request.user)  # type: ignore[arg-type]


@admin.register(WorldState)
class WorldStateAdmin(ReadOnlyAdmin):
    """The world's own clock. Only the clock may be set, and by its service."""

    list_display = ("world", "world_time", "last_advanced_at")
    list_select_related = ("world",)
    fields = ("world", "world_time", "last_advanced_at")
    readonly_fields = ("world", "last_advanced_at")

    def scope(self, rows: Any, user: Any) -> Any:
        return rows.filter(world__in=World.objects.authored_by(user))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        services.set_world_time(world=obj.world, to=obj.world_time)


@admin.register(WorldRelease)
class WorldReleaseAdmin(ReadOnlyAdmin):
    list_display = ("world", "number", "short_hash", "created_by", "created_at")
    list_filter = (by_world("world"),)
    show_document, show_ids = json_display("document"), json_display("ids")
    fields = ("world", "number", "sha256", "created_by", "created_at", "show_ids", "show_document")

    def scope(self, rows: Any, user: Any) -> Any:
        return rows.filter(world__in=World.objects.authored_by(user)).select_related("world", "created_by").defer("world__meta")

    def get_queryset(self, request: HttpRequest) -> Any:
        rows = super().get_queryset(request)
        on_list = request.resolver_match is not None and str(request.resolver_match.url_name).endswith("changelist")
        return rows.defer("document", "ids", "world__meta") if on_list else rows

    @admin.display(description="document")
    def short_hash(self, release: WorldRelease) -> str:
        return release.sha256[:12]


@admin.register(WorldHistory)
class WorldHistoryAdmin(ReadOnlyAdmin):
    list_display = ("world", "version", "part", "actor", "at")
    list_select_related = ("world", "actor")
    list_filter = (by_world("world"),)
    search_fields = ("part",)
    show_before, show_after = json_display("before"), json_display("after")
    fields = ("world", "version", "part", "actor", "at", "show_before", "show_after")
    change_form_template = "admin/worlds/worldhistory/change_form.html"

    def get_queryset(self, request: HttpRequest) -> Any:
        rows = super().get_queryset(request)
        on_list = request.resolver_match is not None and str(request.resolver_match.url_name).endswith("changelist")
        return rows.defer("before", "after", "world__meta", "world__renamed") if on_list else rows

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        row = kwargs.get("obj")
        context["version"] = queries.version_shown(row) if row is not None else None
        return super().render_change_form(request, context, *args, **kwargs)

    def scope(self, rows: Any, user: Any) -> Any:
        return rows.filter(world__in=World.objects.authored_by(user))


@admin.register(WorldAsset)
class WorldAssetAdmin(AuthoredAdmin):
    """The names by which a world's document calls its assets."""

    list_display = ("key", "world", "asset")
    list_select_related = ("world", "asset")
    list_filter = (by_world("world"),)
    search_fields = ("key",)

    def scope(self, rows: Any, user: Any) -> Any:
        return rows.filter(world__in=World.objects.authored_by(user))


@admin.register(Location)
class LocationAdmin(PlacePages, AuthoredAdmin):
    list_display = ("shown", "name", "key", "world", "x", "y")
    list_display_links = ("name",)
    list_select_related = ("world", "picture", "asset")
    list_filter = (by_world("world"),)
    search_fields = ("name", "key")
    fields = ("world", "name", "key", ("x", "y"), "picture", "asset", "default_spawn", "travel_conditions", "meta")

    def get_changeform_initial_data(self, request: HttpRequest) -> Any:
        """A new place stands beside the others on the map, not on top of one."""
        given = super().get_changeform_initial_data(request)
        return {"x": queries.free_x(request.user, given.get("world")), **given}
