"""What every maker of media offers. A provider knows one vendor's protocol and nothing of our database; it never retries a create by itself.

A new provider is one module in this package, its catalogue, its tests and one line in the registry; other packages add theirs by the entry
point group `pixsim.providers`.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from pixsim.lib.errors import FieldError

Json = dict[str, Any]
MILLI = 1000
"""Money is counted in whole thousandths of a credit; a hundred credits are one US dollar."""


class Operation(StrEnum):
    """What is asked for. A transition without frames is made from its text alone."""

    VIDEO_TRANSITION = "video_transition"
    TEXT_TO_VIDEO = "text_to_video"
    IMAGE_TO_VIDEO = "image_to_video"
    TEXT_TO_IMAGE = "text_to_image"


class Trouble(StrEnum):
    """Why a provider refused or failed, whatever its own code says."""

    AUTH = "auth"  # the key is wrong: the account is paused
    BAD_REQUEST = "bad_request"  # the same request will never work
    BAD_MEDIA = "bad_media"  # a picture or clip we sent
    NO_FUNDS = "no_funds"  # the account is paused until there is money
    BUSY = "busy"  # nothing was charged; later
    FILTERED = "filtered"  # moderation; never again with the same prompt
    QUOTA = "quota"  # a limit other than money
    GONE = "gone"  # the result was deleted
    NOT_FOUND = "not_found"
    FAILED = "failed"  # it tried and could not


class ProviderError(Exception):
    """Base of what a provider raises. `message` is for people and never holds a key."""

    def __init__(self, message: str, *, raw: Json | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.raw = raw or {}


class NotSent(ProviderError):
    """No byte of the request left: refused connection, name or TLS failure. Safe to send again with the same trace id."""


class Refused(ProviderError):
    """The provider answered no, and nothing was charged. `retry_after_sec` where it said when to come back."""

    def __init__(self, message: str, *, trouble: Trouble, code: str = "", retry_after_sec: float | None = None, raw: Json | None = None) -> None:
        super().__init__(message, raw=raw)
        self.trouble, self.code, self.retry_after_sec = trouble, code, retry_after_sec


class Ambiguous(ProviderError):
    """It may have been accepted and charged: a time-out after sending, a 5xx, a broken answer. Never sent again by itself."""


class Unavailable(ProviderError):
    """A question (status, balance, lookup, upload) got no answer; ask later. Raised for reads only, never for a create."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A picture or clip of ours that goes into a request: its content hash, and the file to upload."""

    asset_id: int
    sha256: str
    media_type: str
    mime: str
    path: Path | None = None
    reference: str = ""
    """The provider's own name of it, once uploaded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaRequest:
    """One order, the same for every provider. `style` holds time_of_day, weather, mood, camera_movement, pose, …; `params` the canonical
    parameters model, seed, aspect_ratio, quality, size and what a provider declares. `frames`: first and last picture, both optional."""

    operation: Operation
    prompt: str
    negative_prompt: str = ""
    style: Mapping[str, Any] = field(default_factory=dict)
    duration_sec: float | None = None
    frames: tuple[Source | None, Source | None] = (None, None)
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Access to a provider, decrypted for one call. Never logged: its repr hides the secrets."""

    id: int | None
    base_url: str = ""
    key: str = field(default="", repr=False)
    webhook_secret: str = field(default="", repr=False)
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One row of a catalogue: what a model can do and what it costs. `price` is whatever the provider's `price` reads."""

    id: str
    title: str
    operations: tuple[Operation, ...]
    durations_sec: tuple[float, ...] = ()
    qualities: tuple[str, ...] = ()
    aspect_ratios: tuple[str, ...] = ()
    prompt_max: int = 2048
    params: Mapping[str, Any] = field(default_factory=dict)
    """Further canonical parameters it understands: name to JSON Schema."""
    price: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """Dated data: models and prices change without code. `read_on` says when they were true, `source` where."""

    read_on: datetime.date
    source: str
    models: tuple[Model, ...]
    default: str

    def model(self, model_id: str | None) -> Model | None:
        """The model of that id, or the default for None."""
        wanted = model_id or self.default
        return next((model for model in self.models if model.id == wanted), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRef:
    """A job at the provider: its id, the trace id we sent, and what the create answered (such as the URLs to ask)."""

    provider_job_id: str
    trace_id: uuid.UUID
    submitted_at: datetime.datetime
    raw: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """The provider took the job. `charged` in thousandths, where the answer tells."""

    provider_job_id: str
    raw: Json = field(default_factory=dict)
    charged: int | None = None
    queue_position: int | None = None


class JobState(StrEnum):
    QUEUED = "queued"
    GENERATING = "generating"
    COMPLETED = "completed"
    FAILED = "failed"
    MODERATED = "moderated"


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteFile:
    """A result to fetch."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What a poll found. `result` once completed: a file to fetch, or the id of an asset made on this machine. `refunded` when a failure gave
    the credits back (else None: not told). `progress` 0 to 1 where it is true, never guessed."""

    state: JobState
    progress: float | None = None
    queue_position: int | None = None
    result: RemoteFile | int | None = None
    charged: int | None = None
    refunded: bool | None = None
    trouble: Trouble | None = None
    error: str = ""
    raw: Json = field(default_factory=dict)


class Lookup(StrEnum):
    """The answer to "do you know this create?" """

    FOUND = "found"
    NOT_FOUND = "not_found"  # it certainly was not accepted
    CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What reconciliation learned about a create whose answer was lost. `evidence` is shown to a person when it cannot tell."""

    lookup: Lookup
    provider_job_id: str = ""
    raw: Json = field(default_factory=dict)
    evidence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """A verified webhook says that something may have changed; the truth is still asked for. `answer` is the body the vendor wants back."""

    provider_job_id: str = ""
    trace_id: uuid.UUID | None = None
    nonce: str = ""
    answer: str = "ok"


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What an account has left, in thousandths of a credit; `detail` in words."""

    remaining: int
    detail: str = ""


class Provider(Protocol):
    """One vendor. Methods that do network I/O are called with no transaction open, and take at most the time-outs of `transport`."""

    id: str
    title: str
    local: bool
    """Made on this machine: no account, no cost, nothing to reconcile."""
    cancellable: bool
    idempotent: bool
    """The vendor takes an id of ours for the job, so that sending again is safe and lookups are exact."""

    @property
    def catalogue(self) -> Catalogue: ...

    def problems(self, request: MediaRequest) -> list[FieldError]:
        """Everything the provider would refuse, with pointers into the POST (`/canonical_params/quality`). Pure; for the form, before the click."""
        ...

    def price(self, request: MediaRequest) -> int:
        """Upper bound in thousandths of a credit. Pure."""
        ...

    def upload(self, account: Account, source: Source) -> str:
        """The provider's reference of a picture or clip. Free and repeatable. Raises Refused, Unavailable."""
        ...

    def body(self, request: MediaRequest) -> Json:
        """The very body that will be sent, kept with the submission. Deterministic."""
        ...

    def submit(self, account: Account, body: Mapping[str, Any], trace_id: uuid.UUID) -> Submitted:
        """Exactly one POST. Raises NotSent, Refused, Ambiguous."""
        ...

    def poll(self, account: Account, job: JobRef) -> Status:
        """Raises Unavailable; Refused with AUTH, NOT_FOUND or GONE."""
        ...

    def find(self, account: Account, body: Mapping[str, Any], trace_id: uuid.UUID, since: datetime.datetime) -> Found:
        """Whether a create whose answer was lost was accepted. Raises Unavailable."""
        ...

    def cancel(self, account: Account, job: JobRef) -> bool:
        """Whether the provider stopped it. Raises Unavailable."""
        ...

    def verify_webhook(self, accounts: Sequence[Account], headers: Mapping[str, str], body: bytes, now: datetime.datetime) -> Hint | None:
        """The hint of a webhook that one of the accounts' secrets vouches for; None for a forged, old or foreign one. Header names in lower case."""
        ...

    def balance(self, account: Account) -> Balance | None:
        """None where the vendor does not tell. Raises Unavailable, Refused."""
        ...

    def allowed_hosts(self, account: Account) -> frozenset[str]:
        """Hosts results may be fetched from; a leading dot allows subdomains."""
        ...
