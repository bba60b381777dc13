"""Binary glTF: read strictly, no address outside the file, every accessor inside its buffer, no picture or list too large to unpack, names of the
objects."""

from __future__ import annotations

import io
import json
import shutil
import struct
from pathlib import Path
from typing import Any

from PIL import Image, UnidentifiedImageError

from generation.gltf.still import still

from . import GLB, MEGABYTE, Cleaned, refused

COMPONENT = {5120: 1, 5121: 1, 5122: 2, 5123: 2, 5125: 4, 5126: 4}
PARTS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT2": 4, "MAT3": 9, "MAT4": 16}
EXTENSIONS = ("KHR_materials_", "KHR_texture_transform", "KHR_lights_punctual", "KHR_mesh_quantization")
MAX_NODES = 20_000
MAX_UNPACKED = 256 * MEGABYTE  # all lists as a viewer lays them out; many may share one stretch of the file
MAX_TEXTURE = 8192  # pixels a side
MAX_TEXELS = 100_000_000  # of all textures together; a PNG of a few kilobytes can claim as many alone
MAX_STRIDE = 252  # as the format has it
TEXTURES = ("PNG", "JPEG", "WEBP")


def read_glb(data: bytes) -> tuple[dict[str, Any], bytes]:
    """The JSON and the binary chunk of a GLB. Raises Invalid."""
    if len(data) < 20 or data[:4] != b"glTF":
        raise refused("This is not a binary glTF.", "damaged")
    version, length = struct.unpack_from("<II", data, 4)
    if version != 2 or length != len(data):
        raise refused("The glTF says another version or length than it has.", "damaged")
    document: dict[str, Any] | None = None
    binary = b""
    at = 12
    while at + 8 <= len(data):
        size, kind = struct.unpack_from("<II", data, at)
        chunk = data[at + 8 : at + 8 + size]
        if len(chunk) != size:
            raise refused("The glTF is cut off.", "damaged")
        if kind == 0x4E4F534A and document is None:
            document = _json(chunk)
        elif kind == 0x004E4942 and not binary:
            binary = chunk
        at += 8 + size
    if document is None:
        raise refused("The glTF has no description.", "damaged")
    return document, binary


def _json(chunk: bytes) -> dict[str, Any]:
    try:
        document = json.loads(chunk)
    except (ValueError, RecursionError) as error:
        raise refused("The glTF's description is not JSON.", "damaged") from error
    if not isinstance(document, dict):
        raise refused("The glTF's description is not an object.", "damaged")
    return document


def check(document: dict[str, Any], binary: bytes) -> None:
    """Raises Invalid for addresses of other files, extensions a viewer would need, accessors out of bounds, and what would not fit into a viewer."""
    try:
        uri = _uri(document)
        if uri is not None:
            raise refused(f"The glTF names another file ({uri[:60]!r}); put everything into the .glb.", "external_uri")
        foreign = [name for name in document.get("extensionsRequired", []) if not str(name).startswith(EXTENSIONS)]
        if foreign:
            raise refused(f"The viewer does not know {', '.join(map(str, foreign))}; save without compression.", "extension")
        if len(document.get("nodes", [])) > MAX_NODES:
            raise refused(f"A model may have {MAX_NODES} objects.", "too_many_objects")
        _bounds(document, binary)
    except (TypeError, KeyError, IndexError, AttributeError, RecursionError) as error:
        raise refused("The glTF's description is not well formed.", "damaged") from error


def _uri(value: Any) -> str | None:
    """An address anywhere in it, extensions included; what is under `extras` is the author's and read by nobody."""
    if isinstance(value, dict):
        if "uri" in value:
            return str(value["uri"])
        children = [child for name, child in value.items() if name != "extras"]
    else:
        children = value if isinstance(value, list) else []
    return next((found for found in map(_uri, children) if found is not None), None)


def _bounds(document: dict[str, Any], binary: bytes) -> None:
    views = document.get("bufferViews", [])
    for view in views:
        start, length = _whole(view.get("byteOffset", 0)), _whole(view["byteLength"])
        if view.get("buffer", 0) != 0 or start + length > len(binary):
            raise refused("A part of the glTF lies outside its file.", "damaged")
    unpacked = 0
    for accessor in document.get("accessors", []):
        count, item = _whole(accessor["count"]), COMPONENT[accessor["componentType"]] * PARTS[accessor["type"]]
        unpacked += count * item
        if count < 1 or unpacked > MAX_UNPACKED:
            raise refused(f"The lists of the glTF need more than {MAX_UNPACKED // MEGABYTE} MB, or one is empty.", "too_large")
        if "bufferView" in accessor:
            _inside(views, accessor, count, item)
        if "sparse" in accessor:
            sparse = accessor["sparse"]
            changed = _whole(sparse["count"])
            _inside(views, sparse["indices"], changed, COMPONENT[sparse["indices"]["componentType"]])
            _inside(views, sparse["values"], changed, item)
    _textures(document, views, binary)


def _inside(views: list[Any], part: dict[str, Any], count: int, item: int) -> None:
    """A list of `count` items of so many bytes must lie in its view."""
    view = views[_whole(part["bufferView"])]
    start, stride = _whole(part.get("byteOffset", 0)), _whole(view.get("byteStride", item))
    if not item <= stride <= max(item, MAX_STRIDE) or start + stride * (count - 1) + item > view["byteLength"]:
        raise refused("A list in the glTF is longer than its data.", "damaged")


def _whole(value: Any) -> int:
    """A whole number from 0. Raises TypeError."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise TypeError
    return value


def _textures(document: dict[str, Any], views: list[Any], binary: bytes) -> None:
    """Only the heads are read: a viewer would unpack them all."""
    texels = 0
    for image in document.get("images", []):
        view = views[_whole(image["bufferView"])]
        start = view.get("byteOffset", 0)
        try:
            with Image.open(io.BytesIO(binary[start : start + view["byteLength"]]), formats=TEXTURES) as opened:
                wide, high = opened.size
        except (Image.DecompressionBombError, Image.DecompressionBombWarning):
            wide = high = MAX_TEXTURE + 1
        except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
            raise refused("A texture of the glTF is none of PNG, JPEG and WebP.", "damaged") from error
        texels += wide * high
        if max(wide, high) > MAX_TEXTURE or texels > MAX_TEXELS:
            raise refused(f"A texture may have {MAX_TEXTURE} pixels a side, all together {MAX_TEXELS // 1_000_000} megapixels.", "too_many_pixels")


def objects(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Named nodes that show something, with index and path: names need not be unique."""
    nodes = document.get("nodes", [])
    parents = {child: index for index, node in enumerate(nodes) for child in node.get("children", [])}
    shown = {index for index, node in enumerate(nodes) if "mesh" in node}
    for index in list(shown):  # a group of meshes is an object too
        seen: set[int] = set()
        while index in parents and index not in seen:
            seen.add(index)
            index = parents[index]
            shown.add(index)
    found = []
    for index, node in enumerate(nodes):
        if node.get("name") and index in shown:
            found.append({"object_name": str(node["name"]), "node_index": index, "node_path": _path(nodes, parents, index)})
    return found


def _path(nodes: list[dict[str, Any]], parents: dict[int, int], index: int) -> str:
    names: list[str] = []
    seen: set[int] = set()
    at: int | None = index
    while at is not None and at not in seen:
        seen.add(at)
        names.append(str(nodes[at].get("name") or at))
        at = parents.get(at)
    return "/".join(reversed(names))


def clean_glb(source: Path, target_dir: Path, *, made_by: str = "") -> Cleaned:
    """Check a GLB and keep it as it is, but for `made_by`, which goes into its `asset.extras`; its object names go into meta, and a picture of it
    becomes its poster."""
    document, binary = read_glb(source.read_bytes())
    check(document, binary)
    path = target_dir / "model.glb"
    if made_by:
        path.write_bytes(_labelled(document, binary, made_by))
    else:
        shutil.copyfile(source, path)
    drawn, poster = still(document, binary), target_dir / "poster.jpg"
    if drawn is not None:
        drawn.save(poster, "JPEG", quality=88)
    return Cleaned(path, GLB, poster=poster if drawn is not None else None, meta={"objects": objects(document)})


def _labelled(document: dict[str, Any], binary: bytes, made_by: str) -> bytes:
    asset = document.get("asset")
    if not isinstance(asset, dict):
        raise refused("The glTF does not say what it is.", "damaged")
    extras = asset.get("extras")
    named = {**asset, "extras": {**(extras if isinstance(extras, dict) else {}), "made_by": made_by}}
    text = json.dumps({**document, "asset": named}, separators=(",", ":")).encode()
    chunks = b"".join(
        struct.pack("<II", len(data) + len(pad), kind) + data + pad
        for kind, data, pad in ((0x4E4F534A, text, b" " * (-len(text) % 4)), (0x004E4942, binary, bytes(-len(binary) % 4)))
        if data
    )
    return struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks
