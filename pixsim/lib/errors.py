"""Errors for people: what happened and what to do, named after what happened. Pure; `pixsim.lib.api` makes problem+json of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar, NamedTuple


class FieldError(NamedTuple):
    """One thing wrong with the input: where (RFC 6901 pointer), a stable code, words for a person."""

    pointer: str
    code: str
    message: str


class DomainError(Exception):
    """Something a client did that the domain refuses. `detail` is a sentence for a person."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "error"
    title: ClassVar[str] = "The request could not be carried out."

    def __init__(self, detail: str = "", **extra: Any) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.extra = extra


class Invalid(DomainError):
    """The input is not valid; every error points at its place."""

    code = "invalid"
    title = "The input is not valid."

    def __init__(self, errors: Iterable[tuple[str, str, str]] | str, detail: str = "", **extra: Any) -> None:
        if isinstance(errors, str):
            errors = [FieldError("", "invalid", errors)]
        self.errors = [FieldError(*error) for error in errors]
        super().__init__(detail or (self.errors[0].message if self.errors else ""), **extra)


class PaymentRequired(DomainError):
    status = 402
    code = "budget_spent"
    title = "The budget is spent."


class NotAllowed(DomainError):
    status = 403
    code = "not_allowed"
    title = "You may not do this."


FOR_AUTHORS = "This is for authors. Ask for an author's account."


class NotFound(DomainError):
    status = 404
    code = "not_found"
    title = "There is no such thing here."

    @classmethod
    def at(cls, pointer: str, message: str) -> NotFound:
        """Where the input names what is not there, or is another's."""
        return cls(message, errors=[FieldError(pointer, "does_not_exist", message)._asdict()])


@contextmanager
def pointing(pointer: str) -> Iterator[None]:
    """A NotFound from here on is about this place of the input."""
    try:
        yield
    except NotFound as error:
        raise NotFound.at(pointer, error.detail) from None


class Conflict(DomainError):
    status = 409
    code = "conflict"
    title = "The request conflicts with the present state."


class StaleSession(Conflict):
    """The move was based on a version that is no longer current."""

    code = "stale"
    title = "The session has moved on meanwhile."


class NotAvailable(Conflict):
    """The move is not open in this state; `reasons` are the unmet clauses."""

    code = "not_available"
    title = "This is not open now."

    def __init__(self, detail: str = "", *, reasons: Iterable[Any] = (), **extra: Any) -> None:
        self.reasons = tuple(reasons)
        super().__init__(detail, **extra)


class PreconditionFailed(DomainError):
    status = 412
    code = "changed_meanwhile"
    title = "The object was changed meanwhile."


class TooLarge(DomainError):
    status = 413
    code = "too_large"
    title = "The request is too large."


class IdempotencyMismatch(DomainError):
    status = 422
    code = "idempotency_mismatch"
    title = "This Idempotency-Key was used for another request."
