"""The grammar of the scripted writer: symbols, choices and conditions, drawn by a seed."""

from __future__ import annotations

import json
import re

import pytest

from npcs.writers import english, grammar
from npcs.writers.scripted import Draw
from npcs.writers.voices import NAMES, load

RULES = {
    "drink": ["ale", {"say": "rum", "mood": ["happy"]}],
    "order": ["#drink.a#", "more #drink#"],
    "loop": ["#loop# again"],
    "place": ["Harbor Docks"],
}


def say(phrase: str, seed: int = 1, **occasion: str) -> str:
    return grammar.say(phrase, RULES, pick=Draw(seed).pick, occasion=occasion)


def test_symbols_stand_for_phrases_and_brackets_for_one_of_several():
    assert {say("I'll have #order#.", seed) for seed in range(30)} == {"I'll have an ale.", "I'll have more ale."}
    assert {say("[Yes|No|]!", seed) for seed in range(40)} == {"Yes!", "No!", "!"}
    assert say("at #place.the#") == "at the Harbor Docks"
    assert say("#drink.capital#") == "Ale"


def test_what_names_the_occasion_comes_before_what_fits_anywhere():
    assert {say("#drink#", seed, mood="happy") for seed in range(20)} == {"rum"}
    assert {say("#drink#", seed, mood="sad") for seed in range(20)} == {"ale"}


def test_equal_seeds_say_the_same_and_nothing_runs_for_ever():
    assert say("#order# [a|b]", 7) == say("#order# [a|b]", 7)
    assert say("#nobody#") == ""
    assert say("#loop#").strip() == " ".join(["again"] * grammar.DEPTH)


@pytest.mark.parametrize("name", NAMES)
def test_every_voice_has_its_own_grammar_without_a_dead_end(name: str):
    voice = load(name)
    for occasion in ("again", "heard", "node"):
        phrases = voice.phrases[occasion]
        assert len(phrases) >= 3
        for moment in (
            {"mood": mood, "closeness": closeness, "part": part}
            for mood in ("angry", "neutral", "happy")
            for closeness in ("cold", "close")
            for part in ("night", "dawn")
        ):
            for phrase in grammar.fitting(phrases, moment, mixed=True):
                for seed in range(4):
                    said = grammar.say(phrase, voice.rules, pick=Draw(seed).pick, occasion=moment)
                    assert said.strip()
                    assert not re.search(r"#|\[|\]|\|", said), said
    used = set(re.findall(r"#(\w+)", json.dumps([voice.phrases, voice.rules])))
    assert used <= set(voice.rules)


@pytest.mark.parametrize(
    ("said", "subject"),
    [
        ("Tell me about your ship.", "my ship"),
        ("What do you know of the old bridge?", "the old bridge"),
        ("I want to hear about Ren", "ren"),
        ("Of course", ""),
        ("Hello.", ""),
        ("What about it?", ""),
    ],
)
def test_what_is_asked_about_is_named_back(said: str, subject: str):
    assert english.asked_about(said) == subject
