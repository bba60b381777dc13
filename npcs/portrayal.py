"""An NPC as its author has it now, ready to be put into a prompt: no session, a state that is given or the beginning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pixsim.lib.errors import FieldError, Invalid
from worlds.models import Location
from worlds.queries import content_rating
from worlds.rules.drives import drive_at
from worlds.rules.mood import NEUTRAL, Mood, mood
from worlds.rules.packages import enabled, felt_axes, felt_tiers

from .models import Npc
from .prompts.visual import VisualPrompt, is_romantic, visual_prompt
from .queries import clock_of, schedule_of
from .snapshot import personality_of, resolve_npc_snapshot

Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Portrayal:
    """A prompt, what it was made from, and the words for how things stand (`{axis: {value, words}}`)."""

    prompt: VisualPrompt
    snapshot: dict[str, Any]
    relationship: dict[str, dict[str, Any]]


def portray(*, npc: Npc, place: Location | None, action_block: Data, style: Data, state: Data) -> Portrayal:
    """The character-video prompt of an NPC. `place` None: where the state has the player, else where the NPC is at the state's time.

    `state` is a mock state with keys for ids (`worlds.references.keyed`). Five queries at most. Raises Invalid for romance with a minor, and
    for a place the world does not have."""
    if npc.is_minor:
        _no_romance(action_block, style)
    manifest = npc.world.manifest
    packages, clock, schedule = enabled(manifest), clock_of(npc.world), schedule_of(npc)
    world_time = int(state.get("world_time") or 0)
    relationship = _relationship(npc, state, felt_axes(packages))
    role = (manifest.get("npc_roles") or {}).get(npc.role, {}).get("default_personality")
    personality = personality_of(npc.personality, role)
    drives = {
        name: drive_at(axis, axis.default, 0, schedule, clock, world_time)
        for name, axis in (packages["drives"].axes.items() if "drives" in packages else ())
    }
    felt = NEUTRAL
    if "mood" in packages:
        felt = mood(package=packages["mood"], relationship=relationship, personality=personality, drives=drives)
    asked = state.get("mood")
    asked = asked if isinstance(asked, str) else _of(npc, asked)[1]
    shown = {"current_emotion": asked, "intensity": 0.5, "tags": []} if asked else felt.as_json()
    now = schedule.at(clock, world_time)
    place = place or _place(npc, state, now.location if now else None)
    moment, tiers = clock.at(world_time), felt_tiers(packages)
    snapshot = resolve_npc_snapshot(
        name=npc.name,
        role=npc.role,
        personality=personality,
        mood=shown,
        relationship=relationship,
        tier=tiers["affinity"].of(relationship["affinity"]).title if "affinity" in tiers else "",
        world_time=world_time,
        drives=drives,
        place=place.name if place else "",
        hour=moment.hour,
        time_label=moment.label,
        activity=now.activity if now else "",
    )
    prompt = visual_prompt(
        snapshot=snapshot,
        action_block=action_block,
        style=style,
        look=npc.meta.get("look"),
        portrait=portrait_character(npc),
        stats=npc.stats,
        place=place.meta if place else {},
        mood_sources=("state.mood",) if asked else _because(felt),
        romantic="romance" in (manifest.get("enabled_features") or ()) and content_rating(manifest) != "sfw",
        is_minor=npc.is_minor,
    )
    words = {axis: {"value": value, "words": tiers[axis].of(value).title if axis in tiers else ""} for axis, value in relationship.items()}
    return Portrayal(prompt, snapshot, words)


def portrait_character(npc: Npc) -> Data:
    """What the drawn portraits show: the character of the neutral one's recipe, else of the first that has one. One query."""
    rows = npc.expressions.order_by("pk").values_list("state", "asset__recipe")
    drawn = {state: recipe["character"] for state, recipe in rows if isinstance(recipe, dict) and isinstance(recipe.get("character"), dict)}
    found: Data = drawn.get("neutral") or next(iter(drawn.values()), {})
    return found


def _relationship(npc: Npc, state: Data, axes: Mapping[str, Any]) -> dict[str, int]:
    """Every axis: of the state, else as the NPC starts, else the default; kept in range. Raises Invalid for an axis the world has not."""
    said, given = _of(npc, state.get("relationships"))
    given = given or {}
    unknown = [FieldError(f"/state/relationships/{said}/{axis}", "unknown", f"There is no axis “{axis}”.") for axis in given if axis not in axes]
    if unknown:
        raise Invalid(unknown)
    own = getattr(npc, "state", None)
    start = own.relationships if own else {}
    return {name: int(axis.clamp(given.get(name, start.get(name, axis.default)))) for name, axis in axes.items()}


def _of(npc: Npc, values: Data | None) -> tuple[str, Any]:
    """What a mock state says of this NPC, whichever way it names people: the name it goes by there, and the value."""
    found = values or {}
    return next(((name, found[name]) for name in (npc.key, f"npc:{npc.key}", f"npc_{npc.pk}", str(npc.pk)) if name in found), ("", None))


def _place(npc: Npc, state: Data, scheduled: str | None) -> Location | None:
    places = Location.objects.filter(world=npc.world_id)
    asked = state.get("location")
    if asked:
        found = places.filter(pk=asked).first() if isinstance(asked, int) else places.filter(key=asked).first()
        if found is None:
            raise Invalid([("/state/location", "does_not_exist", f"There is no place {asked} in this world.")])
        return found
    own = getattr(npc, "state", None)
    if own is not None and own.current_location_id:
        return places.filter(pk=own.current_location_id).first()
    if scheduled:
        return places.filter(key=scheduled).first()
    return places.filter(pk=npc.home_location_id).first() if npc.home_location_id else None


def _because(felt: Mood) -> tuple[str, ...]:
    return tuple(dict.fromkeys(f"{one.source}.{one.axis}" for one in felt.because if one.source in ("relationships", "personality", "drives")))


def _no_romance(action_block: Data, style: Data) -> None:
    asked = [("action_block", name, action_block[name]) for name in sorted(action_block)] + [("style", name, style[name]) for name in sorted(style)]
    errors = [
        FieldError(f"/{part}/{name}", "minor", "Someone marked as a minor is never shown so.") for part, name, value in asked if is_romantic(value)
    ]
    if errors:
        raise Invalid(errors)
