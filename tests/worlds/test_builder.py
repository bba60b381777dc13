"""The manifest builder's other half: what is wrong is told at its place, and one click mends what can be mended."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from pixsim.lib import schema
from tests.documents import harbor
from tests.playing import account, published
from tests.worlds.manifests import WALKTHROUGH
from worlds import builder
from worlds.models import World

RICH: dict[str, Any] = {
    **WALKTHROUGH,
    "clock": {"start_day": 1, "start_time": "08:00", "first_weekday": 1},
    "wait": "places",
    "content_rating": "romantic",
    "free_text": False,
    "providers": {"pixverse": {"enabled": True, "model": "v5", "purposes": ["video"]}},
    "budget": {"credits_per_day": 100},
    "stats": {"coin": {"title": "Coins", "min": 0, "max": 999, "default": 3}},
    "items": {"rope": {"title": "Rope", "min": 0, "max": 9}},
    "flags": {"visited_tavern": {"title": "Tavern Regular", "spoiler": False}},
    "dialogue_limits": {"per_turn": 5, "per_day": 15, "axes": ["affinity"]},
    "look": {"accent": "#ffb347"},
}
WRONG: dict[type, list[Any]] = {str: [7, None, [1], {}], int: ["many", None, 10**13], float: ["a lot", None, {}], bool: ["perhaps", 3, None]}


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from leaves(inner, (*path, index))
    else:
        yield path, value


def objects(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict):
        yield path
        for key, inner in value.items():
            yield from objects(inner, (*path, key))


def at(value: Any, path: tuple[Any, ...]) -> Any:
    for part in path:
        value = value[part]
    return value


def pointer(path: tuple[Any, ...]) -> str:
    return "".join(f"/{part}" for part in path)


def mutated() -> Iterator[tuple[str, dict[str, Any]]]:
    """Manifests with one thing wrong, and where."""
    for path, value in leaves(RICH):
        for wrong in WRONG[type(value)]:
            broken = copy.deepcopy(RICH)
            at(broken, path[:-1])[path[-1]] = wrong
            yield pointer(path), broken
    for path in objects(RICH):
        broken = copy.deepcopy(RICH)
        at(broken, path)["Not a Key!"] = 1
        yield pointer((*path, "Not a Key!")), broken


MUTATED = list(mutated())


def test_the_sound_manifest_is_sound() -> None:
    assert schema.errors("worlds/manifest", RICH) == []
    assert len(MUTATED) >= 200


@pytest.mark.django_db
def test_each_mutated_manifest_is_refused_by_form_and_rest_alike_with_the_right_pointer() -> None:
    anna = account("anna", author=True)
    world = published(harbor(), owner=anna)
    client = Client()
    client.force_login(anna)
    missed = []
    for where, manifest in MUTATED:
        told = client.post(f"/admin/worlds/world/form/worlds/world_meta/?world={world.pk}", json.dumps({"manifest": manifest}), "application/json")
        answer = client.post("/api/v1/game-worlds", json.dumps({"name": "Broken", "meta": {"manifest": manifest}}), "application/json")
        by_form = [one["pointer"] for one in told.json()["problems"] if one["severity"] == "error"]
        by_rest = [one["pointer"] for one in answer.json().get("errors", ())]
        if answer.status_code != 400 or by_form[:1] != [f"/manifest{where}"] or by_rest[:1] != [f"/meta/manifest{where}"]:
            missed.append((where, by_form, by_rest, answer.status_code))
    assert missed == []
    assert World.objects.count() == 1


def mended(value: Any, patch: list[dict[str, Any]]) -> Any:
    """RFC 6902 as the page applies it."""
    made = copy.deepcopy(value)
    for step in patch:
        *around, last = step["path"].split("/")[1:]
        given = step.get("value")
        if step["op"] == "move":
            *old, name = step["from"].split("/")[1:]
            given = at(made, tuple(int(part) if part.isdigit() else part for part in old)).pop(name)
        owner = made
        for part in around:
            owner = owner[int(part)] if isinstance(owner, list) else owner.setdefault(part, {})
        if step["op"] == "remove":
            del owner[int(last) if isinstance(owner, list) else last]
        else:
            owner[int(last) if isinstance(owner, list) else last] = given
    return made


@pytest.mark.parametrize(
    ("manifest", "title"),
    [
        ({"interactons": {}}, "Call it “interactions”"),
        ({"my_tool": 1}, "Keep it under extensions"),
        ({"clock": {"start_time": "8:00"}}, "Make it 08:00"),
        ({"clock": {"start_time": "8 pm"}}, "Make it 20:00"),
        ({"clock": {"zone": "CET"}}, "Remove it"),
        ({"interactions": {"talk": {"gating": {"min_affinity": "20"}}}}, "Make it the number 20"),
        ({"interactions": {"talk": {"gating": {"min_affinity": 400}}}}, "Make it 100"),
        ({"interactions": {"talk": {"gating": {"location": "harbor"}}}}, "Make it a list"),
        ({"interactions": {"talk": {"type": "inline dialog"}}}, "Make it “inline_dialogue”"),
        ({"interactions": {"Ask Rumors": {}}}, "Call it “ask_rumors”"),
        ({"enabled_features": ["romance", "romance"]}, "Keep each once"),
        ({"turn_presets": {"long": {"avg_turns": 12, "max_turns": 10}}}, "Make it 10"),
        ({"interactions": {"talk": {"gating": {"flags": ["met"]}}}}, "Declare “met”"),
        ({"interactions": {"talk": {"gating": {"stats": {"coin_count": {"min": 2}}}}}}, "Declare “coin_count”"),
        ({"interactions": {"talk": {"gating": {"features": ["trading"]}}}}, "Enable “trading”"),
        ({"interactions": {"talk": {"gating": {"location": ["harbour"]}}}}, "Make it “harbor”"),
        ({"interactions": {"talk": {"preset": "intimate"}}}, "Declare “intimate”"),
    ],
)
@pytest.mark.django_db
def test_one_click_mends(manifest: dict[str, Any], title: str) -> None:
    world = published(harbor(), owner=account("anna", author=True))
    meta = {"manifest": manifest}
    (problem, *_) = builder.problems("worlds/world_meta", meta, world)
    assert problem["fix"]["title"] == title
    assert builder.problems("worlds/world_meta", mended(meta, problem["fix"]["patch"]), world) == []


@pytest.mark.django_db
def test_a_form_is_drawn_from_ones_own_world_only(client: Client) -> None:
    anna = account("anna", author=True)
    world = published(harbor(), owner=anna)
    client.force_login(anna)
    told = client.get(f"/admin/worlds/world/form/worlds/conditions/?world={world.pk}").json()
    assert {"harbor", "tavern"} <= {key for key, _ in told["names"]["places"]}
    assert "npc:captain_mara" in dict(told["names"]["people"])
    client.force_login(account("otto", author=True))
    assert client.get(f"/admin/worlds/world/form/worlds/conditions/?world={world.pk}").status_code == 404
    assert client.get("/admin/worlds/world/form/worlds/nothing/").status_code == 404
    client.force_login(account("paul"))
    assert client.get("/admin/worlds/world/form/worlds/conditions/").status_code == 302


@pytest.mark.parametrize("body", ["", "{", "[]", '"text"', "null", '{"manifest": 7}', "\ud800".encode("utf-8", "surrogatepass")])
@pytest.mark.django_db
def test_whatever_is_sent_is_answered(client: Client, body: Any) -> None:
    client.force_login(account("anna", author=True))
    assert client.post("/admin/worlds/world/form/worlds/world_meta/", body, "application/json").json()["problems"]
