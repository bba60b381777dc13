"""A world document as files: a folder of readable JSON, or the same in a `.pixsim.zip`. Knows no model and no key's meaning.

    world.json manifest.json locations.json hotspots.json assets.json story_tests.json scenes/<key>.json npcs/<key>.json media/<sha256>.<ext>

Equal documents give equal bytes: sorted keys and names, fixed times. A folder of more than `ONE_FILE_FROM` scenes or people is
one list file instead, so that every archive stays within the limits that reading enforces.
"""

from __future__ import annotations

import hashlib
import json
import re
import stat
import tempfile
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from pixsim.lib import strict_json
from pixsim.lib.errors import Invalid, TooLarge

FORMAT, VERSION = "pixsim-world", 1
MAX_ENTRIES = 500
MAX_BYTES = 200 * 1024 * 1024
MAX_JSON_BYTES = 32 * 1024 * 1024
MAX_RATIO = 100
ONE_FILE_FROM = 200
LISTS = ("locations", "hotspots", "assets")
BESIDE = ("story_tests",)
"""Lists that travel with a world and are no part of its releases; a file only where there is something in it."""
FOLDERS = ("scenes", "npcs")
_CHUNK = 1 << 16
_PART = re.compile(r"(scenes|npcs)/([a-z0-9][a-z0-9_]{0,79})\.json")
_MEDIA = re.compile(r"media/([0-9a-f]{64})\.([a-z0-9]{1,8})")
_TOP = frozenset({"world.json", "manifest.json", *(f"{name}.json" for name in (*LISTS, *FOLDERS, *BESIDE))})
_ARCHIVES = (".zip", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar", ".tar", ".zst", ".jar")


Opener = Callable[[], IO[bytes]]


@dataclass(slots=True)
class Bundle:
    """A document and the files it brought, by SHA-256. The paths live as long as the `with` that gave the bundle."""

    document: dict[str, Any]
    media: dict[str, Path] = field(default_factory=dict)


# -- a document as files and back -------------------------------------------------------------------------------------
def split(document: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """File name and content, names sorted."""
    world = dict(document["world"])
    meta = dict(world.get("meta") or {})
    manifest = meta.pop("manifest", None)
    world["meta"] = meta
    files: dict[str, Any] = {
        "world.json": {"format": document["format"], "v": document["v"], "world": world, "renamed": document.get("renamed") or {}},
        "manifest.json": manifest or {},
    }
    for name in LISTS:
        files[f"{name}.json"] = document.get(name) or []
    files |= {f"{name}.json": document[name] for name in BESIDE if document.get(name)}
    for name in FOLDERS:
        entries = document.get(name) or []
        if len(entries) > ONE_FILE_FROM:
            files[f"{name}.json"] = entries
        else:
            files.update({f"{name}/{entry['key']}.json": entry for entry in entries})
    yield from sorted(files.items())


def join(files: Mapping[str, Any]) -> dict[str, Any]:
    """The document of `split`'s files. Raises Invalid where a file does not have the shape its name promises."""
    head = files.get("world.json")
    if not isinstance(head, dict):
        raise Invalid([("/world", "missing_file", "world.json is missing or not an object.")])
    errors = [(f"/{key}", "unknown_key", f"world.json has an unknown key “{key}”.") for key in head.keys() - {"format", "v", "world", "renamed"}]
    document: dict[str, Any] = {"format": head.get("format"), "v": head.get("v"), "renamed": head.get("renamed") or {}}
    world = dict(head["world"]) if isinstance(head.get("world"), dict) else {}
    manifest = files.get("manifest.json")
    if manifest:
        world["meta"] = {**(world.get("meta") or {}), "manifest": manifest}
    document["world"] = world
    for name in LISTS:
        document[name] = files.get(f"{name}.json") or []
    for name in FOLDERS:
        document[name] = list(files.get(f"{name}.json") or []) if isinstance(files.get(f"{name}.json") or [], list) else []
    for name, content in sorted(files.items()):
        part = _PART.fullmatch(name)
        if part is None:
            continue
        folder, key = part.groups()
        if not isinstance(content, dict):
            errors.append((f"/{folder}", "wrong_type", f"{name} is not an object."))
        elif content.get("key", key) != key:
            errors.append((f"/{folder}/{len(document[folder])}/key", "wrong_key", f"{name} says its key is “{content['key']}”."))
        else:
            document[folder].append({"key": key, **content})
    if errors:
        raise Invalid(errors)
    for name in (*LISTS, *FOLDERS):
        document[name] = _by_key(document[name])
    document |= {name: _by_key(files[f"{name}.json"]) for name in BESIDE if files.get(f"{name}.json")}
    return document


def _by_key(entries: Any) -> Any:
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        return entries
    return sorted(entries, key=lambda entry: str(entry.get("key", "")))


def dump(value: Any) -> bytes:
    """Readable JSON: indented by 2, keys sorted, a newline at the end."""
    return (json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n").encode()


def load(data: bytes, name: str) -> Any:
    """The JSON of one file, as strict as a request's body (no duplicate keys, NUL, lone surrogates, depth over 32)."""
    try:
        return strict_json.loads(data)
    except Invalid as error:
        raise Invalid([(e.pointer, e.code, f"{name}: {e.message}") for e in error.errors]) from None


# -- folders ----------------------------------------------------------------------------------------------------------
def read_folder(path: Path) -> Bundle:
    """The bundle of a folder. Files with other names (a README) are left alone."""
    files: dict[str, Any] = {}
    media: dict[str, Path] = {}
    for found in sorted(p for p in path.rglob("*") if p.is_file()):
        name = found.relative_to(path).as_posix()
        match = _MEDIA.fullmatch(name)
        if match:
            media[match[1]] = found
            _check_hash(match[1], hashlib.file_digest(found.open("rb"), "sha256").hexdigest(), name)
        elif name in _TOP or _PART.fullmatch(name):
            files[name] = load(found.read_bytes(), name)
    return Bundle(join(files), media)


def write_folder(document: Mapping[str, Any], path: Path) -> None:
    for name, content in split(document):
        target = path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(dump(content))


# -- archives ---------------------------------------------------------------------------------------------------------
def write_zip(file: IO[bytes], document: Mapping[str, Any], media: Iterable[tuple[str, Opener]] = ()) -> None:
    """Write the archive to `file`; `media` are file names (`<sha256>.<ext>`) and how to open their bytes."""
    contents: list[tuple[str, bytes | Opener]] = [(name, dump(value)) for name, value in split(document)]
    contents += [(f"media/{name}", opener) for name, opener in media]
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in sorted(contents, key=lambda item: item[0]):
            if callable(content):
                with content() as source, archive.open(_info(name, zipfile.ZIP_STORED), "w") as target:
                    while block := source.read(_CHUNK):
                        target.write(block)
            else:
                archive.writestr(_info(name, _compression(content)), content, compresslevel=9)


def _info(name: str, compression: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    info.compress_type, info.create_system, info.external_attr = compression, 3, (stat.S_IFREG | 0o644) << 16
    return info


def _compression(content: bytes) -> int:
    """Text that packs suspiciously well is stored plain: what we write, we must be willing to read."""
    packed = len(zlib.compress(content, 9)) - 6
    return zipfile.ZIP_DEFLATED if packed * MAX_RATIO * 0.9 > len(content) else zipfile.ZIP_STORED


@contextmanager
def read_zip(file: IO[bytes]) -> Iterator[Bundle]:
    """The bundle of an archive from a stranger; its media lie in a folder that goes away afterwards.

    Raises Invalid for anything that is not a plain bundle, TooLarge over `MAX_BYTES` unpacked (counted while unpacking).
    """
    with tempfile.TemporaryDirectory(prefix="pixsim-bundle-") as folder:
        try:
            with zipfile.ZipFile(file) as archive:
                bundle = _unpack(archive, Path(folder))
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError) as error:
            raise Invalid([("", "bad_archive", f"This is not a readable .pixsim.zip ({error}).")]) from error
        yield bundle


def _unpack(archive: zipfile.ZipFile, folder: Path) -> Bundle:
    entries = archive.infolist()
    _check_entries(entries)
    budget = MAX_BYTES
    files: dict[str, Any] = {}
    media: dict[str, Path] = {}
    for info in entries:
        if info.is_dir():
            continue
        match = _MEDIA.fullmatch(info.filename)
        if match:
            target = folder / match[1]
            with target.open("wb") as sink:
                digest, size = _stream(archive, info, sink, budget)
            _check_hash(match[1], digest, info.filename)
            media[match[1]] = target
        else:
            with tempfile.SpooledTemporaryFile(max_size=1 << 20) as sink:
                _, size = _stream(archive, info, sink, min(budget, MAX_JSON_BYTES))
                sink.seek(0)
                files[info.filename] = load(sink.read(), info.filename)
        budget -= size
    return Bundle(join(files), media)


def _stream(archive: zipfile.ZipFile, info: zipfile.ZipInfo, sink: IO[bytes], budget: int) -> tuple[str, int]:
    """Unpack one entry, trusting nothing its header says about its size."""
    digest, size, first = hashlib.sha256(), 0, b""
    with archive.open(info) as source:
        while block := source.read(_CHUNK):
            first = first or block[:4]
            size += len(block)
            if size > budget:
                raise TooLarge(f"{info.filename}: a bundle holds at most {MAX_BYTES >> 20} MB unpacked, a JSON file {MAX_JSON_BYTES >> 20} MB.")
            if size > MAX_RATIO * max(info.compress_size, 1):
                raise Invalid([("", "suspicious_compression", f"{info.filename} unpacks to more than {MAX_RATIO} times its size.")])
            digest.update(block)
            sink.write(block)
    if first[:4] in (b"PK\x03\x04", b"PK\x05\x06") or first[:3] == b"\x1f\x8b\x08":
        raise Invalid([("", "nested_archive", f"{info.filename} is an archive in the archive.")])
    return digest.hexdigest(), size


def _check_entries(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MAX_ENTRIES:
        raise Invalid([("", "too_many_files", f"A bundle holds at most {MAX_ENTRIES} files; this one has {len(entries)}.")])
    if sum(info.file_size for info in entries) > MAX_BYTES:
        raise TooLarge(f"A bundle holds at most {MAX_BYTES >> 20} MB unpacked.")
    errors: list[tuple[str, str, str]] = []
    seen: set[str] = set()
    for info in entries:
        code, words = _entry_problem(info)
        folded = unicodedata.normalize("NFC", info.filename).casefold()
        if not code and folded in seen:
            code, words = "duplicate_name", "is there twice."
        seen.add(folded)
        if code:
            errors.append(("", code, f"{info.filename[:200]!r} {words}"))
    if errors:
        raise Invalid(errors)


def _entry_problem(info: zipfile.ZipInfo) -> tuple[str, str]:
    # orig_filename: zipfile itself cuts at NUL and turns a backslash into a slash on Windows.
    name, raw = info.filename, info.orig_filename
    if "\0" in raw or "\\" in raw or name.startswith("/") or re.match(r"[A-Za-z]:", name) or ".." in name.split("/"):
        return "unsafe_name", "is not a plain relative name."
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind and not (stat.S_ISREG(kind) or stat.S_ISDIR(kind)):
        return "not_a_file", "is a link or a special file."
    if info.flag_bits & 0x1:
        return "encrypted", "is encrypted."
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "unknown_compression", "is compressed in a way that is not read here."
    if name.casefold().endswith(_ARCHIVES):
        return "nested_archive", "is an archive in the archive."
    if name in _TOP or _PART.fullmatch(name) or _MEDIA.fullmatch(name) or name in {"scenes/", "npcs/", "media/"}:
        return "", ""
    return "unexpected_file", "does not belong in a bundle."


def _check_hash(promised: str, found: str, name: str) -> None:
    if promised != found:
        raise Invalid([("", "wrong_hash", f"{name} has another content than its name says.")])
