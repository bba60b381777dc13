from __future__ import annotations

import hashlib
import io
import stat
import zipfile
from typing import Any

import pytest

from pixsim.lib.errors import DomainError
from tests.scenes.documents import harbor
from worlds import archive


def good() -> bytes:
    file = io.BytesIO()
    archive.write_zip(file, harbor())
    return file.getvalue()


def with_entry(name: str, content: bytes = b"{}", **attributes: Any) -> bytes:
    file = io.BytesIO(good())
    with zipfile.ZipFile(file, "a") as target:
        info = zipfile.ZipInfo(name)
        info.compress_type = zipfile.ZIP_DEFLATED
        for attribute, value in attributes.items():
            setattr(info, attribute, value)
        target.writestr(info, content)
    return file.getvalue()


def refusal(data: bytes) -> str:
    with pytest.raises(DomainError) as caught, archive.read_zip(io.BytesIO(data)):
        pass
    errors = getattr(caught.value, "errors", ())
    return errors[0].code if errors else caught.value.code


def test_what_is_written_is_read_again() -> None:
    with archive.read_zip(io.BytesIO(good())) as bundle:
        assert bundle.document == harbor()
        assert bundle.media == {}


def test_equal_documents_give_equal_bytes() -> None:
    assert good() == good()


@pytest.mark.parametrize(
    "name", ["/etc/passwd", "../world.json", "scenes/../../x.json", "scenes\\evil.json", "C:/world.json", "..", "npcs/./../x.json"]
)
def test_names_that_lead_elsewhere_are_refused(name: str) -> None:
    assert refusal(with_entry(name)) in {"unsafe_name", "unexpected_file", "bad_archive"}


def test_a_name_cut_by_a_nul_is_refused() -> None:
    data = with_entry("scenes/aXb.json").replace(b"scenes/aXb.json", b"scenes/a\0b.json")
    assert refusal(data) == "unsafe_name"


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFSOCK])
def test_links_and_special_files_are_refused(kind: int) -> None:
    assert refusal(with_entry("scenes/link.json", b"/etc/passwd", external_attr=(kind | 0o777) << 16)) == "not_a_file"


def test_a_name_that_differs_only_in_case_is_refused() -> None:
    assert refusal(with_entry("World.json")) in {"duplicate_name", "unexpected_file"}


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_given_twice_is_refused() -> None:
    assert refusal(with_entry("world.json")) == "duplicate_name"


def test_too_many_files_are_refused() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as target:
        for number in range(archive.MAX_ENTRIES + 1):
            target.writestr(f"npcs/n{number}.json", "{}")
    assert refusal(file.getvalue()) == "too_many_files"


def test_a_bomb_is_refused_while_unpacking() -> None:
    assert refusal(with_entry("scenes/bomb.json", b" " * 10_000_000)) == "suspicious_compression"


def test_a_header_that_lies_about_its_size_does_not_help() -> None:
    data = bytearray(with_entry("scenes/bomb.json", b" " * 10_000_000))
    size = (10_000_000).to_bytes(4, "little")
    while (at := data.find(size)) >= 0:
        data[at : at + 4] = (10).to_bytes(4, "little")
    assert refusal(bytes(data)) in {"suspicious_compression", "bad_archive"}


def test_more_than_the_limit_unpacked_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_BYTES", 1000)
    assert refusal(good()) == "too_large"


@pytest.mark.parametrize("name", ["media/inner.zip", "scenes/a.tar.gz", "npcs.7z"])
def test_archives_in_the_archive_are_refused(name: str) -> None:
    assert refusal(with_entry(name)) == "nested_archive"


def test_an_archive_under_another_name_is_refused() -> None:
    inner = good()
    assert refusal(with_entry(f"media/{hashlib.sha256(inner).hexdigest()}.png", inner)) == "nested_archive"


def test_media_must_be_what_their_name_says() -> None:
    assert refusal(with_entry(f"media/{'0' * 64}.png", b"something")) == "wrong_hash"


@pytest.mark.parametrize(
    ("content", "code"),
    [(b'{"key": "other"}', "wrong_key"), (b"[]", "wrong_type"), (b"{", "not_json"), (b'{"a": 1, "a": 2}', "duplicate_key"), (b"[" * 100, "too_deep")],
)
def test_a_file_with_the_wrong_content_is_named(content: bytes, code: str) -> None:
    assert refusal(with_entry("scenes/a.json", content)) == code


def test_what_is_no_archive_is_said_so() -> None:
    assert refusal(b"not a zip") == "bad_archive"
    assert refusal(good()[:200]) == "bad_archive"


def test_encrypted_entries_are_refused() -> None:
    data = bytearray(good())
    at = data.find(b"PK\x01\x02")
    data[at + 8] |= 1
    assert refusal(bytes(data)) == "encrypted"


def test_a_world_of_many_people_stays_within_the_limits_of_reading() -> None:
    document = harbor()
    document["npcs"] = [{**document["npcs"][0], "key": f"n{number:05}"} for number in range(10_000)]
    file = io.BytesIO()
    archive.write_zip(file, document)
    with archive.read_zip(file) as bundle:
        assert bundle.document == document


def test_a_missing_world_file_is_said_so() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as target:
        target.writestr("locations.json", "[]")
    assert refusal(file.getvalue()) == "missing_file"


def test_files_of_the_wrong_shape_never_crash() -> None:
    for name in ("world.json", "manifest.json", "locations.json", "scenes.json", "npcs.json", "assets.json"):
        for content in (b"null", b"1", b'"x"', b"[1]", b"[[]]", b"{}", b'{"world": 1}'):
            file = io.BytesIO()
            with zipfile.ZipFile(file, "w") as target:
                target.writestr(
                    "world.json" if name != "world.json" else "manifest.json", '{"format": "pixsim-world", "v": 1, "world": {"name": "x"}}'
                )
                target.writestr(name, content)
            try:
                with archive.read_zip(file) as bundle:
                    assert isinstance(bundle.document, dict)
            except DomainError:
                pass
