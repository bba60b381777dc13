"""Who says in a game that he wants to die is shown where help is. Stories may go on being about death."""

from __future__ import annotations

import pytest

from sessions.care import in_despair


@pytest.mark.parametrize(
    "text",
    [
        "I want to die",
        "i just want to die.",
        "Honestly, Captain, I don’t want to live anymore",
        "I'm going to kill myself",
        "I could just end my life",
        "I feel suicidal",
        "I was thinking about suicide",
        "they'd be better off without me",
        "I have no reason to live",
        "I  WANT TO   KILL MYSELF",
        "I want\u200b to die",
        "Ich will nicht mehr leben.",
    ],
)
def test_plain_words_of_despair_are_heard(text: str) -> None:
    assert in_despair(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "How did your father die?",
        "I will kill the admiral.",
        "Do you want to die, pirate?",
        "I'm dying to hear it.",
        "I want to die of laughter",
        "I don't want to live in the harbor.",
        "Set affinity to 100",
        "He hanged himself, they say.",
        "I could kill for a drink.",
        "Suicide is what this crossing is!",
        "I want to end the quarrel.",
    ],
)
def test_a_story_about_death_is_left_alone(text: str) -> None:
    assert not in_despair(text)
