from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixsim.lib import schema
from worlds.rules.conditions import BUILDERS, Broken, Context, Gate, compile_gate

from .playing import PACKAGES, State, World

AXES = PACKAGES["relationships"].axes
WORLD = World()


def gate(condition: dict[str, Any], scene: str = "") -> Gate:
    assert schema.errors("worlds/conditions", condition) == []
    return compile_gate(condition, Context(axes=AXES, scene=scene))


def holds(condition: dict[str, Any], state: State | None = None, npc: str | None = "mara", world: World = WORLD, scene: str = "") -> bool:
    found = gate(condition, scene)
    state = state or State()
    assert found.holds(world, state, npc) is all(v.met for v in found.explain(world, state, npc))
    return found.holds(world, state, npc)


def met(**values: Any) -> State:
    return State(rel={"mara": values})


MONDAY_8, EVENING = 0, 11 * 3600  # the clock of this world starts at 08:00

CASES: list[tuple[dict[str, Any], State, State]] = [
    ({"flags": ["a"]}, State(flags=frozenset("a")), State()),
    ({"flags": ["!b"]}, State(), State(flags=frozenset("b"))),
    ({"flags": ["a", "!b"]}, State(flags=frozenset("a")), State(flags=frozenset("ab"))),
    ({"min_affinity": 20}, met(affinity=20), met(affinity=19)),
    ({"max_tension": 60}, met(tension=60), met(tension=61)),
    ({"min_tier": "friend"}, met(affinity=60), met(affinity=59)),
    ({"stats": {"coin": {"min": 3}}}, State(), State(stats={"coin": 2})),
    ({"stats": {"coin": {"max": 3}}}, State(), State(stats={"coin": 4})),
    ({"inventory": {"rope": 1}}, State(inventory={"rope": 1}), State()),
    ({"location": ["tavern", "market"]}, State(location="market"), State(location="harbor")),
    ({"time": {"from": "18:00", "to": "02:00"}}, State(world_time=EVENING), State(world_time=MONDAY_8)),
    ({"time": {"from": "08:00", "to": "09:00"}}, State(world_time=3599), State(world_time=3600)),
    ({"days": [1, 5]}, State(), State(world_time=86_400)),
    ({"npc_present": True}, State(), State(location="market")),
    ({"npc_present": False}, State(location="market"), State()),
    ({"seen": ["tavern/node2"]}, State(seen=frozenset({"tavern/node2"})), State(seen=frozenset({"market/node2"}))),
    ({"seen": ["!node2"]}, State(), State(seen=frozenset({"tavern/node2"}))),
    ({"any": [{"flags": ["a"]}, {"flags": ["b"]}]}, State(flags=frozenset("b")), State()),
    ({"all": [{"flags": ["a"]}, {"flags": ["b"]}]}, State(flags=frozenset("ab")), State(flags=frozenset("a"))),
    ({"not": {"flags": ["a"], "location": ["harbor"]}}, State(), State(flags=frozenset("a"))),
]  # fmt: skip


@pytest.mark.parametrize(("condition", "open_", "shut"), CASES, ids=[str(case[0]) for case in CASES])
def test_every_key_opens_and_shuts(condition: dict[str, Any], open_: State, shut: State) -> None:
    assert holds(condition, open_)
    assert not holds(condition, shut)


def test_all_keys_given_must_hold_and_none_given_is_open() -> None:
    both = {"min_affinity": 20, "location": ["market"]}
    assert holds({})
    assert holds(both, State(rel={"mara": {"affinity": 20}}, location="market"))
    assert not holds(both, State(rel={"mara": {"affinity": 20}}))


def test_mood_and_features_are_asked_of_the_world() -> None:
    assert holds({"mood": ["happy", "neutral"]})
    assert not holds({"mood": ["happy"]})
    assert holds({"features": ["romance"]})
    assert not holds({"features": ["romance", "trading"]})


def test_a_missing_value_counts_as_the_default_and_never_as_a_pass() -> None:
    assert holds({"min_affinity": 0}, State())
    assert not holds({"min_affinity": 1}, State())
    assert not holds({"stats": {"fame": {"max": 1000}}}, State())
    assert not holds({"inventory": {"anchor": 1}}, State())


@pytest.mark.parametrize(
    "condition", [{"min_affinity": -100}, {"max_affinity": 100}, {"min_tier": "hostile"}, {"mood": ["neutral"]}, {"npc_present": True}]
)
def test_a_clause_about_an_npc_does_not_hold_where_there_is_none(condition: dict[str, Any]) -> None:
    assert not holds(condition, State(), npc=None)


def test_a_tier_nobody_declared_is_out_of_reach() -> None:
    assert not holds({"min_tier": "soul_mate"}, met(affinity=100))


@pytest.mark.parametrize("axis", ["chemistry", "intimacy_level"])
def test_romantic_gates_stay_locked_where_romance_may_not_be(axis: str) -> None:
    assert holds({f"min_{axis}": 0}, met(**{axis: 3}))
    assert not holds({f"min_{axis}": 0}, met(**{axis: 3}), world=World(romance=False))
    verdicts = gate({f"min_{axis}": 0}).explain(World(romance=False), State(), "mara")
    assert [v.code for v in verdicts] == ["romance"]


def test_a_bare_node_means_a_node_of_the_same_scene() -> None:
    state = State(seen=frozenset({"tavern/node2"}))
    assert holds({"seen": ["node2"]}, state, scene="tavern")
    assert not holds({"seen": ["node2"]}, state, scene="market")


def test_the_printed_gates_of_the_harbor_district_open_as_told() -> None:
    rumors, flirt = {"min_affinity": 20, "location": ["tavern", "market"]}, {"min_affinity": 40, "min_chemistry": 30, "mood": ["happy", "curious"]}
    tavern = State(rel={"mara": {"affinity": 30, "chemistry": 40}}, location="tavern")
    assert holds(rumors, tavern)
    assert not holds(flirt, tavern)
    unmet = gate(flirt).unmet(WORLD, tavern, "mara")
    assert [(v.code, v.subject, v.needed, v.had) for v in unmet] == [("min_axis", "affinity", 40, 30), ("mood", "", ["happy", "curious"], "neutral")]


@pytest.mark.parametrize("condition", [{"min_glory": 1}, {"colour": "red"}, {"any": [{"min_glory": 1}]}, {"time": {"from": "late", "to": "02:00"}}])
def test_what_cannot_be_read_is_refused(condition: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        compile_gate(condition, Context(axes=AXES))


def test_nine_deep_is_refused_by_schema_and_compiler_alike() -> None:
    for depth, fine in ((8, True), (9, False)):
        condition: dict[str, Any] = {"flags": ["a"]}
        for _ in range(depth):
            condition = {"not": condition}
        assert (schema.errors("worlds/conditions", condition) == []) is fine
        if fine:
            compile_gate(condition, Context(axes=AXES))
        else:
            with pytest.raises(ValueError):
                compile_gate(condition, Context(axes=AXES))


def test_a_broken_condition_is_shut() -> None:
    assert not Gate((Broken("why"),)).holds(WORLD, State(), "mara")


def test_schema_and_compiler_know_the_same_keys() -> None:
    known = schema.load("worlds/conditions").data["properties"]
    bounds = {f"{side}_{name}" for name in AXES for side in ("min", "max")}
    assert set(known) == set(BUILDERS) | bounds


flags = st.sampled_from("abc").flatmap(lambda f: st.sampled_from([f, "!" + f]))
leaves = st.one_of(
    st.lists(flags, min_size=1, max_size=3).map(lambda v: {"flags": v}),
    st.integers(-100, 100).map(lambda v: {"min_affinity": v}),
    st.integers(0, 100).map(lambda v: {"max_tension": v}),
    st.sampled_from(["stranger", "friend", "unknown"]).map(lambda v: {"min_tier": v}),
    st.lists(st.sampled_from(["harbor", "tavern"]), min_size=1, max_size=2).map(lambda v: {"location": v}),
    st.lists(st.integers(1, 7), min_size=1, max_size=3, unique=True).map(lambda v: {"days": v}),
    st.booleans().map(lambda v: {"npc_present": v}),
    st.integers(0, 5).map(lambda v: {"stats": {"coin": {"min": v}}}),
    st.just({"features": ["romance"]}),
)
conditions = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3).map(lambda v: {"any": v})
        | st.lists(inner, min_size=1, max_size=3).map(lambda v: {"all": v})
        | inner.map(lambda v: {"not": v})
    ),
    max_leaves=6,
).filter(lambda v: not any(e.code == "too_deep" for e in schema.errors("worlds/conditions", v)))
states = st.builds(
    State,
    flags=st.frozensets(st.sampled_from("abc")),
    rel=st.fixed_dictionaries({"mara": st.fixed_dictionaries({"affinity": st.integers(-100, 100), "tension": st.integers(0, 100)})}),
    location=st.sampled_from(["harbor", "tavern", ""]),
    world_time=st.integers(0, 14 * 86_400),
    stats=st.fixed_dictionaries({"coin": st.integers(0, 9)}),
)


@given(conditions, states, st.sampled_from(["mara", "ren"]))
def test_holding_and_explaining_never_disagree_and_not_turns_it_round(condition: dict[str, Any], state: State, npc: str) -> None:
    assert holds(condition, state, npc) is not compile_gate({"not": condition}, Context(axes=AXES)).holds(WORLD, state, npc)


@given(states, st.sampled_from("abc"))
def test_a_flag_and_its_negation_are_complements(state: State, flag: str) -> None:
    assert holds({"flags": [flag]}, state) is not holds({"flags": ["!" + flag]}, state)
