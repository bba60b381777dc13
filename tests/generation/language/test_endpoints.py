"""Endpoints in the admin: a key goes in and never comes out, and "Test connection" shows what a server can do."""

from __future__ import annotations

import io
import logging
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.management import call_command
from django.db import connection

from generation.language import endpoints, probe
from generation.language.models import ModelEndpoint
from npcs import writers
from pixsim.lib.encryption import new_key, reveal
from pixsim.lib.errors import Invalid
from tests.npcs.writing import request
from tests.playing import account

pytestmark = pytest.mark.django_db
CANARY = "sk-canary-model-77af31"
ADD = "/admin/generation/modelendpoint/add/"
LIST = "/admin/generation/modelendpoint/"


@pytest.fixture(autouse=True)
def sealing(settings: Any) -> None:
    settings.APP_FIELD_KEYS = new_key()


@pytest.fixture
def staff(client: Any) -> Any:
    client.force_login(account("boss", staff=True))
    return client


def form(server: Any, model: str = "fake", **changed: Any) -> dict[str, Any]:
    return {
        "key": "house", "label": "Our model", "base_url": server.base_url, "new_secret": CANARY, "enabled": "on", "is_default": "on",
        "dialogue_model": model, "everyone": "on", "timeout_sec": "5", "max_output_tokens": "500", **changed,
    }  # fmt: skip


def test_the_key_is_in_no_page_row_log_history_or_export(fake_models: Any, staff: Any, caplog: Any, capsys: Any) -> None:
    caplog.set_level(logging.DEBUG)
    made = staff.post(ADD, form(fake_models))
    assert made.status_code == 302, made.content.decode()
    row = ModelEndpoint.objects.get()
    assert (reveal(row, "secret"), row.last4) == (CANARY, "af31")
    change = f"{LIST}{row.pk}/change/"
    tested = staff.post(f"{LIST}{row.pk}/test/", follow=True)
    for mode in ("key_echo", "401", "500"):
        fake_models.mode(mode, times=3)
        writers.write(request())
        staff.post(f"{LIST}{row.pk}/test/", follow=True)
    again = staff.post(change, form(fake_models, new_secret="", label="Renamed", timeout_sec="99"))
    assert again.status_code == 200
    staff.post(change, form(fake_models, new_secret="", label="Renamed"))
    row.refresh_from_db()
    assert (row.label, reveal(row, "secret")) == ("Renamed", CANARY)
    pages = [tested, again, *(staff.get(url) for url in (change, LIST, change.replace("change", "history"), "/admin/"))]
    assert all(page.status_code == 200 for page in pages)
    assert all(CANARY not in page.content.decode() for page in pages)
    assert b"af31" in pages[2].content
    assert all(CANARY not in f"{entry.change_message} {entry.object_repr}" for entry in LogEntry.objects.all())
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM generation_modelendpoint")
        assert CANARY not in repr(cursor.fetchall())
    out = io.StringIO()
    call_command("dumpdata", "generation.modelendpoint", stdout=out)
    assert CANARY not in out.getvalue()
    assert row.secret not in out.getvalue()
    assert CANARY not in caplog.text + capsys.readouterr().err
    assert {one["key"] for one in fake_models.requests()} == {CANARY}


def test_it_is_for_staff_alone(fake_models: Any, client: Any) -> None:
    row = endpoints.create_endpoint(key="house", base_url=fake_models.base_url, dialogue_model="fake", secret=CANARY)
    client.force_login(account("ann", author=True))
    for url in (LIST, ADD, f"{LIST}{row.pk}/change/"):
        assert client.get(url).status_code in (302, 403, 404)
    assert client.post(f"{LIST}{row.pk}/test/").status_code in (302, 403, 404)
    assert fake_models.requests() == []


@pytest.mark.parametrize("address", ["http://169.254.169.254/v1", "http://127.0.0.1:1/v1", "https://10.0.0.1/v1", "ftp://a.example.com", "nonsense"])
def test_an_address_nobody_may_be_sent_to_is_refused(fake_models: Any, staff: Any, address: str) -> None:
    page = staff.post(ADD, form(fake_models, base_url=address))
    assert page.status_code == 200
    assert not ModelEndpoint.objects.exists()
    with pytest.raises(Invalid):
        endpoints.create_endpoint(key="house", base_url=address, dialogue_model="fake")


def test_a_key_never_follows_to_another_address(fake_models: Any) -> None:
    row = endpoints.create_endpoint(key="house", base_url=fake_models.base_url, dialogue_model="fake", secret=CANARY)
    endpoints.change_endpoint(endpoint=row, base_url="https://models.example.com/v1")
    row.refresh_from_db()
    assert (reveal(row, "secret"), row.last4, row.abilities) == ("", "", {})


def test_another_default_takes_the_place_of_the_old_one(fake_models: Any, staff: Any) -> None:
    staff.post(ADD, form(fake_models))
    staff.post(ADD, form(fake_models, key="second"))
    assert list(ModelEndpoint.objects.values_list("key", "is_default")) == [("house", False), ("second", True)]


@pytest.mark.parametrize(
    ("model", "rung", "said"),
    [
        ("fake", "json_schema", "answers in our schema"),
        ("fake-json", "json_object", "answers as json_object"),
        ("fake-text", "text", "answers as text"),
        ("fake-deaf", "text", "It took the format and answered in another."),
        ("fake-old", "json_object", "Does not know max_completion_tokens"),
        ("fake:500", "", "does not answer"),
        ("nobody", "", "does not know the model"),
    ],
)
def test_a_test_finds_and_shows_the_rung(fake_models: Any, staff: Any, model: str, rung: str, said: str) -> None:
    staff.post(ADD, form(fake_models, model))
    row = ModelEndpoint.objects.get()
    page = staff.post(f"{LIST}{row.pk}/test/", follow=True).content.decode()
    assert said in page
    row.refresh_from_db()
    assert row.abilities[model]["rung"] == rung
    assert staff.get(f"{LIST}{row.pk}/test/").status_code == 405


def test_a_test_that_works_ends_a_pause_and_asks_every_model(fake_models: Any) -> None:
    row = endpoints.create_endpoint(key="house", base_url=fake_models.base_url, dialogue_model="fake", node_model="fake-json", paused_reason="401")
    tried = probe.test(row)
    row.refresh_from_db()
    assert row.paused_reason == ""
    assert {model: [one.rung for one in found] for model, found in tried.items()} == {
        "fake": ["json_schema"],
        "fake-json": ["json_schema", "json_object"],
    }
