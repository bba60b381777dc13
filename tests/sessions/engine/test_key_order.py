"""Equal hash, equal behaviour: a database may give a document back with its keys in another order."""

from __future__ import annotations

from typing import Any

from sessions import spec
from sessions.spec import WorldSpec
from tests.documents import harbor


def shuffled(value: Any) -> Any:
    """Keys by length, then by name: as PostgreSQL's jsonb keeps them."""
    if isinstance(value, dict):
        return {key: shuffled(value[key]) for key in sorted(value, key=lambda key: (len(key), key), reverse=True)}
    return [shuffled(item) for item in value] if isinstance(value, list) else value


def test_a_world_is_the_same_in_whatever_order_its_keys_come() -> None:
    here, there = WorldSpec(harbor()), WorldSpec(shuffled(harbor()))
    assert here.sha == there.sha
    spec._parts.clear()  # compiled parts are shared by hash: each world compiles its own here
    one = here.interactions("captain_mara")
    spec._parts.clear()
    other = there.interactions("captain_mara")
    assert [(name, found.gate) for name, found in one.items()] == [(name, found.gate) for name, found in other.items()]
