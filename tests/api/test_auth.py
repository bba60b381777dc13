from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from knox.models import AuthToken
from rest_framework.test import APIClient

from pixsim.lib import tickets
from pixsim.models import User

LOGIN = "/api/v1/auth/token"
TICKET = "/api/v1/auth/ws-ticket"


def log_in(name: str = "anna", password: str = "sail the harbor") -> Any:
    return APIClient().post(LOGIN, {"username": name, "password": password}, format="json")


def bearer(token: str) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {token}")
    return client


def test_a_login_gives_a_token_that_works_until_logout(author: User) -> None:
    answer = log_in()
    assert answer.status_code == 200
    assert set(answer.json()) == {"token", "expiry"}
    client = bearer(answer.json()["token"])
    assert client.post(TICKET, {"stream": "session/1"}, format="json").status_code == 201
    assert client.post("/api/v1/auth/logout").status_code == 204
    refused = client.post(TICKET, {"stream": "session/1"}, format="json")
    assert refused.status_code == 401
    assert refused["Content-Type"] == "application/problem+json"
    assert refused["WWW-Authenticate"] == "Token"


def test_a_token_is_stored_hashed(author: User) -> None:
    token = log_in().json()["token"]
    assert token not in str(AuthToken.objects.values_list().get())


def test_a_token_costs_one_query(author: User, django_assert_num_queries: Any) -> None:
    client = bearer(log_in().json()["token"])
    with django_assert_num_queries(1):
        client.post(TICKET, {"stream": "session/1"}, format="json")


def test_an_expired_token_and_a_switched_off_account_are_refused(author: User) -> None:
    token = log_in().json()["token"]
    AuthToken.objects.update(expiry=timezone.now() - timedelta(seconds=1))
    assert bearer(token).post(TICKET, {"stream": "session/1"}, format="json").status_code == 401
    AuthToken.objects.update(expiry=None)
    assert bearer(token).post(TICKET, {"stream": "session/1"}, format="json").status_code == 201
    User.objects.update(is_active=False)
    assert bearer(token).post(TICKET, {"stream": "session/1"}, format="json").status_code == 401


@pytest.mark.parametrize("header", ["Token", "Token ", "Token a b", "Token \x00", "Token \xff", "Token " + "x" * 10_000, "Token é"])
def test_a_strange_header_is_refused_and_nothing_breaks(db: Any, header: str) -> None:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=header)
    assert client.post(TICKET, {"stream": "session/1"}, format="json").status_code == 401


@pytest.mark.parametrize("body", [{"username": "anna", "password": "wrong"}, {"username": "nobody", "password": "sail the harbor"}])
def test_a_wrong_login_does_not_say_what_was_wrong(author: User, body: dict[str, str]) -> None:
    answer = APIClient().post(LOGIN, body, format="json")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == "wrong_credentials"


def test_guessing_is_slowed_down_for_the_guesser_only(author: User) -> None:
    for _ in range(10):
        assert log_in(password="wrong").status_code == 400
    slowed = log_in(password="wrong")
    assert slowed.status_code == 429
    assert slowed["Retry-After"]
    elsewhere = APIClient(REMOTE_ADDR="10.1.1.1").post(LOGIN, {"username": "anna", "password": "sail the harbor"}, format="json")
    assert elsewhere.status_code == 200


def test_a_ticket_opens_its_stream_once(author: User) -> None:
    client = bearer(log_in().json()["token"])
    ticket = client.post(TICKET, {"stream": "session/200"}, format="json").json()["ticket"]
    assert tickets.redeem(ticket, "session/201") is None
    assert tickets.redeem(ticket, "session/200") == (author.pk, AuthToken.objects.get(user=author).pk)
    assert tickets.redeem(ticket, "session/200") is None


def test_a_forged_or_old_ticket_opens_nothing(author: User, monkeypatch: pytest.MonkeyPatch) -> None:
    ticket = tickets.issue(author.pk, "session/200")
    assert tickets.redeem(ticket[:-1] + ("a" if ticket[-1] != "a" else "b"), "session/200") is None
    assert tickets.redeem("", "session/200") is None
    monkeypatch.setattr(tickets, "LIFETIME_SEC", -1)
    assert tickets.redeem(ticket, "session/200") is None


def test_a_browser_needs_its_csrf_token(author: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(author)
    answer = browser.post(TICKET, {"stream": "session/1"}, content_type="application/json")
    assert answer.status_code == 403
    assert answer["Content-Type"] == "application/problem+json"
    cache.clear()
