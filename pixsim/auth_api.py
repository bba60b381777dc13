"""Logging in and out over REST, and tickets for WebSockets."""

from __future__ import annotations

import hashlib
from typing import Any

from django.contrib.auth import authenticate
from django.contrib.auth import logout as end_browser_login
from django.contrib.auth.signals import user_logged_in
from django.core.cache import cache
from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse
from knox.models import AuthToken
from rest_framework import serializers
from rest_framework.exceptions import Throttled
from rest_framework.request import Request
from rest_framework.response import Response

from pixsim.lib import tickets
from pixsim.lib.api.describing import describe
from pixsim.lib.api.endpoints import Endpoint, PublicEndpoint
from pixsim.lib.api.fields import Text
from pixsim.lib.api.routes import api_path
from pixsim.lib.api.serializers import Nothing, Strict
from pixsim.lib.errors import Invalid

FAILURES_PER_NAME, FAILURES_PER_ADDRESS, WINDOW_SEC = 10, 100, 300


class Credentials(Strict):
    username = Text(max_length=150, trim_whitespace=False)
    password = Text(max_length=4096, trim_whitespace=False)


class TokenOutput(serializers.Serializer[Any]):
    token = serializers.CharField()
    expiry = serializers.DateTimeField()


class TicketInput(Strict):
    stream = serializers.RegexField(r"\A(session|world)/[1-9][0-9]{0,17}\Z", help_text="session/<id> or world/<id>")


class TicketOutput(serializers.Serializer[Any]):
    ticket = serializers.CharField()
    stream = serializers.CharField()
    expires_in_sec = serializers.IntegerField()


class TokenView(PublicEndpoint):
    # A login with a stale token in the header must work: it is how one gets a new one.
    authentication_classes = []

    @describe("Log in", body=Credentials, answer=TokenOutput, errors=[429], public=True, tags=["auth"])
    def post(self, request: Request) -> Response:
        data = self.body(Credentials)
        counters = _counters(request, data["username"])
        for counter, limit in counters.items():
            if int(cache.get(counter) or 0) >= limit:
                raise Throttled(wait=WINDOW_SEC)
        user = authenticate(request._request, username=data["username"], password=data["password"])
        if user is None:
            for counter in counters:
                _count(counter)
            raise Invalid([("", "wrong_credentials", "User name or password is wrong.")])
        AuthToken.objects.filter(user=user, expiry__lt=timezone.now()).delete()
        kept, token = AuthToken.objects.create(user=user)
        user_logged_in.send(sender=type(user), request=request._request, user=user)
        return Response({"token": token, "expiry": kept.expiry}, headers={"Cache-Control": "no-store"})


class LogoutView(Endpoint):
    @describe("Log out", body=Nothing, status=204, answer=OpenApiResponse(description="The token is void."), errors=[403], tags=["auth"])
    def post(self, request: Request) -> Response:
        self.body(Nothing)
        if isinstance(request.auth, AuthToken):
            request.auth.delete()
        else:
            end_browser_login(request._request)
        return Response(status=204)


class TicketView(Endpoint):
    @describe("Ticket for a WebSocket", body=TicketInput, answer=TicketOutput, status=201, errors=[403], tags=["auth"])
    def post(self, request: Request) -> Response:
        stream = self.body(TicketInput)["stream"]
        token = str(request.auth.pk) if isinstance(request.auth, AuthToken) else ""
        answer = {"ticket": tickets.issue(self.actor.pk, stream, token=token), "stream": stream, "expires_in_sec": tickets.LIFETIME_SEC}
        return Response(answer, status=201, headers={"Cache-Control": "no-store"})


def _counters(request: Request, username: str) -> dict[str, int]:
    """Names are counted per address, so that nobody can lock another one out."""
    address = request.META.get("REMOTE_ADDR", "")
    digest = hashlib.sha256(f"{address}\n{username.casefold()}".encode()).hexdigest()
    return {f"login:{digest}": FAILURES_PER_NAME, f"login:{address}": FAILURES_PER_ADDRESS}


def _count(counter: str) -> None:
    if not cache.add(counter, 1, timeout=WINDOW_SEC):
        try:
            cache.incr(counter)
        except ValueError:  # expired between the two calls
            cache.add(counter, 1, timeout=WINDOW_SEC)


urlpatterns = [
    api_path("auth/token", TokenView.as_view(), "auth-token"),
    api_path("auth/logout", LogoutView.as_view(), "auth-logout"),
    api_path("auth/ws-ticket", TicketView.as_view(), "auth-ws-ticket"),
]
