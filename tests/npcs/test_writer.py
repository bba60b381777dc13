"""The scripted writer: authored lines first, then lines in the NPC's own voice – always the same for the same request, never twice in a row."""

from __future__ import annotations

import itertools
import re

import pytest

from npcs import writers
from npcs.snapshot import resolve_npc_snapshot
from npcs.writers import AuthoredLine, WriterRequest, english
from npcs.writers.voices import NAMES, load, voice_for

MARA = {
    "openness": 0.6,
    "conscientiousness": 0.8,
    "extraversion": 0.7,
    "agreeableness": 0.5,
    "neuroticism": 0.3,
    "occupation": "ship captain",
    "background": "Former navy officer turned trader",
    "quirks": ["always checks the weather", "distrusts landlubbers"],
    "voice_style": "gruff but fair",
    "interests": ["sailing", "profit", "local politics"],
}
REN = {
    "neuroticism": 0.7,
    "occupation": "pickpocket",
    "quirks": ["fidgets when nervous", "excellent liar"],
    "voice_style": "quick, witty, sarcastic",
}
JORIN = {"conscientiousness": 0.9, "extraversion": 0.3, "occupation": "guard", "voice_style": "clipped, formal"}
NOBODY: dict[str, object] = {}
TIERS = [("wary", -10), ("stranger", 5), ("acquaintance", 30), ("friend", 70)]
MOODS = ["neutral", "happy", "angry", "curious", "sad"]
FIRST = AuthoredLine("You're new around here. Looking for work, or just passing through?", ("neutral",), ("acquaintance",))
WORK = {"topic": "work_opportunity", "summary": "Player expressed interest in making money.", "importance": 5, "at": 0}


def request(traits=MARA, *, seed=1, mood="neutral", tier="acquaintance", affinity=30, memories=(), drives=None, **changed):
    snapshot = resolve_npc_snapshot(
        name="Captain Mara",
        personality=traits,
        mood={"current_emotion": mood, "intensity": 0.5, "tags": []},
        relationship={"affinity": affinity},
        tier=tier,
        world_time=changed.pop("world_time", 7200),
        memories=memories,
        drives=drives,
        hour=changed.pop("hour", 10),
        place=changed.pop("place", "Harbor Docks"),
    )
    return WriterRequest(snapshot=snapshot, npc_name="Captain Mara", seed=seed, **changed)


def write(*args, **kwargs):
    return writers.get().write(request(*args, **kwargs))


def test_the_default_writer_is_called_scripted():
    assert writers.get().key == writers.DEFAULT == "scripted"
    assert write().writer == "scripted"
    with pytest.raises(LookupError, match="scripted"):
        writers.get("nobody")


def test_the_first_greeting_is_the_authored_one():
    other = AuthoredLine("Something else.")
    assert write(lines=(other, FIRST)).text == FIRST.text


def test_an_authored_line_for_another_mood_or_tier_is_not_said():
    assert write(lines=(FIRST,), mood="angry").text != FIRST.text
    assert write(lines=(FIRST,), tier="friend", affinity=70).text != FIRST.text


def test_a_tier_is_known_by_key_and_in_words():
    line = AuthoredLine.parse({"text": "You, of all people.", "tier": ["friendly_acquaintance"], "mood": "happy"})
    assert line.fits(mood="happy", tier="friendly acquaintance")
    assert not line.fits(mood="sad", tier="friendly_acquaintance")


def test_a_reply_written_by_the_author_stays_word_for_word():
    reply = AuthoredLine("Smart. The sea provides for those who respect it.")
    written = write(purpose="reply", choice="coin", player_text="I heard there's good coin to be made.", lines=(reply,), memories=[WORK])
    assert written.text == reply.text
    assert written.memory is None


def test_the_same_request_gives_the_same_line():
    for seed in range(20):
        assert write(seed=seed, memories=[WORK]) == write(seed=seed, memories=[WORK])


def test_it_never_says_the_same_line_twice_in_a_row():
    last: tuple[str, ...] = ()
    for seed in itertools.islice(itertools.cycle(range(5)), 100):
        text = write(NOBODY, seed=seed, lines=(AuthoredLine("Hm."),), last_lines=last).text
        assert text not in last[-1:]
        last = (*last, text)[-3:]


def test_two_hundred_talks_give_at_least_sixty_lines():
    occasions = itertools.cycle(itertools.product(TIERS, MOODS))
    said = set()
    last: tuple[str, ...] = ()
    for seed, ((tier, affinity), mood) in zip(range(200), occasions, strict=False):
        text = write(seed=seed, tier=tier, affinity=affinity, mood=mood, lines=(FIRST,), last_lines=last).text
        assert text not in last
        last = (text,)
        said.add(text)
    assert len(said) >= 60


@pytest.mark.parametrize("traits", [MARA, REN, JORIN, NOBODY])
def test_what_it_remembers_is_named_the_next_time(traits):
    for seed in range(25):
        written = write(traits, seed=seed, memories=[WORK], lines=(FIRST,), last_lines=("Good day to you.",))
        assert re.search(r"\bwork\b", written.text, re.IGNORECASE), written.text


def test_what_was_just_named_is_not_named_again():
    last = ("I've been turning over that talk of work.",)
    assert not any("that talk of work" in write(seed=seed, memories=[WORK], last_lines=last).text for seed in range(20))


@pytest.mark.parametrize(
    ("topic", "said"),
    [
        ("work_opportunity", "that talk of work"),
        ("harbor_tax", "that talk of harbor tax"),
        ("the_old_bridge", "the old bridge"),
        ("Aldous Pell", "that talk of Aldous Pell"),
        ("what you said about the Watch", "what you said about the Watch"),
    ],
)
def test_a_topic_is_told_as_a_noun(topic, said):
    assert english.topic_words(topic) == said


def test_the_hungry_say_so():
    fed = write(seed=4).text
    unfed = write(seed=4, drives={"hunger": 96, "social": 10}).text
    assert fed != unfed
    assert any(phrase in unfed for phrase in load("gruff").of("need", "hunger"))


def test_the_three_of_the_harbor_speak_differently():
    voices = {name: {write(traits, seed=seed).text for seed in range(30)} for name, traits in {"mara": MARA, "ren": REN, "jorin": JORIN}.items()}
    assert not voices["mara"] & voices["ren"]
    assert not voices["ren"] & voices["jorin"]
    contracted = re.compile(r"\b\w+'(?:s|t|re|ve|ll|d|m)\b")
    assert not any(contracted.search(text) for text in voices["jorin"] if "'s" not in text)


@pytest.mark.parametrize(
    ("style", "traits", "voice"),
    [
        ("gruff but fair", {}, "gruff"),
        ("quick, witty, sarcastic", {}, "quick"),
        ("clipped, formal", {}, "clipped"),
        ("playful and teasing", {}, "playful"),
        ("", {"agreeableness": 0.8}, "warm"),
        ("", {"agreeableness": 0.2}, "gruff"),
        ("", {"conscientiousness": 0.9, "extraversion": 0.3}, "clipped"),
        ("like a cathedral organ", {}, "plain"),
        ("", {"agreeableness": "very"}, "plain"),
    ],
)
def test_a_voice_is_found_by_style_else_by_personality(style, traits, voice):
    assert voice_for(style, traits).name == voice


@pytest.mark.parametrize("name", NAMES)
def test_every_voice_has_a_phrase_for_every_occasion(name):
    voice = load(name)
    for closeness in ("cold", "distant", "known", "close"):
        assert len(voice.of("open", closeness)) >= 3
        assert len(voice.of("close_line", closeness)) >= 3
    for mood in ("neutral", "friendly", "happy", "excited", "curious", "sad", "angry", "anxious", "tired"):
        assert len(voice.of("mood", mood)) >= 2
    for tone in ("neutral", "business", "flirty", "friendly", "hostile", "curious"):
        assert len(voice.of("reply", tone)) >= 2
    for part in ("dawn", "morning", "midday", "afternoon", "evening", "night"):
        assert voice.of("time", part)
    for occasion in (
        "memory",
        "occupation",
        "interest",
        "quirk",
        "background",
        "place",
        "weather",
        "part",
        "subject",
        "rumor",
        "trade",
        "flirt",
    ):
        assert voice.of(occasion)
    for drive in ("hunger", "fatigue", "social"):
        assert voice.of("need", drive)


@pytest.mark.parametrize("traits", [MARA, REN, JORIN, NOBODY, {"quirks": "hums, counts her coins", "interests": [], "occupation": ""}])
def test_lines_are_clean_sentences(traits):
    for seed in range(120):
        (tier, affinity), mood = TIERS[seed % 4], MOODS[seed % 5]
        purpose = "reply" if seed % 6 == 0 else "greet"
        text = write(traits, seed=seed, tier=tier, affinity=affinity, mood=mood, purpose=purpose, player_text="Why?", wind_down=seed % 7 == 0).text
        assert "{" not in text
        assert "  " not in text
        assert not re.search(r"[.!?] [a-z]", text), text
        assert text[-1] in ".!?…”", text
        assert len(text) < 400, text


def test_a_conversation_winds_down_with_a_parting_word():
    parting = load("gruff").of("part")
    assert all(any(text.endswith(part) for part in parting) for text in (write(seed=seed, wind_down=True).text for seed in range(10)))


def test_an_interaction_of_the_authors_own_is_spoken_of():
    texts = [write(seed=seed, interaction="ask_job", label="Ask about the job").text for seed in range(10)]
    assert all("the job" in text.lower() for text in texts)


def test_romance_needs_a_rating_that_allows_it():
    flirts = load("gruff").of("flirt")
    said = lambda rating: [write(seed=seed, interaction="flirt", label="Flirt", rating=rating).text for seed in range(20)]  # noqa: E731
    assert not any(phrase in text for text in said("sfw") for phrase in flirts)
    assert all(any(phrase in text for phrase in flirts) for text in said("romantic"))


def test_free_words_leave_a_memory_and_a_choice_does_not():
    free = write(purpose="reply", player_text="Thank you  for the warning.")
    assert free.memory is not None
    assert free.memory["summary"] == "Player said: “Thank you for the warning.”"
    assert write(purpose="reply", player_text="Thank you.", choice="thanks").memory is None


def test_it_proposes_no_effects():
    assert write().proposed == {}


@pytest.mark.parametrize(
    ("quirk", "said"),
    [
        ("always checks the weather", "I always check the weather"),
        ("distrusts landlubbers", "I distrust landlubbers"),
        ("fidgets when nervous", "I fidget when nervous"),
        ("excellent liar", "I'm an excellent liar"),
        ("carries her mother's ring", "I carry my mother's ring"),
        ("watches the door", "I watch the door"),
        ("afraid of dogs", "I'm afraid of dogs"),
        ("never has change", "I never have change"),
        ("I collect maps", "I collect maps"),
    ],
)
def test_a_quirk_is_told_in_the_first_person(quirk, said):
    assert english.first_person(quirk) == said


@pytest.mark.parametrize(
    ("label", "subject"),
    [("Ask about rumors", "rumors"), ("Ask about the job", "the job"), ("Ask her about Ren?", "Ren"), ("Offer to help", "")],
)
def test_a_button_tells_what_is_talked_about(label, subject):
    assert english.subject_of(label) == subject


@pytest.mark.parametrize(
    ("name", "inside"),
    [("The Rusty Anchor Tavern", "the Rusty Anchor Tavern"), ("Harbor Docks", "the Harbor Docks"), ("Rome", "Rome"), ("", "")],
)
def test_a_place_fits_into_a_sentence(name, inside):
    assert english.the_place(name) == inside


def test_what_a_player_asks_about_is_taken_up():
    said = [write(seed=seed, purpose="reply", player_text="Tell me about your ship.").text.lower() for seed in range(20)]
    assert sum("my ship" in text for text in said) > 8


def test_a_dialogue_node_has_lines_of_its_own_and_asks_nothing():
    said = {write(seed=seed, purpose="node", hour=23).text for seed in range(40)}
    assert len(said) > 20
    assert any("Late to be out" in text for text in said)


def test_an_author_may_name_a_person_with_signs_of_the_grammar():
    text = write({**MARA, "occupation": "#grunt# [a|b]"}, tier="friend", affinity=70, seed=3, place="[North|South] #hall#").text
    assert "{" not in text
