"""Webhooks are hints: one that is vouched for makes us ask the provider now. Nothing it says is believed."""

from __future__ import annotations

import datetime
import hashlib
import logging
from collections.abc import Mapping

from django.db import IntegrityError, transaction
from django.db.models import Q

from pixsim.lib.encryption import CannotOpen
from pixsim.lib.errors import NotAllowed, NotFound

from . import accounts, hints
from .models import Generation, ProviderAccount, ProviderSubmission, WebhookReceipt
from .providers import registry
from .providers.base import Account, Hint

log = logging.getLogger(__name__)
KEPT = datetime.timedelta(hours=24)


def receive(*, provider_id: str, headers: Mapping[str, str], body: bytes, now: datetime.datetime) -> str:
    """Verify, remember the nonce, look at the job now. The words the vendor wants to hear. `headers` in lower case.

    Raises NotFound for a provider there is not, NotAllowed for a webhook nobody vouches for."""
    provider = registry.get(provider_id)
    if provider is None or provider.local:
        raise NotFound()
    hint = provider.verify_webhook(_opened(provider_id), headers, body, now)
    if hint is None:
        raise NotAllowed("The signature is not ours, or too old.")
    WebhookReceipt.objects.filter(received_at__lt=now - KEPT).delete()
    nonce = hint.nonce[:200] or hashlib.sha256(body).hexdigest()
    try:
        with transaction.atomic():
            WebhookReceipt.objects.create(
                provider_id=provider_id, nonce=nonce, provider_job_id=hint.provider_job_id[:200], trace_id=hint.trace_id, received_at=now
            )
    except IntegrityError:
        return hint.answer
    _look_now(provider_id, hint, now)
    return hint.answer


def _opened(provider_id: str) -> list[Account]:
    found = []
    for account in ProviderAccount.objects.filter(provider_id=provider_id):
        try:
            found.append(accounts.opened(account))
        except CannotOpen as error:
            log.error("%s", error)
    return found


def _look_now(provider_id: str, hint: Hint, now: datetime.datetime) -> None:
    """One that overtook our own create finds nothing yet; its receipt is found when the create's answer stays away."""
    named = Q(pk__in=[])
    if hint.provider_job_id:
        named |= Q(provider_job_id=hint.provider_job_id)
    if hint.trace_id is not None:
        named |= Q(trace_id=hint.trace_id)
    jobs = ProviderSubmission.objects.filter(named, generation__provider_id=provider_id).values_list("generation_id", flat=True)
    for generation_id in list(jobs):
        if Generation.objects.filter(pk=generation_id).exclude(status__in=Generation.FINAL).update(next_at=now):
            hints.advance_on_commit(generation_id)
