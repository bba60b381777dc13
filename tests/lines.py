"""Lines that were said and kept, without a writer that takes its time."""

from __future__ import annotations

from typing import Any

from npcs.writers import Written
from sessions import dialogue, turns
from sessions.engine import PlayState, Turn
from sessions.models import DialogueTurn, GameSession
from sessions.releases import spec_of


def keep_line(
    session: GameSession,
    *,
    npc: str = "captain_mara",
    text: str = "Smart. The sea provides for those who respect it.",
    said: str = "",
    choice: str = "",
    turn: int = 0,
    late: bool = False,
    result: Any = None,
    **written: Any,
) -> DialogueTurn:
    """A line of somebody, asked in the session as it is and kept as the game keeps it."""
    world, number = spec_of(session.release), turn or session.version + 1
    asked = Turn(number, npc, "talk", choice, said, True, False, ())
    state = PlayState.from_json(session.state)._replace(turn=asked)
    return turns.keep(
        session=session, world=world, state=state, turn=asked, request=dialogue.request_for(world, state, asked, seed=session.seed),
        written=Written(text=text, **written), version=None if late else number + 1, result=result,
    )  # fmt: skip
