"""The prompt of a character's clip: the walkthrough's own, sources that are true, and prose whatever is missing."""

from __future__ import annotations

import re
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from npcs.prompts.poses import predicate
from npcs.prompts.visual import VisualPrompt, is_romantic, visual_prompt
from npcs.snapshot import resolve_npc_snapshot

MARA: dict[str, Any] = {
    "openness": 0.6, "conscientiousness": 0.8, "extraversion": 0.7, "agreeableness": 0.5, "neuroticism": 0.3,
    "occupation": "ship captain", "background": "Former navy officer turned trader", "voice_style": "gruff but fair",
    "quirks": ["always checks the weather"],
}  # fmt: skip
PORTRAIT: dict[str, Any] = {
    "name": "Captain Mara", "presentation": "feminine", "age": 44, "skin": "weathered", "build": "average", "clothing": "naval_coat",
    "clothing_color": "navy", "hair_color": "chestnut", "hair_style": "tied", "eyes": "sea", "accessories": ["scar"], "backdrop": "tavern",
}  # fmt: skip
PRINTED = (
    "A gruff ship captain leans casually on the bar, eyeing you with curiosity. She's weathered but strong, wearing a naval coat. "
    "Tavern interior, dim lighting."
)


def inputs() -> dict[str, Any]:
    """The walkthrough's, as one tree whose leaves go by the names of the sources."""
    return {
        "personality": dict(MARA),
        "npc": {"role": "merchant"},
        "relationships": {"affinity": 50, "trust": 20, "chemistry": 40, "tension": 10, "intimacy_level": 0},
        "mood": {"current_emotion": "friendly", "intensity": 0.5},
        "place": {"name": "The Rusty Anchor Tavern", "lighting": "dim"},
        "time": {"hour": 8},
        "action_block": {"pose": "leaning_on_bar", "intensity": 0.6, "mood": "curious", "camera_angle": "medium_closeup"},
        "style": {"mood": "curious"},
        "look": {},
        "portrait": dict(PORTRAIT),
        "stats": {"strength": 70, "melee": 60},
    }


def made(tree: dict[str, Any], **more: Any) -> VisualPrompt:
    place = tree["place"]
    snapshot = resolve_npc_snapshot(
        name="Captain Mara", role=tree["npc"].get("role", ""), personality=tree["personality"], mood=tree["mood"],
        relationship=tree["relationships"], tier="", world_time=0, place=place.get("name", ""), hour=tree["time"]["hour"],
    )  # fmt: skip
    is_minor = bool(tree["npc"].get("is_minor"))
    parts = {name: tree[name] for name in ("action_block", "style", "look", "portrait", "stats", "place")}
    return visual_prompt(snapshot=snapshot, **parts, **{"romantic": True, "is_minor": is_minor, **more})


def test_the_walkthrough_s_prompt_comes_out_as_printed() -> None:
    assert made(inputs()).text == PRINTED


def test_every_phrase_says_where_it_comes_from() -> None:
    found = {phrase.text: phrase.sources for section in made(inputs()).sections for phrase in section.phrases}
    assert found["gruff"] == ("personality.voice_style",)
    assert found["ship captain"] == ("personality.occupation",)
    assert found["leans"] == found["on the bar"] == ("action_block.pose",)
    assert found["casually"] == ("relationships.affinity",)
    assert found["curiosity"] == ("action_block.mood",)
    assert found["strong"] == ("stats.strength",)
    assert "portrait.clothing" in found["a naval coat"]
    assert "place.lighting" in found["dim lighting"]


def test_sections_are_the_text() -> None:
    prompt = made(inputs())
    assert [section.name for section in prompt.sections] == ["identity", "action", "expression", "appearance", "setting"]
    assert "".join(piece.text for section in prompt.sections for piece in section.pieces) == prompt.text.replace(". ", ".")
    assert all(section.text in prompt.text for section in prompt.sections)


VALUES: dict[str, list[Any]] = {
    **{f"personality.{trait}": [0, 0.1, 0.5, 0.9, 1] for trait in ("openness", "conscientiousness", "extraversion", "agreeableness", "neuroticism")},
    "personality.occupation": ["", "pickpocket", "harbor guard", "An old sailor", 7, None, ["cook"]],
    "personality.voice_style": ["", "formal", "clipped, formal", "warm", "unheard-of", "honest and kind"],
    "npc.role": ["", "thief", "night_watch"],
    "npc.is_minor": [True, False],
    "relationships.affinity": [-100, -50, -1, 0, 19, 20, 45, 60, 80, 100],
    "relationships.trust": [-100, -10, 0, 50, 80],
    "relationships.chemistry": [0, 49, 50, 70, 90],
    "relationships.tension": [0, 30, 60, 80],
    "relationships.intimacy_level": [0, 2, 5],
    "mood.current_emotion": ["neutral", "angry", "tired"],
    "mood.intensity": [0.0, 0.5, 1.0],
    "place.name": ["", "Harbor Docks", "Rome", "The Quay"],
    "place.indoors": [True, False],
    "place.lighting": ["", "bright", "candlelit"],
    "place.time_of_day_lighting": [True, False],
    "time.hour": [0, 6, 12, 20],
    "action_block.pose": ["", "arms_crossed", "holding_lantern", "reclining_on_couch", "seated", "contrapposto", "at_the_door"],
    "action_block.intensity": [0, 0.2, 0.5, 1],
    "action_block.mood": ["", "angry", "mischievous", "neutral", "curious"],
    "action_block.camera_angle": ["", "wide", "low_angle", "extreme_closeup"],
    "action_block.gesture": ["raising a mug", True, 5],
    "style.mood": ["", "tense", "curious"],
    "style.weather": ["foggy", "rain", "clear"],
    "style.time_of_day": ["dawn", "late afternoon", "night"],
    "style.lighting": ["harsh", "moonlight"],
    "style.camera_movement": ["static", "slow_pan"],
    "style.palette": ["warm", True, 3],
    "look.hair": ["grey", "#5b3a29", "short grey hair"],
    "look.coat": ["navy", "old navy coat"],
    "look.face": ["scarred", ["scarred", "tired"]],
    "look.age": [20, 70, "middle-aged"],
    "look.pronouns": ["she/her", "he", "they"],
    "look.clothing": ["a red dress", "rags"],
    "look.accessories": [["scar", "earring"], "scar"],
    "portrait.presentation": ["masculine", "androgynous"],
    "portrait.age": [20, 44, 70],
    "portrait.skin": ["olive", "weathered"],
    "portrait.build": ["slim", "broad"],
    "portrait.clothing": ["cloak", "guard_armor"],
    "portrait.clothing_color": ["grey", "navy"],
    "portrait.headgear": ["none", "hood", "captain_hat"],
    "portrait.beard": ["none", "short", "stubble", "full"],
    "stats.strength": [0, 64, 65, 100],
}  # fmt: skip
GONE = object()


@st.composite
def trees(draw: Any) -> dict[str, Any]:
    tree = inputs()
    for source in draw(st.lists(st.sampled_from(sorted(VALUES)), max_size=14)):
        change(tree, source, draw(st.sampled_from([*VALUES[source], GONE])))
    return tree


def change(tree: dict[str, Any], source: str, value: Any) -> None:
    part, _, name = source.partition(".")
    if value is GONE and source not in ("time.hour", "mood.current_emotion"):
        tree[part].pop(name, None)
    elif value is not GONE:
        tree[part][name] = value


def without(prompt: VisualPrompt, source: str) -> list[tuple[str, tuple[str, ...]]]:
    """The phrases that do not name a source. A capital belongs to the place in the sentence, not to the phrase."""
    return [(p.text.casefold(), p.sources) for section in prompt.sections for p in section.phrases if source not in p.sources]


@given(tree=trees(), source=st.sampled_from(sorted(VALUES)), data=st.data())
def test_moving_one_thing_changes_only_phrases_that_name_it(tree: dict[str, Any], source: str, data: Any) -> None:
    other = deepcopy(tree)
    change(other, source, data.draw(st.sampled_from([*VALUES[source], GONE])))
    assert without(made(tree), source) == without(made(other), source)


@given(tree=trees())
def test_it_is_prose_whatever_is_missing(tree: dict[str, Any]) -> None:
    assert_prose(made(tree).text)


WORDS = st.text(max_size=30)


@given(
    traits=st.dictionaries(st.sampled_from(["occupation", "voice_style", "openness"]), st.one_of(WORDS, st.integers(), st.none(), st.lists(WORDS, max_size=3))),
    action=st.dictionaries(st.sampled_from(["pose", "mood", "camera_angle", "gesture"]), WORDS),
    style=st.dictionaries(st.sampled_from(["weather", "mood", "lighting", "camera_movement", "palette"]), st.one_of(WORDS, st.booleans())),
    look=st.dictionaries(st.sampled_from(["hair", "coat", "skin", "clothing", "tattoo", "age"]), st.one_of(WORDS, st.booleans(), st.integers())),
    place=WORDS,
)  # fmt: skip
def test_no_text_of_an_author_breaks_it(traits: Any, action: Any, style: Any, look: Any, place: str) -> None:
    tree = {**inputs(), "personality": traits, "action_block": action, "style": style, "look": look, "portrait": {}, "stats": {}}
    text = made({**tree, "place": {"name": place}}).text
    assert text == made({**tree, "place": {"name": place}}).text
    assert text.endswith(".")
    assert "\n" not in text
    assert "  " not in text


def assert_prose(text: str) -> None:
    assert text[0] == "A"
    assert text.endswith(".")
    for awkward in ("  ", " ,", " .", ",,", "..", ",.", "None", "True", "_", " a a", "wearing.", "wearing,", " and.", "with.", "'s.", "'re."):
        assert awkward not in text, (awkward, text)
    for sentence in text.split(". "):
        assert sentence[0].isupper() or not sentence[0].isalpha(), text
    assert not re.search(r"\b[Aa] [aeiou](?!ni|se|u)", text), text


def test_a_person_nobody_described_is_still_somebody() -> None:
    snapshot = resolve_npc_snapshot(name="X", personality={}, mood={}, relationship={}, tier="", world_time=0)
    assert visual_prompt(snapshot=snapshot, action_block={}, style={}).text == "A person stands before you, watching you."


def test_the_author_s_own_words_about_a_look_come_before_the_portrait() -> None:
    tree = inputs()
    tree["look"] = {"hair": "grey", "coat": "long black", "skin": "pale", "eyes": "#335577", "tattoo": True}
    assert "She's pale-skinned and strong, wearing a naval coat and a long black coat, with grey hair and a tattoo." in made(tree).text


def test_attraction_shows_only_where_romance_may_be() -> None:
    tree = inputs()
    tree["relationships"] |= {"chemistry": 75, "tension": 35}
    assert "Strong attraction and noticeable tension between you." in made(tree).text
    assert "attraction" not in made(tree, romantic=False).text
    assert "attraction" not in made(tree, is_minor=True).text


@pytest.mark.parametrize(("word", "romantic"), [("flirty", True), ("kissing_hand", True), ("curious", False), (0.6, False), (None, False)])
def test_what_asks_for_romance(word: Any, romantic: bool) -> None:
    assert is_romantic(word) is romantic


@pytest.mark.parametrize(
    ("pose", "says"),
    [
        ("leaning_on_bar", "leans on the bar"), ("sitting_at_table", "sits at the table"), ("arms_crossed", "stands with arms crossed"),
        ("holding_lantern", "holds a lantern"), ("counting_coins", "counts coins"), ("standing_guard", "stands guard"),
        ("reclining_on_couch", "is reclining on the couch"), ("picking_lock", "is picking a lock"), ("seated", "is seated"),
        ("looking_away", "looks away"), ("kneeling on one knee", "kneels on one knee"), ("in rain", "stands in the rain"),
        ("contrapposto", "holds a contrapposto pose"), ("carrying_crates", "carries crates"), ("", "stands before you"),
    ],
)  # fmt: skip
def test_a_pose_becomes_a_predicate(pose: str, says: str) -> None:
    found = predicate(pose.replace("_", " "))
    assert f"{found.verb} {found.rest}" == says
