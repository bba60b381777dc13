"""The author's pages of experiments, of the funnel and of the sessions of a world. They work without JavaScript."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_http_methods, require_safe

from pixsim.lib import strict_json
from pixsim.lib.api.serializers import valid
from pixsim.lib.errors import DomainError, Invalid, NotFound
from scenes.views import author_page
from worlds.models import World

from .. import audits, publishing
from ..spec import WorldSpec
from . import fields, funnels, listing, services, showing, variants
from .models import VARIANTS, Experiment
from .serializers import ExperimentInput, FunnelFilter
from .variants import Subject

PER_PAGE = 50
BLANK = {"title": "", "hypothesis": "", "subject": "", "title_a": "As it is", "title_b": "Changed", "patch_a": "{}", "patch_b": "{}"}
NUMBERS = {"share": "50", "planned": "100"}
ACTIONS = ("start", "stop", "archive", "remove", "preview")


def own_world(request: HttpRequest, world_id: int) -> World:
    world = World.objects.authored_by(request.user).select_related("published").defer("published__document").filter(pk=world_id).first()
    if world is None:
        raise Http404("There is no such world.")
    return world


def _page(request: HttpRequest, world: World, title: str) -> dict[str, Any]:
    return {**admin.site.each_context(request), "world": world, "title": title}


# -- experiments ------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@author_page
def world_experiments(request: HttpRequest, world_id: int) -> HttpResponse:
    """The experiments of a world, and a form for the next: first what varies, then its fields for both variants. `shown` is the part whose fields
    were on the page; who sends none of them says all by JSON."""
    world = own_world(request, world_id)
    typed, errors = {**BLANK, **NUMBERS}, []
    spec, _ = publishing.draft_spec(world)
    chosen = request.POST.get("subject", "")
    choosing = "choose" in request.POST or request.POST.get("shown", chosen) != chosen
    inner = {name: str(text) for name, text in request.POST.items() if name[:2] in ("a.", "b.") and not choosing}
    subject = _known(spec, chosen)
    if request.method == "POST":
        typed = {name: request.POST.get(name, default) if choosing else request.POST.get(name, "") for name, default in typed.items()}
    if request.method == "POST" and not choosing:
        try:
            experiment = services.create(world=world, actor=request.user, values=_values(world, spec, subject, typed, inner))
        except Invalid as refused:
            errors = refused.errors
        else:
            messages.success(request, f"“{experiment.title}” is defined. Preview both variants before you start it.")
            return redirect("world_experiment", experiment.pk)
    context = {
        **_page(request, world, "Experiments"),
        "experiments": Experiment.objects.filter(world=world),
        "groups": showing.subjects(spec),
        "typed": typed,
        "subject": showing.subject_words(spec, chosen) if subject else "",
        "sides": [_side(world, spec, subject, letter, typed, inner) for letter in VARIANTS] if subject else [],
        "errors": [{"where": showing.field_words(error.pointer), "message": error.message} for error in errors],
    }
    return render(request, "sessions/experiments.html", context, status=422 if errors else 200)


def _known(spec: WorldSpec, text: str) -> Subject | None:
    subject = Subject.parse(text)
    return subject if subject is not None and variants.part_of(spec.document, subject) is not None else None


def _side(world: World, spec: WorldSpec, subject: Subject, letter: str, typed: dict[str, str], inner: dict[str, str]) -> dict[str, Any]:
    """One variant for the form."""
    json = typed[f"patch_{letter}"]
    return {
        "letter": letter, "title": typed[f"title_{letter}"], "patch": json, "more": json.strip() not in ("", "{}"),
        **fields.shown(world, spec, subject, letter, inner),
    }  # fmt: skip


def _values(world: World, spec: WorldSpec, subject: Subject | None, typed: dict[str, str], inner: dict[str, str]) -> dict[str, Any]:
    """What was typed as REST would get it. Raises Invalid with pointers."""
    given: dict[str, Any] = {name: text.strip() for name, text in typed.items() if text.strip()}
    for letter in VARIANTS:
        name = f"patch_{letter}"
        try:
            said = strict_json.loads((typed[name].strip() or "{}").encode())
        except Invalid as error:
            raise Invalid([(f"/{name}", "invalid_json", error.detail)]) from None
        given[name] = fields.joined(fields.patch(spec, subject, letter, inner), said) if subject else said
    for name in NUMBERS:
        if name in given:
            given[name] = int(given[name]) if given[name].isascii() and given[name].isdigit() and len(given[name]) < 10 else -1
    given["key"] = _free_key(world, given.get("title", ""))
    return valid(ExperimentInput, given)


def _free_key(world: World, title: str) -> str:
    wanted = slugify(title).replace("-", "_")[:70].strip("_") or "experiment"
    taken = set(Experiment.objects.filter(world=world, key__startswith=wanted).values_list("key", flat=True))
    return next(key for key in (wanted, *(f"{wanted}_{n}" for n in range(2, len(taken) + 3))) if key not in taken)


@require_http_methods(["GET", "HEAD", "POST"])
@author_page
def experiment(request: HttpRequest, experiment_id: int) -> HttpResponse:
    """One experiment: how its variants differ, and what became of its players. POST starts, stops, archives, removes or previews."""
    try:
        found = services.of_author(request.user, experiment_id)
    except NotFound as error:
        raise Http404(error.detail) from error
    if request.method == "POST":
        return _act(request, found)
    spec = services.spec_shown(found)
    context = {
        **_page(request, found.world, found.title),
        "experiment": found,
        "sides": showing.sides(spec, found),
        "differences": showing.differences(spec, found),
        "outcome": showing.table(services.look(found)) if found.status != Experiment.Status.DRAFT else None,
        "subject": showing.subject_words(spec, found.subject),
    }
    return render(request, "sessions/experiment.html", context)


def _act(request: HttpRequest, found: Experiment) -> HttpResponse:
    action = next((name for name in ACTIONS if name in request.POST), "")
    try:
        if action == "preview":
            letter = request.POST["preview"]
            if letter in VARIANTS:
                return redirect("game", services.preview(experiment=found, user=request.user, letter=letter).pk)
        elif action == "remove":
            services.remove(experiment=found)
            return redirect("world_experiments", found.world_id)
        elif action == "archive":
            services.archive(experiment=found)
        elif action == "start":
            services.start(experiment=found, now=timezone.now())
        elif action == "stop":
            services.stop(experiment=found, now=timezone.now())
    except DomainError as error:
        messages.error(request, error.detail)
    return redirect("world_experiment", found.pk)


# -- the funnel -------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@author_page
def world_funnel(request: HttpRequest, world_id: int) -> HttpResponse:
    """Where players are lost. POST has everything counted anew."""
    world = own_world(request, world_id)
    if request.method == "POST":
        funnels.order_recount(world)
        messages.info(request, "All sessions are being counted anew.")
        return redirect("world_funnel", world.pk)
    asked = {name: request.GET[name] for name in ("variant", "kind", "scene") if request.GET.get(name)}
    try:
        found = funnels.funnel(world, **valid(FunnelFilter, asked))
    except DomainError as error:
        raise Http404(error.detail) from error
    spec = funnels.spec_shown(world)
    context = {
        **_page(request, world, "Where players are lost"),
        "funnel": found,
        "rows": [showing.barred(row) for row in found["rows"]],
        "scenes": [(key, spec.scene(key).title or key) for key in spec.scene_keys],
        "asked": asked,
    }
    return render(request, "sessions/funnel.html", context)


# -- sessions ---------------------------------------------------------------------------------------------------------


@require_safe
@author_page
def world_sessions(request: HttpRequest, world_id: int) -> HttpResponse:
    """Who plays what, how far, and to which end."""
    world = own_world(request, world_id)
    audits.audit_world(actor=request.user, action="read sessions", world=world)
    player, variant, finished = (request.GET.get(name, "")[:150] for name in ("player", "variant", "finished"))
    rows = listing.sessions_of(world, player=player, variant=variant, finished={"yes": True, "no": False}.get(finished))
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    spec = funnels.spec_shown(world)
    context = {
        **_page(request, world, "Sessions"),
        "page": page,
        "rows": [showing.session_row(spec, row) for row in page],
        "variants": listing.variants_of(world),
        "worlds": World.objects.authored_by(request.user).order_by("name", "pk").only("pk", "name"),
        "player": player, "variant": variant, "finished": finished,
        "query": showing.query_of(player=player, variant=variant, finished=finished),
    }  # fmt: skip
    return render(request, "sessions/sessions.html", context)
