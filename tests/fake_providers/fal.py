"""fal's queue: `POST /{owner}/{app}/…`, then the addresses it answered with."""

from __future__ import annotations

import base64

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.serving.web import Answer, Request

from .creating import Create
from .state import Job, State, new_uuid


class Fal:
    def __init__(self, state: State) -> None:
        self.state = state

    async def answer(self, request: Request) -> Answer:
        if request.path == "/.well-known/jwks.json":
            return self.keys()
        parts = request.path.strip("/").split("/")
        key = request.headers.get("authorization", "").removeprefix("Key ")
        if not key or key in self.state.config.wrong_keys:
            return Answer(401, {"detail": "No user found for Key ID and Secret" + (f" {key}" if key else "")})
        if len(parts) >= 4 and parts[2] == "requests":
            return self.asked(request, parts[3], parts[4] if len(parts) > 4 else "")
        if request.method == "POST" and len(parts) >= 2:
            return await self.create(request, parts, key)
        return Answer(404, {"detail": "Not Found"})

    def keys(self) -> Answer:
        public = self.state.signing.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return Answer(200, {"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "1", "x": base64.urlsafe_b64encode(public).rstrip(b"=").decode()}]})

    async def create(self, request: Request, parts: list[str], key: str) -> Answer:
        body = request.json()
        if not isinstance(body, dict):
            return Answer(422, {"detail": [{"loc": ["body"], "msg": "value is not a valid dict", "type": "type_error.dict"}]})
        create = Create(self.state, request, "fal", str(body.get("prompt", "")), "")
        early = await create.before()
        if early:
            return early
        if create.refused():
            said = f"bad prompt for {key}" if "echo_key" in create.faults else "bad prompt"
            return Answer(422, {"detail": [{"loc": ["body", "prompt"], "msg": said, "type": "value_error"}]})
        image = "image_size" in body or "text-to-image" in request.path or "flux" in request.path
        job = self.state.accept(
            "fal", job_id=new_uuid(), trace_id="", key=key, body=body, prompt=create.prompt, faults=create.faults, milli=self.state.config.fal_milli,
            kind="image" if image else "video", seconds=float(str(body.get("duration", "5")).rstrip("s")), webhook=request.query.get("fal_webhook", ""),
        )  # fmt: skip
        base = f"{request.base}/{parts[0]}/{parts[1]}/requests/{job.id}"
        made = {"request_id": job.id, "response_url": base, "status_url": f"{base}/status", "cancel_url": f"{base}/cancel",
                "status": "IN_QUEUE", "logs": None, "metrics": {}, "queue_position": 0}  # fmt: skip
        return await create.after(job, Answer(200, made), lambda code: Answer(503, {"detail": f"upstream {code}"}))

    def asked(self, request: Request, job_id: str, what: str) -> Answer:
        job = self.state.job("fal", job_id)
        if job is None:
            return Answer(404, {"detail": "Request not found"})
        phase = self.state.phase(job)
        if what == "cancel" and request.method == "PUT":
            if phase in ("queued", "working"):
                job.cancelled = True
                self.state.settle()
                return Answer(202, {"status": "CANCELLATION_REQUESTED"})
            return Answer(400, {"status": "ALREADY_COMPLETED"})
        if what == "status":
            return self.status(request, job)
        return self.result(request, job)

    def status(self, request: Request, job: Job) -> Answer:
        job.polls += 1
        if job.polls <= int(job.faults.get("poll_500", ["0"])[0]):
            return Answer(500, b"upstream error", {"Content-Type": "text/plain"})
        phase = self.state.phase(job)
        self.state.settle()
        base = request.base + request.path.removesuffix("/status")
        urls = {"request_id": job.id, "response_url": base, "status_url": f"{base}/status", "cancel_url": f"{base}/cancel"}
        if phase == "queued":
            ahead = sum(
                1
                for other in self.state.jobs.values()
                if other.provider == "fal" and other.number < job.number and self.state.phase(other) == "queued"
            )
            return Answer(202, {"status": "IN_QUEUE", "queue_position": ahead, **urls})
        if phase == "working":
            return Answer(202, {"status": "IN_PROGRESS", "logs": [], **urls})
        done = {"status": "COMPLETED", "logs": [], "metrics": {"inference_time": 1.5}, **urls}
        if phase == "cancelled":
            done |= {"error": "Request was cancelled", "error_type": "client_cancelled"}
        if phase == "failed":
            done |= {"error": "Internal Server Error", "error_type": "runner_error"}
        return Answer(200, done)

    def result(self, request: Request, job: Job) -> Answer:
        phase = self.state.phase(job)
        if phase in ("queued", "working"):
            return Answer(400, {"detail": "Request is still in progress"})
        if phase == "moderated":
            flagged = {"loc": ["body", "prompt"], "msg": "The content could not be processed because it contained material flagged by a content checker.",
                       "type": "content_policy_violation"}  # fmt: skip
            return Answer(422, {"detail": [flagged]})
        if phase in ("failed", "cancelled"):
            return Answer(500, {"detail": "Internal Server Error"})
        url = "" if "no_url" in job.faults else f"{request.base}/files/{job.name}"
        if job.kind == "image":
            return Answer(200, {"images": [{"url": url, "content_type": "image/png", "width": job.width, "height": job.height}], "seed": 7})
        return Answer(200, {"video": {"url": url, "content_type": "video/mp4", "file_name": "output.mp4", "file_size": 1024}, "seed": 7})
