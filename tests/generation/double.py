"""A provider in this process with a ledger, a virtual clock and faults by words in the prompt: what the pipeline is tried on without a network."""

from __future__ import annotations

import datetime
import threading
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from generation import intake
from generation.models import Generation
from generation.providers.base import (
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
    NotSent,
    Operation,
    Refused,
    RemoteFile,
    Source,
    Status,
    Submitted,
    Trouble,
    Unavailable,
)  # fmt: skip
from generation.subjects import Client
from pixsim.lib.errors import FieldError, NotFound

T0 = datetime.datetime(2026, 1, 5, 12, 0, tzinfo=datetime.UTC)


class Clock:
    """Stands still until told."""

    def __init__(self, now: datetime.datetime = T0) -> None:
        self.now = now

    def __call__(self) -> datetime.datetime:
        return self.now

    def pass_(self, **amount: float) -> None:
        self.now += datetime.timedelta(**amount)


@dataclass
class Entry:
    """One accepted create."""

    job_id: str
    trace_id: uuid.UUID
    body: Json
    account_id: int | None
    charged: int
    at: datetime.datetime
    refunded: bool = False
    replay_of: str = ""


@dataclass
class Double:
    """Words in the prompt: not_sent:N, drop_before, drop_after_accept, busy:N, no_key, no_funds, filtered, bad_request, crash, stuck, fails, moderated, kept (the
    failure is charged), gone, lost, silent:N (unanswered polls), made_of:SEC (how long it takes, 20 s unless said), costs:CREDITS."""

    clock: Clock
    id: str = "double"
    title: str = "Double"
    local: bool = False
    cancellable: bool = True
    idempotent: bool = False
    lookup: bool = False
    replay: str = "A"
    credits: int = 5
    ledger: list[Entry] = field(default_factory=list)
    posts: list[uuid.UUID] = field(default_factory=list)
    polls: int = 0
    uploads: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    keys: dict[str, Trouble] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def catalogue(self) -> Catalogue:
        model = Model(id="one", title="One", operations=tuple(Operation), durations_sec=(5, 8))
        return Catalogue(read_on=T0.date(), source="none", models=(model,), default="one")

    def problems(self, request: MediaRequest) -> list[FieldError]:
        if not request.prompt:
            return [FieldError("/inputs/prompt", "required", "A prompt is needed.")]
        if request.params.get("quality") == "8k":
            return [FieldError("/canonical_params/quality", "unsupported", "There is no 8k.")]
        return []

    def price(self, request: MediaRequest) -> int:
        return 0 if self.local else self.credits * MILLI

    def upload(self, account: Account, source: Source) -> str:
        self.uploads.append(source.sha256)
        return f"img/{source.sha256[:8]}/{account.id}"

    def body(self, request: MediaRequest) -> Json:
        return {"prompt": request.prompt, "frames": [frame.reference if frame else None for frame in request.frames]}

    def _nth(self, word: str, key: str) -> int:
        with self.lock:
            self.counts[f"{word}/{key}"] = self.counts.get(f"{word}/{key}", 0) + 1
            return self.counts[f"{word}/{key}"]

    def submit(self, account: Account, body: Mapping[str, Any], trace_id: uuid.UUID) -> Submitted:
        words = tokens(body["prompt"])
        self.posts.append(trace_id)
        if "not_sent" in words and self._nth("not_sent", body["prompt"]) <= words["not_sent"]:
            raise NotSent("connection refused")
        if account.key in self.keys:
            raise Refused("This key is not good.", trouble=self.keys[account.key])
        if "busy" in words and self._nth("busy", body["prompt"]) <= words["busy"]:
            raise Refused("Too many at once.", trouble=Trouble.BUSY, code="500044")
        for word, trouble in {"filtered": Trouble.FILTERED, "bad_request": Trouble.BAD_REQUEST}.items():
            if word in words:
                raise Refused(f"Refused: {word}.", trouble=trouble)
        if "drop_before" in words:
            raise Ambiguous("connection reset")
        if "crash" in words:
            raise KeyError(account.key)
        entry = self._accept(account, dict(body), trace_id)
        if "drop_after_accept" in words:
            raise Ambiguous("connection reset")
        return Submitted(provider_job_id=entry.job_id, raw={"video_id": entry.job_id}, queue_position=3)

    def _accept(self, account: Account, body: Json, trace_id: uuid.UUID) -> Entry:
        with self.lock:
            before = next((entry for entry in self.ledger if entry.trace_id == trace_id), None)
            if before is not None and self.replay == "A":
                return before
            if before is not None and self.replay == "C":
                raise Refused("Trace id used before.", trouble=Trouble.BAD_REQUEST, code="400017")
            cost = tokens(body["prompt"]).get("costs", self.credits) * (0 if self.local else MILLI)
            entry = Entry(f"job_{len(self.ledger) + 1}", trace_id, body, account.id, cost, self.clock(), replay_of=before.job_id if before else "")
            self.ledger.append(entry)
            return entry

    def poll(self, account: Account, job: JobRef) -> Status:
        self.polls += 1
        entry = next((one for one in self.ledger if one.job_id == job.provider_job_id), None)
        if entry is None or "lost" in tokens(entry.body["prompt"]):
            raise Refused("data not found", trouble=Trouble.NOT_FOUND)
        words = tokens(entry.body["prompt"])
        if "silent" in words and self._nth("silent", entry.job_id) <= words["silent"]:
            raise Unavailable("timed out")
        if "gone" in words:
            raise Refused("deleted", trouble=Trouble.GONE)
        age, takes = (self.clock() - entry.at).total_seconds(), words.get("made_of", 20)
        if "stuck" in words or entry.replay_of or age < takes:
            return Status(
                state=JobState.GENERATING if age >= takes / 2 else JobState.QUEUED, progress=None, queue_position=2 if age < takes / 2 else None
            )
        if "fails" in words or "moderated" in words:
            entry.refunded = "kept" not in words
            state = JobState.FAILED if "fails" in words else JobState.MODERATED
            return Status(state=state, refunded=entry.refunded, error="It could not.", trouble=Trouble.FAILED)
        return Status(state=JobState.COMPLETED, result=RemoteFile(url=f"https://media.example/{entry.job_id}.mp4"), charged=entry.charged)

    def find(self, account: Account, body: Mapping[str, Any], trace_id: uuid.UUID, since: datetime.datetime) -> Found:
        entry = next((one for one in self.ledger if one.trace_id == trace_id), None)
        if not self.lookup:
            return Found(lookup=Lookup.CANNOT_TELL, evidence="It keeps no list.")
        return Found(lookup=Lookup.FOUND, provider_job_id=entry.job_id) if entry else Found(lookup=Lookup.NOT_FOUND)

    def cancel(self, account: Account, job: JobRef) -> bool:
        entry = next(one for one in self.ledger if one.job_id == job.provider_job_id)
        entry.refunded = "stuck" not in tokens(entry.body["prompt"])
        return entry.refunded

    def verify_webhook(self, accounts: Sequence[Account], headers: Mapping[str, str], body: bytes, now: datetime.datetime) -> Hint | None:
        if not any(account.webhook_secret and headers.get("signature") == account.webhook_secret for account in accounts):
            return None
        job, trace, nonce = (headers.get(name, "") for name in ("job", "trace", "nonce"))
        return Hint(provider_job_id=job, trace_id=uuid.UUID(trace) if trace else None, nonce=nonce)

    def balance(self, account: Account) -> Balance | None:
        return None

    def allowed_hosts(self, account: Account) -> frozenset[str]:
        return frozenset({"media.example"})

    @property
    def paid(self) -> int:
        """What the provider has taken and kept, in thousandths."""
        return sum(entry.charged for entry in self.ledger if not entry.refunded)


def tokens(prompt: str) -> dict[str, int]:
    """`busy:2 stuck` → {"busy": 2, "stuck": 1}"""
    found = (word.partition(":") for word in prompt.split())
    return {name: int(number or 1) for name, _, number in found if not number or number.isdigit()}


def fetched(remote: RemoteFile, hosts: frozenset[str], folder: Path) -> intake.Cleaned:
    """A clip without a download."""
    path, poster = folder / "clip.mp4", folder / "poster.jpg"
    path.write_bytes(f"clip of {remote.url}".encode())
    poster.write_bytes(b"poster")
    return intake.Cleaned(path, intake.MP4, 1280, 720, 8.0, poster)


class Places(Client):
    """An app above: world 7 is everybody's who is an author, and remembers what was attached where."""

    def __init__(self) -> None:
        self.attached: list[tuple[int, int | None, Any]] = []
        self.heard: list[tuple[int, str]] = []
        self.broken = 0

    def may(self, user: Any, context: Mapping[str, Any]) -> int | None:
        if context.get("scene_id") == 404:
            raise NotFound()
        return context.get("world_id", 7)

    def attach(self, generation: Generation) -> bool:
        if self.broken:
            self.broken -= 1
            raise RuntimeError("the scene is locked")
        self.attached.append((generation.pk, generation.asset_id, dict(generation.context)))
        return True

    def told(self, generation: Generation) -> None:
        self.heard.append((generation.pk, generation.status))
