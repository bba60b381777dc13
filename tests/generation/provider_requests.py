"""Orders and accounts for the providers' tests."""

from __future__ import annotations

import datetime
import uuid
from pathlib import Path
from typing import Any

from generation.providers.base import Account, JobRef, MediaRequest, Operation, Provider, Source, Status, Submitted
from tests.fake_providers import FakeProviders

KEY = "sk-canary-0123456789"
NOW = datetime.datetime(2026, 11, 20, 12, tzinfo=datetime.UTC)
WALKTHROUGH = {"time_of_day": "dawn", "weather": "foggy", "mood": "mysterious", "camera_movement": "slow pan"}


def order(operation: str = "video_transition", prompt: str = "A foggy harbor at dawn.", **changes: Any) -> MediaRequest:
    params = changes.pop("params", {"seed": 42, "aspect_ratio": "16:9", "quality": "high"})
    return MediaRequest(operation=Operation(operation), prompt=prompt, params=params, **changes)


def account(fake: FakeProviders | None = None, **changes: Any) -> Account:
    return Account(id=1, **{"base_url": fake.url if fake else "", "key": KEY, **changes})


def source(path: Path | None = None, reference: str = "", media_type: str = "image") -> Source:
    return Source(asset_id=1, sha256="ab" * 32, media_type=media_type, mime="image/png", path=path, reference=reference)


def sent(provider: Provider, access: Account, request: MediaRequest, trace: uuid.UUID | None = None) -> JobRef:
    trace = trace or uuid.uuid4()
    made: Submitted = provider.submit(access, provider.body(request), trace)
    return JobRef(provider_job_id=made.provider_job_id, trace_id=trace, submitted_at=NOW, raw=made.raw)


def pointers(provider: Provider, request: MediaRequest) -> list[str]:
    return [error.pointer for error in provider.problems(request)]


def states(provider: Provider, access: Account, job: JobRef, times: int) -> list[Status]:
    return [provider.poll(access, job) for _ in range(times)]
