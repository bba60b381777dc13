"""`Authorization: Token …` in one select: no clean-up and no renewal inside a read."""

from __future__ import annotations

from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from knox.crypto import hash_token
from knox.models import AuthToken
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.request import Request

from pixsim.models import User

MAX_TOKEN = 200


class TokenAuthentication(BaseAuthentication):
    """Tokens are stored hashed and the hash is the primary key, so a token is found without looking at any other."""

    def authenticate(self, request: Request) -> tuple[User, AuthToken] | None:
        scheme, _, token = get_authorization_header(request).partition(b" ")
        if scheme.lower() != b"token":
            return None
        return self.of(token.strip())

    def of(self, token: bytes) -> tuple[User, AuthToken]:
        if not token or len(token) > MAX_TOKEN or not token.isalnum():
            raise exceptions.AuthenticationFailed("Invalid token.")
        found = AuthToken.objects.select_related("user").filter(pk=hash_token(token.decode())).first()
        if found is None or (found.expiry is not None and found.expiry <= timezone.now()):
            raise exceptions.AuthenticationFailed("Invalid or expired token.")
        if not found.user.is_active:
            raise exceptions.AuthenticationFailed("This account is switched off.")
        return found.user, found

    def authenticate_header(self, request: Request) -> str:
        return "Token"


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "pixsim.auth.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "apiKey", "in": "header", "name": "Authorization", "description": "`Token …` from `POST /auth/token`."}
