"""A dialogue node lets its NPC say a line: written once in its room, kept, and said again; never with what another player's game holds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from npcs import writers
from sessions import output, proofs, queries, services, speaking
from sessions.engine import Choose, Continue, Interact
from sessions.events import frames_since
from sessions.models import DialogueTurn, GameSession, MadeLine
from sessions.services import Moved
from tests import documents
from tests.playing import account, published

MARA = "captain_mara"
pytestmark = pytest.mark.django_db


def story(strategy: str, **more: Any) -> dict[str, Any]:
    """The harbor with the walkthrough's Node 5, “Offer to help”, one can go to and back from."""
    document = documents.harbor()
    tavern = next(scene for scene in document["scenes"] if scene["key"] == "tavern_npc_encounter")
    config = {"type": "dialogue", "strategy": strategy, "prompt": "She says what the job is.", **more}
    tavern["nodes"].append(
        {"key": "node5", "kind": "dialogue", "label": "Offer to help", "meta": {"generationConfig": config, "note": "CANARY-NOTE"}}
    )
    gain = {"flags": ["mara_quest_started"], "relationships": {"npc:captain_mara": {"affinity": "+10", "trust": "+15"}}}
    tavern["edges"] += [
        {"key": "help", "from": "node2", "to": "node5", "label": "Offer to help", "effects": gain},
        {"key": "back", "from": "node5", "to": "node2", "label": "Back"},
    ]
    return document


class Heard:
    """A writer that counts, and says each line differently."""

    def __init__(self) -> None:
        self.requests: list[writers.WriterRequest] = []

    def __call__(self, request: writers.WriterRequest, **_: Any) -> writers.Written:
        self.requests.append(request)
        return writers.Written(text=f"Line {len(self.requests)}.", writer="test", emotion="happy")


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Iterator[Heard]:
    heard = Heard()
    monkeypatch.setattr(writers, "write", heard)
    monkeypatch.setattr(writers, "takes_time", lambda request: True)
    yield heard


def player(name: str) -> Any:
    from pixsim.models import User

    return User.objects.filter(username=name).first() or account(name)


def tavern(world: Any, name: str = "player") -> GameSession:
    moved = services.start(user=player(name), world=world)
    session = services.move(session=moved.session, action=Choose(edge="edge2b")).session
    return services.move(session=session, action=Continue()).session


def go(session: GameSession, edge: str) -> Moved:
    return speaking.told(services.move(session=queries.fresh(session.pk), action=Choose(edge=edge)))


def shown(session: GameSession) -> Any:
    return output.session_json(queries.fresh(session.pk))["view"]["node"]["line"]


def test_node_five_of_the_walkthrough_says_its_line_and_says_it_again(heard: Heard) -> None:
    world = published(story("per_playthrough"), owner=account("author", author=True))
    session = tavern(world)
    moved = go(session, "help")
    assert "mara_quest_started" in moved.state.flags
    assert (moved.state.rel[MARA]["affinity"], moved.state.rel[MARA]["trust"]) == (40, 35)
    line = shown(session)
    assert "A machine writes the words" in line.pop("disclosure")
    assert line == {
        "npc_id": session.release.ids["npcs"][MARA], "key": MARA, "speaker": "Captain Mara", "text": "Line 1.", "emotion": "happy", "writer": "test", "waiting": False,
    }  # fmt: skip
    go(session, "back")
    assert shown(session) is None
    go(session, "help")
    assert shown(session)["text"] == "Line 1."
    twin = services.fork(session=queries.fresh(session.pk), user=session.user)
    assert shown(twin)["text"] == "Line 1.", "a fork has the same past"
    other = tavern(world)
    go(other, "help")
    assert shown(other)["text"] == "Line 2."
    (request, _) = heard.requests
    assert (request.purpose, request.label, request.prompt_template) == ("node", "Offer to help", "She says what the job is.")
    assert "CANARY" not in repr(request)
    assert proofs.verify(queries.fresh(session.pk)) == []


@pytest.mark.parametrize(
    ("strategy", "again", "same_player", "another"),
    [("once", "Line 1.", "Line 1.", "Line 1."), ("per_player", "Line 1.", "Line 1.", "Line 2."), ("per_playthrough", "Line 1.", "Line 2.", "Line 3."),
     ("always", "Line 2.", "Line 3.", "Line 4.")],
)  # fmt: skip
def test_a_line_is_written_once_in_its_room(heard: Heard, strategy: str, again: str, same_player: str, another: str) -> None:
    world = published(story(strategy), owner=account("author", author=True))
    first = tavern(world)
    go(first, "help")
    assert shown(first)["text"] == "Line 1."
    go(first, "back")
    go(first, "help")
    assert shown(first)["text"] == again
    second = tavern(world)
    go(second, "help")
    assert shown(second)["text"] == same_player
    third = tavern(world, "another")
    go(third, "help")
    assert shown(third)["text"] == another


def test_what_all_players_read_comes_from_no_one_s_game(heard: Heard) -> None:
    world = published(story("once"), owner=account("author", author=True))
    session = tavern(world)
    session = services.move(session=session, action=Interact(npc=MARA, interaction="talk", choice="coin")).session
    go(session, "help")
    (request,) = heard.requests
    assert request.snapshot["relationship"]["affinity"] == 30, "as she meets everybody"
    assert request.snapshot["memory"] == []
    assert (request.conversation, request.rating) == ((), "sfw")


def test_going_there_tells_the_sockets_once(heard: Heard) -> None:
    world = published(story("per_player"), owner=account("author", author=True))
    session = tavern(world)
    before = session.seq
    moved = go(session, "help")
    frames = [frame for row in frames_since(queries.fresh(session.pk), before) for frame in row]
    told = [frame for frame in frames if frame["type"] == "dialogue_line"]
    assert [(frame["text"], frame["writer"], frame["last"]) for frame in told] == [("Line 1.", "test", True)]
    assert moved.session.seq == queries.fresh(session.pk).seq
    again = tavern(world)
    before = again.seq
    go(again, "help")
    assert "dialogue_line" not in [frame["type"] for row in frames_since(queries.fresh(again.pk), before) for frame in row]


def test_the_line_is_kept_with_what_it_came_from(heard: Heard) -> None:
    session = tavern(published(story("per_playthrough"), owner=account("author", author=True)))
    go(session, "help")
    assert (kept := DialogueTurn.objects.get(session=session)).purpose == "node"
    assert (kept.text, kept.npc_key, kept.outcome) == ("Line 1.", MARA, "applied")


def test_a_line_nobody_finished_is_asked_for_again(heard: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    session = tavern(published(story("per_playthrough"), owner=account("author", author=True)))
    go(session, "help")
    MadeLine.objects.update(text="", due_at=timezone.now())
    DialogueTurn.objects.all().delete()
    asked: list[Any] = []
    monkeypatch.setattr("sessions.clips.send", lambda *args: asked.append(args))
    assert shown(session)["waiting"] is True
    assert shown(session)["waiting"] is True
    assert asked == [("sessions.tasks.speak", session.pk, "tavern_npc_encounter/node5")], "once, not with every look"
    assert speaking.speak(session.pk, "tavern_npc_encounter/node5") is True
    assert shown(session)["text"] == "Line 2."
    assert speaking.speak(session.pk, "tavern_npc_encounter/node5") is False


def test_while_one_writes_nobody_else_does(heard: Heard) -> None:
    world = published(story("per_player"), owner=account("author", author=True))
    first, second = tavern(world), tavern(world)
    go(first, "help")
    MadeLine.objects.update(text="", due_at=timezone.now() + timezone.timedelta(seconds=20))
    go(second, "help")
    assert len(heard.requests) == 1
    assert shown(second)["waiting"] is True


def test_without_the_feature_nothing_is_written(heard: Heard) -> None:
    document = story("per_playthrough")
    document["world"]["meta"]["manifest"]["enabled_features"] = ["romance"]
    session = tavern(published(document, owner=account("author", author=True)))
    go(session, "help")
    assert shown(session) is None
    assert heard.requests == []


def test_the_page_shows_the_line_with_its_writer(client: Any) -> None:
    session = tavern(published(story("per_playthrough"), owner=account("author", author=True)))
    go(session, "help")
    client.force_login(session.user)
    page = client.get(f"/play/{session.pk}/").content.decode()
    line = MadeLine.objects.get()
    assert line.writer == "scripted"
    assert line.text
    assert "Scripted writer" in page


def test_rest_starts_a_game_with_its_first_line(heard: Heard) -> None:
    document = story("per_player")
    scene = next(scene for scene in document["scenes"] if scene["key"] == "tavern_npc_encounter")
    for one in document["scenes"]:
        one["is_entry"] = one is scene
    scene["entry_node"] = "node5"
    world = published(document, owner=account("author", author=True))
    client = APIClient()
    client.force_authenticate(account("player"))
    made = client.post("/api/v1/game-sessions/", {"world_id": world.pk}, format="json").json()
    assert made["view"]["node"]["line"]["text"] == "Line 1."
