"""Lines from a model over real HTTP: who is asked, what it may cost, and that a player meets a line whatever happens."""

from __future__ import annotations

import json
import logging
import threading
import time
import unicodedata
from collections import Counter
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from generation.language import breaker, endpoints
from generation.language.models import LanguageDay, ModelEndpoint
from npcs import writers
from npcs.prompts.dialogue import build
from npcs.writers import FALLBACKS, Written, routing
from npcs.writers.growing import Growing
from tests.npcs.writing import KEY, endpoint, request
from tests.playing import account
from worlds.models import World

pytestmark = pytest.mark.django_db
ANSWER = {
    "reply": "Smart. The sea provides for those who respect it.",
    "emotion": "friendly",
    "effects": {"relationships": [{"axis": "affinity", "change": 40}], "flags": ["heard_rumor", "rich"]},
    "choices": [{"label": "What would I have to do?", "tone": "curious", "effects": {"relationships": [], "flags": []}}],
    "memory": {"topic": "coin", "summary": "The player asked about coin.", "importance": 5},
}


@pytest.fixture(autouse=True)
def sealing(settings: Any) -> None:
    from pixsim.lib.encryption import new_key

    settings.APP_FIELD_KEYS = new_key()


def spoken(written: Written, reason: str = "") -> Written:
    assert written.fallback == reason
    assert written.text
    assert written.writer == ("scripted" if reason else "openai")
    return written


def test_without_an_endpoint_the_writer_of_this_machine_speaks_and_that_is_no_fallback(fake_models: Any) -> None:
    written = writers.write(request())
    assert (written.writer, written.fallback, written.model, written.usage) == ("scripted", "", "", None)
    assert fake_models.requests() == []


def test_a_model_speaks_in_parts_and_what_it_wants_is_cut_to_size(fake_models: Any) -> None:
    endpoint(fake_models)
    fake_models.answers(ANSWER)
    parts: list[str] = []
    written = spoken(writers.write(request(), on_part=parts.append))
    assert written.text == ANSWER["reply"]
    assert parts[-1] == written.text
    assert len(parts) > 1
    assert all(later.startswith(earlier) for earlier, later in zip(parts, parts[1:], strict=False))
    assert (written.emotion, written.memory) == ("friendly", ANSWER["memory"])
    assert written.proposed == {"relationships": {"affinity": 5}, "flags": ["heard_rumor"]}
    assert written.choices == ({"label": "What would I have to do?", "tone": "curious", "effects": {}},)
    assert any("cut to +5" in problem for problem in written.problems)
    assert (written.model, written.ladder, json.loads(written.raw)) == ("fake", ("json_schema",), ANSWER)
    assert written.usage is not None
    assert written.usage.prompt_tokens > 100
    assert written.usage.cost == 0
    assert written.prompt is not None


def test_what_is_sent_is_the_prompt_and_the_player_is_a_number_nobody_knows(fake_models: Any) -> None:
    endpoint(fake_models)
    writers.write(request())
    sent = fake_models.requests()[0]
    prompt = build(request())
    assert sent["key"] == KEY
    assert sent["body"]["messages"] == list(prompt.messages)
    assert sent["body"]["response_format"]["json_schema"]["schema"] == prompt.schema
    assert sent["body"]["safety_identifier"] == "a1b2c3"


@pytest.mark.parametrize(
    ("mode", "reason"),
    [
        ("401", "auth"),
        ("404", "not_found"),
        ("429:60", "busy"),
        ("500", "server"),
        ("drop_mid", "dropped"),
        ("redirect", "rejected"),
        ("refusal", "refused"),
        ("content_filter", "filtered"),
        ("length", "length"),
        ("tool_calls", "nonsense"),
        ("empty", "empty"),
        ("huge", "too_large"),
        ("slow_loris", "timeout"),
        ("key_echo", "rejected"),
    ],
)
def test_whatever_happens_a_line_is_said_in_time_and_why_is_kept(fake_models: Any, caplog: Any, mode: str, reason: str) -> None:
    caplog.set_level(logging.DEBUG)
    endpoint(fake_models, f"fake:{mode}", timeout_sec=0.8 if reason == "timeout" else 8)
    begun = time.monotonic()
    written = spoken(writers.write(request()), reason)
    assert time.monotonic() - begun < 10, "the slow ones would take half a minute"
    assert reason in FALLBACKS
    assert written.model == f"fake:{mode}"
    assert written.prompt is not None
    assert KEY not in caplog.text
    assert KEY not in repr(written)


def test_the_same_line_is_said_as_if_no_model_were_there(fake_models: Any) -> None:
    alone = writers.write(request())
    endpoint(fake_models, "fake:500")
    assert writers.write(request()).text == alone.text


def test_a_refused_key_pauses_the_endpoint(fake_models: Any) -> None:
    row = endpoint(fake_models, "fake:401")
    writers.write(request())
    row.refresh_from_db()
    assert row.paused_reason == FALLBACKS["auth"]
    assert writers.write(request()).fallback == ""
    assert len(fake_models.requests()) == 1


def test_a_server_that_fails_three_times_is_left_alone_until_it_works_again(fake_models: Any) -> None:
    row = endpoint(fake_models, "fake:503", timeout_sec=0.8)
    for _ in range(3):
        spoken(writers.write(request()), "server")
    asked = len(fake_models.requests())
    spoken(writers.write(request()), "resting")
    assert len(fake_models.requests()) == asked
    breaker.answered(endpoints.opened(row).name)
    spoken(writers.write(request()), "server")


@pytest.mark.parametrize(
    ("model", "rung", "tried"),
    [
        ("fake-json", "json_object", ("json_schema", "json_object")),
        ("fake-text", "text", ("json_schema", "json_object", "text")),
        ("fake-deaf", "text", ("json_schema", "text")),
        ("fake-old", "json_object", ("json_schema", "json_object")),
    ],
)
def test_a_server_that_can_less_speaks_all_the_same_and_is_known_from_then_on(fake_models: Any, model: str, rung: str, tried: Any) -> None:
    row = endpoint(fake_models, model)
    written = spoken(writers.write(request()))
    assert written.ladder == tried
    row.refresh_from_db()
    assert row.abilities[model]["rung"] == rung
    asked = len(fake_models.requests())
    parts: list[str] = []
    assert spoken(writers.write(request(seed=2), on_part=parts.append)).ladder == (rung,)
    assert len(fake_models.requests()) == asked + 1
    assert parts


# -- who may speak where ------------------------------------------------------------------------------------------------
def test_a_manifest_chooses_among_the_endpoints_and_may_name_a_model(fake_models: Any) -> None:
    endpoint(fake_models)
    endpoint(fake_models, "fake-json", key="other", is_default=False, other_models="fake-text\nfake-old")
    for providers, model in (
        ({}, "fake"),
        ({"pixverse": True, "other": True}, "fake-json"),
        ({"other": {"enabled": True, "model": "fake-text"}}, "fake-text"),
        ({"other": {"model": "gpt-4"}}, "fake-json"),
        ({"other": {"purposes": ["image"]}}, "fake"),
        ({"other": False}, "fake"),
        ({"nobody": True}, "fake"),
        ({"house": False}, ""),
        ({"scripted": True, "other": True}, ""),
    ):
        assert writers.write(request(providers=providers)).model == model, providers


def test_dialogue_nodes_may_have_a_model_of_their_own(fake_models: Any) -> None:
    endpoint(fake_models, node_model="fake-json")
    assert writers.write(request()).model == "fake"
    assert writers.write(request(purpose="node", player_text="")).model == "fake-json"


def test_an_endpoint_for_some_authors_speaks_in_their_worlds_alone(fake_models: Any) -> None:
    ann, bob = account("ann", author=True), account("bob", author=True)
    row = endpoint(fake_models, everyone=False)
    row.authors.add(ann)
    worlds = [World.objects.create(name=owner.username, owner=owner) for owner in (ann, bob)]
    assert [writers.write(request(world=world.pk)).writer for world in worlds] == ["openai", "scripted"]
    assert writers.write(request()).writer == "scripted"


def test_the_environment_names_a_server_only_with_a_model(fake_models: Any, settings: Any) -> None:
    settings.PROVIDER_LOCAL_HOSTS = []
    settings.OPENAI_BASE_URL, settings.OPENAI_API_KEY = fake_models.base_url, KEY
    assert writers.write(request()).writer == "scripted"
    settings.OPENAI_MODEL = "fake-json"
    assert spoken(writers.write(request())).model == "fake-json"
    assert fake_models.requests()[-1]["key"] == KEY
    assert writers.write(request(providers={"openai": False})).writer == "scripted"


def test_a_lost_sealing_key_is_a_fallback_too(fake_models: Any, settings: Any) -> None:
    endpoint(fake_models)
    from pixsim.lib.encryption import new_key

    settings.APP_FIELD_KEYS = new_key()
    spoken(writers.write(request()), "key")


# -- caps ---------------------------------------------------------------------------------------------------------------
def day(scope: str) -> LanguageDay:
    return LanguageDay.objects.get(scope=scope, day=timezone.now().date())


def test_what_is_said_is_counted_for_site_world_and_player(fake_models: Any) -> None:
    endpoint(fake_models, price_input=2, price_output=8)
    world = World.objects.create(name="w", owner=account("ann", author=True))
    written = spoken(writers.write(request(world=world.pk, player=7)))
    assert written.usage is not None
    assert written.usage.cost > 0
    for scope in ("site", f"world/{world.pk}", "player/7"):
        found = day(scope)
        assert (found.tokens, found.cost) == (written.usage.prompt_tokens + written.usage.completion_tokens, written.usage.cost)
        assert (found.tokens_held, found.cost_held, found.lines) == (0, 0, 1)


@pytest.mark.parametrize(
    ("caps", "budget", "reason"),
    [
        ("turn:100:", {}, "cap_turn"),
        ("turn::0.001", {}, "cap_turn"),
        ("player:3000:", {}, "cap_player"),
        ("player::0.05", {}, "cap_player"),
        ("world:3000:", {}, "cap_world"),
        ("site:3000:1000", {}, "cap_site"),
        ("world:9000000:", {"dialogue_tokens_per_day": 3000}, "cap_world"),
        ("", {"dialogue_credits_per_day": 0}, "cap_world"),
        ("", {"dialogue_tokens_per_player_per_day": 3000}, "cap_player"),
    ],
)
def test_a_cap_is_kept_before_the_question(fake_models: Any, settings: Any, caps: str, budget: dict[str, Any], reason: str) -> None:
    settings.DIALOGUE_CAPS = caps or "site::"
    endpoint(fake_models, price_input=0.2, price_output=0.8)
    world = World.objects.create(name="w", owner=account("ann", author=True))
    said = [writers.write(request(seed=seed, world=world.pk, player=7, budget=budget)).fallback for seed in range(5)]
    assert said[-1] == reason
    assert set(said) <= {"", reason}
    assert len(fake_models.requests()) == said.count("")
    used = LanguageDay.objects.all()
    assert all(row.tokens_held == row.cost_held == 0 for row in used)


@pytest.mark.parametrize(("caps", "errors"), [("turn:8000:10,site::", []), ("", []), ("turn:many", ["npcs.E001"]), ("wrold:1:1", ["npcs.E001"])])
def test_caps_that_cannot_be_read_are_said_at_the_start(settings: Any, caps: str, errors: list[str]) -> None:
    settings.DIALOGUE_CAPS = caps
    assert [one.id for one in routing.caps_can_be_read(None)] == errors


def test_a_late_or_useless_answer_is_paid_for_all_the_same(fake_models: Any) -> None:
    endpoint(fake_models, "fake:no_json", price_input=2, price_output=8)
    fake_models.answers("[1, 2, 3]")
    written = writers.write(request())
    assert written.writer == "scripted"
    assert written.usage is not None
    assert day("site").cost == written.usage.cost > 0


@pytest.mark.django_db(transaction=True)
def test_a_cap_holds_when_twenty_speak_at_once(fake_models: Any, settings: Any) -> None:
    settings.DIALOGUE_CAPS = "site:9000:"
    endpoint(fake_models, "fake:latency:0.2", max_output_tokens=500, timeout_sec=10)
    found: list[Written] = []

    def speak(seed: int) -> None:
        found.append(writers.write(request(seed=seed)))
        connection.close()

    threads = [threading.Thread(target=speak, args=(seed,)) for seed in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {one.fallback for one in found} == {"", "cap_site"}
    assert day("site").tokens <= 9000
    assert len(fake_models.requests()) == sum(not one.fallback for one in found)


@pytest.mark.django_db(transaction=True)
def test_no_connection_to_the_database_is_held_while_a_model_thinks(fake_models: Any) -> None:
    endpoint(fake_models)
    held: list[bool] = []
    written = writers.write(request(), on_part=lambda _: held.append(connection.connection is not None))
    spoken(written)
    assert held
    assert not any(held)


# -- two thousand hostile answers -----------------------------------------------------------------------------------------
AROUND = ("429:60", "drop_mid", "refusal", "length", "tool_calls", "content_filter", "redirect", "odd", "no_choices", "error_in_stream", "401", "404")
SLOW = ("slow_loris", "slow_head", "latency:30", "endless")


def test_two_thousand_hostile_answers_leave_a_plain_line_and_bounded_wishes_in_time(fake_models: Any, settings: Any, monkeypatch: Any) -> None:
    settings.DIALOGUE_CAPS = "site::"
    monkeypatch.setattr(breaker, "failed", lambda name, **_: None)  # else most would not be asked at all
    monkeypatch.setattr(endpoints, "pause", lambda one, reason: None)
    endpoint(fake_models, "fake:hostile", timeout_sec=1)
    asked, longest, reasons = request(), 0.0, Counter[str]()
    for number in range(2000):
        if number % 10 == 0:
            fake_models.mode(SLOW[number // 500] if number % 500 == 0 else AROUND[number // 10 % len(AROUND)])
        begun = time.monotonic()
        written = writers.write(asked)
        longest = max(longest, time.monotonic() - begun)
        reasons[written.fallback] += 1
        assert 0 < len(written.text.strip()) <= 600
        for effects in (written.proposed, *(choice["effects"] for choice in written.choices)):
            assert set(effects) <= {"relationships", "flags"}
            assert all(axis in asked.axes and abs(points) <= 5 for axis, points in effects.get("relationships", {}).items()), written.raw
            assert set(effects.get("flags", ())) <= set(asked.flags)
        words = [written.text, *(choice["label"] for choice in written.choices), *(str(value) for value in (written.memory or {}).values())]
        assert not any(unicodedata.category(letter)[0] == "C" for text in words for letter in text), written.raw
    print(f"2,000 hostile answers, the longest took {longest:.2f} s of 1 s; scripted instead: {dict(reasons)}")
    assert len(fake_models.requests()) >= 2000
    assert set(reasons) >= {"", "nonsense", "empty", "timeout", "too_large", "refused", "length", "busy", "dropped"}
    assert "broken" not in reasons
    assert longest < 10, "far beyond its time"


# -- a line that grows ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_a_growing_reply_is_read_out_of_pieces(size: int) -> None:
    text = json.dumps({"emotion": "happy", "reply": 'She said “aye” \\ "no"\n😀 é', "choices": [{"label": "reply"}]})
    growing, seen = Growing(), []
    for start in range(0, len(text), size):
        if growing.feed(text[start : start + size]):
            seen.append(growing.line)
    assert seen[-1] == 'She said “aye” \\ "no" 😀 é'
    assert all(later.startswith(earlier) for earlier, later in zip(seen, seen[1:], strict=False))


def test_only_words_are_shown_while_they_come() -> None:
    for text in ('{"effects": [1', "Sure, here is", '{"reply": 7', "<think>I"):
        growing = Growing()
        assert not growing.feed(text)
    growing = Growing(prose=True)
    assert growing.feed("Aye, \x1b[31mwell")
    assert growing.line == "Aye, well"
    assert not Growing(prose=True).feed('{"emotion": "happy", ')


def test_who_shows_a_line_may_fail_without_harm(fake_models: Any) -> None:
    endpoint(fake_models)

    def fails(_: str) -> None:
        raise RuntimeError("the screen is off")

    spoken(writers.write(request(), on_part=fails))
    assert ModelEndpoint.objects.get().paused_reason == ""
