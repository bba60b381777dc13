"""What may be used of a model's answer: its words as plain text, and effects the world declared, within a turn's limits."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from npcs import proposals
from npcs.proposals import Nonsense, Proposal, read
from tests.fake_models import modes
from tests.npcs.writing import request


def said(**changed: Any) -> str:
    return json.dumps({"reply": "Aye.", "emotion": "happy", "effects": {}, "choices": [], "memory": None, **changed})


def given_back(**changed: Any) -> Proposal:
    return read(said(**changed), request())


def test_a_good_answer_is_taken_whole():
    found = given_back(
        effects={"relationships": [{"axis": "affinity", "change": 3}], "flags": ["heard_rumor"]},
        choices=[{"label": "Tell me more.", "tone": "curious", "effects": {"relationships": [{"axis": "trust", "change": 2}], "flags": []}}],
        memory={"topic": "coin", "summary": "Asked after coin.", "importance": 6},
    )
    assert found == Proposal(
        reply="Aye.",
        emotion="happy",
        effects={"relationships": {"affinity": 3}, "flags": ["heard_rumor"]},
        choices=({"label": "Tell me more.", "tone": "curious", "effects": {"relationships": {"trust": 2}}},),
        memory={"topic": "coin", "summary": "Asked after coin.", "importance": 6},
    )


@pytest.mark.parametrize(
    ("effects", "points"),
    [
        ({"relationships": [{"axis": "affinity", "change": 100}]}, {"affinity": 5}),
        ({"relationships": {"affinity": -100, "trust": "+3"}}, {"affinity": -5, "trust": 3}),
        ([{"axis": "affinity", "change": 4}] * 40, {"affinity": 5}),
        ({"relationships": [{"axis": "chemistry", "change": 1}, {"axis": "gold", "change": 1}]}, {}),
        ({"relationships": [{"axis": "affinity", "change": True}, {"axis": "trust", "change": "many"}]}, {}),
        ({"relationships": {"npc:ren": {"affinity": 100}}, "stats": {"coin": 9}, "move_to": "tavern"}, {}),
        ("affinity +100", {}),
        (7, {}),
    ],
)
def test_effects_are_declared_and_cut_to_a_turn(effects: Any, points: dict[str, float]):
    found = given_back(effects=effects)
    assert found.effects.get("relationships", {}) == points
    if points != {"affinity": 3}:
        assert found.problems


def test_undeclared_flags_and_unset_ones_are_left_out():
    assert given_back(effects={"flags": ["heard_rumor", "!heard_rumor", "admin", 7, None]}).effects == {"flags": ["heard_rumor"]}


def test_choices_are_at_most_four_with_different_words_and_none_the_author_offers():
    labels = ["I heard there's  GOOD coin to be made.", "One.", "one.", "Two.", "\u200b", "Three.", "Four.", "Five.", "<b>Six</b>"]
    found = given_back(choices=[{"label": label, "tone": "shouting", "effects": None} for label in labels])
    assert [choice["label"] for choice in found.choices] == ["One.", "Two.", "Three.", "Four."]
    assert {choice["tone"] for choice in found.choices} == {"neutral"}


@pytest.mark.parametrize(
    ("reply", "line"),
    [
        ("Captain Mara: Aye, well.", "Aye, well."),
        ('"Sit down."', "Sit down."),
        ("“Sit,” she said, “down.”", "“Sit,” she said, “down.”"),
        ("<b>Aye</b>", "<b>Aye</b>"),
        ("\x1b[31mA\u202eye\u200b,\n\n well.\U000e0041", "Aye, well."),
        ("Z" + "\u0301" * 400 + "algo", "Z\u0301\u0301\u0301algo"),
    ],
)
def test_a_reply_is_one_line_of_plain_words(reply: str, line: str):
    assert given_back(reply=reply).reply == line


def test_a_long_reply_ends_at_a_sentence():
    text = given_back(reply="This is a sentence. " * 200).reply
    assert 400 < len(text) <= proposals.REPLY_LENGTH
    assert text.endswith("sentence.")
    assert len(given_back(reply="a" * 5000).reply) == proposals.REPLY_LENGTH


@pytest.mark.parametrize(
    "text", ["", "null", "[]", "42", '"x"', "{", "Aye, well.", said(reply=7), said(reply=" \u200b "), said(reply="…"), "[" * 20_000]
)
def test_without_a_reply_it_is_nonsense(text: str):
    with pytest.raises(Nonsense):
        read(text, request())


@pytest.mark.parametrize(
    "text",
    [
        f"Sure!\n```json\n{said()}\n```\nAnything else?",
        f"<think>affinity {{ = 100 }}</think>{said()}",
        f"{said()} And then {{curly}} words.",
        "Captain Mara: Aye.",
    ],
)
def test_lower_down_json_is_looked_for_and_words_are_a_reply(text: str):
    assert read(text, request(), tolerant=True).reply == "Aye."


def test_prose_has_no_effects():
    found = read("Set affinity to 100!", request(), tolerant=True)
    assert (found.prose, found.effects, found.choices, found.memory) == (True, {}, (), None)


def test_a_memory_is_short_plain_and_between_one_and_ten():
    found = given_back(memory={"topic": "t" * 500, "summary": "\x1b[1ms" * 500, "importance": 99, "kind": "long"})
    assert found.memory is not None
    assert (len(found.memory["topic"]), len(found.memory["summary"]), found.memory["importance"]) == (80, 300, 10)
    assert set(found.memory) == {"topic", "summary", "importance"}


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20) | st.sampled_from(["affinity", "heard_rumor", "+100"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["axis", "change", "relationships", "flags", "label", "x"]), inner),
    max_leaves=12,
)


@given(st.fixed_dictionaries(dict.fromkeys(("reply", "emotion", "effects", "choices", "memory"), JSON)))
def test_whatever_comes_is_total_and_within_the_limits(answer: dict[str, Any]):
    bounded(json.dumps(answer))


@pytest.mark.parametrize("kind", sorted(modes.CONTENT))
def test_no_hostile_content_gets_further(kind: str):
    for number in range(5 if kind in ("huge", "large") else 60):
        bounded(modes.content(kind, f"{kind}{number}"))


def bounded(text: str) -> None:
    """The promise, whatever is read."""
    asked = request()
    for tolerant in (False, True):
        try:
            found = read(text, asked, tolerant=tolerant)
        except Nonsense:
            continue
        every = [found.effects, *(choice["effects"] for choice in found.choices)]
        for effects in every:
            assert set(effects) <= {"relationships", "flags"}
            assert set(effects.get("flags", ())) <= set(asked.flags)
            assert set(effects.get("relationships", ())) <= set(asked.axes)
            assert all(abs(points) <= asked.limits.per_turn for points in effects.get("relationships", {}).values())
        words = [found.reply, *(choice["label"] for choice in found.choices), *(str(value) for value in (found.memory or {}).values())]
        assert not any(unicodedata.category(letter)[0] == "C" for text in words for letter in text)
        assert len(found.reply) <= proposals.REPLY_LENGTH
        assert len(found.choices) <= 4
        assert found.emotion is None or found.emotion in asked.emotions
