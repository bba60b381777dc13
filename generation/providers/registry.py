"""Which providers there are: those that come with PixSim, and those of installed packages (entry point group `pixsim.providers`).

An entry point is named like the provider's id and leads to its class, or to anything that makes one when called without arguments. One that cannot be
used takes nothing else down: it is left out, and `broken` says why.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from threading import RLock

from .base import Catalogue, Provider

log = logging.getLogger(__name__)

GROUP = "pixsim.providers"
BUILT_IN = {
    "animatic": "generation.providers.animatic.provider:Animatic",
    "pixverse": "generation.providers.pixverse:Pixverse",
    "fal": "generation.providers.fal:Fal",
    "comfyui": "generation.providers.comfyui:ComfyUI",
}
NEEDED = sorted({name for name in {*vars(Provider), *Provider.__annotations__} if not name.startswith("_")})

_providers: dict[str, Provider] = {}
_broken: dict[str, str] = {}
_lock = RLock()


class BrokenProvider(Exception):
    """A package offers a provider that cannot be used. Its text names the package and what is wrong."""


def get(provider_id: str) -> Provider | None:
    """None for one there is not, or that is broken."""
    _load()
    return _providers.get(provider_id)


def known() -> list[Provider]:
    """Every usable provider, our own first."""
    _load()
    ours = [_providers[name] for name in BUILT_IN if name in _providers]
    return [*ours, *(provider for name, provider in _providers.items() if name not in BUILT_IN)]


def broken() -> dict[str, str]:
    """Id to reason, of providers that packages offer and that cannot be used."""
    _load()
    return dict(_broken)


def register(provider: Provider) -> None:
    """For an app that brings a provider in its `ready()`, and for tests."""
    _load()
    _providers[provider.id] = provider


def unregister(provider_id: str) -> None:
    """For tests."""
    _providers.pop(provider_id, None)


@cache
def _load() -> None:
    with _lock:
        for provider_id, where in BUILT_IN.items():
            if provider_id not in _providers:
                module, _, name = where.partition(":")
                _providers[provider_id] = getattr(import_module(module), name)()
        for entry in entry_points(group=GROUP):
            try:
                if entry.name in BUILT_IN:
                    raise BrokenProvider(f"{_package(entry)} offers a provider called {entry.name!r}, which PixSim has itself.")
                _providers.setdefault(entry.name, checked(entry))
            except BrokenProvider as error:
                log.error("%s", error)
                _broken[entry.name] = str(error)


def checked(entry: EntryPoint) -> Provider:
    """The provider of an entry point, if it is one. Raises BrokenProvider, whatever a stranger's code raises."""
    try:
        made: Callable[[], Provider] = entry.load()
        provider = made()
    except Exception as error:
        raise BrokenProvider(f"The provider {entry.name!r} of {_package(entry)} cannot be loaded: {type(error).__name__}: {error}") from error
    missing = [name for name in NEEDED if not hasattr(provider, name)]
    if missing:
        raise BrokenProvider(f"The provider {entry.name!r} of {_package(entry)} lacks {', '.join(missing)}.")
    if provider.id != entry.name:
        raise BrokenProvider(f"The provider {entry.name!r} of {_package(entry)} calls itself {provider.id!r}.")
    if not isinstance(provider.catalogue, Catalogue):
        raise BrokenProvider(f"The provider {entry.name!r} of {_package(entry)} has no catalogue.")
    return provider


def _package(entry: EntryPoint) -> str:
    found = getattr(entry, "dist", None)
    return f"{found.name} {found.version}" if found is not None else entry.value
