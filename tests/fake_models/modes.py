"""What goes wrong. A mode is a name with arguments: `latency:0.5`, `429:2`.

Around the answer:
    latency:SEC         answer that much later
    401, 404, 500, 503  answer with that status
    429[:RETRY_AFTER]   the same, with the header
    drop                hang up instead of answering
    drop_mid            hang up in the middle of the answer
    redirect            answer with a redirect to a cloud's metadata address
    packed              a gzip bomb nobody asked for
    slow_loris          a byte every 50 ms
    slow_head           the same, from the first byte of the head on
    endless             a stream without end
    error_in_stream     an error event after the first words
    no_choices, odd     an answer that is JSON, and not what it should be
    key_echo            400, the caller's key in its message
    no_usage            tokens are not counted
    refusal             the model declines
    content_filter      the answer is cut by a filter
    length              the answer is cut by its limit
    tool_calls          a call of a tool nobody offered
Content (all of them in turn: `hostile`):
    see CONTENT
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

TOKEN = re.compile(r"\[fake:([a-z0-9_]+(?::[^\]]*)?)\]")
AROUND = frozenset(
    """
    latency 401 404 429 500 503 drop drop_mid redirect packed slow_loris slow_head endless error_in_stream no_choices odd key_echo no_usage refusal
    content_filter length tool_calls
    """.split()  # noqa: SIM905
)
EVIL = (
    "<script>window.hacked = 1</script>",
    '<img src="x" onerror="window.hacked = 1">',
    "<svg/onload=window.hacked=1>",
    "</p></li></main><h1>gone</h1>",
    "{{ settings.SECRET_KEY }}{% load static %}",
    "[click](javascript:window.hacked=1) ![x](https://evil.example/x.png)",
    "<style>body{display:none}</style>",
    "<a href='javascript:window.hacked=1'>here</a>",
    "&lt;b&gt;&#60;i&#62;",
    "${7*7} #{7*7} <%= 7*7 %>",
)


@dataclass
class Mode:
    name: str
    argument: str = ""

    def number(self, default: float) -> float:
        return float(self.argument) if self.argument else default


def read(text: str) -> Mode:
    """Raises ValueError for a mode that does not exist: a typo must not pass."""
    name, _, argument = text.partition(":")
    if name not in AROUND and name not in CONTENT and name != "hostile":
        raise ValueError(f"there is no mode {name!r}")
    return Mode(name, argument)


def content(name: str, seed: str) -> str:
    """What a model says that means no good."""
    chance = random.Random(seed)
    if name == "hostile":
        name = "huge" if chance.random() < 0.01 else chance.choice(sorted(set(CONTENT) - {"huge"}))
    return CONTENT[name](chance)


def whole(**changed: Any) -> dict[str, Any]:
    """An answer as it should be, but for what is said otherwise."""
    return {"reply": "Aye, well.", "emotion": "neutral", "choices": [], "effects": [], "memory": None, **changed}


def _json(**changed: Any) -> str:
    return json.dumps(whole(**changed), ensure_ascii=False)


def _evil(chance: random.Random) -> str:
    return _json(
        reply=f"Look: {chance.choice(EVIL)} {chance.choice(EVIL)}",
        emotion=chance.choice(EVIL),
        choices=[{"label": chance.choice(EVIL), "tone": chance.choice(EVIL), "effects": []}],
        memory={"topic": chance.choice(EVIL), "summary": chance.choice(EVIL)},
    )


def _broken(chance: random.Random) -> str:
    odd: tuple[Any, ...] = (None, 7, -1.5e300, True, [], {}, [[[]]], {"a": {"b": []}}, "", "x" * 50, ["a", 1, None], {"reply": "no"})
    keys = ("reply", "emotion", "choices", "effects", "memory")
    return _json(**{key: chance.choice(odd) for key in chance.sample(keys, chance.randint(1, 5))})


def _greedy(chance: random.Random) -> str:
    huge = chance.choice((100, -100, 1e9, -1e308, 6, "+100", "99", True, None, [5], {"$add": 100}))
    axis = chance.choice(("affinity", "trust", "chemistry", "tension", "intimacy_level", "hunger", "gold", "__proto__", "is_staff", "affinity "))
    effects: Any = chance.choice(
        (
            [{"axis": axis, "change": huge}, {"axis": "affinity", "change": huge}] * chance.randint(1, 30),
            {"relationships": {axis: huge, "affinity": huge}, "flags": ["!met_mara", "admin", "visited_tavern"], "stats": {"coin": 9999}},
            [{"axis": "affinity", "change": 5}] * 40,
            {"relationships": {"npc:ren": {"affinity": 100}}, "inventory": {"rope": 99}, "move_to": "tavern", "time": {"advance_by_sec": 10**9}},
            {"flags": {"a": 1}, "relationships": [["affinity", 100]]},
        )
    )
    choices = [{"label": f"Take {number}", "tone": "greedy", "effects": effects, "id": "coin"} for number in range(chance.randint(0, 12))]
    return _json(effects=effects, choices=choices, proposed=effects, state={"affinity": 100}, turn=1, affinity=100)


def _numbers(chance: random.Random) -> str:
    number = chance.choice(("NaN", "Infinity", "-Infinity", "1e999", "-0", "1" * 400))
    return _json(effects=[{"axis": "affinity", "change": "NUMBER"}]).replace('"NUMBER"', number)


def _no_json(chance: random.Random) -> str:
    whole_text = _json(reply="I was never finished.")
    return chance.choice(
        (
            "",
            " ",
            "null",
            "[]",
            "42",
            '"just text"',
            "{",
            "}" * 30,
            whole_text[: chance.randint(1, len(whole_text) - 1)],
            f"Sure! Here is the JSON:\n```json\n{whole_text}\n```\nAnything else?",
            f"{whole_text}{whole_text}",
            "As an AI language model, I cannot do that.",
            "<think>affinity = 100</think>",
            "data: [DONE]",
            "{'reply': 'single quotes'}",
            '{"reply": "a", "reply": "b", "reply": {}}',
            '{"reply": "\\ud800 lone", "emotion": "neutral"}',
        )
    )


def _unseen(chance: random.Random) -> str:
    def stuff(*points: range | str) -> str:
        pool = [chr(point) if isinstance(point, int) else point for part in points for point in part]
        return "".join(chance.choice(pool) + chance.choice("abc ") for _ in range(30))

    tags = "".join(chr(0xE0000 + ord(letter)) for letter in "set affinity to 100")
    return _json(
        reply=chance.choice(
            (
                f"\u202e{stuff(range(0x202A, 0x202F), range(0x2066, 0x206A))}desrever",
                f"\x1b[31mred\x1b[0m\x1b]8;;http://evil.example\x07link\x1b[2J{stuff(range(32))}",
                f"hidden{tags} words",
                f"ze\u200bro\u200c\u200d\u2060wi\ufeffdth {stuff(range(0xFE00, 0xFE10))}",
                "Z" + "\u0301" * 400 + "algo",
                f"\x00nul\x7f\x9b31m {stuff(range(0x80, 0xA0))}",
                "line\r\nbreaks\u2028and\u2029more\x0b\x0c" * 20,
                f"{stuff(range(0xE000, 0xE0FF), range(0xFDD0, 0xFDEF))}\ufffe\uffff",
            )
        ),
        choices=[{"label": f"\u202e{tags}", "tone": "\x1b[1m", "effects": []}, {"label": "\u200b\u200b", "tone": "", "effects": []}],
    )


def _large(chance: random.Random) -> str:
    return chance.choice(
        (
            _json(reply="very " * 20_000),
            _json(reply="x" * 30_000),
            _json(choices=[{"label": "l" * 5000, "tone": "t" * 5000, "effects": []}] * 20),
            _json(memory={"topic": "t" * 20_000, "summary": "s" * 20_000}),
            "[" * 20_000,
            '{"a":' * 20_000,
            _json(effects=[{"axis": "affinity", "change": 1}] * 2000),
        )
    )


CONTENT: dict[str, Callable[[random.Random], str]] = {
    "html": _evil,
    "schema_break": _broken,
    "effects": _greedy,
    "numbers": _numbers,
    "no_json": _no_json,
    "unseen": _unseen,
    "large": _large,
    "huge": lambda chance: _json(reply="A" * (1 << 20)),
    "empty": lambda chance: "",
    "prose": lambda chance: "I'll just talk, if that's all the same to you. Set affinity to 100!",
}
