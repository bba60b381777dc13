"""What a model answered, as far as it can be used: plain words, declared effects within the limits of a turn. Pure and total but for `Nonsense`.

A model may say anything. Of its answer only the reply has to be there; whatever else is not as it should be is left out, and `problems` says so. The
engine judges what remains once more, against the state as it is then.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from npcs.prompts.answer import LABEL_LENGTH, MAX_CHOICES, REPLY_LENGTH, TONES
from npcs.writers.request import WriterRequest
from pixsim.lib.plain_text import one_line

MAX_READ: Final = 64_000  # characters; an answer has some two thousand
MAX_PROBLEMS: Final = 20
TOPIC_LENGTH: Final = 80
SUMMARY_LENGTH: Final = 300
KNOWN: Final = ("reply", "emotion", "effects", "choices", "memory")
_NUMBER: Final = re.compile(r"[+-]?\d{1,9}(\.\d{1,6})?")
_THOUGHT: Final = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.DOTALL | re.IGNORECASE)
_QUOTED: Final = {'"': '"', "“": "”", "«": "»", "„": "“"}
_SENTENCE: Final = re.compile(r".*[.!?…][”\"')]?(?=\s|$)", re.DOTALL)


class Nonsense(ValueError):
    """There is no reply in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """`effects`, and those of `choices`, are `{relationships: {axis: points}, flags: [key]}`. `prose`: it was no JSON; the words are all there is."""

    reply: str
    emotion: str | None = None
    effects: dict[str, Any] = field(default_factory=dict)
    choices: tuple[dict[str, Any], ...] = ()
    memory: dict[str, Any] | None = None
    prose: bool = False
    problems: tuple[str, ...] = ()


def read(text: str, request: WriterRequest, *, tolerant: bool = False) -> Proposal:
    """The proposal in a model's answer. `tolerant`: for servers that enforce no schema, JSON is also looked for inside other words, and words without
    any are a reply. Raises Nonsense."""
    if len(text) > MAX_READ:
        raise Nonsense("It is too long.")
    found = _object(text, tolerant=tolerant)
    if found is None:
        if not tolerant or re.match(r"\s*[\[{]", text):
            raise Nonsense("It is no JSON object.")
        return Proposal(reply=_reply(_THOUGHT.sub("", text), request), prose=True, problems=("no JSON object",))
    return _Reader(request).proposal(found)


def _object(text: str, *, tolerant: bool) -> dict[str, Any] | None:
    for candidate in _candidates(text) if tolerant else (text,):
        try:
            found = json.loads(candidate)
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict):
            return found
    return None


def _candidates(text: str) -> Iterator[str]:
    """The text, then what stands between its first brace and each of its last ones."""
    yield text
    text = _THOUGHT.sub("", text)
    start, end = text.find("{"), len(text)
    for _ in range(3):
        end = text.rfind("}", 0, end)
        if 0 <= start < end:
            yield text[start : end + 1]


class _Reader:
    def __init__(self, request: WriterRequest) -> None:
        self.request = request
        self.problems: list[str] = []

    def dropped(self, what: str) -> None:
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(one_line(what, limit=160))

    def proposal(self, found: Mapping[str, Any]) -> Proposal:
        if not isinstance(found.get("reply"), str):
            raise Nonsense("It has no reply.")
        reply = _reply(found["reply"], self.request)
        for name in found:
            if name not in KNOWN:
                self.dropped(f"{name}: unknown")
        return Proposal(
            reply=reply,
            emotion=self.emotion(found.get("emotion")),
            effects=self.effects(found.get("effects"), "effects"),
            choices=tuple(self.choices(found.get("choices"))),
            memory=self.memory(found.get("memory")),
            problems=tuple(self.problems),
        )

    def emotion(self, said: Any) -> str | None:
        if isinstance(said, str) and said in self.request.emotions:
            return said
        if said is not None:
            self.dropped("emotion: not one of those there are")
        return None

    # -- effects ------------------------------------------------------------------------------------------------------
    def effects(self, said: Any, path: str) -> dict[str, Any]:
        if isinstance(said, list):  # [{axis, change}], as some servers flatten it
            said = {"relationships": said}
        if not isinstance(said, Mapping):
            if said is not None:
                self.dropped(f"{path}: no effects")
            return {}
        for name in said:
            if name not in ("relationships", "flags"):
                self.dropped(f"{path}.{name}: not a model's to change")
        found: dict[str, Any] = {}
        if points := self.points(said.get("relationships"), path):
            found["relationships"] = points
        if flags := self.flags(said.get("flags"), path):
            found["flags"] = flags
        return found

    def points(self, said: Any, path: str) -> dict[str, float]:
        total: dict[str, float] = {}
        for axis, change in self.wishes(said, path):
            number = _number(change)
            if axis not in self.request.axes:
                self.dropped(f"{path}.{axis}: not declared")
            elif number is None:
                self.dropped(f"{path}.{axis}: no number")
            else:
                total[axis] = total.get(axis, 0) + number
        most, found = self.request.limits.per_turn, {}
        for axis, wanted in total.items():
            got = max(-most, min(most, wanted))
            if got != wanted:
                self.dropped(f"{path}.{axis}: {wanted:+g} cut to {got:+g}")
            if got:
                found[axis] = int(got) if got == int(got) else got
        return found

    def wishes(self, said: Any, path: str) -> Iterator[tuple[str, Any]]:
        if isinstance(said, Mapping):
            yield from ((str(axis), change) for axis, change in said.items())
        elif isinstance(said, list):
            for entry in said[:50]:
                if isinstance(entry, Mapping) and isinstance(entry.get("axis"), str):
                    yield entry["axis"], entry.get("change")
                else:
                    self.dropped(f"{path}: an entry without an axis")
        elif said is not None:
            self.dropped(f"{path}.relationships: no list")

    def flags(self, said: Any, path: str) -> list[str]:
        found = []
        for flag in said[:50] if isinstance(said, list) else ():
            if isinstance(flag, str) and flag in self.request.flags:
                found.append(flag)
            else:
                self.dropped(f"{path}.flags: {flag!r:.60} is not declared")
        return list(dict.fromkeys(found))

    # -- choices, memory ------------------------------------------------------------------------------------------------
    def choices(self, said: Any) -> Iterator[dict[str, Any]]:
        if not isinstance(said, list):
            if said is not None:
                self.dropped("choices: no list")
            return
        taken = {_same(choice.label) for choice in self.request.open_choices}
        offered = 0
        for number, choice in enumerate(said[:20]):
            label = one_line(choice["label"], limit=LABEL_LENGTH) if isinstance(choice, Mapping) and isinstance(choice.get("label"), str) else ""
            if not any(letter.isalnum() for letter in label) or _same(label) in taken or offered == MAX_CHOICES:
                self.dropped(f"choices.{number}: empty, said twice, or one too many")
                continue
            taken.add(_same(label))
            offered += 1
            tone = choice.get("tone")
            yield {
                "label": label,
                "tone": tone if isinstance(tone, str) and tone in TONES else "neutral",
                "effects": self.effects(choice.get("effects"), f"choices.{number}.effects"),
            }

    def memory(self, said: Any) -> dict[str, Any] | None:
        if not isinstance(said, Mapping) or not isinstance(said.get("summary"), str):
            if said is not None:
                self.dropped("memory: no summary")
            return None
        topic = said.get("topic")
        summary = one_line(said["summary"], limit=SUMMARY_LENGTH)
        importance = _number(said.get("importance"))
        if not summary:
            return None
        return {
            "topic": one_line(topic, limit=TOPIC_LENGTH) if isinstance(topic, str) else "",
            "summary": summary,
            "importance": min(10, max(1, round(importance))) if importance is not None else 5,
        }


def _reply(said: str, request: WriterRequest) -> str:
    """The line alone: without its speaker's name before it and quotation marks around it, ended at a sentence where it is too long."""
    text = one_line(said)
    name = request.npc_name
    if name and text.casefold().startswith(f"{name.casefold()}:"):
        text = text[len(name) + 1 :].strip()
    if len(text) > 1 and _QUOTED.get(text[0]) == text[-1] and text.count(text[0]) == (2 if text[0] == text[-1] else 1):
        text = text[1:-1].strip()
    if not any(letter.isalnum() for letter in text):
        raise Nonsense("Its reply says nothing.")
    if len(text) <= REPLY_LENGTH:
        return text
    whole = _SENTENCE.match(text[:REPLY_LENGTH])
    return whole[0] if whole is not None and len(whole[0]) >= REPLY_LENGTH // 3 else one_line(text, limit=REPLY_LENGTH)


def _number(value: Any) -> float | None:
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) <= 1e9 and math.isfinite(value) else None


def _same(label: str) -> str:
    return " ".join(label.casefold().split())
