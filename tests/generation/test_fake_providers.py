"""The server the other tests lean on: it charges before it answers, fails as told, and forgets nothing."""

from __future__ import annotations

import http.client
import json
import threading
import uuid
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.fake_providers import FakeProviders

TEXT = {"prompt": "a foggy harbor", "model": "v5", "duration": 5, "quality": "540p", "aspect_ratio": "16:9"}


def create(fake: FakeProviders, prompt: str = "a foggy harbor", trace: str = "", **changes: Any) -> Any:
    headers = {"API-KEY": "sea", "Ai-trace-id": trace or str(uuid.uuid4())}
    return requests.post(f"{fake.url}/openapi/v2/video/text/generate", json={**TEXT, "prompt": prompt, **changes}, headers=headers, timeout=5).json()


def result(fake: FakeProviders, video_id: int) -> Any:
    headers = {"API-KEY": "sea", "Ai-trace-id": str(uuid.uuid4())}
    return requests.get(f"{fake.url}/openapi/v2/video/result/{video_id}", headers=headers, timeout=5).json()["Resp"]


def test_a_create_is_charged_and_ends_with_a_file(fake_providers: FakeProviders) -> None:
    made = create(fake_providers)
    assert (made["ErrCode"], made["Resp"]["credits"]) == (0, 45)
    assert made["Resp"]["video_id"] > 2**53
    done = result(fake_providers, made["Resp"]["video_id"])
    assert done["status"] == 1
    data = requests.get(done["url"], timeout=10).content
    assert data[4:8] == b"ftyp"
    [line] = fake_providers.ledger()
    assert (line["kind"], line["provider"], line["milli"]) == ("create", "pixverse", 45_000)


def test_the_ledger_is_a_file_written_before_the_answer(fake_providers: FakeProviders) -> None:
    with pytest.raises(requests.ConnectionError):
        create(fake_providers, "x [fake:drop_after_accept]")
    lines = Path(fake_providers.app.state.ledger_path).read_text().splitlines()
    assert [json.loads(line)["kind"] for line in lines] == ["create"]


def test_hanging_up_before_accepting_charges_nothing(fake_providers: FakeProviders) -> None:
    with pytest.raises(requests.ConnectionError):
        create(fake_providers, "x [fake:drop_before]")
    assert fake_providers.ledger() == []


def test_an_answer_can_break_off(fake_providers: FakeProviders) -> None:
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        create(fake_providers, "x [fake:reset_mid_body]")
    assert len(fake_providers.ledger("create")) == 1


@pytest.mark.parametrize(("mode", "answers"), [("A", "the same job"), ("B", "another one"), ("C", 400017)])
def test_a_known_trace_id_is_met_in_three_ways(fake_providers: FakeProviders, mode: str, answers: str | int) -> None:
    fake_providers.config(replay=mode)
    first, again = (
        create(fake_providers, trace="11111111-1111-4111-8111-111111111111"),
        create(fake_providers, trace="11111111-1111-4111-8111-111111111111"),
    )
    if mode == "A":
        assert again["Resp"]["video_id"] == first["Resp"]["video_id"]
        assert [line["kind"] for line in fake_providers.ledger()] == ["create", "replay"]
    elif mode == "B":
        assert result(fake_providers, again["Resp"]["video_id"])["status"] == 5
        fake_providers.advance(7200)
        assert sum(line["milli"] for line in fake_providers.ledger()) == 45_000
    else:
        assert again["ErrCode"] == answers


def test_what_hangs_frees_its_slot_after_ten_minutes(fake_providers: FakeProviders) -> None:
    fake_providers.config(slots=1)
    create(fake_providers, "x [fake:stuck]")
    assert create(fake_providers)["ErrCode"] == 500044
    fake_providers.advance(601)
    assert create(fake_providers)["ErrCode"] == 0


def test_failure_and_moderation_give_the_credits_back(fake_providers: FakeProviders) -> None:
    for token, status in (("fail", 8), ("moderate", 7)):
        made = create(fake_providers, f"x [fake:{token}]")
        assert result(fake_providers, made["Resp"]["video_id"])["status"] == status
    assert sum(line["milli"] for line in fake_providers.ledger()) == 0


def test_a_sequence_of_polls_is_followed(fake_providers: FakeProviders) -> None:
    made = create(fake_providers, "x [fake:status_seq:10,9,5,7]")
    assert [result(fake_providers, made["Resp"]["video_id"])["status"] for _ in range(5)] == [10, 9, 5, 7, 7]


def test_a_fault_from_outside_happens_so_often(fake_providers: FakeProviders) -> None:
    fake_providers.fault("[fake:errcode:500069]", provider="pixverse", times=2)
    assert [create(fake_providers)["ErrCode"] for _ in range(3)] == [500069, 500069, 0]


def test_a_misspelt_fault_is_told(fake_providers: FakeProviders) -> None:
    assert "no fault" in create(fake_providers, "x [fake:drop_befor]")["detail"]


def test_files_have_ranges_and_tags(fake_providers: FakeProviders) -> None:
    url = result(fake_providers, create(fake_providers)["Resp"]["video_id"])["url"]
    whole = requests.get(url, timeout=10)
    part = requests.get(url, headers={"Range": "bytes=4-7"}, timeout=5)
    assert (part.status_code, part.content, part.headers["Content-Range"]) == (206, b"ftyp", f"bytes 4-7/{len(whole.content)}")
    assert requests.get(url, headers={"If-None-Match": whole.headers["ETag"]}, timeout=5).status_code == 304


def test_files_can_be_hostile(fake_providers: FakeProviders) -> None:
    def fetch(token: str) -> requests.Response:
        url = result(fake_providers, create(fake_providers, f"x [fake:{token}]")["Resp"]["video_id"])["url"]
        return requests.get(url, timeout=5, allow_redirects=False, stream=True)

    assert fetch("redirect_metadata").headers["Location"].startswith("http://169.254.169.254/")
    assert fetch("wrong_type").headers["Content-Type"] == "text/html"
    assert fetch("url_404_for:1").status_code == 404
    with fetch("endless") as endless:
        assert sum(len(chunk) for chunk, _ in zip(endless.iter_content(65536), range(100), strict=False)) > 5_000_000


def test_fal_answers_with_the_addresses_to_ask(fake_providers: FakeProviders) -> None:
    headers = {"Authorization": "Key sea"}
    made = requests.post(f"{fake_providers.url}/fal-ai/some/text-to-video", json={"prompt": "a harbor"}, headers=headers, timeout=5).json()
    assert requests.get(made["status_url"], headers=headers, timeout=5).json()["status"] == "COMPLETED"
    assert requests.get(made["response_url"], headers=headers, timeout=5).json()["video"]["content_type"] == "video/mp4"


def test_comfyui_takes_the_callers_name_of_a_job(fake_providers: FakeProviders) -> None:
    graph = {"6": {"class_type": "CLIPTextEncode", "inputs": {"text": "a harbor"}}, "9": {"class_type": "SaveVideo", "inputs": {}}}
    made = requests.post(f"{fake_providers.url}/prompt", json={"prompt": graph, "prompt_id": "abc"}, timeout=5).json()
    assert made["prompt_id"] == "abc"
    found = requests.get(f"{fake_providers.url}/history/abc", timeout=5).json()["abc"]["outputs"]["9"]["images"][0]
    assert requests.get(f"{fake_providers.url}/view", params=found, timeout=10).content[4:8] == b"ftyp"
    assert requests.get(f"{fake_providers.url}/history/other", timeout=5).json() == {}


@pytest.fixture
def listener() -> Any:
    """Takes webhooks; `answers` are used up one by one, then `ok`."""

    class Handler(BaseHTTPRequestHandler):
        taken: list[dict[str, str]] = []
        answers: list[int] = []

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.taken.append(dict(self.headers))
            self.send_response(self.answers.pop(0) if self.answers else 200)
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_: Any) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    server.taken, server.answers = Handler.taken, Handler.answers
    yield server
    server.shutdown()
    server.server_close()
    thread.join(2)


def wait_for(told: Any) -> None:
    pause = threading.Event()
    for _ in range(200):
        if told():
            return
        pause.wait(0.02)
    raise AssertionError("it did not happen")


def test_a_webhook_can_overtake_the_answer_and_comes_again_until_it_is_taken(fake_providers: FakeProviders, listener: Any) -> None:
    fake_providers.config(pixverse_webhook=f"http://127.0.0.1:{listener.server_port}/hook")
    listener.answers.append(500)
    trace = str(uuid.uuid4())
    create(fake_providers, "x [fake:webhook_before_answer]", trace)
    assert listener.taken[0]["Ai-Trace-Id"] == trace
    wait_for(lambda: fake_providers.webhooks() and len(listener.taken) >= 2)
    before = len(listener.taken)
    # Time goes on with every look: the refused one may be put off only after the first step.
    wait_for(lambda: fake_providers.advance(3) or len(listener.taken) > before)


def test_the_control_api_refuses_what_it_does_not_know(fake_providers: FakeProviders) -> None:
    with pytest.raises(RuntimeError, match="no setting"):
        fake_providers.config(nonsense=1)
    connection = http.client.HTTPConnection(fake_providers.host, timeout=5)
    connection.request("GET", "/_control/nothing")
    assert connection.getresponse().status == 404
    connection.close()
