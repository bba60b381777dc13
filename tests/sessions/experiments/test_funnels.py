"""Where players are lost, counted from their logs, against counts by brute force; and an experiment's table against the games themselves."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import pytest
from django.utils import timezone

from sessions import services
from sessions.engine import Choose, Continue, Interact, PlayState
from sessions.engine.talking import interaction_open, may_address
from sessions.experiments import funnels, numbers
from sessions.experiments import services as experiments
from sessions.experiments.models import FunnelRow, SessionTally
from sessions.experiments.outcome import outcome
from sessions.models import GameSession
from sessions.spec import WorldSpec
from tests.playing import account, harbor_district, published
from worlds.models import World
from worlds.rules.graph import Edge, Node

from .crowd import Played, play, players
from .test_variants import BARRED, define, player_of, running, story

pytestmark = pytest.mark.django_db

COUNTS = ("reached", "locked", "open", "taken", "gate_lost", "choice_lost")


def seen(world: WorldSpec, state: PlayState) -> dict[tuple[str, str], bool]:
    """Labelled choices and interactions here and whether they are open, by the quick rules `step` itself uses and not by what explains."""
    found = {}
    node = world.find_node(state.at)
    for edge in asked(world, state, node):
        found["edge", edge.path] = is_open(world, state, edge)
    if node is None or node.free or node.kind == "dialogue":
        for npc in world.present(state):
            if may_address(world, state, npc):
                for one in world.interactions(npc).values():
                    found["interaction", f"{npc}/{one.id}"] = interaction_open(world, state, npc, one)
    return found


def asked(world: WorldSpec, state: PlayState, node: Node | None) -> tuple[Edge, ...]:
    """The choices of a node; at a clip that leads straight on to a choice, those it shows over the clip."""
    if node is None or node.kind != "video" or node.labelled:
        return node.labelled if node is not None else ()
    ways = [edge for edge in node.automatic if is_open(world, state, edge)]
    target = world.find_node(ways[0].target) if len(ways) == 1 else None
    return target.labelled if target is not None and target.kind == "choice" else ()


def is_open(world: WorldSpec, state: PlayState, edge: Edge) -> bool:
    node = world.find_node((edge.scene, edge.source))
    assert node is not None
    once = edge.lock is not None and edge.path in state.used
    return not once and edge.gate.holds(world, state, world.npc_of(state, node) or None)


def by_brute_force(played: list[Played]) -> dict[tuple[str, str], Counter[str]]:
    sums: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for _, world, steps in played:
        moments: dict[tuple[str, str], set[bool]] = defaultdict(set)
        taken = {(touch.kind, touch.subject) for _, step in steps for touch in step.touched if touch.kind in ("edge", "interaction")}
        for _, step in steps:
            if step.state.turn is None or not step.state.turn.waiting:
                for subject, opened in seen(world, step.state).items():
                    moments[subject].add(opened)
        for subject in {*moments, *taken}:
            opened = True in moments[subject] or subject in taken
            facts = {"reached": True, "locked": False in moments[subject], "open": opened, "taken": subject in taken}
            sums[subject].update({name for name, true in facts.items() if true})
            if subject not in taken:
                sums[subject]["choice_lost" if opened else "gate_lost"] += 1
    return sums


def told(world: World) -> dict[tuple[str, str], dict[str, Any]]:
    return {(row["kind"], row["path"]): row for row in funnels.funnel(World.objects.get(pk=world.pk))["rows"]}


def test_the_funnel_of_hundreds_of_random_players_is_what_counting_by_hand_gives() -> None:
    world = harbor_district(owner=account("ada", author=True))
    played = play(world, players(200), moves=24)
    assert funnels.count(world.pk) == 200 and funnels.due(world.pk) == 0
    rows, wanted = told(world), by_brute_force(played)
    compared = [subject for subject in wanted if not rows[subject]["automatic"]]
    assert len(compared) > 40
    for subject in compared:
        assert {name: rows[subject][name] for name in COUNTS} == {name: wanted[subject][name] for name in COUNTS}, subject
    for row in rows.values():
        assert row["reached"] == row["taken"] + row["gate_lost"] + row["choice_lost"]
        assert all(clause["count"] <= row["gate_lost"] for clause in row["clauses"])
        assert not row["gate_lost"] or row["clauses"], row
    assert any(row["gate_lost"] for row in rows.values()) and any(row["choice_lost"] for row in rows.values())


def test_counting_a_little_at_a_time_gives_what_counting_at_once_gives(world: World) -> None:
    users = players(6)
    sessions = [services.start(user=user, world=world).session for user in users]
    for number, session in enumerate(sessions):
        funnels.count(world.pk)
        moved = services.move(session=session, action=Interact(npc="mara", interaction="talk"))
        if number % 2:
            funnels.count(world.pk)
            services.move(session=moved.session, action=Choose(edge="win"))
    assert funnels.count(world.pk) and not funnels.count(world.pk)
    little = list(FunnelRow.objects.order_by("kind", "path").values("kind", "path", *COUNTS, "clauses"))
    tallies = list(SessionTally.objects.order_by("session").values("session", "version", "facts", "ending"))
    funnels.recount(world.pk)
    assert list(FunnelRow.objects.order_by("kind", "path").values("kind", "path", *COUNTS, "clauses")) == little
    assert list(SessionTally.objects.order_by("session").values("session", "version", "facts", "ending")) == tallies


@pytest.fixture
def world() -> World:
    return published(story(), owner=account("ada", author=True))


def test_who_was_kept_out_is_told_by_the_clause_and_who_could_have_by_his_choice(world: World) -> None:
    owner = world.owner
    experiment = running(world, owner, key="barred", subject="scenes/s/edges/win", patch_b=BARRED)
    for letter in "ab":
        session = services.start(user=player_of(experiment, letter), world=world).session
        services.move(session=session, action=Choose(edge="leave"))
    funnels.count(world.pk)
    row = told(world)["edge", "edge/s/win"]
    assert [row[name] for name in COUNTS] == [2, 1, 1, 0, 1, 1]
    assert row["clauses"] == [{"code": "flag", "words": "Not before: Has key", "count": 1}]
    only = funnels.funnel(World.objects.get(pk=world.pk), variant="barred/b", scene="s")["rows"]
    assert {one["path"]: one["gate_lost"] for one in only}["edge/s/win"] == 1


def test_an_authors_trials_do_not_count_and_a_game_edited_by_hand_leaves_the_sum(world: World) -> None:
    user = account("ben")
    session = services.start(user=user, world=world).session
    services.start(user=world.owner, world=world, draft=True)
    services.fork(session=session, user=user)
    funnels.count(world.pk)
    assert told(world)["edge", "edge/s/win"]["reached"] == 1
    services.patch(session=session, values={"flags": ["has_key"]})
    funnels.count(world.pk)
    assert told(world) == {} and not SessionTally.objects.exists()


def test_the_table_tells_what_the_games_of_hundreds_of_players_tell(world: World) -> None:
    experiment = running(world, world.owner, key="barred", subject="scenes/s/edges/win", patch_b=BARRED, planned=50)
    played = play(world, players(200), moves=6, seed=7)
    funnels.count(world.pk)
    found = outcome(experiment)
    arms = {letter: [one for one in played if one[0].variant == f"barred/{letter}"] for letter in "ab"}
    assert found["players"] == {letter: len(games) for letter, games in arms.items()} and not found["early"]
    rows = {row["key"]: row for row in found["rows"]}
    for letter, games in arms.items():
        ends = sum(any(t.subject in ("s/won", "s/out") for _, step in steps for t in step.touched) for _, _, steps in games)
        wins = sum(any(t.subject == "edge/s/win" for _, step in steps for t in step.touched) for _, _, steps in games)
        moves = [len(steps) - 1 for _, _, steps in games]
        assert rows["completion"][letter] == numbers.share(ends, len(games))._asdict()  # type: ignore[union-attr]
        assert rows["edge:edge/s/win"][letter] == numbers.share(wins, len(games))._asdict()  # type: ignore[union-attr]
        assert rows["moves"][letter] == numbers.mean(moves)._asdict()  # type: ignore[union-attr]
    assert rows["edge:edge/s/win"]["b"]["value"] == 0 and rows["edge:edge/s/win"]["tells"]
    assert not rows["affinity:mara"]["tells"]


def test_looking_early_is_told_and_counted(world: World) -> None:
    experiment = define(world, world.owner, planned=50)
    experiments.start(experiment=experiment, now=timezone.now())
    for _ in range(4):
        found = experiments.look(experiment)
        experiment.refresh_from_db()
    assert found["early"] and any(note.startswith("Too early to tell: 0 of the 50") for note in found["notes"])
    assert any("Looked at 3 times" in note for note in found["notes"])


def test_only_a_players_first_game_counts(world: World) -> None:
    experiment = running(world, world.owner)
    user = player_of(experiment, "a")
    first = services.start(user=user, world=world).session
    services.move(session=first, action=Continue())
    services.start(user=user, world=world)
    assert GameSession.objects.filter(variant="gentle/a").count() == 2
    found = outcome(experiment)
    assert found["players"] == {"a": 1, "b": 0}
    assert {row["key"]: row["a"] for row in found["rows"]}["moves"] == {"value": 1.0, "low": None, "high": None}


@pytest.mark.parametrize(
    ("hits", "among", "low", "high"),
    # Wilson's bounds as printed by R: prop.test(81, 263, correct = FALSE), prop.test(0, 20, …), prop.test(20, 20, …)
    [(81, 263, 0.2553, 0.3662), (0, 20, 0.0, 0.1611), (20, 20, 0.8389, 1.0)],
)
def test_shares_have_the_bounds_of_the_books(hits: int, among: int, low: float, high: float) -> None:
    found = numbers.share(hits, among)
    assert found is not None and (found.low, found.high) == (pytest.approx(low, abs=1e-4), pytest.approx(high, abs=1e-4))


def test_differences_and_means_have_the_bounds_of_the_books() -> None:
    # Newcombe 1998, table II, method 10: 56/70 − 48/80 is 0.2 with 0.0524 to 0.3339.
    found = numbers.share_difference((48, 80), (56, 70))
    assert found is not None and found == pytest.approx((0.2, 0.0524, 0.3339), abs=1e-4)
    # Student's t, 97.5 %: 2, 4, 9 and 30 degrees of freedom.
    for freedom, wanted in ((2, 4.303), (4, 2.776), (9, 2.262), (30, 2.042)):
        assert numbers.t_quantile(freedom) == pytest.approx(wanted, rel=0.01)
    assert numbers.mean([1.0, 2.0]) == (1.5, None, None) and numbers.mean([]) is None
    welch = numbers.mean_difference([1, 2, 3, 4, 5], [11, 12, 13, 14, 15])
    assert welch is not None and welch == pytest.approx((10, 7.694, 12.306), abs=0.02)
