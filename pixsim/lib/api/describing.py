"""One decorator says what an endpoint takes and answers; the OpenAPI document is made of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, inline_serializer
from rest_framework import serializers

from pixsim.lib.api.problems import MEDIA_TYPE, WORDS
from pixsim.lib.api.serializers import ProblemOutput


def describe(
    summary: str,
    *,
    answer: Any = None,
    status: int = 200,
    body: Any = None,
    query: type[serializers.Serializer[Any]] | None = None,
    errors: Iterable[int] = (),
    public: bool = False,
    idempotent: bool = False,
    if_match: bool = False,
    paged: bool = False,
    also: dict[Any, Any] | None = None,
    tags: list[str] | None = None,
    operation_id: str | None = None,
) -> Callable[[Any], Any]:
    """Document one view method. `answer` and `body` are serializers (or drf-spectacular's kinds), `errors` the statuses it may
    answer beside those that follow from the other arguments. `paged` wraps `answer` as `count, next, previous, results`."""
    codes = {400, *errors, *([] if public else [401])}
    parameters: list[Any] = []
    if query is not None:
        parameters.append(query)
    if paged:
        answer = page_of(answer)
        codes.add(404)
        parameters += [_query("page", "From 1."), _query("page_size", "At most 200; 50 unless said.", maximum=200)]
    if body is not None:
        codes |= {413, 415}
    if idempotent:
        codes |= {409, 422}
        parameters.append(_header("Idempotency-Key", "The first result is answered again for 24 h."))
    if if_match:
        codes.add(412)
        parameters.append(_header("If-Match", "The ETag the change is based on."))
    responses: dict[Any, Any] = dict(also or {})
    if answer is not None or not responses:
        responses[status] = answer if answer is not None else OpenApiResponse(description="Done.")
    responses |= {(code, MEDIA_TYPE): OpenApiResponse(ProblemOutput, description=WORDS[code]) for code in sorted(codes)}
    return extend_schema(
        summary=summary, request=body, responses=responses, parameters=parameters, tags=tags, operation_id=operation_id, auth=[] if public else None
    )


def page_of(output: type[serializers.Serializer[Any]]) -> serializers.Serializer[Any]:
    return inline_serializer(
        f"{output.__name__.removesuffix('Output')}Page",
        {
            "count": serializers.IntegerField(),
            "next": serializers.URLField(allow_null=True),
            "previous": serializers.URLField(allow_null=True),
            "results": output(many=True),
        },
    )


def _query(name: str, description: str, maximum: int = 2**31) -> OpenApiParameter:
    return OpenApiParameter(name, {"type": "integer", "minimum": 1, "maximum": maximum}, OpenApiParameter.QUERY, description=description)


def _header(name: str, description: str) -> OpenApiParameter:
    return OpenApiParameter(name, str, OpenApiParameter.HEADER, description=description)
