"""Having made what a session lacks: what to ask for, of whom, and once in its room. Runs in a worker, after the move; whatever goes wrong here
costs the player nothing but the clip."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone

from generation import orders
from generation.models import Asset, Generation
from generation.orders import Order
from generation.providers import registry
from generation.queries import asset_url, poster_url
from npcs.prompts.visual import is_romantic, place_words, visual_prompt
from pixsim.lib.canonical import sha256
from pixsim.lib.errors import DomainError, PaymentRequired
from worlds.rules.graph import Node

from . import clips, queries, services
from .clips import Config
from .dialogue import snapshot_of
from .engine import PlayState
from .models import GameSession, MadeClip
from .releases import spec_of
from .spec import WorldSpec

AGAIN = timedelta(minutes=2)
BROKE_AGAIN = timedelta(hours=1)
AT_ONCE = 6
LOCAL = "animatic"
"""Made on this machine, for nothing: who makes it where nobody else is named or can."""
log = logging.getLogger(__name__)


def make_missing(session_id: int, path: str, arrival: int) -> int:
    """Order the clips a session lacks where it is, and just after; how many. `path` is the node it came to with version `arrival`."""
    session = GameSession.objects.select_related("world__owner", "release").defer("release__document").filter(pk=session_id).first()
    if session is None:
        return 0
    if _under_way(session) >= AT_ONCE:
        log.info("Session %s waits: its player has %s clips under way.", session.pk, AT_ONCE)
        return 0
    world, state = spec_of(session.release), queries.state_of(session)
    return sum(_ensure(session, world, state, node, config, path, arrival) for node, config in clips.nodes_ahead(world, state))


def _under_way(session: GameSession) -> int:
    """How many jobs the player has under way in all games: nobody keeps everybody else's clips waiting by beginning anew and anew."""
    mine = MadeClip.objects.filter(waiting__user=session.user_id, asset=None, generation__isnull=False)
    return mine.exclude(generation__status__in=Generation.FINAL).distinct().count()


def _ensure(session: GameSession, world: WorldSpec, state: PlayState, node: Node, config: Config, path: str, arrival: int) -> bool:
    always = clips.strategy_of(config) == "always"
    if always and node.ref.path != path:  # it has gone on meanwhile; the next hint knows when it came there
        return False
    where = {
        "world_id": session.world_id,
        "scope": clips.scope_of(config, session),
        "scene": node.scene,
        "node": node.key,
        "config_sha256": sha256(config),
        "arrival": arrival if always else 0,
    }
    row = MadeClip.objects.select_related("generation").filter(**where).first()
    if row is None:
        order = _order(session, world, state, node, config, where)
        row, _ = MadeClip.objects.get_or_create(**where, defaults={"order": order})  # of several at once, one says what is ordered
    if row.asset_id is not None:
        return False
    row.waiting.add(session)
    if not clips.is_due(row, timezone.now()):
        return False
    if row.tries:  # what could not be made then is put anew: an account may be there now, or another price
        order = _order(session, world, state, node, config, where)
        if not MadeClip.objects.filter(pk=row.pk, tries=row.tries, order=row.order).update(order=order):
            return False
        row.order = order
    return _send(session, node, row)


def _send(session: GameSession, node: Node, row: MadeClip) -> bool:
    """Order it. What is refused is tried again later, a spent budget much later."""
    here = MadeClip.objects.filter(pk=row.pk, tries=row.tries)
    if not row.order:
        here.update(tries=clips.MAX_TRIES, retry_at=timezone.now())
        return False
    context = {"session_id": session.pk, "clip_id": row.pk, "scene_id": _ids(session, "scenes").get(node.scene), "node_id": node.key}
    try:
        made = orders.create(owner=session.world.owner, order=Order(**row.order, scene_context=context))
    except PaymentRequired as error:
        log.info("No clip for %s: %s", row, error.detail)
        here.update(retry_at=timezone.now() + BROKE_AGAIN)
        return False
    except DomainError as error:
        log.warning("No clip for %s: %s", row, error.detail)
        here.update(tries=row.tries + 1, retry_at=timezone.now() + AGAIN * 2**row.tries)
        return False
    # Should the job fail, it is ordered again only after a while.
    here.update(generation=made.generation, tries=row.tries + 1, retry_at=timezone.now() + AGAIN * 2**row.tries)
    return True


# -- what to ask for --------------------------------------------------------------------------------------------------


def _order(session: GameSession, world: WorldSpec, state: PlayState, node: Node, config: Config, where: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of an `Order`, of the first provider that can; empty where nobody can, or nobody may."""
    npc = _npc_of(session, world, state, node, config)
    if npc and world.npc(npc).is_minor and is_romantic(config.get("prompt"), *_said(config)):
        return {}
    style = {name: value for name, value in (config.get("style") or {}).items() if name != "duration_sec"}
    prompt = str(config.get("prompt") or "") or (_of_person if npc else _of_place)(session, world, state, node, config, npc)
    duration = config.get("duration_sec") or (config.get("style") or {}).get("duration_sec")
    inputs = {"prompt": prompt, "negative_prompt": config.get("negative_prompt"), "style": style, "duration_sec": duration}
    seed = config.get("seed")
    if seed is None and clips.strategy_of(config) != "once":
        seed = int(sha256(dict(where))[:7], 16)  # every room its own clip, and always the same one
    own = {"seed": seed, "aspect_ratio": config.get("aspect_ratio") or "16:9"}
    base: dict[str, Any] = {
        "operation_type": config.get("operation_type") or ("text_to_image" if config.get("type") == "image" else "text_to_video"),
        "world_id": session.world_id,
        "inputs": {name: value for name, value in inputs.items() if value},
        # Every room is a scope of its own already, so an arrival cut short is joined, not paid again.
        "strategy": "per_playthrough" if clips.strategy_of(config) == "always" else clips.strategy_of(config),
        "scope": f"{where['scope']}/{where['arrival']}" if where["arrival"] or clips.strategy_of(config) == "always" else where["scope"],
        "npc_id": _ids(session, "npcs").get(npc) if npc else None,
        "action_block": dict(config.get("action_block") or {}),
    }
    for provider_id, params in _providers(world, config):
        for extra in _drawn(session, world, state, npc, config) if provider_id == LOCAL and npc else [{}]:
            wanted = {**base["inputs"], "style": {**style, **extra}} if extra else base["inputs"]
            given = {name: value for name, value in {**own, **params}.items() if value is not None}
            found: dict[str, Any] = {**base, "provider_id": provider_id, "inputs": wanted, "canonical_params": given}
            if refused := _refused(session, found):
                log.info("%s cannot make %s: %s", provider_id, node.path, refused)
            else:
                return found
    return {}


def _refused(session: GameSession, order: Mapping[str, Any]) -> str:
    """Why this order cannot be made now; empty where it can."""
    try:
        estimate = orders.estimate(owner=session.world.owner, order=Order(**order))
    except DomainError as error:
        return error.detail
    return estimate.why or "; ".join(problem.message for problem in estimate.problems)


def _drawn(session: GameSession, world: WorldSpec, state: PlayState, npc: str, config: Config) -> list[dict[str, Any]]:
    """What the painter of this machine can be given beyond words: the person of the portraits, if it can the face of the mood."""
    portrait = dict(_portrait(session, world, npc))
    if not portrait:
        return [{}]
    mood = (config.get("action_block") or {}).get("mood") or (config.get("style") or {}).get("mood") or world.mood_label(state, npc)
    return [{"character": portrait, "expression": str(mood)}, {"character": portrait}, {}]


def _providers(world: WorldSpec, config: Config) -> Iterator[tuple[str, dict[str, Any]]]:
    """Who may make it, in order, with what the author said for each: the node's, the world's, this machine."""
    named = {name: config.get(name) for name in ("model", "quality")}
    enabled = {key: value if isinstance(value, Mapping) else {} for key, value in (world.manifest.get("providers") or {}).items() if value}
    kind = "image" if config.get("type") == "image" else "video"
    fitting = [
        key for key, value in enabled.items() if value.get("enabled", True) is not False and kind in (value.get("purposes") or ("video", "image"))
    ]
    first = str(config.get("provider_id") or "")
    local = [] if LOCAL in (world.manifest.get("providers") or {}) and LOCAL not in fitting else [LOCAL]
    for provider_id in dict.fromkeys([*([first] if first else []), *fitting, *local]):
        if registry.get(provider_id) is not None:
            theirs = {name: enabled.get(provider_id, {}).get(name) for name in ("model", "quality")}
            mine = named if first in ("", provider_id) else {}
            yield provider_id, {**theirs, **{name: value for name, value in mine.items() if value is not None}}
    if local:
        yield LOCAL, {}  # the words for model and quality may have been meant for another


def _npc_of(session: GameSession, world: WorldSpec, state: PlayState, node: Node, config: Config) -> str:
    """Whom the clip shows: the config's, else for a clip of a character the node's; empty for nobody."""
    named = config.get("npc") or config.get("npc_id")
    if isinstance(named, int):
        named = next((key for key, pk in _ids(session, "npcs").items() if pk == named), "")
    if not named and config.get("type") in ("character", "dialogue"):
        named = world.npc_of(state, node)
    return str(named) if named in world.npc_keys else ""


def _of_place(session: GameSession, world: WorldSpec, state: PlayState, node: Node, config: Config, npc: str) -> str:
    """ "Dock Exploration. Harbor docks." for a node whose author wrote no prompt."""
    place = world.places.get(node.location or state.location)
    words = place_words(place.name, bool(place.meta.get("indoors"))) if place else ""
    return " ".join(f"{text[0].upper()}{text[1:].rstrip('. ')}." for text in (node.label or world.scene(node.scene).title, words) if text)


def _of_person(session: GameSession, world: WorldSpec, state: PlayState, node: Node, config: Config, npc: str) -> str:
    """The character prompt, as things stand with this player; where all players share the clip, as they stand at the beginning."""
    spec = world.npc(npc)
    if clips.strategy_of(config) == "once":
        rel = {npc: {axis: int(value) for axis, value in (spec.initial.get("relationships") or {}).items() if axis in world.axes}}
        state = state._replace(rel=rel, emotions={}, drives={}, memories={})
    snapshot = snapshot_of(world, state, npc)
    place = world.places.get(node.location or state.location)
    if place is not None:
        snapshot["place"]["name"] = place.name
    found = visual_prompt(
        snapshot=snapshot, action_block=config.get("action_block") or {}, style=config.get("style") or {}, look=spec.meta.get("look"),
        portrait=_portrait(session, world, npc), stats=spec.stats, place=place.meta if place else {}, romantic=world.romantic(state, npc),
        is_minor=spec.is_minor,
    )  # fmt: skip
    return found.text


def _portrait(session: GameSession, world: WorldSpec, npc: str) -> Mapping[str, Any]:
    """What the drawn portraits show, the neutral one first. One query."""
    expressions = sorted(world.npc(npc).expressions.items(), key=lambda entry: (entry[0] != "neutral", entry[0]))
    ids = [pk for _, one in expressions if (pk := _ids(session, "assets").get(str(one.get("asset") or ""))) is not None]
    recipes = dict(Asset.objects.filter(pk__in=ids).values_list("pk", "recipe"))
    drawn = (recipes.get(pk) for pk in ids)
    return next((recipe["character"] for recipe in drawn if isinstance(recipe, dict) and isinstance(recipe.get("character"), dict)), {})


def _said(config: Config) -> list[object]:
    return [*(config.get("action_block") or {}).values(), *(config.get("style") or {}).values()]


def _ids(session: GameSession, kind: str) -> Mapping[str, int]:
    found: Mapping[str, int] = session.release.ids.get(kind, {})
    return found


# -- when it is there -------------------------------------------------------------------------------------------------


def deliver(generation: Generation) -> bool:
    """Keep the clip of a completed job for its room, and tell every session that waits; whether the job was one of ours. Repeating it is harmless."""
    clip = MadeClip.objects.filter(pk=generation.context.get("clip_id") or 0, world=generation.world_id).first()
    asset = generation.asset
    if clip is None or asset is None:
        return False
    MadeClip.objects.filter(pk=clip.pk).update(asset=asset, generation=generation, retry_at=None)
    facts = {"generation": generation.pk, "asset": asset.pk, "url": asset_url(asset), "poster": poster_url(asset)}
    for session_id in clip.waiting.order_by("pk").values_list("pk", flat=True):
        services.tell_clip(clip=clip, session_id=session_id, facts=facts)
    return True


def waiting_for(generation: Generation) -> list[int]:
    """The sessions that wait for a job. One query."""
    mine = Q(generation=generation) | Q(pk=generation.context.get("clip_id") or 0)
    found = MadeClip.objects.filter(mine, world=generation.world_id).values_list("waiting", flat=True)
    return sorted({pk for pk in found if pk is not None})
