"""What players have visited: how often each node and edge of a scene was met, worked out from the logs of sessions by the same `step`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from scenes.models import Scene

from . import storytest_services
from .engine import Action, PlayState, Touch, action_from_json, begin, fold, step
from .engine.actions import Patched, Reconciled, Restored, Started
from .models import GameSession, SessionEvent
from .releases import spec_of_sha
from .spec import WorldSpec

NEWEST = 200  # sessions that are read, and tests that are run
ROWS = 10_000  # rows of the log at most
WITHOUT_TOUCH = (Restored, Reconciled, Patched)

Run = Iterable[tuple[WorldSpec, PlayState | None, Action]]
"""What happened in one session or test: the world each step ran on, the state before it, and the action."""


def visits(run: Run) -> Counter[tuple[str, str]]:
    """How often a run met each node and edge."""
    met: Counter[tuple[str, str]] = Counter()
    for world, state, action in run:
        met.update((touch.kind, touch.subject) for touch in touched(world, state, action) if touch.kind in ("node", "edge"))
    return met


def touched(world: WorldSpec, state: PlayState | None, action: Action) -> tuple[Touch, ...]:
    """What a logged action brought about, by doing it again. Going back, being mended and edits by hand bring about nothing."""
    if isinstance(action, WITHOUT_TOUCH):
        return ()
    if state is not None:
        return step(world, state, action).touched
    return begin(world, action).touched if isinstance(action, Started) else ()


def coverage(scene: Scene) -> dict[str, Any]:
    """Counts for every node and edge the scene has now: in how many sessions and how often altogether, and in how many story tests.

    The newest 200 sessions of the world count, and no more than 10,000 moves of theirs; and the newest 200 tests, as they go on the draft now.
    Two queries for the sessions, two for the scene, one for the tests and what `draft_spec` takes.
    """
    sessions: Counter[tuple[str, str]] = Counter()
    times: Counter[tuple[str, str]] = Counter()
    count = 0
    for met in _sessions(scene.world_id):
        count += 1
        sessions.update(met.keys())
        times.update(met)
    tests = Counter(key for met in storytest_services.met(scene.world, NEWEST) for key in met)

    def row(kind: str, path: str) -> dict[str, int]:
        return {"sessions": sessions[kind, path], "visits": times[kind, path], "tests": tests[kind, path]}

    nodes = scene.nodes.order_by("position", "pk").values_list("key", flat=True)
    edges = scene.edges.order_by("pk").values_list("key", flat=True)
    return {
        "sessions": count,
        "nodes": {key: row("node", f"{scene.key}/{key}") for key in nodes},
        "edges": {key: row("edge", f"edge/{scene.key}/{key}") for key in edges},
    }


def _sessions(world_id: int) -> Iterator[Counter[tuple[str, str]]]:
    newest = list(GameSession.objects.filter(world=world_id).order_by("-pk").values_list("pk", flat=True)[:NEWEST])
    rows = SessionEvent.objects.filter(session__in=newest, patch__isnull=False).order_by("-session_id", "seq")
    runs: dict[int, list[SessionEvent]] = {}
    for event in rows.only("session_id", "action", "world", "patch", "version")[:ROWS]:
        runs.setdefault(event.session_id, []).append(event)
    for events in runs.values():
        yield visits(_replayed(world_id, events))


def _replayed(world_id: int, events: Iterable[SessionEvent]) -> Run:
    state: dict[str, Any] = {}
    for event in events:
        before = PlayState.from_json(state) if state else None
        yield spec_of_sha(world_id, event.world), before, action_from_json(event.action)
        state = dict(fold(state, [event.patch or []]))
