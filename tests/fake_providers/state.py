"""What the server knows: its clock, ledger, jobs and settings."""

from __future__ import annotations

import hashlib
import json
import os
import time
import uuid
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from .faults import Faults

SLOT_SEC = 600  # Pixverse frees the slot of a job that hangs after ten minutes …
REFUND_SEC = 7200  # … and gives the credits back after two hours
FIRST_ID = 2**60 + 7  # beyond what JavaScript can count


@dataclass
class Config:
    """Everything `POST /_control/config` can change."""

    queue_sec: float = 0.0
    work_sec: float = 0.0
    slots: int = 1_000_000
    credits_milli: int = 10**12
    replay: str = "A"
    wrong_keys: list[str] = field(default_factory=lambda: ["wrong"])
    pixverse_webhook: str = ""
    pixverse_secret: str = "whsec-of-the-fake"
    webhook_form: str = "encoded"  # or "pairs": both readings of the documentation
    lower_case_envelope: bool = False
    fal_milli: int = 40_000
    tiny_files: bool = True  # 64×36 pixels and one second, whatever was ordered: quick to make, fetch and check


@dataclass
class Job:
    id: str
    provider: str
    trace_id: str
    key: str
    body: Any
    prompt: str
    faults: Faults
    milli: int
    at: float
    kind: str = "video"
    width: int = 1280
    height: int = 720
    seconds: float = 5
    number: int = 0
    webhook: str = ""
    frozen: bool = False
    polls: int = 0
    fetches: int = 0
    refunded: bool = False
    cancelled: bool = False
    told: bool = False

    @property
    def name(self) -> str:
        return f"{self.provider}-{self.id}.{'png' if self.kind == 'image' else 'mp4'}"


class State:
    """All of it in memory, but for the ledger."""

    def __init__(self, ledger: Path) -> None:
        self.ledger_path = ledger
        self.signing = Ed25519PrivateKey.generate()
        self.reset()

    def reset(self, **changes: Any) -> None:
        """Forget everything; an empty ledger."""
        self.config = Config(**changes)
        self.offset = 0.0
        self.jobs: dict[str, Job] = {}
        self.by_trace: dict[tuple[str, str], str] = {}
        self.seen: Counter[str] = Counter()
        self.extra: list[dict[str, Any]] = []
        self.requests: list[dict[str, Any]] = []
        self.webhooks: list[dict[str, Any]] = []
        self.uploads: dict[str, dict[str, Any]] = {}
        self.lines: list[dict[str, Any]] = []
        self.next_id = FIRST_ID
        self.ledger_path.parent.mkdir(parents=True, exist_ok=True)
        self.ledger_path.write_bytes(b"")

    # -- clock and ledger

    def now(self) -> float:
        return time.time() + self.offset

    def write(self, kind: str, job: Job, milli: int, **more: Any) -> None:
        """One line, on the disk before anybody hears of it."""
        line = {
            "n": len(self.lines), "at": self.now(), "kind": kind, "provider": job.provider, "job_id": job.id, "trace_id": job.trace_id, "milli": milli,
            "account": digest(job.key)[:12], "body_sha256": digest(json.dumps(job.body, sort_keys=True)), **more,
        }  # fmt: skip
        self.lines.append(line)
        with self.ledger_path.open("ab") as out:
            out.write(json.dumps(line).encode() + b"\n")
            out.flush()
            os.fsync(out.fileno())

    def spent(self) -> int:
        return sum(line["milli"] for line in self.lines)

    # -- jobs

    def accept(self, provider: str, *, job_id: str = "", **facts: Any) -> Job:
        """Take a job and charge it."""
        self.next_id += 1
        job = Job(id=job_id or str(self.next_id), provider=provider, at=self.now(), number=len(self.jobs) + 1, **facts)
        self.write("create", job, job.milli)
        self.jobs[f"{provider}/{job.id}"] = job
        if job.trace_id:
            self.by_trace.setdefault((provider, job.trace_id), job.id)
        return job

    def job(self, provider: str, job_id: str) -> Job | None:
        return self.jobs.get(f"{provider}/{job_id}")

    def known(self, provider: str, trace_id: str) -> Job | None:
        found = self.by_trace.get((provider, trace_id))
        return self.job(provider, found) if found else None

    def age(self, job: Job) -> float:
        return self.now() - job.at

    def phase(self, job: Job) -> str:
        """queued, working, completed, failed, moderated or cancelled. Jobs that follow a sequence of polls: by that."""
        if job.cancelled:
            return "cancelled"
        if "status_seq" in job.faults:
            return {1: "completed", 7: "moderated", 8: "failed", 6: "failed", 9: "queued", 10: "queued"}.get(self.sequence(job), "working")
        age = self.age(job)
        if age < self.config.queue_sec:
            return "queued"
        if job.frozen or "stuck" in job.faults or age < self.config.queue_sec + self.config.work_sec:
            return "working"
        return "failed" if "fail" in job.faults else "moderated" if "moderate" in job.faults else "completed"

    def sequence(self, job: Job) -> int:
        """What the newest poll of a scripted job says."""
        numbers = [int(part) for part in ",".join(job.faults["status_seq"]).split(",")]
        return numbers[min(max(job.polls, 1), len(numbers)) - 1]

    def settle(self) -> None:
        """Give back the credits of what failed meanwhile."""
        for job in self.jobs.values():
            ended = self.phase(job) in ("failed", "moderated", "cancelled") or ((job.frozen or "stuck" in job.faults) and self.age(job) >= REFUND_SEC)
            if ended and not job.refunded:
                job.refunded = True
                if job.milli:
                    self.write("refund", job, -job.milli)

    def running(self, provider: str, key: str) -> int:
        """Slots in use. A job that hangs holds one for ten minutes."""
        busy = [job for job in self.jobs.values() if (job.provider, job.key) == (provider, key) and self.phase(job) in ("queued", "working")]
        return sum(self.age(job) < SLOT_SEC for job in busy)

    def once(self, name: str, subject: str, times: int = 1) -> bool:
        """Whether this is one of the first `times` for a subject."""
        self.seen[f"{name} {subject}"] += 1
        return self.seen[f"{name} {subject}"] <= times

    def as_json(self, job: Job) -> dict[str, Any]:
        return {**asdict(job), "key": "", "phase": self.phase(job), "file": job.name}


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def new_uuid() -> str:
    return str(uuid.uuid4())
