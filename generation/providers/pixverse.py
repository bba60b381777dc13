"""The official PixVerse platform (`/openapi/v2/`): clips from text, from one picture and between two.

What its documentation leaves open is met on the safe side: what a repeated Ai-trace-id answers is not said, so a create is never repeated; unknown
status numbers mean "still going on"; both readings of the webhook's signed text are accepted; unknown errors of a create may have been accepted.
"""

from __future__ import annotations

import base64
import datetime
import hmac
import json
import logging
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import quote, urlencode

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
)  # fmt: skip
from .catalogues import load
from .transport import Answer, kept, refusal
from .validation import frames, general_problems, pointer
from .wording import worded

log = logging.getLogger(__name__)

BASE = "https://app-api.pixverse.ai"
PREFIX = "/openapi/v2/"
MEDIA = frozenset({".pixverse.ai", ".pixverseai.cn"})
TEXT, IMAGE, TRANSITION = "video/text/generate", "video/img/generate", "video/transition/generate"
QUALITY = {"low": "360p", "medium": "540p", "high": "720p", "ultra": "1080p"}
DEFAULT_QUALITY = "540p"
DEFAULT_SEC = 5
SKEW_SEC = 300
MAX_WEBHOOK = 1024 * 1024

# The official table, and what clients of others have met.
CODES: dict[int, Trouble] = {
    **dict.fromkeys((10001, 10002, 10003, 10004, 10005, 400012, 500020), Trouble.AUTH),
    **dict.fromkeys((400011, 400013, 400017, 400018, 400019, 400032, 500070, 500071), Trouble.BAD_REQUEST),
    **dict.fromkeys((500030, 500031, 500032, 500033, 500041, 500042, 500047), Trouble.BAD_MEDIA),
    **dict.fromkeys((500043, 500090), Trouble.NO_FUNDS),
    **dict.fromkeys((500044, 500069), Trouble.BUSY),
    **dict.fromkeys((500052, 500054, 500063), Trouble.FILTERED),
    500008: Trouble.NOT_FOUND,
    500060: Trouble.QUOTA,
    500064: Trouble.GONE,
}
MAY_BE_TAKEN = frozenset({500100, 99999})  # "MySQL error", "unknown": said after the job was written, or before
UPLOAD_AGAIN = frozenset({500041, 500069, *MAY_BE_TAKEN})  # an upload costs nothing

STATES = {
    1: JobState.COMPLETED, 2: JobState.GENERATING, 3: JobState.GENERATING, 5: JobState.GENERATING, 9: JobState.QUEUED, 10: JobState.QUEUED,
    6: JobState.FAILED, 7: JobState.MODERATED, 8: JobState.FAILED,
}  # fmt: skip


class Pixverse:
    id = "pixverse"
    title = "PixVerse"
    local = False
    cancellable = False  # there is no such endpoint
    idempotent = False

    @property
    def catalogue(self) -> Catalogue:
        return load("pixverse")

    # -- before the click

    def problems(self, request: MediaRequest) -> list[FieldError]:
        model, found = general_problems(self.catalogue, request, quality=_quality)
        if model is None:
            return found
        found += frames(request, self.title)
        if "template_id" in request.params and "camera_movement" in request.params:
            found.append(FieldError(pointer("camera_movement"), "excluded", "An effect template moves the camera itself."))
        if not found and _credits(model, request) is None:
            found.append(_not_sold(model, request))
        return found

    def price(self, request: MediaRequest) -> int:
        model = self.catalogue.model(request.params.get("model"))
        cost = _credits(model, request) if model else None
        return round(cost * MILLI) if cost is not None else 0

    # -- sending

    def upload(self, account: Account, source: Source) -> str:
        if source.path is None:
            raise Unavailable("The picture has no file to upload.")
        with source.path.open("rb") as opened:
            file = (f"{source.sha256[:16]}.{source.mime.rpartition('/')[2]}", opened, source.mime)
            url, headers = _url(account, "image/upload"), _headers(account)
            answer = transport.ask("POST", url, headers=headers, files={"image": file}, seconds=transport.UPLOAD_SEC)
        code, said, resp = _envelope(answer)
        if code == 0 and _number(resp.get("img_id")):
            return str(resp["img_id"])
        if code in UPLOAD_AGAIN or (code is None and answer.ok) or code == 0:
            raise Unavailable(f"PixVerse could not take the picture ({code}).")
        raise _refused(answer, account, code, said)

    def body(self, request: MediaRequest) -> Json:
        model = self.catalogue.model(request.params.get("model"))
        if model is None:
            raise ValueError(f"there is no model {request.params.get('model')!r}")
        first, last = request.frames
        body: Json = {
            "prompt": worded(request), "model": model.id, "duration": int(request.duration_sec or DEFAULT_SEC),
            "quality": _quality(request.params.get("quality") or DEFAULT_QUALITY),
        }  # fmt: skip
        if first is not None and last is not None:
            body |= {"first_frame_img": int(first.reference), "last_frame_img": int(last.reference)}
        elif first is not None:
            body["img_id"] = int(first.reference)
        else:
            body["aspect_ratio"] = request.params.get("aspect_ratio") or "16:9"
        if request.negative_prompt and "negative_prompt" in model.params:
            body["negative_prompt"] = request.negative_prompt
        given = {name: request.params[name] for name in model.params if request.params.get(name) is not None}
        return body | {name: int(value) if isinstance(value, float) else value for name, value in given.items() if name != "negative_prompt"}

    def submit(self, account: Account, body: Mapping[str, Any], trace_id: uuid.UUID) -> Submitted:
        path = TRANSITION if "first_frame_img" in body else IMAGE if "img_id" in body else TEXT
        answer = transport.create(_url(account, path), body=body, headers=_headers(account, trace_id))
        code, said, resp = _envelope(answer)
        if code == 0 and _number(resp.get("video_id")):
            return Submitted(provider_job_id=str(resp["video_id"]), raw=kept(answer.data, account.key), charged=_charged(resp))
        if code == 0 or (code is None and answer.ok) or code in MAY_BE_TAKEN or (code is not None and code >= 500000 and code not in CODES):
            words = transport.without(said, account.key)[: transport.SHOWN]
            raise Ambiguous(f"PixVerse answered {code}: {words}", raw=kept(answer.data, account.key))
        raise _refused(answer, account, code, said)

    # -- asking

    def poll(self, account: Account, job: JobRef) -> Status:
        answer = transport.ask("GET", _url(account, f"video/result/{quote(job.provider_job_id, safe='')}"), headers=_headers(account))
        code, said, resp = _envelope(answer)
        if code != 0:
            trouble = CODES.get(code) if code is not None else transport.STATUSES.get(answer.status)
            if trouble in (Trouble.AUTH, Trouble.NOT_FOUND, Trouble.GONE):
                raise _refused(answer, account, code, said)
            if trouble is Trouble.FILTERED:
                return _ended(JobState.MODERATED, Trouble.FILTERED, "PixVerse's moderation stopped it.", answer, account)
            raise Unavailable(f"PixVerse answered {code if code is not None else answer.status}.")
        return self._status(account, job, answer, resp)

    def _status(self, account: Account, job: JobRef, answer: Answer, resp: Mapping[str, Any]) -> Status:
        number = resp.get("status")
        state = STATES.get(number) if isinstance(number, int) and not isinstance(number, bool) else None
        raw, charged = kept(answer.data, account.key), _charged(resp)
        if state is None:
            log.warning("unknown_status: PixVerse says %r of job %s; it is taken as still going on", number, job.provider_job_id)
            state = JobState.GENERATING
        if state is JobState.MODERATED:
            return _ended(state, Trouble.FILTERED, "PixVerse's moderation stopped it.", answer, account)
        if number == 6:
            return _ended(state, Trouble.GONE, "The clip was deleted at PixVerse.", answer, account, refunded=None)
        if state is JobState.FAILED:
            return _ended(state, Trouble.FAILED, "PixVerse could not make it.", answer, account)
        if state is JobState.COMPLETED:
            url = resp.get("url")
            if isinstance(url, str) and url.startswith(("https://", "http://")) and _has_size(resp):
                return Status(state=state, progress=1.0, result=RemoteFile(url=url), charged=charged, raw=raw)
            log.warning("PixVerse calls job %s done, without a file or a size yet", job.provider_job_id)
            state = JobState.GENERATING
        return Status(state=state, charged=charged, raw=raw)

    def find(self, account: Account, body: Mapping[str, Any], trace_id: uuid.UUID, since: datetime.datetime) -> Found:
        """PixVerse has no list and no lookup by trace id; a person compares its console with what is shown here."""
        balance = None
        with suppress(Exception):  # the evidence is worth having, and its absence proves nothing
            balance = self.balance(account)
        left = f" The account has {balance.detail} left." if balance else ""
        when = since.astimezone(datetime.UTC)
        clip = f"a {body.get('model')} clip from {when:%d %B %Y %H:%M:%S} UTC"
        return Found(lookup=Lookup.CANNOT_TELL, evidence=f"PixVerse cannot be asked about a request. Look in its console for {clip}.{left}")

    def cancel(self, account: Account, job: JobRef) -> bool:
        return False

    def balance(self, account: Account) -> Balance | None:
        answer = transport.ask("GET", _url(account, "account/balance"), headers=_headers(account))
        code, said, resp = _envelope(answer)
        if code != 0:
            if (code in CODES) or not answer.ok:
                raise _refused(answer, account, code, said)
            raise Unavailable(f"PixVerse answered {code}.")
        monthly, package = (_number(resp.get(name)) or 0 for name in ("credit_monthly", "credit_package"))
        return Balance(remaining=(monthly + package) * MILLI, detail=f"{monthly + package} credits ({monthly} of this month, {package} bought)")

    # -- webhooks

    def verify_webhook(self, accounts: Sequence[Account], headers: Mapping[str, str], body: bytes, now: datetime.datetime) -> Hint | None:
        at, nonce, signature = (headers.get(f"webhook-{name}", "") for name in ("timestamp", "nonce", "signature"))
        if len(body) > MAX_WEBHOOK or not at.isdigit() or not 8 <= len(nonce) <= 128 or abs(now.timestamp() - int(at)) > SKEW_SEC:
            return None
        try:
            payload = json.loads(body)
            job = str(payload["id"])
        except (ValueError, KeyError, TypeError, RecursionError):
            return None
        forms = [f"{at}\n{nonce}\n{form}".encode() for form in signed_forms(body, payload)]
        good = False
        for account in accounts:
            if account.webhook_secret:
                for form in forms:  # all of them, always: the time taken tells nothing
                    made = base64.b64encode(hmac.digest(account.webhook_secret.encode(), form, "sha256"))
                    good |= hmac.compare_digest(made, signature.encode("latin-1", "replace"))
        if not good:
            return None
        trace = None
        with suppress(ValueError):
            trace = uuid.UUID(headers.get("ai-trace-id", ""))
        return Hint(provider_job_id=job, trace_id=trace, nonce=nonce, answer="ok")

    def allowed_hosts(self, account: Account) -> frozenset[str]:
        return MEDIA | transport.own_host(account.base_url)


def signed_forms(body: bytes, payload: Any) -> list[str]:
    """What the signature may be over: the page says "url-encoded payload" and shows key=value pairs, a verified client encodes the whole body."""
    found = [quote(body.decode(errors="replace"), safe="!*'()~-_.")]
    if isinstance(payload, dict):
        plain = {name: str(value).lower() if isinstance(value, bool) else "" if value is None else value for name, value in payload.items()}
        found += [urlencode(plain), urlencode(sorted(plain.items()))]
    return found


def _quality(said: Any) -> Any:
    return QUALITY.get(said, said) if isinstance(said, str) else said


def _credits(model: Model, request: MediaRequest) -> float | None:
    """The price of this model, length and quality; None where it is not sold. Prices by the second: without, and with sound."""
    quality, price = _quality(request.params.get("quality") or DEFAULT_QUALITY), model.price
    seconds = request.duration_sec or DEFAULT_SEC
    if "clip" in price:
        table = price.get("fast", {}) if request.params.get("motion_mode") == "fast" else price["clip"]
        found: dict[str, float] = table.get(quality, {})
        return found.get(f"{seconds:g}")
    if quality not in price["per_sec"] or seconds > price.get("max_sec", {}).get(quality, seconds):
        return None
    silent, with_sound = price["per_sec"][quality]
    each = float(with_sound if request.params.get("generate_audio_switch") else silent)
    return each * max(seconds, float(price.get("at_least_sec", 0)))


def _not_sold(model: Model, request: MediaRequest) -> FieldError:
    quality = _quality(request.params.get("quality") or DEFAULT_QUALITY)
    if request.params.get("motion_mode") == "fast":
        return FieldError(pointer("motion_mode"), "combination", f"{model.title} moves fast only in clips of 5 seconds below 1080p.")
    said = f"{model.title} makes no {quality} clips of {request.duration_sec or DEFAULT_SEC:g} seconds."
    return FieldError("/inputs/duration_sec", "combination", said)


def _url(account: Account, path: str) -> str:
    return (account.base_url or BASE).rstrip("/") + PREFIX + path


def _headers(account: Account, trace_id: uuid.UUID | None = None) -> dict[str, str]:
    """Every request has a trace id of its own, questions too."""
    return {"API-KEY": account.key, "Ai-trace-id": str(trace_id or uuid.uuid4())}


def _envelope(answer: Answer) -> tuple[int | None, str, Mapping[str, Any]]:
    """Code, words and content; HTTP 200 alone means nothing. One documented error comes in lower case. Code None: there is no envelope."""
    data = answer.data if isinstance(answer.data, dict) else {}
    code = data.get("ErrCode", data.get("err_code"))
    resp = data.get("Resp", data.get("resp"))
    said = str(data.get("ErrMsg", data.get("err_msg", "")) or "")
    return code if _number(code) is not None else None, said, resp if isinstance(resp, dict) else {}


def _refused(answer: Answer, account: Account, code: int | None, said: str) -> Exception:
    trouble = None if code is None else CODES.get(code) or (Trouble.AUTH if 10000 <= code < 20000 else None)
    words = f"PixVerse: {said}" if said else f"PixVerse answered {answer.status if code is None else code}."
    return refusal(answer, words, key=account.key, trouble=trouble, code="" if code is None else str(code))


def _ended(state: JobState, trouble: Trouble, said: str, answer: Answer, account: Account, *, refunded: bool | None = True) -> Status:
    """Failures and moderation are given back, its FAQ says."""
    return Status(state=state, trouble=trouble, error=said, refunded=refunded, raw=kept(answer.data, account.key))


def _charged(resp: Mapping[str, Any]) -> int | None:
    """The reference says `credits`, guides say `credit`."""
    cost = resp.get("credits", resp.get("credit"))
    return round(cost * MILLI) if isinstance(cost, int | float) and not isinstance(cost, bool) and cost > 0 else None


def _has_size(resp: Mapping[str, Any]) -> bool:
    return all(_number(resp.get(name, 1)) != 0 for name in ("outputWidth", "outputHeight"))


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
