"""One question to a model server: the ladder, the time it may take, and what becomes of everything that goes wrong."""

from __future__ import annotations

import logging
import time
from typing import Any

import pytest

from generation.language import chat
from generation.language.chat import Answer, Unanswered
from generation.language.endpoints import Ability, Endpoint

CANARY = "sk-canary-0451-model"
MESSAGES = ({"role": "system", "content": "You are Mara. Answer in JSON."}, {"role": "user", "content": "Hello."})
SCHEMA = {
    "type": "object",
    "properties": {"reply": {"type": "string"}, "emotion": {"type": "string", "enum": ["happy"]}},
    "required": ["reply", "emotion"],
    "additionalProperties": False,
}


def endpoint(server: Any, model: str = "fake", **changed: Any) -> Endpoint:
    return Endpoint(
        **{"id": 1, "key": "house", "base_url": server.base_url, "secret": CANARY, "models": {"dialogue": model}, "local": True, **changed}
    )


def ask(server: Any, model: str = "fake", *, seconds: float = 5, on_text: Any = None, **changed: Any) -> Answer:
    found = endpoint(server, model, **changed)
    return chat.ask(found, model=model, messages=MESSAGES, schema=SCHEMA, until=time.monotonic() + seconds, safety_id="abc", on_text=on_text)


def test_a_good_server_answers_on_the_highest_rung(fake_models: Any) -> None:
    heard: list[str] = []
    answer = ask(fake_models, on_text=heard.append)
    assert (answer.rung, answer.tried, answer.finish) == ("json_schema", ("json_schema",), "stop")
    assert "".join(heard) == answer.text
    assert len(heard) > 1
    assert answer.count.prompt > 0
    assert not answer.count.estimated
    sent = fake_models.requests()[0]
    assert sent["key"] == CANARY
    assert sent["body"]["messages"] == list(MESSAGES)
    assert sent["body"]["safety_identifier"] == "abc"
    assert sent["body"]["response_format"]["json_schema"]["strict"] is True
    assert sent["body"]["max_completion_tokens"] == 500


@pytest.mark.parametrize(
    ("model", "rung", "tried"),
    [
        ("fake-json", "json_object", ("json_schema", "json_object")),
        ("fake-text", "text", ("json_schema", "json_object", "text")),
    ],
)
def test_a_server_that_knows_less_is_asked_lower_down_and_remembered(fake_models: Any, model: str, rung: str, tried: tuple[str, ...]) -> None:
    answer = ask(fake_models, model)
    assert (answer.rung, answer.tried) == (rung, tried)
    assert answer.learned == Ability(rung=rung)  # type: ignore[arg-type]
    asked = len(fake_models.requests())
    again = ask(fake_models, model, abilities={model: {"rung": rung}})
    assert (again.tried, again.learned) == ((rung,), None)
    assert len(fake_models.requests()) == asked + 1


def test_an_old_server_is_asked_without_what_it_does_not_know(fake_models: Any) -> None:
    answer = ask(fake_models, "fake-old")
    assert answer.rung == "json_object"
    assert answer.count.estimated
    assert answer.learned is not None
    assert set(answer.learned.lacks) == {"max_completion_tokens", "stream_options", "safety_identifier"}
    assert fake_models.requests()[-1]["body"]["max_tokens"] == 500
    asked = len(fake_models.requests())
    ask(fake_models, "fake-old", abilities={"fake-old": {"rung": answer.learned.rung, "lacks": answer.learned.lacks}})
    assert len(fake_models.requests()) == asked + 1


def test_tokens_nobody_counted_are_estimated(fake_models: Any) -> None:
    answer = ask(fake_models, "fake:no_usage")
    assert answer.count.estimated
    assert answer.count.prompt == 9


@pytest.mark.parametrize(
    ("mode", "reason", "asked"),
    [
        ("401", "auth", 1),
        ("404", "not_found", 1),
        ("429:0.01", "busy", 2),
        ("429:60", "busy", 1),
        ("500", "server", 2),
        ("503", "server", 2),
        ("drop", "dropped", 2),
        ("drop_mid", "dropped", 1),
        ("redirect", "rejected", 1),
        ("packed", "dropped", 2),
        ("slow_loris", "timeout", 1),
        ("slow_head", "timeout", 1),
        ("latency:30", "timeout", 1),
        ("endless", "too_large timeout", 1),
        ("huge", "too_large", 1),
        ("error_in_stream", "server", 1),
        ("odd", "empty", 1),
        ("no_choices", "empty", 1),
        ("key_echo", "rejected", 1),
        ("refusal", "refused", 1),
        ("content_filter", "filtered", 1),
        ("tool_calls", "nonsense", 1),
        ("empty", "empty", 1),
    ],
)
def test_what_goes_wrong_is_said_in_time_and_without_the_key(fake_models: Any, caplog: Any, mode: str, reason: str, asked: int) -> None:
    caplog.set_level(logging.DEBUG)
    begun = time.monotonic()
    with pytest.raises(Unanswered) as caught:
        ask(fake_models, f"fake:{mode}", seconds=1 if "timeout" in reason else 8)
    assert caught.value.reason in reason.split()
    assert time.monotonic() - begun < 10, "the slow ones would take half a minute"
    assert len(fake_models.requests()) == asked
    assert CANARY not in caplog.text
    assert CANARY not in f"{caught.value} {caught.value!r}"


def test_one_that_fails_once_is_asked_again(fake_models: Any) -> None:
    fake_models.mode("500")
    assert ask(fake_models).finish == "stop"
    assert len(fake_models.requests()) == 2


def test_nobody_there_is_unreachable_and_a_strange_address_is_not_asked(fake_models: Any, settings: Any) -> None:
    settings.PROVIDER_LOCAL_HOSTS = ["127.0.0.1:9"]
    with pytest.raises(Unanswered) as caught:
        ask(fake_models, base_url="http://127.0.0.1:9/v1", seconds=2)
    assert (caught.value.reason, caught.value.sent) == ("unreachable", False)
    for address in ("http://127.0.0.1:10/v1", "http://169.254.169.254/v1", "https://localhost/v1", "https://10.0.0.1/v1"):
        with pytest.raises(Unanswered) as caught:
            ask(fake_models, base_url=address)
        assert (caught.value.reason, caught.value.sent) == ("address", False)


def test_a_name_that_leads_inside_is_not_connected_to(fake_models: Any, monkeypatch: Any) -> None:
    def inside(host: str, port: int, **_: Any) -> list[Any]:
        return [(2, 1, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr("socket.getaddrinfo", inside)
    with pytest.raises(Unanswered) as caught:
        ask(fake_models, base_url="https://models.example.com/v1", seconds=2)
    assert (caught.value.reason, caught.value.sent) == ("unreachable", False)


def test_a_cut_answer_says_so(fake_models: Any) -> None:
    assert ask(fake_models, "fake:length").finish == "length"
