"""The scripted writer: authored lines first, else phrases composed from who the NPC is and how things stand. Runs anywhere, needs no model.

The same request gives the same line, always. It is called what it is wherever its text appears.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from npcs.writers import english, grammar
from npcs.writers.base import OnPart, Written
from npcs.writers.request import AuthoredLine, WriterRequest
from npcs.writers.voices import Voice, voice_for

URGENT: Final = 70  # a drive from here on is spoken of (0 met … 100 urgent)
ATTEMPTS: Final = 40
COMPOSED_SHARE: Final = 3  # once acquainted, one line in so many is composed even where authored ones fit, so that talk stays fresh
CLOSENESS: Final = {
    "hostile": "cold",
    "wary": "cold",
    "stranger": "distant",
    "acquaintance": "known",
    "friendly acquaintance": "known",
    "friend": "close",
    "close friend": "close",
}
MOODS: Final = {
    "flirty": "curious",
    "content": "happy",
    "joyful": "happy",
    "afraid": "anxious",
    "worried": "anxious",
    "lonely": "sad",
    "bored": "tired",
}
TONES: Final = {
    "business": "business",
    "flirt": "flirty",
    "romantic": "flirty",
    "friend": "friendly",
    "kind": "friendly",
    "hostile": "hostile",
    "rude": "hostile",
}
TONE_EMOTIONS: Final = {"flirty": "curious", "friendly": "friendly", "hostile": "angry"}
RUDE: Final = ("hate you", "shut up", "idiot", "fool", "liar", "damn you", "get lost", "coward")
FRIENDLY: Final = ("thank", "please", "glad", "sorry", "friend", "appreciate")


@dataclass(frozen=True, slots=True)
class Draw:
    """Choices made by a seed: the same question gives the same answer, whatever was asked before."""

    seed: int
    salt: str = ""

    def index(self, what: str, count: int) -> int:
        """A number from 0 to `count` − 1, evenly spread."""
        digest = hashlib.sha256(f"{self.seed}|{self.salt}|{what}".encode()).digest()
        return int.from_bytes(digest[:8], "big") % count

    def pick(self, what: str, options: Sequence[str]) -> str:
        """One of the options, or nothing when there are none."""
        return options[self.index(what, len(options))] if options else ""

    def again(self, attempt: int) -> Draw:
        return Draw(self.seed, f"{self.salt}/{attempt}") if attempt else self


class Scripted:
    """Writes without a model. Equal requests give equal lines; the last lines are never repeated."""

    key: ClassVar[str] = "scripted"
    title: ClassVar[str] = "Scripted"

    def write(self, request: WriterRequest, *, on_part: OnPart | None = None) -> Written:
        """One line for the request: an authored one that fits and was not just said, else a composed one.

        A first greeting is the first fitting authored line. Later ones vary by seed, and name what the NPC remembers or lacks. Replies
        written by an author stay as they are.
        """
        speaker = Speaker.of(request)
        authored = self._authored(request, speaker)
        if authored is None:
            text = self._composed(request, speaker)
        elif request.purpose == "reply":
            text = authored
        else:
            text = self._with_aside(request, speaker, authored)
        return Written(text=text, emotion=self._emotion(request, authored), memory=self._memory(request), writer=self.key)

    def _authored(self, request: WriterRequest, speaker: Speaker) -> str | None:
        fitting = [line for line in request.lines if line.text and line.fits(mood=speaker.mood, tier=speaker.tier)]
        fresh = [line for line in fitting if not _said(line, request.last_lines)]
        if not fresh:
            return None
        closest = max(line.closeness for line in fresh)
        closest_lines = [line.text for line in fresh if line.closeness == closest]
        draw = Draw(request.seed, "authored")
        if request.purpose == "reply":
            return draw.pick("reply", closest_lines)
        if not request.last_lines and not speaker.memories:
            return closest_lines[0]
        if request.last_lines and draw.index("share", COMPOSED_SHARE) == 0:
            return None
        return draw.pick("line", closest_lines)

    def _with_aside(self, request: WriterRequest, speaker: Speaker, authored: str) -> str:
        """An authored greeting with a word on what is remembered or lacking; before a question, after a statement."""
        for attempt in range(ATTEMPTS):
            draw = Draw(request.seed, "aside").again(attempt)
            aside = speaker.memory(draw) or speaker.need(draw)
            parts = [aside, authored] if authored.endswith("?") else [authored, aside]
            if request.wind_down:
                parts = [aside, authored] if aside else [authored]
                parts.append(draw.pick("part", speaker.voice.of("part")))
            text = " ".join(part for part in parts if part)
            if text not in request.last_lines:
                return text
        return text

    def _composed(self, request: WriterRequest, speaker: Speaker) -> str:
        """The first composition that shares no sentence with the last two lines, else the first that was not said before."""
        recent = [text for text in request.last_lines if text]
        unsaid = ""
        for attempt in range(ATTEMPTS):
            draw = Draw(request.seed, request.purpose).again(attempt)
            parts = [english.sentence(part) for part in _phrases(request, speaker, draw) if part]
            text = " ".join(dict.fromkeys(parts))
            if text in recent:
                continue
            if not any(part in line for part in parts for line in recent[-2:]):
                return text
            unsaid = unsaid or text
        return unsaid or f"{text} {speaker.closing(Draw(request.seed, 'last'))}"

    def _emotion(self, request: WriterRequest, authored: str | None) -> str | None:
        if authored is not None or request.purpose != "reply":
            return None
        return TONE_EMOTIONS.get(tone_of(request))

    def _memory(self, request: WriterRequest) -> dict[str, Any] | None:
        """What a free remark leaves behind; an authored choice brings its own memory."""
        if request.purpose != "reply" or request.choice or not request.player_text.strip():
            return None
        said = " ".join(request.player_text.split())[:160]
        return {"topic": request.interaction or "talk", "summary": f"Player said: “{said}”", "importance": 3}


@dataclass(frozen=True, slots=True)
class Speaker:
    """The NPC as the grammar sees it."""

    voice: Voice
    closeness: str
    tier: str
    mood: str
    traits: Mapping[str, Any]
    memories: tuple[Mapping[str, Any], ...]
    drives: Mapping[str, Any]
    recent: str

    @classmethod
    def of(cls, request: WriterRequest) -> Speaker:
        snapshot = request.snapshot
        traits = snapshot.get("personality") or {}
        relationship = snapshot.get("relationship") or {}
        tier = str(relationship.get("tier", "stranger")).replace("_", " ")
        return cls(
            voice=voice_for(str(snapshot.get("voice_style") or traits.get("voice_style") or ""), traits),
            closeness=CLOSENESS.get(tier) or _closeness(float(relationship.get("affinity", 0))),
            tier=tier,
            mood=str((snapshot.get("mood") or {}).get("current_emotion", "neutral")),
            traits=traits,
            memories=tuple(snapshot.get("memory") or ()),
            drives=snapshot.get("drives") or {},
            recent=request.last_lines[-1] if request.last_lines else "",
        )

    def trait(self, name: str) -> float:
        value = self.traits.get(name, 0.5)
        return float(value) if isinstance(value, int | float) else 0.5

    def memory(self, draw: Draw) -> str:
        """A word on one of the best memories, unless the last line was about it."""
        best = [memory for memory in self.memories[:3] if english.topic_words(str(memory.get("topic", ""))) not in self.recent.lower()]
        best = [memory for memory in best if memory.get("topic")]
        if not best:
            return ""
        memory = best[draw.index("which", len(best))]
        when = english.how_long_ago(int(memory.get("age_sec", 0)))
        phrase = draw.pick("memory", self.voice.of("memory"))
        return english.sentence(phrase.format(topic=english.topic_words(str(memory["topic"])), when=when))

    def need(self, draw: Draw) -> str:
        """A word on the most urgent drive, if any is."""
        urgent = max(sorted(self.drives), key=lambda axis: self.drives[axis], default="")
        if not urgent or self.drives[urgent] < URGENT:
            return ""
        return english.sentence(draw.pick("need", self.voice.of("need", urgent)))

    def humour(self, draw: Draw) -> str:
        """A word on the mood; an anxious nature shows through now and then."""
        mood = MOODS.get(self.mood, self.mood)
        if mood in {"neutral", "friendly"} and self.trait("neuroticism") >= 0.65 and draw.index("nerves", 3) == 0:
            mood = "anxious"
        return draw.pick("mood", self.voice.of("mood", mood) or self.voice.of("mood", "neutral"))

    def says(self, draw: Draw, occasion: str, *, part: str = "", tone: str = "") -> str:
        """A phrase of the voice's grammar for an occasion, in the mood and closeness of the moment."""
        moment = {"mood": MOODS.get(self.mood, self.mood), "closeness": self.closeness, "part": part, "tone": tone}
        phrases = grammar.fitting(self.voice.phrases.get(occasion, ()), moment, mixed=True)
        return grammar.say(draw.pick(occasion, phrases), self.voice.rules, pick=draw.pick, occasion=moment)

    def closing(self, draw: Draw) -> str:
        return draw.pick("close", self.voice.of("close_line", self.closeness))


def tone_of(request: WriterRequest) -> str:
    """The tone of what the player said: the choice's own, else read off the text."""
    tone = request.tone.lower()
    for word, known in TONES.items():
        if word in tone:
            return known
    said = request.player_text.lower()
    if any(word in said for word in RUDE):
        return "hostile"
    if "?" in said:
        return "curious"
    return "friendly" if any(word in said for word in FRIENDLY) else "neutral"


def _phrases(request: WriterRequest, speaker: Speaker, draw: Draw) -> Iterator[str]:
    part = request.part_of_day or str((request.snapshot.get("time") or {}).get("part_of_day", ""))
    if request.purpose == "reply":
        # Words freely said are taken up where they name something; a rude tone is answered first.
        subject = english.asked_about(request.player_text) if not request.choice and tone_of(request) != "hostile" else ""
        if subject and draw.index("take it up", 3):
            yield speaker.says(draw, "heard", part=part).format(subject=subject)
        else:
            yield draw.pick("reply", speaker.voice.of("reply", tone_of(request)))
        count = 1 if speaker.trait("extraversion") < 0.4 or speaker.closeness == "cold" else 2
    elif request.purpose == "node":
        yield speaker.says(draw, "node", part=part)
        count = 1 if speaker.closeness == "cold" else 2
    else:
        if request.last_lines and draw.index("again", 2) == 0:
            yield speaker.says(draw, "again", part=part)
        else:
            yield draw.pick("open", speaker.voice.of("open", speaker.closeness))
        yield from _business(request, speaker, draw)
        count = 1 if speaker.closeness == "cold" else 2
        if speaker.trait("extraversion") >= 0.75:
            count += 1
    if request.purpose == "greet":
        pressing = [part for part in (speaker.memory(draw), speaker.need(draw)) if part]
        yield from pressing
        count -= len(pressing)
    yield from _remarks(request, speaker, draw, max(0, count))
    if request.wind_down:
        yield draw.pick("part", speaker.voice.of("part"))
    elif request.purpose == "greet" and (speaker.trait("extraversion") >= 0.4 or draw.index("ask", 2) == 0):
        yield speaker.closing(draw)


def _business(request: WriterRequest, speaker: Speaker, draw: Draw) -> Iterator[str]:
    """What the interaction is about, where it is more than talk."""
    words = f"{request.interaction} {request.label}".lower()
    if "flirt" in words or request.intent == "escalate":
        romantic = request.rating != "sfw"
        yield draw.pick("flirt", speaker.voice.of("flirt") if romantic else speaker.voice.of("mood", "friendly"))
    elif "rumor" in words or "rumour" in words or "gossip" in words:
        yield draw.pick("rumor", speaker.voice.of("rumor"))
    elif any(word in words for word in ("trade", "buy", "sell", "barter", "shop")):
        yield draw.pick("trade", speaker.voice.of("trade"))
    elif subject := english.subject_of(request.label):
        yield draw.pick("subject", speaker.voice.of("subject")).format(subject=subject)


def _remarks(request: WriterRequest, speaker: Speaker, draw: Draw, count: int) -> Iterator[str]:
    """So many remarks on mood, time, place and oneself. A mood that is more than even comes first."""
    offers = _offers(request, speaker, draw)
    if count and speaker.mood not in {"neutral", ""} and draw.index("moody", 4):
        yield offers.pop("humour")
        count -= 1
    names = sorted(offers, key=lambda name: draw.index(f"order {name}", 1 << 30))
    yield from (offers[name] for name in names[:count])


def _offers(request: WriterRequest, speaker: Speaker, draw: Draw) -> dict[str, str]:
    traits, voice = speaker.traits, speaker.voice
    offers = {"humour": speaker.humour(draw)}
    place = english.the_place(request.place or str((request.snapshot.get("place") or {}).get("name", "")))
    part = request.part_of_day or str((request.snapshot.get("time") or {}).get("part_of_day", ""))
    interest = draw.pick("which interest", _texts(traits.get("interests")))
    quirk = english.first_person(draw.pick("which quirk", _texts(traits.get("quirks"))))
    occupation = str(traits.get("occupation") or "").strip()
    background = english.quotable(str(traits.get("background") or ""))
    filled = {
        "time": draw.pick("time", voice.of("time", part)),
        "place": place and draw.pick("place", voice.of("place")).format(place=place),
        "weather": request.weather and draw.pick("weather", voice.of("weather")).format(weather=request.weather),
        "interest": interest and draw.pick("interest", voice.of("interest")).format(interest=english.lowered_start(interest)),
        "quirk": quirk and draw.pick("quirk", voice.of("quirk")).format(quirk=quirk),
        "occupation": occupation
        and draw.pick("occupation", voice.of("occupation")).format(an_occupation=english.with_article(english.lowered_start(occupation))),
        "background": background and draw.pick("background", voice.of("background")).format(background=background),
    }
    # Strangers and enemies hear nothing personal.
    private = {"quirk", "background", "occupation"} if speaker.closeness in {"cold", "distant"} else set()
    offers.update({name: text for name, text in filled.items() if text and name not in private})
    return offers


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return [str(each) for each in value or () if str(each).strip()]


def _said(line: AuthoredLine, last_lines: Sequence[str]) -> bool:
    return any(line.text in said for said in last_lines)


def _closeness(affinity: float) -> str:
    if affinity < 0:
        return "cold"
    if affinity < 20:
        return "distant"
    return "known" if affinity < 60 else "close"
