"""Reports about a draft: ordered by an author, made by a worker, kept by the hash of the draft, and shown among the problems."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client as DjangoClient
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from pixsim.models import User
from scenes.bundle import save_document
from scenes.models import SceneEdge
from sessions import proofs, services, story_reports, storytest_services
from sessions.analysis.walks import crowd, walk
from sessions.coverage import coverage
from sessions.engine import Choose
from sessions.models import GameSession, StoryReport
from sessions.spec import WorldSpec
from tests.api.conftest import client_of
from tests.documents import document, edge, node, npc, place, scene
from tests.playing import account, published
from tests.random_worlds import random_document
from worlds.models import World
from worlds.services import authored

pytestmark = pytest.mark.django_db


def story() -> dict[str, Any]:
    """Three ways: one is open, one asks for a flag that nothing sets, one is a trap."""
    nodes = [
        node("start"),
        node("hall", "choice"),
        node("won", "end", meta={"endConfig": {"outcome": "won"}}),
        node("vault", "end"),
        node("pit", "choice"),
    ]
    edges = [
        edge("on", "start", "hall"),
        edge("win", "hall", "won", "Win"),
        edge("steal", "hall", "vault", "Steal", conditions={"flags": ["has_key"]}),
        edge("fall", "hall", "pit", "Fall"),
        edge("stay", "pit", "pit", "Stay"),
    ]
    return document(
        manifest={"wait": "never", "interactions": {"talk": {"label": "Talk", "gating": {"min_affinity": 40}}}},
        locations=[place("harbor")],
        scenes=[scene("s", nodes, edges, is_entry=True, location="harbor")],
        npcs=[npc("mara", home="harbor", initial={"relationships": {"affinity": 30}})],
    )


@pytest.fixture
def owner() -> User:
    return account("ada", author=True)


@pytest.fixture
def world(owner: User) -> World:
    return published(story(), owner=owner)


def analysed(world: World, owner: User) -> StoryReport:
    report = story_reports.order_analysis(world=world, actor=owner)
    assert story_reports.make(report.pk, now=timezone.now())
    report.refresh_from_db()
    return report


def answers(report: StoryReport) -> dict[tuple[str, str], dict[str, Any]]:
    return {(each["kind"], each["path"]): each for each in report.result["answers"]}


def test_an_author_asks_and_gets_an_answer_for_everything(world: World, owner: User) -> None:
    client = client_of(owner)
    first = client.get(f"/api/v1/game-worlds/{world.pk}/analysis").json()
    assert (first["status"], first["result"]) == ("waiting", {})
    analysed(world, owner)
    done = client.get(f"/api/v1/game-worlds/{world.pk}/analysis").json()
    assert done["status"] == "done"
    assert done["result"]["complete"]
    assert done["result"]["counts"]["node"] == {"reachable": 4, "impossible": 1, "unknown": 0}
    found = {each["path"]: each for each in done["result"]["answers"]}
    assert found["s/vault"]["status"] == "impossible"
    assert found["edge/s/steal"]["conflicts"][0]["words"] == "the flag “has_key” is never set where it is needed"
    assert "no more than 30 is possible" in found["mara/talk"]["conflicts"][0]["words"]
    assert [(trap["kind"], trap["node"]) for trap in done["result"]["traps"]] == [("soft_lock", "s/pit")]


def test_a_way_is_played_in_one_click(world: World, owner: User) -> None:
    report = analysed(world, owner)
    way = answers(report)["node", "s/pit"]["way"]
    answer = client_of(owner).post(f"/api/v1/game-worlds/{world.pk}/analysis/play", {"way": way}, format="json")
    assert answer.status_code == 201, answer.content
    assert answer.json()["current_node_id"] == "pit"
    session = GameSession.objects.get(pk=answer.json()["id"])
    assert session.on_draft
    assert proofs.verify(session) == []
    missing = client_of(owner).post(f"/api/v1/game-worlds/{world.pk}/analysis/play", {"way": 10_000}, format="json")
    assert missing.status_code == 404


def test_problems_tell_what_the_analysis_of_this_very_draft_found(world: World, owner: User) -> None:
    def codes() -> set[str]:
        return {each["code"] for each in client_of(owner).get(f"/api/v1/game-worlds/{world.pk}/problems").json()["problems"]}

    assert not codes() & {"never_open", "soft_lock"}
    analysed(world, owner)
    assert codes() >= {"never_open", "soft_lock"}
    with authored(world, owner):
        SceneEdge.objects.filter(scene__world=world, key="steal").update(label="Take")
    assert not codes() & {"never_open", "soft_lock"}, "another draft is another question"


def test_a_report_is_made_once_and_again_only_when_its_worker_was_lost(world: World, owner: User) -> None:
    report = story_reports.order_players(world=world, actor=owner, players=5, moves=20, seed=1)
    assert story_reports.order_players(world=world, actor=owner, players=5, moves=20, seed=1).pk == report.pk
    now = timezone.now()
    StoryReport.objects.filter(pk=report.pk).update(status="running", claimed_at=now)
    assert not story_reports.make(report.pk, now=now + timedelta(minutes=1))
    assert story_reports.due(now + timedelta(minutes=1)) == []
    later = now + story_reports.LEASE + timedelta(minutes=1)
    assert story_reports.due(later) == [report.pk]
    assert story_reports.make(report.pk, now=later)
    report.refresh_from_db()
    assert report.status == "done"
    assert report.result["players"] == 5


def test_coverage_counts_what_sessions_visited(world: World, owner: User) -> None:
    for name, choices in (("bea", ["win"]), ("cid", ["fall"])):
        session = services.start(user=account(name), world=world).session
        for choice in choices:
            session = services.move(session=session, action=Choose(edge=choice)).session
    found = coverage(world.scenes.get())
    assert found["sessions"] == 2
    assert found["nodes"]["start"] == {"sessions": 2, "visits": 2, "tests": 0}
    assert found["nodes"]["pit"] == {"sessions": 1, "visits": 1, "tests": 0}
    assert found["edges"]["fall"] == {"sessions": 1, "visits": 1, "tests": 0}
    assert found["edges"]["steal"] == {"sessions": 0, "visits": 0, "tests": 0}
    shown = client_of(owner).get(f"/api/v1/game-scenes/{world.scenes.get().pk}/coverage").json()
    assert shown == found


def test_coverage_counts_what_story_tests_come_by_on_the_draft_as_it_is(world: World, owner: User) -> None:
    actions = [{"type": "choose", "edge_id": "win"}]
    storytest_services.create(world=world, actor=owner, data={"name": "Wins", "actions": actions, "start": {"scene": "s", "node": "hall"}})
    storytest_services.create(world=world, actor=owner, data={"name": "Stands there", "start": {"scene": "s", "node": "hall"}})
    found = coverage(world.scenes.get())
    assert {key: found["nodes"][key]["tests"] for key in ("start", "hall", "won", "pit")} == {"start": 0, "hall": 2, "won": 1, "pit": 0}
    assert {key: found["edges"][key]["tests"] for key in ("win", "fall")} == {"win": 1, "fall": 0}
    assert found["sessions"] == 0
    SceneEdge.objects.filter(scene__world=world, key="win").delete()
    with authored(world, owner, world):
        pass
    assert coverage(world.scenes.get())["nodes"]["won"]["tests"] == 0, "where it can no longer get, it does not count"


def test_before_publishing_the_page_says_what_the_analysis_of_this_very_draft_knows(world: World, owner: User, client: DjangoClient) -> None:
    client.force_login(owner)
    page = f"/author/worlds/{world.pk}/publish/"
    assert "has not been analysed" in client.get(page).content.decode()
    report = story_reports.order_analysis(world=world, actor=owner)
    assert "is being made" in client.get(page).content.decode()
    assert story_reports.make(report.pk, now=timezone.now())
    told = client.get(page).content.decode()
    assert "this very draft" in told
    assert "has_key" in told
    assert "although references are broken" not in told, "what is never reached keeps nobody from publishing"
    with authored(world, owner, world):
        world.meta["theme"] = "Salt"
        world.save(update_fields=["meta"])
    assert "has not been analysed" in client.get(page).content.decode()


def test_the_command_says_what_is_wrong_and_by_its_exit_code(owner: User, capsys: pytest.CaptureFixture[str]) -> None:
    world = save_document(story(), owner=owner)
    with pytest.raises(SystemExit) as left:
        call_command("analyse_world", world.pk)
    assert left.value.code == 1
    told = capsys.readouterr().out
    assert "Every state was seen" in told
    assert "has_key" in told
    call_command("random_players", world.pk, players=20, moves=20)
    assert "20 players" in capsys.readouterr().out


def test_a_sound_world_leaves_the_command_content(owner: User, capsys: pytest.CaptureFixture[str]) -> None:
    good = document(scenes=[scene("s", [node("a"), node("b", "end")], [edge("on", "a", "b")], is_entry=True)])
    call_command("analyse_world", save_document(good, owner=owner).pk)
    assert "0 impossible" in capsys.readouterr().out


def test_an_author_reads_the_report_and_plays_to_a_trap_by_forms_alone(world: World, owner: User) -> None:
    browser = DjangoClient()
    browser.force_login(owner)
    page = f"/author/worlds/{world.pk}/analysis/"
    assert "Analyse this draft" in browser.get(page).content.decode()
    assert browser.post(page, {"analyse": "1"}).status_code == 302
    assert "being made" in browser.get(page).content.decode()
    report = analysed(world, owner)
    told = browser.get(page).content.decode()
    assert "never set where it is needed" in told
    assert "no ending can be reached" in told
    played = browser.post(page, {"way": report.result["traps"][0]["way"]})
    assert played["Location"].startswith("/play/")
    assert browser.post(page, {"way": "x"}, follow=True).status_code == 200
    assert browser.post(page, {"players": "0"}, follow=True).status_code == 200
    browser.post(page, {"players": "20", "moves": "10", "seed": "1"})
    players = StoryReport.objects.get(kind="players")
    story_reports.make(players.pk, now=timezone.now())
    assert f"/players/{players.pk}.svg" in browser.get(page).content.decode()
    plot = browser.get(f"{page}players/{players.pk}.svg")
    assert plot["Content-Type"] == "image/svg+xml"
    assert b"style" not in plot.content
    stranger = DjangoClient()
    stranger.force_login(account("eve", author=True))
    assert stranger.get(page).status_code == 404
    assert stranger.get(f"{page}players/{players.pk}.svg").status_code == 404


@given(seed=st.integers(0, 2**32))
@settings(max_examples=15, deadline=None)
def test_a_walk_is_the_same_with_the_same_dice_and_every_move_of_it_was_open(seed: int) -> None:
    spec = WorldSpec(random_document(random.Random(seed)))
    first, second = (walk(spec, random.Random(seed), moves=15) for _ in range(2))
    assert first == second
    found = crowd(spec, [random.Random(seed + number) for number in range(4)], moves=10)
    assert found.players in (0, 4)
    assert sum(found.endings.values()) == found.players
