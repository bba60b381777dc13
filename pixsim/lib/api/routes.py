"""Routes that answer with and without their trailing slash, and path parts that cannot carry nonsense to a query."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.urls import URLPattern, register_converter
from django.urls.converters import StringConverter
from django.urls.resolvers import RoutePattern


class IdConverter:
    """A row's id: below 2**63, so that no database refuses it."""

    regex = "[1-9][0-9]{0,17}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)


class KeyConverter(StringConverter):
    regex = "[a-z0-9][a-z0-9_]{0,79}"


register_converter(IdConverter, "id")
register_converter(KeyConverter, "key")


class EitherSlash(RoutePattern):
    """One pattern instead of two, so that reverse() and the OpenAPI document know the printed form only."""

    def match(self, path: str) -> Any:
        found = super().match(path)
        if found is not None or not path:
            return found
        return super().match(path[:-1] if path.endswith("/") else f"{path}/")


def api_path(route: str, view: Callable[..., Any], name: str) -> URLPattern:
    """Like `django.urls.path`, with the converters `<id:…>` and `<key:…>`; `route` is written as the API page prints it."""
    return URLPattern(EitherSlash(route, name=name, is_endpoint=True), view, None, name)
