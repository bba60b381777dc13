"""Which model servers there are, who may use them, and what each was found to do. Keys go in and never come out again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from generation.accounts import SHORTEST_KEY, SHOWN, is_key
from generation.addresses import Forbidden, check
from pixsim.lib.encryption import reveal, seal
from pixsim.lib.errors import Invalid

from .models import ModelEndpoint
from .prices import FREE, Prices, listed

Purpose = Literal["dialogue", "node", "summary"]
Rung = Literal["json_schema", "json_object", "text"]
RUNGS: Final[tuple[Rung, ...]] = ("json_schema", "json_object", "text")
OPENAI_URL: Final = "https://api.openai.com/v1"
LOCAL_WRITER: Final = "scripted"


@dataclass(frozen=True, slots=True)
class Ability:
    """What a model of a server was found to do: its rung of the ladder, and the parameters it does not know. `rung` is empty before anybody asked."""

    rung: Rung | Literal[""] = ""
    lacks: tuple[str, ...] = ()

    @classmethod
    def parse(cls, data: Any) -> Ability:
        found = data if isinstance(data, Mapping) else {}
        rung = found.get("rung")
        return cls(rung if rung in RUNGS else "", tuple(str(name) for name in found.get("lacks") or ()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A server, ready for one question. `id` is None for the one of the environment."""

    id: int | None
    key: str
    base_url: str
    secret: str = field(repr=False)
    models: Mapping[str, str]
    choosable: frozenset[str] = frozenset()
    timeout_sec: float = 20
    max_output_tokens: int = 500
    temperature: float | None = None
    prices: Prices | None = None
    local: bool = False
    abilities: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """For the circuit breaker: a changed address or key begins anew."""
        return f"{self.id or 'environment'}-{hashlib.sha256(f'{self.base_url} {self.secret}'.encode()).hexdigest()[:8]}"

    def model_for(self, purpose: Purpose, wanted: str = "") -> str:
        """The model for a purpose: the one a manifest names if it may, else the endpoint's own."""
        return wanted if wanted and wanted in {*self.choosable, *self.models.values()} else self.models.get(purpose) or self.models["dialogue"]

    def ability(self, model: str) -> Ability:
        return Ability.parse(self.abilities.get(model))

    def prices_of(self, model: str) -> Prices:
        return self.prices or (FREE if self.local else listed(model))


# -- rows -------------------------------------------------------------------------------------------------------------
def create_endpoint(*, secret: str = "", **fields: Any) -> ModelEndpoint:
    """A new endpoint. `fields` are those of the model. Raises Invalid."""
    checked(fields.get("base_url", ""))
    with transaction.atomic():
        _make_way(fields)
        row = ModelEndpoint.objects.create(**fields)  # the secret is bound to its id
        _put(row, secret)
        row.save(update_fields=["secret", "last4"])
    return row


def change_endpoint(*, endpoint: ModelEndpoint, secret: str | None = None, **fields: Any) -> ModelEndpoint:
    """Change what is named; None leaves the secret as it is. Another address, key or model has to be tested anew. Raises Invalid.

    A key belongs to its server: where the address changes, the old one is never sent to the new one.
    """
    checked(fields.get("base_url", endpoint.base_url))
    before = ModelEndpoint.objects.get(pk=endpoint.pk)
    moved = fields.get("base_url", before.base_url) != before.base_url
    if moved and secret is None:
        secret = ""
    if moved or secret is not None:
        fields = {**fields, "abilities": {}, "paused_reason": ""}
    with transaction.atomic():
        _make_way(fields)
        for name, value in fields.items():
            setattr(endpoint, name, value)
        if secret is not None:
            _put(endpoint, secret)
        endpoint.save(update_fields=[*fields, "secret", "last4"])
    return endpoint


def _make_way(fields: Mapping[str, Any]) -> None:
    """There is one default: a new one takes the place of the old one."""
    if fields.get("is_default"):
        ModelEndpoint.objects.filter(is_default=True).update(is_default=False)


def _put(row: ModelEndpoint, secret: str) -> None:
    if not is_key(secret):
        raise Invalid([("/secret", "invalid", "A key has printable ASCII characters and no spaces.")])
    row.secret = seal(row, "secret", secret)
    row.last4 = secret[-SHOWN:] if len(secret) >= SHORTEST_KEY else ""


def checked(base_url: str) -> None:
    """Raises Invalid for an address nobody may be sent to."""
    try:
        check(base_url or OPENAI_URL)
    except Forbidden as error:
        raise Invalid([("/base_url", "invalid", error.message)]) from error


def opened(row: ModelEndpoint) -> Endpoint:
    """Decrypted for one question. Raises CannotOpen."""
    base_url = row.base_url or OPENAI_URL
    prices = [row.price_input, row.price_cached, row.price_output]
    said = [float(price) for price in prices if price is not None]
    try:
        local = check(base_url).local
    except Forbidden:
        local = False
    return Endpoint(
        id=row.pk,
        key=row.key,
        base_url=base_url,
        secret=reveal(row, "secret"),
        models={"dialogue": row.dialogue_model, "node": row.node_model, "summary": row.summary_model},
        choosable=frozenset(row.other_models.split()),
        timeout_sec=row.timeout_sec,
        max_output_tokens=row.max_output_tokens,
        temperature=row.temperature,
        prices=Prices(float(row.price_input or 0), float(row.price_cached or row.price_input or 0), float(row.price_output or 0)) if said else None,
        local=local,
        abilities=row.abilities,
    )


def note(endpoint: Endpoint, model: str, ability: Mapping[str, Any]) -> None:
    """Keep what a model was found to do."""
    if endpoint.id is None:
        _environment_abilities[model] = ability
        return
    with transaction.atomic():
        row = ModelEndpoint.objects.select_for_update().filter(pk=endpoint.id).first()
        if row is not None:
            ModelEndpoint.objects.filter(pk=row.pk).update(abilities={**row.abilities, model: dict(ability)})


def pause(endpoint: Endpoint, reason: str) -> None:
    """Send it nothing more until staff say so."""
    if endpoint.id is not None:
        ModelEndpoint.objects.filter(pk=endpoint.id, paused_reason="").update(paused_reason=reason[:300])
        forget_whether()


# -- the environment's ------------------------------------------------------------------------------------------------
_environment_abilities: dict[str, Any] = {}


def environment() -> Endpoint | None:
    """The endpoint of OPENAI_MODEL, OPENAI_BASE_URL and OPENAI_API_KEY. Only with a model: a key that lies about for other programs is no consent."""
    if not settings.OPENAI_MODEL:
        return None
    base_url = settings.OPENAI_BASE_URL or OPENAI_URL
    return Endpoint(
        id=None, key="openai", base_url=base_url, secret=settings.OPENAI_API_KEY, models={"dialogue": settings.OPENAI_MODEL},
        local=bool(settings.OPENAI_BASE_URL) and "api.openai.com" not in base_url, abilities=_environment_abilities,
    )  # fmt: skip


# -- which ------------------------------------------------------------------------------------------------------------
_ARE_THERE: Final = "language-endpoints"


def are_there() -> bool:
    """Whether the site has any endpoint in use. Asked at every line, so the answer is kept; every change of a row forgets it."""
    if settings.OPENAI_MODEL:
        return True
    found = cache.get(_ARE_THERE)
    if found is None:
        found = ModelEndpoint.objects.in_use().exists()
        cache.set(_ARE_THERE, found, 60)
    return bool(found)


@receiver([post_save, post_delete], sender=ModelEndpoint, dispatch_uid="generation.endpoints")
def forget_whether(**_: Any) -> None:
    """After the commit, else another request would keep what was."""
    transaction.on_commit(lambda: cache.delete(_ARE_THERE))
    cache.delete(_ARE_THERE)


def choose(*, providers: Mapping[str, Any], author: Callable[[], int | None], purpose: Purpose) -> tuple[Endpoint, str] | None:
    """The endpoint and model for a line in a world of this author: the first that its manifest's `providers` enables for dialogue, else the site's
    default unless the manifest disables it; None for the writer of this machine. One query, and one where an endpoint is not for everyone.

    Raises CannotOpen.
    """
    rows = {row.key: row for row in ModelEndpoint.objects.in_use()}
    own = environment()
    for key, value in providers.items():
        if not _speaks(value):
            continue
        if key == LOCAL_WRITER:
            return None
        wanted = str(value.get("model") or "") if isinstance(value, Mapping) else ""
        row = rows.get(key)
        if row is not None and _may(row, author):
            found = opened(row)
            return found, found.model_for(purpose, wanted)
        if row is None and own is not None and key == own.key:
            return own, own.model_for(purpose, wanted)
    default = next((row for row in rows.values() if row.is_default and _may(row, author)), None)
    chosen = opened(default) if default is not None else own
    if chosen is None or _disabled(providers.get(chosen.key)):
        return None
    return chosen, chosen.model_for(purpose)


def _may(row: ModelEndpoint, author: Callable[[], int | None]) -> bool:
    if row.everyone:
        return True
    author_id = author()
    return author_id is not None and row.authors.filter(pk=author_id).exists()


def _speaks(value: Any) -> bool:
    if isinstance(value, Mapping):
        return value.get("enabled", True) is not False and "dialogue" in (value.get("purposes") or ["dialogue"])
    return value is True


def _disabled(value: Any) -> bool:
    return value is False or (isinstance(value, Mapping) and not _speaks(value))
