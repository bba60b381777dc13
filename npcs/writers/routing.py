"""Who writes a line: the model a world may use, within its caps, or the writer of this machine – which speaks whenever the other does not."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from django.conf import settings
from django.core import checks
from django.utils import timezone

from generation.language import breaker, caps, endpoints
from generation.language.caps import Cap, Capped
from generation.language.chat import Answer, Unanswered, estimate
from generation.language.endpoints import Endpoint, Purpose
from generation.language.prices import MICRO_PER_CREDIT
from npcs.prompts.cache import prompt_of
from pixsim.lib.connections import let_go
from pixsim.lib.encryption import CannotOpen
from worlds.models import World

from .base import OnPart, Written
from .openai import OpenAI
from .reasons import FALLBACKS
from .request import WriterRequest
from .scripted import Scripted

log = logging.getLogger(__name__)

COUNTED: Final = frozenset({"timeout", "dropped", "refused", "filtered", "length", "nonsense", "empty", "too_large"})
HURTS: Final = frozenset({"timeout", "unreachable", "dropped", "busy", "server", "auth", "not_found"})
AUTH_REST_SEC: Final = 300.0
GUESSED: Final = 1.25  # what estimated tokens may come to in truth

_scripted = Scripted()


def write(request: WriterRequest, *, on_part: OnPart | None = None) -> Written:
    """The line for a request, by the model its world may use or by the writer of this machine.

    Never raises, and takes no longer than the endpoint's time. What goes wrong ends in a scripted line whose `fallback` is a key of FALLBACKS. No
    database connection is held while a model thinks, unless the caller is in a transaction – which he should not be.
    """
    begun = time.monotonic()
    try:
        return _written(request, on_part, begun)
    except CannotOpen:
        return _instead(request, "key")
    except Exception:
        log.exception("A line could not be written as it should be.")
        return _instead(request, "broken")


def takes_time(request: WriterRequest) -> bool:
    """Whether a model would be asked. Where the site has none, that is known without a query."""
    if not endpoints.are_there():
        return False
    try:
        return _chosen(request) is not None
    except CannotOpen:
        return True


def _chosen(request: WriterRequest) -> tuple[Endpoint, str] | None:
    purpose: Purpose = "node" if request.purpose == "node" else "dialogue"
    return endpoints.choose(providers=request.providers, author=lambda: _owner(request.world), purpose=purpose)


def _instead(request: WriterRequest, reason: str, **more: Any) -> Written:
    return replace(_scripted.write(request), fallback=reason, **more)


def _written(request: WriterRequest, on_part: OnPart | None, begun: float) -> Written:
    chosen = _chosen(request) if endpoints.are_there() else None
    if chosen is None:
        return _scripted.write(request)
    endpoint, model = chosen
    if breaker.rests(endpoint.name):
        return _instead(request, "resting", model=model)
    prompt = prompt_of(request)
    writer = OpenAI(endpoint, model, prompt, begun + endpoint.timeout_sec)
    asked = round((prompt.tokens + prompt.schema_tokens) * (GUESSED if prompt.estimated else 1))
    most = endpoint.prices_of(model).cost(prompt=asked, cached=0, completion=endpoint.max_output_tokens)
    try:
        held = caps.hold(
            _caps(request, asked + endpoint.max_output_tokens, most), tokens=asked + endpoint.max_output_tokens, cost=most, now=timezone.now()
        )
    except Capped as capped:
        return _instead(request, f"cap_{_whose(capped.scope)}", model=model, prompt=prompt)
    let_go()
    used = (0, 0)
    try:
        written, answer = writer.write(request, on_part=on_part)
        used = _used(written)
    except Unanswered as error:
        usage = writer.usage(error.count or estimate(prompt.messages, error.text)) if error.sent and error.reason in COUNTED else None
        written = _instead(
            request, error.reason, model=model, usage=usage, prompt=prompt, raw=error.text[:8000], ladder=error.tried,
            latency_ms=round((time.monotonic() - begun) * 1000),
        )  # fmt: skip
        used = _used(written)
        _took_note_of_failure(endpoint, error)
    else:
        _took_note(endpoint, model, written, answer)
    finally:
        caps.settle(held, tokens=used[0], cost=used[1])
    return written


def _used(written: Written) -> tuple[int, int]:
    usage = written.usage
    return (usage.prompt_tokens + usage.completion_tokens, usage.cost) if usage is not None else (0, 0)


def _took_note(endpoint: Endpoint, model: str, written: Written, answer: Answer) -> None:
    breaker.answered(endpoint.name)
    ability = endpoint.ability(model)
    lower = bool(written.ladder) and written.ladder[-1] != answer.rung
    if answer.learned is not None or lower:
        found = answer.learned or ability
        rung = written.ladder[-1] if lower else found.rung
        endpoints.note(endpoint, model, {"rung": rung, "lacks": list(found.lacks), "tried": list(written.ladder), "by": "a line"})


def _took_note_of_failure(endpoint: Endpoint, error: Unanswered) -> None:
    if error.reason not in HURTS:
        return
    breaker.failed(endpoint.name, rest_sec=AUTH_REST_SEC if error.reason == "auth" else error.rest_sec)
    if error.reason == "auth":
        endpoints.pause(endpoint, FALLBACKS["auth"])


def _owner(world_id: int) -> int | None:
    return World.objects.filter(pk=world_id).values_list("owner_id", flat=True).first() if world_id else None


# -- caps -------------------------------------------------------------------------------------------------------------
def _caps(request: WriterRequest, tokens: int, cost: int) -> list[Cap]:
    """Whose tokens and money this line takes. Raises Capped for one that is too large by itself."""
    site = site_caps()
    turn = site.get("turn", Cap("turn"))
    if (turn.tokens is not None and tokens > turn.tokens) or (turn.cost is not None and cost > turn.cost):
        raise Capped("turn")
    found = [replace(site.get("site", Cap("site")), scope="site")]
    if request.world:
        found.append(_lower(site.get("world"), request.budget, "", f"world/{request.world}"))
    if request.player:
        found.append(replace(site.get("player", Cap("player")), scope=f"player/{request.player}"))
        if request.world and any(name.startswith("dialogue_") and "per_player" in name for name in request.budget):
            found.append(_lower(None, request.budget, "_per_player", f"world/{request.world}/player/{request.player}"))
    return found


def _lower(cap: Cap | None, budget: Mapping[str, Any], suffix: str, scope: str) -> Cap:
    """A manifest can lower what the site allows, not raise it."""
    tokens = [cap.tokens] if cap is not None and cap.tokens is not None else []
    cost = [cap.cost] if cap is not None and cap.cost is not None else []
    said_tokens, said_credits = budget.get(f"dialogue_tokens{suffix}_per_day"), budget.get(f"dialogue_credits{suffix}_per_day")
    tokens += [int(said_tokens)] if said_tokens is not None else []
    cost += [int(said_credits * MICRO_PER_CREDIT)] if said_credits is not None else []
    return Cap(scope, min(tokens, default=None), min(cost, default=None))


def site_caps() -> dict[str, Cap]:
    """The setting DIALOGUE_CAPS, `scope:tokens:credits,…`; an empty number caps nothing."""
    return {cap.scope: cap for cap in _parsed(settings.DIALOGUE_CAPS)}


@checks.register
def caps_can_be_read(app_configs: object, **_: object) -> list[checks.CheckMessage]:
    """Said at the start, not at a player's first line."""
    try:
        site_caps()
    except ValueError:
        hint = "Such as turn:8000:10,player:200000:100 – a scope, tokens, credits; an empty number caps nothing."
        return [checks.Error("DIALOGUE_CAPS cannot be read.", hint=hint, id="npcs.E001")]
    return []


def _parsed(text: str) -> Iterator[Cap]:
    for entry in filter(None, (part.strip() for part in text.split(","))):
        scope, tokens, money = [*entry.split(":"), "", ""][:3]
        if scope not in ("turn", "player", "world", "site"):
            raise ValueError(scope)
        yield Cap(scope, int(tokens) if tokens else None, int(float(money) * MICRO_PER_CREDIT) if money else None)


def _whose(scope: str) -> str:
    return "player" if "player/" in scope else scope.split("/", 1)[0]
