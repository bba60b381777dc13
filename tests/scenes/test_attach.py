"""Where a finished job goes: onto its node, as an authored change; and who may order for it."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from generation import subjects
from generation.models import Asset, AssetLineage, Delivery, Generation
from npcs.models import Expression, Npc
from pixsim.lib.canonical import sha256
from pixsim.lib.errors import Invalid, NotFound
from scenes import services
from scenes.models import Scene, SceneNode
from tests.playing import account
from worlds.models import World, WorldAsset, WorldHistory
from worlds.services import create_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return create_world(owner=account("anna", author=True), name="Harbor", meta={})


@pytest.fixture
def scene(world: World) -> Scene:
    scene = services.create_scene(world=world, actor=world.owner, data={"title": "Harbor Intro"})
    services.add_nodes(scene=scene, actor=world.owner, entries=[{"id": "node4", "label": "Dock Exploration"}])
    return scene


def clip(world: World, label: str = "clip", kind: str = "video") -> Asset:
    return Asset.objects.create(owner=world.owner, media_type=kind, status="ready", label=label)


def job(scene: Scene, asset: Asset | None, *, ago: int = 60, **values: Any) -> Generation:
    """A completed one, ordered so many seconds ago."""
    at = timezone.now() - timedelta(seconds=ago)
    context = values.pop("context", {"scene_id": scene.pk, "node_id": "node4"})
    made = Generation.objects.create(
        **{
            "owner": scene.world.owner, "world_id": scene.world_id, "provider_id": "animatic", "operation_type": "video_transition",
            "scope": f"world/{scene.world_id}", "reproducible_hash": uuid.uuid4().hex, "context": context, "status": "completed", "asset": asset,
            "created_at": at, "updated_at": at, "finished_at": timezone.now(), **values,
        }
    )  # fmt: skip
    Delivery.objects.create(generation=made, context=context, context_sha256=sha256(context))
    return made


def deliver(made: Generation, **more: Any) -> None:
    made = Generation.objects.select_related("asset", "owner").get(pk=made.pk)
    made.context = {**made.context, **more}
    if more:
        Delivery.objects.get_or_create(generation=made, context=made.context, context_sha256=sha256(made.context))
    subjects.attach(made)


def on_node(scene: Scene) -> Asset | None:
    return SceneNode.objects.get(scene=scene, key="node4").asset


def author_sets(scene: Scene, asset: Asset | None) -> None:
    services.change_node(scene=scene, key="node4", actor=scene.world.owner, patch=lambda was: {**was, "asset_id": asset.pk if asset else None})


def test_the_result_comes_onto_its_node_as_an_authored_change(scene: Scene, django_capture_on_commit_callbacks: Any, monkeypatch: Any) -> None:
    rung: list[tuple[str, dict[str, Any]]] = []
    monkeypatch.setattr("pixsim.lib.live.ring", lambda stream, **hint: rung.append((stream, hint)))
    before = Scene.objects.get(pk=scene.pk)
    made = job(scene, clip(scene.world, "Foggy harbor"))
    with django_capture_on_commit_callbacks(execute=True):
        deliver(made)
    assert on_node(scene) == made.asset
    after = Scene.objects.select_related("world").get(pk=scene.pk)
    assert after.version == before.version + 1
    last = WorldHistory.objects.filter(world=scene.world).first()
    assert last is not None
    assert (last.part, last.actor) == ("scene/harbor_intro", scene.world.owner)
    assert WorldAsset.objects.get(world=scene.world, asset=made.asset).key == "foggy_harbor"
    hint = {"version": after.world.draft_version, "parts": ["scene/harbor_intro"], "actor_id": scene.world.owner_id}
    assert rung == [(f"world/{scene.world_id}", hint)]


def test_repeating_it_changes_nothing(scene: Scene) -> None:
    made = job(scene, clip(scene.world))
    deliver(made)
    rows, version = WorldHistory.objects.count(), Scene.objects.get(pk=scene.pk).version
    deliver(made)
    deliver(made)
    assert (WorldHistory.objects.count(), Scene.objects.get(pk=scene.pk).version) == (rows, version)


def test_what_the_author_put_there_meanwhile_stays(scene: Scene) -> None:
    made, own = job(scene, clip(scene.world, "made")), clip(scene.world, "own")
    author_sets(scene, own)
    deliver(made)
    assert on_node(scene) == own


def test_what_was_there_when_it_was_ordered_gives_way(scene: Scene) -> None:
    old = clip(scene.world, "old")
    author_sets(scene, old)
    made = job(scene, clip(scene.world, "made"), ago=0)
    services.change_node(scene=scene, key="node4", actor=scene.world.owner, patch=lambda was: {**was, "label": "Renamed label"})
    deliver(made)
    assert on_node(scene) == made.asset


def test_an_emptied_node_takes_it(scene: Scene) -> None:
    made = job(scene, clip(scene.world))
    author_sets(scene, clip(scene.world, "own"))
    author_sets(scene, None)
    deliver(made)
    assert on_node(scene) == made.asset


@pytest.mark.parametrize("first", ["older", "younger"])
def test_of_two_jobs_the_later_order_wins_whichever_is_ready_first(scene: Scene, first: str) -> None:
    older, younger = job(scene, clip(scene.world, "older"), ago=120), job(scene, clip(scene.world, "younger"), ago=60)
    for made in (older, younger) if first == "older" else (younger, older):
        deliver(made)
    assert on_node(scene) == younger.asset


def test_a_choice_of_exactly_this_result_overrides_all(scene: Scene) -> None:
    older, younger = job(scene, clip(scene.world, "older"), ago=120), job(scene, clip(scene.world, "younger"), ago=60)
    author_sets(scene, clip(scene.world, "own"))
    deliver(older, chosen=True)
    assert on_node(scene) == older.asset
    deliver(younger)
    assert on_node(scene) == older.asset


def test_a_renamed_node_is_found_and_one_that_is_gone_wants_nothing(scene: Scene) -> None:
    made = job(scene, clip(scene.world))
    services.change_node(scene=scene, key="node4", actor=scene.world.owner, patch=lambda was: {**was, "id": "docks"})
    deliver(made)
    assert SceneNode.objects.get(scene=scene, key="docks").asset == made.asset
    services.delete_node(scene=scene, key="docks", actor=scene.world.owner)
    deliver(made)
    services.delete_scene(scene=scene, actor=scene.world.owner)
    deliver(made)


def test_what_no_node_shows_stays_off_it_and_so_does_another_worlds(scene: Scene) -> None:
    other = create_world(owner=scene.world.owner, name="Elsewhere", meta={})
    for made in (
        job(scene, clip(scene.world, kind="gltf")), job(scene, None), job(scene, clip(scene.world), world_id=other.pk),
        job(scene, clip(scene.world), context={}), job(scene, clip(scene.world), context={"scene_id": scene.pk, "node_id": "node4", "session_id": 1}),
    ):  # fmt: skip
        deliver(made)
        assert on_node(scene) is None


def test_a_clip_of_somebody_goes_back_to_the_person_and_the_portrait(scene: Scene) -> None:
    mara = Npc.objects.create(world=scene.world, key="mara", name="Mara")
    for state in ("neutral", "curious"):
        Expression.objects.create(npc=mara, state=state, asset=clip(scene.world, state, "image"))
    made = job(scene, clip(scene.world), npc_id=mara.pk, action_block={"mood": "curious"})
    AssetLineage.objects.create(asset=made.asset, kind="npc", npc_id=mara.pk)
    for _ in range(2):
        deliver(made)
    found = AssetLineage.objects.filter(asset=made.asset).values_list("kind", "npc_key", "note", "source_asset__label")
    assert sorted(found) == [("expression", "mara", "curious", "curious"), ("npc", "mara", "", None)]


# -- who may order ----------------------------------------------------------------------------------------------------


def test_who_may_order_for_what(scene: Scene) -> None:
    world, owner = scene.world, scene.world.owner
    mara = Npc.objects.create(world=world, key="mara", name="Mara")
    whole = {"world_id": world.pk, "scene_id": scene.pk, "node_id": "node4", "npc_id": mara.pk}
    contexts = [whole, {"world_id": world.pk}, {"scene_id": scene.pk}, {"npc_id": mara.pk}, {"world_id": world.pk, "npc_id": mara.pk}]
    staff, player, other = account("stella", staff=True), account("paul"), account("otto", author=True)
    for context in contexts:
        assert subjects.may(owner, context) == subjects.may(staff, context) == world.pk
        for stranger in (player, other):
            with pytest.raises(NotFound):
                subjects.may(stranger, context)
    assert subjects.owner(world.pk) == owner
    assert subjects.owner(world.pk + 1000) is None


def test_what_does_not_fit_is_refused_with_its_place(scene: Scene) -> None:
    other = create_world(owner=scene.world.owner, name="Elsewhere", meta={})
    ren = Npc.objects.create(world=other, key="ren", name="Ren")
    base = {"scene_id": scene.pk, "node_id": "node4"}
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"scene_id": scene.pk + 1000}, "/scene_context/scene_id"),
        ({**base, "node_id": "nowhere"}, "/scene_context/node_id"),
        ({**base, "world_id": other.pk}, "/world_id"),
        ({**base, "npc_id": ren.pk}, "/npc_id"),
        ({"world_id": scene.world_id, "npc_id": ren.pk}, "/npc_id"),
        ({**base, "session_id": 1}, "/scene_context/session_id"),
    ]
    for context, pointer in wrong:
        with pytest.raises((NotFound, Invalid)) as caught:
            subjects.may(scene.world.owner, context)
        errors = caught.value.errors if isinstance(caught.value, Invalid) else caught.value.extra["errors"]
        assert [error.pointer if isinstance(caught.value, Invalid) else error["pointer"] for error in errors] == [pointer]


def test_words_for_cards(scene: Scene) -> None:
    mara = Npc.objects.create(world=scene.world, key="mara", name="Mara")
    found = subjects.describe({"scene_id": scene.pk, "node_id": "node4"})
    assert found == {"title": "Harbor Intro: Dock Exploration", "url": f"/admin/scenes/scene/{scene.pk}/change/", "world": "Harbor"}
    assert subjects.describe({"scene_id": scene.pk})["title"] == "Harbor Intro"
    assert subjects.describe({"npc_id": mara.pk})["title"] == "Mara"
    assert subjects.describe({"world_id": scene.world_id})["title"] == "Harbor"
    assert subjects.describe({"scene_id": 10**9}) == {"title": "", "url": "", "world": ""}
