"""Problems lead to where they are mended, and what can be mended by one click is an authored change that the history takes back."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from django.test import Client

from generation.models import Asset
from scenes import checks, problems
from scenes.bundle import document, save_document
from scenes.objects import flaw
from tests.playing import account
from tests.scenes.documents import harbor
from worlds.models import World

FLAGS = {"visited": {"title": "Visited"}}
DOOR = {"object_name": "tavern_door", "node_index": 6, "node_path": "harbor/tavern/tavern_door"}


def broken() -> dict[str, Any]:
    """The sample with one of everything that a check of the author's work finds."""
    found = copy.deepcopy(harbor())
    found["world"]["meta"]["manifest"]["flags"] = FLAGS
    first = found["scenes"][0]
    first["is_entry"] = False
    first["nodes"].append({"key": "loose", "kind": "video", "label": "Loose"})
    first["edges"].append({"key": "to_loose", "from": first["nodes"][0]["key"], "to": "loose", "label": "Look", "conditions": {"flags": ["visited"]},
                           "effects": {"flags": ["looked"]}})  # fmt: skip
    found["hotspots"][0]["target"] = {"mesh": DOOR}
    found["locations"][0]["asset"] = "harbor_gltf"
    found["assets"].append({"key": "harbor_gltf", "media_type": "gltf", "recipe": {"renderer": "gltf_scene", "place": "harbor", "seed": 1}})
    found["npcs"][0] |= {"home": None, "pinned": None}
    found["npcs"][0]["schedule"] = [
        {"key": one, "days": [1], "start": start, "end": end, "activity": "working", "location": "harbor"} for one, start, end in (("a", "08:00", "10:00"), ("b", "12:00", "14:00"))
    ]  # fmt: skip
    return found


@pytest.fixture
def world(db: None) -> World:
    world = save_document(broken(), owner=account("anna", author=True))
    Asset.objects.filter(media_type="gltf").update(
        status="ready", meta={"objects": [{**DOOR, "object_name": "inn_door", "node_path": "harbor/tavern/inn_door"}]}
    )
    return world


def found(world: World) -> set[tuple[str, str]]:
    return {(one.problem.code, one.problem.pointer) for one in problems.told(world)}


def test_every_kind_of_problem_is_found_and_leads_to_a_page(world: World, client: Client) -> None:
    client.force_login(world.owner)
    found = problems.told(world)
    wanted = {"no_entry_scene", "dead_end", "undeclared_flag", "never_set_flag", "missing_object", "nobody_home"}
    assert wanted <= {one.problem.code for one in found}
    for one in found:
        assert client.get(one.url.partition("#")[0]).status_code == 200, one
    urls = {one.problem.code: one.url for one in found}
    assert urls["dead_end"].endswith("#node/loose")
    assert urls["nobody_home"].endswith("#week")


@pytest.mark.parametrize("code", ["no_entry_scene", "dead_end", "undeclared_flag", "missing_object"])
def test_a_fix_mends_its_problem_and_the_history_takes_it_back(world: World, client: Client, code: str) -> None:
    client.force_login(world.owner)
    one = next(one for one in problems.told(world) if one.problem.code == code)
    assert one.fix is not None
    before, version = document(world)[0], world.draft_version
    answer = client.post(f"/author/worlds/{world.pk}/problems/", {"code": code, "pointer": one.problem.pointer}, follow=True)
    assert "Done: " in answer.content.decode()
    world.refresh_from_db()
    assert world.draft_version == version + 1
    assert (code, one.problem.pointer) not in found(world)
    row = world.history.latest("pk")
    assert (row.actor, row.version) == (world.owner, world.draft_version)
    client.post(f"/author/history/{row.pk}/restore/", {"to": "before"})
    world.refresh_from_db()
    assert document(world)[0] == before


def test_a_problem_that_is_gone_is_not_mended(world: World, client: Client) -> None:
    client.force_login(world.owner)
    answer = client.post(f"/author/worlds/{world.pk}/problems/", {"code": "dead_end", "pointer": "/scenes/99"}, follow=True)
    assert "gone already" in answer.content.decode()
    client.force_login(account("ben", author=True))
    assert client.get(f"/author/worlds/{world.pk}/problems/").status_code == 404


def test_the_worlds_page_shows_its_problems(world: World, client: Client) -> None:
    client.force_login(world.owner)
    page = client.get(f"/admin/worlds/world/{world.pk}/change/").content.decode()
    assert "problem-panel" in page
    assert f'href="/author/worlds/{world.pk}/problems/"' in page


def test_files_that_are_not_there_are_told() -> None:
    found = checks.made(harbor(), {"harbor_dawn": checks.Made("“harbor_dawn” could not be made.", ())})
    assert [(one.code, one.where) for one in found] == [("missing_asset", "asset/harbor_dawn")]


def test_an_object_is_found_again_by_number_then_by_name_and_told_apart_from_its_namesakes() -> None:
    def one(name: str, index: int, path: str) -> dict[str, Any]:
        return {"object_name": name, "node_index": index, "node_path": path}

    twins = [one("crate", 1, "a/crate"), one("crate", 2, "b/crate")]
    assert flaw({"object_name": "crate"}, twins).code == "ambiguous_object"  # type: ignore[union-attr]
    assert flaw(twins[1], twins) is None
    moved = [one("water", 6, "sea/water"), one("tavern_doors", 9, "x/tavern_doors")]
    nearest = flaw(DOOR, moved)
    assert nearest is not None
    assert (nearest.suggestion, nearest.sure) == (moved[1], False)
    assert flaw({}, moved) is None


def test_an_author_moves_places_on_the_map(world: World, client: Client) -> None:
    client.force_login(world.owner)
    address = f"/admin/worlds/location/map/{world.pk}/"
    places = {place.key: place for place in world.locations.all()}
    harbor_place = places["harbor"]
    assert client.get(address).status_code == 200
    client.post(address, {f"x_{harbor_place.pk}": "12.5", f"y_{harbor_place.pk}": "-3"})
    harbor_place.refresh_from_db()
    assert (harbor_place.x, harbor_place.y) == (12.5, -3)
    assert world.history.latest("pk").part == "location/harbor"
    answer = client.post(address, {f"x_{harbor_place.pk}": "nan", f"y_{harbor_place.pk}": "far"}, follow=True)
    assert "two numbers" in answer.content.decode()
    client.force_login(account("ben", author=True))
    assert client.get(address).status_code == 404
