"""Worlds and places over REST."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from generation.models import Asset
from pixsim.models import User
from sessions.services import start
from tests.documents import harbor
from tests.playing import published
from tests.worlds.conftest import send
from worlds.models import Location, World, WorldHistory
from worlds.services import create_location, make_release

pytestmark = pytest.mark.django_db
MANIFEST = {
    "enabled_features": ["dialogue", "romance", "trading", "rumors"],
    "turn_presets": {"conversation": {"avg_turns": 5, "max_turns": 10}, "intimate": {"avg_turns": 8, "max_turns": 15}},
    "interactions": {
        "talk": {"gating": {"min_affinity": 0}, "type": "inline_dialogue"},
        "ask_rumors": {"gating": {"min_affinity": 20, "location": ["tavern", "market"]}, "type": "scene_triggered", "cooldown_sec": 3600},
        "flirt": {
            "gating": {"min_affinity": 40, "min_chemistry": 30, "mood": ["happy", "curious"]},
            "type": "scene_triggered",
            "branching_intent": "escalate",
        },
    },
    "npc_roles": {
        "merchant": {"default_personality": {"conscientiousness": 0.7, "agreeableness": 0.5}},
        "thief": {"default_personality": {"openness": 0.6, "neuroticism": 0.8}},
        "guard": {"default_personality": {"conscientiousness": 0.9, "extraversion": 0.3}},
    },
}
WORLD = {"name": "The Harbor District", "meta": {"manifest": MANIFEST, "theme": "Maritime trade hub", "tone": "Gritty realism with intrigue"}}


def test_the_printed_world_is_created_and_read_back(api: APIClient, author: User) -> None:
    answer = send(api, "post", "game-worlds/", WORLD)
    assert answer.status_code == 201
    body = answer.json()
    assert body == {
        "id": body["id"],
        "name": "The Harbor District",
        "meta": WORLD["meta"],
        "world_time": 0,
        "owner_user_id": author.pk,
        "poster_asset_id": None,
        "version": 1,
        "published": None,
    }
    assert answer["ETag"] == '"v1"'
    read = send(api, "get", f"game-worlds/{body['id']}")
    assert (read.json(), read["ETag"]) == (body, '"v1"')
    assert send(api, "get", "game-worlds").json()["results"] == [body]


def test_a_player_creates_no_world(player: User, as_user: Any) -> None:
    assert send(as_user(player), "post", "game-worlds/", WORLD).status_code == 403
    assert not World.objects.exists()


def test_a_patch_merges_the_manifest(api: APIClient, world: World) -> None:
    send(api, "patch", f"game-worlds/{world.pk}", {"meta": {"manifest": MANIFEST}})
    answer = send(
        api, "patch", f"game-worlds/{world.pk}", {"meta": {"manifest": {"interactions": {"flirt": None, "talk": {"gating": {"min_affinity": 5}}}}}}
    )
    interactions = answer.json()["meta"]["manifest"]["interactions"]
    assert set(interactions) == {"talk", "ask_rumors"}
    assert interactions["talk"] == {"gating": {"min_affinity": 5}, "type": "inline_dialogue"}
    assert answer.json()["meta"]["theme"] == "Maritime trade hub"
    assert (answer.json()["version"], answer["ETag"]) == (3, '"v3"')


def test_a_patch_based_on_an_old_version_is_412(api: APIClient, world: World) -> None:
    path = f"game-worlds/{world.pk}"
    assert send(api, "patch", path, {"name": "New"}, If_Match='"v1"').status_code == 200
    late = send(api, "patch", path, {"name": "Late"}, If_Match='"v1"')
    assert (late.status_code, late.json()["current_version"]) == (412, 2)
    assert World.objects.get().name == "New"
    assert send(api, "delete", path, If_Match='"v1"').status_code == 412
    assert send(api, "delete", path, If_Match='"v2"').status_code == 204


def test_a_key_sent_twice_creates_once(api: APIClient) -> None:
    first, again = (send(api, "post", "game-worlds/", WORLD, Idempotency_Key="k1") for _ in range(2))
    assert first.json() == again.json()
    assert again["ETag"] == '"v1"'
    assert World.objects.count() == 1


def test_a_world_of_another_does_not_exist(api: APIClient, foreign_world: World, staff: User, as_user: Any) -> None:
    path = f"game-worlds/{foreign_world.pk}"
    assert [send(api, method, path, {"name": "x"}).status_code for method in ("get", "patch", "delete")] == [404] * 3
    assert send(api, "get", path).json() == send(api, "get", "game-worlds/999999").json()
    assert send(as_user(staff), "patch", path, {"name": "By staff"}).status_code == 200
    assert WorldHistory.objects.filter(world=foreign_world).first().actor_id == staff.pk  # type: ignore[union-attr]


def test_the_printed_place_is_created(api: APIClient, world: World, author: User) -> None:
    asset = Asset.objects.create(owner=author, media_type="gltf", label="Docks")
    body = {
        "world_id": world.pk,
        "name": "Harbor Docks",
        "x": 0,
        "y": 0,
        "asset_id": asset.pk,
        "default_spawn": {"x": 0, "y": 0, "z": 5},
        "meta": {"ambient_sound": "waves"},
    }
    answer = send(api, "post", "game-locations/", body)
    assert answer.status_code == 201
    assert answer.json() == {
        **body,
        "id": answer.json()["id"],
        "key": "harbor_docks",
        "picture_asset_id": None,
        "travel_conditions": {},
        "version": 1,
    }
    assert world.world_assets.get().key == "docks"
    assert send(api, "post", "game-locations/", {**body, "key": "harbor_docks"}).json()["errors"][0]["pointer"] == "/key"
    assert send(api, "post", "game-locations/", body).json()["key"] == "harbor_docks_2"


def test_places_are_listed_by_world_and_changed(api: APIClient, world: World, author: User, foreign_world: World, other_author: User) -> None:
    place = create_location(world=world, actor=author, data={"name": "Tavern", "meta": {"ambient_sound": "waves", "lighting": "dim"}})
    create_location(world=foreign_world, actor=other_author, data={"name": "Elsewhere"})
    assert send(api, "get", f"game-locations/?world_id={world.pk}").json()["count"] == 1
    assert send(api, "get", f"game-locations/?world_id={foreign_world.pk}").json()["count"] == 0
    answer = send(api, "patch", f"game-locations/{place.pk}", {"meta": {"lighting": None}, "x": 3.5}, If_Match='"v1"')
    assert answer.status_code == 200
    assert (answer.json()["meta"], answer.json()["x"], answer["ETag"]) == ({"ambient_sound": "waves"}, 3.5, '"v2"')
    assert send(api, "delete", f"game-locations/{place.pk}").status_code == 204
    assert not Location.objects.filter(world=world).exists()


def test_a_place_in_anothers_world_or_with_anothers_asset_is_refused(api: APIClient, world: World, foreign_world: World, other_author: User) -> None:
    answer = send(api, "post", "game-locations/", {"world_id": foreign_world.pk, "name": "Mine now"})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (404, "/world_id")
    asset = Asset.objects.create(owner=other_author, media_type="gltf")
    answer = send(api, "post", "game-locations/", {"world_id": world.pk, "name": "Mine", "asset_id": asset.pk})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/asset_id")
    assert not Location.objects.exists()


def test_a_place_shows_a_model_and_a_picture_and_nothing_else(api: APIClient, world: World, author: User) -> None:
    kinds = {kind: Asset.objects.create(owner=author, media_type=kind).pk for kind in ("image", "video", "gltf")}
    for field, fits in (("asset_id", {"gltf"}), ("picture_asset_id", {"image"})):
        for kind, pk in kinds.items():
            answer = send(api, "post", "game-locations/", {"world_id": world.pk, "name": kind, field: pk})
            assert (answer.status_code == 201) == (kind in fits), (field, kind)
            if kind not in fits:
                assert answer.json()["errors"][0].items() >= {"pointer": f"/{field}", "code": "wrong_kind"}.items()
    answer = send(api, "patch", f"game-worlds/{world.pk}", {"poster_asset_id": kinds["gltf"]})
    assert answer.json()["errors"][0]["message"] == "This is a 3-D model (glTF); give a picture or a clip."


def test_what_was_of_the_wrong_kind_already_does_not_stop_other_changes(api: APIClient, world: World, author: User) -> None:
    place = create_location(world=world, actor=author, data={"name": "Tavern"})
    Location.objects.filter(pk=place.pk).update(asset=Asset.objects.create(owner=author, media_type="image"))
    assert send(api, "patch", f"game-locations/{place.pk}", {"name": "Inn"}).status_code == 200


def test_a_preset_that_closes_before_it_winds_down_is_told_with_its_place(api: APIClient, world: World) -> None:
    answer = send(
        api, "patch", f"game-worlds/{world.pk}", {"meta": {"manifest": {"turn_presets": {"conversation": {"avg_turns": 11, "max_turns": 10}}}}}
    )
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert answer.json()["errors"] == [
        {
            "pointer": "/meta/manifest/turn_presets/conversation/avg_turns",
            "code": "out_of_order",
            "message": "“avg_turns” is at most “max_turns”, which is 10.",
        }
    ]
    assert World.objects.get(pk=world.pk).meta == world.meta


def test_players_and_strangers_see_what_is_published(api: APIClient, world: World, author: User, django_assert_num_queries: Any) -> None:
    assert send(APIClient(), "get", "worlds/").json()["results"] == []
    document = {
        "world": {"name": "The Harbor District", "meta": {"theme": "Maritime trade hub", "manifest": {"enabled_features": ["romance"]}}},
        "locations": [{"key": "harbor", "name": "Harbor Docks"}],
    }
    world.poster = Asset.objects.create(owner=author, media_type="image", status="ready", file="assets/fog.png", sha256="f" * 64)
    world.save()
    make_release(world=world, document=document, ids={}, actor=author, publish=True)
    with django_assert_num_queries(2):
        answer = send(APIClient(), "get", "worlds/")
    poster = answer.json()["results"][0]["poster"]
    assert poster.startswith(f"/media/{world.poster_id}/")
    assert answer.json()["results"] == [
        {
            "id": world.pk,
            "name": "The Harbor District",
            "theme": "Maritime trade hub",
            "poster": poster,
            "rating": "romantic",
            "places": [{"key": "harbor", "name": "Harbor Docks"}],
        }
    ]
    assert send(api, "get", f"game-worlds/{world.pk}").json()["published"]["number"] == 1


def test_the_schema_of_a_manifest_is_public_and_cacheable(world: World, api: APIClient) -> None:
    answer = send(APIClient(), "get", "game-worlds/manifest-schema")
    assert answer.status_code == 200
    assert "public" in answer["Cache-Control"]
    assert send(APIClient(), "get", "game-worlds/manifest-schema", If_None_Match=answer["ETag"]).status_code == 304
    assert send(APIClient(), "get", f"game-worlds/manifest-schema?world_id={world.pk}").status_code == 404
    assert send(api, "get", f"game-worlds/manifest-schema?world_id={world.pk}").status_code == 200


def test_a_list_costs_two_queries(api: APIClient, author: User, world: World, django_assert_num_queries: Any) -> None:
    # count | worlds with their clocks and releases
    with django_assert_num_queries(2):
        send(api, "get", "game-worlds/")


def test_a_world_that_others_play_is_kept_for_them(api: APIClient, author: User, player: User, staff: User, as_user: Any) -> None:
    world = published(harbor(), owner=author)
    start(user=player, world=world)
    answer = send(api, "delete", f"game-worlds/{world.pk}")
    assert (answer.status_code, answer["Content-Type"]) == (409, "application/problem+json")
    assert answer.json()["detail"] == "Others have played this world (1 session). Change it instead, or ask the site's staff to delete it."
    assert World.objects.filter(pk=world.pk).exists()
    assert send(as_user(staff), "delete", f"game-worlds/{world.pk}").status_code == 204
    assert not World.objects.filter(pk=world.pk).exists()


def test_ones_own_sessions_go_with_the_world(api: APIClient, author: User) -> None:
    world = published(harbor(), owner=author)
    start(user=author, world=world)
    start(user=author, world=world, draft=True)
    assert send(api, "delete", f"game-worlds/{world.pk}").status_code == 204
    assert not World.objects.filter(pk=world.pk).exists()
