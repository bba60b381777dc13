"""Where players are lost: by gates that never opened for them, or by their own choice. Counted from the logs by a worker, a little at a time."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import F, Q

from pixsim.lib.errors import NotFound
from worlds.models import World, WorldRelease
from worlds.rules.graph import Edge
from worlds.rules.words import Names, reason, title

from .. import clips, queries
from ..engine import PlayState, action_from_json, fold
from ..models import GameSession, GameSessionQuerySet, SessionEvent
from ..publishing import draft_spec
from ..releases import spec_of, spec_of_sha
from ..spec import WorldSpec
from .models import FunnelRow, SessionTally
from .tally import COUNTS, Facts, added, clause_of

Json = dict[str, Any]
BATCH = 100  # sessions of one transaction
MOST = 2_000  # sessions of one sweep of a world

BY_PLAYERS = Q(on_draft=False, hand_edited=False, forked_from=None)
"""What counts: drafts and edits by hand are an author's trials, and a fork would count its past twice."""


def counted(world_id: int) -> GameSessionQuerySet:
    return GameSession.objects.filter(BY_PLAYERS, world=world_id)


def _due() -> GameSessionQuerySet:
    behind = Q(tally=None) | Q(tally__version__lt=F("version"))
    return GameSession.objects.filter((BY_PLAYERS & behind) | (~BY_PLAYERS & Q(tally__isnull=False)))


def due(world_id: int) -> int:
    """How many sessions have moved since they were counted. One query."""
    return _due().filter(world=world_id).count()


def due_worlds() -> list[int]:
    return sorted(_due().order_by().values_list("world_id", flat=True).distinct())


class _Counted(NamedTuple):
    session: GameSession
    before: SessionTally | None
    facts: Facts | None


def count(world_id: int, *, most: int = MOST) -> int:
    """Brings the tallies of a world's sessions up to date and the funnel with them; how many. The logs are read with no transaction open."""
    wanted = list(_due().filter(world=world_id).order_by("pk").values_list("pk", flat=True)[:most])
    done = 0
    for start in range(0, len(wanted), BATCH):
        done += _keep(world_id, list(_read(world_id, wanted[start : start + BATCH])))
    return done


def _read(world_id: int, session_ids: list[int]) -> Iterator[_Counted]:
    sessions = GameSession.objects.filter(pk__in=session_ids).select_related("tally").order_by("pk")
    rows: dict[int, list[SessionEvent]] = defaultdict(list)
    log = SessionEvent.objects.filter(session__in=session_ids, patch__isnull=False).order_by("seq")
    since = Q(session__tally=None) | Q(version__gt=F("session__tally__version"))
    for event in log.filter(since).only("session_id", "version", "action", "world", "patch"):
        rows[event.session_id].append(event)
    for session in sessions:
        before = getattr(session, "tally", None)
        if session.on_draft or session.hand_edited or session.forked_from_id:
            yield _Counted(session, before, None)
            continue
        facts = Facts({key: dict(fact) for key, fact in before.facts.items()}, before.ending) if before else Facts()
        state = queries.state_at(session, before.version) if before else {}
        _follow(world_id, facts, state, rows[session.pk])
        session.version = rows[session.pk][-1].version if rows[session.pk] else session.version
        yield _Counted(session, before, facts)


def _follow(world_id: int, facts: Facts, state: Json, rows: list[SessionEvent]) -> None:
    """Takes in more rows of a log. What was made on a release that is gone tells nothing any more."""
    for event in rows:
        before = PlayState.from_json(state) if state else None
        state = dict(fold(state, [event.patch or []]))
        try:
            world = spec_of_sha(world_id, event.world)
        except WorldRelease.DoesNotExist:
            continue
        facts.move(world, before, action_from_json(event.action), PlayState.from_json(state))


def _keep(world_id: int, found: list[_Counted]) -> int:
    """One transaction; what somebody else counted meanwhile is left to him."""
    with transaction.atomic():
        World.objects.select_for_update(no_key=True).only("pk").get(pk=world_id)
        now = dict(SessionTally.objects.filter(session__in=[one.session.pk for one in found]).values_list("session_id", "version"))
        mine = [one for one in found if now.get(one.session.pk) == (one.before.version if one.before else None)]
        changes: dict[tuple[str, str], tuple[Counter[str], Counter[str]]] = defaultdict(lambda: (Counter(), Counter()))
        for session, before, facts in mine:
            for subjects, sign in ((before.facts if before else {}, -1), (facts.subjects if facts else {}, 1)):
                for subject, counts, clauses in added(subjects, sign):
                    sums = changes[session.variant, subject]
                    for have, more in zip(sums, (counts, clauses), strict=True):
                        for name, value in more.items():
                            have[name] += value
        SessionTally.objects.filter(session__in=[one.session.pk for one in mine]).delete()
        SessionTally.objects.bulk_create(
            SessionTally(session=session, version=session.version, facts=facts.subjects, ending=facts.ending)
            for session, _, facts in mine
            if facts is not None
        )
        _add(world_id, changes)
    return len(mine)


def _add(world_id: int, changes: Mapping[tuple[str, str], tuple[Counter[str], Counter[str]]]) -> None:
    rows = {(row.variant, f"{row.kind}:{row.path}"): row for row in FunnelRow.objects.filter(world=world_id)}
    new: list[FunnelRow] = []
    changed: list[FunnelRow] = []
    for (variant, subject), (counts, clauses) in changes.items():
        if not any(counts.values()) and not any(clauses.values()):
            continue
        kind, _, path = subject.partition(":")
        row = rows.get((variant, subject))
        (changed if row else new).append(row := row or FunnelRow(world_id=world_id, variant=variant, kind=kind, path=path))
        for name in COUNTS:
            setattr(row, name, getattr(row, name) + counts[name])
        sums = {key: row.clauses.get(key, 0) + clauses[key] for key in {*row.clauses, *clauses}}
        row.clauses = {key: number for key, number in sorted(sums.items()) if number}
    FunnelRow.objects.bulk_create(new)
    FunnelRow.objects.bulk_update(changed, [*COUNTS, "clauses"], batch_size=200)


def recount(world_id: int) -> int:
    """Everything from the beginning: after sessions were deleted the sums still hold them."""
    with transaction.atomic():
        World.objects.select_for_update(no_key=True).only("pk").get(pk=world_id)
        SessionTally.objects.filter(session__world=world_id).delete()
        FunnelRow.objects.filter(world=world_id).delete()
    return count(world_id)


def order_recount(world: World) -> None:
    """Asks a worker. A lost message is no harm: the sums were right but for deleted sessions."""
    clips.send("sessions.tasks.recount_funnel", world.pk)


# -- as told ----------------------------------------------------------------------------------------------------------


def spec_shown(world: World) -> WorldSpec:
    """The world whose titles are shown: the published one, else the draft."""
    return spec_of(world.published) if world.published is not None else draft_spec(world)[0]


def funnel(world: World, *, variant: str | None = None, kind: str = "", scene: str = "") -> Json:
    """The funnel of a world, most lost first: of all sessions, or of those in one variant. Three queries. Raises NotFound for an unknown variant."""
    rows = FunnelRow.objects.filter(world=world)
    variants = sorted(set(rows.order_by().values_list("variant", flat=True).distinct()) - {""})
    if variant:
        if variant not in variants:
            raise NotFound.at("/variant", "No session of that variant has been counted.")
        rows = rows.filter(variant=variant)
    if kind:
        rows = rows.filter(kind=kind)
    if scene:
        rows = rows.filter(kind="edge", path__startswith=f"edge/{scene}/")
    sums: dict[tuple[str, str], tuple[Counter[str], Counter[str]]] = defaultdict(lambda: (Counter(), Counter()))
    for row in rows:
        counts, clauses = sums[row.kind, row.path]
        counts.update({name: getattr(row, name) for name in COUNTS})
        clauses.update(row.clauses)
    spec = spec_shown(world)
    told = [_row(spec, kind, path, counts, clauses) for (kind, path), (counts, clauses) in sums.items() if counts["reached"]]
    told.sort(key=lambda row: (-row["gate_lost"] - row["choice_lost"], row["kind"], row["path"]))
    return {"sessions": SessionTally.objects.filter(session__world=world).count(), "due": due(world.pk), "variants": variants, "rows": told}


def _row(spec: WorldSpec, kind: str, path: str, counts: Counter[str], clauses: Counter[str]) -> Json:
    edge = edges_of(spec).get(path) if kind == "edge" else None
    return {
        "kind": kind,
        "path": path,
        "label": label_of(spec, kind, path),
        "where": where_of(spec, kind, path),
        "automatic": bool(edge and not edge.label),
        "gone": not edge if kind == "edge" else not _interaction_label(spec, path),
        **{name: counts[name] for name in COUNTS},
        "clauses": [{"code": json.loads(key)["code"], "words": clause_words(key, spec.names), "count": n} for key, n in clauses.most_common()],
    }


def clause_words(key: str, names: Names) -> str:
    """What the clause asks for, without what one session had."""
    return reason(clause_of(json.loads(key)), names).replace(" – you have None", "")


@lru_cache(maxsize=16)
def edges_of(spec: WorldSpec) -> Mapping[str, Edge]:
    return {edge.path: edge for scene in spec.scene_keys for node in spec.scene(scene).nodes.values() for edge in (*node.labelled, *node.automatic)}


def label_of(spec: WorldSpec, kind: str, path: str) -> str:
    if kind == "interaction":
        return _interaction_label(spec, path) or title(path.rpartition("/")[2])
    edge = edges_of(spec).get(path)
    if edge is None:
        return title(path.rpartition("/")[2])
    return edge.label or f"Goes on to {edge.target.node if edge.target else edge.to_scene or 'the end'}"


def where_of(spec: WorldSpec, kind: str, path: str) -> str:
    first = path.split("/")[1 if kind == "edge" else 0]
    if kind == "interaction":
        return spec.npc(first).name if first in spec.npc_keys else title(first)
    return spec.scene(first).title if spec.has_scene(first) else title(first)


def _interaction_label(spec: WorldSpec, path: str) -> str:
    npc, _, key = path.partition("/")
    found = spec.interactions(npc).get(key) if npc in spec.npc_keys else None
    return found.label if found else ""
