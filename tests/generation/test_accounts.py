"""A key goes in and never comes out: not in rows, logs, errors, the API, the admin's history or an export."""

from __future__ import annotations

import logging
import stat
from pathlib import Path
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import connection

from generation import accounts
from generation.models import ProviderAccount
from pixsim.lib import encryption
from pixsim.lib.encryption import CannotOpen, new_key, reveal, seal
from pixsim.lib.errors import Conflict, Invalid
from pixsim.models import User

from .conftest import order, run
from .double import Clock, Double

pytestmark = pytest.mark.django_db
CANARY = "sk-canary-7c1f0a9e5d"


@pytest.fixture
def keys(settings: Any) -> Any:
    settings.APP_FIELD_KEYS = new_key()
    return settings


def access(owner: User | None = None, key: str = CANARY, **more: Any) -> ProviderAccount:
    return accounts.create_account(owner=owner, provider_id="double", key=key, **more)


def stored(account: ProviderAccount) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM generation_provideraccount WHERE id = %s", [account.pk])
        return repr(cursor.fetchone())


def test_a_key_is_kept_sealed_and_opened_for_a_call(author: User, keys: Any) -> None:
    account = access(author, webhook_secret="hush-hush")
    account.refresh_from_db()
    assert CANARY not in stored(account)
    assert "hush-hush" not in stored(account)
    assert CANARY not in account.key
    assert account.last4 == "9e5d"
    opened = accounts.opened(account)
    assert (opened.key, opened.webhook_secret) == (CANARY, "hush-hush")
    assert CANARY not in repr(opened)


def test_a_short_key_shows_nothing_of_itself(author: User, keys: Any) -> None:
    assert access(author, key="abcde").last4 == ""


def test_a_secret_of_another_row_or_field_does_not_open(author: User, keys: Any) -> None:
    one, two = access(author), access(author)
    two.key = one.key
    with pytest.raises(CannotOpen):
        reveal(two, "key")
    one.webhook_secret = one.key
    with pytest.raises(CannotOpen):
        reveal(one, "webhook_secret")


def test_what_was_changed_or_sealed_with_a_lost_key_raises(author: User, keys: Any) -> None:
    account = access(author)
    good = account.key
    account.key = good[:-6] + ("AAAAAA" if not good.endswith("AAAAAA") else "BBBBBB")
    with pytest.raises(CannotOpen):
        reveal(account, "key")
    account.key = good
    keys.APP_FIELD_KEYS = new_key()
    with pytest.raises(CannotOpen, match="not in the ring"):
        reveal(account, "key")


def test_plain_text_is_refused_before_it_reaches_the_database(author: User, keys: Any) -> None:
    with pytest.raises(ValueError, match="takes what `seal` made"):
        ProviderAccount.objects.create(owner=author, provider_id="double", key=CANARY)
    with pytest.raises(ValueError, match="save the row first"):
        seal(ProviderAccount(), "key", CANARY)


def test_the_ring_is_a_file_made_at_first_use_for_its_owner_alone(author: User, settings: Any, tmp_path: Path) -> None:
    settings.APP_FIELD_KEYS, settings.DATA_DIR = "", tmp_path
    account = access(author)
    file = tmp_path / "field_keys"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert reveal(account, "key") == CANARY
    assert [path.name for path in tmp_path.iterdir()] == ["field_keys"]


@pytest.mark.parametrize("bad", ["x", "a:short", "a:" + "A" * 43 + ",a:" + "B" * 43, "sécret:" + "A" * 43])
def test_a_ring_that_is_none_is_refused(settings: Any, bad: str) -> None:
    settings.APP_FIELD_KEYS = bad
    with pytest.raises(ImproperlyConfigured):
        encryption.ring()


def test_rotation_seals_everything_anew_and_may_be_stopped_in_the_middle(author: User, keys: Any, monkeypatch: Any, capsys: Any) -> None:
    rows = [access(author, key=f"key-number-{number:04}", webhook_secret=f"hook-{number}") for number in range(7)]
    old, new = keys.APP_FIELD_KEYS, new_key()
    keys.APP_FIELD_KEYS = f"{new},{old}"
    calls = 0
    real = encryption.seal

    def stops(*args: Any) -> str:
        nonlocal calls
        calls += 1
        if calls == 4:
            raise KeyboardInterrupt
        return real(*args)

    monkeypatch.setattr(encryption, "seal", stops)
    with pytest.raises(KeyboardInterrupt):
        encryption.rotate(batch=2)
    monkeypatch.undo()
    keys.APP_FIELD_KEYS = f"{new},{old}"
    assert encryption.rotate(batch=2) == 11
    assert encryption.rotate(batch=2) == 0
    keys.APP_FIELD_KEYS = new
    for number, row in enumerate(rows):
        row.refresh_from_db()
        assert (reveal(row, "key"), reveal(row, "webhook_secret")) == (f"key-number-{number:04}", f"hook-{number}")
    call_command("rotate_field_keys")
    assert "0 secrets" in capsys.readouterr().out


def test_the_command_makes_a_new_key_where_the_ring_is_a_file(author: User, settings: Any, tmp_path: Path) -> None:
    settings.APP_FIELD_KEYS, settings.DATA_DIR = "", tmp_path
    account = access(author)
    before = account.key
    call_command("rotate_field_keys", "--new-key")
    account.refresh_from_db()
    assert account.key != before
    assert reveal(account, "key") == CANARY
    assert len((tmp_path / "field_keys").read_text().split()) == 2
    settings.APP_FIELD_KEYS = new_key()
    with pytest.raises(ImproperlyConfigured):
        encryption.add_key()


def test_the_key_is_nowhere_after_a_whole_life(author: User, double: Double, clock: Clock, caplog: Any, keys: Any) -> None:
    """Created, used, refused, paused, changed, dumped: no log line, no row and no dump holds it."""
    from generation import orders

    caplog.set_level(logging.DEBUG)
    account = access(author)
    orders.create(owner=author, order=order("crash"), clock=clock)
    orders.create(owner=author, order=order("busy:2"), clock=clock)
    run(clock, seconds=60)
    accounts.change_account(account=account, label="mine", key=CANARY + "2")
    accounts.pause(account.pk, "no good")
    keys.APP_FIELD_KEYS = new_key()
    with pytest.raises(Invalid) as refused:
        orders.create(owner=author, order=order("another"), clock=clock)
    assert CANARY not in repr(vars(refused.value))
    assert "KeyError" in caplog.text, "the module's fault is told, not what it says"
    assert CANARY not in caplog.text
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            assert CANARY not in repr(cursor.fetchall()), table
    call_command("dumpdata", "generation", output=(dump := str(Path(keys.MEDIA_ROOT).parent / "dump.json")))
    assert CANARY not in Path(dump).read_text()
    assert '"key": ""' in Path(dump).read_text()


def test_a_key_that_cannot_be_opened_pauses_the_account_instead_of_sending_nonsense(author: User, double: Double, clock: Clock, keys: Any) -> None:
    from generation import orders

    account = access(author)
    keys.APP_FIELD_KEYS = new_key()
    job = orders.create(owner=author, order=order(), clock=clock).generation
    run(clock, seconds=5)
    job.refresh_from_db()
    account.refresh_from_db()
    assert (job.status, double.posts) == ("failed", [])
    assert "cannot be decrypted" in account.paused_reason
    accounts.change_account(account=account, key="sk-new-one-0001")
    assert account.paused_reason == ""


def test_an_account_in_use_stays(author: User, double: Double, clock: Clock, keys: Any) -> None:
    from generation import orders

    account = access(author)
    orders.create(owner=author, order=order("stuck"), clock=clock)
    run(clock, seconds=5)
    with pytest.raises(Conflict):
        accounts.delete_account(account=account)


@pytest.mark.parametrize("key", ["two words", "tab\t", "ünï", "line\n"])
def test_a_key_that_is_no_header_is_refused(author: User, keys: Any, key: str) -> None:
    with pytest.raises(Invalid):
        access(author, key=key)


def test_the_admin_takes_a_key_and_shows_it_nowhere(author: User, double: Double, client: Any, keys: Any) -> None:
    client.force_login(author)
    add, form = "/admin/generation/provideraccount/add/", {"provider_id": "double", "label": "mine", "max_concurrent": 2}
    assert b"base_url" not in client.get(add).content
    bad = client.post(add, {**form, "new_key": f"{CANARY} x"})
    assert bad.status_code == 200
    assert b"no spaces" in bad.content
    made = client.post(add, {**form, "new_key": CANARY, "new_secret": CANARY, "base_url": "http://169.254.169.254"})
    assert made.status_code == 302, made.content
    account = ProviderAccount.objects.get()
    assert (account.owner, reveal(account, "key"), account.last4, account.base_url) == (author, CANARY, "9e5d", "")
    change = f"/admin/generation/provideraccount/{account.pk}/change/"
    client.post(change, {**form, "label": "ours", "new_key": ""})
    account.refresh_from_db()
    assert (account.label, reveal(account, "key")) == ("ours", CANARY)
    pages = [bad, client.get(change), client.get(change.replace("change", "history")), client.get("/admin/generation/provideraccount/")]
    assert all(CANARY.encode() not in page.content for page in pages)
    assert LogEntry.objects.exists()
    assert all(CANARY not in f"{entry.change_message} {entry.object_repr}" for entry in LogEntry.objects.all())
