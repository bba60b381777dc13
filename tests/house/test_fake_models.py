"""The fake model server does what it says, over real HTTP: else tests that trust it would prove nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

SCHEMA = {
    "type": "object",
    "properties": {
        "reply": {"type": "string"},
        "emotion": {"type": ["string", "null"], "enum": ["happy", "sad", None]},
        "choices": {"type": "array", "items": {"type": "object", "properties": {"label": {"type": "string"}}}},
        "effects": {"type": "array", "items": {"type": "object", "properties": {"axis": {"enum": ["affinity"]}, "change": {"type": "integer"}}}},
        "memory": {"anyOf": [{"type": "object", "properties": {"topic": {"type": "string"}}}, {"type": "null"}]},
    },
}


def ask(server: Any, model: str = "fake", said: str = "Hello.", wanted: str = "json_schema", **more: Any) -> requests.Response:
    formats: dict[str, Any] = {"json_schema": {"type": "json_schema", "json_schema": {"name": "line", "schema": SCHEMA}}, "text": {"type": "text"}}
    body = {
        "model": model,
        "messages": [{"role": "system", "content": "You are Mara."}, {"role": "user", "content": said}],
        "response_format": formats.get(wanted, {"type": wanted}),
        **more,
    }
    return requests.post(f"{server.base_url}/chat/completions", json=body, headers={"Authorization": "Bearer sk-test"}, timeout=10)


def content(answer: requests.Response) -> str:
    found: str = answer.json()["choices"][0]["message"]["content"]
    return found


def test_it_answers_in_the_schema_and_counts(fake_models: Any) -> None:
    answer = ask(fake_models)
    said = json.loads(content(answer))
    assert set(said) == set(SCHEMA["properties"])
    assert said["emotion"] in ("happy", "sad")
    assert answer.json()["usage"]["prompt_tokens"] > 0
    assert content(ask(fake_models)) == content(answer)
    assert [(one["key"], one["body"]["messages"][1]["content"]) for one in fake_models.requests()] == [("sk-test", "Hello.")] * 2


@pytest.mark.parametrize(
    ("model", "wanted", "status"),
    [
        ("fake", "json_object", 200),
        ("fake-json", "json_schema", 400),
        ("fake-json", "json_object", 200),
        ("fake-text", "json_object", 400),
        ("fake-text", "text", 200),
        ("fake-deaf", "json_schema", 200),
        ("nobody", "text", 404),
    ],
)
def test_a_model_knows_its_rungs(fake_models: Any, model: str, wanted: str, status: int) -> None:
    assert ask(fake_models, model, wanted=wanted).status_code == status


def test_an_old_server_refuses_what_it_does_not_know(fake_models: Any) -> None:
    assert ask(fake_models, "fake-old", wanted="text", max_completion_tokens=10).status_code == 400
    assert "usage" not in ask(fake_models, "fake-old", wanted="text", max_tokens=10).json()


def test_a_stream_adds_up_to_the_answer_and_ends_with_the_count(fake_models: Any) -> None:
    fake_models.answers({"reply": "One word after the other, and then some more words."})
    answer = ask(fake_models, stream=True, stream_options={"include_usage": True})
    events = [json.loads(line[6:]) for line in answer.text.splitlines() if line.startswith("data: {")]
    text = "".join(one["choices"][0]["delta"].get("content") or "" for one in events if one["choices"])
    assert json.loads(text)["reply"].endswith("more words.")
    assert len(events) > 3
    assert events[-1]["usage"]["completion_tokens"] > 0


def test_a_mode_is_asked_for_by_model_by_words_or_from_outside(fake_models: Any) -> None:
    assert ask(fake_models, "fake:500").status_code == 500
    assert ask(fake_models, said="Hello [fake:429:7]").headers["Retry-After"] == "7"
    fake_models.mode("503", times=2)
    assert [ask(fake_models).status_code for _ in range(3)] == [503, 503, 200]
    assert ask(fake_models, "fake:nonsense").status_code == 418
    with pytest.raises(requests.ConnectionError):
        ask(fake_models, "fake:drop")
    assert ask(fake_models, "fake:refusal").json()["choices"][0]["message"]["refusal"]
    assert ask(fake_models, "fake:tool_calls").json()["choices"][0]["finish_reason"] == "tool_calls"
    assert len(content(ask(fake_models, "fake:huge"))) > 1 << 20


def test_the_hostile_mode_says_something_else_each_time(fake_models: Any) -> None:
    assert len({content(ask(fake_models, "fake:hostile")) for _ in range(12)}) > 8
