"""Secrets at rest: AES-256-GCM, bound to their row, with keys that are not SECRET_KEY. What cannot be opened raises; nothing is kept in the clear.

A field holds ciphertext, in Python too, so no log, form, dump or serializer can show a secret by mistake: `seal` puts one in, `reveal` takes it out.
The first key of the ring seals, all of them open; `manage.py rotate_field_keys` seals everything anew with the first.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import os
import re
import secrets
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models

KEY_BYTES = 32
NONCE_BYTES = 12
SEALED = re.compile(r"v1:([A-Za-z0-9_-]{1,40}):([A-Za-z0-9_-]+={0,2})")
_ENTRY = re.compile(r"([A-Za-z0-9_-]{1,40}):([A-Za-z0-9_-]{43}=?)")


class CannotOpen(Exception):
    """The ciphertext belongs to another row or field, was changed, or its key is not in the ring."""


class EncryptedField(models.TextField):  # type: ignore[type-arg]
    """Ciphertext made by `seal`, or nothing. Anything else is refused before it reaches the database; no form and no dump shows it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"blank": True, "default": "", "editable": False, **kwargs})

    def get_prep_value(self, value: Any) -> Any:
        if value and not SEALED.fullmatch(str(value)):
            raise ValueError(f"{self.model._meta.label}.{self.name} takes what `seal` made, nothing else.")
        return super().get_prep_value(value)

    def value_to_string(self, obj: models.Model) -> str:
        return ""


def seal(row: models.Model, field: str, text: str) -> str:
    """The ciphertext of `text` for this field of this row, which must have its primary key already; empty for empty."""
    if not text:
        return ""
    name, key = next(iter(ring().items()))
    nonce = secrets.token_bytes(NONCE_BYTES)
    box = nonce + AESGCM(key).encrypt(nonce, text.encode(), _place(row, field))
    return f"v1:{name}:{base64.urlsafe_b64encode(box).decode()}"


def reveal(row: models.Model, field: str) -> str:
    """The secret, for the one call that needs it; empty for empty. Raises CannotOpen."""
    sealed = getattr(row, field)
    if not sealed:
        return ""
    found = SEALED.fullmatch(sealed)
    key = ring().get(found[1]) if found else None
    if found is None or key is None:
        raise CannotOpen(f"{_where(row, field)}: its key is not in the ring.")
    try:
        box = base64.urlsafe_b64decode(found[2])
        return AESGCM(key).decrypt(box[:NONCE_BYTES], box[NONCE_BYTES:], _place(row, field)).decode()
    except (InvalidTag, ValueError, binascii.Error):
        raise CannotOpen(f"{_where(row, field)}: it was not sealed here.") from None


def _where(row: models.Model, field: str) -> str:
    return f"{row._meta.label} {row.pk} {field}"


def _place(row: models.Model, field: str) -> bytes:
    if row.pk is None:
        raise ValueError("A secret is bound to its row: save the row first.")
    return f"{row._meta.label_lower}|{field}|{row.pk}".encode()


# -- keys -------------------------------------------------------------------------------------------------------------
def ring() -> dict[str, bytes]:
    """The keys by name, the sealing one first: the setting APP_FIELD_KEYS (`id1:base64,id2:base64`), else a file in DATA_DIR made at first use.
    Raises ImproperlyConfigured."""
    text = settings.APP_FIELD_KEYS or _kept_keys(Path(settings.DATA_DIR) / "field_keys")
    return _parsed(text)


def new_key() -> str:
    """One entry for the ring."""
    return f"k{secrets.token_hex(4)}:{base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode()}"


@lru_cache(maxsize=8)
def _parsed(text: str) -> dict[str, bytes]:
    keys: dict[str, bytes] = {}
    for entry in filter(None, re.split(r"[,\s]+", text)):
        found = _ENTRY.fullmatch(entry)
        key = base64.urlsafe_b64decode(found[2].rstrip("=") + "=") if found else b""
        if found is None or len(key) != KEY_BYTES or found[1] in keys:
            raise ImproperlyConfigured("APP_FIELD_KEYS is name:key,name:key with 32 bytes each in URL-safe base64; the names differ.")
        keys[found[1]] = key
    if not keys:
        raise ImproperlyConfigured("APP_FIELD_KEYS holds no key.")
    return keys


def _kept_keys(path: Path) -> str:
    """Of two processes that begin at once, one makes the file and both read it."""
    if not path.exists():
        _write(path, new_key() + "\n", replace=False)
    return path.read_text()


def _write(path: Path, text: str, *, replace: bool) -> None:
    made = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
    handle = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        if replace:
            made.replace(path)
        else:
            with contextlib.suppress(FileExistsError):
                os.link(made, path)
    finally:
        made.unlink(missing_ok=True)


def add_key() -> None:
    """A new sealing key in front of the ring in DATA_DIR. Raises ImproperlyConfigured where the ring comes from the environment."""
    if settings.APP_FIELD_KEYS:
        raise ImproperlyConfigured("The keys come from APP_FIELD_KEYS: put the new one in front there.")
    path = Path(settings.DATA_DIR) / "field_keys"
    _write(path, f"{new_key()}\n{_kept_keys(path)}", replace=True)


# -- rotation ---------------------------------------------------------------------------------------------------------
def rotate(batch: int = 200) -> int:
    """Seal with the first key whatever another one sealed; how many values. It may be stopped and started again at any time: a value is
    replaced only while it is the one that was read, and what is done already is passed over. Raises CannotOpen."""
    current = f"v1:{next(iter(ring()))}:"
    changed = 0
    for model, field in encrypted_fields():
        last = 0
        while True:
            old = model._default_manager.filter(pk__gt=last).exclude(**{field: ""}).exclude(**{f"{field}__startswith": current}).order_by("pk")
            rows = list(old[:batch])
            if not rows:
                break
            for row in rows:
                sealed = seal(row, field, reveal(row, field))
                changed += model._default_manager.filter(pk=row.pk, **{field: getattr(row, field)}).update(**{field: sealed})
                last = row.pk
    return changed


def encrypted_fields() -> Iterator[tuple[type[models.Model], str]]:
    """Every encrypted field there is."""
    for model in apps.get_models():
        for field in model._meta.get_fields():
            if isinstance(field, EncryptedField):
                yield model, field.name
