"""What one session met: each edge and interaction that was offered, locked, open or taken. Pure, and grows move by move."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from pixsim.lib.canonical import canonical_json
from pixsim.lib.errors import DomainError
from worlds.rules.conditions import Verdict

from ..analysis.moves import Move
from ..analysis.subjects import endings_of, hits
from ..coverage import touched
from ..engine import Action, PlayState, Touch, Undrawn, offers
from ..spec import WorldSpec

Json = dict[str, Any]
KINDS = ("edge", "interaction")
COUNTS = ("reached", "locked", "open", "taken", "gate_lost", "choice_lost")


@dataclass
class Facts:
    """By `kind:path`: in how many moments it was locked and open, how often it was taken, and by which clauses it was locked when seen last."""

    subjects: dict[str, Json] = field(default_factory=dict)
    ending: str = ""

    def _of(self, kind: str, path: str) -> Json:
        return self.subjects.setdefault(f"{kind}:{path}", {"locked": 0, "open": 0, "taken": 0, "clauses": []})

    def move(self, world: WorldSpec, before: PlayState | None, action: Action, after: PlayState) -> None:
        """One row of the log: what it took, what it ended, and what the player stands before now."""
        with suppress(DomainError, Undrawn):  # what only an older engine let through; the state it made is in the log all the same
            self._take(world, action, after, touched(world, before, action))
        if after.world != world.sha or (after.turn is not None and after.turn.waiting):
            return  # a state of another release, or nothing to do but to wait for a line
        for offer in offers(world, after):
            fact = self._of(offer.kind, offer.path)
            fact["locked" if offer.unmet else "open"] += 1
            if offer.unmet:
                fact["clauses"] = sorted({clause_key(verdict) for verdict in offer.unmet})

    def _take(self, world: WorldSpec, action: Action, after: PlayState, touches: tuple[Touch, ...]) -> None:
        for touch in touches:
            if touch.kind in KINDS:
                self._of(touch.kind, touch.subject)["taken"] += 1
        if not self.ending and touches:
            endings = endings_of(world)
            flags = frozenset(key for kind, key in endings if kind == "ending")
            met = set(hits(Move((action,), after, touches), flags))
            self.ending = next((":".join(each) for each in endings if each in met), "")


def clause_key(verdict: Verdict) -> str:
    """A clause without how it stood: the same for everybody it kept out."""
    return canonical_json(_asked(verdict))


def _asked(verdict: Verdict) -> Json:
    parts = [_asked(part) for part in verdict.parts if not part.met]
    return {"code": verdict.code, "subject": verdict.subject, "needed": verdict.needed, **({"parts": parts} if parts else {})}


def clause_of(data: Mapping[str, Any]) -> Verdict:
    """The verdict a clause's key stands for, unmet; `had` is what words need and no session's."""
    had = data["needed"] if data["code"] == "cooldown" else None
    return Verdict(data["code"], False, data["subject"], data["needed"], had, tuple(clause_of(part) for part in data.get("parts", ())))


def outcome(fact: Mapping[str, Any]) -> dict[str, int]:
    """What a session counts for in a funnel, 0 or 1 each. What is taken was reached and open, even where it passed by within one move."""
    taken, is_open = bool(fact["taken"]), bool(fact["open"] or fact["taken"])
    return {
        "reached": 1,
        "locked": int(bool(fact["locked"])),
        "open": int(is_open),
        "taken": int(taken),
        "gate_lost": int(not is_open),
        "choice_lost": int(is_open and not taken),
    }


def added(subjects: Mapping[str, Mapping[str, Any]], sign: int) -> Iterator[tuple[str, Counter[str], Counter[str]]]:
    """Subject, counts and clauses that a session adds to a funnel (or takes from it, with −1)."""
    for subject, fact in subjects.items():
        counts = outcome(fact)
        clauses: Iterable[str] = fact["clauses"] if counts["gate_lost"] else ()
        yield subject, Counter({name: sign * value for name, value in counts.items()}), Counter(dict.fromkeys(clauses, sign))
