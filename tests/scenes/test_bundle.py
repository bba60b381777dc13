from __future__ import annotations

import hashlib
import io
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis.extra.django import TestCase
from PIL import Image

from generation.models import Asset
from generation.services import upload_asset
from npcs.models import Npc, NpcState, ScheduleSlot
from pixsim.lib.canonical import canonical_json, plain
from pixsim.lib.errors import Invalid
from pixsim.models import User
from scenes import bundle
from scenes.models import Hotspot, Scene, SceneEdge, SceneNode
from tests.scenes.documents import documents, harbor
from worlds import archive
from worlds.models import Location, World, WorldAsset, WorldHistory

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> User:
    return User.objects.create_user("owner")


@pytest.fixture
def stranger() -> User:
    return User.objects.create_user("stranger")


def zipped(world: World) -> bytes:
    file = io.BytesIO()
    bundle.export(world, file)
    return file.getvalue()


class RoundTrip(TestCase):
    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
    @given(documents())
    def test_a_stored_document_reads_back_as_it_was_and_travels_byte_identically(self, document: dict[str, Any]) -> None:
        owner = User.objects.get_or_create(username="hypothetical")[0]
        world = bundle.save_document(document, owner=owner)
        again, _ = bundle.document(world)
        assert canonical_json(again) == canonical_json(document)
        first = zipped(world)
        other = User.objects.get_or_create(username="other")[0]
        assert zipped(bundle.import_zip(io.BytesIO(first), owner=other)) == first
        version = Scene.objects.filter(world=world).values_list("pk", "version")
        before = sorted(version)
        bundle.save_document(document, owner=owner, into=world)
        assert sorted(Scene.objects.filter(world=world).values_list("pk", "version")) == before


def test_the_ids_of_a_document_name_this_installations_rows(owner: User) -> None:
    world = bundle.save_document(harbor(), owner=owner)
    document, ids = bundle.document(world)
    assert document == plain(harbor())
    assert ids == {
        "locations": dict(Location.objects.filter(world=world).values_list("key", "pk")),
        "npcs": dict(Npc.objects.filter(world=world).values_list("key", "pk")),
        "scenes": dict(Scene.objects.filter(world=world).values_list("key", "pk")),
        "assets": dict(WorldAsset.objects.filter(world=world).values_list("key", "asset_id")),
        "hotspots": {"harbor/enter_tavern": Hotspot.objects.get(world=world).pk},
    }


def test_reading_a_world_costs_the_same_number_of_queries_whatever_its_size(owner: User) -> None:
    small = bundle.save_document(harbor(), owner=owner)
    big = harbor()
    big["npcs"] += [{**big["npcs"][0], "key": f"npc_{number}"} for number in range(600)]
    big["scenes"] += [{**big["scenes"][1], "key": f"scene_{number}"} for number in range(50)]
    large = bundle.save_document(big, owner=owner)
    with CaptureQueriesContext(
        connection,
    ) as few:
        bundle.document(World.objects.get(pk=small.pk))
    with CaptureQueriesContext(connection) as many:
        assert len(bundle.document(World.objects.get(pk=large.pk))[0]["npcs"]) == 601
    # world | locations, npcs, states, slots, expressions, scenes, nodes, edges, hotspots | asset names, assets
    assert len(few) == len(many) == 12


def test_a_large_world_is_written_in_few_statements(owner: User) -> None:
    big = harbor()
    big["npcs"] += [{**big["npcs"][0], "key": f"npc_{number}"} for number in range(999)]
    with CaptureQueriesContext(connection) as queries:
        bundle.save_document(big, owner=owner)
    assert len(queries) < 80  # SQLite takes 999 parameters a statement: about 90 rows
    assert ScheduleSlot.objects.count() == 2000


def test_an_asset_without_a_name_is_exported_and_keeps_the_name_it_was_given(owner: User, stranger: User) -> None:
    world = bundle.save_document(harbor(), owner=owner)
    asset = Asset.objects.create(owner=owner, media_type="image", recipe={"renderer": "still", "prompt": "Fog", "seed": 99}, recipe_sha256="f" * 64)
    SceneNode.objects.filter(scene__key="harbor_intro", key="node2").update(asset=asset)
    first = zipped(world)
    copy = bundle.import_zip(io.BytesIO(first), owner=stranger)
    assert zipped(copy) == first
    assert WorldAsset.objects.filter(world=copy, key=f"asset_{asset.pk}").exists()


def test_uploads_travel_with_their_bytes_even_the_same_ones_twice(owner: User, stranger: User, settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    world = bundle.save_document(harbor(), owner=owner)
    for key in ("zebra", "ape"):
        asset = Asset(owner=owner, media_type="image", mime="image/png", sha256=hashlib.sha256(PNG).hexdigest(), status="ready", progress=1)
        asset.file.save("a.png", ContentFile(PNG))
        WorldAsset.objects.create(world=world, key=key, asset=asset)
    SceneNode.objects.filter(scene__key="harbor_intro", key="node2").update(asset=asset)
    SceneNode.objects.filter(scene__key="harbor_intro", key="node1").update(asset=Asset.objects.earliest("pk"))
    first = zipped(world)
    copy = bundle.import_zip(io.BytesIO(first), owner=stranger)
    assert zipped(copy) == first
    brought = Asset.objects.get(owner=stranger, recipe__isnull=True)
    assert brought.file.read() == PNG
    assert brought.status == "ready"


def picture(kind: str, **saved: Any) -> bytes:
    file = io.BytesIO()
    Image.effect_noise((64, 48), 60).convert("RGB").save(file, kind, **saved)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_an_uploaded_picture_travels_byte_identically(kind: str, owner: User, stranger: User) -> None:
    world = bundle.save_document(harbor(), owner=owner)
    exif = Image.Exif()
    exif[0x010E] = "where the author lives"
    asset = upload_asset(owner=owner, file=io.BytesIO(picture(kind, exif=exif)), label="photo")
    WorldAsset.objects.create(world=world, key="photo", asset=asset)
    first = zipped(world)
    copy = bundle.import_zip(io.BytesIO(first), owner=stranger)
    brought = copy.world_assets.get(key="photo").asset
    assert zipped(copy) == first
    assert (brought.sha256, brought.mime, brought.width, brought.owner) == (asset.sha256, asset.mime, 64, stranger)
    assert b"where the author lives" not in brought.file.read()
    assert zipped(bundle.import_zip(io.BytesIO(first), owner=owner)) == first


def foreign(document: dict[str, Any], content: bytes, media_type: str = "image") -> tuple[dict[str, Any], dict[str, bytes]]:
    digest = hashlib.sha256(content).hexdigest()
    document["assets"].append({"key": "photo", "media_type": media_type, "sha256": digest})
    return document, {digest: content}


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_foreign_picture_loses_what_is_not_picture(kind: str, owner: User, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010E] = "a secret"
    for content in (picture(kind, exif=exif), picture(kind) + b"<script>a secret</script>"):
        document, media = foreign(harbor(), content)
        paths = {digest: tmp_path / digest for digest in media}
        paths[next(iter(media))].write_bytes(content)
        world = bundle.save_document(document, owner=owner, media=paths)
        kept = world.world_assets.get(key="photo").asset
        assert b"a secret" not in kept.file.read()
        assert kept.meta["upload_sha256"] == next(iter(media))
        assert bundle.save_document(document, owner=owner, media={}).world_assets.get(key="photo").asset == kept


@pytest.mark.parametrize("content", [b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"<html>", b"", b"\x89PNG\r\n\x1a\n" + b"\0" * 40])
def test_a_file_that_is_no_picture_is_refused_and_nothing_stays(content: bytes, owner: User, tmp_path: Path, settings: Any) -> None:
    document, media = foreign(harbor(), content)
    good, more = foreign(document, picture("PNG"))
    good["assets"][-1]["key"] = "good"
    paths = {}
    for digest, data in {**more, **media}.items():
        paths[digest] = tmp_path / digest
        paths[digest].write_bytes(data)
    with pytest.raises(Invalid) as caught:
        bundle.save_document(good, owner=owner, media=paths)
    assert caught.value.errors[0].pointer == "/assets/3/sha256"
    assert not Asset.objects.exists()
    assert not World.objects.exists()
    assert not [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


def test_an_import_that_fails_late_leaves_no_file(owner: User, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    document, media = foreign(harbor(), picture("PNG"))
    path = tmp_path / next(iter(media))
    path.write_bytes(next(iter(media.values())))
    monkeypatch.setattr("scenes.parts.save_graphs", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        bundle.save_document(document, owner=owner, media={path.name: path})
    assert not Asset.objects.exists()
    assert not [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


def test_what_an_import_changed_is_in_the_history(owner: User) -> None:
    world = bundle.save_document(harbor(), owner=owner)
    assert list(WorldHistory.objects.values_list("part", flat=True)) == ["world"]
    changed = harbor()
    changed["npcs"][0]["name"] = "Mara"
    changed["hotspots"] = []
    bundle.save_document(changed, owner=owner, actor=owner, into=world)
    rows = {row.part: row for row in WorldHistory.objects.filter(version=world.draft_version)}
    assert set(rows) == {"npc/captain_mara", "hotspot/harbor/enter_tavern"}
    assert (rows["npc/captain_mara"].after["name"], rows["hotspot/harbor/enter_tavern"].after, rows["npc/captain_mara"].actor) == (
        "Mara",
        None,
        owner,
    )
    version = world.draft_version
    bundle.save_document(changed, owner=owner, actor=owner, into=world)
    assert World.objects.get().draft_version == version, "what changes nothing bumps nothing"


def test_an_export_says_how_many_files_are_still_pending(owner: User) -> None:
    world = bundle.save_document(harbor(), owner=owner)
    assert bundle.export(world, io.BytesIO()) == 3


def test_the_same_recipe_of_the_same_owner_is_one_asset(owner: User) -> None:
    bundle.save_document(harbor(), owner=owner)
    bundle.save_document(harbor(), owner=owner)
    assert Asset.objects.filter(owner=owner).count() == 3


def test_things_of_the_same_key_keep_their_ids_and_the_rest_goes(owner: User) -> None:
    world = bundle.save_document(harbor(), owner=owner)
    before = bundle.document(world)[1]
    changed = harbor()
    changed["scenes"][0]["nodes"][1]["label"] = "Where now?"
    changed["scenes"][0]["nodes"].append({"key": "node9", "kind": "end"})
    changed["scenes"][0]["edges"][0]["to"] = "node9"
    del changed["scenes"][0]["edges"][1]
    changed["scenes"][0]["is_entry"], changed["scenes"][1]["is_entry"] = False, True
    changed["hotspots"], changed["locations"][1]["name"] = [], "Rusty"
    changed["npcs"].append({"key": "ren", "name": "Ren"})
    bundle.save_document(changed, owner=owner, into=world)
    document, ids = bundle.document(World.objects.get(pk=world.pk))
    assert {key: ids["scenes"][key] for key in before["scenes"]} == before["scenes"]
    assert ids["npcs"]["captain_mara"] == before["npcs"]["captain_mara"]
    assert (ids["hotspots"], SceneEdge.objects.count(), document["locations"][1]["name"]) == ({}, 1, "Rusty")
    assert Scene.objects.get(key="harbor_intro").version == 2
    assert Scene.objects.get(key="tavern_npc_encounter").is_entry
    assert World.objects.get(pk=world.pk).draft_version == world.draft_version > 1
    minimal = {"format": "pixsim-world", "v": 1, "world": {"name": "Empty"}}
    bundle.save_document(minimal, owner=owner, into=world)
    assert not any(model.objects.exists() for model in (Scene, SceneNode, SceneEdge, Npc, NpcState, Location, WorldAsset))


def broken(path: str, value: Any) -> dict[str, Any]:
    document = harbor()
    *parents, last = path.strip("/").split("/")
    target: Any = document
    for part in parents:
        target = target[int(part)] if isinstance(target, list) else target[part]
    if isinstance(target, list):
        target.insert(int(last), value)
    else:
        target[last] = value
    return document


@pytest.mark.parametrize(
    ("path", "value", "pointer"),
    [
        ("/scenes/0/location", "nowhere", "/scenes/0/location"),
        ("/scenes/0/npc", "nobody", "/scenes/0/npc"),
        ("/scenes/0/nodes/0/asset", "nothing", "/scenes/0/nodes/0/asset"),
        ("/scenes/0/edges/0/to", "node7", "/scenes/0/edges/0/to"),
        ("/scenes/0/edges/0/to_scene", "harbor_intro", "/scenes/0/edges/0/to_scene"),
        ("/scenes/1/is_entry", True, "/scenes/1/is_entry"),
        ("/scenes/1/key", "harbor_intro", "/scenes/1/key"),
        ("/hotspots/0/location", "nowhere", "/hotspots/0/location"),
        ("/hotspots/0/scope", "world", "/hotspots/0/scope"),
        ("/npcs/0/home", "nowhere", "/npcs/0/home"),
        ("/npcs/0/pinned", "nowhere", "/npcs/0/pinned"),
        ("/npcs/0/schedule/0/location", "nowhere", "/npcs/0/schedule/0/location"),
        ("/npcs/0/schedule/1/key", "slot1", "/npcs/0/schedule/1/key"),
        ("/npcs/0/expressions/0/asset", "nothing", "/npcs/0/expressions/0/asset"),
        ("/world/poster", "nothing", "/world/poster"),
        ("/locations/0/asset", "harbor_picture", "/locations/0/asset"),
        ("/locations/0/picture", "harbor_dawn", "/locations/0/picture"),
        ("/npcs/0/expressions/0/asset", "harbor_dawn", "/npcs/0/expressions/0/asset"),
        ("/hotspots/0/region", {"x": 0.9, "y": 0, "width": 0.2, "height": 1}, "/hotspots/0/region/width"),
        ("/world/meta/manifest", {"turn_presets": {"a": {"avg_turns": 3, "max_turns": 2}}}, "/world/meta/manifest/turn_presets/a/avg_turns"),
        ("/assets/0", {"key": "photo", "media_type": "image", "sha256": "0" * 64}, "/assets/0/sha256"),
    ],
)
def test_a_reference_that_cannot_be_kept_is_refused_with_its_place_and_nothing_is_stored(path: str, value: Any, pointer: str, owner: User) -> None:
    with pytest.raises(Invalid) as caught:
        bundle.save_document(broken(path, value), owner=owner)
    assert pointer in [error.pointer for error in caught.value.errors]
    assert not World.objects.exists()
    assert not Asset.objects.exists()


def test_every_problem_is_told_at_once(owner: User) -> None:
    document = broken("/scenes/0/location", "nowhere")
    document["npcs"][0]["home"] = "nowhere"
    document["hotspots"][0]["location"] = "nowhere"
    with pytest.raises(Invalid) as caught:
        bundle.save_document(document, owner=owner)
    assert {error.pointer for error in caught.value.errors} == {"/scenes/0/location", "/npcs/0/home", "/hotspots/0/location"}


def test_a_world_is_a_folder_of_readable_json_too(owner: User, tmp_path: Path) -> None:
    archive.write_folder(harbor(), tmp_path)
    (tmp_path / "README.md").write_text("not part of it")
    assert '"title": "Harbor Intro"' in (tmp_path / "scenes/harbor_intro.json").read_text()
    world = bundle.load_folder(tmp_path, owner=owner)
    assert bundle.document(world)[0] == plain(harbor())


PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc000000301010018dd8db00000000049454e44ae426082"
)
