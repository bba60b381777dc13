from __future__ import annotations

from typing import Any

import pytest

from worlds.rules.conditions import Context, Verdict, compile_gate
from worlds.rules.packages import enabled
from worlds.rules.words import SENTENCES, Names, first_reason, number, reason, span

from .playing import State, World

WORLD = World()
NAMES = Names(
    flags={"met_hask": "Met Old Hask"},
    stats={"coin": "Coins"},
    items={"rope": "Rope"},
    places={"tavern": "The Rusty Anchor Tavern", "market": "Central Market"},
    people={"mara": "Captain Mara"},
    tiers={"friend": "friend"},
)


@pytest.mark.parametrize(
    ("condition", "sentence"),
    [
        ({"min_affinity": 40}, "Need affinity 40 – you have 35"),
        ({"max_affinity": 30}, "Need affinity at most 30 – you have 35"),
        ({"min_tier": "friend"}, "Need to be friend"),
        ({"time": {"from": "18:00", "to": "02:00"}}, "Open 18:00–02:00"),
        ({"location": ["tavern", "market"]}, "Only at The Rusty Anchor Tavern or Central Market"),
        ({"days": [6, 7]}, "Only on Saturday or Sunday"),
        ({"flags": ["met_hask"]}, "Not before: Met Old Hask"),
        ({"inventory": {"rope": 1}}, "Need 1 × Rope – you have 0"),
        ({"stats": {"coin": {"min": 5}}}, "Need coins 5 – you have 3"),
        ({"mood": ["happy", "curious"]}, "Only when happy or curious – now neutral"),
        ({"features": ["trading"]}, "This world has no trading"),
        ({"any": [{"min_affinity": 40}, {"flags": ["met_hask"]}]}, "Need affinity 40 – you have 35, or Not before: Met Old Hask"),
    ],
)
def test_the_player_reads_what_is_needed_and_what_there_is(condition: dict[str, Any], sentence: str) -> None:
    gate = compile_gate(condition, Context(axes=enabled({})["relationships"].axes))
    assert first_reason(gate.explain(WORLD, State(rel={"mara": {"affinity": 35}}), "mara"), NAMES) == sentence


def test_the_first_unmet_reason_is_told_and_nothing_where_all_is_met() -> None:
    verdicts = [Verdict("flag", True, "a"), Verdict("once", False), Verdict("busy", False)]
    assert first_reason(verdicts, NAMES) == "Only once"
    assert first_reason(verdicts[:1], NAMES) == ""


@pytest.mark.parametrize(("seconds", "words"), [(1, "1 min"), (51 * 60, "51 min"), (3600, "1 h"), (7500, "2 h 5 min"), (4 * 86_400, "4 days")])
def test_a_cooldown_is_told_in_minutes_hours_and_days(seconds: int, words: str) -> None:
    assert span(seconds) == words
    assert reason(Verdict("cooldown", False, had=seconds), NAMES) == f"Again in {words}"


def test_numbers_are_written_as_people_write_them() -> None:
    assert (number(-10), number(0.5), number(3.0)) == ("−10", "0.5", "3")


def test_a_code_nobody_wrote_a_sentence_for_is_still_readable() -> None:
    assert reason(Verdict("new_kind_of_lock", False), NAMES) == "New kind of lock"
    assert len(SENTENCES) >= 24
