"""PixVerse: what is sent, what it costs, and what each of its answers means."""

from __future__ import annotations

import base64
import hmac
import json
import time
import uuid
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from generation.providers import transport
from generation.providers.base import Ambiguous, JobRef, JobState, Lookup, NotSent, Refused, Trouble, Unavailable
from generation.providers.pixverse import CODES, Pixverse
from tests.fake_providers import FakeProviders
from tests.fake_providers import pixverse as fake_side

from .conftest import picture_bytes
from .provider_requests import KEY, NOW, WALKTHROUGH, account, order, pointers, sent, source, states

pixverse = Pixverse()
FIRST, LAST = source(reference="11"), source(reference="22")
LONG = "x" * 3000


def test_the_walkthroughs_order_is_text_to_video_in_720p_of_the_current_model() -> None:
    request = order(style=WALKTHROUGH, duration_sec=8)
    assert pixverse.problems(request) == []
    assert pixverse.body(request) == {
        "prompt": "A foggy harbor at dawn. Mysterious mood, camera movement: slow pan.",
        "model": "v6", "duration": 8, "quality": "720p", "aspect_ratio": "16:9", "seed": 42,
    }  # fmt: skip
    assert pixverse.price(request) == 72_000


def test_pictures_decide_which_kind_of_clip_it_is() -> None:
    one = pixverse.body(order("image_to_video", frames=(FIRST, None)))
    two = pixverse.body(order(frames=(FIRST, LAST)))
    assert (one["img_id"], "aspect_ratio" in one) == (11, False)
    assert (two["first_frame_img"], two["last_frame_img"]) == (11, 22)


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"params": {"model": "v9"}}, "/canonical_params/model"),
        ({"operation": "text_to_image"}, "/operation_type"),
        ({"prompt": "  "}, "/inputs/prompt"),
        ({"prompt": LONG, "params": {"model": "v5"}}, "/inputs/prompt"),
        ({"prompt": "x" * 5001}, "/inputs/prompt"),
        ({"prompt": "x" * 4990, "style": {"mood": "mysterious"}}, "/inputs/prompt"),
        ({"negative_prompt": "blur"}, "/inputs/negative_prompt"),
        ({"negative_prompt": LONG, "params": {"model": "v5"}}, "/inputs/negative_prompt"),
        ({"duration_sec": 16}, "/inputs/duration_sec"),
        ({"duration_sec": 0}, "/inputs/duration_sec"),
        ({"duration_sec": 2.5}, "/inputs/duration_sec"),
        ({"duration_sec": 6, "params": {"model": "v5"}}, "/inputs/duration_sec"),
        ({"duration_sec": 11, "params": {"model": "v5.6"}}, "/inputs/duration_sec"),
        ({"duration_sec": 8, "params": {"model": "v4.5", "quality": "1080p"}}, "/inputs/duration_sec"),
        ({"duration_sec": 9, "params": {"model": "v5.5", "quality": "1080p"}}, "/inputs/duration_sec"),
        ({"params": {"quality": "4k"}}, "/canonical_params/quality"),
        ({"params": {"quality": ["high"]}}, "/canonical_params/quality"),
        ({"params": {"aspect_ratio": "5:4"}}, "/canonical_params/aspect_ratio"),
        ({"params": {"aspect_ratio": "21:9", "model": "v5"}}, "/canonical_params/aspect_ratio"),
        ({"params": {"seed": -1}}, "/canonical_params/seed"),
        ({"params": {"seed": 2**31}}, "/canonical_params/seed"),
        ({"params": {"seed": "1"}}, "/canonical_params/seed"),
        ({"params": {"model": "v5", "motion_mode": "fast"}}, "/canonical_params/motion_mode"),
        ({"params": {"model": "v4", "motion_mode": "fast", "quality": "1080p"}}, "/canonical_params/motion_mode"),
        ({"duration_sec": 8, "params": {"model": "v4", "motion_mode": "fast"}}, "/canonical_params/motion_mode"),
        ({"params": {"model": "v3.5", "camera_movement": "zoom_in"}}, "/canonical_params/camera_movement"),
        ({"params": {"model": "v4", "camera_movement": "moonwalk"}}, "/canonical_params/camera_movement"),
        ({"params": {"model": "v4", "camera_movement": "zoom_in", "template_id": 5}}, "/canonical_params/camera_movement"),
        ({"params": {"model": "v5", "style": "day"}}, "/canonical_params/style"),
        ({"params": {"style": "clay"}}, "/canonical_params/style"),
        ({"params": {"generate_audio_switch": "yes"}}, "/canonical_params/generate_audio_switch"),
        ({"params": {"water_mark": True}}, "/canonical_params/water_mark"),
        ({"params": {"size": [640, 360]}}, "/canonical_params/size"),
        ({"params": {"nonsense": 1}}, "/canonical_params/nonsense"),
        ({"operation": "image_to_video"}, "/inputs/first_frame_asset_id"),
        ({"frames": (None, LAST)}, "/inputs/first_frame_asset_id"),
        ({"frames": (source(media_type="video"), None)}, "/inputs/first_frame_asset_id"),
        ({"operation": "text_to_video", "frames": (FIRST, None)}, "/operation_type"),
    ],
)
def test_what_it_would_refuse_is_told_before_the_click(changes: dict[str, Any], pointer: str) -> None:
    assert pointers(pixverse, order(**changes)) == [pointer]


def test_every_price_is_the_one_the_vendor_charges() -> None:
    """The catalogue against the price list that the fake was given, for everything that can be ordered and has a published price."""
    compared = 0
    for model in pixverse.catalogue.models:
        if model.price.get("bound"):
            continue
        for quality in model.qualities:
            for seconds in model.durations_sec:
                for extra in ({}, {"motion_mode": "fast"}, {"generate_audio_switch": True}):
                    request = order(duration_sec=seconds, params={"model": model.id, "quality": quality, **extra})
                    if not pixverse.problems(request):
                        compared += 1
                        assert pixverse.price(request) == 1000 * fake_side.credits(pixverse.body(request))
    assert compared > 150


def test_a_price_nobody_publishes_is_an_upper_bound() -> None:
    five = pixverse.price(order(duration_sec=5, params={"model": "v5.6", "quality": "720p"}))
    assert five == pixverse.price(order(duration_sec=1, params={"model": "v5.6", "quality": "720p"})) >= 60_000


def test_a_job_goes_its_way(fake_providers: FakeProviders) -> None:
    access, trace = account(fake_providers), uuid.uuid4()
    made = pixverse.submit(access, pixverse.body(order(duration_sec=8, prompt="x [fake:status_seq:10,9,5,2,1]")), trace)
    assert int(made.provider_job_id) > 2**53
    assert made.charged == 72_000
    assert fake_providers.requests("POST")[0]["trace_id"] == str(trace)
    job = JobRef(provider_job_id=made.provider_job_id, trace_id=trace, submitted_at=NOW, raw=made.raw)
    found = states(pixverse, access, job, 5)
    assert [one.state for one in found] == ["queued", "queued", "generating", "generating", "completed"]
    assert found[-1].result is not None
    assert found[-1].charged == 72_000


def test_every_request_has_a_trace_id_of_its_own(fake_providers: FakeProviders) -> None:
    access = account(fake_providers)
    job = sent(pixverse, access, order())
    states(pixverse, access, job, 3)
    traces = [line["trace_id"] for line in fake_providers.requests()]
    assert len(set(traces)) == len(traces) == 4


@pytest.mark.parametrize(
    ("token", "state", "trouble"),
    [("fail", JobState.FAILED, Trouble.FAILED), ("moderate", JobState.MODERATED, Trouble.FILTERED), ("status_seq:6", JobState.FAILED, Trouble.GONE)],
)
def test_an_end_without_a_clip_says_why(fake_providers: FakeProviders, token: str, state: JobState, trouble: Trouble) -> None:
    access = account(fake_providers)
    found = pixverse.poll(access, sent(pixverse, access, order(prompt=f"x [fake:{token}]")))
    assert (found.state, found.trouble) == (state, trouble)
    assert found.refunded is (None if trouble is Trouble.GONE else True)


@pytest.mark.parametrize(
    "token", ["status_seq:42", "status_seq:17", "status_seq:-1", "status_seq:4", "wrong_dims", "no_url", "stuck", "early_url] [fake:stuck"]
)
def test_what_is_not_clearly_over_goes_on(fake_providers: FakeProviders, token: str) -> None:
    access = account(fake_providers)
    found = pixverse.poll(access, sent(pixverse, access, order(prompt=f"x [fake:{token}]")))
    assert (found.state, found.result) == (JobState.GENERATING, None)


def test_an_unknown_status_is_logged(fake_providers: FakeProviders, caplog: Any) -> None:
    access = account(fake_providers)
    pixverse.poll(access, sent(pixverse, access, order(prompt="x [fake:status_seq:42]")))
    assert "unknown_status" in caplog.text


KINDS = {
    Trouble.AUTH: {10001, 10002, 10003, 10004, 10005, 400012, 500020},
    Trouble.BAD_REQUEST: {400011, 400013, 400017, 400018, 400019, 400032, 500070, 500071},
    Trouble.BAD_MEDIA: {500030, 500031, 500032, 500033, 500041, 500042, 500047},
    Trouble.NO_FUNDS: {500043, 500090},
    Trouble.BUSY: {500044, 500069},
    Trouble.FILTERED: {500052, 500054, 500063},
    Trouble.NOT_FOUND: {500008},
    Trouble.QUOTA: {500060},
    Trouble.GONE: {500064},
}
"""The vendor's table, written down once more."""


def test_no_code_is_missing() -> None:
    assert set(CODES) == set().union(*KINDS.values())


@pytest.mark.parametrize(("code", "trouble"), [(code, kind) for kind, codes in KINDS.items() for code in sorted(codes)])
def test_every_known_error_of_a_create_is_a_refusal_of_its_kind(fake_providers: FakeProviders, code: int, trouble: Trouble) -> None:
    with pytest.raises(Refused) as refused:
        sent(pixverse, account(fake_providers), order(prompt=f"x [fake:errcode:{code}]"))
    assert (refused.value.trouble, refused.value.code) == (trouble, str(code))
    assert fake_providers.ledger() == []


@pytest.mark.parametrize("code", [500100, 99999, 500999, 600000])
def test_an_error_that_may_have_been_taken_is_ambiguous(fake_providers: FakeProviders, code: int) -> None:
    with pytest.raises(Ambiguous):
        sent(pixverse, account(fake_providers), order(prompt=f"x [fake:errcode_after_accept:{code}]"))
    assert len(fake_providers.ledger("create")) == 1


@pytest.mark.parametrize("token", ["drop_before", "drop_after_accept", "reset_mid_body", "http_500_after_accept"])
def test_a_lost_answer_is_ambiguous_and_the_create_was_sent_once(fake_providers: FakeProviders, token: str) -> None:
    with pytest.raises(Ambiguous):
        sent(pixverse, account(fake_providers), order(prompt=f"x [fake:{token}]"))
    assert len(fake_providers.requests("POST")) == 1
    assert len(fake_providers.ledger("create")) == (0 if token == "drop_before" else 1)


def test_nobody_there_is_not_sent(settings: Any) -> None:
    settings.PROVIDER_LOCAL_HOSTS = ["127.0.0.1:1"]
    with pytest.raises(NotSent):
        sent(pixverse, account(base_url="http://127.0.0.1:1"), order())


def test_too_many_requests_say_when_to_come_back(fake_providers: FakeProviders) -> None:
    with pytest.raises(Refused) as refused:
        sent(pixverse, account(fake_providers), order(prompt="x [fake:429:7]"))
    assert (refused.value.trouble, refused.value.retry_after_sec) == (Trouble.BUSY, 7)


def test_both_spellings_of_the_envelope_are_read(fake_providers: FakeProviders) -> None:
    fake_providers.config(lower_case_envelope=True)
    access = account(fake_providers)
    assert pixverse.poll(access, sent(pixverse, access, order())).state is JobState.COMPLETED


@pytest.mark.parametrize(
    "data", [{}, {"ErrCode": 0}, {"ErrCode": 0, "Resp": {"video_id": "text"}}, {"ErrCode": "0"}, [], "ok", {"ErrCode": True}, None]
)
def test_an_answer_that_is_no_envelope_is_ambiguous_for_a_create(data: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(transport, "create", lambda *_, **__: transport.Answer(200, {}, data, ""))
    with pytest.raises(Ambiguous):
        sent(pixverse, account(), order())


def test_questions_fail_softly(fake_providers: FakeProviders) -> None:
    access = account(fake_providers)
    job = sent(pixverse, access, order(prompt="x [fake:poll_500:1]"))
    with pytest.raises(Unavailable):
        pixverse.poll(access, job)
    assert pixverse.poll(access, job).state is JobState.COMPLETED
    with pytest.raises(Refused) as refused:
        pixverse.poll(access, replace(job, provider_job_id="404"))
    assert refused.value.trouble is Trouble.NOT_FOUND
    with pytest.raises(Refused) as refused:
        pixverse.poll(account(fake_providers, key="wrong"), job)
    assert refused.value.trouble is Trouble.AUTH


def test_a_picture_is_uploaded_and_used(fake_providers: FakeProviders, tmp_path: Path) -> None:
    path = tmp_path / "p.png"
    path.write_bytes(picture_bytes())
    access = account(fake_providers)
    reference = pixverse.upload(access, source(path))
    job = sent(pixverse, access, order("image_to_video", frames=(source(reference=reference), None)))
    assert pixverse.poll(access, job).state is JobState.COMPLETED
    with pytest.raises(Refused) as refused:
        sent(pixverse, access, order("image_to_video", frames=(source(reference="99"), None)))
    assert refused.value.code == "400032"


def test_the_balance_is_in_thousandths(fake_providers: FakeProviders) -> None:
    fake_providers.config(credits_milli=500_000)
    access = account(fake_providers)
    sent(pixverse, access, order(duration_sec=8))
    balance = pixverse.balance(access)
    assert balance is not None
    assert balance.remaining == 428_000


def test_a_lost_create_cannot_be_looked_up_and_a_person_is_told_where_to_look(fake_providers: FakeProviders) -> None:
    found = pixverse.find(account(fake_providers), pixverse.body(order()), uuid.uuid4(), NOW)
    assert found.lookup is Lookup.CANNOT_TELL
    assert "20 November 2026 12:00:00 UTC" in found.evidence
    assert "credits" in found.evidence


def test_a_key_the_vendor_repeats_is_not_passed_on(fake_providers: FakeProviders) -> None:
    with pytest.raises(Refused) as refused:
        sent(pixverse, account(fake_providers), order(prompt="x [fake:errcode:400017] [fake:echo_key]"))
    assert KEY not in refused.value.message + json.dumps(refused.value.raw) + repr(refused.value)


def signed(form: str, *, secret: str = "s3cret", at: float = NOW.timestamp(), **changes: str) -> dict[str, str]:
    stamp, nonce = str(int(at)), "n" * 32
    made = base64.b64encode(hmac.digest(secret.encode(), f"{stamp}\n{nonce}\n{form}".encode(), "sha256")).decode()
    return {"webhook-timestamp": stamp, "webhook-nonce": nonce, "webhook-signature": made, **changes}


PAYLOAD = b'{"id": "123", "status": 1, "url": "https://media.pixverse.ai/a b.mp4", "has_audio": false, "credits": 45}'
ENCODED = quote(PAYLOAD.decode(), safe="!*'()~-_.")
PAIRS = urlencode({"id": "123", "status": 1, "url": "https://media.pixverse.ai/a b.mp4", "has_audio": "false", "credits": 45})
ACCOUNTS = [account(webhook_secret="other"), account(webhook_secret="s3cret"), account(webhook_secret="")]


@pytest.mark.parametrize("form", [ENCODED, PAIRS])
def test_a_webhook_is_a_hint_in_either_reading_of_the_documentation(form: str) -> None:
    trace = uuid.uuid4()
    hint = pixverse.verify_webhook(ACCOUNTS, signed(form, **{"ai-trace-id": str(trace)}), PAYLOAD, NOW)
    assert hint is not None
    assert (hint.provider_job_id, hint.trace_id, hint.nonce, hint.answer) == ("123", trace, "n" * 32, "ok")


@pytest.mark.parametrize(
    "headers",
    [
        signed(ENCODED, secret="forged"), signed(ENCODED, secret=""), signed(PAIRS + "x"), signed(ENCODED, at=NOW.timestamp() - 301), {},
        signed(ENCODED, at=NOW.timestamp() + 301), {**signed(ENCODED), "webhook-signature": ""}, {**signed(ENCODED), "webhook-timestamp": "now"},
        {**signed(ENCODED), "webhook-nonce": ""}, {**signed(ENCODED), "webhook-nonce": "m" * 32}, {**signed(ENCODED), "webhook-signature": "ü"},
    ],
)  # fmt: skip
def test_a_forged_old_or_broken_webhook_is_nothing(headers: dict[str, str]) -> None:
    assert pixverse.verify_webhook(ACCOUNTS, headers, PAYLOAD, NOW) is None


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"no json", b"[" * 100_000, b'{"id": "1", "x": "' + b"x" * 1_100_000 + b'"}'])
def test_a_webhook_that_is_no_message_is_nothing(body: bytes) -> None:
    assert pixverse.verify_webhook(ACCOUNTS, signed(quote(body.decode(), safe="!*'()~-_.")), body, NOW) is None


def test_the_fakes_webhooks_are_understood(fake_providers: FakeProviders) -> None:
    access = account(fake_providers, webhook_secret="whsec-of-the-fake")
    fake_providers.config(pixverse_webhook="http://127.0.0.1:9/nobody")
    for form, prompt, good in (("encoded", "a", True), ("pairs", "b", True), ("encoded", "c [fake:webhook_forged]", False)):
        fake_providers.config(webhook_form=form)
        job = sent(pixverse, access, order(prompt=f"{prompt} [fake:webhook_before_answer]"))
        told = next(one for one in fake_providers.webhooks() if one["job"] == f"pixverse/{job.provider_job_id}")
        headers = {name.lower(): value for name, value in told["headers"].items()}
        hint = pixverse.verify_webhook([access], headers, told["body"].encode(), NOW + timedelta(seconds=time.time() - NOW.timestamp()))
        assert (hint is not None) is good


def test_results_come_from_its_own_hosts_only(fake_providers: FakeProviders) -> None:
    assert pixverse.allowed_hosts(account()) == {".pixverse.ai", ".pixverseai.cn"}
    assert fake_providers.host in pixverse.allowed_hosts(account(fake_providers))
    assert pixverse.allowed_hosts(account(base_url="https://evil.test")) == {".pixverse.ai", ".pixverseai.cn"}
