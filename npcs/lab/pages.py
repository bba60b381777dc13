"""The pages of the Brain Lab beside its form: the preview while one types, what a week lacks, and pictures that come with the form."""

from __future__ import annotations

import re
from typing import Any, Final

from django.contrib import admin
from django.core.exceptions import NON_FIELD_ERRORS
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from generation.models import Asset
from generation.queries import asset_url, wrong_kind
from generation.services import upload_asset
from npcs.models import Npc
from pixsim.lib import strict_json
from pixsim.lib.errors import DomainError, Invalid
from worlds.admin import own_choices
from worlds.models import PICTURE, Location, World
from worlds.rules.mood import expression_for
from worlds.rules.packages import enabled
from worlds.rules.schedules import Schedule

from . import previewing
from .person import FELT, NOT_SAVED, TRAITS, NpcForm
from .rows import DAYS

UPLOAD = re.compile(r"(expressions-\d{1,4})-upload")
MAX_WEEK: Final = 200_000  # bytes of slots
LISTENED: Final = frozenset({*TRAITS, "other_traits", "personality_json"})
"""The fields a preview is made of."""


class LabPages(admin.ModelAdmin):
    change_form_template = "admin/npcs/npc/change_form.html"

    def get_urls(self) -> list[Any]:
        return [
            path("week/", self.admin_site.admin_view(require_POST(self.week_view)), name="npcs_npc_week"),
            path("<path:object_id>/preview/", self.admin_site.admin_view(require_POST(self.preview_view)), name="npcs_npc_preview"),
            *super().get_urls(),
        ]

    # -- the form -----------------------------------------------------------------------------------------------------
    def changeform_view(self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None) -> Any:
        if request.method == "POST" and request.FILES:
            self._take_uploads(request, object_id)
        return super().changeform_view(request, object_id, form_url, extra_context)

    def _take_uploads(self, request: HttpRequest, object_id: str | None) -> None:
        """Pictures are read and kept before the form's transaction begins, so an error elsewhere does not lose them."""
        npc = self.get_object(request, object_id) if object_id else None
        world = npc.world if isinstance(npc, Npc) else World.objects.authored_by(request.user).filter(pk=_number(request.POST.get("world"))).first()
        if world is None:
            return
        data = request.POST.copy()
        for name, file in request.FILES.items():
            row = UPLOAD.fullmatch(name)
            if row is None:
                continue
            try:
                asset = upload_asset(owner=world.owner, file=file)  # type: ignore[arg-type]
                if words := wrong_kind(asset.media_type, PICTURE):
                    raise Invalid(words)
                data[f"{row[1]}-asset"] = str(asset.pk)
            except DomainError as error:
                data[f"{row[1]}-upload_error"] = error.detail
        request.POST = data  # type: ignore[assignment]

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        form: NpcForm = context["adminform"].form
        context |= self._around(request, form)
        codes = [error.code for error in form.errors.as_data().get(NON_FIELD_ERRORS, ())]
        if codes == [NOT_SAVED] and len(form.errors) == 1:
            rows_fine = not any(inline.formset.is_bound and not inline.formset.is_valid() for inline in context["inline_admin_formsets"])
            context["errors"] = None if rows_fine else context["errors"]
            context["comparison"] = self._compared(form) if rows_fine and form.instance.pk else []
            context["tested"] = rows_fine
        return super().render_change_form(request, context, *args, **kwargs)

    def _around(self, request: HttpRequest, form: NpcForm) -> dict[str, Any]:
        """What the page offers: this world's places, moods and pictures. Three queries."""
        world = form.world
        mood = enabled(form.manifest).get("mood")
        faces = set(form.instance.expressions.values_list("state", flat=True)) if form.instance.pk else set()
        pictures = own_choices(Asset, request.user).filter(media_type__in=PICTURE)
        places = list(Location.objects.filter(world=world).order_by("name", "pk").values_list("pk", "key", "name")) if world else []
        return {
            "lab": form,
            "days": DAYS,
            "moods": list(mood.mood.expressions) if mood and mood.mood else [],
            "fallbacks": [(one, expression_for(one, faces)) for one in mood.mood.expressions if one not in faces] if mood and mood.mood else [],
            "places": {key: name for _, key, name in places},
            "places_by_id": {pk: {"key": key, "name": name} for pk, key, name in places},
            "pictures": {
                asset.pk: {"url": asset_url(asset), "name": str(asset), "width": asset.width, "height": asset.height}
                for asset in pictures
                if asset.file
            },
            "week_url": reverse("admin:npcs_npc_week"),
            "preview_url": reverse("admin:npcs_npc_preview", args=[form.instance.pk]) if form.instance.pk else "",
        }

    def _compared(self, form: NpcForm) -> list[Any]:
        saved = Npc.objects.select_related("world").get(pk=form.instance.pk)
        try:
            return previewing.compared(saved, form.instance.personality, form.relationships())
        except DomainError:
            return []

    # -- beside it ----------------------------------------------------------------------------------------------------
    def preview_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The prompt of the usual scenarios with the form as it is now. Nothing is written."""
        npc = self.get_object(request, object_id)
        if not isinstance(npc, Npc):
            raise Http404("There is no such NPC.")
        saved = Npc.objects.select_related("world").get(pk=npc.pk)
        form: Any = self.get_form(request, npc, change=True)(request.POST, instance=npc)
        wrong: list[Any] = [(form[name].label, form.errors[name]) for name in form.errors if name in LISTENED or name.startswith(FELT)]
        pairs: list[Any] = []
        if not wrong:
            try:
                pairs = previewing.compared(saved, form.instance.personality, form.relationships())
            except Invalid as error:
                wrong = [(one.pointer, [one.message]) for one in error.errors]
            except DomainError as error:
                wrong = [("", [error.detail])]
        return render(request, "admin/npcs/npc/_preview.html", {"pairs": pairs, "wrong": wrong}, status=422 if wrong else 200)

    def week_view(self, request: HttpRequest) -> HttpResponse:
        """What is wrong with a week that is not saved: overlaps, gaps, patrols without stops. `{"slots": [...]}` in the form of the document."""
        try:
            if len(request.body) > MAX_WEEK:
                raise Invalid("This week is too long.")
            slots = strict_json.loads(request.body)["slots"]
            found = Schedule.parse([slot for slot in slots if isinstance(slot, dict)]).problems()
        except (Invalid, KeyError, TypeError, ValueError):
            return JsonResponse({"problems": []}, status=400)
        return JsonResponse({"problems": [problem._asdict() for problem in found]})


def _number(text: Any) -> int:
    """An id, 0 for what is none."""
    return int(text) if isinstance(text, str) and text.isdigit() and len(text) < 19 else 0
