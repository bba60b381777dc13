"""`/api/v1/generation/` and `/api/v1/webhooks/`: what is made, by whom, for how much."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from rest_framework.request import Request
from rest_framework.response import Response

from pixsim.lib.api.describing import describe
from pixsim.lib.api.endpoints import AuthorEndpoint, PublicEndpoint, get, require_author
from pixsim.lib.api.idempotency import idempotent
from pixsim.lib.api.serializers import Nothing
from pixsim.lib.errors import FieldError, Invalid, NotAllowed, TooLarge

from . import accounts, budget, orders, queries, subjects, webhooks
from .models import Generation, ProviderAccount
from .providers import registry
from .providers.base import MILLI, Provider
from .serializers import (
    AccountInput,
    AccountOutput,
    AttachInput,
    BudgetFilter,
    BudgetOutput,
    EstimateOutput,
    GenerationFilter,
    GenerationInput,
    GenerationOutput,
    MadeOutput,
    ProviderOutput,
    SettleInput,
)

TAGS = ["generation"]
MAX_WEBHOOK_BYTES = 1024 * 1024


def shape(job: Generation) -> dict[str, Any]:
    return dict(GenerationOutput(job).data)


def detail(job: Generation) -> Response:
    """One job, with its place among those that wait."""
    found = get(queries.generations_of_all(), pk=job.pk)
    found.waits_behind = queries.waits_behind(found)  # type: ignore[attr-defined]
    return Response(shape(found))


class OrderEndpoint(AuthorEndpoint):
    def ordered(self, request: Request) -> tuple[Any, orders.Order]:
        """The body as an order, and whose job it becomes: the world's owner's, whoever of those who may asks for it."""
        data = self.body(GenerationInput)
        place = {name: value for name, value in (data.get("scene_context") or {}).items() if value is not None}
        named = {name: data.get(name) for name in ("world_id", "npc_id") if data.get(name) is not None}
        if not place and "world_id" not in named and "npc_id" not in named:
            raise Invalid([FieldError("/world_id", "required", "Name the world, or the scene it is for.")])
        world_id = subjects.may(request.user, {**named, **place})
        require_author(request)
        order = orders.Order(
            operation_type=data["operation_type"], provider_id=data["provider_id"], world_id=world_id, inputs=data["inputs"],
            canonical_params=data.get("canonical_params") or {}, strategy=data["strategy"], scene_context=place, npc_id=data.get("npc_id"),
            action_block=data.get("action_block") or {}, workspace_id=data.get("workspace_id"),
        )  # fmt: skip
        return subjects.owner(world_id) or self.actor, order


class GenerationListView(OrderEndpoint):
    @describe("Your jobs, newest first; staff see all.", answer=GenerationOutput, query=GenerationFilter, paged=True, tags=TAGS)
    def get(self, request: Request) -> Response:
        return self.page(queries.generations_of(request.user).filter(**self.query(GenerationFilter)), shape)

    @describe(
        "Have something made. The same request in its scope is made and paid once: then the job that is there answers, with 200.",
        body=GenerationInput, answer=MadeOutput, status=201, also={200: MadeOutput}, errors=(402, 403, 404), idempotent=True, tags=TAGS,
    )  # fmt: skip
    @idempotent
    def post(self, request: Request) -> Response:
        owner, order = self.ordered(request)
        made = orders.create(owner=owner, order=order)
        job = get(queries.generations_of_all(), pk=made.generation.pk)
        data = MadeOutput(job, context={"reused": made.reused}).data
        return Response(data, status=200 if made.reused else 201, headers={"Location": f"/api/v1/generation/{job.pk}"})


class EstimateView(OrderEndpoint):
    @describe(
        "What it would cost and what stands against it; nothing is sent.", body=GenerationInput, answer=EstimateOutput, errors=(403, 404), tags=TAGS
    )
    def post(self, request: Request) -> Response:
        owner, order = self.ordered(request)
        found = orders.estimate(owner=owner, order=order)
        today = budget.day_of_world(order.world_id, timezone.now())
        answer = {
            "provider_id": found.provider_id, "estimated_credits": budget.credits_of(found.milli),
            "remaining_credits": budget.credits_of(today.remaining), "problems": [one._asdict() for one in found.problems],
            "reuse_asset_id": found.reuse.pk if found.reuse else None, "account_needed": found.account_needed, "why": found.why,
        }  # fmt: skip
        return Response(EstimateOutput(answer).data)


class GenerationView(AuthorEndpoint):
    @describe("One of your jobs", answer=GenerationOutput, errors=(404,), tags=TAGS)
    def get(self, request: Request, generation_id: int) -> Response:
        return detail(get(queries.generations_of(request.user), pk=generation_id))


class GenerationCancelView(AuthorEndpoint):
    @describe(
        "Stop waiting for a job. What the provider cannot stop stays paid.", body=Nothing, answer=GenerationOutput, errors=(404, 409), tags=TAGS
    )
    def post(self, request: Request, generation_id: int) -> Response:
        self.body(Nothing)
        return detail(orders.cancel(generation=get(queries.generations_of(request.user), pk=generation_id), actor=self.actor))


class GenerationRetryView(AuthorEndpoint):
    @describe(
        "Try again what failed: a new job with its own reservation.", body=Nothing, answer=GenerationOutput, status=201,
        also={200: GenerationOutput}, errors=(402, 404, 409), idempotent=True, tags=TAGS,
    )  # fmt: skip
    @idempotent
    def post(self, request: Request, generation_id: int) -> Response:
        self.body(Nothing)
        job = get(queries.generations_of(request.user), pk=generation_id)
        again = orders.retry(generation=job, actor=self.actor)
        answer = detail(again)
        answer.status_code = 201 if again.pk != job.pk else 200
        return answer


class GenerationAttachView(AuthorEndpoint):
    @describe("Put the result on a node, now or when it is there.", body=AttachInput, answer=GenerationOutput, errors=(404, 409), tags=TAGS)
    def post(self, request: Request, generation_id: int) -> Response:
        job = get(queries.generations_of(request.user), pk=generation_id)
        return detail(orders.attach(generation=job, actor=self.actor, **self.body(AttachInput)))


class GenerationSettleView(AuthorEndpoint):
    @describe(
        "Say what no provider tells of a job that needs attention: it was not sent, or it was charged.", body=SettleInput, answer=GenerationOutput,
        errors=(404, 409), tags=TAGS,
    )  # fmt: skip
    def post(self, request: Request, generation_id: int) -> Response:
        job = get(queries.generations_of(request.user), pk=generation_id)
        return detail(orders.settle(generation=job, actor=self.actor, outcome=self.body(SettleInput)["outcome"]))


# -- providers, money -------------------------------------------------------------------------------------------------------
def provider_shape(provider: Provider, paused: dict[str, str | None]) -> dict[str, Any]:
    """`paused` holds why each provider's accounts rest: empty where one is ready, missing where there is none."""
    catalogue = provider.catalogue
    why = "" if provider.local else paused.get(provider.id, f"There is no account for {provider.title}; add one with its API key.") or ""
    models = [asdict(model) for model in catalogue.models]
    about = {name: getattr(provider, name) for name in ("id", "title", "local", "cancellable")}
    dated = {"default_model": catalogue.default, "models": models, "read_on": catalogue.read_on, "source": catalogue.source}
    return dict(ProviderOutput({**about, "usable": not why, "why": why, **dated}).data)


class ProviderListView(AuthorEndpoint):
    @describe("Who can make what, for how much, and why one is not usable now", answer=ProviderOutput(many=True), errors=(403,), tags=TAGS)
    def get(self, request: Request) -> Response:
        require_author(request)
        paused: dict[str, str | None] = {}
        for provider_id, reason in ProviderAccount.objects.usable_by(self.actor.pk).values_list("provider_id", "paused_reason"):
            paused[provider_id] = reason and paused.get(provider_id, reason)
        return Response([provider_shape(provider, paused) for provider in registry.known()])


class BudgetView(AuthorEndpoint):
    @describe("What a world may spend, holds back and has spent", answer=BudgetOutput, query=BudgetFilter, errors=(404,), tags=TAGS)
    def get(self, request: Request) -> Response:
        world_id = subjects.may(request.user, self.query(BudgetFilter))
        today = budget.day_of_world(world_id, timezone.now())
        days = [
            {"day": row.day, "reserved": budget.credits_of(row.reserved), "spent": budget.credits_of(row.spent)}
            for row in queries.days_of(today.scope, today.day)
        ]
        numbers = {name: budget.credits_of(getattr(today, name)) for name in ("limit", "reserved", "spent", "remaining")}
        return Response(BudgetOutput({"world_id": world_id, "day": today.day, **numbers, "days": days}).data)


# -- accounts -----------------------------------------------------------------------------------------------------------------
def account_shape(account: ProviderAccount) -> dict[str, Any]:
    return dict(AccountOutput(account).data)


def account_fields(request: Request, data: dict[str, Any], known: ProviderAccount | None = None) -> dict[str, Any]:
    """The columns of an input. Raises NotAllowed for what only staff may say, Invalid for a provider there is not."""
    provider = registry.get(data["provider_id"])
    if provider is None or provider.local:
        names = ", ".join(sorted(one.id for one in registry.known() if not one.local))
        raise Invalid([FieldError("/provider_id", "unknown", f"Accounts are for {names or 'no provider here'}.")])
    staff = bool(request.user.is_staff)  # type: ignore[union-attr]
    kept = (known.base_url, known.options, known.owner_id is None) if known else ("", {}, False)
    if not staff and (data["base_url"], data["options"], data["shared"]) != kept:
        raise NotAllowed("Only staff may set base_url, options and shared.")
    limit = data["day_limit"]
    reason = (known.paused_reason if known else "") or "Paused by hand."
    return {
        "provider_id": data["provider_id"], "label": data["label"], "max_concurrent": data["max_concurrent"], "base_url": data["base_url"],
        "options": data["options"], "day_limit": None if limit is None else round(limit * MILLI), "paused_reason": reason if data["paused"] else "",
    }  # fmt: skip


class AccountListView(AuthorEndpoint):
    @describe("Your accounts at providers; staff see all.", answer=AccountOutput, paged=True, tags=TAGS)
    def get(self, request: Request) -> Response:
        return self.page(ProviderAccount.objects.managed_by(request.user), account_shape)

    @describe("Add an account. Its secrets are never shown again.", body=AccountInput, answer=AccountOutput, status=201, errors=(403,), tags=TAGS)
    def post(self, request: Request) -> Response:
        require_author(request)
        data = self.body(AccountInput)
        fields = account_fields(request, data)
        account = accounts.create_account(
            owner=None if data["shared"] else self.actor, key=data["key"] or "", webhook_secret=data["webhook_secret"] or "", **fields
        )
        return Response(account_shape(account), status=201)


class AccountView(AuthorEndpoint):
    @describe("One account", answer=AccountOutput, errors=(404,), tags=TAGS)
    def get(self, request: Request, account_id: int) -> Response:
        return Response(account_shape(get(ProviderAccount.objects.managed_by(request.user), pk=account_id)))

    @describe(
        "Change an account. A secret that is not named stays; a new key ends a pause.", body=AccountInput, answer=AccountOutput,
        errors=(403, 404, 409), tags=TAGS,
    )  # fmt: skip
    def patch(self, request: Request, account_id: int) -> Response:
        account = get(ProviderAccount.objects.managed_by(request.user), pk=account_id)
        present = {name: value for name, value in account_shape(account).items() if name in AccountInput().fields}
        data = self.patched(AccountInput, present)
        if data["key"] is not None and "paused" not in request.data:
            data["paused"] = False
        if data["shared"] != (account.owner_id is None):
            raise Invalid([FieldError("/shared", "fixed", "Whose account it is stays as it is.")])
        fields = account_fields(request, data, account)
        accounts.change_account(account=account, key=data["key"], webhook_secret=data["webhook_secret"], **fields)
        return Response(account_shape(account))

    @describe("Delete an account that no job needs.", status=204, errors=(404, 409), tags=TAGS)
    def delete(self, request: Request, account_id: int) -> Response:
        accounts.delete_account(account=get(ProviderAccount.objects.managed_by(request.user), pk=account_id))
        return Response(status=204)


class WebhookView(PublicEndpoint):
    authentication_classes = []

    @describe(
        "What a provider tells us. It is verified, and then only makes us ask.", body=OpenApiTypes.OBJECT,
        also={(200, "text/plain"): OpenApiTypes.STR}, errors=(403, 404), public=True, tags=TAGS,
    )  # fmt: skip
    def post(self, request: Request, provider_id: str) -> HttpResponse:
        body = request._request.body
        if len(body) > MAX_WEBHOOK_BYTES:
            raise TooLarge("A webhook may have 1 MB.")
        if not isinstance(request.data, dict):
            raise Invalid("A webhook is an object.")
        headers = {name.lower(): value for name, value in request.headers.items()}
        return HttpResponse(webhooks.receive(provider_id=provider_id, headers=headers, body=body, now=timezone.now()), content_type="text/plain")
