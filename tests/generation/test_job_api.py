"""REST of jobs, accounts, money and webhooks, as api.md prints it."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from rest_framework.test import APIClient

from generation import accounts, budget, orders
from generation.models import Generation, ProviderAccount, ProviderSubmission, WebhookReceipt
from pixsim.models import User

from .conftest import books_balance, client_of, make_user, order, run
from .double import Clock, Double, Places

pytestmark = pytest.mark.django_db
PRINTED = {
    "operation_type": "video_transition",
    "provider_id": "double",
    "workspace_id": 1,
    "inputs": {
        "prompt": "A foggy harbor at dawn...",
        "style": {"time_of_day": "dawn", "weather": "foggy", "mood": "mysterious", "camera_movement": "slow pan"},
        "duration_sec": 8,
    },
    "canonical_params": {"seed": 42, "aspect_ratio": "16:9", "quality": "high"},
    "strategy": "once",
    "scene_context": {"scene_id": 1, "node_id": "node1"},
}


@pytest.fixture(autouse=True)
def one_clock(clock: Clock, monkeypatch: Any) -> None:
    """The API lives in the same time as the provider."""
    monkeypatch.setattr("django.utils.timezone.now", clock)


def post(api: APIClient, path: str = "", body: Any = None, **headers: Any) -> Any:
    return api.post(f"/api/v1/generation/{path}", PRINTED if body is None else body, format="json", **headers)


def make(author: User, clock: Clock, prompt: str = "a harbor") -> Generation:
    return orders.create(owner=author, order=order(prompt), clock=clock).generation


def test_the_printed_order_is_taken_and_answered_again(api: APIClient, account: ProviderAccount, clock: Clock) -> None:
    made = post(api)
    assert made.status_code == 201, made.content
    body = made.json()
    assert (body["status"], body["estimated_credits"], body["asset_id"], body["reused"], body["world_id"]) == ("pending", 5, None, False, 7)
    assert (len(body["reproducible_hash"]), body["scene_context"], body["workspace_id"]) == (64, PRINTED["scene_context"], 1)
    assert made["Location"] == f"/api/v1/generation/{body['id']}"
    again = post(api)
    assert (again.status_code, again.json()["reused"], again.json()["id"]) == (200, True, body["id"])


def test_a_job_is_read_through_its_states(api: APIClient, account: ProviderAccount, author: User, clock: Clock, double: Double) -> None:
    jobs = [make(author, clock, f"number {number}") for number in range(4)]
    run(clock, seconds=3)
    first, last = (api.get(f"/api/v1/generation/{job.pk}").json() for job in (jobs[0], jobs[3]))
    assert (first["status"], first["submission_state"], first["provider_job_id"], first["queue_position"]) == ("queued", "submitted", "job_1", 2)
    assert (last["status"], last["queue_position"], last["submission_state"]) == ("pending", 1, "reserved")
    run(clock, seconds=100)
    done = api.get(f"/api/v1/generation/{jobs[0].pk}").json()
    assert (done["status"], done["charged_credits"], done["progress"], done["lateness"]) == ("completed", 5, 1, "")
    assert done["asset_url"].startswith(f"/media/{done['asset_id']}/file-")
    assert [(one["attempt"], one["submission_state"]) for one in done["attempts"]] == [(1, "submitted")]
    assert api.get(f"/api/v1/assets/{done['asset_id']}/lineage").json()[0]["kind"] == "prompt"


def test_a_list_costs_three_queries_however_long(
    api: APIClient, account: ProviderAccount, author: User, clock: Clock, django_assert_num_queries: Any
) -> None:
    for number in range(6):
        make(author, clock, f"number {number}")
    with django_assert_num_queries(3):  # count | jobs with assets | submissions
        answer = api.get("/api/v1/generation/?world_id=7&status=pending")
    assert answer.json()["count"] == 6
    assert api.get("/api/v1/generation/?workspace_id=9").json()["count"] == 0
    assert api.get("/api/v1/generation/?needs_attention=true").json()["count"] == 0


def test_what_the_budget_does_not_hold_is_402_with_what_remains(api: APIClient, account: ProviderAccount) -> None:
    budget.set_limit(world_id=7, day_limit=3000)
    refused = post(api)
    assert (refused.status_code, refused["Content-Type"]) == (402, "application/problem+json")
    assert {name: refused.json()[name] for name in ("remaining", "needed", "day_limit")} == {"remaining": 3, "needed": 5, "day_limit": 3}
    assert "has 3 of 3 credits left today" in refused.json()["detail"]


def test_without_an_account_it_says_what_would_work(api: APIClient, double: Double) -> None:
    refused = post(api)
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["pointer"] == "/provider_id"
    assert "Add one with its API key, or choose a provider that needs none" in refused.json()["errors"][0]["message"]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"inputs": {"prompt": "x", "style": {"a": {"b": 1}}}}, "/inputs/style/a"),
        ({"inputs": {"prompt": "x", "style": {"duration_sec": "long"}}}, "/inputs/style/duration_sec"),
        ({"inputs": {"prompt": " "}}, "/inputs/prompt"),
        ({"inputs": {"prompt": "x", "duration_sec": -1}}, "/inputs/duration_sec"),
        ({"canonical_params": {"quality": {"a": 1}}}, "/canonical_params/quality"),
        ({"canonical_params": {"quality": "8k"}}, "/canonical_params/quality"),
        ({"strategy": "sometimes"}, "/strategy"),
        ({"scene_context": {"scene_id": 1, "node": "x"}}, "/scene_context/node"),
        ({"scene_context": None}, "/world_id"),
    ],
)
def test_bad_input_is_pointed_at(api: APIClient, account: ProviderAccount, change: dict[str, Any], pointer: str) -> None:
    refused = post(api, body={**PRINTED, **change})
    assert refused.status_code == 400, refused.content
    assert refused.json()["errors"][0]["pointer"] == pointer


def test_the_cost_is_said_before_the_click(api: APIClient, account: ProviderAccount, clock: Clock) -> None:
    found = post(api, "estimate").json()
    assert found == {
        "provider_id": "double", "estimated_credits": 5, "remaining_credits": 100, "problems": [], "reuse_asset_id": None, "account_needed": True, "why": ""
    }  # fmt: skip
    post(api)
    run(clock, seconds=40)
    found = post(api, "estimate", {**PRINTED, "canonical_params": {"quality": "8k"}}).json()
    assert found["problems"][0]["pointer"] == "/canonical_params/quality"
    assert Generation.objects.count() == 1


def test_an_idempotency_key_spends_once(api: APIClient, account: ProviderAccount) -> None:
    body = {**PRINTED, "strategy": "always"}
    first = post(api, body=body, HTTP_IDEMPOTENCY_KEY="once")
    again = post(api, body=body, HTTP_IDEMPOTENCY_KEY="once")
    assert (first.status_code, again.status_code, first.json()["id"]) == (201, 201, again.json()["id"])
    assert again["Idempotent-Replayed"] == "true"
    assert Generation.objects.count() == 1


def test_cancel_retry_attach_and_settle(api: APIClient, author: User, account: ProviderAccount, clock: Clock, double: Double, places: Places) -> None:
    job = make(author, clock)
    assert post(api, f"{job.pk}/cancel", {}).json()["status"] == "cancelled"
    assert post(api, f"{job.pk}/cancel", {}).status_code == 409
    again = post(api, f"{job.pk}/retry", {})
    assert (again.status_code, again.json()["retry_of_id"], again.json()["status"]) == (201, job.pk, "pending")
    assert post(api, f"{again.json()['id']}/retry", {}).status_code == 409
    run(clock, seconds=60)
    attached = post(api, f"{again.json()['id']}/attach", {"scene_id": 5, "node_id": "n"})
    assert attached.status_code == 200
    assert places.attached[-1][2] == {"scene_id": 5, "node_id": "n", "chosen": True}
    assert post(api, f"{job.pk}/attach", {"scene_id": 5, "node_id": "n"}).status_code == 409
    assert post(api, f"{again.json()['id']}/attach", {"scene_id": 404, "node_id": "n"}).status_code == 404
    assert post(api, f"{job.pk}/settle", {"outcome": "charged"}).status_code == 409
    lost = make(author, clock, "drop_before")
    run(clock, seconds=1200, step=10)
    assert api.get(f"/api/v1/generation/{lost.pk}").json()["needs_attention"] is True
    assert api.get("/api/v1/generation/?needs_attention=true").json()["count"] == 1
    assert post(api, f"{lost.pk}/settle", {"outcome": "maybe"}).status_code == 400
    assert post(api, f"{lost.pk}/settle", {"outcome": "not_sent"}).json()["status"] == "failed"
    books_balance()


def test_the_budget_is_told_by_day(api: APIClient, author: User, account: ProviderAccount) -> None:
    orders.create(owner=author, order=order())
    found = api.get("/api/v1/generation/budget?world_id=7").json()
    assert {name: found[name] for name in ("world_id", "limit", "reserved", "spent", "remaining", "days")} == {
        "world_id": 7, "limit": 100, "reserved": 5, "spent": 0, "remaining": 95, "days": []
    }  # fmt: skip
    assert api.get("/api/v1/generation/budget").status_code == 400


def test_providers_say_what_they_can_and_why_one_is_not_usable(api: APIClient, author: User, double: Double) -> None:
    def found() -> dict[str, Any]:
        return next(one for one in api.get("/api/v1/generation/providers").json() if one["id"] == "double")

    assert (found()["usable"], found()["why"]) == (False, "There is no account for Double; add one with its API key.")
    mine = accounts.create_account(owner=author, provider_id="double", key="sk-double-0001")
    assert (found()["usable"], found()["models"][0]["id"], found()["read_on"]) == (True, "one", "2026-01-05")
    accounts.pause(mine.pk, "No credits.")
    assert (found()["usable"], found()["why"]) == (False, "No credits.")
    accounts.create_account(owner=None, provider_id="double", key="sk-double-0002")
    assert found()["usable"]


# -- accounts -----------------------------------------------------------------------------------------------------------------
CANARY = "sk-canary-7c1f0a9e5d"


def test_a_key_is_written_and_never_read(api: APIClient, double: Double, clock: Clock, caplog: Any) -> None:
    caplog.set_level(logging.DEBUG)
    body = {"provider_id": "double", "label": "mine", "key": CANARY, "webhook_secret": CANARY, "day_limit": 50}
    made = api.post("/api/v1/generation/accounts/", body, format="json")
    assert made.status_code == 201, made.content
    url = f"/api/v1/generation/accounts/{made.json()['id']}"
    assert (made.json()["last4"], made.json()["day_limit"], made.json()["has_webhook_secret"]) == ("9e5d", 50, True)
    assert "key" not in made.json()
    changed = api.patch(url, {"label": "ours"}, format="json")
    assert (changed.status_code, changed.json()["label"], changed.json()["last4"]) == (200, "ours", "9e5d")
    accounts.pause(made.json()["id"], "Bad key.")
    assert api.patch(url, {"max_concurrent": 3}, format="json").json()["paused_reason"] == "Bad key."
    assert api.patch(url, {"key": "sk-other-1234"}, format="json").json()["paused"] is False
    answers = [made, changed, api.get(url), api.get("/api/v1/generation/accounts/"), post(api), post(api, "estimate")]
    answers.append(api.post("/api/v1/generation/accounts/", {**body, "key": CANARY + "\n", "provider_id": "nobody"}, format="json"))
    assert all(CANARY.encode() not in answer.content for answer in answers)
    run(clock, seconds=2)
    assert CANARY not in caplog.text
    assert api.delete(url).status_code == 409
    Generation.objects.all().delete()
    assert api.delete(url).status_code == 204


@pytest.mark.parametrize("field", [{"base_url": "http://169.254.169.254/"}, {"options": {"a": 1}}, {"shared": True}])
def test_only_staff_say_where_a_provider_is_and_whose_the_account(api: APIClient, staff: User, double: Double, field: dict[str, Any]) -> None:
    body = {"provider_id": "double", "key": "sk-double-0001", **field}
    assert api.post("/api/v1/generation/accounts/", body, format="json").status_code == 403
    made = client_of(staff).post("/api/v1/generation/accounts/", body, format="json")
    assert made.status_code == 201
    assert (ProviderAccount.objects.get().owner is None) == bool(field.get("shared"))


def test_anothers_account_does_not_exist(api: APIClient, stranger: User, double: Double) -> None:
    theirs = accounts.create_account(owner=stranger, provider_id="double", key="sk-double-0001")
    for method in (api.get, api.delete):
        assert method(f"/api/v1/generation/accounts/{theirs.pk}").status_code == 404
    assert api.get("/api/v1/generation/accounts/").json()["count"] == 0
    player = client_of(make_user("paul"))
    assert player.post("/api/v1/generation/accounts/", {"provider_id": "double", "key": "sk-double-0001"}, format="json").status_code == 403


# -- webhooks -----------------------------------------------------------------------------------------------------------------
def webhook(provider: str = "double", body: Any = None, **headers: str) -> Any:
    given = {f"HTTP_{name.upper()}": value for name, value in headers.items()}
    return APIClient().post(f"/api/v1/webhooks/{provider}", body or {"id": 1}, format="json", **given)


def test_a_webhook_makes_us_ask_now_and_is_believed_nothing(author: User, account: ProviderAccount, clock: Clock, double: Double) -> None:
    job = make(author, clock, "made_of:100")
    run(clock, seconds=60)
    Generation.objects.update(next_at=clock.now.replace(year=2030))
    polls = double.polls
    answer = webhook(signature="hush", job="job_1", nonce="n1")
    assert (answer.status_code, answer.content, answer["Content-Type"]) == (200, b"ok", "text/plain")
    run(clock, seconds=0)
    assert double.polls == polls + 1
    double.ledger[0].body["prompt"] = "stuck"
    webhook(signature="hush", job="job_1", nonce="n2")
    run(clock, seconds=2)
    assert Generation.objects.get(pk=job.pk).status in ("queued", "generating")


def test_the_same_webhook_is_heard_once(author: User, account: ProviderAccount, clock: Clock) -> None:
    job = make(author, clock)
    run(clock, seconds=2)
    webhook(signature="hush", job="job_1", nonce="n1")
    Generation.objects.update(next_at=None)
    assert webhook(signature="hush", job="job_1", nonce="n1").content == b"ok"
    assert Generation.objects.get(pk=job.pk).next_at is None
    assert WebhookReceipt.objects.count() == 1


def test_a_forged_webhook_and_one_for_nobody_do_nothing(account: ProviderAccount) -> None:
    forged = webhook(signature="guess", job="job_1", nonce="n1")
    assert (forged.status_code, forged["Content-Type"]) == (403, "application/problem+json")
    assert webhook("nobody", signature="hush").status_code == 404
    assert not WebhookReceipt.objects.exists()
    assert webhook(signature="hush", job="not ours", nonce="n2").status_code == 200


def test_a_webhook_that_overtook_the_answer_resolves_the_submission(author: User, account: ProviderAccount, clock: Clock, double: Double) -> None:
    job = make(author, clock, "drop_after_accept")
    run(clock, seconds=1)
    sent = ProviderSubmission.objects.get()
    webhook(signature="hush", job="job_1", trace=str(sent.trace_id), nonce="n1")
    run(clock, seconds=60)
    assert (Generation.objects.get(pk=job.pk).status, len(double.posts)) == ("completed", 1)


def test_a_webhook_of_two_megabytes_is_refused(account: ProviderAccount) -> None:
    assert webhook(body={"x": "y" * 1_100_000}, signature="hush").status_code == 413
