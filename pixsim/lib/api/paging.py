"""`count, next, previous, results`."""

from __future__ import annotations

from typing import Any

from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request

from pixsim.lib.errors import Invalid

MAX_PAGE_SIZE = 200


class Pages(PageNumberPagination):
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = MAX_PAGE_SIZE

    def get_page_size(self, request: Request) -> int:
        return _number(request, "page_size", MAX_PAGE_SIZE) or 50

    def get_page_number(self, request: Request, paginator: Any) -> int:
        return _number(request, "page", 2**31) or 1


def _number(request: Request, name: str, maximum: int) -> int | None:
    text = request.query_params.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 10 and 1 <= int(text) <= maximum):
        raise Invalid([(f"/{name}", "out_of_range", f"{name} is a whole number from 1 to {maximum}.")])
    return int(text)
