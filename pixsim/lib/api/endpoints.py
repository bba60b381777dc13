"""The base of every REST view: find, check the right, one call, answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, TypeVar, cast

from django.db.models import Model, QuerySet
from rest_framework import serializers
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.parsers import BaseParser
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from pixsim.lib.api.negotiation import AlwaysJSON
from pixsim.lib.api.openapi import Described
from pixsim.lib.api.paging import Pages
from pixsim.lib.api.parsers import MergePatchParser, StrictJSONParser
from pixsim.lib.api.preconditions import etag, merge_patch
from pixsim.lib.api.serializers import valid, valid_list
from pixsim.lib.errors import FOR_AUTHORS, Invalid, NotAllowed, NotFound
from pixsim.models import User

M = TypeVar("M", bound=Model)


class Endpoint(APIView):
    schema = Described()
    content_negotiation_class = AlwaysJSON
    parser_classes = [StrictJSONParser]

    def get_parsers(self) -> list[BaseParser]:
        parsers = super().get_parsers()
        if self.request is not None and self.request.method == "PATCH":
            parsers.append(MergePatchParser())
        return parsers

    @property
    def actor(self) -> User:
        """Who is logged in; the permission classes let nobody else come this far."""
        return cast("User", self.request.user)

    # -- input --------------------------------------------------------------------------------------------------------
    def body(self, serializer: type[serializers.Serializer[Any]], **context: Any) -> dict[str, Any]:
        """The validated body. Raises Invalid with pointers."""
        return valid(serializer, self.request.data, **context)

    def bodies(self, serializer: type[serializers.Serializer[Any]], **context: Any) -> list[dict[str, Any]]:
        """The validated body where one object or a list of them is taken."""
        return valid_list(serializer, self.request.data, **context)

    def patched(self, serializer: type[serializers.Serializer[Any]], present: Mapping[str, Any], **context: Any) -> dict[str, Any]:
        """`present` (the input that would make the object as it is) merged with the body by RFC 7396, then validated as a whole:
        null gives a field its default back."""
        if not isinstance(self.request.data, Mapping):
            raise Invalid([("", "invalid", "A PATCH is an object of the fields to change.")])
        return valid(serializer, merge_patch(present, self.request.data), **context)

    def query(self, serializer: type[serializers.Serializer[Any]], **context: Any) -> dict[str, Any]:
        """The validated query parameters; those of paging may stand beside."""
        data = self.request.query_params.copy()
        for name in ("page", "page_size"):
            data.pop(name, None)
        return valid(serializer, data, **context)

    # -- output -------------------------------------------------------------------------------------------------------
    def page(self, queryset: QuerySet[Any], shape: Callable[[Any], Any]) -> Response:
        """One page of `queryset`, each row as `shape(row)`."""
        pages = Pages()
        rows = pages.paginate_queryset(queryset, self.request, view=self)
        return pages.get_paginated_response([shape(row) for row in rows or []])

    def tagged(self, data: Any, version: int, status: int = 200, **headers: str) -> Response:
        """An authored object with its ETag."""
        return Response(data, status=status, headers={"ETag": etag(version), "Cache-Control": "private, no-cache", **headers})


class PublicEndpoint(Endpoint):
    """Open to anyone; a broken login is no reason to refuse what needs none."""

    permission_classes = [AllowAny]

    def perform_authentication(self, request: Request) -> None:
        with suppress(AuthenticationFailed):
            super().perform_authentication(request)


class AuthorEndpoint(Endpoint):
    """For authors and staff. What belongs to other authors does not exist here."""

    permission_classes = [IsAuthenticated]


def get(queryset: QuerySet[M], **lookup: Any) -> M:
    """The one object of an already permitted queryset. Raises NotFound."""
    found = queryset.filter(**lookup).first()
    if found is None:
        raise NotFound()
    return found


def require_author(request: Request) -> None:
    """Raises NotAllowed for a player."""
    if not getattr(request.user, "is_author", False):
        raise NotAllowed(FOR_AUTHORS)
