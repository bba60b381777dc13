"""What a model may do to a state: declared things, a little per turn and per day; choices it offers, really offered."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixsim.lib.errors import NotAvailable
from sessions.engine import Answered, Ids, Interact, PlayState, Say, action_from_json, judge, options, step, view
from sessions.spec import WorldSpec

from .test_talking import MARA, answer, tavern

LIMITS = {"per_turn": 5, "per_day": 15, "axes": ["affinity", "trust", "chemistry"], "flags": ["visited_tavern"]}


def asked(**manifest: Any) -> tuple[WorldSpec, PlayState]:
    spec, state = tavern(**{"dialogue_limits": LIMITS, **manifest})
    return spec, step(spec, state, Interact(npc=MARA, interaction="talk", turn=1)).state


def offered(*choices: Any, **manifest: Any) -> tuple[WorldSpec, PlayState]:
    spec, state = asked(**manifest)
    return spec, answer(spec, state, offered=choices)


def dialogue(spec: WorldSpec, state: PlayState, *, author: bool = False) -> list[dict[str, Any]]:
    shown = view(spec, state, ids=Ids({}, {}, {}), media=lambda key: None, author=author)["dialogue"]
    return [choice for choice in shown["choices"] if choice["choice_id"].startswith("offer.")]


# -- the clamp --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wish", "got", "why"),
    [
        ({"affinity": 100}, {"affinity": 5}, ["per_turn"]),
        ({"affinity": "-100"}, {"affinity": -5}, ["per_turn"]),
        ({"affinity": "+3"}, {"affinity": 3}, []),
        ({"tension": 5}, {}, ["not_declared"]),
        ({"charm": 5}, {}, ["unknown"]),
        ({"affinity": "set to 100"}, {}, ["malformed"]),
        ({"affinity": True}, {}, ["malformed"]),
        ({"affinity": float("nan")}, {}, ["malformed"]),
        ({"affinity": float("inf")}, {}, ["malformed"]),
        ({"affinity": {"$set": 100}}, {}, ["malformed"]),
    ],
)
def test_a_wish_is_granted_as_far_as_it_goes_and_the_reason_is_kept(wish: Any, got: Any, why: list[str]) -> None:
    spec, state = asked()
    found = judge(spec, state, MARA, {"relationships": wish})
    assert dict(found.points) == got
    assert [cut.why for cut in found.clamped] == why


def test_only_flags_the_author_named_may_be_set() -> None:
    spec, state = asked()
    found = judge(spec, state, MARA, {"flags": ["visited_tavern", "mara_quest_started", 7, None], "stats": {"coin": 99}, "move_to": "market"})
    assert found.flags == ("visited_tavern",)
    assert [(cut.path, cut.why) for cut in found.clamped][:2] == [("stats", "unknown"), ("move_to", "unknown")]
    spec, state = asked(dialogue_limits={})
    assert judge(spec, state, MARA, {"flags": ["visited_tavern"]}).flags == ()


def test_at_the_end_of_the_scale_only_what_really_happens_counts() -> None:
    spec, state = asked()
    high = state._replace(rel={MARA: {**state.rel[MARA], "affinity": 98}})
    found = judge(spec, high, MARA, {"relationships": {"affinity": 5}})
    assert (dict(found.points), found.clamped[0].why) == ({"affinity": 2}, "bounds")
    after = answer(spec, high, proposed={"relationships": {"affinity": 5}})
    assert (after.rel[MARA]["affinity"], after.influence[f"{MARA}/affinity"].total) == (100, 2)


def test_chemistry_never_moves_with_a_minor_or_where_the_player_wants_none() -> None:
    spec, state = asked()
    assert judge(spec, state, MARA, {"relationships": {"chemistry": 5}}).points == {"chemistry": 5}
    assert judge(spec, state._replace(rating="sfw"), MARA, {"relationships": {"chemistry": 5}}).clamped[0].why == "romance"
    young = WorldSpec({**spec.document, "npcs": [{**part, "is_minor": part["key"] == MARA} for part in spec.document["npcs"]]})
    assert judge(young, state, MARA, {"relationships": {"chemistry": 5}}).clamped[0].why == "romance"


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["relationships", "flags", "affinity", "trust", "label", "effects", "tone", "conditions", "min_affinity"]) | st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(ANYTHING, st.lists(ANYTHING, max_size=6))
def test_whatever_a_model_answers_nothing_goes_beyond_the_clamp(proposed: Any, choices: list[Any]) -> None:
    spec, state = ASKED
    assert isinstance(judge(spec, state, MARA, proposed), object)
    after = step(
        spec, state, Answered(turn=1, text="x", writer="t", proposed=proposed if isinstance(proposed, dict) else {}, offered=tuple(choices))
    ).state
    assert PlayState.from_json(after.to_json()) == after
    assert after.flags - state.flags <= {"visited_tavern"}
    assert (after.stats, after.inventory, after.location, after.world_time) == (state.stats, state.inventory, state.location, state.world_time)
    for axis, value in spec.relationship(after, MARA).items():
        assert abs(value - spec.relationship(state, MARA)[axis]) <= (5 if axis in LIMITS["axes"] else 0)  # type: ignore[operator]
    assert after.turn is not None
    assert len(after.turn.offered) <= 4
    for offer in after.turn.offered:
        assert all(abs(points) <= 5 for points in offer.effects.get("relationships", {}).values())


ASKED = asked()


# -- choices ----------------------------------------------------------------------------------------------------------


def test_choices_of_a_model_are_offered_with_tone_gate_and_clamped_effects() -> None:
    spec, state = offered(
        {"label": "  Tell me\nmore. ", "tone": "curious", "effects": {"relationships": {"affinity": 50}, "flags": ["made_up"]}},
        {"label": "I am your friend.", "tone": "warm", "conditions": {"min_affinity": 90}},
    )
    first, second = dialogue(spec, state, author=True)
    assert (first["label"], first["available"], first["effects"]) == ("Tell me more.", True, {"relationships": {"affinity": 5}})
    assert (second["available"], second["disabled_reason"]) == (False, "Need affinity 90 – you have 30")
    assert "effects" not in dialogue(spec, state)[0]
    open_now = [option.action.choice for option in options(spec, state) if isinstance(option.action, Say)]
    assert "offer.1" in open_now
    assert "offer.2" not in open_now
    with pytest.raises(NotAvailable):
        step(spec, state, Say(choice="offer.2", turn=2))


def test_taking_an_offered_choice_says_its_words_and_counts_towards_the_day() -> None:
    spec, state = offered({"label": "Well said.", "effects": {"relationships": {"affinity": 4}}})
    after = step(spec, state, Say(choice="offer.1", turn=2)).state
    assert after.rel[MARA]["affinity"] == 34
    assert after.turn is not None
    assert (after.turn.said, after.turn.waiting, after.turn.offered) == ("Well said.", True, ())
    assert after.influence[f"{MARA}/affinity"].total == 4


def test_at_most_four_are_offered_none_twice_and_none_an_author_has_already() -> None:
    labels = ["I'm looking for adventure.", "One", "one ", "Two", "Three", "Four", "Five", "", "  "]
    spec, state = offered(*({"label": label} for label in labels), "nonsense", {"label": 7}, {"tone": "x"})
    assert [choice["label"] for choice in dialogue(spec, state)] == ["One", "Two", "Three", "Four"]


def test_a_flirty_choice_is_not_offered_where_there_is_no_romance() -> None:
    spec, state = offered({"label": "You are lovely.", "tone": "Flirty"}, {"label": "Aye.", "conditions": {"nonsense": 1}})
    assert [choice["label"] for choice in dialogue(spec, state)] == ["You are lovely."]
    spec, state = offered({"label": "You are lovely.", "tone": "Flirty"}, enabled_features=["dialogue"])
    assert dialogue(spec, state) == []


def test_a_closed_conversation_offers_nothing() -> None:
    spec, state = offered({"label": "More?"}, turn_presets={"conversation": {"avg_turns": 1, "max_turns": 1}})
    assert dialogue(spec, state) == []


def test_an_answer_comes_out_of_the_log_as_it_went_in() -> None:
    spec, state = asked()
    choices = ({"label": "More?", "tone": "curious", "effects": {"relationships": {"affinity": 9}}},)
    action = Answered(
        turn=1, text="Aye.", writer="openai", proposed={"relationships": {"trust": 9}}, offered=choices, memory={"topic": "t", "summary": "s"}
    )
    again = action_from_json(action.to_json())
    assert step(spec, state, again).state == step(spec, state, action).state


def test_what_a_model_wants_remembered_is_short_and_never_for_ever() -> None:
    spec, state = asked()
    memory = {"topic": "x" * 500, "summary": "y" * 5000, "importance": 10, "kind": "long"}
    (kept,) = answer(spec, state, memory=memory).memories[MARA]
    assert (len(kept.topic), len(kept.summary), kept.importance, kept.kind) == (80, 300, 6, "short")
