"""What generation knows of the apps above it: clients they register in `ready()`.

Assets are pointed at by worlds, people and scenes; who may see one therefore depends on things this app must not
import. Each client answers for its own.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from pixsim.lib.errors import NotFound

from .models import Asset, Generation

Context = Mapping[str, Any]
"""Where a result belongs: of `world_id`, `scene_id`, `node_id`, `npc_id`, `session_id` those that are known."""


class Client:
    """An app that uses assets and has some made. What a client knows nothing of it leaves to the others: None, False, nothing."""

    def may_see(self, user: Any, asset: Asset) -> bool:
        """Whether the user (perhaps not signed in), who does not own it, meets the asset somewhere, say in a world open to him."""
        return False

    def uses(self, asset: Asset) -> Sequence[str]:
        """Where the asset is used, in words for its owner."""
        return ()

    def may(self, user: Any, context: Context) -> int | None:
        """The world a result for this context would belong to, if the user may have it made there. None for a context it does not know.
        Raises NotFound, NotAllowed, Invalid."""
        return None

    def owner(self, world_id: int) -> Any:
        """Who owns what is made for a world; None where it does not know the world."""
        return None

    def describe(self, context: Context) -> Mapping[str, str] | None:
        """Words for cards and errors: title, url, world (its name)."""
        return None

    def attach(self, generation: Generation) -> bool:
        """Put the result of a completed job where its `context` says; whether there was something to do. Idempotent: called at least once
        after completion, outside of transactions, and again until it has returned. What it raises is tried again."""
        return False

    def told(self, generation: Generation) -> None:
        """Something about the job has changed: ring its readers. Called after the commit; what it raises is only logged."""


_clients: list[Client] = []
log = logging.getLogger(__name__)


def register(client: Client) -> None:
    """Called once per client from an AppConfig's `ready()`."""
    if client not in _clients:
        _clients.append(client)


def unregister(client: Client) -> None:
    """For tests."""
    if client in _clients:
        _clients.remove(client)


def may_see(user: Any, asset: Asset) -> bool:
    """Owner, staff, anyone signed in for the site's own assets, else whoever a client vouches for (a poster: also strangers)."""
    signed_in = getattr(user, "is_authenticated", False)
    if signed_in and (user.is_staff or asset.owner_id is None or asset.owner_id == user.pk):
        return True
    return any(client.may_see(user, asset) for client in _clients)


def uses(asset: Asset) -> list[str]:
    """Every use the clients know of."""
    return [use for client in _clients for use in client.uses(asset)]


def may(user: Any, context: Context) -> int:
    """The world a context belongs to, where this user may have things made. Raises NotFound, NotAllowed, Invalid."""
    for client in _clients:
        world_id = client.may(user, context)
        if world_id is not None:
            return world_id
    raise NotFound()


def owner(world_id: int) -> Any:
    """Who owns what is made for a world; None where nobody knows it."""
    return next((found for client in _clients if (found := client.owner(world_id)) is not None), None)


def describe(context: Context) -> dict[str, str]:
    """Words for a context: title, url, world; empty ones where nobody knows it."""
    for client in _clients:
        found = client.describe(context)
        if found is not None:
            return {"title": "", "url": "", "world": "", **found}
    return {"title": "", "url": "", "world": ""}


def attach(generation: Generation) -> None:
    """Every client puts the result where it belongs. Raises what the first failing one raises."""
    for client in _clients:
        client.attach(generation)


def told(generation: Generation) -> None:
    """Tells every client that the job changed; never raises."""
    for client in _clients:
        try:
            client.told(generation)
        except Exception:
            log.exception("A client did not hear of generation %s.", generation.pk)
