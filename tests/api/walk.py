"""Every REST endpoint of the URLconf, so that no test has to remember a new one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.views import APIView

METHODS = ("get", "post", "put", "patch", "delete")
# Pages of documentation, not endpoints.
NOT_WALKED = {"schema", "docs"}


class Walked(NamedTuple):
    method: str
    name: str
    route: str
    view: type[APIView]


def endpoints() -> list[Walked]:
    found = list(_walk(get_resolver(), ""))
    return sorted({(walked.method, walked.name): walked for walked in found}.values(), key=lambda walked: (walked.name, walked.method))


def _walk(resolver: URLResolver, prefix: str) -> Iterator[Walked]:
    for pattern in resolver.url_patterns:
        route = f"{prefix}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern, route)
        elif isinstance(pattern, URLPattern) and route.startswith("api/v1/") and pattern.name not in NOT_WALKED:
            view: Any = getattr(pattern.callback, "cls", None) or getattr(pattern.callback, "view_class", None)
            for method in METHODS:
                if hasattr(view, method):
                    yield Walked(method, str(pattern.name), route, view)
