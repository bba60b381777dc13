"""A model thinks: one line at a time for each game, nobody else waits, no database connection is held, and what comes late changes nothing."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import requests
from django.db import connections
from django.utils import timezone

from npcs.writers import Written
from sessions import dialogue, proofs, queries, services, thinking
from sessions.engine import Choose, Continue, Interact
from sessions.models import DialogueTurn, GameSession
from sessions.tasks import finish_overdue_turns
from tests import documents
from tests.playing import PASSWORD, Client, account, published
from worlds.models import World

from .slow import Slow, slow_writer, until

MARA = "captain_mara"


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[Slow]:
    with slow_writer(monkeypatch) as made:
        yield made


@pytest.fixture
def world(transactional_db: None) -> World:
    account("player")
    return published(documents.harbor(), owner=account("author", author=True))


def at_the_bar(world: World, name: str = "player") -> GameSession:
    """A game at the dialogue node with Mara."""
    from pixsim.models import User

    moved = services.start(user=User.objects.get(username=name), world=world)
    session = services.move(session=moved.session, action=Choose(edge="edge2b")).session
    return services.move(session=session, action=Continue()).session


def talking(session: GameSession) -> services.Moved:
    return services.move(session=session, action=Interact(npc=MARA, interaction="talk"))


class Page:
    """The game page as a browser without script uses it."""

    def __init__(self, site: str, session: GameSession, name: str = "player") -> None:
        self.http = requests.Session()
        self.http.trust_env = False
        self.url = f"{site}/play/{session.pk}/"
        login = self.http.get(f"{site}/login/", timeout=20)
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', login.text)
        assert token
        self.http.post(
            f"{site}/login/", {"username": name, "password": PASSWORD, "csrfmiddlewaretoken": token[1]}, headers={"Referer": login.url}, timeout=20
        )

    def get(self) -> str:
        return self.http.get(self.url, timeout=20).text

    def move(self, **fields: str) -> str:
        token = self.http.cookies["csrftoken"]
        answer = self.http.post(f"{self.url}move/", {**fields, "csrfmiddlewaretoken": token}, headers={"Referer": self.url}, timeout=20)
        assert answer.status_code == 200, answer.text[:500]
        return answer.text


def test_the_page_answers_at_once_and_the_line_comes_meanwhile(live_asgi: str, world: World, slow: Slow) -> None:
    session = at_the_bar(world)
    page = Page(live_asgi, session)
    shown = page.move(type="interact", npc=MARA, interaction="talk")
    assert "is thinking" in shown
    assert '<meta http-equiv="refresh"' in shown, "without script the page looks again by itself"
    until(lambda: slow.asked(1))
    slow.go.set()
    until(lambda: "Slowly: Talk" in page.get())
    assert '<meta http-equiv="refresh"' not in page.get()


def test_rest_waits_for_the_line_as_the_walkthrough_prints_it(live_asgi: str, world: World, slow: Slow) -> None:
    session = at_the_bar(world)
    slow.go.set()
    client = Client(live_asgi, "player")
    npc = session.release.ids["npcs"][MARA]
    done = client.post("/npc-interactions/execute", {"session_id": session.pk, "npc_id": npc, "interaction_id": "talk"})
    assert done["dialogue"]["text"] == "Slowly: Talk"
    assert done["dialogue"]["writer"] == "slow"


def test_fifty_models_think_and_a_choice_in_another_game_is_answered_at_once(live_asgi: str, world: World, slow: Slow) -> None:
    games = [at_the_bar(world) for _ in range(50)]
    client = Client(live_asgi, "player")
    npc = games[0].release.ids["npcs"][MARA]
    token = client.http.headers["Authorization"]

    def talk(session: GameSession) -> int:
        body = {"session_id": session.pk, "npc_id": npc, "interaction_id": "talk"}
        url = f"{live_asgi}/api/v1/npc-interactions/execute"
        return requests.post(url, json=body, headers={"Authorization": str(token)}, timeout=60).status_code

    with ThreadPoolExecutor(50) as players:
        answers = [players.submit(talk, game) for game in games]
        until(lambda: slow.asked(50))
        assert slow.held == [], "no thread keeps a database connection while its model thinks"
        other = client.post("/game-sessions/", {"world_id": world.pk})
        moved = client.post(f"/game-sessions/{other['id']}/choose", {"edge_id": "edge2b"})
        assert moved["flags"] == ["visited_tavern"]
        assert not any(answer.done() for answer in answers), "all fifty still think"
        slow.go.set()
        assert {answer.result() for answer in answers} == {200}
    assert DialogueTurn.objects.filter(outcome="applied").count() == 50


def test_fifty_pages_think_in_threads_that_hold_no_connection(world: World, slow: Slow) -> None:
    games = [talking(at_the_bar(world)) for _ in range(50)]
    for moved in games:
        dialogue.answer(moved, patient=False)
    until(lambda: slow.asked(50))
    assert slow.held == []
    slow.go.set()
    until(lambda: not GameSession.objects.exclude(turn_due_at=None).exists())


def test_a_line_that_comes_after_another_move_is_costed_and_never_applied(world: World, slow: Slow) -> None:
    session = at_the_bar(world)
    moved = talking(session)
    slow.answer = lambda request: Written(text="Late.", writer="slow", proposed={"relationships": {"affinity": 5}})
    dialogue.answer(moved, patient=False)
    until(lambda: slow.asked(1))
    left = services.move(session=queries.fresh(session.pk), action=Choose(edge="leave")).session
    slow.go.set()
    until(lambda: DialogueTurn.objects.filter(session=session).exists())
    kept = DialogueTurn.objects.get(session=session)
    assert (kept.outcome, kept.text, kept.version) == ("late", "Late.", None)
    assert queries.fresh(session.pk).version == left.version


@pytest.mark.parametrize("how", ["undo", "load"])
def test_going_back_ends_the_turn_too(world: World, slow: Slow, how: str) -> None:
    session = at_the_bar(world)
    saved = services.save(session=session)
    dialogue.answer(talking(session), patient=False)
    until(lambda: slow.asked(1))
    now = queries.fresh(session.pk)
    services.undo(session=now) if how == "undo" else services.load_save(session=now, number=saved.number)
    slow.go.set()
    until(lambda: DialogueTurn.objects.filter(session=session, outcome="late").exists())
    assert queries.state_of(queries.fresh(session.pk)).turn is None


def test_one_line_at_a_time_is_thought_of_for_a_game(world: World, slow: Slow) -> None:
    session = at_the_bar(world)
    dialogue.answer(talking(session), patient=False)
    until(lambda: slow.asked(1))
    again = dialogue.answer(talking(queries.fresh(session.pk)))
    assert again.state.turn is not None
    assert not again.state.turn.waiting, "the second is answered at once"
    assert again.state.talk[MARA].lines[-1].writer == "scripted"
    assert DialogueTurn.objects.get(session=session, turn=again.state.turn.id).fallback == "An earlier line of this game is still being written."
    assert len(slow.seen) == 1


def test_the_sweeper_finishes_what_nobody_answered_with_the_writer_of_this_machine(world: World, slow: Slow) -> None:
    moved = talking(at_the_bar(world))
    GameSession.objects.filter(pk=moved.session.pk).update(turn_due_at=timezone.now() - timedelta(seconds=1))
    assert finish_overdue_turns() == 1
    state = queries.state_of(queries.fresh(moved.session.pk))
    assert state.talk[MARA].lines[-1].writer == "scripted"
    assert DialogueTurn.objects.get(session=moved.session).fallback == "The writer did not answer in time."
    assert slow.seen == []
    assert proofs.verify(queries.fresh(moved.session.pk)) == []


def test_a_model_s_answer_plays_again_out_of_the_log(world: World, slow: Slow) -> None:
    session = at_the_bar(world)
    choices = ({"label": "More, please.", "tone": "eager", "effects": {"relationships": {"affinity": 40}}},)
    wishes = {"relationships": {"affinity": 99, "charm": 3}, "flags": ["visited_tavern", "made_up"]}
    slow.answer = lambda request: Written(text="Aye.", writer="slow", proposed=wishes, choices=choices, memory={"topic": "t", "summary": "s"})
    slow.go.set()
    done = dialogue.answer(talking(session))
    assert done.state.rel[MARA]["affinity"] == 35
    kept = DialogueTurn.objects.get(session=session)
    assert kept.proposal["effects"] == wishes
    assert [(cut["path"], cut["why"]) for cut in kept.result["clamped"]] == [
        ("relationships.affinity", "per_turn"), ("relationships.charm", "unknown"), ("flags.visited_tavern", "not_declared"),
        ("flags.made_up", "not_declared"), ("choices.1.relationships.affinity", "per_turn"),
    ]  # fmt: skip
    assert [change["label"] for change in kept.result["changes"] if change["label"]] == ["+5 Affinity", "Captain Mara will remember this"]
    assert kept.result["offered"][0]["effects"] == {"relationships": {"affinity": 5}}
    assert proofs.verify(queries.fresh(session.pk)) == []


def test_a_thread_that_breaks_leaves_its_turn_to_the_sweeper(world: World, monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
    moved = talking(at_the_bar(world))
    thinking.later(lambda: 1 / 0).result()
    assert "could not be written" in caplog.text
    assert queries.state_of(queries.fresh(moved.session.pk)).turn is not None


def test_threads_close_what_they_opened(world: World) -> None:
    opened: list[Any] = []

    def look() -> None:
        assert GameSession.objects.count() == 0
        opened.append((threading.current_thread().name, connections["default"].connection))

    thinking.later(look).result()
    assert opened[0][1] is not None
    assert opened[0][0].startswith("thinking")
