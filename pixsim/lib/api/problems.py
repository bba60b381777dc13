"""problem+json (RFC 9457) for everything that goes wrong under /api/, inside DRF and outside."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core import exceptions as django_errors
from django.db import DataError, IntegrityError
from django.db.models import ProtectedError, RestrictedError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.http.request import RawPostDataException, UnreadablePostError
from django.views import defaults
from django.views.decorators.csrf import csrf_exempt, requires_csrf_token
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.utils.encoders import JSONEncoder
from rest_framework.views import set_rollback

from pixsim.lib.errors import Conflict, DomainError, FieldError, Invalid, NotAllowed, NotFound, TooLarge

MEDIA_TYPE = "application/problem+json"
WORDS = {
    400: "The input is not valid; `errors` points at each place.",
    401: "Not logged in.",
    402: "The budget is spent.",
    403: "Not allowed.",
    404: "No such thing, or not yours.",
    409: "Conflicts with the present state.",
    412: "Changed meanwhile: If-Match names another version.",
    413: "Too large.",
    415: "Not a media type this endpoint reads.",
    422: "The Idempotency-Key was used for another request.",
    429: "Too often; see Retry-After.",
}
log = logging.getLogger(__name__)


class Problem(DomainError):
    """An error that is known by its HTTP status alone."""

    def __init__(self, status: int, detail: str = "", *, code: str = "", title: str = "", **extra: Any) -> None:
        phrase = HTTPStatus(status).phrase
        self.status = status  # type: ignore[misc]
        self.code = code or phrase.lower().replace(" ", "_").replace("-", "_")  # type: ignore[misc]
        self.title = title or f"{phrase}."  # type: ignore[misc]
        super().__init__(detail, **extra)


def problem(error: DomainError) -> dict[str, Any]:
    """The body. `type` is stable per code; what an error carries beside (such as `current`) stands beside the standard members."""
    body: dict[str, Any] = {"type": f"urn:pixsim:problem:{error.code}", "title": error.title, "status": error.status, "detail": error.detail}
    if isinstance(error, Invalid):
        body["errors"] = [found._asdict() for found in error.errors]
    reasons = getattr(error, "reasons", ())
    if reasons:
        body["reasons"] = [reason._asdict() if hasattr(reason, "_asdict") else reason for reason in reasons]
    return {**error.extra, **body}


def problem_handler(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """DRF's EXCEPTION_HANDLER. None (an unknown exception) becomes a 500 in `server_error`, after Django has logged it."""
    found = as_domain_error(error)
    if found is None:
        return None
    set_rollback()
    headers = {}
    if isinstance(error, exceptions.APIException):
        if getattr(error, "auth_header", None):
            headers["WWW-Authenticate"] = error.auth_header  # type: ignore[attr-defined]
        if getattr(error, "wait", None):
            headers["Retry-After"] = str(int(error.wait))  # type: ignore[attr-defined]
    return Response(problem(found), status=found.status, headers=headers, content_type=MEDIA_TYPE)


def as_domain_error(error: Exception) -> DomainError | None:
    match error:
        case DomainError():
            return error
        case exceptions.ValidationError():
            return Invalid(pointed(error.detail))
        case exceptions.APIException():
            return _of_api_exception(error)
        case Http404():
            return NotFound()
        case django_errors.PermissionDenied():
            return NotAllowed(str(error))
        case django_errors.ValidationError():
            return Invalid(of_validation_error(error))
        case django_errors.RequestDataTooBig():
            return TooLarge()
        case ProtectedError() | RestrictedError():
            return Conflict("Other things still need this one.")
        case IntegrityError():
            # Two requests at once: what validation saw is no longer so. Logged, for it may as well be a forgotten check.
            log.warning("a constraint stopped a write: %s", error)
            return Conflict("This was changed by another request at the same moment, or it is there already.")
        case DataError() | OverflowError():
            log.error("a value reached the database that it cannot keep: %s", error)
            return Invalid("A value is out of range.")
        case (
            django_errors.SuspiciousOperation() | django_errors.BadRequest() | MultiPartParserError() | UnreadablePostError() | RawPostDataException()
        ):
            return Invalid([("", "unreadable", "The request could not be read.")])
    return None


def _of_api_exception(error: exceptions.APIException) -> DomainError:
    detail = error.detail if isinstance(error.detail, str) else "; ".join(found.message for found in pointed(error.detail))
    status = error.status_code
    if isinstance(error, exceptions.NotFound):
        return NotFound()
    if isinstance(error, exceptions.PermissionDenied):
        return NotAllowed(detail)
    if status == 400:
        return Invalid([("", str(error.default_code), detail)])
    return Problem(status, detail, code=str(error.default_code))


def pointed(detail: Any, pointer: str = "") -> list[FieldError]:
    """DRF's nested error details as a flat list with JSON pointers."""
    return list(_pointed(detail, pointer))


def _pointed(detail: Any, pointer: str) -> Iterator[FieldError]:
    if isinstance(detail, Mapping):
        for key, inner in detail.items():
            yield from _pointed(inner, pointer if key == api_settings.NON_FIELD_ERRORS_KEY else f"{pointer}/{escape(key)}")
    elif isinstance(detail, list | tuple):
        for index, inner in enumerate(detail):
            # A list of texts belongs to one place, a list of dicts to the entries of a list.
            yield from _pointed(inner, f"{pointer}/{index}" if isinstance(inner, Mapping | list) else pointer)
    else:
        yield FieldError(pointer, str(getattr(detail, "code", None) or "invalid"), str(detail))


def of_validation_error(error: django_errors.ValidationError, pointer: str = "") -> list[FieldError]:
    """Django's ValidationError, by field where it knows them."""
    if hasattr(error, "error_dict"):
        return [
            found
            for field, inner in error.error_dict.items()
            for one in inner
            for found in of_validation_error(one, pointer if field == django_errors.NON_FIELD_ERRORS else f"{pointer}/{escape(field)}")
        ]
    return [FieldError(pointer, one.code or "invalid", " ".join(one.messages)) for one in error.error_list]


def nested(errors: Iterable[tuple[str, str, str]]) -> dict[str, Any]:
    """Errors with pointers as the nested details that a DRF field raises, so that its parents' names are put before them."""
    root: dict[str, Any] = {}
    for pointer, code, message in errors:
        place = root
        for part in pointer.split("/")[1:]:
            place = place.setdefault(part.replace("~1", "/").replace("~0", "~"), {})
        place.setdefault(api_settings.NON_FIELD_ERRORS_KEY, []).append(exceptions.ErrorDetail(message, code))
    return root


def escape(part: Any) -> str:
    """One part of a JSON pointer (RFC 6901)."""
    return str(part).replace("~", "~0").replace("/", "~1")


# -- outside of DRF ---------------------------------------------------------------------------------------------------
def is_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def problem_response(error: DomainError) -> HttpResponse:
    return JsonResponse(problem(error), status=error.status, encoder=JSONEncoder, content_type=MEDIA_TYPE)


@csrf_exempt
def unknown_path(request: HttpRequest, **_: Any) -> HttpResponse:
    """The last pattern under /api/: in DEBUG too a client gets no HTML."""
    return problem_response(NotFound("There is no such path."))


@requires_csrf_token
def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if is_api(request):
        return problem_response(as_domain_error(exception) or Invalid([("", "unreadable", "The request could not be read.")]))
    return defaults.bad_request(request, exception)


@requires_csrf_token
def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return problem_response(NotAllowed()) if is_api(request) else defaults.permission_denied(request, exception)


@requires_csrf_token
def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return problem_response(NotFound()) if is_api(request) else defaults.page_not_found(request, exception)


@requires_csrf_token
def server_error(request: HttpRequest) -> HttpResponse:
    if is_api(request):
        return problem_response(Problem(500, "Something went wrong here; it was logged." if not settings.DEBUG else "See the server's log."))
    return defaults.server_error(request)
