"""fal's queue: one client for every model it hosts; a row of the catalogue says the path, the names of the inputs and the price.

Its own library sends a create up to ten times; ours sends it once and asks fal's server not to repeat it either. The addresses a create answers with
are used as they are, after their host was checked: our key goes to fal and nobody else.
"""

from __future__ import annotations

import base64
import binascii
import datetime
import hashlib
import io
import json
import logging
import math
import threading
import time
import uuid
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from PIL import Image

from pixsim.lib.errors import FieldError

from . import transport
from .base import (
    MILLI,
    Account,
    Ambiguous,
    Balance,
    Catalogue,
    Found,
    Hint,
    JobRef,
    JobState,
    Json,
    Lookup,
    MediaRequest,
    Model,
    RemoteFile,
    Source,
    Status,
    Submitted,
    Trouble,
    Unavailable,
)
from .catalogues import load
from .transport import Answer, kept, refusal
from .validation import frames, general_problems
from .wording import worded

log = logging.getLogger(__name__)

BASE = "https://queue.fal.run"
HOSTS = frozenset({".fal.run"})
MEDIA = frozenset({".fal.media", ".fal.ai"})
KEYS_URL = "https://rest.fal.ai/.well-known/jwks.json"
KEYS_SEC = 24 * 3600.0
KEYS_AGAIN_SEC = 60.0  # a signature nobody knows may be a new key; strangers must not make us ask all the time
SKEW_SEC = 300
MAX_WEBHOOK = 4 * 1024 * 1024
PIXELS = {"16:9": (1024, 576), "9:16": (576, 1024), "1:1": (1024, 1024), "4:3": (1024, 768), "3:4": (768, 1024)}
MAX_SIDE = 1536  # pixels of a picture that travels inside the request


class Fal:
    id = "fal"
    title = "fal"
    local = False
    cancellable = True
    idempotent = False

    def __init__(self) -> None:
        self._keys: dict[str, tuple[float, list[Ed25519PublicKey]]] = {}
        self._lock = threading.Lock()

    @property
    def catalogue(self) -> Catalogue:
        return load("fal")

    # -- before the click

    def problems(self, request: MediaRequest) -> list[FieldError]:
        model, found = general_problems(self.catalogue, request)
        return found if model is None else found + frames(request, model.title)

    def price(self, request: MediaRequest) -> int:
        model = self.catalogue.model(request.params.get("model"))
        return _milli(model, request) if model else 0

    # -- sending

    def upload(self, account: Account, source: Source) -> str:
        """A data URI: fal takes pictures inside the request. Made smaller, as the request is kept with the job."""
        if source.path is None:
            raise Unavailable("The picture has no file to upload.")
        out = io.BytesIO()
        with Image.open(source.path) as picture:
            picture.thumbnail((MAX_SIDE, MAX_SIDE))
            picture.convert("RGB").save(out, "JPEG", quality=90)
        return f"data:image/jpeg;base64,{base64.b64encode(out.getvalue()).decode()}"

    def body(self, request: MediaRequest) -> Json:
        """`path` of the model and the `input` that is POSTed there."""
        model = self.catalogue.model(request.params.get("model"))
        if model is None:
            raise ValueError(f"there is no model {request.params.get('model')!r}")
        first, last = request.frames
        paths = model.price["paths"]
        path = paths["text"] if first is None else paths["image"]
        values: Json = {
            **{name: request.params.get(name) for name in ("seed", *model.params)}, "prompt": worded(request),
            "negative_prompt": request.negative_prompt or None, "duration_text": f"{_seconds(model, request):g}" if model.durations_sec else None,
            "pixels": dict(zip(("width", "height"), PIXELS[_ratio(request)], strict=True)),
            "aspect_ratio": _ratio(request) if first is None else None,
            "first_frame": first.reference if first else None, "last_frame": last.reference if last else None,
        }  # fmt: skip
        names: Mapping[str, str] = model.price["map"]
        sent = {names[name]: value for name, value in values.items() if name in names and value is not None}
        return {"path": "/".join(part for part in (model.id, path) if part), "input": {**model.price.get("fixed", {}), **sent}}

    def submit(self, account: Account, body: Mapping[str, Any], trace_id: uuid.UUID) -> Submitted:
        hook = str(account.options.get("webhook_url") or "")
        query = f"?{urlencode({'fal_webhook': hook})}" if hook else ""
        url = f"{(account.base_url or BASE).rstrip('/')}/{body['path']}{query}"
        answer = transport.create(url, body=body["input"], headers={**_headers(account), "x-fal-no-retry": "1"}, hosts=_hosts(account))
        if not answer.ok:
            raise refusal(answer, f"fal: {_said(answer)}", key=account.key, trouble=_trouble(answer))
        found = answer.data if isinstance(answer.data, dict) else {}
        job = found.get("request_id")
        if not isinstance(job, str) or not job:
            raise Ambiguous("fal answered without a request id.", raw=kept(answer.data, account.key))
        position = found.get("queue_position")
        return Submitted(provider_job_id=job, raw=kept(found, account.key), queue_position=position if isinstance(position, int) else None)

    # -- asking

    def poll(self, account: Account, job: JobRef) -> Status:
        answer = transport.ask("GET", _link(job, "status_url"), headers=_headers(account), hosts=_hosts(account))
        found = answer.data if isinstance(answer.data, dict) else {}
        if not answer.ok or "status" not in found:
            raise self._no(answer, account)
        raw = kept({name: value for name, value in found.items() if name != "logs"}, account.key)
        if found["status"] == "IN_QUEUE":
            position = found.get("queue_position")
            return Status(state=JobState.QUEUED, queue_position=position if isinstance(position, int) else None, raw=raw)
        if found["status"] != "COMPLETED":
            if found["status"] != "IN_PROGRESS":
                log.warning("unknown_status: fal says %r of job %s; it is taken as still going on", found["status"], job.provider_job_id)
            return Status(state=JobState.GENERATING, raw=raw)
        if found.get("error"):
            said = transport.without(str(found["error"]), account.key)[: transport.SHOWN]
            refunded = None if found.get("error_type") == "client_cancelled" else True  # a server error is not billed
            return Status(state=JobState.FAILED, trouble=Trouble.FAILED, error=f"fal: {said}", refunded=refunded, raw=raw)
        return self._result(account, job)

    def _result(self, account: Account, job: JobRef) -> Status:
        answer = transport.ask("GET", _link(job, "response_url"), headers=_headers(account), hosts=_hosts(account))
        raw = kept(answer.data, account.key)
        if answer.status == 422:
            state = JobState.MODERATED if _trouble(answer) is Trouble.FILTERED else JobState.FAILED
            said = transport.without(_said(answer), account.key)[: transport.SHOWN]
            return Status(state=state, trouble=_trouble(answer), error=f"fal: {said}", raw=raw)
        if not answer.ok:
            raise self._no(answer, account)
        url = _file(answer.data)
        if not url:
            raise Unavailable("fal says it is done and names no file.", raw=raw)
        return Status(state=JobState.COMPLETED, progress=1.0, result=RemoteFile(url=url), raw=raw)

    def _no(self, answer: Answer, account: Account) -> Exception:
        trouble = transport.STATUSES.get(answer.status)
        if trouble in (Trouble.AUTH, Trouble.NOT_FOUND, Trouble.GONE):
            return refusal(answer, f"fal: {_said(answer)}", key=account.key)
        return Unavailable(f"fal answered {answer.status}.")

    def find(self, account: Account, body: Mapping[str, Any], trace_id: uuid.UUID, since: datetime.datetime) -> Found:
        """fal takes no id of ours and has no list of requests."""
        when = since.astimezone(datetime.UTC)
        said = f"fal cannot be asked about a request. Look in its dashboard for one of {body.get('path')} from {when:%d %B %Y %H:%M:%S} UTC."
        return Found(lookup=Lookup.CANNOT_TELL, evidence=said)

    def cancel(self, account: Account, job: JobRef) -> bool:
        return transport.ask("PUT", _link(job, "cancel_url"), headers=_headers(account), hosts=_hosts(account)).ok

    def balance(self, account: Account) -> Balance | None:
        return None

    # -- webhooks

    def verify_webhook(self, accounts: Sequence[Account], headers: Mapping[str, str], body: bytes, now: datetime.datetime) -> Hint | None:
        job, user, at, signature = (headers.get(f"x-fal-webhook-{name}", "") for name in ("request-id", "user-id", "timestamp", "signature"))
        if len(body) > MAX_WEBHOOK or not (job and at.isdigit()) or abs(now.timestamp() - int(at)) > SKEW_SEC:
            return None
        try:
            given = binascii.unhexlify(signature)
            told = json.loads(body)
        except (ValueError, RecursionError):
            return None
        if not isinstance(told, dict) or told.get("request_id") != job:
            return None
        signed = f"{job}\n{user}\n{at}\n{hashlib.sha256(body).hexdigest()}".encode()
        for url in sorted({_keys_url(account) for account in accounts}):
            if any(_fits(key, given, signed) for key in self._public_keys(url)) or any(
                _fits(key, given, signed) for key in self._public_keys(url, True)
            ):
                return Hint(provider_job_id=job, nonce=hashlib.sha256(given).hexdigest(), answer="ok")
        return None

    def _public_keys(self, url: str, fresh: bool = False) -> list[Ed25519PublicKey]:
        """fal's keys, asked for at most once a minute and kept for at most a day."""
        with self._lock:
            at, keys = self._keys.get(url, (-math.inf, []))
            if time.monotonic() - at < (KEYS_AGAIN_SEC if fresh or not keys else KEYS_SEC):
                return keys
            try:
                answer = transport.ask("GET", url)
                keys = _read_keys(answer.data) or keys
            except Unavailable as error:
                log.warning("fal's signing keys cannot be had: %s", error.message)
            self._keys[url] = (time.monotonic(), keys)
            return keys

    def allowed_hosts(self, account: Account) -> frozenset[str]:
        return MEDIA | transport.own_host(account.base_url)


def _milli(model: Model, request: MediaRequest) -> int:
    price = model.price
    if "per_megapixel" in price:  # every started megapixel, as its page says
        wide, high = PIXELS[_ratio(request)]
        return round(float(price["per_megapixel"]) * MILLI) * math.ceil(wide * high / 1_000_000)
    return round(float(price["per_sec"]) * _seconds(model, request) * MILLI)


def _seconds(model: Model, request: MediaRequest) -> float:
    return float(request.duration_sec or (model.durations_sec[0] if model.durations_sec else 0))


def _ratio(request: MediaRequest) -> str:
    said = request.params.get("aspect_ratio")
    return said if isinstance(said, str) and said in PIXELS else "16:9"


def _headers(account: Account) -> dict[str, str]:
    return {"Authorization": f"Key {account.key}"}


def _hosts(account: Account) -> frozenset[str]:
    """Where our key may go."""
    return HOSTS | transport.own_host(account.base_url)


def _link(job: JobRef, name: str) -> str:
    """An address the create answered with. It is checked against `_hosts` before anything is sent there."""
    found = job.raw.get(name)
    if not isinstance(found, str) or not found:
        raise Unavailable(f"The job has no {name}.")
    return found


def _said(answer: Answer) -> str:
    """fal's `detail`: a text, or a list of what is wrong where."""
    detail = answer.data.get("detail") if isinstance(answer.data, dict) else None
    if isinstance(detail, list):
        return "; ".join(f"{'/'.join(map(str, one.get('loc', [])[1:]))}: {one.get('msg', '')}" for one in detail if isinstance(one, dict))
    return str(detail or f"it answered {answer.status}.")


def _trouble(answer: Answer) -> Trouble | None:
    detail = answer.data.get("detail") if isinstance(answer.data, dict) else None
    kinds = {str(one.get("type", "")) for one in detail if isinstance(one, dict)} if isinstance(detail, list) else set()
    if "content_policy_violation" in kinds:
        return Trouble.FILTERED
    if kinds & {"image_load_error", "file_download_error", "image_too_small", "image_too_large", "unsupported_image_format"}:
        return Trouble.BAD_MEDIA
    if answer.status == 403 and isinstance(detail, str) and "balance" in detail.lower():
        return Trouble.NO_FUNDS  # a locked account: "Exhausted balance"
    return Trouble.BAD_REQUEST if answer.status == 422 else None


def _file(data: Any) -> str:
    """The address of the clip or of the first picture."""
    found = data.get("video") if isinstance(data, dict) else None
    if found is None and isinstance(data, dict):
        images = data.get("images")
        found = images[0] if isinstance(images, list) and images else data.get("image")
    url = found.get("url") if isinstance(found, dict) else None
    return url if isinstance(url, str) and url.startswith(("https://", "http://")) else ""


def _keys_url(account: Account) -> str:
    return f"{account.base_url.rstrip('/')}/.well-known/jwks.json" if transport.own_host(account.base_url) else KEYS_URL


def _read_keys(data: Any) -> list[Ed25519PublicKey]:
    found = []
    for one in data.get("keys", []) if isinstance(data, dict) else []:
        try:
            raw = str(one["x"]).encode()
            found.append(Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(raw + b"=" * (-len(raw) % 4))))
        except (KeyError, TypeError, ValueError):
            continue
    return found


def _fits(key: Ed25519PublicKey, signature: bytes, signed: bytes) -> bool:
    try:
        key.verify(signature, signed)
    except InvalidSignature:
        return False
    return True
