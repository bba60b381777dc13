"""`/openapi/v2/` of the Pixverse platform. HTTP 200 is no success: the envelope tells."""

from __future__ import annotations

from typing import Any

from tests.serving.web import Answer, Request

from . import files
from .creating import Create
from .state import Job, State

PREFIX = "/openapi/v2/"
STATUS = {"queued": 9, "working": 5, "completed": 1, "failed": 8, "moderated": 7, "cancelled": 6}
CREATES = {
    "video/text/generate": ("prompt", "model", "duration", "quality", "aspect_ratio"),
    "video/img/generate": ("img_id", "prompt", "model", "duration", "quality"),
    "video/transition/generate": ("first_frame_img", "last_frame_img", "prompt", "model", "duration", "quality"),
}
RATIOS = {"16:9": (16, 9), "9:16": (9, 16), "1:1": (1, 1), "4:3": (4, 3), "3:4": (3, 4), "3:2": (3, 2), "2:3": (2, 3), "21:9": (21, 9)}
WORDS = {
    400011: "empty parameter", 400013: "invalid binding request: wrong type", 400017: "invalid parameter", 400018: "prompt length exceeds the limit",
    400032: "invalid image id", 500008: "data not found", 500044: "reached the limit for concurrent generations", 500054: "content moderation failed",
    500063: "text did not pass our content moderator", 500069: "the system is experiencing high load", 500090: "insufficient balance", 500100: "MySQL error",
    10005: "token is invalid", 99999: "unknown error", 500042: "invalid image path",
}  # fmt: skip
FAST = {"v3.5", "v4", "v4.5"}


def credits(body: dict[str, Any]) -> float:
    """What the price list says, in credits."""
    model, quality, seconds = body["model"], body["quality"], body["duration"]
    if model in FAST | {"v5"}:
        price = {"360p": 45, "540p": 45, "720p": 60, "1080p": 120}[quality]
        return price * (2 if seconds == 8 or body.get("motion_mode") == "fast" else 1)
    sound = bool(body.get("generate_audio_switch"))
    per_second = {"360p": (5, 7), "540p": (7, 9), "720p": (9, 12), "1080p": (18, 23)}[quality][sound]
    return per_second * seconds


class Pixverse:
    def __init__(self, state: State) -> None:
        self.state = state

    async def answer(self, request: Request) -> Answer:
        path = request.path.removeprefix(PREFIX)
        key, trace = request.headers.get("api-key", ""), request.headers.get("ai-trace-id", "")
        if not key or key in self.state.config.wrong_keys:
            return self.error(10005, said=f"token {key} is invalid" if key else "")
        if not trace:
            return self.error(400011, said="Ai-trace-id is empty")
        if request.method == "POST" and path in CREATES:
            return await self.create(request, path, key, trace)
        if request.method == "POST" and path == "image/upload":
            return self.upload(request)
        if request.method == "GET" and path.startswith("video/result/"):
            return self.result(request, path.rpartition("/")[2])
        if request.method == "GET" and path == "account/balance":
            left = self.state.config.credits_milli - self.state.spent()
            return self.ok({"account_id": 4711, "credit_monthly": 0, "credit_package": left // 1000})
        return Answer(404, {"detail": "404 page not found"})

    def ok(self, resp: dict[str, Any]) -> Answer:
        return self.envelope(0, "success", resp)

    def error(self, code: int, *, said: str = "") -> Answer:
        return self.envelope(code, said or WORDS.get(code, "error"), {})

    def envelope(self, code: int, said: str, resp: dict[str, Any]) -> Answer:
        lower = self.state.config.lower_case_envelope
        return Answer(200, {"err_code": code, "err_msg": said, "resp": resp} if lower else {"ErrCode": code, "ErrMsg": said, "Resp": resp})

    async def create(self, request: Request, path: str, key: str, trace: str) -> Answer:
        state, body = self.state, request.json()
        if not isinstance(body, dict):
            return self.error(400013)
        create = Create(state, request, "pixverse", str(body.get("prompt", "")), trace)
        early = await create.before()
        if early:
            return early
        refused = create.refused() or self.wrong(path, body)
        if refused:
            return self.error(refused, said=f"{WORDS.get(refused, 'error')} for {key}" if "echo_key" in create.faults else "")
        frozen = False
        known = state.known("pixverse", trace)
        if known:
            if state.config.replay == "C":
                return self.error(400017)
            if state.config.replay == "A":
                state.write("replay", known, 0)
                return await create.after(known, self.made(known), self.error)
            frozen = True
        if state.running("pixverse", key) >= state.config.slots:
            return self.error(500044)
        milli = round(credits(body) * 1000)
        if state.spent() + milli > state.config.credits_milli:
            return self.error(500090)
        width, height = files.pixels(body["quality"], RATIOS.get(body.get("aspect_ratio", "16:9"), (16, 9)))
        job = state.accept(
            "pixverse", trace_id=trace, key=key, body=body, prompt=create.prompt, faults=create.faults, milli=milli, frozen=frozen,
            width=width, height=height, seconds=body["duration"],
        )  # fmt: skip
        return await create.after(job, self.made(job), self.error)

    def made(self, job: Job) -> Answer:
        # Numbers, not texts: a client that reads them as floating point would ask for another job.
        return self.ok({"video_id": int(job.id), "credits": job.milli // 1000})

    def wrong(self, path: str, body: dict[str, Any]) -> int | None:
        """The error code of a body that the real one would refuse."""
        if any(body.get(name) in (None, "") for name in CREATES[path]):
            return 400011
        frames = [body[name] for name in ("img_id", "first_frame_img", "last_frame_img") if name in body]
        if not isinstance(body["duration"], int) or any(not isinstance(item, int) for item in frames):
            return 400013
        if any(str(item) not in self.state.uploads for item in frames):
            return 400032
        model, quality, seconds = body["model"], body["quality"], body["duration"]
        old = model in FAST | {"v5"}
        if model not in FAST | {"v5", "v5.5", "v5.6", "v6", "c1"} or quality not in ("360p", "540p", "720p", "1080p"):
            return 400017
        if old and (seconds not in (5, 8) or (seconds == 8 and quality == "1080p" and model != "v5")):
            return 400017
        if not old and not 1 <= seconds <= (10 if model in ("v5.5", "v5.6") else 15):
            return 400017
        if "aspect_ratio" in body and body["aspect_ratio"] not in RATIOS:
            return 400017
        if len(body["prompt"]) > (5000 if model in ("v6", "c1") else 2048):
            return 400018
        return None

    def upload(self, request: Request) -> Answer:
        kind = request.headers.get("content-type", "")
        if not kind.startswith("multipart/form-data") or b'name="image"' not in request.body:
            return self.error(500042)
        self.state.next_id += 1
        image = str(self.state.next_id)
        self.state.uploads[image] = {"bytes": len(request.body)}
        return self.ok({"img_id": int(image), "img_url": f"{request.base}/files/upload-{image}.png"})

    def result(self, request: Request, job_id: str) -> Answer:
        job = self.state.job("pixverse", job_id)
        if job is None:
            return self.error(500008)
        job.polls += 1
        if job.polls <= int(job.faults.get("poll_500", ["0"])[0]):
            return Answer(500, b"upstream error", {"Content-Type": "text/plain"})
        phase = self.state.phase(job)
        status = self.state.sequence(job) if "status_seq" in job.faults else STATUS[phase]
        self.state.settle()
        shown = (status == 1 and "no_url" not in job.faults) or "early_url" in job.faults
        wide, high = (0, 0) if "wrong_dims" in job.faults or status != 1 else (job.width, job.height)
        return self.ok({
            "id": int(job.id), "status": status, "url": f"{request.base}/files/{job.name}" if shown else "", "size": 1024 if status == 1 else 0,
            "seed": job.body.get("seed", 0), "prompt": job.prompt, "negative_prompt": "", "style": "", "create_time": "2026-11-01T00:00:00Z",
            "modify_time": "2026-11-01T00:00:00Z", "outputWidth": wide, "outputHeight": high, "resolution_ratio": 0, "has_audio": False,
            "customer_paths": {}, "credits": job.milli // 1000,
        })  # fmt: skip
