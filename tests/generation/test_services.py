"""What the services promise: one row per recipe, one maker per row, no file work lost or done twice."""

from __future__ import annotations

import datetime
import time
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, close_old_connections, connection
from django.utils import timezone
from PIL import Image

from generation import queries, recipes, services, tasks
from generation.models import Asset
from pixsim.lib.errors import Conflict, Invalid
from pixsim.models import User

from .conftest import SCENE, STILL, picture_bytes


def want(owner: User, **changes: Any) -> Asset:
    return services.ensure_asset(owner=owner, media_type="image", recipe={**STILL, **changes})


def test_the_same_recipe_of_the_same_owner_is_one_asset(author: User, stranger: User) -> None:
    assert want(author).pk == want(author).pk
    assert want(author).pk != want(stranger).pk
    assert want(author).pk != want(author, seed=2).pk


def test_an_asset_of_a_recipe_waits_and_says_that_it_is_machine_made(author: User) -> None:
    asset = want(author)
    assert (asset.status, asset.is_generated, asset.prompt) == ("pending", True, "a harbor")
    assert queries.asset_url(asset) is None


def test_a_recipe_of_another_medium_is_refused(author: User) -> None:
    with pytest.raises(Invalid, match="makes gltf, not image"):
        services.ensure_asset(owner=author, media_type="image", recipe=SCENE)


def test_what_waits_is_rendered_and_stored_under_its_hash(author: User) -> None:
    want(author)
    assert services.render_pending() == 1
    asset = Asset.objects.get()
    assert (asset.status, asset.progress, asset.width, asset.height, asset.mime) == ("ready", 1, 96, 54, "image/jpeg")
    assert asset.sha256 in asset.file.name
    assert asset.lease_until is None
    assert services.render_pending() == 0


def test_a_model_knows_its_objects(author: User, monkeypatch: Any) -> None:
    monkeypatch.setattr("generation.gltf.makers.picture", lambda *_: Image.new("RGB", (8, 8)))
    services.ensure_asset(owner=author, media_type="gltf", recipe=SCENE)
    services.render_pending()
    names = {item["object_name"] for item in Asset.objects.get().meta["objects"]}
    assert {"bar", "hearth", "door_out", "barrels", "stairs"} <= names


def test_a_claimed_asset_is_nobody_elses(author: User) -> None:
    asset = want(author)
    now = timezone.now()
    assert services.claim(asset_id=asset.pk, now=now) is not None
    assert services.claim(asset_id=asset.pk, now=now) is None


def test_a_render_whose_worker_died_is_taken_up_again(author: User) -> None:
    asset = want(author)
    now = timezone.now()
    services.claim(asset_id=asset.pk, now=now)
    later = now + services.LEASE + datetime.timedelta(seconds=1)
    assert services.claim(asset_id=asset.pk, now=later) is not None


def test_a_worker_that_lost_its_lease_writes_nothing(author: User) -> None:
    asset = want(author)
    old = services.claim(asset_id=asset.pk, now=timezone.now() - datetime.timedelta(hours=1))
    assert old is not None
    services.claim(asset_id=asset.pk, now=timezone.now())
    assert services._render_claimed(asset, old, None) is False
    assert Asset.objects.get().status == "rendering"


def test_progress_is_written_at_most_every_half_second_and_renews_the_lease(author: User, monkeypatch: Any) -> None:
    asset = want(author)
    token = services.claim(asset_id=asset.pk, now=timezone.now())
    assert token is not None
    clock = [100.0]
    monkeypatch.setattr(services.time, "monotonic", lambda: clock[0])
    heard: list[float] = []
    reporter = services._Reporter(asset, token, lambda _, share: heard.append(share))
    before = Asset.objects.get().lease_until
    for step in range(20):
        clock[0] += 0.1
        reporter(step / 20)
    assert len(heard) <= 4
    assert Asset.objects.get().progress == heard[-1]
    assert (Asset.objects.get().lease_until or timezone.now()) > (before or timezone.now())


def test_a_failing_render_is_tried_three_times_and_then_says_why(author: User, monkeypatch: Any) -> None:
    want(author)

    def broken(*_: Any) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(services, "_render", broken)
    for _ in range(4):
        services.render_pending()
    asset = Asset.objects.get()
    assert (asset.status, asset.attempts, asset.error) == ("failed", 3, "no space left")
    services.retry(asset=asset)
    assert Asset.objects.get().status == "pending"


def test_equal_recipes_of_two_owners_are_rendered_once(author: User, stranger: User, monkeypatch: Any) -> None:
    want(author)
    services.render_pending()
    want(stranger)
    monkeypatch.setattr(services, "_render", None)
    assert services.render_pending() == 1
    first, second = Asset.objects.all()
    assert first.file.name == second.file.name


def test_pictures_come_before_clips(author: User) -> None:
    clip = services.ensure_asset(owner=author, media_type="video", recipe={"renderer": "animatic", "prompt": "a harbor"})
    still = want(author)
    assert list(queries.due_renders(timezone.now()).values_list("pk", flat=True)) == [still.pk, clip.pk]
    assert services.render_pending(kinds=("gltf",)) == 0


def test_the_sweep_starts_a_render_only_when_there_is_room(author: User, monkeypatch: Any) -> None:
    started: list[int] = []
    monkeypatch.setattr(tasks.render_one, "apply_async", lambda **_: started.append(1))
    tasks.render_due()
    assert not started
    want(author)
    tasks.render_due()
    assert started == [1]
    monkeypatch.setattr(tasks, "RENDERERS", 1)
    services.claim(asset_id=Asset.objects.get().pk, now=timezone.now())
    want(author, seed=2)
    tasks.render_due()
    assert started == [1]


def test_a_render_in_its_own_process_gives_the_same_bytes(author: User, monkeypatch: Any, tmp_path: Path) -> None:
    heard: list[float] = []
    monkeypatch.setattr(services, "OTHER_PROCESS", True)
    (tmp_path / "away").mkdir()
    away = services._render(dict(STILL), tmp_path / "away", heard.append)
    here = recipes.render(STILL, tmp_path / "here", lambda _: None)
    assert away.path.read_bytes() == here.path.read_bytes()
    assert heard[0] == 0.0
    assert heard[-1] == 1.0


def test_a_process_that_fails_says_why(monkeypatch: Any, tmp_path: Path) -> None:
    monkeypatch.setattr(services, "OTHER_PROCESS", True)
    with pytest.raises(RuntimeError, match="unfindable"):
        services._render({"renderer": "gltf_scene", "place": "unfindable"}, tmp_path, lambda _: None)


def test_equal_uploads_are_one_asset(author: User) -> None:
    first = services.ensure_asset(owner=author, media_type="image", content=picture_bytes())
    again = services.ensure_asset(owner=author, media_type="image", content=picture_bytes())
    assert first.pk == again.pk
    assert first.is_generated is False


def test_an_asset_in_use_stays(author: User, picture: Asset) -> None:
    from worlds.models import World, WorldAsset

    WorldAsset.objects.create(world=World.objects.create(owner=author, name="Harbor"), key="picture", asset=picture)
    with pytest.raises(Conflict, match="still in use"):
        services.delete_asset(asset=picture)


def test_a_file_goes_with_its_last_asset(author: User, stranger: User, picture: Asset) -> None:
    twin = services.ensure_asset(owner=stranger, media_type="image", content=picture_bytes())
    storage, name = picture.file.storage, picture.file.name
    assert twin.file.name == name
    services.delete_asset(asset=picture)
    assert storage.exists(name)
    services.delete_asset(asset=twin)
    assert not storage.exists(name)


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_render_the_same_asset(monkeypatch: Any) -> None:
    import threading

    owner = User.objects.create_user("anna")
    for seed in range(6):
        want(owner, seed=seed)
    made: list[int] = []

    def slow(recipe: dict[str, Any], folder: Path, _: Any) -> recipes.Rendered:
        made.append(recipe["seed"])
        path = folder / "x.jpg"
        path.write_bytes(b"%d" % recipe["seed"])
        return recipes.Rendered(path, None, "image/jpeg", 1, 1, None)

    monkeypatch.setattr(services, "_render", slow)

    def work() -> None:
        try:
            for _ in range(50):
                try:
                    services.render_pending()
                    break
                except OperationalError:  # two threads on SQLite in memory share one cache, which does not wait
                    time.sleep(0.02)
        finally:
            close_old_connections()
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(set(made)) == list(range(6))
    assert len(made) == 6
    assert set(Asset.objects.values_list("status", flat=True)) == {"ready"}
