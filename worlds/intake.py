"""The assets of a document as rows of their owner: by recipe, or by the content a bundle brought."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from django.core.files import File
from django.db.models import Q

from generation import intake as checked
from generation.intake.clips import clean_clip
from generation.intake.glb import clean_glb
from generation.intake.pictures import clean_picture
from generation.models import Asset
from generation.recipes import recipe_hash
from pixsim.lib.errors import FieldError, Invalid

from .bare import is_bare
from .bundle import Entry

HEAD = 64


class Intake:
    """Use as `with Intake(...) as intake, transaction.atomic(): intake.rows()`: files are stored before the transaction begins and taken
    away again if anything fails. Raises Invalid for content the bundle promised and did not bring."""

    def __init__(self, *, owner: Any, entries: Sequence[Entry], media: Mapping[str, Path]) -> None:
        self.owner = owner
        self.entries = entries
        self.media = media
        self._stored: list[Asset] = []
        self._by_content: dict[tuple[str, str], Asset] = {}

    def __enter__(self) -> Self:
        contents = {(entry["media_type"], entry["sha256"]): index for index, entry in enumerate(self.entries) if "sha256" in entry}
        digests = [digest for _, digest in contents]
        same = Q(sha256__in=digests) | Q(meta__upload_sha256__in=digests)
        known = Asset.objects.filter(same, owner=self.owner, recipe__isnull=True).order_by("-pk")
        for asset in known:
            for digest in (asset.meta.get("upload_sha256"), asset.sha256):
                if asset.file and digest in digests:
                    self._by_content[asset.media_type, digest] = asset
        missing = [
            FieldError(f"/assets/{index}/sha256", "missing_media", "The bundle does not bring this file.")
            for (kind, digest), index in contents.items()
            if digest not in self.media and (kind, digest) not in self._by_content
        ]
        if missing:
            raise Invalid(missing)
        try:
            for (kind, digest), index in contents.items():
                if (kind, digest) not in self._by_content:
                    self._by_content[kind, digest] = self._store(self.entries[index], self.media[digest], f"/assets/{index}")
        except BaseException:
            self._take_back()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is not None:
            self._take_back()

    def rows(self, met: Sequence[str] = ()) -> dict[str, Asset]:
        """The asset of every key. Recipes are rendered in the order of their rows, so those of `met` come first. One query, and one for each
        500 new ones."""
        hashes = {entry["key"]: recipe_hash(entry["recipe"]) for entry in self.entries if "recipe" in entry}
        known = {row.recipe_sha256: row for row in Asset.objects.filter(owner=self.owner).exclude(recipe_sha256="")}
        new: dict[str, Asset] = {}
        found: dict[str, Asset] = {}
        order = {key: index for index, key in reversed(list(enumerate(met)))}
        for entry in sorted(self.entries, key=lambda entry: order.get(entry["key"], len(met))):
            if "recipe" in entry:
                digest = hashes[entry["key"]]
                found[entry["key"]] = known.get(digest) or new.setdefault(digest, self._by_recipe(entry, digest))
            elif "sha256" in entry:
                found[entry["key"]] = self._by_content[entry["media_type"], entry["sha256"]]
            else:
                found[entry["key"]] = new.setdefault(entry["key"], self._lost(entry))
        Asset.objects.bulk_create([*new.values(), *self._stored], batch_size=500)
        return found

    def _by_recipe(self, entry: Entry, digest: str) -> Asset:
        recipe = entry["recipe"]
        return Asset(
            owner=self.owner,
            media_type=entry["media_type"],
            recipe=recipe,
            recipe_sha256=digest,
            label=entry["key"].replace("_", " "),
            prompt=str(recipe.get("prompt") or ""),
            provider_id="animatic",
            is_generated=True,
        )

    def _lost(self, entry: Entry) -> Asset:
        return Asset(
            owner=self.owner,
            media_type=entry["media_type"],
            label=entry["key"],
            status=Asset.Status.FAILED,
            error="The bundle did not bring this file.",
        )

    def _store(self, entry: Entry, path: Path, pointer: str) -> Asset:
        with tempfile.TemporaryDirectory(prefix="pixsim-bundle-") as folder:
            cleaned = _cleaned(path, Path(folder), entry["media_type"], pointer)
            kept = path if is_bare(path, cleaned.kind) else cleaned.path
            with kept.open("rb") as source:
                digest = hashlib.file_digest(source, "sha256").hexdigest()
            asset = Asset(
                owner=self.owner,
                media_type=entry["media_type"],
                status=Asset.Status.READY,
                progress=1,
                sha256=digest,
                mime=cleaned.kind.mime,
                bytes=kept.stat().st_size,
                width=cleaned.width,
                height=cleaned.height,
                duration_sec=cleaned.duration_sec,
                meta={**cleaned.meta, "upload_sha256": entry["sha256"]},
                label=entry["key"].replace("_", " "),
                prompt=entry.get("prompt", ""),
                provider_id=entry.get("provider", ""),
                is_generated=entry.get("generated", False),
            )
            self._stored.append(asset)
            self._file(asset, "file", kept, cleaned.path.name)
            if cleaned.poster:
                self._file(asset, "poster", cleaned.poster, cleaned.poster.name)
        return asset

    def _file(self, asset: Asset, field: str, source: Path, name: str) -> None:
        with source.open("rb") as opened:
            getattr(asset, field).save(name, File(opened), save=False)

    def _take_back(self) -> None:
        for asset in self._stored:
            for file in (asset.file, asset.poster):
                if file.name:
                    file.storage.delete(file.name)
        self._stored.clear()


def _cleaned(path: Path, folder: Path, media_type: str, pointer: str) -> checked.Cleaned:
    """Read like any upload: by its first bytes, within the limits of its kind. Raises Invalid at `pointer`."""
    with path.open("rb") as source:
        head = source.read(HEAD)
    try:
        kind = checked.sniff(head)
        if kind.media_type != media_type:
            raise checked.refused(f"The file is {kind.media_type}, not {media_type}.", "kind")
        if path.stat().st_size > checked.LIMITS[media_type]:
            raise checked.refused(f"A file of this kind may have {checked.LIMITS[media_type] // checked.MEGABYTE} MB.", "too_large")
        if media_type == "image":
            return clean_picture(path, kind, folder, head=head)
        return clean_glb(path, folder) if media_type == "gltf" else clean_clip(path, kind, folder)
    except Invalid as error:
        raise Invalid([(f"{pointer}/sha256", found.code, found.message) for found in error.errors]) from None
