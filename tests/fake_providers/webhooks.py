"""Signed webhooks, as Pixverse and fal send them, with their tries again."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import http.client
import json
import secrets
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.serving.web import Request

from .faults import number
from .state import Job, State, new_uuid

AGAIN_SEC = {"pixverse": (2, 10, 30, 60, 300, 900, 3600, 14400), "fal": (15, 30, 60, 300, 900, 1800, 3600)}


async def announce(state: State, request: Request, job: Job) -> None:
    """Send what is to be sent about a job, and wait for it."""
    base = request.base
    target = state.config.pixverse_webhook if job.provider == "pixverse" else job.webhook
    if not target:
        return
    body = _body(state, base, job)
    for _ in range(int(number(job.faults, "webhook_dup", 2)) or 1):
        await deliver(state, {"job": f"{job.provider}/{job.id}", "url": target, "body": body, "tries": 0, "answer": None, "due": 0.0})


async def deliver(state: State, order: dict[str, Any]) -> None:
    """One POST; kept for another try when it was not answered with 200 (and `ok`). A reset meanwhile forgets the order with its job."""
    job = state.jobs.get(order["job"])
    if job is None:
        return
    headers = _headers(state, job, order["body"])
    status, answer = await asyncio.to_thread(_post, order["url"], order["body"], headers)
    order["tries"] += 1
    order["answer"], order["status"], order["headers"] = answer, status, headers
    fine = status == 200 and (job.provider != "pixverse" or answer == "ok")
    again = AGAIN_SEC[job.provider]
    order["due"] = state.now() + again[order["tries"] - 1] if not fine and order["tries"] <= len(again) else None
    if order not in state.webhooks and state.jobs.get(order["job"]) is job:
        state.webhooks.append(order)


def _body(state: State, base: str, job: Job) -> bytes:
    from .pixverse import STATUS

    phase = state.phase(job)
    url = f"{base}/files/{job.name}"
    if job.provider == "pixverse":
        done = phase == "completed"
        sent = {"id": job.id, "status": STATUS[phase], "url": url if done else "", "size": 1024, "has_audio": False, "credits": job.milli // 1000}
    else:
        payload = {"video": {"url": url, "content_type": "video/mp4", "file_size": 1024}, "seed": 1}
        sent = {"request_id": job.id, "gateway_request_id": job.id, "status": "OK" if phase != "failed" else "ERROR", "payload": payload}
    return json.dumps(sent).encode()


def _headers(state: State, job: Job, body: bytes) -> dict[str, str]:
    at = str(int(state.now()))
    forged = "webhook_forged" in job.faults
    if job.provider == "pixverse":
        nonce = secrets.token_hex(16)
        text = body.decode()
        payload = quote(text, safe="!*'()~-_.") if state.config.webhook_form == "encoded" else urlencode(
            {name: str(value).lower() if isinstance(value, bool) else value for name, value in json.loads(text).items()}
        )  # fmt: skip
        secret = "of somebody else" if forged else state.config.pixverse_secret
        signature = base64.b64encode(hmac.digest(secret.encode(), f"{at}\n{nonce}\n{payload}".encode(), "sha256")).decode()
        return {
            "Content-Type": "application/json", "Webhook-Timestamp": at, "Webhook-Nonce": nonce, "Webhook-Signature": signature,
            "Ai-Trace-Id": job.trace_id,
        }  # fmt: skip
    user = "user-of-the-fake"
    signed = f"{job.id}\n{user}\n{at}\n{hashlib.sha256(body).hexdigest()}".encode()
    signing = Ed25519PrivateKey.generate() if forged else state.signing
    return {
        "Content-Type": "application/json", "X-Fal-Webhook-Request-Id": job.id, "X-Fal-Webhook-User-Id": user, "X-Fal-Webhook-Timestamp": at,
        "X-Fal-Webhook-Signature": signing.sign(signed).hex(), "X-Fal-Delivery": new_uuid(),
    }  # fmt: skip


def _post(url: str, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=15)
    try:
        connection.request("POST", parts.path + (f"?{parts.query}" if parts.query else ""), body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read(200).decode(errors="replace")
    except OSError as error:
        return 0, type(error).__name__
    finally:
        connection.close()
