"""The prompt of a character's clip, from who the person is, how things stand with the player, what is done and how it is filmed.

    A gruff ship captain leans casually on the bar, eyeing you with curiosity. She's weathered but strong, wearing a naval coat. Tavern
    interior, dim lighting.

Every phrase knows which values gave it; what lies between them (commas, articles) belongs to none. Deterministic and pure. What is missing is
left out, never filled with a placeholder. English only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from npcs.prompts.person import Person
from npcs.prompts.phrases import Phrase, Section, enumerated, first_of, joined, number_of, said
from npcs.prompts.poses import predicate
from npcs.prompts.words import BETWEEN, EASE, GAZES, INDOORS, MEDIA, ROMANTIC, ROMANTIC_MOODS, SHOTS, USUAL_FRAMING
from npcs.writers import english

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class VisualPrompt:
    """The text as it is sent, and the sections it is made of, in order."""

    text: str
    sections: tuple[Section, ...]


def visual_prompt(
    *,
    snapshot: Values,
    action_block: Values,
    style: Values,
    look: Values | None = None,
    portrait: Values | None = None,
    stats: Values | None = None,
    place: Values | None = None,
    mood_sources: Sequence[str] = (),
    romantic: bool = False,
    is_minor: bool = False,
) -> VisualPrompt:
    """The prompt of a clip in which this person looks at the player.

    `snapshot` is that of `npcs.snapshot`; `look` what the author wrote about the person's looks, all of which is said; `portrait` the character
    of a drawn portrait, of which only what one sees at a glance is; `stats` base stats; `place` the place's `indoors`, `lighting`,
    `time_of_day_lighting`; `mood_sources` what the snapshot's mood was derived from. `romantic`: whether attraction may show.
    """
    person = Person(snapshot, look or {}, portrait or {}, stats or {}, is_minor)
    sentences = [
        (Section("identity", person.identity()), Section("action", _action(snapshot, action_block)),
         Section("expression", _expression(snapshot, action_block, style, mood_sources))),
        (Section("appearance", person.appearance()),),
        (Section("relationship", _between(snapshot, romantic and not is_minor)),),
        (Section("setting", _setting(snapshot, place or {}, style)),),
        (Section("style", _manner(action_block, style)),),
        (Section("framing", _framing(action_block, style)),),
    ]  # fmt: skip
    finished = [_sentence([section for section in sentence if section.pieces]) for sentence in sentences]
    sections = tuple(section for sentence in finished for section in sentence)
    return VisualPrompt(" ".join("".join(p.text for s in sentence for p in s.pieces) for sentence in finished if sentence), sections)


def is_romantic(*words: object) -> bool:
    """Whether a mood or a pose asks for romance."""
    return any(word in ROMANTIC_MOODS or word.startswith("kiss") for value in words for word in re.split(r"[\W_]+", str(value or "").lower()))


# -- what is done -----------------------------------------------------------------------------------------------------


def _action(snapshot: Values, action_block: Values) -> tuple[Phrase, ...]:
    """ " leans casually on the bar": the pose, and how at ease one is with the player."""
    verb, rest, adverb_first = predicate(said(action_block.get("pose")))
    pose = ("action_block.pose",)
    affinity = snapshot["relationship"].get("affinity")
    adverb = next((word for below, word in EASE if below is None or affinity < below), "") if isinstance(affinity, int | float) else ""
    words = [Phrase(verb, pose), Phrase(adverb, ("relationships.affinity",)), Phrase(rest, pose)]
    if adverb_first:
        words[:2] = words[1::-1]
    return (Phrase(" "), *joined([word for word in words if word.text], " "))


def _expression(snapshot: Values, action_block: Values, style: Values, mood_sources: Sequence[str]) -> tuple[Phrase, ...]:
    """ ", eyeing you with curiosity": the mood of the action block, else of the style, else the NPC's own."""
    own = snapshot["mood"]
    mood, sources = first_of(
        ("action_block.mood", said(action_block.get("mood")).lower()),
        ("style.mood", said(style.get("mood")).lower()),
        ("mood.current_emotion", said(own.get("current_emotion")).lower()),
    )
    if sources[-1:] == ("mood.current_emotion",):
        sources = (*sources, *mood_sources)
    if mood in ("", "neutral", "calm"):
        return (Phrase(", "), Phrase("watching you", sources))
    if mood not in GAZES:
        return (Phrase(", "), Phrase(f"looking at you in {english.with_article(mood)} mood", sources))
    gaze, noun = GAZES[mood]
    given = action_block.get("intensity")
    is_own = "mood.current_emotion" in sources
    intensity = number_of(given) if given is not None else number_of(own.get("intensity")) if is_own else 0.5
    strength = "a hint of" if intensity < 0.25 else "intense" if intensity >= 0.85 else ""
    words = [
        Phrase(gaze, sources),
        Phrase(strength, ("action_block.intensity", *sources, *(["mood.intensity"] if is_own else []))),
        Phrase(noun, sources),
    ]
    return (Phrase(", "), *joined([word for word in words if word.text], " "))


# -- how things stand -------------------------------------------------------------------------------------------------


def _between(snapshot: Values, romantic: bool) -> tuple[Phrase, ...]:
    """ "Noticeable tension between you": what of a relationship would show. Attraction only where romance may be."""
    felt = snapshot["relationship"]
    found = []
    for name, steps in BETWEEN.items():
        axis = "trust" if name == "distrust" else name
        value = felt.get(axis)
        if not isinstance(value, int | float) or (axis in ROMANTIC and not romantic):
            continue
        value = -value if name == "distrust" else value
        word = next((word for start, word in steps if value >= start), "")
        if word:
            found.append(Phrase(word, (f"relationships.{axis}", *(["npc.is_minor"] if axis in ROMANTIC else []))))
    return (*enumerated(found), Phrase(" between you")) if found else ()


# -- where and how it is filmed ---------------------------------------------------------------------------------------


def _setting(snapshot: Values, place: Values, style: Values) -> tuple[Phrase, ...]:
    """ "Tavern interior at dawn, dim lighting"."""
    name = said(snapshot["place"].get("name"))
    clock = snapshot["time"]["part_of_day"] if place.get("time_of_day_lighting") else ""
    time, time_sources = first_of(
        ("style.time_of_day", said(style.get("time_of_day")).lower()), ("place.time_of_day_lighting", ""), ("time.hour", clock)
    )
    weather = said(style.get("weather")).lower()
    lighting, lighting_sources = first_of(
        ("style.lighting", said(style.get("lighting")).lower()), ("place.lighting", said(place.get("lighting")).lower())
    )
    head = [
        Phrase(place_words(name, bool(place.get("indoors"))), ("place.name", "place.indoors")),
        Phrase(_when(time), time_sources),
    ]
    rest = [
        Phrase(f"{weather} weather" if weather.endswith("y") or weather in ("clear", "overcast", "mild", "hot", "cold", "humid") else weather,
               ("style.weather",)),
        Phrase(lighting if not lighting or lighting.split()[-1] in ("light", "lighting") or lighting.endswith("lit") else f"{lighting} lighting",
               lighting_sources),
    ]  # fmt: skip
    opening = joined([phrase for phrase in head if phrase.text], " ")
    tail = [phrase for phrase in rest if phrase.text]
    return (*opening, *([Phrase(", ")] if opening and tail else []), *joined(tail, ", "))


def place_words(name: str, indoors: bool) -> str:
    """ "The Rusty Anchor Tavern" → "tavern interior", "Harbor Docks" → "Harbor docks". A room is named by what it is: names get painted as signs."""
    words = name.split()
    if words and words[0].lower() == "the":
        words = words[1:]
    if not words:
        return ""
    last = words[-1].lower()
    if last in INDOORS:
        return f"{last} interior"
    plain = " ".join([*words[:-1], last if last in english.PLACE_NOUNS else words[-1]])
    return f"{plain}, indoors" if indoors else plain


def _when(time: str) -> str:
    if not time:
        return ""
    return f"in the {time}" if time.split()[-1] in ("morning", "afternoon", "evening", "day", "daytime", "twilight") else f"at {time}"


def _manner(action_block: Values, style: Values) -> tuple[Phrase, ...]:
    """The rest of style and action block: the atmosphere, and whatever rules of their own they have ("oil painting style")."""
    known = {"time_of_day", "weather", "lighting", "mood", "camera_movement", "camera_angle", "duration_sec"}
    atmosphere, own = said(style.get("mood")).lower(), said(action_block.get("mood")).lower()
    found = []
    if atmosphere and own and atmosphere != own:
        found.append(Phrase(f"{atmosphere} atmosphere", ("style.mood", "action_block.mood")))
    for source, values, skip in (("action_block", action_block, {"pose", "intensity", "mood", "camera_angle"}), ("style", style, known)):
        for key in sorted(set(values) - skip):
            name, words = said(key).lower(), said(key) if values[key] is True else said(values[key])
            if words:
                plain = source == "action_block" or key in MEDIA or name in words.lower()
                found.append(Phrase(words if plain else f"{words} {name}", (f"{source}.{key}",)))
    return joined(found, ", ")


def _framing(action_block: Values, style: Values) -> tuple[Phrase, ...]:
    """ "Low angle, slow push in". A medium close-up is how a character is filmed anyway, and a still camera needs no words."""
    angle, sources = first_of(
        ("action_block.camera_angle", said(action_block.get("camera_angle")).lower()), ("style.camera_angle", said(style.get("camera_angle")).lower())
    )
    angle = "" if angle in USUAL_FRAMING else f"{angle} shot" if angle in SHOTS else angle.replace("closeup", "close-up")
    movement = said(style.get("camera_movement")).lower()
    return joined(
        [
            phrase
            for phrase in (Phrase(angle, sources), Phrase("" if movement in ("static", "none") else movement, ("style.camera_movement",)))
            if phrase.text
        ],
        ", ",
    )


def _sentence(sections: Sequence[Section]) -> list[Section]:
    """With a capital at its start and a full stop at its end."""
    if not sections:
        return []
    found = list(sections)
    first = next(i for i, piece in enumerate(found[0].pieces) if piece.text)
    pieces = list(found[0].pieces)
    pieces[first] = pieces[first]._replace(text=english.raised_start(pieces[first].text))
    found[0] = Section(found[0].name, tuple(pieces))
    found[-1] = Section(found[-1].name, (*found[-1].pieces, Phrase(".")))
    return found
