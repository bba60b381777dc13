"""Idempotency-Key: a POST that creates or spends happens once, however often it is sent."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.http import QueryDict
from django.utils import timezone
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from pixsim.lib import canonical
from pixsim.lib.errors import Conflict, IdempotencyMismatch, Invalid
from pixsim.models import IdempotencyKey

KEPT = timedelta(hours=24)
ABANDONED = timedelta(minutes=10)
V = TypeVar("V", bound=APIView)
P = ParamSpec("P")
HEADERS = ("ETag", "Location")


def idempotent(method: Callable[Concatenate[V, Request, P], Response]) -> Callable[Concatenate[V, Request, P], Response]:
    """For a view method: with the header `Idempotency-Key`, the first success is answered again for 24 h.

    The work and its answer are committed together, so a crash leaves either both or neither. Whatever is refused stores nothing.
    Raises Conflict while the first request runs, IdempotencyMismatch for the same key with another body."""

    @wraps(method)
    def answer(view: V, request: Request, *args: P.args, **kwargs: P.kwargs) -> Response:
        key = header_key(request)
        if key is None:
            return method(view, request, *args, **kwargs)
        row, is_first = _claim(request, key)
        if not is_first:
            stored = row.body or {}
            return Response(stored.get("data"), status=row.status, headers={**stored.get("headers", {}), "Idempotent-Replayed": "true"})
        try:
            with transaction.atomic():
                response = method(view, request, *args, **kwargs)
                if response.status_code < 400:
                    _keep(row, response)
        except BaseException:
            IdempotencyKey.objects.filter(pk=row.pk, status=None).delete()
            raise
        if response.status_code >= 400:
            row.delete()
        return response

    answer.idempotent = True  # type: ignore[attr-defined]
    return answer  # type: ignore[return-value]  # functools' own wrapper type says less than ParamSpec


def header_key(request: Request) -> str | None:
    """The client's key, checked. Raises Invalid."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not (1 <= len(key) <= 255 and key.isascii() and key.isprintable()):
        raise Invalid([("", "idempotency_key", "An Idempotency-Key has 1 to 255 printable ASCII characters.")])
    return key


def body_sha256(request: Request) -> str:
    """Hash of what was asked: the query and the parsed body, files by content."""
    data = request.data
    if isinstance(data, QueryDict):
        data = {name: [_told(value) for value in data.getlist(name)] for name in data}
    return canonical.sha256([request.META.get("QUERY_STRING", ""), data])


def _told(value: Any) -> Any:
    if not isinstance(value, UploadedFile):
        return value
    digest = hashlib.sha256()
    for chunk in value.chunks():
        digest.update(chunk)
    value.seek(0)
    return [value.name, digest.hexdigest()]


def _claim(request: Request, key: str) -> tuple[IdempotencyKey, bool]:
    route = f"{request.method} {request.path.rstrip('/')}"
    if len(route) > 200:
        route = hashlib.sha256(route.encode()).hexdigest()
    body, now = body_sha256(request), timezone.now()
    of_this = IdempotencyKey.objects.filter(user=request.user.pk, route=route, key=key)
    # All old ones of this user, not only this key's, so that the table stays small without a sweeper.
    IdempotencyKey.objects.filter(user=request.user.pk, created_at__lt=now - KEPT).delete()
    # The process that claimed it is gone: its transaction was rolled back with it.
    of_this.filter(status=None, created_at__lt=now - ABANDONED).delete()
    try:
        with transaction.atomic():
            return IdempotencyKey.objects.create(user_id=int(request.user.pk or 0), route=route, key=key, body_sha256=body), True
    except IntegrityError:
        row = of_this.first()
    if row is None or row.status is None:
        raise Conflict("The first request with this Idempotency-Key is still running.") from None
    if row.body_sha256 != body:
        raise IdempotencyMismatch()
    return row, False


def _keep(row: IdempotencyKey, response: Response) -> None:
    data = json.loads(JSONRenderer().render(response.data)) if response.data is not None else None
    headers = {name: response[name] for name in HEADERS if name in response}
    IdempotencyKey.objects.filter(pk=row.pk).update(status=response.status_code, body={"data": data, "headers": headers})
