"""The author's pages of made things: the control center and the gallery of assets. Every button is a form that works without JavaScript."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from generation import orders
from generation import services as assets
from generation.models import Asset, Generation
from generation.queries import generations_of_all
from npcs.models import Npc
from pixsim.lib.errors import DomainError, Invalid, PaymentRequired
from worlds.models import World, WorldHistory

from . import bundle, making
from .forms import SUGGESTIONS, CharacterForm, EnvironmentForm, OrderForm
from .models import Scene

PER_PAGE = 24
OUTCOMES = {
    "not_sent": "It was not sent: the credits it held are free again.",
    "charged": "It was charged: the credits count as spent.",
}


def author_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For authors; to a player these pages do not exist."""

    @wraps(view)
    @login_required
    @never_cache
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_author:  # type: ignore[union-attr]
            raise Http404("There is no such page.")
        return view(request, *args, **kwargs)

    return shown


def own_worlds(request: HttpRequest) -> list[World]:
    return list(World.objects.authored_by(request.user).select_related("owner").order_by("name", "pk"))


def chosen_world(request: HttpRequest, worlds: list[World]) -> World | None:
    """The world named in the query or the form, else the first. Raises Http404 for one that is not the author's."""
    named = request.POST.get("world") or request.GET.get("world")
    if not named:
        return worlds[0] if worlds else None
    found = next((world for world in worlds if str(world.pk) == named), None)
    if found is None:
        raise Http404("There is no such world.")
    return found


# -- control center ---------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@author_page
def control_center(request: HttpRequest) -> HttpResponse:
    """Order clips and watch them come. `action` of the form: write (the prompt), check (the cost) or make."""
    worlds = own_worlds(request)
    world = chosen_world(request, worlds)
    if world is None:
        return render(request, "scenes/control_center.html", {"worlds": worlds, "world": None})
    form = form_of(request, world)
    price = None
    if request.method == "POST" and form.is_valid():
        action = request.POST.get("action")
        if action == "write":
            form = written(request, world, form)
        else:
            price = price_of(form, world)
            if action == "make" and not form.errors and (job := make(request, world, form)) is not None:
                return redirect(f"{reverse('control_center')}?world={world.pk}#job-{job.pk}")
    wanted, provider = request.GET.get("show", "all"), request.GET.get("provider", "")
    known = making.providers_for(request.user)
    context = {
        "worlds": worlds,
        "world": world,
        "form": form,
        "price": price,
        "suggestions": SUGGESTIONS.items(),
        "jobs": making.jobs_of(world, wanted=wanted, provider=provider),
        "meter": making.meter(world),
        "filters": [(key, label) for key, (label, _) in making.FILTERS.items()],
        "show": wanted,
        "provider": provider,
        "providers": known,
    }
    return render(request, "scenes/control_center.html", context, status=422 if request.method == "POST" and form.errors else 200)


def form_of(request: HttpRequest, world: World) -> OrderForm:
    """The form that was asked for or sent, filled with this world's scenes and people."""
    kind = request.POST.get("form") or request.GET.get("form") or "environment"
    data = request.POST if request.method == "POST" else None
    common: dict[str, Any] = {"world": world, "nodes": making.nodes_with_clips(world), "providers": making.providers_for(request.user)}
    if data is None and request.GET.get("node"):
        common["initial"] = {"target": request.GET["node"]}
    if kind == "character":
        people = Npc.objects.filter(world=world).select_related("world").order_by("name", "pk")
        return CharacterForm(data, people=people, **common)
    return EnvironmentForm(data, scenes=Scene.objects.filter(world=world).order_by("title", "pk"), **common)


def written(request: HttpRequest, world: World, form: OrderForm) -> OrderForm:
    """The same form with its prompt written from the person and how things stand."""
    if not isinstance(form, CharacterForm):
        return form
    try:
        text = form.portrayal().prompt.text
    except Invalid as error:
        form.tell(error.errors)
        return form
    data = request.POST.copy()
    data["prompt"], data["action"] = text, "check"
    people = form.people.values()
    again = CharacterForm(data, people=people, world=world, nodes=making.nodes_with_clips(world), providers=making.providers_for(request.user))
    again.is_valid()
    return again


def price_of(form: OrderForm, world: World) -> dict[str, Any] | None:
    """What the order of a valid form would cost; problems go to their fields."""
    try:
        estimate = orders.estimate(owner=world.owner, order=form.order())
    except Invalid as error:
        form.tell(error.errors)
        return None
    form.tell(estimate.problems)
    return making.priced(estimate, world)


def make(request: HttpRequest, world: World, form: OrderForm) -> Generation | None:
    try:
        made = orders.create(owner=world.owner, order=form.order())
    except PaymentRequired as error:
        form.add_error(None, error.detail)
    except Invalid as error:
        form.tell(error.errors)
    except DomainError as error:
        form.add_error(None, error.detail)
    else:
        messages.success(request, "This was made before: you get it again, for nothing." if made.reused else "Ordered. Its card shows how far it is.")
        return made.generation
    return None


@require_POST
@author_page
def estimate(request: HttpRequest) -> HttpResponse:
    """The cost of the form as it is now, for the page's script."""
    world = chosen_world(request, own_worlds(request))
    if world is None:
        raise Http404("There is no such world.")
    form = form_of(request, world)
    data = request.POST.copy()
    if not data.get("prompt"):
        data["prompt"] = "…"
        form.data = data
    price = price_of(form, world) if form.is_valid() else None
    problems = [
        (form.fields[name].label or name.replace("_", " ").capitalize() if name in form.fields else "", errors)
        for name, errors in form.errors.items()
    ]
    return render(request, "scenes/_parts/price.html", {"price": price, "problems": problems})


def own_job(view: Callable[[HttpRequest, Generation], HttpResponse]) -> Callable[..., HttpResponse]:
    """A job of a world of the author's."""

    @wraps(view)
    @author_page
    def found(request: HttpRequest, generation_id: int) -> HttpResponse:
        job = generations_of_all().filter(pk=generation_id).first()
        if job is None or not World.objects.authored_by(request.user).filter(pk=job.world_id).exists():
            raise Http404("There is no such job.")
        return view(request, job)

    return found


@require_safe
@own_job
def job_card(request: HttpRequest, job: Generation) -> HttpResponse:
    return render(request, "scenes/_parts/job.html", {"card": making.cards([job])[0]})


@require_safe
@author_page
def budget_meter(request: HttpRequest) -> HttpResponse:
    world = chosen_world(request, own_worlds(request))
    if world is None:
        raise Http404("There is no such world.")
    return render(request, "scenes/_parts/meter.html", {"meter": making.meter(world)})


@require_POST
@own_job
def change_job(request: HttpRequest, job: Generation) -> HttpResponse:
    """`action`: cancel, retry, not_sent or charged (the two honest answers), attach (`target` scene:node)."""
    action = request.POST.get("action", "")
    back = f"{reverse('control_center')}?world={job.world_id}#job-{job.pk}"
    try:
        if action == "cancel":
            orders.cancel(generation=job, actor=request.user)
            messages.success(request, "Cancelled.")
        elif action == "retry":
            again = orders.retry(generation=job, actor=request.user)
            messages.success(request, "Tried again, with its own reservation.")
            back = f"{reverse('control_center')}?world={job.world_id}#job-{again.pk}"
        elif action in OUTCOMES:
            orders.settle(generation=job, actor=request.user, outcome=action)  # type: ignore[arg-type]
            messages.success(request, OUTCOMES[action])
        elif action == "attach":
            scene, _, node = request.POST.get("target", "").partition(":")
            if not scene.isdigit():
                raise Invalid("Choose the node it belongs to.")
            orders.attach(generation=job, actor=request.user, scene_id=int(scene), node_id=node)
            messages.success(request, "It is on its node.")
        else:
            raise Invalid("Say what to do: cancel, retry, attach, or how it ended.")
    except DomainError as error:
        messages.error(request, words_of(error))
    return redirect(back)


@require_http_methods(["GET", "HEAD", "POST"])
@author_page
def fill_gaps(request: HttpRequest) -> HttpResponse:
    """Every node without its clip, and what filling them all would cost – first; then the button."""
    worlds = own_worlds(request)
    world = chosen_world(request, worlds)
    if world is None:
        raise Http404("There is no such world.")
    known = making.providers_for(request.user)
    ids = [one["id"] for one in known]
    named = request.POST.get("provider") or request.GET.get("provider") or ""
    provider = named if named in ids else next((one["id"] for one in known if one["usable"] and not one["local"]), "animatic")
    if request.method == "POST":
        made, why = making.fill(world, provider)
        if made:
            messages.success(request, f"{made} clip{'s' if made != 1 else ''} ordered.")
        if why:
            messages.error(request, f"The rest was not ordered: {why}")
        elif not made:
            messages.info(request, "There was nothing to order.")
        return redirect(f"{reverse('control_center')}?world={world.pk}")
    gaps = making.gaps_of(world, provider)
    context = {
        "world": world,
        "worlds": worlds,
        "gaps": gaps,
        "provider": provider,
        "providers": known,
        "meter": making.meter(world),
        "total": making.total_of(gaps),
        "ready": sum(not gap.why for gap in gaps),
    }
    return render(request, "scenes/fill_gaps.html", context)


# -- assets -----------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@author_page
def gallery(request: HttpRequest) -> HttpResponse:
    """Everything the author has, with a form to upload more."""
    error = ""
    if request.method == "POST":
        try:
            asset = upload(request)
        except DomainError as refused:
            error = words_of(refused)
        else:
            messages.success(request, "It is here.")
            return redirect("asset_page", asset.pk)
    kind, search = request.GET.get("kind", ""), request.GET.get("q", "")[:200]
    page = Paginator(making.gallery(request.user, media_type=kind, search=search), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "tiles": [making.tile(asset) for asset in page],
        "kinds": Asset.MediaType.choices,
        "kind": kind,
        "search": search,
        "upload_error": error,
    }
    return render(request, "scenes/gallery.html", context, status=422 if error else 200)


def words_of(error: DomainError) -> str:
    """Every problem in a sentence."""
    return " ".join(one.message for one in getattr(error, "errors", ())) or error.detail or error.title


def upload(request: HttpRequest) -> Asset:
    """Raises Invalid and TooLarge in words."""
    file = request.FILES.get("file")
    if file is None:
        raise Invalid("Choose a file first.")
    return assets.upload_asset(owner=request.user, file=file, label=request.POST.get("label", "")[:200])


@require_http_methods(["GET", "HEAD", "POST"])
@author_page
def asset(request: HttpRequest, asset_id: int) -> HttpResponse:
    """One asset: what it is, where it comes from, where it is used. `action`: rename or delete."""
    found = Asset.objects.owned_by(request.user).filter(pk=asset_id).first()
    if found is None:
        raise Http404("There is no such asset.")
    if request.method == "POST":
        try:
            if request.POST.get("action") == "delete":
                assets.delete_asset(asset=found)
                messages.success(request, "Deleted.")
                return redirect("gallery")
            assets.rename_asset(asset=found, label=request.POST.get("label", "")[:200])
            messages.success(request, "Renamed.")
        except DomainError as refused:
            messages.error(request, words_of(refused))
        return redirect("asset_page", found.pk)
    job = Generation.objects.filter(asset=found).order_by("-pk").first()
    context = {"tile": making.tile(found), "asset": found, "origin": making.origin(found), "uses": making.uses_of(found), "job": job}
    return render(request, "scenes/asset.html", context)


@author_page
@require_POST
def restore_part(request: HttpRequest, row_id: int) -> HttpResponse:
    """`to`: after (the version that change made) or before."""
    row = WorldHistory.objects.filter(world__in=World.objects.authored_by(request.user)).select_related("world").filter(pk=row_id).first()
    if row is None:
        raise Http404("There is no such version.")
    side = "before" if request.POST.get("to") == "before" else "after"
    try:
        bundle.restore_part(world=row.world, actor=request.user, part=row.part, entry=getattr(row, side))
    except Invalid as error:
        reasons = " ".join(f"{one.pointer}: {one.message}" for one in error.errors[:5])
        messages.error(request, f"That version does not fit the world as it is now. {reasons or error.detail}")
    except DomainError as error:
        messages.error(request, error.detail)
    else:
        messages.success(request, f"“{row.part}” is again what it was {'before' if side == 'before' else 'in'} version {row.version}.")
    back = request.POST.get("next", "")
    return redirect(back if url_has_allowed_host_and_scheme(back, {request.get_host()}) else "admin:index")
