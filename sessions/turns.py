"""What every line of an NPC came from, kept: the prompt, the answer, its price, the proposal and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from npcs.prompts import cache
from npcs.writers import FALLBACKS, WriterRequest, Written
from worlds.rules.mood import Mood

from .engine import PlayState, Turn
from .models import DialogueTurn, GameSession
from .spec import WorldSpec


def keep(
    *,
    session: GameSession,
    world: WorldSpec,
    state: PlayState,
    turn: Turn,
    request: WriterRequest,
    written: Written,
    version: int | None,
    result: Mapping[str, Any] | None = None,
) -> DialogueTurn:
    """Keeps an answer with all it came from. One query.

    `world` and `state` are those the line was asked in. `version` is the one it made, None where it came too late and nothing of it was applied.
    A line of the scripted writer is kept with the prompt a model would have got.
    `result` is `{"changes": [change as REST tells it …], "clamped": [{"path", "wanted", "got", "why"} …]}`: `got` is 0 or null for what was refused.
    """
    usage, prompt = written.usage, written.prompt or cache.prompt_of(request)
    return DialogueTurn.objects.create(
        session=session,
        turn=turn.id,
        version=version,
        outcome=_outcome(session, version),
        purpose=request.purpose,
        world=world.sha,
        world_time=state.world_time,
        npc_key=turn.npc,
        interaction=turn.interaction,
        choice=turn.choice,
        said=turn.said,
        text=written.text,
        emotion=(written.emotion or "")[:40],
        mood=mood_json(world.mood(state, turn.npc)),
        writer=written.writer[:40],
        model=written.model[:120],
        prompt=prompt.as_json(),
        prompt_sha256=prompt.sha256,
        prompt_tokens=usage.prompt_tokens if usage else 0,
        completion_tokens=usage.completion_tokens if usage else 0,
        cached_tokens=usage.cached_tokens if usage else 0,
        is_estimated=bool(usage and usage.estimated),
        cost=usage.cost if usage else 0,
        latency_ms=written.latency_ms,
        ladder=list(written.ladder),
        fallback=FALLBACKS.get(written.fallback, written.fallback)[:200],
        raw=written.raw,
        proposal=proposal_json(written),
        result=dict(result or {}),
    )


def _outcome(session: GameSession, version: int | None) -> DialogueTurn.Outcome:
    if version is None:
        return DialogueTurn.Outcome.LATE
    return DialogueTurn.Outcome.APPLIED if session.over is None else DialogueTurn.Outcome.TRIED


def forget_raw(*, before: datetime) -> int:
    """Lets go of raw answers of earlier days; what was made of them stays. How many."""
    return DialogueTurn.objects.filter(created_at__lt=before).exclude(raw="").update(raw="")


def proposal_json(written: Written) -> dict[str, Any]:
    """What a writer would like, without what it leaves open, and what of a model's answer could not be used at all."""
    wishes = {"emotion": written.emotion, "memory": written.memory, "effects": written.proposed, "choices": list(written.choices),
              "left_out": list(written.problems)}  # fmt: skip
    return {name: value for name, value in wishes.items() if value}


def mood_json(mood: Mood) -> dict[str, Any]:
    """A mood with its sum: the points towards valence add up to it, likewise those towards arousal."""
    return {
        **mood.as_json(),
        "valence": mood.valence,
        "arousal": mood.arousal,
        "because": [
            {"source": part.source, "axis": part.axis, "value": part.value, "weight": part.weight, "points": part.points, "towards": part.towards}
            for part in mood.because
        ],
    }
