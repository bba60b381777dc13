"""Files from strangers: only what they really are counts, and nothing hostile gets through."""

from __future__ import annotations

import io
import json
import struct
import subprocess
import zlib
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import pytest
from PIL import Image

from generation import intake, services
from generation.gltf.places import market
from generation.intake.glb import check, objects, read_glb
from generation.paint.noise import generator
from pixsim.lib.errors import Invalid, TooLarge
from pixsim.models import User

from .conftest import picture_bytes

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"


def upload(owner: User, data: bytes, name: str = "file") -> Any:
    file = io.BytesIO(data)
    file.name = name
    return services.upload_asset(owner=owner, file=file)


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF"])
def test_a_picture_is_written_anew_without_its_metadata(author: User, form: str) -> None:
    exif = Image.Exif()
    exif[0x010E] = "secret place"
    extra = {} if form == "GIF" else {"exif": exif.tobytes()}
    asset = upload(author, picture_bytes(form, **extra), "holiday.xyz")
    with asset.file.open("rb") as opened:
        data = opened.read()
    assert b"secret" not in data
    assert (asset.width, asset.height, asset.media_type, asset.label) == (40, 30, "image", "holiday.xyz")


def test_a_turned_photo_is_stored_upright(author: User) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    asset = upload(author, picture_bytes("JPEG", exif=exif.tobytes()))
    assert (asset.width, asset.height) == (30, 40)


@pytest.mark.parametrize(
    "data", [SVG, HTML, b"", b"#!/bin/sh\n", b"PK\x03\x04" + bytes(60), b"#EXTM3U\n#EXT-X-MEDIA:URI=file:///etc/passwd\n", b"MZ" + bytes(99)]
)
def test_what_is_no_medium_is_refused_whatever_it_is_called(author: User, data: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        upload(author, data, "harmless.png")
    assert refused.value.errors[0].pointer == "/file"


def test_a_page_behind_a_picture_header_is_refused(author: User) -> None:
    with pytest.raises(Invalid, match="damaged"):
        upload(author, b"\x89PNG\r\n\x1a\n" + HTML, "face.png")


def test_a_script_behind_a_whole_picture_is_left_behind(author: User) -> None:
    asset = upload(author, picture_bytes("PNG") + HTML)
    with asset.file.open("rb") as opened:
        assert b"script" not in opened.read()


def bomb(side: int) -> bytes:
    """A PNG of a few kilobytes that claims side × side pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(100_000))) + chunk(b"IEND", b"")


@pytest.mark.parametrize("side", [6_000, 9_000, 30_000])
def test_a_picture_bomb_is_refused_before_it_is_unpacked(author: User, side: int) -> None:
    with pytest.raises(Invalid, match="25 megapixels"):
        upload(author, bomb(side))


def test_a_cut_off_picture_is_refused(author: User) -> None:
    data = picture_bytes("JPEG", (400, 300))
    with pytest.raises(Invalid):
        upload(author, data[: len(data) // 3])


def test_too_large_is_its_own_error(author: User, monkeypatch: Any) -> None:
    monkeypatch.setitem(intake.LIMITS, "image", 100)
    with pytest.raises(TooLarge):
        upload(author, picture_bytes("PNG", (200, 200)))
    monkeypatch.setattr(intake, "LIMITS", {"image": 50, "video": 50, "gltf": 50, "audio": 50})
    with pytest.raises(TooLarge):
        upload(author, picture_bytes("PNG"))


def clip(tmp_path: Path, name: str, *options: str) -> bytes:
    path = tmp_path / name
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", "-y", "-f", "lavfi", "-i", "testsrc=size=64x48:rate=8:duration=0.5"]
    subprocess.run([*command, *options, str(path)], check=True)
    return path.read_bytes()


def test_a_clip_is_measured_copied_and_gets_a_poster(author: User, tmp_path: Path) -> None:
    data = clip(tmp_path, "a.mp4", "-pix_fmt", "yuv420p", "-metadata", "title=secret place")
    asset = upload(author, data)
    assert (asset.media_type, asset.mime, asset.width, asset.height) == ("video", "video/mp4", 64, 48)
    assert asset.duration_sec == pytest.approx(0.5, abs=0.1)
    with asset.file.open("rb") as opened:
        assert b"secret" not in opened.read()
    with asset.poster.open("rb") as opened:
        assert Image.open(opened).size == (64, 48)


def test_a_webm_is_taken(author: User, tmp_path: Path) -> None:
    assert upload(author, clip(tmp_path, "a.webm", "-c:v", "libvpx", "-b:v", "200k")).mime == "video/webm"


def test_a_clip_no_browser_plays_is_refused_with_what_to_use(author: User, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="h264"):
        upload(author, clip(tmp_path, "a.mp4", "-c:v", "mpeg4"))


def test_a_playlist_that_pretends_to_be_a_clip_opens_nothing(author: User) -> None:
    with pytest.raises(Invalid):
        upload(author, bytes(4) + b"ftypisom" + b"ffconcat version 1.0\nfile '/etc/passwd'\n" * 10)


def glb(document: dict[str, Any], binary: bytes = b"") -> bytes:
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    binary += bytes(-len(binary) % 4)
    chunks = struct.pack("<II", len(text), 0x4E4F534A) + text + (struct.pack("<II", len(binary), 0x004E4942) + binary if binary else b"")
    return struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks


PLAIN = {"asset": {"version": "2.0"}, "nodes": [{"name": "door", "mesh": 0}], "meshes": [{"primitives": []}]}


def test_a_model_is_kept_with_the_names_of_its_objects(author: User) -> None:
    asset = upload(author, glb(PLAIN))
    assert asset.meta["objects"] == [{"object_name": "door", "node_index": 0, "node_path": "door"}]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"buffers": [{"byteLength": 4, "uri": "http://example.org/x.bin"}]}, "another file"),
        ({"images": [{"uri": "../../secret.png"}]}, "another file"),
        ({"extensionsRequired": ["KHR_draco_mesh_compression"]}, "does not know"),
        ({"bufferViews": [{"buffer": 0, "byteLength": 9_999}]}, "outside"),
        ({"bufferViews": [{"buffer": 0, "byteOffset": -8, "byteLength": 8}]}, "not well formed"),
        ({"bufferViews": "what"}, "not well formed"),
        ({"nodes": [{}] * 20_001}, "20000"),
        ({"extensions": {"MSFT_audio_emitter": {"clips": [{"uri": "https://evil.test/a.mp3"}]}}}, "another file"),
        ({"images": [{"uri": "data:image/png;base64,AAAA"}]}, "another file"),
        ({"bufferViews": [{"buffer": 0, "byteLength": 8, "byteOffset": True}]}, "not well formed"),
        ({"accessors": [{"componentType": 5126, "count": 2**31, "type": "MAT4"}]}, "256 MB"),
        ({"accessors": [{"componentType": 5126, "count": 10**6, "type": "MAT4"}] * 5}, "256 MB"),
        ({"accessors": [{"componentType": 5126, "count": 0, "type": "VEC3"}]}, "empty"),
        ({"accessors": [{"componentType": 5126, "count": 2.5, "type": "VEC3"}]}, "not well formed"),
        (
            {
                "bufferViews": [{"buffer": 0, "byteLength": 8, "byteStride": 0}],
                "accessors": [{"bufferView": 0, "componentType": 5126, "count": 10**6, "type": "SCALAR"}],
            },
            "longer than its data",
        ),
        (
            {
                "bufferViews": [{"buffer": 0, "byteLength": 16}],
                "accessors": [{"bufferView": -1, "componentType": 5126, "count": 1, "type": "SCALAR"}],
            },
            "not well formed",
        ),
        (
            {
                "bufferViews": [{"buffer": 0, "byteLength": 16}],
                "accessors": [
                    {
                        "componentType": 5126,
                        "count": 9,
                        "type": "VEC3",
                        "sparse": {"count": 9, "indices": {"bufferView": 0, "componentType": 5125}, "values": {"bufferView": 0}},
                    }
                ],
            },
            "longer than its data",
        ),
        ({"bufferViews": [{"buffer": 0, "byteLength": 16}], "images": [{"bufferView": 0, "mimeType": "image/png"}]}, "none of PNG"),
        (
            {
                "bufferViews": [{"buffer": 0, "byteLength": 8}],
                "accessors": [{"bufferView": 0, "componentType": 5126, "count": 900, "type": "VEC3"}],
            },
            "longer than its data",
        ),
    ],
)
def test_a_hostile_model_is_refused(author: User, change: dict[str, Any], words: str) -> None:
    with pytest.raises(Invalid, match=words):
        upload(author, glb({**PLAIN, **change}, bytes(16)))


def with_texture(picture: bytes, times: int = 1) -> bytes:
    view = {"buffer": 0, "byteLength": len(picture)}
    images = [{"bufferView": 0, "mimeType": "image/png"}] * times
    return glb({**PLAIN, "buffers": [{"byteLength": len(picture)}], "bufferViews": [view], "images": images}, picture)


def test_a_model_may_bring_its_textures(author: User) -> None:
    assert upload(author, with_texture(picture_bytes("PNG"))).media_type == "gltf"
    assert upload(author, with_texture(picture_bytes("JPEG"))).media_type == "gltf"


@pytest.mark.parametrize(("side", "times"), [(30_000, 1), (8_200, 1), (4_900, 5)])
def test_a_picture_bomb_inside_a_model_is_refused(author: User, side: int, times: int) -> None:
    with pytest.raises(Invalid, match="pixels"):
        upload(author, with_texture(bomb(side), times))


def test_what_an_author_keeps_under_extras_is_his(author: User) -> None:
    assert upload(author, glb({**PLAIN, "extras": {"uri": "https://example.org/notes"}})).media_type == "gltf"


def test_a_model_nested_beyond_reason_is_refused(author: User) -> None:
    deep = b'{"a":' * 200_000
    deep += b" " * (-len(deep) % 4)
    with pytest.raises(Invalid):
        upload(author, struct.pack("<4sII", b"glTF", 2, 20 + len(deep)) + struct.pack("<II", len(deep), 0x4E4F534A) + deep)


def test_nodes_in_a_circle_do_not_hang_the_reader() -> None:
    document = {"nodes": [{"name": "a", "children": [1], "mesh": 0}, {"name": "b", "children": [0]}]}
    assert {item["object_name"] for item in objects(document)} == {"a", "b"}


def test_our_own_models_pass_our_own_check() -> None:
    document, binary = read_glb(market(generator("x")).glb("test"))
    check(document, binary)
    assert {"stall_fish", "stall_cloth", "stall_tools", "fountain", "arch"} <= {item["object_name"] for item in objects(document)}
