"""Writing assets: wanted by recipe, uploaded, rendered, deleted. File work never happens inside a transaction."""

from __future__ import annotations

import datetime
import hashlib
import json
import logging
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.core.files import File
from django.core.files.storage import Storage
from django.db import IntegrityError, transaction
from django.utils import timezone

from pixsim.lib.errors import Conflict, Invalid, TooLarge

from . import intake, queries, recipes
from .intake.clips import clean_clip
from .intake.glb import clean_glb
from .intake.pictures import clean_picture
from .models import Asset, asset_path

log = logging.getLogger(__name__)

LEASE = datetime.timedelta(seconds=90)  # renewed with every progress report, so a crash is noticed within it
REPORT_EVERY = 0.5  # seconds between two progress writes
MAX_ATTEMPTS = 3
RENDER_TIMEOUT = 600.0
OTHER_PROCESS = True

_rendering: dict[subprocess.Popen[bytes], uuid.UUID | None] = {}  # this process's renders, and the leases they hold
_ending = threading.Event()


class LeaseLost(Exception):
    """Another worker took this asset over, or it was deleted, while we rendered it."""


# -- wanted -----------------------------------------------------------------------------------------------------------


def ensure_asset(*, owner: Any, media_type: str, recipe: dict[str, Any] | None = None, content: bytes | None = None, label: str = "") -> Asset:
    """The owner's asset for a recipe (pending until rendered), or for bytes (checked like an upload, ready at once).

    The same owner and recipe, or content, give the same row, also for two callers at once. Raises Invalid.
    """
    if (recipe is None) == (content is None):
        raise Invalid("An asset needs either a recipe or content.")
    if content is not None:
        asset = upload_asset(owner=owner, file=BytesIO(content), label=label)
        if asset.media_type != media_type:
            raise Invalid(f"The content is {asset.media_type}, not {media_type}.")
        return asset
    wanted: dict[str, Any] = recipe or {}
    recipes.validate(wanted)
    if recipes.media_type_of(wanted) != media_type:
        raise Invalid(f"The renderer {wanted['renderer']} makes {recipes.media_type_of(wanted)}, not {media_type}.")
    digest = recipes.recipe_hash(wanted)
    existing = Asset.objects.filter(owner=owner, recipe_sha256=digest).first()
    if existing:
        return existing
    try:
        with transaction.atomic():
            return Asset.objects.create(
                owner=owner, media_type=media_type, recipe=wanted, recipe_sha256=digest, label=label[:200],
                prompt=str(wanted.get("prompt", "")), provider_id="animatic", is_generated=True,
            )  # fmt: skip
    except IntegrityError:  # somebody else wanted the same at the same moment
        return Asset.objects.get(owner=owner, recipe_sha256=digest)


# -- uploaded ---------------------------------------------------------------------------------------------------------


def upload_asset(*, owner: Any, file: BinaryIO | File[bytes], label: str = "") -> Asset:
    """Check, clean and keep a file. The same content by the same owner gives the same row.

    Raises Invalid for anything but the accepted kinds, TooLarge above the limit of its kind.
    """
    with tempfile.TemporaryDirectory(prefix="pixsim-upload-") as name:
        folder = Path(name)
        source = folder / "upload"
        digest, size, head = _spool(file, source)
        kind = intake.sniff(head)
        if size > intake.LIMITS[kind.media_type]:
            raise TooLarge(f"A file of this kind may have {intake.LIMITS[kind.media_type] // intake.MEGABYTE} MB.")
        known = Asset.objects.filter(owner=owner, meta__upload_sha256=digest, status=Asset.Status.READY).first()
        if known:
            return known
        cleaned = _clean(source, kind, folder, head)
        return _keep_upload(owner, cleaned, label or _label_of(file), digest)


def _spool(file: BinaryIO | File[bytes], target: Path) -> tuple[str, int, bytes]:
    """Copy to disk with an upper bound; hash, size, first bytes."""
    digest, size, head = hashlib.sha256(), 0, b""
    largest = max(intake.LIMITS.values())
    file.seek(0)
    with target.open("wb") as out:
        while chunk := file.read(256 * 1024):
            head = head or chunk[:64]
            size += len(chunk)
            if size > largest:
                raise TooLarge(f"A file may have {largest // intake.MEGABYTE} MB.")
            digest.update(chunk)
            out.write(chunk)
    return digest.hexdigest(), size, head


def _clean(source: Path, kind: intake.Kind, folder: Path, head: bytes) -> intake.Cleaned:
    target = folder / "clean"
    target.mkdir()
    if kind.media_type == "image":
        return clean_picture(source, kind, target, head=head)
    if kind.media_type == "gltf":
        return clean_glb(source, target)
    return clean_clip(source, kind, target)


def _label_of(file: BinaryIO | File[bytes]) -> str:
    return Path(str(getattr(file, "name", "") or "")).name[:200]


def _keep_upload(owner: Any, cleaned: intake.Cleaned, label: str, upload_sha256: str) -> Asset:
    asset = unsaved_asset(owner.pk if owner else None, cleaned)
    asset.label, asset.meta = label[:200], {**cleaned.meta, "upload_sha256": upload_sha256}
    asset.save(force_insert=True)
    return asset


def unsaved_asset(owner_id: int | None, cleaned: intake.Cleaned) -> Asset:
    """A ready asset whose files are stored and whose row is not yet: for a caller who saves it in a transaction of his own."""
    asset = Asset(
        owner_id=owner_id, media_type=cleaned.kind.media_type, status=Asset.Status.READY, progress=1, mime=cleaned.kind.mime,
        width=cleaned.width, height=cleaned.height, duration_sec=cleaned.duration_sec, meta=cleaned.meta,
    )  # fmt: skip
    for name, value in _store(asset, cleaned.path, cleaned.poster).items():
        setattr(asset, name, value)
    return asset


def _store(asset: Asset, path: Path, poster: Path | None) -> dict[str, Any]:
    """Put files under their content's hash; equal content is stored once. Returns the fields to set."""
    asset.sha256 = _file_hash(path)
    storage: Storage = Asset._meta.get_field("file").storage
    stored: dict[str, Any] = {"sha256": asset.sha256, "bytes": path.stat().st_size}
    for field, source in (("file", path), ("poster", poster)):
        if source is None:
            continue
        name = asset_path(asset, source.name)
        if not storage.exists(name):
            with source.open("rb") as opened:
                name = storage.save(name, File(opened))
        stored[field] = name
    return stored


def _file_hash(path: Path) -> str:
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


# -- rendered ---------------------------------------------------------------------------------------------------------


def claim(*, asset_id: int, now: datetime.datetime) -> uuid.UUID | None:
    """Take an asset for rendering: one conditional UPDATE, so of many workers exactly one gets it."""
    if _ending.is_set():
        return None
    token = uuid.uuid4()
    taken = queries.due_renders(now).order_by().filter(pk=asset_id).update(
        status=Asset.Status.RENDERING, lease_until=now + LEASE, lease_token=token, progress=0, error=""
    )  # fmt: skip
    return token if taken else None


def render_pending(kinds: tuple[str, ...] | None = None, progress: Callable[[Asset, float], None] | None = None, limit: int | None = None) -> int:
    """Render what is due, cheap things first, until nothing is left (or `limit`). Returns how many became ready."""
    made = tried = 0
    passed: set[int] = set()
    while limit is None or tried < limit:
        asset_id = queries.due_renders(timezone.now(), kinds).exclude(pk__in=passed).values_list("pk", flat=True).first()
        if asset_id is None:
            break
        passed.add(asset_id)
        token = claim(asset_id=asset_id, now=timezone.now())
        if token is None:
            continue
        tried += 1
        asset = Asset.objects.get(pk=asset_id)
        made += _render_claimed(asset, token, progress)
    return made


def _render_claimed(asset: Asset, token: uuid.UUID, progress: Callable[[Asset, float], None] | None) -> bool:
    if _adopt(asset, token):
        return True
    reporter = _Reporter(asset, token, progress)
    try:
        with tempfile.TemporaryDirectory(prefix="pixsim-render-") as name:
            made = _render(asset.recipe or {}, Path(name), reporter)
            stored = _store(asset, made.path, made.poster)
            return _finish(
                asset, token, status=Asset.Status.READY, progress=1, mime=made.mime, width=made.width, height=made.height,
                duration_sec=made.duration_sec, meta=made.meta, error="", **stored,
            )  # fmt: skip
    except LeaseLost:
        return False
    except Exception as error:
        _failed(asset, token, error)
        return False


def hand_back() -> None:
    """For a process that is about to end: stop its renders and give them back to whoever comes next. They count as no attempt."""
    _ending.set()
    for process, token in list(_rendering.items()):
        held = Asset.objects.filter(status=Asset.Status.RENDERING, lease_token=token)
        held.update(status=Asset.Status.PENDING, lease_until=None, lease_token=None, progress=0)
        process.kill()


def _adopt(asset: Asset, token: uuid.UUID) -> bool:
    """Take over the files of an equal recipe that is ready: they would come out the same, byte by byte."""
    twin = Asset.objects.ready().filter(recipe_sha256=asset.recipe_sha256).exclude(pk=asset.pk).first()
    if twin is None or not twin.file.name or not twin.file.storage.exists(twin.file.name):
        return False
    fields = ("mime", "width", "height", "duration_sec", "meta", "sha256", "bytes")
    values = {name: getattr(twin, name) for name in fields}
    return _finish(asset, token, status=Asset.Status.READY, progress=1, file=twin.file.name, poster=twin.poster.name or "", **values)


def _finish(asset: Asset, token: uuid.UUID, **values: Any) -> bool:
    """Write the end of a render, only while the lease is still ours."""
    changed = Asset.objects.filter(pk=asset.pk, lease_token=token).update(lease_until=None, lease_token=None, **values)
    return bool(changed)


def _failed(asset: Asset, token: uuid.UUID, error: Exception) -> None:
    attempts = asset.attempts + 1
    final = isinstance(error, Invalid) or attempts >= MAX_ATTEMPTS
    log.warning("asset %s could not be rendered (attempt %s): %s", asset.pk, attempts, error)
    _finish(
        asset, token, status=Asset.Status.FAILED if final else Asset.Status.PENDING, attempts=attempts, progress=0,
        error=str(error)[:2000] or type(error).__name__,
    )  # fmt: skip


class _Reporter:
    """Writes progress at most every half second and renews the lease with it."""

    def __init__(self, asset: Asset, token: uuid.UUID, listener: Callable[[Asset, float], None] | None) -> None:
        self.asset, self.token, self.listener = asset, token, listener
        self.written = time.monotonic()

    def __call__(self, share: float) -> None:
        now = time.monotonic()
        if now - self.written < REPORT_EVERY:
            return
        self.written = now
        share = min(1.0, max(0.0, share))
        mine = Asset.objects.filter(pk=self.asset.pk, lease_token=self.token)
        if not mine.update(progress=share, lease_until=timezone.now() + LEASE):
            raise LeaseLost
        self.asset.progress = share
        if self.listener:
            self.listener(self.asset, share)


def _render(recipe: dict[str, Any], folder: Path, progress: recipes.Progress) -> recipes.Rendered:
    """Render in a process of its own: painting must not hold the interpreter that answers players."""
    if not OTHER_PROCESS:
        return recipes.render(recipe, folder, progress)
    recipes.validate(recipe)
    order = folder / "recipe.json"
    order.write_text(json.dumps(recipe))
    command = [sys.executable, "-m", "generation.recipes", str(order), str(folder / "made")]
    errors = folder / "errors.txt"
    with errors.open("wb") as said:
        # In a session of its own: a Ctrl-C in the terminal is for the server, which hands its renders back.
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=said, cwd=settings.BASE_DIR, start_new_session=True)  # noqa: S603 – our own interpreter and files
        _rendering[process] = getattr(progress, "token", None)
        try:
            made = _listen(process, progress)
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()
            del _rendering[process]
            if process.stdout:
                process.stdout.close()
    if made is None and _ending.is_set():
        raise LeaseLost
    if made is None:
        lines = errors.read_text(errors="replace").strip().splitlines()
        raise RuntimeError(lines[-1] if lines else f"the renderer ended with {process.returncode}")
    return made


def _listen(process: subprocess.Popen[bytes], progress: recipes.Progress) -> recipes.Rendered | None:
    deadline = time.monotonic() + RENDER_TIMEOUT
    made: recipes.Rendered | None = None
    for line in process.stdout or ():
        said = json.loads(line)
        if "made" in said:
            facts = said["made"]
            poster = Path(facts.pop("poster")) if facts.get("poster") else facts.pop("poster", None)
            made = recipes.Rendered(path=Path(facts.pop("path")), poster=poster, **facts)
        else:
            progress(said["progress"])
        if time.monotonic() > deadline:
            raise TimeoutError("the render took longer than ten minutes")
    return made if process.wait() == 0 else None


def retry(*, asset: Asset) -> Asset:
    """Let a failed render be tried again. Raises Conflict unless it failed."""
    changed = Asset.objects.filter(pk=asset.pk, status=Asset.Status.FAILED).exclude(recipe_sha256="").update(
        status=Asset.Status.PENDING, attempts=0, error="", progress=0
    )  # fmt: skip
    if not changed:
        raise Conflict("Only a failed render can be tried again.")
    asset.refresh_from_db()
    return asset


# -- deleted ----------------------------------------------------------------------------------------------------------


def delete_asset(*, asset: Asset) -> None:
    """Delete an asset nobody uses; its files go when no other row has them. Raises Conflict naming the uses."""
    used = queries.places_using(asset)
    if used:
        raise Conflict(f"It is still in use: {', '.join(used[:5])}.", uses=used[:50])
    names = [name for name in (asset.file.name, asset.poster.name) if name]
    storage = asset.file.storage
    asset.delete()
    for name in names:
        if not Asset.objects.filter(file=name).exists() and not Asset.objects.filter(poster=name).exists():
            storage.delete(name)


def rename_asset(*, asset: Asset, label: str) -> None:
    """Change what people call it."""
    asset.label = label
    asset.save(update_fields=["label"])
