"""Results fetched from a real HTTP server that misbehaves: what comes in is a clean file that says what it is, or nothing at all."""

from __future__ import annotations

import socket
import struct
import subprocess
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import pytest
import requests
from PIL import Image

from generation import addresses, downloads
from generation.downloads import MADE_BY, NotFetched, fetch
from generation.intake.clips import clean_clip
from generation.intake.glb import read_glb
from generation.providers.base import RemoteFile
from pixsim.lib.errors import Invalid

from .conftest import picture_bytes
from .test_addresses import BAD_URLS, HOSTS, NUMBERS, PRIVATE
from .test_intake import PLAIN, glb


def made(fake: Any, prompt: str, *, image: bool = False) -> RemoteFile:
    """A finished job's file at the server."""
    path = "fal-ai/flux/dev" if image else "fal-ai/wan/v2.2-5b/text-to-video"
    answer = requests.post(f"{fake.url}/{path}", json={"prompt": prompt}, headers={"Authorization": "Key k"}, timeout=10)
    assert answer.status_code == 200, answer.text
    fake.advance(600)
    return RemoteFile(url=f"{fake.url}/files/fal-{fake.jobs()[-1]['id']}.{'png' if image else 'mp4'}")


def said(path: Path) -> str:
    return subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), "-i", str(path)], capture_output=True, text=True, check=False).stderr


@pytest.fixture
def fake(fake_providers: Any) -> Any:
    fake_providers.config(tiny_files=True)
    return fake_providers


def test_a_clip_comes_with_poster_and_length_and_says_that_a_machine_made_it(fake: Any, tmp_path: Path) -> None:
    found = fetch(made(fake, "a harbor"), [fake.host], tmp_path)
    assert (found.kind.mime, found.width, found.height) == ("video/mp4", 64, 36)
    assert found.duration_sec == pytest.approx(1, abs=0.2)
    assert found.poster is not None
    with Image.open(found.poster) as poster:
        assert poster.size == (64, 36)
    assert MADE_BY in said(found.path)
    assert "Video: h264" in said(found.path)


def test_what_no_browser_plays_is_encoded_anew(fake: Any, tmp_path: Path) -> None:
    found = fetch(made(fake, "a harbor [fake:odd_codec]"), [fake.host], tmp_path)
    assert "Video: h264" in said(found.path)
    assert MADE_BY in said(found.path)


def test_a_picture_says_it_too(fake: Any, tmp_path: Path) -> None:
    found = fetch(made(fake, "a harbor", image=True), [fake.host], tmp_path)
    with Image.open(found.path) as picture:
        assert (picture.size, picture.info["Comment"]) == ((64, 36), MADE_BY)


def test_the_declared_type_is_not_asked(fake: Any, tmp_path: Path) -> None:
    assert fetch(made(fake, "a harbor [fake:wrong_type]"), [fake.host], tmp_path).kind.mime == "video/mp4"


def test_no_redirect_is_followed(fake: Any, tmp_path: Path) -> None:
    with pytest.raises(NotFetched, match="302"):
        fetch(made(fake, "a harbor [fake:redirect_metadata]"), [fake.host], tmp_path)


def test_a_file_that_is_not_there_yet_may_come_later(fake: Any, tmp_path: Path) -> None:
    remote = made(fake, "a harbor [fake:url_404_for:1]")
    with pytest.raises(NotFetched, match="404"):
        fetch(remote, [fake.host], tmp_path)
    assert fetch(remote, [fake.host], tmp_path).kind.mime == "video/mp4"


def test_a_host_nobody_listed_is_not_asked(fake: Any, tmp_path: Path) -> None:
    remote, before = made(fake, "a harbor"), len(fake.requests())
    with pytest.raises(NotFetched, match="not a host of this provider"):
        fetch(remote, ["media.pixverse.ai"], tmp_path)
    assert len(fake.requests()) == before


def test_a_stream_without_end_is_cut_at_the_largest_size(fake: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads.intake, "LIMITS", dict.fromkeys(downloads.intake.LIMITS, 2 * 1024 * 1024))
    with pytest.raises(Invalid, match="larger than 2 MB"):
        fetch(made(fake, "a harbor [fake:endless]"), [fake.host], tmp_path)
    assert (tmp_path / "fetched").stat().st_size <= 3 * 1024 * 1024


def test_a_byte_a_second_is_cut_by_the_clock(fake: Any, tmp_path: Path) -> None:
    with pytest.raises(NotFetched):
        fetch(made(fake, "a harbor [fake:slow_loris]"), [fake.host], tmp_path, seconds=1.5)


def test_half_a_clip_is_no_clip(fake: Any, tmp_path: Path) -> None:
    with pytest.raises(Invalid):
        fetch(made(fake, "a harbor [fake:truncated_video]"), [fake.host], tmp_path)


def test_what_is_no_media_is_refused(fake: Any, tmp_path: Path) -> None:
    with pytest.raises((Invalid, NotFetched)):
        fetch(RemoteFile(url=f"{fake.url}/_control/jobs"), [fake.host], tmp_path)


@pytest.mark.parametrize("url", [*BAD_URLS, *(f"https://{host}/x" for host in NUMBERS)])
def test_a_bad_address_is_never_connected_to(url: str, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(addresses, "resolve", lambda place: pytest.fail(f"{place.host} was looked up"))
    with pytest.raises(NotFetched):
        fetch(RemoteFile(url=url), HOSTS, tmp_path)


@pytest.mark.parametrize("address", [entry for entry in PRIVATE if entry.count(".") == 3 or ":" in entry])
def test_an_allowed_name_that_leads_inside_is_never_connected_to(address: str, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(2, 1, 6, "", (address, 443))])
    monkeypatch.setattr(addresses.sockets, "create_connection", lambda *_, **__: pytest.fail("connected"))
    with pytest.raises(NotFetched, match="private"):
        fetch(RemoteFile(url="https://media.example.com/x.mp4"), HOSTS, tmp_path)


def test_a_name_that_changes_its_mind_is_asked_once(tmp_path: Path, monkeypatch: Any) -> None:
    asked: list[str] = []
    reached: list[Any] = []

    def rebinding(host: str, port: int, *_: Any, **__: Any) -> Any:
        asked.append(host)
        return [(2, 1, 6, "", ("93.184.216.34" if len(asked) == 1 else "169.254.169.254", port))]

    def connect(address: Any, *_: Any, **__: Any) -> Any:
        reached.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    monkeypatch.setattr(addresses.sockets, "create_connection", connect)
    with pytest.raises(NotFetched):
        fetch(RemoteFile(url="https://media.example.com/x.mp4"), HOSTS, tmp_path)
    assert reached == [("93.184.216.34", 443)]


def test_no_account_of_ours_goes_along(fake: Any, tmp_path: Path, monkeypatch: Any) -> None:
    """Only what the provider itself put to the file; no password file, no cookie, no wish for packed bytes."""
    netrc = tmp_path / "netrc"
    netrc.write_text("default login somebody password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    sent: list[Any] = []
    real = requests.Session.send
    monkeypatch.setattr(requests.Session, "send", lambda self, request, **options: sent.append(request.headers) or real(self, request, **options))
    remote = made(fake, "a harbor")
    sent.clear()
    fetch(RemoteFile(url=remote.url, headers={"X-Of-The-Provider": "1"}), [fake.host], tmp_path)
    assert {**sent[0]} == {"User-Agent": "PixSim", "Accept-Encoding": "identity", "Connection": "close", "X-Of-The-Provider": "1"}


@pytest.mark.parametrize("colour", ["yuv444p", "yuv420p10le"])
def test_h264_in_colours_a_phone_does_not_know_is_encoded_anew(colour: str, tmp_path: Path) -> None:
    source = tmp_path / "in.mp4"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", "-f", "lavfi", "-i", "testsrc=size=64x48:rate=8:duration=0.5"]
    subprocess.run([*command, "-c:v", "libx264", "-pix_fmt", colour, str(source)], check=True)
    target = tmp_path / "clean"
    target.mkdir()
    found = clean_clip(source, downloads.intake.MP4, target, made_by=MADE_BY)
    assert colour in said(source)
    assert "yuv420p(" in said(found.path)


def test_a_plain_clip_is_copied_not_encoded(fake: Any, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("generation.intake.clips._anew", lambda *_: pytest.fail("encoded"))
    assert fetch(made(fake, "a harbor"), [fake.host], tmp_path).kind.mime == "video/mp4"


def served(monkeypatch: Any, data: bytes) -> None:
    monkeypatch.setattr(downloads, "_download", lambda remote, hosts, target, seconds: target.write_bytes(data) and data[:64])


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_a_picture_names_its_source_as_readers_of_metadata_know_it(form: str, tmp_path: Path, monkeypatch: Any) -> None:
    served(monkeypatch, picture_bytes(form))
    found = fetch(RemoteFile(url="https://media.example.com/x"), HOSTS, tmp_path)
    with Image.open(found.path) as picture:
        picture.load()
        packet = picture.info.get("xmp") or picture.info["XML:com.adobe.xmp"].encode()
    assert b"digitalsourcetype/trainedAlgorithmicMedia" in packet


def test_a_model_says_it_too_and_keeps_what_it_had(tmp_path: Path, monkeypatch: Any) -> None:
    served(monkeypatch, glb({**PLAIN, "asset": {"version": "2.0", "extras": {"a": 1}}}, b"\1\2\3\4"))
    found = fetch(RemoteFile(url="https://media.example.com/x"), HOSTS, tmp_path)
    document, binary = read_glb(found.path.read_bytes())
    assert document["asset"]["extras"] == {"a": 1, "made_by": MADE_BY}
    assert (document["nodes"], binary) == (PLAIN["nodes"], b"\1\2\3\4")
    assert struct.unpack_from("<I", found.path.read_bytes(), 8)[0] == found.path.stat().st_size
