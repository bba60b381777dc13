"""fal: one queue for many models, and a key that goes to fal alone."""

from __future__ import annotations

import base64
import json
import uuid
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from generation.providers import transport
from generation.providers.base import Ambiguous, JobState, Lookup, Refused, Trouble, Unavailable
from generation.providers.fal import Fal
from tests.fake_providers import FakeProviders

from .conftest import picture_bytes
from .provider_requests import KEY, NOW, account, order, pointers, sent, source, states

KLING, FLUX = "fal-ai/kling-video/v2.5-turbo/pro", "fal-ai/flux-1/schnell"
FRAME = source(reference="data:image/jpeg;base64,AAAA")


@pytest.fixture
def fal() -> Fal:
    return Fal()


def test_a_row_of_the_catalogue_says_path_and_names(fal: Fal) -> None:
    text = fal.body(order(duration_sec=10, negative_prompt="blur", style={"mood": "tense"}, params={"cfg_scale": 0.5, "aspect_ratio": "9:16"}))
    assert text["path"] == f"{KLING}/text-to-video"
    assert text["input"] == {
        "prompt": "A foggy harbor at dawn. Tense mood.", "negative_prompt": "blur", "cfg_scale": 0.5, "duration": "10", "aspect_ratio": "9:16"
    }  # fmt: skip
    both = fal.body(order(frames=(FRAME, FRAME)))
    assert (both["path"], both["input"]["duration"]) == (f"{KLING}/image-to-video", "5")
    assert both["input"]["image_url"] == both["input"]["tail_image_url"] == FRAME.reference
    picture = fal.body(order("text_to_image", params={"model": FLUX, "seed": 3, "aspect_ratio": "1:1"}))
    assert picture["path"] == FLUX
    assert picture["input"] == {"prompt": "A foggy harbor at dawn.", "seed": 3, "image_size": {"width": 1024, "height": 1024}, "num_images": 1}


def test_prices_are_by_second_and_started_megapixel(fal: Fal) -> None:
    assert fal.price(order(duration_sec=10)) == 70_000
    assert fal.price(order("text_to_image", params={"model": FLUX, "aspect_ratio": "16:9"})) == 300
    assert fal.price(order("text_to_image", params={"model": FLUX, "aspect_ratio": "1:1"})) == 600


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"operation": "text_to_image"}, "/operation_type"),
        ({"duration_sec": 8}, "/inputs/duration_sec"),
        ({"params": {"aspect_ratio": "4:3"}}, "/canonical_params/aspect_ratio"),
        ({"params": {"cfg_scale": 2}}, "/canonical_params/cfg_scale"),
        ({"params": {"model": FLUX}}, "/operation_type"),
        ({"operation": "image_to_video"}, "/inputs/first_frame_asset_id"),
        ({"frames": (None, FRAME)}, "/inputs/first_frame_asset_id"),
    ],
)
def test_what_it_would_refuse_is_told_before_the_click(fal: Fal, changes: dict[str, Any], pointer: str) -> None:
    assert pointers(fal, order(**changes)) == [pointer]


def test_a_job_goes_its_way_by_the_addresses_it_was_given(fal: Fal, fake_providers: FakeProviders) -> None:
    fake_providers.config(queue_sec=5, work_sec=5)
    access = account(fake_providers)
    job = sent(fal, access, order())
    assert fal.poll(access, job).queue_position == 0
    fake_providers.advance(6)
    assert fal.poll(access, job).state is JobState.GENERATING
    fake_providers.advance(6)
    done = fal.poll(access, job)
    assert done.state is JobState.COMPLETED
    assert done.result is not None
    asked = [line["path"] for line in fake_providers.requests("GET")]
    assert asked[-2:] == [f"/fal-ai/kling-video/requests/{job.provider_job_id}/status", f"/fal-ai/kling-video/requests/{job.provider_job_id}"]


def test_a_picture_is_a_result_too(fal: Fal, fake_providers: FakeProviders) -> None:
    access = account(fake_providers)
    done = fal.poll(access, sent(fal, access, order("text_to_image", params={"model": FLUX})))
    assert done.result is not None
    assert done.result.url.endswith(".png")


def test_the_create_asks_fal_not_to_repeat_it(fal: Fal, monkeypatch: Any) -> None:
    told: dict[str, Any] = {}

    def create(url: str, **options: Any) -> transport.Answer:
        told.update(options, url=url)
        return transport.Answer(200, {}, {"request_id": "r"}, "")

    monkeypatch.setattr(transport, "create", create)
    sent(fal, account(options={"webhook_url": "https://pixsim.example/api/v1/webhooks/fal"}), order())
    assert told["headers"]["x-fal-no-retry"] == "1"
    assert told["url"].endswith("/text-to-video?fal_webhook=https%3A%2F%2Fpixsim.example%2Fapi%2Fv1%2Fwebhooks%2Ffal")
    assert told["url"].startswith("https://queue.fal.run/fal-ai/")


@pytest.mark.parametrize(
    "url", ["https://evil.test/status", "https://fal.run.evil.test/", "http://queue.fal.run/x", "https://127.0.0.1/", "file:///etc/passwd", ""]
)
def test_the_key_is_sent_to_no_other_host(fal: Fal, fake_providers: FakeProviders, monkeypatch: Any, url: str) -> None:
    access = account(fake_providers)
    job = sent(fal, access, order())
    monkeypatch.setattr(transport, "PinnedAdapter", None)  # nothing may get as far as a connection
    for name, call in (("status_url", fal.poll), ("cancel_url", fal.cancel)):
        with pytest.raises(Unavailable):
            call(access, replace(job, raw={**job.raw, name: url}))


@pytest.mark.parametrize(
    ("token", "state", "trouble", "refunded"),
    [("fail", JobState.FAILED, Trouble.FAILED, True), ("moderate", JobState.MODERATED, Trouble.FILTERED, None)],
)
def test_an_end_without_a_clip_says_why(
    fal: Fal, fake_providers: FakeProviders, token: str, state: JobState, trouble: Trouble, refunded: bool | None
) -> None:
    access = account(fake_providers)
    found = fal.poll(access, sent(fal, access, order(prompt=f"x [fake:{token}]")))
    assert (found.state, found.trouble, found.refunded) == (state, trouble, refunded)


@pytest.mark.parametrize("token", ["drop_before", "drop_after_accept", "reset_mid_body", "http_500_after_accept", "errcode_after_accept:1"])
def test_a_lost_answer_is_ambiguous_and_the_create_was_sent_once(fal: Fal, fake_providers: FakeProviders, token: str) -> None:
    with pytest.raises(Ambiguous):
        sent(fal, account(fake_providers), order(prompt=f"x [fake:{token}]"))
    assert len(fake_providers.requests("POST")) == 1


@pytest.mark.parametrize(
    ("changes", "prompt", "trouble"),
    [
        ({"key": "wrong"}, "x", Trouble.AUTH),
        ({}, "x [fake:errcode:422]", Trouble.BAD_REQUEST),
        ({}, "x [fake:429:3]", Trouble.BUSY),
    ],
)
def test_a_no_is_a_refusal(fal: Fal, fake_providers: FakeProviders, changes: dict[str, Any], prompt: str, trouble: Trouble) -> None:
    with pytest.raises(Refused) as refused:
        sent(fal, account(fake_providers, **changes), order(prompt=prompt))
    assert refused.value.trouble is trouble


def test_a_key_fal_repeats_is_not_passed_on(fal: Fal, fake_providers: FakeProviders) -> None:
    with pytest.raises(Refused) as refused:
        sent(fal, account(fake_providers), order(prompt="x [fake:errcode:1] [fake:echo_key]"))
    assert KEY not in refused.value.message + json.dumps(refused.value.raw)


def test_a_waiting_job_can_be_cancelled(fal: Fal, fake_providers: FakeProviders) -> None:
    fake_providers.config(queue_sec=60)
    access = account(fake_providers)
    job = sent(fal, access, order())
    assert fal.cancel(access, job)
    assert not fal.cancel(access, job)
    assert fal.poll(access, job).state is JobState.FAILED


def test_questions_fail_softly(fal: Fal, fake_providers: FakeProviders) -> None:
    access = account(fake_providers)
    job = sent(fal, access, order(prompt="x [fake:poll_500:1]"))
    with pytest.raises(Unavailable):
        fal.poll(access, job)
    assert fal.poll(access, job).state is JobState.COMPLETED
    with pytest.raises(Unavailable):
        fal.poll(access, sent(fal, access, order(prompt="x [fake:no_url]")))
    found = fal.find(access, fal.body(order()), uuid.uuid4(), NOW)
    assert found.lookup is Lookup.CANNOT_TELL


def test_a_picture_travels_inside_the_request_and_small(fal: Fal, tmp_path: Path) -> None:
    path = tmp_path / "p.png"
    path.write_bytes(picture_bytes(size=(4000, 2000)))
    reference = fal.upload(account(), source(path))
    assert reference.startswith("data:image/jpeg;base64,")
    assert base64.b64decode(reference.partition(",")[2])[:2] == b"\xff\xd8"
    assert len(reference) < 300_000


@pytest.fixture
def webhook(fal: Fal, fake_providers: FakeProviders) -> Any:
    """The headers and body of a webhook the fake sent."""

    def made(prompt: str = "x") -> tuple[dict[str, str], bytes]:
        access = account(fake_providers, options={"webhook_url": "http://127.0.0.1:9/nobody"})
        job = sent(fal, access, order(prompt=f"{prompt} [fake:webhook_before_answer]"))
        told = next(one for one in fake_providers.webhooks() if one["job"] == f"fal/{job.provider_job_id}")
        return {name.lower(): value for name, value in told["headers"].items()}, told["body"].encode()

    return made


def test_a_signed_webhook_is_a_hint_and_the_keys_are_kept(fal: Fal, fake_providers: FakeProviders, webhook: Any) -> None:
    accounts = [account(fake_providers), account(fake_providers)]
    for _ in range(3):
        headers, body = webhook()
        hint = fal.verify_webhook(accounts, headers, body, datetime.now(UTC))
        assert hint is not None
        assert hint.provider_job_id == headers["x-fal-webhook-request-id"]
        assert len(hint.nonce) == 64
    asked = [line for line in fake_providers.requests("GET") if line["path"] == "/.well-known/jwks.json"]
    assert len(asked) == 1


def test_a_forged_webhook_is_nothing_and_makes_us_ask_once(fal: Fal, fake_providers: FakeProviders, webhook: Any) -> None:
    for _ in range(3):
        headers, body = webhook("x [fake:webhook_forged]")
        assert fal.verify_webhook([account(fake_providers)], headers, body, datetime.now(UTC)) is None
    asked = [line for line in fake_providers.requests("GET") if line["path"] == "/.well-known/jwks.json"]
    assert len(asked) == 1


@pytest.mark.parametrize("change", ["body", "old", "user", "signature", "request", "nobody"])
def test_a_changed_webhook_is_nothing(fal: Fal, fake_providers: FakeProviders, webhook: Any, change: str) -> None:
    headers, body = webhook()
    now, accounts = datetime.now(UTC), [account(fake_providers)]
    assert fal.verify_webhook(accounts, headers, body, now) is not None
    if change == "body":
        body = body.replace(b'"status": "OK"', b'"status": "KO"')
    elif change == "old":
        now = datetime.fromtimestamp(now.timestamp() + 400, UTC)
    elif change == "nobody":
        accounts = []
    else:
        name = {"user": "user-id", "signature": "signature", "request": "request-id"}[change]
        headers[f"x-fal-webhook-{name}"] = "00"
    assert fal.verify_webhook(accounts, headers, body, now) is None


def test_new_keys_are_asked_for_when_the_old_ones_do_not_fit(fal: Fal, fake_providers: FakeProviders, webhook: Any, monkeypatch: Any) -> None:
    headers, body = webhook()
    accounts, now = [account(fake_providers)], datetime.now(UTC)
    monkeypatch.setattr("generation.providers.fal.KEYS_AGAIN_SEC", 0)
    fal._keys[f"{fake_providers.url}/.well-known/jwks.json"] = (transport.time.monotonic(), [])
    assert fal.verify_webhook(accounts, headers, body, now) is not None


def test_states_repeat(fal: Fal, fake_providers: FakeProviders) -> None:
    access = account(fake_providers)
    assert {one.state for one in states(fal, access, sent(fal, access, order()), 3)} == {JobState.COMPLETED}
