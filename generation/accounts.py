"""Accounts at providers: their secrets go in and never come out again, their slots are a semaphore in the database."""

from __future__ import annotations

import datetime
import logging
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet

from pixsim.lib.encryption import reveal, seal
from pixsim.lib.errors import Conflict, Invalid

from .models import ProviderAccount, ProviderSubmission
from .providers.base import Account

log = logging.getLogger(__name__)
SHOWN = 4  # characters of a key that people recognise it by
SHORTEST_KEY = 8  # of a shorter one, four would be half


def create_account(*, owner: Any, provider_id: str, key: str, webhook_secret: str = "", **fields: Any) -> ProviderAccount:
    """A new access. `owner` None is the site's. `fields`: label, base_url, max_concurrent, day_limit (thousandths), options."""
    with transaction.atomic():
        account = ProviderAccount.objects.create(owner=owner, provider_id=provider_id, **fields)  # secrets are bound to its id
        _put(account, key=key, webhook_secret=webhook_secret)
        account.save(update_fields=["key", "webhook_secret", "last4"])
    return account


def change_account(*, account: ProviderAccount, key: str | None = None, webhook_secret: str | None = None, **fields: Any) -> ProviderAccount:
    """Change what is named; None leaves a secret as it is. A new key, or `paused_reason=""`, lets a paused account be used again."""
    with transaction.atomic():
        for name, value in fields.items():
            setattr(account, name, value)
        _put(account, key=key, webhook_secret=webhook_secret)
        if key is not None and "paused_reason" not in fields:
            account.paused_reason = ""
            fields = {**fields, "paused_reason": ""}
        account.save(update_fields=[*fields, "key", "webhook_secret", "last4"])
    return account


def _put(account: ProviderAccount, *, key: str | None, webhook_secret: str | None) -> None:
    if key is not None:
        if not is_key(key):
            raise Invalid([("/key", "invalid", "A key has printable ASCII characters and no spaces.")])
        account.key = seal(account, "key", key)
        account.last4 = key[-SHOWN:] if len(key) >= SHORTEST_KEY else ""
    if webhook_secret is not None:
        account.webhook_secret = seal(account, "webhook_secret", webhook_secret)


def is_key(text: str) -> bool:
    """Whether it can stand in a header: printable ASCII without spaces."""
    return all(32 < ord(letter) < 127 for letter in text)


def delete_account(*, account: ProviderAccount) -> None:
    """Raises Conflict while a job still needs it."""
    with transaction.atomic():
        ProviderAccount.objects.select_for_update().filter(pk=account.pk).first()
        if ProviderSubmission.objects.filter(account=account, money=ProviderSubmission.Money.HELD).exists():
            raise Conflict("A job still runs with this account; cancel or settle it first.")
        account.delete()


def opened(account: ProviderAccount | None, owner_id: int | None = None) -> Account:
    """Decrypted for one call. None, for providers that need none, is an account that only says for whom. Raises CannotOpen."""
    if account is None:
        return Account(id=None, options={"owner_id": owner_id})
    key, webhook_secret = reveal(account, "key"), reveal(account, "webhook_secret")
    return Account(id=account.pk, base_url=account.base_url, key=key, webhook_secret=webhook_secret, options=account.options)


# -- which, and how many at once ----------------------------------------------------------------------------------------
def accounts_for(provider_id: str, owner_id: int | None) -> QuerySet[ProviderAccount]:
    """Accounts that may be used for this owner's jobs, the one that rested longest first."""
    found = ProviderAccount.objects.usable_by(owner_id).filter(provider_id=provider_id, paused_reason="")
    return found.order_by(F("last_used_at").asc(nulls_first=True), "id")


def take_slot(*, submission: ProviderSubmission, account: ProviderAccount, now: datetime.datetime) -> bool:
    """One of the account's slots for a submission, if there is one. Inside the caller's transaction."""
    room = ProviderAccount.objects.filter(pk=account.pk, in_flight__lt=F("max_concurrent"), paused_reason="")
    if not room.update(in_flight=F("in_flight") + 1, last_used_at=now):
        return False
    mine = ProviderSubmission.objects.filter(pk=submission.pk, holds_slot=False, submission_state=ProviderSubmission.State.RESERVED)
    if not mine.update(holds_slot=True, account=account):
        raise Conflict("This submission holds a slot already.")
    return True


def free_slot(submission_id: int) -> None:
    """Give the slot back; once, however often it is called."""
    with transaction.atomic():
        if ProviderSubmission.objects.filter(pk=submission_id, holds_slot=True).update(holds_slot=False):
            users = ProviderSubmission.objects.filter(pk=submission_id).values("account_id")
            ProviderAccount.objects.filter(pk__in=users).update(in_flight=F("in_flight") - 1)


def pause(account_id: int, reason: str) -> None:
    """Send nothing more with it until its owner says so."""
    log.warning("Account %s is paused: %s", account_id, reason)
    ProviderAccount.objects.filter(pk=account_id, paused_reason="").update(paused_reason=reason[:300])
