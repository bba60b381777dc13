"""Publishing under running games: what would change is told before, what is chosen is recorded, and everybody goes on."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from pixsim.lib.errors import StaleSession
from sessions import proofs, queries, services
from sessions.engine import Choose, Continue, Interact, NodeRef, PlayState, reconcile
from sessions.models import GameSession
from sessions.publishing import publish as do_publish
from sessions.spec import compile_world
from tests.api.conftest import client_of
from tests.documents import harbor
from tests.playing import account, harbor_district
from worlds.models import World
from worlds.services import authored


@pytest.fixture
def world(db: Any) -> World:
    return harbor_district(owner=account("author", author=True))


@pytest.fixture
def api(world: World) -> APIClient:
    return client_of(world.owner)


def at_the_docks(world: World, name: str = "player") -> GameSession:
    """A game that stands at Dock Exploration."""
    moved = services.start(user=account(name), world=world)
    return services.move(session=moved.session, action=Choose(edge="edge2c")).session


def without_the_docks(world: World) -> None:
    scene = world.scenes.get(key="harbor_intro")
    with authored(world, world.owner, scene):
        scene.nodes.get(key="node4").delete()


def preview(api: APIClient, world: World) -> dict[str, Any]:
    answer = api.get(f"/api/v1/game-worlds/{world.pk}/publish/preview")
    assert answer.status_code == 200, answer.content[:2000]
    return dict(answer.json())


def publish(api: APIClient, world: World, status: int = 200, **body: Any) -> Any:
    answer = api.post(f"/api/v1/game-worlds/{world.pk}/publish", {"force": True, **body}, format="json")
    assert answer.status_code == status, answer.content[:2000]
    return answer.json()


def test_a_node_that_is_gone_is_told_with_counts_and_where_they_would_go_on(world, api):
    session = at_the_docks(world)
    services.save(session=session, name="At the docks")
    at_the_docks(world, "second")
    without_the_docks(world)
    found = preview(api, world)
    assert (found["sessions"], found["saves"]) == (2, found["saves"])
    node = next(one for one in found["affected"] if one["kind"] == "node")
    assert (node["key"], node["title"]) == ("harbor_intro/node4", "Dock Exploration (Harbor Intro)") or node["title"].startswith("Dock Exploration")
    assert (node["sessions"], node["saves"] >= 1) == (2, True)
    assert "go on at" in node["becomes"]
    assert node["candidates"][0]["key"].startswith("harbor_intro/")


def test_nobody_is_affected_where_nothing_changed(world, api):
    at_the_docks(world)
    found = preview(api, world)
    assert (found["affected"], found["changed"]) == ([], [])
    assert found["story_tests"]["red"] == 0


def test_a_mapping_takes_a_running_game_to_the_chosen_node_and_is_recorded_with_the_release(world, api):
    session = at_the_docks(world)
    without_the_docks(world)
    done = publish(api, world, renamed={"harbor_intro/node4": "market/node1"})
    assert done["renamed"]["harbor_intro/node4"] == "market/node1"
    world.refresh_from_db()
    assert world.published is not None and world.published.document["renamed"]["harbor_intro/node4"] == "market/node1"
    after = services.current(GameSession.objects.select_related("world", "release").get(pk=session.pk))
    assert after.state["at"] == {"scene": "market", "node": "node1"}
    assert "nearest place" in after.notice
    assert proofs.verify(after) == []


@pytest.mark.parametrize(
    "renamed, pointer",
    [
        ({"harbor_intro/node4": "market/nowhere"}, "/renamed/harbor_intro~1node4"),
        ({"harbor_intro/node1": "market/node1"}, "/renamed/harbor_intro~1node1"),
    ],
)
def test_a_mapping_that_leads_nowhere_or_from_what_is_there_is_refused(world, api, renamed, pointer):
    without_the_docks(world)
    before = World.objects.get(pk=world.pk).published_id
    assert publish(api, world, 400, renamed=renamed)["errors"][0]["pointer"] == pointer
    assert World.objects.get(pk=world.pk).published_id == before


def test_a_choice_that_closes_is_told_with_its_reason(world, api):
    services.start(user=account("player"), world=world)
    edge = world.scenes.get(key="harbor_intro").edges.get(key="edge2b")
    changed = api.patch(f"/api/v1/game-scenes/{edge.scene_id}/edges/edge2b", {"conditions": {"flags": ["jorin_in"]}}, format="json")
    assert changed.status_code == 200
    session = services.move(session=GameSession.objects.get(), action=Continue()).session
    assert session.state["at"]["node"] == "node2"
    gate = next(one for one in preview(api, world)["affected"] if one["kind"] == "gate")
    assert (gate["key"], gate["title"], gate["sessions"]) == ("edge/harbor_intro/edge2b", "Head to the Tavern", 1)
    assert gate["becomes"].startswith("Locked: ")


def test_red_tests_warn_before_and_after_publishing(world, api):
    edge = world.scenes.get(key="market").edges.get(key="catch")
    api.patch(f"/api/v1/game-scenes/{edge.scene_id}/edges/catch", {"effects": None}, format="json")
    told = preview(api, world)["story_tests"]
    assert (told["red"], told["results"][0]["key"]) == (1, "ren_caught_in_the_market")
    warned = publish(api, world)["warnings"]
    assert warned == ["1 of 7 story tests is red. “Who catches Ren and lets go has a friend”: “Ren Caught” is not set."] or "is red" in warned[0]


def test_all_of_a_hundred_players_go_on_over_a_node_that_was_deleted_under_them(world, api, client):
    """None sees an error page: each looks at the game page, and makes his next move."""
    first = at_the_docks(world)
    others = [services.fork(session=first, user=account(f"player{number}")) for number in range(99)]
    without_the_docks(world)
    assert next(one for one in preview(api, world)["affected"] if one["kind"] == "node")["sessions"] == 100
    publish(api, world)
    for session in [first, *others]:
        client.force_login(session.user)
        page = client.get(f"/play/{session.pk}/")
        assert page.status_code == 200
        assert "the nearest place that is still there" in page.content.decode()
        version = GameSession.objects.get(pk=session.pk).version
        moved = client.post(f"/play/{session.pk}/move/", {"type": "choose", "edge": "edge2b", "version": version}, follow=True)
        assert moved.status_code == 200
    landed = {(s["at"]["scene"], s["at"]["node"]) for s in GameSession.objects.values_list("state", flat=True)}
    assert landed == {("tavern_npc_encounter", "node1")}


# -- reconcile, with names that changed -------------------------------------------------------------------------------


def renamed_world(**renamed: str) -> Any:
    document = harbor()
    return compile_world({**document, "renamed": {key.replace("__", "/"): value.replace("__", "/") for key, value in renamed.items()}})


def test_a_flag_that_is_still_there_is_never_followed():
    spec = compile_world(harbor())
    flag = sorted(spec.flag_names)[0]
    again = renamed_world(**{flag: "elsewhere"})
    assert reconcile(again, PlayState(flags=frozenset([flag])), ()).state.flags == {flag}
    assert reconcile(renamed_world(gone="elsewhere"), PlayState(flags=frozenset(["gone"])), ()).state.flags == {"elsewhere"}


def test_a_node_may_go_on_in_another_scene():
    spec = compile_world(harbor())
    scene = spec.scene_keys[-1]
    node = next(node for node in spec.scene(scene).nodes.values() if node.kind in ("video", "dialogue", "choice"))
    world = renamed_world(old__node9=node.path.replace("/", "__"))
    assert reconcile(world, PlayState(at=NodeRef("old", "node9")), ()).state.at == node.ref


def test_what_was_carried_under_an_old_name_is_added_to_the_new_one():
    document = harbor()
    document["world"]["meta"]["manifest"].setdefault("items", {})["line"] = {"title": "Line"}
    spec = compile_world({**document, "renamed": {"cord": "line"}})
    assert reconcile(spec, PlayState(inventory={"cord": 2, "line": 1}), ()).state.inventory == {"line": 3}


def test_who_two_people_became_keeps_what_was_felt_under_the_name_that_stayed():
    document = harbor()
    npc = document["npcs"][0]["key"]
    spec = compile_world({**document, "renamed": {"zed": npc, "abe": npc}})
    rel = {"zed": {"affinity": 7}, npc: {"affinity": 41}, "abe": {"affinity": 3}}
    assert reconcile(spec, PlayState(rel=rel), ()).state.rel == {npc: {"affinity": 41}}
    assert reconcile(spec, PlayState(rel={"zed": {"affinity": 7}}), ()).state.rel == {npc: {"affinity": 7}}


def test_a_talk_is_no_reason_to_lose_a_game(world, api):
    moved = services.start(user=account("player"), world=world)
    session = services.move(session=moved.session, action=Choose(edge="edge2b")).session
    session = services.move(session=session, action=Continue()).session
    services.move(session=session, action=Interact(npc="captain_mara", interaction="talk"))
    npc = world.npcs.get(key="captain_mara")
    assert api.delete(f"/api/v1/game-npcs/{npc.pk}").status_code == 204
    person = next(one for one in preview(api, world)["affected"] if one["kind"] == "person" and one["key"] == "captain_mara")
    assert person["sessions"] == 1
    publish(api, world, renamed={"captain_mara": "ren"})
    after = services.current(GameSession.objects.select_related("world", "release").get(pk=session.pk))
    assert "captain_mara" not in after.state.get("rel", {})
    assert "ren" in after.state["talk"]


def test_a_move_made_on_a_page_that_was_open_while_the_world_changed_counts(world, client):
    session = at_the_docks(world)
    assert session.version == 1
    with authored(world, world.owner, world):
        world.meta["theme"] = "Salt"
        world.save(update_fields=["meta"])
    do_publish(world=World.objects.get(pk=world.pk), actor=world.owner, force=True)
    client.force_login(session.user)
    moved = client.post(f"/play/{session.pk}/move/", {"type": "continue", "version": "1"}, headers={"X-Part": "1"})
    assert moved.status_code == 200
    now = queries.fresh(session.pk)
    assert [row.action["type"] for row in now.events.order_by("seq")] == ["started", "choose", "reconciled", "continue"]
    assert proofs.verify(now) == []
    # Of two pages that were open, the second one's move is too late all the same.
    late = client.post(f"/play/{session.pk}/move/", {"type": "choose", "edge": "edge2b", "version": "1"}, headers={"X-Part": "1"})
    assert late.status_code == 409
    assert "moved on in another window" in late.content.decode()


def test_a_move_made_where_the_story_is_no_longer_is_refused_and_told_why(world, client):
    session = at_the_docks(world)
    without_the_docks(world)
    do_publish(world=World.objects.get(pk=world.pk), actor=world.owner, force=True)
    client.force_login(session.user)
    moved = client.post(f"/play/{session.pk}/move/", {"type": "continue", "version": "1"}, headers={"X-Part": "1"})
    assert moved.status_code == 409
    assert "nearest place that is still there" in moved.content.decode()
    assert queries.fresh(session.pk).version == 2
    with pytest.raises(StaleSession):
        services.move(session=queries.fresh(session.pk), action=Continue(), version=1)
