"""Lines a player reports, and what the world's owner or the site's staff makes of it."""

from __future__ import annotations

import hashlib
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from pixsim.lib.errors import Invalid, NotFound
from pixsim.models import AuditEntry
from worlds.models import World

from . import lines, queries
from .models import GameSession, LineReport
from .releases import spec_of

DIGEST = 16


def digest(text: str) -> str:
    """Names a line: lines have no ids, and what is reported is what was read."""
    return sha256(text)[:DIGEST]


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def reported(session: GameSession, user_id: int) -> frozenset[str]:
    """The digests of the lines a player has reported in a session. One query."""
    found = LineReport.objects.filter(session=session, reporter=user_id).values_list("text_sha256", flat=True)
    return frozenset(one[:DIGEST] for one in found)


def report(*, session: GameSession, reporter: Any, npc: str, line: str, reason: str = LineReport.Reason.OTHER, note: str = "") -> LineReport:
    """Puts a line that is on the page into the queue, once. `line` is its digest or its words. Raises NotFound, Invalid."""
    if reason not in LineReport.Reason.values:
        raise Invalid([("/reason", "invalid_choice", f"Give one of these reasons: {', '.join(LineReport.Reason.values)}.")])
    text, writer = _line(session, npc, line)
    found, _ = LineReport.objects.get_or_create(
        session=session, reporter=reporter, npc_key=npc, text_sha256=sha256(text),
        defaults={"text": text, "writer": writer[:40], "reason": reason, "note": note[:1000]},
    )  # fmt: skip
    return found


def _line(session: GameSession, npc: str, line: str) -> tuple[str, str]:
    """The words and the writer of a line of this NPC that the player sees."""
    state = queries.state_of(session)
    talk = state.talk.get(npc)
    seen = [(one.text, one.writer) for one in talk.lines if one.by == "npc"] if talk else []
    wanted = lines.wanted(spec_of(session.release), state)
    if wanted is not None and wanted.npc == npc:
        seen += lines.rows(session, wanted).exclude(text="").values_list("text", "writer")[:1]
    for text, writer in reversed(seen):
        if line in (text, digest(text)):
            return text, writer
    raise NotFound("This line is not in the conversation any more.")


def readable_by(user: Any) -> QuerySet[LineReport]:
    """The queue: for staff all, for an owner those of his worlds."""
    return LineReport.objects.filter(session__world__in=World.objects.authored_by(user))


@transaction.atomic
def resolve(*, report: LineReport, actor: Any, status: str, answer: str = "") -> bool:
    """Decides an open report, and leaves a trace of who did. False where somebody has decided it already."""
    decided = LineReport.objects.filter(pk=report.pk, status=LineReport.Status.OPEN)
    if not decided.update(status=status, answer=answer[:1000], resolved_by=actor, resolved_at=timezone.now()):
        return False
    AuditEntry.objects.create(actor=actor, action=f"report {status}", subject=f"session/{report.session_id}", detail={"report": report.pk})
    return True
