"""An order in a provider's words: prompt, style, pictures."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db.models import Q

from pixsim.lib.errors import FieldError, Invalid

from .models import Asset, AssetLineage, Generation
from .providers.base import MediaRequest, Operation, Source

FRAMES = (AssetLineage.Kind.FIRST_FRAME, AssetLineage.Kind.LAST_FRAME)


MAX_TEXT = 5000
MAX_ENTRY = 500  # characters of one word of style
MAX_ENTRIES = 50
MAX_SEC = 600


def problems(inputs: Mapping[str, Any], params: Mapping[str, Any], action_block: Mapping[str, Any]) -> list[FieldError]:
    """What no provider could read, so that each may rely on the shapes; what it cannot do it says itself."""
    found: list[FieldError] = []
    prompt = inputs.get("prompt")
    if not isinstance(prompt, str) or not prompt.strip():
        found.append(FieldError("/inputs/prompt", "required", "A prompt is needed."))
    for name in ("prompt", "negative_prompt"):
        if len(str(inputs.get(name) or "")) > MAX_TEXT:
            found.append(FieldError(f"/inputs/{name}", "too_long", f"This may have {MAX_TEXT} characters."))
    style = inputs.get("style") or {}
    character = style.get("character") if isinstance(style, Mapping) else None
    if isinstance(character, Mapping):  # how somebody looks, as renderers and NPCs have it
        found += _flat("/inputs/style/character", character)
        style = {**style, "character": None}
    found += _flat("/inputs/style", style) + _flat("/canonical_params", params) + _flat("/action_block", action_block)
    lengths = {
        "/inputs/duration_sec": inputs.get("duration_sec"),
        "/inputs/style/duration_sec": style.get("duration_sec") if isinstance(style, Mapping) else 0,
    }
    for pointer, value in lengths.items():
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= MAX_SEC):
            found.append(FieldError(pointer, "range", f"A length is a number of seconds, at most {MAX_SEC}."))
    return found


def _flat(pointer: str, value: Any) -> list[FieldError]:
    """An object of texts, numbers, truths and short lists of them."""
    if not isinstance(value, Mapping) or len(value) > MAX_ENTRIES:
        return [FieldError(pointer, "type", f"This is an object of at most {MAX_ENTRIES} entries.")]
    return [
        FieldError(
            f"{pointer}/{escape(name)}", "type", f"This is a text of at most {MAX_ENTRY} characters, a number, true, false, or a short list of them."
        )
        for name, entry in value.items()
        if not (_scalar(entry) or (isinstance(entry, list) and len(entry) <= MAX_ENTRIES and all(map(_scalar, entry))))
    ]


def _scalar(value: Any) -> bool:
    return value is None or isinstance(value, bool | int | float) or (isinstance(value, str) and len(value) <= MAX_ENTRY)


def escape(name: Any) -> str:
    return str(name).replace("~", "~0").replace("/", "~1")


def source_rows(owner: Any, inputs: Mapping[str, Any], wanted: Sequence[Any]) -> list[dict[str, Any]]:
    """What it is made from as it is kept with the job. `inputs` may name first_frame_asset_id and last_frame_asset_id; `wanted` are orders' `From`.

    Raises Invalid for an asset the owner has not, or a frame that is no ready picture. One query."""
    found = [
        {"kind": one.kind, "asset_id": one.asset_id, "npc_id": one.npc_id, "npc_key": one.npc_key, "note": one.note, "at": f"/sources/{number}"}
        for number, one in enumerate(wanted)
    ]
    for kind in FRAMES:
        if inputs.get(f"{kind}_asset_id") is not None and not any(row["kind"] == kind for row in found):
            asset_id = inputs[f"{kind}_asset_id"]
            found.append({"kind": str(kind), "asset_id": asset_id, "npc_id": None, "npc_key": "", "note": "", "at": f"/inputs/{kind}_asset_id"})
    ids = {row["asset_id"] for row in found if row["asset_id"] is not None}
    assets = {asset.pk: asset for asset in Asset.objects.filter(Q(owner=owner) | Q(owner=None), pk__in=ids)} if ids else {}
    for row in found:
        pointer = row.pop("at")
        asset = assets.get(row["asset_id"])
        if row["asset_id"] is not None and asset is None:
            raise Invalid([(pointer, "does_not_exist", f"There is no asset {row['asset_id']} of yours.")])
        if row["kind"] in FRAMES and (asset is None or asset.media_type != Asset.MediaType.IMAGE or asset.status != Asset.Status.READY):
            raise Invalid([(pointer, "not_a_picture", "A frame is a picture that is ready.")])
        row["sha256"] = asset.sha256 if asset else ""
    return found


def frames_of(sources: Sequence[Mapping[str, Any]]) -> list[tuple[str, Asset | None]]:
    """First and last frame with their assets, if named. One query, none without frames."""
    ids = {source["kind"]: source["asset_id"] for source in sources if source["kind"] in FRAMES}
    assets = Asset.objects.in_bulk(list(ids.values())) if ids else {}
    return [(str(kind), assets.get(ids.get(str(kind), 0))) for kind in FRAMES]


def media_request(
    *, operation_type: str, inputs: Mapping[str, Any], params: Mapping[str, Any], action_block: Mapping[str, Any],
    frames: tuple[Source | None, Source | None] = (None, None),
) -> MediaRequest:  # fmt: skip
    """What every provider understands. The action block is a part of the style; the length may stand in either place, as forms print it."""
    style = {**dict(inputs.get("style") or {}), **dict(action_block)}
    duration = style.pop("duration_sec", None)
    return MediaRequest(
        operation=Operation(operation_type), prompt=str(inputs.get("prompt") or ""), negative_prompt=str(inputs.get("negative_prompt") or ""),
        style=style, duration_sec=inputs.get("duration_sec") or duration, frames=frames, params=dict(params),
    )  # fmt: skip


def request_of(job: Generation, frames: tuple[Source | None, Source | None] = (None, None)) -> MediaRequest:
    """The request of a kept job."""
    return media_request(
        operation_type=job.operation_type, inputs=job.inputs, params=job.canonical_params, action_block=job.action_block, frames=frames
    )


def as_source(asset: Asset | None, path: Path | None = None, reference: str = "") -> Source | None:
    if asset is None:
        return None
    return Source(asset_id=asset.pk, sha256=asset.sha256, media_type=asset.media_type, mime=asset.mime, path=path, reference=reference)


@contextmanager
def local_file(asset: Asset) -> Iterator[Path]:
    """The asset's file on this machine, for as long as it is read; a copy where the storage is elsewhere. Raises OSError."""
    try:
        here = Path(asset.file.path)
    except NotImplementedError:  # S3 and the like
        here = None
    if here is not None:
        yield here
        return
    with tempfile.TemporaryDirectory(prefix="pixsim-source-") as folder:
        copy = Path(folder) / Path(asset.file.name or "file").name
        with asset.file.open("rb") as opened, copy.open("wb") as out:
            for chunk in iter(lambda: opened.read(1 << 20), b""):
                out.write(chunk)
        yield copy
