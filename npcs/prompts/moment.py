"""Sections on how things stand now: mood, relationship, memory, place and time, scene, and what was just said. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from npcs.prompts.dialogue_words import INTENTS, NEED_FROM, NEEDS, ROMANTIC, STRENGTHS, TREATMENT
from npcs.prompts.drafting import Draft, Line, bullet, says
from npcs.prompts.phrases import Phrase, joined
from npcs.prompts.quoting import quoted, told
from npcs.prompts.template import filled, mood_sources
from npcs.writers import english
from npcs.writers.request import WriterRequest


def mood(request: WriterRequest) -> Draft:
    felt = request.snapshot["mood"]
    why = ("mood.current_emotion", *mood_sources(request))
    intensity = float(felt.get("intensity") or 0)
    strength = next(words for below, words in STRENGTHS if below is None or intensity < below)
    label = told(felt.get("current_emotion"), limit=40) or "neutral"
    sentence = [Phrase("Right now you feel "), Phrase(f"{'' if label == 'neutral' else strength}{label}", why)]
    sentence += [Phrase(" ("), Phrase(f"{intensity:g} of 1", ("mood.intensity", *why[1:])), Phrase(")")]
    by_tag: Mapping[str, Any] = (felt.get("sources") or {}).get("tags") or {}
    tags = [Phrase(told(tag, limit=40), ("mood.tags", *by_tag.get(tag, ()))) for tag in felt.get("tags") or ()]
    if tags:
        sentence += [Phrase(": "), *joined(tags, ", ")]
    lines = [Line((*sentence, Phrase(".")))]
    for axis, value in sorted((request.snapshot.get("drives") or {}).items()):
        if value >= NEED_FROM:
            words = NEEDS.get(axis, f"Your {axis.replace('_', ' ')} is urgent")
            lines.append(says(f"{words} ({value:g} of 100).", f"drives.{axis}", worth=70, name="mood.needs"))
    return Draft("mood", "How you feel", tuple(lines))


def relationship(request: WriterRequest) -> Draft:
    felt: Mapping[str, Any] = request.snapshot["relationship"]
    words: Mapping[str, str] = request.snapshot.get("relationship_words") or {}
    tier = told(felt.get("tier"), limit=60).replace("_", " ")
    lines = []
    if tier:
        lines.append(Line((Phrase("To you the player is: "), Phrase(tier, ("relationships.affinity",)), Phrase("."))))
    if tier.lower() in TREATMENT:
        lines.append(says(TREATMENT[tier.lower()], "relationships.affinity"))
    for axis, value in felt.items():
        if axis == "tier" or (axis in ROMANTIC and not may_be_romantic(request)):
            continue
        meaning = tier if axis == "affinity" else words.get(axis, "")
        title = axis.replace("_", " ")
        sources = (f"relationships.{axis}", *(["npc.is_minor", "rule.content_rating"] if axis in ROMANTIC else []))
        lines.append(bullet(Phrase(f"{english.raised_start(title)} {value:g}{f': {meaning}' if meaning else ''}", sources)))
    return Draft("relationship", "How you stand with the player", tuple(lines))


def may_be_romantic(request: WriterRequest) -> bool:
    """Whether attraction is spoken of at all: never with a minor, never under a rating for everybody."""
    return not request.is_minor and request.rating != "sfw"


def memory(request: WriterRequest) -> Draft:
    """What this NPC saw or was told, best first. A memory may hold the player's own words, so it is quoted as they are."""
    lines = []
    for number, item in enumerate(request.snapshot.get("memory") or ()):
        topic, summary = quoted(str(item.get("topic") or "")), quoted(str(item.get("summary") or ""), limit=300)
        source = f"memory.{topic or number}"
        when = english.how_long_ago(int(item.get("age_sec") or 0))
        known = _how_known(item)
        words = f"{known}: “{summary or topic}”" if known else summary or topic
        about = f" (about: {topic.replace('_', ' ')})" if topic and summary else ""
        lines.append(bullet(Phrase(f"{english.raised_start(when)}: {words}{about}", (source,)), worth=65 - number, name=source))
    return Draft("memory", "What you remember of the player, as records", tuple(lines))


def _how_known(item: Mapping[str, Any]) -> str:
    """Nothing for what happened to oneself; else who told it, or to whom it happened before one's eyes."""
    other = quoted(str(item.get("from") or ""), limit=80) or "somebody"
    source = item.get("source") or ("own" if item.get("witnessed", True) else "told")
    return {"told": f"told to you by {other}", "overheard": f"you were there; in the words of {other}"}.get(source, "")


def place_and_time(request: WriterRequest) -> Draft:
    where, when = request.snapshot["place"], request.snapshot["time"]
    name, part = told(request.place or where.get("name"), limit=120), request.part_of_day or when.get("part_of_day", "")
    label, activity, weather = told(when.get("label"), limit=80), told(where.get("activity"), limit=80), told(request.weather, limit=80)
    time = [Phrase(words, (source,)) for words, source in ((label, "time.label"), (part, "time.part_of_day")) if words]
    lines = [Line((Phrase("It is "), *joined(time, ", "), Phrase(".")))] if time else []
    if name:
        doing = (Phrase(", busy with: "), Phrase(activity, ("place.activity",))) if activity else ()
        lines.append(Line((Phrase("You are at "), Phrase(english.the_place(name), ("place.name",)), *doing, Phrase("."))))
    if weather:
        lines.append(Line((Phrase("The weather: "), Phrase(weather, ("place.weather",)), Phrase(".")), 45, "place.weather"))
    return Draft("place and time", "Where and when", tuple(lines))


def scene(request: WriterRequest) -> Draft:
    lines = []
    if words := told(request.scene, limit=1200):
        lines.append(says(english.sentence(words), "scene", worth=75, name="scene"))
    if label := told(request.label, limit=120):
        lines.append(Line((Phrase("What the player wants of you: "), Phrase(label, ("interaction.label",)), Phrase("."))))
    if request.intent in INTENTS:
        lines.append(says(INTENTS[request.intent], "interaction.branching_intent"))
    if template := filled(request):
        lines.append(Line((Phrase("How it goes, in the author's words: "), *template)))
    if request.open_choices:
        labels = [Phrase(f"“{told(choice.label, limit=160)}”", (f"interaction.choices.{choice.id}",)) for choice in request.open_choices]
        lines.append(
            Line((Phrase("The player can say already, so do not offer it again: "), *joined(labels, "; "), Phrase(".")), 50, "scene.open choices")
        )
    return Draft("scene", "The scene", tuple(lines))


def conversation(request: WriterRequest) -> Draft:
    """What was said so far, oldest first; the oldest is worth least."""
    lines = []
    for number, (by, text) in enumerate(request.conversation):
        who = "You" if by == "npc" else "Player"
        lines.append(Line((Phrase(f"{who}: “{quoted(text, limit=400)}”", (f"conversation.{by}",)),), 66 + min(number, 30), "conversation"))
    return Draft("conversation", "The conversation so far, oldest first, as a record", tuple(lines), "user")


def player(request: WriterRequest) -> Draft:
    """What is asked of the model now. The player's own words stand between marks they cannot close."""
    if request.purpose == "reply" and request.player_text.strip():
        tone = [Phrase(f" Its tone: {quoted(request.tone, limit=60)}.", ("choice.tone",))] if request.tone else []
        source = f"choice.{request.choice}" if request.choice else "player.text"
        lines = [
            Line((Phrase("<player_words>"), Phrase(quoted(request.player_text), (source,)), Phrase("</player_words>"))),
            Line((Phrase("Answer it as yourself."), *tone)),
        ]
    elif request.purpose == "node":
        lines = [says("Say your line of this scene.", "scene")]
    else:
        lines = [says("The player turns to you. Speak first.", "interaction.label")]
    return Draft("player", "Now", tuple(lines), "user")
